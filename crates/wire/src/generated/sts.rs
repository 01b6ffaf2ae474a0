//! The messages of STS, version 2011-06-15.
//!
//! Made by `cargo xtask codegen`: do not edit. Derived from the service models of
//! botocore 1.44.5, Copyright Amazon.com, Inc. or its affiliates, Apache License 2.0.

use names::Timestamp;

use crate::element::{Element, FromElement};
use crate::form::Form;
use crate::malformed::WireError;
use crate::message::{QueryOutput, QueryRequest};
use crate::rule::{Chars, Rule};
use crate::secret::Secret;
use crate::xml::write::{ToElement, Writer};

/// The XML namespace of the answers.
pub const NAMESPACE: &str = "https://sts.amazonaws.com/doc/2011-06-15/";
/// Every `Action` that has messages.
pub const ACTIONS: &[&str] = &[
    "AssumeRole",
    "AssumeRoleWithWebIdentity",
    "GetCallerIdentity",
    "GetSessionToken",
    "GetFederationToken",
    "GetAccessKeyInfo",
    "DecodeAuthorizationMessage",
];

const ACCESS_KEY_ID_TYPE: Rule = Rule::text(16, 128).of(&[Chars::Word]).rule();
const ARN_TYPE: Rule = Rule::text(20, 2048)
    .of(&[
        Chars::Range(' ', '~'),
        Chars::Range('\u{a0}', '\u{d7ff}'),
        Chars::Range('\u{e000}', '\u{fffd}'),
        Chars::Range('\u{10000}', '\u{10ffff}'),
        Chars::Among("\t\n\r\u{85}"),
    ])
    .rule();
const CLIENT_TOKEN_TYPE: Rule = Rule::text(4, usize::MAX).rule();
const CONTEXT_ASSERTION_TYPE: Rule = Rule::text(4, 2048).rule();
const DURATION_SECONDS_TYPE: Rule = Rule::Number(900, 31536000);
const ENCODED_MESSAGE_TYPE: Rule = Rule::text(1, 10240).rule();
const EXTERNAL_ID_TYPE: Rule =
    Rule::text(2, 1224).of(&[Chars::Word, Chars::Among("+=,.@:/-")]).rule();
const MINIMUM_SESSION_TOKEN_SIZE_TYPE: Rule = Rule::Number(0, 4096);
const ROLE_DURATION_SECONDS_TYPE: Rule = Rule::Number(900, 31536000);
const ROLE_SESSION_NAME_TYPE: Rule =
    Rule::text(2, 64).of(&[Chars::Word, Chars::Among("+=,.@-")]).rule();
const SERIAL_NUMBER_TYPE: Rule =
    Rule::text(9, 256).of(&[Chars::Word, Chars::Among("+=/:,.@-")]).rule();
const SESSION_POLICY_DOCUMENT_TYPE: Rule =
    Rule::text(1, usize::MAX).of(&[Chars::Range(' ', '\u{ff}'), Chars::Among("\t\n\r")]).rule();
const SOURCE_IDENTITY_TYPE: Rule =
    Rule::text(2, 64).of(&[Chars::Word, Chars::Among("+=,.@-")]).rule();
const TAG_KEY_TYPE: Rule = Rule::text(1, 128)
    .of(&[Chars::Letter, Chars::Separator, Chars::Number, Chars::Among("_.:/=+-@")])
    .rule();
const TAG_VALUE_TYPE: Rule = Rule::text(0, 256)
    .of(&[Chars::Letter, Chars::Separator, Chars::Number, Chars::Among("_.:/=+-@")])
    .rule();
const TOKEN_CODE_TYPE: Rule = Rule::text(6, 6).of(&[Chars::Range('0', '9')]).rule();
const UNRESTRICTED_SESSION_POLICY_DOCUMENT_TYPE: Rule =
    Rule::text(1, usize::MAX).of(&[Chars::Range(' ', '\u{ff}'), Chars::Among("\t\n\r")]).rule();
const URL_TYPE: Rule = Rule::text(4, 2048).rule();
const USER_NAME_TYPE: Rule = Rule::text(2, 32).of(&[Chars::Word, Chars::Among("+=,.@-")]).rule();

