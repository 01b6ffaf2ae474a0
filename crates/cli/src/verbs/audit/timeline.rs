//! `strongroom audit timeline|stats`: what happened around one credential, person or object, and
//! how much of what happened at all.

use audit::disk::FileDisk;
use audit::{Entry, Reader, Subject};
use clap::Args;
use http::Method;
use names::Timestamp;
use serde_json::{Map, Value, json};

use super::asking::print;
use super::{damaged, journal_of, read};
use crate::exit::{Failure, Outcome};
use crate::print::{Printer, cell};

/// Most lines of one table of `stats`.
const TABLE_LINES_MAX: usize = 20;

/// Whose timeline, and of when.
#[derive(Args)]
pub(crate) struct Line {
    /// An access key: what was done with it, the sessions it led to, and what was done with those.
    #[arg(long, value_name = "ACCESS_KEY_ID", required_unless_present_any = ["person", "object"],
        conflicts_with_all = ["person", "object"])]
    credential: Option<String>,
    /// A person, by the provider's subject or label.
    #[arg(long, value_name = "PERSON", conflicts_with = "object")]
    person: Option<String>,
    /// A resource, by its ARN; one that ends in * stands for all that begin so.
    #[arg(long, value_name = "ARN")]
    object: Option<String>,
    /// Print only what was touched and the credentials that belong to it.
    #[arg(long)]
    summary: bool,
    #[command(flatten)]
    when: When,
}

/// Whose record, and of when.
#[derive(Args)]
pub(crate) struct When {
    /// Not before this time, such as 2026-01-31T00:00:00Z.
    #[arg(long, value_name = "TIME")]
    from: Option<String>,
    /// Before this time.
    #[arg(long, value_name = "TIME")]
    to: Option<String>,
    #[command(flatten)]
    source: super::From,
}

impl When {
    fn times(&self) -> Result<(Option<Timestamp>, Option<Timestamp>), Failure> {
        Ok((read("--from", self.from.as_ref())?, read("--to", self.to.as_ref())?))
    }

    /// The directory that is read; none if a server is asked.
    fn disk(&self) -> Result<Option<FileDisk>, Failure> {
        self.source.dir.as_deref().map(|data| Ok(FileDisk::new(journal_of(data)?))).transpose()
    }

    /// Asks a server.
    fn ask(&self, what: &str, given: &[(&str, Option<&String>)]) -> Result<Value, Failure> {
        let times = [("from", self.from.as_ref()), ("to", self.to.as_ref())];
        let all = given.iter().chain(&times);
        let query: Vec<String> = all
            .filter_map(|(name, value)| Some(super::super::parameter(name, (*value)?)))
            .collect();
        let path = format!("/-/v1/audit/{what}?{}", query.join("&"));
        self.source.target.admin(&Method::GET, &path, None)
    }
}

impl Line {
    fn subject(&self) -> Result<Subject, Failure> {
        if let Some(key) = read("--credential", self.credential.as_ref())? {
            return Ok(Subject::Credential(key));
        }
        let person = self.person.clone().map(Subject::Person);
        let subject = person.or_else(|| self.object.clone().map(Subject::Object));
        subject.ok_or_else(|| Failure::Input("whose timeline?".to_owned()))
    }

    /// The timeline, as a server tells it.
    fn found(&self) -> Result<Value, Failure> {
        let Some(disk) = self.when.disk()? else {
            let given = [
                ("credential", self.credential.as_ref()),
                ("person", self.person.as_ref()),
                ("object", self.object.as_ref()),
            ];
            return self.when.ask("timeline", &given);
        };
        let reader = Reader::open(&disk).map_err(|error| damaged(&error))?;
        let found = audit::timeline(&reader, &self.subject()?, self.when.times()?);
        let found = found.map_err(|error| damaged(&error))?;
        let entries: Vec<Value> = found.entries.iter().map(Entry::to_json).collect();
        Ok(json!({
            "entries": entries,
            "credentials": found.credentials,
            "touched": found.touched,
            "cut": found.cut,
        }))
    }

    pub(super) fn run(&self, printer: &Printer) -> Outcome {
        let found = self.found()?;
        let list = |name: &str| found.get(name).and_then(Value::as_array).into_iter().flatten();
        if !self.summary {
            list("entries").for_each(|entry| print(printer, entry));
            if found.get("cut").and_then(Value::as_bool) == Some(true) {
                let what = "there is more: narrow it down with --from and --to";
                printer.one(&json!({ "cut": true }), |_| what.to_owned());
            }
            return Ok(());
        }
        let said = json!({
            "entries": list("entries").count(),
            "credentials": found.get("credentials"),
            "touched": found.get("touched"),
        });
        printer.one(&said, |said| {
            let list = |name: &str| {
                let items = said.get(name).and_then(Value::as_array).into_iter().flatten();
                items.map(|item| format!("  {}", item.as_str().unwrap_or_default()))
            };
            let mut lines = vec![format!("{} entries", cell(said, "entries"))];
            lines.push("credentials:".to_owned());
            lines.extend(list("credentials"));
            lines.push("touched:".to_owned());
            lines.extend(list("touched"));
            lines.join("\n")
        });
        Ok(())
    }
}

/// The tables of `stats`.
const TABLES: [&str; 3] = ["operations", "reasons", "principals"];

/// `audit stats`
pub(super) fn stats(when: &When, printer: &Printer) -> Outcome {
    let said = match when.disk()? {
        None => when.ask("stats", &[])?,
        Some(disk) => counted(&disk, when)?,
    };
    printer.one(&said, |said| {
        let mut lines = vec![format!(
            "{} entries from {} to {}, {} refused, {} open, {} bytes in, {} bytes out",
            cell(said, "entries"),
            cell(said, "first"),
            cell(said, "last"),
            cell(said, "refused"),
            cell(said, "open"),
            cell(said, "bytes_in"),
            cell(said, "bytes_out"),
        )];
        for name in TABLES {
            lines.push(format!("{name}:"));
            lines.extend(said.get(name).and_then(Value::as_object).into_iter().flat_map(most));
        }
        lines.join("\n")
    });
    Ok(())
}

fn counted(disk: &FileDisk, when: &When) -> Result<Value, Failure> {
    let reader = Reader::open(disk).map_err(|error| damaged(&error))?;
    let counts = audit::counts(&reader, when.times()?).map_err(|error| damaged(&error))?;
    Ok(counts.to_json())
}

/// The largest counts of a table, largest first.
fn most(table: &Map<String, Value>) -> Vec<String> {
    let mut rows: Vec<(&String, u64)> =
        table.iter().map(|(name, count)| (name, count.as_u64().unwrap_or(0))).collect();
    rows.sort_by_key(|(name, count)| (std::cmp::Reverse(*count), (*name).clone()));
    let line = |(name, count): (&String, u64)| format!("{count:>12}  {name}");
    rows.into_iter().take(TABLE_LINES_MAX).map(line).collect()
}
