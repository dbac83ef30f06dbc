//! The files of tables: rows go in, and chunks come out of worker threads in an order that doesn't
//! depend on how many threads there are.

use std::sync::Arc;

use super::batch::{Batch, ChunkSize};
use super::encoder::{ChunkEncoder, EncodedChunk, FileFormat, Job};
use super::error::OutputError;
use super::pool::OrderedPool;
use super::rows::{Piece, Rows, TableSchema};
use super::sink::TableSink;
use super::summary::OutputFile;
use crate::schema::output::TabularFormat;

/// A CSV chunk is about half a megabyte of text: enough to compress well, and small enough for
/// several to be under way.
const CSV_CHUNK: ChunkSize = ChunkSize {
    n_fields: 1 << 16,
    n_held: 1 << 19,
};

/// A row group is a million fields: every row group costs a few hundred bytes a column in the
/// file's footer, which readers load first.
const ROW_GROUP: ChunkSize = ChunkSize {
    n_fields: 1 << 20,
    n_held: 1 << 20,
};

/// Tables under construction.
pub(super) struct FileSet {
    formats: Vec<TabularFormat>,
    tables: Vec<TableFiles>,
    pool: OrderedPool<Job, EncodedChunk>,
    n_files: usize,
}

/// A table of a [`FileSet`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct TableId(usize);

struct TableFiles {
    rank: usize,
    n_columns: usize,
    n_rows: u64,
    files: Vec<TableFile>,
}

/// A file that a table is written to.
struct TableFile {
    name: String,
    /// Its number among the files of all tables.
    index: usize,
    format: FileFormat,
    batch: Batch,
}

impl FileSet {
    /// Starts the threads. Every table is written in each format, once; as CSV if there is none.
    ///
    /// # Errors
    /// When no thread can be started.
    pub(super) fn start(formats: &[TabularFormat], n_threads: usize) -> Result<Self, OutputError> {
        let pool = OrderedPool::start(n_threads, || {
            let mut encoder = ChunkEncoder::new();
            move |job| encoder.encode(job)
        })
        .map_err(|source| OutputError::Threads { source })?;
        Ok(Self {
            formats: distinct(formats),
            tables: Vec::new(),
            pool,
            n_files: 0,
        })
    }

    /// Begins a table. When all is done, files are listed by their tables' ranks.
    ///
    /// # Errors
    /// When a format can't have such columns.
    pub(super) fn begin(
        &mut self,
        rank: usize,
        schema: &TableSchema,
    ) -> Result<TableId, OutputError> {
        let mut files = Vec::with_capacity(self.formats.len());
        for &format in &self.formats {
            files.push(TableFile::new(self.n_files, schema, format)?);
            self.n_files += 1;
        }
        self.tables.push(TableFiles {
            rank,
            n_columns: schema.columns.len(),
            n_rows: 0,
            files,
        });
        Ok(TableId(self.tables.len() - 1))
    }

    /// Adds rows to a table.
    ///
    /// # Errors
    /// When encoding or the sink fails.
    pub(super) fn push(
        &mut self,
        TableId(table): TableId,
        rows: &Arc<dyn Rows>,
        sink: &mut dyn TableSink,
    ) -> Result<(), OutputError> {
        let table = &mut self.tables[table];
        table.n_rows += rows.n_rows() as u64;
        let files = table.files.iter_mut();
        let jobs: Vec<Job> = files.flat_map(|file| file.add(rows)).collect();
        self.submit(jobs, sink)
    }

    /// Hands chunks to the workers, and what they have done to the sink.
    fn submit(&mut self, jobs: Vec<Job>, sink: &mut dyn TableSink) -> Result<(), OutputError> {
        for job in jobs {
            while self.pool.is_full() {
                let Some(chunk) = self.pool.take() else { break };
                self.write(chunk, sink)?;
            }
            self.pool.submit(job);
        }
        while let Some(chunk) = self.pool.take_ready() {
            self.write(chunk, sink)?;
        }
        Ok(())
    }

