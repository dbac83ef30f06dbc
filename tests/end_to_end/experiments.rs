//! Which experiments and runs there are.

use std::process::Output;

use crate::project::{Project, Ran, events};

fn list(project: &Project, more: &[&str]) -> Ran {
    let mut arguments = vec!["experiment", "list"];
    arguments.extend(more);
    project.run(&arguments)
}

/// Puts runs of a generated name below the project's bucket: one object is enough.
#[expect(clippy::disallowed_methods, reason = "a test's own input")]
fn place(project: &Project, runs: &[&str]) {
    for run in runs {
        let folder = project.path().join("local/bucket/pipeline/flu").join(run);
        std::fs::create_dir_all(folder.join("builder-artifacts")).unwrap();
        std::fs::write(folder.join("builder-artifacts/tasks.json"), "{}").unwrap();
    }
}

const RUNS: [&str; 4] = [
    "202605/a/20260218-143015-a1b2c3d4",
    "202605/a/20260217-190000-def67890",
    "202605/smc/20260219-000000-00000000",
    "b/20260101-000000-00000000",
];

#[test]
fn runs_are_listed_with_their_states_and_sizes() {
    let project = Project::quickstart();
    let ran = list(&project, &[]).ended(0);
    assert!(ran.stderr.contains("there is no run in"), "{}", ran.stderr);
    project.workflow("one", &[]).ended(0);
    project.workflow("two", &["--skip-output"]).ended(0);
    let ran = list(&project, &["--json"]).ended(0);
    let rows = events(&ran, "run");
    assert_eq!(rows.len(), 2, "{}", ran.stdout);
    // The latest first, though their names say nothing of when they began.
    assert_eq!(rows[0]["run_id"], "two");
    assert_eq!(rows[1]["status"], "done");
    let files = crate::project::files(&project.run_folder("one"));
    let bytes: usize = files.values().map(Vec::len).sum();
    assert_eq!(rows[1]["objects"], files.len());
    assert_eq!(rows[1]["bytes"], bytes);
    let ran = list(&project, &["--no-size"]).ended(0);
    assert!(!ran.stdout.contains("KiB"), "{}", ran.stdout);
}

#[test]
fn filters_limits_and_formats_are_the_original_s() {
    let project = Project::quickstart();
    place(&project, &RUNS);
    let ids = |more: &[&str]| {
        let mut arguments = vec!["--format", "args"];
        arguments.extend(more);
        list(&project, &arguments).ended(0).stdout
    };
    assert_eq!(
        ids(&[]),
        "--exp-id 202605/smc --run-id 20260219-000000-00000000\n\
         --exp-id 202605/a --run-id 20260218-143015-a1b2c3d4\n\
         --exp-id 202605/a --run-id 20260217-190000-def67890\n\
         --exp-id b --run-id 20260101-000000-00000000\n"
    );
    assert_eq!(ids(&["--latest"]).lines().count(), 3);
    assert_eq!(ids(&["--limit", "2"]).lines().count(), 2);
    assert_eq!(ids(&["-n", "1"]).lines().count(), 1);
    assert_eq!(ids(&["-n", "0"]).lines().count(), 4);
    assert_eq!(ids(&["-e", "202605/"]).lines().count(), 3);
    assert_eq!(ids(&["-e", "*smc*"]).lines().count(), 1);
    assert_eq!(ids(&["--exp-filter", "b"]).lines().count(), 1);
    assert_eq!(ids(&["--dir-prefix", "pipeline/covid/"]), "");
    let ran = list(&project, &["--format", "uri", "-e", "b"]).ended(0);
    assert!(
        ran.stdout
            .ends_with("/pipeline/flu/b/20260101-000000-00000000/\n"),
        "{}",
        ran.stdout
    );
    // Prose is on stderr, where scripts don't read it.
    assert!(
        ran.stderr.contains("1 experiment, 1 run in"),
        "{}",
        ran.stderr
    );
    let ran = list(&project, &["-e", "202605/smcc"]).ended(0);
    assert!(
        ran.stderr.contains("did you mean `202605/smc`?"),
        "{}",
        ran.stderr
    );
    let folder = project.path().join("local/bucket");
    let ran = list(&project, &["--bucket", folder.to_str().unwrap()]).ended(0);
    assert!(ran.stdout.matches("20260").count() >= 4, "{}", ran.stdout);
}

#[test]
fn lesson_19_times_are_local_with_their_zone_and_sorted_in_utc() {
    let project = Project::quickstart();
    place(&project, &RUNS);
    let shown = |zone: &str| {
        let mut command = project.command(&["experiment", "list", "-e", "202605/a"]);
        let output: Output = command.env("TZ", zone).output().unwrap();
        Ran::from(output).ended(0).stdout
    };
    let text = shown("America/New_York");
    assert!(text.contains("BEGAN (EST)"), "{text}");
    assert!(text.contains("2026-02-18 09:30:15"), "{text}");
    assert!(shown("UTC").contains("2026-02-18 14:30:15"));
    // Summer and winter in one list: each line says its zone.
    place(&project, &["202605/a/20260718-143015-a1b2c3d4"]);
    assert!(shown("America/New_York").contains("2026-07-18 10:30:15 EDT"));
    let ran = list(&project, &["--json", "-e", "b"]).ended(0);
    assert_eq!(events(&ran, "run")[0]["began"], "2026-01-01T00:00:00Z");
}
