//! `epycloud terraform` with a Terraform that writes down what it was called with.

use crate::home::{Home, TOKEN};
use crate::project::Ran;

/// A home with a Terraform folder, and what the program was called with.
struct Infrastructure {
    home: Home,
}

impl Infrastructure {
    fn new() -> Self {
        let home = Home::filled();
        home.write(
            "environments/prod.yaml",
            "google_cloud:\n  batch:\n    stage_b:\n      cpu_milli: 4000\n",
        );
        std::fs::create_dir_all(home.project.path().join("deploy/terraform")).unwrap();
        home.program(
            "terraform",
            "{ echo \"arguments: $*\"; echo \"folder: $(pwd)\"; env | grep '^TF_VAR_' | sort; } >> \"$CALLED\"\nexit ${ENDS_WITH:-0}",
        );
        Self { home }
    }

    fn run(&self, arguments: &[&str], variables: &[(&str, &str)]) -> Ran {
        let folder = self.home.project.path();
        let path = format!("{}:/usr/bin:/bin", folder.join("bin").display());
        let mut command = self.home.command(arguments);
        command
            .env("PATH", path)
            .env("CALLED", folder.join("called"))
            .envs(variables.iter().copied());
        Ran::from(command.output().unwrap())
    }

    /// What the program was called with since the last time.
    fn called(&self) -> String {
        let file = self.home.project.path().join("called");
        let text = std::fs::read_to_string(&file).unwrap_or_default();
        let _ = std::fs::remove_file(file);
        let real = std::fs::canonicalize(self.home.project.path()).unwrap();
        text.replace(&*real.to_string_lossy(), "[PROJECT]")
    }
}

#[test]
fn terraform_gets_the_variables_of_the_environment_and_no_secret() {
    let all = Infrastructure::new();
    all.run(
        &[
            "--env", "prod", "tf", "plan", "--target", "a.b", "--target", "c.d",
        ],
        &[],
    )
    .ended(0);
    let called = all.called();
    insta::assert_snapshot!("terraform_plan", called);
    assert!(!called.contains(TOKEN));
    all.run(&["terraform", "init"], &[]).ended(0);
    let called = all.called();
    assert!(
        called.starts_with("arguments: init\nfolder: [PROJECT]/deploy/terraform\n"),
        "{called}"
    );
    assert!(called.contains("TF_VAR_stage_b_cpu_milli=2000"), "{called}");
    all.run(&["tf", "output", "bucket_name", "--json"], &[])
        .ended(0);
    assert!(
        all.called()
            .starts_with("arguments: output -json -- bucket_name\n")
    );
}

#[test]
fn what_changes_the_cloud_is_asked_for() {
    let all = Infrastructure::new();
    for command in ["apply", "destroy"] {
        let told = all.run(&["tf", command], &[]).ended(2);
        assert!(told.stderr.contains("--auto-approve"), "{}", told.stderr);
        assert_eq!(all.called(), "");
        all.run(&["tf", command, "--auto-approve"], &[]).ended(0);
        assert!(
            all.called()
                .starts_with(&format!("arguments: {command} -auto-approve\n"))
        );
        for dry in [["--dry-run", "tf", command], ["tf", command, "--dry-run"]] {
            let shown = all.run(&dry, &[]).ended(0);
            assert!(
                shown.stderr.contains("TF_VAR_project_id=lab-project"),
                "{}",
                shown.stderr
            );
            assert_eq!(all.called(), "");
        }
    }
}

#[test]
fn a_part_is_changed_and_a_folder_is_named() {
    let all = Infrastructure::new();
    std::fs::create_dir_all(all.home.project.path().join("other")).unwrap();
    for program in ["terraform", "tf"] {
        for command in ["apply", "destroy"] {
            let words = [program, command, "--auto-approve", "--target", "a.b"];
            all.run(&words, &[]).ended(0);
            let called = all.called();
            assert!(called.contains("-target=a.b"), "{called}");
        }
        all.run(&[program, "--terraform-dir", "other", "init"], &[])
            .ended(0);
        assert!(all.called().contains("folder: [PROJECT]/other"));
    }
}

#[test]
fn exit_codes_are_terraforms_meaning() {
    let all = Infrastructure::new();
    all.run(&["tf", "plan"], &[("ENDS_WITH", "1")]).ended(1);
    all.run(&["tf", "plan"], &[("ENDS_WITH", "2")]).ended(1);
    all.run(
        &["tf", "plan", "--detailed-exitcode"],
        &[("ENDS_WITH", "2")],
    )
    .ended(2);
}

#[test]
fn what_is_missing_is_said() {
    let all = Infrastructure::new();
    let none = all.run(&["tf", "init"], &[("PATH", "/nowhere")]).ended(1);
    assert!(
        none.stderr.contains("no `terraform` on PATH"),
        "{}",
        none.stderr
    );
    let none = all
        .run(&["tf", "init", "--terraform-dir", "nowhere"], &[])
        .ended(2);
    assert!(
        none.stderr.contains("`nowhere` is no folder"),
        "{}",
        none.stderr
    );
    std::fs::remove_dir_all(all.home.project.path().join("deploy")).unwrap();
    let none = all.run(&["tf", "init"], &[]).ended(2);
    assert!(none.stderr.contains("--terraform-dir"), "{}", none.stderr);
    all.home
        .run(&["config", "set", "google_cloud.project_id", "your-project"])
        .ended(0);
    let none = all.run(&["tf", "plan"], &[]).ended(2);
    assert!(none.stderr.contains("placeholder"), "{}", none.stderr);
}
