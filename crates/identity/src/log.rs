//! The port to where the authorization state is kept: a log of records, and snapshots of it.

use async_trait::async_trait;
use names::Revision;

/// A durable, append-only log of state changes, one record a revision.
///
/// `Identity` is its only writer and appends one record at a time.
#[async_trait]
pub trait StateLog: Send + Sync + 'static {
    /// Appends the record of the change that makes revision `next`. `Ok` means that the record
    /// survives power loss. After an error other than [`StateLogError::Conflict`] the record may or
    /// may not be there; the caller reads before it appends again.
    async fn append(&self, next: Revision, record: Vec<u8>) -> Result<(), StateLogError>;

    /// The records after `after`, in order, at most `limit` of them.
    async fn read(
        &self,
        after: Revision,
        limit: usize,
    ) -> Result<Vec<(Revision, Vec<u8>)>, StateLogError>;

    /// Keeps a snapshot of the state at a revision. Records before it stay readable.
    async fn put_snapshot(&self, at: Revision, bytes: Vec<u8>) -> Result<(), StateLogError>;

    /// The newest snapshot at or before `at`; the newest of all when `at` is `None`.
    async fn snapshot(
        &self,
        at: Option<Revision>,
    ) -> Result<Option<(Revision, Vec<u8>)>, StateLogError>;
}

/// What can go wrong with the log.
#[derive(Debug, thiserror::Error)]
pub enum StateLogError {
    /// The revision is not one after the last: somebody else has written, or an answer was lost.
    #[error("the state log is at another revision than {expected}")]
    Conflict {
        /// The revision that was to be made.
        expected: Revision,
    },
    /// There is no room. Revocations may still be written from the reserve.
    #[error("the state log has no room left")]
    Full,
    /// What was read is not what was written.
    #[error("the state log is damaged at revision {at}")]
    Corrupt {
        /// Where.
        at: Revision,
    },
    /// The store could not be reached or failed.
    #[error("the state log could not be used")]
    Unavailable(#[source] Box<dyn std::error::Error + Send + Sync>),
}
