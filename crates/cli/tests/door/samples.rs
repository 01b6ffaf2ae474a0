//! One request or more for every row of the operation table, in an order in which each finds what
//! the ones before it have made.

use api::operation::{Route, Row};

use super::ask::{Ask, OWNER, encoded, trusts};

/// What becomes of a row when the root of another account asks it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Foreign {
    /// It names what belongs to the first account, and is refused.
    Refused,
    /// It names something that another account cannot have: not found there, whoever asks.
    Absent,
    /// It names nothing of the first account: whatever is done is done in the caller's own.
    Own,
    /// The name is taken, once the first account has it.
    Taken,
    /// It is for users alone, whatever their policies are: not for a root.
    UsersAlone,
    /// Every account of the installation may know it.
    Shared,
}

/// A request for a row.
pub(crate) struct Sample {
    /// The row's key.
    pub(crate) row: &'static str,
    /// The request; `{name}` stands for what an earlier answer said.
    pub(crate) ask: Ask,
    /// The actions that are needed; all that the row requires, if there are none here.
    pub(crate) actions: &'static [&'static str],
    /// The status that the row answers if it lets the caller in.
    pub(crate) status: u16,
    pub(crate) foreign: Foreign,
    /// What of the answer is kept: the name, and the XML element.
    pub(crate) keeps: Option<(&'static str, &'static str)>,
}

impl Sample {
    fn of(row: &'static str, ask: Ask, foreign: Foreign) -> Self {
        Self { row, ask, actions: &[], status: 200, foreign, keeps: None }
    }

    fn needs(self, actions: &'static [&'static str]) -> Self {
        Self { actions, ..self }
    }

    fn with(self, name: &'static str, value: &str) -> Self {
        Self { ask: self.ask.with(name, value), ..self }
    }

    fn body(self, body: &str) -> Self {
        Self { ask: self.ask.body(body), ..self }
    }

    fn xml(self, body: &str) -> Self {
        Self { ask: self.ask.xml(body), ..self }
    }

    fn gives(self, status: u16) -> Self {
        Self { status, ..self }
    }

    fn keeps(self, name: &'static str, element: &'static str) -> Self {
        Self { keeps: Some((name, element)), ..self }
    }

    fn foreign(self, foreign: Foreign) -> Self {
        Self { foreign, ..self }
    }
}

/// What a row is called: unique, unlike its operation's name.
pub(crate) fn key(row: &Row) -> String {
    match row.route {
        Route::Rest(_) => row.name.to_owned(),
        Route::Query { service, action } | Route::Target { service, action } => {
            format!("{service}:{action}")
        }
        Route::Json { service, path } => format!("{service}:{path}"),
        Route::Admin { method, path } => format!("{method} {path}"),
    }
}

/// Every sample, in order.
pub(crate) fn samples() -> Vec<Sample> {
    let mut all = buckets();
    all.extend(objects());
    all.extend(uploads());
    all.extend(removals());
    all.extend(policies());
    all.extend(users());
    all.extend(signing_in());
    all.extend(groups());
    all.extend(roles());
    all.extend(providers());
    all.extend(saml());
    all.extend(sts());
    all.extend(admin());
    all.extend(organization());
    all.extend(analyzer());
    all
}

fn s3(row: &'static str, method: &'static str, target: &str) -> Sample {
    Sample::of(row, Ask::s3(method, target), Foreign::Refused)
}

/// A row of S3's control API about the first account.
fn control(row: &'static str, method: &'static str) -> Sample {
    let path = "/v20180820/configuration/publicAccessBlock";
    s3(row, method, path).with("x-amz-account-id", OWNER)
}

/// A row of IAM that names users, groups or roles: names are an account's own.
fn iam(row: &'static str, fields: &str) -> Sample {
    let (service, action) = row.split_once(':').unwrap();
    Sample::of(row, Ask::form(service, action, fields), Foreign::Own)
}

fn native(row: &'static str, path: &str, json: &str) -> Sample {
    let (method, _) = row.split_once(' ').unwrap();
    Sample::of(row, Ask::admin(method, path, json), Foreign::Own)
}

