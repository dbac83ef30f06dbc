//! Google's object store over its XML dialect: the whole way from `gs://` to bytes on a socket.
#![expect(clippy::unwrap_used, reason = "its helpers fail the test")]

use bytes::Bytes;
use epycloud_config::Environment;
use epycloud_errors::{Diagnose, ExitCode};
use epycloud_storage::{
    Created, LoadOptions, SaveOptions, Storage, StorageError, StoragePath, conformance,
};
use epycloud_test_support::gcs::GcsServer;
use object_store::gcp::GoogleCloudStorageBuilder;
use object_store::path::Path;
use object_store::{ClientOptions, ObjectStoreExt, StaticCredentialProvider, integration};

/// More than three of the pieces in which objects travel.
const LARGE: usize = (50 << 20) + 12_345;

fn open(server: &GcsServer, url: &str) -> Storage {
    let environment = Environment::from_pairs([
        ("GOOGLE_BASE_URL", server.url()),
        ("GOOGLE_SKIP_SIGNATURE", "true".to_owned()),
    ]);
    Storage::open_with(url, &environment).unwrap()
}

fn lab() -> (GcsServer, Storage) {
    let server = GcsServer::start("lab", None).unwrap();
    let storage = open(&server, "gs://lab");
    (server, storage)
}

fn path(text: &str) -> StoragePath {
    text.parse().unwrap()
}

/// Bytes of which no two megabytes are the same.
fn noise(length: usize) -> Bytes {
    let mut state = 7_u64;
    let bytes = (0..length.div_ceil(8)).flat_map(|_| {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        (state ^ (state >> 33)).to_le_bytes()
    });
    bytes.take(length).collect()
}

async fn load(storage: &Storage, name: &str) -> Result<Vec<u8>, StorageError> {
    storage.load_bytes(&path(name), &LoadOptions::as_is()).await
}

async fn save(storage: &Storage, name: &str, data: impl Into<Bytes>) -> Result<(), StorageError> {
    storage
        .save_bytes(&path(name), data, &SaveOptions::default())
        .await
        .map(drop)
}

#[tokio::test]
async fn the_server_is_what_object_store_expects() {
    let server = GcsServer::start("lab", None).unwrap();
    let nobody = object_store::gcp::GcpCredential {
        bearer: String::new(),
    };
    // As storages do it; a second one is refused.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let store = GoogleCloudStorageBuilder::new()
        .with_bucket_name("lab")
        .with_base_url(&server.url())
        .with_client_options(ClientOptions::new().with_allow_http(true))
        .with_credentials(std::sync::Arc::new(StaticCredentialProvider::new(nobody)))
        .build()
        .unwrap();
    integration::put_get_delete_list(&store).await;
    integration::get_opts(&store).await;
    integration::list_uses_directories_correctly(&store).await;
    integration::list_with_delimiter(&store).await;
    integration::rename_and_copy(&store).await;
    integration::copy_if_not_exists(&store).await;
    integration::get_nonexistent_object(&store, None)
        .await
        .unwrap_err();
    integration::stream_get(&store).await;
    integration::multipart(&store, &store).await;
    integration::multipart_race_condition(&store, true).await;
    integration::multipart_out_of_order(&store).await;
    integration::put_opts(&store, true).await;
}

#[tokio::test]
async fn a_bucket_conforms() {
    let (_server, storage) = lab();
    let report = conformance::run_all(|| async { Ok(storage.clone()) }).await;
    assert!(report.is_ok(), "{report}");
}

#[tokio::test]
async fn a_folder_of_a_bucket_conforms_and_keeps_to_itself() {
    let server = GcsServer::start("lab", None).unwrap();
    let storage = open(&server, "gs://lab/team/a");
    let report = conformance::run_all(|| async { Ok(storage.clone()) }).await;
    assert!(report.is_ok(), "{report}");
    for request in server.recorded() {
        let target = request.line.split_once(' ').unwrap().1;
        let inside =
            target.starts_with("/lab/team%2Fa%2F") || target.contains("prefix=team%2Fa%2F");
        assert!(inside, "{}", request.line);
    }
}

#[tokio::test]
async fn a_bucket_of_which_every_tenth_request_fails_conforms() {
    let (server, storage) = lab();
    server.mischief().randomly(11, 0.1);
    let report = conformance::run_all(|| async { Ok(storage.clone()) }).await;
    assert!(report.is_ok(), "{report}");
    let made = server.mischief().made();
    assert_eq!(made.len(), 5, "every kind of trouble: {made:?}");
}

