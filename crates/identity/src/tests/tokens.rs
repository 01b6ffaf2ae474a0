//! Sessions of one's own rights, and of those whom an application signs in itself.

use policy::decision::Decision;
use policy::operation::{Check, Need};
use policy::{Attached, Kind, Question, ResourceKind, ResourceSide};

use crate::ops::*;
use crate::testing::*;
use crate::*;

/// A world with alice, who may do everything with S3 and IAM and ask for federation tokens.
fn world() -> (World, Caller) {
    let mut world = World::new();
    world.make_user("alice");
    for (name, action) in [("s3", "s3:*"), ("iam", "iam:*"), ("sts", "sts:GetFederationToken")] {
        let document = allow(action);
        let name = name.parse().unwrap();
        world.act(&PutUserPolicy { user: user("alice"), name, document }).unwrap();
    }
    let (_, alice) = world.key_of("alice");
    (world, alice)
}

fn reads() -> Option<StoredPolicy> {
    Some(statement("Allow", "s3:GetObject", Kind::Session))
}

fn own(
    world: &mut World,
    caller: &Caller,
    session: SessionRequest,
) -> Result<Caller, IdentityError> {
    let account = caller.account().unwrap();
    let drawn = world.draw(caller, 900);
    let op = AssumeOwnRights { account, session, drawn: drawn.clone() };
    let made = world.act_as(caller, &op, Some(&drawn))?;
    Ok(world.live(&made.key, Some(&made.token)))
}

fn federated(
    world: &mut World,
    caller: &Caller,
    session: SessionRequest,
) -> Result<(FederatedUser, Caller), IdentityError> {
    let drawn = world.draw(caller, 900);
    let (account, name) = (caller.account().unwrap(), "bob".parse().unwrap());
    let op = GetFederationToken { account, name, session, drawn: drawn.clone() };
    let made = world.act_as(caller, &op, Some(&drawn))?;
    let live = world.live(&made.credentials.key, Some(&made.credentials.token));
    Ok((made, live))
}

/// Whether a caller may do something with an object of its own account's bucket, which may have a
/// policy.
fn may(world: &World, caller: &Caller, action: &str, policy: Option<&str>) -> bool {
    let attached = policy.map(|text| Attached {
        name: "bucket:b".to_owned(),
        document: std::sync::Arc::clone(
            world
                .state
                .freeze(&StoredPolicy::parse(text, Kind::Bucket).unwrap())
                .unwrap()
                .document(),
        ),
    });
    let resource = ResourceSide {
        policy: attached,
        kind: ResourceKind::Bucket,
        ..ResourceSide::plain(caller.account())
    };
    let check = Check {
        action: action.parse().unwrap(),
        resource: "arn:aws:s3:::b/k".parse().unwrap(),
        need: Need::Required,
        with: Vec::new(),
    };
    let mut facts = policy::facts::Facts::default();
    world.state.principal_facts(caller, world.clock_now(), &mut facts);
    let question = Question {
        principal: caller.principal(),
        caller: &world.state.policies_of(caller),
        resource: &resource,
        facts: &facts,
        revision: world.state.revision(),
    };
    Decision::is_allowed(&policy::decide(&check, &question))
}

fn names_alice() -> String {
    format!(
        r#"{{"Version": "2012-10-17", "Statement": {{"Effect": "Allow",
            "Principal": {{"AWS": "{}"}}, "Action": "s3:*", "Resource": "arn:aws:s3:::b/*"}}}}"#,
        user("alice").arn()
    )
}

#[test]
fn a_session_of_ones_own_rights_is_who_asked() {
    let (mut world, alice) = world();
    let session = own(&mut world, &alice, plain_session()).unwrap();
    assert_eq!(session.principal(), alice.principal());
    assert!(may(&world, &session, "s3:PutObject", None));
    assert!(session.who.session_expires.is_some());
}

/// corpus: POL-01
#[test]
fn what_narrows_a_session_of_ones_own_rights_binds_where_a_bucket_names_the_user_too() {
    let (mut world, alice) = world();
    let session = SessionRequest { policy: reads(), ..plain_session() };
    let session = own(&mut world, &alice, session).unwrap();
    assert!(may(&world, &session, "s3:GetObject", None));
    assert!(!may(&world, &session, "s3:PutObject", None));
    let bucket = names_alice();
    assert!(may(&world, &alice, "s3:PutObject", Some(&bucket)));
    assert!(may(&world, &session, "s3:GetObject", Some(&bucket)));
    assert!(!may(&world, &session, "s3:PutObject", Some(&bucket)));
}

#[test]
fn a_session_of_ones_own_rights_never_exceeds_its_parent() {
    let (mut world, alice) = world();
    let all = Some(statement("Allow", "*", Kind::Session));
    let session = SessionRequest { policy: all, ..plain_session() };
    let session = own(&mut world, &alice, session).unwrap();
    let delete = DeleteUserPolicy { user: user("alice"), name: "s3".parse().unwrap() };
    assert!(may(&world, &session, "s3:GetObject", None));
    world.act(&delete).unwrap();
    assert!(!may(&world, &session, "s3:GetObject", None), "what alice lost it lost too");
}

