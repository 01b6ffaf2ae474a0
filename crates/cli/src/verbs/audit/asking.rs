//! `strongroom audit search|tail|export --view`: entries by question, page by page as they are
//! found, or as they come; for people, as JSON, or in the words of another tool.

use std::io::Write;
use std::ops::{ControlFlow, Range};
use std::time::Duration;

use audit::disk::FileDisk;
use audit::view::{View, of};
use audit::{Between, Entry, Filter, Reader};
use clap::{Args, ValueEnum};
use http::Method;
use serde_json::Value;

use super::{From, damaged, journal_of, read};
use crate::exit::{Failure, Outcome};
use crate::print::Printer;

/// Most entries of one answer: a page that is there at once.
const PAGE_ENTRIES: usize = 100;
/// Most entries of one answer to a follower or an export.
const PAGE_ENTRIES_MAX: usize = 1000;
/// How often a follower of a directory looks for more.
const FOLLOW_EVERY: Duration = Duration::from_secs(1);
/// How long a server keeps a follower waiting.
const FOLLOW_WAIT_SECONDS: u64 = 20;

#[derive(Args)]
pub(crate) struct Tail {
    /// How many entries to begin with.
    #[arg(long, short = 'n', value_name = "NUMBER", default_value_t = 10,
        value_parser = clap::value_parser!(u16).range(0..=1000))]
    lines: u16,
    /// Go on as entries come.
    #[arg(long, short)]
    follow: bool,
    #[command(flatten)]
    question: Question,
    #[command(flatten)]
    words: Words,
    #[command(flatten)]
    from: From,
}

#[derive(Args)]
pub(crate) struct Search {
    #[command(flatten)]
    question: Question,
    /// Most entries to print.
    #[arg(long, value_name = "NUMBER", default_value_t = 100,
        value_parser = clap::value_parser!(u32).range(1..=10_000_000))]
    limit: u32,
    #[command(flatten)]
    words: Words,
    #[command(flatten)]
    from: From,
}

/// In whose words entries are printed.
#[derive(Args, Clone, Copy)]
pub(super) struct Words {
    /// Print each entry as JSON in the words of another tool: see docs/audit-views.md.
    #[arg(long)]
    view: Option<ViewName>,
}

#[derive(Clone, Copy, ValueEnum)]
enum ViewName {
    Ocsf,
    Ecs,
    #[value(name = "cloudtrail")]
    CloudTrail,
}

impl Words {
    /// The entry in those words; `None` if none were given.
    fn of(self, entry: &Value) -> Option<Value> {
        let view = match self.view? {
            ViewName::Ocsf => View::Ocsf,
            ViewName::Ecs => View::Ecs,
            ViewName::CloudTrail => View::CloudTrail,
        };
        Some(Entry::from_json(entry).map_or_else(|| entry.clone(), |entry| of(&entry, view)))
    }

    /// Whether any were given.
    pub(super) fn are_given(self) -> bool {
        self.view.is_some()
    }

    fn print(self, printer: &Printer, entry: &Value) {
        match self.of(entry) {
            Some(told) => printer.one(&told, Value::to_string),
            None => print(printer, entry),
        }
    }
}

/// What the entries are narrowed by.
#[derive(Args, Default)]
pub(super) struct Question {
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
}

#[derive(Clone, Copy, ValueEnum)]
enum Verdict {
    Allowed,
    Refused,
}

impl From {
    /// Gives the newest entries that match to `take`, newest first, as they are found, as JSON.
    fn newest(
        &self,
        question: &Question,
        limit: usize,
        mut take: impl FnMut(&Value),
    ) -> Result<(), Failure> {
        let Some(data) = &self.dir else { return self.ask_newest(question, limit, take) };
        let disk = FileDisk::new(journal_of(data)?);
        let reader = Reader::open(&disk).map_err(|error| damaged(&error))?;
        let mut left = limit;
        let found = reader.each(&question.filter()?, Between::default(), |entry| {
            take(&entry.to_json());
            left = left.saturating_sub(1);
            if left == 0 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        });
        found.map_err(|error| damaged(&error))
    }

    /// The same of a server, page by page.
    fn ask_newest(
        &self,
        question: &Question,
        limit: usize,
        mut take: impl FnMut(&Value),
    ) -> Result<(), Failure> {
        let (mut left, mut before) = (limit, None);
        while left > 0 {
            let page = left.min(PAGE_ENTRIES);
            let answer = self.page("audit", question, &[("before", before)], page)?;
            let entries = entries(&answer);
            entries.iter().for_each(&mut take);
            left = left.saturating_sub(entries.len());
            before = next(&answer);
            if before.is_none() {
                break;
            }
        }
        Ok(())
    }

