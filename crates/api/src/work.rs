//! How much one account may have done at the same time.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::sync::{Arc, Mutex, PoisonError};

use names::AccountId;

/// The requests that are being served, by account. Callers without a credential count as one
/// account: they belong to none, and there may be any number of them.
pub struct Work {
    requests_max: usize,
    counts: Mutex<BTreeMap<Option<AccountId>, usize>>,
}

/// One request that is being served; dropping it ends it.
pub(crate) struct Turn {
    work: Arc<Work>,
    account: Option<AccountId>,
}

impl Work {
    /// At most so many requests of one account at the same time.
    #[must_use]
    pub fn new(requests_max: usize) -> Arc<Self> {
        Arc::new(Self { requests_max, counts: Mutex::default() })
    }

    /// A turn for one more request of `account`, unless it has enough.
    pub(crate) fn begin(self: &Arc<Self>, account: Option<AccountId>) -> Option<Turn> {
        let mut counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        let count = counts.entry(account).or_default();
        if *count >= self.requests_max {
            metrics::counter!("strongroom_limit_exceeded_total", "limit" => "account_requests")
                .increment(1);
            return None;
        }
        *count += 1;
        Some(Turn { work: Arc::clone(self), account })
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        let mut counts = self.work.counts.lock().unwrap_or_else(PoisonError::into_inner);
        if let Entry::Occupied(mut count) = counts.entry(self.account) {
            *count.get_mut() = count.get().saturating_sub(1);
            if *count.get() == 0 {
                count.remove();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// corpus: NET-17
    /// oracle: answer, twin, cost
    #[test]
    fn an_account_gets_its_last_turn_and_not_one_past_it() {
        let work = Work::new(2);
        let one: AccountId = "111122223333".parse().unwrap();
        let other: AccountId = "444455556666".parse().unwrap();
        let first = work.begin(Some(one));
        let second = work.begin(Some(one));
        assert!(first.is_some() && second.is_some());
        assert!(work.begin(Some(one)).is_none());
        assert!(work.begin(Some(other)).is_some(), "another account has turns of its own");
        assert!(work.begin(None).is_some(), "and so have callers without an account");
        drop(first);
        assert!(work.begin(Some(one)).is_some(), "a turn that has ended is free");
    }
}
