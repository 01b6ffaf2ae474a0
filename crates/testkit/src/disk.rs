//! A simulated disk that fails on command and can lose power.
//!
//! Time is counted in *steps*: every call that changes or syncs something is one. A test first
//! counts the steps of a workload, then repeats it with a [`Fault`] at each of them.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use store::embedded::{Disk, DiskFile, Open, Space, UNCACHED_ALIGNMENT, Written};

use crate::sparse::Sparse;

/// What goes wrong at a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The power goes: this call and all later ones fail.
    PowerCut,
    /// The call fails and does nothing.
    Failed,
    /// The call fails, but did what it was asked.
    FailedButDone,
    /// The call fails for want of room and does nothing.
    Full,
}

/// What goes wrong from now on, until it is healed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ailment {
    /// Files cannot be read (EIO).
    Unreadable,
    /// Nothing can be changed (EROFS), as after an error of the file system.
    ReadOnly,
}

/// A disk in memory. Copies are handles on the same disk.
#[derive(Clone)]
pub struct FaultyDisk {
    pub(crate) world: Arc<Mutex<World>>,
}

pub(crate) type FileId = u64;
type Skip = Arc<dyn Fn(&str) -> bool + Send + Sync>;

/// Everything behind one lock.
#[derive(Clone, Default)]
pub(crate) struct World {
    pub(crate) files: BTreeMap<FileId, Contents>,
    pub(crate) live: Names,
    pub(crate) durable: Names,
    /// Changes of names that no directory sync has made durable, in order.
    pub(crate) pending: Vec<NameChange>,
    next_file: FileId,
    steps: u64,
    fault: Option<(u64, Fault)>,
    ailment: Option<Ailment>,
    dead: bool,
    capacity: Option<u64>,
    skip: Option<Skip>,
    /// What passed the page cache, if there is a way past it.
    uncached_bytes: Option<u64>,
}

/// What names there are.
#[derive(Clone, Debug, Default)]
pub(crate) struct Names {
    pub(crate) files: BTreeMap<String, FileId>,
    pub(crate) directories: BTreeSet<String>,
}

/// A file's bytes as a reader sees them, as a power loss keeps them, and what is between.
#[derive(Clone, Debug, Default)]
pub(crate) struct Contents {
    pub(crate) live: Sparse,
    pub(crate) durable: Sparse,
    pub(crate) pending: Vec<FileChange>,
}

#[derive(Clone, Debug)]
pub(crate) enum FileChange {
    Write { offset: u64, bytes: Vec<u8> },
    Length(u64),
}

#[derive(Clone, Debug)]
pub(crate) enum NameChange {
    Create(String, FileId),
    Directory(String),
    Rename { from: String, to: String, file: FileId },
    Remove(String),
}

impl FaultyDisk {
    /// An empty disk without limits or faults.
    #[must_use]
    pub fn new() -> Self {
        Self::of(World::default())
    }

    pub(crate) fn of(world: World) -> Self {
        Self { world: Arc::new(Mutex::new(world)) }
    }

    /// How many steps were made so far.
    #[must_use]
    pub fn steps(&self) -> u64 {
        self.world().steps
    }

    /// Lets `fault` happen at the step with this number (the first is 0).
    pub fn fail_at(&self, step: u64, fault: Fault) {
        self.world().fault = Some((step, fault));
    }

    /// From now on this is wrong with it; `None` heals it.
    pub fn ail(&self, ailment: Option<Ailment>) {
        self.world().ailment = ailment;
    }

    /// From now on there is a way past the page cache, of which a disk in memory has none.
    pub fn pass_the_cache(&self) {
        self.world().uncached_bytes = Some(0);
    }

    /// How many bytes passed the page cache.
    #[must_use]
    pub fn uncached_bytes(&self) -> u64 {
        self.world().uncached_bytes.unwrap_or(0)
    }

    /// Limits what all files together may occupy; `None` lifts the limit.
    pub fn set_capacity(&self, bytes: Option<u64>) {
        self.world().capacity = bytes;
    }

    /// What all files together occupy.
    #[must_use]
    pub fn occupied(&self) -> u64 {
        self.world().occupied()
    }

    /// From now on lies about syncing the paths for which `skip` is true (files by name,
    /// directories by name with a `/` at the end): says that it did, and did not.
    pub fn skip_syncs(&self, skip: impl Fn(&str) -> bool + Send + Sync + 'static) {
        self.world().skip = Some(Arc::new(skip));
    }

    /// Flips one bit of a file, as a decaying medium would; false without such a byte.
    #[must_use]
    pub fn flip_bit(&self, path: &str, offset: u64, bit: u32) -> bool {
        let mut world = self.world();
        let file = world.live.files.get(path).copied();
        let Some(contents) = file.and_then(|file| world.files.get_mut(&file)) else {
            return false;
        };
        let mut byte = [0];
        if !contents.live.read(offset, &mut byte) {
            return false;
        }
        let flipped = byte.map(|b| b ^ 1_u8.rotate_left(bit));
        contents.live.write(offset, &flipped);
        contents.durable.write(offset, &flipped);
        true
    }

