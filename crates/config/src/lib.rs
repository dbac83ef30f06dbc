//! What a run is told: identifiers, settings from the environment, the experiment's files.
//!
//! Identifiers are types that only safe text becomes; settings know where they are from, and what
//! is wrong with them is said all at once.
//!
//! ```
//! use epycloud_config::{Environment, ExpId, RuntimeSettings};
//!
//! assert!("../elsewhere".parse::<ExpId>().is_err());
//!
//! let environment = Environment::from_pairs([("EXECUTION_MODE", "local"), ("NUM_TASKS", "many")]);
//! let errors = RuntimeSettings::from_environment(&environment).unwrap_err();
//! assert_eq!(
//!     errors.to_string(),
//!     "NUM_TASKS: `many` is not a number of tasks; expected a whole number from 1 to 4294967295"
//! );
//! ```

mod choices;
mod discovery;
mod fault;
mod github_server;
mod google;
mod identifier;
mod local_project;
mod run_as;
mod settings;
mod shown;
pub mod user;
pub mod yaml;

pub use choices::{
    ArtifactTrust, EngineName, ExecutionMode, LogLevel, Stage, SuiteBehaviour, UnknownChoice,
};
pub use discovery::{
    DiscoveryError, ExperimentFiles, Modelset, ModelsetKind, Survey, discover, experiment_ids,
};
pub use fault::{Fault, Severity};
pub use github_server::{GithubServer, GithubServerError};
pub use google::{CredentialsSource, GoogleEndpoint, GoogleEndpointError, GoogleSettings};
pub use identifier::{
    BillingLabel, BucketName, CommitId, DirPrefix, EmailAddress, ExpId, FileName, GitRef,
    GithubRepository, IdentifierError, ImageName, ImageTag, MachineType, NetworkName, ProjectId,
    Region, Registry, RunId, SecretName, TaskIndex,
};
pub use local_project::LocalProject;
pub use run_as::{RunAs, RunAsError};
pub use settings::{
    Environment, Group, RuntimeSettings, Setting, SettingError, SettingLine, SettingsErrors,
    Source, Variable, variables,
};
