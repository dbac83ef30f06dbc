//! The built binary, end to end, on copies of a small forecast repository.

mod check;
mod environments;
mod generations;
mod kills;
mod lessons;
mod pipeline;
mod refusals;
mod results;
mod signals;
mod support;
mod worker;
