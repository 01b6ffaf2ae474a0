//! Questions to the record.

use std::ops::ControlFlow;
use std::time::Duration;

use audit::{Between, Entry, Expect, Filter, Journal, JournalError, Permit, verify as prove};
use identity::ops::{PageRequest, SearchAudit};
use policy::operation::Operation;
use serde_json::{Value, json};

use super::account::page;
use super::narrowed::View;
use super::{Parsed, account, answer, invalid, operator, read_journal};
use crate::Response;
use crate::exchange::{Act, Exchange, Prepared};

/// Most entries that are looked at for one page of an account that sees only its own.
const SEEN_ENTRIES_MAX: usize = 100_000;

/// What a search can be narrowed by.
const PARAMETERS: &[&str] = &[
    "principal",
    "credential",
    "session",
    "human",
    "action",
    "resource",
    "verdict",
    "reason",
    "from",
    "to",
    "request_id",
    "after",
    "before",
    "limit",
];
/// What a follower asks by.
const FOLLOWED: &[&str] = &["wait"];
/// The longest that a follower is kept waiting for an entry.
const WAIT_SECONDS_MAX: u64 = 30;
/// How often a follower is looked after meanwhile.
const LOOK_EVERY: Duration = Duration::from_millis(250);
/// What the entry of a follower's question is aimed at: those are not followed themselves.
const TAIL: &str = "tail";

/// What is searched for.
#[derive(Clone, Debug, Default)]
struct Question {
    filter: Filter,
    /// Only entries whose first leaf is there.
    between: Between,
    /// How long a follower waits.
    wait: Duration,
}

/// Entries, and where those that follow them begin.
#[derive(Debug, Default)]
struct Page {
    entries: Vec<Entry>,
    next: Option<u64>,
}

/// `GET audit?principal=&action=&…`: the newest entries, newest first; `next` is the `before` of
/// the page that follows.
pub(crate) async fn search(mut x: Exchange) -> Response {
    let (prepared, question) = match prepare_search(&mut x, PARAMETERS) {
        Ok((prepared, question)) => (Ok(prepared), question),
        Err(error) => (Err(error), Question::default()),
    };
    x.through(prepared, async move |act: Act, permit: Permit<SearchAudit>| {
        let SearchAudit { account, page } = permit.op().clone();
        let state = act.services.identity.snapshot();
        let view = View::of(account, &state);
        let seen = std::sync::Arc::clone(&state);
        let found = read_journal(&act.services, move |journal| {
            matching(journal, &question, page.max(), |entry| view.admits(entry, &seen))
        });
        let Page { entries, next } = found.await?;
        let entries = entries.into_iter().map(|entry| view.narrow(entry, &state).to_json());
        answer(&json!({ "entries": entries.collect::<Vec<Value>>(), "next": next }))
    })
    .await
}

/// `GET audit/tail?after=&wait=&…`: entries as they come, oldest first; `next` is the `after` of
/// the question that follows. Answers at once if there are any, else after `wait` seconds. Without
/// `after` it begins with what comes from now on.
pub(crate) async fn tail(mut x: Exchange) -> Response {
    let known = [PARAMETERS, FOLLOWED].concat();
    let (prepared, question) = match prepare_search(&mut x, &known) {
        Ok((prepared, question)) if question.between.before.is_none() => {
            (Ok(Prepared { detail: Some(TAIL.to_owned()), ..prepared }), question)
        }
        Ok(_) => (Err(invalid("`before` is not asked of a tail")), Question::default()),
        Err(error) => (Err(error), Question::default()),
    };
    x.through(prepared, async move |act: Act, permit: Permit<SearchAudit>| {
        let SearchAudit { account, page } = permit.op().clone();
        let (limit, mut after) = (page.max(), question.between.after);
        let guard = permit.guard();
        let mut left = question.wait;
        loop {
            // Rights to see may change while somebody waits.
            let state = act.services.identity.snapshot();
            let view = View::of(account, &state);
            let asked = (question.filter.clone(), after, limit);
            let Page { entries, next } =
                read_journal(&act.services, move |journal| followed(journal, &asked)).await?;
            after = next;
            let seen = entries.into_iter().filter(|entry| view.admits(entry, &state));
            let entries: Vec<Value> =
                seen.map(|entry| view.narrow(entry, &state).to_json()).collect();
            // Who is cut off meanwhile is answered no more: the answer itself sees to that.
            if !entries.is_empty() || left.is_zero() || guard.cut().is_some() {
                return answer(&json!({ "entries": entries, "next": after }));
            }
            let rest = LOOK_EVERY.min(left);
            tokio::time::sleep(rest).await;
            left = left.saturating_sub(rest);
        }
    })
    .await
}

fn prepare_search(x: &mut Exchange, known: &[&str]) -> Parsed<(Prepared<SearchAudit>, Question)> {
    x.no_body()?;
    let parameters = x.parameters(known)?;
    let op = SearchAudit { account: account(x)?, page: page(&parameters)? };
    Ok((Prepared::new(op), question(&parameters)?))
}

