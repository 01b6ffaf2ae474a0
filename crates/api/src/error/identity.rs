//! What IAM, STS and a sign-in answer when they do not do what was asked (IAM and STS API
//! references, "Common errors" and each operation's "Errors").

use audit::Reason;
use identity::ops::BadTags;
use identity::{IdentityError, LoginError, OrganizationError, SessionRefusal, StateLogError};
use names::Arn;
use policy::{Fault, PolicyError};

use super::ApiError;

impl From<IdentityError> for ApiError {
    fn from(error: IdentityError) -> Self {
        if let IdentityError::MalformedPolicyDocument(cause) = &error {
            return malformed_policy(cause);
        }
        let (status, code, reason) = classify(&error);
        if status >= 500 {
            return unavailable(&error, status, reason);
        }
        let mapped = Self::new(status, code, text(&error)).because(reason);
        match &error {
            IdentityError::BucketExists { bucket, .. }
            | IdentityError::NoSuchBucket(bucket)
            | IdentityError::BucketPhase(bucket) => mapped.with("BucketName", bucket.as_str()),
            _ => mapped,
        }
    }
}

/// Status, code, and what the record says of a request that is refused before it is permitted.
fn classify(error: &IdentityError) -> (u16, &'static str, Reason) {
    use IdentityError as E;
    let asked = Reason::Malformed { what: "request" };
    let state = Reason::Unavailable { what: "state" };
    match error {
        E::NoSuchEntity { .. } | E::PolicyNotAttachable(_) => (404, "NoSuchEntity", asked),
        E::EntityAlreadyExists { .. } => (409, "EntityAlreadyExists", asked),
        E::DeleteConflict { .. } | E::DefaultVersion => (409, "DeleteConflict", asked),
        E::LimitExceeded { quota, .. } => {
            (409, "LimitExceeded", Reason::LimitExceeded { limit: quota })
        }
        E::MalformedPolicyDocument(_) => (400, "MalformedPolicyDocument", asked),
        E::Validation { .. } | E::SessionTooLong { .. } => (400, "ValidationError", asked),
        E::InheritedTag(_) | E::TransitiveTag(_) => (400, "InvalidParameterValue", asked),
        E::Tags(BadTags::TooMany(_)) => {
            (409, "LimitExceeded", Reason::LimitExceeded { limit: "TAGS_MAX" })
        }
        E::Tags(_) => (400, "InvalidInput", asked),
        E::ConcurrentModification { .. } => (409, "ConcurrentModification", asked),
        E::SessionRefused(refusal) => (403, "AccessDenied", session_reason(*refusal)),
        E::Organization(own) => organization(own),
        E::RootOnly | E::Exceeds { .. } => (403, "AccessDenied", Reason::Denied),
        E::PackedPolicyTooLarge { .. } => {
            (400, "PackedPolicyTooLarge", Reason::LimitExceeded { limit: "packed policy" })
        }
        E::BucketExists { .. } => (409, "BucketAlreadyExists", asked),
        E::NoSuchBucket(_) => (404, "NoSuchBucket", asked),
        E::BucketPhase(_) => (409, "OperationAborted", asked),
        E::InvalidAuthenticationCode => (403, "InvalidAuthenticationCode", asked),
        E::MfaRefused(_) | E::WrongPassword => (403, "AccessDenied", Reason::Denied),
        E::TooManyTries => (403, "AccessDenied", Reason::LimitExceeded { limit: "FAILURES_MAX" }),
        E::PasswordPolicyViolation(_) => (400, "PasswordPolicyViolation", asked),
        E::Canned => (403, "AccessDenied", Reason::Denied),
        E::ReportNotPresent => (410, "ReportNotPresent", asked),
        E::ReportExpired => (410, "ReportExpired", asked),
        E::InvalidUserType => (400, "InvalidUserType", asked),
        E::Acl(_) => (400, "InvalidRequest", asked),
        E::Cut(cut) => (403, "AccessDenied", Reason::Revoked { revision: Some(cut.revision) }),
        E::Log(StateLogError::Full) => (507, "InsufficientStorage", Reason::NoSpace),
        E::Log(_) | E::Stopping => (503, "ServiceUnavailable", state),
        E::Unrecorded
        | E::Seal(_)
        | E::Inconsistent(_)
        | E::Unreadable { .. }
        | E::Hashing
        | E::Bootstrap(_) => (500, "InternalError", state),
    }
}

