//! One-to-many relations between records.

use std::hash::Hash;

use rpds::{HashTrieMapSync, RedBlackTreeSetSync};

/// For each key the ordered set of what belongs to it. Cloning is cheap.
#[derive(Clone)]
pub(crate) struct Relation<K: Eq + Hash, V: Ord>(HashTrieMapSync<K, RedBlackTreeSetSync<V>>);

impl<K: Eq + Hash, V: Ord> Default for Relation<K, V> {
    fn default() -> Self {
        Self(HashTrieMapSync::new_sync())
    }
}

impl<K: Eq + Hash + Clone, V: Ord + Clone> Relation<K, V> {
    /// What belongs to a key.
    pub(crate) fn get(&self, key: &K) -> Option<&RedBlackTreeSetSync<V>> {
        self.0.get(key)
    }

    /// Adds one.
    pub(crate) fn add(&mut self, key: &K, value: V) {
        match self.0.get_mut(key) {
            Some(set) => set.insert_mut(value),
            None => {
                let mut set = RedBlackTreeSetSync::new_sync();
                set.insert_mut(value);
                self.0.insert_mut(key.clone(), set);
            }
        }
    }

    /// Removes one.
    pub(crate) fn remove(&mut self, key: &K, value: &V) {
        let emptied = self.0.get_mut(key).is_some_and(|set| {
            set.remove_mut(value);
            set.is_empty()
        });
        if emptied {
            self.0.remove_mut(key);
        }
    }
}
