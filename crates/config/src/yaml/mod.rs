//! YAML documents whose every node knows its line and column.
//!
//! Scalars get the type that PyYAML's `safe_load` gives them (the suite reads its experiments with
//! it): YAML 1.1 numbers and booleans, `yes`/`no`/`on`/`off` included. Unquoted dates stay text,
//! which the suite's schema reads as dates all the same. Stricter than PyYAML where it guesses:
//! duplicate keys, several documents in one file and unknown tags are faults.
//!
//! ```
//! use std::path::Path;
//! use epycloud_config::yaml;
//!
//! let document = yaml::parse(Path::new("basemodel.yml"), "model:\n  name: flu\n")?;
//! let (key, name) = document.root.get("model").and_then(|model| model.entry("name")).unwrap();
//! assert_eq!((key.line, key.column), (2, 3));
//! assert_eq!(name.as_str(), Some("flu"));
//!
//! let fault = yaml::parse(Path::new("basemodel.yml"), "a: 1\na: 2\n").unwrap_err();
//! assert_eq!(
//!     fault.to_string(),
//!     "basemodel.yml:2:1: a: key `a` is given twice (the first is on line 1; remove or rename one)"
//! );
//! # Ok::<(), epycloud_config::Fault>(())
//! ```

mod builder;
mod node;
mod scalar;
mod syntax;

use std::path::{Path, PathBuf};

use crate::{Fault, Severity};

pub use node::{Node, Value};

/// Largest file that is read, in bytes; an experiment's files have a few thousand.
pub const MAX_BYTES: usize = 4 << 20;
/// Deepest nesting of lists and mappings.
pub const MAX_DEPTH: usize = 64;
/// Most nodes in a document, counted after aliases are expanded.
pub const MAX_NODES: usize = 200_000;

/// A parsed YAML file.
#[derive(Debug, Clone, PartialEq)]
pub struct Document {
    /// The file, as faults name it.
    pub file: PathBuf,
    /// The file's content, byte for byte.
    pub bytes: Vec<u8>,
    /// The document; null for an empty file.
    pub root: Node,
}

impl Document {
    /// An error at a node; `path` is the node's path in the document (`model.name`).
    #[must_use]
    pub fn fault(
        &self,
        node: &Node,
        path: impl Into<String>,
        message: impl Into<String>,
        hint: Option<String>,
    ) -> Fault {
        Fault {
            severity: Severity::Error,
            file: self.file.clone(),
            line: node.line,
            column: node.column,
            path: path.into(),
            message: message.into(),
            hint,
            value: Some(node.shown()),
            expected: None,
            limit: None,
        }
    }
}

/// Parses YAML text; `file` is what faults name.
///
/// # Errors
/// The first fault of the text: its syntax, a duplicate key, an unknown tag, an alias without its
/// anchor, a second document, or one of the limits of this module.
pub fn parse(file: &Path, text: &str) -> Result<Document, Fault> {
    parse_bytes(file, text.as_bytes().to_vec())
}

/// Parses a file's content, which must be UTF-8.
///
/// # Errors
/// As [`parse`], and for bytes that aren't UTF-8 text.
pub fn parse_bytes(file: &Path, bytes: Vec<u8>) -> Result<Document, Fault> {
    let source = syntax::Source { file };
    let root = builder::build(&source, source.text(&bytes)?)?;
    Ok(Document {
        file: file.to_owned(),
        bytes,
        root,
    })
}
