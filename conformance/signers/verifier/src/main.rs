//! Makes random requests for other signers to sign, and verifies what they made of them.
//!
//! - `cases WORLD` prints the requests of a world (JSON), one a line
//! - `sign CASES` signs them with the AWS SDK for Rust's signer
//! - `verify NAME CASES SIGNED` judges them in process, honest and with one bit changed
//! - `send NAME ADDRESS CASES SIGNED honest|changed` sends them to a server
//!
//! The last line of what `verify` and `send` print is their count, in JSON.

mod case;
mod chance;
mod crate_signer;
mod encoding;
mod flip;
mod product;
mod reference;
mod send;
mod signed;

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufRead, BufReader, BufWriter, Write};
use std::process::ExitCode;

use case::{Case, World};
use chance::Chance;
use product::Refusal;
use serde::de::DeserializeOwned;
use signed::Signed;

type Outcome<T> = Result<T, Box<dyn std::error::Error>>;

/// Failures that are printed whole.
const SHOWN_MAX: u64 = 10;

/// Codes of answers that say that a signature does not hold.
const OF_SIGNATURES: &[&str] = &[
    "SignatureDoesNotMatch",
    "AuthorizationHeaderMalformed",
    "AuthorizationQueryParametersError",
    "InvalidAccessKeyId",
    "InvalidToken",
    "AccessDenied",
    "RequestTimeTooSkewed",
    "XAmzContentSHA256Mismatch",
    "InvalidRequest",
    "InvalidArgument",
    "MissingAuthenticationToken",
];

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let outcome = match words.as_slice() {
        ["cases", world] => cases(world),
        ["sign", file] => sign(file),
        ["verify", name, cases, signed] => verify(name, cases, signed),
        ["send", name, address, cases, signed, what] => {
            send_all(name, address, (cases, signed), what)
        }
        _ => Err("cases WORLD | sign CASES | verify … | send …".into()),
    };
    match outcome {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::from(2)
        }
    }
}

fn lines<T: DeserializeOwned>(file: &str) -> Outcome<impl Iterator<Item = Outcome<T>>> {
    let file = File::open(file).map_err(|error| format!("{file}: {error}"))?;
    let lines = BufReader::new(file).lines();
    Ok(lines.map(|line| Ok(serde_json::from_str(&line?)?)))
}

fn cases(world: &str) -> Outcome<bool> {
    let world: World = serde_json::from_str(&std::fs::read_to_string(world)?)?;
    let mut out = BufWriter::new(std::io::stdout());
    for id in 0..world.count {
        let case = Case::random(&world, id).ok_or("a world needs hosts and credentials")?;
        writeln!(out, "{}", serde_json::to_string(&case)?)?;
    }
    Ok(true)
}

fn sign(file: &str) -> Outcome<bool> {
    let mut out = BufWriter::new(std::io::stdout());
    for case in lines::<Case>(file)? {
        writeln!(out, "{}", serde_json::to_string(&crate_signer::signed(&case?))?)?;
    }
    Ok(true)
}

/// Cases beside what a signer made of them.
fn pairs(cases: &str, signed: &str) -> Outcome<impl Iterator<Item = Outcome<(Case, Signed)>>> {
    let both = lines::<Case>(cases)?.zip(lines::<Signed>(signed)?);
    Ok(both.map(|(case, signed)| {
        let (case, signed) = (case?, signed?);
        if case.id == signed.id { Ok((case, signed)) } else { Err("a case is missing".into()) }
    }))
}

/// What was seen, counted.
#[derive(Default)]
struct Count {
    numbers: BTreeMap<String, u64>,
    failures: u64,
}

impl Count {
    fn add(&mut self, what: &str) {
        let number = self.numbers.entry(what.to_owned()).or_default();
        *number = number.saturating_add(1);
    }

    fn fail(&mut self, what: &str, case: &Case, request: &Signed) {
        self.add(&format!("FAILED {what}"));
        self.failures = self.failures.saturating_add(1);
        if self.failures <= SHOWN_MAX {
            println!("FAILED {what}\n  {case:?}\n  {request:?}");
        }
    }

    fn conclude(self, name: &str) -> Outcome<bool> {
        let good = self.failures == 0;
        println!("{}", serde_json::json!({ "name": name, "good": good, "count": self.numbers }));
        Ok(good)
    }
}

fn verify(name: &str, cases: &str, signed: &str) -> Outcome<bool> {
    let mut count = Count::default();
    for pair in pairs(cases, signed)? {
        let (case, request) = pair?;
        if let Some(reason) = &request.skip {
            count.add(&format!("skipped: {reason}"));
            continue;
        }
        count.add("signed");
        count.add(if case.form == "query" { "presigned" } else { "in the header" });
        let body = case.bytes();
        let expected = reference::over(&request, &body)
            .and_then(|over| over.expected(&case.secret).map(|right| (right, over.signature)));
        match expected {
            Some((right, sent)) if right == sent => count.add("agrees with the second reading"),
            _ => count.fail("the second reading disagrees", &case, &request),
        }
        match product::judge(&case, &request, &body) {
            Ok(()) => count.add("accepted"),
            Err(refusal) => count.fail(&format!("refused: {refusal:?}"), &case, &request),
        }
        let mut dice = Chance::new(case.id ^ 0x5bf0_3635);
        let Some(changed) = flip::flipped(&case, &request, &mut dice) else {
            count.fail("nothing could be changed", &case, &request);
            continue;
        };
        count.add(&format!("changed in the {}", changed.place));
        match product::judge(&case, &changed.request, &changed.body) {
            Err(Refusal::Product(error)) => {
                count.add("changed and refused");
                let word = format!("{error:?}");
                let word = word.split([' ', '{', '(']).next().unwrap_or_default();
                count.add(&format!("refused as {word}"));
            }
            other => {
                let what = format!("changed in the {}, and {other:?}", changed.place);
                count.fail(&what, &case, &changed.request);
            }
        }
    }
    count.conclude(name)
}

fn send_all(name: &str, address: &str, (cases, signed): (&str, &str), what: &str) -> Outcome<bool> {
    let address = address.parse()?;
    let mut count = Count::default();
    for pair in pairs(cases, signed)? {
        let (case, request) = pair?;
        if request.skip.is_some() {
            continue;
        }
        let body = case.bytes();
        if what == "honest" {
            let answer = send::send(address, &request, &body)?;
            let of_signatures = OF_SIGNATURES.contains(&answer.code.as_str());
            let said = format!("answered {} {}", answer.status, answer.code);
            if answer.status == 0 || of_signatures {
                count.fail(&said, &case, &request);
            } else {
                count.add("sent and taken");
                count.add(&said);
            }
            continue;
        }
        let mut dice = Chance::new(case.id ^ 0x5bf0_3635);
        let Some(changed) = flip::flipped(&case, &request, &mut dice) else { continue };
        let answer = send::send(address, &changed.request, &changed.body)?;
        let said = format!("changed in the {}: {} {}", changed.place, answer.status, answer.code);
        // A method that is not served is told to whoever proved who they are, before the body came.
        let proven = answer.status == 405 && changed.place != "body";
        if (400..500).contains(&answer.status) && !proven {
            count.add("sent changed and refused");
            count.add(&said);
        } else {
            count.fail(&said, &case, &changed.request);
        }
    }
    count.conclude(name)
}
