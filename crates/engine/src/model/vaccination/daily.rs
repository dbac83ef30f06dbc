//! From weekly coverage to daily doses.

use super::super::steps::Steps;
use super::coverage::{COVERAGE_GROUPS, Coverage, Week};
use super::error::VaccinationError;
use crate::calendar::format_day;

/// Doses of every day and group.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct DailyDoses {
    /// The first day, counted from 1970-01-01.
    first_day: i64,
    n_groups: usize,
    /// `[days, n_groups]`, row-major.
    doses: Vec<f64>,
}

impl DailyDoses {
    pub(crate) fn new(first_day: i64, n_groups: usize, doses: Vec<f64>) -> Self {
        Self {
            first_day,
            n_groups,
            doses,
        }
    }

    pub(super) const fn n_groups(&self) -> usize {
        self.n_groups
    }

    /// The first day, counted from 1970-01-01.
    pub(crate) const fn first_day(&self) -> i64 {
        self.first_day
    }

    /// The doses of the groups on a day.
    pub(super) fn of_day(&self, day: i64) -> Option<&[f64]> {
        let row = usize::try_from(day - self.first_day).ok()?;
        self.doses.chunks_exact(self.n_groups).nth(row)
    }

    /// The doses of every day, `[days, n_groups]`, row-major.
    pub(crate) fn values(&self) -> &[f64] {
        &self.doses
    }

    /// The doses of every day.
    pub(super) fn rows(&self) -> impl Iterator<Item = &[f64]> {
        self.doses.chunks_exact(self.n_groups)
    }
}

/// Doses of every simulated day and coverage group; `people` are those of each group.
pub(super) fn spread(
    coverage: &Coverage,
    people: &[f64; COVERAGE_GROUPS.len()],
    steps: &Steps,
) -> Result<DailyDoses, VaccinationError> {
    if steps.last_day + 6 < coverage.first_week {
        return Err(VaccinationError::TooEarly {
            path: coverage.path.clone(),
            first: format_day(coverage.first_week),
            end: format_day(steps.last_day),
        });
    }
    let n_days = usize::try_from(steps.last_day - steps.first_day + 1).unwrap_or(0);
    let mut doses = vec![0.0; n_days * COVERAGE_GROUPS.len()];
    for (group, (weeks, people)) in coverage.weeks.iter().zip(people).enumerate() {
        let days = spread_group(weeks, *people, coverage.first_week, steps);
        for (row, dose) in doses.chunks_exact_mut(COVERAGE_GROUPS.len()).zip(days) {
            row[group] = dose;
        }
    }
    Ok(DailyDoses::new(
        steps.first_day,
        COVERAGE_GROUPS.len(),
        doses,
    ))
}

/// One group's doses of every simulated day.
///
/// A period goes from the day after the last week's end to this week's end, and its doses are
/// spread evenly and rounded. A period that begins a week or more before the table's first week is
/// cut to the eight days up to its week's end, at a seventh of the doses a day; the days before
/// have none, and where both have a say about a day, having none wins, for it is said first.
fn spread_group(weeks: &[Week], people: f64, first_week: i64, steps: &Steps) -> Vec<f64> {
    let mut days = FirstWins::new(steps);
    let mut next_day = steps.first_day;
    let mut vaccinated_before = 0.0;
    for week in weeks {
        let vaccinated = (week.percent / 100.0 * people).round_ties_even();
        let doses = vaccinated - vaccinated_before;
        vaccinated_before = vaccinated;
        if week.last_day >= steps.last_day {
            days.spread(
                next_day,
                steps.last_day,
                doses,
                steps.last_day - next_day + 1,
            );
            break;
        }
        if next_day + 6 <= first_week {
            days.spread(next_day, week.last_day - 7, 0.0, 1);
            days.spread(week.last_day - 7, week.last_day, doses, 7);
        } else {
            days.spread(next_day, week.last_day, doses, week.last_day - next_day + 1);
        }
        next_day = week.last_day + 1;
    }
    days.doses
        .into_iter()
        .map(|dose| dose.unwrap_or(0.0))
        .collect()
}

/// The doses of every simulated day, of which the first said of a day holds.
struct FirstWins {
    first_day: i64,
    doses: Vec<Option<f64>>,
}

impl FirstWins {
    fn new(steps: &Steps) -> Self {
        let n_days = usize::try_from(steps.last_day - steps.first_day + 1).unwrap_or(0);
        Self {
            first_day: steps.first_day,
            doses: vec![None; n_days],
        }
    }

    /// Gives the days from `first` to `last` a share of some doses, rounded to whole doses.
    #[expect(clippy::cast_precision_loss, reason = "days are few")]
    fn spread(&mut self, first: i64, last: i64, doses: f64, n_shares: i64) {
        for day in first..=last {
            let slot = usize::try_from(day - self.first_day)
                .ok()
                .and_then(|at| self.doses.get_mut(at));
            if let Some(slot) = slot {
                slot.get_or_insert((doses / n_shares as f64).round_ties_even());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::{Date, date};

    use super::*;
    use crate::calendar::day_number;

    fn steps(first: Date, last: Date) -> Steps {
        Steps::new(first, last, 1.0).unwrap()
    }

    fn weeks(table: &[(Date, f64)]) -> Vec<Week> {
        table
            .iter()
            .map(|&(day, percent)| Week {
                last_day: day_number(day),
                percent,
            })
            .collect()
    }

    #[test]
    fn a_weeks_doses_are_spread_evenly_and_rounded_half_to_even() {
        let steps = steps(date(2024, 9, 1), date(2024, 9, 17));
        let table = [
            (date(2024, 9, 7), 1.0),
            (date(2024, 9, 14), 2.75),
            (date(2024, 9, 21), 3.0),
        ];
        // Of 200 people: 2, then 3.5 more of which 5.5 rounds to 6, so 4; then 0.5 rounded to 0.
        let first_week = day_number(date(2024, 9, 7));
        let doses = spread_group(&weeks(&table), 200.0, first_week - 70, &steps);
        let mut expected = vec![0.0; 7]; // 2/7 rounds to 0
        expected.extend([1.0; 7]); // 4/7 rounds to 1
        expected.extend([0.0; 3]);
        assert_eq!(doses, expected);
    }

    #[test]
    fn a_simulation_that_begins_before_the_table_waits_for_its_first_week() {
        let steps = steps(date(2024, 8, 20), date(2024, 9, 20));
        let table = [(date(2024, 9, 7), 70.0), (date(2024, 9, 14), 140.0)];
        let doses = spread_group(&weeks(&table), 100.0, day_number(date(2024, 9, 7)), &steps);
        // Nothing to August 31, which the first week also claims; then 70 in seven days, twice.
        let mut expected = vec![0.0; 12];
        expected.extend([10.0; 14]);
        expected.extend([0.0; 6]);
        assert_eq!(doses, expected);
    }

    #[test]
    fn the_last_period_ends_with_the_simulation() {
        let steps = steps(date(2024, 9, 1), date(2024, 9, 10));
        let table = [
            (date(2024, 9, 7), 7.0),
            (date(2024, 9, 14), 16.0),
            (date(2024, 9, 21), 90.0),
        ];
        let doses = spread_group(&weeks(&table), 100.0, day_number(date(2024, 8, 3)), &steps);
        assert_eq!(doses, [1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 3.0, 3.0, 3.0]);
    }
}
