//! A worker's log: told as it comes, its last lines kept for when a task fails.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::ChildStderr;

use crate::event::{Event, Observer};

/// How many of a task's last log lines are kept, for when it fails.
const KEPT_LINES: usize = 40;

/// The lines that are kept, shared with the one who reads them.
pub(super) type Lines = Arc<Mutex<VecDeque<String>>>;

/// Reads lines until the stream ends.
pub(super) async fn read_log(
    stderr: BufReader<ChildStderr>,
    log: Lines,
    observer: Arc<dyn Observer>,
) {
    let mut lines = stderr.lines();
    while let Ok(Some(line)) = lines.next_line().await {
        observer.notify(&Event::Log { line: line.clone() });
        keep(&mut lock(&log), &line);
    }
}

/// Keeps the last lines, but the first ones of Python's report on a crash: those say what it was
/// and where.
fn keep(kept: &mut VecDeque<String>, line: &str) {
    const CRASH: &str = "Fatal Python error";
    // Between the report's lines; hundreds of names of modules at its end.
    if line.trim().is_empty() || line.starts_with("Extension modules: ") {
        return;
    }
    if line.starts_with(CRASH) {
        kept.clear();
    }
    if kept.len() == KEPT_LINES {
        if kept[0].starts_with(CRASH) {
            return;
        }
        kept.pop_front();
    }
    kept.push_back(line.trim().to_owned());
}

/// The lines but those that name another task.
pub(super) fn lines_of(task: u32, lines: &[String]) -> Vec<String> {
    let is_anothers = |line: &&String| {
        let named = line
            .split_once("[Task ")
            .and_then(|(_, rest)| rest.split_once(']'))
            .and_then(|(index, _)| index.parse().ok());
        named.is_some_and(|named: u32| named != task)
    };
    let kept = lines.iter().filter(|line| !is_anothers(line));
    kept.cloned().collect()
}

/// The lines, whoever else has panicked.
pub(super) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kept(lines: &[&str]) -> Vec<String> {
        let mut kept = VecDeque::new();
        for line in lines {
            keep(&mut kept, line);
        }
        kept.into()
    }

    #[test]
    fn the_last_lines_are_kept() {
        let lines: Vec<String> = (0..KEPT_LINES + 10).map(|n| n.to_string()).collect();
        let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
        assert_eq!(kept(&lines), lines[10..]);
    }

    #[test]
    fn lines_of_other_tasks_are_left_out() {
        let lines = ["runner INFO [Task 3] a", "runner INFO [Task 4] b", "c"].map(str::to_owned);
        assert_eq!(lines_of(4, &lines), lines[1..]);
    }

    #[test]
    fn of_a_crash_in_python_its_beginning_is_kept() {
        let mut lines = vec!["a line before", "Fatal Python error: Aborted", ""];
        lines.push("Current thread 0x01 (most recent call first):");
        lines.extend(["  File \"a.py\", line 1 in f"; KEPT_LINES]);
        lines.push("Extension modules: numpy (total: 1)");
        let kept = kept(&lines);
        assert_eq!(kept.len(), KEPT_LINES);
        assert_eq!(kept[0], "Fatal Python error: Aborted");
        assert_eq!(kept[2], "File \"a.py\", line 1 in f");
    }
}
