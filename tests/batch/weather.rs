//! Services that don't answer as they should.

use epycloud_test_support::google::{Fault, Misbehaviour};

use crate::lab::Lab;

/// The variable that says how many runs are made.
const RUNS: &str = "EPYCLOUD_SOAK_CLOUD_RUNS";

#[test]
fn nothing_is_lost_or_done_twice_when_requests_fail() {
    let runs = std::env::var(RUNS).ok().and_then(|text| text.parse().ok());
    let mut expected = None;
    for seed in 0..runs.unwrap_or(3_u64) {
        let lab = Lab::new();
        let expected = expected.get_or_insert_with(|| lab.local_tables());
        for (path, misbehaviour) in [
            ("/jobs", Misbehaviour::busy(503, 0)),
            ("/jobs", Misbehaviour::Lost),
            ("/jobs/stage-b", Misbehaviour::Truncated),
            ("/taskGroups/", Misbehaviour::busy(429, 0)),
            ("/token", Misbehaviour::busy(503, 0)),
        ] {
            lab.google.script(Fault::once(path, misbehaviour).times(2));
        }
        lab.google
            .script(Fault::once("/jobs", Misbehaviour::Lost).method("POST"));
        lab.bucket.mischief().randomly(seed, 0.02);
        lab.git.server().mischief().randomly(seed, 0.02);
        lab.workflow(&[]).ended(0);
        assert!(lab.tables() == *expected, "seed {seed}: other tables");
        let started = lab.started("runner");
        assert!(
            started.values().all(|times| *times == 1),
            "seed {seed}: {started:?}"
        );
    }
}
