//! The filter language that Batch, Workflows and Cloud Logging share, as far as it is used.

use std::cmp::Ordering;

use regex::Regex;
use serde_json::Value;

const SEVERITIES: [&str; 9] = [
    "DEFAULT",
    "DEBUG",
    "INFO",
    "NOTICE",
    "WARNING",
    "ERROR",
    "CRITICAL",
    "ALERT",
    "EMERGENCY",
];

/// Whether a filter leaves an item. What isn't understood is refused, as the services do.
pub(super) fn leaves(filter: &str, item: &Value) -> Result<bool, String> {
    let mut parser = Parser { rest: filter, item };
    let found = parser.any()?;
    if parser.rest.trim().is_empty() {
        Ok(found)
    } else {
        Err(format!("unparsable: {}", parser.rest))
    }
}

struct Parser<'a> {
    rest: &'a str,
    item: &'a Value,
}

impl<'a> Parser<'a> {
    fn take(&mut self, word: &str) -> bool {
        let rest = self.rest.trim_start();
        match rest.strip_prefix(word) {
            Some(after) => {
                self.rest = after;
                true
            }
            None => false,
        }
    }

    fn any(&mut self) -> Result<bool, String> {
        let mut found = self.all()?;
        while self.take("OR ") {
            found |= self.all()?;
        }
        Ok(found)
    }

    fn all(&mut self) -> Result<bool, String> {
        let mut found = self.one()?;
        while self.take("AND ") {
            found &= self.one()?;
        }
        Ok(found)
    }

    fn one(&mut self) -> Result<bool, String> {
        if self.take("NOT ") {
            return Ok(!self.one()?);
        }
        if self.take("(") {
            let found = self.any()?;
            return if self.take(")") {
                Ok(found)
            } else {
                Err("a parenthesis isn't closed".into())
            };
        }
        self.comparison()
    }

    fn comparison(&mut self) -> Result<bool, String> {
        let path = self.path()?;
        let operators = ["=~", ">=", "<=", "=", ">", "<", ":"];
        let operator = operators
            .into_iter()
            .find(|operator| self.take(operator))
            .ok_or_else(|| format!("no operator: {}", self.rest))?;
        let expected = self.value()?;
        let found = path
            .iter()
            .fold(self.item, |item, name| &item[name.as_str()]);
        compare(&path, found, operator, &expected)
    }

    /// `labels.stage`, or `labels."with.dots"`.
    fn path(&mut self) -> Result<Vec<String>, String> {
        let mut path = Vec::new();
        loop {
            path.push(if self.rest.trim_start().starts_with('"') {
                self.quoted()?
            } else {
                self.word(|c| c.is_ascii_alphanumeric() || c == '_' || c == '-')?
            });
            if !self.take(".") {
                return Ok(path);
            }
        }
    }

    fn value(&mut self) -> Result<String, String> {
        if self.rest.trim_start().starts_with('"') {
            self.quoted()
        } else {
            self.word(|c| c.is_ascii_alphanumeric() || "_-*".contains(c))
        }
    }

    fn word(&mut self, belongs: impl Fn(char) -> bool) -> Result<String, String> {
        let rest: &'a str = self.rest.trim_start();
        let end = rest.find(|c| !belongs(c)).unwrap_or(rest.len());
        if end == 0 {
            return Err(format!("a word is missing: {rest}"));
        }
        self.rest = &rest[end..];
        Ok(rest[..end].to_owned())
    }

    fn quoted(&mut self) -> Result<String, String> {
        let rest: &'a str = self.rest.trim_start();
        let mut text = String::new();
        let mut characters = rest.char_indices().skip(1);
        while let Some((at, character)) = characters.next() {
            match character {
                '"' => {
                    self.rest = &rest[at + 1..];
                    return Ok(text);
                }
                '\\' => text.extend(characters.next().map(|(_, escaped)| escaped)),
                _ => text.push(character),
            }
        }
        Err("a quotation mark isn't closed".into())
    }
}

fn compare(path: &[String], found: &Value, operator: &str, expected: &str) -> Result<bool, String> {
    let text = match found {
        Value::Null => return Ok(false),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    let order = if path == ["severity"] {
        rank(&text).cmp(&rank(expected))
    } else {
        text.as_str().cmp(expected)
    };
    Ok(match operator {
        "=" => order == Ordering::Equal,
        ">" => order == Ordering::Greater,
        ">=" => order != Ordering::Less,
        "<" => order == Ordering::Less,
        "<=" => order != Ordering::Greater,
        ":" => expected == "*" || text.contains(expected),
        _ => Regex::new(expected)
            .map_err(|error| error.to_string())?
            .is_match(&text),
    })
}

fn rank(severity: &str) -> Option<usize> {
    SEVERITIES.iter().position(|known| *known == severity)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn filters_are_read_as_the_services_read_them() {
        let item = json!({
            "severity": "ERROR", "labels": {"a": "1", "x/y.z": "2", "id": "task/u-group0-4/0/0"},
            "jsonPayload": {"n": 7}
        });
        for (filter, expected) in [
            ("labels.a=\"1\"", true),
            ("labels.\"x/y.z\"=\"2\" AND severity>=WARNING", true),
            ("severity>=CRITICAL", false),
            ("labels.id=~\"-group0-4/\"", true),
            (
                "(jsonPayload.n=7 OR labels.a=\"2\") AND NOT labels.b:*",
                true,
            ),
            ("labels.a=\"2\" OR labels.b=\"1\"", false),
        ] {
            assert_eq!(leaves(filter, &item), Ok(expected), "{filter}");
        }
        for filter in [
            "labels.a=\"1",
            "labels.a",
            "(labels.a=\"1\"",
            "labels.a=\"1\" XOR",
        ] {
            assert!(leaves(filter, &item).is_err(), "{filter}");
        }
    }
}
