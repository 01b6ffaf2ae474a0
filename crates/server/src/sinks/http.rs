//! Sinks over HTTP: a signed webhook, `_bulk` of Elasticsearch and OpenSearch, Splunk's collector,
//! OTLP.

use std::path::{Path, PathBuf};
use std::time::Duration;

use audit::{Clock as _, Delivery, Offered, Random as _, Sink, SinkError, Undeliverable};
use reqwest::header::{AUTHORIZATION, CONTENT_ENCODING, CONTENT_TYPE, HeaderName};
use reqwest::{Client, RequestBuilder, Url};
use zeroize::Zeroizing;

use crate::clock::{SystemClock, SystemRandom};
use crate::sinks::compression::Compression;
use crate::sinks::heard::later;
use crate::sinks::place::{Trust, is_here};
use crate::sinks::settings::{SinkConfigError, SinkSettings, SplunkConfirm, Target, read};
use crate::sinks::{message, otlp};

/// What Splunk calls the name of a channel.
const CHANNEL: &str = "x-splunk-request-channel";
/// How often Splunk is asked whether it has indexed a batch.
const INDEXED_ASKED_EVERY: Duration = Duration::from_millis(500);
/// How many times.
const INDEXED_ASKED_MAX: u32 = 100;
/// How long a receiver may take over a batch.
const ANSWER_SECONDS_MAX: Duration = Duration::from_secs(60);
/// Most bytes of an answer that are read: a batch of `_bulk` with a long word on each leaf.
const ANSWER_BYTES_MAX: usize = 8 * 1024 * 1024;

/// A receiver that speaks HTTP.
pub(super) struct HttpSink {
    client: Client,
    url: Url,
    dialect: Dialect,
    compression: Compression,
    /// What Splunk tells our batches from others' by.
    channel: String,
}

enum Dialect {
    Webhook { secret: Zeroizing<String> },
    Elasticsearch { index: String, credential: Credential },
    Splunk { token: Zeroizing<String>, confirm: SplunkConfirm },
    Otlp { header: Option<(HeaderName, Zeroizing<String>)> },
}

/// Who we are to Elasticsearch.
enum Credential {
    Nobody,
    User { name: String, password: Zeroizing<String> },
    ApiKey(Zeroizing<String>),
}

impl HttpSink {
    pub(super) fn new(settings: &SinkSettings) -> Result<Self, SinkConfigError> {
        let secret = |file: &Path| read(file);
        let mut compression = Compression::None;
        let (url, path, dialect) = match &settings.target {
            Target::Webhook { url, secret_file } => {
                (url, "", Dialect::Webhook { secret: secret(secret_file)? })
            }
            Target::Elasticsearch { url, index, user, secret_file, compression: how } => {
                compression = *how;
                let given = secret_file.as_deref().map(secret).transpose()?;
                let credential = match (user, given) {
                    (Some(name), password) => Credential::User {
                        name: name.clone(),
                        password: password.unwrap_or_default(),
                    },
                    (None, Some(key)) => Credential::ApiKey(key),
                    (None, None) => Credential::Nobody,
                };
                let index = index.clone();
                (url, "/_bulk", Dialect::Elasticsearch { index, credential })
            }
            Target::Splunk { url, secret_file, compression: how, confirm } => {
                compression = *how;
                let (token, confirm) = (secret(secret_file)?, *confirm);
                (url, "/services/collector/event", Dialect::Splunk { token, confirm })
            }
            Target::Otlp { url, compression: how, header, secret_file } => {
                compression = *how;
                (url, "/v1/logs", Dialect::Otlp { header: who(header, secret_file)? })
            }
            _ => {
                return Err(SinkConfigError::Url(settings.name.clone()));
            }
        };
        let full = format!("{}{path}", url.trim_end_matches('/'));
        let target = Url::parse(&full).ok().filter(may_be_spoken_to);
        let target = target.ok_or_else(|| SinkConfigError::Url(url.clone()))?;
        let client = client(&settings.trust)?;
        let mut random = [0; 16];
        SystemRandom.fill(&mut random);
        let channel = guid(random);
        Ok(Self { client, url: target, dialect, compression, channel })
    }

