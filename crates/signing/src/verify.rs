//! Does the signature hold: the one place where a claim becomes [`Verified`].

use std::sync::Arc;

use names::{AccessKeyId, Timestamp};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use crate::canonical::{PathRule, canonical_text, is_normal, string_to_sign};
use crate::claim::{ALGORITHM, AnonymousClaim, Form, V4Claim};
use crate::error::SignatureError;
use crate::key::{Scope, SigningKey};
use crate::payload::{PayloadDecoder, PayloadForm};
use crate::request::CanonicalRequest;

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
}

/// A request that was signed with the key it names. Made only by [`verify`]; cloning is cheap.
#[derive(Debug, Clone)]
pub struct SignedRequest(Arc<Proof>);

#[derive(Debug)]
struct Proof {
    claim: V4Claim,
    content_sha256: String,
    payload: PayloadForm,
    age_millis: u64,
    key: SigningKey,
}

/// A request without a credential. Made only by [`Verified::anonymous`].
#[derive(Debug, Clone)]
pub struct AnonymousRequest {
    request: CanonicalRequest,
}

/// Proves that the request was signed by the holder of `key`, for these terms.
///
/// ```
/// use strongroom_signing::{
///     BodyProof, CanonicalRequest, Claim, RegionRule, Scope, SigningKey, Terms, verify,
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
/// let signer = Signer { credentials: &credentials, region: "us-east-1", service: "s3", now };
/// signer.sign(&mut parts, Payload::Unsigned).unwrap();
///
/// let Ok(Claim::V4(claim)) = CanonicalRequest::parse(&parts).unwrap().credential() else {
///     panic!("the request presents a SigV4 credential")
/// };
/// let key = SigningKey::derive(&secret.parse().unwrap(), claim.scope());
/// let terms = Terms {
///     now,
///     services: &["s3"],
///     region: RegionRule::Only("us-east-1"),
///     body: BodyProof::Streamed,
/// };
/// let signed = verify(claim, &key, &terms).unwrap();
/// assert_eq!(signed.request().path(), "/finance/q3.parquet");
/// assert_eq!(signed.auth_type(), "REST-HEADER");
/// ```
///
/// # Errors
/// The scope or time is not within the terms, a header that must be signed is not, the body is not
/// declared as it must be, or the signature is another one.
pub fn verify(
    claim: V4Claim,
    key: &SigningKey,
    terms: &Terms<'_>,
) -> Result<SignedRequest, SignatureError> {
    check_scope(&claim, terms)?;
    check_time(&claim, terms.now)?;
    check_headers(&claim)?;
    if claim.scope.service() != "s3" && !is_normal(claim.request.path()) {
        return Err(SignatureError::PathNotNormal);
    }
    let (content_sha256, payload) = declared_payload(&claim, terms.body)?;
    let rule = PathRule::of(claim.scope.service());
    let canonical = canonical_text(&claim.request, rule, &claim.signed_headers, &content_sha256);
    let text = string_to_sign(claim.signed_at, &claim.scope, &canonical);
    if !same(&key.signature(&text), &claim.signature) {
        return Err(SignatureError::Mismatch);
    }
    let age = terms.now.millis().saturating_sub(claim.signed_at.millis());
    Ok(SignedRequest(Arc::new(Proof {
        content_sha256,
        payload,
        age_millis: u64::try_from(age).unwrap_or(0),
        key: key.clone(),
        claim,
    })))
}

/// The refusal of a request whose access key id nobody holds, after the same work as [`verify`]
/// with a fresh key, so that time does not tell which ids exist.
#[must_use]
pub fn verify_unknown(claim: V4Claim, terms: &Terms<'_>) -> SignatureError {
    let key = SigningKey::decoy(&claim.scope);
    match verify(claim, &key, terms) {
        Ok(_) => SignatureError::Mismatch,
        Err(reason) => reason,
    }
}

/// The one comparison of signatures: in time that does not depend on where they differ.
pub(crate) fn same(one: &str, other: &str) -> bool {
    one.as_bytes().ct_eq(other.as_bytes()).into()
}

fn check_scope(claim: &V4Claim, terms: &Terms<'_>) -> Result<(), SignatureError> {
    let scope = &claim.scope;
    if scope.day() != claim.signed_at.basic_day() {
        return Err(SignatureError::WrongDay { sent: scope.day().to_owned() });
    }
    if !terms.services.contains(&scope.service()) {
        return Err(SignatureError::WrongService {
            sent: scope.service().to_owned(),
            expected: terms.services.join(", "),
        });
    }
    match terms.region {
        RegionRule::Only(region) if scope.region() != region => Err(SignatureError::WrongRegion {
            sent: scope.region().to_owned(),
            expected: region.to_owned(),
        }),
        RegionRule::Only(_) | RegionRule::Any => Ok(()),
    }
}

