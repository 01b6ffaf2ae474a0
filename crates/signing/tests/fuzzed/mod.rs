//! What fuzzing asks of signatures, as functions of bytes: `fuzz/` drives them with new bytes,
//! `tests/corpus.rs` with all that were ever interesting.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::HeaderValue;
use http::header::HeaderName;
use http::request::Parts;
use names::Timestamp;
use strongroom_signing::sign::{ChunkSigner, Credentials, Payload, Signer, sign_policy};
use strongroom_signing::{
    Algorithm, BodyProof, CanonicalRequest, Claim, Domains, PayloadDecoder, PostForm, RegionRule,
    Scope, SigV2Rule, SignatureError, SignedRequest, Terms, Trailers, verify, verify_unknown,
};

pub(crate) const KEY_ID: &str = "AKIAIOSFODNN7EXAMPLE";
pub(crate) const SECRET: &str = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";

/// The moment of the documented examples, at which the inputs of the corpora are good.
pub(crate) fn now() -> Timestamp {
    "2013-05-24".parse().expect("a day")
}

pub(crate) fn credentials() -> Credentials {
    Credentials {
        access_key_id: KEY_ID.parse().expect("an id"),
        secret: SECRET.parse().expect("a secret"),
        session_token: None,
    }
}

fn terms(services: &'static [&'static str], body: BodyProof) -> Terms<'static> {
    Terms { now: now(), services, region: RegionRule::Any, body, v2: SigV2Rule::Allow }
}

fn parts(method: &str, target: &str, headers: &[(&[u8], &[u8])]) -> Option<Parts> {
    let mut request = http::Request::builder().method(method).uri(target);
    for (name, value) in headers {
        let name = HeaderName::from_bytes(name).ok()?;
        request = request.header(name, HeaderValue::from_bytes(value).ok()?);
    }
    request.body(()).ok().map(|request| request.into_parts().0)
}

/// Judges a head: what holds for the key does not for another, nor is it anyone's unknown.
fn judged(parts: &Parts) -> Option<SignedRequest> {
    let request = CanonicalRequest::parse(parts).ok()?;
    assert!(request.path().starts_with('/'));
    let Ok(Claim::Signed(claim)) = request.credential() else { return None };
    let other = claim.key(&"0123456789abcdef0123456789abcdef".parse().expect("a secret"));
    let mut held = None;
    for services in [&["s3"][..], &["sts", "iam"]] {
        let body = if services == ["s3"] { BodyProof::Streamed } else { BodyProof::whole(b"") };
        let terms = terms(services, body);
        assert!(verify(claim.clone(), &other, &terms).is_err(), "another key signed it");
        let key = claim.key(&SECRET.parse().expect("a secret"));
        held = held.or_else(|| verify(claim.clone(), &key, &terms).ok());
        let _ = verify_unknown(claim.clone(), &other, &terms).to_string();
    }
    held
}

/// Any head: method and target on the first line, a header on each of the others.
pub(crate) fn canonical(bytes: &[u8]) {
    let mut lines = bytes.split(|byte| *byte == b'\n');
    let first = String::from_utf8_lossy(lines.next().unwrap_or_default()).into_owned();
    let Some((method, target)) = first.split_once(' ') else { return };
    let split = |line: &'_ [u8]| line.iter().position(|byte| *byte == b':');
    let headers: Vec<(&[u8], &[u8])> =
        lines.filter_map(|line| split(line).map(|at| (&line[..at], &line[at + 1..]))).collect();
    let Some(parts) = parts(method, target, &headers) else { return };
    let _ = judged(&parts);
    let domains = Domains::new(["store.example"]).expect("a domain");
    let (one, other) =
        (CanonicalRequest::parse(&parts), CanonicalRequest::parse_at(&parts, &domains));
    assert_eq!(one.is_ok(), other.is_ok());
    if let (Ok(one), Ok(other)) = (one, other) {
        // A bucket that the host names comes first, and changes nothing else.
        assert!(other.path().ends_with(one.path()));
        assert_eq!(one.query_pairs(), other.query_pairs());
    }
}

/// Any `Authorization` header, of whatever version.
pub(crate) fn authorization(bytes: &[u8]) {
    let headers: [(&[u8], &[u8]); 5] = [
        (b"host", b"examplebucket.s3.amazonaws.com"),
        (b"x-amz-date", b"20130524T000000Z"),
        (b"x-amz-content-sha256", b"UNSIGNED-PAYLOAD"),
        (b"x-amz-region-set", b"*"),
        (b"authorization", bytes),
    ];
    let Some(parts) = parts("GET", "/test.txt?versionId=1", &headers) else { return };
    if let Ok(request) = CanonicalRequest::parse(&parts) {
        // Whoever presents anything is never anonymous.
        assert!(!matches!(request.credential(), Ok(Claim::Anonymous(_))));
    }
    let _ = judged(&parts);
}

/// Any query, presigned or nearly.
pub(crate) fn presigned(bytes: &[u8]) {
    let Ok(query) = std::str::from_utf8(bytes) else { return };
    let target = format!("/test.txt?{query}");
    let host: [(&[u8], &[u8]); 1] = [(b"host", b"examplebucket.s3.amazonaws.com")];
    let Some(parts) = parts("GET", &target, &host) else { return };
    if let Ok(request) = CanonicalRequest::parse(&parts) {
        let named = |name: &str| {
            request.query_pairs().iter().any(|(other, _)| other.eq_ignore_ascii_case(name))
        };
        let presented = named("X-Amz-Signature") || named("Signature");
        let anonymous = matches!(request.credential(), Ok(Claim::Anonymous(_)));
        assert!(!(presented && anonymous));
    }
    let Some(signed) = judged(&parts) else { return };
    assert_eq!(signed.auth_type(), "REST-QUERY-STRING");
    // One more parameter is another request, whether the version signs it or refuses it. SigV2
    // signs those alone that change the meaning.
    let more = format!("{target}&acl");
    if let Some(changed) = self::parts("GET", &more, &host) {
        assert!(judged(&changed).is_none(), "{more}");
    }
}

