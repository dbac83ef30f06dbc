//! Labels as Google Cloud allows them.
//!
//! Source: <https://cloud.google.com/compute/docs/labeling-resources#requirements>

use std::collections::BTreeMap;

/// The most characters of a value.
const LONGEST: usize = 63;

/// A text as a label's value: lower case, letters, digits, `-` and `_`, at most 63 characters.
/// Everything else becomes a hyphen; hyphens and underscores at the ends are left out, also where
/// cutting has bared them.
///
/// ```
/// use epycloud_google::label_value;
///
/// assert_eq!(label_value("202605/My.Flu"), "202605-my-flu");
/// assert_eq!(label_value(&"x".repeat(80)).len(), 63);
/// ```
#[must_use]
pub fn label_value(text: &str) -> String {
    let plain: String = text
        .chars()
        .map(|c| match c.to_ascii_lowercase() {
            c if c.is_ascii_alphanumeric() || c == '-' || c == '_' => c,
            _ => '-',
        })
        .collect();
    let edges = ['-', '_'];
    let trimmed = plain.trim_start_matches(edges);
    trimmed
        .get(..LONGEST)
        .unwrap_or(trimmed)
        .trim_end_matches(edges)
        .to_owned()
}

/// Labels of names and texts; those without a value are left out.
#[must_use]
pub fn labels<'a>(pairs: impl IntoIterator<Item = (&'a str, &'a str)>) -> BTreeMap<String, String> {
    pairs
        .into_iter()
        .map(|(name, text)| (name.to_owned(), label_value(text)))
        .filter(|(_, value)| !value.is_empty())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Lesson 14: labels were neither lower-cased nor cut.
    #[test]
    fn lesson_14_labels_are_legal() {
        for (text, expected) in [
            ("202547/SMC_rmse", "202547-smc_rmse"),
            ("20261124-120000-0a1b2c3d", "20261124-120000-0a1b2c3d"),
            ("-_x_-", "x"),
            ("", ""),
            ("é", ""),
        ] {
            assert_eq!(label_value(text), expected);
        }
        let long = format!("{}/{}", "a".repeat(62), "b".repeat(20));
        assert_eq!(label_value(&long), "a".repeat(62));
        assert_eq!(
            labels([("a", "B"), ("c", "/")]),
            BTreeMap::from([("a".into(), "b".into())])
        );
    }
}