fn check_time(claim: &V4Claim, now: Timestamp) -> Result<(), SignatureError> {
    let sent = claim.signed_at;
    let early = now < sent.plus_seconds(-SKEW_SECONDS_MAX);
    let late = now > sent.plus_seconds(SKEW_SECONDS_MAX);
    match claim.expiry_seconds {
        None if early || late => Err(SignatureError::Skewed { sent }),
        None => Ok(()),
        Some(_) if early => Err(SignatureError::NotYetValid { from: sent }),
        Some(seconds) => {
            let at = sent.plus_seconds(i64::try_from(seconds).unwrap_or(0));
            if now > at { Err(SignatureError::Expired { at }) } else { Ok(()) }
        }
    }
}

/// `host` and every `x-amz-*` header that was sent must be signed, and what is signed must have
/// been sent (S3 API reference, "Authorization header").
fn check_headers(claim: &V4Claim) -> Result<(), SignatureError> {
    let request = &claim.request;
    let absent = |name: &&String| request.header_values(name).is_empty();
    if let Some(name) = claim.signed_headers.iter().find(absent) {
        return Err(SignatureError::SignedHeaderAbsent { name: name.clone() });
    }
    let must = |name: &str| name == "host" || name.starts_with("x-amz-");
    let mut unsigned: Vec<String> = request
        .header_pairs()
        .iter()
        .map(|(name, _)| name)
        .filter(|name| must(name) && claim.signed_headers.binary_search(name).is_err())
        .cloned()
        .collect();
    unsigned.dedup();
    if unsigned.is_empty() {
        Ok(())
    } else {
        Err(SignatureError::HeadersNotSigned { names: unsigned })
    }
}

/// The text that stands for the body in the canonical request, and how the body is to be proven.
fn declared_payload(
    claim: &V4Claim,
    body: BodyProof,
) -> Result<(String, PayloadForm), SignatureError> {
    let request = &claim.request;
    let malformed = |_| SignatureError::MalformedContentSha256;
    let header = request.header("x-amz-content-sha256").map_err(malformed)?;
    let declared = match (header, claim.form) {
        (None, Form::Presigned) => request.query("X-Amz-Content-Sha256").map_err(malformed)?,
        (header, _) => header,
    };
    let presigned_s3 = claim.form == Form::Presigned && claim.scope.service() == "s3";
    match (declared, body) {
        (Some(text), BodyProof::Streamed) => Ok((text.to_owned(), PayloadForm::parse(text)?)),
        (Some(text), BodyProof::Whole(hash)) => match PayloadForm::parse(text)? {
            PayloadForm::Sha256(declared) if bool::from(declared.ct_eq(&hash)) => {
                Ok((text.to_owned(), PayloadForm::Sha256(hash)))
            }
            PayloadForm::Unsigned if claim.scope.service() == "s3" => {
                Ok((text.to_owned(), PayloadForm::Unsigned))
            }
            _ => Err(SignatureError::ContentSha256Mismatch),
        },
        (None, _) if presigned_s3 => Ok((PayloadForm::UNSIGNED.to_owned(), PayloadForm::Unsigned)),
        (None, BodyProof::Whole(hash)) if claim.scope.service() != "s3" => {
            Ok((hex::encode(hash), PayloadForm::Sha256(hash)))
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

    /// The request.
    #[must_use]
    pub fn request(&self) -> &CanonicalRequest {
        match self {
            Self::Signed(signed) => signed.request(),
            Self::Anonymous(anonymous) => anonymous.request(),
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

    /// What the credential was scoped to.
    #[must_use]
    pub fn scope(&self) -> &Scope {
        &self.0.claim.scope
    }

    /// Where the credential was.
    #[must_use]
    pub fn form(&self) -> Form {
        self.0.claim.form
    }

    /// The condition key `s3:authType`: `REST-HEADER` or `REST-QUERY-STRING`.
    #[must_use]
    pub fn auth_type(&self) -> &'static str {
        match self.0.claim.form {
            Form::Header => "REST-HEADER",
            Form::Presigned => "REST-QUERY-STRING",
        }
    }

    /// The condition key `s3:signatureversion`.
    #[must_use]
    pub fn signature_version(&self) -> &'static str {
        ALGORITHM
    }

    /// When it was signed.
    #[must_use]
    pub fn signed_at(&self) -> Timestamp {
        self.0.claim.signed_at
    }

    /// The condition key `s3:signatureAge`: milliseconds since it was signed, 0 if the client's
    /// clock is ahead.
    #[must_use]
    pub fn age_millis(&self) -> u64 {
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
        self.0.claim.expiry_seconds
    }

    /// See [`Verified::payload`].
    ///
    /// # Errors
    /// As there.
    pub fn payload(&self) -> Result<PayloadDecoder, SignatureError> {
        let chain = crate::chain::Chain::new(
            self.0.key.clone(),
            self.0.claim.signed_at,
            &self.0.claim.scope,
            &self.0.claim.signature,
        );
        PayloadDecoder::new(&self.0.claim.request, self.0.payload, Some(chain))
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
        let declared = self
            .request
            .header("x-amz-content-sha256")
            .map_err(|_| SignatureError::MalformedContentSha256)?;
        let form = declared.map_or(Ok(PayloadForm::Unsigned), PayloadForm::parse)?;
        PayloadDecoder::new(&self.request, form, None)
    }
}
