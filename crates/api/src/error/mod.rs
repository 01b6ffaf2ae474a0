//! Every error, mapped to the codes, statuses and texts of its dialect: here alone.

mod identity;
mod objects;
mod signature;
mod validation;

use std::ops::{Deref, DerefMut};

use audit::Reason;
use http::{HeaderMap, HeaderValue};
use names::{DecisionId, RequestId};
use wire::{AdminError, Blame, ControlError, FormError, QueryError, Response, S3Error, WireError};

use crate::body::ReadError;
use crate::dialect::Dialect;

/// An answer that is not what was asked for: a code for the client, a reason for the record. One
/// pointer, so that the way of those who do not fail stays short.
#[derive(Debug)]
pub(crate) struct ApiError(Box<Fault>);

/// What an [`ApiError`] says.
#[derive(Debug)]
pub(crate) struct Fault {
    pub(crate) status: u16,
    pub(crate) code: &'static str,
    pub(crate) message: String,
    /// Why the record says it was refused, if nothing had been permitted yet.
    pub(crate) reason: Reason,
    /// Further elements of an S3 error, such as `BucketName`.
    pub(crate) details: Vec<(String, String)>,
    /// What would help, where the dialect has a place for it.
    pub(crate) help: Option<String>,
    pub(crate) decision: Option<DecisionId>,
    pub(crate) headers: HeaderMap,
}

/// The host id of S3's errors: one store, one name.
const HOST_ID: &str = "strongroom";

impl ApiError {
    /// An error of the request, not of the caller's rights.
    pub(crate) fn new(status: u16, code: &'static str, message: impl Into<String>) -> Self {
        Self(Box::new(Fault {
            status,
            code,
            message: message.into(),
            reason: Reason::Malformed { what: "request" },
            details: Vec::new(),
            help: None,
            decision: None,
            headers: HeaderMap::new(),
        }))
    }

    pub(crate) fn because(mut self, reason: Reason) -> Self {
        self.reason = reason;
        self
    }

    pub(crate) fn with(mut self, name: &str, value: impl Into<String>) -> Self {
        self.details.push((name.to_owned(), value.into()));
        self
    }

    pub(crate) fn decided(mut self, id: DecisionId) -> Self {
        self.decision = Some(id);
        self
    }

    /// Says what would help.
    pub(crate) fn helped(mut self, help: &str) -> Self {
        self.help = Some(help.to_owned());
        self
    }

    /// A member of the request that cannot be what it is.
    pub(crate) fn argument(message: impl Into<String>) -> Self {
        Self::new(400, "InvalidArgument", message)
    }

    /// Something that S3 knows and this store does not: never taken and silently dropped.
    pub(crate) fn not_implemented(what: &str) -> Self {
        Self::new(501, "NotImplemented", format!("{what} is not implemented"))
            .because(Reason::UnknownOperation)
    }

    /// Something went wrong here. The cause goes to the log under the request's id.
    pub(crate) fn internal() -> Self {
        Self::new(500, "InternalError", "We encountered an internal error. Please try again.")
            .because(Reason::Unavailable { what: "server" })
    }

    /// The answer in the dialect's own shape.
    pub(crate) fn answer(&self, dialect: Dialect, resource: &str, id: RequestId) -> Response {
        let mut response = match dialect {
            Dialect::S3 => self.s3(resource, id),
            Dialect::Control => self.control(id),
            Dialect::Query { namespace } => self.query(namespace, id),
            Dialect::Target => self.target(),
            Dialect::Analyzer => self.analyzer(),
            Dialect::Admin => self.admin(id),
        };
        response.headers.extend(self.headers.clone());
        response
    }

    fn s3(&self, resource: &str, request_id: RequestId) -> Response {
        let error = S3Error {
            status: self.status,
            code: self.code,
            message: self.spoken(),
            resource: resource.to_owned(),
            details: self.details.clone(),
            request_id,
            decision_id: self.decision,
            host_id: HOST_ID.to_owned(),
        };
        error.to_response()
    }

