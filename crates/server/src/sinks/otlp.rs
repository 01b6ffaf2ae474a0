//! OTLP logs over HTTP, as JSON: the body of `v1/logs`, and what its answer means
//! (opentelemetry.io/docs/specs/otlp, OTLP/HTTP).

use std::borrow::Cow;

use audit::{Delivery, SinkError};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::sinks::heard::later;
use crate::sinks::message;

/// Severity numbers (OpenTelemetry, logs data model): INFO and WARN.
const INFO: u32 = 9;
const WARN: u32 = 13;

/// The body for a batch: each leaf is a record whose body is its JSON.
pub(super) fn body(batch: &[Delivery]) -> Vec<u8> {
    let log_records = batch.iter().map(record).collect();
    let scope = Scope { name: "strongroom", version: env!("CARGO_PKG_VERSION") };
    let service = Attribute { key: "service.name", value: AnyValue::Text("strongroom".into()) };
    let request = Request {
        resource_logs: [ResourceLogs {
            resource: Resource { attributes: [service] },
            scope_logs: [ScopeLogs { scope, log_records }],
        }],
    };
    // Writing to memory does not fail.
    serde_json::to_vec(&request).unwrap_or_default()
}

fn record(delivery: &Delivery) -> Record<'_> {
    let glance = serde_json::from_slice::<Glance>(&delivery.leaf).unwrap_or_default();
    let refused = glance.verdict.is_some_and(|word| word == "refused");
    let (severity_number, severity_text) = if refused { (WARN, "WARN") } else { (INFO, "INFO") };
    let name = format!("strongroom.audit.{}", glance.entry.unwrap_or_default());
    let leaf = String::from_utf8(message::leaf_text(delivery)).unwrap_or_default();
    let nanos = message::time(delivery).map(|time| time.millis().saturating_mul(1_000_000));
    Record {
        time_unix_nano: nanos.map(|nanos| nanos.to_string()),
        severity_number,
        severity_text,
        body: AnyValue::Text(leaf.into()),
        attributes: [
            Attribute { key: "event.name", value: AnyValue::Text(name.into()) },
            Attribute {
                key: "strongroom.leaf.id",
                value: AnyValue::Text(delivery.id.as_str().into()),
            },
            Attribute {
                key: "strongroom.leaf.index",
                value: AnyValue::Number(delivery.index.to_string()),
            },
        ],
    }
}

/// An `ExportLogsServiceRequest`, as far as we fill it.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Request<'a> {
    resource_logs: [ResourceLogs<'a>; 1],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ResourceLogs<'a> {
    resource: Resource<'a>,
    scope_logs: [ScopeLogs<'a>; 1],
}

#[derive(Serialize)]
struct Resource<'a> {
    attributes: [Attribute<'a>; 1],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ScopeLogs<'a> {
    scope: Scope,
    log_records: Vec<Record<'a>>,
}

#[derive(Serialize)]
struct Scope {
    name: &'static str,
    version: &'static str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Record<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    time_unix_nano: Option<String>,
    severity_number: u32,
    severity_text: &'static str,
    body: AnyValue<'a>,
    attributes: [Attribute<'a>; 3],
}

#[derive(Serialize)]
struct Attribute<'a> {
    key: &'static str,
    value: AnyValue<'a>,
}

/// A text, or a number, which JSON has as a text too.
#[derive(Serialize)]
enum AnyValue<'a> {
    #[serde(rename = "stringValue")]
    Text(Cow<'a, str>),
    #[serde(rename = "intValue")]
    Number(String),
}

/// What a record's severity and name are made of.
#[derive(Deserialize, Default)]
struct Glance {
    #[serde(default)]
    entry: Option<String>,
    #[serde(default)]
    verdict: Option<String>,
}

/// What a collector answered. It does not say which records it rejected: smaller batches find out.
pub(super) fn answer(body: &[u8]) -> Result<(), SinkError> {
    if body.is_empty() {
        return Ok(());
    }
    let strange = || later("the answer is not one of OTLP in JSON");
    let answer: Value = serde_json::from_slice(body).map_err(|_| strange())?;
    // By their names: a struct would take a list for itself.
    let partial = match answer.as_object().ok_or_else(strange)?.get("partialSuccess") {
        None | Some(Value::Null) => return Ok(()),
        Some(partial) => partial.as_object().ok_or_else(strange)?,
    };
    let rejected = match partial.get("rejectedLogRecords") {
        None | Some(Value::Null) => false,
        Some(Value::String(text)) => text != "0",
        Some(Value::Number(number)) => number.as_i64() != Some(0),
        // Not how many: it may be all.
        Some(Value::Bool(_) | Value::Array(_) | Value::Object(_)) => true,
    };
    let why = partial.get("errorMessage").and_then(Value::as_str).unwrap_or_default();
    if rejected {
        return Err(SinkError::Refused { why: message::clipped(why) });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sinks::samples::leaf;

    #[test]
    fn a_record_has_the_leaf_its_time_and_its_id() {
        let read: Value = serde_json::from_slice(&body(&[leaf(7), leaf(8)])).unwrap();
        let records = &read["resourceLogs"][0]["scopeLogs"][0]["logRecords"];
        assert_eq!(records[1]["timeUnixNano"], "1767323045678000000");
        assert_eq!(records[1]["attributes"][0]["value"]["stringValue"], "strongroom.audit.opened");
        assert_eq!(records[1]["attributes"][1]["value"]["stringValue"], "01ID-8");
        assert_eq!(records[1]["attributes"][2]["value"]["intValue"], "8");
        let text = records[0]["body"]["stringValue"].as_str().unwrap();
        assert_eq!(serde_json::from_str::<Value>(text).unwrap()["entry"], "opened");
    }

    #[test]
    fn what_a_collector_rejects_is_not_delivered() {
        for fine in [
            "",
            "{}",
            r#"{"partialSuccess":{}}"#,
            r#"{"partialSuccess":{"errorMessage":"w"}}"#,
            r#"{"partialSuccess":{"rejectedLogRecords":"0"}}"#,
        ] {
            assert_eq!(answer(fine.as_bytes()), Ok(()), "{fine}");
        }
        for rejected in ["\"1\"", "1", "true", "[1]", "{}"] {
            let text = format!(r#"{{"partialSuccess":{{"rejectedLogRecords":{rejected}}}}}"#);
            assert!(matches!(answer(text.as_bytes()), Err(SinkError::Refused { .. })));
        }
        assert!(matches!(answer(b"[null]"), Err(SinkError::Later { .. })));
        assert!(matches!(answer(b"<html>"), Err(SinkError::Later { .. })));
    }
}
