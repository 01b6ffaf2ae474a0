//! Managed policies, and which policies apply to whom.

use policy::Kind;
use policy::decision::Layer;

use crate::ops::*;
use crate::testing::*;
use crate::*;

fn read_user(name: &str) -> GetUser {
    GetUser { holder: KeyHolder::User(user(name)) }
}

/// corpus: REV-02
/// oracle: answer, twin
#[test]
fn a_policy_has_five_versions_and_no_sixth_and_numbers_are_never_used_again() {
    let mut world = World::new();
    let policy = world.make_policy("P", allow("s3:*"));
    let create = |default| CreatePolicyVersion {
        policy: policy.clone(),
        document: allow("s3:GetObject"),
        default,
    };
    for _ in 0..4 {
        world.act(&create(NewDefault::Keep)).unwrap();
    }
    let error = world.act(&create(NewDefault::Keep)).unwrap_err();
    assert!(matches!(error, IdentityError::LimitExceeded { quota: "VersionsPerPolicy", max: 5 }));
    let delete = DeletePolicyVersion { policy: policy.clone(), version: PolicyVersionId(5) };
    world.act(&delete).unwrap();
    let (number, _) = world.act(&create(NewDefault::Switch)).unwrap();
    assert_eq!(number.to_string(), "v6");
    assert_eq!(world.state.policy(&policy).unwrap().default, number);
    let default = DeletePolicyVersion { policy: policy.clone(), version: number };
    assert!(matches!(world.act(&default), Err(IdentityError::DefaultVersion)));
    let remains = world.act(&DeletePolicy { policy }).unwrap_err();
    assert!(matches!(remains, IdentityError::DeleteConflict { remains: Remains::Versions, .. }));
}

#[test]
fn only_the_default_version_counts() {
    let mut world = World::new();
    world.make_user("alice");
    let (_, alice) = world.key_of("alice");
    let policy = world.make_policy("P", allow("iam:GetUser"));
    world.act(&AttachUserPolicy { user: user("alice"), policy: policy.clone() }).unwrap();
    assert!(world.allows(&alice, &read_user("alice")));
    let narrower = CreatePolicyVersion {
        policy: policy.clone(),
        document: allow("iam:ListUsers"),
        default: NewDefault::Keep,
    };
    let (version, _) = world.act(&narrower).unwrap();
    assert!(world.allows(&alice, &read_user("alice")));
    world.act(&SetDefaultPolicyVersion { policy, version }).unwrap();
    assert!(!world.allows(&alice, &read_user("alice")));
}

/// corpus: REV-04
/// oracle: answer, twin
#[test]
fn a_user_has_what_its_groups_have_until_it_leaves() {
    let mut world = World::new();
    world.make_user("alice");
    world.make_group("g");
    let (_, alice) = world.key_of("alice");
    let put = PutGroupPolicy {
        group: group("g"),
        name: "read".parse().unwrap(),
        document: allow("iam:GetUser"),
    };
    world.act(&put).unwrap();
    assert!(!world.allows(&alice, &read_user("alice")));
    world.act(&AddUserToGroup { group: group("g"), user: "alice".parse().unwrap() }).unwrap();
    assert!(world.allows(&alice, &read_user("alice")));
    let names: Vec<String> =
        world.state.policies_of(&alice).identity.iter().map(|p| p.name.clone()).collect();
    assert_eq!(names, ["inline:group/g/read"]);
    world.act(&RemoveUserFromGroup { group: group("g"), user: "alice".parse().unwrap() }).unwrap();
    assert!(!world.allows(&alice, &read_user("alice")));
}

#[test]
fn a_boundary_narrows_what_policies_grant() {
    let mut world = World::new();
    world.make_user("alice");
    let (_, alice) = world.key_of("alice");
    let all = world.make_policy("All", allow("*"));
    world.act(&AttachUserPolicy { user: user("alice"), policy: all }).unwrap();
    assert!(world.allows(&alice, &read_user("alice")));
    let boundary = world.make_policy("B", allow("s3:*"));
    world.act(&PutUserPermissionsBoundary { user: user("alice"), boundary }).unwrap();
    let decisions = world.decide(&alice, &read_user("alice"), |_| ());
    assert_eq!(decisions[0].because(), Layer::Boundary);
}

#[test]
fn a_policy_of_another_account_cannot_be_attached() {
    let mut world = World::new();
    world.make_user("alice");
    let policy = PolicyRef { account: partner(), ..managed("Theirs") };
    let create =
        CreatePolicy { policy, document: allow("s3:*"), description: None, tags: Tags::default() };
    let theirs = world.act(&create).unwrap().policy.arn();
    let attach = AttachUserPolicy { user: user("alice"), policy: theirs };
    assert!(matches!(world.act(&attach), Err(IdentityError::PolicyNotAttachable(_))));
}

#[test]
fn a_managed_policy_at_its_limit_is_taken_and_one_past_it_is_not() {
    let mut world = World::new();
    let fixed = filled(1).size_bytes() - 1;
    let create = |name: &str, size: usize| CreatePolicy {
        policy: managed(name),
        document: filled(size - fixed),
        description: None,
        tags: Tags::default(),
    };
    world.act(&create("at", 6144)).unwrap();
    assert!(matches!(
        world.act(&create("past", 6145)),
        Err(IdentityError::LimitExceeded { quota: "PolicySize", .. })
    ));
}