/// AWS Organizations' words (API reference, each operation's "Errors").
fn organization(error: &OrganizationError) -> (u16, &'static str, Reason) {
    use OrganizationError as E;
    let (status, code) = match error {
        E::NoSuchAccount(_) => (404, "AccountNotFoundException"),
        E::NoSuchUnit(_) => (404, "OrganizationalUnitNotFoundException"),
        E::NoSuchParent(_) => (404, "ParentNotFoundException"),
        E::NoSuchDestination(_) => (404, "DestinationParentNotFoundException"),
        E::NoSuchTarget(_) => (404, "TargetNotFoundException"),
        E::NoSuchPolicy(_) => (404, "PolicyNotFoundException"),
        E::UnitExists(_) => (409, "DuplicateOrganizationalUnitException"),
        E::PolicyExists(_) => (409, "DuplicatePolicyException"),
        E::UnitNotEmpty(_) => (409, "OrganizationalUnitNotEmptyException"),
        E::PolicyInUse(_) => (409, "PolicyInUseException"),
        E::AttachedAlready(_) => (409, "DuplicatePolicyAttachmentException"),
        E::NotAttached(_) => (409, "PolicyNotAttachedException"),
        E::BuiltIn(_) => (400, "PolicyChangesNotAllowedException"),
        E::KindNotEnabled(_) => (409, "PolicyTypeNotEnabledException"),
        E::KindEnabled(_) => (409, "PolicyTypeAlreadyEnabledException"),
        E::LastPolicy | E::TooManyPolicies | E::TooDeep | E::ManagingAccount => {
            (409, "ConstraintViolationException")
        }
        E::NotThere(_) => (404, "SourceParentNotFoundException"),
        E::Closed(_) => (409, "AccountAlreadyClosedException"),
    };
    (status, code, Reason::Malformed { what: "request" })
}

fn session_reason(refusal: SessionRefusal) -> Reason {
    match refusal {
        SessionRefusal::Anonymous => Reason::CredentialMissing,
        SessionRefusal::IdpSessionEnded => {
            Reason::LoginRefused { provider: None, rule: "idp-session" }
        }
        SessionRefusal::NothingMapped => Reason::LoginRefused { provider: None, rule: "mapping" },
        SessionRefusal::IssuedBefore => {
            Reason::LoginRefused { provider: None, rule: "issued-before" }
        }
        SessionRefusal::Restricted
        | SessionRefusal::RootAssumes
        | SessionRefusal::NotLongTerm
        | SessionRefusal::ChainTooLong => Reason::Denied,
    }
}

