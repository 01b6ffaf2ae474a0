#![cfg(test)]
//! STS and IAM messages: every operation's smallest form, what AWS documents for the answers, and
//! the malformed neighbours.

use names::{RequestId, Timestamp};
use strongroom_wire::{Fault, Form, Place, QueryOutput, QueryRequest, WireError, iam, sts};

const HEAD: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n";

fn parse<R: QueryRequest>(form: &str) -> Result<R, WireError> {
    R::parse(&Form::parse(form.as_bytes())?)
}

fn fault<R: QueryRequest>(form: &str) -> (String, Fault) {
    match parse::<R>(form).err().unwrap() {
        WireError::Member { place: Place::Form, member, fault } => (member.into_owned(), fault),
        other => panic!("{other:?}"),
    }
}

/// The answer without its declaration, namespace and metadata.
fn body(output: &impl QueryOutput) -> String {
    let response = output.to_response(&RequestId::from_parts(0, [0; 10]));
    assert_eq!(
        (response.status, &response.headers["content-type"]),
        (200, &"text/xml".parse().unwrap())
    );
    let metadata =
        "<ResponseMetadata><RequestId>00000000000000000000000000</RequestId></ResponseMetadata>";
    let body = response.body.unwrap();
    assert!(body.contains(metadata), "{body}");
    let body = body.strip_prefix(HEAD).unwrap().replace(metadata, "");
    body.replace(" xmlns=\"https://iam.amazonaws.com/doc/2010-05-08/\"", "")
        .replace(" xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"", "")
}

fn time() -> Timestamp {
    Timestamp::from_millis(1_767_323_045_678).unwrap()
}

/// Each required parameter (or its items) stands between spaces. With all of them the form parses;
/// without any one of them it does not, and the error names it.
fn check<R: QueryRequest>(action: &str, form: &str) {
    assert_eq!(R::ACTION, action);
    let form = form
        .replace("@policy", "arn:aws:iam::123456789012:policy/Read")
        .replace("@provider", "arn:aws:iam::123456789012:oidc-provider/idp")
        .replace("@long", &"a".repeat(1000))
        .replace("@thumbprint", &"a".repeat(40));
    let parts: Vec<&str> = form.split_whitespace().collect();
    let whole = format!("Action={action}&Version=2010-05-08&{}", parts.join("&"));
    assert!(parse::<R>(&whole).is_ok(), "{action}: {:?}", parse::<R>(&whole).err());
    let more = fault::<R>(&format!("{whole}&Ignored=x"));
    assert_eq!(more, ("Ignored".to_owned(), Fault::Unknown), "{action}");
    for without in &parts {
        let rest: Vec<&str> = parts.iter().copied().filter(|part| part != without).collect();
        let (member, fault) = fault::<R>(&rest.join("&"));
        assert_eq!(fault, Fault::Missing, "{action}: {member}");
        assert!(without.starts_with(&member), "{action}: {member}");
    }
}

macro_rules! smallest {
    ($name:ident, $module:ident: $($request:ident, $form:literal;)*) => {
        #[test]
        fn $name() {
            let mut actions = Vec::new();
            $(
                let action = stringify!($request).strip_suffix("Request").unwrap();
                check::<$module::$request>(action, $form);
                actions.push(action);
            )*
            assert_eq!(actions, $module::ACTIONS);
        }
    };
}

smallest! {
    every_sts_operation_reads_its_smallest_form_and_names_what_is_missing, sts:
    AssumeRoleRequest, "";
    AssumeRoleWithWebIdentityRequest, "WebIdentityToken=a.b.c";
    GetCallerIdentityRequest, "";
    GetSessionTokenRequest, "";
    GetFederationTokenRequest, "Name=ana";
    GetAccessKeyInfoRequest, "AccessKeyId=AKIAIOSFODNN7EXAMPLE";
    DecodeAuthorizationMessageRequest, "EncodedMessage=m";
}

smallest! {
    every_iam_operation_reads_its_smallest_form_and_names_what_is_missing, iam:
    CreateUserRequest, "UserName=ana";
    GetUserRequest, "";
    UpdateUserRequest, "UserName=ana";
    DeleteUserRequest, "UserName=ana";
    CreateGroupRequest, "GroupName=analysts";
    GetGroupRequest, "GroupName=analysts";
    UpdateGroupRequest, "GroupName=analysts";
    DeleteGroupRequest, "GroupName=analysts";
    CreateRoleRequest, "AssumeRolePolicyDocument=%7B%7D RoleName=reader";
    GetRoleRequest, "RoleName=reader";
    UpdateRoleRequest, "RoleName=reader";
    DeleteRoleRequest, "RoleName=reader";
    ListUsersRequest, "";
    ListGroupsRequest, "";
    ListRolesRequest, "";
    AddUserToGroupRequest, "GroupName=analysts UserName=ana";
    RemoveUserFromGroupRequest, "GroupName=analysts UserName=ana";
    ListGroupsForUserRequest, "UserName=ana";
    CreateAccessKeyRequest, "";
    ListAccessKeysRequest, "";
    UpdateAccessKeyRequest, "AccessKeyId=AKIAIOSFODNN7EXAMPLE Status=Inactive";
    DeleteAccessKeyRequest, "AccessKeyId=AKIAIOSFODNN7EXAMPLE";
    GetAccessKeyLastUsedRequest, "AccessKeyId=AKIAIOSFODNN7EXAMPLE";
    UpdateAssumeRolePolicyRequest, "PolicyDocument=%7B%7D RoleName=reader";
    UpdateRoleDescriptionRequest, "Description=d RoleName=reader";
    CreatePolicyRequest, "PolicyDocument=%7B%7D PolicyName=Read";
    GetPolicyRequest, "PolicyArn=@policy";
    ListPoliciesRequest, "";
    DeletePolicyRequest, "PolicyArn=@policy";
    CreatePolicyVersionRequest, "PolicyArn=@policy PolicyDocument=%7B%7D";
    GetPolicyVersionRequest, "PolicyArn=@policy VersionId=v1";
    ListPolicyVersionsRequest, "PolicyArn=@policy";
    SetDefaultPolicyVersionRequest, "PolicyArn=@policy VersionId=v1";
    DeletePolicyVersionRequest, "PolicyArn=@policy VersionId=v1";
    ListEntitiesForPolicyRequest, "PolicyArn=@policy";
    CreateOpenIDConnectProviderRequest, "Url=https://idp.example";
    GetOpenIDConnectProviderRequest, "OpenIDConnectProviderArn=@provider";
    ListOpenIDConnectProvidersRequest, "";
    DeleteOpenIDConnectProviderRequest, "OpenIDConnectProviderArn=@provider";
    UpdateOpenIDConnectProviderThumbprintRequest,
        "OpenIDConnectProviderArn=@provider ThumbprintList.member.1=@thumbprint";
    AddClientIDToOpenIDConnectProviderRequest,
        "ClientID=app OpenIDConnectProviderArn=@provider";
    RemoveClientIDFromOpenIDConnectProviderRequest,
        "ClientID=app OpenIDConnectProviderArn=@provider";
    ListInstanceProfilesForRoleRequest, "RoleName=reader";
    GetAccountSummaryRequest, "";
    ListAccountAliasesRequest, "";
    AttachUserPolicyRequest, "PolicyArn=@policy UserName=ana";
    DetachUserPolicyRequest, "PolicyArn=@policy UserName=ana";
    ListAttachedUserPoliciesRequest, "UserName=ana";
    PutUserPolicyRequest, "PolicyDocument=%7B%7D PolicyName=Read UserName=ana";
    GetUserPolicyRequest, "PolicyName=Read UserName=ana";
    ListUserPoliciesRequest, "UserName=ana";
    DeleteUserPolicyRequest, "PolicyName=Read UserName=ana";
    AttachGroupPolicyRequest, "GroupName=analysts PolicyArn=@policy";
    DetachGroupPolicyRequest, "GroupName=analysts PolicyArn=@policy";
    ListAttachedGroupPoliciesRequest, "GroupName=analysts";
    PutGroupPolicyRequest, "GroupName=analysts PolicyDocument=%7B%7D PolicyName=Read";
    GetGroupPolicyRequest, "GroupName=analysts PolicyName=Read";
    ListGroupPoliciesRequest, "GroupName=analysts";
    DeleteGroupPolicyRequest, "GroupName=analysts PolicyName=Read";
    AttachRolePolicyRequest, "PolicyArn=@policy RoleName=reader";
    DetachRolePolicyRequest, "PolicyArn=@policy RoleName=reader";
    ListAttachedRolePoliciesRequest, "RoleName=reader";
    PutRolePolicyRequest, "PolicyDocument=%7B%7D PolicyName=Read RoleName=reader";
    GetRolePolicyRequest, "PolicyName=Read RoleName=reader";
    ListRolePoliciesRequest, "RoleName=reader";
    DeleteRolePolicyRequest, "PolicyName=Read RoleName=reader";
    PutUserPermissionsBoundaryRequest, "PermissionsBoundary=@policy UserName=ana";
    DeleteUserPermissionsBoundaryRequest, "UserName=ana";
    PutRolePermissionsBoundaryRequest, "PermissionsBoundary=@policy RoleName=reader";
    DeleteRolePermissionsBoundaryRequest, "RoleName=reader";
    TagUserRequest, "Tags.member.1.Key=team&Tags.member.1.Value= UserName=ana";
    UntagUserRequest, "TagKeys.member.1=team UserName=ana";
    ListUserTagsRequest, "UserName=ana";
    TagRoleRequest, "RoleName=reader Tags.member.1.Key=team&Tags.member.1.Value=";
    UntagRoleRequest, "RoleName=reader TagKeys.member.1=team";
    ListRoleTagsRequest, "RoleName=reader";
    TagPolicyRequest, "PolicyArn=@policy Tags.member.1.Key=team&Tags.member.1.Value=";
    UntagPolicyRequest, "PolicyArn=@policy TagKeys.member.1=team";
    ListPolicyTagsRequest, "PolicyArn=@policy";
    TagOpenIDConnectProviderRequest,
        "OpenIDConnectProviderArn=@provider Tags.member.1.Key=team&Tags.member.1.Value=";
    UntagOpenIDConnectProviderRequest, "OpenIDConnectProviderArn=@provider TagKeys.member.1=team";
    ListOpenIDConnectProviderTagsRequest, "OpenIDConnectProviderArn=@provider";
    CreateSAMLProviderRequest, "SAMLMetadataDocument=@long Name=x";
    GetSAMLProviderRequest, "SAMLProviderArn=@policy";
    ListSAMLProvidersRequest, "";
    UpdateSAMLProviderRequest, "SAMLProviderArn=@policy";
    DeleteSAMLProviderRequest, "SAMLProviderArn=@policy";
    TagSAMLProviderRequest, "SAMLProviderArn=@policy Tags.member.1.Key=k&Tags.member.1.Value=v";
    UntagSAMLProviderRequest, "SAMLProviderArn=@policy TagKeys.member.1=x";
    ListSAMLProviderTagsRequest, "SAMLProviderArn=@policy";
    CreateVirtualMFADeviceRequest, "VirtualMFADeviceName=x";
    DeleteVirtualMFADeviceRequest, "SerialNumber=aaaaaaaaa";
    EnableMFADeviceRequest,
        "SerialNumber=aaaaaaaaa AuthenticationCode1=123456 AuthenticationCode2=123456";
    DeactivateMFADeviceRequest, "SerialNumber=aaaaaaaaa";
    ResyncMFADeviceRequest,
        "SerialNumber=aaaaaaaaa AuthenticationCode1=123456 AuthenticationCode2=123456";
    ListMFADevicesRequest, "";
    GetMFADeviceRequest, "SerialNumber=aaaaaaaaa";
    ListVirtualMFADevicesRequest, "";
    TagMFADeviceRequest, "SerialNumber=aaaaaaaaa Tags.member.1.Key=k&Tags.member.1.Value=v";
    UntagMFADeviceRequest, "SerialNumber=aaaaaaaaa TagKeys.member.1=x";
    ListMFADeviceTagsRequest, "SerialNumber=aaaaaaaaa";
    CreateLoginProfileRequest, "";
    GetLoginProfileRequest, "";
    UpdateLoginProfileRequest, "UserName=x";
    DeleteLoginProfileRequest, "";
    ChangePasswordRequest, "OldPassword=x NewPassword=x";
    UpdateAccountPasswordPolicyRequest, "";
    GetAccountPasswordPolicyRequest, "";
    DeleteAccountPasswordPolicyRequest, "";
    CreateAccountAliasRequest, "AccountAlias=aaa";
    DeleteAccountAliasRequest, "AccountAlias=aaa";
    GetAccountAuthorizationDetailsRequest, "";
    GenerateCredentialReportRequest, "";
    GetCredentialReportRequest, "";
    SimulateCustomPolicyRequest, "PolicyInputList.member.1=x ActionNames.member.1=aaa";
    SimulatePrincipalPolicyRequest, "PolicySourceArn=@policy ActionNames.member.1=aaa";
    GetContextKeysForCustomPolicyRequest, "PolicyInputList.member.1=x";
    GetContextKeysForPrincipalPolicyRequest, "PolicySourceArn=@policy";
    ListPoliciesGrantingServiceAccessRequest, "Arn=@policy ServiceNamespaces.member.1=s3";
    GenerateServiceLastAccessedDetailsRequest, "Arn=@policy";
    GetServiceLastAccessedDetailsRequest, "JobId=11112222-3333-4444-5555-666677778888";
    GetServiceLastAccessedDetailsWithEntitiesRequest,
        "JobId=11112222-3333-4444-5555-666677778888 ServiceNamespace=s3";
    ListSSHPublicKeysRequest, "";
    ListSigningCertificatesRequest, "";
    ListServiceSpecificCredentialsRequest, "";
}

// --- requests ---

#[test]
fn a_role_is_read_with_its_tags_in_order() {
    let request: iam::CreateRoleRequest = parse(
        "Action=CreateRole&RoleName=reader&Path=%2Fteam%2F&MaxSessionDuration=3600\
         &AssumeRolePolicyDocument=%7B%22a%22%3A+1%7D&Tags.member.2.Key=b&Tags.member.2.Value=\
         &Tags.member.1.Key=a&Tags.member.1.Value=Stra%C3%9Fe+7",
    )
    .unwrap();
    assert_eq!(request.path.as_deref(), Some("/team/"));
    assert_eq!(request.assume_role_policy_document, "{\"a\": 1}");
    assert_eq!(request.max_session_duration, Some(3600));
    let tags: Vec<_> = request.tags.iter().map(|t| (t.key.as_str(), t.value.as_str())).collect();
    assert_eq!(tags, [("a", "Straße 7"), ("b", "")]);
}

#[test]
fn a_name_at_its_limit_is_taken_and_one_past_it_is_not() {
    let create = |name: &str| parse::<iam::CreateUserRequest>(&format!("UserName={name}")).is_ok();
    assert!(create(&"u".repeat(64)) && !create(&"u".repeat(65)) && !create(""));
    assert!(create("a_Z0%2B=,.@-"));
    for bad in ["a%2Fb", "a*", "a%20b", "%C3%A9", "a%0A", "a%00"] {
        assert!(!create(bad), "{bad}");
    }
}

#[test]
fn a_path_has_its_slashes() {
    let create =
        |path: &str| parse::<iam::CreateUserRequest>(&format!("UserName=ana&Path={path}")).is_ok();
    assert!(create("/") && create("/a/") && create("/a/b/"));
    for bad in ["", "a", "/a", "a/", "/a%20b/", "/%C3%A9/"] {
        assert!(!create(bad), "{bad}");
    }
}

#[test]
fn a_number_or_word_outside_the_model_is_refused() {
    let list = |items| parse::<iam::ListUsersRequest>(&format!("MaxItems={items}")).is_ok();
    assert!(list("1") && list("1000"));
    for bad in ["0", "1001", "-1", "1e2", "", "99999999999999999999"] {
        assert!(!list(bad), "{bad}");
    }
    let update = |status| {
        let form = format!("AccessKeyId=AKIAIOSFODNN7EXAMPLE&Status={status}");
        parse::<iam::UpdateAccessKeyRequest>(&form).is_ok()
    };
    assert!(update("Active") && update("Inactive") && !update("active") && !update("On"));
}

#[test]
fn a_list_at_its_limit_is_taken_and_one_past_it_is_not() {
    let tag = |count: usize| {
        let tags: String = (1..=count)
            .map(|i| format!("&Tags.member.{i}.Key=k{i}&Tags.member.{i}.Value=v"))
            .collect();
        parse::<iam::TagUserRequest>(&format!("UserName=ana{tags}")).map(|r| r.tags.len())
    };
    assert_eq!(tag(50), Ok(50));
    assert!(tag(51).is_err());
    let none: iam::TagUserRequest = parse("UserName=ana&Tags=").unwrap();
    assert_eq!(none.tags, []);
}

#[test]
fn a_member_with_the_wrong_structure_is_refused() {
    assert_eq!(fault::<iam::CreateUserRequest>("UserName.x=ana").1, Fault::Unknown);
    assert_eq!(fault::<iam::TagUserRequest>("UserName=ana&Tags=x").1, Fault::Unknown);
    let twice = parse::<iam::CreateUserRequest>("UserName=ana&UserName=bob").err().unwrap();
    assert!(matches!(twice, WireError::Form(_)));
    let numbered = parse::<iam::CreateUserRequest>("UserName.1=ana&UserName.2=bob").err().unwrap();
    assert!(matches!(numbered, WireError::Member { fault: Fault::Duplicate, .. }));
}

#[test]
fn no_error_repeats_a_value() {
    let secret = "hunter2 hunter2!";
    for form in [
        format!("UserName={secret}"),
        format!("UserName=ana&Path={secret}"),
        format!("UserName=ana&UserName={secret}"),
        format!("UserName=ana&Tags={secret}"),
        format!("UserName=ana&x=%zz{secret}"),
    ] {
        let error = parse::<iam::CreateUserRequest>(&form).err().unwrap();
        assert!(!format!("{error} {error:?}").contains("hunter2"), "{error}");
    }
}

#[test]
fn a_web_identity_token_is_read_whole_and_never_prints() {
    let token = "e".repeat(60_000);
    let form = format!(
        "RoleArn=arn:aws:iam::123456789012:role/reader&RoleSessionName=ana\
         &WebIdentityToken={token}&DurationSeconds=900"
    );
    let request: sts::AssumeRoleWithWebIdentityRequest = parse(&form).unwrap();
    assert_eq!(request.web_identity_token.expose(), token);
    assert!(!format!("{request:?}").contains("eee"));
    // The model ends at twelve hours; here a setting may raise that to a year.
    for (seconds, good) in [(899, false), (900, true), (31_536_000, true), (31_536_001, false)] {
        let form = format!("WebIdentityToken=a.b.c&DurationSeconds={seconds}");
        let read = parse::<sts::AssumeRoleWithWebIdentityRequest>(&form);
        assert_eq!(read.is_ok(), good, "{seconds}");
    }
}

#[test]
fn a_session_is_narrowed_by_policies_tags_and_an_external_id() {
    let request: sts::AssumeRoleRequest = parse(
        "RoleArn=arn:aws:iam::123456789012:role/reader&RoleSessionName=ana&ExternalId=a:b%2Fc\
         &PolicyArns.member.1.arn=arn:aws:iam::123456789012:policy/Read&Policy=%7B%7D\
         &Tags.member.1.Key=team&Tags.member.1.Value=x&TransitiveTagKeys.member.1=team",
    )
    .unwrap();
    assert_eq!(request.external_id.as_deref(), Some("a:b/c"));
    let arn = request.policy_arns.first().unwrap().arn.as_deref();
    assert_eq!(arn, Some("arn:aws:iam::123456789012:policy/Read"));
    assert_eq!(request.transitive_tag_keys, ["team"]);
    let without_role: sts::AssumeRoleRequest = parse("DurationSeconds=900").unwrap();
    assert_eq!(without_role.role_arn, None);
}

// --- answers ---

#[test]
fn credentials_answer_as_documented() {
    let output = sts::AssumeRoleResponse {
        credentials: Some(sts::Credentials {
            access_key_id: "ASIAIOSFODNN7EXAMPLE".into(),
            secret_access_key: "s/+=".to_owned().into(),
            session_token: "token".to_owned().into(),
            expiration: time(),
        }),
        assumed_role_user: Some(sts::AssumedRoleUser {
            arn: "arn:aws:sts::123456789012:assumed-role/reader/ana".into(),
            assumed_role_id: "AROA:ana".into(),
        }),
        ..Default::default()
    };
    assert_eq!(
        body(&output),
        "<AssumeRoleResponse><AssumeRoleResult><AssumedRoleUser>\
         <Arn>arn:aws:sts::123456789012:assumed-role/reader/ana</Arn>\
         <AssumedRoleId>AROA:ana</AssumedRoleId></AssumedRoleUser><Credentials>\
         <AccessKeyId>ASIAIOSFODNN7EXAMPLE</AccessKeyId>\
         <Expiration>2026-01-02T03:04:05Z</Expiration><SecretAccessKey>s/+=</SecretAccessKey>\
         <SessionToken>token</SessionToken></Credentials></AssumeRoleResult></AssumeRoleResponse>"
    );
    assert!(!format!("{output:?}").contains("token\""));
}

#[test]
fn the_other_sts_answers_have_their_own_wrappers() {
    let identity = sts::GetCallerIdentityResponse {
        account: Some("123456789012".into()),
        arn: Some("arn:aws:iam::123456789012:user/ana".into()),
        user_id: Some("AIDA".into()),
    };
    assert_eq!(
        body(&identity),
        "<GetCallerIdentityResponse><GetCallerIdentityResult><Account>123456789012</Account>\
         <Arn>arn:aws:iam::123456789012:user/ana</Arn><UserId>AIDA</UserId>\
         </GetCallerIdentityResult></GetCallerIdentityResponse>"
    );
    let web = sts::AssumeRoleWithWebIdentityResponse {
        subject_from_web_identity_token: Some("ana".into()),
        audience: Some("app".into()),
        provider: Some("https://idp.example".into()),
        ..Default::default()
    };
    assert_eq!(
        body(&web),
        "<AssumeRoleWithWebIdentityResponse><AssumeRoleWithWebIdentityResult>\
         <Audience>app</Audience><Provider>https://idp.example</Provider>\
         <SubjectFromWebIdentityToken>ana</SubjectFromWebIdentityToken>\
         </AssumeRoleWithWebIdentityResult></AssumeRoleWithWebIdentityResponse>"
    );
    let session = sts::GetSessionTokenResponse::default();
    assert_eq!(
        body(&session),
        "<GetSessionTokenResponse><GetSessionTokenResult></GetSessionTokenResult>\
         </GetSessionTokenResponse>"
    );
}

#[test]
fn an_operation_without_a_result_answers_with_metadata_alone() {
    assert_eq!(
        body(&iam::DeleteUserResponse::default()),
        "<DeleteUserResponse></DeleteUserResponse>"
    );
    assert_eq!(
        body(&iam::AttachRolePolicyResponse::default()),
        "<AttachRolePolicyResponse></AttachRolePolicyResponse>"
    );
    assert_eq!(
        body(&iam::UpdateRoleResponse::default()),
        "<UpdateRoleResponse><UpdateRoleResult></UpdateRoleResult></UpdateRoleResponse>"
    );
}

fn user() -> iam::User {
    iam::User {
        arn: "arn:aws:iam::123456789012:user/ana".into(),
        create_date: time(),
        path: "/".into(),
        user_id: "AIDA".into(),
        user_name: "ana".into(),
        ..Default::default()
    }
}

const USER: &str = "<Arn>arn:aws:iam::123456789012:user/ana</Arn>\
    <CreateDate>2026-01-02T03:04:05Z</CreateDate><Path>/</Path><UserId>AIDA</UserId>\
    <UserName>ana</UserName>";

#[test]
fn users_answer_alone_and_in_lists() {
    let created = iam::CreateUserResponse { user: Some(user()) };
    assert_eq!(
        body(&created),
        format!(
            "<CreateUserResponse><CreateUserResult><User>{USER}</User></CreateUserResult>\
             </CreateUserResponse>"
        )
    );
    let listed =
        iam::ListUsersResponse { users: vec![user()], is_truncated: Some(false), marker: None };
    assert_eq!(
        body(&listed),
        format!(
            "<ListUsersResponse><ListUsersResult><IsTruncated>false</IsTruncated><Users>\
             <member>{USER}</member></Users></ListUsersResult></ListUsersResponse>"
        )
    );
    let none = iam::ListUsersResponse::default();
    assert!(body(&none).contains("<Users></Users>"));
}

#[test]
fn groups_answer_with_their_members() {
    let group = iam::Group {
        arn: "arn:aws:iam::123456789012:group/g".into(),
        create_date: time(),
        group_id: "AGPA".into(),
        group_name: "g".into(),
        path: "/".into(),
    };
    let answer = body(&iam::GetGroupResponse { group, users: vec![user()], ..Default::default() });
    assert_eq!(
        answer,
        format!(
            "<GetGroupResponse><GetGroupResult><Group><Arn>arn:aws:iam::123456789012:group/g</Arn>\
             <CreateDate>2026-01-02T03:04:05Z</CreateDate><GroupId>AGPA</GroupId>\
             <GroupName>g</GroupName><Path>/</Path></Group><Users><member>{USER}</member></Users>\
             </GetGroupResult></GetGroupResponse>"
        )
    );
}

#[test]
fn access_keys_answer_and_their_secret_does_not_print() {
    let output = iam::CreateAccessKeyResponse {
        access_key: iam::AccessKey {
            access_key_id: "AKIAIOSFODNN7EXAMPLE".into(),
            create_date: Some(time()),
            secret_access_key: "wJalr".to_owned().into(),
            status: "Active".into(),
            user_name: "ana".into(),
        },
    };
    assert_eq!(
        body(&output),
        "<CreateAccessKeyResponse><CreateAccessKeyResult><AccessKey>\
         <AccessKeyId>AKIAIOSFODNN7EXAMPLE</AccessKeyId>\
         <CreateDate>2026-01-02T03:04:05Z</CreateDate><SecretAccessKey>wJalr</SecretAccessKey>\
         <Status>Active</Status><UserName>ana</UserName></AccessKey></CreateAccessKeyResult>\
         </CreateAccessKeyResponse>"
    );
    assert!(!format!("{output:?}").contains("wJalr"));
}

#[test]
fn policy_documents_are_percent_encoded_in_answers_alone() {
    let document = "{\"a\": \"é+\"}";
    let encoded = "%7B%22a%22%3A%20%22%C3%A9%2B%22%7D";
    let inline = iam::GetUserPolicyResponse {
        policy_document: document.into(),
        policy_name: "p".into(),
        user_name: "ana".into(),
    };
    assert_eq!(
        body(&inline),
        format!(
            "<GetUserPolicyResponse><GetUserPolicyResult><PolicyDocument>{encoded}</PolicyDocument>\
             <PolicyName>p</PolicyName><UserName>ana</UserName></GetUserPolicyResult>\
             </GetUserPolicyResponse>"
        )
    );
    let role =
        iam::Role { assume_role_policy_document: Some(document.into()), ..Default::default() };
    let answer = body(&iam::GetRoleResponse { role });
    assert!(answer.contains(&format!("<AssumeRolePolicyDocument>{encoded}<")), "{answer}");
    let version = iam::PolicyVersion { document: Some(document.into()), ..Default::default() };
    let answer = body(&iam::GetPolicyVersionResponse { policy_version: Some(version) });
    assert!(answer.contains(&format!("<Document>{encoded}</Document>")), "{answer}");
}

#[test]
fn policies_attachments_and_entities_answer_in_lists() {
    let attached = iam::ListAttachedRolePoliciesResponse {
        attached_policies: Some(vec![iam::AttachedPolicy {
            policy_arn: Some("arn".into()),
            policy_name: Some("p".into()),
        }]),
        is_truncated: Some(false),
        ..Default::default()
    };
    assert_eq!(
        body(&attached),
        "<ListAttachedRolePoliciesResponse><ListAttachedRolePoliciesResult><AttachedPolicies>\
         <member><PolicyArn>arn</PolicyArn><PolicyName>p</PolicyName></member></AttachedPolicies>\
         <IsTruncated>false</IsTruncated></ListAttachedRolePoliciesResult>\
         </ListAttachedRolePoliciesResponse>"
    );
    let names = iam::ListUserPoliciesResponse {
        policy_names: vec!["a".into(), "b".into()],
        ..Default::default()
    };
    assert!(
        body(&names).contains("<PolicyNames><member>a</member><member>b</member></PolicyNames>")
    );
    let entities = iam::ListEntitiesForPolicyResponse {
        policy_users: Some(vec![iam::PolicyUser {
            user_name: Some("ana".into()),
            ..Default::default()
        }]),
        ..Default::default()
    };
    assert!(
        body(&entities)
            .contains("<PolicyUsers><member><UserName>ana</UserName></member></PolicyUsers>")
    );
}

#[test]
fn a_map_answers_as_entries() {
    let output = iam::GetAccountSummaryResponse {
        summary_map: [("Groups".to_owned(), 2), ("Users".to_owned(), 7)].into(),
    };
    assert_eq!(
        body(&output),
        "<GetAccountSummaryResponse><GetAccountSummaryResult><SummaryMap>\
         <entry><key>Groups</key><value>2</value></entry>\
         <entry><key>Users</key><value>7</value></entry></SummaryMap></GetAccountSummaryResult>\
         </GetAccountSummaryResponse>"
    );
}

#[test]
fn an_identity_provider_answers_with_its_clients() {
    let output = iam::GetOpenIDConnectProviderResponse {
        url: Some("idp.example".into()),
        client_id_list: Some(vec!["app".into()]),
        thumbprint_list: Some(vec![]),
        create_date: Some(time()),
        tags: Some(vec![iam::Tag { key: "k".into(), value: "v".into() }]),
    };
    assert_eq!(
        body(&output),
        "<GetOpenIDConnectProviderResponse><GetOpenIDConnectProviderResult>\
         <ClientIDList><member>app</member></ClientIDList>\
         <CreateDate>2026-01-02T03:04:05Z</CreateDate>\
         <Tags><member><Key>k</Key><Value>v</Value></member></Tags>\
         <ThumbprintList></ThumbprintList><Url>idp.example</Url>\
         </GetOpenIDConnectProviderResult></GetOpenIDConnectProviderResponse>"
    );
}
