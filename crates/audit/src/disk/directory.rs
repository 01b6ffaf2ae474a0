//! The journal's disk as it is: files in one directory, each path a file.

use std::collections::BTreeSet;
use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind, Read, Seek, SeekFrom, Write};
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::{JournalDisk, Settle};

/// Files that stay open for the next write: the tail, and what its whole bundles go to.
const OPEN_FILES_MAX: usize = 2;

/// A directory of the file system.
pub struct Directory {
    root: PathBuf,
    /// The files that were last written to, the last one last.
    open: Mutex<Vec<Handle>>,
    /// Held for as long as the journal is written to.
    _lock: Option<File>,
}

struct Handle {
    path: String,
    file: Arc<File>,
    length: u64,
    /// Where the next write goes by itself.
    at: u64,
    name_synced: bool,
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

    fn handle(&self, path: &str) -> io::Result<Handle> {
        let full = self.path(path);
        make_parent(&full)?;
        let mut options = OpenOptions::new();
        let file = options.create(true).truncate(false).read(true).write(true).open(full)?;
        let length = file.metadata()?.len();
        let (path, file) = (path.to_owned(), Arc::new(file));
        Ok(Handle { path, file, length, at: 0, name_synced: false })
    }

    fn open(&self) -> MutexGuard<'_, Vec<Handle>> {
        // Whoever panicked had taken the handle out.
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
        file.seek(SeekFrom::Start(part.start))?;
        let mut bytes = Vec::new();
        file.take(part.end.saturating_sub(part.start)).read_to_end(&mut bytes)?;
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
        let mut open = self.open();
        let mut handle = match open.iter().position(|handle| handle.path == path) {
            Some(place) => open.remove(place),
            None => self.handle(path)?,
        };
        if handle.length != at {
            handle.file.set_len(at)?;
        }
        let mut file = &*handle.file;
        if handle.at != at {
            file.seek(SeekFrom::Start(at))?;
        }
        // On an error the handle is dropped, so that the next write looks at the length again.
        file.write_all(bytes)?;
        let written = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
        handle.length = at.saturating_add(written);
        handle.at = handle.length;
        if open.len() == OPEN_FILES_MAX {
            open.remove(0);
        }
        open.push(handle);
        Ok(())
    }

    fn sync(&self, paths: &[String]) -> io::Result<()> {
        if let [path] = paths {
            let opened = self
                .open()
                .iter()
                .find(|handle| handle.path == *path)
                .map(|handle| (Arc::clone(&handle.file), handle.name_synced));
            // Nobody who writes waits for the sync.
            if let Some((file, name_synced)) = opened {
                file.sync_data()?;
                if !name_synced {
                    sync_names(&self.root, paths)?;
                    let same = |handle: &&mut Handle| Arc::ptr_eq(&handle.file, &file);
                    if let Some(handle) = self.open().iter_mut().find(same) {
                        handle.name_synced = true;
                    }
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
