//! Questions to the record.

use audit::{Entry, Expect, Filter, Journal, JournalError, Permit, verify as prove};
use identity::ops::{PageRequest, SearchAudit};
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
    "limit",
];

/// What is searched for.
#[derive(Debug, Default)]
struct Question {
    filter: Filter,
    /// Only entries that begin after this leaf: how a follower goes on.
    after: Option<u64>,
}

/// `GET audit?principal=&action=&…`: the newest entries, newest first.
pub(crate) async fn search(mut x: Exchange) -> Response {
    let (prepared, question) = match prepare_search(&mut x) {
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
        let found = found.await?.into_iter();
        let entries: Vec<Value> =
            found.map(|entry| shown(&view.narrow(entry, &state))).collect::<Parsed<_>>()?;
        answer(&json!({ "entries": entries }))
    })
    .await
}

fn prepare_search(x: &mut Exchange) -> Parsed<(Prepared<SearchAudit>, Question)> {
    x.no_body()?;
    let parameters = x.parameters(PARAMETERS)?;
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
            "after" => asked.after = Some(read(name, text)?),
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
) -> Result<Vec<Entry>, JournalError> {
    let reader = journal.reader()?;
    let new = |entry: &Entry| question.after.is_none_or(|after| entry.index > after);
    let mut asked = limit;
    loop {
        let found = reader.search(&question.filter, asked)?;
        let all = found.len() < asked || !found.iter().all(new);
        let kept: Vec<Entry> =
            found.into_iter().filter(|e| new(e) && admits(e)).take(limit).collect();
        if kept.len() == limit || all || asked >= SEEN_ENTRIES_MAX {
            return Ok(kept);
        }
        asked = asked.saturating_mul(4).min(SEEN_ENTRIES_MAX);
    }
}

/// An entry: its first leaf, with the last one as `closed`.
pub(super) fn shown(entry: &Entry) -> Parsed<Value> {
    let json = || -> serde_json::Result<Value> {
        let mut value = serde_json::to_value(&entry.opened)?;
        if let Some(members) = value.as_object_mut() {
            members.insert("index".to_owned(), entry.index.into());
            members.insert("closed".to_owned(), serde_json::to_value(&entry.closed)?);
        }
        Ok(value)
    };
    json().map_err(|_| crate::error::ApiError::internal())
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
        ])
        .unwrap();
        assert_eq!(question.filter.verdict, Some(Entrance::Refused));
        assert_eq!(question.filter.action.as_deref(), Some("s3:GetObject"));
        assert_eq!(question.filter.resource_prefix.as_deref(), Some("arn:aws:s3:::b/"));
        assert!(question.filter.from.is_some());
        assert_eq!(question.after, Some(7));
    }

    #[test]
    fn a_value_that_cannot_be_read_is_refused_by_its_name() {
        for (name, text) in
            [("from", "yesterday"), ("verdict", "maybe"), ("request_id", "x"), ("after", "-1")]
        {
            let message = asked(&[(name, text)]).unwrap_err().message.clone();
            assert!(message.contains(&format!("`{text}`")), "{message}");
        }
    }
}
