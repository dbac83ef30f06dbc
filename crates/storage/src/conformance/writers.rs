//! Objects written piece by piece.

use super::support::{Outcome, Place, holds, noise, same};
use crate::{LoadOptions, SaveOptions};

/// More than two parts, and not a whole number of them.
const LARGE: usize = (17 << 20) + 12_345;

pub(super) async fn pieces_become_one_object(place: &Place) -> Outcome {
    let data = noise(LARGE);
    let sizes = [1, 70_000, 8 << 20, 0, 3, 9 << 20];
    for length in [10, 8 << 20, LARGE] {
        let data = &data[..length];
        let path = place.at("written")?;
        let mut writer = place.storage.writer(&path);
        let mut rest = data;
        for size in sizes.iter().cycle() {
            let (piece, later) = rest.split_at(rest.len().min(*size));
            writer.write(piece).await?;
            rest = later;
            if rest.is_empty() {
                break;
            }
        }
        let written = writer.finish().await?;
        holds(
            "the content is that of the pieces",
            place.get("written").await? == data,
        )?;
        let at_once = place.at("at once")?;
        let saved = place
            .storage
            .save_bytes(&at_once, data.to_vec(), &SaveOptions::as_is())
            .await?;
        same("its description", written, saved)?;
    }
    Ok(())
}

pub(super) async fn nothing_is_seen_before_the_end(place: &Place) -> Outcome {
    place.put("old", b"old").await?;
    let (new, old) = (place.at("new")?, place.at("old")?);
    let mut writers = [place.storage.writer(&new), place.storage.writer(&old)];
    for writer in &mut writers {
        writer.write(noise(LARGE)).await?;
    }
    holds(
        "the new one is not there",
        !place.storage.exists(&new).await?,
    )?;
    same("the old one", place.get("old").await?, b"old")?;
    same("the objects", place.names().await?, ["old"])?;
    for writer in writers {
        writer.finish().await?;
    }
    same("the objects", place.names().await?, ["new", "old"])?;
    same("the old one's size", place.get("old").await?.len(), LARGE)
}

pub(super) async fn an_aborted_writer_leaves_nothing(place: &Place) -> Outcome {
    for length in [10, LARGE] {
        let mut writer = place.storage.writer(&place.at("object")?);
        writer.write(noise(length)).await?;
        writer.abort().await;
    }
    same("the objects", place.names().await?, [""; 0])
}

pub(super) async fn a_dropped_writer_leaves_nothing(place: &Place) -> Outcome {
    for length in [10, LARGE] {
        let mut writer = place.storage.writer(&place.at("object")?);
        writer.write(noise(length)).await?;
        drop(writer);
    }
    same("the objects", place.names().await?, [""; 0])
}

pub(super) async fn a_writer_without_pieces_makes_an_empty_object(place: &Place) -> Outcome {
    let path = place.at("empty")?;
    same(
        "its size",
        place.storage.writer(&path).finish().await?.bytes,
        0,
    )?;
    let loaded = place
        .storage
        .load_bytes(&path, &LoadOptions::default())
        .await?;
    same("its content", loaded, b"")
}

pub(super) async fn a_writer_replaces_the_whole(place: &Place) -> Outcome {
    place.put("object", &noise(LARGE)).await?;
    let mut writer = place.storage.writer(&place.at("object")?);
    writer.write("short").await?;
    writer.finish().await?;
    same("the content", place.get("object").await?, b"short")
}
