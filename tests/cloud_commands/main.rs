//! The commands over Google Cloud as a user runs them: the built binary against a server that plays
//! Google's services.
#![expect(clippy::unwrap_used, reason = "its helpers fail the test")]

#[path = "../support/at_home.rs"]
mod at_home;
mod buckets;
mod builds;
mod checks;
mod costs;
mod executions;
mod forecasts;
#[path = "../support/help.rs"]
mod help;
mod lab;
mod logs;
mod machines;
mod options;
#[path = "../support/ran.rs"]
mod ran;
mod run;
#[cfg(unix)]
mod secrets;
mod status;
mod waiting;
