#![cfg(test)]
//! What the embedded engine does when the disk is full, fails, decays, or is somebody else's.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use identity::{StateLog, StateLogError};
use names::Revision;
use objects::{BlobId, BlobStore, CommitError, MetadataStore, StoreError, WriteBatch};
use strongroom_store::embedded::{
    Data, Disk, Epoch, FORMAT_FILE, Fatal, Open, OpenError, Options, PageCache, STATE_FILE,
};
use testkit::contract::blobs::{pattern, read, store};
use testkit::{Fault, FaultyDisk};

const LEVEL: u64 = 256 << 10;

fn options() -> Options {
    let mut options = Options::new(Epoch(7), Arc::new(|_| ()));
    options.reserve_bytes = 1 << 20;
    options.growth_free_bytes_min = LEVEL;
    options
}

fn open(disk: &FaultyDisk) -> Data {
    try_open(disk, &options()).map_err(|error| error.to_string()).unwrap()
}

fn try_open(disk: &FaultyDisk, options: &Options) -> Result<Data, OpenError> {
    let disk: Arc<dyn Disk> = Arc::new(disk.clone());
    Data::open_on(&disk, options)
}

fn put(key: &str, value: &[u8]) -> WriteBatch {
    let mut batch = WriteBatch::default();
    batch.put(key.as_bytes().to_vec(), value.to_vec());
    batch
}

fn delete(key: &str) -> WriteBatch {
    let mut batch = WriteBatch::default();
    batch.delete(key.as_bytes().to_vec());
    batch
}

fn id(byte: u8) -> BlobId {
    BlobId::from_random([byte; 16])
}

/// Leaves `free` bytes on the disk.
fn leave(disk: &FaultyDisk, free: u64) {
    disk.set_capacity(Some(disk.occupied() + free));
}

