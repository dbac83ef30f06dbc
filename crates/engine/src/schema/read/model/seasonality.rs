//! `seasonality`.

use super::super::reader::{Item, Reader};
use super::Context;
use crate::schema::basemodel::Seasonality;

const KEYS: &[&str] = &[
    "target_parameter",
    "method",
    "seasonality_max_date",
    "seasonality_min_date",
    "max_value",
    "min_value",
];

impl<'d> Reader<'d> {
    pub(super) fn seasonality(
        &mut self,
        item: &Item<'d>,
        context: &Context<'_>,
    ) -> Option<Seasonality> {
        let fields = self.fields(item, KEYS)?;
        let target = self.required(&fields, "target_parameter");
        let target_parameter = target.and_then(|item| self.target_parameter(&item, context));
        if let Some(method) = self.required(&fields, "method") {
            self.choice(&method, &["balcan"]);
        }
        let max_date = self
            .required(&fields, "seasonality_max_date")
            .and_then(|item| self.date(&item));
        let min_item = fields.optional("seasonality_min_date");
        let min_date = min_item.as_ref().and_then(|item| self.date(item));
        if let (Some(item), Some(max_date), Some(min_date)) = (&min_item, max_date, min_date)
            && min_date <= max_date
        {
            let message = format!("`{min_date}` is not after the peak, `{max_date}`");
            self.error_with_hint(item, message, "half a period lies between peak and trough");
        }
        let max = self.required(&fields, "max_value");
        let max_value = max.as_ref().and_then(|item| self.non_negative(item));
        if let (Some(item), Some(0.0)) = (&max, max_value) {
            self.expected(item, "a number greater than 0");
        }
        let min = self.required(&fields, "min_value");
        let min_value = min.as_ref().and_then(|item| self.non_negative(item));
        if let (Some(item), Some(max_value), Some(min_value)) = (&min, max_value, min_value)
            && min_value > max_value
        {
            self.error(
                item,
                format!("{min_value} is more than `max_value`, {max_value}"),
            );
        }
        Some(Seasonality {
            target_parameter: target_parameter?,
            seasonality_max_date: max_date?,
            seasonality_min_date: min_date,
            max_value: max_value?,
            min_value: min_value?,
        })
    }

    /// The name of a parameter that is there.
    pub(super) fn target_parameter(
        &mut self,
        item: &Item<'_>,
        context: &Context<'_>,
    ) -> Option<String> {
        let name = self.name(item)?;
        match context.parameters {
            Some(parameters) if !parameters.has(&name) => {
                self.unknown_parameter(item, &name, parameters);
                None
            }
            _ => Some(name),
        }
    }
}
