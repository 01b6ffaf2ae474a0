//! A table from hashes to chains of statements in order, each with its code beside it: a lookup
//! touches a head and the statement, and nothing else. Two keys may share a chain: what is found is
//! compared in full.

use crate::compile::code::{self, Reader};
use crate::compile::hash::upper;
use crate::compile::pattern::{count, place};

/// Small heads that say where chains are, and the statements, those of a chain close together.
#[derive(Clone, Debug, Default)]
pub(crate) struct Table {
    /// Twice as many as are used, or more: a power of two.
    heads: Box<[Head]>,
    cells: Vec<u8>,
    used: usize,
    count: usize,
    /// Bytes of cells that are in no chain any more.
    waste: usize,
}

/// Where a chain is.
#[derive(Clone, Copy, Debug, Default)]
struct Head {
    /// What stands for the hash; zero where nothing ever was.
    tag: u32,
    /// The number of the last cell, behind which the first one follows; zero if there is none.
    last: u32,
}

/// A statement in a chain.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Cell<'t> {
    /// Statements that come first are found first.
    pub(crate) order: u64,
    /// Whose statement it is.
    pub(crate) member: u32,
    /// Its own number.
    number: u32,
    /// The number of the next one; behind the last, of the first.
    next: u32,
    /// What it is decided by; nothing if that is too long to stand here.
    pub(crate) code: &'t [u8],
}

/// The statements under one hash.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Chain<'t> {
    table: &'t Table,
    last: u32,
}

/// Fewest heads of a table that is not empty.
const HEADS_MIN: usize = 4;
/// Longest code that stands in a table, in bytes: a statement may be filed under many hashes.
pub(crate) const CODE_BYTES_MAX: usize = 111;
/// Bytes of a cell before its code: order, next and member.
const CELL_BYTES: usize = 16;
/// Where in a cell the number of the next one is.
const NEXT: usize = 8;

impl<'t> Chain<'t> {
    /// The first statement.
    #[inline(always)]
    pub(crate) fn first(&self) -> Option<Cell<'t>> {
        let last = self.table.cell(self.last)?;
        // Most chains have one statement, which was read already.
        if last.next == self.last { Some(last) } else { self.table.cell(last.next) }
    }

    /// The statement behind another.
    #[inline(always)]
    pub(crate) fn after(&self, cell: &Cell<'t>) -> Option<Cell<'t>> {
        // What follows the last one is the first.
        if cell.number == self.last { None } else { self.table.cell(cell.next) }
    }

    /// The statements, in order.
    pub(crate) fn cells(self) -> impl Iterator<Item = Cell<'t>> {
        std::iter::successors(self.first(), move |cell| self.after(cell))
    }
}

