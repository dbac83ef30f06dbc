//! Processes that are killed at any moment.

use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};
use std::thread;
use std::time::Duration;

/// The line by which a child says that its work has begun.
const READY: &str = "ready";

/// The variable that says how often tests kill.
const KILLS: &str = "EPYCLOUD_SOAK_KILLS";

/// How often tests kill: 10 times, or as the environment variable `EPYCLOUD_SOAK_KILLS` says.
#[must_use]
pub fn kills() -> u32 {
    std::env::var(KILLS)
        .ok()
        .and_then(|text| text.parse().ok())
        .unwrap_or(10)
}

/// Starts a child, waits until it prints the line `ready`, lets it work for a while that differs
/// from time to time (up to `longest`), kills it (SIGKILL) and gives `check` the lines it printed
/// after that one; all of this `times` times.
///
/// # Errors
///
/// When a child can't be started or ends before it is ready.
pub fn kill_repeatedly(
    times: u32,
    longest: Duration,
    mut child: impl FnMut() -> Command,
    mut check: impl FnMut(u32, Vec<String>),
) -> std::io::Result<()> {
    for time in 0..times {
        let mut process = child()
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()?;
        let Some(output) = process.stdout.take() else {
            return Err(std::io::Error::other("the child has no output"));
        };
        let mut lines = BufReader::new(output).lines();
        // What stands before it is the test runner's own.
        let ready = lines
            .by_ref()
            .map_while(Result::ok)
            .any(|line| line == READY);
        if !ready {
            let status = process.wait()?;
            return Err(std::io::Error::other(format!(
                "the child was never ready: {status}"
            )));
        }
        let reader = thread::spawn(move || lines.map_while(Result::ok).collect());
        thread::sleep(moment(time, times, longest));
        process.kill()?;
        process.wait()?;
        let lines: Vec<String> = reader
            .join()
            .map_err(|_| std::io::Error::other("reading the child's output failed"))?;
        check(time, lines);
    }
    Ok(())
}

/// Moments spread over the whole span, in an order without a pattern (the golden ratio's).
fn moment(time: u32, times: u32, longest: Duration) -> Duration {
    let golden = 0.618_033_988_749_895;
    let spread = if times > 1 {
        f64::from(time) * golden
    } else {
        0.5
    };
    longest.mul_f64(spread.fract())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_child_is_killed_and_its_lines_are_read() {
        let child = || {
            let mut command = Command::new("sh");
            command.args(["-c", "echo before; echo ready; echo after; exec sleep 60"]);
            command
        };
        let mut seen = 0;
        kill_repeatedly(2, Duration::from_millis(200), child, |_, lines| {
            assert!(lines.is_empty() || lines == ["after"]);
            seen += 1;
        })
        .unwrap();
        assert_eq!(seen, 2);
    }

    #[test]
    fn a_child_that_is_never_ready_is_an_error() {
        let child = || Command::new("true");
        assert!(kill_repeatedly(1, Duration::ZERO, child, |_, _| {}).is_err());
    }
}
