//! The files that `config init` and `profile create` write are right as they are.

use epycloud_config::user::{
    CONFIG_TEMPLATE, LayerName, SECRETS_TEMPLATE, environment_template, profile_template,
};

use crate::home::Home;

#[test]
fn new_files_load_without_a_word() {
    let name = |text: &str| text.parse::<LayerName>().unwrap();
    let description = "A \"quoted\" {name}: #1";
    let profile = profile_template(&name("flu"), description, &"lab/flu".parse().unwrap(), true);
    let home = Home::new()
        .file("config.yaml", CONFIG_TEMPLATE)
        .file(
            "environments/default.yaml",
            &environment_template(&LayerName::default()),
        )
        .file("profiles/flu.yaml", &profile)
        .file("secrets.yaml", SECRETS_TEMPLATE)
        .profile("flu");
    let loaded = home.load().unwrap();
    assert_eq!(loaded.warnings(), [] as [&str; 0]);
    let metadata = loaded.inspection().profile_metadata();
    assert_eq!(metadata.description.as_deref(), Some(description));
    assert_eq!(
        loaded.values().storage.dir_prefix.as_str(),
        "pipeline/default/flu"
    );
    assert_eq!(loaded.values().github.personal_access_token, None);
}

#[test]
fn the_template_has_the_defaults_but_for_the_prefix() {
    let ours = Home::new().inspect().unwrap();
    let home = Home::new().file("config.yaml", CONFIG_TEMPLATE);
    let template = home.inspect().unwrap();
    for key in epycloud_config::user::keys() {
        let given = template.text_of(key.name).filter(|text| !text.is_empty());
        let is_own = key.name == "storage.dir_prefix" || template.is_placeholder(key.name);
        if !is_own {
            let default = ours.text_of(key.name).filter(|text| !text.is_empty());
            assert_eq!(given, default, "{}", key.name);
        }
    }
}

#[test]
fn the_examples_of_an_environment_are_right_once_they_are_no_comments() {
    let text = environment_template(&"dev".parse().unwrap());
    let examples: String = text
        .lines()
        .skip(1)
        .map(|line| format!("{}\n", line.strip_prefix("# ").unwrap_or(line)))
        .collect();
    let home = Home::new()
        .file("environments/dev.yaml", &examples)
        .environment("dev");
    let loaded = home.load().unwrap();
    assert_eq!(loaded.warnings(), [] as [&str; 0]);
    assert_eq!(loaded.values().docker.image_tag.as_str(), "dev");
}
