//! The attacks on request signatures that are known to have worked elsewhere, each beside the
//! honest request from which it differs in one fact. The numbers are those of the project's attack
//! corpus.
//!
//! oracle: twin

use http::request::Parts;
use strongroom_signing::sign::{Payload, Signer};
use strongroom_signing::{
    Algorithm, AuthorizationPart as Part, BodyProof, CanonicalRequest, Claim, HEADERS_MAX,
    Mechanism, PARAMETERS_MAX, RegionRule, SKEW_SECONDS_MAX, SignatureError as E, Terms, Verified,
    verify, verify_unknown,
};

use crate::client::{
    KEY_ID, SECRET, TARGET, anonymous, claim, credentials, decoy, judge, judge_at, judge_by, now,
    presigned, presigned_at, read, reauthorized, replaced, request, retargeted, sign_at, sign_for,
    signed, terms, v4, with, without,
};

fn refused(parts: &Parts) -> E {
    judge(parts).map(|_| "accepted").unwrap_err()
}

fn upload(payload: Payload<'_>) -> Parts {
    let chunked = [("x-amz-decoded-content-length", "5")];
    let trailer = [chunked[0], ("x-amz-trailer", "x-amz-checksum-crc32")];
    let headers = match payload {
        Payload::SignedChunks => &chunked[..],
        Payload::SignedChunksTrailer | Payload::UnsignedTrailer => &trailer[..],
        Payload::Whole(_) | Payload::Sha256(_) | Payload::Unsigned => &[],
    };
    let mut parts = request("PUT", TARGET, headers);
    sign_for("s3", &mut parts, payload);
    parts
}

/// The last digit of the signature changed.
fn forged(parts: &Parts) -> Parts {
    let flip = |text: &str| {
        let (rest, last) = text.split_at(text.len() - 1);
        format!("{rest}{}", if last == "0" { "1" } else { "0" })
    };
    let mut changed = parts.clone();
    match parts.headers.get("authorization") {
        Some(value) => {
            let value = flip(value.to_str().unwrap()).parse().unwrap();
            changed.headers.insert("authorization", value);
        }
        None => changed.uri = flip(&parts.uri.to_string()).parse().unwrap(),
    }
    changed
}

const FORMS: [Payload<'_>; 5] = [
    Payload::Whole(b"hello"),
    Payload::Unsigned,
    Payload::SignedChunks,
    Payload::SignedChunksTrailer,
    Payload::UnsignedTrailer,
];

#[test]
fn sig_01_a_forged_signature_is_refused_whatever_the_body_is() {
    for payload in FORMS {
        let honest = upload(payload);
        judge(&honest).unwrap();
        assert_eq!(refused(&forged(&honest)), E::Mismatch, "{payload:?}");
    }
}

#[test]
fn sig_03_query_credentials_do_not_skip_the_verifier_of_an_unsigned_trailer() {
    let headers = [
        ("x-amz-content-sha256", "STREAMING-UNSIGNED-PAYLOAD-TRAILER"),
        ("x-amz-decoded-content-length", "5"),
        ("x-amz-trailer", "x-amz-checksum-crc32"),
    ];
    let honest = presigned_at(now(), &headers);
    judge(&honest).unwrap().payload().unwrap();
    assert_eq!(refused(&forged(&honest)), E::Mismatch);
    let (start, _) = honest.uri.path_and_query().unwrap().as_str().rsplit_once('=').unwrap();
    let mut zeros = honest.clone();
    zeros.uri = format!("{start}={}", "0".repeat(64)).parse().unwrap();
    assert_eq!(refused(&zeros), E::Mismatch);
}

#[test]
fn sig_04_no_form_of_body_opens_a_way_round_any_form_of_credential() {
    let bodies = [
        "UNSIGNED-PAYLOAD",
        "STREAMING-AWS4-HMAC-SHA256-PAYLOAD",
        "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER",
        "STREAMING-UNSIGNED-PAYLOAD-TRAILER",
        "STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD",
        "STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD-TRAILER",
    ];
    let zeros = format!("{}%3D", "A".repeat(27));
    let v2_query = format!("{TARGET}?AWSAccessKeyId={KEY_ID}&Expires=1369353600&Signature={zeros}");
    for body in bodies {
        let declared = ("x-amz-content-sha256", body);
        let v2 = format!("AWS {KEY_ID}:{}=", "A".repeat(27));
        for (target, authorization) in [(TARGET, Some(v2.as_str())), (v2_query.as_str(), None)] {
            let headers: Vec<_> = [declared, ("date", "Fri, 24 May 2013 00:00:00 GMT")]
                .into_iter()
                .chain(authorization.map(|value| ("authorization", value)))
                .collect();
            assert_eq!(refused(&request("PUT", target, &headers)), E::SigV2Off, "{body}");
        }
        let password = [declared, ("authorization", "Basic YTpi")];
        let expected = E::UnsupportedMechanism { mechanism: Mechanism::Basic };
        assert_eq!(claim(&request("PUT", TARGET, &password)).unwrap_err(), expected, "{body}");
        let token = [declared, ("authorization", "Bearer eyJhbGciOiJub25lIn0.e30.")];
        let token = claim(&request("PUT", TARGET, &token));
        let Ok(Claim::Bearer(token)) = token else { panic!("{body}: {token:?}") };
        let streamed = Verified::bearer(token, BodyProof::Streamed).unwrap();
        let signs_chunks = body.contains("HMAC") || body.contains("ECDSA");
        if signs_chunks {
            assert!(streamed.payload().is_err(), "no key of a token's signs chunks: {body}");
        }
        let forged = forged(&presigned_at(now(), &[declared]));
        assert!(judge(&forged).is_err(), "{body}");
    }
}

