//! Parts of what a provider's interface answers, each refused unless it is as documented.

use reqwest::Url;
use serde_json::{Map, Value};

use super::call::origin;
use super::fault::LookupFault;
use crate::oidc::refusal::DocumentFault;

pub(super) fn object(url: &Url, value: Value) -> Result<Map<String, Value>, LookupFault> {
    match value {
        Value::Object(map) => Ok(map),
        _ => Err(malformed(url, "an object")),
    }
}

pub(super) fn list(url: &Url, value: Value) -> Result<Vec<Map<String, Value>>, LookupFault> {
    match value {
        Value::Array(items) => items.into_iter().map(|item| object(url, item)).collect(),
        _ => Err(malformed(url, "a list")),
    }
}

pub(super) fn text<'a>(
    url: &Url,
    item: &'a Map<String, Value>,
    member: &'static str,
) -> Result<&'a str, LookupFault> {
    let text = item.get(member).and_then(Value::as_str).filter(|text| !text.is_empty());
    text.ok_or_else(|| malformed(url, member))
}

pub(super) fn malformed(url: &Url, member: &'static str) -> LookupFault {
    LookupFault::Document { origin: origin(url), cause: DocumentFault::Member(member) }
}
