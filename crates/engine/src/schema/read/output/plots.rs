//! Figures, which the native engine only checks.

use super::super::fields::Fields;
use super::super::reader::{Item, Reader};
use super::super::scalars::as_boolean;
use super::surveillance::Sources;

const FIGURE_TYPES: &[&str] = &["MPLFigure", "PNG", "PDF", "SVG"];
const KEYS: &[&str] = &[
    "figure_output_types",
    "dpi",
    "reference_date",
    "posterior",
    "quantiles",
    "categorical",
];
const QUANTILE_KEYS: &[&str] = &[
    "single",
    "grid",
    "outputs",
    "quantiles",
    "horizon_max",
    "calibration",
    "projection",
    "value_column",
    "ylabel",
    "suptitle",
];
const VARIANTS: &[&str] = &["filtered", "full", "side_by_side"];
const VARIANT_KEYS: &[&str] = &[
    "type",
    "show_calibration",
    "show_projection",
    "show_surveillance",
    "show_fitting_window_line",
    "surveillance_source",
    "surveillance_points",
    "surveillance_start_date",
    "horizon_max",
    "xlabel_interval",
    "full_panel",
    "filtered_panel",
    "spacing",
    "figsize",
];
const PANEL_KEYS: &[&str] = &[
    "surveillance_points",
    "surveillance_start_date",
    "xlabel_interval",
];
const SWITCHES: [&str; 4] = [
    "show_calibration",
    "show_projection",
    "show_surveillance",
    "show_fitting_window_line",
];
/// The grid's panels in a row, by default.
const PANELS_PER_ROW: i128 = 4;

impl<'d> Reader<'d> {
    pub(super) fn plots(&mut self, item: &Item<'d>, sources: &Sources) {
        let Some(fields) = self.fields(item, KEYS) else {
            return;
        };
        if let Some(types) = fields.optional("figure_output_types") {
            for element in self
                .elements(&types, "a list of formats")
                .unwrap_or_default()
            {
                self.choice(&element, FIGURE_TYPES);
            }
        }
        self.optional_count(&fields, "dpi");
        if let Some(date) = self.required(&fields, "reference_date") {
            self.date(&date);
        }
        if let Some(posterior) = fields.optional("posterior") {
            self.posterior_plot(&posterior);
        }
        if let Some(quantiles) = fields.optional("quantiles") {
            self.quantile_plot(&quantiles, sources);
        }
        if let Some(categorical) = fields.optional("categorical") {
            self.categorical_plot(&categorical);
        }
    }

    fn posterior_plot(&mut self, item: &Item<'d>) {
        let Some(fields) = self.fields(item, &["single", "grid", "bins"]) else {
            return;
        };
        self.locations_or_switch(&fields);
        if let Some(grid) = fields.optional("grid") {
            self.boolean(&grid);
        }
        self.optional_count(&fields, "bins");
    }

    fn quantile_plot(&mut self, item: &Item<'d>, sources: &Sources) {
        let Some(fields) = self.fields(item, QUANTILE_KEYS) else {
            return;
        };
        self.locations_or_switch(&fields);
        let panels_per_row = self.grid(&fields);
        let variants = match fields.optional("outputs") {
            Some(outputs) => self.variants(&outputs, sources),
            None => VARIANTS.to_vec(),
        };
        if variants.contains(&"side_by_side") && panels_per_row.is_some_and(|n| n % 2 == 1) {
            let at = fields.optional("grid").unwrap_or_else(|| item.clone());
            self.error_with_hint(
                &at,
                "`side_by_side` needs an even `panels_per_row`",
                "each location takes two panels",
            );
        }
        if let Some(levels) = fields.optional("quantiles") {
            self.probabilities(&levels);
        }
        self.optional_count(&fields, "horizon_max");
        for key in ["calibration", "projection"] {
            self.styling(&fields, key);
        }
        for key in ["value_column", "ylabel", "suptitle"] {
            self.optional_text(&fields, key);
        }
    }

    /// The number of panels in a row of the grid, unless there is no grid.
    fn grid(&mut self, fields: &Fields<'d>) -> Option<i128> {
        let Some(item) = fields.optional("grid") else {
            return Some(PANELS_PER_ROW);
        };
        if let Some(enabled) = as_boolean(&item) {
            return enabled.then_some(PANELS_PER_ROW);
        }
        let grid = self.fields(&item, &["enabled", "panels_per_row"])?;
        let enabled = grid
            .optional("enabled")
            .and_then(|item| self.boolean(&item));
        let panels = match grid.optional("panels_per_row") {
            Some(item) => self.whole(&item, 1, 1_000)?,
            None => PANELS_PER_ROW,
        };
        (enabled != Some(false)).then_some(panels)
    }

