//! What happened around one credential, one person or one object, from the beginning: the entries,
//! and everything that was done with the sessions that they led to.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet, HashMap};

use names::{AccessKeyId, Arn, Timestamp};
use serde::Deserialize;

use crate::entry::{Entrance, HumanRecord, LeafKind, Opened};
use crate::glance::{GlancePrincipal, GlanceReason};
use crate::journal::JournalError;
use crate::reader::{Entry, Reader};
use crate::sealed::terms::Field;
use crate::search::Word;
use crate::who::ChainLink;

/// Most entries of one page of a timeline: a few kilobytes each.
pub const TIMELINE_ENTRIES_MAX: usize = 20_000;

/// Whose timeline.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Subject {
    /// Whatever was done with the access key, with sessions that it led to, and with theirs.
    Credential(AccessKeyId),
    /// Whatever the person did, by the provider's subject or label, with any session.
    Person(String),
    /// Whoever touched the resource; one that ends in `*` stands for all that begin so.
    Object(String),
}

/// What part of a timeline's entries is given.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct TimelinePage {
    /// Those newer than the entry of this index: [`Timeline::next`] of the page before.
    pub after: Option<u64>,
    /// The oldest of them, at most so many: no more are in memory at once.
    pub entries_max: usize,
}

impl Default for TimelinePage {
    fn default() -> Self {
        Self { after: None, entries_max: TIMELINE_ENTRIES_MAX }
    }
}

/// The entries, oldest first.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Timeline {
    /// What was done, of this page.
    pub entries: Vec<Entry>,
    /// How many entries of that time there are, on this page or not.
    pub found: u64,
    /// The credentials it was done with, as far as they belong to the subject.
    pub credentials: BTreeSet<AccessKeyId>,
    /// What the subject was allowed to do something to.
    pub touched: BTreeSet<Arn>,
    /// After which entry the next page begins, if there is one. Its entries count above.
    pub next: Option<u64>,
}

/// What an entry is to the subject.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Relation {
    /// The subject did it.
    Acts,
    /// It was done to the subject: the object was touched, the credential was made.
    Suffers,
}

impl Subject {
    fn relation(&self, opened: &Opened, credentials: &BTreeSet<AccessKeyId>) -> Option<Relation> {
        let ours = |key: &AccessKeyId| credentials.contains(key);
        let by = opened.credential.as_ref().is_some_and(ours)
            || opened.chain.iter().any(|link| match link {
                ChainLink::Key(key) | ChainLink::Session(key) => ours(key),
                _ => false,
            });
        match self {
            _ if by => Some(Relation::Acts),
            Self::Credential(key) => {
                let made = opened.mints.as_ref().filter(|minted| minted.credential == *key);
                made.map(|_| Relation::Suffers)
            }
            Self::Person(name) => {
                let is = |human: &HumanRecord| {
                    human.subject == *name || human.display.as_ref() == Some(name)
                };
                opened.human.as_ref().filter(|human| is(human)).map(|_| Relation::Acts)
            }
            Self::Object(name) => {
                let is = |arn: &Arn| match name.strip_suffix('*') {
                    Some(prefix) => arn.as_str().starts_with(prefix),
                    None => arn.as_str() == name,
                };
                let touched = opened.target.as_ref().is_some_and(|target| is(&target.resource))
                    || opened.checks.iter().any(|check| is(&check.resource));
                touched.then_some(Relation::Suffers)
            }
        }
    }

    /// What its entries are found by; no words stand for every entry.
    fn words(&self) -> Vec<Word> {
        match self {
            Self::Credential(key) => vec![credential(key)],
            Self::Person(name) => vec![Word::of(name, &[Field::Human])],
            Self::Object(name) => match name.strip_suffix('*') {
                Some(prefix) => Word::prefix(prefix).into_iter().collect(),
                None => vec![Word::of(name, &[Field::Resource])],
            },
        }
    }
}

/// Wherever an entry may name a credential.
fn credential(key: &AccessKeyId) -> Word {
    Word::of(key.as_str(), &[Field::Credential, Field::Session, Field::Key])
}

