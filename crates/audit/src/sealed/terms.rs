//! The terms of a sealed segment: for each word that a question may ask for, in which blocks an
//! entry has it. Only a hint where to look: whatever is found is held against the question again,
//! and no proof rests on it. Missing or damaged, it is made again from the leaves.

use std::fmt::Write as _;
use std::ops::Range;

use names::RequestId;

use crate::filter::entity_of;
use crate::glance::{Glance, GlanceHuman, GlancePrincipal};
use crate::sealed::file::{SealedHead, crc};
use crate::who::ChainLink;

const MAGIC: &[u8; 8] = b"strongST";
/// 2: the id of a session's role is a term too. Terms of another version are made again.
const VERSION: u16 = 2;
/// Most terms that one resource adds.
pub(crate) const RESOURCE_TERMS_MAX: usize = 96;
/// The code of a term that is in more than one block.
const SEVERAL: u8 = u8::MAX;
/// Most terms of a segment; what comes after them is in every block, for all that is known.
const TERMS_MAX: usize = 8 * 1024 * 1024;

/// What kind of word a term is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
pub(crate) enum Field {
    /// The caller's ARN or unique id, or the unique id of the role that it is a session of.
    Principal = b'p',
    /// The access key id that signed.
    Credential = b'c',
    /// A session of the chain, or one that is minted.
    Session = b's',
    /// A key of the chain.
    Key = b'k',
    /// A person's subject or label.
    Human = b'h',
    /// An operation or action, in small letters.
    Action = b'a',
    /// What a resource begins with.
    Prefix = b'r',
    /// A whole resource.
    Resource = b'o',
    /// Let in or not.
    Verdict = b'v',
    /// Why not.
    Reason = b'w',
    /// An entry of which this block has a later leaf, and not the first.
    Later = b'x',
}

/// Fowler–Noll–Vo, 64 bits, folded: quick, and what collides is only looked at in vain.
#[derive(Clone, Copy)]
struct Mix(u64);

impl Mix {
    fn of(field: Field) -> Self {
        Self(0xcbf2_9ce4_8422_2325).with(field as u8)
    }

    fn with(self, byte: u8) -> Self {
        Self((self.0 ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
    }

    fn folded(self) -> u32 {
        let half = |bits: u64| u32::try_from(bits & 0xffff_ffff).unwrap_or(0);
        half(self.0) ^ half(self.0 >> 32)
    }
}

impl std::fmt::Write for Mix {
    fn write_str(&mut self, text: &str) -> std::fmt::Result {
        *self = text.bytes().fold(*self, Self::with);
        Ok(())
    }
}

/// The term of a word.
pub(crate) fn term(field: Field, word: &str) -> u32 {
    term_of(field, word.as_bytes())
}

/// The term of a word that is known to be one.
pub(crate) fn term_of(field: Field, word: &[u8]) -> u32 {
    word.iter().copied().fold(Mix::of(field), Mix::with).folded()
}

/// The term of an operation or action.
pub(crate) fn action(word: &[u8]) -> u32 {
    let small = word.iter().map(u8::to_ascii_lowercase);
    small.fold(Mix::of(Field::Action), Mix::with).folded()
}

/// The term of an entry's later leaves.
pub(crate) fn later(id: RequestId) -> u32 {
    let mut mix = Mix::of(Field::Later);
    // It takes whatever it is told.
    let _ = write!(mix, "{id}");
    mix.folded()
}

/// A resource on its way into terms, byte by byte.
#[derive(Clone, Copy)]
pub(crate) struct Spelled {
    /// How many bytes were taken.
    pub(crate) bytes: usize,
    prefix: Mix,
    whole: Mix,
    colons: u32,
    in_path: bool,
}

impl Spelled {
    /// Before its first byte.
    pub(crate) fn begun() -> Self {
        let (prefix, whole) = (Mix::of(Field::Prefix), Mix::of(Field::Resource));
        Self { bytes: 0, prefix, whole, colons: 0, in_path: false }
    }

    /// Takes a byte; the term of what the resource begins with up to there, if that is one: up to
    /// each `:` and `/`, and each letter of a bucket's name.
    pub(crate) fn take(&mut self, byte: u8) -> Option<u32> {
        self.bytes = self.bytes.saturating_add(1);
        (self.prefix, self.whole) = (self.prefix.with(byte), self.whole.with(byte));
        self.in_path |= byte == b'/';
        self.colons = self.colons.saturating_add(u32::from(byte == b':' && !self.in_path));
        let is_one = matches!(byte, b':' | b'/') || (self.colons == 5 && !self.in_path);
        is_one.then(|| self.prefix.folded())
    }

    /// The term of the whole resource, if no more comes.
    pub(crate) fn whole(&self) -> u32 {
        self.whole.folded()
    }
}

/// The terms of what a resource begins with.
fn prefixes(resource: &str, take: impl FnMut(u32)) {
    let mut spelled = Spelled::begun();
    let found = resource.bytes().filter_map(|byte| spelled.take(byte));
    found.take(RESOURCE_TERMS_MAX).for_each(take);
}

/// The longest of the terms that every resource beginning with `prefix` has.
pub(crate) fn prefix_term(prefix: &str) -> Option<u32> {
    let mut last = None;
    prefixes(prefix, |term| last = Some(term));
    last
}

/// The least and the greatest of something.
pub(crate) type Span = Option<(i64, i64)>;

pub(crate) fn widen(span: &mut Span, value: i64) {
    *span = Some(span.map_or((value, value), |(low, high)| (low.min(value), high.max(value))));
}

fn join(one: Span, other: Span) -> Span {
    match (one, other) {
        (Some((a, b)), Some((c, d))) => Some((a.min(c), b.max(d))),
        (one, other) => one.or(other),
    }
}

/// What is known of one block.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(crate) struct BlockSpans {
    /// The times of its entries, in milliseconds.
    pub(crate) times: Span,
    /// When their ids were drawn, likewise.
    pub(crate) ids: Span,
}

/// The terms of a segment.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Terms {
    run: Range<u64>,
    fingerprint: u32,
    entries: u64,
    pub(crate) blocks: Vec<BlockSpans>,
    hashes: Vec<u32>,
    codes: Vec<u8>,
    several: Vec<u64>,
}

