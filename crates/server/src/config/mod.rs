//! Configuration: one typed tree, read once, checked as a whole.
//!
//! A setting comes from a flag, else from a `STRONGROOM_…` variable, else from `strongroom.toml`,
//! else from its stated default. Every key is in [`FIELDS`]; a key that is not there is refused
//! with the nearest one that is.

mod fields;
mod keeping;
mod layers;
mod limits;
mod quotas;
mod tls;

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use api::{BearerRule, SigV2Terms};
use audit::{Durability, Keeping};
use identity::{Delegation, Quotas};
use ipnet::IpNet;
use objects::{EntityTags, NewBuckets};
use signing::Domains;
use store::embedded::PageCache;

pub use fields::{FIELDS, Field, Kind, manual};
pub use layers::{ConfigError, Layers, Origin, Shown};
pub use limits::Limits;
pub use tls::{CertificateFiles, ClientCertificates, TlsSettings};

/// Everything that can be set, checked and ready to use.
#[derive(Debug, Clone)]
pub struct Config {
    /// The data directory.
    pub data: PathBuf,
    /// Where S3, STS, IAM and the native admin API are served.
    pub listen_api: SocketAddr,
    /// Where health and metrics are served.
    pub listen_ops: SocketAddr,
    /// Certificates, and who must show one; `None` serves plain HTTP.
    pub tls: Option<TlsSettings>,
    /// Peers whose word about the client's address is taken.
    pub trusted_proxies: Vec<IpNet>,
    /// The domains below which a host names a bucket.
    pub domains: Domains,
    /// For whom Signature Version 2 is taken.
    pub sigv2: SigV2Terms,
    /// Whether a provider's token on the request itself is taken.
    pub bearer: BearerRule,
    /// Whether what somebody makes may exceed them.
    pub delegation: Delegation,
    /// How buckets begin.
    pub new_buckets: NewBuckets,
    /// What the entity tags of what is stored are.
    pub entity_tags: EntityTags,
    /// Whether connections to `listen.api` begin with a PROXY header.
    pub proxy_protocol: ProxyProtocol,
    /// The region that credential scopes must name; `None` takes any.
    pub region: Option<String>,
    /// How entries of reads and refusals are kept.
    pub audit_reads: Durability,
    /// How entries of everything that changes state are kept.
    pub audit_writes: Durability,
    /// The file of the keys that sign the journal's checkpoints; one of ours if `None`.
    pub audit_key_file: Option<PathBuf>,
    /// The file that says where else the record goes.
    pub audit_sinks_file: Option<PathBuf>,
    /// The file of the witnesses that are shown its checkpoints.
    pub audit_witnesses_file: Option<PathBuf>,
    /// When the record is sealed and removed.
    pub audit_keeping: Keeping,
    /// Origins that may be reached by plain HTTP on loopback.
    pub oidc_http_origins: Vec<String>,
    /// A PEM file of further certificate authorities for identity providers.
    pub oidc_ca_file: Option<PathBuf>,
    /// The file that says what is asked of OpenID providers beyond their tokens.
    pub oidc_lookups_file: Option<PathBuf>,
    /// The file of directories that people sign in with.
    pub directories_file: Option<PathBuf>,
    /// The longest session that may be asked for, in seconds.
    pub session_seconds_max: u64,
    /// Free space below which writes are refused, in bytes.
    pub reserve_bytes: u64,
    /// What the kernel's page cache keeps of large objects.
    pub page_cache: PageCache,
    /// How many there may be of what IAM has.
    pub quotas: Quotas,
    /// How much, how many, how fast, how long.
    pub limits: Limits,
    /// The shape of the log.
    pub log_format: LogFormat,
    /// What is logged, in the words of `tracing`'s filter directives.
    pub log_level: String,
}

/// Whether connections begin with a PROXY header.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ProxyProtocol {
    /// They do not.
    Off,
    /// Every connection comes from a trusted proxy and begins with a header of version 2.
    V2,
}

/// The shape of the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogFormat {
    /// One line of text an event.
    Text,
    /// One JSON object an event.
    Json,
}