    /// The paths of all files.
    #[must_use]
    pub fn files(&self) -> Vec<String> {
        self.world().live.files.keys().cloned().collect()
    }

    pub(crate) fn world(&self) -> MutexGuard<'_, World> {
        self.world.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Default for FaultyDisk {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for FaultyDisk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FaultyDisk").field("steps", &self.steps()).finish_non_exhaustive()
    }
}

impl World {
    fn occupied(&self) -> u64 {
        let named = self.live.files.values().filter_map(|file| self.files.get(file));
        named.map(|contents| contents.live.occupied()).fold(0, u64::saturating_add)
    }

    /// The same limits without files, faults or lies.
    pub(crate) fn fresh(&self) -> Self {
        Self {
            next_file: self.next_file,
            capacity: self.capacity,
            uncached_bytes: self.uncached_bytes,
            ..Self::default()
        }
    }

    fn powered(&self) -> io::Result<()> {
        if self.dead { Err(io::Error::other("the power is off")) } else { Ok(()) }
    }

    /// Makes a change as one step, unless a fault is due.
    fn step<T>(&mut self, change: impl FnOnce(&mut Self) -> io::Result<T>) -> io::Result<T> {
        self.powered()?;
        if self.ailment == Some(Ailment::ReadOnly) {
            return Err(io::ErrorKind::ReadOnlyFilesystem.into());
        }
        let due = self.fault.filter(|(step, _)| *step == self.steps).map(|(_, fault)| fault);
        self.steps = self.steps.saturating_add(1);
        match due {
            None => change(self),
            Some(Fault::PowerCut) => {
                self.dead = true;
                self.powered()?;
                change(self)
            }
            Some(Fault::Failed) => Err(io::Error::other("input/output error")),
            Some(Fault::FailedButDone) => {
                change(self)?;
                Err(io::Error::other("input/output error"))
            }
            Some(Fault::Full) => Err(io::ErrorKind::StorageFull.into()),
        }
    }

    fn name(&mut self, change: NameChange) {
        self.live.change(&change);
        self.pending.push(change);
    }

    fn skips(&self, path: &str) -> bool {
        self.skip.as_ref().is_some_and(|skip| skip(path))
    }

    fn sync_file(&mut self, id: FileId) {
        let path = self.live.files.iter().find(|(_, file)| **file == id).map(|(path, _)| path);
        if path.is_some_and(|path| self.skips(path)) {
            return;
        }
        if let Some(contents) = self.files.get_mut(&id) {
            contents.pending.clear();
            contents.durable = contents.live.clone();
        }
    }

    fn sync_names(&mut self, directory: &str) {
        if self.skips(&format!("{directory}/")) {
            return;
        }
        let (here, elsewhere): (Vec<_>, Vec<_>) =
            std::mem::take(&mut self.pending).into_iter().partition(|c| c.home() == directory);
        here.iter().for_each(|change| self.durable.change(change));
        self.pending = elsewhere;
    }
}

impl Names {
    pub(crate) fn change(&mut self, change: &NameChange) {
        match change {
            NameChange::Create(path, file) => {
                self.files.insert(path.clone(), *file);
            }
            NameChange::Directory(path) => {
                self.directories.insert(path.clone());
            }
            NameChange::Rename { from, to, file } => {
                self.files.remove(from);
                self.files.insert(to.clone(), *file);
            }
            NameChange::Remove(path) => {
                self.files.remove(path);
            }
        }
    }

    fn has_directory(&self, path: &str) -> bool {
        path.is_empty() || self.directories.contains(path)
    }
}

impl NameChange {
    /// The directory whose sync makes the change durable.
    fn home(&self) -> &str {
        match self {
            Self::Create(path, _) | Self::Directory(path) | Self::Remove(path) => parent(path),
            Self::Rename { to, .. } => parent(to),
        }
    }
}

pub(crate) fn parent(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(parent, _)| parent)
}

fn missing() -> io::Error {
    io::ErrorKind::NotFound.into()
}

impl Space for FaultyDisk {
    fn free_bytes(&self) -> io::Result<u64> {
        let world = self.world();
        Ok(world.capacity.map_or(u64::MAX, |bytes| bytes.saturating_sub(world.occupied())))
    }
}

impl Disk for FaultyDisk {
    fn open(&self, path: &str, how: Open) -> io::Result<Arc<dyn DiskFile>> {
        let mut world = self.world();
        world.powered()?;
        let id = match (world.live.files.get(path).copied(), how) {
            (Some(_), Open::New | Open::NewUncached) => {
                return Err(io::ErrorKind::AlreadyExists.into());
            }
            (Some(id), _) => id,
            (None, Open::Existing) => return Err(missing()),
            (None, _) if !world.live.has_directory(parent(path)) => return Err(missing()),
            (None, _) => world.step(|world| {
                let id = world.next_file;
                world.next_file = id.saturating_add(1);
                world.files.insert(id, Contents::default());
                world.name(NameChange::Create(path.to_owned(), id));
                Ok(id)
            })?,
        };
        let uncached = how == Open::NewUncached;
        Ok(Arc::new(SimulatedFile { disk: self.clone(), id, uncached }))
    }

