//! Experiments checked before anything is spent on them.

use epycloud_test_support::cloud::GitServer;
use serde_json::Value;

use crate::project::{Project, Ran, checkout};

const TOKEN: &str = "ghp_NotAToken0123456789NotAToken01234567";

fn json(ran: &Ran) -> Value {
    serde_json::from_str(&ran.stdout).unwrap()
}

#[test]
fn experiments_are_checked_and_every_fault_is_told() {
    let project = Project::quickstart();
    let ran = project
        .run(&["validate", "--exp-id", "quickstart"])
        .ended(0);
    assert!(ran.stdout.contains("quickstart  passed"), "{}", ran.stdout);
    assert!(ran.stdout.contains("2 tasks"), "{}", ran.stdout);
    assert!(ran.stderr.contains("1 checked: 1 passed"), "{}", ran.stderr);

    // Three faults in two files, none hidden by another.
    project.edit("basemodel.yaml", "delta_t: ", "delta_t: -");
    project.edit("basemodel.yaml", "n_sims: 8", "n_sims: many");
    project.edit("modelset.yaml", "Harbour_Island", "US-XX");
    let arguments = ["validate", "--exp-id", "quickstart", "--format", "json"];
    let outcome = json(&project.run(&arguments).ended(1));
    assert_eq!(outcome["status"], "fail");
    assert_eq!(outcome["config_sets"][0]["status"], "fail");
    let faults = outcome["faults"].as_array().unwrap();
    let errors: Vec<&Value> = faults
        .iter()
        .filter(|fault| fault["severity"] == "error")
        .collect();
    assert_eq!(errors.len(), 3, "{faults:#?}");
    let many = errors
        .iter()
        .find(|fault| fault["value"] == "`many`")
        .unwrap();
    assert_eq!(many["file"], "experiments/quickstart/config/basemodel.yaml");
    assert!(many["line"].as_u64().unwrap() > 1);
    assert_eq!(many["key"], "model.simulation.n_sims");
    assert!(many["expected"].as_str().unwrap().contains("whole number"));

    let ran = project.run(&["validate", "--exp-id", "quickstat"]).ended(2);
    assert!(
        ran.stdout.contains("did you mean `quickstart`?"),
        "{}",
        ran.stdout
    );
}

#[test]
fn data_that_is_not_there_is_told_unless_only_files_are_asked_for() {
    let project = Project::quickstart();
    std::fs::remove_file(project.path().join("data/vaccination_coverage.csv")).unwrap();
    let ran = project
        .run(&["validate", "--exp-id", "quickstart"])
        .ended(1);
    assert!(
        ran.stdout.contains("vaccination_coverage.csv"),
        "{}",
        ran.stdout
    );
    let files_only = ["validate", "--exp-id", "quickstart", "--files-only"];
    project.run(&files_only).ended(0);
}

#[test]
fn paths_and_patterns_are_checked() {
    let project = Project::quickstart();
    let folder = "experiments/quickstart/config";
    let ran = project.run(&["validate", "--path", folder]).ended(0);
    assert!(ran.stdout.contains("2 tasks"), "{}", ran.stdout);
    project
        .run(&["validate", "--path", folder, "nowhere"])
        .ended(2);
    let ran = project.run(&["validate", "--exp-id", "quick*"]).ended(0);
    assert!(ran.stdout.contains("quickstart  passed"), "{}", ran.stdout);
    let ran = project.run(&["validate", "--exp-id", "flu*"]).ended(2);
    assert!(
        ran.stderr.contains("no experiment matches `flu*`"),
        "{}",
        ran.stderr
    );
    // One of the two is needed, and not both.
    project.run(&["validate"]).ended(2);
    project
        .run(&["validate", "--path", folder, "--exp-id", "quickstart"])
        .ended(2);
}

