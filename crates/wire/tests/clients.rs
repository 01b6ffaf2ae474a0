#![cfg(test)]
//! What a real client sends: for every operation, the request that botocore 1.44.5 makes when every
//! member is given, and the values that must be found in the message again (secrets excepted).
//!
//! The vectors are the output of `botocore.serialize` for parameters of our own.

use serde_json::Value;
use strongroom_wire::{Form, Parts, QueryRequest, RestRequest, Target, iam, s3, sts};

const REQUESTS: &str = include_str!("vectors/botocore-1.44.5-requests.jsonl");

macro_rules! readers {
    ($name:ident($from:ty): $($module:ident::$request:ident,)*) => {
        /// The message as it prints, if it is one of these operations.
        fn $name(operation: &str, from: $from) -> Option<String> {
            match operation.to_owned() + "Request" {
                $(
                    name if name == stringify!($request) => {
                        Some(format!("{:?}", $module::$request::parse(from).unwrap()))
                    }
                )*
                _ => None,
            }
        }
    };
}

readers! {
    rest(&Parts<'_>):
    s3::ListBucketsRequest,
    s3::CreateBucketRequest,
    s3::HeadBucketRequest,
    s3::DeleteBucketRequest,
    s3::GetBucketLocationRequest,
    s3::GetBucketVersioningRequest,
    s3::GetBucketPolicyRequest,
    s3::PutBucketPolicyRequest,
    s3::DeleteBucketPolicyRequest,
    s3::GetBucketPolicyStatusRequest,
    s3::GetPublicAccessBlockRequest,
    s3::PutPublicAccessBlockRequest,
    s3::DeletePublicAccessBlockRequest,
    s3::GetBucketOwnershipControlsRequest,
    s3::PutBucketOwnershipControlsRequest,
    s3::DeleteBucketOwnershipControlsRequest,
    s3::GetBucketTaggingRequest,
    s3::PutBucketTaggingRequest,
    s3::DeleteBucketTaggingRequest,
    s3::PutObjectRequest,
    s3::GetObjectRequest,
    s3::HeadObjectRequest,
    s3::DeleteObjectRequest,
    s3::DeleteObjectsRequest,
    s3::CopyObjectRequest,
    s3::ListObjectsRequest,
    s3::ListObjectsV2Request,
    s3::ListObjectVersionsRequest,
    s3::GetObjectTaggingRequest,
    s3::PutObjectTaggingRequest,
    s3::DeleteObjectTaggingRequest,
    s3::GetObjectAttributesRequest,
    s3::CreateMultipartUploadRequest,
    s3::UploadPartRequest,
    s3::UploadPartCopyRequest,
    s3::CompleteMultipartUploadRequest,
    s3::AbortMultipartUploadRequest,
    s3::ListPartsRequest,
    s3::ListMultipartUploadsRequest,
    s3::GetBucketAclRequest,
    s3::PutBucketAclRequest,
    s3::GetObjectAclRequest,
    s3::PutObjectAclRequest,
}

readers! {
    query(&Form):
    sts::AssumeRoleRequest,
    sts::AssumeRoleWithWebIdentityRequest,
    sts::GetCallerIdentityRequest,
    sts::GetSessionTokenRequest,
    sts::GetFederationTokenRequest,
    sts::GetAccessKeyInfoRequest,
    sts::DecodeAuthorizationMessageRequest,
    iam::CreateUserRequest,
    iam::GetUserRequest,
    iam::UpdateUserRequest,
    iam::DeleteUserRequest,
    iam::CreateGroupRequest,
    iam::GetGroupRequest,
    iam::UpdateGroupRequest,
    iam::DeleteGroupRequest,
    iam::CreateRoleRequest,
    iam::GetRoleRequest,
    iam::UpdateRoleRequest,
    iam::DeleteRoleRequest,
    iam::ListUsersRequest,
    iam::ListGroupsRequest,
    iam::ListRolesRequest,
    iam::AddUserToGroupRequest,
    iam::RemoveUserFromGroupRequest,
    iam::ListGroupsForUserRequest,
    iam::CreateAccessKeyRequest,
    iam::ListAccessKeysRequest,
    iam::UpdateAccessKeyRequest,
    iam::DeleteAccessKeyRequest,
    iam::GetAccessKeyLastUsedRequest,
    iam::UpdateAssumeRolePolicyRequest,
    iam::UpdateRoleDescriptionRequest,
    iam::CreatePolicyRequest,
    iam::GetPolicyRequest,
    iam::ListPoliciesRequest,
    iam::DeletePolicyRequest,
    iam::CreatePolicyVersionRequest,
    iam::GetPolicyVersionRequest,
    iam::ListPolicyVersionsRequest,
    iam::SetDefaultPolicyVersionRequest,
    iam::DeletePolicyVersionRequest,
    iam::ListEntitiesForPolicyRequest,
    iam::CreateOpenIDConnectProviderRequest,
    iam::GetOpenIDConnectProviderRequest,
    iam::ListOpenIDConnectProvidersRequest,
    iam::DeleteOpenIDConnectProviderRequest,
    iam::UpdateOpenIDConnectProviderThumbprintRequest,
    iam::AddClientIDToOpenIDConnectProviderRequest,
    iam::RemoveClientIDFromOpenIDConnectProviderRequest,
    iam::ListInstanceProfilesForRoleRequest,
    iam::GetAccountSummaryRequest,
    iam::ListAccountAliasesRequest,
    iam::AttachUserPolicyRequest,
    iam::DetachUserPolicyRequest,
    iam::ListAttachedUserPoliciesRequest,
    iam::PutUserPolicyRequest,
    iam::GetUserPolicyRequest,
    iam::ListUserPoliciesRequest,
    iam::DeleteUserPolicyRequest,
    iam::AttachGroupPolicyRequest,
    iam::DetachGroupPolicyRequest,
    iam::ListAttachedGroupPoliciesRequest,
    iam::PutGroupPolicyRequest,
    iam::GetGroupPolicyRequest,
    iam::ListGroupPoliciesRequest,
    iam::DeleteGroupPolicyRequest,
    iam::AttachRolePolicyRequest,
    iam::DetachRolePolicyRequest,
    iam::ListAttachedRolePoliciesRequest,
    iam::PutRolePolicyRequest,
    iam::GetRolePolicyRequest,
    iam::ListRolePoliciesRequest,
    iam::DeleteRolePolicyRequest,
    iam::PutUserPermissionsBoundaryRequest,
    iam::DeleteUserPermissionsBoundaryRequest,
    iam::PutRolePermissionsBoundaryRequest,
    iam::DeleteRolePermissionsBoundaryRequest,
    iam::TagUserRequest,
    iam::UntagUserRequest,
    iam::ListUserTagsRequest,
    iam::TagRoleRequest,
    iam::UntagRoleRequest,
    iam::ListRoleTagsRequest,
    iam::TagPolicyRequest,
    iam::UntagPolicyRequest,
    iam::ListPolicyTagsRequest,
    iam::TagOpenIDConnectProviderRequest,
    iam::UntagOpenIDConnectProviderRequest,
    iam::ListOpenIDConnectProviderTagsRequest,
    iam::CreateSAMLProviderRequest,
    iam::GetSAMLProviderRequest,
    iam::ListSAMLProvidersRequest,
    iam::UpdateSAMLProviderRequest,
    iam::DeleteSAMLProviderRequest,
    iam::TagSAMLProviderRequest,
    iam::UntagSAMLProviderRequest,
    iam::ListSAMLProviderTagsRequest,
    iam::CreateVirtualMFADeviceRequest,
    iam::DeleteVirtualMFADeviceRequest,
    iam::EnableMFADeviceRequest,
    iam::DeactivateMFADeviceRequest,
    iam::ResyncMFADeviceRequest,
    iam::ListMFADevicesRequest,
    iam::GetMFADeviceRequest,
    iam::ListVirtualMFADevicesRequest,
    iam::TagMFADeviceRequest,
    iam::UntagMFADeviceRequest,
    iam::ListMFADeviceTagsRequest,
    iam::CreateLoginProfileRequest,
    iam::GetLoginProfileRequest,
    iam::UpdateLoginProfileRequest,
    iam::DeleteLoginProfileRequest,
    iam::ChangePasswordRequest,
    iam::UpdateAccountPasswordPolicyRequest,
    iam::GetAccountPasswordPolicyRequest,
    iam::DeleteAccountPasswordPolicyRequest,
    iam::CreateAccountAliasRequest,
    iam::DeleteAccountAliasRequest,
    iam::GetAccountAuthorizationDetailsRequest,
    iam::GenerateCredentialReportRequest,
    iam::GetCredentialReportRequest,
    iam::SimulateCustomPolicyRequest,
    iam::SimulatePrincipalPolicyRequest,
    iam::GetContextKeysForCustomPolicyRequest,
    iam::GetContextKeysForPrincipalPolicyRequest,
    iam::ListPoliciesGrantingServiceAccessRequest,
    iam::GenerateServiceLastAccessedDetailsRequest,
    iam::GetServiceLastAccessedDetailsRequest,
    iam::GetServiceLastAccessedDetailsWithEntitiesRequest,
    iam::ListSSHPublicKeysRequest,
    iam::ListSigningCertificatesRequest,
    iam::ListServiceSpecificCredentialsRequest,
}

fn text<'a>(vector: &'a Value, field: &str) -> &'a str {
    vector[field].as_str().unwrap()
}

