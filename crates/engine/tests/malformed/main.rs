//! Malformed experiments, each with the message its author gets to see.
//!
//! A case is a valid experiment with some text replaced. The messages stand in the snapshots,
//! where they are read as a user reads them: where, what was found, what was expected, what to do.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "its helpers fail the test"
)]

mod accepted;
mod folders;
mod mutations;
mod support;

use support::{Case, check};

#[test]
fn yaml_syntax() {
    check(
        "yaml_syntax",
        &[
            Case::model(
                "a key twice",
                "  random_seed: 42",
                "  random_seed: 42\n  name: again",
            ),
            Case::model(
                "a compartment's key twice",
                "      init: 100",
                "      init: 100\n      init: 5",
            ),
            Case::model(
                "a parameter twice",
                "    R0: {type: scalar, value: 1.6}",
                "    R0: {type: scalar, value: 1.6}\n    R0: {type: scalar, value: 2}",
            ),
            Case::model("a tab as indentation", "    delta_t: 0.5", "\tdelta_t: 0.5"),
            Case::model(
                "a quote that is never closed",
                "    end_date: \"2025-05-31\"",
                "    end_date: \"2025-05-31",
            ),
            Case::model(
                "an alias without an anchor",
                "  name: everything",
                "  name: *title",
            ),
            Case::model(
                "an alias that contains itself",
                "    age_groups: [\"0-4\", \"5-17\", \"18-64\", \"65+\"]",
                "    age_groups: &groups [\"0-4\", *groups]",
            ),
            Case::model(
                "a tag of Python",
                "  name: everything",
                "  name: !!python/object/apply:os.system [ls]",
            ),
            Case::model(
                "a tag of the user's own",
                "  name: everything",
                "  name: !title everything",
            ),
            Case::model(
                "a second document",
                "model:\n",
                "---\nmodel:\n  name: first\n---\nmodel:\n",
            ),
            Case::model(
                "indentation that doesn't fit",
                "    end_date: \"2025-05-31\"",
                "   end_date: \"2025-05-31\"",
            ),
            Case::model(
                "a list element out of line",
                "    - {type: spontaneous, source: R, target: S, rate: 0.01}",
                "   - {type: spontaneous, source: R, target: S, rate: 0.01}",
            ),
            Case::model(
                "a bracket that is never closed",
                "    age_groups: [\"0-4\", \"5-17\", \"18-64\", \"65+\"]",
                "    age_groups: [\"0-4\", \"5-17\", \"18-64\", \"65+\"",
            ),
            Case::model(
                "a colon in plain text",
                "    description: \"A model that uses every section\"",
                "    description: A model: with everything",
            ),
            Case::model(
                "a key without its value's space",
                "  name: everything",
                "  name:everything",
            ),
            Case::model(
                "a list as a key",
                "  name: everything",
                "  [a, b]: everything",
            ),
            Case::model(
                "a control character",
                "  name: everything",
                "  name: every\u{0}thing",
            ),
            Case::model(
                "an unknown escape",
                "  name: everything",
                "  name: \"C:\\models\"",
            ),
            Case::model(
                "values nested too deeply",
                "  name: everything",
                &format!("  name: {}{}", "[".repeat(80), "]".repeat(80)),
            ),
            Case::model("aliases of aliases", "model:\n", &bomb()),
            Case::output(
                "an output config that isn't YAML",
                "output:\n",
                "output: {\n",
            ),
        ],
    );
}

/// A few lines that stand for a billion values.
fn bomb() -> String {
    let mut text = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n".to_owned();
    for level in 1..9 {
        let before = level - 1;
        let aliases = vec![format!("*a{before}"); 10].join(", ");
        text += &format!("a{level}: &a{level} [{aliases}]\n");
    }
    text + "model:\n"
}