#[test]
fn outcomes_are_written_as_json_and_yaml() {
    let project = Project::quickstart();
    let base = [
        "validate",
        "--path",
        "experiments/quickstart/config",
        "--format",
    ];
    let with = |format: &'static str| {
        let mut arguments = base.to_vec();
        arguments.push(format);
        project.run(&arguments).ended(0)
    };
    let outcome = json(&with("json"));
    assert_eq!(outcome["status"], "pass");
    assert_eq!(outcome["config_sets"][0]["basemodel"], "basemodel.yaml");
    assert_eq!(outcome["engine"], "native");
    let yaml = with("yaml").stdout;
    assert!(
        yaml.contains("status: pass") && yaml.contains("basemodel: basemodel.yaml"),
        "{yaml}"
    );
    let several = ["validate", "--json", "--exp-id", "quickstart", "nowhere"];
    let ran = project.run(&several).ended(2);
    assert_eq!(json(&ran)["summary"]["passed"], 1);
    assert_eq!(json(&ran)["summary"]["errored"], 1);
}

#[test]
fn warnings_are_errors_where_they_are_to_be() {
    let project = Project::quickstart();
    project.edit("basemodel.yaml", "model:\n", "model:\n  nmae: x\n");
    let arguments = ["validate", "--exp-id", "quickstart"];
    let ran = project.run(&arguments).ended(0);
    assert!(ran.stdout.contains("warning:"), "{}", ran.stdout);
    project
        .run(&["validate", "--exp-id", "quickstart", "--strict"])
        .ended(1);
}

#[test]
fn a_modelset_s_populations_are_the_base_model_s() {
    let project = Project::quickstart();
    project.edit(
        "basemodel.yaml",
        "  population:\n",
        "  population:\n    name: US-NY\n",
    );
    project.edit(
        "modelset.yaml",
        "    - Meadow_County",
        "    - Meadow_County\n  sampling: {samplers: []}",
    );
    let ran = project
        .run(&["validate", "--exp-id", "quickstart"])
        .ended(1);
    let told = "`Meadow_County` is not the base model's, `US-NY`";
    assert!(ran.stdout.contains(told), "{}", ran.stdout);
}

#[test]
fn a_repository_is_fetched_at_an_exact_ref() {
    let project = Project::quickstart();
    let folder = tempfile::tempdir().unwrap();
    let server = GitServer::start(folder.path(), Some(TOKEN)).unwrap();
    let first = server.commit("lab/forecasts", project.path()).unwrap();
    server.git("lab/forecasts", &["tag", "v1", &first]).unwrap();
    project.edit("basemodel.yaml", "n_sims: 8", "n_sims: many");
    server.commit("lab/forecasts", project.path()).unwrap();
    let validate = |reference: &str, token: &str| {
        let arguments = [
            "validate",
            "--repo",
            "lab/forecasts",
            "--ref",
            reference,
            "--exp-id",
            "quickstart",
        ];
        let mut command = project.command(&arguments);
        command
            .env("PATH", std::env::var_os("PATH").unwrap())
            .env("GITHUB_SERVER_URL", server.server().url())
            .env("GITHUB_TOKEN", token);
        Ran::from(command.output().unwrap())
    };
    let ran = validate("v1", TOKEN).ended(0);
    assert!(ran.stderr.contains(&first), "{}", ran.stderr);
    let ran = validate("main", TOKEN).ended(1);
    assert!(ran.stdout.contains("n_sims"), "{}", ran.stdout);
    validate(&first, TOKEN).ended(0);
    for (reference, token) in [("v9", TOKEN), ("v1", "ghp_wrong")] {
        let ran = validate(reference, token).ended(2);
        assert!(!format!("{}{}", ran.stdout, ran.stderr).contains(token) || token != TOKEN);
    }
}

#[test]
fn a_token_is_not_taken_from_the_command_line() {
    let project = Project::quickstart();
    let arguments = [
        "validate",
        "--exp-id",
        "quickstart",
        "--github-token",
        TOKEN,
    ];
    let ran = project.run(&arguments).ended(2);
    assert!(
        ran.stderr
            .contains("EPYCLOUD_GITHUB__PERSONAL_ACCESS_TOKEN"),
        "{}",
        ran.stderr
    );
    assert!(!ran.stderr.contains(TOKEN));
}

