//! A forecast repository with as many tasks as a test likes.

#![expect(clippy::disallowed_methods, reason = "plain files of tests")]

use std::fs;
use std::io;
use std::path::Path;

/// Makes the fixture's repository with its first place so many times, each of them a task of the
/// experiment `tiny`.
///
/// # Errors
///
/// When a file can't be read or written.
pub fn forecast_of(places: u32, to: &Path) -> io::Result<()> {
    let fixture = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/forecast");
    copy(&fixture, to)?;
    let data = to.join("epydemix-data");
    let locations = data.join("locations.csv");
    let mut text = fs::read_to_string(&locations)?;
    let line = text.lines().find(|line| line.contains("Lakeside"));
    let line = line.unwrap_or_default().to_owned();
    let mut names = Vec::new();
    for index in 0..places {
        let place = format!("Place_{index:02}");
        copy(&data.join("data/Lakeside"), &data.join("data").join(&place))?;
        text += &format!("{}\n", line.replace("Lakeside", &place));
        names.push(place);
    }
    fs::write(locations, text)?;
    let modelset = format!("modelset:\n  population_names: [{}]\n", names.join(", "));
    fs::write(to.join("experiments/tiny/config/modelset.yaml"), modelset)
}

fn copy(from: &Path, to: &Path) -> io::Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let (from, to) = {
            let entry = entry?;
            (entry.path(), to.join(entry.file_name()))
        };
        if from.is_dir() {
            copy(&from, &to)?;
        } else {
            fs::copy(from, to)?;
        }
    }
    Ok(())
}
