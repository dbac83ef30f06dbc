//! What a task that ran in a process of its own has told of itself: its telemetry summary.

use epycloud_config::TaskIndex;
use epycloud_stages::telemetry::Summary;
use epycloud_stages::{StageRun, TaskList};
use epycloud_storage::Summary as SummaryPath;

use crate::record::Attempt;

/// A task's summary, of whichever attempt wrote one last.
pub(crate) async fn summary(run: &StageRun, list: &TaskList, task: u32) -> Option<Summary> {
    let path = run.layout.summary_json(&SummaryPath::Runner {
        index: TaskIndex::new(task),
        n_tasks: list.n(),
    });
    run.storage.load_json(&path).await.ok()
}

/// Takes over when the attempt was, and how much memory it held.
pub(crate) fn times(attempt: &mut Attempt, summary: &Summary) {
    let times = &summary.runner.times;
    if let (Some(started), Some(duration)) = (&times.start_time, times.duration_seconds) {
        attempt.started.clone_from(started);
        attempt.duration_secs = duration;
    }
    attempt.peak_memory_mib = times.peak_memory_mb;
}
