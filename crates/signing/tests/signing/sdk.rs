//! What an AWS SDK signs, recorded (`tests/vectors/botocore.json`): another signer than our own.

use http::request::Parts;
use serde_json::Value;
use strongroom_signing::sign::Signer;
use strongroom_signing::{
    Algorithm, BodyProof, CanonicalRequest, RegionRule, SigV2Rule, SignatureError, Terms,
};

use crate::client::{TARGET, credentials, judge, judge_by, now, read, request, with};

fn recorded() -> Vec<Value> {
    serde_json::from_str(include_str!("../vectors/botocore.json")).unwrap()
}

fn field<'a>(case: &'a Value, name: &str) -> &'a str {
    case[name].as_str().unwrap()
}

fn parts(case: &Value) -> Parts {
    let headers: Vec<(&str, &str)> = case["headers"]
        .as_array()
        .unwrap()
        .iter()
        .map(|pair| (pair[0].as_str().unwrap(), pair[1].as_str().unwrap()))
        .filter(|(name, _)| !name.eq_ignore_ascii_case("host"))
        .chain([("host", "store.example:9000")])
        .collect();
    request(field(case, "method"), field(case, "target"), &headers)
}

fn terms<'a>(service: &'a [&'a str], body: &str) -> Terms<'a> {
    let body = match service {
        ["s3"] => BodyProof::Streamed,
        _ => BodyProof::whole(body.as_bytes()),
    };
    let now = "2026-01-02T03:04:06Z".parse().unwrap();
    Terms {
        now,
        services: service,
        region: RegionRule::Only("us-east-1"),
        body,
        v2: SigV2Rule::Refuse,
    }
}

#[test]
fn every_recorded_request_of_the_sdk_is_accepted_with_its_body() {
    let cases = recorded();
    assert_eq!(cases.len(), 42);
    for case in &cases {
        let (name, body) = (field(case, "name"), field(case, "body"));
        let services = [field(case, "service")];
        let signed = judge_by(&parts(case), &terms(&services, body))
            .unwrap_or_else(|error| panic!("{name}: {error}"));
        let token = name.contains("session").then_some("FwoG+token/with==");
        assert_eq!(signed.session_token(), token, "{name}");
        let (data, trailers) = read(signed.payload().unwrap(), body.as_bytes(), 11)
            .unwrap_or_else(|error| panic!("{name}: {error}"));
        if signed.content_sha256() == "STREAMING-UNSIGNED-PAYLOAD-TRAILER" {
            assert!(["hello", "part"].map(str::as_bytes).contains(&data.as_slice()), "{name}");
            assert!(!trailers.is_empty());
        } else {
            assert_eq!(data, body.as_bytes(), "{name}");
        }
    }
}

#[test]
fn every_recorded_request_of_the_sdk_is_refused_with_one_fact_changed() {
    for case in &recorded() {
        let services = [field(case, "service")];
        let terms = terms(&services, field(case, "body"));
        let mut moved = parts(case);
        let target = field(case, "target");
        let joint = if target.contains('?') { '&' } else { '?' };
        moved.uri = format!("{target}{joint}acl").parse().unwrap();
        assert_eq!(judge_by(&moved, &terms).unwrap_err(), SignatureError::Mismatch);
        let widened = with(&parts(case), "x-amz-acl", "public-read");
        let names = vec!["x-amz-acl".to_owned()];
        let expected = SignatureError::HeadersNotSigned { names };
        assert_eq!(judge_by(&widened, &terms).unwrap_err(), expected);
        assert!(judge_by(&parts(case), &Terms { now: now(), ..terms }).is_err());
    }
}

/// The SDK for JavaScript writes the empty body's checksum into each link to upload with.
#[test]
fn a_checksum_in_a_links_query_is_not_read_and_one_in_a_header_is() {
    const SUMS: [&str; 2] = ["x-amz-checksum-crc32", "x-amz-sdk-checksum-algorithm"];
    let query = "?x-amz-checksum-crc32=AAAAAA%3D%3D&x-amz-sdk-checksum-algorithm=CRC32";
    let link = |target: &str, headers: &[(&str, &str)]| {
        let mut parts = request("PUT", target, headers);
        let credentials = credentials(None);
        let signer = Signer {
            credentials: &credentials,
            region: "us-east-1",
            service: "s3",
            now: now(),
            algorithm: Algorithm::Hmac,
        };
        signer.presign(&mut parts, 600).unwrap();
        judge(&parts).unwrap();
        CanonicalRequest::parse(&parts).unwrap()
    };
    let written = link(&format!("{TARGET}{query}&x-amz-acl=private"), &[]);
    assert_eq!(SUMS.map(|name| written.header(name).unwrap()), [None, None]);
    assert_eq!(written.header("x-amz-acl").unwrap(), Some("private"));
    let sent = [(SUMS[0], "AAAAAA=="), (SUMS[1], "CRC32")];
    for target in [TARGET.to_owned(), format!("{TARGET}{query}")] {
        let held = link(&target, &sent);
        assert_eq!(SUMS.map(|name| held.header(name).unwrap()), sent.map(|(_, value)| Some(value)));
    }
}
