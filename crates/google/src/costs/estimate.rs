//! What a run would cost, before it begins.

use std::time::Duration;

use epycloud_config::Stage;

use super::dollars::Dollars;
use super::machine_hour::{MachineHour, NoPrice};
use super::usage::JobCost;

/// Seconds of an hour.
const HOUR_SECS: f64 = 3_600.0;

/// A stage: what its machine costs, and for how long at most.
#[derive(Debug, Clone, PartialEq)]
pub struct StageEstimate {
    /// The stage.
    pub stage: Stage,
    /// Its machine, unless it can't be priced.
    pub hour: Result<MachineHour, NoPrice>,
    /// When a task is ended, in seconds.
    pub max_run_secs: u64,
}

impl StageEstimate {
    /// When a task is ended, in hours.
    #[must_use]
    pub fn max_run_hours(&self) -> f64 {
        self.max_run_secs as f64 / HOUR_SECS
    }

    /// What a task costs that is ended because it ran too long. Further attempts cost as much again.
    #[must_use]
    pub fn longest_task(&self) -> Option<Dollars> {
        self.task_of(self.max_run_hours())
    }

    fn task_of(&self, hours: f64) -> Option<Dollars> {
        Some(self.hour.as_ref().ok()?.task() * hours)
    }
}

/// What is known of a run that hasn't begun: stage A alone counts the tasks, and nobody knows how
/// long they take.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Expected {
    /// The number of tasks of stage B.
    pub tasks: Option<u32>,
    /// How long one takes, in seconds.
    pub task_secs: Option<f64>,
}

impl Expected {
    /// As a run before was, by the costs of its jobs: as many tasks as the largest of stage B had, and
    /// for each what all of them took, so that further attempts are in it. Nothing where there is no
    /// such job.
    #[must_use]
    pub fn as_before(costs: &[JobCost]) -> Self {
        let runner = Some(Stage::Runner.as_str());
        let runners = || costs.iter().filter(|cost| cost.stage.as_deref() == runner);
        let tasks = runners()
            .map(|cost| cost.tasks)
            .max()
            .filter(|tasks| *tasks > 0);
        let time: Duration = runners().map(|cost| cost.time).sum();
        Self {
            tasks,
            task_secs: tasks.map(|tasks| time.as_secs_f64() / f64::from(tasks)),
        }
    }
}

/// A run: its stages, and what is expected of them.
#[derive(Debug, Clone, PartialEq)]
pub struct RunEstimate {
    /// The stages that run.
    pub stages: Vec<StageEstimate>,
    /// Tasks of stage B at the same time.
    pub max_parallelism: u32,
    /// What is expected.
    pub expected: Expected,
}

impl RunEstimate {
    /// The most that all stages cost together, every task as long as it may run; `None` without the
    /// number of tasks, or where a machine can't be priced.
    #[must_use]
    pub fn most(&self) -> Option<Dollars> {
        self.sum(StageEstimate::longest_task)
    }

    /// What all stages cost together if tasks of stage B take as long as expected, and the other
    /// stages as long as they may.
    #[must_use]
    pub fn likely(&self) -> Option<Dollars> {
        let task_hours = self.expected.task_secs? / HOUR_SECS;
        self.sum(|stage| match stage.stage {
            Stage::Runner => stage.task_of(task_hours),
            Stage::Builder | Stage::Output => stage.longest_task(),
        })
    }

    /// How long stage B takes if its tasks take as long as expected, in seconds: as many rounds as
    /// it needs with so many tasks at the same time.
    #[must_use]
    pub fn runners_secs(&self) -> Option<f64> {
        let rounds = self.expected.tasks?.div_ceil(self.max_parallelism.max(1));
        Some(self.expected.task_secs? * f64::from(rounds))
    }

    fn sum(&self, a_task: impl Fn(&StageEstimate) -> Option<Dollars>) -> Option<Dollars> {
        self.stages
            .iter()
            .map(|stage| {
                let tasks = match stage.stage {
                    Stage::Runner => self.expected.tasks?,
                    Stage::Builder | Stage::Output => 1,
                };
                Some(a_task(stage)? * f64::from(tasks))
            })
            .sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::batch::Provisioning;

    fn stage(stage: Stage, price: f64, tasks_at_once: u32, max_run_secs: u64) -> StageEstimate {
        StageEstimate {
            stage,
            hour: Ok(MachineHour {
                machine_type: "e2-standard-2".into(),
                is_guess: false,
                provisioning: Provisioning::Standard,
                tasks_at_once,
                price: Dollars(price),
            }),
            max_run_secs,
        }
    }

    fn run(expected: Expected) -> RunEstimate {
        RunEstimate {
            stages: vec![
                stage(Stage::Builder, 1.0, 1, 3_600),
                stage(Stage::Runner, 0.5, 2, 36_000),
                stage(Stage::Output, 2.0, 1, 7_200),
            ],
            max_parallelism: 8,
            expected,
        }
    }

    #[test]
    fn a_run_costs_at_most_its_stages_limits() {
        let expected = Expected {
            tasks: Some(20),
            task_secs: None,
        };
        // An hour of A, 20 tasks of 10 hours at a quarter of a dollar, two hours of C.
        assert_eq!(run(expected).most(), Some(Dollars(1.0 + 50.0 + 4.0)));
        assert_eq!(run(expected).likely(), None);
        assert_eq!(run(Expected::default()).most(), None);
    }

    #[test]
    fn a_run_probably_costs_what_its_tasks_take() {
        let expected = Expected {
            tasks: Some(20),
            task_secs: Some(720.0),
        };
        let run = run(expected);
        assert_eq!(run.likely(), Some(Dollars(1.0 + 1.0 + 4.0)));
        // 20 tasks, 8 at a time, are three rounds.
        assert_eq!(run.runners_secs(), Some(2_160.0));
    }

    #[test]
    fn a_run_is_expected_to_be_as_one_before() {
        let job = |stage: &str, tasks, secs| JobCost {
            job: "x".into(),
            stage: Some(stage.into()),
            machine_type: None,
            provisioning: Provisioning::Standard,
            tasks,
            time: Duration::from_secs(secs),
            cost: Ok(Dollars(1.0)),
        };
        let costs = [
            job("builder", 1, 500),
            job("runner", 20, 12_000),
            // Two failed and were submitted again.
            job("runner", 2, 2_000),
        ];
        let expected = Expected::as_before(&costs);
        assert_eq!(
            (expected.tasks, expected.task_secs),
            (Some(20), Some(700.0))
        );
        assert_eq!(Expected::as_before(&costs[..1]), Expected::default());
        assert_eq!(
            Expected::as_before(&[job("runner", 0, 0)]),
            Expected::default()
        );
    }

    #[test]
    fn one_machine_without_a_price_leaves_the_run_without() {
        let expected = Expected {
            tasks: Some(1),
            task_secs: Some(1.0),
        };
        let mut run = run(expected);
        run.stages[2].hour = Err(NoPrice::TooLarge {
            cpu_milli: 1,
            memory_mib: 1,
        });
        assert_eq!((run.most(), run.likely()), (None, None));
        assert_eq!(run.stages[2].longest_task(), None);
    }
}
