//! The files that an engine writes, on their way from its thread to the storage.

use std::collections::BTreeMap;

use epycloud_config::FileName;
use epycloud_errors::{Diagnose, ExitCode};
use epycloud_storage::Writer;
use tokio::sync::mpsc;

use super::IndexedFile;
use crate::engine::{EngineFailure, FileSink};
use crate::error::StageError;
use crate::run::StageRun;

/// How many pieces wait to be stored.
const WAITING: usize = 8;

/// A piece of a file.
pub(super) struct Piece {
    file: FileName,
    bytes: Vec<u8>,
}

/// The engine's end.
pub(super) struct ChannelSink(mpsc::Sender<Piece>);

/// The storage's end.
pub(super) struct Files {
    pieces: mpsc::Receiver<Piece>,
    writers: BTreeMap<FileName, Writer>,
}

/// Both ends.
pub(super) fn channel() -> (ChannelSink, Files) {
    let (sender, pieces) = mpsc::channel(WAITING);
    (
        ChannelSink(sender),
        Files {
            pieces,
            writers: BTreeMap::new(),
        },
    )
}

/// Why the engine can't go on writing.
#[derive(Debug, thiserror::Error)]
enum SinkError {
    #[error("`{name}` can't be the name of an output file")]
    Name {
        name: String,
        #[source]
        source: epycloud_config::IdentifierError,
    },
    /// The storage's own error is reported by whoever has the other end.
    #[error("the outputs can't be stored")]
    Closed,
}

impl Diagnose for SinkError {
    fn exit_code(&self) -> ExitCode {
        ExitCode::Failed
    }
}

impl FileSink for ChannelSink {
    fn write(&mut self, file: &str, bytes: Vec<u8>) -> Result<(), EngineFailure> {
        let file = file.parse().map_err(|source| {
            EngineFailure::new(SinkError::Name {
                name: file.to_owned(),
                source,
            })
        })?;
        self.0
            .blocking_send(Piece { file, bytes })
            .map_err(|_| EngineFailure::new(SinkError::Closed))
    }
}

impl Files {
    /// Stores pieces until the engine has no more.
    pub(super) async fn store(
        &mut self,
        run: &StageRun,
        folder: &FileName,
    ) -> Result<(), StageError> {
        while let Some(Piece { file, bytes }) = self.pieces.recv().await {
            let writer = self.writers.entry(file).or_insert_with_key(|file| {
                run.storage.writer(&run.layout.output_file(folder, file))
            });
            writer
                .write(bytes)
                .await
                .map_err(StageError::storage("store the outputs"))?;
        }
        Ok(())
    }

    /// Makes all files appear, whole, in the order of their names.
    pub(super) async fn finish(self) -> Result<Vec<IndexedFile>, StageError> {
        let mut files = Vec::with_capacity(self.writers.len());
        for (name, writer) in self.writers {
            let saved = writer
                .finish()
                .await
                .map_err(StageError::storage("store the outputs"))?;
            files.push(IndexedFile::new(&name, &saved)?);
        }
        Ok(files)
    }
}
