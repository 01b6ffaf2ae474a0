//! A state that lies in a snapshot: what is read of it, and what if it cannot be read.

use crate::delta::{Change, Delta};
use crate::log::{NotKept, superseded};
use crate::ops::*;
use crate::state::{BadSnapshot, Keys, State, parts};
use crate::testing::*;
use crate::*;

fn kept(state: &State) -> usize {
    state.base.as_ref().map_or(0, |base| base.care.kept())
}

/// Alice and bob with a key each, in a snapshot.
fn world() -> (World, NewAccessKey, NewAccessKey) {
    let mut world = World::new();
    world.make_user("alice");
    world.make_user("bob");
    let (alice, _) = world.key_of("alice");
    let (bob, _) = world.key_of("bob");
    (world, alice, bob)
}

#[test]
fn a_start_reads_no_record_and_a_question_reads_the_one_that_it_asks_for() {
    let (world, alice, _) = world();
    let state = State::decode(&world.state.encode().unwrap()).unwrap();
    assert_eq!(kept(&state), 0);
    assert_eq!(state.users.count(home()), 2);
    assert_eq!(kept(&state), 0, "counting reads nothing");
    assert!(state.user(home(), "alice").is_some() && state.user(home(), "carol").is_none());
    assert!(state.user_by_id(&alice.key.owner).is_some());
    assert_eq!(kept(&state), 1, "once, by whatever it is found");
    assert_eq!(state.users.of(home(), None).count(), 2);
    assert_eq!(kept(&state), 1, "a listing keeps nothing");
    assert!(state.key(&alice.key.id).is_some());
    assert_eq!(kept(&state), 2);
    assert_eq!(kept(&state.forgetting()), 0);
    assert!(!state.keeps_too_much());
}

#[test]
fn a_change_over_a_snapshot_reads_what_it_changes_and_nothing_else() {
    let (world, alice, _) = world();
    let state = State::decode(&world.state.encode().unwrap()).unwrap();
    let mut user = (**state.user(home(), "alice").unwrap()).clone();
    user.name = "alison".parse().unwrap();
    let delta = Delta::new(user.created, vec![Change::User(std::sync::Arc::new(user))]);
    let next = state.apply(state.revision().next(), &delta).unwrap();
    assert_eq!(kept(&next), 1);
    assert!(next.user(home(), "alice").is_none() && next.user(home(), "alison").is_some());
    assert_eq!(next.user_by_id(&alice.key.owner).unwrap().name.as_str(), "alison");
    assert!(state.user(home(), "alice").is_some(), "a state never changes");
    assert_eq!(next.users.count(home()), 2);
    let again = State::decode(&next.encode().unwrap()).unwrap();
    assert_eq!(again.fingerprint(), next.fingerprint());
}

/// A snapshot in which the body of bob's record begins with a byte that stands for nothing.
fn damaged(world: &World, bob: &NewAccessKey) -> State {
    let mut bytes = world.state.encode().unwrap();
    let record = format!("{}bob{}", home(), bob.key.owner);
    let at = bytes.windows(record.len()).position(|w| w == record.as_bytes()).unwrap();
    bytes[at + record.len()] = 0x1f;
    State::decode(&bytes).unwrap()
}

#[test]
fn while_a_record_cannot_be_read_nobody_is_let_in_and_nothing_is_changed() {
    let (mut world, alice, bob) = world();
    let (key, root) = (alice.key.id.clone(), Caller::anonymous());
    world.state = damaged(&world, &bob);
    assert!(matches!(world.resolve(&key, None), Resolution::Known(_)), "nobody knows yet");
    assert!(world.state.policies_of(&root).service_control.is_empty());
    assert!(world.state.user(home(), "bob").is_none());
    assert!(world.state.is_damaged());
    assert!(matches!(world.resolve(&key, None), Resolution::Unknown));
    let levels = world.state.policies_of(&root).service_control;
    assert!(levels.len() == 1 && levels[0].is_empty(), "a level that allows nothing");
    let delta = Delta::new(names::Timestamp::default(), Vec::new());
    assert!(world.state.apply(world.state.revision().next(), &delta).is_err());
    assert!(world.state.forgetting().is_damaged() && world.state.encode().is_err());
}

#[test]
fn a_snapshot_that_is_cut_short_or_of_another_version_is_refused() {
    let (world, _, _) = world();
    let whole = world.state.encode().unwrap();
    for cut in (0..whole.len()).step_by(7) {
        assert!(State::decode(&whole[..cut]).is_err(), "{cut}");
    }
    let mut other = whole;
    other[8] = 3;
    assert!(State::decode(&other).is_err());
}

