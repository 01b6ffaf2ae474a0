//! The whole room, with a journal and a log: starts, restarts, revocations and rotations.

use std::sync::Arc;

use audit::{
    Attempt, ChainLink, Decided, Durability, Journal, JournalConfig, Minted, OpenEntry, Opening,
    Permit, Target,
};
use policy::facts::Facts;
use policy::operation::Operation;
use policy::{Question, ResourceSide};

use crate::ops::*;
use crate::testing::*;
use crate::*;

/// An installation with its first account, as a server would assemble it.
struct Rig {
    identity: Identity,
    journal: Arc<Journal>,
    log: Arc<MemoryLog>,
    clock: Arc<FakeClock>,
    root: NewAccount,
    _dir: tempfile::TempDir,
}

async fn open(log: &Arc<MemoryLog>, clock: &Arc<FakeClock>, journal: &Journal) -> Identity {
    let parts = Parts {
        log: Arc::<MemoryLog>::clone(log),
        sealer: Sealer::new(vec![master(1)]).unwrap(),
        clock: Arc::<FakeClock>::clone(clock),
        random: Arc::new(Seeded::new()),
        guards: journal.guards().clone(),
        quotas: Quotas::default(),
    };
    Identity::open(parts).await.unwrap()
}

fn first(key: RootKey) -> Bootstrap {
    Bootstrap { account: Some(home()), name: "home".parse().unwrap(), key }
}

impl Rig {
    async fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let clock = Arc::new(FakeClock::new());
        let random = Arc::new(Seeded::new());
        let config = JournalConfig::new(dir.path().join("journal"));
        let (journal, _) = Journal::open(config, Arc::<FakeClock>::clone(&clock), random).unwrap();
        let log = Arc::new(MemoryLog::default());
        let identity = open(&log, &clock, &journal).await;
        let root = identity.bootstrap(first(RootKey::Generate)).await.unwrap();
        Self { identity, journal, log, clock, root, _dir: dir }
    }

    fn caller(&self, key: &names::AccessKeyId, token: Option<&str>) -> Caller {
        let state = self.identity.snapshot();
        let now = audit::Clock::now(self.clock.as_ref());
        match self.identity.resolve(&state, key, token, now) {
            Resolution::Known(known) if known.standing == Standing::Live => known.caller,
            other => panic!("{other:?}"),
        }
    }

    fn root(&self) -> Caller {
        self.caller(&self.root.root.key.id, None)
    }

    fn attempt(&self, caller: &Caller) -> Attempt {
        let mut attempt = self.journal.attempt(Opening::new(self.journal.request_id()));
        attempt.identified(Arc::clone(&caller.who));
        attempt
    }

    /// Decides and records as the door does.
    async fn permit<Op: Operation + RequestFacts>(
        &self,
        caller: &Caller,
        op: Op,
        mints: Option<Minted>,
    ) -> (Permit<Op>, OpenEntry) {
        let state = self.identity.snapshot();
        let policies = state.policies_of(caller);
        let decide = |check: &policy::operation::Check| {
            let mut facts = Facts::default();
            op.request_facts(&mut facts.request);
            let resource: ResourceSide = match check.action.service() {
                "sts" => state.trust_side(&check.resource),
                _ => state.plain_side(&check.resource, caller.account()),
            };
            policy::decide(
                check,
                &Question {
                    principal: caller.principal(),
                    caller: &policies,
                    resource: &resource,
                    facts: &facts,
                    revision: state.revision(),
                },
            )
        };
        let decisions = op.checks().iter().map(decide).collect();
        let decided = Decided {
            decisions,
            target: Target::from(names::Arn::any()),
            op,
            revision: state.revision(),
            durability: Durability::Available,
            mints,
        };
        let current = || self.identity.revision();
        self.attempt(caller).open(decided, current).await.unwrap()
    }

    async fn perform<Op: Perform + RequestFacts>(
        &self,
        op: Op,
    ) -> Result<Op::Output, IdentityError> {
        let (permit, _entry) = self.permit(&self.root(), op, None).await;
        self.identity.perform(permit).await
    }

    async fn make_alice(&self) -> (NewAccessKey, Caller) {
        let create = CreateUser { user: user("alice"), tags: Tags::default(), boundary: None };
        self.perform(create).await.unwrap();
        let holder = KeyHolder::User(user("alice"));
        let key = self.perform(CreateAccessKey { holder }).await.unwrap();
        let role_op = CreateRole {
            role: role("R"),
            trust: trusts_user("alice"),
            description: None,
            max_session_seconds: None,
            tags: Tags::default(),
            boundary: None,
        };
        self.perform(role_op).await.unwrap();
        let caller = self.caller(&key.key.id, None);
        (key, caller)
    }

    async fn assume(&self, caller: &Caller) -> Credentials {
        let (permit, _entry) = self.assuming(caller).await;
        self.identity.perform(permit).await.unwrap().credentials
    }

    async fn assuming(&self, caller: &Caller) -> (Permit<AssumeRole>, OpenEntry) {
        let drawn = self.identity.draw_session(caller, 900);
        let mints = Minted { credential: drawn.minted.clone(), expires: drawn.expires };
        let op = AssumeRole {
            role: role("R").arn(),
            name: "alice".parse().unwrap(),
            external_id: None,
            session: plain_session(),
            inherited: caller.hands_down(),
            mfa: None,
            drawn,
        };
        self.permit(caller, op, Some(mints)).await
    }

    fn standing(&self, credentials: &Credentials) -> Standing {
        let state = self.identity.snapshot();
        let now = audit::Clock::now(self.clock.as_ref());
        let token = Some(credentials.token.as_str());
        match self.identity.resolve(&state, &credentials.key, token, now) {
            Resolution::Known(known) => known.standing,
            other => panic!("{other:?}"),
        }
    }
}