    fn request(&self, batch: &[Delivery]) -> RequestBuilder {
        let post = self.client.post(self.url.clone());
        match &self.dialect {
            Dialect::Webhook { secret } => {
                let body = message::webhook(batch);
                let seconds = SystemClock::new().now().millis().div_euclid(1000);
                let signature = message::signature(secret.as_bytes(), seconds, &body);
                post.header(CONTENT_TYPE, "application/json")
                    .header("strongroom-signature", signature)
                    .body(body)
            }
            Dialect::Elasticsearch { index, credential } => {
                let post = post.header(CONTENT_TYPE, "application/x-ndjson");
                let post = match credential {
                    Credential::Nobody => post,
                    Credential::User { name, password } => {
                        post.basic_auth(name, Some(password.as_str()))
                    }
                    Credential::ApiKey(key) => {
                        post.header(AUTHORIZATION, format!("ApiKey {}", key.as_str()))
                    }
                };
                self.body(post, message::bulk(index, batch))
            }
            Dialect::Splunk { token, confirm } => {
                let post = post
                    .header(CONTENT_TYPE, "application/json")
                    .header(AUTHORIZATION, format!("Splunk {}", token.as_str()));
                let post = match confirm {
                    SplunkConfirm::Received => post,
                    SplunkConfirm::Indexed => post.header(CHANNEL, &self.channel),
                };
                self.body(post, message::splunk(batch))
            }
            Dialect::Otlp { header } => {
                let post = post.header(CONTENT_TYPE, "application/json");
                let post = match header {
                    None => post,
                    Some((name, value)) => post.header(name, value.as_str()),
                };
                self.body(post, otlp::body(batch))
            }
        }
    }

    fn body(&self, post: RequestBuilder, body: Vec<u8>) -> RequestBuilder {
        match self.compression.word() {
            None => post.body(body),
            Some(word) => post.header(CONTENT_ENCODING, word).body(self.compression.of(&body)),
        }
    }

    async fn send(&self, batch: &[Delivery]) -> Result<Vec<Undeliverable>, SinkError> {
        let (status, body) = answer(self.request(batch)).await?;
        message::status(status, &body)?;
        match &self.dialect {
            Dialect::Elasticsearch { .. } => return message::bulk_answer(batch, &body),
            Dialect::Otlp { .. } => otlp::answer(&body)?,
            Dialect::Splunk { token, confirm: SplunkConfirm::Indexed } => {
                self.indexed(token, message::splunk_ack(&body)?).await?;
            }
            Dialect::Splunk { .. } | Dialect::Webhook { .. } => {}
        }
        Ok(Vec::new())
    }

    /// Waits until Splunk has indexed a batch.
    async fn indexed(&self, token: &Zeroizing<String>, ack: u64) -> Result<(), SinkError> {
        let mut url = self.url.clone();
        url.set_path(&url.path().replace("/collector/event", "/collector/ack"));
        for _ in 0..INDEXED_ASKED_MAX {
            let ask = self
                .client
                .post(url.clone())
                .header(CONTENT_TYPE, "application/json")
                .header(AUTHORIZATION, format!("Splunk {}", token.as_str()))
                .header(CHANNEL, &self.channel)
                .body(format!("{{\"acks\":[{ack}]}}"));
            let (status, body) = answer(ask).await?;
            message::status(status, &body)?;
            if message::splunk_indexed(ack, &body) {
                return Ok(());
            }
            tokio::time::sleep(INDEXED_ASKED_EVERY).await;
        }
        Err(later("it did not index the batch in time"))
    }
}

/// The status and the body of an answer.
pub(super) async fn answer(request: RequestBuilder) -> Result<(u16, Vec<u8>), SinkError> {
    read_answer(request, ANSWER_BYTES_MAX).await.map_err(later)
}

