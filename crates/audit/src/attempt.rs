//! Attempts: a request from its first byte until it is let in or refused.

use std::sync::Arc;
use std::time::Duration;

use names::{DecisionId, RequestId, Revision, Timestamp};
use policy::decision::Decision;
use policy::operation::{Need, Operation};

use crate::entry::{Closed, Ending, Entrance, ReasonRecord};
use crate::first::First;
use crate::journal::{Append, Durability, Journal, JournalError};
use crate::leaves::Leaves;
use crate::open_entry::OpenEntry;
use crate::opening::{Minted, Opening, Target};
use crate::outcome::Outcome;
use crate::permit::{Absence, Batch, Permit, Proof};
use crate::reason::Reason;
use crate::who::Who;

/// A request that is neither let in nor refused yet. Dropped, it is recorded as refused with reason
/// `abandoned`: there is no way for a request to leave no trace.
#[must_use = "an attempt that is dropped is recorded as refused"]
pub struct Attempt(Option<Box<Pending>>);

/// What a denial is answered with, unless it is said otherwise.
const DENIAL: (u16, &str) = (403, "AccessDenied");

/// What an attempt holds; gone once it is recorded.
struct Pending {
    journal: Arc<Journal>,
    opening: Opening,
    target: Option<Target>,
    time: Timestamp,
    began: Duration,
    who: Option<Arc<Who>>,
    /// The revision that refused it, if it got so far.
    revision: Option<Revision>,
    /// What a denial is answered with.
    denial: (u16, &'static str),
}

/// An operation with the decisions on all its checks.
pub struct Decided<Op> {
    /// The operation.
    pub op: Op,
    /// What it is aimed at.
    pub target: Target,
    /// One decision for each of `op.checks()`, in the same order.
    pub decisions: Vec<Decision>,
    /// The revision of the authorization state at which the caller was identified and all decisions
    /// were made.
    pub revision: Revision,
    /// When `open` may return.
    pub durability: Durability,
    /// The session that the operation will mint.
    pub mints: Option<Minted>,
}

/// The items of a batch, each with one decision for each of its checks, in the same order.
pub type Items<Op> = Vec<(Op, Vec<Decision>)>;

/// Why an attempt was not let in.
#[derive(Debug)]
pub enum Refusal<Again> {
    /// A required check does not allow it. It is on record.
    Denied(Box<Denial>),
    /// The authorization state moved while it was decided: decide again. Nothing is on record yet,
    /// and what was passed in comes back.
    Moved(Again),
    /// The decisions do not cover the operation's checks: a defect of the server, refused and on
    /// record.
    Uncovered(DecisionId),
    /// It could not be recorded, so it must not be done.
    Unavailable(JournalError),
}

/// The decision that refused an operation.
#[derive(Clone, PartialEq, Debug)]
pub struct Denial {
    /// Its id, for the caller.
    pub decision_id: DecisionId,
    /// The decision itself, for the door.
    pub decision: Decision,
}

impl std::fmt::Debug for Attempt {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let id = self.0.as_ref().map(|pending| pending.opening.request_id);
        f.debug_tuple("Attempt").field(&id).finish()
    }
}

impl<Op> std::fmt::Debug for Decided<Op> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Decided").field("target", &self.target).finish_non_exhaustive()
    }
}

impl Attempt {
    pub(crate) fn new(journal: Arc<Journal>, opening: Opening) -> Self {
        let (time, began) = (journal.clock().now(), journal.clock().monotonic());
        let (target, who, revision, denial) = (None, None, None, DENIAL);
        Self(Some(Box::new(Pending {
            journal,
            opening,
            target,
            time,
            began,
            who,
            revision,
            denial,
        })))
    }

    /// Says who asks, as soon as it is known, so that a refusal names them.
    pub fn identified(&mut self, who: Arc<Who>) {
        if let Some(pending) = self.0.as_mut() {
            pending.who = Some(who);
        }
    }

    /// Says which operation is asked for, as soon as the route is known: a refusal names it.
    pub fn routed(&mut self, operation: &'static str) {
        if let Some(pending) = self.0.as_mut() {
            pending.opening.operation = Some(operation);
        }
    }

    /// Says what is aimed at, as soon as it is parsed, so that a refusal names it.
    pub fn aimed(&mut self, target: Target) {
        if let Some(pending) = self.0.as_mut() {
            pending.target = Some(target);
        }
    }

    /// Says what a denial is answered with, if that is not 403 `AccessDenied`: the entry then tells
    /// both, that it was denied and what the caller was told.
    pub fn denied_with(&mut self, status: u16, code: &'static str) {
        if let Some(pending) = self.0.as_mut() {
            pending.denial = (status, code);
        }
    }

    /// The exchange.
    #[must_use]
    pub fn request_id(&self) -> Option<RequestId> {
        self.0.as_ref().map(|pending| pending.opening.request_id)
    }

