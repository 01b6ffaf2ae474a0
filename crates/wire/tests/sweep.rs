#![cfg(test)]
//! Every constraint that the service models of IAM and STS put on a scalar parameter, broken once:
//! too few and too many characters, numbers out of range, words that are none, parameters that are
//! missing.
//!
//! The vectors are made from the models of botocore 1.44.5: operation, parameter, what is broken,
//! and the form. A ceiling that a setting raises (`MaxSessionDuration`, `DurationSeconds`) is
//! broken past what a setting may say, or not at all; what is optional here (a role) and what has
//! no limit (a session's policy, a token) is not among them.

use strongroom_wire::{Fault, Form, Place, QueryRequest, WireError, iam, sts};

const VIOLATIONS: &str = include_str!("vectors/botocore-1.44.5-violations.tsv");

macro_rules! readers {
    ($($request:ident,)*; $($of_sts:ident,)*) => {
        /// What is wrong with a form of an operation.
        fn refused(operation: &str, form: &Form) -> Option<WireError> {
            match operation.to_owned() + "Request" {
                $(name if name == stringify!($request) => iam::$request::parse(form).err(),)*
                $(name if name == stringify!($of_sts) => sts::$of_sts::parse(form).err(),)*
                _ => panic!("{operation} has no reader here"),
            }
        }
    };
}

readers! {
    CreateUserRequest,
    GetUserRequest,
    UpdateUserRequest,
    DeleteUserRequest,
    CreateGroupRequest,
    GetGroupRequest,
    UpdateGroupRequest,
    DeleteGroupRequest,
    CreateRoleRequest,
    GetRoleRequest,
    UpdateRoleRequest,
    DeleteRoleRequest,
    ListUsersRequest,
    ListGroupsRequest,
    ListRolesRequest,
    AddUserToGroupRequest,
    RemoveUserFromGroupRequest,
    ListGroupsForUserRequest,
    CreateAccessKeyRequest,
    ListAccessKeysRequest,
    UpdateAccessKeyRequest,
    DeleteAccessKeyRequest,
    GetAccessKeyLastUsedRequest,
    UpdateAssumeRolePolicyRequest,
    UpdateRoleDescriptionRequest,
    CreatePolicyRequest,
    GetPolicyRequest,
    ListPoliciesRequest,
    DeletePolicyRequest,
    CreatePolicyVersionRequest,
    GetPolicyVersionRequest,
    ListPolicyVersionsRequest,
    SetDefaultPolicyVersionRequest,
    DeletePolicyVersionRequest,
    ListEntitiesForPolicyRequest,
    CreateOpenIDConnectProviderRequest,
    GetOpenIDConnectProviderRequest,
    ListOpenIDConnectProvidersRequest,
    DeleteOpenIDConnectProviderRequest,
    UpdateOpenIDConnectProviderThumbprintRequest,
    AddClientIDToOpenIDConnectProviderRequest,
    RemoveClientIDFromOpenIDConnectProviderRequest,
    ListInstanceProfilesForRoleRequest,
    GetAccountSummaryRequest,
    ListAccountAliasesRequest,
    AttachUserPolicyRequest,
    DetachUserPolicyRequest,
    ListAttachedUserPoliciesRequest,
    PutUserPolicyRequest,
    GetUserPolicyRequest,
    ListUserPoliciesRequest,
    DeleteUserPolicyRequest,
    AttachGroupPolicyRequest,
    DetachGroupPolicyRequest,
    ListAttachedGroupPoliciesRequest,
    PutGroupPolicyRequest,
    GetGroupPolicyRequest,
    ListGroupPoliciesRequest,
    DeleteGroupPolicyRequest,
    AttachRolePolicyRequest,
    DetachRolePolicyRequest,
    ListAttachedRolePoliciesRequest,
    PutRolePolicyRequest,
    GetRolePolicyRequest,
    ListRolePoliciesRequest,
    DeleteRolePolicyRequest,
    PutUserPermissionsBoundaryRequest,
    DeleteUserPermissionsBoundaryRequest,
    PutRolePermissionsBoundaryRequest,
    DeleteRolePermissionsBoundaryRequest,
    TagUserRequest,
    UntagUserRequest,
    ListUserTagsRequest,
    TagRoleRequest,
    UntagRoleRequest,
    ListRoleTagsRequest,
    TagPolicyRequest,
    UntagPolicyRequest,
    ListPolicyTagsRequest,
    TagOpenIDConnectProviderRequest,
    UntagOpenIDConnectProviderRequest,
    ListOpenIDConnectProviderTagsRequest,
    CreateSAMLProviderRequest,
    GetSAMLProviderRequest,
    ListSAMLProvidersRequest,
    UpdateSAMLProviderRequest,
    DeleteSAMLProviderRequest,
    TagSAMLProviderRequest,
    UntagSAMLProviderRequest,
    ListSAMLProviderTagsRequest,
    CreateVirtualMFADeviceRequest,
    DeleteVirtualMFADeviceRequest,
    EnableMFADeviceRequest,
    DeactivateMFADeviceRequest,
    ResyncMFADeviceRequest,
    ListMFADevicesRequest,
    GetMFADeviceRequest,
    ListVirtualMFADevicesRequest,
    TagMFADeviceRequest,
    UntagMFADeviceRequest,
    ListMFADeviceTagsRequest,
    CreateLoginProfileRequest,
    GetLoginProfileRequest,
    UpdateLoginProfileRequest,
    DeleteLoginProfileRequest,
    ChangePasswordRequest,
    UpdateAccountPasswordPolicyRequest,
    GetAccountPasswordPolicyRequest,
    DeleteAccountPasswordPolicyRequest,
    CreateAccountAliasRequest,
    DeleteAccountAliasRequest,
    GetAccountAuthorizationDetailsRequest,
    GenerateCredentialReportRequest,
    GetCredentialReportRequest,
    SimulateCustomPolicyRequest,
    SimulatePrincipalPolicyRequest,
    GetContextKeysForCustomPolicyRequest,
    GetContextKeysForPrincipalPolicyRequest,
    ListPoliciesGrantingServiceAccessRequest,
    GenerateServiceLastAccessedDetailsRequest,
    GetServiceLastAccessedDetailsRequest,
    GetServiceLastAccessedDetailsWithEntitiesRequest,
    ListSSHPublicKeysRequest,
    ListSigningCertificatesRequest,
    ListServiceSpecificCredentialsRequest,
    ;
    AssumeRoleRequest,
    AssumeRoleWithWebIdentityRequest,
    GetSessionTokenRequest,
    GetFederationTokenRequest,
    GetAccessKeyInfoRequest,
    DecodeAuthorizationMessageRequest,
}

