//! A run's report: one HTML file that needs nothing else, for people who weren't there.
//!
//! [`write()`] gathers what the run has kept (its record, attempts, manifest and tables) and stores
//! `report.html` beside them. The page loads nothing from anywhere; it is readable in light and
//! dark, on a phone and on paper, and without scripts, which only sort and filter its table.

mod chart;
mod error;
mod fan;
mod fit;
mod gather;
mod histogram;
mod page;
mod posterior;
mod resources;
mod table;
mod tasks;
#[cfg(test)]
mod tests;
mod text;
mod timeline;
mod usage;

use epycloud_storage::{RunLayout, SaveOptions, Storage, StoragePath};

pub use error::ReportError;
pub use gather::{RunData, TaskRow, TaskState};
pub use resources::{Elsewhere, Resources, StageUse};

/// Writes the report of the run that lies there, and says where.
///
/// # Errors
/// When the run has no record, what it has kept can't be read, or the report isn't written.
pub async fn write(storage: &Storage, layout: &RunLayout) -> Result<StoragePath, ReportError> {
    let data = RunData::gather(storage, layout).await?;
    let path = layout.report();
    storage
        .save_bytes(&path, page::render(&data), &SaveOptions::default())
        .await
        .map_err(|source| ReportError::Storage {
            doing: "write the report",
            source,
        })?;
    Ok(path)
}