#[test]
fn sig_04_chunks_that_need_a_key_need_a_signed_request() {
    for body in ["STREAMING-AWS4-HMAC-SHA256-PAYLOAD", "STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD"] {
        let headers = [("x-amz-content-sha256", body), ("x-amz-decoded-content-length", "5")];
        let verified = anonymous(&request("PUT", TARGET, &headers)).unwrap();
        assert_eq!(verified.payload().unwrap_err(), E::ChunkSignatureMismatch);
    }
    assert!(anonymous(&request("PUT", TARGET, &[])).unwrap().payload().is_ok());
}

#[test]
fn sig_05_whoever_presents_anything_is_never_anonymous() {
    assert!(matches!(claim(&request("GET", TARGET, &[])), Ok(Claim::Anonymous(_))));
    for (name, value) in
        [("authorization", ""), ("authorization", "Negotiate x"), ("x-amz-security-token", "token")]
    {
        assert!(claim(&request("GET", TARGET, &[(name, value)])).is_err(), "{name}: {value}");
    }
    for value in ["Bearer x", "bearer", "Bearer "] {
        let token = claim(&request("GET", TARGET, &[("authorization", value)]));
        assert!(matches!(token, Ok(Claim::Bearer(_))), "{value}: {token:?}");
    }
    for query in [
        "X-Amz-Algorithm=AWS4-HMAC-SHA256",
        "X-Amz-Credential=",
        "X-Amz-Date=20130524T000000Z",
        "X-Amz-Expires=1",
        "X-Amz-SignedHeaders=host",
        "X-Amz-Signature",
        "X-Amz-Security-Token=x",
        "x-amz-signature=x",
        "AWSAccessKeyId=x",
        "Signature=x",
    ] {
        let parts = request("GET", &format!("{TARGET}?{query}"), &[]);
        assert!(claim(&parts).is_err(), "{query}");
    }
}

#[test]
fn sig_06_a_request_is_good_for_fifteen_minutes_either_way() {
    for seconds in [-SKEW_SECONDS_MAX, 0, SKEW_SECONDS_MAX] {
        judge_at(&signed(), seconds).unwrap();
    }
    for seconds in [-SKEW_SECONDS_MAX - 1, SKEW_SECONDS_MAX + 1, i64::MAX, i64::MIN] {
        let error = judge_at(&signed(), seconds).unwrap_err();
        assert_eq!(error, E::Skewed { sent: now() }, "{seconds}");
    }
}

#[test]
fn sig_06_a_time_far_away_or_malformed_is_refused() {
    for time in ["1970-01-01T00:00:00Z", "9999-01-01T00:00:00Z"] {
        let mut parts = request("GET", TARGET, &[]);
        sign_at(time.parse().unwrap(), "s3", &mut parts, Payload::Unsigned);
        assert!(matches!(refused(&parts), E::Skewed { .. }), "{time}");
    }
    for time in [
        "20261301T000000Z",
        "20130524T000000",
        "20130524T000000z",
        "20130524T235960Z",
        "2013-05-24",
        "",
    ] {
        let parts = replaced(&signed(), "x-amz-date", time);
        let expected = E::MalformedAuthorization { part: Part::Date };
        assert_eq!(refused(&parts), expected, "{time}");
    }
    assert_eq!(refused(&without(&signed(), "x-amz-date")), E::MissingDate);
}

#[test]
fn the_date_header_serves_where_x_amz_date_is_absent() {
    // Our own signer always sends `x-amz-date`, so this one is signed without the verifier's help.
    let dated = |time| {
        request("GET", TARGET, &[("date", time), ("x-amz-content-sha256", "UNSIGNED-PAYLOAD")])
    };
    let authorization = format!(
        "AWS4-HMAC-SHA256 Credential={KEY_ID}/20130524/us-east-1/s3/aws4_request, \
         SignedHeaders=date;host;x-amz-content-sha256, Signature={}",
        "0".repeat(64)
    );
    for time in [
        "Fri, 24 May 2013 00:00:00 GMT",
        "Fri, 24 May 2013 00:00:00 +0000",
        "Fri, 24 May 2013 00:00:00 -0000",
    ] {
        let parts = with(&dated(time), "authorization", &authorization);
        assert_eq!(refused(&parts), E::Mismatch, "{time}");
    }
    for time in ["yesterday", "Fri, 24 May 2013 00:00:00 +0100"] {
        let malformed = with(&dated(time), "authorization", &authorization);
        let expected = E::MalformedAuthorization { part: Part::Date };
        assert_eq!(refused(&malformed), expected, "{time}");
    }
}

