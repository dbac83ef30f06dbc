//! `parameters`.

use epycloud_errors::nearest;

use super::super::fields::{Fields, value_of};
use super::super::reader::{Item, Reader};
use super::compartments::Compartments;
use super::rates::Constants;
use super::{Context, DRAWN};
use crate::expression::{Dialect, Value};
use crate::schema::basemodel::{Parameter, Rate};

const TYPES: &[&str] = &[
    "scalar",
    "age_varying",
    "calculated",
    "sampled",
    "calibrated",
];
/// The largest eigenvalue of the contact matrix, which a calculated parameter may use.
const EIGENVALUE: &str = "eigenvalue";

/// The parameters, as far as they could be read.
pub(super) struct Parameters {
    /// `None` for one that has a fault.
    parameters: Vec<(String, Option<Parameter>)>,
    constants: Constants,
    /// Whether there may be others, whose names couldn't be read.
    has_unreadable: bool,
}

impl Parameters {
    /// Whether a parameter is there, or may be there.
    pub(super) fn has(&self, name: &str) -> bool {
        self.has_unreadable || self.parameters.iter().any(|(known, _)| known == name)
    }

    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.parameters.iter().map(|(name, _)| name.as_str())
    }

    /// All by name, with those that have no fault; `None` when there may be others.
    pub(super) fn all(&self) -> Option<Vec<(&str, Option<&Parameter>)>> {
        let all = self
            .parameters
            .iter()
            .map(|(name, parameter)| (name.as_str(), parameter.as_ref()));
        (!self.has_unreadable).then(|| all.collect())
    }

    /// The values that don't depend on the population or a modelset.
    pub(super) fn constants(&self) -> &Constants {
        &self.constants
    }

    pub(super) fn finish(self) -> Option<Vec<(String, Parameter)>> {
        self.parameters
            .into_iter()
            .map(|(name, parameter)| Some((name, parameter?)))
            .collect()
    }
}

/// A name of the section, before the parameters are read.
struct Known<'a> {
    name: &'a str,
    is_calculated: bool,
}

impl<'d> Reader<'d> {
    pub(super) fn parameters(
        &mut self,
        item: &Item<'d>,
        context: &Context<'_>,
    ) -> Option<Parameters> {
        let entries = self.entries(item, "a mapping of parameters by name")?;
        let n_keys = item.node.as_mapping().map_or(0, <[_]>::len);
        let mut parameters = Parameters {
            parameters: Vec::with_capacity(entries.len()),
            constants: Constants::new(),
            has_unreadable: entries.len() < n_keys,
        };
        let known: Vec<Known<'_>> = entries
            .iter()
            .map(|(name, _)| Known {
                name,
                is_calculated: value_of(item, name)
                    .and_then(|node| node.get("type"))
                    .is_some_and(|kind| kind.as_str() == Some("calculated")),
            })
            .collect();
        for (name, key) in &entries {
            if name == EIGENVALUE {
                let message = "calculations read `eigenvalue` as the contact matrix's eigenvalue";
                self.warn(key, message, Some("rename the parameter".to_owned()));
            }
            let parameter = value_of(item, name).and_then(|node| {
                let item = Item {
                    node,
                    path: key.path.clone(),
                };
                self.parameter(&item, name, &known, &mut parameters.constants, context)
            });
            parameters.parameters.push((name.clone(), parameter));
        }
        Some(parameters)
    }