/// `AssumeRole`, asked.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AssumeRoleRequest {
    /// `DurationSeconds`: parameter.
    pub duration_seconds: Option<i32>,
    /// `ExternalId`: parameter.
    pub external_id: Option<String>,
    /// `MinimumSessionTokenSize`: parameter.
    pub minimum_session_token_size: Option<i32>,
    /// `Policy`: parameter.
    pub policy: Option<String>,
    /// `PolicyArns`: parameter.
    pub policy_arns: Vec<PolicyDescriptorType>,
    /// `ProvidedContexts`: parameter.
    pub provided_contexts: Vec<ProvidedContext>,
    /// `RoleArn`: parameter.
    pub role_arn: Option<String>,
    /// `RoleSessionName`: parameter.
    pub role_session_name: Option<String>,
    /// `SerialNumber`: parameter.
    pub serial_number: Option<String>,
    /// `SourceIdentity`: parameter.
    pub source_identity: Option<String>,
    /// `Tags`: parameter.
    pub tags: Vec<Tag>,
    /// `TokenCode`: parameter.
    pub token_code: Option<String>,
    /// `TransitiveTagKeys`: parameter.
    pub transitive_tag_keys: Vec<String>,
}
impl QueryRequest for AssumeRoleRequest {
    const ACTION: &'static str = "AssumeRole";
    const PARAMETERS: &'static [&'static str] = &[
        "DurationSeconds",
        "ExternalId",
        "MinimumSessionTokenSize",
        "Policy",
        "PolicyArns.member.arn",
        "ProvidedContexts.member.ContextAssertion",
        "ProvidedContexts.member.ProviderArn",
        "RoleArn",
        "RoleSessionName",
        "SerialNumber",
        "SourceIdentity",
        "Tags.member.Key",
        "Tags.member.Value",
        "TokenCode",
        "TransitiveTagKeys.member",
    ];

    fn parse(form: &Form) -> Result<Self, WireError> {
        form.only(Self::PARAMETERS)?;
        let from = form.root();
        Ok(Self {
            duration_seconds: from.leaf("DurationSeconds").optional(&ROLE_DURATION_SECONDS_TYPE)?,
            external_id: from.leaf("ExternalId").optional(&EXTERNAL_ID_TYPE)?,
            minimum_session_token_size: from
                .leaf("MinimumSessionTokenSize")
                .optional(&MINIMUM_SESSION_TOKEN_SIZE_TYPE)?,
            policy: from.leaf("Policy").optional(&UNRESTRICTED_SESSION_POLICY_DOCUMENT_TYPE)?,
            policy_arns: from
                .list(("PolicyArns", "member"), 0..=usize::MAX, &Rule::Any)?
                .unwrap_or_default(),
            provided_contexts: from
                .list(("ProvidedContexts", "member"), 1..=5, &Rule::Any)?
                .unwrap_or_default(),
            role_arn: from.leaf("RoleArn").optional(&ARN_TYPE)?,
            role_session_name: from.leaf("RoleSessionName").optional(&ROLE_SESSION_NAME_TYPE)?,
            serial_number: from.leaf("SerialNumber").optional(&SERIAL_NUMBER_TYPE)?,
            source_identity: from.leaf("SourceIdentity").optional(&SOURCE_IDENTITY_TYPE)?,
            tags: from.list(("Tags", "member"), 0..=50, &Rule::Any)?.unwrap_or_default(),
            token_code: from.leaf("TokenCode").optional(&TOKEN_CODE_TYPE)?,
            transitive_tag_keys: from
                .list(("TransitiveTagKeys", "member"), 0..=50, &TAG_KEY_TYPE)?
                .unwrap_or_default(),
        })
    }
}
/// `AssumeRole`, answered.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AssumeRoleResponse {
    /// `AssumedRoleUser`: element.
    pub assumed_role_user: Option<AssumedRoleUser>,
    /// `Credentials`: element.
    pub credentials: Option<Credentials>,
    /// `PackedPolicySize`: element.
    pub packed_policy_size: Option<i32>,
    /// `SessionTokenSize`: element.
    pub session_token_size: Option<i32>,
    /// `SessionTokenUtilization`: element.
    pub session_token_utilization: Option<i32>,
    /// `SourceIdentity`: element.
    pub source_identity: Option<String>,
}
impl QueryOutput for AssumeRoleResponse {
    const ACTION: &'static str = "AssumeRole";
    const NAMESPACE: &'static str = NAMESPACE;
    const RESULT: Option<&'static str> = Some("AssumeRoleResult");

