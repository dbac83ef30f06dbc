//! Figures.

use super::super::fields::Fields;
use super::super::reader::{Item, Reader};
use super::super::scalars::as_boolean;
use super::surveillance::Sources;
use crate::schema::output::{
    CategoricalPlots, FigureFormat, Locations, PlotsOutput, PosteriorPlots, QuantilePanel,
    QuantilePlots, QuantileVariant, SurveillanceSource, VariantKind,
};

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
const PANELS_PER_ROW: u32 = 4;
/// Weeks after the reference date, by default.
const HORIZON_MAX: u32 = 3;
/// Observations in the `filtered` variant that is drawn where no variants are listed.
const N_POINTS: u32 = 8;
/// Bars of a posterior's histogram, by default.
const BINS: u32 = 30;
const DPI: u32 = 150;
/// Edges of the bands of 95 % and 50 %, and the median.
const LEVELS: [f64; 5] = [0.025, 0.25, 0.5, 0.75, 0.975];
/// The column that the suite's plots show.
const VALUE_COLUMN: &str = "hospitalizations";

/// What a variant's panels inherit.
#[derive(Clone, Copy)]
struct Limits {
    n_points: Option<u32>,
    start_date: Option<jiff::civil::Date>,
}

impl<'d> Reader<'d> {
    pub(super) fn plots(&mut self, item: &Item<'d>, sources: &Sources) -> Option<PlotsOutput> {
        let fields = self.fields(item, KEYS)?;
        let formats = self.figure_formats(&fields);
        let dpi = self.optional_count(&fields, "dpi");
        let reference = self.required(&fields, "reference_date");
        let reference_date = reference.and_then(|date| self.date(&date));
        let posterior = match fields.optional("posterior") {
            Some(posterior) => self.posterior_plot(&posterior),
            None => Some(PosteriorPlots {
                single: Locations::None,
                grid: false,
                bins: BINS,
            }),
        };
        let quantiles = match fields.optional("quantiles") {
            Some(quantiles) => self.quantile_plot(&quantiles, sources),
            None => Some(default_fans(sources)),
        };
        let categorical = fields.optional("categorical");
        let categorical = categorical.and_then(|item| self.categorical_plot(&item));
        Some(PlotsOutput {
            formats,
            dpi: dpi.unwrap_or(DPI),
            reference_date: reference_date?,
            posterior: posterior?,
            quantiles: quantiles?,
            categorical,
        })
    }

    /// The formats of figures. The suite's default, a figure in memory, is none that a stage could
    /// store: SVG stands for it.
    fn figure_formats(&mut self, fields: &Fields<'d>) -> Vec<FigureFormat> {
        let mut formats = Vec::new();
        let types = fields.optional("figure_output_types");
        let elements = types.and_then(|types| self.elements(&types, "a list of formats"));
        for element in elements.unwrap_or_default() {
            let format = match self.choice(&element, FIGURE_TYPES) {
                Some("PNG") => FigureFormat::Png,
                Some("PDF") => FigureFormat::Pdf,
                Some("SVG") => FigureFormat::Svg,
                _ => continue,
            };
            if !formats.contains(&format) {
                formats.push(format);
            }
        }
        if formats.is_empty() {
            formats.push(FigureFormat::Svg);
        }
        formats
    }

    fn posterior_plot(&mut self, item: &Item<'d>) -> Option<PosteriorPlots> {
        let fields = self.fields(item, &["single", "grid", "bins"])?;
        let single = self.locations_or_switch(&fields);
        let grid = fields.optional("grid");
        let grid = grid.and_then(|grid| self.boolean(&grid));
        let bins = self.optional_count(&fields, "bins");
        Some(PosteriorPlots {
            single,
            grid: grid.unwrap_or(false),
            bins: bins.unwrap_or(BINS).max(1),
        })
    }

    fn quantile_plot(&mut self, item: &Item<'d>, sources: &Sources) -> Option<QuantilePlots> {
        let fields = self.fields(item, QUANTILE_KEYS)?;
        let single = self.locations_or_switch(&fields);
        let panels_per_row = self.grid(&fields);
        let horizon_max = match fields.key("horizon_max") {
            Some(_) => self.optional_count(&fields, "horizon_max"),
            None => Some(HORIZON_MAX),
        };
        let variants = match fields.optional("outputs") {
            Some(outputs) => self.variants(&outputs, horizon_max, sources),
            None => default_variants(horizon_max, sources),
        };
        let has_pairs = variants
            .iter()
            .any(|variant| variant.kind == VariantKind::SideBySide);
        if has_pairs && panels_per_row.is_some_and(|n| n % 2 == 1) {
            let at = fields.optional("grid").unwrap_or_else(|| item.clone());
            self.error_with_hint(
                &at,
                "`side_by_side` needs an even `panels_per_row`",
                "each location takes two panels",
            );
        }
        let levels = fields.optional("quantiles");
        let levels = levels.map(|levels| self.probabilities(&levels));
        let [calibration_color, projection_color] = [("calibration", "C0"), ("projection", "C1")]
            .map(|(key, default)| {
                self.styling(&fields, key)
                    .unwrap_or_else(|| default.to_owned())
            });
        let value_column = self.optional_text(&fields, "value_column");
        Some(QuantilePlots {
            single,
            panels_per_row,
            variants,
            levels: levels.unwrap_or_else(|| LEVELS.to_vec()),
            calibration_color,
            projection_color,
            value_column: value_column.unwrap_or_else(|| VALUE_COLUMN.to_owned()),
            ylabel: self.optional_text(&fields, "ylabel"),
            suptitle: self.optional_text(&fields, "suptitle"),
        })
    }

