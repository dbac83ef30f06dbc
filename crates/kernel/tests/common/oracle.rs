//! Running the scripts of `tests/oracle`.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::Value;

/// The Python to compare with, or `None` and a line that says that a comparison is skipped.
pub(crate) fn python() -> Option<PathBuf> {
    let python = std::env::var_os("EPYCLOUD_ORACLE_PYTHON").map(PathBuf::from);
    if python.is_none() {
        eprintln!("skipped: EPYCLOUD_ORACLE_PYTHON names no Python with epydemix");
    }
    python
}

/// Runs a script with its arguments and returns its standard output.
pub(crate) fn run(
    python: &Path,
    arguments: &[&str],
    environment: &[(&str, &str)],
    input: Vec<u8>,
) -> Vec<u8> {
    let scripts = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/oracle");
    let mut child = Command::new(python)
        .arg(scripts.join(arguments[0]))
        .args(&arguments[1..])
        .envs(environment.iter().copied())
        .env("NPY_DISABLE_CPU_FEATURES", "X86_V4 AVX512_ICL AVX512_SPR")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("the oracle's Python starts");
    let mut stdin = child.stdin.take().expect("its input is piped");
    let writer = std::thread::spawn(move || stdin.write_all(&input));
    let output = child.wait_with_output().expect("the oracle runs");
    assert!(output.status.success(), "the oracle failed");
    writer
        .join()
        .expect("the writer ends")
        .expect("the oracle reads its input");
    output.stdout
}

/// Lines of JSON for a script, and its answers.
pub(crate) fn ask(
    python: &Path,
    arguments: &[&str],
    environment: &[(&str, &str)],
    lines: impl IntoIterator<Item = String>,
) -> Vec<Value> {
    let mut input = String::new();
    for line in lines {
        input.push_str(&line);
        input.push('\n');
    }
    run(python, arguments, environment, input.into_bytes())
        .split(|&byte| byte == b'\n')
        .filter(|line| !line.is_empty())
        .map(|line| serde_json::from_slice(line).expect("the oracle writes JSON lines"))
        .collect()
}
