//! Posteriors and projections of the flu calibration against those of the suite on epydemix.
//!
//! Both are random, so what is compared is how they vary over seeds: a number (a mean, a variance, a
//! quantile of a parameter or of a projection) is summed up by Welch's t of the two sets of seeds,
//! and the largest of all is compared with its own distribution under permutations of the seeds
//! (P. Westfall, S. Young, "Resampling-based multiple testing", 1993, max-T). That is exact whatever
//! the distributions and however the numbers hang together, and corrected for their number.

mod posteriors_support;
mod simulation_support;

use epycloud_engine::calibration::abc::Strategy;
use posteriors_support::native::{Effort, summaries, task};
use posteriors_support::suite::{Recorded, recorded};
use posteriors_support::two_samples::{Comparison, compare};
use simulation_support::shared_data;

/// Seeds of ours.
const SEEDS: u64 = 14;
/// Of posteriors that are the same, 99 of 100 comparisons end above it.
const LEVEL: f64 = 0.01;

/// Compares the task's numbers over seeds; `change` may spoil the task.
fn comparison(records: &[Recorded], task_index: usize, wider: f64) -> Option<Comparison> {
    let data = shared_data()?;
    let records: Vec<&Recorded> = records
        .iter()
        .filter(|record| record.task == task_index)
        .collect();
    let effort = Effort::of(records[0]);
    let mut task = task(&data, task_index);
    assert!(matches!(task.strategy, Strategy::Smc(_)));
    // the width of the prior of Rt, which the suite's run has as 1
    task.parameters[0].prior.args[1] *= wider;
    let ours = (0..SEEDS).map(|seed| summaries(&task, &effort, 500 + seed));
    let ours: Vec<_> = ours.collect();
    let theirs: Vec<_> = records.iter().map(|record| record.numbers()).collect();
    Some(compare(&ours, &theirs))
}

#[test]
fn posteriors_and_projections_are_the_suites_within_monte_carlo_error() {
    let records = recorded();
    for task in 0..2 {
        let Some(comparison) = comparison(&records, task, 1.0) else {
            return;
        };
        println!("task {task}\n{comparison}");
        assert!(comparison.p > LEVEL, "task {task}\n{comparison}");
    }
}

/// The comparison can fail: a prior that is wider by three fifths is noticed.
#[test]
fn another_prior_has_another_posterior() {
    let records = recorded();
    if let Some(comparison) = comparison(&records, 0, 1.6) {
        assert!(comparison.p <= LEVEL, "{comparison}");
    }
}
