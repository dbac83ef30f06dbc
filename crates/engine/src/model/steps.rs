//! The simulation's steps in time.

use jiff::civil::Date;

use super::error::ModelError;
use crate::calendar::{self, NS_PER_DAY};

const MICROSECONDS_PER_DAY: i64 = 86_400_000_000;

/// More steps than any experiment means: a thousand years of hours.
const MAX_STEPS: f64 = 10_000_000.0;

/// Instants from a first day on, `delta_t` days apart.
///
/// epydemix's `compute_simulation_dates`: there are `int((end - start) / delta_t) + 1` of them, and
/// they are pandas' `date_range` with a `Timedelta(days=delta_t)`, which is cut to whole
/// nanoseconds. So a step of 0.3 days is 25,919,999,999,999 ns, and no step after the first falls
/// on midnight.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Steps {
    /// First day, counted from 1970-01-01.
    pub(crate) first_day: i64,
    /// Last day.
    pub(crate) last_day: i64,
    /// Days from one step to the next.
    pub(crate) delta_t: f64,
    /// Number of steps, T.
    pub(crate) n: usize,
    step_ns: i64,
}

impl Steps {
    /// The steps from midnight of the first day to midnight of the last.
    pub(crate) fn new(start: Date, end: Date, delta_t: f64) -> Result<Self, ModelError> {
        Self::between(
            calendar::day_number(start),
            calendar::day_number(end),
            delta_t,
        )
    }

    /// As [`Steps::new`], for days counted from 1970-01-01.
    pub(crate) fn between(first_day: i64, last_day: i64, delta_t: f64) -> Result<Self, ModelError> {
        let wrong = |reason| ModelError::Timespan {
            start: calendar::format_day(first_day),
            end: calendar::format_day(last_day),
            delta_t,
            reason,
        };
        if last_day < first_day {
            return Err(wrong("the last day is before the first"));
        }
        // pandas: int(((days * 24) * 3600) * 1e9)
        let step_ns = delta_t * 24.0 * 3600.0 * 1_000_000_000.0;
        if !(1.0..=1e18).contains(&step_ns) {
            return Err(wrong("the step is not a length of time"));
        }
        #[expect(clippy::cast_precision_loss, reason = "days between dates are few")]
        let n_after_first = ((last_day - first_day) as f64 / delta_t).trunc();
        if n_after_first >= MAX_STEPS {
            return Err(wrong("there are more than ten million steps"));
        }
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "both are cut to whole numbers as in Python, and in range as checked above"
        )]
        let (n, step_ns) = (n_after_first as usize + 1, step_ns as i64);
        Ok(Self {
            first_day,
            last_day,
            delta_t,
            n,
            step_ns,
        })
    }

    /// The instant of a step, in nanoseconds since 1970-01-01.
    pub(crate) fn instant(&self, step: usize) -> i64 {
        self.first_day * NS_PER_DAY + step as i64 * self.step_ns
    }

    /// The day of a step as the suite's seasonality and parameter interventions count it, through a
    /// Python `datetime` whose distance from the start is rounded to microseconds.
    pub(crate) fn day(&self, step: usize) -> i64 {
        self.first_day + self.microseconds(step).div_euclid(MICROSECONDS_PER_DAY)
    }

    /// Microseconds from the start to a step: Python's `timedelta(days=step * delta_t)`, which
    /// rounds to whole microseconds, halves to even.
    #[expect(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        reason = "steps and days are few"
    )]
    pub(crate) fn microseconds(&self, step: usize) -> i64 {
        let days = step as f64 * self.delta_t;
        let in_day = (days.fract() * MICROSECONDS_PER_DAY as f64).round_ties_even();
        days.trunc() as i64 * MICROSECONDS_PER_DAY + in_day as i64
    }

    /// The instants of all steps.
    pub(crate) fn instants(&self) -> impl Iterator<Item = i64> + '_ {
        (0..self.n).map(|step| self.instant(step))
    }
}

/// Instants from the midnight of one day to the midnight of another, both included.
///
/// The last day's later steps are outside: that is how epydemix compares the timestamps of steps
/// with the dates of interventions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Period {
    first: i64,
    last: i64,
}

impl Period {
    /// The period between two days counted from 1970-01-01.
    pub(crate) const fn new(first_day: i64, last_day: i64) -> Self {
        Self {
            first: first_day * NS_PER_DAY,
            last: last_day * NS_PER_DAY,
        }
    }

    /// The period between two dates.
    pub(crate) fn of_dates(first: Date, last: Date) -> Self {
        Self::new(calendar::day_number(first), calendar::day_number(last))
    }

    /// Its first and last day, counted from 1970-01-01.
    pub(crate) const fn days(&self) -> (i64, i64) {
        (
            self.first.div_euclid(NS_PER_DAY),
            self.last.div_euclid(NS_PER_DAY),
        )
    }

    /// Whether an instant is in it.
    pub(crate) const fn contains(&self, instant: i64) -> bool {
        self.first <= instant && instant <= self.last
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn steps(delta_t: f64) -> Steps {
        Steps::new(
            Date::constant(2024, 8, 5),
            Date::constant(2024, 8, 20),
            delta_t,
        )
        .unwrap()
    }

    #[test]
    fn steps_are_those_of_pandas() {
        // n, the second and the last instant of epydemix's compute_simulation_dates (pandas 2.3.3)
        let recorded = [
            (
                1.0,
                16,
                "2024-08-06T00:00:00.000000000",
                "2024-08-20T00:00:00.000000000",
            ),
            (
                0.2,
                76,
                "2024-08-05T04:48:00.000000000",
                "2024-08-20T00:00:00.000000000",
            ),
            (
                0.3,
                51,
                "2024-08-05T07:11:59.999999999",
                "2024-08-19T23:59:59.999999950",
            ),
            (
                1.0 / 3.0,
                46,
                "2024-08-05T08:00:00.000000000",
                "2024-08-20T00:00:00.000000000",
            ),
            (
                1.0 / 7.0,
                106,
                "2024-08-05T03:25:42.857142857",
                "2024-08-19T23:59:59.999999985",
            ),
            (
                1.5,
                11,
                "2024-08-06T12:00:00.000000000",
                "2024-08-20T00:00:00.000000000",
            ),
            (
                7.0,
                3,
                "2024-08-12T00:00:00.000000000",
                "2024-08-19T00:00:00.000000000",
            ),
        ];
        for (delta_t, n, second, last) in recorded {
            let steps = steps(delta_t);
            assert_eq!(steps.n, n, "{delta_t}");
            assert_eq!(calendar::format_instant(steps.instant(1)), second);
            assert_eq!(calendar::format_instant(steps.instant(n - 1)), last);
        }
    }

    #[test]
    fn impossible_spans_are_errors() {
        let (start, end) = (Date::constant(2024, 8, 5), Date::constant(2024, 8, 20));
        for (from, to, delta_t) in [
            (end, start, 1.0),
            (start, end, 0.0),
            (start, end, -1.0),
            (start, end, f64::NAN),
            (start, end, 1e-9),
        ] {
            assert!(
                Steps::new(from, to, delta_t).is_err(),
                "{from} {to} {delta_t}"
            );
        }
    }

    #[test]
    fn a_period_ends_at_midnight_of_its_last_day() {
        let steps = steps(0.25);
        let period = Period::of_dates(Date::constant(2024, 8, 6), Date::constant(2024, 8, 7));
        let inside: Vec<usize> = (0..steps.n)
            .filter(|&step| period.contains(steps.instant(step)))
            .collect();
        assert_eq!(inside, [4, 5, 6, 7, 8]);
    }
}
