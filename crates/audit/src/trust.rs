//! Whose word counts at each point of the log: the key that the verifier was given, and after it
//! every key that the one before gave its word for.

use crate::disk::JournalDisk;
use crate::entry::{Leaf, LeafKind};
use crate::glance::kind_and_id;
use crate::journal::JournalError;
use crate::note::VerifierKey;
use crate::reader::Reader;
use crate::removal::removed;
use crate::signer::KeyRecord;

/// What a checkpoint was verified with.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Trust {
    /// The key that the verifier was given, or one that it led to.
    Given,
    /// A key that only the log itself names: who rewrote all of it may have named it.
    Named,
    /// Nothing: the log was never signed.
    Unsigned,
}

impl Trust {
    /// The word for it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Given => "given",
            Self::Named => "named",
            Self::Unsigned => "unsigned",
        }
    }
}

/// The keys that count for somebody who has one key and the record's leaves of kind `key`, oldest
/// first: that key, and each later one that the one before it gave its word for. Whatever else is
/// among the leaves adds nothing.
#[must_use]
pub fn vouched(given: &VerifierKey, records: &[KeyRecord]) -> Vec<VerifierKey> {
    let mut keys = vec![given.clone()];
    for record in records {
        if keys.last().is_some_and(|now| record.is_vouched_by(now)) {
            keys.push(record.key.clone());
        }
    }
    keys
}

/// The leaves of kind `key` of a record, oldest first, with those that retention removed.
///
/// # Errors
/// The disk fails, or a leaf is damaged.
pub fn key_records(disk: &dyn JournalDisk) -> Result<Vec<KeyRecord>, JournalError> {
    let mut records = removed(disk)?.keys;
    let reader = Reader::open(disk)?;
    for index in reader.first()..reader.len() {
        let is_key = |leaf: &[u8]| matches!(kind_and_id(leaf), Some((LeafKind::Key, _)));
        if reader.look(index, is_key)?
            && let Leaf::Key(record) = reader.parsed(index)?
        {
            records.push(*record);
        }
    }
    Ok(records)
}

/// The walk from key to key.
pub(crate) struct Walk {
    given: Option<VerifierKey>,
    now: Option<VerifierKey>,
}

impl Walk {
    pub(crate) fn new(given: Option<VerifierKey>) -> Self {
        Self { given, now: None }
    }

    /// The key that signs here; none before the first that counts.
    pub(crate) fn key(&self) -> Option<&VerifierKey> {
        self.now.as_ref()
    }

    pub(crate) fn trust(&self) -> Trust {
        match (&self.given, &self.now) {
            (Some(_), _) => Trust::Given,
            (None, Some(_)) => Trust::Named,
            (None, None) => Trust::Unsigned,
        }
    }

    /// A leaf brings in a key. False if it comes without the word of the one before.
    pub(crate) fn enter(&mut self, record: &KeyRecord) -> bool {
        let Some(now) = &self.now else {
            // Keys before the given one are history: what they signed is under what it signs.
            if self.given.as_ref().is_none_or(|given| *given == record.key) {
                self.now = Some(record.key.clone());
            }
            return true;
        };
        let good = *now == record.key || record.is_vouched_by(now);
        if good {
            self.now = Some(record.key.clone());
        }
        good
    }
}

#[cfg(test)]
mod tests {
    use names::Timestamp;

    use super::*;
    use crate::port::Random;
    use crate::signer::CheckpointKeys;

    struct Dice(u8);

    impl Random for Dice {
        fn fill(&self, bytes: &mut [u8]) {
            bytes.fill(self.0);
        }
    }

    /// A file of keys after one rotation: the old key, the new one, and the leaf between them.
    fn rotated(from: u8, to: u8) -> (VerifierKey, VerifierKey, KeyRecord) {
        let text =
            |secret: names::SecretBytes| String::from_utf8(secret.expose().to_vec()).unwrap();
        let first = text(CheckpointKeys::draw("o/x", &Dice(from)).unwrap());
        let old = CheckpointKeys::parse(&first).unwrap().current().unwrap().clone();
        let both = text(CheckpointKeys::rotate(&first, &Dice(to)).unwrap());
        let keys = CheckpointKeys::parse(&both).unwrap();
        let record = keys.record(Some(1), Timestamp::default()).unwrap();
        (old, keys.current().unwrap().clone(), record)
    }

    #[test]
    fn whoever_has_the_first_key_is_led_to_the_later_ones_by_their_words_alone() {
        let (first, second, one) = rotated(1, 2);
        let (_, third, two) = rotated(2, 3);
        let (_, stranger, forged) = rotated(7, 8);
        let all = [one.clone(), two.clone()];
        assert_eq!(vouched(&first, &all), [first.clone(), second.clone(), third.clone()]);
        assert_eq!(vouched(&second, &all), [second.clone(), third.clone()]);
        assert_eq!(vouched(&third, &all), std::slice::from_ref(&third));
        assert_eq!(vouched(&first, &[two, forged]), std::slice::from_ref(&first));
        assert!(!vouched(&first, &all).contains(&stranger));
    }
}
