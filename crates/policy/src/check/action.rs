//! `Action` and `NotAction`: that the actions exist, that each is needed, and that passing roles is
//! not given away.

use super::Rule;
use super::catalogue as rule;
use super::element::{View, Word};
use super::report::{Report, quote};
use super::resource::could_be_any_role;
use crate::actions;
use crate::document::Kind;
use crate::glob::{self, Case};
use crate::operator::Sense;
use crate::statement::Effect;

/// Lists longer than this are not searched for what is redundant, nor words of more bytes.
pub(super) const COMPARED_MAX: usize = 100;
const COMPARED_BYTES_MAX: usize = 128;
const PASS_ROLE: &str = "iam:PassRole";

pub(super) fn check(report: &mut Report<'_>, view: &View<'_>, kind: Kind) {
    let Some(element) = &view.action else { return };
    for word in &element.words {
        one(report, word, kind);
    }
    redundant(report, &rule::REDUNDANT_ACTION, &element.words, Case::Folded);
    if view.effect == Some(Effect::Allow) && kind != Kind::RoleTrust {
        pass_role(report, view);
    }
}

fn one(report: &mut Report<'_>, word: &Word<'_>, kind: Kind) {
    let text = word.text.as_ref();
    if text == "*" {
        return;
    }
    if text.contains("${") {
        let message = format!("no variable can stand in the action {}", quote(text));
        report.say(&rule::VARIABLE_UNSUPPORTED_IN_ELEMENT, &word.at, message);
        return;
    }
    let Some((service, name)) = text.split_once(':') else {
        let message = format!("the action {} does not begin with a service", quote(text));
        let services = ["s3", "iam", "sts", "strongroom", "admin"];
        let meant = services.iter().find_map(|own| actions::find(&format!("{own}:{text}")));
        let hint = meant.map(|row| format!("did you mean `{}`?", row.name()));
        report.advise(&rule::INVALID_ACTION, &word.at, message, hint);
        return;
    };
    if service.contains(['*', '?']) {
        let message = format!("the service in {} has a wildcard", quote(text));
        report.say(&rule::WILDCARD_IN_SERVICE_NAME, &word.at, message);
    } else if !actions::knows_service(service) {
        let message = format!("this server has no actions of the service {}", quote(service));
        report.say(&rule::INVALID_SERVICE_IN_ACTION, &word.at, message);
        return;
    }
    let speaks = match kind {
        Kind::Bucket => "s3",
        Kind::RoleTrust => "sts",
        _ => service,
    };
    if !glob::matches(&glob::tokens(service), speaks, Case::Folded) && speaks != service {
        let message = format!("this policy can speak about `{speaks}:…` alone");
        report.say(&rule::UNSUPPORTED_ACTION_IN_POLICY, &word.at, message);
    } else if !exists(text, service, name) {
        let names = actions::all().iter().map(actions::ActionRow::name);
        let hint = report.guess(text, names.chain(minio_names()));
        let message = match name.contains(['*', '?']) {
            true => format!("the pattern {} matches no action", quote(text)),
            false => format!("there is no action {}", quote(text)),
        };
        report.advise(&rule::INVALID_ACTION, &word.at, message, hint);
    }
}

fn minio_names() -> impl Iterator<Item = &'static str> {
    actions::minio_names().iter().map(actions::AdminName::name)
}

fn exists(text: &str, service: &str, name: &str) -> bool {
    if !text.contains(['*', '?']) {
        return actions::find(text).is_some() || actions::minio(text).is_some();
    }
    let pattern = glob::tokens(name);
    let admin = glob::matches(&glob::tokens(service), "admin", Case::Folded);
    actions::matching(text).next().is_some()
        || (admin
            && minio_names().any(|own| {
                let own = own.split_once(':').map_or(own, |(_, name)| name);
                glob::matches(&pattern, own, Case::Folded)
            }))
}

/// Says which patterns of a list another one covers.
pub(super) fn redundant(
    report: &mut Report<'_>,
    rule: &'static Rule,
    words: &[Word<'_>],
    case: Case,
) {
    let long = |word: &Word<'_>| word.text.len() > COMPARED_BYTES_MAX;
    if words.len() > COMPARED_MAX || words.iter().any(long) {
        return;
    }
    let patterns: Vec<Vec<glob::Token>> = words.iter().map(|w| glob::tokens(&w.text)).collect();
    for (index, word) in words.iter().enumerate() {
        let covering = words.iter().zip(&patterns).enumerate().find(|(other, (by, pattern))| {
            let same = by.text.eq_ignore_ascii_case(&word.text)
                && (case == Case::Folded || by.text == word.text);
            match same {
                true => *other < index,
                false => *other != index && covers(pattern, &word.text, case),
            }
        });
        if let Some((_, (by, _))) = covering {
            let message = format!("{} covers {}", quote(&by.text), quote(&word.text));
            report.say(rule, &word.at, message);
        }
    }
}

/// Whether one pattern matches whatever another does: exact for a `*` that stands for anything.
fn covers(pattern: &[glob::Token], other: &str, case: Case) -> bool {
    // Variables are compared as they are written.
    let wild = |by: &str| other.replace('*', by).replace('?', "\u{1}");
    ["", "\u{1}", "\u{1}\u{2}\u{3}"].iter().all(|by| glob::matches(pattern, &wild(by), case))
}

/// The six checks of who may pass which role.
fn pass_role(report: &mut Report<'_>, view: &View<'_>) {
    let (Some(action), Some(resource)) = (&view.action, &view.resource) else { return };
    if view.tests(&["iam:passedtoservice"]) {
        return;
    }
    let named = |word: &&Word<'_>| word.text.eq_ignore_ascii_case(PASS_ROLE);
    let covered = |word: &&Word<'_>| {
        let text = word.text.as_ref();
        text == "*"
            || (text.contains(':') && actions::matching(text).any(|r| r.name() == PASS_ROLE))
    };
    let exact = action.words.iter().find(named);
    let star = action.words.iter().find(covered);
    let roles = resource.words.iter().find(|word| could_be_any_role(&word.text));
    let (found, at) = match (action.sense, exact, star, resource.sense, roles) {
        (Sense::Is, Some(word), _, Sense::Not, _) => (&rule::PASS_ROLE_WITH_NOTRESOURCE, word),
        (Sense::Is, Some(_), _, Sense::Is, Some(role)) => {
            (&rule::PASS_ROLE_WITH_STAR_IN_RESOURCE, role)
        }
        (Sense::Is, None, Some(word), Sense::Not, _) => {
            (&rule::PASS_ROLE_WITH_STAR_IN_ACTION_AND_NOTRESOURCE, word)
        }
        (Sense::Is, None, Some(word), Sense::Is, Some(_)) => {
            (&rule::PASS_ROLE_WITH_STAR_IN_ACTION_AND_RESOURCE, word)
        }
        (Sense::Not, _, None, Sense::Not, _) => {
            let rule = &rule::PASS_ROLE_WITH_NOTACTION_AND_NOTRESOURCE;
            return report.say(rule, &action.at, rule.about);
        }
        (Sense::Not, _, None, Sense::Is, Some(role)) => {
            (&rule::PASS_ROLE_WITH_STAR_IN_RESOURCE_AND_NOTACTION, role)
        }
        _ => return,
    };
    let hint = Some("name the roles, or test `iam:PassedToService` in a condition".to_owned());
    report.advise(found, &at.at, found.about, hint);
}
