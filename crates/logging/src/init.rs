//! Starting the log.

use epycloud_errors::Diagnose;
use jiff::Timestamp;
use tracing::Subscriber;
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::registry::Registry;

use crate::LogOptions;
use crate::layer::LogLayer;

/// The log can't be started.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum LoggingError {
    /// This process logs already.
    #[error("the log of this process has been started already")]
    AlreadyStarted,
}

impl Diagnose for LoggingError {}

/// Logs what the whole process does on standard output.
///
/// # Errors
///
/// When this process logs already.
pub fn init(options: LogOptions) -> Result<(), LoggingError> {
    init_with(options, std::io::stdout)
}

/// Logs what the whole process does to a writer, such as `std::io::stderr`.
///
/// # Errors
///
/// When this process logs already.
pub fn init_with<W>(options: LogOptions, writer: W) -> Result<(), LoggingError>
where
    W: for<'a> MakeWriter<'a> + Send + Sync + 'static,
{
    tracing::subscriber::set_global_default(subscriber(options, writer))
        .map_err(|_| LoggingError::AlreadyStarted)
}

/// A subscriber that logs to a writer. Each event is written with a single call; that writing
/// fails is passed over.
pub fn subscriber<W>(options: LogOptions, writer: W) -> impl Subscriber + Send + Sync
where
    W: for<'a> MakeWriter<'a> + Send + Sync + 'static,
{
    subscriber_at(options, writer, Timestamp::now)
}

/// The same with a clock of the caller's.
#[expect(
    clippy::needless_pass_by_value,
    reason = "as `init`, which keeps nothing of it either"
)]
pub fn subscriber_at<W, C>(
    options: LogOptions,
    writer: W,
    clock: C,
) -> impl Subscriber + Send + Sync
where
    W: for<'a> MakeWriter<'a> + Send + Sync + 'static,
    C: Fn() -> Timestamp + Send + Sync + 'static,
{
    Registry::default().with(LogLayer::new(&options, writer, clock))
}
