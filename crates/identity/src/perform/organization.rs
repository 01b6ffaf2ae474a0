//! What the operations on accounts as a whole and on the organisation do.

use std::collections::BTreeSet;
use std::sync::Arc;

use audit::ChainLink;
use names::AccountId;

use super::performs;
use crate::delta::Change;
use crate::draw;
use crate::error::IdentityError;
use crate::identity::{Context, Performed};
use crate::ops::{
    AttachPolicy, CloseAccount, CreateControlPolicy, CreateOrganizationalUnit, DeleteControlPolicy,
    DeleteOrganizationalUnit, DetachPolicy, DisablePolicyType, EnablePolicyType, MoveAccount,
    ResumeAccount, SESSION_SECONDS_MAX, SESSION_SECONDS_MIN, SuspendAccount, UpdateAccount,
    UpdateControlPolicy, UpdateOrganizationalUnit,
};
use crate::organization::{
    AccountStatus, CONTROL_DESCRIPTION_CHARACTERS_MAX, CONTROL_POLICIES_PER_TARGET_MAX,
    ControlKind, ControlPolicy, ControlPolicyId, ControlTarget, OrganizationError,
    OrganizationName, UNIT_DEPTH_MAX, Unit, UnitId, everything,
};
use crate::record::{Account, PublicAccessBlock};

type Outcome<T> = Result<Performed<T>, IdentityError>;

performs! {
    DescribeOrganization => (), Read, |op, cx| cx.own(op.account).map(|()| Performed::read(()));
    ListRoots => (), Read, |_, _| Ok(Performed::read(()));
    ListServiceAccess => (), Read, |_, _| Ok(Performed::read(()));
    ListOrganizationAccounts => (), Read, |_, _| Ok(Performed::read(()));
    ListOrganizationalUnitsForParent => (), Read, |op, cx| {
        cx.parent(op.parent.as_ref()).map(|()| Performed::read(()))
    };
    ListAccountsForParent => (), Read, |op, cx| {
        cx.parent(op.parent.as_ref()).map(|()| Performed::read(()))
    };
    DescribeAccount => Arc<Account>, Read, |op, cx| {
        Ok(Performed::read(Arc::clone(cx.member(op.account)?)))
    };
    ListParents => Option<UnitId>, Read, |op, cx| Ok(Performed::read(match &op.child {
        ControlTarget::Root => {
            let root = op.organization.root.clone();
            return Err(OrganizationError::NoSuchTarget(root).into());
        }
        ControlTarget::Unit(unit) => cx.unit(unit)?.parent.clone(),
        ControlTarget::Account(account) => cx.member(*account)?.unit.clone(),
    }));
    DescribeOrganizationalUnit => Arc<Unit>, Read, |op, cx| {
        Ok(Performed::read(Arc::clone(cx.unit(&op.unit)?)))
    };
    CreateOrganizationalUnit => Arc<Unit>, Write, create_unit;
    UpdateOrganizationalUnit => Arc<Unit>, Write, update_unit;
    DeleteOrganizationalUnit => (), Write, delete_unit;
    MoveAccount => (), Write, move_account;
    CreateControlPolicy => Arc<ControlPolicy>, Write, create_policy;
    DescribeControlPolicy => (), Read, |op, cx| {
        cx.known_control(&op.policy, op.kind).map(|()| Performed::read(()))
    };
    UpdateControlPolicy => Arc<ControlPolicy>, Write, update_policy;
    DeleteControlPolicy => (), Write, delete_policy;
    ListControlPolicies => (), Read, |_, _| Ok(Performed::read(()));
    ListPoliciesForTarget => (), Read, |op, cx| {
        cx.controls(&op.target).map(|_| Performed::read(()))
    };
    ListTargetsForPolicy => (), Read, |op, cx| {
        cx.known_control(&op.policy, op.kind).map(|()| Performed::read(()))
    };
    AttachPolicy => (), Write, attach;
    DetachPolicy => (), Write, detach;
    EnablePolicyType => (), Write, enable;
    DisablePolicyType => (), Write, disable;
    SuspendAccount => Arc<Account>, Revoke, suspend;
    ResumeAccount => Arc<Account>, Write, resume;
    CloseAccount => Arc<Account>, Revoke, close;
    UpdateAccount => Arc<Account>, Write, update_account;
    GetAccountPublicAccessBlock => Option<PublicAccessBlock>, Read, |op, cx| {
        cx.own(op.account)?;
        Ok(Performed::read(cx.member(op.account)?.public_access))
    };
    PutAccountPublicAccessBlock => (), Write, |op, cx| {
        set_public_access(cx, op.account, Some(op.block))
    };
    DeleteAccountPublicAccessBlock => (), Write, |op, cx| set_public_access(cx, op.account, None);
}

