//! How good a fit is: tables that every calibration gets.

use std::collections::BTreeSet;

use epycloud_kernel::random::Pcg64;
use jiff::civil::Date;

use super::checked::CheckedCalibration;
use super::fit_dates;
use super::tables::{Part, labelled, sorted_data};
use crate::calibration::CalibrationResult;
use crate::calibration::abc::{End, Generation};
use crate::model::DataSources;
use crate::outputs::counts::RowDate;
use crate::outputs::hub::Observations;
use crate::outputs::plain::PlainTable;
use crate::outputs::python_float;
use crate::outputs::quantile::quantile_of_sorted;
use crate::outputs::score::Forecast;
use crate::priors::Prior;
use crate::schema::modelset::Distribution;
use crate::schema::output::{FLUSIGHT_QUANTILES, OutputConfig, SurveillanceSource};

/// Central intervals whose coverage is counted.
const INTERVALS: [f64; 4] = [0.5, 0.8, 0.9, 0.95];
/// Draws that a prior's mean and spread are from; their error is below 1 % of the spread.
const N_DRAWS: u32 = 20_000;

/// What a task adds to the tables of the fit.
pub(super) fn parts(
    config: &OutputConfig,
    result: &CalibrationResult,
    checked: &CheckedCalibration,
    observations: &mut Observations,
    sources: &DataSources,
    warnings: &mut BTreeSet<String>,
) -> Vec<Part> {
    let mut parts = vec![
        Part::plain(9, generations(result, checked)),
        Part::plain(10, parameters(result, checked)),
    ];
    if let Some(generation) = result.generations.last() {
        parts.push(Part::plain(11, coverage(generation, checked)));
        parts.push(Part::plain(
            13,
            fit_dates::table(result, generation, checked),
        ));
    }
    let source = held_out_source(config, result);
    if let Some(source) = source {
        match observations.of(source, &checked.population, sources) {
            Ok(observed) => parts.push(Part::plain(12, scores(result, checked, observed))),
            Err(fault) => {
                warnings.insert(format!("held-out observations aren't scored: {fault}"));
            }
        }
    }
    parts
}

/// One row a generation: what it took, and how even the weights are.
fn generations(result: &CalibrationResult, checked: &CheckedCalibration) -> PlainTable {
    let all = &result.generations;
    let count = |of: fn(&Generation) -> u64| {
        all.iter()
            .map(|generation| i64::try_from(of(generation)).unwrap_or(i64::MAX))
            .collect()
    };
    let number = |of: fn(&Generation) -> f64| all.iter().map(of).collect();
    let ends = (0..all.len()).map(|index| {
        if index + 1 == all.len() {
            end_name(result.end).to_owned()
        } else {
            String::new()
        }
    });
    labelled("fit_generations", all.len(), checked)
        .signed("generation", (0..all.len() as i64).collect())
        .same_text("strategy", result.strategy.name())
        .double(
            "epsilon",
            number(|generation| generation.epsilon.unwrap_or(f64::NAN)),
        )
        .signed(
            "n_particles",
            count(|generation| generation.particles.len() as u64),
        )
        .signed("proposals", count(|generation| generation.counts.proposals))
        .signed(
            "outside_prior",
            count(|generation| generation.counts.outside_prior),
        )
        .signed(
            "simulations",
            count(|generation| generation.counts.simulations),
        )
        .signed("given_up", count(|generation| generation.counts.given_up))
        .signed("failed", count(|generation| generation.counts.failed))
        .double("acceptance_rate", number(acceptance_rate))
        .double("effective_sample_size", number(effective_sample_size))
        .double(
            "distance_min",
            number(|generation| distance(generation, 0.0)),
        )
        .double(
            "distance_median",
            number(|generation| distance(generation, 0.5)),
        )
        .double(
            "distance_max",
            number(|generation| distance(generation, 1.0)),
        )
        .text("end", ends.collect())
}

const fn end_name(end: End) -> &'static str {
    match end {
        End::Complete => "complete",
        End::MinimumEpsilon => "minimum_epsilon",
        End::OutOfTime => "out_of_time",
        End::OutOfSimulations => "out_of_simulations",
        End::Degenerate => "degenerate",
        End::Interrupted => "interrupted",
    }
}

#[expect(clippy::cast_precision_loss, reason = "far below 2^53")]
fn acceptance_rate(generation: &Generation) -> f64 {
    generation.particles.len() as f64 / generation.counts.simulations as f64
}

/// Kish's: how many particles of equal weight would be as good.
fn effective_sample_size(generation: &Generation) -> f64 {
    let weights = generation.particles.iter().map(|particle| particle.weight);
    let (sum, square) = weights.fold((0.0, 0.0), |(sum, square), weight| {
        (sum + weight, square + weight * weight)
    });
    sum * sum / square
}

fn distance(generation: &Generation, level: f64) -> f64 {
    let mut distances = generation.distances();
    distances.sort_unstable_by(f64::total_cmp);
    quantile_of_sorted(&distances, level).unwrap_or(f64::NAN)
}

