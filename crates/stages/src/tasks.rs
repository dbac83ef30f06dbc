//! The tasks of a run, as stage A has left them.

use std::collections::BTreeMap;

use epycloud_config::TaskIndex;
use epycloud_storage::{LoadOptions, StorageError};

use crate::artifact::{Artifact, ArtifactKind, Header};
use crate::error::StageError;
use crate::hash::Sha256;
use crate::loading::{self, ArtifactProblem, Expected};
use crate::manifest::{self, Manifest, ManifestError, TaskEntry, Tasks};
use crate::run::StageRun;

/// The tasks of a run: `tasks.json` and the manifest that it names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TaskList {
    /// `tasks.json`.
    pub tasks: Tasks,
    /// The manifest.
    pub manifest: Manifest,
    /// The codec of the artifacts, when they are the original pipeline's.
    foreign_codec: Option<&'static str>,
}

impl TaskList {
    /// Reads both files and checks that they belong together and to the engine asked for, and
    /// that `NUM_TASKS`, if it is set, agrees.
    ///
    /// # Errors
    /// When stage A hasn't finished, the files don't belong together, or what was asked for
    /// contradicts them.
    pub async fn load(run: &StageRun) -> Result<Self, StageError> {
        let list = Self::read(run).await?;
        list.check_request(run)?;
        Ok(list)
    }

    /// As [`load`](Self::load), without looking at what was asked for.
    pub(crate) async fn read(run: &StageRun) -> Result<Self, StageError> {
        match load_tasks(run).await {
            Ok(tasks) => Self::with_manifest(run, tasks).await,
            Err(StageError::OnlyNumTasks { n, .. }) if run.engine.foreign_codec().is_some() => {
                Ok(Self::of_the_original(run, n))
            }
            Err(error) => Err(error),
        }
    }

    /// The tasks of a run of the original pipeline, which keeps no manifest: all that is known is
    /// how many there are.
    fn of_the_original(run: &StageRun, n: u32) -> Self {
        let unknown = Sha256::of(&[]);
        let task = |index: u32| TaskEntry {
            index,
            primary_id: index,
            population: "unknown".to_owned(),
            seed: None,
            file: format!("input_{}.pkl.gz", TaskIndex::new(index).file_digits(n)),
            sha256: unknown,
            bytes: 0,
        };
        Self {
            tasks: Tasks {
                n,
                commit: None,
                dirty: None,
                manifest_sha256: unknown,
            },
            manifest: Manifest {
                format: manifest::FORMAT.to_owned(),
                version: manifest::VERSION,
                exp_id: run.settings.exp_id.clone(),
                run_id: run.settings.run_id.clone(),
                engine: run.engine.name(),
                versions: BTreeMap::new(),
                config_sha256: unknown,
                workflow: "unknown".to_owned(),
                n,
                tasks: (0..n).map(task).collect(),
            },
            foreign_codec: run.engine.foreign_codec(),
        }
    }

    /// As [`load`](Self::load), but keeps what is known when it is still so: a worker reads the
    /// small file for every task, and the manifest once.
    ///
    /// # Errors
    /// As [`load`](Self::load).
    pub async fn refresh(self, run: &StageRun) -> Result<Self, StageError> {
        if self.foreign_codec.is_some() {
            return Self::load(run).await;
        }
        let tasks = load_tasks(run).await?;
        if tasks.manifest_sha256 == self.tasks.manifest_sha256 {
            return Ok(Self { tasks, ..self });
        }
        let list = Self::with_manifest(run, tasks).await?;
        list.check_request(run)?;
        Ok(list)
    }

    async fn with_manifest(run: &StageRun, tasks: Tasks) -> Result<Self, StageError> {
        let path = run.layout.manifest();
        let name = run.storage.url_of(&path);
        let bytes = run
            .storage
            .load_bytes(&path, &LoadOptions::default())
            .await
            .map_err(StageError::storage("load the manifest"))?;
        if Sha256::of(&bytes) != tasks.manifest_sha256 {
            return Err(StageError::OtherManifest {
                path: name,
                expected: tasks.manifest_sha256,
            });
        }
        let manifest = Manifest::decode(&bytes).map_err(|source| StageError::Manifest {
            path: name.clone(),
            source,
        })?;
        if manifest.n != tasks.n {
            let source = ManifestError::Count {
                listed: manifest.tasks.len(),
                n: tasks.n,
            };
            return Err(StageError::Manifest { path: name, source });
        }
        Ok(Self {
            tasks,
            manifest,
            foreign_codec: None,
        })
    }

