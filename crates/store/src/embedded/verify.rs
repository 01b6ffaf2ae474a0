//! Reading everything a closed data directory holds, and saying what is wrong with it.

use std::collections::BTreeSet;
use std::fmt;
use std::path::Path;
use std::sync::Arc;

use objects::{BlobId, StoreError};
use redb::{ReadableDatabase, ReadableTable};

use super::backup::References;
use super::blob_format::SEGMENT_BYTES;
use super::blob_reader::Reader;
use super::blobs::blob_path;
use super::database::Trouble;
use super::directory::Directory;
use super::disk::Disk;
use super::format::{FORMAT_FILE, Format};
use super::metadata::RECORDS;
use super::open::{Data, Integrity, OpenError, Options};
use super::state::{LOG, SNAPSHOTS};

/// Problems that a report lists; more are only counted.
pub const PROBLEMS_LISTED_MAX: usize = 1000;
const BLOBS_LISTED: usize = 10_000;

/// What [`verify`] read, and what is wrong with it.
#[derive(Clone, Debug, Default)]
pub struct Verified {
    /// Metadata records.
    pub records: u64,
    /// Revisions of the state log.
    pub revisions: u64,
    /// Snapshots of the state.
    pub snapshots: u64,
    /// Blobs whose every block was read.
    pub blobs: u64,
    /// Bytes of those blobs.
    pub blob_bytes: u64,
    /// Blobs that no record refers to: uploads under way, and what awaits removal.
    pub unreferenced_blobs: u64,
    /// What is wrong; empty if all is well.
    pub problems: Vec<Problem>,
    /// Problems past the first [`PROBLEMS_LISTED_MAX`].
    pub further_problems: u64,
}

/// One thing that is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Problem {
    /// A metadata record cannot be read.
    Record {
        /// Its key, in hexadecimal.
        key: String,
        /// What is wrong with it.
        cause: String,
    },
    /// The state log has no record of this revision, but later ones.
    MissingRevision(u64),
    /// A snapshot of a revision that the log does not have.
    StraySnapshot(u64),
    /// A record refers to a blob that is not there.
    MissingBlob(BlobId),
    /// A blob does not match its checksums.
    DamagedBlob {
        /// Which.
        blob: BlobId,
        /// What is wrong with it.
        cause: String,
    },
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Record { key, cause } => write!(f, "the record at key `{key}`: {cause}"),
            Self::MissingRevision(revision) => write!(f, "revision {revision} is missing"),
            Self::StraySnapshot(revision) => {
                write!(f, "a snapshot of revision {revision}, which the log does not have")
            }
            Self::MissingBlob(blob) => write!(f, "blob `{blob}` is referred to and missing"),
            Self::DamagedBlob { blob, cause } => write!(f, "blob `{blob}`: {cause}"),
        }
    }
}

/// Reads a data directory that no server has open: every page of the databases against its
/// checksum, every record, every revision, every block of every blob. Blocks.
///
/// # Errors
/// The directory does not open at all, a damaged database included.
pub fn verify(
    root: &Path,
    options: &Options,
    references: &References<'_>,
) -> Result<Verified, OpenError> {
    if !root.join(FORMAT_FILE).is_file() {
        return Err(OpenError::Missing { file: FORMAT_FILE });
    }
    let disk: Arc<dyn Disk> = Arc::new(Directory::lock(root)?);
    verify_on(&disk, options, references)
}

/// The same on any disk.
///
/// # Errors
/// As [`verify`].
pub fn verify_on(
    disk: &Arc<dyn Disk>,
    options: &Options,
    references: &References<'_>,
) -> Result<Verified, OpenError> {
    if Format::read(&**disk)?.is_none() {
        return Err(OpenError::Missing { file: FORMAT_FILE });
    }
    let options = Options { integrity: Integrity::Checked, ..options.clone() };
    let data = Data::open_on(disk, &options)?;
    let mut verified = Verified::default();
    let wanted = verified.metadata(&data, references)?;
    verified.state(&data)?;
    verified.blobs(&data, &**disk, wanted)?;
    Ok(verified)
}

impl Verified {
    fn add(&mut self, problem: Problem) {
        if self.problems.len() < PROBLEMS_LISTED_MAX {
            self.problems.push(problem);
        } else {
            self.further_problems = self.further_problems.saturating_add(1);
        }
    }

    fn metadata(
        &mut self,
        data: &Data,
        references: &References<'_>,
    ) -> Result<BTreeSet<BlobId>, Trouble> {
        data.metadata().shelf().write(|database| {
            let records = database.begin_read()?.open_table(RECORDS)?;
            let mut wanted = BTreeSet::new();
            for entry in records.iter()? {
                let (key, value) = entry?;
                self.records = self.records.saturating_add(1);
                match references(key.value(), value.value()) {
                    Ok(blobs) => wanted.extend(blobs),
                    Err(cause) => {
                        self.add(Problem::Record { key: hex::encode(key.value()), cause });
                    }
                }
            }
            Ok(wanted)
        })
    }

    fn state(&mut self, data: &Data) -> Result<(), Trouble> {
        data.state().shelf().write(|database| {
            let snapshot = database.begin_read()?;
            let mut last = 0_u64;
            for entry in snapshot.open_table(LOG)?.iter()? {
                let revision = entry?.0.value();
                let due = last.saturating_add(1);
                if revision != due {
                    self.add(Problem::MissingRevision(due));
                }
                last = revision;
                self.revisions = self.revisions.saturating_add(1);
            }
            for entry in snapshot.open_table(SNAPSHOTS)?.iter()? {
                let revision = entry?.0.value();
                if revision > last {
                    self.add(Problem::StraySnapshot(revision));
                }
                self.snapshots = self.snapshots.saturating_add(1);
            }
            Ok(())
        })
    }

    fn blobs(
        &mut self,
        data: &Data,
        disk: &dyn Disk,
        mut wanted: BTreeSet<BlobId>,
    ) -> Result<(), OpenError> {
        let mut after = None;
        loop {
            let page = data.blobs().list_now(after, BLOBS_LISTED)?;
            let Some(last) = page.last() else { break };
            after = Some(*last);
            for id in page {
                match read_whole(disk, id) {
                    Ok(bytes) => {
                        self.blobs = self.blobs.saturating_add(1);
                        self.blob_bytes = self.blob_bytes.saturating_add(bytes);
                    }
                    Err(error) => {
                        let cause = error.to_string();
                        self.add(Problem::DamagedBlob { blob: id, cause });
                    }
                }
                if !wanted.remove(&id) {
                    self.unreferenced_blobs = self.unreferenced_blobs.saturating_add(1);
                }
            }
        }
        wanted.into_iter().for_each(|id| self.add(Problem::MissingBlob(id)));
        Ok(())
    }
}

fn read_whole(disk: &dyn Disk, id: BlobId) -> Result<u64, StoreError> {
    let reader = Reader::open(disk, &blob_path(&id), id)?;
    let mut from = 0_u64;
    while from < reader.length() {
        let to = from.saturating_add(SEGMENT_BYTES).min(reader.length());
        reader.read(from, to)?;
        from = to;
    }
    Ok(reader.length())
}
