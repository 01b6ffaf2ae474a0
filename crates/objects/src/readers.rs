//! Who reads or writes which blob just now, so that collection takes nothing out of their hands.
//!
//! A reader takes a ticket, reads the object's record, pins its blobs and gives the ticket back.
//! The collector lists blobs that nothing refers to, then asks for the number of the next ticket:
//! once all earlier tickets are back, whoever could still have seen a reference has pinned it.

use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::ports::BlobId;

/// The registry of everyone who reads or writes.
#[derive(Clone, Default)]
pub(crate) struct Readers(Arc<Mutex<Table>>);

#[derive(Default)]
struct Table {
    next: u64,
    tickets: BTreeSet<u64>,
    pins: HashMap<BlobId, usize>,
}

/// A reader between reading a record and pinning its blobs.
pub(crate) struct Ticket {
    readers: Readers,
    number: u64,
}

/// Blobs in use until this is dropped.
pub(crate) struct Pins {
    readers: Readers,
    blobs: Vec<BlobId>,
}

impl Readers {
    fn table(&self) -> MutexGuard<'_, Table> {
        // No critical section below can be left half done by a panic.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// To be taken before a record is read.
    pub(crate) fn ticket(&self) -> Ticket {
        let mut table = self.table();
        let number = table.next;
        table.next = number.saturating_add(1);
        table.tickets.insert(number);
        Ticket { readers: self.clone(), number }
    }

    /// Pins blobs that nobody else can know of: those about to be written.
    pub(crate) fn pin(&self, blobs: Vec<BlobId>) -> Pins {
        let mut table = self.table();
        for blob in &blobs {
            let count = table.pins.entry(*blob).or_default();
            *count = count.saturating_add(1);
        }
        Pins { readers: self.clone(), blobs }
    }

    /// The number that the next ticket will have.
    pub(crate) fn fence(&self) -> u64 {
        self.table().next
    }

    /// Whether all tickets before `fence` are back.
    pub(crate) fn quiet_before(&self, fence: u64) -> bool {
        self.table().tickets.first().is_none_or(|oldest| *oldest >= fence)
    }

    /// Whether somebody reads or writes the blob.
    pub(crate) fn pinned(&self, blob: &BlobId) -> bool {
        self.table().pins.contains_key(blob)
    }
}

impl Ticket {
    /// Pins what the record refers to and gives the ticket back.
    pub(crate) fn pin(self, blobs: impl Iterator<Item = BlobId>) -> Pins {
        self.readers.pin(blobs.collect())
    }
}

impl Drop for Ticket {
    fn drop(&mut self) {
        self.readers.table().tickets.remove(&self.number);
    }
}

impl Drop for Pins {
    fn drop(&mut self) {
        let mut table = self.readers.table();
        for blob in &self.blobs {
            if let Some(count) = table.pins.get_mut(blob) {
                *count = count.saturating_sub(1);
                if *count == 0 {
                    table.pins.remove(blob);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BLOB: BlobId = BlobId::from_random([1; 16]);

    #[test]
    fn a_blob_is_pinned_until_its_last_reader_is_done() {
        let readers = Readers::default();
        let (one, two) = (readers.pin(vec![BLOB]), readers.pin(vec![BLOB]));
        drop(one);
        assert!(readers.pinned(&BLOB));
        drop(two);
        assert!(!readers.pinned(&BLOB));
    }

    #[test]
    fn a_fence_is_quiet_once_every_earlier_ticket_became_a_pin() {
        let readers = Readers::default();
        let early = readers.ticket();
        let fence = readers.fence();
        let late = readers.ticket();
        assert!(!readers.quiet_before(fence));
        let pins = early.pin([BLOB].into_iter());
        assert!(readers.quiet_before(fence) && readers.pinned(&BLOB));
        drop((late, pins));
    }
}
