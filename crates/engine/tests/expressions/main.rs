//! Expressions against Python: a recorded table, and random expressions where Python is there.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stderr,
    reason = "its helpers fail the test, and say when it is skipped"
)]

mod generate;
#[path = "../python/mod.rs"]
mod python;

use std::collections::BTreeMap;

use epycloud_engine::expression::{Dialect, Expression, ExpressionError, Grid, Value};
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use serde_json::{Value as Json, json};

use generate::{Tree, any_text, tree};

/// Values of the names in random expressions: numbers, an age-varying and a time-varying array.
fn names(dialect: Dialect) -> BTreeMap<&'static str, Value> {
    let by_group = |values: &[f64]| Value::by_group(values.to_vec());
    let over_time = |values: &[f64]| Value::Array(Grid::new(3, 2, values.to_vec()).unwrap());
    let mut names = BTreeMap::from([
        ("a", Value::Number(0.3)),
        ("b", Value::Number(1.0 / 1.5)),
        ("x", by_group(&[0.1, 1.7])),
    ]);
    if dialect == Dialect::Rate {
        // epydemix has made an array `[T, G]` of every parameter when it evaluates a rate.
        names = BTreeMap::from([
            ("a", over_time(&[0.3; 6])),
            ("b", over_time(&[1.0 / 1.5; 6])),
            ("x", over_time(&[0.1, 1.7, 0.1, 1.7, 0.1, 1.7])),
            ("y", over_time(&[0.9, 0.8, 0.7, 0.6, 0.5, 0.4])),
        ]);
    }
    names
}

fn question(dialect: Dialect, expression: &str) -> Json {
    let rows = |grid: &Grid| -> Vec<Vec<f64>> {
        grid.values()
            .chunks(grid.n_columns())
            .map(<[f64]>::to_vec)
            .collect()
    };
    let names: BTreeMap<&str, Json> = names(dialect)
        .iter()
        .map(|(name, value)| match value {
            Value::Number(number) => (*name, json!(number)),
            Value::Array(grid) => (*name, json!(rows(grid))),
        })
        .collect();
    let dialect = if dialect == Dialect::Rate {
        "rate"
    } else {
        "parameter"
    };
    json!({"dialect": dialect, "expression": expression, "names": names})
}

fn dialect_of(question: &Json) -> Dialect {
    if question["dialect"] == "rate" {
        Dialect::Rate
    } else {
        Dialect::Parameter
    }
}

/// Evaluates a question's expression; the bits of the result's elements.
fn answer(question: &Json) -> Result<Vec<u64>, ExpressionError> {
    let dialect = dialect_of(question);
    evaluate(
        question["expression"].as_str().unwrap(),
        dialect,
        &names(dialect),
    )
}

fn evaluate(
    text: &str,
    dialect: Dialect,
    names: &BTreeMap<&str, Value>,
) -> Result<Vec<u64>, ExpressionError> {
    let value = Expression::parse(text, dialect)?.evaluate(&|name| names.get(name).cloned())?;
    Ok(match value {
        Value::Number(number) => vec![number.to_bits()],
        Value::Array(grid) => grid.values().iter().map(|value| value.to_bits()).collect(),
    })
}

/// Compares our answer with Python's; both fail or both have the same bits.
fn compare(answered: &Json) {
    let ours = answer(answered);
    let theirs: Option<Vec<u64>> = answered["result"]
        .as_array()
        .map(|bits| bits.iter().map(|bits| bits.as_u64().unwrap()).collect());
    match (&ours, &theirs) {
        (Ok(ours), Some(theirs)) => assert_eq!(ours, theirs, "{}", answered["expression"]),
        (Err(_), None) => {}
        // Python goes on with a complex number, whose size may be real again.
        (Err(error), Some(_)) if error.message == "a fractional power of a negative number" => {}
        (ours, theirs) => panic!("{}: {ours:?}, Python {theirs:?}", answered["expression"]),
    }
}

/// Random expressions, the same ones every time.
fn random(dialect: Dialect, n: usize) -> Vec<Json> {
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &[7; 32]);
    let mut runner = TestRunner::new_with_rng(Config::default(), rng);
    let strategy = tree(dialect);
    (0..n)
        .map(|_| {
            let tree: Tree = strategy.new_tree(&mut runner).unwrap().current();
            question(dialect, &tree.shortest())
        })
        .collect()
}

