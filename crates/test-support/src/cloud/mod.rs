//! What a stage in the cloud meets besides its bucket: a git server, the metadata server of its
//! machine, Secret Manager.

mod git;
mod machine;

pub use git::GitServer;
pub use machine::Machine;
