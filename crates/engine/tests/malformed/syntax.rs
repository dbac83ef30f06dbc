//! What isn't YAML, isn't an experiment, or isn't a time or a place.

use crate::support::{Case, check};

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
