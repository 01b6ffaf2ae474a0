//! `strongroom audit`: questions to the record and proofs of it, of a running server, or with
//! `--dir` of a data directory without one.

mod hold;
mod proof;
mod timeline;

use std::path::{Path, PathBuf};
use std::time::Duration;

use audit::disk::FileDisk;
use audit::entry::Opened;
use audit::{Checkpoint, Entry, Expect, Filter, JournalError, Reader, Terms, VerifierKey};
use clap::{Args, Subcommand, ValueEnum};
use http::Method;
use serde_json::{Value, json};

use crate::client::Target;
use crate::exit::{Failure, Outcome, chain};
use crate::print::{Printer, cell};

/// Most entries of one answer.
const PAGE_ENTRIES_MAX: usize = 1000;
/// How often a follower looks for more.
const FOLLOW_EVERY: Duration = Duration::from_secs(1);
/// The journal's directory in a data directory.
const JOURNAL_DIRECTORY: &str = "journal";

/// Read, follow and verify the record.
#[derive(Subcommand)]
pub(crate) enum Audit {
    /// Print the newest entries, oldest first.
    ///
    /// With `--follow`, go on as entries come; questions to the record itself are left out then.
    ///
    /// Example: strongroom audit tail --follow
    Tail(Tail),
    /// Print the newest entries for which everything that is given holds, newest first.
    ///
    /// Example: strongroom audit search --verdict refused --action s3:GetObject
    Search(Box<Search>),
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
    /// See `verify --bundle`.
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
    /// Offer one leaf that says `test` to a sink, and say whether it took it.
    ///
    /// Example: strongroom audit sink-test siem --sinks /etc/strongroom/sinks.toml
    SinkTest {
        /// The sink's name.
        name: String,
        /// The file that `audit.sinks_file` names.
        #[arg(long, value_name = "FILE")]
        sinks: PathBuf,
    },
    /// Print the public key that checkpoints are verified with.
    ///
    /// Keep it where the server cannot reach it. Of a running server, or with --dir of a data
    /// directory or of a file of keys.
    ///
    /// Example: strongroom audit key --dir /var/lib/strongroom
    Key(From),
    /// Print the newest signed checkpoint of a running server, as outside verifiers read it.
    ///
    /// Keep some of them elsewhere: `audit verify --seen` holds the record against them.
    ///
    /// Example: strongroom audit checkpoint > monday.checkpoint
    Checkpoint(From),
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
pub(crate) struct Tail {
    /// How many entries to begin with.
    #[arg(long, short = 'n', value_name = "NUMBER", default_value_t = 10,
        value_parser = clap::value_parser!(u16).range(1..=1000))]
    lines: u16,
    /// Go on as entries come.
    #[arg(long, short)]
    follow: bool,
    #[command(flatten)]
    from: From,
}

#[derive(Args)]
pub(crate) struct Search {
    #[command(flatten)]
    question: Question,
    #[command(flatten)]
    from: From,
}

/// What the entries are narrowed by.
#[derive(Args)]
struct Question {
    /// The caller, by ARN or unique id.
    #[arg(long, value_name = "ARN_OR_ID")]
    principal: Option<String>,
    /// The access key id that signed.
    #[arg(long, value_name = "ACCESS_KEY_ID")]
    credential: Option<String>,
    /// A session, by its access key id: what it did, what it led to, and how it was made.
    #[arg(long, value_name = "ACCESS_KEY_ID")]
    session: Option<String>,
    /// The person, by the provider's subject or label.
    #[arg(long, value_name = "PERSON")]
    human: Option<String>,
    /// The operation, or an action that was asked for.
    #[arg(long, value_name = "ACTION")]
    action: Option<String>,
    /// What the resource's ARN begins with.
    #[arg(long, value_name = "ARN_PREFIX")]
    resource: Option<String>,
    /// Whether it was let in.
    #[arg(long)]
    verdict: Option<Verdict>,
    /// The reason of a refusal, such as signature-mismatch.
    #[arg(long, value_name = "WORD")]
    reason: Option<String>,
    /// Not before this time, such as 2026-01-31T00:00:00Z.
    #[arg(long, value_name = "TIME")]
    from: Option<String>,
    /// Before this time.
    #[arg(long, value_name = "TIME")]
    to: Option<String>,
    /// The request id of one exchange.
    #[arg(long, value_name = "ID")]
    request_id: Option<String>,
    /// Most entries to print.
    #[arg(long, value_name = "NUMBER", default_value_t = 100,
        value_parser = clap::value_parser!(u16).range(1..=1000))]
    limit: u16,
}

