//! The original's templates load and resolve to the same values.

use std::path::{Path, PathBuf};
use std::process::Command;

use epycloud_config::user::{Inspection, keys};

use crate::home::Home;

/// The keys and values of the original's templates, in words of our own.
const CONFIG: &str = include_str!("original/config.yaml");
const ENVIRONMENT: &str = include_str!("original/environment.yaml");
const PROFILE: &str = include_str!("original/profile.yaml");
const SECRETS: &str = include_str!("original/secrets.yaml");

/// What the original resolves them to, with its environment `default` and its profile `flu`.
const RESOLVED: &[(&str, &str)] = &[
    ("storage.dir_prefix", "pipeline/default/flu"),
    ("google_cloud.project_id", "your-gcp-project-id"),
    ("google_cloud.region", "us-central1"),
    ("google_cloud.bucket_name", "your-bucket-name"),
    ("google_cloud.billing_project", ""),
    ("google_cloud.batch.max_parallelism", "100"),
    ("google_cloud.batch.task_count_per_node", "1"),
    ("google_cloud.batch.stage_a.cpu_milli", "2000"),
    ("google_cloud.batch.stage_a.memory_mib", "8192"),
    ("google_cloud.batch.stage_a.machine_type", "c4d-standard-2"),
    ("google_cloud.batch.stage_a.max_run_duration", "3600"),
    ("google_cloud.batch.stage_b.cpu_milli", "2000"),
    ("google_cloud.batch.stage_b.memory_mib", "8192"),
    ("google_cloud.batch.stage_b.machine_type", ""),
    ("google_cloud.batch.stage_b.max_run_duration", "36000"),
    ("google_cloud.batch.stage_c.cpu_milli", "4000"),
    ("google_cloud.batch.stage_c.memory_mib", "15360"),
    ("google_cloud.batch.stage_c.machine_type", "c4d-standard-4"),
    ("google_cloud.batch.stage_c.max_run_duration", "7200"),
    ("google_cloud.batch.stage_c.run_output_stage", "true"),
    ("docker.registry", "us-central1-docker.pkg.dev"),
    ("docker.repo_name", "epymodelingsuite-repo"),
    ("docker.image_name", "epymodelingsuite"),
    ("docker.image_tag", "latest"),
    ("github.modeling_suite_repo", "mobs-lab/epymodelingsuite"),
    ("github.modeling_suite_ref", "main"),
    ("github.forecast_repo", "mobs-lab/flu-forecast-epydemix"),
    ("github.forecast_repo_ref", ""),
    ("logging.level", "DEBUG"),
    ("logging.storage_verbose", "true"),
    ("workflow.retry_policy.max_attempts", "3"),
    ("workflow.retry_policy.backoff_seconds", "60"),
    ("workflow.notification.enabled", "false"),
];

fn resolved(found: &Inspection) -> Vec<(&'static str, String)> {
    keys()
        .iter()
        .filter_map(|key| Some((key.name, found.text_of(key.name)?.to_owned())))
        .collect()
}

#[test]
fn the_originals_templates_resolve_to_the_same_values() {
    let home = Home::new()
        .file("config.yaml", CONFIG)
        .file("environments/default.yaml", ENVIRONMENT)
        .file("profiles/flu.yaml", PROFILE)
        .file("secrets.yaml", SECRETS)
        .file("active_profile", "flu\n");
    let loaded = home.load().unwrap();
    assert_eq!(loaded.warnings(), [] as [&str; 0]);
    let expected: Vec<_> = RESOLVED
        .iter()
        .map(|(key, text)| (*key, (*text).to_owned()))
        .collect();
    assert_eq!(resolved(loaded.inspection()), expected);
    let metadata = loaded.inspection().profile_metadata();
    assert_eq!(metadata.version.as_deref(), Some("1.0"));
    assert!(
        loaded
            .inspection()
            .is_placeholder("github.personal_access_token")
    );
}

/// What the original's own loader makes of a folder, key by key, as Python shows it.
const SCRIPT: &str = r#"
import importlib.metadata, json, sys
importlib.metadata.version = lambda name: "0"  # it isn't installed
from epycloud.config.loader import ConfigLoader
def flat(value, path=""):
    for key, inner in value.items():
        name = f"{path}.{key}" if path else key
        if isinstance(inner, dict):
            yield from flat(inner, name)
        elif inner is not None:
            yield name, str(inner).lower() if isinstance(inner, bool) else str(inner)
config = ConfigLoader().load()
config.pop("_meta")
json.dump(dict(flat(config)), sys.stdout)
"#;

/// With `EPYCLOUD_ORIGINAL`, the folder of the original's checkout: its own templates, loaded by its
/// own loader and by ours.
#[cfg(unix)]
#[test]
fn the_originals_own_files_resolve_as_its_own_loader_says() {
    let Some(original) = std::env::var_os("EPYCLOUD_ORIGINAL").map(PathBuf::from) else {
        println!("skipped: EPYCLOUD_ORIGINAL names no checkout of the original");
        return;
    };
    let templates = original.join("src/epycloud/config/templates");
    let read = |name: &str| std::fs::read_to_string(templates.join(name)).unwrap();
    let home = Home::new()
        .file("config.yaml", &read("config.yaml"))
        .file("environments/default.yaml", &read("default.yaml"))
        .file("profiles/flu.yaml", &read("flu.yaml"))
        .file("secrets.yaml", &read("secrets.yaml"))
        .file("active_profile", "flu\n");
    let theirs = load_with_original(&original, &home.path("config.yaml"));
    let loaded = home.load().unwrap();
    assert_eq!(loaded.warnings(), [] as [&str; 0]);
    let secret = "github.personal_access_token";
    for (key, text) in theirs.as_object().unwrap() {
        if key != secret {
            assert_eq!(loaded.inspection().text_of(key), text.as_str(), "{key}");
        }
    }
    assert!(theirs[secret].is_string() && loaded.inspection().is_set(secret));
}

#[cfg(unix)]
fn load_with_original(original: &Path, config: &Path) -> serde_json::Value {
    // The original looks for a folder of a fixed name.
    let base = tempfile::tempdir().unwrap();
    std::os::unix::fs::symlink(
        config.parent().unwrap(),
        base.path().join("epymodelingsuite-cloud"),
    )
    .unwrap();
    let output = Command::new("python3")
        .args(["-c", SCRIPT])
        .current_dir(base.path())
        // The original takes every EPYCLOUD_ variable for a key.
        .env_remove("EPYCLOUD_ORIGINAL")
        .env("PYTHONPATH", original.join("src"))
        .env("XDG_CONFIG_HOME", base.path())
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    serde_json::from_slice(&output.stdout).unwrap()
}