impl Terms {
    /// The terms of the segment with that head, from each term ascending and a bit for each block
    /// that has it.
    pub(crate) fn of(
        head: &SealedHead,
        (entries, blocks): (u64, Vec<BlockSpans>),
        ascending: impl Iterator<Item = (u32, u64)>,
    ) -> Self {
        let (mut hashes, mut codes, mut several) = (Vec::new(), Vec::new(), Vec::new());
        for (hash, bits) in ascending.take(TERMS_MAX) {
            hashes.push(hash);
            if bits.count_ones() == 1 {
                codes.push(u8::try_from(bits.trailing_zeros()).unwrap_or(SEVERAL));
            } else {
                codes.push(SEVERAL);
                several.push(bits);
            }
        }
        let (run, fingerprint) = (head.run.clone(), head.fingerprint());
        Self { run, fingerprint, entries, blocks, hashes, codes, several }
    }

    /// In which blocks the term may be, a bit each.
    pub(crate) fn blocks_with(&self, term: u32) -> u64 {
        let Ok(place) = self.hashes.binary_search(&term) else {
            return if self.hashes.len() >= TERMS_MAX { u64::MAX } else { 0 };
        };
        match self.codes.get(place) {
            Some(&SEVERAL) => {
                let before = self.codes.iter().take(place).filter(|code| **code == SEVERAL);
                self.several.get(before.count()).copied().unwrap_or(u64::MAX)
            }
            Some(&block) => 1_u64.checked_shl(u32::from(block)).unwrap_or(u64::MAX),
            None => u64::MAX,
        }
    }

    /// The blocks with times, or ids, that may lie in a span.
    pub(crate) fn blocks_in(&self, of: impl Fn(&BlockSpans) -> Span, low: i64, high: i64) -> u64 {
        let mut bits = 0;
        for (place, block) in (0_u32..).zip(&self.blocks) {
            if of(block).is_some_and(|(first, last)| first <= high && last >= low) {
                bits |= 1_u64.checked_shl(place).unwrap_or(0);
            }
        }
        bits
    }

    /// The times of the segment's entries, in milliseconds.
    pub(crate) fn times(&self) -> Span {
        self.blocks.iter().fold(None, |all, block| join(all, block.times))
    }

