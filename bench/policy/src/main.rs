//! Measures the policy engine alone and beside others, in one process: `cargo xtask bench --policy`
//! runs it and has `docs/performance-policy.md` written.

mod cases;
mod cedar;
mod naive;
mod report;
mod timing;
mod world;
mod worst;

use std::hint::black_box;
use std::path::Path;
use std::process::ExitCode;
use std::time::Instant;

use policy::reference::Read;
use policy::{Document, Kind, PolicySet, decide, explain, judge};

use crate::cedar::Cedar;
use crate::naive::Naive;
use crate::report::{Line, Run};
use crate::timing::{Times, time};
use crate::world::{Request, World};

/// The allocator of the program that is shipped: where things lie is a part of what they cost.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Whatever ends a measurement; it is shown and nothing else.
type Failure = Box<dyn std::error::Error + Send + Sync>;

/// The same seed, the same policies and requests.
const SEED: u64 = 20_261_122;

/// `[PAGE [DATA [BINARY]]]`: where the page and the numbers go, and the `strongroom` whose
/// `policy test` is measured with the engine.
fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let word = |place: usize| words.get(place).map(String::as_str);
    match measure(word(2).map(Path::new)).and_then(|run| run.write(word(0), word(1))) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("{failure}");
            ExitCode::FAILURE
        }
    }
}

/// A count as a number to reckon with.
#[expect(clippy::cast_precision_loss, reason = "counts of a measurement stay far below 2^53")]
fn float(count: u64) -> f64 {
    count as f64
}

/// A length as a number to reckon with.
fn length(count: usize) -> f64 {
    float(u64::try_from(count).unwrap_or(u64::MAX))
}

fn say(what: &str) {
    eprintln!("{what} …");
}

fn measure(binary: Option<&Path>) -> Result<Run, Failure> {
    let cases = binary.map(|binary| {
        say("policy test");
        cases::measure(binary)
    });
    let cases = cases.transpose()?.unwrap_or_default();
    let mut lines = Vec::new();
    say("(a) eight policies, fifty statements");
    let mixed = world::mixed(SEED)?;
    let what = "8 policies, 50 statements, 256 mixed requests";
    contenders(("a", what), [&mixed, &mixed], 400, &mut lines)?;
    for policies in [10, 100, 1_000, 10_000, 100_000] {
        say(&format!("(b) {policies} policies"));
        let [skewed, uniform] = world::many(policies, 20_000, SEED)?;
        for (how, world) in [("Zipf", &skewed), ("uniform", &uniform)] {
            lines.push(Line {
                part: "b",
                what: format!("{policies} policies, {how}"),
                who: "judge",
                times: ours(world, 15),
            });
        }
    }
    for groups in [1, 50, 500, 5_000] {
        say(&format!("(c) {groups} groups"));
        let what = format!("{groups} groups");
        // Whoever reads all statements takes long there, and Cedar's entities take much memory.
        let requests = if groups > 1_000 { 16 } else { 256 };
        let worlds = [256, requests].map(|requests| world::groups(groups, requests, SEED));
        let [all, few] = worlds;
        contenders(("c", &what), [&all?, &few?], 100, &mut lines)?;
    }
    say("(d) hostile documents");
    for (name, world) in worst::all()? {
        lines.push(Line {
            part: "d",
            what: name.to_owned(),
            who: "judge",
            times: ours(&world, 40),
        });
    }
    say("compiling");
    Ok(Run { lines, cases, compiled: compiled()?, resident: resident()? })
}

fn ours(world: &World, rounds: usize) -> Times {
    each(world, rounds, |request| {
        black_box(judge(black_box(&request.check), &world.question(request)));
    })
}

fn each(world: &World, rounds: usize, mut decide: impl FnMut(&Request)) -> Times {
    time(rounds, world.requests.len(), |place| {
        if let Some(request) = world.requests.get(place) {
            decide(request);
        }
    })
}

