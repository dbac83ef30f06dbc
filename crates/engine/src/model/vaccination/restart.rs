//! Doses of a simulation that begins later than the schedule.

use super::daily::DailyDoses;
use crate::calendar::weekday;
use crate::numpy_sum::numpy_sum;

/// Saturday, Monday being 0.
const SATURDAY: i64 = 5;

impl DailyDoses {
    /// The schedule from a later day on: whoever has been vaccinated before is vaccinated in the
    /// days up to the first Saturday after the start, that Saturday included (the suite's
    /// `reaggregate_vaccines`).
    ///
    /// The doses of those days are whole: what doesn't divide evenly goes to the first days, a dose
    /// each, and fractions are cut off. The Saturday's own doses are lost, as in the suite.
    pub(crate) fn starting(&self, first_day: i64) -> Self {
        if first_day <= self.first_day() {
            return self.clone();
        }
        let n_groups = self.n_groups();
        let saturday = first_day + 1 + (SATURDAY - weekday(first_day) - 1).rem_euclid(7);
        let before: Vec<&[f64]> = self
            .rows()
            .zip(self.first_day()..saturday)
            .map(|(row, _)| row)
            .collect();
        let shares: Vec<Share> = (0..n_groups)
            .map(|group| {
                let doses: Vec<f64> = before.iter().map(|row| row[group]).collect();
                Share::of(numpy_sum(&doses), saturday - first_day + 1)
            })
            .collect();
        let caught_up = (0..=saturday - first_day)
            .flat_map(|day| shares.iter().map(move |share| share.of_day(day)));
        let after = self
            .rows()
            .zip(self.first_day()..)
            .filter(|&(_, day)| day > saturday)
            .flat_map(|(row, _)| row.iter().copied());
        Self::new(first_day, n_groups, caught_up.chain(after).collect())
    }
}

/// Doses spread over some days.
struct Share {
    each_day: f64,
    n_days_with_one_more: f64,
}

impl Share {
    #[expect(clippy::cast_precision_loss, reason = "a week has few days")]
    fn of(doses: f64, n_days: i64) -> Self {
        let n_days = n_days as f64;
        Self {
            each_day: (doses / n_days).floor(),
            n_days_with_one_more: doses.rem_euclid(n_days).trunc(),
        }
    }

    #[expect(clippy::cast_precision_loss, reason = "a week has few days")]
    fn of_day(&self, day: i64) -> f64 {
        if (day as f64) < self.n_days_with_one_more {
            self.each_day + 1.0
        } else {
            self.each_day
        }
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;
    use crate::calendar::day_number;

    /// 100, 101, … doses a day from Sunday, 2024-09-01, for three weeks.
    fn schedule() -> DailyDoses {
        let doses = (0..21).map(|day| 100.0 + f64::from(day)).collect();
        DailyDoses::new(day_number(date(2024, 9, 1)), 1, doses)
    }

    fn from(day: i8) -> Vec<f64> {
        let later = schedule().starting(day_number(date(2024, 9, day)));
        assert_eq!(later.first_day(), day_number(date(2024, 9, day)));
        later.values().to_vec()
    }

    /// From suite 0.1.0: `reaggregate_vaccines` of the same schedule.
    #[test]
    fn later_starts_catch_up_by_their_first_saturday() {
        // Wednesday 4: 100 + … + 105 = 615 in the four days to Saturday 7
        let expected = [154.0, 154.0, 154.0, 153.0, 107.0];
        assert_eq!(from(4)[..5], expected);
        assert_eq!(from(4).len(), 4 + 14);
        // Saturday 7: 100 + … + 112 = 1378 in the eight days to Saturday 14
        let expected = [
            173.0, 173.0, 172.0, 172.0, 172.0, 172.0, 172.0, 172.0, 114.0,
        ];
        assert_eq!(from(7)[..9], expected);
        assert_eq!(from(1), schedule().values());
    }
}
