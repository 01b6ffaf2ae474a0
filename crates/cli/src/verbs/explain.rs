//! `strongroom explain ID`.

use clap::Args;
use http::Method;
use serde_json::Value;

use crate::client::Target;
use crate::exit::Outcome;
use crate::print::{Printer, cell};

/// Explain a decision or a request by its id.
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

/// The proof, for a person.
fn text(answer: &Value) -> String {
    let mut lines = vec![cell(answer, "summary")];
    for check in members(answer, "checks") {
        lines.push(String::new());
        lines.extend(explained(check));
    }
    lines.join("\n")
}

fn members<'a>(value: &'a Value, name: &str) -> impl Iterator<Item = &'a Value> {
    value.get(name).and_then(Value::as_array).into_iter().flatten()
}

/// One check: verdict, what decided, what did not match, what is missing.
fn explained(check: &Value) -> Vec<String> {
    let mut lines = vec![
        format!(
            "{} {} on {}",
            cell(check, "verdict"),
            cell(check, "action"),
            cell(check, "resource")
        ),
        format!("  decided by the {} layer", cell(check, "because")),
    ];
    if cell(check, "need") == "absence" {
        lines.push("  asked only to know whether absence may be told".to_owned());
    }
    if check.pointer("/statement/policy").is_some() {
        let place = match cell(check, "statement/sid") {
            sid if sid == "-" => cell(check, "statement/index"),
            sid => sid,
        };
        lines.push(format!("  by statement {place} of {}", cell(check, "statement/policy")));
    }
    for one in members(check, "considered") {
        lines.push(format!(
            "  {}: {} statement {} of {} {}",
            cell(one, "layer"),
            cell(one, "effect"),
            cell(one, "index"),
            cell(one, "policy"),
            match cell(one, "why") {
                why if why == "applies" => why,
                why => format!("does not apply: {why}"),
            },
        ));
    }
    for grant in members(check, "missing_grants") {
        lines.push(format!("  missing; attach to {}:", cell(grant, "attach_to")));
        let pretty = grant.get("policy").map(|policy| format!("{policy:#}")).unwrap_or_default();
        lines.extend(pretty.lines().map(|line| format!("    {line}")));
    }
    if check.get("note").is_some_and(Value::is_string) {
        lines.push(format!("  note: {}", cell(check, "note")));
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_denial_is_told_with_what_did_not_match_and_what_is_missing() {
        let answer = json!({"summary": "ana was refused GetObject", "checks": [{
            "verdict": "implicit-deny", "action": "s3:GetObject", "resource": "arn:aws:s3:::b/k",
            "because": "identity", "statement": null,
            "considered": [{"layer": "identity", "effect": "Allow", "index": 0,
                "policy": "policy:Readers@v1",
                "why": "action `s3:GetObject` is not covered by `s3:Put*`"}],
            "missing_grants": [{"attach_to": "arn:aws:iam::111122223333:user/ana",
                "policy": {"Version": "2012-10-17"}}],
        }]});
        let text = text(&answer);
        for part in [
            "implicit-deny s3:GetObject on arn:aws:s3:::b/k",
            "decided by the identity layer",
            "does not apply: action `s3:GetObject`",
            "attach to arn:aws:iam::111122223333:user/ana:",
            "\"Version\": \"2012-10-17\"",
        ] {
            assert!(text.contains(part), "{part} in {text}");
        }
    }
}
