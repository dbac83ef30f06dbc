//! Lengths of time as pandas writes them.

/// Seconds in each unit, by the names that pandas knows it by.
const UNITS: [(f64, &[&str]); 8] = [
    (604_800.0, &["W", "w", "week", "weeks"]),
    (86_400.0, &["D", "d", "day", "days"]),
    (3_600.0, &["h", "H", "hr", "hrs", "hour", "hours"]),
    (60.0, &["m", "T", "min", "mins", "minute", "minutes"]),
    (1.0, &["s", "S", "sec", "secs", "second", "seconds"]),
    (
        1e-3,
        &["ms", "L", "milli", "millis", "millisecond", "milliseconds"],
    ),
    (
        1e-6,
        &["us", "U", "micro", "micros", "microsecond", "microseconds"],
    ),
    (
        1e-9,
        &["ns", "N", "nano", "nanos", "nanosecond", "nanoseconds"],
    ),
];

/// The seconds of a length of time (`30m`, `1h30m`, `2 days`, `1 days 02:00:00`, `W`).
///
/// What pandas reads otherwise than people is refused: a number without a unit would be nanoseconds.
pub(super) fn seconds(text: &str) -> Option<f64> {
    let mut rest = text.trim();
    let mut total = 0.0;
    if rest.is_empty() {
        return None;
    }
    while !rest.is_empty() {
        if let Some(clock) = clock(rest) {
            return Some(total + clock);
        }
        let digits = rest
            .find(|c: char| !c.is_ascii_digit() && c != '.')
            .unwrap_or(rest.len());
        let (number, after) = rest.split_at(digits);
        let number: f64 = if number.is_empty() {
            1.0
        } else {
            number.parse().ok()?
        };
        let after = after.trim_start();
        let letters = after
            .find(|c: char| !c.is_ascii_alphabetic())
            .unwrap_or(after.len());
        let (unit, after) = after.split_at(letters);
        total += number * UNITS.iter().find(|(_, names)| names.contains(&unit))?.0;
        // a week may name the day it ends on
        let after = if unit == "W" {
            without_weekday(after)
        } else {
            after
        };
        rest = after.trim_start();
    }
    Some(total)
}

/// `HH:MM:SS`.
fn clock(text: &str) -> Option<f64> {
    let parts: Vec<f64> = text
        .split(':')
        .map(|part| part.parse().ok())
        .collect::<Option<Vec<f64>>>()?;
    match parts.as_slice() {
        &[hours, minutes, seconds] => Some(hours * 3600.0 + minutes * 60.0 + seconds),
        _ => None,
    }
}

fn without_weekday(text: &str) -> &str {
    const DAYS: [&str; 7] = ["-SUN", "-MON", "-TUE", "-WED", "-THU", "-FRI", "-SAT"];
    DAYS.iter()
        .find_map(|day| text.strip_prefix(day))
        .unwrap_or(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// From the suite's `parse_timedelta`, in seconds.
    #[test]
    fn lengths_are_those_of_the_suite() {
        for (text, expected) in [
            ("30m", 1800.0),
            ("6h", 21_600.0),
            ("2H", 7200.0),
            ("1h30m", 5400.0),
            ("45s", 45.0),
            ("3D", 259_200.0),
            ("1D", 86_400.0),
            ("W", 604_800.0),
            ("2W-SAT", 1_209_600.0),
            ("15T", 900.0),
            ("1.5 hours", 5400.0),
            ("2 days", 172_800.0),
            ("1 days 02:00:00", 93_600.0),
            ("00:10:00", 600.0),
            ("1 day 3 min 2.5 s", 86_582.5),
        ] {
            assert_eq!(seconds(text), Some(expected), "{text}");
        }
    }

    #[test]
    fn what_is_no_fixed_length_is_refused() {
        for text in [
            "", "  ", "30", "M", "1ME", "2Q", "B", "soon", "1h later", "-", "1..5h", "10:00",
        ] {
            assert_eq!(seconds(text), None, "{text}");
        }
    }
}
