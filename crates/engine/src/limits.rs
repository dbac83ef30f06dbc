//! What the native engine can't do, in one table: the readers refuse it by its entry, `validate`
//! lists it, and the documentation shows it.

use std::fmt;

/// Something that an experiment may ask for and the native engine can't do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Limit {
    /// Distance functions of the user's own.
    DistanceFunction,
    /// Transformations of a projection by a function of the user's own.
    PostHocTransformation,
    /// Prior distributions of the user's own.
    CustomPrior,
    /// Distributions of scipy.stats without a sampler here.
    Distribution,
    /// Perturbation kernels other than epydemix's own.
    Perturbations,
    /// Places of Metrocast.
    Metrocast,
    /// Expressions that take more of Python than our parser has.
    Expression,
}

/// What there is to say about a limit.
struct Entry {
    name: &'static str,
    feature: &'static str,
    keys: &'static str,
    reason: &'static str,
    instead: &'static str,
}

impl Limit {
    /// All of them, in the table's order.
    pub const ALL: [Self; 7] = [
        Self::DistanceFunction,
        Self::PostHocTransformation,
        Self::CustomPrior,
        Self::Distribution,
        Self::Perturbations,
        Self::Metrocast,
        Self::Expression,
    ];

    /// Its name, for programs: a word or two with dashes.
    #[must_use]
    pub const fn name(self) -> &'static str {
        self.entry().name
    }

    /// The limit of that name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|limit| limit.name() == name)
    }

    /// What it is that can't be done.
    #[must_use]
    pub const fn feature(self) -> &'static str {
        self.entry().feature
    }

    /// Where in an experiment it is asked for.
    #[must_use]
    pub const fn keys(self) -> &'static str {
        self.entry().keys
    }

    /// Why not.
    #[must_use]
    pub const fn reason(self) -> &'static str {
        self.entry().reason
    }

    /// What can be done instead.
    #[must_use]
    pub const fn instead(self) -> &'static str {
        self.entry().instead
    }

    const fn entry(self) -> Entry {
        match self {
            Self::DistanceFunction => Entry {
                name: "distance-function",
                feature: "distance functions of your own",
                keys: "calibration.distance_function",
                reason: "they are Python, and the native engine runs no Python",
                instead: "name rmse, wmape, ae, mae or mape, or use the python engine: --engine python",
            },
            Self::PostHocTransformation => Entry {
                name: "post-hoc-transformation",
                feature: "transformations of a projection by a function of your own",
                keys: "calibration.post_hoc_transformation",
                reason: "they are Python, and the native engine runs no Python",
                instead: "transform the tables afterwards, or use the python engine: --engine python",
            },
            Self::CustomPrior => Entry {
                name: "custom-prior",
                feature: "prior distributions of your own",
                keys: "prior.type: custom",
                reason: "they are Python classes, and the native engine runs no Python",
                instead: "name one of scipy.stats, or use the python engine: --engine python",
            },
            Self::Distribution => Entry {
                name: "distribution",
                feature: "distributions of scipy.stats without a sampler of ours",
                keys: "prior.name",
                reason: "each needs scipy's exact sampler; the commonest fourteen have one",
                instead: "the python engine has all of scipy.stats: --engine python",
            },
            Self::Perturbations => Entry {
                name: "perturbations",
                feature: "perturbation kernels other than epydemix's own",
                keys: "calibration.strategy.options.perturbations",
                reason: "they are Python objects, which YAML can only name",
                instead: "leave them out: they are normal for continuous parameters, jumps for \
                          discrete ones",
            },
            Self::Metrocast => Entry {
                name: "metrocast",
                feature: "metrocast locations as populations",
                keys: "population.location_type, population_names, observed_location_format",
                reason: "the suite makes their population data of tables that we don't have",
                instead: "use a state or country, or the python engine (--engine python)",
            },
            Self::Expression => Entry {
                name: "expression",
                feature: "`//` and further functions of numpy in expressions",
                keys: "parameters.*.value of type calculated, transitions.*.rate",
                reason: "expressions are read by a parser of our own, which executes nothing",
                instead: "use the functions that there are, or the python engine: --engine python",
            },
        }
    }
}

impl fmt::Display for Limit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.feature())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_limit_has_a_name_of_its_own() {
        for limit in Limit::ALL {
            assert_eq!(Limit::named(limit.name()), Some(limit));
            assert!(!limit.reason().is_empty());
        }
    }
}
