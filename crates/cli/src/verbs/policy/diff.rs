//! `strongroom policy diff`.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::{Args, ValueEnum};
use policy::compare::{self, Answer, Comparison, Difference, Said};
use policy::{Attached, Document, Kind, case};
use serde_json::{Value, json};

use crate::exit::{Failure, Outcome};
use crate::print::Printer;

/// Find the requests to which two policies answer differently.
///
/// Each file is a policy document, or one policy case whose layers are compared for its caller.
/// Every difference comes with a request that shows it; where an exact answer cannot be given it
/// says `undecided` and why. With --json there is one line a difference, and one for each answer
/// that is not a difference. Exit status 0: no request changes outcome; 1: some do, or undecided;
/// 2: a file could not be read, or the two cannot be compared.
///
/// Example: strongroom policy diff old.json new.json
#[derive(Args)]
pub(crate) struct Diff {
    /// The policy as it was; `-` is standard input.
    #[arg(value_name = "OLD")]
    old: PathBuf,
    /// The policy as it is to be.
    #[arg(value_name = "NEW")]
    new: PathBuf,
    /// What the documents are attached to; else what their elements say.
    #[arg(long, value_name = "KIND")]
    kind: Option<Attachment>,
}

/// What a document is attached to.
#[derive(Clone, Copy, ValueEnum)]
enum Attachment {
    Identity,
    Bucket,
    /// `trust` in short, as `policy check` has it.
    #[value(alias = "trust")]
    RoleTrust,
    Session,
    Boundary,
    ServiceControl,
    ResourceControl,
}

/// A side, as it was read.
enum Side {
    Document(Attached),
    Case(Box<case::Case>),
}

impl Diff {
    pub(crate) fn run(self, printer: &Printer) -> Outcome {
        let (old, new) = (side(&self.old, self.kind)?, side(&self.new, self.kind)?);
        let found = match (&old, &new) {
            (Side::Document(old), Side::Document(new)) => compare::documents(old, new),
            (Side::Case(old), Side::Case(new)) => compare::cases(old, new),
            _ => {
                let text = "one file is a policy document and the other a policy case";
                return Err(Failure::Input(text.to_owned()));
            }
        };
        let found = found.map_err(|error| Failure::Input(error.to_string()))?;
        show(&found, printer);
        if found.answer() == Answer::Same { Ok(()) } else { Err(Failure::No) }
    }
}

fn show(found: &Comparison, printer: &Printer) {
    for difference in &found.differences {
        printer.one(&difference.to_json(), |_| block(difference));
    }
    if found.answer() == Answer::Same {
        let line = json!({ "answer": Answer::Same });
        printer.one(&line, |_| "same: no request changes outcome".to_owned());
    }
    if !found.undecided.is_empty() {
        let reasons: Vec<String> = found.undecided.iter().map(ToString::to_string).collect();
        let line = json!({ "answer": Answer::Undecided, "reasons": reasons });
        let what = match found.answer() {
            Answer::Differs => "undecided whether there are other differences",
            Answer::Same | Answer::Undecided => "undecided whether there is any difference",
        };
        printer.one(&line, |_| format!("{what}: {}", reasons.join("; ")));
    }
}

/// A difference as people read it.
fn block(difference: &Difference) -> String {
    let request = &difference.request;
    let mut lines = vec![difference.to_string(), format!("  caller: {}", request.principal)];
    if let Some(owner) = request.owner {
        lines.push(format!("  owner of the resource: {owner}"));
    }
    if let Some(standing) = request.standing {
        lines.push(format!("  where {}", standing.remark()));
    }
    lines.push(format!("  OLD: {}", said(&difference.old)));
    lines.push(format!("  NEW: {}", said(&difference.new)));
    lines.join("\n")
}

fn said(said: &Said) -> String {
    let verdict = json!(said.verdict);
    let verdict = verdict.as_str().unwrap_or_default();
    match &said.statement {
        None => format!("{verdict} ({})", said.because),
        Some(statement) => {
            let place = statement.sid.clone().filter(|sid| !sid.is_empty());
            let place = place.unwrap_or_else(|| format!("statement {}", statement.index));
            format!("{verdict} by {}/{place} ({})", statement.policy, said.because)
        }
    }
}

fn side(file: &Path, kind: Option<Attachment>) -> Result<Side, Failure> {
    let text = crate::verbs::read(file)?;
    let input =
        |error: &dyn std::fmt::Display| Failure::Input(format!("{}: {error}", file.display()));
    let value: Value = serde_json::from_str(&text).unwrap_or_default();
    if value.get("request").is_some() || value.is_array() {
        let mut cases = case::parse(&text).map_err(|error| input(&error))?;
        return match (cases.pop(), cases.is_empty()) {
            (Some(case), true) => Ok(Side::Case(Box::new(case))),
            _ => Err(input(&"exactly one case can be compared")),
        };
    }
    let kind = kind.map_or_else(|| likely_kind(&value), Attachment::kind);
    let document = Document::parse(&text, kind).map_err(|error| input(&error))?;
    let name = file.display().to_string();
    Ok(Side::Document(Attached { name, document: Arc::new(document) }))
}

impl Attachment {
    fn kind(self) -> Kind {
        match self {
            Self::Identity => Kind::Identity,
            Self::Bucket => Kind::Bucket,
            Self::RoleTrust => Kind::RoleTrust,
            Self::Session => Kind::Session,
            Self::Boundary => Kind::Boundary,
            Self::ServiceControl => Kind::ServiceControl,
            Self::ResourceControl => Kind::ResourceControl,
        }
    }
}

/// The kind of a document that has such elements.
fn likely_kind(document: &Value) -> Kind {
    let statements = match document.get("Statement") {
        Some(Value::Array(statements)) => statements.as_slice(),
        Some(one) => std::slice::from_ref(one),
        None => &[],
    };
    let any = |names: [&str; 2]| {
        statements.iter().any(|statement| names.iter().any(|name| statement.get(name).is_some()))
    };
    match (any(["Principal", "NotPrincipal"]), any(["Resource", "NotResource"])) {
        (true, true) => Kind::Bucket,
        (true, false) => Kind::RoleTrust,
        (false, _) => Kind::Identity,
    }
}
