//! `docs/src/configuration.md` has every key, as the code reads it.
#![expect(clippy::unwrap_used, reason = "its helpers fail the test")]

use std::fmt::Write as _;
use std::path::Path;

use epycloud_config::Environment;
use epycloud_config::user::{Inspection, Key, Selection, keys};

const BEGIN: &str =
    "<!-- keys: made by `cargo test -p epycloud-config --test documentation_keys` -->\n";
const END: &str = "<!-- end of keys -->\n";

fn table() -> String {
    let defaults = Inspection::read(&Environment::default(), &Selection::default()).unwrap();
    let mut text = "\n| key | type | values | default | meaning | in the original |\n|---|---|---|---|---|---|\n".to_owned();
    for key in keys() {
        let Key {
            name,
            values,
            meaning,
            original,
            ..
        } = key;
        let default = match defaults.text_of(name) {
            Some("") => "empty".to_owned(),
            Some(text) => format!("`{text}`"),
            None => "none".to_owned(),
        };
        let original = match *original {
            "" => "ours",
            file => file,
        };
        let kind = key.kind.name();
        let _ = writeln!(
            text,
            "| `{name}` | {kind} | {values} | {default} | {meaning} | {original} |"
        );
    }
    text.push('\n');
    text
}

/// With `EPYCLOUD_UPDATE_DOCS=1` the table is written.
#[test]
fn the_table_of_keys_is_up_to_date() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/src/configuration.md");
    let page = std::fs::read_to_string(&path).unwrap();
    let (before, rest) = page.split_once(BEGIN).unwrap();
    let (found, after) = rest.split_once(END).unwrap();
    if std::env::var_os("EPYCLOUD_UPDATE_DOCS").is_some() {
        let page = format!("{before}{BEGIN}{}{END}{after}", table());
        #[expect(clippy::disallowed_methods, reason = "the page that is checked below")]
        std::fs::write(&path, page).unwrap();
        return;
    }
    assert!(
        found == table(),
        "the table is out of date; see this test's comment"
    );
}
