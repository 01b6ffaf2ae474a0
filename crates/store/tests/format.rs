#![cfg(test)]
//! Bytes on disk are a promise: what version 1 wrote is still written, byte for byte, and read.

use std::fmt::Write;
use std::path::Path;
use std::sync::Arc;

use bytes::Bytes;
use identity::StateLog;
use names::Revision;
use objects::{BlobId, MetadataStore, WriteBatch};
use strongroom_store::embedded::{
    BLOBS_DIRECTORY, Data, Disk, Epoch, FORMAT_FILE, Open, Options, restore_on,
};
use testkit::contract::blobs::{read, store};
use testkit::{FaultyDisk, golden};

const BLOB: BlobId = BlobId::from_random([0xb1; 16]);
/// Longer than one block, and cheap to write down: only its ends differ from zero.
const BLOB_LENGTH: usize = 65_536 + 9;

fn fixture(name: &str) -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures").join(name)
}

fn blob_bytes() -> Vec<u8> {
    let mut bytes = vec![0; BLOB_LENGTH];
    bytes[..5].copy_from_slice(b"begin");
    bytes[BLOB_LENGTH - 3..].copy_from_slice(b"end");
    bytes
}

fn shared(disk: &FaultyDisk) -> Arc<dyn Disk> {
    Arc::new(disk.clone())
}

fn options(epoch: u64) -> Options {
    let mut options = Options::new(Epoch(epoch), Arc::new(|_| ()));
    options.reserve_bytes = 4096;
    options
}

fn references(_: &[u8], value: &[u8]) -> Result<Vec<BlobId>, String> {
    Ok(if value == b"blob" { vec![BLOB] } else { Vec::new() })
}

/// All files as text: a line for the path, then lines of hexadecimal; zeros are counted.
fn dump(disk: &FaultyDisk) -> String {
    let mut text = String::new();
    for path in disk.files() {
        let file = disk.open(&path, Open::Existing).unwrap();
        let mut bytes = vec![0; usize::try_from(file.length().unwrap()).unwrap()];
        file.read_at(0, &mut bytes).unwrap();
        writeln!(text, "file {path}").unwrap();
        for line in bytes.chunk_by(|a, b| (*a == 0) == (*b == 0)) {
            match line {
                [0, 0, 0, 0, ..] => writeln!(text, "zeros {}", line.len()).unwrap(),
                line => writeln!(text, "{}", hex::encode(line)).unwrap(),
            }
        }
    }
    text
}

/// The reverse of [`dump`].
fn load(text: &str) -> FaultyDisk {
    let disk = FaultyDisk::new();
    let mut open = None;
    for line in text.lines() {
        if let Some(path) = line.strip_prefix("file ") {
            let mut parents: Vec<&Path> = Path::new(path).ancestors().skip(1).collect();
            parents.pop();
            for parent in parents.into_iter().rev() {
                disk.make_dir(parent.to_str().unwrap()).unwrap();
            }
            open = Some((disk.open(path, Open::New).unwrap(), 0_u64));
            continue;
        }
        let bytes = match line.strip_prefix("zeros ") {
            Some(count) => vec![0; count.parse().unwrap()],
            None => hex::decode(line).unwrap(),
        };
        let (file, at) = open.as_mut().unwrap();
        file.write_at(*at, &bytes).unwrap();
        *at += bytes.len() as u64;
    }
    disk
}

async fn filled() -> (FaultyDisk, Data) {
    let disk = FaultyDisk::new();
    let data = Data::open_on(&shared(&disk), &options(0xe1)).map_err(|e| e.to_string()).unwrap();
    store(&*data.blobs(), BLOB, &blob_bytes()).await.unwrap();
    let mut batch = WriteBatch::default();
    batch.put(b"key".to_vec(), &b"blob"[..]);
    batch.put(b"other".to_vec(), &b"inline"[..]);
    data.metadata().commit(batch).await.unwrap();
    for revision in 1..=2_u8 {
        data.state().append(Revision(revision.into()), vec![0xa0 + revision]).await.unwrap();
    }
    data.state().put_snapshot(Revision(1), b"snapshot".to_vec().into()).await.unwrap();
    (disk, data)
}

#[tokio::test]
async fn a_backup_is_still_written_as_version_1_wrote_it() {
    let (_, data) = filled().await;
    let backup = FaultyDisk::new();
    data.backup_to(&backup, &references).unwrap();
    golden(&fixture("backup-v1.txt"), &dump(&backup)).unwrap();
}

#[tokio::test]
async fn a_backup_of_version_1_is_restored() {
    let text = std::fs::read_to_string(fixture("backup-v1.txt")).unwrap();
    let disk = FaultyDisk::new();
    restore_on(&load(&text), &shared(&disk), &options(0xe2)).unwrap();
    let data = Data::open_on(&shared(&disk), &options(0)).map_err(|e| e.to_string()).unwrap();
    assert_eq!(data.epoch(), Epoch(0xe2));
    let value = data.metadata().read(b"other").await.unwrap();
    assert_eq!(value, Some(Bytes::from_static(b"inline")));
    assert_eq!(read(&*data.blobs(), BLOB, 0, BLOB_LENGTH as u64).await.unwrap(), blob_bytes());
    let records = data.state().read(Revision(0), 9).await.unwrap();
    assert_eq!(records, [(Revision(1), vec![0xa1]), (Revision(2), vec![0xa2])]);
}

#[tokio::test]
async fn blob_and_format_files_are_still_written_as_version_1_wrote_them() {
    let (disk, data) = filled().await;
    drop(data);
    let kept = |path: &str| path == FORMAT_FILE || path.starts_with(BLOBS_DIRECTORY);
    for path in disk.files().into_iter().filter(|path| !kept(path)) {
        disk.remove(&path).unwrap();
    }
    golden(&fixture("data-v1.txt"), &dump(&disk)).unwrap();
}
