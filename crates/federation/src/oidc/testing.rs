//! What the tests of this room share: five keys made once, a signer, a clock, a fake network.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, LazyLock, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use audit::Clock;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, ECDSA_P384_SHA384_FIXED_SIGNING,
    ECDSA_P521_SHA512_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair as _, RSA_PKCS1_SHA256,
    RSA_PKCS1_SHA384, RSA_PKCS1_SHA512, RSA_PSS_SHA256, RSA_PSS_SHA384, RSA_PSS_SHA512,
    RsaEncoding, RsaKeyPair,
};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use identity::ClaimSettings;
use names::Timestamp;
use reqwest::Url;
use serde_json::{Map, Value, json};

use super::*;
use crate::egress::EgressError;

pub(super) const ISSUER: &str = "https://idp.example/realm";
pub(super) const CLIENT: &str = "strongroom";
/// 2026-01-01T00:00:00Z.
pub(super) const NOW: i64 = 1_767_225_600;

pub(super) static RSA: LazyLock<RsaKeyPair> =
    LazyLock::new(|| RsaKeyPair::generate(KeySize::Rsa2048).unwrap());
pub(super) static P256: LazyLock<EcdsaKeyPair> =
    LazyLock::new(|| EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).unwrap());
pub(super) static P384: LazyLock<EcdsaKeyPair> =
    LazyLock::new(|| EcdsaKeyPair::generate(&ECDSA_P384_SHA384_FIXED_SIGNING).unwrap());
pub(super) static P521: LazyLock<EcdsaKeyPair> =
    LazyLock::new(|| EcdsaKeyPair::generate(&ECDSA_P521_SHA512_FIXED_SIGNING).unwrap());
pub(super) static ED: LazyLock<Ed25519KeyPair> =
    LazyLock::new(|| Ed25519KeyPair::generate().unwrap());

pub(super) fn b64(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

pub(super) fn now() -> Timestamp {
    Timestamp::from_seconds(NOW).unwrap()
}

pub(super) fn rsa_jwk(kid: &str) -> Value {
    let public = RSA.public_key();
    let n = b64(public.modulus().big_endian_without_leading_zero());
    let e = b64(public.exponent().big_endian_without_leading_zero());
    json!({"kty": "RSA", "kid": kid, "use": "sig", "n": n, "e": e})
}

pub(super) fn ec_jwk(kid: &str, crv: &str, pair: &EcdsaKeyPair) -> Value {
    let point = &pair.public_key().as_ref()[1..];
    let (x, y) = point.split_at(point.len() / 2);
    json!({"kty": "EC", "crv": crv, "kid": kid, "x": b64(x), "y": b64(y)})
}

pub(super) fn ed_jwk(kid: &str) -> Value {
    json!({"kty": "OKP", "crv": "Ed25519", "kid": kid, "x": b64(ED.public_key().as_ref())})
}

pub(super) fn key_set(keys: &[Value]) -> Vec<u8> {
    serde_json::to_vec(&json!({ "keys": keys })).unwrap()
}

/// One key of each kind, with the ids `rsa`, `p256`, `p384`, `p521` and `ed`.
pub(super) fn all_keys() -> KeySet {
    let keys = [
        rsa_jwk("rsa"),
        ec_jwk("p256", "P-256", &P256),
        ec_jwk("p384", "P-384", &P384),
        ec_jwk("p521", "P-521", &P521),
        ed_jwk("ed"),
    ];
    KeySet::parse(&key_set(&keys)).unwrap()
}

/// The id, in [`all_keys`], of the key for an algorithm.
pub(super) fn kid_of(alg: Algorithm) -> &'static str {
    match alg {
        Algorithm::Es256 => "p256",
        Algorithm::Es384 => "p384",
        Algorithm::Es512 => "p521",
        Algorithm::EdDsa | Algorithm::Ed25519 => "ed",
        _ => "rsa",
    }
}

pub(super) fn sign_bytes(alg: Algorithm, message: &[u8]) -> Vec<u8> {
    let random = SystemRandom::new();
    let rsa = |encoding: &'static dyn RsaEncoding| {
        let mut signature = vec![0; RSA.public_modulus_len()];
        RSA.sign(encoding, &random, message, &mut signature).unwrap();
        signature
    };
    match alg {
        Algorithm::Rs256 => rsa(&RSA_PKCS1_SHA256),
        Algorithm::Rs384 => rsa(&RSA_PKCS1_SHA384),
        Algorithm::Rs512 => rsa(&RSA_PKCS1_SHA512),
        Algorithm::Ps256 => rsa(&RSA_PSS_SHA256),
        Algorithm::Ps384 => rsa(&RSA_PSS_SHA384),
        Algorithm::Ps512 => rsa(&RSA_PSS_SHA512),
        Algorithm::Es256 => P256.sign(&random, message).unwrap().as_ref().to_vec(),
        Algorithm::Es384 => P384.sign(&random, message).unwrap().as_ref().to_vec(),
        Algorithm::Es512 => P521.sign(&random, message).unwrap().as_ref().to_vec(),
        Algorithm::EdDsa | Algorithm::Ed25519 => ED.sign(message).as_ref().to_vec(),
    }
}

