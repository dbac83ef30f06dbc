//! Text that can't break a line.

use std::borrow::Cow;

/// Longer texts are cut: Cloud Logging drops entries beyond 256 KiB, and container runtimes split
/// long lines.
const LONGEST_BYTES: usize = 64 << 10;

/// The text, cut at the limit with a note of how much is left out.
pub(crate) fn bounded(text: &str) -> Cow<'_, str> {
    if text.len() <= LONGEST_BYTES {
        return Cow::Borrowed(text);
    }
    let end = (0..=LONGEST_BYTES)
        .rfind(|at| text.is_char_boundary(*at))
        .unwrap_or(0);
    Cow::Owned(format!(
        "{}… ({} more bytes)",
        &text[..end],
        text.len() - end
    ))
}

/// Whether some reader would take a character for a line's end, or a terminal for a command.
pub(crate) const fn is_breaking(character: char) -> bool {
    character.is_ascii_control()
        || matches!(character, '\u{80}'..='\u{9f}' | '\u{2028}' | '\u{2029}')
}

/// Appends a JSON string.
pub(crate) fn push_json_string(line: &mut String, text: &str) {
    line.push('"');
    for character in bounded(text).chars() {
        match character {
            '"' => line.push_str("\\\""),
            '\\' => line.push_str("\\\\"),
            '\n' => line.push_str("\\n"),
            '\r' => line.push_str("\\r"),
            '\t' => line.push_str("\\t"),
            breaking if is_breaking(breaking) => {
                line.push_str(&format!("\\u{:04x}", u32::from(breaking)));
            }
            plain => line.push(plain),
        }
    }
    line.push('"');
}

/// Appends text of one line for a terminal.
pub(crate) fn push_plain(line: &mut String, text: &str) {
    for character in text.chars() {
        if character != '\t' && is_breaking(character) {
            line.extend(character.escape_default());
        } else {
            line.push(character);
        }
    }
}
