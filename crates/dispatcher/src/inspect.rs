//! `inspect`: what is in an artifact.

use std::io::{self, Write};
use std::path::Path;

use epycloud_errors::{ExitCode, Report};
use epycloud_stages::StageError;
use epycloud_stages::artifact::{Inspection, inspect};
use serde_json::{Value, json};

use crate::failure;

/// Prints what can be told of a file without loading what is in it.
pub(crate) fn run(file: &Path, as_json: bool) -> ExitCode {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .map_err(|source| StageError::Runtime { source });
    let inspected = runtime.map_err(Report::new).and_then(|runtime| {
        let inspected = runtime.block_on(inspect(file));
        inspected.map_err(Report::new)
    });
    match inspected {
        Ok(inspection) => {
            let text = if as_json {
                format!("{:#}\n", to_json(file, &inspection))
            } else {
                format!("{}: {inspection}", file.display())
            };
            match io::stdout().write_all(text.as_bytes()) {
                Ok(()) => ExitCode::Done,
                Err(_) => ExitCode::Failed,
            }
        }
        Err(report) => failure::print(&report),
    }
}

fn to_json(file: &Path, inspection: &Inspection) -> Value {
    let artifact = inspection.artifact.as_ref().map(|(header, codec)| {
        json!({
            "kind": header.kind.as_str(),
            "engine": header.engine.to_string(),
            "primary_id": header.primary_id,
            "population": header.population,
            "seed": header.seed,
            "delta_t": header.delta_t,
            "workflow": header.workflow,
            "versions": header.versions,
            "payload_codec": codec,
        })
    });
    json!({
        "file": file.display().to_string(),
        "artifact": artifact,
        "bytes": inspection.bytes,
        "names": inspection.globals,
    })
}
