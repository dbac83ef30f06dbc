//! Seeds, streams and draws equal numpy's.

#![allow(
    clippy::panic,
    clippy::print_stderr,
    reason = "clippy takes helpers of tests for no tests"
)]

mod common;

use common::{cases, oracle, record};
use epycloud_kernel::random::{Pcg64, SeedSequence, binomial, multinomial};
use serde_json::{Value, json};

const RECORD: &str = "draws.txt";
const HEADING: &str = "results, words of the seed, state, increment and buffered half; numpy 2.4.6";

/// What one answer of `numpy_draws.py` says, by the kernel.
fn answer(request: &Value) -> Value {
    let mut seeds = match &request["seed"] {
        Value::Array(words) => SeedSequence::from_words(
            words
                .iter()
                .map(|word| word.as_u64().expect("a word") as u32)
                .collect(),
        ),
        seed => SeedSequence::from_u64(seed.as_u64().expect("a seed")),
    };
    let mut draws = request["draws"]
        .as_array()
        .expect("draws are a list")
        .as_slice();
    if let Some((spawn, rest)) = draws.split_first().filter(|(first, _)| first[0] == "spawn") {
        let child = spawn[1][0].as_u64().expect("a child") as u32;
        seeds = seeds.spawn(child + 1).pop().expect("the child is there");
        draws = rest;
    }
    let mut rng = Pcg64::from_seed_sequence(&seeds);
    let results: Vec<Value> = draws
        .iter()
        .map(|request| draw(&mut rng, request))
        .collect();
    let state = rng.state();
    json!({
        "words": seeds.generate_u32(5),
        "results": results,
        "state": state.state.to_string(),
        "increment": state.increment.to_string(),
        "buffered": state.buffered,
    })
}

fn draw(rng: &mut Pcg64, request: &Value) -> Value {
    let number = |index: usize| request[1][index].as_f64().expect("a number");
    let integer = |index: usize| request[1][index].as_i64().expect("an integer");
    let text = |index: usize| request[1][index].as_str().expect("text");
    match request[0].as_str().expect("a kind of draw") {
        "random" => json!(hexadecimal(rng.next_double())),
        "raw" => json!(rng.next_u64().to_string()),
        "uint32" => json!(rng.next_u32()),
        "integers" => {
            let bound = |index| text(index).parse().expect("an integer");
            let drawn = rng
                .integers(bound(0), bound(1))
                .expect("the range isn't empty");
            json!(drawn.to_string())
        }
        "below" => json!(
            rng.bounded(text(0).parse().expect("an integer"))
                .to_string()
        ),
        "permutation" => {
            let mut order: Vec<i64> = (0..integer(0)).collect();
            rng.shuffle(&mut order);
            json!(order)
        }
        "binomial" => json!(binomial(rng, integer(0), number(1)).expect("a valid draw")),
        "multinomial" => {
            let probabilities: Vec<f64> = request[1][1]
                .as_array()
                .expect("probabilities are a list")
                .iter()
                .map(|p| p.as_f64().expect("a number"))
                .collect();
            let mut counts = vec![0; probabilities.len()];
            match multinomial(rng, integer(0), &probabilities, &mut counts) {
                Ok(()) => json!(counts),
                Err(_) => json!("refused"),
            }
        }
        other => panic!("no draw is called {other}"),
    }
}

/// Python's `float.hex` of a uniform.
fn hexadecimal(uniform: f64) -> String {
    let bits = uniform.to_bits();
    if uniform == 0.0 {
        return "0x0.0p+0".to_owned();
    }
    let exponent = i64::try_from(bits >> 52).expect("an exponent") - 1023;
    format!("0x1.{:013x}p{exponent}", bits & ((1 << 52) - 1))
}

