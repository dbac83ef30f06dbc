//! Values and sections as YAML text, for `config show` and `config set`.

use std::path::Path;

use super::key::{Key, KeyKind};
use crate::settings::boolean;
use crate::yaml::{self, Value};

/// What stands in for a secret.
const MASK: &str = "********";

/// A value as YAML text of its key's type; text that YAML would take for something else is quoted.
pub(crate) fn scalar(key: &Key, text: &str, quote: bool) -> String {
    match key.kind {
        KeyKind::Number => text
            .trim()
            .parse::<u64>()
            .map_or_else(|_| quoted(text), |number| number.to_string()),
        KeyKind::Boolean => boolean(text).map_or_else(|_| quoted(text), |truth| truth.to_string()),
        KeyKind::Text | KeyKind::Secret if quote || !is_plain(text) => quoted(text),
        KeyKind::Text | KeyKind::Secret => text.to_owned(),
    }
}

/// Whether YAML reads the text, unquoted, as that same text.
fn is_plain(text: &str) -> bool {
    let document = yaml::parse(Path::new(""), &format!("key: {text}\n"));
    let Ok(document) = document else { return false };
    document.root.get("key").map(|node| &node.value) == Some(&Value::Text(text.to_owned()))
}

fn quoted(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len() + 2);
    quoted.push('"');
    for character in text.chars() {
        match character {
            '"' | '\\' => quoted.extend(['\\', character]),
            '\n' => quoted.push_str("\\n"),
            '\t' => quoted.push_str("\\t"),
            control if control.is_control() => {
                quoted.push_str(&format!("\\u{:04X}", u32::from(control)));
            }
            character => quoted.push(character),
        }
    }
    quoted.push('"');
    quoted
}

/// A line of a document: a key, its text (`None` for nothing), and what is said behind it.
pub(crate) struct Line<'a> {
    pub(crate) key: &'static Key,
    pub(crate) text: Option<&'a str>,
    pub(crate) remark: Option<String>,
}

/// Keys as a YAML document with sections, secrets masked. The lines are in the order of the table of
/// keys, in which sections stand together.
pub(crate) fn document(lines: &[Line<'_>]) -> String {
    let mut text = String::new();
    let mut open: Vec<&str> = Vec::new();
    let rows: Vec<(String, Option<&str>)> = lines
        .iter()
        .flat_map(|line| rows(line, &mut open))
        .collect();
    let width = rows
        .iter()
        .filter(|(_, remark)| remark.is_some())
        .map(|(row, _)| row.chars().count())
        .max()
        .unwrap_or_default();
    for (row, remark) in rows {
        match remark {
            Some(remark) => text.push_str(&format!("{row:width$}  # {remark}\n")),
            None => text.push_str(&format!("{row}\n")),
        }
    }
    text
}

/// The rows of a line: the sections that it opens, and itself.
fn rows<'a>(line: &'a Line<'_>, open: &mut Vec<&'static str>) -> Vec<(String, Option<&'a str>)> {
    let mut parts: Vec<&str> = line.key.name.split('.').collect();
    let name = parts.pop().unwrap_or_default();
    let same = open
        .iter()
        .zip(&parts)
        .take_while(|(one, other)| one == other)
        .count();
    let mut rows: Vec<_> = (same..parts.len())
        .map(|depth| (format!("{}{}:", "  ".repeat(depth), parts[depth]), None))
        .collect();
    let value = match line.text {
        Some(text) if line.key.is_secret() && !text.is_empty() => quoted(MASK),
        Some(text) => scalar(line.key, text, false),
        None => "null".to_owned(),
    };
    let row = format!("{}{name}: {value}", "  ".repeat(parts.len()));
    rows.push((row, line.remark.as_deref()));
    *open = parts;
    rows
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(name: &str, text: &str) -> String {
        scalar(Key::find(name).unwrap(), text, false)
    }

    #[test]
    fn a_value_keeps_the_type_of_its_key() {
        assert_eq!(of("google_cloud.batch.max_parallelism", "050"), "50");
        assert_eq!(of("logging.storage_verbose", "Yes"), "true");
        assert_eq!(of("docker.image_tag", "v1.0.0"), "v1.0.0");
        assert_eq!(of("docker.image_tag", "1.10"), "\"1.10\"");
        assert_eq!(of("docker.image_tag", "yes"), "\"yes\"");
        assert_eq!(of("github.forecast_repo_ref", ""), "\"\"");
        assert_eq!(of("storage.dir_prefix", "{profile}/x"), "\"{profile}/x\"");
        assert_eq!(of("engine.data_tables", "a: \"b\" #c"), r#""a: \"b\" #c""#);
    }

    #[test]
    fn sections_are_opened_once_and_secrets_masked() {
        let line = |name, text, remark: Option<&str>| Line {
            key: Key::find(name).unwrap(),
            text: Some(text),
            remark: remark.map(str::to_owned),
        };
        let text = document(&[
            line("google_cloud.region", "us-central1", Some("default")),
            line("google_cloud.batch.max_parallelism", "5", None),
            line("google_cloud.batch.stage_a.cpu_milli", "1", None),
            line(
                "github.personal_access_token",
                "ghp_x",
                Some("secrets.yaml:2"),
            ),
        ]);
        insta::assert_snapshot!(text, @r#"
        google_cloud:
          region: us-central1                # default
          batch:
            max_parallelism: 5
            stage_a:
              cpu_milli: 1
        github:
          personal_access_token: "********"  # secrets.yaml:2
        "#);
    }
}