impl Config {
    /// Builds the tree for a data directory from merged layers.
    ///
    /// # Errors
    /// A value cannot be read, or two settings contradict each other.
    ///
    /// ```
    /// use std::path::Path;
    /// use strongroom_server::config::{Config, Layers};
    /// let config = Config::build(Path::new("data"), &Layers::defaults()).unwrap();
    /// assert_eq!(config.listen_api.to_string(), "127.0.0.1:9000");
    /// ```
    pub fn build(data: &Path, layers: &Layers) -> Result<Self, ConfigError> {
        let config = Self {
            data: data.to_owned(),
            listen_api: layers.read("listen.api")?,
            listen_ops: layers.read("listen.ops")?,
            tls: TlsSettings::build(layers)?,
            trusted_proxies: layers.list("listen.trusted_proxies")?,
            domains: domains(layers)?,
            proxy_protocol: proxy_protocol(layers)?,
            region: layers.optional("region")?,
            sigv2: SigV2Terms {
                everyone: layers.read("signing.v2")?,
                accounts: layers.list("signing.v2_accounts")?.into_iter().collect(),
                expiry_seconds_max: layers.read("signing.v2_expiry_seconds_max")?,
            },
            bearer: layers.read("signing.bearer")?,
            delegation: delegation(layers)?,
            new_buckets: new_buckets(layers)?,
            entity_tags: entity_tags(layers)?,
            audit_reads: durability(layers, "audit.reads")?,
            audit_writes: durability(layers, "audit.writes")?,
            audit_key_file: layers.optional("audit.checkpoint_key_file")?,
            audit_sinks_file: layers.optional("audit.sinks_file")?,
            audit_witnesses_file: layers.optional("audit.witnesses_file")?,
            audit_keeping: keeping::build(layers)?,
            oidc_http_origins: layers.list("oidc.http_origins")?,
            oidc_ca_file: layers.optional("oidc.ca_file")?,
            oidc_lookups_file: layers.optional("oidc.lookups_file")?,
            directories_file: layers.optional("directories.file")?,
            session_seconds_max: layers.read("sts.session_seconds_max")?,
            reserve_bytes: layers.read("store.reserve_bytes")?,
            page_cache: page_cache(layers)?,
            quotas: quotas::build(layers)?,
            limits: Limits::build(layers)?,
            log_format: log_format(layers)?,
            log_level: layers.read("log.level")?,
        };
        config.checked()
    }

    fn checked(self) -> Result<Self, ConfigError> {
        let alone = self.tls.is_none() && self.trusted_proxies.is_empty();
        let listens = [("listen.api", self.listen_api), ("listen.ops", self.listen_ops)];
        let exposed = listens.into_iter().find(|(_, address)| !address.ip().is_loopback());
        if let Some((setting, listen)) = exposed.filter(|_| alone) {
            return Err(ConfigError::PlainOffLoopback { setting, listen });
        }
        if self.proxy_protocol == ProxyProtocol::V2 && self.trusted_proxies.is_empty() {
            let (given, missing) = ("listen.proxy_protocol", "listen.trusted_proxies");
            return Err(ConfigError::Pair { given, missing });
        }
        Ok(self)
    }
}

fn proxy_protocol(layers: &Layers) -> Result<ProxyProtocol, ConfigError> {
    let key = "listen.proxy_protocol";
    match layers.read::<String>(key)?.as_str() {
        "off" => Ok(ProxyProtocol::Off),
        "v2" => Ok(ProxyProtocol::V2),
        other => {
            let value = other.to_owned();
            Err(ConfigError::Value { key, value, needed: "`off` or `v2`" })
        }
    }
}

fn delegation(layers: &Layers) -> Result<Delegation, ConfigError> {
    let key = "delegation";
    match layers.read::<String>(key)?.as_str() {
        "any" => Ok(Delegation::Any),
        "subset" => Ok(Delegation::Subset),
        other => {
            let value = other.to_owned();
            Err(ConfigError::Value { key, value, needed: "`any` or `subset`" })
        }
    }
}

fn new_buckets(layers: &Layers) -> Result<NewBuckets, ConfigError> {
    let key = "s3.new_buckets";
    match layers.read::<String>(key)?.as_str() {
        "closed" => Ok(NewBuckets::Closed),
        "open" => Ok(NewBuckets::Open),
        other => {
            let value = other.to_owned();
            Err(ConfigError::Value { key, value, needed: "`closed` or `open`" })
        }
    }
}

fn entity_tags(layers: &Layers) -> Result<EntityTags, ConfigError> {
    let key = "s3.entity_tags";
    match layers.read::<String>(key)?.as_str() {
        "md5" => Ok(EntityTags::Md5),
        "opaque" => Ok(EntityTags::Opaque),
        other => {
            let value = other.to_owned();
            Err(ConfigError::Value { key, value, needed: "`md5` or `opaque`" })
        }
    }
}

fn page_cache(layers: &Layers) -> Result<PageCache, ConfigError> {
    let key = "store.page_cache";
    match layers.read::<String>(key)?.as_str() {
        "reads" => Ok(PageCache::Reads),
        "writes" => Ok(PageCache::Writes),
        other => {
            let value = other.to_owned();
            Err(ConfigError::Value { key, value, needed: "`reads` or `writes`" })
        }
    }
}

fn domains(layers: &Layers) -> Result<Domains, ConfigError> {
    let names: Vec<String> = layers.list("listen.domains")?;
    Domains::new(&names).ok_or_else(|| ConfigError::Value {
        key: "listen.domains",
        value: names.join(","),
        needed: "host names without port, separated by commas",
    })
}

