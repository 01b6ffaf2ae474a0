//! Worlds as text: policy documents, and policy cases that `strongroom policy test` replays.

use std::fmt::Write as _;

use strongroom_policy::Effect;
use strongroom_policy::facts::Value;

use super::words;
use super::world::{
    Ask, Condition, Grantees, Listed, Policy, Sense, Slot, Statement, Version, World,
};

/// The document of a policy.
pub(crate) fn document(policy: &Policy) -> String {
    let mut out = String::with_capacity(512);
    out.push('{');
    match policy.version {
        Version::Y2012 => out.push_str(r#""Version":"2012-10-17","#),
        Version::Y2008 => out.push_str(r#""Version":"2008-10-17","#),
        Version::Unsaid => {}
    }
    out.push_str(r#""Statement":"#);
    match policy.statements.as_slice() {
        [one] => statement(&mut out, one),
        many => array(&mut out, many, statement),
    }
    out.push('}');
    out
}

fn statement(out: &mut String, statement: &Statement) {
    out.push('{');
    if let Some(sid) = &statement.sid {
        out.push_str(r#""Sid":"#);
        text(out, sid);
        out.push(',');
    }
    out.push_str(match statement.effect {
        Effect::Allow => r#""Effect":"Allow""#,
        Effect::Deny => r#""Effect":"Deny""#,
    });
    if let Some(grantees) = &statement.grantees {
        element(out, "Principal", grantees.sense);
        principals(out, grantees);
    }
    listed(out, "Action", &statement.actions);
    if let Some(resources) = &statement.resources {
        listed(out, "Resource", resources);
    }
    if !statement.conditions.is_empty() {
        out.push_str(r#","Condition":"#);
        conditions(out, &statement.conditions);
    }
    out.push('}');
}

fn element(out: &mut String, name: &str, sense: Sense) {
    let not = if sense == Sense::Not { "Not" } else { "" };
    let _ = write!(out, r#","{not}{name}":"#);
}

fn listed(out: &mut String, name: &str, listed: &Listed) {
    element(out, name, listed.sense);
    scalars(out, &listed.texts, |out, one| text(out, one));
}

fn principals(out: &mut String, grantees: &Grantees) {
    if let [("", everyone)] = grantees.named.as_slice() {
        text(out, everyone);
        return;
    }
    let mut kinds: Vec<(&str, Vec<String>)> = Vec::new();
    for (kind, name) in &grantees.named {
        let kind = if kind.is_empty() { "AWS" } else { kind };
        match kinds.iter_mut().find(|(known, _)| *known == kind) {
            Some((_, names)) => names.push(name.clone()),
            None => kinds.push((kind, vec![name.clone()])),
        }
    }
    if kinds.is_empty() {
        kinds.push(("AWS", Vec::new()));
    }
    members(out, &kinds, |out, names| scalars(out, names, |out, one| text(out, one)));
}

fn conditions(out: &mut String, conditions: &[Condition]) {
    let mut operators: Vec<(&str, Vec<(&str, &Condition)>)> = Vec::new();
    for condition in conditions {
        let line = (condition.key.as_str(), condition);
        let same = |known: &str| known.eq_ignore_ascii_case(&condition.operator);
        match operators.iter_mut().find(|(known, _)| same(known)) {
            Some((_, lines)) => lines.push(line),
            None => operators.push((&condition.operator, vec![line])),
        }
    }
    members(out, &operators, |out, lines| {
        members(out, lines, |out, condition| {
            scalars(out, &condition.values, |out, one| {
                if condition.bare && stands_bare(one) { out.push_str(one) } else { text(out, one) }
            });
        });
    });
}

/// Whether JSON reads the text, without quotes, as a number or truth with this very text.
fn stands_bare(text: &str) -> bool {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let plain = digits.bytes().all(|b| b.is_ascii_digit());
    let leading = digits.len() > 1 && digits.starts_with('0');
    matches!(text, "true" | "false") || (plain && !digits.is_empty() && !leading)
}

/// One text, or an array of texts.
fn scalars<T>(out: &mut String, items: &[T], print: impl Fn(&mut String, &T)) {
    match items {
        [one] => print(out, one),
        many => array(out, many, print),
    }
}

fn array<T>(out: &mut String, items: &[T], print: impl Fn(&mut String, &T)) {
    out.push('[');
    for (index, item) in items.iter().enumerate() {
        if index > 0 {
            out.push(',');
        }
        print(out, item);
    }
    out.push(']');
}

fn members<K: AsRef<str>, T>(out: &mut String, items: &[(K, T)], print: impl Fn(&mut String, &T)) {
    out.push('{');
    for (index, (key, item)) in items.iter().enumerate() {
        if index > 0 {
            out.push(',');
        }
        text(out, key.as_ref());
        out.push(':');
        print(out, item);
    }
    out.push('}');
}

/// A JSON string.
pub(crate) fn text(out: &mut String, text: &str) {
    out.push('"');
    for letter in text.chars() {
        match letter {
            '"' | '\\' => {
                out.push('\\');
                out.push(letter);
            }
            control if control < ' ' => {
                let _ = write!(out, "\\u{:04x}", u32::from(control));
            }
            other => out.push(other),
        }
    }
    out.push('"');
}

fn value(out: &mut String, value: &Value) {
    match value {
        Value::One(one) => text(out, one),
        Value::Many(many) => array(out, many, |out, one| text(out, one)),
    }
}

/// The policy case of one question.
pub(crate) fn case(world: &World, ask: &Ask, name: &str) -> String {
    let mut out = String::from("{\"name\":");
    text(&mut out, name);
    out.push_str(",\n \"request\":");
    request(&mut out, ask);
    let slots = |slot: Slot| world.policies.iter().filter(move |policy| policy.slot == slot);
    for (key, slot) in [
        ("identity_policies", Slot::Identity),
        ("permissions_boundaries", Slot::Boundary),
        ("session_policies", Slot::Session),
    ] {
        let _ = write!(out, ",\n \"{key}\":");
        let found: Vec<&Policy> = slots(slot).collect();
        if slot == Slot::Session && world.empty_session && found.is_empty() {
            // An empty list would mean none at all.
            out.push_str(EMPTY_SESSION);
        } else {
            attached(&mut out, &found);
        }
    }
    let resource = |policy: &&Policy| matches!(policy.slot, Slot::Resource | Slot::Trust);
    if let Some(policy) = world.policies.iter().find(resource) {
        out.push_str(",\n \"resource_policy\":");
        named(&mut out, policy);
    }
    levels(&mut out, world, "service_control_policies", Slot::ServiceControl);
    levels(&mut out, world, "resource_control_policies", Slot::ResourceControl);
    let _ =
        write!(out, ",\n \"block_public_access\":{{\"RestrictPublicBuckets\":{}}}", ask.restricted);
    out
}

/// A session policy that is there and allows nothing.
const EMPTY_SESSION: &str =
    r#"[{"name":"empty","document":{"Statement":{"Effect":"Allow","Action":[],"Resource":"*"}}}]"#;

/// Closes a case with what is expected of it.
pub(crate) fn expecting(case: &str, verdict: &str, because: &str) -> String {
    format!("{case},\n \"expect\":\"{verdict}\",\"because\":\"{because}\"}}")
}

fn request(out: &mut String, ask: &Ask) {
    let (who, role) = words::CALLERS.get(ask.who).copied().unwrap_or(("anonymous", ""));
    out.push_str("{\"principal\":");
    text(out, who);
    if !role.is_empty() {
        out.push_str(",\"principal_role\":");
        text(out, role);
    }
    for (key, word) in [("action", &ask.action), ("resource", &ask.resource)] {
        let _ = write!(out, ",\"{key}\":");
        text(out, word);
    }
    if let Some(owner) = ask.owner {
        let _ = write!(out, ",\"resource_account\":\"{owner}\"");
    }
    out.push_str(",\"context\":");
    let mut context = ask.context.clone();
    if let Some((key, over)) = &ask.with {
        context.retain(|(known, _)| !known.eq_ignore_ascii_case(key));
        context.push(((*key).to_owned(), over.clone()));
    }
    members(out, &context, value);
    out.push('}');
}

fn levels(out: &mut String, world: &World, key: &str, slot: fn(usize) -> Slot) {
    let _ = write!(out, ",\n \"{key}\":");
    let levels: Vec<Vec<&Policy>> = (0..2)
        .map(|level| world.policies.iter().filter(|p| p.slot == slot(level)).collect())
        .filter(|policies: &Vec<&Policy>| !policies.is_empty())
        .collect();
    array(out, &levels, |out, policies| attached(out, policies));
}

fn attached(out: &mut String, policies: &[&Policy]) {
    array(out, policies, |out, policy| named(out, policy));
}

fn named(out: &mut String, policy: &Policy) {
    out.push_str("{\"name\":");
    text(out, &policy.name);
    out.push_str(",\"document\":");
    out.push_str(&document(policy));
    out.push('}');
}
