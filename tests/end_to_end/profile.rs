//! `epycloud profile` as a user runs it.

use crate::home::Home;

#[test]
fn profiles_are_made_used_shown_and_deleted() {
    let home = Home::new();
    let none = home.run(&["profile", "list"]).ended(0);
    assert!(none.stderr.contains("profile create"), "{}", none.stderr);
    home.run(&["profile", "current"]).ended(1);

    home.run(&[
        "profile",
        "create",
        "mpox",
        "--forecast-repo",
        "lab/mpox",
        "--description",
        "Mpox: 2026",
    ])
    .ended(0);
    home.run(&["profile", "create", "rsv", "--template", "full"])
        .ended(0);
    home.run(&["profile", "create", "mpox-test", "--from", "mpox"])
        .ended(0);
    home.run(&["profile", "create", "covid", "--template", "covid"])
        .ended(0);
    assert_eq!(
        home.read("profiles/mpox.yaml"),
        home.read("profiles/mpox-test.yaml")
    );
    home.run(&["profile", "use", "mpox"]).ended(0);
    let current = home.run(&["profile", "current"]).ended(0);
    assert_eq!(current.stdout, "mpox\n");

    let shown = ["list", "show mpox", "show rsv"].map(|command| {
        let arguments: Vec<&str> = std::iter::once("profile")
            .chain(command.split(' '))
            .collect();
        home.shown(&home.run(&arguments).ended(0))
    });
    insta::assert_snapshot!("profiles", shown.join("\n"));
    let got = home
        .run(&["config", "get", "github.forecast_repo"])
        .ended(0);
    assert_eq!(got.stdout, "lab/mpox\n");
    let got = home
        .run(&["--profile", "rsv", "config", "get", "github.forecast_repo"])
        .ended(0);
    assert_eq!(got.stdout, "mobs-lab/rsv-forecast\n");

    home.run(&["profile", "delete", "rsv"]).ended(0);
    assert!(!home.path("profiles/rsv.yaml").exists());
    home.run(&["profile", "delete", "mpox"]).ended(2);
    assert!(home.path("profiles/mpox.yaml").exists());
    home.run(&["profile", "delete", "mpox", "--force"]).ended(0);
    home.run(&["profile", "current"]).ended(1);
}

/// The original takes any name for a profile, and runs without it.
#[test]
fn lesson_16_a_mistyped_profile_is_told_with_the_nearest() {
    let home = Home::new();
    home.run(&["profile", "create", "flu"]).ended(0);
    let told: Vec<String> = [
        &["profile", "use", "fluu"][..],
        &["profile", "show", "zebra"],
        &["profile", "delete", "fluu"],
        &["profile", "create", "flu"],
        &["profile", "create", "x", "--from", "fluu"],
        &["profile", "use", "../flu"],
        &["--profile", "fluu", "status"],
        &[
            "--profile",
            "fluu",
            "run",
            "workflow",
            "--local",
            "--exp-id",
            "quickstart",
        ],
    ]
    .into_iter()
    .map(|arguments| {
        format!(
            "# {}\n{}",
            arguments.join(" "),
            home.shown(&home.run(arguments).ended(2))
        )
    })
    .collect();
    insta::assert_snapshot!("profile_wrong", told.join("\n"));
}

#[test]
fn profiles_are_told_to_scripts() {
    let home = Home::new();
    home.run(&["profile", "create", "flu"]).ended(0);
    home.run(&["profile", "use", "flu"]).ended(0);
    let listed = home.run(&["profile", "list", "--json"]).ended(0);
    let event: serde_json::Value = serde_json::from_str(&listed.stdout).unwrap();
    assert_eq!(
        (event["name"].as_str(), event["active"].as_bool()),
        (Some("flu"), Some(true))
    );
    let shown = home.run(&["profile", "show", "flu", "--json"]).ended(0);
    let event: serde_json::Value = serde_json::from_str(&shown.stdout).unwrap();
    assert_eq!(
        event["values"]["github.forecast_repo"],
        "mobs-lab/flu-forecast"
    );
}