#[test]
fn a_policy_knows_what_it_is_attached_to() {
    let mut world = World::new();
    world.make_user("alice");
    world.make_group("g");
    let policy = world.make_policy("P", allow("s3:*"));
    world.act(&AttachUserPolicy { user: user("alice"), policy: policy.clone() }).unwrap();
    world.act(&AttachGroupPolicy { group: group("g"), policy: policy.clone() }).unwrap();
    let ask = |filter| ListEntitiesForPolicy {
        policy: policy.clone(),
        filter,
        page: PageRequest::default(),
    };
    assert_eq!(world.act(&ask(EntityFilter::All)).unwrap().items.len(), 2);
    let users = world.act(&ask(EntityFilter::Users)).unwrap().items;
    assert_eq!(users[0].name, "alice");
    assert_eq!(world.act(&GetPolicy { policy: policy.clone() }).unwrap().attachments, 2);
}

#[test]
fn a_condition_on_the_policy_that_is_attached_is_seen() {
    let mut world = World::new();
    world.make_user("alice");
    let (_, alice) = world.key_of("alice");
    let policy = world.make_policy("P", allow("s3:*"));
    let other = world.make_policy("Q", allow("*"));
    let text = format!(
        r#"{{"Version": "2012-10-17", "Statement": {{"Effect": "Allow",
            "Action": "iam:AttachUserPolicy", "Resource": "*",
            "Condition": {{"ArnEquals": {{"iam:PolicyARN": "{policy}"}}}}}}}}"#
    );
    let document = StoredPolicy::parse(&text, Kind::Identity).unwrap();
    let put = PutUserPolicy { user: user("alice"), name: "p".parse().unwrap(), document };
    world.act(&put).unwrap();
    let attach =
        |policy: &names::Arn| AttachUserPolicy { user: user("alice"), policy: policy.clone() };
    assert!(world.allows(&alice, &attach(&policy)));
    assert!(!world.allows(&alice, &attach(&other)));
}

#[test]
fn a_trust_policy_names_only_who_exists() {
    let mut world = World::new();
    let create = CreateRole {
        role: role("R"),
        trust: trusts_user("nobody"),
        description: None,
        max_session_seconds: None,
        tags: Tags::default(),
        boundary: None,
    };
    let error = world.act(&create).unwrap_err();
    let text = error.recorded_text().unwrap();
    assert!(text.contains("Invalid principal in policy"), "{text}");
    world.make_user("nobody");
    world.act(&create).unwrap();
}

#[test]
fn a_trust_policy_is_shown_with_names_and_kept_with_ids() {
    let mut world = World::new();
    let alice = world.make_user("alice");
    let made = world.make_role("R", trusts_user("alice"));
    assert!(made.trust.text().contains(alice.id.as_str()));
    assert!(world.state.thaw(&made.trust).contains("user/alice"));
    world.act(&DeleteUser { user: user("alice") }).unwrap();
    assert!(world.state.thaw(&made.trust).contains(alice.id.as_str()));
}

#[test]
fn a_trusted_session_belongs_to_the_role_that_was_there() {
    let mut world = World::new();
    let nightly =
        world.make_role("Nightly", trusts(r#"{"AWS": "111122223333"}"#, r#""sts:AssumeRole""#));
    let session = "arn:aws:sts::111122223333:assumed-role/Nightly/run";
    let trust = |name: &str| trusts(&format!(r#"{{"AWS": "{name}"}}"#), r#""sts:AssumeRole""#);
    let made = world.make_role("R", trust(session));
    let frozen = format!("\"{}:run\"", nightly.id);
    assert!(made.trust.text().contains(&frozen), "{}", made.trust.text());
    assert!(world.state.thaw(&made.trust).contains(session));
    world.act(&DeleteRole { role: role("Nightly") }).unwrap();
    let shown = world.state.thaw(&made.trust);
    assert!(shown.contains(&frozen) && !shown.contains(session), "{shown}");
    let create = CreateRole {
        role: role("S"),
        trust: trust(session),
        description: None,
        max_session_seconds: None,
        tags: Tags::default(),
        boundary: None,
    };
    assert!(world.act(&create).unwrap_err().recorded_text().unwrap().contains("Invalid principal"));
}

/// corpus: REV-01
/// oracle: answer, twin
#[test]
fn somebody_made_again_under_a_trusted_name_is_not_trusted() {
    let mut world = World::new();
    world.make_user("alice");
    world.make_role("R", trusts_user("alice"));
    let (key, alice) = world.key_of("alice");
    assert!(world.allows(&alice, &world.assume_op(&alice, "R")));
    let holder = KeyHolder::User(user("alice"));
    world.act(&DeleteAccessKey { holder, key: key.key.id.clone() }).unwrap();
    world.act(&DeleteUser { user: user("alice") }).unwrap();
    world.make_user("alice");
    let (_, again) = world.key_of("alice");
    assert!(!world.allows(&again, &world.assume_op(&again, "R")));
}

#[test]
fn role_session_durations_are_held_at_their_limits() {
    let mut world = World::new();
    world.make_user("alice");
    let create = |name: &str, seconds| CreateRole {
        role: role(name),
        trust: trusts_user("alice"),
        description: None,
        max_session_seconds: Some(seconds),
        tags: Tags::default(),
        boundary: None,
    };
    assert!(world.act(&create("a", 3600)).is_ok());
    assert!(world.act(&create("b", 43_200)).is_ok());
    assert!(world.act(&create("c", 3599)).is_err());
    assert!(world.act(&create("d", 43_201)).is_err());
}
