//! Writing blobs: segments go to a temporary file in a lane of their own while the next ones fill;
//! the file gets its name only when it is whole and synced.
//!
//! What is written lies where it would lie in the file, to a multiple of a block, in memory as on
//! the disk, so that it can pass the page cache. What is left over goes along with what comes.

use std::mem;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use bytes::Bytes;
use objects::{BlobId, BlobWriter, Lane, StoreError};
use tokio::runtime::Handle;
use tokio::task::spawn_blocking;

use super::blob_format::{
    BLOB_BYTES_MAX, CHECKSUM_BYTES, FOOTER_BYTES, SEGMENT_BLOCKS, SEGMENT_BYTES, checksums, footer,
    header, segment_at,
};
use super::blobs::{Inner, TEMPORARY_DIRECTORY};
use super::disk::{DiskFile, UNCACHED_ALIGNMENT, Written};

const SEGMENT_LENGTH: usize = 1 << 20;
const _: () = assert!(SEGMENT_LENGTH as u64 == SEGMENT_BYTES);
/// What a segment's checksums and the footer take at most.
const AFTER_LENGTH: usize = 176;
const _: () = assert!(AFTER_LENGTH as u64 == SEGMENT_BLOCKS * CHECKSUM_BYTES + FOOTER_BYTES);
/// What a piece holds at most, wherever it begins.
const PIECE_BYTES_MAX: usize = 2 * UNCACHED_ALIGNMENT + SEGMENT_LENGTH + AFTER_LENGTH;
/// Bytes in the page cache after which what was written so far is synced in the background, so
/// that the sync at the end finds little left to do and the kernel never holds much of one blob.
const WRITEBACK_BYTES: u64 = 8 << 20;

/// A blob on its way to disk. Holds a segment that fills, and those in its lane.
pub(crate) struct FileWriter {
    id: BlobId,
    length: u64,
    filling: Option<Piece>,
    /// `None` once a write failed or was dropped midway: the blob can only be dropped.
    lane: Option<Lane<Draft, Piece>>,
    shelf: Arc<Mutex<Shelf>>,
}

/// What the lane leaves for whoever fills it.
#[derive(Default)]
struct Shelf {
    spare: Vec<Piece>,
    failure: Option<StoreError>,
}

impl FileWriter {
    pub(crate) fn new(inner: Arc<Inner>, id: BlobId) -> Self {
        let shelf = Arc::<Mutex<Shelf>>::default();
        let draft = Draft {
            inner,
            id,
            file: None,
            next_block: 0,
            at: 0,
            left_over: header(&id),
            cached_bytes: 0,
            syncing: Arc::default(),
            shelf: Arc::clone(&shelf),
            outcome: Outcome::Good,
        };
        let lane = Some(Lane::new(draft, Draft::take));
        Self { id, length: 0, filling: None, lane, shelf }
    }

    /// The piece that fills. Its beginning is what the one before it leaves over.
    fn filling(&mut self) -> &mut Piece {
        self.filling.get_or_insert_with(|| {
            let mut piece = shelf(&self.shelf).spare.pop().unwrap_or_else(Piece::new);
            piece.begin(self.length.checked_div(SEGMENT_BYTES).unwrap_or(0));
            piece
        })
    }

    /// The lane, unless something failed in it.
    fn lane(&mut self) -> Result<Lane<Draft, Piece>, StoreError> {
        let lane = self.lane.take().ok_or(StoreError::Unavailable)?;
        match shelf(&self.shelf).failure.take() {
            None => Ok(lane),
            Some(failure) => Err(failure),
        }
    }
}

fn shelf(shelf: &Mutex<Shelf>) -> MutexGuard<'_, Shelf> {
    shelf.lock().unwrap_or_else(PoisonError::into_inner)
}

#[async_trait]
impl BlobWriter for FileWriter {
    /// Dropped midway, the writer is broken: later calls answer [`StoreError::Unavailable`].
    async fn write(&mut self, mut bytes: Bytes) -> Result<(), StoreError> {
        if self.length.saturating_add(bytes.len() as u64) > BLOB_BYTES_MAX {
            self.lane = None;
            return Err(StoreError::Full);
        }
        while !bytes.is_empty() {
            let piece = self.filling();
            let part = bytes.split_to(piece.room().min(bytes.len()));
            piece.add(&part);
            let full = piece.room() == 0;
            self.length = self.length.saturating_add(part.len() as u64);
            if full && let Some(piece) = self.filling.take() {
                let lane = self.lane()?;
                lane.add(piece).await?;
                self.lane = Some(lane);
            }
        }
        Ok(())
    }

    /// Dropped midway, the blob may or may not appear; never in part.
    async fn finish(mut self: Box<Self>) -> Result<u64, StoreError> {
        let draft = self.lane()?.done().await?;
        if let Some(failure) = shelf(&self.shelf).failure.take() {
            return Err(failure);
        }
        let (length, id) = (self.length, self.id);
        self.filling();
        let last = self.filling.take().ok_or(StoreError::Unavailable)?;
        let job = spawn_blocking(move || draft.finish(last, &footer(&id, length)));
        job.await.map_err(|_| StoreError::Unavailable)??;
        Ok(length)
    }
}

/// Bytes of a file from a multiple of [`UNCACHED_ALIGNMENT`] on, which lie in memory at one, too:
/// what was left over before, the data of a segment, and what comes after it.
struct Piece {
    bytes: Vec<u8>,
    /// Where they begin among these.
    start: usize,
    /// Where the data begins.
    data: usize,
}

