//! The messages of IAM, version 2010-05-08.
//!
//! Made by `cargo xtask codegen`: do not edit. Derived from the service models of
//! botocore 1.44.5, Copyright Amazon.com, Inc. or its affiliates, Apache License 2.0.

use names::Timestamp;
use std::collections::BTreeMap;

use crate::element::{Element, FromElement};
use crate::form::Form;
use crate::malformed::WireError;
use crate::message::{QueryOutput, QueryRequest};
use crate::rule::{Chars, Rule};
use crate::secret::Secret;
use crate::xml::write::{ToElement, Writer};

/// The XML namespace of the answers.
pub const NAMESPACE: &str = "https://iam.amazonaws.com/doc/2010-05-08/";
/// Every `Action` that has messages.
pub const ACTIONS: &[&str] = &[
    "CreateUser",
    "GetUser",
    "UpdateUser",
    "DeleteUser",
    "CreateGroup",
    "GetGroup",
    "UpdateGroup",
    "DeleteGroup",
    "CreateRole",
    "GetRole",
    "UpdateRole",
    "DeleteRole",
    "ListUsers",
    "ListGroups",
    "ListRoles",
    "AddUserToGroup",
    "RemoveUserFromGroup",
    "ListGroupsForUser",
    "CreateAccessKey",
    "ListAccessKeys",
    "UpdateAccessKey",
    "DeleteAccessKey",
    "GetAccessKeyLastUsed",
    "UpdateAssumeRolePolicy",
    "UpdateRoleDescription",
    "CreatePolicy",
    "GetPolicy",
    "ListPolicies",
    "DeletePolicy",
    "CreatePolicyVersion",
    "GetPolicyVersion",
    "ListPolicyVersions",
    "SetDefaultPolicyVersion",
    "DeletePolicyVersion",
    "ListEntitiesForPolicy",
    "CreateOpenIDConnectProvider",
    "GetOpenIDConnectProvider",
    "ListOpenIDConnectProviders",
    "DeleteOpenIDConnectProvider",
    "UpdateOpenIDConnectProviderThumbprint",
    "AddClientIDToOpenIDConnectProvider",
    "RemoveClientIDFromOpenIDConnectProvider",
    "ListInstanceProfilesForRole",
    "GetAccountSummary",
    "ListAccountAliases",
    "AttachUserPolicy",
    "DetachUserPolicy",
    "ListAttachedUserPolicies",
    "PutUserPolicy",
    "GetUserPolicy",
    "ListUserPolicies",
    "DeleteUserPolicy",
    "AttachGroupPolicy",
    "DetachGroupPolicy",
    "ListAttachedGroupPolicies",
    "PutGroupPolicy",
    "GetGroupPolicy",
    "ListGroupPolicies",
    "DeleteGroupPolicy",
    "AttachRolePolicy",
    "DetachRolePolicy",
    "ListAttachedRolePolicies",
    "PutRolePolicy",
    "GetRolePolicy",
    "ListRolePolicies",
    "DeleteRolePolicy",
    "PutUserPermissionsBoundary",
    "DeleteUserPermissionsBoundary",
    "PutRolePermissionsBoundary",
    "DeleteRolePermissionsBoundary",
    "TagUser",
    "UntagUser",
    "ListUserTags",
    "TagRole",
    "UntagRole",
    "ListRoleTags",
    "TagPolicy",
    "UntagPolicy",
    "ListPolicyTags",
    "TagOpenIDConnectProvider",
    "UntagOpenIDConnectProvider",
    "ListOpenIDConnectProviderTags",
    "CreateSAMLProvider",
    "GetSAMLProvider",
    "ListSAMLProviders",
    "UpdateSAMLProvider",
    "DeleteSAMLProvider",
    "TagSAMLProvider",
    "UntagSAMLProvider",
    "ListSAMLProviderTags",
    "CreateVirtualMFADevice",
    "DeleteVirtualMFADevice",
    "EnableMFADevice",
    "DeactivateMFADevice",
    "ResyncMFADevice",
    "ListMFADevices",
    "GetMFADevice",
    "ListVirtualMFADevices",
    "TagMFADevice",
    "UntagMFADevice",
    "ListMFADeviceTags",
    "CreateLoginProfile",
    "GetLoginProfile",
    "UpdateLoginProfile",
    "DeleteLoginProfile",
    "ChangePassword",
    "UpdateAccountPasswordPolicy",
    "GetAccountPasswordPolicy",
    "DeleteAccountPasswordPolicy",
    "CreateAccountAlias",
    "DeleteAccountAlias",
    "GetAccountAuthorizationDetails",
    "GenerateCredentialReport",
    "GetCredentialReport",
    "SimulateCustomPolicy",
    "SimulatePrincipalPolicy",
    "GetContextKeysForCustomPolicy",
    "GetContextKeysForPrincipalPolicy",
    "ListPoliciesGrantingServiceAccess",
    "GenerateServiceLastAccessedDetails",
    "GetServiceLastAccessedDetails",
    "GetServiceLastAccessedDetailsWithEntities",
    "ListSSHPublicKeys",
    "ListSigningCertificates",
    "ListServiceSpecificCredentials",
];

const ACCESS_ADVISOR_USAGE_GRANULARITY_TYPE: Rule = Rule::OneOf(&["SERVICE_LEVEL", "ACTION_LEVEL"]);
const ACCESS_KEY_ID_TYPE: Rule = Rule::text(16, 128).of(&[Chars::Word]).rule();
const ACCOUNT_ALIAS_TYPE: Rule = Rule::text(3, 63).rule();
const ACTION_NAME_TYPE: Rule = Rule::text(3, 128).rule();
const ARN_TYPE: Rule = Rule::text(20, 2048).rule();
const ASSERTION_ENCRYPTION_MODE_TYPE: Rule = Rule::OneOf(&["Required", "Allowed"]);
const ASSIGNMENT_STATUS_TYPE: Rule = Rule::OneOf(&["Assigned", "Unassigned", "Any"]);
const ATTACHMENT_NAME: Rule = Rule::text(1, 128).of(&[Chars::Word, Chars::Among("+=,.@-")]).rule();
const ATTACHMENT_TYPE: Rule = Rule::OneOf(&["user", "group", "role"]);
const AUTHENTICATION_CODE_TYPE: Rule = Rule::text(6, 6).of(&[Chars::Range('0', '9')]).rule();
const CLIENT_ID_TYPE: Rule = Rule::text(1, 255).rule();
const CONTEXT_KEY_NAME_TYPE: Rule = Rule::text(5, 256).rule();
const CONTEXT_KEY_TYPE_ENUM: Rule = Rule::OneOf(&[
    "string",
    "stringList",
    "numeric",
    "numericList",
    "boolean",
    "booleanList",
    "ip",
    "ipList",
    "binary",
    "binaryList",
    "date",
    "dateList",
]);
const ENTITY_TYPE: Rule =
    Rule::OneOf(&["User", "Role", "Group", "LocalManagedPolicy", "AWSManagedPolicy"]);
const EXISTING_USER_NAME_TYPE: Rule =
    Rule::text(1, 128).of(&[Chars::Word, Chars::Among("+=,.@-")]).rule();
const GROUP_NAME_TYPE: Rule = Rule::text(1, 128).of(&[Chars::Word, Chars::Among("+=,.@-")]).rule();
const JOB_ID_TYPE: Rule = Rule::text(36, 36).rule();
const MARKER_TYPE: Rule = Rule::text(1, 320).of(&[Chars::Range(' ', '\u{ff}')]).rule();
const MAX_ITEMS_TYPE: Rule = Rule::Number(1, 1000);
const MAX_PASSWORD_AGE_TYPE: Rule = Rule::Number(1, 1095);
const MINIMUM_PASSWORD_LENGTH_TYPE: Rule = Rule::Number(6, 128);
const OPEN_ID_CONNECT_PROVIDER_URL_TYPE: Rule = Rule::text(1, 255).rule();
const PASSWORD_REUSE_PREVENTION_TYPE: Rule = Rule::Number(1, 24);
const PASSWORD_TYPE: Rule =
    Rule::text(1, 128).of(&[Chars::Range(' ', '\u{ff}'), Chars::Among("\t\n\r")]).rule();
const PATH_PREFIX_TYPE: Rule =
    Rule::text(1, 512).first('/').of(&[Chars::Range('!', '\u{7f}')]).rule();
const PATH_TYPE: Rule =
    Rule::text(1, 512).first('/').last('/').of(&[Chars::Range('!', '~')]).rule();
const POLICY_DESCRIPTION_TYPE: Rule = Rule::text(0, 1000).rule();
const POLICY_DOCUMENT_TYPE: Rule =
    Rule::text(1, 131072).of(&[Chars::Range(' ', '\u{ff}'), Chars::Among("\t\n\r")]).rule();
const POLICY_IDENTIFIER_POLICY_TYPE: Rule =
    Rule::OneOf(&["inline", "aws-managed", "user-managed", "permission-boundary", "scp", "rcp"]);
const POLICY_NAME_TYPE: Rule = Rule::text(1, 128).of(&[Chars::Word, Chars::Among("+=,.@-")]).rule();
const POLICY_PATH_TYPE: Rule = Rule::text(1, 512)
    .first('/')
    .last('/')
    .of(&[
        Chars::Range('A', 'Z'),
        Chars::Range('a', 'z'),
        Chars::Range('0', '9'),
        Chars::Among("/.,+@=_-"),
    ])
    .rule();
const POLICY_SCOPE_TYPE: Rule = Rule::OneOf(&["All", "AWS", "Local"]);
const POLICY_USAGE_TYPE: Rule = Rule::OneOf(&["PermissionsPolicy", "PermissionsBoundary"]);
const POLICY_VERSION_ID_TYPE: Rule = Rule::text(0, usize::MAX)
    .first('v')
    .of(&[
        Chars::Range('A', 'Z'),
        Chars::Range('a', 'z'),
        Chars::Range('0', '9'),
        Chars::Among("v.-"),
    ])
    .rule();
const PRIVATE_KEY_ID_TYPE: Rule =
    Rule::text(22, 64).of(&[Chars::Range('A', 'Z'), Chars::Range('0', '9')]).rule();
const PRIVATE_KEY_TYPE: Rule =
    Rule::text(1, 16384).of(&[Chars::Range(' ', '\u{ff}'), Chars::Among("\t\n\r")]).rule();
const RESOURCE_HANDLING_OPTION_TYPE: Rule = Rule::text(1, 64).rule();
const RESOURCE_NAME_TYPE: Rule = Rule::text(1, 2048).rule();
const ROLE_DESCRIPTION_TYPE: Rule = Rule::text(0, 1000)
    .of(&[Chars::Range(' ', '~'), Chars::Range('\u{a1}', '\u{ff}'), Chars::Among("\t\n\r")])
    .rule();
const ROLE_MAX_SESSION_DURATION_TYPE: Rule = Rule::Number(3600, 31536000);
const ROLE_NAME_TYPE: Rule = Rule::text(1, 64).of(&[Chars::Word, Chars::Among("+=,.@-")]).rule();
const SAML_METADATA_DOCUMENT_TYPE: Rule = Rule::text(1000, 10000000).rule();
const SAML_PROVIDER_NAME_TYPE: Rule =
    Rule::text(1, 128).of(&[Chars::Word, Chars::Among("._-")]).rule();
const SERIAL_NUMBER_TYPE: Rule =
    Rule::text(9, 256).of(&[Chars::Word, Chars::Among("+=/:,.@-")]).rule();
const SERVICE_NAMESPACE_TYPE: Rule = Rule::text(1, 64).of(&[Chars::Word, Chars::Among("-")]).rule();
const STATUS_TYPE: Rule = Rule::OneOf(&["Active", "Inactive", "Expired"]);
const TAG_KEY_TYPE: Rule = Rule::text(1, 128)
    .of(&[Chars::Letter, Chars::Separator, Chars::Number, Chars::Among("_.:/=+-@")])
    .rule();
const TAG_VALUE_TYPE: Rule = Rule::text(0, 256)
    .of(&[Chars::Letter, Chars::Separator, Chars::Number, Chars::Among("_.:/=+-@")])
    .rule();
const THUMBPRINT_TYPE: Rule = Rule::text(40, 40).rule();
const USER_NAME_TYPE: Rule = Rule::text(1, 64).of(&[Chars::Word, Chars::Among("+=,.@-")]).rule();
const VIRTUAL_MFA_DEVICE_NAME: Rule =
    Rule::text(1, usize::MAX).of(&[Chars::Word, Chars::Among("+=,.@-")]).rule();

/// `CreateUser`, asked.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CreateUserRequest {
    /// `Path`: parameter.
    pub path: Option<String>,
    /// `PermissionsBoundary`: parameter.
    pub permissions_boundary: Option<String>,
    /// `Tags`: parameter.
    pub tags: Vec<Tag>,
    /// `UserName`: parameter, required.
    pub user_name: String,
}
impl QueryRequest for CreateUserRequest {
    const ACTION: &'static str = "CreateUser";
    const PARAMETERS: &'static [&'static str] =
        &["Path", "PermissionsBoundary", "Tags.member.Key", "Tags.member.Value", "UserName"];

    fn parse(form: &Form) -> Result<Self, WireError> {
        form.only(Self::PARAMETERS)?;
        let from = form.root();
        Ok(Self {
            path: from.leaf("Path").optional(&PATH_TYPE)?,
            permissions_boundary: from.leaf("PermissionsBoundary").optional(&ARN_TYPE)?,
            tags: from.list(("Tags", "member"), 0..=50, &Rule::Any)?.unwrap_or_default(),
            user_name: from.leaf("UserName").required(&USER_NAME_TYPE)?,
        })
    }
}
/// `CreateUser`, answered.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CreateUserResponse {
    /// `User`: element.
    pub user: Option<User>,
}
impl QueryOutput for CreateUserResponse {
    const ACTION: &'static str = "CreateUser";
    const NAMESPACE: &'static str = NAMESPACE;
    const RESULT: Option<&'static str> = Some("CreateUserResult");

    fn result(&self, to: &mut Writer) {
        to.member("User", &self.user);
    }
}
/// `GetUser`, asked.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct GetUserRequest {
    /// `UserName`: parameter.
    pub user_name: Option<String>,
}
impl QueryRequest for GetUserRequest {
    const ACTION: &'static str = "GetUser";
    const PARAMETERS: &'static [&'static str] = &["UserName"];

    fn parse(form: &Form) -> Result<Self, WireError> {
        form.only(Self::PARAMETERS)?;
        let from = form.root();
        Ok(Self { user_name: from.leaf("UserName").optional(&EXISTING_USER_NAME_TYPE)? })
    }
}
/// `GetUser`, answered.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct GetUserResponse {
    /// `User`: element, required.
    pub user: User,
}
impl QueryOutput for GetUserResponse {
    const ACTION: &'static str = "GetUser";
    const NAMESPACE: &'static str = NAMESPACE;
    const RESULT: Option<&'static str> = Some("GetUserResult");

    fn result(&self, to: &mut Writer) {
        to.member("User", &self.user);
    }
}
/// `UpdateUser`, asked.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct UpdateUserRequest {
    /// `NewPath`: parameter.
    pub new_path: Option<String>,
    /// `NewUserName`: parameter.
    pub new_user_name: Option<String>,
    /// `UserName`: parameter, required.
    pub user_name: String,
}
impl QueryRequest for UpdateUserRequest {
    const ACTION: &'static str = "UpdateUser";
    const PARAMETERS: &'static [&'static str] = &["NewPath", "NewUserName", "UserName"];

    fn parse(form: &Form) -> Result<Self, WireError> {
        form.only(Self::PARAMETERS)?;
        let from = form.root();
        Ok(Self {
            new_path: from.leaf("NewPath").optional(&PATH_TYPE)?,
            new_user_name: from.leaf("NewUserName").optional(&USER_NAME_TYPE)?,
            user_name: from.leaf("UserName").required(&EXISTING_USER_NAME_TYPE)?,
        })
    }
}
/// `UpdateUser`, answered.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct UpdateUserResponse {}
impl QueryOutput for UpdateUserResponse {
    const ACTION: &'static str = "UpdateUser";
    const NAMESPACE: &'static str = NAMESPACE;
    const RESULT: Option<&'static str> = None;

    fn result(&self, _: &mut Writer) {}
}
/// `DeleteUser`, asked.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DeleteUserRequest {
    /// `UserName`: parameter, required.
    pub user_name: String,
}
impl QueryRequest for DeleteUserRequest {
    const ACTION: &'static str = "DeleteUser";
    const PARAMETERS: &'static [&'static str] = &["UserName"];

    fn parse(form: &Form) -> Result<Self, WireError> {
        form.only(Self::PARAMETERS)?;
        let from = form.root();
        Ok(Self { user_name: from.leaf("UserName").required(&EXISTING_USER_NAME_TYPE)? })
    }
}
/// `DeleteUser`, answered.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DeleteUserResponse {}
impl QueryOutput for DeleteUserResponse {
    const ACTION: &'static str = "DeleteUser";
    const NAMESPACE: &'static str = NAMESPACE;
    const RESULT: Option<&'static str> = None;

    fn result(&self, _: &mut Writer) {}
}
/// `CreateGroup`, asked.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CreateGroupRequest {
    /// `GroupName`: parameter, required.
    pub group_name: String,
    /// `Path`: parameter.
    pub path: Option<String>,
}
impl QueryRequest for CreateGroupRequest {
    const ACTION: &'static str = "CreateGroup";
    const PARAMETERS: &'static [&'static str] = &["GroupName", "Path"];

    fn parse(form: &Form) -> Result<Self, WireError> {
        form.only(Self::PARAMETERS)?;
        let from = form.root();
        Ok(Self {
            group_name: from.leaf("GroupName").required(&GROUP_NAME_TYPE)?,
            path: from.leaf("Path").optional(&PATH_TYPE)?,
        })
    }
}
/// `CreateGroup`, answered.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CreateGroupResponse {
    /// `Group`: element, required.
    pub group: Group,
}
impl QueryOutput for CreateGroupResponse {
    const ACTION: &'static str = "CreateGroup";
    const NAMESPACE: &'static str = NAMESPACE;
    const RESULT: Option<&'static str> = Some("CreateGroupResult");

    fn result(&self, to: &mut Writer) {
        to.member("Group", &self.group);
    }
}
/// `GetGroup`, asked.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct GetGroupRequest {
    /// `GroupName`: parameter, required.
    pub group_name: String,
    /// `Marker`: parameter.
    pub marker: Option<String>,
    /// `MaxItems`: parameter.
    pub max_items: Option<i32>,
}
impl QueryRequest for GetGroupRequest {
    const ACTION: &'static str = "GetGroup";
    const PARAMETERS: &'static [&'static str] = &["GroupName", "Marker", "MaxItems"];

    fn parse(form: &Form) -> Result<Self, WireError> {
        form.only(Self::PARAMETERS)?;
        let from = form.root();
        Ok(Self {
            group_name: from.leaf("GroupName").required(&GROUP_NAME_TYPE)?,
            marker: from.leaf("Marker").optional(&MARKER_TYPE)?,
            max_items: from.leaf("MaxItems").optional(&MAX_ITEMS_TYPE)?,
        })
    }
}
/// `GetGroup`, answered.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct GetGroupResponse {
    /// `Group`: element, required.
    pub group: Group,
    /// `IsTruncated`: element.
    pub is_truncated: Option<bool>,
    /// `Marker`: element.
    pub marker: Option<String>,
    /// `Users`: element, required.
    pub users: Vec<User>,
}
impl QueryOutput for GetGroupResponse {
    const ACTION: &'static str = "GetGroup";
    const NAMESPACE: &'static str = NAMESPACE;
    const RESULT: Option<&'static str> = Some("GetGroupResult");

    fn result(&self, to: &mut Writer) {
        to.member("Group", &self.group);
        to.member("IsTruncated", &self.is_truncated);
        to.member("Marker", &self.marker);
        to.list("Users", "member", &self.users);
    }
}
/// `UpdateGroup`, asked.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct UpdateGroupRequest {
    /// `GroupName`: parameter, required.
    pub group_name: String,
    /// `NewGroupName`: parameter.
    pub new_group_name: Option<String>,
    /// `NewPath`: parameter.
    pub new_path: Option<String>,
}
impl QueryRequest for UpdateGroupRequest {
    const ACTION: &'static str = "UpdateGroup";
    const PARAMETERS: &'static [&'static str] = &["GroupName", "NewGroupName", "NewPath"];

    fn parse(form: &Form) -> Result<Self, WireError> {
        form.only(Self::PARAMETERS)?;
        let from = form.root();
        Ok(Self {
            group_name: from.leaf("GroupName").required(&GROUP_NAME_TYPE)?,
            new_group_name: from.leaf("NewGroupName").optional(&GROUP_NAME_TYPE)?,
            new_path: from.leaf("NewPath").optional(&PATH_TYPE)?,
        })
    }
}
/// `UpdateGroup`, answered.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct UpdateGroupResponse {}
impl QueryOutput for UpdateGroupResponse {
    const ACTION: &'static str = "UpdateGroup";
    const NAMESPACE: &'static str = NAMESPACE;
    const RESULT: Option<&'static str> = None;

    fn result(&self, _: &mut Writer) {}
}
/// `DeleteGroup`, asked.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DeleteGroupRequest {
    /// `GroupName`: parameter, required.
    pub group_name: String,
}
impl QueryRequest for DeleteGroupRequest {
    const ACTION: &'static str = "DeleteGroup";
    const PARAMETERS: &'static [&'static str] = &["GroupName"];

    fn parse(form: &Form) -> Result<Self, WireError> {
        form.only(Self::PARAMETERS)?;
        let from = form.root();
        Ok(Self { group_name: from.leaf("GroupName").required(&GROUP_NAME_TYPE)? })
    }
}
/// `DeleteGroup`, answered.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DeleteGroupResponse {}
impl QueryOutput for DeleteGroupResponse {
    const ACTION: &'static str = "DeleteGroup";
    const NAMESPACE: &'static str = NAMESPACE;
    const RESULT: Option<&'static str> = None;

    fn result(&self, _: &mut Writer) {}
}
/// `CreateRole`, asked.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CreateRoleRequest {
    /// `AssumeRolePolicyDocument`: parameter, required.
    pub assume_role_policy_document: String,
    /// `Description`: parameter.
    pub description: Option<String>,
    /// `MaxSessionDuration`: parameter.
    pub max_session_duration: Option<i32>,
    /// `Path`: parameter.
    pub path: Option<String>,
    /// `PermissionsBoundary`: parameter.
    pub permissions_boundary: Option<String>,
    /// `RoleName`: parameter, required.
    pub role_name: String,
    /// `Tags`: parameter.
    pub tags: Vec<Tag>,
}
impl QueryRequest for CreateRoleRequest {
    const ACTION: &'static str = "CreateRole";
    const PARAMETERS: &'static [&'static str] = &[
        "AssumeRolePolicyDocument",
        "Description",
        "MaxSessionDuration",
        "Path",
        "PermissionsBoundary",
        "RoleName",
        "Tags.member.Key",
        "Tags.member.Value",
    ];

    fn parse(form: &Form) -> Result<Self, WireError> {
        form.only(Self::PARAMETERS)?;
        let from = form.root();
        Ok(Self {
            assume_role_policy_document: from
                .leaf("AssumeRolePolicyDocument")
                .required(&POLICY_DOCUMENT_TYPE)?,
            description: from.leaf("Description").optional(&ROLE_DESCRIPTION_TYPE)?,
            max_session_duration: from
                .leaf("MaxSessionDuration")
                .optional(&ROLE_MAX_SESSION_DURATION_TYPE)?,
            path: from.leaf("Path").optional(&PATH_TYPE)?,
            permissions_boundary: from.leaf("PermissionsBoundary").optional(&ARN_TYPE)?,
            role_name: from.leaf("RoleName").required(&ROLE_NAME_TYPE)?,
            tags: from.list(("Tags", "member"), 0..=50, &Rule::Any)?.unwrap_or_default(),
        })
    }
}
/// `CreateRole`, answered.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CreateRoleResponse {
    /// `Role`: element, required.
    pub role: Role,
}
impl QueryOutput for CreateRoleResponse {
    const ACTION: &'static str = "CreateRole";
    const NAMESPACE: &'static str = NAMESPACE;
    const RESULT: Option<&'static str> = Some("CreateRoleResult");

    fn result(&self, to: &mut Writer) {
        to.member("Role", &self.role);
    }
}
/// `GetRole`, asked.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct GetRoleRequest {
    /// `RoleName`: parameter, required.
    pub role_name: String,
}
impl QueryRequest for GetRoleRequest {
    const ACTION: &'static str = "GetRole";
    const PARAMETERS: &'static [&'static str] = &["RoleName"];

    fn parse(form: &Form) -> Result<Self, WireError> {
        form.only(Self::PARAMETERS)?;
        let from = form.root();
        Ok(Self { role_name: from.leaf("RoleName").required(&ROLE_NAME_TYPE)? })
    }
}
/// `GetRole`, answered.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct GetRoleResponse {
    /// `Role`: element, required.
    pub role: Role,
}
impl QueryOutput for GetRoleResponse {
    const ACTION: &'static str = "GetRole";
    const NAMESPACE: &'static str = NAMESPACE;
    const RESULT: Option<&'static str> = Some("GetRoleResult");

    fn result(&self, to: &mut Writer) {
        to.member("Role", &self.role);
    }
}
/// `UpdateRole`, asked.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct UpdateRoleRequest {
    /// `Description`: parameter.
    pub description: Option<String>,
    /// `MaxSessionDuration`: parameter.
    pub max_session_duration: Option<i32>,
    /// `RoleName`: parameter, required.
    pub role_name: String,
}
impl QueryRequest for UpdateRoleRequest {
    const ACTION: &'static str = "UpdateRole";
    const PARAMETERS: &'static [&'static str] = &["Description", "MaxSessionDuration", "RoleName"];

    fn parse(form: &Form) -> Result<Self, WireError> {
        form.only(Self::PARAMETERS)?;
        let from = form.root();
        Ok(Self {
            description: from.leaf("Description").optional(&ROLE_DESCRIPTION_TYPE)?,
            max_session_duration: from
                .leaf("MaxSessionDuration")
                .optional(&ROLE_MAX_SESSION_DURATION_TYPE)?,
            role_name: from.leaf("RoleName").required(&ROLE_NAME_TYPE)?,
        })
    }
}
/// `UpdateRole`, answered.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct UpdateRoleResponse {}
impl QueryOutput for UpdateRoleResponse {
    const ACTION: &'static str = "UpdateRole";
    const NAMESPACE: &'static str = NAMESPACE;
    const RESULT: Option<&'static str> = Some("UpdateRoleResult");

    fn result(&self, _: &mut Writer) {}
}
/// `DeleteRole`, asked.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DeleteRoleRequest {
    /// `RoleName`: parameter, required.
    pub role_name: String,
}
impl QueryRequest for DeleteRoleRequest {
    const ACTION: &'static str = "DeleteRole";
    const PARAMETERS: &'static [&'static str] = &["RoleName"];

    fn parse(form: &Form) -> Result<Self, WireError> {
        form.only(Self::PARAMETERS)?;
        let from = form.root();
        Ok(Self { role_name: from.leaf("RoleName").required(&ROLE_NAME_TYPE)? })
    }
}
/// `DeleteRole`, answered.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DeleteRoleResponse {}
impl QueryOutput for DeleteRoleResponse {
    const ACTION: &'static str = "DeleteRole";
    const NAMESPACE: &'static str = NAMESPACE;
    const RESULT: Option<&'static str> = None;

    fn result(&self, _: &mut Writer) {}
}
/// `ListUsers`, asked.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ListUsersRequest {
    /// `Marker`: parameter.
    pub marker: Option<String>,
    /// `MaxItems`: parameter.
    pub max_items: Option<i32>,
    /// `PathPrefix`: parameter.
    pub path_prefix: Option<String>,
}
impl QueryRequest for ListUsersRequest {
    const ACTION: &'static str = "ListUsers";
    const PARAMETERS: &'static [&'static str] = &["Marker", "MaxItems", "PathPrefix"];

    fn parse(form: &Form) -> Result<Self, WireError> {
        form.only(Self::PARAMETERS)?;
        let from = form.root();
        Ok(Self {
            marker: from.leaf("Marker").optional(&MARKER_TYPE)?,
            max_items: from.leaf("MaxItems").optional(&MAX_ITEMS_TYPE)?,
            path_prefix: from.leaf("PathPrefix").optional(&PATH_PREFIX_TYPE)?,
        })
    }
}
/// `ListUsers`, answered.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ListUsersResponse {
    /// `IsTruncated`: element.
    pub is_truncated: Option<bool>,
    /// `Marker`: element.
    pub marker: Option<String>,
    /// `Users`: element, required.
    pub users: Vec<User>,
}
impl QueryOutput for ListUsersResponse {
    const ACTION: &'static str = "ListUsers";
    const NAMESPACE: &'static str = NAMESPACE;
    const RESULT: Option<&'static str> = Some("ListUsersResult");

    fn result(&self, to: &mut Writer) {
        to.member("IsTruncated", &self.is_truncated);
        to.member("Marker", &self.marker);
        to.list("Users", "member", &self.users);
    }
}
/// `ListGroups`, asked.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ListGroupsRequest {
    /// `Marker`: parameter.
    pub marker: Option<String>,
    /// `MaxItems`: parameter.
    pub max_items: Option<i32>,
    /// `PathPrefix`: parameter.
    pub path_prefix: Option<String>,
}
impl QueryRequest for ListGroupsRequest {
    const ACTION: &'static str = "ListGroups";
    const PARAMETERS: &'static [&'static str] = &["Marker", "MaxItems", "PathPrefix"];

    fn parse(form: &Form) -> Result<Self, WireError> {
        form.only(Self::PARAMETERS)?;
        let from = form.root();
        Ok(Self {
            marker: from.leaf("Marker").optional(&MARKER_TYPE)?,
            max_items: from.leaf("MaxItems").optional(&MAX_ITEMS_TYPE)?,
            path_prefix: from.leaf("PathPrefix").optional(&PATH_PREFIX_TYPE)?,
        })
    }
}
/// `ListGroups`, answered.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ListGroupsResponse {
    /// `Groups`: element, required.
    pub groups: Vec<Group>,
    /// `IsTruncated`: element.
    pub is_truncated: Option<bool>,
    /// `Marker`: element.
    pub marker: Option<String>,
}
impl QueryOutput for ListGroupsResponse {
    const ACTION: &'static str = "ListGroups";
    const NAMESPACE: &'static str = NAMESPACE;
    const RESULT: Option<&'static str> = Some("ListGroupsResult");

