//! numpy-exact random streams and the chain-binomial stepper.
//!
//! A stochastic compartmental model moves whole people between compartments: at every step and in
//! every population group, the people of a compartment are distributed over its destinations by
//! one multinomial draw, with probabilities from competing rates. This crate runs such simulations
//! fast and draws exactly what [epydemix](https://github.com/epistorm/epydemix) draws, so that one
//! seed gives the same integers and leaves the same stream. Numbers go in and come out: no files,
//! no dates, no names, no threads, no allocation while a simulation runs.
//!
//! A [`Model`] is compiled to a [`Plan`] once; [`Inputs`] bring the numbers of one parameter set;
//! [`run`] simulates with a stream ([`random::Pcg64`]), reusable memory ([`Scratch`]) and a
//! [`Sink`] that takes every step.
//!
//! # Example
//! An SIR epidemic of a thousand people over thirty days:
//! ```
//! use epycloud_kernel::random::Pcg64;
//! use epycloud_kernel::{
//!     Inputs, Kind, MatrixOrder, Model, Plan, RateId, Scratch, Series, Trajectory, Transition, run,
//! };
//!
//! let (s, i, r) = (0, 1, 2);
//! let infection = Kind::Mediated { rate: RateId(0), mediator: i };
//! let recovery = Kind::Spontaneous { rate: RateId(1) };
//! let plan = Plan::compile(&Model {
//!     n_compartments: 3,
//!     n_groups: 1,
//!     transitions: vec![
//!         Transition { source: s, target: i, kind: infection },
//!         Transition { source: i, target: r, kind: recovery },
//!     ],
//! })?;
//! let inputs = Inputs {
//!     dt: 1.0,
//!     linear_approximation: false,
//!     n_steps: 30,
//!     group_sizes: &[1000.0],
//!     initial: &[990, 10, 0],
//!     rates: &[Series { steps: 1, values: &[0.4] }, Series { steps: 1, values: &[0.2] }],
//!     contact_matrices: &[1.0],
//!     matrix_order: MatrixOrder::RowMajor,
//!     contact_of_step: &[0; 30],
//!     doses: &[],
//! };
//! let mut trajectory = Trajectory::default();
//! run(&plan, &inputs, &mut Pcg64::new(42), &mut Scratch::default(), &mut trajectory)?;
//!
//! // As epydemix gives it with `rng=numpy.random.default_rng(42)`.
//! let on_day_30 = &trajectory.compartments[29 * 3..];
//! assert_eq!(on_day_30, [314.0, 128.0, 558.0]);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Exactness
//! Reproduced, bit for bit, is `stochastic_simulation` of epydemix 1.5.0 with numpy 2.4 on an
//! x86-64 Linux host whose glibc uses fused multiply-add (any processor since Haswell and Zen);
//! [`MODE`] names this in artifacts. The host that this crate runs on doesn't matter: it carries
//! [its own](math) `exp`, `expm1`, `log` and `log1p`.
//!
//! Python itself isn't that independent of its host:
//! - numpy's AVX-512 variant of `expm1` differs from the C library's in the last place for 1.6 % of
//!   arguments. Set `NPY_DISABLE_CPU_FEATURES="X86_V4 AVX512_ICL AVX512_SPR"`, or install numba,
//!   which calls the C library's.
//! - Without fused multiply-add, or with an unpatched glibc older than 2.39, `expm1` differs for
//!   some arguments.
//! - numpy 2.5 corrects a term of the binomial's last test, which changes some draws.
//!
//! A last place matters because a probability such as 0.45 of a whole number of people often puts
//! the mode of the binomial exactly on a whole number, where a rounding decides.
//!
//! Counts are doubles, as in numpy, and exact to 2^53 people a group; more are refused. numpy holds
//! the sum of a contact matrix's row in an order that depends on its memory layout
//! ([`MatrixOrder`]).

mod error;
mod inputs;
pub mod math;
mod model;
mod plan;
pub mod random;
mod sink;
mod stepper;

pub use error::{PlanError, SimulationError};
pub use inputs::{Inputs, MatrixOrder, Series};
pub use model::{DosesId, Kind, Model, RateId, Transition};
pub use plan::Plan;
pub use sink::{Sink, Trajectory};
pub use stepper::{Scratch, run};

/// Whose numbers the kernel reproduces, for the record of an artifact: two simulations with the
/// same mode, inputs and stream are equal.
pub const MODE: &str = "epydemix-1.5 numpy-2.4 glibc-fma";
