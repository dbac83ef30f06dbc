//! A real bucket, where there is one to be written to.

use epycloud_storage::{Storage, conformance};

#[tokio::test]
async fn a_real_bucket_conforms() {
    let Ok(bucket) = std::env::var("EPYCLOUD_TEST_BUCKET") else {
        eprintln!("skipped: EPYCLOUD_TEST_BUCKET names no bucket");
        return;
    };
    // Nobody else's run of this test is disturbed, and nothing is left.
    let folder = format!("epycloud-test-{:016x}", getrandom::u64().unwrap());
    let storage = Storage::open(&format!("{}/{folder}", bucket.trim_end_matches('/'))).unwrap();
    let report = conformance::run_all(|| async { Ok(storage.clone()) }).await;
    for object in storage.list(None).await.unwrap() {
        storage.delete(&object.path).await.unwrap();
    }
    assert!(report.is_ok(), "{report}");
}
