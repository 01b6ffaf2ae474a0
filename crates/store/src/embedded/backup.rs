//! Copying an open data directory into an empty one, consistently, while the server goes on.
//!
//! First the hold on deleted blobs, then the snapshot of the metadata, then that of the state:
//! whatever the copied metadata refers to is there, and the copied state is the newer of the two,
//! so that no right that was revoked before the metadata was read is in the backup.

use std::collections::BTreeSet;
use std::io;
use std::path::Path;
use std::sync::Arc;

use objects::{BlobId, StoreError};
use redb::{ReadTransaction, ReadableTable};

use super::archive::{
    BACKUP_VERSION, Closing, Heading, Listed, MANIFEST_FILE, RecordSink, Sink, damaged,
};
use super::blob_format::{SEGMENT_BYTES, checksums, footer, header};
use super::blob_reader::Reader;
use super::blobs::{BLOBS_DIRECTORY, blob_path, directories_of};
use super::database::{Shelf, Trouble};
use super::directory::{Directory, LOCK_FILE};
use super::disk::Disk;
use super::metadata::RECORDS;
use super::open::Data;
use super::state::{LOG, SNAPSHOTS, Said, snapshot_read};
use super::state_format;

/// The object metadata of a backup.
pub(crate) const METADATA_RECORDS: &str = "metadata.records";
/// The state log of a backup.
pub(crate) const LOG_RECORDS: &str = "log.records";
/// The state snapshots of a backup.
pub(crate) const SNAPSHOT_RECORDS: &str = "snapshots.records";

/// Says which blobs a metadata record refers to (key, then value), or why it cannot be read. A
/// record about a blob that is being written or awaits removal refers to none.
pub type References<'a> = dyn Fn(&[u8], &[u8]) -> Result<Vec<BlobId>, String> + 'a;

/// What was copied.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Copied {
    /// Metadata records.
    pub records: u64,
    /// Revisions of the state log.
    pub revisions: u64,
    /// Blobs.
    pub blobs: u64,
    /// Bytes of all files of the backup, its manifest excepted.
    pub bytes: u64,
}

/// Why a backup or a restore was not made. What was written until then is not usable as one.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CopyError {
    /// The directory to be written holds something.
    #[error("the directory to be written is not empty: it holds `{found}`")]
    NotEmpty {
        /// One of the things in it.
        found: String,
    },
    /// A record cannot be read.
    #[error("the record at key `{key}` cannot be read: {cause}")]
    Record {
        /// Its key, in hexadecimal.
        key: String,
        /// What is wrong with it.
        cause: String,
    },
    /// A blob cannot be read.
    #[error("blob `{blob}` cannot be copied")]
    Blob {
        /// Its id.
        blob: BlobId,
        /// Why.
        #[source]
        cause: StoreError,
    },
    /// The backup was made by a newer program.
    #[error("the backup has version {found}; this program knows {BACKUP_VERSION} and older")]
    Newer {
        /// Its version.
        found: u32,
    },
    /// A database failed.
    #[error("the data directory failed: {0}")]
    Database(String),
    /// A data directory could not be opened.
    #[error(transparent)]
    Open(#[from] super::open::OpenError),
    /// A disk failed, is full, or a file is damaged.
    #[error("a file could not be copied: {0}")]
    Io(#[from] io::Error),
}

impl From<Trouble> for CopyError {
    fn from(trouble: Trouble) -> Self {
        Self::Database(trouble.to_string())
    }
}

impl Data {
    /// Copies everything but the master key and the journal into the directory at `target`, which
    /// is made if it is missing and must be empty. Blocks; writers and readers go on.
    ///
    /// # Errors
    /// See [`CopyError`]. A backup without a manifest is not one: it was interrupted.
    pub fn backup(&self, target: &Path, references: &References<'_>) -> Result<Copied, CopyError> {
        let target: Arc<dyn Disk> = Arc::new(Directory::lock(target)?);
        self.backup_to(&*target, references)
    }

    /// The same onto any disk.
    ///
    /// # Errors
    /// See [`CopyError`].
    pub fn backup_to(
        &self,
        target: &dyn Disk,
        references: &References<'_>,
    ) -> Result<Copied, CopyError> {
        must_be_empty(target)?;
        let _hold = self.blobs().hold();
        let (metadata, state) = (self.metadata(), self.state());
        let records = metadata.shelf().snapshot()?;
        let revisions = state.shelf().snapshot()?;
        let mut copy = Copying::begin(target)?;
        let blobs = copy.metadata(metadata.shelf(), &records, references)?;
        drop(records);
        let revision = copy.state(state.shelf(), &revisions)?;
        drop(revisions);
        for id in &blobs {
            let cause = |cause| CopyError::Blob { blob: *id, cause };
            let reader = self.blobs().open_held(id).map_err(cause)?;
            copy.blob(id, &reader)?;
        }
        copy.finish(self.epoch().to_string(), revision)
    }
}

/// A directory in use as a target holds its lock and nothing else.
pub(crate) fn must_be_empty(disk: &dyn Disk) -> Result<(), CopyError> {
    match disk.list("")?.into_iter().find(|name| name != LOCK_FILE) {
        None => Ok(()),
        Some(found) => Err(CopyError::NotEmpty { found }),
    }
}

struct Copying<'a> {
    target: &'a dyn Disk,
    files: Vec<Listed>,
    directories: BTreeSet<String>,
    copied: Copied,
}

