//! Which files of which runs, and where each goes: settled before anything is written.

use std::collections::{BTreeMap, BTreeSet};

use epycloud_config::{ExpId, FileName, RunId};
use epycloud_errors::{Report, nearest};
use epycloud_stages::Sha256;
use epycloud_stages::output::OutputIndex;
use epycloud_storage::{RunLayout, StorageError, StoragePath};

use crate::arguments::{Download, NameFormat};
use crate::bucket::Bucket;
use crate::commands::experiment::{FoundRun, browse, nothing_found};
use crate::error::CliError;
use crate::patterns::{ExperimentFilter, Pattern};

/// The plots that the original downloads.
const USUAL: [&str; 2] = ["posterior_grid.pdf", "quantiles_grid_sidebyside.pdf"];
/// One more, of experiments whose name begins so.
const RATE_TRENDS: (&str, &str) = ("hosp_", "categorical_rate_trends.pdf");

/// A file to download.
#[derive(Debug, Clone)]
pub(super) struct Planned {
    pub(super) exp_id: ExpId,
    pub(super) run_id: RunId,
    pub(super) from: StoragePath,
    /// Below the folder of downloads.
    pub(super) to: StoragePath,
    pub(super) bytes: u64,
    /// The hash that it has to have, where the run's index names it.
    pub(super) sha256: Option<Sha256>,
}

/// A run whose outputs are downloaded.
#[derive(Debug, Clone)]
pub(super) struct PlannedRun {
    pub(super) exp_id: ExpId,
    pub(super) run_id: RunId,
    /// Other, older runs of the experiment.
    pub(super) others: usize,
}

/// What will be downloaded.
#[derive(Debug, Default)]
pub(super) struct Plan {
    pub(super) runs: Vec<PlannedRun>,
    pub(super) files: Vec<Planned>,
    /// Files that are there and not wanted.
    pub(super) others: Vec<String>,
    wanted: BTreeSet<String>,
}

impl Plan {
    pub(super) async fn make(arguments: &Download, bucket: &Bucket) -> Result<Self, Report> {
        let filter = ExperimentFilter::new(&arguments.exp_filter);
        let found = browse(bucket, Some(&filter)).await?;
        if found.is_empty() {
            return Err(nothing_found(bucket, Some(&filter)).await?.into());
        }
        let mut plan = Self {
            runs: choose(&found, arguments.run_id.as_ref())?,
            ..Self::default()
        };
        for run in plan.runs.clone() {
            plan.add(&run, arguments, bucket).await?;
        }
        plan.check_names()?;
        Ok(plan)
    }

    /// What was looked for.
    pub(super) fn patterns(&self) -> Vec<String> {
        self.wanted.iter().cloned().collect()
    }

    /// Adds a run's files.
    async fn add(
        &mut self,
        run: &PlannedRun,
        arguments: &Download,
        bucket: &Bucket,
    ) -> Result<(), Report> {
        let layout = RunLayout::new(&bucket.prefix, &run.exp_id, &run.run_id);
        let patterns = patterns(arguments, &run.exp_id);
        self.wanted.extend(patterns.iter().cloned());
        let patterns: Vec<Pattern> = patterns.iter().map(|text| Pattern::new(text)).collect();
        for (folder, hashes) in outputs(&layout, arguments.all_outputs, bucket).await? {
            for object in bucket.storage.list(&layout.outputs(&folder)).await? {
                let name = object.path.file_name().to_owned();
                if !patterns.iter().any(|pattern| pattern.matches(&name)) {
                    if !self.others.contains(&name) {
                        self.others.push(name);
                    }
                    continue;
                }
                self.files.push(Planned {
                    exp_id: run.exp_id.clone(),
                    run_id: run.run_id.clone(),
                    to: target(&object.path, run, arguments, bucket)?,
                    from: object.path,
                    bytes: object.size,
                    sha256: hashes.get(&name).copied(),
                });
            }
        }
        Ok(())
    }

    /// Refuses two files of one name: one of them would be lost.
    fn check_names(&self) -> Result<(), CliError> {
        let mut seen: BTreeMap<&StoragePath, &StoragePath> = BTreeMap::new();
        for file in &self.files {
            if let Some(other) = seen.insert(&file.to, &file.from) {
                return Err(CliError::SameName {
                    name: file.to.to_string(),
                    files: [other.to_string(), file.from.to_string()],
                });
            }
        }
        Ok(())
    }
}

