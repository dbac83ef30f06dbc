//! `sampling`.

use super::super::fields::{Fields, value_of};
use super::super::model::Given;
use super::super::reader::{Item, Reader};
use crate::schema::basemodel::{InitialCondition, Parameter, StartDate};
use crate::schema::modelset::Distribution;
use crate::schema::modelset::sampling::{
    CompartmentRange, GridParameter, LatinHypercube, Sampling, Variable,
};

const KEYS: &[&str] = &["samplers", "parameters", "compartments", "start_date"];
const SAMPLER_KEYS: &[&str] = &["strategy", "n_samples", "parameters", "compartments"];
/// The parameter name that stands for the start date.
const START_DATE: &str = "start_date";

/// A list of what to sample.
struct Sampler<'d> {
    fields: Fields<'d>,
    /// `None` for a grid.
    n_samples: Option<u32>,
    parameters: Vec<(String, Item<'d>)>,
    compartments: Vec<(String, Item<'d>)>,
}

impl<'d> Reader<'d> {
    pub(super) fn sampling(&mut self, item: &Item<'d>, given: &Given<'_>) -> Option<Sampling> {
        let fields = self.fields(item, KEYS)?;
        let samplers = self
            .required(&fields, "samplers")
            .and_then(|item| self.samplers(&item))?;
        let (grids, hypercubes): (Vec<_>, Vec<_>) = samplers
            .into_iter()
            .partition(|sampler| sampler.n_samples.is_none());
        let grid = self.only(grids, "a grid");
        let hypercube = self.only(hypercubes, "a Latin hypercube");
        let in_grid: Vec<String> = grid
            .iter()
            .flat_map(|sampler| &sampler.parameters)
            .map(|(name, _)| name.clone())
            .collect();
        self.check_unused(&fields, &[&grid, &hypercube]);
        let grid = match grid {
            Some(sampler) => self.grid_parameters(&sampler, &fields),
            None => Some(Vec::new()),
        };
        let latin_hypercube = match hypercube {
            Some(sampler) => Some(self.hypercube(&sampler, &fields, &in_grid)?),
            None => None,
        };
        let sampling = Sampling {
            grid: grid?,
            latin_hypercube,
        };
        self.check_sampled(item, &sampling, given);
        Some(sampling)
    }

    fn samplers(&mut self, item: &Item<'d>) -> Option<Vec<Sampler<'d>>> {
        let elements = self.elements(item, "a list of samplers")?;
        if elements.is_empty() {
            self.expected(item, "at least one sampler");
            return None;
        }
        let samplers: Vec<Option<Sampler<'d>>> = elements
            .iter()
            .map(|element| self.sampler(element))
            .collect();
        samplers.into_iter().collect()
    }

    fn sampler(&mut self, item: &Item<'d>) -> Option<Sampler<'d>> {
        let fields = self.fields(item, SAMPLER_KEYS)?;
        let strategy = self
            .required(&fields, "strategy")
            .and_then(|item| self.choice(&item, &["grid", "LHS"]));
        let parameters = self
            .required(&fields, "parameters")
            .and_then(|item| self.sampled_names(&item));
        let compartments = match fields.optional("compartments") {
            Some(item) => self.sampled_names(&item),
            None => Some(Vec::new()),
        };
        let n_samples = match strategy? {
            "grid" => {
                self.forbid(&fields, &["n_samples"], "a grid");
                self.warn_of(&fields, "compartments", "a grid has no compartments");
                None
            }
            _ => {
                let item = self.required(&fields, "n_samples")?;
                let n_samples = self.whole(&item, 1, i128::from(u32::MAX))?;
                Some(u32::try_from(n_samples).ok()?)
            }
        };
        Some(Sampler {
            fields,
            n_samples,
            parameters: parameters?,
            compartments: compartments?,
        })
    }

    /// Names with their places, each once.
    fn sampled_names(&mut self, item: &Item<'d>) -> Option<Vec<(String, Item<'d>)>> {
        let elements = self.elements(item, "a list of names")?;
        let mut names: Vec<(String, Item<'d>)> = Vec::with_capacity(elements.len());
        for element in elements {
            let name = self.name(&element)?;
            if names.iter().any(|(known, _)| *known == name) {
                self.error(&element, format!("`{name}` is in the list already"));
            } else {
                names.push((name, element));
            }
        }
        Some(names)
    }

    fn only(&mut self, mut samplers: Vec<Sampler<'d>>, what: &str) -> Option<Sampler<'d>> {
        for sampler in samplers.iter().skip(1) {
            self.error(&sampler.fields.item, format!("there is {what} already"));
        }
        (!samplers.is_empty()).then(|| samplers.swap_remove(0))
    }

    /// What is described but not in the list of any sampler.
    fn check_unused(&mut self, fields: &Fields<'d>, samplers: &[&Option<Sampler<'d>>]) {
        let samplers = || samplers.iter().filter_map(|sampler| sampler.as_ref());
        let parameters = samplers().flat_map(|sampler| &sampler.parameters);
        let compartments = samplers().flat_map(|sampler| &sampler.compartments);
        let names = |listed: &mut dyn Iterator<Item = &(String, Item<'d>)>| {
            listed
                .map(|(name, _)| name.clone())
                .collect::<Vec<String>>()
        };
        let (parameters, compartments) = (names(&mut { parameters }), names(&mut { compartments }));
        let mut unused = unlisted(fields, "parameters", &parameters);
        unused.extend(unlisted(fields, "compartments", &compartments));
        if fields.optional(START_DATE).is_some()
            && !parameters.iter().any(|name| name == START_DATE)
        {
            unused.extend(fields.key(START_DATE));
        }
        for item in unused {
            self.warn(&item, "no sampler samples it, ignored", None);
        }
    }

    fn grid_parameters(
        &mut self,
        sampler: &Sampler<'d>,
        fields: &Fields<'d>,
    ) -> Option<Vec<GridParameter>> {
        let parameters: Vec<Option<GridParameter>> = sampler
            .parameters
            .iter()
            .map(|(name, at)| {
                let item = self.described(fields, "parameters", name, at)?;
                let described = self.fields(&item, &["distribution", "values"])?;
                self.forbid(&described, &["distribution"], "a parameter of a grid");
                let Some(values) = described.optional("values") else {
                    self.error(&item, "a parameter of a grid needs a list of `values`");
                    return None;
                };
                let numbers = self.numbers(&values)?;
                if numbers.is_empty() {
                    self.expected(&values, "at least one number");
                    return None;
                }
                Some(GridParameter {
                    name: name.clone(),
                    values: numbers,
                })
            })
            .collect();
        parameters.into_iter().collect()
    }

    fn hypercube(
        &mut self,
        sampler: &Sampler<'d>,
        fields: &Fields<'d>,
        in_grid: &[String],
    ) -> Option<LatinHypercube> {
        let of_its_own = sampler
            .parameters
            .iter()
            .filter(|(name, _)| !in_grid.contains(name));
        let variables: Vec<Option<Variable>> = of_its_own
            .map(|(name, at)| match name.as_str() {
                START_DATE => self.sampled_start_date(fields, at),
                _ => self.sampled_parameter(fields, name, at),
            })
            .collect();
        let compartments: Vec<Option<CompartmentRange>> = sampler
            .compartments
            .iter()
            .map(|(name, at)| self.compartment_range(fields, name, at))
            .collect();
        if variables.is_empty() && compartments.is_empty() {
            self.error(&sampler.fields.item, "there is nothing to sample");
            return None;
        }
        let compartments = compartments.into_iter().collect::<Option<Vec<_>>>()?;
        let least: f64 = compartments.iter().map(|range| range.min).sum();
        if least > 1.0 + 1e-12 {
            let message = format!(
                "the compartments' `min` sum to {least}, more than the whole population (1)"
            );
            self.error(&sampler.fields.item, message);
            return None;
        }
        Some(LatinHypercube {
            n_samples: sampler.n_samples?,
            compartments,
            variables: variables.into_iter().collect::<Option<_>>()?,
        })
    }

    /// The description of something that a sampler lists.
    fn described(
        &mut self,
        fields: &Fields<'d>,
        section: &str,
        name: &str,
        listed_at: &Item<'d>,
    ) -> Option<Item<'d>> {
        let item = fields.optional(section);
        let found = item.and_then(|item| Some(item.child(name, value_of(&item, name)?)));
        if found.is_none() {
            self.error(
                listed_at,
                format!("`{name}` is not in `{section}` of the sampling"),
            );
        }
        found
    }

    fn sampled_parameter(
        &mut self,
        fields: &Fields<'d>,
        name: &str,
        listed_at: &Item<'d>,
    ) -> Option<Variable> {
        let item = self.described(fields, "parameters", name, listed_at)?;
        let described = self.fields(&item, &["distribution", "values"])?;
        self.forbid(&described, &["values"], "a parameter of a Latin hypercube");
        let item = self.required(&described, "distribution")?;
        let distribution = self.distribution(&item)?;
        let (low, high) = self.range(&item, &distribution)?;
        let name = name.to_owned();
        match distribution.name.as_str() {
            "uniform" => Some(Variable::Uniform { name, low, high }),
            "randint" => Some(Variable::Integers { name, low, high }),
            other => {
                let message = format!("sampling draws from `uniform` and `randint`, not `{other}`");
                self.error(&item, message);
                None
            }
        }
    }

    fn sampled_start_date(
        &mut self,
        fields: &Fields<'d>,
        listed_at: &Item<'d>,
    ) -> Option<Variable> {
        let Some(item) = fields.optional(START_DATE) else {
            self.error(listed_at, "there is no `start_date` in the sampling");
            return None;
        };
        let described = self.fields(&item, &["reference_date", "distribution", "prior"])?;
        self.warn_of(&described, "prior", "sampling uses `distribution`");
        let reference = self.required(&described, "reference_date");
        let reference_date = reference.and_then(|item| self.date(&item));
        let item = self.required(&described, "distribution")?;
        let distribution = self.distribution(&item)?;
        let (low, high) = self.range(&item, &distribution)?;
        if !["uniform", "randint"].contains(&distribution.name.as_str()) {
            let message = format!(
                "start dates are spread evenly between the two `args`, whatever `{}` is",
                distribution.name
            );
            self.warn(&item, message, None);
        }
        Some(Variable::StartDate {
            reference_date: reference_date?,
            low,
            high,
        })
    }

    /// The two ends of a sampled range.
    fn range(&mut self, item: &Item<'d>, distribution: &Distribution) -> Option<(f64, f64)> {
        if let Some((keyword, _)) = distribution.kwargs.first() {
            let hint = "give the two ends of the range as `args`".to_owned();
            self.warn(
                item,
                format!("sampling ignores `kwargs` (`{keyword}`)"),
                Some(hint),
            );
        }
        let &[low, high] = distribution.args.as_slice() else {
            let message = format!("expected two `args`, found {}", distribution.args.len());
            self.error_with_hint(item, message, "they are the two ends of the range");
            return None;
        };
        if !low.is_finite() || !high.is_finite() {
            self.error(item, "the ends of the range must be finite");
            return None;
        }
        if high < low {
            let hint = "sampling takes `args` as the two ends, not as `loc` and `scale`".to_owned();
            self.warn(
                item,
                format!("the range ends at {high}, before {low}"),
                Some(hint),
            );
        }
        Some((low, high))
    }

    fn compartment_range(
        &mut self,
        fields: &Fields<'d>,
        name: &str,
        listed_at: &Item<'d>,
    ) -> Option<CompartmentRange> {
        let item = self.described(fields, "compartments", name, listed_at)?;
        let described = self.fields(&item, &["min", "max"])?;
        let min = self
            .required(&described, "min")
            .and_then(|item| self.non_negative(&item));
        let max_item = self.required(&described, "max")?;
        let (min, max) = (min?, self.number(&max_item)?);
        if max <= min {
            self.expected(&max_item, &format!("more than `min`, {min}"));
            return None;
        }
        if max > 1.0 {
            let message = format!("`{name}` is sampled as a proportion, at most 1");
            self.warn(&max_item, message, None);
        }
        Some(CompartmentRange {
            compartment: name.to_owned(),
            min,
            max,
        })
    }

    /// A key without effect.
    pub(super) fn warn_of(&mut self, fields: &Fields<'d>, key: &str, why: &str) {
        if let (Some(_), Some(at)) = (fields.optional(key), fields.key(key)) {
            self.warn(&at, "ignored", Some(why.to_owned()));
        }
    }

    /// Compares what is sampled with what the base model leaves to sampling.
    fn check_sampled(&mut self, item: &Item<'d>, sampling: &Sampling, given: &Given<'_>) {
        let variables = || {
            sampling
                .latin_hypercube
                .iter()
                .flat_map(|cube| &cube.variables)
        };
        let drawn = variables().filter_map(|variable| match variable {
            Variable::Uniform { name, .. } | Variable::Integers { name, .. } => Some(name.as_str()),
            Variable::StartDate { .. } => None,
        });
        let listed = sampling
            .grid
            .iter()
            .map(|parameter| parameter.name.as_str());
        let parameters: Vec<&str> = listed.chain(drawn).collect();
        self.check_parameters(item, &parameters, given, |parameter| {
            matches!(parameter, Parameter::Sampled)
        });
        let ranges = sampling
            .latin_hypercube
            .iter()
            .flat_map(|cube| &cube.compartments);
        let compartments: Vec<&str> = ranges.map(|range| range.compartment.as_str()).collect();
        self.check_compartments(item, &compartments, given, |condition| {
            matches!(condition, InitialCondition::Sampled)
        });
        let is_drawn = variables().any(|variable| matches!(variable, Variable::StartDate { .. }));
        if given.start_date() == Some(StartDate::Sampled) && !is_drawn {
            self.error(
                item,
                "the base model's `start_date` is `sampled`, and no sampler gives it",
            );
        }
    }
}

/// Keys of a section that aren't in a list.
fn unlisted<'d>(fields: &Fields<'d>, section: &str, listed: &[String]) -> Vec<Item<'d>> {
    let Some(item) = fields.optional(section) else {
        return Vec::new();
    };
    let entries = item.node.as_mapping().unwrap_or_default();
    let names = entries
        .iter()
        .filter_map(|(key, _)| Some((key.as_str()?, key)));
    names
        .filter(|(name, _)| !listed.iter().any(|listed| listed == name))
        .map(|(name, key)| item.child(name, key))
        .collect()
}
