//! Which tasks run, and why: a result that counts is never made again.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use epycloud_config::{EngineName, TaskIndex};
use epycloud_errors::chain;
use epycloud_stages::manifest::TaskEntry;
use epycloud_stages::telemetry::Status;
use epycloud_stages::{ArtifactProblem, Sha256, StageRun, TaskList};
use epycloud_storage::{RunLayout, Storage, StorageError};
use futures::TryStreamExt;
use futures::stream::{self, StreamExt};
use serde::Serialize;

use crate::record::{RunStore, StoredSession};
use crate::told;

/// How many results are looked at at the same time where whole ones are read.
const CONCURRENT_READS: usize = 4;
/// How many over a network, where their headers are.
const CONCURRENT_HEADERS: usize = 32;

/// What a result is made from. Two results of one key are equal, so a task whose result has the
/// key that it would have now needn't run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TaskKey {
    /// Hash of the input, which holds model, seed and settings.
    pub input_sha256: Sha256,
    /// The engine.
    pub engine: EngineName,
    /// Versions of what does the modelling, and the suite's behaviour.
    pub versions: BTreeMap<String, String>,
}

impl TaskKey {
    /// The key as one hash.
    ///
    /// # Panics
    /// Never: its keys are text.
    #[must_use]
    pub fn digest(&self) -> Sha256 {
        Sha256::of(&serde_json::to_vec(self).expect("the key's keys are text"))
    }

    /// What differs from the key of a stored result, in words.
    fn difference(&self, stored: &Self) -> Option<String> {
        if self.digest() == stored.digest() {
            return None;
        }
        if self.input_sha256 != stored.input_sha256 {
            return Some("its input has changed".to_owned());
        }
        if self.engine != stored.engine {
            return Some(format!("its engine was `{}`", stored.engine));
        }
        let names: BTreeSet<&String> = self.versions.keys().chain(stored.versions.keys()).collect();
        let shown = |version: Option<&String>| version.map_or("none", String::as_str).to_owned();
        let changed: Vec<String> = names
            .into_iter()
            .filter(|name| self.versions.get(*name) != stored.versions.get(*name))
            .map(|name| {
                format!(
                    "{name} was {}, is {}",
                    shown(stored.versions.get(name)),
                    shown(self.versions.get(name))
                )
            })
            .collect();
        Some(format!("made by other versions: {}", changed.join(", ")))
    }
}

/// Which tasks are wanted.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Selection {
    /// Those without a result that counts.
    #[default]
    Unfinished,
    /// Of those, the ones that have been tried.
    Failed,
    /// These, whatever result they have.
    Tasks(BTreeSet<u32>),
}

/// Why a task runs or doesn't.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reason {
    /// Its result counts.
    UpToDate,
    /// It isn't among those asked for.
    NotSelected,
    /// It was asked for by its index.
    Asked,
    /// It has no result, and nobody has tried.
    NoResult,
    /// It has no result because its last attempt failed.
    Failed(String),
    /// Its result can't be used.
    Unusable(String),
    /// Its result is of another key.
    Changed(String),
}

impl Reason {
    /// Whether the task runs.
    #[must_use]
    pub const fn runs(&self) -> bool {
        !matches!(self, Self::UpToDate | Self::NotSelected)
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::UpToDate => f.write_str("its result counts: same input, engine and versions"),
            Self::NotSelected => f.write_str("not asked for"),
            Self::Asked => f.write_str("asked for"),
            Self::NoResult => f.write_str("it has no result yet"),
            Self::Failed(cause) => write!(f, "its last attempt failed: {cause}"),
            Self::Unusable(problem) => write!(f, "its result can't be used: {problem}"),
            Self::Changed(difference) => f.write_str(difference),
        }
    }
}

/// What is to be done of stage B.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct TaskPlan {
    /// The tasks that run, in order.
    pub(crate) run: Vec<u32>,
    /// How many have a result already: one that counts, or any where they aren't asked for.
    pub(crate) kept: u32,
    /// Whether there may be tasks among those that run that have such a result already.
    pub(crate) renews: bool,
}

/// How tasks without a later result have failed, as the sessions tell.
pub(crate) async fn failures(
    store: &RunStore,
    sessions: &[StoredSession],
) -> Result<BTreeMap<u32, String>, StorageError> {
    let mut failures = BTreeMap::new();
    for session in sessions {
        store
            .attempts(&session.session.id, |attempt| {
                if attempt.is_done() {
                    failures.remove(&attempt.task);
                } else {
                    failures.insert(attempt.task, attempt.cause());
                }
            })
            .await?;
    }
    Ok(failures)
}

/// Looks at every task, and tells `each` why it runs or doesn't. Results count that are of
/// `versions`.
///
/// # Errors
/// When the results can't be listed.
pub(crate) async fn plan(
    run: &StageRun,
    list: &TaskList,
    versions: &BTreeMap<String, String>,
    selection: &Selection,
    failures: &BTreeMap<u32, String>,
    mut each: impl FnMut(&TaskEntry, &Reason),
) -> Result<TaskPlan, StorageError> {
    let stored = stored_results(&run.storage, &run.layout, list.n()).await?;
    let concurrent = if run.storage.is_remote() {
        CONCURRENT_HEADERS
    } else {
        CONCURRENT_READS
    };
    let mut plan = TaskPlan {
        renews: matches!(selection, Selection::Tasks(_)),
        ..TaskPlan::default()
    };
    let mut reasons = stream::iter(&list.manifest.tasks)
        .map(|task| {
            let is_stored = stored[task.index as usize];
            async move {
                let reason = match selected(selection, task.index) {
                    Some(reason) => reason,
                    None if is_stored => judge(run, list, task, versions).await,
                    None => Reason::NoResult,
                };
                (
                    task,
                    because_of(run, list, task, failures, selection, reason).await,
                )
            }
        })
        .buffered(concurrent);
    while let Some((task, reason)) = reasons.next().await {
        each(task, &reason);
        if reason.runs() {
            plan.run.push(task.index);
        } else if stored[task.index as usize] {
            plan.kept += 1;
        }
    }
    Ok(plan)
}