#[test]
fn sig_07_a_presigned_request_lives_as_long_as_it_says_and_at_most_a_week() {
    judge_at(&presigned(), 600).unwrap();
    let at = now().plus_seconds(600);
    assert_eq!(judge_at(&presigned(), 601).unwrap_err(), E::Expired { at });
    let late = Terms { now: at.plus_millis(1), ..terms() };
    assert_eq!(judge_by(&presigned(), &late).unwrap_err(), E::Expired { at });

    let mut week = request("GET", TARGET, &[]);
    let credentials = credentials(None);
    let signer = Signer {
        credentials: &credentials,
        region: "us-east-1",
        service: "s3",
        now: now(),
        algorithm: Algorithm::Hmac,
    };
    assert_eq!(signer.presign(&mut week, 604_801).unwrap_err(), E::BadExpiry);
    assert_eq!(signer.presign(&mut week, 0).unwrap_err(), E::BadExpiry);
    signer.presign(&mut week, 604_800).unwrap();
    judge_at(&week, 604_800).unwrap();
}

#[test]
fn sig_07_an_expiry_has_one_spelling() {
    for bad in [
        "604801",
        "-1",
        "0",
        "9223372036854775808",
        "1e9",
        "+600",
        "0600",
        "%20600",
        "",
        "6e2",
        "0x1",
    ] {
        let parts = retargeted(&presigned(), "X-Amz-Expires=600", &format!("X-Amz-Expires={bad}"));
        assert_eq!(refused(&parts), E::BadExpiry, "{bad}");
    }
    let twice =
        retargeted(&presigned(), "X-Amz-Expires=600", "X-Amz-Expires=600&X-Amz-Expires=600");
    assert_eq!(refused(&twice), E::MalformedQuery { part: Part::Expires });
}

#[test]
fn sig_08_what_decides_who_someone_is_comes_once_and_in_one_case() {
    judge(&presigned()).unwrap();
    for (name, part) in [
        ("X-Amz-Credential", Part::Credential),
        ("X-Amz-SignedHeaders", Part::SignedHeaders),
        ("X-Amz-Date", Part::Date),
        ("X-Amz-Signature", Part::Signature),
        ("X-Amz-Algorithm", Part::Algorithm),
    ] {
        let twice = retargeted(&presigned(), name, &format!("{name}=a&{name}"));
        assert_eq!(refused(&twice), E::MalformedQuery { part }, "{name}");
        let lower = retargeted(&presigned(), name, &name.to_lowercase());
        assert_eq!(refused(&lower), E::MalformedQuery { part: Part::Unknown }, "{name}");
        let absent = retargeted(&presigned(), name, "y");
        assert_eq!(refused(&absent), E::MissingParameters, "{name}");
    }
}

#[test]
fn sig_08_a_parameter_that_came_twice_in_any_case_is_not_read() {
    let parts = request("GET", "/?Action=GetCallerIdentity&action=AssumeRole&Version=1", &[]);
    let request = CanonicalRequest::parse(&parts).unwrap();
    assert!(request.query("Action").is_err());
    assert_eq!(request.query("Version"), Ok(Some("1")));
    assert_eq!(request.query("version"), Ok(None));
    assert_eq!(request.query("Name"), Ok(None));
}

#[test]
fn sig_09_a_relayed_sts_request_is_bound_to_host_headers_and_body() {
    let body = b"Action=GetCallerIdentity&Version=2011-06-15";
    let sts = Terms { services: &["sts"], body: BodyProof::whole(body), ..terms() };
    let mut honest = request("POST", "/", &[("content-type", "application/x-www-form-urlencoded")]);
    sign_for("sts", &mut honest, Payload::Whole(body));
    judge_by(&honest, &sts).unwrap();

    let other_host = replaced(&honest, "host", "vault.example");
    assert_eq!(judge_by(&other_host, &sts).unwrap_err(), E::Mismatch);
    let extra = with(&honest, "x-amz-target", "AssumeRole");
    assert!(matches!(judge_by(&extra, &sts), Err(E::HeadersNotSigned { .. })));
    let assumed = Terms { body: BodyProof::whole(b"Action=AssumeRole"), ..sts };
    assert_eq!(judge_by(&honest, &assumed).unwrap_err(), E::Mismatch);
    let query = retargeted(&honest, "/", "/?Action=AssumeRole");
    assert_eq!(judge_by(&query, &sts).unwrap_err(), E::Mismatch);
}

