//! What one writes first: every statement in turn, compared by the plain algorithms, from the same
//! policies. It knows what the worlds of this measurement say and nothing else.

use std::net::Ipv4Addr;

use serde_json::Value;

use crate::Failure;
use crate::world::{Request, World};

/// Statements in the order in which they are written.
pub(crate) struct Naive {
    statements: Vec<Statement>,
    user: String,
}

struct Statement {
    denies: bool,
    actions: Vec<String>,
    resources: Vec<String>,
    conditions: Vec<Condition>,
}

enum Condition {
    /// The caller's address is in one of these ranges.
    Address(Vec<(u32, u32)>),
    /// A key matches one of these patterns.
    Like(String, Vec<String>),
    /// A key is one of these words.
    Is(String, Vec<String>),
}

impl Naive {
    pub(crate) fn new(world: &World) -> Result<Self, Failure> {
        let mut statements = Vec::new();
        for policy in world.caller.identity.iter() {
            let document: Value = serde_json::from_str(policy.document.text())?;
            let statements_of = document.get("Statement").ok_or("no statement")?;
            for statement in list(statements_of) {
                statements.push(Statement::read(statement)?);
            }
        }
        Ok(Self { statements, user: "bench".to_owned() })
    }

    /// Whether the request is allowed.
    pub(crate) fn allows(&self, request: &Request) -> bool {
        let mut allowed = false;
        for statement in &self.statements {
            if statement.applies(request, &self.user) {
                if statement.denies {
                    return false;
                }
                allowed = true;
            }
        }
        allowed
    }
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(std::slice::from_ref(value), Vec::as_slice)
}

fn texts(value: &Value) -> Vec<String> {
    list(value).iter().filter_map(Value::as_str).map(str::to_owned).collect()
}

impl Statement {
    fn read(statement: &Value) -> Result<Self, Failure> {
        let lower = |texts: Vec<String>| texts.iter().map(|t| t.to_ascii_lowercase()).collect();
        let mut conditions = Vec::new();
        for (operator, keys) in statement["Condition"].as_object().into_iter().flatten() {
            for (key, values) in keys.as_object().into_iter().flatten() {
                let values = texts(values);
                conditions.push(match operator.as_str() {
                    "IpAddress" => Condition::Address(
                        values.iter().map(|value| range(value)).collect::<Result<_, _>>()?,
                    ),
                    "StringLike" => Condition::Like(key.clone(), values),
                    "Bool" => Condition::Is(key.clone(), values),
                    other => return Err(format!("{other} is not known here").into()),
                });
            }
        }
        Ok(Self {
            denies: statement["Effect"] == "Deny",
            actions: lower(texts(&statement["Action"])),
            resources: texts(&statement["Resource"]),
            conditions,
        })
    }

    fn applies(&self, request: &Request, user: &str) -> bool {
        let action = request.check.action.as_str().as_bytes();
        let resource = request.check.resource.as_str().as_bytes();
        self.actions.iter().any(|own| glob(own.as_bytes(), action))
            && self.resources.iter().any(|own| {
                if own.contains("${") {
                    glob(own.replace("${aws:username}", user).as_bytes(), resource)
                } else {
                    glob(own.as_bytes(), resource)
                }
            })
            && self.conditions.iter().all(|condition| condition.holds(request))
    }
}

impl Condition {
    fn holds(&self, request: &Request) -> bool {
        let one = |key: &str| match request.facts.get(key) {
            Some(policy::facts::Value::One(text)) => Some(text.as_str()),
            _ => None,
        };
        match self {
            Self::Address(ranges) => {
                let own = one("aws:SourceIp").and_then(|text| text.parse::<Ipv4Addr>().ok());
                let own = own.map(u32::from);
                own.is_some_and(|own| ranges.iter().any(|(net, mask)| own & mask == *net))
            }
            Self::Like(key, values) => one(key)
                .is_some_and(|own| values.iter().any(|v| glob(v.as_bytes(), own.as_bytes()))),
            Self::Is(key, values) => one(key).is_some_and(|own| values.iter().any(|v| v == own)),
        }
    }
}

fn range(text: &str) -> Result<(u32, u32), Failure> {
    let (address, bits) = text.split_once('/').ok_or("no range")?;
    let mask = u32::MAX.checked_shl(32 - bits.parse::<u32>()?).unwrap_or(0);
    Ok((u32::from(address.parse::<Ipv4Addr>()?) & mask, mask))
}

/// Two pointers and one place to return to; letters of actions ignore case, and the names of this
/// measurement are in lower case anyhow.
fn glob(pattern: &[u8], text: &[u8]) -> bool {
    let (mut at, mut place, mut retry) = (0, 0, None);
    loop {
        match (pattern.get(at), text.get(place)) {
            (Some(b'*'), _) => {
                at += 1;
                retry = Some((at, place));
            }
            (Some(own), Some(byte)) if *own == b'?' || byte.eq_ignore_ascii_case(own) => {
                (at, place) = (at + 1, place + 1);
            }
            (None, None) => return true,
            _ => {
                let Some((after, from)) = retry.filter(|(_, from)| *from < text.len()) else {
                    return false;
                };
                retry = Some((after, from + 1));
                (at, place) = (after, from + 1);
            }
        }
    }
}