#[test]
fn lesson_17_a_dry_run_checks_nothing() {
    let project = Project::quickstart();
    project.edit("basemodel.yaml", "n_sims: 8", "n_sims: many");
    for arguments in [
        ["--dry-run", "validate", "--exp-id", "quickstart"],
        ["validate", "--exp-id", "quickstart", "--dry-run"],
    ] {
        let ran = project.run(&arguments).ended(0);
        assert!(ran.stderr.contains("Would check"), "{}", ran.stderr);
    }
}

#[test]
fn a_run_refuses_what_cannot_work() {
    let project = Project::quickstart();
    project.edit("basemodel.yaml", "n_sims: 8", "n_sims: many");
    project.edit("modelset.yaml", "Harbour_Island", "US-XX");
    let ran = project.workflow("refused", &[]).ended(2);
    for expected in [
        "n_sims",
        "US-XX",
        "epycloud validate --exp-id quickstart",
        "--no-validate",
    ] {
        assert!(ran.stderr.contains(expected), "{expected}: {}", ran.stderr);
    }
    assert!(!project.run_folder("refused").exists(), "nothing was begun");
    // Without it, stage A refuses, and the run has a record of that.
    project.workflow("refused", &["--no-validate"]).ended(2);
    assert!(project.run_folder("refused").exists());
}

#[test]
fn limits_of_the_native_engine_are_listed_with_their_reasons() {
    let Some(project) = Project::shared("basic-calibration") else {
        eprintln!("skipped: there is no shared forecast repository");
        return;
    };
    let file = project
        .path()
        .join("experiments/basic-calibration/config/modelset.yml");
    let text = std::fs::read_to_string(&file).unwrap();
    let strategy = text.find("    strategy:").unwrap();
    let text = format!(
        "{}    post_hoc_transformation: {{module: mine, function: f}}\n{}",
        &text[..strategy],
        &text[strategy..]
    );
    #[expect(clippy::disallowed_methods, reason = "a test's own input")]
    std::fs::write(file, text).unwrap();
    let arguments = [
        "validate",
        "--exp-id",
        "basic-calibration",
        "--engine",
        "native",
        "--format",
        "json",
    ];
    let outcome = json(&project.run(&arguments).ended(1));
    let faults = outcome["faults"].as_array().unwrap();
    let limit = faults
        .iter()
        .find(|fault| !fault["limit"].is_null())
        .unwrap();
    assert_eq!(limit["limit"], "post-hoc-transformation");
    assert!(limit["reason"].as_str().unwrap().contains("runs no Python"));
}

#[test]
fn the_python_engine_is_an_error_where_it_is_not_built_in() {
    if cfg!(feature = "python") {
        eprintln!("skipped: this build has the python engine");
        return;
    }
    let project = Project::quickstart();
    let arguments = ["validate", "--exp-id", "quickstart", "--engine", "python"];
    let ran = project.run(&arguments).ended(2);
    assert!(ran.stderr.contains("--features python"), "{}", ran.stderr);
}

/// What the native engine can't do stands in the docs as it stands in the engine's table.
#[test]
fn the_table_of_limits_is_in_the_docs() {
    use epycloud_engine::limits::Limit;
    let text = std::fs::read_to_string(checkout().join("docs/src/validate.md")).unwrap();
    let rows: Vec<&str> = text
        .lines()
        .skip_while(|line| !line.starts_with("| limit |"))
        .skip(2)
        .take_while(|line| line.starts_with('|'))
        .collect();
    let expected: Vec<String> = Limit::ALL
        .into_iter()
        .map(|limit| {
            format!(
                "| `{}` | {} | `{}` | {} | {} |",
                limit.name(),
                limit.feature(),
                limit.keys(),
                limit.reason(),
                limit.instead()
            )
        })
        .collect();
    assert_eq!(rows, expected, "docs/src/validate.md");
}
