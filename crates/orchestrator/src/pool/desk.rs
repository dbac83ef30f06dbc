//! One worker and the attempts that it has in hand: a task that it simulates, and tasks whose
//! results it stores meanwhile.

use std::time::Duration;

use epycloud_stages::worker::{Answer, Request};
use jiff::Timestamp;
use tokio::time::{Instant, sleep_until};

use super::death::Death;
use super::log::lines_of;
use super::outcome::{self, Ended};
use super::queue::Job;
use super::worker::Worker;
use super::{Pool, process};
use crate::error::OrchestratorError;
use crate::record::{Attempt, timestamp};

/// A worker at work.
pub(super) struct Desk<'a> {
    pool: &'a Pool<'a>,
    worker: Worker,
    storing: Vec<Begun>,
}

/// An attempt that has begun.
struct Begun {
    job: Job,
    started: Timestamp,
    since: Instant,
    /// When its simulations were over and the worker free for another's.
    simulated: Option<Instant>,
    peak_mib: f64,
    /// How many processes the system had ended for want of memory.
    oom_kills: Option<u64>,
}

impl Begun {
    fn now(job: Job) -> Self {
        Self {
            job,
            started: Timestamp::now(),
            since: Instant::now(),
            simulated: None,
            peak_mib: 0.0,
            oom_kills: process::oom_kills(),
        }
    }

    /// How long it has kept the worker from other tasks.
    fn duration(&self) -> Duration {
        let end = self.simulated.unwrap_or_else(Instant::now);
        end.saturating_duration_since(self.since)
    }
}

/// What ends a worker.
enum Gone {
    /// It ended by itself.
    Crashed(Death),
    /// It said what nobody had asked.
    Confused(Answer),
    /// The task took longer than a task may.
    TimeLimit(u32),
    /// It held so many MiB, more than a task may.
    MemoryLimit(f64),
    /// The run is stopped.
    Stopped,
}

impl Gone {
    /// How an attempt ended whose result was being stored, perhaps while another task ran.
    fn bereaves(&self, is_running: bool) -> Ended {
        let reason = match self {
            Self::Stopped => return Ended::Stopped,
            Self::Crashed(death) => death.reason.clone(),
            _ => "the worker was ended for another task's sake".to_owned(),
        };
        Ended::Bereft {
            reason,
            by_another: is_running,
        }
    }

    /// How the attempt ended that was being simulated.
    fn ends(self, begun: &Begun) -> Ended {
        match self {
            Self::Crashed(death) => Ended::Crashed {
                death,
                ran_out: process::oom_kills() > begun.oom_kills,
                refused: false,
            },
            Self::Confused(answer) => Ended::Answer(answer),
            Self::MemoryLimit(mib) => Ended::MemoryLimit(mib),
            // Another's result took too long to be stored.
            Self::TimeLimit(_) => self.bereaves(true),
            Self::Stopped => Ended::Stopped,
        }
    }
}

impl<'a> Desk<'a> {
    /// Starts a worker.
    pub(super) async fn open(pool: &'a Pool<'a>) -> Result<Self, OrchestratorError> {
        let (worker, _) = Worker::start(pool.command, pool.recorder.observer()).await?;
        Ok(Self {
            pool,
            worker,
            storing: Vec::new(),
        })
    }

    /// Has the worker run a task until it can take another; whether it lives.
    pub(super) async fn run(&mut self, job: Job) -> bool {
        let task = job.task;
        self.pool.recorder.started(task, job.number());
        process::reset_peak(self.worker.process_id());
        let mut begun = Begun::now(job);
        if let Err(reason) = self.worker.request(&Request::Run { task }).await {
            let death = self.worker.obituary(&reason).await;
            return self.end(Gone::Crashed(death), Some(begun)).await;
        }
        loop {
            match self.news(Some(&mut begun)).await {
                Ok(Answer::Simulated { task: simulated }) if simulated == task => {
                    self.pool.recorder.simulated(task);
                    begun.simulated = Some(Instant::now());
                    self.storing.push(begun);
                    return true;
                }
                Ok(answer) => match (self.take_stored(&answer), task_of(&answer)) {
                    (Some(stored), _) => self.answered(&stored, answer).await,
                    (None, Some(answered)) if answered == task => {
                        self.answered(&begun, answer).await;
                        return true;
                    }
                    (None, _) => return self.end(Gone::Confused(answer), Some(begun)).await,
                },
                Err(gone) => return self.end(gone, Some(begun)).await,
            }
        }
    }

    /// Waits until every result is stored; whether the worker lives.
    pub(super) async fn clear(&mut self) -> bool {
        while !self.storing.is_empty() {
            let gone = match self.news(None).await {
                Ok(answer) => match self.take_stored(&answer) {
                    Some(stored) => {
                        self.answered(&stored, answer).await;
                        continue;
                    }
                    None => Gone::Confused(answer),
                },
                Err(gone) => gone,
            };
            return self.end(gone, None).await;
        }
        true
    }