    /// The file.
    pub(crate) fn bytes(&self) -> Vec<u8> {
        let mut out = MAGIC.to_vec();
        out.extend_from_slice(&VERSION.to_be_bytes());
        out.extend_from_slice(&self.run.start.to_be_bytes());
        out.extend_from_slice(&self.run.end.to_be_bytes());
        out.extend_from_slice(&self.fingerprint.to_be_bytes());
        out.extend_from_slice(&self.entries.to_be_bytes());
        put_count(&mut out, self.blocks.len());
        for span in self.blocks.iter().flat_map(|block| [block.times, block.ids]) {
            let (low, high) = span.unwrap_or((i64::MAX, i64::MIN));
            out.extend_from_slice(&low.to_be_bytes());
            out.extend_from_slice(&high.to_be_bytes());
        }
        let sum = crc(&out);
        out.extend_from_slice(&sum.to_be_bytes());
        put_count(&mut out, self.hashes.len());
        out.extend(self.hashes.iter().flat_map(|hash| hash.to_be_bytes()));
        out.extend_from_slice(&self.codes);
        put_count(&mut out, self.several.len());
        out.extend(self.several.iter().flat_map(|bits| bits.to_be_bytes()));
        let sum = crc(&out);
        out.extend_from_slice(&sum.to_be_bytes());
        out
    }

    /// Reads the file; `None` if it is damaged, or another segment's.
    pub(crate) fn parse(bytes: &[u8], head: &SealedHead) -> Option<Self> {
        let (body, sum) = bytes.split_last_chunk::<4>()?;
        if crc(body) != u32::from_be_bytes(*sum) {
            return None;
        }
        let (mut read, mut rest) = Self::parse_spans(body, head)?;
        let count = take_count(&mut rest)?;
        let (hashes, rest) = rest.split_at_checked(count.checked_mul(4)?)?;
        read.hashes =
            hashes.as_chunks::<4>().0.iter().map(|four| u32::from_be_bytes(*four)).collect();
        let (codes, mut rest) = rest.split_at_checked(count)?;
        read.codes = codes.to_vec();
        let count = take_count(&mut rest)?;
        if rest.len() != count.checked_mul(8)? || !read.hashes.is_sorted() {
            return None;
        }
        let several = rest.as_chunks::<8>().0.iter();
        read.several = several.map(|eight| u64::from_be_bytes(*eight)).collect();
        Some(read)
    }

    /// Reads the file's beginning: times and ids, no terms; and gives back what follows.
    pub(crate) fn parse_spans<'b>(bytes: &'b [u8], head: &SealedHead) -> Option<(Self, &'b [u8])> {
        let rest = bytes.strip_prefix(MAGIC)?;
        let (version, rest) = rest.split_first_chunk::<2>()?;
        let (from, rest) = rest.split_first_chunk::<8>()?;
        let (to, rest) = rest.split_first_chunk::<8>()?;
        let (fingerprint, rest) = rest.split_first_chunk::<4>()?;
        let (entries, mut rest) = rest.split_first_chunk::<8>()?;
        let run = u64::from_be_bytes(*from)..u64::from_be_bytes(*to);
        let (fingerprint, entries) =
            (u32::from_be_bytes(*fingerprint), u64::from_be_bytes(*entries));
        let ours = run == head.run && fingerprint == head.fingerprint();
        if u16::from_be_bytes(*version) != VERSION || !ours {
            return None;
        }
        let count = take_count(&mut rest).filter(|count| *count == head.blocks())?;
        let mut blocks = Vec::with_capacity(count);
        for _ in 0..count {
            let (times, ids) = (take_span(&mut rest)?, take_span(&mut rest)?);
            blocks.push(BlockSpans { times, ids });
        }
        let read = bytes.len().checked_sub(rest.len())?;
        let (sum, rest) = rest.split_first_chunk::<4>()?;
        if crc(bytes.get(..read)?) != u32::from_be_bytes(*sum) {
            return None;
        }
        let (hashes, codes, several) = (Vec::new(), Vec::new(), Vec::new());
        Some((Self { run, fingerprint, entries, blocks, hashes, codes, several }, rest))
    }
}

fn put_count(out: &mut Vec<u8>, count: usize) {
    out.extend_from_slice(&u32::try_from(count).unwrap_or(u32::MAX).to_be_bytes());
}

fn take_count(rest: &mut &[u8]) -> Option<usize> {
    let (count, after) = rest.split_first_chunk::<4>()?;
    *rest = after;
    usize::try_from(u32::from_be_bytes(*count)).ok()
}

fn take_span(rest: &mut &[u8]) -> Option<Span> {
    let (low, after) = rest.split_first_chunk::<8>()?;
    let (high, after) = after.split_first_chunk::<8>()?;
    *rest = after;
    let (low, high) = (i64::from_be_bytes(*low), i64::from_be_bytes(*high));
    Some((low <= high).then_some((low, high)))
}