fn buckets() -> Vec<Sample> {
    let policy = r#"{"Version":"2012-10-17","Statement":{"Effect":"Deny","Principal":"*",
        "Action":"s3:GetObjectTorrent","Resource":"arn:aws:s3:::rows/*"}}"#;
    vec![
        s3("CreateBucket", "PUT", "/rows").needs(&["s3:CreateBucket"]).foreign(Foreign::Taken),
        s3("CreateBucket", "PUT", "/rows-whole")
            .needs(&[
                "s3:CreateBucket",
                "s3:PutBucketAcl",
                "s3:PutBucketOwnershipControls",
                "s3:TagResource",
            ])
            .with("x-amz-acl", "private")
            .with("x-amz-object-ownership", "BucketOwnerEnforced")
            .xml(
                "<CreateBucketConfiguration><Tags><Tag><Key>k</Key><Value>v</Value></Tag></Tags>\
                 </CreateBucketConfiguration>",
            )
            .foreign(Foreign::Taken),
        s3("ListBuckets", "GET", "/").foreign(Foreign::Own),
        s3("HeadBucket", "HEAD", "/rows"),
        s3("GetBucketLocation", "GET", "/rows?location"),
        s3("GetBucketVersioning", "GET", "/rows?versioning"),
        s3("PutBucketPolicy", "PUT", "/rows?policy").body(policy).gives(204),
        s3("GetBucketPolicy", "GET", "/rows?policy"),
        s3("GetBucketPolicyStatus", "GET", "/rows?policyStatus"),
        s3("DeleteBucketPolicy", "DELETE", "/rows?policy").gives(204),
        s3("PutPublicAccessBlock", "PUT", "/rows?publicAccessBlock").xml(
            "<PublicAccessBlockConfiguration><BlockPublicAcls>true</BlockPublicAcls>\
             </PublicAccessBlockConfiguration>",
        ),
        s3("GetPublicAccessBlock", "GET", "/rows?publicAccessBlock"),
        s3("DeletePublicAccessBlock", "DELETE", "/rows?publicAccessBlock").gives(204),
        // All off: other tests of the house lean on what is public.
        control("PutAccountPublicAccessBlock", "PUT").gives(201).xml(
            "<PublicAccessBlockConfiguration><BlockPublicAcls>false</BlockPublicAcls>\
             </PublicAccessBlockConfiguration>",
        ),
        control("GetAccountPublicAccessBlock", "GET"),
        control("DeleteAccountPublicAccessBlock", "DELETE").gives(204),
        s3("PutBucketOwnershipControls", "PUT", "/rows?ownershipControls").xml(
            "<OwnershipControls><Rule><ObjectOwnership>ObjectWriter</ObjectOwnership></Rule>\
             </OwnershipControls>",
        ),
        s3("GetBucketOwnershipControls", "GET", "/rows?ownershipControls"),
        s3("DeleteBucketOwnershipControls", "DELETE", "/rows?ownershipControls").gives(204),
        s3("PutBucketAcl", "PUT", "/rows?acl").with("x-amz-acl", "private"),
        s3("GetBucketAcl", "GET", "/rows?acl"),
        s3("PutBucketTagging", "PUT", "/rows?tagging").xml(TAGGING).gives(204),
        s3("GetBucketTagging", "GET", "/rows?tagging"),
        s3("DeleteBucketTagging", "DELETE", "/rows?tagging").gives(204),
    ]
}

const TAGGING: &str = "<Tagging><TagSet><Tag><Key>k</Key><Value>v</Value></Tag></TagSet></Tagging>";

