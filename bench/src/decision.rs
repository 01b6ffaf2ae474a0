//! Decisions in process: the engine alone, without a door around it.

use std::hint::black_box;
use std::sync::Arc;
use std::time::Instant;

use policy::decision::Verdict;
use policy::facts::Facts;
use policy::operation::{Check, Need};
use policy::principal::Principal;
use policy::{Attached, CallerPolicies, Document, Kind, Question, ResourceSide, decide};

use crate::Failure;
use crate::spread::{float, quantile};
use crate::world::{BUCKET, policy_text};

/// How many decisions are timed one by one.
const SAMPLES: usize = 100_000;
/// How many decisions are timed together, where the clock itself would count.
const BATCH: u32 = 64;

/// What decisions take, in nanoseconds.
pub(crate) struct Decisions {
    /// The median, over batches that are timed together.
    pub(crate) median: f64,
    /// The 99th percentile, timed one by one; reading the clock is part of it.
    pub(crate) p99: f64,
    /// The median with 10, 1,000 and 100,000 policies on the one principal, the same request.
    pub(crate) by_policies: Vec<(usize, f64)>,
}

/// Times them.
pub(crate) fn measure() -> Result<Decisions, Failure> {
    let fifty = vec![attached("policy:bench", &policy_text())?].into();
    let caller = CallerPolicies { identity: fifty, ..CallerPolicies::default() };
    let bench = Bench::new(caller)?;
    let (median, p99) = (bench.batched(2_000)?, bench.single()?);
    let mut by_policies = Vec::new();
    for (policies, batches) in [(10, 2_000), (1_000, 50), (100_000, 1)] {
        let identity = (0..policies).map(other).collect::<Result<_, _>>()?;
        let mut caller = CallerPolicies { identity, ..CallerPolicies::default() };
        caller.identity.push(attached("policy:bench", &policy_text())?);
        by_policies.push((policies, Bench::new(caller)?.batched(batches)?));
    }
    Ok(Decisions { median, p99, by_policies })
}

fn other(n: usize) -> Result<Attached, Failure> {
    let text = format!(
        r#"{{"Version":"2012-10-17","Statement":{{"Effect":"Allow","Action":"s3:GetObject",
            "Resource":"arn:aws:s3:::other-{n}/*"}}}}"#
    );
    attached(&format!("policy:other-{n}"), &text)
}

fn attached(name: &str, text: &str) -> Result<Attached, Failure> {
    let document = Arc::new(Document::parse(text, Kind::Identity)?);
    Ok(Attached { name: name.to_owned(), document })
}

struct Bench {
    caller: CallerPolicies,
    principal: Principal,
    facts: Facts,
    check: Check,
}

impl Bench {
    fn new(caller: CallerPolicies) -> Result<Self, Failure> {
        let principal = Principal::User {
            account: "111122223333".parse()?,
            name: "bench".parse()?,
            arn: "arn:aws:iam::111122223333:user/bench".parse()?,
            id: "AIDAAAAAAAAAAAAAAAAAA".parse()?,
        };
        let mut facts = Facts::default();
        for (key, value) in [
            ("aws:SourceIp", "127.0.0.1"),
            ("aws:CurrentTime", "2026-01-01T00:00:00Z"),
            ("aws:EpochTime", "1767225600"),
            ("aws:SecureTransport", "false"),
            ("aws:UserAgent", "strongroom-bench"),
            ("aws:username", "bench"),
            ("s3:authType", "REST-HEADER"),
            ("s3:signatureversion", "AWS4-HMAC-SHA256"),
        ] {
            facts.suppose(key, value);
        }
        let check = Check {
            action: "s3:GetObject".parse()?,
            resource: format!("arn:aws:s3:::{BUCKET}/small/read/1").parse()?,
            need: Need::Required,
            with: Vec::new(),
        };
        let bench = Self { caller, principal, facts, check };
        if bench.decide() == Verdict::Allow { Ok(bench) } else { Err("it is refused".into()) }
    }

    fn decide(&self) -> Verdict {
        let question = Question {
            principal: &self.principal,
            caller: &self.caller,
            resource: &ResourceSide::plain(self.principal.account()),
            facts: &self.facts,
            revision: Default::default(),
        };
        decide(black_box(&self.check), black_box(&question)).verdict()
    }

    /// The median over batches.
    fn batched(&self, batches: usize) -> Result<f64, Failure> {
        let mut times = Vec::with_capacity(batches);
        for _ in 0..batches {
            let began = Instant::now();
            for _ in 0..BATCH {
                black_box(self.decide());
            }
            times.push(u64::try_from(began.elapsed().as_nanos())?);
        }
        Ok(float(quantile(&mut times, 500)) / f64::from(BATCH))
    }

    /// The 99th percentile of single decisions.
    fn single(&self) -> Result<f64, Failure> {
        let mut times = Vec::with_capacity(SAMPLES);
        for _ in 0..SAMPLES {
            let began = Instant::now();
            black_box(self.decide());
            times.push(u64::try_from(began.elapsed().as_nanos())?);
        }
        Ok(float(quantile(&mut times, 990)))
    }
}
