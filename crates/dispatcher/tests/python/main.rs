//! The built binary with the python engine, end to end, on the real epydemix and a small modelling
//! suite of our own (`tests/python/suite`).
//!
//! Needs the feature `python` and, in `EPYCLOUD_ORACLE_PYTHON`, a Python with the packages of
//! `tests/oracle/requirements.txt`; says so and passes where there is none.

#![cfg(feature = "python")]
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stderr,
    reason = "helpers of tests"
)]

mod bridges;
mod conformance;
mod failures;
mod inspect;
mod legacy;
mod population;
mod processes;
mod shapes;
mod signals;
mod support;
mod worker;
