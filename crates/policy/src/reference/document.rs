//! What a policy says, as a tree of texts. The strict parser has accepted the text already; it is
//! read again here, so that a mistake in lowering it cannot hide.

use std::collections::BTreeMap;

use serde_json::value::RawValue;

use crate::document::{Document, Kind};
use crate::reference::condition::Condition;

/// A policy: statements in order.
#[derive(Clone, Debug)]
pub(super) struct Policy {
    pub(super) kind: Kind,
    pub(super) version: Version,
    pub(super) statements: Vec<Statement>,
}

/// Which language: the older one knows no variables (2).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Version {
    Of2008,
    Of2012,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Effect {
    Allow,
    Deny,
}

/// One statement. An element that its kind of policy does not have is `None`.
#[derive(Clone, Debug)]
pub(super) struct Statement {
    pub(super) effect: Effect,
    pub(super) principals: Option<Listed<Who>>,
    pub(super) actions: Listed<String>,
    pub(super) resources: Option<Listed<String>>,
    pub(super) conditions: Vec<Condition>,
}

/// An element or its Not-form.
#[derive(Clone, Debug)]
pub(super) enum Listed<T> {
    Only(Vec<T>),
    AllBut(Vec<T>),
}

/// One entry of `Principal` (1.3).
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Who {
    Everyone,
    Aws(String),
    Federated(String),
    Service(String),
    CanonicalUser(String),
}

type Members<'a> = BTreeMap<String, &'a RawValue>;

impl Policy {
    /// Reads an accepted document. Should one not be readable here, it denies everything: nothing
    /// else is safe, and the comparison with the engine shows it.
    pub(super) fn read(document: &Document) -> Self {
        Self::tree(document).unwrap_or_else(|| Self {
            kind: document.kind(),
            version: Version::Of2008,
            statements: vec![Statement::denying_everything()],
        })
    }

    fn tree(document: &Document) -> Option<Self> {
        let text: &RawValue = serde_json::from_str(document.text()).ok()?;
        let policy = members(text)?;
        let version = match policy.get("Version") {
            Some(raw) if scalar(raw)? == "2012-10-17" => Version::Of2012,
            _ => Version::Of2008, // 1.1: absent is 2008-10-17
        };
        let statements = one_or_many(policy.get("Statement")?)?;
        let statements = statements.into_iter().map(Statement::read).collect::<Option<_>>()?;
        Some(Self { kind: document.kind(), version, statements })
    }
}

impl Statement {
    fn read(raw: &RawValue) -> Option<Self> {
        let statement = members(raw)?;
        let effect = match scalar(statement.get("Effect")?)?.as_str() {
            "Allow" => Effect::Allow,
            "Deny" => Effect::Deny,
            _ => return None,
        };
        Some(Self {
            effect,
            principals: either(&statement, ["Principal", "NotPrincipal"], principals)?,
            actions: either(&statement, ["Action", "NotAction"], texts)??,
            resources: either(&statement, ["Resource", "NotResource"], texts)?,
            conditions: match statement.get("Condition") {
                Some(raw) => conditions(raw)?,
                None => Vec::new(),
            },
        })
    }

    fn denying_everything() -> Self {
        Self {
            effect: Effect::Deny,
            principals: None,
            actions: Listed::AllBut(Vec::new()),
            resources: None,
            conditions: Vec::new(),
        }
    }
}

/// An element under one of its two names; the outer `None` is one that cannot be read.
#[expect(clippy::option_option, reason = "absent and unreadable are different things")]
fn either<T>(
    statement: &Members<'_>,
    [name, not_name]: [&str; 2],
    read: impl Fn(&RawValue) -> Option<Vec<T>>,
) -> Option<Option<Listed<T>>> {
    match (statement.get(name), statement.get(not_name)) {
        (Some(raw), None) => Some(Some(Listed::Only(read(raw)?))),
        (None, Some(raw)) => Some(Some(Listed::AllBut(read(raw)?))),
        (None, None) => Some(None),
        (Some(_), Some(_)) => None, // 1.1: mutually exclusive
    }
}

/// 1.3: `"*"`, or lists by kind; in `AWS`, `*` is everyone too.
fn principals(raw: &RawValue) -> Option<Vec<Who>> {
    if raw.get().starts_with('"') {
        return (scalar(raw)? == "*").then(|| vec![Who::Everyone]);
    }
    let mut all = Vec::new();
    for (kind, raw) in members(raw)? {
        for text in texts(raw)? {
            all.push(match kind.as_str() {
                "AWS" if text == "*" => Who::Everyone,
                "AWS" => Who::Aws(text),
                "Federated" => Who::Federated(text),
                "Service" => Who::Service(text),
                "CanonicalUser" => Who::CanonicalUser(text),
                _ => return None,
            });
        }
    }
    Some(all)
}

fn conditions(raw: &RawValue) -> Option<Vec<Condition>> {
    let mut all = Vec::new();
    for (operator, raw) in members(raw)? {
        for (key, raw) in members(raw)? {
            all.push(Condition::read(&operator, key, texts(raw)?)?);
        }
    }
    Some(all)
}

fn members(raw: &RawValue) -> Option<Members<'_>> {
    serde_json::from_str(raw.get()).ok()
}

/// 1.1: every list-valued element accepts a scalar or an array.
fn one_or_many(raw: &RawValue) -> Option<Vec<&RawValue>> {
    if raw.get().starts_with('[') { serde_json::from_str(raw.get()).ok() } else { Some(vec![raw]) }
}

fn texts(raw: &RawValue) -> Option<Vec<String>> {
    one_or_many(raw)?.into_iter().map(scalar).collect()
}

/// 3.4: of a number or a boolean, the literal text.
fn scalar(raw: &RawValue) -> Option<String> {
    if raw.get().starts_with('"') {
        serde_json::from_str(raw.get()).ok()
    } else {
        Some(raw.get().to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Policy {
        Policy::read(&Document::parse(text, Kind::Bucket).unwrap())
    }

    #[test]
    fn a_lone_statement_and_lone_values_are_lists_of_one() {
        let policy = read(
            r#"{"Statement": {"Effect": "Deny", "Principal": {"AWS": ["*", "111122223333"]},
                "NotAction": "s3:Get*", "Resource": "*",
                "Condition": {"StringEquals": {"s3:prefix": ["a", 1.50, true]}}}}"#,
        );
        assert_eq!(policy.version, Version::Of2008);
        let [statement] = policy.statements.as_slice() else { panic!("one statement") };
        assert_eq!(statement.effect, Effect::Deny);
        let Some(Listed::Only(who)) = &statement.principals else { panic!("principals") };
        assert_eq!(who, &[Who::Everyone, Who::Aws("111122223333".to_owned())]);
        assert!(matches!(&statement.actions, Listed::AllBut(list) if list == &["s3:Get*"]));
        assert_eq!(statement.conditions[0].values, ["a", "1.50", "true"]);
    }

    #[test]
    fn the_version_of_2012_is_read_from_its_date() {
        let text = r#"{"Version": "2012-10-17", "Statement": [{"Effect": "Allow",
            "NotPrincipal": {"Service": "logs.amazonaws.com"}, "Action": [], "NotResource": []}]}"#;
        let policy = read(text);
        assert_eq!(policy.version, Version::Of2012);
        assert!(matches!(policy.statements[0].principals, Some(Listed::AllBut(_))));
    }
}
