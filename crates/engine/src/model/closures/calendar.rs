//! Breaks of the school year, from a table of every state's.

use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};

use jiff::civil::Date;

use super::Closure;
use super::error::ClosureError;
use crate::calendar::{day_number, first_of_month, weekday};
use crate::tables::Table;

/// The breaks that a table lists: `state`, `event_name`, and the first and last day and month of
/// one school year.
#[derive(Debug)]
pub(super) struct SchoolCalendar {
    path: PathBuf,
    breaks: Vec<Break>,
}

#[derive(Debug)]
struct Break {
    state: String,
    event: String,
    start: (i8, i8),
    end: (i8, i8),
}

impl SchoolCalendar {
    /// Reads a table.
    pub(super) fn read(path: &Path) -> Result<Self, ClosureError> {
        let table = Table::read(path)?;
        let (state, event) = (table.column("state")?, table.column("event_name")?);
        let columns = [
            table.column("start_month")?,
            table.column("start_day")?,
            table.column("end_month")?,
            table.column("end_day")?,
        ];
        let mut breaks = Vec::new();
        for row in table.rows() {
            let mut numbers = [0_i8; 4];
            for (at, (number, column)) in numbers.iter_mut().zip(columns).enumerate() {
                let (limit, expected) = if at % 2 == 0 {
                    (12, "a month")
                } else {
                    (31, "a day of a month")
                };
                *number = i8::try_from(row.whole_number(column)?)
                    .ok()
                    .filter(|number| (1..=limit).contains(number))
                    .ok_or_else(|| row.invalid(column, expected))?;
            }
            let [start_month, start_day, end_month, end_day] = numbers;
            breaks.push(Break {
                state: row.text(state).to_owned(),
                event: row.text(event).to_owned(),
                start: (start_month, start_day),
                end: (end_month, end_day),
            });
        }
        Ok(Self {
            path: path.to_owned(),
            breaks,
        })
    }

    /// The closures of a state, or of all, in some years: every break once a year, and a break over
    /// New Year at both ends of a year.
    ///
    /// # Errors
    /// When the table doesn't have the state, or a break falls on a day that a year doesn't have.
    pub(super) fn closures(
        &self,
        state: Option<&str>,
        years: RangeInclusive<i64>,
    ) -> Result<Vec<Closure>, ClosureError> {
        let breaks: Vec<&Break> = self
            .breaks
            .iter()
            .filter(|entry| state.is_none_or(|state| entry.state == state))
            .collect();
        if breaks.is_empty() {
            return Err(ClosureError::NoCalendar {
                location: state.unwrap_or("US").to_owned(),
                path: self.path.clone(),
            });
        }
        let mut closures: Vec<(&str, Closure)> = Vec::new();
        for year in years {
            for entry in &breaks {
                for closure in self.in_year(entry, year)? {
                    // The same break from two years, or listed twice, is one.
                    if !closures.contains(&(&entry.event, closure)) {
                        closures.push((&entry.event, closure));
                    }
                }
            }
        }
        Ok(closures.into_iter().map(|(_, closure)| closure).collect())
    }

    fn in_year(&self, entry: &Break, year: i64) -> Result<Vec<Closure>, ClosureError> {
        let from = |year, (month, day)| self.day(entry, year, month, day);
        let closure = |first_year, last_year| -> Result<Closure, ClosureError> {
            Ok(Closure {
                first: from(first_year, entry.start)?,
                last: from(last_year, entry.end)?,
            })
        };
        if entry.event == "Thanksgiving Break" {
            // It ends on the Friday and is as long as in the year of the table.
            let length = i64::from(entry.end.1 - entry.start.1);
            let last = thanksgiving(year) + 1;
            let day_of_month = last - first_of_month(year, 11) + 1;
            let day = |month: i8, day: i64| {
                self.day(entry, year, month, i8::try_from(day).unwrap_or_default())
            };
            return Ok(vec![Closure {
                first: day(entry.start.0, day_of_month - length)?,
                last: day(entry.end.0, day_of_month)?,
            }]);
        }
        if entry.end.0 < entry.start.0 {
            return Ok(vec![closure(year, year + 1)?, closure(year - 1, year)?]);
        }
        Ok(vec![closure(year, year)?])
    }

    fn day(&self, entry: &Break, year: i64, month: i8, day: i8) -> Result<i64, ClosureError> {
        i16::try_from(year)
            .ok()
            .and_then(|year| Date::new(year, month, day).ok())
            .map(day_number)
            .ok_or_else(|| ClosureError::NoSuchDay {
                event: entry.event.clone(),
                state: entry.state.clone(),
                date: format!("{year}-{month:02}-{day:02}"),
                path: self.path.clone(),
            })
    }
}

/// The fourth Thursday of November.
fn thanksgiving(year: i64) -> i64 {
    let first = first_of_month(year, 11);
    first + (3 - weekday(first)).rem_euclid(7) + 21
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::calendar::format_day;

    fn calendar() -> SchoolCalendar {
        let entry = |state: &str, event: &str, start, end| Break {
            state: state.to_owned(),
            event: event.to_owned(),
            start,
            end,
        };
        SchoolCalendar {
            path: PathBuf::from("calendars.csv"),
            breaks: vec![
                entry("AK", "Thanksgiving Break", (11, 25), (11, 26)),
                entry("AK", "Christmas Break", (12, 20), (1, 3)),
                entry("AK", "Spring Break", (3, 7), (3, 11)),
                entry("ME", "Leap Break", (2, 28), (2, 29)),
            ],
        }
    }

    fn of(state: &str, years: RangeInclusive<i64>) -> Vec<(String, String)> {
        let closures = calendar().closures(Some(state), years).unwrap();
        closures
            .iter()
            .map(|c| (format_day(c.first), format_day(c.last)))
            .collect()
    }

    fn pair(first: &str, last: &str) -> (String, String) {
        (first.to_owned(), last.to_owned())
    }

    #[test]
    fn thanksgiving_break_moves_and_christmas_break_is_at_both_ends_of_a_year() {
        assert_eq!(
            of("AK", 2024..=2024),
            [
                pair("2024-11-28", "2024-11-29"),
                pair("2024-12-20", "2025-01-03"),
                pair("2023-12-20", "2024-01-03"),
                pair("2024-03-07", "2024-03-11"),
            ]
        );
    }

    #[test]
    fn a_break_over_new_year_is_counted_once_in_two_years() {
        let closures = of("AK", 2024..=2025);
        let over_new_year = closures
            .iter()
            .filter(|closure| closure.0 == "2024-12-20")
            .count();
        assert_eq!((closures.len(), over_new_year), (7, 1));
    }

    #[test]
    fn a_day_that_a_year_does_not_have_is_an_error() {
        assert!(calendar().closures(Some("ME"), 2024..=2024).is_ok());
        let error = calendar().closures(Some("ME"), 2025..=2025).unwrap_err();
        assert_eq!(
            error.to_string(),
            "`Leap Break` of `ME` in `calendars.csv` falls on `2025-02-29`, which is no day"
        );
    }
}
