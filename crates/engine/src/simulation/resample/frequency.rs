//! pandas' names of frequencies.

use std::str::FromStr;

use epycloud_errors::{Diagnose, ExitCode};

use super::offset::{Anchor, Offset};
use crate::calendar::NS_PER_DAY;

/// A frequency by its pandas name: `D`, `W-SAT`, `2W`, `ME`, `QS-OCT`, `12h` and so on.
///
/// The names of pandas 2 that pandas 3 dropped (`M`, `Q`, `Y`, `A`, `AS`, `H`, `T`, `S`) mean what
/// they meant.
///
/// ```
/// use epycloud_engine::simulation::Frequency;
///
/// assert!("W-SAT".parse::<Frequency>().is_ok());
/// assert!("fortnight".parse::<Frequency>().is_err());
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Frequency(pub(super) Rule);

/// What a frequency's periods are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Rule {
    /// Equal lengths of time, in nanoseconds.
    Span(i64),
    /// A number of calendar periods.
    Calendar(Offset, i64),
}

/// A name that is no supported frequency.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{name}` is not a resampling frequency")]
pub struct FrequencyError {
    name: String,
}

impl Diagnose for FrequencyError {
    fn exit_code(&self) -> ExitCode {
        ExitCode::Usage
    }

    fn hint(&self) -> Option<String> {
        Some(
            "use pandas' `D`, `W` or `W-SUN` to `W-SAT`, `ME`, `MS`, `QE`, `QS`, `YE`, `YS` (with \
             `-JAN` to `-DEC` where a quarter or year ends or begins in that month), `B`, `h`, \
             `min` or `s`, with a whole number before it for multiples"
                .to_owned(),
        )
    }
}

impl FromStr for Frequency {
    type Err = FrequencyError;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        parse(name.trim()).map(Self).ok_or_else(|| FrequencyError {
            name: name.to_owned(),
        })
    }
}

fn parse(name: &str) -> Option<Rule> {
    let digits = name.len() - name.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    let (count, unit) = name.split_at(digits);
    let count: i64 = if count.is_empty() {
        1
    } else {
        count.parse().ok().filter(|count| *count > 0)?
    };
    let (unit, anchor) = match unit.split_once('-') {
        Some((unit, anchor)) => (unit, Some(anchor)),
        None => (unit, None),
    };
    let span = match unit {
        "D" => NS_PER_DAY,
        "h" | "H" => NS_PER_DAY / 24,
        "min" | "T" => NS_PER_DAY / 1440,
        "s" | "S" => 1_000_000_000,
        _ => return calendar(unit, anchor).map(|offset| Rule::Calendar(offset, count)),
    };
    match anchor {
        None => count.checked_mul(span).map(Rule::Span),
        Some(_) => None,
    }
}

fn calendar(unit: &str, anchor: Option<&str>) -> Option<Offset> {
    let month = |default| anchor.map_or(Some(default), month_number);
    let no_anchor = |offset| anchor.is_none().then_some(offset);
    match unit {
        "W" => anchor.map_or(Some(6), weekday_number).map(Offset::Week),
        "ME" | "M" => no_anchor(Offset::MonthEnd(Anchor::month())),
        "MS" => no_anchor(Offset::MonthStart(Anchor::month())),
        "QE" | "Q" => month(12).map(|month| Offset::MonthEnd(Anchor::quarter(month))),
        "QS" => month(1).map(|month| Offset::MonthStart(Anchor::quarter(month))),
        "YE" | "Y" | "A" => month(12).map(|month| Offset::MonthEnd(Anchor::year(month))),
        "YS" | "AS" => month(1).map(|month| Offset::MonthStart(Anchor::year(month))),
        "B" => no_anchor(Offset::BusinessDay),
        _ => None,
    }
}

fn weekday_number(name: &str) -> Option<i64> {
    (0..)
        .zip(["MON", "TUE", "WED", "THU", "FRI", "SAT", "SUN"])
        .find_map(|(n, day)| (day == name).then_some(n))
}

fn month_number(name: &str) -> Option<i64> {
    let names = [
        "JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC",
    ];
    (1..)
        .zip(names)
        .find_map(|(n, month)| (month == name).then_some(n))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rule(name: &str) -> Option<Rule> {
        name.parse().ok().map(|Frequency(rule)| rule)
    }

    #[test]
    fn names_are_those_of_pandas_old_and_new() {
        assert_eq!(rule("7D"), Some(Rule::Span(7 * NS_PER_DAY)));
        assert_eq!(rule("12h"), rule("12H"));
        assert_eq!(rule("W"), rule("W-SUN"));
        assert_eq!(rule("W-SAT"), Some(Rule::Calendar(Offset::Week(5), 1)));
        for (old, new) in [
            ("M", "ME"),
            ("Q", "QE-DEC"),
            ("A", "YE"),
            ("Y", "YE-DEC"),
            ("AS", "YS-JAN"),
            ("30T", "30min"),
        ] {
            assert_eq!(rule(old), rule(new), "{old}");
            assert!(rule(old).is_some(), "{old}");
        }
    }

    #[test]
    fn what_is_not_supported_is_an_error_that_lists_what_is() {
        for name in [
            "",
            "3",
            "0D",
            "-1D",
            "D-MON",
            "W-XXX",
            "ME-JAN",
            "QE-FOO",
            "BME",
            "SM",
            "2",
            "d",
            "99999999999999999D",
        ] {
            assert_eq!(rule(name), None, "{name}");
        }
        let error = "monthly".parse::<Frequency>().unwrap_err();
        assert_eq!(error.to_string(), "`monthly` is not a resampling frequency");
        assert!(error.hint().unwrap().contains("`W-SUN` to `W-SAT`"));
    }
}
