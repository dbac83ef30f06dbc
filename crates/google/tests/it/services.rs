//! Listings to their end, secrets, machine types.

use epycloud_google::batch::{Job, Jobs, list_jobs};
use epycloud_google::{Client, GoogleError, compute, secret_manager};
use epycloud_test_support::google::{FakeGoogle, Fault, Misbehaviour, PLACE};
use serde_json::json;

use crate::support::{client, place, run};

fn with_jobs(n: usize) -> FakeGoogle {
    let google = FakeGoogle::start();
    for index in 0..n {
        let stage = if index % 2 == 0 { "builder" } else { "runner" };
        google.put_job(json!({
            "name": format!("{PLACE}/jobs/j{index:04}"), "labels": { "stage": stage }
        }));
    }
    google
}

fn ids(jobs: &[Job]) -> Vec<&str> {
    jobs.iter().map(Job::id).collect()
}

/// Lesson 12: only the first page was counted.
#[test]
fn lesson_12_listings_are_read_to_their_last_page() {
    let google = with_jobs(1_234);
    google.set_page_size(100);
    google.script(Fault::once("/jobs", Misbehaviour::Truncated).times(2));
    let client = client(&google);
    let all = run(client.list::<Jobs>(&list_jobs(&place(), None))).unwrap();
    assert_eq!(all.len(), 1_234);
    assert_eq!((all[0].id(), all[1_233].id()), ("j1233", "j0000"));
    assert_eq!(google.requests().len(), 15);
}

/// Lesson 18: a filter was applied after the limit.
#[test]
fn lesson_18_filters_come_before_the_limit() {
    let google = with_jobs(100);
    google.set_page_size(10);
    let wanted = |job: &Job| job.stage() == Some("builder");
    let client = client(&google);
    let found = run(client.list_some::<Jobs>(&list_jobs(&place(), None), wanted, 7)).unwrap();
    assert_eq!(found.len(), 7);
    assert!(found.iter().all(wanted));
    // No more pages than were needed.
    assert_eq!(google.requests().len(), 2);
    let filter = epycloud_google::batch::with_labels(&[("stage", "runner")]);
    let runners = run(client.list::<Jobs>(&list_jobs(&place(), Some(&filter)))).unwrap();
    assert_eq!(runners.len(), 50);
    assert_eq!(ids(&runners)[0], "j0099");
}

#[test]
fn a_listing_that_goes_round_in_circles_ends() {
    let google = FakeGoogle::start();
    let round = json!({ "jobs": [], "nextPageToken": "again" });
    google.script(Fault::once("/jobs", Misbehaviour::Status(200, round, None)).times(99));
    let error = run(client(&google).list::<Jobs>(&list_jobs(&place(), None))).unwrap_err();
    assert!(matches!(error, GoogleError::EndlessPages { .. }));
}

fn secret(client: &Client, name: &str) -> Result<epycloud_errors::Secret, GoogleError> {
    let name = name.parse().unwrap();
    run(secret_manager::fetch(client, &place().project, &name))
}

#[test]
fn a_secret_is_read_and_shown_nowhere() {
    let google = FakeGoogle::start();
    google.put_secret("github-pat", "ghp_very_secret\n");
    let client = client(&google);
    let value = secret(&client, "github-pat").unwrap();
    assert_eq!(value.expose(), "ghp_very_secret");
    assert_eq!(format!("{value:?}"), "********");
    let error = secret(&client, "other").unwrap_err();
    assert!(error.is_not_found());
    for request in google.requests() {
        assert!(!request.without_authorization().contains("ghp_"));
        assert!(!request.without_authorization().contains("ya29"));
    }
}

#[test]
fn machine_types_are_those_of_the_region_for_our_images() {
    let google = FakeGoogle::start();
    let table = run(compute::machine_types(&client(&google), &place())).unwrap();
    let names: Vec<&str> = table.iter().map(|machine| machine.name.as_str()).collect();
    assert_eq!(names, ["n9-standard-4", "n9-standard-8"]);
    assert_eq!(table.find("n9-standard-8").unwrap().cpu_milli, 8_000);
}
