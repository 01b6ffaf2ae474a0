//! Sessions that somebody proved with a device to have asked for.

use names::UniqueId;
use policy::facts::Facts;

use crate::mfa::{Failures, verify};
use crate::ops::*;
use crate::testing::*;
use crate::totp::{code, step_of};
use crate::*;

/// Alice, who may manage users, with a device and its seed.
fn world() -> (World, Caller, names::Arn, Vec<u8>) {
    let mut world = World::new();
    world.make_user("alice");
    let (name, document) = ("iam".parse().unwrap(), allow("iam:*"));
    world.act(&PutUserPolicy { user: user("alice"), name, document }).unwrap();
    let device = State::new_ref(home(), "/".parse().unwrap(), "phone".parse().unwrap());
    let made = world.act(&CreateVirtualMFADevice { device, tags: Tags::default() }).unwrap();
    let serial = made.device.serial();
    let seed = world.sealer.open(Purpose::MfaSeed, serial.as_str(), &made.device.seed).unwrap();
    let seed = seed.expose().to_vec();
    let at = |steps: i64| {
        let step = step_of(audit::Clock::now(&world.clock)).checked_add_signed(steps).unwrap();
        code(&seed, step).parse().unwrap()
    };
    let (first, second) = (at(-1), at(0));
    let enable = EnableMFADevice {
        holder: KeyHolder::User(user("alice")),
        serial: serial.clone(),
        first,
        second,
    };
    world.act(&enable).unwrap();
    world.clock.advance(60);
    let (_, alice) = world.key_of("alice");
    (world, alice, serial, seed)
}

fn proof(world: &World, caller: &Caller, serial: &names::Arn, seed: &[u8]) -> MfaProof {
    let now = audit::Clock::now(&world.clock);
    let shown = code(seed, step_of(now));
    let id = id(caller);
    let asked = (&id, serial.as_str(), shown.as_str());
    verify(&world.state, &world.sealer, &Failures::default(), asked, now).unwrap()
}

fn id(caller: &Caller) -> UniqueId {
    match caller.principal() {
        policy::principal::Principal::User { id, .. } => id.clone(),
        other => panic!("{other:?}"),
    }
}

fn token(
    world: &mut World,
    caller: &Caller,
    mfa: Option<MfaProof>,
) -> Result<Caller, IdentityError> {
    let drawn = world.draw(caller, 900);
    let op = GetSessionToken { account: home(), seconds: Some(900), mfa, drawn: drawn.clone() };
    let made = world.act_as(caller, &op, Some(&drawn))?;
    Ok(world.live(&made.key, Some(&made.token)))
}

fn said(world: &World, caller: &Caller, key: &str) -> Option<String> {
    let mut facts = Facts::default();
    world.state.principal_facts(caller, world.clock_now(), &mut facts);
    match facts.get(key) {
        Some(policy::facts::Value::One(text)) => Some(text.clone()),
        _ => None,
    }
}

#[test]
fn a_session_that_a_device_proved_says_so_and_how_long_ago_and_manages_iam() {
    let (mut world, alice, serial, seed) = world();
    let makes = CreateUser { user: user("new"), tags: Tags::default(), boundary: None };
    let bare = token(&mut world, &alice, None).unwrap();
    assert_eq!(said(&world, &bare, "aws:MultiFactorAuthPresent").as_deref(), Some("false"));
    assert_eq!(said(&world, &bare, "aws:MultiFactorAuthAge"), None);
    assert!(!world.allows(&bare, &makes));
    let shown = proof(&world, &alice, &serial, &seed);
    let proved = token(&mut world, &alice, Some(shown)).unwrap();
    assert!(world.allows(&proved, &makes));
    world.clock.advance(90);
    assert_eq!(said(&world, &proved, "aws:MultiFactorAuthPresent").as_deref(), Some("true"));
    assert_eq!(said(&world, &proved, "aws:MultiFactorAuthAge").as_deref(), Some("90"));
    assert_eq!(said(&world, &alice, "aws:MultiFactorAuthPresent"), None, "a key says nothing");
}

