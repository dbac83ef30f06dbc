//! Writes the outputs of tasks one after the other.

use std::thread::available_parallelism;

use super::N_SHOWN;
use super::chart;
use super::column::Column;
use super::counts::CheckedResult;
use super::encoder::{ChunkEncoder, EncodedChunk, Job};
use super::error::OutputError;
use super::fan::{Fan, main_column};
use super::pool::OrderedPool;
use super::sink::TableSink;
use super::summary::{OutputFile, OutputSummary};
use super::table::{Table, TableFile, tables};
use crate::schema::basemodel::{BaseModel, TransitionKind};
use crate::schema::output::OutputConfig;
use crate::simulation::SimulationResult;

/// Streams the results of a run's tasks into its output files.
///
/// Rows are formatted and compressed by worker threads while the caller loads the next result;
/// the bytes don't depend on how many threads there are. What is in memory doesn't grow with the
/// number of tasks (but for a Parquet file's footer, which lists its row groups).
pub struct OutputWriter {
    config: OutputConfig,
    main_transition: Option<String>,
    n_threads: usize,
    run: Option<Run>,
}

/// What the first task sets up.
struct Run {
    first: Layout,
    last_task: u32,
    n_tasks: u32,
    tables: Vec<Table>,
    pool: OrderedPool<Job, EncodedChunk>,
    model_name: Option<String>,
    main_column: Option<Column>,
    fans: Vec<Fan>,
}

impl OutputWriter {
    /// A writer of what a configuration asks for.
    #[must_use]
    pub fn new(config: &OutputConfig) -> Self {
        Self {
            config: config.clone(),
            main_transition: None,
            n_threads: available_parallelism().map_or(1, std::num::NonZero::get),
            run: None,
        }
    }

    /// Names the transition that chart and headline show (`S_to_L`; see [`main_transition`]),
    /// unless `quantiles.transitions` lists columns: then it is the first of those. Without
    /// either, it is the results' first transition.
    #[must_use]
    pub fn with_main_transition(mut self, transition: Option<String>) -> Self {
        self.main_transition = transition;
        self
    }

    /// Sets the number of worker threads; by default, one for each processor.
    #[must_use]
    pub fn with_threads(mut self, n_threads: usize) -> Self {
        self.n_threads = n_threads.max(1);
        self
    }

    /// Adds a task's result to every table. Tasks come once each, in order; gaps are allowed.
    ///
    /// # Errors
    /// When the result contradicts itself or those before it, when the configuration selects a
    /// column that results don't have, or when the sink fails.
    pub fn push(
        &mut self,
        result: &SimulationResult,
        sink: &mut dyn TableSink,
    ) -> Result<(), OutputError> {
        let checked = CheckedResult::new(result)?;
        let run = match &mut self.run {
            Some(run) => {
                run.check(result)?;
                run
            }
            run @ None => run.insert(Run::start(
                &self.config,
                self.main_transition.as_deref(),
                self.n_threads,
                result,
            )?),
        };
        run.push(result, &checked, sink)
    }

    /// Completes every file.
    ///
    /// # Errors
    /// When the sink fails or the chart can't be drawn.
    pub fn finish(self, sink: &mut dyn TableSink) -> Result<OutputSummary, OutputError> {
        let ignored = self.config.ignored_sections.iter().map(|section| {
            format!(
                "output section `{section}` doesn't apply to a simulation workflow; it was left out"
            )
        });
        let mut summary = OutputSummary {
            warnings: ignored.collect(),
            ..OutputSummary::default()
        };
        match self.run {
            Some(run) => run.finish(sink, &mut summary)?,
            None => summary
                .warnings
                .push("there were no results to write".to_owned()),
        }
        Ok(summary)
    }
}

/// The transition that a model's infections are: the first mediated one, as `{source}_to_{target}`.
#[must_use]
pub fn main_transition(model: &BaseModel) -> Option<String> {
    let mediated = model
        .transitions
        .iter()
        .find(|transition| matches!(transition.kind, TransitionKind::Mediated { .. }))?;
    Some(format!("{}_to_{}", mediated.source, mediated.target))
}

impl Run {
    fn start(
        config: &OutputConfig,
        main_transition: Option<&str>,
        n_threads: usize,
        result: &SimulationResult,
    ) -> Result<Self, OutputError> {
        let tables = tables(config, result)?;
        let pool = OrderedPool::start(n_threads, || {
            let mut encoder = ChunkEncoder::new();
            move |job| encoder.encode(job)
        })
        .map_err(|source| OutputError::Threads { source })?;
        Ok(Self {
            first: Layout::new(result),
            last_task: result.primary_id,
            n_tasks: 0,
            tables,
            pool,
            model_name: result.model_name.clone(),
            main_column: main_column(config, main_transition, result)?,
            fans: Vec::new(),
        })
    }