/// AWS's own text where clients match on it.
fn text(error: &IdentityError) -> String {
    use IdentityError as E;
    if let Some(recorded) = error.recorded_text() {
        return recorded;
    }
    match error {
        E::Tags(BadTags::Duplicate(_)) => {
            "Duplicate tag keys found. Please note that Tag keys are case insensitive.".to_owned()
        }
        E::Tags(bad) => bad.to_string(),
        E::InheritedTag(_) => "One of the specified transitive tag keys can't be set because it \
                               conflicts with a transitive tag key from the calling session."
            .to_owned(),
        E::TransitiveTag(_) => {
            "The specified transitive tag key must be included in the requested tags.".to_owned()
        }
        E::SessionRefused(refusal) => session_text(*refusal).to_owned(),
        E::Exceeds { what, excess } => format!(
            "Nobody gives more than they have here (delegation = subset): {what} would be allowed \
             {excess}, and you are not."
        ),
        E::RootOnly => "Only the root of the account may manage its own access keys.".to_owned(),
        E::BucketExists { .. } => {
            "The requested bucket name is not available. The bucket namespace \
                                   is shared by all users of the system. Please select a different \
                                   name and try again."
                .to_owned()
        }
        E::NoSuchBucket(_) => "The specified bucket does not exist".to_owned(),
        E::BucketPhase(_) => {
            "A conflicting conditional operation is currently in progress against \
                              this resource. Please try again."
                .to_owned()
        }
        E::Canned => "The policy is managed by the installation and cannot be changed.".to_owned(),
        E::TooManyTries => "Too many wrong tries. Please wait and try again.".to_owned(),
        E::Cut(_) => "Access Denied".to_owned(),
        other => other.to_string(),
    }
}

fn session_text(refusal: SessionRefusal) -> &'static str {
    match refusal {
        SessionRefusal::RootAssumes => "Roles may not be assumed by root accounts.",
        SessionRefusal::NotLongTerm => {
            "Cannot call GetSessionToken, GetFederationToken or AssumeRole without a role with \
             session credentials"
        }
        SessionRefusal::Anonymous => "Request is missing Authentication Token",
        SessionRefusal::IdpSessionEnded => "The session at the identity provider was revoked here.",
        SessionRefusal::Restricted => {
            "Credentials that have less than their principal neither make nor change service \
             accounts."
        }
        SessionRefusal::ChainTooLong => "The chain of sessions is too long.",
        SessionRefusal::NothingMapped => {
            "The identity provider's rules give this identity no rights here."
        }
        SessionRefusal::IssuedBefore => "The token was issued before a revocation.",
    }
}

/// A policy that cannot be one: in the words of the service whose policy it is, with the place of
/// the fault and what would help.
fn malformed_policy(cause: &PolicyError) -> ApiError {
    let code = cause.aws_code();
    let reason = match cause.fault {
        Fault::TooLarge { .. } => Reason::LimitExceeded { limit: "policy size" },
        _ => Reason::Malformed { what: "policy" },
    };
    let status = if code == "LimitExceeded" { 409 } else { 400 };
    ApiError::new(status, code, cause.client_message()).because(reason)
}

/// Something went wrong here: the cause goes to the log, the client learns that it may try again.
fn unavailable(error: &IdentityError, status: u16, reason: Reason) -> ApiError {
    tracing::error!(%error, "the authorization state failed");
    match status {
        507 => ApiError::no_space(),
        503 => {
            let message = "The server cannot record the change now; it may or may not be made.";
            ApiError::new(503, "ServiceUnavailable", message).because(reason)
        }
        _ => ApiError::internal(),
    }
}

impl ApiError {
    /// A token that proves nothing. The caller learns one of three things: it is no good, it has
    /// ended, its provider cannot be asked. Which rule it broke, and at which provider, is for the
    /// record alone: a forger is told nothing.
    pub(crate) fn login(provider: Option<Arn>, error: &LoginError) -> Self {
        let (code, message) = match error {
            LoginError::Refused { .. } => ("AccessDenied", WRONG_PASSWORD),
            LoginError::Throttled => ("Throttling", "Rate exceeded"),
            LoginError::Expired { .. } => ("ExpiredTokenException", EXPIRED),
            LoginError::Unreachable(_) => ("IDPCommunicationError", UNREACHABLE),
            LoginError::Busy => ("Throttling", "Rate exceeded"),
            _ => ("InvalidIdentityToken", NOT_ACCEPTED),
        };
        if let LoginError::Unreachable(cause) = error {
            tracing::warn!(%cause, ?provider, "an identity provider cannot be asked");
        }
        let reason = match error {
            LoginError::Busy => Reason::LimitExceeded { limit: "verifications" },
            _ => Reason::LoginRefused { provider, rule: rule(error) },
        };
        let status = if code == "AccessDenied" { 403 } else { 400 };
        Self::new(status, code, message).because(reason)
    }
}

