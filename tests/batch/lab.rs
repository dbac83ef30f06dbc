//! A user, a Google with machines, a bucket, a repository.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use epycloud_test_support::cloud::{GitServer, forecast_of};
use epycloud_test_support::gcs::GcsServer;
use epycloud_test_support::google::{BatchMachines, FakeGoogle, Mishap, Program, Recorded};
use futures::TryStreamExt as _;
use object_store::ObjectStoreExt as _;
use object_store::path::Path as ObjectPath;
use serde_json::Value;
use tempfile::TempDir;

use crate::at_home::epycloud;
use crate::ran::Ran;

/// How many tasks the experiment has.
pub(crate) const TASKS: u32 = 5;
/// Where the run lies in the bucket.
pub(crate) const RUN: &str = "pipeline/flu/tiny/try-1";

const CONFIGURATION: &str = "\
google_cloud:
  project_id: my-project
  region: us-central1
  bucket_name: my-bucket
github:
  forecast_repo: my-lab/forecasts
docker:
  image_tag: v1
engine:
  name: native
";

const WORKFLOW: [&str; 14] = [
    "run",
    "workflow",
    "--orchestrator",
    "client",
    "--exp-id",
    "tiny",
    "--run-id",
    "try-1",
    "--yes",
    "--poll",
    "0.05",
    "--retry-delay",
    "0.05",
    "--json",
];

/// A user, a Google with machines, a bucket, a repository.
pub(crate) struct Lab {
    pub(crate) google: FakeGoogle,
    pub(crate) machines: BatchMachines,
    pub(crate) bucket: GcsServer,
    pub(crate) git: GitServer,
    home: TempDir,
}

impl Lab {
    pub(crate) fn new() -> Self {
        let google = FakeGoogle::start();
        let home = tempfile::tempdir().unwrap();
        let bucket = GcsServer::start("my-bucket", Some(&google.token())).unwrap();
        let git_folder = home.path().join("git");
        std::fs::create_dir(&git_folder).unwrap();
        let git = GitServer::start(&git_folder, None).unwrap();
        let files = home.path().join("files");
        forecast_of(TASKS, &files).unwrap();
        git.commit("my-lab/forecasts", &files).unwrap();
        let environment = [
            ("GOOGLE_BASE_URL", bucket.url()),
            ("GCE_METADATA_HOST", google.host()),
            ("EPYCLOUD_GOOGLE_ENDPOINT", google.url()),
            ("GITHUB_SERVER_URL", git.server().url()),
        ];
        let program = Program {
            program: env!("CARGO_BIN_EXE_epycloud").into(),
            arguments: vec!["task".to_owned()],
            environment: environment
                .map(|(name, value)| (name.to_owned(), value))
                .to_vec(),
            disks: home.path().join("disks"),
        };
        let lab = Self {
            machines: BatchMachines::start(&google, program),
            google,
            bucket,
            git,
            home,
        };
        lab.configure("");
        lab
    }

    /// The configuration, with more lines.
    pub(crate) fn configure(&self, more: &str) {
        let folder = self.path().join(".config/epymodelingsuite-cloud");
        std::fs::create_dir_all(&folder).unwrap();
        #[expect(clippy::disallowed_methods, reason = "a test's own input")]
        std::fs::write(folder.join("config.yaml"), format!("{CONFIGURATION}{more}")).unwrap();
    }

    pub(crate) fn path(&self) -> &Path {
        self.home.path()
    }

