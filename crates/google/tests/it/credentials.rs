//! Whose name requests are made in.

use std::path::Path;
use std::process::Command;

use epycloud_config::{CredentialsSource, GoogleSettings};
use epycloud_errors::{Diagnose as _, ExitCode};
use epycloud_google::batch::{Job, get_job};
use epycloud_google::{Auth, Client, GoogleError};
use epycloud_test_support::google::{FakeGoogle, Fault, Misbehaviour, PLACE};
use serde_json::json;

use crate::support::{endpoints, place, policy, run};

fn client(google: &FakeGoogle, credentials: CredentialsSource) -> Client {
    let settings = GoogleSettings {
        endpoint: Some(google.url().parse().unwrap()),
        credentials,
    };
    Client::with(Auth::new(&settings), endpoints(google), policy()).unwrap()
}

fn on_a_machine(google: &FakeGoogle) -> Client {
    let host = Some(google.host());
    client(google, CredentialsSource::Metadata { host })
}

fn with_a_job() -> FakeGoogle {
    let google = FakeGoogle::start();
    google.put_job(json!({ "name": format!("{PLACE}/jobs/j"), "uid": "u" }));
    google
}

fn file(path: &Path) -> CredentialsSource {
    CredentialsSource::File {
        path: path.to_owned(),
        named: true,
    }
}

#[test]
fn the_metadata_server_s_token_is_used_and_kept() {
    let google = with_a_job();
    let client = on_a_machine(&google);
    run(async {
        for _ in 0..3 {
            let job: Job = client.send(&get_job(&place().job("j"))).await.unwrap();
            assert_eq!(job.uid, "u");
        }
    });
    assert_eq!(google.requests_to("/computeMetadata/").len(), 1);
}

#[test]
fn a_token_that_has_expired_is_renewed_once() {
    let google = with_a_job();
    let client = on_a_machine(&google);
    run(async {
        let name = place().job("j");
        client.send::<Job>(&get_job(&name)).await.unwrap();
        google.expire_token();
        client.send::<Job>(&get_job(&name)).await.unwrap();
        // Refused whatever the token: once more, and then it is told.
        let refused = Misbehaviour::refusal(401, "UNAUTHENTICATED", "no");
        google.script(Fault::once("/jobs/j", refused).times(9));
        let before = google.requests_to("/jobs/j").len();
        let error = client.send::<Job>(&get_job(&name)).await.unwrap_err();
        assert!(matches!(error, GoogleError::Unauthenticated { .. }));
        assert_eq!(google.requests_to("/jobs/j").len(), before + 2);
        assert_eq!(error.exit_code(), ExitCode::Failed);
    });
}

/// A key that was never used for anything.
fn private_key() -> Option<String> {
    let made = Command::new("openssl")
        .args(["genpkey", "-quiet", "-algorithm", "RSA"])
        .output()
        .ok()?;
    made.status
        .success()
        .then(|| String::from_utf8(made.stdout).unwrap())
}

#[test]
fn a_service_account_s_key_signs_its_own_tokens() {
    // Without a server: the token is made here. The fake refuses it, which shows that it came.
    let Some(key) = private_key() else {
        eprintln!("skipped: there is no openssl to make a key with");
        return;
    };
    let google = with_a_job();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("key.json");
    let text = json!({
        "type": "service_account", "client_email": "me@my-project.iam.gserviceaccount.com",
        "private_key_id": "0a1b", "private_key": key, "project_id": "my-project",
        "token_uri": "https://oauth2.googleapis.com/token"
    });
    #[expect(clippy::disallowed_methods, reason = "a test's own input")]
    std::fs::write(&path, text.to_string()).unwrap();
    let client = client(&google, file(&path));
    let error = run(client.send::<Job>(&get_job(&place().job("j")))).unwrap_err();
    assert!(
        matches!(error, GoogleError::Unauthenticated { .. }),
        "{error:?}"
    );
    let sent = google.requests_to("/jobs/j");
    let header = sent[0].header("authorization").unwrap();
    // A JSON Web Token: three parts.
    assert!(header.starts_with("Bearer ey"), "{header}");
    assert_eq!(header.split('.').count(), 3);
}

#[test]
fn files_that_are_no_credentials_are_told_without_their_content() {
    let google = with_a_job();
    let folder = tempfile::tempdir().unwrap();
    let mut told = String::new();
    for (name, text) in [
        ("broken.json", "{\"private_key\": \"hunter2\","),
        (
            "other.json",
            "{\"type\": \"gdch\", \"private_key\": \"hunter2\"}",
        ),
        ("no-type.json", "{\"private_key\": \"hunter2\"}"),
        (
            "half.json",
            "{\"type\": \"service_account\", \"private_key\": \"hunter2\"}",
        ),
        (
            "user.json",
            "{\"type\": \"authorized_user\", \"refresh_token\": \"hunter2\"}",
        ),
    ] {
        let path = folder.path().join(name);
        #[expect(clippy::disallowed_methods, reason = "a test's own input")]
        std::fs::write(&path, text).unwrap();
        let client = client(&google, file(&path));
        let error = run(client.send::<Job>(&get_job(&place().job("j")))).unwrap_err();
        assert_eq!(error.exit_code(), ExitCode::Usage, "{error}");
        let all = format!("{error:?} {:?}", epycloud_errors::chain(&error));
        assert!(!all.contains("hunter2"), "{all}");
        told.push_str(&format!("{error}\n"));
    }
    let client = client(&google, file(Path::new("/nowhere/key.json")));
    let error = run(client.send::<Job>(&get_job(&place().job("j")))).unwrap_err();
    assert_eq!(error.exit_code(), ExitCode::Usage);
    told.push_str(&error.to_string());
    insta::assert_snapshot!(told.replace(&folder.path().display().to_string(), "[FOLDER]"));
}

#[test]
fn a_metadata_server_that_fails_is_temporary() {
    let google = with_a_job();
    let failing = Misbehaviour::refusal(503, "UNAVAILABLE", "x");
    google.script(Fault::once("/computeMetadata/", failing).times(2));
    let client = on_a_machine(&google);
    let job: Job = run(client.send(&get_job(&place().job("j")))).unwrap();
    assert_eq!(job.uid, "u");
    assert_eq!(google.requests_to("/computeMetadata/").len(), 3);
}
