//! Being told to stop.

use std::future::pending;

use epycloud_errors::{Diagnose, ExitCode};
use epycloud_stages::engine::StopSignal;
use tokio::signal::unix::{Signal, SignalKind, signal};

/// The signal that stopped a stage.
#[derive(Debug, Clone, Copy, thiserror::Error)]
pub(crate) enum Stopped {
    /// Somebody wants the machine back.
    #[error("stopped by SIGTERM")]
    Terminated,
    /// A user wants it to stop.
    #[error("interrupted")]
    Interrupted,
}

impl From<Stopped> for StopSignal {
    fn from(stopped: Stopped) -> Self {
        match stopped {
            Stopped::Terminated => Self::Terminate,
            Stopped::Interrupted => Self::Interrupt,
        }
    }
}

impl Diagnose for Stopped {
    fn exit_code(&self) -> ExitCode {
        match self {
            Self::Terminated => ExitCode::Temporary,
            Self::Interrupted => ExitCode::Interrupted,
        }
    }

    fn hint(&self) -> Option<String> {
        Some("nothing half-written is left; run the stage again to go on".to_owned())
    }
}

/// Begins to listen for signals to stop, so that none is missed from here on; the future waits for
/// the first, or for ever where signals can't be received. Called in a runtime.
pub(crate) fn listen() -> impl Future<Output = Stopped> {
    let mut terminated = signal(SignalKind::terminate()).ok();
    let mut interrupted = signal(SignalKind::interrupt()).ok();
    async move {
        tokio::select! {
            () = received(&mut terminated) => Stopped::Terminated,
            () = received(&mut interrupted) => Stopped::Interrupted,
        }
    }
}

async fn received(signal: &mut Option<Signal>) {
    match signal {
        Some(signal) => {
            signal.recv().await;
        }
        None => pending().await,
    }
}
