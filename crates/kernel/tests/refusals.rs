//! Models and inputs that don't fit are refused, with what is wrong, before anything is drawn.

use std::error::Error as _;
use std::ops::ControlFlow;

use epycloud_kernel::random::{InvalidDraw, Pcg64};
use epycloud_kernel::{
    DosesId, Inputs, Kind, MatrixOrder, Model, Plan, PlanError, RateId, Scratch, Series,
    SimulationError, Transition, run,
};

/// S to I by contact with I, I to R at a rate of its own.
fn model() -> Model {
    let transition = |source, target, kind| Transition {
        source,
        target,
        kind,
    };
    Model {
        n_compartments: 3,
        n_groups: 2,
        transitions: vec![
            transition(
                0,
                1,
                Kind::Mediated {
                    rate: RateId(0),
                    mediator: 1,
                },
            ),
            transition(1, 2, Kind::Spontaneous { rate: RateId(1) }),
        ],
    }
}

const BETA: Series<'_> = Series {
    steps: 1,
    values: &[0.3, 0.3],
};
const GAMMA: Series<'_> = Series {
    steps: 1,
    values: &[0.2, 0.2],
};

fn inputs() -> Inputs<'static> {
    Inputs {
        dt: 1.0,
        linear_approximation: false,
        n_steps: 3,
        group_sizes: &[100.0, 100.0],
        initial: &[90, 90, 10, 10, 0, 0],
        rates: &[BETA, GAMMA],
        contact_matrices: &[1.0, 2.0, 2.0, 1.0],
        matrix_order: MatrixOrder::RowMajor,
        contact_of_step: &[0, 0, 0],
        doses: &[],
    }
}

fn refusal(inputs: &Inputs<'_>) -> SimulationError {
    let plan = Plan::compile(&model()).expect("the model compiles");
    let mut rng = Pcg64::new(1);
    let before = rng.state();
    let error = run(&plan, inputs, &mut rng, &mut Scratch::default(), &mut ())
        .expect_err("the inputs don't fit");
    assert_eq!(rng.state(), before, "{error}");
    error
}

#[test]
fn models_that_name_what_is_not_there_do_not_compile() {
    let compile = |change: fn(&mut Model)| {
        let mut model = model();
        change(&mut model);
        Plan::compile(&model)
            .expect_err("the model is wrong")
            .to_string()
    };
    assert_eq!(
        compile(|model| model.n_compartments = 0),
        "the model has no compartments"
    );
    assert_eq!(
        compile(|model| model.n_groups = 0),
        "the model has no groups"
    );
    assert_eq!(
        compile(|model| model.transitions.clear()),
        "the model has no transitions"
    );
    assert_eq!(
        compile(|model| model.transitions[1].target = 3),
        "transition 1 names compartment `3` of 3"
    );
    let eligible = |kind| {
        let mut model = model();
        model.transitions[0].kind = kind;
        assert_eq!(
            Plan::compile(&model).expect_err("compartment 9 isn't there"),
            PlanError::UnknownCompartment {
                transition: 0,
                compartment: 9,
                n_compartments: 3
            }
        );
    };
    let doses = DosesId(0);
    eligible(Kind::Mediated {
        rate: RateId(0),
        mediator: 9,
    });
    eligible(Kind::Vaccination {
        doses,
        origin: 9,
        eligible: vec![0],
    });
    eligible(Kind::Vaccination {
        doses,
        origin: 0,
        eligible: vec![0, 9],
    });
    eligible(Kind::Scheduled {
        doses,
        eligible: Some(vec![9]),
    });
}

