//! Condition keys from the request and the connection (S3 user guide, "Policy keys"; IAM user
//! guide, "AWS global condition context keys").
//!
//! What the client says goes to the request's map, what the server knows to the server's; nothing
//! here reads a header into the server's map.

use names::Timestamp;
use policy::facts::{FactMap, Facts, Value};
use signing::{CanonicalRequest, Verified};

use crate::connection::{Connection, Origin};

/// Headers that exist as `s3:` keys only if the request carries them.
const MIRRORED: &[(&str, &str)] = &[
    ("s3:x-amz-acl", "x-amz-acl"),
    ("s3:x-amz-copy-source", "x-amz-copy-source"),
    ("s3:x-amz-grant-full-control", "x-amz-grant-full-control"),
    ("s3:x-amz-grant-read", "x-amz-grant-read"),
    ("s3:x-amz-grant-read-acp", "x-amz-grant-read-acp"),
    ("s3:x-amz-grant-write", "x-amz-grant-write"),
    ("s3:x-amz-grant-write-acp", "x-amz-grant-write-acp"),
    ("s3:x-amz-metadata-directive", "x-amz-metadata-directive"),
    ("s3:x-amz-object-ownership", "x-amz-object-ownership"),
    ("s3:x-amz-server-side-encryption", "x-amz-server-side-encryption"),
    (
        "s3:x-amz-server-side-encryption-aws-kms-key-id",
        "x-amz-server-side-encryption-aws-kms-key-id",
    ),
    (
        "s3:x-amz-server-side-encryption-customer-algorithm",
        "x-amz-server-side-encryption-customer-algorithm",
    ),
    ("s3:x-amz-storage-class", "x-amz-storage-class"),
    ("s3:x-amz-website-redirect-location", "x-amz-website-redirect-location"),
];

/// The page that a listing has when none was asked for (`s3:max-keys` is always present).
const MAX_KEYS_DEFAULT: &str = "1000";

/// What is known before any operation: the request's generic keys and the server's. The time is
/// said with the principal's keys, when it is decided ([`identity::State::principal_facts`]).
pub(crate) fn gather(verified: &Verified, connection: &Connection, origin: Origin) -> Facts {
    let request = verified.request();
    let mut facts = Facts::default();
    header(&mut facts.request, "aws:UserAgent", request, "user-agent");
    header(&mut facts.request, "aws:Referer", request, "referer");
    let server = &mut facts.server;
    server.set("aws:SourceIp", names::address_text(origin.address));
    server.set("aws:SecureTransport", if origin.is_secure() { "true" } else { "false" });
    if let Some(version) = connection.tls {
        server.set("s3:TlsVersion", version);
    }
    if let Verified::Signed(signed) = verified {
        if let Some(region) = signed.region() {
            server.set("aws:RequestedRegion", region);
        }
        server.set("s3:authType", signed.auth_type());
        server.set("s3:signatureversion", signed.signature_version());
        if let Some(age) = signed.age_millis() {
            server.set("s3:signatureAge", age.to_string());
        }
        facts.request.set("s3:x-amz-content-sha256", signed.content_sha256());
    }
    if let Verified::Bearer(_) = verified {
        // Nothing is signed: there is no version and no age of a signature.
        server.set("s3:authType", "REST-HEADER");
        let declared = request.header("x-amz-content-sha256").ok().flatten();
        facts.request.set("s3:x-amz-content-sha256", declared.unwrap_or("UNSIGNED-PAYLOAD"));
    }
    facts
}

/// The time, for who decides without a principal's keys.
pub(crate) fn time(facts: &mut FactMap, now: Timestamp) {
    facts.set("aws:CurrentTime", now.iso_millis());
    facts.set("aws:EpochTime", now.seconds().to_string());
}

/// The keys of S3 that mirror the request.
pub(crate) fn s3(facts: &mut FactMap, request: &CanonicalRequest, listing: Listing) {
    // Few headers are sent, and none of most requests' is among so many.
    for (sent, _) in request.header_pairs().iter().filter(|(name, _)| name.starts_with("x-amz-")) {
        if let Some((key, name)) = MIRRORED.iter().find(|(_, name)| name == sent) {
            header(facts, key, request, name);
        }
    }
    header(facts, "s3:if-match", request, "if-match");
    header(facts, "s3:if-none-match", request, "if-none-match");
    for (name, parameter) in
        [("s3:prefix", "prefix"), ("s3:delimiter", "delimiter"), ("s3:versionid", "versionId")]
    {
        if let Ok(Some(value)) = request.query(parameter) {
            facts.set(name, value);
        }
    }
    if listing == Listing::Yes {
        let max = request.query("max-keys").ok().flatten().unwrap_or(MAX_KEYS_DEFAULT);
        facts.set("s3:max-keys", max);
    }
}

/// Whether the operation lists keys.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Listing {
    /// It does.
    Yes,
    /// It does not.
    No,
}

/// Tags that a request puts on an object.
pub(crate) fn object_tags<'a>(
    facts: &mut FactMap,
    tags: impl IntoIterator<Item = (&'a str, &'a str)>,
) {
    let mut keys = Vec::new();
    for (key, value) in tags {
        facts.add(&format!("s3:RequestObjectTag/{key}"), value);
        keys.push(key.to_owned());
    }
    facts.set("s3:RequestObjectTagKeys", Value::Many(keys));
}

/// A header that was sent once. One that was sent twice has no value that could be trusted.
fn header(facts: &mut FactMap, key: &str, request: &CanonicalRequest, name: &str) {
    if let Ok(Some(value)) = request.header(name) {
        facts.set(key, value);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_header_named_like_a_fact_of_the_server_is_not_one() {
        let (parts, ()) = http::Request::get("/b?prefix=a/")
            .header("host", "store.example")
            .header("aws-sourceip", "127.0.0.1")
            .header("sourceip", "127.0.0.1")
            .header("userid", "root")
            .header("x-amz-acl", "private")
            .body(())
            .unwrap()
            .into_parts();
        let request = CanonicalRequest::parse(&parts).unwrap();
        let mut facts = Facts::default();
        s3(&mut facts.request, &request, Listing::Yes);
        assert_eq!(facts.get("aws:SourceIp"), None);
        assert_eq!(facts.get("aws:userid"), None);
        assert_eq!(facts.get("s3:x-amz-acl"), Some(&"private".into()));
        assert_eq!(facts.get("s3:prefix"), Some(&"a/".into()));
        assert_eq!(facts.get("s3:max-keys"), Some(&"1000".into()));
    }

    #[test]
    fn a_key_whose_header_was_not_sent_does_not_exist() {
        let (parts, ()) =
            http::Request::get("/b").header("host", "h").body(()).unwrap().into_parts();
        let request = CanonicalRequest::parse(&parts).unwrap();
        let mut facts = Facts::default();
        s3(&mut facts.request, &request, Listing::No);
        assert_eq!(facts.get("s3:prefix"), None);
        assert_eq!(facts.get("s3:max-keys"), None);
        assert_eq!(facts.get("s3:x-amz-acl"), None);
    }
}