impl Table {
    /// The statements under a hash.
    #[inline(always)]
    pub(crate) fn chain(&self, hash: u64) -> Option<Chain<'_>> {
        let last = self.heads.get(self.seat(tag(hash)))?.last;
        (last != 0).then_some(Chain { table: self, last })
    }

    #[inline(always)]
    fn cell(&self, number: u32) -> Option<Cell<'_>> {
        let mut reader = Reader(self.cells.get(place(number.checked_sub(1)?)..)?);
        let [a, b, c, d, e, f, g, h, own @ .., length] = reader.chunk::<{ CELL_BYTES + 1 }>()?;
        let [i, j, k, l, m, n, o, p] = own;
        Some(Cell {
            number,
            order: u64::from_le_bytes([a, b, c, d, e, f, g, h]),
            next: u32::from_le_bytes([i, j, k, l]),
            member: u32::from_le_bytes([m, n, o, p]),
            code: reader.take(length.into())?,
        })
    }

    /// Says which cell follows another.
    fn follow(&mut self, number: u32, next: u32) {
        let at = place(number).checked_sub(1).and_then(|at| at.checked_add(NEXT));
        let field = at.and_then(|at| self.cells.get_mut(at..)?.first_chunk_mut::<4>());
        if let Some(field) = field {
            *field = next.to_le_bytes();
        }
    }

    /// Where a tag's head is, or the empty place where it belongs.
    #[inline(always)]
    fn seat(&self, tag: u32) -> usize {
        let mask = self.heads.len().wrapping_sub(1);
        let mut at = place(tag) & mask;
        while self.heads.get(at).is_some_and(|head| head.tag != tag && head.tag != 0) {
            at = at.wrapping_add(1) & mask;
        }
        at
    }

    /// How many statements there are.
    pub(crate) fn len(&self) -> usize {
        self.count
    }

    /// Bytes on the heap.
    pub(crate) fn bytes_resident(&self) -> usize {
        size_of_val(&*self.heads).saturating_add(self.cells.capacity())
    }

    /// Puts a statement under a hash. Code that is too long is not kept.
    pub(crate) fn insert(&mut self, hash: u64, order: u64, member: u32, code: &[u8]) {
        if self.used.saturating_add(1).saturating_mul(2) > self.heads.len() {
            self.grow();
        }
        let (seat, tag) = (self.seat(tag(hash)), tag(hash));
        let head = self.heads.get(seat).copied().unwrap_or_default();
        let is_last = self.cell(head.last).is_none_or(|last| last.order < order);
        let before = if is_last { head.last } else { self.before(head.last, order) };
        let number = self.add(order, member, code);
        let next = self.cell(before).map_or(number, |cell| cell.next);
        self.follow(number, next);
        self.follow(before, number);
        self.used = self.used.saturating_add(usize::from(head.tag == 0));
        self.put(seat, Head { tag, last: if is_last { number } else { head.last } });
    }

    fn put(&mut self, seat: usize, head: Head) {
        if let Some(place) = self.heads.get_mut(seat) {
            *place = head;
        }
    }

    /// Writes a cell that nothing follows yet.
    fn add(&mut self, order: u64, member: u32, code: &[u8]) -> u32 {
        let code = if code.len() > CODE_BYTES_MAX { &[] } else { code };
        let bytes = CELL_BYTES.saturating_add(1).saturating_add(code.len());
        if self.cells.capacity().saturating_sub(self.cells.len()) < bytes {
            // Most tables stay as they are: an eighth more, and not twice as much.
            self.cells.reserve_exact((self.cells.len() / 8).saturating_add(bytes));
        }
        let number = count(self.cells.len().saturating_add(1));
        self.cells.extend(order.to_le_bytes());
        self.cells.extend(0_u32.to_le_bytes());
        self.cells.extend(member.to_le_bytes());
        code::put(code, &mut self.cells);
        self.count = self.count.saturating_add(1);
        number
    }

    /// Takes the statement of an order and a member from under a hash.
    pub(crate) fn remove(&mut self, hash: u64, order: u64, member: u32) {
        let seat = self.seat(tag(hash));
        let head = self.heads.get(seat).copied().unwrap_or_default();
        let (mut before, mut at) = (head.last, self.cell(head.last).map_or(0, |last| last.next));
        let gone = loop {
            let Some(cell) = self.cell(at) else { return };
            if (cell.order, cell.member) == (order, member) {
                break cell;
            }
            if at == head.last {
                return;
            }
            (before, at) = (at, cell.next);
        };
        let bytes = CELL_BYTES.saturating_add(1).saturating_add(gone.code.len());
        let next = gone.next;
        self.follow(before, next);
        // One that nothing precedes but itself is alone.
        let before = if before == at { 0 } else { before };
        let last = if at == head.last { before } else { head.last };
        self.put(seat, Head { last, ..head });
        self.count = self.count.saturating_sub(1);
        self.waste = self.waste.saturating_add(bytes);
        if self.waste.saturating_mul(2) > self.cells.len() {
            self.tidy();
        }
    }

    /// The last cell of a chain whose order is smaller; the last of all if there is none.
    fn before(&self, last: u32, order: u64) -> u32 {
        let mut before = last;
        while let Some(next) = self.cell(before).map(|cell| cell.next)
            && self.cell(next).is_some_and(|cell| cell.order < order)
        {
            before = next;
        }
        before
    }

    /// Makes place for heads; chains of which nothing is left are forgotten.
    fn grow(&mut self) {
        let live = self.heads.iter().filter(|head| head.last != 0).count();
        let full = live.saturating_add(1).saturating_mul(2) > self.heads.len();
        let more = if full { self.heads.len().saturating_mul(2) } else { self.heads.len() };
        let heads = vec![Head::default(); more.max(HEADS_MIN)].into_boxed_slice();
        self.used = live;
        for head in std::mem::replace(&mut self.heads, heads) {
            if head.last != 0 {
                self.put(self.seat(head.tag), head);
            }
        }
    }

    /// Writes every chain anew, its cells one behind the other, without what is gone.
    fn tidy(&mut self) {
        let mut own = Self { heads: self.heads.clone(), ..Self::default() };
        own.cells.reserve_exact(self.cells.len().saturating_sub(self.waste));
        for head in &mut own.heads {
            head.last = 0;
        }
        for (seat, head) in self.heads.iter().enumerate().filter(|(_, head)| head.last != 0) {
            let (mut first, mut last) = (0, 0);
            for cell in (Chain { table: self, last: head.last }).cells() {
                let number = own.add(cell.order, cell.member, cell.code);
                own.follow(last, number);
                first = if first == 0 { number } else { first };
                last = number;
            }
            own.follow(last, first);
            own.put(seat, Head { last, ..*head });
        }
        *self = Self { used: self.used, ..own };
    }
}