/// corpus: ADM-10
#[test]
fn temporary_credentials_without_a_role_change_no_rights() {
    let (mut world, alice) = world();
    let change = CreateUser { user: user("bob"), tags: Tags::default(), boundary: None };
    assert!(world.allows(&alice, &change));
    let session = own(&mut world, &alice, plain_session()).unwrap();
    assert!(!world.allows(&session, &change));
    let all = Some(statement("Allow", "*", Kind::Session));
    let session = SessionRequest { policy: all, ..plain_session() };
    let (_, bob) = federated(&mut world, &alice, session).unwrap();
    assert!(!world.allows(&bob, &change));
}

#[test]
fn only_a_long_term_key_gets_a_session_of_its_own_rights() {
    let (mut world, alice) = world();
    let session = own(&mut world, &alice, plain_session()).unwrap();
    let again = own(&mut world, &session, plain_session()).unwrap_err();
    assert!(matches!(again, IdentityError::SessionRefused(SessionRefusal::NotLongTerm)));
    let again = federated(&mut world, &session, plain_session()).unwrap_err();
    assert!(matches!(again, IdentityError::SessionRefused(SessionRefusal::NotLongTerm)));
    world.make_role("R", trusts_user("alice"));
    let put_on = world.assume(&alice, "R");
    let put_on = world.live(&put_on.key, Some(&put_on.token));
    assert!(own(&mut world, &put_on, plain_session()).is_err());
    assert!(federated(&mut world, &put_on, plain_session()).is_err());
}

#[test]
fn a_federated_user_has_what_its_maker_and_its_policy_both_allow() {
    let (mut world, alice) = world();
    let (made, bare) = federated(&mut world, &alice, plain_session()).unwrap();
    assert_eq!(made.arn.as_str(), "arn:aws:sts::111122223333:federated-user/bob");
    assert_eq!(made.id, "111122223333:bob");
    assert!(!may(&world, &bare, "s3:GetObject", None), "without a policy it has nothing");
    let session = SessionRequest { policy: reads(), ..plain_session() };
    let (_, bob) = federated(&mut world, &alice, session).unwrap();
    assert!(may(&world, &bob, "s3:GetObject", None));
    assert!(!may(&world, &bob, "s3:PutObject", None));
    let delete = DeleteUserPolicy { user: user("alice"), name: "s3".parse().unwrap() };
    world.act(&delete).unwrap();
    assert!(!may(&world, &bob, "s3:GetObject", None));
}

#[test]
fn a_federated_user_may_be_named_by_a_bucket_and_is_nobody_else() {
    let (mut world, alice) = world();
    let (made, bare) = federated(&mut world, &alice, plain_session()).unwrap();
    let named = format!(
        r#"{{"Version": "2012-10-17", "Statement": {{"Effect": "Allow",
            "Principal": {{"AWS": "{}"}}, "Action": "s3:GetObject",
            "Resource": "arn:aws:s3:::b/*"}}}}"#,
        made.arn
    );
    assert!(may(&world, &bare, "s3:GetObject", Some(&named)));
    assert!(!may(&world, &bare, "s3:PutObject", Some(&named)));
    assert!(!may(&world, &bare, "s3:GetObject", Some(&names_alice())));
    let identity = world.act_as(&bare, &GetCallerIdentity, None).unwrap();
    assert_eq!(identity.arn, made.arn);
}

#[test]
fn a_federation_token_is_asked_for_by_whom_a_policy_allows_it() {
    let (mut world, alice) = world();
    let op = |world: &World, caller: &Caller, tags: Tags| GetFederationToken {
        account: home(),
        name: "bob".parse().unwrap(),
        session: SessionRequest { tags, ..plain_session() },
        drawn: world.draw(caller, 900),
    };
    assert!(world.allows(&alice, &op(&world, &alice, Tags::default())));
    let tags = Tags::new([("team".to_owned(), "red".to_owned())]).unwrap();
    assert!(!world.allows(&alice, &op(&world, &alice, tags.clone())), "tags need TagSession");
    let (name, document) = ("tag".parse().unwrap(), allow("sts:TagSession"));
    world.act(&PutUserPolicy { user: user("alice"), name, document }).unwrap();
    assert!(world.allows(&alice, &op(&world, &alice, tags)));
    world.make_user("carol");
    let (_, carol) = world.key_of("carol");
    assert!(!world.allows(&carol, &op(&world, &carol, Tags::default())));
    assert!(world.allows(&world.root(), &op(&world, &world.root(), Tags::default())));
}

#[test]
fn a_federated_user_ends_with_its_maker() {
    let (mut world, _) = world();
    world.make_user("dan");
    let (key, dan) = world.key_of("dan");
    let (made, _) = federated(&mut world, &dan, plain_session()).unwrap();
    let holder = KeyHolder::User(user("dan"));
    world.act(&DeleteAccessKey { holder, key: key.key.id.clone() }).unwrap();
    assert_eq!(world.standing(&made.credentials), Standing::Revoked);
    world.act(&DeleteUser { user: user("dan") }).unwrap();
    assert_eq!(world.standing(&made.credentials), Standing::OwnerGone);
}

