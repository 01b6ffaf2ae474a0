//! Service accounts have what their parent has and their policy allows, and end with it.

use policy::Kind;

use crate::ops::*;
use crate::testing::*;
use crate::*;

fn world() -> (World, Caller) {
    let mut world = World::new();
    world.make_user("alice");
    for (name, action) in [("iam", "iam:*"), ("own", "strongroom:*")] {
        let (name, document) = (name.parse().unwrap(), allow(action));
        world.act(&PutUserPolicy { user: user("alice"), name, document }).unwrap();
    }
    let (_, alice) = world.key_of("alice");
    (world, alice)
}

fn asking(parent: ServiceParent) -> CreateServiceAccount {
    CreateServiceAccount {
        parent,
        restriction: Restriction::None,
        name: "bot".parse().unwrap(),
        description: None,
        expires: None,
        policy: None,
        key: RootKey::Generate,
    }
}

fn of_alice() -> ServiceParent {
    ServiceParent::User(user("alice"))
}

fn lists() -> ListUsers {
    ListUsers { account: home(), prefix: PathPrefix::default(), page: PageRequest::default() }
}

fn makes() -> CreateUser {
    CreateUser { user: user("new"), tags: Tags::default(), boundary: None }
}

fn standing(world: &World, key: &names::AccessKeyId) -> Option<Standing> {
    match world.resolve(key, None) {
        Resolution::Known(known) => Some(known.standing),
        _ => None,
    }
}

#[test]
fn a_service_account_of_a_user_is_that_user() {
    let (mut world, alice) = world();
    let made = world.act_as(&alice, &asking(of_alice()), None).unwrap();
    let bot = world.live(&made.key.id, None);
    assert_eq!(bot.principal(), alice.principal());
    assert!(world.allows(&bot, &lists()) && world.allows(&bot, &makes()));
}

#[test]
fn its_policy_bounds_it_and_gives_it_nothing() {
    let (mut world, _) = world();
    let policy = Some(statement("Allow", "iam:ListUsers", Kind::Session));
    let made = world.act(&CreateServiceAccount { policy, ..asking(of_alice()) }).unwrap();
    let bot = world.live(&made.key.id, None);
    assert!(world.allows(&bot, &lists()));
    assert!(!world.allows(&bot, &makes()));
    let delete = DeleteUserPolicy { user: user("alice"), name: "iam".parse().unwrap() };
    world.act(&delete).unwrap();
    assert!(!world.allows(&bot, &lists()), "what its parent lost it lost too");
}

#[test]
fn a_service_account_of_a_role_is_a_session_of_the_role() {
    let (mut world, _) = world();
    world.make_role("R", trusts_user("alice"));
    let made = world.act(&asking(ServiceParent::Role(role("R")))).unwrap();
    let bot = world.live(&made.key.id, None);
    let arn = bot.principal().arn().unwrap();
    assert_eq!(arn.as_str(), "arn:aws:sts::111122223333:assumed-role/R/bot");
    assert!(!world.allows(&bot, &lists()), "the role has nothing");
    let (name, document) = ("p".parse().unwrap(), allow("iam:ListUsers"));
    world.act(&PutRolePolicy { role: role("R"), name, document }).unwrap();
    assert!(world.allows(&bot, &lists()));
    world.act(&DeleteRolePolicy { role: role("R"), name: "p".parse().unwrap() }).unwrap();
    world.act(&DeleteRole { role: role("R") }).unwrap();
    assert_eq!(standing(&world, &made.key.id), None, "it went with the role");
}

/// corpus: STS-13
#[test]
fn a_service_account_goes_with_its_user() {
    let (mut world, _) = world();
    world.make_user("dan");
    let made = world.act(&asking(ServiceParent::User(user("dan")))).unwrap();
    assert_eq!(standing(&world, &made.key.id), Some(Standing::Live));
    world.act(&DeleteUser { user: user("dan") }).unwrap();
    assert_eq!(standing(&world, &made.key.id), None);
    let again = State::decode(&world.state.encode().unwrap()).unwrap();
    assert_eq!(again.fingerprint(), world.state.fingerprint());
}

#[test]
fn a_service_account_ends_at_its_time_and_what_it_made_ends_with_it() {
    let (mut world, _) = world();
    let expires = Some(world.clock_now().plus_seconds(600));
    let made = world.act(&CreateServiceAccount { expires, ..asking(of_alice()) }).unwrap();
    let bot = world.live(&made.key.id, None);
    world.make_role("R", trusts_user("alice"));
    let session = world.assume(&bot, "R");
    world.clock.advance(599);
    assert_eq!(standing(&world, &made.key.id), Some(Standing::Live));
    assert_eq!(world.standing(&session), Standing::Live);
    world.clock.advance(1);
    assert_eq!(standing(&world, &made.key.id), Some(Standing::Expired));
    assert_eq!(world.standing(&session), Standing::Revoked);
    let late = CreateServiceAccount { expires, ..asking(of_alice()) };
    assert!(world.act(&late).is_err(), "nothing is made that has ended");
}

