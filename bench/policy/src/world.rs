//! What is decided: policies and requests, drawn from a seed.

use std::sync::Arc;

use policy::facts::Facts;
use policy::operation::{Check, Need};
use policy::principal::Principal;
use policy::{Attached, CallerPolicies, Document, Kind, PolicySet, Question, ResourceSide};

use crate::Failure;

/// A small generator of numbers (xorshift64*): the same seed, the same world.
pub(crate) struct Dice(u64);

impl Dice {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed | 1)
    }

    fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_F491_4F6C_DD1D)
    }

    /// A number below `end`.
    pub(crate) fn below(&mut self, end: usize) -> usize {
        let end = u64::try_from(end).unwrap_or(1).max(1);
        usize::try_from((self.next() >> 11) % end).unwrap_or(0)
    }

    /// A number below `end`, small ones more often: the rank of Zipf's law with exponent one.
    pub(crate) fn skewed(&mut self, end: usize) -> usize {
        let unit = crate::float(self.next() >> 11) / crate::float(1 << 53);
        let rank = (crate::length(end) + 1.0).powf(unit) - 1.0;
        whole(rank).min(end.saturating_sub(1))
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a rank is neither negative nor beyond the number of policies"
)]
fn whole(rank: f64) -> usize {
    rank as usize
}

/// One request: what is asked, and what is known of it.
pub(crate) struct Request {
    pub(crate) check: Check,
    pub(crate) facts: Arc<Facts>,
    pub(crate) address: &'static str,
    pub(crate) prefix: Option<String>,
}

/// Policies of one caller, and requests of it.
pub(crate) struct World {
    pub(crate) principal: Principal,
    pub(crate) caller: CallerPolicies,
    pub(crate) resource: ResourceSide,
    pub(crate) requests: Vec<Request>,
    /// The same policies in Cedar's words.
    pub(crate) cedar: String,
    /// The groups that Cedar's policies name.
    pub(crate) groups: usize,
}

impl World {
    fn new(policies: PolicySet) -> Result<Self, Failure> {
        let principal = Principal::User {
            account: "111122223333".parse()?,
            name: "bench".parse()?,
            arn: "arn:aws:iam::111122223333:user/bench".parse()?,
            id: "AIDAAAAAAAAAAAAAAAAAA".parse()?,
        };
        let resource = ResourceSide::plain(principal.account());
        let caller = CallerPolicies { identity: policies, ..CallerPolicies::default() };
        let (requests, cedar) = (Vec::new(), String::new());
        Ok(Self { principal, caller, resource, requests, cedar, groups: 0 })
    }

    /// Adds a request. Those that are told the same facts share them: a server builds them in
    /// memory that it has just used, and does not find them in memory that it has long left.
    pub(crate) fn ask(&mut self, mut own: Request) {
        let alike = |known: &&Request| (known.address, &known.prefix) == (own.address, &own.prefix);
        if let Some(known) = self.requests.iter().find(alike) {
            own.facts = Arc::clone(&known.facts);
        }
        self.requests.push(own);
    }

    pub(crate) fn question<'a>(&'a self, request: &'a Request) -> Question<'a> {
        Question {
            principal: &self.principal,
            caller: &self.caller,
            resource: &self.resource,
            facts: request.facts.as_ref(),
            revision: Default::default(),
        }
    }
}

/// A request with the facts that the door tells of each.
pub(crate) fn request(
    action: &str,
    resource: &str,
    address: &'static str,
    prefix: Option<String>,
) -> Result<Request, Failure> {
    let mut facts = Facts::default();
    for (key, value) in [
        ("aws:UserAgent", "aws-sdk-rust/1.3"),
        ("s3:x-amz-content-sha256", "UNSIGNED-PAYLOAD"),
        ("aws:CurrentTime", "2026-01-01T00:00:00Z"),
        ("aws:EpochTime", "1767225600"),
        ("aws:SourceIp", address),
        ("aws:SecureTransport", "true"),
        ("s3:TlsVersion", "1.3"),
        ("aws:RequestedRegion", "us-east-1"),
        ("s3:authType", "REST-HEADER"),
        ("s3:signatureversion", "AWS4-HMAC-SHA256"),
        ("s3:signatureAge", "12"),
        ("aws:PrincipalTag/team", "blue"),
        ("aws:ResourceAccount", "111122223333"),
        ("s3:ResourceAccount", "111122223333"),
    ] {
        facts.suppose(key, value);
    }
    if let Some(prefix) = &prefix {
        facts.suppose("s3:prefix", prefix.as_str());
    }
    let check = Check {
        action: action.parse()?,
        resource: resource.parse()?,
        need: Need::Required,
        with: Vec::new(),
    };
    Ok(Request { check, facts: Arc::new(facts), address, prefix })
}

