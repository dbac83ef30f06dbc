//! `quantiles` and `trajectories`.

use epycloud_config::yaml::Value;

use super::super::fields::Fields;
use super::super::reader::{Item, Reader};
use super::super::scalars::as_boolean;
use super::names::{Columns, Names};
use crate::schema::output::{QuantilesOutput, Selection, TrajectoriesOutput, default_levels};

const QUANTILE_KEYS: &[&str] = &["selections", "compartments", "transitions", "calibration"];

impl<'d> Reader<'d> {
    pub(super) fn quantiles(
        &mut self,
        item: &Item<'d>,
        names: Option<&Names>,
    ) -> Option<QuantilesOutput> {
        let fields = self.fields(item, QUANTILE_KEYS)?;
        let selections = match fields.optional("selections") {
            Some(item) => self.levels(&item),
            None => Some(default_levels(self.suite_behaviour)),
        };
        let (compartments, transitions) = self.selections(&fields, names);
        Some(QuantilesOutput {
            selections: selections?,
            compartments: compartments?,
            transitions: transitions?,
        })
    }

    pub(super) fn trajectories(
        &mut self,
        item: &Item<'d>,
        names: Option<&Names>,
    ) -> Option<TrajectoriesOutput> {
        let fields = self.fields(item, &["compartments", "transitions"])?;
        let (compartments, transitions) = self.selections(&fields, names);
        Some(TrajectoriesOutput {
            compartments: compartments?,
            transitions: transitions?,
        })
    }

    /// Whether quantiles of a calibration are asked for.
    pub(super) fn calibration_quantiles(&mut self, quantiles: &Item<'d>) -> bool {
        let Some(node) = quantiles.node.get("calibration") else {
            return false;
        };
        let item = quantiles.child("calibration", node);
        if matches!(item.node.value, Value::Sequence(_)) {
            self.generations(&item);
            return true;
        }
        match as_boolean(&item) {
            Some(wanted) => wanted,
            None => {
                self.expected(&item, "true, false or a list of generations");
                false
            }
        }
    }

    /// Quantile levels: each once, above 0 and below 1.
    fn levels(&mut self, item: &Item<'d>) -> Option<Vec<f64>> {
        let elements = self.elements(item, "a list of quantile levels")?;
        if elements.is_empty() {
            self.expected(item, "at least one quantile level");
            return None;
        }
        let mut levels: Vec<f64> = Vec::with_capacity(elements.len());
        for element in &elements {
            match self.number(element) {
                Some(level) if level <= 0.0 || level >= 1.0 => {
                    self.expected(element, "a quantile level above 0 and below 1");
                }
                Some(level) if levels.contains(&level) => {
                    let message = format!("level {} is in the list already", element.node.shown());
                    self.error(element, message);
                }
                Some(level) => levels.push(level),
                None => {}
            }
        }
        (levels.len() == elements.len()).then_some(levels)
    }

    fn selections(
        &mut self,
        fields: &Fields<'d>,
        names: Option<&Names>,
    ) -> (Option<Selection>, Option<Selection>) {
        let compartments = self.selection(fields, "compartments", Columns::Compartments, names);
        let transitions = self.selection(fields, "transitions", Columns::Transitions, names);
        if compartments == Some(Selection::None) && transitions == Some(Selection::None) {
            let message = "selects neither compartments nor transitions, so no table is written";
            self.warn(&fields.item, message, None);
        }
        (compartments, transitions)
    }

    fn selection(
        &mut self,
        fields: &Fields<'d>,
        key: &str,
        columns: Columns,
        names: Option<&Names>,
    ) -> Option<Selection> {
        let Some(node) = fields.item.node.get(key) else {
            return Some(Selection::None);
        };
        let item = fields.item.child(key, node);
        match as_boolean(&item) {
            Some(true) => return Some(Selection::All),
            Some(false) => return Some(Selection::None),
            None => {}
        }
        let elements = self.elements(&item, "true, false or a list of columns")?;
        let mut selected: Vec<String> = Vec::with_capacity(elements.len());
        for element in &elements {
            let Some(name) = self.name(element) else {
                continue;
            };
            if selected.contains(&name) {
                self.error(element, format!("column `{name}` is in the list already"));
            } else if names.is_none_or(|names| self.is_column(element, &name, columns, names)) {
                selected.push(name);
            }
        }
        match (selected.len() == elements.len(), selected.is_empty()) {
            (true, true) => Some(Selection::None),
            (true, false) => Some(Selection::Only(selected)),
            (false, _) => None,
        }
    }
}