impl From<LoginError> for ApiError {
    fn from(error: LoginError) -> Self {
        Self::login(None, &error)
    }
}

const NOT_ACCEPTED: &str = "The web identity token that was passed could not be validated.";
const WRONG_PASSWORD: &str = "The user name or password is not accepted.";
const EXPIRED: &str = "The web identity token that was passed is expired.";
const UNREACHABLE: &str = "Could not reach the identity provider. Try again.";

/// The rule that a token broke, in a word that can be counted.
fn rule(error: &LoginError) -> &'static str {
    match error {
        LoginError::Refused { rule } => rule,
        LoginError::Throttled => "throttled",
        LoginError::Malformed { .. } => "malformed",
        LoginError::Issuer { .. } => "issuer",
        LoginError::Algorithm => "algorithm",
        LoginError::UnknownKey => "unknown-key",
        LoginError::Signature => "signature",
        LoginError::Expired { .. } => "expired",
        LoginError::NotYetValid { .. } => "not-yet-valid",
        LoginError::Audience { .. } => "audience",
        LoginError::Claim { .. } => "claim",
        LoginError::Unreachable(_) => "unreachable",
        LoginError::Busy => "busy",
    }
}

#[cfg(test)]
mod tests {
    use identity::{EntityKind, Remains, StoredPolicy};
    use names::{Revision, Timestamp};
    use policy::Kind;

    use super::*;

    type Answer = (u16, &'static str, &'static str);

    fn answers(error: IdentityError, expected: Answer) {
        let shown = format!("{error:?}");
        let mapped = ApiError::from(error);
        assert_eq!((mapped.status, mapped.code, mapped.message.as_str()), expected, "{shown}");
    }

    fn missing(kind: EntityKind, name: &str) -> IdentityError {
        IdentityError::NoSuchEntity { kind, name: name.to_owned() }
    }

    fn taken(kind: EntityKind, name: &str) -> IdentityError {
        IdentityError::EntityAlreadyExists { kind, name: name.to_owned() }
    }

    #[test]
    fn what_does_not_exist_is_told_in_the_recorded_words() {
        let cases = [
            (EntityKind::User, "ana", "The user with name ana cannot be found."),
            (EntityKind::Group, "g", "The group with name g cannot be found."),
            (EntityKind::Role, "R", "The role with name R cannot be found."),
            (EntityKind::Policy, "arn:p", "Policy arn:p was not found."),
            (EntityKind::AccessKey, "AK", "The Access Key with id AK cannot be found."),
        ];
        for (kind, name, text) in cases {
            answers(missing(kind, name), (404, "NoSuchEntity", text));
        }
        let not_attachable = "Policy arn:p does not exist or is not attachable.";
        answers(
            IdentityError::PolicyNotAttachable("arn:p".to_owned()),
            (404, "NoSuchEntity", not_attachable),
        );
    }

    #[test]
    fn what_exists_already_hangs_on_or_is_too_much_is_a_conflict() {
        let user = (409, "EntityAlreadyExists", "User with name ana already exists.");
        answers(taken(EntityKind::User, "ana"), user);
        let text = "A policy called P already exists. Duplicate names are not allowed.";
        answers(taken(EntityKind::Policy, "P"), (409, "EntityAlreadyExists", text));
        let conflict = "Cannot delete entity, must remove referenced objects first.";
        answers(
            IdentityError::DeleteConflict { kind: EntityKind::User, remains: Remains::AccessKeys },
            (409, "DeleteConflict", conflict),
        );
        let default = "Cannot delete the default version of a policy.";
        answers(IdentityError::DefaultVersion, (409, "DeleteConflict", default));
        let quota = "Cannot exceed quota for AccessKeysPerUser: 2";
        answers(
            IdentityError::LimitExceeded { quota: "AccessKeysPerUser", max: 2 },
            (409, "LimitExceeded", quota),
        );
        let moved = "the user `ana` changed meanwhile";
        answers(
            IdentityError::ConcurrentModification {
                kind: EntityKind::User,
                name: "ana".to_owned(),
            },
            (409, "ConcurrentModification", moved),
        );
    }

