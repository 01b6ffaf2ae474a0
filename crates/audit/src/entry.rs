//! The leaves of the journal: what an entry says, field by field, in the order in which it is
//! written. `docs/audit-schema.md` explains each field.

use std::net::{IpAddr, SocketAddr};

use names::{AccessKeyId, AccountId, Action, Arn, DecisionId, RequestId, Revision, Timestamp};
use policy::decision::{Layer, NamedValue, StatementRef, Verdict};
use policy::operation::Need;
use serde::{Deserialize, Serialize};

use crate::clip::clip;
use crate::gap::GapRecord;
use crate::journal::Durability;
use crate::json;
use crate::leaves::Leaves;
use crate::opening::{Minted, Transport};
use crate::outcome::{ItemOutcome, Outcome};
use crate::reason::Reason;
use crate::removal::RemovalRecord;
use crate::signer::KeyRecord;
use crate::who::{ChainLink, How};

/// The version that every leaf begins with.
pub const SCHEMA_VERSION: u8 = 1;
/// Most bytes of one leaf: an entry bundle prefixes each with sixteen bits (C2SP tlog-tiles).
pub const LEAF_BYTES_MAX: usize = 65_535;
/// Most bytes kept of a `User-Agent`.
pub const USER_AGENT_BYTES_MAX: usize = 256;
/// Most bytes kept of a subject, a label or a target's detail.
pub const LABEL_BYTES_MAX: usize = 256;
/// Most bytes kept of an error code.
pub const CODE_BYTES_MAX: usize = 128;
/// Most bytes kept of one context value.
pub const CONTEXT_VALUE_BYTES_MAX: usize = 1024;
/// Most bytes kept of all context values of one check.
pub const CONTEXT_BYTES_MAX: usize = 8 * 1024;
/// Most links recorded of a caller's chain.
pub const CHAIN_LINKS_MAX: usize = 32;
/// Most bytes kept of a method.
pub(crate) const METHOD_BYTES_MAX: usize = 16;
/// Bytes in which nearly every first leaf has room.
const LEAF_BYTES_USUAL: usize = 2048;
/// Bytes in which nearly every last leaf has room.
const CLOSED_BYTES_USUAL: usize = 384;
/// What a leaf may take before its lists go to continuation leaves of their own.
pub(crate) const PART_BYTES_MAX: usize = 48 * 1024;

/// Which leaf this is.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LeafKind {
    /// The first leaf of an entry.
    Opened,
    /// Checks or items that did not fit the leaf before it.
    Continued,
    /// The last leaf of an entry.
    Closed,
    /// No entry's: the key that signs checkpoints from here on.
    Key,
    /// No entry's: older leaves were removed.
    Removed,
    /// No entry's: requests were refused for which there was no room in the record.
    Gap,
}

/// One leaf, read back.
#[derive(Clone, PartialEq, Debug)]
pub enum Leaf {
    /// Before any effect.
    Opened(Box<Opened>),
    /// More of the same.
    Continued(Continued),
    /// At the end.
    Closed(Closed),
    /// No entry's: a key.
    Key(Box<KeyRecord>),
    /// No entry's: what was removed.
    Removed(Box<RemovalRecord>),
    /// No entry's: what was not recorded.
    Gap(Box<GapRecord>),
}

/// The bytes are not a leaf that this version reads.
#[derive(Debug, thiserror::Error)]
pub enum BadLeaf {
    /// Not the JSON of a leaf.
    #[error("not the JSON of a leaf")]
    Json(#[from] serde_json::Error),
    /// Written by another version.
    #[error("leaf version {0} is not one that this program reads")]
    Version(u8),
}

impl Leaf {
    /// Reads a leaf.
    ///
    /// # Errors
    /// The bytes are not a leaf, or one of a version that we do not know.
    pub fn parse(bytes: &[u8]) -> Result<Self, BadLeaf> {
        let head: LeafHead = serde_json::from_slice(bytes)?;
        if head.v != SCHEMA_VERSION {
            return Err(BadLeaf::Version(head.v));
        }
        Ok(match head.entry {
            LeafKind::Opened => Self::Opened(Box::new(serde_json::from_slice(bytes)?)),
            LeafKind::Continued => Self::Continued(serde_json::from_slice(bytes)?),
            LeafKind::Closed => Self::Closed(serde_json::from_slice(bytes)?),
            LeafKind::Key => Self::Key(Box::new(serde_json::from_slice(bytes)?)),
            LeafKind::Removed => Self::Removed(Box::new(serde_json::from_slice(bytes)?)),
            LeafKind::Gap => Self::Gap(Box::new(serde_json::from_slice(bytes)?)),
        })
    }

