//! The one place that knows every room: opens what is on disk and joins it to the door.

use std::path::PathBuf;
use std::sync::Arc;

use api::{Api, BearerSessions, Services, Settings, Work};
use audit::disk::JournalDisk;
use audit::{Clock, Journal, JournalConfig, JournalError, Random, Recovery, SystemActor};
use federation::egress::{Ask, Egress, EgressError, EgressPolicy};
use federation::oidc::{Lookups, OidcLogins, OidcSettings};
use identity::{Identity, IdentityError, Parts, Quotas};
use names::{BadSecretKey, SecretKey};
use objects::{Objects, ObjectsParts};
use signing::KeyCache;
use store::embedded::{Data, Disk, Epoch, OnFatal, OpenError, Options};
use tokio::sync::watch;
use zeroize::Zeroizing;

use crate::checkpoint_key::{CheckpointKeyError, KeyFile};
use crate::clock::{SystemClock, SystemRandom};
use crate::config::Config;
use crate::directories::{self, Directories, DirectoriesError, Logins, Synced};
use crate::first_start::{FirstStartError, Given as FirstStart, first_start};
use crate::lookups::{self, LookupsError};
use crate::master_key::{Given as GivenKey, MasterKeyError, Ring};
use crate::operator::ServerOperator;
use crate::sinks;
use crate::verifications::Bounded;

/// The journal's directory in a data directory.
pub(crate) const JOURNAL_DIRECTORY: &str = "journal";

/// The region served when none is configured.
const REGION: &str = "us-east-1";

