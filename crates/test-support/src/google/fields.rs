//! Partial answers: the parameter `fields`, such as `a,b/c,d(e,f)`.
//!
//! Source: <https://cloud.google.com/storage/docs/json_api#partial-response>

use serde_json::{Map, Value};

/// Of an answer, what was asked for; all if nothing was said.
pub(super) fn asked(fields: Option<&str>, body: Value) -> Value {
    match fields {
        Some(fields) => chosen(&body, fields),
        None => body,
    }
}

fn chosen(value: &Value, fields: &str) -> Value {
    match value {
        Value::Array(items) => items.iter().map(|item| chosen(item, fields)).collect(),
        Value::Object(members) => {
            let kept = parts(fields).into_iter().filter_map(|part| {
                let (name, below) = split(part);
                let member = members.get(name)?;
                let member = below.map_or_else(|| member.clone(), |below| chosen(member, below));
                Some((name.to_owned(), member))
            });
            Value::Object(kept.collect::<Map<_, _>>())
        }
        single => single.clone(),
    }
}

/// The parts between commas that are in no parentheses.
fn parts(fields: &str) -> Vec<&str> {
    let mut parts = Vec::new();
    let (mut depth, mut start) = (0, 0);
    for (at, character) in fields.char_indices() {
        match character {
            '(' => depth += 1,
            ')' => depth -= 1,
            ',' if depth == 0 => {
                parts.push(&fields[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    parts.push(&fields[start..]);
    parts
}

/// A name, and what is asked for below it.
fn split(part: &str) -> (&str, Option<&str>) {
    match part.find(['/', '(']) {
        Some(at) if part[at..].starts_with('/') => (&part[..at], Some(&part[at + 1..])),
        Some(at) => (&part[..at], Some(part[at + 1..].trim_end_matches(')'))),
        None => (part, None),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_answer_has_what_was_asked_for() {
        let body = json!({"a": 1, "b": [{"c": {"d": 2, "e": 3}, "f": 4}, {"f": 5}], "g": 6});
        for (fields, expected) in [
            ("a", json!({"a": 1})),
            ("b/f,x", json!({"b": [{"f": 4}, {"f": 5}]})),
            (
                "g,b(f,c/e)",
                json!({"g": 6, "b": [{"c": {"e": 3}, "f": 4}, {"f": 5}]}),
            ),
        ] {
            assert_eq!(asked(Some(fields), body.clone()), expected, "{fields}");
        }
        assert_eq!(asked(None, body.clone()), body);
    }
}