#[test]
fn the_name_of_a_federated_user_has_32_characters_and_not_33() {
    let (mut world, alice) = world();
    let mut ask = |length: usize| {
        let drawn = world.draw(&alice, 900);
        let op = GetFederationToken {
            account: home(),
            name: "n".repeat(length).parse().unwrap(),
            session: plain_session(),
            drawn: drawn.clone(),
        };
        world.act_as(&alice, &op, Some(&drawn)).map(|_| ())
    };
    assert!(ask(FEDERATED_NAME_CHARACTERS_MAX).is_ok());
    assert!(ask(FEDERATED_NAME_CHARACTERS_MAX + 1).is_err());
}

fn asks(world: &mut World, caller: &Caller, seconds: u32) -> Result<(), IdentityError> {
    let drawn = world.draw(caller, i64::from(seconds));
    let session = SessionRequest { seconds: Some(seconds), ..plain_session() };
    let op = AssumeRole { session, drawn: drawn.clone(), ..world.assume_op(caller, "R") };
    world.act_as(caller, &op, Some(&drawn)).map(|_| ())
}

/// corpus: STS-08
/// oracle: answer, twin
#[test]
fn the_lowest_ceiling_of_a_session_is_the_one_that_counts_and_is_named() {
    let (mut world, alice) = world();
    world.make_role("R", trusts_user("alice"));
    assert!(asks(&mut world, &alice, 3600).is_ok());
    let role = asks(&mut world, &alice, 3601).unwrap_err();
    assert_eq!(
        role.recorded_text().unwrap(),
        "The requested DurationSeconds exceeds the MaxSessionDuration set for this role."
    );
    let bound = |world: &mut World, session_seconds_max| {
        let (operator, account) = (home(), home());
        let signature_v2 = None;
        let update = UpdateAccount { operator, account, session_seconds_max, signature_v2 };
        world.act(&update).map(|_| ())
    };
    bound(&mut world, Some(1800)).unwrap();
    let account = asks(&mut world, &alice, 1801).unwrap_err();
    assert!(matches!(
        account,
        IdentityError::SessionTooLong { max: 1800, ceiling: Ceiling::Account }
    ));
    assert!(asks(&mut world, &alice, 1800).is_ok());
    assert!(bound(&mut world, Some(SESSION_SECONDS_MAX)).is_ok());
    assert!(bound(&mut world, Some(SESSION_SECONDS_MAX + 1)).is_err());
    assert!(bound(&mut world, Some(SESSION_SECONDS_MIN)).is_ok());
    assert!(bound(&mut world, Some(SESSION_SECONDS_MIN - 1)).is_err());
}

#[test]
fn a_session_of_365_days_is_given_where_the_installation_and_the_role_allow_it() {
    let (mut world, alice) = world();
    world.make_role("R", trusts_user("alice"));
    let longest = |seconds| UpdateRole {
        role: role("R"),
        description: None,
        max_session_seconds: Some(seconds),
    };
    assert!(world.act(&longest(43_200)).is_ok());
    assert!(world.act(&longest(43_201)).is_err(), "AWS's bound, unless a setting raises it");
    world.quotas.session_seconds = SESSION_SECONDS_MAX;
    assert!(world.act(&longest(SESSION_SECONDS_MAX + 1)).is_err());
    world.act(&longest(SESSION_SECONDS_MAX)).unwrap();
    assert!(asks(&mut world, &alice, SESSION_SECONDS_MAX).is_ok());
}

#[test]
fn a_chain_is_an_hour_long_whatever_the_role_allows() {
    let (mut world, alice) = world();
    let arn = role("First").arn();
    world.make_role("First", trusts_user("alice"));
    world.make_role("R", trusts(&format!(r#"{{"AWS": "{arn}"}}"#), r#""sts:AssumeRole""#));
    let longest =
        UpdateRole { role: role("R"), description: None, max_session_seconds: Some(43_200) };
    world.act(&longest).unwrap();
    let first = world.assume(&alice, "First");
    let first = world.live(&first.key, Some(&first.token));
    let error = asks(&mut world, &first, CHAINED_SESSION_SECONDS_MAX + 1).unwrap_err();
    assert_eq!(
        error.recorded_text().unwrap(),
        "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role \
         chaining"
    );
}

#[test]
fn a_key_says_whose_it_is_and_one_that_is_not_there_says_nothing() {
    let (mut world, alice) = world();
    let key = alice.who.credential.clone().unwrap();
    assert_eq!(world.act(&GetAccessKeyInfo { key }).unwrap(), home());
    let unknown = "AKIAAAAAAAAAAAAAAAAA".parse().unwrap();
    assert!(world.act(&GetAccessKeyInfo { key: unknown }).is_err());
}