#[test]
fn structure() {
    check(
        "structure",
        &[
            Case::model("a missing section", "  compartments:\n", "  compartmens:\n"),
            Case::model(
                "an empty section",
                "  simulation:\n    n_sims: 20\n    resample_frequency: W-SAT\n  population:\n    name: US-MA\n    age_groups: [\"0-4\", \"5-17\", \"18-64\", \"65+\"]",
                "  population:",
            ),
            Case::model(
                "a list where a mapping belongs",
                "  simulation:\n    n_sims: 20\n    resample_frequency: W-SAT",
                "  simulation: [20, W-SAT]",
            ),
            Case::model(
                "a mapping where a list belongs",
                "  interventions:\n    - type: school_closure\n      scaling_factor: 0.3\n    - type",
                "  interventions:\n    first:\n      type",
            ),
            Case::model(
                "text where a mapping belongs",
                "    R0: {type: scalar, value: 1.6}",
                "    R0: 1.6",
            ),
            Case::model(
                "a key that YAML reads as a boolean",
                "    R0: {type: scalar, value: 1.6}",
                "    NO: {type: scalar, value: 1.6}",
            ),
            Case::model(
                "a name that YAML reads as a boolean",
                "  name: everything",
                "  name: on",
            ),
            Case::model(
                "a name that YAML reads as a number",
                "  name: everything",
                "  name: 2025",
            ),
            Case::model(
                "unknown keys beside an error",
                "    delta_t: 0.5",
                "    dt: 0.5\n    step: -1\n    delta_t: 0",
            ),
            Case::model(
                "a version that is no text",
                "    version: 1.0",
                "    version: [1, 0]",
            ),
            Case::output(
                "an ID that can't be in a path",
                "    id: everything",
                "    id: ../../elsewhere",
            ),
        ],
    );
}

#[test]
fn time_and_population() {
    check(
        "time_and_population",
        &[
            Case::model(
                "dates the wrong way round",
                "    start_date: 2024-09-01",
                "    start_date: 2025-09-01",
            ),
            Case::model(
                "a date in another form",
                "    start_date: 2024-09-01",
                "    start_date: 01/09/2024",
            ),
            Case::model(
                "a day that isn't",
                "    end_date: \"2025-05-31\"",
                "    end_date: \"2025-02-30\"",
            ),
            Case::model(
                "a year too far",
                "    end_date: \"2025-05-31\"",
                "    end_date: \"2925-05-31\"",
            ),
            Case::model("a missing date", "    end_date: \"2025-05-31\"\n", ""),
            Case::model("no step", "    delta_t: 0.5", "    delta_t: 0"),
            Case::model("a negative step", "    delta_t: 0.5", "    delta_t: -0.5"),
            Case::model(
                "a step that is no number",
                "    delta_t: 0.5",
                "    delta_t: half a day",
            ),
            Case::model("an endless step", "    delta_t: 0.5", "    delta_t: .inf"),
            Case::model(
                "a step that is not a number",
                "    delta_t: 0.5",
                "    delta_t: .nan",
            ),
            Case::model("too many steps", "    delta_t: 0.5", "    delta_t: 0.00001"),
            Case::model(
                "a sampled date without a modelset",
                "    start_date: 2024-09-01",
                "    start_date: sampled",
            ),
            Case::model("no simulations", "    n_sims: 20", "    n_sims: 0"),
            Case::model("half a simulation", "    n_sims: 20", "    n_sims: 2.5"),
            Case::model(
                "a frequency that pandas doesn't have",
                "    resample_frequency: W-SAT",
                "    resample_frequency: fortnight",
            ),
            Case::model("a negative seed", "  random_seed: 42", "  random_seed: -1"),
            Case::model(
                "a seed that isn't whole",
                "  random_seed: 42",
                "  random_seed: 4.2",
            ),
            Case::model(
                "a seed that is text",
                "  random_seed: 42",
                "  random_seed: lucky",
            ),
            Case::model("no population", "    name: US-MA\n", ""),
            Case::model("a state that isn't", "    name: US-MA", "    name: US-MX"),
            Case::model(
                "a misspelt state",
                "    name: US-MA",
                "    name: Massachusets\n    contact_matrix: US-M",
            ),
            Case::model(
                "a metrocast location",
                "    name: US-MA",
                "    name: denver\n    location_type: metrocast_location",
            ),
            Case::model(
                "no age groups",
                "    age_groups: [\"0-4\", \"5-17\", \"18-64\", \"65+\"]",
                "    age_groups: []",
            ),
            Case::model("a gap in the age groups", "\"5-17\"", "\"6-17\""),
            Case::model("overlapping age groups", "\"18-64\"", "\"17-64\""),
            Case::model(
                "age groups that start late",
                "[\"0-4\", \"5-17\"",
                "[\"5-17\"",
            ),
            Case::model("age groups that leave out the old", "\"65+\"", "\"65-84\""),
            Case::model("an open group in the middle", "\"18-64\"", "\"18+\""),
            Case::model("an age group in words", "\"0-4\"", "children"),
            Case::model("a group backwards", "\"5-17\"", "\"5-3\""),
        ],
    );
}

