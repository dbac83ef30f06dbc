//! `deploy/terraform`, as far as it can be checked without Google Cloud.

use std::path::{Path, PathBuf};
use std::process::Command;

use epycloud_google::pipeline::WORKFLOW as WORKFLOW_NAME;

use crate::project::{checkout, copy_tree};

const FOLDER: &str = "deploy/terraform";
/// What `epycloud terraform` gives Terraform, as the test of the command has it.
const GIVEN: &str = "tests/end_to_end/snapshots/end_to_end__terraform__terraform_plan.snap";
const WORKFLOW: &str = "deploy/workflow.yaml";

/// Names, arguments, the workflow's environment, the command's variables, secrets, the dashboard:
/// `tests/python/check_terraform.py`.
#[test]
fn the_deployment_holds_together() {
    let Some(python) = python() else { return };
    let checked = check(&python, &checkout().join(FOLDER));
    assert!(checked.status.success(), "{}", told(&checked));
}

/// `epycloud run` takes the workflow and the stages' account for granted.
#[test]
fn names_are_those_that_the_commands_expect() {
    for (file, line) in [
        (
            "workflow.tf",
            format!("  name            = \"{WORKFLOW_NAME}\""),
        ),
        (
            "accounts.tf",
            "  account_id   = \"batch-runtime\"".to_owned(),
        ),
    ] {
        let text = std::fs::read_to_string(checkout().join(FOLDER).join(file)).unwrap();
        assert!(text.lines().any(|it| it == line), "{file}: {line}");
    }
}

/// The check isn't one that passes whatever it reads.
#[test]
fn a_deployment_that_does_not_hold_together_is_refused() {
    let Some(python) = python() else { return };
    let folder = tempfile::tempdir().unwrap();
    copy_tree(&checkout().join(FOLDER), folder.path());
    let broken = "
        variable \"idle\" {
          type        = string
          description = \"Nobody's.\"
        }
        resource \"google_service_account\" \"extra\" {
          account_id = var.nowhere
          nickname   = local.elsewhere
        }
        resource \"google_project_iam_member\" \"all\" {
          role   = \"roles/editor\"
          member = google_service_account.other.member
        }
        resource \"google_secret_manager_secret_version\" \"value\" {
          secret_data = \"ghp_0123456789abcdefABCDEF0123456789abcd\"
        }\n";
    #[expect(clippy::disallowed_methods, reason = "a test's own input")]
    std::fs::write(folder.path().join("broken.tf"), broken).unwrap();
    let checked = check(&python, folder.path());
    assert_eq!(checked.status.code(), Some(1), "{}", told(&checked));
    let told = told(&checked);
    for fault in [
        "var.idle is declared and not used",
        "var.nowhere is used and not declared",
        "local.elsewhere is used and not declared",
        "google_service_account.other is used and not declared",
        "google_service_account.extra has the unknown argument nickname",
        "roles/editor allows more than anybody here needs",
        "would put a secret's value into the state",
        "broken.tf holds what looks like a token",
    ] {
        assert!(told.contains(fault), "{fault}\n{told}");
    }
}

/// Terraform itself, where it is installed: the files' form always, their meaning where it can have
/// Google's provider.
#[test]
fn terraform_takes_the_deployment() {
    if !has_terraform() {
        return;
    }
    let copy = tempfile::tempdir().unwrap();
    let folder = copy.path().join(FOLDER);
    std::fs::create_dir_all(&folder).unwrap();
    copy_tree(&checkout().join(FOLDER), &folder);
    let formed = terraform(&folder, &["fmt", "-check", "-diff"]).unwrap();
    assert!(formed.status.success(), "{}", told(&formed));
    let workflow = checkout().join(WORKFLOW);
    let made = terraform(
        &folder,
        &["init", "-backend=false", "-input=false", "-no-color"],
    );
    if !workflow.exists() || !made.unwrap().status.success() {
        eprintln!("skipped: `terraform validate` needs Google's provider and `{WORKFLOW}`");
        return;
    }
    std::fs::copy(workflow, copy.path().join(WORKFLOW)).unwrap();
    let valid = terraform(&folder, &["validate", "-no-color"]).unwrap();
    assert!(valid.status.success(), "{}", told(&valid));
}

/// A Python with hcl2, unless there is nothing to check with or no workflow to check against.
#[expect(clippy::print_stderr, reason = "says that tests are skipped")]
fn python() -> Option<PathBuf> {
    let python = std::env::var_os("EPYCLOUD_ORACLE_PYTHON").map(PathBuf::from);
    if python.is_none() {
        eprintln!("skipped: EPYCLOUD_ORACLE_PYTHON is not set");
    } else if !checkout().join(WORKFLOW).exists() {
        eprintln!("skipped: there is no `{WORKFLOW}`");
        return None;
    }
    python
}

/// What can't be right is refused before anything is made.
#[test]
fn variables_are_checked_by_terraform() {
    if !has_terraform() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let variables = checkout().join(FOLDER).join("variables.tf");
    std::fs::copy(variables, folder.path().join("variables.tf")).unwrap();
    terraform(folder.path(), &["init", "-input=false"]).unwrap();
    let plan = |more: &str| {
        let least = [
            "plan",
            "-input=false",
            "-no-color",
            "-var=project_id=lab-project",
        ];
        let more = format!("-var={more}");
        let arguments = [&least[..], &["-var=bucket_name=lab-forecasts", &more]].concat();
        terraform(folder.path(), &arguments).unwrap()
    };
    for good in [
        "project_id=example.org:lab-project",
        "users=[\"group:lab@example.org\"]",
        "soft_delete_days=0",
        "dir_prefix=",
    ] {
        let planned = plan(good);
        assert!(planned.status.success(), "{good}: {}", told(&planned));
    }
    for bad in [
        "project_id=Lab",
        "region=iowa",
        "bucket_name=gs://lab-forecasts",
        "github_forecast_repo=https://github.com/lab/forecasts",
        "github_pat_secret=not a name",
        "users=[\"bob\"]",
        "queue_seconds=1.5",
        "dir_prefix=/pipeline",
        "keep_repository_days=-1",
        "keep_artifacts_days=0.5",
        "soft_delete_days=3",
        "keep_images=0",
        "keep_replaced_images_days=0",
        "subnet_cidr=10.0.0.0",
        "alert_emails=[\"somebody\"]",
    ] {
        let planned = plan(bad);
        let (name, _) = bad.split_once('=').unwrap();
        let is_named = told(&planned).contains(&format!("variable \"{name}\""));
        assert!(
            !planned.status.success() && is_named,
            "{bad}: {}",
            told(&planned)
        );
    }
}

fn check(python: &Path, folder: &Path) -> std::process::Output {
    Command::new(python)
        .current_dir(checkout())
        .arg("tests/python/check_terraform.py")
        .arg(folder)
        .args(["--given", GIVEN, "--workflow", WORKFLOW])
        .output()
        .unwrap()
}

#[expect(clippy::print_stderr, reason = "says that tests are skipped")]
fn has_terraform() -> bool {
    let is_there = terraform(Path::new("."), &["version"]).is_some();
    if !is_there {
        eprintln!("skipped: there is no `terraform` on PATH");
    }
    is_there
}

fn terraform(folder: &Path, arguments: &[&str]) -> Option<std::process::Output> {
    Command::new("terraform")
        .current_dir(folder)
        .args(arguments)
        .output()
        .ok()
}

fn told(output: &std::process::Output) -> String {
    let all = [output.stdout.as_slice(), &output.stderr].concat();
    String::from_utf8_lossy(&all).into_owned()
}