fn objects() -> Vec<Sample> {
    vec![
        s3("PutObject", "PUT", "/rows/plain").needs(&["s3:PutObject"]).body("content"),
        s3("PutObject", "PUT", "/rows/tagged")
            .needs(&["s3:PutObject", "s3:PutObjectAcl", "s3:PutObjectTagging"])
            .with("x-amz-acl", "bucket-owner-full-control")
            .with("x-amz-tagging", "k=v")
            .body("content"),
        s3("GetObject", "GET", "/rows/plain").needs(&["s3:GetObject"]),
        s3("GetObject", "GET", "/rows/plain?versionId=null").needs(&["s3:GetObjectVersion"]),
        s3("HeadObject", "HEAD", "/rows/plain").needs(&["s3:GetObject"]),
        s3("HeadObject", "HEAD", "/rows/plain?versionId=null").needs(&["s3:GetObjectVersion"]),
        s3("GetObjectAcl", "GET", "/rows/plain?acl").needs(&["s3:GetObjectAcl"]),
        s3("GetObjectAcl", "GET", "/rows/plain?acl&versionId=null")
            .needs(&["s3:GetObjectVersionAcl"]),
        s3("PutObjectAcl", "PUT", "/rows/plain?acl")
            .with("x-amz-acl", "private")
            .needs(&["s3:PutObjectAcl"]),
        s3("PutObjectAcl", "PUT", "/rows/plain?acl&versionId=null")
            .with("x-amz-acl", "private")
            .needs(&["s3:PutObjectVersionAcl"]),
        s3("GetObjectAttributes", "GET", "/rows/plain?attributes")
            .needs(&["s3:GetObject", "s3:GetObjectAttributes"])
            .with("x-amz-object-attributes", "ETag"),
        s3("GetObjectAttributes", "GET", "/rows/plain?attributes&versionId=null")
            .needs(&["s3:GetObjectVersion", "s3:GetObjectVersionAttributes"])
            .with("x-amz-object-attributes", "ETag"),
        s3("PutObjectTagging", "PUT", "/rows/tagged?tagging")
            .needs(&["s3:PutObjectTagging"])
            .xml(TAGGING),
        s3("PutObjectTagging", "PUT", "/rows/tagged?tagging&versionId=null")
            .needs(&["s3:PutObjectVersionTagging"])
            .xml(TAGGING),
        s3("GetObjectTagging", "GET", "/rows/tagged?tagging").needs(&["s3:GetObjectTagging"]),
        s3("GetObjectTagging", "GET", "/rows/tagged?tagging&versionId=null")
            .needs(&["s3:GetObjectVersionTagging"]),
        s3("CopyObject", "PUT", "/rows/copy")
            .needs(&["s3:GetObject", "s3:PutObject"])
            .with("x-amz-copy-source", "/rows/plain"),
        s3("CopyObject", "PUT", "/rows/copy")
            .needs(&["s3:GetObject", "s3:GetObjectTagging", "s3:PutObject", "s3:PutObjectTagging"])
            .with("x-amz-copy-source", "/rows/tagged"),
        s3("CopyObject", "PUT", "/rows/copy")
            .needs(&[
                "s3:GetObjectVersion",
                "s3:GetObjectVersionTagging",
                "s3:PutObject",
                "s3:PutObjectAcl",
                "s3:PutObjectTagging",
            ])
            .with("x-amz-copy-source", "/rows/tagged?versionId=null")
            .with("x-amz-acl", "bucket-owner-full-control"),
        s3("DeleteObjectTagging", "DELETE", "/rows/tagged?tagging")
            .needs(&["s3:DeleteObjectTagging"])
            .gives(204),
        s3("DeleteObjectTagging", "DELETE", "/rows/tagged?tagging&versionId=null")
            .needs(&["s3:DeleteObjectVersionTagging"])
            .gives(204),
        s3("ListObjects", "GET", "/rows"),
        s3("ListObjectsV2", "GET", "/rows?list-type=2"),
        s3("ListObjectVersions", "GET", "/rows?versions"),
    ]
}

fn uploads() -> Vec<Sample> {
    let part = "/rows/parts?partNumber=1&uploadId={upload}";
    vec![
        s3("CreateMultipartUpload", "POST", "/rows/parts?uploads")
            .needs(&["s3:PutObject"])
            .keeps("upload", "UploadId"),
        s3("CreateMultipartUpload", "POST", "/rows/given-up?uploads")
            .needs(&["s3:PutObject", "s3:PutObjectAcl", "s3:PutObjectTagging"])
            .with("x-amz-acl", "bucket-owner-full-control")
            .with("x-amz-tagging", "k=v")
            .keeps("given-up", "UploadId"),
        s3("ListMultipartUploads", "GET", "/rows?uploads"),
        s3("UploadPart", "PUT", part).body("content"),
        s3("UploadPartCopy", "PUT", part)
            .needs(&["s3:GetObject", "s3:PutObject"])
            .with("x-amz-copy-source", "/rows/plain"),
        s3("UploadPartCopy", "PUT", part)
            .needs(&["s3:GetObjectVersion", "s3:PutObject"])
            .with("x-amz-copy-source", "/rows/plain?versionId=null")
            .keeps("etag", "ETag"),
        s3("ListParts", "GET", "/rows/parts?uploadId={upload}"),
        s3("CompleteMultipartUpload", "POST", "/rows/parts?uploadId={upload}").body(
            "<CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>{etag}</ETag></Part>\
             </CompleteMultipartUpload>",
        ),
        s3("AbortMultipartUpload", "DELETE", "/rows/given-up?uploadId={given-up}").gives(204),
    ]
}

fn removals() -> Vec<Sample> {
    let delete =
        |version: &str| format!("<Delete><Object><Key>parts</Key>{version}</Object></Delete>");
    vec![
        upload(&[("key", "posted")]).needs(&["s3:PutObject"]),
        upload(&[("key", "posted"), ("acl", "bucket-owner-full-control"), ("tagging", TAGGING)])
            .needs(&["s3:PutObject", "s3:PutObjectAcl", "s3:PutObjectTagging"]),
        s3("DeleteObject", "DELETE", "/rows/copy").needs(&["s3:DeleteObject"]).gives(204),
        s3("DeleteObject", "DELETE", "/rows/tagged?versionId=null")
            .needs(&["s3:DeleteObjectVersion"])
            .gives(204),
        s3("DeleteObjects", "POST", "/rows?delete").needs(&["s3:DeleteObject"]).xml(&delete("")),
        s3("DeleteObjects", "POST", "/rows?delete")
            .needs(&["s3:DeleteObjectVersion"])
            .xml(&delete("<VersionId>null</VersionId>")),
        s3("DeleteBucket", "DELETE", "/rows-whole").gives(204),
    ]
}

