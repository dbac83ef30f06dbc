//! Public holidays of the United States and its parts, as PyPI's `holidays` 0.109 gives them,
//! observed days included.
//!
//! The table is written by `tests/oracle/holidays_table.py`. A line is a date and where it is a
//! holiday: `*` everywhere, `* -AK -HI` everywhere but there, or the places themselves. `US` stands
//! for the federal holidays, which every place has.

use super::error::ClosureError;
use crate::calendar::first_of_month;

const TABLE: &str = include_str!("../../../data/holidays.csv");

/// The years of the table.
const FIRST_YEAR: i64 = 2015;
const LAST_YEAR: i64 = 2040;

/// The holidays of a place, by its postal abbreviation, in a year, as days since 1970-01-01.
pub(super) fn of_year(place: &str, year: i64) -> Result<Vec<i64>, ClosureError> {
    if !(FIRST_YEAR..=LAST_YEAR).contains(&year) {
        return Err(ClosureError::Year {
            year,
            first: FIRST_YEAR,
            last: LAST_YEAR,
        });
    }
    let prefix = format!("{year}-");
    let days = TABLE.lines().filter_map(|line| {
        let (date, places) = line.strip_prefix(&prefix)?.split_once(',')?;
        let (month, day) = date.split_once('-')?;
        let first: i64 = first_of_month(year, month.parse().ok()?);
        holds(places, place).then_some(first + day.parse::<i64>().ok()? - 1)
    });
    Ok(days.collect())
}

fn holds(places: &str, place: &str) -> bool {
    let mut names = places.split(' ');
    match names.next() {
        Some("*") => !names.any(|name| name.strip_prefix('-') == Some(place)),
        first => first.into_iter().chain(names).any(|name| name == place),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::calendar::format_day;

    fn days(place: &str, year: i64) -> Vec<String> {
        of_year(place, year)
            .unwrap()
            .into_iter()
            .map(format_day)
            .collect()
    }

    #[test]
    fn federal_holidays_include_the_days_they_are_observed_on() {
        assert_eq!(
            days("US", 2026),
            [
                "2026-01-01",
                "2026-01-19",
                "2026-02-16",
                "2026-05-25",
                "2026-06-19",
                "2026-07-03",
                "2026-07-04",
                "2026-09-07",
                "2026-10-12",
                "2026-11-11",
                "2026-11-26",
                "2026-12-25",
            ]
        );
    }

    #[test]
    fn states_have_their_own() {
        assert!(days("MA", 2025).contains(&"2025-04-21".to_owned())); // Patriots' Day
        assert!(!days("US", 2025).contains(&"2025-04-21".to_owned()));
    }

    #[test]
    fn years_outside_the_table_are_errors() {
        assert_eq!(
            of_year("US", 2041).unwrap_err().to_string(),
            "holidays are known from 2015 to 2040, not in `2041`"
        );
        assert!(of_year("US", 2014).is_err());
    }

    #[test]
    fn the_table_is_what_the_generator_writes_where_there_is_a_python() {
        let Some(python) = std::env::var_os("EPYCLOUD_ORACLE_PYTHON") else {
            eprintln!("skipped: `EPYCLOUD_ORACLE_PYTHON` is not set");
            return;
        };
        let script = concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/../../tests/oracle/holidays_table.py"
        );
        let output = std::process::Command::new(python)
            .arg(script)
            .output()
            .unwrap();
        assert!(
            output.status.success(),
            "{}",
            String::from_utf8_lossy(&output.stderr)
        );
        assert_eq!(String::from_utf8(output.stdout).unwrap(), TABLE);
    }

    #[test]
    fn every_year_and_place_of_the_table_has_holidays() {
        for year in FIRST_YEAR..=LAST_YEAR {
            for location in crate::locations::LOCATIONS {
                let n = of_year(location.abbreviation, year).unwrap().len();
                assert!(
                    (9..=30).contains(&n),
                    "{} {year}: {n}",
                    location.abbreviation
                );
            }
        }
    }
}
