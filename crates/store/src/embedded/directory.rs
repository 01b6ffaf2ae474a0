//! The real disk: a data directory that one process at a time may open.

use std::fs::{self, DirBuilder, File, OpenOptions, TryLockError};
use std::io;
use std::os::unix::fs::{DirBuilderExt, FileExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustix::fs::FallocateFlags;
use rustix::io::Errno;

use super::disk::{Disk, DiskFile, Open, Space, Written};
use super::uncached::Uncached;

/// The file whose exclusive lock says that a process owns the data directory.
pub const LOCK_FILE: &str = "strongroom.lock";

/// A data directory of a real file system, locked for as long as this value lives.
#[derive(Debug)]
pub struct Directory {
    root: PathBuf,
    _lock: File,
}

impl Directory {
    /// Opens a data directory, making it (mode 0700) if it is missing, and locks it.
    ///
    /// # Errors
    /// `WouldBlock` if another process (or this one) has it open; whatever the disk reports.
    pub fn open(root: &Path) -> io::Result<Self> {
        DirBuilder::new().recursive(true).mode(0o700).create(root)?;
        let lock = options().create(true).truncate(false).open(root.join(LOCK_FILE))?;
        match lock.try_lock() {
            Ok(()) => Ok(Self { root: root.to_owned(), _lock: lock }),
            Err(TryLockError::WouldBlock) => Err(io::Error::new(
                io::ErrorKind::WouldBlock,
                "the data directory is in use by another process",
            )),
            Err(TryLockError::Error(error)) => Err(error),
        }
    }

    /// Where the directory is.
    #[must_use]
    pub fn root(&self) -> &Path {
        &self.root
    }
}

impl Space for Directory {
    fn free_bytes(&self) -> io::Result<u64> {
        let room = rustix::fs::statvfs(&self.root)?;
        Ok(room.f_bavail.saturating_mul(room.f_frsize))
    }
}

impl Disk for Directory {
    fn open(&self, path: &str, how: Open) -> io::Result<Arc<dyn DiskFile>> {
        let mut options = options();
        match how {
            Open::Existing => options.create(false),
            Open::New | Open::NewUncached => options.create_new(true),
            Open::Any => options.create(true).truncate(false),
        };
        let path = self.root.join(path);
        let file = options.open(&path)?;
        let uncached = (how == Open::NewUncached).then(|| Uncached::new(path));
        Ok(Arc::new(OpenFile { file, uncached }))
    }

    fn make_dir(&self, path: &str) -> io::Result<()> {
        match DirBuilder::new().mode(0o700).create(self.root.join(path)) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
            other => other,
        }
    }

    fn rename(&self, from: &str, to: &str) -> io::Result<()> {
        fs::rename(self.root.join(from), self.root.join(to))
    }

    fn remove(&self, path: &str) -> io::Result<()> {
        fs::remove_file(self.root.join(path))
    }

    fn list(&self, path: &str) -> io::Result<Vec<String>> {
        fs::read_dir(self.root.join(path))?
            .map(|entry| Ok(entry?.file_name().to_string_lossy().into_owned()))
            .collect()
    }

    fn sync_dir(&self, path: &str) -> io::Result<()> {
        File::open(self.root.join(path))?.sync_all()
    }
}

fn options() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.read(true).write(true).mode(0o600);
    options
}

#[derive(Debug)]
struct OpenFile {
    file: File,
    uncached: Option<Uncached>,
}

impl OpenFile {
    fn write_zeros(&self, length: u64) -> io::Result<()> {
        let block = vec![0_u8; 1 << 20];
        let mut at = 0_u64;
        while at < length {
            let left = usize::try_from(length.saturating_sub(at)).unwrap_or(usize::MAX);
            let part = block.get(..left).unwrap_or(&block);
            self.file.write_all_at(part, at)?;
            at = at.saturating_add(part.len() as u64);
        }
        Ok(())
    }
}

impl DiskFile for OpenFile {
    fn length(&self) -> io::Result<u64> {
        Ok(self.file.metadata()?.len())
    }

    fn read_at(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        self.file.read_exact_at(out, offset)
    }

    fn write_at(&self, offset: u64, bytes: &[u8]) -> io::Result<Written> {
        let done = match &self.uncached {
            Some(uncached) => uncached.write(offset, bytes)?,
            None => 0,
        };
        let rest = bytes.get(done..).unwrap_or_default();
        if rest.is_empty() {
            return Ok(Written::Uncached);
        }
        self.file.write_all_at(rest, offset.saturating_add(done as u64))?;
        Ok(Written::Cached)
    }

