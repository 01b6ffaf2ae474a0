//! Why a request was decided as it was: what the record says, and what every statement of the state
//! at that revision had to say about it.

use audit::entry::CheckRecord;
use audit::{Entry, Permit};
use identity::ops::ExplainDecision;
use names::{DecisionId, RequestId};
use serde_json::{Value, json};

use super::again::Again;
use super::narrowed::View;
use super::{Parsed, account, answer, invalid, missing, read_journal};
use crate::Response;
use crate::exchange::{Act, Exchange, Prepared};

/// `GET explain/{decision id or request id}`
pub(crate) async fn explain(mut x: Exchange) -> Response {
    let (prepared, wanted) = match prepare(&mut x) {
        Ok((prepared, wanted)) => (Ok(prepared), wanted),
        Err(error) => (Err(error), Wanted::Everything),
    };
    x.through(prepared, async move |act: Act, permit: Permit<ExplainDecision>| {
        let ExplainDecision { account, decision } = permit.op().clone();
        let state = act.services.identity.snapshot();
        let view = View::of(account, &state);
        let id = decision.request;
        let found = read_journal(&act.services, move |journal| journal.reader()?.find(id)).await?;
        let entry = found.ok_or_else(|| nothing(id))?;
        let then = match entry.opened.revision {
            Some(revision) => Some(act.services.identity.at(revision).await),
            None => None,
        };
        let then = then.and_then(|then| {
            then.inspect_err(|error| tracing::warn!(%error, "a past state cannot be had")).ok()
        });
        // Who owned what is asked of the state that was decided on.
        let known = then.as_ref().unwrap_or(&state);
        if !view.admits(&entry, known) {
            return Err(nothing(id));
        }
        let chosen = |record: &&CheckRecord| match wanted {
            Wanted::Everything => true,
            Wanted::One => record.decision == decision,
        };
        let checks: Vec<Value> = entry
            .opened
            .checks
            .iter()
            .filter(chosen)
            .map(|record| (record, view.sight(&entry.opened, record, known)))
            .filter(|(_, sight)| sight.sees_something())
            .map(|(record, sight)| {
                Again { opened: &entry.opened, record, sight }.shown(then.as_ref())
            })
            .collect();
        if wanted == Wanted::One && checks.is_empty() && decision.ordinal > 0 {
            return Err(nothing(decision));
        }
        let narrowed = view.narrow(entry, known);
        let mut value = narrowed.to_json();
        if let Some(members) = value.as_object_mut() {
            members.remove("checks");
        }
        answer(&json!({ "summary": summary(&narrowed), "entry": value, "checks": checks }))
    })
    .await
}

/// Which decisions of an entry are asked for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Wanted {
    One,
    Everything,
}

fn prepare(x: &mut Exchange) -> Parsed<(Prepared<ExplainDecision>, Wanted)> {
    x.no_body()?;
    x.parameters(&[])?;
    let id = x.segment()?;
    let (decision, wanted) = match (id.parse::<RequestId>(), id.parse::<DecisionId>()) {
        (Ok(request), _) => (DecisionId { request, ordinal: 0 }, Wanted::Everything),
        (_, Ok(decision)) => (decision, Wanted::One),
        _ => return Err(invalid("that is neither a decision id nor a request id")),
    };
    Ok((Prepared::new(ExplainDecision { account: account(x)?, decision }), wanted))
}

fn nothing(id: impl std::fmt::Display) -> crate::error::ApiError {
    let help = "an account sees the requests of its own callers and those on its own resources; \
                the account that owns the installation sees all of them";
    missing("NoSuchDecision", format!("the record has no `{id}` that you may see"), help)
}

/// One sentence for people: who was answered what.
fn summary(entry: &Entry) -> String {
    let opened = &entry.opened;
    let who = opened.principal.as_ref();
    let who = who
        .map_or("somebody unknown", |who| who.arn.as_ref().map_or("anonymous", |arn| arn.as_str()));
    let human = opened.human.as_ref().map(|human| human.display.as_ref().unwrap_or(&human.subject));
    let human = human.map(|human| format!(" ({human})")).unwrap_or_default();
    let verdict = match opened.verdict {
        audit::entry::Entrance::Allowed => "was allowed",
        audit::entry::Entrance::Refused => "was refused",
    };
    let on = opened.target.as_ref().map(|target| format!(" on {}", target.resource));
    let reason = opened.reason.as_ref().map(|reason| match &reason.detail {
        Some(detail) => format!(": {} ({detail})", reason.code),
        None => format!(": {}", reason.code),
    });
    format!(
        "{who}{human} {verdict} {}{} at {}{}",
        opened.operation,
        on.unwrap_or_default(),
        opened.time.iso_seconds(),
        reason.unwrap_or_default(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_summary_says_who_was_refused_what_and_why() {
        let text = r#"{"v":1,"entry":"opened","id":"01KAZ0Q3V5R8T1W4X7Y0B2D5FG",
            "time":"2026-01-01T11:00:00.000Z","verdict":"refused","reason":{"code":"denied"},
            "operation":"GetObject","target":{"resource":"arn:aws:s3:::fin/k"},
            "principal":{"kind":"user","id":"AIDAAAAAAAAAAAAAAAAAA",
            "arn":"arn:aws:iam::111122223333:user/ana"},"source":{"transport":"plain"},
            "durability":"available"}"#;
        let entry = Entry { index: 0, opened: serde_json::from_str(text).unwrap(), closed: None };
        assert_eq!(
            summary(&entry),
            "arn:aws:iam::111122223333:user/ana was refused GetObject on arn:aws:s3:::fin/k at \
             2026-01-01T11:00:00Z: denied"
        );
    }
}
