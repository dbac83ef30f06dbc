//! Malformed experiments, each with the message its author gets to see.
//!
//! A case is a valid experiment with some text replaced. The messages stand in the snapshots,
//! where they are read as a user reads them: where, what was found, what was expected, what to do.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "its helpers fail the test"
)]

mod accepted;
mod folders;
mod mutations;
mod support;
mod surroundings;
mod syntax;
mod transitions;
