//! What a modelset gives against what the base model asks for.

use epycloud_errors::nearest;

use super::super::model::Given;
use super::super::reader::{Item, Reader};
use crate::schema::basemodel::{InitialCondition, Parameter};

impl<'d> Reader<'d> {
    /// Checks the parameters that a modelset gives: all must be in the base model, which must use
    /// them, and none that it leaves to the modelset may be missing.
    pub(super) fn check_parameters(
        &mut self,
        item: &Item<'d>,
        names: &[&str],
        given: &Given<'_>,
        is_left: fn(&Parameter) -> bool,
    ) {
        let Some(parameters) = given.parameters() else {
            return;
        };
        for name in names {
            match parameters.iter().find(|(known, _)| known == name) {
                None => {
                    let known = parameters.iter().map(|(known, _)| *known);
                    self.not_in_base(item, "parameters", "parameter", name, nearest(name, known));
                }
                Some((_, Some(Parameter::Calculated(_)))) => {
                    let at = self.entry(item, "parameters", name);
                    self.warn(
                        &at,
                        format!("`{name}` is calculated in the base model, which wins"),
                        None,
                    );
                }
                Some(_) => {}
            }
        }
        for (name, parameter) in parameters {
            if parameter.is_some_and(is_left) && !names.contains(&name) {
                let message = format!("parameter `{name}` is left to the modelset, which lacks it");
                self.error(item, message);
            }
        }
    }

    /// The same for compartments.
    pub(super) fn check_compartments(
        &mut self,
        item: &Item<'d>,
        names: &[&str],
        given: &Given<'_>,
        is_left: fn(&InitialCondition) -> bool,
    ) {
        let Some(compartments) = given.compartments() else {
            return;
        };
        for name in names {
            match compartments.iter().find(|(known, _)| known == name) {
                None => {
                    let known = compartments.iter().map(|(known, _)| *known);
                    let near = nearest(name, known);
                    self.not_in_base(item, "compartments", "compartment", name, near);
                }
                Some((_, Some(InitialCondition::Default))) => {
                    let at = self.entry(item, "compartments", name);
                    self.warn(
                        &at,
                        format!("`{name}` is `default` in the base model, which wins"),
                        None,
                    );
                }
                Some(_) => {}
            }
        }
        for (name, condition) in compartments {
            if condition.is_some_and(is_left) && !names.contains(&name) {
                let message =
                    format!("compartment `{name}` is left to the modelset, which lacks it");
                self.error(item, message);
            }
        }
    }

    fn not_in_base(
        &mut self,
        item: &Item<'d>,
        section: &str,
        what: &str,
        name: &str,
        near: Option<&str>,
    ) {
        let at = self.entry(item, section, name);
        let message = format!("the base model has no {what} `{name}`");
        match near {
            Some(near) => self.error_with_hint(&at, message, format!("did you mean `{near}`?")),
            None => self.error(&at, message),
        }
    }

    /// The place of a section's entry, or of the whole where there is none.
    fn entry(&self, item: &Item<'d>, section: &str, name: &str) -> Item<'d> {
        let found = item.node.get(section).and_then(|node| {
            let section = item.child(section, node);
            let (key, _) = node.entry(name)?;
            Some(section.child(name, key))
        });
        found.unwrap_or_else(|| item.clone())
    }
}
