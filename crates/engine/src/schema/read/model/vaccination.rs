//! `vaccination`.

use super::super::reader::{Item, Reader};
use super::Context;
use super::transitions::Transitions;
use crate::schema::basemodel::{Vaccination, VaccinationSource};

const KEYS: &[&str] = &[
    "scenario_data_path",
    "preprocessed_vaccination_data_path",
    "scenario",
    "origin_compartment",
    "eligible_compartments",
];

impl<'d> Reader<'d> {
    pub(super) fn vaccination(
        &mut self,
        item: &Item<'d>,
        context: &Context<'_>,
    ) -> Option<Vaccination> {
        let fields = self.fields(item, KEYS)?;
        let scenario_path = fields.optional("scenario_data_path");
        let preprocessed_path = fields.optional("preprocessed_vaccination_data_path");
        let scenario_item = fields.optional("scenario");
        let mut scenario = scenario_item.as_ref().and_then(|item| self.name(item));
        let source = match (scenario_path, preprocessed_path) {
            (Some(path), None) => {
                if let Some(item) = scenario_item {
                    let hint = "it picks a scenario of `preprocessed_vaccination_data_path`";
                    let message = "not used with `scenario_data_path`, whose file has one scenario";
                    self.warn(&item, message, Some(hint.to_owned()));
                    scenario = None;
                }
                self.name(&path).map(VaccinationSource::Scenario)
            }
            (None, Some(path)) => self.name(&path).map(VaccinationSource::Preprocessed),
            (Some(_), Some(path)) => {
                self.error(
                    &path,
                    "given as well as `scenario_data_path`; expected one of them",
                );
                None
            }
            (None, None) => {
                self.error(
                    item,
                    "key `scenario_data_path` or `preprocessed_vaccination_data_path` is missing",
                );
                None
            }
        };
        let origin = self.required(&fields, "origin_compartment");
        let origin_id = origin
            .as_ref()
            .and_then(|item| self.compartment_id(item, context));
        let eligible = self.required(&fields, "eligible_compartments");
        let eligible = eligible.and_then(|item| self.eligible(&item, context));
        if let (Some(item), Some(id), Some(eligible)) = (&origin, &origin_id, &eligible)
            && !eligible.contains(id)
        {
            let hint = "the origin's people are among those who get doses";
            self.error_with_hint(
                item,
                format!("`{id}` is not in `eligible_compartments`"),
                hint,
            );
        }
        Some(Vaccination {
            source: source?,
            scenario,
            origin_compartment: origin_id?,
            eligible_compartments: eligible?,
        })
    }

    fn eligible(&mut self, item: &Item<'d>, context: &Context<'_>) -> Option<Vec<String>> {
        let elements = self.elements(item, "a list of compartments")?;
        let mut ids: Vec<String> = Vec::with_capacity(elements.len());
        let mut all_good = true;
        for element in &elements {
            match self.compartment_id(element, context) {
                Some(id) if ids.contains(&id) => {
                    self.error(element, format!("`{id}` is in the list already"));
                    all_good = false;
                }
                Some(id) => ids.push(id),
                None => all_good = false,
            }
        }
        all_good.then_some(ids)
    }

    /// Checks that doses have a transition to drive.
    pub(super) fn check_doses_are_used(&mut self, item: &Item<'_>, transitions: &Transitions) {
        if !transitions.has_vaccination() {
            self.error_with_hint(
                item,
                "no transition is of type `vaccination`",
                "add one from the origin compartment to the vaccinated compartment",
            );
        }
    }
}
