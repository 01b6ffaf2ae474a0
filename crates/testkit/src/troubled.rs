//! A journal's disk with something wrong with it: full, read-only, failing or hanging, for as long
//! as a test wants.

use std::io::{self, ErrorKind};
use std::ops::Range;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

use audit::disk::{JournalDisk, Settle};

/// What is wrong with the disk.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Trouble {
    /// Nothing new fits (ENOSPC); what frees space works.
    Full,
    /// Nothing can be changed (EROFS), as after an error of the file system.
    ReadOnly,
    /// Writes fail (EIO).
    Failing,
    /// Writes are taken; making them durable fails (EIO).
    FailingSyncs,
    /// Nothing can be read (EIO); writes are taken.
    Unreadable,
}

/// Which calls hang until they are let go.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Hang {
    /// Those that write.
    Writes,
    /// Those that make durable.
    Syncs,
}

/// A decorator around any journal's disk.
pub struct TroubledDisk {
    disk: Arc<dyn JournalDisk>,
    state: Mutex<State>,
    bell: Condvar,
}

#[derive(Default)]
struct State {
    trouble: Option<Trouble>,
    hang: Option<Hang>,
    hanging: usize,
}

/// What a call does.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Does {
    Read,
    Grow,
    Shrink,
    Sync,
}

impl TroubledDisk {
    /// That disk, with nothing wrong yet.
    #[must_use]
    pub fn around(disk: Arc<dyn JournalDisk>) -> Self {
        Self { disk, state: Mutex::default(), bell: Condvar::new() }
    }

    /// From now on this is wrong with it; `None` heals it.
    pub fn set(&self, trouble: Option<Trouble>) {
        self.state().trouble = trouble;
    }

    /// From now on those calls hang.
    pub fn hang(&self, hang: Hang) {
        self.state().hang = Some(hang);
    }

    /// Returns when a call hangs.
    pub fn wait_until_it_hangs(&self) {
        let waited = self.bell.wait_while(self.state(), |state| state.hanging == 0);
        drop(waited.unwrap_or_else(PoisonError::into_inner));
    }

    /// Lets go what hangs.
    pub fn let_go(&self) {
        self.state().hang = None;
        self.bell.notify_all();
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits while such calls hang, then fails if such calls fail.
    fn enter(&self, does: Does) -> io::Result<()> {
        let held = match does {
            Does::Sync => Some(Hang::Syncs),
            Does::Grow | Does::Shrink => Some(Hang::Writes),
            Does::Read => None,
        };
        let mut state = self.state();
        if held.is_some() && state.hang == held {
            state.hanging = state.hanging.saturating_add(1);
            self.bell.notify_all();
            let waited = self.bell.wait_while(state, |state| state.hang == held);
            state = waited.unwrap_or_else(PoisonError::into_inner);
            state.hanging = state.hanging.saturating_sub(1);
        }
        match (state.trouble, does) {
            (Some(Trouble::Full), Does::Grow) => Err(ErrorKind::StorageFull.into()),
            (Some(Trouble::ReadOnly), Does::Grow | Does::Shrink | Does::Sync) => {
                Err(ErrorKind::ReadOnlyFilesystem.into())
            }
            (Some(Trouble::Failing), Does::Grow | Does::Shrink)
            | (Some(Trouble::FailingSyncs), Does::Sync)
            | (Some(Trouble::Unreadable), Does::Read) => {
                Err(io::Error::other("input/output error"))
            }
            _ => Ok(()),
        }
    }
}

impl JournalDisk for TroubledDisk {
    fn read(&self, path: &str) -> io::Result<Option<Vec<u8>>> {
        self.enter(Does::Read)?;
        self.disk.read(path)
    }

    fn read_part(&self, path: &str, part: Range<u64>) -> io::Result<Option<Vec<u8>>> {
        self.enter(Does::Read)?;
        self.disk.read_part(path, part)
    }

    fn length(&self, path: &str) -> io::Result<Option<u64>> {
        self.enter(Does::Read)?;
        self.disk.length(path)
    }

    fn list(&self, directory: &str) -> io::Result<Vec<String>> {
        self.enter(Does::Read)?;
        self.disk.list(directory)
    }

    fn write(&self, path: &str, at: u64, bytes: &[u8]) -> io::Result<()> {
        self.enter(if bytes.is_empty() { Does::Shrink } else { Does::Grow })?;
        self.disk.write(path, at, bytes)
    }

    fn sync(&self, paths: &[String]) -> io::Result<()> {
        self.enter(Does::Sync)?;
        self.disk.sync(paths)
    }

    fn replace(&self, path: &str, bytes: &[u8], settle: Settle) -> io::Result<()> {
        self.enter(Does::Grow)?;
        if settle == Settle::Now {
            self.enter(Does::Sync)?;
        }
        self.disk.replace(path, bytes, settle)
    }

    fn remove(&self, path: &str) -> io::Result<()> {
        self.enter(Does::Shrink)?;
        self.disk.remove(path)
    }
}
