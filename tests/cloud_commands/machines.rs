//! `epycloud machine-types`.

use crate::lab::Lab;

#[test]
fn the_table_is_refreshed_from_compute_engine_and_used_from_then_on() {
    let lab = Lab::new();
    let built_in = lab
        .run(&["machine-types", "n2-standard-4", "--json"])
        .ended(0);
    assert_eq!(built_in.events("machine_type")[0]["memory_mib"], 16_384);
    let hour = built_in.events("machine_type")[0]["hour"].as_f64().unwrap();
    // 4 processors at 0.031611, 16 GiB at 0.004237, and a disk.
    assert!((hour - 0.194_236 - 5.0 / 730.0).abs() < 1e-9, "{hour}");
    let shown = lab.run(&["machine-types", "e2-"]).ended(0);
    insta::assert_snapshot!("prices", format!("{}---\n{}", shown.stdout, shown.stderr));
    assert_eq!(lab.google.requests().len(), 0);
    let dry = [
        "run",
        "job",
        "--stage",
        "A",
        "--exp-id",
        "a",
        "--dry-run",
        "--machine-type",
    ];
    let with = |name| [&dry[..], &[name]].concat();
    let unknown = lab.run(&with("n9-standard-8")).ended(2);
    insta::assert_snapshot!(unknown.stderr.lines().last().unwrap());

    let refreshed = lab.run(&["machine-types", "--refresh", "--json"]).ended(0);
    let names: Vec<_> = refreshed
        .events("machine_type")
        .iter()
        .map(|event| event["name"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(names, ["n9-standard-4", "n9-standard-8"]);
    let known = lab.run(&with("n9-standard-8")).ended(0);
    assert!(
        known.stdout.contains("\"cpuMilli\": 8000"),
        "{}",
        known.stdout
    );
    lab.run(&with("n2-standard-4")).ended(2);
}
