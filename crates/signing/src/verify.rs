//! Does the signature hold: the one place where a claim becomes [`Verified`].

use std::str::FromStr;
use std::sync::Arc;

use names::{AccessKeyId, Timestamp};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use crate::canonical::hexadecimal;
use crate::chain::Chain;
use crate::claim::{AnonymousClaim, BearerClaim, Form, Kind, SignedClaim, Version};
use crate::error::SignatureError;
use crate::form::Posted;
use crate::key::{Algorithm, Scope, VerifyingKey};
use crate::payload::{PayloadDecoder, PayloadForm};
use crate::request::CanonicalRequest;
use crate::v2;

/// Furthest that a request's time may be from the server's: fifteen minutes (S3 API reference,
/// `RequestTimeTooSkewed`).
pub const SKEW_SECONDS_MAX: i64 = 900;

/// What a signature must have been made for.
#[derive(Debug, Clone, Copy)]
pub struct Terms<'a> {
    /// The time at the server.
    pub now: Timestamp,
    /// The services that this route serves, such as `["s3"]`.
    pub services: &'a [&'a str],
    /// Which regions will do.
    pub region: RegionRule<'a>,
    /// How the body is known.
    pub body: BodyProof,
    /// Whether the old Signature Version 2 will do.
    pub v2: SigV2Rule,
}

/// Whether Signature Version 2, which proves neither the body nor most of the query, is taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum SigV2Rule {
    /// It is refused.
    #[default]
    Refuse,
    /// It is taken where S3 is spoken.
    Allow,
}

/// The text is neither `refuse` nor `allow`.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("either `refuse` or `allow`")]
pub struct BadSigV2Rule;

impl FromStr for SigV2Rule {
    type Err = BadSigV2Rule;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "refuse" => Ok(Self::Refuse),
            "allow" => Ok(Self::Allow),
            _ => Err(BadSigV2Rule),
        }
    }
}

/// Which regions a credential may be scoped to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RegionRule<'a> {
    /// Every region.
    Any,
    /// This region.
    Only(&'a str),
}

/// How the body of a request is known when its signature is verified.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BodyProof {
    /// It is yet to come: it must be declared in `x-amz-content-sha256` and read through
    /// [`Verified::payload`].
    Streamed,
    /// It is here, whole, and this is its SHA-256.
    Whole([u8; 32]),
}

impl BodyProof {
    /// The proof of a body that is here.
    ///
    /// ```
    /// use strongroom_signing::BodyProof;
    /// assert!(matches!(BodyProof::whole(b"Action=GetCallerIdentity"), BodyProof::Whole(_)));
    /// ```
    #[must_use]
    pub fn whole(body: &[u8]) -> Self {
        Self::Whole(Sha256::digest(body).into())
    }
}

/// A request whose credential, or the absence of any, has been proven. It owns the request; only
/// this module makes one.
#[derive(Debug, Clone)]
pub enum Verified {
    /// Signed by the holder of a key.
    Signed(SignedRequest),
    /// Presenting no credential of any kind.
    Anonymous(AnonymousRequest),
    /// Presenting a token, which is for its issuer's keys to prove: see [`Verified::bearer`].
    Bearer(BearerRequest),
}

/// A request that was signed with the key it names. Made only by [`verify`]; cloning is cheap.
#[derive(Debug, Clone)]
pub struct SignedRequest(Arc<Proof>);

#[derive(Debug)]
struct Proof {
    claim: SignedClaim,
    content_sha256: String,
    payload: PayloadForm,
    age_millis: Option<u64>,
    region: Option<String>,
    lengths: Option<(u64, u64)>,
    key: VerifyingKey,
}

/// A request without a credential. Made only by [`Verified::anonymous`].
#[derive(Debug, Clone)]
pub struct AnonymousRequest {
    request: CanonicalRequest,
}

/// A request that presents a token. Made only by [`Verified::bearer`]. No signature covers it: what
/// it says beyond the token is as trustworthy as the connection that it came by.
#[derive(Debug, Clone)]
pub struct BearerRequest {
    request: CanonicalRequest,
}

