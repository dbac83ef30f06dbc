//! The table of keys, the built-in defaults and the typed values agree.

use std::collections::{BTreeMap, BTreeSet};

use super::inspection::defaults;
use super::keys;
use super::layer::Entry;
use super::reader::Reader;

#[test]
fn the_table_of_keys_is_what_is_read() {
    let defaults = defaults().unwrap();
    let resolved = BTreeMap::new();
    let mut reader = Reader::new(&resolved, &defaults);
    reader.read().expect("the defaults are enough");
    let asked: BTreeSet<_> = reader.asked.iter().copied().collect();
    assert_eq!(asked, keys().iter().map(|key| key.name).collect());
}

#[test]
fn the_built_in_defaults_are_valid_and_none_is_missing() {
    let defaults = defaults().unwrap();
    for key in keys() {
        let entry = defaults.entries.get(key.name);
        match entry.and_then(|entry| entry.text.as_deref()) {
            Some(text) => assert!(key.check(text).is_ok(), "{}: {text}", key.name),
            None => assert!(key.may_be_empty, "{} has no default", key.name),
        }
    }
}

#[test]
fn the_readers_types_are_the_tables() {
    let defaults = defaults().unwrap();
    for key in keys() {
        for text in [
            "",
            "x",
            "1",
            "true",
            "info",
            "owner/name",
            "us-central1",
            "a b",
            "-",
            "0",
            "6000",
        ] {
            let source = crate::Source::Default;
            let accepted = key.check(text).is_ok();
            let text = Some(text.to_owned());
            let resolved = BTreeMap::from([(key.name, Entry { text, source })]);
            let mut reader = Reader::new(&resolved, &defaults);
            let _ = reader.read();
            assert_eq!(
                reader.errors.is_empty(),
                accepted,
                "{} {resolved:?}",
                key.name
            );
        }
    }
}
