//! What can go wrong between the command line and the stages.

use std::path::PathBuf;

use clap::ValueEnum as _;
use epycloud_config::SettingsErrors;
use epycloud_errors::{Diagnose, ExitCode};

use crate::arguments::Executor;

/// What can go wrong between the command line and the stages.
#[derive(Debug, thiserror::Error)]
pub(crate) enum CliError {
    /// The cloud is asked for, and the configuration names no project.
    #[error("`google_cloud.project_id` is not configured")]
    NoProject,
    /// Money would be spent, and nobody has agreed to it.
    #[error("nobody is at the terminal to say whether to go on")]
    NobodyToAsk,
    /// An execution that runs is to be started again.
    #[error("execution `{execution}` has not ended")]
    StillActive {
        /// The execution.
        execution: String,
    },
    /// An execution whose arguments can't be had.
    #[error("execution `{execution}` has no arguments that can be read")]
    NoArguments {
        /// The execution.
        execution: String,
    },
    /// An option that is for runs on this machine.
    #[error("`{option}` is for runs on this machine")]
    OnlyLocal {
        /// The option.
        option: &'static str,
    },
    /// An option that is for runs in the cloud.
    #[error("`{option}` is for runs in the cloud")]
    OnlyCloud {
        /// The option.
        option: &'static str,
    },
    /// An option that is for runs whose stages this command submits.
    #[error("`{option}` is for runs whose stages this command submits")]
    OnlyClient {
        /// The option.
        option: &'static str,
    },
    /// There is no folder for what can be had again.
    #[error("there is no cache folder: neither HOME nor XDG_CACHE_HOME is set")]
    NoCacheFolder,
    /// The cache folder can't be made.
    #[error("cache folder `{}` can't be made", .folder.display())]
    Cache {
        /// The folder.
        folder: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// An executor that isn't there yet.
    #[error("executor `{}` is not part of this version", name(*.executor))]
    Executor {
        /// The executor.
        executor: Executor,
    },
    /// The project directory can't be opened.
    #[error("project directory `{}` can't be opened", .directory.display())]
    Project {
        /// The directory.
        directory: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The project directory has no forecast repository.
    #[error("`{}` has no forecast repository", .directory.display())]
    NoForecastRepository {
        /// The directory.
        directory: PathBuf,
    },
    /// The settings contradict each other, or aren't valid.
    #[error("the settings are not valid")]
    Settings {
        /// Each of them.
        source: SettingsErrors,
    },
    /// Stage B as a single job, without its task.
    #[error("stage B runs one task; which one is not said")]
    NoTaskIndex,
    /// A cluster is for many tasks.
    #[error("a single stage or task doesn't run on Slurm")]
    SingleJob,
    /// The folder of a cluster's logs can't be made.
    #[error("folder `{}` can't be made", .folder.display())]
    Logs {
        /// The folder.
        folder: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// Only stage B has several tasks.
    #[error("stage {letter} has no tasks to choose from")]
    NoTasks {
        /// The stage's letter.
        letter: char,
    },
    /// There is no run to go on with.
    #[error("experiment `{experiment}` has no run to go on with")]
    NothingToResume {
        /// The experiment.
        experiment: String,
    },
    /// There is no run at all.
    #[error("there is no run{}", .experiment.as_ref().map_or_else(String::new, |id| format!(" of experiment `{id}`")))]
    NoRuns {
        /// The experiment, if one was named.
        experiment: Option<String>,
        /// An experiment of a similar name that has runs.
        nearest: Option<String>,
    },
    /// Several runs are called the same.
    #[error("several experiments have a run `{run_id}`: {}", .experiments.join(", "))]
    SeveralRuns {
        /// The run.
        run_id: String,
        /// The experiments.
        experiments: Vec<String>,
    },
    /// The run that is meant isn't there.
    #[error("experiment `{experiment}` has no run `{run_id}`")]
    NoSuchRun {
        /// The experiment.
        experiment: String,
        /// The run.
        run_id: String,
        /// One of a similar name.
        nearest: Option<String>,
    },
    /// The run to repeat didn't come to its end.
    #[error("run `{run_id}` is {status}; only one that is done can be reproduced")]
    NotDone {
        /// The run.
        run_id: String,
        /// How it stands.
        status: &'static str,
    },
    /// The repository isn't what the run was made of.
    #[error("the run can't be reproduced from this repository: {difference}")]
    OtherSources {
        /// What differs.
        difference: String,
        /// The commit that the run was made of.
        commit: Option<String>,
    },
    /// A configuration folder that isn't there, or isn't one.
    #[error("`{}` is no folder that can be checked", .folder.display())]
    ConfigFolder {
        /// As it was given.
        folder: PathBuf,
        /// Why not.
        source: Option<std::io::Error>,
    },
    /// An experiment's ID that can't be one.
    #[error("the experiment can't be called so")]
    ExperimentId {
        /// Why not.
        source: epycloud_config::IdentifierError,
    },
    /// A pattern that nothing matches.
    #[error("no experiment matches `{pattern}`")]
    NoMatch {
        /// The pattern.
        pattern: String,
        /// An experiment of a similar name.
        nearest: Option<String>,
    },
    /// A bucket, or a folder of it, without any run.
    #[error("there is no run in `{place}`")]
    NoRunsIn {
        /// Where was looked.
        place: String,
    },
    /// Two files would have one name.
    #[error("two files would become `{name}`: `{}` and `{}`", .files[0], .files[1])]
    SameName {
        /// The name.
        name: String,
        /// The files.
        files: [String; 2],
    },
    /// A file's name is longer than a file system takes.
    #[error("`{name}` is too long for a file's name")]
    LongName {
        /// The name.
        name: String,
    },
    /// None of the files is there.
    #[error("none of the runs has {}", .patterns.join(" or "))]
    NothingToDownload {
        /// What was looked for.
        patterns: Vec<String>,
        /// What there is.
        there: Vec<String>,
    },
    /// No forecast repository on GitHub is named.
    #[error("no forecast repository on GitHub is named")]
    NoGithubRepository,
    /// A token on the command line.
    #[error("a token is not taken from the command line, where others can read it")]
    TokenInArguments,
    /// No temporary folder can be made.
    #[error("could not make a temporary folder")]
    Temporary {
        /// Why.
        source: std::io::Error,
    },
    /// A document can't be written.
    #[error("could not write the outcome: {reason}")]
    Write {
        /// Why.
        reason: String,
    },
    /// The experiment to run can't work.
    #[error("experiment `{experiment}` can't be run as it is:{}", lines(.faults))]
    Invalid {
        /// The experiment.
        experiment: String,
        /// All that is wrong.
        faults: Vec<String>,
    },
    /// Stages B and C continue a run that must be named.
    #[error("stage {letter} continues a run; which one is not said")]
    NoRunId {
        /// The stage's letter.
        letter: char,
    },
    /// The runtime for asynchronous work couldn't be started.
    #[error("could not start the runtime")]
    Runtime {
        /// Why.
        source: std::io::Error,
    },
    /// The log couldn't be set up.
    #[error("could not set up the log")]
    Logging {
        /// Why.
        source: epycloud_logging::LoggingError,
    },
}

impl Diagnose for CliError {
    fn exit_code(&self) -> ExitCode {
        match self {
            Self::Runtime { .. }
            | Self::Logging { .. }
            | Self::Logs { .. }
            | Self::Temporary { .. }
            | Self::NothingToDownload { .. }
            | Self::Write { .. }
            | Self::Cache { .. }
            | Self::NoArguments { .. }
            | Self::StillActive { .. } => ExitCode::Failed,
            _ => ExitCode::Usage,
        }
    }

    fn hint(&self) -> Option<String> {
        match self {
            Self::Executor { .. } => Some("add `--local` to run on this machine".into()),
            Self::NoProject => Some(
                "`epycloud config set google_cloud.project_id ID` sets it; `--local` does without"
                    .into(),
            ),
            Self::NobodyToAsk => {
                Some("`--yes` agrees beforehand; `--dry-run` shows what would happen".into())
            }
            Self::StillActive { execution } => {
                Some(format!("`epycloud workflow cancel {execution}` ends it"))
            }
            Self::NoArguments { .. } => Some("`epycloud run workflow` starts one anew".into()),
            Self::OnlyCloud { .. } => Some("leave it out, or `--executor` and `--local`".into()),
            Self::OnlyClient { .. } => Some("leave it out, or add `--orchestrator client`".into()),
            Self::OnlyLocal { .. } => Some("leave it out, or add `--local`".into()),
            Self::NoCacheFolder | Self::Cache { .. } => {
                Some("set XDG_CACHE_HOME to a folder that can be written to".into())
            }
            Self::Project { .. } => Some("check `--project-directory`".into()),
            Self::NoForecastRepository { .. } => Some(
                "`--project-directory` names a folder with `experiments/`, or one that has such a \
                 folder in `local/forecast`"
                    .into(),
            ),
            Self::NoTaskIndex => {
                Some("give `--task-index N`, from 0, `--tasks 3,7,10-20` or `--failed`".into())
            }
            Self::SingleJob => {
                Some("`run workflow`, or `--stage B` with `--tasks` or `--failed`, does".into())
            }
            Self::NoTasks { .. } => Some("`--tasks` and `--failed` are for `--stage B`".into()),
            Self::NothingToResume { .. } => {
                Some("leave `--resume` out to begin one, or check `--project-directory`".into())
            }
            Self::NotDone { .. } => Some("`--resume` goes on with it".into()),
            Self::OtherSources { commit, .. } => commit
                .as_ref()
                .map(|commit| format!("check out commit `{commit}` of the repository")),
            Self::NoRuns {
                nearest: Some(nearest),
                ..
            } => Some(format!("did you mean `{nearest}`?")),
            Self::NoRuns { .. } => Some("check `--exp-id` and `--project-directory`".into()),
            Self::SeveralRuns { .. } => Some("give `--exp-id`".into()),
            Self::NoSuchRun { nearest, .. } => Some(match nearest {
                Some(nearest) => format!("did you mean `{nearest}`?"),
                None => "`epycloud status` lists the runs; `--run-id` begins one".to_owned(),
            }),
            Self::NoMatch { nearest, .. } => Some(match nearest {
                Some(nearest) => format!("did you mean `{nearest}`?"),
                None => "`*` stands for any characters, slashes included".to_owned(),
            }),
            Self::NoRunsIn { .. } => Some(
                "check `--bucket`, `--dir-prefix` and `--project-dir`, or begin a run: `epycloud \
                 run workflow`"
                    .into(),
            ),
            Self::SameName { .. } => {
                Some("use `--name-format long`, or leave `--all-outputs` out".into())
            }
            Self::LongName { .. } => Some("use `--name-format short`".into()),
            Self::NothingToDownload { there, .. } => Some(if there.is_empty() {
                "they have no outputs yet; `epycloud status` says how they stand".to_owned()
            } else {
                format!("`--files` takes others; there are {}", there.join(", "))
            }),
            Self::NoGithubRepository => Some(
                "give `--repo owner/name`, or set `github.forecast_repo` in the configuration"
                    .into(),
            ),
            Self::TokenInArguments => Some(
                "set `EPYCLOUD_GITHUB__PERSONAL_ACCESS_TOKEN` or `GITHUB_TOKEN`, or write it to \
                 secrets.yaml (`epycloud config edit-secrets`)"
                    .into(),
            ),
            Self::Invalid { experiment, .. } => Some(format!(
                "`epycloud validate --exp-id {experiment}` says more; `--no-validate` runs it anyway"
            )),
            Self::NoRunId { .. } => Some("give `--run-id`, as stage A has shown it".into()),
            Self::Settings { .. }
            | Self::ConfigFolder { .. }
            | Self::ExperimentId { .. }
            | Self::Temporary { .. }
            | Self::Write { .. }
            | Self::Runtime { .. }
            | Self::Logging { .. }
            | Self::Logs { .. } => None,
        }
    }
}

/// A line for each.
fn lines(faults: &[String]) -> String {
    faults.iter().map(|fault| format!("\n  {fault}")).collect()
}

fn name(executor: Executor) -> String {
    executor
        .to_possible_value()
        .map_or_else(String::new, |value| value.get_name().to_owned())
}
