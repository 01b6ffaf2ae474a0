//! Findings as SARIF 2.1.0 (OASIS, "Static Analysis Results Interchange Format"), the form in which
//! code hosts and CI systems take what a checker found.

use policy::check::{CATALOGUE, Finding, Level, Rule};
use serde_json::{Value, json};

use super::check::Checked;

const SCHEMA: &str =
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";

/// The log of one run over files.
pub(super) fn log(checked: &[Checked]) -> Value {
    let rules: Vec<Value> = CATALOGUE.iter().map(|rule| described(rule)).collect();
    let results: Vec<Value> = checked
        .iter()
        .flat_map(|one| one.findings.iter().map(|finding| result(&one.file, finding)))
        .collect();
    json!({
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [{
            "tool": {"driver": {
                "name": "strongroom policy check",
                "semanticVersion": env!("CARGO_PKG_VERSION"),
                "rules": rules,
            }},
            "columnKind": "unicodeCodePoints",
            "results": results,
        }],
    })
}

fn described(rule: &Rule) -> Value {
    json!({
        "id": rule.code,
        "name": rule.title,
        "shortDescription": {"text": rule.about},
        "defaultConfiguration": {"level": level(rule.level)},
    })
}

/// SARIF has three levels; ours is kept beside it.
fn level(level: Level) -> &'static str {
    match level {
        Level::Error => "error",
        Level::SecurityWarning | Level::Warning => "warning",
        Level::Suggestion => "note",
    }
}

fn result(file: &str, finding: &Finding) -> Value {
    let (start, end) = (finding.span.start, finding.span.end);
    let text = match &finding.hint {
        Some(hint) => format!("{}; {hint}", finding.message),
        None => finding.message.clone(),
    };
    json!({
        "ruleId": finding.code,
        "ruleIndex": CATALOGUE.iter().position(|rule| rule.code == finding.code),
        "level": level(finding.level),
        "message": {"text": text},
        "locations": [{
            "physicalLocation": {
                "artifactLocation": {"uri": uri(file)},
                "region": {
                    "startLine": start.line,
                    "startColumn": start.column,
                    "endLine": end.line,
                    "endColumn": end.column,
                    "byteOffset": finding.span.offset,
                    "byteLength": finding.span.length,
                },
            },
            "logicalLocations": [{"fullyQualifiedName": finding.path, "kind": "member"}],
        }],
        "properties": {"level": finding.level},
    })
}

/// A path as a URI reference: relative stays relative.
fn uri(file: &str) -> String {
    let path = file.split('/').map(wire::percent_encode).collect::<Vec<_>>().join("/");
    if path.starts_with('/') { format!("file://{path}") } else { path }
}