/// Proves that the request was signed by the holder of `key`, for these terms.
///
/// ```
/// use strongroom_signing::{
///     Algorithm, BodyProof, CanonicalRequest, Claim, RegionRule, SigV2Rule, Terms, verify,
/// };
/// use strongroom_signing::sign::{Credentials, Payload, Signer};
///
/// let now = "2026-01-02T03:04:05Z".parse().unwrap();
/// let secret = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";
/// let credentials = Credentials {
///     access_key_id: "AKIAIOSFODNN7EXAMPLE".parse().unwrap(),
///     secret: secret.parse().unwrap(),
///     session_token: None,
/// };
/// let (mut parts, ()) = http::Request::get("http://store.example/finance/q3.parquet")
///     .body(())
///     .unwrap()
///     .into_parts();
/// let signer = Signer {
///     credentials: &credentials,
///     region: "us-east-1",
///     service: "s3",
///     now,
///     algorithm: Algorithm::Hmac,
/// };
/// signer.sign(&mut parts, Payload::Unsigned).unwrap();
///
/// let Ok(Claim::Signed(claim)) = CanonicalRequest::parse(&parts).unwrap().credential() else {
///     panic!("the request presents a credential")
/// };
/// let key = claim.key(&secret.parse().unwrap());
/// let terms = Terms {
///     now,
///     services: &["s3"],
///     region: RegionRule::Only("us-east-1"),
///     body: BodyProof::Streamed,
///     v2: SigV2Rule::Refuse,
/// };
/// let signed = verify(claim, &key, &terms).unwrap();
/// assert_eq!(signed.request().path(), "/finance/q3.parquet");
/// assert_eq!(signed.auth_type(), "REST-HEADER");
/// ```
///
/// # Errors
/// The scope or time is not within the terms, a header that must be signed is not, the body is not
/// declared as it must be, or the signature is another one.
// One piece of machine code for keys and decoys, so that both take its time.
#[inline(never)]
pub fn verify(
    mut claim: SignedClaim,
    key: &VerifyingKey,
    terms: &Terms<'_>,
) -> Result<SignedRequest, SignatureError> {
    if let Some(posted) = claim.posted.take() {
        return verify_form(claim, &posted, key, terms);
    }
    let request = &claim.request;
    match &claim.kind {
        Kind::V4(v4) => v4.check(request, terms)?,
        Kind::V2(v2) => v2.check(request, terms)?,
    }
    let (content_sha256, payload) = declared_payload(&claim, terms.body)?;
    let (text, other) = match &claim.kind {
        Kind::V4(v4) => (v4.text(request, &content_sha256), None),
        Kind::V2(v2) => v2.texts(request)?,
    };
    let proves = |text: &String| key.proves(text, &claim.signature);
    if !(proves(&text) | other.as_ref().is_some_and(proves)) {
        return Err(SignatureError::Mismatch);
    }
    Ok(SignedRequest(Arc::new(Proof {
        content_sha256,
        payload,
        age_millis: age_millis(&claim, terms.now),
        region: region(&claim, terms.region),
        lengths: None,
        key: key.clone(),
        claim,
    })))
}

/// A form signs its policy, and the policy says what the fields may be. Its own expiration stands
/// for a window of time.
fn verify_form(
    claim: SignedClaim,
    posted: &Posted,
    key: &VerifyingKey,
    terms: &Terms<'_>,
) -> Result<SignedRequest, SignatureError> {
    match &claim.kind {
        Kind::V4(v4) => v4.check_scope(terms)?,
        Kind::V2(_) => v2::admitted(terms)?,
    }
    if !key.proves(&posted.text, &claim.signature) {
        return Err(SignatureError::Mismatch);
    }
    let policy = posted.policy(terms.now)?;
    Ok(SignedRequest(Arc::new(Proof {
        content_sha256: PayloadForm::UNSIGNED.to_owned(),
        payload: PayloadForm::Unsigned,
        age_millis: age_millis(&claim, terms.now),
        region: region(&claim, terms.region),
        lengths: Some(policy.lengths()),
        key: key.clone(),
        claim,
    })))
}

/// How long ago a Version 4 signature was made; no time if the client's clock is ahead.
fn age_millis(claim: &SignedClaim, now: Timestamp) -> Option<u64> {
    let Kind::V4(v4) = &claim.kind else { return None };
    let age = now.millis().saturating_sub(v4.signed_at.millis());
    Some(u64::try_from(age).unwrap_or(0))
}

fn region(claim: &SignedClaim, rule: RegionRule<'_>) -> Option<String> {
    let own = match &claim.kind {
        Kind::V4(v4) => v4.region(),
        Kind::V2(_) => None,
    };
    match rule {
        RegionRule::Only(region) => Some(region.to_owned()),
        RegionRule::Any => own.map(str::to_owned),
    }
}

/// The refusal of a request whose access key id nobody holds, after the same work as [`verify`]
/// with `decoy`, a key that nobody holds either, so that time does not tell which ids exist. See
/// [`crate::KeyCache::decoy`].
#[must_use]
pub fn verify_unknown(
    claim: SignedClaim,
    decoy: &VerifyingKey,
    terms: &Terms<'_>,
) -> SignatureError {
    match verify(claim, decoy, terms) {
        Ok(_) => SignatureError::Mismatch,
        Err(reason) => reason,
    }
}

