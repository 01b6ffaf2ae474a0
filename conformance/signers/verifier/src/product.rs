//! The product's verification, entered as its door enters it.

use bytes::Bytes;
use http::header::{HeaderName, HeaderValue};
use http::request::Parts;
use names::{SecretKey, Timestamp};
use signing::{
    BodyProof, CanonicalRequest, Claim, RegionRule, SigV2Rule, SignatureError, Terms, Verified,
    verify,
};

use crate::case::Case;
use crate::signed::Signed;

/// Why a request was not taken.
#[derive(Debug)]
pub enum Refusal {
    /// It is not even HTTP: nothing is shown by refusing it.
    NotHttp,
    /// The product refused it.
    Product(SignatureError),
    /// It was taken as someone else's than the key's.
    Anonymous,
}

/// Judges a signed request with its body, as the route of its service does.
pub fn judge(case: &Case, request: &Signed, body: &[u8]) -> Result<(), Refusal> {
    let parts = parts(request).ok_or(Refusal::NotHttp)?;
    let now = Timestamp::parse_iso_basic(&case.time).map_err(|_| Refusal::NotHttp)?;
    let secret: SecretKey = case.secret.parse().map_err(|_| Refusal::NotHttp)?;
    let s3 = case.service == "s3";
    let verified = (|| {
        let Claim::Signed(claim) = CanonicalRequest::parse(&parts)?.credential()? else {
            return Ok(None);
        };
        let key = claim.key(&secret);
        let services: &[&str] = if s3 { &["s3"] } else { &["sts", "iam"] };
        let body = if s3 { BodyProof::Streamed } else { BodyProof::whole(body) };
        let region = RegionRule::Only(&case.region);
        let terms = Terms { now, services, region, body, v2: SigV2Rule::Refuse };
        verify(claim, &key, &terms).map(Some)
    })()
    .map_err(Refusal::Product)?;
    let Some(signed) = verified else { return Err(Refusal::Anonymous) };
    if signed.access_key_id().as_str() != case.access
        || signed.session_token() != case.token.as_deref()
    {
        return Err(Refusal::Anonymous);
    }
    if s3 { read(&Verified::from(signed), body).map_err(Refusal::Product) } else { Ok(()) }
}

fn read(verified: &Verified, body: &[u8]) -> Result<(), SignatureError> {
    let mut decoder = verified.payload()?;
    let mut input = Bytes::copy_from_slice(body);
    while decoder.push(&mut input)?.is_some() {}
    decoder.finish().map(|_| ())
}

/// The head as the HTTP library hands it over.
fn parts(request: &Signed) -> Option<Parts> {
    let mut builder =
        http::Request::builder().method(request.method.as_str()).uri(request.target.as_str());
    for (name, value) in &request.headers {
        let name = HeaderName::from_bytes(name.as_bytes()).ok()?;
        let value = HeaderValue::from_bytes(value.trim_matches([' ', '\t']).as_bytes()).ok()?;
        builder = builder.header(name, value);
    }
    builder.body(()).ok().map(|request| request.into_parts().0)
}
