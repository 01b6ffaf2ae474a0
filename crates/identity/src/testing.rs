//! What the tests of this room share: fake time and chance, a log in memory, and a world to act in.

use std::collections::{BTreeMap, HashMap};
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use audit::{Clock, Minted, Random};
use names::{AccountId, Arn, Revision, SecretBytes, Timestamp, UserName};
use policy::decision::Decision;
use policy::facts::Facts;
use policy::operation::Operation;
use policy::principal::Principal;
use policy::{Kind, Question};

use crate::delta::{Change, Delta};
use crate::identity::{Context, Perform, Quotas};
use crate::ops::*;
use crate::provider::{ExternalIdentity, Vouched};
use crate::resolve::{Caller, Resolution, resolve};
use crate::session::Payload;
use crate::state::State;
use crate::*;

/// A clock that stands still until it is moved.
pub(crate) struct FakeClock(AtomicI64);

impl FakeClock {
    pub(crate) fn new() -> Self {
        Self(AtomicI64::new(1_767_225_600_000))
    }

    pub(crate) fn advance(&self, seconds: i64) {
        self.0.fetch_add(seconds * 1000, Ordering::SeqCst);
    }
}

impl Clock for FakeClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_millis(self.0.load(Ordering::SeqCst)).unwrap()
    }

    fn monotonic(&self) -> Duration {
        Duration::from_millis(self.0.load(Ordering::SeqCst).unsigned_abs())
    }
}

/// Chance that repeats itself (SplitMix64).
pub(crate) struct Seeded(AtomicU64);

impl Seeded {
    pub(crate) fn new() -> Self {
        Self(AtomicU64::new(7))
    }
}

impl Random for Seeded {
    fn fill(&self, bytes: &mut [u8]) {
        for byte in bytes {
            let step = 0x9e37_79b9_7f4a_7c15;
            let mut z = self.0.fetch_add(step, Ordering::SeqCst).wrapping_add(step);
            z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
            *byte = (z >> 33).to_le_bytes()[0];
        }
    }
}

/// A log in memory. The next append can be made to fail, before or after it is kept.
#[derive(Default)]
pub(crate) struct MemoryLog {
    pub(crate) records: Mutex<Vec<(Revision, Vec<u8>)>>,
    pub(crate) snapshots: Mutex<BTreeMap<Revision, Vec<u8>>>,
    pub(crate) fail: Mutex<Option<Fail>>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fail {
    Lost,
    Kept,
}

#[async_trait]
impl StateLog for MemoryLog {
    async fn append(&self, next: Revision, record: Vec<u8>) -> Result<(), StateLogError> {
        let fail = self.fail.lock().unwrap().take();
        if fail == Some(Fail::Lost) {
            return Err(StateLogError::Unavailable("lost".into()));
        }
        let mut records = self.records.lock().unwrap();
        let last = records.last().map_or(Revision::default(), |(revision, _)| *revision);
        if next != last.next() {
            return Err(StateLogError::Conflict { expected: next });
        }
        records.push((next, record));
        match fail {
            Some(_) => Err(StateLogError::Unavailable("answer lost".into())),
            None => Ok(()),
        }
    }

    async fn read(
        &self,
        after: Revision,
        limit: usize,
    ) -> Result<Vec<(Revision, Vec<u8>)>, StateLogError> {
        let records = self.records.lock().unwrap();
        Ok(records.iter().filter(|(r, _)| *r > after).take(limit).cloned().collect())
    }

    async fn put_snapshot(&self, at: Revision, mut pieces: Pieces) -> Result<(), StateLogError> {
        let mut bytes = Vec::new();
        let cut = |why| StateLogError::Unavailable(Box::new(why));
        while let Some(piece) = pieces.next().await.map_err(cut)? {
            bytes.extend(piece);
        }
        self.snapshots.lock().unwrap().insert(at, bytes);
        Ok(())
    }

    async fn forget_snapshot(&self, at: Revision) -> Result<(), StateLogError> {
        self.snapshots.lock().unwrap().remove(&at);
        Ok(())
    }

    async fn newest_snapshot(
        &self,
        at: Option<Revision>,
    ) -> Result<Option<(Revision, u64)>, StateLogError> {
        let snapshots = self.snapshots.lock().unwrap();
        let most = at.unwrap_or(Revision(u64::MAX));
        Ok(snapshots.range(..=most).next_back().map(|(r, b)| (*r, b.len() as u64)))
    }

