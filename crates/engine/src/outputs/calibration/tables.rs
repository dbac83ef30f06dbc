//! The tables in the suite's own format: quantiles, trajectories, posteriors, metadata.

use std::collections::BTreeSet;
use std::sync::Arc;

use epycloud_config::SuiteBehaviour;

use super::checked::{CheckedCalibration, CheckedProjection};
use crate::calibration::abc::{Generation, Strategy};
use crate::calibration::{CalibratedParameter, CalibrationResult};
use crate::outputs::column::{Column, check_distinct};
use crate::outputs::error::OutputError;
use crate::outputs::plain::PlainTable;
use crate::outputs::python_float;
use crate::outputs::quantile::quantile_of_sorted;
use crate::outputs::quantiles::{self, Level, Quantiles};
use crate::outputs::rows::{Rows, TableSchema};
use crate::outputs::trajectories::{self, DatePlace, Trajectories};
use crate::priors::Prior;
use crate::schema::output::{Generations, OutputConfig};

/// The scenario that projections are of; the suite has no other.
const SCENARIO: &str = "baseline";

/// A table's place among the files, and what a task adds to it.
pub(super) struct Part {
    pub(super) rank: usize,
    pub(super) schema: TableSchema,
    pub(super) rows: Arc<dyn Rows>,
}

impl Part {
    pub(super) fn plain(rank: usize, table: PlainTable) -> Self {
        Self {
            rank,
            schema: table.schema(),
            rows: Arc::new(table),
        }
    }
}

/// What a task adds to the tables that a configuration asks for, and what it lacks for them.
///
/// # Errors
/// When a selected column doesn't exist, two have one name, or a level isn't a probability.
pub(super) fn parts(
    config: &OutputConfig,
    result: &CalibrationResult,
    checked: &CheckedCalibration,
    behaviour: SuiteBehaviour,
    warnings: &mut BTreeSet<String>,
) -> Result<Vec<Part>, OutputError> {
    let mut parts = Vec::new();
    if let Some(projection) = &checked.projection {
        let names = Names::of(behaviour);
        projection_quantiles(config, &names, projection, &mut parts)?;
        projection_trajectories(config, &names, projection, &mut parts)?;
    }
    if let Some(output) = &config.quantiles
        && let Some(generations) = &output.calibration
    {
        let levels = &output.selections;
        let table = calibration_quantiles(levels, generations, result, checked, warnings);
        parts.push(Part::plain(2, table));
    }
    if let Some(generations) = &config.posteriors {
        let table = posteriors(generations, result, checked, behaviour, warnings)?;
        parts.push(Part::plain(5, table));
    }
    if config.projection_parameters
        && let Some(projection) = &checked.projection
    {
        let table = projection_parameters(result, checked, projection)?;
        parts.push(Part::plain(8, table));
    }
    Ok(parts)
}

