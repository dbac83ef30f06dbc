//! `modelset`.

mod calibration;
mod distribution;
mod duration;
mod given;
mod sampling;
mod strategy;

use epycloud_config::ModelsetKind;

use super::model::Given;
use super::reader::{Item, Reader};
use crate::locations;
use crate::schema::modelset::{Modelset, Study};

const KEYS: &[&str] = &["meta", "population_names", "sampling", "calibration"];
/// The words for every location of the table; the second is the newer.
const EVERY_LOCATION: [&str; 2] = ["all", "all-states"];

/// Reads a modelset, and compares it with what could be read of the base model.
pub(super) fn read(
    reader: &mut Reader<'_>,
    kind: ModelsetKind,
    given: &Given<'_>,
) -> Option<Modelset> {
    let item = reader.section("modelset")?;
    let fields = reader.fields(&item, KEYS)?;
    let meta = reader.meta(&fields);
    let names = reader.required(&fields, "population_names");
    let population_names = names.and_then(|item| {
        let names = reader.population_names(&item)?;
        if kind != ModelsetKind::Populations {
            reader.check_population(&item, &names, given);
        }
        Some(names)
    });
    let study = match kind {
        ModelsetKind::Populations => Some(Study::Populations),
        ModelsetKind::Sampling => {
            let item = reader.required(&fields, "sampling")?;
            reader.sampling(&item, given).map(Study::Sampling)
        }
        ModelsetKind::Calibration => {
            let item = reader.required(&fields, "calibration")?;
            let calibration = reader.calibration(&item, given);
            calibration.map(|calibration| Study::Calibration(Box::new(calibration)))
        }
    };
    Some(Modelset {
        meta,
        population_names: population_names?,
        study: study?,
    })
}

impl<'d> Reader<'d> {
    fn population_names(&mut self, item: &Item<'d>) -> Option<Vec<String>> {
        let elements = self.elements(item, "a list of populations, or of the word `all`")?;
        if elements.is_empty() {
            self.expected(item, "at least one population");
            return None;
        }
        let words = elements.iter().map(|element| element.node.as_str());
        if words.flatten().any(|word| EVERY_LOCATION.contains(&word)) {
            if elements.len() > 1 {
                self.warn(
                    item,
                    "`all` includes the other populations of the list",
                    None,
                );
            }
            return Some(
                locations::all()
                    .iter()
                    .map(|all| all.epydemix.to_owned())
                    .collect(),
            );
        }
        let mut names: Vec<String> = Vec::with_capacity(elements.len());
        let mut all_good = true;
        for element in &elements {
            match self.population_name(element) {
                Some(name) if names.iter().any(|known| is_same(known, &name)) => {
                    let message = format!("population `{name}` is in the list already");
                    self.error(element, message);
                }
                Some(name) => names.push(name),
                None => all_good = false,
            }
        }
        all_good.then_some(names)
    }

    /// Where the base model names a population, a modelset may only name the same one, or all: the
    /// suite refuses everything else.
    fn check_population(&mut self, item: &Item<'d>, names: &[String], given: &Given<'_>) {
        let words = item.node.as_sequence().unwrap_or_default();
        let is_all = words.iter().any(|word| {
            word.as_str()
                .is_some_and(|word| EVERY_LOCATION.contains(&word))
        });
        let Some(base) = given.population().filter(|_| !is_all) else {
            return;
        };
        for name in names.iter().filter(|name| !is_same(base, name)) {
            let message = format!("population `{name}` is not the base model's, `{base}`");
            let hint = "leave `model.population.name` out, or list it alone";
            self.error_with_hint(item, message, hint);
        }
    }

    /// A name, or a mapping of `name` and `type`.
    fn population_name(&mut self, item: &Item<'d>) -> Option<String> {
        if item.node.as_mapping().is_none() {
            if item.node.as_str() == Some("all-metrocast") {
                self.metrocast(item);
                return None;
            }
            return self.location(item);
        }
        let fields = self.fields(item, &["name", "type"])?;
        if let Some(kind) = fields.optional("type")
            && self.choice(&kind, &["iso", "metrocast_location"])? == "metrocast_location"
        {
            self.metrocast(&kind);
            return None;
        }
        let name = self.required(&fields, "name")?;
        self.location(&name)
    }
}

/// Whether two names stand for one location.
fn is_same(left: &str, right: &str) -> bool {
    left == right || locations::find(left).is_some_and(|found| found.forms().contains(&right))
}