    /// Whether engine and `NUM_TASKS` are those of the run.
    fn check_request(&self, run: &StageRun) -> Result<(), StageError> {
        let (found, asked) = (self.manifest.engine, run.engine.name());
        if found != asked {
            let path = run.storage.url_of(&run.layout.manifest());
            return Err(StageError::OtherEngine { path, found, asked });
        }
        match run.settings.num_tasks {
            Some(given) if given != self.manifest.n => Err(StageError::NumTasks {
                given,
                n: self.manifest.n,
            }),
            _ => Ok(()),
        }
    }

    /// Number of tasks.
    #[must_use]
    pub const fn n(&self) -> u32 {
        self.manifest.n
    }

    /// Every task's index.
    pub fn indices(&self) -> impl Iterator<Item = TaskIndex> + use<> {
        (0..self.manifest.n).map(TaskIndex::new)
    }

    /// A task.
    ///
    /// # Errors
    /// When there is none of that index.
    pub fn task(&self, index: TaskIndex) -> Result<&TaskEntry, StageError> {
        self.manifest.task(index).ok_or(StageError::TaskIndex {
            index,
            n: self.manifest.n,
        })
    }

    /// A task's result, if it is there, whole, and came from the input that the manifest lists.
    /// What is wrong with it otherwise is also why the task has to run again.
    ///
    /// # Errors
    /// Why there is none that can be used.
    pub async fn result(
        &self,
        run: &StageRun,
        task: &TaskEntry,
    ) -> Result<Artifact, ArtifactProblem> {
        let path = run.layout.result(TaskIndex::new(task.index), self.n());
        loading::load(
            &run.storage,
            &path,
            self.expected(task, ArtifactKind::Result),
        )
        .await
    }

    /// What a task's result says about itself, as [`result`](Self::result) checks it. In a bucket,
    /// where results are whole and not damaged, only their beginnings are read.
    ///
    /// # Errors
    /// As [`result`](Self::result).
    pub async fn result_header(
        &self,
        run: &StageRun,
        task: &TaskEntry,
    ) -> Result<Header, ArtifactProblem> {
        if !run.storage.is_remote() {
            return self.result(run, task).await.map(|result| result.header);
        }
        let path = run.layout.result(TaskIndex::new(task.index), self.n());
        let expected = self.expected(task, ArtifactKind::Result);
        loading::load_header(&run.storage, &path, expected).await
    }

    /// A task's input, if it is the one that the manifest lists.
    ///
    /// # Errors
    /// Why there is none that can be used.
    pub async fn input(
        &self,
        run: &StageRun,
        task: &TaskEntry,
    ) -> Result<Artifact, ArtifactProblem> {
        let path = run.layout.input(TaskIndex::new(task.index), self.n());
        loading::load(
            &run.storage,
            &path,
            self.expected(task, ArtifactKind::Input),
        )
        .await
    }

    /// Where an earlier attempt at a task stood last, if it began from the same input.
    ///
    /// # Errors
    /// Why there is no checkpoint that can be used.
    pub(crate) async fn checkpoint(
        &self,
        run: &StageRun,
        task: &TaskEntry,
    ) -> Result<Artifact, ArtifactProblem> {
        let path = run.layout.checkpoint(TaskIndex::new(task.index), self.n());
        let expected = Expected {
            foreign_codec: None,
            ..self.expected(task, ArtifactKind::Checkpoint)
        };
        loading::load(&run.storage, &path, expected).await
    }

    fn expected(&self, task: &TaskEntry, kind: ArtifactKind) -> Expected {
        Expected {
            kind,
            engine: self.manifest.engine,
            primary_id: task.primary_id,
            input_sha256: task.sha256,
            foreign_codec: self.foreign_codec,
        }
    }
}

async fn load_tasks(run: &StageRun) -> Result<Tasks, StageError> {
    let path = run.layout.tasks();
    match run.storage.load_json(&path).await {
        Ok(tasks) => Ok(tasks),
        Err(StorageError::Missing { path }) => Err(match run.settings.num_tasks {
            Some(n) => StageError::OnlyNumTasks { path, n },
            None => StageError::NotBuilt { path },
        }),
        Err(error) => Err(StageError::storage("load the number of tasks")(error)),
    }
}
