//! The canonical request, and whether a signature over it holds.
//!
//! A request enters here as bytes that a stranger sent and leaves as a [`Verified`] value, or not
//! at all. Four steps, each a type:
//!
//! 1. [`CanonicalRequest::parse`] reads the head once: path and query decoded exactly once, one
//!    host, no malformed escape. Everything later (the dialect's messages, policy, the record) is
//!    read from this value and from nothing else: *verified bytes are used bytes*.
//! 2. [`CanonicalRequest::credential`] finds the one credential that was presented. [`Claim`] has
//!    two cases: `Signed` (Version 4, 4A or 2), or `Anonymous`, which means *no credential of any
//!    kind*. Half a credential, two credentials, or one of a kind that is not taken is an error,
//!    never anonymity.
//! 3. The caller looks the access key id up and derives the [`VerifyingKey`], which a [`KeyCache`]
//!    keeps. [`verify`] then judges scope, time, signed headers, the declared body and the
//!    signature. For an id that nobody holds there is [`verify_unknown`].
//! 4. The body is read through [`Verified::payload`]: a [`PayloadDecoder`] that proves digests,
//!    chunk signatures and trailers as the bytes come. Nothing may be committed before its
//!    `finish`.
//!
//! The room is pure: the time is an argument, bytes are pushed in, nothing is awaited. [`sign`] is
//! the client's side of the same rules.
//!
//! The rules are those of the S3 API reference ("Authenticating requests: AWS Signature Version 4")
//! and of the IAM user guide ("Signature Version 4"). Where they leave room we are strict: every
//! `x-amz-*` header that was sent must be signed, a number has one spelling, and a parameter that
//! decides who someone is comes once and in one case of letters. A path of a service that
//! normalises paths before signing must be in normal form already.

mod cache;
mod canonical;
mod chain;
mod chunked;
mod claim;
mod domains;
mod ecdsa;
mod encode;
mod error;
mod form;
mod form_policy;
mod key;
mod payload;
mod regions;
mod request;
pub mod sign;
mod v2;
mod v4;
#[cfg(test)]
mod vectors;
mod verify;
#[cfg(test)]
mod wycheproof_tests;

pub use cache::{KEYS_MAX, KeyCache};
pub use chunked::{
    CHUNK_BYTES_MAX, CHUNK_BYTES_MIN, CHUNK_LINE_BYTES_MAX, ECDSA_CHUNK_LINE_BYTES_MAX,
    TRAILER_LINE_BYTES_MAX,
};
pub use claim::{
    AnonymousClaim, BearerClaim, Claim, EXPIRY_SECONDS_MAX, Form, SignedClaim, Version,
};
pub use domains::Domains;
pub use error::{AuthorizationPart, Mechanism, PolicyProblem, SignatureError, TrailerProblem};
pub use form::{FIELD_BYTES_MAX, FIELDS_MAX, PostForm};
pub use form_policy::CONDITIONS_MAX;
pub use key::{Algorithm, Scope, SigningKey, VerifyingKey};
pub use payload::{PayloadDecoder, TRAILERS_MAX, Trailers};
pub use request::{CanonicalRequest, Duplicate, HEADERS_MAX, PARAMETERS_MAX};
pub use verify::{
    AnonymousRequest, BadSigV2Rule, BearerRequest, BodyProof, RegionRule, SKEW_SECONDS_MAX,
    SigV2Rule, SignedRequest, Terms, Verified, verify, verify_unknown,
};