#[tokio::test]
async fn the_first_start_makes_one_account_once() {
    let rig = Rig::new().await;
    assert_eq!(rig.identity.snapshot().operator(), Some(home()));
    assert!(rig.root().principal().arn().unwrap().as_str().ends_with(":root"));
    let again = rig.identity.bootstrap(first(RootKey::Generate)).await;
    assert!(matches!(again, Err(IdentityError::Bootstrap(_))));
}

#[tokio::test]
async fn a_restart_finds_everything_and_a_snapshot_changes_nothing() {
    let rig = Rig::new().await;
    rig.make_alice().await;
    let live = rig.identity.snapshot();
    let again = open(&rig.log, &rig.clock, &rig.journal).await;
    assert_eq!(again.snapshot().fingerprint(), live.fingerprint());
    rig.log.put_snapshot(live.revision(), live.encode().unwrap().into()).await.unwrap();
    rig.perform(DeleteRole { role: role("R") }).await.unwrap();
    let again = open(&rig.log, &rig.clock, &rig.journal).await;
    assert_eq!(again.snapshot().fingerprint(), rig.identity.snapshot().fingerprint());
    let then = again.at(live.revision()).await.unwrap();
    assert_eq!(then.fingerprint(), live.fingerprint());
    let before = names::Revision(live.revision().0 - 1);
    assert_eq!(again.at(before).await.unwrap().revision(), before);
    assert!(again.at(names::Revision(999)).await.is_err());
}

#[tokio::test]
async fn a_root_that_is_reset_has_one_new_key_and_no_old_one() {
    let rig = Rig::new().await;
    let old = rig.root.root.key.id.clone();
    let new = rig.identity.reset_root(home(), RootKey::Generate).await.unwrap();
    let state = rig.identity.snapshot();
    assert!(state.key(&old).is_none());
    rig.caller(&new.key.id, None);
    assert!(rig.identity.reset_root(partner(), RootKey::Generate).await.is_err());
}

#[tokio::test]
async fn an_account_with_a_fixed_id_and_keys_is_made_and_its_root_is_a_stranger_here() {
    let rig = Rig::new().await;
    let id: names::AccessKeyId = "PARTNERPARTNER01".parse().unwrap();
    let secret: names::SecretKey = "partner-secret-partner-secret-01".parse().unwrap();
    let create = |key| CreateAccount {
        operator: home(),
        name: "partner".parse().unwrap(),
        id: Some(partner()),
        key,
    };
    let given = RootKey::Given { id: id.clone(), secret };
    rig.perform(create(given.clone())).await.unwrap();
    assert!(rig.perform(create(given)).await.is_err());
    let root = rig.caller(&id, None);
    let state = rig.identity.snapshot();
    let ask = create(RootKey::Generate);
    let check = ask.checks().remove(0);
    let decision = policy::decide(
        &check,
        &Question {
            principal: root.principal(),
            caller: &state.policies_of(&root),
            resource: &state.plain_side(&check.resource, root.account()),
            facts: &Facts::default(),
            revision: state.revision(),
        },
    );
    assert!(!decision.is_allowed());
}