#[test]
fn a_snapshot_of_the_first_version_is_read() {
    let (world, alice, _) = world();
    let state = State::decode(&world.state.encode_version_1()).unwrap();
    assert_eq!(state.fingerprint(), world.state.fingerprint());
    assert!(state.base.is_none() && state.key(&alice.key.id).is_some());
    assert!(State::decode(br#"{"v":2,"revision":1,"changes":[]}"#).is_err());
}

#[test]
fn a_snapshot_with_its_tables_is_smaller_than_one_of_the_first_version() {
    let mut world = World::new();
    for n in 0..100 {
        world.make_user(&format!("user-{n}"));
        world.key_of(&format!("user-{n}"));
    }
    let (new, old) = (world.state.encode().unwrap().len(), world.state.encode_version_1().len());
    assert!(new * 5 < old * 4, "{new} and {old}");
}

/// Alice, bob and their keys in a snapshot; since then carol came with a key, and alice's is gone.
fn since() -> (World, State, [names::AccessKeyId; 3]) {
    let (mut world, alice, bob) = world();
    world.state = State::decode(&world.state.encode().unwrap()).unwrap();
    world.make_user("carol");
    let (carol, _) = world.key_of("carol");
    let (holder, key) = (KeyHolder::User(user("alice")), alice.key.id.clone());
    world.act(&DeleteAccessKey { holder, key }).unwrap();
    let then = world.state.clone();
    (world, then, [alice, bob, carol].map(|new| new.key.id.clone()))
}

/// The state with its keys over those of a snapshot of another.
fn keys_over(now: &State, then: &State) -> Option<State> {
    let bytes = then.encode().unwrap();
    let places = parts(&bytes, bytes.len() as u64).unwrap().unwrap();
    let (texts, keys) = places.texts_and_keys();
    let place = |at: u64| usize::try_from(at).unwrap();
    let of = |part: std::ops::Range<u64>| bytes[place(part.start)..place(part.end)].to_vec();
    now.with_keys_over((&of(texts), &std::sync::Arc::new(of(keys))), then).unwrap()
}

#[test]
fn keys_over_a_newer_snapshot_are_the_same_keys() {
    let (world, then, [alice, bob, carol]) = since();
    let over = keys_over(&world.state, &then).unwrap();
    assert_eq!(over.fingerprint(), then.fingerprint());
    assert_eq!((over.keys.len(), over.keys.all().count()), (4, 4), "two of roots among them");
    let known = [&alice, &bob, &carol].map(|id| over.key(id).is_some());
    assert_eq!(known, [false, true, true]);
    assert_eq!(State::decode(&over.encode().unwrap()).unwrap().fingerprint(), then.fingerprint());
}

#[test]
fn a_key_that_went_while_the_newer_snapshot_was_written_stays_gone() {
    let (mut world, then, [alice, bob, carol]) = since();
    for (name, id) in [("carol", &carol), ("bob", &bob)] {
        let holder = KeyHolder::User(user(name));
        world.act(&DeleteAccessKey { holder, key: id.clone() }).unwrap();
    }
    let (again, _) = world.key_of("carol");
    let over = keys_over(&world.state, &then).unwrap();
    assert_eq!(over.fingerprint(), world.state.fingerprint());
    assert_eq!((over.keys.len(), over.keys.all().count()), (3, 3), "two of roots among them");
    assert!([&alice, &bob, &carol].iter().all(|id| over.key(id).is_none()));
    let owner = &again.key.owner;
    assert_eq!(over.keys_of(owner).map(|key| &key.id).collect::<Vec<_>>(), [&again.key.id]);
    assert_eq!(over.keys.read_of(owner).len(), 1);
}

#[test]
fn keys_are_put_over_no_snapshot_that_is_older_than_what_lies_under_them() {
    let (world, then, _) = since();
    let newer = State::decode(&world.state.encode().unwrap()).unwrap();
    assert!(keys_over(&newer, &then).is_none());
    assert!(keys_over(&world.state.forgetting(), &then).is_some());
}

/// A newer snapshot may be of a state that named more than the running one does, once the rest of
/// the older one is in place.
#[test]
fn a_key_that_lies_where_it_was_named_before_is_not_taken_for_gone() {
    let (world, then, [_, _, carol]) = since();
    let named = keys_over(&world.state, &then).unwrap();
    let section = named.keys.table().unwrap().section().clone();
    let lain = State { keys: Keys::lying(named.keys.table().unwrap().clone()), ..named.clone() };
    assert!(lain.keys.table().unwrap().section().is(&section));
    let over = keys_over(&lain, &named).unwrap();
    assert!(over.key(&carol).is_some());
    assert_eq!(over.fingerprint(), then.fingerprint());
}

#[tokio::test]
async fn of_older_snapshots_those_stay_that_are_far_enough_apart() {
    let log = MemoryLog::default();
    for newest in 1..=20 {
        let at = names::Revision(newest * 10);
        log.put_snapshot(at, b"whole".to_vec().into()).await.unwrap();
        if let Some(older) = superseded(&log, at, 40).await.unwrap() {
            assert!(older < at);
            log.forget_snapshot(older).await.unwrap();
        }
    }
    let kept: Vec<u64> = log.snapshots.lock().unwrap().keys().map(|at| at.0).collect();
    assert_eq!(kept, [40, 80, 120, 160, 200]);
    // One change further apart, and the one between them stays.
    assert_eq!(superseded(&log, names::Revision(200), 79).await.unwrap(), None);
    assert!(superseded(&log, names::Revision(200), 80).await.unwrap().is_some());
    assert_eq!(superseded(&log, names::Revision(40), 99).await.unwrap(), None, "the first");
}

#[test]
fn a_snapshot_is_written_in_pieces_that_are_bounded() {
    let (mut world, ..) = world();
    for n in 0..400 {
        world.make_policy(&format!("long-{n}"), filled(5_000));
    }
    let mut pieces = Vec::new();
    let mut write = |piece: Vec<u8>| {
        pieces.push(piece.len());
        Ok(())
    };
    world.state.write(&mut write).unwrap();
    let whole = world.state.encode().unwrap();
    assert_eq!(pieces.iter().sum::<usize>(), whole.len());
    assert!(pieces.len() > 1 && pieces.iter().all(|bytes| *bytes <= 1 << 20), "{pieces:?}");
    let stopped = world.state.write(&mut |_| Err(NotKept.into()));
    assert!(matches!(stopped, Err(BadSnapshot::NotKept(_))));
}

/// What happens to one of six users, three groups or two roles; much of it is refused.
fn happens(world: &mut World, policies: &[names::Arn], dice: usize) {
    let (user, group) =
        (user(&format!("User-{}", dice / 16 % 6)), group(&format!("g{}", dice % 3)));
    let (role, policy) = (role(&format!("r{}", dice % 2)), policies[dice / 96 % 3].clone());
    let (holder, tags) = (KeyHolder::User(user.clone()), Tags::default());
    let (member, bounds) = (user.name.clone(), policy.clone());
    let boundary = dice.is_multiple_of(5).then(|| bounds.clone());
    let trust = trusts(r#"{"AWS": "111122223333"}"#, r#""sts:AssumeRole""#);
    let done = match dice % 16 {
        0 | 1 => world.act(&CreateUser { user, tags, boundary }).map(drop),
        2 => world.act(&CreateGroup { group }).map(drop),
        3 => {
            let (description, max_session_seconds) = (None, None);
            let role = CreateRole { role, trust, description, max_session_seconds, tags, boundary };
            world.act(&role).map(drop)
        }
        4 | 5 => world.act(&AddUserToGroup { group, user: member }),
        6 => world.act(&RemoveUserFromGroup { group, user: member }),
        7 => world.act(&AttachUserPolicy { user, policy }),
        8 => world.act(&DetachUserPolicy { user, policy }),
        9 => world.act(&AttachGroupPolicy { group, policy }),
        10 => world.act(&AttachRolePolicy { role, policy }),
        11 => world.act(&PutUserPermissionsBoundary { user, boundary: bounds }),
        12 => world.act(&CreateAccessKey { holder }).map(drop),
        13 => {
            let id = world.state.user(home(), user.name.as_str()).map(|user| user.id.clone());
            let key = id.and_then(|id| Some(world.state.keys_of(&id).next()?.id.clone()));
            key.map_or(Ok(()), |key| world.act(&DeleteAccessKey { holder, key }))
        }
        14 if (dice / 576).is_multiple_of(2) => world.act(&DeleteUserPermissionsBoundary { user }),
        14 => {
            binds(world, &user, dice);
            Ok(())
        }
        _ => world.act(&DeleteUser { user }),
    };
    drop(done);
}

/// A user stands for somebody of outside from now on.
fn binds(world: &mut World, user: &UserRef, dice: usize) {
    let Some(known) = world.state.user(home(), user.name.as_str()) else { return };
    let federated = serde_json::json!({
        "provider": "arn:aws:iam::111122223333:oidc-provider/idp.example",
        "issuer": "https://idp.example",
        "subject": format!("{}-{}", user.name, dice / 1152 % 2),
        "display": null,
        "mapped": [],
    });
    let federated: Federated = serde_json::from_value(federated).unwrap();
    let user = User { federated: Some(federated), ..(**known).clone() };
    let delta = Delta::new(user.created, vec![Change::User(std::sync::Arc::new(user))]);
    world.append(delta.encode().unwrap());
}

/// What did not change is passed on as it lies, and what is said of it is taken from the older
/// snapshot: the newer one is the same, byte for byte, as if every record had been read.
#[test]
fn a_snapshot_over_another_is_the_one_that_all_records_would_make() {
    let mut world = World::new();
    let policies = ["one", "two", "three"].map(|name| world.make_policy(name, allow("s3:*")));
    let (mut dice, mut lying) = (7_usize, [0; 3]);
    for round in 0..20 {
        for _ in 0..25 {
            dice = dice.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963);
            happens(&mut world, &policies, dice >> 33);
        }
        let bytes = world.state.encode().unwrap();
        let whole = State::decode(&world.state.encode_version_1()).unwrap();
        assert!(whole.base.is_none());
        assert!(bytes == whole.encode().unwrap(), "round {round}");
        let read = State::decode(&bytes).unwrap();
        let base = read.base.as_ref().unwrap();
        let sections = [&base.members, &base.uses, &base.bindings];
        lying = std::array::from_fn(|n| lying[n] + sections[n].len());
        assert_eq!(read.fingerprint(), world.state.fingerprint());
        world.state = read;
    }
    assert!(lying.iter().all(|entries| *entries > 20), "members, uses and bindings: {lying:?}");
}
