//! What all messages of a protocol can do, and the facts of an operation's route.

use names::RequestId;

use crate::form::Form;
use crate::malformed::WireError;
use crate::parts::Parts;
use crate::response::Response;
use crate::scalar::Times;
use crate::target::Level;
use crate::xml::write::Writer;

/// An S3 request.
pub trait RestRequest: Sized {
    /// Where the request is sent.
    const ROUTE: Route;

    /// Reads the request from its verified parts.
    ///
    /// # Errors
    /// A member is absent, malformed, given twice or against the service model; the first found.
    fn parse(from: &Parts<'_>) -> Result<Self, WireError>;
}

/// An S3 answer.
pub trait RestOutput {
    /// The answer as status, headers and, unless the operation streams its body, a body.
    fn to_response(&self) -> Response;
}

/// How the service model tells an S3 operation from its neighbours. An operation fits if its
/// method and level fit and every literal, parameter and header named here is present; of several
/// that fit, the one with the most of them is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Route {
    /// The operation's name, as in `s3:GetObject`.
    pub operation: &'static str,
    /// The HTTP method.
    pub method: &'static str,
    /// What the path names.
    pub level: Level,
    /// Query parameters that must be present, with their value (empty for markers as `?acl`).
    pub literals: &'static [(&'static str, &'static str)],
    /// Query parameters that the model requires.
    pub parameters: &'static [&'static str],
    /// Headers that tell the operation from another, in lower case: `x-amz-copy-source`.
    pub headers: &'static [&'static str],
    /// What the body of the request is.
    pub payload: Payload,
    /// The status of success.
    pub status: u16,
}

/// What the body of a request is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Payload {
    /// Nothing is read from it.
    None,
    /// Part of the message: give it to [`Parts::with_body`], whole.
    Message,
    /// The bytes of an object, not part of the message.
    Stream,
}

/// A request of the query protocol.
pub trait QueryRequest: Sized {
    /// The `Action` parameter that names the operation.
    const ACTION: &'static str;

    /// Every parameter that the operation has, without the numbers of lists: `Tags.member.Key`.
    const PARAMETERS: &'static [&'static str];

    /// Reads the request from its verified form. `Action` and `Version` are the caller's matter.
    ///
    /// # Errors
    /// A member is unknown, absent, malformed, given twice or against the service model; the first
    /// found.
    fn parse(form: &Form) -> Result<Self, WireError>;
}

/// An answer of the query protocol.
pub trait QueryOutput {
    /// The operation's name.
    const ACTION: &'static str;
    /// The XML namespace of the service.
    const NAMESPACE: &'static str;
    /// The name of the element around the result; `None` for operations without one.
    const RESULT: Option<&'static str>;

    /// Prints the members of the result.
    fn result(&self, to: &mut Writer);

    /// The answer as status, headers and body.
    fn to_response(&self, request_id: &RequestId) -> Response {
        let mut xml = Writer::new(Times::Seconds);
        let root = [Self::ACTION, "Response"].concat();
        xml.tag(&root, &[("xmlns", Self::NAMESPACE)], |to| {
            if let Some(result) = Self::RESULT {
                to.element(result, |to| self.result(to));
            }
            to.element("ResponseMetadata", |to| to.leaf("RequestId", &request_id.to_string()));
        });
        Response::text(200, "text/xml", xml.finish())
    }
}
