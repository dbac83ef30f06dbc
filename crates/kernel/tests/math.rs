//! The elementary functions equal the C library's, bit for bit.

#![allow(
    clippy::panic,
    clippy::print_stderr,
    reason = "clippy takes helpers of tests for no tests"
)]

mod common;

use common::{cases, digest_of_doubles, oracle, record};
use epycloud_kernel::math;
use epycloud_kernel::random::Pcg64;

const RECORD: &str = "math.txt";
type Function = fn(f64) -> f64;

const FUNCTIONS: [(&str, Function); 4] = [
    ("exp", math::exp),
    ("expm1", math::expm1),
    ("log", math::log),
    ("log1p", math::log1p),
];

/// A kind of argument, from uniforms.
type Arguments = fn(&mut Pcg64) -> f64;

/// What the simulations ask for, and the corners.
const ARGUMENTS: [(&str, &str, Arguments); 14] = [
    ("exp", "of minus a mean", |rng| -45.0 * rng.next_double()),
    ("exp", "everywhere", |rng| {
        1500.0 * (rng.next_double() - 0.5)
    }),
    ("exp", "subnormal", |rng| -708.0 - 38.0 * rng.next_double()),
    ("exp", "any bits", any),
    ("expm1", "of minus a hazard", |rng| -power(rng, -40.0, 8.0)),
    ("expm1", "of common hazards", |rng| -2.0 * rng.next_double()),
    ("expm1", "positive", |rng| power(rng, -60.0, 10.0)),
    ("expm1", "any bits", any),
    ("log", "of a uniform", Pcg64::next_double),
    ("log", "near one", |rng| 0.9 + 0.2 * rng.next_double()),
    ("log", "any bits", any),
    ("log1p", "of minus a probability", |rng| {
        -power(rng, -60.0, -1.0)
    }),
    ("log1p", "everywhere", |rng| power(rng, -60.0, 60.0) - 1.0),
    ("log1p", "any bits", any),
];

fn any(rng: &mut Pcg64) -> f64 {
    f64::from_bits(rng.next_u64())
}

/// Two to a uniform power of a range.
fn power(rng: &mut Pcg64, low: f64, high: f64) -> f64 {
    let exponent = low + (high - low) * rng.next_double();
    let whole = exponent.floor();
    (1.0 + (exponent - whole)) * f64::from_bits(((whole + 1023.0) as u64) << 52)
}

const CORNERS: [f64; 22] = [
    0.0,
    -0.0,
    1.0,
    -1.0,
    f64::INFINITY,
    f64::NEG_INFINITY,
    f64::NAN,
    f64::MIN_POSITIVE,
    5e-324,
    f64::MAX,
    f64::MIN,
    709.782_712_893_384,
    709.782_712_893_384_1,
    -745.133_219_101_941_2,
    -38.816_242_111_356_935,
    56.0,
    0.346_573_590_279_972_64,
    1.039_720_770_839_918,
    0.414_213_562_373_095,
    -0.292_893_218_813_452_4,
    1e-17,
    4_503_599_627_370_497.5,
];

/// Arguments for one row of [`ARGUMENTS`], the same ones every time.
fn arguments(row: usize, count: usize) -> Vec<f64> {
    let mut rng = Pcg64::new(row as u64);
    (0..count)
        .map(|_| ARGUMENTS[row].2(&mut rng))
        .chain(CORNERS)
        .collect()
}

fn function(name: &str) -> Function {
    let (_, function) = FUNCTIONS
        .iter()
        .find(|(known, _)| *known == name)
        .expect("it is known");
    *function
}

/// NaN has many bit patterns; one is enough.
fn evaluate(function: Function, arguments: &[f64]) -> Vec<f64> {
    arguments.iter().map(|&x| canonical(function(x))).collect()
}

fn canonical(result: f64) -> f64 {
    if result.is_nan() { f64::NAN } else { result }
}

fn line(row: usize, results: &[f64]) -> String {
    let (name, what, _) = ARGUMENTS[row];
    format!("{name} {what}: {:016x}", digest_of_doubles(results))
}

const RECORDED: usize = 20_000;

#[test]
fn recorded_results_of_the_c_library_come_out() {
    let ours: Vec<String> = (0..ARGUMENTS.len())
        .map(|row| {
            line(
                row,
                &evaluate(function(ARGUMENTS[row].0), &arguments(row, RECORDED)),
            )
        })
        .collect();
    assert_eq!(ours, record::lines(RECORD));
}

#[test]
fn property_results_equal_the_c_librarys() {
    let Some(python) = oracle::python() else {
        return;
    };
    let count = 100 * cases(2 * RECORDED as u32 / 100) as usize;
    let mut lines = Vec::new();
    let mut different = 0;
    for (row, (name, what, _)) in ARGUMENTS.iter().enumerate() {
        let arguments = arguments(row, count);
        let bytes = arguments.iter().flat_map(|x| x.to_le_bytes()).collect();
        let output = oracle::run(&python, &["c_library.py", name], &[], bytes);
        let theirs: Vec<f64> = output
            .as_chunks::<8>()
            .0
            .iter()
            .map(|&bytes| canonical(f64::from_le_bytes(bytes)))
            .collect();
        let ours = evaluate(function(name), &arguments);
        assert_eq!(theirs.len(), ours.len());
        let unequal: Vec<_> = (0..ours.len())
            .filter(|&index| ours[index].to_bits() != theirs[index].to_bits())
            .collect();
        if let Some(&first) = unequal.first() {
            let (x, ours, theirs) = (arguments[first], ours[first], theirs[first]);
            eprintln!(
                "{name} {what}: {} differ: ({x:e}) = {ours:e}, not {theirs:e}",
                unequal.len()
            );
        }
        different += unequal.len();
        lines.push(line(row, &evaluate_recorded(&theirs)));
    }
    eprintln!("{different} of {} results differ", count * ARGUMENTS.len());
    if different > 0 && !host_has_the_kernels_c_library() {
        eprintln!("skipped: the C library here isn't the one that the kernel reproduces");
        return;
    }
    assert_eq!(different, 0);
    let heading = "digests of results by the C library of Debian 12 (glibc 2.36) with FMA";
    record::check_or_replace(RECORD, heading, &lines);
}

/// The recorded part of a longer list of results.
fn evaluate_recorded(results: &[f64]) -> Vec<f64> {
    let corners = results.len() - CORNERS.len();
    results[..RECORDED]
        .iter()
        .chain(&results[corners..])
        .copied()
        .collect()
}

/// glibc with fused multiply-add; where the processor or the library is another one, a difference
/// says nothing about the kernel.
fn host_has_the_kernels_c_library() -> bool {
    let cpu = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    cfg!(all(target_arch = "x86_64", target_env = "gnu")) && cpu.contains(" fma ")
}
