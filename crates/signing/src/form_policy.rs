//! The policy of a browser's form: until when, and what the fields must be (S3 API reference,
//! "POST policy").

use std::collections::BTreeSet;
use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use names::Timestamp;
use serde::de::{Deserialize, Deserializer, Error as _, MapAccess, SeqAccess, Visitor};

use crate::encode::canonical_number;
use crate::error::{PolicyProblem, SignatureError};
use crate::form::PostForm;

/// Most conditions of a policy.
pub const CONDITIONS_MAX: usize = 128;

/// The fields that no condition need cover.
const UNCOVERED: [&str; 5] = ["awsaccesskeyid", "file", "policy", "signature", "x-amz-signature"];

/// A policy whose every word was understood.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct FormPolicy {
    expiration: Timestamp,
    conditions: Vec<Condition>,
}

/// What one condition asks; field names are in lower case.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Condition {
    Equals { field: String, value: String },
    StartsWith { field: String, value: String },
    Length { min: u64, max: u64 },
}

impl FormPolicy {
    /// Reads a policy in base64.
    pub(crate) fn parse(text: &str) -> Result<Self, SignatureError> {
        let bad = |problem| SignatureError::PolicyMalformed { problem };
        let bytes = STANDARD.decode(text.trim()).map_err(|_| bad(PolicyProblem::Encoding))?;
        let Json::Object(members) =
            serde_json::from_slice(&bytes).map_err(|_| bad(PolicyProblem::Json))?
        else {
            return Err(bad(PolicyProblem::Json));
        };
        let (mut expiration, mut conditions) = (None, None);
        for (name, value) in members {
            match (name.as_str(), value) {
                ("expiration", Json::Text(text)) => expiration = read_expiration(&text),
                ("conditions", Json::Array(items)) => conditions = Some(items),
                ("expiration" | "conditions", _) => return Err(bad(PolicyProblem::Json)),
                _ => return Err(bad(PolicyProblem::Member)),
            }
        }
        let expiration = expiration.ok_or(bad(PolicyProblem::Expiration))?;
        let items = conditions
            .filter(|items| !items.is_empty() && items.len() <= CONDITIONS_MAX)
            .ok_or(bad(PolicyProblem::Conditions))?;
        let mut conditions = Vec::with_capacity(items.len());
        for item in items {
            conditions.extend(Condition::read(item).ok_or(bad(PolicyProblem::Condition))?);
        }
        Ok(Self { expiration, conditions })
    }

    /// Whether the form keeps to it now; the file's length is seen later.
    pub(crate) fn check(
        &self,
        form: &PostForm,
        bucket: &str,
        now: Timestamp,
    ) -> Result<(), SignatureError> {
        if now >= self.expiration {
            return Err(SignatureError::PolicyExpired { at: self.expiration });
        }
        let mut covered: BTreeSet<&str> = UNCOVERED.into_iter().collect();
        // The bucket is the one that the address names, whatever a field says.
        covered.insert("bucket");
        for condition in &self.conditions {
            let holds = match condition {
                Condition::Length { .. } => true,
                Condition::Equals { field, value } => {
                    covered.insert(field);
                    value_of(form, field, bucket) == Some(value.as_str())
                }
                Condition::StartsWith { field, value } => {
                    covered.insert(field);
                    value_of(form, field, bucket).is_some_and(|sent| starts(field, sent, value))
                }
            };
            if !holds {
                return Err(SignatureError::PolicyCondition { condition: condition.to_string() });
            }
        }
        let extra = form
            .pairs()
            .map(|(name, _)| name)
            .find(|name| !covered.contains(name) && !name.starts_with("x-ignore-"));
        match extra {
            Some(name) => Err(SignatureError::FieldNotCovered { name: name.to_owned() }),
            None => Ok(()),
        }
    }

    /// How long the file may be: every `content-length-range` at once.
    pub(crate) fn lengths(&self) -> (u64, u64) {
        self.conditions.iter().fold((0, u64::MAX), |(low, high), condition| match condition {
            Condition::Length { min, max } => (low.max(*min), high.min(*max)),
            _ => (low, high),
        })
    }
}