#[test]
fn only_s3_takes_a_body_that_is_not_signed() {
    let body = b"Action=GetCallerIdentity";
    let sts = Terms { services: &["sts"], body: BodyProof::whole(body), ..terms() };
    let mut parts = request("POST", "/", &[]);
    sign_for("sts", &mut parts, Payload::Unsigned);
    assert_eq!(judge_by(&parts, &sts).unwrap_err(), E::ContentSha256Mismatch);
    let mut parts = request("POST", "/", &[]);
    sign_for("sts", &mut parts, Payload::Whole(body));
    judge_by(&parts, &sts).unwrap();
}

#[test]
fn sig_18_signed_headers_are_a_sorted_set_of_lower_case_names() {
    let honest = signed();
    judge(&honest).unwrap();
    let list = "SignedHeaders=host;x-amz-content-sha256;x-amz-date";
    for bad in [
        "SignedHeaders=",
        "SignedHeaders=host;",
        "SignedHeaders=;host",
        "SignedHeaders=host;host;x-amz-content-sha256;x-amz-date",
        "SignedHeaders=x-amz-date;host;x-amz-content-sha256",
        "SignedHeaders=Host;x-amz-content-sha256;x-amz-date",
        "SignedHeaders=host x-amz-content-sha256 x-amz-date",
    ] {
        let expected = E::MalformedAuthorization { part: Part::SignedHeaders };
        assert_eq!(refused(&reauthorized(&honest, list, bad)), expected, "{bad}");
    }
    let presigned = presigned();
    for bad in ["", "host%3B", "%3Bhost", "host%3Bhost", "HOST", "x-a%3Bhost"] {
        let to = format!("X-Amz-SignedHeaders={bad}&");
        let parts = retargeted(&presigned, "X-Amz-SignedHeaders=host&", &to);
        assert_eq!(refused(&parts), E::MalformedQuery { part: Part::SignedHeaders }, "{bad}");
    }
}

#[test]
fn sig_19_host_and_every_amz_header_must_be_signed() {
    let not_signed = |name: &str| E::HeadersNotSigned { names: vec![name.to_owned()] };
    let honest = signed();
    let hostless = reauthorized(&honest, "SignedHeaders=host;", "SignedHeaders=");
    assert_eq!(refused(&hostless), not_signed("host"));
    for name in ["x-amz-copy-source", "x-amz-security-token", "x-amz-acl", "x-amz-meta-owner"] {
        let added = with(&honest, name, "value");
        assert_eq!(refused(&added), not_signed(name), "{name}");
        let mut own = request("GET", TARGET, &[(name, "value")]);
        sign_for("s3", &mut own, Payload::Unsigned);
        judge(&own).unwrap();
        let linked = presigned_at(now(), &[]);
        let added = with(&linked, name, "value");
        assert!(judge(&added).is_err(), "{name}");
    }
    judge(&with(&honest, "user-agent", "aws-cli/2")).unwrap();
}

#[test]
fn sig_19_a_signed_header_must_have_been_sent() {
    let mut honest = request("GET", TARGET, &[("range", "bytes=0-9")]);
    sign_for("s3", &mut honest, Payload::Unsigned);
    judge(&honest).unwrap();
    let expected = E::SignedHeaderAbsent { name: "range".to_owned() };
    assert_eq!(refused(&without(&honest, "range")), expected);
}

#[test]
fn sig_20_there_is_one_host_and_it_is_the_signed_one() {
    let honest = signed();
    assert_eq!(refused(&replaced(&honest, "host", "other.example")), E::Mismatch);
    assert_eq!(refused(&with(&honest, "host", "other.example")), E::HostConflict);
    assert_eq!(refused(&with(&honest, "host", "store.example")), E::HostConflict);
    assert_eq!(refused(&without(&honest, "host")), E::MissingHost);
    assert_eq!(
        refused(&replaced(&honest, "host", "a@store.example")),
        E::MalformedHeader { name: "host".to_owned() }
    );
    let absolute = |host: &str| retargeted(&honest, "/finance", &format!("http://{host}/finance"));
    judge(&absolute("store.example")).unwrap();
    assert_eq!(refused(&absolute("other.example")), E::HostConflict);
    let forwarded = with(&honest, "x-forwarded-host", "other.example");
    assert_eq!(judge(&forwarded).unwrap().request().host(), "store.example");
    // HTTP/2 has an authority and no Host header.
    judge(&without(&absolute("store.example"), "host")).unwrap();
}

#[test]
fn sig_21_a_scheme_is_a_whole_word_in_its_one_case() {
    for (value, mechanism) in [
        ("AWSXAKIAIOSFODNN7EXAMPLE:sig", Mechanism::Unknown),
        ("aws AKIAIOSFODNN7EXAMPLE:sig", Mechanism::Unknown),
    ] {
        let parts = request("GET", TARGET, &[("authorization", value)]);
        assert_eq!(refused(&parts), E::UnsupportedMechanism { mechanism }, "{value}");
    }
    let v2 = request("GET", TARGET, &[("authorization", "AWS AKIAIOSFODNN7EXAMPLE:sig")]);
    assert_eq!(refused(&v2), E::MissingDate);
    for scheme in ["AWS4-HMAC-SHA256X ", "aws4-hmac-sha256 ", "AWS4-HMAC-SHA256,"] {
        let parts = reauthorized(&signed(), "AWS4-HMAC-SHA256 ", scheme);
        assert!(matches!(refused(&parts), E::UnsupportedMechanism { .. }), "{scheme}");
    }
}