impl<'a> Copying<'a> {
    fn begin(target: &'a dyn Disk) -> io::Result<Self> {
        target.make_dir(BLOBS_DIRECTORY)?;
        let directories = BTreeSet::from([BLOBS_DIRECTORY.to_owned()]);
        Ok(Self { target, files: Vec::new(), directories, copied: Copied::default() })
    }

    fn metadata(
        &mut self,
        shelf: &Shelf,
        snapshot: &ReadTransaction,
        references: &References<'_>,
    ) -> Result<BTreeSet<BlobId>, CopyError> {
        let mut sink = RecordSink::create(self.target, METADATA_RECORDS)?;
        let mut blobs = BTreeSet::new();
        let records = snapshot.open_table(RECORDS).map_err(|e| shelf.trouble(e))?;
        for entry in records.iter().map_err(|e| shelf.trouble(e))? {
            let (key, value) = entry.map_err(|e| shelf.trouble(e))?;
            let (key, value) = (key.value(), value.value());
            let named = references(key, value)
                .map_err(|cause| CopyError::Record { key: hex::encode(key), cause })?;
            blobs.extend(named);
            sink.write(key, value)?;
        }
        self.copied.records = self.listed(sink)?;
        Ok(blobs)
    }

    /// Copies the log and the snapshots; tells the last revision.
    fn state(&mut self, shelf: &Shelf, snapshot: &ReadTransaction) -> Result<u64, CopyError> {
        let mut last = 0;
        let mut sink = RecordSink::create(self.target, LOG_RECORDS)?;
        let log = snapshot.open_table(LOG).map_err(|e| shelf.trouble(e))?;
        for entry in log.iter().map_err(|e| shelf.trouble(e))? {
            let (revision, record) = entry.map_err(|e| shelf.trouble(e))?;
            last = revision.value();
            let damaged = |_| damaged(&format!("revision {last} of the state log is damaged"));
            let record = state_format::record(last, record.value()).map_err(damaged)?;
            sink.write(&last.to_be_bytes(), record)?;
        }
        self.copied.revisions = self.listed(sink)?;
        let mut sink = RecordSink::create(self.target, SNAPSHOT_RECORDS)?;
        let snapshots = snapshot.open_table(SNAPSHOTS).map_err(|e| shelf.trouble(e))?;
        for entry in snapshots.iter().map_err(|e| shelf.trouble(e))? {
            let (revision, row) = entry.map_err(|e| shelf.trouble(e))?;
            let at = revision.value();
            let mut copy = |said: Said<'_>| match said {
                Said::Length(bytes) => sink.begin(&at.to_be_bytes(), bytes),
                Said::Bytes(bytes) => sink.part(bytes),
            };
            snapshot_read(snapshot, at, row.value(), &mut copy).map_err(|e| shelf.trouble(e))??;
        }
        self.listed(sink)?;
        Ok(last)
    }

    fn listed(&mut self, sink: RecordSink) -> io::Result<u64> {
        let (listed, count) = sink.finish()?;
        self.copied.bytes = self.copied.bytes.saturating_add(listed.bytes);
        self.files.push(listed);
        Ok(count)
    }

    /// Writes a blob again from verified bytes; the copy is the same file, byte for byte.
    fn blob(&mut self, id: &BlobId, reader: &Reader) -> Result<(), CopyError> {
        let (upper, lower) = directories_of(id);
        for directory in [upper, lower] {
            if self.directories.insert(directory.clone()) {
                self.target.make_dir(&directory)?;
            }
        }
        let mut sink = Sink::create(self.target, &blob_path(id))?;
        sink.write(&header(id))?;
        let (mut from, mut block) = (0_u64, 0_u64);
        while from < reader.length() {
            let to = from.saturating_add(SEGMENT_BYTES).min(reader.length());
            let data =
                reader.read(from, to).map_err(|cause| CopyError::Blob { blob: *id, cause })?;
            sink.write(&data)?;
            sink.write(&checksums(id, block, &data))?;
            from = to;
            block = block.saturating_add(super::blob_format::SEGMENT_BLOCKS);
        }
        sink.write(&footer(id, reader.length()))?;
        let listed = sink.finish()?;
        self.copied.blobs = self.copied.blobs.saturating_add(1);
        self.copied.bytes = self.copied.bytes.saturating_add(listed.bytes);
        self.files.push(listed);
        Ok(())
    }

    /// Makes all names durable, then writes the manifest, which makes it a backup.
    fn finish(self, epoch: String, revision: u64) -> Result<Copied, CopyError> {
        for directory in &self.directories {
            self.target.sync_dir(directory)?;
        }
        let draft = format!("{MANIFEST_FILE}.new");
        let mut sink = Sink::create(self.target, &draft)?;
        let line = |sink: &mut Sink, line: serde_json::Result<String>| {
            sink.write(line.map_err(|error| damaged(&error.to_string()))?.as_bytes())?;
            sink.write(b"\n")
        };
        let heading = Heading { backup: BACKUP_VERSION, epoch, revision };
        line(&mut sink, serde_json::to_string(&heading))?;
        for listed in &self.files {
            line(&mut sink, serde_json::to_string(listed))?;
        }
        let files = self.files.len() as u64;
        let closing = Closing { files, sha256: sink.hash_so_far()? };
        line(&mut sink, serde_json::to_string(&closing))?;
        sink.finish()?;
        self.target.rename(&draft, MANIFEST_FILE)?;
        self.target.sync_dir("")?;
        Ok(self.copied)
    }
}