impl Context<'_> {
    fn member(&self, id: AccountId) -> Result<&Arc<Account>, IdentityError> {
        self.state.account(id).ok_or_else(|| OrganizationError::NoSuchAccount(id).into())
    }

    fn unit(&self, id: &UnitId) -> Result<&Arc<Unit>, IdentityError> {
        let missing = || OrganizationError::NoSuchUnit(id.clone()).into();
        self.state.unit(id).ok_or_else(missing)
    }

    fn parent(&self, id: Option<&UnitId>) -> Result<(), IdentityError> {
        match id {
            Some(id) if self.state.unit(id).is_none() => {
                Err(OrganizationError::NoSuchParent(id.clone()).into())
            }
            _ => Ok(()),
        }
    }

    /// A control policy that somebody made.
    fn control(
        &self,
        id: &ControlPolicyId,
        kind: ControlKind,
    ) -> Result<&Arc<ControlPolicy>, IdentityError> {
        self.known_control(id, kind)?;
        let own = OrganizationError::BuiltIn(id.clone());
        self.state.control_policy(id).ok_or_else(|| own.into())
    }

    /// Refuses a control policy that is neither made nor part of the rules.
    fn known_control(&self, id: &ControlPolicyId, kind: ControlKind) -> Result<(), IdentityError> {
        let made = self.state.control_policy(id).is_some_and(|policy| policy.kind == kind);
        match made || id.as_str() == kind.full_access() {
            true => Ok(()),
            false => Err(OrganizationError::NoSuchPolicy(id.clone()).into()),
        }
    }

    fn controls(
        &self,
        target: &ControlTarget,
    ) -> Result<&BTreeSet<ControlPolicyId>, IdentityError> {
        let missing = || OrganizationError::NoSuchTarget(target.to_string()).into();
        self.state.controls_of(target).ok_or_else(missing)
    }

    /// The record of a level with other control policies.
    fn with_controls(
        &self,
        target: &ControlTarget,
        controls: BTreeSet<ControlPolicyId>,
    ) -> Result<Change, IdentityError> {
        Ok(match target {
            ControlTarget::Root => {
                let own = self.state.organization().clone();
                Change::Organization(Arc::new(crate::Organization { controls, ..own }))
            }
            ControlTarget::Unit(id) => {
                Change::Unit(Arc::new(Unit { controls, ..(**self.unit(id)?).clone() }))
            }
            ControlTarget::Account(id) => {
                Change::Account(Arc::new(Account { controls, ..(**self.member(*id)?).clone() }))
            }
        })
    }

    /// An account that may be taken out of use: not the one that manages all.
    fn out_of_use(&self, id: AccountId) -> Result<&Arc<Account>, IdentityError> {
        let account = self.member(id)?;
        match self.state.operator() == Some(id) {
            true => Err(OrganizationError::ManagingAccount.into()),
            false => Ok(account),
        }
    }
}

