//! A whole experiment against what `epymodelingsuite` 0.1.0 on epydemix 1.5 makes of it.

use std::io::Read as _;
use std::path::Path;

use crate::project::{Project, shared_data};

const EXPERIMENT: &str = "basic-standalone";

fn read(path: &Path) -> Vec<Vec<String>> {
    let file = std::fs::File::open(path).unwrap();
    let mut text = String::new();
    flate2::read::MultiGzDecoder::new(file)
        .read_to_string(&mut text)
        .unwrap();
    text.lines()
        .map(|line| line.split(',').map(str::to_owned).collect())
        .collect()
}

/// Ours also say the date, which the suite forgets.
fn without_date(mut table: Vec<Vec<String>>) -> Vec<Vec<String>> {
    let column = table[0]
        .iter()
        .position(|name| name == "date")
        .expect("a column of dates");
    for row in &mut table {
        row.remove(column);
    }
    table
}

#[test]
fn basic_standalone_equals_the_suite_s_tables() {
    let (Some(project), Some(shared)) = (Project::shared(EXPERIMENT), shared_data()) else {
        eprintln!("skipped: the shared reference data isn't there");
        return;
    };
    let population = shared.join("epydemix-data").display().to_string();
    let arguments = [
        "run",
        "workflow",
        "--local",
        "--exp-id",
        EXPERIMENT,
        "--run-id",
        "reference",
        "--suite-behaviour",
        "0.1.0",
        "--population-data",
        &population,
    ];
    project.run(&arguments).ended(0);
    let outputs = project.outputs_of(EXPERIMENT, "reference");
    for (table, has_date) in [
        ("quantiles_compartments", true),
        ("quantiles_transitions", true),
        ("trajectories_compartments", false),
        ("trajectories_transitions", false),
    ] {
        let file = format!("{table}.csv.gz");
        let expected = read(&shared.join("reference").join(EXPERIMENT).join(&file));
        let ours = read(&outputs.join(&file));
        let ours = if has_date { ours } else { without_date(ours) };
        assert_eq!(ours.len(), expected.len(), "{table}");
        for (line, (ours, expected)) in ours.iter().zip(&expected).enumerate() {
            assert_eq!(ours, expected, "{table}, line {}", line + 1);
        }
    }
}