/// Any form, a field a line. A field `policy-text` is encoded and signed here, for no fuzzer finds
/// a signature.
pub(crate) fn form(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let mut fields: Vec<(String, String)> = Vec::new();
    for (name, value) in text.split('\n').filter_map(|line| line.split_once('=')) {
        if name == "policy-text" {
            let policy = STANDARD.encode(value);
            let scope = Scope::new(now(), "us-east-1", "s3");
            let secret = SECRET.parse().expect("a secret");
            let signature = sign_policy(&secret, &scope, &policy);
            fields.push(("policy".to_owned(), policy));
            fields.push(("x-amz-signature".to_owned(), signature));
            fields.push(("x-amz-date".to_owned(), now().iso_basic()));
            fields.push(("x-amz-algorithm".to_owned(), "AWS4-HMAC-SHA256".to_owned()));
            fields.push(("x-amz-credential".to_owned(), format!("{KEY_ID}/{scope}")));
        } else {
            fields.push((name.to_owned(), value.to_owned()));
        }
    }
    let held = |fields: Vec<(String, String)>| {
        let host: [(&[u8], &[u8]); 1] = [(b"host", b"store.example")];
        let request = CanonicalRequest::parse(&parts("POST", "/finance", &host)?).ok()?;
        let form = PostForm::new(fields, Some("a.png")).ok()?;
        let Ok(Claim::Signed(claim)) = request.form_credential(form) else { return None };
        let key = claim.key(&SECRET.parse().expect("a secret"));
        verify(claim, &key, &terms(&["s3"], BodyProof::Streamed)).ok()
    };
    let Some(signed) = held(fields.clone()) else { return };
    assert!(signed.request().path().starts_with("/finance/"));
    let (least, most) = signed.lengths().expect("a form has bounds");
    let _ = least <= most;
    // A field that no condition names is not allowed.
    fields.push(("x-amz-meta-unsigned".to_owned(), "1".to_owned()));
    assert!(held(fields).is_none());
}

/// The forms of a body in chunks.
const MODES: [(Algorithm, Payload<'_>); 5] = [
    (Algorithm::Hmac, Payload::SignedChunks),
    (Algorithm::Hmac, Payload::SignedChunksTrailer),
    (Algorithm::Hmac, Payload::UnsignedTrailer),
    (Algorithm::Ecdsa, Payload::SignedChunks),
    (Algorithm::Ecdsa, Payload::SignedChunksTrailer),
];

/// A body in chunks: how it is framed, in which pieces it comes, what length it says it has, and
/// its bytes.
pub(crate) fn chunks(bytes: &[u8]) {
    let [mode, piece, high, low, body @ ..] = bytes else { return };
    let declared = u64::from(u16::from_be_bytes([*high, *low]));
    let upload = upload(*mode, declared).0;
    let decoder = || upload.payload().expect("the headers are right");
    let whole = read(decoder(), body, body.len().max(1));
    let pieces = read(decoder(), body, usize::from(*piece).max(1));
    match (whole, pieces) {
        (Ok((one, trailers)), Ok((other, same))) => {
            assert_eq!((one.len() as u64, &one), (declared, &other));
            assert_eq!(trailers, same);
            assert!(trailers.iter().all(|(name, _)| name == "x-amz-checksum-crc32"));
        }
        (Err(_), Err(_)) => {}
        (one, other) => panic!("pieces matter: {:?} {:?}", one.err(), other.err()),
    }
}

/// A verified upload of that form and length, and what signs its chunks.
pub(crate) fn upload(mode: u8, declared: u64) -> (SignedRequest, ChunkSigner) {
    let (algorithm, payload) = MODES[usize::from(mode) % MODES.len()];
    let length = declared.to_string();
    let mut headers: Vec<(&[u8], &[u8])> =
        vec![(b"host", b"store.example"), (b"x-amz-decoded-content-length", length.as_bytes())];
    if payload != Payload::SignedChunks {
        headers.push((b"x-amz-trailer", b"x-amz-checksum-crc32"));
    }
    let mut parts = parts("PUT", "/finance/q3", &headers).expect("a request");
    let credentials = credentials();
    let region = if algorithm == Algorithm::Hmac { "us-east-1" } else { "*" };
    let signer = Signer { credentials: &credentials, region, service: "s3", now: now(), algorithm };
    let chunks = signer.sign(&mut parts, payload).expect("it can be signed");
    (judged(&parts).expect("it is signed"), chunks)
}

fn read(
    mut decoder: PayloadDecoder,
    body: &[u8],
    piece: usize,
) -> Result<(Vec<u8>, Trailers), SignatureError> {
    let mut out = Vec::new();
    for piece in body.chunks(piece) {
        let mut input = Bytes::copy_from_slice(piece);
        while let Some(data) = decoder.push(&mut input)? {
            out.extend_from_slice(&data);
        }
    }
    Ok((out, decoder.finish()?))
}