/// The one comparison of signatures: in time that does not depend on where they differ.
pub(crate) fn same(one: &str, other: &str) -> bool {
    same_bytes(one.as_bytes(), other.as_bytes())
}

/// The same, of bytes.
pub(crate) fn same_bytes(one: &[u8], other: &[u8]) -> bool {
    one.ct_eq(other).into()
}

/// The text that stands for the body in the canonical request, and how the body is to be proven.
fn declared_payload(
    claim: &SignedClaim,
    body: BodyProof,
) -> Result<(String, PayloadForm), SignatureError> {
    let request = &claim.request;
    let malformed = |_| SignatureError::MalformedContentSha256;
    let declared = request.header("x-amz-content-sha256").map_err(malformed)?;
    let (algorithm, s3, optional) = match &claim.kind {
        Kind::V4(v4) => {
            let s3 = v4.scope.service() == "s3";
            (Some(v4.algorithm), s3, s3 && claim.form == Form::Presigned)
        }
        Kind::V2(_) => (None, true, true),
    };
    let parse = |text: &str| match PayloadForm::parse(text)? {
        form if form.chunks().is_some_and(|chunks| algorithm != Some(chunks)) => {
            Err(SignatureError::MalformedContentSha256)
        }
        form => Ok(form),
    };
    match (declared, body) {
        (Some(text), BodyProof::Streamed) => Ok((text.to_owned(), parse(text)?)),
        (Some(text), BodyProof::Whole(hash)) => match parse(text)? {
            PayloadForm::Sha256(declared) if same_bytes(&declared, &hash) => {
                Ok((text.to_owned(), PayloadForm::Sha256(hash)))
            }
            PayloadForm::Unsigned if s3 => Ok((text.to_owned(), PayloadForm::Unsigned)),
            _ => Err(SignatureError::ContentSha256Mismatch),
        },
        (None, _) if optional => Ok((PayloadForm::UNSIGNED.to_owned(), PayloadForm::Unsigned)),
        (None, BodyProof::Whole(hash)) if !s3 => {
            Ok((hexadecimal(&hash), PayloadForm::Sha256(hash)))
        }
        (None, _) => Err(SignatureError::MissingContentSha256),
    }
}

impl Verified {
    /// Takes a request that presents no credential of any kind for what it is.
    #[must_use]
    pub fn anonymous(claim: AnonymousClaim) -> Self {
        Self::Anonymous(AnonymousRequest { request: claim.request })
    }

    /// Takes a request whose token its issuer's keys have proven. The token is not this library's
    /// to prove: call this with proof in hand, and never without.
    ///
    /// # Errors
    /// The body is here and is not what `x-amz-content-sha256` says of it.
    pub fn bearer(claim: BearerClaim, body: BodyProof) -> Result<Self, SignatureError> {
        let request = BearerRequest { request: claim.request };
        if let (BodyProof::Whole(hash), Some(form)) = (body, request.declared()?)
            && !matches!(form, PayloadForm::Unsigned)
            && !matches!(form, PayloadForm::Sha256(declared) if same_bytes(&declared, &hash))
        {
            return Err(SignatureError::ContentSha256Mismatch);
        }
        Ok(Self::Bearer(request))
    }

    /// The request.
    #[must_use]
    pub fn request(&self) -> &CanonicalRequest {
        match self {
            Self::Signed(signed) => signed.request(),
            Self::Anonymous(anonymous) => anonymous.request(),
            Self::Bearer(bearer) => &bearer.request,
        }
    }

    /// The decoder that the request's body must be read through.
    ///
    /// # Errors
    /// The headers that a chunked body needs are absent or malformed, or an anonymous request
    /// declares a body whose chunks are signed.
    pub fn payload(&self) -> Result<PayloadDecoder, SignatureError> {
        match self {
            Self::Signed(signed) => signed.payload(),
            Self::Anonymous(anonymous) => anonymous.payload(),
            Self::Bearer(bearer) => bearer.payload(),
        }
    }
}

impl From<SignedRequest> for Verified {
    fn from(signed: SignedRequest) -> Self {
        Self::Signed(signed)
    }
}

impl SignedRequest {
    /// The request that was signed.
    #[must_use]
    pub fn request(&self) -> &CanonicalRequest {
        &self.0.claim.request
    }

    /// The key that signed it.
    #[must_use]
    pub fn access_key_id(&self) -> &AccessKeyId {
        &self.0.claim.access_key_id
    }

    /// The session token that was signed with it; whether it belongs to the key is still to be
    /// seen.
    #[must_use]
    pub fn session_token(&self) -> Option<&str> {
        self.0.claim.session_token.as_deref()
    }