#[test]
fn arrays_of_the_wrong_shape_are_named() {
    let message = |inputs: Inputs<'_>| refusal(&inputs).to_string();
    assert_eq!(
        message(Inputs {
            group_sizes: &[1.0],
            ..inputs()
        }),
        "expected 2 group sizes, found `1`"
    );
    assert_eq!(
        message(Inputs {
            initial: &[1; 5],
            ..inputs()
        }),
        "expected 6 initial counts, found `5`"
    );
    assert_eq!(
        message(Inputs {
            rates: &[BETA],
            ..inputs()
        }),
        "the model refers to rate `1`, but there are 1"
    );
    let short = Series {
        steps: 2,
        values: &[0.1; 4],
    };
    assert_eq!(
        message(Inputs {
            rates: &[BETA, short],
            ..inputs()
        }),
        "rate 1 has `2` steps, expected 1 or at least 3"
    );
    let torn = Series {
        steps: 3,
        values: &[0.1; 4],
    };
    assert_eq!(
        message(Inputs {
            rates: &[torn, GAMMA],
            ..inputs()
        }),
        "expected 6 values of a rate, found `4`"
    );
    assert_eq!(
        message(Inputs {
            contact_of_step: &[0, 0],
            ..inputs()
        }),
        "expected 3 contact matrices of steps, found `2`"
    );
    assert_eq!(
        message(Inputs {
            contact_of_step: &[0, 1, 0],
            ..inputs()
        }),
        "step 1 refers to contact matrix `1`, but there are 1"
    );
    assert_eq!(
        message(Inputs {
            contact_matrices: &[1.0; 5],
            ..inputs()
        }),
        "expected 4 values of contact matrices, found `5`"
    );
    assert_eq!(
        message(Inputs {
            initial: &[1 << 53, 0, 0, 0, 1, 0],
            ..inputs()
        }),
        "group 0 has `9007199254740993` people, more than 2^53"
    );
}

#[test]
fn rates_without_probabilities_end_the_run_where_numpy_ends_it() {
    let plan = Plan::compile(&model()).expect("the model compiles");
    let gamma = Series {
        steps: 3,
        values: &[0.2, 0.2, 0.2, f64::NAN, 0.2, 0.2],
    };
    let inputs = Inputs {
        rates: &[BETA, gamma],
        ..inputs()
    };
    let mut rng = Pcg64::new(1);
    let mut steps = 0;
    let mut count = Count(&mut steps);
    let error = run(
        &plan,
        &inputs,
        &mut rng,
        &mut Scratch::default(),
        &mut count,
    )
    .expect_err("a rate isn't a number");
    assert_eq!(steps, 1);
    assert_ne!(rng.state(), Pcg64::new(1).state());
    assert_eq!(
        error.to_string(),
        "no probabilities for compartment 1, group 1, step 1"
    );
    let cause = error.source().expect("there is a cause").to_string();
    assert_eq!(cause, "probability `NaN` of category 1 is not in [0, 1]");
    let SimulationError::Probabilities { cause, .. } = error else {
        panic!("{error}")
    };
    assert!(matches!(
        cause,
        InvalidDraw::ProbabilityOutOfRange { category: 1, .. }
    ));
}

struct Count<'a>(&'a mut usize);

impl epycloud_kernel::Sink for Count<'_> {
    fn step(&mut self, t: usize, _: &[f64], _: &[f64]) -> ControlFlow<()> {
        assert_eq!(t, *self.0);
        *self.0 += 1;
        ControlFlow::Continue(())
    }
}

/// Has seen enough after a number of steps.
struct Enough(usize);

impl epycloud_kernel::Sink for Enough {
    fn step(&mut self, t: usize, _: &[f64], _: &[f64]) -> ControlFlow<()> {
        if t + 1 == self.0 {
            ControlFlow::Break(())
        } else {
            ControlFlow::Continue(())
        }
    }
}

#[test]
fn a_sink_that_has_seen_enough_ends_the_run_where_it_stands() {
    let plan = Plan::compile(&model()).expect("the model compiles");
    let simulate = |n_steps, sink: &mut Enough| {
        let inputs = Inputs {
            n_steps,
            contact_of_step: &[0, 0, 0][..n_steps],
            ..inputs()
        };
        let mut rng = Pcg64::new(1);
        let mut scratch = Scratch::default();
        run(&plan, &inputs, &mut rng, &mut scratch, sink).expect("nothing can fail");
        rng
    };
    let stopped = simulate(inputs().n_steps, &mut Enough(1));
    assert_eq!(stopped, simulate(1, &mut Enough(usize::MAX)));
    assert_ne!(stopped, simulate(inputs().n_steps, &mut Enough(usize::MAX)));
}

#[test]
fn no_steps_draw_nothing() {
    let plan = Plan::compile(&model()).expect("the model compiles");
    let inputs = Inputs {
        n_steps: 0,
        contact_of_step: &[],
        ..inputs()
    };
    let mut rng = Pcg64::new(1);
    run(&plan, &inputs, &mut rng, &mut Scratch::default(), &mut ()).expect("nothing can fail");
    assert_eq!(rng, Pcg64::new(1));
}
