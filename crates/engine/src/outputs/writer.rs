//! Writes the outputs of tasks one after the other.

use std::thread::available_parallelism;

use super::N_SHOWN;
use super::chart;
use super::column::Column;
use super::counts::CheckedResult;
use super::error::OutputError;
use super::fan::{Fan, main_column};
use super::files::{FileSet, TableId, write_to};
use super::sink::TableSink;
use super::summary::{OutputFile, OutputSummary};
use super::table::{Table, tables};
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
    tables: Vec<(Table, TableId)>,
    files: FileSet,
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
        let ignored = self.config.calibration_sections().into_iter().map(|section| {
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
        let described = tables(config, result)?;
        let mut files = FileSet::start(&config.tabular_formats, n_threads)?;
        let mut tables = Vec::with_capacity(described.len());
        for (rank, table) in described.into_iter().enumerate() {
            let id = files.begin(rank, &table.schema)?;
            tables.push((table, id));
        }
        Ok(Self {
            first: Layout::new(result),
            last_task: result.primary_id,
            n_tasks: 0,
            tables,
            files,
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
            self.fans
                .push(Fan::new(&checked.label, &checked.transitions, column));
        }
        for (table, id) in &self.tables {
            let rows = table.rows(result, checked)?;
            self.files.push(*id, &rows, sink)?;
        }
        Ok(())
    }

    fn finish(
        self,
        sink: &mut dyn TableSink,
        summary: &mut OutputSummary,
    ) -> Result<(), OutputError> {
        summary.files = self.files.finish(sink)?;
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
