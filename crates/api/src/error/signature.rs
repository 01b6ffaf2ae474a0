//! Signatures that do not hold (S3 API reference, "Error responses").

use audit::Reason;
use signing::{Mechanism, SignatureError};

use super::ApiError;

/// AWS's text, which says nothing of what was expected.
const MISMATCH: &str = "The request signature we calculated does not match the signature you \
                        provided. Check your key and signing method.";

impl From<SignatureError> for ApiError {
    fn from(error: SignatureError) -> Self {
        let text = error.to_string();
        let (status, code, reason) = classify(&error);
        let mut mapped = Self::new(status, code, text).because(reason);
        match error {
            SignatureError::Mismatch => {
                MISMATCH.clone_into(&mut mapped.message);
                mapped
            }
            SignatureError::PolicyExpired { .. } => {
                "Invalid according to Policy: Policy expired.".clone_into(&mut mapped.message);
                mapped
            }
            SignatureError::PolicyCondition { condition } => {
                mapped.message =
                    format!("Invalid according to Policy: Policy Condition failed: {condition}");
                mapped
            }
            SignatureError::FieldNotCovered { name } => {
                mapped.message = format!("Invalid according to Policy: Extra input fields: {name}");
                mapped
            }
            SignatureError::WrongRegion { expected, .. } => mapped.with("Region", expected),
            _ => mapped,
        }
    }
}

/// Status, code, and what the record says.
fn classify(error: &SignatureError) -> (u16, &'static str, Reason) {
    use SignatureError as E;
    let malformed = |what| Reason::Malformed { what };
    match error {
        E::MalformedPath | E::PathNotNormal => (400, "InvalidURI", malformed("path")),
        E::MalformedQueryString => (400, "InvalidURI", malformed("query")),
        E::MalformedHeader { .. } | E::MissingHost | E::HostConflict => {
            (400, "InvalidRequest", malformed("header"))
        }
        E::TooManyHeaders { .. } => {
            (400, "InvalidRequest", Reason::LimitExceeded { limit: "HEADERS_MAX" })
        }
        E::TooManyParameters { .. } => {
            (400, "InvalidRequest", Reason::LimitExceeded { limit: "PARAMETERS_MAX" })
        }
        E::OnlyOneMechanism => (400, "InvalidArgument", malformed("authorization")),
        E::UnsupportedMechanism { mechanism: Mechanism::Unknown } => {
            (400, "InvalidArgument", malformed("authorization"))
        }
        E::MalformedV2Header => (400, "InvalidArgument", malformed("authorization")),
        E::UnsupportedMechanism { .. } => (400, "InvalidRequest", malformed("authorization")),
        E::TokenWithoutSignature => (403, "AccessDenied", Reason::CredentialMissing),
        E::MalformedAuthorization { .. } | E::WrongDay { .. } | E::WrongRegion { .. } => {
            (400, "AuthorizationHeaderMalformed", malformed("authorization"))
        }
        E::WrongService { .. } => (403, "SignatureDoesNotMatch", malformed("authorization")),
        E::MalformedQuery { .. } | E::MissingParameters | E::BadExpiry => {
            (400, "AuthorizationQueryParametersError", malformed("authorization"))
        }
        E::MissingV2Parameters => (403, "AccessDenied", malformed("authorization")),
        E::SigV2Off => (400, "InvalidRequest", malformed("signature-version")),
        E::ParameterNotSigned { .. } => (403, "SignatureDoesNotMatch", malformed("query")),
        E::FormTooLarge { .. } => (
            400,
            "MaxPostPreDataLengthExceeded",
            Reason::LimitExceeded { limit: "FIELD_BYTES_MAX" },
        ),
        E::FieldMissing { .. } | E::FieldRepeated { .. } => {
            (400, "InvalidArgument", malformed("form"))
        }
        E::PolicyMalformed { .. } => (400, "InvalidPolicyDocument", malformed("form-policy")),
        E::PolicyExpired { at } => (403, "AccessDenied", Reason::Expired { at: Some(*at) }),
        E::PolicyCondition { .. } | E::FieldNotCovered { .. } => {
            (403, "AccessDenied", malformed("form-policy"))
        }
        E::MissingDate | E::MalformedDate => (403, "AccessDenied", malformed("date")),
        E::MalformedAccessKeyId => (403, "InvalidAccessKeyId", Reason::UnknownKey),
        E::Skewed { sent } => (403, "RequestTimeTooSkewed", Reason::Skewed { sent: *sent }),
        E::NotYetValid { .. } => (403, "AccessDenied", Reason::NotYetValid),
        E::Expired { at } => (403, "AccessDenied", Reason::Expired { at: Some(*at) }),
        E::HeadersNotSigned { .. } => {
            (403, "AccessDenied", Reason::UnsignedHeader { name: "host or x-amz-*" })
        }
        E::SignedHeaderAbsent { .. } | E::Mismatch => {
            (403, "SignatureDoesNotMatch", Reason::SignatureMismatch)
        }
        _ => body(error),
    }
}

/// A body that is not what was declared.
fn body(error: &SignatureError) -> (u16, &'static str, Reason) {
    use SignatureError as E;
    let malformed = |what| Reason::Malformed { what };
    match error {
        E::MissingContentSha256 => (400, "MissingSecurityHeader", malformed("content-sha256")),
        E::MalformedContentSha256 => (400, "InvalidArgument", malformed("content-sha256")),
        E::ContentSha256Mismatch => (400, "XAmzContentSHA256Mismatch", Reason::SignatureMismatch),
        E::ChunkSignatureMismatch | E::TrailerSignatureMismatch => {
            (403, "SignatureDoesNotMatch", Reason::SignatureMismatch)
        }
        E::MissingDecodedLength => (411, "MissingContentLength", malformed("length")),
        E::IncompleteBody | E::TooMuchBody => (400, "IncompleteBody", malformed("body")),
        E::ChunkTooLarge { .. } => {
            (400, "InvalidChunkSizeError", Reason::LimitExceeded { limit: "CHUNK_BYTES_MAX" })
        }
        E::ChunkTooSmall { .. } => (403, "InvalidChunkSizeError", malformed("chunk")),
        E::BadTrailer { .. } => (400, "MalformedTrailerError", malformed("trailer")),
        _ => (400, "InvalidRequest", malformed("body")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mismatch_says_nothing_of_what_was_expected() {
        let error = ApiError::from(SignatureError::Mismatch);
        assert_eq!((error.status, error.code), (403, "SignatureDoesNotMatch"));
        assert!(error.details.is_empty());
    }

    #[test]
    fn a_skewed_clock_and_an_expired_link_have_their_own_codes() {
        let sent = "2026-01-01T00:00:00Z".parse().unwrap();
        let skewed = ApiError::from(SignatureError::Skewed { sent });
        assert_eq!(skewed.code, "RequestTimeTooSkewed");
        let expired = ApiError::from(SignatureError::Expired { at: sent });
        assert_eq!(expired.code, "AccessDenied");
        assert_eq!(expired.reason, Reason::Expired { at: Some(sent) });
    }
}
