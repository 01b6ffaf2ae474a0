//! What the ports of `objects` and `identity` promise, as suites that run on any adapter.
//!
//! A suite is given a [`Subject`] that can be opened, closed and opened again, and starts with
//! what it finds there: run each suite on a fresh one.

pub mod blobs;
pub mod metadata;
pub mod state_log;

use std::any::Any;
use std::sync::Arc;

use identity::StateLog;
use objects::{BlobStore, MetadataStore};

use crate::violation::Violation;

/// The ports of one open store. Dropping it closes the store.
pub struct Ports {
    /// The object metadata.
    pub metadata: Arc<dyn MetadataStore>,
    /// The blobs.
    pub blobs: Arc<dyn BlobStore>,
    /// The authorization state's log.
    pub state: Arc<dyn StateLog>,
    /// What must live as long.
    pub keep: Box<dyn Any + Send + Sync>,
}

/// A store that can be opened more than once, one after the other.
pub trait Subject: Send + Sync {
    /// Opens it.
    ///
    /// # Errors
    /// Why it does not open, which is a violation in itself.
    fn open(&self) -> Result<Ports, Violation>;
}

/// Runs every suite.
///
/// # Errors
/// The first promise that was not kept.
pub async fn all(subject: &dyn Subject) -> Result<(), Violation> {
    metadata::suite(subject).await?;
    state_log::suite(subject).await?;
    blobs::suite(subject).await
}
