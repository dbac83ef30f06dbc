//! HTTP servers on this machine that answer as a test wants, and misbehave when it asks for that.

mod exchange;
mod mischief;
mod server;
mod target;

pub use exchange::{Answer, Asked, Recorded};
pub use mischief::{Mischief, Trouble};
pub use server::{Handler, Server};
pub(crate) use target::decoded;
