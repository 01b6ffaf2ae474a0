//! The organisation: its accounts, units and control policies, in the words of AWS Organizations.
//!
//! All but the reading of what the organisation is are decided on resources of the account that
//! manages it, so that the root of a member account is a stranger to them (AWS Organizations user
//! guide, "Managing access permissions": only the management account may).

use names::{AccountId, Action, Arn};
use policy::facts::FactMap;
use policy::operation::{Operation, Rule};

use super::{PageRequest, RequestFacts, native_arn, operations};
use crate::organization::{ControlKind, ControlPolicyId, ControlTarget, OrganizationName, UnitId};
use crate::record::{PublicAccessBlock, SignatureV2};
use crate::stored_policy::StoredPolicy;

/// The organisation that an operation speaks of: its managing account and its id.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct OrganizationRef {
    /// The account that manages it.
    pub operator: AccountId,
    /// `o-…`.
    pub id: String,
    /// `r-…`.
    pub root: String,
}

impl OrganizationRef {
    /// The ARN of something of the organisation.
    #[must_use]
    pub fn arn(&self, kind: &str, own: &str) -> Option<Arn> {
        let Self { operator, id, .. } = self;
        format!("arn:aws:organizations::{operator}:{kind}/{id}/{own}").parse().ok()
    }

    /// The ARN of the organisation itself: what is decided on where AWS names no resource.
    #[must_use]
    pub fn whole(&self) -> Option<Arn> {
        let Self { operator, id, .. } = self;
        format!("arn:aws:organizations::{operator}:organization/{id}").parse().ok()
    }

    /// The ARN of a unit or, where there is none, of the root.
    #[must_use]
    pub fn parent(&self, unit: Option<&UnitId>) -> Option<Arn> {
        match unit {
            Some(unit) => self.arn("ou", unit.as_str()),
            None => self.arn("root", &self.root),
        }
    }

    /// The ARN of a level.
    #[must_use]
    pub fn target(&self, target: &ControlTarget) -> Option<Arn> {
        match target {
            ControlTarget::Root => self.parent(None),
            ControlTarget::Unit(unit) => self.parent(Some(unit)),
            ControlTarget::Account(account) => self.arn("account", account.as_str()),
        }
    }

    /// The ARN of a control policy. AWS's own belong to nobody.
    #[must_use]
    pub fn policy(&self, policy: &ControlPolicyId, kind: ControlKind) -> Option<Arn> {
        self.arn("policy", &format!("{}/{policy}", kind.word().to_ascii_lowercase()))
    }
}

/// A parent: a unit, or the root where there is none.
pub type Parent = Option<UnitId>;