/// A page of the timeline of a subject, of the entries from `from` on to before `to`. Sessions are
/// followed from the beginning of the record, whatever `from` says: by the indexes of what is
/// sealed, one search for each step from sessions to those that they minted.
///
/// # Errors
/// The disk fails, or a leaf is damaged.
pub fn timeline(
    reader: &Reader<'_>,
    subject: &Subject,
    (from, to): (Option<Timestamp>, Option<Timestamp>),
    page: TimelinePage,
) -> Result<Timeline, JournalError> {
    let mut found = Timeline::default();
    if let Subject::Credential(key) = subject {
        found.credentials.insert(key.clone());
    }
    let mut given = Given::new(page, reader.len());
    let mut words = subject.words();
    let mut asked = found.credentials.clone();
    loop {
        reader.each_with(&words, |entry| {
            let relation = subject.relation(&entry.opened, &found.credentials);
            if relation == Some(Relation::Acts) {
                found.learn(&entry.opened);
            }
            let early = from.is_some_and(|from| entry.opened.time < from);
            let late = to.is_some_and(|to| entry.opened.time >= to);
            if relation.is_some() && !early && !late {
                given.take(entry);
            }
        })?;
        let new: Vec<_> = found.credentials.difference(&asked).cloned().collect();
        if new.is_empty() {
            break;
        }
        words = new.iter().map(credential).collect();
        asked.extend(new);
    }
    found.found = given.found;
    found.next = given.entries.last_key_value().map(|(index, _)| *index).filter(|_| given.more);
    found.entries = given.entries.into_values().collect();
    Ok(found)
}

/// The entries of a page, and how many there are at all: steps may meet the same one again.
struct Given {
    page: TimelinePage,
    entries: BTreeMap<u64, Entry>,
    more: bool,
    found: u64,
    /// A bit for each leaf: the first one of an entry that was met.
    met: Vec<u64>,
}

impl Given {
    fn new(page: TimelinePage, leaves: u64) -> Self {
        let words = usize::try_from(leaves.div_ceil(64)).unwrap_or(0);
        Self { page, entries: BTreeMap::new(), more: false, found: 0, met: vec![0; words] }
    }

    fn take(&mut self, entry: Entry) {
        let word = usize::try_from(entry.index / 64).ok().and_then(|at| self.met.get_mut(at));
        let bit = 1_u64.checked_shl(u32::try_from(entry.index % 64).unwrap_or(0)).unwrap_or(0);
        match word {
            Some(word) if *word & bit != 0 => return,
            Some(word) => *word |= bit,
            None => {}
        }
        add(&mut self.found, 1);
        if self.page.after.is_some_and(|after| entry.index <= after) {
            return;
        }
        self.entries.insert(entry.index, entry);
        if self.entries.len() > self.page.entries_max {
            self.more = true;
            self.entries.pop_last();
        }
    }
}

impl Timeline {
    /// What an entry of the subject adds: the session that it minted is the subject's from here
    /// on.
    fn learn(&mut self, opened: &Opened) {
        if opened.verdict != Entrance::Allowed {
            return;
        }
        if let Some(target) = &opened.target {
            self.touched.insert(target.resource.clone());
        }
        self.credentials.extend(opened.credential.clone());
        self.credentials.extend(opened.mints.as_ref().map(|minted| minted.credential.clone()));
    }
}

/// What a record holds, counted.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Counts {
    /// Entries.
    pub entries: u64,
    /// Those that were refused.
    pub refused: u64,
    /// Those that are open.
    pub open: u64,
    /// When the first and the last began.
    pub times: Option<(Timestamp, Timestamp)>,
    /// Body bytes that came and went.
    pub bytes: (u64, u64),
    /// How many entries by operation.
    pub operations: HashMap<String, u64>,
    /// By reason, of those that were refused.
    pub reasons: HashMap<String, u64>,
    /// By the caller's ARN, or unique id if there is none.
    pub principals: HashMap<String, u64>,
}

