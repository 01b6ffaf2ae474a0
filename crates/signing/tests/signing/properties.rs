//! What holds for every request: what is signed is accepted, what is changed is refused, and
//! nothing that a stranger sends makes us panic.

use http::request::Parts;
use proptest::prelude::*;
use strongroom_signing::sign::{Payload, Signer, unsigned_chunk, unsigned_trailers};
use strongroom_signing::{Algorithm, CanonicalRequest, SignatureError};

use crate::client::{credentials, judge, now, read, request, sign_for};

/// Every byte that is not unreserved is escaped.
fn escaped(text: &str) -> String {
    let mut out = String::new();
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02x}"));
        }
    }
    out
}

prop_compose! {
    fn requests()(
        method in "GET|PUT|POST|DELETE|HEAD",
        path in "[^\\x00]{0,20}",
        query in prop::collection::vec(("[a-z]{1,3}", "\\PC{0,8}"), 0..4),
        headers in prop::collection::vec(("x-amz-meta-[a-c]", "[!-~]([ -~]{0,8}[!-~])?"), 0..4),
    ) -> Parts {
        let query: Vec<String> =
            query.iter().map(|(name, value)| format!("{name}={}", escaped(value))).collect();
        let mark = if query.is_empty() { "" } else { "?" };
        let target = format!("/b/{}{mark}{}", escaped(&path), query.join("&"));
        let headers: Vec<(&str, &str)> =
            headers.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        request(&method, &target, &headers)
    }
}

fn presign(parts: &mut Parts) {
    let credentials = credentials(Some("a+token/="));
    let signer = Signer {
        credentials: &credentials,
        region: "us-east-1",
        service: "s3",
        now: now(),
        algorithm: Algorithm::Hmac,
    };
    signer.presign(parts, 600).unwrap();
}

/// The byte at a place chosen by `index`, one bit changed.
fn flipped(text: &str, index: prop::sample::Index) -> Vec<u8> {
    let mut bytes = text.as_bytes().to_vec();
    let at = index.index(bytes.len());
    bytes[at] ^= 1;
    bytes
}

