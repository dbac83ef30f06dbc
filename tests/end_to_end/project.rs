//! A project directory of a test's own, and the command run in it.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

pub(crate) use crate::ran::Ran;

/// A copy of the quickstart's repository, so that tests don't write into the checkout.
pub(crate) struct Project {
    folder: TempDir,
}

impl Project {
    /// A copy with few simulations, so that tests are quick.
    pub(crate) fn quickstart() -> Self {
        let folder = tempfile::tempdir().unwrap();
        copy_tree(&checkout().join("examples/quickstart"), folder.path());
        let project = Self { folder };
        project.edit("basemodel.yaml", "n_sims: 200", "n_sims: 8");
        project
    }

    /// A directory that has the quickstart where the checkout has it, and no other experiments.
    pub(crate) fn with_examples() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let example = folder.path().join("examples/quickstart");
        std::fs::create_dir_all(&example).unwrap();
        copy_tree(&checkout().join("examples/quickstart"), &example);
        Self { folder }
    }

    /// A directory without experiments.
    #[cfg(feature = "python")]
    pub(crate) fn empty() -> Self {
        let folder = tempfile::tempdir().unwrap();
        Self { folder }
    }

    /// A project whose experiment has `n` small tasks, each with a place of its own.
    pub(crate) fn many(n: usize) -> Self {
        let project = Self::quickstart();
        let places: Vec<String> = (0..n).map(|index| format!("Place_{index:02}")).collect();
        let folder = project.path().join("epydemix-data/data");
        let mut locations = String::new();
        let mut coverage = String::new();
        let table = project.path().join("data/vaccination_coverage.csv");
        let known = std::fs::read_to_string(&table).unwrap();
        for place in &places {
            std::fs::create_dir_all(folder.join(place)).unwrap();
            copy_tree(&folder.join("Harbour_Island"), &folder.join(place));
            locations.push_str(&format!("{place},mistry_2021,mistry_2021,made up\n"));
            for line in known
                .lines()
                .filter(|line| line.starts_with("Harbour Island"))
            {
                let name = place.replace('_', " ");
                coverage.push_str(&line.replacen("Harbour Island", &name, 1));
                coverage.push('\n');
            }
        }
        append(
            &project.path().join("epydemix-data/locations.csv"),
            &locations,
        );
        append(&table, &coverage);
        let names: Vec<String> = places
            .iter()
            .map(|place| format!("\n    - {place}"))
            .collect();
        project.edit(
            "modelset.yaml",
            "\n    - Harbour_Island\n    - Meadow_County",
            &names.concat(),
        );
        project
    }

    /// A project with one experiment of the shared forecast repository; `None` where that isn't.
    pub(crate) fn shared(experiment: &str) -> Option<Self> {
        let repository = shared_data()?.join("forecast");
        let folder = tempfile::tempdir().unwrap();
        for part in [
            Path::new("experiments").join(experiment),
            PathBuf::from("data"),
        ] {
            std::fs::create_dir_all(folder.path().join(&part)).unwrap();
            copy_tree(&repository.join(&part), &folder.path().join(&part));
        }
        Some(Self { folder })
    }

    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Replaces a text in a file of the experiment's configuration.
    pub(crate) fn edit(&self, file: &str, from: &str, to: &str) {
        let path = self.path().join("experiments/quickstart/config").join(file);
        let text = std::fs::read_to_string(&path).unwrap();
        assert!(text.contains(from), "`{from}` is in {file}");
        #[expect(clippy::disallowed_methods, reason = "a test's own input")]
        std::fs::write(path, text.replace(from, to)).unwrap();
    }

    /// `epycloud` with the given arguments, in this directory, with an environment of its own.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_epycloud"));
        command
            .args(arguments)
            .current_dir(self.path())
            .env_clear()
            .env("TMPDIR", std::env::temp_dir())
            .stdin(Stdio::null());
        command
    }

    pub(crate) fn run(&self, arguments: &[&str]) -> Ran {
        Ran::from(self.command(arguments).output().unwrap())
    }

    /// Runs the whole workflow under a run ID; more arguments may follow.
    pub(crate) fn workflow(&self, run_id: &str, more: &[&str]) -> Ran {
        let mut arguments = vec![
            "run",
            "workflow",
            "--local",
            "--exp-id",
            "quickstart",
            "--run-id",
            run_id,
        ];
        arguments.extend(more);
        self.run(&arguments)
    }

    pub(crate) fn run_folder(&self, run_id: &str) -> PathBuf {
        self.run_folder_of("quickstart", run_id)
    }

    pub(crate) fn run_folder_of(&self, experiment: &str, run_id: &str) -> PathBuf {
        self.path()
            .join("local/bucket/pipeline/flu")
            .join(experiment)
            .join(run_id)
    }

    /// The one output folder of a run.
    pub(crate) fn outputs(&self, run_id: &str) -> PathBuf {
        self.outputs_of("quickstart", run_id)
    }

    pub(crate) fn outputs_of(&self, experiment: &str, run_id: &str) -> PathBuf {
        let folder = self.run_folder_of(experiment, run_id).join("outputs");
        let folders: Vec<PathBuf> = std::fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .collect();
        assert_eq!(folders.len(), 1, "{folders:?}");
        folders[0].clone()
    }
}

