//! MFA devices: who has them, and what their codes prove.

use names::{Arn, UniqueId};

use crate::mfa::{Failures, verify};
use crate::ops::*;
use crate::testing::*;
use crate::totp::{code, step_of};
use crate::*;

fn device(name: &str) -> MfaRef {
    State::new_ref(home(), "/".parse().unwrap(), name.parse().unwrap())
}

fn create(world: &mut World, name: &str) -> (Arn, Vec<u8>) {
    let made =
        world.act(&CreateVirtualMFADevice { device: device(name), tags: Tags::default() }).unwrap();
    let serial = made.device.serial();
    let seed = world.sealer.open(Purpose::MfaSeed, serial.as_str(), &made.device.seed).unwrap();
    assert_eq!(made.seed.expose(), totp::base32(seed.expose()).as_bytes());
    assert_eq!(made.seed.expose().len(), 32);
    (serial, seed.expose().to_vec())
}

/// The code that a device shows so many steps from now.
fn shown(world: &World, seed: &[u8], steps: i64) -> MfaCode {
    let step = step_of(audit::Clock::now(&world.clock)).checked_add_signed(steps).unwrap();
    code(seed, step).parse().unwrap()
}

fn text(world: &World, seed: &[u8], steps: i64) -> String {
    code(seed, step_of(audit::Clock::now(&world.clock)).checked_add_signed(steps).unwrap())
}

fn enable(world: &World, name: &str, serial: &Arn, seed: &[u8], from: i64) -> EnableMFADevice {
    let (first, second) = (shown(world, seed, from), shown(world, seed, from + 1));
    EnableMFADevice { holder: KeyHolder::User(user(name)), serial: serial.clone(), first, second }
}

/// Alice with an enabled device.
fn alice() -> (World, UniqueId, Arn, Vec<u8>) {
    let mut world = World::new();
    let id = world.make_user("alice").id.clone();
    let (serial, seed) = create(&mut world, "phone");
    let op = enable(&world, "alice", &serial, &seed, -1);
    world.act(&op).unwrap();
    (world, id, serial, seed)
}

fn ask(
    world: &World,
    failures: &Failures,
    (user, serial, code): (&UniqueId, &str, &str),
) -> Result<MfaProof, MfaRefusal> {
    let now = audit::Clock::now(&world.clock);
    verify(&world.state, &world.sealer, failures, (user, serial, code), now)
}

/// Spends a proof as an operation does that carries it.
fn spend(world: &mut World, proof: &MfaProof) -> Result<(), IdentityError> {
    let change = world.with_context(|cx| cx.spend(proof))?;
    let now = audit::Clock::now(&world.clock);
    world.append(Delta::new(now, vec![change]).encode().unwrap());
    Ok(())
}

#[test]
fn a_device_is_enabled_by_two_codes_in_a_row_and_by_nothing_else() {
    let mut world = World::new();
    world.make_user("alice");
    let (serial, seed) = create(&mut world, "phone");
    let good = enable(&world, "alice", &serial, &seed, -1);
    let swapped =
        EnableMFADevice { first: good.second.clone(), second: good.first.clone(), ..good.clone() };
    let twice = EnableMFADevice { second: good.first.clone(), ..good.clone() };
    let late = enable(&world, "alice", &serial, &seed, -21);
    for bad in [swapped, twice, late] {
        let error = world.act(&bad).unwrap_err();
        assert!(matches!(error, IdentityError::InvalidAuthenticationCode));
    }
    world.act(&good).unwrap();
    let held = world.state.mfa_device(&serial).unwrap().held.clone().unwrap();
    assert_eq!(held.drift, 0);
    let listed = world.act(&ListMFADevices {
        holder: KeyHolder::User(user("alice")),
        page: PageRequest::default(),
    });
    assert_eq!(listed.unwrap().items.len(), 1);
}

#[test]
fn a_code_of_ones_own_device_proves_who_one_is_once() {
    let (mut world, id, serial, seed) = alice();
    let failures = Failures::default();
    world.clock.advance(30);
    let now = text(&world, &seed, 0);
    let proof = ask(&world, &failures, (&id, serial.as_str(), &now)).unwrap();
    assert_eq!((proof.user(), proof.serial()), (&id, &serial));
    assert_eq!(proof.at(), audit::Clock::now(&world.clock));
    // Two requests may look at the same code; it counts for one of them.
    let again = ask(&world, &failures, (&id, serial.as_str(), &now)).unwrap();
    spend(&mut world, &proof).unwrap();
    let error = spend(&mut world, &again).unwrap_err();
    assert!(matches!(error, IdentityError::MfaRefused(MfaRefusal::Wrong)));
    let replayed = ask(&world, &failures, (&id, serial.as_str(), &now));
    assert_eq!(replayed, Err(MfaRefusal::Wrong));
    world.clock.advance(30);
    let next = text(&world, &seed, 0);
    assert!(ask(&world, &failures, (&id, serial.as_str(), &next)).is_ok());
}