    /// The number of panels in a row of the grid, unless there is no grid.
    fn grid(&mut self, fields: &Fields<'d>) -> Option<u32> {
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
            Some(item) => u32::try_from(self.whole(&item, 1, 1_000)?).ok()?,
            None => PANELS_PER_ROW,
        };
        (enabled != Some(false)).then_some(panels)
    }

    /// A colour, which was a switch in older versions.
    fn styling(&mut self, fields: &Fields<'d>, key: &str) -> Option<String> {
        let item = fields.optional(key)?;
        if as_boolean(&item).is_some() {
            self.error_with_hint(
                &item,
                format!(
                    "expected a mapping with `color`, found {}",
                    item.node.shown()
                ),
                format!("switch it with `show_{key}` under `outputs`"),
            );
            return None;
        }
        let fields = self.fields(&item, &["color"])?;
        self.optional_text(&fields, "color")
    }

    fn variants(
        &mut self,
        item: &Item<'d>,
        horizon_max: Option<u32>,
        sources: &Sources,
    ) -> Vec<QuantileVariant> {
        let mut variants: Vec<QuantileVariant> = Vec::new();
        let elements = self.elements(item, "a list of plot variants");
        for element in elements.unwrap_or_default() {
            let Some(fields) = self.fields(&element, VARIANT_KEYS) else {
                continue;
            };
            let named = self.required(&fields, "type");
            let kind = named.as_ref().and_then(|item| {
                let name = self.choice(item, VARIANTS)?;
                Some(variant_kind(name))
            });
            if let (Some(item), Some(kind)) = (&named, kind)
                && variants.iter().any(|variant| variant.kind == kind)
            {
                let name = kind.name();
                self.error(
                    item,
                    format!("a second variant of type `{name}`; there can be one"),
                );
            }
            let variant = self.variant(&fields, kind.unwrap_or(VariantKind::Full), sources);
            variants.push(QuantileVariant {
                horizon_max: variant.horizon_max.or(horizon_max),
                ..variant
            });
        }
        variants
    }

    fn variant(
        &mut self,
        fields: &Fields<'d>,
        kind: VariantKind,
        sources: &Sources,
    ) -> QuantileVariant {
        let [calibration, projection, surveillance, window] =
            SWITCHES.map(|key| fields.optional(key).and_then(|item| self.boolean(&item)));
        let source = self
            .source(fields, "surveillance_source", sources)
            .or_else(|| only(sources));
        let horizon_max = self.optional_count(fields, "horizon_max");
        let limits = self.limits(fields);
        let [full, filtered] = ["full_panel", "filtered_panel"].map(|key| {
            let item = fields.optional(key)?;
            let fields = self.fields(&item, PANEL_KEYS)?;
            Some(self.limits(&fields))
        });
        if let Some(item) = fields.optional("spacing") {
            self.number(&item);
        }
        self.figure_size(fields);
        QuantileVariant {
            kind,
            show_calibration: calibration.unwrap_or(false),
            show_projection: projection.unwrap_or(true),
            surveillance: source.filter(|_| surveillance.unwrap_or(true)),
            show_fitting_window: window.unwrap_or(true),
            horizon_max,
            panels: panels(kind, limits, full, filtered),
        }
    }

    fn limits(&mut self, fields: &Fields<'d>) -> Limits {
        self.optional_text(fields, "xlabel_interval");
        let start = fields.optional("surveillance_start_date");
        Limits {
            n_points: self.optional_count(fields, "surveillance_points"),
            start_date: start.and_then(|item| self.date(&item)),
        }
    }

    fn categorical_plot(&mut self, item: &Item<'d>) -> Option<CategoricalPlots> {
        const KEYS: &[&str] = &["categories", "colors", "horizons", "figsize"];
        /// The suite's.
        const DEFAULTS: [(&str, &str); 5] = [
            ("large_decrease", "#476a6f"),
            ("decrease", "#519e8a"),
            ("stable", "#b7c3f3"),
            ("increase", "#dd7596"),
            ("large_increase", "#cf1259"),
        ];
        let fields = self.fields(item, KEYS)?;
        let mut texts = |key: &str, defaults: [&str; 5]| match fields.optional(key) {
            Some(item) => {
                let elements = self.elements(&item, "a list of texts").unwrap_or_default();
                elements
                    .iter()
                    .map(|element| self.text(element).unwrap_or_default())
                    .collect()
            }
            None => defaults.map(str::to_owned).to_vec(),
        };
        let categories: Vec<String> = texts("categories", DEFAULTS.map(|(name, _)| name));
        let colors: Vec<String> = texts("colors", DEFAULTS.map(|(_, color)| color));
        if categories.len() != colors.len() {
            let message = format!(
                "{} colors for {} categories",
                colors.len(),
                categories.len()
            );
            self.error_with_hint(item, message, "give each category its color");
        }
        let horizons = match fields.optional("horizons") {
            Some(horizons) => {
                let elements = self.elements(&horizons, "a list of horizons");
                let mut numbers = Vec::new();
                for element in elements.unwrap_or_default() {
                    let number = self.whole(&element, -1, 1_000);
                    numbers.extend(number.and_then(|number| i32::try_from(number).ok()));
                }
                numbers
            }
            None => (0..4).collect(),
        };
        self.figure_size(&fields);
        Some(CategoricalPlots {
            categories: categories.into_iter().zip(colors).collect(),
            horizons,
        })
    }

    fn figure_size(&mut self, fields: &Fields<'d>) {
        let Some(item) = fields.optional("figsize") else {
            return;
        };
        if self.numbers(&item).is_some_and(|sizes| sizes.len() != 2) {
            self.expected(&item, "a list of width and height");
        }
    }

    fn locations_or_switch(&mut self, fields: &Fields<'d>) -> Locations {
        let Some(item) = fields.optional("single") else {
            return Locations::None;
        };
        match as_boolean(&item) {
            Some(true) => return Locations::All,
            Some(false) => return Locations::None,
            None => {}
        }
        let elements = self.elements(&item, "true, false or a list of locations");
        let mut names = Vec::new();
        for element in elements.unwrap_or_default() {
            names.extend(self.text(&element));
        }
        Locations::Only(names)
    }

    fn optional_count(&mut self, fields: &Fields<'d>, key: &str) -> Option<u32> {
        let item = fields.optional(key)?;
        let number = self.whole(&item, 0, i128::from(u32::MAX))?;
        u32::try_from(number).ok()
    }
}

