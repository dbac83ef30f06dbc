//! `epycloud experiment`: which experiments and runs there are, here or in a bucket.

mod browse;
mod list;

use epycloud_errors::{ExitCode, Report};

use crate::arguments::Experiment;
use crate::context::Context;

pub(crate) use browse::{FoundRun, browse, nothing_found};

pub(crate) fn run(command: &Experiment, context: &Context) -> Result<ExitCode, Report> {
    match command {
        Experiment::List(arguments) => list::run(arguments, context),
    }
}