/// The status and the body of an answer of at most so many bytes, or why there is none.
pub(crate) async fn read_answer(
    request: RequestBuilder,
    bytes_max: usize,
) -> Result<(u16, Vec<u8>), String> {
    // Without the address: that of a webhook is often a secret itself.
    let away = |error: reqwest::Error| error.without_url().to_string();
    let mut answer = request.send().await.map_err(away)?;
    let status = answer.status().as_u16();
    let mut body = Vec::new();
    while let Some(chunk) = answer.chunk().await.map_err(away)? {
        if body.len().saturating_add(chunk.len()) > bytes_max {
            return Err("its answer is too long".to_owned());
        }
        body.extend_from_slice(&chunk);
    }
    Ok((status, body))
}

/// A header that says who we are.
fn who(
    header: &Option<String>,
    secret_file: &Option<PathBuf>,
) -> Result<Option<(HeaderName, Zeroizing<String>)>, SinkConfigError> {
    match (header, secret_file) {
        (None, None) => Ok(None),
        (Some(header), Some(file)) => {
            let name = HeaderName::from_bytes(header.as_bytes());
            let word = || SinkConfigError::Word { setting: "header", word: header.clone() };
            Ok(Some((name.map_err(|_| word())?, read(file)?)))
        }
        _ => Err(SinkConfigError::Idle("one of header and secret_file")),
    }
}

/// A name for a channel (RFC 9562 §5.4, version 4).
fn guid(random: [u8; 16]) -> String {
    let text = hex::encode(random);
    let part = |range: std::ops::Range<usize>| text.get(range).unwrap_or_default();
    format!("{}-{}-4{}-8{}-{}", part(0..8), part(8..12), part(13..16), part(17..20), part(20..32))
}

impl Sink for HttpSink {
    fn offer<'a>(&'a self, batch: &'a [Delivery]) -> Offered<'a> {
        Box::pin(self.send(batch))
    }
}

/// The record is read by whoever is on the way, unless it is sealed or stays on the machine.
pub(crate) fn may_be_spoken_to(url: &Url) -> bool {
    let loopback = url.host_str().is_some_and(|host| is_here(host.trim_matches(['[', ']'])));
    url.scheme() == "https" || (url.scheme() == "http" && loopback)
}

pub(super) fn client(trust: &Trust) -> Result<Client, SinkConfigError> {
    let broken = |error: reqwest::Error| SinkConfigError::Client(error.to_string());
    let mut builder = Client::builder()
        .timeout(ANSWER_SECONDS_MAX)
        .no_proxy()
        .redirect(reqwest::redirect::Policy::none());
    if let Some(file) = &trust.ca_file {
        let pem = read(file)?;
        let roots = reqwest::Certificate::from_pem_bundle(pem.as_bytes()).map_err(broken)?;
        builder = builder.tls_certs_only(roots);
    }
    builder = match (&trust.certificate_file, &trust.key_file) {
        (None, None) => builder,
        (Some(certificate), Some(key)) => {
            let both = Zeroizing::new(format!("{}\n{}", *read(certificate)?, *read(key)?));
            let identity = reqwest::Identity::from_pem(both.as_bytes()).map_err(broken)?;
            builder.identity(identity)
        }
        _ => return Err(SinkConfigError::Pair),
    };
    builder.build().map_err(broken)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_record_leaves_the_machine_sealed_or_not_at_all() {
        for good in ["https://es.example/", "http://127.0.0.1:9200/", "http://[::1]:1/"] {
            assert!(may_be_spoken_to(&Url::parse(good).unwrap()), "{good}");
        }
        for bad in ["http://es.example/", "http://10.0.0.1/", "ftp://127.0.0.1/"] {
            assert!(!may_be_spoken_to(&Url::parse(bad).unwrap()), "{bad}");
        }
    }
}
