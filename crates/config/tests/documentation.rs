//! `docs/src/environment.md` says what the code reads.

use std::fmt::Write as _;
use std::path::Path;

use epycloud_config::{Group, Variable, variables};

const INTRODUCTION: &str = "\
# Environment variables

Stages are told what to do by environment variables, whether they run in a container, under the
command line or under another scheduler. An empty value counts as unset.
`epycloud-dispatcher --check` prints what was understood and where each value is from.

This page is made from the table in `crates/config/src/settings/variables.rs`.
";

const COMMAND_LINE: &str = "
Besides these, `EPYCLOUD_A__B` overrides the key `a.b` of the [configuration](configuration.md).
";

const DIFFERENCES: &str = "
## Different from the original pipeline

- `ALLOW_PARTIAL_RESULTS` is false unless it is set.
- Stage B without any of the task indices is an error, not task 0.
- An unknown `EPYCLOUD_` variable is reported with the nearest name. Names with `__` override keys of
  the configuration and are left alone.
";

fn table(group: Group) -> String {
    let mut text = "\n| variable | meaning | values | default |\n|---|---|---|---|\n".to_owned();
    for Variable {
        name,
        meaning,
        values,
        default,
        ..
    } in variables()
        .iter()
        .filter(|variable| variable.group == group)
    {
        let cell = |text: &str| text.replace('|', "\\|");
        let _ = writeln!(
            text,
            "| `{name}` | {} | {} | {} |",
            cell(meaning),
            cell(values),
            cell(default)
        );
    }
    text
}

fn page() -> String {
    format!(
        "{INTRODUCTION}\n## Stages\n{}\n## The command line\n{COMMAND_LINE}{}\n## Tests and benchmarks\n{}{DIFFERENCES}",
        table(Group::Stage),
        table(Group::CommandLine),
        table(Group::Tests)
    )
}

/// `EPYCLOUD_UPDATE_DOCS=1 cargo test -p epycloud-config --test documentation` writes the page.
#[test]
fn the_page_of_variables_is_up_to_date() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/src/environment.md");
    if std::env::var_os("EPYCLOUD_UPDATE_DOCS").is_some() {
        #[expect(clippy::disallowed_methods, reason = "the page that is checked below")]
        std::fs::write(&path, page()).unwrap();
    }
    let found = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        found == page(),
        "docs/src/environment.md is out of date; see this test's comment"
    );
}

/// What the Compose file doesn't pass: what only cloud mode reads, what a scheduler sets, and paths
/// that the image knows.
const NOT_COMPOSED: [&str; 17] = [
    "STAGE",
    "EXECUTION_MODE",
    "GCS_BUCKET",
    "GITHUB_FORECAST_REPO",
    "FORECAST_REPO_REF",
    "FORECAST_REPO_REFETCH",
    "EPYCLOUD_CLEANUP",
    "GITHUB_SERVER_URL",
    "GCLOUD_PROJECT_ID",
    "GITHUB_PAT_SECRET",
    "GITHUB_PAT",
    "BATCH_TASK_INDEX",
    "SLURM_ARRAY_TASK_ID",
    "JOB_COMPLETION_INDEX",
    "AWS_BATCH_JOB_ARRAY_INDEX",
    "LOCAL_DATA_PATH",
    "EPYCLOUD_PYTHON",
];

#[test]
fn the_compose_file_passes_every_variable() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docker/docker-compose.yml");
    let text = std::fs::read_to_string(path).unwrap();
    for variable in variables() {
        let name = variable.name;
        let composed = text.contains(&format!("  {name}: ${{{name}:-"));
        let left_out = NOT_COMPOSED.contains(&name) || name == "VIRTUAL_ENV";
        let expected = variable.group == Group::Stage && !left_out;
        assert_eq!(composed, expected, "{name}");
    }
}