    /// Colours, which were a switch in older versions.
    fn styling(&mut self, fields: &Fields<'d>, key: &str) {
        let Some(item) = fields.optional(key) else {
            return;
        };
        if as_boolean(&item).is_some() {
            self.error_with_hint(
                &item,
                format!(
                    "expected a mapping with `color`, found {}",
                    item.node.shown()
                ),
                format!("switch it with `show_{key}` under `outputs`"),
            );
        } else if let Some(fields) = self.fields(&item, &["color"]) {
            self.optional_text(&fields, "color");
        }
    }

    fn variants(&mut self, item: &Item<'d>, sources: &Sources) -> Vec<&'static str> {
        let mut seen = Vec::new();
        for element in self
            .elements(item, "a list of plot variants")
            .unwrap_or_default()
        {
            let Some(fields) = self.fields(&element, VARIANT_KEYS) else {
                continue;
            };
            let kind = self.required(&fields, "type");
            if let Some(item) = &kind
                && let Some(kind) = self.choice(item, VARIANTS)
            {
                if seen.contains(&kind) {
                    self.error(
                        item,
                        format!("a second variant of type `{kind}`; there can be one"),
                    );
                }
                seen.push(kind);
            }
            for key in SWITCHES {
                if let Some(item) = fields.optional(key) {
                    self.boolean(&item);
                }
            }
            self.source(&fields, "surveillance_source", sources);
            self.optional_count(&fields, "horizon_max");
            self.panel(&fields);
            for key in ["full_panel", "filtered_panel"] {
                if let Some(item) = fields.optional(key)
                    && let Some(fields) = self.fields(&item, PANEL_KEYS)
                {
                    self.panel(&fields);
                }
            }
            if let Some(item) = fields.optional("spacing") {
                self.number(&item);
            }
            self.figure_size(&fields);
        }
        seen
    }

    fn panel(&mut self, fields: &Fields<'d>) {
        self.optional_count(fields, "surveillance_points");
        for key in ["surveillance_start_date", "xlabel_interval"] {
            self.optional_text(fields, key);
        }
    }

    fn categorical_plot(&mut self, item: &Item<'d>) {
        const KEYS: &[&str] = &["categories", "colors", "horizons", "figsize"];
        /// Categories, and colours, by default.
        const N_CATEGORIES: usize = 5;
        let Some(fields) = self.fields(item, KEYS) else {
            return;
        };
        let mut n_texts = |key: &str| match fields.optional(key) {
            Some(item) => {
                let elements = self.elements(&item, "a list of texts").unwrap_or_default();
                for element in &elements {
                    self.text(element);
                }
                elements.len()
            }
            None => N_CATEGORIES,
        };
        let (n_categories, n_colors) = (n_texts("categories"), n_texts("colors"));
        if n_categories != n_colors {
            let message = format!("{n_colors} colors for {n_categories} categories");
            self.error_with_hint(item, message, "give each category its color");
        }
        if let Some(horizons) = fields.optional("horizons") {
            for element in self
                .elements(&horizons, "a list of horizons")
                .unwrap_or_default()
            {
                self.whole(&element, -1, 1_000);
            }
        }
        self.figure_size(&fields);
    }

    fn figure_size(&mut self, fields: &Fields<'d>) {
        let Some(item) = fields.optional("figsize") else {
            return;
        };
        if self.numbers(&item).is_some_and(|sizes| sizes.len() != 2) {
            self.expected(&item, "a list of width and height");
        }
    }

    fn locations_or_switch(&mut self, fields: &Fields<'d>) {
        let Some(item) = fields.optional("single") else {
            return;
        };
        if as_boolean(&item).is_some() {
            return;
        }
        for element in self
            .elements(&item, "true, false or a list of locations")
            .unwrap_or_default()
        {
            self.text(&element);
        }
    }

    fn optional_count(&mut self, fields: &Fields<'d>, key: &str) {
        if let Some(item) = fields.optional(key) {
            self.whole(&item, 0, i128::from(u32::MAX));
        }
    }
}