#[test]
fn compartments() {
    check(
        "compartments",
        &[
            Case::model("the same compartment twice", "    - id: V", "    - id: I"),
            Case::model(
                "a compartment without an ID",
                "    - id: V",
                "    - label: Vaccinated",
            ),
            Case::model(
                "nobody is the rest",
                "      init: default",
                "      init: 1000",
            ),
            Case::model("shares above one", "      init: 100", "      init: 0.7"),
            Case::model("a negative count", "      init: 100", "      init: -100"),
            Case::model("an unknown word", "      init: 100", "      init: rest"),
            Case::model("an endless count", "      init: 100", "      init: .inf"),
            Case::model(
                "a list of another length",
                "      init: [0.1, 0.2, 0.3, 0.4]",
                "      init: [0.1, 0.2, 0.3]",
            ),
            Case::model(
                "a list with a fault",
                "      init: [0.1, 0.2, 0.3, 0.4]",
                "      init: [0.1, -0.2, many, 0.4]",
            ),
            Case::model(
                "a calibrated count without a modelset",
                "      init: 100",
                "      init: calibrated",
            ),
            Case::model(
                "a whole population that isn't",
                "      init: 100",
                "      init: 1.0\n      lable: Infectious\n    - id: X\n      init: none",
            ),
        ],
    );
}

#[test]
fn transitions() {
    check(
        "transitions",
        &[
            Case::model(
                "an unknown source",
                "source: I, target: R",
                "source: J, target: R",
            ),
            Case::model(
                "an unknown target",
                "source: R, target: S, rate",
                "source: R, target: Susceptible, rate",
            ),
            Case::model(
                "an unknown mediator",
                "      mediator: I",
                "      mediator: Infectious",
            ),
            Case::model("a missing mediator", "      mediator: I\n", ""),
            Case::model(
                "a mediator too many",
                "rate: 0.01}",
                "rate: 0.01, mediator: I}",
            ),
            Case::model(
                "an unknown type",
                "{type: spontaneous, source: R",
                "{type: spontanous, source: R",
            ),
            Case::model(
                "a missing rate",
                "source: R, target: S, rate: 0.01",
                "source: R, target: S",
            ),
            Case::model("a negative rate", "rate: 0.01", "rate: -0.01"),
            Case::model(
                "a rate that becomes negative",
                "rate: gamma*(1-p_sev)",
                "rate: gamma*(p_sev-0.02)",
            ),
            Case::model(
                "an unknown parameter",
                "      rate: beta",
                "      rate: betta",
            ),
            Case::model(
                "an unknown parameter in an expression",
                "rate: gamma*(1-p_sev)",
                "rate: gamma*(1-p_severe)",
            ),
            Case::model(
                "an expression that ends early",
                "rate: gamma*(1-p_sev)",
                "rate: gamma*(1-p_sev",
            ),
            Case::model(
                "an expression of another language",
                "rate: gamma*(1-p_sev)",
                "rate: gamma^2",
            ),
            Case::model(
                "a comparison",
                "rate: gamma*(1-p_sev)",
                "rate: \"gamma if p_sev > 0.5 else 0\"",
            ),
            Case::model(
                "a function in a rate",
                "rate: gamma*(1-p_sev)",
                "rate: np.exp(-gamma)",
            ),
            Case::model(
                "a division by zero",
                "rate: gamma*(1-p_sev)",
                "rate: gamma/(1-1)",
            ),
            Case::model(
                "a vaccination with a rate",
                "{type: vaccination, source: S, target: V}",
                "{type: vaccination, source: S, target: V, rate: 0.1}",
            ),
            Case::model(
                "a vaccination from elsewhere",
                "{type: vaccination, source: S",
                "{type: vaccination, source: R",
            ),
            Case::model(
                "a vaccination without doses",
                "  vaccination:\n    scenario_data_path: data/coverage.csv\n    origin_compartment: S\n    eligible_compartments: [S, I, R]\n",
                "",
            ),
            Case::model(
                "doses without a vaccination",
                "    - {type: vaccination, source: S, target: V}\n",
                "",
            ),
            Case::model(
                "several mediators, badly",
                "    - {type: spontaneous, source: R, target: S, rate: 0.01}",
                "    - {type: multi_mediated, source: R, target: S, rate: 1, mediators: [{rate: betta, source: [I, J]}]}",
            ),
            Case::model(
                "no transitions",
                "  transitions:\n    - type: mediated\n      source: S\n      target: I\n      mediator: I\n      rate: beta\n    - {type: spontaneous, source: I, target: R, rate: gamma*(1-p_sev)}\n    - {type: spontaneous, source: R, target: S, rate: 0.01}\n    - {type: vaccination, source: S, target: V}\n",
                "  transitions: []\n",
            ),
        ],
    );
}