/// corpus: REV-06
/// oracle: answer, state
#[tokio::test]
async fn an_append_that_fails_changes_nothing_and_one_whose_answer_is_lost_is_found() {
    let rig = Rig::new().await;
    let create =
        |name: &str| CreateUser { user: user(name), tags: Tags::default(), boundary: None };
    let before = rig.identity.revision();
    *rig.log.fail.lock().unwrap() = Some(Fail::Lost);
    assert!(matches!(rig.perform(create("a")).await, Err(IdentityError::Log(_))));
    assert_eq!(rig.identity.revision(), before);
    rig.perform(create("a")).await.unwrap();
    *rig.log.fail.lock().unwrap() = Some(Fail::Kept);
    assert!(matches!(rig.perform(create("b")).await, Err(IdentityError::Log(_))));
    assert!(rig.identity.snapshot().user(home(), "b").is_none());
    let again = rig.perform(create("b")).await;
    assert!(matches!(again, Err(IdentityError::EntityAlreadyExists { .. })));
    assert!(rig.identity.snapshot().user(home(), "b").is_some());
}

#[tokio::test]
async fn a_revocation_cuts_what_is_under_way_and_waits_for_who_is_inside() {
    let rig = Rig::new().await;
    let (_, alice) = rig.make_alice().await;
    let session = rig.assume(&alice).await;
    let in_role = rig.caller(&session.key, Some(&session.token));
    let (permit, _entry) = rig.permit(&in_role, GetCallerIdentity, None).await;
    let guard = permit.guard();
    let inside = guard.enter().unwrap();
    let revoke = RevokeSessions { account: home(), revoke: Revoke::Session(session.key.clone()) };
    let revoking = rig.perform(revoke);
    tokio::pin!(revoking);
    tokio::select! {
        biased;
        _ = &mut revoking => panic!("acknowledged while somebody is inside"),
        _ = guard.until_cut() => {}
    }
    drop(inside);
    revoking.await.unwrap();
    assert!(guard.enter().is_err());
    assert!(matches!(rig.identity.perform(permit).await, Err(IdentityError::Cut(_))));
    assert_eq!(rig.standing(&session), Standing::Revoked);
}

#[tokio::test]
async fn revoking_sessions_spares_the_work_of_long_term_keys() {
    let rig = Rig::new().await;
    let (_, alice) = rig.make_alice().await;
    let session = rig.assume(&alice).await;
    let in_role = rig.caller(&session.key, Some(&session.token));
    let (by_key, _one) = rig.permit(&alice, GetCallerIdentity, None).await;
    let (by_session, _two) = rig.permit(&in_role, GetCallerIdentity, None).await;
    let id = rig.identity.snapshot().user(home(), "alice").unwrap().id.clone();
    let revoke = RevokeSessions { account: home(), revoke: Revoke::IssuedBefore(id) };
    rig.perform(revoke).await.unwrap();
    assert!(rig.identity.perform(by_key).await.is_ok());
    assert!(matches!(rig.identity.perform(by_session).await, Err(IdentityError::Cut(_))));
}

#[tokio::test]
async fn a_session_permitted_before_a_revocation_is_not_minted_after_it() {
    let rig = Rig::new().await;
    let (key, alice) = rig.make_alice().await;
    let (permit, _entry) = rig.assuming(&alice).await;
    let holder = KeyHolder::User(user("alice"));
    rig.perform(DeleteAccessKey { holder, key: key.key.id.clone() }).await.unwrap();
    assert!(matches!(rig.identity.perform(permit).await, Err(IdentityError::Cut(_))));
}

#[tokio::test]
async fn rotation_seals_every_secret_anew_and_loses_none() {
    let rig = Rig::new().await;
    let (key, _) = rig.make_alice().await;
    let ring = Sealer::new(vec![master(2), master(1)]).unwrap();
    let current = ring.current_key();
    rig.identity.replace_ring(ring);
    rig.caller(&key.key.id, None);
    let (permit, _entry) =
        rig.permit(&rig.root(), RotateMasterKey { operator: home() }, None).await;
    let rotated = rig.identity.rotate(permit).await.unwrap();
    assert_eq!(rotated.resealed, 2);
    let state = rig.identity.snapshot();
    assert!(state.keys.all().all(|key| key.secret.key() == current));
    rig.identity.replace_ring(Sealer::new(vec![master(2)]).unwrap());
    let now = audit::Clock::now(rig.clock.as_ref());
    let Resolution::Known(known) = rig.identity.resolve(&state, &key.key.id, None, now) else {
        panic!()
    };
    assert_eq!(known.secret, key.secret);
}

