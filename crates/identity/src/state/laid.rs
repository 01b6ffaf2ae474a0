//! Records of one kind as they will lie in a snapshot: where each begins and in what order they
//! are, before any of them is written. What did not change is neither read nor copied.

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::index::Piece;
use super::section::{Frame, NUMBER_BYTES, OFFSET_BYTES, TooMuch, first};
use super::snapshot::BadSnapshot;
use super::table::Table;
use super::texts::Texts;
use crate::record::{AccessKey, Group, ManagedPolicy, Role, User};

/// Bytes of a piece of a snapshot, but for what one record has more.
const PIECE_BYTES: usize = 1 << 20;

/// A record that lies in a snapshot's table.
pub(crate) trait Lies: Serialize + DeserializeOwned {
    /// What it is found by.
    fn key(&self) -> Vec<u8>;
    /// What else it is found by.
    fn second(&self) -> &[u8];
}

macro_rules! lies {
    ($($record:ty),*) => { $(
        impl Lies for $record {
            fn key(&self) -> Vec<u8> {
                [self.account.as_str(), &self.name.folded()].concat().into_bytes()
            }

            fn second(&self) -> &[u8] {
                self.id.as_str().as_bytes()
            }
        }
    )* };
}

lies!(User, Group, Role, ManagedPolicy);

impl Lies for AccessKey {
    fn key(&self) -> Vec<u8> {
        self.id.as_str().as_bytes().to_vec()
    }

    fn second(&self) -> &[u8] {
        self.owner.as_str().as_bytes()
    }
}

/// Records in the order of their keys, where they are, and where those of the older snapshot go.
pub(super) struct Placed<'a, T> {
    pieces: Vec<Piece<'a, T>>,
    /// What lies in the older snapshot, in which the numbers of [`Moved`] are.
    lying: Option<&'a Table<T>>,
    moved: Moved,
}

impl<'a, T: Lies> Placed<'a, T> {
    /// No records, over those of an older snapshot; there will be so many.
    pub(super) fn over(lying: Option<&'a Table<T>>, count: usize) -> Self {
        let numbers = lying.map_or(0, |table| table.section().len());
        Self { pieces: Vec::with_capacity(count), lying, moved: Moved(vec![GONE; numbers]) }
    }

    /// Puts a record behind the others, and tells its number.
    pub(super) fn push(&mut self, piece: Piece<'a, T>) -> Result<u32, TooMuch> {
        let number = u32::try_from(self.pieces.len()).ok().filter(|number| *number != GONE);
        let number = number.ok_or(TooMuch)?;
        if let Piece::Lying(_, old) = &piece
            && let Some(place) = self.moved.0.get_mut(*old)
        {
            *place = number;
        }
        self.pieces.push(piece);
        Ok(number)
    }

    /// Puts a record behind the others, if there is one.
    pub(super) fn extend(&mut self, piece: Option<Piece<'a, T>>) -> Result<(), TooMuch> {
        piece.map_or(Ok(()), |piece| self.push(piece).map(drop))
    }
}

/// Where the records of the older snapshot are in the newer one, by their numbers.
pub(super) struct Moved(Vec<u32>);

/// Where a record is that changed since, or is gone: not where it was.
const GONE: u32 = u32::MAX;

impl Moved {
    /// The number of what did not change.
    pub(super) fn to(&self, number: usize) -> Option<u32> {
        self.0.get(number).copied().filter(|number| *number != GONE)
    }
}

/// A table that is to be written.
pub(super) struct Laid<'a, T> {
    texts: &'a Texts,
    pieces: Vec<Piece<'a, T>>,
    /// Where each begins, from the first one on, and where the last one ends.
    begins: Vec<u64>,
    /// The numbers in the order of `second`.
    order: Vec<u32>,
}

impl<'a, T: Lies> Laid<'a, T> {
    /// Lays records, whose keys ascend, one behind the other; tells where those that did not change
    /// are now.
    pub(super) fn of(
        texts: &'a Texts,
        Placed { pieces, lying, moved }: Placed<'a, T>,
    ) -> Result<(Self, Moved), BadSnapshot> {
        let mut laid = Self { texts, pieces, begins: Vec::new(), order: Vec::new() };
        laid.begins.reserve_exact(laid.pieces.len().saturating_add(1));
        let mut end = 0_u64;
        laid.begins.push(end);
        for number in 0..laid.pieces.len() {
            let bytes = laid.framed(number, |frame| frame.bytes())?;
            end = end.saturating_add(u64::try_from(bytes).map_err(|_| TooMuch)?);
            laid.begins.push(end);
        }
        laid.order = laid.ordered(lying, &moved);
        Ok((laid, moved))
    }