    fn parameter(
        &mut self,
        item: &Item<'d>,
        name: &str,
        known: &[Known<'_>],
        constants: &mut Constants,
        context: &Context<'_>,
    ) -> Option<Parameter> {
        if let Some(written) = item.node.written() {
            self.error_with_hint(
                item,
                format!(
                    "expected a mapping with `type`, found {}",
                    item.node.shown()
                ),
                format!("write {{type: scalar, value: {written}}}"),
            );
            return None;
        }
        let fields = self.fields(item, &["type", "value", "values"])?;
        let kind = self.required(&fields, "type")?;
        let kind_name = self.choice(&kind, TYPES)?;
        let (wanted, unwanted) = match kind_name {
            "scalar" | "calculated" => (Some("value"), &["values"][..]),
            "age_varying" => (Some("values"), &["value"][..]),
            _ => (None, &["value", "values"][..]),
        };
        self.forbid(
            &fields,
            unwanted,
            &format!("a parameter of type `{kind_name}`"),
        );
        let value = match wanted {
            Some(key) => Some(self.required(&fields, key)?),
            None => None,
        };
        match (kind_name, value) {
            ("scalar", Some(value)) => {
                let (rate, number) = self.constant_value(&value)?;
                constants.insert(name.to_owned(), number);
                Some(Parameter::Scalar(rate))
            }
            ("age_varying", Some(values)) => {
                let (rates, numbers) = self.values_by_group(&values, context.n_groups)?;
                constants.insert(name.to_owned(), Value::by_group(numbers));
                Some(Parameter::AgeVarying(rates))
            }
            ("calculated", Some(value)) => self.calculated(&value, name, known, constants, context),
            (word, _) => {
                debug_assert!(DRAWN.contains(&word));
                self.drawn(&kind, word, context.workflow);
                let is_sampled = word == "sampled";
                Some(if is_sampled {
                    Parameter::Sampled
                } else {
                    Parameter::Calibrated
                })
            }
        }
    }

    /// Keys that a mapping of this type can't have.
    pub(in super::super) fn forbid(&mut self, fields: &Fields<'d>, keys: &[&str], what: &str) {
        for key in keys {
            if let (Some(at), Some(_)) = (fields.key(key), fields.optional(key)) {
                self.error(&at, format!("{what} can't have `{key}`"));
            }
        }
    }

    /// A number, or an expression of numbers.
    fn constant_value(&mut self, item: &Item<'_>) -> Option<(Rate, Value)> {
        let rate = self.rate(item)?;
        let value = match &rate {
            Rate::Number(value) => Value::Number(*value),
            Rate::Expression(text) => {
                let expression = self.expression(item, text, Dialect::Parameter)?;
                if let Some(name) = expression.names().next() {
                    self.error_with_hint(
                        item,
                        format!("`{}` is not a number", name.name),
                        "an expression of other parameters is of type `calculated`",
                    );
                    return None;
                }
                self.constant(item, &expression, &Constants::new())?
            }
        };
        if matches!(value, Value::Array(_)) {
            self.expected(item, "one number");
            return None;
        }
        Some((rate, value))
    }

    fn values_by_group(
        &mut self,
        item: &Item<'d>,
        n_groups: Option<usize>,
    ) -> Option<(Vec<Rate>, Vec<f64>)> {
        let elements = self.elements(item, "a list of numbers or expressions")?;
        if let Some(n_groups) = n_groups {
            self.check_n_groups(item, elements.len(), n_groups);
        }
        let read: Vec<Option<(Rate, Value)>> = elements
            .iter()
            .map(|element| self.constant_value(element))
            .collect();
        let read: Vec<(Rate, Value)> = read.into_iter().collect::<Option<_>>()?;
        Some(
            read.into_iter()
                .map(|(rate, value)| (rate, value.at(0, 0)))
                .unzip(),
        )
    }

    fn calculated(
        &mut self,
        item: &Item<'_>,
        name: &str,
        known: &[Known<'_>],
        constants: &mut Constants,
        context: &Context<'_>,
    ) -> Option<Parameter> {
        let text = match self.rate(item)? {
            Rate::Number(value) => {
                constants.insert(name.to_owned(), Value::Number(value));
                return Some(Parameter::Scalar(Rate::Number(value)));
            }
            Rate::Expression(text) => text,
        };
        let expression = self.expression(item, &text, Dialect::Parameter)?;
        let n_faults = self.faults.len();
        for used in expression.names() {
            self.check_used_name(item, &used.name, name, known, context);
        }
        if self.faults.len() > n_faults {
            return None;
        }
        let is_known = |used: &str| constants.contains_key(used) && !is_compartment(used, context);
        if expression.names().all(|used| is_known(&used.name)) {
            let value = self.constant(item, &expression, constants)?;
            self.check_shape(item, &value, context.n_groups)?;
            constants.insert(name.to_owned(), value);
        }
        Some(Parameter::Calculated(text))
    }

    /// A name in a calculation: the eigenvalue, a compartment's initial share, or a parameter that
    /// is calculated before this one.
    fn check_used_name(
        &mut self,
        item: &Item<'_>,
        used: &str,
        name: &str,
        known: &[Known<'_>],
        context: &Context<'_>,
    ) {
        if used == EIGENVALUE {
            return;
        }
        if is_compartment(used, context) {
            let has_init = context
                .compartments
                .and_then(|compartments| compartments.get(used))
                .is_none_or(|compartment| compartment.init.is_some());
            if !has_init {
                self.error_with_hint(
                    item,
                    format!("`{used}` stands for the compartment's initial share, but it has none"),
                    format!("give compartment `{used}` an `init`, such as 0"),
                );
            }
            return;
        }
        let position = |wanted: &str| known.iter().position(|known| known.name == wanted);
        match (position(used), position(name)) {
            (None, _) => {
                let message = format!("`{used}` is neither a parameter nor a compartment");
                let candidates = known.iter().map(|known| known.name).chain([EIGENVALUE]);
                match nearest(used, candidates) {
                    Some(near) => {
                        self.error_with_hint(item, message, format!("did you mean `{near}`?"));
                    }
                    None => self.error_with_hint(item, message, "define it under `parameters`"),
                }
            }
            (Some(at), Some(own)) if at == own => {
                self.error(item, format!("`{name}` is calculated from itself"));
            }
            (Some(at), Some(own)) if at > own && known[at].is_calculated => {
                let message = format!("`{used}` is calculated later than `{name}`, which uses it");
                self.error_with_hint(item, message, format!("move `{used}` before `{name}`"));
            }
            _ => {}
        }
    }

    /// A calculated array must be one over age groups.
    fn check_shape(
        &mut self,
        item: &Item<'_>,
        value: &Value,
        n_groups: Option<usize>,
    ) -> Option<()> {
        if let (Value::Array(grid), Some(n_groups)) = (value, n_groups)
            && grid.n_columns() != n_groups
        {
            self.check_n_groups(item, grid.n_columns(), n_groups);
            return None;
        }
        Some(())
    }
}

fn is_compartment(name: &str, context: &Context<'_>) -> bool {
    let ids = context.compartments.and_then(Compartments::ids);
    ids.is_some_and(|ids| ids.iter().any(|id| id == name))
}
