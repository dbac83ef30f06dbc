//! Files of recorded answers, so that the comparisons don't need Python every time.
//!
//! With `EPYCLOUD_RECORD=1` and an oracle, the tests that ask the oracle write the records anew.

use std::path::PathBuf;

fn path(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("tests/recorded")
        .join(name)
}

/// The lines of a record.
pub(crate) fn lines(name: &str) -> Vec<String> {
    let path = path(name);
    let text = std::fs::read_to_string(&path)
        .unwrap_or_else(|error| panic!("{} can't be read: {error}", path.display()));
    text.lines()
        .filter(|line| !line.starts_with('#'))
        .map(str::to_owned)
        .collect()
}

/// Checks that the record holds what the oracle answered, or replaces it.
pub(crate) fn check_or_replace(name: &str, heading: &str, answers: &[String]) {
    if std::env::var_os("EPYCLOUD_RECORD").is_some() {
        let text: String = std::iter::once(format!("# {heading}"))
            .chain(answers.iter().cloned())
            .map(|line| line + "\n")
            .collect();
        #[expect(clippy::disallowed_methods, reason = "a torn record only fails a test")]
        std::fs::write(path(name), text).expect("the record can be written");
    }
    assert_eq!(
        lines(name),
        answers,
        "the record {name} isn't what the oracle answers"
    );
}
