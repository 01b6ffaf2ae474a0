//! Why a request, its credential or its body was not believed.

use names::Timestamp;

/// A reason to refuse. Each maps to one answer of the dialect; none says what would have been
/// right about a signature.
///
/// ```
/// use strongroom_signing::SignatureError;
/// assert_eq!(SignatureError::Mismatch.to_string(), "signature does not match");
/// ```
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SignatureError {
    // The request itself.
    /// The path is not `/…`, has a broken percent-escape, or is not UTF-8.
    #[error("request path is malformed")]
    MalformedPath,
    /// The query has a broken percent-escape or is not UTF-8.
    #[error("query string is malformed")]
    MalformedQueryString,
    /// A header's value is not UTF-8, or not of the form its name demands.
    #[error("header `{name}` is malformed")]
    MalformedHeader {
        /// The header, in lower case.
        name: String,
    },
    /// More headers than [`crate::HEADERS_MAX`].
    #[error("request has more than {max} headers")]
    TooManyHeaders {
        /// The limit.
        max: usize,
    },
    /// More query parameters than [`crate::PARAMETERS_MAX`].
    #[error("request has more than {max} query parameters")]
    TooManyParameters {
        /// The limit.
        max: usize,
    },
    /// Neither a `Host` header nor an authority.
    #[error("request names no host")]
    MissingHost,
    /// Two `Host` headers, or a target whose authority differs from it.
    #[error("request names more than one host")]
    HostConflict,

    // Which credential was presented.
    /// More than one of `Authorization` header, presigned query and SigV2 query, or one twice.
    #[error("only one authentication mechanism is allowed in a request")]
    OnlyOneMechanism,
    /// A mechanism that this server does not take.
    #[error("authentication by {mechanism} is not supported: sign with AWS4-HMAC-SHA256")]
    UnsupportedMechanism {
        /// What was presented.
        mechanism: Mechanism,
    },
    /// A session token came without a signature.
    #[error("a session token was sent without a signature")]
    TokenWithoutSignature,
    /// The `Authorization` header does not have the SigV4 form.
    #[error("authorization header is malformed: {part}")]
    MalformedAuthorization {
        /// The part that is missing, repeated or ill-formed.
        part: AuthorizationPart,
    },
    /// A presigned query parameter is repeated, ill-formed or in the wrong case.
    #[error("presigned query is malformed: {part}")]
    MalformedQuery {
        /// The part that is repeated or ill-formed.
        part: AuthorizationPart,
    },
    /// Some, not all, of the six parameters of a presigned query are there.
    #[error("presigned query lacks one of its six parameters")]
    MissingParameters,
    /// `X-Amz-Expires` is not an integer from 1 to 604800.
    #[error("`X-Amz-Expires` must be an integer from 1 to {max}", max = crate::EXPIRY_SECONDS_MAX)]
    BadExpiry,
    /// Some, not all, of the three parameters of a SigV2 query are there.
    #[error("presigned query of signature version 2 lacks one of its three parameters")]
    MissingV2Parameters,
    /// Signature Version 2 is not taken here.
    #[error("signature version 2 is off: sign with AWS4-HMAC-SHA256, or set `signing.v2`")]
    SigV2Off,
    /// A parameter that Signature Version 2 does not sign, and that may mean something.
    #[error("signature version 2 does not sign the parameter `{name}`")]
    ParameterNotSigned {
        /// The parameter.
        name: String,
    },
    // A browser's form.
    /// The fields of a form are too many, or longer than [`crate::FIELD_BYTES_MAX`].
    #[error("the form's fields are longer than {max} bytes, or too many")]
    FormTooLarge {
        /// The limit.
        max: usize,
    },
    /// A form has no such field.
    #[error("the form has no field `{name}`")]
    FieldMissing {
        /// The field.
        name: &'static str,
    },
    /// A field comes twice, or names another bucket than the address does.
    #[error("the form's field `{name}` is given twice, or not as the address gives it")]
    FieldRepeated {
        /// The field, in lower case.
        name: String,
    },
    /// A form's policy cannot be read.
    #[error("the form's policy is malformed: {problem}")]
    PolicyMalformed {
        /// What is wrong with it.
        problem: PolicyProblem,
    },
    /// A form's policy has expired.
    #[error("the form's policy expired at `{at}`")]
    PolicyExpired {
        /// When.
        at: Timestamp,
    },
    /// A form does not keep to its policy.
    #[error("the form's policy condition failed: {condition}")]
    PolicyCondition {
        /// The condition.
        condition: String,
    },
    /// A field that no condition of the policy covers.
    #[error("the form's policy does not cover the field `{name}`")]
    FieldNotCovered {
        /// The field, in lower case.
        name: String,
    },
    /// A signed request without `x-amz-date` and `Date`.
    #[error("request has neither an `x-amz-date` nor a `date` header")]
    MissingDate,
    /// The date of a SigV2 request cannot be read.
    #[error("request's `x-amz-date` or `date` header is not a date")]
    MalformedDate,
    /// The `Authorization` header of SigV2 does not have the form `AWS access-key-id:signature`.
    #[error("authorization header is not of the form `AWS access-key-id:signature`")]
    MalformedV2Header,
    /// The access key id could not be one.
    #[error("access key id is malformed")]
    MalformedAccessKeyId,

    // What the signature was made for.
    /// The scope's day is not the day of the request.
    #[error("credential is scoped to day `{sent}`, which is not the day of the request")]
    WrongDay {
        /// The scope's day.
        sent: String,
    },
    /// The scope's region is not this server's.
    #[error("credential is scoped to region `{sent}`; `{expected}` is expected")]
    WrongRegion {
        /// The scope's region.
        sent: String,
        /// This server's region.
        expected: String,
    },
    /// The scope's service is not one that is served here.
    #[error("credential is scoped to service `{sent}`; `{expected}` is expected")]
    WrongService {
        /// The scope's service.
        sent: String,
        /// The services that would do, separated by `, `.
        expected: String,
    },
    /// The request was signed too long ago, or too far in the future.
    #[error(
        "request time `{sent}` is more than {max} s from server time",
        max = crate::SKEW_SECONDS_MAX
    )]
    Skewed {
        /// When the client says it signed.
        sent: Timestamp,
    },
    /// A presigned request from the future.
    #[error("request is not valid before `{from}`")]
    NotYetValid {
        /// When the client says it signed.
        from: Timestamp,
    },
    /// A presigned request past its `X-Amz-Expires`.
    #[error("request expired at `{at}`")]
    Expired {
        /// When it expired.
        at: Timestamp,
    },
    /// `host` or an `x-amz-*` header was sent and not signed.
    #[error("headers were sent that are not signed: {names}", names = names.join(", "))]
    HeadersNotSigned {
        /// Those headers, in lower case.
        names: Vec<String>,
    },
    /// A signed header was not sent.
    #[error("signed header `{name}` was not sent")]
    SignedHeaderAbsent {
        /// That header, in lower case.
        name: String,
    },
    /// The path of a service other than S3 has `//`, `/./` or `/../` in it.
    #[error("request path is not in its normal form")]
    PathNotNormal,
    /// `x-amz-content-sha256` is needed and absent.
    #[error("header `x-amz-content-sha256` is missing")]
    MissingContentSha256,
    /// `x-amz-content-sha256` is neither a digest nor one of the known words.
    #[error("header `x-amz-content-sha256` is malformed")]
    MalformedContentSha256,
    /// The signature is not one that this key makes of this request.
    #[error("signature does not match")]
    Mismatch,

    // The body.
    /// The body's digest is not the one that was declared.
    #[error("body does not have the declared SHA-256")]
    ContentSha256Mismatch,
    /// A chunk's signature does not match.
    #[error("chunk signature does not match")]
    ChunkSignatureMismatch,
    /// The signature of the trailers does not match, or is absent.
    #[error("trailer signature does not match")]
    TrailerSignatureMismatch,
    /// A chunked body without `x-amz-decoded-content-length`.
    #[error("header `x-amz-decoded-content-length` is missing")]
    MissingDecodedLength,
    /// The body ended before all that was declared had come.
    #[error("body ended early")]
    IncompleteBody,
    /// The body goes on after all that was declared had come.
    #[error("body is longer than declared")]
    TooMuchBody,
    /// A chunk's size line or ending is malformed.
    #[error("chunk is malformed")]
    MalformedChunk,
    /// A signed chunk larger than [`crate::CHUNK_BYTES_MAX`].
    #[error("a signed chunk is larger than {max} bytes")]
    ChunkTooLarge {
        /// The limit.
        max: u64,
    },
    /// A signed chunk, not the last, smaller than [`crate::CHUNK_BYTES_MIN`].
    #[error("a signed chunk that is not the last is smaller than {min} bytes")]
    ChunkTooSmall {
        /// The limit.
        min: u64,
    },
    /// A trailer, or `x-amz-trailer`, is not as it must be.
    #[error("trailer is refused: {problem}")]
    BadTrailer {
        /// What is wrong with it.
        problem: TrailerProblem,
    },
}