operations! {
    /// Says what the organisation is. Members may ask too.
    DescribeOrganization: "organizations:DescribeOrganization" on |_| Some(Arn::any());
    { account: AccountId }

    /// Lists the one root.
    ListRoots: "organizations:ListRoots" on |op| op.organization.whole();
    { organization: OrganizationRef }

    /// Lists the services that may act throughout the organisation. There are none.
    ListServiceAccess: "organizations:ListAWSServiceAccessForOrganization"
        on |op| op.organization.whole();
    { organization: OrganizationRef }

    /// Lists the units in a unit or the root.
    ListOrganizationalUnitsForParent: "organizations:ListOrganizationalUnitsForParent"
        on |op| op.organization.parent(op.parent.as_ref());
    { organization: OrganizationRef, parent: Parent }

    /// Lists the accounts in a unit or the root.
    ListAccountsForParent: "organizations:ListAccountsForParent"
        on |op| op.organization.parent(op.parent.as_ref());
    { organization: OrganizationRef, parent: Parent }

    /// Describes an account.
    DescribeAccount: "organizations:DescribeAccount"
        on |op| op.organization.arn("account", op.account.as_str());
    { organization: OrganizationRef, account: AccountId }

    /// Says what an account or unit is in.
    ListParents: "organizations:ListParents" on |op| op.organization.target(&op.child);
    { organization: OrganizationRef, child: ControlTarget }

    /// Describes a unit.
    DescribeOrganizationalUnit: "organizations:DescribeOrganizationalUnit"
        on |op| op.organization.parent(Some(&op.unit));
    { organization: OrganizationRef, unit: UnitId }

    /// Makes a unit.
    CreateOrganizationalUnit: "organizations:CreateOrganizationalUnit"
        on |op| op.organization.parent(op.parent.as_ref());
    { organization: OrganizationRef, parent: Parent, name: OrganizationName }

    /// Renames a unit.
    UpdateOrganizationalUnit: "organizations:UpdateOrganizationalUnit"
        on |op| op.organization.parent(Some(&op.unit));
    { organization: OrganizationRef, unit: UnitId, name: Option<OrganizationName> }

    /// Removes a unit in which nothing is.
    DeleteOrganizationalUnit: "organizations:DeleteOrganizationalUnit"
        on |op| op.organization.parent(Some(&op.unit));
    { organization: OrganizationRef, unit: UnitId }

    /// Makes a control policy.
    CreateControlPolicy: "organizations:CreatePolicy" on |op| op.organization.whole();
    {
        organization: OrganizationRef,
        kind: ControlKind,
        name: OrganizationName,
        description: String,
        document: StoredPolicy,
    }

    /// Reads a control policy.
    DescribeControlPolicy: "organizations:DescribePolicy"
        on |op| op.organization.policy(&op.policy, op.kind);
    { organization: OrganizationRef, policy: ControlPolicyId, kind: ControlKind }

    /// Changes a control policy.
    UpdateControlPolicy: "organizations:UpdatePolicy"
        on |op| op.organization.policy(&op.policy, op.kind);
    {
        organization: OrganizationRef,
        policy: ControlPolicyId,
        kind: ControlKind,
        name: Option<OrganizationName>,
        description: Option<String>,
        document: Option<StoredPolicy>,
    }

    /// Removes a control policy that is attached to nothing.
    DeleteControlPolicy: "organizations:DeletePolicy"
        on |op| op.organization.policy(&op.policy, op.kind);
    { organization: OrganizationRef, policy: ControlPolicyId, kind: ControlKind }

    /// Lists control policies of a kind.
    ListControlPolicies: "organizations:ListPolicies" on |op| op.organization.whole();
    { organization: OrganizationRef, kind: ControlKind }

    /// Lists the control policies of a kind on a level.
    ListPoliciesForTarget: "organizations:ListPoliciesForTarget"
        on |op| op.organization.target(&op.target);
    { organization: OrganizationRef, target: ControlTarget, kind: ControlKind }

    /// Lists the levels that a control policy is on.
    ListTargetsForPolicy: "organizations:ListTargetsForPolicy"
        on |op| op.organization.policy(&op.policy, op.kind);
    { organization: OrganizationRef, policy: ControlPolicyId, kind: ControlKind }

    /// Makes a kind of control policy count.
    EnablePolicyType: "organizations:EnablePolicyType" on |op| op.organization.parent(None);
    { organization: OrganizationRef, kind: ControlKind }

    /// Makes a kind of control policy count no more.
    DisablePolicyType: "organizations:DisablePolicyType" on |op| op.organization.parent(None);
    { organization: OrganizationRef, kind: ControlKind }

    /// Takes an account out of use, until it is resumed: when it answers, none of its callers can
    /// do anything any more.
    SuspendAccount: "strongroom:SuspendAccount"
        on |op| native_arn(op.operator, &format!("account/{}", op.account));
    { operator: AccountId, account: AccountId }

    /// Puts a suspended account back in use.
    ResumeAccount: "strongroom:ResumeAccount"
        on |op| native_arn(op.operator, &format!("account/{}", op.account));
    { operator: AccountId, account: AccountId }

    /// Takes an account out of use for ever.
    CloseAccount: "strongroom:CloseAccount"
        on |op| native_arn(op.operator, &format!("account/{}", op.account));
    { operator: AccountId, account: AccountId }

    /// Sets what bounds an account as a whole.
    UpdateAccount: "strongroom:UpdateAccount"
        on |op| native_arn(op.operator, &format!("account/{}", op.account));
    {
        operator: AccountId,
        account: AccountId,
        /// The longest session that anybody of the account may have; `None` is what the
        /// installation allows.
        session_seconds_max: Option<u32>,
        /// Whether Signature Version 2 is taken of the account; `None` leaves it to the server's
        /// settings.
        signature_v2: Option<SignatureV2>,
    }

    /// Reads an account's public-access block. These actions have no resource of their own: a
    /// policy names `*`.
    GetAccountPublicAccessBlock: "s3:GetAccountPublicAccessBlock"
        on |op| whole_account(op.account);
    { account: AccountId }

    /// Sets an account's public-access block, which counts for each of its buckets.
    PutAccountPublicAccessBlock: "s3:PutAccountPublicAccessBlock"
        on |op| whole_account(op.account);
    { account: AccountId, block: PublicAccessBlock }

    /// Removes an account's public-access block: its buckets' own are what counts.
    DeleteAccountPublicAccessBlock: "s3:PutAccountPublicAccessBlock"
        on |op| whole_account(op.account);
    { account: AccountId }
}