/// One row a parameter: the weighted posterior of the last generation against the prior.
fn parameters(result: &CalibrationResult, checked: &CheckedCalibration) -> PlainTable {
    let particles = result.generations.last();
    let summaries: Vec<Summary> = (0..result.priors.len())
        .map(|index| {
            let weighted = particles.map_or_else(Vec::new, |generation| {
                let particles = generation.particles.iter();
                particles
                    .map(|particle| (particle.parameters[index], particle.weight))
                    .collect()
            });
            Summary::new(weighted)
        })
        .collect();
    let priors: Vec<Option<(Prior, f64, f64)>> = result
        .priors
        .iter()
        .map(|parameter| {
            let prior = Prior::new(&parameter.prior).ok()?;
            let (mean, sd) = moments(&prior);
            Some((prior, mean, sd))
        })
        .collect();
    let of_prior = |of: fn(&(Prior, f64, f64)) -> f64| {
        let numbers = priors
            .iter()
            .map(|prior| prior.as_ref().map_or(f64::NAN, of));
        numbers.collect()
    };
    let of_posterior = |of: fn(&Summary) -> f64| summaries.iter().map(of).collect();
    let contraction = summaries.iter().zip(&priors).map(|(posterior, prior)| {
        let spread = prior.as_ref().map_or(f64::NAN, |(_, _, sd)| *sd);
        1.0 - (posterior.sd / spread).powi(2)
    });
    let parameters = result.priors.iter();
    labelled("fit_parameters", result.priors.len(), checked)
        .text(
            "parameter",
            parameters.clone().map(|one| one.name.clone()).collect(),
        )
        .text("prior", parameters.map(|one| shown(&one.prior)).collect())
        .double("prior_low", of_prior(|(prior, ..)| prior.support().0))
        .double("prior_high", of_prior(|(prior, ..)| prior.support().1))
        .double("prior_mean", of_prior(|(_, mean, _)| *mean))
        .double("prior_sd", of_prior(|(_, _, sd)| *sd))
        .double("mean", of_posterior(|posterior| posterior.mean))
        .double("sd", of_posterior(|posterior| posterior.sd))
        .double(
            "q0.025",
            of_posterior(|posterior| posterior.quantile(0.025)),
        )
        .double("q0.25", of_posterior(|posterior| posterior.quantile(0.25)))
        .double("q0.5", of_posterior(|posterior| posterior.quantile(0.5)))
        .double("q0.75", of_posterior(|posterior| posterior.quantile(0.75)))
        .double(
            "q0.975",
            of_posterior(|posterior| posterior.quantile(0.975)),
        )
        .double("contraction", contraction.collect())
}

/// `uniform(1.0, 2.0, scale=3.0)`.
fn shown(prior: &Distribution) -> String {
    let args = prior.args.iter().map(|&value| python_float(value));
    let kwargs = prior
        .kwargs
        .iter()
        .map(|(name, value)| format!("{name}={}", python_float(*value)));
    let arguments: Vec<String> = args.chain(kwargs).collect();
    format!("{}({})", prior.name, arguments.join(", "))
}

/// A prior's mean and standard deviation, from draws of a stream that is always the same.
fn moments(prior: &Prior) -> (f64, f64) {
    let mut rng = Pcg64::new(0);
    let draws: Vec<(f64, f64)> = (0..N_DRAWS).map(|_| (prior.draw(&mut rng), 1.0)).collect();
    let summary = Summary::new(draws);
    (summary.mean, summary.sd)
}

/// Weighted values.
struct Summary {
    mean: f64,
    sd: f64,
    /// Ascending, with the weight up to and including each.
    cumulative: Vec<(f64, f64)>,
}

impl Summary {
    fn new(mut weighted: Vec<(f64, f64)>) -> Self {
        let total: f64 = weighted.iter().map(|(_, weight)| weight).sum();
        let mean = weighted
            .iter()
            .map(|(value, weight)| value * weight)
            .sum::<f64>()
            / total;
        let square = |(value, weight): &(f64, f64)| weight * (value - mean).powi(2);
        let variance = weighted.iter().map(square).sum::<f64>() / total;
        weighted.sort_unstable_by(|left, right| left.0.total_cmp(&right.0));
        let mut sum = 0.0;
        for (_, weight) in &mut weighted {
            sum += *weight / total;
            *weight = sum;
        }
        Self {
            mean,
            sd: variance.sqrt(),
            cumulative: weighted,
        }
    }

    /// The least value with at least this share of the weight at or below it.
    fn quantile(&self, level: f64) -> f64 {
        let reached = self.cumulative.iter().find(|(_, sum)| *sum >= level);
        let last = self.cumulative.last();
        reached.or(last).map_or(f64::NAN, |(value, _)| *value)
    }
}

