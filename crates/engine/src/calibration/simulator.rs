//! The model of a calibration task, simulated with proposed parameters.

use epycloud_errors::chain;
use epycloud_kernel::random::Pcg64;
use epycloud_kernel::{Inputs, MatrixOrder, Plan, Scratch, Series, SimulationError, Sink};
use jiff::civil::Date;

use super::abc::{Simulated, Simulator};
use super::build::distance;
use super::comparing::{Compared, Comparing};
use super::distance::Distance;
use super::error::CalibrationError;
use super::setting::{Setting, Settings};
use super::task::{CalibrationTask, Start};
use crate::calendar::{NS_PER_DAY, day_number, format_day};
use crate::model::{Assembled, Assembler, Choice, ModelError};
use crate::schema::modelset::calibration::overrules_prior;
use crate::simulation::{Frequency, kernel_model};

/// Simulates a calibration task's model.
pub(super) struct EpidemicSimulator<'a> {
    task: &'a CalibrationTask,
    assembler: Assembler<'a>,
    plan: Plan,
    frequency: Option<Frequency>,
    compared: Compared,
    distance: Distance,
    /// Instants of the observations, rising.
    observed: Vec<i64>,
    /// Which of the task's parameters are what is proposed; the base model has a value for others.
    counts: Vec<bool>,
    /// Whether a simulation ends as soon as its distance is certain to be too great.
    pub(super) gives_up: bool,
}

/// What a thread keeps from simulation to simulation.
#[derive(Default)]
pub(super) struct Memory {
    scratch: Scratch,
    /// With the observation of each row.
    settings: Settings<(Setting, Vec<Option<usize>>)>,
}

/// Proposed values by name.
struct Values {
    parameters: Vec<(String, f64)>,
    compartments: Vec<(String, f64)>,
}

impl<'a> EpidemicSimulator<'a> {
    /// Prepares the simulations of a task.
    pub(super) fn new(task: &'a CalibrationTask) -> Result<Self, CalibrationError> {
        let template = &task.model;
        let assembler = Assembler::new(template)?;
        let compartments: Vec<String> =
            template.compartments.iter().map(|c| c.id.clone()).collect();
        let plan = Plan::compile(&kernel_model(
            assembler.transitions(),
            assembler.eligible(),
            compartments.len(),
            template.groups.len(),
        ))?;
        let frequency = template
            .resample_frequency
            .as_ref()
            .map(|name| name.parse::<Frequency>())
            .transpose()?;
        let columns = &task.observed.simulation;
        Ok(Self {
            compared: Compared::new(columns, &plan, &compartments, &template.groups)?,
            distance: distance(task)?,
            observed: observed_instants(task)?,
            counts: task
                .parameters
                .iter()
                .map(|one| counts(task, &one.name))
                .collect(),
            task,
            assembler,
            plan,
            frequency,
            gives_up: true,
        })
    }

    /// The model's plan.
    pub(super) const fn plan(&self) -> &Plan {
        &self.plan
    }

    /// The setting of simulations from a first to a last day.
    pub(super) fn setting(&self, first_day: i64, last_day: i64) -> Result<Setting, ModelError> {
        Setting::new(&self.assembler, self.frequency, first_day, last_day)
    }

    /// Refuses observations on days for which simulations have no value. Those before the earliest
    /// start are compared with zero.
    pub(super) fn check_rows(&self) -> Result<(), CalibrationError> {
        let first_day = day_number(self.task.earliest_start());
        let setting = self.setting(first_day, day_number(self.task.fit_until))?;
        let labels = setting.grid.labels();
        let missing = self.observed.iter().find(|&&instant| {
            instant >= first_day * NS_PER_DAY && labels.binary_search(&instant).is_err()
        });
        missing.map_or(Ok(()), |instant| {
            Err(CalibrationError::NoRow {
                population: self.task.model.population.clone(),
                date: format_day(instant.div_euclid(NS_PER_DAY)),
                frequency: self.frequency_name(),
            })
        })
    }

    /// Refuses frequencies with which trajectories of different starts can't be laid over each
    /// other.
    pub(super) fn check_alignment(&self) -> Result<(), CalibrationError> {
        if matches!(self.task.start, Start::Fixed(_)) {
            return Ok(());
        }
        let (first_day, last_day) = (
            day_number(self.task.earliest_start()),
            day_number(self.task.end_date),
        );
        let full = self.setting(first_day, last_day)?;
        for later in (first_day + 1..=last_day).take(7) {
            let rows = self.setting(later, last_day)?;
            if !full.grid.labels().ends_with(rows.grid.labels()) {
                return Err(CalibrationError::Rows {
                    frequency: self.frequency_name(),
                });
            }
        }
        Ok(())
    }

    fn frequency_name(&self) -> String {
        let name = self.task.model.resample_frequency.clone();
        name.unwrap_or_else(|| "every step".to_owned())
    }

