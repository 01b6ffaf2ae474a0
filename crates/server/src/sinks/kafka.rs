//! Kafka: leaves are records of one partition, so that their order is kept; delivered when all
//! replicas in step have them (kafka.apache.org/protocol).

mod records;
pub(super) mod reply;
pub(super) mod scram;

use std::path::PathBuf;

use audit::{Clock as _, Delivery, Random as _, SinkError};
use serde::Deserialize;
use zeroize::Zeroizing;

use crate::clock::{SystemClock, SystemRandom};
use crate::sinks::compression::Compression;
use crate::sinks::heard::later;
use crate::sinks::kafka::records::{Writer, record_batch};
use crate::sinks::kafka::reply::{Api, Reader};
use crate::sinks::kafka::scram::{Digest, Scram};
use crate::sinks::line::{Delivered, Line, Protocol};
use crate::sinks::message;
use crate::sinks::place::{Place, Trust, Words};
use crate::sinks::settings::{SinkConfigError, read};

/// What addresses look like.
const WORDS: Words = Words { open: ("tcp", 9092), sealed: ("tls", 9093) };
/// No further record joins a request of so many bytes: brokers take a mebibyte by default.
const REQUEST_BYTES_MAX: usize = 768 * 1024;
/// How long the replicas may take.
const REPLICAS_MILLISECONDS_MAX: i32 = 30_000;

/// A partition of a topic.
#[derive(Deserialize, Debug, Clone)]
#[serde(deny_unknown_fields)]
pub(crate) struct KafkaSettings {
    /// Brokers to ask for the partition's leader, in turn: `tls://host:9093`, or `tcp://` of this
    /// machine.
    brokers: Vec<String>,
    /// The topic.
    topic: String,
    /// The partition: one, for the order.
    #[serde(default)]
    partition: i32,
    /// How records are compressed.
    #[serde(default)]
    compression: Compression,
    /// How we say who we are, if we do.
    #[serde(default)]
    sasl: Option<Mechanism>,
    /// Who.
    #[serde(default)]
    user: Option<String>,
    /// With this password.
    #[serde(default)]
    secret_file: Option<PathBuf>,
}

/// How we say who we are.
#[derive(Deserialize, Debug, Clone, Copy, PartialEq, Eq)]
#[serde(rename_all = "kebab-case")]
enum Mechanism {
    /// The password itself, over a sealed line (RFC 4616).
    Plain,
    /// A proof that we know it (RFC 7677).
    #[serde(rename = "scram-sha-256")]
    ScramSha256,
    /// The same with a longer digest.
    #[serde(rename = "scram-sha-512")]
    ScramSha512,
}

/// What speaks to Kafka.
pub(super) struct Kafka {
    places: Vec<Place>,
    topic: String,
    partition: i32,
    compression: Compression,
    login: Option<Login>,
}

struct Login {
    mechanism: Mechanism,
    user: String,
    password: Zeroizing<String>,
}

/// A line to a broker.
pub(super) struct Link {
    line: Line,
    asked: i32,
}

impl Kafka {
    pub(super) fn new(settings: &KafkaSettings, trust: &Trust) -> Result<Self, SinkConfigError> {
        let places = settings.brokers.iter().map(|url| Place::new(url, WORDS, trust));
        let places = places.collect::<Result<Vec<Place>, _>>()?;
        if places.is_empty() {
            return Err(SinkConfigError::Idle("a list of no brokers"));
        }
        let topic = settings.topic.clone();
        let letter = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
        if !(1..=249).contains(&topic.len()) || !topic.bytes().all(letter) {
            return Err(SinkConfigError::Word { setting: "topic", word: topic });
        }
        let login = match (settings.sasl, &settings.user, &settings.secret_file) {
            (None, None, None) => None,
            (Some(mechanism), Some(user), Some(file)) => {
                Some(Login { mechanism, user: user.clone(), password: read(file)? })
            }
            _ => return Err(SinkConfigError::Idle("one of sasl, user and secret_file alone")),
        };
        let (partition, compression) = (settings.partition, settings.compression);
        Ok(Self { places, topic, partition, compression, login })
    }

    /// A line to a broker that knows who we are.
    async fn broker(&self, place: &Place) -> Result<Link, SinkError> {
        let mut link = Link { line: place.dial().await?, asked: 0 };
        let Some(login) = &self.login else { return Ok(link) };
        let (name, digest) = match login.mechanism {
            Mechanism::Plain => ("PLAIN", None),
            Mechanism::ScramSha256 => ("SCRAM-SHA-256", Some(Digest::Sha256)),
            Mechanism::ScramSha512 => ("SCRAM-SHA-512", Some(Digest::Sha512)),
        };
        let mut body = Writer::default();
        body.text(name);
        let answer = link.ask(Api::SASL_HANDSHAKE, &body.0).await?;
        Reader::new(&answer).fine("the mechanism of SASL")?;
        let Some(digest) = digest else {
            let (user, password) = (&login.user, login.password.as_str());
            let both = Zeroizing::new(format!("\0{user}\0{password}").into_bytes());
            link.authenticate(&both).await?;
            return Ok(link);
        };
        let mut random = [0; 18];
        SystemRandom.fill(&mut random);
        let scram = Scram::new(digest, &login.user, &login.password, &random);
        let challenge = link.authenticate(scram.first().as_bytes()).await?;
        let (last, proof) = scram.last(&challenge)?;
        proof.verify(&link.authenticate(last.as_bytes()).await?)?;
        Ok(link)
    }

