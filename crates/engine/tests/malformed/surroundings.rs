//! What acts on a model, which models there are, and what is written of them.

use crate::support::{Case, check};

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
                "samples that can't be picked",
                "    rate_trends_source: hospital",
                "    samples: {n_samples: 0, method: best, seed: -1}",
            ),
            Case::output(
                "emergency visits without a window",
                "    rate_trends_source: hospital",
                "    prop_ed: {strategy: calibration_window, ed_source: clinic}",
            ),
            Case::output(
                "a scenario hub's targets",
                "  flusight_format:\n    reference_date: 2025-01-04\n    rate_trends_source: hospital\n",
                "  flusmh_format: {origin_date: soon, targets: {inc hosps: S_to_I}, n_horizons: 0, scenario: A}\n",
            ),
            Case::output(
                "trends of another hub",
                "  flusight_format:\n    reference_date: 2025-01-04\n    rate_trends_source: hospital\n",
                "  rsv_format: {reference_date: 2025-13-04, rate_trends_source: hospital, quantiles: [0.5, 2]}\n",
            ),
            Case::output(
                "observations since some day",
                "{type: full, surveillance_source: hospital}",
                "{type: full, surveillance_start_date: lately}",
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
