//! A disk in memory whose every operation can fail: for tests and simulations.

use std::collections::BTreeMap;
use std::io::{self, ErrorKind};
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::{JournalDisk, Settle};

/// How one operation fails.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Fault {
    /// It fails and does nothing.
    Fails,
    /// It fails but does everything, durably.
    FailsButPersists,
    /// It fails after half of the bytes.
    Torn,
    /// There is no space, after half of the bytes.
    NoSpace,
}

/// What is left after power loss.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Survives {
    /// Only what was synced; files removed since then are back.
    Synced,
    /// Everything that was written: the process died, the machine did not.
    Written,
    /// Of each file, what was synced and half of what came after.
    HalfOfTheRest,
}

/// The disk.
#[derive(Default)]
pub struct MemoryDisk(Mutex<Platter>);

#[derive(Default)]
struct Platter {
    files: BTreeMap<String, Contents>,
    operations: u64,
    faults: BTreeMap<u64, Fault>,
    capacity: Option<usize>,
}

#[derive(Clone, Default)]
struct Contents {
    written: Option<Vec<u8>>,
    synced: Option<Vec<u8>>,
}

impl MemoryDisk {
    /// An empty disk.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Lets the operation that changes or syncs number `operation` (from 0) fail.
    pub fn fail(&self, operation: u64, fault: Fault) {
        self.platter().faults.insert(operation, fault);
    }

    /// How many operations that change or sync there have been.
    #[must_use]
    pub fn operations(&self) -> u64 {
        self.platter().operations
    }

    /// Says how many bytes all files together may have; `None` is as many as they like.
    pub fn set_capacity(&self, bytes: Option<usize>) {
        self.platter().capacity = bytes;
    }

    /// A new disk with what is left after a crash.
    #[must_use]
    pub fn crashed(&self, survives: Survives) -> Self {
        let platter = self.platter();
        let left = platter.files.iter().filter_map(|(path, contents)| {
            let bytes = contents.left(survives)?;
            let (written, synced) = (Some(bytes.clone()), Some(bytes));
            Some((path.clone(), Contents { written, synced }))
        });
        Self(Mutex::new(Platter { files: left.collect(), ..Platter::default() }))
    }

    /// Changes a file behind the journal's back; `None` removes it.
    pub fn tamper(&self, path: &str, change: impl FnOnce(Option<Vec<u8>>) -> Option<Vec<u8>>) {
        let mut platter = self.platter();
        let contents = platter.files.entry(path.to_owned()).or_default();
        contents.written = change(contents.written.take());
        contents.synced.clone_from(&contents.written);
    }

    /// The paths of all files.
    #[must_use]
    pub fn paths(&self) -> Vec<String> {
        let platter = self.platter();
        let there = platter.files.iter().filter(|(_, contents)| contents.written.is_some());
        there.map(|(path, _)| path.clone()).collect()
    }

    fn platter(&self) -> MutexGuard<'_, Platter> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Contents {
    fn left(&self, survives: Survives) -> Option<Vec<u8>> {
        match (survives, &self.synced, &self.written) {
            (Survives::Written, _, written) => written.clone(),
            (Survives::Synced, synced, _) => synced.clone(),
            (Survives::HalfOfTheRest, None, Some(written)) => Some(half(written).to_vec()),
            (Survives::HalfOfTheRest, Some(synced), Some(written)) => {
                let rest = written.strip_prefix(synced.as_slice());
                Some(rest.map_or_else(|| synced.clone(), |rest| [synced, half(rest)].concat()))
            }
            (Survives::HalfOfTheRest, _, None) => None,
        }
    }
}

fn half(bytes: &[u8]) -> &[u8] {
    bytes.get(..bytes.len() / 2).unwrap_or_default()
}

impl Platter {
    /// Counts an operation and says how it fails, if it does.
    fn fault(&mut self) -> Option<Fault> {
        let number = self.operations;
        self.operations = number.saturating_add(1);
        self.faults.get(&number).copied()
    }

    /// Whether there is room for `path` to have so many bytes.
    fn has_room(&self, path: &str, bytes: usize) -> bool {
        let others = self.files.iter().filter(|(other, _)| *other != path);
        let used: usize = others.filter_map(|(_, f)| f.written.as_ref()).map(Vec::len).sum();
        self.capacity.is_none_or(|capacity| used.saturating_add(bytes) <= capacity)
    }

