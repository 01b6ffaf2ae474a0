//! The seam between the journal and the disk, so that every failure of a disk can be played.

mod directory;
mod memory;
mod packed;

use std::io;
use std::ops::Range;

pub use directory::Directory;
pub use memory::{Fault, MemoryDisk, Survives};
pub use packed::{FileDisk, Packed};

/// When a replaced file must survive power loss.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Settle {
    /// When the call returns: file → fsync → rename → fsync directory.
    Now,
    /// When [`JournalDisk::sync`] is called on it. Readers still see the old file or the new one,
    /// never half of one.
    Later,
}

/// The few things the journal does to its disk. Paths are relative, with `/`.
///
/// An error of `ErrorKind::StorageFull` means that there is no room; every other error means that
/// the disk cannot be trusted any more. After an error nothing is known of the file's end: it may
/// hold none, some or all of what was written.
pub trait JournalDisk: Send + Sync + 'static {
    /// The whole file; `None` if there is none.
    ///
    /// # Errors
    /// The disk fails.
    fn read(&self, path: &str) -> io::Result<Option<Vec<u8>>>;

    /// Bytes of a file, fewer if it ends before; `None` if there is none.
    ///
    /// # Errors
    /// The disk fails.
    fn read_part(&self, path: &str, part: Range<u64>) -> io::Result<Option<Vec<u8>>> {
        Ok(self.read(path)?.map(|whole| cut(whole, &part)))
    }

    /// How many bytes a file has; `None` if there is none.
    ///
    /// # Errors
    /// The disk fails.
    fn length(&self, path: &str) -> io::Result<Option<u64>> {
        let length = |all: Vec<u8>| u64::try_from(all.len()).unwrap_or(u64::MAX);
        Ok(self.read(path)?.map(length))
    }

    /// The names in a directory, in any order; none if there is no such directory.
    ///
    /// # Errors
    /// The disk fails.
    fn list(&self, directory: &str) -> io::Result<Vec<String>>;

    /// Makes the file end at byte `at`, then appends `bytes`; makes the file if there is none. When
    /// this returns the operating system has the bytes: they survive the death of the process.
    ///
    /// # Errors
    /// The disk fails or is full.
    fn write(&self, path: &str, at: u64, bytes: &[u8]) -> io::Result<()>;

    /// When this returns, the files' bytes and their names survive power loss.
    ///
    /// # Errors
    /// The disk fails. What was written since the last success may be lost even if a later call
    /// succeeds.
    fn sync(&self, paths: &[String]) -> io::Result<()>;

    /// Puts a whole file in the place of what was there, making directories as needed.
    ///
    /// # Errors
    /// The disk fails or is full; the old file is still there, or the new one is.
    fn replace(&self, path: &str, bytes: &[u8], settle: Settle) -> io::Result<()>;

    /// Removes a file. It is no error if there is none. It may come back after power loss.
    ///
    /// # Errors
    /// The disk fails.
    fn remove(&self, path: &str) -> io::Result<()>;
}

/// A part of a file's bytes, as far as there are any.
fn cut(whole: Vec<u8>, part: &Range<u64>) -> Vec<u8> {
    let place = |at: u64| usize::try_from(at).unwrap_or(usize::MAX);
    whole.into_iter().take(place(part.end)).skip(place(part.start)).collect()
}
