//! Which key signs the log that is being opened: the one that always did, its successor, or the
//! first. Anything else was not left behind by this journal.

use names::Timestamp;

use crate::checkpoint::{CHECKPOINT, Checkpoint, KEPT_EVERY_LEAVES, kept_path};
use crate::entry::{LeafHead, LeafKind};
use crate::journal::{Append, JournalError};
use crate::log::{Log, Waiting};
use crate::signer::Custody;
use crate::tail::Segment;

fn wrong(what: &'static str) -> JournalError {
    JournalError::Corrupt { file: CHECKPOINT.to_owned(), offset: 0, what }
}

impl Log {
    /// Holds the checkpoint that was found against the keys, and records a key that is new to the
    /// log, before anything is promised under it.
    ///
    /// # Errors
    /// The checkpoint was signed by a key that is not among ours, or should be signed and is not.
    pub(crate) fn enter_key(
        &mut self,
        checkpoint: Option<&Checkpoint>,
        found: Found,
        now: Timestamp,
    ) -> Result<(), JournalError> {
        let Some(keys) = &self.config.keys else {
            let signed = checkpoint.is_some_and(|promised| !promised.signatures.is_empty());
            let what = "it is signed, and the journal was given no key";
            return if signed { Err(wrong(what)) } else { Ok(()) };
        };
        let used = keys.custody() == Custody::Used;
        let previous = match checkpoint {
            Some(promised) => match keys.signer_of(promised) {
                Some(0) => return Ok(()),
                Some(place) => Some(place),
                None if used || !promised.signatures.is_empty() => {
                    return Err(wrong("none of the keys that the journal was given signed it"));
                }
                None => None,
            },
            None if used && found == Found::Entries => {
                return Err(wrong("it is missing, and there are entries"));
            }
            None => None,
        };
        let record = keys.record(previous, now).ok_or(JournalError::Unwritable)?;
        let append = Append::stands_alone(record.id, serde_json::to_vec(&record)?);
        self.commit(vec![Waiting { append, receipt: None }]);
        if self.owed.is_empty() { Ok(()) } else { Err(JournalError::Full) }
    }

    /// Where the checkpoint of that size is kept, if it is: one for every few thousand leaves,
    /// since the last good one tells how far back a bad entry can be.
    pub(crate) fn keeps(&self, size: u64) -> Option<String> {
        let next = self.kept.saturating_add(KEPT_EVERY_LEAVES);
        (size >= next).then(|| kept_path(size))
    }
}

/// What a tail that has no checkpoint holds.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Found {
    /// Nothing, or what a first start that was cut short leaves: the record of its key.
    Nothing,
    /// Somebody's entries.
    Entries,
}

impl Found {
    pub(crate) fn of(segment: Option<&Segment>) -> Self {
        let is_key = |leaf: &Vec<u8>| {
            serde_json::from_slice::<LeafHead>(leaf).is_ok_and(|head| head.entry == LeafKind::Key)
        };
        let mut leaves = segment.into_iter().flat_map(|segment| &segment.leaves);
        if leaves.all(is_key) { Self::Nothing } else { Self::Entries }
    }
}
