//! A document being read and the faults found so far.

use epycloud_config::yaml::{Document, Node};
use epycloud_config::{Fault, Severity, SuiteBehaviour};

use crate::limits::Limit;

/// A document being read.
pub(super) struct Reader<'d> {
    document: &'d Document,
    pub(super) faults: Vec<Fault>,
    /// Whose defaults hold where a value is left out.
    pub(super) suite_behaviour: SuiteBehaviour,
}

/// A node and its path in the document.
#[derive(Debug, Clone)]
pub(super) struct Item<'d> {
    pub(super) node: &'d Node,
    pub(super) path: String,
}

impl<'d> Item<'d> {
    /// The value of a key of this mapping.
    pub(super) fn child(&self, key: &str, node: &'d Node) -> Self {
        let path = if self.path.is_empty() {
            key.to_owned()
        } else {
            format!("{}.{key}", self.path)
        };
        Self { node, path }
    }

    fn element(&self, index: usize, node: &'d Node) -> Self {
        Self {
            node,
            path: format!("{}[{index}]", self.path),
        }
    }
}

impl<'d> Reader<'d> {
    pub(super) fn new(document: &'d Document) -> Self {
        Self {
            document,
            faults: Vec::new(),
            suite_behaviour: SuiteBehaviour::Latest,
        }
    }

    pub(super) fn root(&self) -> Item<'d> {
        Item {
            node: &self.document.root,
            path: String::new(),
        }
    }

    pub(super) fn error(&mut self, at: &Item<'_>, message: impl Into<String>) {
        self.faults
            .push(self.document.fault(at.node, &at.path, message, None));
    }

    pub(super) fn error_with_hint(
        &mut self,
        at: &Item<'_>,
        message: impl Into<String>,
        hint: impl Into<String>,
    ) {
        self.faults.push(
            self.document
                .fault(at.node, &at.path, message, Some(hint.into())),
        );
    }

    pub(super) fn warn(&mut self, at: &Item<'_>, message: impl Into<String>, hint: Option<String>) {
        let fault = self.document.fault(at.node, &at.path, message, hint);
        self.faults.push(Fault {
            severity: Severity::Warning,
            ..fault
        });
    }

    /// That the last fault isn't wrong, only more than the native engine can do.
    pub(super) fn last_is_beyond(&mut self, limit: Limit) {
        if let Some(fault) = self.faults.last_mut() {
            fault.limit = Some(limit.name());
        }
    }

    /// An error about the kind of a value.
    pub(super) fn expected(&mut self, at: &Item<'_>, expected: &str) {
        let message = format!("expected {expected}, found {}", at.node.shown());
        let fault = self.document.fault(at.node, &at.path, message, None);
        self.faults.push(Fault {
            expected: Some(expected.to_owned()),
            ..fault
        });
    }

    /// Something that isn't wrong, and that the native engine can't do.
    pub(super) fn beyond(&mut self, at: &Item<'_>, limit: Limit, message: impl Into<String>) {
        let hint = Some(limit.instead().to_owned());
        let fault = self.document.fault(at.node, &at.path, message, hint);
        self.faults.push(Fault {
            limit: Some(limit.name()),
            ..fault
        });
    }

    /// The elements of a list.
    pub(super) fn elements(&mut self, item: &Item<'d>, expected: &str) -> Option<Vec<Item<'d>>> {
        let Some(elements) = item.node.as_sequence() else {
            self.expected(item, expected);
            return None;
        };
        Some(
            elements
                .iter()
                .enumerate()
                .map(|(at, node)| item.element(at, node))
                .collect(),
        )
    }
}
