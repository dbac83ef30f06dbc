//! `epycloud config` as a user runs it.

use std::process::Stdio;

use crate::home::{Home, TOKEN, mode};
use crate::project::Ran;

/// In the original the command crashes, since its templates aren't packaged.
#[test]
fn lesson_16_init_writes_commented_files_and_touches_none_that_is_there() {
    let home = Home::new();
    home.write("profiles/flu.yaml", "# mine\n");
    let ran = home.run(&["config", "init"]).ended(0);
    insta::assert_snapshot!("config_init", home.shown(&ran));
    assert_eq!(home.read("profiles/flu.yaml"), "# mine\n");
    assert_eq!(home.read("active_profile"), "flu\n");
    assert_eq!(mode(&home.path("secrets.yaml")), 0o600);
    let before = home.read("config.yaml");
    assert!(
        before
            .lines()
            .filter(|line| line.trim().starts_with('#'))
            .count()
            > 10
    );
    home.run(&["config", "init"]).ended(0);
    assert_eq!(home.read("config.yaml"), before);
}

#[test]
fn a_dry_run_writes_nothing() {
    let home = Home::new();
    home.run(&["--dry-run", "config", "init"]).ended(0);
    assert!(!home.path("config.yaml").exists());
    home.run(&["config", "init"]).ended(0);
    let before = home.read("config.yaml");
    home.run(&["config", "set", "docker.image_tag", "v9", "--dry-run"])
        .ended(0);
    home.run(&["profile", "create", "rsv", "--dry-run"])
        .ended(0);
    assert_eq!(home.read("config.yaml"), before);
    assert!(!home.path("profiles/rsv.yaml").exists());
}

#[test]
fn show_tells_what_holds_and_where_it_is_from() {
    let home = Home::filled();
    home.write("environments/prod.yaml", "docker:\n  image_tag: v1.0.0\n");
    home.write("../epycloud.yaml", "logging:\n  level: DEBUG\n");
    let ran = home
        .run(&["--env", "prod", "config", "show", "--sources"])
        .ended(0);
    insta::assert_snapshot!("config_show", home.shown(&ran));
    let raw = home.run(&["config", "show", "--raw"]).ended(0);
    assert!(raw.stdout.starts_with("storage:\n"), "{}", raw.stdout);
    let json = home.run(&["config", "show", "--json"]).ended(0);
    let shown: serde_json::Value = serde_json::from_str(&json.stdout).unwrap();
    assert_eq!(shown["values"]["google_cloud.batch.max_parallelism"], 100);
    assert_eq!(shown["values"]["github.personal_access_token"], "********");
    assert_eq!(
        shown["sources"]["google_cloud.region"]
            .as_str()
            .unwrap()
            .rsplit('/')
            .next(),
        Some("config.yaml:15")
    );
}

#[test]
fn lesson_16_set_keeps_comments_and_types() {
    let home = Home::new();
    home.run(&["config", "init"]).ended(0);
    let before = home.read("config.yaml");
    home.run(&["config", "set", "google_cloud.batch.max_parallelism", "50"])
        .ended(0);
    let after = home.read("config.yaml");
    assert_eq!(
        after,
        before.replace("max_parallelism: 100", "max_parallelism: 50")
    );
    let got = home
        .run(&[
            "config",
            "get",
            "google_cloud.batch.max_parallelism",
            "--json",
        ])
        .ended(0);
    assert!(got.stdout.contains("\"value\":50"), "{}", got.stdout);
}

#[test]
fn set_writes_the_file_that_an_option_names_and_says_what_still_wins() {
    let home = Home::filled();
    home.run(&["config", "set", "--env", "dev", "docker.image_tag", "dev"])
        .ended(0);
    assert!(
        home.read("environments/dev.yaml")
            .ends_with("docker:\n  image_tag: dev\n")
    );
    home.run(&[
        "--profile",
        "flu",
        "config",
        "set",
        "docker.image_tag",
        "flu",
    ])
    .ended(0);
    let ran = home
        .run(&["config", "set", "docker.image_tag", "base"])
        .ended(0);
    assert!(
        home.shown(&ran).contains("[CONFIG]/profiles/flu.yaml"),
        "{}",
        ran.stderr
    );
}

#[test]
fn wrong_keys_and_values_are_told() {
    let home = Home::filled();
    let before = home.read("config.yaml");
    let told: Vec<String> = [
        (&["config", "get", "google_cloud.projct_id"][..], 2),
        (&["config", "get", "google_cloud.batch"], 2),
        (&["config", "get", "github.forecast_repo_re"], 2),
        (&["config", "get", "engine.name"], 1),
        (&["config", "set", "docker.imagetag", "x"], 2),
        (
            &[
                "config",
                "set",
                "google_cloud.batch.max_parallelism",
                "many",
            ],
            2,
        ),
        (
            &["config", "set", "google_cloud.region", "us-central1-a"],
            2,
        ),
        (&["config", "set", "github.personal_access_token", TOKEN], 2),
        (&["config", "edit", "--env", "nowhere"], 2),
        (&["config", "show", "--env", "prd"], 2),
        (&["config", "show", "--profile", "fluu"], 2),
        (&["config", "show", "--config", "nowhere.yaml"], 2),
    ]
    .into_iter()
    .map(|(arguments, code)| {
        let ran = home.run(arguments).ended(code);
        let shown = arguments.join(" ").replace(TOKEN, "TOKEN");
        format!("# {shown}\n{}", home.shown(&ran))
    })
    .collect();
    insta::assert_snapshot!("config_wrong", told.join("\n"));
    assert_eq!(home.read("config.yaml"), before);
}

