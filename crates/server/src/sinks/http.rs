//! Sinks over HTTP: a signed webhook, `_bulk` of Elasticsearch and OpenSearch, Splunk's collector.

use std::path::Path;
use std::time::Duration;

use audit::{Clock as _, Delivery, Offered, Sink, SinkError, Undeliverable};
use reqwest::header::{AUTHORIZATION, CONTENT_TYPE};
use reqwest::{Client, RequestBuilder, Url};
use zeroize::Zeroizing;

use crate::clock::SystemClock;
use crate::sinks::message;
use crate::sinks::place::{Trust, is_here};
use crate::sinks::settings::{SinkConfigError, SinkSettings, Target, read};

/// How long a receiver may take over a batch.
const ANSWER_SECONDS_MAX: Duration = Duration::from_secs(60);
/// Most bytes of an answer that are read: a batch of `_bulk` with a long word on each leaf.
const ANSWER_BYTES_MAX: usize = 8 * 1024 * 1024;

/// A receiver that speaks HTTP.
pub(super) struct HttpSink {
    client: Client,
    url: Url,
    dialect: Dialect,
}

enum Dialect {
    Webhook { secret: Zeroizing<String> },
    Elasticsearch { index: String, credential: Credential },
    Splunk { token: Zeroizing<String> },
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
        let (url, path, dialect) = match &settings.target {
            Target::Webhook { url, secret_file } => {
                (url, "", Dialect::Webhook { secret: secret(secret_file)? })
            }
            Target::Elasticsearch { url, index, user, secret_file } => {
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
            Target::Splunk { url, secret_file } => {
                let token = secret(secret_file)?;
                (url, "/services/collector/event", Dialect::Splunk { token })
            }
            _ => {
                return Err(SinkConfigError::Url(settings.name.clone()));
            }
        };
        let full = format!("{}{path}", url.trim_end_matches('/'));
        let target = Url::parse(&full).ok().filter(may_be_spoken_to);
        let target = target.ok_or_else(|| SinkConfigError::Url(url.clone()))?;
        let client = client(&settings.trust)?;
        Ok(Self { client, url: target, dialect })
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
                post.body(message::bulk(index, batch))
            }
            Dialect::Splunk { token } => post
                .header(CONTENT_TYPE, "application/json")
                .header(AUTHORIZATION, format!("Splunk {}", token.as_str()))
                .body(message::splunk(batch)),
        }
    }

    async fn send(&self, batch: &[Delivery]) -> Result<Vec<Undeliverable>, SinkError> {
        // Without the address: that of a webhook is often a secret itself.
        let away =
            |error: reqwest::Error| SinkError::Later { why: error.without_url().to_string() };
        let mut answer = self.request(batch).send().await.map_err(away)?;
        let status = answer.status().as_u16();
        let mut body = Vec::new();
        while let Some(chunk) = answer.chunk().await.map_err(away)? {
            if body.len().saturating_add(chunk.len()) > ANSWER_BYTES_MAX {
                return Err(SinkError::Later { why: "its answer is too long".to_owned() });
            }
            body.extend_from_slice(&chunk);
        }
        message::status(status, &body)?;
        match &self.dialect {
            Dialect::Elasticsearch { .. } => message::bulk_answer(batch, &body),
            _ => Ok(Vec::new()),
        }
    }
}

impl Sink for HttpSink {
    fn offer<'a>(&'a self, batch: &'a [Delivery]) -> Offered<'a> {
        Box::pin(self.send(batch))
    }
}

/// The record is read by whoever is on the way, unless it is sealed or stays on the machine.
fn may_be_spoken_to(url: &Url) -> bool {
    let loopback = url.host_str().is_some_and(|host| is_here(host.trim_matches(['[', ']'])));
    url.scheme() == "https" || (url.scheme() == "http" && loopback)
}

fn client(trust: &Trust) -> Result<Client, SinkConfigError> {
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
