//! Requests as the services document them, and the client against servers that misbehave.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stderr,
    reason = "its helpers fail the test, or say that it is skipped"
)]

mod credentials;
mod discovery;
mod faults;
mod requests;
mod services;
mod support;
mod workflow;
