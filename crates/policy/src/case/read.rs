//! The grammar of a case.

use std::collections::HashMap;
use std::sync::Arc;

use names::{AccountId, Action, Arn};

use super::{CASES_BYTES_MAX, Case, CaseError, CaseFault, principal};
use crate::decision::{Layer, Verdict};
use crate::document::{Document, Kind};
use crate::error::Position;
use crate::facts::{Facts, Value};
use crate::json::{Json, Member, Node, Values};
use crate::operation::{Check, Need};
use crate::question::{
    Attached, CallerPolicies, ResourceKind, ResourceSide, RestrictPublicBuckets,
};

/// A fault and the byte it stands at.
type Read<T> = Result<T, (usize, CaseFault)>;

/// Some cases of a text: from one place to another.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Stretch<'a> {
    pub(super) text: &'a str,
    from: Values<'a>,
    /// Where the next begins; the last one goes on for as long as there are cases.
    until: Option<usize>,
}

/// The whole text.
pub(super) fn whole(text: &str) -> Result<Stretch<'_>, CaseError> {
    if text.len() > CASES_BYTES_MAX {
        let at = Position { line: 1, column: 1 };
        return Err(CaseError { at, fault: CaseFault::TooLarge(text.len()) });
    }
    Ok(Stretch { text, from: Values::of(text, UNREAD), until: None })
}

/// Documents are read apart: cases repeat them.
const UNREAD: &str = "document";

impl<'a> Stretch<'a> {
    /// The same cases as up to so many stretches of about one length. A text that is broken is cut
    /// before its first fault only.
    pub(super) fn cut(self, count: usize) -> Vec<Self> {
        let length = self.text.len().div_ceil(count.max(1));
        let mut stretches = Vec::new();
        let (mut own, mut values) = (self, self.from);
        // What cannot be passed over is told by whoever reads it.
        while let Ok(Some(_)) = values.pass() {
            if values.at() >= own.from.at().saturating_add(length) {
                stretches.push(Self { until: Some(values.at()), ..own });
                own.from = values;
            }
        }
        stretches.push(own);
        stretches
    }

    /// Reads one case after the other, so that no more than one is held at a time; each is given
    /// with the byte where it begins.
    pub(super) fn each(self, take: &mut dyn FnMut(usize, Case)) -> Result<(), CaseError> {
        let text = self.text;
        let error = |(offset, fault)| CaseError { at: Position::of(text, offset), fault };
        let json = |(offset, fault)| error((offset, CaseFault::Json(fault)));
        let mut reader = Reader { text, known: HashMap::new() };
        let mut values = self.from;
        while self.until.is_none_or(|until| values.at() < until) {
            let Some(node) = values.read().map_err(json)? else { break };
            take(node.span.start, reader.case(&node).map_err(error)?);
        }
        Ok(())
    }
}

/// Counts lines forward, so that many cases cost no more than their text.
pub(super) struct Walk {
    offset: usize,
    at: Position,
}

impl Default for Walk {
    fn default() -> Self {
        Self { offset: 0, at: Position { line: 1, column: 1 } }
    }
}

impl Walk {
    pub(super) fn to(&mut self, text: &str, offset: usize) -> Position {
        let step = Position::of(text.get(self.offset..offset).unwrap_or(""), usize::MAX);
        let column = if step.line == 1 { self.at.column } else { 1 };
        self.at = Position {
            line: self.at.line.saturating_add(step.line).saturating_sub(1),
            column: column.saturating_add(step.column).saturating_sub(1),
        };
        self.offset = offset;
        self.at
    }
}

/// Most documents of a text that are kept for the cases behind them.
const DOCUMENTS_KEPT_MAX: usize = 10_000;

struct Reader<'a> {
    text: &'a str,
    /// Documents that were read already: cases repeat them.
    known: HashMap<(Kind, &'a str), Arc<Document>>,
}

/// The keys of a case, as they were found.
#[derive(Default)]
struct Found<'a> {
    name: Option<&'a Node>,
    request: Option<&'a Node>,
    identity: Option<&'a Node>,
    boundaries: Option<&'a Node>,
    session: Option<&'a Node>,
    resource: Option<&'a Node>,
    service_control: Option<&'a Node>,
    resource_control: Option<&'a Node>,
    block: Option<&'a Node>,
    expect: Option<&'a Node>,
    because: Option<&'a Node>,
}

/// The `request` of a case.
struct Request {
    principal: crate::principal::Principal,
    action: Action,
    resource: Arn,
    account: Option<AccountId>,
    facts: Facts,
}

