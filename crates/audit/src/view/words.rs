//! What every view asks of an entry.

use policy::decision::Verdict;
use policy::operation::Need;

use crate::entry::{CheckRecord, Ending, Entrance, HumanRecord, PrincipalRecord};
use crate::reader::Entry;

/// What an operation does to what it is aimed at.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Deed {
    Create,
    Read,
    Update,
    Delete,
    Other,
}

/// How the request came out.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Came {
    Success,
    Failure,
    /// It is open, or nobody knows.
    Unknown,
}

/// Operations that make something whatever their first word is.
const MAKES: [&str; 4] = ["PutObject", "CopyObject", "CompleteMultipartUpload", "UploadPart"];
const READS: [&str; 8] =
    ["Get", "Head", "List", "Describe", "Select", "Search", "Explain", "Simulate"];
const UPDATES: [&str; 9] =
    ["Put", "Update", "Set", "Attach", "Detach", "Add", "Tag", "Untag", "Manage"];
const DELETES: [&str; 4] = ["Delete", "Abort", "Remove", "Revoke"];

/// By the operation's first word.
pub(super) fn deed(entry: &Entry) -> Deed {
    let name = entry.opened.operation.as_str();
    let begins = |words: &[&str]| words.iter().any(|word| name.starts_with(word));
    match () {
        () if MAKES.contains(&name) || name.starts_with("Create") => Deed::Create,
        () if begins(&READS) => Deed::Read,
        () if begins(&DELETES) => Deed::Delete,
        () if begins(&UPDATES) => Deed::Update,
        () => Deed::Other,
    }
}

/// Whether the operation proves who somebody is and gives a session for it.
pub(super) fn is_login(entry: &Entry) -> bool {
    let name = entry.opened.operation.as_str();
    entry.opened.mints.is_some()
        || name.starts_with("AssumeRole")
        || ["GetSessionToken", "GetFederationToken"].contains(&name)
}

/// A refusal is a failure at once; else the end says.
pub(super) fn came(entry: &Entry) -> Came {
    if entry.opened.verdict == Entrance::Refused {
        return Came::Failure;
    }
    match &entry.closed {
        Some(closed) if closed.outcome == Ending::Done && (1..400).contains(&closed.status) => {
            Came::Success
        }
        Some(closed) if closed.outcome != Ending::Unknown => Came::Failure,
        _ => Came::Unknown,
    }
}

/// The check that refused, else the first.
pub(super) fn telling(entry: &Entry) -> Option<&CheckRecord> {
    let checks = &entry.opened.checks;
    let refuses =
        |check: &&CheckRecord| check.need == Need::Required && check.verdict != Verdict::Allow;
    match entry.opened.verdict {
        Entrance::Refused => checks.iter().find(refuses).or(checks.first()),
        Entrance::Allowed => checks.first(),
    }
}

/// What was aimed at: the target's ARN, else the telling check's; not `*`.
pub(super) fn resource(entry: &Entry) -> Option<&str> {
    let target = entry.opened.target.as_ref().map(|target| &target.resource);
    let resource = target.or(telling(entry).map(|check| &check.resource))?;
    Some(resource.as_str()).filter(|arn| *arn != "*")
}

/// `s3`, `iam`, `sts` or `strongroom`, as the telling check's action begins.
pub(super) fn service(entry: &Entry) -> &str {
    let action = telling(entry).and_then(|check| check.action.as_str().split_once(':'));
    match action {
        Some((service, _)) => service,
        None if is_login(entry) || entry.opened.operation == "GetCallerIdentity" => "sts",
        None => "strongroom",
    }
}

/// The last part of the caller's ARN: a user's name, a session's name.
pub(super) fn name(principal: &PrincipalRecord) -> &str {
    let arn = principal.arn.as_ref().map_or("", |arn| arn.as_str());
    match arn.rsplit(['/', ':']).next() {
        Some(name) if !name.is_empty() => name,
        _ => principal.kind.as_str(),
    }
}

/// What a person is called.
pub(super) fn person(human: &HumanRecord) -> &str {
    human.display.as_deref().unwrap_or(&human.subject)
}

/// Why not: the refusal's word, or the error code of the end.
pub(super) fn why(entry: &Entry) -> Option<&str> {
    let reason = entry.opened.reason.as_ref().map(|reason| reason.code.as_str());
    reason.or_else(|| entry.closed.as_ref()?.code.as_deref())
}
