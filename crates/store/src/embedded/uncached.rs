//! Writing past the kernel's page cache (Linux: open(2), `O_DIRECT`), where the file system has a
//! way past it. It spares the processor a copy of everything and the cache what nobody reads.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;
use std::path::PathBuf;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};

use rustix::fs::{Mode, OFlags};

use super::disk::UNCACHED_ALIGNMENT;

/// The way past the cache into one file.
#[derive(Debug)]
pub(super) struct Uncached {
    path: PathBuf,
    /// Opened at the first write that can pass; `None` where the file system has no such way.
    file: OnceLock<Option<File>>,
    /// A write was refused: the others need not be tried.
    refused: AtomicBool,
}

impl Uncached {
    /// A way into the file at `path`, which has this name for as long as it is written.
    pub(super) fn new(path: PathBuf) -> Self {
        Self { path, file: OnceLock::new(), refused: AtomicBool::new(false) }
    }

    /// Writes what can pass, and answers how many bytes, from the first on, that was: all, or none
    /// of what does not lie at multiples of [`UNCACHED_ALIGNMENT`], or what the file system took.
    ///
    /// # Errors
    /// Whatever the disk reports, but for that it has no such way.
    pub(super) fn write(&self, offset: u64, bytes: &[u8]) -> io::Result<usize> {
        if !is_aligned(offset, bytes) || self.refused.load(Ordering::Relaxed) {
            return Ok(0);
        }
        let Some(file) = self.file.get_or_init(|| self.open()) else { return Ok(0) };
        let done = write_while_aligned(offset, bytes, |rest, at| file.write_at(rest, at))?;
        if done < bytes.len() {
            self.refused.store(true, Ordering::Relaxed);
        }
        Ok(done)
    }

    fn open(&self) -> Option<File> {
        let how = OFlags::WRONLY | OFlags::DIRECT | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        rustix::fs::open(&self.path, how, Mode::empty()).ok().map(File::from)
    }
}

fn is_aligned(offset: u64, bytes: &[u8]) -> bool {
    offset.is_multiple_of(UNCACHED_ALIGNMENT as u64)
        && bytes.len().is_multiple_of(UNCACHED_ALIGNMENT)
        && bytes.as_ptr().addr().is_multiple_of(UNCACHED_ALIGNMENT)
}

/// Writes until all is written, or the rest cannot be written so: it is refused as invalid, or
/// begins within a block after a short write.
fn write_while_aligned(
    offset: u64,
    bytes: &[u8],
    write: impl Fn(&[u8], u64) -> io::Result<usize>,
) -> io::Result<usize> {
    let mut done = 0_usize;
    while done < bytes.len() && done.is_multiple_of(UNCACHED_ALIGNMENT) {
        let rest = bytes.get(done..).unwrap_or_default();
        match write(rest, offset.saturating_add(done as u64)) {
            Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
            Ok(more) => done = done.saturating_add(more),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) if error.kind() == io::ErrorKind::InvalidInput => break,
            Err(error) => return Err(error),
        }
    }
    Ok(done)
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;

    use super::*;

    const BLOCK: usize = UNCACHED_ALIGNMENT;

    /// How much was written of three blocks, and where each write began, if the writes end so.
    fn written(ends: &[io::Result<usize>]) -> (io::Result<usize>, Vec<u64>) {
        let (bytes, begun) = (vec![7; 3 * BLOCK], RefCell::new(Vec::new()));
        let outcome = write_while_aligned(8192, &bytes, |rest, at| {
            let number = begun.borrow().len();
            begun.borrow_mut().push(at);
            match &ends[number] {
                Ok(most) => Ok(rest.len().min(*most)),
                Err(error) => Err(error.kind().into()),
            }
        });
        (outcome, begun.into_inner())
    }

    fn fails(kind: io::ErrorKind) -> io::Result<usize> {
        Err(kind.into())
    }

    #[test]
    fn a_short_write_goes_on_at_a_block_and_ends_within_one() {
        let (outcome, begun) = written(&[Ok(BLOCK), Ok(usize::MAX)]);
        assert_eq!((outcome.unwrap(), begun), (3 * BLOCK, vec![8192, 12_288]));
        let (outcome, begun) = written(&[Ok(BLOCK), Ok(512)]);
        assert_eq!((outcome.unwrap(), begun), (BLOCK + 512, vec![8192, 12_288]));
    }

    #[test]
    fn an_interrupted_write_is_tried_again() {
        let ends = [fails(io::ErrorKind::Interrupted), Ok(usize::MAX)];
        let (outcome, begun) = written(&ends);
        assert_eq!((outcome.unwrap(), begun), (3 * BLOCK, vec![8192, 8192]));
    }

    #[test]
    fn a_file_system_without_a_way_leaves_all_that_it_did_not_take() {
        assert_eq!(written(&[fails(io::ErrorKind::InvalidInput)]).0.unwrap(), 0);
        let ends = [Ok(BLOCK), fails(io::ErrorKind::InvalidInput)];
        assert_eq!(written(&ends).0.unwrap(), BLOCK);
    }

    #[test]
    fn a_full_or_broken_disk_is_an_error() {
        for kind in [io::ErrorKind::StorageFull, io::ErrorKind::Other] {
            let (outcome, _) = written(&[Ok(BLOCK), fails(kind)]);
            assert_eq!(outcome.unwrap_err().kind(), kind);
        }
        let (outcome, _) = written(&[Ok(0)]);
        assert_eq!(outcome.unwrap_err().kind(), io::ErrorKind::WriteZero);
    }

    #[test]
    fn only_what_lies_at_multiples_of_a_block_passes() {
        let room = vec![0_u8; 4 * BLOCK];
        let start = room.as_ptr().align_offset(BLOCK);
        let aligned = &room[start..start + 2 * BLOCK];
        assert!(is_aligned(0, aligned) && is_aligned(4096, aligned));
        assert!(!is_aligned(512, aligned), "the place in the file");
        assert!(!is_aligned(0, &aligned[..BLOCK + 1]), "the length");
        assert!(!is_aligned(0, &room[start + 8..start + 8 + BLOCK]), "the place in memory");
    }

    #[test]
    fn where_there_is_no_way_nothing_passes() {
        let home = tempfile::tempdir().unwrap();
        let room = vec![0_u8; 2 * BLOCK];
        let start = room.as_ptr().align_offset(BLOCK);
        let aligned = &room[start..start + BLOCK];
        let absent = Uncached::new(home.path().join("absent"));
        assert_eq!(absent.write(0, aligned).unwrap(), 0);
        let path = home.path().join("file");
        File::create(&path).unwrap();
        let refused = Uncached::new(path);
        refused.refused.store(true, Ordering::Relaxed);
        assert_eq!(refused.write(0, aligned).unwrap(), 0);
    }
}