/// "The expiration date of the POST policy in ISO8601 GMT date format" (S3 API reference, POST
/// policy): `2007-12-01T12:00:00.000Z`.
fn read_expiration(text: &str) -> Option<Timestamp> {
    let universal = text.contains('T') && text.ends_with('Z');
    text.parse().ok().filter(|_| universal)
}

fn value_of<'a>(form: &'a PostForm, field: &str, bucket: &'a str) -> Option<&'a str> {
    if field == "bucket" {
        return Some(bucket);
    }
    form.pairs().find(|(name, _)| *name == field).map(|(_, value)| value)
}

/// A content type may be a list, of which each must hold.
fn starts(field: &str, sent: &str, value: &str) -> bool {
    if field == "content-type" && sent.contains(',') {
        return sent.split(',').all(|one| one.trim().starts_with(value));
    }
    sent.starts_with(value)
}

impl Condition {
    /// An object is an exact match of each of its members.
    fn read(item: Json) -> Option<Vec<Self>> {
        match item {
            Json::Object(members) if !members.is_empty() => members
                .into_iter()
                .map(|(field, value)| {
                    let field = field.to_ascii_lowercase();
                    Some(Self::Equals { field, value: value.scalar()? })
                })
                .collect(),
            Json::Array(words) => Self::listed(words).map(|condition| vec![condition]),
            _ => None,
        }
    }

    fn listed(words: Vec<Json>) -> Option<Self> {
        let words: Option<Vec<String>> = words.into_iter().map(Json::scalar).collect();
        let words = words?;
        let [operator, second, third] = words.as_slice() else { return None };
        let field = || second.strip_prefix('$').map(str::to_ascii_lowercase);
        match operator.to_ascii_lowercase().as_str() {
            "eq" => Some(Self::Equals { field: field()?, value: third.clone() }),
            "starts-with" => Some(Self::StartsWith { field: field()?, value: third.clone() }),
            "content-length-range" => {
                let (min, max) = (canonical_number(second)?, canonical_number(third)?);
                (min <= max).then_some(Self::Length { min, max })
            }
            _ => None,
        }
    }
}

/// As AWS repeats a condition that failed.
impl fmt::Display for Condition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Equals { field, value } => write!(f, "[\"eq\", \"${field}\", {value:?}]"),
            Self::StartsWith { field, value } => {
                write!(f, "[\"starts-with\", \"${field}\", {value:?}]")
            }
            Self::Length { min, max } => write!(f, "[\"content-length-range\", {min}, {max}]"),
        }
    }
}

/// JSON as a policy may hold it. A member that comes twice is no JSON of ours: a second reader
/// could take the other one.
enum Json {
    Text(String),
    Number(String),
    Array(Vec<Json>),
    Object(Vec<(String, Json)>),
}

impl Json {
    fn scalar(self) -> Option<String> {
        match self {
            Self::Text(text) | Self::Number(text) => Some(text),
            Self::Array(_) | Self::Object(_) => None,
        }
    }
}

impl<'de> Deserialize<'de> for Json {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(JsonVisitor)
    }
}

struct JsonVisitor;

impl<'de> Visitor<'de> for JsonVisitor {
    type Value = Json;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("text, a whole number, an array or an object")
    }

    fn visit_str<E>(self, text: &str) -> Result<Json, E> {
        Ok(Json::Text(text.to_owned()))
    }

    fn visit_u64<E>(self, number: u64) -> Result<Json, E> {
        Ok(Json::Number(number.to_string()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Json, A::Error> {
        let mut array = Vec::new();
        while let Some(item) = items.next_element()? {
            array.push(item);
        }
        Ok(Json::Array(array))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Json, A::Error> {
        let mut object: Vec<(String, Json)> = Vec::new();
        while let Some((name, value)) = members.next_entry::<String, Json>()? {
            if object.iter().any(|(other, _)| *other == name) {
                return Err(A::Error::custom("a member comes twice"));
            }
            object.push((name, value));
        }
        Ok(Json::Object(object))
    }
}
