//! Where the parts of a run lie.

use epycloud_config::{CommitId, DirPrefix, ExpId, FileName, RunId, TaskIndex};

use crate::StoragePath;

/// Where the parts of a run lie, all under `{dir_prefix}/{exp_id}/{run_id}/`.
///
/// Every part is made from types that can't lead out of there, so nothing outside of the run can
/// be named.
///
/// ```
/// use epycloud_config::{DirPrefix, TaskIndex};
/// use epycloud_storage::RunLayout;
///
/// let layout = RunLayout::new(&DirPrefix::default(), &"flu".parse()?, &"run-1".parse()?);
/// assert_eq!(
///     layout.result(TaskIndex::new(7), 100).as_str(),
///     "pipeline/flu/flu/run-1/runner-artifacts/result_00007.pkl.gz"
/// );
/// # Ok::<(), epycloud_config::IdentifierError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunLayout {
    root: StoragePath,
}

/// Which telemetry summary.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Summary {
    /// Stage A's.
    Builder,
    /// One task's of stage B.
    Runner {
        /// The task.
        index: TaskIndex,
        /// How many tasks the run has.
        n_tasks: u32,
    },
    /// Stage C's.
    Output,
    /// The whole run's.
    Workflow,
}

impl Summary {
    fn stem(&self) -> String {
        match self {
            Self::Builder => "builder_summary".to_owned(),
            Self::Runner { index, n_tasks } => {
                format!("runner_{}_summary", index.file_digits(*n_tasks))
            }
            Self::Output => "output_summary".to_owned(),
            Self::Workflow => "workflow_summary".to_owned(),
        }
    }
}

impl RunLayout {
    /// The layout of one run.
    #[must_use]
    pub fn new(prefix: &DirPrefix, experiment: &ExpId, run: &RunId) -> Self {
        let root = StoragePath::from_safe(&[prefix.as_str(), experiment.as_str(), run.as_str()]);
        Self { root }
    }

    /// The folder under which all of the run lies.
    #[must_use]
    pub const fn root(&self) -> &StoragePath {
        &self.root
    }

    fn at(&self, parts: &[&str]) -> StoragePath {
        let mut all = vec![self.root.as_str()];
        all.extend(parts);
        StoragePath::from_safe(&all)
    }

    /// The folder of stage A's artifacts.
    #[must_use]
    pub fn inputs(&self) -> StoragePath {
        self.at(&["builder-artifacts"])
    }

    /// The input of one task of `n_tasks`.
    #[must_use]
    pub fn input(&self, index: TaskIndex, n_tasks: u32) -> StoragePath {
        let digits = index.file_digits(n_tasks);
        self.at(&["builder-artifacts", &format!("input_{digits}.pkl.gz")])
    }

    /// What stage A says of each task.
    #[must_use]
    pub fn manifest(&self) -> StoragePath {
        self.at(&["builder-artifacts", "manifest.json"])
    }

    /// The number of tasks and the manifest's hash, written last by stage A.
    #[must_use]
    pub fn tasks(&self) -> StoragePath {
        self.at(&["builder-artifacts", "tasks.json"])
    }

    /// The folder of stage B's artifacts.
    #[must_use]
    pub fn results(&self) -> StoragePath {
        self.at(&["runner-artifacts"])
    }

    /// The result of one task of `n_tasks`.
    #[must_use]
    pub fn result(&self, index: TaskIndex, n_tasks: u32) -> StoragePath {
        let digits = index.file_digits(n_tasks);
        self.at(&["runner-artifacts", &format!("result_{digits}.pkl.gz")])
    }

    /// Where a task of `n_tasks` that is still running stood last.
    #[must_use]
    pub fn checkpoint(&self, index: TaskIndex, n_tasks: u32) -> StoragePath {
        let digits = index.file_digits(n_tasks);
        let file = format!("checkpoint_{digits}.pkl.gz");
        self.at(&["runner-artifacts", "checkpoints", &file])
    }

    /// The files of the forecast repository at one commit.
    #[must_use]
    pub fn repository(&self, commit: &CommitId) -> StoragePath {
        self.at(&["repo-cache", &format!("{commit}.tar.gz")])
    }

    /// The copy of one of the experiment's configuration files.
    #[must_use]
    pub fn config(&self, file: &FileName) -> StoragePath {
        self.at(&["config", file.as_str()])
    }

    /// A telemetry summary for programs.
    #[must_use]
    pub fn summary_json(&self, summary: &Summary) -> StoragePath {
        self.at(&["summaries", "json", &format!("{}.json", summary.stem())])
    }

