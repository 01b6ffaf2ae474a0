#![cfg(test)]
//! Backup, restore and verification of the embedded engine.

use std::path::Path;
use std::sync::Arc;

use bytes::Bytes;
use identity::StateLog;
use names::Revision;
use objects::{BlobId, BlobStore, MetadataStore, WriteBatch};
use strongroom_store::embedded::{
    Copied, CopyError, Data, Disk, Epoch, MANIFEST_FILE, OpenError, Options, Problem, restore_on,
    verify_on,
};
use testkit::FaultyDisk;
use testkit::contract::blobs::{pattern, read, store};

fn options(epoch: u64) -> Options {
    let mut options = Options::new(Epoch(epoch), Arc::new(|_| ()));
    options.reserve_bytes = 1 << 16;
    options
}

fn shared(disk: &FaultyDisk) -> Arc<dyn Disk> {
    Arc::new(disk.clone())
}

fn open(disk: &FaultyDisk) -> Data {
    Data::open_on(&shared(disk), &options(1)).map_err(|error| error.to_string()).unwrap()
}

fn id(byte: u8) -> BlobId {
    BlobId::from_random([byte; 16])
}

/// In these tests a value that starts with `blob ` names one.
fn references(_: &[u8], value: &[u8]) -> Result<Vec<BlobId>, String> {
    let text = std::str::from_utf8(value).map_err(|error| error.to_string())?;
    let named = text.strip_prefix("blob ").map(str::parse).transpose();
    Ok(named.map_err(|error: objects::BadBlobId| error.to_string())?.into_iter().collect())
}

async fn put(data: &Data, key: &str, value: String) {
    let mut batch = WriteBatch::default();
    batch.put(key.as_bytes().to_vec(), value);
    data.metadata().commit(batch).await.unwrap();
}

/// Two objects, one upload that nothing refers to, three revisions, a snapshot.
async fn filled(disk: &FaultyDisk) -> Data {
    let data = open(disk);
    for (byte, length) in [(1, 100), (2, 1_500_000), (3, 10)] {
        store(&*data.blobs(), id(byte), &pattern(length)).await.unwrap();
    }
    put(&data, "one", format!("blob {}", id(1))).await;
    put(&data, "two", format!("blob {}", id(2))).await;
    put(&data, "plain", "text".to_owned()).await;
    for revision in 1..=3_u8 {
        data.state().append(Revision(revision.into()), vec![revision]).await.unwrap();
    }
    data.state().put_snapshot(Revision(2), b"two".to_vec().into()).await.unwrap();
    data
}

#[tokio::test]
async fn what_was_backed_up_is_restored_into_a_new_epoch() {
    let (from, backup, to) = (FaultyDisk::new(), FaultyDisk::new(), FaultyDisk::new());
    let data = filled(&from).await;
    let copied = data.backup_to(&backup, &references).unwrap();
    let counts = (copied.records, copied.revisions, copied.blobs);
    assert_eq!(counts, (3, 3, 2), "the blob that nothing refers to stays behind");
    let restored = restore_on(&backup, &shared(&to), &options(99)).unwrap();
    assert_eq!(restored, copied);
    // Nothing of it hangs on a write that was not synced.
    let data = open(&to.crash(5));
    assert_eq!(data.epoch(), Epoch(99));
    assert_eq!(read(&*data.blobs(), id(2), 0, 1_500_000).await.unwrap(), pattern(1_500_000));
    assert_eq!(data.blobs().list(None, 9).await.unwrap(), [id(1), id(2)]);
    assert_eq!(data.metadata().read(b"plain").await.unwrap(), Some(Bytes::from_static(b"text")));
    let records = data.state().read(Revision(0), 9).await.unwrap();
    assert_eq!(records, [1, 2, 3].map(|n: u8| (Revision(n.into()), vec![n])));
    let snapshot = data.state().snapshot(None).await.unwrap();
    assert_eq!(snapshot, Some((Revision(2), b"two".to_vec())));
    data.state().append(Revision(4), vec![4]).await.unwrap();
    put(&data, "more", "text".to_owned()).await;
}

#[tokio::test]
async fn a_blob_deleted_while_a_backup_runs_is_in_the_backup() {
    let (from, backup) = (FaultyDisk::new(), FaultyDisk::new());
    let data = filled(&from).await;
    let (blobs, runtime) = (data.blobs(), tokio::runtime::Handle::current());
    let during = |key: &[u8], value: &[u8]| {
        if key == b"one" {
            let deleted = std::thread::scope(|scope| {
                scope.spawn(|| runtime.block_on(blobs.delete(&id(1)))).join().unwrap()
            });
            deleted.map_err(|error| error.to_string())?;
        }
        references(key, value)
    };
    let copied = data.backup_to(&backup, &during).unwrap();
    assert_eq!(copied.blobs, 2);
    assert!(blobs.read(&id(1), 0, 1).await.is_err(), "it is gone for everybody else");
    let held = from.files().into_iter().filter(|path| path.starts_with("held/")).count();
    assert_eq!(held, 0, "and its bytes are freed when the backup ends");
}

#[tokio::test]
async fn a_backup_goes_into_an_empty_directory_only() {
    let (from, backup) = (FaultyDisk::new(), FaultyDisk::new());
    let data = filled(&from).await;
    data.backup_to(&backup, &references).unwrap();
    let again = data.backup_to(&backup, &references).unwrap_err();
    assert!(matches!(again, CopyError::NotEmpty { .. }));
    let into_use = restore_on(&backup, &shared(&from), &options(2)).unwrap_err();
    assert!(matches!(into_use, CopyError::NotEmpty { .. }));
}

