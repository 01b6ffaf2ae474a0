//! The client's side: signing requests, presigning links, framing bodies.

use http::header::{HeaderName, HeaderValue};
use http::request::Parts;
use names::{AccessKeyId, SecretKey, Timestamp};
use sha2::{Digest, Sha256};

use crate::canonical::{PathRule, canonical_text, string_to_sign};
use crate::chain::{Chain, Link};
use crate::claim::EXPIRY_SECONDS_MAX;
use crate::ecdsa::KeyPair;
use crate::encode::encoded;
use crate::error::SignatureError;
use crate::key::{Algorithm, Scope, SigningKey};
use crate::payload::PayloadForm;
use crate::request::CanonicalRequest;

/// What a client signs with.
#[derive(Debug, Clone)]
pub struct Credentials {
    /// The public half of the key.
    pub access_key_id: AccessKeyId,
    /// The secret half.
    pub secret: SecretKey,
    /// The token of a temporary key.
    pub session_token: Option<String>,
}

/// Signs requests of one client, for one service, at one time.
#[derive(Debug, Clone, Copy)]
pub struct Signer<'a> {
    /// Who signs.
    pub credentials: &'a Credentials,
    /// The region that the server is in.
    pub region: &'a str,
    /// The service's signing name: `s3`, `sts`, `iam`.
    pub service: &'a str,
    /// The time at the client.
    pub now: Timestamp,
    /// How to sign. For SigV4A `region` is a set of regions, separated by commas; `*` is all.
    pub algorithm: Algorithm,
}

/// What is said about the body of a request that is being signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Payload<'a> {
    /// The whole body: its digest is signed.
    Whole(&'a [u8]),
    /// Its digest alone.
    Sha256([u8; 32]),
    /// Nothing: the body is not signed.
    Unsigned,
    /// It will come in signed chunks; the headers `x-amz-decoded-content-length` and
    /// `content-encoding` are the caller's.
    SignedChunks,
    /// The same, with the trailers that the caller announces in `x-amz-trailer`.
    SignedChunksTrailer,
    /// It will come in unsigned chunks, with the trailers that the caller announces.
    UnsignedTrailer,
}

impl Payload<'_> {
    fn text(self, algorithm: Algorithm) -> String {
        match self {
            Self::Whole(bytes) => hex::encode(Sha256::digest(bytes)),
            Self::Sha256(digest) => hex::encode(digest),
            Self::Unsigned => PayloadForm::UNSIGNED.to_owned(),
            Self::SignedChunks => match algorithm {
                Algorithm::Hmac => PayloadForm::SIGNED_CHUNKS.to_owned(),
                Algorithm::Ecdsa => PayloadForm::ECDSA_CHUNKS.to_owned(),
            },
            Self::SignedChunksTrailer => match algorithm {
                Algorithm::Hmac => PayloadForm::SIGNED_CHUNKS_TRAILER.to_owned(),
                Algorithm::Ecdsa => PayloadForm::ECDSA_CHUNKS_TRAILER.to_owned(),
            },
            Self::UnsignedTrailer => PayloadForm::UNSIGNED_TRAILER.to_owned(),
        }
    }
}

/// Headers that proxies and HTTP libraries may change or add, and that are therefore not signed.
const NEVER_SIGNED: [&str; 12] = [
    "accept-encoding",
    "authorization",
    "connection",
    "expect",
    "keep-alive",
    "proxy-authorization",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "user-agent",
    "x-amzn-trace-id",
];

