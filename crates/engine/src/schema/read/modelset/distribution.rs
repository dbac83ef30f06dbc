//! Distributions.

use epycloud_config::yaml::Value;
use epycloud_errors::nearest;

use super::super::fields::value_of;
use super::super::reader::{Item, Reader};
use crate::limits::Limit;
use crate::priors::{Prior, PriorError};
use crate::schema::modelset::Distribution;

const KEYS: &[&str] = &["type", "name", "args", "kwargs"];

impl<'d> Reader<'d> {
    /// A distribution whose arguments aren't looked at.
    pub(super) fn distribution(&mut self, item: &Item<'d>) -> Option<Distribution> {
        let fields = self.fields(item, KEYS)?;
        let name = self
            .required(&fields, "name")
            .and_then(|item| self.name(&item));
        let args = match fields.optional("args") {
            Some(item) => self.arguments(&item),
            None => Some(Vec::new()),
        };
        let kwargs = match fields.optional("kwargs") {
            Some(item) => self.keyword_arguments(&item),
            None => Some(Vec::new()),
        };
        Some(Distribution {
            name: name?,
            args: args?,
            kwargs: kwargs?,
        })
    }

    /// The key `prior` of a mapping: a distribution of scipy's that can be drawn from.
    pub(super) fn prior(&mut self, item: &Item<'d>) -> Option<(Distribution, Prior)> {
        let kind = item.node.get("type").map(|node| item.child("type", node));
        if let Some(kind) = kind.filter(|kind| !kind.node.is_null()) {
            self.scipy(&kind)?;
        }
        let distribution = self.distribution(item)?;
        match Prior::new(&distribution) {
            Ok(prior) => Some((distribution, prior)),
            Err(error) => {
                self.refused_prior(item, &distribution, &error);
                None
            }
        }
    }

    fn scipy(&mut self, kind: &Item<'d>) -> Option<()> {
        match self.choice(kind, &["scipy", "custom"])? {
            "custom" => {
                let message = "the native engine has no custom distributions";
                self.beyond(kind, Limit::CustomPrior, message);
                None
            }
            _ => Some(()),
        }
    }

    fn refused_prior(&mut self, item: &Item<'d>, distribution: &Distribution, error: &PriorError) {
        let hint = match error {
            PriorError::Unknown { name } => match nearest(name, Prior::names()) {
                Some(near) => Some(format!("did you mean `{near}`?")),
                None => return self.beyond(item, Limit::Distribution, error.to_string()),
            },
            PriorError::OutOfRange {
                parameter: "scale", ..
            } if distribution.name == "uniform" => Some(
                "a prior's `args` are `loc` and `scale`: from `loc` to `loc + scale`".to_owned(),
            ),
            _ => None,
        };
        match hint {
            Some(hint) => self.error_with_hint(item, error.to_string(), hint),
            None => self.error(item, error.to_string()),
        }
    }

    fn arguments(&mut self, item: &Item<'d>) -> Option<Vec<f64>> {
        let elements = self.elements(item, "a list of numbers")?;
        let numbers: Vec<Option<f64>> = elements
            .iter()
            .map(|element| self.argument(element))
            .collect();
        numbers.into_iter().collect()
    }

    fn keyword_arguments(&mut self, item: &Item<'d>) -> Option<Vec<(String, f64)>> {
        let entries = self.entries(item, "a mapping of numbers by name")?;
        let arguments: Vec<Option<(String, f64)>> = entries
            .into_iter()
            .map(|(name, key)| {
                let value = Item {
                    node: value_of(item, &name)?,
                    path: key.path,
                };
                let number = self.argument(&value)?;
                Some((name, number))
            })
            .collect();
        arguments.into_iter().collect()
    }

    /// A number, which may be infinite: an end of a truncated distribution often is.
    fn argument(&mut self, item: &Item<'_>) -> Option<f64> {
        match &item.node.value {
            Value::Float(value) if value.is_infinite() => Some(*value),
            _ => self.number(item),
        }
    }
}