#[tokio::test]
async fn large_objects_travel_in_pieces() {
    let (server, storage) = lab();
    let data = noise(LARGE);
    let saved = storage
        .save_bytes(&path("large"), data.clone(), &SaveOptions::default())
        .await
        .unwrap();
    assert_eq!(saved.bytes, LARGE as u64);
    assert!(load(&storage, "large").await.unwrap() == data);

    let recorded = server.recorded();
    let count = |method: &str, what: &str| {
        let fits = |line: &str| line.starts_with(method) && line.contains(what);
        recorded
            .iter()
            .filter(|request| fits(&request.line))
            .count()
    };
    assert_eq!(count("PUT", "partNumber="), 4);
    assert_eq!(count("POST", "uploadId="), 1);
    let ranges = recorded.iter().filter(|request| {
        request
            .headers
            .iter()
            .any(|line| line.starts_with("range: "))
    });
    assert_eq!(ranges.count(), 3);
}

#[tokio::test]
async fn large_objects_are_whole_whatever_happens() {
    let (server, storage) = lab();
    let data = noise(LARGE);
    for seed in 0..3 {
        server.mischief().randomly(seed, 0.2);
        save(&storage, "large", data.clone()).await.unwrap();
        assert!(load(&storage, "large").await.unwrap() == data);
        let mut writer = storage.writer(&path("written"));
        for piece in data.chunks(3 << 20) {
            writer.write(piece).await.unwrap();
        }
        writer.finish().await.unwrap();
        assert!(load(&storage, "written").await.unwrap() == data);
    }
    assert!(server.mischief().made().values().sum::<u64>() > 10);
}

#[tokio::test]
async fn a_damaged_object_is_refused_by_name() {
    let (server, storage) = lab();
    for length in [1_000, LARGE] {
        save(&storage, "runs/a", noise(length)).await.unwrap();
        assert!(server.corrupt("runs/a").await.unwrap());
        let error = load(&storage, "runs/a").await.unwrap_err();
        assert_eq!(error.exit_code(), ExitCode::Failed);
        assert_eq!(
            error.to_string(),
            "`gs://lab/runs/a` is corrupt: its bytes don't have the checksum (CRC32C) that the \
             store keeps of it"
        );
    }
}

#[tokio::test]
async fn a_token_is_asked_for_and_a_refusal_is_a_refusal() {
    let server = GcsServer::start("lab", Some("ya29.right")).unwrap();
    let storage = open(&server, "gs://lab");
    let denied = |error: &StorageError| matches!(error, StorageError::Denied { .. });
    assert!(denied(&load(&storage, "a").await.unwrap_err()));
    assert!(denied(&save(&storage, "a", "x").await.unwrap_err()));
    assert!(denied(&storage.list(None).await.unwrap_err()));
    // No second try for what won't change.
    assert_eq!(server.recorded().len(), 3);
}

#[tokio::test]
async fn a_bucket_that_is_not_there_is_no_empty_one() {
    let server = GcsServer::start("lab", None).unwrap();
    let storage = open(&server, "gs://lap");
    assert!(storage.list(None).await.is_err());
    let error = save(&storage, "a", "x").await.unwrap_err();
    assert_eq!(
        error.hint().as_deref(),
        Some("check that the bucket exists")
    );
}

#[tokio::test]
async fn the_winner_of_a_race_is_told_so_even_if_the_answer_was_lost() {
    let (server, storage) = lab();
    for seed in 0..20 {
        server.mischief().randomly(seed, 0.3);
        let name = path(&format!("lock-{seed}"));
        let options = SaveOptions::default();
        let mine = storage
            .save_if_absent(&name, "mine", &options)
            .await
            .unwrap();
        assert!(storage.exists(&name).await.unwrap(), "{mine:?}");
        let late = storage
            .save_if_absent(&name, "late", &options)
            .await
            .unwrap();
        assert_eq!(late, Created::AlreadyThere);
    }
}

#[tokio::test]
async fn a_hundred_thousand_objects_are_listed_in_whole() {
    const MANY: usize = 100_000;
    let (server, storage) = lab();
    server.stop_recording();
    for index in 0..MANY {
        let name = Path::from(format!("run/result_{index:05}.pkl.gz"));
        server
            .store()
            .put(&name, Bytes::from_static(b"x").into())
            .await
            .unwrap();
    }
    server.mischief().randomly(3, 0.02);
    let found = storage.list(&path("run")).await.unwrap();
    assert_eq!(found.len(), MANY);
    let in_order = found.iter().enumerate().all(|(index, object)| {
        object.path.as_str() == format!("run/result_{index:05}.pkl.gz") && object.size == 1
    });
    assert!(in_order);
}
