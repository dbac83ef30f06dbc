//! The built-in defaults of the configuration, without anybody's files.

use epycloud_config::Environment;
use epycloud_config::user::{BatchConfig, Configuration, Selection, StageResources};

use crate::failure::Failure;

/// What the configuration says of Batch where nobody says anything.
pub(super) fn batch() -> Result<BatchConfig, Failure> {
    // Without HOME there is no folder of configurations, and here is none of a project.
    let nobody = Environment::from_pairs::<&str, &str>([]);
    let configuration = Configuration::load(&nobody, &Selection::default())?;
    Ok(configuration.values().google_cloud.batch.clone())
}

/// The stages by their letters.
pub(super) fn stages(batch: &BatchConfig) -> [(&'static str, &StageResources); 3] {
    [
        ("A", &batch.stage_a),
        ("B", &batch.stage_b),
        ("C", &batch.stage_c),
    ]
}
