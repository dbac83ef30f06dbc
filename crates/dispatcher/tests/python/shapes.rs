//! Every shape in which versions of the suite hand over their outputs.

use std::io::Read as _;

use flate2::read::GzDecoder;

use crate::support::{Experiment, Project};

fn unpacked(bytes: &[u8]) -> String {
    let mut text = String::new();
    GzDecoder::new(bytes).read_to_string(&mut text).unwrap();
    text
}

/// Runs all stages with a version of the suite and an output configuration.
fn made(suite: &str, output: &str) -> Option<(Project, String)> {
    let mut project = Project::new(&Experiment::sampling(2).with_output(output))?;
    project.set("FIXTURE_SUITE", suite);
    project.results(2);
    let said = project.stage("C").succeeds().said;
    Some((project, said))
}

#[test]
fn lesson_10_bytes_by_name_are_stored_and_compressed_once() {
    let Some((project, _)) = made("bytes", "output: {}\n") else {
        return;
    };
    let files = project.outputs();
    let names: Vec<_> = files.keys().collect();
    assert_eq!(names, ["plain.csv.gz", "table.csv.gz"]);
    let table = unpacked(&files["table.csv.gz"]);
    assert!(
        table.starts_with("primary_id,sim_id,date,I_total\n"),
        "{table}"
    );
    assert!(table.contains("\n1,0,"), "results of both tasks");
    // Text under a compressed file's name is compressed, and only once.
    assert_eq!(unpacked(&files["plain.csv.gz"]), table);
}

#[test]
fn lesson_10_of_objects_those_with_bytes_are_stored() {
    let output = "output:\n  meta: {id: shapes}\n  tabular_output_types: [DataFrame, CSVBytes, \
                  Parquet]\n  plots: {figure_output_types: [PNG, MPLFigure, SVG]}\n";
    let Some((project, said)) = made("objects", output) else {
        return;
    };
    let files = project.outputs();
    let names: Vec<_> = files.keys().collect();
    assert_eq!(
        names,
        ["figure.png", "figure.svg", "table.csv.gz", "table.parquet"]
    );
    assert!(unpacked(&files["table.csv.gz"]).starts_with("primary_id,"));
    assert!(files["table.parquet"].starts_with(b"PAR1"));
    assert!(files["figure.png"].starts_with(b"\x89PNG"));
    assert!(
        said.contains("left out 2 outputs that are kept in memory only"),
        "{said}"
    );
    let folder = project.output_folder();
    assert!(
        folder.to_str().unwrap().ends_with("_shapes"),
        "{}",
        folder.display()
    );
    assert!(folder.join("output.yaml").exists() && folder.join("index.json").exists());
}

#[test]
fn lesson_10_the_newest_suite_writes_files_itself() {
    let output = "output: {plots: {figure_output_types: [PNG]}}\n";
    let Some((project, said)) = made("stream", output) else {
        return;
    };
    assert!(said.contains("OUTPUT WRITER: 2 results"), "{said}");
    let files = project.outputs();
    assert_eq!(
        files.keys().collect::<Vec<_>>(),
        ["figure.png", "table.csv.gz"]
    );
    let Some((other, said)) = made("objects", output) else {
        return;
    };
    assert!(said.contains("OUTPUT GENERATOR: 2 results"), "{said}");
    let (left, right) = (&files["table.csv.gz"], &other.outputs()["table.csv.gz"]);
    assert_eq!(unpacked(left), unpacked(right));
}

/// The most memory that stage C held with results of 16 MB each, in MiB.
fn memory(results: u32) -> Option<f64> {
    let project = Project::new(&Experiment::sampling(results).behaving("heavy"))?;
    project.results(results);
    project
        .stage("C")
        .succeeds()
        .says(&[&format!("OUTPUT WRITER: {results} results")]);
    let summary = project.json("summaries/json/output_summary.json");
    summary["resources"]["peak_memory_mb"].as_f64()
}

#[test]
fn lesson_10_the_newest_suite_takes_no_more_memory_for_more_results() {
    // Six are enough for one wherever one can wait, but how many do, and what the allocator keeps
    // of those that went, differs by seven of them between runs.
    let Some(few) = memory(6) else { return };
    let more = memory(40).unwrap();
    // All 34 more would take 519 MiB.
    assert!(more < few + 260.0, "{few} MiB, then {more} MiB");
}

#[test]
fn outputs_that_the_newest_suite_can_not_write_itself_are_generated() {
    let output = "output: {tabular_output_types: [CSVBytes, Parquet]}\n";
    let Some((project, said)) = made("stream", output) else {
        return;
    };
    assert!(said.contains("OUTPUT GENERATOR: 2 results"), "{said}");
    assert_eq!(
        project.outputs().keys().collect::<Vec<_>>(),
        ["table.csv.gz", "table.parquet"]
    );
}

#[test]
fn outputs_of_nothing_but_memory_are_warned_of() {
    let Some((project, said)) = made("stream", "output: {tabular_output_types: [DataFrame]}\n")
    else {
        return;
    };
    assert!(
        said.contains("the suite made no output file (1 outputs are kept in memory"),
        "{said}"
    );
    assert!(
        said.contains("set `tabular_output_types: [CSVBytes]`"),
        "{said}"
    );
    assert_eq!(project.outputs().len(), 0);
}

#[test]
fn a_generator_that_fails_leaves_no_output_and_its_traceback() {
    let output = "output: {columns: [Nowhere_total]}\n";
    let Some(project) = Project::new(&Experiment::simulation().with_output(output)) else {
        return;
    };
    project.results(1);
    project.stage("C").fails(
        1,
        &[
            "the python engine could not write the outputs",
            "while writing the outputs of experiment `e`",
            "KeyError: 'Nowhere_total'",
            "in write_outputs",
        ],
    );
    assert!(!project.path("outputs").exists());
    let summary = project.json("summaries/json/output_summary.json");
    assert_eq!(summary["status"], "failed");
}
