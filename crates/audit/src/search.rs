//! Questions to the record, newest first: what is not sealed yet is read backwards, and of each
//! sealed segment the blocks that its terms point to.

use std::collections::HashMap;
use std::ops::Range;

use names::RequestId;

use crate::entry::{Closed, Entrance, Leaf, LeafKind, Opened};
use crate::filter::Filter;
use crate::glance::kind_and_id;
use crate::journal::JournalError;
use crate::log::failed;
use crate::reader::{Entry, Reader, parse};
use crate::sealed::build::terms;
use crate::sealed::file::path;
use crate::sealed::pile::Pile;
use crate::sealed::shelf::block;
use crate::sealed::terms::{Field, Terms, later, prefix_term, term};

/// How far the time of an entry may be from that of its id, in milliseconds: clocks are set, and
/// an entry is written a little after its id is drawn.
const CLOCK_SLACK_MILLIS: i64 = 60 * 60 * 1000;
/// More than the first bytes of any file of terms, up to the times and ids of its blocks.
const SPANS_BYTES_MAX: u64 = 4096;

/// Leaves that were met before the first one of their entry, newest first.
type Met = HashMap<RequestId, Vec<u64>>;

/// What a leaf must hold, word for word, and what terms its block must have.
struct Asked {
    /// Bytes of which all must be in a first leaf.
    needles: Vec<Vec<u8>>,
    /// Of each group one term.
    groups: Vec<Vec<u32>>,
}

