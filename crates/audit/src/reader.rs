//! Reading the record: by index, newest first, by question, by id; on a live journal or on a
//! directory of a stopped one.

use std::cell::RefCell;
use std::collections::HashMap;

use names::{RequestId, Timestamp};

use crate::disk::JournalDisk;
use crate::entry::{Closed, Continued, Leaf, LeafKind, Opened};
use crate::filter::Filter;
use crate::journal::JournalError;
use crate::log::failed;
use crate::merkle::{bundle_leaves, entries_path};
use crate::recover::{SEGMENTS_READ, choose_segment, read_checkpoint};

/// How often a reader tries again when the writer cuts the tail under it.
const RETRIES_MAX: usize = 5;
/// How far the time of a leaf may be from that of its id, in milliseconds: clocks are set, and an
/// entry is written a little after its id is drawn.
const CLOCK_SLACK_MILLIS: i64 = 60 * 60 * 1000;

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

impl Entry {
    /// Takes a further leaf of the entry; true if it was the last.
    pub(crate) fn take(&mut self, leaf: Leaf) -> bool {
        match leaf {
            Leaf::Continued(more) if more.of == LeafKind::Opened => {
                self.opened.checks.extend(more.checks);
            }
            Leaf::Closed(closed) => {
                self.closed = Some(closed);
                return true;
            }
            _ => {}
        }
        false
    }
}

/// The record as it was when the reader was opened.
pub struct Reader<'d> {
    disk: &'d dyn JournalDisk,
    base: u64,
    tail: Vec<Vec<u8>>,
    bundle: RefCell<Option<(u64, Vec<Vec<u8>>)>>,
}

