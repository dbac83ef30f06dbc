//! Patterns of names, as Python's `fnmatch` reads them: `*`, `?`, `[abc]`, `[!abc]`. A `*` matches
//! slashes too.

/// A pattern.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Pattern(Vec<Part>);

#[derive(Debug, Clone, PartialEq, Eq)]
enum Part {
    /// Itself.
    Letter(char),
    /// Any one character.
    One,
    /// Any characters, or none.
    Many,
    /// One of a set of ranges, or none of them.
    Of {
        ranges: Vec<(char, char)>,
        negated: bool,
    },
}

impl Pattern {
    pub(crate) fn new(text: &str) -> Self {
        let letters: Vec<char> = text.chars().collect();
        let (mut parts, mut at) = (Vec::new(), 0);
        while at < letters.len() {
            let (part, next) = match letters[at] {
                '*' => (Part::Many, at + 1),
                '?' => (Part::One, at + 1),
                // A bracket that is never closed stands for itself.
                '[' => set(&letters, at).unwrap_or((Part::Letter('['), at + 1)),
                letter => (Part::Letter(letter), at + 1),
            };
            parts.push(part);
            at = next;
        }
        Self(parts)
    }

    /// Whether a text has anything that makes it more than a name.
    pub(crate) fn is_pattern(text: &str) -> bool {
        text.contains(['*', '?', '['])
    }

    /// Whether the whole of a text matches.
    pub(crate) fn matches(&self, text: &str) -> bool {
        let letters: Vec<char> = text.chars().collect();
        let (mut part, mut letter) = (0, 0);
        // Where to go on from when something after the last `*` doesn't match.
        let mut again: Option<(usize, usize)> = None;
        while letter < letters.len() {
            match self.0.get(part) {
                Some(Part::Many) => {
                    again = Some((part, letter));
                    part += 1;
                }
                Some(other) if other.takes(letters[letter]) => {
                    part += 1;
                    letter += 1;
                }
                _ => match again {
                    Some((many, taken)) => {
                        again = Some((many, taken + 1));
                        (part, letter) = (many + 1, taken + 1);
                    }
                    None => return false,
                },
            }
        }
        self.0[part..].iter().all(|rest| *rest == Part::Many)
    }
}

impl Part {
    fn takes(&self, letter: char) -> bool {
        match self {
            Self::Letter(own) => *own == letter,
            Self::One => true,
            Self::Many => false,
            Self::Of { ranges, negated } => {
                let inside = |(first, last): &(char, char)| (*first..=*last).contains(&letter);
                ranges.iter().any(inside) != *negated
            }
        }
    }
}

/// The set that begins at a bracket, and where the pattern goes on.
fn set(letters: &[char], open: usize) -> Option<(Part, usize)> {
    let negated = letters.get(open + 1) == Some(&'!');
    let first = open + 1 + usize::from(negated);
    // A closing bracket that stands first is one of the set.
    let close = (first + 1..letters.len()).find(|&at| letters[at] == ']')?;
    let (mut ranges, mut at) = (Vec::new(), first);
    while at < close {
        if at + 2 < close && letters[at + 1] == '-' {
            ranges.push((letters[at], letters[at + 2]));
            at += 3;
        } else {
            ranges.push((letters[at], letters[at]));
            at += 1;
        }
    }
    Some((Part::Of { ranges, negated }, close + 1))
}

/// What a user means with a filter of experiments: a pattern, an experiment, or a folder with
/// everything below it.
#[derive(Debug, Clone)]
pub(crate) struct ExperimentFilter {
    text: String,
    patterns: Vec<Pattern>,
}

impl ExperimentFilter {
    pub(crate) fn new(text: &str) -> Self {
        let below = |folder: &str| vec![folder.to_owned(), format!("{folder}/*")];
        let texts = match text.strip_suffix('/') {
            Some(folder) => below(folder),
            None if Pattern::is_pattern(text) => vec![text.to_owned()],
            None => below(text),
        };
        Self {
            text: text.to_owned(),
            patterns: texts.iter().map(|text| Pattern::new(text)).collect(),
        }
    }

    /// As it was given.
    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    pub(crate) fn matches(&self, experiment: &str) -> bool {
        self.patterns
            .iter()
            .any(|pattern| pattern.matches(experiment))
    }

    /// The folder under which everything that matches lies, so that nothing else is listed; empty
    /// for anywhere.
    pub(crate) fn folder(&self) -> &str {
        let text = self.text.trim_end_matches('/');
        match text.find(['*', '?', '[']) {
            Some(at) => text[..at].rfind('/').map_or("", |slash| &text[..slash]),
            None => text,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_are_those_of_fnmatch() {
        for (pattern, text, matches) in [
            ("*", "202605/flu", true),
            ("*", "", true),
            ("202605/*", "202605/flu", true),
            ("202605/*", "202605/a/b", true),
            ("202605/*", "202606/flu", false),
            ("*smc*", "202605/ed_smc_rmse", true),
            ("fl?", "flu", true),
            ("fl?", "fl", false),
            ("[ab]x", "bx", true),
            ("[!ab]x", "bx", false),
            ("[!ab]x", "cx", true),
            ("[0-9]*", "202605", true),
            ("[]a]", "]", true),
            ("[x", "[x", true),
            ("a*b*c", "a-b-b-c", true),
            ("a*b*c", "a-b-b", false),
            ("Flu", "flu", false),
        ] {
            assert_eq!(
                Pattern::new(pattern).matches(text),
                matches,
                "{pattern} {text}"
            );
        }
    }

    #[test]
    fn a_filter_without_a_pattern_is_an_experiment_or_all_below_a_folder() {
        let filter = ExperimentFilter::new("202605");
        assert!(filter.matches("202605") && filter.matches("202605/flu"));
        assert!(!filter.matches("202605b"));
        assert_eq!(ExperimentFilter::new("202605/").folder(), "202605");
        assert_eq!(ExperimentFilter::new("202605/hosp_*").folder(), "202605");
        assert_eq!(ExperimentFilter::new("*smc*").folder(), "");
        assert_eq!(ExperimentFilter::new("a/b").folder(), "a/b");
    }

    #[test]
    fn many_stars_take_no_time() {
        let pattern = Pattern::new(&"*a".repeat(40));
        assert!(!pattern.matches(&"a".repeat(2_000).replace('a', "ab")));
    }
}