    fn result(&self, to: &mut Writer) {
        to.list("Groups", "member", &self.groups);
        to.member("IsTruncated", &self.is_truncated);
        to.member("Marker", &self.marker);
    }
}
/// `ListRoles`, asked.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ListRolesRequest {
    /// `Marker`: parameter.
    pub marker: Option<String>,
    /// `MaxItems`: parameter.
    pub max_items: Option<i32>,
    /// `PathPrefix`: parameter.
    pub path_prefix: Option<String>,
}
impl QueryRequest for ListRolesRequest {
    const ACTION: &'static str = "ListRoles";
    const PARAMETERS: &'static [&'static str] = &["Marker", "MaxItems", "PathPrefix"];

    fn parse(form: &Form) -> Result<Self, WireError> {
        form.only(Self::PARAMETERS)?;
        let from = form.root();
        Ok(Self {
            marker: from.leaf("Marker").optional(&MARKER_TYPE)?,
            max_items: from.leaf("MaxItems").optional(&MAX_ITEMS_TYPE)?,
            path_prefix: from.leaf("PathPrefix").optional(&PATH_PREFIX_TYPE)?,
        })
    }
}
/// `ListRoles`, answered.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ListRolesResponse {
    /// `IsTruncated`: element.
    pub is_truncated: Option<bool>,
    /// `Marker`: element.
    pub marker: Option<String>,
    /// `Roles`: element, required.
    pub roles: Vec<Role>,
}
impl QueryOutput for ListRolesResponse {
    const ACTION: &'static str = "ListRoles";
    const NAMESPACE: &'static str = NAMESPACE;
    const RESULT: Option<&'static str> = Some("ListRolesResult");

    fn result(&self, to: &mut Writer) {
        to.member("IsTruncated", &self.is_truncated);
        to.member("Marker", &self.marker);
        to.list("Roles", "member", &self.roles);
    }
}
/// `AddUserToGroup`, asked.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AddUserToGroupRequest {
    /// `GroupName`: parameter, required.
    pub group_name: String,
    /// `UserName`: parameter, required.
    pub user_name: String,
}
impl QueryRequest for AddUserToGroupRequest {
    const ACTION: &'static str = "AddUserToGroup";
    const PARAMETERS: &'static [&'static str] = &["GroupName", "UserName"];

    fn parse(form: &Form) -> Result<Self, WireError> {
        form.only(Self::PARAMETERS)?;
        let from = form.root();
        Ok(Self {
            group_name: from.leaf("GroupName").required(&GROUP_NAME_TYPE)?,
            user_name: from.leaf("UserName").required(&EXISTING_USER_NAME_TYPE)?,
        })
    }
}
/// `AddUserToGroup`, answered.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AddUserToGroupResponse {}
impl QueryOutput for AddUserToGroupResponse {
    const ACTION: &'static str = "AddUserToGroup";
    const NAMESPACE: &'static str = NAMESPACE;
    const RESULT: Option<&'static str> = None;

    fn result(&self, _: &mut Writer) {}
}
/// `RemoveUserFromGroup`, asked.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RemoveUserFromGroupRequest {
    /// `GroupName`: parameter, required.
    pub group_name: String,
    /// `UserName`: parameter, required.
    pub user_name: String,
}
impl QueryRequest for RemoveUserFromGroupRequest {
    const ACTION: &'static str = "RemoveUserFromGroup";
    const PARAMETERS: &'static [&'static str] = &["GroupName", "UserName"];

    fn parse(form: &Form) -> Result<Self, WireError> {
        form.only(Self::PARAMETERS)?;
        let from = form.root();
        Ok(Self {
            group_name: from.leaf("GroupName").required(&GROUP_NAME_TYPE)?,
            user_name: from.leaf("UserName").required(&EXISTING_USER_NAME_TYPE)?,
        })
    }
}
/// `RemoveUserFromGroup`, answered.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RemoveUserFromGroupResponse {}
impl QueryOutput for RemoveUserFromGroupResponse {
    const ACTION: &'static str = "RemoveUserFromGroup";
    const NAMESPACE: &'static str = NAMESPACE;
    const RESULT: Option<&'static str> = None;

    fn result(&self, _: &mut Writer) {}
}
/// `ListGroupsForUser`, asked.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ListGroupsForUserRequest {
    /// `Marker`: parameter.
    pub marker: Option<String>,
    /// `MaxItems`: parameter.
    pub max_items: Option<i32>,
    /// `UserName`: parameter, required.
    pub user_name: String,
}
impl QueryRequest for ListGroupsForUserRequest {
    const ACTION: &'static str = "ListGroupsForUser";
    const PARAMETERS: &'static [&'static str] = &["Marker", "MaxItems", "UserName"];

    fn parse(form: &Form) -> Result<Self, WireError> {
        form.only(Self::PARAMETERS)?;
        let from = form.root();
        Ok(Self {
            marker: from.leaf("Marker").optional(&MARKER_TYPE)?,
            max_items: from.leaf("MaxItems").optional(&MAX_ITEMS_TYPE)?,
            user_name: from.leaf("UserName").required(&EXISTING_USER_NAME_TYPE)?,
        })
    }
}
/// `ListGroupsForUser`, answered.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ListGroupsForUserResponse {
    /// `Groups`: element, required.
    pub groups: Vec<Group>,
    /// `IsTruncated`: element.
    pub is_truncated: Option<bool>,
    /// `Marker`: element.
    pub marker: Option<String>,
}
impl QueryOutput for ListGroupsForUserResponse {
    const ACTION: &'static str = "ListGroupsForUser";
    const NAMESPACE: &'static str = NAMESPACE;
    const RESULT: Option<&'static str> = Some("ListGroupsForUserResult");

    fn result(&self, to: &mut Writer) {
        to.list("Groups", "member", &self.groups);
        to.member("IsTruncated", &self.is_truncated);
        to.member("Marker", &self.marker);
    }
}
/// `CreateAccessKey`, asked.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CreateAccessKeyRequest {
    /// `UserName`: parameter.
    pub user_name: Option<String>,
}
impl QueryRequest for CreateAccessKeyRequest {
    const ACTION: &'static str = "CreateAccessKey";
    const PARAMETERS: &'static [&'static str] = &["UserName"];

    fn parse(form: &Form) -> Result<Self, WireError> {
        form.only(Self::PARAMETERS)?;
        let from = form.root();
        Ok(Self { user_name: from.leaf("UserName").optional(&EXISTING_USER_NAME_TYPE)? })
    }
}
/// `CreateAccessKey`, answered.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CreateAccessKeyResponse {
    /// `AccessKey`: element, required.
    pub access_key: AccessKey,
}
impl QueryOutput for CreateAccessKeyResponse {
    const ACTION: &'static str = "CreateAccessKey";
    const NAMESPACE: &'static str = NAMESPACE;
    const RESULT: Option<&'static str> = Some("CreateAccessKeyResult");

    fn result(&self, to: &mut Writer) {
        to.member("AccessKey", &self.access_key);
    }
}
/// `ListAccessKeys`, asked.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ListAccessKeysRequest {
    /// `Marker`: parameter.
    pub marker: Option<String>,
    /// `MaxItems`: parameter.
    pub max_items: Option<i32>,
    /// `UserName`: parameter.
    pub user_name: Option<String>,
}
impl QueryRequest for ListAccessKeysRequest {
    const ACTION: &'static str = "ListAccessKeys";
    const PARAMETERS: &'static [&'static str] = &["Marker", "MaxItems", "UserName"];

    fn parse(form: &Form) -> Result<Self, WireError> {
        form.only(Self::PARAMETERS)?;
        let from = form.root();
        Ok(Self {
            marker: from.leaf("Marker").optional(&MARKER_TYPE)?,
            max_items: from.leaf("MaxItems").optional(&MAX_ITEMS_TYPE)?,
            user_name: from.leaf("UserName").optional(&EXISTING_USER_NAME_TYPE)?,
        })
    }
}
/// `ListAccessKeys`, answered.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ListAccessKeysResponse {
    /// `AccessKeyMetadata`: element, required.
    pub access_key_metadata: Vec<AccessKeyMetadata>,
    /// `IsTruncated`: element.
    pub is_truncated: Option<bool>,
    /// `Marker`: element.
    pub marker: Option<String>,
}
impl QueryOutput for ListAccessKeysResponse {
    const ACTION: &'static str = "ListAccessKeys";
    const NAMESPACE: &'static str = NAMESPACE;
    const RESULT: Option<&'static str> = Some("ListAccessKeysResult");

    fn result(&self, to: &mut Writer) {
        to.list("AccessKeyMetadata", "member", &self.access_key_metadata);
        to.member("IsTruncated", &self.is_truncated);
        to.member("Marker", &self.marker);
    }
}
/// `UpdateAccessKey`, asked.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct UpdateAccessKeyRequest {
    /// `AccessKeyId`: parameter, required.
    pub access_key_id: String,
    /// `Status`: parameter, required.
    pub status: String,
    /// `UserName`: parameter.
    pub user_name: Option<String>,
}
impl QueryRequest for UpdateAccessKeyRequest {
    const ACTION: &'static str = "UpdateAccessKey";
    const PARAMETERS: &'static [&'static str] = &["AccessKeyId", "Status", "UserName"];

    fn parse(form: &Form) -> Result<Self, WireError> {
        form.only(Self::PARAMETERS)?;
        let from = form.root();
        Ok(Self {
            access_key_id: from.leaf("AccessKeyId").required(&ACCESS_KEY_ID_TYPE)?,
            status: from.leaf("Status").required(&STATUS_TYPE)?,
            user_name: from.leaf("UserName").optional(&EXISTING_USER_NAME_TYPE)?,
        })
    }
}
/// `UpdateAccessKey`, answered.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct UpdateAccessKeyResponse {}
impl QueryOutput for UpdateAccessKeyResponse {
    const ACTION: &'static str = "UpdateAccessKey";
    const NAMESPACE: &'static str = NAMESPACE;
    const RESULT: Option<&'static str> = None;

    fn result(&self, _: &mut Writer) {}
}
/// `DeleteAccessKey`, asked.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DeleteAccessKeyRequest {
    /// `AccessKeyId`: parameter, required.
    pub access_key_id: String,
    /// `UserName`: parameter.
    pub user_name: Option<String>,
}
impl QueryRequest for DeleteAccessKeyRequest {
    const ACTION: &'static str = "DeleteAccessKey";
    const PARAMETERS: &'static [&'static str] = &["AccessKeyId", "UserName"];

    fn parse(form: &Form) -> Result<Self, WireError> {
        form.only(Self::PARAMETERS)?;
        let from = form.root();
        Ok(Self {
            access_key_id: from.leaf("AccessKeyId").required(&ACCESS_KEY_ID_TYPE)?,
            user_name: from.leaf("UserName").optional(&EXISTING_USER_NAME_TYPE)?,
        })
    }
}
/// `DeleteAccessKey`, answered.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DeleteAccessKeyResponse {}
impl QueryOutput for DeleteAccessKeyResponse {
    const ACTION: &'static str = "DeleteAccessKey";
    const NAMESPACE: &'static str = NAMESPACE;
    const RESULT: Option<&'static str> = None;

    fn result(&self, _: &mut Writer) {}
}
/// `GetAccessKeyLastUsed`, asked.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct GetAccessKeyLastUsedRequest {
    /// `AccessKeyId`: parameter, required.
    pub access_key_id: String,
}
impl QueryRequest for GetAccessKeyLastUsedRequest {
    const ACTION: &'static str = "GetAccessKeyLastUsed";
    const PARAMETERS: &'static [&'static str] = &["AccessKeyId"];

    fn parse(form: &Form) -> Result<Self, WireError> {
        form.only(Self::PARAMETERS)?;
        let from = form.root();
        Ok(Self { access_key_id: from.leaf("AccessKeyId").required(&ACCESS_KEY_ID_TYPE)? })
    }
}
/// `GetAccessKeyLastUsed`, answered.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct GetAccessKeyLastUsedResponse {
    /// `AccessKeyLastUsed`: element.
    pub access_key_last_used: Option<AccessKeyLastUsed>,
    /// `UserName`: element.
    pub user_name: Option<String>,
}
impl QueryOutput for GetAccessKeyLastUsedResponse {
    const ACTION: &'static str = "GetAccessKeyLastUsed";
    const NAMESPACE: &'static str = NAMESPACE;
    const RESULT: Option<&'static str> = Some("GetAccessKeyLastUsedResult");

    fn result(&self, to: &mut Writer) {
        to.member("AccessKeyLastUsed", &self.access_key_last_used);
        to.member("UserName", &self.user_name);
    }
}
/// `UpdateAssumeRolePolicy`, asked.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct UpdateAssumeRolePolicyRequest {
    /// `PolicyDocument`: parameter, required.
    pub policy_document: String,
    /// `RoleName`: parameter, required.
    pub role_name: String,
}
impl QueryRequest for UpdateAssumeRolePolicyRequest {
    const ACTION: &'static str = "UpdateAssumeRolePolicy";
    const PARAMETERS: &'static [&'static str] = &["PolicyDocument", "RoleName"];

    fn parse(form: &Form) -> Result<Self, WireError> {
        form.only(Self::PARAMETERS)?;
        let from = form.root();
        Ok(Self {
            policy_document: from.leaf("PolicyDocument").required(&POLICY_DOCUMENT_TYPE)?,
            role_name: from.leaf("RoleName").required(&ROLE_NAME_TYPE)?,
        })
    }
}
/// `UpdateAssumeRolePolicy`, answered.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct UpdateAssumeRolePolicyResponse {}
impl QueryOutput for UpdateAssumeRolePolicyResponse {
    const ACTION: &'static str = "UpdateAssumeRolePolicy";
    const NAMESPACE: &'static str = NAMESPACE;
    const RESULT: Option<&'static str> = None;

    fn result(&self, _: &mut Writer) {}
}
/// `UpdateRoleDescription`, asked.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct UpdateRoleDescriptionRequest {
    /// `Description`: parameter, required.
    pub description: String,
    /// `RoleName`: parameter, required.
    pub role_name: String,
}
impl QueryRequest for UpdateRoleDescriptionRequest {
    const ACTION: &'static str = "UpdateRoleDescription";
    const PARAMETERS: &'static [&'static str] = &["Description", "RoleName"];

    fn parse(form: &Form) -> Result<Self, WireError> {
        form.only(Self::PARAMETERS)?;
        let from = form.root();
        Ok(Self {
            description: from.leaf("Description").required(&ROLE_DESCRIPTION_TYPE)?,
            role_name: from.leaf("RoleName").required(&ROLE_NAME_TYPE)?,
        })
    }
}
/// `UpdateRoleDescription`, answered.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct UpdateRoleDescriptionResponse {
    /// `Role`: element.
    pub role: Option<Role>,
}
impl QueryOutput for UpdateRoleDescriptionResponse {
    const ACTION: &'static str = "UpdateRoleDescription";
    const NAMESPACE: &'static str = NAMESPACE;
    const RESULT: Option<&'static str> = Some("UpdateRoleDescriptionResult");

    fn result(&self, to: &mut Writer) {
        to.member("Role", &self.role);
    }
}
/// `CreatePolicy`, asked.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CreatePolicyRequest {
    /// `Description`: parameter.
    pub description: Option<String>,
    /// `Path`: parameter.
    pub path: Option<String>,
    /// `PolicyDocument`: parameter, required.
    pub policy_document: String,
    /// `PolicyName`: parameter, required.
    pub policy_name: String,
    /// `Tags`: parameter.
    pub tags: Vec<Tag>,
}
impl QueryRequest for CreatePolicyRequest {
    const ACTION: &'static str = "CreatePolicy";
    const PARAMETERS: &'static [&'static str] = &[
        "Description",
        "Path",
        "PolicyDocument",
        "PolicyName",
        "Tags.member.Key",
        "Tags.member.Value",
    ];

    fn parse(form: &Form) -> Result<Self, WireError> {
        form.only(Self::PARAMETERS)?;
        let from = form.root();
        Ok(Self {
            description: from.leaf("Description").optional(&POLICY_DESCRIPTION_TYPE)?,
            path: from.leaf("Path").optional(&POLICY_PATH_TYPE)?,
            policy_document: from.leaf("PolicyDocument").required(&POLICY_DOCUMENT_TYPE)?,
            policy_name: from.leaf("PolicyName").required(&POLICY_NAME_TYPE)?,
            tags: from.list(("Tags", "member"), 0..=50, &Rule::Any)?.unwrap_or_default(),
        })
    }
}
/// `CreatePolicy`, answered.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CreatePolicyResponse {
    /// `Policy`: element.
    pub policy: Option<Policy>,
}
impl QueryOutput for CreatePolicyResponse {
    const ACTION: &'static str = "CreatePolicy";
    const NAMESPACE: &'static str = NAMESPACE;
    const RESULT: Option<&'static str> = Some("CreatePolicyResult");

    fn result(&self, to: &mut Writer) {
        to.member("Policy", &self.policy);
    }
}
/// `GetPolicy`, asked.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct GetPolicyRequest {
    /// `PolicyArn`: parameter, required.
    pub policy_arn: String,
}
impl QueryRequest for GetPolicyRequest {
    const ACTION: &'static str = "GetPolicy";
    const PARAMETERS: &'static [&'static str] = &["PolicyArn"];

    fn parse(form: &Form) -> Result<Self, WireError> {
        form.only(Self::PARAMETERS)?;
        let from = form.root();
        Ok(Self { policy_arn: from.leaf("PolicyArn").required(&ARN_TYPE)? })
    }
}
/// `GetPolicy`, answered.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct GetPolicyResponse {
    /// `Policy`: element.
    pub policy: Option<Policy>,
}
impl QueryOutput for GetPolicyResponse {
    const ACTION: &'static str = "GetPolicy";
    const NAMESPACE: &'static str = NAMESPACE;
    const RESULT: Option<&'static str> = Some("GetPolicyResult");

    fn result(&self, to: &mut Writer) {
        to.member("Policy", &self.policy);
    }
}
/// `ListPolicies`, asked.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ListPoliciesRequest {
    /// `Marker`: parameter.
    pub marker: Option<String>,
    /// `MaxItems`: parameter.
    pub max_items: Option<i32>,
    /// `OnlyAttached`: parameter.
    pub only_attached: Option<bool>,
    /// `PathPrefix`: parameter.
    pub path_prefix: Option<String>,
    /// `PolicyUsageFilter`: parameter.
    pub policy_usage_filter: Option<String>,
    /// `Scope`: parameter.
    pub scope: Option<String>,
}
impl QueryRequest for ListPoliciesRequest {
    const ACTION: &'static str = "ListPolicies";
    const PARAMETERS: &'static [&'static str] =
        &["Marker", "MaxItems", "OnlyAttached", "PathPrefix", "PolicyUsageFilter", "Scope"];

    fn parse(form: &Form) -> Result<Self, WireError> {
        form.only(Self::PARAMETERS)?;
        let from = form.root();
        Ok(Self {
            marker: from.leaf("Marker").optional(&MARKER_TYPE)?,
            max_items: from.leaf("MaxItems").optional(&MAX_ITEMS_TYPE)?,
            only_attached: from.leaf("OnlyAttached").optional(&Rule::Any)?,
            path_prefix: from.leaf("PathPrefix").optional(&POLICY_PATH_TYPE)?,
            policy_usage_filter: from.leaf("PolicyUsageFilter").optional(&POLICY_USAGE_TYPE)?,
            scope: from.leaf("Scope").optional(&POLICY_SCOPE_TYPE)?,
        })
    }
}
/// `ListPolicies`, answered.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ListPoliciesResponse {
    /// `IsTruncated`: element.
    pub is_truncated: Option<bool>,
    /// `Marker`: element.
    pub marker: Option<String>,
    /// `Policies`: element.
    pub policies: Option<Vec<Policy>>,
}
impl QueryOutput for ListPoliciesResponse {
    const ACTION: &'static str = "ListPolicies";
    const NAMESPACE: &'static str = NAMESPACE;
    const RESULT: Option<&'static str> = Some("ListPoliciesResult");

    fn result(&self, to: &mut Writer) {
        to.member("IsTruncated", &self.is_truncated);
        to.member("Marker", &self.marker);
        to.optional_list("Policies", "member", self.policies.as_ref());
    }
}
/// `DeletePolicy`, asked.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DeletePolicyRequest {
    /// `PolicyArn`: parameter, required.
    pub policy_arn: String,
}
impl QueryRequest for DeletePolicyRequest {
    const ACTION: &'static str = "DeletePolicy";
    const PARAMETERS: &'static [&'static str] = &["PolicyArn"];

    fn parse(form: &Form) -> Result<Self, WireError> {
        form.only(Self::PARAMETERS)?;
        let from = form.root();
        Ok(Self { policy_arn: from.leaf("PolicyArn").required(&ARN_TYPE)? })
    }
}
/// `DeletePolicy`, answered.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DeletePolicyResponse {}
impl QueryOutput for DeletePolicyResponse {
    const ACTION: &'static str = "DeletePolicy";
    const NAMESPACE: &'static str = NAMESPACE;
    const RESULT: Option<&'static str> = None;

    fn result(&self, _: &mut Writer) {}
}
/// `CreatePolicyVersion`, asked.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CreatePolicyVersionRequest {
    /// `PolicyArn`: parameter, required.
    pub policy_arn: String,
    /// `PolicyDocument`: parameter, required.
    pub policy_document: String,
    /// `SetAsDefault`: parameter.
    pub set_as_default: Option<bool>,
}
impl QueryRequest for CreatePolicyVersionRequest {
    const ACTION: &'static str = "CreatePolicyVersion";
    const PARAMETERS: &'static [&'static str] = &["PolicyArn", "PolicyDocument", "SetAsDefault"];

    fn parse(form: &Form) -> Result<Self, WireError> {
        form.only(Self::PARAMETERS)?;
        let from = form.root();
        Ok(Self {
            policy_arn: from.leaf("PolicyArn").required(&ARN_TYPE)?,
            policy_document: from.leaf("PolicyDocument").required(&POLICY_DOCUMENT_TYPE)?,
            set_as_default: from.leaf("SetAsDefault").optional(&Rule::Any)?,
        })
    }
}
/// `CreatePolicyVersion`, answered.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CreatePolicyVersionResponse {
    /// `PolicyVersion`: element.
    pub policy_version: Option<PolicyVersion>,
}
impl QueryOutput for CreatePolicyVersionResponse {
    const ACTION: &'static str = "CreatePolicyVersion";
    const NAMESPACE: &'static str = NAMESPACE;
    const RESULT: Option<&'static str> = Some("CreatePolicyVersionResult");

    fn result(&self, to: &mut Writer) {
        to.member("PolicyVersion", &self.policy_version);
    }
}
/// `GetPolicyVersion`, asked.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct GetPolicyVersionRequest {
    /// `PolicyArn`: parameter, required.
    pub policy_arn: String,
    /// `VersionId`: parameter, required.
    pub version_id: String,
}
impl QueryRequest for GetPolicyVersionRequest {
    const ACTION: &'static str = "GetPolicyVersion";
    const PARAMETERS: &'static [&'static str] = &["PolicyArn", "VersionId"];

    fn parse(form: &Form) -> Result<Self, WireError> {
        form.only(Self::PARAMETERS)?;
        let from = form.root();
        Ok(Self {
            policy_arn: from.leaf("PolicyArn").required(&ARN_TYPE)?,
            version_id: from.leaf("VersionId").required(&POLICY_VERSION_ID_TYPE)?,
        })
    }
}
/// `GetPolicyVersion`, answered.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct GetPolicyVersionResponse {
    /// `PolicyVersion`: element.
    pub policy_version: Option<PolicyVersion>,
}
impl QueryOutput for GetPolicyVersionResponse {
    const ACTION: &'static str = "GetPolicyVersion";
    const NAMESPACE: &'static str = NAMESPACE;
    const RESULT: Option<&'static str> = Some("GetPolicyVersionResult");

    fn result(&self, to: &mut Writer) {
        to.member("PolicyVersion", &self.policy_version);
    }
}
/// `ListPolicyVersions`, asked.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ListPolicyVersionsRequest {
    /// `Marker`: parameter.
    pub marker: Option<String>,
    /// `MaxItems`: parameter.
    pub max_items: Option<i32>,
    /// `PolicyArn`: parameter, required.
    pub policy_arn: String,
}
impl QueryRequest for ListPolicyVersionsRequest {
    const ACTION: &'static str = "ListPolicyVersions";
    const PARAMETERS: &'static [&'static str] = &["Marker", "MaxItems", "PolicyArn"];

    fn parse(form: &Form) -> Result<Self, WireError> {
        form.only(Self::PARAMETERS)?;
        let from = form.root();
        Ok(Self {
            marker: from.leaf("Marker").optional(&MARKER_TYPE)?,
            max_items: from.leaf("MaxItems").optional(&MAX_ITEMS_TYPE)?,
            policy_arn: from.leaf("PolicyArn").required(&ARN_TYPE)?,
        })
    }
}
/// `ListPolicyVersions`, answered.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ListPolicyVersionsResponse {
    /// `IsTruncated`: element.
    pub is_truncated: Option<bool>,
    /// `Marker`: element.
    pub marker: Option<String>,
    /// `Versions`: element.
    pub versions: Option<Vec<PolicyVersion>>,
}
impl QueryOutput for ListPolicyVersionsResponse {
    const ACTION: &'static str = "ListPolicyVersions";
    const NAMESPACE: &'static str = NAMESPACE;
    const RESULT: Option<&'static str> = Some("ListPolicyVersionsResult");

    fn result(&self, to: &mut Writer) {
        to.member("IsTruncated", &self.is_truncated);
        to.member("Marker", &self.marker);
        to.optional_list("Versions", "member", self.versions.as_ref());
    }
}
/// `SetDefaultPolicyVersion`, asked.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SetDefaultPolicyVersionRequest {
    /// `PolicyArn`: parameter, required.
    pub policy_arn: String,
    /// `VersionId`: parameter, required.
    pub version_id: String,
}
impl QueryRequest for SetDefaultPolicyVersionRequest {
    const ACTION: &'static str = "SetDefaultPolicyVersion";
    const PARAMETERS: &'static [&'static str] = &["PolicyArn", "VersionId"];

    fn parse(form: &Form) -> Result<Self, WireError> {
        form.only(Self::PARAMETERS)?;
        let from = form.root();
        Ok(Self {
            policy_arn: from.leaf("PolicyArn").required(&ARN_TYPE)?,
            version_id: from.leaf("VersionId").required(&POLICY_VERSION_ID_TYPE)?,
        })
    }
}
/// `SetDefaultPolicyVersion`, answered.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SetDefaultPolicyVersionResponse {}
impl QueryOutput for SetDefaultPolicyVersionResponse {
    const ACTION: &'static str = "SetDefaultPolicyVersion";
    const NAMESPACE: &'static str = NAMESPACE;
    const RESULT: Option<&'static str> = None;

    fn result(&self, _: &mut Writer) {}
}
/// `DeletePolicyVersion`, asked.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DeletePolicyVersionRequest {
    /// `PolicyArn`: parameter, required.
    pub policy_arn: String,
    /// `VersionId`: parameter, required.
    pub version_id: String,
}
impl QueryRequest for DeletePolicyVersionRequest {
    const ACTION: &'static str = "DeletePolicyVersion";
    const PARAMETERS: &'static [&'static str] = &["PolicyArn", "VersionId"];

    fn parse(form: &Form) -> Result<Self, WireError> {
        form.only(Self::PARAMETERS)?;
        let from = form.root();
        Ok(Self {
            policy_arn: from.leaf("PolicyArn").required(&ARN_TYPE)?,
            version_id: from.leaf("VersionId").required(&POLICY_VERSION_ID_TYPE)?,
        })
    }
}
/// `DeletePolicyVersion`, answered.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DeletePolicyVersionResponse {}
impl QueryOutput for DeletePolicyVersionResponse {
    const ACTION: &'static str = "DeletePolicyVersion";
    const NAMESPACE: &'static str = NAMESPACE;
    const RESULT: Option<&'static str> = None;

    fn result(&self, _: &mut Writer) {}
}
/// `ListEntitiesForPolicy`, asked.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ListEntitiesForPolicyRequest {
    /// `EntityFilter`: parameter.
    pub entity_filter: Option<String>,
    /// `Marker`: parameter.
    pub marker: Option<String>,
    /// `MaxItems`: parameter.
    pub max_items: Option<i32>,
    /// `PathPrefix`: parameter.
    pub path_prefix: Option<String>,
    /// `PolicyArn`: parameter, required.
    pub policy_arn: String,
    /// `PolicyUsageFilter`: parameter.
    pub policy_usage_filter: Option<String>,
}
impl QueryRequest for ListEntitiesForPolicyRequest {
    const ACTION: &'static str = "ListEntitiesForPolicy";
    const PARAMETERS: &'static [&'static str] =
        &["EntityFilter", "Marker", "MaxItems", "PathPrefix", "PolicyArn", "PolicyUsageFilter"];

    fn parse(form: &Form) -> Result<Self, WireError> {
        form.only(Self::PARAMETERS)?;
        let from = form.root();
        Ok(Self {
            entity_filter: from.leaf("EntityFilter").optional(&ENTITY_TYPE)?,
            marker: from.leaf("Marker").optional(&MARKER_TYPE)?,
            max_items: from.leaf("MaxItems").optional(&MAX_ITEMS_TYPE)?,
            path_prefix: from.leaf("PathPrefix").optional(&PATH_TYPE)?,
            policy_arn: from.leaf("PolicyArn").required(&ARN_TYPE)?,
            policy_usage_filter: from.leaf("PolicyUsageFilter").optional(&POLICY_USAGE_TYPE)?,
        })
    }
}
/// `ListEntitiesForPolicy`, answered.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ListEntitiesForPolicyResponse {
    /// `IsTruncated`: element.
    pub is_truncated: Option<bool>,
    /// `Marker`: element.
    pub marker: Option<String>,
    /// `PolicyGroups`: element.
    pub policy_groups: Option<Vec<PolicyGroup>>,
    /// `PolicyRoles`: element.
    pub policy_roles: Option<Vec<PolicyRole>>,
    /// `PolicyUsers`: element.
    pub policy_users: Option<Vec<PolicyUser>>,
}
impl QueryOutput for ListEntitiesForPolicyResponse {
    const ACTION: &'static str = "ListEntitiesForPolicy";
    const NAMESPACE: &'static str = NAMESPACE;
    const RESULT: Option<&'static str> = Some("ListEntitiesForPolicyResult");