#[test]
fn sig_21_every_part_of_the_authorization_comes_once() {
    let honest = signed();
    for (from, to, part) in [
        (" Credential=", " ", Part::Unknown),
        ("Credential=", "Credentials=", Part::Unknown),
        (", SignedHeaders=", ", Signature=0, SignedHeaders=", Part::Signature),
        (", SignedHeaders=", ", Credential=a, SignedHeaders=", Part::Credential),
        (", Signature=", ", SignedHeaders=a, Signature=", Part::SignedHeaders),
        (", Signature=", ", Extra=", Part::Unknown),
        (", SignedHeaders=host;x-amz-content-sha256;x-amz-date", "", Part::SignedHeaders),
    ] {
        let parts = reauthorized(&honest, from, to);
        assert_eq!(refused(&parts), E::MalformedAuthorization { part }, "{from} {to}");
    }
    // Some clients write no space after the comma.
    judge(&reauthorized(&honest, ", SignedHeaders", ",SignedHeaders")).unwrap();
}

#[test]
fn sig_22_a_sub_resource_added_after_signing_is_refused() {
    for query in ["acl", "versionId=1", "response-content-type=text/html", "uploads", "a=b", "="] {
        let header = retargeted(&signed(), TARGET, &format!("{TARGET}?{query}"));
        assert_eq!(refused(&header), E::Mismatch, "{query}");
        let link = retargeted(&presigned(), "?", &format!("?{query}&"));
        assert_eq!(refused(&link), E::Mismatch, "{query}");
    }
}

#[test]
fn sig_29_a_scope_is_four_parts_for_this_day_region_and_service() {
    let honest = signed();
    let scope = "/20130524/us-east-1/s3/aws4_request";
    for bad in [
        "/20130524/us-east-1/s3",
        "/20130524/us-east-1/s3/aws4_request/x",
        "/20130524/us-east-1/s3/aws5_request",
        "/2013-05-24/us-east-1/s3/aws4_request",
        "/20130524//s3/aws4_request",
        "",
    ] {
        let expected = E::MalformedAuthorization { part: Part::Credential };
        assert_eq!(refused(&reauthorized(&honest, scope, bad)), expected, "{bad}");
    }
    let day = reauthorized(&honest, "/20130524/", "/20130523/");
    assert_eq!(refused(&day), E::WrongDay { sent: "20130523".to_owned() });
    let region = reauthorized(&honest, "/us-east-1/", "/eu-west-1/");
    let (sent, expected) = ("eu-west-1".to_owned(), "us-east-1".to_owned());
    assert_eq!(refused(&region), E::WrongRegion { sent, expected });
    let key = reauthorized(&honest, KEY_ID, "short");
    assert_eq!(refused(&key), E::MalformedAccessKeyId);
}

#[test]
fn a_server_may_take_every_region() {
    let credentials = credentials(None);
    let mut parts = request("GET", TARGET, &[]);
    let signer = Signer {
        credentials: &credentials,
        region: "eu-west-1",
        service: "s3",
        now: now(),
        algorithm: Algorithm::Hmac,
    };
    signer.sign(&mut parts, Payload::Unsigned).unwrap();
    judge_by(&parts, &Terms { region: RegionRule::Any, ..terms() }).unwrap();
    assert!(matches!(refused(&parts), E::WrongRegion { .. }));
}

#[test]
fn sig_30_the_scopes_service_never_chooses_the_door() {
    for service in ["s3tables", "iam", "sts", "admin", "S3"] {
        let mut parts = request("GET", TARGET, &[]);
        sign_for(service, &mut parts, Payload::Unsigned);
        let (sent, expected) = (service.to_owned(), "s3".to_owned());
        assert_eq!(refused(&parts), E::WrongService { sent, expected });
    }
}

#[test]
fn sig_32_order_and_spelling_of_the_query_do_not_matter_its_meaning_does() {
    let mut honest = request("GET", "/b?prefix=a%20b&marker=&tag=2&tag=1&list-type=2", &[]);
    sign_for("s3", &mut honest, Payload::Unsigned);
    for same in [
        "/b?list-type=2&marker&prefix=a%20b&tag=1&tag=2",
        "/b?prefix=a+b&marker=&tag=2&tag=1&list-type=2",
        "/b?pre%66ix=%61%20b&marker=&tag=2&tag=1&list-type=2",
        "/b?&prefix=a%20b&&marker=&tag=2&tag=1&list-type=2&",
    ] {
        let mut parts = honest.clone();
        parts.uri = same.parse().unwrap();
        judge(&parts).unwrap_or_else(|error| panic!("{same}: {error}"));
    }
    for other in [
        "/b?prefix=a%2Bb&marker=&tag=2&tag=1&list-type=2",
        "/b?prefix=a%2520b&marker=&tag=2&tag=1&list-type=2",
        "/b?prefix=a%20b&tag=2&tag=1&list-type=2",
        "/b?prefix=a%20b&marker=&tag=2&list-type=2",
    ] {
        let mut parts = honest.clone();
        parts.uri = other.parse().unwrap();
        assert_eq!(refused(&parts), E::Mismatch, "{other}");
    }
    for bad in ["/b?prefix=%", "/b?prefix=%zz", "/b?prefix=%ff", "/b?%C3%28=1"] {
        let mut parts = honest.clone();
        parts.uri = bad.parse().unwrap();
        assert_eq!(refused(&parts), E::MalformedQueryString, "{bad}");
    }
}

