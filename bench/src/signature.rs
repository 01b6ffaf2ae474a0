//! Signatures in process: what it costs to verify one.

use std::hint::black_box;
use std::time::Instant;

use names::{SecretKey, Timestamp};
use signing::sign::{Credentials, Payload, Signer};
use signing::{
    Algorithm, BodyProof, CanonicalRequest, Claim, KeyCache, RegionRule, SigV2Rule, SignedClaim,
    Terms, verify,
};

use crate::Failure;
use crate::spread::{float, length, quantile};

/// How many verifications are timed.
const SAMPLES: usize = 200_000;
/// How many are timed together, where the clock itself would count.
const BATCH: usize = 32;
/// How many header lines are signed.
const SIGNED_HEADERS: usize = 10;

pub(crate) const KEY: &str = "AKIAIOSFODNN7EXAMPLE";
pub(crate) const SECRET: &str = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";

/// What verification takes, in nanoseconds.
pub(crate) struct Verifications {
    /// The signature alone, its key cached.
    pub(crate) verify: f64,
    /// From the head as HTTP has it: canonical request, credential, key, signature.
    pub(crate) whole: f64,
}

/// Times verifications of a GET with ten signed headers.
pub(crate) fn measure() -> Result<Verifications, Failure> {
    let bench = Bench::new()?;
    let cache = cache()?;
    let parts = bench.signed(SECRET)?;
    let claim = claim(&parts)?;
    let mut times = Vec::with_capacity(SAMPLES / BATCH);
    for _ in 0..SAMPLES / BATCH {
        let claims = vec![claim.clone(); BATCH];
        let began = Instant::now();
        for claim in claims {
            let key = cache.key(&claim, &bench.secret);
            black_box(verify(claim, &key, &bench.terms()))?;
        }
        times.push(u64::try_from(began.elapsed().as_nanos())?);
    }
    let mut whole = Vec::with_capacity(SAMPLES / BATCH);
    for _ in 0..SAMPLES / BATCH {
        let began = Instant::now();
        for _ in 0..BATCH {
            let claim = self::claim(black_box(&parts))?;
            let key = cache.key(&claim, &bench.secret);
            black_box(verify(claim, &key, &bench.terms()))?;
        }
        whole.push(u64::try_from(began.elapsed().as_nanos())?);
    }
    let each = |times: &mut [u64]| float(quantile(times, 500)) / length(BATCH);
    Ok(Verifications { verify: each(&mut times), whole: each(&mut whole) })
}

/// What requests are signed and verified with.
pub(crate) struct Bench {
    pub(crate) secret: SecretKey,
    now: Timestamp,
}

/// A cache of derived keys.
pub(crate) fn cache() -> Result<KeyCache, Failure> {
    Ok(KeyCache::new("0123456789abcdef0123456789abcdef01234567".parse()?))
}

impl Bench {
    pub(crate) fn new() -> Result<Self, Failure> {
        Ok(Self { secret: SECRET.parse()?, now: "2026-01-02T03:04:05Z".parse()? })
    }

    pub(crate) fn terms(&self) -> Terms<'static> {
        Terms {
            now: self.now,
            services: &["s3"],
            region: RegionRule::Any,
            body: BodyProof::Streamed,
            v2: SigV2Rule::Refuse,
        }
    }

    /// A GET that is signed with a secret, over ten headers.
    pub(crate) fn signed(&self, secret: &str) -> Result<http::request::Parts, Failure> {
        let mut request = http::Request::get("http://store.example/bench/small/read/1");
        // Host, date and digest are signed by themselves.
        for number in 0..SIGNED_HEADERS - 3 {
            request = request.header(format!("x-amz-meta-{number}"), "a value of some length");
        }
        let (mut parts, ()) = request.body(())?.into_parts();
        let credentials = Credentials {
            access_key_id: KEY.parse()?,
            secret: secret.parse()?,
            session_token: None,
        };
        let signer = Signer {
            credentials: &credentials,
            region: "us-east-1",
            service: "s3",
            now: self.now,
            algorithm: Algorithm::Hmac,
        };
        signer.sign(&mut parts, Payload::Unsigned)?;
        Ok(parts)
    }
}

/// What a request's head claims.
pub(crate) fn claim(parts: &http::request::Parts) -> Result<SignedClaim, Failure> {
    match CanonicalRequest::parse(parts)?.credential()? {
        Claim::Signed(claim) => Ok(claim),
        Claim::Anonymous(_) | Claim::Bearer(_) => Err("the request is signed".into()),
    }
}
