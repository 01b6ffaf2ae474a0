//! What happened: entries, permits, and the Merkle journal.
//!
//! A worked story. A request arrives: the door makes an [`Attempt`] from what it knows so far, an
//! [`Opening`]. When it knows who asks, it says so ([`Attempt::identified`]). When every check of
//! the operation is decided it calls [`Attempt::open`], which writes the entry's first leaf and
//! hands back two things: a [`Permit`], without which no room will do the operation, and an
//! [`OpenEntry`], which writes the second leaf when it is closed or dropped. An attempt that ends
//! any other way is recorded as refused: by [`Attempt::refuse`], or by being dropped.
//!
//! The format of an entry is `docs/audit-schema.md`; that of the files is
//! `docs/storage-format/journal.md`.

mod ahead;
mod attempt;
mod bundle;
mod checkpoint;
mod clip;
mod custody;
mod decoder_tests;
pub mod disk;
pub mod entry;
mod filter;
mod first;
#[cfg(any(test, feature = "fuzzing"))]
pub mod fuzzed;
mod gap;
mod glance;
mod guard;
mod hashing;
mod hold;
mod journal;
pub mod json;
mod keeper;
mod keeping;
mod leaves;
mod line;
mod log;
mod log_tests;
mod merkle;
mod minting;
mod note;
mod open_entry;
mod opening;
mod outcome;
mod pairs;
mod permit;
mod port;
mod proof;
mod prove;
mod reader;
mod reason;
mod recover;
mod removal;
pub mod render;
mod report;
mod retention_tests;
mod sealed;
mod sealed_tests;
mod search;
mod signer;
mod sink;
mod system;
mod tail;
mod tamper_tests;
mod tiles;
mod timeline;
mod told;
mod trust;
mod verify;
pub mod view;
mod who;
mod witness;
mod writer;

pub use attempt::{Attempt, Decided, Denial, Items, Refusal};
pub use bundle::{BUNDLE_LEAVES_MAX, BundleError, BundleReport, export, verify_bundle};
pub use checkpoint::Checkpoint;
pub use filter::Filter;
pub use gap::{GapRecord, Unrecorded};
pub use guard::{Cut, Cutting, Guard, Guards, Inside};
pub use hold::{HOLD_NAME_BYTES_MAX, HOLD_WHAT_BYTES_MAX, HOLDS_MAX, Hold, HoldError, holds};
pub use journal::{
    Durability, JOURNAL_ORIGIN, JOURNAL_RESERVE_BYTES, Journal, JournalConfig, JournalError, Kind,
    Recovery, WAITING_ENTRIES_MAX,
};
pub use keeper::{seal_ready, sealed_to};
pub use keeping::{AtCap, Keeping, SEGMENT_AGE, SEGMENT_BYTES};
pub use note::{BadVerifierKey, NOTE_SIGNATURES_MAX, NoteSignature, VerifierKey};
pub use open_entry::OpenEntry;
pub use opening::{Minted, Opening, Target, Transport};
pub use outcome::{ItemOutcome, Outcome};
pub use permit::{Absence, Batch, Permit};
pub use port::{Clock, Random};
pub use prove::{Growth, Inclusion, PROOF_HASHES_MAX, ProofError, prove, prove_growth};
pub use reader::{Entry, Reader};
pub use reason::Reason;
pub use recover::checkpoint;
pub use removal::{RemovalRecord, Why};
pub use report::{Problem, Report, cannot_detect};
pub use sealed::file::SEALED_LEAVES_MAX;
pub use search::{Between, FOLLOWED_LEAVES_MAX};
pub use signer::{BadCheckpointKeys, CHECKPOINT_KEYS_MAX, CheckpointKeys, Custody, KeyRecord};
pub use sink::{
    Delivery, Next, Offered, Pump, SINK_BATCH_BYTES_MAX, SINK_BATCH_LEAVES_MAX, SINK_WAIT_MAX,
    SINK_WAIT_MIN, Sink, SinkError, Undeliverable,
};
pub use system::SystemActor;
pub use timeline::{
    Counts, Subject, TIMELINE_ENTRIES_MAX, Timeline, TimelinePage, counts, timeline,
};
pub use trust::{Trust, key_records, vouched};
pub use verify::{Expect, Terms, verify};
pub use who::{ChainLink, How, Human, Kept, Who};
pub use witness::{BadWitnessKey, CosignError, WitnessKey};