/// Requests of the record: every kind of draw and seed, with the corners of each.
fn recorded_requests() -> Vec<Value> {
    let mut requests = Vec::new();
    for seed in [
        0,
        1,
        42,
        u64::from(u32::MAX),
        u64::from(u32::MAX) + 1,
        u64::MAX,
    ] {
        requests
            .push(json!({"seed": seed, "draws": [["random", []], ["raw", []], ["uint32", []]]}));
    }
    for words in [
        vec![7],
        vec![1, 2, 3, 4],
        vec![0, 0],
        vec![9, 8, 7, 6, 5, 4, 3, u32::MAX],
    ] {
        requests.push(json!({"seed": words, "draws": [["uint32", []], ["random", []]]}));
        requests.push(json!({"seed": words, "draws": [["spawn", [2]], ["random", []]]}));
    }
    requests.push(json!({"seed": 5, "draws": integer_requests()}));
    for size in [1, 2, 10, 100] {
        requests.push(json!({"seed": size, "draws": [["permutation", [size]], ["raw", []]]}));
    }
    let mut rng = Pcg64::new(2024);
    for seed in 100..140 {
        let draws: Vec<Value> = (0..25).map(|_| binomial_request(&mut rng)).collect();
        requests.push(json!({"seed": seed, "draws": draws}));
        let draws: Vec<Value> = (0..4).map(|_| multinomial_request(&mut rng)).collect();
        requests.push(json!({"seed": seed, "draws": draws}));
    }
    requests
}

fn integer_requests() -> Vec<Value> {
    let mut draws = Vec::new();
    for (low, high) in [
        (0, 1),
        (0, 2),
        (-5, 5),
        (0, 80),
        (0, 0xffff_ffff),
        (0, 0x1_0000_0000),
        (0, 0x1_0000_0001),
        (3, 3 << 60),
        (i64::MIN, i64::MAX),
    ] {
        draws.extend((0..3).map(|_| json!(["integers", [low.to_string(), high.to_string()]])));
    }
    for max in [
        0,
        1,
        0xffff_fffe,
        0xffff_ffff,
        0x1_0000_0000,
        u64::MAX - 1,
        u64::MAX,
    ] {
        draws.extend((0..3).map(|_| json!(["below", [max.to_string()]])));
    }
    draws
}

/// Trials and probabilities of all sizes, with those that sit on a switch of the algorithm.
fn binomial_request(rng: &mut Pcg64) -> Value {
    let n = match rng.bounded(5) {
        0 => rng.bounded(5),
        1 => rng.bounded(100),
        2 => rng.bounded(10_000),
        3 => rng.bounded(10_000_000),
        _ => up_to_power(rng, 53),
    };
    let uniform = rng.next_double();
    let p = match rng.bounded(8) {
        0 => uniform,
        1 => uniform * 1e-3,
        2 => 1.0 - uniform * 1e-9,
        3 => [0.0, 1.0, 0.5, 0.45, 1.0 - f64::EPSILON / 2.0, 5e-324][rng.bounded(5) as usize],
        // Means around 30, where inversion ends.
        4 => (60.0 * uniform / (n + 1) as f64).min(1.0),
        5 => (30.0 / (n + 1) as f64).min(1.0),
        6 => 1.0 - (100.0 * uniform / (n + 1) as f64).min(1.0),
        _ => 0.4 + 0.2 * uniform,
    };
    json!(["binomial", [n, p]])
}

/// A number of a random size below `2^power`.
fn up_to_power(rng: &mut Pcg64, power: u64) -> u64 {
    let size = rng.bounded(power);
    rng.bounded(1 << size)
}

/// Probabilities that sum to about 1, to less, or to what numpy refuses.
fn multinomial_request(rng: &mut Pcg64) -> Value {
    let categories = 1 + rng.bounded(7) as usize;
    let mut p: Vec<f64> = (0..categories)
        .map(|_| {
            if rng.bounded(4) == 0 {
                0.0
            } else {
                rng.next_double()
            }
        })
        .collect();
    let sum: f64 = p.iter().sum();
    let scale = match rng.bounded(6) {
        0 => 0.5,
        1 => 1.1,
        2 => 1.0 + 1e-12,
        3 => 1.0 + 5e-16,
        _ => 1.0,
    };
    if sum > 0.0 {
        p.iter_mut().for_each(|p| *p = *p / sum * scale);
    }
    json!(["multinomial", [up_to_power(rng, 40), p]])
}