    async fn snapshot_part(
        &self,
        at: Revision,
        part: std::ops::Range<u64>,
    ) -> Result<Vec<u8>, StateLogError> {
        let snapshots = self.snapshots.lock().unwrap();
        let place = |at: u64| usize::try_from(at).unwrap();
        let all = snapshots[&at].iter().copied();
        Ok(all.skip(place(part.start)).take(place(part.end - part.start)).collect())
    }
}

pub(crate) fn master(byte: u8) -> SecretBytes {
    SecretBytes::new(vec![byte; MASTER_KEY_BYTES])
}

pub(crate) fn home() -> AccountId {
    "111122223333".parse().unwrap()
}

pub(crate) fn partner() -> AccountId {
    "444455556666".parse().unwrap()
}

pub(crate) fn user(name: &str) -> UserRef {
    State::new_ref(home(), "/".parse().unwrap(), name.parse::<UserName>().unwrap())
}

pub(crate) fn group(name: &str) -> GroupRef {
    State::new_ref(home(), "/".parse().unwrap(), name.parse().unwrap())
}

pub(crate) fn role(name: &str) -> RoleRef {
    State::new_ref(home(), "/".parse().unwrap(), name.parse().unwrap())
}

pub(crate) fn managed(name: &str) -> PolicyRef {
    State::new_ref(home(), "/".parse().unwrap(), name.parse().unwrap())
}

/// Allows an action on everything.
pub(crate) fn allow(action: &str) -> StoredPolicy {
    statement("Allow", action, Kind::Identity)
}

pub(crate) fn statement(effect: &str, action: &str, kind: Kind) -> StoredPolicy {
    let text = format!(
        r#"{{"Version": "2012-10-17", "Statement":
            {{"Effect": "{effect}", "Action": "{action}", "Resource": "*"}}}}"#
    );
    StoredPolicy::parse(&text, kind).unwrap()
}

/// Allows everything of S3 on buckets whose names, with what stands between them, have so many
/// bytes.
pub(crate) fn filled(bytes: usize) -> StoredPolicy {
    const BETWEEN: &str = r#"","arn:aws:s3:::"#;
    let mut names = String::new();
    while names.len() + BETWEEN.len() + 1_000 < bytes {
        names.push_str(&"r".repeat(1_000));
        names.push_str(BETWEEN);
    }
    names.push_str(&"r".repeat(bytes - names.len()));
    let text = format!(
        r#"{{"Version":"2012-10-17","Statement":{{"Effect":"Allow","Action":"s3:*",
            "Resource":["arn:aws:s3:::{names}"]}}}}"#
    );
    StoredPolicy::parse(&text, Kind::Identity).unwrap()
}

/// A trust policy on a principal element.
pub(crate) fn trusts(principal: &str, action: &str) -> StoredPolicy {
    let text = format!(
        r#"{{"Version": "2012-10-17", "Statement":
            {{"Effect": "Allow", "Principal": {principal}, "Action": {action}}}}}"#
    );
    StoredPolicy::parse(&text, Kind::RoleTrust).unwrap()
}

