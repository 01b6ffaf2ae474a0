//! The engine of one machine: a data directory with two redb files and a tree of blob files.
//!
//! [`Data::open`] locks and opens the directory and hands out the three ports. What each of them
//! promises is written where it is declared; how it is kept is `docs/storage-format.md`. The
//! engine knows the disk only through [`Disk`], so that a test kit can make it fail at any step.

mod archive;
mod backup;
mod blob_format;
mod blob_reader;
mod blob_writer;
mod blobs;
mod database;
mod directory;
mod disk;
mod format;
mod health;
mod metadata;
mod open;
mod pages;
mod recent;
mod reserve;
mod restore;
mod state;
mod state_check;
mod state_format;
mod uncached;
mod verify;
mod writer;

pub use archive::{BACKUP_VERSION, MANIFEST_FILE};
pub use backup::{Copied, CopyError, References};
pub use blob_format::{BLOB_BYTES_MAX, BLOB_VERSION, BLOCK_BYTES, SEGMENT_BLOCKS, SEGMENT_BYTES};
pub use blobs::{BLOBS_DIRECTORY, Blobs, HELD_DIRECTORY, TEMPORARY_DIRECTORY};
pub use directory::{Directory, LOCK_FILE};
pub use disk::{Disk, DiskFile, Open, Space, UNCACHED_ALIGNMENT, Written, is_full};
pub use format::{BadFormat, Epoch, FORMAT_FILE, FORMAT_VERSION};
pub use health::{Fatal, OnFatal};
pub use metadata::{METADATA_FILE, Metadata, UPKEEP_PUT_BYTES_MAX};
pub use open::{Data, Integrity, OpenError, Options, PageCache, STATE_CHECKED_BYTES_MAX};
pub use recent::{RECENT_BYTES_MAX, RECENT_RECORDS_MAX};
pub use reserve::{GROWTH_FREE_BYTES_MIN, RESERVE_BYTES};
pub use restore::{restore, restore_on};
pub use state::{STATE_FILE, State};
pub use verify::{PROBLEMS_LISTED_MAX, Problem, Verified, verify, verify_on};
pub use writer::{GROUP_BYTES_MAX, GROUP_CHANGES_MAX, QUEUE_CHANGES_MAX};
