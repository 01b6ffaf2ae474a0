//! `strongroom audit`: questions to the record and proofs of it, of a running server, or with
//! `--dir` of a data directory without one.

mod asking;
mod hold;
mod proof;
mod sink;
mod timeline;
mod witness;

use std::path::{Path, PathBuf};

use audit::disk::FileDisk;
use audit::{Checkpoint, Expect, JournalError, Reader, Terms, VerifierKey};
use clap::{Args, Subcommand, ValueEnum};
use http::Method;
use serde_json::{Value, json};

use crate::client::Target;
use crate::exit::{Failure, Outcome, chain};
use crate::print::{Printer, cell};

/// The journal's directory in a data directory.
const JOURNAL_DIRECTORY: &str = "journal";

/// Read, follow and verify the record.
#[derive(Subcommand)]
pub(crate) enum Audit {
    /// Print the newest entries, oldest first.
    ///
    /// With `--follow`, go on as entries come. Both take what `search` takes; the follower's own
    /// questions are left out.
    ///
    /// Example: strongroom audit tail --follow --verdict refused
    Tail(Box<asking::Tail>),
    /// Print the newest entries for which everything that is given holds, newest first, as they
    /// are found.
    ///
    /// Example: strongroom audit search --verdict refused --action s3:GetObject --view ecs
    Search(Box<asking::Search>),
    /// Print everything that was done with a credential and the sessions it led to, by a person,
    /// or to an object; oldest first.
    ///
    /// Example: strongroom audit timeline --credential AKIA... --dir /var/lib/strongroom
    Timeline(Box<timeline::Line>),
    /// Count the entries: by operation, by reason of refusal, by caller.
    ///
    /// Example: strongroom audit stats --dir /var/lib/strongroom --from 2026-01-31T00:00:00Z
    Stats(timeline::When),
    /// Hash the whole record again and say what is wrong with it.
    ///
    /// Exit status 0: the record proves itself; 1: something is wrong.
    ///
    /// Example: strongroom audit verify --dir /var/lib/strongroom
    Verify(Verify),
    /// Print the proof that an entry is in the record: a file that anybody can verify.
    ///
    /// In the form of C2SP tlog-proof; the leaf travels in it. See `verify --proof`.
    ///
    /// Example: strongroom audit prove 01KDYH7VPE0000000000000001 --dir /var/lib/strongroom
    Prove(proof::Prove),
    /// Write a run of the record into one file that proves itself.
    ///
    /// See `verify --bundle`. With `--view`, write its entries instead, one a line, in the words
    /// of another tool; those prove nothing.
    ///
    /// Example: strongroom audit export --dir DATA --leaves 0..5000 --output march.bundle
    Export(proof::Export),
    /// Print the proof that the record only grew since an older checkpoint.
    ///
    /// With --proof, verify one instead, without the record.
    ///
    /// Example: strongroom audit growth monday.checkpoint --dir /var/lib/strongroom
    Growth(proof::Grown),
    /// Keep entries of some time, whatever retention says.
    ///
    /// Example: strongroom audit hold place case-7 --from 2026-01-01T00:00:00Z
    #[command(subcommand)]
    Hold(hold::Hold),
    /// Look at the sinks of the record, and try them.
    ///
    /// Example: strongroom audit sink test siem --sinks /etc/strongroom/sinks.toml
    #[command(subcommand)]
    Sink(sink::Sink),
    /// Print the public key that checkpoints are verified with.
    ///
    /// Keep it where the server cannot reach it. Of a running server, or with --dir of a data
    /// directory or of a file of keys.
    ///
    /// Example: strongroom audit key --dir /var/lib/strongroom
    Key {
        /// Print every change of the key, for `verify --history`.
        #[arg(long, requires = "dir")]
        history: bool,
        #[command(flatten)]
        from: From,
    },
    /// Print the newest signed checkpoint of a running server, as outside verifiers read it.
    ///
    /// Keep some of them elsewhere: `audit verify --seen` holds the record against them.
    ///
    /// Example: strongroom audit checkpoint > monday.checkpoint
    Checkpoint(From),
    /// Show the newest checkpoint to a witness, and keep what it says of it.
    ///
    /// In the form of C2SP tlog-witness: what `request` prints is posted to the witness's
    /// `add-checkpoint`, and what it answers is given to `join`.
    ///
    /// Example: strongroom audit witness request --old 0 --dir DATA > request
    #[command(subcommand)]
    Witness(witness::Witness),
    /// Put a new key before the one that signs checkpoints, and print its public half.
    ///
    /// The server takes it up when it starts again, and records the change on the old key's word.
    ///
    /// Example: strongroom audit rotate-key --dir /var/lib/strongroom
    RotateKey {
        /// The data directory, or the file of keys.
        #[arg(long, value_name = "DATA_DIR")]
        dir: PathBuf,
    },
}

