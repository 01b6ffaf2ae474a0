//! The golden list of refusals: what a caller may read. A change here is a change of what we say.

use strongroom_signing::{
    AuthorizationPart, CHUNK_BYTES_MAX, CHUNK_BYTES_MIN, FIELD_BYTES_MAX, HEADERS_MAX, Mechanism,
    PARAMETERS_MAX, PolicyProblem, SignatureError as E, TrailerProblem,
};

use crate::client::now;

fn every() -> Vec<E> {
    let text = |text: &str| text.to_owned();
    vec![
        E::MalformedPath,
        E::MalformedQueryString,
        E::MalformedHeader { name: text("x-amz-acl") },
        E::TooManyHeaders { max: HEADERS_MAX },
        E::TooManyParameters { max: PARAMETERS_MAX },
        E::MissingHost,
        E::HostConflict,
        E::OnlyOneMechanism,
        E::UnsupportedMechanism { mechanism: Mechanism::SigV2 },
        E::UnsupportedMechanism { mechanism: Mechanism::SigV4A },
        E::UnsupportedMechanism { mechanism: Mechanism::Bearer },
        E::UnsupportedMechanism { mechanism: Mechanism::Basic },
        E::UnsupportedMechanism { mechanism: Mechanism::Unknown },
        E::TokenWithoutSignature,
        E::MalformedAuthorization { part: AuthorizationPart::Credential },
        E::MalformedAuthorization { part: AuthorizationPart::SignedHeaders },
        E::MalformedAuthorization { part: AuthorizationPart::Signature },
        E::MalformedAuthorization { part: AuthorizationPart::Date },
        E::MalformedAuthorization { part: AuthorizationPart::Unknown },
        E::MalformedQuery { part: AuthorizationPart::Algorithm },
        E::MalformedQuery { part: AuthorizationPart::Expires },
        E::MalformedQuery { part: AuthorizationPart::SessionToken },
        E::MissingParameters,
        E::BadExpiry,
        E::MissingV2Parameters,
        E::SigV2Off,
        E::ParameterNotSigned { name: text("x-id") },
        E::FormTooLarge { max: FIELD_BYTES_MAX },
        E::FieldMissing { name: "key" },
        E::FieldRepeated { name: text("key") },
        E::PolicyMalformed { problem: PolicyProblem::Encoding },
        E::PolicyMalformed { problem: PolicyProblem::Json },
        E::PolicyMalformed { problem: PolicyProblem::Member },
        E::PolicyMalformed { problem: PolicyProblem::Expiration },
        E::PolicyMalformed { problem: PolicyProblem::Conditions },
        E::PolicyMalformed { problem: PolicyProblem::Condition },
        E::PolicyExpired { at: now() },
        E::PolicyCondition { condition: text("[\"eq\", \"$acl\", \"private\"]") },
        E::FieldNotCovered { name: text("acl") },
        E::MissingDate,
        E::MalformedDate,
        E::MalformedV2Header,
        E::MalformedAccessKeyId,
        E::WrongDay { sent: text("20130523") },
        E::WrongRegion { sent: text("eu-west-1"), expected: text("us-east-1") },
        E::WrongService { sent: text("sts"), expected: text("s3") },
        E::Skewed { sent: now() },
        E::NotYetValid { from: now() },
        E::Expired { at: now() },
        E::HeadersNotSigned { names: vec![text("host"), text("x-amz-acl")] },
        E::SignedHeaderAbsent { name: text("range") },
        E::PathNotNormal,
        E::MissingContentSha256,
        E::MalformedContentSha256,
        E::Mismatch,
        E::ContentSha256Mismatch,
        E::ChunkSignatureMismatch,
        E::TrailerSignatureMismatch,
        E::MissingDecodedLength,
        E::IncompleteBody,
        E::TooMuchBody,
        E::MalformedChunk,
        E::ChunkTooLarge { max: CHUNK_BYTES_MAX },
        E::ChunkTooSmall { min: CHUNK_BYTES_MIN },
        E::BadTrailer { problem: TrailerProblem::Announcement },
        E::BadTrailer { problem: TrailerProblem::Unannounced },
        E::BadTrailer { problem: TrailerProblem::Missing },
        E::BadTrailer { problem: TrailerProblem::Repeated },
        E::BadTrailer { problem: TrailerProblem::Malformed },
    ]
}

/// The variant's name; a new variant breaks this match, and with it the list above.
fn name(error: &E) -> &'static str {
    macro_rules! names {
        ($($variant:ident)*) => { match error { $(E::$variant { .. } => stringify!($variant),)* } };
    }
    names! {
        MalformedPath MalformedQueryString MalformedHeader TooManyHeaders TooManyParameters
        MissingHost HostConflict OnlyOneMechanism UnsupportedMechanism TokenWithoutSignature
        MalformedAuthorization MalformedQuery MissingParameters MissingV2Parameters SigV2Off
        ParameterNotSigned FormTooLarge FieldMissing FieldRepeated PolicyMalformed PolicyExpired
        PolicyCondition FieldNotCovered BadExpiry MissingDate MalformedDate MalformedV2Header
        MalformedAccessKeyId WrongDay WrongRegion WrongService Skewed NotYetValid Expired
        HeadersNotSigned SignedHeaderAbsent PathNotNormal MissingContentSha256
        MalformedContentSha256 Mismatch ContentSha256Mismatch ChunkSignatureMismatch
        TrailerSignatureMismatch MissingDecodedLength IncompleteBody TooMuchBody MalformedChunk
        ChunkTooLarge ChunkTooSmall BadTrailer
    }
}

#[test]
fn what_refusals_say_is_what_was_reviewed() {
    let said: String = every().iter().map(|error| format!("{}: {error}\n", name(error))).collect();
    assert_eq!(said, include_str!("../golden/errors.txt"));
}

#[test]
fn refusals_are_one_lower_case_line_without_a_full_stop() {
    for error in every() {
        let said = error.to_string();
        assert!(!said.contains('\n') && !said.ends_with('.'), "{said}");
        assert!(!said.starts_with(|c: char| c.is_ascii_uppercase()), "{said}");
    }
}
