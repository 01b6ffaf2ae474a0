//! Entries of leaves that come one after the other, for whoever tells them on.

use std::collections::HashMap;

use names::RequestId;

use crate::entry::{Leaf, LeafKind};
use crate::reader::Entry;

/// What came of a leaf.
#[derive(Clone, PartialEq, Debug)]
pub enum Joined {
    /// Nothing yet: the entry has not ended, or the leaf is no entry's.
    Nothing,
    /// The entry has ended.
    Ended(Box<Entry>),
    /// An entry has ended that began before the first leaf that was taken.
    Unknown(RequestId),
}

/// Joins leaves to entries. What comes again, because somebody did not take it, changes nothing.
#[derive(Default)]
pub struct Joiner {
    /// Entries, and the last leaf of each that was taken.
    open: HashMap<RequestId, (Entry, u64)>,
    ended: Vec<RequestId>,
}

impl Joiner {
    /// Takes the leaf of that index. A leaf that cannot be read is nobody's.
    pub fn take(&mut self, index: u64, leaf: &[u8]) -> Joined {
        let Ok(leaf) = Leaf::parse(leaf) else { return Joined::Nothing };
        match leaf {
            Leaf::Opened(opened) => {
                let entry = Entry { index, opened: *opened, closed: None };
                self.open.insert(entry.opened.id, (entry, index));
                Joined::Nothing
            }
            Leaf::Continued(more) => {
                if let Some((entry, last)) = self.open.get_mut(&more.id)
                    && *last < index
                    && more.of == LeafKind::Opened
                {
                    *last = index;
                    entry.opened.checks.extend(more.checks);
                }
                Joined::Nothing
            }
            Leaf::Closed(closed) => match self.open.get_mut(&closed.id) {
                Some((entry, _)) => {
                    self.ended.push(closed.id);
                    entry.closed = Some(closed);
                    Joined::Ended(Box::new(entry.clone()))
                }
                None => Joined::Unknown(closed.id),
            },
            Leaf::Key(_) | Leaf::Removed(_) | Leaf::Gap(_) => Joined::Nothing,
        }
    }

    /// What has ended was told on, and is forgotten.
    pub fn settle(&mut self) {
        for id in self.ended.drain(..) {
            self.open.remove(&id);
        }
    }
}
