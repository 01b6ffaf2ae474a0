//! The findings of `policy check` in Access Analyzer's shape.

use policy::Kind;
use policy::check::{self, Finding, Level};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::{Parsed, invalid, resource_kind};
use crate::exchange::Exchange;

/// Most findings in one answer, and how many there are if nothing is said.
const FINDINGS_MAX: usize = 1_000;
/// Where AWS explains each of its checks.
const REFERENCE: &str =
    "https://docs.aws.amazon.com/IAM/latest/UserGuide/access-analyzer-reference-policy-checks.html";

/// The message of `ValidatePolicy`.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Asked {
    policy_document: String,
    policy_type: String,
    #[serde(default)]
    validate_policy_resource_type: Option<String>,
    #[serde(default)]
    locale: Option<String>,
}

/// Which findings are asked for.
pub(super) struct Part {
    from: usize,
    most: usize,
}

/// The part that the query asks for.
pub(super) fn page(x: &Exchange) -> Parsed<Part> {
    let one = |name: &str| {
        let found = x.request().query(name);
        found.map_err(|_| invalid("fieldValidationFailed", format!("`{name}` is given twice")))
    };
    let number = |name: &str, text: &str| {
        let bad = || invalid("fieldValidationFailed", format!("`{text}` is no {name}"));
        text.parse::<usize>().map_err(|_| bad())
    };
    let most = one("maxResults")?.map(|text| number("maxResults", text)).transpose()?;
    let most = most.unwrap_or(FINDINGS_MAX);
    if !(1..=FINDINGS_MAX).contains(&most) {
        let message = format!("`maxResults` is between 1 and {FINDINGS_MAX}");
        return Err(invalid("fieldValidationFailed", message));
    }
    let from = one("nextToken")?.map(|text| number("nextToken", text)).transpose()?;
    Ok(Part { from: from.unwrap_or_default(), most })
}

impl Asked {
    /// What there is to say about the policy.
    pub(super) fn answer(self, part: &Part) -> Parsed<Value> {
        let kind = self.kind()?;
        if self.locale.as_deref().is_some_and(|locale| locale != "EN") {
            return Err(invalid("notSupported", "findings are told in English, `EN`"));
        }
        let found = check::findings(&self.policy_document, kind);
        let to = part.from.saturating_add(part.most);
        let told: Vec<Value> = found
            .iter()
            .skip(part.from)
            .take(part.most)
            .map(|finding| shown(&self.policy_document, finding))
            .collect();
        let mut answer = json!({ "findings": told });
        if let Some(members) = answer.as_object_mut().filter(|_| to < found.len()) {
            members.insert("nextToken".to_owned(), to.to_string().into());
        }
        Ok(answer)
    }

    fn kind(&self) -> Parsed<Kind> {
        let resource = self.validate_policy_resource_type.as_deref();
        let kind = match (self.policy_type.as_str(), resource) {
            ("IDENTITY_POLICY", None) => Kind::Identity,
            ("SERVICE_CONTROL_POLICY", None) => Kind::ServiceControl,
            ("RESOURCE_CONTROL_POLICY", None) => Kind::ResourceControl,
            ("RESOURCE_POLICY", None) => resource_kind(&self.policy_document),
            ("RESOURCE_POLICY", Some("AWS::S3::Bucket")) => Kind::Bucket,
            ("RESOURCE_POLICY", Some("AWS::IAM::AssumeRolePolicyDocument")) => Kind::RoleTrust,
            ("RESOURCE_POLICY", Some(other)) if other.starts_with("AWS::") => {
                return Err(invalid("notSupported", format!("there is no `{other}` here")));
            }
            ("IDENTITY_POLICY" | "SERVICE_CONTROL_POLICY" | "RESOURCE_CONTROL_POLICY", _) => {
                let message = "`validatePolicyResourceType` goes with `RESOURCE_POLICY` alone";
                return Err(invalid("fieldValidationFailed", message));
            }
            ("RESOURCE_POLICY", Some(other)) => {
                let message = format!("`{other}` is no type of resource");
                return Err(invalid("fieldValidationFailed", message));
            }
            (other, _) => {
                let message = format!("`{other}` is no type of policy");
                return Err(invalid("fieldValidationFailed", message));
            }
        };
        Ok(kind)
    }
}

/// A finding, member by member as the model has it. Columns and offsets count from 0 there.
fn shown(text: &str, finding: &Finding) -> Value {
    let details = match &finding.hint {
        Some(hint) => format!("{}; {hint}", finding.message),
        None => finding.message.clone(),
    };
    let characters = |bytes: usize| text.get(..bytes).map_or(0, |before| before.chars().count());
    let span = finding.span;
    let place = |at: policy::Position, offset: usize| {
        json!({
            "line": at.line,
            "column": at.column.saturating_sub(1),
            "offset": characters(offset),
        })
    };
    let end = span.offset.saturating_add(span.length);
    json!({
        "findingDetails": details,
        "findingType": word(finding.level),
        "issueCode": finding.code,
        "learnMoreLink": link(finding),
        "locations": [{
            "path": path(&finding.path),
            "span": { "start": place(span.start, span.offset), "end": place(span.end, end) },
        }],
    })
}