    fn result(&self, to: &mut Writer) {
        to.member("AssumedRoleUser", &self.assumed_role_user);
        to.member("Credentials", &self.credentials);
        to.member("PackedPolicySize", &self.packed_policy_size);
        to.member("SessionTokenSize", &self.session_token_size);
        to.member("SessionTokenUtilization", &self.session_token_utilization);
        to.member("SourceIdentity", &self.source_identity);
    }
}
/// `AssumeRoleWithWebIdentity`, asked.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AssumeRoleWithWebIdentityRequest {
    /// `DurationSeconds`: parameter.
    pub duration_seconds: Option<i32>,
    /// `MinimumSessionTokenSize`: parameter.
    pub minimum_session_token_size: Option<i32>,
    /// `Policy`: parameter.
    pub policy: Option<String>,
    /// `PolicyArns`: parameter.
    pub policy_arns: Vec<PolicyDescriptorType>,
    /// `ProviderId`: parameter.
    pub provider_id: Option<String>,
    /// `RoleArn`: parameter.
    pub role_arn: Option<String>,
    /// `RoleSessionName`: parameter.
    pub role_session_name: Option<String>,
    /// `WebIdentityToken`: parameter, required.
    pub web_identity_token: Secret,
}
impl QueryRequest for AssumeRoleWithWebIdentityRequest {
    const ACTION: &'static str = "AssumeRoleWithWebIdentity";
    const PARAMETERS: &'static [&'static str] = &[
        "DurationSeconds",
        "MinimumSessionTokenSize",
        "Policy",
        "PolicyArns.member.arn",
        "ProviderId",
        "RoleArn",
        "RoleSessionName",
        "WebIdentityToken",
    ];

    fn parse(form: &Form) -> Result<Self, WireError> {
        form.only(Self::PARAMETERS)?;
        let from = form.root();
        Ok(Self {
            duration_seconds: from.leaf("DurationSeconds").optional(&ROLE_DURATION_SECONDS_TYPE)?,
            minimum_session_token_size: from
                .leaf("MinimumSessionTokenSize")
                .optional(&MINIMUM_SESSION_TOKEN_SIZE_TYPE)?,
            policy: from.leaf("Policy").optional(&SESSION_POLICY_DOCUMENT_TYPE)?,
            policy_arns: from
                .list(("PolicyArns", "member"), 0..=usize::MAX, &Rule::Any)?
                .unwrap_or_default(),
            provider_id: from.leaf("ProviderId").optional(&URL_TYPE)?,
            role_arn: from.leaf("RoleArn").optional(&ARN_TYPE)?,
            role_session_name: from.leaf("RoleSessionName").optional(&ROLE_SESSION_NAME_TYPE)?,
            web_identity_token: from.leaf("WebIdentityToken").required(&CLIENT_TOKEN_TYPE)?,
        })
    }
}
/// `AssumeRoleWithWebIdentity`, answered.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AssumeRoleWithWebIdentityResponse {
    /// `AssumedRoleUser`: element.
    pub assumed_role_user: Option<AssumedRoleUser>,
    /// `Audience`: element.
    pub audience: Option<String>,
    /// `Credentials`: element.
    pub credentials: Option<Credentials>,
    /// `PackedPolicySize`: element.
    pub packed_policy_size: Option<i32>,
    /// `Provider`: element.
    pub provider: Option<String>,
    /// `SessionTokenSize`: element.
    pub session_token_size: Option<i32>,
    /// `SessionTokenUtilization`: element.
    pub session_token_utilization: Option<i32>,
    /// `SourceIdentity`: element.
    pub source_identity: Option<String>,
    /// `SubjectFromWebIdentityToken`: element.
    pub subject_from_web_identity_token: Option<String>,
}
impl QueryOutput for AssumeRoleWithWebIdentityResponse {
    const ACTION: &'static str = "AssumeRoleWithWebIdentity";
    const NAMESPACE: &'static str = NAMESPACE;
    const RESULT: Option<&'static str> = Some("AssumeRoleWithWebIdentityResult");

