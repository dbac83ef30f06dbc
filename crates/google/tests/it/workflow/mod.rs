//! The deployed workflow, run step by step in an emulator against services on this machine.

mod arguments;
mod ends;
mod jobs;
mod lab;
mod trouble;