/// What was seen of an entry before its first leaf, reading backwards.
#[derive(Default)]
struct Later {
    closed: Option<Closed>,
    continued: Vec<Continued>,
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
                    return Ok(Self { disk, base, tail, bundle: RefCell::new(None) });
                }
                Err(error) if tries == RETRIES_MAX => return Err(error),
                Err(_) => tries += 1,
            }
        }
    }

    /// How many leaves there are.
    #[must_use]
    pub fn len(&self) -> u64 {
        self.base.saturating_add(u64::try_from(self.tail.len()).unwrap_or(0))
    }

    /// Whether nothing was ever recorded.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The bytes of a leaf.
    ///
    /// # Errors
    /// There is no such leaf, the disk fails, or the bundle is damaged.
    pub fn leaf(&self, index: u64) -> Result<Vec<u8>, JournalError> {
        let damaged = |number: u64| JournalError::Corrupt {
            file: entries_path(number, None),
            offset: 0,
            what: "the bundle does not hold the leaf",
        };
        if let Some(place) = index.checked_sub(self.base) {
            let leaf = usize::try_from(place).ok().and_then(|place| self.tail.get(place));
            return leaf.cloned().ok_or_else(|| damaged(index / 256));
        }
        let number = index / 256;
        let mut cached = self.bundle.borrow_mut();
        if cached.as_ref().is_none_or(|(there, _)| *there != number) {
            let bytes = self.disk.read(&entries_path(number, None));
            let bytes = bytes.map_err(failed("read a bundle"))?;
            let leaves = bytes.and_then(|bytes| bundle_leaves(&bytes));
            *cached = Some((number, leaves.ok_or_else(|| damaged(number))?));
        }
        let leaves = cached.as_ref().map(|(_, leaves)| leaves.as_slice()).unwrap_or_default();
        let place = usize::try_from(index % 256).unwrap_or(usize::MAX);
        leaves.get(place).cloned().ok_or_else(|| damaged(number))
    }

    /// The leaves from an index on, oldest first: what a follower reads. It goes on with
    /// `reader.len()` of a new reader.
    pub fn leaves(
        &self,
        from: u64,
    ) -> impl Iterator<Item = Result<(u64, Leaf), JournalError>> + use<'_, 'd> {
        (from..self.len()).map(|index| self.parsed(index).map(|leaf| (index, leaf)))
    }

    /// The newest entries, newest first.
    ///
    /// # Errors
    /// The disk fails, or a leaf is damaged.
    pub fn newest(&self, limit: usize) -> Result<Vec<Entry>, JournalError> {
        self.search(&Filter::default(), limit)
    }

    /// The newest entries that the filter lets through, newest first. Reads backwards, until
    /// `limit` are found or the filter's `from` is well past.
    ///
    /// # Errors
    /// The disk fails, or a leaf is damaged.
    pub fn search(&self, filter: &Filter, limit: usize) -> Result<Vec<Entry>, JournalError> {
        if let Some(id) = filter.request_id {
            let found = self.find(id)?.filter(|entry| filter.admits(entry));
            return Ok(found.into_iter().take(limit).collect());
        }
        let mut found = Vec::new();
        let mut later: HashMap<RequestId, Later> = HashMap::new();
        for index in (0..self.len()).rev() {
            if found.len() >= limit {
                break;
            }
            match self.parsed(index)? {
                Leaf::Closed(closed) => {
                    let id = closed.id;
                    later.entry(id).or_default().closed = Some(closed);
                }
                Leaf::Continued(more) => later.entry(more.id).or_default().continued.push(more),
                Leaf::Key(_) => {}
                Leaf::Opened(opened) => {
                    let oldest = filter.from.map(|from| from.plus_millis(-CLOCK_SLACK_MILLIS));
                    if oldest.is_some_and(|oldest| opened.time < oldest) {
                        break;
                    }
                    let mut rest = later.remove(&opened.id).unwrap_or_default();
                    rest.continued.reverse();
                    let entry = join(index, *opened, rest);
                    if filter.admits(&entry) {
                        found.push(entry);
                    }
                }
            }
        }
        Ok(found)
    }

    /// The entry of an exchange. Begins an hour before the id was drawn (found by halving), and
    /// gives up a day after it.
    ///
    /// # Errors
    /// The disk fails, or a leaf is damaged.
    pub fn find(&self, id: RequestId) -> Result<Option<Entry>, JournalError> {
        let drawn = i64::try_from(id.milliseconds()).unwrap_or(i64::MAX);
        let drawn = Timestamp::from_millis(drawn).unwrap_or_default();
        let start = self.first_at(drawn.plus_millis(-CLOCK_SLACK_MILLIS))?;
        let last = drawn.plus_millis(CLOCK_SLACK_MILLIS.saturating_mul(24));
        let needle = format!("\"id\":\"{id}\"");
        let mut found: Option<(u64, Opened)> = None;
        let mut later = Later::default();
        for index in start..self.len() {
            let bytes = self.leaf(index)?;
            let head = bytes.get(..80).unwrap_or(&bytes);
            if !head.windows(needle.len()).any(|window| window == needle.as_bytes()) {
                // Looking at the time of every leaf would cost more than reading past a few.
                if found.is_none() && index % 256 == 0 && time(&parse(&bytes, index)?) > Some(last)
                {
                    return Ok(None);
                }
                continue;
            }
            match parse(&bytes, index)? {
                Leaf::Opened(opened) => found = Some((index, *opened)),
                Leaf::Continued(more) => later.continued.push(more),
                Leaf::Closed(closed) => {
                    later.closed = Some(closed);
                    break;
                }
                Leaf::Key(_) => {}
            }
        }
        Ok(found.map(|(index, opened)| join(index, opened, later)))
    }

    /// The first leaf that is not older than `time`, roughly: leaves are in order of time except
    /// where requests overlap.
    fn first_at(&self, wanted: Timestamp) -> Result<u64, JournalError> {
        let (mut low, mut high) = (0, self.len());
        while low < high {
            let middle = low.midpoint(high);
            if time(&self.parsed(middle)?).is_some_and(|time| time < wanted) {
                low = middle.saturating_add(1);
            } else {
                high = middle;
            }
        }
        Ok(low)
    }

    fn parsed(&self, index: u64) -> Result<Leaf, JournalError> {
        parse(&self.leaf(index)?, index)
    }
}

fn parse(bytes: &[u8], index: u64) -> Result<Leaf, JournalError> {
    Leaf::parse(bytes).map_err(|_| JournalError::Corrupt {
        file: format!("leaf {index}"),
        offset: 0,
        what: "it is not an entry's",
    })
}

fn time(leaf: &Leaf) -> Option<Timestamp> {
    match leaf {
        Leaf::Opened(opened) => Some(opened.time),
        Leaf::Closed(closed) => Some(closed.time),
        Leaf::Key(key) => Some(key.time),
        Leaf::Continued(_) => None,
    }
}

fn join(index: u64, mut opened: Opened, later: Later) -> Entry {
    let mut closed = later.closed;
    for more in later.continued {
        match (more.of, closed.as_mut()) {
            (LeafKind::Closed, Some(closed)) => closed.items.extend(more.items),
            _ => opened.checks.extend(more.checks),
        }
    }
    Entry { index, opened, closed }
}