#[test]
fn validate_names_every_fault_of_every_file() {
    let home = Home::new();
    home.run(&["config", "init"]).ended(0);
    home.write(
        "environments/prod.yaml",
        "google_cloud:\n  batch:\n    stage_b:\n      cpu_milli: lots\n",
    );
    home.write(
        "profiles/rsv.yaml",
        "github:\n  forecast_rep: lab/rsv\n  forecast_repo: rsv\n",
    );
    let ran = home.run(&["config", "validate"]).ended(2);
    insta::assert_snapshot!("config_validate", home.shown(&ran));
    let home = Home::filled();
    let ran = home.run(&["config", "validate", "--json"]).ended(0);
    assert!(ran.stdout.contains("\"valid\":true"), "{}", ran.stdout);
}

#[test]
fn edit_opens_the_editor_and_checks_what_comes_of_it() {
    let home = Home::filled();
    let folder = home.program(
        "editor",
        "echo \"$1\" >> \"$OPENED\"; printf '%s' \"$TEXT\" >> \"$2\"",
    );
    let opened = home.project.path().join("opened");
    let edit = |arguments: &[&str], text: &str| {
        let mut command = home.command(arguments);
        command
            .env(
                "VISUAL",
                format!("{} --wait", folder.join("editor").display()),
            )
            .env("PATH", std::env::var_os("PATH").unwrap())
            .env("OPENED", &opened)
            .env("TEXT", text);
        Ran::from(command.output().unwrap())
    };
    edit(&["config", "edit"], "\nengine:\n  name: native\n").ended(0);
    assert_eq!(std::fs::read_to_string(&opened).unwrap(), "--wait\n");
    let wrong = edit(
        &["--env", "default", "config", "edit"],
        "logging:\n  level: LOUD\n",
    )
    .ended(2);
    assert!(wrong.stderr.contains("default.yaml"), "{}", wrong.stderr);
    edit(&["profile", "edit", "flu"], "# more\n").ended(2);
    assert!(home.read("profiles/flu.yaml").ends_with("# more\n"));
    home.write("environments/default.yaml", "");
    std::fs::set_permissions(
        home.path("secrets.yaml"),
        std::os::unix::fs::PermissionsExt::from_mode(0o644),
    )
    .unwrap();
    edit(&["config", "edit-secrets"], "# more\n").ended(0);
    assert_eq!(mode(&home.path("secrets.yaml")), 0o600);
    assert!(home.read("secrets.yaml").contains(TOKEN));
}

#[test]
fn the_folder_is_shown_and_an_existing_users_files_are_found_there() {
    let home = Home::new();
    let mut command = home.project.command(&["config", "path"]);
    command.env("HOME", "/nowhere");
    let ran = Ran::from(command.output().unwrap()).ended(0);
    assert_eq!(ran.stdout.trim(), "/nowhere/.config/epymodelingsuite-cloud");
    let ran = home.project.run(&["config", "path"]).ended(2);
    assert!(ran.stderr.contains("EPYCLOUD_CONFIG_DIR"), "{}", ran.stderr);
}

/// The original's split at single underscores sets another key.
#[test]
fn lesson_15_the_documented_variable_sets_its_key() {
    let home = Home::filled();
    let mut command = home.command(&["config", "get", "google_cloud.project_id"]);
    command.env("EPYCLOUD_GOOGLE_CLOUD__PROJECT_ID", "other-project");
    assert_eq!(
        Ran::from(command.output().unwrap()).ended(0).stdout,
        "other-project\n"
    );
}

#[test]
fn list_envs_shows_the_environments_and_the_current_one() {
    let home = Home::filled();
    let ran = home.run(&["--env", "prod", "config", "list-envs"]).ended(0);
    assert_eq!(ran.stdout, "default\ndev\nlocal\nprod (current)\n");
}

#[test]
fn the_environment_and_the_file_may_be_named_before_the_command() {
    let home = Home::filled();
    let ran = home.run(&["-e", "prod", "config", "list-envs"]).ended(0);
    assert!(ran.stdout.contains("prod (current)"), "{}", ran.stdout);
    home.write("../own.yaml", "google_cloud:\n  region: europe-west4\n");
    for option in ["--config", "-c"] {
        let get = [option, "own.yaml", "config", "get", "google_cloud.region"];
        assert_eq!(home.run(&get).ended(0).stdout, "europe-west4\n");
    }
}

