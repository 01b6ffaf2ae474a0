//! Questions to the record, newest first: what is not sealed yet is read backwards, and of each
//! sealed segment the blocks that its terms point to, several at once. Whoever asks takes what is
//! found as it comes, and goes on later from where they stopped.

use std::collections::HashMap;
use std::ops::{ControlFlow, Range};
use std::sync::Arc;

use memchr::memmem::Finder;

use names::RequestId;

use crate::ahead::in_order;
use crate::disk::JournalDisk;
use crate::entry::{Closed, Entrance, Leaf, LeafKind, Opened};
use crate::filter::Filter;
use crate::glance::{kind_and_id, names_entry};
use crate::journal::JournalError;
use crate::log::failed;
use crate::reader::{Entry, Reader, parse};
use crate::sealed::build::{terms, terms_of};
use crate::sealed::file::{SealedHead, path};
use crate::sealed::pile::Pile;
use crate::sealed::shelf::{block, head};
use crate::sealed::terms::{Field, Terms, later, prefix_term, term};

/// How far the time of an entry may be from that of its id, in milliseconds: clocks are set, and
/// an entry is written a little after its id is drawn.
const CLOCK_SLACK_MILLIS: i64 = 60 * 60 * 1000;
/// Most leaves that a follower reads at once.
pub const FOLLOWED_LEAVES_MAX: u64 = 65_536;
/// More than the first bytes of any file of terms, up to the times and ids of its blocks.
const SPANS_BYTES_MAX: u64 = 4096;

/// Leaves that were met before the first one of their entry, newest first.
type Met = HashMap<RequestId, Vec<u64>>;

/// Where in the record to look: at entries whose first leaf is after the one and before the other.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Between {
    /// Newer than the entry of this index: how a follower goes on.
    pub after: Option<u64>,
    /// Older than the entry of this index: how the next page begins.
    pub before: Option<u64>,
}

impl Between {
    fn has(&self, index: u64) -> bool {
        self.after.is_none_or(|after| index > after)
            && self.before.is_none_or(|before| index < before)
    }

    fn meets(&self, leaves: &Range<u64>) -> bool {
        self.after.is_none_or(|after| leaves.end > after.saturating_add(1))
            && self.before.is_none_or(|before| leaves.start < before)
    }
}

/// A block that was read, and the first leaves in it that may be wanted, newest first.
struct Read {
    pile: Pile,
    found: Vec<u64>,
}

/// A word that an entry may have.
pub(crate) struct Word {
    /// What is in its leaf, if JSON writes it as it is.
    begins: String,
    /// One of which its block has.
    terms: Vec<u32>,
}

impl Word {
    /// The word in one of those fields.
    pub(crate) fn of(word: &str, fields: &[Field]) -> Self {
        let terms = fields.iter().map(|field| term(*field, word)).collect();
        Self { begins: word.to_owned(), terms }
    }

    /// What a resource begins with; `None` if that is too short to be known by.
    pub(crate) fn prefix(prefix: &str) -> Option<Self> {
        let terms = vec![prefix_term(prefix)?];
        Some(Self { begins: prefix.to_owned(), terms })
    }
}

