//! What is told of an account as a whole: its entities with their policies, and who can sign in
//! how.

use std::collections::BTreeSet;

use names::{AccountId, Arn};

use super::{PageRequest, operations};

/// A kind of entity that details are told of.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum DetailKind {
    /// Users.
    User,
    /// Groups.
    Group,
    /// Roles.
    Role,
    /// The account's own managed policies.
    LocalPolicy,
    /// The policies that every installation has, as far as they are used.
    CannedPolicy,
}

impl DetailKind {
    /// All kinds, in the order in which they are told.
    pub const ALL: [Self; 5] =
        [Self::User, Self::Group, Self::Role, Self::LocalPolicy, Self::CannedPolicy];
}

operations! {
    /// Tells every user, group, role and policy of an account with all that hangs on it.
    GetAccountAuthorizationDetails: "iam:GetAccountAuthorizationDetails" on |_| Some(Arn::any());
    { account: AccountId, kinds: BTreeSet<DetailKind>, page: PageRequest }

    /// Makes the report on who can sign in how.
    GenerateCredentialReport: "iam:GenerateCredentialReport" on |_| Some(Arn::any());
    { account: AccountId }

    /// Tells which policies of a user, group or role allow it anything of a service.
    ListPoliciesGrantingServiceAccess: "iam:ListPoliciesGrantingServiceAccess"
        on |op| Some(op.entity.clone());
    { entity: Arn, services: Vec<String> }

    /// Begins a report on when the services that an entity may use were last used.
    GenerateServiceLastAccessedDetails: "iam:GenerateServiceLastAccessedDetails"
        on |op| Some(op.entity.clone());
    { account: AccountId, entity: Arn }

    /// Reads that report.
    GetServiceLastAccessedDetails: "iam:GetServiceLastAccessedDetails" on |_| Some(Arn::any());
    { account: AccountId, job: String, page: PageRequest }

    /// Reads who used one of the services.
    GetServiceLastAccessedDetailsWithEntities: "iam:GetServiceLastAccessedDetailsWithEntities"
        on |_| Some(Arn::any());
    { account: AccountId, job: String, service: String, page: PageRequest }

    /// Reads the report on credentials.
    GetCredentialReport: "iam:GetCredentialReport" on |_| Some(Arn::any());
    { account: AccountId }
}