    fn write(&mut self, chunk: EncodedChunk, sink: &mut dyn TableSink) -> Result<(), OutputError> {
        let mut files = self.tables.iter_mut().flat_map(|table| &mut table.files);
        let Some(file) = files.find(|file| file.index == chunk.file) else {
            unreachable!("chunks are made of the tables' files");
        };
        let bytes = chunk
            .content
            .and_then(|content| file.format.append(content))
            .map_err(|source| OutputError::Encode {
                file: file.name.clone(),
                source,
            })?;
        write_to(sink, &file.name, bytes)
    }

    /// Completes every file.
    ///
    /// # Errors
    /// When encoding or the sink fails.
    pub(super) fn finish(
        mut self,
        sink: &mut dyn TableSink,
    ) -> Result<Vec<OutputFile>, OutputError> {
        let files = self.tables.iter_mut().flat_map(|table| &mut table.files);
        let rest: Vec<Job> = files.filter_map(TableFile::rest).collect();
        self.submit(rest, sink)?;
        while let Some(chunk) = self.pool.take() {
            self.write(chunk, sink)?;
        }
        let mut written = Vec::with_capacity(self.n_files);
        self.tables.sort_by_key(|table| table.rank);
        for table in self.tables {
            for file in table.files {
                let bytes = file.format.finish().map_err(|source| OutputError::Encode {
                    file: file.name.clone(),
                    source,
                })?;
                write_to(sink, &file.name, bytes)?;
                written.push(OutputFile {
                    name: file.name,
                    rows: Some(table.n_rows),
                    columns: Some(table.n_columns as u64),
                });
            }
        }
        Ok(written)
    }
}

impl TableFile {
    fn new(index: usize, schema: &TableSchema, format: TabularFormat) -> Result<Self, OutputError> {
        let name = file_name(schema.name, format);
        let (size, format) = match format {
            TabularFormat::CsvGz => (CSV_CHUNK, FileFormat::csv(schema)),
            TabularFormat::Parquet => match FileFormat::parquet(schema) {
                Ok(format) => (ROW_GROUP, format),
                Err(source) => return Err(OutputError::Encode { file: name, source }),
            },
        };
        Ok(Self {
            name,
            index,
            format,
            batch: Batch::new(size, schema.columns.len()),
        })
    }

    /// Takes a task's rows and returns the chunks they complete.
    fn add(&mut self, rows: &Arc<dyn Rows>) -> Vec<Job> {
        let chunks = self.batch.add(rows);
        chunks.into_iter().map(|pieces| self.job(pieces)).collect()
    }

    /// The last chunk, if there is one.
    fn rest(&mut self) -> Option<Job> {
        let pieces = self.batch.take()?;
        Some(self.job(pieces))
    }

    fn job(&mut self, pieces: Vec<Piece>) -> Job {
        Job {
            file: self.index,
            format: self.format.next_job(),
            pieces,
        }
    }
}

fn file_name(table: &str, format: TabularFormat) -> String {
    let ending = match format {
        TabularFormat::CsvGz => "csv.gz",
        TabularFormat::Parquet => "parquet",
    };
    format!("{table}.{ending}")
}

/// The formats asked for, each once; CSV when there are none.
fn distinct(asked: &[TabularFormat]) -> Vec<TabularFormat> {
    let mut formats: Vec<TabularFormat> = Vec::new();
    for &format in asked {
        if !formats.contains(&format) {
            formats.push(format);
        }
    }
    if formats.is_empty() {
        formats.push(TabularFormat::CsvGz);
    }
    formats
}

/// Writes a chunk, if there is anything in it.
///
/// # Errors
/// When the sink fails.
pub(super) fn write_to(
    sink: &mut dyn TableSink,
    file: &str,
    bytes: Vec<u8>,
) -> Result<(), OutputError> {
    if bytes.is_empty() {
        return Ok(());
    }
    sink.write(file, bytes).map_err(|source| OutputError::Sink {
        file: file.to_owned(),
        source,
    })
}
