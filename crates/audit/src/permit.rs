//! Permits: proof that an operation was decided and recorded.

use std::sync::Arc;

use names::{DecisionId, RequestId, Revision};

use crate::guard::Guard;
use crate::opening::Minted;
use crate::who::Who;

/// Proof that `Op` was decided and recorded. Owns the typed operation: bucket, key and version come
/// from here and from nowhere else.
///
/// Made only by `Attempt::open`, if the sealed decisions cover exactly the operation's checks and
/// every required one allows, and by `SystemActor::permit` for the server's own work. It cannot be
/// made elsewhere:
///
/// ```compile_fail,E0451
/// use strongroom_audit::Permit;
/// fn forge<Op>(op: Op, from: Permit<Op>) -> Permit<Op> {
///     Permit { op, ..from }
/// }
/// ```
///
/// nor copied, nor changed:
///
/// ```compile_fail,E0277
/// use strongroom_audit::Permit;
/// fn twice(permit: &Permit<String>) -> Permit<String> {
///     Clone::clone(permit)
/// }
/// ```
///
/// and neither can the decisions that it is made from:
///
/// ```compile_fail,E0624
/// use policy::decision::Decision;
/// let forge = Decision::seal;
/// ```
#[derive(Debug)]
pub struct Permit<Op> {
    op: Op,
    proof: Proof,
}

/// What every permit carries besides its operation.
#[derive(Debug)]
pub(crate) struct Proof {
    pub(crate) who: Arc<Who>,
    pub(crate) revision: Revision,
    pub(crate) request_id: RequestId,
    pub(crate) absence: Absence,
    pub(crate) minted: Option<Minted>,
    pub(crate) guard: Guard,
}

/// What a caller may be told about something that does not exist.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Absence {
    /// That it does not exist: 404.
    Reveal,
    /// Nothing: 403.
    Hide,
}

impl<Op> Permit<Op> {
    pub(crate) fn new(op: Op, proof: Proof) -> Self {
        Self { op, proof }
    }

    /// The operation that was permitted.
    #[must_use]
    pub fn op(&self) -> &Op {
        &self.op
    }

    /// Takes the operation out; the proof is used up. Clone the guard first.
    #[must_use]
    pub fn into_op(self) -> Op {
        self.op
    }

    /// Who may do it.
    #[must_use]
    pub fn who(&self) -> &Who {
        &self.proof.who
    }

    /// The revision of the authorization state that allowed it.
    #[must_use]
    pub fn revision(&self) -> Revision {
        self.proof.revision
    }

    /// The exchange.
    #[must_use]
    pub fn request_id(&self) -> RequestId {
        self.proof.request_id
    }

    /// What the caller may be told about something that does not exist. An operation without an
    /// absence check hides nothing that its required checks did not already hide.
    #[must_use]
    pub fn absence(&self) -> Absence {
        self.proof.absence
    }

    /// The session that the operation was recorded to mint.
    #[must_use]
    pub fn minted(&self) -> Option<&Minted> {
        self.proof.minted.as_ref()
    }

    /// The guard: to be entered for each chunk and each commit.
    #[must_use]
    pub fn guard(&self) -> Guard {
        self.proof.guard.clone()
    }
}

/// Proof that the items of a batch were decided and recorded. Owns only the allowed ones, perhaps
/// none.
///
/// ```compile_fail,E0451
/// use strongroom_audit::Batch;
/// fn forge<Op>(op: Op, from: Batch<Op>) -> Batch<Op> {
///     Batch { allowed: vec![(0, op)], ..from }
/// }
/// ```
#[derive(Debug)]
pub struct Batch<Op> {
    allowed: Vec<(usize, Op)>,
    refused: Vec<(usize, DecisionId)>,
    proof: Proof,
}

impl<Op> Batch<Op> {
    pub(crate) fn new(
        allowed: Vec<(usize, Op)>,
        refused: Vec<(usize, DecisionId)>,
        proof: Proof,
    ) -> Self {
        Self { allowed, refused, proof }
    }

    /// The items that are allowed, each with its place in the request.
    #[must_use]
    pub fn allowed(&self) -> &[(usize, Op)] {
        &self.allowed
    }

    /// Takes the allowed items out; the proof is used up. Clone the guard first.
    #[must_use]
    pub fn into_allowed(self) -> Vec<(usize, Op)> {
        self.allowed
    }

    /// The places of the items that are refused, each with the decision that refuses it.
    #[must_use]
    pub fn refused(&self) -> &[(usize, DecisionId)] {
        &self.refused
    }

    /// Who may do it.
    #[must_use]
    pub fn who(&self) -> &Who {
        &self.proof.who
    }

    /// The revision of the authorization state that allowed it.
    #[must_use]
    pub fn revision(&self) -> Revision {
        self.proof.revision
    }

    /// The exchange.
    #[must_use]
    pub fn request_id(&self) -> RequestId {
        self.proof.request_id
    }

    /// The guard: to be entered for each commit.
    #[must_use]
    pub fn guard(&self) -> Guard {
        self.proof.guard.clone()
    }
}
