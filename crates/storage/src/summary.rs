//! Telemetry summaries.

use serde::Serialize;

use crate::{Result, RunLayout, SaveOptions, Storage, StoragePath, Summary};

impl Storage {
    /// Writes a telemetry summary for programs (`summaries/json`) and for people
    /// (`summaries/txt`), and says where.
    ///
    /// # Errors
    ///
    /// When either isn't written.
    pub async fn save_summary<T: Serialize + ?Sized + Sync>(
        &self,
        layout: &RunLayout,
        summary: &Summary,
        value: &T,
        text: &str,
    ) -> Result<(StoragePath, StoragePath)> {
        let (json_path, text_path) = (layout.summary_json(summary), layout.summary_text(summary));
        // At the same time: each waits for the disk.
        let options = SaveOptions::default();
        let (json, text) = futures::future::join(
            self.save_json(&json_path, value),
            self.save_bytes(&text_path, text.to_owned(), &options),
        )
        .await;
        json.and(text)?;
        Ok((json_path, text_path))
    }
}