impl<'a> Reader<'a> {
    fn case(&mut self, node: &Node) -> Read<Case> {
        let found = found(object(node, "case")?)?;
        let name = found.name.map(|node| string(node, "name")).transpose()?.unwrap_or_default();
        let request = found.request.ok_or((node.span.start, CaseFault::Missing("request")))?;
        let request = self.request(request)?;
        let kind = resource_kind(&request);
        let session = match found.session {
            Some(node) => self.policies(node, "session_policies", Kind::Session)?,
            None => Vec::new(),
        };
        let caller = CallerPolicies {
            identity: self.optional(found.identity, "identity_policies", Kind::Identity)?.into(),
            boundaries: self.optional(
                found.boundaries,
                "permissions_boundaries",
                Kind::Boundary,
            )?,
            session: Some(session).filter(|policies| !policies.is_empty()),
            service_control: self.levels(found.service_control, Kind::ServiceControl)?,
        };
        let policy_kind = match kind {
            ResourceKind::RoleTrust => Kind::RoleTrust,
            ResourceKind::Bucket | ResourceKind::Plain => Kind::Bucket,
        };
        let resource = ResourceSide {
            account: request.account,
            policy: found.resource.map(|node| self.policy(node, policy_kind)).transpose()?,
            kind,
            resource_control: self.levels(found.resource_control, Kind::ResourceControl)?,
            restrict_public: block(found.block)?,
        };
        Ok(Case {
            name: name.to_owned(),
            at: Position { line: 1, column: 1 },
            principal: request.principal,
            check: Check {
                action: request.action,
                resource: request.resource,
                need: Need::Required,
                with: Vec::new(),
            },
            caller,
            resource,
            facts: request.facts,
            expect: found.expect.map(verdict).transpose()?,
            because: found.because.map(layer).transpose()?,
        })
    }

    fn request(&mut self, node: &Node) -> Read<Request> {
        let (mut who, mut role, mut action) = (None, None, None);
        let (mut resource, mut account, mut context) = (None, None, None);
        for member in object(node, "request")? {
            let slot = match member.key.as_str() {
                "principal" => &mut who,
                "principal_role" => &mut role,
                "action" => &mut action,
                "resource" => &mut resource,
                "resource_account" => &mut account,
                "context" => &mut context,
                _ => return Err(unknown(member)),
            };
            *slot = Some(&member.value).filter(|node| node.json != Json::Null);
        }
        let missing = |key| (node.span.start, CaseFault::Missing(key));
        let who = who.ok_or_else(|| missing("principal"))?;
        let action = word(action.ok_or_else(|| missing("action"))?, "action")?;
        let resource: Arn = word(resource.ok_or_else(|| missing("resource"))?, "resource")?;
        let role: Option<Arn> = role.map(|node| word(node, "principal_role")).transpose()?;
        let facts = match context {
            Some(node) => facts(node)?,
            None => Facts::default(),
        };
        let principal = principal::read(string(who, "principal")?, role.as_ref(), &facts)
            .map_err(|fault| (who.span.start, fault))?;
        let account = match account {
            Some(node) => Some(word(node, "resource_account")?),
            None => resource.account().parse().ok(),
        };
        Ok(Request { principal, action, resource, account, facts })
    }

    fn optional(
        &mut self,
        node: Option<&Node>,
        key: &'static str,
        kind: Kind,
    ) -> Read<Vec<Attached>> {
        node.map_or_else(|| Ok(Vec::new()), |node| self.policies(node, key, kind))
    }

    fn policies(&mut self, node: &Node, key: &str, kind: Kind) -> Read<Vec<Attached>> {
        array(node, key)?.iter().map(|node| self.policy(node, kind)).collect()
    }

    fn levels(&mut self, node: Option<&Node>, kind: Kind) -> Read<Vec<Vec<Attached>>> {
        let Some(node) = node else { return Ok(Vec::new()) };
        let key = "a list of levels of control policies";
        array(node, key)?.iter().map(|node| self.policies(node, key, kind)).collect()
    }

    fn policy(&mut self, node: &Node, kind: Kind) -> Read<Attached> {
        let (mut name, mut document) = (None, None);
        for member in object(node, "policy")? {
            match member.key.as_str() {
                "name" => name = Some(string(&member.value, "name")?),
                "document" => document = Some(&member.value),
                _ => return Err(unknown(member)),
            }
        }
        let name = name.ok_or((node.span.start, CaseFault::Missing("name")))?;
        let document = document.ok_or((node.span.start, CaseFault::Missing("document")))?;
        let whole: &'a str = self.text;
        let text = whole.get(document.span.start..document.span.end).unwrap_or_default();
        if document.json != Json::Unread || !text.starts_with('{') {
            return Err(wrong(document, "document", "an object"));
        }
        if let Some(known) = self.known.get(&(kind, text)) {
            return Ok(Attached { name: name.to_owned(), document: Arc::clone(known) });
        }
        let parsed = Document::parse(text, kind).map_err(|error| {
            let at = document.span.start.saturating_add(error.offset);
            (at, CaseFault::policy(name, error))
        })?;
        let parsed = Arc::new(parsed);
        if self.known.len() < DOCUMENTS_KEPT_MAX {
            self.known.insert((kind, text), Arc::clone(&parsed));
        }
        Ok(Attached { name: name.to_owned(), document: parsed })
    }
}

