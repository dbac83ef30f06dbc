//! Compression on the way.

use super::support::{Outcome, Place, holds, same};
use crate::{Compression, Decompression, LoadOptions, SaveOptions, StorageError};

const GZIP: [u8; 2] = [0x1f, 0x8b];

pub(super) async fn names_decide_and_options_win(place: &Place) -> Outcome {
    let text = b"a text that repeats, a text that repeats, a text that repeats".to_vec();
    let table = [
        ("auto.gz", Compression::Auto, true),
        ("auto.csv", Compression::Auto, false),
        ("gz", Compression::Auto, false),
        ("forced.csv", Compression::Gzip, true),
        ("kept.gz", Compression::None, false),
    ];
    for (name, compression, packed) in table {
        let path = place.at(name)?;
        let options = SaveOptions {
            compression,
            ..SaveOptions::default()
        };
        place
            .storage
            .save_bytes(&path, text.clone(), &options)
            .await?;
        let stored = place.get(name).await?;
        same(name, stored.starts_with(&GZIP), packed)?;
        holds("what isn't packed is as it was", packed || stored == text)?;
        let decompression = if packed {
            Decompression::Gunzip
        } else {
            Decompression::None
        };
        let options = LoadOptions {
            decompression,
            ..LoadOptions::default()
        };
        same(
            name,
            place.storage.load_bytes(&path, &options).await?,
            text.as_slice(),
        )?;
    }
    let auto = place
        .storage
        .load_bytes(&place.at("auto.gz")?, &LoadOptions::default())
        .await?;
    same("by name", auto, text)
}

pub(super) async fn damage_is_noticed(place: &Place) -> Outcome {
    let path = place.at("object.gz")?;
    let data = vec![5; 10_000];
    place
        .storage
        .save_bytes(&path, data, &SaveOptions::default())
        .await?;
    let whole = place.get("object.gz").await?;
    let mut flipped = whole.clone();
    let middle = whole.len() - 6;
    flipped[middle] ^= 0x10;
    let mut longer = whole.clone();
    longer.extend(b"more");
    let damaged = [
        b"not gzip".to_vec(),
        Vec::new(),
        whole[..whole.len() - 1].to_vec(),
        flipped,
        longer,
    ];
    for stored in damaged {
        place.put("object.gz", &stored).await?;
        match place
            .storage
            .load_bytes(&path, &LoadOptions::default())
            .await
        {
            Err(StorageError::Corrupt { .. }) => {}
            other => same("damage", format!("{other:?}"), "corrupt")?,
        }
    }
    let limit = LoadOptions {
        max_bytes: 9_999,
        ..LoadOptions::default()
    };
    place.put("object.gz", &whole).await?;
    let bomb = place.storage.load_bytes(&path, &limit).await;
    holds(
        "a bomb is stopped",
        matches!(bomb, Err(StorageError::TooLarge { .. })),
    )
}

pub(super) async fn the_same_data_gives_the_same_object(place: &Place) -> Outcome {
    let (one, two) = (place.at("one.gz")?, place.at("two.gz")?);
    let options = SaveOptions::default();
    let first = place
        .storage
        .save_bytes(&one, vec![9; 50_000], &options)
        .await?;
    let second = place
        .storage
        .save_bytes(&two, vec![9; 50_000], &options)
        .await?;
    same("the hashes", first, second)?;
    let stored = place.get("one.gz").await?;
    same(
        "the time in the header",
        stored.get(4..8),
        Some(&[0_u8; 4][..]),
    )
}
