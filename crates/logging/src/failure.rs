//! The event of a failure that ends the process.

use std::error::Error;

use epycloud_config::Stage;
use epycloud_errors::Report;
use tracing::error;

/// The target of these events alone: it makes them critical.
pub(crate) const FAILURE_TARGET: &str = "epycloud::failure";

/// Logs what ends the process, at critical severity: the error with its causes and hint as the
/// message, and `error_type`, `error_message`, `error_chain`, `failed_stage` and `hint` as fields.
///
/// ```
/// use epycloud_config::{ExpId, Stage};
/// use epycloud_errors::Report;
///
/// let error = "../x".parse::<ExpId>().unwrap_err();
/// epycloud_logging::log_failure(Stage::Builder, &Report::new(error));
/// ```
pub fn log_failure(stage: impl Into<Option<Stage>>, report: &Report) {
    let error = report.error() as &(dyn Error + 'static);
    let text = report.to_string();
    let message = text.strip_prefix("error: ").unwrap_or(&text);
    let failed_stage = stage.into().map(Stage::as_str);
    error!(
        target: FAILURE_TARGET,
        error,
        error_type = type_of(error),
        failed_stage,
        hint = report.hint(),
        "{message}"
    );
}

/// The error's variant, or its type where it has none: what its `Debug` text begins with. (The
/// type itself is unknown here, and a variant says more.)
fn type_of(error: &(dyn Error + 'static)) -> String {
    let text = format!("{error:?}");
    let end = text
        .find(|c: char| !c.is_alphanumeric() && c != '_')
        .unwrap_or(text.len());
    if end == 0 {
        "Error".to_owned()
    } else {
        text[..end].to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, thiserror::Error)]
    #[error("x")]
    enum Example {
        Missing { _path: &'static str },
        Plain,
    }

    #[test]
    fn the_type_is_the_variant() {
        assert_eq!(type_of(&Example::Missing { _path: "a" }), "Missing");
        assert_eq!(type_of(&Example::Plain), "Plain");
        assert_eq!(type_of(&std::fmt::Error), "Error");
    }
}