#[test]
fn a_code_counts_for_one_session_and_for_whose_it_is() {
    let (mut world, alice, serial, seed) = world();
    let shown = proof(&world, &alice, &serial, &seed);
    token(&mut world, &alice, Some(shown.clone())).unwrap();
    let again = token(&mut world, &alice, Some(shown)).unwrap_err();
    assert!(matches!(again, IdentityError::MfaRefused(MfaRefusal::Wrong)));
    world.make_user("carol");
    let (_, carol) = world.key_of("carol");
    world.clock.advance(60);
    let shown = proof(&world, &alice, &serial, &seed);
    let foreign = token(&mut world, &carol, Some(shown)).unwrap_err();
    assert!(matches!(foreign, IdentityError::MfaRefused(MfaRefusal::NotHeld)));
}

#[test]
fn a_role_that_is_put_on_with_a_code_spends_it_and_carries_no_proof() {
    let (mut world, alice, serial, seed) = world();
    world.make_role("R", trusts_user("alice"));
    let mfa = Some(proof(&world, &alice, &serial, &seed));
    let op = AssumeRole { mfa, ..world.assume_op(&alice, "R") };
    let drawn = op.drawn.clone();
    let made = world.act_as(&alice, &op, Some(&drawn)).unwrap().credentials;
    let session = world.live(&made.key, Some(&made.token));
    assert_eq!(said(&world, &session, "aws:MultiFactorAuthPresent").as_deref(), Some("false"));
    assert!(world.act_as(&alice, &op, Some(&drawn)).is_err(), "the code is spent");
}

#[test]
fn the_root_has_devices_of_its_own_which_nobody_else_speaks_about() {
    let (mut world, alice, _, _) = world();
    let root = world.root();
    let device = State::new_ref(home(), "/".parse().unwrap(), "root".parse().unwrap());
    let made = world.act(&CreateVirtualMFADevice { device, tags: Tags::default() }).unwrap();
    let serial = made.device.serial();
    let seed = world.sealer.open(Purpose::MfaSeed, serial.as_str(), &made.device.seed).unwrap();
    let seed = seed.expose().to_vec();
    let at = |world: &World, steps: i64| {
        let step = step_of(audit::Clock::now(&world.clock)).checked_add_signed(steps).unwrap();
        code(&seed, step).parse().unwrap()
    };
    let holder = || KeyHolder::Root(home());
    let (first, second) = (at(&world, -1), at(&world, 0));
    let enable = EnableMFADevice { holder: holder(), serial: serial.clone(), first, second };
    let refused = world.act_as(&alice, &enable, None).unwrap_err();
    assert!(matches!(refused, IdentityError::RootOnly));
    world.act(&enable).unwrap();
    let list = ListMFADevices { holder: holder(), page: PageRequest::default() };
    assert_eq!(world.act(&list).unwrap().items.len(), 1);
    assert!(world.act_as(&alice, &list, None).is_err());
    let summary = world.act(&GetAccountSummary { account: home() }).unwrap();
    assert!(summary.0.contains(&("AccountMFAEnabled", 1)));
    world.clock.advance(60);
    let now = audit::Clock::now(&world.clock);
    let shown = code(&seed, step_of(now));
    let asked = (&UniqueId::root(home()), serial.as_str(), shown.as_str());
    let proof = verify(&world.state, &world.sealer, &Failures::default(), asked, now).unwrap();
    let bare = token(&mut world, &root, None).unwrap();
    assert_eq!(said(&world, &bare, "aws:MultiFactorAuthPresent").as_deref(), Some("false"));
    let proved = token(&mut world, &root, Some(proof)).unwrap();
    assert_eq!(said(&world, &proved, "aws:MultiFactorAuthPresent").as_deref(), Some("true"));
    assert_eq!(said(&world, &proved, "aws:MultiFactorAuthAge").as_deref(), Some("0"));
    let remove = DeactivateMFADevice { holder: holder(), serial };
    assert!(world.act_as(&alice, &remove, None).is_err());
    world.act(&remove).unwrap();
    assert!(world.act(&list).unwrap().items.is_empty());
}