#[test]
fn the_codes_that_enabled_a_device_prove_nothing_after_that() {
    let (world, id, serial, seed) = alice();
    for steps in [-1, 0] {
        let used = text(&world, &seed, steps);
        let answer = ask(&world, &Failures::default(), (&id, serial.as_str(), &used));
        assert_eq!(answer, Err(MfaRefusal::Wrong));
    }
}

#[test]
fn a_device_proves_nothing_of_somebody_else_nor_without_a_code() {
    let (mut world, id, serial, seed) = alice();
    let bob = world.make_user("bob").id.clone();
    let failures = Failures::default();
    world.clock.advance(30);
    let now = text(&world, &seed, 0);
    let serial = serial.as_str();
    assert_eq!(ask(&world, &failures, (&bob, serial, &now)), Err(MfaRefusal::NotHeld));
    let other = device("other").arn();
    assert_eq!(ask(&world, &failures, (&id, other.as_str(), &now)), Err(MfaRefusal::NotHeld));
    assert_eq!(ask(&world, &failures, (&id, "GAHT12345678", &now)), Err(MfaRefusal::NotHeld));
    assert_eq!(ask(&world, &failures, (&id, serial, "")), Err(MfaRefusal::Incomplete));
    assert_eq!(ask(&world, &failures, (&id, "", &now)), Err(MfaRefusal::Incomplete));
    assert!(ask(&world, &failures, (&id, serial, &now)).is_ok());
}

#[test]
fn a_device_that_was_taken_away_proves_nothing_from_then_on() {
    let (mut world, id, serial, seed) = alice();
    let failures = Failures::default();
    world.clock.advance(30);
    let now = text(&world, &seed, 0);
    let proof = ask(&world, &failures, (&id, serial.as_str(), &now)).unwrap();
    world
        .act(&DeactivateMFADevice {
            holder: KeyHolder::User(user("alice")),
            serial: serial.clone(),
        })
        .unwrap();
    assert!(spend(&mut world, &proof).is_err());
    let answer = ask(&world, &failures, (&id, serial.as_str(), &now));
    assert_eq!(answer, Err(MfaRefusal::NotHeld));
}

#[test]
fn ten_wrong_codes_are_looked_at_and_no_eleventh_until_five_minutes_have_passed() {
    let (world, id, serial, seed) = alice();
    let failures = Failures::default();
    world.clock.advance(30);
    let right = text(&world, &seed, 0);
    let wrong = if right == "000000" { "000001" } else { "000000" };
    for _ in 0..FAILURES_MAX {
        let answer = ask(&world, &failures, (&id, serial.as_str(), wrong));
        assert_eq!(answer, Err(MfaRefusal::Wrong));
    }
    let answer = ask(&world, &failures, (&id, serial.as_str(), &right));
    assert_eq!(answer, Err(MfaRefusal::TooMany));
    world.clock.advance(FAILURES_SECONDS);
    let right = text(&world, &seed, 0);
    assert!(ask(&world, &failures, (&id, serial.as_str(), &right)).is_ok());
}

#[test]
fn a_device_whose_clock_is_off_is_understood_after_it_is_synchronized() {
    let (mut world, id, serial, seed) = alice();
    let failures = Failures::default();
    let ahead = text(&world, &seed, 9);
    let refused = ask(&world, &failures, (&id, serial.as_str(), &ahead));
    assert_eq!(refused, Err(MfaRefusal::Wrong));
    let resync = |world: &World, from| ResyncMFADevice {
        holder: KeyHolder::User(user("alice")),
        serial: serial.clone(),
        first: shown(world, &seed, from),
        second: shown(world, &seed, from + 1),
    };
    let op = resync(&world, 7);
    world.act(&op).unwrap();
    assert!(ask(&world, &failures, (&id, serial.as_str(), &ahead)).is_ok());
    let back = resync(&world, -3);
    let error = world.act(&back).unwrap_err();
    assert!(matches!(error, IdentityError::InvalidAuthenticationCode), "no codes of the past");
}

