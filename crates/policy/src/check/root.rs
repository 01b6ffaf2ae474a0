//! The document itself: version, statements, statement ids, size.

use std::collections::HashMap;

use super::catalogue as rule;
use super::element::{View, key_place};
use super::report::{Place, Report, quote};
use super::statement;
use crate::document::{
    BUCKET_POLICY_BYTES_MAX, CONTROL_POLICY_BYTES_MAX, Kind, MANAGED_POLICY_BYTES_MAX,
    TRUST_POLICY_BYTES_MAX,
};
use crate::json::{Json, Member, Node};
use crate::parse;
use crate::template::Version;

/// IAM's quota for a trust policy before it is raised on request.
const TRUST_QUOTA_BYTES: usize = TRUST_POLICY_BYTES_MAX / 2;

pub(super) fn check(report: &mut Report<'_>, root: &Node, kind: Kind) {
    let whole = Place { span: root.span, path: String::new() };
    let Json::Object(members) = &root.json else {
        report.say(&rule::DATA_TYPE_MISMATCH, &whole, "a policy is an object");
        return;
    };
    let mut version = None;
    let mut statement = None;
    for member in members {
        let at = whole.below(&member.key, member.value.span);
        match member.key.as_str() {
            "Version" => version = Some(read_version(report, member, &at)),
            "Id" if !matches!(member.value.json, Json::Text(_)) => {
                report.say(&rule::DATA_TYPE_MISMATCH, &at, "`Id` must be a string");
            }
            "Id" => {}
            "Statement" => statement = Some((member, at)),
            other => unknown(report, &key_place(&whole, member), other, &ROOT_ELEMENTS),
        }
    }
    size(report, kind);
    let start = Place::start();
    if version.is_none() {
        let message = "no `Version`: the document is read in the language of 2008";
        let hint = Some("write `\"Version\": \"2012-10-17\"`".to_owned());
        report.advise(&rule::MISSING_VERSION, &start, message, hint);
    }
    let version = version.flatten().unwrap_or(Version::Y2008);
    let Some((member, at)) = statement else {
        report.say(&rule::MISSING_STATEMENT, &start, "the policy has no `Statement`");
        return;
    };
    let views = match &member.value.json {
        Json::Object(_) => vec![statement::check(report, &member.value, at, (kind, version))],
        Json::Array(nodes) if nodes.is_empty() => {
            report.say(&rule::MISSING_STATEMENT, &at, "the policy has no statement");
            return;
        }
        Json::Array(nodes) => nodes
            .iter()
            .enumerate()
            .map(|(index, node)| {
                let at = at.below(&index.to_string(), node.span);
                statement::check(report, node, at, (kind, version))
            })
            .collect(),
        _ => {
            let message = "`Statement` must be an object or an array of objects";
            report.say(&rule::DATA_TYPE_MISMATCH, &at, message);
            return;
        }
    };
    redundant(report, &views.into_iter().flatten().collect::<Vec<_>>());
    sids(report, &member.value, kind);
}

const ROOT_ELEMENTS: [&str; 3] = ["Id", "Statement", "Version"];

/// Says that an element is unknown, and which may be meant.
pub(super) fn unknown(report: &mut Report<'_>, at: &Place, key: &str, known: &[&str]) {
    let hint = report.guess(key, known.iter().copied());
    let message = format!("the element {} is unknown here", quote(key));
    report.advise(&rule::INVALID_POLICY_ELEMENT, at, message, hint);
}

fn read_version(report: &mut Report<'_>, member: &Member, at: &Place) -> Option<Version> {
    match &member.value.json {
        Json::Text(text) => match text.as_str() {
            "2012-10-17" => return Some(Version::Y2012),
            "2008-10-17" => return Some(Version::Y2008),
            other => {
                let message = format!("the version {} is unknown", quote(other));
                let hint = Some("write `2012-10-17`".to_owned());
                report.advise(&rule::INVALID_VERSION, at, message, hint);
            }
        },
        _ => report.say(&rule::DATA_TYPE_MISMATCH, at, "`Version` must be a string"),
    }
    None
}

fn size(report: &mut Report<'_>, kind: Kind) {
    let size = parse::size_bytes(report.text());
    let (rule, quota) = match kind {
        Kind::Identity | Kind::Boundary => {
            (&rule::POLICY_SIZE_EXCEEDS_IDENTITY_POLICY_QUOTA, MANAGED_POLICY_BYTES_MAX)
        }
        Kind::Bucket => (&rule::POLICY_SIZE_EXCEEDS_RESOURCE_POLICY_QUOTA, BUCKET_POLICY_BYTES_MAX),
        Kind::RoleTrust => (&rule::POLICY_SIZE_EXCEEDS_ROLE_TRUST_POLICY_QUOTA, TRUST_QUOTA_BYTES),
        Kind::ServiceControl => (&rule::POLICY_SIZE_EXCEEDS_SCP_QUOTA, CONTROL_POLICY_BYTES_MAX),
        Kind::ResourceControl => (&rule::POLICY_SIZE_EXCEEDS_RCP_QUOTA, CONTROL_POLICY_BYTES_MAX),
        Kind::Session => return,
    };
    if size > quota {
        let message =
            format!("{size} bytes without white space are more than the quota of {quota}");
        let hint = Some("split it into several policies".to_owned());
        report.advise(rule, &Place::start(), message, hint);
    }
}

/// Statement ids: their characters, and that they are unique.
fn sids(report: &mut Report<'_>, statements: &Node, kind: Kind) {
    let nodes = match &statements.json {
        Json::Array(nodes) => nodes.as_slice(),
        _ => std::slice::from_ref(statements),
    };
    let mut seen: HashMap<&str, usize> = HashMap::new();
    for (index, node) in nodes.iter().enumerate() {
        let Json::Object(members) = &node.json else { continue };
        let Some(member) = members.iter().find(|member| member.key == "Sid") else { continue };
        let path = match &statements.json {
            Json::Array(_) => format!("/Statement/{index}/Sid"),
            _ => "/Statement/Sid".to_owned(),
        };
        let at = Place { span: member.value.span, path };
        let Json::Text(sid) = &member.value.json else {
            report.say(&rule::DATA_TYPE_MISMATCH, &at, "`Sid` must be a string");
            continue;
        };
        let plain = sid.bytes().all(|byte| byte.is_ascii_alphanumeric());
        if sid.is_empty() {
            report.say(&rule::EMPTY_SID_VALUE, &at, "the `Sid` is empty");
        } else if let Some(first) = seen.insert(sid, index) {
            let rule = match kind {
                Kind::Bucket => &rule::UNIQUE_SIDS_RECOMMENDED,
                _ => &rule::UNIQUE_SIDS_REQUIRED,
            };
            report.say(rule, &at, format!("statement {first} has the id {} too", quote(sid)));
        }
        if !plain && kind != Kind::Bucket {
            let message = format!("the id {} has more than letters and digits", quote(sid));
            report.say(&rule::UNSUPPORTED_SID, &at, message);
        }
    }
}

/// Statements that say the same, but for their ids.
fn redundant(report: &mut Report<'_>, views: &[View<'_>]) {
    let mut seen: HashMap<String, &str> = HashMap::new();
    for view in views {
        if let Some(first) = seen.get(&view.content()) {
            let message = format!("the statement at {} says the same", quote(first));
            report.say(&rule::REDUNDANT_STATEMENT, &view.at, message);
        } else {
            seen.insert(view.content(), &view.at.path);
        }
    }
}