/// The names of the tables of projections: compartments and transitions each.
struct Names {
    quantiles: [&'static str; 2],
    trajectories: [&'static str; 2],
}

impl Names {
    /// Suite 0.1.0 names them like a simulation's.
    const fn of(behaviour: SuiteBehaviour) -> Self {
        match behaviour {
            SuiteBehaviour::Latest => Self {
                quantiles: [
                    "quantiles_projection_compartments",
                    "quantiles_projection_transitions",
                ],
                trajectories: [
                    "trajectories_projection_compartments",
                    "trajectories_projection_transitions",
                ],
            },
            SuiteBehaviour::V0_1_0 => Self {
                quantiles: ["quantiles_compartments", "quantiles_transitions"],
                trajectories: ["trajectories_compartments", "trajectories_transitions"],
            },
        }
    }
}

fn projection_quantiles(
    config: &OutputConfig,
    names: &Names,
    projection: &CheckedProjection,
    parts: &mut Vec<Part>,
) -> Result<(), OutputError> {
    let Some(output) = &config.quantiles else {
        return Ok(());
    };
    let levels = output.selections.iter().map(|&level| Level::new(level));
    let levels: Arc<[Level]> = levels.collect::<Result<_, _>>()?;
    let selected = [
        (
            0,
            names.quantiles[0],
            projection.compartments("quantiles.compartments", &output.compartments)?,
        ),
        (
            1,
            names.quantiles[1],
            projection.transitions("quantiles.transitions", &output.transitions)?,
        ),
    ];
    for (rank, name, columns) in selected {
        if columns.is_empty() || levels.is_empty() {
            continue;
        }
        let schema = quantiles::schema(name, &columns);
        let rows = Quantiles::new(
            Arc::clone(&projection.label),
            Arc::clone(&projection.counts),
            columns.into(),
            Arc::clone(&levels),
        );
        parts.push(distinct(rank, schema, Arc::new(rows))?);
    }
    Ok(())
}

fn projection_trajectories(
    config: &OutputConfig,
    names: &Names,
    projection: &CheckedProjection,
    parts: &mut Vec<Part>,
) -> Result<(), OutputError> {
    let Some(output) = &config.trajectories else {
        return Ok(());
    };
    let selected: [(usize, &'static str, Vec<Column>); 2] = [
        (
            3,
            names.trajectories[0],
            projection.compartments("trajectories.compartments", &output.compartments)?,
        ),
        (
            4,
            names.trajectories[1],
            projection.transitions("trajectories.transitions", &output.transitions)?,
        ),
    ];
    for (rank, name, columns) in selected {
        if columns.is_empty() {
            continue;
        }
        let schema = trajectories::schema(name, &columns, DatePlace::Last);
        let rows = Trajectories::new(
            Arc::clone(&projection.label),
            Arc::clone(&projection.counts),
            columns.into(),
            DatePlace::Last,
        );
        parts.push(distinct(rank, schema, Arc::new(rows))?);
    }
    Ok(())
}

fn distinct(rank: usize, schema: TableSchema, rows: Arc<dyn Rows>) -> Result<Part, OutputError> {
    let columns = schema.columns.iter().map(|(name, _)| name.as_str());
    check_distinct(schema.name, columns)?;
    Ok(Part { rank, schema, rows })
}

/// Quantiles of the simulated data that were compared with the observations. Particles count
/// equally, as in the suite.
fn calibration_quantiles(
    levels: &[f64],
    generations: &Generations,
    result: &CalibrationResult,
    checked: &CheckedCalibration,
    warnings: &mut BTreeSet<String>,
) -> PlainTable {
    let mut numbers = Vec::new();
    let (mut dates, mut quantiles, mut values) = (Vec::new(), Vec::new(), Vec::new());
    for (number, generation) in wanted(generations, result, "quantiles", warnings) {
        let sorted: Vec<Vec<f64>> = (0..checked.observed_dates.len())
            .map(|date| sorted_data(generation, date))
            .collect();
        if sorted.iter().any(Vec::is_empty) {
            warnings.insert(format!(
                "generation {number} of task `{}` has no simulated data kept, so it has no \
                 quantiles",
                result.primary_id
            ));
            continue;
        }
        for &level in levels {
            for (date, sorted) in checked.observed_dates.iter().zip(&sorted) {
                numbers.push(number);
                dates.push(date.text.clone());
                quantiles.push(level);
                values.push(quantile_of_sorted(sorted, level).unwrap_or(f64::NAN));
            }
        }
    }
    let table = labelled("quantiles_calibration", dates.len(), checked);
    let table = match generations {
        Generations::Newest => table,
        Generations::Only(_) => table.signed("generation", numbers),
    };
    table
        .text("date", dates)
        .double("quantile", quantiles)
        .double("data", values)
}

/// The particles' simulated values of a date, ascending, without missing ones; nothing where data
/// weren't kept.
pub(in crate::outputs) fn sorted_data(generation: &Generation, date: usize) -> Vec<f64> {
    let values = generation.particles.iter();
    let mut values: Vec<f64> = values
        .filter_map(|particle| particle.data.get(date).copied())
        .filter(|value| !value.is_nan())
        .collect();
    values.sort_unstable_by(f64::total_cmp);
    values
}

/// The generations asked for that there are, with their numbers.
fn wanted<'r>(
    generations: &Generations,
    result: &'r CalibrationResult,
    what: &str,
    warnings: &mut BTreeSet<String>,
) -> Vec<(i64, &'r Generation)> {
    let all = &result.generations;
    let newest = all.len().checked_sub(1).map(|number| number as i64);
    let numbers = match generations {
        Generations::Newest => newest.as_slice(),
        Generations::Only(numbers) => numbers,
    };
    let mut found = Vec::with_capacity(numbers.len());
    for &number in numbers {
        let generation = usize::try_from(number).ok().and_then(|at| all.get(at));
        match generation {
            Some(generation) => found.push((number, generation)),
            None => {
                warnings.insert(format!(
                    "task `{}` has no generation {number} (it has {}), so it has no {what} of it",
                    result.primary_id,
                    all.len()
                ));
            }
        }
    }
    found
}

/// A table that begins with what names the task.
pub(super) fn labelled(
    name: &'static str,
    n_rows: usize,
    checked: &CheckedCalibration,
) -> PlainTable {
    PlainTable::new(name, n_rows)
        .same_signed("primary_id", checked.primary_id.into())
        .same_seed("seed", checked.seed)
        .same_text("population", &checked.population)
}

/// The particles' parameters. Suite 0.1.0 doesn't say which task's they are.
fn posteriors(
    generations: &Generations,
    result: &CalibrationResult,
    checked: &CheckedCalibration,
    behaviour: SuiteBehaviour,
    warnings: &mut BTreeSet<String>,
) -> Result<PlainTable, OutputError> {
    let wanted = wanted(generations, result, "posterior", warnings);
    let particles = || {
        wanted.iter().flat_map(|(number, generation)| {
            generation
                .particles
                .iter()
                .map(move |particle| (*number, particle))
        })
    };
    let (name, n_rows) = ("posteriors", particles().count());
    let mut table = match behaviour {
        SuiteBehaviour::Latest => labelled(name, n_rows, checked),
        SuiteBehaviour::V0_1_0 => PlainTable::new(name, n_rows),
    };
    if matches!(generations, Generations::Only(_)) {
        table = table.signed(
            "generation",
            particles().map(|(number, _)| number).collect(),
        );
    }
    let only_first = match generations {
        Generations::Newest => result.strategy.num_generations() == 1,
        Generations::Only(numbers) => numbers.iter().all(|&number| number == 0),
    };
    let whole = whole_columns(result, only_first);
    for (index, parameter) in result.priors.iter().enumerate() {
        let values = particles().map(|(_, particle)| particle.parameters[index]);
        table = numbers(table, &parameter.name, values.collect(), whole[index]);
    }
    checked_names(table)
}

/// Which parameters' columns have whole numbers. What a discrete prior gives stays whole where
/// epydemix keeps a list for each parameter. SMC keeps one array for all of them, so there a single
/// continuous prior makes decimals of everything, and so do the jumps of its later generations.
fn whole_columns(result: &CalibrationResult, only_first: bool) -> Vec<bool> {
    let is_discrete = |parameter: &CalibratedParameter| {
        Prior::new(&parameter.prior).is_ok_and(|prior| prior.is_discrete())
    };
    let discrete: Vec<bool> = result.priors.iter().map(is_discrete).collect();
    match result.strategy {
        Strategy::Rejection(_) | Strategy::TopFraction(_) => discrete,
        Strategy::Smc(_) => {
            let all = only_first && discrete.iter().all(|&discrete| discrete);
            vec![all; discrete.len()]
        }
    }
}

/// A column of numbers, written as whole numbers or as decimals.
fn numbers(table: PlainTable, name: &str, values: Vec<f64>, whole: bool) -> PlainTable {
    if !whole {
        return table.double(name, values);
    }
    #[expect(clippy::cast_possible_truncation, reason = "from discrete priors")]
    let values = values.into_iter().map(|value| value as i64).collect();
    table.signed(name, values)
}

/// The parameters of every projected trajectory.
fn projection_parameters(
    result: &CalibrationResult,
    checked: &CheckedCalibration,
    projection: &CheckedProjection,
) -> Result<PlainTable, OutputError> {
    let n = projection.particles.len();
    let mut table = PlainTable::new("projection_parameters_long", n)
        .same_signed("primary_id", checked.primary_id.into())
        .signed("sim_id", (0..n as i64).collect())
        .same_text("scenario_id", SCENARIO)
        .same_seed("seed", checked.seed)
        .same_text("population", &checked.population);
    // each row is taken from the posterior as one series, which has whole numbers or it hasn't
    let is_first = result.strategy.num_generations() == 1;
    let whole = whole_columns(result, is_first)
        .into_iter()
        .all(|whole| whole);
    for (index, parameter) in result.priors.iter().enumerate() {
        let values = drawn(result, projection, index).collect();
        table = numbers(table, &parameter.name, values, whole);
    }
    checked_names(table)
}

/// A parameter of each projected trajectory.
fn drawn<'r>(
    result: &'r CalibrationResult,
    projection: &'r CheckedProjection,
    parameter: usize,
) -> impl Iterator<Item = f64> + 'r {
    let particles = &result.generations[projection.generation].particles;
    projection
        .particles
        .iter()
        .map(move |&particle| particles[particle].parameters[parameter])
}