    fn set_length(&self, length: u64) -> io::Result<()> {
        self.file.set_len(length)
    }

    fn allocate(&self, length: u64) -> io::Result<()> {
        match rustix::fs::fallocate(&self.file, FallocateFlags::empty(), 0, length) {
            Ok(()) => Ok(()),
            // Not every file system can: zeros then have to be written.
            Err(Errno::OPNOTSUPP | Errno::NOSYS | Errno::INVAL) => self.write_zeros(length),
            Err(error) => Err(error.into()),
        }
    }

    fn sync(&self) -> io::Result<()> {
        // fdatasync: it also writes the metadata needed to read the data back, its length included.
        self.file.sync_data()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::embedded::disk::UNCACHED_ALIGNMENT;

    #[test]
    fn a_directory_opens_again_only_after_it_was_closed() {
        let home = tempfile::tempdir().unwrap();
        let first = Directory::open(home.path()).unwrap();
        let refused = Directory::open(home.path()).unwrap_err();
        assert_eq!(refused.kind(), io::ErrorKind::WouldBlock);
        drop(first);
        Directory::open(home.path()).unwrap();
    }

    #[test]
    fn a_new_file_is_refused_where_one_exists() {
        let home = tempfile::tempdir().unwrap();
        let disk = Directory::open(home.path()).unwrap();
        disk.open("a", Open::New).unwrap().write_at(2, b"xy").unwrap();
        assert_eq!(disk.open("a", Open::New).unwrap_err().kind(), io::ErrorKind::AlreadyExists);
        assert_eq!(disk.open("b", Open::Existing).unwrap_err().kind(), io::ErrorKind::NotFound);
        let mut bytes = [9; 4];
        disk.open("a", Open::Existing).unwrap().read_at(0, &mut bytes).unwrap();
        assert_eq!(&bytes, b"\0\0xy");
    }

    /// Whatever way the file system has: what is written, past the cache or through it, is read.
    #[test]
    fn what_may_pass_the_cache_is_read_beside_what_may_not() {
        let home = tempfile::tempdir().unwrap();
        let disk = Directory::open(home.path()).unwrap();
        let file = disk.open("a", Open::NewUncached).unwrap();
        let mut room = vec![1_u8; 4 * UNCACHED_ALIGNMENT];
        let start = room.as_ptr().align_offset(UNCACHED_ALIGNMENT);
        file.write_at(0, &room[start..start + 2 * UNCACHED_ALIGNMENT]).unwrap();
        assert_eq!(file.write_at(8192, b"tail").unwrap(), Written::Cached);
        room.fill(2);
        file.write_at(4096, &room[start..start + UNCACHED_ALIGNMENT]).unwrap();
        file.sync().unwrap();
        let expected = [&[1; 4096][..], &[2; 4096], b"tail"].concat();
        assert_eq!(fs::read(home.path().join("a")).unwrap(), expected);
        let again = disk.open("a", Open::NewUncached).unwrap_err();
        assert_eq!(again.kind(), io::ErrorKind::AlreadyExists);
        let plain = disk.open("b", Open::New).unwrap();
        let aligned = &room[start..start + UNCACHED_ALIGNMENT];
        assert_eq!(plain.write_at(0, aligned).unwrap(), Written::Cached);
    }

    #[test]
    fn an_allocated_file_has_its_length_and_reads_as_zero() {
        let home = tempfile::tempdir().unwrap();
        let disk = Directory::open(home.path()).unwrap();
        let plain = options().create_new(true).open(home.path().join("z")).unwrap();
        let plain = OpenFile { file: plain, uncached: None };
        plain.write_zeros(1_500_000).unwrap();
        let fast = disk.open("a", Open::New).unwrap();
        fast.allocate(1_500_000).unwrap();
        let mut bytes = vec![1; 1_500_000];
        for file in [&plain as &dyn DiskFile, &*fast] {
            assert_eq!(file.length().unwrap(), 1_500_000);
            file.read_at(0, &mut bytes).unwrap();
            assert!(bytes.iter().all(|byte| *byte == 0));
        }
    }

    #[test]
    fn the_free_space_of_a_real_disk_is_known() {
        let home = tempfile::tempdir().unwrap();
        assert!(Directory::open(home.path()).unwrap().free_bytes().unwrap() > 0);
    }
}
