//! Calibrating the example: the same result whatever the threads and interruptions, truth found
//! again, and clear errors.
#![allow(
    clippy::panic,
    clippy::unwrap_used,
    reason = "helpers of tests are tests too"
)]

mod simulation_support;

use std::num::NonZeroUsize;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use epycloud_engine::calibration::abc::{End, Progress, State, Strategy};
use epycloud_engine::calibration::{
    CalibrationBuild, CalibrationOptions, CalibrationResult, CalibrationTask, build_calibration,
    run_calibration,
};
use epycloud_engine::{DataSources, EngineError};
use epycloud_errors::Report;
use simulation_support::read_from;

fn example() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/quickstart")
}

fn build() -> CalibrationBuild {
    let repository = example();
    let experiment = read_from(&repository, "forecast");
    build_calibration(&experiment, &DataSources::of_repository(repository)).unwrap()
}

/// The example's first task with few particles.
fn small() -> CalibrationTask {
    let mut task = build().tasks.swap_remove(0);
    let Strategy::Smc(smc) = &mut task.strategy else {
        panic!("the example uses SMC");
    };
    smc.num_particles = 30;
    smc.num_generations = 3;
    if let Some(projection) = &mut task.projection {
        projection.n_trajectories = 20;
    }
    task
}

fn threads(n: usize) -> CalibrationOptions {
    CalibrationOptions::with_threads(NonZeroUsize::new(n).unwrap())
}

fn calibrate(task: &CalibrationTask, n_threads: usize) -> CalibrationResult {
    let go_on = &mut |_: &State, _: &Progress| ControlFlow::Continue(());
    run_calibration(task, &threads(n_threads), None, go_on).unwrap()
}

#[test]
fn results_are_the_same_for_any_number_of_threads() {
    let task = small();
    let one = calibrate(&task, 1);
    assert_eq!(one, calibrate(&task, 2));
    assert_eq!(one, calibrate(&task, 3));
}

/// A simulation that is given up would have been refused: the particles are the same.
#[test]
fn giving_up_changes_no_particle() {
    let task = small();
    let patient = CalibrationOptions {
        gives_up: false,
        ..threads(2)
    };
    let go_on = &mut |_: &State, _: &Progress| ControlFlow::Continue(());
    let patient = run_calibration(&task, &patient, None, go_on).unwrap();
    let quick = calibrate(&task, 2);
    let mut n_given_up = 0;
    assert_eq!(patient.generations.len(), quick.generations.len());
    for (patient, quick) in patient.generations.iter().zip(&quick.generations) {
        assert_eq!(patient.particles, quick.particles);
        assert_eq!(patient.counts.given_up, 0);
        n_given_up += quick.counts.given_up;
    }
    assert!(n_given_up > 30, "{n_given_up}");
    assert_eq!(patient.projection, quick.projection);
}

#[test]
fn an_interrupted_calibration_goes_on_to_the_same_result() {
    let task = small();
    let whole = calibrate(&task, 1);
    for interrupted_after in [1, 29, 31, 60, 200] {
        let mut kept = None;
        let mut n_proposals = 0;
        let interrupted = run_calibration(&task, &threads(2), None, &mut |state, _| {
            n_proposals += 1;
            if n_proposals < interrupted_after {
                return ControlFlow::Continue(());
            }
            kept = Some(state.clone());
            ControlFlow::Break(())
        });
        let error = Report::new(interrupted.unwrap_err()).to_string();
        assert!(error.contains("interrupted"), "{error}");
        // as it is stored
        let json = serde_json::to_string(&kept.unwrap()).unwrap();
        let state: State = serde_json::from_str(&json).unwrap();
        let go_on = &mut |_: &State, _: &Progress| ControlFlow::Continue(());
        let resumed = run_calibration(&task, &threads(1), Some(state), go_on).unwrap();
        assert_eq!(resumed, whole, "after {interrupted_after}");
    }
}

/// The example's observations are a simulation with R0 2.1, a trough of 0.6, 60 exposed, from
/// September 1 on. Their places in the priors are near the middle, so that a broken search would
/// also cover them: it has to be narrower, too.
#[test]
fn the_parameters_that_made_the_data_are_found_again() {
    for task in build().tasks {
        let result = calibrate(&task, 2);
        assert_eq!(result.end, End::Complete);
        let r0: Vec<f64> = result.generations[4]
            .particles
            .iter()
            .map(|particle| particle.parameters[0])
            .collect();
        let mean = r0.iter().sum::<f64>() / r0.len() as f64;
        let variance = r0.iter().map(|r0| (r0 - mean).powi(2)).sum::<f64>() / r0.len() as f64;
        assert!((1.95..2.25).contains(&mean), "{mean}");
        // uniform from 1.6 to 2.6 has a variance of 1/12
        assert!(variance < 1.0 / 12.0 / 3.0, "{variance}");
        let projection = result.projection.unwrap();
        assert_eq!(projection.particles.shape(), [200]);
        assert_eq!(projection.dates.first().unwrap(), "2025-08-30");
        assert_eq!(projection.dates.last().unwrap(), "2026-02-28");
    }
}