    /// The leader of the partition, as one of the brokers knows it.
    async fn leader(&self, place: &Place) -> Result<Link, SinkError> {
        let mut link = self.broker(place).await?;
        let mut body = Writer::default();
        body.count(1);
        body.text(&self.topic);
        // Topics are not made by asking for them.
        body.0.push(0);
        let answer = link.ask(Api::METADATA, &body.0).await?;
        let (host, port) = reply::leader(&answer, &self.topic, self.partition)?;
        self.broker(&place.beside(&host, port)?).await
    }

    /// A request for some leaves.
    fn produce(&self, some: &[Delivery]) -> Vec<u8> {
        let mut body = Writer::default();
        // No transaction; all replicas in step.
        body.number(&(-1_i16).to_be_bytes());
        body.number(&(-1_i16).to_be_bytes());
        body.number(&REPLICAS_MILLISECONDS_MAX.to_be_bytes());
        body.count(1);
        body.text(&self.topic);
        body.count(1);
        body.number(&self.partition.to_be_bytes());
        let now = SystemClock::new().now().millis();
        body.bytes(&record_batch(some, self.compression, now));
        body.0
    }
}

impl Protocol for Kafka {
    type Link = Link;

    async fn dial(&self) -> Result<Link, SinkError> {
        let mut last = later("there is no broker");
        for place in &self.places {
            match self.leader(place).await {
                Ok(link) => return Ok(link),
                Err(error) => last = error,
            }
        }
        Err(last)
    }

    async fn deliver(&self, mut link: Link, batch: &[Delivery]) -> Delivered<Link> {
        for some in parts(batch, REQUEST_BYTES_MAX) {
            let answer = link.ask(Api::PRODUCE, &self.produce(some)).await?;
            reply::produced(&answer, &self.topic, self.partition)?;
        }
        Ok((Vec::new(), Some(link)))
    }
}

impl Link {
    /// One request, one answer.
    async fn ask(&mut self, api: Api, body: &[u8]) -> Result<Vec<u8>, SinkError> {
        self.asked = self.asked.wrapping_add(1);
        let mut request = Writer::default();
        request.number(&api.key.to_be_bytes());
        request.number(&api.version.to_be_bytes());
        request.number(&self.asked.to_be_bytes());
        request.text("strongroom");
        request.number(body);
        let length = i32::try_from(request.0.len()).unwrap_or(i32::MAX).to_be_bytes();
        let request = Zeroizing::new([length.as_slice(), &request.0].concat());
        self.line.send(&request).await?;
        let (number, answer) = self.line.answer(reply::frame).await?;
        if number == self.asked { Ok(answer) } else { Err(later("it answers out of turn")) }
    }

    /// A step of SASL: what we say, and what comes back.
    async fn authenticate(&mut self, bytes: &[u8]) -> Result<Vec<u8>, SinkError> {
        let mut body = Writer::default();
        body.bytes(bytes);
        let body = Zeroizing::new(body.0);
        let answer = self.ask(Api::SASL_AUTHENTICATE, &body).await?;
        let mut reader = Reader::new(&answer);
        reader.fine("who we say that we are")?;
        reader.text()?;
        reader.bytes().map(<[u8]>::to_vec)
    }
}

/// Runs of leaves of about so many bytes; each has at least one.
fn parts(batch: &[Delivery], bytes_max: usize) -> impl Iterator<Item = &[Delivery]> {
    let mut rest = batch;
    std::iter::from_fn(move || {
        let mut bytes = 0_usize;
        let fits = |delivery: &&Delivery| {
            bytes = bytes.saturating_add(message::line(delivery).len());
            bytes <= bytes_max
        };
        let many = rest.iter().take_while(fits).count().max(1).min(rest.len());
        let (some, after) = rest.split_at_checked(many)?;
        rest = after;
        (!some.is_empty()).then_some(some)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sinks::samples::leaf;

    fn kafka(more: &str) -> Result<Kafka, SinkConfigError> {
        let settings = format!("brokers = [\"tcp://127.0.0.1\"]\ntopic = \"audit\"\n{more}");
        Kafka::new(&toml::from_str(&settings).unwrap(), &Trust::default())
    }

    #[test]
    fn a_batch_goes_in_runs_that_a_broker_takes_and_none_is_lost() {
        let batch: Vec<Delivery> = (0..10).map(leaf).collect();
        let one = message::line(&batch[0]).len();
        for (bytes_max, many) in [(0, 10), (one, 10), (one * 3, 4), (one * 10, 1)] {
            let runs: Vec<&[Delivery]> = parts(&batch, bytes_max).collect();
            assert_eq!(runs.len(), many, "{bytes_max}");
            assert_eq!(runs.concat(), batch);
        }
        assert_eq!(parts(&[], 9).count(), 0);
    }

    #[test]
    fn who_we_are_is_said_whole_or_not_at_all() {
        assert!(kafka("").is_ok());
        assert!(kafka("sasl = \"plain\"").is_err());
        assert!(kafka("user = \"u\"").is_err());
        let file = tempfile::NamedTempFile::new().unwrap();
        let user = format!("user = \"u\"\nsecret_file = \"{}\"", file.path().display());
        assert!(kafka(&user).is_err());
        assert!(kafka(&format!("sasl = \"scram-sha-512\"\n{user}")).is_ok());
    }
}