fn durability(layers: &Layers, key: &'static str) -> Result<Durability, ConfigError> {
    match layers.read::<String>(key)?.as_str() {
        "strict" => Ok(Durability::Strict),
        "available" => Ok(Durability::Available),
        other => Err(ConfigError::Value {
            key,
            value: other.to_owned(),
            needed: "`strict` or `available`",
        }),
    }
}

fn log_format(layers: &Layers) -> Result<LogFormat, ConfigError> {
    match layers.read::<String>("log.format")?.as_str() {
        "text" => Ok(LogFormat::Text),
        "json" => Ok(LogFormat::Json),
        other => Err(ConfigError::Value {
            key: "log.format",
            value: other.to_owned(),
            needed: "`text` or `json`",
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(pairs: &[(&str, &str)]) -> Result<Config, ConfigError> {
        let mut layers = Layers::defaults();
        for (key, value) in pairs {
            layers.set(key, value, Origin::Flag)?;
        }
        Config::build(Path::new("data"), &layers)
    }

    #[test]
    fn plain_http_is_served_on_loopback_only() {
        assert!(with(&[("listen.api", "127.0.0.1:1")]).is_ok());
        assert!(with(&[("listen.api", "[::1]:1")]).is_ok());
        assert!(matches!(
            with(&[("listen.api", "0.0.0.0:1")]),
            Err(ConfigError::PlainOffLoopback { .. })
        ));
        let tls = [("listen.api", "0.0.0.0:1"), ("tls.certificate", "c"), ("tls.key", "k")];
        assert!(with(&tls).is_ok());
        let proxied = [("listen.api", "0.0.0.0:1"), ("listen.trusted_proxies", "10.0.0.0/8")];
        assert!(with(&proxied).is_ok());
    }

    #[test]
    fn the_page_cache_keeps_what_was_read_unless_it_is_to_keep_what_was_written() {
        assert_eq!(with(&[]).unwrap().page_cache, PageCache::Reads);
        let writes = with(&[("store.page_cache", "writes")]).unwrap();
        assert_eq!(writes.page_cache, PageCache::Writes);
        let other = with(&[("store.page_cache", "all")]);
        assert!(matches!(other, Err(ConfigError::Value { key: "store.page_cache", .. })));
    }

    #[test]
    fn health_and_metrics_leave_the_machine_only_with_tls_or_behind_a_proxy() {
        assert!(matches!(
            with(&[("listen.ops", "0.0.0.0:1")]),
            Err(ConfigError::PlainOffLoopback { setting: "listen.ops", .. })
        ));
        let tls = [("listen.ops", "0.0.0.0:1"), ("tls.certificate", "c"), ("tls.key", "k")];
        assert!(with(&tls).is_ok());
    }

    #[test]
    fn the_proxy_protocol_needs_to_know_whom_to_believe() {
        let spoken = ("listen.proxy_protocol", "v2");
        assert!(matches!(with(&[spoken]), Err(ConfigError::Pair { .. })));
        let known = ("listen.trusted_proxies", "10.0.0.0/8");
        assert_eq!(with(&[spoken, known]).unwrap().proxy_protocol, ProxyProtocol::V2);
        assert!(with(&[("listen.proxy_protocol", "v1"), known]).is_err());
    }

    #[test]
    fn the_record_is_kept_for_ever_unless_it_is_said_how_long() {
        let kept = with(&[]).unwrap().audit_keeping;
        assert_eq!(kept, Keeping::default());
        let limits = [
            ("audit.segment_bytes", "1048576", "1048575"),
            ("audit.segment_bytes", "1073741824", "1073741825"),
            ("audit.segment_age_seconds", "60", "59"),
            ("audit.segment_age_seconds", "31622400", "31622401"),
            ("audit.retention_seconds", "3600", "3599"),
            ("audit.retention_seconds", "3155760000", "3155760001"),
            ("audit.cap_bytes", "268435456", "268435455"),
            ("audit.at_cap", "drop-oldest", "drop-newest"),
        ];
        for (key, at, past) in limits {
            assert!(with(&[(key, at)]).is_ok(), "{key} {at}");
            assert!(with(&[(key, past)]).is_err(), "{key} {past}");
        }
        let day = with(&[("audit.retention_seconds", "86400")]).unwrap().audit_keeping;
        assert_eq!(day.retention, Some(std::time::Duration::from_secs(86_400)));
    }

    #[test]
    fn a_word_outside_the_choice_is_refused_with_the_choice() {
        let error = with(&[("audit.reads", "sometimes")]).unwrap_err();
        assert!(error.to_string().contains("`strict` or `available`"), "{error}");
    }
}