fn create_unit(op: &CreateOrganizationalUnit, cx: &Context<'_>) -> Outcome<Arc<Unit>> {
    cx.parent(op.parent.as_ref())?;
    if cx.state.lineage_of(op.parent.as_ref()).len() >= UNIT_DEPTH_MAX {
        return Err(OrganizationError::TooDeep.into());
    }
    free_name(cx, op.parent.as_ref(), &op.name, None)?;
    let id = free(
        cx,
        || draw::unit_id(&op.organization.root, cx.random),
        |id| cx.state.unit(id).is_some(),
    );
    let unit = Arc::new(Unit {
        id,
        parent: op.parent.clone(),
        name: op.name.clone(),
        created: cx.now,
        controls: everything(),
    });
    Ok(Performed::write(vec![Change::Unit(Arc::clone(&unit))], unit))
}

/// Draws until what is drawn is not taken.
fn free<T>(_: &Context<'_>, draw: impl Fn() -> T, taken: impl Fn(&T) -> bool) -> T {
    loop {
        let drawn = draw();
        if !taken(&drawn) {
            return drawn;
        }
    }
}

fn free_name(
    cx: &Context<'_>,
    parent: Option<&UnitId>,
    name: &OrganizationName,
    but: Option<&UnitId>,
) -> Result<(), IdentityError> {
    let mut others = cx.state.units().filter(|unit| Some(&unit.id) != but);
    match others.any(|unit| unit.parent.as_ref() == parent && unit.name == *name) {
        true => Err(OrganizationError::UnitExists(name.clone()).into()),
        false => Ok(()),
    }
}

fn update_unit(op: &UpdateOrganizationalUnit, cx: &Context<'_>) -> Outcome<Arc<Unit>> {
    let mut unit = (**cx.unit(&op.unit)?).clone();
    if let Some(name) = &op.name {
        free_name(cx, unit.parent.as_ref(), name, Some(&unit.id))?;
        unit.name.clone_from(name);
    }
    let unit = Arc::new(unit);
    Ok(Performed::write(vec![Change::Unit(Arc::clone(&unit))], unit))
}

fn delete_unit(op: &DeleteOrganizationalUnit, cx: &Context<'_>) -> Outcome<()> {
    let id = &cx.unit(&op.unit)?.id;
    let units = cx.state.units().any(|unit| unit.parent.as_ref() == Some(id));
    if units || cx.state.accounts().any(|account| account.unit.as_ref() == Some(id)) {
        return Err(OrganizationError::UnitNotEmpty(id.clone()).into());
    }
    Ok(Performed::write(vec![Change::UnitGone(id.clone())], ()))
}

fn move_account(op: &MoveAccount, cx: &Context<'_>) -> Outcome<()> {
    let account = cx.member(op.account)?;
    if account.unit != op.from {
        return Err(OrganizationError::NotThere(op.account).into());
    }
    let missing = |unit: &UnitId| OrganizationError::NoSuchDestination(unit.clone());
    if let Some(unit) = op.to.as_ref().filter(|unit| cx.state.unit(unit).is_none()) {
        return Err(missing(unit).into());
    }
    let moved = Account { unit: op.to.clone(), ..(**account).clone() };
    Ok(Performed::write(vec![Change::Account(Arc::new(moved))], ()))
}

fn described(text: &str) -> Result<(), IdentityError> {
    let must = "at most 512 characters";
    match text.chars().count() <= CONTROL_DESCRIPTION_CHARACTERS_MAX {
        true => Ok(()),
        false => Err(IdentityError::Validation { parameter: "Description", must }),
    }
}

fn free_policy_name(
    cx: &Context<'_>,
    kind: ControlKind,
    name: &OrganizationName,
    but: Option<&ControlPolicyId>,
) -> Result<(), IdentityError> {
    let mut others = cx.state.control_policies().filter(|policy| Some(&policy.id) != but);
    match others.any(|policy| policy.kind == kind && policy.name == *name) {
        true => Err(OrganizationError::PolicyExists(name.clone()).into()),
        false => Ok(()),
    }
}