fn variant_kind(name: &str) -> VariantKind {
    match name {
        "filtered" => VariantKind::Filtered,
        "side_by_side" => VariantKind::SideBySide,
        _ => VariantKind::Full,
    }
}

/// The source, if there is only one.
fn only(sources: &Sources) -> Option<SurveillanceSource> {
    match &sources.valid[..] {
        [source] => Some(source.clone()),
        _ => None,
    }
}

/// A variant's panels; each has limits of its own, or the variant's.
fn panels(
    kind: VariantKind,
    limits: Limits,
    full: Option<Limits>,
    filtered: Option<Limits>,
) -> Vec<QuantilePanel> {
    let panel = |is_filtered, own: Option<Limits>| {
        let sets_any = |own: &Limits| own.n_points.is_some() || own.start_date.is_some();
        let limits = own.filter(sets_any).unwrap_or(limits);
        QuantilePanel {
            is_filtered,
            n_points: limits.n_points,
            start_date: limits.start_date,
        }
    };
    match kind {
        VariantKind::Filtered => vec![panel(true, None)],
        VariantKind::Full => vec![panel(false, None)],
        VariantKind::SideBySide => vec![panel(false, full), panel(true, filtered)],
    }
}

/// What is drawn where no variants are listed.
fn default_variants(horizon_max: Option<u32>, sources: &Sources) -> Vec<QuantileVariant> {
    let variant = |kind, n_points| QuantileVariant {
        kind,
        show_calibration: false,
        show_projection: true,
        surveillance: only(sources),
        show_fitting_window: true,
        horizon_max,
        panels: panels(
            kind,
            Limits {
                n_points,
                start_date: None,
            },
            None,
            None,
        ),
    };
    vec![
        variant(VariantKind::Filtered, Some(N_POINTS)),
        variant(VariantKind::Full, None),
        variant(VariantKind::SideBySide, None),
    ]
}

/// What is drawn where nothing is said of quantiles.
fn default_fans(sources: &Sources) -> QuantilePlots {
    QuantilePlots {
        single: Locations::None,
        panels_per_row: Some(PANELS_PER_ROW),
        variants: default_variants(Some(HORIZON_MAX), sources),
        levels: LEVELS.to_vec(),
        calibration_color: "C0".to_owned(),
        projection_color: "C1".to_owned(),
        value_column: VALUE_COLUMN.to_owned(),
        ylabel: None,
        suptitle: None,
    }
}
