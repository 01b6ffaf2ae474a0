//! `strongroom audit witness`: what is posted to a witness of transparency logs, and what becomes
//! of its answer. Whoever posts it (curl, a timer) needs neither the record nor this program.

use std::path::PathBuf;

use audit::disk::FileDisk;
use audit::{Checkpoint, Growth, WitnessKey};
use clap::Subcommand;
use http::Method;
use serde_json::{Value, json};

use super::{From, damaged, journal_of};
use crate::exit::{Failure, Outcome, chain};
use crate::print::{Printer, cell};

#[derive(Subcommand)]
pub(crate) enum Witness {
    /// Print the body of `add-checkpoint`: the proof that the log grew, and its newest checkpoint.
    ///
    /// Example: strongroom audit witness request --old 0 > request
    Request {
        /// How many leaves the log had when the witness last saw it, as it says in its answer 409.
        #[arg(long, value_name = "LEAVES")]
        old: u64,
        #[command(flatten)]
        from: Box<From>,
    },
    /// Print the checkpoint of a request with the cosignature that the witness answered.
    ///
    /// Keep it: `verify --seen FILE --witness KEY` holds the record against it.
    ///
    /// Example: strongroom audit witness join request answer --witness w1.key > cosigned
    Join {
        /// What was posted.
        request: PathBuf,
        /// What the witness answered.
        answer: PathBuf,
        /// The witness's key, or the name of a file that holds it.
        #[arg(long, value_name = "KEY_OR_FILE")]
        witness: String,
    },
}

impl Witness {
    pub(super) fn run(&self, printer: &Printer) -> Outcome {
        let (name, text) = match self {
            Self::Request { old, from } => ("request", growth(*old, from)?.add_checkpoint(*old)),
            Self::Join { request, answer, witness } => {
                let note = text(request)?;
                let nothing = || Failure::Input("the request holds no checkpoint".to_owned());
                let (_, note) = note.split_once("\n\n").ok_or_else(nothing)?;
                let checkpoint = Checkpoint::parse(note.as_bytes()).ok_or_else(nothing)?;
                let cosigned = checkpoint.cosign(&text(answer)?, &witness_key(witness)?);
                ("checkpoint", cosigned.map_err(|error| Failure::Input(chain(&error)))?.note())
            }
        };
        printer.one(&json!({ (name): text }), |said| cell(said, name).trim_end().to_owned());
        Ok(())
    }
}

/// That the log grew from so many leaves.
fn growth(old: u64, from: &From) -> Result<Growth, Failure> {
    let unproved = |error: &audit::ProofError| match error {
        audit::ProofError::Journal(error) => damaged(error),
        other => Failure::Input(other.to_string()),
    };
    let Some(data) = &from.dir else {
        let path = format!("/-/v1/audit/growth?size={old}");
        let said = from.target.admin(&Method::GET, &path, None)?;
        return Growth::parse(&cell(&said, "proof")).map_err(|error| unproved(&error));
    };
    let disk = FileDisk::new(journal_of(data)?);
    audit::prove_growth(&disk, old).map_err(|error| unproved(&error))
}

/// A witness's key, given as text or in a file.
pub(super) fn witness_key(given: &String) -> Result<WitnessKey, Failure> {
    let bad = |error: audit::BadWitnessKey| Failure::Input(format!("--witness: {error}"));
    if let Ok(key) = given.parse() {
        return Ok(key);
    }
    match std::fs::read_to_string(given) {
        Ok(text) => text.trim().parse().map_err(bad),
        Err(_) => given.parse().map_err(bad),
    }
}

fn text(file: &PathBuf) -> Result<String, Failure> {
    std::fs::read_to_string(file)
        .map_err(|error| Failure::Input(format!("{}: {error}", file.display())))
}

/// Adds to a report what each witness cosigned of what was seen; one that cosigned nothing is a
/// problem.
pub(super) fn witnessed(mut said: Value, keys: &[WitnessKey], seen: &[Checkpoint]) -> Value {
    let mut problems = Vec::new();
    let mut found = Vec::new();
    for key in keys {
        let cosigned = seen.iter().filter_map(|seen| Some((seen.size, seen.cosigned_by(key)?)));
        match cosigned.max() {
            Some((size, time)) => {
                found.push(json!({ "witness": key.name(), "size": size, "time": time }));
            }
            None => problems.push(json!({
                "place": "the checkpoints that were seen",
                "what": format!("none of them is cosigned by {}", key.name()),
            })),
        }
    }
    let Some(members) = said.as_object_mut() else { return said };
    if !problems.is_empty() {
        members.insert("sound".to_owned(), false.into());
    }
    if let Some(Value::Array(all)) = members.get_mut("problems") {
        all.extend(problems);
    }
    members.insert("witnessed".to_owned(), found.into());
    said
}