    /// A telemetry summary for people.
    #[must_use]
    pub fn summary_text(&self, summary: &Summary) -> StoragePath {
        self.at(&["summaries", "txt", &format!("{}.txt", summary.stem())])
    }

    /// The record of the whole run: its state, and all that is needed to repeat it.
    #[must_use]
    pub fn run_record(&self) -> StoragePath {
        self.at(&["run.json"])
    }

    /// The run's report for people.
    #[must_use]
    pub fn report(&self) -> StoragePath {
        self.at(&["report.html"])
    }

    /// The folder of what each orchestrator says of its work on the run.
    #[must_use]
    pub fn sessions(&self) -> StoragePath {
        self.at(&["state"])
    }

    /// One of the files that one orchestrator has written.
    #[must_use]
    pub fn session_file(&self, session: &FileName, file: &FileName) -> StoragePath {
        self.at(&["state", session.as_str(), file.as_str()])
    }

    /// The folder of all outputs.
    #[must_use]
    pub fn all_outputs(&self) -> StoragePath {
        self.at(&["outputs"])
    }

    /// The folder that one run of stage C fills.
    #[must_use]
    pub fn outputs(&self, folder: &FileName) -> StoragePath {
        self.at(&["outputs", folder.as_str()])
    }

    /// One of the files in such a folder.
    #[must_use]
    pub fn output_file(&self, folder: &FileName, file: &FileName) -> StoragePath {
        self.at(&["outputs", folder.as_str(), file.as_str()])
    }

    /// What says that such a folder is complete; written last.
    #[must_use]
    pub fn output_index(&self, folder: &FileName) -> StoragePath {
        self.at(&["outputs", folder.as_str(), "index.json"])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn layout(prefix: &str) -> RunLayout {
        RunLayout::new(
            &prefix.parse().unwrap(),
            &"202547/smc".parse().unwrap(),
            &"run".parse().unwrap(),
        )
    }

    #[test]
    fn every_part_lies_where_the_original_puts_it() {
        let layout = layout("pipeline/flu/");
        let file = |name: &str| name.parse::<FileName>().unwrap();
        let runner = Summary::Runner {
            index: TaskIndex::new(42),
            n_tasks: 52,
        };
        let parts = [
            (
                layout.input(TaskIndex::new(0), 1),
                "builder-artifacts/input_00000.pkl.gz",
            ),
            (
                layout.input(TaskIndex::new(0), 200_000),
                "builder-artifacts/input_000000.pkl.gz",
            ),
            (
                layout.result(TaskIndex::new(51), 52),
                "runner-artifacts/result_00051.pkl.gz",
            ),
            (layout.manifest(), "builder-artifacts/manifest.json"),
            (layout.tasks(), "builder-artifacts/tasks.json"),
            (layout.config(&file("base.yaml")), "config/base.yaml"),
            (
                layout.summary_json(&Summary::Builder),
                "summaries/json/builder_summary.json",
            ),
            (
                layout.summary_json(&runner),
                "summaries/json/runner_00042_summary.json",
            ),
            (
                layout.summary_text(&Summary::Output),
                "summaries/txt/output_summary.txt",
            ),
            (
                layout.outputs(&file("20261123-143052")),
                "outputs/20261123-143052",
            ),
            (layout.output_index(&file("x")), "outputs/x/index.json"),
            (layout.run_record(), "run.json"),
            (layout.report(), "report.html"),
            (
                layout.session_file(&file("s"), &file("session.json")),
                "state/s/session.json",
            ),
            (
                layout.output_file(&file("x"), &file("a.csv.gz")),
                "outputs/x/a.csv.gz",
            ),
        ];
        for (path, expected) in parts {
            assert_eq!(
                path.as_str(),
                format!("pipeline/flu/202547/smc/run/{expected}")
            );
            assert_eq!(path.as_str().parse(), Ok(path.clone()));
        }
    }

    #[test]
    fn without_a_prefix_the_experiment_comes_first() {
        assert_eq!(layout("/").root().as_str(), "202547/smc/run");
    }

    #[test]
    fn the_longest_identifiers_still_make_paths() {
        let long = |n: usize| vec!["x".repeat(50); n].join("/")[..200.min(51 * n - 1)].to_owned();
        let layout = RunLayout::new(
            &long(4)[..199].parse().unwrap(),
            &long(4)[..199].parse().unwrap(),
            &"r".repeat(128).parse().unwrap(),
        );
        let name: FileName = "f".repeat(200).parse().unwrap();
        let path = layout.output_file(&name, &name);
        assert_eq!(path.as_str().parse(), Ok(path.clone()));
    }
}
