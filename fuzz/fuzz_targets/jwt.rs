//! `cargo xtask campaign fuzz --target jwt`: a token as it comes, which nobody signed; and a
//! header, a line feed, claims, which the provider's key signs. Nothing unsigned is believed, and
//! what is believed is of this provider, for this client, and alive.
#![no_main]

use std::sync::LazyLock;

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use names::Timestamp;
use strongroom_federation::oidc::{Accepted, Algorithm, KeySet, LEEWAY_SECONDS, verify};
use strongroom_identity::ClaimSettings;

const ISSUER: &str = "https://idp.example";
const CLIENT: &str = "client";
const NOW: i64 = 1_800_000_000;

struct Provider {
    pair: EcdsaKeyPair,
    keys: KeySet,
    accepted: Accepted,
}

static PROVIDER: LazyLock<Provider> = LazyLock::new(|| {
    let pair = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).expect("a key is made");
    let point = pair.public_key().as_ref();
    let [x, y] = [&point[1..33], &point[33..65]].map(|half| URL_SAFE_NO_PAD.encode(half));
    let key = serde_json::json!({"kty": "EC", "crv": "P-256", "kid": "k", "x": x, "y": y});
    let set = serde_json::json!({ "keys": [key] }).to_string();
    let accepted = Accepted {
        provider: "arn:aws:iam::111122223333:oidc-provider/idp.example".parse().expect("an ARN"),
        issuer: ISSUER.parse().expect("an issuer"),
        client_ids: vec![CLIENT.to_owned()],
        algorithms: vec![Algorithm::Es256, Algorithm::Rs256],
        claims: ClaimSettings::default(),
    };
    Provider { pair, keys: KeySet::parse(set.as_bytes()).expect("a key set"), accepted }
});

libfuzzer_sys::fuzz_target!(|text: &str| {
    let Provider { pair, keys, accepted } = &*PROVIDER;
    let now = Timestamp::from_seconds(NOW).expect("a time");
    assert!(verify(text, accepted, keys, now).is_err(), "nobody signed it");
    let Some((header, claims)) = text.split_once('\n') else { return };
    let signed = [header, claims].map(|part| URL_SAFE_NO_PAD.encode(part)).join(".");
    let signature = pair.sign(&SystemRandom::new(), signed.as_bytes()).expect("it is signed");
    let token = format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature));
    let Ok(believed) = verify(&token, accepted, keys, now) else { return };
    assert_eq!(believed.claims().get("iss").and_then(|iss| iss.as_str()), Some(ISSUER));
    assert!(believed.audience().iter().any(|one| one == CLIENT));
    assert!(believed.expires().seconds() > NOW - LEEWAY_SECONDS);
    assert!(!believed.subject().is_empty());
    let said: serde_json::Value = serde_json::from_str(header).expect("the header is JSON");
    assert_eq!(said.get("alg").and_then(|alg| alg.as_str()), Some("ES256"));
});