fn of_kind(kind: ControlKind, document: &crate::StoredPolicy) -> Result<(), IdentityError> {
    let must = "a control policy of the kind that is named";
    match document.kind() == kind.document() {
        true => Ok(()),
        false => Err(IdentityError::Validation { parameter: "Content", must }),
    }
}

fn create_policy(op: &CreateControlPolicy, cx: &Context<'_>) -> Outcome<Arc<ControlPolicy>> {
    described(&op.description)?;
    of_kind(op.kind, &op.document)?;
    free_policy_name(cx, op.kind, &op.name, None)?;
    let id =
        free(cx, || draw::control_policy_id(cx.random), |id| cx.state.control_policy(id).is_some());
    let policy = Arc::new(ControlPolicy {
        id,
        kind: op.kind,
        name: op.name.clone(),
        description: op.description.clone(),
        created: cx.now,
        document: op.document.clone(),
    });
    Ok(Performed::write(vec![Change::ControlPolicy(Arc::clone(&policy))], policy))
}

fn update_policy(op: &UpdateControlPolicy, cx: &Context<'_>) -> Outcome<Arc<ControlPolicy>> {
    let mut policy = (**cx.control(&op.policy, op.kind)?).clone();
    if let Some(name) = &op.name {
        free_policy_name(cx, op.kind, name, Some(&op.policy))?;
        policy.name.clone_from(name);
    }
    if let Some(description) = &op.description {
        described(description)?;
        policy.description.clone_from(description);
    }
    if let Some(document) = &op.document {
        of_kind(op.kind, document)?;
        policy.document = document.clone();
    }
    let policy = Arc::new(policy);
    Ok(Performed::write(vec![Change::ControlPolicy(Arc::clone(&policy))], policy))
}

fn delete_policy(op: &DeleteControlPolicy, cx: &Context<'_>) -> Outcome<()> {
    let id = &cx.control(&op.policy, op.kind)?.id;
    let on = |target: &ControlTarget| {
        cx.state.controls_of(target).is_some_and(|controls| controls.contains(id))
    };
    if cx.state.control_targets().any(|target| on(&target)) {
        return Err(OrganizationError::PolicyInUse(id.clone()).into());
    }
    Ok(Performed::write(vec![Change::ControlPolicyGone(id.clone())], ()))
}

/// How many control policies of a kind a level has.
fn count(cx: &Context<'_>, kind: ControlKind, controls: &BTreeSet<ControlPolicyId>) -> usize {
    controls.iter().filter(|id| cx.known_control(id, kind).is_ok()).count()
}

/// Control policies are put on levels only while their kind counts.
fn counts(cx: &Context<'_>, kind: ControlKind) -> Result<(), IdentityError> {
    match cx.state.organization().enabled.contains(&kind) {
        true => Ok(()),
        false => Err(OrganizationError::KindNotEnabled(kind).into()),
    }
}

fn attach(op: &AttachPolicy, cx: &Context<'_>) -> Outcome<()> {
    cx.known_control(&op.policy, op.kind)?;
    let mut controls = cx.controls(&op.target)?.clone();
    counts(cx, op.kind)?;
    let always =
        op.kind == ControlKind::ResourceControl && op.policy.as_str() == op.kind.full_access();
    if always || controls.contains(&op.policy) {
        return Err(OrganizationError::AttachedAlready(op.policy.clone()).into());
    }
    if count(cx, op.kind, &controls) >= CONTROL_POLICIES_PER_TARGET_MAX {
        return Err(OrganizationError::TooManyPolicies.into());
    }
    controls.insert(op.policy.clone());
    Ok(Performed::write(vec![cx.with_controls(&op.target, controls)?], ()))
}

