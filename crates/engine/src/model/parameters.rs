//! Values of a model's parameters.

use epycloud_config::SuiteBehaviour;

use super::choice::Choice;
use super::community::Community;
use super::contacts::eigenvalue;
use super::error::ModelError;
use super::steps::Steps;
use super::{initial::InitialCounts, seasonality};
use crate::array::Array;
use crate::expression::{Dialect, Expression, ExpressionError, Grid, Value};
use crate::schema::basemodel::{Parameter, Rate, Seasonality};
use crate::simulation::ParameterValue;

/// The parameters that have values, in the order in which the suite's model has them: those with
/// values of their own as the document lists them, then the chosen ones, then the calculated ones.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Parameters(Vec<(String, Value)>);

/// What an expression may use besides parameters.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Surroundings<'a> {
    /// Whose contact matrices have the `eigenvalue`.
    pub(crate) community: &'a Community,
    /// What is chosen for what the experiment leaves open.
    pub(crate) choice: Choice<'a>,
    /// The initial counts, of which a compartment's name stands for its share of everybody.
    pub(crate) initial: &'a InitialCounts,
    /// A compartment's name means something only to the newest suite.
    pub(crate) behaviour: SuiteBehaviour,
}

impl Parameters {
    /// Evaluates the parameters of a base model.
    ///
    /// # Errors
    /// Names what is sampled or calibrated without a choice, and what can't be evaluated.
    pub(crate) fn evaluate(
        parameters: &[(String, Parameter)],
        surroundings: &Surroundings<'_>,
    ) -> Result<Self, ModelError> {
        let mut evaluated = Self(Vec::with_capacity(parameters.len()));
        for (name, parameter) in parameters {
            let value = match parameter {
                Parameter::Scalar(rate) => Some(constant(name, rate).map(Value::Number)?),
                Parameter::AgeVarying(rates) => {
                    Some(age_varying(name, rates, surroundings.community.n_groups())?)
                }
                Parameter::Calculated(_) => None,
                Parameter::Sampled => surroundings.chosen("sampled", name)?,
                Parameter::Calibrated => surroundings.chosen("calibrated", name)?,
            };
            evaluated.0.extend(value.map(|value| (name.clone(), value)));
        }
        evaluated.choose(surroundings.choice.parameters);
        for (name, parameter) in parameters {
            if let Parameter::Calculated(text) = parameter {
                let value = evaluated
                    .calculate(text, surroundings)
                    .map_err(|cause| cause.of_parameter(name))?;
                evaluated.0.push((name.clone(), value));
            }
        }
        Ok(evaluated)
    }

    /// Adds chosen parameters; one that has a value already keeps its place.
    fn choose(&mut self, chosen: &[(String, f64)]) {
        for (name, value) in chosen {
            let value = Value::Number(*value);
            match self.0.iter_mut().find(|(known, _)| known == name) {
                Some((_, before)) => *before = value,
                None => self.0.push((name.clone(), value)),
            }
        }
    }

    /// A parameter's value.
    pub(crate) fn get(&self, name: &str) -> Option<&Value> {
        self.0
            .iter()
            .find(|(known, _)| known == name)
            .map(|(_, value)| value)
    }

    /// Scales a parameter at every step.
    pub(crate) fn scale(
        &mut self,
        name: &str,
        factors: &[f64],
        by: &'static str,
    ) -> Result<(), ModelError> {
        let Some((_, value)) = self.0.iter_mut().find(|(known, _)| known == name) else {
            return Err(ModelError::NoParameter {
                by,
                parameter: name.to_owned(),
            });
        };
        let n_columns = match value {
            Value::Number(_) => 1,
            Value::Array(grid) => grid.n_columns(),
        };
        let mut scaled = Vec::with_capacity(factors.len() * n_columns);
        for (step, factor) in factors.iter().enumerate() {
            scaled.extend((0..n_columns).map(|group| factor * value.at(step, group)));
        }
        if let Some(grid) = Grid::new(factors.len(), n_columns, scaled) {
            *value = Value::Array(grid);
        }
        Ok(())
    }

    /// Applies seasonal forcing.
    pub(crate) fn force(
        &mut self,
        seasonality: &Seasonality,
        steps: &Steps,
    ) -> Result<(), ModelError> {
        let factors = seasonality::factors(seasonality, steps)?;
        self.scale(&seasonality.target_parameter, &factors, "the seasonality")
    }

    /// The values as an artifact carries them: numbers, `[T]`, `[1, G]` or `[T, G]`.
    pub(crate) fn to_task(&self) -> Vec<(String, ParameterValue)> {
        let describe = |value: &Value| match value {
            Value::Number(number) => ParameterValue::Number(*number),
            Value::Array(grid) => {
                let (n_rows, n_columns) = (grid.n_rows(), grid.n_columns());
                let shape: &[usize] = if n_columns == 1 && n_rows > 1 {
                    &[n_rows]
                } else {
                    &[n_rows, n_columns]
                };
                ParameterValue::Array(Array::from_f64(shape, grid.values()))
            }
        };
        self.0
            .iter()
            .map(|(name, value)| (name.clone(), describe(value)))
            .collect()
    }

    fn calculate(&self, text: &str, surroundings: &Surroundings<'_>) -> Result<Value, Cause> {
        let expression = Expression::parse(text, Dialect::Parameter)?;
        let uses_eigenvalue = expression.names().any(|name| name.name == "eigenvalue");
        let eigenvalue = if uses_eigenvalue {
            Some(eigenvalue(surroundings.community)?)
        } else {
            None
        };
        let lookup = |name: &str| match name {
            "eigenvalue" => eigenvalue.map(Value::Number),
            _ => surroundings.share(name).or_else(|| self.get(name).cloned()),
        };
        Ok(expression.evaluate(&lookup)?)
    }
}