/// A browser's form.
fn upload(fields: &[(&'static str, &str)]) -> Sample {
    let ask = Ask::upload("/rows", fields, "content");
    Sample::of("PostObject", ask, Foreign::Refused).gives(204)
}

/// The managed policy that the samples make.
fn walks() -> String {
    format!("PolicyArn={}", encoded(&format!("arn:aws:iam::{OWNER}:policy/Walks")))
}

/// A policy document that allows nothing that any sample needs.
fn document() -> String {
    encoded(
        r#"{"Version":"2012-10-17","Statement":{"Effect":"Deny","Action":"s3:GetObjectTorrent",
        "Resource":"*"}}"#,
    )
}

fn policies() -> Vec<Sample> {
    let (walks, document) = (walks(), document());
    let owned = |row, more: &str| iam(row, &format!("{walks}{more}")).foreign(Foreign::Refused);
    vec![
        iam("iam:CreatePolicy", &format!("PolicyName=Walks&PolicyDocument={document}")),
        owned("iam:CreatePolicyVersion", &format!("&PolicyDocument={document}")),
        owned("iam:GetPolicy", ""),
        owned("iam:GetPolicyVersion", "&VersionId=v1"),
        owned("iam:ListPolicyVersions", ""),
        owned("iam:SetDefaultPolicyVersion", "&VersionId=v2"),
        owned("iam:TagPolicy", "&Tags.member.1.Key=k&Tags.member.1.Value=v"),
        owned("iam:ListPolicyTags", ""),
        owned("iam:UntagPolicy", "&TagKeys.member.1=k"),
        owned("iam:DeletePolicyVersion", "&VersionId=v1"),
        owned("iam:ListEntitiesForPolicy", ""),
        iam("iam:ListPolicies", ""),
    ]
}

fn users() -> Vec<Sample> {
    let (walks, document) = (walks(), document());
    let user = |row, more: &str| iam(row, &format!("UserName=walker{more}"));
    let boundary = walks.replace("PolicyArn", "PermissionsBoundary");
    vec![
        user("iam:CreateUser", ""),
        user("iam:GetUser", ""),
        iam("iam:ListUsers", ""),
        user("iam:UpdateUser", "&NewPath=%2Fteam%2F"),
        user("iam:TagUser", "&Tags.member.1.Key=k&Tags.member.1.Value=v"),
        user("iam:ListUserTags", ""),
        user("iam:UntagUser", "&TagKeys.member.1=k"),
        user("iam:PutUserPermissionsBoundary", &format!("&{boundary}")).foreign(Foreign::Absent),
        user("iam:DeleteUserPermissionsBoundary", ""),
        user("iam:PutUserPolicy", &format!("&PolicyName=own&PolicyDocument={document}")),
        user("iam:GetUserPolicy", "&PolicyName=own"),
        user("iam:ListUserPolicies", ""),
        user("iam:DeleteUserPolicy", "&PolicyName=own"),
        user("iam:AttachUserPolicy", &format!("&{walks}")).foreign(Foreign::Absent),
        user("iam:ListAttachedUserPolicies", ""),
        user("iam:DetachUserPolicy", &format!("&{walks}")).foreign(Foreign::Absent),
        user("iam:CreateAccessKey", "").keeps("key", "AccessKeyId"),
        user("iam:ListAccessKeys", ""),
        user("iam:UpdateAccessKey", "&AccessKeyId={key}&Status=Inactive"),
        iam("iam:GetAccessKeyLastUsed", "AccessKeyId={key}").foreign(Foreign::Absent),
        user("iam:DeleteAccessKey", "&AccessKeyId={key}"),
    ]
}