impl Signer<'_> {
    /// Signs in header form: adds `host` (from the target's authority, if absent), `x-amz-date`,
    /// `x-amz-content-sha256`, `x-amz-security-token` and `authorization`. Signs every header but
    /// those that travel may change. Returns the chain that signs the body's chunks.
    ///
    /// See [`crate::verify`] for an example.
    ///
    /// # Errors
    /// The request could not be sent either: [`CanonicalRequest::parse`] refuses it.
    pub fn sign(
        &self,
        parts: &mut Parts,
        payload: Payload<'_>,
    ) -> Result<ChunkSigner, SignatureError> {
        let text = payload.text(self.algorithm);
        parts.headers.remove("authorization");
        if let (None, Some(authority)) = (parts.headers.get("host"), parts.uri.authority().cloned())
        {
            set(parts, "host", authority.as_str())?;
        }
        set(parts, "x-amz-date", &self.now.iso_basic())?;
        if self.service == "s3" || !matches!(payload, Payload::Whole(_) | Payload::Sha256(_)) {
            set(parts, "x-amz-content-sha256", &text)?;
        }
        if let Some(token) = &self.credentials.session_token {
            set(parts, "x-amz-security-token", token)?;
        }
        if self.algorithm == Algorithm::Ecdsa {
            set(parts, "x-amz-region-set", self.region)?;
        }
        let (headers, signature, chain) = self.signature(parts, &text)?;
        let authorization = format!(
            "{} Credential={}/{}, SignedHeaders={}, Signature={signature}",
            self.algorithm.as_str(),
            self.credentials.access_key_id,
            self.scope(),
            headers.join(";"),
        );
        set(parts, "authorization", &authorization)?;
        Ok(ChunkSigner { chain })
    }

    /// Presigns: puts the credential into the target's query, good for so many seconds from now.
    /// The headers that `parts` has (and `host`) must then be sent with the request as they are.
    ///
    /// ```
    /// use strongroom_signing::Algorithm;
    /// use strongroom_signing::sign::{Credentials, Signer};
    /// let credentials = Credentials {
    ///     access_key_id: "AKIAIOSFODNN7EXAMPLE".parse().unwrap(),
    ///     secret: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY".parse().unwrap(),
    ///     session_token: None,
    /// };
    /// let (mut parts, ()) = http::Request::get("https://examplebucket.s3.amazonaws.com/test.txt")
    ///     .body(())
    ///     .unwrap()
    ///     .into_parts();
    /// let now = "2013-05-24".parse().unwrap();
    /// let signer = Signer {
    ///     credentials: &credentials,
    ///     region: "us-east-1",
    ///     service: "s3",
    ///     now,
    ///     algorithm: Algorithm::Hmac,
    /// };
    /// signer.presign(&mut parts, 86_400).unwrap();
    /// // The documented example.
    /// assert!(parts.uri.to_string().ends_with(
    ///     "X-Amz-Signature=aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404"
    /// ));
    /// ```
    ///
    /// # Errors
    /// The expiry is not from 1 to [`EXPIRY_SECONDS_MAX`], or the request is refused as by
    /// [`CanonicalRequest::parse`].
    pub fn presign(&self, parts: &mut Parts, expiry_seconds: u64) -> Result<(), SignatureError> {
        if !(1..=EXPIRY_SECONDS_MAX).contains(&expiry_seconds) {
            return Err(SignatureError::BadExpiry);
        }
        let names = signed_names(&CanonicalRequest::parse(parts)?);
        let credential = format!("{}/{}", self.credentials.access_key_id, self.scope());
        let (date, expiry) = (self.now.iso_basic(), expiry_seconds.to_string());
        let mut query = vec![
            ("X-Amz-Algorithm", self.algorithm.as_str().to_owned()),
            ("X-Amz-Credential", credential),
            ("X-Amz-Date", date),
            ("X-Amz-Expires", expiry),
            ("X-Amz-SignedHeaders", names.join(";")),
        ];
        if let Some(token) = &self.credentials.session_token {
            query.push(("X-Amz-Security-Token", token.clone()));
        }
        if self.algorithm == Algorithm::Ecdsa {
            query.push(("X-Amz-Region-Set", self.region.to_owned()));
        }
        for (name, value) in &query {
            push_query(parts, name, value)?;
        }
        let declared = parts.headers.get("x-amz-content-sha256").and_then(|v| v.to_str().ok());
        let payload = match (declared, self.service) {
            (Some(text), _) => text.to_owned(),
            (None, "s3") => PayloadForm::UNSIGNED.to_owned(),
            (None, _) => Payload::Whole(b"").text(self.algorithm),
        };
        let (_, signature, _) = self.signature(parts, &payload)?;
        push_query(parts, "X-Amz-Signature", &signature)
    }

    fn scope(&self) -> Scope {
        match self.algorithm {
            Algorithm::Hmac => Scope::new(self.now, self.region, self.service),
            Algorithm::Ecdsa => Scope::regionless(self.now, self.service),
        }
    }

    fn signature(
        &self,
        parts: &Parts,
        payload: &str,
    ) -> Result<(Vec<String>, String, Chain), SignatureError> {
        let request = CanonicalRequest::parse(parts)?;
        let (names, scope) = (signed_names(&request), self.scope());
        let canonical = canonical_text(&request, PathRule::of(self.service), &names, payload);
        let text = string_to_sign(self.algorithm, self.now, &scope, &canonical);
        let Credentials { access_key_id, secret, .. } = self.credentials;
        let (signature, link) = match self.algorithm {
            Algorithm::Hmac => {
                let key = SigningKey::derive(secret, &scope);
                (key.signature(&text), Link::Hmac(key))
            }
            Algorithm::Ecdsa => {
                let pair = KeyPair::derive(secret, access_key_id.as_str())?;
                (pair.sign(&text)?, Link::Pair(pair))
            }
        };
        let chain = Chain::new(link, self.now, &scope, &signature);
        Ok((names, signature, chain))
    }
}

