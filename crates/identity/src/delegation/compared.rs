//! Whether a maker holds what it gives.

use names::AccountId;
use policy::case::Case;
use policy::compare::{self, Difference};
use policy::decision::Verdict;
use policy::facts::Facts;
use policy::operation::{Check, Need};
use policy::principal::Principal;
use policy::{CallerPolicies, Position, ResourceSide};

use super::grants::Grant;
use super::plain::{self, EVERYTHING, Toward};
use crate::error::IdentityError;
use crate::resolve::{Caller, SessionKind};
use crate::state::State;

/// Who changes something, and what it may do.
pub(super) struct Maker {
    pub(super) principal: Principal,
    account: AccountId,
    /// As the maker itself has them.
    own: CallerPolicies,
}

impl Maker {
    /// What a caller may do in a state; nothing if nobody is known.
    pub(super) fn new(state: &State, caller: Option<&Caller>) -> Self {
        let Some(caller) = caller else { return Self::nobody() };
        let Some(account) = caller.account() else { return Self::nobody() };
        let mut own = state.policies_of(caller);
        let principal = caller.principal().clone();
        if let Principal::Root { .. } = principal {
            let everything = EVERYTHING.as_ref().map(|document| super::alone("root", document));
            own.identity.extend(everything);
        }
        // What a session may never do, whoever has it, is nothing that its maker lacks.
        let ruled = caller.session.as_ref().is_some_and(|session| {
            matches!(session.kind, SessionKind::LongTerm | SessionKind::Own)
        });
        if ruled {
            own.session = None;
        }
        Self { principal, account, own }
    }

    fn nobody() -> Self {
        let account = AccountId::from_number(0);
        Self { principal: Principal::Anonymous, account, own: CallerPolicies::default() }
    }

    /// The account whose rights it can hold.
    pub(super) fn account(&self) -> AccountId {
        self.account
    }

    /// Refuses what the maker does not hold, and what is not known to be held.
    pub(super) fn holds(&self, grant: &Grant) -> Result<(), IdentityError> {
        if let Some(before) = &grant.before
            && subset(self.account, &grant.rights, before).is_ok()
        {
            return Ok(());
        }
        // What the maker's own user may, it may as that user: nothing depends on who asks.
        let own = grant.of.as_ref().is_some_and(|id| id.as_str() == self.principal.user_id());
        if own && subset(self.account, &grant.rights, &self.own).is_ok() {
            return Ok(());
        }
        let given = plain::policies(&grant.rights, Toward::More);
        let held = plain::policies(&self.own, Toward::Less);
        subset(self.account, &given, &held)
            .map_err(|excess| IdentityError::Exceeds { what: grant.what.clone(), excess })
    }
}

/// Whether whoever has the one set of policies may do nothing that the other does not allow.
///
/// # Errors
/// A request that only the first allows, or why it is not known whether there is one.
fn subset(account: AccountId, given: &CallerPolicies, held: &CallerPolicies) -> Result<(), String> {
    let (Some(held), Some(given)) = (case(account, held), case(account, given)) else {
        return Err("no request can be thought of".to_owned());
    };
    let found = compare::cases(&held, &given).map_err(|error| error.to_string())?;
    let wider =
        |one: &&Difference| one.new.verdict == Verdict::Allow && one.old.verdict != Verdict::Allow;
    if let Some(example) = found.differences.iter().find(wider) {
        return Err(format!(
            "{} on {}",
            example.request.check.action, example.request.check.resource
        ));
    }
    match found.undecided.first() {
        None => Ok(()),
        Some(reason) => Err(format!("what cannot be compared: {reason}")),
    }
}

/// Somebody of the account with these policies. Who it is plays no part: whatever depends on that
/// is gone, or is the same on both sides.
fn case(account: AccountId, policies: &CallerPolicies) -> Option<Case> {
    let principal = Principal::User {
        account,
        name: "x".parse().ok()?,
        arn: format!("arn:aws:iam::{account}:user/x").parse().ok()?,
        id: "AIDAAAAAAAAAAAAAAAAAA".parse().ok()?,
    };
    Some(Case {
        name: String::new(),
        at: Position { line: 1, column: 1 },
        principal,
        check: Check {
            action: "s3:GetObject".parse().ok()?,
            resource: "arn:aws:s3:::b/k".parse().ok()?,
            need: Need::Required,
            with: Vec::new(),
        },
        caller: policies.clone(),
        resource: ResourceSide::plain(Some(account)),
        facts: Facts::default(),
        expect: None,
        because: None,
    })
}
