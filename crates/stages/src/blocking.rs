//! Work that takes long, away from the thread that serves everything else.

use tracing::Span;

use crate::error::StageError;

/// Runs it on a thread of its own, in the same span of the log; a panic there is an error here.
pub(crate) async fn blocking<T: Send + 'static>(
    doing: &'static str,
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, StageError> {
    let span = Span::current();
    tokio::task::spawn_blocking(move || span.in_scope(work))
        .await
        .map_err(StageError::bug(doing))
}
