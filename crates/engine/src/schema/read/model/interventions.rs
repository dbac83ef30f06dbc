//! `interventions`.

use jiff::civil::Date;

use super::super::fields::Fields;
use super::super::reader::{Item, Reader};
use super::Context;
use crate::schema::basemodel::{Intervention, StartDate};

const TYPES: &[&str] = &["school_closure", "parameter", "contact_matrix"];
const KEYS: &[&str] = &[
    "type",
    "scaling_factor",
    "override_value",
    "contact_matrix_layer",
    "target_parameter",
    "start_date",
    "end_date",
];
/// The contact layers of epydemix-data.
const LAYERS: &[&str] = &["school", "work", "home", "community"];

impl<'d> Reader<'d> {
    pub(super) fn interventions(
        &mut self,
        item: &Item<'d>,
        context: &Context<'_>,
    ) -> Vec<Intervention> {
        let Some(elements) = self.elements(item, "a list of interventions") else {
            return Vec::new();
        };
        let mut interventions = Vec::with_capacity(elements.len());
        let mut has_closure = false;
        for element in &elements {
            let Some(fields) = self.fields(element, KEYS) else {
                continue;
            };
            let Some(kind) = self.required(&fields, "type") else {
                continue;
            };
            let Some(word) = self.choice(&kind, TYPES) else {
                continue;
            };
            if word == "school_closure" && std::mem::replace(&mut has_closure, true) {
                self.error(&kind, "a second `school_closure`; there can be one");
            }
            interventions.extend(self.intervention(&fields, word, context));
        }
        interventions
    }

    fn intervention(
        &mut self,
        fields: &Fields<'d>,
        kind: &'static str,
        context: &Context<'_>,
    ) -> Option<Intervention> {
        let unwanted: &[&str] = match kind {
            "school_closure" => &[
                "override_value",
                "contact_matrix_layer",
                "start_date",
                "end_date",
            ],
            "contact_matrix" => &["override_value"],
            _ => &["contact_matrix_layer"],
        };
        self.forbid(
            fields,
            unwanted,
            &format!("an intervention of type `{kind}`"),
        );
        if let Some(target) = fields.optional("target_parameter")
            && kind != "parameter"
        {
            self.warn(
                &target,
                format!("not used by an intervention of type `{kind}`"),
                None,
            );
        }
        match kind {
            "school_closure" => {
                let scaling_factor = self.scaling_factor(fields)?;
                Some(Intervention::SchoolClosure { scaling_factor })
            }
            "contact_matrix" => {
                let layer = self.required(fields, "contact_matrix_layer");
                let layer = layer.and_then(|item| self.choice(&item, LAYERS));
                let scaling_factor = self.scaling_factor(fields);
                let (start_date, end_date) = self.period(fields, context)?;
                Some(Intervention::ContactMatrix {
                    layer: layer?.to_owned(),
                    scaling_factor: scaling_factor?,
                    start_date,
                    end_date,
                })
            }
            _ => self.parameter_intervention(fields, context),
        }
    }

    fn parameter_intervention(
        &mut self,
        fields: &Fields<'d>,
        context: &Context<'_>,
    ) -> Option<Intervention> {
        let target = self.required(fields, "target_parameter");
        let target_parameter = target.and_then(|item| self.target_parameter(&item, context));
        let period = self.period(fields, context);
        match (
            fields.optional("scaling_factor"),
            fields.optional("override_value"),
        ) {
            (Some(_), Some(at)) => {
                self.error(
                    &at,
                    "given as well as `scaling_factor`; expected one of them",
                );
                None
            }
            (None, None) => {
                let message = "key `scaling_factor` or `override_value` is missing";
                self.error(&fields.item, message);
                None
            }
            (Some(item), None) => {
                let scaling_factor = self.non_negative(&item);
                let (start_date, end_date) = period?;
                Some(Intervention::ParameterScaling {
                    target_parameter: target_parameter?,
                    scaling_factor: scaling_factor?,
                    start_date,
                    end_date,
                })
            }
            (None, Some(item)) => {
                let override_value = self.number(&item);
                let (start_date, end_date) = period?;
                Some(Intervention::ParameterOverride {
                    target_parameter: target_parameter?,
                    override_value: override_value?,
                    start_date,
                    end_date,
                })
            }
        }
    }

    fn scaling_factor(&mut self, fields: &Fields<'d>) -> Option<f64> {
        self.required(fields, "scaling_factor")
            .and_then(|item| self.non_negative(&item))
    }

    /// First and last day of an intervention.
    fn period(&mut self, fields: &Fields<'d>, context: &Context<'_>) -> Option<(Date, Date)> {
        let first_item = self.required(fields, "start_date");
        let first = first_item.as_ref().and_then(|item| self.date(item));
        let last_item = self.required(fields, "end_date");
        let last = last_item.as_ref().and_then(|item| self.date(item));
        let (first, last) = (first?, last?);
        if let Some(item) = &last_item
            && last < first
        {
            self.error(item, format!("`{last}` is before the start date `{first}`"));
            return None;
        }
        if let (Some(item), Some(timespan)) = (&first_item, context.timespan) {
            let starts_late = first > timespan.end_date;
            let ends_early = matches!(timespan.start_date, StartDate::Date(start) if last < start);
            if starts_late || ends_early {
                self.warn(
                    item,
                    "the intervention has no effect: it is outside the timespan",
                    None,
                );
            }
        }
        Some((first, last))
    }
}
