//! Every operation: which action on which resource, and that nothing else lets anybody in.

use std::sync::Arc;

use policy::Kind;
use policy::operation::Operation;

use crate::ops::*;
use crate::testing::*;
use crate::*;

/// Asks as four callers: one who may do exactly this, one who may do everything else, nobody, and
/// the root of another account.
struct Asked {
    world: World,
    may: Caller,
    else_only: Caller,
    stranger: Caller,
}

impl Asked {
    fn new() -> Self {
        let mut world = World::new();
        world.make_user("may");
        world.make_user("other");
        let (_, may) = world.key_of("may");
        let (_, else_only) = world.key_of("other");
        let principal = policy::principal::Principal::Root { account: partner() };
        let who = audit::Who { principal, ..audit::Who::anonymous() };
        Self { world, may, else_only, stranger: Caller { who: Arc::new(who), session: None } }
    }

    fn row<Op: Operation + RequestFacts>(&mut self, op: &Op, action: &str, resource: &str) {
        let check = op.checks().remove(0);
        assert_eq!(check.action.as_str(), action, "{}", Op::NAME);
        assert_eq!(check.resource.as_str(), resource, "{}", Op::NAME);
        let put = |name: &str, text: &str| PutUserPolicy {
            user: user(name),
            name: "p".parse().unwrap(),
            document: StoredPolicy::parse(text, Kind::Identity).unwrap(),
        };
        let exact = format!(
            r#"{{"Version": "2012-10-17", "Statement": {{"Effect": "Allow",
                "Action": "{action}", "Resource": "{resource}"}}}}"#
        );
        self.world.act(&put("may", &exact)).unwrap();
        let others = format!(
            r#"{{"Version": "2012-10-17", "Statement": {{"Effect": "Allow",
                "NotAction": "{action}", "Resource": "*"}}}}"#
        );
        self.world.act(&put("other", &others)).unwrap();
        assert!(self.world.allows(&self.may, op), "{} by its own action", Op::NAME);
        assert!(self.world.allows(&self.world.root(), op), "{} by the root", Op::NAME);
        assert!(!self.world.allows(&self.else_only, op), "{} by every other action", Op::NAME);
        assert!(!self.world.allows(&Caller::anonymous(), op), "{} by nobody", Op::NAME);
        if resource != "*" {
            assert!(!self.world.allows(&self.stranger, op), "{} by a stranger", Op::NAME);
        }
    }
}

fn page() -> PageRequest {
    PageRequest::default()
}

const USER: &str = "arn:aws:iam::111122223333:user/u";
const GROUP: &str = "arn:aws:iam::111122223333:group/g";
const ROLE: &str = "arn:aws:iam::111122223333:role/r";
const POLICY: &str = "arn:aws:iam::111122223333:policy/p";
const PROVIDER: &str = "arn:aws:iam::111122223333:oidc-provider/idp.example/a";

fn policy_arn() -> names::Arn {
    POLICY.parse().unwrap()
}

fn inline() -> names::PolicyName {
    "i".parse().unwrap()
}

