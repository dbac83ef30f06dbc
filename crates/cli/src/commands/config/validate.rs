//! `epycloud config validate`.

use std::collections::BTreeSet;

use epycloud_config::user::{Inspection, Selection, UserConfigError};
use epycloud_errors::{Diagnose as _, ExitCode, Report};
use serde::Serialize;

use crate::context::Context;
use crate::user_file_error::UserFileError;

/// What nothing in the cloud can do without.
const REQUIRED: [&str; 3] = [
    "google_cloud.project_id",
    "google_cloud.region",
    "google_cloud.bucket_name",
];
const TOKEN: &str = "github.personal_access_token";

/// What was found wrong; the same thing of several selections once, in order of discovery.
#[derive(Default)]
struct Findings {
    faults: Vec<String>,
    warnings: Vec<String>,
    seen: BTreeSet<String>,
}

impl Findings {
    fn fault(&mut self, text: String) {
        if self.seen.insert(text.clone()) {
            self.faults.push(text);
        }
    }

    fn warning(&mut self, text: &str) {
        if self.seen.insert(text.to_owned()) {
            self.warnings.push(text.to_owned());
        }
    }

    fn take(&mut self, found: &Result<Inspection, UserConfigError>) {
        match found {
            Ok(found) => {
                found.warnings().iter().for_each(|text| self.warning(text));
                found
                    .faults()
                    .iter()
                    .for_each(|fault| self.fault(fault.to_string()));
            }
            Err(error) => {
                let hint = error
                    .hint()
                    .map_or_else(String::new, |hint| format!("; {hint}"));
                self.fault(format!(
                    "{}{hint}",
                    epycloud_errors::chain(error).join(": ")
                ));
            }
        }
    }
}

/// Checks what holds, then every other environment and profile.
pub(super) fn run(context: &Context) -> Result<ExitCode, Report> {
    let printer = &context.printer;
    let mut findings = Findings::default();
    let found = Inspection::read(context.caller(), context.selection());
    findings.take(&found);
    if let Ok(found) = &found {
        required(found, &mut findings);
    }
    for selection in others(context) {
        findings.take(&Inspection::read(context.caller(), &selection));
    }
    if printer.json {
        printer.event(&Validated {
            event: "validated",
            valid: findings.faults.is_empty(),
            faults: &findings.faults,
            warnings: &findings.warnings,
        });
    }
    findings
        .warnings
        .iter()
        .for_each(|text| printer.warning(text));
    if findings.faults.is_empty() {
        printer.heading("the configuration is valid");
        return Ok(ExitCode::Done);
    }
    Err(UserFileError::Configuration {
        faults: findings.faults,
    }
    .into())
}

fn required(found: &Inspection, findings: &mut Findings) {
    for key in REQUIRED {
        if found.is_placeholder(key) {
            let place = found
                .source_of(key)
                .map(ToString::to_string)
                .unwrap_or_default();
            let text = found.text_of(key).unwrap_or_default();
            findings.fault(format!(
                "{place}: {key}: `{text}` is a placeholder; fill it in"
            ));
        } else if !found.is_set(key) {
            findings.fault(format!(
                "{key}: not set; nothing runs in the cloud without it"
            ));
        }
    }
    if !found.is_set(TOKEN) || found.is_placeholder(TOKEN) {
        findings.warning(&format!(
            "`{TOKEN}` is not set: private repositories can't be read"
        ));
    }
}

/// Every other environment with the profile that holds, and every other profile.
fn others(context: &Context) -> Vec<Selection> {
    let Ok(folder) = context.folder() else {
        return Vec::new();
    };
    let chosen = context.selection();
    let environments = folder.environments().into_iter().map(|name| Selection {
        environment: Some(name.to_string()),
        ..chosen.clone()
    });
    let profiles = folder.profiles().into_iter().map(|name| Selection {
        profile: Some(name.to_string()),
        ..chosen.clone()
    });
    environments.chain(profiles).collect()
}

#[derive(Serialize)]
struct Validated<'a> {
    event: &'static str,
    valid: bool,
    faults: &'a [String],
    warnings: &'a [String],
}