    /// The entry that the leaf belongs to.
    #[must_use]
    pub fn id(&self) -> RequestId {
        match self {
            Self::Opened(opened) => opened.id,
            Self::Continued(continued) => continued.id,
            Self::Closed(closed) => closed.id,
            Self::Key(key) => key.id,
            Self::Removed(removal) => removal.id,
            Self::Gap(gap) => gap.id,
        }
    }
}

/// What every leaf begins with.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Deserialize)]
pub struct LeafHead {
    /// The version of the schema.
    pub v: u8,
    /// Which leaf.
    pub entry: LeafKind,
    /// Which entry.
    pub id: RequestId,
}

/// Whether the request was let in.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Entrance {
    /// Every required check allows it.
    Allowed,
    /// It was not.
    Refused,
}

/// The first leaf of an entry: on record before any effect.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[expect(missing_docs, reason = "each field is one row of docs/audit-schema.md")]
pub struct Opened {
    pub v: u8,
    pub entry: LeafKind,
    pub id: RequestId,
    pub time: Timestamp,
    pub verdict: Entrance,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub reason: Option<ReasonRecord>,
    pub operation: String,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub target: Option<TargetRecord>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub account: Option<AccountId>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub principal: Option<PrincipalRecord>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub credential: Option<AccessKeyId>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub how: Option<How>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub human: Option<HumanRecord>,
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub chain: Vec<ChainLink>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub session_expires: Option<Timestamp>,
    pub source: Source,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub revision: Option<Revision>,
    pub durability: Durability,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub mints: Option<Minted>,
    #[serde(skip_serializing_if = "is_zero", default)]
    pub parts: u32,
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub checks: Vec<CheckRecord>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks for this signature")]
fn is_zero(parts: &u32) -> bool {
    *parts == 0
}

/// Why the request was refused.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct ReasonRecord {
    /// The stable word.
    pub code: String,
    /// Its data.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub detail: Option<String>,
}

impl From<&Reason> for ReasonRecord {
    fn from(reason: &Reason) -> Self {
        let detail =
            reason.detail().map(|detail| clip(&detail, CONTEXT_VALUE_BYTES_MAX).into_owned());
        Self { code: reason.code().to_owned(), detail }
    }
}

/// What the operation was aimed at.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct TargetRecord {
    /// The resource.
    pub resource: Arn,
    /// What narrows it.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub detail: Option<String>,
}

/// The caller.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct PrincipalRecord {
    /// `anonymous`, `root`, `user`, `role-session`, `federated-user`, `federated` or `service`.
    pub kind: String,
    /// The ARN that names the caller.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub arn: Option<Arn>,
    /// `aws:userid`: the unique id, with the session's name for a session.
    pub id: String,
}

/// The person or workload behind a federated caller.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct HumanRecord {
    /// The provider.
    pub provider: Arn,
    /// The provider's immutable subject.
    pub subject: String,
    /// A label for people.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub display: Option<String>,
}

/// Where the request came from.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Source {
    /// The client, behind trusted proxies.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub ip: Option<IpAddr>,
    /// The other end of the connection.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub peer: Option<SocketAddr>,
    /// How the bytes came.
    pub transport: Transport,
    /// The method.
    #[serde(skip_serializing_if = "String::is_empty", default)]
    pub method: String,
    /// What the client calls itself.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub user_agent: Option<String>,
}

/// One decision of the entry.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct CheckRecord {
    /// The decision's id.
    pub decision: DecisionId,
    /// The item of a batch that it is about.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub item: Option<usize>,
    /// The action.
    pub action: Action,
    /// The resource.
    pub resource: Arn,
    /// What a refusal means.
    pub need: Need,
    /// What the policies said.
    pub verdict: Verdict,
    /// The layer that decided.
    pub layer: Layer,
    /// The statement that decided.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub by: Option<StatementRef>,
    /// Every context value that an applicable statement names.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub context: Vec<NamedValue>,
    /// True when context values were cut to fit.
    #[serde(skip_serializing_if = "std::ops::Not::not", default)]
    pub truncated: bool,
}

/// What did not fit the leaf before it.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[expect(missing_docs, reason = "each field is one row of docs/audit-schema.md")]
pub struct Continued {
    pub v: u8,
    pub entry: LeafKind,
    pub id: RequestId,
    pub of: LeafKind,
    pub part: u32,
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub checks: Vec<CheckRecord>,
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub items: Vec<ItemOutcome>,
}