    fn result(&self, to: &mut Writer) {
        to.member("AssumedRoleUser", &self.assumed_role_user);
        to.member("Audience", &self.audience);
        to.member("Credentials", &self.credentials);
        to.member("PackedPolicySize", &self.packed_policy_size);
        to.member("Provider", &self.provider);
        to.member("SessionTokenSize", &self.session_token_size);
        to.member("SessionTokenUtilization", &self.session_token_utilization);
        to.member("SourceIdentity", &self.source_identity);
        to.member("SubjectFromWebIdentityToken", &self.subject_from_web_identity_token);
    }
}
/// `GetCallerIdentity`, asked.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct GetCallerIdentityRequest {}
impl QueryRequest for GetCallerIdentityRequest {
    const ACTION: &'static str = "GetCallerIdentity";
    const PARAMETERS: &'static [&'static str] = &[];

    fn parse(form: &Form) -> Result<Self, WireError> {
        form.only(Self::PARAMETERS)?;

        Ok(Self {})
    }
}
/// `GetCallerIdentity`, answered.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct GetCallerIdentityResponse {
    /// `Account`: element.
    pub account: Option<String>,
    /// `Arn`: element.
    pub arn: Option<String>,
    /// `UserId`: element.
    pub user_id: Option<String>,
}
impl QueryOutput for GetCallerIdentityResponse {
    const ACTION: &'static str = "GetCallerIdentity";
    const NAMESPACE: &'static str = NAMESPACE;
    const RESULT: Option<&'static str> = Some("GetCallerIdentityResult");

    fn result(&self, to: &mut Writer) {
        to.member("Account", &self.account);
        to.member("Arn", &self.arn);
        to.member("UserId", &self.user_id);
    }
}
/// `GetSessionToken`, asked.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct GetSessionTokenRequest {
    /// `DurationSeconds`: parameter.
    pub duration_seconds: Option<i32>,
    /// `MinimumSessionTokenSize`: parameter.
    pub minimum_session_token_size: Option<i32>,
    /// `SerialNumber`: parameter.
    pub serial_number: Option<String>,
    /// `TokenCode`: parameter.
    pub token_code: Option<String>,
}
impl QueryRequest for GetSessionTokenRequest {
    const ACTION: &'static str = "GetSessionToken";
    const PARAMETERS: &'static [&'static str] =
        &["DurationSeconds", "MinimumSessionTokenSize", "SerialNumber", "TokenCode"];

    fn parse(form: &Form) -> Result<Self, WireError> {
        form.only(Self::PARAMETERS)?;
        let from = form.root();
        Ok(Self {
            duration_seconds: from.leaf("DurationSeconds").optional(&DURATION_SECONDS_TYPE)?,
            minimum_session_token_size: from
                .leaf("MinimumSessionTokenSize")
                .optional(&MINIMUM_SESSION_TOKEN_SIZE_TYPE)?,
            serial_number: from.leaf("SerialNumber").optional(&SERIAL_NUMBER_TYPE)?,
            token_code: from.leaf("TokenCode").optional(&TOKEN_CODE_TYPE)?,
        })
    }
}
/// `GetSessionToken`, answered.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct GetSessionTokenResponse {
    /// `Credentials`: element.
    pub credentials: Option<Credentials>,
    /// `SessionTokenSize`: element.
    pub session_token_size: Option<i32>,
    /// `SessionTokenUtilization`: element.
    pub session_token_utilization: Option<i32>,
}
impl QueryOutput for GetSessionTokenResponse {
    const ACTION: &'static str = "GetSessionToken";
    const NAMESPACE: &'static str = NAMESPACE;
    const RESULT: Option<&'static str> = Some("GetSessionTokenResult");

