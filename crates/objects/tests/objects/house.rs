//! A small house: objects over stores in memory, and honest permits to use them.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use audit::{
    Batch, ChainLink, Decided, Durability, How, Journal, JournalConfig, Opening, Permit, Refusal,
    SystemActor, Target, Who,
};
use bytes::Bytes;
use futures_util::StreamExt as _;
use identity::{Account, Change, Delta, Identity, Parts, Quotas, Sealer};
use names::{AccountId, Arn, BucketName, ObjectKey, Revision, SecretBytes};
use policy::RestrictPublicBuckets;
use policy::decision::Decision;
use policy::facts::Facts;
use policy::operation::Operation;
use policy::principal::Principal;
use policy::{Attached, CallerPolicies, Document, Kind, Question, ResourceKind, ResourceSide};
use strongroom_objects::ops::{
    CreateBucket, Declared, GetObject, ObjectName, PutObject, SystemHeaders, UserMetadata,
};
use strongroom_objects::{
    BodyError, ByteStream, CollectBlobs, Collected, EntityTags, IncomingBody, NewBuckets,
    ObjectError, Objects, ObjectsParts, ReadConditions, Stored, TagSet, WriteCondition,
};
use tempfile::TempDir;

use crate::stores::{Counting, HandClock, MemoryBlobs, MemoryLog, MemoryMeta};

pub(crate) struct House {
    pub(crate) objects: Arc<Objects>,
    pub(crate) meta: Arc<MemoryMeta>,
    pub(crate) blobs: Arc<MemoryBlobs>,
    pub(crate) clock: Arc<HandClock>,
    pub(crate) identity: Arc<Identity>,
    pub(crate) journal: Arc<Journal>,
    _dir: TempDir,
}

/// Who asks, under which identity policy.
#[derive(Clone)]
pub(crate) struct Actor {
    pub(crate) who: Arc<Who>,
    policies: CallerPolicies,
}

pub(crate) const ALL: &str = r#"{"Version": "2012-10-17",
    "Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}"#;

pub(crate) fn account(number: u64) -> AccountId {
    AccountId::from_number(number)
}

/// A user of an account with one identity policy.
pub(crate) fn user(account: AccountId, policy: &str) -> Actor {
    let arn: Arn = format!("arn:aws:iam::{account}:user/alice").parse().unwrap();
    let id: names::UniqueId = "AIDAALICEALICEALICE12".parse().unwrap();
    let name = "alice".parse().unwrap();
    let principal = Principal::User { account, name, arn, id: id.clone() };
    let document = Arc::new(Document::parse(policy, Kind::Identity).unwrap());
    let attached = Attached { name: "policy:test".into(), document };
    let chain = vec![ChainLink::Account(account), ChainLink::Principal(id)];
    let who = Who { principal, how: How::SigV4Header, chain, ..Who::anonymous() };
    Actor {
        who: Arc::new(who),
        policies: CallerPolicies { identity: vec![attached].into(), ..CallerPolicies::default() },
    }
}

/// A user who may do everything in account 1.
pub(crate) fn alice() -> Actor {
    user(account(1), ALL)
}

impl House {
    pub(crate) async fn new() -> Self {
        Self::in_region("us-east-1").await
    }

    /// An empty house in another region.
    pub(crate) async fn in_region(region: &str) -> Self {
        Self::with(region, EntityTags::default()).await
    }

