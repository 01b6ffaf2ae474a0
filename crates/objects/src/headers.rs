//! Headers of records that were decoded lately.
//!
//! A header is JSON, and to read it takes longer than all else of reading a small object from
//! memory. What bytes decode to never changes, so a header that was decoded is used again only
//! where the very same bytes were read again: nothing here can be out of date, whoever wrote the
//! record, and nothing has to be told of writes.

use std::hash::{BuildHasher as _, RandomState};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;

use crate::ports::StoreError;
use crate::record::{ObjectHeader, ObjectRecord};

/// Headers that are kept at most.
pub(crate) const HEADERS_MAX: usize = 4096;
/// The longest header that is kept, in bytes as it is stored; most have a tenth of that.
pub(crate) const HEADER_BYTES_MAX: usize = 2048;

/// A place for every hash of a key; of two keys with one place the last one read is kept.
pub(crate) struct Headers {
    /// Keyed by chance: nobody can choose keys that share a place.
    hasher: RandomState,
    places: Box<[Mutex<Option<Decoded>>]>,
}

/// A header, and the bytes it was decoded from.
struct Decoded {
    bytes: Box<[u8]>,
    header: Arc<ObjectHeader>,
}

impl Default for Headers {
    fn default() -> Self {
        let places = (0..HEADERS_MAX).map(|_| Mutex::default()).collect();
        Self { hasher: RandomState::new(), places }
    }
}

impl Headers {
    /// The record that was read at `key`.
    ///
    /// # Errors
    /// As [`ObjectRecord::decode`].
    pub(crate) fn record(&self, key: &[u8], bytes: &Bytes) -> Result<ObjectRecord, StoreError> {
        ObjectRecord::decode_with(bytes, |header| self.header(key, header))
    }

    fn header(&self, key: &[u8], bytes: &[u8]) -> Result<Arc<ObjectHeader>, StoreError> {
        let Some(place) = self.place(key).filter(|_| bytes.len() <= HEADER_BYTES_MAX) else {
            return ObjectHeader::decode(bytes).map(Arc::new);
        };
        if let Some(kept) = locked(place).as_ref().filter(|kept| *kept.bytes == *bytes) {
            return Ok(Arc::clone(&kept.header));
        }
        let header = Arc::new(ObjectHeader::decode(bytes)?);
        *locked(place) = Some(Decoded { bytes: bytes.into(), header: Arc::clone(&header) });
        Ok(header)
    }

    fn place(&self, key: &[u8]) -> Option<&Mutex<Option<Decoded>>> {
        let hash = usize::try_from(self.hasher.hash_one(key) % HEADERS_MAX as u64);
        self.places.get(hash.ok()?)
    }
}

fn locked(place: &Mutex<Option<Decoded>>) -> MutexGuard<'_, Option<Decoded>> {
    // What is there is replaced whole or not at all.
    place.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::tests::sample;
    use crate::tags::TagSet;

    fn kept(headers: &Headers) -> usize {
        headers.places.iter().filter(|place| locked(place).is_some()).count()
    }

    #[test]
    fn the_same_bytes_are_decoded_once() {
        let (headers, bytes) = (Headers::default(), sample().encode().unwrap());
        let first = headers.record(b"k", &bytes).unwrap();
        let again = headers.record(b"k", &Bytes::copy_from_slice(&bytes)).unwrap();
        assert_eq!(first, sample());
        assert_eq!(again, sample());
        assert!(Arc::ptr_eq(&first.header, &again.header));
    }

    #[test]
    fn other_bytes_of_a_key_are_never_taken_for_those_before() {
        let (headers, mut record) = (Headers::default(), sample());
        let _ = headers.record(b"k", &record.encode().unwrap()).unwrap();
        // As long as before, and as alike as can be.
        Arc::make_mut(&mut record.header).tags = TagSet::from_query("k=w").unwrap();
        let changed = record.encode().unwrap();
        assert_eq!(changed.len(), sample().encode().unwrap().len());
        assert_eq!(headers.record(b"k", &changed).unwrap(), record);
        assert_eq!(headers.record(b"k", &sample().encode().unwrap()).unwrap(), sample());
        assert_eq!(kept(&headers), 1);
    }

    #[test]
    fn the_body_is_that_of_the_record_which_was_read() {
        let (headers, mut record) = (Headers::default(), sample());
        let _ = headers.record(b"k", &record.encode().unwrap()).unwrap();
        record.body.inline = Bytes::from_static(b"not");
        assert_eq!(headers.record(b"k", &record.encode().unwrap()).unwrap(), record);
    }

    #[test]
    fn what_does_not_decode_is_not_kept() {
        let (headers, bytes) = (Headers::default(), sample().encode().unwrap());
        let mut broken = bytes.to_vec();
        broken[5] = b'!';
        for _ in 0..2 {
            assert!(headers.record(b"k", &Bytes::copy_from_slice(&broken)).is_err());
        }
        assert_eq!(kept(&headers), 0);
        assert_eq!(headers.record(b"k", &bytes).unwrap(), sample());
    }

    #[test]
    fn no_longer_header_is_kept_than_the_limit() {
        let long = |bytes: usize| {
            let mut record = sample();
            let header = Arc::make_mut(&mut record.header);
            header.headers.expires = Some(String::new());
            let rest = serde_json::to_vec(header).unwrap().len();
            header.headers.expires = Some("x".repeat(bytes - rest));
            record
        };
        for (bytes, count) in [(HEADER_BYTES_MAX, 1), (HEADER_BYTES_MAX + 1, 0)] {
            let (headers, record) = (Headers::default(), long(bytes));
            assert_eq!(serde_json::to_vec(&record.header).unwrap().len(), bytes);
            assert_eq!(headers.record(b"k", &record.encode().unwrap()).unwrap(), record);
            assert_eq!(kept(&headers), count, "{bytes}");
        }
    }

    #[test]
    fn no_more_headers_are_kept_than_the_limit() {
        let (headers, bytes) = (Headers::default(), sample().encode().unwrap());
        for key in 0..HEADERS_MAX + 1 {
            let _ = headers.record(&key.to_be_bytes(), &bytes).unwrap();
        }
        assert!(kept(&headers) <= HEADERS_MAX && kept(&headers) > HEADERS_MAX / 2);
    }
}
