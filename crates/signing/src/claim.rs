//! Which credential a request presents: found and read, not yet believed.

use std::fmt;

use names::{AccessKeyId, SecretKey, Timestamp};

use crate::error::{Mechanism, SignatureError};
use crate::form::Posted;
use crate::key::{Scope, VerifyingKey};
use crate::request::CanonicalRequest;
use crate::v2::V2Terms;
use crate::v4::V4Terms;

/// Longest life of a presigned request: a week (S3 API reference, "Authenticating requests: using
/// query parameters").
pub const EXPIRY_SECONDS_MAX: u64 = 604_800;

/// The query parameters that present a SigV4 credential. Any of them makes a request presigned.
pub(crate) const V4_QUERY: [&str; 8] = [
    "X-Amz-Algorithm",
    "X-Amz-Credential",
    "X-Amz-Date",
    "X-Amz-Expires",
    "X-Amz-Region-Set",
    "X-Amz-SignedHeaders",
    "X-Amz-Signature",
    "X-Amz-Security-Token",
];

/// The query parameters that present a SigV2 credential.
pub(crate) const V2_QUERY: [&str; 2] = ["AWSAccessKeyId", "Signature"];

/// Whether a header of that lower-case name is a part of a presigned credential.
pub(crate) fn is_credential(name: &str) -> bool {
    V4_QUERY.iter().any(|known| known.eq_ignore_ascii_case(name))
}

/// Who a request says it is from. Both kinds own the request they were read from, so that what is
/// verified is what was claimed.
#[derive(Debug, Clone)]
#[expect(clippy::large_enum_variant, reason = "it lives on the stack of one request, once")]
pub enum Claim {
    /// No credential of any kind was presented.
    Anonymous(AnonymousClaim),
    /// A signature was presented.
    Signed(SignedClaim),
    /// An identity provider's token was presented in a signature's place.
    Bearer(BearerClaim),
}

impl Claim {
    /// The request it was read from.
    #[must_use]
    pub fn request(&self) -> &CanonicalRequest {
        match self {
            Self::Anonymous(claim) => &claim.request,
            Self::Signed(claim) => &claim.request,
            Self::Bearer(claim) => &claim.request,
        }
    }
}

/// A request that presents a token as `Authorization: Bearer …` (RFC 6750 §2.1). Nothing is known
/// of the token: whose it is, only its issuer's keys can tell.
#[derive(Clone)]
pub struct BearerClaim {
    pub(crate) request: CanonicalRequest,
    pub(crate) token: String,
}

impl BearerClaim {
    /// The request it was read from.
    #[must_use]
    pub fn request(&self) -> &CanonicalRequest {
        &self.request
    }

    /// The token. **Not verified.**
    #[must_use]
    pub fn token(&self) -> &str {
        &self.token
    }
}

/// The token is not printed.
impl fmt::Debug for BearerClaim {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BearerClaim").field("request", &self.request).finish_non_exhaustive()
    }
}

/// A request without a credential of any kind.
#[derive(Debug, Clone)]
pub struct AnonymousClaim {
    pub(crate) request: CanonicalRequest,
}

/// Where a credential was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Form {
    /// In the `Authorization` header.
    Header,
    /// In the query: a presigned request.
    Presigned,
    /// In the fields of a browser's form.
    Post,
}

/// A signature's version.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Version {
    /// Signature Version 2: `AWS`.
    V2,
    /// Signature Version 4: `AWS4-HMAC-SHA256`.
    V4,
    /// Signature Version 4A: `AWS4-ECDSA-P256-SHA256`.
    V4A,
}

/// A signature as presented. Nothing in it is proven.
#[derive(Clone)]
pub struct SignedClaim {
    pub(crate) request: CanonicalRequest,
    pub(crate) form: Form,
    pub(crate) access_key_id: AccessKeyId,
    pub(crate) session_token: Option<String>,
    pub(crate) signature: String,
    pub(crate) kind: Kind,
    /// What a form signs, if it is one.
    pub(crate) posted: Option<Box<Posted>>,
}

/// What the versions do not share.
#[derive(Clone, Debug)]
pub(crate) enum Kind {
    V4(V4Terms),
    V2(V2Terms),
}

impl SignedClaim {
    /// The request it was read from.
    #[must_use]
    pub fn request(&self) -> &CanonicalRequest {
        &self.request
    }

    /// Where it was found.
    #[must_use]
    pub fn form(&self) -> Form {
        self.form
    }

    /// The signature's version.
    #[must_use]
    pub fn version(&self) -> Version {
        match &self.kind {
            Kind::V4(terms) => terms.version(),
            Kind::V2(_) => Version::V2,
        }
    }

    /// The access key id: look its secret up.
    #[must_use]
    pub fn access_key_id(&self) -> &AccessKeyId {
        &self.access_key_id
    }

    /// The session token that came with it. A temporary key needs its own; a permanent key must
    /// have none.
    #[must_use]
    pub fn session_token(&self) -> Option<&str> {
        self.session_token.as_deref()
    }