/// The signature of a browser form's policy: of its text in base64, as the form carries it (S3 API
/// reference, "POST policy").
#[must_use]
pub fn sign_policy(secret: &SecretKey, scope: &Scope, policy: &str) -> String {
    SigningKey::derive(secret, scope).signature(policy)
}

/// Frames and signs the chunks of a body, in order, as [`crate::PayloadDecoder`] reads them.
#[derive(Debug, Clone)]
pub struct ChunkSigner {
    chain: Chain,
}

impl ChunkSigner {
    /// One chunk, framed and signed. An empty one is the last.
    #[must_use]
    pub fn chunk(&mut self, data: &[u8]) -> Vec<u8> {
        let mut framed = self.head(data);
        framed.extend_from_slice(data);
        framed.extend_from_slice(b"\r\n");
        framed
    }

    /// The end of a body with trailers: the last chunk, the trailers, and their signature. Names
    /// are in lower case.
    #[must_use]
    pub fn trailers(&mut self, trailers: &[(&str, &str)]) -> Vec<u8> {
        let mut framed = self.head(b"");
        for (name, value) in trailers {
            framed.extend_from_slice(format!("{name}:{value}\r\n").as_bytes());
        }
        let lines: String =
            trailers.iter().map(|(name, value)| format!("{name}:{value}\n")).collect();
        let signature = self.chain.sign_trailer(&lines);
        framed.extend_from_slice(format!("x-amz-trailer-signature:{signature}\r\n\r\n").as_bytes());
        framed
    }

    fn head(&mut self, data: &[u8]) -> Vec<u8> {
        let signature = self.chain.sign_chunk(&Sha256::digest(data).into());
        format!("{:x};chunk-signature={signature}\r\n", data.len()).into_bytes()
    }
}

/// One chunk of a body that is not signed; an empty one has no meaning here.
#[must_use]
pub fn unsigned_chunk(data: &[u8]) -> Vec<u8> {
    let mut framed = format!("{:x}\r\n", data.len()).into_bytes();
    framed.extend_from_slice(data);
    framed.extend_from_slice(b"\r\n");
    framed
}

/// The end of a body that is not signed: the last chunk and the trailers.
#[must_use]
pub fn unsigned_trailers(trailers: &[(&str, &str)]) -> Vec<u8> {
    let mut framed = b"0\r\n".to_vec();
    for (name, value) in trailers {
        framed.extend_from_slice(format!("{name}:{value}\r\n").as_bytes());
    }
    framed.extend_from_slice(b"\r\n");
    framed
}

fn signed_names(request: &CanonicalRequest) -> Vec<String> {
    let mut names: Vec<String> = request
        .header_pairs()
        .iter()
        .map(|(name, _)| name.clone())
        .filter(|name| !NEVER_SIGNED.contains(&name.as_str()))
        .collect();
    names.dedup();
    names
}

fn set(parts: &mut Parts, name: &'static str, value: &str) -> Result<(), SignatureError> {
    let value = HeaderValue::from_str(value)
        .map_err(|_| SignatureError::MalformedHeader { name: name.to_owned() })?;
    parts.headers.insert(HeaderName::from_static(name), value);
    Ok(())
}

fn push_query(parts: &mut Parts, name: &str, value: &str) -> Result<(), SignatureError> {
    let old = parts.uri.path_and_query().map_or("/", http::uri::PathAndQuery::as_str);
    let joint = if parts.uri.query().is_some() { '&' } else { '?' };
    let target = format!("{old}{joint}{name}={}", encoded(value));
    let mut uri = parts.uri.clone().into_parts();
    uri.path_and_query = Some(target.parse().map_err(|_| SignatureError::MalformedQueryString)?);
    parts.uri = http::Uri::from_parts(uri).map_err(|_| SignatureError::MalformedQueryString)?;
    Ok(())
}
