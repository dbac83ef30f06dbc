//! Checking an experiment as building its tasks would.

use epycloud_config::ExperimentFiles;
use epycloud_engine::calibration::build_calibration;
use epycloud_engine::schema::{Experiment, read_experiment};
use epycloud_engine::{EngineError, build_tasks};

use super::super::{Check, CheckDepth, DataSources, EngineFailure, Problem};
use super::workflow::Workflow;

pub(super) fn check(
    experiment: &ExperimentFiles,
    sources: &DataSources,
    depth: CheckDepth,
) -> Check {
    let read = match read_experiment(experiment) {
        Ok(read) => read,
        Err(invalid) => {
            return Check {
                faults: invalid.faults().to_vec(),
                ..Check::default()
            };
        }
    };
    let workflow = Workflow::of(&read);
    let mut check = Check {
        faults: read.warnings.clone(),
        workflow: Some(workflow.name().to_owned()),
        ..Check::default()
    };
    if depth == CheckDepth::Data {
        build(&read, workflow, sources, &mut check);
    }
    check
}

fn build(read: &Experiment, workflow: Workflow, sources: &DataSources, check: &mut Check) {
    let mut problem = |error: EngineError| {
        let problem = Problem::of(&EngineFailure::new(error));
        if !check.problems.contains(&problem) {
            check.problems.push(problem);
        }
    };
    let n = if workflow.is_calibration() {
        match build_calibration(read, sources) {
            Ok(built) => {
                check.warnings = built.warnings;
                built.tasks.len()
            }
            Err(error) => return problem(error),
        }
    } else {
        match build_tasks(read, sources) {
            Ok(built) => {
                for task in built.tasks() {
                    if let Err(error) = task {
                        problem(error);
                    }
                }
                check.warnings = built.warnings;
                built.populations.len()
            }
            Err(error) => return problem(error),
        }
    };
    check.n_tasks = u32::try_from(n).ok();
}