/// corpus: ADM-05
#[test]
fn a_restricted_key_makes_and_changes_no_service_account() {
    let (mut world, alice) = world();
    let policy = Some(statement("Allow", "*", Kind::Session));
    let made = world.act(&CreateServiceAccount { policy, ..asking(of_alice()) }).unwrap();
    let bot = world.live(&made.key.id, None);
    let lift = UpdateServiceAccount {
        parent: of_alice(),
        restriction: Restriction::of(&bot),
        key: made.key.id.clone(),
        name: "bot".parse().unwrap(),
        description: None,
        expires: None,
        policy: None,
        status: KeyStatus::Active,
    };
    let refused = |error: IdentityError| {
        matches!(error, IdentityError::SessionRefused(SessionRefusal::Restricted))
    };
    assert!(refused(world.act_as(&bot, &lift, None).unwrap_err()));
    assert!(refused(world.act_as(&bot, &asking(of_alice()), None).unwrap_err()));
    let narrowed = UpdateServiceAccount { restriction: Restriction::Narrowed, ..lift.clone() };
    assert!(refused(world.act_as(&alice, &narrowed, None).unwrap_err()));
    assert!(world.act_as(&alice, &lift, None).is_ok(), "its parent may");
}

#[test]
fn a_service_account_gets_no_session_of_its_parents_rights() {
    let (mut world, _) = world();
    let made = world.act(&asking(of_alice())).unwrap();
    let bot = world.live(&made.key.id, None);
    let drawn = world.draw(&bot, 900);
    let own = AssumeOwnRights { account: home(), session: plain_session(), drawn: drawn.clone() };
    assert!(world.act_as(&bot, &own, Some(&drawn)).is_err());
    let token =
        GetSessionToken { account: home(), seconds: Some(900), mfa: None, drawn: drawn.clone() };
    assert!(world.act_as(&bot, &token, Some(&drawn)).is_err());
}

/// corpus: ADM-07
#[test]
fn a_service_account_is_made_for_another_by_whom_a_policy_allows_it() {
    let (mut world, alice) = world();
    world.make_user("carol");
    let (_, carol) = world.key_of("carol");
    let for_alice = asking(of_alice());
    assert!(!world.allows(&carol, &for_alice));
    assert!(world.allows(&alice, &for_alice));
    let text = format!(
        r#"{{"Version": "2012-10-17", "Statement": {{"Effect": "Allow",
            "Action": "strongroom:CreateServiceAccount", "Resource": "{}"}}}}"#,
        user("carol").arn()
    );
    let document = StoredPolicy::parse(&text, Kind::Identity).unwrap();
    let name = "own".parse().unwrap();
    world.act(&PutUserPolicy { user: user("carol"), name, document }).unwrap();
    assert!(world.allows(&carol, &asking(ServiceParent::User(user("carol")))));
    assert!(!world.allows(&carol, &for_alice));
}

/// corpus: ADM-08
#[test]
fn nobody_makes_a_service_account_of_the_root_but_the_root() {
    let (mut world, alice) = world();
    let for_root = asking(ServiceParent::Root(home()));
    assert!(world.allows(&alice, &for_root), "her policies allow it");
    let error = world.act_as(&alice, &for_root, None).unwrap_err();
    assert!(matches!(error, IdentityError::RootOnly));
    assert!(world.act(&for_root).is_ok());
}

#[test]
fn service_accounts_are_no_keys_of_iam() {
    let (mut world, _) = world();
    let made = world.act(&asking(of_alice())).unwrap();
    let holder = || KeyHolder::User(user("alice"));
    let page = PageRequest::default();
    let keys = world.act(&ListAccessKeys { holder: holder(), page }).unwrap();
    assert!(keys.items.iter().all(|key| key.id != made.key.id));
    let delete = DeleteAccessKey { holder: holder(), key: made.key.id.clone() };
    assert!(world.act(&delete).is_err());
    assert!(world.act(&CreateAccessKey { holder: holder() }).is_ok(), "the quota is for keys");
    let delete = DeleteServiceAccount { parent: of_alice(), key: made.key.id.clone() };
    world.act(&delete).unwrap();
    assert_eq!(standing(&world, &made.key.id), None);
}

#[test]
fn a_parent_has_so_many_service_accounts_and_no_more() {
    let (mut world, _) = world();
    world.quotas.service_accounts = 2;
    world.act(&asking(of_alice())).unwrap();
    world.act(&asking(of_alice())).unwrap();
    let error = world.act(&asking(of_alice())).unwrap_err();
    assert!(matches!(error, IdentityError::LimitExceeded { max: 2, .. }));
}

#[test]
fn a_service_account_has_the_key_that_was_given_and_no_two_have_the_same() {
    let mut world = World::new();
    world.make_user("alice");
    let (id, secret) = ("AKIAFIXTUREFIXTURE00", "fixture-secret-fixture-secret-fixture-se");
    let given = || RootKey::Given { id: id.parse().unwrap(), secret: secret.parse().unwrap() };
    let create = || CreateServiceAccount { key: given(), ..asking(of_alice()) };
    let made = world.act(&create()).unwrap();
    assert_eq!((made.key.id.as_str(), made.secret.expose()), (id, secret));
    let again = world.act(&create()).unwrap_err();
    assert!(matches!(again, IdentityError::EntityAlreadyExists { .. }));
    let key = RootKey::Given { id: "ASIAFIXTUREFIXTURE00".parse().unwrap(), secret: made.secret };
    let session = world.act(&CreateServiceAccount { key, ..asking(of_alice()) });
    assert!(matches!(session, Err(IdentityError::Validation { .. })), "that is a session's");
}