    /// Entries after a leaf, oldest first, and the leaf to go on after. A server keeps whoever asks
    /// waiting until there are any, for so many seconds.
    fn after(
        &self,
        question: &Question,
        after: Option<u64>,
        wait: u64,
    ) -> Result<(Vec<Value>, Option<u64>), Failure> {
        let Some(data) = &self.dir else {
            let more = [("after", after), ("wait", Some(wait).filter(|wait| *wait > 0))];
            let answer = self.page("audit/tail", question, &more, PAGE_ENTRIES_MAX)?;
            return Ok((entries(&answer), next(&answer)));
        };
        let disk = FileDisk::new(journal_of(data)?);
        let reader = Reader::open(&disk).map_err(|error| damaged(&error))?;
        let found = reader.follow(&question.filter()?, after, PAGE_ENTRIES_MAX);
        let (found, next) = found.map_err(|error| damaged(&error))?;
        Ok((found.iter().map(Entry::to_json).collect(), next))
    }

    /// Asks a server.
    fn page(
        &self,
        what: &str,
        question: &Question,
        more: &[(&str, Option<u64>)],
        limit: usize,
    ) -> Result<Value, Failure> {
        let mut query = question.query();
        for (name, value) in more {
            query.extend(value.map(|value| super::super::parameter(name, &value.to_string())));
        }
        query.push(super::super::parameter("limit", &limit.to_string()));
        let path = format!("/-/v1/{what}?{}", query.join("&"));
        self.target.admin(&Method::GET, &path, None)
    }

    /// Writes the entries that began in a run of leaves, one a line.
    pub(super) fn write(
        &self,
        run: &Range<u64>,
        words: Words,
        out: &mut impl Write,
    ) -> Result<u64, Failure> {
        let all = Question::default();
        let broken = |error: std::io::Error| Failure::Broken(error.to_string());
        let (mut after, mut written) = (run.start.checked_sub(1), 0_u64);
        // A server begins at the end if it is not told where: its first leaf is no request's.
        let mut begun = self.dir.is_some();
        loop {
            let from = if begun { after } else { after.or(Some(0)) };
            begun = true;
            let (entries, next) = self.after(&all, from, 0)?;
            for entry in &entries {
                if index(entry).is_none_or(|index| index >= run.end) {
                    return Ok(written);
                }
                let told = words.of(entry).unwrap_or_else(|| entry.clone());
                writeln!(out, "{told}").map_err(broken)?;
                written = written.saturating_add(1);
            }
            if next == from || next.is_none_or(|next| next.saturating_add(1) >= run.end) {
                return Ok(written);
            }
            after = next;
        }
    }
}

fn entries(answer: &Value) -> Vec<Value> {
    answer.get("entries").and_then(Value::as_array).cloned().unwrap_or_default()
}

fn next(answer: &Value) -> Option<u64> {
    answer.get("next")?.as_u64()
}

fn index(entry: &Value) -> Option<u64> {
    entry.get("index")?.as_u64()
}

impl Tail {
    pub(super) fn run(&self, printer: &Printer) -> Outcome {
        // First the place to follow from: what comes in between is told twice rather than never.
        let start = if self.follow { self.end()? } else { None };
        let mut newest = Vec::new();
        if self.lines > 0 {
            let lines = usize::from(self.lines);
            self.from.newest(&self.question, lines, |entry| newest.push(entry.clone()))?;
        }
        newest.iter().rev().for_each(|entry| self.words.print(printer, entry));
        if !self.follow {
            return Ok(());
        }
        let mut after = newest.first().and_then(index).max(start);
        loop {
            let (entries, next) = self.from.after(&self.question, after, FOLLOW_WAIT_SECONDS)?;
            entries.iter().for_each(|entry| self.words.print(printer, entry));
            if self.from.dir.is_some() && next == after {
                std::thread::sleep(FOLLOW_EVERY);
            }
            after = next.or(after);
        }
    }

    /// The newest leaf.
    fn end(&self) -> Result<Option<u64>, Failure> {
        let Some(data) = &self.from.dir else {
            return Ok(self.from.after(&self.question, None, 0)?.1);
        };
        let disk = FileDisk::new(journal_of(data)?);
        let reader = Reader::open(&disk).map_err(|error| damaged(&error))?;
        Ok(reader.len().checked_sub(1))
    }
}

impl Search {
    pub(super) fn run(&self, printer: &Printer) -> Outcome {
        let limit = usize::try_from(self.limit).unwrap_or(usize::MAX);
        self.from.newest(&self.question, limit, |entry| self.words.print(printer, entry))
    }
}

impl Question {
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
        given.map(|(name, value)| super::super::parameter(name, value)).collect()
    }

    /// What a directory is asked.
    fn filter(&self) -> Result<Filter, Failure> {
        Ok(Filter {
            minted: None,
            any_of: std::collections::BTreeSet::new(),
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

/// One line an entry.
pub(super) fn print(printer: &Printer, entry: &Value) {
    printer.one(entry, |value| line(value).unwrap_or_else(|| value.to_string()));
}

/// The line of an entry, for people.
fn line(value: &Value) -> Option<String> {
    let entry = Entry::from_json(value)?;
    Some(format!("{} {}", entry.opened.time.iso_seconds(), audit::render::line(&entry)))
}
