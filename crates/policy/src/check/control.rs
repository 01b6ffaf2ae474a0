//! What is particular to resource-control policies (AWS Organizations, "RCP syntax"): whom, what
//! and how little they may speak about. The engine reads the whole language in them; AWS does not
//! save it.

use super::catalogue as rule;
use super::element::View;
use super::report::{Report, quote};
use crate::document::Kind;
use crate::json::Json;
use crate::operator::Sense;
use crate::statement::Effect;

/// The services here whose resources such a policy guards.
const GUARDED: [&str; 2] = ["s3", "sts"];
/// The services here that it does not.
const UNGUARDED: [&str; 3] = ["admin", "iam", "strongroom"];

pub(super) fn check(report: &mut Report<'_>, view: &View<'_>, kind: Kind) {
    if kind != Kind::ResourceControl {
        return;
    }
    if let Some(element) = &view.principal {
        let everyone = matches!(&element.value.json, Json::Text(text) if text == "*");
        if !everyone || element.sense == Sense::Not {
            let message = "the principal of a resource-control policy is exactly `\"*\"`";
            report.say(&rule::RCP_SYNTAX_ERROR_PRINCIPAL, &element.at, message);
        }
    }
    if let Some(element) = view.action.as_ref().filter(|element| element.sense == Sense::Not) {
        let hint = Some("list the actions under `Action`".to_owned());
        let message = "a resource-control policy has no `NotAction`";
        report.advise(&rule::RCP_SYNTAX_ERROR_NOTACTION, &element.at, message, hint);
    }
    for word in view.action.iter().flat_map(|element| &element.words) {
        let service = word.text.split(':').next().unwrap_or_default();
        if UNGUARDED.iter().any(|own| own.eq_ignore_ascii_case(service)) {
            let guarded = GUARDED.map(|own| format!("`{own}`")).join(" and ");
            let message = format!("{} is none of {guarded}", quote(service));
            report.say(&rule::RCP_SYNTAX_ERROR_ACTION, &word.at, message);
        }
    }
    if view.effect == Some(Effect::Allow) {
        allow(report, view);
    }
}

/// An `Allow` is for everything, or it is none.
fn allow(report: &mut Report<'_>, view: &View<'_>) {
    let hint = || Some("write a `Deny` of what is to be kept out".to_owned());
    let every = |words: &[super::element::Word<'_>]| words.iter().all(|word| word.text == "*");
    let resource = view.resource.as_ref();
    if let Some(own) = resource.filter(|own| own.sense == Sense::Not || !every(&own.words)) {
        let message = "an `Allow` of a resource-control policy is about the resource `*`";
        report.advise(&rule::RCP_SYNTAX_ERROR_ALLOW, &own.at, message, hint());
    }
    if let Some(line) = view.lines.first() {
        let message = "an `Allow` of a resource-control policy has no conditions";
        report.advise(&rule::RCP_SYNTAX_ERROR_ALLOW, &line.at, message, hint());
    }
}
