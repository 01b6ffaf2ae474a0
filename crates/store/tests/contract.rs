#![cfg(test)]
//! The contract suites on the embedded engine: on a real directory and on a simulated disk.

use std::path::PathBuf;
use std::sync::Arc;

use strongroom_store::embedded::{Data, Disk, Epoch, Options};
use testkit::contract::{self, Ports, Subject};
use testkit::{FaultyDisk, Violation};

fn options() -> Options {
    let mut options = Options::new(Epoch(1), Arc::new(|_| ()));
    options.reserve_bytes = 1 << 20;
    options
}

fn ports(data: Data) -> Ports {
    Ports {
        metadata: data.metadata(),
        blobs: data.blobs(),
        state: data.state(),
        keep: Box::new(data),
    }
}

struct InDirectory(PathBuf);

impl Subject for InDirectory {
    fn open(&self) -> Result<Ports, Violation> {
        Data::open(&self.0, &options()).map(ports).map_err(|e| Violation(e.to_string()))
    }
}

struct Simulated(FaultyDisk);

impl Subject for Simulated {
    fn open(&self) -> Result<Ports, Violation> {
        let disk: Arc<dyn Disk> = Arc::new(self.0.clone());
        Data::open_on(&disk, &options()).map(ports).map_err(|e| Violation(e.to_string()))
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_engine_keeps_the_contracts_in_a_real_directory() {
    let home = tempfile::tempdir().unwrap();
    contract::all(&InDirectory(home.path().join("data"))).await.unwrap();
}

#[tokio::test]
async fn the_engine_keeps_the_contracts_on_a_simulated_disk() {
    contract::all(&Simulated(FaultyDisk::new())).await.unwrap();
}
