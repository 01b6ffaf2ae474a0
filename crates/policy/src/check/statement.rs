//! One statement: which elements it has, and that they are of their types.

use super::catalogue as rule;
use super::element::{Element, Holder, Read, View, key_place, words};
use super::report::{Place, Report, quote};
use super::{action, condition, control, principal, resource, root, trust};
use crate::document::Kind;
use crate::hint;
use crate::json::{Json, Member, Node};
use crate::operator::Sense;
use crate::statement::Effect;
use crate::template::Version;

/// Reads a statement as far as it can be, and says what is the matter with it.
pub(super) fn check<'a>(
    report: &mut Report<'_>,
    node: &'a Node,
    at: Place,
    (kind, version): (Kind, Version),
) -> Option<View<'a>> {
    let Json::Object(members) = &node.json else {
        report.say(&rule::DATA_TYPE_MISMATCH, &at, "a statement is an object");
        return None;
    };
    let mut view = View {
        at,
        version,
        effect: None,
        principal: None,
        holders: Vec::new(),
        action: None,
        resource: None,
        lines: Vec::new(),
    };
    let mut effect = None;
    for member in members {
        match member.key.as_str() {
            "Sid" => {}
            "Effect" => effect = Some(member),
            "Condition" => {
                let at = view.at.below("Condition", member.value.span);
                view.lines = condition::read(report, &member.value, &at);
            }
            other => element(report, &mut view, member, other),
        }
    }
    view.effect = read_effect(report, &view.at, effect);
    required(report, &view, kind);
    view.holders = holders(report, &view);
    action::check(report, &view, kind);
    resource::check(report, &view, kind);
    principal::check(report, &view, kind);
    condition::check(report, &view, kind);
    trust::check(report, &view, kind);
    control::check(report, &view, kind);
    Some(view)
}

/// Reads one of the three elements that have an opposite.
fn element<'a>(report: &mut Report<'_>, view: &mut View<'a>, member: &'a Member, name: &str) {
    let key = key_place(&view.at, member);
    let (sense, base) = match name.strip_prefix("Not") {
        Some(base) => (Sense::Not, base),
        None => (Sense::Is, name),
    };
    let slot = match base {
        "Action" => &mut view.action,
        "Resource" => &mut view.resource,
        "Principal" => &mut view.principal,
        _ => return root::unknown(report, &key, name, hint::ELEMENTS),
    };
    if slot.is_some() {
        let message = format!("`{base}` and `Not{base}` exclude each other");
        report.say(&rule::UNSUPPORTED_ELEMENT_COMBINATION, &key, message);
        return;
    }
    let value = &member.value;
    let mut found = Vec::new();
    if base != "Principal" {
        let below = view.at.below(name, value.span);
        let (read, others) = words(value, &below, Read::Strings);
        found = read;
        for other in others {
            let message = format!("`{name}` must be a string or an array of strings");
            report.say(&rule::DATA_TYPE_MISMATCH, &other, message);
        }
    }
    *slot = Some(Element { sense, at: key, value, words: found });
}

fn read_effect(report: &mut Report<'_>, at: &Place, member: Option<&Member>) -> Option<Effect> {
    let Some(member) = member else {
        report.say(&rule::MISSING_EFFECT, at, "the statement has no `Effect`");
        return None;
    };
    let at = at.below("Effect", member.value.span);
    match &member.value.json {
        Json::Text(text) => match text.as_str() {
            "Allow" => return Some(Effect::Allow),
            "Deny" => return Some(Effect::Deny),
            other => {
                let hint = report.guess(other, ["Allow", "Deny"].into_iter());
                let message = format!("the effect {} is neither `Allow` nor `Deny`", quote(other));
                report.advise(&rule::INVALID_EFFECT, &at, message, hint);
            }
        },
        _ => report.say(&rule::DATA_TYPE_MISMATCH, &at, "`Effect` must be a string"),
    }
    None
}

/// Which elements the kind of policy must have and must not have; and that none is empty.
fn required(report: &mut Report<'_>, view: &View<'_>, kind: Kind) {
    match &view.action {
        None => report.say(&rule::MISSING_ACTION, &view.at, "the statement has no `Action`"),
        Some(element) if empty(element.value) => {
            report.say(&rule::EMPTY_ARRAY_ACTION, &element.at, "no action is listed");
        }
        Some(_) => {}
    }
    match (&view.resource, kind) {
        (Some(element), Kind::RoleTrust) => {
            let message = "a trust policy is about the role that it is attached to";
            report.say(&rule::ROLE_TRUST_POLICY_SYNTAX_ERROR_RESOURCE, &element.at, message);
        }
        (None, Kind::RoleTrust) => {}
        (None, _) => {
            report.say(&rule::MISSING_RESOURCE, &view.at, "the statement has no `Resource`");
        }
        (Some(element), _) if empty(element.value) => {
            report.say(&rule::EMPTY_ARRAY_RESOURCE, &element.at, "no resource is listed");
        }
        _ => {}
    }
    match (&view.principal, kind) {
        (None, kind) if kind.names_principals() => {
            report.say(&rule::MISSING_PRINCIPAL, &view.at, "the statement has no `Principal`");
        }
        (Some(element), Kind::ServiceControl) => {
            let message = "a service-control policy names no principal";
            report.say(&rule::SCP_SYNTAX_ERROR_PRINCIPAL, &element.at, message);
        }
        (Some(element), kind) if !kind.names_principals() => {
            let message = "the policy is about whom it is attached to";
            report.say(&rule::UNSUPPORTED_PRINCIPAL, &element.at, message);
        }
        (Some(element), Kind::RoleTrust) if element.sense == Sense::Not => {
            let message = "a trust policy names whom it trusts: use `Principal`";
            report.say(&rule::ROLE_TRUST_POLICY_SYNTAX_ERROR_NOTPRINCIPAL, &element.at, message);
        }
        (Some(element), _) if element.sense == Sense::Not && view.effect == Some(Effect::Allow) => {
            let message = "everyone but those listed is allowed: use `Principal`";
            report.say(&rule::ALLOW_WITH_NOT_PRINCIPAL, &element.at, message);
        }
        _ => {}
    }
}

fn empty(value: &Node) -> bool {
    matches!(&value.json, Json::Array(nodes) if nodes.is_empty())
}

/// The keys of the `Principal` element, where it is an object.
fn holders<'a>(report: &mut Report<'_>, view: &View<'a>) -> Vec<Holder<'a>> {
    let Some(element) = &view.principal else { return Vec::new() };
    let Json::Object(members) = &element.value.json else { return Vec::new() };
    if members.is_empty() {
        report.say(&rule::EMPTY_OBJECT_PRINCIPAL, &element.at, "no principal is listed");
    }
    let mut found = Vec::new();
    for member in members {
        let at = element.at.below(&member.key, member.key_span);
        let (read, others) = words(&member.value, &at, Read::Strings);
        for other in others {
            let message = "a principal must be a string or an array of strings";
            report.say(&rule::DATA_TYPE_MISMATCH, &other, message);
        }
        if empty(&member.value) {
            report.say(&rule::EMPTY_ARRAY_PRINCIPAL, &at, "no principal is listed");
        }
        found.push(Holder { key: &member.key, at, words: read });
    }
    found
}
