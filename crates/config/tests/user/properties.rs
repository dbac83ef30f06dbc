//! What holds of every configuration.

use epycloud_config::user::keys;
use proptest::prelude::*;

use crate::home::Home;

const FILES: [&str; 5] = [
    "config.yaml",
    "environments/e.yaml",
    "profiles/p.yaml",
    "project/epycloud.yaml",
    "secrets.yaml",
];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Of the layers that say something of a key, the highest wins, whatever the others say.
    #[test]
    fn the_highest_layer_that_speaks_wins(
        layers in prop::collection::vec((any::<bool>(), any::<bool>(), 1_u32..5000), 6),
    ) {
        let mut home = Home::new();
        let mut expected = [100, 36000];
        for (file, (first, second, value)) in FILES.iter().zip(&layers) {
            let mut text = "google_cloud:\n  batch:\n    task_count_per_node: 1\n".to_owned();
            if *first {
                text += &format!("    max_parallelism: {value}\n");
                expected[0] = *value;
            }
            if *second {
                text += &format!("    stage_b:\n      max_run_duration: {value}\n");
                expected[1] = *value;
            }
            home = home.file(file, &text);
        }
        let (first, _, value) = layers[5];
        if first {
            home = home.variable("EPYCLOUD_GOOGLE_CLOUD__BATCH__MAX_PARALLELISM", &value.to_string());
            expected[0] = value;
        }
        let loaded = home.environment("e").profile("p").load().unwrap();
        let batch = &loaded.values().google_cloud.batch;
        prop_assert_eq!([batch.max_parallelism, batch.stage_b.max_run_duration], expected);
    }

    /// Whatever a file or a variable holds is read or refused; nothing panics, and a line that is
    /// named is a line of the file.
    #[test]
    fn any_text_is_read_or_refused(
        text in prop_oneof![
            any::<String>(),
            "([a-z_]{1,12}:( [ -~]{0,12})?\n( {2}[a-z_]{1,12}:( [ -~]{0,12})?\n){0,3}){0,4}",
        ],
        key in 0..keys().len(),
        value in any::<String>(),
    ) {
        let key = &keys()[key];
        let home = Home::new()
            .file("config.yaml", &text)
            .variable(&key.variable(), &value);
        if let Ok(found) = home.inspect() {
            for key in keys() {
                if let Some(epycloud_config::Source::File { line, .. }) = found.source_of(key.name) {
                    prop_assert!((1..=text.lines().count()).contains(line));
                }
            }
        }
    }
}
