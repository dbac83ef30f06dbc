//! What a run is told: identifiers, settings from the environment, the experiment's files.

mod choices;
mod discovery;
mod fault;
mod identifier;
mod local_project;
mod settings;
mod shown;
pub mod yaml;

pub use choices::{
    ArtifactTrust, EngineName, ExecutionMode, LogLevel, Stage, SuiteBehaviour, UnknownChoice,
};
pub use discovery::{DiscoveryError, ExperimentFiles, Modelset, ModelsetKind, discover};
pub use fault::{Fault, Severity};
pub use identifier::{
    BucketName, CommitId, DirPrefix, ExpId, FileName, GitRef, GithubRepository, IdentifierError,
    ProjectId, RunId, SecretName, TaskIndex,
};
pub use local_project::LocalProject;
pub use settings::{
    Environment, Group, RuntimeSettings, Setting, SettingError, SettingLine, SettingsErrors,
    Source, Variable, variables,
};
