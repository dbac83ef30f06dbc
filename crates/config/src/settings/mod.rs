//! What a stage is told by its environment.

mod describe;
mod environment;
mod error;
mod reader;
mod runtime;
mod setting;
#[cfg(test)]
mod tests;
mod unknown;
mod variables;

pub(crate) use error::Problem;
pub(crate) use reader::{boolean, secret};

pub use describe::SettingLine;
pub use environment::Environment;
pub use error::{SettingError, SettingsErrors};
pub use runtime::RuntimeSettings;
pub use setting::{Setting, Source};
pub use variables::{Group, Variable, variables};
