//! `set_value`: one value changes, and nothing else.

use std::path::Path;

use epycloud_config::user::{CONFIG_TEMPLATE, EditError, Key, keys, set_value};
use epycloud_config::yaml;
use proptest::prelude::*;

use crate::home::Home;

fn set(text: &str, key: &str, value: &str) -> Result<String, EditError> {
    set_value(
        Path::new("config.yaml"),
        text,
        Key::find(key).unwrap(),
        value,
    )
}

/// The original writes numbers as text and erases every comment.
#[test]
fn lesson_16_setting_a_value_keeps_comments_and_types() {
    let text = "# top\ngoogle_cloud: # the cloud\n  # how many\n  batch:\n    max_parallelism: 100 # of them\n    task_count_per_node: 1\n# end\n";
    let changed = set(text, "google_cloud.batch.max_parallelism", "50").unwrap();
    assert_eq!(changed, text.replace("100", "50"));
    let changed = set(CONFIG_TEMPLATE, "logging.storage_verbose", "no").unwrap();
    assert_eq!(
        changed,
        CONFIG_TEMPLATE.replace("storage_verbose: true", "storage_verbose: false")
    );
}

#[test]
fn values_are_put_where_they_belong() {
    for (text, key, value, expected) in [
        ("", "docker.image_tag", "v1", "docker:\n  image_tag: v1\n"),
        (
            "# only this",
            "docker.image_tag",
            "1.0",
            "# only this\ndocker:\n  image_tag: \"1.0\"\n",
        ),
        (
            "docker: # image\n  # name\n  image_name: x\n",
            "docker.image_tag",
            "v1",
            "docker: # image\n  image_tag: v1\n  # name\n  image_name: x\n",
        ),
        (
            "docker:\n    image_name: x\n",
            "docker.image_tag",
            "v1",
            "docker:\n    image_tag: v1\n    image_name: x\n",
        ),
        (
            "docker:\n#  image_tag: a\nlogging:\n  level: INFO\n",
            "docker.image_tag",
            "v1",
            "docker:\n  image_tag: v1\n#  image_tag: a\nlogging:\n  level: INFO\n",
        ),
        (
            "google_cloud:",
            "google_cloud.batch.stage_a.cpu_milli",
            "5",
            "google_cloud:\n  batch:\n    stage_a:\n      cpu_milli: 5\n",
        ),
        (
            "docker:\n  image_tag: \"a\\\"b\" # x\n",
            "docker.image_tag",
            "v1",
            "docker:\n  image_tag: \"v1\" # x\n",
        ),
        (
            "docker:\n  image_tag: 'it''s'\n",
            "docker.image_tag",
            "v1",
            "docker:\n  image_tag: \"v1\"\n",
        ),
        (
            "docker:\n  image_tag: # none\n",
            "docker.image_tag",
            "v1",
            "docker:\n  image_tag: v1 # none\n",
        ),
        (
            "docker:\n  image_tag: ~\n",
            "docker.image_tag",
            "v1",
            "docker:\n  image_tag: v1\n",
        ),
        (
            "docker:\r\n  image_tag: a\r\n",
            "docker.image_name",
            "x",
            "docker:\r\n  image_name: x\r\n  image_tag: a\r\n",
        ),
        (
            "docker: {image_tag: a, image_name: b}\n",
            "docker.image_tag",
            "v1",
            "docker: {image_tag: v1, image_name: b}\n",
        ),
        (
            "ärger: 1\ndocker:\n  image_tag: a\n",
            "docker.image_tag",
            "v1",
            "ärger: 1\ndocker:\n  image_tag: v1\n",
        ),
        (
            "storage:\n  dir_prefix: x\n",
            "storage.dir_prefix",
            "{environment}/y",
            "storage:\n  dir_prefix: \"{environment}/y\"\n",
        ),
    ] {
        assert_eq!(set(text, key, value).unwrap(), expected, "{text:?}");
    }
}

#[test]
fn what_cannot_be_set_is_refused_and_nothing_changes() {
    for (text, key, value, expected) in [
        (
            "",
            "google_cloud.batch.max_parallelism",
            "many",
            "whole number",
        ),
        ("", "docker.image_tag", "", "nothing is given"),
        (
            "docker: {image_name: b}\n",
            "docker.image_tag",
            "v1",
            "by hand",
        ),
        (
            "docker:\n  image_tag: |\n    a\n",
            "docker.image_tag",
            "v1",
            "by hand",
        ),
        (
            "docker:\n  image_tag: &a x\n  image_name: *a\n",
            "docker.image_tag",
            "v1",
            "by hand",
        ),
        ("docker: text\n", "docker.image_tag", "v1", "by hand"),
        (
            "docker:\n  image_tag: [a]\n",
            "docker.image_tag",
            "v1",
            "by hand",
        ),
        ("docker:\n\timage_tag: a\n", "docker.image_tag", "v1", "tab"),
    ] {
        let error = set(text, key, value).unwrap_err();
        let hint = epycloud_errors::Diagnose::hint(&error).unwrap_or_default();
        assert!(
            format!("{error} {hint}").contains(expected),
            "{text:?}: {error} {hint}"
        );
    }
}

fn comments(text: &str) -> Vec<&str> {
    text.lines()
        .filter_map(|line| line.split_once('#'))
        .map(|(_, comment)| comment)
        .collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Values set one after the other, in the template or in a file of some of its lines, are all
    /// read back, and no comment is lost.
    #[test]
    fn what_is_set_is_read_back_and_comments_stay(
        kept in prop::collection::vec(any::<bool>(), 100),
        chosen in prop::collection::vec((0..keys().len(), 1_u32..1000), 1..6),
    ) {
        let lines: String = CONFIG_TEMPLATE
            .lines()
            .zip(kept.iter().cycle())
            .filter(|(line, kept)| **kept || !line.contains(": ") || line.starts_with('#'))
            .map(|(line, _)| format!("{line}\n"))
            .collect();
        prop_assert!(yaml::parse(Path::new(""), &lines).is_ok());
        let mut text = lines.clone();
        let mut expected = std::collections::BTreeMap::new();
        for (at, number) in chosen {
            let key = &keys()[at];
            let value = match key.kind.name() {
                "whole number" => number.min(100).to_string(),
                "true or false" => (number % 2 == 0).to_string(),
                _ => continue,
            };
            text = set_value(Path::new("config.yaml"), &text, key, &value).unwrap();
            expected.insert(key.name, value);
        }
        prop_assert_eq!(comments(&text), comments(&lines));
        let found = Home::new().file("config.yaml", &text).inspect().unwrap();
        for (key, value) in expected {
            prop_assert_eq!(found.text_of(key), Some(value.as_str()), "{}", key);
        }
    }
}
