//! Making a data directory from a backup. It begins a new epoch, so that no session that was
//! issued (and perhaps revoked) after the backup is valid in what was restored.

use std::io;
use std::path::Path;
use std::sync::Arc;

use redb::WriteTransaction;
use sha2::{Digest, Sha256};

use super::archive::{
    BACKUP_VERSION, Closing, Heading, Listed, MANIFEST_FILE, RecordSource, Source, damaged,
};
use super::backup::{
    Copied, CopyError, LOG_RECORDS, METADATA_RECORDS, SNAPSHOT_RECORDS, must_be_empty,
};
use super::blob_reader::Reader;
use super::blobs::{BLOBS_DIRECTORY, blob_path, directories_of};
use super::database::Shelf;
use super::directory::Directory;
use super::disk::{Disk, Open};
use super::metadata::RECORDS;
use super::open::{Data, Options};
use super::state::{BLOCKS, LOG, SNAPSHOTS, put_blocks};
use super::state_format::{self, Blocks};

/// Bytes of records that one transaction of a restore takes.
const TRANSACTION_BYTES_MAX: usize = 8 << 20;
const COPY_BYTES: usize = 1 << 20;
/// The longest manifest that is read: about a hundred million files.
const MANIFEST_BYTES_MAX: u64 = 16 << 30;

/// Makes a data directory at `target`, which must be empty or missing, from the backup at
/// `source`. It lives in the epoch `options.new_epoch`. Blocks.
///
/// # Errors
/// See [`CopyError`]. A directory whose restore was interrupted does not open.
pub fn restore(source: &Path, target: &Path, options: &Options) -> Result<Copied, CopyError> {
    if !source.join(MANIFEST_FILE).is_file() {
        let what = format!("there is no backup: it has no `{MANIFEST_FILE}`");
        return Err(io::Error::new(io::ErrorKind::NotFound, what).into());
    }
    let source = Directory::lock(source)?;
    let target: Arc<dyn Disk> = Arc::new(Directory::lock(target)?);
    restore_on(&source, &target, options)
}

/// The same from any disk onto any disk.
///
/// # Errors
/// See [`CopyError`].
pub fn restore_on(
    source: &dyn Disk,
    target: &Arc<dyn Disk>,
    options: &Options,
) -> Result<Copied, CopyError> {
    must_be_empty(&**target)?;
    let (_, files) = read_manifest(source)?;
    let mut copied = Copied::default();
    // Without a format file the directory does not open: it gets one when all is there.
    let data = Data::assemble(Arc::clone(target), options, None)?;
    for listed in &files {
        copied.bytes = copied.bytes.saturating_add(listed.bytes);
        let metadata = data.metadata();
        let state = data.state();
        match listed.path.as_str() {
            METADATA_RECORDS => {
                copied.records = records(source, listed, metadata.shelf(), &insert_metadata)?;
            }
            LOG_RECORDS => {
                copied.revisions = records(source, listed, state.shelf(), &insert_revisions)?;
            }
            SNAPSHOT_RECORDS => {
                records(source, listed, state.shelf(), &insert_snapshots)?;
            }
            _ => {
                blob(source, listed, &**target)?;
                copied.blobs = copied.blobs.saturating_add(1);
            }
        }
    }
    sync_blob_directories(&**target)?;
    data.found_format(&**target)?;
    Ok(copied)
}

/// Reads the manifest and checks that it is whole.
fn read_manifest(source: &dyn Disk) -> Result<(Heading, Vec<Listed>), CopyError> {
    let mut file = Source::open(source, MANIFEST_FILE)?;
    let bad = || damaged(&format!("`{MANIFEST_FILE}` is damaged"));
    if file.left() > MANIFEST_BYTES_MAX {
        return Err(bad().into());
    }
    let text = file.take(usize::try_from(file.left()).map_err(|_| bad())?)?;
    let text = String::from_utf8(text).map_err(|_| bad())?;
    let mut lines: Vec<&str> = text.split_inclusive('\n').collect();
    let closing: Closing =
        lines.pop().and_then(|l| serde_json::from_str(l).ok()).ok_or_else(bad)?;
    let mut hash = Sha256::new();
    lines.iter().for_each(|line| hash.update(line));
    let heading = lines.first().ok_or_else(bad)?;
    let heading: Heading = serde_json::from_str(heading).map_err(|_| bad())?;
    if heading.backup > BACKUP_VERSION {
        return Err(CopyError::Newer { found: heading.backup });
    }
    let files: Result<Vec<Listed>, _> =
        lines.iter().skip(1).map(|line| serde_json::from_str(line)).collect();
    let files = files.map_err(|_| bad())?;
    let whole = closing.files == files.len() as u64;
    if whole && hex::encode(hash.finalize()) == closing.sha256 {
        Ok((heading, files))
    } else {
        Err(bad().into())
    }
}

