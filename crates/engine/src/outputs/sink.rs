//! Where the bytes of output files go.

use std::collections::BTreeMap;
use std::error::Error;

/// Receives output files as ordered chunks.
///
/// Chunks of different files may alternate; those of one file come in order, and the file is
/// whole once [`OutputWriter::finish`](super::OutputWriter::finish) has returned. If anything
/// fails before that, nothing of what was written is of use.
pub trait TableSink {
    /// Appends a chunk to a file.
    ///
    /// # Errors
    /// Whatever keeps the chunk from being stored; it ends the writing of outputs.
    fn write(&mut self, file: &str, chunk: Vec<u8>) -> Result<(), Box<dyn Error + Send + Sync>>;
}

/// Keeps every file in memory, for tests and for programs that want the tables themselves.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct BufferSink {
    /// The files' bytes by name.
    pub files: BTreeMap<String, Vec<u8>>,
}

impl TableSink for BufferSink {
    fn write(&mut self, file: &str, chunk: Vec<u8>) -> Result<(), Box<dyn Error + Send + Sync>> {
        if let Some(bytes) = self.files.get_mut(file) {
            bytes.extend_from_slice(&chunk);
        } else {
            self.files.insert(file.to_owned(), chunk);
        }
        Ok(())
    }
}