    fn result(&self, to: &mut Writer) {
        to.member("Credentials", &self.credentials);
        to.member("SessionTokenSize", &self.session_token_size);
        to.member("SessionTokenUtilization", &self.session_token_utilization);
    }
}
/// `GetFederationToken`, asked.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct GetFederationTokenRequest {
    /// `DurationSeconds`: parameter.
    pub duration_seconds: Option<i32>,
    /// `MinimumSessionTokenSize`: parameter.
    pub minimum_session_token_size: Option<i32>,
    /// `Name`: parameter, required.
    pub name: String,
    /// `Policy`: parameter.
    pub policy: Option<String>,
    /// `PolicyArns`: parameter.
    pub policy_arns: Vec<PolicyDescriptorType>,
    /// `Tags`: parameter.
    pub tags: Vec<Tag>,
}
impl QueryRequest for GetFederationTokenRequest {
    const ACTION: &'static str = "GetFederationToken";
    const PARAMETERS: &'static [&'static str] = &[
        "DurationSeconds",
        "MinimumSessionTokenSize",
        "Name",
        "Policy",
        "PolicyArns.member.arn",
        "Tags.member.Key",
        "Tags.member.Value",
    ];

    fn parse(form: &Form) -> Result<Self, WireError> {
        form.only(Self::PARAMETERS)?;
        let from = form.root();
        Ok(Self {
            duration_seconds: from.leaf("DurationSeconds").optional(&DURATION_SECONDS_TYPE)?,
            minimum_session_token_size: from
                .leaf("MinimumSessionTokenSize")
                .optional(&MINIMUM_SESSION_TOKEN_SIZE_TYPE)?,
            name: from.leaf("Name").required(&USER_NAME_TYPE)?,
            policy: from.leaf("Policy").optional(&SESSION_POLICY_DOCUMENT_TYPE)?,
            policy_arns: from
                .list(("PolicyArns", "member"), 0..=usize::MAX, &Rule::Any)?
                .unwrap_or_default(),
            tags: from.list(("Tags", "member"), 0..=50, &Rule::Any)?.unwrap_or_default(),
        })
    }
}
/// `GetFederationToken`, answered.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct GetFederationTokenResponse {
    /// `Credentials`: element.
    pub credentials: Option<Credentials>,
    /// `FederatedUser`: element.
    pub federated_user: Option<FederatedUser>,
    /// `PackedPolicySize`: element.
    pub packed_policy_size: Option<i32>,
    /// `SessionTokenSize`: element.
    pub session_token_size: Option<i32>,
    /// `SessionTokenUtilization`: element.
    pub session_token_utilization: Option<i32>,
}
impl QueryOutput for GetFederationTokenResponse {
    const ACTION: &'static str = "GetFederationToken";
    const NAMESPACE: &'static str = NAMESPACE;
    const RESULT: Option<&'static str> = Some("GetFederationTokenResult");

    fn result(&self, to: &mut Writer) {
        to.member("Credentials", &self.credentials);
        to.member("FederatedUser", &self.federated_user);
        to.member("PackedPolicySize", &self.packed_policy_size);
        to.member("SessionTokenSize", &self.session_token_size);
        to.member("SessionTokenUtilization", &self.session_token_utilization);
    }
}
/// `GetAccessKeyInfo`, asked.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct GetAccessKeyInfoRequest {
    /// `AccessKeyId`: parameter, required.
    pub access_key_id: String,
}
impl QueryRequest for GetAccessKeyInfoRequest {
    const ACTION: &'static str = "GetAccessKeyInfo";
    const PARAMETERS: &'static [&'static str] = &["AccessKeyId"];

    fn parse(form: &Form) -> Result<Self, WireError> {
        form.only(Self::PARAMETERS)?;
        let from = form.root();
        Ok(Self { access_key_id: from.leaf("AccessKeyId").required(&ACCESS_KEY_ID_TYPE)? })
    }
}
/// `GetAccessKeyInfo`, answered.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct GetAccessKeyInfoResponse {
    /// `Account`: element.
    pub account: Option<String>,
}
impl QueryOutput for GetAccessKeyInfoResponse {
    const ACTION: &'static str = "GetAccessKeyInfo";
    const NAMESPACE: &'static str = NAMESPACE;
    const RESULT: Option<&'static str> = Some("GetAccessKeyInfoResult");