/// Whose record is read.
#[derive(Args)]
pub(crate) struct From {
    /// Read a stopped or copied data directory, without a server.
    #[arg(long, value_name = "DATA_DIR", conflicts_with_all = ["endpoint", "profile"])]
    dir: Option<PathBuf>,
    #[command(flatten)]
    target: Target,
}

#[derive(Args)]
pub(crate) struct Verify {
    /// What the directory is a copy of: of a running server, entries may be open.
    #[arg(long, value_name = "STATE", default_value = "stopped", requires = "dir")]
    expect: Expected,
    /// The key that checkpoints must be signed with, or one that it gave its word for; as printed
    /// by `strongroom audit key`, or the name of a file that holds it. Keep it away from the
    /// server.
    #[arg(long, value_name = "KEY_OR_FILE")]
    key: Option<String>,
    /// Verify a proof that `prove` wrote, instead of a record.
    #[arg(long, value_name = "FILE", requires = "key", conflicts_with_all = ["dir", "seen"])]
    proof: Option<PathBuf>,
    /// Verify a file that `export` wrote, instead of a record.
    #[arg(long, value_name = "FILE", requires = "key",
        conflicts_with_all = ["dir", "seen", "proof"])]
    bundle: Option<PathBuf>,
    /// A file with a checkpoint that was seen before: the record must have grown from it. May be
    /// given several times.
    #[arg(long, value_name = "FILE", requires = "dir")]
    seen: Vec<PathBuf>,
    /// The key of a witness, who must have cosigned one of the checkpoints that were seen. May be
    /// given several times.
    #[arg(long, value_name = "KEY_OR_FILE", requires = "seen")]
    witness: Vec<String>,
    /// A file that `key --history` wrote: with --proof or --bundle, the later keys that the given
    /// one gave its word for count as well.
    #[arg(long, value_name = "FILE", requires = "key", conflicts_with = "dir")]
    history: Option<PathBuf>,
    #[command(flatten)]
    from: From,
}

#[derive(Clone, Copy, ValueEnum)]
enum Expected {
    Stopped,
    Running,
}

impl Audit {
    pub(crate) fn run(self, printer: &Printer) -> Outcome {
        match self {
            Self::Tail(tail) => tail.run(printer),
            Self::Search(search) => search.run(printer),
            Self::Verify(verify) => verify.run(printer),
            Self::Timeline(line) => line.run(printer),
            Self::Stats(when) => timeline::stats(&when, printer),
            Self::Prove(prove) => prove.run(printer),
            Self::Export(export) => export.run(printer),
            Self::Growth(grown) => grown.run(printer),
            Self::Hold(hold) => hold.run(printer),
            Self::Sink(sink) => sink.run(printer),
            Self::Key { history: true, from } => from.history(printer),
            Self::Key { from, .. } => from.key(printer),
            Self::Witness(witness) => witness.run(printer),
            Self::Checkpoint(from) => from.checkpoint(printer),
            Self::RotateKey { dir } => {
                let key = server::rotate_key(&dir).map_err(|error| unusable(&error))?;
                printer.one(&json!({ "key": key }), |said| cell(said, "key"));
                Ok(())
            }
        }
    }
}

fn unusable(error: &server::CheckpointKeyError) -> Failure {
    Failure::Input(chain(error))
}

