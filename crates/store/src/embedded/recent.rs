//! Records that were read lately, in memory: most reads of a busy server are of few records, and a
//! walk down redb's tree costs more than all that is done with a small record afterwards.
//!
//! What is answered from here is what the database would answer: a writer clears the places of the
//! keys that it writes before it begins, and until it has been answered nothing is kept there.
//! Whoever reads meanwhile asks the database, and so does whoever began to read before.

use std::hash::{BuildHasher as _, RandomState};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use objects::WriteBatch;

/// Records that are kept at most.
pub const RECENT_RECORDS_MAX: usize = 4096;
/// The longest record that is kept, key and value, in bytes: that of an object of 4 KiB and some.
pub const RECENT_BYTES_MAX: usize = 8192;

/// A place for every hash of a key; of two keys with one place the last one read is kept.
pub(crate) struct Recent {
    /// Keyed by chance: nobody can choose keys that share a place.
    hasher: RandomState,
    places: Box<[Mutex<Place>]>,
}

#[derive(Default)]
struct Place {
    /// Writes of keys of this place that have begun and are not over.
    writes: usize,
    /// Counts their beginnings and ends: what was read before one of these is not kept after it.
    turns: u64,
    kept: Option<(Box<[u8]>, Bytes)>,
}

/// Leave to keep what is read, unless its key is written meanwhile.
pub(crate) struct Leave {
    place: usize,
    turns: u64,
}

/// A write that is not over. The places of its keys stay empty until this is dropped.
pub(crate) struct Writing {
    recent: Arc<Recent>,
    places: Vec<usize>,
}

impl Default for Recent {
    fn default() -> Self {
        let places = (0..RECENT_RECORDS_MAX).map(|_| Mutex::default()).collect();
        Self { hasher: RandomState::new(), places }
    }
}

impl Recent {
    /// The value of a key, or leave to keep it once it has been read from the database.
    pub(crate) fn find(&self, key: &[u8]) -> Result<Bytes, Leave> {
        let place = self.place(key);
        let Some(found) = self.at(place) else { return Err(Leave { place, turns: 0 }) };
        match &found.kept {
            Some((own, value)) if **own == *key => Ok(value.clone()),
            _ => Err(Leave { place, turns: found.turns }),
        }
    }

    /// Keeps what the database said of a key after [`Recent::find`] gave leave.
    pub(crate) fn keep(&self, leave: &Leave, key: &[u8], value: &Bytes) {
        if key.len().saturating_add(value.len()) > RECENT_BYTES_MAX {
            return;
        }
        let Some(mut place) = self.at(leave.place) else { return };
        if place.writes == 0 && place.turns == leave.turns {
            place.kept = Some((key.into(), value.clone()));
        }
    }

    /// Forgets what a batch writes, and keeps nothing of it until the write is over.
    pub(crate) fn write(self: &Arc<Self>, batch: &WriteBatch) -> Writing {
        let keys = batch.puts.iter().map(|(key, _)| key).chain(&batch.deletes);
        let places: Vec<usize> = keys.map(|key| self.place(key)).collect();
        for place in &places {
            if let Some(mut place) = self.at(*place) {
                place.writes = place.writes.saturating_add(1);
                place.turns = place.turns.wrapping_add(1);
                place.kept = None;
            }
        }
        Writing { recent: Arc::clone(self), places }
    }

    fn place(&self, key: &[u8]) -> usize {
        let place = self.hasher.hash_one(key) % RECENT_RECORDS_MAX as u64;
        usize::try_from(place).unwrap_or_default()
    }

    fn at(&self, place: usize) -> Option<MutexGuard<'_, Place>> {
        // No critical section here can be left half done by a panic.
        Some(self.places.get(place)?.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Drop for Writing {
    fn drop(&mut self) {
        for place in &self.places {
            if let Some(mut place) = self.recent.at(*place) {
                place.writes = place.writes.saturating_sub(1);
                place.turns = place.turns.wrapping_add(1);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &[u8] = b"key";

    fn read(recent: &Recent, key: &[u8], value: &'static [u8]) {
        if let Err(leave) = recent.find(key) {
            recent.keep(&leave, key, &Bytes::from_static(value));
        }
    }

    fn put(key: &[u8]) -> WriteBatch {
        let mut batch = WriteBatch::default();
        batch.put(key.to_vec(), "value");
        batch
    }

    fn kept(recent: &Recent, key: &[u8]) -> Option<Bytes> {
        recent.find(key).ok()
    }

    #[test]
    fn what_was_read_is_answered_again() {
        let recent = Recent::default();
        read(&recent, KEY, b"old");
        assert_eq!(kept(&recent, KEY).unwrap(), "old");
        assert_eq!(kept(&recent, b"another"), None);
    }

    #[test]
    fn what_is_written_or_deleted_is_forgotten_before_the_write_begins() {
        let recent = Arc::new(Recent::default());
        let mut delete = WriteBatch::default();
        delete.delete(KEY.to_vec());
        for batch in [put(KEY), delete] {
            read(&recent, KEY, b"old");
            let writing = recent.write(&batch);
            assert_eq!(kept(&recent, KEY), None);
            drop(writing);
            assert_eq!(kept(&recent, KEY), None);
        }
    }

    #[test]
    fn nothing_is_kept_while_the_key_is_written() {
        let recent = Arc::new(Recent::default());
        let (one, two) = (recent.write(&put(KEY)), recent.write(&put(KEY)));
        read(&recent, KEY, b"old");
        assert_eq!(kept(&recent, KEY), None);
        drop(one);
        read(&recent, KEY, b"old");
        assert_eq!(kept(&recent, KEY), None);
        drop(two);
        read(&recent, KEY, b"new");
        assert_eq!(kept(&recent, KEY).unwrap(), "new");
    }

    #[test]
    fn what_was_read_before_a_write_is_not_kept_after_it() {
        let recent = Arc::new(Recent::default());
        let leave = recent.find(KEY).unwrap_err();
        drop(recent.write(&put(KEY)));
        recent.keep(&leave, KEY, &Bytes::from_static(b"old"));
        assert_eq!(kept(&recent, KEY), None);
    }

    #[test]
    fn what_was_read_during_a_write_is_not_kept_after_it() {
        let recent = Arc::new(Recent::default());
        let writing = recent.write(&put(KEY));
        let leave = recent.find(KEY).unwrap_err();
        drop(writing);
        recent.keep(&leave, KEY, &Bytes::from_static(b"old"));
        assert_eq!(kept(&recent, KEY), None);
    }

    #[test]
    fn no_longer_record_is_kept_than_the_limit() {
        let recent = Recent::default();
        for (bytes, is_kept) in [(RECENT_BYTES_MAX, true), (RECENT_BYTES_MAX + 1, false)] {
            let value = Bytes::from(vec![0; bytes - KEY.len()]);
            let leave = recent.find(KEY).unwrap_err();
            recent.keep(&leave, KEY, &value);
            assert_eq!(kept(&recent, KEY).is_some(), is_kept, "{bytes}");
            *recent.at(recent.place(KEY)).unwrap() = Place::default();
        }
    }

    #[test]
    fn no_more_records_are_kept_than_the_limit() {
        let recent = Recent::default();
        for key in 0..RECENT_RECORDS_MAX + 1 {
            read(&recent, &key.to_be_bytes(), b"value");
        }
        let full = recent.places.iter().filter(|place| place.lock().unwrap().kept.is_some());
        assert!((RECENT_RECORDS_MAX / 2..=RECENT_RECORDS_MAX).contains(&full.count()));
    }
}
