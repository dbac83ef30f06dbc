//! Which runs a bucket has, found by the names of its folders: what lies in a run isn't looked at,
//! so that neither time nor memory grows with the number of its objects.

use epycloud_config::{DirPrefix, ExpId, RunId};
use epycloud_storage::{RunLayout, Storage, StorageError, StoragePath};
use futures::stream::{self, StreamExt as _, TryStreamExt as _};

/// Folders that are listed at the same time.
const CONCURRENT: usize = 16;
/// How many folders an experiment may lie below the prefix.
const DEEPEST: usize = 12;
/// Folders that only a run has right below it.
const PARTS: [&str; 4] = [
    "builder-artifacts",
    "runner-artifacts",
    "state",
    "summaries",
];

/// A run's folder.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct RunFolder {
    /// The experiment.
    pub exp_id: ExpId,
    /// The run.
    pub run_id: RunId,
}

/// What a run holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct RunSize {
    /// Number of objects.
    pub objects: u64,
    /// Their sizes, as they are stored.
    pub bytes: u64,
}

impl RunFolder {
    /// Where its parts lie.
    #[must_use]
    pub fn layout(&self, prefix: &DirPrefix) -> RunLayout {
        RunLayout::new(prefix, &self.exp_id, &self.run_id)
    }
}

/// The runs of the experiments below a folder of the prefix (all for an empty one), sorted.
///
/// A run is a folder in an experiment's that is named as [`RunId::generate`] names them, or that
/// has a run's own folders in it.
///
/// # Errors
/// When a folder can't be listed.
pub async fn run_folders(
    storage: &Storage,
    prefix: &DirPrefix,
    below: &str,
) -> Result<Vec<RunFolder>, StorageError> {
    let mut found = Vec::new();
    let mut level = vec![below.trim_matches('/').to_owned()];
    for _ in 0..=DEEPEST {
        let visits: Vec<Visit> = stream::iter(level)
            .map(|folder| visit(storage, prefix, folder))
            .buffered(CONCURRENT)
            .try_collect()
            .await?;
        level = Vec::new();
        for visit in visits {
            found.extend(visit.runs);
            level.extend(visit.below);
        }
        if level.is_empty() {
            break;
        }
    }
    found.sort_unstable();
    found.dedup();
    Ok(found)
}

/// What one folder turned out to have.
#[derive(Default)]
struct Visit {
    runs: Vec<RunFolder>,
    /// Folders to look into, below the prefix.
    below: Vec<String>,
}

async fn visit(
    storage: &Storage,
    prefix: &DirPrefix,
    folder: String,
) -> Result<Visit, StorageError> {
    let names = storage.folders(path(prefix, &folder).as_ref()).await?;
    if names.iter().any(|name| PARTS.contains(&name.as_str()))
        && let Some((experiment, run)) = folder.rsplit_once('/')
    {
        return Ok(Visit {
            runs: run_of(experiment, run).into_iter().collect(),
            below: Vec::new(),
        });
    }
    let mut visit = Visit::default();
    for name in names {
        match run_of(&folder, &name).filter(|run| run.run_id.generated_at().is_some()) {
            Some(run) => visit.runs.push(run),
            None if folder.is_empty() => visit.below.push(name),
            None => visit.below.push(format!("{folder}/{name}")),
        }
    }
    Ok(visit)
}

fn run_of(experiment: &str, run: &str) -> Option<RunFolder> {
    Some(RunFolder {
        exp_id: experiment.parse().ok()?,
        run_id: run.parse().ok()?,
    })
}

/// A folder below the prefix; `None` for the whole bucket.
fn path(prefix: &DirPrefix, folder: &str) -> Option<StoragePath> {
    format!("{prefix}/{folder}").trim_matches('/').parse().ok()
}

/// Counts what a run holds, object by object, keeping none.
///
/// # Errors
/// When it can't be listed.
pub async fn run_size(storage: &Storage, layout: &RunLayout) -> Result<RunSize, StorageError> {
    let add = |size: RunSize, object: epycloud_storage::ObjectInfo| async move {
        Ok(RunSize {
            objects: size.objects + 1,
            bytes: size.bytes + object.size,
        })
    };
    storage
        .list_stream(layout.root())
        .try_fold(RunSize::default(), add)
        .await
}

#[cfg(test)]
mod tests {
    use epycloud_storage::SaveOptions;

    use super::*;

    fn found(paths: &[&str], prefix: &str, below: &str) -> Vec<String> {
        let storage = Storage::in_memory();
        let runtime = tokio::runtime::Builder::new_current_thread()
            .build()
            .unwrap();
        runtime.block_on(async {
            for path in paths {
                let path = path.parse().unwrap();
                let options = SaveOptions::as_is();
                storage
                    .save_bytes(&path, b"x".to_vec(), &options)
                    .await
                    .unwrap();
            }
            let runs = run_folders(&storage, &prefix.parse().unwrap(), below)
                .await
                .unwrap();
            runs.iter()
                .map(|run| format!("{} {}", run.exp_id, run.run_id))
                .collect()
        })
    }

    const PATHS: [&str; 6] = [
        "p/flu/202605/a/20260218-143015-a1b2c3d4/run.json",
        "p/flu/202605/a/try-1/builder-artifacts/tasks.json",
        "p/flu/202605/a/not-a-run/file",
        "p/flu/b/20260218-143015-a1b2c3d4/outputs/x/a.csv",
        "p/flu/20260218-143015-a1b2c3d4/no-experiment",
        "p/covid/c/20260218-143015-a1b2c3d4/run.json",
    ];

    #[test]
    fn runs_are_found_by_their_names_or_their_folders() {
        assert_eq!(
            found(&PATHS, "p/flu", ""),
            [
                "202605/a 20260218-143015-a1b2c3d4",
                "202605/a try-1",
                "b 20260218-143015-a1b2c3d4",
            ]
        );
    }

    #[test]
    fn a_folder_below_the_prefix_narrows_the_search() {
        assert_eq!(found(&PATHS, "p/flu", "202605").len(), 2);
        assert_eq!(found(&PATHS, "p/flu", "202605/a").len(), 2);
        assert_eq!(found(&PATHS, "p/flu", "nowhere").len(), 0);
    }
}
