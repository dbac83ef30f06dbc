//! What a stage in the cloud meets besides its bucket: a git server, the metadata server of its
//! machine, Secret Manager; and what is in its repository.

mod forecast;
mod git;
mod machine;

pub use forecast::forecast_of;
pub use git::GitServer;
pub use machine::Machine;
