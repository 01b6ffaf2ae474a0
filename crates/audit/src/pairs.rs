//! Every entry has both its ends: what each leaf must find before it.

use std::collections::{HashMap, HashSet};

use names::RequestId;

use crate::entry::{Ending, LeafKind};
use crate::glance::Ends;

/// Entries and their two ends.
#[derive(Default)]
pub(crate) struct Pairs {
    pub(crate) entries: u64,
    pub(crate) open: HashSet<RequestId>,
    /// Continuations that are still to come, or that came before their last leaf.
    missing: HashMap<RequestId, u32>,
    ahead: HashMap<RequestId, u32>,
    /// Leaves are missing: an end may have lost its beginning without being wrong itself.
    pub(crate) torn: bool,
}

impl Pairs {
    /// Takes the next leaf; what is wrong with it is said to `wrong`.
    pub(crate) fn leaf(&mut self, leaf: &Ends, mut wrong: impl FnMut(String)) {
        let id = leaf.id;
        match leaf.entry {
            LeafKind::Key | LeafKind::Removed | LeafKind::Gap => {}
            LeafKind::Opened => {
                self.entries = self.entries.saturating_add(1);
                if !self.open.insert(id) {
                    wrong(format!("entry {id} is opened twice"));
                }
                if leaf.parts > 0 {
                    self.missing.insert(id, leaf.parts);
                }
            }
            LeafKind::Continued if leaf.of == Some(LeafKind::Closed) => {
                let seen = self.ahead.entry(id).or_default();
                *seen = seen.saturating_add(1);
            }
            LeafKind::Continued => match self.missing.get_mut(&id) {
                Some(1) => drop(self.missing.remove(&id)),
                Some(left) => *left = left.saturating_sub(1),
                None if self.torn => {}
                None => wrong(format!("entry {id} is continued and was whole")),
            },
            LeafKind::Closed => self.close(leaf, &mut wrong),
        }
    }

    fn close(&mut self, closed: &Ends, wrong: &mut impl FnMut(String)) {
        let id = closed.id;
        if !self.open.remove(&id) && !self.torn {
            wrong(format!("entry {id} is closed and was not open"));
        }
        let parts = self.ahead.remove(&id).unwrap_or(0);
        let missing = self.missing.remove(&id).is_some();
        // What a crash tore off is forgiven where the crash is on record.
        if closed.outcome != Some(Ending::Unknown)
            && !self.torn
            && (missing || parts != closed.parts)
        {
            wrong(format!("entry {id} is not whole"));
        }
    }

    /// What was never closed.
    pub(crate) fn unclosed(&self) -> Vec<RequestId> {
        let mut open: Vec<RequestId> = self.open.iter().copied().collect();
        open.sort_unstable();
        open
    }
}