/// How long anything that should happen may take on a busy machine.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

/// Waits until something is so, and fails the test if it takes too long.
#[track_caller]
pub(crate) fn wait_until(mut is_so: impl FnMut() -> bool) {
    let started = Instant::now();
    while !is_so() {
        assert!(started.elapsed() < PATIENCE);
        std::thread::sleep(Duration::from_millis(2));
    }
}

/// The events of a name among a command's JSON lines.
pub(crate) fn events(ran: &Ran, name: &str) -> Vec<serde_json::Value> {
    ran.stdout
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .filter(|event: &serde_json::Value| event["event"] == name)
        .collect()
}

/// A run's record.
pub(crate) fn record(project: &Project, run_id: &str) -> serde_json::Value {
    let text = std::fs::read(project.run_folder(run_id).join("run.json")).unwrap();
    serde_json::from_slice(&text).unwrap()
}

/// Every attempt that a run has kept.
pub(crate) fn attempts(project: &Project, run_id: &str) -> Vec<serde_json::Value> {
    files(&project.run_folder(run_id).join("state"))
        .into_iter()
        .filter(|(name, _)| name.ends_with(".jsonl"))
        .flat_map(|(_, text)| {
            String::from_utf8(text)
                .unwrap()
                .lines()
                .map(|line| serde_json::from_str(line).unwrap())
                .collect::<Vec<_>>()
        })
        .collect()
}

/// Every file below a folder by its path from there, with its bytes.
pub(crate) fn files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut found = BTreeMap::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        for entry in std::fs::read_dir(&next).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let name = path
                    .strip_prefix(folder)
                    .unwrap()
                    .to_string_lossy()
                    .into_owned();
                found.insert(name, std::fs::read(&path).unwrap());
            }
        }
    }
    found
}

fn append(file: &Path, text: &str) {
    use std::io::Write as _;
    let mut file = std::fs::OpenOptions::new().append(true).open(file).unwrap();
    file.write_all(text.as_bytes()).unwrap();
}

pub(crate) fn checkout() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."))
}

/// The folder of reference data, where there is one.
pub(crate) fn shared_data() -> Option<PathBuf> {
    let folder = std::env::var_os("EPYCLOUD_SHARED_DATA")
        .map_or_else(|| checkout().join("../shared/data"), PathBuf::from);
    folder.join("forecast").is_dir().then_some(folder)
}

pub(crate) fn copy_tree(from: &Path, to: &Path) {
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        if entry.file_name() == "local" {
            continue;
        }
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            std::fs::create_dir_all(&target).unwrap();
            copy_tree(&entry.path(), &target);
        } else {
            std::fs::copy(entry.path(), target).unwrap();
        }
    }
}
