//! Questions to the whole record, and its legal holds. The account that owns the installation asks.

use audit::entry::Leaf;
use audit::{
    BundleError, Entry, Hold, HoldError, Journal, JournalError, Permit, ProofError, Subject,
    Timeline, TimelinePage, counts, export as write_bundle, prove as prove_leaf, prove_growth,
    timeline,
};
use identity::ops::{ManageAuditHolds, PageRequest, SearchAudit};
use names::{DecisionId, RequestId, Timestamp};
use serde::Deserialize;
use serde_json::{Value, json};

use super::audit::read;
use super::{Parsed, answer, invalid, missing, operator, read_journal};
use crate::Response;
use crate::error::ApiError;
use crate::exchange::{Act, Answer, Exchange, Prepared};

/// Most entries of one answer of a timeline: they are in memory.
const TIMELINE_PAGE_ENTRIES_MAX: usize = 1_000;
/// Most leaves of a bundle in an answer: they are in memory.
const EXPORT_LEAVES_MAX: u64 = 20_000;

type Pairs = Vec<(String, String)>;

/// A question to the whole record, with its parameters.
fn prepare(x: &mut Exchange, what: &str, known: &[&str]) -> Parsed<(Prepared<SearchAudit>, Pairs)> {
    x.no_body()?;
    let parameters = x.parameters(known)?;
    let op = SearchAudit { account: operator(&x.services)?, page: PageRequest::default() };
    Ok((Prepared { detail: Some(what.to_owned()), ..Prepared::new(op) }, parameters))
}

/// Serves a question: `ask` reads the parameters, before anything is decided, and gives back what
/// answers.
async fn asked<Q: Send + 'static>(
    mut x: Exchange,
    (what, known): (&str, &[&str]),
    ask: impl FnOnce(&Pairs) -> Parsed<Q>,
    reply: impl FnOnce(&Journal, Q) -> Result<Parsed<Answer>, JournalError> + Send + 'static,
) -> Response {
    let parsed = prepare(&mut x, what, known)
        .and_then(|(prepared, pairs)| ask(&pairs).map(|question| (prepared, question)));
    let (prepared, question) = match parsed {
        Ok((prepared, question)) => (Ok(prepared), Some(question)),
        Err(error) => (Err(error), None),
    };
    x.through(prepared, async move |act: Act, _: Permit<SearchAudit>| {
        let question = question.ok_or_else(ApiError::internal)?;
        read_journal(&act.services, move |journal| reply(journal, question)).await?
    })
    .await
}

fn value<'p>(pairs: &'p Pairs, name: &str) -> Option<&'p String> {
    pairs.iter().find(|(other, _)| other == name).map(|(_, value)| value)
}

fn parsed<T: std::str::FromStr>(pairs: &Pairs, name: &str) -> Parsed<Option<T>> {
    value(pairs, name).map(|text| read(name, text)).transpose()
}

type Times = (Option<Timestamp>, Option<Timestamp>);

fn times(pairs: &Pairs) -> Parsed<Times> {
    Ok((parsed(pairs, "from")?, parsed(pairs, "to")?))
}

/// `GET audit/timeline?credential=|person=|object=&from=&to=&after=`
pub(crate) async fn timeline_of(x: Exchange) -> Response {
    let known = ["credential", "person", "object", "from", "to", "after"];
    let ask = |pairs: &Pairs| {
        let credential = parsed(pairs, "credential")?.map(Subject::Credential);
        let person = value(pairs, "person").cloned().map(Subject::Person);
        let object = value(pairs, "object").cloned().map(Subject::Object);
        let mut all = [credential, person, object].into_iter().flatten();
        match (all.next(), all.next()) {
            (Some(subject), None) => {
                let (after, entries_max) = (parsed(pairs, "after")?, TIMELINE_PAGE_ENTRIES_MAX);
                Ok((subject, times(pairs)?, TimelinePage { after, entries_max }))
            }
            _ => Err(invalid("give one of `credential`, `person` and `object`")),
        }
    };
    asked(x, ("timeline", &known), ask, |journal, (subject, times, page)| {
        let found = timeline(&journal.reader()?, &subject, times, page)?;
        Ok(answer(&told(&found)))
    })
    .await
}