    fn result(&self, to: &mut Writer) {
        to.member("IsTruncated", &self.is_truncated);
        to.member("Marker", &self.marker);
        to.optional_list("PolicyGroups", "member", self.policy_groups.as_ref());
        to.optional_list("PolicyRoles", "member", self.policy_roles.as_ref());
        to.optional_list("PolicyUsers", "member", self.policy_users.as_ref());
    }
}
/// `CreateOpenIDConnectProvider`, asked.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CreateOpenIDConnectProviderRequest {
    /// `ClientIDList`: parameter.
    pub client_id_list: Vec<String>,
    /// `Tags`: parameter.
    pub tags: Vec<Tag>,
    /// `ThumbprintList`: parameter.
    pub thumbprint_list: Vec<String>,
    /// `Url`: parameter, required.
    pub url: String,
}
impl QueryRequest for CreateOpenIDConnectProviderRequest {
    const ACTION: &'static str = "CreateOpenIDConnectProvider";
    const PARAMETERS: &'static [&'static str] = &[
        "ClientIDList.member",
        "Tags.member.Key",
        "Tags.member.Value",
        "ThumbprintList.member",
        "Url",
    ];

    fn parse(form: &Form) -> Result<Self, WireError> {
        form.only(Self::PARAMETERS)?;
        let from = form.root();
        Ok(Self {
            client_id_list: from
                .list(("ClientIDList", "member"), 0..=usize::MAX, &CLIENT_ID_TYPE)?
                .unwrap_or_default(),
            tags: from.list(("Tags", "member"), 0..=50, &Rule::Any)?.unwrap_or_default(),
            thumbprint_list: from
                .list(("ThumbprintList", "member"), 0..=usize::MAX, &THUMBPRINT_TYPE)?
                .unwrap_or_default(),
            url: from.leaf("Url").required(&OPEN_ID_CONNECT_PROVIDER_URL_TYPE)?,
        })
    }
}
/// `CreateOpenIDConnectProvider`, answered.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CreateOpenIDConnectProviderResponse {
    /// `OpenIDConnectProviderArn`: element.
    pub open_id_connect_provider_arn: Option<String>,
    /// `Tags`: element.
    pub tags: Option<Vec<Tag>>,
}
impl QueryOutput for CreateOpenIDConnectProviderResponse {
    const ACTION: &'static str = "CreateOpenIDConnectProvider";
    const NAMESPACE: &'static str = NAMESPACE;
    const RESULT: Option<&'static str> = Some("CreateOpenIDConnectProviderResult");

    fn result(&self, to: &mut Writer) {
        to.member("OpenIDConnectProviderArn", &self.open_id_connect_provider_arn);
        to.optional_list("Tags", "member", self.tags.as_ref());
    }
}
/// `GetOpenIDConnectProvider`, asked.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct GetOpenIDConnectProviderRequest {
    /// `OpenIDConnectProviderArn`: parameter, required.
    pub open_id_connect_provider_arn: String,
}
impl QueryRequest for GetOpenIDConnectProviderRequest {
    const ACTION: &'static str = "GetOpenIDConnectProvider";
    const PARAMETERS: &'static [&'static str] = &["OpenIDConnectProviderArn"];

    fn parse(form: &Form) -> Result<Self, WireError> {
        form.only(Self::PARAMETERS)?;
        let from = form.root();
        Ok(Self {
            open_id_connect_provider_arn: from
                .leaf("OpenIDConnectProviderArn")
                .required(&ARN_TYPE)?,
        })
    }
}
/// `GetOpenIDConnectProvider`, answered.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct GetOpenIDConnectProviderResponse {
    /// `ClientIDList`: element.
    pub client_id_list: Option<Vec<String>>,
    /// `CreateDate`: element.
    pub create_date: Option<Timestamp>,
    /// `Tags`: element.
    pub tags: Option<Vec<Tag>>,
    /// `ThumbprintList`: element.
    pub thumbprint_list: Option<Vec<String>>,
    /// `Url`: element.
    pub url: Option<String>,
}
impl QueryOutput for GetOpenIDConnectProviderResponse {
    const ACTION: &'static str = "GetOpenIDConnectProvider";
    const NAMESPACE: &'static str = NAMESPACE;
    const RESULT: Option<&'static str> = Some("GetOpenIDConnectProviderResult");

    fn result(&self, to: &mut Writer) {
        to.optional_list("ClientIDList", "member", self.client_id_list.as_ref());
        to.member("CreateDate", &self.create_date);
        to.optional_list("Tags", "member", self.tags.as_ref());
        to.optional_list("ThumbprintList", "member", self.thumbprint_list.as_ref());
        to.member("Url", &self.url);
    }
}
/// `ListOpenIDConnectProviders`, asked.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ListOpenIDConnectProvidersRequest {}
impl QueryRequest for ListOpenIDConnectProvidersRequest {
    const ACTION: &'static str = "ListOpenIDConnectProviders";
    const PARAMETERS: &'static [&'static str] = &[];

    fn parse(form: &Form) -> Result<Self, WireError> {
        form.only(Self::PARAMETERS)?;

        Ok(Self {})
    }
}
/// `ListOpenIDConnectProviders`, answered.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ListOpenIDConnectProvidersResponse {
    /// `OpenIDConnectProviderList`: element.
    pub open_id_connect_provider_list: Option<Vec<OpenIDConnectProviderListEntry>>,
}
impl QueryOutput for ListOpenIDConnectProvidersResponse {
    const ACTION: &'static str = "ListOpenIDConnectProviders";
    const NAMESPACE: &'static str = NAMESPACE;
    const RESULT: Option<&'static str> = Some("ListOpenIDConnectProvidersResult");

    fn result(&self, to: &mut Writer) {
        to.optional_list(
            "OpenIDConnectProviderList",
            "member",
            self.open_id_connect_provider_list.as_ref(),
        );
    }
}
/// `DeleteOpenIDConnectProvider`, asked.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DeleteOpenIDConnectProviderRequest {
    /// `OpenIDConnectProviderArn`: parameter, required.
    pub open_id_connect_provider_arn: String,
}
impl QueryRequest for DeleteOpenIDConnectProviderRequest {
    const ACTION: &'static str = "DeleteOpenIDConnectProvider";
    const PARAMETERS: &'static [&'static str] = &["OpenIDConnectProviderArn"];

    fn parse(form: &Form) -> Result<Self, WireError> {
        form.only(Self::PARAMETERS)?;
        let from = form.root();
        Ok(Self {
            open_id_connect_provider_arn: from
                .leaf("OpenIDConnectProviderArn")
                .required(&ARN_TYPE)?,
        })
    }
}
/// `DeleteOpenIDConnectProvider`, answered.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DeleteOpenIDConnectProviderResponse {}
impl QueryOutput for DeleteOpenIDConnectProviderResponse {
    const ACTION: &'static str = "DeleteOpenIDConnectProvider";
    const NAMESPACE: &'static str = NAMESPACE;
    const RESULT: Option<&'static str> = None;

    fn result(&self, _: &mut Writer) {}
}
/// `UpdateOpenIDConnectProviderThumbprint`, asked.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct UpdateOpenIDConnectProviderThumbprintRequest {
    /// `OpenIDConnectProviderArn`: parameter, required.
    pub open_id_connect_provider_arn: String,
    /// `ThumbprintList`: parameter, required.
    pub thumbprint_list: Vec<String>,
}
impl QueryRequest for UpdateOpenIDConnectProviderThumbprintRequest {
    const ACTION: &'static str = "UpdateOpenIDConnectProviderThumbprint";
    const PARAMETERS: &'static [&'static str] =
        &["OpenIDConnectProviderArn", "ThumbprintList.member"];

    fn parse(form: &Form) -> Result<Self, WireError> {
        form.only(Self::PARAMETERS)?;
        let from = form.root();
        Ok(Self {
            open_id_connect_provider_arn: from
                .leaf("OpenIDConnectProviderArn")
                .required(&ARN_TYPE)?,
            thumbprint_list: from
                .list(("ThumbprintList", "member"), 0..=usize::MAX, &THUMBPRINT_TYPE)?
                .ok_or_else(|| from.missing("ThumbprintList"))?,
        })
    }
}
/// `UpdateOpenIDConnectProviderThumbprint`, answered.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct UpdateOpenIDConnectProviderThumbprintResponse {}
impl QueryOutput for UpdateOpenIDConnectProviderThumbprintResponse {
    const ACTION: &'static str = "UpdateOpenIDConnectProviderThumbprint";
    const NAMESPACE: &'static str = NAMESPACE;
    const RESULT: Option<&'static str> = None;

    fn result(&self, _: &mut Writer) {}
}
/// `AddClientIDToOpenIDConnectProvider`, asked.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AddClientIDToOpenIDConnectProviderRequest {
    /// `ClientID`: parameter, required.
    pub client_id: String,
    /// `OpenIDConnectProviderArn`: parameter, required.
    pub open_id_connect_provider_arn: String,
}
impl QueryRequest for AddClientIDToOpenIDConnectProviderRequest {
    const ACTION: &'static str = "AddClientIDToOpenIDConnectProvider";
    const PARAMETERS: &'static [&'static str] = &["ClientID", "OpenIDConnectProviderArn"];

    fn parse(form: &Form) -> Result<Self, WireError> {
        form.only(Self::PARAMETERS)?;
        let from = form.root();
        Ok(Self {
            client_id: from.leaf("ClientID").required(&CLIENT_ID_TYPE)?,
            open_id_connect_provider_arn: from
                .leaf("OpenIDConnectProviderArn")
                .required(&ARN_TYPE)?,
        })
    }
}
/// `AddClientIDToOpenIDConnectProvider`, answered.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AddClientIDToOpenIDConnectProviderResponse {}
impl QueryOutput for AddClientIDToOpenIDConnectProviderResponse {
    const ACTION: &'static str = "AddClientIDToOpenIDConnectProvider";
    const NAMESPACE: &'static str = NAMESPACE;
    const RESULT: Option<&'static str> = None;

    fn result(&self, _: &mut Writer) {}
}
/// `RemoveClientIDFromOpenIDConnectProvider`, asked.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RemoveClientIDFromOpenIDConnectProviderRequest {
    /// `ClientID`: parameter, required.
    pub client_id: String,
    /// `OpenIDConnectProviderArn`: parameter, required.
    pub open_id_connect_provider_arn: String,
}
impl QueryRequest for RemoveClientIDFromOpenIDConnectProviderRequest {
    const ACTION: &'static str = "RemoveClientIDFromOpenIDConnectProvider";
    const PARAMETERS: &'static [&'static str] = &["ClientID", "OpenIDConnectProviderArn"];

    fn parse(form: &Form) -> Result<Self, WireError> {
        form.only(Self::PARAMETERS)?;
        let from = form.root();
        Ok(Self {
            client_id: from.leaf("ClientID").required(&CLIENT_ID_TYPE)?,
            open_id_connect_provider_arn: from
                .leaf("OpenIDConnectProviderArn")
                .required(&ARN_TYPE)?,
        })
    }
}
/// `RemoveClientIDFromOpenIDConnectProvider`, answered.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RemoveClientIDFromOpenIDConnectProviderResponse {}
impl QueryOutput for RemoveClientIDFromOpenIDConnectProviderResponse {
    const ACTION: &'static str = "RemoveClientIDFromOpenIDConnectProvider";
    const NAMESPACE: &'static str = NAMESPACE;
    const RESULT: Option<&'static str> = None;

    fn result(&self, _: &mut Writer) {}
}
/// `ListInstanceProfilesForRole`, asked.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ListInstanceProfilesForRoleRequest {
    /// `Marker`: parameter.
    pub marker: Option<String>,
    /// `MaxItems`: parameter.
    pub max_items: Option<i32>,
    /// `RoleName`: parameter, required.
    pub role_name: String,
}
impl QueryRequest for ListInstanceProfilesForRoleRequest {
    const ACTION: &'static str = "ListInstanceProfilesForRole";
    const PARAMETERS: &'static [&'static str] = &["Marker", "MaxItems", "RoleName"];

    fn parse(form: &Form) -> Result<Self, WireError> {
        form.only(Self::PARAMETERS)?;
        let from = form.root();
        Ok(Self {
            marker: from.leaf("Marker").optional(&MARKER_TYPE)?,
            max_items: from.leaf("MaxItems").optional(&MAX_ITEMS_TYPE)?,
            role_name: from.leaf("RoleName").required(&ROLE_NAME_TYPE)?,
        })
    }
}
/// `ListInstanceProfilesForRole`, answered.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ListInstanceProfilesForRoleResponse {
    /// `InstanceProfiles`: element, required.
    pub instance_profiles: Vec<InstanceProfile>,
    /// `IsTruncated`: element.
    pub is_truncated: Option<bool>,
    /// `Marker`: element.
    pub marker: Option<String>,
}
impl QueryOutput for ListInstanceProfilesForRoleResponse {
    const ACTION: &'static str = "ListInstanceProfilesForRole";
    const NAMESPACE: &'static str = NAMESPACE;
    const RESULT: Option<&'static str> = Some("ListInstanceProfilesForRoleResult");

    fn result(&self, to: &mut Writer) {
        to.list("InstanceProfiles", "member", &self.instance_profiles);
        to.member("IsTruncated", &self.is_truncated);
        to.member("Marker", &self.marker);
    }
}
/// `GetAccountSummary`, asked.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct GetAccountSummaryRequest {}
impl QueryRequest for GetAccountSummaryRequest {
    const ACTION: &'static str = "GetAccountSummary";
    const PARAMETERS: &'static [&'static str] = &[];

    fn parse(form: &Form) -> Result<Self, WireError> {
        form.only(Self::PARAMETERS)?;

        Ok(Self {})
    }
}
/// `GetAccountSummary`, answered.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct GetAccountSummaryResponse {
    /// `SummaryMap`: element.
    pub summary_map: BTreeMap<String, i32>,
}
impl QueryOutput for GetAccountSummaryResponse {
    const ACTION: &'static str = "GetAccountSummary";
    const NAMESPACE: &'static str = NAMESPACE;
    const RESULT: Option<&'static str> = Some("GetAccountSummaryResult");

    fn result(&self, to: &mut Writer) {
        to.map("SummaryMap", &self.summary_map);
    }
}
/// `ListAccountAliases`, asked.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ListAccountAliasesRequest {
    /// `Marker`: parameter.
    pub marker: Option<String>,
    /// `MaxItems`: parameter.
    pub max_items: Option<i32>,
}
impl QueryRequest for ListAccountAliasesRequest {
    const ACTION: &'static str = "ListAccountAliases";
    const PARAMETERS: &'static [&'static str] = &["Marker", "MaxItems"];

    fn parse(form: &Form) -> Result<Self, WireError> {
        form.only(Self::PARAMETERS)?;
        let from = form.root();
        Ok(Self {
            marker: from.leaf("Marker").optional(&MARKER_TYPE)?,
            max_items: from.leaf("MaxItems").optional(&MAX_ITEMS_TYPE)?,
        })
    }
}
/// `ListAccountAliases`, answered.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ListAccountAliasesResponse {
    /// `AccountAliases`: element, required.
    pub account_aliases: Vec<String>,
    /// `IsTruncated`: element.
    pub is_truncated: Option<bool>,
    /// `Marker`: element.
    pub marker: Option<String>,
}
impl QueryOutput for ListAccountAliasesResponse {
    const ACTION: &'static str = "ListAccountAliases";
    const NAMESPACE: &'static str = NAMESPACE;
    const RESULT: Option<&'static str> = Some("ListAccountAliasesResult");

    fn result(&self, to: &mut Writer) {
        to.list("AccountAliases", "member", &self.account_aliases);
        to.member("IsTruncated", &self.is_truncated);
        to.member("Marker", &self.marker);
    }
}
/// `AttachUserPolicy`, asked.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AttachUserPolicyRequest {
    /// `PolicyArn`: parameter, required.
    pub policy_arn: String,
    /// `UserName`: parameter, required.
    pub user_name: String,
}
impl QueryRequest for AttachUserPolicyRequest {
    const ACTION: &'static str = "AttachUserPolicy";
    const PARAMETERS: &'static [&'static str] = &["PolicyArn", "UserName"];

    fn parse(form: &Form) -> Result<Self, WireError> {
        form.only(Self::PARAMETERS)?;
        let from = form.root();
        Ok(Self {
            policy_arn: from.leaf("PolicyArn").required(&ARN_TYPE)?,
            user_name: from.leaf("UserName").required(&USER_NAME_TYPE)?,
        })
    }
}
/// `AttachUserPolicy`, answered.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AttachUserPolicyResponse {}
impl QueryOutput for AttachUserPolicyResponse {
    const ACTION: &'static str = "AttachUserPolicy";
    const NAMESPACE: &'static str = NAMESPACE;
    const RESULT: Option<&'static str> = None;

    fn result(&self, _: &mut Writer) {}
}
/// `DetachUserPolicy`, asked.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DetachUserPolicyRequest {
    /// `PolicyArn`: parameter, required.
    pub policy_arn: String,
    /// `UserName`: parameter, required.
    pub user_name: String,
}
impl QueryRequest for DetachUserPolicyRequest {
    const ACTION: &'static str = "DetachUserPolicy";
    const PARAMETERS: &'static [&'static str] = &["PolicyArn", "UserName"];

    fn parse(form: &Form) -> Result<Self, WireError> {
        form.only(Self::PARAMETERS)?;
        let from = form.root();
        Ok(Self {
            policy_arn: from.leaf("PolicyArn").required(&ARN_TYPE)?,
            user_name: from.leaf("UserName").required(&USER_NAME_TYPE)?,
        })
    }
}
/// `DetachUserPolicy`, answered.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DetachUserPolicyResponse {}
impl QueryOutput for DetachUserPolicyResponse {
    const ACTION: &'static str = "DetachUserPolicy";
    const NAMESPACE: &'static str = NAMESPACE;
    const RESULT: Option<&'static str> = None;

    fn result(&self, _: &mut Writer) {}
}
/// `ListAttachedUserPolicies`, asked.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ListAttachedUserPoliciesRequest {
    /// `Marker`: parameter.
    pub marker: Option<String>,
    /// `MaxItems`: parameter.
    pub max_items: Option<i32>,
    /// `PathPrefix`: parameter.
    pub path_prefix: Option<String>,
    /// `UserName`: parameter, required.
    pub user_name: String,
}
impl QueryRequest for ListAttachedUserPoliciesRequest {
    const ACTION: &'static str = "ListAttachedUserPolicies";
    const PARAMETERS: &'static [&'static str] = &["Marker", "MaxItems", "PathPrefix", "UserName"];

    fn parse(form: &Form) -> Result<Self, WireError> {
        form.only(Self::PARAMETERS)?;
        let from = form.root();
        Ok(Self {
            marker: from.leaf("Marker").optional(&MARKER_TYPE)?,
            max_items: from.leaf("MaxItems").optional(&MAX_ITEMS_TYPE)?,
            path_prefix: from.leaf("PathPrefix").optional(&POLICY_PATH_TYPE)?,
            user_name: from.leaf("UserName").required(&USER_NAME_TYPE)?,
        })
    }
}
/// `ListAttachedUserPolicies`, answered.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ListAttachedUserPoliciesResponse {
    /// `AttachedPolicies`: element.
    pub attached_policies: Option<Vec<AttachedPolicy>>,
    /// `IsTruncated`: element.
    pub is_truncated: Option<bool>,
    /// `Marker`: element.
    pub marker: Option<String>,
}
impl QueryOutput for ListAttachedUserPoliciesResponse {
    const ACTION: &'static str = "ListAttachedUserPolicies";
    const NAMESPACE: &'static str = NAMESPACE;
    const RESULT: Option<&'static str> = Some("ListAttachedUserPoliciesResult");

    fn result(&self, to: &mut Writer) {
        to.optional_list("AttachedPolicies", "member", self.attached_policies.as_ref());
        to.member("IsTruncated", &self.is_truncated);
        to.member("Marker", &self.marker);
    }
}
/// `PutUserPolicy`, asked.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PutUserPolicyRequest {
    /// `PolicyDocument`: parameter, required.
    pub policy_document: String,
    /// `PolicyName`: parameter, required.
    pub policy_name: String,
    /// `UserName`: parameter, required.
    pub user_name: String,
}
impl QueryRequest for PutUserPolicyRequest {
    const ACTION: &'static str = "PutUserPolicy";
    const PARAMETERS: &'static [&'static str] = &["PolicyDocument", "PolicyName", "UserName"];

    fn parse(form: &Form) -> Result<Self, WireError> {
        form.only(Self::PARAMETERS)?;
        let from = form.root();
        Ok(Self {
            policy_document: from.leaf("PolicyDocument").required(&POLICY_DOCUMENT_TYPE)?,
            policy_name: from.leaf("PolicyName").required(&POLICY_NAME_TYPE)?,
            user_name: from.leaf("UserName").required(&EXISTING_USER_NAME_TYPE)?,
        })
    }
}
/// `PutUserPolicy`, answered.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PutUserPolicyResponse {}
impl QueryOutput for PutUserPolicyResponse {
    const ACTION: &'static str = "PutUserPolicy";
    const NAMESPACE: &'static str = NAMESPACE;
    const RESULT: Option<&'static str> = None;

    fn result(&self, _: &mut Writer) {}
}
/// `GetUserPolicy`, asked.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct GetUserPolicyRequest {
    /// `PolicyName`: parameter, required.
    pub policy_name: String,
    /// `UserName`: parameter, required.
    pub user_name: String,
}
impl QueryRequest for GetUserPolicyRequest {
    const ACTION: &'static str = "GetUserPolicy";
    const PARAMETERS: &'static [&'static str] = &["PolicyName", "UserName"];

    fn parse(form: &Form) -> Result<Self, WireError> {
        form.only(Self::PARAMETERS)?;
        let from = form.root();
        Ok(Self {
            policy_name: from.leaf("PolicyName").required(&POLICY_NAME_TYPE)?,
            user_name: from.leaf("UserName").required(&EXISTING_USER_NAME_TYPE)?,
        })
    }
}
/// `GetUserPolicy`, answered.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct GetUserPolicyResponse {
    /// `PolicyDocument`: element, required.
    pub policy_document: String,
    /// `PolicyName`: element, required.
    pub policy_name: String,
    /// `UserName`: element, required.
    pub user_name: String,
}
impl QueryOutput for GetUserPolicyResponse {
    const ACTION: &'static str = "GetUserPolicy";
    const NAMESPACE: &'static str = NAMESPACE;
    const RESULT: Option<&'static str> = Some("GetUserPolicyResult");

    fn result(&self, to: &mut Writer) {
        to.encoded("PolicyDocument", Some(&self.policy_document));
        to.member("PolicyName", &self.policy_name);
        to.member("UserName", &self.user_name);
    }
}
/// `ListUserPolicies`, asked.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ListUserPoliciesRequest {
    /// `Marker`: parameter.
    pub marker: Option<String>,
    /// `MaxItems`: parameter.
    pub max_items: Option<i32>,
    /// `UserName`: parameter, required.
    pub user_name: String,
}
impl QueryRequest for ListUserPoliciesRequest {
    const ACTION: &'static str = "ListUserPolicies";
    const PARAMETERS: &'static [&'static str] = &["Marker", "MaxItems", "UserName"];

    fn parse(form: &Form) -> Result<Self, WireError> {
        form.only(Self::PARAMETERS)?;
        let from = form.root();
        Ok(Self {
            marker: from.leaf("Marker").optional(&MARKER_TYPE)?,
            max_items: from.leaf("MaxItems").optional(&MAX_ITEMS_TYPE)?,
            user_name: from.leaf("UserName").required(&EXISTING_USER_NAME_TYPE)?,
        })
    }
}
/// `ListUserPolicies`, answered.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ListUserPoliciesResponse {
    /// `IsTruncated`: element.
    pub is_truncated: Option<bool>,
    /// `Marker`: element.
    pub marker: Option<String>,
    /// `PolicyNames`: element, required.
    pub policy_names: Vec<String>,
}
impl QueryOutput for ListUserPoliciesResponse {
    const ACTION: &'static str = "ListUserPolicies";
    const NAMESPACE: &'static str = NAMESPACE;
    const RESULT: Option<&'static str> = Some("ListUserPoliciesResult");

    fn result(&self, to: &mut Writer) {
        to.member("IsTruncated", &self.is_truncated);
        to.member("Marker", &self.marker);
        to.list("PolicyNames", "member", &self.policy_names);
    }
}
/// `DeleteUserPolicy`, asked.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DeleteUserPolicyRequest {
    /// `PolicyName`: parameter, required.
    pub policy_name: String,
    /// `UserName`: parameter, required.
    pub user_name: String,
}
impl QueryRequest for DeleteUserPolicyRequest {
    const ACTION: &'static str = "DeleteUserPolicy";
    const PARAMETERS: &'static [&'static str] = &["PolicyName", "UserName"];

    fn parse(form: &Form) -> Result<Self, WireError> {
        form.only(Self::PARAMETERS)?;
        let from = form.root();
        Ok(Self {
            policy_name: from.leaf("PolicyName").required(&POLICY_NAME_TYPE)?,
            user_name: from.leaf("UserName").required(&EXISTING_USER_NAME_TYPE)?,
        })
    }
}
/// `DeleteUserPolicy`, answered.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DeleteUserPolicyResponse {}
impl QueryOutput for DeleteUserPolicyResponse {
    const ACTION: &'static str = "DeleteUserPolicy";
    const NAMESPACE: &'static str = NAMESPACE;
    const RESULT: Option<&'static str> = None;

    fn result(&self, _: &mut Writer) {}
}
/// `AttachGroupPolicy`, asked.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AttachGroupPolicyRequest {
    /// `GroupName`: parameter, required.
    pub group_name: String,
    /// `PolicyArn`: parameter, required.
    pub policy_arn: String,
}
impl QueryRequest for AttachGroupPolicyRequest {
    const ACTION: &'static str = "AttachGroupPolicy";
    const PARAMETERS: &'static [&'static str] = &["GroupName", "PolicyArn"];

    fn parse(form: &Form) -> Result<Self, WireError> {
        form.only(Self::PARAMETERS)?;
        let from = form.root();
        Ok(Self {
            group_name: from.leaf("GroupName").required(&GROUP_NAME_TYPE)?,
            policy_arn: from.leaf("PolicyArn").required(&ARN_TYPE)?,
        })
    }
}
/// `AttachGroupPolicy`, answered.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AttachGroupPolicyResponse {}
impl QueryOutput for AttachGroupPolicyResponse {
    const ACTION: &'static str = "AttachGroupPolicy";
    const NAMESPACE: &'static str = NAMESPACE;
    const RESULT: Option<&'static str> = None;

    fn result(&self, _: &mut Writer) {}
}
/// `DetachGroupPolicy`, asked.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DetachGroupPolicyRequest {
    /// `GroupName`: parameter, required.
    pub group_name: String,
    /// `PolicyArn`: parameter, required.
    pub policy_arn: String,
}
impl QueryRequest for DetachGroupPolicyRequest {
    const ACTION: &'static str = "DetachGroupPolicy";
    const PARAMETERS: &'static [&'static str] = &["GroupName", "PolicyArn"];

    fn parse(form: &Form) -> Result<Self, WireError> {
        form.only(Self::PARAMETERS)?;
        let from = form.root();
        Ok(Self {
            group_name: from.leaf("GroupName").required(&GROUP_NAME_TYPE)?,
            policy_arn: from.leaf("PolicyArn").required(&ARN_TYPE)?,
        })
    }
}
/// `DetachGroupPolicy`, answered.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DetachGroupPolicyResponse {}
impl QueryOutput for DetachGroupPolicyResponse {
    const ACTION: &'static str = "DetachGroupPolicy";
    const NAMESPACE: &'static str = NAMESPACE;
    const RESULT: Option<&'static str> = None;

    fn result(&self, _: &mut Writer) {}
}
/// `ListAttachedGroupPolicies`, asked.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ListAttachedGroupPoliciesRequest {
    /// `GroupName`: parameter, required.
    pub group_name: String,
    /// `Marker`: parameter.
    pub marker: Option<String>,
    /// `MaxItems`: parameter.
    pub max_items: Option<i32>,
    /// `PathPrefix`: parameter.
    pub path_prefix: Option<String>,
}
impl QueryRequest for ListAttachedGroupPoliciesRequest {
    const ACTION: &'static str = "ListAttachedGroupPolicies";
    const PARAMETERS: &'static [&'static str] = &["GroupName", "Marker", "MaxItems", "PathPrefix"];

    fn parse(form: &Form) -> Result<Self, WireError> {
        form.only(Self::PARAMETERS)?;
        let from = form.root();
        Ok(Self {
            group_name: from.leaf("GroupName").required(&GROUP_NAME_TYPE)?,
            marker: from.leaf("Marker").optional(&MARKER_TYPE)?,
            max_items: from.leaf("MaxItems").optional(&MAX_ITEMS_TYPE)?,
            path_prefix: from.leaf("PathPrefix").optional(&POLICY_PATH_TYPE)?,
        })
    }
}
/// `ListAttachedGroupPolicies`, answered.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ListAttachedGroupPoliciesResponse {
    /// `AttachedPolicies`: element.
    pub attached_policies: Option<Vec<AttachedPolicy>>,
    /// `IsTruncated`: element.
    pub is_truncated: Option<bool>,
    /// `Marker`: element.
    pub marker: Option<String>,
}
impl QueryOutput for ListAttachedGroupPoliciesResponse {
    const ACTION: &'static str = "ListAttachedGroupPolicies";
    const NAMESPACE: &'static str = NAMESPACE;
    const RESULT: Option<&'static str> = Some("ListAttachedGroupPoliciesResult");

    fn result(&self, to: &mut Writer) {
        to.optional_list("AttachedPolicies", "member", self.attached_policies.as_ref());
        to.member("IsTruncated", &self.is_truncated);
        to.member("Marker", &self.marker);
    }
}
/// `PutGroupPolicy`, asked.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PutGroupPolicyRequest {
    /// `GroupName`: parameter, required.
    pub group_name: String,
    /// `PolicyDocument`: parameter, required.
    pub policy_document: String,
    /// `PolicyName`: parameter, required.
    pub policy_name: String,
}
impl QueryRequest for PutGroupPolicyRequest {
    const ACTION: &'static str = "PutGroupPolicy";
    const PARAMETERS: &'static [&'static str] = &["GroupName", "PolicyDocument", "PolicyName"];

    fn parse(form: &Form) -> Result<Self, WireError> {
        form.only(Self::PARAMETERS)?;
        let from = form.root();
        Ok(Self {
            group_name: from.leaf("GroupName").required(&GROUP_NAME_TYPE)?,
            policy_document: from.leaf("PolicyDocument").required(&POLICY_DOCUMENT_TYPE)?,
            policy_name: from.leaf("PolicyName").required(&POLICY_NAME_TYPE)?,
        })
    }
}
/// `PutGroupPolicy`, answered.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PutGroupPolicyResponse {}
impl QueryOutput for PutGroupPolicyResponse {
    const ACTION: &'static str = "PutGroupPolicy";
    const NAMESPACE: &'static str = NAMESPACE;
    const RESULT: Option<&'static str> = None;