/// Everybody on one world: the engine on all its requests, who is slow perhaps on fewer.
fn contenders(
    (part, what): (&'static str, &str),
    [all, world]: [&World; 2],
    rounds: usize,
    lines: &mut Vec<Line>,
) -> Result<(), Failure> {
    let mut line = |who, times| lines.push(Line { part, what: what.to_owned(), who, times });
    line("judge", ours(all, rounds));
    let decided = each(all, rounds, |request| {
        black_box(decide(&request.check, &all.question(request)));
    });
    line("decide (with its record)", decided);
    let few = (rounds / 50).max(3);
    let told = each(world, few, |request| {
        black_box(explain(&request.check, &world.question(request)));
    });
    line("explain", told);
    // The same without the index: as a session's policies they are read in turn.
    let linear = linear(world)?;
    let times = each(&linear, few.max(10), |request| {
        black_box(judge(&request.check, &linear.question(request)));
    });
    line("compiled, statement by statement", times);
    let first = world.requests.first().ok_or("no request")?;
    let naive = Naive::new(world)?;
    let verdict = |request: &Request| judge(&request.check, &world.question(request)).verdict;
    let differ = world.requests.iter().filter(|request| {
        (verdict(request) == policy::decision::Verdict::Allow) != naive.allows(request)
    });
    if differ.count() > 0 {
        return Err(format!("{what}: the naive evaluator decides otherwise").into());
    }
    let times = each(world, few.max(10), |request| {
        black_box(naive.allows(black_box(request)));
    });
    line("naive, statement by statement", times);
    let read = Read::documents(&world.question(first));
    let times = each(world, few, |request| {
        black_box(read.decide(&request.check, &world.question(request)));
    });
    line("the specification as a program", times);
    let cedar = Cedar::new(world)?;
    let differ = world.requests.iter().enumerate().filter(|(place, request)| {
        let ours = judge(&request.check, &world.question(request)).verdict;
        (ours == policy::decision::Verdict::Allow) != cedar.decide(*place)
    });
    let differ = differ.count();
    if differ > 0 {
        return Err(format!("{what}: Cedar decides {differ} requests otherwise").into());
    }
    let times = time(few, cedar.len(), |place| {
        black_box(cedar.decide(place));
    });
    line("cedar-policy", times);
    Ok(())
}

fn linear(world: &World) -> Result<World, Failure> {
    let mut own = world::mixed(SEED)?;
    own.caller.session = Some(world.caller.identity.iter().cloned().collect());
    own.caller.identity = PolicySet::default();
    own.requests.clear();
    for request in &world.requests {
        let (action, resource) = (request.check.action.as_str(), request.check.resource.as_str());
        let again = world::request(action, resource, request.address, request.prefix.clone())?;
        own.ask(again);
    }
    Ok(own)
}

/// Statements a second: from text, and into the index.
fn compiled() -> Result<[f64; 2], Failure> {
    let texts: Vec<String> = texts();
    let parse = || {
        texts
            .iter()
            .map(|text| Document::parse(text, Kind::Identity))
            .collect::<Result<Vec<_>, _>>()
    };
    let mut best = [0.0_f64; 2];
    for _ in 0..5 {
        let began = Instant::now();
        let documents = parse()?;
        let statements = documents.iter().map(Document::statements_count).sum::<usize>();
        let rate = |began: Instant| length(statements) / began.elapsed().as_secs_f64();
        best = [best[0].max(rate(began)), best[1]];
        let attached: Vec<_> = documents
            .into_iter()
            .enumerate()
            .map(|(n, document)| policy::Attached {
                name: n.to_string(),
                document: document.into(),
            })
            .collect();
        let began = Instant::now();
        black_box(PolicySet::from(attached));
        best = [best[0], best[1].max(rate(began))];
    }
    Ok(best)
}

/// Typical policies: five statements, with lists, conditions and a Sid.
fn texts() -> Vec<String> {
    let text = |n: usize| {
        let arn = format!("arn:aws:s3:::tenant-{n}");
        format!(
            r#"{{"Version":"2012-10-17","Statement":[
            {{"Sid":"List","Effect":"Allow","Action":"s3:ListBucket","Resource":"{arn}",
            "Condition":{{"StringLike":{{"s3:prefix":["in/*","out/*"]}}}}}},
            {{"Sid":"Read","Effect":"Allow","Action":["s3:GetObject","s3:GetObjectVersion"],
            "Resource":"{arn}/*"}},
            {{"Sid":"Write","Effect":"Allow","Action":["s3:PutObject","s3:DeleteObject"],
            "Resource":["{arn}/in/*","{arn}/tmp/*"]}},
            {{"Sid":"Sealed","Effect":"Deny","Action":"s3:*","Resource":"{arn}/sealed/*"}},
            {{"Sid":"Tls","Effect":"Deny","Action":"s3:*","Resource":["{arn}","{arn}/*"],
            "Condition":{{"Bool":{{"aws:SecureTransport":"false"}}}}}}]}}"#
        )
    };
    (0..2_000).map(text).collect()
}

/// Bytes for each statement: compiled, and in the index.
fn resident() -> Result<[f64; 2], Failure> {
    let documents = texts()
        .iter()
        .map(|text| Document::parse(text, Kind::Identity))
        .collect::<Result<Vec<_>, _>>()?;
    let statements = length(documents.iter().map(Document::statements_count).sum());
    let compiled = length(documents.iter().map(Document::bytes_compiled).sum());
    let set: PolicySet = documents
        .into_iter()
        .enumerate()
        .map(|(n, document)| policy::Attached { name: n.to_string(), document: document.into() })
        .collect();
    Ok([compiled / statements, length(set.bytes_resident()) / statements])
}
