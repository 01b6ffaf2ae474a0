//! The open half of an entry: it writes the second leaf.

use std::sync::Arc;
use std::time::Duration;

use names::{AccessKeyId, RequestId};

use crate::entry::{Closed, Ending};
use crate::guard::Cut;
use crate::journal::{Append, Journal};
use crate::outcome::Outcome;

/// The least status of an answer that something failed.
const FAILED: u16 = 400;

/// An entry whose first leaf is on record. Close it; dropped, it is recorded as `aborted`.
#[must_use = "an entry that is dropped is recorded as aborted"]
pub struct OpenEntry {
    journal: Arc<Journal>,
    id: RequestId,
    began: Duration,
    /// The session that it makes, unless it fails.
    mints: Option<AccessKeyId>,
    done: bool,
}

impl OpenEntry {
    pub(crate) fn new(journal: Arc<Journal>, id: RequestId, began: Duration) -> Self {
        Self { journal, id, began, mints: None, done: false }
    }

    /// The same, of an entry that makes a session; with its first leaf, which is on record.
    pub(crate) fn minting(mut self, session: AccessKeyId, leaf: Vec<u8>) -> Self {
        self.journal.mintings().remember(&session, leaf);
        self.mints = Some(session);
        self
    }

    /// The exchange.
    #[must_use]
    pub fn request_id(&self) -> RequestId {
        self.id
    }

    /// Records how the operation ended. Does not wait: the leaf is on disk within a second.
    pub fn close(mut self, outcome: Outcome) {
        self.finish(Ending::Done, None, outcome);
    }

    /// Records that a revocation cut the operation.
    pub fn close_cut(mut self, cut: Cut, outcome: Outcome) {
        self.finish(Ending::Cut, Some(cut), outcome);
    }

    /// Records that the client went away, with what had moved until then.
    pub fn close_aborted(mut self, outcome: Outcome) {
        self.finish(Ending::Aborted, None, outcome);
    }

    /// The first leaf did not get on record, so there is nothing to close.
    pub(crate) fn never_opened(mut self) {
        self.done = true;
    }

    fn finish(&mut self, ending: Ending, cut: Option<Cut>, outcome: Outcome) {
        if std::mem::replace(&mut self.done, true) {
            return;
        }
        if let Some(session) = self.mints.take().filter(|_| outcome.status >= FAILED) {
            self.journal.mintings().forget(&session);
        }
        let mut closed = Closed::new(self.id, self.journal.clock().now(), ending, outcome);
        closed.cut_at = cut.map(|cut| cut.revision);
        closed.duration_us = self.journal.microseconds_since(self.began);
        self.journal.append_quietly(Append::closes(self.id, closed));
    }
}

impl Drop for OpenEntry {
    fn drop(&mut self) {
        self.finish(Ending::Aborted, None, Outcome::status(0));
    }
}

impl std::fmt::Debug for OpenEntry {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("OpenEntry").field(&self.id).finish()
    }
}
