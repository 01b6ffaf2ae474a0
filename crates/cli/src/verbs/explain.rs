//! `strongroom explain ID`.

use clap::Args;
use http::Method;
use serde_json::Value;

use crate::client::Target;
use crate::exit::Outcome;
use crate::print::{Printer, cell};

/// Explain a decision or a request by its id.
///
/// What was decided comes first, then every layer of policies with every statement and what about
/// it did not match, then the smallest policy that is missing. The decision is made again on the
/// state of its revision; if another one comes out, that is said first.
///
/// An account sees the requests of its own callers and those on its own resources, and of each what
/// its own policies said; the account that owns the installation sees everything.
///
/// Example: strongroom explain 01KAZ0Q3V5R8T1W4X7Y0B2D5FG-0
#[derive(Args)]
pub(crate) struct Explain {
    /// The decision id of a refusal, or the request id of any answer.
    id: String,
    #[command(flatten)]
    target: Target,
}

impl Explain {
    pub(crate) fn run(self, printer: &Printer) -> Outcome {
        let path = format!("/-/v1/explain/{}", wire::percent_encode(&self.id));
        let answer = self.target.admin(&Method::GET, &path, None)?;
        printer.one(&answer, text);
        Ok(())
    }
}

/// The proof, for a person: first what decided, then who asked, then why.
fn text(answer: &Value) -> String {
    let mut checks: Vec<&Value> = members(answer, "checks").collect();
    checks.sort_by_key(|check| (cell(check, "need") != "required", is_allow(check)));
    let mut lines = Vec::new();
    for (place, check) in checks.iter().enumerate() {
        if place > 0 {
            lines.push(String::new());
        }
        lines.push(deciding(check));
        if place == 0 {
            lines.push(format!("  asked      {}", cell(answer, "summary")));
        }
        lines.extend(explained(check));
    }
    if checks.is_empty() {
        lines.push(cell(answer, "summary"));
    }
    lines.join("\n")
}

fn is_allow(check: &Value) -> bool {
    cell(check, "recorded/verdict") == "allow"
}

fn members<'a>(value: &'a Value, name: &str) -> impl Iterator<Item = &'a Value> {
    value.get(name).and_then(Value::as_array).into_iter().flatten()
}

/// The line that everything else is the proof of.
fn deciding(check: &Value) -> String {
    let about = format!("{} on {}", cell(check, "action"), cell(check, "resource"));
    let recorded = check.get("recorded").unwrap_or(&Value::Null);
    let layer = cell(recorded, "because");
    let by = recorded.get("statement").filter(|by| by.is_object()).map(statement);
    match (cell(recorded, "verdict").as_str(), by) {
        ("allow", Some(by)) => format!("ALLOWED  {about}: {layer} statement {by} allows it"),
        ("allow", None) => format!("ALLOWED  {about}: by the {layer} side"),
        ("explicit-deny", Some(by)) => {
            format!("DENIED   {about}: {layer} statement {by} denies it")
        }
        ("explicit-deny", None) => format!("DENIED   {about}: a {layer} policy denies it"),
        _ if layer == "public-access-block" => {
            format!("DENIED   {about}: the public-access block shuts it out")
        }
        _ => format!("DENIED   {about}: no {layer} policy allows it"),
    }
}

/// `POLICY/SID`, or `POLICY#INDEX` of a statement without an id.
fn statement(by: &Value) -> String {
    match by.get("sid").and_then(Value::as_str).filter(|sid| !sid.is_empty()) {
        Some(sid) => format!("{}/{sid}", cell(by, "policy")),
        None => format!("{}#{}", cell(by, "policy"), cell(by, "index")),
    }
}

/// The proof of one check.
fn explained(check: &Value) -> Vec<String> {
    let mut lines = Vec::new();
    if let Some(warning) = check.get("warning").and_then(Value::as_str) {
        lines.push(format!("  !!!        {warning}"));
    } else if check.get("agrees").and_then(Value::as_bool) == Some(true) {
        lines.push("  again      decided again on the state of then: the same".to_owned());
    }
    if cell(check, "need") == "absence" {
        lines.push("  only       asked to know whether absence may be told".to_owned());
    }
    let told = |name: &str, title: &str| -> Vec<String> {
        let texts = members(check, name).filter_map(Value::as_str);
        texts.map(|text| format!("  {title:<9}  {text}")).collect()
    };
    lines.extend(told("rules", "rule"));
    lines.extend(told("notes", "note"));
    for named in members(check, "context") {
        let value = match named.get("values") {
            Some(Value::Array(values)) => {
                values.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(", ")
            }
            _ => "(absent)".to_owned(),
        };
        lines.push(format!("  context    {} = {value}", cell(named, "key")));
    }
    lines.extend(considered(check));
    for grant in members(check, "missing_grants") {
        lines.push(format!("  missing    attach to {}:", cell(grant, "attach_to")));
        let pretty = grant.get("policy").map(|policy| format!("{policy:#}")).unwrap_or_default();
        lines.extend(pretty.lines().map(|line| format!("    {line}")));
    }
    lines
}

