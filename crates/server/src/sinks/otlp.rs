//! OTLP logs over HTTP, as JSON: the body of `v1/logs`, and what its answer means
//! (opentelemetry.io/docs/specs/otlp, OTLP/HTTP).

use audit::{Delivery, SinkError};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::sinks::line::later;
use crate::sinks::message;

/// Severity numbers (OpenTelemetry, logs data model): INFO and WARN.
const INFO: u32 = 9;
const WARN: u32 = 13;

/// The body for a batch: each leaf is a record whose body is its JSON.
pub(super) fn body(batch: &[Delivery]) -> Vec<u8> {
    let attribute =
        |key: &str, value: &str| json!({ "key": key, "value": { "stringValue": value } });
    let records: Vec<Value> = batch
        .iter()
        .map(|delivery| {
            let refused = message::word(delivery, "verdict").is_some_and(|word| word == "refused");
            let (severity, name) = if refused { (WARN, "WARN") } else { (INFO, "INFO") };
            let text = String::from_utf8(message::leaf_text(delivery)).unwrap_or_default();
            let kind = message::word(delivery, "entry").unwrap_or_default();
            let mut record = json!({
                "severityNumber": severity,
                "severityText": name,
                "body": { "stringValue": text },
                "attributes": [
                    attribute("event.name", &format!("strongroom.audit.{kind}")),
                    attribute("strongroom.leaf.id", &delivery.id),
                    { "key": "strongroom.leaf.index",
                      "value": { "intValue": delivery.index.to_string() } },
                ],
            });
            let time = message::time(delivery).map(|time| time.millis().saturating_mul(1_000_000));
            if let (Some(time), Some(members)) = (time, record.as_object_mut()) {
                members.insert("timeUnixNano".to_owned(), time.to_string().into());
            }
            record
        })
        .collect();
    let scope = json!({ "name": "strongroom", "version": env!("CARGO_PKG_VERSION") });
    let resource = json!({ "attributes": [attribute("service.name", "strongroom")] });
    let logs = json!([{ "scope": scope, "logRecords": records }]);
    json!({ "resourceLogs": [{ "resource": resource, "scopeLogs": logs }] })
        .to_string()
        .into_bytes()
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase")]
struct Answer {
    #[serde(default)]
    partial_success: Option<Partial>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Partial {
    #[serde(default)]
    rejected_log_records: Value,
    #[serde(default)]
    error_message: String,
}

/// What a collector answered. It does not say which records it rejected: smaller batches find out.
pub(super) fn answer(body: &[u8]) -> Result<(), SinkError> {
    if body.is_empty() {
        return Ok(());
    }
    let answer: Answer =
        serde_json::from_slice(body).map_err(|_| later("the answer is not one of OTLP in JSON"))?;
    let Some(partial) = answer.partial_success else { return Ok(()) };
    let rejected = match &partial.rejected_log_records {
        Value::String(text) => text != "0",
        Value::Number(number) => number.as_i64() != Some(0),
        _ => false,
    };
    if rejected {
        return Err(SinkError::Refused { why: message::clipped(&partial.error_message) });
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
        for rejected in ["\"1\"", "1"] {
            let text = format!(r#"{{"partialSuccess":{{"rejectedLogRecords":{rejected}}}}}"#);
            assert!(matches!(answer(text.as_bytes()), Err(SinkError::Refused { .. })));
        }
        assert!(matches!(answer(b"<html>"), Err(SinkError::Later { .. })));
    }
}
