//! Stores in memory, and the other ports that a test needs.

use std::collections::{BTreeMap, VecDeque};
use std::ops::Bound;
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use audit::{Clock, Random};
use bytes::{Bytes, BytesMut};
use identity::{Pieces, StateLog, StateLogError};
use names::{Revision, Timestamp};
use strongroom_objects::{
    BlobId, BlobStore, BlobWriter, ByteStream, CommitError, MetadataStore, StoreError, WriteBatch,
};
use tokio::sync::Notify;

/// What happens just before a commit.
pub(crate) type Interlude = Box<dyn FnOnce(&mut BTreeMap<Vec<u8>, Bytes>) + Send>;

/// Metadata in memory. It counts what is read, and lets things happen before the next commits.
#[derive(Default)]
pub(crate) struct MemoryMeta {
    pub(crate) map: Mutex<BTreeMap<Vec<u8>, Bytes>>,
    pub(crate) ranges: AtomicUsize,
    pub(crate) ranged: AtomicUsize,
    pub(crate) before_commits: Mutex<VecDeque<Interlude>>,
    /// The next read takes it, and answers only once the gate is opened.
    pub(crate) gate: Mutex<Option<Arc<Notify>>>,
}

impl MemoryMeta {
    /// How many records there are of a family.
    pub(crate) fn count(&self, family: u8) -> usize {
        self.map.lock().unwrap().keys().filter(|key| key.first() == Some(&family)).count()
    }
}

#[async_trait]
impl MetadataStore for MemoryMeta {
    async fn read(&self, key: &[u8]) -> Result<Option<Bytes>, StoreError> {
        let value = self.map.lock().unwrap().get(key).cloned();
        let gate = self.gate.lock().unwrap().take();
        if let Some(gate) = gate {
            gate.notified().await;
        }
        Ok(value)
    }

    async fn range(
        &self,
        from: &[u8],
        to: &[u8],
        limit: usize,
    ) -> Result<Vec<(Bytes, Bytes)>, StoreError> {
        if from >= to {
            return Ok(Vec::new());
        }
        let map = self.map.lock().unwrap();
        let bounds = (Bound::Included(from.to_vec()), Bound::Excluded(to.to_vec()));
        let found: Vec<_> = map
            .range(bounds)
            .take(limit)
            .map(|(key, value)| (Bytes::from(key.clone()), value.clone()))
            .collect();
        self.ranges.fetch_add(1, Ordering::Relaxed);
        self.ranged.fetch_add(found.len(), Ordering::Relaxed);
        Ok(found)
    }

    async fn commit(&self, batch: WriteBatch) -> Result<(), CommitError> {
        let mut map = self.map.lock().unwrap();
        let interlude = self.before_commits.lock().unwrap().pop_front();
        if let Some(interlude) = interlude {
            interlude(&mut map);
        }
        for (key, expect) in &batch.conditions {
            if !expect.holds(map.get(key).map(AsRef::as_ref)) {
                return Err(CommitError::Conflict(key.clone()));
            }
        }
        for (key, value) in &batch.puts {
            assert!(!batch.deletes.contains(key), "a key is put and deleted in one batch");
            map.insert(key.clone(), value.clone());
        }
        for key in &batch.deletes {
            map.remove(key);
        }
        Ok(())
    }
}

/// Blobs in memory.
#[derive(Default)]
pub(crate) struct MemoryBlobs {
    pub(crate) map: Arc<Mutex<BTreeMap<BlobId, Bytes>>>,
    pub(crate) full: AtomicBool,
}

struct MemoryWriter {
    id: BlobId,
    bytes: BytesMut,
    map: Arc<Mutex<BTreeMap<BlobId, Bytes>>>,
}

#[async_trait]
impl BlobStore for MemoryBlobs {
    async fn create(&self, id: BlobId) -> Result<Box<dyn BlobWriter>, StoreError> {
        if self.full.load(Ordering::Relaxed) {
            return Err(StoreError::Full);
        }
        let map = Arc::clone(&self.map);
        Ok(Box::new(MemoryWriter { id, bytes: BytesMut::new(), map }))
    }

