//! Signatures in process: what it costs to verify one, and whether the time of a refusal tells who
//! is unknown from who signs wrongly.
//!
//! Distributions are compared, not single times: two classes of requests in random order, Welch's t
//! over what is left when the slowest twentieth is cut off, as dudect does. A comparison that finds
//! nothing proves something only if it would find a leak: so two leaks are planted, and found.

use std::fmt::Write as _;
use std::hint::black_box;
use std::time::Instant;

use names::{SecretKey, Timestamp};
use signing::sign::{Credentials, Payload, Signer};
use signing::{
    Algorithm, BodyProof, CanonicalRequest, Claim, KeyCache, RegionRule, SigV2Rule, SignatureError,
    SignedClaim, Terms, verify, verify_unknown,
};

use crate::Failure;
use crate::spread::{digits, float, length, quantile};

/// How many verifications are timed.
const SAMPLES: usize = 200_000;
/// How many are timed together, where the clock itself would count.
const BATCH: usize = 32;
/// Beyond this a difference is more than chance (dudect's threshold).
const T_MAX: f64 = 4.5;
/// How many caches of keys are drawn from.
const CACHES: usize = 64;
/// How many header lines are signed.
const SIGNED_HEADERS: usize = 10;

const KEY: &str = "AKIAIOSFODNN7EXAMPLE";
const SECRET: &str = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";

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

struct Bench {
    /// Several: where an entry happens to lie in one of them must not tell classes apart.
    caches: Vec<KeyCache>,
    secret: SecretKey,
    now: Timestamp,
}

fn cache() -> Result<KeyCache, Failure> {
    Ok(KeyCache::new("0123456789abcdef0123456789abcdef01234567".parse()?))
}

impl Bench {
    fn new() -> Result<Self, Failure> {
        Ok(Self {
            caches: (0..CACHES).map(|_| cache()).collect::<Result<_, _>>()?,
            secret: SECRET.parse()?,
            now: "2026-01-02T03:04:05Z".parse()?,
        })
    }

    fn terms(&self) -> Terms<'static> {
        Terms {
            now: self.now,
            services: &["s3"],
            region: RegionRule::Any,
            body: BodyProof::Streamed,
            v2: SigV2Rule::Refuse,
        }
    }

    /// A GET that is signed with a secret, over ten headers.
    fn signed(&self, secret: &str) -> Result<http::request::Parts, Failure> {
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

fn claim(parts: &http::request::Parts) -> Result<SignedClaim, Failure> {
    match CanonicalRequest::parse(parts)?.credential()? {
        Claim::Signed(claim) => Ok(claim),
        Claim::Anonymous(_) | Claim::Bearer(_) => Err("the request is signed".into()),
    }
}

/// What is done with one class of requests; whether it was refused.
#[derive(Clone, Copy)]
struct Refusal<'a> {
    /// Copied before the clock starts, into memory that the one before has just left: where a
    /// request lies must not tell classes apart.
    claim: &'a SignedClaim,
    refuse: &'a dyn Fn(SignedClaim, &KeyCache) -> bool,
}