/// A way of proving who one is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Mechanism {
    /// `AWS AKID:signature`, or `AWSAccessKeyId` and `Signature` in the query.
    SigV2,
    /// `AWS4-HMAC-SHA256`.
    SigV4,
    /// `AWS4-ECDSA-P256-SHA256`.
    SigV4A,
    /// `Bearer …`.
    Bearer,
    /// `Basic …`.
    Basic,
    /// Any other scheme or algorithm.
    Unknown,
}

impl std::fmt::Display for Mechanism {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::SigV2 => "signature version 2",
            Self::SigV4 => "signature version 4",
            Self::SigV4A => "signature version 4A",
            Self::Bearer => "bearer token",
            Self::Basic => "password",
            Self::Unknown => "an unknown scheme",
        })
    }
}

/// A part of a SigV4 credential as a client presents it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum AuthorizationPart {
    /// `Credential=` / `X-Amz-Credential`.
    Credential,
    /// `SignedHeaders=` / `X-Amz-SignedHeaders`.
    SignedHeaders,
    /// `Signature=` / `X-Amz-Signature`.
    Signature,
    /// `x-amz-date`, `Date` / `X-Amz-Date`.
    Date,
    /// `x-amz-security-token` / `X-Amz-Security-Token`.
    SessionToken,
    /// `X-Amz-Algorithm`.
    Algorithm,
    /// `X-Amz-Expires` / `Expires`.
    Expires,
    /// `x-amz-region-set` / `X-Amz-Region-Set`.
    RegionSet,
    /// Something that is none of these.
    Unknown,
}

