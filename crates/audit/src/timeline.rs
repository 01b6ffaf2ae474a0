//! What happened around one credential, one person or one object, from the beginning: the entries,
//! and everything that was done with the sessions that they led to.

use std::collections::{BTreeSet, HashMap};

use names::{AccessKeyId, Arn, RequestId, Timestamp};
use serde::Deserialize;

use crate::entry::{Entrance, Leaf, LeafKind, TargetRecord};
use crate::journal::JournalError;
use crate::opening::Minted;
use crate::reader::{Entry, Reader};
use crate::who::ChainLink;

/// Most entries of a timeline.
pub const TIMELINE_ENTRIES_MAX: usize = 100_000;

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

/// The entries, oldest first.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Timeline {
    /// What was done.
    pub entries: Vec<Entry>,
    /// The credentials it was done with, as far as they belong to the subject.
    pub credentials: BTreeSet<AccessKeyId>,
    /// What the subject was allowed to do something to.
    pub touched: BTreeSet<Arn>,
    /// Whether there were more entries than [`TIMELINE_ENTRIES_MAX`]; they still count above.
    pub cut: bool,
}

/// What is looked at of a first leaf before all of it is read.
#[derive(Deserialize)]
struct Glance {
    entry: LeafKind,
    id: RequestId,
    #[serde(default)]
    time: Option<Timestamp>,
    #[serde(default)]
    verdict: Option<Entrance>,
    #[serde(default)]
    credential: Option<AccessKeyId>,
    #[serde(default)]
    human: Option<GlanceHuman>,
    #[serde(default)]
    chain: Vec<ChainLink>,
    #[serde(default)]
    target: Option<TargetRecord>,
    #[serde(default)]
    mints: Option<Minted>,
    #[serde(default)]
    checks: Vec<GlanceCheck>,
}

#[derive(Deserialize)]
struct GlanceHuman {
    subject: String,
    #[serde(default)]
    display: Option<String>,
}

#[derive(Deserialize)]
struct GlanceCheck {
    resource: Arn,
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
    fn relation(&self, glance: &Glance, credentials: &BTreeSet<AccessKeyId>) -> Option<Relation> {
        let ours = |key: &AccessKeyId| credentials.contains(key);
        let by = glance.credential.as_ref().is_some_and(ours)
            || glance.chain.iter().any(|link| match link {
                ChainLink::Key(key) | ChainLink::Session(key) => ours(key),
                _ => false,
            });
        match self {
            _ if by => Some(Relation::Acts),
            Self::Credential(key) => {
                let made = glance.mints.as_ref().filter(|minted| minted.credential == *key);
                made.map(|_| Relation::Suffers)
            }
            Self::Person(name) => {
                let is = |human: &GlanceHuman| {
                    human.subject == *name || human.display.as_ref() == Some(name)
                };
                glance.human.as_ref().filter(|human| is(human)).map(|_| Relation::Acts)
            }
            Self::Object(name) => {
                let is = |arn: &Arn| match name.strip_suffix('*') {
                    Some(prefix) => arn.as_str().starts_with(prefix),
                    None => arn.as_str() == name,
                };
                let touched = glance.target.as_ref().is_some_and(|target| is(&target.resource))
                    || glance.checks.iter().any(|check| is(&check.resource));
                touched.then_some(Relation::Suffers)
            }
        }
    }
}

/// The timeline of a subject, of the entries from `from` on to before `to`. Sessions are followed
/// from the beginning of the record, whatever `from` says.
///
/// # Errors
/// The disk fails, or a leaf is damaged.
pub fn timeline(
    reader: &Reader<'_>,
    subject: &Subject,
    (from, to): (Option<Timestamp>, Option<Timestamp>),
) -> Result<Timeline, JournalError> {
    let mut found = Timeline::default();
    if let Subject::Credential(key) = subject {
        found.credentials.insert(key.clone());
    }
    // Entries whose other leaves are still to come: where they stand in the timeline.
    let mut begun: HashMap<RequestId, usize> = HashMap::new();
    for index in reader.first()..reader.len() {
        let bytes = reader.leaf(index)?;
        let damaged = || JournalError::Corrupt {
            file: format!("leaf {index}"),
            offset: 0,
            what: "it is not an entry's",
        };
        let glance: Glance = serde_json::from_slice(&bytes).map_err(|_| damaged())?;
        if glance.entry != LeafKind::Opened {
            let place = begun.get(&glance.id).copied();
            if let Some(entry) = place.and_then(|place| found.entries.get_mut(place)) {
                let leaf = Leaf::parse(&bytes).map_err(|_| damaged())?;
                if entry.take(leaf) {
                    begun.remove(&glance.id);
                }
            }
            continue;
        }
        let Some(relation) = subject.relation(&glance, &found.credentials) else { continue };
        if relation == Relation::Acts {
            found.learn(&glance);
        }
        let early = from.is_some_and(|from| glance.time < Some(from));
        let late = to.is_some_and(|to| glance.time >= Some(to));
        if early || late {
            continue;
        }
        if found.entries.len() == TIMELINE_ENTRIES_MAX {
            found.cut = true;
            continue;
        }
        if let Leaf::Opened(opened) = Leaf::parse(&bytes).map_err(|_| damaged())? {
            begun.insert(glance.id, found.entries.len());
            found.entries.push(Entry { index, opened: *opened, closed: None });
        }
    }
    Ok(found)
}

impl Timeline {
    /// What an entry of the subject adds: the session that it minted is the subject's from here
    /// on.
    fn learn(&mut self, glance: &Glance) {
        if glance.verdict != Some(Entrance::Allowed) {
            return;
        }
        if let Some(target) = &glance.target {
            self.touched.insert(target.resource.clone());
        }
        self.credentials.extend(glance.credential.clone());
        self.credentials.extend(glance.mints.as_ref().map(|minted| minted.credential.clone()));
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

/// Counts the entries from `from` on to before `to`.
///
/// # Errors
/// The disk fails, or a leaf is damaged.
pub fn counts(
    reader: &Reader<'_>,
    (from, to): (Option<Timestamp>, Option<Timestamp>),
) -> Result<Counts, JournalError> {
    let mut counts = Counts::default();
    for leaf in reader.leaves(0) {
        match leaf?.1 {
            Leaf::Opened(opened) => {
                if from.is_some_and(|from| opened.time < from)
                    || to.is_some_and(|to| opened.time >= to)
                {
                    continue;
                }
                add(&mut counts.entries, 1);
                add(&mut counts.open, 1);
                add(&mut counts.refused, u64::from(opened.verdict == Entrance::Refused));
                let times = counts.times.unwrap_or((opened.time, opened.time));
                counts.times = Some((times.0.min(opened.time), times.1.max(opened.time)));
                add(counts.operations.entry(opened.operation).or_default(), 1);
                if let Some(reason) = opened.reason {
                    add(counts.reasons.entry(reason.code).or_default(), 1);
                }
                if let Some(principal) = opened.principal {
                    let name = principal.arn.map_or(principal.id, |arn| arn.as_str().to_owned());
                    add(counts.principals.entry(name).or_default(), 1);
                }
            }
            Leaf::Closed(closed)
                if from.is_none_or(|from| closed.time >= from)
                    && to.is_none_or(|to| closed.time < to) =>
            {
                counts.open = counts.open.saturating_sub(1);
                add(&mut counts.bytes.0, closed.bytes_in);
                add(&mut counts.bytes.1, closed.bytes_out);
            }
            _ => {}
        }
    }
    Ok(counts)
}

fn add(count: &mut u64, more: u64) {
    *count = count.saturating_add(more);
}
