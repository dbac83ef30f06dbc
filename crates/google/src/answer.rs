//! What a server says when it doesn't do what it is asked.
//!
//! Source of the format: <https://cloud.google.com/apis/design/errors#http_mapping>

use serde::Deserialize;
use serde_json::Value;

/// Longer messages are cut: some services answer with whole pages.
const LONGEST_MESSAGE: usize = 2_000;

/// An answer that is an error, as far as it could be read.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Refusal {
    /// What it says.
    pub(crate) message: String,
    /// The permission that is missing, if it says which.
    pub(crate) permission: Option<String>,
    /// The service that isn't switched on in the project, if that is why.
    pub(crate) disabled: Option<String>,
}

#[derive(Deserialize)]
struct Envelope {
    error: Status,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Status {
    message: String,
    details: Vec<Value>,
}

impl Refusal {
    pub(crate) fn read(body: &[u8]) -> Self {
        let Ok(Envelope { error }) = serde_json::from_slice(body) else {
            return Self {
                message: first_line(&String::from_utf8_lossy(body)),
                ..Self::default()
            };
        };
        let metadata = |reason: &str, name: &str| {
            error
                .details
                .iter()
                .find(|detail| detail["reason"] == reason)
                .and_then(|detail| detail["metadata"][name].as_str())
                .map(str::to_owned)
        };
        Self {
            permission: metadata("IAM_PERMISSION_DENIED", "permission")
                .or_else(|| permission_in(&error.message)),
            disabled: metadata("SERVICE_DISABLED", "service"),
            message: cut(error.message),
        }
    }
}

/// `Permission 'batch.jobs.create' denied on …`, with any kind of quotes.
fn permission_in(message: &str) -> Option<String> {
    let after = &message[message.to_lowercase().find("permission")? + "permission".len()..];
    let found = after
        .split(|c: char| !c.is_ascii_alphanumeric() && c != '.' && c != '_')
        .find(|word| !word.is_empty())?;
    (found.trim_end_matches('.').split('.').count() >= 3)
        .then(|| found.trim_end_matches('.').to_owned())
}

/// Of a page that isn't JSON, its first line with a word in it.
fn first_line(text: &str) -> String {
    let is_telling =
        |line: &&str| line.chars().any(char::is_alphanumeric) && !line.starts_with('<');
    cut(text
        .lines()
        .map(str::trim)
        .find(is_telling)
        .unwrap_or_default()
        .to_owned())
}

fn cut(mut message: String) -> String {
    if message.len() > LONGEST_MESSAGE {
        let end = (0..=LONGEST_MESSAGE)
            .rfind(|at| message.is_char_boundary(*at))
            .unwrap_or(0);
        message.truncate(end);
        message.push('…');
    }
    message
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_permission_is_taken_from_details_or_text() {
        let details = br#"{"error": {"code": 403, "status": "PERMISSION_DENIED", "message": "no",
            "details": [{"@type": "type.googleapis.com/google.rpc.ErrorInfo",
            "reason": "IAM_PERMISSION_DENIED", "metadata": {"permission": "batch.jobs.list"}}]}}"#;
        assert_eq!(
            Refusal::read(details).permission.as_deref(),
            Some("batch.jobs.list")
        );
        for (message, expected) in [
            (
                "Permission 'workflows.executions.create' denied on resource",
                Some("workflows.executions.create"),
            ),
            (
                "Permission \\\"logging.logEntries.list\\\" denied.",
                Some("logging.logEntries.list"),
            ),
            ("The caller does not have permission", None),
            ("permission denied", None),
            ("nothing of it", None),
        ] {
            let body = format!(r#"{{"error": {{"message": "{message}"}}}}"#);
            assert_eq!(
                Refusal::read(body.as_bytes()).permission.as_deref(),
                expected,
                "{message}"
            );
        }
    }

    #[test]
    fn what_is_no_json_is_cut_to_a_line() {
        let page = "<!DOCTYPE html>\n<html>\n  502. That's an error.\n";
        assert_eq!(
            Refusal::read(page.as_bytes()).message,
            "502. That's an error."
        );
        assert_eq!(Refusal::read(b"\xff\xfe").message, "");
        assert!(Refusal::read("x".repeat(9_999).as_bytes()).message.len() < 2_100);
    }
}
