//! What is said of sinks: a TOML file of its own, read whole, unknown keys refused, secrets in
//! files.

use std::io;
use std::path::{Path, PathBuf};

use audit::SinkError;
use audit::view::View;
use serde::Deserialize;
use zeroize::Zeroizing;

use crate::sinks::amqp::AmqpSettings;
use crate::sinks::chosen::Only;
use crate::sinks::compression::Compression;
use crate::sinks::kafka::KafkaSettings;
use crate::sinks::mqtt::MqttSettings;
use crate::sinks::nats::NatsSettings;
use crate::sinks::place::Trust;
use crate::sinks::postgres::PostgresSettings;
use crate::sinks::redis::RedisSettings;
use crate::sinks::s3::S3Settings;
use crate::sinks::syslog::SyslogSettings;

/// Most sinks of a file.
const SINKS_MAX: usize = 32;

/// Why a sink cannot be served.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SinkConfigError {
    /// A file cannot be read.
    #[error("`{}` cannot be read", file.display())]
    File {
        /// Which.
        file: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// The file is not a list of sinks.
    #[error("`{}` is not a list of sinks", file.display())]
    Form {
        /// Which.
        file: PathBuf,
        /// Why.
        #[source]
        source: Box<toml::de::Error>,
    },
    /// A name is no name, or is there twice; or there are too many sinks.
    #[error("the sink `{0}` is one too many, or its name is not 1 to 64 of a-z, 0-9 and `-`")]
    Name(String),
    /// There is no such sink.
    #[error("there is no sink `{0}`")]
    Unknown(String),
    /// The address is not one that may be spoken to: https, or http on loopback.
    #[error("`{0}` is neither https nor http on loopback")]
    Url(String),
    /// An address is not one that may be spoken to.
    #[error("`{url}` is neither `{sealed}://host:port` nor `{open}://` of this machine")]
    Address {
        /// It, without any password.
        url: String,
        /// The word for a line in the open.
        open: &'static str,
        /// The word for a sealed one.
        sealed: &'static str,
    },
    /// One half of a pair is missing.
    #[error("certificate_file and key_file go together")]
    Pair,
    /// A setting would have no effect.
    #[error("{0} has no effect here")]
    Idle(&'static str),
    /// A setting's text is not what it may be.
    #[error("`{word}` is no {setting}")]
    Word {
        /// Which.
        setting: &'static str,
        /// The text.
        word: String,
    },
    /// The client cannot be made.
    #[error("the client cannot be made: {0}")]
    Client(String),
    /// The record cannot be read.
    #[error("the record cannot be read")]
    Journal(#[source] Box<audit::JournalError>),
    /// The sink does not take what it is offered.
    #[error(transparent)]
    Sink(#[from] SinkError),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SinkFile {
    #[serde(default)]
    sink: Vec<SinkSettings>,
}

/// One sink.
#[derive(Deserialize, Debug, Clone)]
pub(crate) struct SinkSettings {
    /// What it is called: the name of its cursor's directory.
    pub(crate) name: String,
    /// Which leaves it is sent; else all.
    #[serde(default)]
    pub(crate) only: Option<Only>,
    /// In whose words it is sent the record.
    #[serde(default)]
    pub(crate) view: Words,
    /// Fields that are left out.
    #[serde(default)]
    pub(crate) omit: Vec<String>,
    /// Who is believed on the way.
    #[serde(flatten)]
    pub(crate) trust: Trust,
    /// Where it goes.
    #[serde(flatten)]
    pub(crate) target: Target,
}

/// In whose words the record is told.
#[derive(Deserialize, Debug, Clone, Copy, PartialEq, Eq, Default)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Words {
    /// Our own: leaves as they are.
    #[default]
    Native,
    /// Open Cybersecurity Schema Framework.
    Ocsf,
    /// Elastic Common Schema.
    Ecs,
    /// Records shaped like those of AWS CloudTrail.
    CloudTrail,
}

impl Words {
    /// The view for it, if it is one.
    pub(super) fn schema(self) -> Option<View> {
        match self {
            Self::Native => None,
            Self::Ocsf => Some(View::Ocsf),
            Self::Ecs => Some(View::Ecs),
            Self::CloudTrail => Some(View::CloudTrail),
        }
    }
}

/// Where the record goes.
#[derive(Deserialize, Debug, Clone)]
#[serde(tag = "kind", rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) enum Target {
    /// Lines of JSON appended to a file.
    File { path: PathBuf },
    /// A POST of JSON, signed with a shared secret.
    Webhook { url: String, secret_file: PathBuf },
    /// `_bulk` of Elasticsearch or OpenSearch.
    Elasticsearch {
        url: String,
        index: String,
        #[serde(default)]
        user: Option<String>,
        #[serde(default)]
        compression: Compression,
        /// The user's password; without a user, an API key.
        #[serde(default)]
        secret_file: Option<PathBuf>,
    },
    /// Splunk's HTTP event collector.
    Splunk {
        url: String,
        secret_file: PathBuf,
        #[serde(default)]
        compression: Compression,
        /// Whether to wait until events are indexed.
        #[serde(default)]
        confirm: SplunkConfirm,
    },
    /// Syslog over TCP or TLS.
    Syslog(SyslogSettings),
    /// A stream in Redis.
    Redis(RedisSettings),
    /// A stream of NATS JetStream.
    Nats(NatsSettings),
    /// A partition of Kafka.
    Kafka(KafkaSettings),
    /// A topic of MQTT.
    Mqtt(MqttSettings),
    /// An exchange of AMQP 0-9-1.
    Amqp(AmqpSettings),
    /// A table of PostgreSQL.
    Postgres(PostgresSettings),
    /// A bucket of S3.
    S3(S3Settings),
    /// Logs of OTLP over HTTP.
    Otlp {
        url: String,
        #[serde(default)]
        compression: Compression,
        /// The name of a header that says who we are.
        #[serde(default)]
        header: Option<String>,
        /// What it says.
        #[serde(default)]
        secret_file: Option<PathBuf>,
    },
}

/// When Splunk has an event.
#[derive(Deserialize, Debug, Clone, Copy, PartialEq, Eq, Default)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum SplunkConfirm {
    /// When the collector has it.
    #[default]
    Received,
    /// When the indexers have it: the token must have acknowledgement switched on.
    Indexed,
}

