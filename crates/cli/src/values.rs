//! Values of flags that people write in more than one way.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

/// The most tasks that a list may name; a mistyped range isn't to fill the memory.
const MOST_TASKS: u32 = 10_000_000;

/// A time: a number of seconds, or with units (`90s`, `15m`, `1h 30m`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Seconds(pub(crate) Duration);

/// A while that ends now: as [`Seconds`], and also `7d` and `2w`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Ago(pub(crate) Duration);

impl Ago {
    /// When it began; the beginning of time if it is longer than that.
    pub(crate) fn begin(self, now: Timestamp) -> Timestamp {
        now.checked_sub(self.0).unwrap_or(Timestamp::MIN)
    }
}

/// Memory in MiB: `800M`, `4G`, `4GiB`, or a number of MiB.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Memory(pub(crate) u64);

/// A share from 0 to 1.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Ratio(pub(crate) f64);

/// Indices of tasks, sorted, each once: `3,7,10-20`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct TaskSet(pub(crate) Vec<u32>);

/// A value that isn't one.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("expected {0}")]
pub(crate) struct NotA(&'static str);

impl FromStr for Seconds {
    type Err = NotA;

    fn from_str(text: &str) -> Result<Self, NotA> {
        const EXPECTED: NotA = NotA("a time above zero such as `90`, `90s`, `15m` or `2h`");
        let seconds = match text.parse::<f64>() {
            Ok(seconds) => Duration::try_from_secs_f64(seconds).map_err(|_| EXPECTED)?,
            Err(_) => text
                .parse::<SignedDuration>()
                .ok()
                .and_then(|duration| Duration::try_from(duration).ok())
                .ok_or(EXPECTED)?,
        };
        if seconds.is_zero() {
            return Err(EXPECTED);
        }
        Ok(Self(seconds))
    }
}

impl FromStr for Ago {
    type Err = NotA;

    fn from_str(text: &str) -> Result<Self, NotA> {
        const EXPECTED: NotA = NotA("a time above zero such as `30m`, `24h` or `7d`");
        let days = |unit, days: u64| {
            let number = text.strip_suffix(unit)?.parse::<u64>().ok()?;
            Some(Duration::from_secs(number.checked_mul(days * 86_400)?))
        };
        match days('d', 1).or_else(|| days('w', 7)) {
            Some(while_ago) if !while_ago.is_zero() => Ok(Self(while_ago)),
            Some(_) => Err(EXPECTED),
            None => text
                .parse()
                .map(|Seconds(time)| Self(time))
                .map_err(|_| EXPECTED),
        }
    }
}

impl fmt::Display for Seconds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}s", self.0.as_secs_f64())
    }
}

impl FromStr for Memory {
    type Err = NotA;

    fn from_str(text: &str) -> Result<Self, NotA> {
        const EXPECTED: NotA = NotA("memory of at least 1M such as `800M` or `4G`");
        let unit_at = text
            .find(|letter: char| !letter.is_ascii_digit() && letter != '.')
            .unwrap_or(text.len());
        let (number, unit) = text.split_at(unit_at);
        let factor = match unit.trim().to_ascii_uppercase().as_str() {
            "" | "M" | "MB" | "MIB" => 1.0,
            "G" | "GB" | "GIB" => 1024.0,
            "T" | "TB" | "TIB" => 1024.0 * 1024.0,
            _ => return Err(EXPECTED),
        };
        let mib = number.parse::<f64>().map_err(|_| EXPECTED)? * factor;
        if mib.is_finite() && mib >= 1.0 {
            Ok(Self(mib.round() as u64))
        } else {
            Err(EXPECTED)
        }
    }
}

impl FromStr for Ratio {
    type Err = NotA;

    fn from_str(text: &str) -> Result<Self, NotA> {
        match text.parse::<f64>() {
            Ok(ratio) if (0.0..=1.0).contains(&ratio) => Ok(Self(ratio)),
            _ => Err(NotA("a number from 0 to 1")),
        }
    }
}

impl FromStr for TaskSet {
    type Err = NotA;

    fn from_str(text: &str) -> Result<Self, NotA> {
        const EXPECTED: NotA = NotA("indices and ranges of tasks such as `3,7,10-20`");
        let number = |text: &str| text.trim().parse::<u32>().map_err(|_| EXPECTED);
        let mut tasks = Vec::new();
        for part in text.split(',') {
            let (first, last) = match part.split_once('-') {
                Some((first, last)) => (number(first)?, number(last)?),
                None => (number(part)?, number(part)?),
            };
            if first > last || last - first >= MOST_TASKS {
                return Err(EXPECTED);
            }
            tasks.extend(first..=last);
        }
        tasks.sort_unstable();
        tasks.dedup();
        Ok(Self(tasks))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_seconds_or_have_units() {
        let secs = |text: &str| text.parse::<Seconds>().map(|time| time.0.as_secs_f64());
        for (text, expected) in [
            ("90", 90.0),
            ("0.5", 0.5),
            ("90s", 90.0),
            ("15m", 900.0),
            ("2h", 7200.0),
            ("1h 30m", 5400.0),
        ] {
            assert_eq!(secs(text), Ok(expected), "{text}");
        }
        for text in ["", "0", "-5", "5 parsecs", "NaN", "inf"] {
            assert!(secs(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_while_may_be_days_and_weeks() {
        let secs = |text: &str| text.parse::<Ago>().map(|time| time.0.as_secs());
        for (text, expected) in [
            ("30m", 1_800),
            ("24h", 86_400),
            ("7d", 604_800),
            ("2w", 1_209_600),
        ] {
            assert_eq!(secs(text), Ok(expected), "{text}");
        }
        for text in ["", "0d", "-1d", "d", "1y", "99999999999999999999d"] {
            assert!(secs(text).is_err(), "{text}");
        }
        let forever = "9999999d".parse::<Ago>().unwrap();
        assert_eq!(forever.begin(Timestamp::UNIX_EPOCH), Timestamp::MIN);
    }

    #[test]
    fn memory_is_mib_or_has_units() {
        let mib = |text: &str| text.parse::<Memory>().map(|memory| memory.0);
        for (text, expected) in [("800", 800), ("800M", 800), ("4G", 4096), ("1.5 GiB", 1536)] {
            assert_eq!(mib(text), Ok(expected), "{text}");
        }
        for text in ["", "0", "0.1M", "4X", "-4G", "G"] {
            assert!(mib(text).is_err(), "{text}");
        }
    }

    #[test]
    fn tasks_are_indices_and_ranges() {
        let set = |text: &str| text.parse::<TaskSet>().map(|tasks| tasks.0);
        assert_eq!(set("7,3,5-8"), Ok(vec![3, 5, 6, 7, 8]));
        assert_eq!(set("0"), Ok(vec![0]));
        for text in ["", "a", "3-", "5-3", "-1", "0-4294967295", "1,,2"] {
            assert!(set(text).is_err(), "{text}");
        }
    }
}
