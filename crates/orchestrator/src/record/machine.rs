//! The machine that a run is on, and whether one of its processes still lives.

use std::fs;

use serde::{Deserialize, Serialize};

/// A machine, as far as it may matter to somebody who repeats a run on another.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Machine {
    /// Its name.
    pub host: String,
    /// Operating system.
    pub os: String,
    /// Kind of processor.
    pub architecture: String,
    /// Model of the processor, where that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub processor: Option<String>,
    /// Processors that this process may use.
    pub cores: usize,
    /// Its memory in MiB, where that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub memory_mib: Option<u64>,
}

impl Machine {
    /// This machine.
    #[must_use]
    pub fn here() -> Self {
        Self {
            host: host(),
            os: std::env::consts::OS.to_owned(),
            architecture: std::env::consts::ARCH.to_owned(),
            processor: field("/proc/cpuinfo", "model name"),
            cores: std::thread::available_parallelism().map_or(1, usize::from),
            memory_mib: meminfo_mib("MemTotal"),
        }
    }
}

/// A process, told apart from a later one of the same number.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProcessName {
    /// Its machine.
    pub host: String,
    /// Its number there.
    pub id: u32,
    /// When the machine was started and the process after that, where the system says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub since: Option<String>,
}

impl ProcessName {
    /// This process.
    #[must_use]
    pub fn this() -> Self {
        let id = std::process::id();
        Self {
            host: host(),
            id,
            since: since(id),
        }
    }

    /// Whether it still runs; `None` when it is on another machine, or the system doesn't say.
    #[must_use]
    pub fn is_alive(&self) -> Option<bool> {
        let since_then = self.since.as_ref()?;
        (self.host == host()).then(|| since(self.id).as_ref() == Some(since_then))
    }
}

fn host() -> String {
    rustix::system::uname()
        .nodename()
        .to_string_lossy()
        .into_owned()
}

/// The machine's boot and the process's start after it, in clock ticks. A process that has ended
/// and waits for its parent to notice counts as ended.
fn since(process: u32) -> Option<String> {
    let boot = fs::read_to_string("/proc/sys/kernel/random/boot_id").ok()?;
    let stat = fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
    // The name in parentheses may have spaces and parentheses itself.
    let mut fields = stat.rsplit(')').next()?.split_whitespace();
    let state = fields.next()?;
    let start = fields.nth(18)?;
    (!matches!(state, "Z" | "X")).then(|| format!("{}/{start}", boot.trim()))
}

/// A field of `/proc/meminfo` in MiB.
pub(crate) fn meminfo_mib(name: &str) -> Option<u64> {
    let text = field("/proc/meminfo", name)?;
    let kib: u64 = text.split_whitespace().next()?.parse().ok()?;
    Some(kib >> 10)
}

/// The first `name: value` of a file of the system's.
pub(crate) fn field(file: &str, name: &str) -> Option<String> {
    let text = fs::read_to_string(file).ok()?;
    text.lines().find_map(|line| {
        let (key, value) = line.split_once(':')?;
        (key.trim() == name).then(|| value.trim().to_owned())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[cfg(target_os = "linux")]
    fn this_process_lives_and_another_of_its_number_does_not() {
        let this = ProcessName::this();
        assert_eq!(this.is_alive(), Some(true));
        let earlier = ProcessName {
            since: Some("another boot/1".into()),
            ..this.clone()
        };
        assert_eq!(earlier.is_alive(), Some(false));
        let elsewhere = ProcessName {
            host: "elsewhere".into(),
            ..this
        };
        assert_eq!(elsewhere.is_alive(), None);
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn the_machine_is_described() {
        let machine = Machine::here();
        assert!(!machine.host.is_empty());
        assert!(machine.cores > 0);
        assert!(machine.memory_mib > Some(16));
    }
}
