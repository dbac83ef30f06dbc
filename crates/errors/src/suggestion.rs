//! The nearest name to a mistyped one.

/// The candidate most like `name`, if any is like it enough to be worth showing: at least three
/// fifths of the letters in place (normalised Damerau-Levenshtein), ties to the first candidate.
///
/// ```
/// assert_eq!(epycloud_errors::nearest("compartmens", ["meta", "compartments"]), Some("compartments"));
/// assert_eq!(epycloud_errors::nearest("zebra", ["meta", "compartments"]), None);
/// ```
pub fn nearest<'a>(name: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let name = name.to_lowercase();
    let mut best: Option<(&str, f64)> = None;
    for candidate in candidates {
        let likeness = strsim::normalized_damerau_levenshtein(&name, &candidate.to_lowercase());
        if likeness >= 0.6 && best.is_none_or(|(_, found)| likeness > found) {
            best = Some((candidate, likeness));
        }
    }
    best.map(|(candidate, _)| candidate)
}
