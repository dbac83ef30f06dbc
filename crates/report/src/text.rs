//! Text and numbers as the page has them.

/// Text that stands for itself in HTML, in an attribute as well.
pub(crate) fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            letter => escaped.push(letter),
        }
    }
    escaped
}

/// A time in seconds, in the units people use for its size.
pub(crate) fn seconds(seconds: f64) -> String {
    match seconds {
        s if s < 1.0 => format!("{:.0} ms", s * 1000.0),
        s if s < 60.0 => format!("{s:.1} s"),
        s if s < 3600.0 => format!("{:.0} min {:.0} s", (s / 60.0).floor(), (s % 60.0).floor()),
        s => format!(
            "{:.0} h {:.0} min",
            (s / 3600.0).floor(),
            (s % 3600.0 / 60.0).floor()
        ),
    }
}

/// Memory in MiB.
pub(crate) fn memory(mib: f64) -> String {
    if mib < 1024.0 {
        format!("{mib:.0} MiB")
    } else {
        format!("{:.1} GiB", mib / 1024.0)
    }
}

/// A size in bytes.
pub(crate) fn bytes(bytes: u64) -> String {
    if bytes < 1024 {
        format!("{bytes} B")
    } else if bytes < 1 << 20 {
        format!("{:.1} KiB", bytes as f64 / 1024.0)
    } else if bytes < 1 << 30 {
        format!("{:.1} MiB", bytes as f64 / f64::from(1 << 20))
    } else {
        format!("{:.1} GiB", bytes as f64 / f64::from(1 << 30))
    }
}

/// A number to four significant digits.
pub(crate) fn figure(value: f64) -> String {
    let magnitude = if value == 0.0 {
        0.0
    } else {
        value.abs().log10().floor()
    };
    let decimals = (3.0 - magnitude).clamp(0.0, 9.0);
    let text = format!("{value:.*}", decimals as usize);
    if text.contains('.') {
        text.trim_end_matches('0').trim_end_matches('.').to_owned()
    } else {
        text
    }
}

/// The start of a text, with a sign that there is more.
pub(crate) fn shortened(text: &str, letters: usize) -> String {
    let mut short: String = text.chars().take(letters).collect();
    if short.len() < text.len() {
        short.push('…');
    }
    short
}

/// A time of the record's, without its fraction of a second.
pub(crate) fn moment(timestamp: &str) -> String {
    let (date, time) = timestamp.split_once('T').unwrap_or((timestamp, ""));
    let time = time.split(['.', 'Z']).next().unwrap_or_default();
    format!("{date} {time}")
}

/// The first digits of a hash.
pub(crate) fn digits(hash: &str) -> &str {
    hash.get(..12).unwrap_or(hash)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_in_a_log_becomes_markup() {
        assert_eq!(
            escape("</td><script>alert(\"1\" & '2')"),
            "&lt;/td&gt;&lt;script&gt;alert(&quot;1&quot; &amp; &#39;2&#39;)"
        );
    }

    #[test]
    fn numbers_have_the_units_of_their_size() {
        assert_eq!(seconds(0.0421), "42 ms");
        assert_eq!(seconds(59.94), "59.9 s");
        assert_eq!(seconds(125.0), "2 min 5 s");
        assert_eq!(seconds(7300.0), "2 h 1 min");
        assert_eq!(memory(2048.0), "2.0 GiB");
        assert_eq!(bytes(1536), "1.5 KiB");
        assert_eq!(bytes(1_600_430), "1.5 MiB");
        assert_eq!(shortened("abc", 3), "abc");
        assert_eq!(shortened("abcd", 3), "abc…");
        assert_eq!(moment("2026-01-05T12:00:01.123Z"), "2026-01-05 12:00:01");
    }
}
