//! The bytes of a simulated file: pages that are shared between copies and counted.

use std::collections::BTreeMap;
use std::sync::Arc;

/// Bytes of a page.
pub(crate) const PAGE_BYTES: u64 = 4096;
const PAGE_LENGTH: usize = 4096;

/// A sparse file in memory. Copies are cheap.
#[derive(Clone, Debug, Default)]
pub(crate) struct Sparse {
    pages: BTreeMap<u64, Arc<[u8; PAGE_LENGTH]>>,
    length: u64,
}

impl Sparse {
    pub(crate) fn length(&self) -> u64 {
        self.length
    }

    /// What the file occupies.
    pub(crate) fn occupied(&self) -> u64 {
        (self.pages.len() as u64).saturating_mul(PAGE_BYTES)
    }

    /// How much more a write would occupy.
    pub(crate) fn growth(&self, offset: u64, length: u64) -> u64 {
        let new = pages_of(offset, length).filter(|page| !self.pages.contains_key(page));
        (new.count() as u64).saturating_mul(PAGE_BYTES)
    }

    /// Fills `out`; false if the file ends first.
    pub(crate) fn read(&self, offset: u64, out: &mut [u8]) -> bool {
        let length = out.len() as u64;
        if offset.checked_add(length).is_none_or(|end| end > self.length) {
            return false;
        }
        let mut left = out;
        for page in pages_of(offset, length) {
            let from = within(page, offset);
            let (part, rest) = left.split_at_mut(left.len().min(PAGE_LENGTH.saturating_sub(from)));
            let to = from.saturating_add(part.len());
            match self.pages.get(&page).and_then(|bytes| bytes.get(from..to)) {
                Some(bytes) => part.copy_from_slice(bytes),
                None => part.fill(0),
            }
            left = rest;
        }
        true
    }

    pub(crate) fn write(&mut self, offset: u64, bytes: &[u8]) {
        let mut left = bytes;
        for page in pages_of(offset, bytes.len() as u64) {
            let from = within(page, offset);
            let (part, rest) = left.split_at(left.len().min(PAGE_LENGTH.saturating_sub(from)));
            let held = self.pages.entry(page).or_insert_with(|| Arc::new([0; PAGE_LENGTH]));
            if let Some(held) = Arc::make_mut(held).get_mut(from..from.saturating_add(part.len())) {
                held.copy_from_slice(part);
            }
            left = rest;
        }
        self.length = self.length.max(offset.saturating_add(bytes.len() as u64));
    }

    pub(crate) fn set_length(&mut self, length: u64) {
        if length < self.length {
            let (last, kept) = (length / PAGE_BYTES, within(length / PAGE_BYTES, length));
            self.pages.retain(|page, _| *page < last || (*page == last && kept > 0));
            if let Some(page) = self.pages.get_mut(&last) {
                Arc::make_mut(page).iter_mut().skip(kept).for_each(|byte| *byte = 0);
            }
        }
        self.length = length;
    }
}

fn pages_of(offset: u64, length: u64) -> impl Iterator<Item = u64> {
    let first = offset / PAGE_BYTES;
    let end = if length == 0 { first } else { offset.saturating_add(length).div_ceil(PAGE_BYTES) };
    first..end
}

/// Where in `page` the bytes from `offset` on start.
fn within(page: u64, offset: u64) -> usize {
    usize::try_from(offset.saturating_sub(page.saturating_mul(PAGE_BYTES))).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sparse_file_reads_like_a_plain_one() {
        let random = crate::SeededRandom::new(1);
        let (mut sparse, mut plain) = (Sparse::default(), Vec::new());
        for _ in 0..500 {
            let offset = usize::try_from(random.below(20_000)).unwrap();
            if random.once_in(10) {
                sparse.set_length(offset as u64);
                plain.resize(offset, 0);
            } else {
                let bytes = vec![
                    random.next().to_le_bytes()[0];
                    usize::try_from(random.below(9000)).unwrap()
                ];
                sparse.write(offset as u64, &bytes);
                plain.resize(plain.len().max(offset + bytes.len()), 0);
                plain[offset..offset + bytes.len()].copy_from_slice(&bytes);
            }
            let mut read = vec![1; plain.len()];
            assert!(sparse.read(0, &mut read));
            assert!(read == plain, "same bytes");
            assert!(!sparse.read(1, &mut read) || read.is_empty());
        }
    }
}