#[test]
fn a_device_belongs_to_one_user_of_its_own_account() {
    let (mut world, _, serial, seed) = alice();
    world.make_user("bob");
    world.clock.advance(90);
    let second = enable(&world, "bob", &serial, &seed, -1);
    let error = world.act(&second).unwrap_err();
    assert!(matches!(error, IdentityError::EntityAlreadyExists { .. }));
    let theirs = UserRef { account: partner(), ..user("carol") };
    let make = CreateUser { user: theirs.clone(), tags: Tags::default(), boundary: None };
    world.act(&make).unwrap();
    let (free, seed) = create(&mut world, "free");
    let foreign = EnableMFADevice {
        holder: KeyHolder::User(theirs),
        ..enable(&world, "bob", &free, &seed, -1)
    };
    let error = world.act(&foreign).unwrap_err();
    assert!(matches!(error, IdentityError::NoSuchEntity { .. }));
}

#[test]
fn a_user_has_eight_devices_and_no_ninth() {
    let mut world = World::new();
    world.make_user("alice");
    for n in 0..9 {
        let (serial, seed) = create(&mut world, &format!("phone-{n}"));
        let op = enable(&world, "alice", &serial, &seed, -1);
        let enabled = world.act(&op);
        let past = matches!(enabled, Err(IdentityError::LimitExceeded { max: 8, .. }));
        assert_eq!((enabled.is_ok(), past), (n < 8, n == 8), "{n}");
    }
}

#[test]
fn a_device_in_use_cannot_be_removed_nor_the_user_that_has_it() {
    let (mut world, _, serial, _) = alice();
    let remove = DeleteVirtualMFADevice { serial: serial.clone() };
    let error = world.act(&remove).unwrap_err();
    assert_eq!(error.recorded_text().unwrap(), "MFA VirtualDevice in use. Must deactivate first.");
    let delete = DeleteUser { user: user("alice") };
    let error = world.act(&delete).unwrap_err();
    let remains = Remains::MfaDevices;
    assert!(matches!(error, IdentityError::DeleteConflict { remains: r, .. } if r == remains));
    world
        .act(&DeactivateMFADevice {
            holder: KeyHolder::User(user("alice")),
            serial: serial.clone(),
        })
        .unwrap();
    world.act(&remove).unwrap();
    world.act(&delete).unwrap();
    assert!(world.state.mfa_device(&serial).is_none());
}

#[test]
fn a_name_is_taken_at_its_path_and_a_list_tells_who_has_what() {
    let (mut world, id, serial, _) = alice();
    let again = CreateVirtualMFADevice { device: device("phone"), tags: Tags::default() };
    let error = world.act(&again).unwrap_err();
    let text = "MFA device already exists.";
    assert_eq!(error.recorded_text().unwrap(), text);
    let (free, _) = create(&mut world, "another");
    let mut list = |assigned| {
        let list =
            ListVirtualMFADevices { account: home(), assigned, page: PageRequest::default() };
        let told = world.act(&list).unwrap().items;
        let tell = |told: &AssignedMfaDevice| {
            (
                told.device.serial(),
                match &told.user {
                    Some(UserOrRoot::User(user)) => Some(user.id.clone()),
                    _ => None,
                },
            )
        };
        told.iter().map(tell).collect::<Vec<_>>()
    };
    let (theirs, nobodys) = ((serial, Some(id)), (free, None));
    assert_eq!(list(Assigned::Assigned), std::slice::from_ref(&theirs));
    assert_eq!(list(Assigned::Unassigned), std::slice::from_ref(&nobodys));
    assert_eq!(list(Assigned::Any), [nobodys, theirs]);
}

#[test]
fn the_seed_of_a_device_is_sealed_and_sealed_again_under_a_new_master_key() {
    let (mut world, _, serial, seed) = alice();
    let log = String::from_utf8(world.history.concat()).unwrap();
    assert!(!log.contains(&totp::base32(&seed)));
    world.sealer = Sealer::new(vec![master(2), master(1)]).unwrap();
    let changes = world.with_context(|cx| perform::reseal(cx, 1000)).unwrap();
    let now = audit::Clock::now(&world.clock);
    world.append(Delta::new(now, changes).encode().unwrap());
    world.sealer = Sealer::new(vec![master(2)]).unwrap();
    let kept = &world.state.mfa_device(&serial).unwrap().seed;
    let opened = world.sealer.open(Purpose::MfaSeed, serial.as_str(), kept).unwrap();
    assert_eq!(opened.expose(), seed);
    let left = world.with_context(|cx| perform::reseal(cx, 1000)).unwrap();
    assert!(left.is_empty());
}
