//! What every test here needs: a clock and dice that obey, operations, callers and decisions.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::time::Duration;

use names::{Action, Arn, Revision, Timestamp};
use policy::decision::Decision;
use policy::facts::Facts;
use policy::operation::{Operation, Rule};
use policy::principal::Principal;
use policy::{Attached, CallerPolicies, Document, Kind, Question, ResourceSide, decide};
use strongroom_audit::disk::{JournalDisk, MemoryDisk};
use strongroom_audit::{
    Attempt, ChainLink, Clock, Decided, Durability, Entry, How, Journal, JournalConfig, Opening,
    Random, Reader, Who,
};

pub(crate) const NOW: Revision = Revision(7);

/// 2026-01-02T03:04:05.678Z, moving only when told to.
pub(crate) struct StillClock(AtomicI64);

impl StillClock {
    pub(crate) fn pass(&self, millis: i64) {
        self.0.fetch_add(millis, Ordering::Relaxed);
    }
}

impl Clock for StillClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_millis(self.0.load(Ordering::Relaxed)).unwrap()
    }

    fn monotonic(&self) -> Duration {
        Duration::from_millis(self.0.load(Ordering::Relaxed).unsigned_abs())
    }
}

/// Counts.
struct Counter(AtomicU64);

impl Random for Counter {
    fn fill(&self, bytes: &mut [u8]) {
        let next = self.0.fetch_add(1, Ordering::Relaxed).to_be_bytes();
        bytes.fill(0);
        let from = bytes.len() - next.len();
        bytes[from..].copy_from_slice(&next);
    }
}

pub(crate) struct House<D = MemoryDisk> {
    pub(crate) journal: Arc<Journal>,
    pub(crate) disk: Arc<D>,
    pub(crate) clock: Arc<StillClock>,
}

impl House {
    pub(crate) fn new() -> Self {
        Self::on(Arc::new(MemoryDisk::new()))
    }

    pub(crate) fn on(disk: Arc<MemoryDisk>) -> Self {
        Self::on_any(disk)
    }
}

impl<D: JournalDisk> House<D> {
    pub(crate) fn on_any(disk: Arc<D>) -> Self {
        let clock = Arc::new(StillClock(AtomicI64::new(1_767_323_045_678)));
        let random = Arc::new(Counter(AtomicU64::new(1)));
        let shared: Arc<dyn JournalDisk> = Arc::<D>::clone(&disk);
        let config = JournalConfig { reserve_bytes: 64, ..JournalConfig::new("unused".into()) };
        let ticking: Arc<dyn Clock> = Arc::<StillClock>::clone(&clock);
        let (journal, _) = Journal::open_on(shared, config, ticking, random).unwrap();
        Self { journal, disk, clock }
    }

    pub(crate) fn attempt(&self) -> Attempt {
        self.journal.attempt(Opening::new(self.journal.request_id()))
    }

    pub(crate) fn known(&self, who: &Who) -> Attempt {
        let mut attempt = self.attempt();
        attempt.identified(Arc::new(who.clone()));
        attempt
    }

    /// All entries, oldest first.
    pub(crate) async fn entries(&self) -> Vec<Entry> {
        self.journal.flush().await.unwrap();
        let mut entries = Reader::open(&*self.disk).unwrap().newest(usize::MAX).unwrap();
        entries.reverse();
        entries.iter().for_each(crate::published::hold_against_the_schema);
        entries.iter().for_each(crate::facts::hold_views_against_what_is_published);
        entries
    }
}

/// Reads an object; the version needs a right of its own; absence is a question of its own.
#[derive(Debug, Clone)]
pub(crate) struct ReadThing {
    pub(crate) key: String,
    pub(crate) version: Option<String>,
}

impl ReadThing {
    pub(crate) fn new(key: &str) -> Self {
        Self { key: key.to_owned(), version: None }
    }

    pub(crate) fn arn(&self) -> Arn {
        format!("arn:aws:s3:::pay/{}", self.key).parse().unwrap()
    }
}