fn told(found: &Timeline) -> Value {
    let entries: Vec<Value> = found.entries.iter().map(Entry::to_json).collect();
    json!({
        "found": found.found,
        "next": found.next,
        "entries": entries,
        "credentials": found.credentials,
        "touched": found.touched,
    })
}

/// `GET audit/stats?from=&to=`
pub(crate) async fn stats(x: Exchange) -> Response {
    asked(x, ("stats", &["from", "to"]), times, |journal, times| {
        Ok(answer(&counts(&journal.reader()?, times)?.to_json()))
    })
    .await
}

/// Which leaf is to be proved.
enum Wanting {
    At(u64),
    Opened(RequestId),
    Closed(RequestId),
}

/// The leaf's index; `None` if there is no such leaf.
fn index_of(journal: &Journal, leaf: &Wanting) -> Result<Option<u64>, JournalError> {
    let reader = journal.reader()?;
    let (id, closed) = match leaf {
        Wanting::At(index) => return Ok(Some(*index)),
        Wanting::Opened(id) => (id, false),
        Wanting::Closed(id) => (id, true),
    };
    let Some(entry) = reader.find(*id)? else { return Ok(None) };
    if !closed || entry.closed.is_none() {
        return Ok((!closed).then_some(entry.index));
    }
    for leaf in reader.leaves(entry.index) {
        match leaf? {
            (index, Leaf::Closed(closed)) if closed.id == *id => return Ok(Some(index)),
            _ => {}
        }
    }
    Ok(None)
}

/// `GET audit/prove?id=&end=closed`: a request id, a decision id, or `leaf:` and an index.
pub(crate) async fn prove(x: Exchange) -> Response {
    let ask = |pairs: &Pairs| {
        let id = value(pairs, "id").ok_or_else(|| invalid("`id` is missing"))?;
        if let Some(index) = id.strip_prefix("leaf:") {
            return read("id", index).map(Wanting::At);
        }
        let decision = id.parse::<DecisionId>().map(|decision| decision.request);
        let id: RequestId = decision.or_else(|_| read("id", id))?;
        match value(pairs, "end").map(String::as_str) {
            None => Ok(Wanting::Opened(id)),
            Some("closed") => Ok(Wanting::Closed(id)),
            Some(_) => Err(invalid("`end` can only be `closed`")),
        }
    };
    asked(x, ("prove", &["id", "end"]), ask, |journal, leaf| {
        let Some(index) = index_of(journal, &leaf)? else { return Ok(Err(no_such())) };
        proof(prove_leaf(journal.disk(), index)).map(|made| {
            let made = made?;
            answer(&json!({ "index": index, "proof": made.to_text() }))
        })
    })
    .await
}

/// `GET audit/growth?size=`: that the record grew from so many leaves.
pub(crate) async fn growth(x: Exchange) -> Response {
    let ask =
        |pairs: &Pairs| parsed::<u64>(pairs, "size")?.ok_or_else(|| invalid("`size` is missing"));
    asked(x, ("growth", &["size"]), ask, |journal, size| {
        proof(prove_growth(journal.disk(), size)).map(|made| {
            let made = made?;
            answer(&json!({ "proof": made.to_text() }))
        })
    })
    .await
}

/// `GET audit/export?from=&to=`: a bundle of leaves `from` to before `to`.
pub(crate) async fn export(x: Exchange) -> Response {
    let ask = |pairs: &Pairs| {
        let (from, to) = (parsed::<u64>(pairs, "from")?, parsed::<u64>(pairs, "to")?);
        let (Some(from), Some(to)) = (from, to) else {
            return Err(invalid("`from` and `to` are the leaves to begin at and to end before"));
        };
        let many = to.saturating_sub(from);
        if many == 0 || many > EXPORT_LEAVES_MAX {
            return Err(invalid(format!("one answer has 1 to {EXPORT_LEAVES_MAX} leaves")));
        }
        Ok(from..to)
    };
    asked(x, ("export", &["from", "to"]), ask, |journal, run| {
        let mut bytes = Vec::new();
        let written = match write_bundle(journal.disk(), &run, &mut bytes) {
            Ok(_) => Ok(()),
            Err(BundleError::Proof(error)) => proof(Err(error))?,
            Err(error) => Err(invalid(error.to_string())),
        };
        let text = String::from_utf8(bytes).map_err(|_| ApiError::internal());
        Ok(written
            .and(text)
            .map(|text| wire::Response::text(200, "application/x-ndjson", text).into()))
    })
    .await
}

