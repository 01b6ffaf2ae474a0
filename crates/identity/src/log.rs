//! The port to where the authorization state is kept: a log of records, and snapshots of it.

use std::ops::Range;

use async_trait::async_trait;
use names::Revision;
use tokio::sync::mpsc;

/// Pieces of a snapshot that may wait for the log: whoever makes them waits with the next.
const PIECES_WAITING_MAX: usize = 2;

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

    /// Keeps a snapshot of the state at a revision, of which no more is in memory than some pieces.
    /// Records before it stay readable. Pieces that are cut short are no snapshot.
    async fn put_snapshot(&self, at: Revision, pieces: Pieces) -> Result<(), StateLogError>;

    /// Forgets the snapshot of exactly that revision, if there is one. Records stay.
    async fn forget_snapshot(&self, at: Revision) -> Result<(), StateLogError>;

    /// The newest snapshot at or before `at`, and how many bytes it has; the newest of all when
    /// `at` is `None`.
    async fn newest_snapshot(
        &self,
        at: Option<Revision>,
    ) -> Result<Option<(Revision, u64)>, StateLogError>;

    /// Bytes of the snapshot of exactly that revision; fewer where it ends before.
    async fn snapshot_part(&self, at: Revision, part: Range<u64>)
    -> Result<Vec<u8>, StateLogError>;

    /// The same snapshot as [`StateLog::newest_snapshot`], all of it.
    async fn snapshot(
        &self,
        at: Option<Revision>,
    ) -> Result<Option<(Revision, Vec<u8>)>, StateLogError> {
        let Some((at, bytes)) = self.newest_snapshot(at).await? else { return Ok(None) };
        Ok(Some((at, self.snapshot_part(at, 0..bytes).await?)))
    }
}

/// The snapshot before the newest one, unless more changes than `apart` would lie between the two
/// beside it if it were forgotten.
pub(crate) async fn superseded(
    log: &dyn StateLog,
    newest: Revision,
    apart: u64,
) -> Result<Option<Revision>, StateLogError> {
    let before = async |at: Revision| match at.0.checked_sub(1) {
        Some(at) => log.newest_snapshot(Some(Revision(at))).await,
        None => Ok(None),
    };
    let Some((last, _)) = before(newest).await? else { return Ok(None) };
    let kept = before(last).await?.map_or(0, |(kept, _)| kept.0);
    Ok((newest.0.saturating_sub(kept) <= apart).then_some(last))
}

/// The bytes of a snapshot while they are made, one piece behind the other.
///
/// ```
/// # let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
/// # runtime.block_on(async {
/// use strongroom_identity::Pieces;
/// let mut pieces = Pieces::from(b"all of it".to_vec());
/// assert_eq!(pieces.next().await.unwrap(), Some(b"all of it".to_vec()));
/// assert_eq!(pieces.next().await.unwrap(), None);
/// # });
/// ```
pub struct Pieces(mpsc::Receiver<Option<Vec<u8>>>);

/// Whoever made the pieces stopped before the last.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("the snapshot was cut short")]
pub struct CutShort;

/// Nobody takes the pieces any more.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("nobody keeps the snapshot")]
pub(crate) struct NotKept;

/// Where the pieces come from.
pub(crate) struct Maker(mpsc::Sender<Option<Vec<u8>>>);

impl Pieces {
    /// Pieces, and where they come from.
    pub(crate) fn made() -> (Maker, Self) {
        let (maker, pieces) = mpsc::channel(PIECES_WAITING_MAX);
        (Maker(maker), Self(pieces))
    }

    /// The next piece; `None` after the last.
    ///
    /// # Errors
    /// Whoever makes them stopped before the last.
    pub async fn next(&mut self) -> Result<Option<Vec<u8>>, CutShort> {
        self.0.recv().await.ok_or(CutShort)
    }
}

impl Maker {
    /// Gives a piece; waits where blocking is allowed until there is room.
    pub(crate) fn give(&self, piece: Vec<u8>) -> Result<(), NotKept> {
        self.0.blocking_send(Some(piece)).map_err(|_| NotKept)
    }

    /// There are no more.
    pub(crate) fn end(self) -> Result<(), NotKept> {
        self.0.blocking_send(None).map_err(|_| NotKept)
    }
}

impl From<Vec<u8>> for Pieces {
    fn from(all: Vec<u8>) -> Self {
        let (maker, pieces) = Self::made();
        for piece in [Some(all), None] {
            // There is room for two.
            drop(maker.0.try_send(piece));
        }
        pieces
    }
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