    fn control(&self, request_id: RequestId) -> Response {
        let error = ControlError {
            status: self.status,
            code: self.code,
            message: self.spoken(),
            request_id,
            decision_id: self.decision,
            host_id: HOST_ID.to_owned(),
        };
        error.to_response()
    }

    fn query(&self, namespace: &'static str, request_id: RequestId) -> Response {
        let (status, code) = query_code(self.status, self.code);
        let blame = if status < 500 { Blame::Sender } else { Blame::Receiver };
        let message = self.spoken();
        let decision_id = self.decision;
        QueryError { namespace, status, blame, code, message, request_id, decision_id }
            .to_response()
    }

    /// JSON 1.1: the code is a type (Smithy, "AWS JSON 1.1 protocol", "Operation error
    /// serialization").
    fn target(&self) -> Response {
        let (status, code) = target_code(self.status, self.code);
        let value = serde_json::json!({
            "__type": code,
            "Message": self.spoken(),
            "DecisionId": self.decision.map(|id| id.to_string()),
        });
        Response::text(status, crate::organizations::CONTENT_TYPE, value.to_string())
    }

    /// REST and JSON: the code is in a header too (Smithy, "AWS restJson1 protocol", "Operation
    /// error serialization").
    fn analyzer(&self) -> Response {
        let (status, code) = analyzer_code(self.status, self.code);
        let mut value = serde_json::json!({
            "__type": code,
            "message": self.spoken(),
            "decisionId": self.decision.map(|id| id.to_string()),
        });
        if let Some(members) = value.as_object_mut().filter(|_| code == "ValidationException") {
            let said = self.details.iter().find(|(name, _)| name == "reason");
            let reason = said.map_or("other", |(_, reason)| reason.as_str());
            members.insert("reason".to_owned(), reason.into());
        }
        let mut response = Response::text(status, crate::analyzer::CONTENT_TYPE, value.to_string());
        response.headers.insert("x-amzn-errortype", HeaderValue::from_static(code));
        response
    }

    fn admin(&self, request_id: RequestId) -> Response {
        let error = AdminError {
            status: self.status,
            code: self.code,
            message: self.message.clone(),
            request_id,
            decision_id: self.decision,
            help: self.help.clone(),
        };
        error.to_response()
    }

    /// The message, with the decision's id where a command line shows nothing else.
    fn spoken(&self) -> String {
        match self.decision {
            Some(id) if self.code == "AccessDenied" => format!("{} (decision {id})", self.message),
            _ => self.message.clone(),
        }
    }
}

impl Deref for ApiError {
    type Target = Fault;

    fn deref(&self) -> &Fault {
        &self.0
    }
}

impl DerefMut for ApiError {
    fn deref_mut(&mut self) -> &mut Fault {
        &mut self.0
    }
}

/// What services of JSON 1.1 say where S3 says something else, all with 400 but what is our fault
/// (AWS Organizations API reference, "Common errors").
fn target_code(status: u16, code: &'static str) -> (u16, &'static str) {
    let code = match code {
        "AccessDenied" => "AccessDeniedException",
        "AccountProblem" | "InvalidAccessKeyId" | "InvalidToken" => "UnrecognizedClientException",
        "SignatureDoesNotMatch" | "RequestTimeTooSkewed" => "InvalidSignatureException",
        "AuthorizationHeaderMalformed" | "AuthorizationQueryParametersError" => {
            "IncompleteSignatureException"
        }
        "MissingAuthenticationToken" => "MissingAuthenticationTokenException",
        "ExpiredToken" => "ExpiredTokenException",
        "InvalidArgument" | "InvalidRequest" | "ValidationError" => "InvalidInputException",
        "MalformedPolicyDocument" | "MalformedPolicy" => "MalformedPolicyDocumentException",
        "LimitExceeded" => "ConstraintViolationException",
        "ConcurrentModification" => "ConcurrentModificationException",
        "SlowDown" => "TooManyRequestsException",
        "InternalError" => "ServiceException",
        other => other,
    };
    (if status < 500 { 400 } else { status }, code)
}

