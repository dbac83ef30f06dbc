//! The `epycloud` command as a user runs it: the built binary, a forecast repository, its output.

mod failures;
mod project;
mod quickstart;
mod usage;
