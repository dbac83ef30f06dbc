//! Whether what stage B has left is enough to go on with.

use crate::error::OrchestratorError;
use crate::pool::PoolReport;
use crate::workflow::{Workflow, count};

/// Whether a workflow goes on after stage B, where `done` of `n` tasks have a result.
pub(crate) fn check(
    workflow: &Workflow,
    n: u32,
    report: &PoolReport,
    done: usize,
) -> Result<(), OrchestratorError> {
    if let Some(signal) = workflow.stop.signal() {
        return Err(OrchestratorError::Stopped {
            signal,
            done: count(done),
            n,
            run_id: workflow.run.settings.run_id.clone(),
        });
    }
    let failed = || report.failed.clone();
    if report.failed.is_empty() {
        return Ok(());
    }
    if done == 0 {
        return Err(OrchestratorError::NoResults {
            failed: failed(),
            n,
        });
    }
    if !workflow.run.settings.allow_partial_results {
        return Err(OrchestratorError::TasksFailed {
            failed: failed(),
            n,
        });
    }
    let ratio = done as f64 / f64::from(n);
    match workflow.options.min_success_ratio {
        Some(least) if ratio < least => Err(OrchestratorError::TooFewResults {
            failed: failed(),
            n,
            ratio,
            least,
        }),
        _ => Ok(()),
    }
}
