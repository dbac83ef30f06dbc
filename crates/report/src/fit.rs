//! How a calibration fits, read from the tables of its fit: observations beside what was simulated,
//! and posteriors beside priors.

use std::collections::BTreeMap;

use epycloud_orchestrator::record::OutputsRecord;
use epycloud_storage::{RunLayout, Storage};
use jiff::civil::Date;

use crate::fan::{Fan, FanSet, LEVELS, SHOWN};
use crate::table::{self, Header, number};

const DATES: &str = "fit_dates.csv.gz";
const PARAMETERS: &str = "fit_parameters.csv.gz";
/// The columns that have the quantiles.
const QUANTILES: [&str; LEVELS.len()] = ["q0.025", "q0.25", "q0.5", "q0.75", "q0.975"];

/// What was observed, by task (the table's `primary_id`).
pub(crate) type Observations = BTreeMap<String, Vec<(Date, f64)>>;

/// How a calibration fits.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Fit {
    /// Fans of the simulated data with the observations.
    pub(crate) fans: FanSet,
    /// Posteriors of the first tasks.
    pub(crate) posteriors: Vec<Posterior>,
    /// Observations of all tasks.
    pub(crate) observations: Observations,
}

/// A task's parameters.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Posterior {
    /// epydemix name of its population.
    pub(crate) population: String,
    /// Its parameters.
    pub(crate) parameters: Vec<Parameter>,
}

/// A parameter's posterior beside its prior.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Parameter {
    /// Its name.
    pub(crate) name: String,
    /// Its prior, as it was asked for.
    pub(crate) prior: String,
    /// Mean and standard deviation of the prior, and where it begins and ends, if it does.
    pub(crate) prior_moments: (f64, f64),
    pub(crate) prior_range: (Option<f64>, Option<f64>),
    /// Weighted quantiles of the posterior at [`LEVELS`].
    pub(crate) quantiles: [f64; LEVELS.len()],
}

/// Reads the fit; `None` where the outputs have no table of it.
pub(crate) async fn read(
    storage: &Storage,
    layout: &RunLayout,
    outputs: &OutputsRecord,
) -> Option<Fit> {
    let dates = table::load(storage, layout, outputs, DATES).await?;
    let (fans, observations) = dates_of(&dates)?;
    let parameters = table::load(storage, layout, outputs, PARAMETERS).await;
    let posteriors = parameters.and_then(|bytes| posteriors_of(&bytes));
    Some(Fit {
        fans,
        posteriors: posteriors.unwrap_or_default(),
        observations,
    })
}

fn dates_of(bytes: &[u8]) -> Option<(FanSet, Observations)> {
    let mut reader = csv::Reader::from_reader(bytes);
    let header = Header::of(&mut reader)?;
    let [task, population, date, observation, observed] = header.all([
        "primary_id",
        "population",
        "date",
        "observation",
        "observed",
    ])?;
    let quantiles = header.all(QUANTILES)?;
    let mut fans: Vec<(String, Fan)> = Vec::new();
    let mut observations = Observations::new();
    let mut column = String::new();
    let mut row = csv::StringRecord::new();
    while reader.read_record(&mut row).ok()? {
        let id = row.get(task)?;
        if !observations.contains_key(id) {
            column = row.get(observation)?.to_owned();
            if fans.len() < SHOWN {
                let population = row.get(population)?.to_owned();
                fans.push((id.to_owned(), Fan::of(population)));
            }
        }
        let of_task = observations.entry(id.to_owned()).or_default();
        let day: Date = row.get(date)?.get(..10)?.parse().ok()?;
        of_task.extend(number(&row, observed).map(|value| (day, value)));
        if let Some((_, fan)) = fans.iter_mut().find(|(known, _)| known == id) {
            fan.observed
                .extend(number(&row, observed).map(|value| (day, value)));
            let values = quantiles.map(|quantile| number(&row, quantile));
            fan.points
                .extend(crate::fan::whole(values).map(|values| (day, values)));
        }
    }
    let n_tasks = observations.len();
    let fans: Vec<Fan> = fans
        .into_iter()
        .map(|(_, fan)| fan)
        .filter(|fan| fan.points.len() > 1)
        .collect();
    (!fans.is_empty()).then_some((
        FanSet {
            column,
            table: DATES.to_owned(),
            fans,
            n_tasks,
        },
        observations,
    ))
}

fn posteriors_of(bytes: &[u8]) -> Option<Vec<Posterior>> {
    let mut reader = csv::Reader::from_reader(bytes);
    let header = Header::of(&mut reader)?;
    let [task, population, parameter, prior] =
        header.all(["primary_id", "population", "parameter", "prior"])?;
    let [low, high, mean, sd] =
        header.all(["prior_low", "prior_high", "prior_mean", "prior_sd"])?;
    let quantiles = header.all(QUANTILES)?;
    let mut posteriors: Vec<(String, Posterior)> = Vec::new();
    let mut row = csv::StringRecord::new();
    while reader.read_record(&mut row).ok()? {
        let id = row.get(task)?;
        if posteriors.last().is_none_or(|(last, _)| last != id) {
            if posteriors.len() == SHOWN {
                break;
            }
            let posterior = Posterior {
                population: row.get(population)?.to_owned(),
                parameters: Vec::new(),
            };
            posteriors.push((id.to_owned(), posterior));
        }
        let known = crate::fan::whole(quantiles.map(|quantile| number(&row, quantile)));
        let (Some(quantiles), Some((_, posterior))) = (known, posteriors.last_mut()) else {
            continue;
        };
        let moment = |column| number(&row, column).unwrap_or(f64::NAN);
        posterior.parameters.push(Parameter {
            name: row.get(parameter)?.to_owned(),
            prior: row.get(prior)?.to_owned(),
            prior_moments: (moment(mean), moment(sd)),
            prior_range: (number(&row, low), number(&row, high)),
            quantiles,
        });
    }
    Some(
        posteriors
            .into_iter()
            .map(|(_, posterior)| posterior)
            .collect(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn observations_and_posteriors_are_read_by_task() {
        let dates = "primary_id,seed,population,date,observation,observed,q0.025,q0.25,q0.5,q0.75,\
                     q0.975\n0,1,Here,2026-01-03,adm,4.0,1,2,3,4,5\n\
                     0,1,Here,2026-01-10,adm,,1,2,3,4,5\n1,1,There,2026-01-03,adm,7.0,,,,,\n";
        let (fans, observations) = dates_of(dates.as_bytes()).unwrap();
        assert_eq!(fans.column, "adm");
        assert_eq!((fans.fans.len(), fans.n_tasks), (1, 2));
        assert_eq!(fans.fans[0].points.len(), 2);
        assert_eq!(fans.fans[0].observed.len(), 1);
        assert_eq!(observations["1"], [("2026-01-03".parse().unwrap(), 7.0)]);

        let parameters = "primary_id,population,parameter,prior,prior_low,prior_high,prior_mean,\
                          prior_sd,q0.025,q0.25,q0.5,q0.75,q0.975\n\
                          0,Here,R0,\"norm(2.0, 1.0)\",-inf,inf,2,1,1,2,3,4,5\n";
        let posteriors = posteriors_of(parameters.as_bytes()).unwrap();
        let parameter = &posteriors[0].parameters[0];
        assert_eq!(parameter.prior_range, (None, None));
        assert_eq!(parameter.quantiles, [1.0, 2.0, 3.0, 4.0, 5.0]);
        assert_eq!(dates_of(b"a,b\n1,2\n"), None);
    }
}
