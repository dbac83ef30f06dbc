//! The folder that a run of stage C fills.

use epycloud_config::FileName;
use epycloud_config::yaml::{Document, Node};
use futures::TryStreamExt;
use jiff::Timestamp;

use crate::error::StageError;
use crate::run::StageRun;

/// `{YYYYMMDD-HHMMSS}[_meta-id]` in UTC; with `-2`, `-3`, … behind it when there is one of that
/// name already, so that nothing of an earlier run of stage C is touched.
pub(super) async fn free(
    run: &StageRun,
    now: Timestamp,
    config: &Document,
) -> Result<FileName, StageError> {
    let name = name(now, config)?;
    let mut folder = name.clone();
    for attempt in 2_u32.. {
        let mut there = run.storage.list_stream(&run.layout.outputs(&folder));
        let first = there.try_next().await;
        match first.map_err(StageError::storage("look for earlier outputs"))? {
            None => break,
            Some(_) => folder = file_name(&format!("{name}-{attempt}"))?,
        }
    }
    Ok(folder)
}

fn name(now: Timestamp, config: &Document) -> Result<FileName, StageError> {
    let time = now.strftime("%Y%m%d-%H%M%S");
    match meta_id(config) {
        Some(id) => file_name(&format!("{time}_{id}")),
        None => file_name(&time.to_string()),
    }
}

/// `output.meta.id`, as it stands in the file.
fn meta_id(config: &Document) -> Option<&str> {
    let id = config.root.get("output")?.get("meta")?.get("id")?;
    Node::written(id).filter(|id| !id.is_empty() && *id != "null" && *id != "~")
}

fn file_name(name: &str) -> Result<FileName, StageError> {
    name.parse()
        .map_err(|source| StageError::OutputFolder { source })
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use epycloud_config::yaml;

    use super::*;

    fn named(yaml: &str) -> Result<String, StageError> {
        let config = yaml::parse(Path::new("output.yaml"), yaml).unwrap();
        let now = "2026-01-05T23:04:05+02:00".parse().unwrap();
        name(now, &config).map(|name| name.to_string())
    }

    #[test]
    fn lesson_9_output_folders_are_named_by_the_time_in_utc() {
        assert_eq!(named("output: {}").unwrap(), "20260105-210405");
    }

    #[test]
    fn the_meta_id_is_part_of_the_name_as_it_is_written() {
        let cases = [
            ("projection", "_projection"),
            ("'01'", "_01"),
            ("2026", "_2026"),
            ("~", ""),
        ];
        for (id, suffix) in cases {
            let name = named(&format!("output: {{meta: {{id: {id}}}}}")).unwrap();
            assert_eq!(name, format!("20260105-210405{suffix}"));
        }
    }

    #[test]
    fn a_meta_id_that_leads_elsewhere_is_refused() {
        let error = named("output: {meta: {id: ../x}}").unwrap_err();
        assert!(matches!(error, StageError::OutputFolder { .. }), "{error}");
    }
}
