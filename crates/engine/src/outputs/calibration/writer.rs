//! Writes the outputs of calibrations one after the other.

use std::collections::{BTreeMap, BTreeSet};
use std::thread::available_parallelism;

use super::checked::CheckedCalibration;
use super::fit;
use super::tables::{Part, metadata, parts};
use crate::calibration::CalibrationResult;
use crate::model::DataSources;
use crate::outputs::N_SHOWN;
use crate::outputs::chart;
use crate::outputs::column::Column;
use crate::outputs::error::OutputError;
use crate::outputs::fan::Fan;
use crate::outputs::figures::FigureSet;
use crate::outputs::files::{FileSet, TableId, write_to};
use crate::outputs::hub::{ForecastTable, Observations, ScenarioTable};
use crate::outputs::plain::PlainTable;
use crate::outputs::sink::TableSink;
use crate::outputs::summary::{OutputFile, OutputSummary};
use crate::schema::output::{HubOutput, OutputConfig};

/// Streams the results of a run's calibrations into its output files.
///
/// Rows are formatted and compressed by worker threads while the caller loads the next result;
/// the bytes don't depend on how many threads there are. Of every task but the one being written
/// only summaries are kept.
pub struct CalibrationWriter {
    config: OutputConfig,
    sources: DataSources,
    n_threads: usize,
    run: Option<Run>,
    observations: Observations,
    hub: Option<HubTable>,
    figures: Option<FigureSet>,
    warnings: BTreeSet<String>,
}

/// A submission under construction.
enum HubTable {
    Forecast(Box<ForecastTable>),
    Scenario(ScenarioTable),
}

/// What the first task sets up.
struct Run {
    files: FileSet,
    begun: BTreeMap<usize, Begun>,
    last_task: u32,
    n_tasks: u32,
    model_name: Option<String>,
    /// What the chart and the headline show, and its column.
    fans: Vec<Fan>,
    shown: Option<String>,
}

/// A table that has rows.
struct Begun {
    id: TableId,
    first_task: u32,
    columns: Vec<String>,
}

impl CalibrationWriter {
    /// A writer of what a configuration asks for.
    #[must_use]
    pub fn new(config: &OutputConfig) -> Self {
        Self {
            config: config.clone(),
            sources: DataSources::of_repository(""),
            n_threads: available_parallelism().map_or(1, std::num::NonZero::get),
            run: None,
            observations: Observations::default(),
            hub: config.hub.as_ref().map(|hub| match hub {
                HubOutput::Forecast(output) => {
                    HubTable::Forecast(Box::new(ForecastTable::new(output)))
                }
                HubOutput::Scenario(output) => HubTable::Scenario(ScenarioTable::new(output)),
            }),
            figures: config.plots.as_ref().map(FigureSet::new),
            warnings: BTreeSet::new(),
        }
    }

    /// Says where observations and tables of places are, and which version of the suite to agree
    /// with; by default, paths are relative to where the process runs.
    #[must_use]
    pub fn with_sources(mut self, sources: DataSources) -> Self {
        self.sources = sources;
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
        result: &CalibrationResult,
        sink: &mut dyn TableSink,
    ) -> Result<(), OutputError> {
        let checked = CheckedCalibration::new(result)?;
        let mut run = match self.run.take() {
            Some(run) if result.primary_id <= run.last_task => {
                return Err(OutputError::Order {
                    task: result.primary_id,
                    previous: run.last_task,
                });
            }
            Some(run) => run,
            None => Run {
                files: FileSet::start(&self.config.tabular_formats, self.n_threads)?,
                begun: BTreeMap::new(),
                last_task: 0,
                n_tasks: 0,
                model_name: result.model_name.clone(),
                fans: Vec::new(),
                shown: None,
            },
        };
        run.last_task = result.primary_id;
        run.n_tasks += 1;
        self.warn_of_failures(result, &checked);
        let behaviour = self.sources.suite_behaviour;
        for part in parts(
            &self.config,
            result,
            &checked,
            behaviour,
            &mut self.warnings,
        )? {
            run.add(result.primary_id, &part, sink)?;
        }
        let (factor, rows) = self.submit(result, &checked);
        if let Some(rows) = rows {
            run.add(result.primary_id, &Part::plain(6, rows), sink)?;
        }
        let row = metadata(&self.config, result, &checked, factor);
        run.add(result.primary_id, &Part::plain(7, row), sink)?;
        let fit = fit::parts(
            &self.config,
            result,
            &checked,
            &mut self.observations,
            &self.sources,
            &mut self.warnings,
        );
        for part in fit {
            run.add(result.primary_id, &part, sink)?;
        }
        run.show(result, &checked);
        if let Some(figures) = &mut self.figures {
            figures.push(
                result,
                &checked,
                &mut self.observations,
                &self.sources,
                &mut self.warnings,
            );
        }
        self.run = Some(run);
        Ok(())
    }

