//! What the system says of a worker's process. Everything is best effort: where the system doesn't
//! say, tasks run all the same.

use std::fs;
use std::io::Write as _;

use crate::record::{field, meminfo_mib};

/// Memory in MiB that a process holds now.
pub(super) fn memory_mib(process: u32) -> Option<f64> {
    let text = field(&format!("/proc/{process}/status"), "VmRSS")?;
    let kib: f64 = text.split_whitespace().next()?.parse().ok()?;
    Some(kib / 1024.0)
}

/// Forgets the most memory that a process has held, so that the next peak is the next task's.
pub(super) fn reset_peak(process: u32) {
    set(&format!("/proc/{process}/clear_refs"), "5");
}

/// Makes the system, when it runs out of memory, end a worker rather than the orchestrator.
pub(super) fn prefer_as_victim(process: u32) {
    set(&format!("/proc/{process}/oom_score_adj"), "500");
}

/// How many processes this system has ended because memory ran out.
pub(super) fn oom_kills() -> Option<u64> {
    let text = fs::read_to_string("/proc/vmstat").ok()?;
    text.lines()
        .find_map(|line| line.strip_prefix("oom_kill "))
        .and_then(|count| count.trim().parse().ok())
}

/// Memory in MiB that tasks may use: what is available now on the machine, and below the limit of
/// the container.
pub(super) fn available_mib() -> Option<f64> {
    let machine = meminfo_mib("MemAvailable").map(|mib| mib as f64);
    let container = container_limit_mib();
    match (machine, container) {
        (Some(machine), Some(container)) => Some(machine.min(container)),
        (one, other) => one.or(other),
    }
}

/// What is left below the limit of the control group, if there is one.
fn container_limit_mib() -> Option<f64> {
    let read = |name: &str| -> Option<f64> {
        let text = fs::read_to_string(format!("/sys/fs/cgroup/{name}")).ok()?;
        text.trim().parse().ok()
    };
    let left = read("memory.max")? - read("memory.current")?;
    Some(left.max(0.0) / f64::from(1 << 20))
}

fn set(file: &str, value: &str) {
    let opened = fs::OpenOptions::new().write(true).open(file);
    let _ = opened.and_then(|mut file| file.write_all(value.as_bytes()));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[cfg(target_os = "linux")]
    fn the_system_says_what_a_process_holds() {
        assert!(memory_mib(std::process::id()).unwrap() > 1.0);
        assert!(available_mib().unwrap() > 1.0);
        assert_eq!(memory_mib(u32::MAX), None);
    }
}
