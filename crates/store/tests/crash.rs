#![cfg(test)]
//! The crash campaign on the embedded engine: a fault at a seeded step, a power loss, and
//! everything acknowledged is there. And the proof that the campaign would notice if it were not.

use std::sync::Arc;

use strongroom_store::embedded::{Data, Disk, Epoch, Options};
use testkit::campaign::Campaign;
use testkit::contract::Ports;
use testkit::{Fault, FaultyDisk, Violation};

fn open(disk: &FaultyDisk) -> Result<Ports, Violation> {
    let mut options = Options::new(Epoch(1), Arc::new(|_| ()));
    options.reserve_bytes = 1 << 16;
    options.metadata_cache_bytes = 1 << 20;
    options.state_cache_bytes = 1 << 20;
    let disk: Arc<dyn Disk> = Arc::new(disk.clone());
    let data = Data::open_on(&disk, &options).map_err(|error| Violation(error.to_string()))?;
    Ok(Ports {
        metadata: data.metadata(),
        blobs: data.blobs(),
        state: data.state(),
        keep: Box::new(data),
    })
}

fn campaign() -> Campaign {
    Campaign::new(Arc::new(open))
}

#[test]
fn a_power_cut_at_any_step_loses_nothing_acknowledged() {
    campaign().run(0..150, Fault::PowerCut).unwrap();
}

#[test]
fn a_call_that_fails_loses_nothing_acknowledged() {
    campaign().run(1000..1060, Fault::Failed).unwrap();
}

#[test]
fn a_call_that_fails_but_was_done_loses_nothing_acknowledged() {
    campaign().run(2000..2060, Fault::FailedButDone).unwrap();
}

#[test]
fn a_full_disk_at_any_step_loses_nothing_acknowledged() {
    campaign().run(3000..3060, Fault::Full).unwrap();
}

fn notices(what: &'static str, lie: impl Fn(&str) -> bool + Send + Sync + 'static) {
    let found = campaign().lying(Arc::new(lie)).run(0..60, Fault::PowerCut);
    assert!(found.is_err(), "the campaign did not notice that {what} was never synced");
}

#[test]
fn a_disk_that_never_syncs_is_noticed() {
    notices("anything", |_| true);
}

#[test]
fn a_lost_sync_of_the_metadata_is_noticed() {
    notices("metadata.redb", |path| path == "metadata.redb");
}

#[test]
fn a_lost_sync_of_the_state_log_is_noticed() {
    notices("state.redb", |path| path == "state.redb");
}

#[test]
fn a_lost_sync_of_a_blob_file_is_noticed() {
    notices("a blob's file", |path| path.starts_with("tmp/"));
}

#[test]
fn a_lost_sync_of_a_blob_directory_is_noticed() {
    notices("a blob's directory", |path| path.starts_with("blobs/") && path.ends_with('/'));
}

#[test]
fn a_lost_sync_of_the_data_directory_is_noticed() {
    notices("the data directory", |path| path == "/");
}
