//! A user's configuration: layers of YAML files and variables, merged and typed.
//!
//! [`Configuration::load`] is what commands use; [`Inspection::read`] tells what was found, right or
//! wrong; [`keys`] is the table of keys.

mod configuration;
mod error;
mod file;
mod folder;
mod inspection;
mod key;
mod layer;
mod permissions;
mod reader;
mod selection;
#[cfg(test)]
mod tests;
mod value;
mod values;
mod variables;

pub use configuration::Configuration;
pub use error::UserConfigError;
pub use file::ProfileMetadata;
pub use folder::{ConfigFolder, LayerName};
pub use inspection::Inspection;
pub use key::{Key, KeyKind, keys};
pub use selection::Selection;
pub use values::{
    BatchConfig, DockerConfig, EngineConfig, GithubConfig, GoogleCloudConfig, LoggingConfig,
    NotificationConfig, RetryPolicyConfig, StageResources, StorageConfig, UserConfig,
    WorkflowConfig,
};
