//! Bad input: each request is refused in its dialect's shape, leaves the state as it was and one
//! entry in the record, and has a twin that differs in that one fact and is let in.

use http::HeaderValue;
use serde_json::Value;
use sha2::{Digest as _, Sha256};
use signing::sign::{Credentials, Payload};

use crate::client::{Answer, Ask, By};
use crate::fixture::{EVERYTHING, House, encoded, house};

/// What the record says of a request that was not served.
#[derive(Clone, Copy)]
pub(crate) enum Recorded {
    /// It was refused, for that reason.
    Refused(&'static str),
    /// It was let in, and failed: the record closes it with the code of the answer.
    Failed,
}
use Recorded::{Failed, Refused};

/// Checks an answer and what the record says of it.
#[track_caller]
pub(crate) fn refused(
    house: &House,
    answer: &Answer,
    (status, code): (u16, &str),
    recorded: Recorded,
) {
    assert_eq!((answer.status, answer.code().as_str()), (status, code), "{answer:?}");
    let path = format!("audit?request_id={}", answer.request_id());
    let found = house.send(&Ask::admin("GET", &path, ""), &house.root).expect(200).json();
    let entries = found["entries"].as_array().unwrap();
    let [entry] = entries.as_slice() else { panic!("{} entries: {entries:?}", entries.len()) };
    let reason = entry["reason"]["code"].as_str();
    match recorded {
        Refused(expected) => {
            assert_eq!((entry["verdict"].as_str(), reason), (Some("refused"), Some(expected)));
        }
        Failed => assert_eq!((entry["verdict"].as_str(), reason), (Some("allowed"), None)),
    }
    assert_eq!(entry["closed"]["status"], Value::from(status), "{entry}");
    // What policies refuse has its checks on record, and no other code than that.
    if reason != Some("denied") {
        assert_eq!(entry["closed"]["code"], Value::from(code), "{entry}");
    }
}

/// A bucket of its own for a test.
pub(crate) fn bucket(house: &House, name: &str) -> String {
    house.make().bucket(name);
    format!("/{name}")
}

#[track_caller]
pub(crate) fn absent(house: &House, path: &str) {
    let head = house.send(&Ask::s3("GET", path), &house.admin);
    assert_eq!(head.code(), "NoSuchKey", "{path}");
}

#[test]
fn a_wrong_signature_is_refused_in_every_dialect() {
    let house = house();
    for (ask, code) in [
        (Ask::s3("GET", "/"), "SignatureDoesNotMatch"),
        (Ask::form("iam", "ListUsers", ""), "SignatureDoesNotMatch"),
        (Ask::admin("GET", "accounts", ""), "SignatureDoesNotMatch"),
    ] {
        let (mut parts, _) =
            house.client.signed(&ask, By::Key(&house.admin), Payload::Whole(&ask.body));
        let good = house.client.raw(&parts, &ask.body, ask.body.len());
        assert_eq!(good.status, 200, "{good:?}");
        let signed = parts.headers["authorization"].to_str().unwrap();
        let mut forged = signed.to_owned();
        let last = if forged.pop() == Some('0') { '1' } else { '0' };
        forged.push(last);
        parts.headers.insert("authorization", HeaderValue::from_str(&forged).unwrap());
        let bad = house.client.raw(&parts, &ask.body, ask.body.len());
        refused(&house, &bad, (403, code), Refused("signature-mismatch"));
    }
}

#[test]
fn a_signature_for_one_path_is_none_for_another() {
    let house = house();
    let home = bucket(&house, "input-path");
    house.make().object(&format!("{home}/a"));
    house.make().object(&format!("{home}/b"));
    let ask = Ask::s3("GET", &format!("{home}/a"));
    let (mut parts, _) = house.client.signed(&ask, By::Key(&house.admin), Payload::Whole(b""));
    house.client.raw(&parts, b"", 0).expect(200);
    parts.uri = format!("{home}/b").parse().unwrap();
    let bad = house.client.raw(&parts, b"", 0);
    refused(&house, &bad, (403, "SignatureDoesNotMatch"), Refused("signature-mismatch"));
}

#[test]
fn a_clock_may_be_fifteen_minutes_off_and_not_sixteen() {
    let house = house();
    let ask = Ask::s3("GET", "/");
    for minutes in [14, -14] {
        house.client.send(&ask, By::Skewed(&house.admin, minutes * 60)).expect(200);
    }
    for minutes in [16, -16] {
        let bad = house.client.send(&ask, By::Skewed(&house.admin, minutes * 60));
        refused(&house, &bad, (403, "RequestTimeTooSkewed"), Refused("skewed"));
    }
}

#[test]
fn an_amz_header_that_is_not_signed_is_refused() {
    let house = house();
    let home = bucket(&house, "input-unsigned");
    let ask = Ask::s3("PUT", &format!("{home}/key")).body("content");
    let by = By::Key(&house.admin);
    let (mut parts, _) = house.client.signed(&ask, by, Payload::Whole(b"content"));
    parts.headers.insert("x-amz-tagging", HeaderValue::from_static("k=v"));
    let bad = house.client.raw(&parts, b"content", 7);
    refused(&house, &bad, (403, "AccessDenied"), Refused("unsigned-header"));
    absent(&house, &format!("{home}/key"));
    house.send(&ask.with("x-amz-tagging", "k=v"), &house.admin).expect(200);
}

#[test]
fn a_query_parameter_is_given_once_and_well_formed() {
    let house = house();
    let home = bucket(&house, "input-query");
    let list = |query: &str| Ask::s3("GET", &format!("{home}?list-type=2&{query}"));
    house.send(&list("prefix=a"), &house.admin).expect(200);
    for twice in ["prefix=a&prefix=b", "prefix=a&prefix=a", "prefix=a&Prefix=b"] {
        let bad = house.send(&list(twice), &house.admin);
        refused(&house, &bad, (400, "InvalidArgument"), Refused("malformed"));
    }
    for broken in ["prefix=%zz", "prefix=%", "prefix=%ff"] {
        let bad = house.client.send(&list(broken), By::Nobody);
        refused(&house, &bad, (400, "InvalidURI"), Refused("malformed"));
    }
    let bad = house.send(&list("max-keys=many"), &house.admin);
    refused(&house, &bad, (400, "InvalidArgument"), Refused("malformed"));
}

#[test]
fn a_bucket_name_that_is_none_is_refused() {
    let house = house();
    let long = "a".repeat(64);
    for name in ["Input", "ab", "in..put", "192.168.0.1", "xn--input", "input-", "in_put", &long] {
        let bad = house.send(&Ask::s3("PUT", &format!("/{name}")), &house.admin);
        refused(&house, &bad, (400, "InvalidBucketName"), Refused("malformed"));
    }
    house.send(&Ask::s3("PUT", &format!("/{}", "a".repeat(63))), &house.admin).expect(200);
}

#[test]
fn dots_slashes_and_escapes_in_a_key_are_letters_like_any_other() {
    let house = house();
    let (home, other) = (bucket(&house, "input-keys"), bucket(&house, "input-keys-other"));
    house.make().object(&format!("{other}/secret"));
    let keys =
        ["a/../b", "../input-keys-other/secret", "a//b", "/a", "a%2Fb", "a%252Fb", ".", ".."];
    for key in keys {
        let path = format!("{home}/{key}");
        house.send(&Ask::s3("PUT", &path).body(key), &house.admin).expect(200);
    }
    // `a%2Fb` is `a/b`, as its signature says; every other key is its own.
    for key in keys {
        let found = house.send(&Ask::s3("GET", &format!("{home}/{key}")), &house.admin);
        assert_eq!(found.expect(200).body, key);
    }
    absent(&house, &format!("{home}/b"));
    let secret = house.send(&Ask::s3("GET", &format!("{other}/secret")), &house.admin);
    assert_eq!(secret.body, "content");
    let list = house.send(&Ask::s3("GET", &format!("{home}?list-type=2")), &house.admin);
    assert_eq!(list.element("KeyCount").unwrap(), keys.len().to_string());
}

/// corpus: POL-24
/// oracle: answer, record, twin
#[test]
fn a_right_to_a_prefix_is_none_to_what_dots_would_lead_to() {
    let house = house();
    let home = bucket(&house, "input-prefix");
    house.make().object(&format!("{home}/secret"));
    house.make().object(&format!("{home}/own/file"));
    let policy = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow",
        "Action":["s3:GetObject","s3:ListBucket"],
        "Resource":["arn:aws:s3:::input-prefix/own/*","arn:aws:s3:::input-prefix"]}}"#;
    let user = house.make().user("prefixed", Some(policy));
    let get = |key: &str| house.send(&Ask::s3("GET", &format!("{home}/{key}")), &user);
    get("own/file").expect(200);
    assert_eq!(get("own/../secret").code(), "NoSuchKey");
    assert_eq!(get("own/%2e%2e/secret").code(), "NoSuchKey");
    let denied = get("secret");
    refused(&house, &denied, (403, "AccessDenied"), Refused("denied"));
}

