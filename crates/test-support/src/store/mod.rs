//! Stores that misbehave on demand, and processes that are killed.

mod fault;
mod faulty;
mod kill;
mod plan;
mod upload;

pub use fault::{Fault, Operation};
pub use faulty::FaultStore;
pub use kill::{kill_repeatedly, kills};
pub use plan::{Faults, Injected, Rates, Rule, When};
