//! An entry on one line, for people.

use policy::decision::Verdict;
use policy::operation::Need;

use crate::entry::{CheckRecord, Entrance};
use crate::reader::Entry;

/// One line that says what happened and why:
///
/// ```text
/// deny s3:PutObject arn:aws:s3:::pay/q3.csv by=policy:Pay/stmt:2 matched=explicit-deny
/// ```
///
/// `because` names the context keys that the deciding statements asked for, or the layer when they
/// asked for none. Characters that could move a terminal's cursor are escaped.
#[must_use]
pub fn line(entry: &Entry) -> String {
    let opened = &entry.opened;
    let telling = telling_check(entry);
    let word = match (opened.verdict, telling) {
        (Entrance::Allowed, _) => "allow",
        (Entrance::Refused, Some(_)) => "deny",
        (Entrance::Refused, None) => "refuse",
    };
    let action = telling.map_or(opened.operation.as_str(), |check| check.action.as_str());
    let resource = telling.map(|check| &check.resource);
    let resource = resource.or(opened.target.as_ref().map(|target| &target.resource));
    let mut line = format!("{word} {action} {}", resource.map_or("-", |arn| arn.as_str()));
    if let Some(check) = telling {
        because(&mut line, check);
    }
    if let Some(reason) = opened.reason.as_ref().filter(|reason| reason.code != "denied") {
        field(&mut line, "reason", &reason.code);
        if let Some(detail) = &reason.detail {
            field(&mut line, "detail", detail);
        }
    }
    let principal = opened.principal.as_ref();
    let who = principal.map_or("-", |who| who.arn.as_ref().map_or(&who.id, |arn| arn.as_str()));
    field(&mut line, "who", who);
    if let Some(human) = &opened.human {
        field(&mut line, "human", human.display.as_ref().unwrap_or(&human.subject));
    }
    if let Some(ip) = opened.source.ip {
        field(&mut line, "ip", &ip.to_string());
    }
    if let Some(closed) = &entry.closed {
        field(&mut line, "status", &closed.status.to_string());
    }
    field(&mut line, "id", &opened.id.to_string());
    line.chars().flat_map(shown).collect()
}

/// The check that says most: the one that refused, else the first.
fn telling_check(entry: &Entry) -> Option<&CheckRecord> {
    let checks = &entry.opened.checks;
    let refuses =
        |check: &&CheckRecord| check.need == Need::Required && check.verdict != Verdict::Allow;
    match entry.opened.verdict {
        Entrance::Refused => checks.iter().find(refuses).or(checks.first()),
        Entrance::Allowed => checks.first(),
    }
}

fn because(line: &mut String, check: &CheckRecord) {
    if let Some(by) = &check.by {
        field(line, "by", &format!("{}/stmt:{}", by.policy, by.index));
    }
    let keys: Vec<&str> = check.context.iter().map(|named| named.key.as_str()).collect();
    let layer = check.layer.as_str();
    field(line, "because", if keys.is_empty() { layer } else { "" });
    line.push_str(&keys.join(","));
    let matched = match check.verdict {
        Verdict::Allow => "allow",
        Verdict::ImplicitDeny => "implicit-deny",
        Verdict::ExplicitDeny => "explicit-deny",
    };
    field(line, "matched", matched);
}

fn field(line: &mut String, name: &str, value: &str) {
    for part in [" ", name, "=", value] {
        line.push_str(part);
    }
}

/// The character, or its escape if it is invisible or steers.
fn shown(character: char) -> impl Iterator<Item = char> {
    let steers = character.is_control()
        || matches!(character, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}')
        || ('\u{2066}'..='\u{2069}').contains(&character);
    let escaped = steers.then(|| character.escape_unicode());
    let plain = (!steers).then_some(character);
    escaped.into_iter().flatten().chain(plain)
}
