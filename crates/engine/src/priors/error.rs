//! Why a distribution can't be a prior.

use super::family::FAMILIES;

/// Why a distribution can't be a prior.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum PriorError {
    /// The native engine has no sampler for it.
    #[error("the native engine has no distribution `{name}`; it has {}", names())]
    Unknown {
        /// The name given.
        name: String,
    },
    /// More positional arguments than the distribution has parameters.
    #[error("`{name}` takes at most {most} arguments ({parameters}), found {found}")]
    TooManyArguments {
        /// The distribution.
        name: &'static str,
        /// Parameters it has.
        most: usize,
        /// Their names.
        parameters: String,
        /// Arguments given.
        found: usize,
    },
    /// A keyword that isn't a parameter.
    #[error("`{name}` has no parameter `{keyword}`; it has {parameters}")]
    UnknownKeyword {
        /// The distribution.
        name: &'static str,
        /// The keyword.
        keyword: String,
        /// Its parameters.
        parameters: String,
    },
    /// A parameter given twice.
    #[error("`{parameter}` of `{name}` is given twice")]
    GivenTwice {
        /// The distribution.
        name: &'static str,
        /// The parameter.
        parameter: &'static str,
    },
    /// A parameter without a default that isn't given.
    #[error("`{name}` needs `{parameter}`")]
    Missing {
        /// The distribution.
        name: &'static str,
        /// The parameter.
        parameter: &'static str,
    },
    /// A parameter outside its range.
    #[error("`{parameter}` of `{name}` must be {expected}, found `{found}`")]
    OutOfRange {
        /// The distribution.
        name: &'static str,
        /// The parameter.
        parameter: &'static str,
        /// What it may be.
        expected: &'static str,
        /// What it is.
        found: f64,
    },
}

fn names() -> String {
    let names: Vec<&str> = FAMILIES.iter().map(|family| family.name).collect();
    names.join(", ")
}