/// Whether JSON writes a word as it is.
fn plain(word: &str) -> bool {
    !word.is_empty() && word.bytes().all(|b| b.is_ascii_graphic() && !br#""\"#.contains(&b))
}

/// What a leaf must hold, word for word, and what terms its block must have.
struct Asked {
    /// Bytes of which all must be in a first leaf.
    needles: Vec<Finder<'static>>,
    /// Bytes of which one must be in it, if there are any.
    any: Vec<Finder<'static>>,
    /// Of each group one term.
    groups: Vec<Vec<u32>>,
}

impl Asked {
    fn of(filter: &Filter) -> Self {
        let mut needles = Vec::new();
        let mut groups = Vec::new();
        let needle = |text: String| Finder::new(text.as_bytes()).into_owned();
        let mut ask = |word: Option<&str>, fields: &[Field]| {
            let Some(word) = word else { return };
            groups.push(fields.iter().map(|field| term(*field, word)).collect());
            needles.extend(plain(word).then(|| needle(format!("\"{word}\""))));
        };
        ask(filter.principal.as_deref(), &[Field::Principal]);
        ask(filter.credential.as_ref().map(names::AccessKeyId::as_str), &[Field::Credential]);
        let session = filter.session.as_ref().map(names::AccessKeyId::as_str);
        ask(session, &[Field::Credential, Field::Session]);
        ask(filter.minted.as_ref().map(names::AccessKeyId::as_str), &[Field::Session]);
        ask(filter.human.as_deref(), &[Field::Human]);
        ask(filter.reason.as_deref(), &[Field::Reason]);
        let verdict = filter.verdict.map(|verdict| match verdict {
            Entrance::Allowed => "allowed",
            Entrance::Refused => "refused",
        });
        ask(verdict, &[Field::Verdict]);
        if !filter.any_of.is_empty() {
            groups.push(filter.any_of.iter().map(|id| term(Field::Principal, id)).collect());
        }
        if let Some(action) = &filter.action {
            groups.push(vec![term(Field::Action, &action.to_ascii_lowercase())]);
        }
        if let Some(prefix) = filter.resource_prefix.as_deref() {
            groups.extend(prefix_term(prefix).map(|term| vec![term]));
            needles.extend(plain(prefix).then(|| needle(format!("\"{prefix}"))));
        }
        Self { needles, any: Vec::new(), groups }
    }

    /// One of those words, in one of those fields each.
    fn any_of(words: &[Word]) -> Self {
        let terms = words.iter().flat_map(|word| word.terms.iter().copied());
        let found: Option<Vec<_>> = words
            .iter()
            .map(|word| {
                plain(&word.begins).then(|| Finder::new(word.begins.as_bytes()).into_owned())
            })
            .collect();
        let any = found.unwrap_or_default();
        Self { needles: Vec::new(), any, groups: vec![terms.collect()] }
    }

    /// Whether a first leaf may be wanted.
    fn may(&self, leaf: &[u8]) -> bool {
        self.needles.iter().all(|needle| needle.find(leaf).is_some())
            && (self.any.is_empty() || self.any.iter().any(|word| word.find(leaf).is_some()))
    }

    /// Reads a block and finds the first leaves in it that may be wanted.
    fn read(&self, pile: Pile, between: Between) -> Read {
        let wanted = |(index, leaf): (u64, &[u8])| {
            let first = || matches!(kind_and_id(leaf), Some((LeafKind::Opened, _)));
            (between.has(index) && self.may(leaf) && first()).then_some(index)
        };
        let found = pile.leaves().rev().filter_map(wanted).collect();
        Read { pile, found }
    }

    /// The blocks that may hold what is wanted.
    fn blocks(&self, terms: &Terms, filter: &Filter) -> u64 {
        let low = filter.from.map_or(i64::MIN, names::Timestamp::millis);
        let high = filter.to.map_or(i64::MAX, |to| to.millis().saturating_sub(1));
        let timed = terms.blocks_in(|block| block.times, low, high);
        self.groups.iter().fold(timed, |bits, group| {
            bits & group.iter().fold(0, |any, term| any | terms.blocks_with(*term))
        })
    }
}

/// The places of the bits of a word, the highest first.
fn downwards(mut bits: u64) -> impl Iterator<Item = usize> {
    std::iter::from_fn(move || {
        let place = bits.checked_ilog2()?;
        bits &= !(1_u64.checked_shl(place)?);
        usize::try_from(place).ok()
    })
}

/// The bits above one place.
fn above(block: usize) -> u64 {
    let shift = u32::try_from(block).unwrap_or(u32::MAX).saturating_add(1);
    u64::MAX.checked_shl(shift).unwrap_or(0)
}

/// Blocks of one segment.
type Places = Vec<(Arc<SealedHead>, usize)>;

/// The blocks of a segment that may hold what is wanted, the newest first; `None` if neither it
/// nor anything older does.
fn blocks_of(
    disk: &dyn JournalDisk,
    run: &Range<u64>,
    (filter, asked): (&Filter, &Asked),
    between: Between,
) -> Result<Option<Places>, JournalError> {
    if !between.meets(run) {
        let older = between.after.is_some_and(|after| run.end <= after);
        return Ok((!older).then(Vec::new));
    }
    let Some(head) = head(disk, run)? else { return Ok(Some(Vec::new())) };
    let (terms, _) = terms_of(disk, &head)?;
    let oldest = filter.from.map_or(i64::MIN, names::Timestamp::millis);
    if terms.times().is_some_and(|(_, last)| last < oldest.saturating_sub(CLOCK_SLACK_MILLIS)) {
        return Ok(None);
    }
    let head = Arc::new(head);
    let bits = asked.blocks(&terms, filter);
    let numbers = downwards(bits).filter(|number| between.meets(&head.leaves(*number)));
    Ok(Some(numbers.map(|number| (Arc::clone(&head), number)).collect()))
}

impl Reader<'_> {
    /// The newest entries that the filter lets through, newest first, until `limit` are found or
    /// everything that the filter's `from` allows was read.
    ///
    /// # Errors
    /// The disk fails, or a leaf is damaged.
    pub fn search(&self, filter: &Filter, limit: usize) -> Result<Vec<Entry>, JournalError> {
        let mut found = Vec::new();
        if limit > 0 {
            self.each(filter, Between::default(), |entry| {
                found.push(entry);
                if found.len() < limit { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
            })?;
        }
        Ok(found)
    }

    /// Gives each entry that the filter lets through to `take`, newest first, until it breaks off.
    ///
    /// # Errors
    /// The disk fails, or a leaf is damaged.
    pub fn each(
        &self,
        filter: &Filter,
        between: Between,
        mut take: impl FnMut(Entry) -> ControlFlow<()>,
    ) -> Result<(), JournalError> {
        let mut take = |entry: Entry| {
            let wanted = between.has(entry.index) && filter.admits(&entry);
            if wanted { take(entry) } else { ControlFlow::Continue(()) }
        };
        if let Some(id) = filter.request_id {
            let _ = self.find(id)?.map(take);
            return Ok(());
        }
        self.each_asked((filter, &Asked::of(filter)), between, &mut take)
    }

    /// Gives each entry that may have one of those words to `take`, newest first; every entry, if
    /// there are none. Which of them have it is for `take` to see.
    ///
    /// # Errors
    /// The disk fails, or a leaf is damaged.
    pub(crate) fn each_with(
        &self,
        words: &[Word],
        mut take: impl FnMut(Entry),
    ) -> Result<(), JournalError> {
        let filter = Filter::default();
        let asked = if words.is_empty() { Asked::of(&filter) } else { Asked::any_of(words) };
        self.each_asked((&filter, &asked), Between::default(), &mut |entry| {
            take(entry);
            ControlFlow::Continue(())
        })
    }

    fn each_asked(
        &self,
        (filter, asked): (&Filter, &Asked),
        between: Between,
        take: &mut impl FnMut(Entry) -> ControlFlow<()>,
    ) -> Result<(), JournalError> {
        let loose = self.shelf.borrow().end();
        let met = if between.before.is_some_and(|before| before <= loose) {
            None
        } else {
            match self.backwards((loose, between), filter, asked, take)? {
                ControlFlow::Continue(met) => Some(met),
                ControlFlow::Break(()) => return Ok(()),
            }
        };
        let disk = self.disk;
        let runs = self.runs().into_iter().rev();
        let blocks =
            runs.map_while(|run| blocks_of(disk, &run, (filter, asked), between).transpose());
        let blocks = blocks.flat_map(|blocks| match blocks {
            Ok(blocks) => blocks.into_iter().map(Ok).collect::<Vec<_>>(),
            Err(error) => vec![Err(error)],
        });
        in_order(
            blocks,
            |place: Result<_, JournalError>| {
                let (head, number): (Arc<SealedHead>, usize) = place?;
                Ok(asked.read(block(disk, &head, number)?, between))
            },
            |read: Result<Read, JournalError>| {
                let Read { pile, found } = read?;
                for index in found {
                    let Some(leaf) = pile.leaf(index) else { continue };
                    if let Leaf::Opened(opened) = parse(leaf, index)?
                        && (opened.parts > 0 || filter.admits_opened(&opened))
                        && take(self.whole(index, *opened, &pile, met.as_ref())?).is_break()
                    {
                        return Ok(ControlFlow::Break(()));
                    }
                }
                Ok(ControlFlow::Continue(()))
            },
        )
    }

    /// Entries whose first leaf is after the one of index `after`, or the first of all, oldest
    /// first; at most `limit`, and of [`FOLLOWED_LEAVES_MAX`] leaves at once. Gives back the index
    /// to go on after. An entry is given as it stands: it may be open still.
    ///
    /// # Errors
    /// The disk fails, or a leaf is damaged.
    pub fn follow(
        &self,
        filter: &Filter,
        after: Option<u64>,
        limit: usize,
    ) -> Result<(Vec<Entry>, Option<u64>), JournalError> {
        let first = after.map_or(self.first(), |after| after.saturating_add(1));
        let end = self.len().min(first.saturating_add(FOLLOWED_LEAVES_MAX));
        if first >= end {
            return Ok((Vec::new(), after));
        }
        let mut found = Vec::new();
        self.each(filter, Between { after, before: Some(end) }, |entry| {
            found.push(entry);
            ControlFlow::Continue(())
        })?;
        found.reverse();
        let all = found.len() <= limit;
        found.truncate(limit);
        let next = found.last().filter(|_| !all).map(|entry| entry.index);
        Ok((found, next.or(end.checked_sub(1))))
    }

    /// The first leaf that was not sealed when the reader last looked.
    pub(crate) fn loose(&self) -> u64 {
        self.shelf.borrow().end()
    }

    /// Does `work` on each block of what is sealed that may hold entries of that time, several at
    /// once, and gives what comes of it to `take`.
    ///
    /// # Errors
    /// The disk fails, a block is damaged, or `work` fails.
    pub(crate) fn piles<R: Send>(
        &self,
        (from, to): (Option<names::Timestamp>, Option<names::Timestamp>),
        work: impl Fn(Pile) -> Result<R, JournalError> + Sync,
        mut take: impl FnMut(R),
    ) -> Result<(), JournalError> {
        let disk = self.disk;
        let low = from.map_or(i64::MIN, |t| t.millis().saturating_sub(CLOCK_SLACK_MILLIS));
        let high = to.map_or(i64::MAX, |t| t.millis().saturating_add(CLOCK_SLACK_MILLIS));
        let places = |run: Range<u64>| -> Result<Places, JournalError> {
            let Some(head) = head(disk, &run)? else { return Ok(Vec::new()) };
            let timed = (from, to) != (None, None);
            let bits = match timed {
                true => terms_of(disk, &head)?.0.blocks_in(|block| block.times, low, high),
                false => u64::MAX,
            };
            let head = Arc::new(head);
            let asked = (0..head.blocks()).filter(|number| {
                u32::try_from(*number)
                    .is_ok_and(|place| bits.checked_shr(place).unwrap_or(0) & 1 == 1)
            });
            Ok(asked.map(|number| (Arc::clone(&head), number)).collect())
        };
        let blocks = self.runs().into_iter().flat_map(|run| match places(run) {
            Ok(places) => places.into_iter().map(Ok).collect::<Vec<_>>(),
            Err(error) => vec![Err(error)],
        });
        in_order(
            blocks,
            |place: Result<(Arc<SealedHead>, usize), JournalError>| {
                let (head, number) = place?;
                work(block(disk, &head, number)?)
            },
            |done: Result<R, JournalError>| {
                take(done?);
                Ok(ControlFlow::Continue(()))
            },
        )
    }

    /// The runs that were sealed when the reader last looked.
    pub(crate) fn runs(&self) -> Vec<Range<u64>> {
        self.shelf.borrow().runs().to_vec()
    }

    /// Reads what is not sealed, newest first. Gives back the later leaves of entries that began
    /// before; breaks when nothing more is wanted.
    fn backwards(
        &self,
        (loose, between): (u64, Between),
        filter: &Filter,
        asked: &Asked,
        take: &mut impl FnMut(Entry) -> ControlFlow<()>,
    ) -> Result<ControlFlow<(), Met>, JournalError> {
        let oldest = filter.from.map(|from| from.millis().saturating_sub(CLOCK_SLACK_MILLIS));
        let mut met = Met::new();
        for index in (loose..self.len()).rev() {
            if between.after.is_some_and(|after| index <= after) {
                return Ok(ControlFlow::Break(()));
            }
            let wanted = |leaf: &[u8]| between.has(index) && asked.may(leaf);
            let (known, wanted) = self.look(index, |leaf| (kind_and_id(leaf), wanted(leaf)))?;
            let Some((kind, id)) = known else { continue };
            match kind {
                LeafKind::Opened => {
                    let rest = met.remove(&id).unwrap_or_default();
                    let drawn = i64::try_from(id.milliseconds()).unwrap_or(i64::MAX);
                    if oldest.is_some_and(|oldest| drawn < oldest) {
                        return Ok(ControlFlow::Break(()));
                    }
                    if wanted
                        && let Leaf::Opened(opened) = self.parsed(index)?
                        && take(self.joined(index, *opened, &rest)?).is_break()
                    {
                        return Ok(ControlFlow::Break(()));
                    }
                }
                LeafKind::Closed | LeafKind::Continued => met.entry(id).or_default().push(index),
                _ => {}
            }
        }
        Ok(ControlFlow::Continue(met))
    }

    /// The entry of an exchange.
    ///
    /// # Errors
    /// The disk fails, or a leaf is damaged.
    pub fn find(&self, id: RequestId) -> Result<Option<Entry>, JournalError> {
        let mut rest = Vec::new();
        let loose = self.shelf.borrow().end();
        for index in (loose..self.len()).rev() {
            match self.look(index, kind_and_id)? {
                Some((LeafKind::Opened, this)) if this == id => {
                    let Leaf::Opened(opened) = self.parsed(index)? else { continue };
                    return self.joined(index, *opened, &rest).map(Some);
                }
                Some((_, this)) if this == id => rest.push(index),
                _ => {}
            }
        }
        let met = Met::from([(id, rest)]);
        let drawn = i64::try_from(id.milliseconds()).unwrap_or(i64::MAX);
        for run in self.runs().iter().rev() {
            let Some(spans) = self.spans(run)? else { continue };
            let head = self.shelf.borrow().head(run)?;
            for number in downwards(spans.blocks_in(|block| block.ids, drawn, drawn)) {
                let pile = block(self.disk, &head, number)?;
                for (index, leaf) in pile.leaves() {
                    if kind_and_id(leaf) == Some((LeafKind::Opened, id))
                        && let Leaf::Opened(opened) = parse(leaf, index)?
                    {
                        return self.whole(index, *opened, &pile, Some(&met)).map(Some);
                    }
                }
            }
        }
        Ok(None)
    }

    /// Times and ids of a segment's blocks.
    fn spans(&self, run: &Range<u64>) -> Result<Option<Terms>, JournalError> {
        let head = self.shelf.borrow().head(run)?;
        let part = self.disk.read_part(&path(run, "terms"), 0..SPANS_BYTES_MAX);
        let part = part.map_err(failed("read the terms of a segment"))?;
        match part.as_deref().and_then(|bytes| Terms::parse_spans(bytes, &head)) {
            Some((spans, _)) => Ok(Some(spans)),
            None => Ok(terms(self.disk, run)?.map(|(terms, _)| terms)),
        }
    }

    /// An entry that began in a block: its later leaves are in the block, in later ones that have
    /// its term, or among those that were met; or in what is not sealed, if that was not read.
    fn whole(
        &self,
        index: u64,
        opened: Opened,
        pile: &Pile,
        met: Option<&Met>,
    ) -> Result<Entry, JournalError> {
        let id = opened.id;
        let name = id.to_string();
        let mut rest = Vec::new();
        let mut ended = false;
        let mut gather = |pile: &Pile, from: u64, rest: &mut Vec<Leaf>| {
            for (place, leaf) in pile.leaves_after(from) {
                if names_entry(leaf, &name) {
                    let leaf = parse(leaf, place)?;
                    ended |= matches!(leaf, Leaf::Closed(_));
                    rest.push(leaf);
                    if ended {
                        break;
                    }
                }
            }
            Ok::<_, JournalError>(ended)
        };
        if gather(pile, index, &mut rest)? {
            return Ok(join(index, opened, rest));
        }
        let runs = self.runs();
        let own = runs.iter().position(|run| run.contains(&index)).unwrap_or(0);
        for run in runs.iter().skip(own) {
            let Some((terms, _)) = terms(self.disk, run)? else { continue };
            let head = self.shelf.borrow().head(run)?;
            let mut bits = terms.blocks_with(later(id));
            bits &= head.block_of(pile.first).map_or(u64::MAX, above);
            let mut blocks: Vec<usize> = downwards(bits).collect();
            blocks.reverse();
            for number in blocks {
                if gather(&block(self.disk, &head, number)?, index, &mut rest)? {
                    return Ok(join(index, opened, rest));
                }
            }
        }
        let Some(met) = met else {
            for place in self.shelf.borrow().end()..self.len() {
                if self.look(place, |leaf| names_entry(leaf, &name))? {
                    rest.push(self.parsed(place)?);
                }
            }
            return Ok(join(index, opened, rest));
        };
        for place in met.get(&id).into_iter().flatten().rev() {
            rest.push(self.parsed(*place)?);
        }
        Ok(join(index, opened, rest))
    }

    /// An entry of which the later leaves are known, newest first.
    fn joined(&self, index: u64, opened: Opened, rest: &[u64]) -> Result<Entry, JournalError> {
        let rest: Result<Vec<Leaf>, _> = rest.iter().rev().map(|at| self.parsed(*at)).collect();
        Ok(join(index, opened, rest?))
    }
}

/// The entry of its leaves, oldest first.
fn join(index: u64, mut opened: Opened, rest: Vec<Leaf>) -> Entry {
    let mut closed: Option<Closed> = None;
    let mut items = Vec::new();
    for leaf in rest {
        match leaf {
            Leaf::Continued(more) if more.of == LeafKind::Closed => items.extend(more.items),
            Leaf::Continued(more) => opened.checks.extend(more.checks),
            Leaf::Closed(end) => closed = Some(end),
            Leaf::Opened(_) | Leaf::Key(_) | Leaf::Removed(_) | Leaf::Gap(_) => {}
        }
    }
    if let Some(closed) = closed.as_mut() {
        items.append(&mut closed.items);
        closed.items = items;
    }
    Entry { index, opened, closed }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bits_are_named_from_the_highest() {
        assert_eq!(downwards(0b1011).collect::<Vec<_>>(), [3, 1, 0]);
        assert_eq!(downwards(1 << 63).collect::<Vec<_>>(), [63]);
        assert_eq!((above(0), above(63)), (u64::MAX - 1, 0));
    }
}
