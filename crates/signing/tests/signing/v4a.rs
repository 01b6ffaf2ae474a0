//! SigV4A: header, link and chunks, and their malformed neighbours.
//!
//! oracle: twin

use http::request::Parts;
use strongroom_signing::sign::{ChunkSigner, Payload, Signer};
use strongroom_signing::{
    Algorithm, AuthorizationPart as Part, RegionRule, SignatureError as E, Terms, Version,
};

use crate::client::{
    TARGET, credentials, judge, judge_by, now, read, reauthorized, replaced, request, retargeted,
    terms, with, without,
};

fn sign(parts: &mut Parts, regions: &str, payload: Payload<'_>) -> ChunkSigner {
    let credentials = credentials(None);
    let algorithm = Algorithm::Ecdsa;
    let signer =
        Signer { credentials: &credentials, region: regions, service: "s3", now: now(), algorithm };
    signer.sign(parts, payload).unwrap()
}

fn signed(regions: &str) -> Parts {
    let mut parts = request("GET", TARGET, &[]);
    sign(&mut parts, regions, Payload::Unsigned);
    parts
}

fn link(regions: &str) -> Parts {
    let mut parts = request("GET", TARGET, &[]);
    let credentials = credentials(Some("a+token/="));
    let algorithm = Algorithm::Ecdsa;
    let signer =
        Signer { credentials: &credentials, region: regions, service: "s3", now: now(), algorithm };
    signer.presign(&mut parts, 600).unwrap();
    parts
}

fn refused(parts: &Parts) -> E {
    judge(parts).map(|_| "accepted").unwrap_err()
}

#[test]
fn a_signature_by_the_derived_key_is_taken_in_header_and_link() {
    for parts in [signed("*"), signed("us-east-1"), link("eu-*,us-*")] {
        let proven = judge(&parts).unwrap();
        assert_eq!(proven.version(), Version::V4A);
        assert_eq!(proven.signature_version(), "AWS4-ECDSA-P256-SHA256");
        assert_eq!(proven.region(), Some("us-east-1"));
        assert_eq!(proven.age_millis(), Some(0));
    }
}

#[test]
fn the_server_must_be_in_the_region_set() {
    for parts in [signed("eu-west-1,eu-central-1"), link("eu-*")] {
        assert!(matches!(refused(&parts), E::WrongRegion { .. }));
        let anywhere = Terms { region: RegionRule::Any, ..terms() };
        judge_by(&parts, &anywhere).unwrap();
    }
}

#[test]
fn the_region_set_is_signed_and_there() {
    let honest = signed("us-east-1");
    assert_eq!(refused(&replaced(&honest, "x-amz-region-set", "*")), E::Mismatch);
    let absent = without(&honest, "x-amz-region-set");
    assert_eq!(refused(&absent), E::MalformedAuthorization { part: Part::RegionSet });
    let twice = with(&honest, "x-amz-region-set", "*");
    assert_eq!(refused(&twice), E::MalformedAuthorization { part: Part::RegionSet });
    let unsigned = reauthorized(&honest, ";x-amz-region-set", "");
    assert!(matches!(refused(&unsigned), E::HeadersNotSigned { .. }));
    let wider = retargeted(&link("us-east-1"), "Region-Set=us-east-1", "Region-Set=%2A");
    assert_eq!(refused(&wider), E::Mismatch);
}

#[test]
fn a_flipped_digit_of_a_signature_is_refused_wherever_it_is() {
    let honest = signed("*");
    let value = honest.headers["authorization"].to_str().unwrap();
    let (start, signature) = value.rsplit_once('=').unwrap();
    for at in 0..signature.len() {
        let mut digits = signature.as_bytes().to_vec();
        digits[at] = if digits[at] == b'0' { b'1' } else { b'0' };
        let changed = format!("{start}={}", String::from_utf8(digits).unwrap());
        assert_eq!(refused(&replaced(&honest, "authorization", &changed)), E::Mismatch, "{at}");
    }
    for bad in ["", "30", &"0".repeat(64), &"f".repeat(144), &signature.to_uppercase()] {
        let changed = format!("{start}={bad}");
        assert_eq!(refused(&replaced(&honest, "authorization", &changed)), E::Mismatch, "{bad}");
    }
}

fn upload(payload: Payload<'_>) -> (Parts, Vec<u8>) {
    let length = ("x-amz-decoded-content-length", "66560");
    let trailer = ("x-amz-trailer", "x-amz-checksum-crc32");
    let count = if payload == Payload::SignedChunks { 1 } else { 2 };
    let mut parts = request("PUT", TARGET, &[length, trailer][..count]);
    let mut signer = sign(&mut parts, "*", payload);
    let data = vec![b'a'; 66_560];
    let mut body: Vec<u8> = data.chunks(65_536).flat_map(|chunk| signer.chunk(chunk)).collect();
    if payload == Payload::SignedChunks {
        body.extend(signer.chunk(b""));
    } else {
        body.extend(signer.trailers(&[("x-amz-checksum-crc32", "AAAAAA==")]));
    }
    (parts, body)
}

#[test]
fn a_body_in_chunks_signed_by_the_derived_key_comes_out_as_it_went_in() {
    for payload in [Payload::SignedChunks, Payload::SignedChunksTrailer] {
        let (parts, body) = upload(payload);
        let decoder = judge(&parts).unwrap().payload().unwrap();
        assert_eq!(read(decoder, &body, 4096).unwrap().0, vec![b'a'; 66_560]);
    }
}

#[test]
fn a_changed_byte_of_a_chunk_or_of_its_signature_is_refused() {
    for payload in [Payload::SignedChunks, Payload::SignedChunksTrailer] {
        let (parts, body) = upload(payload);
        for at in [0, 30, 500, 65_536, 65_900, 66_500, body.len() - 200, body.len() - 3] {
            let mut changed = body.clone();
            changed[at] ^= 1;
            let decoder = judge(&parts).unwrap().payload().unwrap();
            assert!(read(decoder, &changed, 4096).is_err(), "{payload:?} {at}");
        }
    }
}

#[test]
fn chunks_are_signed_as_the_request_is() {
    let name = "x-amz-content-sha256";
    let (mut parts, _) = upload(Payload::SignedChunks);
    parts.headers.insert(name, "STREAMING-AWS4-HMAC-SHA256-PAYLOAD".parse().unwrap());
    assert_eq!(refused(&parts), E::MalformedContentSha256);
    let mut hmac = request("PUT", TARGET, &[("x-amz-decoded-content-length", "5")]);
    crate::client::sign_for("s3", &mut hmac, Payload::SignedChunks);
    judge(&hmac).unwrap();
    hmac.headers.insert(name, "STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD".parse().unwrap());
    assert_eq!(refused(&hmac), E::MalformedContentSha256);
}
