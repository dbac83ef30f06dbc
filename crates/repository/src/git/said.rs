//! What git says when it fails.

/// What git said.
#[derive(Debug)]
pub(super) struct Said {
    /// Its last lines, in one.
    pub(super) text: String,
}

/// What that means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Meaning {
    Denied,
    NoSuchRef,
    Temporary,
    Other,
}

/// How many of its lines are shown.
const SHOWN: usize = 3;

/// Parts of git's and curl's messages, in lower case; the first that fits counts.
const MEANINGS: [(Meaning, &[&str]); 3] = [
    (
        Meaning::NoSuchRef,
        &[
            "couldn't find remote ref",
            "could not find remote ref",
            "not our ref",
            "no such remote ref",
            "unadvertised object",
        ],
    ),
    (
        Meaning::Temporary,
        &[
            "could not resolve",
            "couldn't resolve",
            "failed to connect",
            "couldn't connect",
            "could not connect",
            "timed out",
            "timeout",
            "connection reset",
            "recv failure",
            "send failure",
            "empty reply",
            "operation too slow",
            "early eof",
            "rpc failed",
            "unexpected disconnect",
            "hung up unexpectedly",
            "transfer closed",
            "ssl_error_syscall",
            "invalid index-pack output",
            "bad pack header",
            "expected flush",
            "invalid server response",
            "returned error: 408",
            "returned error: 429",
            "returned error: 5",
        ],
    ),
    (
        Meaning::Denied,
        &[
            "could not read username",
            "could not read password",
            "terminal prompts disabled",
            "authentication failed",
            "invalid username or",
            "repository not found",
            "not found",
            "returned error: 401",
            "returned error: 403",
            "returned error: 404",
        ],
    ),
];

impl Said {
    pub(super) fn new(text: &str) -> Self {
        let lines: Vec<&str> = text
            .lines()
            .map(str::trim)
            .filter(|line| !line.is_empty())
            .collect();
        let shown = &lines[lines.len().saturating_sub(SHOWN)..];
        Self {
            text: if shown.is_empty() {
                "nothing".to_owned()
            } else {
                shown.join("; ")
            },
        }
    }

    pub(super) fn classify(&self) -> Meaning {
        let text = self.text.to_ascii_lowercase();
        let fits = |parts: &&(Meaning, &[&str])| parts.1.iter().any(|part| text.contains(part));
        MEANINGS
            .iter()
            .find(fits)
            .map_or(Meaning::Other, |(meaning, _)| *meaning)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_git_says_is_understood() {
        let table = [
            ("fatal: couldn't find remote ref none", Meaning::NoSuchRef),
            (
                "fatal: remote error: upload-pack: not our ref 0123",
                Meaning::NoSuchRef,
            ),
            (
                "fatal: could not read Username for 'https://github.com': terminal prompts disabled",
                Meaning::Denied,
            ),
            (
                "remote: Repository not found.\nfatal: repository 'x' not found",
                Meaning::Denied,
            ),
            (
                "fatal: unable to access 'x': The requested URL returned error: 403",
                Meaning::Denied,
            ),
            (
                "fatal: unable to access 'x': The requested URL returned error: 503",
                Meaning::Temporary,
            ),
            (
                "fatal: unable to access 'x': Could not resolve host: github.com",
                Meaning::Temporary,
            ),
            (
                "error: RPC failed; curl 18 transfer closed\nfatal: early EOF",
                Meaning::Temporary,
            ),
            ("fatal: something new", Meaning::Other),
            ("", Meaning::Other),
        ];
        for (text, expected) in table {
            assert_eq!(Said::new(text).classify(), expected, "{text}");
        }
    }
}
