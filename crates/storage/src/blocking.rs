//! Work that would hold up other tasks.

use std::cell::Cell;

thread_local! {
    static MAY_BLOCK: Cell<bool> = const { Cell::new(false) };
}

/// Says that this thread serves nobody else. What blocks (the disk, compressing) is done right on
/// it from now on: handing it to another thread and back takes longer than reading a small file.
pub fn block_here() {
    MAY_BLOCK.set(true);
}

/// Whether this thread serves nobody else.
#[must_use]
pub fn may_block() -> bool {
    MAY_BLOCK.get()
}

/// Runs it on the runtime's blocking threads, or right here where there is no runtime or nobody is
/// held up.
///
/// The work is finished even if the caller stops waiting for it.
pub(crate) async fn run<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, tokio::task::JoinError> {
    match tokio::runtime::Handle::try_current() {
        Ok(runtime) if !may_block() => runtime.spawn_blocking(work).await,
        _ => Ok(work()),
    }
}
