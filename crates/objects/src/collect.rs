//! Collection: removes blobs that nothing refers to, in an order in which a crash loses nothing.
//!
//! Three families of records say what there is to do. An *intent* says that a blob is being
//! written; one whose writer is gone becomes a *pending delete*. A pending delete says that nothing
//! refers to a blob: the blob is removed, then the record. A *sweep* says that an upload is over:
//! what is left of its parts is removed. Blobs are found from these records alone, never by listing
//! the blobs. Removals of buckets that were left in the middle are gone on with here, too.

use std::sync::{Mutex, MutexGuard, PoisonError};

use audit::Permit;
use bytes::Bytes;
use identity::BucketPhase;
use policy::operation::{Operation, Rule};

use crate::error::ObjectError;
use crate::layout::{self, Family};
use crate::objects::Objects;
use crate::ports::{BlobId, CommitError, Expect, WriteBatch};
use crate::record::PartRecord;

/// Removes blobs that nothing refers to: the server's own work.
#[derive(Clone, Copy, Debug)]
pub struct CollectBlobs;

impl Operation for CollectBlobs {
    const NAME: &'static str = "CollectBlobs";
    const CHECKS: &'static [Rule<Self>] = &[];
}

/// What one collection did.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Collected {
    /// Blobs removed.
    pub blobs: usize,
    /// Writes found abandoned.
    pub abandoned: usize,
    /// Parts of uploads that are over.
    pub parts: usize,
    /// Whether there may be more to do now; blobs that are still being read are not meant.
    pub more: bool,
}

/// How many records of each family one collection looks at.
const RECORDS_MAX: usize = 500;

/// What the collector remembers between collections.
#[derive(Default)]
pub(crate) struct Collector(Mutex<Listed>);

/// Pending deletes that were listed while somebody might still have been about to read them.
#[derive(Default)]
struct Listed {
    blobs: Vec<BlobId>,
    fence: u64,
}

