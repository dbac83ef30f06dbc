//! The example does what it says.

use std::process::Command;

#[test]
fn it_prints_a_line_for_each_task() {
    let output = Command::new(env!("CARGO_BIN_EXE_epycloud-run-report"))
        .env_clear()
        .output()
        .unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    assert_eq!(text.lines().count(), 3, "{text}");
    assert!(
        text.contains("Harbour_Island") && text.contains("Meadow_County"),
        "{text}"
    );
    assert!(text.contains("S_vax "), "{text}");
}

#[test]
fn a_missing_experiment_is_an_error_with_the_documented_code() {
    let output = Command::new(env!("CARGO_BIN_EXE_epycloud-run-report"))
        .args([
            concat!(env!("CARGO_MANIFEST_DIR"), "/../quickstart"),
            "nothing",
        ])
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(2));
}