impl Target {
    /// The word for it in a file of sinks.
    pub(super) fn kind(&self) -> &'static str {
        match self {
            Self::File { .. } => "file",
            Self::Webhook { .. } => "webhook",
            Self::Elasticsearch { .. } => "elasticsearch",
            Self::Splunk { .. } => "splunk",
            Self::Syslog(_) => "syslog",
            Self::Redis(_) => "redis",
            Self::Nats(_) => "nats",
            Self::Kafka(_) => "kafka",
            Self::Mqtt(_) => "mqtt",
            Self::Amqp(_) => "amqp",
            Self::Postgres(_) => "postgres",
            Self::S3(_) => "s3",
            Self::Otlp { .. } => "otlp",
        }
    }
}

/// Reads a file of sinks.
///
/// # Errors
/// It cannot be read, or says what no sink understands.
pub(crate) fn read_sinks(file: &Path) -> Result<Vec<SinkSettings>, SinkConfigError> {
    let text = read(file)?;
    let form = |source| SinkConfigError::Form { file: file.to_owned(), source: Box::new(source) };
    let sinks = toml::from_str::<SinkFile>(&text).map_err(form)?.sink;
    let mut names = std::collections::BTreeSet::new();
    for sink in &sinks {
        let letter = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        let good = (1..=64).contains(&sink.name.len()) && sink.name.chars().all(letter);
        if !good || !names.insert(sink.name.as_str()) || names.len() > SINKS_MAX {
            return Err(SinkConfigError::Name(sink.name.clone()));
        }
    }
    Ok(sinks)
}

/// The text of a file, without white space around it.
pub(super) fn read(file: &Path) -> Result<Zeroizing<String>, SinkConfigError> {
    let read = std::fs::read_to_string(file).map(Zeroizing::new);
    let text = read.map_err(|source| SinkConfigError::File { file: file.to_owned(), source })?;
    Ok(Zeroizing::new(text.trim().to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sinks(text: &str) -> Result<Vec<SinkSettings>, SinkConfigError> {
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("sinks.toml");
        std::fs::write(&file, text).unwrap();
        read_sinks(&file)
    }

    #[test]
    fn every_kind_of_sink_is_read() {
        let read = sinks(
            r#"
            [[sink]]
            name = "copy"
            kind = "file"
            path = "/var/log/record.jsonl"
            [[sink]]
            name = "hook"
            kind = "webhook"
            url = "https://hooks.example/record"
            secret_file = "/etc/hook"
            [[sink]]
            name = "elastic"
            kind = "elasticsearch"
            url = "https://es.example:9200"
            index = "strongroom"
            [[sink]]
            name = "splunk"
            kind = "splunk"
            url = "https://splunk.example:8088"
            secret_file = "/etc/hec"
            ca_file = "/etc/ca.pem"
            [[sink]]
            name = "collector"
            kind = "syslog"
            url = "tls://logs.example:6514"
            only = { verdict = "refused" }
            omit = ["source.user_agent"]
            "#,
        );
        assert_eq!(read.unwrap().len(), 5);
        assert!(sinks("").unwrap().is_empty());
    }

    #[test]
    fn what_no_sink_understands_is_refused() {
        let file = "[[sink]]\nname = \"a\"\nkind = \"file\"\npath = \"x\"\n";
        assert!(sinks(file).is_ok());
        assert!(sinks(&format!("{file}{file}")).is_err());
        assert!(sinks(&file.replace("\"a\"", "\"../a\"")).is_err());
        assert!(sinks(&file.replace("\"file\"", "\"carrier-pigeon\"")).is_err());
        assert!(sinks(&format!("{file}colour = \"red\"\n")).is_err());
        let syslog = "[[sink]]\nname = \"a\"\nkind = \"syslog\"\nurl = \"tls://x\"\n";
        assert!(sinks(syslog).is_ok());
        assert!(sinks(&format!("{syslog}colour = \"red\"\n")).is_err());
        assert!(sinks(&format!("colour = \"red\"\n{file}")).is_err());
    }
}
