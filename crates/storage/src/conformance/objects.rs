//! Single objects.

use serde::{Deserialize, Serialize};

use super::support::{Outcome, Place, holds, noise, same};
use crate::{Created, LoadOptions, SaveOptions, StorageError};

pub(super) async fn what_is_saved_is_loaded(place: &Place) -> Outcome {
    for length in [0, 1, 1_000, 3 << 20] {
        let data = noise(length);
        place.put("object", &data).await?;
        holds(
            &format!("{length} bytes come back"),
            place.get("object").await? == data,
        )?;
        holds(
            "it exists",
            place.storage.exists(&place.at("object")?).await?,
        )?;
    }
    Ok(())
}

pub(super) async fn saving_again_replaces_the_whole(place: &Place) -> Outcome {
    place.put("object", &[1; 10_000]).await?;
    place.put("object", b"short").await?;
    same("the content", place.get("object").await?, b"short")?;
    same("the objects", place.names().await?, ["object"])
}

pub(super) async fn what_is_missing_is_missing(place: &Place) -> Outcome {
    place.put("folder/object", b"x").await?;
    for name in ["nothing", "folder", "folder/nothing", "folder/object/below"] {
        let path = place.at(name)?;
        holds("it does not exist", !place.storage.exists(&path).await?)?;
        let loaded = place
            .storage
            .load_bytes(&path, &LoadOptions::default())
            .await;
        match loaded {
            Err(StorageError::Missing { path: said }) => {
                same("where", said, place.storage.url_of(&path))?;
            }
            other => same(name, format!("{other:?}"), "missing")?,
        }
        place.storage.delete(&path).await?;
    }
    same("the other object", place.get("folder/object").await?, b"x")
}

pub(super) async fn what_is_deleted_is_gone(place: &Place) -> Outcome {
    place.put("a", b"1").await?;
    place.put("b", b"2").await?;
    place.storage.delete(&place.at("a")?).await?;
    same("the objects", place.names().await?, ["b"])?;
    place.put("a", b"3").await?;
    same("the new object", place.get("a").await?, b"3")
}

pub(super) async fn an_object_is_made_only_once_if_asked(place: &Place) -> Outcome {
    let path = place.at("object")?;
    let options = SaveOptions::default();
    let first = place
        .storage
        .save_if_absent(&path, "first", &options)
        .await?;
    holds("the first is saved", matches!(first, Created::Saved(_)))?;
    let second = place
        .storage
        .save_if_absent(&path, "second", &options)
        .await?;
    same("the second", second, Created::AlreadyThere)?;
    same("the content", place.get("object").await?, b"first")?;
    same("the objects", place.names().await?, ["object"])
}

pub(super) async fn odd_names_are_kept(place: &Place) -> Outcome {
    let long = "n".repeat(200);
    let names = [
        " leading and trailing ",
        "%2e%2e",
        "%2Fslash",
        "a#1",
        "a+b=c&d",
        "a:b;c,d",
        "a?b*c|d<e>f",
        "naïve 学习 😀",
        "quote\"'`",
        "~tilde",
        "{braces}[brackets]",
        long.as_str(),
    ];
    for name in &names {
        place
            .put(&format!("{name}/inner {name}"), name.as_bytes())
            .await?;
    }
    for name in &names {
        let content = place.get(&format!("{name}/inner {name}")).await?;
        same("the content", content, name.as_bytes())?;
    }
    let mut expected: Vec<_> = names
        .iter()
        .map(|name| format!("{name}/inner {name}"))
        .collect();
    expected.sort();
    same("the list", place.names().await?, expected)
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Manifest {
    tasks: u32,
    commit: Option<String>,
    populations: Vec<String>,
}

pub(super) async fn json_is_kept_and_readable(place: &Place) -> Outcome {
    let value = Manifest {
        tasks: 2,
        commit: None,
        populations: vec!["US-CA".to_owned(), "Zürich".to_owned()],
    };
    let path = place.at("manifest.json")?;
    place.storage.save_json(&path, &value).await?;
    same(
        "the value",
        place.storage.load_json::<Manifest>(&path).await?,
        value,
    )?;
    let text = "{\n  \"tasks\": 2,\n  \"commit\": null,\n  \"populations\": [\n    \"US-CA\",\n    \
                \"Zürich\"\n  ]\n}\n";
    same(
        "the text",
        place.get("manifest.json").await?,
        text.as_bytes(),
    )?;

    place.put("manifest.json", b"{\"tasks\": 2").await?;
    let error = place.storage.load_json::<Manifest>(&path).await;
    holds(
        "half of it is corrupt",
        matches!(error, Err(StorageError::Corrupt { .. })),
    )
}

pub(super) async fn what_is_saved_is_described(place: &Place) -> Outcome {
    let path = place.at("abc")?;
    let saved = place
        .storage
        .save_bytes(&path, "abc", &SaveOptions::default())
        .await?;
    same("the size", saved.bytes, 3)?;
    let of_abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
    same("the hash", saved.sha256.as_str(), of_abc)?;

    let packed = place.at("abc.gz")?;
    let saved = place
        .storage
        .save_bytes(&packed, "abc", &SaveOptions::default())
        .await?;
    same(
        "the stored size",
        saved.bytes,
        place.get("abc.gz").await?.len() as u64,
    )?;
    holds("the hash is of what is stored", saved.sha256 != of_abc)
}

pub(super) async fn a_limit_is_kept(place: &Place) -> Outcome {
    place.put("object", &[7; 1_000]).await?;
    let path = place.at("object")?;
    let limited = |max_bytes| LoadOptions {
        max_bytes,
        ..LoadOptions::default()
    };
    same(
        "at the limit",
        place
            .storage
            .load_bytes(&path, &limited(1_000))
            .await?
            .len(),
        1_000,
    )?;
    let beyond = place.storage.load_bytes(&path, &limited(999)).await;
    holds(
        "one byte beyond",
        matches!(beyond, Err(StorageError::TooLarge { limit: 999, .. })),
    )
}

pub(super) async fn a_handle_sees_what_its_clone_wrote(place: &Place) -> Outcome {
    let clone = Place {
        storage: place.storage.clone(),
        folder: place.folder.clone(),
    };
    clone.put("object", b"x").await?;
    same("the content", place.get("object").await?, b"x")
}
