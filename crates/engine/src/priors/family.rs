//! The distributions there are and how scipy binds arguments to their parameters.

use super::error::PriorError;
use crate::schema::modelset::Distribution;

/// A distribution's name and parameters.
#[derive(Debug)]
pub(super) struct Family {
    /// scipy's name.
    pub(super) name: &'static str,
    /// Shape parameters, in scipy's order.
    pub(super) shapes: &'static [&'static str],
    /// Whether it has a `scale`; discrete distributions have none.
    pub(super) has_scale: bool,
}

/// The distributions that have a sampler here.
pub(super) const FAMILIES: [Family; 14] = [
    continuous("uniform", &[]),
    continuous("loguniform", &["a", "b"]),
    continuous("reciprocal", &["a", "b"]), // scipy's older name of `loguniform`
    continuous("norm", &[]),
    continuous("truncnorm", &["a", "b"]),
    continuous("halfnorm", &[]),
    continuous("lognorm", &["s"]),
    continuous("beta", &["a", "b"]),
    continuous("gamma", &["a"]),
    continuous("expon", &[]),
    continuous("triang", &["c"]),
    discrete("randint", &["low", "high"]),
    discrete("poisson", &["mu"]),
    discrete("binom", &["n", "p"]),
];

const fn continuous(name: &'static str, shapes: &'static [&'static str]) -> Family {
    Family {
        name,
        shapes,
        has_scale: true,
    }
}

const fn discrete(name: &'static str, shapes: &'static [&'static str]) -> Family {
    Family {
        name,
        shapes,
        has_scale: false,
    }
}

/// A distribution's parameters, bound.
#[derive(Debug)]
pub(super) struct Parameters {
    pub(super) family: &'static Family,
    /// Shape parameters, in scipy's order.
    pub(super) shapes: Vec<f64>,
    pub(super) location: f64,
    pub(super) scale: f64,
}

impl Parameters {
    /// Binds arguments as scipy does: shapes, then `loc`, then `scale`, by position or keyword.
    pub(super) fn bind(distribution: &Distribution) -> Result<Self, PriorError> {
        let family = FAMILIES
            .iter()
            .find(|family| family.name == distribution.name)
            .ok_or_else(|| PriorError::Unknown {
                name: distribution.name.clone(),
            })?;
        let names = family.parameters();
        if distribution.args.len() > names.len() {
            return Err(PriorError::TooManyArguments {
                name: family.name,
                most: names.len(),
                parameters: names.join(", "),
                found: distribution.args.len(),
            });
        }
        let mut values: Vec<Option<f64>> = distribution.args.iter().copied().map(Some).collect();
        values.resize(names.len(), None);
        for (keyword, value) in &distribution.kwargs {
            let at = names
                .iter()
                .position(|name| name == keyword)
                .ok_or_else(|| PriorError::UnknownKeyword {
                    name: family.name,
                    keyword: keyword.clone(),
                    parameters: names.join(", "),
                })?;
            if values[at].replace(*value).is_some() {
                return Err(PriorError::GivenTwice {
                    name: family.name,
                    parameter: names[at],
                });
            }
        }
        let shapes = names.iter().zip(&values).take(family.shapes.len());
        let shapes = shapes.map(|(&parameter, value)| {
            value.ok_or(PriorError::Missing {
                name: family.name,
                parameter,
            })
        });
        let shapes = shapes.collect::<Result<Vec<f64>, _>>()?;
        let other = |at: usize| values.get(family.shapes.len() + at).copied().flatten();
        let (location, scale) = (other(0).unwrap_or(0.0), other(1).unwrap_or(1.0));
        let parameters = Self {
            family,
            shapes,
            location,
            scale,
        };
        parameters.check("loc", location, location.is_finite(), "a finite number")?;
        parameters.check(
            "scale",
            scale,
            scale.is_finite() && scale > 0.0,
            "greater than 0",
        )?;
        Ok(parameters)
    }

    /// An error unless a parameter's value is acceptable.
    pub(super) fn check(
        &self,
        parameter: &'static str,
        found: f64,
        is_valid: bool,
        expected: &'static str,
    ) -> Result<(), PriorError> {
        if is_valid {
            return Ok(());
        }
        Err(PriorError::OutOfRange {
            name: self.family.name,
            parameter,
            expected,
            found,
        })
    }
}

impl Family {
    fn parameters(&self) -> Vec<&'static str> {
        let mut names = self.shapes.to_vec();
        names.push("loc");
        if self.has_scale {
            names.push("scale");
        }
        names
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bind(name: &str, args: &[f64], kwargs: &[(&str, f64)]) -> Result<Parameters, PriorError> {
        let kwargs = kwargs
            .iter()
            .map(|&(name, value)| (name.to_owned(), value))
            .collect();
        Parameters::bind(&Distribution {
            name: name.to_owned(),
            args: args.to_vec(),
            kwargs,
        })
    }

    #[test]
    fn arguments_are_shapes_then_location_then_scale() {
        let bound = bind("truncnorm", &[-1.0, 2.0, 0.3], &[("scale", 0.1)]).unwrap();
        assert_eq!((bound.location, bound.scale), (0.3, 0.1));
        assert_eq!(bound.shapes, [-1.0, 2.0]);
        let bound = bind("lognorm", &[], &[("scale", 2.0), ("s", 0.5)]).unwrap();
        assert_eq!(
            (bound.shapes.as_slice(), bound.location, bound.scale),
            (&[0.5][..], 0.0, 2.0)
        );
    }

    #[test]
    fn what_scipy_refuses_is_refused_with_the_parameters_there_are() {
        let message = |bound: Result<Parameters, PriorError>| bound.unwrap_err().to_string();
        assert_eq!(
            message(bind("uniform", &[0.0, 1.0, 2.0], &[])),
            "`uniform` takes at most 2 arguments (loc, scale), found 3"
        );
        assert_eq!(
            message(bind("poisson", &[3.0], &[("scale", 2.0)])),
            "`poisson` has no parameter `scale`; it has mu, loc"
        );
        assert_eq!(message(bind("beta", &[2.0], &[])), "`beta` needs `b`");
        assert_eq!(
            message(bind("norm", &[1.0], &[("loc", 2.0)])),
            "`loc` of `norm` is given twice"
        );
        assert_eq!(
            message(bind("norm", &[1.0, 0.0], &[])),
            "`scale` of `norm` must be greater than 0, found `0`"
        );
        assert!(message(bind("cauchy", &[], &[])).starts_with(
            "the native engine has no distribution `cauchy`; it has uniform, loguniform, "
        ));
    }
}