impl Collector {
    fn listed(&self) -> MutexGuard<'_, Listed> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What a record that is all key holds: its version.
pub(crate) fn marker() -> Bytes {
    Bytes::from_static(&[1])
}

impl Objects {
    /// Whether there is something to collect, so that idle collections need no permit.
    ///
    /// # Errors
    /// The store cannot be read.
    pub async fn collectable(&self) -> Result<bool, ObjectError> {
        let state = self.identity.snapshot();
        if state.buckets().any(|bucket| bucket.phase == BucketPhase::Deleting) {
            return Ok(true);
        }
        for kind in [Family::Pending, Family::Sweeps, Family::Intents] {
            let (from, to) = layout::family(kind);
            let records = self.meta.range(&from, &to, RECORDS_MAX).await?;
            let idle = |key: &[u8]| layout::blob(key).is_none_or(|b| !self.readers.pinned(&b));
            if records.iter().any(|(key, _)| kind == Family::Sweeps || idle(key)) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Waits until an object is replaced or removed whose bytes are a blob's: there is something to
    /// collect then, unless somebody reads it. What became unused while nobody waited counts, too.
    /// For one collector; dropped midway, nothing is lost.
    pub async fn unused(&self) {
        self.unused.notified().await;
    }

    /// Does a bounded amount of collecting. Blobs that somebody still reads or may be about to read
    /// are left for a later call. One call at a time does the work; dropping it midway leaves the
    /// rest to the next.
    ///
    /// # Errors
    /// The store failed; what is left is still recorded.
    pub async fn collect(&self, permit: &Permit<CollectBlobs>) -> Result<Collected, ObjectError> {
        let mut collected = Collected::default();
        self.resume_removals(permit).await?;
        self.sweep_parts(&mut collected).await?;
        self.find_abandoned(&mut collected).await?;
        self.remove_pending(&mut collected).await?;
        Ok(collected)
    }

    /// Turns what is left of uploads that are over into pending deletes.
    async fn sweep_parts(&self, collected: &mut Collected) -> Result<(), ObjectError> {
        let (from, to) = layout::family(Family::Sweeps);
        let Some((sweep, _)) = self.meta.range(&from, &to, 1).await?.into_iter().next() else {
            return Ok(());
        };
        collected.more = true;
        let mut batch = WriteBatch::default();
        if let Some(upload) = layout::swept(&sweep) {
            let parts = layout::parts(&upload);
            let end = layout::after_prefix(&parts);
            for (key, value) in self.meta.range(&parts, &end, RECORDS_MAX).await? {
                for blob in PartRecord::decode(&value)?.body.blobs() {
                    batch.put(layout::pending(&blob), marker());
                }
                batch.expect(key.to_vec(), Expect::Equals(value));
                batch.delete(key.to_vec());
            }
        }
        collected.parts = batch.deletes.len();
        if collected.parts == 0 {
            batch.delete(sweep.to_vec());
        }
        settled(self.meta.commit(batch).await)
    }

    /// Turns intents whose writer is gone into pending deletes. The writer's own commit expects the
    /// intent, so that exactly one of the two happens.
    async fn find_abandoned(&self, collected: &mut Collected) -> Result<(), ObjectError> {
        let (mut from, to) = layout::family(Family::Intents);
        loop {
            let intents = self.meta.range(&from, &to, RECORDS_MAX).await?;
            for (key, _) in &intents {
                let Some(blob) = layout::blob(key) else { continue };
                if self.readers.pinned(&blob) {
                    continue;
                }
                let mut batch = WriteBatch::default();
                batch.expect(key.to_vec(), Expect::Present);
                batch.delete(key.to_vec());
                batch.put(layout::pending(&blob), marker());
                settled(self.meta.commit(batch).await)?;
                collected.abandoned = collected.abandoned.saturating_add(1);
            }
            match intents.last() {
                Some((last, _)) if intents.len() >= RECORDS_MAX => from = layout::after_key(last),
                _ => return Ok(()),
            }
        }
    }

    /// Removes pending blobs that nobody can be about to read any more.
    async fn remove_pending(&self, collected: &mut Collected) -> Result<(), ObjectError> {
        let carried = {
            let mut listed = self.collector.listed();
            let quiet = self.readers.quiet_before(listed.fence);
            if quiet { std::mem::take(&mut listed.blobs) } else { Vec::new() }
        };
        self.remove_blobs(carried, collected).await?;
        let (mut from, to) = layout::family(Family::Pending);
        let mut found: Vec<BlobId> = Vec::new();
        loop {
            let page = self.meta.range(&from, &to, RECORDS_MAX).await?;
            let blobs = page.iter().filter_map(|(key, _)| layout::blob(key));
            found.extend(blobs.filter(|blob| !self.readers.pinned(blob)).take(RECORDS_MAX));
            match page.last() {
                Some((last, _)) if page.len() >= RECORDS_MAX && found.is_empty() => {
                    from = layout::after_key(last);
                }
                _ => break,
            }
        }
        collected.more |= found.len() >= RECORDS_MAX;
        let fence = self.readers.fence();
        if self.readers.quiet_before(fence) {
            self.remove_blobs(found, collected).await
        } else {
            let mut listed = self.collector.listed();
            // Replacing what is still waiting is safe: the records are listed again.
            *listed = Listed { blobs: found, fence };
            Ok(())
        }
    }

    async fn remove_blobs(
        &self,
        blobs: Vec<BlobId>,
        collected: &mut Collected,
    ) -> Result<(), ObjectError> {
        let mut batch = WriteBatch::default();
        for blob in blobs {
            if self.readers.pinned(&blob) {
                continue;
            }
            self.blobs.delete(&blob).await?;
            batch.delete(layout::pending(&blob));
        }
        if batch.deletes.is_empty() {
            return Ok(());
        }
        collected.blobs = collected.blobs.saturating_add(batch.deletes.len());
        settled(self.meta.commit(batch).await)
    }
}

/// A conflict means that somebody else did it, or that it changed: the next collection looks again.
fn settled(result: Result<(), CommitError>) -> Result<(), ObjectError> {
    match result {
        Ok(()) | Err(CommitError::Conflict(_)) => Ok(()),
        Err(CommitError::Store(error)) => Err(error.into()),
    }
}