    /// An empty house with entity tags of a kind.
    pub(crate) async fn with(region: &str, entity_tags: EntityTags) -> Self {
        let clock = Arc::new(HandClock::new());
        let random = Arc::new(Counting::default());
        let dir = tempfile::tempdir().unwrap();
        let mut config = JournalConfig::new(dir.path().join("journal"));
        config.reserve_bytes = 0;
        let (journal, _) = Journal::open(config, clock.clone(), random.clone()).unwrap();
        let accounts = [account(1), account(2)].map(|id| {
            let name = format!("account-{id}").parse().unwrap();
            Change::Account(Arc::new(Account::new(id, name, Default::default())))
        });
        let delta = serde_json::to_vec(&Delta::new(Default::default(), accounts.into())).unwrap();
        let log = Arc::new(MemoryLog::default());
        log.0.lock().unwrap().push((Revision(1), delta));
        let sealer = Sealer::new(vec![SecretBytes::new(vec![7; 32])]).unwrap();
        let identity = Identity::open(Parts {
            log,
            sealer,
            clock: clock.clone(),
            random: random.clone(),
            guards: journal.guards().clone(),
            quotas: Quotas::default(),
        });
        let identity = Arc::new(identity.await.unwrap());
        let (meta, blobs) = (Arc::new(MemoryMeta::default()), Arc::new(MemoryBlobs::default()));
        let objects = Arc::new(Objects::new(ObjectsParts {
            metadata: meta.clone(),
            blobs: blobs.clone(),
            identity: identity.clone(),
            clock: clock.clone(),
            random,
            region: region.into(),
            new_buckets: NewBuckets::default(),
            entity_tags,
        }));
        Self { objects, meta, blobs, clock, identity, journal, _dir: dir }
    }

    /// A house with an empty bucket of account 1.
    pub(crate) async fn with_bucket(name: &str) -> Self {
        let house = Self::new().await;
        house.create(name, &alice()).await.unwrap();
        house
    }

    pub(crate) async fn create(&self, name: &str, actor: &Actor) -> Result<(), ObjectError> {
        let op = CreateBucket {
            bucket: bucket(name),
            location: None,
            acl: None,
            ownership: None,
            tags: TagSet::default(),
        };
        self.objects.create_bucket(self.permit(op, actor).await).await
    }

    fn decide<Op: Operation>(&self, op: &Op, actor: &Actor, revision: Revision) -> Vec<Decision> {
        let resource = ResourceSide {
            account: Some(account(1)),
            policy: None,
            kind: ResourceKind::Bucket,
            resource_control: Vec::new(),
            restrict_public: RestrictPublicBuckets::On,
        };
        let plain = ResourceSide::plain(actor.who.principal.account());
        let creates = Op::NAME == "CreateBucket" || Op::NAME == "ListBuckets";
        let question = Question {
            principal: &actor.who.principal,
            caller: &actor.policies,
            resource: if creates { &plain } else { &resource },
            facts: &Facts::default(),
            revision,
        };
        op.checks().iter().map(|check| policy::decide(check, &question)).collect()
    }

    fn decided<Op: Operation>(&self, op: Op, actor: &Actor) -> Decided<Op> {
        let revision = self.identity.revision();
        let decisions = self.decide(&op, actor, revision);
        let target = Target::from(Arn::any());
        Decided { op, target, decisions, revision, durability: Durability::Available, mints: None }
    }

    fn attempt(&self, actor: &Actor) -> audit::Attempt {
        let mut attempt = self.journal.attempt(Opening::new(self.journal.request_id()));
        attempt.identified(actor.who.clone());
        attempt
    }

    /// A permit, or the action that was refused.
    pub(crate) async fn ask<Op: Operation>(
        &self,
        op: Op,
        actor: &Actor,
    ) -> Result<Permit<Op>, String> {
        let decided = self.decided(op, actor);
        match self.attempt(actor).open(decided, || self.identity.revision()).await {
            Ok((permit, _)) => Ok(permit),
            Err(Refusal::Denied(denial)) => Err(denial.decision.check().action.to_string()),
            Err(other) => panic!("{other:?}"),
        }
    }

    pub(crate) async fn permit<Op: Operation>(&self, op: Op, actor: &Actor) -> Permit<Op> {
        self.ask(op, actor).await.unwrap()
    }

    /// A batch of items.
    pub(crate) async fn batch<Envelope: Operation, Op: Operation>(
        &self,
        envelope: Envelope,
        items: Vec<Op>,
        actor: &Actor,
    ) -> Batch<Op> {
        let decided = self.decided(envelope, actor);
        let revision = decided.revision;
        let items = items.into_iter().map(|op| {
            let decisions = self.decide(&op, actor, revision);
            (op, decisions)
        });
        let attempt = self.attempt(actor);
        let opened = attempt.open_batch(decided, items.collect(), || self.identity.revision());
        opened.await.ok().unwrap().0
    }

