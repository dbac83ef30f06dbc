//! The built binary, end to end, on copies of a small forecast repository.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stderr,
    reason = "helpers of tests"
)]

mod check;
mod environments;
mod generations;
mod kills;
mod lessons;
mod pipeline;
mod privileges;
mod refusals;
mod results;
mod signals;
mod support;
mod worker;