fn checked_names(table: PlainTable) -> Result<PlainTable, OutputError> {
    let schema = table.schema();
    let columns = schema.columns.iter().map(|(name, _)| name.as_str());
    check_distinct(schema.name, columns)?;
    Ok(table)
}

/// The row of a task in `model_metadata`. The suite leaves out a task without projections; here
/// it has a row that says there are none. Its `proj_*` cells, which the suite cuts short, are whole
/// JSON lists.
pub(super) fn metadata(
    config: &OutputConfig,
    result: &CalibrationResult,
    checked: &CheckedCalibration,
    rescaling_factor: Option<Option<f64>>,
) -> PlainTable {
    let ends = |dates: &[crate::outputs::counts::RowDate]| match dates {
        [first, .., last] => [first.text.clone(), last.text.clone()],
        [only] => [only.text.clone(), only.text.clone()],
        [] => [String::new(), String::new()],
    };
    let [fitting_start, fitting_end] = ends(&checked.observed_dates);
    let projection = checked.projection.as_ref();
    let [start, end] = ends(projection.map_or(&[][..], |projection| &projection.label.dates));
    let n_projections = projection.map_or(0, |projection| projection.particles.len());
    let mut table = PlainTable::new("model_metadata", 1)
        .same_signed("primary_id", checked.primary_id.into())
        .same_seed("seed", checked.seed)
        .double("delta_t", vec![result.delta_t])
        .same_text("population", &checked.population)
        .same_signed(&format!("n_projections_{SCENARIO}"), n_projections as i64)
        .same_text("fitting_start", &fitting_start)
        .same_text("fitting_end", &fitting_end)
        .same_text("start_date", &start)
        .same_text("end_date", &end);
    if config.projection_parameters {
        for (index, parameter) in result.priors.iter().enumerate() {
            let values = projection.map_or_else(Vec::new, |projection| {
                drawn(result, projection, index).map(python_float).collect()
            });
            let list = format!("[{}]", values.join(","));
            table = table.same_text(&format!("proj_{SCENARIO}_{}", parameter.name), &list);
        }
    }
    if let Some(factor) = rescaling_factor {
        table = table.double("rescaling_factor", vec![factor.unwrap_or(f64::NAN)]);
    }
    table
}
