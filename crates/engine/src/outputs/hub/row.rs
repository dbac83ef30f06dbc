//! A row of a submission.

use jiff::ToSpan;
use jiff::civil::Date;

use crate::outputs::plain::PlainTable;

/// A row of a forecast hub's table.
#[derive(Debug, Clone, PartialEq)]
pub struct HubRow {
    /// The hub's code of the place.
    pub location: String,
    /// The Saturday that horizons count from.
    pub reference_date: Date,
    /// Weeks after it.
    pub horizon: i32,
    /// The Saturday that ends the week.
    pub target_end_date: Date,
    /// What is forecast.
    pub target: String,
    /// The form of the forecast.
    pub output_type: OutputType,
    /// A quantile's level, a category, or a trajectory's name.
    pub output_type_id: String,
    /// The number.
    pub value: f64,
}

/// The form of a forecast.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum OutputType {
    /// A quantile.
    Quantile,
    /// A category's probability.
    Pmf,
    /// A trajectory.
    Sample,
}

impl OutputType {
    /// Its name in tables.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Quantile => "quantile",
            Self::Pmf => "pmf",
            Self::Sample => "sample",
        }
    }
}

/// The day that ends a horizon's week.
pub(super) fn end_of(reference_date: Date, horizon: i32) -> Date {
    reference_date.saturating_add((i64::from(horizon) * 7).days())
}

/// The rows as a table, in the suite's order of columns.
pub(super) fn table(rows: &[HubRow]) -> PlainTable {
    let text = |of: fn(&HubRow) -> String| rows.iter().map(of).collect();
    PlainTable::new("output_hub_formatted", rows.len())
        .text("location", text(|row| row.location.clone()))
        .text("reference_date", text(|row| row.reference_date.to_string()))
        .signed(
            "horizon",
            rows.iter().map(|row| i64::from(row.horizon)).collect(),
        )
        .text(
            "target_end_date",
            text(|row| row.target_end_date.to_string()),
        )
        .text("target", text(|row| row.target.clone()))
        .text("output_type", text(|row| row.output_type.name().to_owned()))
        .text("output_type_id", text(|row| row.output_type_id.clone()))
        .double("value", rows.iter().map(|row| row.value).collect())
}
