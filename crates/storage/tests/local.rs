//! What is particular to files.
#![expect(clippy::unwrap_used, reason = "its helpers fail the test")]

use std::os::unix::fs::symlink;
use std::path::Path;

use epycloud_errors::Diagnose;
use epycloud_storage::{LoadOptions, LocalStore, SaveOptions, Storage, StorageError, StoragePath};
use object_store::path::Path as ObjectPath;
use object_store::{GetOptions, GetRange, ObjectStore, ObjectStoreExt, PutMode};

fn path(text: &str) -> StoragePath {
    text.parse().unwrap()
}

async fn save(storage: &Storage, name: &str) -> Result<(), StorageError> {
    storage
        .save_bytes(&path(name), name.to_owned(), &SaveOptions::as_is())
        .await
        .map(drop)
}

async fn load(storage: &Storage, name: &str) -> Result<Vec<u8>, StorageError> {
    storage
        .load_bytes(&path(name), &LoadOptions::default())
        .await
}

async fn names(storage: &Storage) -> Vec<String> {
    let found = storage.list(None).await.unwrap();
    found.iter().map(|found| found.path.to_string()).collect()
}

fn open() -> (tempfile::TempDir, Storage) {
    let folder = tempfile::tempdir().unwrap();
    let storage = Storage::local(folder.path()).unwrap();
    (folder, storage)
}

#[test]
fn it_works_without_a_runtime() {
    let (_folder, storage) = open();
    futures::executor::block_on(async {
        save(&storage, "a/b").await.unwrap();
        assert_eq!(load(&storage, "a/b").await.unwrap(), b"a/b");
        assert_eq!(names(&storage).await, ["a/b"]);
    });
}

#[tokio::test]
async fn a_root_that_is_not_there_is_empty_until_something_is_written() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().join("not/yet");
    let storage = Storage::local(&root).unwrap();
    assert!(names(&storage).await.is_empty());
    assert!(!storage.exists(&path("a")).await.unwrap());
    assert!(!root.exists());
    save(&storage, "a").await.unwrap();
    assert_eq!(std::fs::read(root.join("a")).unwrap(), b"a");
}

#[tokio::test]
async fn files_of_others_are_objects_and_unfinished_ones_are_not() {
    let (folder, storage) = open();
    save(&storage, "dir/mine").await.unwrap();
    let put = |name: &str| {
        let file = tempfile::NamedTempFile::new_in(folder.path()).unwrap();
        file.persist(folder.path().join(name)).unwrap();
    };
    put("theirs");
    put("dir/.hidden");
    put("dir/.0123456789abcdef~epycloud");
    assert_eq!(names(&storage).await, ["dir/.hidden", "dir/mine", "theirs"]);
    let store = LocalStore::new(folder.path().to_owned());
    let unfinished = ObjectPath::from_iter(["dir", ".0123456789abcdef"]).to_string() + "~epycloud";
    let unfinished = ObjectPath::parse(unfinished).unwrap();
    assert!(store.get(&unfinished).await.is_err());
    assert!(store.put(&unfinished, "x".into()).await.is_err());
}

#[tokio::test]
async fn a_name_can_not_be_a_file_and_a_folder() {
    let (_folder, storage) = open();
    save(&storage, "a").await.unwrap();
    save(&storage, "d/e").await.unwrap();
    for name in ["a/b", "d"] {
        let options = SaveOptions::as_is();
        let created = storage.save_if_absent(&path(name), name, &options).await;
        for error in [
            save(&storage, name).await.unwrap_err(),
            created.unwrap_err(),
        ] {
            assert!(matches!(error, StorageError::Failed { .. }), "{error:?}");
            assert!(error.hint().unwrap().contains("same name"), "{error:?}");
        }
    }
    assert_eq!(names(&storage).await, ["a", "d/e"]);
}

#[tokio::test]
async fn links_are_followed_but_not_in_circles() {
    let (folder, storage) = open();
    let elsewhere = tempfile::tempdir().unwrap();
    save(&Storage::local(elsewhere.path()).unwrap(), "far")
        .await
        .unwrap();
    save(&storage, "near/here").await.unwrap();
    symlink(elsewhere.path(), folder.path().join("linked")).unwrap();
    symlink(folder.path(), folder.path().join("near/back")).unwrap();
    symlink("nowhere", folder.path().join("dangling")).unwrap();
    assert_eq!(names(&storage).await, ["linked/far", "near/here"]);
    assert_eq!(load(&storage, "linked/far").await.unwrap(), b"far");
    assert!(load(&storage, "dangling").await.unwrap_err().is_missing());
    storage.delete(&path("dangling")).await.unwrap();
    assert!(!folder.path().join("dangling").is_symlink());
}

