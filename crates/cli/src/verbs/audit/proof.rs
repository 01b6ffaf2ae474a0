//! `strongroom audit prove|export|growth`, and what verifies their files: proofs for somebody who
//! has neither the record nor the server.

use std::fs::File;
use std::io::{BufReader, BufWriter, Write as _};
use std::ops::Range;
use std::path::{Path, PathBuf};

use audit::disk::FileDisk;
use audit::entry::Leaf;
use audit::{BundleError, Growth, Inclusion, ProofError, Reader, VerifierKey};
use clap::Args;
use http::Method;
use names::{DecisionId, RequestId};
use serde_json::{Value, json};

use super::{damaged, journal_of, seen, verifier_key};
use crate::exit::{Failure, Outcome, chain};
use crate::print::{Printer, cell};

/// Proves one entry.
#[derive(Args)]
pub(crate) struct Prove {
    /// The request id or decision id of the entry, or `leaf:` and the index of any leaf.
    #[arg(value_name = "ID")]
    id: String,
    /// Prove the entry's end instead of its beginning.
    #[arg(long)]
    closed: bool,
    #[command(flatten)]
    source: super::From,
}

/// Writes a bundle.
#[derive(Args)]
pub(crate) struct Export {
    /// The run of leaves, such as 0..5000: from the first, to before the second. All that a
    /// checkpoint covers, if not given.
    #[arg(long, value_name = "FROM..TO")]
    leaves: Option<String>,
    /// The file to write.
    #[arg(long, short, value_name = "FILE")]
    output: PathBuf,
    #[command(flatten)]
    words: super::asking::Words,
    #[command(flatten)]
    source: super::From,
}

/// Proves that the record only grew.
#[derive(Args)]
pub(crate) struct Grown {
    /// A file with the older checkpoint.
    #[arg(value_name = "CHECKPOINT")]
    old: PathBuf,
    #[command(flatten)]
    source: super::From,
    /// A proof to verify.
    #[arg(long, value_name = "FILE", requires = "key", conflicts_with = "dir")]
    proof: Option<PathBuf>,
    /// The key that the newer checkpoint must be signed with, or a file that holds it.
    #[arg(long, value_name = "KEY_OR_FILE")]
    key: Option<String>,
}

impl Prove {
    pub(super) fn run(&self, printer: &Printer) -> Outcome {
        let said = match &self.source.dir {
            None => self.ask()?,
            Some(data) => {
                let disk = FileDisk::new(journal_of(data)?);
                let index = self.index(&disk)?;
                let proof = audit::prove(&disk, index).map_err(|error| unproved(&error))?;
                json!({ "index": index, "proof": proof.to_text() })
            }
        };
        printer.one(&said, |said| cell(said, "proof").trim_end().to_owned());
        Ok(())
    }

    /// Asks a server.
    fn ask(&self) -> Result<Value, Failure> {
        let mut query = vec![super::super::parameter("id", &self.id)];
        if self.closed {
            query.push(super::super::parameter("end", "closed"));
        }
        let path = format!("/-/v1/audit/prove?{}", query.join("&"));
        self.source.target.admin(&Method::GET, &path, None)
    }

    fn index(&self, disk: &FileDisk) -> Result<u64, Failure> {
        if let Some(index) = self.id.strip_prefix("leaf:") {
            let bad = |_| Failure::Input(format!("`{index}` is not the index of a leaf"));
            return index.parse().map_err(bad);
        }
        let decision = self.id.parse::<DecisionId>().map(|decision| decision.request);
        let id = decision.or_else(|_| self.id.parse::<RequestId>());
        let id = id.map_err(|error| Failure::Input(format!("{}: {error}", self.id)))?;
        let reader = Reader::open(disk).map_err(|error| damaged(&error))?;
        let entry = reader.find(id).map_err(|error| damaged(&error))?;
        let entry = entry.ok_or_else(|| Failure::Input(format!("there is no entry {id}")))?;
        if !self.closed {
            return Ok(entry.index);
        }
        for leaf in reader.leaves(entry.index) {
            match leaf.map_err(|error| damaged(&error))? {
                (index, Leaf::Closed(closed)) if closed.id == id => return Ok(index),
                _ => {}
            }
        }
        Err(Failure::Input(format!("entry {id} is still open")))
    }
}