    /// The first day of a simulation with parameters in the order of the priors.
    pub(super) fn first_day(&self, parameters: &[f64]) -> i64 {
        match (&self.task.start, parameters.last()) {
            (Start::Calibrated { reference_date, .. }, Some(days)) => {
                #[expect(
                    clippy::cast_possible_truncation,
                    reason = "fractions of a day are cut off; what is too large is no date later"
                )]
                let days = days.floor() as i64;
                day_number(*reference_date).saturating_add(days)
            }
            _ => day_number(self.task.earliest_start()),
        }
    }

    /// Simulates with parameters in the order of the priors, in their setting.
    pub(super) fn run(
        &self,
        parameters: &[f64],
        setting: &Setting,
        rng: &mut Pcg64,
        scratch: &mut Scratch,
        sink: &mut impl Sink,
    ) -> Result<(), Failure> {
        let values = self.values(parameters);
        let choice = Choice {
            parameters: &values.parameters,
            compartments: &values.compartments,
        };
        let timeline = &setting.timeline;
        let assembled = self.assembler.assemble(&choice, &timeline.steps)?;
        let Assembled { initial, rates, .. } = &assembled;
        let rates: Vec<Series<'_>> = rates
            .iter()
            .map(|rate| Series {
                steps: rate.n_rows,
                values: &rate.values,
            })
            .collect();
        let doses: Vec<Series<'_>> = timeline
            .doses
            .iter()
            .map(|values| Series {
                steps: timeline.steps.n,
                values,
            })
            .collect();
        let inputs = Inputs {
            dt: self.task.model.delta_t,
            linear_approximation: false,
            n_steps: timeline.steps.n,
            group_sizes: &self.assembler.community().sizes,
            initial,
            rates: &rates,
            contact_matrices: &timeline.contacts.matrices,
            matrix_order: MatrixOrder::RowMajor,
            contact_of_step: &timeline.contacts.of_step,
            doses: &doses,
        };
        Ok(epycloud_kernel::run(
            &self.plan, &inputs, rng, scratch, sink,
        )?)
    }

    fn values(&self, parameters: &[f64]) -> Values {
        let named = |calibrated: &[super::CalibratedParameter], values: &[f64]| {
            let names = calibrated.iter().map(|one| one.name.clone());
            names.zip(values.iter().copied()).collect()
        };
        let n = self.task.parameters.len();
        let (of_parameters, others) = parameters.split_at(n.min(parameters.len()));
        let mut parameters: Vec<(String, f64)> = named(&self.task.parameters, of_parameters);
        let mut counts = self.counts.iter().copied();
        parameters.retain(|_| counts.next().unwrap_or(true));
        Values {
            parameters,
            compartments: named(&self.task.compartments, others),
        }
    }
}

/// Whether the base model leaves a parameter to its prior.
fn counts(task: &CalibrationTask, name: &str) -> bool {
    let known = task.model.parameters.iter();
    !known
        .filter(|(known, _)| known == name)
        .any(|(name, parameter)| overrules_prior(name, parameter))
}

impl Simulator for EpidemicSimulator<'_> {
    type Scratch = Memory;

    fn scratch(&self) -> Memory {
        Memory::default()
    }

    fn simulate(
        &self,
        parameters: &[f64],
        rng: &mut Pcg64,
        epsilon: f64,
        memory: &mut Memory,
    ) -> Simulated {
        let first_day = self.first_day(parameters);
        let Memory { scratch, settings } = memory;
        let known = settings.of(first_day, || {
            let setting = self.setting(first_day, day_number(self.task.fit_until))?;
            let rows = setting.observation_of_row(&self.observed);
            Ok((setting, rows))
        });
        let (setting, observation_of_row) = match known {
            Ok(known) => known,
            Err(error) => return Simulated::Invalid(chain(&error).join(": ")),
        };
        let mut sink = Comparing::new(
            &self.compared,
            &setting.grid,
            observation_of_row,
            &self.distance,
            if self.gives_up {
                epsilon
            } else {
                f64::INFINITY
            },
        );
        if sink.is_hopeless() {
            return Simulated::TooFar;
        }
        let (data, failed) = match self.run(parameters, setting, rng, scratch, &mut sink) {
            Ok(()) => match sink.finish() {
                Some(data) => (data, false),
                None => return Simulated::TooFar,
            },
            // The suite compares zeros where numpy finds no probabilities.
            Err(Failure::Simulation(SimulationError::Probabilities { .. })) => {
                (vec![0.0; self.observed.len()], true)
            }
            Err(error) => return Simulated::Invalid(chain(&error).join(": ")),
        };
        Simulated::Finished {
            distance: self.distance.of(&data),
            data,
            failed,
        }
    }
}

/// Why proposed parameters can't be simulated.
#[derive(Debug, thiserror::Error)]
pub(super) enum Failure {
    /// They make no model.
    #[error(transparent)]
    Model(#[from] ModelError),
    /// The simulation has failed.
    #[error(transparent)]
    Simulation(#[from] SimulationError),
}

/// The instants of a task's observations.
fn observed_instants(task: &CalibrationTask) -> Result<Vec<i64>, CalibrationError> {
    task.observed
        .dates
        .iter()
        .map(|text| {
            text.parse::<Date>()
                .map(|date| day_number(date) * NS_PER_DAY)
                .map_err(|_| CalibrationError::Date { text: text.clone() })
        })
        .collect()
}