/// Every layer and its statements, in columns.
fn considered(check: &Value) -> Vec<String> {
    let labels = members(check, "considered").flat_map(|layer| members(layer, "statements"));
    let width = labels.map(|one| statement(one).chars().count()).max().unwrap_or_default();
    let mut lines = Vec::new();
    for layer in members(check, "considered") {
        let says = match cell(layer, "says").as_str() {
            "nothing" => "says nothing".to_owned(),
            other => other.to_owned(),
        };
        let level = match cell(layer, "level") {
            level if level == "0" || level == "-" => String::new(),
            level => format!(" (level {level})"),
        };
        lines.push(format!("  {}{level}: {says}", cell(layer, "layer")));
        for one in members(layer, "statements") {
            let label = statement(one);
            let effect = cell(one, "effect");
            let mut whys = members(one, "whys").filter_map(Value::as_str);
            let first = match (whys.next(), cell(one, "names").as_str()) {
                (Some(why), _) => format!("no: {why}"),
                (None, "account") => "APPLIES, by naming the account".to_owned(),
                (None, "parent") => "APPLIES, by naming the role or user behind it".to_owned(),
                (None, _) => "APPLIES".to_owned(),
            };
            lines.push(format!("    {effect:<5}  {label:<width$}  {first}"));
            lines.extend(whys.map(|why| format!("    {:<5}  {:<width$}  no: {why}", "", "")));
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_denial_begins_with_what_decided_and_ends_with_what_is_missing() {
        let answer = json!({"summary": "ana was refused GetObject", "checks": [{
            "action": "s3:GetObject", "resource": "arn:aws:s3:::b/k", "need": "required",
            "recorded": {"verdict": "implicit-deny", "because": "identity", "statement": null},
            "agrees": true, "warning": null,
            "rules": ["the resource is of another account: both sides must allow"], "notes": [],
            "context": [{"key": "aws:SourceIp", "values": null}],
            "considered": [{"layer": "identity", "level": 0, "says": "nothing", "statements": [
                {"effect": "Allow", "index": 0, "policy": "policy:Readers@v1", "sid": null,
                 "whys": ["action `s3:GetObject` is not covered by `s3:Put*`", "second"]},
                {"effect": "Deny", "index": 1, "policy": "policy:R@v1", "sid": "Net", "whys": []},
            ]}],
            "missing_grants": [{"attach_to": "arn:aws:iam::111122223333:user/ana",
                "policy": {"Version": "2012-10-17"}}],
        }]});
        assert_eq!(
            text(&answer),
            "\
DENIED   s3:GetObject on arn:aws:s3:::b/k: no identity policy allows it
  asked      ana was refused GetObject
  again      decided again on the state of then: the same
  rule       the resource is of another account: both sides must allow
  context    aws:SourceIp = (absent)
  identity: says nothing
    Allow  policy:Readers@v1#0  no: action `s3:GetObject` is not covered by `s3:Put*`
                                no: second
    Deny   policy:R@v1/Net      APPLIES
  missing    attach to arn:aws:iam::111122223333:user/ana:
    {
      \"Version\": \"2012-10-17\"
    }"
        );
    }

    #[test]
    fn a_decision_that_differs_is_told_right_below_the_first_line() {
        let answer = json!({"summary": "s", "checks": [
            {"action": "s3:ListBucket", "resource": "arn:aws:s3:::b", "need": "absence",
             "recorded": {"verdict": "explicit-deny", "because": "resource", "statement": null}},
            {"action": "s3:GetObject", "resource": "arn:aws:s3:::b/k", "need": "required",
             "recorded": {"verdict": "allow", "because": "resource",
                "statement": {"policy": "bucket:b", "sid": "Open", "index": 0}},
             "agrees": false, "warning": "THE DECISIONS DIFFER: x"},
        ]});
        let text = text(&answer);
        let lines: Vec<&str> = text.lines().collect();
        let first = "ALLOWED  s3:GetObject on arn:aws:s3:::b/k: resource statement bucket:b/Open \
                     allows it";
        assert_eq!(lines[0], first);
        assert_eq!(lines[2], "  !!!        THE DECISIONS DIFFER: x");
        assert_eq!(
            lines[4],
            "DENIED   s3:ListBucket on arn:aws:s3:::b: a resource policy denies it"
        );
        assert_eq!(lines[5], "  only       asked to know whether absence may be told");
    }

    #[test]
    fn an_entry_without_checks_is_its_summary() {
        assert_eq!(
            text(&json!({"summary": "nobody was refused", "checks": []})),
            "nobody was refused"
        );
    }
}
