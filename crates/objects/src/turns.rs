//! Whose turn it is, when many want to replace the same record at once.
//!
//! The first attempt needs no turn: nearly always nobody else is there. Whoever loses one waits for
//! a turn, so that a crowd at one key goes through one after another instead of all losing to one
//! again and again.

use std::hash::{BuildHasher as _, RandomState};

use tokio::sync::{Mutex, MutexGuard};

/// How many keys may have turns of their own; others share, and wait a little longer.
const LANES: usize = 256;

/// The lanes in which those wait who lost.
pub(crate) struct Turns {
    hasher: RandomState,
    lanes: Vec<Mutex<()>>,
}

impl Default for Turns {
    fn default() -> Self {
        let lanes = std::iter::repeat_with(Mutex::default).take(LANES).collect();
        Self { hasher: RandomState::new(), lanes }
    }
}

impl Turns {
    /// Waits until nobody who came before is still at the key. First come, first served.
    pub(crate) async fn wait(&self, key: &[u8]) -> Option<MutexGuard<'_, ()>> {
        let lane = self.hasher.hash_one(key).checked_rem(u64::try_from(LANES).ok()?)?;
        match self.lanes.get(usize::try_from(lane).ok()?) {
            Some(lane) => Some(lane.lock().await),
            None => None,
        }
    }
}
