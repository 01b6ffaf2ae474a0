//! Which credential a request presents: found and read, not yet believed.

use std::fmt;

use names::{AccessKeyId, Timestamp};

use crate::encode::canonical_number;
use crate::error::{AuthorizationPart as Part, Mechanism, SignatureError};
use crate::key::Scope;
use crate::request::CanonicalRequest;

/// The one algorithm that is taken.
pub(crate) const ALGORITHM: &str = "AWS4-HMAC-SHA256";

/// Longest life of a presigned request: a week (S3 API reference, "Authenticating requests: using
/// query parameters").
pub const EXPIRY_SECONDS_MAX: u64 = 604_800;

/// The query parameters that present a SigV4 credential. Any of them makes a request presigned.
const V4_QUERY: [&str; 7] = [
    "X-Amz-Algorithm",
    "X-Amz-Credential",
    "X-Amz-Date",
    "X-Amz-Expires",
    "X-Amz-SignedHeaders",
    "X-Amz-Signature",
    "X-Amz-Security-Token",
];

/// The query parameters that present a SigV2 credential.
const V2_QUERY: [&str; 2] = ["AWSAccessKeyId", "Signature"];

/// Who a request says it is from. Both kinds own the request they were read from, so that what is
/// verified is what was claimed.
#[derive(Debug, Clone)]
pub enum Claim {
    /// No credential of any kind was presented.
    Anonymous(AnonymousClaim),
    /// A SigV4 signature was presented.
    V4(V4Claim),
}

impl Claim {
    /// The request it was read from.
    #[must_use]
    pub fn request(&self) -> &CanonicalRequest {
        match self {
            Self::Anonymous(claim) => &claim.request,
            Self::V4(claim) => &claim.request,
        }
    }
}

/// A request without a credential of any kind.
#[derive(Debug, Clone)]
pub struct AnonymousClaim {
    pub(crate) request: CanonicalRequest,
}

/// Where a SigV4 credential was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Form {
    /// In the `Authorization` header.
    Header,
    /// In the query: a presigned request.
    Presigned,
}

/// A SigV4 credential as presented. Nothing in it is proven.
#[derive(Clone)]
pub struct V4Claim {
    pub(crate) request: CanonicalRequest,
    pub(crate) form: Form,
    pub(crate) access_key_id: AccessKeyId,
    pub(crate) session_token: Option<String>,
    pub(crate) scope: Scope,
    pub(crate) signed_at: Timestamp,
    pub(crate) expiry_seconds: Option<u64>,
    pub(crate) signed_headers: Vec<String>,
    pub(crate) signature: String,
}

impl V4Claim {
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

    /// What to derive the signing key for.
    #[must_use]
    pub fn scope(&self) -> &Scope {
        &self.scope
    }

    /// When the client says it signed.
    #[must_use]
    pub fn signed_at(&self) -> Timestamp {
        self.signed_at
    }
}

/// Neither the signature nor the token is printed.
impl fmt::Debug for V4Claim {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("V4Claim")
            .field("request", &self.request)
            .field("form", &self.form)
            .field("access_key_id", &self.access_key_id)
            .field("scope", &self.scope)
            .field("signed_at", &self.signed_at)
            .finish_non_exhaustive()
    }
}

impl CanonicalRequest {
    /// Finds the one credential that the request presents.
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
    /// assert!(bearer.credential().is_err());
    /// ```
    ///
    /// # Errors
    /// More than one is presented, or one that is malformed, incomplete or of a kind that is not
    /// taken. Whoever presents anything is never anonymous.
    pub fn credential(&self) -> Result<Claim, SignatureError> {
        let header = self.header_values("authorization");
        let queried = |names: &[&str]| {
            let named = |name: &str| names.iter().any(|known| known.eq_ignore_ascii_case(name));
            self.query_pairs().iter().any(|(name, _)| named(name))
        };
        let (v4_query, v2_query) = (queried(&V4_QUERY), queried(&V2_QUERY));
        match (header, v4_query, v2_query) {
            ([], false, false) if self.header_values("x-amz-security-token").is_empty() => {
                Ok(Claim::Anonymous(AnonymousClaim { request: self.clone() }))
            }
            ([], false, false) => Err(SignatureError::TokenWithoutSignature),
            ([(_, value)], false, false) => self.header_claim(value).map(Claim::V4),
            ([], true, false) => self.query_claim().map(Claim::V4),
            ([], false, true) => {
                Err(SignatureError::UnsupportedMechanism { mechanism: Mechanism::SigV2 })
            }
            _ => Err(SignatureError::OnlyOneMechanism),
        }
    }

    fn header_claim(&self, value: &str) -> Result<V4Claim, SignatureError> {
        let (scheme, rest) = value.split_once(' ').unwrap_or((value, ""));
        if scheme != ALGORITHM {
            return Err(SignatureError::UnsupportedMechanism { mechanism: mechanism(scheme) });
        }
        let bad = |part| SignatureError::MalformedAuthorization { part };
        let (mut credential, mut headers, mut signature) = (None, None, None);
        for field in rest.split(',') {
            let (name, text) = field.trim_matches(' ').split_once('=').ok_or(bad(Part::Unknown))?;
            let (slot, part) = match name {
                "Credential" => (&mut credential, Part::Credential),
                "SignedHeaders" => (&mut headers, Part::SignedHeaders),
                "Signature" => (&mut signature, Part::Signature),
                _ => return Err(bad(Part::Unknown)),
            };
            if slot.replace(text).is_some() {
                return Err(bad(part));
            }
        }
        let (access_key_id, scope) =
            read_credential(credential.ok_or(bad(Part::Credential))?, bad(Part::Credential))?;
        let headers = headers.ok_or(bad(Part::SignedHeaders))?;
        let token = self
            .header("x-amz-security-token")
            .map_err(|_| bad(Part::SessionToken))?
            .map(str::to_owned);
        Ok(V4Claim {
            request: self.clone(),
            form: Form::Header,
            access_key_id,
            session_token: token,
            scope,
            signed_at: self.header_date()?,
            expiry_seconds: None,
            signed_headers: read_signed_headers(headers).ok_or(bad(Part::SignedHeaders))?,
            signature: read_signature(signature.ok_or(bad(Part::Signature))?)?,
        })
    }