/// Every word of a leaf that a question may ask for.
pub(crate) fn words(glance: &Glance<'_>, mut put: impl FnMut(u32)) {
    let caller = Caller {
        principal: glance.principal.as_ref(),
        credential: glance.credential.as_deref(),
        chain: &glance.chain,
        human: glance.human.as_ref(),
    };
    caller.words(&mut put);
    let mut word = |field: Field, word: &str| put(term(field, word));
    glance.mints.iter().for_each(|minted| word(Field::Session, &minted.credential));
    glance.verdict.iter().for_each(|verdict| word(Field::Verdict, verdict));
    glance.reason.iter().for_each(|reason| word(Field::Reason, &reason.code));
    glance.operation.iter().for_each(|operation| put(action(operation.as_bytes())));
    glance.checks.iter().for_each(|check| put(action(check.action.as_bytes())));
    let mut last = None;
    let target = glance.target.iter().map(|target| &target.resource);
    for resource in target.chain(glance.checks.iter().map(|check| &check.resource)) {
        if last != Some(resource) {
            put(term(Field::Resource, resource));
            prefixes(resource, &mut put);
        }
        last = Some(resource);
    }
}

/// What a leaf says of who asks.
pub(crate) struct Caller<'a> {
    pub(crate) principal: Option<&'a GlancePrincipal<'a>>,
    pub(crate) credential: Option<&'a str>,
    pub(crate) chain: &'a [ChainLink],
    pub(crate) human: Option<&'a GlanceHuman<'a>>,
}

impl Caller<'_> {
    /// The words of it that a question may ask for.
    pub(crate) fn words(&self, mut put: impl FnMut(u32)) {
        let mut word = |field: Field, word: &str| put(term(field, word));
        if let Some(principal) = self.principal {
            word(Field::Principal, &principal.id);
            let entity = entity_of(&principal.id);
            if entity != principal.id {
                word(Field::Principal, entity);
            }
            principal.arn.iter().for_each(|arn| word(Field::Principal, arn));
        }
        self.credential.iter().for_each(|key| word(Field::Credential, key));
        for link in self.chain {
            match link {
                ChainLink::Session(key) => word(Field::Session, key.as_str()),
                ChainLink::Key(key) => word(Field::Key, key.as_str()),
                _ => {}
            }
        }
        if let Some(human) = self.human {
            word(Field::Human, &human.subject);
            human.display.iter().for_each(|label| word(Field::Human, label));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(resource: &str) -> Vec<u32> {
        let mut all = Vec::new();
        prefixes(resource, |term| all.push(term));
        all
    }

    #[test]
    fn whatever_begins_with_a_prefix_has_its_term() {
        let resource = "arn:aws:s3:::lake/payroll/2026/q1.csv";
        for cut in 1..resource.len() {
            let prefix = resource.get(..cut).unwrap();
            if let Some(term) = prefix_term(prefix) {
                assert!(all(resource).contains(&term), "{prefix}");
            }
        }
        assert_eq!(prefix_term("arn"), None);
        let other = all("arn:aws:s3:::lakes/x");
        assert!(other.contains(&prefix_term("arn:aws:s3:::lake").unwrap()));
        assert!(!other.contains(&prefix_term("arn:aws:s3:::lake/").unwrap()));
        assert!(!other.contains(&prefix_term("arn:aws:s3:::la1").unwrap()));
    }

    #[test]
    fn a_resource_has_only_so_many_terms_and_the_deepest_prefix_is_still_found() {
        let deep = format!("arn:aws:s3:::b/{}", "d/".repeat(200));
        assert_eq!(all(&deep).len(), RESOURCE_TERMS_MAX);
        assert!(all(&deep).contains(&prefix_term(&deep).unwrap()));
    }

    #[test]
    fn a_session_has_the_term_of_its_role_and_a_user_has_its_own_alone() {
        let principals = |id: &str| {
            let request = RequestId::from_parts(5, [1; 10]);
            let leaf =
                format!(r#"{{"entry":"opened","id":"{request}","principal":{{"id":"{id}"}}}}"#);
            let mut found = Vec::new();
            words(&serde_json::from_str(&leaf).unwrap(), |term| found.push(term));
            found
        };
        let id = |id: &str| term(Field::Principal, id);
        assert_eq!(principals("AROAA:alice"), [id("AROAA:alice"), id("AROAA")]);
        assert_eq!(principals("AIDAA"), [id("AIDAA")]);
    }

    #[test]
    fn words_of_two_fields_are_two_terms() {
        assert_ne!(term(Field::Credential, "AKIA"), term(Field::Key, "AKIA"));
    }
}
