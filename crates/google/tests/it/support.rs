//! A server and a client for it.

use std::time::Duration;

use epycloud_errors::Secret;
use epycloud_google::{Auth, Client, Endpoints, Place, RetryPolicy};
use epycloud_test_support::google::FakeGoogle;

pub(crate) fn place() -> Place {
    Place::new(
        "my-project".parse().unwrap(),
        "us-central1".parse().unwrap(),
    )
}

/// Patient enough for a busy machine, with short waits.
pub(crate) fn policy() -> RetryPolicy {
    RetryPolicy {
        request_timeout: Duration::from_secs(10),
        deadline: Duration::from_secs(30),
        first_delay: Duration::from_millis(2),
        longest_delay: Duration::from_millis(10),
    }
}

pub(crate) fn endpoints(google: &FakeGoogle) -> Endpoints {
    Endpoints::new(Some(google.url().parse().unwrap()))
}

pub(crate) fn client_with(google: &FakeGoogle, policy: RetryPolicy) -> Client {
    let auth = Auth::fixed(Secret::new(google.token()));
    Client::with(auth, endpoints(google), policy).unwrap()
}

pub(crate) fn client(google: &FakeGoogle) -> Client {
    client_with(google, policy())
}

/// Runs asynchronous work on this thread.
pub(crate) fn run<T>(work: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap()
        .block_on(work)
}
