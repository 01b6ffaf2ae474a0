//! Users, groups, roles and keys.

use crate::ops::*;
use crate::testing::*;
use crate::*;

fn conflict<T: std::fmt::Debug>(result: Result<T, IdentityError>) -> Remains {
    match result {
        Err(IdentityError::DeleteConflict { remains, .. }) => remains,
        other => panic!("{other:?}"),
    }
}

/// corpus: ADM-14
/// oracle: answer, twin
#[test]
fn a_name_is_taken_whatever_its_case() {
    let mut world = World::new();
    world.make_user("Alice");
    let again = CreateUser { user: user("aLICE"), tags: Tags::default(), boundary: None };
    let error = world.act(&again).unwrap_err();
    assert!(matches!(error, IdentityError::EntityAlreadyExists { kind: EntityKind::User, .. }));
    world.make_user("bob");
    world.make_group("G");
    assert!(world.act(&CreateGroup { group: group("g") }).is_err());
}

#[test]
fn a_name_in_another_case_names_nothing() {
    // A Deny on `user/alice` must not be side-stepped by asking for `ALICE`.
    let mut world = World::new();
    world.make_user("alice");
    let other = GetUser { holder: KeyHolder::User(user("ALICE")) };
    assert!(matches!(world.act(&other), Err(IdentityError::NoSuchEntity { .. })));
    assert!(world.act(&GetUser { holder: KeyHolder::User(user("alice")) }).is_ok());
}

#[test]
fn an_arn_finds_what_it_names_and_nothing_of_another_kind_or_path() {
    let mut world = World::new();
    let user = world.make_user("same").arn();
    world.make_group("same");
    let role = world.make_role("same", trusts_user("same")).arn();
    let policy = world.make_policy("same", allow("iam:GetUser"));
    let canned = "arn:aws:iam::aws:policy/AdministratorAccess".parse().unwrap();
    let state = &world.state;
    let found = |arn: &names::Arn| {
        [
            state.users.by_arn(arn).is_some(),
            state.roles.by_arn(arn).is_some(),
            state.policy(arn).is_some(),
        ]
    };
    assert_eq!(found(&user), [true, false, false]);
    assert_eq!(found(&role), [false, true, false]);
    assert_eq!(found(&policy), [false, false, true]);
    assert_eq!(found(&canned), [false, false, true]);
    for (own, other) in [
        (":user/", ":user/elsewhere/"),
        (":user/", ":users/"),
        (":user/", ":user"),
        (":user/", ":User/"),
        ("arn:aws:iam:", "arn:aws:s3:"),
    ] {
        let other = user.as_str().replacen(own, other, 1).parse().unwrap();
        assert_eq!(found(&other), [false; 3], "{other}");
    }
}

#[test]
fn a_request_that_names_somebody_in_another_case_means_them_by_their_own_name() {
    let mut world = World::new();
    world.make_user("alice");
    let meant = world.state.user_ref(home(), "ALICE".parse().unwrap());
    assert_eq!(meant, user("alice"));
    assert!(world.act(&GetUser { holder: KeyHolder::User(meant.clone()) }).is_ok());
    // And so a policy about `user/alice` is about her however she is asked for.
    world.make_user("bob");
    let text = format!(
        r#"{{"Version": "2012-10-17", "Statement": [
        {{"Effect": "Allow", "Action": "iam:*", "Resource": "*"}},
        {{"Effect": "Deny", "Action": "iam:*", "Resource": "{}"}}]}}"#,
        user("alice").arn()
    );
    let document = StoredPolicy::parse(&text, policy::Kind::Identity).unwrap();
    let put = PutUserPolicy { user: user("bob"), name: "p".parse().unwrap(), document };
    world.act(&put).unwrap();
    let (_, bob) = world.key_of("bob");
    assert!(!world.allows(&bob, &DeleteUser { user: meant }));
    assert!(world.allows(&bob, &DeleteUser { user: user("bob") }));
    let nobody = world.state.user_ref(home(), "CAROL".parse().unwrap());
    assert_eq!(nobody.name.as_str(), "CAROL");
}

#[test]
fn the_same_name_may_stand_in_two_accounts() {
    let mut world = World::new();
    world.make_user("alice");
    let theirs = UserRef { account: partner(), ..user("alice") };
    let create = CreateUser { user: theirs, tags: Tags::default(), boundary: None };
    assert!(world.act(&create).is_ok());
}