    fn result(&self, _: &mut Writer) {}
}
/// `GetGroupPolicy`, asked.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct GetGroupPolicyRequest {
    /// `GroupName`: parameter, required.
    pub group_name: String,
    /// `PolicyName`: parameter, required.
    pub policy_name: String,
}
impl QueryRequest for GetGroupPolicyRequest {
    const ACTION: &'static str = "GetGroupPolicy";
    const PARAMETERS: &'static [&'static str] = &["GroupName", "PolicyName"];

    fn parse(form: &Form) -> Result<Self, WireError> {
        form.only(Self::PARAMETERS)?;
        let from = form.root();
        Ok(Self {
            group_name: from.leaf("GroupName").required(&GROUP_NAME_TYPE)?,
            policy_name: from.leaf("PolicyName").required(&POLICY_NAME_TYPE)?,
        })
    }
}
/// `GetGroupPolicy`, answered.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct GetGroupPolicyResponse {
    /// `GroupName`: element, required.
    pub group_name: String,
    /// `PolicyDocument`: element, required.
    pub policy_document: String,
    /// `PolicyName`: element, required.
    pub policy_name: String,
}
impl QueryOutput for GetGroupPolicyResponse {
    const ACTION: &'static str = "GetGroupPolicy";
    const NAMESPACE: &'static str = NAMESPACE;
    const RESULT: Option<&'static str> = Some("GetGroupPolicyResult");

    fn result(&self, to: &mut Writer) {
        to.member("GroupName", &self.group_name);
        to.encoded("PolicyDocument", Some(&self.policy_document));
        to.member("PolicyName", &self.policy_name);
    }
}
/// `ListGroupPolicies`, asked.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ListGroupPoliciesRequest {
    /// `GroupName`: parameter, required.
    pub group_name: String,
    /// `Marker`: parameter.
    pub marker: Option<String>,
    /// `MaxItems`: parameter.
    pub max_items: Option<i32>,
}
impl QueryRequest for ListGroupPoliciesRequest {
    const ACTION: &'static str = "ListGroupPolicies";
    const PARAMETERS: &'static [&'static str] = &["GroupName", "Marker", "MaxItems"];

    fn parse(form: &Form) -> Result<Self, WireError> {
        form.only(Self::PARAMETERS)?;
        let from = form.root();
        Ok(Self {
            group_name: from.leaf("GroupName").required(&GROUP_NAME_TYPE)?,
            marker: from.leaf("Marker").optional(&MARKER_TYPE)?,
            max_items: from.leaf("MaxItems").optional(&MAX_ITEMS_TYPE)?,
        })
    }
}
/// `ListGroupPolicies`, answered.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ListGroupPoliciesResponse {
    /// `IsTruncated`: element.
    pub is_truncated: Option<bool>,
    /// `Marker`: element.
    pub marker: Option<String>,
    /// `PolicyNames`: element, required.
    pub policy_names: Vec<String>,
}
impl QueryOutput for ListGroupPoliciesResponse {
    const ACTION: &'static str = "ListGroupPolicies";
    const NAMESPACE: &'static str = NAMESPACE;
    const RESULT: Option<&'static str> = Some("ListGroupPoliciesResult");

    fn result(&self, to: &mut Writer) {
        to.member("IsTruncated", &self.is_truncated);
        to.member("Marker", &self.marker);
        to.list("PolicyNames", "member", &self.policy_names);
    }
}
/// `DeleteGroupPolicy`, asked.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DeleteGroupPolicyRequest {
    /// `GroupName`: parameter, required.
    pub group_name: String,
    /// `PolicyName`: parameter, required.
    pub policy_name: String,
}
impl QueryRequest for DeleteGroupPolicyRequest {
    const ACTION: &'static str = "DeleteGroupPolicy";
    const PARAMETERS: &'static [&'static str] = &["GroupName", "PolicyName"];

    fn parse(form: &Form) -> Result<Self, WireError> {
        form.only(Self::PARAMETERS)?;
        let from = form.root();
        Ok(Self {
            group_name: from.leaf("GroupName").required(&GROUP_NAME_TYPE)?,
            policy_name: from.leaf("PolicyName").required(&POLICY_NAME_TYPE)?,
        })
    }
}
/// `DeleteGroupPolicy`, answered.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DeleteGroupPolicyResponse {}
impl QueryOutput for DeleteGroupPolicyResponse {
    const ACTION: &'static str = "DeleteGroupPolicy";
    const NAMESPACE: &'static str = NAMESPACE;
    const RESULT: Option<&'static str> = None;

    fn result(&self, _: &mut Writer) {}
}
/// `AttachRolePolicy`, asked.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AttachRolePolicyRequest {
    /// `PolicyArn`: parameter, required.
    pub policy_arn: String,
    /// `RoleName`: parameter, required.
    pub role_name: String,
}
impl QueryRequest for AttachRolePolicyRequest {
    const ACTION: &'static str = "AttachRolePolicy";
    const PARAMETERS: &'static [&'static str] = &["PolicyArn", "RoleName"];

    fn parse(form: &Form) -> Result<Self, WireError> {
        form.only(Self::PARAMETERS)?;
        let from = form.root();
        Ok(Self {
            policy_arn: from.leaf("PolicyArn").required(&ARN_TYPE)?,
            role_name: from.leaf("RoleName").required(&ROLE_NAME_TYPE)?,
        })
    }
}
/// `AttachRolePolicy`, answered.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AttachRolePolicyResponse {}
impl QueryOutput for AttachRolePolicyResponse {
    const ACTION: &'static str = "AttachRolePolicy";
    const NAMESPACE: &'static str = NAMESPACE;
    const RESULT: Option<&'static str> = None;

    fn result(&self, _: &mut Writer) {}
}
/// `DetachRolePolicy`, asked.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DetachRolePolicyRequest {
    /// `PolicyArn`: parameter, required.
    pub policy_arn: String,
    /// `RoleName`: parameter, required.
    pub role_name: String,
}
impl QueryRequest for DetachRolePolicyRequest {
    const ACTION: &'static str = "DetachRolePolicy";
    const PARAMETERS: &'static [&'static str] = &["PolicyArn", "RoleName"];

    fn parse(form: &Form) -> Result<Self, WireError> {
        form.only(Self::PARAMETERS)?;
        let from = form.root();
        Ok(Self {
            policy_arn: from.leaf("PolicyArn").required(&ARN_TYPE)?,
            role_name: from.leaf("RoleName").required(&ROLE_NAME_TYPE)?,
        })
    }
}
/// `DetachRolePolicy`, answered.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DetachRolePolicyResponse {}
impl QueryOutput for DetachRolePolicyResponse {
    const ACTION: &'static str = "DetachRolePolicy";
    const NAMESPACE: &'static str = NAMESPACE;
    const RESULT: Option<&'static str> = None;

    fn result(&self, _: &mut Writer) {}
}
/// `ListAttachedRolePolicies`, asked.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ListAttachedRolePoliciesRequest {
    /// `Marker`: parameter.
    pub marker: Option<String>,
    /// `MaxItems`: parameter.
    pub max_items: Option<i32>,
    /// `PathPrefix`: parameter.
    pub path_prefix: Option<String>,
    /// `RoleName`: parameter, required.
    pub role_name: String,
}
impl QueryRequest for ListAttachedRolePoliciesRequest {
    const ACTION: &'static str = "ListAttachedRolePolicies";
    const PARAMETERS: &'static [&'static str] = &["Marker", "MaxItems", "PathPrefix", "RoleName"];

    fn parse(form: &Form) -> Result<Self, WireError> {
        form.only(Self::PARAMETERS)?;
        let from = form.root();
        Ok(Self {
            marker: from.leaf("Marker").optional(&MARKER_TYPE)?,
            max_items: from.leaf("MaxItems").optional(&MAX_ITEMS_TYPE)?,
            path_prefix: from.leaf("PathPrefix").optional(&POLICY_PATH_TYPE)?,
            role_name: from.leaf("RoleName").required(&ROLE_NAME_TYPE)?,
        })
    }
}
/// `ListAttachedRolePolicies`, answered.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ListAttachedRolePoliciesResponse {
    /// `AttachedPolicies`: element.
    pub attached_policies: Option<Vec<AttachedPolicy>>,
    /// `IsTruncated`: element.
    pub is_truncated: Option<bool>,
    /// `Marker`: element.
    pub marker: Option<String>,
}
impl QueryOutput for ListAttachedRolePoliciesResponse {
    const ACTION: &'static str = "ListAttachedRolePolicies";
    const NAMESPACE: &'static str = NAMESPACE;
    const RESULT: Option<&'static str> = Some("ListAttachedRolePoliciesResult");

    fn result(&self, to: &mut Writer) {
        to.optional_list("AttachedPolicies", "member", self.attached_policies.as_ref());
        to.member("IsTruncated", &self.is_truncated);
        to.member("Marker", &self.marker);
    }
}
/// `PutRolePolicy`, asked.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PutRolePolicyRequest {
    /// `PolicyDocument`: parameter, required.
    pub policy_document: String,
    /// `PolicyName`: parameter, required.
    pub policy_name: String,
    /// `RoleName`: parameter, required.
    pub role_name: String,
}
impl QueryRequest for PutRolePolicyRequest {
    const ACTION: &'static str = "PutRolePolicy";
    const PARAMETERS: &'static [&'static str] = &["PolicyDocument", "PolicyName", "RoleName"];

    fn parse(form: &Form) -> Result<Self, WireError> {
        form.only(Self::PARAMETERS)?;
        let from = form.root();
        Ok(Self {
            policy_document: from.leaf("PolicyDocument").required(&POLICY_DOCUMENT_TYPE)?,
            policy_name: from.leaf("PolicyName").required(&POLICY_NAME_TYPE)?,
            role_name: from.leaf("RoleName").required(&ROLE_NAME_TYPE)?,
        })
    }
}
/// `PutRolePolicy`, answered.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PutRolePolicyResponse {}
impl QueryOutput for PutRolePolicyResponse {
    const ACTION: &'static str = "PutRolePolicy";
    const NAMESPACE: &'static str = NAMESPACE;
    const RESULT: Option<&'static str> = None;

    fn result(&self, _: &mut Writer) {}
}
/// `GetRolePolicy`, asked.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct GetRolePolicyRequest {
    /// `PolicyName`: parameter, required.
    pub policy_name: String,
    /// `RoleName`: parameter, required.
    pub role_name: String,
}
impl QueryRequest for GetRolePolicyRequest {
    const ACTION: &'static str = "GetRolePolicy";
    const PARAMETERS: &'static [&'static str] = &["PolicyName", "RoleName"];

    fn parse(form: &Form) -> Result<Self, WireError> {
        form.only(Self::PARAMETERS)?;
        let from = form.root();
        Ok(Self {
            policy_name: from.leaf("PolicyName").required(&POLICY_NAME_TYPE)?,
            role_name: from.leaf("RoleName").required(&ROLE_NAME_TYPE)?,
        })
    }
}
/// `GetRolePolicy`, answered.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct GetRolePolicyResponse {
    /// `PolicyDocument`: element, required.
    pub policy_document: String,
    /// `PolicyName`: element, required.
    pub policy_name: String,
    /// `RoleName`: element, required.
    pub role_name: String,
}
impl QueryOutput for GetRolePolicyResponse {
    const ACTION: &'static str = "GetRolePolicy";
    const NAMESPACE: &'static str = NAMESPACE;
    const RESULT: Option<&'static str> = Some("GetRolePolicyResult");

    fn result(&self, to: &mut Writer) {
        to.encoded("PolicyDocument", Some(&self.policy_document));
        to.member("PolicyName", &self.policy_name);
        to.member("RoleName", &self.role_name);
    }
}
/// `ListRolePolicies`, asked.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ListRolePoliciesRequest {
    /// `Marker`: parameter.
    pub marker: Option<String>,
    /// `MaxItems`: parameter.
    pub max_items: Option<i32>,
    /// `RoleName`: parameter, required.
    pub role_name: String,
}
impl QueryRequest for ListRolePoliciesRequest {
    const ACTION: &'static str = "ListRolePolicies";
    const PARAMETERS: &'static [&'static str] = &["Marker", "MaxItems", "RoleName"];

    fn parse(form: &Form) -> Result<Self, WireError> {
        form.only(Self::PARAMETERS)?;
        let from = form.root();
        Ok(Self {
            marker: from.leaf("Marker").optional(&MARKER_TYPE)?,
            max_items: from.leaf("MaxItems").optional(&MAX_ITEMS_TYPE)?,
            role_name: from.leaf("RoleName").required(&ROLE_NAME_TYPE)?,
        })
    }
}
/// `ListRolePolicies`, answered.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ListRolePoliciesResponse {
    /// `IsTruncated`: element.
    pub is_truncated: Option<bool>,
    /// `Marker`: element.
    pub marker: Option<String>,
    /// `PolicyNames`: element, required.
    pub policy_names: Vec<String>,
}
impl QueryOutput for ListRolePoliciesResponse {
    const ACTION: &'static str = "ListRolePolicies";
    const NAMESPACE: &'static str = NAMESPACE;
    const RESULT: Option<&'static str> = Some("ListRolePoliciesResult");

    fn result(&self, to: &mut Writer) {
        to.member("IsTruncated", &self.is_truncated);
        to.member("Marker", &self.marker);
        to.list("PolicyNames", "member", &self.policy_names);
    }
}
/// `DeleteRolePolicy`, asked.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DeleteRolePolicyRequest {
    /// `PolicyName`: parameter, required.
    pub policy_name: String,
    /// `RoleName`: parameter, required.
    pub role_name: String,
}
impl QueryRequest for DeleteRolePolicyRequest {
    const ACTION: &'static str = "DeleteRolePolicy";
    const PARAMETERS: &'static [&'static str] = &["PolicyName", "RoleName"];

    fn parse(form: &Form) -> Result<Self, WireError> {
        form.only(Self::PARAMETERS)?;
        let from = form.root();
        Ok(Self {
            policy_name: from.leaf("PolicyName").required(&POLICY_NAME_TYPE)?,
            role_name: from.leaf("RoleName").required(&ROLE_NAME_TYPE)?,
        })
    }
}
/// `DeleteRolePolicy`, answered.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DeleteRolePolicyResponse {}
impl QueryOutput for DeleteRolePolicyResponse {
    const ACTION: &'static str = "DeleteRolePolicy";
    const NAMESPACE: &'static str = NAMESPACE;
    const RESULT: Option<&'static str> = None;

    fn result(&self, _: &mut Writer) {}
}
/// `PutUserPermissionsBoundary`, asked.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PutUserPermissionsBoundaryRequest {
    /// `PermissionsBoundary`: parameter, required.
    pub permissions_boundary: String,
    /// `UserName`: parameter, required.
    pub user_name: String,
}
impl QueryRequest for PutUserPermissionsBoundaryRequest {
    const ACTION: &'static str = "PutUserPermissionsBoundary";
    const PARAMETERS: &'static [&'static str] = &["PermissionsBoundary", "UserName"];

    fn parse(form: &Form) -> Result<Self, WireError> {
        form.only(Self::PARAMETERS)?;
        let from = form.root();
        Ok(Self {
            permissions_boundary: from.leaf("PermissionsBoundary").required(&ARN_TYPE)?,
            user_name: from.leaf("UserName").required(&USER_NAME_TYPE)?,
        })
    }
}
/// `PutUserPermissionsBoundary`, answered.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PutUserPermissionsBoundaryResponse {}
impl QueryOutput for PutUserPermissionsBoundaryResponse {
    const ACTION: &'static str = "PutUserPermissionsBoundary";
    const NAMESPACE: &'static str = NAMESPACE;
    const RESULT: Option<&'static str> = None;

    fn result(&self, _: &mut Writer) {}
}
/// `DeleteUserPermissionsBoundary`, asked.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DeleteUserPermissionsBoundaryRequest {
    /// `UserName`: parameter, required.
    pub user_name: String,
}
impl QueryRequest for DeleteUserPermissionsBoundaryRequest {
    const ACTION: &'static str = "DeleteUserPermissionsBoundary";
    const PARAMETERS: &'static [&'static str] = &["UserName"];

    fn parse(form: &Form) -> Result<Self, WireError> {
        form.only(Self::PARAMETERS)?;
        let from = form.root();
        Ok(Self { user_name: from.leaf("UserName").required(&USER_NAME_TYPE)? })
    }
}
/// `DeleteUserPermissionsBoundary`, answered.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DeleteUserPermissionsBoundaryResponse {}
impl QueryOutput for DeleteUserPermissionsBoundaryResponse {
    const ACTION: &'static str = "DeleteUserPermissionsBoundary";
    const NAMESPACE: &'static str = NAMESPACE;
    const RESULT: Option<&'static str> = None;

    fn result(&self, _: &mut Writer) {}
}
/// `PutRolePermissionsBoundary`, asked.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PutRolePermissionsBoundaryRequest {
    /// `PermissionsBoundary`: parameter, required.
    pub permissions_boundary: String,
    /// `RoleName`: parameter, required.
    pub role_name: String,
}
impl QueryRequest for PutRolePermissionsBoundaryRequest {
    const ACTION: &'static str = "PutRolePermissionsBoundary";
    const PARAMETERS: &'static [&'static str] = &["PermissionsBoundary", "RoleName"];

    fn parse(form: &Form) -> Result<Self, WireError> {
        form.only(Self::PARAMETERS)?;
        let from = form.root();
        Ok(Self {
            permissions_boundary: from.leaf("PermissionsBoundary").required(&ARN_TYPE)?,
            role_name: from.leaf("RoleName").required(&ROLE_NAME_TYPE)?,
        })
    }
}
/// `PutRolePermissionsBoundary`, answered.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PutRolePermissionsBoundaryResponse {}
impl QueryOutput for PutRolePermissionsBoundaryResponse {
    const ACTION: &'static str = "PutRolePermissionsBoundary";
    const NAMESPACE: &'static str = NAMESPACE;
    const RESULT: Option<&'static str> = None;

    fn result(&self, _: &mut Writer) {}
}
/// `DeleteRolePermissionsBoundary`, asked.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DeleteRolePermissionsBoundaryRequest {
    /// `RoleName`: parameter, required.
    pub role_name: String,
}
impl QueryRequest for DeleteRolePermissionsBoundaryRequest {
    const ACTION: &'static str = "DeleteRolePermissionsBoundary";
    const PARAMETERS: &'static [&'static str] = &["RoleName"];

    fn parse(form: &Form) -> Result<Self, WireError> {
        form.only(Self::PARAMETERS)?;
        let from = form.root();
        Ok(Self { role_name: from.leaf("RoleName").required(&ROLE_NAME_TYPE)? })
    }
}
/// `DeleteRolePermissionsBoundary`, answered.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DeleteRolePermissionsBoundaryResponse {}
impl QueryOutput for DeleteRolePermissionsBoundaryResponse {
    const ACTION: &'static str = "DeleteRolePermissionsBoundary";
    const NAMESPACE: &'static str = NAMESPACE;
    const RESULT: Option<&'static str> = None;

    fn result(&self, _: &mut Writer) {}
}
/// `TagUser`, asked.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TagUserRequest {
    /// `Tags`: parameter, required.
    pub tags: Vec<Tag>,
    /// `UserName`: parameter, required.
    pub user_name: String,
}
impl QueryRequest for TagUserRequest {
    const ACTION: &'static str = "TagUser";
    const PARAMETERS: &'static [&'static str] =
        &["Tags.member.Key", "Tags.member.Value", "UserName"];

    fn parse(form: &Form) -> Result<Self, WireError> {
        form.only(Self::PARAMETERS)?;
        let from = form.root();
        Ok(Self {
            tags: from
                .list(("Tags", "member"), 0..=50, &Rule::Any)?
                .ok_or_else(|| from.missing("Tags"))?,
            user_name: from.leaf("UserName").required(&EXISTING_USER_NAME_TYPE)?,
        })
    }
}
/// `TagUser`, answered.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TagUserResponse {}
impl QueryOutput for TagUserResponse {
    const ACTION: &'static str = "TagUser";
    const NAMESPACE: &'static str = NAMESPACE;
    const RESULT: Option<&'static str> = None;

    fn result(&self, _: &mut Writer) {}
}
/// `UntagUser`, asked.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct UntagUserRequest {
    /// `TagKeys`: parameter, required.
    pub tag_keys: Vec<String>,
    /// `UserName`: parameter, required.
    pub user_name: String,
}
impl QueryRequest for UntagUserRequest {
    const ACTION: &'static str = "UntagUser";
    const PARAMETERS: &'static [&'static str] = &["TagKeys.member", "UserName"];

    fn parse(form: &Form) -> Result<Self, WireError> {
        form.only(Self::PARAMETERS)?;
        let from = form.root();
        Ok(Self {
            tag_keys: from
                .list(("TagKeys", "member"), 0..=50, &TAG_KEY_TYPE)?
                .ok_or_else(|| from.missing("TagKeys"))?,
            user_name: from.leaf("UserName").required(&EXISTING_USER_NAME_TYPE)?,
        })
    }
}
/// `UntagUser`, answered.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct UntagUserResponse {}
impl QueryOutput for UntagUserResponse {
    const ACTION: &'static str = "UntagUser";
    const NAMESPACE: &'static str = NAMESPACE;
    const RESULT: Option<&'static str> = None;

    fn result(&self, _: &mut Writer) {}
}
/// `ListUserTags`, asked.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ListUserTagsRequest {
    /// `Marker`: parameter.
    pub marker: Option<String>,
    /// `MaxItems`: parameter.
    pub max_items: Option<i32>,
    /// `UserName`: parameter, required.
    pub user_name: String,
}
impl QueryRequest for ListUserTagsRequest {
    const ACTION: &'static str = "ListUserTags";
    const PARAMETERS: &'static [&'static str] = &["Marker", "MaxItems", "UserName"];

    fn parse(form: &Form) -> Result<Self, WireError> {
        form.only(Self::PARAMETERS)?;
        let from = form.root();
        Ok(Self {
            marker: from.leaf("Marker").optional(&MARKER_TYPE)?,
            max_items: from.leaf("MaxItems").optional(&MAX_ITEMS_TYPE)?,
            user_name: from.leaf("UserName").required(&EXISTING_USER_NAME_TYPE)?,
        })
    }
}
/// `ListUserTags`, answered.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ListUserTagsResponse {
    /// `IsTruncated`: element.
    pub is_truncated: Option<bool>,
    /// `Marker`: element.
    pub marker: Option<String>,
    /// `Tags`: element, required.
    pub tags: Vec<Tag>,
}
impl QueryOutput for ListUserTagsResponse {
    const ACTION: &'static str = "ListUserTags";
    const NAMESPACE: &'static str = NAMESPACE;
    const RESULT: Option<&'static str> = Some("ListUserTagsResult");

    fn result(&self, to: &mut Writer) {
        to.member("IsTruncated", &self.is_truncated);
        to.member("Marker", &self.marker);
        to.list("Tags", "member", &self.tags);
    }
}
/// `TagRole`, asked.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TagRoleRequest {
    /// `RoleName`: parameter, required.
    pub role_name: String,
    /// `Tags`: parameter, required.
    pub tags: Vec<Tag>,
}
impl QueryRequest for TagRoleRequest {
    const ACTION: &'static str = "TagRole";
    const PARAMETERS: &'static [&'static str] =
        &["RoleName", "Tags.member.Key", "Tags.member.Value"];

    fn parse(form: &Form) -> Result<Self, WireError> {
        form.only(Self::PARAMETERS)?;
        let from = form.root();
        Ok(Self {
            role_name: from.leaf("RoleName").required(&ROLE_NAME_TYPE)?,
            tags: from
                .list(("Tags", "member"), 0..=50, &Rule::Any)?
                .ok_or_else(|| from.missing("Tags"))?,
        })
    }
}
/// `TagRole`, answered.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TagRoleResponse {}
impl QueryOutput for TagRoleResponse {
    const ACTION: &'static str = "TagRole";
    const NAMESPACE: &'static str = NAMESPACE;
    const RESULT: Option<&'static str> = None;

    fn result(&self, _: &mut Writer) {}
}
/// `UntagRole`, asked.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct UntagRoleRequest {
    /// `RoleName`: parameter, required.
    pub role_name: String,
    /// `TagKeys`: parameter, required.
    pub tag_keys: Vec<String>,
}
impl QueryRequest for UntagRoleRequest {
    const ACTION: &'static str = "UntagRole";
    const PARAMETERS: &'static [&'static str] = &["RoleName", "TagKeys.member"];

    fn parse(form: &Form) -> Result<Self, WireError> {
        form.only(Self::PARAMETERS)?;
        let from = form.root();
        Ok(Self {
            role_name: from.leaf("RoleName").required(&ROLE_NAME_TYPE)?,
            tag_keys: from
                .list(("TagKeys", "member"), 0..=50, &TAG_KEY_TYPE)?
                .ok_or_else(|| from.missing("TagKeys"))?,
        })
    }
}
/// `UntagRole`, answered.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct UntagRoleResponse {}
impl QueryOutput for UntagRoleResponse {
    const ACTION: &'static str = "UntagRole";
    const NAMESPACE: &'static str = NAMESPACE;
    const RESULT: Option<&'static str> = None;

    fn result(&self, _: &mut Writer) {}
}
/// `ListRoleTags`, asked.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ListRoleTagsRequest {
    /// `Marker`: parameter.
    pub marker: Option<String>,
    /// `MaxItems`: parameter.
    pub max_items: Option<i32>,
    /// `RoleName`: parameter, required.
    pub role_name: String,
}
impl QueryRequest for ListRoleTagsRequest {
    const ACTION: &'static str = "ListRoleTags";
    const PARAMETERS: &'static [&'static str] = &["Marker", "MaxItems", "RoleName"];

    fn parse(form: &Form) -> Result<Self, WireError> {
        form.only(Self::PARAMETERS)?;
        let from = form.root();
        Ok(Self {
            marker: from.leaf("Marker").optional(&MARKER_TYPE)?,
            max_items: from.leaf("MaxItems").optional(&MAX_ITEMS_TYPE)?,
            role_name: from.leaf("RoleName").required(&ROLE_NAME_TYPE)?,
        })
    }
}
/// `ListRoleTags`, answered.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ListRoleTagsResponse {
    /// `IsTruncated`: element.
    pub is_truncated: Option<bool>,
    /// `Marker`: element.
    pub marker: Option<String>,
    /// `Tags`: element, required.
    pub tags: Vec<Tag>,
}
impl QueryOutput for ListRoleTagsResponse {
    const ACTION: &'static str = "ListRoleTags";
    const NAMESPACE: &'static str = NAMESPACE;
    const RESULT: Option<&'static str> = Some("ListRoleTagsResult");

    fn result(&self, to: &mut Writer) {
        to.member("IsTruncated", &self.is_truncated);
        to.member("Marker", &self.marker);
        to.list("Tags", "member", &self.tags);
    }
}
/// `TagPolicy`, asked.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TagPolicyRequest {
    /// `PolicyArn`: parameter, required.
    pub policy_arn: String,
    /// `Tags`: parameter, required.
    pub tags: Vec<Tag>,
}
impl QueryRequest for TagPolicyRequest {
    const ACTION: &'static str = "TagPolicy";
    const PARAMETERS: &'static [&'static str] =
        &["PolicyArn", "Tags.member.Key", "Tags.member.Value"];

    fn parse(form: &Form) -> Result<Self, WireError> {
        form.only(Self::PARAMETERS)?;
        let from = form.root();
        Ok(Self {
            policy_arn: from.leaf("PolicyArn").required(&ARN_TYPE)?,
            tags: from
                .list(("Tags", "member"), 0..=50, &Rule::Any)?
                .ok_or_else(|| from.missing("Tags"))?,
        })
    }
}
/// `TagPolicy`, answered.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TagPolicyResponse {}
impl QueryOutput for TagPolicyResponse {
    const ACTION: &'static str = "TagPolicy";
    const NAMESPACE: &'static str = NAMESPACE;
    const RESULT: Option<&'static str> = None;

    fn result(&self, _: &mut Writer) {}
}
/// `UntagPolicy`, asked.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct UntagPolicyRequest {
    /// `PolicyArn`: parameter, required.
    pub policy_arn: String,
    /// `TagKeys`: parameter, required.
    pub tag_keys: Vec<String>,
}
impl QueryRequest for UntagPolicyRequest {
    const ACTION: &'static str = "UntagPolicy";
    const PARAMETERS: &'static [&'static str] = &["PolicyArn", "TagKeys.member"];

    fn parse(form: &Form) -> Result<Self, WireError> {
        form.only(Self::PARAMETERS)?;
        let from = form.root();
        Ok(Self {
            policy_arn: from.leaf("PolicyArn").required(&ARN_TYPE)?,
            tag_keys: from
                .list(("TagKeys", "member"), 0..=50, &TAG_KEY_TYPE)?
                .ok_or_else(|| from.missing("TagKeys"))?,
        })
    }
}
/// `UntagPolicy`, answered.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct UntagPolicyResponse {}
impl QueryOutput for UntagPolicyResponse {
    const ACTION: &'static str = "UntagPolicy";
    const NAMESPACE: &'static str = NAMESPACE;
    const RESULT: Option<&'static str> = None;

    fn result(&self, _: &mut Writer) {}
}
/// `ListPolicyTags`, asked.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ListPolicyTagsRequest {
    /// `Marker`: parameter.
    pub marker: Option<String>,
    /// `MaxItems`: parameter.
    pub max_items: Option<i32>,
    /// `PolicyArn`: parameter, required.
    pub policy_arn: String,
}
impl QueryRequest for ListPolicyTagsRequest {
    const ACTION: &'static str = "ListPolicyTags";
    const PARAMETERS: &'static [&'static str] = &["Marker", "MaxItems", "PolicyArn"];

    fn parse(form: &Form) -> Result<Self, WireError> {
        form.only(Self::PARAMETERS)?;
        let from = form.root();
        Ok(Self {
            marker: from.leaf("Marker").optional(&MARKER_TYPE)?,
            max_items: from.leaf("MaxItems").optional(&MAX_ITEMS_TYPE)?,
            policy_arn: from.leaf("PolicyArn").required(&ARN_TYPE)?,
        })
    }
}
/// `ListPolicyTags`, answered.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ListPolicyTagsResponse {
    /// `IsTruncated`: element.
    pub is_truncated: Option<bool>,
    /// `Marker`: element.
    pub marker: Option<String>,
    /// `Tags`: element, required.
    pub tags: Vec<Tag>,
}
impl QueryOutput for ListPolicyTagsResponse {
    const ACTION: &'static str = "ListPolicyTags";
    const NAMESPACE: &'static str = NAMESPACE;
    const RESULT: Option<&'static str> = Some("ListPolicyTagsResult");