impl Piece {
    fn new() -> Self {
        let bytes: Vec<u8> = Vec::with_capacity(PIECE_BYTES_MAX);
        let start = bytes.as_ptr().align_offset(UNCACHED_ALIGNMENT);
        // Nowhere is it written that there is one; then nothing passes the cache.
        let start = if start < UNCACHED_ALIGNMENT { start } else { 0 };
        Self { bytes, start, data: start }
    }

    /// Makes it one of segment `number`, of which it has nothing yet.
    fn begin(&mut self, number: u64) {
        let over = segment_at(number).checked_rem(UNCACHED_ALIGNMENT as u64).unwrap_or(0);
        self.data = self.start.saturating_add(usize::try_from(over).unwrap_or(0));
        self.bytes.clear();
        self.bytes.resize(self.data, 0);
    }

    /// How much of the segment is to come.
    fn room(&self) -> usize {
        SEGMENT_LENGTH.saturating_sub(self.bytes.len().saturating_sub(self.data))
    }

    fn add(&mut self, bytes: &[u8]) {
        self.bytes.extend_from_slice(bytes);
    }

    fn data(&self) -> &[u8] {
        self.bytes.get(self.data..).unwrap_or_default()
    }

    fn set_left_over(&mut self, bytes: &[u8]) {
        let place = self.bytes.get_mut(self.start..self.data).unwrap_or_default();
        place.copy_from_slice(bytes);
    }

    fn all(&self) -> &[u8] {
        self.bytes.get(self.start..).unwrap_or_default()
    }

    /// What may pass the page cache, and what is left over.
    fn split(&self) -> (&[u8], &[u8]) {
        let all = self.all();
        let over = all.len().checked_rem(UNCACHED_ALIGNMENT).unwrap_or(0);
        all.split_at(all.len().saturating_sub(over))
    }
}

/// The temporary file; its end removes it unless it was given its name.
struct Draft {
    inner: Arc<Inner>,
    id: BlobId,
    file: Option<Arc<dyn DiskFile>>,
    next_block: u64,
    /// How much of the file is written: a multiple of [`UNCACHED_ALIGNMENT`].
    at: u64,
    /// What is to be written there, together with what comes.
    left_over: Vec<u8>,
    /// What went into the page cache since the last sync in the background began.
    cached_bytes: u64,
    /// Held while a sync in the background runs.
    syncing: Arc<Mutex<()>>,
    shelf: Arc<Mutex<Shelf>>,
    outcome: Outcome,
}

/// How it went so far.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Outcome {
    Good,
    /// Nothing more is written.
    Failed,
}

impl Draft {
    fn path(&self) -> String {
        format!("{TEMPORARY_DIRECTORY}/{}", self.id)
    }

    fn open(&mut self) -> Result<Arc<dyn DiskFile>, StoreError> {
        if let Some(file) = &self.file {
            return Ok(Arc::clone(file));
        }
        let file = self.inner.disk.open(&self.path(), self.inner.new_blob)?;
        self.file = Some(Arc::clone(&file));
        Ok(file)
    }

    /// Writes the next segment in the lane, unless one before it could not be written.
    fn take(&mut self, mut piece: Piece) {
        if self.outcome == Outcome::Failed {
            return;
        }
        let written = self.inner.admit().and_then(|()| self.append(&mut piece));
        let mut shelf = shelf(&self.shelf);
        match written {
            Ok(()) => shelf.spare.push(piece),
            Err(failure) => {
                self.outcome = Outcome::Failed;
                shelf.failure = Some(failure);
            }
        }
    }

    /// Writes a segment and its checksums, but for what is left over.
    fn append(&mut self, piece: &mut Piece) -> Result<(), StoreError> {
        let file = self.open()?;
        self.sum(piece);
        let (whole, rest) = piece.split();
        self.write(&file, whole)?;
        self.left_over.extend_from_slice(rest);
        if self.cached_bytes >= WRITEBACK_BYTES {
            self.cached_bytes = 0;
            self.sync_in_background(file);
        }
        Ok(())
    }

    /// Completes a piece with what was left over before and the checksums of its data.
    fn sum(&mut self, piece: &mut Piece) {
        piece.set_left_over(&mem::take(&mut self.left_over));
        let sums = checksums(&self.id, self.next_block, piece.data());
        piece.add(&sums);
        self.next_block = self.next_block.saturating_add(SEGMENT_BLOCKS);
    }

    fn write(&mut self, file: &Arc<dyn DiskFile>, bytes: &[u8]) -> Result<(), StoreError> {
        if bytes.is_empty() {
            return Ok(());
        }
        if file.write_at(self.at, bytes)? == Written::Cached {
            self.cached_bytes = self.cached_bytes.saturating_add(bytes.len() as u64);
        }
        self.at = self.at.saturating_add(bytes.len() as u64);
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
    fn finish(mut self, mut last: Piece, footer: &[u8]) -> Result<(), StoreError> {
        let file = self.open()?;
        self.sum(&mut last);
        last.add(footer);
        let (whole, rest) = last.split();
        if self.at == 0 {
            // Of a blob of less than a segment, all in one go.
            self.write(&file, last.all())?;
        } else {
            self.write(&file, whole)?;
            self.write(&file, rest)?;
        }
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