impl Operation for ReadThing {
    const NAME: &'static str = "GetObject";
    const CHECKS: &'static [Rule<Self>] = &[
        Rule::required(Action::known("s3:GetObject"), |op| Some(op.arn())),
        Rule::required(Action::known("s3:GetObjectVersion"), |op| {
            op.version.as_ref().map(|_| op.arn())
        }),
        Rule::absence(
            Action::known("s3:ListBucket"),
            |_| Some("arn:aws:s3:::pay".parse().unwrap()),
            |op| vec![("s3:prefix", op.key.clone().into())],
        ),
    ];
}

/// An operation without checks, such as GetCallerIdentity.
#[derive(Debug)]
pub(crate) struct Free;

impl Operation for Free {
    const NAME: &'static str = "GetCallerIdentity";
    const CHECKS: &'static [Rule<Self>] = &[];
}

pub(crate) fn alice() -> Who {
    let principal = Principal::User {
        account: "111122223333".parse().unwrap(),
        name: "alice".parse().unwrap(),
        arn: "arn:aws:iam::111122223333:user/alice".parse().unwrap(),
        id: "AIDAALICEALICEALICEAL".parse().unwrap(),
    };
    Who {
        principal,
        credential: Some("AKIAALICEALICEALICEA".parse().unwrap()),
        how: How::SigV4Header,
        human: None,
        chain: links(),
        session_expires: None,
        kept: strongroom_audit::Kept::default(),
    }
}

pub(crate) fn links() -> Vec<ChainLink> {
    vec![
        ChainLink::Account("111122223333".parse().unwrap()),
        ChainLink::Key("AKIAALICEALICEALICEA".parse().unwrap()),
        ChainLink::Principal("AIDAALICEALICEALICEAL".parse().unwrap()),
    ]
}

/// What policy makes of the operation for alice, whose one policy is given.
pub(crate) fn decisions<Op: Operation>(op: &Op, policy: &str, revision: Revision) -> Vec<Decision> {
    let who = alice();
    let document = Arc::new(Document::parse(policy, Kind::Identity).unwrap());
    let identity = vec![Attached { name: "policy:Payroll@v2".to_owned(), document }].into();
    let caller = CallerPolicies { identity, ..CallerPolicies::default() };
    let mut facts = Facts::default();
    facts.server.set("aws:SourceIp", "10.1.2.3");
    let resource = ResourceSide::plain(who.principal.account());
    let (principal, caller) = (&who.principal, &caller);
    let ask = Question { principal, caller, resource: &resource, facts: &facts, revision };
    op.checks().iter().map(|check| decide(check, &ask)).collect()
}

/// Everything but listing.
pub(crate) const READS: &str = r#"{"Version": "2012-10-17", "Statement": [
    {"Effect": "Allow", "Action": ["s3:GetObject", "s3:GetObjectVersion"], "Resource": "*"}]}"#;

/// Everything.
pub(crate) const ALL: &str = r#"{"Version": "2012-10-17", "Statement": [
    {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]}"#;

/// Nothing below `secret/`, whoever comes from where alice comes from.
pub(crate) const DENIES: &str = r#"{"Version": "2012-10-17", "Statement": [
    {"Effect": "Allow", "Action": "s3:*", "Resource": "*"},
    {"Effect": "Deny", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::pay/secret/*",
     "Condition": {"IpAddress": {"aws:SourceIp": "10.0.0.0/8"}}}]}"#;

pub(crate) fn decided<Op: Operation>(op: Op, target: &str, made: Vec<Decision>) -> Decided<Op> {
    let target = target.parse::<Arn>().unwrap().into();
    let durability = Durability::Strict;
    Decided { op, target, decisions: made, revision: NOW, durability, mints: None }
}

/// `op` as alice may do it under `policy`.
pub(crate) fn asked(op: ReadThing, policy: &str) -> Decided<ReadThing> {
    let (made, target) = (decisions(&op, policy, NOW), op.arn());
    decided(op, target.as_str(), made)
}
