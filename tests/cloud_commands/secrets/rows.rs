//! Every command of the program, with arguments with which it does its work.

/// An execution that runs.
pub(super) const ACTIVE: &str = "0a1b2c3d-0000-4000-8000-000000000000";
/// A token where none is taken.
pub(super) const IN_ARGUMENTS: &str = "ghp_inArguments0123456789abcdefABCDEF012";

/// A command, its arguments, and how it ends.
pub(super) struct Row {
    pub(super) command: &'static str,
    pub(super) arguments: &'static str,
    pub(super) code: i32,
}

impl Row {
    /// All words of the command line.
    pub(super) fn words(&self) -> Vec<&'static str> {
        let words = self.command.split_whitespace();
        words.chain(self.arguments.split_whitespace()).collect()
    }

    /// Whether Google's services are asked.
    pub(super) fn asks_google(&self) -> bool {
        let is_asked = [
            "workflow ",
            "status",
            "logs",
            "run ",
            "machine-types",
            "costs",
            "build cloud",
            "build status",
        ];
        let is_elsewhere = ["--local", "--dry-run"];
        is_asked.iter().any(|start| self.command.starts_with(start))
            && !is_elsewhere
                .iter()
                .any(|word| self.arguments.contains(word))
            && self.code == 0
    }
}

const fn row(command: &'static str, arguments: &'static str) -> Row {
    Row {
        command,
        arguments,
        code: 0,
    }
}

/// In an order in which each finds what it needs.
pub(super) const ROWS: [Row; 61] = [
    row("config init", ""),
    row("config path", ""),
    row("config validate", ""),
    row("config show", ""),
    row("config show", "--sources"),
    row("config show", "--raw"),
    row("config get", "github.personal_access_token"),
    row("config get", "google_cloud.service_account_key_path"),
    row("config set", "docker.image_tag v2"),
    row("config list-envs", ""),
    row("config edit", ""),
    row("config edit-secrets", ""),
    row("profile create", "mpox"),
    row("profile list", ""),
    row("profile show", "mpox"),
    row("profile use", "mpox"),
    row("profile current", ""),
    row("profile edit", "mpox"),
    row("profile delete", "mpox --force"),
    row("completions", "bash"),
    row("man", ""),
    row("validate", "--exp-id quickstart"),
    row(
        "validate",
        "--repo my-lab/forecasts --exp-id my-flu --files-only",
    ),
    Row {
        command: "validate",
        arguments: "--exp-id quickstart --github-token ghp_inArguments0123456789abcdefABCDEF012",
        code: 2,
    },
    row("run workflow", "--local --exp-id quickstart --run-id one"),
    row(
        "run workflow",
        "--local --exp-id quickstart --run-id one --explain --dry-run",
    ),
    row(
        "run job",
        "--local --stage A --exp-id quickstart --run-id two",
    ),
    row(
        "run job",
        "--local --stage B --exp-id quickstart --run-id two --task-index 1",
    ),
    row("report", "--exp-id quickstart one"),
    row("reproduce", "--exp-id quickstart one --into again"),
    row("status", "--local"),
    row("logs", "--local --exp-id quickstart --run-id one"),
    row("experiment list", "--local"),
    row("experiment list", ""),
    row(
        "download",
        "--local --yes -e quickstart --run-id one --files *",
    ),
    row("run workflow", "--exp-id my-flu --run-id r --dry-run"),
    row(
        "run workflow",
        "--exp-id my-flu --run-id r --yes --wait --poll 0.02",
    ),
    row("run job", "--exp-id my-flu --run-id r --stage A --dry-run"),
    row(
        "run job",
        "--exp-id my-flu --run-id r --stage A --yes --wait --poll 0.02",
    ),
    row(
        "run job",
        "--exp-id my-flu --run-id r --stage B --task-index 1 --yes",
    ),
    row(
        "run job",
        "--exp-id my-flu --run-id r --stage C --num-tasks 2 --yes",
    ),
    row("status", ""),
    row("status", "--recent"),
    row("logs", "--exp-id my-flu"),
    row("workflow list", ""),
    row("workflow describe", ACTIVE),
    row("workflow logs", ACTIVE),
    row("workflow retry", "ended --yes"),
    row("workflow cancel", ACTIVE),
    row("costs", "--exp-id my-flu --run-id try-1"),
    row("machine-types", "--refresh"),
    row("build dev", ""),
    row("build local", ""),
    row("build cloud", "--yes --source-bucket my-bucket"),
    row("build cloud", "--yes --from-commit"),
    row("build status", ""),
    row("terraform init", ""),
    row("terraform plan", ""),
    row("terraform apply", "--auto-approve"),
    row("terraform output", ""),
    row("terraform destroy", "--auto-approve"),
];