impl From {
    /// Prints the public key.
    fn key(&self, printer: &Printer) -> Outcome {
        let said = match &self.dir {
            None => self.target.admin(&Method::GET, "/-/v1/audit/checkpoint", None)?,
            Some(place) => {
                json!({ "key": server::public_key(place).map_err(|error| unusable(&error))? })
            }
        };
        printer.one(&json!({ "key": said.get("key") }), |said| cell(said, "key"));
        Ok(())
    }

    /// Prints the leaves that brought in a key, one a line.
    fn history(&self, printer: &Printer) -> Outcome {
        let Some(data) = &self.dir else {
            return Err(Failure::Input("--history is read of a directory".to_owned()));
        };
        let disk = FileDisk::new(journal_of(data)?);
        for record in audit::key_records(&disk).map_err(|error| damaged(&error))? {
            let line = serde_json::to_value(&record);
            let line = line.map_err(|error| Failure::Broken(error.to_string()))?;
            printer.one(&line, Value::to_string);
        }
        Ok(())
    }

    /// Prints the newest checkpoint.
    fn checkpoint(&self, printer: &Printer) -> Outcome {
        let said = match &self.dir {
            None => self.target.admin(&Method::GET, "/-/v1/audit/checkpoint", None)?,
            Some(data) => {
                let disk = FileDisk::new(journal_of(data)?);
                let found = audit::checkpoint(&disk).map_err(|error| damaged(&error))?;
                json!({ "checkpoint": found.map(|checkpoint| checkpoint.note()) })
            }
        };
        let note = json!({ "checkpoint": said.get("checkpoint") });
        printer.one(&note, |said| cell(said, "checkpoint").trim_end().to_owned());
        Ok(())
    }
}

fn read<T>(flag: &str, text: Option<&String>) -> Result<Option<T>, Failure>
where
    T: std::str::FromStr<Err: std::fmt::Display>,
{
    let parsed = text.map(|text| text.parse()).transpose();
    parsed.map_err(|error| Failure::Input(format!("{flag}: {error}")))
}

/// A verifier's key, given as text or in a file.
fn verifier_key(given: &str) -> Result<VerifierKey, Failure> {
    let bad = |error: audit::BadVerifierKey| Failure::Input(format!("--key: {error}"));
    if let Ok(key) = given.parse() {
        return Ok(key);
    }
    match std::fs::read_to_string(given) {
        Ok(text) => text.trim().parse().map_err(bad),
        Err(_) => given.parse().map_err(bad),
    }
}

fn seen(file: &PathBuf) -> Result<Checkpoint, Failure> {
    let bytes = std::fs::read(file)
        .map_err(|error| Failure::Input(format!("{}: {error}", file.display())))?;
    let nothing = || Failure::Input(format!("{}: it is not a checkpoint", file.display()));
    Checkpoint::parse(&bytes).ok_or_else(nothing)
}

impl Verify {
    fn terms(&self) -> Result<Terms, Failure> {
        Ok(Terms {
            expect: match self.expect {
                Expected::Stopped => Expect::Stopped,
                Expected::Running => Expect::Running,
            },
            key: self.key.as_deref().map(verifier_key).transpose()?,
            seen: self.seen.iter().map(seen).collect::<Result<_, _>>()?,
        })
    }

    /// The key, and the later ones that it gave its word for.
    fn keys(&self, key: VerifierKey) -> Result<Vec<VerifierKey>, Failure> {
        let Some(file) = &self.history else { return Ok(vec![key]) };
        let bad = |what: String| Failure::Input(format!("{}: {what}", file.display()));
        let text = std::fs::read_to_string(file).map_err(|error| bad(error.to_string()))?;
        let records = text.lines().map(serde_json::from_str).collect::<Result<Vec<_>, _>>();
        Ok(audit::vouched(&key, &records.map_err(|error| bad(error.to_string()))?))
    }

