//! Asking a run to stop: gently at first, at once the second time.

use epycloud_stages::engine::StopSignal;
use tokio::sync::watch;

/// How urgently a run is to stop.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
enum Urgency {
    #[default]
    None,
    /// Once the tasks that run have ended.
    AfterTasks,
    AtOnce,
}

/// A handle by which a run is asked to stop. Clones ask the same run.
#[derive(Debug, Clone)]
pub struct Stop(watch::Sender<(Urgency, Option<StopSignal>)>);

impl Default for Stop {
    fn default() -> Self {
        Self(watch::Sender::new((Urgency::None, None)))
    }
}

impl Stop {
    /// Begins no more tasks, and stops once those that run have ended. Stages A and C stop at
    /// once.
    pub fn after_tasks(&self, signal: StopSignal) {
        self.ask(Urgency::AfterTasks, signal);
    }

    /// Ends the tasks that run, and stops.
    pub fn at_once(&self, signal: StopSignal) {
        self.ask(Urgency::AtOnce, signal);
    }

    fn ask(&self, urgency: Urgency, signal: StopSignal) {
        self.0.send_modify(|state| {
            if urgency > state.0 {
                *state = (urgency, Some(signal));
            }
        });
    }

    /// Why the run is to stop, if it is.
    #[must_use]
    pub fn signal(&self) -> Option<StopSignal> {
        self.0.borrow().1
    }

    /// Whether it is asked for at once.
    pub(crate) fn is_urgent(&self) -> bool {
        self.0.borrow().0 == Urgency::AtOnce
    }

    /// Waits until it is asked for, gently or not.
    pub(crate) async fn asked(&self) -> StopSignal {
        self.wait(Urgency::AfterTasks).await
    }

    /// Waits until it is asked for at once.
    pub(crate) async fn urgent(&self) -> StopSignal {
        self.wait(Urgency::AtOnce).await
    }

    async fn wait(&self, urgency: Urgency) -> StopSignal {
        let mut receiver = self.0.subscribe();
        let signal = receiver.wait_for(|state| state.0 >= urgency).await;
        match signal.ok().and_then(|state| state.1) {
            Some(signal) => signal,
            // The sender is `self`; it can't be gone.
            None => std::future::pending().await,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_second_time_is_urgent_and_the_first_is_not_taken_back() {
        let stop = Stop::default();
        assert_eq!(stop.signal(), None);
        stop.after_tasks(StopSignal::Interrupt);
        assert_eq!(stop.asked().await, StopSignal::Interrupt);
        stop.at_once(StopSignal::Terminate);
        stop.after_tasks(StopSignal::Interrupt);
        assert_eq!(stop.urgent().await, StopSignal::Terminate);
    }
}