    /// The numbers in the order of `second`. What did not change is in that order already.
    fn ordered(&self, lying: Option<&Table<T>>, moved: &Moved) -> Vec<u32> {
        let before = |a: u32, b: u32| self.second(a).cmp(&self.second(b)).then(a.cmp(&b));
        let numbered = (0..GONE).zip(&self.pieces);
        let own = numbered.filter(|(_, piece)| matches!(piece, Piece::Own(_)));
        let mut own: Vec<u32> = own.map(|(number, _)| number).collect();
        own.sort_unstable_by(|a, b| before(*a, *b));
        let mut own = own.into_iter().peekable();
        let mut order = Vec::with_capacity(self.pieces.len());
        if let Some(section) = lying.map(Table::section) {
            let old = (0..section.len()).filter_map(|rank| moved.to(section.ranked(rank)?));
            for number in old {
                while let Some(first) = own.next_if(|own| before(*own, number).is_lt()) {
                    order.push(first);
                }
                order.push(number);
            }
        }
        order.extend(own);
        order
    }

    /// Looks at a record as it lies.
    fn framed<R>(
        &self,
        number: usize,
        look: impl FnOnce(Frame<'_>) -> R,
    ) -> Result<R, BadSnapshot> {
        match self.pieces.get(number).ok_or(BadSnapshot::Record)? {
            Piece::Lying(table, number) => {
                Ok(look(table.section().frame(*number).ok_or(BadSnapshot::Record)?))
            }
            Piece::Own(record) => {
                let (key, body) = (record.key(), serde_json::to_vec(&***record)?);
                let frame = Frame { key: &key, second: record.second(), body: &body };
                let body = self.texts.press(frame).ok_or(BadSnapshot::Record)?;
                Ok(look(Frame { body: &body, ..frame }))
            }
        }
    }

    /// The second of the record of a number.
    pub(super) fn second(&self, number: u32) -> Option<&[u8]> {
        match self.pieces.get(usize::try_from(number).ok()?)? {
            Piece::Lying(table, number) => Some(table.section().frame(*number)?.second),
            Piece::Own(record) => Some(record.second()),
        }
    }

    /// The second of the record of a rank, in the order of seconds.
    pub(super) fn second_of_rank(&self, rank: usize) -> Option<&[u8]> {
        self.second(*self.order.get(rank)?)
    }

    /// The rank of the record whose second this is.
    pub(super) fn ranked(&self, second: &[u8]) -> Option<u32> {
        let before = |rank| self.second_of_rank(rank).is_some_and(|own| own < second);
        let rank = first(self.order.len(), before);
        (self.second_of_rank(rank)? == second).then_some(u32::try_from(rank).ok()?)
    }

    /// How many bytes it takes.
    pub(super) fn bytes(&self) -> u64 {
        let offsets = self.begins.len().saturating_add(1).saturating_mul(OFFSET_BYTES);
        let order = self.order.len().saturating_mul(NUMBER_BYTES);
        let before = u64::try_from(offsets.saturating_add(order)).unwrap_or(u64::MAX);
        before.saturating_add(self.begins.last().copied().unwrap_or_default())
    }

    /// Writes it, as [`super::section::Packer::finish`] does.
    pub(super) fn write(&self, out: &mut Out<'_>) -> Result<(), BadSnapshot> {
        out.put(&u64::try_from(self.pieces.len()).map_err(|_| TooMuch)?.to_le_bytes())?;
        for begin in &self.begins {
            out.put(&begin.to_le_bytes())?;
        }
        for number in &self.order {
            out.put(&number.to_le_bytes())?;
        }
        for number in 0..self.pieces.len() {
            self.framed(number, |frame| {
                for length in frame.lengths()? {
                    out.put(&length)?;
                }
                [frame.key, frame.second, frame.body].iter().try_for_each(|part| out.put(part))
            })??;
        }
        Ok(())
    }
}

/// Where a snapshot is written to, piece by piece.
pub(super) struct Out<'a> {
    piece: Vec<u8>,
    to: &'a mut dyn FnMut(Vec<u8>) -> Result<(), BadSnapshot>,
}

impl<'a> Out<'a> {
    pub(super) fn new(to: &'a mut dyn FnMut(Vec<u8>) -> Result<(), BadSnapshot>) -> Self {
        Self { piece: Vec::new(), to }
    }

    /// Writes some bytes.
    pub(super) fn put(&mut self, bytes: &[u8]) -> Result<(), BadSnapshot> {
        if self.piece.len().saturating_add(bytes.len()) > PIECE_BYTES {
            self.end()?;
            self.piece.reserve_exact(PIECE_BYTES);
        }
        self.piece.extend_from_slice(bytes);
        Ok(())
    }

    /// Gives away what was written and not given yet.
    pub(super) fn end(&mut self) -> Result<(), BadSnapshot> {
        match std::mem::take(&mut self.piece) {
            piece if piece.is_empty() => Ok(()),
            piece => (self.to)(piece),
        }
    }
}