#[derive(Clone, Copy, ValueEnum)]
enum Verdict {
    Allowed,
    Refused,
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
            Self::SinkTest { name, sinks } => sink_test(&name, &sinks, printer),
            Self::Key(from) => from.key(printer),
            Self::Checkpoint(from) => from.checkpoint(printer),
            Self::RotateKey { dir } => {
                let key = server::rotate_key(&dir).map_err(|error| unusable(&error))?;
                printer.one(&json!({ "key": key }), |said| cell(said, "key"));
                Ok(())
            }
        }
    }
}

fn sink_test(name: &str, sinks: &Path, printer: &Printer) -> Outcome {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|error| Failure::Broken(error.to_string()))?;
    match runtime.block_on(server::test_sink(sinks, name)) {
        Ok(()) => {
            printer.one(&json!({ "sink": name, "took": true }), |_| format!("{name} took it"));
            Ok(())
        }
        Err(error @ server::SinkConfigError::Sink(_)) => {
            let said = json!({ "sink": name, "took": false, "why": chain(&error) });
            printer.one(&said, |said| format!("{name} did not take it: {}", cell(said, "why")));
            Err(Failure::No)
        }
        Err(error) => Err(Failure::Input(chain(&error))),
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

    /// The newest entries that match, newest first, as JSON.
    fn entries(
        &self,
        question: &Question,
        after: Option<u64>,
        limit: usize,
    ) -> Result<Vec<Value>, Failure> {
        let Some(data) = &self.dir else {
            let mut query = question.query();
            query.extend(after.map(|after| super::parameter("after", &after.to_string())));
            query.push(super::parameter("limit", &limit.to_string()));
            let path = format!("/-/v1/audit?{}", query.join("&"));
            let answer = self.target.admin(&Method::GET, &path, None)?;
            let entries = answer.get("entries").and_then(Value::as_array).cloned();
            return Ok(entries.unwrap_or_default());
        };
        let disk = FileDisk::new(journal_of(data)?);
        let reader = Reader::open(&disk).map_err(|error| damaged(&error))?;
        let found = reader.search(&question.filter()?, limit).map_err(|error| damaged(&error))?;
        let new = |entry: &&Entry| after.is_none_or(|after| entry.index > after);
        found.iter().filter(new).map(shown).collect()
    }
}

impl Tail {
    fn run(self, printer: &Printer) -> Outcome {
        let all = Question::all();
        let first = self.from.entries(&all, None, usize::from(self.lines))?;
        let mut last = newest(&first);
        first.iter().rev().for_each(|entry| print(printer, entry));
        if !self.follow {
            return Ok(());
        }
        loop {
            std::thread::sleep(FOLLOW_EVERY);
            let more = self.from.entries(&all, last, PAGE_ENTRIES_MAX)?;
            last = newest(&more).or(last);
            let asked = |entry: &&Value| cell(entry, "operation") != "SearchAudit";
            more.iter().rev().filter(asked).for_each(|entry| print(printer, entry));
        }
    }
}

/// The index of the newest of some entries, which come first.
fn newest(entries: &[Value]) -> Option<u64> {
    entries.first()?.get("index")?.as_u64()
}

