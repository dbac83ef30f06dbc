//! Work that takes long, away from the thread that serves everything else.

use crate::error::StageError;

/// Runs it on a thread of its own, in the same span of the log; a panic there is an error here.
pub(crate) async fn blocking<T: Send + 'static>(
    doing: &'static str,
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, StageError> {
    tokio::task::spawn_blocking(work)
        .await
        .map_err(StageError::bug(doing))
}
