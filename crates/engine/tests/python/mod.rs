//! What the comparisons with Python share.
#![allow(dead_code, reason = "each test binary uses its own part")]

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::Value;

/// The Python with epydemix and scipy, or `None` with a line that says so.
pub(crate) fn oracle() -> Option<PathBuf> {
    python("EPYCLOUD_ORACLE_PYTHON", "epydemix and scipy")
}

/// The Python with `epymodelingsuite`, or `None` with a line that says so.
pub(crate) fn suite() -> Option<PathBuf> {
    python("EPYCLOUD_SUITE_PYTHON", "epymodelingsuite")
}

fn python(variable: &str, what: &str) -> Option<PathBuf> {
    let python = std::env::var_os(variable).filter(|path| !path.is_empty());
    if python.is_none() {
        eprintln!("skipped: {variable} names no Python with {what}");
    }
    python.map(PathBuf::from)
}

/// Runs a script of `tests/oracle` on one JSON value a line and returns its answers, one JSON value
/// a line.
pub(crate) fn ask(python: &Path, script: &str, questions: &[Value]) -> Vec<Value> {
    let script = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../tests/oracle")
        .join(script);
    let mut child = Command::new(python)
        .arg(script)
        .env("NPY_DISABLE_CPU_FEATURES", "X86_V4 AVX512_ICL AVX512_SPR")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("the oracle's Python starts");
    let mut stdin = child.stdin.take().expect("its input is piped");
    let input: String = questions
        .iter()
        .map(|question| format!("{question}\n"))
        .collect();
    let writer = std::thread::spawn(move || stdin.write_all(input.as_bytes()));
    let output = child.wait_with_output().expect("the oracle runs");
    writer
        .join()
        .expect("the writer ends")
        .expect("the oracle reads its input");
    assert!(output.status.success(), "the oracle failed");
    String::from_utf8(output.stdout)
        .expect("the oracle writes UTF-8")
        .lines()
        .map(|line| serde_json::from_str(line).expect("the oracle writes JSON lines"))
        .collect()
}
