//! Who asks for what, the same every time.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use audit::{
    ChainLink, Clock, Decided, Durability, How, Human, Journal, Kept, Opening, Outcome, Random,
    Reason, Target, Transport, Who,
};
use names::{AccessKeyId, Action, Arn, RequestId, Revision, Timestamp};
use policy::decision::Decision;
use policy::facts::Facts;
use policy::operation::{Operation, Rule};
use policy::principal::Principal;
use policy::{Attached, CallerPolicies, Document, Kind, Question, ResourceSide, decide};

type Failure = Box<dyn std::error::Error>;

/// A key that asks twelve times.
pub(crate) const RARE: &str = "AKIARARERARERARERARE";

/// A time of day that moves when told to, and a true one to measure by.
pub(crate) struct Bent {
    now: AtomicI64,
    began: Instant,
}

impl Bent {
    pub(crate) fn new() -> Self {
        Self { now: AtomicI64::new(1_767_323_045_678), began: Instant::now() }
    }

    pub(crate) fn pass(&self, millis: i64) {
        self.now.fetch_add(millis, Ordering::Relaxed);
    }
}

impl Clock for Bent {
    fn now(&self) -> Timestamp {
        Timestamp::from_millis(self.now.load(Ordering::Relaxed)).unwrap_or_default()
    }

    fn monotonic(&self) -> Duration {
        self.began.elapsed()
    }
}

/// Weyl's sequence through a mixer: spread well enough that nothing compresses that would not.
pub(crate) struct Dice(AtomicU64);

impl Dice {
    pub(crate) fn new(seed: u64) -> Self {
        Self(AtomicU64::new(seed))
    }

    fn next(&self) -> u64 {
        let mut x = self.0.fetch_add(0x9e37_79b9_7f4a_7c15, Ordering::Relaxed);
        x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        x ^ (x >> 31)
    }

    fn below(&self, many: u64) -> u64 {
        self.next() % many
    }
}

impl Random for Dice {
    fn fill(&self, bytes: &mut [u8]) {
        for chunk in bytes.chunks_mut(8) {
            let drawn = self.next().to_be_bytes();
            chunk.iter_mut().zip(drawn).for_each(|(to, from)| *to = from);
        }
    }
}

/// One operation on an object or a bucket.
#[derive(Debug, Clone)]
pub(crate) struct Act<const N: usize>(Arn);

macro_rules! acts {
    ($($number:literal $name:literal $action:literal;)*) => {$(
        impl Operation for Act<$number> {
            const NAME: &'static str = $name;
            const CHECKS: &'static [Rule<Self>] =
                &[Rule::required(Action::known($action), |op| Some(op.0.clone()))];
        }
    )*};
}

acts! {
    0 "GetObject" "s3:GetObject";
    1 "PutObject" "s3:PutObject";
    2 "HeadObject" "s3:GetObject";
    3 "ListObjectsV2" "s3:ListBucket";
    4 "DeleteObject" "s3:DeleteObject";
    5 "GetObjectTagging" "s3:GetObjectTagging";
}

/// The access key of a caller.
pub(crate) fn key(number: u64) -> Result<AccessKeyId, Failure> {
    let letters: String = (0..14_u32)
        .map(|place| {
            let digit = (number.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> (place * 4)) & 15;
            char::from(
                b"ABCDEFGHIJKLMNOP"
                    .get(usize::try_from(digit).unwrap_or(0))
                    .copied()
                    .unwrap_or(b'A'),
            )
        })
        .collect();
    Ok(format!("AKIA{letters}{:02}", number % 6 + 22).parse()?)
}

/// Callers, their policies, and the dice.
pub(crate) struct World {
    dice: Dice,
    callers: Vec<(Arc<Who>, CallerPolicies, &'static str)>,
    rare: Arc<Who>,
}

const POLICY: &str = r#"{"Version": "2012-10-17", "Statement": [
    {"Sid": "Office", "Effect": "Allow", "Action": "s3:*", "Resource": "*", "Condition": {
        "IpAddress": {"aws:SourceIp": "10.0.0.0/8"}, "Bool": {"aws:SecureTransport": "true"}}},
    {"Sid": "NotSecret", "Effect": "Deny", "Action": "s3:GetObject",
     "Resource": "arn:aws:s3:::*/secret/*"}]}"#;
const AGENTS: &[&str] = &[
    "aws-cli/2.15.30 Python/3.11.8 Linux/6.1.0-18-cloud-amd64 exe/x86_64.debian.12 prompt/off \
     command/s3.cp",
    "Boto3/1.34.69 md/Botocore#1.34.69 ua/2.0 os/linux#6.1.0 md/arch#x86_64 lang/python#3.11.8 \
     md/pyimpl#CPython cfg/retry-mode#legacy Botocore/1.34.69",
    "aws-sdk-java/2.25.11 Linux/5.15.0 OpenJDK_64-Bit_Server_VM/17.0.10 Java/17.0.10 \
     vendor/Eclipse_Adoptium io/sync http/Apache cfg/retry-mode/legacy",
    "MinIO (linux; amd64) minio-go/v7.0.69",
    "rclone/v1.66.0",
];