    /// Records the operation and makes its permit, if the decisions cover exactly its checks (same
    /// order, action, resource and need) and every required one allows.
    ///
    /// A guard is registered under every link of the caller's chain; then `current` is read, and if
    /// the revision is no longer `decided.revision`, everything comes back in `Moved`. With
    /// `Durability::Strict` the first leaf is on disk when this returns; with `Available` the
    /// operating system has it. A caller that was never identified is anonymous.
    ///
    /// Dropped midway, the entry is recorded as `aborted` (or as never opened, if it was not yet on
    /// its way) and no permit exists.
    ///
    /// # Errors
    /// See [`Refusal`]. All but `Moved` are on record, unless recording itself failed.
    pub async fn open<Op: Operation>(
        mut self,
        decided: Decided<Op>,
        current: impl Fn() -> Revision,
    ) -> Result<(Permit<Op>, OpenEntry), Refusal<(Self, Decided<Op>)>> {
        let covered = covers(&decided.op, &decided.decisions, decided.revision);
        let Some(mut pending) = self.0.take() else {
            return Err(Refusal::Unavailable(JournalError::Closed));
        };
        let absence = absence(&decided.decisions);
        if !covered || decided.decisions.iter().any(Decision::refuses) {
            return Err(pending.deny(&decided, covered).await);
        }
        let who = pending.caller();
        let guard = pending.journal.guards().register(&who, decided.revision);
        if current() != decided.revision {
            return Err(Refusal::Moved((Self(Some(pending)), decided)));
        }
        let leaves = pending.opened(&decided).leaves();
        let entry = pending.record(leaves, &decided).await;
        let entry = entry.map_err(Refusal::Unavailable)?;
        let (revision, minted) = (decided.revision, decided.mints);
        let request_id = pending.opening.request_id;
        let proof = Proof { who, revision, request_id, absence, minted, guard };
        Ok((Permit::new(decided.op, proof), entry))
    }

    /// Records a batch in one entry: the checks of the envelope (which must allow, if there are
    /// any) and those of every item. The [`Batch`] owns the items that are allowed; every other has
    /// the id of the decision that refuses it. Otherwise exactly like [`Attempt::open`].
    ///
    /// # Errors
    /// See [`Refusal`]. Items that are not allowed are no error.
    pub async fn open_batch<Envelope: Operation, Op: Operation>(
        mut self,
        decided: Decided<Envelope>,
        items: Items<Op>,
        current: impl Fn() -> Revision,
    ) -> Result<(Batch<Op>, OpenEntry), Refusal<(Self, Decided<Envelope>, Items<Op>)>> {
        let covered = covers(&decided.op, &decided.decisions, decided.revision)
            && items.iter().all(|(op, decisions)| covers(op, decisions, decided.revision));
        let Some(mut pending) = self.0.take() else {
            return Err(Refusal::Unavailable(JournalError::Closed));
        };
        let absence = absence(&decided.decisions);
        if !covered || decided.decisions.iter().any(Decision::refuses) {
            return Err(pending.deny(&decided, covered).await);
        }
        let who = pending.caller();
        let guard = pending.journal.guards().register(&who, decided.revision);
        if current() != decided.revision {
            return Err(Refusal::Moved((Self(Some(pending)), decided, items)));
        }
        let mut opened = pending.opened(&decided);
        for (item, (_, decisions)) in items.iter().enumerate() {
            opened.decided(Some(item), decisions);
        }
        let leaves = opened.leaves();
        let entry = pending.record(leaves, &decided).await;
        let entry = entry.map_err(Refusal::Unavailable)?;
        let (revision, minted) = (decided.revision, decided.mints);
        let request_id = pending.opening.request_id;
        let (allowed, refused) = sort_items(items, request_id, decided.decisions.len());
        let proof = Proof { who, revision, request_id, absence, minted, guard };
        Ok((Batch::new(allowed, refused, proof), entry))
    }

    /// Records a refusal that came before any decision (a bad signature, a malformed request): one
    /// entry, opened and closed. The id is for the answer.
    ///
    /// # Errors
    /// It could not be recorded. Refuse the request all the same.
    pub async fn refuse(
        mut self,
        reason: Reason,
        outcome: Outcome,
    ) -> Result<DecisionId, JournalError> {
        let Some(mut pending) = self.0.take() else { return Err(JournalError::Closed) };
        pending.refused(&reason, &[], outcome).await
    }
}

impl Drop for Attempt {
    fn drop(&mut self) {
        if let Some(pending) = self.0.take() {
            let append = pending.refusal(&Reason::Abandoned, &[], Outcome::status(0));
            pending.journal.append_quietly(append);
        }
    }
}

impl Pending {
    fn caller(&mut self) -> Arc<Who> {
        let who = self.who.get_or_insert_with(|| Arc::new(Who::anonymous()));
        Arc::clone(who)
    }

    /// The first leaf of an operation that is let in.
    fn opened<'a, Op: Operation>(&'a self, decided: &'a Decided<Op>) -> First<'a> {
        let mut opened = First::new(&self.opening, self.time, self.who.as_deref());
        opened.verdict = Entrance::Allowed;
        opened.operation = Op::NAME;
        opened.aim(Some(&decided.target));
        opened.revision = Some(decided.revision);
        opened.durability = decided.durability;
        opened.mints = decided.mints.as_ref();
        opened.decided(None, &decided.decisions);
        opened
    }