#[test]
fn a_user_is_removed_only_when_nothing_hangs_on_it() {
    let mut world = World::new();
    world.make_user("alice");
    world.make_group("g");
    let delete = DeleteUser { user: user("alice") };
    let (key, _) = world.key_of("alice");
    assert_eq!(conflict(world.act(&delete)), Remains::AccessKeys);
    let holder = KeyHolder::User(user("alice"));
    world.act(&DeleteAccessKey { holder, key: key.key.id.clone() }).unwrap();
    world.act(&AddUserToGroup { group: group("g"), user: "alice".parse().unwrap() }).unwrap();
    assert_eq!(conflict(world.act(&delete)), Remains::Members);
    world.act(&RemoveUserFromGroup { group: group("g"), user: "alice".parse().unwrap() }).unwrap();
    let name: names::PolicyName = "p".parse().unwrap();
    let put =
        PutUserPolicy { user: user("alice"), name: name.clone(), document: allow("s3:GetObject") };
    world.act(&put).unwrap();
    assert_eq!(conflict(world.act(&delete)), Remains::InlinePolicies);
    world.act(&DeleteUserPolicy { user: user("alice"), name }).unwrap();
    let policy = world.make_policy("P", allow("s3:*"));
    world.act(&AttachUserPolicy { user: user("alice"), policy: policy.clone() }).unwrap();
    assert_eq!(conflict(world.act(&delete)), Remains::AttachedPolicies);
    world.act(&DetachUserPolicy { user: user("alice"), policy }).unwrap();
    world.act(&delete).unwrap();
    assert!(world.state.user(home(), "alice").is_none());
}

#[test]
fn a_group_is_removed_only_when_it_is_empty() {
    let mut world = World::new();
    world.make_user("alice");
    world.make_group("g");
    world.act(&AddUserToGroup { group: group("g"), user: "alice".parse().unwrap() }).unwrap();
    let delete = DeleteGroup { group: group("g") };
    assert_eq!(conflict(world.act(&delete)), Remains::Members);
    world.act(&RemoveUserFromGroup { group: group("g"), user: "alice".parse().unwrap() }).unwrap();
    let policy = world.make_policy("P", allow("s3:*"));
    world.act(&AttachGroupPolicy { group: group("g"), policy: policy.clone() }).unwrap();
    assert_eq!(conflict(world.act(&delete)), Remains::AttachedPolicies);
    world.act(&DetachGroupPolicy { group: group("g"), policy }).unwrap();
    world.act(&delete).unwrap();
}

#[test]
fn a_role_is_removed_only_without_policies() {
    let mut world = World::new();
    world.make_user("alice");
    world.make_role("R", trusts_user("alice"));
    let policy = world.make_policy("P", allow("s3:*"));
    world.act(&AttachRolePolicy { role: role("R"), policy: policy.clone() }).unwrap();
    let delete = DeleteRole { role: role("R") };
    assert_eq!(conflict(world.act(&delete)), Remains::AttachedPolicies);
    world.act(&DetachRolePolicy { role: role("R"), policy }).unwrap();
    world.act(&delete).unwrap();
}

#[test]
fn a_renamed_user_keeps_its_id_groups_and_keys() {
    let mut world = World::new();
    let before = world.make_user("alice");
    let (key, _) = world.key_of("alice");
    let rename = UpdateUser {
        user: user("alice"),
        new_name: Some("eve".parse().unwrap()),
        new_path: Some("/x/".parse().unwrap()),
    };
    let after = world.act(&rename).unwrap();
    assert_eq!(after.id, before.id);
    assert_eq!(after.arn().as_str(), "arn:aws:iam::111122223333:user/x/eve");
    let caller = world.live(&key.key.id, None);
    assert_eq!(caller.principal().arn(), Some(after.arn()));
    assert!(world.state.user(home(), "alice").is_none());
    world.make_user("alice");
    let taken =
        UpdateUser { user: user("alice"), new_name: Some("EVE".parse().unwrap()), new_path: None };
    assert!(matches!(world.act(&taken), Err(IdentityError::EntityAlreadyExists { .. })));
}

#[test]
fn an_entity_that_moved_since_it_was_decided_is_refused() {
    let mut world = World::new();
    world.make_user("alice");
    let moved = UserRef { path: "/elsewhere/".parse().unwrap(), ..user("alice") };
    let delete = DeleteUser { user: moved };
    let error = world.act(&delete).unwrap_err();
    assert!(matches!(error, IdentityError::ConcurrentModification { .. }));
    assert!(world.act(&DeleteUser { user: user("alice") }).is_ok());
}

#[test]
fn a_user_has_two_access_keys_and_no_third() {
    let mut world = World::new();
    world.make_user("alice");
    let create = CreateAccessKey { holder: KeyHolder::User(user("alice")) };
    world.act(&create).unwrap();
    world.act(&create).unwrap();
    let error = world.act(&create).unwrap_err();
    assert!(matches!(error, IdentityError::LimitExceeded { quota: "AccessKeysPerUser", max: 2 }));
}