/// What stands for a hash in a table; never zero.
#[inline]
fn tag(hash: u64) -> u32 {
    upper(hash) | 1 << (u32::BITS - 1)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;

    /// The cells under a hash: order, member and code of each.
    fn under(table: &Table, hash: u64) -> Vec<(u64, u32, Vec<u8>)> {
        let cells = table.chain(hash).into_iter().flat_map(Chain::cells);
        cells.map(|cell| (cell.order, cell.member, cell.code.to_vec())).collect()
    }

    fn code_of(order: u64) -> Vec<u8> {
        vec![7; usize::try_from(order).unwrap() * 5]
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(500))]

        #[test]
        fn chains_stay_in_order_through_every_change(
            changes in proptest::collection::vec((0..12_u64, 0..40_u64, any::<bool>()), 0..200),
        ) {
            let hash = |key: u64| (key + 1) << 32;
            let mut table = Table::default();
            let mut model: BTreeMap<(u64, u64), Vec<u8>> = BTreeMap::new();
            for (key, order, put) in changes {
                if put && !model.contains_key(&(key, order)) {
                    table.insert(hash(key), order, 9, &code_of(order));
                    let code = code_of(order);
                    model.insert((key, order), if code.len() > 111 { Vec::new() } else { code });
                } else {
                    table.remove(hash(key), order, 9);
                    model.remove(&(key, order));
                }
                prop_assert_eq!(table.len(), model.len());
                let bytes: usize = model.values().map(|code| code.len() + 17).sum();
                prop_assert_eq!(table.cells.len() - table.waste, bytes);
                prop_assert!(table.waste <= bytes, "{} {}", table.waste, bytes);
            }
            for key in 0..12 {
                let expected: Vec<_> = model
                    .range((key, 0)..(key + 1, 0))
                    .map(|((_, order), code)| (*order, 9, code.clone()))
                    .collect();
                prop_assert_eq!(under(&table, hash(key)), expected, "{}", key);
            }
        }
    }

    #[test]
    fn of_two_at_one_place_in_the_order_the_one_that_is_named_goes() {
        for (gone, left) in [(1, 2), (2, 1)] {
            let mut table = Table::default();
            table.insert(1 << 32, 5, 1, b"one");
            table.insert(1 << 32, 5, 2, b"two");
            table.remove(1 << 32, 5, 3);
            assert_eq!(table.len(), 2);
            table.remove(1 << 32, 5, gone);
            let members: Vec<u32> = under(&table, 1 << 32).iter().map(|own| own.1).collect();
            assert_eq!(members, [left]);
        }
    }

    #[test]
    fn code_of_two_lines_of_memory_is_kept_and_longer_code_is_not() {
        let mut table = Table::default();
        table.insert(1 << 32, 0, 0, &[1; 111]);
        table.insert(1 << 32, 1, 0, &[1; 112]);
        let lengths: Vec<usize> = under(&table, 1 << 32).iter().map(|own| own.2.len()).collect();
        assert_eq!(lengths, [111, 0]);
    }

    #[test]
    fn a_table_that_only_changes_does_not_grow() {
        let mut table = Table::default();
        for round in 0..10_000_u64 {
            table.insert((round + 1) << 32, 0, 0, b"code");
            table.remove((round + 1) << 32, 0, 0);
        }
        let sizes = (table.heads.len(), table.cells.len());
        assert!(sizes.0 <= 16 && sizes.1 <= 21, "{sizes:?}");
    }

    #[test]
    fn a_table_has_room_for_what_it_has_and_not_much_more() {
        let mut table = Table::default();
        let (mut capacities, mut sizes) = (Vec::new(), Vec::new());
        for count in 1..=2_000_usize {
            table.insert((count as u64) << 32, 0, 0, b"abc");
            let heads = table.heads.len();
            assert_eq!(heads, (2 * count).next_power_of_two().max(HEADS_MIN), "{count}");
            let capacity = table.cells.capacity();
            assert!(capacity <= 20 * (count + count / 8 + 1), "{capacity} for {count}");
            capacities.push(capacity);
            sizes.push(heads);
        }
        capacities.dedup();
        sizes.dedup();
        // Each time a part of what is there already: few times in all.
        assert!(capacities.len() < 80 && sizes.len() < 12, "{capacities:?} {sizes:?}");
        assert_eq!((table.used, table.len()), (2_000, 2_000));
    }

    #[test]
    fn what_was_taken_away_leaves_its_place_to_what_comes() {
        let mut table = Table::default();
        for round in 0..100_u64 {
            for key in 1..=20_u64 {
                table.insert(key << 32, round, 0, b"abc");
            }
            for key in 1..=20_u64 {
                table.remove(key << 32, round, 0);
                // What is not there takes nothing away.
                table.remove(key << 32, round, 0);
                table.remove(key << 40, round, 0);
            }
        }
        assert_eq!((table.len(), table.cells.len()), (0, 0));
        assert!(
            table.heads.len() <= 64 && table.used <= 42,
            "{} {}",
            table.heads.len(),
            table.used
        );
    }

    #[test]
    fn a_hash_without_a_bit_that_counts_has_a_place_that_no_other_takes() {
        // Both of the first lead to the first head, whatever their tag is; so does the other.
        for own in [0, 1 << 63] {
            let (mut table, other) = (Table::default(), 1 << 52);
            table.insert(own, 1, 0, b"own");
            table.insert(other, 2, 0, b"other");
            assert_eq!(under(&table, own), [(1, 0, b"own".to_vec())], "{own:#x}");
            assert_eq!(under(&table, other), [(2, 0, b"other".to_vec())], "{own:#x}");
        }
    }

    #[test]
    fn cells_of_a_chain_stand_together_once_the_table_was_tidied() {
        let mut table = Table::default();
        for order in 0..10 {
            table.insert(1 << 32, order, 0, b"one");
            table.insert(2 << 32, order, 0, b"two");
            table.insert(3 << 32, order, 0, b"abcdefghijklmnopqrstuvwxyz");
        }
        for order in 0..10 {
            table.remove(3 << 32, order, 0);
        }
        let of = |hash: u64| under(&table, hash).iter().map(|own| own.0).collect::<Vec<_>>();
        assert!(of(1 << 32).into_iter().eq(0..10) && of(2 << 32).into_iter().eq(0..10));
        let mut nexts: Vec<u32> = Vec::new();
        let chains = [1_u64, 2].map(|key| table.chain(key << 32));
        nexts.extend(chains.into_iter().flatten().flat_map(Chain::cells).map(|cell| cell.next));
        let apart = nexts.windows(2).filter(|two| two[1] != two[0] + 20).count();
        // From the end of a chain to its beginning, and to the other chain.
        assert!(apart <= 4, "{nexts:?}");
    }
}