impl Surroundings<'_> {
    /// Nothing yet for a parameter that is chosen: it comes after those with values of their own.
    fn chosen(&self, kind: &'static str, name: &str) -> Result<Option<Value>, ModelError> {
        match self.choice.parameter(name) {
            Some(_) => Ok(None),
            None => Err(ModelError::NotChosen {
                kind,
                name: name.to_owned(),
            }),
        }
    }

    /// The share of everybody who starts in a compartment.
    fn share(&self, compartment: &str) -> Option<Value> {
        match self.behaviour {
            SuiteBehaviour::Latest => self
                .initial
                .share(compartment, &self.community.sizes)
                .map(Value::Number),
            SuiteBehaviour::V0_1_0 => None,
        }
    }
}

/// The number that a scalar is: itself, or arithmetic without names.
fn constant(name: &str, rate: &Rate) -> Result<f64, ModelError> {
    match rate {
        Rate::Number(number) => Ok(*number),
        Rate::Expression(text) => {
            let of_parameter = |source| Cause::Expression(source).of_parameter(name);
            let value = Expression::parse(text, Dialect::Parameter)
                .and_then(|expression| expression.evaluate(&|_| None))
                .map_err(of_parameter)?;
            match value {
                Value::Number(number) => Ok(number),
                Value::Array(grid) => Err(ModelError::ParameterGroups {
                    parameter: name.to_owned(),
                    found: grid.values().len(),
                    n_groups: 1,
                }),
            }
        }
    }
}

fn age_varying(name: &str, rates: &[Rate], n_groups: usize) -> Result<Value, ModelError> {
    if rates.len() != n_groups {
        return Err(ModelError::ParameterGroups {
            parameter: name.to_owned(),
            found: rates.len(),
            n_groups,
        });
    }
    let values = rates
        .iter()
        .map(|rate| constant(name, rate))
        .collect::<Result<_, _>>()?;
    Ok(Value::by_group(values))
}

/// Why a calculated parameter has no value.
enum Cause {
    Expression(ExpressionError),
    Model(ModelError),
}

impl Cause {
    fn of_parameter(self, name: &str) -> ModelError {
        match self {
            Self::Expression(source) => ModelError::Parameter {
                parameter: name.to_owned(),
                source,
            },
            Self::Model(error) => error,
        }
    }
}

impl From<ExpressionError> for Cause {
    fn from(error: ExpressionError) -> Self {
        Self::Expression(error)
    }
}

impl From<ModelError> for Cause {
    fn from(error: ModelError) -> Self {
        Self::Model(error)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::test_support::{community, compartment};
    use crate::schema::basemodel::InitialCondition;

    fn evaluate(
        entries: &[(&str, Parameter)],
        behaviour: SuiteBehaviour,
    ) -> Result<Parameters, ModelError> {
        let mut community = community(&[300.0, 1000.0]);
        community.contacts[2] = vec![2.0, 0.0, 0.0, 8.0];
        let compartments = [
            compartment("S", Some(InitialCondition::Default)),
            compartment("R", Some(InitialCondition::Scalar(0.25))),
        ];
        let initial = InitialCounts::place(&compartments, &community, &Choice::default()).unwrap();
        let surroundings = Surroundings {
            community: &community,
            choice: Choice::default(),
            initial: &initial,
            behaviour,
        };
        let entries: Vec<_> = entries
            .iter()
            .map(|(name, entry)| ((*name).to_owned(), entry.clone()))
            .collect();
        Parameters::evaluate(&entries, &surroundings)
    }

    fn calculated(text: &str) -> Parameter {
        Parameter::Calculated(text.to_owned())
    }

    fn scalar(text: &str) -> Parameter {
        Parameter::Scalar(Rate::Expression(text.to_owned()))
    }

    #[test]
    fn calculated_parameters_come_last_and_see_those_before_them() {
        let entries = [
            ("beta", calculated("R0*gamma/eigenvalue")),
            ("half", calculated("beta/2")),
            ("R0", scalar("2*2")),
            ("gamma", scalar("1/4")),
        ];
        let parameters = evaluate(&entries, SuiteBehaviour::Latest)
            .unwrap()
            .to_task();
        let names: Vec<&str> = parameters.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(names, ["R0", "gamma", "beta", "half"]);
        assert_eq!(
            parameters[3].1,
            ParameterValue::Number(4.0 * 0.25 / 8.0 / 2.0)
        );
    }

    #[test]
    fn a_compartment_is_its_share_at_the_start_in_the_newest_suite_only() {
        let entries = [("immune", calculated("1-R"))];
        let parameters = evaluate(&entries, SuiteBehaviour::Latest).unwrap();
        assert_eq!(parameters.get("immune"), Some(&Value::Number(0.75)));
        let error = evaluate(&entries, SuiteBehaviour::V0_1_0).unwrap_err();
        assert_eq!(error.to_string(), "could not calculate parameter `immune`");
    }

    #[test]
    fn what_has_no_value_is_named() {
        let behaviour = SuiteBehaviour::Latest;
        let error = evaluate(&[("beta", Parameter::Calibrated)], behaviour).unwrap_err();
        assert_eq!(
            error.to_string(),
            "nothing is chosen for `beta`, which is calibrated"
        );
        let three = vec![Rate::Number(0.5); 3];
        let error = evaluate(&[("p", Parameter::AgeVarying(three))], behaviour).unwrap_err();
        assert_eq!(
            error.to_string(),
            "parameter `p` has 3 values for 2 age groups"
        );
        assert!(evaluate(&[("x", calculated("y"))], behaviour).is_err());
    }
}