#[test]
fn a_key_has_at_most_1024_bytes_and_no_nul() {
    let house = house();
    let home = bucket(&house, "input-key-limits");
    let put = |key: &str| {
        let ask = Ask::s3("PUT", &format!("{home}/{key}")).body("content");
        house.send(&ask, &house.admin)
    };
    put(&"k".repeat(1024)).expect(200);
    refused(&house, &put(&"k".repeat(1025)), (400, "KeyTooLongError"), Refused("limit-exceeded"));
    put("a%01b").expect(200);
    refused(&house, &put("a%00b"), (400, "InvalidArgument"), Refused("malformed"));
}

/// corpus: STS-15
/// oracle: answer, record, twin
#[test]
fn a_session_token_is_whole_and_the_sessions_own() {
    let house = house();
    let ask = Ask::s3("GET", "/");
    house.send(&ask, &house.live).expect(200);
    let token = house.live.session_token.clone().unwrap();
    let with = |token: Option<String>| Credentials { session_token: token, ..house.live.clone() };
    let mut letters: Vec<char> = token.chars().collect();
    for place in [4, letters.len() / 2, letters.len() - 2] {
        let before = letters[place];
        letters[place] = if before == 'A' { 'B' } else { 'A' };
        let bad = house.send(&ask, &with(Some(letters.iter().collect())));
        refused(&house, &bad, (400, "InvalidToken"), Refused("invalid-token"));
        letters[place] = before;
    }
    for other in [None, house.revoked.session_token.clone(), Some("x".to_owned())] {
        let bad = house.send(&ask, &with(other));
        refused(&house, &bad, (400, "InvalidToken"), Refused("invalid-token"));
    }
    let longer = Credentials { session_token: Some(token), ..house.admin.clone() };
    let bad = house.send(&ask, &longer);
    refused(&house, &bad, (400, "InvalidToken"), Refused("invalid-token"));
}