#[test]
fn parameters() {
    check(
        "parameters",
        &[
            Case::model(
                "an unknown type",
                "R0: {type: scalar",
                "R0: {type: constant",
            ),
            Case::model(
                "no value",
                "R0: {type: scalar, value: 1.6}",
                "R0: {type: scalar}",
            ),
            Case::model(
                "a value too many",
                "R0: {type: scalar, value: 1.6}",
                "R0: {type: scalar, value: 1.6, values: [1, 2]}",
            ),
            Case::model(
                "values of another number",
                "values: [0.01, 1e-3, 1/50, 0.05]",
                "values: [0.01, 1e-3, 1/50]",
            ),
            Case::model(
                "a value that isn't finite",
                "R0: {type: scalar, value: 1.6}",
                "R0: {type: scalar, value: .inf}",
            ),
            Case::model(
                "an expression that isn't finite",
                "gamma: {type: scalar, value: 1/3.5}",
                "gamma: {type: scalar, value: np.log(0)}",
            ),
            Case::model(
                "a division by zero",
                "gamma: {type: scalar, value: 1/3.5}",
                "gamma: {type: scalar, value: 1/0}",
            ),
            Case::model(
                "a scalar of another parameter",
                "gamma: {type: scalar, value: 1/3.5}",
                "gamma: {type: scalar, value: R0/3.5}",
            ),
            Case::model(
                "a value that is a list",
                "R0: {type: scalar, value: 1.6}",
                "R0: {type: scalar, value: [1.6]}",
            ),
            Case::model(
                "an unknown name in a calculation",
                "value: R0*gamma/eigenvalue",
                "value: R0*gama/eigenvalues",
            ),
            Case::model(
                "a calculation of itself",
                "value: R0*gamma/eigenvalue",
                "value: beta*gamma",
            ),
            Case::model(
                "a calculation of a later one",
                "value: R0*gamma/eigenvalue}",
                "value: delta*gamma}\n    delta: {type: calculated, value: 2*eigenvalue}",
            ),
            Case::model(
                "a share that isn't given",
                "value: R0*gamma/eigenvalue",
                "value: R0*gamma*V",
            ),
            Case::model(
                "an unknown function",
                "value: R0*gamma/eigenvalue",
                "value: np.exq(R0)",
            ),
            Case::model(
                "a function of another module",
                "value: R0*gamma/eigenvalue",
                "value: scipy.special.gamma(R0)",
            ),
            Case::model(
                "a function without np",
                "value: R0*gamma/eigenvalue",
                "value: sqrt(R0)",
            ),
            Case::model(
                "arguments too many",
                "value: R0*gamma/eigenvalue",
                "value: \"np.exp(R0, gamma)\"",
            ),
            Case::model(
                "code",
                "value: R0*gamma/eigenvalue",
                "value: __import__('os').system('ls')",
            ),
            Case::model(
                "an empty expression",
                "value: R0*gamma/eigenvalue",
                "value: ''",
            ),
            Case::model(
                "an array of another length",
                "value: R0*gamma/eigenvalue",
                "value: \"np.array([1, 2, 3])*R0\"",
            ),
            Case::model(
                "a sampled parameter without a modelset",
                "R0: {type: scalar, value: 1.6}",
                "R0: {type: sampled}",
            ),
            Case::model(
                "a calibrated parameter with a value",
                "R0: {type: scalar, value: 1.6}",
                "R0: {type: calibrated, value: 1.6}",
            ),
            Case::model(
                "the eigenvalue's name",
                "    R0: {type: scalar, value: 1.6}",
                "    R0: {type: scalr, value: 1.6}\n    eigenvalue: {type: scalar, value: 12}",
            ),
        ],
    );
}

