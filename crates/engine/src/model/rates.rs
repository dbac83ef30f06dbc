//! Transitions' rates at every step and age group.

use super::assembler::RateSeries;
use super::error::ModelError;
use super::parameters::Parameters;
use super::steps::{Period, Steps};
use crate::calendar;
use crate::expression::{Dialect, Expression, Grid, Value};
use crate::schema::basemodel::{Intervention, Rate};

/// The parameters' values during the simulation: as the model has them, with the overrides written
/// over them.
#[derive(Debug)]
pub(crate) struct Definitions<'a> {
    parameters: &'a Parameters,
    overridden: Vec<(String, Value)>,
    steps: &'a Steps,
    n_groups: usize,
}

/// Scales parameters as interventions say, one after the other in document order.
///
/// A day counts with all its steps (the suite's `calc_scaling_at_date`), unlike in contact-matrix
/// interventions and overrides.
pub(crate) fn scale_parameters(
    parameters: &mut Parameters,
    interventions: &[Intervention],
    steps: &Steps,
) -> Result<(), ModelError> {
    for intervention in interventions {
        if let Intervention::ParameterScaling {
            target_parameter,
            scaling_factor,
            start_date,
            end_date,
        } = intervention
        {
            let days = calendar::day_number(*start_date)..=calendar::day_number(*end_date);
            let factors: Vec<f64> = (0..steps.n)
                .map(|step| {
                    if days.contains(&steps.day(step)) {
                        *scaling_factor
                    } else {
                        1.0
                    }
                })
                .collect();
            parameters.scale(target_parameter, &factors, "an intervention")?;
        }
    }
    Ok(())
}

impl<'a> Definitions<'a> {
    /// Applies the overrides in document order (epydemix's `apply_overrides`).
    pub(crate) fn new(
        parameters: &'a Parameters,
        interventions: &[Intervention],
        steps: &'a Steps,
        n_groups: usize,
    ) -> Result<Self, ModelError> {
        let mut definitions = Self {
            parameters,
            overridden: Vec::new(),
            steps,
            n_groups,
        };
        for intervention in interventions {
            if let Intervention::ParameterOverride {
                target_parameter,
                override_value,
                start_date,
                end_date,
            } = intervention
            {
                let period = Period::of_dates(*start_date, *end_date);
                definitions.write(target_parameter, *override_value, period)?;
            }
        }
        Ok(definitions)
    }

    fn write(&mut self, name: &str, value: f64, period: Period) -> Result<(), ModelError> {
        let Some(before) = self.get(name) else {
            return Err(ModelError::NoParameter {
                by: "an intervention",
                parameter: name.to_owned(),
            });
        };
        let n_columns = before.n_columns();
        let mut values = Vec::with_capacity(self.steps.n * n_columns);
        for (step, instant) in self.steps.instants().enumerate() {
            let is_overridden = period.contains(instant);
            values.extend((0..n_columns).map(|group| {
                if is_overridden {
                    value
                } else {
                    before.at(step, group)
                }
            }));
        }
        let after =
            Grid::new(self.steps.n, n_columns, values).map_or(Value::Array(before), Value::Array);
        match self.overridden.iter_mut().find(|(known, _)| known == name) {
            Some((_, value)) => *value = after,
            None => self.overridden.push((name.to_owned(), after)),
        }
        Ok(())
    }

    /// A parameter as an array, which is what every parameter is to epydemix.
    fn get(&self, name: &str) -> Option<Grid> {
        let overridden = self.overridden.iter().find(|(known, _)| known == name);
        match overridden
            .map(|(_, value)| value)
            .or_else(|| self.parameters.get(name))?
        {
            Value::Number(number) => Grid::new(1, 1, vec![*number]),
            Value::Array(grid) => Some(grid.clone()),
        }
    }

    /// The values of a rate: `[1, G]`, or `[T, G]` if it changes in time.
    ///
    /// # Errors
    /// When the expression uses a name without a value or has no finite result.
    pub(crate) fn rate(&self, rate: &Rate, transition: &str) -> Result<RateSeries, ModelError> {
        let value = match rate {
            Rate::Number(number) => Value::Number(*number),
            Rate::Expression(text) => {
                let evaluated = Expression::parse(text, Dialect::Rate)
                    .and_then(|rate| rate.evaluate(&|name| self.get(name).map(Value::Array)));
                evaluated.map_err(|source| ModelError::Rate {
                    transition: transition.to_owned(),
                    source,
                })?
            }
        };
        let n_rows = match &value {
            Value::Number(_) => 1,
            Value::Array(grid) => grid.n_rows(),
        };
        let values = (0..n_rows)
            .flat_map(|step| (0..self.n_groups).map(move |group| (step, group)))
            .map(|(step, group)| value.at(step, group))
            .collect();
        Ok(RateSeries { n_rows, values })
    }
}

