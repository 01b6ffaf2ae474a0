//! Writing blobs: segments go to a temporary file on the blocking pool while the next one fills;
//! the file gets its name only when it is whole and synced.

use std::mem;
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use bytes::Bytes;
use objects::{BlobId, BlobWriter, StoreError};
use tokio::runtime::Handle;
use tokio::task::{JoinHandle, spawn_blocking};

use super::blob_format::{
    BLOB_BYTES_MAX, HEADER_BYTES, SEGMENT_BLOCKS, SEGMENT_BYTES, checksums, footer, header,
};
use super::blobs::{Inner, TEMPORARY_DIRECTORY};
use super::disk::{DiskFile, Open};

const SEGMENT_LENGTH: usize = 1 << 20;
/// Bytes after which what was written so far is synced in the background, so that the sync at the
/// end finds little left to do and the kernel never holds much of one blob.
const WRITEBACK_BYTES: u64 = 8 << 20;
const _: () = assert!(SEGMENT_LENGTH as u64 == SEGMENT_BYTES);

/// A blob on its way to disk. Holds two segments at most.
pub(crate) struct FileWriter {
    id: BlobId,
    length: u64,
    filling: Vec<u8>,
    spare: Vec<u8>,
    state: State,
}

enum State {
    Idle(Draft),
    Writing(JoinHandle<Result<(Draft, Vec<u8>), StoreError>>),
    /// A write failed or was dropped midway; the blob can only be dropped.
    Broken,
}

impl FileWriter {
    pub(crate) fn new(inner: Arc<Inner>, id: BlobId) -> Self {
        let draft = Draft {
            inner,
            id,
            file: None,
            next_block: 0,
            at: 0,
            synced_at: 0,
            syncing: Arc::default(),
        };
        let (filling, spare) = (Vec::new(), Vec::new());
        Self { id, length: 0, filling, spare, state: State::Idle(draft) }
    }

    /// The draft, once the segment under way (if any) is written.
    async fn settle(&mut self) -> Result<Draft, StoreError> {
        match mem::replace(&mut self.state, State::Broken) {
            State::Idle(draft) => Ok(draft),
            State::Writing(job) => {
                let (draft, spare) = job.await.map_err(|_| StoreError::Unavailable)??;
                self.spare = spare;
                Ok(draft)
            }
            State::Broken => Err(StoreError::Unavailable),
        }
    }
}

#[async_trait]
impl BlobWriter for FileWriter {
    /// Dropped midway, the writer is broken: later calls answer [`StoreError::Unavailable`].
    async fn write(&mut self, mut bytes: Bytes) -> Result<(), StoreError> {
        self.length = self.length.saturating_add(bytes.len() as u64);
        if self.length > BLOB_BYTES_MAX {
            self.state = State::Broken;
            return Err(StoreError::Full);
        }
        while !bytes.is_empty() {
            let room = SEGMENT_LENGTH.saturating_sub(self.filling.len());
            let part = bytes.split_to(room.min(bytes.len()));
            self.filling.extend_from_slice(&part);
            if self.filling.len() == SEGMENT_LENGTH {
                let mut draft = self.settle().await?;
                let next = mem::take(&mut self.spare);
                let mut segment = mem::replace(&mut self.filling, next);
                self.state = State::Writing(spawn_blocking(move || {
                    draft.inner.admit()?;
                    draft.append(&mut segment)?;
                    segment.clear();
                    Ok((draft, segment))
                }));
            }
        }
        Ok(())
    }

    /// Dropped midway, the blob may or may not appear; never in part.
    async fn finish(mut self: Box<Self>) -> Result<u64, StoreError> {
        let mut draft = self.settle().await?;
        let (length, id) = (self.length, self.id);
        let mut segment = mem::take(&mut self.filling);
        let job = spawn_blocking(move || {
            if !segment.is_empty() {
                draft.append(&mut segment)?;
            }
            draft.finish(&footer(&id, length))
        });
        job.await.map_err(|_| StoreError::Unavailable)??;
        Ok(length)
    }
}

/// The temporary file; its end removes it unless it was given its name.
struct Draft {
    inner: Arc<Inner>,
    id: BlobId,
    file: Option<Arc<dyn DiskFile>>,
    next_block: u64,
    at: u64,
    /// Where the file ended when the last sync in the background began.
    synced_at: u64,
    /// Held while a sync in the background runs.
    syncing: Arc<Mutex<()>>,
}

impl Draft {
    fn path(&self) -> String {
        format!("{TEMPORARY_DIRECTORY}/{}", self.id)
    }

    fn open(&mut self) -> Result<Arc<dyn DiskFile>, StoreError> {
        if let Some(file) = &self.file {
            return Ok(Arc::clone(file));
        }
        let file = self.inner.disk.open(&self.path(), Open::New)?;
        self.file = Some(Arc::clone(&file));
        file.write_at(0, &header(&self.id))?;
        self.at = HEADER_BYTES;
        Ok(file)
    }

    /// Writes a segment and its checksums in one go.
    fn append(&mut self, segment: &mut Vec<u8>) -> Result<(), StoreError> {
        let file = self.open()?;
        let sums = checksums(&self.id, self.next_block, segment);
        segment.extend_from_slice(&sums);
        file.write_at(self.at, segment)?;
        self.at = self.at.saturating_add(segment.len() as u64);
        self.next_block = self.next_block.saturating_add(SEGMENT_BLOCKS);
        if self.at.saturating_sub(self.synced_at) >= WRITEBACK_BYTES {
            self.synced_at = self.at;
            self.sync_in_background(file);
        }
        Ok(())
    }

    /// Begins a sync that nobody waits for but [`Draft::finish`]. Its failure is as fatal as any:
    /// the kernel tells of it once.
    fn sync_in_background(&self, file: Arc<dyn DiskFile>) {
        let (inner, path) = (Arc::clone(&self.inner), self.path());
        let syncing = Arc::clone(&self.syncing);
        spawn_blocking(move || {
            let Ok(_one_at_a_time) = syncing.try_lock() else { return };
            if let Err(error) = file.sync() {
                inner.health.stop("sync", &path, error);
            }
        });
    }

    /// Footer, fsync, name, fsync of the directory: in this order, or the promise is void.
    fn finish(mut self, footer: &[u8]) -> Result<(), StoreError> {
        let file = self.open()?;
        file.write_at(self.at, footer)?;
        let syncing = Arc::clone(&self.syncing);
        let _no_other_sync = syncing.lock().unwrap_or_else(PoisonError::into_inner);
        self.inner.health.check().map_err(|_| StoreError::Unavailable)?;
        let path = self.path();
        if let Err(error) = file.sync() {
            self.inner.health.stop("sync", &path, error);
            return Err(StoreError::Unavailable);
        }
        self.inner.publish(&path, &self.id)?;
        self.file = None;
        Ok(())
    }
}

impl Drop for Draft {
    fn drop(&mut self) {
        if self.file.take().is_none() {
            return;
        }
        let (inner, path) = (Arc::clone(&self.inner), self.path());
        let remove = move || {
            // Best effort: what stays is removed when the store opens.
            let _left = inner.disk.remove(&path);
        };
        // Removing a long file takes a while: not on an executor's thread.
        match Handle::try_current() {
            Ok(runtime) => drop(runtime.spawn_blocking(remove)),
            Err(_) => remove(),
        }
    }
}
