//! A place on the stack for a text that is put together, so that a decision allocates nothing. Only
//! what is longer than the place goes to the heap.

use std::fmt;

/// Bytes on the stack, up to `N` of them; more go to the heap.
#[derive(Debug)]
pub(crate) struct Hold<const N: usize = 160> {
    bytes: [u8; N],
    len: usize,
    spilled: Vec<u8>,
}

impl<const N: usize> Hold<N> {
    pub(crate) fn new() -> Self {
        Self { bytes: [0; N], len: 0, spilled: Vec::new() }
    }

    /// Adds bytes at the end.
    pub(crate) fn add(&mut self, more: &[u8]) {
        let end = self.len.saturating_add(more.len());
        match self.bytes.get_mut(self.len..end) {
            Some(place) if self.spilled.is_empty() => {
                place.copy_from_slice(more);
                self.len = end;
            }
            _ => {
                if self.spilled.is_empty() {
                    self.spilled.extend_from_slice(self.bytes.get(..self.len).unwrap_or_default());
                }
                self.spilled.extend_from_slice(more);
            }
        }
    }

    pub(crate) fn bytes(&self) -> &[u8] {
        if self.spilled.is_empty() {
            self.bytes.get(..self.len).unwrap_or_default()
        } else {
            &self.spilled
        }
    }

    /// The bytes as text; empty if they are none.
    pub(crate) fn text(&self) -> &str {
        std::str::from_utf8(self.bytes()).unwrap_or_default()
    }

    /// Changes letters to lower case from a place on.
    pub(crate) fn fold_from(&mut self, start: usize) {
        let own = if self.spilled.is_empty() {
            self.bytes.get_mut(start..self.len)
        } else {
            self.spilled.get_mut(start..)
        };
        own.unwrap_or_default().make_ascii_lowercase();
    }
}

impl<const N: usize> fmt::Write for Hold<N> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.add(text.as_bytes());
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_does_not_fit_goes_to_the_heap_whole() {
        let mut hold = Hold::<4>::new();
        hold.add(b"ABCD");
        assert_eq!((hold.text(), hold.spilled.capacity()), ("ABCD", 0));
        hold.add(b"E");
        hold.fold_from(1);
        assert_eq!(hold.text(), "Abcde");
    }

    #[test]
    fn what_follows_what_did_not_fit_goes_behind_it() {
        let mut hold = Hold::<4>::new();
        hold.add(b"ABC");
        hold.add(b"DE");
        hold.add(b"F");
        assert_eq!(hold.text(), "ABCDEF");
    }
}
