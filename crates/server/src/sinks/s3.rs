//! The sink that is a bucket: each batch is an object of lines, named by its first leaf, so that a
//! batch that comes twice is the same object. Signed as any client of S3 signs.
//!
//! The bucket may be one of the server whose record it is. Then each object is an entry of its own;
//! a batch that holds nothing but such entries waits for others.

use std::collections::HashSet;
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use audit::entry::LeafHead;
use audit::{Clock as _, Delivery, Offered, Sink, SinkError};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use names::{BucketName, RequestId, Timestamp};
use reqwest::{Client, Url};
use serde::Deserialize;
use signing::Algorithm;
use signing::sign::{Credentials, Payload, Signer};

use crate::clock::SystemClock;
use crate::sinks::compression::Compression;
use crate::sinks::heard::later;
use crate::sinks::http::{answer, client, may_be_spoken_to};
use crate::sinks::message;
use crate::sinks::place::Trust;
use crate::sinks::settings::{SinkConfigError, read};

/// What a bucket's settings say.
#[derive(Deserialize, Debug, Clone)]
#[serde(deny_unknown_fields)]
pub(crate) struct S3Settings {
    url: String,
    bucket: String,
    /// What the objects' keys begin with.
    #[serde(default)]
    prefix: String,
    #[serde(default = "usual_region")]
    region: String,
    access_key_id: String,
    secret_file: PathBuf,
    #[serde(default)]
    compression: Compression,
    /// How long leaves are gathered for an object, unless it is full before.
    #[serde(default = "usual_seconds")]
    seconds: u64,
}

fn usual_region() -> String {
    "us-east-1".to_owned()
}

fn usual_seconds() -> u64 {
    60
}

/// Longest that leaves are gathered.
const GATHER_SECONDS_MAX: u64 = 3600;
/// Most bytes of a prefix.
const PREFIX_BYTES_MAX: usize = 512;

/// A bucket.
pub(super) struct S3Sink {
    client: Client,
    base: String,
    region: String,
    credentials: Credentials,
    compression: Compression,
    gather: Duration,
    clock: SystemClock,
    /// Entries of our own requests that have not ended, as far as the last batch shows.
    own: Mutex<HashSet<RequestId>>,
}

impl S3Sink {
    pub(super) fn new(settings: &S3Settings, trust: &Trust) -> Result<Self, SinkConfigError> {
        let word = |setting, word: &str| SinkConfigError::Word { setting, word: word.to_owned() };
        let url = Url::parse(&settings.url).ok().filter(may_be_spoken_to);
        let bare = url.filter(|url| url.query().is_none() && url.path() == "/");
        let url = bare.ok_or_else(|| SinkConfigError::Url(settings.url.clone()))?;
        let bucket: BucketName =
            settings.bucket.parse().map_err(|_| word("bucket", &settings.bucket))?;
        let plain = |c: char| c.is_ascii_alphanumeric() || "/-_.".contains(c);
        let prefix = &settings.prefix;
        let steps = prefix.split('/').any(|step| matches!(step, "." | ".."));
        let empty = prefix.starts_with('/') || prefix.contains("//");
        if !prefix.chars().all(plain) || steps || empty || prefix.len() > PREFIX_BYTES_MAX {
            return Err(word("prefix of a-z, A-Z, 0-9, `/`, `-`, `_` and `.`", prefix));
        }
        if settings.seconds > GATHER_SECONDS_MAX {
            return Err(word("number of seconds up to 3600", &settings.seconds.to_string()));
        }
        let id = &settings.access_key_id;
        let secret = read(&settings.secret_file)?;
        let credentials = Credentials {
            access_key_id: id.parse().map_err(|_| word("access_key_id", id))?,
            secret: secret.parse().map_err(|_| word("secret key", "…"))?,
            session_token: None,
        };
        Ok(Self {
            client: client(trust)?,
            base: format!("{}/{bucket}/{prefix}", url.as_str().trim_end_matches('/')),
            region: settings.region.clone(),
            credentials,
            compression: settings.compression,
            gather: Duration::from_secs(settings.seconds),
            clock: SystemClock::new(),
            own: Mutex::default(),
        })
    }

    /// Where a batch goes, and its bytes. The name says where it begins, not where it ends: what
    /// is offered again begins where it began, and may have more.
    fn object(&self, batch: &[Delivery]) -> (String, Vec<u8>) {
        let first = batch.first().map_or(0, |first| first.index);
        let mut lines = Vec::new();
        for delivery in batch {
            lines.extend_from_slice(&message::line(delivery));
            lines.push(b'\n');
        }
        let ending = match self.compression {
            Compression::None => "",
            Compression::Gzip => ".gz",
            Compression::Zstd => ".zst",
        };
        let url = format!("{}{first:020}.jsonl{ending}", self.base);
        (url, self.compression.of(&lines))
    }

