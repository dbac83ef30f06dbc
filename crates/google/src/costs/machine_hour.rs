//! What an hour of a stage's machine costs.

use epycloud_config::Region;

use super::dollars::Dollars;
use super::prices::{Prices, Rate};
use crate::batch::{Machine, Provisioning};
use crate::machine_types::{MachineType, MachineTypes};

/// The family that Batch takes a machine from where none is asked for.
///
/// Source: <https://discuss.google.dev/t/batch-how-to-choose-machine-type/109594>
const CHOSEN_BY_BATCH: &str = "e2";
/// Machine types that share a processor, which the prices of a whole one don't fit.
const SHARED: [&str; 5] = ["e2-micro", "e2-small", "e2-medium", "f1-micro", "g1-small"];

/// A machine that can't be priced.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NoPrice {
    /// The tables don't have it, in that region or at all.
    #[error("no list price of machine type `{machine_type}` in region `{region}` is known")]
    Unknown {
        /// The machine type.
        machine_type: String,
        /// The region.
        region: String,
    },
    /// None is asked for, and none that Batch would take is large enough.
    #[error("no machine that Batch would choose has {cpu_milli} mCPU and {memory_mib} MiB")]
    TooLarge {
        /// What a task asks for.
        cpu_milli: u64,
        /// What a task asks for.
        memory_mib: u64,
    },
}

/// What an hour of a machine costs, and what of it a task does.
#[derive(Debug, Clone, PartialEq)]
pub struct MachineHour {
    /// The machine's type.
    pub machine_type: String,
    /// Whether Batch chooses it, and would probably choose this one.
    pub is_guess: bool,
    /// How it is paid for.
    pub provisioning: Provisioning,
    /// Tasks that run on it at the same time.
    pub tasks_at_once: u32,
    /// The whole machine, its disk included.
    pub price: Dollars,
}

impl MachineHour {
    /// Of the machine of a stage, with at most `task_count_per_node` tasks on it. Where Batch
    /// chooses, it is taken to choose the cheapest of its usual family that a task fits on.
    ///
    /// # Errors
    ///
    /// [`NoPrice`] where the tables don't say.
    pub fn of(
        machine: &Machine,
        task_count_per_node: u32,
        provisioning: Provisioning,
        region: &Region,
        types: &MachineTypes,
        prices: &Prices,
    ) -> Result<Self, NoPrice> {
        let rate = |name: &str| rate(name, provisioning, region, prices);
        let (whole, rate) = match &machine.machine_type {
            Some(name) => types
                .find(name)
                .ok()
                .and_then(|whole| Some((whole, rate(name)?)))
                .ok_or_else(|| NoPrice::Unknown {
                    machine_type: name.clone(),
                    region: region.to_string(),
                })?,
            None => types
                .iter()
                .filter(|whole| family(&whole.name) == Some(CHOSEN_BY_BATCH))
                .filter(|whole| fits(machine, whole))
                .filter_map(|whole| Some((whole, rate(&whole.name)?)))
                .min_by(|(one, by), (other, at)| by.of(one).0.total_cmp(&at.of(other).0))
                .ok_or(NoPrice::TooLarge {
                    cpu_milli: machine.cpu_milli,
                    memory_mib: machine.memory_mib,
                })?,
        };
        Ok(Self {
            machine_type: whole.name.clone(),
            is_guess: machine.machine_type.is_none(),
            provisioning,
            tasks_at_once: tasks_at_once(machine, whole).clamp(1, task_count_per_node.max(1)),
            price: rate.of(whole) + prices.disk(),
        })
    }

    /// What of it a task costs.
    #[must_use]
    pub fn task(&self) -> Dollars {
        self.price / f64::from(self.tasks_at_once)
    }
}

impl Rate {
    fn of(&self, whole: &MachineType) -> Dollars {
        self.vcpu * (whole.cpu_milli as f64 / 1_000.0)
            + self.gib * (whole.memory_mib as f64 / 1_024.0)
    }
}

fn rate(
    machine_type: &str,
    provisioning: Provisioning,
    region: &Region,
    prices: &Prices,
) -> Option<Rate> {
    if SHARED.contains(&machine_type) {
        return None;
    }
    prices.rate(region, family(machine_type)?, provisioning)
}

fn family(machine_type: &str) -> Option<&str> {
    machine_type.split_once('-').map(|(family, _)| family)
}

const fn fits(task: &Machine, whole: &MachineType) -> bool {
    task.cpu_milli <= whole.cpu_milli && task.memory_mib <= whole.memory_mib
}