/// What is looked at of a leaf that is counted.
#[derive(Deserialize)]
struct Counted<'a> {
    entry: LeafKind,
    #[serde(default)]
    time: Option<Timestamp>,
    #[serde(default)]
    verdict: Option<Entrance>,
    #[serde(borrow, default)]
    operation: Cow<'a, str>,
    #[serde(borrow, default)]
    reason: Option<GlanceReason<'a>>,
    #[serde(borrow, default)]
    principal: Option<GlancePrincipal<'a>>,
    #[serde(default)]
    bytes_in: u64,
    #[serde(default)]
    bytes_out: u64,
}

/// Counts the entries from `from` on to before `to`. What is sealed is read on all processors, and
/// not read where all of it is more than an hour away from that time.
///
/// # Errors
/// The disk fails, or a leaf is damaged.
pub fn counts(
    reader: &Reader<'_>,
    (from, to): (Option<Timestamp>, Option<Timestamp>),
) -> Result<Counts, JournalError> {
    let mut counts = Counts::default();
    reader.piles(
        (from, to),
        |pile| {
            let mut some = Counts::default();
            pile.leaves().try_for_each(|(index, leaf)| some.take((index, leaf), (from, to)))?;
            Ok(some)
        },
        |some| counts.join(some),
    )?;
    let mut some = Counts::default();
    for index in reader.loose()..reader.len() {
        reader.look(index, |leaf| some.take((index, leaf), (from, to)))??;
    }
    counts.join(some);
    // An entry may have ended that did not begin in that time, or the other way round.
    counts.open = counts.entries.saturating_sub(counts.open);
    Ok(counts)
}

impl Counts {
    /// Counts a leaf; until the end `open` are those that have ended.
    fn take(
        &mut self,
        (index, leaf): (u64, &[u8]),
        (from, to): (Option<Timestamp>, Option<Timestamp>),
    ) -> Result<(), JournalError> {
        let read: Counted<'_> =
            serde_json::from_slice(leaf).map_err(|_| JournalError::Corrupt {
                file: format!("leaf {index}"),
                offset: 0,
                what: "it is not an entry's",
            })?;
        let Some(time) = read.time else { return Ok(()) };
        if from.is_some_and(|from| time < from) || to.is_some_and(|to| time >= to) {
            return Ok(());
        }
        match read.entry {
            LeafKind::Opened => {
                add(&mut self.entries, 1);
                add(&mut self.refused, u64::from(read.verdict == Some(Entrance::Refused)));
                let times = self.times.unwrap_or((time, time));
                self.times = Some((times.0.min(time), times.1.max(time)));
                count(&mut self.operations, &read.operation);
                if let Some(reason) = &read.reason {
                    count(&mut self.reasons, &reason.code);
                }
                if let Some(principal) = &read.principal {
                    count(&mut self.principals, principal.arn.as_ref().unwrap_or(&principal.id));
                }
            }
            LeafKind::Closed => {
                add(&mut self.open, 1);
                add(&mut self.bytes.0, read.bytes_in);
                add(&mut self.bytes.1, read.bytes_out);
            }
            _ => {}
        }
        Ok(())
    }

    fn join(&mut self, more: Self) {
        for (count, more) in [
            (&mut self.entries, more.entries),
            (&mut self.refused, more.refused),
            (&mut self.open, more.open),
            (&mut self.bytes.0, more.bytes.0),
            (&mut self.bytes.1, more.bytes.1),
        ] {
            add(count, more);
        }
        self.times = match (self.times, more.times) {
            (Some((a, b)), Some((c, d))) => Some((a.min(c), b.max(d))),
            (one, other) => one.or(other),
        };
        for (counts, more) in [
            (&mut self.operations, more.operations),
            (&mut self.reasons, more.reasons),
            (&mut self.principals, more.principals),
        ] {
            for (word, many) in more {
                add(counts.entry(word).or_default(), many);
            }
        }
    }
}

/// Counts a word, which is copied once.
fn count(counts: &mut HashMap<String, u64>, word: &str) {
    match counts.get_mut(word) {
        Some(many) => add(many, 1),
        None => drop(counts.insert(word.to_owned(), 1)),
    }
}

fn add(count: &mut u64, more: u64) {
    *count = count.saturating_add(more);
}
