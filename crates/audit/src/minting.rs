//! Which entries made a session lately. Whoever ends one of these needs to know whose it is, and is
//! in a hurry: the record, which knows all of them, has to be read for that.

use std::collections::{HashMap, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};

use names::AccessKeyId;

use crate::entry::{Leaf, Opened};

/// Bytes of first leaves that are remembered, of which each has about 1,000.
const REMEMBERED_BYTES_MAX: usize = 16 * 1024 * 1024;
/// Entries that are remembered, those among them that failed since.
const REMEMBERED_MAX: usize = 65_536;

/// The first leaves of the newest entries that made a session, in memory.
#[derive(Default)]
pub(crate) struct Mintings(Mutex<Remembered>);

#[derive(Default)]
struct Remembered {
    leaves: HashMap<AccessKeyId, Box<[u8]>>,
    /// The oldest first; of those that were forgotten meanwhile too.
    order: VecDeque<AccessKeyId>,
    bytes: usize,
}

impl Mintings {
    fn locked(&self) -> MutexGuard<'_, Remembered> {
        // No critical section below can be left half done by a panic.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Remembers the first leaf of the entry that makes a session; the oldest give way to it.
    pub(crate) fn remember(&self, id: &AccessKeyId, leaf: Vec<u8>) {
        self.locked().remember(id, leaf, REMEMBERED_BYTES_MAX);
    }

    /// The entry failed: there is no such session.
    pub(crate) fn forget(&self, id: &AccessKeyId) {
        self.locked().forget(id);
    }

    /// What the entry that made a session began with, if it is remembered.
    pub(crate) fn find(&self, id: &AccessKeyId) -> Option<Opened> {
        let leaf = self.locked().leaves.get(id)?.clone();
        match Leaf::parse(&leaf) {
            Ok(Leaf::Opened(opened)) => Some(*opened),
            _ => None,
        }
    }
}

impl Remembered {
    fn remember(&mut self, id: &AccessKeyId, leaf: Vec<u8>, bytes_max: usize) {
        self.forget(id);
        self.bytes = self.bytes.saturating_add(leaf.len());
        self.leaves.insert(id.clone(), leaf.into_boxed_slice());
        self.order.push_back(id.clone());
        while self.bytes > bytes_max || self.order.len() > REMEMBERED_MAX {
            let Some(oldest) = self.order.pop_front() else { return };
            self.forget(&oldest);
        }
    }

    fn forget(&mut self, id: &AccessKeyId) {
        if let Some(leaf) = self.leaves.remove(id) {
            self.bytes = self.bytes.saturating_sub(leaf.len());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(number: u8) -> AccessKeyId {
        format!("ASIAEXAMPLE{number:09}").parse().unwrap()
    }

    #[test]
    fn the_oldest_give_way_and_what_failed_is_forgotten() {
        let mut all = Remembered::default();
        for number in 0..4 {
            all.remember(&id(number), vec![number; 10], 30);
        }
        let known = |all: &Remembered| {
            (0..5).filter(|number| all.leaves.contains_key(&id(*number))).collect::<Vec<_>>()
        };
        assert_eq!((known(&all), all.bytes), (vec![1, 2, 3], 30));
        all.forget(&id(2));
        all.forget(&id(0));
        assert_eq!((known(&all), all.bytes), (vec![1, 3], 20));
        all.remember(&id(4), vec![4; 10], 30);
        assert_eq!((known(&all), all.bytes), (vec![1, 3, 4], 30));
        all.remember(&id(5), vec![5; 31], 30);
        assert_eq!((known(&all), all.bytes), (Vec::new(), 0), "longer than all of them together");
    }

    #[test]
    fn what_fails_again_and_again_takes_no_room() {
        let mut all = Remembered::default();
        for _ in 0..REMEMBERED_MAX + 5 {
            all.remember(&id(1), vec![1], 30);
            all.forget(&id(1));
        }
        assert_eq!((all.order.len(), all.bytes), (REMEMBERED_MAX, 0));
    }

    #[test]
    fn bytes_that_are_no_first_leaf_are_no_minting() {
        let all = Mintings::default();
        all.remember(&id(1), b"{}".to_vec());
        assert_eq!((all.find(&id(1)), all.find(&id(2))), (None, None));
    }
}