/// How the operation ended.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Ending {
    /// It was answered.
    Done,
    /// The server dropped it: the client went away, or a task was cancelled.
    Aborted,
    /// A revocation cut it.
    Cut,
    /// The server stopped before it could say; written when the journal is opened again.
    Unknown,
}

/// The last leaf of an entry.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[expect(missing_docs, reason = "each field is one row of docs/audit-schema.md")]
pub struct Closed {
    pub v: u8,
    pub entry: LeafKind,
    pub id: RequestId,
    pub time: Timestamp,
    pub outcome: Ending,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub cut_at: Option<Revision>,
    pub status: u16,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub code: Option<String>,
    pub bytes_in: u64,
    pub bytes_out: u64,
    pub duration_us: u64,
    #[serde(skip_serializing_if = "is_zero", default)]
    pub parts: u32,
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub items: Vec<ItemOutcome>,
}

impl Closed {
    /// The end of entry `id`.
    pub(crate) fn new(id: RequestId, time: Timestamp, ending: Ending, outcome: Outcome) -> Self {
        let code = |code: Option<String>| code.map(|code| clip(&code, CODE_BYTES_MAX).into_owned());
        let items = outcome.items.into_iter();
        Self {
            v: SCHEMA_VERSION,
            entry: LeafKind::Closed,
            id,
            time,
            outcome: ending,
            cut_at: None,
            status: outcome.status,
            code: code(outcome.code),
            bytes_in: outcome.bytes_in,
            bytes_out: outcome.bytes_out,
            duration_us: 0,
            parts: 0,
            items: items.map(|item| ItemOutcome { code: code(item.code), ..item }).collect(),
        }
    }

    /// The leaves to append, in order.
    pub(crate) fn leaves(mut self) -> Result<Leaves<Vec<u8>>, serde_json::Error> {
        let whole = json::written(&self, CLOSED_BYTES_USUAL)?;
        if whole.len() <= PART_BYTES_MAX {
            return Ok(Leaves::One(whole));
        }
        let parts = split(std::mem::take(&mut self.items))?;
        self.parts = u32::try_from(parts.len()).unwrap_or(u32::MAX);
        // The parts come first: an entry whose end is torn off is still open, not half closed.
        let mut leaves = Vec::with_capacity(parts.len().saturating_add(1));
        for (part, items) in (1..).zip(parts) {
            let (v, of) = (SCHEMA_VERSION, LeafKind::Closed);
            let entry = LeafKind::Continued;
            let more = Continued { v, entry, id: self.id, of, part, checks: Vec::new(), items };
            leaves.push(serde_json::to_vec(&more)?);
        }
        leaves.push(serde_json::to_vec(&self)?);
        Ok(Leaves::Many(leaves))
    }
}

impl Opened {
    /// The leaves to append, in order.
    pub(crate) fn leaves(mut self) -> Result<Leaves<Vec<u8>>, serde_json::Error> {
        let whole = written(&self)?;
        if whole.len() <= PART_BYTES_MAX {
            return Ok(Leaves::One(whole));
        }
        let parts = split(std::mem::take(&mut self.checks))?;
        self.parts = u32::try_from(parts.len()).unwrap_or(u32::MAX);
        let mut leaves = vec![serde_json::to_vec(&self)?];
        for (part, checks) in (1..).zip(parts) {
            let (v, of) = (SCHEMA_VERSION, LeafKind::Opened);
            let entry = LeafKind::Continued;
            let more = Continued { v, entry, id: self.id, of, part, checks, items: Vec::new() };
            leaves.push(serde_json::to_vec(&more)?);
        }
        Ok(Leaves::Many(leaves))
    }
}

/// A leaf as it is written.
pub(crate) fn written(leaf: &impl Serialize) -> Result<Vec<u8>, serde_json::Error> {
    json::written(leaf, LEAF_BYTES_USUAL)
}

/// Cuts a list into runs whose JSON fits one leaf each.
fn split<T: Serialize>(list: Vec<T>) -> Result<Vec<Vec<T>>, serde_json::Error> {
    let mut runs = Vec::new();
    let mut run = Vec::new();
    let mut bytes = 0_usize;
    for one in list {
        let length = serde_json::to_vec(&one)?.len().saturating_add(1);
        if bytes.saturating_add(length) > PART_BYTES_MAX && !run.is_empty() {
            runs.push(std::mem::take(&mut run));
            bytes = 0;
        }
        bytes = bytes.saturating_add(length);
        run.push(one);
    }
    if !run.is_empty() {
        runs.push(run);
    }
    Ok(runs)
}
