//! Outputs of a simulation workflow: quantile and trajectory tables, model metadata, a fan chart.
//!
//! [`OutputWriter`] takes the results of a run's tasks one after the other and gives the bytes of
//! the output files to a [`TableSink`] as they come.
//!
//! # Tables
//! Names and columns are those of `epymodelingsuite` (the newest read, late 2026). Each table is
//! written as gzip'd CSV, as Parquet, or as both.
//!
//! | table | columns | rows |
//! |---|---|---|
//! | `quantiles_compartments`, `quantiles_transitions` | `primary_id`, `seed`, `population`, `date`, `quantile`, selected columns | by task, level, date |
//! | `trajectories_compartments`, `trajectories_transitions` | `primary_id`, `sim_id`, `date`, `seed`, `population`, selected columns | by task, simulation, date |
//! | `model_metadata` | `primary_id`, `seed`, `delta_t`, `population`, `n_sims`, `start_date`, `end_date`, parameters, `init_{compartment}` | by task |
//!
//! The columns of a compartment or transition are `{name}_{age group}` for every group and then
//! `{name}_total`, in index order; a list of columns keeps its own order. CSV numbers are written
//! as pandas writes floats, dates as `YYYY-MM-DD` whatever the time of day. Parquet has INT64
//! numbers, unsigned seeds, DOUBLE values, DATE dates and UTF-8 text. Quantiles are numpy's
//! (`linear` method), bit for bit.
//!
//! In `model_metadata`, a scalar parameter is a number and an array the JSON list of its values,
//! nested as the array is; `init_{compartment}` is the JSON list of the people in each age group
//! at the start, in the order of the groups. (The suite has a column for each group there, with
//! every simulation's count on the first date, and cuts long arrays short.)
//!
//! # Calibrations
//! [`CalibrationWriter`] takes the results of calibrations in the same way. It writes their tables
//! (`quantiles_projection_…`, `quantiles_calibration`, `trajectories_projection_…`, `posteriors`,
//! `projection_parameters_long`, `fit_…`), submissions to hubs, which it checks against the hubs'
//! rules ([`hub::validate`]), and figures.
//!
//! # Chart and headline
//! `fan_chart.svg` shows the main transition of up to [`N_SHOWN`] tasks; [`OutputSummary`] has
//! the same in numbers.
//!
//! # Example
//! ```
//! use epycloud_engine::outputs::{BufferSink, OutputWriter};
//! use epycloud_engine::schema::output::{
//!     FLUSIGHT_QUANTILES, OutputConfig, QuantilesOutput, Selection,
//! };
//! # use epycloud_engine::{Array, simulation::SimulationResult};
//! # let result = SimulationResult {
//! #     primary_id: 0,
//! #     population: "United_States_Massachusetts".into(),
//! #     model_name: Some("SI".into()),
//! #     seed: 42,
//! #     delta_t: 1.0,
//! #     dates: vec!["2024-08-10".into()],
//! #     groups: vec!["0+".into()],
//! #     compartments: vec!["S".into(), "I".into()],
//! #     transitions: vec!["S_to_I".into()],
//! #     compartment_counts: Array::from_i64(&[1, 1, 2, 1], &[90, 10]),
//! #     transition_counts: Array::from_i64(&[1, 1, 1, 1], &[5]),
//! #     initial: Array::from_i64(&[2, 1], &[95, 5]),
//! #     parameters: Vec::new(),
//! # };
//!
//! let config = OutputConfig {
//!     quantiles: Some(QuantilesOutput {
//!         selections: FLUSIGHT_QUANTILES.to_vec(),
//!         compartments: Selection::Only(vec!["I_total".into()]),
//!         transitions: Selection::None,
//!         calibration: None,
//!     }),
//!     ..OutputConfig::default()
//! };
//! let mut sink = BufferSink::default();
//! let mut writer = OutputWriter::new(&config);
//! writer.push(&result, &mut sink)?;
//! let summary = writer.finish(&mut sink)?;
//!
//! assert_eq!(summary.files[0].name, "quantiles_compartments.csv.gz");
//! assert_eq!(summary.files[0].rows, Some(23));
//! assert!(sink.files.contains_key("fan_chart.svg"));
//! # Ok::<(), epycloud_engine::outputs::OutputError>(())
//! ```

mod batch;
mod calibration;
mod chart;
mod column;
mod counts;
mod encoder;
mod error;
mod fan;
mod figures;
mod files;
mod float;
mod gzip;
pub mod hub;
mod metadata;
mod parquet;
mod plain;
mod pool;
mod quantile;
mod quantiles;
mod rows;
mod score;
mod sink;
mod summary;
mod table;
mod trajectories;
mod writer;

pub use calibration::CalibrationWriter;
pub use error::{OutputError, ResultFault};
pub use float::python_float;
pub use quantile::quantile_of_sorted;
pub use sink::{BufferSink, TableSink};
pub use summary::{HeadlineRow, Interval, OutputFile, OutputSummary};
pub use writer::{OutputWriter, main_transition};

/// How many tasks the chart and the headline show: the first ones.
pub const N_SHOWN: usize = 12;
