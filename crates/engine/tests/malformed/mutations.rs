//! Experiments broken at random: whatever is said about them, nothing panics.

use std::path::{Path, PathBuf};

use epycloud_config::{ExperimentFiles, Severity, yaml};
use epycloud_engine::schema::read_experiment;
use proptest::prelude::*;
use proptest::sample::{Index, select};

use super::support::{BASE_MODEL, OUTPUT};

/// What a value can be replaced by.
const VALUES: [&str; 16] = [
    "",
    "~",
    "[]",
    "{}",
    "[1, a]",
    "{a: 1}",
    "-1",
    "0",
    "1e400",
    ".nan",
    "yes",
    "sampled",
    "default",
    "S",
    "beta*",
    "2024-02-30",
];

/// Replaces the value at the end of a line, if the line has one.
fn replace_value(line: &str, value: &str) -> String {
    match line.rsplit_once(": ") {
        Some((key, _)) => format!("{key}: {value}"),
        None => line.to_owned(),
    }
}

fn mutate(text: &str, edits: &[(Index, Option<&str>)]) -> String {
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    for (index, value) in edits {
        let at = index.index(lines.len());
        match value {
            Some(value) => lines[at] = replace_value(&lines[at], value),
            None => drop(lines.remove(at)),
        }
    }
    lines.join("\n")
}

fn edits() -> impl Strategy<Value = Vec<(Index, Option<&'static str>)>> {
    let edit = (
        any::<Index>(),
        proptest::option::weighted(0.7, select(&VALUES[..])),
    );
    proptest::collection::vec(edit, 1..4)
}

proptest! {
    #[test]
    fn broken_experiments_are_told_what_is_wrong(model in edits(), output in edits()) {
        let parse = |name: &str, text: &str| yaml::parse(Path::new(name), text);
        let base_model = parse("basemodel.yml", &mutate(BASE_MODEL, &model));
        let output = parse("output.yaml", &mutate(OUTPUT, &output));
        let (Ok(base_model), Ok(output)) = (base_model, output) else { return Ok(()) };
        let files = ExperimentFiles {
            exp_id: "flu".parse().unwrap(),
            folder: PathBuf::from("config"),
            base_model,
            modelset: None,
            output: Some(output),
            other: Vec::new(),
            warnings: Vec::new(),
        };
        match read_experiment(&files) {
            Ok(experiment) => {
                let mut severities = experiment.warnings.iter().map(|fault| fault.severity);
                prop_assert!(severities.all(|severity| severity == Severity::Warning));
            }
            Err(invalid) => {
                prop_assert!(
                    invalid.faults().iter().any(|fault| fault.severity == Severity::Error),
                    "no error is named: {invalid}"
                );
                for fault in invalid.faults() {
                    prop_assert!(fault.line > 0 && fault.column > 0, "{fault}");
                    prop_assert!(!fault.message.is_empty() && !fault.message.contains('\n'));
                }
            }
        }
    }
}
