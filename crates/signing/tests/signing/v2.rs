//! SigV2: the documented examples of the S3 user guide ("Signing and authenticating REST requests"),
//! and what differs from each in one fact.
//!
//! oracle: twin

use http::request::Parts;
use names::Timestamp;
use strongroom_signing::{
    CanonicalRequest, Claim, Domains, SigV2Rule, SignatureError as E, SignedRequest, Terms,
    Version, verify,
};

use crate::client::{KEY_ID, SECRET, claim, request, retargeted, terms, with, without};

const HOST: &str = "johnsmith.s3.amazonaws.com";

fn judge_when(parts: &Parts, now: &str, rule: SigV2Rule) -> Result<SignedRequest, E> {
    let domains = Domains::new(["s3.amazonaws.com"]).unwrap();
    let Claim::Signed(claim) = CanonicalRequest::parse_at(parts, &domains)?.credential()? else {
        panic!("the request is anonymous")
    };
    let key = claim.key(&SECRET.parse().unwrap());
    let now: Timestamp = now.parse().unwrap();
    verify(claim, &key, &Terms { now, v2: rule, ..terms() })
}

fn judge(parts: &Parts) -> Result<SignedRequest, E> {
    judge_when(parts, "2007-03-27T19:40:00Z", SigV2Rule::Allow)
}

fn refused(parts: &Parts) -> E {
    judge(parts).map(|_| "accepted").unwrap_err()
}

fn signed(method: &str, target: &str, headers: &[(&str, &str)], signature: &str) -> Parts {
    let authorization = format!("AWS {KEY_ID}:{signature}");
    let mut all = vec![("host", HOST), ("authorization", authorization.as_str())];
    all.extend(headers);
    request(method, target, &all)
}

const DATE: (&str, &str) = ("date", "Tue, 27 Mar 2007 19:36:42 +0000");

fn get() -> Parts {
    signed("GET", "/photos/puppy.jpg", &[DATE], "bWq2s1WEIj+Ydj0vQ697zp+IXMU=")
}

fn link() -> Parts {
    let target = format!(
        "/photos/puppy.jpg?AWSAccessKeyId={KEY_ID}&Signature=NpgCjnDzrM%2BWFzoENXmpNDUsSn8%3D\
         &Expires=1175139620"
    );
    request("GET", &target, &[("host", HOST)])
}

#[test]
fn the_documented_get() {
    let proven = judge(&get()).unwrap();
    assert_eq!(proven.request().path(), "/johnsmith/photos/puppy.jpg");
    assert_eq!(proven.version(), Version::V2);
    assert_eq!(proven.signature_version(), "AWS");
    assert_eq!(proven.auth_type(), "REST-HEADER");
    assert_eq!(proven.age_millis(), None);
    assert_eq!(proven.scope(), None);
    assert_eq!(proven.service(), "s3");
}

#[test]
fn the_documented_put_listing_and_acl() {
    let headers = [
        ("content-type", "image/jpeg"),
        ("content-length", "94328"),
        ("date", "Tue, 27 Mar 2007 21:15:45 +0000"),
    ];
    let put = signed("PUT", "/photos/puppy.jpg", &headers, "MyyxeRY7whkBe+bq8fHCL/2kKUg=");
    judge_when(&put, "2007-03-27T21:15:45Z", SigV2Rule::Allow).unwrap();
    let list = signed(
        "GET",
        "/?prefix=photos&max-keys=50&marker=puppy",
        &[("date", "Tue, 27 Mar 2007 19:42:41 +0000")],
        "htDYFYduRNen8P9ZfE/s9SuKy0U=",
    );
    judge(&list).unwrap();
    let date = ("date", "Tue, 27 Mar 2007 19:44:46 +0000");
    judge(&signed("GET", "/?acl", &[date], "c2WLPFtWHVgbEmeEG93a4cG37dM=")).unwrap();
}

#[test]
fn a_path_that_is_a_bucket_alone_may_be_signed_with_a_slash_behind_it() {
    let pathlike = |target: &str, signature: &str| {
        let mut parts =
            signed("GET", target, &[("date", "Tue, 27 Mar 2007 19:42:41 +0000")], signature);
        parts.headers.insert("host", "s3.amazonaws.com".parse().unwrap());
        parts
    };
    // The documented listing, which is signed as `/johnsmith/`.
    let documented = "htDYFYduRNen8P9ZfE/s9SuKy0U=";
    for target in ["/johnsmith", "/johnsmith/", "/johnsmith?prefix=photos"] {
        judge(&pathlike(target, documented)).unwrap();
    }
    for target in ["/johnsmith?acl", "/johnsmit", "/johnsmith//", "/"] {
        assert_eq!(refused(&pathlike(target, documented)), E::Mismatch, "{target}");
    }
    // `/johnsmith/photos/` is another key than `/johnsmith/photos`.
    let of_a_key = "jU+Bm1/jewNTDXrLPWW6mIYhPXM=";
    judge(&pathlike("/johnsmith/photos/", of_a_key)).unwrap();
    assert_eq!(refused(&pathlike("/johnsmith/photos", of_a_key)), E::Mismatch);
}

