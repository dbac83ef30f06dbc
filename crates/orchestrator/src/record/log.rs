//! The log of a run's stages, kept with the run: lines as the stages write them for people.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use epycloud_config::Stage;

/// Lines that wait at most; whoever writes more in a moment loses the rest, and the log says so.
const MOST: usize = 100_000;
/// What stands for the stage in lines of a process that runs several.
const PROGRAM: &str = " epycloud ";

/// Where lines are handed in that are to be kept with the run. Cheap to clone; what is handed in
/// while nobody keeps it is dropped.
#[derive(Debug, Clone, Default)]
pub struct LogTap(Arc<Mutex<Waiting>>);

#[derive(Debug, Default)]
struct Waiting {
    is_kept: bool,
    stage: Option<Stage>,
    lines: Vec<String>,
    dropped: u64,
}

impl LogTap {
    /// Hands in what a stage in this process has logged.
    pub fn line(&self, line: &str) {
        let mut waiting = self.lock();
        let line = match waiting.stage {
            Some(stage) => line.replacen(PROGRAM, &format!(" {stage} "), 1),
            None => line.to_owned(),
        };
        waiting.push(&line);
    }

    /// Hands in what a worker has logged, which names its stage itself.
    pub(crate) fn of_worker(&self, line: &str) {
        self.lock().push(line);
    }

    /// That somebody keeps the lines from now on, or no longer does.
    pub(crate) fn keep(&self, is_kept: bool) {
        self.lock().is_kept = is_kept;
    }

    /// The stage that this process is at.
    pub(crate) fn enter(&self, stage: Option<Stage>) {
        self.lock().stage = stage;
    }

    /// Takes what waits, each line with its end; nothing if nothing does.
    pub(crate) fn take(&self) -> Option<String> {
        let mut waiting = self.lock();
        let dropped = std::mem::take(&mut waiting.dropped);
        let lines = std::mem::take(&mut waiting.lines);
        drop(waiting);
        if lines.is_empty() && dropped == 0 {
            return None;
        }
        let mut text = lines.join("\n");
        if dropped > 0 {
            text.push_str(&format!("\n    {dropped} lines came too fast and are lost"));
        }
        text.push('\n');
        Some(text)
    }

    fn lock(&self) -> MutexGuard<'_, Waiting> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Waiting {
    fn push(&mut self, line: &str) {
        if !self.is_kept {
            return;
        }
        if self.lines.len() >= MOST {
            self.dropped += 1;
        } else {
            self.lines.push(line.trim_end().to_owned());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_of_this_process_are_the_stage_s() {
        let tap = LogTap::default();
        tap.line("nobody keeps it");
        tap.keep(true);
        tap.enter(Some(Stage::Builder));
        tap.line("2026-01-05 12:00:00 epycloud INFO built\n");
        tap.of_worker("2026-01-05 12:00:01 runner INFO [Task 3] ran");
        assert_eq!(
            tap.take().as_deref(),
            Some(
                "2026-01-05 12:00:00 builder INFO built\n\
                 2026-01-05 12:00:01 runner INFO [Task 3] ran\n"
            )
        );
        assert_eq!(tap.take(), None);
    }

    #[test]
    fn what_comes_too_fast_is_counted() {
        let tap = LogTap::default();
        tap.keep(true);
        for _ in 0..MOST + 2 {
            tap.of_worker("x");
        }
        assert!(
            tap.take()
                .unwrap()
                .ends_with("2 lines came too fast and are lost\n")
        );
    }
}
