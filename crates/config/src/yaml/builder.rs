//! From the parser's events to nodes, within limits.

use std::collections::BTreeMap;

use saphyr_parser::{Event, Parser, ScalarStyle, Span, Tag};

use super::node::{Node, Value};
use super::syntax::{Source, position};
use super::{MAX_DEPTH, MAX_NODES, scalar};
use crate::Fault;

/// Builds the only document of a text.
pub(super) fn build(source: &Source<'_>, text: &str) -> Result<Node, Fault> {
    let mut builder = Builder {
        source,
        open: Vec::new(),
        anchors: BTreeMap::new(),
        n_nodes: 0,
        root: None,
        n_documents: 0,
    };
    for event in Parser::new_from_str(text) {
        let (event, span) = event.map_err(|error| source.scan_fault(&error))?;
        builder.take(event, span)?;
    }
    Ok(builder.root.unwrap_or_else(|| Node::new(Value::Null, 1, 1)))
}

/// A list or mapping whose end hasn't been seen.
struct Open {
    at: (usize, usize),
    anchor: usize,
    is_mapping: bool,
    /// Elements, or keys and values in turn.
    nodes: Vec<Node>,
}

/// A finished node that aliases can stand for.
struct Anchored {
    node: Node,
    n_nodes: usize,
    depth: usize,
}

struct Builder<'a> {
    source: &'a Source<'a>,
    open: Vec<Open>,
    anchors: BTreeMap<usize, Anchored>,
    n_nodes: usize,
    root: Option<Node>,
    n_documents: usize,
}