#[test]
fn an_access_key_opens_to_the_secret_it_was_made_with_and_nobody_else_is_told() {
    let mut world = World::new();
    world.make_user("alice");
    let (new, _) = world.key_of("alice");
    assert!(new.key.id.as_str().starts_with("AKIA") && new.key.id.as_str().len() == 20);
    let Resolution::Known(known) = world.resolve(&new.key.id, None) else { panic!() };
    assert_eq!(known.secret, new.secret);
    let log = String::from_utf8(world.history.concat()).unwrap();
    assert!(!log.contains(new.secret.expose()));
}

#[test]
fn an_inactive_key_is_inactive_and_an_active_one_live_again() {
    let mut world = World::new();
    world.make_user("alice");
    let (new, _) = world.key_of("alice");
    let id = new.key.id.clone();
    let set = |status| UpdateAccessKey {
        holder: KeyHolder::User(user("alice")),
        key: id.clone(),
        status,
    };
    world.act(&set(KeyStatus::Inactive)).unwrap();
    let Resolution::Known(known) = world.resolve(&id, None) else { panic!() };
    assert_eq!(known.standing, Standing::Inactive);
    world.act(&set(KeyStatus::Active)).unwrap();
    world.live(&id, None);
}

/// corpus: ADM-22
/// oracle: answer
#[test]
fn the_key_of_another_user_cannot_be_named() {
    let mut world = World::new();
    world.make_user("alice");
    world.make_user("bob");
    let (new, _) = world.key_of("alice");
    let as_bobs = DeleteAccessKey { holder: KeyHolder::User(user("bob")), key: new.key.id.clone() };
    assert!(matches!(world.act(&as_bobs), Err(IdentityError::NoSuchEntity { .. })));
}

#[test]
fn only_the_root_itself_may_make_a_key_of_the_root() {
    let mut world = World::new();
    world.make_user("alice");
    let put =
        PutUserPolicy { user: user("alice"), name: "all".parse().unwrap(), document: allow("*") };
    world.act(&put).unwrap();
    let (_, alice) = world.key_of("alice");
    let create = CreateAccessKey { holder: KeyHolder::Root(home()) };
    assert!(world.allows(&alice, &create), "her policy allows everything");
    let error = world.act_as(&alice, &create, None).unwrap_err();
    assert!(matches!(error, IdentityError::RootOnly));
    assert!(world.act(&create).is_ok());
}

#[test]
fn a_boundary_must_exist_in_the_account() {
    let mut world = World::new();
    world.make_user("alice");
    let nowhere = "arn:aws:iam::111122223333:policy/None".parse().unwrap();
    let put = PutUserPermissionsBoundary { user: user("alice"), boundary: nowhere };
    assert!(matches!(world.act(&put), Err(IdentityError::PolicyNotAttachable(_))));
    let boundary = world.make_policy("B", allow("s3:*"));
    world.act(&PutUserPermissionsBoundary { user: user("alice"), boundary }).unwrap();
}

#[test]
fn a_policy_that_bounds_somebody_cannot_be_removed() {
    let mut world = World::new();
    world.make_user("alice");
    let boundary = world.make_policy("B", allow("s3:*"));
    let put = PutUserPermissionsBoundary { user: user("alice"), boundary: boundary.clone() };
    world.act(&put).unwrap();
    let delete = DeletePolicy { policy: boundary };
    assert_eq!(conflict(world.act(&delete)), Remains::Attachments);
    world.act(&DeleteUserPermissionsBoundary { user: user("alice") }).unwrap();
    world.act(&delete).unwrap();
}

#[test]
fn inline_policies_together_keep_the_holders_quota() {
    let mut world = World::new();
    world.make_user("alice");
    let fixed = filled(1).size_bytes() - 1;
    let put = |length: usize| PutUserPolicy {
        user: user("alice"),
        name: "p".parse().unwrap(),
        document: filled(length),
    };
    world.act(&put(2048 - fixed)).unwrap();
    let error = world.act(&put(2049 - fixed)).unwrap_err();
    assert!(matches!(error, IdentityError::LimitExceeded { quota: "PolicySize", max: 2048 }));
}

#[test]
fn lists_come_in_pages_that_join() {
    let mut world = World::new();
    for n in 0..7 {
        world.make_user(&format!("U{n}"));
    }
    let (mut names, mut marker) = (Vec::new(), None);
    loop {
        let page = PageRequest::new(marker, Some(3)).unwrap();
        let list = ListUsers { account: home(), prefix: PathPrefix::default(), page };
        let got = world.act(&list).unwrap();
        names.extend(got.items.iter().map(|user| user.name.to_string()));
        marker = got.next;
        if marker.is_none() {
            break;
        }
    }
    assert_eq!(names, ["U0", "U1", "U2", "U3", "U4", "U5", "U6"]);
}