#[test]
fn the_documented_link() {
    let when = |now: &str| judge_when(&link(), now, SigV2Rule::Allow);
    let proven = when("2007-03-28T00:00:00Z").unwrap();
    assert_eq!(proven.auth_type(), "REST-QUERY-STRING");
    assert_eq!(proven.signed_at(), None);
    when("2007-03-29T03:40:20Z").unwrap();
    assert!(matches!(when("2007-03-29T03:40:21Z"), Err(E::Expired { .. })));
}

#[test]
fn sig_23_version_2_is_off_until_the_terms_allow_it() {
    for parts in [get(), link()] {
        let judged = judge_when(&parts, "2007-03-27T19:40:00Z", SigV2Rule::Refuse);
        assert_eq!(judged.map(|_| ()).unwrap_err(), E::SigV2Off);
        let (Claim::Signed(claim), Ok(now)) = (claim(&parts).unwrap(), "2007-03-27".parse()) else {
            panic!("the request is anonymous")
        };
        let key = claim.key(&SECRET.parse().unwrap());
        let sts = Terms { now, v2: SigV2Rule::Allow, services: &["sts"], ..terms() };
        assert!(matches!(verify(claim, &key, &sts), Err(E::UnsupportedMechanism { .. })));
    }
}

#[test]
fn sig_23_a_date_is_needed_and_must_be_near() {
    assert_eq!(refused(&without(&get(), "date")), E::MissingDate);
    for bad in ["", "Bad Date", "Day, 27 Mar 2007 19:36:42 GMT", "Tue, 07 Jul 1950 21:53:04 GMT"] {
        assert_eq!(refused(&with(&get(), "x-amz-date", bad)), E::MalformedDate, "{bad:?}");
    }
    for far in ["Tue, 07 Jul 2010 21:53:04 GMT", "Tue, 07 Jul 9999 21:53:04 GMT"] {
        let judged = refused(&with(&get(), "x-amz-date", far));
        assert!(matches!(judged, E::Skewed { .. }), "{far}: {judged:?}");
    }
    let late = judge_when(&get(), "2007-03-27T19:51:43Z", SigV2Rule::Allow);
    assert!(matches!(late, Err(E::Skewed { .. })));
    judge_when(&get(), "2007-03-27T19:51:42Z", SigV2Rule::Allow).unwrap();
    let lacking = retargeted(&link(), "&Expires=1175139620", "");
    assert_eq!(refused(&lacking), E::MissingV2Parameters);
    for bad in ["-1", "1e9", "", "+5", "9223372036854775808", "01175139620"] {
        let parts = retargeted(&link(), "Expires=1175139620", &format!("Expires={bad}"));
        assert!(matches!(refused(&parts), E::MalformedQuery { .. }), "{bad}");
    }
}

#[test]
fn sig_22_a_parameter_that_changes_the_meaning_is_signed() {
    judge(&link()).unwrap();
    for added in
        ["acl", "versionId=null", "response-content-type=text%2Fhtml", "uploads", "tagging"]
    {
        let parts = retargeted(&link(), "?", &format!("?{added}&"));
        assert_eq!(refused(&parts), E::Mismatch, "{added}");
    }
    let unknown = retargeted(&link(), "?", "?attributes&");
    assert_eq!(refused(&unknown), E::ParameterNotSigned { name: "attributes".to_owned() });
    let moved = retargeted(&link(), "?", "?x-amz-acl=public-read&");
    assert_eq!(refused(&moved), E::Mismatch);
}

#[test]
fn what_is_signed_cannot_be_changed() {
    assert_eq!(refused(&with(&get(), "x-amz-acl", "public-read")), E::Mismatch);
    assert_eq!(refused(&with(&get(), "content-type", "text/html")), E::Mismatch);
    assert_eq!(refused(&with(&get(), "content-md5", "AAAA")), E::Mismatch);
    assert_eq!(refused(&retargeted(&get(), "puppy", "Puppy")), E::Mismatch);
    let mut other = get();
    other.headers.insert("host", "janesmith.s3.amazonaws.com".parse().unwrap());
    assert_eq!(refused(&other), E::Mismatch);
    let mut method = get();
    method.method = http::Method::HEAD;
    assert_eq!(refused(&method), E::Mismatch);
}

#[test]
fn a_signature_has_one_spelling() {
    for bad in ["", "bWq2s1WEIj+Ydj0vQ697zp+IXMU", "bWq2s1WEIj-Ydj0vQ697zp-IXMU=", "c2ln"] {
        let parts = signed("GET", "/photos/puppy.jpg", &[DATE], bad);
        assert_eq!(refused(&parts), E::Mismatch, "{bad}");
    }
}
