//! redb's view of a file of the seam: every page it reads or writes goes through [`DiskFile`].

use std::io;
use std::sync::Arc;

use redb::StorageBackend;

use super::disk::{DiskFile, is_full};
use super::health::Health;

/// One redb file on a [`super::Disk`]. The data directory's lock keeps other processes away, so
/// redb's own locks are not needed.
#[derive(Debug)]
pub(crate) struct Pages {
    pub(crate) name: &'static str,
    pub(crate) file: Arc<dyn DiskFile>,
    pub(crate) health: Arc<Health>,
}

impl Pages {
    /// A full disk is reported; any other failure stops the engine.
    fn judge<T>(&self, action: &'static str, result: io::Result<T>) -> io::Result<T> {
        result.map_err(|error| {
            if is_full(&error) {
                return error;
            }
            io::Error::other(self.health.stop(action, self.name, error))
        })
    }
}

impl StorageBackend for Pages {
    fn len(&self) -> io::Result<u64> {
        self.judge("measure", self.file.length())
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        self.judge("read", self.file.read_at(offset, out))
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        self.health.check()?;
        self.judge("resize", self.file.set_length(len))
    }

    fn sync_data(&self) -> io::Result<()> {
        self.health.check()?;
        self.file.sync().map_err(|error| {
            // Even "full" is fatal here: what a failed sync left behind is unknown.
            io::Error::other(self.health.stop("sync", self.name, error))
        })
    }

    fn write(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        self.health.check()?;
        self.judge("write", self.file.write_at(offset, data).map(drop))
    }
}
