//! The terms of a segment on their way, leaf by leaf. Nearly every leaf is written as this program
//! does, by callers who asked before, for what lies beside what was asked for before: what was
//! worked out for one is used for the next, and any other leaf is read the long way.

use std::collections::HashSet;
use std::hash::{BuildHasherDefault, Hasher};

use names::{RequestId, Timestamp};

use crate::entry::{LeafHead, LeafKind};
use crate::glance::Glance;
use crate::sealed::file::{BLOCKS_MAX, SealedHead};
use crate::sealed::terms::{
    BlockSpans, Field, RESOURCE_TERMS_MAX, Spelled, Terms, action, later, term_of, widen, words,
};
use crate::sealed::written::{Before, First, Written, read};

/// So many of a block's terms are known to be there already.
const LATELY: u32 = 4096;
/// When a block has more terms than this, those that are there twice are looked for.
const TERMS_BEFORE_SETTLING: usize = 1 << 16;

/// Terms on their way, leaf by leaf.
#[derive(Default)]
pub(crate) struct Gathering {
    /// Each term and block so far: the term in the upper half.
    before: Vec<u64>,
    block: BlockTerms,
    resource: Resource,
    leaves: Before,
    blocks: Vec<BlockSpans>,
    /// Entries that began in the block.
    begun: HashSet<RequestId, BuildHasherDefault<IdHasher>>,
    entries: u64,
}

impl Gathering {
    /// The next block begins.
    pub(crate) fn block(&mut self) {
        self.end();
        self.blocks.push(BlockSpans::default());
        self.begun.clear();
        self.resource = Resource::default();
    }

    /// The block ends.
    fn end(&mut self) {
        let number = u64::try_from(self.blocks.len().saturating_sub(1)).unwrap_or(u64::MAX);
        let terms = self.block.taken().map(|term| (u64::from(term) << 32) | number);
        self.before.extend(terms);
        self.block.clear();
    }

    /// Takes the next leaf of the block. One that is no entry's adds nothing.
    pub(crate) fn leaf(&mut self, leaf: &[u8]) {
        match read(leaf, &mut self.leaves) {
            Some(Written::Opened(first)) => self.first(&first),
            Some(Written::Closed(id)) => self.follows(id),
            None => self.long_way(leaf),
        }
    }

    fn first(&mut self, first: &First<'_>) {
        self.begins(first.id, Some(first.time));
        let block = &mut self.block;
        let caller = first.caller.map_or(&[][..], |place| self.leaves.callers.terms(place));
        caller.iter().for_each(|term| block.put(*term));
        first.mints.iter().for_each(|key| block.put(term_of(Field::Session, key)));
        block.put(term_of(Field::Verdict, first.verdict));
        first.reason.iter().for_each(|code| block.put(term_of(Field::Reason, code)));
        block.put(action(first.operation));
        first.target.iter().for_each(|resource| self.resource.put(resource, block));
        for (name, resource) in &first.checks {
            block.put(action(name));
            self.resource.put(resource, block);
        }
    }

    /// Takes a leaf as JSON, however it is written.
    pub(crate) fn long_way(&mut self, leaf: &[u8]) {
        let Ok(glance) = serde_json::from_slice::<Glance<'_>>(leaf) else {
            return self.stranger(leaf);
        };
        if glance.entry == LeafKind::Opened {
            self.begins(glance.id, glance.time);
        } else {
            self.follows(glance.id);
        }
        words(&glance, |term| self.block.put(term));
    }

    fn begins(&mut self, id: RequestId, time: Option<Timestamp>) {
        self.entries = self.entries.saturating_add(1);
        self.begun.insert(id);
        if let Some(block) = self.blocks.last_mut() {
            time.into_iter().for_each(|time| widen(&mut block.times, time.millis()));
            let drawn = i64::try_from(id.milliseconds()).unwrap_or(i64::MAX);
            widen(&mut block.ids, drawn);
        }
    }

    fn follows(&mut self, id: RequestId) {
        if !self.begun.contains(&id) {
            self.block.put(later(id));
        }
    }

    /// A leaf of a form that is not known: its entry's later leaves are still found.
    fn stranger(&mut self, leaf: &[u8]) {
        if let Ok(head) = serde_json::from_slice::<LeafHead>(leaf) {
            self.block.put(later(head.id));
        }
    }

    /// What was gathered so far: entries, spans, and each term with its block.
    #[cfg(any(test, feature = "fuzzing"))]
    pub(crate) fn found(mut self) -> (u64, Vec<BlockSpans>, Vec<u64>) {
        self.end();
        (self.entries, self.blocks, self.before)
    }

    /// The terms of the segment with that head.
    pub(crate) fn finish(mut self, head: &SealedHead) -> Terms {
        debug_assert!(self.blocks.len() <= BLOCKS_MAX, "a segment has no more blocks");
        self.end();
        self.before.sort_unstable();
        let same = self.before.chunk_by(|one, other| one >> 32 == other >> 32);
        let ascending = same.filter_map(|places| {
            let term = u32::try_from(places.first()? >> 32).ok()?;
            let bits = places.iter().fold(0, |bits, place| {
                let block = u32::try_from(place & u64::from(u32::MAX)).unwrap_or(u32::MAX);
                bits | 1_u64.checked_shl(block).unwrap_or(0)
            });
            Some((term, bits))
        });
        Terms::of(head, (self.entries, self.blocks), ascending)
    }
}