/// One row an interval: how many observations lie in the central interval of the simulated data.
fn coverage(generation: &Generation, checked: &CheckedCalibration) -> PlainTable {
    let sorted: Vec<Vec<f64>> = (0..checked.observed.len())
        .map(|date| sorted_data(generation, date))
        .collect();
    let compared: Vec<(f64, &Vec<f64>)> = checked
        .observed
        .iter()
        .copied()
        .zip(&sorted)
        .filter(|(value, sorted)| !value.is_nan() && !sorted.is_empty())
        .collect();
    let n = compared.len();
    let rows = if n == 0 { &[][..] } else { &INTERVALS };
    let covered: Vec<i64> = rows
        .iter()
        .map(|width| {
            let is_in = |(value, sorted): &&(f64, &Vec<f64>)| {
                let edge = |level| quantile_of_sorted(sorted, level).unwrap_or(f64::NAN);
                (edge(0.5 - width / 2.0)..=edge(0.5 + width / 2.0)).contains(value)
            };
            compared.iter().filter(is_in).count() as i64
        })
        .collect();
    let shares = covered
        .iter()
        .map(|&count| count as f64 / n as f64)
        .collect();
    labelled("fit_coverage", rows.len(), checked)
        .double("interval", rows.to_vec())
        .same_signed("n_observations", n as i64)
        .signed("n_covered", covered)
        .double("coverage", shares)
}

/// The table of what was calibrated to: the one with its column, or the only one.
fn held_out_source<'c>(
    config: &'c OutputConfig,
    result: &CalibrationResult,
) -> Option<&'c SurveillanceSource> {
    let sources = &config.surveillance;
    let named = sources
        .iter()
        .find(|source| source.value_column == result.observed.column);
    named.or_else(|| match &sources[..] {
        [only] => Some(only),
        _ => None,
    })
}

/// One row a week that was observed after the fitting window: how well it was forecast.
fn scores(
    result: &CalibrationResult,
    checked: &CheckedCalibration,
    observed: &[(Date, f64)],
) -> PlainTable {
    let (mut dates, mut values, mut horizons) = (Vec::new(), Vec::new(), Vec::new());
    let mut forecasts: Vec<Forecast> = Vec::new();
    let last = checked.observed_dates.last().map(RowDate::date);
    let shown = checked.projection.as_ref().and_then(|projection| {
        let column = projection.main_column(&result.observed.column)?;
        Some((projection, column))
    });
    if let (Some((projection, column)), Some(last)) = (shown, last) {
        for (index, date) in projection.label.dates.iter().enumerate() {
            let date = date.date();
            let value = observed.iter().find(|(observed, _)| *observed == date);
            let Some((_, value)) = value.filter(|_| date > last) else {
                continue;
            };
            dates.push(date.to_string());
            values.push(*value);
            let days = date.since(last).map_or(0, |span| span.get_days());
            horizons.push(f64::from(days) / 7.0);
            let forecast = projection.values(index, column);
            forecasts.push(Forecast::new(forecast, &FLUSIGHT_QUANTILES, *value));
        }
    }
    let number = |of: fn(&Forecast) -> f64| forecasts.iter().map(of).collect();
    labelled("fit_scores", dates.len(), checked)
        .text("date", dates)
        .double("weeks_ahead", horizons)
        .double("observed", values)
        .double("median", number(|forecast| forecast.median))
        .double("wis", number(Forecast::score))
        .double("dispersion", number(|forecast| forecast.dispersion))
        .double("underprediction", number(|forecast| forecast.under))
        .double("overprediction", number(|forecast| forecast.over))
        .double("absolute_error", number(|forecast| forecast.absolute_error))
        .signed(
            "is_in_50",
            forecasts
                .iter()
                .map(|one| i64::from(one.is_in_50))
                .collect(),
        )
        .signed(
            "is_in_95",
            forecasts
                .iter()
                .map(|one| i64::from(one.is_in_95))
                .collect(),
        )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weights_count() {
        let summary = Summary::new(vec![(3.0, 1.0), (1.0, 2.0), (2.0, 1.0)]);
        assert_eq!(summary.mean, 1.75);
        assert!((summary.sd - 0.6875_f64.sqrt()).abs() < 1e-15);
        assert_eq!(summary.quantile(0.5), 1.0);
        assert_eq!(summary.quantile(0.6), 2.0);
        assert_eq!(summary.quantile(1.0), 3.0);
    }

    #[test]
    fn a_priors_spread_is_found_by_drawing() {
        let uniform = Distribution {
            name: "uniform".into(),
            args: vec![1.0, 2.0],
            kwargs: vec![("loc".into(), 3.0)],
        };
        assert_eq!(shown(&uniform), "uniform(1.0, 2.0, loc=3.0)");
        let uniform = Distribution {
            kwargs: Vec::new(),
            ..uniform
        };
        let (mean, sd) = moments(&Prior::new(&uniform).unwrap());
        assert!((mean - 2.0).abs() < 0.01, "{mean}");
        assert!((sd - (1.0_f64 / 3.0).sqrt()).abs() < 0.01, "{sd}");
    }
}
