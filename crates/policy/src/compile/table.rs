//! A table from hashes to chains of entries in order. Two keys may share a chain: what is found is
//! compared in full.

use crate::compile::hash::upper;
use crate::compile::pattern::{count, place};

/// Small heads that say where chains begin, and their links, close together.
#[derive(Clone, Debug)]
pub(crate) struct Table<E> {
    /// Twice as many as are used or more, a power of two.
    heads: Box<[Head]>,
    links: Vec<Link<E>>,
    used: usize,
    free: Vec<u32>,
}

/// Where a chain begins.
#[derive(Clone, Copy, Debug, Default)]
struct Head {
    /// What stands for the hash; zero where nothing ever was.
    tag: u32,
    /// The number of the first link; zero if there is none any more.
    first: u32,
}

/// An entry, and where its chain goes on.
#[derive(Clone, Debug)]
pub(crate) struct Link<E> {
    pub(crate) own: Option<E>,
    /// Statements that come first are found first.
    pub(crate) order: u64,
    /// The number of the next one; zero if there is none.
    next: u32,
    /// In the first link: the number of the last one.
    last: u32,
}

/// Fewest heads of a table that is not empty.
const HEADS_MIN: usize = 4;

impl<E> Default for Table<E> {
    fn default() -> Self {
        Self { heads: Box::default(), links: Vec::new(), used: 0, free: Vec::new() }
    }
}

impl<E> Table<E> {
    /// The first link under a hash.
    #[inline]
    pub(crate) fn first(&self, hash: u64) -> Option<&Link<E>> {
        self.link(self.heads.get(self.seat(tag(hash)))?.first)
    }

    /// A link and those that follow it, in order.
    #[inline]
    pub(crate) fn from<'t>(&'t self, first: &'t Link<E>) -> impl Iterator<Item = &'t Link<E>> {
        std::iter::successors(Some(first), |link| self.link(link.next))
    }

    #[inline]
    fn link(&self, number: u32) -> Option<&Link<E>> {
        self.links.get(place(number.checked_sub(1)?))
    }

    fn change(&mut self, number: u32, change: impl FnOnce(&mut Link<E>)) {
        let at = place(number).checked_sub(1);
        if let Some(link) = at.and_then(|at| self.links.get_mut(at)) {
            change(link);
        }
    }

    /// Where a tag's head is, or the empty place where it belongs.
    #[inline]
    fn seat(&self, tag: u32) -> usize {
        let mask = self.heads.len().wrapping_sub(1);
        let mut at = place(tag) & mask;
        while self.heads.get(at).is_some_and(|head| head.tag != tag && head.tag != 0) {
            at = at.wrapping_add(1) & mask;
        }
        at
    }

    /// How many entries there are.
    pub(crate) fn len(&self) -> usize {
        self.links.len().saturating_sub(self.free.len())
    }

    /// Bytes on the heap.
    pub(crate) fn bytes_resident(&self) -> usize {
        let links = self.links.capacity().saturating_mul(size_of::<Link<E>>());
        size_of_val(&*self.heads).saturating_add(links)
    }

    /// Puts an entry under a hash.
    pub(crate) fn insert(&mut self, hash: u64, order: u64, own: E) {
        if self.used.saturating_add(1).saturating_mul(2) > self.heads.len() {
            self.grow();
        }
        let (seat, tag) = (self.seat(tag(hash)), tag(hash));
        let head = self.heads.get(seat).copied().unwrap_or_default();
        let last = self.link(head.first).map_or(0, |first| first.last);
        let before = match self.link(last) {
            Some(end) if end.order < order => last,
            _ => self.before(head.first, order),
        };
        let next = self.link(before).map_or(head.first, |link| link.next);
        let number = self.add(Link { own: Some(own), order, next, last: 0 });
        self.change(before, |link| link.next = number);
        let first = if before == 0 { number } else { head.first };
        let last = if next == 0 { number } else { last };
        self.change(first, |link| link.last = last);
        self.used = self.used.saturating_add(usize::from(head.tag == 0));
        self.put(seat, Head { tag, first });
    }

    fn put(&mut self, seat: usize, head: Head) {
        if let Some(place) = self.heads.get_mut(seat) {
            *place = head;
        }
    }

    fn add(&mut self, link: Link<E>) -> u32 {
        if let Some(number) = self.free.pop() {
            self.change(number, |place| *place = link);
            return number;
        }
        if self.links.len() == self.links.capacity() {
            // Most tables stay as they are: a quarter more, and not twice as many.
            self.links.reserve_exact((self.links.len() / 4).saturating_add(1));
        }
        self.links.push(link);
        count(self.links.len())
    }