pub(crate) fn trusts_user(name: &str) -> StoredPolicy {
    trusts(&format!(r#"{{"AWS": "{}"}}"#, user(name).arn()), r#""sts:AssumeRole""#)
}

/// A request for a session that asks for nothing special.
pub(crate) fn plain_session() -> SessionRequest {
    SessionRequest {
        seconds: Some(900),
        policy: None,
        policy_arns: Vec::new(),
        tags: Tags::default(),
        transitive: Vec::new(),
        source_identity: None,
    }
}

/// One installation, without async, journal or disk: what operations do, decided and performed.
pub(crate) struct World {
    pub(crate) state: State,
    pub(crate) history: Vec<Vec<u8>>,
    pub(crate) sealer: Sealer,
    pub(crate) random: Seeded,
    pub(crate) clock: FakeClock,
    pub(crate) quotas: Quotas,
    last_used: Mutex<HashMap<names::AccessKeyId, LastUse>>,
    reports: Mutex<HashMap<AccountId, Timestamp>>,
}

impl World {
    /// Two accounts, of which the first owns the installation.
    pub(crate) fn new() -> Self {
        let mut world = Self {
            state: State::default(),
            history: Vec::new(),
            sealer: Sealer::new(vec![master(1)]).unwrap(),
            random: Seeded::new(),
            clock: FakeClock::new(),
            quotas: Quotas::default(),
            last_used: Mutex::default(),
            reports: Mutex::default(),
        };
        for (id, name) in [(home(), "home"), (partner(), "partner")] {
            let create = CreateAccount {
                operator: home(),
                name: name.parse().unwrap(),
                id: Some(id),
                key: RootKey::Generate,
            };
            world.act(&create).unwrap();
        }
        world
    }

    pub(crate) fn root(&self) -> Caller {
        let who = audit::Who {
            principal: Principal::Root { account: home() },
            ..audit::Who::anonymous()
        };
        Caller { who: Arc::new(who), session: None }
    }

    pub(crate) fn partner_root(&self) -> Caller {
        let principal = Principal::Root { account: partner() };
        let who = audit::Who { principal, ..audit::Who::anonymous() };
        Caller { who: Arc::new(who), session: None }
    }

    /// What an operation of the root may look at.
    pub(crate) fn with_context<T>(&self, look: impl FnOnce(&Context<'_>) -> T) -> T {
        look(&Context {
            state: &self.state,
            now: self.clock.now(),
            who: &self.root().who,
            decided: self.state.revision(),
            minted: None,
            random: &self.random,
            sealer: &self.sealer,
            quotas: &self.quotas,
            last_used: &self.last_used,
            reports: &self.reports,
        })
    }

    /// Performs as the root, without asking policies.
    pub(crate) fn act<Op: Perform>(&mut self, op: &Op) -> Result<Op::Output, IdentityError> {
        self.act_as(&self.root(), op, None)
    }

    /// Performs as somebody, without asking policies.
    pub(crate) fn act_as<Op: Perform>(
        &mut self,
        caller: &Caller,
        op: &Op,
        drawn: Option<&Drawn>,
    ) -> Result<Op::Output, IdentityError> {
        let (output, changes) = self.changes_of(caller, op, drawn)?;
        if !changes.is_empty() {
            let record = Delta::new(self.clock.now(), changes).encode().unwrap();
            self.append(record);
        }
        Ok(output)
    }

    /// What an operation would answer and change, if somebody performed it.
    pub(crate) fn changes_of<Op: Perform>(
        &self,
        caller: &Caller,
        op: &Op,
        drawn: Option<&Drawn>,
    ) -> Result<(Op::Output, Vec<Change>), IdentityError> {
        let minted =
            drawn.map(|drawn| Minted { credential: drawn.minted.clone(), expires: drawn.expires });
        let context = Context {
            state: &self.state,
            now: self.clock.now(),
            who: &caller.who,
            decided: self.state.revision(),
            minted: minted.as_ref(),
            random: &self.random,
            sealer: &self.sealer,
            quotas: &self.quotas,
            last_used: &self.last_used,
            reports: &self.reports,
        };
        let performed = op.act(&context)?;
        if self.quotas.delegation == Delegation::Subset {
            delegation::within(&self.state, &performed.changes, Some(caller))?;
        }
        let writes = !performed.changes.is_empty();
        assert!(!writes || op.effect() != Effect::Read, "{} says that it only reads", Op::NAME);
        Ok((performed.output, performed.changes))
    }

    /// Applies a record as the log would give it back.
    pub(crate) fn append(&mut self, record: Vec<u8>) {
        let delta = Delta::decode(&record).unwrap();
        assert_eq!(delta.encode().unwrap(), record, "a record reads back as it was written");
        self.state = self.state.apply(self.state.revision().next(), &delta).unwrap();
        self.history.push(record);
    }

    /// Decides an operation's checks as the door does.
    pub(crate) fn decide<Op: Operation + RequestFacts>(
        &self,
        caller: &Caller,
        op: &Op,
        more: impl Fn(&mut Facts),
    ) -> Vec<Decision> {
        let policies = self.state.policies_of(caller);
        let decide = |check: &policy::operation::Check| {
            let mut facts = Facts::default();
            op.request_facts(&mut facts.request);
            self.state.principal_facts(caller, self.clock.now(), &mut facts);
            self.state.resource_facts(&check.resource, &mut facts);
            more(&mut facts);
            let resource = match check.action.service() {
                "sts" if check.resource.service() == "iam" => {
                    self.state.trust_side(&check.resource)
                }
                _ => self.state.plain_side(&check.resource, caller.account()),
            };
            let question = Question {
                principal: caller.principal(),
                caller: &policies,
                resource: &resource,
                facts: &facts,
                revision: self.state.revision(),
            };
            policy::decide(check, &question)
        };
        op.checks().iter().map(decide).collect()
    }

    pub(crate) fn allows<Op: Operation + RequestFacts>(&self, caller: &Caller, op: &Op) -> bool {
        self.decide(caller, op, |_| ()).iter().all(Decision::is_allowed)
    }

    /// The organisation that the first account manages.
    pub(crate) fn organization(&mut self) -> OrganizationRef {
        if self.state.operator().is_none() {
            let changes = vec![Change::Operator(home())];
            self.append(Delta::new(self.clock.now(), changes).encode().unwrap());
        }
        self.state.organization_ref().unwrap()
    }

    pub(crate) fn make_user(&mut self, name: &str) -> Arc<User> {
        let create = CreateUser { user: user(name), tags: Tags::default(), boundary: None };
        self.act(&create).unwrap()
    }

    pub(crate) fn make_group(&mut self, name: &str) -> Arc<Group> {
        self.act(&CreateGroup { group: group(name) }).unwrap()
    }

    pub(crate) fn make_role(&mut self, name: &str, trust: StoredPolicy) -> Arc<Role> {
        let create = CreateRole {
            role: role(name),
            trust,
            description: None,
            max_session_seconds: None,
            tags: Tags::default(),
            boundary: None,
        };
        self.act(&create).unwrap()
    }

    pub(crate) fn make_policy(&mut self, name: &str, document: StoredPolicy) -> Arn {
        let tags = Tags::default();
        let create = CreatePolicy { policy: managed(name), document, description: None, tags };
        self.act(&create).unwrap().policy.arn()
    }

    /// A new access key of a user, and who it makes the caller.
    pub(crate) fn key_of(&mut self, name: &str) -> (NewAccessKey, Caller) {
        let holder = KeyHolder::User(user(name));
        let new = self.act(&CreateAccessKey { holder }).unwrap();
        let caller = self.live(&new.key.id, None);
        (new, caller)
    }

    pub(crate) fn resolve(&self, key: &names::AccessKeyId, token: Option<&str>) -> Resolution {
        resolve(&self.state, &self.sealer, key, token, self.clock.now())
    }

    /// The caller of a credential that must be live.
    pub(crate) fn live(&self, key: &names::AccessKeyId, token: Option<&str>) -> Caller {
        match self.resolve(key, token) {
            Resolution::Known(known) if known.standing == Standing::Live => known.caller,
            other => panic!("{other:?}"),
        }
    }

    pub(crate) fn standing(&self, credentials: &Credentials) -> Standing {
        match self.resolve(&credentials.key, Some(&credentials.token)) {
            Resolution::Known(known) => known.standing,
            other => panic!("{other:?}"),
        }
    }

    pub(crate) fn draw(&self, caller: &Caller, seconds: i64) -> Drawn {
        let asked = self.clock.now().plus_seconds(seconds);
        let most = caller.session.as_ref().map_or(asked, |session| session.expires);
        let minted = draw::temporary_key(&self.random);
        Drawn { minted, expires: most.min(asked), from: None }
    }

    pub(crate) fn assume_op(&self, caller: &Caller, name: &str) -> AssumeRole {
        AssumeRole {
            role: role(name).arn(),
            name: "alice".parse().unwrap(),
            external_id: None,
            session: plain_session(),
            inherited: caller.hands_down(),
            mfa: None,
            drawn: self.draw(caller, 900),
        }
    }

    /// A session of a role, without asking its trust policy.
    pub(crate) fn assume(&mut self, caller: &Caller, name: &str) -> Credentials {
        let op = self.assume_op(caller, name);
        let drawn = op.drawn.clone();
        self.act_as(caller, &op, Some(&drawn)).unwrap().credentials
    }

    /// A session of a role of any account, without asking its trust policy.
    pub(crate) fn assume_as(&mut self, caller: &Caller, role: &Arn) -> Credentials {
        let op = AssumeRole { role: role.clone(), ..self.assume_op(caller, "R") };
        let drawn = op.drawn.clone();
        self.act_as(caller, &op, Some(&drawn)).unwrap().credentials
    }

    pub(crate) fn clock_now(&self) -> Timestamp {
        self.clock.now()
    }

    pub(crate) fn payload(&self, credentials: &Credentials) -> Payload {
        Payload::open(&credentials.token, &credentials.key, &self.sealer).unwrap()
    }

    /// A provider that lets in whoever it vouches for.
    pub(crate) fn make_provider(&mut self, trust: Option<StoredPolicy>) -> Arc<OidcProvider> {
        let add = AddProvider {
            account: home(),
            issuer: "https://idp.example".parse().unwrap(),
            name: "idp".parse().unwrap(),
            client_ids: vec!["store".to_owned()],
            claims: ClaimSettings {
                groups: Some("groups".to_owned()),
                policy: Some("policy".to_owned()),
                display: None,
            },
            session_seconds_max: None,
            trust,
        };
        self.act(&add).unwrap()
    }

    pub(crate) fn vouched(
        &self,
        provider: &OidcProvider,
        subject: &str,
        groups: &[&str],
    ) -> ExternalIdentity {
        let claims = serde_json::json!({"sub": subject, "groups": groups, "email": "a@b.example"});
        let group = |id: &&str| ExternalGroup { id: (*id).to_owned(), name: None };
        ExternalIdentity::vouched(Vouched {
            provider: provider.arn.clone(),
            issuer: provider.issuer.as_str().to_owned(),
            subject: subject.to_owned(),
            audience: vec!["store".to_owned()],
            authorized_party: None,
            display: None,
            groups: groups.iter().map(group).collect(),
            member_of: MemberOf::Untold,
            claims: claims.as_object().unwrap().clone(),
            expires: self.clock.now().plus_seconds(300),
            authenticated_at: None,
            known_as: None,
        })
    }
}