#[tokio::test]
async fn a_secret_that_was_opened_is_not_known_under_a_ring_that_does_not_open_it() {
    let rig = Rig::new().await;
    let (key, _) = rig.make_alice().await;
    let resolved = || {
        let now = audit::Clock::now(rig.clock.as_ref());
        rig.identity.resolve(&rig.identity.snapshot(), &key.key.id, None, now)
    };
    for _ in 0..2 {
        assert!(matches!(resolved(), Resolution::Known(known) if known.secret == key.secret));
    }
    rig.identity.replace_ring(Sealer::new(vec![master(3)]).unwrap());
    assert!(matches!(resolved(), Resolution::Unknown));
    rig.identity.replace_ring(Sealer::new(vec![master(3), master(1)]).unwrap());
    assert!(matches!(resolved(), Resolution::Known(known) if known.secret == key.secret));
}

#[tokio::test]
async fn what_was_resolved_before_a_change_counts_no_more_after_it() {
    let rig = Rig::new().await;
    let (key, _) = rig.make_alice().await;
    let (id, now) = (&key.key.id, audit::Clock::now(rig.clock.as_ref()));
    let holder = || KeyHolder::User(user("alice"));
    let resolved = || match rig.identity.resolve(&rig.identity.snapshot(), id, None, now) {
        Resolution::Known(known) => Some(known.standing),
        Resolution::Unknown | Resolution::InvalidToken(_) => None,
    };
    let before = rig.identity.snapshot();
    for _ in 0..2 {
        assert_eq!(resolved(), Some(Standing::Live));
    }
    for (status, standing) in
        [(KeyStatus::Inactive, Standing::Inactive), (KeyStatus::Active, Standing::Live)]
    {
        let key = id.clone();
        rig.perform(UpdateAccessKey { holder: holder(), key, status }).await.unwrap();
        assert_eq!(resolved(), Some(standing));
        assert_eq!(resolved(), Some(standing));
    }
    rig.perform(DeleteAccessKey { holder: holder(), key: id.clone() }).await.unwrap();
    assert_eq!(resolved(), None);
    // The state of then says what it said.
    assert!(matches!(rig.identity.resolve(&before, id, None, now), Resolution::Known(_)));
}

/// corpus: SEC-16
/// oracle: answer
#[tokio::test]
async fn a_new_epoch_is_entered_once() {
    let rig = Rig::new().await;
    let (_, alice) = rig.make_alice().await;
    let session = rig.assume(&alice).await;
    rig.identity.enter_epoch(7).await.unwrap();
    let revision = rig.identity.revision();
    rig.identity.enter_epoch(7).await.unwrap();
    assert_eq!(rig.identity.revision(), revision);
    assert_eq!(rig.standing(&session), Standing::Revoked);
    assert_eq!(rig.standing(&rig.assume(&alice).await), Standing::Live);
}

#[tokio::test]
async fn the_last_use_of_a_key_is_told() {
    let rig = Rig::new().await;
    let (key, _) = rig.make_alice().await;
    let ask =
        || GetAccessKeyLastUsed { holder: KeyHolder::User(user("alice")), key: key.key.id.clone() };
    assert_eq!(rig.perform(ask()).await.unwrap().last, None);
    let at = audit::Clock::now(rig.clock.as_ref());
    rig.identity.used(&key.key.id, "s3", at);
    assert_eq!(rig.perform(ask()).await.unwrap().last, Some(LastUse { at, service: "s3" }));
}

#[tokio::test]
async fn everything_that_a_caller_depends_on_is_in_its_chain() {
    let rig = Rig::new().await;
    let (key, alice) = rig.make_alice().await;
    let session = rig.assume(&alice).await;
    let in_role = rig.caller(&session.key, Some(&session.token));
    let state = rig.identity.snapshot();
    let expected = [
        ChainLink::Account(home()),
        ChainLink::Key(key.key.id.clone()),
        ChainLink::Session(session.key.clone()),
        ChainLink::Principal(state.user(home(), "alice").unwrap().id.clone()),
        ChainLink::Principal(state.role(home(), "R").unwrap().id.clone()),
    ];
    for link in expected {
        assert!(in_role.chain().contains(&link), "{link:?}");
    }
}

