//! `strongroom audit timeline|stats`: what happened around one credential, person or object, and
//! how much of what happened at all.

use audit::disk::FileDisk;
use audit::{Entry, Reader, Subject, TIMELINE_ENTRIES_MAX, TimelinePage};
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

    /// Gives each page of the timeline to `take`, as a server tells it; the last one comes back,
    /// without its entries.
    fn pages(&self, mut take: impl FnMut(&Value)) -> Result<Value, Failure> {
        let disk = self.when.disk()?;
        let mut after = None;
        loop {
            let mut page = match &disk {
                None => self.asked(after)?,
                Some(disk) => self.read(disk, after)?,
            };
            let entries = page.as_object_mut().and_then(|page| page.remove("entries"));
            entries.as_ref().and_then(Value::as_array).into_iter().flatten().for_each(&mut take);
            // Who only wants what every page says needs one.
            after = page.get("next").and_then(Value::as_u64).filter(|_| !self.summary);
            if after.is_none() {
                return Ok(page);
            }
        }
    }

    /// A page that a server tells.
    fn asked(&self, after: Option<u64>) -> Result<Value, Failure> {
        let after = after.map(|after| after.to_string());
        let given = [
            ("credential", self.credential.as_ref()),
            ("person", self.person.as_ref()),
            ("object", self.object.as_ref()),
            ("after", after.as_ref()),
        ];
        self.when.ask("timeline", &given)
    }

    /// A page that a directory holds.
    fn read(&self, disk: &FileDisk, after: Option<u64>) -> Result<Value, Failure> {
        let reader = Reader::open(disk).map_err(|error| damaged(&error))?;
        let entries_max = if self.summary { 0 } else { TIMELINE_ENTRIES_MAX };
        let page = TimelinePage { after, entries_max };
        let found = audit::timeline(&reader, &self.subject()?, self.when.times()?, page);
        let found = found.map_err(|error| damaged(&error))?;
        let entries: Vec<Value> = found.entries.iter().map(Entry::to_json).collect();
        Ok(json!({
            "entries": entries,
            "found": found.found,
            "next": found.next,
            "credentials": found.credentials,
            "touched": found.touched,
        }))
    }

    pub(super) fn run(&self, printer: &Printer) -> Outcome {
        let show = |entry: &Value| {
            if !self.summary {
                print(printer, entry);
            }
        };
        let last = self.pages(show)?;
        if !self.summary {
            return Ok(());
        }
        let said = json!({
            "entries": last.get("found"),
            "credentials": last.get("credentials"),
            "touched": last.get("touched"),
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
