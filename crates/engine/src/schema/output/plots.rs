//! Figures.

use jiff::civil::Date;

use super::SurveillanceSource;

/// Figures to draw.
#[derive(Debug, Clone, PartialEq)]
pub struct PlotsOutput {
    /// Formats of every figure, each once; SVG when none is asked for.
    pub formats: Vec<FigureFormat>,
    /// Dots per inch of raster formats; a figure is 96 units to the inch.
    pub dpi: u32,
    /// The forecast's reference date, drawn as a line.
    pub reference_date: Date,
    /// Histograms of the posterior.
    pub posterior: PosteriorPlots,
    /// Quantile fans.
    pub quantiles: QuantilePlots,
    /// Stacked probabilities of rate trends, if they are to be drawn.
    pub categorical: Option<CategoricalPlots>,
}

/// A figure's file format.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FigureFormat {
    /// `{name}.png`.
    Png,
    /// `{name}.pdf`.
    Pdf,
    /// `{name}.svg`.
    Svg,
}

/// The locations that have a figure of their own.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Locations {
    /// None.
    #[default]
    None,
    /// All.
    All,
    /// These, in any form of their names.
    Only(Vec<String>),
}

impl Locations {
    /// Whether a population (in epydemix's form) is among them.
    #[must_use]
    pub fn include(&self, population: &str) -> bool {
        match self {
            Self::None => false,
            Self::All => true,
            Self::Only(names) => names.iter().any(|name| {
                let known = crate::locations::find(name).map(|location| location.epydemix);
                known.unwrap_or(name) == population
            }),
        }
    }
}

/// Histograms of the posterior.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PosteriorPlots {
    /// Locations with a figure of their own.
    pub single: Locations,
    /// Whether there is a figure of all locations.
    pub grid: bool,
    /// Bars of a histogram.
    pub bins: u32,
}

/// Quantile fans.
#[derive(Debug, Clone, PartialEq)]
pub struct QuantilePlots {
    /// Locations with a figure of their own.
    pub single: Locations,
    /// Panels in a row of the figure of all locations, if there is one.
    pub panels_per_row: Option<u32>,
    /// The variants to draw.
    pub variants: Vec<QuantileVariant>,
    /// Levels of the bands' edges and of the line.
    pub levels: Vec<f64>,
    /// Colour of the calibration.
    pub calibration_color: String,
    /// Colour of the projection.
    pub projection_color: String,
    /// The projected column.
    pub value_column: String,
    /// Label of the vertical axis.
    pub ylabel: Option<String>,
    /// Title of the figure of all locations.
    pub suptitle: Option<String>,
}

/// A way to draw quantile fans.
#[derive(Debug, Clone, PartialEq)]
pub struct QuantileVariant {
    /// What it is.
    pub kind: VariantKind,
    /// Whether the calibration's quantiles are drawn.
    pub show_calibration: bool,
    /// Whether the projection's quantiles are drawn.
    pub show_projection: bool,
    /// Observations to draw.
    pub surveillance: Option<SurveillanceSource>,
    /// Whether the fitting window is marked.
    pub show_fitting_window: bool,
    /// Weeks after the reference date.
    pub horizon_max: Option<u32>,
    /// The panels, left to right.
    pub panels: Vec<QuantilePanel>,
}

/// What is drawn of the time before the forecast.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum VariantKind {
    /// The recent past.
    Filtered,
    /// All of it.
    Full,
    /// Both.
    SideBySide,
}

impl VariantKind {
    /// Its name in configurations and file names.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Filtered => "filtered",
            Self::Full => "full",
            Self::SideBySide => "side_by_side",
        }
    }
}

/// A panel of a variant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct QuantilePanel {
    /// Whether it begins where the past is cut.
    pub is_filtered: bool,
    /// How many observations up to the reference date to show; all of them without it, or those
    /// from the first projected date on where the past is cut.
    pub n_points: Option<u32>,
    /// The first observation's date; wins over `n_points`.
    pub start_date: Option<Date>,
}

/// Stacked probabilities of rate trends.
#[derive(Debug, Clone, PartialEq)]
pub struct CategoricalPlots {
    /// Categories, bottom to top, and their colours.
    pub categories: Vec<(String, String)>,
    /// Horizons, top to bottom.
    pub horizons: Vec<i32>,
}
