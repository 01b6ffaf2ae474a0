//! The blob files: names, directories, deletion, and the [`BlobStore`] port over them.

use std::collections::HashSet;
use std::io;
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use objects::{BlobId, BlobStore, BlobWriter, ByteStream, StoreError};
use tokio::task::spawn_blocking;

use super::blob_reader::Reader;
use super::blob_writer::FileWriter;
use super::disk::{Disk, Open, is_full};
use super::health::Health;
use super::reserve::Reserve;

/// The directory of finished blobs.
pub const BLOBS_DIRECTORY: &str = "blobs";
/// Where blobs are written before they have their name; emptied when the store opens.
pub const TEMPORARY_DIRECTORY: &str = "tmp";
/// Where deleted blobs wait while a backup may need them; emptied when the store opens.
pub const HELD_DIRECTORY: &str = "held";

/// [`BlobStore`] over files. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Blobs {
    inner: Arc<Inner>,
}

#[derive(Debug)]
pub(crate) struct Inner {
    pub(crate) disk: Arc<dyn Disk>,
    /// How the file of a new blob is opened.
    pub(crate) new_blob: Open,
    pub(crate) health: Arc<Health>,
    pub(crate) reserve: Arc<Reserve>,
    /// Directories whose names are known to survive power loss.
    directories: Mutex<HashSet<String>>,
    /// How many backups want deleted blobs kept.
    holds: Mutex<usize>,
}

impl Blobs {
    /// Makes the directories and clears what an earlier process left unfinished.
    pub(crate) fn open(
        disk: Arc<dyn Disk>,
        new_blob: Open,
        health: Arc<Health>,
        reserve: Arc<Reserve>,
    ) -> io::Result<Self> {
        for directory in [BLOBS_DIRECTORY, TEMPORARY_DIRECTORY, HELD_DIRECTORY] {
            disk.make_dir(directory)?;
        }
        disk.sync_dir("")?;
        let directories = Mutex::default();
        let holds = Mutex::new(0);
        let inner = Inner { disk, new_blob, health, reserve, directories, holds };
        inner.clear(TEMPORARY_DIRECTORY)?;
        inner.clear(HELD_DIRECTORY)?;
        Ok(Self { inner: Arc::new(inner) })
    }

    /// Keeps deleted blobs readable (by [`Blobs::open_held`]) until the hold is dropped.
    pub(crate) fn hold(&self) -> Hold {
        let mut holds = self.inner.holds.lock().unwrap_or_else(PoisonError::into_inner);
        *holds = holds.saturating_add(1);
        Hold { inner: Arc::clone(&self.inner) }
    }

    /// Opens a blob whether it still has its name or was deleted under a [`Hold`]. Blocks.
    pub(crate) fn open_held(&self, id: &BlobId) -> Result<Reader, StoreError> {
        // Deletion renames once, from the first place to the second, so two looks find it.
        match Reader::open(&*self.inner.disk, &blob_path(id), *id) {
            Err(StoreError::NotFound) => {
                Reader::open(&*self.inner.disk, &format!("{HELD_DIRECTORY}/{id}"), *id)
            }
            other => other,
        }
    }

    /// Ids in ascending order. Blocks.
    pub(crate) fn list_now(&self, after: Option<BlobId>, limit: usize) -> io::Result<Vec<BlobId>> {
        self.inner.list(after, limit)
    }
}

#[async_trait]
impl BlobStore for Blobs {
    async fn create(&self, id: BlobId) -> Result<Box<dyn BlobWriter>, StoreError> {
        self.inner.admit()?;
        Ok(Box::new(FileWriter::new(Arc::clone(&self.inner), id)))
    }

    /// The stream reads ahead by one segment. Dropped midway it stops reading.
    async fn read(&self, id: &BlobId, from: u64, length: u64) -> Result<ByteStream, StoreError> {
        let (inner, id) = (Arc::clone(&self.inner), *id);
        let opened = spawn_blocking(move || {
            let reader = Reader::open(&*inner.disk, &blob_path(&id), id)?;
            reader.stream_range(from, length)
        });
        let range = opened.await.map_err(|_| StoreError::Unavailable)??;
        Ok(range.into_stream())
    }

    /// Dropped midway, the blob may or may not be gone.
    async fn delete(&self, id: &BlobId) -> Result<(), StoreError> {
        let (inner, id) = (Arc::clone(&self.inner), *id);
        let deleted = spawn_blocking(move || inner.delete(&id));
        deleted.await.map_err(|_| StoreError::Unavailable)?
    }

    async fn list(&self, after: Option<BlobId>, limit: usize) -> Result<Vec<BlobId>, StoreError> {
        let inner = Arc::clone(&self.inner);
        let listed = spawn_blocking(move || inner.list(after, limit));
        Ok(listed.await.map_err(|_| StoreError::Unavailable)??)
    }
}

