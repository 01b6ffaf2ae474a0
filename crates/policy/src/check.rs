//! `policy check`: what is wrong or doubtful in a policy, under the names that AWS's Access
//! Analyzer has for it. Every text is read as far as it can be: all findings are told, not the
//! first alone.
//!
//! ```
//! use strongroom_policy::check::{self, Level};
//! use strongroom_policy::Kind;
//! let text = r#"{"Version": "2012-10-17", "Statement": [
//!     {"Effect": "Alow", "Action": "s3:GetObjekt", "Resource": "*"}]}"#;
//! let found = check::findings(text, Kind::Identity);
//! let codes: Vec<&str> = found.iter().map(|finding| finding.code).collect();
//! assert_eq!(codes, ["INVALID_EFFECT", "INVALID_ACTION"]);
//! assert_eq!(found[1].level, Level::Error);
//! assert_eq!(found[1].path, "/Statement/0/Action");
//! assert_eq!(found[1].hint.as_deref(), Some("did you mean `s3:GetObject`?"));
//! // What has no error here is accepted by the parser.
//! ```

mod action;
mod catalogue;
mod condition;
mod control;
mod element;
mod page;
mod principal;
mod report;
mod resource;
mod root;
mod statement;
mod trust;
mod value;
mod variable;

pub use catalogue::{CATALOGUE, LEFT_OUT, Rule};
pub use page::page;
pub use report::{Finding, Span};

use crate::document::{Document, Kind, SOURCE_BYTES_MAX};
use crate::error::{Fault, PolicyError};
use crate::json;
use report::{Place, Report};

/// Most findings that are told of one text.
pub const FINDINGS_MAX: usize = 500;

/// How grave a finding is.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Level {
    /// It could be better said.
    Suggestion,
    /// It may not do what is meant.
    Warning,
    /// It may allow more than is meant.
    SecurityWarning,
    /// It is wrong, or does nothing.
    Error,
}

/// Everything there is to say about a text as a policy of a kind, in the order of its places. Never
/// fails, and reads no more than a policy may have. A text without an error is one that
/// [`Document::parse`] takes.
#[must_use]
pub fn findings(text: &str, kind: Kind) -> Vec<Finding> {
    let mut report = Report::new(text);
    if text.len() > SOURCE_BYTES_MAX {
        let rule = &catalogue::POLICY_REFUSED;
        let message = format!("the text is longer than {SOURCE_BYTES_MAX} bytes");
        report.say(rule, &Place::start(), message);
        return report.finish();
    }
    match json::read_leniently(text) {
        Ok((node, doubled)) => {
            for (offset, fault) in doubled {
                report.fault(&catalogue::JSON_SYNTAX_ERROR, offset, &fault);
            }
            root::check(&mut report, &node, kind);
        }
        Err((offset, fault)) => report.fault(&catalogue::JSON_SYNTAX_ERROR, offset, &fault),
    }
    strictly(&mut report, text, kind);
    report.finish()
}

/// What the parser says: nothing that it refuses may look sound here.
fn strictly(report: &mut Report<'_>, text: &str, kind: Kind) {
    match Document::parse(text, kind) {
        Ok(document) if kind == Kind::Bucket && document.is_public() => {
            let message = "it allows anyone at all; name the callers, or pin them in a condition";
            report.say(&catalogue::PUBLIC_BUCKET_POLICY, &Place::start(), message);
        }
        Ok(_) => {}
        Err(PolicyError { offset, fault, .. }) => {
            let grave = matches!(fault, Fault::TooLarge { .. } | Fault::Character(_));
            if grave || !report.has_error() {
                report.fault(&catalogue::POLICY_REFUSED, offset, &fault);
            }
        }
    }
}