impl Export {
    pub(super) fn run(&self, printer: &Printer) -> Outcome {
        if self.words.are_given() {
            return self.tell(printer);
        }
        let Some(data) = &self.source.dir else { return self.ask(printer) };
        let disk = FileDisk::new(journal_of(data)?);
        let run = match &self.leaves {
            Some(text) => range(text)?,
            None => {
                let newest = audit::checkpoint(&disk).map_err(|error| damaged(&error))?;
                0..newest.map_or(0, |checkpoint| checkpoint.size)
            }
        };
        let file = File::create(&self.output).map_err(|error| broken(&self.output, &error))?;
        let checkpoint = audit::export(&disk, &run, &mut BufWriter::new(file));
        let checkpoint = checkpoint.map_err(|error| no_bundle(&error))?;
        let said = json!({ "from": run.start, "to": run.end, "checkpoint": checkpoint.note() });
        printer.one(&said, |said| {
            let (from, to) = (cell(said, "from"), cell(said, "to"));
            format!("leaves {from} to before {to}, under a checkpoint of {}", checkpoint.size)
        });
        Ok(())
    }
}

impl Export {
    /// Writes entries in the words of another tool.
    fn tell(&self, printer: &Printer) -> Outcome {
        let run = self.leaves.as_deref().map_or(Ok(0..u64::MAX), range)?;
        let file = File::create(&self.output).map_err(|error| broken(&self.output, &error))?;
        let mut out = BufWriter::new(file);
        let written = self.source.write(&run, self.words, &mut out)?;
        out.flush().map_err(|error| broken(&self.output, &error))?;
        printer.one(&json!({ "entries": written }), |_| format!("{written} entries"));
        Ok(())
    }

    /// Asks a server, which gives a bundle of some thousand leaves at a time.
    fn ask(&self, printer: &Printer) -> Outcome {
        let text = self.leaves.as_deref();
        let text = text.ok_or_else(|| Failure::Input("of a server, say --leaves".to_owned()))?;
        let run = range(text)?;
        let path = format!("/-/v1/audit/export?from={}&to={}", run.start, run.end);
        let bundle = self.source.target.admin_text(&path)?;
        std::fs::write(&self.output, bundle).map_err(|error| broken(&self.output, &error))?;
        let said = json!({ "from": run.start, "to": run.end });
        printer.one(&said, |said| {
            format!("leaves {} to before {}", cell(said, "from"), cell(said, "to"))
        });
        Ok(())
    }
}

impl Grown {
    pub(super) fn run(&self, printer: &Printer) -> Outcome {
        let old = seen(&self.old)?;
        if let (Some(file), Some(key)) = (&self.proof, &self.key) {
            let proof = Growth::parse(&text(file)?).map_err(|error| unproved(&error))?;
            let verified = proof.verify(&old, &verifier_key(key)?);
            let shown = verified
                .map(|new| json!({ "from": old.size, "to": new.size, "checkpoint": new.note() }));
            return proved(shown, printer, |said| {
                let (from, to) = (cell(said, "from"), cell(said, "to"));
                format!("the record of {to} leaves begins with that of {from}")
            });
        }
        let said = match &self.source.dir {
            None => {
                let path = format!("/-/v1/audit/growth?size={}", old.size);
                self.source.target.admin(&Method::GET, &path, None)?
            }
            Some(data) => {
                let disk = FileDisk::new(journal_of(data)?);
                let proof = audit::prove_growth(&disk, old.size).map_err(|e| unproved(&e))?;
                json!({ "proof": proof.to_text() })
            }
        };
        printer.one(&said, |said| cell(said, "proof").trim_end().to_owned());
        Ok(())
    }
}