impl Inner {
    /// Whether a blob may be begun or go on growing.
    pub(crate) fn admit(&self) -> Result<(), StoreError> {
        if self.health.stopped().is_some() {
            return Err(StoreError::Unavailable);
        }
        if self.reserve.admits_growth() { Ok(()) } else { Err(StoreError::Full) }
    }

    /// Gives a finished temporary file its name, durably: rename, then fsync of the directory.
    pub(crate) fn publish(&self, temporary: &str, id: &BlobId) -> Result<(), StoreError> {
        let directory = self.make_directory(id)?;
        self.disk.rename(temporary, &blob_path(id))?;
        self.sync_dir(&directory)
    }

    /// Syncs a directory; a failure is fatal, as for a file.
    fn sync_dir(&self, path: &str) -> Result<(), StoreError> {
        self.disk.sync_dir(path).map_err(|error| {
            self.health.stop("sync", path, error);
            StoreError::Unavailable
        })
    }

    fn make_directory(&self, id: &BlobId) -> Result<String, StoreError> {
        let (upper, lower) = directories_of(id);
        let known = |inner: &Self, path: &str| {
            inner.directories.lock().unwrap_or_else(PoisonError::into_inner).contains(path)
        };
        for (parent, path) in [(BLOBS_DIRECTORY, &upper), (upper.as_str(), &lower)] {
            if known(self, path) {
                continue;
            }
            self.disk.make_dir(path)?;
            self.sync_dir(parent)?;
            let mut directories = self.directories.lock().unwrap_or_else(PoisonError::into_inner);
            directories.insert(path.clone());
        }
        Ok(lower)
    }

    fn delete(&self, id: &BlobId) -> Result<(), StoreError> {
        self.health.check().map_err(|_| StoreError::Unavailable)?;
        let (path, (_, directory)) = (blob_path(id), directories_of(id));
        let held = *self.holds.lock().unwrap_or_else(PoisonError::into_inner) > 0;
        let gone = if held {
            self.disk.rename(&path, &format!("{HELD_DIRECTORY}/{id}"))
        } else {
            self.disk.remove(&path)
        };
        match gone {
            Ok(()) => self.sync_dir(&directory),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            // A copy-on-write file system may need room even to delete.
            Err(error) if is_full(&error) && self.reserve.release() => {
                self.disk.remove(&path)?;
                self.sync_dir(&directory)
            }
            Err(error) => Err(error.into()),
        }
    }

    fn list(&self, after: Option<BlobId>, limit: usize) -> io::Result<Vec<BlobId>> {
        let first = after.map(|id| directories_of(&id));
        let mut ids = Vec::new();
        for upper in self.sorted(BLOBS_DIRECTORY)? {
            if first.as_ref().is_some_and(|(from, _)| upper < *from) {
                continue;
            }
            for lower in self.sorted(&upper)? {
                if first.as_ref().is_some_and(|(_, from)| lower < *from) {
                    continue;
                }
                let names = self.disk.list(&lower)?;
                let mut here: Vec<BlobId> =
                    names.iter().filter_map(|name| name.parse().ok()).collect();
                here.retain(|id| after.is_none_or(|after| *id > after));
                here.sort_unstable();
                ids.extend(here);
                if ids.len() >= limit {
                    ids.truncate(limit);
                    return Ok(ids);
                }
            }
        }
        Ok(ids)
    }

    fn sorted(&self, directory: &str) -> io::Result<Vec<String>> {
        let mut names = self.disk.list(directory)?;
        names.retain(|name| name.len() == 2);
        names.sort_unstable();
        Ok(names.into_iter().map(|name| format!("{directory}/{name}")).collect())
    }

    fn clear(&self, directory: &str) -> io::Result<()> {
        for name in self.disk.list(directory)? {
            self.disk.remove(&format!("{directory}/{name}"))?;
        }
        Ok(())
    }
}

/// Where a blob lives: `blobs/ab/cd/abcd…`. Made of the id's digits alone.
pub(crate) fn blob_path(id: &BlobId) -> String {
    format!("{}/{id}", directories_of(id).1)
}

pub(crate) fn directories_of(id: &BlobId) -> (String, String) {
    let [first, second, ..] = id.as_bytes();
    let upper = format!("{BLOBS_DIRECTORY}/{first:02x}");
    let lower = format!("{upper}/{second:02x}");
    (upper, lower)
}

/// While this lives, deleted blobs keep their bytes.
#[derive(Debug)]
pub(crate) struct Hold {
    inner: Arc<Inner>,
}

impl Drop for Hold {
    fn drop(&mut self) {
        let mut holds = self.inner.holds.lock().unwrap_or_else(PoisonError::into_inner);
        *holds = holds.saturating_sub(1);
        if *holds == 0 {
            // Best effort: what stays is removed when the store opens.
            let _left = self.inner.clear(HELD_DIRECTORY);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_blob_lives_two_directories_deep_under_its_own_id() {
        let id = BlobId::from_random([0xab; 16]);
        assert_eq!(blob_path(&id), format!("blobs/ab/ab/{}", "ab".repeat(16)));
    }
}
