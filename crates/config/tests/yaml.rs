//! YAML documents: values, positions, faults, and any text at all.
#![expect(clippy::unwrap_used, reason = "its helpers fail the test")]

use std::path::Path;

use epycloud_config::yaml::{self, Document, MAX_DEPTH, MAX_NODES, Node, Value};
use proptest::prelude::*;

fn parse(text: &str) -> Document {
    yaml::parse(Path::new("a.yml"), text).unwrap()
}

fn fault(text: &str) -> String {
    yaml::parse(Path::new("a.yml"), text)
        .unwrap_err()
        .to_string()
}

fn at(node: &Node) -> (usize, usize) {
    (node.line, node.column)
}

#[test]
fn every_node_knows_its_place() {
    let document = parse("# comment\nmodel:\n  zürich: 1\n  list:\n    - a\n    - {b: c}\n");
    let (key, model) = document.root.entry("model").unwrap();
    assert_eq!(at(key), (2, 1));
    let (key, value) = model.entry("zürich").unwrap();
    assert_eq!((at(key), at(value)), ((3, 3), (3, 11)));
    let list = model.get("list").unwrap().as_sequence().unwrap();
    assert_eq!(at(&list[0]), (5, 7));
    assert_eq!(at(list[1].get("b").unwrap()), (6, 11));
}

#[test]
fn quoted_and_tagged_text_stays_text() {
    let document =
        parse("a: '1'\nb: \"yes\"\nc: !!str 2\nd: ! 3\ne: |\n  4\nf: !!float 5\ng: !!int '6'");
    let text = |key: &str| document.root.get(key).unwrap().as_str().map(str::to_owned);
    for (key, expected) in [
        ("a", "1"),
        ("b", "yes"),
        ("c", "2"),
        ("d", "3"),
        ("e", "4\n"),
    ] {
        assert_eq!(text(key).as_deref(), Some(expected), "{key}");
    }
    assert_eq!(document.root.get("f").unwrap().value, Value::Float(5.0));
    assert_eq!(document.root.get("g").unwrap().value, Value::Int(6));
    assert_eq!(
        fault("a: !!int x"),
        "a.yml:1:4: `x` is tagged `!!int` but isn't one (remove the tag)"
    );
}

#[test]
fn scalars_are_shown_as_they_are_written() {
    let document = parse("[0x1F, 'it''s', 1e-3, ~, [1, 2], [], {a: b}, NO]");
    let shown: Vec<String> = document
        .root
        .as_sequence()
        .unwrap()
        .iter()
        .map(Node::shown)
        .collect();
    assert_eq!(
        shown,
        [
            "`0x1F`",
            "`it's`",
            "`1e-3`",
            "nothing",
            "a list of 2",
            "an empty list",
            "a mapping",
            "`NO`"
        ]
    );
}

#[test]
fn aliases_stand_for_their_anchors_values() {
    let document =
        parse("base: &base {x: 1, y: 2}\nsame: *base\nmerged:\n  z: 3\n  <<: *base\n  x: 4\n");
    let (_, same) = document.root.entry("same").unwrap();
    assert_eq!(at(same), (2, 7), "an alias is where it is used");
    assert_eq!(same.get("x").unwrap().value, Value::Int(1));
    let merged = document.root.get("merged").unwrap().as_mapping().unwrap();
    let entries: Vec<(&str, &Value)> = merged
        .iter()
        .map(|(key, value)| (key.as_str().unwrap(), &value.value))
        .collect();
    // PyYAML puts merged entries first, and the mapping's own values win.
    assert_eq!(
        entries,
        [
            ("x", &Value::Int(4)),
            ("y", &Value::Int(2)),
            ("z", &Value::Int(3))
        ]
    );
    assert!(fault("a: &a [1]\nb: {<<: *a}").contains("`<<` merges `1`, expected a mapping"));
}

#[test]
fn an_empty_file_is_null_and_bytes_are_kept() {
    for text in ["", "# only a comment\n", "---\n", "--- ~\n...\n"] {
        assert!(parse(text).root.is_null(), "{text}");
    }
    let with_mark = "\u{feff}a: 1 # é\r\n";
    let document = parse(with_mark);
    assert_eq!(document.bytes, with_mark.as_bytes());
    assert_eq!(document.root.get("a").unwrap().value, Value::Int(1));
}

#[test]
fn limits_hold_and_what_is_below_them_is_read() {
    let deep = |levels: usize| "[".repeat(levels) + &"]".repeat(levels);
    assert!(yaml::parse(Path::new("a.yml"), &deep(MAX_DEPTH)).is_ok());
    assert!(fault(&deep(MAX_DEPTH + 1)).contains("nested more than 64 deep"));
    assert!(fault(&deep(100_000)).contains("nested"));
    let block: String = (0..500)
        .map(|level| format!("{}a:\n", " ".repeat(level)))
        .collect();
    assert!(fault(&block).contains("nested more than 64 deep"));

    // An alias counts as deep, and as large, as what it stands for.
    let half = MAX_DEPTH / 2 + 1;
    let text = format!(
        "a: &a {}\nb: {}*a{}",
        deep(half),
        "[".repeat(half),
        "]".repeat(half)
    );
    assert!(fault(&text).contains("nested more than 64 deep"));
    let many = format!("[{}]", "1,".repeat(MAX_NODES));
    assert!(fault(&many).contains("more than 200000 values"));
}

