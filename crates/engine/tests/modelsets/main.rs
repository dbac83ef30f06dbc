//! What is told of sampling and calibration modelsets that can't be used, or probably aren't meant.
#![expect(clippy::unwrap_used, reason = "helpers of tests are tests too")]

use std::fmt::Write as _;
use std::path::Path;

use epycloud_config::yaml;
use epycloud_config::{ExpId, ExperimentFiles, Modelset, ModelsetKind};
use epycloud_engine::schema::read_experiment;

const BASE_MODEL: &str = include_str!("basemodel.yml");
const SAMPLING: &str = include_str!("sampling.yml");
const CALIBRATION: &str = include_str!("calibration.yml");

/// What is wrong, what is replaced in the modelset, and by what.
type Case = (&'static str, &'static str, &'static str);

/// The faults of a modelset with a part replaced, one a line.
fn told(kind: ModelsetKind, (what, from, to): Case) -> String {
    let (valid, word) = match kind {
        ModelsetKind::Sampling => (SAMPLING, "sampled"),
        _ => (CALIBRATION, "calibrated"),
    };
    let base = BASE_MODEL.replace("DRAWN", word).replace("START", word);
    assert!(
        valid.contains(from),
        "{what}: `{from}` is not in the valid modelset"
    );
    let parse = |file: &str, text: &str| yaml::parse(Path::new(file), text).unwrap();
    let files = ExperimentFiles {
        exp_id: "flu".parse::<ExpId>().unwrap(),
        folder: "config".into(),
        base_model: parse("basemodel.yml", &base),
        modelset: Some(Modelset {
            kind,
            document: parse("modelset.yml", &valid.replacen(from, to, 1)),
        }),
        output: None,
        other: Vec::new(),
        warnings: Vec::new(),
    };
    let faults = match read_experiment(&files) {
        Ok(experiment) => experiment.warnings,
        Err(invalid) => invalid.faults().to_vec(),
    };
    let mut told = format!("## {what}\n");
    if faults.is_empty() {
        told.push_str("accepted\n");
    }
    for fault in faults {
        writeln!(told, "{fault}").unwrap();
    }
    told
}

fn all(kind: ModelsetKind, cases: &[Case]) -> String {
    cases
        .iter()
        .map(|&case| told(kind, case))
        .collect::<Vec<_>>()
        .join("\n")
}

#[test]
fn sampling() {
    let told = all(
        ModelsetKind::Sampling,
        &[
            ("the valid one", "modelset", "modelset"),
            (
                "no samplers",
                "    samplers:\n      - strategy: grid\n        parameters: [gamma]\n",
                "    samplers: []\n    other:\n",
            ),
            ("an unknown strategy", "strategy: LHS", "strategy: lhs"),
            (
                "a sampler without a strategy",
                "- strategy: grid\n        parameters",
                "- parameters",
            ),
            ("a hypercube without its size", "        n_samples: 7\n", ""),
            ("a hypercube of nothing", "n_samples: 7", "n_samples: 0"),
            (
                "a grid with a size",
                "parameters: [gamma]",
                "parameters: [gamma]\n        n_samples: 3",
            ),
            (
                "a grid with compartments",
                "parameters: [gamma]",
                "parameters: [gamma]\n        compartments: [I]",
            ),
            (
                "two hypercubes",
                "- strategy: grid\n",
                "- strategy: LHS\n        n_samples: 3\n",
            ),
            (
                "a parameter that isn't described",
                "[R0, start_date]",
                "[R0, start_date, delta]",
            ),
            (
                "a start date that isn't described",
                "    start_date:\n      reference_date: 2024-10-01\n      distribution: {name: randint, args: [0, 30]}\n",
                "",
            ),
            ("a start date in a grid", "[gamma]", "[gamma, start_date]"),
            ("a compartment that isn't described", "[I]", "[I, R]"),
            ("a compartment that isn't in the model", "[I]\n", "[J]\n"),
            ("a name twice", "[R0, start_date]", "[R0, R0, start_date]"),
            (
                "a parameter that isn't in the model",
                "      gamma:\n        values",
                "      gama:\n        values",
            ),
            ("a list of no values", "[0.2, 0.3]", "[]"),
            ("values that aren't numbers", "[0.2, 0.3]", "[0.2, fast]"),
            (
                "a grid of a distribution",
                "        values: [0.2, 0.3]",
                "        distribution: {name: uniform, args: [0, 1]}",
            ),
            (
                "a hypercube of values",
                "        distribution: {type: scipy, name: uniform, args: [1.1, 2.5]}",
                "        values: [1, 2]",
            ),
            (
                "a distribution that sampling doesn't know",
                "name: uniform, args: [1.1, 2.5]",
                "name: norm, args: [1.1, 2.5]",
            ),
            ("three arguments", "[1.1, 2.5]", "[1.1, 2.5, 3]"),
            (
                "keyword arguments",
                "args: [1.1, 2.5]",
                "args: [1.1, 2.5], kwargs: {loc: 1}",
            ),
            (
                "only keyword arguments",
                "args: [1.1, 2.5]",
                "kwargs: {loc: 1, scale: 2}",
            ),
            ("a range backwards", "[1.1, 2.5]", "[1.1, 0.4]"),
            ("an endless range", "[1.1, 2.5]", "[1.1, .inf]"),
            (
                "start dates of another distribution",
                "name: randint, args: [0, 30]",
                "name: norm, args: [0, 30]",
            ),
            ("a reference that is no date", "2024-10-01", "October"),
            ("a maximum below the minimum", "max: 0.01", "max: 0.0001"),
            ("a negative minimum", "min: 0.001", "min: -1"),
            (
                "minima above everybody",
                "min: 0.001, max: 0.01",
                "min: 1.5, max: 20",
            ),
            ("a compartment as a count", "max: 0.01", "max: 100"),
            (
                "a sampled parameter that nothing samples",
                "[R0, start_date]",
                "[start_date]",
            ),
            (
                "a sampled compartment that nothing samples",
                "        compartments: [I]\n",
                "",
            ),
            (
                "a sampled start date that nothing samples",
                "[R0, start_date]",
                "[R0]",
            ),
            (
                "a default compartment",
                "compartments: [I]\n        parameters: [R0, start_date]\n    compartments:",
                "compartments: [I, S]\n        parameters: [R0, start_date]\n    compartments:\n      S: {min: 0.1, max: 0.2}",
            ),
            (
                "a calculated parameter",
                "parameters: [gamma]",
                "parameters: [gamma, beta]",
            ),
            (
                "an unknown key",
                "    samplers:",
                "    sampler: []\n    samplers:",
            ),
        ],
    );
    insta::assert_snapshot!(told);
}

#[test]
fn calibration() {
    let told = all(
        ModelsetKind::Calibration,
        &[
            ("the valid one", "modelset", "modelset"),
            (
                "older keys",
                "observed_date_column: date\n        observed_value_column: value",
                "obs_date: date\n        observed: value",
            ),
            (
                "an older window",
                "{start_date: 2024-10-05, end_date: 2025-05-17}",
                "{window_start: 2024-10-05, window_end: 2025-05-17}",
            ),
            (
                "no strategy",
                "    strategy:\n      name: SMC\n      options:",
                "    other:\n      options:",
            ),
            ("an unknown strategy", "name: SMC", "name: MCMC"),
            (
                "a strategy alone",
                "      options:\n        num_particles: 50\n        num_generations: 4\n        max_time: 6h\n",
                "",
            ),
            ("an unknown option", "num_particles: 50", "n_particles: 50"),
            (
                "an option of another strategy",
                "num_particles: 50",
                "Nsim: 50",
            ),
            ("one particle", "num_particles: 50", "num_particles: 1"),
            ("a time without a unit", "max_time: 6h", "max_time: 3600"),
            ("a month", "max_time: 6h", "max_time: 1M"),
            (
                "a level above one",
                "max_time: 6h",
                "epsilon_quantile_level: 50",
            ),
            (
                "a short schedule",
                "max_time: 6h",
                "epsilon_schedule: [10, 5]",
            ),
            (
                "perturbations",
                "max_time: 6h",
                "perturbations: {R0: normal}",
            ),
            (
                "rejection",
                "name: SMC\n      options:\n        num_particles: 50\n        num_generations: 4\n        max_time: 6h",
                "name: rejection\n      options: {epsilon: 5, num_particles: 10, verbose: false}",
            ),
            (
                "an unknown distance",
                "distance_function: rmse",
                "distance_function: rms",
            ),
            (
                "a distance of one's own",
                "distance_function: rmse",
                "distance_function: {user_script_path: a.py, user_function_name: f}",
            ),
            (
                "a transformation of one's own",
                "    distance_function: rmse",
                "    post_hoc_transformation: {user_script_path: a.py, user_function_name: f}",
            ),
            (
                "no observations",
                "    observed_data_path: data/hospitalizations.csv\n",
                "",
            ),
            (
                "no comparison",
                "comparison:\n      - observed_date_column: date\n        observed_value_column: value\n        simulation: [I_to_R_total]",
                "comparison: []",
            ),
            ("a comparison with nothing", "[I_to_R_total]", "[]"),
            (
                "a transition that isn't there",
                "[I_to_R_total]",
                "[I_to_D_total]",
            ),
            (
                "a transition without its group",
                "[I_to_R_total]",
                "[I_to_R]",
            ),
            (
                "an age group's transition",
                "[I_to_R_total]",
                "[I_to_R_65+]",
            ),
            (
                "two comparisons",
                "        simulation: [I_to_R_total]",
                "        simulation: [I_to_R_total]\n      - {observed_date_column: date, observed_value_column: cases, simulation: [S_to_I_total]}",
            ),
            (
                "an unknown form of locations",
                "observed_value_column: value",
                "observed_value_column: value\n        observed_location_format: iso",
            ),
            (
                "a window backwards",
                "end_date: 2025-05-17",
                "end_date: 2024-05-17",
            ),
            (
                "a window after the simulation",
                "end_date: 2025-05-17",
                "end_date: 2025-06-17",
            ),
            (
                "a start after the window",
                "args: [0, 30]",
                "args: [0, 300]",
            ),
            (
                "a start without bounds",
                "name: randint, args: [0, 30]",
                "name: norm, args: [10, 5]",
            ),
            (
                "a distribution that isn't there",
                "name: uniform",
                "name: unifrom",
            ),
            (
                "a distribution without a sampler",
                "name: uniform, args: [1.1, 1.4]",
                "name: weibull_max, args: [2]",
            ),
            ("a uniform prior by its ends", "[1.1, 1.4]", "[1.1, -0.4]"),
            ("too many arguments", "[1.1, 1.4]", "[1.1, 1.4, 3]"),
            ("an unknown keyword", "args: [1.1, 1.4]", "kwargs: {low: 1}"),
            (
                "arguments by keyword",
                "args: [1.1, 1.4]",
                "kwargs: {loc: 1.1, scale: 1.4}",
            ),
            (
                "a missing argument",
                "args: [0.0001, 0.01]",
                "args: [0.0001]",
            ),
            (
                "a custom distribution",
                "{name: uniform",
                "{type: custom, name: uniform",
            ),
            (
                "no prior",
                "        prior: {name: uniform, args: [1.1, 1.4]}",
                "        distribution: {name: uniform, args: [1.1, 1.4]}",
            ),
            ("a parameter that isn't there", "      R0:\n", "      R1:\n"),
            (
                "a parameter with a value",
                "    parameters:\n",
                "    parameters:\n      gamma: {prior: {name: uniform}}\n",
            ),
            ("a compartment that isn't there", "      I:\n", "      J:\n"),
            (
                "a calibrated start date without a prior",
                "    start_date:\n      reference_date: 2024-10-01\n      prior: {name: randint, args: [0, 30]}\n",
                "",
            ),
            (
                "a generation that isn't there",
                "generation_number: 2",
                "generation_number: 4",
            ),
            (
                "no trajectories",
                "n_trajectories: 100",
                "n_trajectories: 0",
            ),
        ],
    );
    insta::assert_snapshot!(told);
}