/// What people prove who they are with; `{code-1}` is what the device showed a step ago, and so on.
fn signing_in() -> Vec<Sample> {
    let user = |row, more: &str| iam(row, &format!("UserName=walker{more}"));
    let serial =
        format!("SerialNumber={}", encoded(&format!("arn:aws:iam::{OWNER}:mfa/walker-phone")));
    let device = |row, more: &str| iam(row, &format!("{serial}{more}")).foreign(Foreign::Refused);
    let held = |row, more: &str| user(row, &format!("&{serial}{more}")).foreign(Foreign::Absent);
    let (document, actions) = (document(), "&ActionNames.member.1=s3:GetObject");
    let walker = encoded(&format!("arn:aws:iam::{OWNER}:user/team/walker"));
    let source = format!("PolicySourceArn={walker}");
    let codes = |row, first: &str, second: &str| {
        held(row, &format!("&AuthenticationCode1={first}&AuthenticationCode2={second}"))
    };
    vec![
        iam("iam:CreateVirtualMFADevice", "VirtualMFADeviceName=walker-phone")
            .keeps("seed", "Base32StringSeed"),
        codes("iam:EnableMFADevice", "{code-2}", "{code-1}"),
        codes("iam:ResyncMFADevice", "{code+0}", "{code+1}"),
        user("iam:ListMFADevices", ""),
        held("iam:GetMFADevice", ""),
        iam("iam:ListVirtualMFADevices", ""),
        device("iam:TagMFADevice", "&Tags.member.1.Key=k&Tags.member.1.Value=v"),
        device("iam:ListMFADeviceTags", ""),
        device("iam:UntagMFADevice", "&TagKeys.member.1=k"),
        held("iam:DeactivateMFADevice", ""),
        device("iam:DeleteVirtualMFADevice", ""),
        user("iam:ListSSHPublicKeys", ""),
        user("iam:ListSigningCertificates", ""),
        user("iam:ListServiceSpecificCredentials", ""),
        user("iam:CreateLoginProfile", "&Password=first-Pass1"),
        user("iam:GetLoginProfile", ""),
        user("iam:UpdateLoginProfile", "&PasswordResetRequired=true"),
        user("iam:DeleteLoginProfile", ""),
        iam("iam:CreateLoginProfile", "UserName=exact&Password=first-Pass1"),
        iam("iam:ChangePassword", "OldPassword=first-Pass1&NewPassword=second-Pass1")
            .foreign(Foreign::UsersAlone),
        iam("iam:DeleteLoginProfile", "UserName=exact"),
        iam("iam:UpdateAccountPasswordPolicy", "MinimumPasswordLength=9"),
        iam("iam:GetAccountPasswordPolicy", ""),
        iam("iam:DeleteAccountPasswordPolicy", ""),
        iam("iam:GetAccountAuthorizationDetails", "Filter.member.1=User"),
        iam("iam:GenerateCredentialReport", ""),
        iam("iam:GetCredentialReport", ""),
        iam("iam:SimulateCustomPolicy", &format!("PolicyInputList.member.1={document}{actions}")),
        iam("iam:SimulatePrincipalPolicy", &format!("{source}{actions}")).foreign(Foreign::Refused),
        iam("iam:GetContextKeysForCustomPolicy", &format!("PolicyInputList.member.1={document}")),
        iam("iam:GetContextKeysForPrincipalPolicy", &source).foreign(Foreign::Refused),
        iam(
            "iam:ListPoliciesGrantingServiceAccess",
            &format!(
                "{}&ServiceNamespaces.member.1=s3",
                source.replacen("PolicySourceArn", "Arn", 1)
            ),
        )
        .foreign(Foreign::Refused),
        iam(
            "iam:GenerateServiceLastAccessedDetails",
            &source.replacen("PolicySourceArn", "Arn", 1),
        )
        .foreign(Foreign::Refused)
        .keeps("job", "JobId"),
        iam("iam:GetServiceLastAccessedDetails", "JobId={job}").foreign(Foreign::Absent),
        iam("iam:GetServiceLastAccessedDetailsWithEntities", "JobId={job}&ServiceNamespace=s3")
            .foreign(Foreign::Absent),
        iam("iam:CreateAccountAlias", "AccountAlias=walks").foreign(Foreign::Taken),
        iam("iam:ListAccountAliases", ""),
        iam("iam:DeleteAccountAlias", "AccountAlias=walks"),
    ]
}

fn groups() -> Vec<Sample> {
    let (walks, document) = (walks(), document());
    let group = |row, more: &str| iam(row, &format!("GroupName=walkers{more}"));
    vec![
        group("iam:CreateGroup", ""),
        group("iam:GetGroup", ""),
        iam("iam:ListGroups", ""),
        group("iam:UpdateGroup", "&NewPath=%2Fteam%2F"),
        group("iam:AddUserToGroup", "&UserName=walker"),
        iam("iam:ListGroupsForUser", "UserName=walker"),
        group("iam:RemoveUserFromGroup", "&UserName=walker"),
        group("iam:PutGroupPolicy", &format!("&PolicyName=own&PolicyDocument={document}")),
        group("iam:GetGroupPolicy", "&PolicyName=own"),
        group("iam:ListGroupPolicies", ""),
        group("iam:DeleteGroupPolicy", "&PolicyName=own"),
        group("iam:AttachGroupPolicy", &format!("&{walks}")).foreign(Foreign::Absent),
        group("iam:ListAttachedGroupPolicies", ""),
        group("iam:DetachGroupPolicy", &format!("&{walks}")).foreign(Foreign::Absent),
        group("iam:DeleteGroup", ""),
        iam("iam:DeleteUser", "UserName=walker"),
    ]
}