    /// `x-amz-date`, or else `Date` in either form (SigV4, "Elements of a request signature").
    fn header_date(&self) -> Result<Timestamp, SignatureError> {
        let bad = || SignatureError::MalformedAuthorization { part: Part::Date };
        if let Some(text) = self.header("x-amz-date").map_err(|_| bad())? {
            return read_time(text).ok_or_else(bad);
        }
        let text = self.header("date").map_err(|_| bad())?.ok_or(SignatureError::MissingDate)?;
        read_time(text).or_else(|| Timestamp::parse_http_date(text).ok()).ok_or_else(bad)
    }

    fn query_claim(&self) -> Result<V4Claim, SignatureError> {
        let bad = |part| SignatureError::MalformedQuery { part };
        self.known_case_only()?;
        if !self.header_values("x-amz-security-token").is_empty() {
            return Err(SignatureError::OnlyOneMechanism);
        }
        let optional = |name, part| self.query(name).map_err(|_| bad(part));
        let required = |name, part| optional(name, part)?.ok_or(SignatureError::MissingParameters);
        let algorithm = required("X-Amz-Algorithm", Part::Algorithm)?;
        let credential = required("X-Amz-Credential", Part::Credential)?;
        let date = required("X-Amz-Date", Part::Date)?;
        let expires = required("X-Amz-Expires", Part::Expires)?;
        let headers = required("X-Amz-SignedHeaders", Part::SignedHeaders)?;
        let signature = required("X-Amz-Signature", Part::Signature)?;
        let token = optional("X-Amz-Security-Token", Part::SessionToken)?.map(str::to_owned);
        if algorithm != ALGORITHM {
            let mechanism = mechanism(algorithm);
            return Err(SignatureError::UnsupportedMechanism { mechanism });
        }
        let (access_key_id, scope) = read_credential(credential, bad(Part::Credential))?;
        let expiry = canonical_number(expires)
            .filter(|seconds| (1..=EXPIRY_SECONDS_MAX).contains(seconds))
            .ok_or(SignatureError::BadExpiry)?;
        Ok(V4Claim {
            request: self.clone(),
            form: Form::Presigned,
            access_key_id,
            session_token: token,
            scope,
            signed_at: read_time(date).ok_or(bad(Part::Date))?,
            expiry_seconds: Some(expiry),
            signed_headers: read_signed_headers(headers).ok_or(bad(Part::SignedHeaders))?,
            signature: read_signature(signature)?,
        })
    }

    /// Refuses `x-amz-expires` where `X-Amz-Expires` is meant: a second reader could take it.
    fn known_case_only(&self) -> Result<(), SignatureError> {
        let variant = |name: &str| {
            V4_QUERY.iter().any(|known| known.eq_ignore_ascii_case(name) && *known != name)
        };
        if self.query_pairs().iter().any(|(name, _)| variant(name)) {
            return Err(SignatureError::MalformedQuery { part: Part::Unknown });
        }
        Ok(())
    }
}

fn mechanism(scheme: &str) -> Mechanism {
    match scheme {
        "AWS" => Mechanism::SigV2,
        "AWS4-ECDSA-P256-SHA256" => Mechanism::SigV4A,
        _ if scheme.eq_ignore_ascii_case("Bearer") => Mechanism::Bearer,
        _ if scheme.eq_ignore_ascii_case("Basic") => Mechanism::Basic,
        _ => Mechanism::Unknown,
    }
}

fn read_credential(
    text: &str,
    bad: SignatureError,
) -> Result<(AccessKeyId, Scope), SignatureError> {
    let Some((key, scope)) = text.split_once('/') else { return Err(bad) };
    let Some(scope) = Scope::parse(scope) else { return Err(bad) };
    let key = key.parse().map_err(|_| SignatureError::MalformedAccessKeyId)?;
    Ok((key, scope))
}

/// Lower-case header names in strictly ascending order, at least one.
fn read_signed_headers(text: &str) -> Option<Vec<String>> {
    let names: Vec<String> = text.split(';').map(str::to_owned).collect();
    let token =
        |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b"!#$%&'*+-.^_`|~".contains(&b);
    let good = names.iter().all(|name| !name.is_empty() && name.bytes().all(token))
        && names.is_sorted_by(|one, next| one < next);
    good.then_some(names)
}

/// 64 hexadecimal digits in lower case. Anything else is no signature of anything.
fn read_signature(text: &str) -> Result<String, SignatureError> {
    let good = text.len() == 64 && text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
    if good { Ok(text.to_owned()) } else { Err(SignatureError::Mismatch) }
}

/// The one spelling of a signing time.
fn read_time(text: &str) -> Option<Timestamp> {
    Timestamp::parse_iso_basic(text).ok().filter(|time| time.iso_basic() == text)
}