#[test]
fn sig_33_the_path_that_is_verified_is_the_path_that_is_used() {
    for (sent, used) in [
        ("/a/x%2F..%2F..%2Fb", "/a/x/../../b"),
        ("/a/%252F", "/a/%2F"),
        ("/a//b", "/a//b"),
        ("/a/./b", "/a/./b"),
        ("/a/../b/k", "/a/../b/k"),
        ("/a/+%20", "/a/+ "),
        ("/a/%E1%88%B4", "/a/\u{1234}"),
    ] {
        let mut parts = request("GET", sent, &[]);
        sign_for("s3", &mut parts, Payload::Unsigned);
        assert_eq!(judge(&parts).unwrap().request().path(), used);
        for other in ["/b", "/b/k", "/a/b", "/a/%2F%2F"] {
            let moved = retargeted(&parts, sent, other);
            assert_eq!(refused(&moved), E::Mismatch, "{sent} {other}");
        }
    }
    for bad in ["/a/%", "/a/%2", "/a/%gg", "/a/%ff", "/a/%C0%AF"] {
        assert_eq!(refused(&retargeted(&signed(), TARGET, bad)), E::MalformedPath, "{bad}");
    }
}

#[test]
fn sig_33_a_service_that_normalises_paths_takes_normal_ones_only() {
    let iam = Terms { services: &["iam"], body: BodyProof::whole(b""), ..terms() };
    let at = |path: &str| {
        let mut parts = request("GET", path, &[]);
        sign_for("iam", &mut parts, Payload::Whole(b""));
        judge_by(&parts, &iam).map(|signed| signed.request().path().to_owned())
    };
    for good in ["/", "/a/b", "/a/b/", "/a.b/..c", "/a/%40b"] {
        at(good).unwrap();
    }
    for bad in ["/a/../b", "/a/./b", "/a//b", "/.", "/a/%2e%2e/b", "/a/.."] {
        assert_eq!(at(bad), Err(E::PathNotNormal), "{bad}");
    }
}

#[test]
fn sig_34_no_other_algorithm_is_taken_for_ours() {
    let expected = E::UnsupportedMechanism { mechanism: Mechanism::Unknown };
    for algorithm in ["AWS4-HMAC-SHA512", "none"] {
        let header = reauthorized(&signed(), "AWS4-HMAC-SHA256", algorithm);
        assert_eq!(refused(&header), expected);
        let link = retargeted(&presigned(), "AWS4-HMAC-SHA256", algorithm);
        assert_eq!(refused(&link), expected);
    }
}

#[test]
fn sig_35_knowing_the_access_key_id_is_not_enough() {
    let honest = signed();
    let key = |secret: &str| v4(&honest).unwrap().key(&secret.parse().unwrap());
    verify(v4(&honest).unwrap(), &key(SECRET), &terms()).unwrap();
    let wrong = key("wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEX");
    assert_eq!(verify(v4(&honest).unwrap(), &wrong, &terms()).unwrap_err(), E::Mismatch);
    let (start, _) = honest.headers["authorization"].to_str().unwrap().rsplit_once('=').unwrap();
    for bad in ["", "0", &"0".repeat(64), &"0".repeat(65), &"g".repeat(64), &"A".repeat(64)] {
        let parts = replaced(&honest, "authorization", &format!("{start}={bad}"));
        assert_eq!(refused(&parts), E::Mismatch, "{bad}");
    }
}

#[test]
fn sig_35_an_id_that_nobody_holds_is_refused_as_a_wrong_secret_is() {
    let claim = v4(&signed()).unwrap();
    assert_eq!(verify_unknown(claim.clone(), &decoy(&claim), &terms()), E::Mismatch);
    let late = Terms { now: now().plus_seconds(1000), ..terms() };
    let decoy = decoy(&claim);
    assert_eq!(verify_unknown(claim, &decoy, &late), judge_by(&signed(), &late).unwrap_err());
}

