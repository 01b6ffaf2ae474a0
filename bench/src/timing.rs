//! Whether the time of a refusal tells who is unknown from who signs wrongly.
//!
//! Distributions are compared, not single times: two classes of requests in random order, without
//! the slowest twentieth, where interrupts are, as dudect does. Where code and tables happen to lie
//! in one process may well favour one class by some nanoseconds, which says nothing of the next: so
//! many processes are asked, and Student's t is of their differences. A comparison that finds
//! nothing proves something only if it would find a leak: so two leaks are planted, and found.

use std::fmt::Write as _;
use std::hint::black_box;
use std::process::Command;
use std::time::Instant;

use serde::{Deserialize, Serialize};
use signing::{KeyCache, SignatureError, SignedClaim, verify, verify_unknown};

use crate::Failure;
use crate::signature::{Bench, KEY, SECRET, cache, claim};
use crate::spread::{digits, float, length, quantile};

/// How many processes are asked.
const PROCESSES: usize = 32;
/// How many refusals of each pair are timed in each.
const SAMPLES: usize = 50_000;
/// Beyond this a difference is more than chance (dudect's threshold).
const T_MAX: f64 = 4.5;
/// How many caches of keys are drawn from.
const CACHES: usize = 64;

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

/// What one process found of one pair.
#[derive(Serialize, Deserialize)]
struct Found {
    /// The mean of the first class less that of the second, in nanoseconds.
    difference: f64,
    /// Of each class, the times at [`SHARES`], in nanoseconds.
    times: [Vec<u64>; 2],
}

/// Thousandths of the distributions that are shown.
const SHARES: [usize; 5] = [50, 250, 500, 750, 950];

/// Times one process's share and prints what it found, a pair a line.
///
/// # Errors
/// A refusal was none.
pub(crate) fn process() -> Result<(), Failure> {
    let caches: Vec<KeyCache> = (0..CACHES).map(|_| cache()).collect::<Result<_, _>>()?;
    each_pair(|pair| {
        let mut times = sample(pair, &caches)?;
        let [one, other] = times.each_mut().map(|times| mean(times));
        let times = times.each_mut().map(|times| SHARES.map(|s| quantile(times, s)).to_vec());
        println!("{}", serde_json::to_string(&Found { difference: one - other, times })?);
        Ok(())
    })
}

/// The mean without the slowest twentieth.
fn mean(times: &mut [u64]) -> f64 {
    times.sort_unstable();
    let kept = times.len().saturating_mul(19) / 20;
    times.iter().take(kept).map(|time| float(*time)).sum::<f64>() / length(kept).max(1.0)
}

/// Student's t of differences whose mean should be nothing.
fn student(differences: &[f64]) -> f64 {
    let count = length(differences.len()).max(2.0);
    let mean = differences.iter().sum::<f64>() / count;
    let squares = differences.iter().map(|one| (one - mean).powi(2)).sum::<f64>();
    mean / (squares / (count - 1.0) / count).sqrt().max(f64::MIN_POSITIVE)
}

/// Asks many processes and writes what came of it as a page.
///
/// # Errors
/// A planted leak is not found, or one that nobody planted is.
pub(crate) fn compare(machine: &[(&'static str, String)]) -> Result<String, Failure> {
    let mut found: Vec<Vec<Found>> = Vec::new();
    for _ in 0..PROCESSES {
        let said = Command::new(std::env::current_exe()?).arg("refusals").output()?;
        if !said.status.success() {
            return Err(String::from_utf8_lossy(&said.stderr).into_owned().into());
        }
        let lines = String::from_utf8(said.stdout)?;
        found.push(lines.lines().map(serde_json::from_str).collect::<Result<_, _>>()?);
    }
    report(machine, &found)
}

fn report(machine: &[(&'static str, String)], found: &[Vec<Found>]) -> Result<String, Failure> {
    let mut page = HEAD.to_owned();
    for (name, value) in machine {
        writeln!(page, "| {name} | {value} |")?;
    }
    page.push_str(TABLE);
    let (mut wrong, mut place) = (Vec::new(), 0);
    each_pair(|pair| {
        let of_pair = || found.iter().filter_map(|found| found.get(place));
        let mut differences: Vec<f64> = of_pair().map(|found| found.difference).collect();
        let t = student(&differences);
        let verdict = match (t.abs() > T_MAX, pair.planted) {
            (true, true) => "found, as it must be",
            (false, false) => "no difference found",
            (true, false) => "**a difference**",
            (false, true) => "**not found**",
        };
        if verdict.contains("**") {
            wrong.push(format!("{}: |t| = {}", pair.what, digits(t.abs())));
        }
        differences.sort_by(f64::total_cmp);
        let middle = differences.get(differences.len() / 2).copied().unwrap_or_default();
        for (class, name) in pair.names.iter().enumerate() {
            let at = (0..SHARES.len()).map(|share| {
                let mut times: Vec<u64> = of_pair()
                    .filter_map(|found| found.times.get(class)?.get(share).copied())
                    .collect();
                quantile(&mut times, 500).to_string()
            });
            let (what, at) = (pair.what, at.collect::<Vec<_>>().join(" | "));
            let (middle, t) = (digits(middle), digits(t.abs()));
            writeln!(page, "| {what} | {name} | {at} | {middle} | {t} | {verdict} |")?;
        }
        place += 1;
        Ok(())
    })?;
    if wrong.is_empty() {
        Ok(page)
    } else {
        Err(format!("{page}\nthe times of refusals tell: {}", wrong.join("; ")).into())
    }
}

/// Hands over each pair of classes.
fn each_pair(to: impl FnMut(&Pair<'_>) -> Result<(), Failure>) -> Result<(), Failure> {
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
    pairs.iter().try_for_each(to)
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

const HEAD: &str = "\
# Whether the time of a refusal tells

Written by `cargo xtask bench --timing`; not edited by hand.

Whoever has not proven possession of a credential gets one of two codes, whatever is wrong; the time
must not tell more. Two classes of refused requests (a GET with ten signed headers) are timed in
random order, fifty thousand of each pair in each of thirty-two processes, and the differences of
their means compared with none by Student's t; beyond 4.5 a difference is more than chance. Means
leave out the slowest twentieth; percentiles are the middle one of the processes'. That nothing is
found would prove nothing if nothing could be: so two leaks are planted beside, and found. A revoked
or expired credential whose signature is wrong takes the path of a wrong signature: its standing is
looked at after the signature, never before.

| machine | |
|---|---|
";

const TABLE: &str = "
Nanoseconds, the clock's own time included:

| pair | class | 5 % | 25 % | median | 75 % | 95 % | difference | t | |
|---|---|---|---|---|---|---|---|---|---|
";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn differences_around_nothing_are_none_and_shifted_ones_are_some() {
        let around = |middle: f64| [-20.0, 14.0, 3.0, -9.0, 8.0, 2.0].map(|one| one + middle);
        assert!(student(&around(0.0)).abs() < T_MAX);
        assert!(student(&around(70.0)).abs() > T_MAX);
        assert!(student(&around(-70.0)).abs() > T_MAX);
    }

    #[test]
    fn the_slowest_twentieth_does_not_count() {
        let mut times: Vec<u64> = vec![100; 95];
        times.extend([1_000_000; 5]);
        assert!((mean(&mut times) - 100.0).abs() < 1e-9);
    }

    #[test]
    fn a_comparison_that_stops_early_says_where() {
        assert_eq!(first_difference("abcd", "xbcd"), 0);
        assert_eq!(first_difference("abcd", "abcx"), 3);
    }
}