#[test]
fn a_policy_with_a_key_too_many_or_too_deep_is_refused_wherever_it_is_put() {
    let house = house();
    let home = bucket(&house, "input-policy");
    house.make().user("unwritten", Some(EVERYTHING));
    let deep = format!(
        r#"{{"Version":"2012-10-17","Statement":{}{}}}"#,
        "[".repeat(2_000),
        "]".repeat(2_000)
    );
    let unknown = EVERYTHING.replace("\"Effect\"", "\"Effekt\":\"Deny\",\"Effect\"");
    let twice = EVERYTHING.replace("\"Effect\"", "\"Effect\":\"Deny\",\"Effect\"");
    let condition =
        |text: &str| EVERYTHING.replace("\"Effect\"", &format!("\"Condition\":{text},\"Effect\""));
    let operator = condition(r#"{"StringIs":{"aws:userid":"a"}}"#);
    let typed = condition(r#"{"NumericEquals":{"aws:SourceIp":"1"}}"#);
    let wild = condition(&format!(r#"{{"StringLike":{{"aws:userid":"{}"}}}}"#, "*?".repeat(200)));
    for bad in [&unknown, &twice, &deep, &operator, &typed, &wild] {
        let fields = |text: &str| {
            format!("UserName=unwritten&PolicyName=own&PolicyDocument={}", encoded(text))
        };
        let put = Ask::form("iam", "PutUserPolicy", &fields(bad));
        let answer = house.send(&put, &house.admin);
        refused(&house, &answer, (400, "MalformedPolicyDocument"), Refused("malformed"));
        let put = Ask::s3("PUT", &format!("{home}?policy")).body(bad.as_str());
        let answer = house.send(&put, &house.admin);
        refused(&house, &answer, (400, "MalformedPolicy"), Failed);
    }
    let own = house.make().iam("GetUserPolicy", "UserName=unwritten&PolicyName=own");
    assert!(!own.element("PolicyDocument").unwrap().contains("Deny"));
    let none = house.send(&Ask::s3("GET", &format!("{home}?policy")), &house.admin);
    assert_eq!(none.code(), "NoSuchBucketPolicy");
    house.make().allow("unwritten", EVERYTHING);
}

#[test]
fn xml_that_grows_when_it_is_read_is_refused() {
    let house = house();
    let home = bucket(&house, "input-xml");
    let tagging = |head: &str, value: &str| {
        let tag = format!("<Tag><Key>k</Key><Value>{value}</Value></Tag>");
        let body = format!("{head}<Tagging><TagSet>{tag}</TagSet></Tagging>");
        house.send(&Ask::s3("PUT", &format!("{home}?tagging")).xml(&body), &house.admin)
    };
    let bomb = r#"<!DOCTYPE b [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>"#;
    let outside = r#"<!DOCTYPE b [<!ENTITY b SYSTEM "file:///etc/passwd">]>"#;
    for bad in [tagging(bomb, "&b;"), tagging(outside, "&b;"), tagging("", "&b;")] {
        refused(&house, &bad, (400, "MalformedXML"), Refused("malformed"));
    }
    let deep = format!("{}{}", "<a>".repeat(10_000), "</a>".repeat(10_000));
    let bad = house.send(&Ask::s3("PUT", &format!("{home}?tagging")).xml(&deep), &house.admin);
    refused(&house, &bad, (400, "MalformedXML"), Refused("malformed"));
    tagging("", "a&#43;b").expect(204);
}

#[test]
fn a_multi_delete_has_at_most_a_thousand_keys() {
    let house = house();
    let home = bucket(&house, "input-delete");
    house.make().object(&format!("{home}/0"));
    let delete = |count: usize| {
        let keys: String =
            (0..count).map(|key| format!("<Object><Key>{key}</Key></Object>")).collect();
        let body = format!("<Delete><Quiet>true</Quiet>{keys}</Delete>");
        house.send(&Ask::s3("POST", &format!("{home}?delete")).xml(&body), &house.admin)
    };
    refused(&house, &delete(1001), (400, "MalformedXML"), Refused("limit-exceeded"));
    house.send(&Ask::s3("GET", &format!("{home}/0")), &house.admin).expect(200);
    assert!(!delete(1000).expect(200).body.contains("<Error>"));
    absent(&house, &format!("{home}/0"));
}

#[test]
fn a_body_that_ends_early_stores_nothing() {
    let house = house();
    let path = format!("{}/key", bucket(&house, "input-short"));
    let ask = Ask::s3("PUT", &path).body("content");
    let by = By::Key(&house.admin);
    let (parts, _) = house.client.signed(&ask, by, Payload::Whole(b"content"));
    let bad = house.client.raw(&parts, b"cont", 7);
    refused(&house, &bad, (400, "IncompleteBody"), Failed);
    absent(&house, &path);
    house.client.raw(&parts, b"content", 7).expect(200);
}

#[test]
fn a_body_that_is_longer_than_declared_or_allowed_stores_nothing() {
    let house = house();
    let home = bucket(&house, "input-long");
    let path = format!("{home}/key");
    let chunked = |declared: usize| {
        let ask = Ask::s3("PUT", &path)
            .with("content-encoding", "aws-chunked")
            .with("x-amz-decoded-content-length", &declared.to_string());
        let by = By::Key(&house.admin);
        let (parts, chunks) = house.client.signed(&ask, by, Payload::SignedChunks);
        let mut chunks = chunks.unwrap();
        let body = [chunks.chunk(b"content"), chunks.chunk(b"")].concat();
        house.client.raw(&parts, &body, body.len())
    };
    refused(&house, &chunked(6), (400, "IncompleteBody"), Failed);
    refused(&house, &chunked(8), (400, "IncompleteBody"), Failed);
    absent(&house, &path);
    chunked(7).expect(200);
    let huge = vec![b'x'; api::DOCUMENT_BYTES_MAX + 1];
    let put = Ask::s3("PUT", &format!("{home}?policy")).body(huge);
    let bad = house.send(&put, &house.admin);
    refused(&house, &bad, (413, "EntityTooLarge"), Refused("limit-exceeded"));
}

#[test]
fn a_checksum_or_digest_that_does_not_hold_stores_nothing() {
    let house = house();
    let path = format!("{}/key", bucket(&house, "input-checksum"));
    let put = || Ask::s3("PUT", &path).body("content");
    for (name, value) in [
        ("x-amz-checksum-crc32", "AAAAAA=="),
        ("x-amz-checksum-crc64nvme", "AAAAAAAAAAA="),
        ("content-md5", "AAAAAAAAAAAAAAAAAAAAAA=="),
    ] {
        let bad = house.send(&put().with(name, value), &house.admin);
        refused(&house, &bad, (400, "BadDigest"), Failed);
    }
    let ask = put();
    let other = Payload::Sha256(Sha256::digest(b"other").into());
    let (parts, _) = house.client.signed(&ask, By::Key(&house.admin), other);
    let bad = house.client.raw(&parts, b"content", 7);
    refused(&house, &bad, (400, "XAmzContentSHA256Mismatch"), Failed);
    absent(&house, &path);
    house.send(&Ask::s3("PUT", &path).xml("content"), &house.admin).expect(200);
}

#[test]
fn a_chunk_of_one_request_is_none_of_another() {
    let house = house();
    let path = format!("{}/key", bucket(&house, "input-chunk"));
    let sign = |off: i64| {
        let ask = Ask::s3("PUT", &path)
            .with("content-encoding", "aws-chunked")
            .with("x-amz-decoded-content-length", "7");
        let by = By::Skewed(&house.admin, off);
        let (parts, chunks) = house.client.signed(&ask, by, Payload::SignedChunks);
        let mut chunks = chunks.unwrap();
        (parts, [chunks.chunk(b"content"), chunks.chunk(b"")])
    };
    let ((first, own), (second, others)) = (sign(0), sign(-60));
    let replayed = others.concat();
    let bad = house.client.raw(&first, &replayed, replayed.len());
    refused(&house, &bad, (403, "SignatureDoesNotMatch"), Failed);
    let twice = [own[0].as_slice(), &others[1]].concat();
    let bad = house.client.raw(&first, &twice, twice.len());
    refused(&house, &bad, (403, "SignatureDoesNotMatch"), Failed);
    absent(&house, &path);
    house.client.raw(&first, &own.concat(), own.concat().len()).expect(200);
    house.client.raw(&second, &others.concat(), others.concat().len()).expect(200);
}
