//! A second reading of SigV4, written from its specification and sharing nothing with the product:
//! what a request's signature is over, and what it should be. It tells whether a changed byte is
//! inside what is signed, and whether a signer and the specification agree at all.

use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};

use crate::encoding::{bytes, decoded};
use crate::signed::Signed;

/// What a signature is over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Over {
    /// The canonical request and the rest of the string to sign, before it is hashed.
    pub text: String,
    /// The digest of the body that the request declares, if it declares one.
    pub declared: Option<String>,
    /// The signature that came with it.
    pub signature: String,
    day: String,
    region: String,
    service: String,
}

struct Claim {
    credential: String,
    names: String,
    signature: String,
    time: String,
    payload: String,
}

/// What the request says is signed; `None` if it says nothing that can be read.
pub fn over(request: &Signed, body: &[u8]) -> Option<Over> {
    let claim = claim(request, body)?;
    let mut parts = claim.credential.rsplitn(5, '/');
    let (end, service, region, day) = (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
    let mut text = format!("{}\n{}\n", request.method, path(request, service));
    text.push_str(&query(request));
    text.push('\n');
    for name in claim.names.split(';') {
        let values: Vec<String> = request.values(name).map(folded).collect();
        text.push_str(&format!("{name}:{}\n", values.join(",")));
    }
    text.push_str(&format!("\n{}\n{}", claim.names, claim.payload));
    let text = format!("{}\n{day}/{region}/{service}/{end}\n{text}", claim.time);
    let declared = Some(claim.payload).filter(|payload| payload.len() == 64);
    Some(Over {
        text,
        declared,
        signature: claim.signature,
        day: day.to_owned(),
        region: region.to_owned(),
        service: service.to_owned(),
    })
}

impl Over {
    /// The signature that the holder of the secret would have made.
    pub fn expected(&self, secret: &str) -> Option<String> {
        let (time, rest) = self.text.split_once('\n')?;
        let (scope, canonical) = rest.split_once('\n')?;
        let digest = hex::encode(Sha256::digest(canonical.as_bytes()));
        let mut key = format!("AWS4{secret}").into_bytes();
        for word in [self.day.as_str(), &self.region, &self.service, "aws4_request"] {
            key = keyed(&key, word)?;
        }
        let text = format!("AWS4-HMAC-SHA256\n{time}\n{scope}\n{digest}");
        keyed(&key, &text).map(hex::encode)
    }
}

fn keyed(key: &[u8], text: &str) -> Option<Vec<u8>> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).ok()?;
    mac.update(text.as_bytes());
    Some(mac.finalize().into_bytes().to_vec())
}

fn claim(request: &Signed, body: &[u8]) -> Option<Claim> {
    let header = request.values("x-amz-content-sha256").next().map(str::to_owned);
    let queried = request
        .parameter("X-Amz-Content-Sha256")
        .or_else(|| request.parameter("x-amz-content-sha256"));
    if let Some(signature) = request.parameter("X-Amz-Signature") {
        return Some(Claim {
            credential: request.parameter("X-Amz-Credential")?,
            names: request.parameter("X-Amz-SignedHeaders")?,
            signature,
            time: request.parameter("X-Amz-Date")?,
            payload: header.or(queried).unwrap_or_else(|| "UNSIGNED-PAYLOAD".to_owned()),
        });
    }
    let text = request.values("authorization").next()?.strip_prefix("AWS4-HMAC-SHA256 ")?;
    let field = |name: &str| {
        let fields = text.split(',').map(str::trim);
        fields.filter_map(|field| field.split_once('=')).find(|(n, _)| *n == name)
    };
    Some(Claim {
        credential: field("Credential")?.1.to_owned(),
        names: field("SignedHeaders")?.1.to_owned(),
        signature: field("Signature")?.1.to_owned(),
        time: request.values("x-amz-date").next()?.to_owned(),
        payload: header.unwrap_or_else(|| hex::encode(Sha256::digest(body))),
    })
}

/// S3 encodes the path once and leaves it otherwise alone; every other service encodes what came.
fn path(request: &Signed, service: &str) -> String {
    let (path, _) = request.split();
    if service == "s3" { bytes(&decoded(path, false), "/") } else { bytes(path.as_bytes(), "/") }
}

fn query(request: &Signed) -> String {
    let (_, query) = request.split();
    let mut pairs: Vec<(String, String)> = query
        .split('&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| pair.split_once('=').unwrap_or((pair, "")))
        .filter(|(name, _)| *name != "X-Amz-Signature")
        .map(|(name, value)| (bytes(&decoded(name, true), ""), bytes(&decoded(value, true), "")))
        .collect();
    pairs.sort();
    let pairs: Vec<String> = pairs.iter().map(|(name, value)| format!("{name}={value}")).collect();
    pairs.join("&")
}

fn folded(value: &str) -> String {
    let mut out = String::new();
    for letter in value.trim_matches([' ', '\t']).chars() {
        if letter != ' ' || !out.ends_with(' ') {
            out.push(letter);
        }
    }
    out
}
