//! What [`BlobStore`] promises.

use bytes::Bytes;
use futures_util::StreamExt;
use objects::{BlobId, BlobStore, StoreError};

use super::Subject;
use crate::violation::{During, Violation, must};

/// Lengths on both sides of the sizes at which an adapter is likely to change its ways.
const LENGTHS: [usize; 9] =
    [0, 1, 65_535, 65_536, 65_537, 1_048_575, 1_048_576, 1_048_577, 2_500_000];

/// Visible only when finished, read whole and in ranges, listed in order, deleted, durable.
///
/// # Errors
/// The first promise that was not kept.
pub async fn suite(subject: &dyn Subject) -> Result<(), Violation> {
    let ports = subject.open()?;
    let blobs = &*ports.blobs;
    every_length_is_read_whole_and_in_ranges(blobs).await?;
    a_blob_is_visible_only_when_finished(blobs).await?;
    blobs_are_listed_in_order(blobs).await?;
    a_deleted_blob_is_gone(blobs).await?;
    drop(ports);
    let ports = subject.open()?;
    for length in LENGTHS {
        let read = whole(&*ports.blobs, id(length), length).await?;
        must(read == pattern(length), format!("{length} bytes survive reopening"))?;
    }
    let unfinished = ports.blobs.read(&unfinished_id(), 0, 0).await;
    must(matches!(unfinished, Err(StoreError::NotFound)), "a dropped blob does not come back")
}

fn id(length: usize) -> BlobId {
    let mut bytes = [0x5a; 16];
    let (head, tail) = bytes.split_at_mut(8);
    head.copy_from_slice(&(length as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15).to_le_bytes());
    tail.copy_from_slice(&(length as u64).to_le_bytes());
    BlobId::from_random(bytes)
}

fn unfinished_id() -> BlobId {
    BlobId::from_random([0xee; 16])
}

/// Bytes of which no two runs of 512 are alike.
#[must_use]
pub fn pattern(length: usize) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(length.saturating_add(512));
    for number in 0..length.div_ceil(512) as u64 {
        let end = bytes.len().saturating_add(512);
        bytes.extend_from_slice(&number.to_le_bytes());
        bytes.resize(end, number.to_le_bytes()[0]);
    }
    bytes.truncate(length);
    bytes
}

/// Stores bytes under an id, in pieces of odd sizes.
///
/// # Errors
/// What the store says.
pub async fn store(blobs: &dyn BlobStore, id: BlobId, bytes: &[u8]) -> Result<u64, StoreError> {
    let mut writer = blobs.create(id).await?;
    for piece in bytes.chunks(77_777) {
        writer.write(Bytes::copy_from_slice(piece)).await?;
    }
    writer.finish().await
}

/// Reads a range to its end.
///
/// # Errors
/// What the store says.
pub async fn read(
    blobs: &dyn BlobStore,
    id: BlobId,
    from: u64,
    length: u64,
) -> Result<Vec<u8>, String> {
    let mut stream = blobs.read(&id, from, length).await.map_err(|error| error.to_string())?;
    let mut bytes = Vec::new();
    while let Some(piece) = stream.next().await {
        bytes.extend_from_slice(&piece.map_err(|error| error.to_string())?);
    }
    Ok(bytes)
}

async fn whole(blobs: &dyn BlobStore, id: BlobId, length: usize) -> Result<Vec<u8>, Violation> {
    read(blobs, id, 0, length as u64).await.during(format!("reading {length} bytes"))
}

async fn every_length_is_read_whole_and_in_ranges(blobs: &dyn BlobStore) -> Result<(), Violation> {
    for length in LENGTHS {
        let bytes = pattern(length);
        let stored = store(blobs, id(length), &bytes).await.during("storing")?;
        must(stored == length as u64, "finish tells the length")?;
        must(whole(blobs, id(length), length).await? == bytes, format!("{length} bytes whole"))?;
        let edges = [0, 1.min(length), length / 3, length / 2, length.saturating_sub(1), length];
        for from in edges {
            for to in edges.iter().copied().filter(|to| *to >= from) {
                let part = read(blobs, id(length), from as u64, (to - from) as u64).await;
                let part = part.during(format!("bytes {from}..{to} of {length}"))?;
                must(bytes.get(from..to) == Some(&*part), format!("{from}..{to} of {length}"))?;
            }
        }
        let past = blobs.read(&id(length), 0, length as u64 + 1).await;
        let corrupt = matches!(past, Err(StoreError::Corrupt { .. }));
        must(corrupt, "a range past the end is refused")?;
        let wraps = blobs.read(&id(length), 1, u64::MAX).await;
        must(matches!(wraps, Err(StoreError::Corrupt { .. })), "a range that wraps is refused")?;
    }
    Ok(())
}

async fn a_blob_is_visible_only_when_finished(blobs: &dyn BlobStore) -> Result<(), Violation> {
    let before = blobs.list(None, 1000).await.during("listing")?;
    let mut writer = blobs.create(unfinished_id()).await.during("beginning a blob")?;
    writer.write(Bytes::from(pattern(3_000_000))).await.during("writing")?;
    let hidden = blobs.read(&unfinished_id(), 0, 1).await;
    must(matches!(hidden, Err(StoreError::NotFound)), "an unfinished blob cannot be read")?;
    must(blobs.list(None, 1000).await.during("listing")? == before, "nor is it listed")?;
    drop(writer);
    let dropped = blobs.read(&unfinished_id(), 0, 1).await;
    must(matches!(dropped, Err(StoreError::NotFound)), "a dropped blob cannot be read")?;
    must(blobs.list(None, 1000).await.during("listing")? == before, "nor is it listed")
}

async fn blobs_are_listed_in_order(blobs: &dyn BlobStore) -> Result<(), Violation> {
    let all = blobs.list(None, 1000).await.during("listing")?;
    must(all.len() == LENGTHS.len(), "every finished blob is listed")?;
    must(all.is_sorted(), "a listing ascends")?;
    let mut paged = Vec::new();
    while let page = blobs.list(paged.last().copied(), 2).await.during("listing")?
        && !page.is_empty()
    {
        must(page.len() <= 2, "a listing keeps to its limit")?;
        paged.extend(page);
    }
    must(paged == all, "pages add up to the whole")
}

async fn a_deleted_blob_is_gone(blobs: &dyn BlobStore) -> Result<(), Violation> {
    let gone = BlobId::from_random([0x11; 16]);
    store(blobs, gone, b"short").await.during("storing")?;
    blobs.delete(&gone).await.during("deleting")?;
    let read = blobs.read(&gone, 0, 1).await;
    must(matches!(read, Err(StoreError::NotFound)), "a deleted blob cannot be read")?;
    let listed = blobs.list(None, 1000).await.during("listing")?;
    must(!listed.contains(&gone), "a deleted blob is not listed")?;
    blobs.delete(&gone).await.during("deleting what is gone")
}