#[tokio::test]
async fn what_is_no_file_is_no_object_and_holds_nobody_up() {
    use rustix::fs::{CWD, FileType, Mode, mknodat};

    let (folder, storage) = open();
    let pipe = folder.path().join("pipe");
    mknodat(CWD, &pipe, FileType::Fifo, Mode::RWXU, 0).unwrap();
    assert!(load(&storage, "pipe").await.unwrap_err().is_missing());
    assert!(names(&storage).await.is_empty());
}

#[tokio::test]
async fn a_replaced_file_is_read_to_its_end() {
    let (folder, _) = open();
    let store = LocalStore::new(folder.path().to_owned());
    let object = ObjectPath::from("a");
    store.put(&object, vec![1; 20 << 20].into()).await.unwrap();
    let reading = store.get(&object).await.unwrap();
    store.put(&object, "new".into()).await.unwrap();
    assert_eq!(reading.bytes().await.unwrap(), vec![1; 20 << 20]);
    assert_eq!(
        store.get(&object).await.unwrap().bytes().await.unwrap(),
        "new"
    );
}

#[tokio::test]
async fn the_rest_of_the_object_store_interface_works() {
    let (folder, _) = open();
    let store = LocalStore::new(folder.path().to_owned());
    let object = ObjectPath::from("a/b/c");
    store.put(&object, "0123456789".into()).await.unwrap();
    assert_eq!(store.get_range(&object, 2..5).await.unwrap(), "234");
    let range = GetOptions {
        range: Some(GetRange::Suffix(3)),
        ..GetOptions::default()
    };
    assert_eq!(
        store
            .get_opts(&object, range)
            .await
            .unwrap()
            .bytes()
            .await
            .unwrap(),
        "789"
    );
    assert!(store.get_range(&object, 20..30).await.is_err());
    assert_eq!(store.head(&object).await.unwrap().size, 10);

    let tag = store.head(&object).await.unwrap().e_tag;
    let unchanged = GetOptions {
        if_none_match: tag,
        ..GetOptions::default()
    };
    assert!(store.get_opts(&object, unchanged).await.is_err());

    let copy = ObjectPath::from("a/d");
    store.copy(&object, &copy).await.unwrap();
    assert!(store.copy_if_not_exists(&object, &copy).await.is_err());
    store.rename(&copy, &ObjectPath::from("e")).await.unwrap();
    std::fs::create_dir(folder.path().join("empty")).unwrap();
    let root = store.list_with_delimiter(None).await.unwrap();
    assert_eq!(root.common_prefixes, [ObjectPath::from("a")]);
    assert_eq!(root.objects.len(), 1);

    let update = PutMode::Update(object_store::UpdateVersion {
        e_tag: None,
        version: None,
    });
    assert!(
        store
            .put_opts(&object, "x".into(), update.into())
            .await
            .is_err()
    );
    assert!(store.delete(&ObjectPath::from("nothing")).await.is_err());
}

#[tokio::test]
async fn a_folder_that_can_not_be_read_is_an_error_and_not_empty() {
    let (folder, storage) = open();
    save(&storage, "closed/a").await.unwrap();
    let closed = folder.path().join("closed");
    let mode = |bits| {
        use std::os::unix::fs::PermissionsExt;
        std::fs::set_permissions(&closed, std::fs::Permissions::from_mode(bits)).unwrap();
    };
    mode(0);
    let readable_anyway = std::fs::read_dir(&closed).is_ok();
    let listed = storage.list(None).await;
    mode(0o700);
    if readable_anyway {
        eprintln!("skipped: this user may read every folder");
        return;
    }
    assert!(
        matches!(listed, Err(StorageError::Denied { .. })),
        "{listed:?}"
    );
}

#[tokio::test]
async fn modes_are_those_of_any_new_file() {
    use std::os::unix::fs::PermissionsExt;

    let (folder, storage) = open();
    save(&storage, "a").await.unwrap();
    let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    #[expect(clippy::disallowed_methods, reason = "any new file, to compare with")]
    std::fs::write(folder.path().join("b"), "b").unwrap();
    assert_eq!(
        mode(&folder.path().join("a")),
        mode(&folder.path().join("b"))
    );
}