    #[test]
    fn a_request_that_cannot_be_meant_is_a_bad_one() {
        answers(
            IdentityError::Validation { parameter: "DurationSeconds", must: "at least 900" },
            (400, "ValidationError", "the parameter `DurationSeconds` must be at least 900"),
        );
        let twice = "Duplicate tag keys found. Please note that Tag keys are case insensitive.";
        answers(
            IdentityError::Tags(BadTags::Duplicate("a".to_owned())),
            (400, "InvalidInput", twice),
        );
        answers(
            IdentityError::Tags(BadTags::TooMany(51)),
            (409, "LimitExceeded", "at most 50 tags are allowed, not 51"),
        );
        let large = IdentityError::PackedPolicyTooLarge { size: 2049, max: 2048 };
        assert_eq!(ApiError::from(large).code, "PackedPolicyTooLarge");
        let inherited = ApiError::from(IdentityError::InheritedTag("team".to_owned()));
        assert_eq!((inherited.status, inherited.code), (400, "InvalidParameterValue"));
    }

    #[test]
    fn a_policy_is_refused_in_the_words_of_the_service_whose_policy_it_is() {
        let refused = |kind| ApiError::from(StoredPolicy::parse("{", kind).unwrap_err());
        let iam = refused(Kind::Identity);
        assert_eq!((iam.status, iam.code), (400, "MalformedPolicyDocument"));
        assert!(iam.message.starts_with("This policy contains invalid Json (line 1, column 2:"));
        let s3 = refused(Kind::Bucket);
        assert_eq!((s3.status, s3.code), (400, "MalformedPolicy"));
        let text = "Policies must be valid JSON and the first byte must be '{' (line 1, column 2:";
        assert!(s3.message.starts_with(text), "{}", s3.message);
        let error = StoredPolicy::parse(r#"{"statement": []}"#, Kind::Identity).unwrap_err();
        let message = &ApiError::from(error).message;
        assert!(message.ends_with("; did you mean `Statement`?)"), "{message}");
    }

    #[test]
    fn a_policy_that_is_too_large_has_a_code_of_its_own() {
        for (kind, status, code) in [
            (Kind::Identity, 409, "LimitExceeded"),
            (Kind::RoleTrust, 409, "LimitExceeded"),
            (Kind::Bucket, 400, "PolicyTooLarge"),
            (Kind::Session, 400, "PackedPolicyTooLarge"),
        ] {
            let text = format!("{{\"Id\": \"{}\"}}", "x".repeat(kind.bytes_max()));
            let error = ApiError::from(StoredPolicy::parse(&text, kind).unwrap_err());
            assert_eq!((error.status, error.code), (status, code), "{kind:?}");
        }
    }

    #[test]
    fn a_session_that_is_not_given_is_a_refusal() {
        for (refusal, text) in [
            (SessionRefusal::RootAssumes, "Roles may not be assumed by root accounts."),
            (
                SessionRefusal::NotLongTerm,
                "Cannot call GetSessionToken, GetFederationToken or AssumeRole without a role with \
                 session credentials",
            ),
            (SessionRefusal::Anonymous, "Request is missing Authentication Token"),
            (SessionRefusal::ChainTooLong, "The chain of sessions is too long."),
            (
                SessionRefusal::NothingMapped,
                "The identity provider's rules give this identity no rights here.",
            ),
        ] {
            answers(IdentityError::SessionRefused(refusal), (403, "AccessDenied", text));
        }
        assert_eq!(ApiError::from(IdentityError::RootOnly).code, "AccessDenied");
        let cut = ApiError::from(IdentityError::Cut(audit::Cut { revision: Revision(7) }));
        assert_eq!((cut.status, cut.code), (403, "AccessDenied"));
        assert_eq!(cut.reason, Reason::Revoked { revision: Some(Revision(7)) });
    }

    #[test]
    fn buckets_answer_in_the_words_of_s3() {
        let bucket: names::BucketName = "finance".parse().unwrap();
        let owner = "111122223333".parse().unwrap();
        for (error, status, code) in [
            (
                IdentityError::BucketExists { bucket: bucket.clone(), owner },
                409,
                "BucketAlreadyExists",
            ),
            (IdentityError::NoSuchBucket(bucket.clone()), 404, "NoSuchBucket"),
            (IdentityError::BucketPhase(bucket.clone()), 409, "OperationAborted"),
        ] {
            let mapped = ApiError::from(error);
            assert_eq!((mapped.status, mapped.code), (status, code));
            assert_eq!(mapped.details, vec![("BucketName".to_owned(), "finance".to_owned())]);
        }
    }

    #[test]
    fn what_went_wrong_here_is_not_the_callers_fault_and_tells_no_cause() {
        let log = |error| ApiError::from(IdentityError::Log(error));
        let full = log(StateLogError::Full);
        assert_eq!((full.status, &full.reason), (507, &Reason::NoSpace));
        assert_eq!(log(StateLogError::Conflict { expected: Revision(3) }).status, 503);
        assert_eq!(ApiError::from(IdentityError::Stopping).status, 503);
        let unreadable = ApiError::from(IdentityError::Unreadable {
            at: Revision(9),
            why: "the text of the record".into(),
        });
        assert_eq!((unreadable.status, unreadable.code), (500, "InternalError"));
        assert!(!unreadable.message.contains("record"));
        assert_eq!(ApiError::from(IdentityError::Unrecorded).status, 500);
        assert_eq!(ApiError::from(IdentityError::Bootstrap("has no account")).status, 500);
    }

    #[test]
    fn a_refused_token_has_a_coarse_code_and_a_precise_reason() {
        let at = Timestamp::from_seconds(1_700_000_000).unwrap();
        let cases = [
            (LoginError::Malformed { problem: "it is empty" }, "InvalidIdentityToken", "malformed"),
            (
                LoginError::Issuer { expected: "https://a".to_owned() },
                "InvalidIdentityToken",
                "issuer",
            ),
            (LoginError::Algorithm, "InvalidIdentityToken", "algorithm"),
            (LoginError::UnknownKey, "InvalidIdentityToken", "unknown-key"),
            (LoginError::Signature, "InvalidIdentityToken", "signature"),
            (LoginError::Expired { at }, "ExpiredTokenException", "expired"),
            (LoginError::NotYetValid { from: at }, "InvalidIdentityToken", "not-yet-valid"),
            (
                LoginError::Audience { found: vec!["other".to_owned()] },
                "InvalidIdentityToken",
                "audience",
            ),
            (LoginError::Claim { claim: "sub".to_owned() }, "InvalidIdentityToken", "claim"),
            (LoginError::Unreachable("refused".into()), "IDPCommunicationError", "unreachable"),
        ];
        let provider: Arn = "arn:aws:iam::111122223333:oidc-provider/a".parse().unwrap();
        for (error, code, rule) in cases {
            let mapped = ApiError::login(Some(provider.clone()), &error);
            assert_eq!((mapped.status, mapped.code), (400, code));
            let reason = Reason::LoginRefused { provider: Some(provider.clone()), rule };
            assert_eq!(mapped.reason, reason);
            assert!(!mapped.message.contains("other"), "{}", mapped.message);
            assert_eq!(ApiError::from(error).code, code);
        }
    }
}
