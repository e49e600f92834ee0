//! Much work, written in several transactions so that users write between them; what is written is
//! seen at the end, all at once, or never.

use super::work::Work;
use crate::store::Store;
use crate::store::pending::{forget_ended, take_back};
use crate::sync::Halt;

/// Writes all of it, or takes back what was written.
pub(super) async fn write(store: &Store, work: Work) -> Result<(), Halt> {
    let structure = work.job.structure;
    // Jobs of one structure take turns, so that this was left by one that could not take it back.
    take_back(store, Some(structure)).await?;
    let written = write_parts(store, work).await;
    if written.is_err()
        && let Err(error) = take_back(store, Some(structure)).await
    {
        tracing::warn!(%error, "what a job had written is taken back later");
    }
    if let Err(error) = forget_ended(store).await {
        tracing::warn!(%error, "which rows came back is forgotten later");
    }
    written
}

async fn write_parts(store: &Store, work: Work) -> Result<(), Halt> {
    let (work, (author, first)) = store
        .write(move |tx| {
            let opened = work.open(tx)?;
            Ok::<_, Halt>((work, opened))
        })
        .await?;
    // The forest that comes out is made while others write.
    let (mut work, mut rows) = store
        .read(move |_| {
            let rows = work.rows(author, first)?.in_parts();
            Ok::<_, Halt>((work, rows))
        })
        .await?;
    let mut more = true;
    while more {
        (work, rows, more) = store
            .write(move |tx| {
                work.is_in_time(tx)?;
                let more = work.write_part(tx, &mut rows)?;
                Ok::<_, Halt>((work, rows, more))
            })
            .await?;
    }
    store.write(move |tx| work.close_parts(tx, rows)).await
}