/// How many tasks a machine has room for.
fn tasks_at_once(task: &Machine, whole: &MachineType) -> u32 {
    let by_cpu = whole.cpu_milli / task.cpu_milli.max(1);
    let by_memory = whole.memory_mib / task.memory_mib.max(1);
    u32::try_from(by_cpu.min(by_memory)).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    const TYPES: &str = "# Date: 2026-01-02.\nx-big-4,4000,16384\nx-odd-2,2000,1024\ne2-standard-2,2000,8192\n\
        e2-highcpu-2,2000,2048\ne2-standard-4,4000,16384\ne2-medium,2000,4096\n";
    /// A disk adds 50 GiB at 0.10 a month: 0.00685 an hour.
    const PRICES: &str =
        "# Date: 2026-01-02.\na-b1,x,1,0.5,0.25,0.125\na-b1,e2,0.5,0.25,0.1,0.05\n";

    fn machine(machine_type: Option<&str>, cpu_milli: u64, memory_mib: u64) -> Machine {
        Machine {
            machine_type: machine_type.map(str::to_owned),
            cpu_milli,
            memory_mib,
            max_run_secs: 3_600,
        }
    }

    fn hour(machine: &Machine, per_node: u32, how: Provisioning) -> Result<MachineHour, NoPrice> {
        let types = MachineTypes::parse(TYPES).unwrap();
        let prices = Prices::parse(PRICES).unwrap();
        MachineHour::of(
            machine,
            per_node,
            how,
            &"a-b1".parse().unwrap(),
            &types,
            &prices,
        )
    }

    fn is_about(amount: Dollars, expected: f64) -> bool {
        (amount.0 - expected).abs() < 1e-9
    }

    #[test]
    fn a_machine_costs_its_processors_its_memory_and_its_disk() {
        let disk = 5.0 / 730.0;
        let whole = machine(Some("x-big-4"), 4_000, 16_384);
        let standard = hour(&whole, 8, Provisioning::Standard).unwrap();
        assert!(is_about(standard.price, 4.0 + 16.0 * 0.5 + disk));
        assert_eq!((standard.tasks_at_once, standard.is_guess), (1, false));
        let spot = hour(&whole, 8, Provisioning::Spot).unwrap();
        assert!(is_about(spot.price, 4.0 * 0.25 + 16.0 * 0.125 + disk));
    }

    #[test]
    fn tasks_share_a_machine_as_far_as_they_may_and_fit() {
        let tasks = |cpu, memory, per_node| {
            let task = machine(Some("x-big-4"), cpu, memory);
            hour(&task, per_node, Provisioning::Standard)
                .unwrap()
                .tasks_at_once
        };
        assert_eq!(tasks(1_000, 1_024, 8), 4);
        assert_eq!(tasks(1_000, 1_024, 2), 2);
        assert_eq!(tasks(1_000, 8_192, 8), 2);
        assert_eq!(tasks(9_000, 1_024, 8), 1, "Batch trusts that it was meant");
        assert_eq!(tasks(0, 0, 0), 1);
        let shared = hour(
            &machine(Some("x-big-4"), 1_000, 4_096),
            8,
            Provisioning::Standard,
        );
        let shared = shared.unwrap();
        assert!(is_about(shared.task(), shared.price.0 / 4.0));
    }

    #[test]
    fn where_batch_chooses_the_cheapest_that_fits_is_taken() {
        let chosen = |cpu, memory| {
            let hour = hour(&machine(None, cpu, memory), 1, Provisioning::Standard).unwrap();
            assert!(hour.is_guess);
            hour.machine_type
        };
        assert_eq!(chosen(2_000, 2_048), "e2-highcpu-2");
        // e2-medium would do, but has no price of its own.
        assert_eq!(chosen(2_000, 4_096), "e2-standard-2");
        assert_eq!(chosen(2_001, 4_096), "e2-standard-4");
        let error = hour(&machine(None, 2_000, 99_999), 1, Provisioning::Standard).unwrap_err();
        assert_eq!(
            error.to_string(),
            "no machine that Batch would choose has 2000 mCPU and 99999 MiB"
        );
    }

    #[test]
    fn what_has_no_price_is_said() {
        for name in ["y-big-4", "x-new-9", "e2-medium"] {
            let error = hour(&machine(Some(name), 1, 1), 1, Provisioning::Standard).unwrap_err();
            assert_eq!(
                error.to_string(),
                format!("no list price of machine type `{name}` in region `a-b1` is known")
            );
        }
    }
}