    pub(crate) async fn put(&self, key: &str, body: &[u8]) -> Result<Stored, ObjectError> {
        self.put_as(put("finance", key), body).await
    }

    pub(crate) async fn put_as(&self, op: PutObject, body: &[u8]) -> Result<Stored, ObjectError> {
        let permit = self.permit(op, &alice()).await;
        self.objects.put_object(permit, incoming(body)).await
    }

    pub(crate) async fn get(&self, key: &str) -> Result<Vec<u8>, ObjectError> {
        let permit = self.permit(get("finance", key), &alice()).await;
        let body = self.objects.get_object(permit).await?;
        Ok(drain(body.stream).await?)
    }

    pub(crate) async fn collect(&self) -> Collected {
        let actor = SystemActor::assembled(self.journal.clone(), "strongroom.collector");
        let (op, target, decisions) = (CollectBlobs, Target::from(Arn::any()), Vec::new());
        let revision = self.identity.revision();
        let durability = Durability::Available;
        let decided = Decided { op, target, decisions, revision, durability, mints: None };
        let (permit, _) = actor.permit(decided).await.unwrap();
        self.objects.collect(&permit).await.unwrap()
    }

    /// Collects until nothing is left to do.
    pub(crate) async fn collect_all(&self) {
        for _ in 0..100 {
            let did = self.collect().await;
            if did == Collected::default() {
                return;
            }
        }
        panic!("collection does not end");
    }

    pub(crate) fn blob_count(&self) -> usize {
        self.blobs.map.lock().unwrap().len()
    }

    /// That nothing is stored, nor promised to be stored, but what `objects` objects hold.
    pub(crate) fn assert_clean(&self, objects: usize, blobs: usize) {
        assert_eq!(self.meta.count(b'o'), objects, "objects");
        assert_eq!(self.meta.count(b'i'), 0, "intents");
        assert_eq!(self.meta.count(b'd'), 0, "pending deletes");
        assert_eq!(self.meta.count(b'z'), 0, "sweeps");
        assert_eq!(self.blob_count(), blobs, "blobs");
    }

    pub(crate) fn fill_disk(&self) {
        self.blobs.full.store(true, Ordering::Relaxed);
    }
}

pub(crate) fn bucket(name: &str) -> BucketName {
    name.parse().unwrap()
}

pub(crate) fn key(name: &str) -> ObjectKey {
    name.parse().unwrap()
}

pub(crate) fn object(bucket_name: &str, name: &str) -> ObjectName {
    ObjectName { bucket: bucket(bucket_name), key: key(name), version: None, seen: None }
}

pub(crate) fn put(bucket_name: &str, name: &str) -> PutObject {
    PutObject {
        bucket: bucket(bucket_name),
        key: key(name),
        headers: SystemHeaders::default(),
        metadata: UserMetadata::default(),
        tags: None,
        acl: None,
        condition: WriteCondition::Always,
        declared: Declared::default(),
    }
}

pub(crate) fn get(bucket_name: &str, name: &str) -> GetObject {
    GetObject {
        name: object(bucket_name, name),
        range: None,
        part: None,
        conditions: ReadConditions::default(),
    }
}

/// A body in chunks of an odd size, of undeclared length. As a connection's, its stream panics if
/// it is polled again after its end.
pub(crate) fn incoming(body: &[u8]) -> IncomingBody {
    let chunks: Vec<Bytes> = body.chunks(40_009).map(Bytes::copy_from_slice).collect();
    let stream = Box::pin(futures_util::stream::unfold(chunks.into_iter(), async |mut left| {
        left.next().map(|chunk| (Ok(chunk), left))
    }));
    IncomingBody { stream, length: None, trailer: Default::default() }
}

pub(crate) async fn drain(mut stream: ByteStream) -> Result<Vec<u8>, BodyError> {
    let mut all = Vec::new();
    while let Some(chunk) = stream.next().await {
        all.extend_from_slice(&chunk?);
    }
    Ok(all)
}

/// Bytes that differ from place to place.
pub(crate) fn bytes(length: usize) -> Vec<u8> {
    (0..length).map(|n| u8::try_from((n * 31 + n / 251) % 251).unwrap()).collect()
}