fn detach(op: &DetachPolicy, cx: &Context<'_>) -> Outcome<()> {
    cx.known_control(&op.policy, op.kind)?;
    let mut controls = cx.controls(&op.target)?.clone();
    counts(cx, op.kind)?;
    if op.kind == ControlKind::ResourceControl && op.policy.as_str() == op.kind.full_access() {
        return Err(OrganizationError::BuiltIn(op.policy.clone()).into());
    }
    if !controls.remove(&op.policy) {
        return Err(OrganizationError::NotAttached(op.policy.clone()).into());
    }
    // A level without a service control policy would allow nothing to anybody below it.
    if op.kind == ControlKind::ServiceControl && count(cx, op.kind, &controls) == 0 {
        return Err(OrganizationError::LastPolicy.into());
    }
    Ok(Performed::write(vec![cx.with_controls(&op.target, controls)?], ()))
}

fn enable(op: &EnablePolicyType, cx: &Context<'_>) -> Outcome<()> {
    let mut organization = cx.state.organization().clone();
    if !organization.enabled.insert(op.kind) {
        return Err(OrganizationError::KindEnabled(op.kind).into());
    }
    Ok(Performed::write(vec![Change::Organization(Arc::new(organization))], ()))
}

/// The policies of the kind stay where they are, as they do not on AWS: to switch a kind off for a
/// moment must not lose what it said.
fn disable(op: &DisablePolicyType, cx: &Context<'_>) -> Outcome<()> {
    let mut organization = cx.state.organization().clone();
    if !organization.enabled.remove(&op.kind) {
        return Err(OrganizationError::KindNotEnabled(op.kind).into());
    }
    Ok(Performed::write(vec![Change::Organization(Arc::new(organization))], ()))
}

fn set_status(account: &Account, status: AccountStatus) -> Performed<Arc<Account>> {
    let account = Arc::new(Account { status, ..account.clone() });
    Performed::write(vec![Change::Account(Arc::clone(&account))], account)
}

fn suspend(op: &SuspendAccount, cx: &Context<'_>) -> Outcome<Arc<Account>> {
    let account = cx.out_of_use(op.account)?;
    match account.status {
        AccountStatus::Closed => Err(OrganizationError::Closed(op.account).into()),
        AccountStatus::Active | AccountStatus::Suspended => {
            let suspended = set_status(account, AccountStatus::Suspended);
            Ok(suspended.cutting(vec![ChainLink::Account(op.account)]))
        }
    }
}

fn resume(op: &ResumeAccount, cx: &Context<'_>) -> Outcome<Arc<Account>> {
    let account = cx.out_of_use(op.account)?;
    match account.status {
        AccountStatus::Closed => Err(OrganizationError::Closed(op.account).into()),
        AccountStatus::Active | AccountStatus::Suspended => {
            Ok(set_status(account, AccountStatus::Active))
        }
    }
}

fn close(op: &CloseAccount, cx: &Context<'_>) -> Outcome<Arc<Account>> {
    let closed = set_status(cx.out_of_use(op.account)?, AccountStatus::Closed);
    Ok(closed.cutting(vec![ChainLink::Account(op.account)]))
}

fn update_account(op: &UpdateAccount, cx: &Context<'_>) -> Outcome<Arc<Account>> {
    let seconds = op.session_seconds_max;
    if seconds.is_some_and(|own| !(SESSION_SECONDS_MIN..=SESSION_SECONDS_MAX).contains(&own)) {
        let must = "between 900 and 31536000";
        return Err(IdentityError::Validation { parameter: "session_seconds_max", must });
    }
    let account = Arc::new(Account {
        session_seconds_max: seconds,
        signature_v2: op.signature_v2,
        ..(**cx.member(op.account)?).clone()
    });
    Ok(Performed::write(vec![Change::Account(Arc::clone(&account))], account))
}

fn set_public_access(
    cx: &Context<'_>,
    account: AccountId,
    public_access: Option<PublicAccessBlock>,
) -> Outcome<()> {
    cx.own(account)?;
    let account = Account { public_access, ..(**cx.member(account)?).clone() };
    Ok(Performed::write(vec![Change::Account(Arc::new(account))], ()))
}