/// What the Access Analyzer says where S3 says something else: JSON 1.1's words for what is wrong
/// with a credential, with a status of their own (the service model).
fn analyzer_code(status: u16, code: &'static str) -> (u16, &'static str) {
    match code {
        "InvalidArgument" | "InvalidRequest" | "ValidationError" => (400, "ValidationException"),
        "SlowDown" => (429, "ThrottlingException"),
        "InternalError" => (500, "InternalServerException"),
        other => match target_code(status, other).1 {
            told if told == other => (status, other),
            told => (403, told),
        },
    }
}

/// What IAM and STS say where S3 says something else (IAM API reference, "Common errors").
fn query_code(status: u16, code: &'static str) -> (u16, &'static str) {
    match code {
        "InvalidAccessKeyId" | "InvalidToken" => (403, "InvalidClientTokenId"),
        "AuthorizationHeaderMalformed" | "AuthorizationQueryParametersError" => {
            (400, "IncompleteSignature")
        }
        "RequestTimeTooSkewed" => (403, "SignatureDoesNotMatch"),
        "ExpiredToken" => (403, "ExpiredToken"),
        "InvalidArgument" | "InvalidRequest" | "MalformedXML" => (400, "ValidationError"),
        "InternalError" => (500, "InternalFailure"),
        other => (status, other),
    }
}

impl From<WireError> for ApiError {
    fn from(error: WireError) -> Self {
        let what = match &error {
            WireError::Xml(_) | WireError::Root { .. } | WireError::NoBody { .. } => "xml",
            WireError::Form(_) => "form",
            _ => "message",
        };
        let code = match &error {
            WireError::Xml(_)
            | WireError::Root { .. }
            | WireError::NoBody { .. }
            | WireError::BodyNotText => "MalformedXML",
            WireError::Metadata { .. } => "MetadataTooLarge",
            WireError::Member { place: wire::Place::Body, .. } => "MalformedXML",
            WireError::Member { place: wire::Place::Form, .. } | WireError::Form(_) => {
                "ValidationError"
            }
            _ => "InvalidArgument",
        };
        let reason = match &error {
            WireError::Member { fault: wire::Fault::Items { .. }, .. } => {
                Reason::LimitExceeded { limit: "items" }
            }
            _ => Reason::Malformed { what },
        };
        let recorded = match &error {
            WireError::Member { place: wire::Place::Form, member, fault } => {
                validation::text(member, fault)
            }
            _ => None,
        };
        let message = recorded.unwrap_or_else(|| error.to_string());
        Self::new(400, code, message).because(reason)
    }
}

impl From<FormError> for ApiError {
    fn from(error: FormError) -> Self {
        Self::from(WireError::from(error))
    }
}

impl From<ReadError> for ApiError {
    fn from(error: ReadError) -> Self {
        match error {
            ReadError::TooLong { .. } => Self::new(413, "EntityTooLarge", error.to_string())
                .because(Reason::LimitExceeded { limit: "body_bytes" }),
            ReadError::Lost(cause) => cause.into(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id() -> RequestId {
        RequestId::from_parts(0, [0; 10])
    }

    #[test]
    fn each_dialect_has_its_own_word_for_an_unknown_key() {
        let error = ApiError::new(403, "InvalidAccessKeyId", "no such key");
        let s3 = error.answer(Dialect::S3, "/b", id()).body.unwrap_or_default();
        assert!(s3.contains("<Code>InvalidAccessKeyId</Code>"), "{s3}");
        let query = Dialect::Query { namespace: wire::sts::NAMESPACE };
        let sts = error.answer(query, "/", id()).body.unwrap_or_default();
        assert!(sts.contains("<Code>InvalidClientTokenId</Code>"), "{sts}");
    }

    #[test]
    fn a_refusal_names_its_decision_in_the_message_too() {
        let decision = DecisionId { request: id(), ordinal: 1 };
        let error = ApiError::new(403, "AccessDenied", "no").decided(decision);
        let body = error.answer(Dialect::S3, "/b/k", id()).body.unwrap_or_default();
        assert!(body.contains(&format!("(decision {decision})")), "{body}");
        assert!(body.contains(&format!("<DecisionId>{decision}</DecisionId>")), "{body}");
    }
}