fn attached(name: String, statements: &str) -> Result<Attached, Failure> {
    let text = format!(r#"{{"Version":"2012-10-17","Statement":[{statements}]}}"#);
    let document =
        Document::parse(&text, Kind::Identity).map_err(|error| format!("{error} in {text}"))?;
    Ok(Attached { name, document: Arc::new(document) })
}

fn actions(list: &[&str]) -> String {
    list.iter().map(|action| format!("\"s3:{action}\"")).collect::<Vec<_>>().join(",")
}

fn cedar_actions(list: &[&str]) -> String {
    list.iter().map(|action| format!("Action::\"{action}\"")).collect::<Vec<_>>().join(", ")
}

const READS: &[&str] = &["GetObject", "GetObjectTagging", "GetObjectVersion"];
const WRITES: &[&str] = &["PutObject", "DeleteObject", "AbortMultipartUpload"];
const INSIDE: &str = "10.1.2.3";
const OUTSIDE: &str = "203.0.113.9";

/// Eight policies with fifty statements, and 256 requests of all kinds: 48 statements for twelve
/// buckets, each bucket with readers, writers from inside, listings by prefix and a sealed folder;
/// one statement for the caller's home, and one that denies whatever is not over TLS.
pub(crate) fn mixed(seed: u64) -> Result<World, Failure> {
    let (statements, cedar) = mixed_statements();
    let policies = statements
        .chunks(statements.len().div_ceil(8))
        .enumerate()
        .map(|(n, chunk)| attached(format!("policy:P{n}@v1"), &chunk.join(",")))
        .collect::<Result<Vec<_>, _>>()?;
    let mut world = World { cedar, ..World::new(policies.into())? };
    let mut dice = Dice::new(seed);
    for _ in 0..256 {
        let own = mixed_request(&mut dice)?;
        world.ask(own);
    }
    Ok(world)
}

fn mixed_request(dice: &mut Dice) -> Result<Request, Failure> {
    let bucket = dice.below(14);
    let address = if dice.below(4) == 0 { OUTSIDE } else { INSIDE };
    let key = dice.below(10_000);
    match dice.below(8) {
        0 | 1 => request("s3:GetObject", &object(bucket, "in", key), address, None),
        2 => request("s3:GetObject", &object(bucket, "sealed", key), address, None),
        3 | 4 => request("s3:PutObject", &object(bucket, "in", key), address, None),
        5 => {
            let prefix = ["in/2026/", "out/", "else/"].get(dice.below(3)).copied();
            let bucket = format!("arn:aws:s3:::data-{bucket}");
            request("s3:ListBucket", &bucket, address, prefix.map(str::to_owned))
        }
        6 => request("s3:PutObject", &home(dice, key), address, None),
        _ => request("s3:DeleteObject", &object(bucket, "out", key), address, None),
    }
}

/// The statements, and what they say in Cedar.
fn mixed_statements() -> (Vec<String>, String) {
    let mut statements = Vec::new();
    let mut cedar = String::new();
    for bucket in 0..12 {
        let arn = format!("arn:aws:s3:::data-{bucket}");
        let (reads, writes) = (actions(READS), actions(WRITES));
        let in_bucket = format!("resource in Bucket::\"data-{bucket}\"");
        statements.push(format!(
            r#"{{"Sid":"Read{bucket}","Effect":"Allow","Action":[{reads}],"Resource":"{arn}/*"}}"#
        ));
        cedar.push_str(&format!(
            "permit(principal, action in [{}], {in_bucket});\n",
            cedar_actions(READS)
        ));
        statements.push(format!(
            r#"{{"Effect":"Allow","Action":[{writes}],"Resource":"{arn}/in/*",
            "Condition":{{"IpAddress":{{"aws:SourceIp":["10.0.0.0/8","192.168.0.0/16"]}}}}}}"#
        ));
        cedar.push_str(&format!(
            "permit(principal, action in [{}], resource in Folder::\"data-{bucket}/in\") when {{ \
             context.sourceIp.isInRange(ip(\"10.0.0.0/8\")) || \
             context.sourceIp.isInRange(ip(\"192.168.0.0/16\")) }};\n",
            cedar_actions(WRITES)
        ));
        statements.push(format!(
            r#"{{"Effect":"Allow","Action":"s3:ListBucket","Resource":"{arn}",
            "Condition":{{"StringLike":{{"s3:prefix":["in/*","out/*"]}}}}}}"#
        ));
        cedar.push_str(&format!(
            "permit(principal, action == Action::\"ListBucket\", resource == \
             Bucket::\"data-{bucket}\") when {{ context has prefix && (context.prefix like \
             \"in/*\" || context.prefix like \"out/*\") }};\n"
        ));
        statements
            .push(format!(r#"{{"Effect":"Deny","Action":"s3:*","Resource":"{arn}/sealed/*"}}"#));
        cedar.push_str(&format!(
            "forbid(principal, action, resource in Folder::\"data-{bucket}/sealed\");\n"
        ));
    }
    statements.push(
        r#"{"Effect":"Allow","Action":"s3:*","Resource":"arn:aws:s3:::home/${aws:username}/*"}"#
            .to_owned(),
    );
    cedar.push_str(
        "permit(principal, action, resource in Bucket::\"home\") when { resource.owner == \
         principal.name };\n",
    );
    statements.push(
        r#"{"Effect":"Deny","Action":"*","Resource":"*",
        "Condition":{"Bool":{"aws:SecureTransport":"false"}}}"#
            .to_owned(),
    );
    cedar.push_str("forbid(principal, action, resource) unless { context.secure };\n");
    (statements, cedar)
}

