//! The commands over Google Cloud as a user runs them: the built binary against a server that plays
//! Google's services.
#![expect(clippy::unwrap_used, reason = "its helpers fail the test")]

mod builds;
mod costs;
mod executions;
mod lab;
mod logs;
mod machines;
#[path = "../support/ran.rs"]
mod ran;
mod run;
mod secrets;
mod status;
