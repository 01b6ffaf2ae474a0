//! From text to [`Document`]: the grammar of aws-authorization 1.1 (IAM guide, "Grammar of the IAM
//! JSON policy language"), and what each kind of policy may and must contain.

use std::collections::HashSet;

use crate::actions::{self, Values};
use crate::condition::Condition;
use crate::daytime;
use crate::document::{Document, Kind, SOURCE_BYTES_MAX};
use crate::error::{Fault, PATTERN_BYTES_MAX, PolicyError, WILDCARDS_MAX};
use crate::glob;
use crate::grantee::Grantees;
use crate::json::{self, Json, Located, Member, Node, Span};
use crate::operator::{Operand, Operator, Quantifier, Sense, Test};
use crate::statement::{ActionPattern, Effect, Listed, ResourcePattern, Statement};
use crate::template::{Template, Version, Wildcards};

mod principal;
mod resource;

pub(crate) use principal::names_someone;
pub(crate) use resource::{PARTITIONS, S3_OF_ACCOUNTS, message as resource_message};

type Parsed<T> = Result<T, Located>;

/// When a document is read.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Occasion {
    /// When somebody writes it: whatever is doubtful is refused.
    Written,
    /// When it comes from where it is kept: what we have learnt since it was accepted (keys and
    /// their types, zones, limits on patterns) does not turn it away.
    Kept,
}

/// Reads a document.
pub(crate) fn document(
    text: &str,
    kind: Kind,
    occasion: Occasion,
) -> Result<Document, PolicyError> {
    parse(text, kind, occasion)
        .map_err(|(offset, fault)| PolicyError::new(kind, text, offset, fault))
}

fn parse(text: &str, kind: Kind, occasion: Occasion) -> Parsed<Document> {
    let size = size_bytes(text);
    accept(text, size, kind)?;
    let statements = statements(text, kind, occasion)?;
    Ok(Document::new(kind, text.to_owned(), size, &statements))
}

/// Reads the statements alone.
pub(crate) fn statements(text: &str, kind: Kind, occasion: Occasion) -> Parsed<Vec<Statement>> {
    Reader { kind, version: Version::Y2008, occasion }.root(&json::read(text)?)
}

/// What is asked of the text before it is read.
fn accept(text: &str, size: usize, kind: Kind) -> Parsed<()> {
    let max = kind.bytes_max();
    if text.len() > SOURCE_BYTES_MAX {
        return Err((0, Fault::TooLarge { size: text.len(), max: SOURCE_BYTES_MAX }));
    }
    if size > max {
        return Err((0, Fault::TooLarge { size, max }));
    }
    let allowed = |c: &char| matches!(c, '\t' | '\n' | '\r' | ' '..='\u{ff}');
    if kind != Kind::Bucket
        && let Some((at, character)) = text.char_indices().find(|(_, c)| !allowed(c))
    {
        return Err((at, Fault::Character(character)));
    }
    if kind == Kind::Bucket && !text.starts_with('{') {
        return Err((0, Fault::Json("the first byte must be `{`")));
    }
    Ok(())
}

/// Bytes without the white space between tokens.
pub(crate) fn size_bytes(text: &str) -> usize {
    let mut inside = false;
    let mut escaped = false;
    let counts = |byte: &u8| {
        let white = matches!(byte, b' ' | b'\t' | b'\n' | b'\r');
        let counted = inside || !white;
        if inside && !escaped && *byte == b'\\' {
            escaped = true;
        } else {
            if *byte == b'"' && !escaped {
                inside = !inside;
            }
            escaped = false;
        }
        counted
    };
    text.as_bytes().iter().copied().filter(counts).count()
}

/// Reads the elements of one document.
#[derive(Clone, Copy)]
struct Reader {
    kind: Kind,
    version: Version,
    occasion: Occasion,
}

