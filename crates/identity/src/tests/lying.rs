//! A state that lies in a snapshot: what is read of it, and what if it cannot be read.

use crate::delta::{Change, Delta};
use crate::log::NotKept;
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