#[cfg(test)]
mod tests {
    use epycloud_config::SuiteBehaviour;
    use jiff::civil::Date;

    use super::*;
    use crate::model::choice::Choice;
    use crate::model::initial::InitialCounts;
    use crate::model::parameters::Surroundings;
    use crate::model::test_support::community;
    use crate::schema::basemodel::Parameter;

    fn parameters() -> Parameters {
        let community = community(&[300.0, 1000.0]);
        let initial = InitialCounts::place(&[], &community, &Choice::default()).unwrap();
        let surroundings = Surroundings {
            community: &community,
            choice: Choice::default(),
            initial: &initial,
            behaviour: SuiteBehaviour::Latest,
        };
        let entries = [
            ("beta", Parameter::Scalar(Rate::Number(0.5))),
            (
                "p",
                Parameter::AgeVarying(vec![Rate::Number(0.25), Rate::Expression("1/2".into())]),
            ),
            ("both", Parameter::Calculated("beta*p".into())),
        ];
        let entries = entries.map(|(name, parameter)| (name.to_owned(), parameter));
        Parameters::evaluate(&entries, &surroundings).unwrap()
    }

    fn steps(delta_t: f64) -> Steps {
        Steps::new(
            Date::constant(2024, 9, 1),
            Date::constant(2024, 9, 3),
            delta_t,
        )
        .unwrap()
    }

    fn date(day: i8) -> Date {
        Date::constant(2024, 9, day)
    }

    fn rate(definitions: &Definitions<'_>, text: &str) -> ([usize; 2], Vec<f64>) {
        let series = definitions
            .rate(&Rate::Expression(text.to_owned()), "S_to_I")
            .unwrap();
        ([series.n_rows, 2], series.values)
    }

    #[test]
    fn rates_that_never_change_have_one_row() {
        let (parameters, steps) = (parameters(), steps(1.0));
        let definitions = Definitions::new(&parameters, &[], &steps, 2).unwrap();
        assert_eq!(rate(&definitions, "beta"), ([1, 2], vec![0.5, 0.5]));
        assert_eq!(
            rate(&definitions, "beta*(1-p)"),
            ([1, 2], vec![0.375, 0.25])
        );
        assert_eq!(rate(&definitions, "both"), ([1, 2], vec![0.125, 0.25]));
        let error = definitions
            .rate(&Rate::Expression("gamma".into()), "S_to_I")
            .unwrap_err();
        assert_eq!(
            error.to_string(),
            "could not evaluate the rate of transition `S_to_I`"
        );
    }

    #[test]
    fn an_override_ends_at_midnight_and_a_scaling_with_the_day() {
        let (mut parameters, steps) = (parameters(), steps(0.5));
        let scaling = Intervention::ParameterScaling {
            target_parameter: "beta".into(),
            scaling_factor: 3.0,
            start_date: date(1),
            end_date: date(2),
        };
        scale_parameters(&mut parameters, &[scaling], &steps).unwrap();
        let overrides = [(0.0625, 2, 2), (0.75, 3, 9)].map(|(override_value, first, last)| {
            Intervention::ParameterOverride {
                target_parameter: "beta".into(),
                override_value,
                start_date: date(first),
                end_date: date(last),
            }
        });
        let definitions = Definitions::new(&parameters, &overrides, &steps, 2).unwrap();
        let (shape, values) = rate(&definitions, "beta");
        assert_eq!(shape, [5, 2]);
        let by_step: Vec<f64> = values.chunks_exact(2).map(|row| row[0]).collect();
        assert_eq!(by_step, [1.5, 1.5, 0.0625, 1.5, 0.75]);
    }

    #[test]
    fn scaling_an_age_varying_parameter_keeps_its_groups_apart() {
        let (mut parameters, steps) = (parameters(), steps(1.0));
        parameters.scale("p", &[1.0, 2.0, 4.0], "a test").unwrap();
        let definitions = Definitions::new(&parameters, &[], &steps, 2).unwrap();
        assert_eq!(
            rate(&definitions, "p"),
            ([3, 2], vec![0.25, 0.5, 0.5, 1.0, 1.0, 2.0])
        );
        let error = parameters.scale("q", &[], "the seasonality").unwrap_err();
        assert_eq!(
            error.to_string(),
            "the seasonality is about parameter `q`, which has no value"
        );
    }
}
