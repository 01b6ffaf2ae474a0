//! Every entry has both its ends: what each leaf must find before it.

use std::collections::{HashMap, HashSet};

use names::RequestId;

use crate::entry::{Closed, Ending, Leaf, LeafKind};

/// Entries and their two ends.
#[derive(Default)]
pub(crate) struct Pairs {
    pub(crate) entries: u64,
    pub(crate) open: HashSet<RequestId>,
    /// Continuations that are still to come, or that came before their last leaf.
    missing: HashMap<RequestId, u32>,
    ahead: HashMap<RequestId, u32>,
}

impl Pairs {
    /// Takes the next leaf; what is wrong with it is said to `wrong`.
    pub(crate) fn leaf(&mut self, leaf: &Leaf, mut wrong: impl FnMut(String)) {
        match leaf {
            Leaf::Key(_) => {}
            Leaf::Opened(opened) => {
                self.entries = self.entries.saturating_add(1);
                if !self.open.insert(opened.id) {
                    wrong(format!("entry {} is opened twice", opened.id));
                }
                if opened.parts > 0 {
                    self.missing.insert(opened.id, opened.parts);
                }
            }
            Leaf::Continued(more) if more.of == LeafKind::Closed => {
                let seen = self.ahead.entry(more.id).or_default();
                *seen = seen.saturating_add(1);
            }
            Leaf::Continued(more) => match self.missing.get_mut(&more.id) {
                Some(1) => drop(self.missing.remove(&more.id)),
                Some(left) => *left = left.saturating_sub(1),
                None => wrong(format!("entry {} is continued and was whole", more.id)),
            },
            Leaf::Closed(closed) => self.close(closed, &mut wrong),
        }
    }

    fn close(&mut self, closed: &Closed, wrong: &mut impl FnMut(String)) {
        let id = closed.id;
        if !self.open.remove(&id) {
            wrong(format!("entry {id} is closed and was not open"));
        }
        let parts = self.ahead.remove(&id).unwrap_or(0);
        let missing = self.missing.remove(&id).is_some();
        // What a crash tore off is forgiven where the crash is on record.
        if closed.outcome != Ending::Unknown && (missing || parts != closed.parts) {
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
