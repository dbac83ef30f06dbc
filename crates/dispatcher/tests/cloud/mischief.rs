//! Two of a hundred requests fail: 503, reset, answer lost, answer cut short, late.

use crate::lab::Lab;

/// The variable that says how many runs are made.
const RUNS: &str = "EPYCLOUD_SOAK_CLOUD_RUNS";

#[test]
fn nothing_is_lost_when_requests_fail() {
    let runs = std::env::var(RUNS).ok().and_then(|text| text.parse().ok());
    let expected = Lab::new().local_tables();
    let mut made = 0;
    for seed in 0..runs.unwrap_or(10_u64) {
        let lab = Lab::new();
        lab.bucket.mischief().randomly(seed, 0.02);
        lab.machine.server().mischief().randomly(seed, 0.02);
        lab.git.server().mischief().randomly(seed, 0.02);
        lab.run();
        made += lab.bucket.mischief().made().values().sum::<u64>();
        assert!(lab.tables() == expected, "seed {seed}: other tables");
    }
    assert!(made > 0, "nothing went wrong");
}