/// The run that is asked for, or the latest of each experiment.
fn choose(found: &[FoundRun], asked: Option<&RunId>) -> Result<Vec<PlannedRun>, CliError> {
    let mut chosen: Vec<PlannedRun> = Vec::new();
    for run in found {
        let folder = &run.folder;
        let known = chosen
            .iter_mut()
            .find(|known| known.exp_id == folder.exp_id);
        match (asked, known) {
            (Some(asked), _) if folder.run_id != *asked => {}
            (None, Some(known)) => known.others += 1,
            _ => chosen.push(PlannedRun {
                exp_id: folder.exp_id.clone(),
                run_id: folder.run_id.clone(),
                others: 0,
            }),
        }
    }
    chosen.sort_by(|one, other| one.exp_id.cmp(&other.exp_id));
    match (asked, chosen.is_empty()) {
        (Some(asked), true) => Err(CliError::NoSuchRun {
            experiment: found
                .first()
                .map_or_else(String::new, |run| run.folder.exp_id.to_string()),
            run_id: asked.to_string(),
            nearest: nearest(
                asked.as_str(),
                found.iter().map(|run| run.folder.run_id.as_str()),
            )
            .map(str::to_owned),
        }),
        _ => Ok(chosen),
    }
}

/// Names and patterns of the files that are wanted.
fn patterns(arguments: &Download, exp_id: &ExpId) -> Vec<String> {
    let given: Vec<String> = arguments
        .files
        .iter()
        .map(|text| text.trim().to_owned())
        .filter(|text| !text.is_empty())
        .collect();
    if !given.is_empty() {
        return given;
    }
    let mut usual: Vec<String> = USUAL.map(str::to_owned).to_vec();
    let (beginning, file) = RATE_TRENDS;
    let name = exp_id.segments().next_back().unwrap_or_default();
    if name.starts_with(beginning) {
        usual.push(file.to_owned());
    }
    usual
}

/// The output folders to take files from, with the hashes that their indexes name: the latest
/// whole one. Runs of the original have no index; of theirs it is the latest.
async fn outputs(
    layout: &RunLayout,
    all: bool,
    bucket: &Bucket,
) -> Result<Vec<(FileName, BTreeMap<String, Sha256>)>, StorageError> {
    let names = bucket.storage.folders(&layout.all_outputs()).await?;
    let mut folders: Vec<FileName> = names.iter().filter_map(|name| name.parse().ok()).collect();
    folders.reverse();
    let mut read = Vec::new();
    for folder in folders {
        let index: Option<OutputIndex> = match bucket
            .storage
            .load_json(&layout.output_index(&folder))
            .await
        {
            Ok(index) => Some(index),
            Err(StorageError::Missing { .. } | StorageError::Corrupt { .. }) => None,
            Err(error) => return Err(error),
        };
        let hashes = index.map(|index| {
            let files = index.files.into_iter();
            files
                .map(|file| (file.name.to_string(), file.sha256))
                .collect()
        });
        if !all && hashes.is_some() {
            return Ok(vec![(folder, hashes.unwrap_or_default())]);
        }
        read.push((folder, hashes));
    }
    let kept = if all { read.len() } else { 1 };
    Ok(read
        .into_iter()
        .take(kept)
        .map(|(folder, hashes)| (folder, hashes.unwrap_or_default()))
        .collect())
}

/// Where a file goes.
fn target(
    from: &StoragePath,
    run: &PlannedRun,
    arguments: &Download,
    bucket: &Bucket,
) -> Result<StoragePath, CliError> {
    let name = match arguments.name_format {
        NameFormat::Short => from.file_name().to_owned(),
        NameFormat::Long => {
            let prefix = format!("{}/", bucket.prefix);
            let path = from.as_str();
            path.strip_prefix(&prefix).unwrap_or(path).replace('/', "_")
        }
    };
    let folder = if arguments.nest_runs {
        format!("{}/{}", run.exp_id, run.run_id)
    } else {
        run.exp_id.to_string()
    };
    format!("{folder}/{name}")
        .parse()
        .map_err(|_| CliError::LongName { name })
}
