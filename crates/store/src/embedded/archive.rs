//! The files of a backup: streams of records with a hash, and the manifest that names them all.
//!
//! ```text
//! *.records      magic, version, then (key length, value length, key, value)…, then the end mark
//! manifest.jsonl one line about the backup, one per file, one with the hash of those above
//! ```

use std::io;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::disk::{Disk, DiskFile, Open};

/// The version of the backup format that is written, and the newest that is read.
pub const BACKUP_VERSION: u32 = 1;
/// The file that lists all others; written last.
pub const MANIFEST_FILE: &str = "manifest.jsonl";

/// The longest key or value in a stream of records.
pub(crate) const RECORD_BYTES_MAX: u32 = 1 << 30;
const RECORDS_MAGIC: &[u8; 8] = b"strongRX";
const RECORDS_VERSION: u32 = 1;
const END: u32 = u32::MAX;
const BUFFER_BYTES: usize = 1 << 20;

/// What the manifest says about one file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Listed {
    pub(crate) path: String,
    pub(crate) bytes: u64,
    pub(crate) sha256: String,
}

/// The manifest's first line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Heading {
    pub(crate) backup: u32,
    /// The epoch of the data directory that was backed up.
    pub(crate) epoch: String,
    /// Its last revision.
    pub(crate) revision: u64,
}

/// The manifest's last line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Closing {
    pub(crate) files: u64,
    pub(crate) sha256: String,
}

/// A file written from its start to its end, hashed on the way.
pub(crate) struct Sink {
    path: String,
    file: Arc<dyn DiskFile>,
    at: u64,
    buffer: Vec<u8>,
    hash: Sha256,
}

impl Sink {
    pub(crate) fn create(disk: &dyn Disk, path: &str) -> io::Result<Self> {
        let file = disk.open(path, Open::New)?;
        let (buffer, hash) = (Vec::with_capacity(BUFFER_BYTES), Sha256::new());
        Ok(Self { path: path.to_owned(), file, at: 0, buffer, hash })
    }

    pub(crate) fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.buffer.extend_from_slice(bytes);
        if self.buffer.len() >= BUFFER_BYTES { self.flush() } else { Ok(()) }
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.write_at(self.at, &self.buffer)?;
        self.hash.update(&self.buffer);
        self.at = self.at.saturating_add(self.buffer.len() as u64);
        self.buffer.clear();
        Ok(())
    }

    /// The hash of what was written so far.
    pub(crate) fn hash_so_far(&mut self) -> io::Result<String> {
        self.flush()?;
        Ok(hex::encode(self.hash.clone().finalize()))
    }

    /// Syncs the file and tells what the manifest is to say.
    pub(crate) fn finish(mut self) -> io::Result<Listed> {
        let sha256 = self.hash_so_far()?;
        self.file.sync()?;
        Ok(Listed { path: self.path, bytes: self.at, sha256 })
    }
}

/// Writes a stream of records.
pub(crate) struct RecordSink {
    sink: Sink,
    count: u64,
}

impl RecordSink {
    pub(crate) fn create(disk: &dyn Disk, path: &str) -> io::Result<Self> {
        let mut sink = Sink::create(disk, path)?;
        sink.write(RECORDS_MAGIC)?;
        sink.write(&RECORDS_VERSION.to_le_bytes())?;
        Ok(Self { sink, count: 0 })
    }

    pub(crate) fn write(&mut self, key: &[u8], value: &[u8]) -> io::Result<()> {
        self.begin(key, value.len() as u64)?;
        self.part(value)
    }

    /// Begins a record whose value has so many bytes: they come as parts, which are no more in
    /// memory than one after the other.
    pub(crate) fn begin(&mut self, key: &[u8], value_bytes: u64) -> io::Result<()> {
        for length in [key.len() as u64, value_bytes] {
            let length = u32::try_from(length).ok().filter(|n| *n <= RECORD_BYTES_MAX);
            let length = length.ok_or_else(|| damaged("a record is too long for a backup"))?;
            self.sink.write(&length.to_le_bytes())?;
        }
        self.count = self.count.saturating_add(1);
        self.sink.write(key)
    }

    /// The next bytes of the value that was begun.
    pub(crate) fn part(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.sink.write(bytes)
    }

    pub(crate) fn finish(mut self) -> io::Result<(Listed, u64)> {
        self.sink.write(&END.to_le_bytes())?;
        self.sink.write(&self.count.to_le_bytes())?;
        Ok((self.sink.finish()?, self.count))
    }
}