fn kind(fault: &Fault) -> &'static str {
    match fault {
        Fault::Missing => "missing",
        Fault::Length { .. } => "length",
        Fault::Range { .. } => "range",
        Fault::Choice { .. } => "choice",
        Fault::Characters => "characters",
        Fault::Kind { .. } => "kind",
        _ => "other",
    }
}

#[test]
fn a_parameter_that_breaks_its_constraint_is_named_with_what_is_broken() {
    let mut operations = std::collections::BTreeSet::new();
    let mut failures = Vec::new();
    for line in VIOLATIONS.lines() {
        let cells: Vec<&str> = line.split('\t').collect();
        let [operation, member, broken, form] = cells.as_slice() else { panic!("{line}") };
        let error = refused(operation, &Form::parse(form.as_bytes()).unwrap());
        let right = match &error {
            Some(WireError::Member { place: Place::Form, member: named, fault }) => {
                named == member && kind(fault) == *broken
            }
            _ => false,
        };
        if !right {
            failures.push(format!("{operation} {member} {broken}: {error:?}"));
        }
        operations.insert(*operation);
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
    assert!(VIOLATIONS.lines().count() > 800, "{}", VIOLATIONS.lines().count());
    let all = iam::ACTIONS.iter().chain(sts::ACTIONS).copied();
    let left: Vec<&str> = all.filter(|action| !operations.contains(action)).collect();
    assert_eq!(left, FREE, "operations without a vector here");
}

/// Operations none of whose parameters has a constraint.
const FREE: [&str; 8] = [
    "ListOpenIDConnectProviders",
    "GetAccountSummary",
    "ListSAMLProviders",
    "GetAccountPasswordPolicy",
    "DeleteAccountPasswordPolicy",
    "GenerateCredentialReport",
    "GetCredentialReport",
    "GetCallerIdentity",
];
