//! Assembly: configuration, listeners, telemetry, shutdown.
//!
//! [`run`] is the server; [`offline`] is what is done to a data directory without one.

mod assemble;
mod checkpoint_key;
mod clock;
pub mod config;
mod descriptors;
mod directories;
#[cfg(test)]
mod faulted;
mod first_start;
mod listen;
mod lookups;
mod master_key;
pub mod offline;
mod operator;
mod ops;
mod sinks;
mod start;
mod telemetry;
mod tls;
mod verifications;
mod witnesses;

pub use assemble::AssembleError;
pub use checkpoint_key::{CHECKPOINT_KEY_FILE, CheckpointKeyError, public_key, rotate_key};
pub use first_start::{FirstStartError, ROOT_CREDENTIAL_FILE, ROOT_SECRET_CHARACTERS_MIN};
pub use master_key::{MASTER_KEY_FILE, MasterKeyError};
pub use sinks::{SinkConfigError, SinkStanding, list_sinks, sink_standings, test_sink};
pub use start::{Start, StartError, layers, run};
pub use tls::TlsError;
pub use witnesses::WitnessesError;
