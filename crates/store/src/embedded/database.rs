//! One redb file: opened over the seam, read by snapshots, and opened again after a full disk
//! (redb refuses everything after an I/O error, and rightly so, until it has looked at the file).

use std::io;
use std::sync::{Arc, PoisonError, RwLock};

use objects::StoreError;
use redb::{Builder, Database, ReadTransaction, ReadableDatabase, WriteTransaction};

use super::disk::{Disk, Open, is_full};
use super::health::Health;
use super::open::Integrity;
use super::pages::Pages;

/// The name of a database that is being founded.
const DRAFT_FILE: &str = "founding.redb";

/// Why the database could not answer.
#[derive(Clone, Debug, thiserror::Error)]
pub(crate) enum Trouble {
    /// The disk is full; the database must be opened again before it can be used.
    #[error("the disk is full")]
    Full,
    /// What was read is not what was written.
    #[error("`{file}` is damaged: {what}")]
    Damaged { file: &'static str, what: String },
    /// The engine has stopped, or the database is not open.
    #[error("`{file}` is not available: {cause}")]
    Unavailable { file: &'static str, cause: String },
    /// The writer thread has ended.
    #[error("the writer has stopped")]
    WriterGone,
}

impl From<Trouble> for StoreError {
    fn from(trouble: Trouble) -> Self {
        match trouble {
            Trouble::Full => Self::Full,
            Trouble::Damaged { file, what } => Self::Corrupt { what: format!("`{file}`: {what}") },
            Trouble::Unavailable { .. } | Trouble::WriterGone => {
                tracing::warn!(%trouble, "the store refused");
                Self::Unavailable
            }
        }
    }
}

/// Where a database lives and how it is opened.
#[derive(Debug)]
pub(crate) struct Place {
    pub(crate) disk: Arc<dyn Disk>,
    pub(crate) health: Arc<Health>,
    pub(crate) name: &'static str,
    pub(crate) cache_bytes: usize,
    pub(crate) integrity: Integrity,
}

/// A redb database that can be opened again in place.
#[derive(Debug)]
pub(crate) struct Shelf {
    place: Place,
    /// `None` after a full disk, until the writer has opened it again.
    database: RwLock<Option<Database>>,
}

impl Shelf {
    /// Opens the database, founding it with `found` if there is no file.
    pub(crate) fn open(place: Place, found: &Found) -> Result<Self, Trouble> {
        if place.is_missing()? {
            place.found(found)?;
        }
        let database = place.open(place.name)?;
        Ok(Self { place, database: RwLock::new(Some(database)) })
    }

    pub(crate) fn name(&self) -> &'static str {
        self.place.name
    }

    /// Runs `use_it` on the open database.
    pub(crate) fn with<T>(
        &self,
        use_it: impl FnOnce(&Database) -> Result<T, redb::Error>,
    ) -> Result<T, Trouble> {
        let held = self.database.read().unwrap_or_else(PoisonError::into_inner);
        let Some(database) = held.as_ref() else {
            return Err(self.place.closed("it awaits being opened again"));
        };
        use_it(database).map_err(|error| self.place.trouble(error))
    }

    /// A snapshot for reading; it stays as it is while writers go on.
    pub(crate) fn snapshot(&self) -> Result<ReadTransaction, Trouble> {
        self.with(|database| Ok(database.begin_read()?))
    }

    /// Closes the database and opens it again from what the disk holds.
    pub(crate) fn reopen(&self) -> Result<(), Trouble> {
        let mut held = self.database.write().unwrap_or_else(PoisonError::into_inner);
        *held = None;
        *held = Some(self.place.open(self.place.name)?);
        Ok(())
    }

    /// Whether [`Shelf::reopen`] is owed.
    pub(crate) fn is_closed(&self) -> bool {
        self.database.read().unwrap_or_else(PoisonError::into_inner).is_none()
    }

    /// Translates an error of redb about this file.
    pub(crate) fn trouble(&self, error: impl Into<redb::Error>) -> Trouble {
        self.place.trouble(error.into())
    }
}

/// Fills a new database, in its first transaction.
pub(crate) type Found = dyn Fn(&WriteTransaction) -> Result<(), redb::Error>;

impl Place {
    fn open(&self, name: &'static str) -> Result<Database, Trouble> {
        let file = self.disk.open(name, Open::Existing).map_err(|error| self.io(error))?;
        let pages = Pages { name, file, health: Arc::clone(&self.health) };
        Builder::new()
            .set_cache_size(self.cache_bytes)
            .set_check_integrity_on_open(self.integrity == Integrity::Checked)
            .create_with_backend(pages)
            .map_err(|error| self.trouble(error.into()))
    }

    fn is_missing(&self) -> Result<bool, Trouble> {
        match self.disk.open(self.name, Open::Existing) {
            Ok(_) => Ok(false),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(true),
            Err(error) => Err(self.io(error)),
        }
    }

    /// Makes the database under another name first: redb does not open a file whose founding was
    /// interrupted, so a file that has its name was founded whole.
    fn found(&self, found: &Found) -> Result<(), Trouble> {
        match self.disk.remove(DRAFT_FILE) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(self.io(error)),
            _ => {}
        }
        self.disk.open(DRAFT_FILE, Open::New).map_err(|error| self.io(error))?;
        let database = self.open(DRAFT_FILE)?;
        let founded = || -> Result<(), redb::Error> {
            let transaction = database.begin_write()?;
            found(&transaction)?;
            Ok(transaction.commit()?)
        };
        founded().map_err(|error| self.trouble(error))?;
        drop(database);
        self.disk.rename(DRAFT_FILE, self.name).map_err(|error| self.io(error))?;
        self.disk.sync_dir("").map_err(|error| self.io(error))
    }

    fn io(&self, error: io::Error) -> Trouble {
        self.trouble(redb::Error::Io(error))
    }

    fn trouble(&self, error: redb::Error) -> Trouble {
        match error {
            redb::Error::Io(error) if is_full(&error) => Trouble::Full,
            redb::Error::Corrupted(what) => Trouble::Damaged { file: self.name, what },
            other => self.closed(&other.to_string()),
        }
    }

    fn closed(&self, cause: &str) -> Trouble {
        let cause = match self.health.stopped() {
            Some(fatal) => fatal.to_string(),
            None => cause.to_owned(),
        };
        Trouble::Unavailable { file: self.name, cause }
    }
}
