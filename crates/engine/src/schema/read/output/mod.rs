//! The output configuration.

mod hubs;
mod names;
mod plots;
mod scenario;
mod surveillance;
mod tables;

use super::fields::Fields;
use super::reader::{Item, Reader};
use super::scalars::as_boolean;
use crate::schema::output::{Generations, OutputConfig, TabularFormat};
pub(super) use names::{Columns, Names};

const KEYS: &[&str] = &[
    "meta",
    "tabular_output_types",
    "options",
    "quantiles",
    "trajectories",
    "posteriors",
    "flusight_format",
    "covid19_format",
    "flusmh_format",
    "rsv_format",
    "model_meta",
    "plots",
];
const TABULAR_TYPES: &[&str] = &["CSVBytes", "DataFrame", "Parquet"];

/// Reads `output`; with the model's names, selected columns must be among them.
pub(super) fn read(reader: &mut Reader<'_>, names: Option<&Names>) -> Option<OutputConfig> {
    let item = reader.section("output")?;
    let fields = reader.fields(&item, KEYS)?;
    let sources = reader.surveillance(&fields);
    let posteriors = reader.posteriors(&fields);
    let hub = reader.hub_formats(&fields, &sources);
    let projection_parameters = reader.projection_parameters(&fields);
    let plots = fields
        .optional("plots")
        .and_then(|item| reader.plots(&item, &sources));
    Some(OutputConfig {
        meta: reader.meta(&fields),
        tabular_formats: reader.tabular_formats(&fields),
        quantiles: fields
            .optional("quantiles")
            .and_then(|item| reader.quantiles(&item, names)),
        trajectories: fields
            .optional("trajectories")
            .and_then(|item| reader.trajectories(&item, names)),
        surveillance: sources.valid,
        posteriors,
        hub,
        projection_parameters,
        plots,
    })
}

impl<'d> Reader<'d> {
    /// The formats of tables. The suite's default, a table in memory, is none that a stage could
    /// store: CSV stands for it.
    fn tabular_formats(&mut self, fields: &Fields<'d>) -> Vec<TabularFormat> {
        let mut formats = Vec::new();
        if let Some(item) = fields.optional("tabular_output_types") {
            let elements = self
                .elements(&item, "a list of formats")
                .unwrap_or_default();
            for element in &elements {
                let format = match self.choice(element, TABULAR_TYPES) {
                    Some("CSVBytes") => TabularFormat::CsvGz,
                    Some("Parquet") => TabularFormat::Parquet,
                    _ => continue,
                };
                if !formats.contains(&format) {
                    formats.push(format);
                }
            }
        }
        if formats.is_empty() {
            formats.push(TabularFormat::CsvGz);
        }
        formats
    }

    /// The generations whose posteriors are asked for.
    fn posteriors(&mut self, fields: &Fields<'d>) -> Option<Generations> {
        let item = fields.optional("posteriors")?;
        if let Some(wanted) = as_boolean(&item) {
            return wanted.then_some(Generations::Newest);
        }
        if item.node.as_mapping().is_none() {
            self.expected(&item, "true, false or a mapping with `generations`");
            return None;
        }
        let fields = self.fields(&item, &["generations"])?;
        match fields.optional("generations") {
            Some(generations) => Some(self.generations(&generations)),
            None => Some(Generations::Newest),
        }
    }

    /// A list of generations of an SMC calibration.
    fn generations(&mut self, item: &Item<'d>) -> Generations {
        let elements = self.elements(item, "a list of generations");
        let mut generations = Vec::new();
        for element in elements.unwrap_or_default() {
            let number = self.whole(&element, i128::MIN, i128::MAX);
            generations.extend(number.and_then(|number| i64::try_from(number).ok()));
        }
        Generations::Only(generations)
    }

    fn projection_parameters(&mut self, fields: &Fields<'d>) -> bool {
        let Some(item) = fields.optional("model_meta") else {
            return false;
        };
        let Some(fields) = self.fields(&item, &["projection_parameters"]) else {
            return false;
        };
        fields
            .optional("projection_parameters")
            .and_then(|item| self.boolean(&item))
            .unwrap_or(false)
    }
}
