//! Texts in XML, and errors.

use object_store::Error;

use crate::http::Answer;

/// An XML text with status 200.
pub(super) fn answer(text: &str) -> Answer {
    let text = format!("<?xml version='1.0' encoding='UTF-8'?>{text}");
    Answer::status(200).body("application/xml; charset=UTF-8", text)
}

/// An error as the store says it.
pub(super) fn error(status: u16, code: &str) -> Answer {
    let text = format!("<Error><Code>{code}</Code><Message>{code}</Message></Error>");
    Answer {
        status,
        ..answer(&text)
    }
}

/// What the store below says.
pub(super) fn failure(error: &Error) -> Answer {
    match error {
        Error::NotFound { .. } => self::error(404, "NoSuchKey"),
        Error::AlreadyExists { .. } | Error::Precondition { .. } => {
            self::error(412, "PreconditionFailed")
        }
        Error::NotModified { .. } => Answer::status(304),
        _ => self::error(500, "InternalError"),
    }
}

pub(super) fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&apos;"),
            other => escaped.push(other),
        }
    }
    escaped
}