#[tokio::test]
async fn below_the_level_growth_is_refused_and_all_else_goes_on() {
    let disk = FaultyDisk::new();
    let data = open(&disk);
    let (metadata, blobs, state) = (data.metadata(), data.blobs(), data.state());
    metadata.commit(put("old", b"1")).await.unwrap();
    store(&*blobs, id(1), &pattern(5000)).await.unwrap();

    leave(&disk, LEVEL - 1);
    let refused = metadata.commit(put("new", b"1")).await.unwrap_err();
    assert!(matches!(refused, CommitError::Store(StoreError::Full)));
    assert!(matches!(blobs.create(id(2)).await.err(), Some(StoreError::Full)));
    let snapshot = state.put_snapshot(Revision(0), vec![1].into()).await;
    assert!(matches!(snapshot, Err(StateLogError::Full)));

    assert_eq!(metadata.read(b"old").await.unwrap(), Some(Bytes::from_static(b"1")));
    assert_eq!(read(&*blobs, id(1), 0, 5000).await.unwrap(), pattern(5000));
    state.append(Revision(1), b"a revocation".to_vec()).await.unwrap();
    metadata.commit(delete("old")).await.unwrap();
    blobs.delete(&id(1)).await.unwrap();

    leave(&disk, LEVEL + (64 << 10));
    metadata.commit(put("new", b"1")).await.unwrap();
    store(&*blobs, id(2), &pattern(100)).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_disk_without_a_free_byte_still_takes_deletes_and_revocations() {
    let disk = FaultyDisk::new();
    let data = open(&disk);
    let (metadata, state) = (data.metadata(), data.state());
    for n in 0..50 {
        metadata.commit(put(&format!("key {n:02}"), &[3; 2000])).await.unwrap();
    }
    metadata.commit(put("read", b"on")).await.unwrap();
    let (reading, until) = (data.metadata(), Arc::new(AtomicUsize::new(0)));
    let done = Arc::clone(&until);
    let reader = tokio::spawn(async move {
        while done.load(Ordering::SeqCst) == 0 {
            let read = reading.read(b"read").await.unwrap();
            assert_eq!(read, Some(Bytes::from_static(b"on")));
        }
    });
    leave(&disk, 0);
    for n in 0..50 {
        metadata.commit(delete(&format!("key {n:02}"))).await.unwrap();
        state.append(Revision(n + 1), vec![9; 200]).await.unwrap();
    }
    let refused = metadata.commit(put("new", b"1")).await.unwrap_err();
    assert!(matches!(refused, CommitError::Store(StoreError::Full)));
    assert!(data.stopped().is_none(), "a full disk is not a failed one");
    assert!(!disk.files().contains(&"reserve".to_owned()), "the reserve was needed");
    until.store(1, Ordering::SeqCst);
    reader.await.expect("reads go on");

    disk.set_capacity(None);
    metadata.commit(put("new", b"1")).await.unwrap();
    assert!(disk.files().contains(&"reserve".to_owned()), "the reserve is taken again");
    drop((data, metadata, state));
    let state = open(&disk).state();
    assert_eq!(state.read(Revision(0), 100).await.unwrap().len(), 50);
}

#[tokio::test]
async fn a_blob_that_fills_the_disk_leaves_nothing_behind() {
    let disk = FaultyDisk::new();
    let data = open(&disk);
    let blobs = data.blobs();
    leave(&disk, 3 << 20);
    let refused = store(&*blobs, id(1), &pattern(8 << 20)).await.unwrap_err();
    assert!(matches!(refused, StoreError::Full));
    assert_eq!(blobs.list(None, 10).await.unwrap(), []);
    drop((data, blobs));
    let data = open(&disk);
    assert!(disk.files().iter().all(|path| !path.starts_with("tmp/")), "{:?}", disk.files());
    store(&*data.blobs(), id(1), &pattern(1 << 20)).await.unwrap();
}

/// A failed fsync of `what` stops the engine: it says so once and writes nothing more.
async fn a_failed_sync_is_fatal(what: fn(&Data) -> Writing) {
    let disk = FaultyDisk::new();
    let told = Arc::new(AtomicUsize::new(0));
    let listener = Arc::clone(&told);
    let mut options = options();
    options.on_fatal = Arc::new(move |_: &Fatal| {
        listener.fetch_add(1, Ordering::SeqCst);
    });
    let data = try_open(&disk, &options).map_err(|error| error.to_string()).unwrap();
    data.metadata().commit(put("kept", b"1")).await.unwrap();
    // Find the step at which the write first syncs by failing later and later steps.
    for step in 0..40 {
        disk.fail_at(disk.steps() + step, Fault::Failed);
        if what(&data).await.is_err() {
            break;
        }
    }
    assert_eq!(told.load(Ordering::SeqCst), 1, "told once");
    assert!(data.stopped().is_some());
    let refused = data.metadata().commit(put("more", b"1")).await.unwrap_err();
    assert!(matches!(refused, CommitError::Store(StoreError::Unavailable)), "{refused:?}");
    assert!(matches!(data.blobs().create(id(9)).await.err(), Some(StoreError::Unavailable)));
    assert!(matches!(data.blobs().delete(&id(9)).await, Err(StoreError::Unavailable)));
    let refused = data.state().append(Revision(1), vec![1]).await;
    assert!(matches!(refused, Err(StateLogError::Unavailable(_))), "{refused:?}");
    drop(data);
    let again = open(&disk.crash(1));
    assert_eq!(again.metadata().read(b"kept").await.unwrap(), Some(Bytes::from_static(b"1")));
}

type Writing = std::pin::Pin<Box<dyn Future<Output = Result<(), String>> + Send>>;

#[tokio::test]
async fn a_failing_disk_under_the_metadata_stops_the_engine() {
    a_failed_sync_is_fatal(|data| {
        let metadata = data.metadata();
        Box::pin(
            async move { metadata.commit(put("x", b"y")).await.map_err(|error| error.to_string()) },
        )
    })
    .await;
}

#[tokio::test]
async fn a_failing_sync_of_a_blob_stops_the_engine() {
    let stopped = Arc::new(Mutex::new(Vec::new()));
    for step in 0..9 {
        let disk = FaultyDisk::new();
        let listener = Arc::clone(&stopped);
        let mut options = options();
        options.on_fatal = Arc::new(move |fatal: &Fatal| {
            listener.lock().unwrap().push(fatal.action);
        });
        let data = try_open(&disk, &options).map_err(|error| error.to_string()).unwrap();
        disk.fail_at(disk.steps() + step, Fault::Failed);
        let stored = store(&*data.blobs(), id(1), &pattern(100)).await;
        let listed = data.blobs().list(None, 9).await.unwrap();
        match (stored, data.stopped()) {
            (Ok(_), None) => assert_eq!(listed, [id(1)], "step {step}"),
            (Err(_), None) => assert_eq!(listed, [], "step {step}"),
            (Err(StoreError::Unavailable), Some(_)) => {}
            other => panic!("step {step}: {other:?}"),
        }
    }
    // Three syncs of directories (two made, one named) and one of the file.
    let stopped = stopped.lock().unwrap();
    assert_eq!(*stopped, ["sync"; 4]);
}

#[tokio::test]
async fn a_flipped_bit_of_a_blob_is_never_read() {
    let disk = FaultyDisk::new();
    let data = open(&disk);
    let blobs = data.blobs();
    let bytes = pattern(200_000);
    store(&*blobs, id(1), &bytes).await.unwrap();
    let path = disk.files().into_iter().find(|path| path.starts_with("blobs/")).unwrap();
    // One bit in the third block: the blocks before it can be read, it cannot.
    assert!(disk.flip_bit(&path, 64 + 2 * 65_536 + 77, 3));
    assert_eq!(read(&*blobs, id(1), 0, 131_072).await.unwrap(), bytes[..131_072]);
    assert!(matches!(blobs.read(&id(1), 131_072, 1).await.err(), Some(StoreError::Corrupt { .. })));
    assert!(read(&*blobs, id(1), 0, 200_000).await.is_err());
    assert_eq!(read(&*blobs, id(1), 196_608, 100).await.unwrap(), bytes[196_608..196_708]);
    assert!(disk.flip_bit(&path, 64 + 2 * 65_536 + 77, 3));
    assert_eq!(read(&*blobs, id(1), 0, 200_000).await.unwrap(), bytes);
}

#[tokio::test]
async fn a_directory_serves_one_engine_at_a_time() {
    let home = tempfile::tempdir().unwrap();
    let first = Data::open(home.path(), &options()).map_err(|e| e.to_string()).unwrap();
    assert!(matches!(Data::open(home.path(), &options()), Err(OpenError::InUse)));
    drop(first);
    assert!(Data::open(home.path(), &options()).is_ok());
}

#[tokio::test]
async fn a_directory_that_lost_a_file_is_not_founded_again() {
    let disk = FaultyDisk::new();
    let data = open(&disk);
    data.state().append(Revision(1), vec![1]).await.unwrap();
    drop(data);
    let lost_state = disk.crash(0);
    lost_state.remove(STATE_FILE).unwrap();
    let refused = try_open(&lost_state, &options()).err().unwrap();
    assert!(matches!(refused, OpenError::Missing { file: STATE_FILE }), "{refused}");
    let lost_format = disk.crash(0);
    lost_format.remove(FORMAT_FILE).unwrap();
    let refused = try_open(&lost_format, &options()).err().unwrap();
    assert!(matches!(refused, OpenError::Unfinished), "{refused}");
    assert!(try_open(&disk.crash(0), &options()).is_ok());
}

#[tokio::test]
async fn the_epoch_is_drawn_once() {
    let disk = FaultyDisk::new();
    assert_eq!(open(&disk).epoch(), Epoch(7));
    let later = Options { new_epoch: Epoch(8), ..options() };
    assert_eq!(try_open(&disk, &later).ok().unwrap().epoch(), Epoch(7));
}

#[tokio::test]
async fn a_long_blob_is_whole_or_absent_wherever_its_background_syncs_fail() {
    a_long_blob_is_whole_or_absent_wherever_a_step_fails(FaultyDisk::new).await;
}

/// What passed the page cache is as little on the disk before a sync as what did not.
#[tokio::test]
async fn a_long_blob_that_passes_the_cache_is_whole_or_absent_wherever_a_step_fails() {
    a_long_blob_is_whole_or_absent_wherever_a_step_fails(passing).await;
}

fn passing() -> FaultyDisk {
    let disk = FaultyDisk::new();
    disk.pass_the_cache();
    disk
}

#[tokio::test]
async fn a_long_blob_passes_the_cache_but_for_its_end_and_a_short_one_does_not() {
    let disk = passing();
    let data = open(&disk);
    store(&*data.blobs(), id(1), &pattern((1 << 20) - 1)).await.unwrap();
    assert_eq!(disk.uncached_bytes(), 0);
    let bytes = pattern((9 << 20) + 5);
    store(&*data.blobs(), id(2), &bytes).await.unwrap();
    assert_eq!(disk.uncached_bytes(), 9 << 20);
    assert!(read(&*data.blobs(), id(2), 0, bytes.len() as u64).await.unwrap() == bytes);
    let disk = passing();
    let data = try_open(&disk, &Options { page_cache: PageCache::Writes, ..options() });
    store(&*data.ok().unwrap().blobs(), id(3), &bytes).await.unwrap();
    assert_eq!(disk.uncached_bytes(), 0, "it is to be kept in the cache");
}

async fn a_long_blob_is_whole_or_absent_wherever_a_step_fails(new: fn() -> FaultyDisk) {
    let bytes = pattern((9 << 20) + 5);
    for step in 0..22 {
        let disk = new();
        let data = open(&disk);
        disk.fail_at(disk.steps() + step, Fault::Failed);
        let stored = store(&*data.blobs(), id(1), &bytes).await;
        drop(data);
        let data = open(&disk.crash(step));
        match read(&*data.blobs(), id(1), 0, bytes.len() as u64).await {
            Ok(found) => assert!(found == bytes, "step {step}"),
            Err(_) => {
                assert!(stored.is_err(), "step {step}: acknowledged and lost");
                assert_eq!(data.blobs().list(None, 9).await.unwrap(), [], "step {step}");
            }
        }
    }
}

/// Whatever byte of the state's file is not as it was written: the directory does not open and
/// says which file it is, or everything that was acknowledged is read as it was (a byte of a page
/// that is not in use, or of the other of the two headers).
#[tokio::test]
async fn a_flipped_byte_of_the_state_is_refused_and_named_or_is_none_of_the_state() {
    const REVISIONS: u64 = 40;
    let disk = FaultyDisk::new();
    let data = open(&disk);
    let record = |revision: u64| format!("{revision}: {}", "allow ".repeat(100)).into_bytes();
    for revision in 1..=REVISIONS {
        data.state().append(Revision(revision), record(revision)).await.unwrap();
    }
    data.state().put_snapshot(Revision(REVISIONS), b"deny ".repeat(2_000).into()).await.unwrap();
    drop(data);
    let whole = disk.crash(0);
    let bytes = whole.open(STATE_FILE, Open::Existing).unwrap().length().unwrap();
    let mut refused = 0;
    for offset in (0..bytes).step_by(997) {
        let damaged = whole.crash(0);
        assert!(damaged.flip_bit(STATE_FILE, offset, 2));
        let data = match try_open(&damaged, &options()) {
            Ok(data) => data,
            Err(error) => {
                let told = error.to_string();
                assert!(told.contains(STATE_FILE), "{offset}: {told}");
                refused += 1;
                continue;
            }
        };
        let records = data.state().read(Revision(0), 1_000).await.unwrap();
        let same = records.iter().all(|(revision, read)| *read == record(revision.0));
        assert!(records.len() == 40 && same, "{offset}");
        let (at, snapshot) = data.state().snapshot(None).await.unwrap().unwrap();
        assert_eq!((at, snapshot), (Revision(REVISIONS), b"deny ".repeat(2_000)), "{offset}");
    }
    assert!(refused > 20, "{refused}");
}

/// The same of a file that is too large to be read whole at a start: what is read is as it was
/// written, or refused.
#[tokio::test]
async fn a_flipped_byte_of_a_large_state_is_refused_when_it_is_read() {
    const REVISIONS: u64 = 40;
    let disk = FaultyDisk::new();
    let data = open(&disk);
    let record = |revision: u64| format!("{revision}: {}", "allow ".repeat(100)).into_bytes();
    for revision in 1..=REVISIONS {
        data.state().append(Revision(revision), record(revision)).await.unwrap();
    }
    data.state().put_snapshot(Revision(REVISIONS), b"deny ".repeat(2_000).into()).await.unwrap();
    drop(data);
    let whole = disk.crash(0);
    let bytes = whole.open(STATE_FILE, Open::Existing).unwrap().length().unwrap();
    let options = || Options { state_checked_bytes_max: 0, ..options() };
    let mut refused = 0;
    for offset in (0..bytes).step_by(997) {
        let damaged = whole.crash(0);
        assert!(damaged.flip_bit(STATE_FILE, offset, 2));
        let data = match try_open(&damaged, &options()) {
            Ok(data) => data,
            Err(error) => {
                let told = error.to_string();
                assert!(told.contains(STATE_FILE), "{offset}: {told}");
                refused += 1;
                continue;
            }
        };
        match data.state().read(Revision(0), 1_000).await {
            Ok(records) => {
                let same = records.iter().all(|(revision, read)| *read == record(revision.0));
                assert!(records.len() == 40 && same, "{offset}");
            }
            Err(_) => refused += 1,
        }
        match data.state().snapshot(None).await {
            Ok(found) => {
                let (at, snapshot) = found.unwrap();
                let same = at == Revision(REVISIONS) && snapshot == b"deny ".repeat(2_000);
                assert!(same, "{offset}");
            }
            Err(_) => refused += 1,
        }
    }
    assert!(refused > 20, "{refused}");
}