#[tokio::test]
async fn a_session_decided_on_a_trust_policy_that_was_replaced_is_not_minted() {
    let rig = Rig::new().await;
    let (_, alice) = rig.make_alice().await;
    let (permit, _entry) = rig.assuming(&alice).await;
    let trust = trusts(r#"{"AWS": "111122223333"}"#, r#""sts:AssumeRole""#);
    rig.perform(UpdateAssumeRolePolicy { role: role("R"), trust }).await.unwrap();
    let error = rig.identity.perform(permit).await.unwrap_err();
    assert!(matches!(error, IdentityError::ConcurrentModification { .. }));
    rig.perform(UpdateAssumeRolePolicy { role: role("R"), trust: trusts_user("alice") })
        .await
        .unwrap();
    rig.assume(&alice).await;
}

/// corpus: SEC-05
/// oracle: secrets
#[tokio::test]
async fn credentials_do_not_print_their_secrets() {
    let rig = Rig::new().await;
    let (_, alice) = rig.make_alice().await;
    let session = rig.assume(&alice).await;
    let printed = format!("{session:?}");
    assert!(!printed.contains(&session.token) && !printed.contains(session.secret.expose()));
}

#[tokio::test]
async fn snapshots_are_kept_as_changes_pile_up() {
    let rig = Rig::new().await;
    rig.make_alice().await;
    let tags = |n: u64| Tags::new([("n".to_owned(), n.to_string())]).unwrap();
    let before = rig.identity.snapshot().revision().0;
    let (witness, _entry) =
        rig.permit(&rig.root(), TagUser { user: user("alice"), tags: tags(0) }, None).await;
    let change = async |n: u64| {
        let changed = rig.identity.change_permitted(&witness, |cx| {
            let mut alice = (**cx.state.user(home(), "alice").unwrap()).clone();
            alice.tags = tags(n);
            Ok(Performed::write(vec![Change::User(Arc::new(alice))], ()))
        });
        changed.await.unwrap();
    };
    for n in before..=SNAPSHOT_CHANGES {
        change(n).await;
    }
    while rig.log.snapshots.lock().unwrap().is_empty() {
        tokio::task::yield_now().await;
    }
    let again = open(&rig.log, &rig.clock, &rig.journal).await;
    assert_eq!(again.snapshot().fingerprint(), rig.identity.snapshot().fingerprint());
    // The running process lies over the snapshot as well, and goes on.
    while rig.identity.snapshot().base.is_none() {
        tokio::task::yield_now().await;
    }
    assert_eq!(again.snapshot().fingerprint(), rig.identity.snapshot().fingerprint());
    let create = CreateUser { user: user("carol"), tags: Tags::default(), boundary: None };
    rig.perform(create).await.unwrap();
    assert!(rig.identity.snapshot().user(home(), "carol").is_some());
    // And over the next, whose keys it takes first.
    let holder = || KeyHolder::User(user("carol"));
    let one = rig.perform(CreateAccessKey { holder: holder() }).await.unwrap();
    let other = rig.perform(CreateAccessKey { holder: holder() }).await.unwrap();
    let lain = rig.identity.snapshot().base.as_ref().map(Arc::as_ptr);
    for n in rig.identity.revision().0..2 * SNAPSHOT_CHANGES + 2 {
        change(n).await;
    }
    let gone = DeleteAccessKey { holder: holder(), key: one.key.id.clone() };
    rig.perform(gone).await.unwrap();
    while rig.identity.snapshot().base.as_ref().map(Arc::as_ptr) == lain {
        tokio::task::yield_now().await;
    }
    let now = rig.identity.snapshot();
    let again = open(&rig.log, &rig.clock, &rig.journal).await;
    assert_eq!(again.snapshot().fingerprint(), now.fingerprint());
    assert!(now.key(&one.key.id).is_none() && now.key(&other.key.id).is_some());
}

#[tokio::test]
async fn a_revocation_waits_for_the_change_that_is_being_made_and_for_none_that_waits() {
    let rig = Rig::new().await;
    let order = std::sync::Mutex::new(Vec::new());
    let root = rig.root();
    let mut creates = Vec::new();
    for name in ["a", "b", "c", "d"] {
        let op = CreateUser { user: user(name), tags: Tags::default(), boundary: None };
        creates.push((name, rig.permit(&root, op, None).await));
    }
    let from = Revoke::Address("192.0.2.1".parse().unwrap());
    let op = RevokeSessions { account: home(), revoke: from };
    let (revoke, _entry) = rig.permit(&root, op, None).await;
    let created = creates.into_iter().map(async |(name, (permit, _entry))| {
        rig.identity.perform(permit).await.unwrap();
        order.lock().unwrap().push(name);
    });
    let revoked = async {
        rig.identity.perform(revoke).await.unwrap();
        order.lock().unwrap().push("revoked");
    };
    // All of them wait while the writer is busy; the revocation comes last.
    let busy = rig.identity.occupied().await;
    let free = async {
        tokio::task::yield_now().await;
        drop(busy);
    };
    let [a, b, c, d] = created.collect::<Vec<_>>().try_into().ok().unwrap();
    tokio::join!(a, b, c, d, revoked, free);
    assert_eq!(*order.lock().unwrap(), ["a", "revoked", "b", "c", "d"]);
}