/// Expressions with their results, recorded from `tests/oracle/expressions.py`.
fn recorded() -> Vec<Json> {
    let lines = include_str!("recorded.jsonl").lines();
    lines
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

#[test]
fn results_equal_those_recorded_from_python() {
    let recorded = recorded();
    recorded.iter().for_each(compare);
    let n_values = recorded
        .iter()
        .filter(|answered| !answered["result"].is_null())
        .count();
    assert!(n_values > 200, "{n_values} recorded results");
}

#[test]
fn random_expressions_equal_pythons_bit_for_bit() {
    let Some(python) = python::oracle() else {
        return;
    };
    let mut questions = random(Dialect::Parameter, 4_000);
    questions.extend(random(Dialect::Rate, 2_000));
    for recorded in recorded() {
        let text = recorded["expression"].as_str().unwrap();
        questions.push(question(dialect_of(&recorded), text));
    }
    let answers = python::ask(&python, "expressions.py", &questions);
    assert_eq!(answers.len(), questions.len());
    for answered in &answers {
        compare(answered);
    }
}

proptest! {
    #[test]
    fn brackets_that_change_nothing_change_nothing(tree in tree(Dialect::Parameter)) {
        let names = names(Dialect::Parameter);
        let short = evaluate(&tree.shortest(), Dialect::Parameter, &names);
        let long = evaluate(&tree.bracketed(), Dialect::Parameter, &names);
        prop_assert_eq!(short.ok(), long.ok(), "{} {}", tree.shortest(), tree.bracketed());
    }

    #[test]
    fn no_text_makes_the_parser_panic(text in any_text()) {
        for dialect in [Dialect::Parameter, Dialect::Rate] {
            match Expression::parse(&text, dialect) {
                Ok(expression) => {
                    let again = Expression::parse(expression.text(), dialect).unwrap();
                    prop_assert_eq!(&again, &expression);
                    let _ = expression.evaluate(&|_| Some(Value::Number(0.5)));
                }
                Err(error) => {
                    let length = error.expression.chars().count();
                    prop_assert!((1..=length + 1).contains(&error.column), "{error:?}");
                    prop_assert!(!error.message.is_empty());
                }
            }
        }
    }
}

#[test]
fn long_and_deep_expressions_are_refused_or_evaluated_but_never_overflow_the_stack() {
    let names = names(Dialect::Parameter);
    let sum = vec!["1"; 1_900].join("+");
    assert_eq!(
        evaluate(&sum, Dialect::Parameter, &names).unwrap(),
        [1_900_f64.to_bits()]
    );
    for deep in [
        "(".repeat(1_000) + "1" + &")".repeat(1_000),
        "-".repeat(3_000) + "1",
        "2**".repeat(1_000) + "1",
        "[".repeat(2_000),
        "np.exp(".repeat(500),
    ] {
        let error = evaluate(&deep, Dialect::Parameter, &names).unwrap_err();
        assert!(error.message.contains("nested more than"), "{error}");
    }
    let error = evaluate(&vec!["1"; 3_000].join("+"), Dialect::Parameter, &names).unwrap_err();
    assert_eq!(
        error.message,
        "the expression is longer than 4000 characters"
    );
}

#[test]
fn errors_name_the_column_and_what_there_is_instead() {
    let errors: Vec<String> = [
        ("1 + beta", Dialect::Parameter),
        ("x + [1, 2, 3]", Dialect::Parameter),
        ("1 / (a - a)", Dialect::Parameter),
        ("(0 - 8) ** (1/3)", Dialect::Parameter),
        ("np.sum([])", Dialect::Parameter),
        ("np.power(2, -1)", Dialect::Parameter),
        ("np.round(a, b)", Dialect::Parameter),
        ("np.exp(1000)", Dialect::Parameter),
        ("np.exp", Dialect::Parameter),
        ("a b", Dialect::Parameter),
        ("7 // 2", Dialect::Parameter),
        ("012 + 1", Dialect::Parameter),
        ("1e", Dialect::Parameter),
        ("a, b", Dialect::Parameter),
        ("lambda", Dialect::Parameter),
        ("a if b", Dialect::Rate),
        ("[a, b]", Dialect::Rate),
    ]
    .iter()
    .map(|(text, dialect)| {
        let error = evaluate(text, *dialect, &names(Dialect::Parameter)).unwrap_err();
        match &error.hint {
            Some(hint) => format!("{error} ({hint})"),
            None => error.to_string(),
        }
    })
    .collect();
    insta::assert_snapshot!(errors.join("\n"));
}
