//! `compartments` and who is in them at the start.

use epycloud_config::yaml::Value;

use super::super::Workflow;
use super::super::reader::{Item, Reader};
use super::DRAWN;
use crate::schema::basemodel::{Compartment, InitialCondition};

/// The compartments, as far as they could be read.
pub(super) struct Compartments(
    /// IDs and compartments; either may have a fault of its own.
    Vec<(Option<String>, Option<Compartment>)>,
);

impl Compartments {
    /// Every ID once, if all could be read.
    pub(super) fn ids(&self) -> Option<Vec<String>> {
        let mut ids: Vec<String> = Vec::with_capacity(self.0.len());
        for (id, _) in &self.0 {
            let id = id.as_ref()?;
            if !ids.contains(id) {
                ids.push(id.clone());
            }
        }
        Some(ids)
    }

    /// All by ID, with who is in them; `None` when there may be others.
    pub(super) fn all(&self) -> Option<Vec<(&str, Option<&InitialCondition>)>> {
        let all = self.0.iter().map(|(id, compartment)| {
            Some((
                id.as_deref()?,
                compartment.as_ref().and_then(|c| c.init.as_ref()),
            ))
        });
        all.collect()
    }

    /// The compartment of an ID, if it could be read.
    pub(super) fn get(&self, id: &str) -> Option<&Compartment> {
        self.readable().find(|compartment| compartment.id == id)
    }

    pub(super) fn finish(self) -> Option<Vec<Compartment>> {
        self.0
            .into_iter()
            .map(|(_, compartment)| compartment)
            .collect()
    }

    fn readable(&self) -> impl Iterator<Item = &Compartment> {
        self.0
            .iter()
            .filter_map(|(_, compartment)| compartment.as_ref())
    }
}

impl<'d> Reader<'d> {
    pub(super) fn compartments(
        &mut self,
        item: &Item<'d>,
        groups: Option<&[String]>,
        workflow: Workflow,
    ) -> Option<Compartments> {
        let elements = self.elements(item, "a list of compartments")?;
        if elements.is_empty() {
            self.expected(item, "at least one compartment");
            return None;
        }
        let mut compartments = Compartments(Vec::with_capacity(elements.len()));
        for element in &elements {
            let read = self.compartment(element, groups, workflow, &compartments);
            compartments.0.push(read);
        }
        self.check_initial_conditions(item, &compartments, groups);
        Some(compartments)
    }

    fn compartment(
        &mut self,
        item: &Item<'d>,
        groups: Option<&[String]>,
        workflow: Workflow,
        before: &Compartments,
    ) -> (Option<String>, Option<Compartment>) {
        let Some(fields) = self.fields(item, &["id", "label", "init"]) else {
            return (None, None);
        };
        let id_item = self.required(&fields, "id");
        let id = id_item.as_ref().and_then(|item| self.name(item));
        if let (Some(item), Some(id)) = (&id_item, &id)
            && before.0.iter().any(|(known, _)| known.as_ref() == Some(id))
        {
            self.error(item, format!("compartment `{id}` is there already"));
        }
        let label = fields.optional("label").and_then(|item| self.text(&item));
        let init = match fields.optional("init") {
            Some(item) => self.init(&item, groups, workflow).map(Some),
            None => Some(None),
        };
        let compartment = match (&id, init) {
            (Some(id), Some(init)) => Some(Compartment {
                id: id.clone(),
                label,
                init,
            }),
            _ => None,
        };
        (id, compartment)
    }

    fn init(
        &mut self,
        item: &Item<'d>,
        groups: Option<&[String]>,
        workflow: Workflow,
    ) -> Option<InitialCondition> {
        match &item.node.value {
            Value::Text(word) if word == "default" => Some(InitialCondition::Default),
            Value::Text(word) if DRAWN.contains(&word.as_str()) => {
                self.drawn(item, word, workflow);
                Some(match word.as_str() {
                    "sampled" => InitialCondition::Sampled,
                    _ => InitialCondition::Calibrated,
                })
            }
            Value::Sequence(_) => self.init_by_group(item, groups),
            Value::Text(text) if text.trim().parse::<f64>().is_err() => {
                self.expected(
                    item,
                    "`default`, `sampled`, `calibrated`, a number or a list of numbers",
                );
                None
            }
            _ => {
                let value = self.non_negative(item)?;
                if value == 1.0 && matches!(item.node.value, Value::Float(_)) {
                    self.warn(
                        item,
                        format!("{} is a count of one person", item.node.shown()),
                        Some("shares of the population are below 1".to_owned()),
                    );
                }
                Some(InitialCondition::Scalar(value))
            }
        }
    }

    fn init_by_group(
        &mut self,
        item: &Item<'d>,
        groups: Option<&[String]>,
    ) -> Option<InitialCondition> {
        let elements = self.elements(item, "a list of numbers")?;
        let values: Vec<Option<f64>> = elements
            .iter()
            .map(|element| self.non_negative(element))
            .collect();
        if let Some(groups) = groups {
            self.check_n_groups(item, elements.len(), groups.len());
        }
        values
            .into_iter()
            .collect::<Option<Vec<f64>>>()
            .map(InitialCondition::ByGroup)
    }

    /// Checks that a list has one value for each age group.
    pub(super) fn check_n_groups(&mut self, item: &Item<'_>, found: usize, n_groups: usize) {
        if found != n_groups {
            self.error(
                item,
                format!("expected {n_groups} values, one for each age group, found {found}"),
            );
        }
    }

    /// Checks that somebody is the rest, and that shares leave a rest.
    fn check_initial_conditions(
        &mut self,
        item: &Item<'_>,
        compartments: &Compartments,
        groups: Option<&[String]>,
    ) {
        let inits: Vec<&InitialCondition> = compartments
            .readable()
            .filter_map(|compartment| compartment.init.as_ref())
            .collect();
        let is_whole = compartments.readable().count() == compartments.0.len();
        if is_whole && !inits.is_empty() && !inits.contains(&&InitialCondition::Default) {
            self.error_with_hint(
                item,
                "no compartment has `init: default`",
                "give it to the compartment that holds everybody else, usually the susceptible",
            );
        }
        for (at, group) in groups.unwrap_or_default().iter().enumerate() {
            let sum: f64 = inits.iter().filter_map(|init| share(init, at)).sum();
            if sum > 1.0 {
                let message =
                    format!("the shares of age group `{group}` sum to {sum:.3}, more than 1");
                self.error_with_hint(item, message, "numbers below 1 are shares of the age group");
                return;
            }
        }
    }
}

/// The share of an age group that starts in a compartment, if that is given as a share.
fn share(init: &InitialCondition, group: usize) -> Option<f64> {
    let value = match init {
        InitialCondition::Scalar(value) => *value,
        InitialCondition::ByGroup(values) => *values.get(group)?,
        _ => return None,
    };
    (value < 1.0).then_some(value)
}
