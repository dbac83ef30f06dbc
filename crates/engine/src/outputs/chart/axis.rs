//! Ticks of dates and of counts, and their labels.

use std::ops::Range;

use jiff::ToSpan;
use jiff::civil::Date;
use plotters::coord::ranged1d::{KeyPointHint, NoDefaultFormatting, Ranged, ValueFormatter};

const EPOCH: Date = Date::constant(1970, 1, 1);

/// A linear axis with given ticks.
pub(in crate::outputs) struct Axis {
    pub(in crate::outputs) range: Range<f64>,
    pub(in crate::outputs) ticks: Vec<f64>,
}

impl Ranged for Axis {
    type FormatOption = NoDefaultFormatting;
    type ValueType = f64;

    fn map(&self, value: &f64, (start, end): (i32, i32)) -> i32 {
        let fraction = (value - self.range.start) / (self.range.end - self.range.start);
        #[expect(clippy::cast_possible_truncation, reason = "a position in the picture")]
        let offset = (fraction * f64::from(end - start)).round() as i32;
        start + offset
    }

    fn key_points<Hint: KeyPointHint>(&self, hint: Hint) -> Vec<f64> {
        // Lines between the ticks are asked for separately; there are none.
        if hint.weight().allow_light_points() {
            Vec::new()
        } else {
            self.ticks.clone()
        }
    }

    fn range(&self) -> Range<f64> {
        self.range.clone()
    }
}

impl ValueFormatter<f64> for Axis {}

/// Ticks between two days.
#[derive(Debug, Clone)]
pub(in crate::outputs) struct TimeAxis {
    /// Days since 1970-01-01.
    pub(in crate::outputs) ticks: Vec<f64>,
    unit: Unit,
}

/// What one step between ticks is.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Unit {
    Days(i32),
    Months(i32),
}

/// Steps that readers count in.
const STEPS: [Unit; 11] = [
    Unit::Days(1),
    Unit::Days(2),
    Unit::Days(7),
    Unit::Days(14),
    Unit::Months(1),
    Unit::Months(2),
    Unit::Months(3),
    Unit::Months(6),
    Unit::Months(12),
    Unit::Months(60),
    Unit::Months(120),
];

impl Unit {
    /// Room that a label needs, in pixels.
    fn label_width(self) -> u32 {
        match self {
            Self::Days(_) => 120,
            Self::Months(step) if step < 12 => 88,
            Self::Months(_) => 60,
        }
    }
}

impl TimeAxis {
    /// The finest ticks between two days since 1970-01-01 whose labels fit into a width in
    /// pixels.
    pub(in crate::outputs) fn new(first: f64, last: f64, width: u32) -> Self {
        let pixels_per_day = f64::from(width) / (last - first);
        let fits = |unit: &Unit| {
            let ticks = ticks(*unit, first, last);
            let room = f64::from(unit.label_width()) / pixels_per_day;
            let apart = ticks.windows(2).all(|pair| pair[1] - pair[0] >= room);
            apart.then_some(Self { ticks, unit: *unit })
        };
        STEPS.iter().find_map(fits).unwrap_or(Self {
            ticks: vec![first, last],
            unit: Unit::Months(120),
        })
    }

    /// The label of a tick: the month where ticks are months, else the day.
    pub(in crate::outputs) fn label(&self, day: f64) -> String {
        let Some(date) = date(day) else {
            return String::new();
        };
        let format = match self.unit {
            Unit::Days(_) => "%-d %b %Y",
            Unit::Months(step) if step < 12 => "%b %Y",
            Unit::Months(_) => "%Y",
        };
        date.strftime(format).to_string()
    }
}

/// The date of a day since 1970-01-01, if the calendar has it.
fn date(day: f64) -> Option<Date> {
    #[expect(
        clippy::cast_possible_truncation,
        reason = "saturates, and is checked next"
    )]
    let day = day.floor() as i32;
    EPOCH.checked_add(day.days()).ok()
}

fn day(date: Date) -> f64 {
    date.since(EPOCH)
        .map_or(0.0, |span| f64::from(span.get_days()))
}

/// The ticks of a step; days count from the first date, months from January.
fn ticks(unit: Unit, first: f64, last: f64) -> Vec<f64> {
    match unit {
        Unit::Days(step) => {
            let start = first.ceil();
            let step = f64::from(step);
            (0..64)
                .map(|n| start + f64::from(n) * step)
                .take_while(|day| *day <= last)
                .collect()
        }
        Unit::Months(step) => {
            let Some(mut tick) = date(first) else {
                return Vec::new();
            };
            let mut ticks = Vec::new();
            tick = Date::new(tick.year() - tick.year().rem_euclid(10), 1, 1).unwrap_or(tick);
            while day(tick) <= last {
                if day(tick) >= first {
                    ticks.push(day(tick));
                }
                let Ok(next) = tick.checked_add(step.months()) else {
                    break;
                };
                tick = next;
            }
            ticks
        }
    }
}

/// Ticks from 0 to the first at or above `highest`, at most about `limit` of them, at 1, 2 or 5
/// times a power of ten, and whole.
pub(in crate::outputs) fn count_ticks(highest: f64, limit: u32) -> Vec<f64> {
    let highest = highest.max(1.0);
    let rough = highest / f64::from(limit.max(2));
    let power = 10_f64.powf(rough.log10().floor());
    let step = [1.0, 2.0, 5.0, 10.0]
        .into_iter()
        .map(|factor| factor * power)
        .find(|step| *step >= rough)
        .unwrap_or(power)
        .max(1.0);
    let n_steps = (highest / step).ceil();
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "at most a dozen"
    )]
    let n_steps = n_steps as u32;
    (0..=n_steps).map(|n| f64::from(n) * step).collect()
}

/// A count with separators between thousands: `1,234,567`.
pub(in crate::outputs) fn thousands(count: f64) -> String {
    let digits = format!("{count:.0}");
    let mut text = String::with_capacity(digits.len() * 4 / 3);
    for (index, digit) in digits.char_indices() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels(first: &str, last: &str, width: u32) -> Vec<String> {
        let axis = TimeAxis::new(
            day(first.parse().unwrap()),
            day(last.parse().unwrap()),
            width,
        );
        axis.ticks.iter().map(|&tick| axis.label(tick)).collect()
    }

    #[test]
    fn dates_are_labelled_in_steps_that_fit() {
        assert_eq!(
            labels("2024-08-10", "2025-08-09", 370),
            ["Oct 2024", "Jan 2025", "Apr 2025", "Jul 2025"]
        );
        assert_eq!(labels("2024-12-30", "2025-01-02", 500).len(), 4);
        assert_eq!(labels("2024-12-30", "2025-01-13", 270)[1], "6 Jan 2025");
        assert_eq!(
            labels("2024-01-01", "2027-06-01", 400),
            ["2024", "2025", "2026", "2027"]
        );
    }

    #[test]
    fn counts_are_whole_and_reach_the_highest() {
        assert_eq!(count_ticks(0.0, 5), [0.0, 1.0]);
        assert_eq!(count_ticks(3.0, 8), [0.0, 1.0, 2.0, 3.0]);
        assert_eq!(count_ticks(4_400_000.0, 6), [0.0, 1e6, 2e6, 3e6, 4e6, 5e6]);
    }

    #[test]
    fn thousands_are_separated() {
        let numbers = [0.0, 999.0, 1000.0, 1_234_567.0];
        assert_eq!(numbers.map(thousands), ["0", "999", "1,000", "1,234,567"]);
    }
}