/// An account as a whole.
fn whole_account(account: AccountId) -> Option<Arn> {
    native_arn(account, &format!("account/{account}"))
}

/// Lists every account of the organisation.
#[derive(Clone, Debug)]
pub struct ListOrganizationAccounts {
    /// The organisation.
    pub organization: OrganizationRef,
    /// Which part of them.
    pub page: PageRequest,
}

impl Operation for ListOrganizationAccounts {
    const NAME: &'static str = "ListAccounts";
    const CHECKS: &'static [Rule<Self>] =
        &[Rule::required(Action::known("organizations:ListAccounts"), |op| {
            op.organization.whole()
        })];
}

impl RequestFacts for ListOrganizationAccounts {
    fn request_facts(&self, _: &mut FactMap) {}
}

/// Declares operations that are decided on two resources with one action.
macro_rules! on_two {
    ($($(#[$doc:meta])* $name:ident: $action:literal on $first:expr, $second:expr;
        { $($field:ident: $type:ty),* $(,)? })*) => { $(
        $(#[$doc])*
        #[derive(Clone, Debug)]
        pub struct $name {
            /// The organisation.
            pub organization: OrganizationRef,
            $(
                #[doc = concat!("`", stringify!($field), "` of the request.")]
                pub $field: $type,
            )*
        }

        impl Operation for $name {
            const NAME: &'static str = stringify!($name);
            const CHECKS: &'static [Rule<Self>] = &[
                Rule::required(Action::known($action), $first),
                Rule::required(Action::known($action), $second),
            ];
        }

        impl RequestFacts for $name {
            fn request_facts(&self, _: &mut FactMap) {}
        }
    )* };
}

on_two! {
    /// Moves an account to another unit, or to the root.
    MoveAccount: "organizations:MoveAccount"
        on |op| op.organization.arn("account", op.account.as_str()),
        |op| op.organization.parent(op.to.as_ref());
    { account: AccountId, from: Parent, to: Parent }

    /// Puts a control policy on a level.
    AttachPolicy: "organizations:AttachPolicy"
        on |op| op.organization.policy(&op.policy, op.kind),
        |op| op.organization.target(&op.target);
    { policy: ControlPolicyId, kind: ControlKind, target: ControlTarget }

    /// Takes a control policy off a level.
    DetachPolicy: "organizations:DetachPolicy"
        on |op| op.organization.policy(&op.policy, op.kind),
        |op| op.organization.target(&op.target);
    { policy: ControlPolicyId, kind: ControlKind, target: ControlTarget }
}
