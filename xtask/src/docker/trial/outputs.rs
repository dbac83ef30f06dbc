//! Comparing what two runs put out, byte for byte.

use std::collections::BTreeMap;
use std::path::Path;

use crate::failure::Failure;

/// Compares the outputs of two runs' folders and says how many files there are.
pub(super) fn compare(expected: &Path, found: &Path) -> Result<usize, Failure> {
    let expected = read(expected)?;
    let found = read(found)?;
    let names =
        |files: &BTreeMap<String, Vec<u8>>| files.keys().cloned().collect::<Vec<_>>().join(", ");
    if expected.is_empty() || names(&expected) != names(&found) {
        return Err(Failure::unmet(format!(
            "outputs differ: {} outside containers, {} in them",
            names(&expected),
            names(&found)
        )));
    }
    let differing: Vec<&str> = expected
        .iter()
        .filter(|(name, bytes)| found.get(*name) != Some(bytes))
        .map(|(name, _)| name.as_str())
        .collect();
    if differing.is_empty() {
        Ok(expected.len())
    } else {
        Err(Failure::unmet(format!(
            "outputs differ in {}",
            differing.join(", ")
        )))
    }
}

/// The files of a run's only output folder but its index, which says when it was made.
fn read(run: &Path) -> Result<BTreeMap<String, Vec<u8>>, Failure> {
    let outputs = run.join("outputs");
    let failed = |path: &Path| {
        let path = path.to_owned();
        move |source| Failure::File { path, source }
    };
    let mut files = BTreeMap::new();
    for folder in std::fs::read_dir(&outputs).map_err(failed(&outputs))? {
        let folder = folder.map_err(failed(&outputs))?.path();
        for entry in std::fs::read_dir(&folder).map_err(failed(&folder))? {
            let entry = entry.map_err(failed(&folder))?;
            let name = entry.file_name().to_string_lossy().into_owned();
            if name != "index.json" {
                let bytes = std::fs::read(entry.path()).map_err(failed(&entry.path()))?;
                files.insert(name, bytes);
            }
        }
    }
    Ok(files)
}
