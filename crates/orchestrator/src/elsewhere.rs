//! Stages A and C in a worker, where the engine is in an image rather than in this process.

use std::collections::BTreeMap;
use std::sync::Arc;

use epycloud_config::Stage;
use epycloud_errors::ExitCode;
use epycloud_stages::engine::ElsewhereEngine;
use epycloud_stages::worker::{Answer, Request};
use epycloud_stages::{BuilderReport, OutputReport};

use crate::error::OrchestratorError;
use crate::event::Observer;
use crate::pool::{Worker, WorkerCommand};

impl WorkerCommand {
    /// The engine of its workers, as one of them says.
    ///
    /// # Errors
    /// When none can be started.
    pub async fn engine(
        &self,
        observer: &Arc<dyn Observer>,
    ) -> Result<ElsewhereEngine, OrchestratorError> {
        let (worker, introduction) = Worker::start(self, observer).await?;
        worker.stop().await;
        Ok(ElsewhereEngine {
            name: introduction.engine,
            version: introduction.version,
            versions: introduction.versions,
        })
    }

    /// Has a worker run stage A.
    ///
    /// # Errors
    /// When none can be started, it ends before its time, or the stage fails.
    pub async fn build(
        &self,
        observer: &Arc<dyn Observer>,
    ) -> Result<BuilderReport, OrchestratorError> {
        match self
            .stage(Stage::Builder, &Request::Build, observer)
            .await?
        {
            Answer::Built { report } => Ok(*report),
            other => Err(failure(Stage::Builder, other)),
        }
    }

    /// Has a worker run stage C. `known_failures` are the causes of tasks without a result.
    ///
    /// # Errors
    /// As [`build`](Self::build).
    pub async fn output(
        &self,
        known_failures: BTreeMap<u32, String>,
        observer: &Arc<dyn Observer>,
    ) -> Result<OutputReport, OrchestratorError> {
        let request = Request::Output {
            known_failures: known_failures.into_iter().collect(),
        };
        match self.stage(Stage::Output, &request, observer).await? {
            Answer::Written { report } => Ok(*report),
            other => Err(failure(Stage::Output, other)),
        }
    }

    async fn stage(
        &self,
        stage: Stage,
        request: &Request,
        observer: &Arc<dyn Observer>,
    ) -> Result<Answer, OrchestratorError> {
        let (mut worker, _) = Worker::start(self, observer).await?;
        match worker.ask(request, &**observer).await {
            Ok(answer) => {
                worker.stop().await;
                Ok(answer)
            }
            Err(death) => Err(OrchestratorError::StageElsewhere {
                letter: stage.letter(),
                chain: [vec![death.reason], worker.log().await].concat(),
                hint: None,
                exit_code: ExitCode::Failed,
            }),
        }
    }
}

/// What a worker says when a stage has failed, as this process would.
fn failure(stage: Stage, answer: Answer) -> OrchestratorError {
    let (code, chain, hint) = match answer {
        Answer::StageFailed {
            exit_code,
            chain,
            hint,
        }
        | Answer::Failed {
            exit_code,
            chain,
            hint,
            ..
        }
        | Answer::Refused {
            exit_code,
            chain,
            hint,
        } => (exit_code, chain, hint),
        other => {
            let line = other.to_line();
            let chain = vec![format!("unexpected answer `{}`", line.trim_end())];
            (ExitCode::Failed.code(), chain, None)
        }
    };
    OrchestratorError::StageElsewhere {
        letter: stage.letter(),
        chain,
        hint,
        exit_code: ExitCode::from_code(code.into()).unwrap_or(ExitCode::Failed),
    }
}
