//! Forecast repositories for the benchmarks, made from the quickstart's population.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use crate::failure::Failure;
use crate::program::root;

/// The quickstart's place, whose demography and contacts every benchmark uses.
const PLACE: &str = "Harbour_Island";
const AGE_GROUPS: [&str; 5] = ["0-4", "5-17", "18-49", "50-64", "65+"];

/// Writes a repository with one experiment, `bench`, in `n_places` copies of a place, and returns
/// its folder's name for the project directory.
pub(crate) fn write(
    folder: &Path,
    base_model: &str,
    output: &str,
    n_places: usize,
) -> Result<(), Failure> {
    let experiments = root().join("bench/experiments");
    let config = folder.join("experiments/bench/config");
    copy(
        &experiments.join(base_model),
        &config.join("basemodel.yaml"),
    )?;
    copy(&experiments.join(output), &config.join("output.yaml"))?;
    let places: Vec<String> = (0..n_places)
        .map(|index| format!("Place_{index:03}"))
        .collect();
    let source = root()
        .join("examples/quickstart/epydemix-data/data")
        .join(PLACE);
    for place in places.iter().map(String::as_str).chain([PLACE]) {
        copy_tree(&source, &folder.join("epydemix-data/data").join(place))?;
    }
    save(
        &folder.join("epydemix-data/locations.csv"),
        &locations(&places),
    )?;
    if n_places > 0 {
        save(&config.join("modelset.yaml"), &modelset(&places))?;
        save(&folder.join("data/doses.csv"), &doses(&places))?;
    }
    Ok(())
}

fn locations(places: &[String]) -> String {
    let mut text = "location,primary_contact_source,contact_sources,population_source\n".to_owned();
    for place in places.iter().map(String::as_str).chain([PLACE]) {
        let _ = writeln!(text, "{place},mistry_2021,mistry_2021,made up");
    }
    text
}

fn modelset(places: &[String]) -> String {
    let mut text = "modelset:\n  population_names:\n".to_owned();
    for place in places {
        let _ = writeln!(text, "    - {place}");
    }
    text
}

/// The same number of doses every day of the season.
fn doses(places: &[String]) -> String {
    let mut text = format!("dates,location,{}\n", AGE_GROUPS.join(","));
    let days = [
        ("2024-10", 13..=31),
        ("2024-11", 1..=30),
        ("2024-12", 1..=31),
    ]
    .into_iter()
    .chain([
        ("2025-01", 1..=31),
        ("2025-02", 1..=28),
        ("2025-03", 1..=31),
    ])
    .chain([("2025-04", 1..=30), ("2025-05", 1..=31)]);
    let days: Vec<String> = days
        .flat_map(|(month, days)| days.map(move |day| format!("{month}-{day:02}")))
        .collect();
    for place in places {
        for day in &days {
            let _ = writeln!(text, "{day},{place},12,40,90,45,70");
        }
    }
    text
}

fn copy(from: &Path, to: &Path) -> Result<(), Failure> {
    make_parent(to)?;
    std::fs::copy(from, to)
        .map(drop)
        .map_err(|source| Failure::File {
            path: from.into(),
            source,
        })
}

fn copy_tree(from: &Path, to: &Path) -> Result<(), Failure> {
    let failed = |source| Failure::File {
        path: from.into(),
        source,
    };
    for entry in std::fs::read_dir(from).map_err(failed)? {
        let entry = entry.map_err(failed)?;
        let target = to.join(entry.file_name());
        if entry.file_type().map_err(failed)?.is_dir() {
            copy_tree(&entry.path(), &target)?;
        } else {
            copy(&entry.path(), &target)?;
        }
    }
    Ok(())
}

#[expect(
    clippy::disallowed_methods,
    reason = "a benchmark's input in a temporary folder"
)]
pub(crate) fn save(path: &PathBuf, text: &str) -> Result<(), Failure> {
    make_parent(path)?;
    std::fs::write(path, text).map_err(|source| Failure::File {
        path: path.clone(),
        source,
    })
}

fn make_parent(path: &Path) -> Result<(), Failure> {
    let parent = path.parent().unwrap_or(path);
    std::fs::create_dir_all(parent).map_err(|source| Failure::File {
        path: parent.into(),
        source,
    })
}
