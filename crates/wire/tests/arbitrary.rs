#![cfg(test)]
//! No bytes make any message's parser panic, and every refusal is a typed error.

use proptest::prelude::*;
use strongroom_wire::{CopySource, Form, Parts, QueryRequest, RestRequest, Target, iam, s3, sts};

macro_rules! parse_all {
    ($name:ident($from:ty): $($request:ty,)*) => {
        fn $name(from: $from) {
            $( drop(<$request>::parse(from)); )*
        }
    };
}

parse_all! {
    parse_all_rest(&Parts<'_>):
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
    s3::GetObjectAclRequest,
}

parse_all! {
    parse_all_query(&Form):
    sts::AssumeRoleRequest,
    sts::AssumeRoleWithWebIdentityRequest,
    sts::GetCallerIdentityRequest,
    sts::GetSessionTokenRequest,
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

/// Words that the parsers know, and ones that they do not.
fn words() -> impl Strategy<Value = String> {
    let known = prop::sample::select(vec![
        "uploadId",
        "partNumber",
        "max-keys",
        "versionId",
        "tagging",
        "range",
        "if-modified-since",
        "x-amz-meta-a",
        "x-amz-copy-source",
        "x-amz-object-attributes",
        "content-length",
        "-1",
        "",
        "1",
        "true",
        "99999999999999999999",
        "Fri, 02 Jan 2026 03:04:05 GMT",
        "2026-01-02",
    ]);
    prop_oneof![known.prop_map(str::to_owned), any::<String>()]
}

fn pairs() -> impl Strategy<Value = Vec<(String, String)>> {
    proptest::collection::vec((words(), words()), 0..8)
}

fn borrowed(pairs: &[(String, String)]) -> impl Iterator<Item = (&str, &str)> {
    pairs.iter().map(|(name, value)| (name.as_str(), value.as_str()))
}

fn markup() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop::sample::select(vec![
        "<Delete>",
        "</Delete>",
        "<Object>",
        "</Object>",
        "<Key>",
        "</Key>",
        "<Tagging>",
        "<TagSet>",
        "<Tag>",
        "</Tag>",
        "</TagSet>",
        "</Tagging>",
        "<CompleteMultipartUpload>",
        "<Part>",
        "<PartNumber>",
        "</PartNumber>",
        "</Part>",
        "</CompleteMultipartUpload>",
        "x",
        "1",
        "&amp;",
        "&#0;",
        "<!DOCTYPE a>",
        "<![CDATA[",
        "]]>",
        "\u{1}",
    ]);
    proptest::collection::vec(piece, 0..16).prop_map(|pieces| pieces.concat().into_bytes())
}

fn parameters() -> impl Strategy<Value = String> {
    let name = prop::sample::select(vec![
        "UserName",
        "Tags",
        "Tags.member.1.Key",
        "Tags.member.1",
        "Tags.member.2.Value",
        "Tags.0",
        "PolicyArns.member.1.arn",
        "MaxItems",
        "Path",
        "Status",
        "DurationSeconds",
        ".",
        "a..b",
    ]);
    let value = prop_oneof![Just("x".to_owned()), Just("%zz".to_owned()), "[ -~]{0,9}"];
    proptest::collection::vec((name, value), 0..6).prop_map(|pairs| {
        let pairs: Vec<String> = pairs.iter().map(|(n, v)| format!("{n}={v}")).collect();
        pairs.join("&")
    })
}

proptest! {
    #[test]
    fn no_path_query_or_header_makes_a_parser_panic(
        path in words(), query in pairs(), headers in pairs(), body in markup(),
    ) {
        let path = format!("/{path}");
        if let Ok(target) = Target::parse(&path)
            && let Ok(parts) = Parts::new(target, borrowed(&query), borrowed(&headers))
        {
            parse_all_rest(&parts.with_body(&body));
        }
    }

    #[test]
    fn no_bytes_make_a_body_parser_panic(body in proptest::collection::vec(any::<u8>(), 0..200)) {
        let parts = Parts::new(Target::Bucket("b"), [], []).unwrap();
        parse_all_rest(&parts.with_body(&body));
    }

    #[test]
    fn no_bytes_make_a_form_parser_panic(body in proptest::collection::vec(any::<u8>(), 0..200)) {
        if let Ok(form) = Form::parse(&body) {
            parse_all_query(&form);
        }
    }

    #[test]
    fn no_parameters_make_a_form_parser_panic(form in parameters()) {
        if let Ok(form) = Form::parse(form.as_bytes()) {
            parse_all_query(&form);
        }
    }

    #[test]
    fn no_header_makes_the_copy_source_panic(header in any::<String>()) {
        drop(CopySource::parse(&header));
    }
}