    fn result(&self, to: &mut Writer) {
        to.member("IsTruncated", &self.is_truncated);
        to.member("Marker", &self.marker);
        to.list("Tags", "member", &self.tags);
    }
}
/// `TagOpenIDConnectProvider`, asked.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TagOpenIDConnectProviderRequest {
    /// `OpenIDConnectProviderArn`: parameter, required.
    pub open_id_connect_provider_arn: String,
    /// `Tags`: parameter, required.
    pub tags: Vec<Tag>,
}
impl QueryRequest for TagOpenIDConnectProviderRequest {
    const ACTION: &'static str = "TagOpenIDConnectProvider";
    const PARAMETERS: &'static [&'static str] =
        &["OpenIDConnectProviderArn", "Tags.member.Key", "Tags.member.Value"];

    fn parse(form: &Form) -> Result<Self, WireError> {
        form.only(Self::PARAMETERS)?;
        let from = form.root();
        Ok(Self {
            open_id_connect_provider_arn: from
                .leaf("OpenIDConnectProviderArn")
                .required(&ARN_TYPE)?,
            tags: from
                .list(("Tags", "member"), 0..=50, &Rule::Any)?
                .ok_or_else(|| from.missing("Tags"))?,
        })
    }
}
/// `TagOpenIDConnectProvider`, answered.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TagOpenIDConnectProviderResponse {}
impl QueryOutput for TagOpenIDConnectProviderResponse {
    const ACTION: &'static str = "TagOpenIDConnectProvider";
    const NAMESPACE: &'static str = NAMESPACE;
    const RESULT: Option<&'static str> = None;

    fn result(&self, _: &mut Writer) {}
}
/// `UntagOpenIDConnectProvider`, asked.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct UntagOpenIDConnectProviderRequest {
    /// `OpenIDConnectProviderArn`: parameter, required.
    pub open_id_connect_provider_arn: String,
    /// `TagKeys`: parameter, required.
    pub tag_keys: Vec<String>,
}
impl QueryRequest for UntagOpenIDConnectProviderRequest {
    const ACTION: &'static str = "UntagOpenIDConnectProvider";
    const PARAMETERS: &'static [&'static str] = &["OpenIDConnectProviderArn", "TagKeys.member"];

    fn parse(form: &Form) -> Result<Self, WireError> {
        form.only(Self::PARAMETERS)?;
        let from = form.root();
        Ok(Self {
            open_id_connect_provider_arn: from
                .leaf("OpenIDConnectProviderArn")
                .required(&ARN_TYPE)?,
            tag_keys: from
                .list(("TagKeys", "member"), 0..=50, &TAG_KEY_TYPE)?
                .ok_or_else(|| from.missing("TagKeys"))?,
        })
    }
}
/// `UntagOpenIDConnectProvider`, answered.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct UntagOpenIDConnectProviderResponse {}
impl QueryOutput for UntagOpenIDConnectProviderResponse {
    const ACTION: &'static str = "UntagOpenIDConnectProvider";
    const NAMESPACE: &'static str = NAMESPACE;
    const RESULT: Option<&'static str> = None;

    fn result(&self, _: &mut Writer) {}
}
/// `ListOpenIDConnectProviderTags`, asked.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ListOpenIDConnectProviderTagsRequest {
    /// `Marker`: parameter.
    pub marker: Option<String>,
    /// `MaxItems`: parameter.
    pub max_items: Option<i32>,
    /// `OpenIDConnectProviderArn`: parameter, required.
    pub open_id_connect_provider_arn: String,
}
impl QueryRequest for ListOpenIDConnectProviderTagsRequest {
    const ACTION: &'static str = "ListOpenIDConnectProviderTags";
    const PARAMETERS: &'static [&'static str] = &["Marker", "MaxItems", "OpenIDConnectProviderArn"];

    fn parse(form: &Form) -> Result<Self, WireError> {
        form.only(Self::PARAMETERS)?;
        let from = form.root();
        Ok(Self {
            marker: from.leaf("Marker").optional(&MARKER_TYPE)?,
            max_items: from.leaf("MaxItems").optional(&MAX_ITEMS_TYPE)?,
            open_id_connect_provider_arn: from
                .leaf("OpenIDConnectProviderArn")
                .required(&ARN_TYPE)?,
        })
    }
}
/// `ListOpenIDConnectProviderTags`, answered.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ListOpenIDConnectProviderTagsResponse {
    /// `IsTruncated`: element.
    pub is_truncated: Option<bool>,
    /// `Marker`: element.
    pub marker: Option<String>,
    /// `Tags`: element, required.
    pub tags: Vec<Tag>,
}
impl QueryOutput for ListOpenIDConnectProviderTagsResponse {
    const ACTION: &'static str = "ListOpenIDConnectProviderTags";
    const NAMESPACE: &'static str = NAMESPACE;
    const RESULT: Option<&'static str> = Some("ListOpenIDConnectProviderTagsResult");

    fn result(&self, to: &mut Writer) {
        to.member("IsTruncated", &self.is_truncated);
        to.member("Marker", &self.marker);
        to.list("Tags", "member", &self.tags);
    }
}
/// `CreateSAMLProvider`, asked.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CreateSAMLProviderRequest {
    /// `AddPrivateKey`: parameter.
    pub add_private_key: Option<Secret>,
    /// `AssertionEncryptionMode`: parameter.
    pub assertion_encryption_mode: Option<String>,
    /// `Name`: parameter, required.
    pub name: String,
    /// `SAMLMetadataDocument`: parameter, required.
    pub saml_metadata_document: String,
    /// `Tags`: parameter.
    pub tags: Vec<Tag>,
}
impl QueryRequest for CreateSAMLProviderRequest {
    const ACTION: &'static str = "CreateSAMLProvider";
    const PARAMETERS: &'static [&'static str] = &[
        "AddPrivateKey",
        "AssertionEncryptionMode",
        "Name",
        "SAMLMetadataDocument",
        "Tags.member.Key",
        "Tags.member.Value",
    ];

    fn parse(form: &Form) -> Result<Self, WireError> {
        form.only(Self::PARAMETERS)?;
        let from = form.root();
        Ok(Self {
            add_private_key: from.leaf("AddPrivateKey").optional(&PRIVATE_KEY_TYPE)?,
            assertion_encryption_mode: from
                .leaf("AssertionEncryptionMode")
                .optional(&ASSERTION_ENCRYPTION_MODE_TYPE)?,
            name: from.leaf("Name").required(&SAML_PROVIDER_NAME_TYPE)?,
            saml_metadata_document: from
                .leaf("SAMLMetadataDocument")
                .required(&SAML_METADATA_DOCUMENT_TYPE)?,
            tags: from.list(("Tags", "member"), 0..=50, &Rule::Any)?.unwrap_or_default(),
        })
    }
}
/// `CreateSAMLProvider`, answered.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CreateSAMLProviderResponse {
    /// `SAMLProviderArn`: element.
    pub saml_provider_arn: Option<String>,
    /// `Tags`: element.
    pub tags: Option<Vec<Tag>>,
}
impl QueryOutput for CreateSAMLProviderResponse {
    const ACTION: &'static str = "CreateSAMLProvider";
    const NAMESPACE: &'static str = NAMESPACE;
    const RESULT: Option<&'static str> = Some("CreateSAMLProviderResult");

    fn result(&self, to: &mut Writer) {
        to.member("SAMLProviderArn", &self.saml_provider_arn);
        to.optional_list("Tags", "member", self.tags.as_ref());
    }
}
/// `GetSAMLProvider`, asked.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct GetSAMLProviderRequest {
    /// `SAMLProviderArn`: parameter, required.
    pub saml_provider_arn: String,
}
impl QueryRequest for GetSAMLProviderRequest {
    const ACTION: &'static str = "GetSAMLProvider";
    const PARAMETERS: &'static [&'static str] = &["SAMLProviderArn"];

    fn parse(form: &Form) -> Result<Self, WireError> {
        form.only(Self::PARAMETERS)?;
        let from = form.root();
        Ok(Self { saml_provider_arn: from.leaf("SAMLProviderArn").required(&ARN_TYPE)? })
    }
}
/// `GetSAMLProvider`, answered.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct GetSAMLProviderResponse {
    /// `AssertionEncryptionMode`: element.
    pub assertion_encryption_mode: Option<String>,
    /// `CreateDate`: element.
    pub create_date: Option<Timestamp>,
    /// `PrivateKeyList`: element.
    pub private_key_list: Option<Vec<SAMLPrivateKey>>,
    /// `SAMLMetadataDocument`: element.
    pub saml_metadata_document: Option<String>,
    /// `SAMLProviderUUID`: element.
    pub saml_provider_uuid: Option<String>,
    /// `Tags`: element.
    pub tags: Option<Vec<Tag>>,
    /// `ValidUntil`: element.
    pub valid_until: Option<Timestamp>,
}
impl QueryOutput for GetSAMLProviderResponse {
    const ACTION: &'static str = "GetSAMLProvider";
    const NAMESPACE: &'static str = NAMESPACE;
    const RESULT: Option<&'static str> = Some("GetSAMLProviderResult");

    fn result(&self, to: &mut Writer) {
        to.member("AssertionEncryptionMode", &self.assertion_encryption_mode);
        to.member("CreateDate", &self.create_date);
        to.optional_list("PrivateKeyList", "member", self.private_key_list.as_ref());
        to.member("SAMLMetadataDocument", &self.saml_metadata_document);
        to.member("SAMLProviderUUID", &self.saml_provider_uuid);
        to.optional_list("Tags", "member", self.tags.as_ref());
        to.member("ValidUntil", &self.valid_until);
    }
}
/// `ListSAMLProviders`, asked.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ListSAMLProvidersRequest {}
impl QueryRequest for ListSAMLProvidersRequest {
    const ACTION: &'static str = "ListSAMLProviders";
    const PARAMETERS: &'static [&'static str] = &[];

    fn parse(form: &Form) -> Result<Self, WireError> {
        form.only(Self::PARAMETERS)?;

        Ok(Self {})
    }
}
/// `ListSAMLProviders`, answered.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ListSAMLProvidersResponse {
    /// `SAMLProviderList`: element.
    pub saml_provider_list: Option<Vec<SAMLProviderListEntry>>,
}
impl QueryOutput for ListSAMLProvidersResponse {
    const ACTION: &'static str = "ListSAMLProviders";
    const NAMESPACE: &'static str = NAMESPACE;
    const RESULT: Option<&'static str> = Some("ListSAMLProvidersResult");

    fn result(&self, to: &mut Writer) {
        to.optional_list("SAMLProviderList", "member", self.saml_provider_list.as_ref());
    }
}
/// `UpdateSAMLProvider`, asked.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct UpdateSAMLProviderRequest {
    /// `AddPrivateKey`: parameter.
    pub add_private_key: Option<Secret>,
    /// `AssertionEncryptionMode`: parameter.
    pub assertion_encryption_mode: Option<String>,
    /// `RemovePrivateKey`: parameter.
    pub remove_private_key: Option<String>,
    /// `SAMLMetadataDocument`: parameter.
    pub saml_metadata_document: Option<String>,
    /// `SAMLProviderArn`: parameter, required.
    pub saml_provider_arn: String,
}
impl QueryRequest for UpdateSAMLProviderRequest {
    const ACTION: &'static str = "UpdateSAMLProvider";
    const PARAMETERS: &'static [&'static str] = &[
        "AddPrivateKey",
        "AssertionEncryptionMode",
        "RemovePrivateKey",
        "SAMLMetadataDocument",
        "SAMLProviderArn",
    ];

    fn parse(form: &Form) -> Result<Self, WireError> {
        form.only(Self::PARAMETERS)?;
        let from = form.root();
        Ok(Self {
            add_private_key: from.leaf("AddPrivateKey").optional(&PRIVATE_KEY_TYPE)?,
            assertion_encryption_mode: from
                .leaf("AssertionEncryptionMode")
                .optional(&ASSERTION_ENCRYPTION_MODE_TYPE)?,
            remove_private_key: from.leaf("RemovePrivateKey").optional(&PRIVATE_KEY_ID_TYPE)?,
            saml_metadata_document: from
                .leaf("SAMLMetadataDocument")
                .optional(&SAML_METADATA_DOCUMENT_TYPE)?,
            saml_provider_arn: from.leaf("SAMLProviderArn").required(&ARN_TYPE)?,
        })
    }
}
/// `UpdateSAMLProvider`, answered.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct UpdateSAMLProviderResponse {
    /// `SAMLProviderArn`: element.
    pub saml_provider_arn: Option<String>,
}
impl QueryOutput for UpdateSAMLProviderResponse {
    const ACTION: &'static str = "UpdateSAMLProvider";
    const NAMESPACE: &'static str = NAMESPACE;
    const RESULT: Option<&'static str> = Some("UpdateSAMLProviderResult");

    fn result(&self, to: &mut Writer) {
        to.member("SAMLProviderArn", &self.saml_provider_arn);
    }
}
/// `DeleteSAMLProvider`, asked.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DeleteSAMLProviderRequest {
    /// `SAMLProviderArn`: parameter, required.
    pub saml_provider_arn: String,
}
impl QueryRequest for DeleteSAMLProviderRequest {
    const ACTION: &'static str = "DeleteSAMLProvider";
    const PARAMETERS: &'static [&'static str] = &["SAMLProviderArn"];

    fn parse(form: &Form) -> Result<Self, WireError> {
        form.only(Self::PARAMETERS)?;
        let from = form.root();
        Ok(Self { saml_provider_arn: from.leaf("SAMLProviderArn").required(&ARN_TYPE)? })
    }
}
/// `DeleteSAMLProvider`, answered.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DeleteSAMLProviderResponse {}
impl QueryOutput for DeleteSAMLProviderResponse {
    const ACTION: &'static str = "DeleteSAMLProvider";
    const NAMESPACE: &'static str = NAMESPACE;
    const RESULT: Option<&'static str> = None;

    fn result(&self, _: &mut Writer) {}
}
/// `TagSAMLProvider`, asked.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TagSAMLProviderRequest {
    /// `SAMLProviderArn`: parameter, required.
    pub saml_provider_arn: String,
    /// `Tags`: parameter, required.
    pub tags: Vec<Tag>,
}
impl QueryRequest for TagSAMLProviderRequest {
    const ACTION: &'static str = "TagSAMLProvider";
    const PARAMETERS: &'static [&'static str] =
        &["SAMLProviderArn", "Tags.member.Key", "Tags.member.Value"];

    fn parse(form: &Form) -> Result<Self, WireError> {
        form.only(Self::PARAMETERS)?;
        let from = form.root();
        Ok(Self {
            saml_provider_arn: from.leaf("SAMLProviderArn").required(&ARN_TYPE)?,
            tags: from
                .list(("Tags", "member"), 0..=50, &Rule::Any)?
                .ok_or_else(|| from.missing("Tags"))?,
        })
    }
}
/// `TagSAMLProvider`, answered.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TagSAMLProviderResponse {}
impl QueryOutput for TagSAMLProviderResponse {
    const ACTION: &'static str = "TagSAMLProvider";
    const NAMESPACE: &'static str = NAMESPACE;
    const RESULT: Option<&'static str> = None;

    fn result(&self, _: &mut Writer) {}
}
/// `UntagSAMLProvider`, asked.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct UntagSAMLProviderRequest {
    /// `SAMLProviderArn`: parameter, required.
    pub saml_provider_arn: String,
    /// `TagKeys`: parameter, required.
    pub tag_keys: Vec<String>,
}
impl QueryRequest for UntagSAMLProviderRequest {
    const ACTION: &'static str = "UntagSAMLProvider";
    const PARAMETERS: &'static [&'static str] = &["SAMLProviderArn", "TagKeys.member"];

    fn parse(form: &Form) -> Result<Self, WireError> {
        form.only(Self::PARAMETERS)?;
        let from = form.root();
        Ok(Self {
            saml_provider_arn: from.leaf("SAMLProviderArn").required(&ARN_TYPE)?,
            tag_keys: from
                .list(("TagKeys", "member"), 0..=50, &TAG_KEY_TYPE)?
                .ok_or_else(|| from.missing("TagKeys"))?,
        })
    }
}
/// `UntagSAMLProvider`, answered.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct UntagSAMLProviderResponse {}
impl QueryOutput for UntagSAMLProviderResponse {
    const ACTION: &'static str = "UntagSAMLProvider";
    const NAMESPACE: &'static str = NAMESPACE;
    const RESULT: Option<&'static str> = None;

    fn result(&self, _: &mut Writer) {}
}
/// `ListSAMLProviderTags`, asked.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ListSAMLProviderTagsRequest {
    /// `Marker`: parameter.
    pub marker: Option<String>,
    /// `MaxItems`: parameter.
    pub max_items: Option<i32>,
    /// `SAMLProviderArn`: parameter, required.
    pub saml_provider_arn: String,
}
impl QueryRequest for ListSAMLProviderTagsRequest {
    const ACTION: &'static str = "ListSAMLProviderTags";
    const PARAMETERS: &'static [&'static str] = &["Marker", "MaxItems", "SAMLProviderArn"];

    fn parse(form: &Form) -> Result<Self, WireError> {
        form.only(Self::PARAMETERS)?;
        let from = form.root();
        Ok(Self {
            marker: from.leaf("Marker").optional(&MARKER_TYPE)?,
            max_items: from.leaf("MaxItems").optional(&MAX_ITEMS_TYPE)?,
            saml_provider_arn: from.leaf("SAMLProviderArn").required(&ARN_TYPE)?,
        })
    }
}
/// `ListSAMLProviderTags`, answered.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ListSAMLProviderTagsResponse {
    /// `IsTruncated`: element.
    pub is_truncated: Option<bool>,
    /// `Marker`: element.
    pub marker: Option<String>,
    /// `Tags`: element, required.
    pub tags: Vec<Tag>,
}
impl QueryOutput for ListSAMLProviderTagsResponse {
    const ACTION: &'static str = "ListSAMLProviderTags";
    const NAMESPACE: &'static str = NAMESPACE;
    const RESULT: Option<&'static str> = Some("ListSAMLProviderTagsResult");

    fn result(&self, to: &mut Writer) {
        to.member("IsTruncated", &self.is_truncated);
        to.member("Marker", &self.marker);
        to.list("Tags", "member", &self.tags);
    }
}
/// `CreateVirtualMFADevice`, asked.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CreateVirtualMFADeviceRequest {
    /// `Path`: parameter.
    pub path: Option<String>,
    /// `Tags`: parameter.
    pub tags: Vec<Tag>,
    /// `VirtualMFADeviceName`: parameter, required.
    pub virtual_mfa_device_name: String,
}
impl QueryRequest for CreateVirtualMFADeviceRequest {
    const ACTION: &'static str = "CreateVirtualMFADevice";
    const PARAMETERS: &'static [&'static str] =
        &["Path", "Tags.member.Key", "Tags.member.Value", "VirtualMFADeviceName"];

    fn parse(form: &Form) -> Result<Self, WireError> {
        form.only(Self::PARAMETERS)?;
        let from = form.root();
        Ok(Self {
            path: from.leaf("Path").optional(&PATH_TYPE)?,
            tags: from.list(("Tags", "member"), 0..=50, &Rule::Any)?.unwrap_or_default(),
            virtual_mfa_device_name: from
                .leaf("VirtualMFADeviceName")
                .required(&VIRTUAL_MFA_DEVICE_NAME)?,
        })
    }
}
/// `CreateVirtualMFADevice`, answered.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CreateVirtualMFADeviceResponse {
    /// `VirtualMFADevice`: element, required.
    pub virtual_mfa_device: VirtualMFADevice,
}
impl QueryOutput for CreateVirtualMFADeviceResponse {
    const ACTION: &'static str = "CreateVirtualMFADevice";
    const NAMESPACE: &'static str = NAMESPACE;
    const RESULT: Option<&'static str> = Some("CreateVirtualMFADeviceResult");

    fn result(&self, to: &mut Writer) {
        to.member("VirtualMFADevice", &self.virtual_mfa_device);
    }
}
/// `DeleteVirtualMFADevice`, asked.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DeleteVirtualMFADeviceRequest {
    /// `SerialNumber`: parameter, required.
    pub serial_number: String,
}
impl QueryRequest for DeleteVirtualMFADeviceRequest {
    const ACTION: &'static str = "DeleteVirtualMFADevice";
    const PARAMETERS: &'static [&'static str] = &["SerialNumber"];

    fn parse(form: &Form) -> Result<Self, WireError> {
        form.only(Self::PARAMETERS)?;
        let from = form.root();
        Ok(Self { serial_number: from.leaf("SerialNumber").required(&SERIAL_NUMBER_TYPE)? })
    }
}
/// `DeleteVirtualMFADevice`, answered.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DeleteVirtualMFADeviceResponse {}
impl QueryOutput for DeleteVirtualMFADeviceResponse {
    const ACTION: &'static str = "DeleteVirtualMFADevice";
    const NAMESPACE: &'static str = NAMESPACE;
    const RESULT: Option<&'static str> = None;

    fn result(&self, _: &mut Writer) {}
}
/// `EnableMFADevice`, asked.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct EnableMFADeviceRequest {
    /// `AuthenticationCode1`: parameter, required.
    pub authentication_code1: String,
    /// `AuthenticationCode2`: parameter, required.
    pub authentication_code2: String,
    /// `SerialNumber`: parameter, required.
    pub serial_number: String,
    /// `UserName`: parameter.
    pub user_name: Option<String>,
}
impl QueryRequest for EnableMFADeviceRequest {
    const ACTION: &'static str = "EnableMFADevice";
    const PARAMETERS: &'static [&'static str] =
        &["AuthenticationCode1", "AuthenticationCode2", "SerialNumber", "UserName"];

    fn parse(form: &Form) -> Result<Self, WireError> {
        form.only(Self::PARAMETERS)?;
        let from = form.root();
        Ok(Self {
            authentication_code1: from
                .leaf("AuthenticationCode1")
                .required(&AUTHENTICATION_CODE_TYPE)?,
            authentication_code2: from
                .leaf("AuthenticationCode2")
                .required(&AUTHENTICATION_CODE_TYPE)?,
            serial_number: from.leaf("SerialNumber").required(&SERIAL_NUMBER_TYPE)?,
            user_name: from.leaf("UserName").optional(&EXISTING_USER_NAME_TYPE)?,
        })
    }
}
/// `EnableMFADevice`, answered.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct EnableMFADeviceResponse {}
impl QueryOutput for EnableMFADeviceResponse {
    const ACTION: &'static str = "EnableMFADevice";
    const NAMESPACE: &'static str = NAMESPACE;
    const RESULT: Option<&'static str> = None;

    fn result(&self, _: &mut Writer) {}
}
/// `DeactivateMFADevice`, asked.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DeactivateMFADeviceRequest {
    /// `SerialNumber`: parameter, required.
    pub serial_number: String,
    /// `UserName`: parameter.
    pub user_name: Option<String>,
}
impl QueryRequest for DeactivateMFADeviceRequest {
    const ACTION: &'static str = "DeactivateMFADevice";
    const PARAMETERS: &'static [&'static str] = &["SerialNumber", "UserName"];

    fn parse(form: &Form) -> Result<Self, WireError> {
        form.only(Self::PARAMETERS)?;
        let from = form.root();
        Ok(Self {
            serial_number: from.leaf("SerialNumber").required(&SERIAL_NUMBER_TYPE)?,
            user_name: from.leaf("UserName").optional(&EXISTING_USER_NAME_TYPE)?,
        })
    }
}
/// `DeactivateMFADevice`, answered.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DeactivateMFADeviceResponse {}
impl QueryOutput for DeactivateMFADeviceResponse {
    const ACTION: &'static str = "DeactivateMFADevice";
    const NAMESPACE: &'static str = NAMESPACE;
    const RESULT: Option<&'static str> = None;

    fn result(&self, _: &mut Writer) {}
}
/// `ResyncMFADevice`, asked.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ResyncMFADeviceRequest {
    /// `AuthenticationCode1`: parameter, required.
    pub authentication_code1: String,
    /// `AuthenticationCode2`: parameter, required.
    pub authentication_code2: String,
    /// `SerialNumber`: parameter, required.
    pub serial_number: String,
    /// `UserName`: parameter.
    pub user_name: Option<String>,
}
impl QueryRequest for ResyncMFADeviceRequest {
    const ACTION: &'static str = "ResyncMFADevice";
    const PARAMETERS: &'static [&'static str] =
        &["AuthenticationCode1", "AuthenticationCode2", "SerialNumber", "UserName"];

    fn parse(form: &Form) -> Result<Self, WireError> {
        form.only(Self::PARAMETERS)?;
        let from = form.root();
        Ok(Self {
            authentication_code1: from
                .leaf("AuthenticationCode1")
                .required(&AUTHENTICATION_CODE_TYPE)?,
            authentication_code2: from
                .leaf("AuthenticationCode2")
                .required(&AUTHENTICATION_CODE_TYPE)?,
            serial_number: from.leaf("SerialNumber").required(&SERIAL_NUMBER_TYPE)?,
            user_name: from.leaf("UserName").optional(&EXISTING_USER_NAME_TYPE)?,
        })
    }
}
/// `ResyncMFADevice`, answered.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ResyncMFADeviceResponse {}
impl QueryOutput for ResyncMFADeviceResponse {
    const ACTION: &'static str = "ResyncMFADevice";
    const NAMESPACE: &'static str = NAMESPACE;
    const RESULT: Option<&'static str> = None;

    fn result(&self, _: &mut Writer) {}
}
/// `ListMFADevices`, asked.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ListMFADevicesRequest {
    /// `Marker`: parameter.
    pub marker: Option<String>,
    /// `MaxItems`: parameter.
    pub max_items: Option<i32>,
    /// `UserName`: parameter.
    pub user_name: Option<String>,
}
impl QueryRequest for ListMFADevicesRequest {
    const ACTION: &'static str = "ListMFADevices";
    const PARAMETERS: &'static [&'static str] = &["Marker", "MaxItems", "UserName"];

    fn parse(form: &Form) -> Result<Self, WireError> {
        form.only(Self::PARAMETERS)?;
        let from = form.root();
        Ok(Self {
            marker: from.leaf("Marker").optional(&MARKER_TYPE)?,
            max_items: from.leaf("MaxItems").optional(&MAX_ITEMS_TYPE)?,
            user_name: from.leaf("UserName").optional(&EXISTING_USER_NAME_TYPE)?,
        })
    }
}
/// `ListMFADevices`, answered.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ListMFADevicesResponse {
    /// `IsTruncated`: element.
    pub is_truncated: Option<bool>,
    /// `MFADevices`: element, required.
    pub mfa_devices: Vec<MFADevice>,
    /// `Marker`: element.
    pub marker: Option<String>,
}
impl QueryOutput for ListMFADevicesResponse {
    const ACTION: &'static str = "ListMFADevices";
    const NAMESPACE: &'static str = NAMESPACE;
    const RESULT: Option<&'static str> = Some("ListMFADevicesResult");

    fn result(&self, to: &mut Writer) {
        to.member("IsTruncated", &self.is_truncated);
        to.list("MFADevices", "member", &self.mfa_devices);
        to.member("Marker", &self.marker);
    }
}
/// `GetMFADevice`, asked.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct GetMFADeviceRequest {
    /// `SerialNumber`: parameter, required.
    pub serial_number: String,
    /// `UserName`: parameter.
    pub user_name: Option<String>,
}
impl QueryRequest for GetMFADeviceRequest {
    const ACTION: &'static str = "GetMFADevice";
    const PARAMETERS: &'static [&'static str] = &["SerialNumber", "UserName"];

    fn parse(form: &Form) -> Result<Self, WireError> {
        form.only(Self::PARAMETERS)?;
        let from = form.root();
        Ok(Self {
            serial_number: from.leaf("SerialNumber").required(&SERIAL_NUMBER_TYPE)?,
            user_name: from.leaf("UserName").optional(&USER_NAME_TYPE)?,
        })
    }
}
/// `GetMFADevice`, answered.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct GetMFADeviceResponse {
    /// `Certifications`: element.
    pub certifications: BTreeMap<String, String>,
    /// `EnableDate`: element.
    pub enable_date: Option<Timestamp>,
    /// `SerialNumber`: element, required.
    pub serial_number: String,
    /// `UserName`: element.
    pub user_name: Option<String>,
}
impl QueryOutput for GetMFADeviceResponse {
    const ACTION: &'static str = "GetMFADevice";
    const NAMESPACE: &'static str = NAMESPACE;
    const RESULT: Option<&'static str> = Some("GetMFADeviceResult");

    fn result(&self, to: &mut Writer) {
        to.map("Certifications", &self.certifications);
        to.member("EnableDate", &self.enable_date);
        to.member("SerialNumber", &self.serial_number);
        to.member("UserName", &self.user_name);
    }
}
/// `ListVirtualMFADevices`, asked.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ListVirtualMFADevicesRequest {
    /// `AssignmentStatus`: parameter.
    pub assignment_status: Option<String>,
    /// `Marker`: parameter.
    pub marker: Option<String>,
    /// `MaxItems`: parameter.
    pub max_items: Option<i32>,
}
impl QueryRequest for ListVirtualMFADevicesRequest {
    const ACTION: &'static str = "ListVirtualMFADevices";
    const PARAMETERS: &'static [&'static str] = &["AssignmentStatus", "Marker", "MaxItems"];

    fn parse(form: &Form) -> Result<Self, WireError> {
        form.only(Self::PARAMETERS)?;
        let from = form.root();
        Ok(Self {
            assignment_status: from.leaf("AssignmentStatus").optional(&ASSIGNMENT_STATUS_TYPE)?,
            marker: from.leaf("Marker").optional(&MARKER_TYPE)?,
            max_items: from.leaf("MaxItems").optional(&MAX_ITEMS_TYPE)?,
        })
    }
}
/// `ListVirtualMFADevices`, answered.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ListVirtualMFADevicesResponse {
    /// `IsTruncated`: element.
    pub is_truncated: Option<bool>,
    /// `Marker`: element.
    pub marker: Option<String>,
    /// `VirtualMFADevices`: element, required.
    pub virtual_mfa_devices: Vec<VirtualMFADevice>,
}
impl QueryOutput for ListVirtualMFADevicesResponse {
    const ACTION: &'static str = "ListVirtualMFADevices";
    const NAMESPACE: &'static str = NAMESPACE;
    const RESULT: Option<&'static str> = Some("ListVirtualMFADevicesResult");

