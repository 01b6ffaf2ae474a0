//! `Principal` and `NotPrincipal`: that what is named has a known form, in this kind of policy.

use super::catalogue as rule;
use super::element::{Holder, View, Word};
use super::report::{Report, quote};
use crate::document::Kind;
use crate::json::Json;
use crate::parse;
use crate::statement::Effect;

const KEYS: [&str; 4] = ["AWS", "CanonicalUser", "Federated", "Service"];
/// Keys that say for whom a service acts.
const SOURCES: [&str; 5] = [
    "aws:sourceaccount",
    "aws:sourcearn",
    "aws:sourceorgid",
    "aws:sourceorgpaths",
    "aws:sourceowner",
];

pub(super) fn check(report: &mut Report<'_>, view: &View<'_>, kind: Kind) {
    let Some(element) = view.principal.as_ref().filter(|_| kind.names_principals()) else {
        return;
    };
    match &element.value.json {
        // Said with what else is particular to them.
        _ if kind == Kind::ResourceControl => {}
        Json::Text(text) if text == "*" && kind == Kind::RoleTrust => {
            let message = "it trusts everyone, of every account";
            let rule = &rule::ROLE_TRUST_POLICY_UNSUPPORTED_WILDCARD_IN_PRINCIPAL;
            report.say(rule, &element.at, message);
        }
        Json::Text(text) if text == "*" => {}
        Json::Object(_) => {
            for holder in &view.holders {
                held(report, holder, kind);
            }
            services(report, view);
        }
        _ => {
            let message = "a principal is `\"*\"` or an object";
            let hint = Some("write `{\"AWS\": \"…\"}`".to_owned());
            report.advise(&rule::INVALID_PRINCIPAL_FORMAT, &element.at, message, hint);
        }
    }
}

/// The principals under one key.
fn held(report: &mut Report<'_>, holder: &Holder<'_>, kind: Kind) {
    if !KEYS.contains(&holder.key) {
        let hint = report.guess(holder.key, KEYS.into_iter());
        let message = format!("principals are not under {}", quote(holder.key));
        report.advise(&rule::INVALID_PRINCIPAL_KEY, &holder.at, message, hint);
        return;
    }
    if holder.key == "Federated" && kind != Kind::RoleTrust {
        let message = "an identity provider can be named in a role's trust policy alone";
        report.say(&rule::FEDERATED_PRINCIPAL_NOT_SUPPORTED, &holder.at, message);
    }
    for word in &holder.words {
        one(report, holder.key, word, kind);
    }
}

fn one(report: &mut Report<'_>, key: &str, word: &Word<'_>, kind: Kind) {
    let text = word.text.as_ref();
    if text.contains("${") {
        let message = "no variable can stand in a principal";
        return report.say(&rule::VARIABLE_UNSUPPORTED_IN_ELEMENT, &word.at, message);
    }
    if text.contains(['*', '?']) && !(text == "*" && key == "AWS") {
        let message = format!("{} under `{key}` has a wildcard", quote(text));
        let hint = Some("name each, or allow `*` and test `aws:PrincipalArn`".to_owned());
        return report.advise(&rule::UNSUPPORTED_WILDCARD_IN_PRINCIPAL, &word.at, message, hint);
    }
    match key {
        "AWS" if text.starts_with("AROA") => {
            let message = format!("{} is the id of a role: name it by its ARN", quote(text));
            report.say(&rule::INVALID_ROLE_REFERENCE, &word.at, message);
        }
        "AWS" if text.starts_with("AIDA") => {
            let message = format!("{} is the id of a user: name it by its ARN", quote(text));
            report.say(&rule::INVALID_USER_REFERENCE, &word.at, message);
        }
        "Service" if !is_service(text) => {
            let message = format!("{} is not the name of a service", quote(text));
            let hint = Some("write `name.amazonaws.com`".to_owned());
            report.advise(&rule::INVALID_SERVICE_PRINCIPAL_FORMAT, &word.at, message, hint);
        }
        "Federated" if kind == Kind::RoleTrust && !is_provider(text) => {
            let message = format!("{} is neither a domain nor a provider's ARN", quote(text));
            let rule = &rule::INVALID_FEDERATED_PRINCIPAL_SYNTAX_IN_ROLE_TRUST_POLICY;
            report.say(rule, &word.at, message);
        }
        _ if !parse::names_someone(key, text) => {
            let message = format!("the principal {} has no known form", quote(text));
            let hint =
                "name an account by its twelve digits, or a user, role or session by its ARN";
            let rule = &rule::INVALID_PRINCIPAL_FORMAT;
            report.advise(rule, &word.at, message, Some(hint.to_owned()));
        }
        _ => {}
    }
}

/// Whether a text is a service's name.
pub(super) fn is_service(text: &str) -> bool {
    let name = text.strip_suffix(".cn").unwrap_or(text).strip_suffix(".amazonaws.com");
    name.is_some_and(|name| {
        !name.is_empty()
            && name.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.' | b'_'))
    })
}

fn is_provider(text: &str) -> bool {
    if text.starts_with("arn:") {
        return [":oidc-provider/", ":saml-provider/"].iter().any(|kind| text.contains(kind));
    }
    text.contains('.') && !text.contains("://") && !text.contains(char::is_whitespace)
}

/// What is allowed to AWS's services.
fn services(report: &mut Report<'_>, view: &View<'_>) {
    let Some(word) = view.principals("Service").next() else { return };
    if view.effect != Some(Effect::Allow) || view.resource.is_none() {
        return;
    }
    if !view.tests(&SOURCES) {
        let message = "the service acts for all its customers: say for which";
        let hint = Some("test `aws:SourceArn` or `aws:SourceAccount` in a condition".to_owned());
        report.advise(&rule::RESTRICT_ACCESS_TO_SERVICE_PRINCIPAL, &word.at, message, hint);
    }
    for line in view.lines.iter().filter(|line| line.folded == "aws:sourceowner") {
        let message = "`aws:SourceArn` or `aws:SourceAccount` say more than `aws:SourceOwner`";
        report.say(&rule::RECOMMENDED_CONDITION_KEY_FOR_SERVICE_PRINCIPAL, &line.at, message);
    }
}
