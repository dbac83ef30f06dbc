//! What a run's jobs are called, by which a later session knows them.

use epycloud_stages::{Sha256, StageRun, TaskList};

/// Digits of a hash in a name.
const DIGITS: usize = 8;

/// The names of a run's jobs: `epycloud-{run ID}-{where the run lies}-{its tasks}-{offset}`, the two
/// in the middle as the first digits of hashes. Slurm keeps names wherever it keeps jobs, in the
/// accounting too.
pub(super) struct JobNames {
    run: String,
    tasks: String,
}

/// What a name says.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Named {
    /// Whether the job's tasks are those that there are now. The tasks' generation is another once
    /// stage A has built them anew.
    pub(super) is_current: bool,
    /// What is added to an index of the array to get a task's.
    pub(super) offset: u32,
}

impl JobNames {
    pub(super) fn of(run: &StageRun, list: &TaskList) -> Self {
        let place = run.storage.url_of(run.layout.root());
        Self::new(
            run.settings.run_id.as_str(),
            &Sha256::of(place.as_bytes()),
            &list.tasks.manifest_sha256,
        )
    }

    fn new(run_id: &str, place: &Sha256, tasks: &Sha256) -> Self {
        let digits = |hash: &Sha256| hash.to_string()[..DIGITS].to_owned();
        Self {
            run: format!("epycloud-{run_id}-{}-", digits(place)),
            tasks: digits(tasks),
        }
    }

    /// The name of the array whose tasks begin at an offset.
    pub(super) fn at(&self, offset: u32) -> String {
        format!("{}{}-{offset}", self.run, self.tasks)
    }

    /// Reads a name; `None` of another run's job.
    pub(super) fn read(&self, name: &str) -> Option<Named> {
        let (tasks, offset) = name.strip_prefix(&self.run)?.split_once('-')?;
        Some(Named {
            is_current: tasks == self.tasks,
            offset: offset.parse().ok()?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_says_which_tasks_of_which_run_a_job_has() {
        let hash = |text: &str| Sha256::of(text.as_bytes());
        let names = JobNames::new("try-1", &hash("/here"), &hash("tasks"));
        let named = |name: &str| names.read(name);
        let current = Named {
            is_current: true,
            offset: 1001,
        };
        assert_eq!(named(&names.at(1001)), Some(current));
        let rebuilt = JobNames::new("try-1", &hash("/here"), &hash("other tasks"));
        let earlier = Named {
            is_current: false,
            offset: 0,
        };
        assert_eq!(named(&rebuilt.at(0)), Some(earlier));
        let elsewhere = JobNames::new("try-1", &hash("/there"), &hash("tasks"));
        assert_eq!(named(&elsewhere.at(0)), None);
        assert_eq!(named("epycloud-try-1"), None);
    }
}