    fn run(self, printer: &Printer) -> Outcome {
        if let Some(key) = self.key.as_deref() {
            let key = verifier_key(key)?;
            match (&self.proof, &self.bundle, &self.from.dir) {
                (Some(file), ..) => {
                    return proof::verify_proof(file, &self.keys(key)?, printer);
                }
                (None, Some(file), _) => {
                    return proof::verify_bundle(file, &self.keys(key)?, printer);
                }
                (None, None, None) => {
                    let what = "--key is held against --dir, --proof or --bundle: \
                        of a running server, its own word would be no proof";
                    return Err(Failure::Input(what.to_owned()));
                }
                _ => {}
            }
        }
        let said = match &self.from.dir {
            None => self.from.target.admin(&Method::GET, "/-/v1/audit/verify", None)?,
            Some(data) => {
                let terms = self.terms()?;
                let disk = FileDisk::new(journal_of(data)?);
                let seen = terms.seen.clone();
                let report = audit::verify(&disk, terms).map_err(|error| damaged(&error))?;
                let keys = self.witness.iter().map(witness::witness_key);
                let keys: Vec<_> = keys.collect::<Result<_, _>>()?;
                witness::witnessed(report.to_json(), &keys, &seen)
            }
        };
        printer.one(&said, verdict);
        let sound = said.get("sound") == Some(&Value::Bool(true));
        if sound { Ok(()) } else { Err(Failure::No) }
    }
}

/// A report for a person.
fn verdict(said: &Value) -> String {
    let members = |name: &str| said.get(name).and_then(Value::as_array).into_iter().flatten();
    let mut lines = vec![format!(
        "{} entries in {} leaves, {} of them open",
        cell(said, "entries"),
        cell(said, "leaves"),
        cell(said, "open")
    )];
    if said.get("checkpoint").is_some_and(Value::is_object) {
        lines.push(format!(
            "checkpoint of {} leaves, root {}",
            cell(said, "checkpoint/size"),
            cell(said, "checkpoint/root")
        ));
    }
    if said.get("key").is_some_and(Value::is_string) {
        lines.push(format!("signed by {} ({})", cell(said, "key"), trust(said)));
    }
    if said.get("removed").is_some_and(Value::is_object) {
        lines.push(format!(
            "MISSING BY RETENTION  leaves before {}, as leaf {} says (why: {}, last entry {})",
            cell(said, "removed/to"),
            cell(said, "removed/leaf"),
            cell(said, "removed/why"),
            cell(said, "removed/last"),
        ));
    }
    for witness in members("witnessed") {
        lines.push(format!(
            "{} cosigned a checkpoint of {} leaves at {}",
            cell(witness, "witness"),
            cell(witness, "size"),
            cell(witness, "time"),
        ));
    }
    for problem in members("problems") {
        lines.push(format!("WRONG  {}: {}", cell(problem, "place"), cell(problem, "what")));
    }
    if said.get("first_bad").is_some_and(Value::is_object) {
        let (from, to) = (cell(said, "first_bad/from"), cell(said, "first_bad/to"));
        lines.push(format!("the first bad leaf is not before {from} and before {to}"));
    }
    if said.get("sound") == Some(&Value::Bool(true)) {
        lines.push("the record proves itself".to_owned());
        lines.push("what this cannot show:".to_owned());
        lines.extend(
            members("cannot_detect")
                .map(|limit| format!("  - {}", limit.as_str().unwrap_or_default())),
        );
    }
    lines.join("\n")
}

/// Why the key counts, in words.
fn trust(said: &Value) -> &'static str {
    match cell(said, "trust").as_str() {
        "given" => "the key that was given, or one that it gave its word for",
        _ => "as the record itself says",
    }
}

/// The journal of a data directory, or the directory itself if it is one.
pub(super) fn journal_of(data: &Path) -> Result<PathBuf, Failure> {
    super::existing(data)?;
    let inside = data.join(JOURNAL_DIRECTORY);
    let found = [inside, data.to_owned()].into_iter().find(|directory| {
        let disk = FileDisk::new(directory.clone());
        // A damaged record is one: what reads it says what is wrong.
        directory.is_dir() && Reader::open(&disk).map_or(true, |reader| !reader.is_empty())
    });
    let nothing = || Failure::Input(format!("{}: there is no record here", data.display()));
    found.ok_or_else(nothing)
}

fn damaged(error: &JournalError) -> Failure {
    Failure::Broken(format!("the record cannot be read: {}", chain(error)))
}