type Pair = (Vec<u8>, Vec<u8>);
type Insert<'a> = dyn Fn(&WriteTransaction, &[Pair]) -> Result<(), redb::Error> + 'a;

fn records(
    source: &dyn Disk,
    listed: &Listed,
    shelf: &Shelf,
    insert: &Insert<'_>,
) -> Result<u64, CopyError> {
    let mut records = RecordSource::open(source, &listed.path)?;
    let (mut batch, mut bytes) = (Vec::new(), 0_usize);
    loop {
        let next = records.next()?;
        let end = next.is_none();
        if let Some((key, value)) = next {
            bytes = bytes.saturating_add(key.len()).saturating_add(value.len());
            batch.push((key, value));
        }
        if end || bytes >= TRANSACTION_BYTES_MAX {
            shelf.write(|database| {
                let transaction = database.begin_write()?;
                insert(&transaction, &batch)?;
                Ok(transaction.commit()?)
            })?;
            batch.clear();
            bytes = 0;
        }
        if end {
            return Ok(records.finish(listed)?);
        }
    }
}

fn insert_metadata(transaction: &WriteTransaction, batch: &[Pair]) -> Result<(), redb::Error> {
    let mut table = transaction.open_table(RECORDS)?;
    for (key, value) in batch {
        table.insert(key.as_slice(), value.as_slice())?;
    }
    Ok(())
}

/// The revision that is a record's key.
fn revision(key: &[u8]) -> Result<u64, redb::Error> {
    let number = key.try_into().map(u64::from_be_bytes);
    number.map_err(|_| redb::Error::Corrupted("a revision is damaged".into()))
}

fn insert_revisions(transaction: &WriteTransaction, batch: &[Pair]) -> Result<(), redb::Error> {
    let mut table = transaction.open_table(LOG)?;
    for (key, record) in batch {
        let at = revision(key)?;
        table.insert(at, state_format::framed(at, record).as_slice())?;
    }
    Ok(())
}

fn insert_snapshots(transaction: &WriteTransaction, batch: &[Pair]) -> Result<(), redb::Error> {
    let mut table = transaction.open_table(SNAPSHOTS)?;
    let mut blocks = transaction.open_table(BLOCKS)?;
    for (key, bytes) in batch {
        let at = revision(key)?;
        let count = put_blocks(&mut blocks, at, 0, bytes)?;
        let said = Blocks { count, bytes: bytes.len() as u64 };
        table.insert(at, said.row(at).as_slice())?;
    }
    Ok(())
}

/// Copies a blob's file and checks its hash and its frame; its path must be its id's.
fn blob(source: &dyn Disk, listed: &Listed, target: &dyn Disk) -> Result<(), CopyError> {
    let id = listed.path.rsplit('/').next().and_then(|name| name.parse().ok());
    let Some(id) = id.filter(|id| blob_path(id) == listed.path) else {
        let what = format!("`{}` is no file of a backup", listed.path);
        return Err(damaged(&what).into());
    };
    let (upper, lower) = directories_of(&id);
    target.make_dir(&upper)?;
    target.make_dir(&lower)?;
    let mut from = Source::open(source, &listed.path)?;
    let to = target.open(&listed.path, Open::New)?;
    let mut at = 0_u64;
    while from.left() > 0 {
        let size = usize::try_from(from.left()).unwrap_or(COPY_BYTES).min(COPY_BYTES);
        let bytes = from.take(size)?;
        to.write_at(at, &bytes)?;
        at = at.saturating_add(bytes.len() as u64);
    }
    from.finish(listed)?;
    to.sync()?;
    Reader::open(target, &listed.path, id)
        .map(drop)
        .map_err(|cause| CopyError::Blob { blob: id, cause })
}

fn sync_blob_directories(target: &dyn Disk) -> io::Result<()> {
    let below = |directory: &str| -> io::Result<Vec<String>> {
        let names = target.list(directory)?;
        Ok(names.into_iter().map(|name| format!("{directory}/{name}")).collect())
    };
    for upper in below(BLOBS_DIRECTORY)? {
        for lower in below(&upper)? {
            target.sync_dir(&lower)?;
        }
        target.sync_dir(&upper)?;
    }
    target.sync_dir(BLOBS_DIRECTORY)
}