impl Search {
    fn run(self, printer: &Printer) -> Outcome {
        let limit = usize::from(self.question.limit);
        let found = self.from.entries(&self.question, None, limit)?;
        found.iter().for_each(|entry| print(printer, entry));
        Ok(())
    }
}

impl Question {
    fn all() -> Self {
        Self {
            principal: None,
            credential: None,
            session: None,
            human: None,
            action: None,
            resource: None,
            verdict: None,
            reason: None,
            from: None,
            to: None,
            request_id: None,
            limit: 1,
        }
    }

    fn verdict(&self) -> Option<&'static str> {
        self.verdict.map(|verdict| match verdict {
            Verdict::Allowed => "allowed",
            Verdict::Refused => "refused",
        })
    }

    /// What the server is asked.
    fn query(&self) -> Vec<String> {
        let parameters = [
            ("principal", self.principal.as_deref()),
            ("credential", self.credential.as_deref()),
            ("session", self.session.as_deref()),
            ("human", self.human.as_deref()),
            ("action", self.action.as_deref()),
            ("resource", self.resource.as_deref()),
            ("verdict", self.verdict()),
            ("reason", self.reason.as_deref()),
            ("from", self.from.as_deref()),
            ("to", self.to.as_deref()),
            ("request_id", self.request_id.as_deref()),
        ];
        let given = parameters.into_iter().filter_map(|(name, value)| Some((name, value?)));
        given.map(|(name, value)| super::parameter(name, value)).collect()
    }

    /// What a directory is asked.
    fn filter(&self) -> Result<Filter, Failure> {
        Ok(Filter {
            principal: self.principal.clone(),
            credential: read("--credential", self.credential.as_ref())?,
            session: read("--session", self.session.as_ref())?,
            human: self.human.clone(),
            action: self.action.clone(),
            resource_prefix: self.resource.clone(),
            verdict: self.verdict.map(|verdict| match verdict {
                Verdict::Allowed => audit::entry::Entrance::Allowed,
                Verdict::Refused => audit::entry::Entrance::Refused,
            }),
            reason: self.reason.clone(),
            from: read("--from", self.from.as_ref())?,
            to: read("--to", self.to.as_ref())?,
            request_id: read("--request-id", self.request_id.as_ref())?,
        })
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

    fn run(self, printer: &Printer) -> Outcome {
        if let Some(key) = self.key.as_deref() {
            let key = verifier_key(key)?;
            match (&self.proof, &self.bundle, &self.from.dir) {
                (Some(file), ..) => return proof::verify_proof(file, &key, printer),
                (None, Some(file), _) => return proof::verify_bundle(file, &key, printer),
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
                audit::verify(&disk, terms).map_err(|error| damaged(&error))?.to_json()
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

/// An entry as JSON, as the server gives it: its first leaf, with the last one as `closed`.
fn shown(entry: &Entry) -> Result<Value, Failure> {
    let json = || -> serde_json::Result<Value> {
        let mut value = serde_json::to_value(&entry.opened)?;
        if let Some(members) = value.as_object_mut() {
            members.insert("index".to_owned(), entry.index.into());
            members.insert("closed".to_owned(), serde_json::to_value(&entry.closed)?);
        }
        Ok(value)
    };
    json().map_err(|error| Failure::Broken(error.to_string()))
}

/// One line an entry.
fn print(printer: &Printer, entry: &Value) {
    printer.one(entry, |value| line(value).unwrap_or_else(|| value.to_string()));
}

/// The line of an entry, for people.
fn line(value: &Value) -> Option<String> {
    let opened: Opened = serde_json::from_value(value.clone()).ok()?;
    let closed = serde_json::from_value(value.get("closed")?.clone()).ok()?;
    let time = opened.time.iso_seconds();
    let entry = Entry { index: value.get("index")?.as_u64()?, opened, closed };
    Some(format!("{time} {}", audit::render::line(&entry)))
}