    fn result(&self, to: &mut Writer) {
        to.member("IsTruncated", &self.is_truncated);
        to.member("Marker", &self.marker);
        to.list("VirtualMFADevices", "member", &self.virtual_mfa_devices);
    }
}
/// `TagMFADevice`, asked.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TagMFADeviceRequest {
    /// `SerialNumber`: parameter, required.
    pub serial_number: String,
    /// `Tags`: parameter, required.
    pub tags: Vec<Tag>,
}
impl QueryRequest for TagMFADeviceRequest {
    const ACTION: &'static str = "TagMFADevice";
    const PARAMETERS: &'static [&'static str] =
        &["SerialNumber", "Tags.member.Key", "Tags.member.Value"];

    fn parse(form: &Form) -> Result<Self, WireError> {
        form.only(Self::PARAMETERS)?;
        let from = form.root();
        Ok(Self {
            serial_number: from.leaf("SerialNumber").required(&SERIAL_NUMBER_TYPE)?,
            tags: from
                .list(("Tags", "member"), 0..=50, &Rule::Any)?
                .ok_or_else(|| from.missing("Tags"))?,
        })
    }
}
/// `TagMFADevice`, answered.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TagMFADeviceResponse {}
impl QueryOutput for TagMFADeviceResponse {
    const ACTION: &'static str = "TagMFADevice";
    const NAMESPACE: &'static str = NAMESPACE;
    const RESULT: Option<&'static str> = None;

    fn result(&self, _: &mut Writer) {}
}
/// `UntagMFADevice`, asked.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct UntagMFADeviceRequest {
    /// `SerialNumber`: parameter, required.
    pub serial_number: String,
    /// `TagKeys`: parameter, required.
    pub tag_keys: Vec<String>,
}
impl QueryRequest for UntagMFADeviceRequest {
    const ACTION: &'static str = "UntagMFADevice";
    const PARAMETERS: &'static [&'static str] = &["SerialNumber", "TagKeys.member"];

    fn parse(form: &Form) -> Result<Self, WireError> {
        form.only(Self::PARAMETERS)?;
        let from = form.root();
        Ok(Self {
            serial_number: from.leaf("SerialNumber").required(&SERIAL_NUMBER_TYPE)?,
            tag_keys: from
                .list(("TagKeys", "member"), 0..=50, &TAG_KEY_TYPE)?
                .ok_or_else(|| from.missing("TagKeys"))?,
        })
    }
}
/// `UntagMFADevice`, answered.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct UntagMFADeviceResponse {}
impl QueryOutput for UntagMFADeviceResponse {
    const ACTION: &'static str = "UntagMFADevice";
    const NAMESPACE: &'static str = NAMESPACE;
    const RESULT: Option<&'static str> = None;

    fn result(&self, _: &mut Writer) {}
}
/// `ListMFADeviceTags`, asked.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ListMFADeviceTagsRequest {
    /// `Marker`: parameter.
    pub marker: Option<String>,
    /// `MaxItems`: parameter.
    pub max_items: Option<i32>,
    /// `SerialNumber`: parameter, required.
    pub serial_number: String,
}
impl QueryRequest for ListMFADeviceTagsRequest {
    const ACTION: &'static str = "ListMFADeviceTags";
    const PARAMETERS: &'static [&'static str] = &["Marker", "MaxItems", "SerialNumber"];

    fn parse(form: &Form) -> Result<Self, WireError> {
        form.only(Self::PARAMETERS)?;
        let from = form.root();
        Ok(Self {
            marker: from.leaf("Marker").optional(&MARKER_TYPE)?,
            max_items: from.leaf("MaxItems").optional(&MAX_ITEMS_TYPE)?,
            serial_number: from.leaf("SerialNumber").required(&SERIAL_NUMBER_TYPE)?,
        })
    }
}
/// `ListMFADeviceTags`, answered.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ListMFADeviceTagsResponse {
    /// `IsTruncated`: element.
    pub is_truncated: Option<bool>,
    /// `Marker`: element.
    pub marker: Option<String>,
    /// `Tags`: element, required.
    pub tags: Vec<Tag>,
}
impl QueryOutput for ListMFADeviceTagsResponse {
    const ACTION: &'static str = "ListMFADeviceTags";
    const NAMESPACE: &'static str = NAMESPACE;
    const RESULT: Option<&'static str> = Some("ListMFADeviceTagsResult");

    fn result(&self, to: &mut Writer) {
        to.member("IsTruncated", &self.is_truncated);
        to.member("Marker", &self.marker);
        to.list("Tags", "member", &self.tags);
    }
}
/// `CreateLoginProfile`, asked.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CreateLoginProfileRequest {
    /// `Password`: parameter.
    pub password: Option<Secret>,
    /// `PasswordResetRequired`: parameter.
    pub password_reset_required: Option<bool>,
    /// `UserName`: parameter.
    pub user_name: Option<String>,
}
impl QueryRequest for CreateLoginProfileRequest {
    const ACTION: &'static str = "CreateLoginProfile";
    const PARAMETERS: &'static [&'static str] = &["Password", "PasswordResetRequired", "UserName"];

    fn parse(form: &Form) -> Result<Self, WireError> {
        form.only(Self::PARAMETERS)?;
        let from = form.root();
        Ok(Self {
            password: from.leaf("Password").optional(&PASSWORD_TYPE)?,
            password_reset_required: from.leaf("PasswordResetRequired").optional(&Rule::Any)?,
            user_name: from.leaf("UserName").optional(&USER_NAME_TYPE)?,
        })
    }
}
/// `CreateLoginProfile`, answered.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CreateLoginProfileResponse {
    /// `LoginProfile`: element, required.
    pub login_profile: LoginProfile,
}
impl QueryOutput for CreateLoginProfileResponse {
    const ACTION: &'static str = "CreateLoginProfile";
    const NAMESPACE: &'static str = NAMESPACE;
    const RESULT: Option<&'static str> = Some("CreateLoginProfileResult");

    fn result(&self, to: &mut Writer) {
        to.member("LoginProfile", &self.login_profile);
    }
}
/// `GetLoginProfile`, asked.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct GetLoginProfileRequest {
    /// `UserName`: parameter.
    pub user_name: Option<String>,
}
impl QueryRequest for GetLoginProfileRequest {
    const ACTION: &'static str = "GetLoginProfile";
    const PARAMETERS: &'static [&'static str] = &["UserName"];

    fn parse(form: &Form) -> Result<Self, WireError> {
        form.only(Self::PARAMETERS)?;
        let from = form.root();
        Ok(Self { user_name: from.leaf("UserName").optional(&USER_NAME_TYPE)? })
    }
}
/// `GetLoginProfile`, answered.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct GetLoginProfileResponse {
    /// `LoginProfile`: element, required.
    pub login_profile: LoginProfile,
}
impl QueryOutput for GetLoginProfileResponse {
    const ACTION: &'static str = "GetLoginProfile";
    const NAMESPACE: &'static str = NAMESPACE;
    const RESULT: Option<&'static str> = Some("GetLoginProfileResult");

    fn result(&self, to: &mut Writer) {
        to.member("LoginProfile", &self.login_profile);
    }
}
/// `UpdateLoginProfile`, asked.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct UpdateLoginProfileRequest {
    /// `Password`: parameter.
    pub password: Option<Secret>,
    /// `PasswordResetRequired`: parameter.
    pub password_reset_required: Option<bool>,
    /// `UserName`: parameter, required.
    pub user_name: String,
}
impl QueryRequest for UpdateLoginProfileRequest {
    const ACTION: &'static str = "UpdateLoginProfile";
    const PARAMETERS: &'static [&'static str] = &["Password", "PasswordResetRequired", "UserName"];

    fn parse(form: &Form) -> Result<Self, WireError> {
        form.only(Self::PARAMETERS)?;
        let from = form.root();
        Ok(Self {
            password: from.leaf("Password").optional(&PASSWORD_TYPE)?,
            password_reset_required: from.leaf("PasswordResetRequired").optional(&Rule::Any)?,
            user_name: from.leaf("UserName").required(&USER_NAME_TYPE)?,
        })
    }
}
/// `UpdateLoginProfile`, answered.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct UpdateLoginProfileResponse {}
impl QueryOutput for UpdateLoginProfileResponse {
    const ACTION: &'static str = "UpdateLoginProfile";
    const NAMESPACE: &'static str = NAMESPACE;
    const RESULT: Option<&'static str> = None;

    fn result(&self, _: &mut Writer) {}
}
/// `DeleteLoginProfile`, asked.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DeleteLoginProfileRequest {
    /// `UserName`: parameter.
    pub user_name: Option<String>,
}
impl QueryRequest for DeleteLoginProfileRequest {
    const ACTION: &'static str = "DeleteLoginProfile";
    const PARAMETERS: &'static [&'static str] = &["UserName"];

    fn parse(form: &Form) -> Result<Self, WireError> {
        form.only(Self::PARAMETERS)?;
        let from = form.root();
        Ok(Self { user_name: from.leaf("UserName").optional(&USER_NAME_TYPE)? })
    }
}
/// `DeleteLoginProfile`, answered.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DeleteLoginProfileResponse {}
impl QueryOutput for DeleteLoginProfileResponse {
    const ACTION: &'static str = "DeleteLoginProfile";
    const NAMESPACE: &'static str = NAMESPACE;
    const RESULT: Option<&'static str> = None;

    fn result(&self, _: &mut Writer) {}
}
/// `ChangePassword`, asked.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ChangePasswordRequest {
    /// `NewPassword`: parameter, required.
    pub new_password: Secret,
    /// `OldPassword`: parameter, required.
    pub old_password: Secret,
}
impl QueryRequest for ChangePasswordRequest {
    const ACTION: &'static str = "ChangePassword";
    const PARAMETERS: &'static [&'static str] = &["NewPassword", "OldPassword"];

    fn parse(form: &Form) -> Result<Self, WireError> {
        form.only(Self::PARAMETERS)?;
        let from = form.root();
        Ok(Self {
            new_password: from.leaf("NewPassword").required(&PASSWORD_TYPE)?,
            old_password: from.leaf("OldPassword").required(&PASSWORD_TYPE)?,
        })
    }
}
/// `ChangePassword`, answered.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ChangePasswordResponse {}
impl QueryOutput for ChangePasswordResponse {
    const ACTION: &'static str = "ChangePassword";
    const NAMESPACE: &'static str = NAMESPACE;
    const RESULT: Option<&'static str> = None;

    fn result(&self, _: &mut Writer) {}
}
/// `UpdateAccountPasswordPolicy`, asked.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct UpdateAccountPasswordPolicyRequest {
    /// `AllowUsersToChangePassword`: parameter.
    pub allow_users_to_change_password: Option<bool>,
    /// `HardExpiry`: parameter.
    pub hard_expiry: Option<bool>,
    /// `MaxPasswordAge`: parameter.
    pub max_password_age: Option<i32>,
    /// `MinimumPasswordLength`: parameter.
    pub minimum_password_length: Option<i32>,
    /// `PasswordReusePrevention`: parameter.
    pub password_reuse_prevention: Option<i32>,
    /// `RequireLowercaseCharacters`: parameter.
    pub require_lowercase_characters: Option<bool>,
    /// `RequireNumbers`: parameter.
    pub require_numbers: Option<bool>,
    /// `RequireSymbols`: parameter.
    pub require_symbols: Option<bool>,
    /// `RequireUppercaseCharacters`: parameter.
    pub require_uppercase_characters: Option<bool>,
}
impl QueryRequest for UpdateAccountPasswordPolicyRequest {
    const ACTION: &'static str = "UpdateAccountPasswordPolicy";
    const PARAMETERS: &'static [&'static str] = &[
        "AllowUsersToChangePassword",
        "HardExpiry",
        "MaxPasswordAge",
        "MinimumPasswordLength",
        "PasswordReusePrevention",
        "RequireLowercaseCharacters",
        "RequireNumbers",
        "RequireSymbols",
        "RequireUppercaseCharacters",
    ];

    fn parse(form: &Form) -> Result<Self, WireError> {
        form.only(Self::PARAMETERS)?;
        let from = form.root();
        Ok(Self {
            allow_users_to_change_password: from
                .leaf("AllowUsersToChangePassword")
                .optional(&Rule::Any)?,
            hard_expiry: from.leaf("HardExpiry").optional(&Rule::Any)?,
            max_password_age: from.leaf("MaxPasswordAge").optional(&MAX_PASSWORD_AGE_TYPE)?,
            minimum_password_length: from
                .leaf("MinimumPasswordLength")
                .optional(&MINIMUM_PASSWORD_LENGTH_TYPE)?,
            password_reuse_prevention: from
                .leaf("PasswordReusePrevention")
                .optional(&PASSWORD_REUSE_PREVENTION_TYPE)?,
            require_lowercase_characters: from
                .leaf("RequireLowercaseCharacters")
                .optional(&Rule::Any)?,
            require_numbers: from.leaf("RequireNumbers").optional(&Rule::Any)?,
            require_symbols: from.leaf("RequireSymbols").optional(&Rule::Any)?,
            require_uppercase_characters: from
                .leaf("RequireUppercaseCharacters")
                .optional(&Rule::Any)?,
        })
    }
}
/// `UpdateAccountPasswordPolicy`, answered.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct UpdateAccountPasswordPolicyResponse {}
impl QueryOutput for UpdateAccountPasswordPolicyResponse {
    const ACTION: &'static str = "UpdateAccountPasswordPolicy";
    const NAMESPACE: &'static str = NAMESPACE;
    const RESULT: Option<&'static str> = None;

    fn result(&self, _: &mut Writer) {}
}
/// `GetAccountPasswordPolicy`, asked.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct GetAccountPasswordPolicyRequest {}
impl QueryRequest for GetAccountPasswordPolicyRequest {
    const ACTION: &'static str = "GetAccountPasswordPolicy";
    const PARAMETERS: &'static [&'static str] = &[];

    fn parse(form: &Form) -> Result<Self, WireError> {
        form.only(Self::PARAMETERS)?;

        Ok(Self {})
    }
}
/// `GetAccountPasswordPolicy`, answered.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct GetAccountPasswordPolicyResponse {
    /// `PasswordPolicy`: element, required.
    pub password_policy: PasswordPolicy,
}
impl QueryOutput for GetAccountPasswordPolicyResponse {
    const ACTION: &'static str = "GetAccountPasswordPolicy";
    const NAMESPACE: &'static str = NAMESPACE;
    const RESULT: Option<&'static str> = Some("GetAccountPasswordPolicyResult");

    fn result(&self, to: &mut Writer) {
        to.member("PasswordPolicy", &self.password_policy);
    }
}
/// `DeleteAccountPasswordPolicy`, asked.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DeleteAccountPasswordPolicyRequest {}
impl QueryRequest for DeleteAccountPasswordPolicyRequest {
    const ACTION: &'static str = "DeleteAccountPasswordPolicy";
    const PARAMETERS: &'static [&'static str] = &[];

    fn parse(form: &Form) -> Result<Self, WireError> {
        form.only(Self::PARAMETERS)?;

        Ok(Self {})
    }
}
/// `DeleteAccountPasswordPolicy`, answered.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DeleteAccountPasswordPolicyResponse {}
impl QueryOutput for DeleteAccountPasswordPolicyResponse {
    const ACTION: &'static str = "DeleteAccountPasswordPolicy";
    const NAMESPACE: &'static str = NAMESPACE;
    const RESULT: Option<&'static str> = None;

    fn result(&self, _: &mut Writer) {}
}
/// `CreateAccountAlias`, asked.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CreateAccountAliasRequest {
    /// `AccountAlias`: parameter, required.
    pub account_alias: String,
}
impl QueryRequest for CreateAccountAliasRequest {
    const ACTION: &'static str = "CreateAccountAlias";
    const PARAMETERS: &'static [&'static str] = &["AccountAlias"];

    fn parse(form: &Form) -> Result<Self, WireError> {
        form.only(Self::PARAMETERS)?;
        let from = form.root();
        Ok(Self { account_alias: from.leaf("AccountAlias").required(&ACCOUNT_ALIAS_TYPE)? })
    }
}
/// `CreateAccountAlias`, answered.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CreateAccountAliasResponse {}
impl QueryOutput for CreateAccountAliasResponse {
    const ACTION: &'static str = "CreateAccountAlias";
    const NAMESPACE: &'static str = NAMESPACE;
    const RESULT: Option<&'static str> = None;

    fn result(&self, _: &mut Writer) {}
}
/// `DeleteAccountAlias`, asked.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DeleteAccountAliasRequest {
    /// `AccountAlias`: parameter, required.
    pub account_alias: String,
}
impl QueryRequest for DeleteAccountAliasRequest {
    const ACTION: &'static str = "DeleteAccountAlias";
    const PARAMETERS: &'static [&'static str] = &["AccountAlias"];

    fn parse(form: &Form) -> Result<Self, WireError> {
        form.only(Self::PARAMETERS)?;
        let from = form.root();
        Ok(Self { account_alias: from.leaf("AccountAlias").required(&ACCOUNT_ALIAS_TYPE)? })
    }
}
/// `DeleteAccountAlias`, answered.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DeleteAccountAliasResponse {}
impl QueryOutput for DeleteAccountAliasResponse {
    const ACTION: &'static str = "DeleteAccountAlias";
    const NAMESPACE: &'static str = NAMESPACE;
    const RESULT: Option<&'static str> = None;

    fn result(&self, _: &mut Writer) {}
}
/// `GetAccountAuthorizationDetails`, asked.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct GetAccountAuthorizationDetailsRequest {
    /// `Filter`: parameter.
    pub filter: Vec<String>,
    /// `Marker`: parameter.
    pub marker: Option<String>,
    /// `MaxItems`: parameter.
    pub max_items: Option<i32>,
}
impl QueryRequest for GetAccountAuthorizationDetailsRequest {
    const ACTION: &'static str = "GetAccountAuthorizationDetails";
    const PARAMETERS: &'static [&'static str] = &["Filter.member", "Marker", "MaxItems"];

    fn parse(form: &Form) -> Result<Self, WireError> {
        form.only(Self::PARAMETERS)?;
        let from = form.root();
        Ok(Self {
            filter: from
                .list(("Filter", "member"), 0..=usize::MAX, &ENTITY_TYPE)?
                .unwrap_or_default(),
            marker: from.leaf("Marker").optional(&MARKER_TYPE)?,
            max_items: from.leaf("MaxItems").optional(&MAX_ITEMS_TYPE)?,
        })
    }
}
/// `GetAccountAuthorizationDetails`, answered.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct GetAccountAuthorizationDetailsResponse {
    /// `GroupDetailList`: element.
    pub group_detail_list: Option<Vec<GroupDetail>>,
    /// `IsTruncated`: element.
    pub is_truncated: Option<bool>,
    /// `Marker`: element.
    pub marker: Option<String>,
    /// `Policies`: element.
    pub policies: Option<Vec<ManagedPolicyDetail>>,
    /// `RoleDetailList`: element.
    pub role_detail_list: Option<Vec<RoleDetail>>,
    /// `UserDetailList`: element.
    pub user_detail_list: Option<Vec<UserDetail>>,
}
impl QueryOutput for GetAccountAuthorizationDetailsResponse {
    const ACTION: &'static str = "GetAccountAuthorizationDetails";
    const NAMESPACE: &'static str = NAMESPACE;
    const RESULT: Option<&'static str> = Some("GetAccountAuthorizationDetailsResult");

    fn result(&self, to: &mut Writer) {
        to.optional_list("GroupDetailList", "member", self.group_detail_list.as_ref());
        to.member("IsTruncated", &self.is_truncated);
        to.member("Marker", &self.marker);
        to.optional_list("Policies", "member", self.policies.as_ref());
        to.optional_list("RoleDetailList", "member", self.role_detail_list.as_ref());
        to.optional_list("UserDetailList", "member", self.user_detail_list.as_ref());
    }
}
/// `GenerateCredentialReport`, asked.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct GenerateCredentialReportRequest {}
impl QueryRequest for GenerateCredentialReportRequest {
    const ACTION: &'static str = "GenerateCredentialReport";
    const PARAMETERS: &'static [&'static str] = &[];

    fn parse(form: &Form) -> Result<Self, WireError> {
        form.only(Self::PARAMETERS)?;

        Ok(Self {})
    }
}
/// `GenerateCredentialReport`, answered.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct GenerateCredentialReportResponse {
    /// `Description`: element.
    pub description: Option<String>,
    /// `State`: element.
    pub state: Option<String>,
}
impl QueryOutput for GenerateCredentialReportResponse {
    const ACTION: &'static str = "GenerateCredentialReport";
    const NAMESPACE: &'static str = NAMESPACE;
    const RESULT: Option<&'static str> = Some("GenerateCredentialReportResult");

    fn result(&self, to: &mut Writer) {
        to.member("Description", &self.description);
        to.member("State", &self.state);
    }
}
/// `GetCredentialReport`, asked.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct GetCredentialReportRequest {}
impl QueryRequest for GetCredentialReportRequest {
    const ACTION: &'static str = "GetCredentialReport";
    const PARAMETERS: &'static [&'static str] = &[];

    fn parse(form: &Form) -> Result<Self, WireError> {
        form.only(Self::PARAMETERS)?;

        Ok(Self {})
    }
}
/// `GetCredentialReport`, answered.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct GetCredentialReportResponse {
    /// `Content`: element.
    pub content: Option<String>,
    /// `GeneratedTime`: element.
    pub generated_time: Option<Timestamp>,
    /// `ReportFormat`: element.
    pub report_format: Option<String>,
}
impl QueryOutput for GetCredentialReportResponse {
    const ACTION: &'static str = "GetCredentialReport";
    const NAMESPACE: &'static str = NAMESPACE;
    const RESULT: Option<&'static str> = Some("GetCredentialReportResult");

    fn result(&self, to: &mut Writer) {
        to.member("Content", &self.content);
        to.member("GeneratedTime", &self.generated_time);
        to.member("ReportFormat", &self.report_format);
    }
}
/// `SimulateCustomPolicy`, asked.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SimulateCustomPolicyRequest {
    /// `ActionNames`: parameter, required.
    pub action_names: Vec<String>,
    /// `CallerArn`: parameter.
    pub caller_arn: Option<String>,
    /// `ContextEntries`: parameter.
    pub context_entries: Vec<ContextEntry>,
    /// `Marker`: parameter.
    pub marker: Option<String>,
    /// `MaxItems`: parameter.
    pub max_items: Option<i32>,
    /// `OrderedOrganizationPolicyInputList`: parameter.
    pub ordered_organization_policy_input_list: Vec<OrderedOrganizationPolicyType>,
    /// `PermissionsBoundaryPolicyInputList`: parameter.
    pub permissions_boundary_policy_input_list: Vec<String>,
    /// `PolicyInputList`: parameter, required.
    pub policy_input_list: Vec<String>,
    /// `ResourceArns`: parameter.
    pub resource_arns: Vec<String>,
    /// `ResourceHandlingOption`: parameter.
    pub resource_handling_option: Option<String>,
    /// `ResourceOwner`: parameter.
    pub resource_owner: Option<String>,
    /// `ResourcePolicy`: parameter.
    pub resource_policy: Option<String>,
}
impl QueryRequest for SimulateCustomPolicyRequest {
    const ACTION: &'static str = "SimulateCustomPolicy";
    const PARAMETERS: &'static [&'static str] = &[
        "ActionNames.member",
        "CallerArn",
        "ContextEntries.member.ContextKeyName",
        "ContextEntries.member.ContextKeyType",
        "ContextEntries.member.ContextKeyValues.member",
        "Marker",
        "MaxItems",
        "OrderedOrganizationPolicyInputList.member.ServiceControlPolicyInputList.member",
        "PermissionsBoundaryPolicyInputList.member",
        "PolicyInputList.member",
        "ResourceArns.member",
        "ResourceHandlingOption",
        "ResourceOwner",
        "ResourcePolicy",
    ];

    fn parse(form: &Form) -> Result<Self, WireError> {
        form.only(Self::PARAMETERS)?;
        let from = form.root();
        Ok(Self {
            action_names: from
                .list(("ActionNames", "member"), 0..=usize::MAX, &ACTION_NAME_TYPE)?
                .ok_or_else(|| from.missing("ActionNames"))?,
            caller_arn: from.leaf("CallerArn").optional(&RESOURCE_NAME_TYPE)?,
            context_entries: from
                .list(("ContextEntries", "member"), 0..=usize::MAX, &Rule::Any)?
                .unwrap_or_default(),
            marker: from.leaf("Marker").optional(&MARKER_TYPE)?,
            max_items: from.leaf("MaxItems").optional(&MAX_ITEMS_TYPE)?,
            ordered_organization_policy_input_list: from
                .list(("OrderedOrganizationPolicyInputList", "member"), 0..=7, &Rule::Any)?
                .unwrap_or_default(),
            permissions_boundary_policy_input_list: from
                .list(
                    ("PermissionsBoundaryPolicyInputList", "member"),
                    0..=usize::MAX,
                    &POLICY_DOCUMENT_TYPE,
                )?
                .unwrap_or_default(),
            policy_input_list: from
                .list(("PolicyInputList", "member"), 0..=usize::MAX, &POLICY_DOCUMENT_TYPE)?
                .ok_or_else(|| from.missing("PolicyInputList"))?,
            resource_arns: from
                .list(("ResourceArns", "member"), 0..=usize::MAX, &RESOURCE_NAME_TYPE)?
                .unwrap_or_default(),
            resource_handling_option: from
                .leaf("ResourceHandlingOption")
                .optional(&RESOURCE_HANDLING_OPTION_TYPE)?,
            resource_owner: from.leaf("ResourceOwner").optional(&RESOURCE_NAME_TYPE)?,
            resource_policy: from.leaf("ResourcePolicy").optional(&POLICY_DOCUMENT_TYPE)?,
        })
    }
}
/// `SimulateCustomPolicy`, answered.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SimulateCustomPolicyResponse {
    /// `EvaluationResults`: element.
    pub evaluation_results: Option<Vec<EvaluationResult>>,
    /// `IsTruncated`: element.
    pub is_truncated: Option<bool>,
    /// `Marker`: element.
    pub marker: Option<String>,
}
impl QueryOutput for SimulateCustomPolicyResponse {
    const ACTION: &'static str = "SimulateCustomPolicy";
    const NAMESPACE: &'static str = NAMESPACE;
    const RESULT: Option<&'static str> = Some("SimulateCustomPolicyResult");

    fn result(&self, to: &mut Writer) {
        to.optional_list("EvaluationResults", "member", self.evaluation_results.as_ref());
        to.member("IsTruncated", &self.is_truncated);
        to.member("Marker", &self.marker);
    }
}
/// `SimulatePrincipalPolicy`, asked.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SimulatePrincipalPolicyRequest {
    /// `ActionNames`: parameter, required.
    pub action_names: Vec<String>,
    /// `CallerArn`: parameter.
    pub caller_arn: Option<String>,
    /// `ContextEntries`: parameter.
    pub context_entries: Vec<ContextEntry>,
    /// `Marker`: parameter.
    pub marker: Option<String>,
    /// `MaxItems`: parameter.
    pub max_items: Option<i32>,
    /// `PermissionsBoundaryPolicyInputList`: parameter.
    pub permissions_boundary_policy_input_list: Vec<String>,
    /// `PolicyExclusionList`: parameter.
    pub policy_exclusion_list: Vec<PolicyIdentifier>,
    /// `PolicyInputList`: parameter.
    pub policy_input_list: Vec<String>,
    /// `PolicySourceArn`: parameter, required.
    pub policy_source_arn: String,
    /// `ResourceArns`: parameter.
    pub resource_arns: Vec<String>,
    /// `ResourceHandlingOption`: parameter.
    pub resource_handling_option: Option<String>,
    /// `ResourceOwner`: parameter.
    pub resource_owner: Option<String>,
    /// `ResourcePolicy`: parameter.
    pub resource_policy: Option<String>,
}
impl QueryRequest for SimulatePrincipalPolicyRequest {
    const ACTION: &'static str = "SimulatePrincipalPolicy";
    const PARAMETERS: &'static [&'static str] = &[
        "ActionNames.member",
        "CallerArn",
        "ContextEntries.member.ContextKeyName",
        "ContextEntries.member.ContextKeyType",
        "ContextEntries.member.ContextKeyValues.member",
        "Marker",
        "MaxItems",
        "PermissionsBoundaryPolicyInputList.member",
        "PolicyExclusionList.member.InlinePolicyIdentifier.AttachmentName",
        "PolicyExclusionList.member.InlinePolicyIdentifier.AttachmentType",
        "PolicyExclusionList.member.InlinePolicyIdentifier.PolicyName",
        "PolicyExclusionList.member.PolicyArn",
        "PolicyExclusionList.member.PolicyType",
        "PolicyInputList.member",
        "PolicySourceArn",
        "ResourceArns.member",
        "ResourceHandlingOption",
        "ResourceOwner",
        "ResourcePolicy",
    ];

    fn parse(form: &Form) -> Result<Self, WireError> {
        form.only(Self::PARAMETERS)?;
        let from = form.root();
        Ok(Self {
            action_names: from
                .list(("ActionNames", "member"), 0..=usize::MAX, &ACTION_NAME_TYPE)?
                .ok_or_else(|| from.missing("ActionNames"))?,
            caller_arn: from.leaf("CallerArn").optional(&RESOURCE_NAME_TYPE)?,
            context_entries: from
                .list(("ContextEntries", "member"), 0..=usize::MAX, &Rule::Any)?
                .unwrap_or_default(),
            marker: from.leaf("Marker").optional(&MARKER_TYPE)?,
            max_items: from.leaf("MaxItems").optional(&MAX_ITEMS_TYPE)?,
            permissions_boundary_policy_input_list: from
                .list(
                    ("PermissionsBoundaryPolicyInputList", "member"),
                    0..=usize::MAX,
                    &POLICY_DOCUMENT_TYPE,
                )?
                .unwrap_or_default(),
            policy_exclusion_list: from
                .list(("PolicyExclusionList", "member"), 0..=256, &Rule::Any)?
                .unwrap_or_default(),
            policy_input_list: from
                .list(("PolicyInputList", "member"), 0..=usize::MAX, &POLICY_DOCUMENT_TYPE)?
                .unwrap_or_default(),
            policy_source_arn: from.leaf("PolicySourceArn").required(&ARN_TYPE)?,
            resource_arns: from
                .list(("ResourceArns", "member"), 0..=usize::MAX, &RESOURCE_NAME_TYPE)?
                .unwrap_or_default(),
            resource_handling_option: from
                .leaf("ResourceHandlingOption")
                .optional(&RESOURCE_HANDLING_OPTION_TYPE)?,
            resource_owner: from.leaf("ResourceOwner").optional(&RESOURCE_NAME_TYPE)?,
            resource_policy: from.leaf("ResourcePolicy").optional(&POLICY_DOCUMENT_TYPE)?,
        })
    }
}
/// `SimulatePrincipalPolicy`, answered.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SimulatePrincipalPolicyResponse {
    /// `EvaluationResults`: element.
    pub evaluation_results: Option<Vec<EvaluationResult>>,
    /// `IsTruncated`: element.
    pub is_truncated: Option<bool>,
    /// `Marker`: element.
    pub marker: Option<String>,
}
impl QueryOutput for SimulatePrincipalPolicyResponse {
    const ACTION: &'static str = "SimulatePrincipalPolicy";
    const NAMESPACE: &'static str = NAMESPACE;
    const RESULT: Option<&'static str> = Some("SimulatePrincipalPolicyResult");