    /// Checks that a result that isn't the first can follow.
    fn check(&self, result: &SimulationResult) -> Result<(), OutputError> {
        let (task, previous) = (result.primary_id, self.last_task);
        if task <= previous {
            return Err(OutputError::Order { task, previous });
        }
        self.first.check(result)
    }

    fn push(
        &mut self,
        result: &SimulationResult,
        checked: &CheckedResult,
        sink: &mut dyn TableSink,
    ) -> Result<(), OutputError> {
        self.last_task = result.primary_id;
        self.n_tasks += 1;
        if let Some(column) = &self.main_column
            && self.fans.len() < N_SHOWN
        {
            self.fans.push(Fan::new(checked, column));
        }
        for index in 0..self.tables.len() {
            let table = &mut self.tables[index];
            let rows = table.rows(result, checked)?;
            table.n_rows += rows.n_rows() as u64;
            let jobs: Vec<Job> = table
                .files
                .iter_mut()
                .flat_map(|file| file.add(&rows))
                .collect();
            self.submit(jobs, sink)?;
        }
        Ok(())
    }

    /// Hands chunks to the workers, and what they have done to the sink.
    fn submit(
        &mut self,
        jobs: impl IntoIterator<Item = Job>,
        sink: &mut dyn TableSink,
    ) -> Result<(), OutputError> {
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

    fn finish(
        mut self,
        sink: &mut dyn TableSink,
        summary: &mut OutputSummary,
    ) -> Result<(), OutputError> {
        let files = self.tables.iter_mut().flat_map(|table| &mut table.files);
        let rest: Vec<Job> = files.filter_map(TableFile::rest).collect();
        self.submit(rest, sink)?;
        while let Some(chunk) = self.pool.take() {
            self.write(chunk, sink)?;
        }
        for table in self.tables {
            for file in table.files {
                let bytes = file.format.finish().map_err(|source| OutputError::Encode {
                    file: file.name.clone(),
                    source,
                })?;
                write_to(sink, &file.name, bytes)?;
                summary.files.push(OutputFile {
                    name: file.name,
                    rows: Some(table.n_rows),
                    columns: Some(table.n_columns as u64),
                });
            }
        }
        summary.n_tasks = self.n_tasks;
        if let Some(column) = &self.main_column {
            let rows = self
                .fans
                .iter()
                .filter_map(|fan| fan.headline(&column.name));
            summary.headline = rows.collect();
            let svg = chart::draw(&chart::FanChart {
                model_name: self.model_name.as_deref(),
                transition: column,
                groups: &self.first.groups,
                fans: &self.fans,
                n_tasks: self.n_tasks,
            })?;
            write_to(sink, chart::FILE, svg.into_bytes())?;
            summary.files.push(OutputFile {
                name: chart::FILE.to_owned(),
                rows: None,
                columns: None,
            });
        }
        Ok(())
    }
}

fn write_to(sink: &mut dyn TableSink, file: &str, bytes: Vec<u8>) -> Result<(), OutputError> {
    if bytes.is_empty() {
        return Ok(());
    }
    sink.write(file, bytes).map_err(|source| OutputError::Sink {
        file: file.to_owned(),
        source,
    })
}

/// The names that set the columns of the tables.
struct Layout {
    task: u32,
    groups: Vec<String>,
    compartments: Vec<String>,
    transitions: Vec<String>,
    parameters: Vec<String>,
}

impl Layout {
    fn new(result: &SimulationResult) -> Self {
        Self {
            task: result.primary_id,
            groups: result.groups.clone(),
            compartments: result.compartments.clone(),
            transitions: result.transitions.clone(),
            parameters: parameter_names(result),
        }
    }

    /// Checks that another task has the same names.
    fn check(&self, result: &SimulationResult) -> Result<(), OutputError> {
        let parameters = parameter_names(result);
        for (what, found, expected) in [
            ("age groups", &result.groups, &self.groups),
            ("compartments", &result.compartments, &self.compartments),
            ("transitions", &result.transitions, &self.transitions),
            ("parameters", &parameters, &self.parameters),
        ] {
            if found != expected {
                let list = |names: &[String]| format!("`{}`", names.join(", "));
                return Err(OutputError::Layout {
                    task: result.primary_id,
                    first: self.task,
                    what,
                    found: list(found),
                    expected: list(expected),
                });
            }
        }
        Ok(())
    }
}

fn parameter_names(result: &SimulationResult) -> Vec<String> {
    result
        .parameters
        .iter()
        .map(|(name, _)| name.clone())
        .collect()
}
