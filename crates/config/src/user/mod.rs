//! A user's configuration: layers of YAML files and variables, merged and typed.
//!
//! [`Configuration::load`] is what commands use; [`Inspection::read`] tells what was found, right or
//! wrong; [`keys`] is the table of keys.

mod configuration;
mod edit;
mod error;
mod file;
mod folder;
mod inspection;
mod key;
mod layer;
mod permissions;
mod profile;
mod reader;
mod selection;
mod templates;
#[cfg(test)]
mod tests;
mod text;
mod value;
mod values;
mod variables;

pub use configuration::Configuration;
pub use edit::{EditError, set_value};
pub use error::UserConfigError;
pub use file::ProfileMetadata;
pub use folder::{ConfigFolder, LayerName};
pub use inspection::Inspection;
pub use key::{Key, KeyKind, keys};
pub use profile::Profile;
pub use selection::Selection;
pub use templates::{CONFIG_TEMPLATE, SECRETS_TEMPLATE, environment_template, profile_template};
pub use values::{
    BatchConfig, DockerConfig, EngineConfig, GithubConfig, GoogleCloudConfig, LoggingConfig,
    NotificationConfig, RetryPolicyConfig, StageResources, StorageConfig, UserConfig,
    WorkflowConfig,
};
