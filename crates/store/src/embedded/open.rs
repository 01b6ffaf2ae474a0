//! Opening a data directory: the lock, the format, the databases, the blobs.

use std::io;
use std::path::Path;
use std::sync::Arc;

use redb::{ReadableDatabase, ReadableTableMetadata};

use super::blobs::Blobs;
use super::database::{Place, Shelf, Trouble};
use super::directory::Directory;
use super::disk::{Disk, Open};
use super::format::{BadFormat, Epoch, Format};
use super::health::{Fatal, Health, OnFatal};
use super::metadata::{METADATA_FILE, Metadata, RECORDS, Records};
use super::reserve::{GROWTH_FREE_BYTES_MIN, RESERVE_BYTES, Reserve};
use super::state::{LOG, Revisions, STATE_FILE, State};
use super::state_check;
use super::writer::{Writer, found};

/// Default of [`Options::state_checked_bytes_max`]: some tenths of a second.
pub const STATE_CHECKED_BYTES_MAX: u64 = 128 << 20;

/// How a data directory is to be opened.
#[derive(Clone)]
pub struct Options {
    /// The epoch of a directory that is founded now: random, drawn by the caller.
    pub new_epoch: Epoch,
    /// Free space below which what stores more is refused with `Full`.
    pub growth_free_bytes_min: u64,
    /// Size of the preallocated file that is given up so that deletes and revocations go on.
    pub reserve_bytes: u64,
    /// Memory for pages of `metadata.redb`.
    pub metadata_cache_bytes: usize,
    /// Memory for pages of `state.redb`.
    pub state_cache_bytes: usize,
    /// Whether every page of the databases is checked before it is used. Those of a `state.redb`
    /// of at most [`Options::state_checked_bytes_max`] always are.
    pub integrity: Integrity,
    /// The largest `state.redb` of which every page is checked before it is used. Of a larger one,
    /// each record is checked as it is read, and all of them in the background.
    pub state_checked_bytes_max: u64,
    /// What stays in the kernel's page cache of long blobs.
    pub page_cache: PageCache,
    /// Called once if the disk fails in a way that leaves unknown what survives: the server is to
    /// stop the process. Whatever it does, the engine writes nothing any more.
    pub on_fatal: OnFatal,
}

impl Options {
    /// The defaults: 64 MiB level, 16 MiB reserve, 256 MiB and 32 MiB of cache, 128 MiB of state
    /// checked at once.
    #[must_use]
    pub fn new(new_epoch: Epoch, on_fatal: OnFatal) -> Self {
        Self {
            new_epoch,
            growth_free_bytes_min: GROWTH_FREE_BYTES_MIN,
            reserve_bytes: RESERVE_BYTES,
            metadata_cache_bytes: 256 << 20,
            state_cache_bytes: 32 << 20,
            integrity: Integrity::OnRead,
            page_cache: PageCache::Reads,
            state_checked_bytes_max: STATE_CHECKED_BYTES_MAX,
            on_fatal,
        }
    }
}

/// When the checksums of the databases' pages are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Integrity {
    /// When a repair after an unclean end reads them.
    OnRead,
    /// All of them when the directory opens, which reads the file whole.
    Checked,
}

/// What stays in the kernel's page cache of blobs of a [`super::SEGMENT_BYTES`] or more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PageCache {
    /// What was read: writing passes it, where the file system has a way past it.
    Reads,
    /// What was written, too.
    Writes,
}

