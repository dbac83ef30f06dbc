//! Which files of a folder are an experiment's. What is refused, and how, is in the engine's table
//! of malformed experiments.
#![expect(clippy::unwrap_used, reason = "its helpers fail the test")]

use std::fs;
use std::path::Path;

use epycloud_config::{ExperimentFiles, ModelsetKind, discover};
use tempfile::TempDir;

/// A repository with one experiment.
fn repository(files: &[(&str, &str)]) -> TempDir {
    let repository = tempfile::tempdir().unwrap();
    let folder = repository.path().join("experiments/round1/flu/config");
    fs::create_dir_all(&folder).unwrap();
    for (name, content) in files {
        #[expect(clippy::disallowed_methods, reason = "files of a test")]
        fs::write(folder.join(name), content).unwrap();
    }
    repository
}

fn find(repository: &Path, output: Option<&str>) -> ExperimentFiles {
    let output = output.map(|name| name.parse().unwrap());
    discover(repository, &"round1/flu".parse().unwrap(), output.as_ref()).unwrap()
}

fn name(path: &Path) -> &str {
    path.file_name().unwrap().to_str().unwrap()
}

#[test]
fn files_are_told_apart_by_their_keys_whatever_their_names() {
    let model = "# kept\r\nmodel: {name: x}\n";
    let repository = repository(&[
        ("z.yml", model),
        ("output.txt", "output: {}\n"),
        ("a.yaml", "output: {}\n"),
        ("m.yaml", "modelset: {population_names: [US]}\n"),
        ("notes.yml", "todo: nothing\n"),
        (".z.yml", "model: {}\n"),
    ]);
    let files = find(repository.path(), None);
    assert_eq!(name(&files.base_model.file), "z.yml");
    assert_eq!(files.base_model.bytes, model.as_bytes());
    assert_eq!(name(&files.output.as_ref().unwrap().file), "a.yaml");
    assert_eq!(
        files.modelset.as_ref().unwrap().kind,
        ModelsetKind::Populations
    );
    assert_eq!(
        files
            .other
            .iter()
            .map(|path| name(path))
            .collect::<Vec<_>>(),
        ["notes.yml"]
    );
    assert_eq!(files.warnings.len(), 1);
    assert!(
        files.warnings[0].message.starts_with("not used"),
        "{}",
        files.warnings[0]
    );
    let configs: Vec<&str> = files
        .model_configs()
        .map(|document| name(&document.file))
        .collect();
    assert_eq!(configs, ["z.yml", "m.yaml"]);
}

#[test]
fn of_several_output_configs_the_named_one_is_taken_or_the_usual_one() {
    let repository = repository(&[
        ("basemodel.yml", "model: {}\n"),
        ("output.yml", "output: {}\n"),
        ("output_b.yaml", "output: {}\n"),
    ]);
    for (wanted, expected, left) in [
        (None, "output.yml", "output_b.yaml"),
        (Some("output_b.yaml"), "output_b.yaml", "output.yml"),
    ] {
        let files = find(repository.path(), wanted);
        assert_eq!(name(&files.output.as_ref().unwrap().file), expected);
        assert_eq!(
            files
                .other
                .iter()
                .map(|path| name(path))
                .collect::<Vec<_>>(),
            [left]
        );
        assert_eq!(
            files.warnings[0].message,
            format!("not used: `{expected}` is the output config")
        );
    }
}

#[test]
fn a_modelsets_kind_is_what_it_asks_for() {
    for (modelset, kind) in [
        ("{population_names: [US]}", ModelsetKind::Populations),
        ("{sampling: populations}", ModelsetKind::Populations),
        ("{sampling: {samplers: []}}", ModelsetKind::Sampling),
        ("{calibration: {}}", ModelsetKind::Calibration),
        ("{sampling: {}, calibration: {}}", ModelsetKind::Calibration),
        ("", ModelsetKind::Populations),
    ] {
        let repository = repository(&[
            ("a.yml", "model: {}\n"),
            ("b.yml", "output: {}\n"),
            ("c.yml", &format!("modelset: {modelset}\n")),
        ]);
        let files = find(repository.path(), None);
        assert_eq!(files.modelset.unwrap().kind, kind, "{modelset}");
    }
}
