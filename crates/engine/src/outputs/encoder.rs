//! What worker threads do: turn chunks of rows into the bytes of a format.

use std::error::Error;
use std::sync::Arc;

use super::gzip::{ChunkCompressor, DeflateChunk, GzipMember};
use super::parquet::{self, ParquetFile, ParquetLayout, RowGroup};
use super::rows::TableSchema;
use super::rows::{Piece, csv_header};

type EncodeError = Box<dyn Error + Send + Sync>;

/// A chunk of a file to encode.
pub(super) struct Job {
    /// Index of the file.
    pub(super) file: usize,
    pub(super) format: JobFormat,
    pub(super) pieces: Vec<Piece>,
}

/// What a chunk is encoded to.
pub(super) enum JobFormat {
    /// CSV, after the header line if the chunk is the file's first.
    Csv { header: Vec<u8> },
    /// A row group.
    Parquet { layout: Arc<ParquetLayout> },
}

/// An encoded chunk of a file.
pub(super) struct EncodedChunk {
    pub(super) file: usize,
    pub(super) content: Result<Encoded, EncodeError>,
}

/// The content of a chunk.
pub(super) enum Encoded {
    Csv(DeflateChunk),
    Parquet(RowGroup),
}

/// A worker's buffers.
pub(super) struct ChunkEncoder {
    compressor: ChunkCompressor,
    text: Vec<u8>,
}

impl ChunkEncoder {
    pub(super) fn new() -> Self {
        Self {
            compressor: ChunkCompressor::new(),
            text: Vec::new(),
        }
    }

    pub(super) fn encode(&mut self, job: Job) -> EncodedChunk {
        let content = match job.format {
            JobFormat::Csv { header } => self.csv(&header, &job.pieces).map(Encoded::Csv),
            JobFormat::Parquet { layout } => parquet::encode(&layout, &job.pieces)
                .map(Encoded::Parquet)
                .map_err(Into::into),
        };
        EncodedChunk {
            file: job.file,
            content,
        }
    }

    fn csv(&mut self, header: &[u8], pieces: &[Piece]) -> Result<DeflateChunk, EncodeError> {
        self.text.clear();
        self.text.extend_from_slice(header);
        for piece in pieces {
            piece.rows.write_csv(piece.range.clone(), &mut self.text);
        }
        Ok(self.compressor.compress(&self.text)?)
    }
}

/// How chunks of a file are made and put together.
pub(super) enum FileFormat {
    Csv {
        /// The header line, until it has been written.
        header: Vec<u8>,
        member: GzipMember,
    },
    Parquet {
        layout: Arc<ParquetLayout>,
        file: Box<ParquetFile>,
    },
}

impl FileFormat {
    pub(super) fn csv(schema: &TableSchema) -> Self {
        Self::Csv {
            header: csv_header(schema),
            member: GzipMember::default(),
        }
    }

    /// # Errors
    /// When the Parquet library refuses the schema.
    pub(super) fn parquet(schema: &TableSchema) -> Result<Self, EncodeError> {
        let layout = Arc::new(ParquetLayout::new(schema)?);
        let file = Box::new(ParquetFile::new(&layout)?);
        Ok(Self::Parquet { layout, file })
    }

    /// What to do with the next chunk.
    pub(super) fn next_job(&mut self) -> JobFormat {
        match self {
            Self::Csv { header, .. } => JobFormat::Csv {
                header: std::mem::take(header),
            },
            Self::Parquet { layout, .. } => JobFormat::Parquet {
                layout: Arc::clone(layout),
            },
        }
    }

    /// The file's next bytes.
    ///
    /// # Errors
    /// When the chunk isn't one of this file's.
    pub(super) fn append(&mut self, chunk: Encoded) -> Result<Vec<u8>, EncodeError> {
        match (self, chunk) {
            (Self::Csv { member, .. }, Encoded::Csv(chunk)) => Ok(member.append(chunk)),
            (Self::Parquet { file, .. }, Encoded::Parquet(group)) => file.append(group),
            _ => Err("the chunk is in another format than its file".into()),
        }
    }

    /// The file's last bytes.
    ///
    /// # Errors
    /// When the Parquet footer can't be written.
    pub(super) fn finish(self) -> Result<Vec<u8>, EncodeError> {
        match self {
            Self::Csv { member, .. } => Ok(member.finish()),
            Self::Parquet { file, .. } => Ok(file.finish()?),
        }
    }
}
