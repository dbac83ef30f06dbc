//! Time, CPU and memory of a stage.

use std::time::Instant;

use jiff::Timestamp;
use nix::sys::resource::{Usage, UsageWho, getrusage};
use nix::sys::time::TimeValLike;

use super::{Resources, Times};

/// The system's unit for the peak of memory: KiB, but bytes on Apple's systems.
const PEAK_UNITS_PER_MIB: f64 = if cfg!(target_vendor = "apple") {
    1024.0 * 1024.0
} else {
    1024.0
};

/// Runs from a stage's start to its end.
///
/// CPU time is what the process used since the start, because a worker runs one task after the
/// other; the peak of memory is the process's since it began, which is all the system keeps.
#[derive(Debug, Clone)]
pub(crate) struct Clock {
    start: Timestamp,
    instant: Instant,
    user_secs: f64,
    system_secs: f64,
}

impl Clock {
    pub(crate) fn start() -> Self {
        let (user_secs, system_secs, _) = usage();
        Self {
            start: Timestamp::now(),
            instant: Instant::now(),
            user_secs,
            system_secs,
        }
    }

    pub(crate) fn started(&self) -> Timestamp {
        self.start
    }

    pub(crate) fn elapsed_secs(&self) -> f64 {
        self.instant.elapsed().as_secs_f64()
    }

    /// Times and resources up to now. The end is the start plus what a clock that is never set
    /// back has measured.
    pub(crate) fn read(&self) -> (Times, Resources) {
        let elapsed = self.instant.elapsed();
        let end = self.start.checked_add(elapsed).unwrap_or(self.start);
        let (user_secs, system_secs, peak_mib) = usage();
        let times = Times {
            start_time: Some(timestamp(self.start)),
            end_time: Some(timestamp(end)),
            duration_seconds: Some(elapsed.as_secs_f64()),
            peak_memory_mb: Some(peak_mib),
        };
        let resources = Resources {
            peak_memory_mb: Some(peak_mib),
            cpu_time_user_seconds: Some(user_secs - self.user_secs),
            cpu_time_system_seconds: Some(system_secs - self.system_secs),
        };
        (times, resources)
    }
}

/// A time as summaries have it: RFC 3339, UTC, microseconds.
pub(crate) fn timestamp(time: Timestamp) -> String {
    format!("{time:.6}")
}

/// The process's CPU seconds in user mode and in the kernel, and its peak of memory in MiB.
fn usage() -> (f64, f64, f64) {
    let read = |usage: Usage| {
        (
            usage.user_time().num_microseconds() as f64 / 1e6,
            usage.system_time().num_microseconds() as f64 / 1e6,
            usage.max_rss() as f64 / PEAK_UNITS_PER_MIB,
        )
    };
    getrusage(UsageWho::RUSAGE_SELF).map_or((0.0, 0.0, 0.0), read)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_measures_time_and_memory() {
        let clock = Clock::start();
        std::thread::sleep(std::time::Duration::from_millis(5));
        let (times, resources) = clock.read();
        assert!(times.duration_seconds.unwrap() >= 0.005);
        assert!(times.end_time > times.start_time);
        assert!(resources.peak_memory_mb.unwrap() > 1.0);
        assert!(resources.cpu_time_user_seconds.unwrap() >= 0.0);
    }

    #[test]
    fn timestamps_are_utc_with_microseconds() {
        let time: Timestamp = "2026-01-05T12:00:00.1234567+02:00".parse().unwrap();
        assert_eq!(timestamp(time), "2026-01-05T10:00:00.123456Z");
    }
}