fn with_target(parts: &Parts, target: &[u8]) -> Option<Parts> {
    let mut changed = parts.clone();
    changed.uri = http::Uri::try_from(target).ok()?;
    Some(changed)
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 256,
        failure_persistence: None,
        ..Default::default()
    })]

    #[test]
    fn what_is_signed_is_accepted_and_read_as_it_was_sent(parts in requests()) {
        let meant = CanonicalRequest::parse(&parts).unwrap();
        let mut signed = parts.clone();
        sign_for("s3", &mut signed, Payload::Unsigned);
        let verified = judge(&signed).unwrap();
        prop_assert_eq!(verified.request().path(), meant.path());
        prop_assert_eq!(verified.request().query_pairs(), meant.query_pairs());
        let mut link = parts;
        presign(&mut link);
        let verified = judge(&link).unwrap();
        prop_assert_eq!(verified.request().path(), meant.path());
    }

    #[test]
    fn a_signed_byte_that_was_changed_is_refused(
        parts in requests(),
        index in any::<prop::sample::Index>(),
        header in any::<prop::sample::Index>(),
    ) {
        let mut signed = parts;
        sign_for("s3", &mut signed, Payload::Unsigned);
        judge(&signed).unwrap();
        let meant = CanonicalRequest::parse(&signed).unwrap();

        let target = flipped(&signed.uri.to_string(), index);
        if let Some(changed) = with_target(&signed, &target) {
            // A flipped bit may spell the same path or query (`%2a`, `+`): then nothing changed.
            let same = CanonicalRequest::parse(&changed).is_ok_and(|read| {
                let sorted = |request: &CanonicalRequest| {
                    let mut pairs = request.query_pairs().to_vec();
                    pairs.sort();
                    pairs
                };
                read.path() == meant.path() && sorted(&read) == sorted(&meant)
            });
            prop_assert_eq!(judge(&changed).is_ok(), same, "{:?}", changed.uri);
        }

        let names: Vec<_> = signed.headers.keys().cloned().collect();
        let name = names[header.index(names.len())].clone();
        let old = signed.headers[&name].to_str().unwrap().to_owned();
        if let Ok(value) = http::HeaderValue::from_bytes(&flipped(&old, index)) {
            let mut changed = signed.clone();
            // Repeated headers: the first is changed, the others stay.
            let rest: Vec<_> = signed.headers.get_all(&name).iter().skip(1).cloned().collect();
            changed.headers.insert(name.clone(), value);
            for value in rest {
                changed.headers.append(name.clone(), value);
            }
            let folded = |parts: &Parts| -> Vec<String> {
                let values = parts.headers.get_all(&name).iter();
                values.map(|v| v.to_str().unwrap_or("\u{1}").split(' ')
                    .filter(|w| !w.is_empty()).collect::<Vec<_>>().join(" ")).collect()
            };
            // `Credential=a,Signature` and `Credential=a, Signature` are the same: skip spaces.
            let space = name == "authorization" && old.as_bytes()[index.index(old.len())] == b' ';
            if folded(&changed) != folded(&signed) && !space {
                prop_assert!(judge(&changed).is_err(), "{name}");
            }
        }

        let mut other = signed.clone();
        other.method = http::Method::PATCH;
        prop_assert_eq!(judge(&other).unwrap_err(), SignatureError::Mismatch);
    }

    #[test]
    fn a_presigned_byte_that_was_changed_is_refused(
        parts in requests(),
        index in any::<prop::sample::Index>(),
    ) {
        let mut link = parts;
        presign(&mut link);
        judge(&link).unwrap();
        let own = CanonicalRequest::parse(&link).unwrap();
        if let Some(changed) = with_target(&link, &flipped(&link.uri.to_string(), index)) {
            let same = CanonicalRequest::parse(&changed).is_ok_and(|read| {
                read.path() == own.path() && read.query_pairs() == own.query_pairs()
            });
            if !same {
                prop_assert!(judge(&changed).is_err(), "{:?}", changed.uri);
            }
        }
    }

    #[test]
    fn a_chunked_body_comes_out_as_it_went_in_and_no_bit_of_it_may_change(
        data in prop::collection::vec(any::<u8>(), 0..20_000),
        chunk in 8192_usize..12_000,
        piece in 1_usize..9000,
        index in any::<prop::sample::Index>(),
    ) {
        let length = data.len().to_string();
        let mut parts = request("PUT", "/b/k", &[
            ("x-amz-decoded-content-length", length.as_str()),
            ("x-amz-trailer", "x-amz-checksum-crc32"),
        ]);
        let mut signer = sign_for("s3", &mut parts, Payload::SignedChunksTrailer);
        let mut body: Vec<u8> = data.chunks(chunk).flat_map(|part| signer.chunk(part)).collect();
        body.extend(signer.trailers(&[("x-amz-checksum-crc32", "AAAAAA==")]));
        let decoder = || judge(&parts).unwrap().payload().unwrap();
        prop_assert_eq!(read(decoder(), &body, piece).unwrap().0, data);
        let at = index.index(body.len());
        body[at] ^= 1;
        prop_assert!(read(decoder(), &body, piece).is_err(), "byte {}", at);
    }

    #[test]
    fn an_unsigned_body_comes_out_as_it_went_in(
        data in prop::collection::vec(any::<u8>(), 0..5000),
        chunk in 1_usize..3000,
        piece in 1_usize..900,
    ) {
        let length = data.len().to_string();
        let mut parts = request("PUT", "/b/k", &[
            ("x-amz-decoded-content-length", length.as_str()),
            ("x-amz-trailer", "x-amz-checksum-crc32"),
        ]);
        sign_for("s3", &mut parts, Payload::UnsignedTrailer);
        let mut body: Vec<u8> = data.chunks(chunk).flat_map(unsigned_chunk).collect();
        body.extend(unsigned_trailers(&[("x-amz-checksum-crc32", "AAAAAA==")]));
        let decoder = judge(&parts).unwrap().payload().unwrap();
        prop_assert_eq!(read(decoder, &body, piece).unwrap().0, data);
    }

    #[test]
    fn sig_25_no_bytes_make_a_decoder_panic_or_believe_them(
        body in prop::collection::vec(
            prop_oneof![Just(b'\r'), Just(b'\n'), Just(b';'), Just(b'0'), Just(b'5'), any::<u8>()],
            0..200,
        ),
        head in "[0-9a-fA-Fx+ ;]{0,20}(;chunk-signature=[0-9a-f]{64})?\r\n",
        piece in 1_usize..50,
    ) {
        for payload in [Payload::SignedChunks, Payload::SignedChunksTrailer] {
            let trailer = ("x-amz-trailer", "x-amz-checksum-crc32");
            let length = ("x-amz-decoded-content-length", "5");
            let headers = [length, trailer];
            let count = if payload == Payload::SignedChunks { 1 } else { 2 };
            let mut parts = request("PUT", "/b/k", &headers[..count]);
            sign_for("s3", &mut parts, payload);
            let framed = [head.as_bytes(), &body].concat();
            let decoder = judge(&parts).unwrap().payload().unwrap();
            prop_assert!(read(decoder, &framed, piece).is_err());
        }
    }

    #[test]
    fn no_head_makes_the_parser_panic(
        target in "/[ -~]{0,40}",
        authorization in "(AWS4-HMAC-SHA256 )?[ -~]{0,80}",
    ) {
        if let Ok(uri) = target.parse::<http::Uri>() {
            let mut parts = request("GET", "/", &[("authorization", authorization.as_str())]);
            parts.uri = uri;
            prop_assert!(judge(&parts).is_err());
        }
    }
}
