//! Who does the modelling, and from what: the options of every command that asks an engine.

use std::path::PathBuf;

use clap::Args;
use epycloud_config::{EngineName, SuiteBehaviour};

/// The engine, and where its data is.
#[derive(Debug, Clone, Args)]
pub(crate) struct Modelling {
    /// Engine that does the modelling.
    #[arg(long, value_name = "native|python")]
    pub(crate) engine: Option<EngineName>,

    /// Folder of population data in epydemix-data's layout.
    #[arg(long, value_name = "DIR")]
    pub(crate) population_data: Option<PathBuf>,

    /// Folder of the suite's tables (school calendars, population codebook).
    #[arg(long, value_name = "DIR")]
    pub(crate) data_tables: Option<PathBuf>,

    /// Version of epymodelingsuite to agree with where versions differ.
    #[arg(long, value_name = "latest|0.1.0")]
    pub(crate) suite_behaviour: Option<SuiteBehaviour>,
}
