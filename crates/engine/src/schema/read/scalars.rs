//! Scalars, coerced as the suite's schema (pydantic) coerces them: numbers may be written as text.

use epycloud_config::yaml::Value;
use epycloud_errors::nearest;
use jiff::civil::Date;

use super::reader::{Item, Reader};
use crate::schema::basemodel::Rate;

/// The years that pandas' timestamps can hold.
const YEARS: std::ops::RangeInclusive<i16> = 1678..=2261;

impl<'d> Reader<'d> {
    /// Text; a number or boolean isn't text unless it is quoted.
    pub(super) fn text(&mut self, item: &Item<'_>) -> Option<String> {
        match &item.node.value {
            Value::Text(text) => Some(text.clone()),
            Value::Bool(_) | Value::Int(_) | Value::Float(_) => {
                let (shown, kind) = (item.node.shown(), item.node.kind());
                let written = item.node.written().unwrap_or_default();
                self.error_with_hint(
                    item,
                    format!("expected text, found {shown}, which YAML reads as {kind}"),
                    format!("quote it: \"{written}\""),
                );
                None
            }
            _ => {
                self.expected(item, "text");
                None
            }
        }
    }

    /// Text that names something: not empty, without spaces around it.
    pub(super) fn name(&mut self, item: &Item<'_>) -> Option<String> {
        let text = self.text(item)?;
        if text.is_empty() || text.trim() != text || text.contains(char::is_control) {
            self.error(item, format!("{} is not a name", item.node.shown()));
            return None;
        }
        Some(text)
    }

    /// A finite number.
    pub(super) fn number(&mut self, item: &Item<'_>) -> Option<f64> {
        let value = match &item.node.value {
            #[expect(clippy::cast_precision_loss, reason = "as Python's float() does")]
            Value::Int(value) => Some(*value as f64),
            Value::Float(value) => Some(*value),
            Value::Text(text) => parse_number(text),
            _ => None,
        };
        match value {
            Some(value) if value.is_finite() => Some(value),
            Some(_) => {
                self.expected(item, "a finite number");
                None
            }
            None => {
                self.expected(item, "a number");
                None
            }
        }
    }

    /// A finite number that isn't negative.
    pub(super) fn non_negative(&mut self, item: &Item<'_>) -> Option<f64> {
        let value = self.number(item)?;
        if value < 0.0 {
            self.expected(item, "a number of at least 0");
            return None;
        }
        Some(value)
    }

    /// A list of finite numbers.
    pub(super) fn numbers(&mut self, item: &Item<'d>) -> Option<Vec<f64>> {
        let elements = self.elements(item, "a list of numbers")?;
        let numbers: Vec<Option<f64>> = elements
            .iter()
            .map(|element| self.number(element))
            .collect();
        numbers.into_iter().collect()
    }

    /// A number, or an expression.
    pub(super) fn rate(&mut self, item: &Item<'_>) -> Option<Rate> {
        match &item.node.value {
            Value::Text(text) => Some(match parse_number(text) {
                Some(value) if value.is_finite() => Rate::Number(value),
                _ => Rate::Expression(text.trim().to_owned()),
            }),
            Value::Int(_) | Value::Float(_) => self.number(item).map(Rate::Number),
            _ => {
                self.expected(item, "a number or an expression");
                None
            }
        }
    }

    /// A whole number within a range.
    pub(super) fn whole(&mut self, item: &Item<'_>, low: i128, high: i128) -> Option<i128> {
        let value = match &item.node.value {
            Value::Int(value) => Some(i128::from(*value)),
            Value::Float(value) => item
                .node
                .written()
                .and_then(|text| text.parse().ok())
                .or_else(|| exact(*value)),
            Value::Text(text) => text
                .trim()
                .parse()
                .ok()
                .or_else(|| parse_number(text).and_then(exact)),
            _ => None,
        };
        if value.is_some_and(|value| (low..=high).contains(&value)) {
            return value;
        }
        let is_too_large = value.is_some_and(|value| value > high);
        let expected = match (low, high) {
            (i128::MIN, _) => "a whole number".to_owned(),
            (low, 0xffff_ffff..) if !is_too_large => format!("a whole number of at least {low}"),
            (low, high) => format!("a whole number from {low} to {high}"),
        };
        self.expected(item, &expected);
        None
    }

    /// A boolean, in any of the words that pydantic takes for one.
    pub(super) fn boolean(&mut self, item: &Item<'_>) -> Option<bool> {
        let value = as_boolean(item);
        if value.is_none() {
            self.expected(item, "true or false");
        }
        value
    }

    /// A day; a time of day is accepted when it is midnight.
    pub(super) fn date(&mut self, item: &Item<'_>) -> Option<Date> {
        match item.node.as_str().map(parse_date) {
            Some(Some(date)) if YEARS.contains(&date.year()) => Some(date),
            Some(Some(_)) => {
                let expected = format!("a year from {} to {}", YEARS.start(), YEARS.end());
                self.expected(item, &expected);
                None
            }
            _ => {
                self.expected(item, "a date as YYYY-MM-DD");
                None
            }
        }
    }

    /// One of a set of words.
    pub(super) fn choice(
        &mut self,
        item: &Item<'_>,
        words: &'static [&'static str],
    ) -> Option<&'static str> {
        let found = item.node.written().unwrap_or_default();
        if let Some(word) = words.iter().find(|word| **word == found) {
            return Some(word);
        }
        let expected = match words {
            [only] => format!("`{only}`"),
            words => format!("one of {}", words.join(", ")),
        };
        let message = format!("expected {expected}, found {}", item.node.shown());
        match nearest(found, words.iter().copied()) {
            Some(near) => self.error_with_hint(item, message, format!("did you mean `{near}`?")),
            None => self.error(item, message),
        }
        if let Some(fault) = self.faults.last_mut() {
            fault.expected = Some(expected);
        }
        None
    }
}

/// A boolean, if the value is one in any of its forms.
pub(super) fn as_boolean(item: &Item<'_>) -> Option<bool> {
    match &item.node.value {
        Value::Bool(value) => Some(*value),
        Value::Int(0) => Some(false),
        Value::Int(1) => Some(true),
        Value::Text(text) => match text.to_ascii_lowercase().as_str() {
            "true" | "t" | "yes" | "y" | "on" | "1" => Some(true),
            "false" | "f" | "no" | "n" | "off" | "0" => Some(false),
            _ => None,
        },
        _ => None,
    }
}

/// A number as Python's `float()` reads text.
fn parse_number(text: &str) -> Option<f64> {
    let text = text.trim();
    let is_plain = text.starts_with(|first: char| first.is_ascii_digit() || "+-.".contains(first));
    if !is_plain || text.starts_with('_') || text.ends_with('_') || text.contains("__") {
        return None;
    }
    text.replace('_', "").parse().ok()
}

fn exact(value: f64) -> Option<i128> {
    #[expect(clippy::cast_possible_truncation, reason = "whole and below 2^63")]
    (value.fract() == 0.0 && value.abs() < 9.2e18).then_some(value as i128)
}

fn parse_date(text: &str) -> Option<Date> {
    let (date, time) = text.split_at_checked(10)?;
    let zero_time = time.is_empty()
        || time.starts_with(['T', ' '])
            && time[1..]
                .trim_end_matches('Z')
                .chars()
                .all(|digit| "0:.".contains(digit));
    let digits_and_dashes = date.bytes().enumerate().all(|(at, byte)| match at {
        4 | 7 => byte == b'-',
        _ => byte.is_ascii_digit(),
    });
    if zero_time && digits_and_dashes {
        date.parse().ok()
    } else {
        None
    }
}