    /// The request, signed.
    fn request(
        &self,
        url: &str,
        body: &[u8],
        now: Timestamp,
    ) -> Result<http::request::Parts, SinkError> {
        let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, body);
        let request = http::Request::put(url)
            .header("content-type", "application/x-ndjson")
            .header("x-amz-checksum-sha256", STANDARD.encode(digest.as_ref()))
            .body(());
        let (mut parts, ()) = request.map_err(|error| later(error.to_string()))?.into_parts();
        let (credentials, region) = (&self.credentials, self.region.as_str());
        let (service, algorithm) = ("s3", Algorithm::Hmac);
        let signer = Signer { credentials, region, service, now, algorithm };
        let signed = signer.sign(&mut parts, Payload::Whole(body));
        signed.map_err(|error| later(error.to_string()))?;
        Ok(parts)
    }

    async fn send(&self, batch: &[Delivery]) -> Result<(), SinkError> {
        let (url, body) = self.object(batch);
        let parts = self.request(&url, &body, self.clock.now())?;
        let put = self.client.put(&url).headers(parts.headers).body(body);
        match answer(put).await? {
            (200..=299, _) => Ok(()),
            // Whatever it is, smaller objects would not mend it.
            (status, said) => {
                let said = message::clipped(&String::from_utf8_lossy(&said));
                Err(later(format!("it answered {status}: {said}")))
            }
        }
    }

    /// Whether every leaf of a batch is of a request of ours.
    fn is_own(&self, batch: &[Delivery]) -> bool {
        let mut own = self.own.lock().unwrap_or_else(PoisonError::into_inner);
        let ours = self.credentials.access_key_id.as_str();
        let (mut all, mut present) = (true, HashSet::new());
        for delivery in batch {
            let Ok(head) = serde_json::from_slice::<LeafHead>(&delivery.leaf) else {
                return false;
            };
            present.insert(head.id);
            if message::word(delivery, "credential").as_deref() == Some(ours) {
                own.insert(head.id);
            } else if !own.contains(&head.id) {
                all = false;
            }
        }
        own.retain(|id| present.contains(id));
        all
    }
}

impl Sink for S3Sink {
    fn offer<'a>(&'a self, batch: &'a [Delivery]) -> Offered<'a> {
        Box::pin(async move { self.send(batch).await.map(|()| Vec::new()) })
    }

    fn gathers(&self) -> Duration {
        self.gather
    }

    fn echoes(&self, batch: &[Delivery]) -> bool {
        self.is_own(batch)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sinks::samples::leaf;

    const KEY: &str = "AKIASINKSINKSINKSINK";

    fn sink(changed: &[(&str, &str)]) -> Result<S3Sink, SinkConfigError> {
        let home = tempfile::tempdir().unwrap();
        let secret = home.path().join("secret");
        std::fs::write(&secret, "a-secret-of-at-least-thirty-two-characters\n").unwrap();
        let mut text = format!(
            "url = \"https://s3.example\"\nbucket = \"record\"\nprefix = \"store-1/\"\n\
             access_key_id = \"{KEY}\"\nsecret_file = {secret:?}\n",
        );
        for (old, new) in changed {
            assert!(text.contains(old), "{old}");
            text = text.replace(old, new);
        }
        S3Sink::new(&toml::from_str(&text).unwrap(), &Trust::default())
    }

    #[test]
    fn a_batch_that_comes_twice_is_the_same_object_although_it_may_have_more() {
        let sink = sink(&[]).unwrap();
        let (first, body) = sink.object(&[leaf(7), leaf(8)]);
        assert_eq!(first, "https://s3.example/record/store-1/00000000000000000007.jsonl");
        assert_eq!(sink.object(&[leaf(7), leaf(8), leaf(9)]).0, first);
        let text = String::from_utf8(body).unwrap();
        assert_eq!(text.lines().count(), 2);
        assert!(text.starts_with("{\"index\":7,\"id\":\"01ID-7\","), "{text}");
    }

    #[test]
    fn an_object_is_signed_as_a_whole_and_carries_its_checksum() {
        let sink = sink(&[]).unwrap();
        let (url, body) = sink.object(&[leaf(7)]);
        let now = "2026-01-02T03:04:05Z".parse().unwrap();
        let parts = sink.request(&url, &body, now).unwrap();
        let said = |name: &str| parts.headers[name].to_str().unwrap().to_owned();
        assert!(said("authorization").contains(&format!("Credential={KEY}/20260102/us-east-1/s3")));
        assert!(said("authorization").contains("x-amz-checksum-sha256"));
        assert_eq!(said("host"), "s3.example");
        assert_eq!(said("x-amz-content-sha256").len(), 64);
    }

    #[test]
    fn what_is_only_our_own_waits_for_others_and_goes_with_them() {
        let sink = sink(&[]).unwrap();
        let of = |index: u64, id: u8, rest: &str| Delivery {
            index,
            id: String::new(),
            leaf: format!(
                r#"{{"v":1,"entry":"opened","id":"01KDYH7VPE000000000000000{id}"{rest}}}"#
            )
            .into_bytes(),
        };
        let ours = of(1, 1, &format!(r#","credential":"{KEY}""#));
        let end = of(2, 1, "");
        let others = of(3, 2, r#","credential":"AKIASOMEBODYSOMEBODY""#);
        assert!(sink.echoes(&[ours.clone(), end.clone()]));
        // Asked again with more: the end of ours alone is still ours.
        assert!(sink.echoes(std::slice::from_ref(&end)));
        assert!(!sink.echoes(&[ours, end, others.clone()]));
        assert!(!sink.echoes(&[others]));
    }

    #[test]
    fn what_is_no_bucket_no_prefix_or_no_place_is_refused() {
        for (old, new) in [
            ("https://s3.example", "http://s3.example"),
            ("https://s3.example", "https://s3.example/path"),
            ("\"record\"", "\"Re cord\""),
            ("store-1/", "/store"),
            ("store-1/", "a/../b"),
            ("store-1/", "a b"),
            (KEY, "no key"),
        ] {
            assert!(sink(&[(old, new)]).is_err(), "{new}");
        }
        assert!(sink(&[("store-1/", "")]).is_ok());
        assert!(sink(&[("bucket", "seconds = 3600\nbucket")]).is_ok());
        assert!(sink(&[("bucket", "seconds = 3601\nbucket")]).is_err());
    }
}
