//! Requests as the services document them, and the client against servers that misbehave.
#![expect(clippy::unwrap_used, reason = "its helpers fail the test")]

mod credentials;
mod faults;
mod requests;
mod services;
mod support;
mod workflow;
