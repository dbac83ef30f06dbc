//! Compartments, transitions and parameters.

use crate::support::{Case, check};

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