#[tokio::test]
async fn a_backup_with_any_flipped_bit_is_not_restored() {
    let (from, backup) = (FaultyDisk::new(), FaultyDisk::new());
    let data = filled(&from).await;
    data.backup_to(&backup, &references).unwrap();
    for path in backup.files() {
        for offset in [0, 5, 9, 13, 40] {
            let damaged = backup.crash(0);
            assert!(damaged.flip_bit(&path, offset, 2));
            let to = FaultyDisk::new();
            let result = restore_on(&damaged, &shared(&to), &options(2));
            assert!(result.is_err(), "{path} at {offset}");
            let opened = Data::open_on(&shared(&to), &options(3));
            let founded_empty = to.files().is_empty() || opened.is_err() || {
                let data = opened.ok().unwrap();
                data.metadata().range(b"", b"\xff", 9).await.unwrap().is_empty()
            };
            assert!(founded_empty, "{path} at {offset}: an interrupted restore is not served");
        }
    }
    restore_on(&backup, &shared(&FaultyDisk::new()), &options(2)).unwrap();
}

#[tokio::test]
async fn a_backup_without_its_manifest_is_none() {
    let (from, backup) = (FaultyDisk::new(), FaultyDisk::new());
    filled(&from).await.backup_to(&backup, &references).unwrap();
    backup.remove(MANIFEST_FILE).unwrap();
    assert!(restore_on(&backup, &shared(&FaultyDisk::new()), &options(2)).is_err());
}

#[tokio::test]
async fn a_backup_that_misses_a_blob_is_not_made() {
    let (from, backup) = (FaultyDisk::new(), FaultyDisk::new());
    let data = filled(&from).await;
    data.blobs().delete(&id(2)).await.unwrap();
    let failed = data.backup_to(&backup, &references).unwrap_err();
    assert!(matches!(failed, CopyError::Blob { blob, .. } if blob == id(2)));
    assert!(!backup.files().contains(&MANIFEST_FILE.to_owned()));
}

#[tokio::test]
async fn verification_finds_nothing_wrong_with_what_is_whole() {
    let disk = FaultyDisk::new();
    drop(filled(&disk).await);
    let found = verify_on(&shared(&disk), &options(2), &references).unwrap();
    assert_eq!(found.problems, []);
    assert_eq!((found.records, found.revisions, found.snapshots), (3, 3, 1));
    assert_eq!((found.blobs, found.blob_bytes, found.unreferenced_blobs), (3, 1_500_110, 1));
}

#[tokio::test]
async fn verification_finds_what_is_missing_damaged_or_unreadable() {
    let disk = FaultyDisk::new();
    let data = filled(&disk).await;
    let mut batch = WriteBatch::default();
    batch.put(b"bad".to_vec(), vec![0xff]);
    data.metadata().commit(batch).await.unwrap();
    data.blobs().delete(&id(1)).await.unwrap();
    drop(data);
    let path = disk.files().into_iter().find(|path| path.ends_with(&id(2).to_string())).unwrap();
    assert!(disk.flip_bit(&path, 1_200_000, 0));
    let found = verify_on(&shared(&disk), &options(2), &references).unwrap();
    assert_eq!(found.problems.len(), 3, "{:?}", found.problems);
    assert!(matches!(&found.problems[0], Problem::Record { key, .. } if key == "626164"));
    assert!(matches!(&found.problems[1], Problem::DamagedBlob { blob, .. } if *blob == id(2)));
    assert_eq!(found.problems[2], Problem::MissingBlob(id(1)));
}

#[tokio::test]
async fn verification_finds_flipped_bits_in_the_databases() {
    let disk = FaultyDisk::new();
    let data = filled(&disk).await;
    for n in 0..200 {
        put(&data, &format!("key {n:03}"), "v".repeat(500)).await;
    }
    drop(data);
    let flipped = disk.crash(0);
    // The values of the records are long runs of `v`: some page of them is in use.
    let hits = (0..60).filter(|page| {
        let damaged = flipped.crash(0);
        let _beyond_the_end = damaged.flip_bit("metadata.redb", page * 4096 + 2000, 1);
        verify_on(&shared(&damaged), &options(2), &references).is_err()
    });
    assert!(hits.count() > 10);
    assert!(verify_on(&shared(&flipped), &options(2), &references).is_ok());
}

#[tokio::test]
async fn a_real_directory_is_backed_up_restored_and_verified() {
    use strongroom_store::embedded::{restore, verify};
    let home = tempfile::tempdir().unwrap();
    let at = |name: &str| home.path().join(name);
    let here: &Path = &at("data");
    let data = Data::open(here, &options(1)).map_err(|error| error.to_string()).unwrap();
    store(&*data.blobs(), id(1), &pattern(70_000)).await.unwrap();
    put(&data, "one", format!("blob {}", id(1))).await;
    let copied = data.backup(&at("backup"), &references).unwrap();
    assert!(matches!(verify(here, &options(2), &references), Err(OpenError::InUse)));
    drop(data);
    assert!(verify(here, &options(2), &references).unwrap().problems.is_empty());
    assert!(verify(&at("nowhere"), &options(2), &references).is_err());
    assert!(!at("nowhere").exists(), "verification makes no directory");
    let restored = restore(&at("backup"), &at("new"), &options(5)).unwrap();
    assert_eq!(restored, copied);
    assert_eq!(Copied { bytes: 0, ..restored }.blobs, 1);
    let data = Data::open(&at("new"), &options(6)).map_err(|error| error.to_string()).unwrap();
    assert_eq!(data.epoch(), Epoch(5));
    assert_eq!(read(&*data.blobs(), id(1), 0, 70_000).await.unwrap(), pattern(70_000));
}
