//! What a revocation ends, what it leaves alone, and that it is remembered.

use std::net::IpAddr;

use crate::ops::*;
use crate::testing::*;
use crate::*;

fn revoke(world: &mut World, revoke: Revoke) -> Result<(), IdentityError> {
    world.act(&RevokeSessions { account: home(), revoke })
}

fn world() -> (World, NewAccessKey, Caller) {
    let mut world = World::new();
    world.make_user("alice");
    world.make_role("R", trusts_user("alice"));
    let (key, alice) = world.key_of("alice");
    (world, key, alice)
}

fn address(text: &str) -> IpAddr {
    text.parse().unwrap()
}

/// A session of R that was asked for from somewhere.
fn from(world: &mut World, caller: &Caller, at: &str) -> Credentials {
    let mut op = world.assume_op(caller, "R");
    op.drawn.from = Some(address(at));
    let drawn = op.drawn.clone();
    world.act_as(caller, &op, Some(&drawn)).unwrap().credentials
}

/// The same world after a start from its snapshot.
fn restarted(world: &mut World) {
    let again = State::decode(&world.state.encode().unwrap()).unwrap();
    assert_eq!(again.fingerprint(), world.state.fingerprint());
    world.state = again;
}

/// corpus: REV-05
#[test]
fn a_revoked_key_is_off_and_so_is_what_it_made() {
    let (mut world, key, alice) = world();
    let (_, other) = world.key_of("alice");
    let (made, spared) = (world.assume(&alice, "R"), world.assume(&other, "R"));
    revoke(&mut world, Revoke::Key(key.key.id.clone())).unwrap();
    for _ in 0..2 {
        let standing = match world.resolve(&key.key.id, None) {
            Resolution::Known(known) => known.standing,
            other => panic!("{other:?}"),
        };
        assert_eq!(standing, Standing::Inactive);
        assert_eq!(world.standing(&made), Standing::Revoked);
        assert_eq!(world.standing(&spared), Standing::Live);
        restarted(&mut world);
    }
}

#[test]
fn the_key_of_a_root_is_the_roots_to_revoke() {
    let (mut world, _, alice) = world();
    let root = world.state.keys_of(&names::UniqueId::root(home())).next().unwrap().id.clone();
    let revoke = RevokeSessions { account: home(), revoke: Revoke::Key(root) };
    let error = world.act_as(&alice, &revoke, None).unwrap_err();
    assert!(matches!(error, IdentityError::RootOnly));
    assert!(world.act(&revoke).is_ok());
}

#[test]
fn what_was_asked_for_from_an_address_ends_and_what_came_from_another_does_not() {
    let (mut world, key, alice) = world();
    let here = from(&mut world, &alice, "192.0.2.7");
    let there = from(&mut world, &alice, "192.0.2.8");
    revoke(&mut world, Revoke::Address(address("192.0.2.7"))).unwrap();
    let later = from(&mut world, &alice, "192.0.2.7");
    for _ in 0..2 {
        assert_eq!(world.standing(&here), Standing::Revoked);
        assert_eq!(world.standing(&there), Standing::Live);
        assert_eq!(world.standing(&later), Standing::Live, "it was given afterwards");
        world.live(&key.key.id, None);
        restarted(&mut world);
    }
}

/// corpus: REV-07
#[test]
fn an_account_ends_no_sessions_of_another() {
    let (mut world, key, alice) = world();
    let here = from(&mut world, &alice, "192.0.2.7");
    let foreign = |revoke| RevokeSessions { account: partner(), revoke };
    world.act(&foreign(Revoke::Address(address("192.0.2.7")))).unwrap();
    world.act(&foreign(Revoke::Everything)).unwrap();
    assert_eq!(world.standing(&here), Standing::Live);
    assert!(world.act(&foreign(Revoke::Key(key.key.id.clone()))).is_err());
    let provider = world.make_provider(None);
    assert!(world.act(&foreign(Revoke::Provider(provider.arn.clone()))).is_err());
    let sid = "s1".to_owned();
    let idp = Revoke::IdpSession { provider: provider.arn.clone(), sid };
    assert!(world.act(&foreign(idp)).is_err());
}

#[test]
fn everything_of_an_account_ends_but_its_keys() {
    let (mut world, key, alice) = world();
    let before = world.assume(&alice, "R");
    revoke(&mut world, Revoke::Everything).unwrap();
    let after = world.assume(&alice, "R");
    for _ in 0..2 {
        assert_eq!(world.standing(&before), Standing::Revoked);
        assert_eq!(world.standing(&after), Standing::Live);
        world.live(&key.key.id, None);
        restarted(&mut world);
    }
}

/// A login of somebody whose session at the provider has a name.
fn login(
    world: &mut World,
    provider: &OidcProvider,
    sid: &str,
) -> Result<Credentials, IdentityError> {
    let claims = serde_json::json!({ "sub": "ana", "sid": sid });
    let external = ExternalIdentity::vouched(Vouched {
        provider: provider.arn.clone(),
        issuer: provider.issuer.as_str().to_owned(),
        subject: "ana".to_owned(),
        audience: vec!["store".to_owned()],
        authorized_party: None,
        display: None,
        groups: Vec::new(),
        member_of: MemberOf::Untold,
        claims: claims.as_object().unwrap().clone(),
        expires: world.clock_now().plus_seconds(300),
        authenticated_at: None,
        known_as: None,
    });
    let caller = Caller::login(&external);
    let drawn = world.draw(&caller, 900);
    let op = AssumeRoleWithWebIdentity {
        role: Some(role("W").arn()),
        name: "ana".parse().unwrap(),
        external,
        mapping: MappingOutcome::default(),
        session: plain_session(),
        drawn: drawn.clone(),
    };
    Ok(world.act_as(&caller, &op, Some(&drawn))?.credentials)
}

fn with_provider() -> (World, std::sync::Arc<OidcProvider>) {
    let (mut world, ..) = world();
    let provider = world.make_provider(None);
    let trust = format!(r#"{{"Federated": "{}"}}"#, provider.arn);
    world.make_role("W", trusts(&trust, r#""sts:AssumeRoleWithWebIdentity""#));
    (world, provider)
}

#[test]
fn what_came_through_a_provider_ends_and_what_comes_later_does_not() {
    let (mut world, provider) = with_provider();
    let before = login(&mut world, &provider, "s1").unwrap();
    revoke(&mut world, Revoke::Provider(provider.arn.clone())).unwrap();
    let after = login(&mut world, &provider, "s1").unwrap();
    assert_eq!(world.standing(&before), Standing::Revoked);
    assert_eq!(world.standing(&after), Standing::Live);
}

/// corpus: STS-12
#[test]
fn a_session_at_a_provider_that_was_revoked_opens_nothing_more() {
    let (mut world, provider) = with_provider();
    let one = login(&mut world, &provider, "s1").unwrap();
    let other = login(&mut world, &provider, "s2").unwrap();
    let idp = Revoke::IdpSession { provider: provider.arn.clone(), sid: "s1".to_owned() };
    revoke(&mut world, idp).unwrap();
    for _ in 0..2 {
        assert_eq!(world.standing(&one), Standing::Revoked);
        assert_eq!(world.standing(&other), Standing::Live);
        let again = login(&mut world, &provider, "s1");
        let error = again.err().unwrap();
        assert!(matches!(error, IdentityError::SessionRefused(SessionRefusal::IdpSessionEnded)));
        assert!(login(&mut world, &provider, "s2").is_ok());
        restarted(&mut world);
    }
}