#[test]
fn vaccination_seasonality_and_interventions() {
    check(
        "vaccination_seasonality_and_interventions",
        &[
            Case::model(
                "an origin that gets no doses",
                "eligible_compartments: [S, I, R]",
                "eligible_compartments: [I, R]",
            ),
            Case::model(
                "an unknown eligible compartment",
                "eligible_compartments: [S, I, R]",
                "eligible_compartments: [S, I, Q, R, R]",
            ),
            Case::model(
                "two tables of doses",
                "    scenario_data_path: data/coverage.csv",
                "    scenario_data_path: data/coverage.csv\n    preprocessed_vaccination_data_path: data/doses.csv",
            ),
            Case::model(
                "no table of doses",
                "    scenario_data_path: data/coverage.csv\n",
                "",
            ),
            Case::model(
                "the season of an unknown parameter",
                "  seasonality:\n    target_parameter: beta",
                "  seasonality:\n    target_parameter: betas",
            ),
            Case::model(
                "an unknown method",
                "    method: balcan",
                "    method: cosine",
            ),
            Case::model(
                "a trough before the peak",
                "    seasonality_min_date: 2025-07-10",
                "    seasonality_min_date: 2024-07-10",
            ),
            Case::model(
                "a trough above the peak",
                "    min_value: 0.7",
                "    min_value: 1.7",
            ),
            Case::model(
                "a peak of nothing",
                "    max_value: 1.0",
                "    max_value: 0",
            ),
            Case::model(
                "two school closures",
                "    - type: contact_matrix\n      contact_matrix_layer: work\n      scaling_factor: 0.8\n      start_date: 2024-12-20\n      end_date: 2025-01-05\n",
                "    - type: school_closure\n      scaling_factor: 0.5\n",
            ),
            Case::model(
                "a school closure with dates",
                "      scaling_factor: 0.3",
                "      scaling_factor: 0.3\n      start_date: 2024-12-20",
            ),
            Case::model(
                "a closure without a factor",
                "    - type: school_closure\n      scaling_factor: 0.3\n",
                "    - type: school_closure\n",
            ),
            Case::model(
                "an unknown layer",
                "      contact_matrix_layer: work",
                "      contact_matrix_layer: works",
            ),
            Case::model(
                "a negative factor",
                "      scaling_factor: 0.8",
                "      scaling_factor: -0.8",
            ),
            Case::model(
                "dates of an intervention the wrong way round",
                "      end_date: 2025-01-05",
                "      end_date: 2024-01-05",
            ),
            Case::model(
                "neither factor nor value",
                "      override_value: 0.02\n",
                "",
            ),
            Case::model(
                "both factor and value",
                "      override_value: 0.02",
                "      override_value: 0.02\n      scaling_factor: 0.5",
            ),
            Case::model(
                "an unknown target",
                "    - type: parameter\n      target_parameter: beta",
                "    - type: parameter\n      target_parameter: bet",
            ),
            Case::model(
                "a value that isn't finite",
                "      override_value: 0.02",
                "      override_value: .nan",
            ),
            Case::model(
                "an intervention that never happens",
                "      start_date: 2025-02-01\n      end_date: 2025-02-14",
                "      start_date: 2026-02-01\n      end_date: 2026-02-14\n    - type: closure",
            ),
        ],
    );
}