fn pairs<'a>(vector: &'a Value, field: &str) -> Vec<(&'a str, &'a str)> {
    let pairs = vector[field].as_array().unwrap().iter();
    pairs.map(|pair| (pair[0].as_str().unwrap(), pair[1].as_str().unwrap())).collect()
}

#[test]
fn every_member_that_a_client_sends_is_read() {
    let mut operations = 0;
    for line in REQUESTS.lines() {
        let vector: Value = serde_json::from_str(line).unwrap();
        let operation = text(&vector, "op");
        let body = text(&vector, "body").as_bytes();
        let printed = if text(&vector, "service") == "s3" {
            let target = Target::parse(text(&vector, "path")).unwrap();
            let parts = Parts::new(target, pairs(&vector, "query"), pairs(&vector, "headers"));
            rest(operation, &parts.unwrap().with_body(body))
        } else {
            query(operation, &Form::parse(body).unwrap())
        };
        let printed = printed.unwrap_or_else(|| panic!("{operation} has no reader here"));
        for value in vector["values"].as_array().unwrap() {
            assert!(printed.contains(value.as_str().unwrap()), "{operation}: {value} in {printed}");
        }
        assert!(!printed.contains("None"), "{operation}: a member was not found in {printed}");
        operations += 1;
    }
    assert_eq!(operations, s3::ROUTES.len() + sts::ACTIONS.len() + iam::ACTIONS.len());
}