    /// Writes the first leaf. The entry is made before the wait, so that a dropped future still
    /// closes what may already be on disk.
    async fn record<Op>(
        &self,
        leaves: Result<Leaves<Vec<u8>>, serde_json::Error>,
        decided: &Decided<Op>,
    ) -> Result<OpenEntry, JournalError> {
        let (id, leaves) = (self.opening.request_id, leaves?);
        let mints = decided.mints.as_ref();
        let mints = mints.and_then(|minted| Some((&minted.credential, leaves.first()?.clone())));
        let receipt = self.journal.append(Append::opens(id, leaves, decided.durability))?;
        let entry = OpenEntry::new(Arc::clone(&self.journal), id, self.began);
        match receipt.wait(&self.journal).await {
            Ok(()) => Ok(match mints {
                Some((session, leaf)) => entry.minting(session.clone(), leaf),
                None => entry,
            }),
            Err(error) => {
                entry.never_opened();
                Err(error)
            }
        }
    }

    async fn deny<Op: Operation, Again>(
        &mut self,
        decided: &Decided<Op>,
        covered: bool,
    ) -> Refusal<Again> {
        self.opening.operation = Some(Op::NAME);
        self.target = Some(decided.target.clone());
        self.revision = Some(decided.revision);
        let request = self.opening.request_id;
        let reason = if covered { Reason::Denied } else { Reason::Uncovered };
        let (status, code) = self.denial;
        let code = Some(code.to_owned());
        let outcome = Outcome { status, code, ..Outcome::default() };
        let recorded = self.refused(&reason, &decided.decisions, outcome).await;
        let refusing = decided.decisions.iter().enumerate().find(|(_, made)| made.refuses());
        match (recorded, refusing) {
            (Err(error), _) => Refusal::Unavailable(error),
            (Ok(_), Some((place, decision))) if covered => Refusal::Denied(Box::new(Denial {
                decision_id: DecisionId { request, ordinal: ordinal(place) },
                decision: decision.clone(),
            })),
            (Ok(id), _) => Refusal::Uncovered(id),
        }
    }

    async fn refused(
        &mut self,
        reason: &Reason,
        decisions: &[Decision],
        outcome: Outcome,
    ) -> Result<DecisionId, JournalError> {
        let append = self.refusal(reason, decisions, outcome);
        self.journal.append(append)?.wait(&self.journal).await?;
        Ok(DecisionId { request: self.opening.request_id, ordinal: 0 })
    }

    /// Both leaves of a refusal.
    fn refusal(&self, reason: &Reason, decisions: &[Decision], outcome: Outcome) -> Append {
        let id = self.opening.request_id;
        let mut opened = First::new(&self.opening, self.time, self.who.as_deref());
        opened.reason = Some(ReasonRecord::from(reason));
        opened.aim(self.target.as_ref());
        opened.revision = self.revision;
        opened.decided(None, decisions);
        let now = self.journal.clock().now();
        let ending = match reason {
            Reason::Abandoned => Ending::Aborted,
            _ => Ending::Done,
        };
        let mut closed = Closed::new(id, now, ending, outcome);
        closed.duration_us = self.journal.microseconds_since(self.began);
        Append::refuses(&opened, closed)
    }
}

/// Whether the decisions answer exactly the operation's checks, in order, at one revision.
fn covers<Op: Operation>(op: &Op, decisions: &[Decision], revision: Revision) -> bool {
    let checks = op.checks();
    checks.len() == decisions.len()
        && checks.iter().zip(decisions).all(|(check, made)| {
            let decided = made.check();
            made.revision() == revision
                && decided.action == check.action
                && decided.resource == check.resource
                && decided.need == check.need
                && decided.with == check.with
        })
}

/// Absence is hidden as soon as one absence check does not allow.
fn absence(decisions: &[Decision]) -> Absence {
    let hides = |made: &&Decision| made.check().need == Need::Absence && !made.is_allowed();
    if decisions.iter().any(|made| hides(&made)) { Absence::Hide } else { Absence::Reveal }
}

fn ordinal(place: usize) -> u32 {
    u32::try_from(place).unwrap_or(u32::MAX)
}

/// Allowed and refused items. Their decisions are numbered on from those of the envelope.
#[expect(clippy::type_complexity, reason = "the two halves of a batch")]
fn sort_items<Op>(
    items: Items<Op>,
    request: RequestId,
    envelope: usize,
) -> (Vec<(usize, Op)>, Vec<(usize, DecisionId)>) {
    let (mut allowed, mut refused) = (Vec::new(), Vec::new());
    let mut from = envelope;
    for (item, (op, decisions)) in items.into_iter().enumerate() {
        match decisions.iter().position(Decision::refuses) {
            None => allowed.push((item, op)),
            Some(place) => {
                let ordinal = ordinal(from.saturating_add(place));
                refused.push((item, DecisionId { request, ordinal }));
            }
        }
        from = from.saturating_add(decisions.len());
    }
    (allowed, refused)
}