fn word(level: Level) -> &'static str {
    match level {
        Level::Error => "ERROR",
        Level::SecurityWarning => "SECURITY_WARNING",
        Level::Warning => "WARNING",
        Level::Suggestion => "SUGGESTION",
    }
}

/// AWS's page for its own checks; our manual for ours.
fn link(finding: &Finding) -> String {
    if finding.title.ends_with("(ours)") {
        return "docs/policy-check.md".to_owned();
    }
    let level = word(finding.level).to_ascii_lowercase().replace('_', "-");
    let title = finding.title.to_ascii_lowercase().replace(' ', "-");
    format!("{REFERENCE}#access-analyzer-reference-policy-checks-{level}-{title}")
}

/// A JSON pointer as elements of a path.
fn path(pointer: &str) -> Vec<Value> {
    let steps = pointer.split('/').skip(1);
    let element = |step: &str| {
        let (name, value) = match step.parse::<usize>() {
            Ok(index) => ("index", Value::from(index)),
            Err(_) => ("value", Value::from(step.replace("~1", "/").replace("~0", "~"))),
        };
        Value::Object(Map::from_iter([(name.to_owned(), value)]))
    };
    steps.map(element).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(kind: &str, resource: Option<&str>, text: &str) -> Asked {
        Asked {
            policy_document: text.to_owned(),
            policy_type: kind.to_owned(),
            validate_policy_resource_type: resource.map(str::to_owned),
            locale: None,
        }
    }

    const ALL: Part = Part { from: 0, most: FINDINGS_MAX };
    const WRONG: &str = "{\"Version\": \"2012-10-17\", \"Statement\": [\n{\"Effect\": \"Alow\", \
                         \"Action\": \"s3:GetObjekt\", \"Resource\": \"*\"}]}";

    #[test]
    fn a_finding_has_the_members_of_the_model_and_its_place() {
        let told = asked("IDENTITY_POLICY", None, WRONG).answer(&ALL).unwrap();
        let first = &told["findings"][0];
        assert_eq!(first["issueCode"], "INVALID_EFFECT");
        assert_eq!(first["findingType"], "ERROR");
        let path = json!([{"value": "Statement"}, {"index": 0}, {"value": "Effect"}]);
        assert_eq!(first["locations"][0]["path"], path);
        let start = &first["locations"][0]["span"]["start"];
        assert_eq!((&start["line"], &start["column"]), (&json!(2), &json!(11)));
        assert_eq!(start["offset"], WRONG.find("\"Alow\"").unwrap());
        let link = first["learnMoreLink"].as_str().unwrap();
        assert!(link.ends_with("policy-checks-error-invalid-effect"), "{link}");
        assert!(told.get("nextToken").is_none());
    }

    #[test]
    fn a_sound_policy_has_no_findings() {
        let text = r#"{"Version": "2012-10-17", "Statement": {"Effect": "Allow",
            "Action": "s3:GetObject", "Resource": "arn:aws:s3:::box/*"}}"#;
        let told = asked("IDENTITY_POLICY", None, text).answer(&ALL).unwrap();
        assert_eq!(told, json!({ "findings": [] }));
    }

    #[test]
    fn findings_are_told_in_parts_that_join() {
        let one = |from| asked("IDENTITY_POLICY", None, WRONG).answer(&Part { from, most: 1 });
        let first = one(0).unwrap();
        assert_eq!(
            (&first["nextToken"], first["findings"].as_array().unwrap().len()),
            (&json!("1"), 1)
        );
        let last = one(1).unwrap();
        assert_eq!(last["findings"][0]["issueCode"], "INVALID_ACTION");
        assert!(last.get("nextToken").is_none());
    }

    #[test]
    fn what_a_policy_is_attached_to_is_one_of_the_models_words_and_one_that_is_here() {
        let kind = |kind: &str, resource| asked(kind, resource, WRONG).kind();
        assert_eq!(kind("RESOURCE_POLICY", None).unwrap(), Kind::Bucket);
        let trust = Some("AWS::IAM::AssumeRolePolicyDocument");
        assert_eq!(kind("RESOURCE_POLICY", trust).unwrap(), Kind::RoleTrust);
        assert_eq!(kind("SERVICE_CONTROL_POLICY", None).unwrap(), Kind::ServiceControl);
        let reason = |kind: Parsed<Kind>| kind.unwrap_err().details[0].1.clone();
        assert_eq!(reason(kind("RESOURCE_POLICY", Some("AWS::DynamoDB::Table"))), "notSupported");
        assert_eq!(reason(kind("RESOURCE_POLICY", Some("Bucket"))), "fieldValidationFailed");
        assert_eq!(reason(kind("IDENTITY_POLICY", trust)), "fieldValidationFailed");
        assert_eq!(reason(kind("POLICY", None)), "fieldValidationFailed");
    }
}