/// In the original the subcommand's default overwrites the global flag, so that a run before which
/// `--dry-run` stands is a real one; and it prints the token.
#[test]
fn lesson_17_a_dry_run_is_one_before_and_after_the_command_and_shows_no_secret() {
    let home = Home::filled();
    let workflow = [
        "run",
        "workflow",
        "--local",
        "--exp-id",
        "quickstart",
        "--run-id",
        "dry",
    ];
    let before: Vec<&str> = ["--dry-run"].into_iter().chain(workflow).collect();
    let after: Vec<&str> = workflow.into_iter().chain(["--dry-run"]).collect();
    let between = [
        "run",
        "--dry-run",
        "workflow",
        "--local",
        "--exp-id",
        "quickstart",
    ];
    for arguments in [before.as_slice(), &after, &between] {
        let ran = home.run(arguments).ended(0);
        assert!(ran.stderr.contains("Would run"), "{}", ran.stderr);
        assert!(!home.project.path().join("local").exists());
    }
    for arguments in [
        &[
            "--dry-run",
            "run",
            "workflow",
            "--local",
            "--exp-id",
            "quickstart",
        ][..],
        &["config", "show"],
        &["config", "show", "--raw", "--sources"],
        &["config", "show", "--json"],
        &["config", "get", "github.personal_access_token"],
        &["config", "validate"],
        &["profile", "show", "flu"],
        &["--verbose", "config", "show"],
    ] {
        let ran = home.run(arguments);
        let text = format!("{}{}", ran.stdout, ran.stderr);
        assert!(!text.contains("hunter2"), "{arguments:?}: {text}");
    }
}

#[test]
fn a_local_run_takes_what_the_configuration_says_and_a_variable_wins() {
    let home = Home::new();
    home.write(
        "config.yaml",
        "storage:\n  dir_prefix: pipeline/{environment}/{profile}\nlogging:\n  level: ERROR\n",
    );
    home.write("profiles/flu.yaml", "");
    let workflow = [
        "run",
        "workflow",
        "--local",
        "--exp-id",
        "quickstart",
        "--run-id",
        "r",
        "--dry-run",
    ];
    let told = home.run(&workflow).ended(2);
    assert!(
        told.stderr.contains("no profile is active"),
        "{}",
        told.stderr
    );
    home.run(&["profile", "use", "flu"]).ended(0);
    let ran = home.run(&workflow).ended(0);
    assert!(
        ran.stderr
            .contains("local/bucket/pipeline/default/flu/quickstart/r"),
        "{}",
        ran.stderr
    );
    assert!(ran.stderr.contains("config.yaml:2"), "{}", ran.stderr);
    let mut command = home.command(&workflow);
    command.env("DIR_PREFIX", "mine/");
    let ran = Ran::from(command.output().unwrap()).ended(0);
    assert!(
        ran.stderr.contains("local/bucket/mine/quickstart/r"),
        "{}",
        ran.stderr
    );
}

#[test]
fn the_projects_folder_may_be_named_before_and_after_the_command() {
    let home = Home::new();
    let elsewhere = tempfile::tempdir().unwrap();
    let project = home.project.path().to_str().unwrap();
    home.write("../epycloud.yaml", "storage:\n  dir_prefix: from-project\n");
    let dry = ["--local", "--exp-id", "quickstart", "--dry-run"];
    let run = |arguments: Vec<&str>| {
        let mut command = home.command(&arguments);
        command.current_dir(elsewhere.path());
        Ran::from(command.output().unwrap()).ended(0).stderr
    };
    for name in ["-d", "--project-dir", "--project-directory"] {
        let before = [&[name, project, "run", "workflow"][..], &dry].concat();
        let after = [&["run", "workflow", name, project][..], &dry].concat();
        for arguments in [before, after] {
            let text = run(arguments.clone());
            assert!(
                text.contains("local/bucket/from-project"),
                "{arguments:?}: {text}"
            );
        }
    }
}

#[test]
fn colours_are_left_out_where_they_are_not_wanted() {
    let home = Home::new();
    let coloured = |arguments: &[&str], variables: &[(&str, &str)]| {
        let mut command = home.command(arguments);
        command.envs(variables.iter().copied()).stdin(Stdio::null());
        let ran = Ran::from(command.output().unwrap());
        ran.stderr.contains('\u{1b}')
    };
    let wrong = ["config", "get", "nowhere"];
    assert!(!coloured(&wrong, &[]), "a pipe has no colours");
    let with = |more: &[&'static str]| [more, &wrong].concat();
    assert!(coloured(&with(&["--color", "always"]), &[]));
    assert!(!coloured(
        &with(&["--no-color"]),
        &[("CLICOLOR_FORCE", "1")]
    ));
    assert!(!coloured(&wrong, &[("NO_COLOR", "1")]));
}