    fn result(&self, to: &mut Writer) {
        to.optional_list("EvaluationResults", "member", self.evaluation_results.as_ref());
        to.member("IsTruncated", &self.is_truncated);
        to.member("Marker", &self.marker);
    }
}
/// `GetContextKeysForCustomPolicy`, asked.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct GetContextKeysForCustomPolicyRequest {
    /// `PolicyInputList`: parameter, required.
    pub policy_input_list: Vec<String>,
}
impl QueryRequest for GetContextKeysForCustomPolicyRequest {
    const ACTION: &'static str = "GetContextKeysForCustomPolicy";
    const PARAMETERS: &'static [&'static str] = &["PolicyInputList.member"];

    fn parse(form: &Form) -> Result<Self, WireError> {
        form.only(Self::PARAMETERS)?;
        let from = form.root();
        Ok(Self {
            policy_input_list: from
                .list(("PolicyInputList", "member"), 0..=usize::MAX, &POLICY_DOCUMENT_TYPE)?
                .ok_or_else(|| from.missing("PolicyInputList"))?,
        })
    }
}
/// `GetContextKeysForCustomPolicy`, answered.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct GetContextKeysForCustomPolicyResponse {
    /// `ContextKeyNames`: element.
    pub context_key_names: Option<Vec<String>>,
}
impl QueryOutput for GetContextKeysForCustomPolicyResponse {
    const ACTION: &'static str = "GetContextKeysForCustomPolicy";
    const NAMESPACE: &'static str = NAMESPACE;
    const RESULT: Option<&'static str> = Some("GetContextKeysForCustomPolicyResult");

    fn result(&self, to: &mut Writer) {
        to.optional_list("ContextKeyNames", "member", self.context_key_names.as_ref());
    }
}
/// `GetContextKeysForPrincipalPolicy`, asked.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct GetContextKeysForPrincipalPolicyRequest {
    /// `PolicyInputList`: parameter.
    pub policy_input_list: Vec<String>,
    /// `PolicySourceArn`: parameter, required.
    pub policy_source_arn: String,
}
impl QueryRequest for GetContextKeysForPrincipalPolicyRequest {
    const ACTION: &'static str = "GetContextKeysForPrincipalPolicy";
    const PARAMETERS: &'static [&'static str] = &["PolicyInputList.member", "PolicySourceArn"];

    fn parse(form: &Form) -> Result<Self, WireError> {
        form.only(Self::PARAMETERS)?;
        let from = form.root();
        Ok(Self {
            policy_input_list: from
                .list(("PolicyInputList", "member"), 0..=usize::MAX, &POLICY_DOCUMENT_TYPE)?
                .unwrap_or_default(),
            policy_source_arn: from.leaf("PolicySourceArn").required(&ARN_TYPE)?,
        })
    }
}
/// `GetContextKeysForPrincipalPolicy`, answered.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct GetContextKeysForPrincipalPolicyResponse {
    /// `ContextKeyNames`: element.
    pub context_key_names: Option<Vec<String>>,
}
impl QueryOutput for GetContextKeysForPrincipalPolicyResponse {
    const ACTION: &'static str = "GetContextKeysForPrincipalPolicy";
    const NAMESPACE: &'static str = NAMESPACE;
    const RESULT: Option<&'static str> = Some("GetContextKeysForPrincipalPolicyResult");

    fn result(&self, to: &mut Writer) {
        to.optional_list("ContextKeyNames", "member", self.context_key_names.as_ref());
    }
}
/// `ListPoliciesGrantingServiceAccess`, asked.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ListPoliciesGrantingServiceAccessRequest {
    /// `Arn`: parameter, required.
    pub arn: String,
    /// `Marker`: parameter.
    pub marker: Option<String>,
    /// `ServiceNamespaces`: parameter, required.
    pub service_namespaces: Vec<String>,
}
impl QueryRequest for ListPoliciesGrantingServiceAccessRequest {
    const ACTION: &'static str = "ListPoliciesGrantingServiceAccess";
    const PARAMETERS: &'static [&'static str] = &["Arn", "Marker", "ServiceNamespaces.member"];

    fn parse(form: &Form) -> Result<Self, WireError> {
        form.only(Self::PARAMETERS)?;
        let from = form.root();
        Ok(Self {
            arn: from.leaf("Arn").required(&ARN_TYPE)?,
            marker: from.leaf("Marker").optional(&MARKER_TYPE)?,
            service_namespaces: from
                .list(("ServiceNamespaces", "member"), 1..=200, &SERVICE_NAMESPACE_TYPE)?
                .ok_or_else(|| from.missing("ServiceNamespaces"))?,
        })
    }
}
/// `ListPoliciesGrantingServiceAccess`, answered.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ListPoliciesGrantingServiceAccessResponse {
    /// `IsTruncated`: element.
    pub is_truncated: Option<bool>,
    /// `Marker`: element.
    pub marker: Option<String>,
    /// `PoliciesGrantingServiceAccess`: element, required.
    pub policies_granting_service_access: Vec<ListPoliciesGrantingServiceAccessEntry>,
}
impl QueryOutput for ListPoliciesGrantingServiceAccessResponse {
    const ACTION: &'static str = "ListPoliciesGrantingServiceAccess";
    const NAMESPACE: &'static str = NAMESPACE;
    const RESULT: Option<&'static str> = Some("ListPoliciesGrantingServiceAccessResult");

    fn result(&self, to: &mut Writer) {
        to.member("IsTruncated", &self.is_truncated);
        to.member("Marker", &self.marker);
        to.list("PoliciesGrantingServiceAccess", "member", &self.policies_granting_service_access);
    }
}
/// `GenerateServiceLastAccessedDetails`, asked.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct GenerateServiceLastAccessedDetailsRequest {
    /// `Arn`: parameter, required.
    pub arn: String,
    /// `Granularity`: parameter.
    pub granularity: Option<String>,
}
impl QueryRequest for GenerateServiceLastAccessedDetailsRequest {
    const ACTION: &'static str = "GenerateServiceLastAccessedDetails";
    const PARAMETERS: &'static [&'static str] = &["Arn", "Granularity"];

    fn parse(form: &Form) -> Result<Self, WireError> {
        form.only(Self::PARAMETERS)?;
        let from = form.root();
        Ok(Self {
            arn: from.leaf("Arn").required(&ARN_TYPE)?,
            granularity: from
                .leaf("Granularity")
                .optional(&ACCESS_ADVISOR_USAGE_GRANULARITY_TYPE)?,
        })
    }
}
/// `GenerateServiceLastAccessedDetails`, answered.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct GenerateServiceLastAccessedDetailsResponse {
    /// `JobId`: element.
    pub job_id: Option<String>,
}
impl QueryOutput for GenerateServiceLastAccessedDetailsResponse {
    const ACTION: &'static str = "GenerateServiceLastAccessedDetails";
    const NAMESPACE: &'static str = NAMESPACE;
    const RESULT: Option<&'static str> = Some("GenerateServiceLastAccessedDetailsResult");

    fn result(&self, to: &mut Writer) {
        to.member("JobId", &self.job_id);
    }
}
/// `GetServiceLastAccessedDetails`, asked.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct GetServiceLastAccessedDetailsRequest {
    /// `JobId`: parameter, required.
    pub job_id: String,
    /// `Marker`: parameter.
    pub marker: Option<String>,
    /// `MaxItems`: parameter.
    pub max_items: Option<i32>,
}
impl QueryRequest for GetServiceLastAccessedDetailsRequest {
    const ACTION: &'static str = "GetServiceLastAccessedDetails";
    const PARAMETERS: &'static [&'static str] = &["JobId", "Marker", "MaxItems"];

    fn parse(form: &Form) -> Result<Self, WireError> {
        form.only(Self::PARAMETERS)?;
        let from = form.root();
        Ok(Self {
            job_id: from.leaf("JobId").required(&JOB_ID_TYPE)?,
            marker: from.leaf("Marker").optional(&MARKER_TYPE)?,
            max_items: from.leaf("MaxItems").optional(&MAX_ITEMS_TYPE)?,
        })
    }
}
/// `GetServiceLastAccessedDetails`, answered.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct GetServiceLastAccessedDetailsResponse {
    /// `Error`: element.
    pub error: Option<ErrorDetails>,
    /// `IsTruncated`: element.
    pub is_truncated: Option<bool>,
    /// `JobCompletionDate`: element, required.
    pub job_completion_date: Timestamp,
    /// `JobCreationDate`: element, required.
    pub job_creation_date: Timestamp,
    /// `JobStatus`: element, required.
    pub job_status: String,
    /// `JobType`: element.
    pub job_type: Option<String>,
    /// `Marker`: element.
    pub marker: Option<String>,
    /// `ServicesLastAccessed`: element, required.
    pub services_last_accessed: Vec<ServiceLastAccessed>,
}
impl QueryOutput for GetServiceLastAccessedDetailsResponse {
    const ACTION: &'static str = "GetServiceLastAccessedDetails";
    const NAMESPACE: &'static str = NAMESPACE;
    const RESULT: Option<&'static str> = Some("GetServiceLastAccessedDetailsResult");

    fn result(&self, to: &mut Writer) {
        to.member("Error", &self.error);
        to.member("IsTruncated", &self.is_truncated);
        to.member("JobCompletionDate", &self.job_completion_date);
        to.member("JobCreationDate", &self.job_creation_date);
        to.member("JobStatus", &self.job_status);
        to.member("JobType", &self.job_type);
        to.member("Marker", &self.marker);
        to.list("ServicesLastAccessed", "member", &self.services_last_accessed);
    }
}
/// `GetServiceLastAccessedDetailsWithEntities`, asked.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct GetServiceLastAccessedDetailsWithEntitiesRequest {
    /// `JobId`: parameter, required.
    pub job_id: String,
    /// `Marker`: parameter.
    pub marker: Option<String>,
    /// `MaxItems`: parameter.
    pub max_items: Option<i32>,
    /// `ServiceNamespace`: parameter, required.
    pub service_namespace: String,
}
impl QueryRequest for GetServiceLastAccessedDetailsWithEntitiesRequest {
    const ACTION: &'static str = "GetServiceLastAccessedDetailsWithEntities";
    const PARAMETERS: &'static [&'static str] =
        &["JobId", "Marker", "MaxItems", "ServiceNamespace"];

    fn parse(form: &Form) -> Result<Self, WireError> {
        form.only(Self::PARAMETERS)?;
        let from = form.root();
        Ok(Self {
            job_id: from.leaf("JobId").required(&JOB_ID_TYPE)?,
            marker: from.leaf("Marker").optional(&MARKER_TYPE)?,
            max_items: from.leaf("MaxItems").optional(&MAX_ITEMS_TYPE)?,
            service_namespace: from.leaf("ServiceNamespace").required(&SERVICE_NAMESPACE_TYPE)?,
        })
    }
}
/// `GetServiceLastAccessedDetailsWithEntities`, answered.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct GetServiceLastAccessedDetailsWithEntitiesResponse {
    /// `EntityDetailsList`: element, required.
    pub entity_details_list: Vec<EntityDetails>,
    /// `Error`: element.
    pub error: Option<ErrorDetails>,
    /// `IsTruncated`: element.
    pub is_truncated: Option<bool>,
    /// `JobCompletionDate`: element, required.
    pub job_completion_date: Timestamp,
    /// `JobCreationDate`: element, required.
    pub job_creation_date: Timestamp,
    /// `JobStatus`: element, required.
    pub job_status: String,
    /// `Marker`: element.
    pub marker: Option<String>,
}
impl QueryOutput for GetServiceLastAccessedDetailsWithEntitiesResponse {
    const ACTION: &'static str = "GetServiceLastAccessedDetailsWithEntities";
    const NAMESPACE: &'static str = NAMESPACE;
    const RESULT: Option<&'static str> = Some("GetServiceLastAccessedDetailsWithEntitiesResult");

    fn result(&self, to: &mut Writer) {
        to.list("EntityDetailsList", "member", &self.entity_details_list);
        to.member("Error", &self.error);
        to.member("IsTruncated", &self.is_truncated);
        to.member("JobCompletionDate", &self.job_completion_date);
        to.member("JobCreationDate", &self.job_creation_date);
        to.member("JobStatus", &self.job_status);
        to.member("Marker", &self.marker);
    }
}
/// `ListSSHPublicKeys`, asked.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ListSSHPublicKeysRequest {
    /// `Marker`: parameter.
    pub marker: Option<String>,
    /// `MaxItems`: parameter.
    pub max_items: Option<i32>,
    /// `UserName`: parameter.
    pub user_name: Option<String>,
}
impl QueryRequest for ListSSHPublicKeysRequest {
    const ACTION: &'static str = "ListSSHPublicKeys";
    const PARAMETERS: &'static [&'static str] = &["Marker", "MaxItems", "UserName"];

    fn parse(form: &Form) -> Result<Self, WireError> {
        form.only(Self::PARAMETERS)?;
        let from = form.root();
        Ok(Self {
            marker: from.leaf("Marker").optional(&MARKER_TYPE)?,
            max_items: from.leaf("MaxItems").optional(&MAX_ITEMS_TYPE)?,
            user_name: from.leaf("UserName").optional(&USER_NAME_TYPE)?,
        })
    }
}
/// `ListSSHPublicKeys`, answered.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ListSSHPublicKeysResponse {
    /// `IsTruncated`: element.
    pub is_truncated: Option<bool>,
    /// `Marker`: element.
    pub marker: Option<String>,
    /// `SSHPublicKeys`: element.
    pub ssh_public_keys: Option<Vec<SSHPublicKeyMetadata>>,
}
impl QueryOutput for ListSSHPublicKeysResponse {
    const ACTION: &'static str = "ListSSHPublicKeys";
    const NAMESPACE: &'static str = NAMESPACE;
    const RESULT: Option<&'static str> = Some("ListSSHPublicKeysResult");

    fn result(&self, to: &mut Writer) {
        to.member("IsTruncated", &self.is_truncated);
        to.member("Marker", &self.marker);
        to.optional_list("SSHPublicKeys", "member", self.ssh_public_keys.as_ref());
    }
}
/// `ListSigningCertificates`, asked.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ListSigningCertificatesRequest {
    /// `Marker`: parameter.
    pub marker: Option<String>,
    /// `MaxItems`: parameter.
    pub max_items: Option<i32>,
    /// `UserName`: parameter.
    pub user_name: Option<String>,
}
impl QueryRequest for ListSigningCertificatesRequest {
    const ACTION: &'static str = "ListSigningCertificates";
    const PARAMETERS: &'static [&'static str] = &["Marker", "MaxItems", "UserName"];

    fn parse(form: &Form) -> Result<Self, WireError> {
        form.only(Self::PARAMETERS)?;
        let from = form.root();
        Ok(Self {
            marker: from.leaf("Marker").optional(&MARKER_TYPE)?,
            max_items: from.leaf("MaxItems").optional(&MAX_ITEMS_TYPE)?,
            user_name: from.leaf("UserName").optional(&EXISTING_USER_NAME_TYPE)?,
        })
    }
}
/// `ListSigningCertificates`, answered.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ListSigningCertificatesResponse {
    /// `Certificates`: element, required.
    pub certificates: Vec<SigningCertificate>,
    /// `IsTruncated`: element.
    pub is_truncated: Option<bool>,
    /// `Marker`: element.
    pub marker: Option<String>,
}
impl QueryOutput for ListSigningCertificatesResponse {
    const ACTION: &'static str = "ListSigningCertificates";
    const NAMESPACE: &'static str = NAMESPACE;
    const RESULT: Option<&'static str> = Some("ListSigningCertificatesResult");

    fn result(&self, to: &mut Writer) {
        to.list("Certificates", "member", &self.certificates);
        to.member("IsTruncated", &self.is_truncated);
        to.member("Marker", &self.marker);
    }
}
/// `ListServiceSpecificCredentials`, asked.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ListServiceSpecificCredentialsRequest {
    /// `AllUsers`: parameter.
    pub all_users: Option<bool>,
    /// `Marker`: parameter.
    pub marker: Option<String>,
    /// `MaxItems`: parameter.
    pub max_items: Option<i32>,
    /// `ServiceName`: parameter.
    pub service_name: Option<String>,
    /// `UserName`: parameter.
    pub user_name: Option<String>,
}
impl QueryRequest for ListServiceSpecificCredentialsRequest {
    const ACTION: &'static str = "ListServiceSpecificCredentials";
    const PARAMETERS: &'static [&'static str] =
        &["AllUsers", "Marker", "MaxItems", "ServiceName", "UserName"];

    fn parse(form: &Form) -> Result<Self, WireError> {
        form.only(Self::PARAMETERS)?;
        let from = form.root();
        Ok(Self {
            all_users: from.leaf("AllUsers").optional(&Rule::Any)?,
            marker: from.leaf("Marker").optional(&MARKER_TYPE)?,
            max_items: from.leaf("MaxItems").optional(&MAX_ITEMS_TYPE)?,
            service_name: from.leaf("ServiceName").optional(&Rule::Any)?,
            user_name: from.leaf("UserName").optional(&USER_NAME_TYPE)?,
        })
    }
}
/// `ListServiceSpecificCredentials`, answered.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ListServiceSpecificCredentialsResponse {
    /// `IsTruncated`: element.
    pub is_truncated: Option<bool>,
    /// `Marker`: element.
    pub marker: Option<String>,
    /// `ServiceSpecificCredentials`: element.
    pub service_specific_credentials: Option<Vec<ServiceSpecificCredentialMetadata>>,
}
impl QueryOutput for ListServiceSpecificCredentialsResponse {
    const ACTION: &'static str = "ListServiceSpecificCredentials";
    const NAMESPACE: &'static str = NAMESPACE;
    const RESULT: Option<&'static str> = Some("ListServiceSpecificCredentialsResult");

