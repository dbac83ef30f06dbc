//! Which layer wins, and how each value knows where it is from.

use crate::home::Home;

/// Each layer sets `docker.image_tag`; each also sets a key that no higher one does.
fn all_layers() -> Home {
    Home::new()
        .file("config.yaml", "docker:\n  image_tag: base\n  image_name: from-base\nlogging:\n  level: ERROR\n")
        .file("environments/prod.yaml", "docker:\n  image_tag: env\n  repo_name: from-env\n")
        .file("profiles/flu.yaml", "profile:\n  name: Flu\n  description: d\n  version: 1.0\ngithub:\n  forecast_repo: lab/flu\ndocker: {image_tag: profile}\n")
        .file("project/epycloud.yaml", "docker:\n  image_tag: project\n  registry: ghcr.io\n")
        .file("secrets.yaml", "github:\n  personal_access_token: ghp_hunter2\ndocker:\n  image_tag: secrets\n")
        .variable("EPYCLOUD_DOCKER__IMAGE_TAG", "variable")
        .variable("EPYCLOUD_GOOGLE_CLOUD__BATCH__STAGE_B__CPU_MILLI", "4000")
        .environment("prod")
        .profile("flu")
}

#[test]
fn a_higher_layer_wins_and_every_value_knows_its_source() {
    let home = all_layers();
    let loaded = home.load().unwrap();
    let values = loaded.values();
    let source = |key| home.redacted(&loaded.source_of(key).unwrap().to_string());
    assert_eq!(values.docker.image_tag.as_str(), "variable");
    assert_eq!(values.google_cloud.batch.stage_b.cpu_milli, 4000);
    assert_eq!(
        values.github.forecast_repo.as_ref().unwrap().as_str(),
        "lab/flu"
    );
    for (key, expected) in [
        (
            "docker.image_tag",
            "environment variable EPYCLOUD_DOCKER__IMAGE_TAG",
        ),
        ("docker.registry", "HOME/project/epycloud.yaml:3"),
        ("github.personal_access_token", "HOME/config/secrets.yaml:2"),
        ("github.forecast_repo", "HOME/config/profiles/flu.yaml:6"),
        ("docker.repo_name", "HOME/config/environments/prod.yaml:3"),
        ("docker.image_name", "HOME/config/config.yaml:3"),
        ("google_cloud.region", "default"),
    ] {
        assert_eq!(source(key), expected, "{key}");
    }
    let files: Vec<_> = loaded
        .inspection()
        .files()
        .iter()
        .map(|file| home.redacted(&file.to_string_lossy()))
        .collect();
    assert_eq!(
        files,
        [
            "HOME/config/config.yaml",
            "HOME/config/environments/prod.yaml",
            "HOME/config/profiles/flu.yaml",
            "HOME/project/epycloud.yaml",
            "HOME/config/secrets.yaml",
        ]
    );
    assert_eq!(loaded.warnings(), [] as [&str; 0]);
}

#[test]
fn without_the_variable_the_secrets_file_is_the_highest_layer() {
    let mut home = all_layers().variable("EPYCLOUD_DOCKER__IMAGE_TAG", "");
    for expected in ["secrets", "project", "profile", "env", "base", "latest"] {
        let loaded = home.load().unwrap();
        assert_eq!(loaded.values().docker.image_tag.as_str(), expected);
        let file = match expected {
            "secrets" => "secrets.yaml",
            "project" => "project/epycloud.yaml",
            "profile" => "profiles/flu.yaml",
            "env" => "environments/prod.yaml",
            _ => "config.yaml",
        };
        home = home.file(file, "");
    }
}

#[test]
fn a_profile_says_who_it_is_as_a_section_or_beside_its_keys() {
    let metadata = all_layers()
        .load()
        .unwrap()
        .inspection()
        .profile_metadata()
        .clone();
    assert_eq!(metadata.name.as_deref(), Some("Flu"));
    assert_eq!(metadata.version.as_deref(), Some("1.0"));

    let home = Home::new()
        .file(
            "profiles/rsv.yml",
            "name: rsv\ndescription: RSV modeling\ngithub:\n  forecast_repo: lab/rsv\n",
        )
        .profile("rsv");
    let loaded = home.load().unwrap();
    assert_eq!(
        loaded
            .inspection()
            .profile_metadata()
            .description
            .as_deref(),
        Some("RSV modeling")
    );
    assert_eq!(loaded.warnings(), [] as [&str; 0]);
}

