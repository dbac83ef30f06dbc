//! The command line. A stage's settings are in the environment, so there is little of it.

use std::path::PathBuf;

use clap::{Parser, Subcommand};

const AFTER_HELP: &str = "\
Environment:
  STAGE is builder (or A), runner (or B), output (or C), in any case. --check shows the other
  variables with their values and where those are from; the reference manual explains them.

Examples:
  STAGE=builder EXECUTION_MODE=local EXP_ID=quickstart LOCAL_DATA_PATH=./data epycloud-dispatcher
  STAGE=B EXP_ID=quickstart RUN_ID=20260105-120000-0a1b2c3d TASK_INDEX=0 epycloud-dispatcher
  STAGE=C ALLOW_PARTIAL_RESULTS=true epycloud-dispatcher --check

Exit codes:
    0  done
    1  failed
    2  bad configuration or usage; an experiment that isn't there
    3  finished with partial results
   75  temporary failure, worth a retry; also SIGTERM
  130  interrupted";

const AFTER_INSPECT_HELP: &str = "\
Shows which task it is, what wrote it, and the Python modules, classes and functions that it names:
what loading it would import. A pickle can make up names while it is loaded, so one that names
nothing odd can still run anything; whose artifacts are loaded is up to EPYCLOUD_TRUST_ARTIFACTS.

Examples:
  epycloud-dispatcher inspect runner-artifacts/result_00000.pkl.gz
  epycloud-dispatcher inspect --json input_00000.pkl.gz | jq .names";

/// Runs one stage of an epidemic-modelling pipeline, as its environment says.
#[derive(Debug, Parser)]
#[command(name = "epycloud-dispatcher", version, after_help = AFTER_HELP)]
pub(crate) struct Arguments {
    /// Show the settings with their sources, secrets masked, and stop
    #[arg(long)]
    pub(crate) check: bool,

    /// Show them as JSON
    #[arg(long, requires = "check")]
    pub(crate) json: bool,

    #[command(subcommand)]
    pub(crate) command: Option<Command>,
}

#[derive(Debug, Clone, Subcommand)]
pub(crate) enum Command {
    /// Say what is in an artifact, without loading it: a diagnosis, not a guard
    #[command(after_help = AFTER_INSPECT_HELP)]
    Inspect {
        /// An input, a result, or any other pickle, with gzip around it or not
        file: PathBuf,

        /// Say it as JSON
        #[arg(long)]
        json: bool,
    },
    /// Run the tasks that standard input asks for, one JSON object a line
    #[command(hide = true)]
    Worker,
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn json_alone_is_for_check_only() {
        assert!(Arguments::try_parse_from(["epycloud-dispatcher", "--json"]).is_err());
        let check = Arguments::try_parse_from(["epycloud-dispatcher", "--check", "--json"]);
        assert!(check.unwrap().json);
    }
}