    fn set(&mut self, path: &str, bytes: Vec<u8>) {
        self.files.entry(path.to_owned()).or_default().written = Some(bytes);
    }

    fn settle(&mut self, path: &str) {
        if let Some(contents) = self.files.get_mut(path) {
            contents.synced.clone_from(&contents.written);
        }
    }
}

fn failed(fault: Fault) -> io::Error {
    match fault {
        Fault::NoSpace => ErrorKind::StorageFull.into(),
        Fault::Fails | Fault::FailsButPersists | Fault::Torn => io::Error::other("injected"),
    }
}

impl JournalDisk for MemoryDisk {
    fn read(&self, path: &str) -> io::Result<Option<Vec<u8>>> {
        Ok(self.platter().files.get(path).and_then(|contents| contents.written.clone()))
    }

    fn list(&self, directory: &str) -> io::Result<Vec<String>> {
        let prefix = if directory.is_empty() { String::new() } else { format!("{directory}/") };
        let names = self.paths().into_iter().filter_map(|path| {
            let rest = path.strip_prefix(&prefix)?;
            Some(rest.split('/').next().unwrap_or(rest).to_owned())
        });
        let mut names: Vec<String> = names.collect();
        names.dedup();
        Ok(names)
    }

    fn write(&self, path: &str, at: u64, bytes: &[u8]) -> io::Result<()> {
        let mut platter = self.platter();
        let mut fault = platter.fault();
        let old = platter.files.get(path).and_then(|contents| contents.written.clone());
        let mut new = old.unwrap_or_default();
        new.resize(usize::try_from(at).unwrap_or(usize::MAX), 0);
        if !bytes.is_empty() && !platter.has_room(path, new.len().saturating_add(bytes.len())) {
            fault = fault.or(Some(Fault::NoSpace));
        }
        match fault {
            Some(Fault::Fails) => return Err(failed(Fault::Fails)),
            // Cutting a file short needs no space.
            Some(Fault::NoSpace) if bytes.is_empty() => {}
            Some(Fault::Torn | Fault::NoSpace) => {
                new.extend_from_slice(half(bytes));
            }
            Some(Fault::FailsButPersists) | None => new.extend_from_slice(bytes),
        }
        platter.set(path, new);
        match fault {
            Some(Fault::NoSpace) if bytes.is_empty() => Ok(()),
            Some(Fault::FailsButPersists) => {
                platter.settle(path);
                Err(failed(Fault::FailsButPersists))
            }
            Some(fault) => Err(failed(fault)),
            None => Ok(()),
        }
    }

    fn sync(&self, paths: &[String]) -> io::Result<()> {
        let mut platter = self.platter();
        let fault = platter.fault();
        let done = match fault {
            None | Some(Fault::NoSpace | Fault::FailsButPersists) => paths,
            Some(Fault::Torn) => paths.get(..paths.len() / 2).unwrap_or_default(),
            Some(Fault::Fails) => &[],
        };
        for path in done {
            platter.settle(path);
        }
        match fault {
            None | Some(Fault::NoSpace) => Ok(()),
            Some(fault) => Err(failed(fault)),
        }
    }

    fn replace(&self, path: &str, bytes: &[u8], settle: Settle) -> io::Result<()> {
        let mut platter = self.platter();
        let mut fault = platter.fault();
        if !platter.has_room(path, bytes.len()) {
            fault = fault.or(Some(Fault::NoSpace));
        }
        if fault.is_none() || fault == Some(Fault::FailsButPersists) {
            platter.set(path, bytes.to_vec());
            if settle == Settle::Now || fault.is_some() {
                platter.settle(path);
            }
        }
        fault.map_or(Ok(()), |fault| Err(failed(fault)))
    }

    fn remove(&self, path: &str) -> io::Result<()> {
        let mut platter = self.platter();
        let fault = platter.fault();
        if matches!(fault, Some(Fault::Fails | Fault::Torn)) {
            return Err(failed(Fault::Fails));
        }
        if let Some(contents) = platter.files.get_mut(path) {
            contents.written = None;
        }
        match fault {
            Some(Fault::FailsButPersists) => Err(failed(Fault::FailsButPersists)),
            _ => Ok(()),
        }
    }
}