/// A token of these very texts, signed whatever the header says.
pub(super) fn signed_texts(alg: Algorithm, header: &str, payload: &str) -> String {
    let input = format!("{}.{}", b64(header), b64(payload));
    let signature = b64(sign_bytes(alg, input.as_bytes()));
    format!("{input}.{signature}")
}

pub(super) fn signed(alg: Algorithm, claims: &Value) -> String {
    let header = json!({"alg": alg.as_str(), "kid": kid_of(alg), "typ": "JWT"});
    signed_texts(alg, &header.to_string(), &claims.to_string())
}

/// A token of ES256 with another header: members are added, replaced, or (null) left out.
pub(super) fn with_header(changes: &Value) -> String {
    let header = changed(&json!({"alg": "ES256", "kid": "p256", "typ": "JWT"}), changes);
    signed_texts(Algorithm::Es256, &header.to_string(), &good_claims().to_string())
}

/// A token of ES256 with other claims.
pub(super) fn with_claims(changes: &Value) -> String {
    signed(Algorithm::Es256, &changed(&good_claims(), changes))
}

fn changed(base: &Value, changes: &Value) -> Value {
    let mut map: Map<String, Value> = base.as_object().unwrap().clone();
    for (name, value) in changes.as_object().unwrap() {
        if value == "<absent>" {
            map.remove(name)
        } else {
            map.insert(name.clone(), value.clone())
        };
    }
    Value::Object(map)
}

pub(super) fn good_claims() -> Value {
    json!({
        "iss": ISSUER, "sub": "user-1", "aud": CLIENT, "iat": NOW - 10, "exp": NOW + 300,
        "email": "ann@example.com", "groups": ["analysts", "staff"],
    })
}

pub(super) fn accepted() -> Accepted {
    Accepted {
        provider: "arn:aws:iam::111122223333:oidc-provider/idp.example/realm".parse().unwrap(),
        issuer: ISSUER.parse().unwrap(),
        client_ids: vec![CLIENT.to_owned(), "second".to_owned()],
        algorithms: Algorithm::ALL.to_vec(),
        claims: ClaimSettings { groups: Some("groups".to_owned()), ..ClaimSettings::default() },
    }
}

pub(super) fn check(token: &str) -> Result<VerifiedClaims, OidcError> {
    verify(token, &accepted(), &all_keys(), now())
}

/// A clock that stands still until it is told.
#[derive(Default)]
pub(super) struct StillClock(AtomicU64);

impl StillClock {
    pub(super) fn advance(&self, seconds: u64) {
        self.0.fetch_add(seconds, Ordering::SeqCst);
    }
}

impl Clock for StillClock {
    fn now(&self) -> Timestamp {
        now()
    }

    fn monotonic(&self) -> Duration {
        Duration::from_secs(1_000 + self.0.load(Ordering::SeqCst))
    }
}

/// A network that answers with what the test put there, counts, and yields before each answer so
/// that callers overlap.
#[derive(Default)]
pub(super) struct Script {
    pub(super) keys: Mutex<Vec<u8>>,
    pub(super) discovery: Mutex<Option<Vec<u8>>>,
    pub(super) failing: Mutex<bool>,
    pub(super) asked: Mutex<VecDeque<String>>,
}

impl Script {
    pub(super) fn serving(keys: &[Value]) -> Arc<Self> {
        let script = Self::default();
        script.publish(keys);
        Arc::new(script)
    }

    pub(super) fn publish(&self, keys: &[Value]) {
        *self.keys.lock().unwrap() = key_set(keys);
    }

    pub(super) fn fail(&self, failing: bool) {
        *self.failing.lock().unwrap() = failing;
    }

    /// How often the key set, and how often discovery, was asked for.
    pub(super) fn counts(&self) -> (usize, usize) {
        let asked = self.asked.lock().unwrap();
        let discovery = asked.iter().filter(|url| url.contains(".well-known")).count();
        (asked.len() - discovery, discovery)
    }
}

pub(super) fn discovery_document() -> Value {
    json!({"issuer": ISSUER, "jwks_uri": "https://keys.idp.example/jwks"})
}

#[async_trait]
impl Fetch for Script {
    async fn fetch(&self, url: &Url, bytes_max: usize) -> Result<Vec<u8>, EgressError> {
        self.asked.lock().unwrap().push_back(url.to_string());
        tokio::task::yield_now().await;
        let origin = url.origin().ascii_serialization();
        if *self.failing.lock().unwrap() {
            return Err(EgressError::Status { origin, status: 503 });
        }
        let body = if url.path().contains("/.well-known/") {
            let document = self.discovery.lock().unwrap().clone();
            document.unwrap_or_else(|| discovery_document().to_string().into_bytes())
        } else {
            self.keys.lock().unwrap().clone()
        };
        if body.len() > bytes_max {
            return Err(EgressError::TooLarge { origin, bytes_max });
        }
        Ok(body)
    }
}

pub(super) fn block_on<F: Future>(future: F) -> F::Output {
    tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap().block_on(future)
}
