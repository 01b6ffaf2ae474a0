//! The errors of each dialect, in its own shape, with the ids that `strongroom explain` resolves.

use names::{DecisionId, RequestId};

use crate::response::Response;
use crate::scalar::Times;
use crate::xml::write::Writer;

/// An S3 error answer.
///
/// ```
/// use names::RequestId;
/// use strongroom_wire::error::S3Error;
/// let error = S3Error {
///     status: 404,
///     code: "NoSuchKey",
///     message: "The specified key does not exist.".into(),
///     resource: "/finance/q3".into(),
///     details: vec![("Key".into(), "q3".into())],
///     request_id: RequestId::from_parts(0, [0; 10]),
///     decision_id: None,
///     host_id: String::new(),
/// };
/// assert!(error.to_response().body.unwrap().contains("<Code>NoSuchKey</Code>"));
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct S3Error {
    /// The HTTP status.
    pub status: u16,
    /// The code (S3 API reference, "List of error codes").
    pub code: &'static str,
    /// One sentence.
    pub message: String,
    /// The path that was asked for.
    pub resource: String,
    /// Further elements that the code has, as `Key` or `BucketName`.
    pub details: Vec<(String, String)>,
    /// The exchange.
    pub request_id: RequestId,
    /// The verdict, if this is a refusal.
    pub decision_id: Option<DecisionId>,
    /// Names the node that answered.
    pub host_id: String,
}

impl S3Error {
    /// The answer. For HEAD the api drops the body.
    #[must_use]
    pub fn to_response(&self) -> Response {
        let mut xml = Writer::new(Times::Millis);
        xml.element("Error", |to| {
            to.leaf("Code", self.code);
            to.leaf("Message", &self.message);
            for (name, value) in self.details.iter().filter(|(name, _)| is_name(name)) {
                to.leaf(name, value);
            }
            to.leaf("Resource", &self.resource);
            to.leaf("RequestId", &self.request_id.to_string());
            to.leaf("HostId", &self.host_id);
            decision(self.decision_id, to);
        });
        Response::text(self.status, "application/xml", xml.finish())
    }
}

/// An error answer of S3's control API, which has a wrapper where S3 has none (the service model's
/// errors are read below `ErrorResponse/Error`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ControlError {
    /// The HTTP status.
    pub status: u16,
    /// The code.
    pub code: &'static str,
    /// One sentence.
    pub message: String,
    /// The exchange.
    pub request_id: RequestId,
    /// The verdict, if this is a refusal.
    pub decision_id: Option<DecisionId>,
    /// Names the node that answered.
    pub host_id: String,
}

impl ControlError {
    /// The answer.
    #[must_use]
    pub fn to_response(&self) -> Response {
        let mut xml = Writer::new(Times::Millis);
        xml.element("ErrorResponse", |to| {
            to.element("Error", |to| {
                to.leaf("Code", self.code);
                to.leaf("Message", &self.message);
            });
            to.leaf("RequestId", &self.request_id.to_string());
            to.leaf("HostId", &self.host_id);
            decision(self.decision_id, to);
        });
        Response::text(self.status, "application/xml", xml.finish())
    }
}

/// Whose fault an error of the query protocol is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Blame {
    /// The caller's: a status of the 400s.
    Sender,
    /// The server's: a status of the 500s.
    Receiver,
}

/// An STS or IAM error answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QueryError {
    /// The service's namespace: [`crate::iam::NAMESPACE`] or [`crate::sts::NAMESPACE`].
    pub namespace: &'static str,
    /// The HTTP status.
    pub status: u16,
    /// Whose fault it is.
    pub blame: Blame,
    /// The code.
    pub code: &'static str,
    /// One sentence.
    pub message: String,
    /// The exchange.
    pub request_id: RequestId,
    /// The verdict, if this is a refusal.
    pub decision_id: Option<DecisionId>,
}

impl QueryError {
    /// The answer.
    #[must_use]
    pub fn to_response(&self) -> Response {
        let mut xml = Writer::new(Times::Seconds);
        xml.tag("ErrorResponse", &[("xmlns", self.namespace)], |to| {
            to.element("Error", |to| {
                to.leaf(
                    "Type",
                    match self.blame {
                        Blame::Sender => "Sender",
                        Blame::Receiver => "Receiver",
                    },
                );
                to.leaf("Code", self.code);
                to.leaf("Message", &self.message);
            });
            to.leaf("RequestId", &self.request_id.to_string());
            decision(self.decision_id, to);
        });
        Response::text(self.status, "text/xml", xml.finish())
    }
}