/// `verify --proof`
pub(super) fn verify_proof(file: &Path, keys: &[VerifierKey], printer: &Printer) -> Outcome {
    let proof = Inclusion::parse(&text(file)?).map_err(|error| unproved(&error))?;
    let leaf = String::from_utf8_lossy(&proof.leaf).into_owned();
    let verified = keys.iter().map(|key| proof.verify(key));
    let verified =
        verified.reduce(|one, other| one.or(other)).unwrap_or(Err(ProofError::Signature));
    let shown = verified.map(
        |checkpoint| json!({ "index": proof.index, "leaf": leaf, "checkpoint": checkpoint.note() }),
    );
    proved(shown, printer, |said| {
        format!("leaf {} of the record:\n{}", cell(said, "index"), cell(said, "leaf"))
    })
}

/// `verify --bundle`
pub(super) fn verify_bundle(file: &Path, keys: &[VerifierKey], printer: &Printer) -> Outcome {
    let verified = |key: &VerifierKey| {
        let opened = File::open(file).map_err(|error| broken(file, &error))?;
        audit::verify_bundle(&mut BufReader::new(opened), key).map_err(|error| no_bundle(&error))
    };
    let (first, later) = keys.split_first().ok_or(Failure::No)?;
    let mut report = verified(first)?;
    // Which of the keys signed it shows only when it is verified.
    for key in later {
        if !report.problems.is_empty() {
            report = verified(key)?;
        }
    }
    let problem = |p: &audit::Problem| json!({ "place": p.place, "what": p.what });
    let problems: Vec<Value> = report.problems.iter().map(problem).collect();
    let sound = problems.is_empty();
    let said = json!({
        "sound": sound,
        "from": report.leaves.start,
        "to": report.leaves.end,
        "checkpoint": report.checkpoint.note(),
        "problems": problems,
    });
    printer.one(&said, |said| {
        let (from, to) = (cell(said, "from"), cell(said, "to"));
        let mut lines = vec![format!("leaves {from} to before {to}")];
        let problems = said.get("problems").and_then(Value::as_array).into_iter().flatten();
        lines.extend(problems.map(|p| format!("WRONG  {}: {}", cell(p, "place"), cell(p, "what"))));
        if sound {
            lines.push("the bundle proves itself".to_owned());
        }
        lines.join("\n")
    });
    if sound { Ok(()) } else { Err(Failure::No) }
}

/// Prints what was proved; what was not is exit status 1.
fn proved(
    shown: Result<Value, ProofError>,
    printer: &Printer,
    line: impl Fn(&Value) -> String,
) -> Outcome {
    match shown {
        Ok(said) => {
            printer.one(&said, line);
            Ok(())
        }
        Err(error @ (ProofError::Signature | ProofError::Root)) => {
            let said = json!({ "sound": false, "what": error.to_string() });
            printer.one(&said, |said| format!("WRONG  {}", cell(said, "what")));
            Err(Failure::No)
        }
        Err(error) => Err(unproved(&error)),
    }
}

/// `FROM..TO`
fn range(text: &str) -> Result<Range<u64>, Failure> {
    let ends =
        text.split_once("..").and_then(|(from, to)| Some(from.parse().ok()?..to.parse().ok()?));
    ends.ok_or_else(|| Failure::Input(format!("`{text}` is not a run of leaves such as 0..5000")))
}

fn text(file: &Path) -> Result<String, Failure> {
    std::fs::read_to_string(file).map_err(|error| broken(file, &error))
}

fn broken(file: &Path, error: &std::io::Error) -> Failure {
    Failure::Input(format!("{}: {error}", file.display()))
}

fn unproved(error: &ProofError) -> Failure {
    match error {
        ProofError::Journal(error) => damaged(error),
        other => Failure::Input(other.to_string()),
    }
}

fn no_bundle(error: &BundleError) -> Failure {
    match error {
        BundleError::Proof(error) => unproved(error),
        other => Failure::Input(chain(other)),
    }
}