    fn result(&self, to: &mut Writer) {
        to.member("IsTruncated", &self.is_truncated);
        to.member("Marker", &self.marker);
        to.optional_list(
            "ServiceSpecificCredentials",
            "member",
            self.service_specific_credentials.as_ref(),
        );
    }
}
/// The structure `AccessKey`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AccessKey {
    /// `AccessKeyId`: element, required.
    pub access_key_id: String,
    /// `CreateDate`: element.
    pub create_date: Option<Timestamp>,
    /// `SecretAccessKey`: element, required.
    pub secret_access_key: Secret,
    /// `Status`: element, required.
    pub status: String,
    /// `UserName`: element, required.
    pub user_name: String,
}
impl ToElement for AccessKey {
    fn to_element(&self, name: &str, to: &mut Writer) {
        to.element(name, |to| {
            to.member("AccessKeyId", &self.access_key_id);
            to.member("CreateDate", &self.create_date);
            to.member("SecretAccessKey", &self.secret_access_key);
            to.member("Status", &self.status);
            to.member("UserName", &self.user_name);
        });
    }
}
/// The structure `AccessKeyLastUsed`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AccessKeyLastUsed {
    /// `LastUsedDate`: element.
    pub last_used_date: Option<Timestamp>,
    /// `Region`: element, required.
    pub region: String,
    /// `ServiceName`: element, required.
    pub service_name: String,
}
impl ToElement for AccessKeyLastUsed {
    fn to_element(&self, name: &str, to: &mut Writer) {
        to.element(name, |to| {
            to.member("LastUsedDate", &self.last_used_date);
            to.member("Region", &self.region);
            to.member("ServiceName", &self.service_name);
        });
    }
}
/// The structure `AccessKeyMetadata`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AccessKeyMetadata {
    /// `AccessKeyId`: element.
    pub access_key_id: Option<String>,
    /// `CreateDate`: element.
    pub create_date: Option<Timestamp>,
    /// `Status`: element.
    pub status: Option<String>,
    /// `UserName`: element.
    pub user_name: Option<String>,
}
impl ToElement for AccessKeyMetadata {
    fn to_element(&self, name: &str, to: &mut Writer) {
        to.element(name, |to| {
            to.member("AccessKeyId", &self.access_key_id);
            to.member("CreateDate", &self.create_date);
            to.member("Status", &self.status);
            to.member("UserName", &self.user_name);
        });
    }
}
/// The structure `AttachedPermissionsBoundary`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AttachedPermissionsBoundary {
    /// `PermissionsBoundaryArn`: element.
    pub permissions_boundary_arn: Option<String>,
    /// `PermissionsBoundaryType`: element.
    pub permissions_boundary_type: Option<String>,
}
impl ToElement for AttachedPermissionsBoundary {
    fn to_element(&self, name: &str, to: &mut Writer) {
        to.element(name, |to| {
            to.member("PermissionsBoundaryArn", &self.permissions_boundary_arn);
            to.member("PermissionsBoundaryType", &self.permissions_boundary_type);
        });
    }
}
/// The structure `AttachedPolicy`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AttachedPolicy {
    /// `PolicyArn`: element.
    pub policy_arn: Option<String>,
    /// `PolicyName`: element.
    pub policy_name: Option<String>,
}
impl ToElement for AttachedPolicy {
    fn to_element(&self, name: &str, to: &mut Writer) {
        to.element(name, |to| {
            to.member("PolicyArn", &self.policy_arn);
            to.member("PolicyName", &self.policy_name);
        });
    }
}
/// The structure `ContextEntry`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ContextEntry {
    /// `ContextKeyName`: parameter.
    pub context_key_name: Option<String>,
    /// `ContextKeyType`: parameter.
    pub context_key_type: Option<String>,
    /// `ContextKeyValues`: parameter.
    pub context_key_values: Vec<String>,
}
impl FromElement for ContextEntry {
    fn from_element(from: &Element, _: &Rule) -> Result<Self, WireError> {
        Ok(Self {
            context_key_name: from.leaf("ContextKeyName").optional(&CONTEXT_KEY_NAME_TYPE)?,
            context_key_type: from.leaf("ContextKeyType").optional(&CONTEXT_KEY_TYPE_ENUM)?,
            context_key_values: from
                .list(("ContextKeyValues", "member"), 0..=usize::MAX, &Rule::Any)?
                .unwrap_or_default(),
        })
    }
}
/// The structure `EntityDetails`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct EntityDetails {
    /// `EntityInfo`: element, required.
    pub entity_info: EntityInfo,
    /// `LastAuthenticated`: element.
    pub last_authenticated: Option<Timestamp>,
}
impl ToElement for EntityDetails {
    fn to_element(&self, name: &str, to: &mut Writer) {
        to.element(name, |to| {
            to.member("EntityInfo", &self.entity_info);
            to.member("LastAuthenticated", &self.last_authenticated);
        });
    }
}
/// The structure `EntityInfo`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct EntityInfo {
    /// `Arn`: element, required.
    pub arn: String,
    /// `Id`: element, required.
    pub id: String,
    /// `Name`: element, required.
    pub name: String,
    /// `Path`: element.
    pub path: Option<String>,
    /// `Type`: element, required.
    pub type_: String,
}
impl ToElement for EntityInfo {
    fn to_element(&self, name: &str, to: &mut Writer) {
        to.element(name, |to| {
            to.member("Arn", &self.arn);
            to.member("Id", &self.id);
            to.member("Name", &self.name);
            to.member("Path", &self.path);
            to.member("Type", &self.type_);
        });
    }
}
/// The structure `ErrorDetails`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ErrorDetails {
    /// `Code`: element, required.
    pub code: String,
    /// `Message`: element, required.
    pub message: String,
}
impl ToElement for ErrorDetails {
    fn to_element(&self, name: &str, to: &mut Writer) {
        to.element(name, |to| {
            to.member("Code", &self.code);
            to.member("Message", &self.message);
        });
    }
}
/// The structure `EvaluationResult`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct EvaluationResult {
    /// `EvalActionName`: element, required.
    pub eval_action_name: String,
    /// `EvalDecision`: element, required.
    pub eval_decision: String,
    /// `EvalDecisionDetails`: element.
    pub eval_decision_details: BTreeMap<String, String>,
    /// `EvalResourceName`: element.
    pub eval_resource_name: Option<String>,
    /// `MatchedStatements`: element.
    pub matched_statements: Option<Vec<Statement>>,
    /// `MissingContextValues`: element.
    pub missing_context_values: Option<Vec<String>>,
    /// `OrganizationsDecisionDetail`: element.
    pub organizations_decision_detail: Option<OrganizationsDecisionDetail>,
    /// `PermissionsBoundaryDecisionDetail`: element.
    pub permissions_boundary_decision_detail: Option<PermissionsBoundaryDecisionDetail>,
    /// `ResourceSpecificResults`: element.
    pub resource_specific_results: Option<Vec<ResourceSpecificResult>>,
}
impl ToElement for EvaluationResult {
    fn to_element(&self, name: &str, to: &mut Writer) {
        to.element(name, |to| {
            to.member("EvalActionName", &self.eval_action_name);
            to.member("EvalDecision", &self.eval_decision);
            to.map("EvalDecisionDetails", &self.eval_decision_details);
            to.member("EvalResourceName", &self.eval_resource_name);
            to.optional_list("MatchedStatements", "member", self.matched_statements.as_ref());
            to.optional_list(
                "MissingContextValues",
                "member",
                self.missing_context_values.as_ref(),
            );
            to.member("OrganizationsDecisionDetail", &self.organizations_decision_detail);
            to.member(
                "PermissionsBoundaryDecisionDetail",
                &self.permissions_boundary_decision_detail,
            );
            to.optional_list(
                "ResourceSpecificResults",
                "member",
                self.resource_specific_results.as_ref(),
            );
        });
    }
}
/// The structure `Group`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Group {
    /// `Arn`: element, required.
    pub arn: String,
    /// `CreateDate`: element, required.
    pub create_date: Timestamp,
    /// `GroupId`: element, required.
    pub group_id: String,
    /// `GroupName`: element, required.
    pub group_name: String,
    /// `Path`: element, required.
    pub path: String,
}
impl ToElement for Group {
    fn to_element(&self, name: &str, to: &mut Writer) {
        to.element(name, |to| {
            to.member("Arn", &self.arn);
            to.member("CreateDate", &self.create_date);
            to.member("GroupId", &self.group_id);
            to.member("GroupName", &self.group_name);
            to.member("Path", &self.path);
        });
    }
}
/// The structure `GroupDetail`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct GroupDetail {
    /// `Arn`: element.
    pub arn: Option<String>,
    /// `AttachedManagedPolicies`: element.
    pub attached_managed_policies: Option<Vec<AttachedPolicy>>,
    /// `CreateDate`: element.
    pub create_date: Option<Timestamp>,
    /// `GroupId`: element.
    pub group_id: Option<String>,
    /// `GroupName`: element.
    pub group_name: Option<String>,
    /// `GroupPolicyList`: element.
    pub group_policy_list: Option<Vec<PolicyDetail>>,
    /// `Path`: element.
    pub path: Option<String>,
}
impl ToElement for GroupDetail {
    fn to_element(&self, name: &str, to: &mut Writer) {
        to.element(name, |to| {
            to.member("Arn", &self.arn);
            to.optional_list(
                "AttachedManagedPolicies",
                "member",
                self.attached_managed_policies.as_ref(),
            );
            to.member("CreateDate", &self.create_date);
            to.member("GroupId", &self.group_id);
            to.member("GroupName", &self.group_name);
            to.optional_list("GroupPolicyList", "member", self.group_policy_list.as_ref());
            to.member("Path", &self.path);
        });
    }
}
/// The structure `InlinePolicyIdentifierType`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct InlinePolicyIdentifierType {
    /// `AttachmentName`: parameter, required.
    pub attachment_name: String,
    /// `AttachmentType`: parameter, required.
    pub attachment_type: String,
    /// `PolicyName`: parameter, required.
    pub policy_name: String,
}
impl FromElement for InlinePolicyIdentifierType {
    fn from_element(from: &Element, _: &Rule) -> Result<Self, WireError> {
        Ok(Self {
            attachment_name: from.leaf("AttachmentName").required(&ATTACHMENT_NAME)?,
            attachment_type: from.leaf("AttachmentType").required(&ATTACHMENT_TYPE)?,
            policy_name: from.leaf("PolicyName").required(&POLICY_NAME_TYPE)?,
        })
    }
}
/// The structure `InstanceProfile`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct InstanceProfile {
    /// `Arn`: element, required.
    pub arn: String,
    /// `CreateDate`: element, required.
    pub create_date: Timestamp,
    /// `InstanceProfileId`: element, required.
    pub instance_profile_id: String,
    /// `InstanceProfileName`: element, required.
    pub instance_profile_name: String,
    /// `Path`: element, required.
    pub path: String,
    /// `Roles`: element, required.
    pub roles: Vec<Role>,
    /// `Tags`: element.
    pub tags: Option<Vec<Tag>>,
}
impl ToElement for InstanceProfile {
    fn to_element(&self, name: &str, to: &mut Writer) {
        to.element(name, |to| {
            to.member("Arn", &self.arn);
            to.member("CreateDate", &self.create_date);
            to.member("InstanceProfileId", &self.instance_profile_id);
            to.member("InstanceProfileName", &self.instance_profile_name);
            to.member("Path", &self.path);
            to.list("Roles", "member", &self.roles);
            to.optional_list("Tags", "member", self.tags.as_ref());
        });
    }
}
/// The structure `ListPoliciesGrantingServiceAccessEntry`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ListPoliciesGrantingServiceAccessEntry {
    /// `Policies`: element.
    pub policies: Option<Vec<PolicyGrantingServiceAccess>>,
    /// `ServiceNamespace`: element.
    pub service_namespace: Option<String>,
}
impl ToElement for ListPoliciesGrantingServiceAccessEntry {
    fn to_element(&self, name: &str, to: &mut Writer) {
        to.element(name, |to| {
            to.optional_list("Policies", "member", self.policies.as_ref());
            to.member("ServiceNamespace", &self.service_namespace);
        });
    }
}
/// The structure `LoginProfile`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LoginProfile {
    /// `CreateDate`: element, required.
    pub create_date: Timestamp,
    /// `PasswordResetRequired`: element.
    pub password_reset_required: Option<bool>,
    /// `UserName`: element, required.
    pub user_name: String,
}
impl ToElement for LoginProfile {
    fn to_element(&self, name: &str, to: &mut Writer) {
        to.element(name, |to| {
            to.member("CreateDate", &self.create_date);
            to.member("PasswordResetRequired", &self.password_reset_required);
            to.member("UserName", &self.user_name);
        });
    }
}
/// The structure `MFADevice`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct MFADevice {
    /// `EnableDate`: element, required.
    pub enable_date: Timestamp,
    /// `SerialNumber`: element, required.
    pub serial_number: String,
    /// `UserName`: element, required.
    pub user_name: String,
}
impl ToElement for MFADevice {
    fn to_element(&self, name: &str, to: &mut Writer) {
        to.element(name, |to| {
            to.member("EnableDate", &self.enable_date);
            to.member("SerialNumber", &self.serial_number);
            to.member("UserName", &self.user_name);
        });
    }
}
/// The structure `ManagedPolicyDetail`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ManagedPolicyDetail {
    /// `Arn`: element.
    pub arn: Option<String>,
    /// `AttachmentCount`: element.
    pub attachment_count: Option<i32>,
    /// `CreateDate`: element.
    pub create_date: Option<Timestamp>,
    /// `DefaultVersionId`: element.
    pub default_version_id: Option<String>,
    /// `Description`: element.
    pub description: Option<String>,
    /// `IsAttachable`: element.
    pub is_attachable: Option<bool>,
    /// `Path`: element.
    pub path: Option<String>,
    /// `PermissionsBoundaryUsageCount`: element.
    pub permissions_boundary_usage_count: Option<i32>,
    /// `PolicyId`: element.
    pub policy_id: Option<String>,
    /// `PolicyName`: element.
    pub policy_name: Option<String>,
    /// `PolicyVersionList`: element.
    pub policy_version_list: Option<Vec<PolicyVersion>>,
    /// `UpdateDate`: element.
    pub update_date: Option<Timestamp>,
}
impl ToElement for ManagedPolicyDetail {
    fn to_element(&self, name: &str, to: &mut Writer) {
        to.element(name, |to| {
            to.member("Arn", &self.arn);
            to.member("AttachmentCount", &self.attachment_count);
            to.member("CreateDate", &self.create_date);
            to.member("DefaultVersionId", &self.default_version_id);
            to.member("Description", &self.description);
            to.member("IsAttachable", &self.is_attachable);
            to.member("Path", &self.path);
            to.member("PermissionsBoundaryUsageCount", &self.permissions_boundary_usage_count);
            to.member("PolicyId", &self.policy_id);
            to.member("PolicyName", &self.policy_name);
            to.optional_list("PolicyVersionList", "member", self.policy_version_list.as_ref());
            to.member("UpdateDate", &self.update_date);
        });
    }
}
/// The structure `OpenIDConnectProviderListEntry`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct OpenIDConnectProviderListEntry {
    /// `Arn`: element.
    pub arn: Option<String>,
}
impl ToElement for OpenIDConnectProviderListEntry {
    fn to_element(&self, name: &str, to: &mut Writer) {
        to.element(name, |to| {
            to.member("Arn", &self.arn);
        });
    }
}
/// The structure `OrderedOrganizationPolicyType`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct OrderedOrganizationPolicyType {
    /// `ServiceControlPolicyInputList`: parameter.
    pub service_control_policy_input_list: Vec<String>,
}
impl FromElement for OrderedOrganizationPolicyType {
    fn from_element(from: &Element, _: &Rule) -> Result<Self, WireError> {
        Ok(Self {
            service_control_policy_input_list: from
                .list(
                    ("ServiceControlPolicyInputList", "member"),
                    0..=usize::MAX,
                    &POLICY_DOCUMENT_TYPE,
                )?
                .unwrap_or_default(),
        })
    }
}
/// The structure `OrganizationsDecisionDetail`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct OrganizationsDecisionDetail {
    /// `AllowedByOrganizations`: element.
    pub allowed_by_organizations: Option<bool>,
}
impl ToElement for OrganizationsDecisionDetail {
    fn to_element(&self, name: &str, to: &mut Writer) {
        to.element(name, |to| {
            to.member("AllowedByOrganizations", &self.allowed_by_organizations);
        });
    }
}
/// The structure `PasswordPolicy`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PasswordPolicy {
    /// `AllowUsersToChangePassword`: element.
    pub allow_users_to_change_password: Option<bool>,
    /// `ExpirePasswords`: element.
    pub expire_passwords: Option<bool>,
    /// `HardExpiry`: element.
    pub hard_expiry: Option<bool>,
    /// `MaxPasswordAge`: element.
    pub max_password_age: Option<i32>,
    /// `MinimumPasswordLength`: element.
    pub minimum_password_length: Option<i32>,
    /// `PasswordReusePrevention`: element.
    pub password_reuse_prevention: Option<i32>,
    /// `RequireLowercaseCharacters`: element.
    pub require_lowercase_characters: Option<bool>,
    /// `RequireNumbers`: element.
    pub require_numbers: Option<bool>,
    /// `RequireSymbols`: element.
    pub require_symbols: Option<bool>,
    /// `RequireUppercaseCharacters`: element.
    pub require_uppercase_characters: Option<bool>,
}
impl ToElement for PasswordPolicy {
    fn to_element(&self, name: &str, to: &mut Writer) {
        to.element(name, |to| {
            to.member("AllowUsersToChangePassword", &self.allow_users_to_change_password);
            to.member("ExpirePasswords", &self.expire_passwords);
            to.member("HardExpiry", &self.hard_expiry);
            to.member("MaxPasswordAge", &self.max_password_age);
            to.member("MinimumPasswordLength", &self.minimum_password_length);
            to.member("PasswordReusePrevention", &self.password_reuse_prevention);
            to.member("RequireLowercaseCharacters", &self.require_lowercase_characters);
            to.member("RequireNumbers", &self.require_numbers);
            to.member("RequireSymbols", &self.require_symbols);
            to.member("RequireUppercaseCharacters", &self.require_uppercase_characters);
        });
    }
}
/// The structure `PermissionsBoundaryDecisionDetail`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PermissionsBoundaryDecisionDetail {
    /// `AllowedByPermissionsBoundary`: element.
    pub allowed_by_permissions_boundary: Option<bool>,
}
impl ToElement for PermissionsBoundaryDecisionDetail {
    fn to_element(&self, name: &str, to: &mut Writer) {
        to.element(name, |to| {
            to.member("AllowedByPermissionsBoundary", &self.allowed_by_permissions_boundary);
        });
    }
}
/// The structure `Policy`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Policy {
    /// `Arn`: element.
    pub arn: Option<String>,
    /// `AttachmentCount`: element.
    pub attachment_count: Option<i32>,
    /// `CreateDate`: element.
    pub create_date: Option<Timestamp>,
    /// `DefaultVersionId`: element.
    pub default_version_id: Option<String>,
    /// `Description`: element.
    pub description: Option<String>,
    /// `IsAttachable`: element.
    pub is_attachable: Option<bool>,
    /// `Path`: element.
    pub path: Option<String>,
    /// `PermissionsBoundaryUsageCount`: element.
    pub permissions_boundary_usage_count: Option<i32>,
    /// `PolicyId`: element.
    pub policy_id: Option<String>,
    /// `PolicyName`: element.
    pub policy_name: Option<String>,
    /// `Tags`: element.
    pub tags: Option<Vec<Tag>>,
    /// `UpdateDate`: element.
    pub update_date: Option<Timestamp>,
}
impl ToElement for Policy {
    fn to_element(&self, name: &str, to: &mut Writer) {
        to.element(name, |to| {
            to.member("Arn", &self.arn);
            to.member("AttachmentCount", &self.attachment_count);
            to.member("CreateDate", &self.create_date);
            to.member("DefaultVersionId", &self.default_version_id);
            to.member("Description", &self.description);
            to.member("IsAttachable", &self.is_attachable);
            to.member("Path", &self.path);
            to.member("PermissionsBoundaryUsageCount", &self.permissions_boundary_usage_count);
            to.member("PolicyId", &self.policy_id);
            to.member("PolicyName", &self.policy_name);
            to.optional_list("Tags", "member", self.tags.as_ref());
            to.member("UpdateDate", &self.update_date);
        });
    }
}
/// The structure `PolicyDetail`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PolicyDetail {
    /// `PolicyDocument`: element.
    pub policy_document: Option<String>,
    /// `PolicyName`: element.
    pub policy_name: Option<String>,
}
impl ToElement for PolicyDetail {
    fn to_element(&self, name: &str, to: &mut Writer) {
        to.element(name, |to| {
            to.encoded("PolicyDocument", self.policy_document.as_deref());
            to.member("PolicyName", &self.policy_name);
        });
    }
}
/// The structure `PolicyGrantingServiceAccess`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PolicyGrantingServiceAccess {
    /// `EntityName`: element.
    pub entity_name: Option<String>,
    /// `EntityType`: element.
    pub entity_type: Option<String>,
    /// `PolicyArn`: element.
    pub policy_arn: Option<String>,
    /// `PolicyName`: element, required.
    pub policy_name: String,
    /// `PolicyType`: element, required.
    pub policy_type: String,
}
impl ToElement for PolicyGrantingServiceAccess {
    fn to_element(&self, name: &str, to: &mut Writer) {
        to.element(name, |to| {
            to.member("EntityName", &self.entity_name);
            to.member("EntityType", &self.entity_type);
            to.member("PolicyArn", &self.policy_arn);
            to.member("PolicyName", &self.policy_name);
            to.member("PolicyType", &self.policy_type);
        });
    }
}
/// The structure `PolicyGroup`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PolicyGroup {
    /// `GroupId`: element.
    pub group_id: Option<String>,
    /// `GroupName`: element.
    pub group_name: Option<String>,
}
impl ToElement for PolicyGroup {
    fn to_element(&self, name: &str, to: &mut Writer) {
        to.element(name, |to| {
            to.member("GroupId", &self.group_id);
            to.member("GroupName", &self.group_name);
        });
    }
}
/// The structure `PolicyIdentifier`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PolicyIdentifier {
    /// `InlinePolicyIdentifier`: parameter.
    pub inline_policy_identifier: Option<InlinePolicyIdentifierType>,
    /// `PolicyArn`: parameter.
    pub policy_arn: Option<String>,
    /// `PolicyType`: parameter.
    pub policy_type: Option<String>,
}
impl FromElement for PolicyIdentifier {
    fn from_element(from: &Element, _: &Rule) -> Result<Self, WireError> {
        Ok(Self {
            inline_policy_identifier: from.structure("InlinePolicyIdentifier")?,
            policy_arn: from.leaf("PolicyArn").optional(&ARN_TYPE)?,
            policy_type: from.leaf("PolicyType").optional(&POLICY_IDENTIFIER_POLICY_TYPE)?,
        })
    }
}
/// The structure `PolicyRole`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PolicyRole {
    /// `RoleId`: element.
    pub role_id: Option<String>,
    /// `RoleName`: element.
    pub role_name: Option<String>,
}
impl ToElement for PolicyRole {
    fn to_element(&self, name: &str, to: &mut Writer) {
        to.element(name, |to| {
            to.member("RoleId", &self.role_id);
            to.member("RoleName", &self.role_name);
        });
    }
}
/// The structure `PolicyUser`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PolicyUser {
    /// `UserId`: element.
    pub user_id: Option<String>,
    /// `UserName`: element.
    pub user_name: Option<String>,
}
impl ToElement for PolicyUser {
    fn to_element(&self, name: &str, to: &mut Writer) {
        to.element(name, |to| {
            to.member("UserId", &self.user_id);
            to.member("UserName", &self.user_name);
        });
    }
}
/// The structure `PolicyVersion`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PolicyVersion {
    /// `CreateDate`: element.
    pub create_date: Option<Timestamp>,
    /// `Document`: element.
    pub document: Option<String>,
    /// `IsDefaultVersion`: element.
    pub is_default_version: Option<bool>,
    /// `VersionId`: element.
    pub version_id: Option<String>,
}
impl ToElement for PolicyVersion {
    fn to_element(&self, name: &str, to: &mut Writer) {
        to.element(name, |to| {
            to.member("CreateDate", &self.create_date);
            to.encoded("Document", self.document.as_deref());
            to.member("IsDefaultVersion", &self.is_default_version);
            to.member("VersionId", &self.version_id);
        });
    }
}
/// The structure `Position`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Position {
    /// `Column`: element.
    pub column: Option<i32>,
    /// `Line`: element.
    pub line: Option<i32>,
}
impl ToElement for Position {
    fn to_element(&self, name: &str, to: &mut Writer) {
        to.element(name, |to| {
            to.member("Column", &self.column);
            to.member("Line", &self.line);
        });
    }
}
/// The structure `ResourceSpecificResult`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ResourceSpecificResult {
    /// `EvalDecisionDetails`: element.
    pub eval_decision_details: BTreeMap<String, String>,
    /// `EvalResourceDecision`: element, required.
    pub eval_resource_decision: String,
    /// `EvalResourceName`: element, required.
    pub eval_resource_name: String,
    /// `MatchedStatements`: element.
    pub matched_statements: Option<Vec<Statement>>,
    /// `MissingContextValues`: element.
    pub missing_context_values: Option<Vec<String>>,
    /// `PermissionsBoundaryDecisionDetail`: element.
    pub permissions_boundary_decision_detail: Option<PermissionsBoundaryDecisionDetail>,
}
impl ToElement for ResourceSpecificResult {
    fn to_element(&self, name: &str, to: &mut Writer) {
        to.element(name, |to| {
            to.map("EvalDecisionDetails", &self.eval_decision_details);
            to.member("EvalResourceDecision", &self.eval_resource_decision);
            to.member("EvalResourceName", &self.eval_resource_name);
            to.optional_list("MatchedStatements", "member", self.matched_statements.as_ref());
            to.optional_list(
                "MissingContextValues",
                "member",
                self.missing_context_values.as_ref(),
            );
            to.member(
                "PermissionsBoundaryDecisionDetail",
                &self.permissions_boundary_decision_detail,
            );
        });
    }
}
/// The structure `Role`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Role {
    /// `Arn`: element, required.
    pub arn: String,
    /// `AssumeRolePolicyDocument`: element.
    pub assume_role_policy_document: Option<String>,
    /// `CreateDate`: element, required.
    pub create_date: Timestamp,
    /// `Description`: element.
    pub description: Option<String>,
    /// `MaxSessionDuration`: element.
    pub max_session_duration: Option<i32>,
    /// `Path`: element, required.
    pub path: String,
    /// `PermissionsBoundary`: element.
    pub permissions_boundary: Option<AttachedPermissionsBoundary>,
    /// `RoleId`: element, required.
    pub role_id: String,
    /// `RoleLastUsed`: element.
    pub role_last_used: Option<RoleLastUsed>,
    /// `RoleName`: element, required.
    pub role_name: String,
    /// `SourceRoleTemplate`: element.
    pub source_role_template: Option<SourceRoleTemplate>,
    /// `Tags`: element.
    pub tags: Option<Vec<Tag>>,
}
impl ToElement for Role {
    fn to_element(&self, name: &str, to: &mut Writer) {
        to.element(name, |to| {
            to.member("Arn", &self.arn);
            to.encoded("AssumeRolePolicyDocument", self.assume_role_policy_document.as_deref());
            to.member("CreateDate", &self.create_date);
            to.member("Description", &self.description);
            to.member("MaxSessionDuration", &self.max_session_duration);
            to.member("Path", &self.path);
            to.member("PermissionsBoundary", &self.permissions_boundary);
            to.member("RoleId", &self.role_id);
            to.member("RoleLastUsed", &self.role_last_used);
            to.member("RoleName", &self.role_name);
            to.member("SourceRoleTemplate", &self.source_role_template);
            to.optional_list("Tags", "member", self.tags.as_ref());
        });
    }
}
/// The structure `RoleDetail`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RoleDetail {
    /// `Arn`: element.
    pub arn: Option<String>,
    /// `AssumeRolePolicyDocument`: element.
    pub assume_role_policy_document: Option<String>,
    /// `AttachedManagedPolicies`: element.
    pub attached_managed_policies: Option<Vec<AttachedPolicy>>,
    /// `CreateDate`: element.
    pub create_date: Option<Timestamp>,
    /// `InstanceProfileList`: element.
    pub instance_profile_list: Option<Vec<InstanceProfile>>,
    /// `Path`: element.
    pub path: Option<String>,
    /// `PermissionsBoundary`: element.
    pub permissions_boundary: Option<AttachedPermissionsBoundary>,
    /// `RoleId`: element.
    pub role_id: Option<String>,
    /// `RoleLastUsed`: element.
    pub role_last_used: Option<RoleLastUsed>,
    /// `RoleName`: element.
    pub role_name: Option<String>,
    /// `RolePolicyList`: element.
    pub role_policy_list: Option<Vec<PolicyDetail>>,
    /// `Tags`: element.
    pub tags: Option<Vec<Tag>>,
}
impl ToElement for RoleDetail {
    fn to_element(&self, name: &str, to: &mut Writer) {
        to.element(name, |to| {
            to.member("Arn", &self.arn);
            to.encoded("AssumeRolePolicyDocument", self.assume_role_policy_document.as_deref());
            to.optional_list(
                "AttachedManagedPolicies",
                "member",
                self.attached_managed_policies.as_ref(),
            );
            to.member("CreateDate", &self.create_date);
            to.optional_list("InstanceProfileList", "member", self.instance_profile_list.as_ref());
            to.member("Path", &self.path);
            to.member("PermissionsBoundary", &self.permissions_boundary);
            to.member("RoleId", &self.role_id);
            to.member("RoleLastUsed", &self.role_last_used);
            to.member("RoleName", &self.role_name);
            to.optional_list("RolePolicyList", "member", self.role_policy_list.as_ref());
            to.optional_list("Tags", "member", self.tags.as_ref());
        });
    }
}
/// The structure `RoleLastUsed`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RoleLastUsed {
    /// `LastUsedDate`: element.
    pub last_used_date: Option<Timestamp>,
    /// `Region`: element.
    pub region: Option<String>,
}
impl ToElement for RoleLastUsed {
    fn to_element(&self, name: &str, to: &mut Writer) {
        to.element(name, |to| {
            to.member("LastUsedDate", &self.last_used_date);
            to.member("Region", &self.region);
        });
    }
}
/// The structure `SAMLPrivateKey`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SAMLPrivateKey {
    /// `KeyId`: element.
    pub key_id: Option<String>,
    /// `Timestamp`: element.
    pub timestamp: Option<Timestamp>,
}
impl ToElement for SAMLPrivateKey {
    fn to_element(&self, name: &str, to: &mut Writer) {
        to.element(name, |to| {
            to.member("KeyId", &self.key_id);
            to.member("Timestamp", &self.timestamp);
        });
    }
}
/// The structure `SAMLProviderListEntry`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SAMLProviderListEntry {
    /// `Arn`: element.
    pub arn: Option<String>,
    /// `CreateDate`: element.
    pub create_date: Option<Timestamp>,
    /// `ValidUntil`: element.
    pub valid_until: Option<Timestamp>,
}
impl ToElement for SAMLProviderListEntry {
    fn to_element(&self, name: &str, to: &mut Writer) {
        to.element(name, |to| {
            to.member("Arn", &self.arn);
            to.member("CreateDate", &self.create_date);
            to.member("ValidUntil", &self.valid_until);
        });
    }
}
/// The structure `SSHPublicKeyMetadata`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SSHPublicKeyMetadata {
    /// `SSHPublicKeyId`: element, required.
    pub ssh_public_key_id: String,
    /// `Status`: element, required.
    pub status: String,
    /// `UploadDate`: element, required.
    pub upload_date: Timestamp,
    /// `UserName`: element, required.
    pub user_name: String,
}
impl ToElement for SSHPublicKeyMetadata {
    fn to_element(&self, name: &str, to: &mut Writer) {
        to.element(name, |to| {
            to.member("SSHPublicKeyId", &self.ssh_public_key_id);
            to.member("Status", &self.status);
            to.member("UploadDate", &self.upload_date);
            to.member("UserName", &self.user_name);
        });
    }
}
/// The structure `ServiceLastAccessed`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ServiceLastAccessed {
    /// `LastAuthenticated`: element.
    pub last_authenticated: Option<Timestamp>,
    /// `LastAuthenticatedEntity`: element.
    pub last_authenticated_entity: Option<String>,
    /// `LastAuthenticatedRegion`: element.
    pub last_authenticated_region: Option<String>,
    /// `ServiceName`: element, required.
    pub service_name: String,
    /// `ServiceNamespace`: element, required.
    pub service_namespace: String,
    /// `TotalAuthenticatedEntities`: element.
    pub total_authenticated_entities: Option<i32>,
    /// `TrackedActionsLastAccessed`: element.
    pub tracked_actions_last_accessed: Option<Vec<TrackedActionLastAccessed>>,
}
impl ToElement for ServiceLastAccessed {
    fn to_element(&self, name: &str, to: &mut Writer) {
        to.element(name, |to| {
            to.member("LastAuthenticated", &self.last_authenticated);
            to.member("LastAuthenticatedEntity", &self.last_authenticated_entity);
            to.member("LastAuthenticatedRegion", &self.last_authenticated_region);
            to.member("ServiceName", &self.service_name);
            to.member("ServiceNamespace", &self.service_namespace);
            to.member("TotalAuthenticatedEntities", &self.total_authenticated_entities);
            to.optional_list(
                "TrackedActionsLastAccessed",
                "member",
                self.tracked_actions_last_accessed.as_ref(),
            );
        });
    }
}
/// The structure `ServiceSpecificCredentialMetadata`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ServiceSpecificCredentialMetadata {
    /// `CreateDate`: element, required.
    pub create_date: Timestamp,
    /// `ExpirationDate`: element.
    pub expiration_date: Option<Timestamp>,
    /// `ServiceCredentialAlias`: element.
    pub service_credential_alias: Option<String>,
    /// `ServiceName`: element, required.
    pub service_name: String,
    /// `ServiceSpecificCredentialId`: element, required.
    pub service_specific_credential_id: String,
    /// `ServiceUserName`: element.
    pub service_user_name: Option<String>,
    /// `Status`: element, required.
    pub status: String,
    /// `UserName`: element, required.
    pub user_name: String,
}
impl ToElement for ServiceSpecificCredentialMetadata {
    fn to_element(&self, name: &str, to: &mut Writer) {
        to.element(name, |to| {
            to.member("CreateDate", &self.create_date);
            to.member("ExpirationDate", &self.expiration_date);
            to.member("ServiceCredentialAlias", &self.service_credential_alias);
            to.member("ServiceName", &self.service_name);
            to.member("ServiceSpecificCredentialId", &self.service_specific_credential_id);
            to.member("ServiceUserName", &self.service_user_name);
            to.member("Status", &self.status);
            to.member("UserName", &self.user_name);
        });
    }
}
/// The structure `SigningCertificate`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SigningCertificate {
    /// `CertificateBody`: element, required.
    pub certificate_body: String,
    /// `CertificateId`: element, required.
    pub certificate_id: String,
    /// `Status`: element, required.
    pub status: String,
    /// `UploadDate`: element.
    pub upload_date: Option<Timestamp>,
    /// `UserName`: element, required.
    pub user_name: String,
}
impl ToElement for SigningCertificate {
    fn to_element(&self, name: &str, to: &mut Writer) {
        to.element(name, |to| {
            to.member("CertificateBody", &self.certificate_body);
            to.member("CertificateId", &self.certificate_id);
            to.member("Status", &self.status);
            to.member("UploadDate", &self.upload_date);
            to.member("UserName", &self.user_name);
        });
    }
}
/// The structure `SourceRoleTemplate`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SourceRoleTemplate {
    /// `TemplateArn`: element, required.
    pub template_arn: String,
    /// `TemplateMinorVersion`: element, required.
    pub template_minor_version: i32,
}
impl ToElement for SourceRoleTemplate {
    fn to_element(&self, name: &str, to: &mut Writer) {
        to.element(name, |to| {
            to.member("TemplateArn", &self.template_arn);
            to.member("TemplateMinorVersion", &self.template_minor_version);
        });
    }
}
/// The structure `Statement`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Statement {
    /// `EndPosition`: element.
    pub end_position: Option<Position>,
    /// `SourcePolicyId`: element.
    pub source_policy_id: Option<String>,
    /// `SourcePolicyType`: element.
    pub source_policy_type: Option<String>,
    /// `StartPosition`: element.
    pub start_position: Option<Position>,
}
impl ToElement for Statement {
    fn to_element(&self, name: &str, to: &mut Writer) {
        to.element(name, |to| {
            to.member("EndPosition", &self.end_position);
            to.member("SourcePolicyId", &self.source_policy_id);
            to.member("SourcePolicyType", &self.source_policy_type);
            to.member("StartPosition", &self.start_position);
        });
    }
}
/// The structure `Tag`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tag {
    /// `Key`: element, required.
    pub key: String,
    /// `Value`: element, required.
    pub value: String,
}
impl FromElement for Tag {
    fn from_element(from: &Element, _: &Rule) -> Result<Self, WireError> {
        Ok(Self {
            key: from.leaf("Key").required(&TAG_KEY_TYPE)?,
            value: from.leaf("Value").required(&TAG_VALUE_TYPE)?,
        })
    }
}
impl ToElement for Tag {
    fn to_element(&self, name: &str, to: &mut Writer) {
        to.element(name, |to| {
            to.member("Key", &self.key);
            to.member("Value", &self.value);
        });
    }
}
/// The structure `TrackedActionLastAccessed`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TrackedActionLastAccessed {
    /// `ActionName`: element.
    pub action_name: Option<String>,
    /// `LastAccessedEntity`: element.
    pub last_accessed_entity: Option<String>,
    /// `LastAccessedRegion`: element.
    pub last_accessed_region: Option<String>,
    /// `LastAccessedTime`: element.
    pub last_accessed_time: Option<Timestamp>,
}
impl ToElement for TrackedActionLastAccessed {
    fn to_element(&self, name: &str, to: &mut Writer) {
        to.element(name, |to| {
            to.member("ActionName", &self.action_name);
            to.member("LastAccessedEntity", &self.last_accessed_entity);
            to.member("LastAccessedRegion", &self.last_accessed_region);
            to.member("LastAccessedTime", &self.last_accessed_time);
        });
    }
}
/// The structure `User`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct User {
    /// `Arn`: element, required.
    pub arn: String,
    /// `CreateDate`: element, required.
    pub create_date: Timestamp,
    /// `PasswordLastUsed`: element.
    pub password_last_used: Option<Timestamp>,
    /// `Path`: element, required.
    pub path: String,
    /// `PermissionsBoundary`: element.
    pub permissions_boundary: Option<AttachedPermissionsBoundary>,
    /// `Tags`: element.
    pub tags: Option<Vec<Tag>>,
    /// `UserId`: element, required.
    pub user_id: String,
    /// `UserName`: element, required.
    pub user_name: String,
}
impl ToElement for User {
    fn to_element(&self, name: &str, to: &mut Writer) {
        to.element(name, |to| {
            to.member("Arn", &self.arn);
            to.member("CreateDate", &self.create_date);
            to.member("PasswordLastUsed", &self.password_last_used);
            to.member("Path", &self.path);
            to.member("PermissionsBoundary", &self.permissions_boundary);
            to.optional_list("Tags", "member", self.tags.as_ref());
            to.member("UserId", &self.user_id);
            to.member("UserName", &self.user_name);
        });
    }
}
/// The structure `UserDetail`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct UserDetail {
    /// `Arn`: element.
    pub arn: Option<String>,
    /// `AttachedManagedPolicies`: element.
    pub attached_managed_policies: Option<Vec<AttachedPolicy>>,
    /// `CreateDate`: element.
    pub create_date: Option<Timestamp>,
    /// `GroupList`: element.
    pub group_list: Option<Vec<String>>,
    /// `Path`: element.
    pub path: Option<String>,
    /// `PermissionsBoundary`: element.
    pub permissions_boundary: Option<AttachedPermissionsBoundary>,
    /// `Tags`: element.
    pub tags: Option<Vec<Tag>>,
    /// `UserId`: element.
    pub user_id: Option<String>,
    /// `UserName`: element.
    pub user_name: Option<String>,
    /// `UserPolicyList`: element.
    pub user_policy_list: Option<Vec<PolicyDetail>>,
}
impl ToElement for UserDetail {
    fn to_element(&self, name: &str, to: &mut Writer) {
        to.element(name, |to| {
            to.member("Arn", &self.arn);
            to.optional_list(
                "AttachedManagedPolicies",
                "member",
                self.attached_managed_policies.as_ref(),
            );
            to.member("CreateDate", &self.create_date);
            to.optional_list("GroupList", "member", self.group_list.as_ref());
            to.member("Path", &self.path);
            to.member("PermissionsBoundary", &self.permissions_boundary);
            to.optional_list("Tags", "member", self.tags.as_ref());
            to.member("UserId", &self.user_id);
            to.member("UserName", &self.user_name);
            to.optional_list("UserPolicyList", "member", self.user_policy_list.as_ref());
        });
    }
}
/// The structure `VirtualMFADevice`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct VirtualMFADevice {
    /// `Base32StringSeed`: element.
    pub base32_string_seed: Option<Secret>,
    /// `EnableDate`: element.
    pub enable_date: Option<Timestamp>,
    /// `QRCodePNG`: element.
    pub qr_code_png: Option<Secret>,
    /// `SerialNumber`: element, required.
    pub serial_number: String,
    /// `Tags`: element.
    pub tags: Option<Vec<Tag>>,
    /// `User`: element.
    pub user: Option<User>,
}
impl ToElement for VirtualMFADevice {
    fn to_element(&self, name: &str, to: &mut Writer) {
        to.element(name, |to| {
            to.member("Base32StringSeed", &self.base32_string_seed);
            to.member("EnableDate", &self.enable_date);
            to.member("QRCodePNG", &self.qr_code_png);
            to.member("SerialNumber", &self.serial_number);
            to.optional_list("Tags", "member", self.tags.as_ref());
            to.member("User", &self.user);
        });
    }
}