#[test]
fn operations_on_users_ask_for_their_own_action() {
    let mut asked = Asked::new();
    let (u, keys, tags) = (|| user("u"), Vec::<String>::new, Tags::default);
    let holder = || KeyHolder::User(user("u"));
    let (prefix, account) = (PathPrefix::default(), home());
    let key: names::AccessKeyId = "AKIAAAAAAAAAAAAAAAAA".parse().unwrap();
    let create = CreateUser { user: u(), tags: tags(), boundary: None };
    asked.row(&create, "iam:CreateUser", USER);
    asked.row(&GetUser { holder: holder() }, "iam:GetUser", USER);
    let all = "arn:aws:iam::111122223333:user/";
    asked.row(&ListUsers { account, prefix, page: page() }, "iam:ListUsers", all);
    let update = UpdateUser { user: u(), new_name: None, new_path: None };
    asked.row(&update, "iam:UpdateUser", USER);
    asked.row(&DeleteUser { user: u() }, "iam:DeleteUser", USER);
    asked.row(&TagUser { user: u(), tags: tags() }, "iam:TagUser", USER);
    asked.row(&UntagUser { user: u(), keys: keys() }, "iam:UntagUser", USER);
    asked.row(&ListUserTags { user: u(), page: page() }, "iam:ListUserTags", USER);
    let put = PutUserPermissionsBoundary { user: u(), boundary: policy_arn() };
    asked.row(&put, "iam:PutUserPermissionsBoundary", USER);
    let delete = DeleteUserPermissionsBoundary { user: u() };
    asked.row(&delete, "iam:DeleteUserPermissionsBoundary", USER);
    asked.row(&CreateAccessKey { holder: holder() }, "iam:CreateAccessKey", USER);
    let import = ImportAccessKey { holder: holder(), key: RootKey::Generate };
    asked.row(&import, "iam:CreateAccessKey", USER);
    let list = ListAccessKeys { holder: holder(), page: page() };
    asked.row(&list, "iam:ListAccessKeys", USER);
    let status = KeyStatus::Inactive;
    let update = UpdateAccessKey { holder: holder(), key: key.clone(), status };
    asked.row(&update, "iam:UpdateAccessKey", USER);
    let delete = DeleteAccessKey { holder: holder(), key: key.clone() };
    asked.row(&delete, "iam:DeleteAccessKey", USER);
    let last = GetAccessKeyLastUsed { holder: holder(), key };
    asked.row(&last, "iam:GetAccessKeyLastUsed", USER);
}

#[test]
fn operations_on_groups_ask_for_their_own_action() {
    let mut asked = Asked::new();
    let (g, account) = (|| group("g"), home());
    let member = || "u".parse::<names::UserName>().unwrap();
    asked.row(&CreateGroup { group: g() }, "iam:CreateGroup", GROUP);
    asked.row(&GetGroup { group: g(), page: page() }, "iam:GetGroup", GROUP);
    let list = ListGroups { account, prefix: "/x".parse().unwrap(), page: page() };
    asked.row(&list, "iam:ListGroups", "arn:aws:iam::111122223333:group/x");
    let update = UpdateGroup { group: g(), new_name: None, new_path: None };
    asked.row(&update, "iam:UpdateGroup", GROUP);
    asked.row(&DeleteGroup { group: g() }, "iam:DeleteGroup", GROUP);
    asked.row(&AddUserToGroup { group: g(), user: member() }, "iam:AddUserToGroup", GROUP);
    let remove = RemoveUserFromGroup { group: g(), user: member() };
    asked.row(&remove, "iam:RemoveUserFromGroup", GROUP);
    let list = ListGroupsForUser { user: user("u"), page: page() };
    asked.row(&list, "iam:ListGroupsForUser", USER);
}