impl Asked {
    fn of(filter: &Filter) -> Self {
        let mut needles = Vec::new();
        let mut groups = Vec::new();
        let mut ask = |word: Option<&str>, fields: &[Field]| {
            let Some(word) = word else { return };
            groups.push(fields.iter().map(|field| term(*field, word)).collect());
            // A word that JSON writes as it is.
            if !word.is_empty()
                && word.bytes().all(|b| b.is_ascii_graphic() && !br#""\"#.contains(&b))
            {
                needles.push(format!("\"{word}\"").into_bytes());
            }
        };
        ask(filter.principal.as_deref(), &[Field::Principal]);
        ask(filter.credential.as_ref().map(names::AccessKeyId::as_str), &[Field::Credential]);
        let session = filter.session.as_ref().map(names::AccessKeyId::as_str);
        ask(session, &[Field::Credential, Field::Session]);
        ask(filter.human.as_deref(), &[Field::Human]);
        ask(filter.reason.as_deref(), &[Field::Reason]);
        let verdict = filter.verdict.map(|verdict| match verdict {
            Entrance::Allowed => "allowed",
            Entrance::Refused => "refused",
        });
        ask(verdict, &[Field::Verdict]);
        if let Some(action) = &filter.action {
            groups.push(vec![term(Field::Action, &action.to_ascii_lowercase())]);
        }
        let prefix = filter.resource_prefix.as_deref().and_then(prefix_term);
        groups.extend(prefix.map(|term| vec![term]));
        Self { needles, groups }
    }

    /// Whether a first leaf may be wanted.
    fn may(&self, leaf: &[u8]) -> bool {
        self.needles.iter().all(|needle| contains(leaf, needle))
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

fn contains(text: &[u8], needle: &[u8]) -> bool {
    let (Some(first), rest) = (needle.first(), text) else { return true };
    let mut rest = rest;
    while let Some(at) = memchr::memchr(*first, rest) {
        let Some(from) = rest.get(at..) else { return false };
        if from.starts_with(needle) {
            return true;
        }
        rest = from.get(1..).unwrap_or_default();
    }
    false
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

impl Reader<'_> {
    /// The newest entries that the filter lets through, newest first, until `limit` are found or
    /// everything that the filter's `from` allows was read.
    ///
    /// # Errors
    /// The disk fails, or a leaf is damaged.
    pub fn search(&self, filter: &Filter, limit: usize) -> Result<Vec<Entry>, JournalError> {
        let mut found = Vec::new();
        if limit == 0 {
            return Ok(found);
        }
        if let Some(id) = filter.request_id {
            found.extend(self.find(id)?.filter(|entry| filter.admits(entry)));
            return Ok(found);
        }
        let asked = Asked::of(filter);
        let mut take = |entry: Entry| {
            if filter.admits(&entry) {
                found.push(entry);
            }
            found.len() < limit
        };
        let loose = self.shelf.borrow().end();
        let Some(met) = self.backwards(loose, filter, &asked, &mut take)? else { return Ok(found) };
        for run in self.runs().iter().rev() {
            let Some((terms, _)) = terms(self.disk, run)? else { continue };
            let oldest = filter.from.map_or(i64::MIN, names::Timestamp::millis);
            if terms
                .times()
                .is_some_and(|(_, last)| last < oldest.saturating_sub(CLOCK_SLACK_MILLIS))
            {
                break;
            }
            let head = self.shelf.borrow().head(run)?;
            for number in downwards(asked.blocks(&terms, filter)) {
                let pile = block(self.disk, &head, number)?;
                for (index, leaf) in pile.leaves().rev() {
                    let first = matches!(kind_and_id(leaf), Some((LeafKind::Opened, _)));
                    if first
                        && asked.may(leaf)
                        && let Leaf::Opened(opened) = parse(leaf, index)?
                        && !take(self.whole(index, *opened, &pile, &met)?)
                    {
                        return Ok(found);
                    }
                }
            }
        }
        Ok(found)
    }

    /// The runs that were sealed when the reader last looked.
    pub(crate) fn runs(&self) -> Vec<Range<u64>> {
        self.shelf.borrow().runs().to_vec()
    }

    /// Reads what is not sealed, newest first. Gives back the later leaves of entries that began
    /// before; `None` when nothing more is wanted.
    fn backwards(
        &self,
        loose: u64,
        filter: &Filter,
        asked: &Asked,
        take: &mut impl FnMut(Entry) -> bool,
    ) -> Result<Option<Met>, JournalError> {
        let oldest = filter.from.map(|from| from.millis().saturating_sub(CLOCK_SLACK_MILLIS));
        let mut met = Met::new();
        for index in (loose..self.len()).rev() {
            let (known, wanted) = self.look(index, |leaf| (kind_and_id(leaf), asked.may(leaf)))?;
            let Some((kind, id)) = known else { continue };
            match kind {
                LeafKind::Opened => {
                    let rest = met.remove(&id).unwrap_or_default();
                    let drawn = i64::try_from(id.milliseconds()).unwrap_or(i64::MAX);
                    if oldest.is_some_and(|oldest| drawn < oldest) {
                        return Ok(None);
                    }
                    if wanted
                        && let Leaf::Opened(opened) = self.parsed(index)?
                        && !take(self.joined(index, *opened, &rest)?)
                    {
                        return Ok(None);
                    }
                }
                LeafKind::Closed | LeafKind::Continued => met.entry(id).or_default().push(index),
                _ => {}
            }
        }
        Ok(Some(met))
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
                        return self.whole(index, *opened, &pile, &met).map(Some);
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
    /// its term, or among those that were met.
    fn whole(
        &self,
        index: u64,
        opened: Opened,
        pile: &Pile,
        met: &Met,
    ) -> Result<Entry, JournalError> {
        let id = opened.id;
        let mut rest = Vec::new();
        let mut ended = false;
        let mut gather = |pile: &Pile, from: u64, rest: &mut Vec<Leaf>| {
            for (place, leaf) in pile.leaves().filter(|(place, _)| *place > from) {
                if kind_and_id(leaf).is_some_and(|(_, this)| this == id) {
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
        let met = met.get(&id).filter(|met| !met.is_empty());
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
        for place in met.into_iter().flatten().rev() {
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
            Leaf::Opened(_) | Leaf::Key(_) | Leaf::Removed(_) => {}
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

    #[test]
    fn a_needle_is_found_wherever_it_begins() {
        assert!(contains(b"aab", b"ab") && contains(b"x", b"") && !contains(b"aa", b"ab"));
    }
}