    fn make_dir(&self, path: &str) -> io::Result<()> {
        self.world().step(|world| {
            if !world.live.has_directory(parent(path)) {
                return Err(missing());
            }
            if !world.live.has_directory(path) {
                world.name(NameChange::Directory(path.to_owned()));
            }
            Ok(())
        })
    }

    fn rename(&self, from: &str, to: &str) -> io::Result<()> {
        self.world().step(|world| {
            let file = world.live.files.get(from).copied().ok_or_else(missing)?;
            if !world.live.has_directory(parent(to)) {
                return Err(missing());
            }
            let (from, to) = (from.to_owned(), to.to_owned());
            world.name(NameChange::Rename { from, to, file });
            Ok(())
        })
    }

    fn remove(&self, path: &str) -> io::Result<()> {
        self.world().step(|world| {
            if !world.live.files.contains_key(path) {
                return Err(missing());
            }
            world.name(NameChange::Remove(path.to_owned()));
            Ok(())
        })
    }

    fn list(&self, path: &str) -> io::Result<Vec<String>> {
        let world = self.world();
        world.powered()?;
        if !world.live.has_directory(path) {
            return Err(missing());
        }
        let all = world.live.files.keys().chain(world.live.directories.iter());
        let here = all.filter(|name| parent(name) == path);
        Ok(here.map(|name| name.rsplit('/').next().unwrap_or_default().to_owned()).collect())
    }

    fn sync_dir(&self, path: &str) -> io::Result<()> {
        self.world().step(|world| {
            if !world.live.has_directory(path) {
                return Err(missing());
            }
            world.sync_names(path);
            Ok(())
        })
    }
}

#[derive(Debug)]
struct SimulatedFile {
    disk: FaultyDisk,
    id: FileId,
    /// What can pass the page cache does.
    uncached: bool,
}

impl SimulatedFile {
    fn change(&self, change: FileChange) -> io::Result<()> {
        self.disk.world().step(|world| {
            let occupied = world.occupied();
            let capacity = world.capacity;
            let contents = world.files.get_mut(&self.id).ok_or_else(missing)?;
            if let (FileChange::Write { offset, bytes }, Some(capacity)) = (&change, capacity) {
                let growth = contents.live.growth(*offset, bytes.len() as u64);
                if growth > 0 && occupied.saturating_add(growth) > capacity {
                    return Err(io::ErrorKind::StorageFull.into());
                }
            }
            change.apply(&mut contents.live);
            contents.pending.push(change);
            Ok(())
        })
    }
}

impl FileChange {
    pub(crate) fn apply(&self, file: &mut Sparse) {
        match self {
            Self::Write { offset, bytes } => file.write(*offset, bytes),
            Self::Length(length) => file.set_length(*length),
        }
    }
}

impl DiskFile for SimulatedFile {
    fn length(&self) -> io::Result<u64> {
        let world = self.disk.world();
        world.powered()?;
        Ok(world.files.get(&self.id).map_or(0, |contents| contents.live.length()))
    }

    fn read_at(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        let world = self.disk.world();
        world.powered()?;
        if world.ailment == Some(Ailment::Unreadable) {
            return Err(io::Error::other("input/output error"));
        }
        let contents = world.files.get(&self.id).ok_or_else(missing)?;
        if contents.live.read(offset, out) {
            Ok(())
        } else {
            Err(io::ErrorKind::UnexpectedEof.into())
        }
    }

    fn write_at(&self, offset: u64, bytes: &[u8]) -> io::Result<Written> {
        self.change(FileChange::Write { offset, bytes: bytes.to_vec() })?;
        let block = UNCACHED_ALIGNMENT as u64;
        let (length, place) = (bytes.len() as u64, bytes.as_ptr().addr() as u64);
        let aligned = [offset, length, place].iter().all(|number| number.is_multiple_of(block));
        match &mut self.disk.world().uncached_bytes {
            Some(passed) if self.uncached && aligned => {
                *passed = passed.saturating_add(length);
                Ok(Written::Uncached)
            }
            _ => Ok(Written::Cached),
        }
    }

    fn set_length(&self, length: u64) -> io::Result<()> {
        self.change(FileChange::Length(length))
    }

    fn allocate(&self, length: u64) -> io::Result<()> {
        let bytes = vec![0; usize::try_from(length).unwrap_or(0)];
        self.change(FileChange::Write { offset: 0, bytes })
    }

    fn sync(&self) -> io::Result<()> {
        self.disk.world().step(|world| {
            world.sync_file(self.id);
            Ok(())
        })
    }
}
