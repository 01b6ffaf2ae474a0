//! Room for what must go on when the disk is full: a level below which growth is refused, and a
//! preallocated file that is given up so that deletes and revocations can still be committed.

use std::io;
use std::sync::{Arc, Mutex, PoisonError};

use super::disk::{Disk, DiskFile, Open, is_full};

/// The preallocated file.
pub(crate) const RESERVE_FILE: &str = "reserve";

/// Default of [`super::Options::growth_free_bytes_min`].
pub const GROWTH_FREE_BYTES_MIN: u64 = 64 << 20;

/// Default of [`super::Options::reserve_bytes`].
pub const RESERVE_BYTES: u64 = 16 << 20;

/// What a change does to the room on the disk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Need {
    /// It stores more: refused below the level.
    Growth,
    /// It frees, revokes or records: goes on as long as the disk takes it.
    Upkeep,
}

/// Watches the room of one disk.
#[derive(Debug)]
pub(crate) struct Reserve {
    disk: Arc<dyn Disk>,
    growth_free_bytes_min: u64,
    reserve_bytes: u64,
    held: Mutex<Held>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Held {
    Yes,
    No,
}

impl Reserve {
    /// Takes the reserve if there is room for it above the level.
    pub(crate) fn open(
        disk: Arc<dyn Disk>,
        growth_free_bytes_min: u64,
        reserve_bytes: u64,
    ) -> io::Result<Self> {
        let held = match disk.open(RESERVE_FILE, Open::Existing) {
            Ok(file) if file.length()? == reserve_bytes => Held::Yes,
            Ok(_) => {
                disk.remove(RESERVE_FILE)?;
                Held::No
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => Held::No,
            Err(error) => return Err(error),
        };
        let reserve = Self { disk, growth_free_bytes_min, reserve_bytes, held: Mutex::new(held) };
        reserve.retake();
        Ok(reserve)
    }

    /// Whether what stores more may go on: the level is free, beside the reserve.
    pub(crate) fn admits_growth(&self) -> bool {
        let held = *self.held.lock().unwrap_or_else(PoisonError::into_inner);
        let reserve = if held == Held::Yes { 0 } else { self.reserve_bytes };
        self.has_free(self.growth_free_bytes_min.saturating_add(reserve))
    }

    /// A disk that cannot tell its room is taken to be full: refusing a write harms less than
    /// tearing one.
    fn has_free(&self, bytes: u64) -> bool {
        match self.disk.free_bytes() {
            Ok(free) => free >= bytes,
            Err(error) => {
                tracing::warn!(%error, "the free space of the data directory is unknown");
                false
            }
        }
    }

    /// Gives the reserve up; says whether that freed anything.
    pub(crate) fn release(&self) -> bool {
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        if *held == Held::No {
            return false;
        }
        *held = Held::No;
        tracing::warn!("the disk is full: the reserve was released for deletes and revocations");
        self.disk.remove(RESERVE_FILE).is_ok()
    }

    /// Takes the reserve again once there is room for it above the level. Best effort.
    pub(crate) fn retake(&self) {
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        let wanted = self.growth_free_bytes_min.saturating_add(self.reserve_bytes);
        if *held == Held::Yes || !self.has_free(wanted) {
            return;
        }
        match self.fill() {
            Ok(()) => *held = Held::Yes,
            Err(error) => {
                tracing::warn!(%error, "the reserve could not be taken");
                // Half a reserve is none: the next attempt starts afresh.
                let _absent = self.disk.remove(RESERVE_FILE);
            }
        }
    }

    fn fill(&self) -> io::Result<()> {
        let file: Arc<dyn DiskFile> = self.disk.open(RESERVE_FILE, Open::Any)?;
        file.allocate(self.reserve_bytes)?;
        match file.sync() {
            Err(error) if !is_full(&error) => Err(error),
            _ => Ok(()),
        }
    }
}