/// Why the server could not be put together.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AssembleError {
    /// The data directory does not open.
    #[error("the data directory does not open")]
    Store(#[from] OpenError),
    /// The journal does not open.
    #[error("the journal does not open")]
    Journal(#[from] JournalError),
    /// There is no key to sign checkpoints with.
    #[error("the journal has no key")]
    CheckpointKey(#[from] CheckpointKeyError),
    /// There is no master key.
    #[error("there is no master key")]
    MasterKey(#[from] MasterKeyError),
    /// No decoy secret could be drawn.
    #[error("no decoy secret could be drawn")]
    Decoy(#[from] BadSecretKey),
    /// The authorization state does not open.
    #[error("the authorization state does not open")]
    Identity(#[from] IdentityError),
    /// The first account could not be made.
    #[error("the first start failed")]
    FirstStart(#[from] FirstStartError),
    /// Identity providers cannot be reached as configured.
    #[error("`oidc` is not usable as configured")]
    Egress(#[from] EgressError),
    /// What is asked of providers is not what it should be.
    #[error("`oidc.lookups_file` is not usable as configured")]
    Lookups(#[from] LookupsError),
    /// The directories are not what they should be.
    #[error("`directories.file` is not usable as configured")]
    Directories(#[from] DirectoriesError),
    /// A file that the configuration names cannot be read.
    #[error("`{}` cannot be read", file.display())]
    File {
        /// Which.
        file: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
}

/// What the environment gives besides settings.
#[derive(Clone, Default)]
pub(crate) struct Environment {
    pub(crate) master_key: GivenKey,
    pub(crate) first_start: FirstStart,
    pub(crate) disks: Disks,
}

/// Disks in the place of those of the data directory: tests let them fail.
#[derive(Clone, Default)]
pub(crate) struct Disks {
    pub(crate) journal: Option<Arc<dyn JournalDisk>>,
    pub(crate) store: Option<Arc<dyn Disk>>,
}

/// The assembled server.
pub(crate) struct Assembled {
    pub(crate) api: Api,
    pub(crate) data: Arc<Data>,
    pub(crate) journal: Arc<Journal>,
    pub(crate) objects: Arc<Objects>,
    pub(crate) collector: SystemActor,
    pub(crate) synced: Synced,
    pub(crate) recovery: Recovery,
}

/// How a part says that the process must stop.
#[derive(Clone)]
pub(crate) struct Alarm(pub(crate) watch::Sender<Option<&'static str>>);

impl Alarm {
    pub(crate) fn ring(&self, why: &'static str) {
        self.0.send_replace(Some(why));
    }
}

pub(crate) async fn assemble(
    config: &Config,
    environment: &Environment,
    alarm: &Alarm,
) -> Result<Assembled, AssembleError> {
    let clock: Arc<dyn Clock> = Arc::new(SystemClock::new());
    let random: Arc<dyn Random> = Arc::new(SystemRandom);
    let data = Arc::new(open_data(config, environment.disks.store.as_ref(), alarm)?);
    let ring = Ring::load(&config.data, &environment.master_key, random.as_ref())?;
    let (journal, recovery) = open_journal(config, environment, alarm, (&clock, &random))?;
    let parts = Parts {
        log: data.state(),
        sealer: ring.sealer()?,
        clock: Arc::clone(&clock),
        random: Arc::clone(&random),
        guards: journal.guards().clone(),
        quotas: quotas(config),
    };
    let identity = Arc::new(Identity::open(parts).await?);
    first_start(&identity, &config.data, &environment.first_start, random.as_ref()).await?;
    identity.enter_epoch(data.epoch().0).await?;
    let objects = Arc::new(Objects::new(ObjectsParts {
        metadata: data.metadata(),
        blobs: data.blobs(),
        identity: Arc::clone(&identity),
        clock: Arc::clone(&clock),
        random: Arc::clone(&random),
        region: config.region.clone().unwrap_or_else(|| REGION.to_owned()),
        new_buckets: config.new_buckets,
        entity_tags: config.entity_tags,
    }));
    let logins = Arc::new(logins(config, &identity, &clock)?);
    let (file, known) = (config.directories_file.as_ref(), Arc::clone(&identity));
    let directories = Directories::open(file, Arc::clone(&known), Arc::clone(&clock))?;
    let syncing = SystemActor::assembled(Arc::clone(&journal), "strongroom.directories");
    let instruments = (Arc::clone(&clock), Arc::clone(&random));
    let synced = directories::start(&directories, &logins, &syncing, &instruments);
    let vouching = (Arc::clone(&logins), Arc::clone(&directories));
    let operator = ServerOperator::new(Arc::clone(&data), known, vouching, instruments, ring);
    let keys = KeyCache::new(decoy(random.as_ref())?);
    let services = Services {
        identity,
        objects: Arc::clone(&objects),
        journal: Arc::clone(&journal),
        logins: bounded(config, (logins, directories), syncing),
        operator: Arc::new(operator),
        clock,
        random,
        room: room(&data),
        keys,
        last_accessed: api::LastAccessed::default(),
        bearers: BearerSessions::new(config.limits.bearer_sessions),
        work: Work::new(config.limits.account_requests),
        answered: Arc::default(),
        settings: settings(config),
    };
    let collector = SystemActor::assembled(Arc::clone(&journal), "strongroom.collector");
    let api = Api::new(Arc::new(services));
    Ok(Assembled { api, data, journal, objects, collector, synced, recovery })
}

/// Everybody who vouches for people, so many at the same time.
fn bounded(
    config: &Config,
    (tokens, directories): (Arc<OidcLogins>, Arc<Directories>),
    actor: SystemActor,
) -> Arc<dyn identity::LoginProvider> {
    let logins = Arc::new(Logins { tokens, directories, actor });
    Arc::new(Bounded::new(logins, config.limits.verifications))
}

/// Whether the disk has room for what stores something new.
fn room(data: &Arc<Data>) -> Arc<dyn Fn() -> bool + Send + Sync> {
    let data = Arc::clone(data);
    Arc::new(move || data.admits_growth())
}

fn open_data(
    config: &Config,
    disk: Option<&Arc<dyn Disk>>,
    alarm: &Alarm,
) -> Result<Data, AssembleError> {
    let bell = alarm.clone();
    let on_fatal: OnFatal = Arc::new(move |fatal| {
        let (action, file) = (fatal.action, &fatal.file);
        tracing::error!(action, file, cause = %fatal.cause, "the store stops");
        bell.ring("the store's disk failed");
    });
    let mut options = Options::new(Epoch(0), on_fatal);
    options.growth_free_bytes_min = config.reserve_bytes;
    options.page_cache = config.page_cache;
    Ok(match disk {
        None => Data::open(&config.data, &options)?,
        Some(disk) => {
            // One of a test's: it is asked for every page, or its errors would not be met.
            (options.metadata_cache_bytes, options.state_cache_bytes) = (0, 0);
            Data::open_on(disk, &options)?
        }
    })
}

fn open_journal(
    config: &Config,
    environment: &Environment,
    alarm: &Alarm,
    (clock, random): (&Arc<dyn Clock>, &Arc<dyn Random>),
) -> Result<(Arc<Journal>, Recovery), AssembleError> {
    let bell = alarm.clone();
    let data = &config.data;
    let file = KeyFile::of(data, config.audit_key_file.as_ref());
    let keeping = config.audit_keeping.clone();
    let delivered = sinks::delivered(data, config.audit_sinks_file.as_ref());
    let mut config = JournalConfig::new(data.join(JOURNAL_DIRECTORY));
    (config.keeping, config.delivered) = (keeping, delivered);
    config.keys = Some(file.load_or_draw(data, random.as_ref())?);
    config.on_poison = Box::new(move |error| {
        tracing::error!(%error, "the journal stops");
        bell.ring("the journal's disk failed");
    });
    let (clock, random) = (Arc::clone(clock), Arc::clone(random));
    let opened = match environment.disks.journal.clone() {
        None => Journal::open(config, clock, random)?,
        Some(disk) => Journal::open_on(disk, config, clock, random)?,
    };
    file.mark_used()?;
    Ok(opened)
}

fn logins(
    config: &Config,
    identity: &Arc<Identity>,
    clock: &Arc<dyn Clock>,
) -> Result<OidcLogins, AssembleError> {
    let origins: Vec<&str> = config.oidc_http_origins.iter().map(String::as_str).collect();
    let policy = EgressPolicy::allowing(&origins)?;
    let read = |file: &PathBuf| {
        std::fs::read(file).map_err(|source| AssembleError::File { file: file.clone(), source })
    };
    let roots = config.oidc_ca_file.as_ref().map(read).transpose()?;
    let egress = Arc::new(Egress::new(policy, roots.as_deref())?);
    let ask = Arc::clone(&egress) as Arc<dyn Ask>;
    let known = Arc::clone(identity);
    let operator = Arc::new(move || known.snapshot().operator());
    let asked = lookups::of(config.oidc_lookups_file.as_ref())?;
    let lookups = Lookups::new(asked, ask, Arc::clone(clock), operator);
    let logins = OidcLogins::new(egress, Arc::clone(clock), OidcSettings::default());
    Ok(logins.with_lookups(lookups))
}

/// A secret that nobody holds: what signatures by unknown keys are compared with.
fn decoy(random: &dyn Random) -> Result<SecretKey, AssembleError> {
    let mut bytes = Zeroizing::new([0; 20]);
    random.fill(bytes.as_mut_slice());
    Ok(Zeroizing::new(hex::encode(bytes.as_slice())).parse()?)
}

fn settings(config: &Config) -> Settings {
    Settings {
        region: config.region.clone(),
        sigv2: config.sigv2.clone(),
        bearer: config.bearer,
        domains: config.domains.clone(),
        audit_reads: config.audit_reads,
        audit_writes: config.audit_writes,
        trusted_proxies: config.trusted_proxies.clone(),
        idle: config.limits.idle,
        progress_bytes: config
            .limits
            .body_bytes_per_second
            .saturating_mul(config.limits.idle.as_secs()),
        unproven_bytes_max: config.limits.unproven_bytes,
        chunk_bytes_max: config.limits.chunk_bytes,
        session_seconds_max: u32::try_from(config.session_seconds_max).unwrap_or(u32::MAX),
    }
}

/// IAM's quotas, with how long a session may be.
fn quotas(config: &Config) -> Quotas {
    let longest = u32::try_from(config.session_seconds_max).unwrap_or(u32::MAX);
    let standard = config.quotas;
    let (session_seconds, delegation) = (standard.session_seconds.max(longest), config.delegation);
    Quotas { session_seconds, delegation, ..standard }
}