/// An error answer of the native admin API:
/// `{"error":{"code":…,"message":…,"request_id":…,"decision_id":…,"help":…}}`.
///
/// ```
/// use names::RequestId;
/// use strongroom_wire::error::AdminError;
/// let error = AdminError {
///     status: 403,
///     code: "AccessDenied",
///     message: "not allowed".into(),
///     request_id: RequestId::from_parts(0, [0; 10]),
///     decision_id: None,
///     help: Some("ask for `admin:ListSessions`".into()),
/// };
/// let body = error.to_response().body.unwrap();
/// assert!(body.starts_with(r#"{"error":{"code":"AccessDenied","message":"not allowed""#));
/// ```
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct AdminError {
    /// The HTTP status.
    #[serde(skip)]
    pub status: u16,
    /// The code.
    pub code: &'static str,
    /// One sentence.
    pub message: String,
    /// The exchange.
    pub request_id: RequestId,
    /// The verdict, if this is a refusal.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub decision_id: Option<DecisionId>,
    /// What to do about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub help: Option<String>,
}

impl AdminError {
    /// The answer.
    #[must_use]
    pub fn to_response(&self) -> Response {
        #[derive(serde::Serialize)]
        struct Body<'a> {
            error: &'a AdminError,
        }
        // Strings, numbers and options cannot fail to print as JSON.
        let body = serde_json::to_string(&Body { error: self }).unwrap_or_default();
        Response::text(self.status, "application/json", body)
    }
}

fn decision(id: Option<DecisionId>, to: &mut Writer) {
    if let Some(id) = id {
        to.leaf("DecisionId", &id.to_string());
    }
}

/// An element's name cannot be escaped, so a detail whose name is not one is left out.
fn is_name(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_alphabetic())
        && name.bytes().all(|b| b.is_ascii_alphanumeric())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ids() -> (RequestId, Option<DecisionId>) {
        let request = RequestId::from_parts(0, [0; 10]);
        (request, Some(DecisionId { request, ordinal: 1 }))
    }

    #[test]
    fn an_s3_refusal_has_the_s3_shape_and_both_ids() {
        let (request_id, decision_id) = ids();
        let error = S3Error {
            status: 403,
            code: "AccessDenied",
            message: "Access Denied".into(),
            resource: "/a/<b>&".into(),
            details: vec![("BucketName".into(), "a".into()), ("x y".into(), "z".into())],
            request_id,
            decision_id,
            host_id: "node".into(),
        };
        let response = error.to_response();
        assert_eq!(response.status, 403);
        assert_eq!(response.headers["content-type"], "application/xml");
        assert_eq!(
            response.body.unwrap(),
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Code>AccessDenied</Code>\
             <Message>Access Denied</Message><BucketName>a</BucketName>\
             <Resource>/a/&lt;b&gt;&amp;</Resource>\
             <RequestId>00000000000000000000000000</RequestId><HostId>node</HostId>\
             <DecisionId>00000000000000000000000000-1</DecisionId></Error>"
        );
    }

    #[test]
    fn a_query_refusal_has_the_query_shape_and_both_ids() {
        let (request_id, decision_id) = ids();
        let error = QueryError {
            namespace: crate::iam::NAMESPACE,
            status: 403,
            blame: Blame::Sender,
            code: "AccessDenied",
            message: "no".into(),
            request_id,
            decision_id,
        };
        assert_eq!(
            error.to_response().body.unwrap(),
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
             <ErrorResponse xmlns=\"https://iam.amazonaws.com/doc/2010-05-08/\">\
             <Error><Type>Sender</Type><Code>AccessDenied</Code><Message>no</Message></Error>\
             <RequestId>00000000000000000000000000</RequestId>\
             <DecisionId>00000000000000000000000000-1</DecisionId></ErrorResponse>"
        );
    }

    #[test]
    fn an_admin_error_without_a_verdict_names_none() {
        let (request_id, _) = ids();
        let error = AdminError {
            status: 500,
            code: "InternalError",
            message: "a \"quote\"".into(),
            request_id,
            decision_id: None,
            help: None,
        };
        assert_eq!(
            error.to_response().body.unwrap(),
            r#"{"error":{"code":"InternalError","message":"a \"quote\"","#.to_owned()
                + r#""request_id":"00000000000000000000000000"}}"#
        );
    }
}