impl Builder<'_> {
    fn take(&mut self, event: Event<'_>, span: Span) -> Result<(), Fault> {
        let at = position(&span.start);
        match event {
            Event::DocumentStart(_) => {
                self.n_documents += 1;
                if self.n_documents > 1 {
                    return Err(self.source.fault(
                        at,
                        "",
                        "a second document starts here",
                        "keep one document in a file: remove the `---`, or move it to its own file",
                    ));
                }
            }
            Event::Scalar(text, style, anchor, tag) => {
                let node = self.scalar(at, &text, style, tag.as_deref())?;
                self.finish(node, anchor)?;
            }
            Event::SequenceStart(anchor, tag) => self.start(at, anchor, tag.as_deref(), false)?,
            Event::MappingStart(anchor, tag) => self.start(at, anchor, tag.as_deref(), true)?,
            Event::SequenceEnd | Event::MappingEnd => self.end()?,
            Event::Alias(anchor) => self.alias(at, anchor)?,
            Event::Nothing | Event::StreamStart | Event::StreamEnd | Event::DocumentEnd => {}
        }
        Ok(())
    }

    fn start(
        &mut self,
        at: (usize, usize),
        anchor: usize,
        tag: Option<&Tag>,
        is_mapping: bool,
    ) -> Result<(), Fault> {
        match tag.filter(|tag| !is_non_specific(tag)).map(core_name) {
            None => {}
            Some(Some("seq")) if !is_mapping => {}
            Some(Some("map")) if is_mapping => {}
            Some(_) => return Err(self.unknown_tag(at, tag)),
        }
        self.check_depth(at, self.open.len() + 1)?;
        self.open.push(Open {
            at,
            anchor,
            is_mapping,
            nodes: Vec::new(),
        });
        Ok(())
    }

    fn end(&mut self) -> Result<(), Fault> {
        let Some(open) = self.open.pop() else {
            return Ok(());
        };
        let value = if open.is_mapping {
            Value::Mapping(self.mapping(open.nodes)?)
        } else {
            Value::Sequence(open.nodes)
        };
        self.finish(Node::new(value, open.at.0, open.at.1), open.anchor)
    }

    /// Pairs keys with values, applies `<<` merges, and refuses duplicates.
    fn mapping(&self, nodes: Vec<Node>) -> Result<Vec<(Node, Node)>, Fault> {
        let mut own: Vec<(Node, Node)> = Vec::with_capacity(nodes.len() / 2);
        let mut merged: Vec<(Node, Node)> = Vec::new();
        let mut lines: BTreeMap<String, usize> = BTreeMap::new();
        let mut nodes = nodes.into_iter();
        while let (Some(key), Some(value)) = (nodes.next(), nodes.next()) {
            let Some(name) = key.written().map(ToOwned::to_owned) else {
                return Err(self.source.fault(
                    (key.line, key.column),
                    "",
                    format!("{} is used as a key", key.shown()),
                    "a key is text; quote it if it starts with `[` or `{`",
                ));
            };
            if let Some(first) = lines.insert(name.clone(), key.line) {
                return Err(self.source.fault(
                    (key.line, key.column),
                    self.path_of(&name),
                    format!("key {} is given twice", key.shown()),
                    format!("the first is on line {first}; remove or rename one"),
                ));
            }
            if name == "<<" && key.written.is_some() {
                self.merge(&key, value, &mut merged)?;
            } else {
                own.push((key, value));
            }
        }
        Ok(overlay(merged, own))
    }

    /// Collects the entries that `<<` brings in; the first of a list wins.
    fn merge(&self, key: &Node, value: Node, merged: &mut Vec<(Node, Node)>) -> Result<(), Fault> {
        let sources = match value.value {
            Value::Sequence(elements) => elements,
            _ => vec![value],
        };
        for source in sources {
            let Value::Mapping(entries) = source.value else {
                return Err(self.source.fault(
                    (key.line, key.column),
                    self.path_of("<<"),
                    format!("`<<` merges {}, expected a mapping", source.shown()),
                    "refer to a mapping that has an anchor: `<<: *name`",
                ));
            };
            for entry in entries {
                if !merged
                    .iter()
                    .any(|(name, _)| name.written() == entry.0.written())
                {
                    merged.push(entry);
                }
            }
        }
        Ok(())
    }

    fn alias(&mut self, at: (usize, usize), anchor: usize) -> Result<(), Fault> {
        let Some(anchored) = self.anchors.get(&anchor) else {
            return Err(self.source.fault(
                at,
                "",
                "an alias refers to the value that it is part of",
                "repeat the value instead",
            ));
        };
        let (n_nodes, depth) = (anchored.n_nodes, anchored.depth);
        self.check_depth(at, self.open.len() + depth)?;
        self.count(at, n_nodes)?;
        let mut node = self.anchors[&anchor].node.clone();
        (node.line, node.column) = at;
        self.place(node);
        Ok(())
    }

    fn finish(&mut self, node: Node, anchor: usize) -> Result<(), Fault> {
        self.count((node.line, node.column), 1)?;
        if anchor > 0 {
            let (n_nodes, depth) = size(&node);
            self.anchors.insert(
                anchor,
                Anchored {
                    node: node.clone(),
                    n_nodes,
                    depth,
                },
            );
        }
        self.place(node);
        Ok(())
    }

    fn place(&mut self, node: Node) {
        match self.open.last_mut() {
            Some(open) => open.nodes.push(node),
            None => self.root = Some(node),
        }
    }

    fn count(&mut self, at: (usize, usize), added: usize) -> Result<(), Fault> {
        self.n_nodes += added;
        if self.n_nodes <= MAX_NODES {
            return Ok(());
        }
        let message = format!("the document has more than {MAX_NODES} values");
        Err(self
            .source
            .fault(at, "", message, "aliases count each time they are used"))
    }

    fn check_depth(&self, at: (usize, usize), depth: usize) -> Result<(), Fault> {
        if depth <= MAX_DEPTH {
            return Ok(());
        }
        let message = format!("lists and mappings are nested more than {MAX_DEPTH} deep");
        Err(self.source.fault(at, "", message, ""))
    }

    fn scalar(
        &self,
        at: (usize, usize),
        text: &str,
        style: ScalarStyle,
        tag: Option<&Tag>,
    ) -> Result<Node, Fault> {
        let plain = style == ScalarStyle::Plain;
        let value = match tag.map(|tag| (is_non_specific(tag), core_name(tag))) {
            None if plain => scalar::resolve(text),
            None | Some((true, _) | (_, Some("str" | "timestamp"))) => Value::Text(text.to_owned()),
            Some((_, Some(name @ ("int" | "float" | "bool" | "null")))) => tagged(name, text)
                .ok_or_else(|| {
                    self.source.fault(
                        at,
                        "",
                        format!("`{text}` is tagged `!!{name}` but isn't one"),
                        "remove the tag",
                    )
                })?,
            Some(_) => return Err(self.unknown_tag(at, tag)),
        };
        let is_text = matches!(value, Value::Text(_));
        let mut node = Node::new(value, at.0, at.1);
        node.written = (plain || !is_text).then(|| text.into());
        Ok(node)
    }

    fn unknown_tag(&self, at: (usize, usize), tag: Option<&Tag>) -> Fault {
        let shown = tag.map_or_else(String::new, |tag| match core_name(tag) {
            Some(name) => format!("!!{name}"),
            None => format!("{}{}", tag.handle, tag.suffix),
        });
        self.source.fault(
            at,
            "",
            format!("tag `{shown}` is not supported here"),
            "remove it; plain values, lists and mappings need no tag",
        )
    }

    /// Path of a key in the innermost open mapping, as far as the open mappings tell.
    fn path_of(&self, key: &str) -> String {
        let mut path = String::new();
        for open in &self.open {
            if open.is_mapping {
                if let Some(name) = open.nodes.last().and_then(Node::written) {
                    if !path.is_empty() {
                        path.push('.');
                    }
                    path.push_str(name);
                }
            } else {
                path.push_str(&format!("[{}]", open.nodes.len()));
            }
        }
        if !path.is_empty() {
            path.push('.');
        }
        path + key
    }
}