/// A record that cannot be read is the server's fault; what is not covered yet the caller's.
fn proof<T>(made: Result<T, ProofError>) -> Result<Parsed<T>, JournalError> {
    match made {
        Ok(made) => Ok(Ok(made)),
        Err(ProofError::Journal(error)) => Err(error),
        Err(other) => Ok(Err(invalid(other.to_string()))),
    }
}

fn no_such() -> ApiError {
    missing("NoSuchEntry", "there is no entry of that id", "it may have been removed by retention")
}

/// `GET audit/holds`
pub(crate) async fn holds(x: Exchange) -> Response {
    asked(
        x,
        ("holds", &[]),
        |_| Ok(()),
        |journal, ()| Ok(answer(&json!({ "holds": journal.holds()? }))),
    )
    .await
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Wanted {
    #[serde(default)]
    what: String,
    #[serde(default)]
    from: Option<Timestamp>,
    #[serde(default)]
    to: Option<Timestamp>,
}

fn prepare_hold(x: &Exchange) -> Parsed<Prepared<ManageAuditHolds>> {
    x.parameters(&[])?;
    let name = x.segment()?;
    if !Hold::is_name(&name) {
        return Err(refused(&HoldError::Form));
    }
    let prepared = Prepared::new(ManageAuditHolds { operator: operator(&x.services)? });
    Ok(Prepared { detail: Some(format!("hold {name}")), ..prepared })
}

/// `PUT audit/holds/{name} {what, from, to}`
pub(crate) async fn place(mut x: Exchange) -> Response {
    let placed = x.services.journal.now();
    let parsed = prepare_hold(&x).and_then(|prepared| {
        let (Wanted { what, from, to }, name) = (x.json()?, x.segment()?);
        Ok((prepared, Hold { name, what, from, to, placed }))
    });
    let (prepared, hold) = match parsed {
        Ok((prepared, hold)) => (Ok(prepared), Some(hold)),
        Err(error) => (Err(error), None),
    };
    x.through(prepared, async move |act: Act, _: Permit<ManageAuditHolds>| {
        let hold = hold.ok_or_else(ApiError::internal)?;
        let said = json!({ "hold": hold });
        let done = read_journal(&act.services, move |journal| done(journal.place_hold(hold)));
        done.await??;
        answer(&said)
    })
    .await
}

/// `DELETE audit/holds/{name}`
pub(crate) async fn release(mut x: Exchange) -> Response {
    let parsed = x.no_body().and_then(|()| Ok((prepare_hold(&x)?, x.segment()?)));
    let (prepared, name) = match parsed {
        Ok((prepared, name)) => (Ok(prepared), name),
        Err(error) => (Err(error), String::new()),
    };
    x.through(prepared, async move |act: Act, _: Permit<ManageAuditHolds>| {
        let said = json!({ "released": name });
        let done = read_journal(&act.services, move |journal| done(journal.release_hold(&name)));
        done.await??;
        answer(&said)
    })
    .await
}

fn done(outcome: Result<(), HoldError>) -> Result<Parsed<()>, JournalError> {
    match outcome {
        Ok(()) => Ok(Ok(())),
        Err(HoldError::Journal(error)) => Err(error),
        Err(other) => Ok(Err(refused(&other))),
    }
}

fn refused(error: &HoldError) -> ApiError {
    match error {
        HoldError::Unknown(_) => missing("NoSuchHold", error.to_string(), "list them: audit/holds"),
        HoldError::TooMany => ApiError::new(409, "LimitExceeded", error.to_string()),
        _ => invalid(error.to_string()),
    }
}
