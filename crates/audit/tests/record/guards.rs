//! Revocation: what it waits for, and what it never waits for.

use std::future::Future;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use names::Revision;
use strongroom_audit::{ChainLink, Cut, Guard, OpenEntry};

use crate::house::*;

fn poll<F: Future>(future: std::pin::Pin<&mut F>) -> Poll<F::Output> {
    future.poll(&mut Context::from_waker(Waker::noop()))
}

async fn guarded(house: &House) -> (Guard, OpenEntry) {
    let open = house.known(&alice()).open(asked(ReadThing::new("a"), ALL), || NOW);
    let (permit, entry) = open.await.unwrap();
    (permit.guard(), entry)
}

fn link(n: usize) -> Vec<ChainLink> {
    vec![links().remove(n)]
}

#[tokio::test]
async fn a_guard_is_registered_under_every_link_before_the_revision_is_read_again() {
    let house = House::new();
    let guards = house.journal.guards();
    let all = || links().iter().map(|link| guards.alive(link)).collect::<Vec<_>>();
    let current = || {
        assert_eq!(all(), [1, 1, 1]);
        NOW
    };
    let open = house.known(&alice()).open(asked(ReadThing::new("a"), ALL), current);
    let (permit, _entry) = open.await.unwrap();
    let copy = permit.guard();
    drop(permit);
    assert_eq!(all(), [1, 1, 1]);
    drop(copy);
    assert_eq!(all(), [0, 0, 0]);
}

#[tokio::test]
async fn a_cut_under_any_link_keeps_everybody_out() {
    for n in 0..links().len() {
        let house = House::new();
        let (guard, _entry) = guarded(&house).await;
        assert!(guard.enter().is_ok());
        house.journal.guards().cut(&link(n), Revision(8)).finished().await;
        assert_eq!(guard.enter().err(), Some(Cut { revision: Revision(8) }));
        assert_eq!(guard.clone().cut(), Some(Cut { revision: Revision(8) }));
    }
}

#[tokio::test]
async fn a_cut_waits_only_for_those_inside() {
    let house = House::new();
    let (idle, _first) = guarded(&house).await;
    let (busy, _second) = guarded(&house).await;
    let inside = busy.enter().unwrap();
    let again = busy.enter().unwrap();
    let cutting = house.journal.guards().cut(&link(0), Revision(8));
    assert_eq!(cutting.waiting(), 1);
    assert!(idle.enter().is_err() && busy.enter().is_err(), "at once, before the wait is over");
    let mut finished = pin!(cutting.finished());
    assert!(poll(finished.as_mut()).is_pending());
    drop(inside);
    assert!(poll(finished.as_mut()).is_pending());
    drop(again);
    assert!(poll(finished.as_mut()).is_ready());
}

#[tokio::test]
async fn a_cut_of_somebody_else_or_of_an_earlier_revision_changes_nothing() {
    let house = House::new();
    let (guard, _entry) = guarded(&house).await;
    let guards = house.journal.guards();
    let other = ChainLink::Key("AKIAOTHEROTHEROTHERO".parse().unwrap());
    guards.cut(&[other], Revision(8)).finished().await;
    // What was decided at revision 7 has already seen what revision 7 revoked.
    guards.cut(&link(0), NOW).finished().await;
    assert!(guard.enter().is_ok());
    guards.cut_except(&link(0), Revision(8), |links| links.len() == 3).finished().await;
    assert!(guard.enter().is_ok());
    guards.cut_except(&link(0), Revision(8), |links| links.len() == 2).finished().await;
    assert!(guard.enter().is_err());
}

#[tokio::test]
async fn whoever_waits_for_a_slow_client_learns_of_the_cut() {
    let house = House::new();
    let (guard, _entry) = guarded(&house).await;
    let mut until = pin!(guard.until_cut());
    assert!(poll(until.as_mut()).is_pending());
    house.journal.guards().cut(&link(1), Revision(9)).finished().await;
    assert_eq!(poll(until.as_mut()), Poll::Ready(Cut { revision: Revision(9) }));
}

#[tokio::test]
async fn the_record_says_which_revision_cut_the_work() {
    let house = House::new();
    let (guard, entry) = guarded(&house).await;
    house.journal.guards().cut(&link(0), Revision(8)).finished().await;
    let cut = guard.enter().err().unwrap();
    entry.close_cut(cut, strongroom_audit::Outcome::status(200));
    let closed = house.entries().await.remove(0).closed.unwrap();
    assert_eq!(closed.outcome, strongroom_audit::entry::Ending::Cut);
    assert_eq!(closed.cut_at, Some(Revision(8)));
}

#[tokio::test]
async fn a_place_that_is_free_again_is_nobodys_but_the_next_guards() {
    let house = House::new();
    let (first, _one) = guarded(&house).await;
    let (second, _two) = guarded(&house).await;
    drop((first, _one));
    let (third, _three) = guarded(&house).await;
    let guards = house.journal.guards();
    assert_eq!(guards.alive(&links()[0]), 2);
    guards.cut(&link(0), Revision(8)).finished().await;
    assert!(second.enter().is_err() && third.enter().is_err());
    drop((second, third));
    assert_eq!(guards.alive(&links()[0]), 0);
}