/// Own entries win over merged ones, which come first, as in PyYAML.
fn overlay(merged: Vec<(Node, Node)>, own: Vec<(Node, Node)>) -> Vec<(Node, Node)> {
    if merged.is_empty() {
        return own;
    }
    let mut entries = merged;
    for (key, value) in own {
        match entries
            .iter_mut()
            .find(|(name, _)| name.written() == key.written())
        {
            Some(entry) => *entry = (key, value),
            None => entries.push((key, value)),
        }
    }
    entries
}

/// Number of nodes and levels of lists and mappings.
fn size(node: &Node) -> (usize, usize) {
    let (n_nodes, depth) = match &node.value {
        Value::Sequence(elements) => elements.iter().map(size).fold((0, 0), add),
        Value::Mapping(entries) => entries
            .iter()
            .flat_map(|(key, value)| [size(key), size(value)])
            .fold((0, 0), add),
        _ => return (1, 0),
    };
    (n_nodes + 1, depth + 1)
}

fn add(left: (usize, usize), right: (usize, usize)) -> (usize, usize) {
    (left.0 + right.0, left.1.max(right.1))
}

/// Name of one of YAML's own tags.
fn core_name(tag: &Tag) -> Option<&str> {
    if tag.handle.is_empty() {
        return tag.suffix.strip_prefix("tag:yaml.org,2002:");
    }
    tag.is_yaml_core_schema().then_some(tag.suffix.as_str())
}

/// Whether it is the lone `!`, which makes any scalar text.
fn is_non_specific(tag: &Tag) -> bool {
    tag.handle.is_empty() && tag.suffix == "!" || tag.handle == "!" && tag.suffix.is_empty()
}

/// The value of a scalar with an explicit tag.
fn tagged(name: &str, text: &str) -> Option<Value> {
    match (name, scalar::resolve(text)) {
        ("int", value @ Value::Int(_))
        | ("float", value @ Value::Float(_))
        | ("bool", value @ Value::Bool(_)) => Some(value),
        ("float", Value::Int(_)) => text.parse().ok().map(Value::Float),
        ("null", _) => Some(Value::Null),
        _ => None,
    }
}