    /// What the credential was scoped to; a SigV2 signature has no scope.
    #[must_use]
    pub fn scope(&self) -> Option<&Scope> {
        self.0.claim.scope()
    }

    /// The service that was signed for.
    #[must_use]
    pub fn service(&self) -> &str {
        self.scope().map_or("s3", Scope::service)
    }

    /// The region that was asked: the terms', or the one that the signature is for.
    #[must_use]
    pub fn region(&self) -> Option<&str> {
        self.0.region.as_deref()
    }

    /// Where the credential was.
    #[must_use]
    pub fn form(&self) -> Form {
        self.0.claim.form
    }

    /// The condition key `s3:authType`: `REST-HEADER`, `REST-QUERY-STRING` or `POST`.
    #[must_use]
    pub fn auth_type(&self) -> &'static str {
        match self.0.claim.form {
            Form::Header => "REST-HEADER",
            Form::Presigned => "REST-QUERY-STRING",
            Form::Post => "POST",
        }
    }

    /// The condition key `s3:signatureversion`.
    #[must_use]
    pub fn signature_version(&self) -> &'static str {
        match self.0.claim.version() {
            Version::V2 => "AWS",
            Version::V4 => Algorithm::Hmac.as_str(),
            Version::V4A => Algorithm::Ecdsa.as_str(),
        }
    }

    /// The signature's version.
    #[must_use]
    pub fn version(&self) -> Version {
        self.0.claim.version()
    }

    /// How long the file of a form may be, at least and at most, by its policy.
    #[must_use]
    pub fn lengths(&self) -> Option<(u64, u64)> {
        self.0.lengths
    }

    /// When it was signed; a presigned SigV2 request does not say.
    #[must_use]
    pub fn signed_at(&self) -> Option<Timestamp> {
        self.0.claim.signed_at()
    }

    /// The condition key `s3:signatureAge`: milliseconds since it was signed, 0 if the client's
    /// clock is ahead. Only Version 4 has it.
    #[must_use]
    pub fn age_millis(&self) -> Option<u64> {
        self.0.age_millis
    }

    /// The condition key `s3:x-amz-content-sha256`: the body's digest or the word in its place, as
    /// it was signed.
    #[must_use]
    pub fn content_sha256(&self) -> &str {
        &self.0.content_sha256
    }

    /// `X-Amz-Expires` of a presigned request, in seconds.
    #[must_use]
    pub fn expiry_seconds(&self) -> Option<u64> {
        match &self.0.claim.kind {
            Kind::V4(v4) => v4.expiry_seconds,
            Kind::V2(_) => None,
        }
    }

    /// See [`Verified::payload`].
    ///
    /// # Errors
    /// As there.
    pub fn payload(&self) -> Result<PayloadDecoder, SignatureError> {
        let claim = &self.0.claim;
        let chain = match (&claim.kind, self.0.key.link()) {
            (Kind::V4(v4), Some(link)) => {
                Some(Chain::new(link, v4.signed_at, &v4.scope, &claim.signature))
            }
            _ => None,
        };
        PayloadDecoder::new(&claim.request, self.0.payload, chain)
    }
}

impl AnonymousRequest {
    /// The request.
    #[must_use]
    pub fn request(&self) -> &CanonicalRequest {
        &self.request
    }

    /// See [`Verified::payload`].
    ///
    /// # Errors
    /// As there.
    pub fn payload(&self) -> Result<PayloadDecoder, SignatureError> {
        let form = declared(&self.request)?.unwrap_or(PayloadForm::Unsigned);
        PayloadDecoder::new(&self.request, form, None)
    }
}

impl BearerRequest {
    /// The request.
    #[must_use]
    pub fn request(&self) -> &CanonicalRequest {
        &self.request
    }

    /// See [`Verified::payload`]. No key signs its chunks.
    ///
    /// # Errors
    /// As there.
    pub fn payload(&self) -> Result<PayloadDecoder, SignatureError> {
        let form = self.declared()?.unwrap_or(PayloadForm::Unsigned);
        PayloadDecoder::new(&self.request, form, None)
    }

    fn declared(&self) -> Result<Option<PayloadForm>, SignatureError> {
        declared(&self.request)
    }
}

/// What `x-amz-content-sha256` says, if it was sent.
fn declared(request: &CanonicalRequest) -> Result<Option<PayloadForm>, SignatureError> {
    let malformed = |_| SignatureError::MalformedContentSha256;
    let declared = request.header("x-amz-content-sha256").map_err(malformed)?;
    declared.map(PayloadForm::parse).transpose()
}
