//! Work that would hold up other tasks.

/// Runs it on the runtime's blocking threads, or right here where there is no runtime.
///
/// The work is finished even if the caller stops waiting for it.
pub(crate) async fn run<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, tokio::task::JoinError> {
    match tokio::runtime::Handle::try_current() {
        Ok(runtime) => runtime.spawn_blocking(work).await,
        Err(_) => Ok(work()),
    }
}