impl std::fmt::Display for AuthorizationPart {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Credential => "its credential",
            Self::SignedHeaders => "its signed headers",
            Self::Signature => "its signature",
            Self::Date => "its date",
            Self::SessionToken => "its session token",
            Self::Algorithm => "its algorithm",
            Self::Expires => "its expiry",
            Self::RegionSet => "its region set",
            Self::Unknown => "a part that is not known",
        })
    }
}

/// What is wrong with the policy of a form.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PolicyProblem {
    /// It is not base64.
    Encoding,
    /// It is not a JSON object of the expected shape, or a member comes twice.
    Json,
    /// It has a member that is not known.
    Member,
    /// It has no expiration, or none that is a time.
    Expiration,
    /// It has no conditions, or too many.
    Conditions,
    /// A condition is not one of the known.
    Condition,
}

impl std::fmt::Display for PolicyProblem {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Encoding => "it is not base64",
            Self::Json => "it is not the JSON that it should be",
            Self::Member => "it has a member that is not known",
            Self::Expiration => "it has no expiration",
            Self::Conditions => "it has no conditions, or too many",
            Self::Condition => "it has a condition that is not known",
        })
    }
}

/// What is wrong with a trailer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum TrailerProblem {
    /// `x-amz-trailer` is missing, malformed, or comes with a body form that has no trailers.
    Announcement,
    /// It was not announced.
    Unannounced,
    /// It was announced and did not come.
    Missing,
    /// It came twice.
    Repeated,
    /// It is not `name:value`.
    Malformed,
}

impl std::fmt::Display for TrailerProblem {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Announcement => "`x-amz-trailer` does not announce it rightly",
            Self::Unannounced => "it was not announced",
            Self::Missing => "it was announced and did not come",
            Self::Repeated => "it came twice",
            Self::Malformed => "it is malformed",
        })
    }
}
