//! `quantiles` and `trajectories`.

use epycloud_config::yaml::Value;

use super::super::fields::Fields;
use super::super::reader::{Item, Reader};
use super::super::scalars::as_boolean;
use super::names::{Columns, Names};
use crate::schema::output::{
    Generations, QuantilesOutput, Selection, TrajectoriesOutput, default_levels,
};

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
        let calibration = self.calibration_quantiles(&fields);
        let (compartments, transitions) = self.selections(&fields, names);
        if compartments == Some(Selection::None)
            && transitions == Some(Selection::None)
            && calibration.is_none()
        {
            self.nothing_selected(&fields);
        }
        Some(QuantilesOutput {
            selections: selections?,
            compartments: compartments?,
            transitions: transitions?,
            calibration,
        })
    }

    pub(super) fn trajectories(
        &mut self,
        item: &Item<'d>,
        names: Option<&Names>,
    ) -> Option<TrajectoriesOutput> {
        let fields = self.fields(item, &["compartments", "transitions"])?;
        let (compartments, transitions) = self.selections(&fields, names);
        if compartments == Some(Selection::None) && transitions == Some(Selection::None) {
            self.nothing_selected(&fields);
        }
        Some(TrajectoriesOutput {
            compartments: compartments?,
            transitions: transitions?,
        })
    }

    /// The generations whose quantiles are asked for.
    fn calibration_quantiles(&mut self, quantiles: &Fields<'d>) -> Option<Generations> {
        let item = quantiles.optional("calibration")?;
        if matches!(item.node.value, Value::Sequence(_)) {
            return Some(self.generations(&item));
        }
        match as_boolean(&item) {
            Some(wanted) => wanted.then_some(Generations::Newest),
            None => {
                self.expected(&item, "true, false or a list of generations");
                None
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
        (compartments, transitions)
    }

    fn nothing_selected(&mut self, fields: &Fields<'d>) {
        let message = "selects neither compartments nor transitions, so no table is written";
        self.warn(&fields.item, message, None);
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
