//! Several at once.

use std::sync::atomic::{AtomicBool, Ordering};

use futures::future::{join_all, try_join, try_join_all};

use super::support::{Failed, Outcome, Place, holds, is_uniform, same, uniform};
use crate::{Created, SaveOptions};

const WRITERS: u8 = 8;

pub(super) async fn of_many_writers_one_wins(place: &Place) -> Outcome {
    let path = place.at("object")?;
    for _ in 0..5 {
        let saves = (0..WRITERS).map(|byte| place.put_uniform("object", byte));
        let streams = (WRITERS..2 * WRITERS).map(|byte| {
            let mut writer = place.storage.writer(&path);
            async move {
                for piece in uniform(byte).chunks(10_000) {
                    writer.write(piece).await?;
                }
                writer.finish().await?;
                Ok::<_, Failed>(())
            }
        });
        try_join(try_join_all(saves), try_join_all(streams)).await?;
        holds(
            "the content is one writer's",
            is_uniform(&place.get("object").await?),
        )?;
        same("the objects", place.names().await?, ["object"])?;
    }
    Ok(())
}

pub(super) async fn of_many_creators_one_wins(place: &Place) -> Outcome {
    for round in 0..5 {
        let name = format!("object-{round}");
        let path = place.at(&name)?;
        let creators = (0..WRITERS).map(|byte| {
            let (path, options) = (&path, SaveOptions::as_is());
            async move {
                place
                    .storage
                    .save_if_absent(path, uniform(byte), &options)
                    .await
            }
        });
        let mut winners = Vec::new();
        for (byte, created) in (0..WRITERS).zip(join_all(creators).await) {
            if matches!(created?, Created::Saved(_)) {
                winners.push(byte);
            }
        }
        same("the number of winners", winners.len(), 1)?;
        let content = place.get(&name).await?;
        holds(
            "the content is the winner's",
            winners.iter().any(|byte| content == uniform(*byte)),
        )?;
    }
    Ok(())
}

pub(super) async fn readers_see_whole_objects_only(place: &Place) -> Outcome {
    place.put_uniform("object", 0).await?;
    let done = AtomicBool::new(false);
    let write = async {
        let mut result = Ok(());
        for round in 0..60_u8 {
            result = place.put_uniform("object", round).await;
            if result.is_err() {
                break;
            }
        }
        done.store(true, Ordering::Release);
        result
    };
    let read = async {
        let mut reads = 0_u32;
        while !done.load(Ordering::Acquire) {
            holds(
                "each read is whole",
                is_uniform(&place.get("object").await?),
            )?;
            same("the objects", place.names().await?, ["object"])?;
            reads += 1;
            // Where nothing waits, the writer still has its turn.
            yield_once().await;
        }
        holds("there were reads", reads > 0)
    };
    try_join(write, read).await?;
    Ok(())
}

impl Place {
    async fn put_uniform(&self, name: &str, byte: u8) -> Outcome {
        yield_once().await;
        self.put(name, &uniform(byte)).await
    }
}

/// Lets others go on first.
async fn yield_once() {
    let mut yielded = false;
    std::future::poll_fn(|context| {
        if std::mem::replace(&mut yielded, true) {
            return std::task::Poll::Ready(());
        }
        context.waker().wake_by_ref();
        std::task::Poll::Pending
    })
    .await;
}