/// Two classes of refusals that are compared.
struct Pair<'a> {
    what: &'static str,
    names: [&'static str; 2],
    refusals: [Refusal<'a>; 2],
    /// Whether a difference is planted, and must be found.
    planted: bool,
}

/// Compares the classes of refusals and writes what came of it as a page.
///
/// # Errors
/// A planted leak is not found, or one that nobody planted is.
pub(crate) fn timing(machine: &[(&'static str, String)]) -> Result<String, Failure> {
    let bench = Bench::new()?;
    let wrong = claim(&bench.signed("another-secret-of-at-least-32-characters")?)?;
    let (signature, first) = altered(&bench, Place::First)?;
    let (_, last) = altered(&bench, Place::Last)?;
    let unknown = |claim: SignedClaim, cache: &KeyCache| {
        let key = cache.decoy(&claim);
        matches!(verify_unknown(claim, &key, &bench.terms()), SignatureError::Mismatch)
    };
    let known = |claim: SignedClaim, cache: &KeyCache| {
        let key = cache.key(&claim, &bench.secret);
        verify(claim, &key, &bench.terms()).is_err()
    };
    let unasked = |claim: SignedClaim, _: &KeyCache| claim.access_key_id().as_str() == KEY;
    let early = |claim, cache: &KeyCache, given: &str| {
        known(claim, cache) && first_difference(&signature, given) < 64
    };
    let early_first = |claim, cache: &KeyCache| early(claim, cache, &first.signature);
    let early_last = |claim, cache: &KeyCache| early(claim, cache, &last.signature);
    let wrongly = Refusal { claim: &wrong, refuse: &known };
    let pairs = [
        Pair {
            what: "who is unknown",
            names: ["unknown key", "wrong signature"],
            refusals: [Refusal { claim: &wrong, refuse: &unknown }, wrongly],
            planted: false,
        },
        Pair {
            what: "where a signature differs",
            names: ["first character", "last character"],
            refusals: [
                Refusal { claim: &first.claim, refuse: &known },
                Refusal { claim: &last.claim, refuse: &known },
            ],
            planted: false,
        },
        Pair {
            what: "planted: an unknown key is refused unverified",
            names: ["unknown key", "wrong signature"],
            refusals: [Refusal { claim: &wrong, refuse: &unasked }, wrongly],
            planted: true,
        },
        Pair {
            what: "planted: a comparison that stops early",
            names: ["first character", "last character"],
            refusals: [
                Refusal { claim: &wrong, refuse: &early_first },
                Refusal { claim: &wrong, refuse: &early_last },
            ],
            planted: true,
        },
    ];
    report(machine, &pairs, &bench.caches)
}

fn report(
    machine: &[(&'static str, String)],
    pairs: &[Pair<'_>],
    caches: &[KeyCache],
) -> Result<String, Failure> {
    let mut page = HEAD.to_owned();
    for (name, value) in machine {
        writeln!(page, "| {name} | {value} |")?;
    }
    page.push_str(TABLE);
    let mut wrong = Vec::new();
    for pair in pairs {
        let mut times = sample(pair, caches)?;
        let t = welch(&mut times);
        let verdict = match (t.abs() > T_MAX, pair.planted) {
            (true, true) => "found, as it must be",
            (false, false) => "no difference found",
            (true, false) => "**a difference**",
            (false, true) => "**not found**",
        };
        if verdict.contains("**") {
            wrong.push(format!("{}: |t| = {}", pair.what, digits(t.abs())));
        }
        for (name, times) in pair.names.iter().zip(&mut times) {
            let at = [50, 250, 500, 750, 950].map(|share| quantile(times, share).to_string());
            let (what, at) = (pair.what, at.join(" | "));
            writeln!(page, "| {what} | {name} | {at} | {} | {verdict} |", digits(t.abs()))?;
        }
    }
    if wrong.is_empty() {
        Ok(page)
    } else {
        Err(format!("{page}\nthe times of refusals tell: {}", wrong.join("; ")).into())
    }
}

/// A request whose signature has one character that is another.
struct Altered {
    claim: SignedClaim,
    signature: String,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    First,
    Last,
}

/// The right signature, and the request with one character of it changed.
fn altered(bench: &Bench, place: Place) -> Result<(String, Altered), Failure> {
    let mut parts = bench.signed(SECRET)?;
    let value = parts.headers.get("authorization").ok_or("it is signed")?.to_str()?.to_owned();
    let (head, signature) = value.rsplit_once('=').ok_or("it has a signature")?;
    let last = signature.len().saturating_sub(1);
    let place = if place == Place::First { 0 } else { last };
    let other = |c: char| if c == '0' { '1' } else { '0' };
    let changed: String =
        signature.chars().enumerate().map(|(n, c)| if n == place { other(c) } else { c }).collect();
    parts.headers.insert("authorization", format!("{head}={changed}").parse()?);
    Ok((signature.to_owned(), Altered { claim: claim(&parts)?, signature: changed }))
}

/// A comparison as it must not be: it stops at the first difference. It says where.
fn first_difference(one: &str, other: &str) -> usize {
    one.bytes().zip(other.bytes()).take_while(|(a, b)| black_box(a) == black_box(b)).count()
}

/// The times of each class, in nanoseconds. Which comes next is drawn, lest one always comes after
/// the other.
fn sample(pair: &Pair<'_>, caches: &[KeyCache]) -> Result<[Vec<u64>; 2], Failure> {
    let mut times = [Vec::with_capacity(SAMPLES), Vec::with_capacity(SAMPLES)];
    let mut dice = 0x9e37_79b9_7f4a_7c15_u64;
    let [one, other] = pair.refusals;
    let [ones, others] = &mut times;
    for _ in 0..SAMPLES {
        dice ^= dice << 13;
        dice ^= dice >> 7;
        dice ^= dice << 17;
        let (refusal, times) =
            if dice & 1 == 0 { (one, &mut *ones) } else { (other, &mut *others) };
        let claim = black_box(refusal.claim.clone());
        let at = usize::try_from(dice >> 32)? % caches.len().max(1);
        let cache = caches.get(at).ok_or("there are caches")?;
        let began = Instant::now();
        let refused = black_box((refusal.refuse)(claim, cache));
        times.push(u64::try_from(began.elapsed().as_nanos())?);
        if !refused {
            return Err(format!("`{}` was not refused", pair.what).into());
        }
    }
    Ok(times)
}

/// Welch's t of two classes, each without its slowest twentieth, where interrupts are.
fn welch(times: &mut [Vec<u64>; 2]) -> f64 {
    let [one, other] = times.each_mut().map(|times| {
        times.sort_unstable();
        let kept = times.len().saturating_mul(19) / 20;
        let kept: Vec<f64> = times.iter().take(kept).map(|time| float(*time)).collect();
        let count = length(kept.len()).max(2.0);
        let mean = kept.iter().sum::<f64>() / count;
        let squares = kept.iter().map(|time| (time - mean).powi(2)).sum::<f64>();
        (mean, squares / (count - 1.0) / count)
    });
    (one.0 - other.0) / (one.1 + other.1).sqrt().max(f64::MIN_POSITIVE)
}

const HEAD: &str = "\
# Whether the time of a refusal tells

Written by `cargo xtask bench --timing`; not edited by hand.

Whoever has not proven possession of a credential gets one of two codes, whatever is wrong; the time
must not tell more. Two classes of refused requests (a GET with ten signed headers, in one process)
are timed in random order, two hundred thousand of each pair, and their distributions compared by
Welch's t without the slowest twentieth; beyond 4.5 a difference is more than chance. That nothing
is found would prove nothing if nothing could be: so two leaks are planted beside, and found. A
revoked or expired credential whose signature is wrong takes the path of a wrong signature: its
standing is looked at after the signature, never before.

| machine | |
|---|---|
";

const TABLE: &str = "
Nanoseconds, the clock's own time included:

| pair | class | 5 % | 25 % | median | 75 % | 95 % | t | |
|---|---|---|---|---|---|---|---|---|
";

#[cfg(test)]
mod tests {
    use super::*;

    /// Times around a middle, with an outlier now and then.
    fn around(middle: u64, count: u64) -> Vec<u64> {
        (0..count).map(|n| if n % 50 == 0 { 90_000 } else { middle + (n * 7_919) % 400 }).collect()
    }

    #[test]
    fn equal_distributions_are_equal_and_shifted_ones_are_not() {
        assert!(welch(&mut [around(2_000, 10_000), around(2_000, 10_000)]).abs() < T_MAX);
        assert!(welch(&mut [around(2_000, 10_000), around(2_050, 10_000)]).abs() > T_MAX);
    }

    #[test]
    fn a_comparison_that_stops_early_says_where() {
        assert_eq!(first_difference("abcd", "xbcd"), 0);
        assert_eq!(first_difference("abcd", "abcx"), 3);
    }
}
