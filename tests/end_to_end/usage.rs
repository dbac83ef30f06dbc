//! Help, and what a wrong command line is told.

use crate::project::Project;

fn shown(project: &Project, arguments: &[&str], code: i32) -> String {
    let ran = project.run(arguments).ended(code);
    let text = format!("{}{}", ran.stdout, ran.stderr);
    let folder = std::fs::canonicalize(project.path()).unwrap();
    text.replace(&folder.display().to_string(), "[PROJECT]")
}

#[test]
fn help_of_every_command() {
    let project = Project::quickstart();
    insta::assert_snapshot!("help", shown(&project, &["--help"], 0));
    insta::assert_snapshot!("help_status", shown(&project, &["status", "--help"], 0));
    insta::assert_snapshot!("help_report", shown(&project, &["report", "--help"], 0));
    insta::assert_snapshot!(
        "help_reproduce",
        shown(&project, &["reproduce", "--help"], 0)
    );
    insta::assert_snapshot!("help_run", shown(&project, &["run", "--help"], 0));
    insta::assert_snapshot!(
        "help_run_workflow",
        shown(&project, &["run", "workflow", "--help"], 0)
    );
    insta::assert_snapshot!(
        "help_run_job",
        shown(&project, &["run", "job", "--help"], 0)
    );
}

#[test]
fn the_version_is_the_package_s() {
    let project = Project::quickstart();
    for option in ["--version", "-v"] {
        let ran = project.run(&[option]).ended(0);
        let version = concat!("epycloud ", env!("CARGO_PKG_VERSION"));
        assert_eq!(ran.stdout.trim(), version);
    }
}

#[test]
fn quiet_leaves_errors_and_verbose_shows_the_stages_log() {
    let project = Project::quickstart();
    for (run_id, option) in [("one", "--quiet"), ("two", "-q")] {
        assert_eq!(project.workflow(run_id, &[option]).ended(0).stderr, "");
    }
    let usual = project.workflow("three", &[]).ended(0).stderr;
    let more = project.workflow("four", &["--verbose"]).ended(0).stderr;
    assert!(more.lines().count() > usual.lines().count(), "{more}");
    let ran = project.run(&["status", "-q", "no-run"]).ended(2);
    assert!(ran.stderr.contains("error:"), "{}", ran.stderr);
}

#[test]
fn wrong_command_lines_are_told_what_is_wrong() {
    let project = Project::quickstart();
    let workflow = |more: &[&'static str]| {
        let mut arguments = vec!["run", "workflow", "--quiet", "--run-id", "wrong"];
        arguments.extend(more);
        shown(&project, &arguments, 2)
    };
    let job = |more: &[&'static str]| {
        let mut arguments = vec!["run", "job", "--local", "--quiet", "--exp-id", "quickstart"];
        arguments.extend(more);
        shown(&project, &arguments, 2)
    };
    let cases = [
        (
            "neither local nor an executor",
            workflow(&["--exp-id", "quickstart"]),
        ),
        (
            "an executor in the cloud",
            workflow(&["--exp-id", "quickstart", "--executor", "batch"]),
        ),
        ("no experiment", workflow(&["--local"])),
        (
            "an experiment that leaves its folder",
            workflow(&["--local", "--exp-id", "../secrets"]),
        ),
        (
            "an experiment that is not there",
            workflow(&["--local", "--exp-id", "quickstat"]),
        ),
        (
            "an engine that is not there",
            workflow(&["--local", "--exp-id", "quickstart", "--engine", "pyhton"]),
        ),
        (
            "a project without a repository",
            workflow(&[
                "--local",
                "--exp-id",
                "quickstart",
                "--project-directory",
                "data",
            ]),
        ),
        (
            "a project that is not there",
            workflow(&[
                "--local",
                "--exp-id",
                "quickstart",
                "--project-directory",
                "nowhere",
            ]),
        ),
        (
            "no workers",
            workflow(&[
                "--local",
                "--exp-id",
                "quickstart",
                "--max-parallelism",
                "0",
            ]),
        ),
        (
            "an output configuration that is not there",
            workflow(&[
                "--local",
                "--exp-id",
                "quickstart",
                "--output-config",
                "other.yaml",
            ]),
        ),
        (
            "stage B without a run",
            job(&["--stage", "B", "--task-index", "0"]),
        ),
        (
            "stage B without a task",
            job(&["--stage", "B", "--run-id", "wrong"]),
        ),
        ("stage D", job(&["--stage", "D"])),
    ];
    let text: Vec<String> = cases
        .into_iter()
        .map(|(name, shown)| format!("## {name}\n{shown}"))
        .collect();
    insta::assert_snapshot!("wrong_command_lines", text.join("\n"));
}

#[test]
fn a_missing_table_or_population_says_where_it_was_looked_for() {
    let project = Project::quickstart();
    project.edit("modelset.yaml", "Meadow_County", "Meadow_Conty");
    let text = shown(
        &project,
        &[
            "run",
            "workflow",
            "--local",
            "--quiet",
            "--exp-id",
            "quickstart",
        ],
        2,
    );
    assert!(text.contains("Meadow_Conty"), "{text}");
    assert!(text.contains("epydemix-data"), "{text}");
}