    /// Adds to the submission. Returns the factor from admissions to shares of emergency visits
    /// where one is wanted, if it could be had, and the rows that can be written already.
    fn submit(
        &mut self,
        result: &CalibrationResult,
        checked: &CheckedCalibration,
    ) -> (Option<Option<f64>>, Option<PlainTable>) {
        match &mut self.hub {
            Some(HubTable::Forecast(table)) => {
                let factor = table.push(
                    result,
                    checked,
                    &mut self.observations,
                    &self.sources,
                    &mut self.warnings,
                );
                (table.has_factor().then_some(factor), None)
            }
            Some(HubTable::Scenario(table)) => (None, table.push(checked, &mut self.warnings)),
            None => (None, None),
        }
    }

    /// Says which trajectories are missing, and when there are none at all.
    fn warn_of_failures(&mut self, result: &CalibrationResult, checked: &CheckedCalibration) {
        let Some(projection) = &result.projection else {
            return;
        };
        let task = result.primary_id;
        if let Some(first) = projection.failures.first() {
            let n = projection.failures.len();
            self.warnings.insert(format!(
                "{n} projected trajectories of task `{task}` failed and are left out; the first: {}",
                first.message
            ));
        }
        if checked.projection.is_none() {
            let message = format!("task `{task}` has no projected trajectory");
            self.warnings.insert(message);
        }
    }

    /// Completes every file.
    ///
    /// # Errors
    /// When the sink fails.
    pub fn finish(mut self, sink: &mut dyn TableSink) -> Result<OutputSummary, OutputError> {
        let mut summary = OutputSummary::default();
        match self.run.take() {
            Some(mut run) => {
                summary.n_tasks = run.n_tasks;
                let mut trends = Vec::new();
                match self.hub.take() {
                    Some(HubTable::Forecast(table)) => {
                        trends = table.trends_so_far().to_vec();
                        let table = table.finish(&mut self.warnings);
                        run.add(run.last_task, &Part::plain(6, table), sink)?;
                    }
                    Some(HubTable::Scenario(table)) => table.check(&mut self.warnings),
                    None => {}
                }
                summary.files = run.files.finish(sink)?;
                if let Some(shown) = &run.shown {
                    let fans = run.fans.iter();
                    summary.headline = fans.filter_map(|fan| fan.headline(shown)).collect();
                    summary.files.push(draw_chart(
                        run.model_name.as_deref(),
                        shown,
                        &run.fans,
                        run.n_tasks,
                        sink,
                    )?);
                }
                if let Some(figures) = self.figures.take() {
                    figures.finish(&trends, sink, &mut summary.files)?;
                }
            }
            None => {
                self.warnings
                    .insert("there were no results to write".to_owned());
            }
        }
        summary.warnings = self.warnings.into_iter().collect();
        Ok(summary)
    }
}

/// Draws the chart of what was compared with observations.
fn draw_chart(
    model_name: Option<&str>,
    shown: &str,
    fans: &[Fan],
    n_tasks: u32,
    sink: &mut dyn TableSink,
) -> Result<OutputFile, OutputError> {
    let svg = chart::draw(&chart::FanChart {
        model_name,
        // The chart names a column of all ages by its series.
        transition: &Column {
            name: shown.to_owned(),
            series: 0,
            group: None,
        },
        groups: &[],
        fans,
        n_tasks,
    })?;
    write_to(sink, chart::FILE, svg.into_bytes())?;
    Ok(OutputFile {
        name: chart::FILE.to_owned(),
        rows: None,
        columns: None,
    })
}

impl Run {
    /// Keeps what the chart and the headline show of a task.
    fn show(&mut self, result: &CalibrationResult, checked: &CheckedCalibration) {
        let Some(projection) = &checked.projection else {
            return;
        };
        let column = projection.main_column(&result.observed.column);
        if let Some(column) = column.filter(|_| self.fans.len() < N_SHOWN) {
            let fan = Fan::new(&projection.label, &projection.counts, column);
            self.fans.push(fan);
            self.shown.get_or_insert_with(|| column.name.clone());
        }
    }

    /// Adds a task's rows to a table, which begins with its first rows.
    fn add(&mut self, task: u32, part: &Part, sink: &mut dyn TableSink) -> Result<(), OutputError> {
        if part.rows.n_rows() == 0 {
            return Ok(());
        }
        let names = part.schema.columns.iter().map(|(name, _)| name.clone());
        let columns: Vec<String> = names.collect();
        let begun = match self.begun.get(&part.rank) {
            Some(begun) => begun,
            None => {
                let id = self.files.begin(part.rank, &part.schema)?;
                let first = Begun {
                    id,
                    first_task: task,
                    columns: columns.clone(),
                };
                self.begun.entry(part.rank).or_insert(first)
            }
        };
        if begun.columns != columns {
            let list = |names: &[String]| format!("`{}`", names.join(", "));
            return Err(OutputError::Layout {
                task,
                first: begun.first_task,
                what: "columns",
                found: list(&columns),
                expected: list(&begun.columns),
            });
        }
        self.files.push(begun.id, &part.rows, sink)
    }
}