    /// Takes the entry of an order from under a hash.
    pub(crate) fn remove(&mut self, hash: u64, order: u64) {
        let seat = self.seat(tag(hash));
        let head = self.heads.get(seat).copied().unwrap_or_default();
        let last = self.link(head.first).map_or(0, |first| first.last);
        let before = self.before(head.first, order);
        let number = self.link(before).map_or(head.first, |link| link.next);
        let Some(link) = self.link(number).filter(|link| link.order == order) else { return };
        let next = link.next;
        self.change(before, |link| link.next = next);
        let first = if before == 0 { next } else { head.first };
        let last = if next == 0 { before } else { last };
        self.change(first, |link| link.last = last);
        self.put(seat, Head { first, ..head });
        self.change(number, |link| *link = Link { own: None, order: 0, next: 0, last: 0 });
        self.free.push(number);
    }

    /// The last link of a chain whose order is smaller; zero if there is none.
    fn before(&self, first: u32, order: u64) -> u32 {
        let (mut before, mut at) = (0, first);
        while let Some(link) = self.link(at).filter(|link| link.order < order) {
            (before, at) = (at, link.next);
        }
        before
    }

    /// Makes place; chains of which nothing is left are forgotten.
    fn grow(&mut self) {
        let live = self.heads.iter().filter(|head| head.first != 0).count();
        let full = live.saturating_add(1).saturating_mul(3) > self.heads.len();
        let more = if full { self.heads.len().saturating_mul(2) } else { self.heads.len() };
        let heads = vec![Head::default(); more.max(HEADS_MIN)].into_boxed_slice();
        self.used = live;
        for head in std::mem::replace(&mut self.heads, heads) {
            if head.first != 0 {
                self.put(self.seat(head.tag), head);
            }
        }
    }
}

/// What stands for a hash in a table; never zero.
#[inline]
fn tag(hash: u64) -> u32 {
    upper(hash).max(1)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(500))]

        #[test]
        fn chains_stay_in_order_through_every_change(
            changes in proptest::collection::vec((0..12_u64, 0..40_u64, any::<bool>()), 0..200),
        ) {
            let hash = |key: u64| (key + 1) << 32;
            let mut table = Table::default();
            let mut model: BTreeMap<(u64, u64), u64> = BTreeMap::new();
            for (key, order, put) in changes {
                if put && !model.contains_key(&(key, order)) {
                    table.insert(hash(key), order, order);
                    model.insert((key, order), order);
                } else {
                    table.remove(hash(key), order);
                    model.remove(&(key, order));
                }
                prop_assert_eq!(table.len(), model.len());
            }
            for key in 0..12 {
                let found: Vec<u64> =
                    table.first(hash(key)).into_iter().flat_map(|first| table.from(first))
                        .filter_map(|link| link.own).collect();
                let expected: Vec<u64> =
                    model.range((key, 0)..(key + 1, 0)).map(|(_, own)| *own).collect();
                prop_assert_eq!(found, expected, "{}", key);
            }
        }
    }

    #[test]
    fn a_table_that_only_changes_does_not_grow() {
        let mut table = Table::default();
        for round in 0..10_000_u64 {
            table.insert((round + 1) << 32, 0, ());
            table.remove((round + 1) << 32, 0);
        }
        let sizes = (table.heads.len(), table.links.len());
        assert!(sizes.0 <= 16 && sizes.1 <= 1, "{sizes:?}");
    }

    #[test]
    fn a_table_has_room_for_what_it_has_and_not_much_more() {
        let mut table = Table::default();
        let (mut capacities, mut sizes) = (Vec::new(), Vec::new());
        for count in 1..=2_000_usize {
            table.insert((count as u64) << 32, 0, ());
            let heads = table.heads.len();
            assert_eq!(heads, (2 * count).next_power_of_two().max(HEADS_MIN), "{count}");
            let capacity = table.links.capacity();
            assert!(capacity <= count + count / 4 + 1, "{capacity} for {count}");
            capacities.push(capacity);
            sizes.push(heads);
        }
        capacities.dedup();
        sizes.dedup();
        // Each time a part of what is there already: few times in all.
        assert!(capacities.len() < 50 && sizes.len() < 12, "{capacities:?} {sizes:?}");
        assert_eq!((table.used, table.len()), (2_000, 2_000));
    }

    #[test]
    fn what_was_taken_away_leaves_its_place_to_what_comes() {
        let mut table = Table::default();
        for round in 0..100_u64 {
            for key in 1..=20_u64 {
                table.insert(key << 32, round, key);
            }
            for key in 1..=20_u64 {
                table.remove(key << 32, round);
                // What is not there takes nothing away.
                table.remove(key << 32, round);
                table.remove(key << 40, round);
            }
        }
        assert_eq!((table.len(), table.links.len()), (0, 20));
        assert!(
            table.heads.len() <= 64 && table.used <= 32,
            "{} {}",
            table.heads.len(),
            table.used
        );
    }
}
