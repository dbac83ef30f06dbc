//! JSON as YAML in blocks, the members in the order of their names.

use serde_json::Value;

/// The lines of a value that stands below a name or a dash, each with this indentation.
pub(super) fn block(value: &Value, indentation: usize) -> String {
    let margin = " ".repeat(indentation);
    let lines: Vec<String> = match value {
        Value::Object(members) => members
            .iter()
            .map(|(name, member)| {
                format!("{margin}{}:{}", scalar(name), after(member, indentation))
            })
            .collect(),
        Value::Array(items) => items
            .iter()
            .map(|item| format!("{margin}-{}", item_after(item, indentation)))
            .collect(),
        single => vec![format!("{margin}{}", text_of(single))],
    };
    lines.join("\n")
}

fn is_block(value: &Value) -> bool {
    match value {
        Value::Object(members) => !members.is_empty(),
        Value::Array(items) => !items.is_empty(),
        _ => false,
    }
}

/// What follows a name's colon.
fn after(value: &Value, indentation: usize) -> String {
    if is_block(value) {
        format!("\n{}", block(value, indentation + 2))
    } else {
        format!(" {}", text_of(value))
    }
}

/// What follows a dash: a block begins in its line.
fn item_after(value: &Value, indentation: usize) -> String {
    if is_block(value) {
        format!(" {}", block(value, indentation + 2).trim_start())
    } else {
        format!(" {}", text_of(value))
    }
}

fn text_of(value: &Value) -> String {
    match value {
        Value::String(text) => scalar(text),
        Value::Object(_) => "{}".into(),
        Value::Array(_) => "[]".into(),
        number => number.to_string(),
    }
}

/// A text, in quotes where it would be read as something else without.
fn scalar(text: &str) -> String {
    let is_word = |c: char| c.is_ascii_alphanumeric() || "/._-".contains(c);
    let is_plain = text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '/')
        && text.chars().all(is_word)
        && !["true", "false", "null", "yes", "no", "on", "off"].contains(&text);
    let is_expression = text.starts_with("${") && !text.contains(": ") && !text.contains(" #");
    if is_plain || is_expression {
        text.to_owned()
    } else {
        format!("'{}'", text.replace('\'', "''"))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn blocks_are_read_back_as_what_they_were() {
        let value = json!({
            "a-b": [{"c": 1, "d": {}}, "yes", [], ["x", "${y + \" z\"}"]],
            "e": {"f": "it's \"exit\": \\s*", "g": null, "h": "", "i": "12s", "j": 2.5},
        });
        let text = block(&value, 4);
        let read: Value = serde_saphyr::from_str(&text).unwrap();
        assert_eq!(read, value, "{text}");
    }
}