    /// What the signature is said to be good for; a SigV2 signature has no scope.
    #[must_use]
    pub fn scope(&self) -> Option<&Scope> {
        match &self.kind {
            Kind::V4(terms) => Some(&terms.scope),
            Kind::V2(_) => None,
        }
    }

    /// When the client says it signed; a presigned SigV2 request does not say.
    #[must_use]
    pub fn signed_at(&self) -> Option<Timestamp> {
        match &self.kind {
            Kind::V4(terms) => Some(terms.signed_at),
            Kind::V2(terms) => terms.signed_at,
        }
    }

    /// The key that proves such a signature by the holder of that secret. Worth keeping: see
    /// [`crate::KeyCache`].
    #[must_use]
    pub fn key(&self, secret: &SecretKey) -> VerifyingKey {
        match &self.kind {
            Kind::V4(terms) => VerifyingKey::v4(secret, &self.access_key_id, &terms.scope),
            Kind::V2(_) => VerifyingKey::v2(secret),
        }
    }
}

/// Neither the signature nor the token is printed.
impl fmt::Debug for SignedClaim {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SignedClaim")
            .field("request", &self.request)
            .field("form", &self.form)
            .field("access_key_id", &self.access_key_id)
            .field("kind", &self.kind)
            .finish_non_exhaustive()
    }
}

impl CanonicalRequest {
    /// Finds the one credential that the request presents in its head. A browser's form presents
    /// one in its fields: see [`CanonicalRequest::form_credential`].
    ///
    /// ```
    /// use strongroom_signing::{CanonicalRequest, Claim};
    /// let request = |builder: http::request::Builder| {
    ///     let (parts, ()) = builder.header("host", "h").body(()).unwrap().into_parts();
    ///     CanonicalRequest::parse(&parts).unwrap()
    /// };
    /// let bare = request(http::Request::get("/public/logo.png"));
    /// assert!(matches!(bare.credential(), Ok(Claim::Anonymous(_))));
    /// let bearer = request(http::Request::get("/").header("authorization", "Bearer abc"));
    /// assert!(matches!(bearer.credential(), Ok(Claim::Bearer(claim)) if claim.token() == "abc"));
    /// ```
    ///
    /// # Errors
    /// More than one is presented, or one that is malformed, incomplete or of a kind that is not
    /// taken. Whoever presents anything is never anonymous.
    pub fn credential(&self) -> Result<Claim, SignatureError> {
        let header = self.sent_values("authorization");
        let queried = |names: &[&str]| {
            let named = |name: &str| names.iter().any(|known| known.eq_ignore_ascii_case(name));
            self.query_pairs().iter().any(|(name, _)| named(name))
        };
        let (v4_query, v2_query) = (queried(&V4_QUERY), queried(&V2_QUERY));
        let claim = match (header, v4_query, v2_query) {
            ([], false, false) if self.sent_values("x-amz-security-token").is_empty() => {
                return Ok(Claim::Anonymous(AnonymousClaim { request: self.clone() }));
            }
            ([], false, false) => Err(SignatureError::TokenWithoutSignature),
            ([(_, value)], false, false) if is_bearer(value) => return self.bearer_claim(value),
            ([(_, value)], false, false) => self.header_claim(value),
            ([], true, false) => self.v4_query_claim(),
            ([], false, true) => self.v2_query_claim(),
            _ => Err(SignatureError::OnlyOneMechanism),
        };
        claim.map(Claim::Signed)
    }

    /// A session token beside it would be a second credential.
    fn bearer_claim(&self, value: &str) -> Result<Claim, SignatureError> {
        if !self.sent_values("x-amz-security-token").is_empty() {
            return Err(SignatureError::OnlyOneMechanism);
        }
        let (_, token) = value.split_once(' ').unwrap_or((value, ""));
        let (request, token) = (self.clone(), token.trim_start_matches(' ').to_owned());
        Ok(Claim::Bearer(BearerClaim { request, token }))
    }

    fn header_claim(&self, value: &str) -> Result<SignedClaim, SignatureError> {
        let (scheme, rest) = value.split_once(' ').unwrap_or((value, ""));
        match mechanism(scheme) {
            Mechanism::SigV4 | Mechanism::SigV4A => self.v4_header_claim(scheme, rest),
            Mechanism::SigV2 => self.v2_header_claim(rest),
            mechanism => Err(SignatureError::UnsupportedMechanism { mechanism }),
        }
    }
}

fn is_bearer(value: &str) -> bool {
    let (scheme, _) = value.split_once(' ').unwrap_or((value, ""));
    mechanism(scheme) == Mechanism::Bearer
}

pub(crate) fn mechanism(scheme: &str) -> Mechanism {
    match scheme {
        "AWS" => Mechanism::SigV2,
        "AWS4-HMAC-SHA256" => Mechanism::SigV4,
        "AWS4-ECDSA-P256-SHA256" => Mechanism::SigV4A,
        _ if scheme.eq_ignore_ascii_case("Bearer") => Mechanism::Bearer,
        _ if scheme.eq_ignore_ascii_case("Basic") => Mechanism::Basic,
        _ => Mechanism::Unknown,
    }
}
