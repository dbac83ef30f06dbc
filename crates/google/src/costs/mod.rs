//! What runs cost by Google's list prices: an estimate before they begin, and one from what Batch
//! says of their tasks afterwards.
//!
//! It is never the bill: discounts, taxes, the time that machines take to start and to stop, network,
//! logs and the images' storage aren't in it. Everything here is arithmetic over a table that is
//! compiled in; nobody is asked.
//!
//! ```
//! use epycloud_google::batch::{Machine, Provisioning};
//! use epycloud_google::costs::{MachineHour, Prices};
//! use epycloud_google::machine_types::MachineTypes;
//!
//! let machine = Machine {
//!     machine_type: Some("n2-standard-4".into()),
//!     cpu_milli: 2_000,
//!     memory_mib: 8_192,
//!     max_run_secs: 3_600,
//! };
//! let (types, prices) = (MachineTypes::built_in()?, Prices::built_in()?);
//! let hour = MachineHour::of(&machine, 2, Provisioning::Standard, &"us-central1".parse()?, &types, &prices)?;
//! assert_eq!(hour.tasks_at_once, 2);
//! assert_eq!(hour.task().to_string(), "$0.101");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod dollars;
mod estimate;
mod machine_hour;
mod prices;
mod usage;

pub use dollars::Dollars;
pub use estimate::{Expected, RunEstimate, StageEstimate};
pub use machine_hour::{MachineHour, NoPrice};
pub use prices::{BUCKET_GB_MONTH, InvalidPrices, Prices, Rate};
pub use usage::{JobCost, machine_time};
