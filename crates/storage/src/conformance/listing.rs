//! Listing.

use futures::TryStreamExt;

use super::support::{Outcome, Place, holds, same};

pub(super) async fn a_list_is_sorted_and_has_sizes(place: &Place) -> Outcome {
    // `.` sorts before `/`, and `/` before `0`: by whole paths, not folder by folder.
    for name in ["b", "a/z", "a.b", "a0", "a/b/c", "A"] {
        place.put(name, name.as_bytes()).await?;
    }
    let sorted = ["A", "a.b", "a/b/c", "a/z", "a0", "b"];
    same("the names", place.names().await?, sorted)?;
    let sizes: Vec<_> = place.list().await?.iter().map(|found| found.size).collect();
    same("the sizes", sizes, sorted.map(|name| name.len() as u64))?;
    let mut streamed: Vec<_> = place
        .storage
        .list_stream(&place.folder)
        .try_collect()
        .await?;
    streamed.sort();
    holds("the stream gives the same", streamed == place.list().await?)?;
    let all = place.storage.list(None).await?;
    holds(
        "the whole list has them",
        streamed.iter().all(|found| all.contains(found)),
    )
}

pub(super) async fn a_folder_is_a_whole_name(place: &Place) -> Outcome {
    for name in ["run/1", "run/2", "run-2/1", "run.txt", "ru/1"] {
        place.put(name, b"x").await?;
    }
    let folder = place.at("run")?;
    let found = place.storage.list(&folder).await?;
    let paths: Vec<_> = found.iter().map(|found| found.path.clone()).collect();
    same(
        "below the folder",
        paths,
        [place.at("run/1")?, place.at("run/2")?],
    )?;
    let object = place.storage.list(&place.at("run/1")?).await?;
    same("below an object", object.len(), 0)
}

pub(super) async fn an_absent_folder_is_empty(place: &Place) -> Outcome {
    same(
        "an absent folder",
        place.storage.list(&place.at("nowhere")?).await?,
        [],
    )?;
    place.put("folder/object", b"x").await?;
    place.storage.delete(&place.at("folder/object")?).await?;
    same("an emptied folder", place.list().await?, [])
}

pub(super) async fn a_long_list_is_whole(place: &Place) -> Outcome {
    // Object stores answer in pages of 1,000.
    let expected: Vec<_> = (0..1_050)
        .map(|index| format!("result_{index:05}"))
        .collect();
    for names in expected.chunks(50) {
        futures::future::try_join_all(names.iter().map(|name| place.put(name, b""))).await?;
    }
    same("the number", place.names().await?.len(), expected.len())?;
    holds("the names are in order", place.names().await? == expected)
}
