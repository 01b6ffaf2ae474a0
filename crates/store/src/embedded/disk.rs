//! The seam between the engine and the disk: everything the engine does to durable state goes
//! through [`Disk`] and [`DiskFile`], so that a test kit can lose power at any step.
//!
//! Paths are relative to the data directory, use `/`, and are made by the engine from constants
//! and ids alone; no text of a client ever becomes part of one.

use std::fmt::Debug;
use std::io;
use std::sync::Arc;

/// How much room a disk has left.
pub trait Space {
    /// Bytes that an unprivileged writer may still allocate.
    ///
    /// # Errors
    /// When the file system cannot be asked.
    fn free_bytes(&self) -> io::Result<u64>;
}

/// A directory tree on something that may lose what was not synced.
///
/// Changes of names (creation, renaming, removal) survive power loss once [`Disk::sync_dir`] of
/// the directory that holds the name has returned; the destination's directory for a rename.
/// Every method may block; none is to be called from an async task without a blocking pool.
pub trait Disk: Space + Debug + Send + Sync + 'static {
    /// Opens a file for reading and writing.
    ///
    /// # Errors
    /// `NotFound` for [`Open::Existing`] without a file, `AlreadyExists` for [`Open::New`] with
    /// one, and whatever the disk reports.
    fn open(&self, path: &str, how: Open) -> io::Result<Arc<dyn DiskFile>>;

    /// Makes one directory, whose parent exists; it is no error if it exists already.
    ///
    /// # Errors
    /// Whatever the disk reports.
    fn make_dir(&self, path: &str) -> io::Result<()>;

    /// Gives a file another name, replacing what has that name, atomically.
    ///
    /// # Errors
    /// `NotFound` without a file called `from`, and whatever the disk reports.
    fn rename(&self, from: &str, to: &str) -> io::Result<()>;

    /// Removes a file.
    ///
    /// # Errors
    /// `NotFound` without such a file, and whatever the disk reports.
    fn remove(&self, path: &str) -> io::Result<()>;

    /// The names in a directory, in no particular order; `""` is the data directory.
    ///
    /// # Errors
    /// `NotFound` without such a directory, and whatever the disk reports.
    fn list(&self, path: &str) -> io::Result<Vec<String>>;

    /// Makes the names in a directory survive power loss; `""` is the data directory.
    ///
    /// # Errors
    /// Whatever the disk reports. After an error nothing is known about what survives.
    fn sync_dir(&self, path: &str) -> io::Result<()>;
}

/// Which file [`Disk::open`] is to open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Open {
    /// One that exists.
    Existing,
    /// One that must not exist yet.
    New,
    /// One that must not exist yet, and that nobody is likely to read soon: what is written to it
    /// need not stay in the kernel's page cache.
    NewUncached,
    /// One that exists, or a new one.
    Any,
}

/// Where the bytes of a write are when it has returned. Neither survives power loss before a sync.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Written {
    /// In the kernel's page cache: a sync has them to write.
    Cached,
    /// On the device.
    Uncached,
}

/// What the place in a file, the length and the place in memory of a write are multiples of, in
/// bytes, if it is to pass the page cache.
pub const UNCACHED_ALIGNMENT: usize = 4096;

/// An open file. Writes survive power loss once [`DiskFile::sync`] has returned after them.
pub trait DiskFile: Debug + Send + Sync + 'static {
    /// The length in bytes.
    ///
    /// # Errors
    /// Whatever the disk reports.
    fn length(&self) -> io::Result<u64>;

    /// Fills `out` from `offset`.
    ///
    /// # Errors
    /// `UnexpectedEof` if the file ends first, and whatever the disk reports.
    fn read_at(&self, offset: u64, out: &mut [u8]) -> io::Result<()>;

    /// Writes all of `bytes` at `offset`, growing the file if needed. They pass the page cache if
    /// the file is [`Open::NewUncached`], they lie at multiples of [`UNCACHED_ALIGNMENT`], and the
    /// file system has a way past it.
    ///
    /// # Errors
    /// Whatever the disk reports; a part may have been written.
    fn write_at(&self, offset: u64, bytes: &[u8]) -> io::Result<Written>;

    /// Cuts or grows the file; new bytes read as zero.
    ///
    /// # Errors
    /// Whatever the disk reports.
    fn set_length(&self, length: u64) -> io::Result<()>;

    /// Grows an empty file to `length` zero bytes that occupy their room on the disk.
    ///
    /// # Errors
    /// Whatever the disk reports, a full disk included; a part may have been allocated.
    fn allocate(&self, length: u64) -> io::Result<()>;

    /// Makes everything written so far survive power loss.
    ///
    /// # Errors
    /// Whatever the disk reports. After an error nothing is known about what survives.
    fn sync(&self) -> io::Result<()>;
}

/// Whether an error says that the disk (or a quota) is full, rather than broken.
#[must_use]
pub fn is_full(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_disk_and_a_broken_disk_are_told_apart() {
        assert!(is_full(&io::Error::from(io::ErrorKind::StorageFull)));
        assert!(is_full(&io::Error::from(io::ErrorKind::QuotaExceeded)));
        assert!(!is_full(&io::Error::other("input/output error")));
    }
}
