//! Days and instants as the engine counts them: whole days and nanoseconds since 1970-01-01,
//! without time zones.

use jiff::civil::Date;

/// Nanoseconds in a day.
pub(crate) const NS_PER_DAY: i64 = 86_400_000_000_000;

/// Days in four centuries of the Gregorian calendar, after which it repeats.
const DAYS_PER_ERA: i64 = 146_097;

/// Days from 1970-01-01 to `date`.
pub(crate) fn day_number(date: Date) -> i64 {
    first_of_month(i64::from(date.year()), i64::from(date.month())) + i64::from(date.day()) - 1
}

/// The date of a day counted from 1970-01-01 (the inverse of [`day_number`]), or the last date there
/// is.
pub(crate) fn to_date(day: i64) -> Date {
    let (year, month, day_of_month) = civil(day);
    let parts = (
        i16::try_from(year),
        i8::try_from(month),
        i8::try_from(day_of_month),
    );
    let (Ok(year), Ok(month), Ok(day_of_month)) = parts else {
        return Date::MAX;
    };
    Date::new(year, month, day_of_month).unwrap_or(Date::MAX)
}

/// The year, month and day of a day counted from 1970-01-01 (the inverse of [`day_number`]).
pub(crate) fn civil(day: i64) -> (i64, i64, i64) {
    let day = day + 719_468;
    let era = day.div_euclid(DAYS_PER_ERA);
    let day_of_era = day.rem_euclid(DAYS_PER_ERA);
    let year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted_month = (5 * day_of_year + 2) / 153;
    let day_of_month = day_of_year - (153 * shifted_month + 2) / 5 + 1;
    let month = if shifted_month < 10 {
        shifted_month + 3
    } else {
        shifted_month - 9
    };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    (year, month, day_of_month)
}

/// Day number of the first of a month; months outside 1 to 12 run into the years beside.
///
/// The algorithm is H. Hinnant's `days_from_civil`
/// (<https://howardhinnant.github.io/date_algorithms.html>): years start in March, so that the
/// leap day is a year's last.
pub(crate) fn first_of_month(year: i64, month: i64) -> i64 {
    let year = year + (month - 1).div_euclid(12);
    let month = (month - 1).rem_euclid(12) + 1;
    let shifted = year - i64::from(month <= 2);
    let era = shifted.div_euclid(400);
    let year_of_era = shifted.rem_euclid(400);
    let day_of_year = (153 * (month + if month > 2 { -3 } else { 9 }) + 2) / 5;
    era * DAYS_PER_ERA + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year
        - 719_468
}

/// Day of the week, Monday being 0.
pub(crate) fn weekday(day: i64) -> i64 {
    (day + 3).rem_euclid(7)
}

/// `YYYY-MM-DD` of a day.
pub(crate) fn format_day(day: i64) -> String {
    let (year, month, day_of_month) = civil(day);
    format!("{year:04}-{month:02}-{day_of_month:02}")
}

/// `YYYY-MM-DD` of an instant at midnight, with the time of day of any other.
pub(crate) fn format_shortest(ns: i64) -> String {
    if ns.rem_euclid(NS_PER_DAY) == 0 {
        format_day(ns.div_euclid(NS_PER_DAY))
    } else {
        format_instant(ns)
    }
}

/// `YYYY-MM-DDTHH:MM:SS.fffffffff` of an instant.
pub(crate) fn format_instant(ns: i64) -> String {
    let (day, in_day) = (ns.div_euclid(NS_PER_DAY), ns.rem_euclid(NS_PER_DAY));
    let (seconds, fraction) = (in_day / 1_000_000_000, in_day % 1_000_000_000);
    let (hour, minute, second) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    format!(
        "{}T{hour:02}:{minute:02}:{second:02}.{fraction:09}",
        format_day(day)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_count_from_1970_and_come_back() {
        assert_eq!(day_number(Date::constant(1970, 1, 1)), 0);
        assert_eq!(day_number(Date::constant(2024, 2, 29)), 19_782);
        for day in (-800_000..800_000).step_by(97) {
            let (year, month, day_of_month) = civil(day);
            assert_eq!(first_of_month(year, month) + day_of_month - 1, day);
            assert!((1..=12).contains(&month) && (1..=31).contains(&day_of_month));
        }
    }

    #[test]
    fn months_run_into_the_next_year() {
        assert_eq!(format_day(first_of_month(2024, 14)), "2025-02-01");
        assert_eq!(format_day(first_of_month(2024, 0)), "2023-12-01");
    }

    #[test]
    fn weekdays_start_on_monday() {
        assert_eq!(weekday(day_number(Date::constant(2024, 8, 5))), 0);
        assert_eq!(weekday(day_number(Date::constant(1969, 12, 28))), 6);
    }

    #[test]
    fn instants_show_nanoseconds() {
        assert_eq!(format_instant(-1), "1969-12-31T23:59:59.999999999");
        assert_eq!(
            format_instant(NS_PER_DAY + 3_661_000_000_005),
            "1970-01-02T01:01:01.000000005"
        );
    }
}