    /// Lets the worker go.
    pub(super) async fn close(self) {
        self.worker.stop().await;
    }

    /// The next answer, or what ends the worker.
    async fn news(&mut self, current: Option<&mut Begun>) -> Result<Answer, Gone> {
        let pool = self.pool;
        let process_id = self.worker.process_id();
        let deadline = self.deadline(current.as_deref());
        let too_late = async {
            match deadline {
                Some((deadline, task)) => {
                    sleep_until(deadline).await;
                    task
                }
                None => std::future::pending().await,
            }
        };
        let too_large = async {
            match current {
                Some(begun) => pool.outgrown(process_id, &mut begun.peak_mib).await,
                None => std::future::pending().await,
            }
        };
        let said = tokio::select! {
            said = self.worker.answer(&**pool.recorder.observer()) => said,
            task = too_late => return Err(Gone::TimeLimit(task)),
            mib = too_large => return Err(Gone::MemoryLimit(mib)),
            _ = pool.stop.urgent() => return Err(Gone::Stopped),
        };
        match said {
            Ok(answer) => Ok(answer),
            Err(reason) => Err(Gone::Crashed(self.worker.obituary(&reason).await)),
        }
    }

    /// When the first attempt will have taken too long, and which task's it is.
    fn deadline(&self, current: Option<&Begun>) -> Option<(Instant, u32)> {
        let limit = self.pool.options.task_timeout?;
        self.storing
            .iter()
            .chain(current)
            .filter_map(|begun| Some((begun.since.checked_add(limit)?, begun.job.task)))
            .min()
    }

    /// The attempt whose result was being stored, if the answer is its last.
    fn take_stored(&mut self, answer: &Answer) -> Option<Begun> {
        let task = task_of(answer)?;
        let place = self
            .storing
            .iter()
            .position(|begun| begun.job.task == task)?;
        Some(self.storing.remove(place))
    }

    /// An attempt has had its last answer.
    async fn answered(&self, begun: &Begun, answer: Answer) {
        let log = match &answer {
            Answer::Done { .. } => Vec::new(),
            _ => self.worker.log().await,
        };
        self.settle(begun, Ended::Answer(answer), &log);
    }

    /// Ends the worker, and with it all that it has in hand. No worker lives then.
    async fn end(&mut self, gone: Gone, current: Option<Begun>) -> bool {
        let log = match gone {
            Gone::Stopped => Vec::new(),
            _ => self.worker.log().await,
        };
        self.worker.kill().await;
        for begun in std::mem::take(&mut self.storing) {
            let ended = match gone {
                Gone::TimeLimit(task) if task == begun.job.task => self.time_limit(),
                _ => {
                    let ended = gone.bereaves(current.is_some());
                    self.unless_stored(&begun, ended).await
                }
            };
            self.settle(&begun, ended, &log);
        }
        if let Some(begun) = current {
            let ended = match gone {
                Gone::TimeLimit(task) if task == begun.job.task => self.time_limit(),
                gone => {
                    let ended = gone.ends(&begun);
                    self.unless_stored(&begun, ended).await
                }
            };
            self.settle(&begun, ended, &log);
        }
        false
    }

    fn time_limit(&self) -> Ended {
        Ended::TimeLimit(self.pool.options.task_timeout.unwrap_or_default())
    }

    /// How an attempt ended whose worker is gone: well, if its result had been stored before.
    async fn unless_stored(&self, begun: &Begun, ended: Ended) -> Ended {
        match ended {
            Ended::Crashed { .. } | Ended::Bereft { .. } if self.pool.has(begun.job.task).await => {
                Ended::Stored
            }
            ended => ended,
        }
    }

    fn settle(&self, begun: &Begun, mut ended: Ended, log: &[String]) {
        let job = begun.job;
        let log = match &ended {
            Ended::Answer(Answer::Done { .. }) | Ended::Stored | Ended::Stopped => Vec::new(),
            _ => lines_of(job.task, log),
        };
        if let Ended::Crashed { refused, .. } = &mut ended {
            *refused = log.iter().any(|line| outcome::is_refusal(line));
        }
        let attempt = Attempt {
            task: job.task,
            number: job.number(),
            started: timestamp(begun.started),
            duration_secs: begun.duration().as_secs_f64(),
            log,
            worker: format!("{}:{}", self.pool.host, self.worker.name()),
            ..outcome::attempt(ended, begun.peak_mib)
        };
        self.pool.settle(job, attempt);
    }
}

/// The task whose last answer this is.
const fn task_of(answer: &Answer) -> Option<u32> {
    match answer {
        Answer::Done { task, .. } | Answer::Failed { task, .. } => Some(*task),
        _ => None,
    }
}