#[test]
fn trajectories_have_nobody_before_their_start_and_everybody_after() {
    let task = small();
    let result = calibrate(&task, 1);
    let projection = result.projection.unwrap();
    let shape: Vec<usize> = projection
        .compartment_counts
        .shape()
        .iter()
        .map(|&n| usize::try_from(n).unwrap())
        .collect();
    let counts = projection.compartment_counts.to_i64().unwrap();
    let particles = projection.particles.to_u32().unwrap();
    let everybody: f64 = task.model.group_sizes.to_f64().unwrap().iter().sum();
    let mut n_padded = 0;
    for (trajectory, &particle) in counts
        .chunks_exact(shape[1..].iter().product())
        .zip(&particles)
    {
        let last = result.generations.last().unwrap();
        let days = last.particles[particle as usize].parameters[3];
        let totals: Vec<i64> = trajectory
            .chunks_exact(shape[2] * shape[3])
            .map(|row| row.iter().sum())
            .collect();
        // the first Saturday after the start; August 25 is a Monday
        let first_row = ((days - 5.0).max(0.0) / 7.0).ceil() as usize;
        n_padded += first_row;
        assert!(
            totals[..first_row].iter().all(|&people| people == 0),
            "{days} {totals:?}"
        );
        for &people in &totals[first_row..] {
            // initial counts are cut to whole people
            assert!(
                (people as f64 - everybody).abs() < 30.0,
                "{days} {totals:?}"
            );
        }
    }
    assert!(n_padded > 0);
}

#[test]
fn tasks_survive_being_stored() {
    let task = small();
    let json = serde_json::to_string(&task).unwrap();
    assert_eq!(
        serde_json::from_str::<CalibrationTask>(&json).unwrap(),
        task
    );
    let result = calibrate(&task, 1);
    let json = serde_json::to_string(&result).unwrap();
    assert_eq!(
        serde_json::from_str::<CalibrationResult>(&json).unwrap(),
        result
    );
}

/// The example in a folder of its own, with one text replaced in one file.
fn changed(file: &str, from: &str, to: &str) -> Result<CalibrationBuild, EngineError> {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().join("repository");
    copy(&example(), &root);
    let path = root.join(file);
    let text = std::fs::read_to_string(&path).unwrap();
    assert!(text.contains(from), "{from}");
    #[expect(clippy::disallowed_methods, reason = "a test's own folder")]
    std::fs::write(&path, text.replace(from, to)).unwrap();
    let experiment = read_from(&root, "forecast");
    build_calibration(&experiment, &DataSources::of_repository(&root))
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            if entry.file_name() != "local" {
                copy(&entry.path(), &target);
            }
        } else {
            std::fs::copy(entry.path(), target).unwrap();
        }
    }
}

const TABLE: &str = "data/observed_admissions.csv";
const BASE: &str = "experiments/forecast/config/basemodel.yaml";

#[test]
fn observations_that_cannot_be_used_are_named() {
    let message = |file, from, to| {
        let error = changed(file, from, to).unwrap_err();
        let message = Report::new(error).to_string();
        let start = message.find("/repository/").unwrap_or(0);
        message[start..].to_owned()
    };
    let messages = [
        message(TABLE, "Meadow_County", "Somewhere"),
        message(TABLE, "2025-09-13", "2025-09-06"),
        message(TABLE, "2025-09-13", "13.9.2025"),
        message(TABLE, "week_ending", "date"),
        message(TABLE, "2025-09-13", "2025-09-14"),
        message(BASE, "W-SAT", "2W-SAT"),
    ];
    insta::assert_debug_snapshot!(messages);
}

#[test]
fn the_value_published_last_counts_and_the_author_is_told() {
    // every row twice: a value of 7, published before the example's
    let table = std::fs::read_to_string(example().join(TABLE)).unwrap();
    let mut versions = "location,week_ending,admissions,as_of\n".to_owned();
    for line in table.lines().skip(1) {
        let (place_and_week, _) = line.rsplit_once(',').unwrap();
        versions += &format!("{line},2025-12-10\n{place_and_week},7,2025-12-03\n");
    }
    let build = changed(TABLE, &table, &versions);
    let build = build.unwrap();
    let values = build.tasks[0].observed.values.to_f64().unwrap();
    let expected = self::build().tasks[0].observed.values.to_f64().unwrap();
    assert_eq!(values, expected);
    assert!(
        build
            .warnings
            .iter()
            .any(|warning| warning.contains("published last")),
        "{:?}",
        build.warnings
    );
}