    fn result(&self, to: &mut Writer) {
        to.member("Account", &self.account);
    }
}
/// `DecodeAuthorizationMessage`, asked.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DecodeAuthorizationMessageRequest {
    /// `EncodedMessage`: parameter, required.
    pub encoded_message: String,
}
impl QueryRequest for DecodeAuthorizationMessageRequest {
    const ACTION: &'static str = "DecodeAuthorizationMessage";
    const PARAMETERS: &'static [&'static str] = &["EncodedMessage"];

    fn parse(form: &Form) -> Result<Self, WireError> {
        form.only(Self::PARAMETERS)?;
        let from = form.root();
        Ok(Self { encoded_message: from.leaf("EncodedMessage").required(&ENCODED_MESSAGE_TYPE)? })
    }
}
/// `DecodeAuthorizationMessage`, answered.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DecodeAuthorizationMessageResponse {
    /// `DecodedMessage`: element.
    pub decoded_message: Option<String>,
}
impl QueryOutput for DecodeAuthorizationMessageResponse {
    const ACTION: &'static str = "DecodeAuthorizationMessage";
    const NAMESPACE: &'static str = NAMESPACE;
    const RESULT: Option<&'static str> = Some("DecodeAuthorizationMessageResult");

    fn result(&self, to: &mut Writer) {
        to.member("DecodedMessage", &self.decoded_message);
    }
}
/// The structure `AssumedRoleUser`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AssumedRoleUser {
    /// `Arn`: element, required.
    pub arn: String,
    /// `AssumedRoleId`: element, required.
    pub assumed_role_id: String,
}
impl ToElement for AssumedRoleUser {
    fn to_element(&self, name: &str, to: &mut Writer) {
        to.element(name, |to| {
            to.member("Arn", &self.arn);
            to.member("AssumedRoleId", &self.assumed_role_id);
        });
    }
}
/// The structure `Credentials`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Credentials {
    /// `AccessKeyId`: element, required.
    pub access_key_id: String,
    /// `Expiration`: element, required.
    pub expiration: Timestamp,
    /// `SecretAccessKey`: element, required.
    pub secret_access_key: Secret,
    /// `SessionToken`: element, required.
    pub session_token: Secret,
}
impl ToElement for Credentials {
    fn to_element(&self, name: &str, to: &mut Writer) {
        to.element(name, |to| {
            to.member("AccessKeyId", &self.access_key_id);
            to.member("Expiration", &self.expiration);
            to.member("SecretAccessKey", &self.secret_access_key);
            to.member("SessionToken", &self.session_token);
        });
    }
}
/// The structure `FederatedUser`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FederatedUser {
    /// `Arn`: element, required.
    pub arn: String,
    /// `FederatedUserId`: element, required.
    pub federated_user_id: String,
}
impl ToElement for FederatedUser {
    fn to_element(&self, name: &str, to: &mut Writer) {
        to.element(name, |to| {
            to.member("Arn", &self.arn);
            to.member("FederatedUserId", &self.federated_user_id);
        });
    }
}
/// The structure `PolicyDescriptorType`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PolicyDescriptorType {
    /// `arn`: parameter.
    pub arn: Option<String>,
}
impl FromElement for PolicyDescriptorType {
    fn from_element(from: &Element, _: &Rule) -> Result<Self, WireError> {
        Ok(Self { arn: from.leaf("arn").optional(&ARN_TYPE)? })
    }
}
/// The structure `ProvidedContext`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ProvidedContext {
    /// `ContextAssertion`: parameter.
    pub context_assertion: Option<String>,
    /// `ProviderArn`: parameter.
    pub provider_arn: Option<String>,
}
impl FromElement for ProvidedContext {
    fn from_element(from: &Element, _: &Rule) -> Result<Self, WireError> {
        Ok(Self {
            context_assertion: from.leaf("ContextAssertion").optional(&CONTEXT_ASSERTION_TYPE)?,
            provider_arn: from.leaf("ProviderArn").optional(&ARN_TYPE)?,
        })
    }
}
/// The structure `Tag`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tag {
    /// `Key`: parameter, required.
    pub key: String,
    /// `Value`: parameter, required.
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