fn roles() -> Vec<Sample> {
    let (walks, document) = (walks(), document());
    let trust = encoded(&trusts(&format!("arn:aws:iam::{OWNER}:root")));
    let role = |row, more: &str| iam(row, &format!("RoleName=Walker{more}"));
    let boundary = walks.replace("PolicyArn", "PermissionsBoundary");
    vec![
        role("iam:CreateRole", &format!("&AssumeRolePolicyDocument={trust}")),
        role("iam:GetRole", ""),
        iam("iam:ListRoles", ""),
        role("iam:UpdateRole", "&Description=walks&MaxSessionDuration=3600"),
        role("iam:UpdateRoleDescription", "&Description=walks"),
        role("iam:UpdateAssumeRolePolicy", &format!("&PolicyDocument={trust}")),
        role("iam:TagRole", "&Tags.member.1.Key=k&Tags.member.1.Value=v"),
        role("iam:ListRoleTags", ""),
        role("iam:UntagRole", "&TagKeys.member.1=k"),
        role("iam:PutRolePermissionsBoundary", &format!("&{boundary}")).foreign(Foreign::Absent),
        role("iam:DeleteRolePermissionsBoundary", ""),
        role("iam:PutRolePolicy", &format!("&PolicyName=own&PolicyDocument={document}")),
        role("iam:GetRolePolicy", "&PolicyName=own"),
        role("iam:ListRolePolicies", ""),
        role("iam:DeleteRolePolicy", "&PolicyName=own"),
        role("iam:AttachRolePolicy", &format!("&{walks}")).foreign(Foreign::Absent),
        role("iam:ListAttachedRolePolicies", ""),
        role("iam:DetachRolePolicy", &format!("&{walks}")).foreign(Foreign::Absent),
        role("iam:ListInstanceProfilesForRole", ""),
        role("iam:DeleteRole", ""),
        iam("iam:DeletePolicy", &walks).foreign(Foreign::Refused),
    ]
}

fn providers() -> Vec<Sample> {
    let issuer = encoded("https://login.example.com");
    let print = "0".repeat(40);
    let arn = encoded(&format!("arn:aws:iam::{OWNER}:oidc-provider/login.example.com"));
    let owned = |row, more: &str| {
        let fields = format!("OpenIDConnectProviderArn={arn}{more}");
        iam(row, &fields).foreign(Foreign::Refused)
    };
    vec![
        iam(
            "iam:CreateOpenIDConnectProvider",
            &format!("Url={issuer}&ClientIDList.member.1=a&ThumbprintList.member.1={print}"),
        ),
        owned("iam:GetOpenIDConnectProvider", ""),
        iam("iam:ListOpenIDConnectProviders", ""),
        owned(
            "iam:UpdateOpenIDConnectProviderThumbprint",
            &format!("&ThumbprintList.member.1={print}"),
        ),
        owned("iam:AddClientIDToOpenIDConnectProvider", "&ClientID=b"),
        owned("iam:RemoveClientIDFromOpenIDConnectProvider", "&ClientID=b"),
        owned("iam:TagOpenIDConnectProvider", "&Tags.member.1.Key=k&Tags.member.1.Value=v"),
        owned("iam:ListOpenIDConnectProviderTags", ""),
        owned("iam:UntagOpenIDConnectProvider", "&TagKeys.member.1=k"),
        owned("iam:DeleteOpenIDConnectProvider", ""),
        iam("iam:GetAccountSummary", ""),
    ]
}

/// The metadata of a SAML provider, of the least length that IAM takes.
fn metadata() -> String {
    let document = r#"<EntityDescriptor xmlns="urn:oasis:names:tc:SAML:2.0:metadata"
        entityID="https://saml.example.com"><IDPSSODescriptor
        protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol"><SingleSignOnService
        Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST"
        Location="https://saml.example.com/"/></IDPSSODescriptor></EntityDescriptor>"#;
    encoded(&format!("{document:<1000}"))
}

fn saml() -> Vec<Sample> {
    let arn = encoded(&format!("arn:aws:iam::{OWNER}:saml-provider/walks"));
    let metadata = metadata();
    let owned = |row, more: &str| {
        iam(row, &format!("SAMLProviderArn={arn}{more}")).foreign(Foreign::Refused)
    };
    vec![
        iam("iam:CreateSAMLProvider", &format!("Name=walks&SAMLMetadataDocument={metadata}")),
        owned("iam:GetSAMLProvider", ""),
        iam("iam:ListSAMLProviders", ""),
        owned("iam:UpdateSAMLProvider", &format!("&SAMLMetadataDocument={metadata}")),
        owned("iam:TagSAMLProvider", "&Tags.member.1.Key=k&Tags.member.1.Value=v"),
        owned("iam:ListSAMLProviderTags", ""),
        owned("iam:UntagSAMLProvider", "&TagKeys.member.1=k"),
        owned("iam:DeleteSAMLProvider", ""),
    ]
}

