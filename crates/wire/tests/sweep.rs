#![cfg(test)]
//! Every constraint that the service models of IAM and STS put on a scalar parameter, broken once:
//! too few and too many characters, numbers out of range, words that are none, parameters that are
//! missing. And of every operation, parameters that it does not have or that are given twice.
//!
//! The vectors are made from the models of botocore 1.44.5: operation, parameter, what is broken,
//! and the form. A ceiling that a setting raises (`MaxSessionDuration`, `DurationSeconds`) is
//! broken past what a setting may say, or not at all; what is optional here (a role) and what has
//! no limit (a session's policy, a token) is not among them.

use strongroom_wire::{Fault, Form, FormError, Place, QueryRequest, WireError, iam, sts};

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

        /// What an operation's parameters are called.
        fn parameters(operation: &str) -> &'static [&'static str] {
            match operation.to_owned() + "Request" {
                $(name if name == stringify!($request) => iam::$request::PARAMETERS,)*
                $(name if name == stringify!($of_sts) => sts::$of_sts::PARAMETERS,)*
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
    GetCallerIdentityRequest,
}

fn kind(fault: &Fault) -> &'static str {
    match fault {
        Fault::Missing => "missing",
        Fault::Length { .. } => "length",
        Fault::Range { .. } => "range",
        Fault::Choice { .. } => "choice",
        Fault::Characters => "characters",
        Fault::Kind { .. } => "kind",
        Fault::Unknown => "unknown",
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

/// A parameter as a form has it: the first of every list.
fn sent(parameter: &str) -> String {
    let parts = parameter.split('.').map(|part| match part {
        "member" => "member.1",
        part => part,
    });
    parts.collect::<Vec<_>>().join(".")
}

#[test]
fn a_parameter_that_an_operation_does_not_have_is_refused_by_every_operation() {
    let named = |operation: &str, form: &str| match refused(
        operation,
        &Form::parse(form.as_bytes()).unwrap(),
    ) {
        Some(WireError::Member { member, fault: Fault::Unknown, .. }) => Some(member.into_owned()),
        _ => None,
    };
    for operation in iam::ACTIONS.iter().chain(sts::ACTIONS) {
        let parameters = parameters(operation);
        // What every request carries is known to all, and so is each of their own.
        let envelope = format!("Action={operation}&Version=1&X-Amz-Signature=2");
        assert_eq!(named(operation, &envelope), None, "{operation}");
        assert_eq!(named(operation, "Unknown=1").as_deref(), Some("Unknown"), "{operation}");
        for parameter in parameters {
            let sent = sent(parameter);
            assert_eq!(named(operation, &format!("{sent}=1")), None, "{operation} {sent}");
            let lower = sent.to_ascii_lowercase();
            for other in [format!("X{sent}"), lower, format!("{sent}.member.1"), sent + ".More"] {
                let found = named(operation, &format!("{other}=1"));
                assert_eq!(found, Some(other.replace(".1", "")), "{operation} {other}");
            }
        }
    }
}

#[test]
fn a_parameter_given_twice_is_refused_by_every_operation() {
    for operation in iam::ACTIONS.iter().chain(sts::ACTIONS) {
        for parameter in parameters(operation) {
            let sent = sent(parameter);
            for second in [sent.clone(), sent.to_ascii_lowercase()] {
                let twice = Form::parse(format!("{sent}=1&{second}=1").as_bytes());
                let duplicate = matches!(twice, Err(FormError::Duplicate(_)));
                assert!(duplicate, "{operation} {sent} {second}");
            }
        }
    }
}