#[test]
fn sig_36_a_request_presents_one_credential() {
    let authorization = signed().headers["authorization"].to_str().unwrap().to_owned();
    let both = with(&presigned(), "authorization", &authorization);
    assert_eq!(refused(&both), E::OnlyOneMechanism);
    let twice = with(&signed(), "authorization", &authorization);
    assert_eq!(refused(&twice), E::OnlyOneMechanism);
    let v2 = retargeted(&presigned(), "?", "?AWSAccessKeyId=a&Signature=b&");
    assert_eq!(refused(&v2), E::OnlyOneMechanism);
    let mixed = retargeted(&signed(), TARGET, &format!("{TARGET}?X-Amz-Expires=600"));
    assert_eq!(refused(&mixed), E::OnlyOneMechanism);
    let token = with(&presigned(), "x-amz-security-token", "token");
    assert_eq!(refused(&token), E::OnlyOneMechanism);
    let bearer = request("GET", TARGET, &[("authorization", "Bearer a.b.c")]);
    assert!(matches!(claim(&bearer), Ok(Claim::Bearer(_))));
    let linked = with(&presigned(), "authorization", "Bearer a.b.c");
    assert_eq!(claim(&linked).unwrap_err(), E::OnlyOneMechanism);
    let signed_too = with(&signed(), "authorization", "Bearer a.b.c");
    assert_eq!(claim(&signed_too).unwrap_err(), E::OnlyOneMechanism);
    let with_session = with(&bearer, "x-amz-security-token", "token");
    assert_eq!(claim(&with_session).unwrap_err(), E::OnlyOneMechanism);
}

#[test]
fn sig_37_a_session_token_is_part_of_what_is_signed() {
    let credentials = credentials(Some("token+one/="));
    let signer = Signer {
        credentials: &credentials,
        region: "us-east-1",
        service: "s3",
        now: now(),
        algorithm: Algorithm::Hmac,
    };
    let mut header = request("GET", TARGET, &[]);
    signer.sign(&mut header, Payload::Unsigned).unwrap();
    assert_eq!(judge(&header).unwrap().session_token(), Some("token+one/="));
    assert_eq!(refused(&replaced(&header, "x-amz-security-token", "two")), E::Mismatch);
    let gone = E::SignedHeaderAbsent { name: "x-amz-security-token".to_owned() };
    assert_eq!(refused(&without(&header, "x-amz-security-token")), gone);

    let mut link = request("GET", TARGET, &[]);
    signer.presign(&mut link, 600).unwrap();
    assert_eq!(judge(&link).unwrap().session_token(), Some("token+one/="));
    assert_eq!(refused(&retargeted(&link, "token%2Bone", "two")), E::Mismatch);
    let token = "&X-Amz-Security-Token=token%2Bone%2F%3D";
    assert_eq!(refused(&retargeted(&link, token, "")), E::Mismatch);
    assert_eq!(judge(&signed()).unwrap().session_token(), None);
}

#[test]
fn sig_40_a_presigned_request_from_the_future_is_refused_beyond_the_skew() {
    let from = now().plus_seconds(14 * 60);
    judge(&presigned_at(from, &[])).unwrap();
    let from = now().plus_seconds(16 * 60);
    assert_eq!(refused(&presigned_at(from, &[])), E::NotYetValid { from });
}

#[test]
fn a_body_must_be_declared_in_header_form() {
    let honest = signed();
    let undeclared = without(
        &reauthorized(&honest, "host;x-amz-content-sha256;x-amz-date", "host;x-amz-date"),
        "x-amz-content-sha256",
    );
    assert_eq!(refused(&undeclared), E::MissingContentSha256);
    for bad in ["", "abc", "unsigned-payload", &"0".repeat(63), &"A".repeat(64), "STREAMING-"] {
        let parts = replaced(&honest, "x-amz-content-sha256", bad);
        assert_eq!(refused(&parts), E::MalformedContentSha256, "{bad}");
    }
}

#[test]
fn a_presigned_request_may_declare_its_body_in_the_query() {
    // As the JavaScript SDK does.
    let presigned = |target: &str| {
        let mut parts = request("PUT", target, &[]);
        let credentials = credentials(None);
        let signer = Signer {
            credentials: &credentials,
            region: "us-east-1",
            service: "s3",
            now: now(),
            algorithm: Algorithm::Hmac,
        };
        signer.presign(&mut parts, 600).unwrap();
        judge(&parts)
    };
    let honest = presigned("/b/k?X-Amz-Content-Sha256=UNSIGNED-PAYLOAD").unwrap();
    assert_eq!(honest.content_sha256(), "UNSIGNED-PAYLOAD");
    let digest = presigned(&format!("/b/k?X-Amz-Content-Sha256={}", "0".repeat(64)));
    assert_eq!(digest.unwrap_err(), E::Mismatch);
    let twice = "/b/k?X-Amz-Content-Sha256=UNSIGNED-PAYLOAD&x-amz-content-sha256=a";
    assert_eq!(presigned(twice).unwrap_err(), E::MalformedContentSha256);
}