#[test]
fn modelsets() {
    check(
        "modelsets",
        &[
            Case::modelset(
                "no populations",
                "  population_names: [US-MA, US-NY]",
                "  population_names: []",
            ),
            Case::modelset(
                "a missing list",
                "  population_names: [US-MA, US-NY]",
                "  populations: [US-MA, US-NY]",
            ),
            Case::modelset("one name instead of a list", "[US-MA, US-NY]", "US-MA"),
            Case::modelset(
                "a population twice",
                "[US-MA, US-NY]",
                "[US-MA, Massachusetts]",
            ),
            Case::modelset("an unknown state", "[US-MA, US-NY]", "[US-MA, US-NX]"),
            Case::modelset("a number", "[US-MA, US-NY]", "[25]"),
            Case::modelset(
                "metrocast locations",
                "[US-MA, US-NY]",
                "[all-metrocast, {name: denver, type: metrocast_location}]",
            ),
            Case::modelset(
                "sampling",
                "  population_names",
                "  sampling: {samplers: []}\n  population_names",
            ),
            Case::modelset(
                "calibration",
                "  population_names",
                "  calibration: {strategy: {name: SMC}}\n  population_names",
            ),
            Case::modelset(
                "nothing",
                "modelset:\n  population_names: [US-MA, US-NY]",
                "modelset:",
            ),
        ],
    );
}

#[test]
fn outputs() {
    check(
        "outputs",
        &[
            Case::output(
                "an unknown compartment column",
                "[I_total, I_65+]",
                "[E_total, I_65+]",
            ),
            Case::output("a column without its group", "[I_total, I_65+]", "[I]"),
            Case::output(
                "a column of an unknown group",
                "[I_total, I_65+]",
                "[I_65-84]",
            ),
            Case::output("a column twice", "[I_total, I_65+]", "[I_total, I_total]"),
            Case::output(
                "an unknown transition column",
                "[S_to_I_total]",
                "[S_to_R_total]",
            ),
            Case::output(
                "a transition among compartments",
                "[I_total, I_65+]",
                "[S_to_I_total]",
            ),
            Case::output("a selection that is a name", "[I_total, I_65+]", "I_total"),
            Case::output(
                "an empty selection",
                "    transitions: true",
                "    transitions:",
            ),
            Case::output(
                "a quantile of everything",
                "[0.025, 0.5, 0.975]",
                "[0.025, 0.5, 1]",
            ),
            Case::output(
                "a quantile in per cent",
                "[0.025, 0.5, 0.975]",
                "[2.5, 50, half]",
            ),
            Case::output("a quantile twice", "[0.025, 0.5, 0.975]", "[0.5, 0.5]"),
            Case::output("no quantiles", "[0.025, 0.5, 0.975]", "[]"),
            Case::output("an unknown format", "[CSVBytes, Parquet]", "[CSV]"),
            Case::output(
                "two hub formats",
                "  model_meta:",
                "  covid19_format: {}\n  model_meta:",
            ),
            Case::output(
                "a hub format without its date",
                "    reference_date: 2025-01-04\n    rate_trends_source",
                "    rate_trends_source",
            ),
            Case::output(
                "an unknown source",
                "    rate_trends_source: hospital",
                "    rate_trends_source: hospitals",
            ),
            Case::output(
                "old rate trends, incomplete",
                "    rate_trends_source: hospital",
                "    rate_trends: {observed_data_path: data/hospital.csv}",
            ),
            Case::output(
                "a strategy without its fields",
                "    rate_trends_source: hospital",
                "    prop_ed: {strategy: surveillance_window, ed_source: hospital, num_fit_weeks: 4}",
            ),
            Case::output(
                "a source without its columns",
                "        value_column: value\n        date_column: date\n",
                "",
            ),
            Case::output(
                "an unknown location format",
                "        location_column: location",
                "        location_column: location\n        location_format: iso",
            ),
            Case::output(
                "posteriors of nothing",
                "  posteriors: false",
                "  posteriors: sometimes",
            ),
            Case::output(
                "generations that aren't",
                "    calibration: false",
                "    calibration: [last]",
            ),
            Case::output(
                "plots without a date",
                "  plots:\n    reference_date: 2025-01-04\n",
                "  plots:\n",
            ),
            Case::output(
                "a plot variant twice",
                "        - {type: full, surveillance_source: hospital}",
                "        - {type: full}\n        - {type: full, surveillance_source: clinic}",
            ),
            Case::output(
                "an uneven grid",
                "        - {type: full, surveillance_source: hospital}",
                "        - {type: side_by_side}\n      grid: {panels_per_row: 3}\n      calibration: true",
            ),
            Case::output(
                "metadata that isn't",
                "    projection_parameters: false",
                "    projection_parameters: maybe",
            ),
        ],
    );
}