    async fn read(&self, id: &BlobId, from: u64, length: u64) -> Result<ByteStream, StoreError> {
        let bytes = self.map.lock().unwrap().get(id).cloned().ok_or(StoreError::NotFound)?;
        let (from, length) = (usize::try_from(from).unwrap(), usize::try_from(length).unwrap());
        if from + length > bytes.len() {
            return Err(StoreError::Corrupt { what: "past the end".into() });
        }
        let bytes = bytes.slice(from..from + length);
        let chunks: Vec<_> = bytes.chunks(64 * 1024).map(Bytes::copy_from_slice).map(Ok).collect();
        Ok(Box::pin(futures_util::stream::iter(chunks)))
    }

    async fn delete(&self, id: &BlobId) -> Result<(), StoreError> {
        self.map.lock().unwrap().remove(id);
        Ok(())
    }

    async fn list(&self, after: Option<BlobId>, limit: usize) -> Result<Vec<BlobId>, StoreError> {
        let map = self.map.lock().unwrap();
        Ok(map.keys().filter(|id| after.is_none_or(|a| **id > a)).take(limit).copied().collect())
    }
}

#[async_trait]
impl BlobWriter for MemoryWriter {
    async fn write(&mut self, bytes: Bytes) -> Result<(), StoreError> {
        self.bytes.extend_from_slice(&bytes);
        Ok(())
    }

    async fn finish(self: Box<Self>) -> Result<u64, StoreError> {
        let length = u64::try_from(self.bytes.len()).unwrap();
        let fresh = self.map.lock().unwrap().insert(self.id, self.bytes.freeze()).is_none();
        assert!(fresh, "a blob's id was used twice");
        Ok(length)
    }
}

/// The state log in memory.
#[derive(Default)]
pub(crate) struct MemoryLog(pub(crate) Mutex<Vec<(Revision, Vec<u8>)>>);

#[async_trait]
impl StateLog for MemoryLog {
    async fn append(&self, next: Revision, record: Vec<u8>) -> Result<(), StateLogError> {
        self.0.lock().unwrap().push((next, record));
        Ok(())
    }

    async fn read(
        &self,
        after: Revision,
        limit: usize,
    ) -> Result<Vec<(Revision, Vec<u8>)>, StateLogError> {
        let log = self.0.lock().unwrap();
        Ok(log.iter().filter(|(at, _)| *at > after).take(limit).cloned().collect())
    }

    async fn put_snapshot(&self, _: Revision, _: Pieces) -> Result<(), StateLogError> {
        Ok(())
    }

    async fn forget_snapshot(&self, _: Revision) -> Result<(), StateLogError> {
        Ok(())
    }

    async fn newest_snapshot(
        &self,
        _: Option<Revision>,
    ) -> Result<Option<(Revision, u64)>, StateLogError> {
        Ok(None)
    }

    async fn snapshot_part(
        &self,
        at: Revision,
        _: std::ops::Range<u64>,
    ) -> Result<Vec<u8>, StateLogError> {
        Err(StateLogError::Corrupt { at })
    }
}

/// A clock that is moved by hand.
pub(crate) struct HandClock(AtomicI64);

impl HandClock {
    pub(crate) fn new() -> Self {
        Self(AtomicI64::new(1_767_323_045_678))
    }

    pub(crate) fn advance(&self, seconds: i64) {
        self.0.fetch_add(seconds * 1000, Ordering::Relaxed);
    }
}

impl Clock for HandClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_millis(self.0.load(Ordering::Relaxed)).unwrap()
    }

    fn monotonic(&self) -> Duration {
        Duration::from_millis(u64::try_from(self.0.load(Ordering::Relaxed)).unwrap())
    }
}

/// Ids that count.
#[derive(Default)]
pub(crate) struct Counting(AtomicU64);

impl Random for Counting {
    fn fill(&self, bytes: &mut [u8]) {
        let number = self.0.fetch_add(1, Ordering::Relaxed).to_be_bytes();
        let start = bytes.len().saturating_sub(number.len());
        bytes.fill(0);
        for (to, from) in bytes[start..].iter_mut().zip(number) {
            *to = from;
        }
    }
}