fn object(bucket: usize, folder: &str, key: usize) -> String {
    format!("arn:aws:s3:::data-{bucket}/{folder}/2026/01/part-{key:05}.parquet")
}

fn home(dice: &mut Dice, key: usize) -> String {
    let owner = if dice.below(2) == 0 { "bench" } else { "somebody" };
    format!("arn:aws:s3:::home/{owner}/notes-{key:05}.txt")
}

/// How requests choose the policy that they are about.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Choice {
    /// Some policies much more often than others.
    Skewed,
    /// Each as often as any other.
    Uniform,
}

/// As many policies on one principal, through groups, each for a bucket of its own; and requests
/// for those buckets, one in eight for a bucket that none is about.
pub(crate) fn many(policies: usize, requests: usize, seed: u64) -> Result<[World; 2], Failure> {
    let all = (0..policies)
        .map(|n| {
            let text = format!(
                r#"{{"Effect":"Allow","Action":["s3:GetObject","s3:PutObject"],
                "Resource":"arn:aws:s3:::tenant-{n}/*"}},
                {{"Effect":"Allow","Action":"s3:ListBucket","Resource":"arn:aws:s3:::tenant-{n}"}}"#
            );
            attached(format!("inline:group/g-{n}/own"), &text)
        })
        .collect::<Result<PolicySet, _>>()?;
    let draw = |choice: Choice| {
        let mut world = World::new(all.clone())?;
        let mut dice = Dice::new(seed);
        for _ in 0..requests {
            let n = match choice {
                Choice::Skewed => dice.skewed(policies),
                Choice::Uniform => dice.below(policies),
            };
            let bucket =
                if dice.below(8) == 0 { format!("other-{n}") } else { format!("tenant-{n}") };
            let resource = format!("arn:aws:s3:::{bucket}/a/{:05}.bin", dice.below(100_000));
            world.ask(request("s3:GetObject", &resource, INSIDE, None)?);
        }
        Ok::<_, Failure>(world)
    };
    Ok([draw(Choice::Skewed)?, draw(Choice::Uniform)?])
}

/// As many groups, each with a policy of three statements for its own folder of one shared bucket.
pub(crate) fn groups(groups: usize, requests: usize, seed: u64) -> Result<World, Failure> {
    let mut cedar = String::new();
    let all = (0..groups)
        .map(|n| {
            cedar.push_str(&format!(
                "permit(principal in Group::\"g{n}\", action in [Action::\"GetObject\", \
                 Action::\"PutObject\"], resource in Folder::\"shared/g{n}\");\n\
                 permit(principal in Group::\"g{n}\", action == Action::\"ListBucket\", resource \
                 == Bucket::\"shared\") when {{ context has prefix && context.prefix like \
                 \"g{n}/*\" }};\n\
                 forbid(principal in Group::\"g{n}\", action == Action::\"DeleteObject\", \
                 resource in Folder::\"shared/g{n}/kept\");\n"
            ));
            let text = format!(
                r#"{{"Effect":"Allow","Action":["s3:GetObject","s3:PutObject"],
                "Resource":"arn:aws:s3:::shared/g{n}/*"}},
                {{"Effect":"Allow","Action":"s3:ListBucket","Resource":"arn:aws:s3:::shared",
                "Condition":{{"StringLike":{{"s3:prefix":"g{n}/*"}}}}}},
                {{"Effect":"Deny","Action":"s3:DeleteObject",
                "Resource":"arn:aws:s3:::shared/g{n}/kept/*"}}"#
            );
            attached(format!("inline:group/g-{n}/own"), &text)
        })
        .collect::<Result<PolicySet, _>>()?;
    let mut world = World { cedar, groups, ..World::new(all)? };
    let mut dice = Dice::new(seed);
    for _ in 0..requests {
        let n = dice.below(groups);
        let action = ["s3:GetObject", "s3:PutObject", "s3:DeleteObject"].get(dice.below(3));
        let folder = if dice.below(8) == 0 { format!("h{n}") } else { format!("g{n}") };
        let resource = format!("arn:aws:s3:::shared/{folder}/kept/{:05}.bin", dice.below(100_000));
        world.ask(request(action.unwrap_or(&"s3:GetObject"), &resource, INSIDE, None)?);
    }
    Ok(world)
}

/// The same caller under other policies.
pub(crate) fn under(kind: &str, text: &str, asked: Request) -> Result<World, Failure> {
    let policy = attached(kind.to_owned(), text)?;
    let mut world = World::new(vec![policy].into())?;
    world.requests.push(asked);
    Ok(world)
}
