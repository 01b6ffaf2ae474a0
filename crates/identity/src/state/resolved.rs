//! Credentials that were resolved against one state, kept as long as that state.
//!
//! Who holds an access key, and whether it counts, follows from the state alone, and a state never
//! changes once anybody can ask it: the next one begins without what is kept here, so that nothing
//! of what a change took away can be found again. What follows from the time as well (keys that
//! end by themselves, sessions) is never kept.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use names::AccessKeyId;

use crate::resolve::Credential;

/// Credentials that are kept at most; past them all are forgotten.
pub(crate) const RESOLVED_MAX: usize = 1024;

/// What was resolved. A copy of a state is about to become another one: it has nothing yet.
#[derive(Default)]
pub(crate) struct Resolved(Mutex<HashMap<AccessKeyId, Credential>>);

impl Clone for Resolved {
    fn clone(&self) -> Self {
        Self::default()
    }
}

impl Resolved {
    /// What is kept of an access key.
    pub(crate) fn find(&self, id: &AccessKeyId) -> Option<Credential> {
        self.kept().get(id).cloned()
    }

    /// Keeps a credential.
    pub(crate) fn keep(&self, id: &AccessKeyId, credential: &Credential) {
        let mut kept = self.kept();
        if kept.len() >= RESOLVED_MAX {
            kept.clear();
        }
        kept.insert(id.clone(), credential.clone());
    }

    fn kept(&self) -> MutexGuard<'_, HashMap<AccessKeyId, Credential>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::resolve::{Caller, Standing};

    fn id(number: usize) -> AccessKeyId {
        format!("AKIARESOLVED{number:08}").parse().unwrap()
    }

    fn credential() -> Credential {
        let secret = "0123456789abcdef0123456789abcdef01234567".parse().unwrap();
        Credential { secret, standing: Standing::Live, caller: Caller::anonymous() }
    }

    #[test]
    fn a_copy_has_nothing_of_what_was_kept() {
        let resolved = Resolved::default();
        resolved.keep(&id(1), &credential());
        assert!(resolved.find(&id(1)).is_some() && resolved.find(&id(2)).is_none());
        assert!(resolved.clone().find(&id(1)).is_none());
    }

    #[test]
    fn no_more_are_kept_than_the_limit() {
        let resolved = Resolved::default();
        (0..RESOLVED_MAX).for_each(|number| resolved.keep(&id(number), &credential()));
        assert_eq!(resolved.kept().len(), RESOLVED_MAX);
        resolved.keep(&id(RESOLVED_MAX), &credential());
        assert_eq!(resolved.kept().len(), 1);
        assert!(resolved.find(&id(RESOLVED_MAX)).is_some());
    }
}