fn sts() -> Vec<Sample> {
    let role = encoded(&format!("arn:aws:iam::{OWNER}:role/Roamer"));
    let assume = |more: &str| {
        let fields = format!("RoleArn={role}&RoleSessionName=walker{more}");
        iam("sts:AssumeRole", &fields).foreign(Foreign::Refused)
    };
    vec![
        assume("").needs(&["sts:AssumeRole"]),
        assume("&Tags.member.1.Key=k&Tags.member.1.Value=v&SourceIdentity=ana").needs(&[
            "sts:AssumeRole",
            "sts:TagSession",
            "sts:SetSourceIdentity",
        ]),
        iam("sts:GetCallerIdentity", ""),
        iam("sts:GetSessionToken", ""),
        iam("sts:GetFederationToken", "Name=bob").needs(&["sts:GetFederationToken"]),
        iam("sts:GetFederationToken", "Name=bob&Tags.member.1.Key=k&Tags.member.1.Value=v")
            .needs(&["sts:GetFederationToken", "sts:TagSession"]),
        iam("sts:GetAccessKeyInfo", "AccessKeyId={holder}"),
        iam("sts:DecodeAuthorizationMessage", "EncodedMessage={decision}").foreign(Foreign::Absent),
    ]
}

/// The organisation: a unit, a control policy on it, and an account that visits it.
fn organization() -> Vec<Sample> {
    let own = |row: &'static str, json: &str| {
        let (_, action) = row.split_once(':').unwrap();
        Sample::of(row, Ask::target(action, json), Foreign::Refused)
    };
    let scp = "SERVICE_CONTROL_POLICY";
    let content = r#"{"Version":"2012-10-17","Statement":{"Effect":"Deny",
        "Action":"s3:GetObjectTorrent","Resource":"*"}}"#;
    let content = content.replace('\n', "").replace('"', "\\\"");
    let kind = format!(r#"{{"RootId":"{{root}}","PolicyType":"{scp}"}}"#);
    let policy =
        format!(r#"{{"Name":"walks","Description":"d","Type":"{scp}","Content":"{content}"}}"#);
    let on = r#"{"PolicyId":"{control}","TargetId":"{unit}"}"#;
    let unit = r#"{"OrganizationalUnitId":"{unit}"}"#;
    let moved = |from: &str, to: &str| {
        let parents = format!(r#""SourceParentId":"{{{from}}}","DestinationParentId":"{{{to}}}""#);
        own("organizations:MoveAccount", &format!(r#"{{"AccountId":"777788889999",{parents}}}"#))
    };
    let one = r#"{"PolicyId":"{control}"}"#;
    vec![
        Sample { foreign: Foreign::Shared, ..own("organizations:DescribeOrganization", "{}") },
        own("organizations:ListRoots", "{}").keeps("root", "Id"),
        own("organizations:ListAWSServiceAccessForOrganization", "{}"),
        own("organizations:EnablePolicyType", &kind),
        own("organizations:CreateOrganizationalUnit", r#"{"ParentId":"{root}","Name":"walk"}"#)
            .keeps("unit", "Id"),
        own("organizations:DescribeOrganizationalUnit", unit),
        own("organizations:UpdateOrganizationalUnit", unit),
        own("organizations:ListOrganizationalUnitsForParent", r#"{"ParentId":"{root}"}"#),
        own("organizations:ListAccounts", "{}"),
        own("organizations:ListAccountsForParent", r#"{"ParentId":"{root}"}"#),
        own("organizations:DescribeAccount", r#"{"AccountId":"777788889999"}"#),
        own("organizations:ListParents", r#"{"ChildId":"777788889999"}"#),
        moved("root", "unit"),
        own("organizations:CreatePolicy", &policy).keeps("control", "Id"),
        own("organizations:DescribePolicy", one),
        own("organizations:UpdatePolicy", one),
        own("organizations:ListPolicies", &format!(r#"{{"Filter":"{scp}"}}"#)),
        own("organizations:AttachPolicy", on),
        own(
            "organizations:ListPoliciesForTarget",
            &format!(r#"{{"TargetId":"{{unit}}","Filter":"{scp}"}}"#),
        ),
        own("organizations:ListTargetsForPolicy", one),
        own("organizations:DetachPolicy", on),
        own("organizations:DeletePolicy", one),
        moved("unit", "root"),
        own("organizations:DeleteOrganizationalUnit", unit),
        own("organizations:DisablePolicyType", &kind),
    ]
}

fn analyzer() -> Vec<Sample> {
    let policy = r#"{\"Statement\":{\"Effect\":\"Deny\",\"Action\":\"s3:*\",\"Resource\":\"*\"}}"#;
    let identity = r#""policyType":"IDENTITY_POLICY""#;
    let shared =
        |row, path, json: String| Sample::of(row, Ask::analyzer(path, &json), Foreign::Shared);
    vec![
        shared(
            "access-analyzer:/policy/validation",
            "validation",
            format!(r#"{{"policyDocument":"{policy}",{identity}}}"#),
        ),
        shared(
            "access-analyzer:/policy/check-no-new-access",
            "check-no-new-access",
            format!(
                r#"{{"newPolicyDocument":"{policy}","existingPolicyDocument":"{policy}",{identity}}}"#
            ),
        ),
        shared(
            "access-analyzer:/policy/check-access-not-granted",
            "check-access-not-granted",
            format!(
                r#"{{"policyDocument":"{policy}","access":[{{"actions":["s3:*"]}}],{identity}}}"#
            ),
        ),
        shared(
            "access-analyzer:/policy/check-no-public-access",
            "check-no-public-access",
            r#"{"policyDocument":"{\"Statement\":{\"Effect\":\"Deny\",\"Principal\":\"*\",\"Action\":\"s3:*\",\"Resource\":\"arn:aws:s3:::b\"}}","resourceType":"AWS::S3::Bucket"}"#.to_owned(),
        ),
    ]
}

fn admin() -> Vec<Sample> {
    let revoke = format!(r#"{{"principal":"arn:aws:iam::{OWNER}:role/Rested"}}"#);
    let parent = format!("arn:aws:iam::{OWNER}:role/Rested");
    let service = format!(r#"{{"name":"bot","parent":"{parent}"}}"#);
    let of_walker = format!("service-accounts?parent={}", encoded(&parent));
    let secret = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";
    let import = format!(
        r#"{{"user":"exact","access_key_id":"AKIAIMPORTEDIMPORTED","secret_access_key":"{secret}"}}"#
    );
    let account = |more: &str| format!("accounts/777788889999{more}");
    let corp = r#"{"name":"corp","issuer":"https://corp.example.com","client_ids":["a"]}"#;
    let whole = |row, path: &str, json: &str| native(row, path, json).foreign(Foreign::Refused);
    vec![
        native("GET whoami", "whoami", ""),
        whole("GET accounts", "accounts", ""),
        whole("POST accounts", "accounts", r#"{"name":"third","id":"777788889999"}"#),
        whole("PUT accounts/{}", &account(""), r#"{"session_seconds_max":3600}"#),
        whole("POST accounts/{}/suspend", &account("/suspend"), ""),
        whole("POST accounts/{}/resume", &account("/resume"), ""),
        native("POST service-accounts", "service-accounts", &service)
            .foreign(Foreign::Absent)
            .keeps("service", "access_key_id"),
        native("GET service-accounts", &of_walker, "").foreign(Foreign::Absent),
        native("PUT service-accounts/{}", "service-accounts/{service}", r#"{"name":"bot2"}"#)
            .foreign(Foreign::Absent),
        native("DELETE service-accounts/{}", "service-accounts/{service}", "")
            .foreign(Foreign::Absent),
        native("POST access-keys", "access-keys", &import).foreign(Foreign::Absent),
        native("GET sessions", "sessions", ""),
        native("POST sessions/revoke", "sessions/revoke", &revoke).foreign(Foreign::Absent),
        native("GET explain/{}", "explain/{decision}", "").foreign(Foreign::Absent),
        native("GET audit", "audit?limit=1", ""),
        native("GET audit/tail", "audit/tail?after=0&limit=1", ""),
        whole("GET audit/verify", "audit/verify", ""),
        whole("GET audit/checkpoint", "audit/checkpoint", ""),
        whole("GET audit/timeline", "audit/timeline?person=nobody", ""),
        whole("GET audit/stats", "audit/stats?to=2020-01-01T00:00:00Z", ""),
        whole("GET audit/prove", "audit/prove?id=leaf:0", ""),
        whole("GET audit/growth", "audit/growth?size=1", ""),
        whole("GET audit/export", "audit/export?from=0&to=1", ""),
        whole("PUT audit/holds/{}", "audit/holds/sampled", r#"{"what":"a sample"}"#),
        whole("GET audit/holds", "audit/holds", ""),
        whole("DELETE audit/holds/{}", "audit/holds/sampled", ""),
        native("POST providers", "providers", corp),
        native("GET providers", "providers", ""),
        native("PUT providers/{}/rules", "providers/corp/rules", r#"{"rules":[]}"#),
        native("POST providers/check", "providers/check", r#"{"token":"a.b.c"}"#),
        whole("POST backup", "backup", r#"{"directory":"{directory}/backup"}"#),
        whole("POST keys/rotate", "keys/rotate", ""),
        whole("POST accounts/{}/close", &account("/close"), ""),
    ]
}