#[test]
fn text_that_is_no_yaml_is_refused_with_its_place() {
    let bytes = |bytes: &[u8]| {
        yaml::parse_bytes(Path::new("a.yml"), bytes.to_vec())
            .unwrap_err()
            .to_string()
    };
    assert_eq!(
        bytes(b"a: 1\nb: \xc3\xa9\xff"),
        "a.yml:2:5: byte `0xff` is not UTF-8 text (save the file as UTF-8)"
    );
    assert_eq!(
        fault("a: 1\n b: \u{1}"),
        "a.yml:2:5: character `U+0001` is not allowed in YAML (remove it)"
    );
    assert_eq!(
        fault("a: 1\n---\nb: 2"),
        "a.yml:2:1: a second document starts here (keep one document in a file: remove the `---`, \
         or move it to its own file)"
    );
    assert!(fault("a: &x [*x]").contains("refers to the value that it is part of"));
    assert!(fault("? [a]\n: b").contains("is used as a key"));
    assert!(fault("a: !!binary aGk=").contains("tag `!!binary` is not supported"));
    assert!(fault("1: a\n'1': b").contains("given twice"));
}

/// A document as text, and the values it has.
fn document() -> impl Strategy<Value = (String, Plain)> {
    let leaf = prop_oneof![
        any::<i64>().prop_map(Plain::Int),
        any::<bool>().prop_map(Plain::Bool),
        "[a-z \"'\\\\:#é{}-]{0,12}".prop_map(Plain::Text),
    ];
    leaf.prop_recursive(4, 40, 5, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..5).prop_map(Plain::List),
            proptest::collection::btree_map("[a-z:# ]{1,6}", inner, 0..5).prop_map(Plain::Map),
        ]
    })
    .prop_map(|plain| (plain.flow(), plain))
}

#[derive(Debug, Clone, PartialEq)]
enum Plain {
    Int(i64),
    Bool(bool),
    Text(String),
    List(Vec<Plain>),
    Map(std::collections::BTreeMap<String, Plain>),
}

impl Plain {
    /// In YAML's flow style, texts double-quoted.
    fn flow(&self) -> String {
        let quoted =
            |text: &str| format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""));
        match self {
            Self::Int(number) => number.to_string(),
            Self::Bool(value) => value.to_string(),
            Self::Text(text) => quoted(text),
            Self::List(elements) => {
                let elements: Vec<String> = elements.iter().map(Self::flow).collect();
                format!("[{}]", elements.join(", "))
            }
            Self::Map(entries) => {
                let entries: Vec<String> = entries
                    .iter()
                    .map(|(key, value)| format!("{}: {}", quoted(key), value.flow()))
                    .collect();
                format!("{{{}}}", entries.join(", "))
            }
        }
    }

    fn of(node: &Node) -> Self {
        match &node.value {
            Value::Int(number) => Self::Int(*number),
            Value::Bool(value) => Self::Bool(*value),
            Value::Sequence(elements) => Self::List(elements.iter().map(Self::of).collect()),
            Value::Mapping(entries) => Self::Map(
                entries
                    .iter()
                    .map(|(key, value)| (key.as_str().unwrap().to_owned(), Self::of(value)))
                    .collect(),
            ),
            _ => Self::Text(node.as_str().unwrap().to_owned()),
        }
    }
}

proptest! {
    #[test]
    fn what_is_written_is_read_again((text, plain) in document()) {
        prop_assert_eq!(Plain::of(&parse(&text).root), plain);
    }

    #[test]
    fn no_bytes_make_the_parser_panic(bytes in any::<Vec<u8>>()) {
        let _ = yaml::parse_bytes(Path::new("a.yml"), bytes);
    }

    #[test]
    fn no_text_makes_the_parser_panic(
        text in proptest::collection::vec(
            prop_oneof![
                any::<String>(),
                proptest::sample::select(vec![
                    "a", "key: ", "- ", "\n", "  ", "\t", "[", "]", "{", "}", ",", ": ", "? ", "&x ", "*x",
                    "!!str ", "!t ", "'", "\"", "|\n", ">-\n", "---\n", "...\n", "#", "<<: ", "%YAML 1.2\n",
                    "1", "~", "\\", "\u{feff}", "\r\n",
                ]).prop_map(str::to_owned),
            ],
            0..40,
        ),
    ) {
        let text = text.concat();
        if let Err(fault) = yaml::parse(Path::new("a.yml"), &text) {
            prop_assert!(fault.line > 0 && fault.column > 0 && !fault.message.is_empty(), "{fault}");
        }
    }
}
