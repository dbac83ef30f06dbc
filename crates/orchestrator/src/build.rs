//! Whether stage A has to run.

use epycloud_stages::{StageError, StageRun, TaskList};
use epycloud_storage::StorageError;

use crate::record::StoredSession;
use crate::sources::Sources;

/// When the tasks are built.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum BuildMode {
    /// When they aren't there, or the experiment has changed.
    #[default]
    IfChanged,
    /// In any case.
    Always,
    /// Never: they must be there.
    Never,
}

/// What is decided of stage A.
#[derive(Debug)]
pub(crate) enum BuildDecision {
    /// It runs; why.
    Build(String),
    /// The tasks are these.
    Keep(Box<TaskList>),
}

/// Decides whether the tasks have to be built. An experiment without a seed draws one at each
/// build, so tasks that are there and still right are kept. Without `sources`, the experiment isn't
/// on this machine: the run is of one commit, and its tasks stay what they are.
///
/// # Errors
/// When the tasks that are there can't be read, or are another engine's.
pub(crate) async fn decide(
    run: &StageRun,
    mode: BuildMode,
    sessions: &[StoredSession],
    sources: Option<&Sources>,
) -> Result<BuildDecision, StageError> {
    if mode == BuildMode::Always {
        return Ok(BuildDecision::Build("asked for".to_owned()));
    }
    let list = match TaskList::load(run).await {
        Ok(list) => list,
        Err(error) if mode == BuildMode::Never => return Err(error),
        Err(StageError::NotBuilt { .. } | StageError::OnlyNumTasks { .. }) => {
            return Ok(BuildDecision::Build("not built yet".to_owned()));
        }
        Err(StageError::OtherManifest { .. } | StageError::Manifest { .. }) => {
            return Ok(BuildDecision::Build(
                "the manifest can't be used".to_owned(),
            ));
        }
        Err(StageError::Storage {
            source: StorageError::Missing { .. } | StorageError::Corrupt { .. },
            ..
        }) => return Ok(BuildDecision::Build("the manifest is gone".to_owned())),
        Err(error) => return Err(error),
    };
    let changed = sources.and_then(|sources| changed(run, &list, sessions, sources));
    Ok(match changed {
        Some(reason) if mode == BuildMode::IfChanged => BuildDecision::Build(reason),
        _ => BuildDecision::Keep(Box::new(list)),
    })
}

/// Why the tasks that are there may not be the experiment's any more.
fn changed(
    run: &StageRun,
    list: &TaskList,
    sessions: &[StoredSession],
    sources: &Sources,
) -> Option<String> {
    // A run of the original pipeline: what it was built from isn't known.
    if list.manifest.versions.is_empty() {
        return None;
    }
    let by_manifest = || {
        (sources.config_sha256 != list.manifest.config_sha256)
            .then(|| "the model configuration has changed".to_owned())
    };
    let builds = |session: &&StoredSession| session.session.builds.is_some();
    let Some(last) = sessions.iter().rev().find(builds) else {
        return by_manifest();
    };
    match &last.built {
        Some(built) if built.manifest_sha256 == list.tasks.manifest_sha256 => {
            let then = last.session.sources.as_ref();
            let data = built.data.as_ref();
            then.and_then(|then| sources.difference(then))
                .or_else(|| data?.difference(&run.settings.sources))
        }
        // Somebody has built them since, without leaving a record.
        Some(_) => by_manifest(),
        // Killed between the last of the tasks and its record: they are its own, if there were
        // none before.
        None if sessions.iter().all(|session| session.built.is_none()) => {
            let then = last.session.sources.as_ref();
            by_manifest().or_else(|| sources.difference(then?))
        }
        None => Some("the last build was cut short".to_owned()),
    }
}
