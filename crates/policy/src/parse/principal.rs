//! Reads the `Principal` element (aws-authorization 1.3).

use names::{AccountId, Arn, SessionName, UniqueId};

use super::{Parsed, object, spanned, text, unknown, wrong};
use crate::document::Kind;
use crate::error::Fault;
use crate::grantee::Named;
use crate::json::{Json, Node, Span};

/// The partition of every account here.
const PARTITION: &str = "aws";

/// Every principal that the element lists, with its place.
pub(super) fn read(node: &Node, element: &'static str, kind: Kind) -> Parsed<Vec<(Named, Span)>> {
    if let Json::Text(text) = &node.json {
        return match text.as_str() {
            "*" => Ok(vec![spanned(node.span, Named::Everyone)]),
            other => Err((node.span.start, Fault::Principal(other.to_owned()))),
        };
    }
    if kind == Kind::ResourceControl {
        return Err(wrong(node, element, "exactly `*` in a resource-control policy"));
    }
    let mut named = Vec::new();
    for member in object(node, element)? {
        let form: fn(&str) -> Result<Named, Fault> = match member.key.as_str() {
            "AWS" => aws,
            "Federated" => |text| outside(text).map(Named::Federated),
            "Service" => |text| outside(text).map(Named::Service),
            "CanonicalUser" => canonical,
            _ => return Err(unknown(member)),
        };
        let nodes = match &member.value.json {
            Json::Array(nodes) => nodes.as_slice(),
            _ => std::slice::from_ref(&member.value),
        };
        for node in nodes {
            let read = form(text(node, element)?).map_err(|fault| (node.span.start, fault))?;
            named.push(spanned(node.span, read));
        }
    }
    Ok(named)
}

/// Whether a text under one of the keys of a `Principal` element has a form that is known.
pub(crate) fn names_someone(key: &str, text: &str) -> bool {
    match key {
        "AWS" => aws(text).is_ok(),
        "CanonicalUser" => canonical(text).is_ok(),
        _ => outside(text).is_ok(),
    }
}

/// A provider or a service: its whole name, never a pattern.
fn outside(text: &str) -> Result<String, Fault> {
    match text {
        "" => Err(Fault::Principal(text.to_owned())),
        _ if text.contains(['*', '?']) => Err(Fault::PrincipalWildcard(text.to_owned())),
        _ => Ok(text.to_owned()),
    }
}

fn canonical(text: &str) -> Result<Named, Fault> {
    if text.len() == 64 && text.bytes().all(|b| b.is_ascii_hexdigit()) {
        Ok(Named::Canonical(text.to_owned()))
    } else {
        Err(Fault::Principal(text.to_owned()))
    }
}

fn aws(text: &str) -> Result<Named, Fault> {
    if text == "*" {
        return Ok(Named::Everyone);
    }
    if text.contains(['*', '?']) {
        return Err(Fault::PrincipalWildcard(text.to_owned()));
    }
    let bad = || Fault::Principal(text.to_owned());
    if let Ok(account) = text.parse::<AccountId>() {
        return Ok(Named::Account(account));
    }
    if let Some((id, session)) = text.split_once(':').filter(|_| text.starts_with("AROA")) {
        let id = id.parse().map_err(|_| bad())?;
        let session = session.parse::<SessionName>().map_err(|_| bad())?.to_string();
        return Ok(Named::SessionOf { id, session });
    }
    if ["AIDA", "AROA"].iter().any(|prefix| text.starts_with(prefix)) {
        return text.parse::<UniqueId>().map(Named::Id).map_err(|_| bad());
    }
    let arn: Arn = text.parse().map_err(|_| bad())?;
    let account: AccountId = arn.account().parse().map_err(|_| bad())?;
    // The same digits in another partition are another account.
    if arn.partition() != PARTITION || !arn.region().is_empty() {
        return Err(bad());
    }
    let (form, rest) = arn.resource().split_once('/').unwrap_or((arn.resource(), ""));
    match (arn.service(), form, rest) {
        ("iam", "root", "") if arn.resource() == "root" => Ok(Named::Account(account)),
        ("iam", "user", name) if is_name(name) => Ok(Named::User(arn)),
        ("iam", "role", name) if is_name(name) => Ok(Named::Role(arn)),
        ("sts", "assumed-role", name) => match name.split_once('/') {
            Some((role, session))
                if is_name(role) && is_name(session) && !session.contains('/') =>
            {
                Ok(Named::Session { account, role: role.to_owned(), session: session.to_owned() })
            }
            _ => Err(bad()),
        },
        ("sts", "federated-user", name) if is_name(name) => {
            Ok(Named::FederatedUser { account, name: name.to_owned() })
        }
        _ => Err(bad()),
    }
}

fn is_name(text: &str) -> bool {
    !text.is_empty() && !text.ends_with('/')
}