impl World {
    pub(crate) fn new() -> Result<Self, Failure> {
        let document = Arc::new(Document::parse(POLICY, Kind::Identity)?);
        let mut callers = Vec::new();
        for number in 0..400_u64 {
            let who = who(number)?;
            let name = format!("policy:Team{}@v3", number % 12);
            let identity = vec![Attached { name, document: Arc::clone(&document) }].into();
            let agent = AGENTS.get(usize::try_from(number % 5)?).copied().unwrap_or("x");
            let policies = CallerPolicies { identity, ..CallerPolicies::default() };
            callers.push((Arc::new(who), policies, agent));
        }
        let mut rare = who(3)?;
        rare.credential = Some(RARE.parse()?);
        rare.human = Some(Human {
            provider: "arn:aws:iam::111122223333:oidc-provider/idp.example.org".parse()?,
            subject: "stolen@example.org".to_owned(),
            display: None,
        });
        Ok(Self { dice: Dice::new(42), callers, rare: Arc::new(rare) })
    }

    /// One request from its first byte to its end.
    pub(crate) async fn request(
        &mut self,
        journal: &Arc<Journal>,
        number: u64,
    ) -> Result<(), Failure> {
        self.prepared(journal, number)?.record(journal, Durability::Available).await.map(drop)
    }

    /// A request that is decided and on no record yet.
    pub(crate) fn prepared(
        &mut self,
        journal: &Arc<Journal>,
        number: u64,
    ) -> Result<Prepared, Failure> {
        let place = self.dice.below(400);
        let (who, policies, agent) =
            self.callers.get(usize::try_from(place)?).ok_or("no such caller")?;
        let who = if number % 1_000_003 == 500 { &self.rare } else { who };
        let from =
            IpAddr::V4(Ipv4Addr::new(10, u8::try_from(place % 4)?, u8::try_from(place / 4)?, 7));
        let (kind, method) = match self.dice.below(100) {
            0..=49 => (0, "GET"),
            50..=69 => (1, "PUT"),
            70..=79 => (2, "HEAD"),
            80..=91 => (3, "GET"),
            92..=95 => (4, "DELETE"),
            _ => (5, "GET"),
        };
        let resource = self.resource(kind, number).parse()?;
        let mut opening = Opening::new(journal.request_id());
        opening.source_ip = Some(from);
        opening.peer =
            Some(SocketAddr::new(from, u16::try_from(32_768 + self.dice.below(28_000))?));
        opening.transport = Transport::Tls;
        opening.user_agent = Some((*agent).to_owned());
        opening.method = method.to_owned();
        if self.dice.below(50) == 0 {
            return Ok(Prepared::Unproven(opening));
        }
        let mut facts = Facts::default();
        facts.server.set("aws:SourceIp", from.to_string());
        facts.server.set("aws:SecureTransport", "true");
        let bytes = self.dice.below(1 << 24);
        let who = Arc::clone(who);
        Ok(match kind {
            0 => Prepared::Get(asks(resource, opening, (who, policies), &facts, bytes)),
            1 => Prepared::Put(asks(resource, opening, (who, policies), &facts, bytes)),
            2 => Prepared::Head(asks(resource, opening, (who, policies), &facts, bytes)),
            3 => Prepared::List(asks(resource, opening, (who, policies), &facts, bytes)),
            4 => Prepared::Delete(asks(resource, opening, (who, policies), &facts, bytes)),
            _ => Prepared::Tags(asks(resource, opening, (who, policies), &facts, bytes)),
        })
    }

    /// What is asked for: an object under a dated prefix, or a bucket.
    fn resource(&self, kind: u8, number: u64) -> String {
        let bucket = self.dice.below(50);
        let object = format!(
            "arn:aws:s3:::bucket-{bucket}/year=2026/month=01/day={:02}/part-{:05}-{:016x}.parquet",
            number / 3_456_000 + 2,
            self.dice.below(40_000),
            self.dice.next(),
        );
        let secret = self.dice.below(200) == 0;
        match kind {
            3 => format!("arn:aws:s3:::bucket-{bucket}"),
            _ if secret => object.replace("/year", "/secret/year"),
            _ => object,
        }
    }
}

