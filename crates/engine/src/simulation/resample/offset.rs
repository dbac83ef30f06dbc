//! Calendar periods: weeks, months, quarters, years and business days. Days are counted from
//! 1970-01-01.

use crate::calendar::{civil, first_of_month, weekday};

/// A kind of calendar day that periods end or begin on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Offset {
    /// A weekday, Monday being 0; periods end on it.
    Week(i64),
    /// The last day of some months; periods end on it.
    MonthEnd(Anchor),
    /// The first day of some months; periods begin on it.
    MonthStart(Anchor),
    /// Monday to Friday; periods begin on them.
    BusinessDay,
}

/// The months that count: every `every`-th one, `month` among them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Anchor {
    every: i64,
    month: i64,
}

impl Anchor {
    /// Every month.
    pub(super) const fn month() -> Self {
        Self { every: 1, month: 0 }
    }

    /// Every third month.
    pub(super) const fn quarter(month: i64) -> Self {
        Self {
            every: 3,
            month: month % 3,
        }
    }

    /// One month of the year.
    pub(super) const fn year(month: i64) -> Self {
        Self {
            every: 12,
            month: month % 12,
        }
    }

    /// The month (counted from year 0) that counts and is the last up to a month.
    fn last_up_to(self, month: i64) -> i64 {
        month - (month + 1 - self.month).rem_euclid(self.every)
    }
}

impl Offset {
    /// Whether periods end on these days (and have them as their labels), not begin.
    pub(super) const fn ends_periods(self) -> bool {
        matches!(self, Self::Week(_) | Self::MonthEnd(_))
    }

    /// The last of these days up to and including a day (pandas' `rollback`).
    pub(super) fn up_to(self, day: i64) -> i64 {
        match self {
            Self::Week(end) => day - (weekday(day) - end).rem_euclid(7),
            Self::BusinessDay => day - (weekday(day) - 4).max(0),
            Self::MonthStart(anchor) => start(anchor.last_up_to(month_of(day))),
            Self::MonthEnd(anchor) => {
                // The day after belongs to a month whose predecessor is over.
                let months_over = month_of(day + 1) - 1;
                start(anchor.last_up_to(months_over) + 1) - 1
            }
        }
    }

    /// The day that is `n` of these days after (or before, when negative) one of them.
    fn from(self, on: i64, n: i64) -> i64 {
        match self {
            Self::Week(_) => on + 7 * n,
            Self::MonthStart(anchor) => start(month_of(on) + anchor.every * n),
            Self::MonthEnd(anchor) => start(month_of(on) + anchor.every * n + 1) - 1,
            Self::BusinessDay => {
                let position = weekday(on) + n;
                on - weekday(on) + 7 * position.div_euclid(5) + position.rem_euclid(5)
            }
        }
    }

    /// pandas' `day + n * offset`, `n` being positive: a day that isn't one of these goes to the
    /// next of them first, which counts.
    pub(super) fn after(self, day: i64, n: i64) -> i64 {
        self.from(self.up_to(day), n)
    }

    /// pandas' `day - n * offset`: a day that isn't one of these goes to the last of them first,
    /// which counts.
    pub(super) fn before(self, day: i64, n: i64) -> i64 {
        let on = self.up_to(day);
        self.from(on, if on == day { -n } else { 1 - n })
    }
}

/// Months from January of year 0.
fn month_of(day: i64) -> i64 {
    let (year, month, _) = civil(day);
    year * 12 + month - 1
}

/// First day of a month counted from January of year 0.
fn start(month: i64) -> i64 {
    first_of_month(month.div_euclid(12), month.rem_euclid(12) + 1)
}

#[cfg(test)]
mod tests {
    use jiff::civil::Date;

    use super::*;
    use crate::calendar::{day_number, format_day};

    fn day(year: i16, month: i8, day: i8) -> i64 {
        day_number(Date::constant(year, month, day))
    }

    #[test]
    fn days_roll_back_to_the_last_of_their_kind() {
        let table = [
            (Offset::Week(5), "2024-05-11"),
            (Offset::Week(2), "2024-05-15"),
            (Offset::MonthEnd(Anchor::month()), "2024-04-30"),
            (Offset::MonthStart(Anchor::month()), "2024-05-01"),
            (Offset::MonthEnd(Anchor::quarter(12)), "2024-03-31"),
            (Offset::MonthEnd(Anchor::quarter(1)), "2024-04-30"),
            (Offset::MonthStart(Anchor::quarter(2)), "2024-05-01"),
            (Offset::MonthEnd(Anchor::year(12)), "2023-12-31"),
            (Offset::MonthStart(Anchor::year(7)), "2023-07-01"),
            (Offset::BusinessDay, "2024-05-15"),
        ];
        for (offset, expected) in table {
            assert_eq!(
                format_day(offset.up_to(day(2024, 5, 15))),
                expected,
                "{offset:?}"
            );
        }
        assert_eq!(
            Offset::BusinessDay.up_to(day(2024, 5, 19)),
            day(2024, 5, 17)
        );
        assert_eq!(
            Offset::MonthEnd(Anchor::month()).up_to(day(2024, 5, 31)),
            day(2024, 5, 31)
        );
    }

    #[test]
    fn adding_and_subtracting_go_through_the_nearest_of_the_kind() {
        let month_end = Offset::MonthEnd(Anchor::month());
        assert_eq!(month_end.after(day(2024, 5, 15), 2), day(2024, 6, 30));
        assert_eq!(month_end.after(day(2024, 5, 31), 2), day(2024, 7, 31));
        assert_eq!(month_end.before(day(2024, 5, 15), 2), day(2024, 3, 31));
        assert_eq!(month_end.before(day(2024, 5, 31), 2), day(2024, 3, 31));
        assert_eq!(
            Offset::BusinessDay.after(day(2024, 5, 17), 1),
            day(2024, 5, 20)
        );
        assert_eq!(
            Offset::BusinessDay.after(day(2024, 5, 18), 1),
            day(2024, 5, 20)
        );
        assert_eq!(
            Offset::BusinessDay.after(day(2024, 5, 15), 7),
            day(2024, 5, 24)
        );
    }
}