/// The terms of one block.
#[derive(Default)]
struct BlockTerms {
    /// Each at least once; often some of them twice.
    terms: Vec<u32>,
    /// Terms that are there, each in the place of its last bits.
    lately: Vec<u32>,
    /// When it has so many, those that are there twice go.
    full: usize,
}

impl BlockTerms {
    fn put(&mut self, term: u32) {
        let place = usize::try_from(term % LATELY).unwrap_or(usize::MAX);
        match self.lately.get_mut(place) {
            Some(last) if *last == term => return,
            Some(last) => *last = term,
            None => {}
        }
        self.terms.push(term);
        if self.terms.len() > self.full {
            self.settle();
        }
    }

    fn settle(&mut self) {
        self.terms.sort_unstable();
        self.terms.dedup();
        self.full = self.terms.len().saturating_mul(2).max(TERMS_BEFORE_SETTLING);
    }

    /// All of them, each once.
    fn taken(&mut self) -> impl Iterator<Item = u32> + '_ {
        self.settle();
        self.terms.iter().copied()
    }

    fn clear(&mut self) {
        self.terms.clear();
        self.lately.clear();
        // None is in its own place.
        self.lately.extend((0..LATELY).map(|place| !place));
        self.full = TERMS_BEFORE_SETTLING;
    }
}

/// The resource that came last in the block: one that begins alike has those terms too, and they
/// are there.
#[derive(Default)]
struct Resource {
    last: Vec<u8>,
    /// After each of its beginnings that is a term.
    beginnings: Vec<Spelled>,
}

impl Resource {
    fn put(&mut self, bytes: &[u8], block: &mut BlockTerms) {
        if self.last == bytes && !bytes.is_empty() {
            return;
        }
        let alike = alike(&self.last, bytes);
        let kept = self.beginnings.partition_point(|spelled| spelled.bytes <= alike);
        self.beginnings.truncate(kept);
        let mut spelled = self.beginnings.last().copied().unwrap_or_else(Spelled::begun);
        for byte in bytes.get(spelled.bytes..).unwrap_or_default() {
            if let Some(term) = spelled.take(*byte)
                && self.beginnings.len() < RESOURCE_TERMS_MAX
            {
                block.put(term);
                self.beginnings.push(spelled);
            }
        }
        block.put(spelled.whole());
        self.last.clear();
        self.last.extend_from_slice(bytes);
    }
}

/// How many bytes both begin with.
fn alike(one: &[u8], other: &[u8]) -> usize {
    let (ours, theirs) = (one.as_chunks::<8>().0, other.as_chunks::<8>().0);
    let words = ours.iter().zip(theirs).take_while(|(ours, theirs)| ours == theirs).count();
    let whole = words.saturating_mul(8);
    let rest = one.iter().zip(other).skip(whole).take_while(|(ours, theirs)| ours == theirs);
    whole.saturating_add(rest.count())
}

/// Mixes request ids, most of whose bits are drawn, and by this program: nobody can choose ids that
/// fall together.
#[derive(Default)]
pub(crate) struct IdHasher(u64);

impl Hasher for IdHasher {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = (self.0.rotate_left(5) ^ u64::from(*byte)).wrapping_mul(IDS_APART);
        }
    }

    fn write_u128(&mut self, id: u128) {
        let half = |bits: u128| u64::try_from(bits & u128::from(u64::MAX)).unwrap_or(0);
        self.0 = (half(id) ^ half(id >> 64)).wrapping_mul(IDS_APART);
    }
}

/// Odd, and its bits without order: 2⁶⁴ over the golden ratio.
const IDS_APART: u64 = 0x9e37_79b9_7f4a_7c15;
