//! The worst that a document of legal size can ask for.

use crate::Failure;
use crate::world::{World, request, under};

/// Bytes of statements of one identity policy: its limit is 10,240 without white space.
const BYTES: usize = 10_000;

/// Hostile documents, by name, each with the request that it is made for.
pub(crate) fn all() -> Result<Vec<(&'static str, World)>, Failure> {
    let key = "a".repeat(1_024);
    let half = format!("{}{}", "a".repeat(512), "ab".repeat(256));
    let ba = format!("{key}b");
    Ok(vec![
        ("`*a*a…b`, one pattern", one(&format!("{}b", "*a".repeat(250)), &key)?),
        ("`*a*a…b`, as many as fit", fill(&format!("{}b", "*a".repeat(250)), &key)?),
        ("`*aaa…b`, as many as fit", fill(&format!("*{}b", "a".repeat(500)), &key)?),
        ("`*?a?a…b*`, as many as fit", fill(&format!("*{}b*", "?a".repeat(240)), &half)?),
        ("`*?*?…b`, as many as fit", fill(&format!("{}b", "*?".repeat(120)), &key)?),
        ("`*ab*`, as many as fit", fill("*ab*", &ba)?),
        ("`*ba*`, as many as fit", fill("*ba*", &ba)?),
        ("`*b?`, as many as fit", fill("*b?", &key)?),
        ("`*a?b*`, as many as fit", fill("*a?b*", &key)?),
        ("values `*b?a`, as many as fit", values("*b?a", &key)?),
        ("values `*a?b*`, as many as fit", values("*a?b*", &key)?),
        ("values `*ab*`, as many as fit", values("*ab*", &key)?),
        ("statements on everything, as many as fit", statements(&key)?),
        ("variables, as many as fit", fill("${aws:username}*${aws:username}*b", &key)?),
    ])
}

fn resources(own: &str) -> String {
    let one = format!("\"arn:aws:s3:::b/{own}\"");
    let count = BYTES / (one.len() + 1);
    vec![one; count.max(1)].join(",")
}

fn statement(resources: &str, key: &str) -> Result<World, Failure> {
    let text = format!(r#"{{"Effect":"Allow","Action":"*","Resource":[{resources}]}}"#);
    under(
        "hostile",
        &text,
        request("s3:GetObject", &format!("arn:aws:s3:::b/{key}"), "10.0.0.1", None)?,
    )
}

fn one(pattern: &str, key: &str) -> Result<World, Failure> {
    statement(&format!("\"arn:aws:s3:::b/{pattern}\""), key)
}

fn fill(pattern: &str, key: &str) -> Result<World, Failure> {
    statement(&resources(pattern), key)
}

fn values(pattern: &str, value: &str) -> Result<World, Failure> {
    let one = format!("\"{pattern}\"");
    let list = vec![one.clone(); BYTES / (one.len() + 1)].join(",");
    let text = format!(
        r#"{{"Effect":"Allow","Action":"*","Resource":"*",
        "Condition":{{"StringLike":{{"s3:prefix":[{list}]}}}}}}"#
    );
    let asked = request("s3:ListBucket", "arn:aws:s3:::b", "10.0.0.1", Some(value.to_owned()))?;
    under("hostile", &text, asked)
}

fn statements(key: &str) -> Result<World, Failure> {
    let one =
        r#"{"Effect":"Deny","Action":"*","Resource":"*","Condition":{"Bool":{"a:b":"true"}}}"#;
    let list = vec![one; BYTES / (one.len() + 1)].join(",");
    under(
        "hostile",
        &list,
        request("s3:GetObject", &format!("arn:aws:s3:::b/{key}"), "10.0.0.1", None)?,
    )
}