/// Why a data directory was not opened.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OpenError {
    /// Another process has it open.
    #[error("the data directory is in use by another process")]
    InUse,
    /// Its format file cannot be used.
    #[error(transparent)]
    Format(#[from] BadFormat),
    /// A file that belongs to it is gone.
    #[error("the data directory has no file `{file}`")]
    Missing {
        /// The file.
        file: &'static str,
    },
    /// It holds data but no format file: an unfinished restore, or a file that was lost.
    #[error("the data directory holds data but no file `format`: was a restore interrupted?")]
    Unfinished,
    /// A database cannot be used.
    #[error("the data directory cannot be opened: {0}")]
    Database(String),
    /// The disk failed.
    #[error("the data directory cannot be opened")]
    Io(#[from] io::Error),
}

impl From<Trouble> for OpenError {
    fn from(trouble: Trouble) -> Self {
        Self::Database(trouble.to_string())
    }
}

/// An open data directory: the three ports of the embedded engine.
pub struct Data {
    metadata: Arc<Metadata>,
    state: Arc<State>,
    blobs: Arc<Blobs>,
    format: Format,
    health: Arc<Health>,
    reserve: Arc<Reserve>,
}

impl Data {
    /// Opens the data directory at `root`, founding it if it is empty. Blocks; a directory of an
    /// unclean end opens as it is, without a step of the operator.
    ///
    /// # Errors
    /// See [`OpenError`].
    pub fn open(root: &Path, options: &Options) -> Result<Self, OpenError> {
        let disk: Arc<dyn Disk> = Arc::new(Directory::lock(root)?);
        Self::open_on(&disk, options)
    }

    /// Opens a data directory that lies on `disk`, whose owner keeps other processes away.
    ///
    /// # Errors
    /// See [`OpenError`].
    pub fn open_on(disk: &Arc<dyn Disk>, options: &Options) -> Result<Self, OpenError> {
        let format = Format::read(&**disk)?;
        if format.is_some() {
            for file in [METADATA_FILE, STATE_FILE] {
                if !exists(&**disk, file)? {
                    return Err(OpenError::Missing { file });
                }
            }
        }
        let data = Self::assemble(Arc::clone(disk), options, format)?;
        if format.is_none() {
            if data.holds_records()? {
                return Err(OpenError::Unfinished);
            }
            data.found_format(&**disk)?;
        }
        Ok(data)
    }

    /// Writes the format file: from now on this is a data directory.
    pub(crate) fn found_format(&self, disk: &dyn Disk) -> Result<(), OpenError> {
        Ok(self.format.write(disk)?)
    }

    /// Opens what is there without asking for a format file.
    pub(crate) fn assemble(
        disk: Arc<dyn Disk>,
        options: &Options,
        format: Option<Format>,
    ) -> Result<Self, OpenError> {
        let health = Arc::new(Health::new(Arc::clone(&options.on_fatal)));
        let reserve = Arc::new(Reserve::open(
            Arc::clone(&disk),
            options.growth_free_bytes_min,
            options.reserve_bytes,
        )?);
        let place = |name, cache_bytes, integrity| {
            let (disk, health) = (Arc::clone(&disk), Arc::clone(&health));
            Place { disk, health, name, cache_bytes, integrity }
        };
        // It says who may what, and all of it is believed once it was read: a byte that is not as
        // it was written could be a right that nobody gave.
        let state_place = |integrity| place(STATE_FILE, options.state_cache_bytes, integrity);
        let state = open_state(&*disk, options, &state_place)?;
        let metadata = place(METADATA_FILE, options.metadata_cache_bytes, options.integrity);
        let metadata = Arc::new(Shelf::open(metadata, &found::<Records>)?);
        let state_writer = Writer::start(Arc::clone(&state), Arc::clone(&reserve))?;
        let metadata_writer = Writer::start(Arc::clone(&metadata), Arc::clone(&reserve))?;
        let new_blob = match options.page_cache {
            PageCache::Reads => Open::NewUncached,
            PageCache::Writes => Open::New,
        };
        let blobs = Blobs::open(disk, new_blob, Arc::clone(&health), Arc::clone(&reserve))?;
        Ok(Self {
            metadata: Arc::new(Metadata::new(metadata, metadata_writer)),
            state: Arc::new(State::new(state, state_writer)),
            blobs: Arc::new(blobs),
            format: format.unwrap_or(Format { epoch: options.new_epoch }),
            health,
            reserve,
        })
    }

    /// The object metadata.
    #[must_use]
    pub fn metadata(&self) -> Arc<Metadata> {
        Arc::clone(&self.metadata)
    }

    /// The authorization state's log.
    #[must_use]
    pub fn state(&self) -> Arc<State> {
        Arc::clone(&self.state)
    }

    /// The blobs.
    #[must_use]
    pub fn blobs(&self) -> Arc<Blobs> {
        Arc::clone(&self.blobs)
    }

    /// The restore epoch that this directory lives in.
    #[must_use]
    pub fn epoch(&self) -> Epoch {
        self.format.epoch
    }

    /// What stopped the engine from writing, if anything did.
    #[must_use]
    pub fn stopped(&self) -> Option<&Fatal> {
        self.health.stopped()
    }

    /// Whether what stores more may go on: the free space is above the level. One question to the
    /// file system.
    #[must_use]
    pub fn admits_growth(&self) -> bool {
        self.reserve.admits_growth()
    }

    fn holds_records(&self) -> Result<bool, Trouble> {
        let records = self.metadata.shelf().read(|database| {
            let records = database.begin_read()?.open_table(RECORDS)?;
            Ok(!records.is_empty()?)
        })?;
        let revisions = self.state.shelf().read(|database| {
            let log = database.begin_read()?.open_table(LOG)?;
            Ok(!log.is_empty()?)
        })?;
        Ok(records || revisions)
    }
}

/// Opens the state: every page compared with its checksum first, or, of a large file whose records
/// all have checksums of their own, each of them as it is read.
fn open_state(
    disk: &dyn Disk,
    options: &Options,
    place: &dyn Fn(Integrity) -> Place,
) -> Result<Arc<Shelf>, OpenError> {
    let bytes = match disk.open(STATE_FILE, Open::Existing) {
        Ok(file) => file.length()?,
        Err(error) if error.kind() == io::ErrorKind::NotFound => 0,
        Err(error) => return Err(error.into()),
    };
    let large = bytes > options.state_checked_bytes_max;
    if large && options.integrity == Integrity::OnRead {
        let open = || Shelf::open(place(Integrity::OnRead), &found::<Revisions>);
        let shelf = Arc::new(state_check::careful(open)?);
        if state_check::is_checked_as_read(&shelf)? {
            state_check::check_in_the_background(&shelf)?;
            return Ok(shelf);
        }
    }
    Ok(Arc::new(Shelf::open(place(Integrity::Checked), &found::<Revisions>)?))
}

impl Directory {
    /// Opens and locks the data directory at `root`, telling "in use" from a failing disk.
    pub(crate) fn lock(root: &Path) -> Result<Self, OpenError> {
        Self::open(root).map_err(|error| match error.kind() {
            io::ErrorKind::WouldBlock => OpenError::InUse,
            _ => OpenError::Io(error),
        })
    }
}

fn exists(disk: &dyn Disk, file: &str) -> io::Result<bool> {
    match disk.open(file, Open::Existing) {
        Ok(_) => Ok(true),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error),
    }
}