fn found(members: &[Member]) -> Read<Found<'_>> {
    let mut found = Found::default();
    for member in members {
        let slot = match member.key.as_str() {
            "name" => &mut found.name,
            "request" => &mut found.request,
            "identity_policies" => &mut found.identity,
            "permissions_boundaries" => &mut found.boundaries,
            "session_policies" => &mut found.session,
            "resource_policy" => &mut found.resource,
            "service_control_policies" => &mut found.service_control,
            "resource_control_policies" => &mut found.resource_control,
            "block_public_access" => &mut found.block,
            "expect" => &mut found.expect,
            "because" => &mut found.because,
            _ => return Err(unknown(member)),
        };
        *slot = Some(&member.value).filter(|node| node.json != Json::Null);
    }
    Ok(found)
}

/// A bucket, a role that is being assumed, or anything else.
fn resource_kind(request: &Request) -> ResourceKind {
    let resource = &request.resource;
    match (resource.service(), request.action.service()) {
        ("s3", _) => ResourceKind::Bucket,
        ("iam", "sts") if resource.resource().starts_with("role/") => ResourceKind::RoleTrust,
        _ => ResourceKind::Plain,
    }
}

fn facts(node: &Node) -> Read<Facts> {
    let mut facts = Facts::default();
    let mut seen = std::collections::HashSet::new();
    for member in object(node, "context")? {
        if !seen.insert(member.key.to_ascii_lowercase()) {
            let fault = crate::error::Fault::DuplicateKey(member.key.clone());
            return Err((member.key_span.start, CaseFault::Json(fault)));
        }
        let value = match &member.value.json {
            Json::Array(nodes) => Value::Many(
                nodes.iter().map(|node| scalar(node, &member.key)).collect::<Read<_>>()?,
            ),
            _ => Value::One(scalar(&member.value, &member.key)?),
        };
        facts.suppose(&member.key, value);
    }
    Ok(facts)
}

fn scalar(node: &Node, key: &str) -> Read<String> {
    match &node.json {
        Json::Text(text) | Json::Number(text) => Ok(text.clone()),
        Json::Bool(value) => Ok(value.to_string()),
        _ => Err(wrong(node, key, "a string, a number, a boolean or an array of these")),
    }
}

fn block(node: Option<&Node>) -> Read<RestrictPublicBuckets> {
    let mut restrict = RestrictPublicBuckets::Off;
    let Some(node) = node else { return Ok(restrict) };
    for member in object(node, "block_public_access")? {
        let on = match member.value.json {
            Json::Bool(on) => on,
            _ => return Err(wrong(&member.value, &member.key, "true or false")),
        };
        match member.key.as_str() {
            "RestrictPublicBuckets" if on => restrict = RestrictPublicBuckets::On,
            // The other settings are about what may be saved, not about what is allowed.
            "RestrictPublicBuckets"
            | "BlockPublicAcls"
            | "IgnorePublicAcls"
            | "BlockPublicPolicy" => {}
            _ => return Err(unknown(member)),
        }
    }
    Ok(restrict)
}

fn verdict(node: &Node) -> Read<Verdict> {
    match string(node, "expect")? {
        "allow" => Ok(Verdict::Allow),
        "implicit-deny" => Ok(Verdict::ImplicitDeny),
        "explicit-deny" => Ok(Verdict::ExplicitDeny),
        _ => Err(wrong(node, "expect", "`allow`, `implicit-deny` or `explicit-deny`")),
    }
}

fn layer(node: &Node) -> Read<Layer> {
    const LAYERS: [Layer; 7] = [
        Layer::Identity,
        Layer::Resource,
        Layer::Boundary,
        Layer::Session,
        Layer::ServiceControl,
        Layer::ResourceControl,
        Layer::PublicAccessBlock,
    ];
    let text = string(node, "because")?;
    let layer = LAYERS.into_iter().find(|layer| layer.as_str() == text);
    layer.ok_or_else(|| wrong(node, "because", "the name of a layer, such as `identity`"))
}

fn string<'a>(node: &'a Node, key: &str) -> Read<&'a str> {
    match &node.json {
        Json::Text(text) => Ok(text),
        _ => Err(wrong(node, key, "a string")),
    }
}

/// A string with a grammar of its own.
fn word<T: std::str::FromStr>(node: &Node, key: &str) -> Read<T>
where
    CaseFault: From<T::Err>,
{
    string(node, key)?.parse().map_err(|error: T::Err| (node.span.start, error.into()))
}

fn object<'a>(node: &'a Node, key: &str) -> Read<&'a [Member]> {
    match &node.json {
        Json::Object(members) => Ok(members),
        _ => Err(wrong(node, key, "an object")),
    }
}

fn array<'a>(node: &'a Node, key: &str) -> Read<&'a [Node]> {
    match &node.json {
        Json::Array(nodes) => Ok(nodes),
        _ => Err(wrong(node, key, "an array")),
    }
}

fn wrong(node: &Node, key: &str, expected: &'static str) -> (usize, CaseFault) {
    (node.span.start, CaseFault::Type { key: key.to_owned(), expected })
}

fn unknown(member: &Member) -> (usize, CaseFault) {
    (member.key_span.start, CaseFault::UnknownKey(member.key.clone()))
}
