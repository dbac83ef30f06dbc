//! Tables of facts that are compiled in: comments, one of which has the day that they describe, a
//! heading, and lines of cells.

use jiff::civil::Date;

/// What stands before the date.
pub(crate) const DATE: &str = "Date: ";

/// Reads a table whose heading begins so: what `row` makes of its lines, in order, and its day. In
/// place of them, the number (from 1) of a line that isn't understood, or 1 where there is no date.
pub(crate) fn parse<T>(
    text: &str,
    heading: &str,
    row: impl Fn(&str) -> Option<T>,
) -> Result<(Vec<T>, Date), usize> {
    let mut date = None;
    let mut rows = Vec::new();
    for (at, line) in text.lines().enumerate() {
        if let Some(comment) = line.strip_prefix('#') {
            date = date.or_else(|| {
                let (_, rest) = comment.split_once(DATE)?;
                rest.get(..10)?.parse().ok()
            });
        } else if !line.is_empty() && !line.starts_with(heading) {
            rows.push(row(line).ok_or(at + 1)?);
        }
    }
    Ok((rows, date.ok_or(1_usize)?))
}