#[test]
fn the_active_profile_holds_unless_a_variable_or_a_flag_names_another() {
    let profile = |tag: &str| format!("docker:\n  image_tag: {tag}\n");
    let home = Home::new()
        .file("profiles/a.yaml", &profile("a"))
        .file("profiles/b.yaml", &profile("b"))
        .file("profiles/c.yaml", &profile("c"))
        .file("active_profile", "a\n");
    let tag = |home: &Home| home.load().unwrap().values().docker.image_tag.to_string();
    assert_eq!(tag(&home), "a");
    let home = home.variable("EPYCLOUD_PROFILE", "b");
    assert_eq!(tag(&home), "b");
    let home = home.profile("c");
    assert_eq!(tag(&home), "c");
}

#[test]
fn the_environment_is_default_unless_a_variable_or_a_flag_names_another() {
    let home = Home::new()
        .file("environments/default.yaml", "docker:\n  image_tag: d\n")
        .file(
            "environments/dev.yaml",
            "docker:\n  image_tag: dev-{environment}\n",
        )
        .file("environments/prod.yaml", "docker:\n  image_tag: prod\n");
    let tag = |home: &Home| home.load().unwrap().values().docker.image_tag.to_string();
    assert_eq!(tag(&home), "d");
    let home = home.variable("EPYCLOUD_ENV", "dev");
    assert_eq!(tag(&home), "dev-dev");
    let home = home.environment("prod");
    assert_eq!(tag(&home), "prod");
}

#[test]
fn templates_are_filled_in_and_never_left() {
    let home = Home::new()
        .file(
            "config.yaml",
            "storage:\n  dir_prefix: pipeline/{environment}/{profile}\n",
        )
        .file("profiles/flu.yaml", "");
    let error = home.load().unwrap_err();
    let text = home.redacted(&epycloud_errors::chain(&error).join(": "));
    assert!(
        text.contains("HOME/config/config.yaml:2: storage.dir_prefix"),
        "{text}"
    );
    assert!(text.contains("no profile is active"), "{text}");
    let home = home.profile("flu");
    let prefix = home.load().unwrap().values().storage.dir_prefix.to_string();
    assert_eq!(prefix, "pipeline/default/flu");
}

#[test]
fn another_base_file_stands_in_for_config_yaml() {
    let mut home = Home::new()
        .file("config.yaml", "docker:\n  image_tag: base\n")
        .file("other.yaml", "docker:\n  image_name: other\n");
    home.selection.config_file = Some(home.path("other.yaml"));
    let loaded = home.load().unwrap();
    assert_eq!(loaded.values().docker.image_name.as_str(), "other");
    assert_eq!(loaded.values().docker.image_tag.as_str(), "latest");
    home.selection.config_file = Some(home.path("absent.yaml"));
    assert!(home.load().unwrap_err().to_string().contains("--config"));
}

#[test]
fn an_empty_value_takes_back_what_a_lower_layer_says() {
    let home = Home::new()
        .file("config.yaml", "github:\n  forecast_repo_ref: v1\ngoogle_cloud:\n  batch:\n    stage_a:\n      machine_type: e2-standard-2\n")
        .file("project/epycloud.yaml", "github:\n  forecast_repo_ref: \"\"\ngoogle_cloud:\n  batch:\n    stage_a:\n      machine_type:\n    stage_b: # all as below\n");
    let loaded = home.load().unwrap();
    assert_eq!(loaded.values().github.forecast_repo_ref, None);
    assert_eq!(
        loaded.values().google_cloud.batch.stage_a.machine_type,
        None
    );
    assert_eq!(loaded.values().google_cloud.batch.stage_b.cpu_milli, 2000);
}

#[test]
fn a_number_is_read_as_it_is_written() {
    let home = Home::new().file(
        "config.yaml",
        "docker:\n  image_tag: 1.10\ngoogle_cloud:\n  batch:\n    max_parallelism: \"50\"\n",
    );
    let loaded = home.load().unwrap();
    assert_eq!(loaded.values().docker.image_tag.as_str(), "1.10");
    assert_eq!(loaded.values().google_cloud.batch.max_parallelism, 50);
}

/// `EPYCLOUD_GOOGLE_CLOUD__PROJECT_ID` is documented; the original splits at single underscores, so
/// that it sets `google.cloud..project.id`.
#[test]
fn lesson_15_a_variable_with_double_underscores_sets_the_documented_key() {
    let home = Home::new().variable("EPYCLOUD_GOOGLE_CLOUD__PROJECT_ID", "lab-project");
    let loaded = home.load().unwrap();
    assert_eq!(loaded.project_id().unwrap().as_str(), "lab-project");
    for key in epycloud_config::user::keys() {
        let home = Home::new().variable(&key.variable(), "1");
        let found = home.inspect().unwrap();
        let source = found.source_of(key.name).unwrap().to_string();
        assert_eq!(source, format!("environment variable {}", key.variable()));
    }
}