/// An answer as the record has it.
fn line(answer: &Value) -> String {
    ["results", "words", "state", "increment", "buffered"]
        .map(|field| answer[field].to_string())
        .join(" ")
}

#[test]
fn recorded_draws_come_out() {
    let recorded = record::lines(RECORD);
    let requests = recorded_requests();
    assert_eq!(recorded.len(), requests.len());
    for (request, recorded) in requests.iter().zip(&recorded) {
        assert_eq!(&line(&answer(request)), recorded, "{request}");
    }
}

#[test]
fn the_record_is_what_numpy_draws() {
    let Some(python) = oracle::python() else {
        return;
    };
    let requests = recorded_requests();
    let answers = oracle::ask(
        &python,
        &["numpy_draws.py"],
        &[],
        requests.iter().map(Value::to_string),
    );
    let lines: Vec<String> = answers.iter().map(line).collect();
    record::check_or_replace(RECORD, HEADING, &lines);
}

#[test]
fn property_draws_equal_numpys() {
    let Some(python) = oracle::python() else {
        return;
    };
    let mut rng = Pcg64::new(7);
    let seeds: Vec<u32> = (0..cases(256)).collect();
    let mut n_refused = 0;
    // So many at a time that their answers fit into memory.
    for seeds in seeds.chunks(500) {
        let requests: Vec<Value> = seeds
            .iter()
            .map(|seed| {
                let mut draws: Vec<Value> = (0..400).map(|_| binomial_request(&mut rng)).collect();
                draws.extend((0..40).map(|_| multinomial_request(&mut rng)));
                json!({"seed": seed, "draws": draws})
            })
            .collect();
        let lines = requests.iter().map(Value::to_string);
        let answers = oracle::ask(&python, &["numpy_draws.py"], &[], lines);
        assert_eq!(answers.len(), requests.len());
        for (request, theirs) in requests.iter().zip(&answers) {
            n_refused += compare(request, &answer(request), theirs);
        }
    }
    assert!(n_refused > 0, "no multinomial was refused");
}

/// Compares draw by draw, then all of it, and returns how many draws were refused.
fn compare(request: &Value, ours: &Value, theirs: &Value) -> usize {
    let list = |value: &Value| value.as_array().expect("it is a list").clone();
    let results = list(&theirs["results"]);
    let pairs = list(&ours["results"]).into_iter().zip(&results);
    for ((ours, theirs), draw) in pairs.zip(list(&request["draws"])) {
        assert_eq!(&ours, theirs, "{draw}");
    }
    assert_eq!(ours, theirs, "seed {}", request["seed"]);
    results.iter().filter(|result| *result == "refused").count()
}

#[test]
fn wrong_arguments_are_refused_and_take_nothing() {
    let mut rng = Pcg64::new(1);
    let before = rng.state();
    for (n, p) in [
        (-1, 0.5),
        ((1 << 53) + 1, 0.5),
        (10, -0.1),
        (10, 1.1),
        (10, f64::NAN),
    ] {
        assert!(binomial(&mut rng, n, p).is_err(), "{n} {p}");
        assert!(
            multinomial(&mut rng, n, &[p, 0.0], &mut [0, 0]).is_err(),
            "{n} {p}"
        );
    }
    assert!(rng.integers(3, 3).is_none());
    assert!(rng.integers(4, 3).is_none());
    assert_eq!(rng.state(), before);
    assert_eq!(
        binomial(&mut rng, 10, 1.1)
            .expect_err("it is no probability")
            .to_string(),
        "probability `1.1` of category 0 is not in [0, 1]"
    );
}
