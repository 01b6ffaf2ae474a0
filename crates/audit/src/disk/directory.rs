//! The journal's disk as it is: files in one directory, each path a file.

use std::collections::BTreeSet;
use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind, Read, Seek, SeekFrom, Write};
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::{JournalDisk, Settle};

/// Files that stay open for the next write: the tail, the one that follows it, and what whole
/// bundles go to.
const OPEN_FILES_MAX: usize = 3;

/// A directory of the file system.
pub struct Directory {
    root: PathBuf,
    /// The files that were last written to, the last one last.
    open: Mutex<Vec<Arc<Handle>>>,
    /// Held for as long as the journal is written to.
    _lock: Option<File>,
}

struct Handle {
    path: String,
    file: File,
    /// Held while it is written to: who writes to one file keeps nobody from another.
    end: Mutex<End>,
    name_synced: AtomicBool,
}

/// Where a file ends.
struct End {
    length: u64,
    /// Where the next write goes by itself.
    at: u64,
}

impl Handle {
    /// Makes the file end there, and appends the bytes.
    fn write(&self, at: u64, bytes: &[u8]) -> io::Result<()> {
        // Whoever panicked midway left a length that is no longer known: the file is opened again.
        let mut end = self.end.lock().map_err(|_| io::Error::other("a write panicked"))?;
        if end.length != at {
            self.file.set_len(at)?;
        }
        let mut file = &self.file;
        if end.at != at {
            file.seek(SeekFrom::Start(at))?;
        }
        file.write_all(bytes)?;
        end.length = at.saturating_add(u64::try_from(bytes.len()).unwrap_or(u64::MAX));
        end.at = end.length;
        Ok(())
    }
}

impl Directory {
    /// The journal in that directory, to read; nothing keeps another process from writing to it.
    pub(super) fn new(root: PathBuf) -> Self {
        Self { root, open: Mutex::default(), _lock: None }
    }

    /// The journal in that directory, for its one writer.
    ///
    /// # Errors
    /// `ErrorKind::WouldBlock` if another process writes to it, or the disk fails.
    pub(super) fn exclusive(root: PathBuf) -> io::Result<Self> {
        fs::create_dir_all(&root)?;
        let mut options = OpenOptions::new();
        let lock = options.create(true).truncate(false).write(true).open(root.join("lock"))?;
        lock.try_lock()?;
        Ok(Self { root, open: Mutex::default(), _lock: Some(lock) })
    }

    fn path(&self, path: &str) -> PathBuf {
        self.root.join(path)
    }

    /// The file, to be written to; made if there is none.
    fn handle(&self, path: &str) -> io::Result<Arc<Handle>> {
        let mut open = self.open();
        if let Some(place) = open.iter().position(|handle| handle.path == path) {
            open.get_mut(place..).unwrap_or_default().rotate_left(1);
        } else {
            let full = self.path(path);
            make_parent(&full)?;
            let mut options = OpenOptions::new();
            let file = options.create(true).truncate(false).read(true).write(true).open(full)?;
            let end = Mutex::new(End { length: file.metadata()?.len(), at: 0 });
            let (path, name_synced) = (path.to_owned(), AtomicBool::new(false));
            if open.len() >= OPEN_FILES_MAX {
                open.remove(0);
            }
            open.push(Arc::new(Handle { path, file, end, name_synced }));
        }
        open.last().map(Arc::clone).ok_or_else(|| ErrorKind::NotFound.into())
    }

    fn open(&self) -> MutexGuard<'_, Vec<Arc<Handle>>> {
        // No critical section can be left half done by a panic.
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn make_parent(full: &Path) -> io::Result<()> {
    full.parent().map_or(Ok(()), fs::create_dir_all)
}

/// Syncs the directories that hold `paths`, up to and including the journal's own, each once.
fn sync_names(root: &Path, paths: &[String]) -> io::Result<()> {
    let mut directories = BTreeSet::new();
    for path in paths {
        let mut directory = root.join(path);
        while directory.pop() && directory.starts_with(root) {
            directories.insert(directory.clone());
        }
    }
    // The deepest first: a name counts only when its directory's own name does.
    directories.iter().rev().try_for_each(|directory| File::open(directory)?.sync_all())
}

impl JournalDisk for Directory {
    fn read(&self, path: &str) -> io::Result<Option<Vec<u8>>> {
        match fs::read(self.path(path)) {
            Ok(bytes) => Ok(Some(bytes)),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    fn read_part(&self, path: &str, part: Range<u64>) -> io::Result<Option<Vec<u8>>> {
        let mut file = match File::open(self.path(path)) {
            Ok(file) => file,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error),
        };
        let there = file.metadata()?.len().saturating_sub(part.start);
        file.seek(SeekFrom::Start(part.start))?;
        let most = part.end.saturating_sub(part.start);
        let mut bytes = Vec::with_capacity(usize::try_from(most.min(there)).unwrap_or(0));
        file.take(most).read_to_end(&mut bytes)?;
        Ok(Some(bytes))
    }

    fn length(&self, path: &str) -> io::Result<Option<u64>> {
        match fs::metadata(self.path(path)) {
            Ok(metadata) => Ok(Some(metadata.len())),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    fn list(&self, directory: &str) -> io::Result<Vec<String>> {
        let entries = match fs::read_dir(self.path(directory)) {
            Ok(entries) => entries,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(error),
        };
        let name = |entry: io::Result<fs::DirEntry>| {
            entry.map(|entry| entry.file_name().to_string_lossy().into_owned())
        };
        entries.map(name).collect()
    }

    fn write(&self, path: &str, at: u64, bytes: &[u8]) -> io::Result<()> {
        let handle = self.handle(path)?;
        let written = handle.write(at, bytes);
        if written.is_err() {
            // The next write looks at the length again.
            self.open().retain(|open| !Arc::ptr_eq(open, &handle));
        }
        written
    }

    fn sync(&self, paths: &[String]) -> io::Result<()> {
        if let [path] = paths {
            let opened = self.open().iter().find(|handle| handle.path == *path).cloned();
            // Nobody who writes waits for the sync.
            if let Some(handle) = opened {
                handle.file.sync_data()?;
                if !handle.name_synced.load(Ordering::Acquire) {
                    sync_names(&self.root, paths)?;
                    handle.name_synced.store(true, Ordering::Release);
                }
                return Ok(());
            }
        }
        for path in paths {
            File::open(self.path(path))?.sync_data()?;
        }
        sync_names(&self.root, paths)
    }

    fn replace(&self, path: &str, bytes: &[u8], settle: Settle) -> io::Result<()> {
        let full = self.path(path);
        make_parent(&full)?;
        let mut new = full.clone().into_os_string();
        new.push(".new");
        let written = File::create(&new).and_then(|mut file| {
            file.write_all(bytes)?;
            if settle == Settle::Now { file.sync_data() } else { Ok(()) }
        });
        self.open().retain(|handle| handle.path != path);
        if let Err(error) = written.and_then(|()| fs::rename(&new, &full)) {
            // What is left of it is only a nuisance; the first error is the one that counts.
            drop(fs::remove_file(&new));
            return Err(error);
        }
        if settle == Settle::Now { sync_names(&self.root, &[path.to_owned()]) } else { Ok(()) }
    }

    fn remove(&self, path: &str) -> io::Result<()> {
        let full = self.path(path);
        self.open().retain(|handle| handle.path != path);
        match fs::remove_file(&full) {
            Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        // A directory of partial tiles goes with its last file.
        if let Some(parent) = full.parent().filter(|parent| parent.extension().is_some()) {
            drop(fs::remove_dir(parent));
        }
        Ok(())
    }
}
