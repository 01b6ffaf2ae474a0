//! Whose word counts at each point of the log: the key that the verifier was given, and after it
//! every key that the one before gave its word for.

use crate::note::VerifierKey;
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
