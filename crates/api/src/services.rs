//! What the door needs: rooms and settings, put together by `server`.

use std::sync::Arc;
use std::time::Duration;

use audit::{Clock, Durability, Journal, Random};
use identity::{Identity, LoginProvider};
use ipnet::IpNet;
use names::{AccountId, BucketName, RequestId, Timestamp};
use objects::Objects;
use signing::{Domains, KeyCache};

use crate::LastAccessed;
use crate::admin::Operator;
use crate::answered::Answered;
use crate::bearer::{BearerRule, BearerSessions};
use crate::old::SigV2Terms;
use crate::owner;
use crate::work::Work;

/// Everything that serves requests.
pub struct Services {
    /// Who exists and what they hold.
    pub identity: Arc<Identity>,
    /// What is in buckets.
    pub objects: Arc<Objects>,
    /// What happened; makes permits.
    pub journal: Arc<Journal>,
    /// Verifies tokens of identity providers.
    pub logins: Arc<dyn LoginProvider>,
    /// What only the assembled server can do: backup, the record's files, explanation of tokens.
    pub operator: Arc<dyn Operator>,
    /// What time it is.
    pub clock: Arc<dyn Clock>,
    /// Where chance comes from.
    pub random: Arc<dyn Random>,
    /// Whether the disk has room for what stores something new.
    pub room: Arc<dyn Fn() -> bool + Send + Sync>,
    /// Keys that verified lately.
    pub keys: KeyCache,
    /// Sessions that tokens on requests have opened.
    pub bearers: BearerSessions,
    /// Reports on what was last used, begun and not yet forgotten.
    pub last_accessed: LastAccessed,
    /// What is being served, by account.
    pub work: Arc<Work>,
    /// What was answered, for the metrics.
    pub answered: Arc<Answered>,
    /// How to serve.
    pub settings: Settings,
}

/// How to serve.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The region that signatures must be scoped to; any if `None`.
    pub region: Option<String>,
    /// For whom the old Signature Version 2 will do.
    pub sigv2: SigV2Terms,
    /// Whether a provider's token on the request itself will do.
    pub bearer: BearerRule,
    /// The domains below which a host names a bucket.
    pub domains: Domains,
    /// How entries of reads and refusals are kept.
    pub audit_reads: Durability,
    /// How entries of everything that changes state are kept.
    pub audit_writes: Durability,
    /// Peers whose word about the client is taken.
    pub trusted_proxies: Vec<IpNet>,
    /// How long a body may be without progress.
    pub idle: Duration,
    /// How many bytes a body must bring in that time to have made progress.
    pub progress_bytes: u64,
    /// The most bytes of a body that is read before its sender is known.
    pub unproven_bytes_max: usize,
    /// The most bytes of a signed chunk.
    pub chunk_bytes_max: u64,
    /// The longest session that may be asked for, in seconds.
    pub session_seconds_max: u32,
}

impl Services {
    /// A fresh request id, drawn at that time.
    pub(crate) fn request_id(&self, now: Timestamp) -> RequestId {
        let mut random = [0_u8; 10];
        self.random.fill(&mut random);
        RequestId::from_parts(u64::try_from(now.millis()).unwrap_or(0), random)
    }

    /// The account that owns a bucket.
    pub(crate) fn bucket_owner(&self, bucket: &BucketName) -> Option<AccountId> {
        self.identity.snapshot().bucket(bucket).map(|record| record.owner)
    }

    /// Whose an object of a bucket is: the bucket owner's, unless ACLs count there and the object
    /// names another.
    pub(crate) fn owners(
        &self,
        bucket: &BucketName,
    ) -> impl Fn(Option<AccountId>) -> Option<wire::s3::Owner> + use<> {
        let state = self.identity.snapshot();
        let known = state.bucket(bucket).map(|record| (record.owner, record.has_acls()));
        move |own| known.map(|(owner, acls)| own.filter(|_| acls).unwrap_or(owner)).map(owner)
    }
}