/// What the selection alone decides.
fn selected(selection: &Selection, task: u32) -> Option<Reason> {
    match selection {
        Selection::Tasks(tasks) if tasks.contains(&task) => Some(Reason::Asked),
        Selection::Tasks(_) => Some(Reason::NotSelected),
        Selection::Unfinished | Selection::Failed => None,
    }
}

/// Says of a task without a result how it failed, where that is known.
async fn because_of(
    run: &StageRun,
    list: &TaskList,
    task: &TaskEntry,
    failures: &BTreeMap<u32, String>,
    selection: &Selection,
    reason: Reason,
) -> Reason {
    if !matches!(reason, Reason::NoResult) {
        return reason;
    }
    let recorded = failures.get(&task.index).cloned();
    let cause = match (recorded, selection) {
        (Some(cause), _) => Some(cause),
        (None, Selection::Failed) => summarised_failure(run, list, task.index).await,
        (None, _) => None,
    };
    match (cause, selection) {
        (Some(cause), _) => Reason::Failed(cause),
        (None, Selection::Failed) => Reason::NotSelected,
        (None, _) => Reason::NoResult,
    }
}

/// How a task failed that nobody recorded, as its telemetry tells: it ran by itself.
async fn summarised_failure(run: &StageRun, list: &TaskList, task: u32) -> Option<String> {
    let summary = told::summary(run, list, task).await?;
    let failed = summary.status == Status::Failed;
    failed.then(|| {
        summary
            .error
            .map_or_else(|| "unknown".to_owned(), |error| error.chain.join(": "))
    })
}

/// Whether a task has a result that counts.
pub(crate) async fn counts(run: &StageRun, list: &TaskList, task: u32) -> bool {
    match list.task(TaskIndex::new(task)) {
        Ok(task) => judge(run, list, task, &run.engine.versions()).await == Reason::UpToDate,
        Err(_) => false,
    }
}

/// Whether a stored result counts.
pub(crate) async fn judge(
    run: &StageRun,
    list: &TaskList,
    task: &TaskEntry,
    versions: &BTreeMap<String, String>,
) -> Reason {
    let header = match list.result_header(run, task).await {
        Ok(header) => header,
        Err(ArtifactProblem::Missing { .. }) => return Reason::NoResult,
        Err(ArtifactProblem::OtherGeneration { .. }) => {
            return Reason::Changed("its input has changed".to_owned());
        }
        Err(problem) => return Reason::Unusable(chain(&problem).join(": ")),
    };
    // The original pipeline's results say nothing of what they were made with.
    if header.input_sha256.is_none() {
        return Reason::UpToDate;
    }
    let wanted = TaskKey {
        input_sha256: task.sha256,
        engine: list.manifest.engine,
        versions: versions.clone(),
    };
    let stored = TaskKey {
        input_sha256: header.input_sha256.unwrap_or(task.sha256),
        engine: header.engine,
        versions: header.versions,
    };
    wanted
        .difference(&stored)
        .map_or(Reason::UpToDate, Reason::Changed)
}

/// Which of `n` tasks have a result, whatever it is worth: one listing instead of a look at each.
///
/// # Errors
/// When the results can't be listed.
pub async fn stored_results(
    storage: &Storage,
    layout: &RunLayout,
    n: u32,
) -> Result<Vec<bool>, StorageError> {
    let mut stored = vec![false; n as usize];
    let mut listing = storage.list_stream(&layout.results());
    while let Some(object) = listing.try_next().await? {
        let index = object
            .path
            .file_name()
            .strip_prefix("result_")
            .and_then(|rest| rest.split('.').next())
            .and_then(|digits| digits.parse::<usize>().ok());
        if let Some(is_stored) = index.and_then(|index| stored.get_mut(index)) {
            *is_stored = true;
        }
    }
    Ok(stored)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(version: &str) -> TaskKey {
        TaskKey {
            input_sha256: Sha256::of(b"input"),
            engine: EngineName::Native,
            versions: BTreeMap::from([("epycloud".to_owned(), version.to_owned())]),
        }
    }

    #[test]
    fn a_key_differs_by_what_it_is_made_of_and_says_what() {
        assert_eq!(key("1").difference(&key("1")), None);
        assert_eq!(
            key("2").difference(&key("1")).unwrap(),
            "made by other versions: epycloud was 1, is 2"
        );
        let other_input = TaskKey {
            input_sha256: Sha256::of(b"other"),
            ..key("1")
        };
        assert_eq!(
            key("1").difference(&other_input).unwrap(),
            "its input has changed"
        );
        assert_ne!(key("1").digest(), key("2").digest());
    }
}