#[test]
fn a_whole_body_must_be_the_declared_one() {
    let whole = |body: &[u8]| Terms { body: BodyProof::whole(body), ..terms() };
    let parts = upload(Payload::Whole(b"hello"));
    judge_by(&parts, &whole(b"hello")).unwrap();
    let error = judge_by(&parts, &whole(b"hellO")).unwrap_err();
    assert_eq!(error, E::ContentSha256Mismatch);
    judge_by(&upload(Payload::Unsigned), &whole(b"anything")).unwrap();
    let list = "host;x-amz-content-sha256;x-amz-date";
    let undeclared =
        without(&reauthorized(&signed(), list, "host;x-amz-date"), "x-amz-content-sha256");
    assert_eq!(judge_by(&undeclared, &whole(b"")).unwrap_err(), E::MissingContentSha256);
    let error = judge_by(&upload(Payload::UnsignedTrailer), &whole(b"hello")).unwrap_err();
    assert_eq!(error, E::ContentSha256Mismatch);
}

#[test]
fn what_conditions_ask_about_a_signature_is_told() {
    let signed = judge_at(&signed(), 5).unwrap();
    assert_eq!(signed.auth_type(), "REST-HEADER");
    assert_eq!(signed.signature_version(), "AWS4-HMAC-SHA256");
    assert_eq!(signed.age_millis(), Some(5000));
    assert_eq!(signed.signed_at(), Some(now()));
    assert_eq!(signed.content_sha256(), "UNSIGNED-PAYLOAD");
    assert_eq!(signed.expiry_seconds(), None);
    assert_eq!(judge_at(&self::signed(), -5).unwrap().age_millis(), Some(0));
}

#[test]
fn limits_hold_at_and_one_past_them() {
    let query = |count: usize| format!("/?{}", vec!["a=b"; count].join("&"));
    assert!(CanonicalRequest::parse(&request("GET", &query(PARAMETERS_MAX), &[])).is_ok());
    let many = CanonicalRequest::parse(&request("GET", &query(PARAMETERS_MAX + 1), &[]));
    assert_eq!(many.unwrap_err(), E::TooManyParameters { max: PARAMETERS_MAX });
    let headers = |count: usize| request("GET", "/", &vec![("a", "b"); count - 1]);
    assert!(CanonicalRequest::parse(&headers(HEADERS_MAX)).is_ok());
    let many = CanonicalRequest::parse(&headers(HEADERS_MAX + 1));
    assert_eq!(many.unwrap_err(), E::TooManyHeaders { max: HEADERS_MAX });
}

#[test]
fn headers_are_read_once_and_their_lengths_have_one_spelling() {
    let parts = request("PUT", "/", &[("X-Amz-Acl", " private "), ("x-a", "1"), ("x-a", "2")]);
    let request_ = CanonicalRequest::parse(&parts).unwrap();
    assert_eq!(request_.header("x-amz-acl"), Ok(Some("private")));
    assert!(request_.header("x-a").is_err());
    assert_eq!(request_.header("x-b"), Ok(None));
    for (text, good) in [("5", true), ("+5", false), ("05", false), ("", false), ("5, 5", false)] {
        let parts = request("PUT", "/", &[("content-length", text)]);
        assert_eq!(CanonicalRequest::parse(&parts).is_ok(), good, "{text}");
    }
    let twice = request("PUT", "/", &[("content-length", "5"), ("content-length", "5")]);
    assert!(CanonicalRequest::parse(&twice).is_err());
    let star = request("OPTIONS", "*", &[]);
    assert_eq!(CanonicalRequest::parse(&star).unwrap_err(), E::MalformedPath);
}

#[test]
fn nothing_secret_is_printed() {
    let credentials = credentials(Some("sessiontoken"));
    let signer = Signer {
        credentials: &credentials,
        region: "us-east-1",
        service: "s3",
        now: now(),
        algorithm: Algorithm::Hmac,
    };
    let mut parts = request("GET", TARGET, &[]);
    signer.presign(&mut parts, 600).unwrap();
    let claim = v4(&parts).unwrap();
    let signature = parts.uri.to_string().rsplit_once('=').unwrap().1.to_owned();
    let signed = judge(&parts).unwrap();
    let decoder = signed.payload().unwrap();
    for printed in [format!("{claim:?}"), format!("{signed:?}"), format!("{decoder:?}")] {
        assert!(!printed.contains("sessiontoken") && !printed.contains(&signature), "{printed}");
    }
    assert!(read(decoder, b"anything", 3).is_ok());
}

#[test]
fn sig_34_an_hmac_signature_under_the_name_of_the_other_algorithm_is_none() {
    let ecdsa = |scope: &str| {
        let parts = with(&signed(), "x-amz-region-set", "us-east-1");
        let parts = reauthorized(&parts, "AWS4-HMAC-SHA256", "AWS4-ECDSA-P256-SHA256");
        let parts = reauthorized(&parts, "x-amz-date", "x-amz-date;x-amz-region-set");
        reauthorized(&parts, "/us-east-1/s3/", scope)
    };
    assert_eq!(refused(&ecdsa("/s3/")), E::Mismatch);
    let credential = E::MalformedAuthorization { part: Part::Credential };
    assert_eq!(refused(&ecdsa("/us-east-1/s3/")), credential);
}
