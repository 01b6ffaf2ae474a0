//! One redb file: opened over the seam, read by snapshots, and opened again after a full disk
//! (redb refuses everything after an I/O error, and rightly so, until it has looked at the file).

use std::io;
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard};

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
    opened: RwLock<Opened>,
}

#[derive(Debug)]
struct Opened {
    /// `None` if it could not be opened again after a full disk.
    database: Option<Database>,
    /// How often it was opened again.
    times: u64,
}

impl Shelf {
    /// Opens the database, founding it with `found` if there is no file.
    pub(crate) fn open(place: Place, found: &Found) -> Result<Self, Trouble> {
        if place.is_missing()? {
            place.found(found)?;
        }
        let database = Some(place.open(place.name)?);
        Ok(Self { place, opened: RwLock::new(Opened { database, times: 0 }) })
    }

    pub(crate) fn name(&self) -> &'static str {
        self.place.name
    }

    pub(crate) fn health(&self) -> &Health {
        &self.place.health
    }

    /// Runs `write` on the open database, once.
    pub(crate) fn write<T>(
        &self,
        write: impl FnOnce(&Database) -> Result<T, redb::Error>,
    ) -> Result<T, Trouble> {
        let opened = self.opened();
        match opened.database.as_ref() {
            Some(database) => write(database).map_err(|error| self.place.trouble(error)),
            None => Err(self.place.closed("it awaits being opened again")),
        }
    }

    /// Runs `read` on the open database. If a writer has just met a full disk, redb answers
    /// nothing until the file is opened again: that is done here, and `read` is run once more,
    /// so that reads go on.
    pub(crate) fn read<T>(
        &self,
        read: impl Fn(&Database) -> Result<T, redb::Error>,
    ) -> Result<T, Trouble> {
        let seen = {
            let opened = self.opened();
            match opened.database.as_ref().map(&read) {
                Some(Ok(value)) => return Ok(value),
                Some(Err(redb::Error::PreviousIo)) | None => opened.times,
                Some(Err(error)) => return Err(self.place.trouble(error)),
            }
        };
        self.reopen_after(Some(seen))?;
        self.write(read)
    }

    /// A snapshot for reading; it stays as it is while writers go on.
    pub(crate) fn snapshot(&self) -> Result<ReadTransaction, Trouble> {
        self.read(|database| Ok(database.begin_read()?))
    }

    /// Closes the database and opens it again from what the disk holds.
    pub(crate) fn reopen(&self) -> Result<(), Trouble> {
        self.reopen_after(None)
    }

    /// The same, unless somebody else has done it since it was opened for the `seen`th time.
    fn reopen_after(&self, seen: Option<u64>) -> Result<(), Trouble> {
        if let Some(fatal) = self.place.health.stopped() {
            return Err(self.place.closed(&fatal.to_string()));
        }
        let mut opened = self.opened.write().unwrap_or_else(PoisonError::into_inner);
        if opened.database.is_some() && seen.is_some_and(|seen| seen != opened.times) {
            return Ok(());
        }
        opened.times = opened.times.saturating_add(1);
        opened.database = None;
        opened.database = Some(self.place.open(self.place.name)?);
        Ok(())
    }

    /// Whether [`Shelf::reopen`] is owed.
    pub(crate) fn is_closed(&self) -> bool {
        self.opened().database.is_none()
    }

    fn opened(&self) -> RwLockReadGuard<'_, Opened> {
        self.opened.read().unwrap_or_else(PoisonError::into_inner)
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

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicBool, Ordering};

    use redb::TableDefinition;

    use super::*;
    use crate::embedded::directory::Directory;
    use crate::embedded::disk::{DiskFile, Space, Written};

    const TABLE: TableDefinition<'static, u64, u64> = TableDefinition::new("numbers");

    /// A directory whose files can be made to have no room.
    #[derive(Debug)]
    struct Small(Directory, Arc<AtomicBool>);

    #[derive(Debug)]
    struct SmallFile(Arc<dyn DiskFile>, Arc<AtomicBool>);

    impl Space for Small {
        fn free_bytes(&self) -> io::Result<u64> {
            self.0.free_bytes()
        }
    }

    impl Disk for Small {
        fn open(&self, path: &str, how: Open) -> io::Result<Arc<dyn DiskFile>> {
            Ok(Arc::new(SmallFile(self.0.open(path, how)?, Arc::clone(&self.1))))
        }
        fn make_dir(&self, path: &str) -> io::Result<()> {
            self.0.make_dir(path)
        }
        fn rename(&self, from: &str, to: &str) -> io::Result<()> {
            self.0.rename(from, to)
        }
        fn remove(&self, path: &str) -> io::Result<()> {
            self.0.remove(path)
        }
        fn list(&self, path: &str) -> io::Result<Vec<String>> {
            self.0.list(path)
        }
        fn sync_dir(&self, path: &str) -> io::Result<()> {
            self.0.sync_dir(path)
        }
    }

    impl DiskFile for SmallFile {
        fn length(&self) -> io::Result<u64> {
            self.0.length()
        }
        fn read_at(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
            self.0.read_at(offset, out)
        }
        fn write_at(&self, offset: u64, bytes: &[u8]) -> io::Result<Written> {
            if self.1.load(Ordering::SeqCst) {
                return Err(io::ErrorKind::StorageFull.into());
            }
            self.0.write_at(offset, bytes)
        }
        fn set_length(&self, length: u64) -> io::Result<()> {
            self.0.set_length(length)
        }
        fn allocate(&self, length: u64) -> io::Result<()> {
            self.0.allocate(length)
        }
        fn sync(&self) -> io::Result<()> {
            self.0.sync()
        }
    }

    fn store(shelf: &Shelf, number: u64) -> Result<(), Trouble> {
        shelf.write(|database| {
            let transaction = database.begin_write()?;
            transaction.open_table(TABLE)?.insert(0, number)?;
            Ok(transaction.commit()?)
        })
    }

    fn stored(shelf: &Shelf) -> Result<Option<u64>, Trouble> {
        shelf.read(|database| {
            let table = database.begin_read()?.open_table(TABLE)?;
            Ok(table.get(0)?.map(|number| number.value()))
        })
    }

    #[test]
    fn reads_go_on_after_a_write_met_a_full_disk() {
        let home = tempfile::tempdir().unwrap();
        let full = Arc::new(AtomicBool::new(false));
        let small = Small(Directory::open(home.path()).unwrap(), Arc::clone(&full));
        let place = Place {
            disk: Arc::new(small),
            health: Arc::new(Health::new(Arc::new(|_| ()))),
            name: "numbers.redb",
            // Nothing is answered from memory: every read meets the file.
            cache_bytes: 0,
            integrity: Integrity::OnRead,
        };
        let shelf = Shelf::open(place, &|_| Ok(())).unwrap();
        store(&shelf, 1).unwrap();
        full.store(true, Ordering::SeqCst);
        assert!(matches!(store(&shelf, 2), Err(Trouble::Full)));
        full.store(false, Ordering::SeqCst);
        assert_eq!(stored(&shelf).unwrap(), Some(1));
        store(&shelf, 3).unwrap();
        assert_eq!(stored(&shelf).unwrap(), Some(3));
        assert!(shelf.health().stopped().is_none());
    }
}