    /// `epycloud` with the given arguments and an environment of its own.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = epycloud(self.path(), &self.google, arguments);
        command
            .env("GOOGLE_BASE_URL", self.bucket.url())
            .env("GITHUB_SERVER_URL", self.git.server().url());
        command
    }

    pub(crate) fn run(&self, arguments: &[&str]) -> Ran {
        Ran::from(self.command(arguments).output().unwrap())
    }

    /// A run whose stages the command submits, with these arguments.
    pub(crate) fn client(&self, arguments: &str) -> Ran {
        let start = ["run", "workflow", "--orchestrator", "client"];
        let arguments: Vec<&str> = arguments.split_whitespace().collect();
        self.run(&[&start[..], &arguments].concat())
    }

    /// The whole run; more arguments may follow.
    pub(crate) fn workflow(&self, more: &[&str]) -> Ran {
        self.run(&[&WORKFLOW[..], more].concat())
    }

    /// The same, which goes on meanwhile.
    pub(crate) fn start(&self, more: &[&str]) -> Child {
        self.command(&[&WORKFLOW[..], more].concat())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap()
    }

    /// Makes a task of stage B fail.
    pub(crate) fn fails(&self, task: u32, exit_code: i32, times: usize) {
        self.machines.script(Mishap {
            stage: "runner",
            task,
            exit_code,
            times,
            only_on_spot: false,
        });
    }

    /// What was asked to create jobs, in order.
    pub(crate) fn created(&self) -> Vec<Recorded> {
        let mut asked = self.google.requests_to("/jobs");
        asked.retain(|request| request.method == "POST");
        asked
    }

    /// How often each task of a stage was started.
    pub(crate) fn started(&self, stage: &str) -> BTreeMap<u32, usize> {
        let mut counts = BTreeMap::new();
        for execution in self.machines.executions() {
            if execution.stage == stage {
                *counts.entry(execution.task).or_default() += 1;
            }
        }
        counts
    }

    /// Everything of the run ran once, in three jobs.
    #[track_caller]
    pub(crate) fn nothing_ran_twice(&self) {
        let once = |n: u32| (0..n).map(|task| (task, 1)).collect::<BTreeMap<_, _>>();
        assert_eq!(self.started("builder"), once(1));
        assert_eq!(self.started("runner"), once(TASKS));
        assert_eq!(self.started("output"), once(1));
        assert_eq!(self.created().len(), 3);
    }

    /// All objects of the run below a folder, by their names in it.
    pub(crate) fn objects(&self, folder: &str) -> BTreeMap<String, Vec<u8>> {
        let prefix = ObjectPath::from(format!("{RUN}/{folder}"));
        block_on(async {
            let store = self.bucket.store();
            let found: Vec<_> = store.list(Some(&prefix)).try_collect().await.unwrap();
            let mut objects = BTreeMap::new();
            for object in found {
                let stored = store.get(&object.location).await.unwrap();
                let bytes = stored.bytes().await.unwrap();
                let name = object.location.as_ref()[prefix.as_ref().len() + 1..].to_owned();
                objects.insert(name, bytes.to_vec());
            }
            objects
        })
    }

    /// The tables of the only folder of outputs.
    #[track_caller]
    pub(crate) fn tables(&self) -> BTreeMap<String, Vec<u8>> {
        let objects = self.objects("outputs");
        let folders = objects.keys().filter(|name| name.ends_with("/index.json"));
        assert_eq!(folders.count(), 1, "{:?}", objects.keys());
        tables(objects)
    }

    /// The tables of a run of the same files on this machine.
    pub(crate) fn local_tables(&self) -> BTreeMap<String, Vec<u8>> {
        let files = self.path().join("files").display().to_string();
        let arguments = ["run", "workflow", "--local", "--exp-id", "tiny"];
        self.run(&[&arguments[..], &["--run-id", "try-1", "-d", &files]].concat())
            .ended(0);
        let outputs = self
            .path()
            .join("files/local/bucket")
            .join(RUN)
            .join("outputs");
        let folder = std::fs::read_dir(outputs).unwrap().next().unwrap().unwrap();
        let files = std::fs::read_dir(folder.path()).unwrap().map(|file| {
            let path = file.unwrap().path();
            let name = format!("x/{}", path.file_name().unwrap().to_str().unwrap());
            (name, std::fs::read(path).unwrap())
        });
        tables(files.collect())
    }

    /// `run.json`.
    pub(crate) fn record(&self) -> Value {
        serde_json::from_slice(&self.objects("")["run.json"]).unwrap()
    }

    /// How every attempt ended that the run has kept, by task.
    pub(crate) fn outcomes(&self, task: u32) -> Vec<String> {
        let kept = self.objects("state").into_iter();
        kept.filter(|(name, _)| name.ends_with(".jsonl"))
            .flat_map(|(_, text)| {
                let text = String::from_utf8(text).unwrap();
                text.lines().map(str::to_owned).collect::<Vec<_>>()
            })
            .map(|line| serde_json::from_str::<Value>(&line).unwrap())
            .filter(|attempt| attempt["task"] == task)
            .map(|attempt| attempt["outcome"].as_str().unwrap().to_owned())
            .collect()
    }
}

/// Tables, without the folder's name and the index, which hold the time.
fn tables(files: BTreeMap<String, Vec<u8>>) -> BTreeMap<String, Vec<u8>> {
    let tables = files.into_iter().filter_map(|(name, bytes)| {
        let name = name.split_once('/')?.1.to_owned();
        (name != "index.json").then_some((name, bytes))
    });
    tables.collect()
}

/// Runs asynchronous work on this thread.
pub(crate) fn block_on<T>(work: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread().build();
    runtime.unwrap().block_on(work)
}

/// Waits until something is so, and fails the test if it takes too long.
#[track_caller]
pub(crate) fn wait_until(mut is_so: impl FnMut() -> bool) {
    let started = Instant::now();
    while !is_so() {
        assert!(started.elapsed() < Duration::from_secs(60));
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// The events of a name among the JSON lines.
pub(crate) fn events(ran: &Ran, name: &str) -> Vec<Value> {
    let lines = ran.stdout.lines();
    lines
        .map(|line| serde_json::from_str(line).unwrap())
        .filter(|event: &Value| event["event"] == name)
        .collect()
}
