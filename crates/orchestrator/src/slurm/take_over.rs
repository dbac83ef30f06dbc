//! What an earlier session has left with Slurm: jobs that still run, and jobs that have ended while
//! nobody watched.

use std::collections::{BTreeMap, BTreeSet};

use epycloud_stages::StageRun;
use epycloud_storage::StorageError;
use jiff::Timestamp;
use tokio::time::sleep;

use super::accounting;
use super::client;
use super::cluster::{Active, Cluster};
use super::end::End;
use super::ended::worker;
use super::name::Named;
use super::queue::{Entry, Key};
use crate::error::OrchestratorError;
use crate::record::{Attempt, RunStore};

/// What the run's record knows of earlier sessions on a cluster.
pub(super) struct Earlier {
    /// When the first of them began.
    since: Timestamp,
    /// Who ran the attempts that are recorded.
    workers: BTreeSet<String>,
}

impl Earlier {
    /// Reads it; `None` where there was no such session.
    pub(super) async fn read(run: &StageRun) -> Result<Option<Self>, StorageError> {
        let store = RunStore::new(run.storage.clone(), run.layout.clone());
        let sessions = store.sessions().await?;
        let on_cluster: Vec<_> = sessions
            .iter()
            .map(|stored| &stored.session)
            .filter(|session| session.executor == "slurm")
            .collect();
        // The last one is this one.
        let [first, _, ..] = on_cluster[..] else {
            return Ok(None);
        };
        let Ok(since) = first.started.parse() else {
            return Ok(None);
        };
        let mut workers = BTreeSet::new();
        for session in on_cluster {
            let each = |attempt: Attempt| {
                workers.insert(attempt.worker);
            };
            store.attempts(&session.id, each).await?;
        }
        Ok(Some(Self { since, workers }))
    }
}

impl Cluster<'_> {
    /// Takes over the jobs that an earlier session has submitted.
    ///
    /// # Errors
    /// When Slurm can't be asked.
    pub(super) async fn take_over(&mut self) -> Result<(), OrchestratorError> {
        let jobs = self.without_earlier_tasks().await?;
        self.adopt(&jobs);
        Ok(())
    }

    /// Records attempts that ended while nobody watched. That a task runs again if it has to isn't
    /// changed by it.
    ///
    /// # Errors
    /// When Slurm can't be asked.
    pub(super) async fn record_unseen(
        mut self,
        earlier: &Earlier,
    ) -> Result<(), OrchestratorError> {
        let jobs = client::jobs(&self.names).await?;
        let unseen = self.unseen(&jobs, earlier).await;
        let count = unseen.len();
        for (key, (task, end)) in unseen {
            let attempt = match self.ended.done(key, (task, 1), &end).await {
                Some(done) => done,
                None => self.ended.failed(key, (task, 1), &end).await,
            };
            self.recorder.unseen(attempt);
        }
        if count > 0 {
            self.recorder.warn(format!(
                "{count} attempts ended while nobody watched; they are in the run's record now"
            ));
        }
        Ok(())
    }

    /// Ends jobs whose tasks have been built anew since: they would write results that count no more.
    async fn without_earlier_tasks(&self) -> Result<Vec<(Named, Entry)>, OrchestratorError> {
        let mut cancelled = BTreeSet::new();
        loop {
            let jobs = client::jobs(&self.names).await?;
            let earlier: BTreeSet<u64> = jobs
                .iter()
                .filter(|(named, entry)| !named.is_current && entry.end.is_active())
                .map(|(_, entry)| entry.array)
                .collect();
            if earlier.is_empty() || self.stop.signal().is_some() {
                return Ok(jobs);
            }
            if !earlier.is_subset(&cancelled) {
                self.recorder
                    .warn("Slurm has jobs of tasks that were built anew since; they are cancelled");
                client::cancel(earlier.iter().copied(), false).await?;
                cancelled.extend(earlier);
            }
            tokio::select! {
                () = sleep(self.options.poll) => {}
                _ = self.stop.urgent() => {}
            }
        }
    }

    /// Watches the jobs that Slurm still has, instead of submitting their tasks again.
    fn adopt(&mut self, jobs: &[(Named, Entry)]) {
        let mut adopted = 0;
        let active = |(named, entry): &&(Named, Entry)| named.is_current && entry.end.is_active();
        for (named, entry) in jobs.iter().filter(active) {
            for key in entry.keys() {
                let task = key.1 + named.offset;
                let at = self.waiting.iter().position(|job| job.task == task);
                if let Some(at) = at {
                    let job = self.waiting.remove(at);
                    self.active.insert(key, Active::of(job));
                    adopted += 1;
                }
            }
        }
        if adopted > 0 {
            self.recorder.warn(format!(
                "{adopted} tasks are with Slurm already; they are watched, not submitted again"
            ));
        }
    }

    /// The tasks of jobs that are over and of which the record has no attempt.
    async fn unseen(
        &mut self,
        jobs: &[(Named, Entry)],
        earlier: &Earlier,
    ) -> BTreeMap<Key, (u32, End)> {
        let mut over: BTreeMap<Key, (u32, End)> = BTreeMap::new();
        for (named, entry) in jobs.iter().filter(|(named, _)| named.is_current) {
            let of = |key: Key| (key, (key.1 + named.offset, entry.end.clone()));
            over.extend(entry.keys().map(of));
        }
        for (key, job) in self.history(earlier.since).await {
            // It hears of an end later than the controller.
            if let Some(named) = self.names.read(&job.name)
                && !job.end.is_active()
            {
                over.insert(key, (key.1 + named.offset, job.end));
            }
        }
        let n = self.ended.list.n();
        over.retain(|key, (task, end)| {
            let is_over = !end.is_active() && !end.never_ran();
            is_over && *task < n && !earlier.workers.contains(&worker(*key))
        });
        over
    }

    /// All jobs of these tasks that the accounting knows.
    async fn history(&mut self, since: Timestamp) -> BTreeMap<Key, accounting::Accounted> {
        if !self.has_accounting() {
            return BTreeMap::new();
        }
        let offsets = (0..self.ended.list.n()).step_by(self.block as usize);
        let names: Vec<String> = offsets.map(|offset| self.names.at(offset)).collect();
        let answer = accounting::named(&names, since).await;
        self.accounted(answer)
    }
}