#[test]
fn operations_on_roles_ask_for_their_own_action() {
    let mut asked = Asked::new();
    let (r, account, tags) = (|| role("r"), home(), Tags::default);
    let trust = || trusts(r#""*""#, r#""sts:AssumeRole""#);
    let create = CreateRole {
        role: r(),
        trust: trust(),
        description: None,
        max_session_seconds: None,
        tags: tags(),
        boundary: None,
    };
    asked.row(&create, "iam:CreateRole", ROLE);
    asked.row(&GetRole { role: r() }, "iam:GetRole", ROLE);
    let list = ListRoles { account, prefix: PathPrefix::default(), page: page() };
    asked.row(&list, "iam:ListRoles", "arn:aws:iam::111122223333:role/");
    let update = UpdateRole { role: r(), description: None, max_session_seconds: None };
    asked.row(&update, "iam:UpdateRole", ROLE);
    let update = UpdateRoleDescription { role: r(), description: String::new() };
    asked.row(&update, "iam:UpdateRoleDescription", ROLE);
    let update = UpdateAssumeRolePolicy { role: r(), trust: trust() };
    asked.row(&update, "iam:UpdateAssumeRolePolicy", ROLE);
    asked.row(&DeleteRole { role: r() }, "iam:DeleteRole", ROLE);
    asked.row(&TagRole { role: r(), tags: tags() }, "iam:TagRole", ROLE);
    asked.row(&UntagRole { role: r(), keys: Vec::new() }, "iam:UntagRole", ROLE);
    asked.row(&ListRoleTags { role: r(), page: page() }, "iam:ListRoleTags", ROLE);
    let put = PutRolePermissionsBoundary { role: r(), boundary: policy_arn() };
    asked.row(&put, "iam:PutRolePermissionsBoundary", ROLE);
    let delete = DeleteRolePermissionsBoundary { role: r() };
    asked.row(&delete, "iam:DeleteRolePermissionsBoundary", ROLE);
}

#[test]
fn operations_on_managed_policies_ask_for_their_own_action() {
    let mut asked = Asked::new();
    let (p, account, tags) = (policy_arn, home(), Tags::default);
    let version = PolicyVersionId(1);
    let document = || allow("s3:*");
    let create = CreatePolicy {
        policy: managed("p"),
        document: document(),
        description: None,
        tags: tags(),
    };
    asked.row(&create, "iam:CreatePolicy", POLICY);
    asked.row(&GetPolicy { policy: p() }, "iam:GetPolicy", POLICY);
    let (prefix, attached) = (PathPrefix::default(), AttachedFilter::Any);
    let scope = PolicyScope::All;
    let list = ListPolicies { account, prefix, scope, attached, page: page() };
    asked.row(&list, "iam:ListPolicies", "arn:aws:iam::111122223333:policy/");
    asked.row(&DeletePolicy { policy: p() }, "iam:DeletePolicy", POLICY);
    let default = NewDefault::Keep;
    let create = CreatePolicyVersion { policy: p(), document: document(), default };
    asked.row(&create, "iam:CreatePolicyVersion", POLICY);
    asked.row(&GetPolicyVersion { policy: p(), version }, "iam:GetPolicyVersion", POLICY);
    let list = ListPolicyVersions { policy: p(), page: page() };
    asked.row(&list, "iam:ListPolicyVersions", POLICY);
    let delete = DeletePolicyVersion { policy: p(), version };
    asked.row(&delete, "iam:DeletePolicyVersion", POLICY);
    let set = SetDefaultPolicyVersion { policy: p(), version };
    asked.row(&set, "iam:SetDefaultPolicyVersion", POLICY);
    asked.row(&TagPolicy { policy: p(), tags: tags() }, "iam:TagPolicy", POLICY);
    asked.row(&UntagPolicy { policy: p(), keys: Vec::new() }, "iam:UntagPolicy", POLICY);
    asked.row(&ListPolicyTags { policy: p(), page: page() }, "iam:ListPolicyTags", POLICY);
    let list = ListEntitiesForPolicy { policy: p(), filter: EntityFilter::All, page: page() };
    asked.row(&list, "iam:ListEntitiesForPolicy", POLICY);
}

/// The seven operations on the policies that something holds.
macro_rules! holds {
    ($asked:ident, $field:ident, $reference:expr, $arn:expr;
        $attach:ident $detach:ident $attached:ident
        $put:ident $get:ident $delete:ident $list:ident) => {
        let name = |op: &str| format!("iam:{op}");
        let (h, policy) = (|| $reference, policy_arn);
        $asked.row(&$attach { $field: h(), policy: policy() }, &name(stringify!($attach)), $arn);
        $asked.row(&$detach { $field: h(), policy: policy() }, &name(stringify!($detach)), $arn);
        $asked.row(&$attached { $field: h(), page: page() }, &name(stringify!($attached)), $arn);
        let put = $put { $field: h(), name: inline(), document: allow("s3:*") };
        $asked.row(&put, &name(stringify!($put)), $arn);
        $asked.row(&$get { $field: h(), name: inline() }, &name(stringify!($get)), $arn);
        $asked.row(&$delete { $field: h(), name: inline() }, &name(stringify!($delete)), $arn);
        $asked.row(&$list { $field: h(), page: page() }, &name(stringify!($list)), $arn);
    };
}

#[test]
fn attaching_and_writing_policies_ask_for_their_own_action() {
    let mut asked = Asked::new();
    holds!(asked, user, user("u"), USER; AttachUserPolicy DetachUserPolicy
        ListAttachedUserPolicies PutUserPolicy GetUserPolicy DeleteUserPolicy ListUserPolicies);
    holds!(asked, group, group("g"), GROUP; AttachGroupPolicy DetachGroupPolicy
        ListAttachedGroupPolicies PutGroupPolicy GetGroupPolicy DeleteGroupPolicy
        ListGroupPolicies);
    holds!(asked, role, role("r"), ROLE; AttachRolePolicy DetachRolePolicy
        ListAttachedRolePolicies PutRolePolicy GetRolePolicy DeleteRolePolicy ListRolePolicies);
}

#[test]
fn operations_on_providers_ask_for_their_own_action() {
    let mut asked = Asked::new();
    let account = home();
    let issuer = || "https://idp.example/a".parse::<IssuerUrl>().unwrap();
    let provider = || PROVIDER.parse::<names::Arn>().unwrap();
    let (client_id, keys, tags) = (String::new, Vec::<String>::new, Tags::default);
    let create = CreateOpenIDConnectProvider {
        account,
        issuer: issuer(),
        client_ids: keys(),
        thumbprints: keys(),
        tags: tags(),
    };
    asked.row(&create, "iam:CreateOpenIDConnectProvider", PROVIDER);
    let get = GetOpenIDConnectProvider { provider: provider() };
    asked.row(&get, "iam:GetOpenIDConnectProvider", PROVIDER);
    let list = ListOpenIDConnectProviders { account };
    asked.row(&list, "iam:ListOpenIDConnectProviders", "*");
    let update =
        UpdateOpenIDConnectProviderThumbprint { provider: provider(), thumbprints: keys() };
    asked.row(&update, "iam:UpdateOpenIDConnectProviderThumbprint", PROVIDER);
    let add = AddClientIDToOpenIDConnectProvider { provider: provider(), client_id: client_id() };
    asked.row(&add, "iam:AddClientIDToOpenIDConnectProvider", PROVIDER);
    let remove =
        RemoveClientIDFromOpenIDConnectProvider { provider: provider(), client_id: client_id() };
    asked.row(&remove, "iam:RemoveClientIDFromOpenIDConnectProvider", PROVIDER);
    let delete = DeleteOpenIDConnectProvider { provider: provider() };
    asked.row(&delete, "iam:DeleteOpenIDConnectProvider", PROVIDER);
    let tag = TagOpenIDConnectProvider { provider: provider(), tags: tags() };
    asked.row(&tag, "iam:TagOpenIDConnectProvider", PROVIDER);
    let untag = UntagOpenIDConnectProvider { provider: provider(), keys: keys() };
    asked.row(&untag, "iam:UntagOpenIDConnectProvider", PROVIDER);
    let add = AddProvider {
        account,
        issuer: issuer(),
        name: "idp".parse().unwrap(),
        client_ids: keys(),
        claims: ClaimSettings::default(),
        session_seconds_max: None,
        trust: None,
    };
    asked.row(&add, "strongroom:AddProvider", PROVIDER);
    asked.row(&ListProviders { account }, "strongroom:ListProviders", "*");
    let map = MapProvider { provider: provider(), rules: Vec::new() };
    asked.row(&map, "strongroom:MapProvider", PROVIDER);
    asked.row(&CheckToken { provider: provider() }, "strongroom:CheckToken", PROVIDER);
}

#[test]
fn operations_of_the_native_api_ask_for_their_own_action() {
    let mut asked = Asked::new();
    let (account, operator) = (home(), home());
    let arn = |rest: &str| format!("arn:aws:strongroom::111122223333:{rest}");
    let list = ListAccounts { operator, page: page() };
    asked.row(&list, "strongroom:ListAccounts", &arn("account/*"));
    let name = "n".parse().unwrap();
    let create = CreateAccount { operator, name, id: None, key: RootKey::Generate };
    asked.row(&create, "strongroom:CreateAccount", &arn("account/n"));
    let own = arn(&format!("account/{account}"));
    let get = GetAccountPublicAccessBlock { account };
    asked.row(&get, "s3:GetAccountPublicAccessBlock", &own);
    let put = PutAccountPublicAccessBlock { account, block: PublicAccessBlock::ALL };
    asked.row(&put, "s3:PutAccountPublicAccessBlock", &own);
    let delete = DeleteAccountPublicAccessBlock { account };
    asked.row(&delete, "s3:PutAccountPublicAccessBlock", &own);
    let list = ListSessions { account, page: page() };
    asked.row(&list, "strongroom:ListSessions", &arn("session/*"));
    let revoke = Revoke::Session("ASIAAAAAAAAAAAAAAAAA".parse().unwrap());
    let revoke = RevokeSessions { account, revoke };
    let session = arn("session/ASIAAAAAAAAAAAAAAAAA");
    asked.row(&revoke, "strongroom:RevokeSessions", &session);
    let decision: names::DecisionId = "00000000000000000000000000-0".parse().unwrap();
    let explain = ExplainDecision { account, decision };
    let resource = arn("decision/00000000000000000000000000-0");
    asked.row(&explain, "strongroom:ExplainDecision", &resource);
    let search = SearchAudit { account, page: page() };
    asked.row(&search, "strongroom:SearchAudit", &arn("audit"));
    let holds = ManageAuditHolds { operator };
    asked.row(&holds, "strongroom:ManageAuditHolds", &arn("audit"));
    asked.row(&Backup { operator }, "strongroom:Backup", &arn("server"));
    asked.row(&RotateMasterKey { operator }, "strongroom:RotateMasterKey", &arn("server"));
    asked.row(&GetAccountSummary { account }, "iam:GetAccountSummary", "*");
    asked.row(&ListAccountAliases { account }, "iam:ListAccountAliases", "*");
}

#[test]
fn operations_on_what_people_sign_in_with_ask_for_their_own_action() {
    let mut asked = Asked::new();
    let (account, u, tags, keys) = (home(), || user("u"), Tags::default, Vec::<String>::new);
    let mfa = "arn:aws:iam::111122223333:mfa/d";
    let serial = || mfa.parse::<names::Arn>().unwrap();
    let code = || "123456".parse::<MfaCode>().unwrap();
    let device = State::new_ref(account, "/".parse().unwrap(), "d".parse().unwrap());
    let create = CreateVirtualMFADevice { device, tags: tags() };
    asked.row(&create, "iam:CreateVirtualMFADevice", mfa);
    let delete = DeleteVirtualMFADevice { serial: serial() };
    asked.row(&delete, "iam:DeleteVirtualMFADevice", mfa);
    let enable = EnableMFADevice {
        holder: KeyHolder::User(u()),
        serial: serial(),
        first: code(),
        second: code(),
    };
    asked.row(&enable, "iam:EnableMFADevice", USER);
    let resync = ResyncMFADevice {
        holder: KeyHolder::User(u()),
        serial: serial(),
        first: code(),
        second: code(),
    };
    asked.row(&resync, "iam:ResyncMFADevice", USER);
    let deactivate = DeactivateMFADevice { holder: KeyHolder::User(u()), serial: serial() };
    asked.row(&deactivate, "iam:DeactivateMFADevice", USER);
    asked.row(
        &ListMFADevices { holder: KeyHolder::User(u()), page: page() },
        "iam:ListMFADevices",
        USER,
    );
    asked.row(
        &GetMFADevice { holder: KeyHolder::User(u()), serial: serial() },
        "iam:GetMFADevice",
        USER,
    );
    let list = ListVirtualMFADevices { account, assigned: Assigned::Any, page: page() };
    asked.row(&list, "iam:ListVirtualMFADevices", "*");
    let tag = TagMFADevice { serial: serial(), tags: tags() };
    asked.row(&tag, "iam:TagMFADevice", mfa);
    asked.row(&UntagMFADevice { serial: serial(), keys: keys() }, "iam:UntagMFADevice", mfa);
    let list = ListMFADeviceTags { serial: serial(), page: page() };
    asked.row(&list, "iam:ListMFADeviceTags", mfa);
    let word = || "a".parse::<Password>().unwrap();
    let reset = PasswordReset::Required;
    let create = CreateLoginProfile { user: u(), password: word(), reset };
    asked.row(&create, "iam:CreateLoginProfile", USER);
    asked.row(&GetLoginProfile { user: u() }, "iam:GetLoginProfile", USER);
    let update = UpdateLoginProfile { user: u(), password: None, reset: None };
    asked.row(&update, "iam:UpdateLoginProfile", USER);
    asked.row(&DeleteLoginProfile { user: u() }, "iam:DeleteLoginProfile", USER);
    let change = ChangePassword { user: u(), old: word(), new: word() };
    asked.row(&change, "iam:ChangePassword", USER);
    asked.row(&GetAccountPasswordPolicy { account }, "iam:GetAccountPasswordPolicy", "*");
    let delete = DeleteAccountPasswordPolicy { account };
    asked.row(&delete, "iam:DeleteAccountPasswordPolicy", "*");
    let rules = PasswordRules {
        length_min: 8,
        kinds: std::collections::BTreeSet::new(),
        self_service: SelfService::ByPolicy,
        age_days_max: None,
        former: None,
        expiry: Expiry::Renewable,
    };
    let update = UpdateAccountPasswordPolicy { account, rules };
    asked.row(&update, "iam:UpdateAccountPasswordPolicy", "*");
    let alias = || "alias".parse::<AccountAlias>().unwrap();
    let create = CreateAccountAlias { account, alias: alias() };
    asked.row(&create, "iam:CreateAccountAlias", "*");
    let delete = DeleteAccountAlias { account, alias: alias() };
    asked.row(&delete, "iam:DeleteAccountAlias", "*");
}

#[test]
fn operations_on_saml_providers_ask_for_their_own_action() {
    let mut asked = Asked::new();
    let (account, tags, keys) = (home(), Tags::default, Vec::<String>::new);
    let saml = "arn:aws:iam::111122223333:saml-provider/s";
    let provider = || saml.parse::<names::Arn>().unwrap();
    let (name, metadata, valid_until) = ("s".parse().unwrap(), "<a/>".to_owned(), None);
    let create = CreateSAMLProvider { account, name, metadata, valid_until, tags: tags() };
    asked.row(&create, "iam:CreateSAMLProvider", saml);
    asked.row(&GetSAMLProvider { provider: provider() }, "iam:GetSAMLProvider", saml);
    asked.row(&ListSAMLProviders { account }, "iam:ListSAMLProviders", "*");
    let update = UpdateSAMLProvider { provider: provider(), metadata: None, valid_until };
    asked.row(&update, "iam:UpdateSAMLProvider", saml);
    asked.row(&DeleteSAMLProvider { provider: provider() }, "iam:DeleteSAMLProvider", saml);
    let tag = TagSAMLProvider { provider: provider(), tags: tags() };
    asked.row(&tag, "iam:TagSAMLProvider", saml);
    let untag = UntagSAMLProvider { provider: provider(), keys: keys() };
    asked.row(&untag, "iam:UntagSAMLProvider", saml);
    let list = ListSAMLProviderTags { provider: provider(), page: page() };
    asked.row(&list, "iam:ListSAMLProviderTags", saml);
    let provider = PROVIDER.parse().unwrap();
    let list = ListOpenIDConnectProviderTags { provider, page: page() };
    asked.row(&list, "iam:ListOpenIDConnectProviderTags", PROVIDER);
    let holder = || KeyHolder::User(user("u"));
    asked.row(&ListSSHPublicKeys { holder: holder() }, "iam:ListSSHPublicKeys", USER);
    let list = ListSigningCertificates { holder: holder() };
    asked.row(&list, "iam:ListSigningCertificates", USER);
    for (of, on) in
        [(Credentialed::Holder(holder()), USER), (Credentialed::Everybody(account), "*")]
    {
        let list = ListServiceSpecificCredentials { of };
        asked.row(&list, "iam:ListServiceSpecificCredentials", on);
    }
    let list = ListInstanceProfilesForRole { role: role("r") };
    asked.row(&list, "iam:ListInstanceProfilesForRole", ROLE);
}

#[test]
fn operations_that_tell_or_simulate_ask_for_their_own_action() {
    let mut asked = Asked::new();
    let (account, kinds) = (home(), std::collections::BTreeSet::new());
    let details = GetAccountAuthorizationDetails { account, kinds, page: page() };
    asked.row(&details, "iam:GetAccountAuthorizationDetails", "*");
    asked.row(&GenerateCredentialReport { account }, "iam:GenerateCredentialReport", "*");
    asked.row(&GetCredentialReport { account }, "iam:GetCredentialReport", "*");
    let simulation = Simulation {
        policies: Vec::new(),
        boundary: None,
        actions: Vec::new(),
        resources: Vec::new(),
        resource_policy: None,
        resource_owner: None,
        caller: None,
        context: policy::facts::FactMap::default(),
        page: page(),
    };
    let custom = SimulateCustomPolicy { account, simulation: simulation.clone() };
    asked.row(&custom, "iam:SimulateCustomPolicy", "*");
    let source = || USER.parse::<names::Arn>().unwrap();
    let principal = SimulatePrincipalPolicy { source: source(), simulation };
    asked.row(&principal, "iam:SimulatePrincipalPolicy", USER);
    let custom = GetContextKeysForCustomPolicy { policies: Vec::new() };
    asked.row(&custom, "iam:GetContextKeysForCustomPolicy", "*");
    let principal = GetContextKeysForPrincipalPolicy { source: source(), policies: Vec::new() };
    asked.row(&principal, "iam:GetContextKeysForPrincipalPolicy", USER);
    let generate = GenerateServiceLastAccessedDetails { account, entity: source() };
    asked.row(&generate, "iam:GenerateServiceLastAccessedDetails", USER);
    let (job, service) = (String::new(), String::new());
    let get = GetServiceLastAccessedDetails { account, job: job.clone(), page: page() };
    asked.row(&get, "iam:GetServiceLastAccessedDetails", "*");
    let with = GetServiceLastAccessedDetailsWithEntities { account, job, service, page: page() };
    asked.row(&with, "iam:GetServiceLastAccessedDetailsWithEntities", "*");
}

#[test]
fn five_operations_ask_for_nothing_and_say_so_here() {
    assert!(BackchannelLogout::CHECKS.is_empty());
    assert!(GetLoginSettings::CHECKS.is_empty());
    assert!(GetCallerIdentity::CHECKS.is_empty());
    assert!(GetSessionToken::CHECKS.is_empty());
    assert!(AssumeOwnRights::CHECKS.is_empty());
}

#[test]
fn an_operation_on_everything_speaks_of_the_callers_account_alone() {
    let Asked { mut world, stranger, .. } = Asked::new();
    let account = home();
    assert!(world.act_as(&stranger, &GetAccountSummary { account }, None).is_err());
    assert!(world.act_as(&stranger, &ListAccountAliases { account }, None).is_err());
    assert!(world.act_as(&stranger, &ListProviders { account }, None).is_err());
    assert!(world.act_as(&stranger, &ListOpenIDConnectProviders { account }, None).is_err());
    assert!(world.act(&GetAccountSummary { account }).is_ok());
    assert!(world.act(&ListProviders { account }).is_ok());
    let theirs = GetAccountSummary { account: partner() };
    assert!(world.act_as(&stranger, &theirs, None).is_ok());
}
