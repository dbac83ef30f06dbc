//! What the comparisons with Python share.
#![allow(dead_code, reason = "each test binary uses its own part")]

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use epycloud_kernel::random::{Pcg64, Pcg64State};
use epycloud_kernel::{Inputs, Plan, Scratch, SimulationError, Sink, Trajectory, math, run};
use epycloud_test_support::models::Case;
use serde_json::Value;

/// The Python that has epydemix, or `None` with a line that says so.
pub fn oracle() -> Option<PathBuf> {
    let python = std::env::var_os("EPYCLOUD_ORACLE_PYTHON").map(PathBuf::from);
    if python.is_none() {
        eprintln!("skipped: EPYCLOUD_ORACLE_PYTHON names no Python with epydemix");
    }
    python
}

/// Cases of a property test; `cargo xtask soak` asks for more.
pub fn cases(usual: u32) -> u32 {
    std::env::var("PROPTEST_CASES")
        .ok()
        .and_then(|cases| cases.parse().ok())
        .unwrap_or(usual)
}

fn workspace_file(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../..")
        .join(path)
}

/// Runs a script of `tests/oracle` and returns its standard output.
pub fn run_oracle(
    python: &Path,
    arguments: &[&str],
    environment: &[(&str, &str)],
    input: &[u8],
) -> Vec<u8> {
    let mut child = Command::new(python)
        .arg(workspace_file("tests/oracle").join(arguments[0]))
        .args(&arguments[1..])
        .envs(environment.iter().copied())
        .env("NPY_DISABLE_CPU_FEATURES", "X86_V4 AVX512_ICL AVX512_SPR")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("the oracle's Python starts");
    let mut stdin = child.stdin.take().expect("its input is piped");
    let input = input.to_vec();
    let writer = std::thread::spawn(move || stdin.write_all(&input));
    let output = child.wait_with_output().expect("the oracle runs");
    writer
        .join()
        .expect("the writer ends")
        .expect("the oracle reads its input");
    assert!(output.status.success(), "the oracle failed");
    output.stdout
}

/// Simulates cases with epydemix: who answered, and an answer a case.
pub fn epydemix(
    python: &Path,
    arguments: &[&str],
    numba: bool,
    cases: &[Case],
) -> (Value, Vec<Value>) {
    let mut input = Vec::new();
    for case in cases {
        input.extend_from_slice(case.to_json().as_bytes());
        input.push(b'\n');
    }
    let arguments: Vec<&str> = ["epydemix_models.py"]
        .iter()
        .chain(arguments)
        .copied()
        .collect();
    let numba = [("EPYCLOUD_ORACLE_NUMBA", if numba { "1" } else { "0" })];
    let output = run_oracle(python, &arguments, &numba, &input);
    let mut lines = output
        .split(|&byte| byte == b'\n')
        .filter(|line| !line.is_empty())
        .map(|line| serde_json::from_slice(line).expect("the oracle writes JSON lines"));
    let header = lines.next().expect("the oracle says who it is");
    (header, lines.collect())
}

/// Whether the oracle's C library returns what the kernel reproduces; a line says so if not.
pub fn has_our_c_library(header: &Value) -> bool {
    let arguments = (1..=2000).map(|i| f64::from(i) / 257.0);
    let mut ours = String::new();
    let functions: [fn(f64) -> f64; 4] = [
        |x| math::expm1(-x),
        |x| math::exp(-x),
        math::log,
        math::log1p,
    ];
    for function in functions {
        for x in arguments.clone() {
            ours.push_str(&hex(&function(x).to_le_bytes()));
        }
    }
    let same = header["c_library"] == ours;
    if !same {
        eprintln!("skipped: the C library here gives other results than the kernel's `MODE`");
    }
    same
}

pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// FNV-1a, to record many results in one number.
#[derive(Clone, Copy)]
pub struct Digest(pub u64);

impl Digest {
    pub fn new() -> Self {
        Self(0xcbf2_9ce4_8422_2325)
    }

    pub fn add(&mut self, bytes: &[u8]) {
        for &byte in bytes {
            self.0 = (self.0 ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        }
    }

    pub fn of(values: impl IntoIterator<Item = u64>) -> u64 {
        let mut digest = Self::new();
        for value in values {
            digest.add(&value.to_le_bytes());
        }
        digest.0
    }
}

/// One simulation by the kernel.
pub struct Simulated {
    pub outcome: Result<(), SimulationError>,
    pub trajectory: Trajectory,
    /// Probabilities of every draw, one a compartment.
    pub probabilities: Vec<f64>,
    pub state: Pcg64State,
}

struct Recorder<'a> {
    trajectory: &'a mut Trajectory,
    probabilities: &'a mut Vec<f64>,
    n_compartments: usize,
}

impl Sink for Recorder<'_> {
    fn step(&mut self, t: usize, compartments: &[f64], transitions: &[f64]) {
        self.trajectory.step(t, compartments, transitions);
    }

    fn probabilities(&mut self, _t: usize, _group: usize, compartments: &[usize], p: &[f64]) {
        let first = self.probabilities.len();
        self.probabilities.resize(first + self.n_compartments, 0.0);
        for (&compartment, &p) in compartments.iter().zip(p) {
            self.probabilities[first + compartment] = if p.is_nan() { f64::NAN } else { p };
        }
    }
}

pub fn simulate(case: &Case) -> Simulated {
    case.with_kernel(|plan, inputs| simulate_with(plan, inputs, case.seed))
}

pub fn simulate_with(plan: &Plan, inputs: &Inputs<'_>, seed: u64) -> Simulated {
    let mut rng = Pcg64::new(seed);
    let mut trajectory = Trajectory::default();
    let mut probabilities = Vec::new();
    let mut recorder = Recorder {
        trajectory: &mut trajectory,
        probabilities: &mut probabilities,
        n_compartments: plan.n_compartments(),
    };
    let outcome = run(
        plan,
        inputs,
        &mut rng,
        &mut Scratch::default(),
        &mut recorder,
    );
    Simulated {
        outcome,
        trajectory,
        probabilities,
        state: rng.state(),
    }
}
