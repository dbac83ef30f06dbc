//! What the suite's own loaders say of an experiment's files.

use std::sync::Arc;

use epycloud_config::yaml::{Document, Node, Value};
use epycloud_config::{ExperimentFiles, Fault};
use pyo3::types::{PyAnyMethods as _, PyDict};
use serde::Deserialize;

use super::super::Check;
use super::builder;
use super::error::PythonError;
use super::place::Place;
use super::thread::PythonThread;

/// What the suite refuses, as `check` of `support/suite.py` writes it.
#[derive(Deserialize)]
struct Refusal {
    kind: String,
    place: Vec<serde_json::Value>,
    message: String,
}

pub(super) fn check(
    thread: &Arc<PythonThread>,
    place: Place,
    experiment: &ExperimentFiles,
) -> Result<Check, PythonError> {
    let files = builder::files(&place, experiment);
    let doing = format!("checking experiment `{}`", experiment.exp_id);
    let json: String = thread.call(doing, move |py, python| {
        let suite = python.suite(py);
        place.enter(suite)?;
        let paths = PyDict::new(py);
        for (kind, path) in files {
            paths.set_item(kind, path)?;
        }
        Ok(suite.call_method1("check", (paths,))?.extract()?)
    })?;
    let refusals: Vec<Refusal> =
        serde_json::from_str(&json).map_err(|error| PythonError::Shape {
            what: "list of refusals",
            source: Box::new(error),
        })?;
    Ok(Check {
        faults: faults(experiment, &refusals),
        ..Check::default()
    })
}

/// Of a value that may be of several types, pydantic says why it is none of each: that is one fault.
fn faults(experiment: &ExperimentFiles, refusals: &[Refusal]) -> Vec<Fault> {
    let mut faults: Vec<Fault> = Vec::new();
    for refusal in refusals {
        let fault = fault(experiment, refusal);
        let is_same = |last: &&mut Fault| {
            !fault.path.is_empty() && (&last.file, &last.path) == (&fault.file, &fault.path)
        };
        match faults.last_mut().filter(is_same) {
            Some(last) => last.message.push_str(&format!("; or: {}", refusal.message)),
            None => faults.push(fault),
        }
    }
    faults
}

/// A refusal at the line of its place in the file.
fn fault(experiment: &ExperimentFiles, refusal: &Refusal) -> Fault {
    let document = document(experiment, &refusal.kind);
    let (mut node, mut path) = (&document.root, String::new());
    for step in &refusal.place {
        let Some((below, shown)) = step_down(node, step) else {
            break;
        };
        if !path.is_empty() && !shown.starts_with('[') {
            path.push('.');
        }
        path.push_str(&shown);
        node = below;
    }
    let message = format!("epymodelingsuite: {}", refusal.message);
    document.fault(node, path, message, None)
}

fn document<'e>(experiment: &'e ExperimentFiles, kind: &str) -> &'e Document {
    let modelset = experiment.modelset.as_ref().map(|set| &set.document);
    let found = match kind {
        "output" => experiment.output.as_ref(),
        "sampling" | "calibration" => modelset,
        _ => None,
    };
    found.unwrap_or(&experiment.base_model)
}

/// One step of pydantic's location: a key or an index. Steps that name a type lead nowhere.
fn step_down<'n>(node: &'n Node, step: &serde_json::Value) -> Option<(&'n Node, String)> {
    match (step, &node.value) {
        (serde_json::Value::String(key), _) => Some((node.get(key)?, key.clone())),
        (serde_json::Value::Number(index), Value::Sequence(elements)) => {
            let index = usize::try_from(index.as_u64()?).ok()?;
            Some((elements.get(index)?, format!("[{index}]")))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_of_several_types_is_one_fault_at_its_line() {
        let folder = tempfile::tempdir().unwrap();
        let config = folder.path().join("experiments/e/config");
        std::fs::create_dir_all(&config).unwrap();
        for (name, text) in [
            ("model.yaml", "model:\n  compartments:\n    - init: ten\n"),
            ("output.yaml", "output: {}\n"),
        ] {
            #[expect(clippy::disallowed_methods, reason = "a test's own input")]
            std::fs::write(config.join(name), text).unwrap();
        }
        let exp_id = "e".parse().unwrap();
        let experiment = epycloud_config::discover(folder.path(), &exp_id, None).unwrap();
        let refusals: Vec<Refusal> = serde_json::from_str(
            r#"[
                {"kind": "base_model", "place": ["model", "compartments", 0, "init", "int"], "message": "no number"},
                {"kind": "base_model", "place": ["model", "compartments", 0, "init", "list"], "message": "no list"},
                {"kind": "output", "place": [], "message": "one"},
                {"kind": "output", "place": [], "message": "two"}
            ]"#,
        )
        .unwrap();
        let told: Vec<String> = faults(&experiment, &refusals)
            .iter()
            .map(|fault| {
                let file = fault.file.file_name().unwrap().to_string_lossy();
                format!("{file}:{} {}: {}", fault.line, fault.path, fault.message)
            })
            .collect();
        assert_eq!(
            told,
            [
                "model.yaml:3 model.compartments[0].init: epymodelingsuite: no number; or: no list",
                "output.yaml:1 : epymodelingsuite: one",
                "output.yaml:1 : epymodelingsuite: two",
            ]
        );
    }
}
