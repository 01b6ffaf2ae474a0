//! The AWS Signature Version 4 test suite (`tests/vectors`), both forms of every case.

use std::path::{Path, PathBuf};

use names::Timestamp;

use crate::canonical::{PathRule, canonical_text, normalised, string_to_sign};
use crate::ecdsa::PublicKey;
use crate::encode::encoded;
use crate::key::{Algorithm, Scope, SigningKey};
use crate::request::CanonicalRequest;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/vectors/v4")
}

fn cases() -> Vec<String> {
    let mut names: Vec<String> = std::fs::read_dir(folder())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

fn text(case: &str, file: &str) -> Option<String> {
    let text = std::fs::read_to_string(folder().join(case).join(file)).ok()?;
    Some(text.trim_end_matches('\n').to_owned())
}

struct Case {
    context: serde_json::Value,
    method: String,
    target: String,
    headers: Vec<(String, String)>,
    body: String,
}

impl Case {
    fn read(name: &str) -> Self {
        let raw = std::fs::read_to_string(folder().join(name).join("request.txt")).unwrap();
        let (head, body) = raw.split_once("\n\n").unwrap_or((raw.trim_end(), ""));
        // A folded line belongs to the header before it; HTTP libraries unfold it (RFC 9112 §5.2).
        let head = head.replace("\n ", " ");
        let mut lines = head.lines();
        let first = lines.next().unwrap();
        let (method, rest) = first.split_once(' ').unwrap();
        let target = rest.trim_end_matches(" HTTP/1.1").replace(' ', "%20");
        let headers = lines
            .map(|line| line.split_once(':').unwrap())
            .map(|(name, value)| (name.to_owned(), value.trim().to_owned()))
            .collect();
        let context = text(name, "context.json")
            .map_or(serde_json::Value::Null, |json| serde_json::from_str(&json).unwrap());
        Self { context, method: method.to_owned(), target, headers, body: body.to_owned() }
    }

    fn flag(&self, name: &str) -> bool {
        self.context[name].as_bool().unwrap_or(false)
    }

    fn time(&self) -> Timestamp {
        self.context["timestamp"].as_str().unwrap().parse().unwrap()
    }

    fn scope(&self) -> Scope {
        let word = |name: &str| self.context[name].as_str().unwrap();
        Scope::new(self.time(), word("region"), word("service"))
    }

    fn key(&self) -> SigningKey {
        let secret = self.context["credentials"]["secret_access_key"].as_str().unwrap();
        SigningKey::derive(&secret.parse().unwrap(), &self.scope())
    }

    fn token(&self) -> Option<&str> {
        let token = self.context["credentials"]["token"].as_str();
        token.filter(|_| !self.flag("omit_session_token"))
    }

    fn sha256(&self) -> String {
        crate::canonical::sha256_hex(self.body.as_bytes())
    }

    /// Encoded as the suite's own signer was told to: once, normalised if the context says so.
    fn request(&self, extra: &[(&str, &str)], query: &str) -> CanonicalRequest {
        let (path, own) = self.target.split_once('?').unwrap_or((&self.target, ""));
        let path = if self.flag("normalize") { normalised(path) } else { path.to_owned() };
        let query: Vec<&str> = [own, query].into_iter().filter(|q| !q.is_empty()).collect();
        let mark = if query.is_empty() { "" } else { "?" };
        // As a path alone `//` would be read as the beginning of an authority.
        let host = "http://example.amazonaws.com";
        let target = format!("{host}{path}{mark}{}", query.join("&"));
        let mut builder = http::Request::builder().method(self.method.as_str()).uri(target);
        for (name, value) in &self.headers {
            builder = builder.header(name, value);
        }
        for (name, value) in extra {
            builder = builder.header(*name, *value);
        }
        let (parts, ()) = builder.body(()).unwrap().into_parts();
        CanonicalRequest::parse(&parts).unwrap()
    }
}

fn names(request: &CanonicalRequest) -> Vec<String> {
    let mut names: Vec<String> =
        request.header_pairs().iter().map(|(name, _)| name.clone()).collect();
    names.dedup();
    names
}

fn check(case: &str, form: &str, canonical: &str, parsed: &Case) {
    let expected = |file: &str| text(case, &format!("{form}-{file}.txt")).unwrap();
    assert_eq!(canonical, expected("canonical-request"), "{case} {form}");
    let to_sign = string_to_sign(Algorithm::Hmac, parsed.time(), &parsed.scope(), canonical);
    assert_eq!(to_sign, expected("string-to-sign"), "{case} {form}");
    assert_eq!(parsed.key().signature(&to_sign), expected("signature"), "{case} {form}");
}

#[test]
fn every_header_vector_signs_as_aws_says() {
    let mut count = 0;
    for name in cases() {
        let case = Case::read(&name);
        if case.context.is_null() {
            continue;
        }
        let (time, sha256) = (case.time().iso_basic(), case.sha256());
        let mut extra = vec![("x-amz-date", time.as_str())];
        if case.flag("sign_body") {
            extra.push(("x-amz-content-sha256", sha256.as_str()));
        }
        extra.extend(case.token().map(|token| ("x-amz-security-token", token)));
        let request = case.request(&extra, "");
        let canonical = canonical_text(&request, PathRule::Single, &names(&request), &sha256);
        check(&name, "header", &canonical, &case);
        count += 1;
    }
    assert_eq!(count, 38);
}

#[test]
fn every_query_vector_signs_as_aws_says() {
    let mut count = 0;
    for name in cases() {
        let case = Case::read(&name);
        if case.context.is_null() {
            continue;
        }
        let plain = case.request(&[], "");
        let signed = names(&plain);
        let key = case.context["credentials"]["access_key_id"].as_str().unwrap();
        let mut query = format!(
            "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential={}&X-Amz-Date={}&X-Amz-Expires={}\
             &X-Amz-SignedHeaders={}",
            encoded(&format!("{key}/{}", case.scope())),
            case.time().iso_basic(),
            case.context["expiration_in_seconds"],
            encoded(&signed.join(";")),
        );
        if let Some(token) = case.token() {
            query = format!("{query}&X-Amz-Security-Token={}", encoded(token));
        }
        let request = case.request(&[], &query);
        let canonical = canonical_text(&request, PathRule::Single, &signed, &case.sha256());
        check(&name, "query", &canonical, &case);
        count += 1;
    }
    assert_eq!(count, 38);
}

#[test]
fn other_services_than_s3_encode_the_path_again() {
    for (name, date) in
        [("double-encode-path", "20210511T154045Z"), ("double-url-encode", "20210511T154045Z")]
    {
        let case = Case::read(name);
        let host = &case.headers.iter().find(|(name, _)| name == "Host").unwrap().1;
        let (parts, ()) = http::Request::builder()
            .method(case.method.as_str())
            .uri(&case.target)
            .header("host", host)
            .header("x-amz-date", date)
            .body(())
            .unwrap()
            .into_parts();
        let request = CanonicalRequest::parse(&parts).unwrap();
        let canonical =
            canonical_text(&request, PathRule::Double, &names(&request), &case.sha256());
        assert_eq!(canonical, text(name, "header-canonical-request.txt").unwrap(), "{name}");
    }
}

/// The published public key of every SigV4A case.
const V4A_PUBLIC_KEY: &str = "04b6618f6a65740a99e650b33b6b4b5bd0d43b176d721a3edfea7e7d2d56d936b1\
                              865ed22a7eadc9c5cb9d2cbaca1b3699139fedc5043dc6661864218330c8e518";

fn check_v4a(case: &Case, expected: &serde_json::Value, canonical: &str, form: &str) {
    let name = &expected["name"];
    let expected = &expected[form];
    let digest = crate::canonical::sha256_hex(canonical.as_bytes());
    assert_eq!(expected["canonical_sha256"], digest, "{name} {form}\n{canonical}");
    let scope = Scope::regionless(case.time(), "service");
    let text = string_to_sign(Algorithm::Ecdsa, case.time(), &scope, canonical);
    let secret = case.context["credentials"]["secret_access_key"].as_str().unwrap();
    let key = PublicKey::derive(&secret.parse().unwrap(), "AKIDEXAMPLE").unwrap();
    for signature in expected["signatures"].as_array().unwrap() {
        let signature = signature.as_str().unwrap();
        assert!(key.proves(&text, signature), "{name} {form} {signature}");
        assert!(!key.proves(&text.replace("20150830T", "20150831T"), signature));
    }
}

#[test]
fn every_sigv4a_vector_is_proven_as_aws_signed_it() {
    let published = std::fs::read_to_string(folder().join("../v4a.json")).unwrap();
    let published: Vec<serde_json::Value> = serde_json::from_str(&published).unwrap();
    for expected in &published {
        let case = Case::read(expected["name"].as_str().unwrap());
        let (time, sha256) = (case.time().iso_basic(), case.sha256());
        let mut extra = vec![("x-amz-date", time.as_str()), ("x-amz-region-set", "us-east-1")];
        if case.flag("sign_body") {
            extra.push(("x-amz-content-sha256", sha256.as_str()));
        }
        extra.extend(case.token().map(|token| ("x-amz-security-token", token)));
        let request = case.request(&extra, "");
        let canonical = canonical_text(&request, PathRule::Single, &names(&request), &sha256);
        check_v4a(&case, expected, &canonical, "header");

        let signed = names(&case.request(&[], ""));
        let scope = Scope::regionless(case.time(), "service");
        let mut query = format!(
            "X-Amz-Algorithm=AWS4-ECDSA-P256-SHA256&X-Amz-Credential={}&X-Amz-Date={time}\
             &X-Amz-Expires={}&X-Amz-Region-Set=us-east-1&X-Amz-SignedHeaders={}",
            encoded(&format!("AKIDEXAMPLE/{scope}")),
            case.context["expiration_in_seconds"],
            encoded(&signed.join(";")),
        );
        if let Some(token) = case.token() {
            query = format!("{query}&X-Amz-Security-Token={}", encoded(token));
        }
        let request = case.request(&[], &query);
        let canonical = canonical_text(&request, PathRule::Single, &signed, &sha256);
        check_v4a(&case, expected, &canonical, "query");
    }
    assert_eq!(published.len(), 38);
}

#[test]
fn the_published_sigv4a_key_is_derived() {
    let secret = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY".parse().unwrap();
    assert_eq!(crate::ecdsa::public_point(&secret, "AKIDEXAMPLE"), V4A_PUBLIC_KEY);
}
