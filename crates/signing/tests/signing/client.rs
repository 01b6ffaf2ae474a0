//! A client with one key, and a server that knows it.

use bytes::Bytes;
use http::request::Parts;
use names::Timestamp;
use strongroom_signing::sign::{ChunkSigner, Credentials, Payload, Signer};
use strongroom_signing::{
    Algorithm, BodyProof, CanonicalRequest, Claim, PayloadDecoder, RegionRule, SigV2Rule,
    SignatureError, SignedClaim, SignedRequest, Terms, Trailers, Verified, VerifyingKey, verify,
    verify_unknown,
};

pub(crate) const KEY_ID: &str = "AKIAIOSFODNN7EXAMPLE";
pub(crate) const SECRET: &str = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";
pub(crate) const TARGET: &str = "/finance/q3.parquet";

/// The day of the documented S3 examples.
pub(crate) fn now() -> Timestamp {
    "2013-05-24".parse().unwrap()
}

pub(crate) fn credentials(token: Option<&str>) -> Credentials {
    Credentials {
        access_key_id: KEY_ID.parse().unwrap(),
        secret: SECRET.parse().unwrap(),
        session_token: token.map(str::to_owned),
    }
}

pub(crate) fn request(method: &str, target: &str, headers: &[(&str, &str)]) -> Parts {
    let mut builder = http::Request::builder().method(method).uri(target);
    if !headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("host")) {
        builder = builder.header("host", "store.example");
    }
    for (name, value) in headers {
        builder = builder.header(*name, *value);
    }
    builder.body(()).unwrap().into_parts().0
}

pub(crate) fn sign_for(service: &str, parts: &mut Parts, payload: Payload<'_>) -> ChunkSigner {
    sign_at(now(), service, parts, payload)
}

pub(crate) fn sign_at(
    now: Timestamp,
    service: &str,
    parts: &mut Parts,
    payload: Payload<'_>,
) -> ChunkSigner {
    let credentials = credentials(None);
    let signer = Signer {
        credentials: &credentials,
        region: "us-east-1",
        service,
        now,
        algorithm: Algorithm::Hmac,
    };
    signer.sign(parts, payload).unwrap()
}

/// A GET, signed in header form for S3.
pub(crate) fn signed() -> Parts {
    let mut parts = request("GET", TARGET, &[]);
    sign_for("s3", &mut parts, Payload::Unsigned);
    parts
}

/// A GET, presigned for ten minutes.
pub(crate) fn presigned() -> Parts {
    presigned_at(now(), &[])
}

pub(crate) fn presigned_at(now: Timestamp, headers: &[(&str, &str)]) -> Parts {
    let mut parts = request("GET", TARGET, headers);
    let credentials = credentials(None);
    let signer = Signer {
        credentials: &credentials,
        region: "us-east-1",
        service: "s3",
        now,
        algorithm: Algorithm::Hmac,
    };
    signer.presign(&mut parts, 600).unwrap();
    parts
}

/// The same request with its target's text changed.
pub(crate) fn retargeted(parts: &Parts, from: &str, to: &str) -> Parts {
    let old = parts.uri.to_string();
    assert!(old.contains(from), "{old} has no {from}");
    let mut changed = parts.clone();
    changed.uri = old.replacen(from, to, 1).parse().unwrap();
    changed
}

/// The same request with its `Authorization` header's text changed.
pub(crate) fn reauthorized(parts: &Parts, from: &str, to: &str) -> Parts {
    let old = parts.headers["authorization"].to_str().unwrap();
    assert!(old.contains(from), "{old} has no {from}");
    let value = old.replacen(from, to, 1).parse().unwrap();
    let mut changed = parts.clone();
    changed.headers.insert("authorization", value);
    changed
}

pub(crate) fn with(parts: &Parts, name: &'static str, value: &str) -> Parts {
    let mut changed = parts.clone();
    changed.headers.append(name, value.parse().unwrap());
    changed
}

pub(crate) fn replaced(parts: &Parts, name: &'static str, value: &str) -> Parts {
    let mut changed = parts.clone();
    changed.headers.insert(name, value.parse().unwrap());
    changed
}

pub(crate) fn without(parts: &Parts, name: &'static str) -> Parts {
    let mut changed = parts.clone();
    changed.headers.remove(name).unwrap();
    changed
}

pub(crate) fn claim(parts: &Parts) -> Result<Claim, SignatureError> {
    CanonicalRequest::parse(parts)?.credential()
}

pub(crate) fn v4(parts: &Parts) -> Result<SignedClaim, SignatureError> {
    match claim(parts)? {
        Claim::Signed(claim) => Ok(claim),
        Claim::Anonymous(_) | Claim::Bearer(_) => panic!("nothing is signed"),
    }
}

pub(crate) fn terms() -> Terms<'static> {
    Terms {
        now: now(),
        services: &["s3"],
        region: RegionRule::Only("us-east-1"),
        body: BodyProof::Streamed,
        v2: SigV2Rule::Refuse,
    }
}

/// A key that nobody holds.
pub(crate) fn decoy(claim: &SignedClaim) -> VerifyingKey {
    claim.key(&"0123456789abcdef0123456789abcdef".parse().unwrap())
}

/// Verifies as the S3 route does at [`now`].
pub(crate) fn judge(parts: &Parts) -> Result<SignedRequest, SignatureError> {
    judge_by(parts, &terms())
}

pub(crate) fn judge_at(parts: &Parts, seconds: i64) -> Result<SignedRequest, SignatureError> {
    judge_by(parts, &Terms { now: now().plus_seconds(seconds), ..terms() })
}

pub(crate) fn judge_by(parts: &Parts, terms: &Terms<'_>) -> Result<SignedRequest, SignatureError> {
    let claim = v4(parts)?;
    if claim.access_key_id().as_str() != KEY_ID {
        return Err(verify_unknown(claim.clone(), &decoy(&claim), terms));
    }
    let key = claim.key(&SECRET.parse().unwrap());
    verify(claim, &key, terms)
}

pub(crate) fn anonymous(parts: &Parts) -> Result<Verified, SignatureError> {
    match claim(parts)? {
        Claim::Anonymous(claim) => Ok(Verified::anonymous(claim)),
        Claim::Signed(_) | Claim::Bearer(_) => panic!("the request is signed"),
    }
}

/// Reads a whole body that comes in pieces of that many bytes.
pub(crate) fn read(
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
        assert!(input.is_empty(), "all that was pushed was taken");
    }
    Ok((out, decoder.finish()?))
}
