//! An entry as a record shaped like those of AWS CloudTrail, event version 1.11 (CloudTrail user
//! guide, "CloudTrail record contents" and "CloudTrail userIdentity element").

use serde_json::{Value, json};

use super::words::{Came, Deed, came, deed, is_login, name, resource, service, why};
use crate::entry::PrincipalRecord;
use crate::reader::Entry;
use crate::told::object;
use crate::who::{ChainLink, How};

const VERSION: &str = "1.11";
/// The record does not say in which region a request was signed.
const REGION: &str = "local";

pub(super) fn of(entry: &Entry) -> Value {
    let opened = &entry.opened;
    let source = &opened.source;
    let ip = source.ip.or(source.peer.map(|peer| peer.ip()));
    let address = ip.map_or_else(|| "strongroom".to_owned(), |ip| ip.to_string());
    let service = service(entry);
    // When the request was completed; of one that is open, when it began.
    let time = entry.closed.as_ref().map_or(opened.time, |closed| closed.time);
    let data = service == "s3" && resource(entry).is_some_and(|arn| arn.contains('/'));
    let resources = resource(entry).map(|arn| vec![aimed(arn)]);
    object([
        ("eventVersion", VERSION.into()),
        ("userIdentity", identity(entry)),
        ("eventTime", time.iso_seconds().into()),
        ("eventSource", format!("{service}.amazonaws.com").into()),
        ("eventName", json!(opened.operation)),
        ("awsRegion", REGION.into()),
        ("sourceIPAddress", address.into()),
        ("userAgent", json!(source.user_agent)),
        ("errorCode", json!(error(entry))),
        ("errorMessage", json!(message(entry))),
        ("requestParameters", parameters(entry)),
        ("responseElements", minted(entry)),
        ("additionalEventData", additional(entry)),
        ("requestID", json!(opened.id)),
        ("eventID", json!(opened.id)),
        ("readOnly", json!(deed(entry) == Deed::Read)),
        ("resources", json!(resources)),
        ("eventType", "AwsApiCall".into()),
        ("managementEvent", json!(!data)),
        ("recipientAccountId", json!(opened.account)),
        ("eventCategory", if data { "Data" } else { "Management" }.into()),
    ])
}

fn identity(entry: &Entry) -> Value {
    let opened = &entry.opened;
    let Some(principal) = opened.principal.as_ref() else {
        return object([("type", "Unknown".into()), ("accessKeyId", json!(opened.credential))]);
    };
    if principal.kind == "anonymous" {
        return json!({ "type": "AWSAccount", "principalId": "", "accountId": "anonymous" });
    }
    let kind = match principal.kind.as_str() {
        "root" => "Root",
        "user" => "IAMUser",
        "role-session" => "AssumedRole",
        "federated-user" => "FederatedUser",
        "federated" => "WebIdentityUser",
        "service" => "AWSService",
        _ => "Unknown",
    };
    object([
        ("type", kind.into()),
        ("principalId", json!(principal.id)),
        ("arn", json!(principal.arn)),
        ("accountId", json!(opened.account)),
        ("accessKeyId", json!(opened.credential)),
        ("userName", if kind == "IAMUser" { name(principal).into() } else { Value::Null }),
        ("identityProvider", json!(opened.human.as_ref().map(|human| &human.provider))),
        ("sessionContext", session(entry, principal)),
    ])
}

/// Of a role's session: whose it is, and who vouched for the person.
fn session(entry: &Entry, principal: &PrincipalRecord) -> Value {
    if principal.kind != "role-session" {
        return Value::Null;
    }
    let role = principal.id.split(':').next().unwrap_or_default();
    let of_role =
        |link: &&ChainLink| matches!(link, ChainLink::Principal(id) if id.to_string() == role);
    let known = entry.opened.chain.iter().any(|link| of_role(&link));
    let arn = principal.arn.as_ref().map_or("", |arn| arn.as_str());
    let role_name = arn.split('/').nth(1);
    let issuer = object([
        ("type", "Role".into()),
        ("principalId", if known { role.into() } else { Value::Null }),
        ("accountId", json!(entry.opened.account)),
        ("userName", json!(role_name)),
    ]);
    let federation = entry.opened.human.as_ref().map(|human| {
        json!({ "federatedProvider": human.provider, "attributes": { "sub": human.subject } })
    });
    object([("sessionIssuer", issuer), ("webIdFederationData", json!(federation))])
}

/// The dialect's error code; of a refusal that is still open, AWS's word for it.
fn error(entry: &Entry) -> Option<String> {
    let code = entry.closed.as_ref().and_then(|closed| closed.code.clone());
    let failed = came(entry) == Came::Failure;
    code.or_else(|| {
        failed.then(|| match why(entry) {
            Some("denied") | None => "AccessDenied".to_owned(),
            Some(why) => why.to_owned(),
        })
    })
}

fn message(entry: &Entry) -> Option<String> {
    let reason = entry.opened.reason.as_ref()?;
    Some(match &reason.detail {
        Some(detail) => format!("{}: {detail}", reason.code),
        None => reason.code.clone(),
    })
}

/// What the target names: no parameter of the request is recorded.
fn parameters(entry: &Entry) -> Value {
    let Some(path) = resource(entry).and_then(|arn| arn.strip_prefix("arn:aws:s3:::")) else {
        let role = resource(entry).filter(|_| is_login(entry));
        return object([("roleArn", json!(role))]);
    };
    let (bucket, key) = match path.split_once('/') {
        Some((bucket, key)) => (bucket, Some(key)),
        None => (path, None),
    };
    object([("bucketName", bucket.into()), ("key", json!(key))])
}

fn minted(entry: &Entry) -> Value {
    let Some(minted) = &entry.opened.mints else { return Value::Null };
    json!({ "credentials": {
        "accessKeyId": minted.credential,
        "expiration": minted.expires.iso_seconds(),
    }})
}

fn additional(entry: &Entry) -> Value {
    let (version, method) = match entry.opened.how {
        Some(How::SigV4Header) => ("SigV4", "AuthHeader"),
        Some(How::SigV4Presigned) => ("SigV4", "QueryString"),
        Some(How::SigV4aHeader) => ("SigV4A", "AuthHeader"),
        Some(How::SigV4aPresigned) => ("SigV4A", "QueryString"),
        Some(How::SigV2Header) => ("SigV2", "AuthHeader"),
        Some(How::SigV2Presigned) => ("SigV2", "QueryString"),
        _ => ("", ""),
    };
    let word = |word: &str| if word.is_empty() { Value::Null } else { word.into() };
    let closed = entry.closed.as_ref();
    object([
        ("SignatureVersion", word(version)),
        ("AuthenticationMethod", word(method)),
        ("bytesTransferredIn", json!(closed.map(|closed| closed.bytes_in))),
        ("bytesTransferredOut", json!(closed.map(|closed| closed.bytes_out))),
    ])
}

fn aimed(arn: &str) -> Value {
    let account = arn.split(':').nth(4).filter(|account| !account.is_empty());
    let kind = match arn.strip_prefix("arn:aws:s3:::") {
        Some(path) if path.contains('/') => Some("AWS::S3::Object"),
        Some(_) => Some("AWS::S3::Bucket"),
        None => None,
    };
    object([("ARN", arn.into()), ("accountId", json!(account)), ("type", json!(kind))])
}