/// A file read from its start to its end, hashed on the way.
pub(crate) struct Source {
    file: Arc<dyn DiskFile>,
    length: u64,
    at: u64,
    buffer: Vec<u8>,
    taken: usize,
    hash: Sha256,
}

impl Source {
    pub(crate) fn open(disk: &dyn Disk, path: &str) -> io::Result<Self> {
        let file = disk.open(path, Open::Existing)?;
        let length = file.length()?;
        let (buffer, hash) = (Vec::new(), Sha256::new());
        Ok(Self { file, length, at: 0, buffer, taken: 0, hash })
    }

    /// Bytes that are left to be taken.
    pub(crate) fn left(&self) -> u64 {
        let unread = self.length.saturating_sub(self.at);
        unread.saturating_add(self.buffer.len().saturating_sub(self.taken) as u64)
    }

    /// Exactly `count` bytes.
    pub(crate) fn take(&mut self, count: usize) -> io::Result<Vec<u8>> {
        if count as u64 > self.left() {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        let mut bytes = Vec::with_capacity(count);
        while bytes.len() < count {
            if self.taken == self.buffer.len() {
                self.fill()?;
            }
            let wanted = count.saturating_sub(bytes.len());
            let end = self.taken.saturating_add(wanted).min(self.buffer.len());
            bytes.extend_from_slice(self.buffer.get(self.taken..end).unwrap_or_default());
            self.taken = end;
        }
        Ok(bytes)
    }

    fn fill(&mut self) -> io::Result<()> {
        let unread = self.length.saturating_sub(self.at);
        let size = usize::try_from(unread).unwrap_or(BUFFER_BYTES).min(BUFFER_BYTES);
        self.buffer.resize(size, 0);
        self.taken = 0;
        self.file.read_at(self.at, &mut self.buffer)?;
        self.hash.update(&self.buffer);
        self.at = self.at.saturating_add(size as u64);
        Ok(())
    }

    /// Checks, once everything was taken, that the file is what the manifest lists.
    pub(crate) fn finish(self, listed: &Listed) -> io::Result<()> {
        let whole = self.left() == 0 && self.length == listed.bytes;
        if whole && hex::encode(self.hash.finalize()) == listed.sha256 {
            return Ok(());
        }
        Err(damaged(&format!("`{}` is not what the manifest lists", listed.path)))
    }
}

/// Reads a stream of records.
pub(crate) struct RecordSource {
    source: Source,
    count: u64,
}

impl RecordSource {
    pub(crate) fn open(disk: &dyn Disk, path: &str) -> io::Result<Self> {
        let mut source = Source::open(disk, path)?;
        let magic = source.take(RECORDS_MAGIC.len())?;
        let version = number(&mut source)?;
        if magic != RECORDS_MAGIC || version != RECORDS_VERSION {
            return Err(damaged(&format!("`{path}` is not a stream of records of version 1")));
        }
        Ok(Self { source, count: 0 })
    }

    /// The next record; `None` at the end mark.
    pub(crate) fn next(&mut self) -> io::Result<Option<(Vec<u8>, Vec<u8>)>> {
        let key_length = number(&mut self.source)?;
        if key_length == END {
            let count = self.source.take(8)?;
            let expected = self.count.to_le_bytes();
            return if count == expected { Ok(None) } else { Err(damaged("records are missing")) };
        }
        let value_length = number(&mut self.source)?;
        if key_length > RECORD_BYTES_MAX || value_length > RECORD_BYTES_MAX {
            return Err(damaged("a record is too long"));
        }
        let key = self.source.take(usize::try_from(key_length).unwrap_or(usize::MAX))?;
        let value = self.source.take(usize::try_from(value_length).unwrap_or(usize::MAX))?;
        self.count = self.count.saturating_add(1);
        Ok(Some((key, value)))
    }

    pub(crate) fn finish(self, listed: &Listed) -> io::Result<u64> {
        self.source.finish(listed)?;
        Ok(self.count)
    }
}

fn number(source: &mut Source) -> io::Result<u32> {
    let bytes = source.take(4)?;
    let bytes = bytes.try_into().map_err(|_| damaged("a length is missing"))?;
    Ok(u32::from_le_bytes(bytes))
}

pub(crate) fn damaged(what: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, what.to_owned())
}
