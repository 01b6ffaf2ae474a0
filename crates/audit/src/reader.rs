//! Reading the record: by index, newest first, by question, by id; on a live journal or on a
//! directory of a stopped one.

use std::cell::RefCell;

use crate::disk::JournalDisk;
use crate::entry::{Closed, Leaf, Opened};
use crate::filter::Filter;
use crate::journal::JournalError;
use crate::log::failed;
use crate::merkle::entries_path;
use crate::recover::{SEGMENTS_READ, choose_segment, read_checkpoint};
use crate::sealed::pile::Pile;
use crate::sealed::shelf::Shelf;

/// How often a reader tries again when the writer cuts the tail under it.
const RETRIES_MAX: usize = 5;
/// One entry, its leaves joined.
#[derive(Clone, PartialEq, Debug)]
pub struct Entry {
    /// The index of its first leaf.
    pub index: u64,
    /// The first leaf, with the checks of its continuations.
    pub opened: Opened,
    /// The last leaf, with the items of its continuations; `None` while it is open.
    pub closed: Option<Closed>,
}

/// The record as it was when the reader was opened.
pub struct Reader<'d> {
    pub(crate) disk: &'d dyn JournalDisk,
    base: u64,
    tail: Vec<Vec<u8>>,
    pub(crate) shelf: RefCell<Shelf<'d>>,
    pile: RefCell<Option<Pile>>,
}

impl<'d> Reader<'d> {
    /// Reads what is there now. Flush a live journal first to see everything that was answered.
    ///
    /// # Errors
    /// The disk fails, or the tail is damaged.
    pub fn open(disk: &'d dyn JournalDisk) -> Result<Self, JournalError> {
        let mut tries = 0;
        loop {
            let checkpoint = read_checkpoint(disk)?;
            match choose_segment(disk, checkpoint.as_ref(), SEGMENTS_READ) {
                Ok((segment, _)) => {
                    let (base, tail) =
                        segment.map_or((0, Vec::new()), |found| (found.head.base, found.leaves));
                    let shelf = RefCell::new(Shelf::open(disk)?);
                    return Ok(Self { disk, base, tail, shelf, pile: RefCell::new(None) });
                }
                Err(error) if tries == RETRIES_MAX => return Err(error),
                Err(_) => tries += 1,
            }
        }
    }

    /// Reads what the newest checkpoint covers, from the bundles that are written before it: the
    /// tail, which may be long, is not read. [`Reader::len`] is at least the checkpoint's size.
    ///
    /// # Errors
    /// The disk fails, or holds neither those bundles nor a whole tail.
    pub(crate) fn covered(disk: &'d dyn JournalDisk) -> Result<Self, JournalError> {
        for _ in 0..RETRIES_MAX {
            let size = read_checkpoint(disk)?.map_or(0, |checkpoint| checkpoint.size);
            if let Some(tail) = partial(disk, size)? {
                let shelf = RefCell::new(Shelf::open(disk)?);
                let base = size / 256 * 256;
                return Ok(Self { disk, base, tail, shelf, pile: RefCell::new(None) });
            }
            // A newer checkpoint has come, and its bundle in the place of the one that we sought.
        }
        Self::open(disk)
    }

    /// How many leaves there are.
    #[must_use]
    pub fn len(&self) -> u64 {
        self.base.saturating_add(u64::try_from(self.tail.len()).unwrap_or(0))
    }

    /// The first leaf that retention has not removed.
    #[must_use]
    pub fn first(&self) -> u64 {
        self.shelf.borrow().removed()
    }

    /// Whether nothing was ever recorded.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The bytes of a leaf.
    ///
    /// # Errors
    /// There is no such leaf, the disk fails, or what holds it is damaged.
    pub fn leaf(&self, index: u64) -> Result<Vec<u8>, JournalError> {
        self.look(index, <[u8]>::to_vec)
    }

    /// Looks at the bytes of a leaf.
    pub(crate) fn look<T>(
        &self,
        index: u64,
        at: impl FnOnce(&[u8]) -> T,
    ) -> Result<T, JournalError> {
        let damaged = || JournalError::Corrupt {
            file: entries_path(index / 256, None),
            offset: 0,
            what: "the bundle does not hold the leaf",
        };
        if let Some(place) = index.checked_sub(self.base) {
            let leaf = usize::try_from(place).ok().and_then(|place| self.tail.get(place));
            return leaf.map(|leaf| at(leaf)).ok_or_else(damaged);
        }
        let mut cached = self.pile.borrow_mut();
        if cached.as_ref().is_none_or(|pile| pile.leaf(index).is_none()) {
            *cached = self.pile_with(index)?;
        }
        let leaf = cached.as_ref().and_then(|pile| pile.leaf(index));
        leaf.map(at).ok_or_else(damaged)
    }

    /// The block or the bundle that holds a leaf.
    fn pile_with(&self, index: u64) -> Result<Option<Pile>, JournalError> {
        if let Some(pile) = self.sealed(index) {
            return pile.map(Some);
        }
        let bytes = self.disk.read(&entries_path(index / 256, None));
        if let Some(bytes) = bytes.map_err(failed("read a bundle"))? {
            return Ok(Pile::parse(index / 256 * 256, bytes));
        }
        // It may have been sealed, or removed, since the reader was opened.
        *self.shelf.borrow_mut() = Shelf::open(self.disk)?;
        if index < self.first() {
            let (file, what) = (format!("leaf {index}"), "it was removed by retention");
            return Err(JournalError::Corrupt { file, offset: 0, what });
        }
        self.sealed(index).transpose()
    }

    fn sealed(&self, index: u64) -> Option<Result<Pile, JournalError>> {
        self.shelf.borrow().block_with(index).transpose()
    }

    /// The leaves from an index on, oldest first: what a follower reads. It goes on with
    /// `reader.len()` of a new reader.
    pub fn leaves(
        &self,
        from: u64,
    ) -> impl Iterator<Item = Result<(u64, Leaf), JournalError>> + use<'_, 'd> {
        (from.max(self.first())..self.len())
            .map(|index| self.parsed(index).map(|leaf| (index, leaf)))
    }

    /// The newest entries, newest first.
    ///
    /// # Errors
    /// The disk fails, or a leaf is damaged.
    pub fn newest(&self, limit: usize) -> Result<Vec<Entry>, JournalError> {
        self.search(&Filter::default(), limit)
    }

    pub(crate) fn parsed(&self, index: u64) -> Result<Leaf, JournalError> {
        parse(&self.leaf(index)?, index)
    }
}

/// The leaves of the bundle that a log of so many leaves has not filled; `None` if it is not there.
fn partial(disk: &dyn JournalDisk, size: u64) -> Result<Option<Vec<Vec<u8>>>, JournalError> {
    let width = usize::try_from(size % 256).unwrap_or(0);
    if width == 0 {
        return Ok(Some(Vec::new()));
    }
    let bytes = disk.read(&entries_path(size / 256, Some(width)));
    let pile = bytes.map_err(failed("read a bundle"))?;
    let pile = pile.and_then(|bytes| Pile::parse(size / 256 * 256, bytes));
    let whole = pile.filter(|pile| pile.len() == width);
    Ok(whole.map(|pile| pile.leaves().map(|(_, leaf)| leaf.to_vec()).collect()))
}

pub(crate) fn parse(bytes: &[u8], index: u64) -> Result<Leaf, JournalError> {
    Leaf::parse(bytes).map_err(|_| JournalError::Corrupt {
        file: format!("leaf {index}"),
        offset: 0,
        what: "it is not an entry's",
    })
}
