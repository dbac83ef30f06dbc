//! Servers, a repository of twenty places, and stages as processes.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

use epycloud_test_support::cloud::{GitServer, Machine, forecast_of};
use epycloud_test_support::gcs::GcsServer;
use object_store::ObjectStoreExt;
use object_store::path::Path as ObjectPath;

/// How many tasks the experiment has.
pub(crate) const TASKS: u32 = 20;
pub(crate) const REPOSITORY: &str = "lab/forecasts";
/// What opens the repository.
pub(crate) const TOKEN: &str = "ghp_NotAToken0123456789NotAToken01234567";
/// What opens the bucket and the secret.
pub(crate) const ACCESS: &str = "ya29.NotAnAccessTokenEither";
/// Where the run lies in the bucket.
pub(crate) const RUN: &str = "pipeline/flu/tiny/r1";

pub(crate) struct Lab {
    pub(crate) folder: tempfile::TempDir,
    pub(crate) bucket: GcsServer,
    pub(crate) git: GitServer,
    pub(crate) machine: Machine,
    pub(crate) commit: String,
}

impl Lab {
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let files = folder.path().join("files");
        forecast_of(TASKS, &files).unwrap();
        fs::create_dir(folder.path().join("git")).unwrap();
        let git = GitServer::start(&folder.path().join("git"), Some(TOKEN)).unwrap();
        let commit = git.commit(REPOSITORY, &files).unwrap();
        Self {
            bucket: GcsServer::start("lab-bucket", Some(ACCESS)).unwrap(),
            machine: Machine::start(ACCESS, "lab-project", "github-pat", TOKEN).unwrap(),
            git,
            commit,
            folder,
        }
    }

    /// The folder whose files were committed.
    pub(crate) fn files(&self) -> PathBuf {
        self.folder.path().join("files")
    }

    /// A stage in the environment of a machine in the cloud, with a disk of its own by name.
    pub(crate) fn stage(&self, stage: &str, disk: &str) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_epycloud-dispatcher"));
        command
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap())
            .env("STAGE", stage)
            .env("EXECUTION_MODE", "cloud")
            .env("EXP_ID", "tiny")
            .env("RUN_ID", "r1")
            .env("GCS_BUCKET", "lab-bucket")
            .env("GITHUB_FORECAST_REPO", REPOSITORY)
            .env("GCLOUD_PROJECT_ID", "lab-project")
            .env("LOCAL_DATA_PATH", self.folder.path().join(disk))
            .env("GITHUB_SERVER_URL", self.git.server().url())
            .env("GOOGLE_BASE_URL", self.bucket.url())
            .env("GCE_METADATA_HOST", self.machine.server().host())
            .env("EPYCLOUD_GOOGLE_ENDPOINT", self.machine.server().url());
        command
    }

    pub(crate) fn task(&self, index: u32) -> Command {
        let mut command = self.stage("B", &format!("task-{index}"));
        command.env("BATCH_TASK_INDEX", index.to_string());
        command
    }

    /// Runs all three stages, B's tasks at the same time; what all of them printed.
    pub(crate) fn run(&self) -> String {
        let mut said = ended(self.stage("A", "a").output().unwrap(), 0);
        let tasks: Vec<Child> = (0..TASKS).map(|index| start(self.task(index))).collect();
        for task in tasks {
            said += &ended(task.wait_with_output().unwrap(), 0);
        }
        said + &ended(self.stage("C", "c").output().unwrap(), 0)
    }

    /// All objects of the run below a folder, by their names in it.
    pub(crate) fn objects(&self, folder: &str) -> BTreeMap<String, Vec<u8>> {
        use futures::TryStreamExt as _;

        let prefix = ObjectPath::from(format!("{RUN}/{folder}"));
        futures::executor::block_on(async {
            let store = self.bucket.store();
            let found: Vec<_> = store.list(Some(&prefix)).try_collect().await.unwrap();
            let mut objects = BTreeMap::new();
            for object in found {
                let bytes = store
                    .get(&object.location)
                    .await
                    .unwrap()
                    .bytes()
                    .await
                    .unwrap();
                let name = object.location.as_ref()[prefix.as_ref().len() + 1..].to_owned();
                objects.insert(name, bytes.to_vec());
            }
            objects
        })
    }

    /// The tables of the only folder of outputs, without the folder's time.
    pub(crate) fn tables(&self) -> BTreeMap<String, Vec<u8>> {
        without_folder(self.objects("outputs"))
    }

    /// The tables of a run of the same files in local mode.
    pub(crate) fn local_tables(&self) -> BTreeMap<String, Vec<u8>> {
        let disk = self.folder.path().join("local");
        let stage = |stage: &str, index: Option<u32>| {
            let mut command = Command::new(env!("CARGO_BIN_EXE_epycloud-dispatcher"));
            command
                .env_clear()
                .env("STAGE", stage)
                .env("EXECUTION_MODE", "local")
                .env("EXP_ID", "tiny")
                .env("RUN_ID", "r1")
                .env("FORECAST_REPO_DIR", self.files())
                .env("LOCAL_DATA_PATH", &disk);
            if let Some(index) = index {
                command.env("TASK_INDEX", index.to_string());
            }
            ended(command.output().unwrap(), 0);
        };
        stage("A", None);
        (0..TASKS).for_each(|index| stage("B", Some(index)));
        stage("C", None);
        let mut files = BTreeMap::new();
        let root = disk.join("bucket").join(RUN).join("outputs");
        for folder in names(&root) {
            for name in names(&root.join(&folder)) {
                let bytes = fs::read(root.join(&folder).join(&name)).unwrap();
                files.insert(format!("{folder}/{name}"), bytes);
            }
        }
        without_folder(files)
    }
}

pub(crate) fn start(mut command: Command) -> Child {
    command
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap()
}

/// What a process printed, which has to have ended so.
#[track_caller]
pub(crate) fn ended(output: Output, code: i32) -> String {
    let text = [output.stdout, output.stderr].concat();
    let text = String::from_utf8(text).unwrap();
    assert_eq!(output.status.code(), Some(code), "{text}");
    text
}

/// Tables, without the folder's name and the index, which hold the time.
fn without_folder(files: BTreeMap<String, Vec<u8>>) -> BTreeMap<String, Vec<u8>> {
    let tables = files.into_iter().filter_map(|(name, bytes)| {
        let name = name.split_once('/')?.1.to_owned();
        (name != "index.json").then_some((name, bytes))
    });
    tables.collect()
}

fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).unwrap();
    let mut names: Vec<_> = entries
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}