fn question(parameters: &[(String, String)]) -> Parsed<Question> {
    let mut asked = Question::default();
    let filter = &mut asked.filter;
    for (name, text) in parameters {
        match name.as_str() {
            "principal" => filter.principal = Some(text.clone()),
            "credential" => filter.credential = Some(read(name, text)?),
            "session" => filter.session = Some(read(name, text)?),
            "human" => filter.human = Some(text.clone()),
            "action" => filter.action = Some(text.clone()),
            "resource" => filter.resource_prefix = Some(text.clone()),
            "verdict" => {
                let verdict = serde_json::from_value(Value::String(text.clone()));
                let verdict = verdict.map_err(|_| {
                    invalid(format!("the verdict `{text}` is neither `allowed` nor `refused`"))
                })?;
                filter.verdict = Some(verdict);
            }
            "reason" => filter.reason = Some(text.clone()),
            "from" => filter.from = Some(read(name, text)?),
            "to" => filter.to = Some(read(name, text)?),
            "request_id" => filter.request_id = Some(read(name, text)?),
            "after" => asked.between.after = Some(read(name, text)?),
            "before" => asked.between.before = Some(read(name, text)?),
            "wait" => {
                let seconds = read(name, text)?;
                if seconds > WAIT_SECONDS_MAX {
                    let what = format!("`wait` is at most {WAIT_SECONDS_MAX} seconds");
                    return Err(invalid(what));
                }
                asked.wait = Duration::from_secs(seconds);
            }
            _ => {}
        }
    }
    Ok(asked)
}

pub(super) fn read<T: std::str::FromStr>(name: &str, text: &str) -> Parsed<T> {
    text.parse().map_err(|_| invalid(format!("`{text}` cannot be the value of `{name}`")))
}

/// The newest entries that are asked for and seen. Reads on past entries that are not seen, up to
/// [`SEEN_ENTRIES_MAX`].
fn matching(
    journal: &Journal,
    question: &Question,
    limit: usize,
    admits: impl Fn(&Entry) -> bool,
) -> Result<Page, JournalError> {
    let (mut page, mut looked) = (Page::default(), 0_usize);
    journal.reader()?.each(&question.filter, question.between, |entry| {
        let index = entry.index;
        page.entries.extend(Some(entry).filter(&admits));
        looked = looked.saturating_add(1);
        if page.entries.len() < limit && looked < SEEN_ENTRIES_MAX {
            return ControlFlow::Continue(());
        }
        page.next = Some(index);
        ControlFlow::Break(())
    })?;
    Ok(page)
}

/// What came after a leaf, oldest first, without the questions of followers.
fn followed(
    journal: &Journal,
    (filter, after, limit): &(Filter, Option<u64>, usize),
) -> Result<Page, JournalError> {
    let reader = journal.reader()?;
    if after.is_none() {
        let next = reader.len().checked_sub(1);
        return Ok(Page { entries: Vec::new(), next });
    }
    let (mut entries, next) = reader.follow(filter, *after, *limit)?;
    entries.retain(|entry| {
        let detail = entry.opened.target.as_ref().and_then(|target| target.detail.as_deref());
        entry.opened.operation != SearchAudit::NAME || detail != Some(TAIL)
    });
    Ok(Page { entries, next })
}

/// `GET audit/verify`: hashes the whole record again. The account that owns the installation asks.
pub(crate) async fn verify(mut x: Exchange) -> Response {
    let prepared = prepare_whole(&mut x, "verify");
    x.through(prepared, async |act: Act, _: Permit<SearchAudit>| {
        let report = read_journal(&act.services, |journal| prove(journal.disk(), Expect::Running));
        answer(&report.await?.to_json())
    })
    .await
}

/// What concerns the whole record: the account that owns the installation asks.
fn prepare_whole(x: &mut Exchange, what: &str) -> Parsed<Prepared<SearchAudit>> {
    x.no_body()?;
    x.parameters(&[])?;
    let op = SearchAudit { account: operator(&x.services)?, page: PageRequest::default() };
    Ok(Prepared { detail: Some(what.to_owned()), ..Prepared::new(op) })
}

/// `GET audit/checkpoint`: the newest signed checkpoint and the key that it is verified with.
pub(crate) async fn checkpoint(mut x: Exchange) -> Response {
    let prepared = prepare_whole(&mut x, "checkpoint");
    x.through(prepared, async |act: Act, _: Permit<SearchAudit>| {
        let key = act.services.journal.checkpoint_key().map(ToString::to_string);
        let checkpoint = read_journal(&act.services, Journal::checkpoint).await?;
        let note = checkpoint.map(|checkpoint| checkpoint.note());
        answer(&json!({ "checkpoint": note, "key": key }))
    })
    .await
}

#[cfg(test)]
mod tests {
    use audit::entry::Entrance;

    use super::*;

    fn asked(pairs: &[(&str, &str)]) -> Parsed<Question> {
        let pairs: Vec<_> = pairs.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect();
        question(&pairs)
    }

    #[test]
    fn every_parameter_narrows_the_search() {
        let question = asked(&[
            ("verdict", "refused"),
            ("action", "s3:GetObject"),
            ("resource", "arn:aws:s3:::b/"),
            ("from", "2026-01-01T00:00:00Z"),
            ("after", "7"),
            ("before", "9"),
            ("wait", "30"),
        ])
        .unwrap();
        assert_eq!(question.filter.verdict, Some(Entrance::Refused));
        assert_eq!(question.filter.action.as_deref(), Some("s3:GetObject"));
        assert_eq!(question.filter.resource_prefix.as_deref(), Some("arn:aws:s3:::b/"));
        assert!(question.filter.from.is_some());
        assert_eq!(question.between, Between { after: Some(7), before: Some(9) });
        assert_eq!(question.wait.as_secs(), WAIT_SECONDS_MAX);
    }

    #[test]
    fn a_value_that_cannot_be_read_is_refused_by_its_name() {
        for (name, text) in
            [("from", "yesterday"), ("verdict", "maybe"), ("request_id", "x"), ("after", "-1")]
        {
            let message = asked(&[(name, text)]).unwrap_err().message.clone();
            assert!(message.contains(&format!("`{text}`")), "{message}");
        }
        assert!(asked(&[("wait", "31")]).unwrap_err().message.contains("at most 30"));
    }
}