/// The elements of a statement as they were found.
#[derive(Default)]
struct Elements<'a> {
    sid: Option<&'a Node>,
    effect: Option<&'a Node>,
    principal: Option<(&'a Member, Sense)>,
    action: Option<(&'a Member, Sense)>,
    resource: Option<(&'a Member, Sense)>,
    condition: Option<&'a Node>,
}

impl Reader {
    fn root(mut self, root: &Node) -> Parsed<Vec<Statement>> {
        let Json::Object(members) = &root.json else {
            return Err(wrong(root, "policy", "an object"));
        };
        let mut statement = None;
        for member in members {
            match member.key.as_str() {
                "Version" => self.version = version(&member.value)?,
                "Id" => {
                    text(&member.value, "Id")?;
                }
                "Statement" => statement = Some(&member.value),
                _ => return Err(unknown(member)),
            }
        }
        let Some(statement) = statement else {
            return Err((root.span.start, Fault::Missing("Statement")));
        };
        let statements = match &statement.json {
            Json::Object(_) => vec![self.statement(statement)?],
            Json::Array(nodes) if !nodes.is_empty() => {
                nodes.iter().map(|node| self.statement(node)).collect::<Parsed<_>>()?
            }
            Json::Array(_) => return Err((statement.span.start, Fault::Missing("Statement"))),
            _ => return Err(wrong(statement, "Statement", "an object or an array of objects")),
        };
        self.unique_sids(&statements)?;
        Ok(statements)
    }

    /// Statement ids are unique in documents of IAM; S3 does not mind.
    fn unique_sids(self, statements: &[Statement]) -> Parsed<()> {
        let mut seen = HashSet::new();
        for statement in statements {
            let Some(sid) = statement.sid.as_deref().filter(|sid| !sid.is_empty()) else {
                continue;
            };
            if self.kind != Kind::Bucket && !seen.insert(sid) {
                return Err((statement.span.start, Fault::DuplicateSid(sid.to_owned())));
            }
        }
        Ok(())
    }

    fn statement(self, node: &Node) -> Parsed<Statement> {
        let Json::Object(members) = &node.json else {
            return Err(wrong(node, "Statement", "an object or an array of objects"));
        };
        let found = elements(members)?;
        let missing = |element| (node.span.start, Fault::Missing(element));
        let effect = self.effect(found.effect.ok_or_else(|| missing("Effect"))?)?;
        let grantees = match (found.principal, self.kind.names_principals()) {
            (Some((member, sense)), true) => Some(self.grantees(member, sense)?),
            (None, true) => return Err(missing("Principal")),
            (Some((member, Sense::Is)), false) => return Err(prohibited(member, "Principal")),
            (Some((member, Sense::Not)), false) => return Err(prohibited(member, "NotPrincipal")),
            (None, false) => None,
        };
        // `*` in a resource-control policy is truly everyone, outside proofs included.
        let grantees = grantees.filter(|_| self.kind != Kind::ResourceControl);
        let (member, sense) = found.action.ok_or_else(|| missing("Action"))?;
        let actions = Listed {
            sense,
            patterns: list(&member.value, "Action", |at, text| self.action(at, text))?,
        };
        let resources = match (found.resource, self.kind) {
            (Some((member, _)), Kind::RoleTrust) => return Err(prohibited(member, "Resource")),
            (None, Kind::RoleTrust) => None,
            (Some((member, sense)), _) => Some(Listed {
                sense,
                patterns: list(&member.value, "Resource", |at, text| self.resource(at, text))?,
            }),
            (None, _) => return Err(missing("Resource")),
        };
        let conditions = match found.condition {
            Some(node) => self.conditions(node)?,
            None => Vec::new(),
        };
        let sid = found.sid.map(|node| self.sid(node)).transpose()?;
        let listed = resources.iter().flat_map(|listed| &listed.patterns);
        let resource_keys = listed.flat_map(|pattern| pattern.keys().map(str::to_owned)).collect();
        Ok(Statement {
            span: node.span,
            sid,
            effect,
            grantees,
            actions,
            resource_keys,
            resources,
            conditions,
        })
    }

    fn sid(self, node: &Node) -> Parsed<String> {
        let sid = text(node, "Sid")?;
        let strict = self.kind != Kind::Bucket;
        if strict && !sid.bytes().all(|b| b.is_ascii_alphanumeric()) {
            return Err((node.span.start, Fault::Sid(sid.to_owned())));
        }
        Ok(sid.to_owned())
    }

    fn effect(self, node: &Node) -> Parsed<Effect> {
        match text(node, "Effect")? {
            "Allow" => Ok(Effect::Allow),
            "Deny" => Ok(Effect::Deny),
            other => Err((node.span.start, Fault::Effect(other.to_owned()))),
        }
    }

    fn grantees(self, member: &Member, sense: Sense) -> Parsed<Grantees> {
        let name = if sense == Sense::Is { "Principal" } else { "NotPrincipal" };
        if sense == Sense::Not && self.kind != Kind::Bucket {
            return Err(prohibited(member, name));
        }
        let named = principal::read(&member.value, name, self.kind)?;
        Ok(Grantees { sense, named })
    }

    fn action(self, at: usize, text: &str) -> Parsed<ActionPattern> {
        if text == "*" {
            return Ok(ActionPattern::Every);
        }
        self.bounded(at, text)?;
        let Some((service, name)) = text.split_once(':') else {
            return Err((at, Fault::ActionVendor(text.to_owned())));
        };
        if text.contains("${") {
            return Err((at, Fault::VariableHere(text.to_owned())));
        }
        if self.kind == Kind::RoleTrust && !glob::matches(&glob::tokens(service), "sts", FOLDED) {
            return Err((at, Fault::Action(text.to_owned())));
        }
        if self.occasion == Occasion::Written {
            if name.contains(':') {
                return Err((at, Fault::ActionColons(text.to_owned())));
            }
            let known = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.' | b'*' | b'?');
            if !service.bytes().all(known) {
                return Err((at, Fault::ActionService(service.to_owned())));
            }
        }
        Ok(ActionPattern::of(text))
    }

    fn resource(self, at: usize, text: &str) -> Parsed<ResourcePattern> {
        if text == "*" {
            return Ok(ResourcePattern::Every);
        }
        self.bounded(at, text)?;
        let bad = || (at, Fault::Resource(text.to_owned()));
        let parts: Vec<&str> = text.splitn(glob::ARN_PARTS, ':').collect();
        let ["arn", partition, service, region, account, resource] = parts.as_slice() else {
            return Err(bad());
        };
        if partition.is_empty() || service.is_empty() || resource.is_empty() {
            return Err(bad());
        }
        // Wildcards are not allowed in the service part; variables only after the fifth colon.
        if service.contains(['*', '?']) {
            return Err(bad());
        }
        let early = [partition, service, region, account].iter().any(|part| part.contains("${"));
        if early && self.version == Version::Y2012 {
            return Err((at, Fault::VariableHere(text.to_owned())));
        }
        if let (Occasion::Written, Some(fault)) = (self.occasion, resource::fault(text)) {
            return Err((at, fault));
        }
        let template =
            Template::parse(text, self.version, Wildcards::Yes).map_err(|fault| (at, fault))?;
        let lead = template.lead();
        Ok(ResourcePattern::Of { template, text: text.to_owned(), lead })
    }

    fn conditions(self, node: &Node) -> Parsed<Vec<Condition>> {
        let operators = object(node, "Condition")?;
        let mut seen = HashSet::new();
        let mut conditions = Vec::new();
        for member in operators {
            if !seen.insert(member.key.to_ascii_lowercase()) {
                return Err(duplicate(member));
            }
            let operator = Operator::parse(&member.key)
                .ok_or_else(|| (member.key_span.start, Fault::Operator(member.key.clone())))?;
            let mut keys = HashSet::new();
            for line in object(&member.value, "Condition")? {
                if !keys.insert(line.key.to_ascii_lowercase()) {
                    return Err(duplicate(line));
                }
                conditions.push(self.condition(operator, member, line)?);
            }
        }
        Ok(conditions)
    }

    fn condition(self, operator: Operator, name: &Member, line: &Member) -> Parsed<Condition> {
        let at = line.key_span.start;
        let key = line.key.to_ascii_lowercase();
        if !key.contains(':') {
            return Err((at, Fault::ConditionVendor(line.key.clone())));
        }
        if key.contains("${") {
            return Err((at, Fault::VariableHere(line.key.clone())));
        }
        let single = operator.quantifier == Quantifier::Single && operator.test != Test::Null;
        if let (Occasion::Written, Some(known)) = (self.occasion, actions::condition_key(&key)) {
            if single && known.values() == Values::Many {
                return Err((at, Fault::Qualifier(line.key.clone())));
            }
            if !operator.test.can_read(known) {
                let (operator, key) = (name.key.clone(), line.key.clone());
                let holds = known.key_type().holds();
                return Err((at, Fault::KeyType { operator, key, holds }));
            }
        }
        let scalars = values(&line.value)?;
        if scalars.len() > 1 && matches!(operator.test, Test::Bool | Test::Null) {
            return Err((line.value.span.start, Fault::OneValue(name.key.clone())));
        }
        let written: Vec<&str> = scalars.iter().map(|(_, text)| text.as_str()).collect();
        let doubtful = daytime::fault(&line.key, operator, &name.key, &written);
        if let (Occasion::Written, Some(fault)) = (self.occasion, doubtful) {
            return Err((at, fault));
        }
        let operands = scalars
            .iter()
            .map(|(at, text)| {
                if matches!(operator.test, Test::StringLike | Test::Arn) {
                    self.bounded(*at, text)?;
                }
                Operand::parse(operator.test, text, self.version).map_err(|fault| (*at, fault))
            })
            .collect::<Parsed<_>>()?;
        Ok(Condition {
            operator,
            operator_text: name.key.clone(),
            key,
            key_text: line.key.clone(),
            operands,
            texts: scalars.into_iter().map(|(_, text)| text).collect(),
        })
    }

    /// Refuses a pattern that would be slow to match.
    fn bounded(self, at: usize, text: &str) -> Parsed<()> {
        let count = text.matches(['*', '?']).count();
        if self.occasion == Occasion::Kept {
            Ok(())
        } else if text.len() > PATTERN_BYTES_MAX {
            Err((at, Fault::PatternTooLong { size: text.len() }))
        } else if count > WILDCARDS_MAX {
            Err((at, Fault::TooManyWildcards { count }))
        } else {
            Ok(())
        }
    }
}

const FOLDED: glob::Case = glob::Case::Folded;

fn elements(members: &[Member]) -> Parsed<Elements<'_>> {
    let mut found = Elements::default();
    for member in members {
        let at = member.key_span.start;
        let (slot, sense, names) = match member.key.as_str() {
            "Sid" => {
                found.sid = Some(&member.value);
                continue;
            }
            "Effect" => {
                found.effect = Some(&member.value);
                continue;
            }
            "Condition" => {
                found.condition = Some(&member.value);
                continue;
            }
            "Principal" => (&mut found.principal, Sense::Is, ("Principal", "NotPrincipal")),
            "NotPrincipal" => (&mut found.principal, Sense::Not, ("Principal", "NotPrincipal")),
            "Action" => (&mut found.action, Sense::Is, ("Action", "NotAction")),
            "NotAction" => (&mut found.action, Sense::Not, ("Action", "NotAction")),
            "Resource" => (&mut found.resource, Sense::Is, ("Resource", "NotResource")),
            "NotResource" => (&mut found.resource, Sense::Not, ("Resource", "NotResource")),
            _ => return Err(unknown(member)),
        };
        if slot.replace((member, sense)).is_some() {
            return Err((at, Fault::Both(names.0, names.1)));
        }
    }
    Ok(found)
}

fn version(node: &Node) -> Parsed<Version> {
    match text(node, "Version")? {
        "2012-10-17" => Ok(Version::Y2012),
        "2008-10-17" => Ok(Version::Y2008),
        other => Err((node.span.start, Fault::Version(other.to_owned()))),
    }
}

fn text<'a>(node: &'a Node, element: &'static str) -> Parsed<&'a str> {
    match &node.json {
        Json::Text(text) => Ok(text),
        _ => Err(wrong(node, element, "a string")),
    }
}

fn object<'a>(node: &'a Node, element: &'static str) -> Parsed<&'a [Member]> {
    match &node.json {
        Json::Object(members) => Ok(members),
        _ => Err(wrong(node, element, "an object")),
    }
}

/// A string, or an array of strings.
fn list<T>(
    node: &Node,
    element: &'static str,
    read: impl Fn(usize, &str) -> Parsed<T>,
) -> Parsed<Vec<T>> {
    match &node.json {
        Json::Array(nodes) => nodes
            .iter()
            .map(|node| text(node, element).and_then(|text| read(node.span.start, text)))
            .collect(),
        Json::Text(text) => Ok(vec![read(node.span.start, text)?]),
        _ => Err(wrong(node, element, "a string or an array of strings")),
    }
}

/// The values of a condition: strings, numbers and booleans by their text.
fn values(node: &Node) -> Parsed<Vec<(usize, String)>> {
    let scalar = |node: &Node| {
        let text = match &node.json {
            Json::Text(text) | Json::Number(text) => text.clone(),
            Json::Bool(value) => value.to_string(),
            _ => return Err(wrong(node, "Condition", "a string, a number or a boolean")),
        };
        Ok((node.span.start, text))
    };
    match &node.json {
        Json::Array(nodes) => nodes.iter().map(scalar).collect(),
        _ => Ok(vec![scalar(node)?]),
    }
}

fn wrong(node: &Node, element: &'static str, expected: &'static str) -> Located {
    (node.span.start, Fault::Type { element, expected })
}

fn unknown(member: &Member) -> Located {
    (member.key_span.start, Fault::UnknownKey(member.key.clone()))
}

fn duplicate(member: &Member) -> Located {
    (member.key_span.start, Fault::DuplicateKey(member.key.clone()))
}

fn prohibited(member: &Member, element: &'static str) -> Located {
    (member.key_span.start, Fault::Prohibited(element))
}

/// The span is kept with each principal, so that it can be frozen in place.
pub(super) fn spanned<T>(span: Span, value: T) -> (T, Span) {
    (value, span)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn white_space_counts_within_texts_alone() {
        for (text, expected) in [
            ("", 0),
            (" \t\n\r", 0),
            ("{ }", 2),
            (r#"{ "a b" : 1 }"#, 9),
            (r#"{"a\" b": 1 }"#, 11),
            (r#"{"a\\": 1 , "b ": 2}"#, 16),
            (r#"["\\\" ", " "]"#, 13),
            (r#"[ "a", "\u0020 " ]"#, 15),
        ] {
            let counted = text.len() - expected;
            assert_eq!(size_bytes(text), expected, "{text} has {counted} blanks");
        }
    }
}
