//! Presigned links, and credentials that are brought in more than one way.

use http::{HeaderValue, Method};
use signing::sign::Payload;

use crate::client::{Ask, By};
use crate::fixture::{House, house};
use crate::input::Recorded::Refused;
use crate::input::{bucket, refused};

/// An object, and a link to it that lives a minute.
fn linked(house: &House, name: &str) -> (Ask, http::request::Parts) {
    let home = bucket(house, name);
    house.make().object(&format!("{home}/key"));
    let ask = Ask::s3("GET", &format!("{home}/key"));
    let (parts, _) = house.client.signed(&ask, By::Link(&house.admin, 0, 60), Payload::Unsigned);
    house.client.raw(&parts, b"", 0).expect(200);
    (ask, parts)
}

/// A head with another target.
fn at(uri: &str, parts: &http::request::Parts) -> http::request::Parts {
    let mut other = parts.clone();
    other.uri = uri.parse().unwrap();
    other
}

#[test]
fn a_link_is_for_its_method_its_object_and_its_parameters_only() {
    let house = house();
    let (_, link) = linked(&house, "link-scope");
    let uri = link.uri.to_string();
    let mut wrong = Vec::new();
    for method in [Method::PUT, Method::DELETE, Method::HEAD] {
        let mut other = link.clone();
        other.method = method;
        wrong.push(other);
    }
    for changed in [
        uri.replace("/key?", "/other?"),
        format!("{uri}&versionId=null"),
        uri.replace("X-Amz-Expires=60", "X-Amz-Expires=600"),
    ] {
        wrong.push(at(&changed, &link));
    }
    for parts in wrong {
        let answer = house.client.raw(&parts, b"", 0);
        if parts.method == Method::HEAD {
            assert_eq!(answer.status, 403);
            continue;
        }
        let code = (403, "SignatureDoesNotMatch");
        refused(&house, &answer, code, Refused("signature-mismatch"));
    }
    house.client.raw(&link, b"", 0).expect(200);
}

#[test]
fn a_link_lives_from_when_it_was_made_until_it_ends() {
    let house = house();
    let (ask, _) = linked(&house, "link-life");
    let send =
        |ago: i64, seconds: u64| house.client.send(&ask, By::Link(&house.admin, ago, seconds));
    send(50, 60).expect(200);
    refused(&house, &send(61, 60), (403, "AccessDenied"), Refused("expired"));
    send(-14 * 60, 60).expect(200);
    refused(&house, &send(-16 * 60, 60), (403, "AccessDenied"), Refused("not-yet-valid"));
    send(0, 604_800).expect(200);
    // The signer refuses to make a longer one, so it is written by hand.
    let (mut long, _) =
        house.client.signed(&ask, By::Link(&house.admin, 0, 604_800), Payload::Unsigned);
    long.uri = long.uri.to_string().replace("=604800", "=604801").parse().unwrap();
    let answer = house.client.raw(&long, b"", 0);
    let code = (400, "AuthorizationQueryParametersError");
    refused(&house, &answer, code, Refused("malformed"));
}

#[test]
fn a_link_does_not_carry_headers_that_it_does_not_sign() {
    let house = house();
    let (_, mut link) = linked(&house, "link-header");
    link.headers.insert("x-amz-checksum-mode", HeaderValue::from_static("ENABLED"));
    let answer = house.client.raw(&link, b"", 0);
    refused(&house, &answer, (403, "AccessDenied"), Refused("unsigned-header"));
}

#[test]
fn a_request_brings_one_credential() {
    let house = house();
    let (ask, link) = linked(&house, "link-two");
    let (signed, _) = house.client.signed(&ask, By::Key(&house.admin), Payload::Whole(b""));
    house.client.raw(&signed, b"", 0).expect(200);
    let both = at(&link.uri.to_string(), &signed);
    let answer = house.client.raw(&both, b"", 0);
    refused(&house, &answer, (400, "InvalidArgument"), Refused("malformed"));
    let twice = format!("{}&X-Amz-Expires=60", link.uri);
    let twice = at(&twice, &link);
    let answer = house.client.raw(&twice, b"", 0);
    let code = (400, "AuthorizationQueryParametersError");
    refused(&house, &answer, code, Refused("malformed"));
    let mut dated = signed.clone();
    let date = signed.headers["x-amz-date"].clone();
    dated.headers.append("x-amz-date", date);
    assert!(house.client.raw(&dated, b"", 0).status >= 400);
}

#[test]
fn what_is_no_credential_of_ours_is_not_taken_for_an_anonymous_caller() {
    let house = house();
    let (ask, _) = linked(&house, "link-foreign");
    let old = format!("AWS AKIADOORROOTDOORROOT:{}=", "A".repeat(27));
    let ask = ask.with("date", &house.client.date());
    for value in [old.as_str(), "Basic dXNlcjpwYXNz", "Bearer x.y.z"] {
        let bad = house.client.send(&ask.clone().with("authorization", value), By::Nobody);
        assert_eq!(bad.status, 400, "{value}: {bad:?}");
    }
    let token = ask.with("x-amz-security-token", "token");
    let bad = house.client.send(&token, By::Nobody);
    refused(&house, &bad, (403, "AccessDenied"), Refused("credential-missing"));
}

#[test]
fn a_session_without_its_key_and_a_key_of_nobody_are_refused_alike() {
    let house = house();
    let (ask, _) = linked(&house, "link-unknown");
    let mut unknown = house.admin.clone();
    unknown.access_key_id = "AKIANOBODYNOBODYNOBO".parse().unwrap();
    let bad = house.send(&ask, &unknown);
    refused(&house, &bad, (403, "InvalidAccessKeyId"), Refused("unknown-key"));
    unknown.access_key_id = "ASIANOBODYNOBODYNOBO".parse().unwrap();
    unknown.session_token = house.live.session_token.clone();
    let bad = house.send(&ask, &unknown);
    assert!(matches!(bad.code().as_str(), "InvalidToken" | "InvalidAccessKeyId"), "{bad:?}");
    // The right id with another's secret.
    let mut mixed = house.admin.clone();
    mixed.secret = house.nobody.secret.clone();
    let bad = house.send(&ask, &mixed);
    refused(&house, &bad, (403, "SignatureDoesNotMatch"), Refused("signature-mismatch"));
}