/// A request whose decisions are made.
#[derive(Clone)]
pub(crate) enum Prepared {
    Unproven(Opening),
    Get(Asks<0>),
    Put(Asks<1>),
    Head(Asks<2>),
    List(Asks<3>),
    Delete(Asks<4>),
    Tags(Asks<5>),
}

impl Prepared {
    /// The same asked once more.
    pub(crate) fn again(&self, id: RequestId) -> Self {
        let mut again = self.clone();
        let opening = match &mut again {
            Self::Unproven(opening) => opening,
            Self::Get(asks) => &mut asks.opening,
            Self::Put(asks) => &mut asks.opening,
            Self::Head(asks) => &mut asks.opening,
            Self::List(asks) => &mut asks.opening,
            Self::Delete(asks) => &mut asks.opening,
            Self::Tags(asks) => &mut asks.opening,
        };
        opening.request_id = id;
        again
    }

    /// Puts it on record, from its first byte to its end: how long it waited to be let in, and how
    /// long the record took of it altogether.
    pub(crate) async fn record(
        self,
        journal: &Arc<Journal>,
        durability: Durability,
    ) -> Result<(Duration, Duration), Failure> {
        match self {
            Self::Unproven(opening) => {
                let began = Instant::now();
                let mut attempt = journal.attempt(opening);
                attempt.routed("GetObject");
                attempt.refuse(Reason::SignatureMismatch, Outcome::status(403)).await?;
                Ok((began.elapsed(), began.elapsed()))
            }
            Self::Get(asks) => asks.record(journal, durability).await,
            Self::Put(asks) => asks.record(journal, durability).await,
            Self::Head(asks) => asks.record(journal, durability).await,
            Self::List(asks) => asks.record(journal, durability).await,
            Self::Delete(asks) => asks.record(journal, durability).await,
            Self::Tags(asks) => asks.record(journal, durability).await,
        }
    }
}

#[derive(Clone)]
pub(crate) struct Asks<const N: usize> {
    op: Act<N>,
    opening: Opening,
    who: Arc<Who>,
    decisions: Vec<Decision>,
    bytes: u64,
}

const REVISION: Revision = Revision(1_234);

fn asks<const N: usize>(
    arn: Arn,
    opening: Opening,
    (who, caller): (Arc<Who>, &CallerPolicies),
    facts: &Facts,
    bytes: u64,
) -> Asks<N>
where
    Act<N>: Operation,
{
    let op = Act::<N>(arn);
    let resource = ResourceSide::plain(who.principal.account());
    let principal = &who.principal;
    let ask = Question { principal, caller, resource: &resource, facts, revision: REVISION };
    let decisions = op.checks().iter().map(|check| decide(check, &ask)).collect();
    Asks { op, opening, who, decisions, bytes }
}

impl<const N: usize> Asks<N>
where
    Act<N>: Operation,
{
    async fn record(
        self,
        journal: &Arc<Journal>,
        durability: Durability,
    ) -> Result<(Duration, Duration), Failure> {
        let Self { op, opening, who, decisions, bytes } = self;
        let began = Instant::now();
        let target = Target::from(op.0.clone());
        let mut attempt = journal.attempt(opening);
        attempt.identified(who);
        let decided =
            Decided { op, target, decisions, revision: REVISION, durability, mints: None };
        let opened = attempt.open(decided, || REVISION).await;
        let waited = began.elapsed();
        if let Ok((_, entry)) = opened {
            let (bytes_in, bytes_out) = if N == 1 { (bytes, 0) } else { (0, bytes) };
            entry.close(Outcome { bytes_in, bytes_out, ..Outcome::status(200) });
        }
        Ok((waited, began.elapsed()))
    }
}

fn who(number: u64) -> Result<Who, Failure> {
    let account = format!("11112222{:04}", number % 3);
    let credential = key(number)?;
    let letters: String = credential.as_str().chars().skip(4).collect();
    let id = format!("AIDA{letters}");
    let principal = Principal::User {
        account: account.parse()?,
        name: format!("worker-{number}").parse()?,
        arn: format!("arn:aws:iam::{account}:user/team{}/worker-{number}", number % 12).parse()?,
        id: id.parse()?,
    };
    let human = number.is_multiple_of(4).then(|| -> Result<Human, Failure> {
        Ok(Human {
            provider: format!("arn:aws:iam::{account}:oidc-provider/idp.example.org").parse()?,
            subject: format!("00u{letters}"),
            display: Some(format!("person{number}@example.org")),
        })
    });
    let chain = vec![
        ChainLink::Account(account.parse()?),
        ChainLink::Key(credential.clone()),
        ChainLink::Principal(id.parse()?),
    ];
    Ok(Who {
        principal,
        credential: Some(credential),
        how: How::SigV4Header,
        human: human.transpose()?,
        chain,
        session_expires: None,
        kept: Kept::default(),
    })
}
