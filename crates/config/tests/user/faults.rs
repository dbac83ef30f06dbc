//! What is said of a configuration that isn't right.

use std::fmt::Write as _;

use epycloud_errors::{Diagnose as _, ExitCode, chain};

use crate::home::Home;

/// An error with its causes and its hint, without the test's own folder.
fn said(home: &Home) -> String {
    let error = home.load().unwrap_err();
    assert_eq!(error.exit_code(), ExitCode::Usage);
    let mut text = chain(&error).join("\n  ");
    if let Some(hint) = error.hint() {
        let _ = write!(text, "\n  hint: {hint}");
    }
    home.redacted(&text)
}

fn with(yaml: &str) -> Home {
    Home::new().file("config.yaml", yaml)
}

#[test]
fn a_value_that_cannot_be_used_is_named_with_its_place() {
    let homes = [
        with("google_cloud:\n  batch:\n    max_parallelism: many\n"),
        with(
            "google_cloud:\n  batch:\n    max_parallelism: 6000\n    stage_a:\n      cpu_milli: -1\n      memory_mib: 8.5\n",
        ),
        with(
            "google_cloud:\n  project_id: My Lab\n  bucket_name: gs://lab\n  region: us-central1-a\n",
        ),
        with("logging:\n  level: LOUD\n  storage_verbose: maybe\n"),
        with("docker:\n  image_tag:\n  image_name: [a, b]\n"),
        with("docker: epymodelingsuite\n"),
        with("- a\n- b\n"),
        with("github:\n  forecast_repo: https://me:hunter2@github.com/lab/flu.git\n"),
        with("github:\n  modeling_suite_ref: --upload-pack=x\n"),
        with("docker:\n  image_tag: a\n  image_tag: b\n"),
        with("docker:\n\timage_tag: a\n"),
        Home::new().file(
            "secrets.yaml",
            "github:\n  personal_access_token: \"ghp_hunter2 x\"\n",
        ),
        Home::new().variable("EPYCLOUD_DOCKER__IMAGE_TAG", "a b"),
        Home::new()
            .file("environments/prod.yaml", "")
            .environment("prd"),
        Home::new().environment("prod"),
        Home::new().environment("../../etc"),
        Home::new()
            .file("profiles/flu.yaml", "")
            .file("profiles/rsv.yaml", "")
            .profile("flue"),
        Home::new()
            .file("profiles/flu.yaml", "")
            .variable("EPYCLOUD_PROFILE", "zebra"),
        Home::new()
            .file("profiles/flu.yaml", "")
            .file("active_profile", "covid\n"),
    ];
    let text = homes.iter().map(said).collect::<Vec<_>>().join("\n\n");
    assert!(!text.contains("hunter2"), "{text}");
    insta::assert_snapshot!(text);
}

#[test]
fn what_is_probably_not_meant_is_a_warning_with_the_nearest_name() {
    let home = with(
        "google_cloud:\n  projct_id: lab-project\n  max_parallelism: 5\nimagetag: x\nstorage.dir_prefix: x/\npipeline:\n  dir_prefix: old/\n  max_parallelism: 7\nprofile:\n  name: x\nzebra: 1\ngithub:\n  personal_access_token: ghp_hunter2\n",
    )
    .variable("EPYCLOUD_DOCKER__IMAGETAG", "v1")
    .variable("EPYCLOUD_ZEBRA__STRIPES", "many");
    let loaded = home.load().unwrap();
    let text = home.redacted(&loaded.warnings().join("\n"));
    insta::assert_snapshot!(text);
    assert_eq!(loaded.values().storage.dir_prefix.as_str(), "old");
    assert_eq!(loaded.values().google_cloud.batch.max_parallelism, 7);
}

#[test]
fn an_older_name_stands_below_the_current_one_wherever_that_is() {
    let home = with("storage:\n  dir_prefix: current/\n")
        .file("profiles/flu.yaml", "pipeline:\n  dir_prefix: older/\n")
        .profile("flu");
    let loaded = home.load().unwrap();
    assert_eq!(loaded.values().storage.dir_prefix.as_str(), "current");
}

/// The original accepts a profile that isn't there, and runs without it.
#[test]
fn lesson_16_a_mistyped_profile_is_an_error_with_the_nearest_name() {
    let home = Home::new().file("profiles/flu.yaml", "").profile("fluu");
    let error = home.load().unwrap_err();
    assert_eq!(
        error.to_string(),
        "there is no profile `fluu` (flag --profile)"
    );
    assert_eq!(error.hint().unwrap(), "did you mean `flu`?");
}

#[test]
fn a_placeholder_counts_as_no_value() {
    let home =
        with("google_cloud:\n  project_id: your-gcp-project-id\n  bucket_name: your-bucket-name\n")
            .file(
                "secrets.yaml",
                "github:\n  personal_access_token: github_pat_xxxxxxxxxxxxxxxxxxxx\n",
            );
    let loaded = home.load().unwrap();
    assert_eq!(loaded.values().google_cloud.project_id, None);
    assert_eq!(loaded.values().github.personal_access_token, None);
    let error = loaded.bucket_name().unwrap_err();
    assert_eq!(
        error.to_string(),
        "`google_cloud.bucket_name` is still the template's placeholder, `your-bucket-name`"
    );
    assert!(
        error
            .hint()
            .unwrap()
            .contains("config set google_cloud.bucket_name")
    );
    let error = Home::new()
        .load()
        .unwrap()
        .project_id()
        .map(drop)
        .unwrap_err();
    assert_eq!(error.to_string(), "`google_cloud.project_id` is not set");
}

#[cfg(unix)]
#[test]
fn a_secrets_file_that_others_can_read_is_warned_about_with_the_command_that_mends_it() {
    use std::os::unix::fs::PermissionsExt as _;

    let home = Home::new().file(
        "secrets.yaml",
        "github:\n  personal_access_token: ghp_hunter2\n",
    );
    assert_eq!(home.load().unwrap().warnings(), [] as [&str; 0]);
    let file = home.path("secrets.yaml");
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o644)).unwrap();
    let warnings = home.load().unwrap().warnings().join("\n");
    assert_eq!(
        home.redacted(&warnings),
        "`HOME/config/secrets.yaml` can be read or changed by others (mode 0644); mend it with \
         `chmod 600 HOME/config/secrets.yaml`"
    );
}

#[test]
fn a_secret_shows_nowhere() {
    let home = Home::new().file(
        "secrets.yaml",
        "github:\n  personal_access_token: ghp_hunter2\n",
    );
    let loaded = home.load().unwrap();
    let token = loaded
        .values()
        .github
        .personal_access_token
        .as_ref()
        .unwrap();
    assert_eq!(token.expose(), "ghp_hunter2");
    let json = serde_json::to_string(loaded.values()).unwrap();
    assert!(!json.contains("hunter2"), "{json}");
    assert!(!format!("{:?}", loaded.values()).contains("hunter2"));
    assert_eq!(
        loaded.inspection().text_of("github.personal_access_token"),
        None
    );
    assert!(loaded.inspection().is_set("github.personal_access_token"));
    let debug = format!("{loaded:?}");
    assert!(!debug.contains("hunter2"), "{debug}");
}

#[test]
fn two_endings_of_one_name_are_a_warning() {
    let home = with("docker:\n  image_tag: a\n").file("config.yml", "docker:\n  image_tag: b\n");
    let loaded = home.load().unwrap();
    assert_eq!(loaded.values().docker.image_tag.as_str(), "a");
    assert!(
        loaded.warnings()[0].contains("config.yml"),
        "{:?}",
        loaded.warnings()
    );
}
