//! What the storage costs beside a bare HTTP client, over the same server in the same run.

use std::time::Instant;

use bytes::Bytes;
use epycloud_config::Environment;
use epycloud_storage::{LoadOptions, SaveOptions, Storage, StoragePath};
use epycloud_test_support::gcs::GcsServer;

use crate::failure::Failure;
use crate::table::{Table, Target, median};

/// A gigabyte.
const BYTES: usize = 1 << 30;
const ROUNDS: usize = 3;

/// Writes and reads a gigabyte by turns with a bare client and with the storage.
pub(crate) fn run() -> Result<Table, Failure> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .map_err(|error| Failure::Storage(error.to_string()))?;
    runtime.block_on(measure())
}

#[derive(Default)]
struct Times {
    bare: Vec<f64>,
    ours: Vec<f64>,
}

impl Times {
    /// How fast ours is as a share of the bare client, by medians.
    fn share(&self) -> f64 {
        median(self.bare.clone()) / median(self.ours.clone())
    }
}

async fn measure() -> Result<Table, Failure> {
    let failed = |error: &dyn std::error::Error| Failure::Storage(error.to_string());
    let server = GcsServer::start("lab", None).map_err(|error| failed(&error))?;
    server.stop_recording();
    let environment = Environment::from_pairs([
        ("GOOGLE_BASE_URL", server.url()),
        ("GOOGLE_SKIP_SIGNATURE", "true".to_owned()),
    ]);
    let storage = Storage::open_with("gs://lab", &environment).map_err(|error| failed(&error))?;
    let client = reqwest::Client::builder()
        .build()
        .map_err(|error| failed(&error))?;
    let path: StoragePath = "ours".parse().map_err(|error| failed(&error))?;
    let url = format!("{}/lab/bare", server.url());
    let data = Bytes::from(noise());
    let (mut up, mut down) = (Times::default(), Times::default());
    for _ in 0..ROUNDS {
        let started = Instant::now();
        let put = client.put(&url).body(data.clone()).send().await;
        put.and_then(reqwest::Response::error_for_status)
            .map_err(|error| failed(&error))?;
        up.bare.push(started.elapsed().as_secs_f64());

        let started = Instant::now();
        storage
            .save_bytes(&path, data.clone(), &SaveOptions::as_is())
            .await
            .map_err(|error| failed(&error))?;
        up.ours.push(started.elapsed().as_secs_f64());

        let started = Instant::now();
        let got = client
            .get(&url)
            .send()
            .await
            .map_err(|error| failed(&error))?;
        let got = got.bytes().await.map_err(|error| failed(&error))?;
        down.bare.push(started.elapsed().as_secs_f64());
        check(&got, &data)?;
        drop(got);

        let started = Instant::now();
        let loaded = storage
            .load_bytes(&path, &LoadOptions::as_is())
            .await
            .map_err(|error| failed(&error))?;
        down.ours.push(started.elapsed().as_secs_f64());
        check(&loaded, &data)?;
    }
    Ok(table(&up, &down))
}

fn table(up: &Times, down: &Times) -> Table {
    let mut table = Table::new("storage: one object of 1 GiB over HTTP on this machine");
    table.note(format!(
        "medians of {ROUNDS}; the bare client is one request and verifies nothing"
    ));
    for (what, times) in [("written", up), ("read", down)] {
        table.row(
            format!("{what} by a bare client"),
            median(times.bare.clone()),
            "s",
            Target::None,
        );
        table.row(
            format!("{what} by the storage"),
            median(times.ours.clone()),
            "s",
            Target::None,
        );
        table.row(
            format!("{what}: speed as a share of the bare client's"),
            times.share(),
            "",
            Target::AtLeast(0.8),
        );
    }
    table
}

fn check(found: &[u8], expected: &[u8]) -> Result<(), Failure> {
    if found == expected {
        Ok(())
    } else {
        Err(Failure::Storage("other bytes came back".to_owned()))
    }
}

/// Bytes that no two pieces of are the same.
fn noise() -> Vec<u8> {
    let mut state = 7_u64;
    let mut data = Vec::with_capacity(BYTES);
    while data.len() < BYTES {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        data.extend_from_slice(&(state ^ (state >> 33)).to_le_bytes());
    }
    data
}
