//! An answer before it is HTTP: status, headers, perhaps a body.

use std::borrow::Cow;
use std::collections::BTreeMap;

use http::header::{ACCEPT_RANGES, CONTENT_LENGTH, CONTENT_TYPE, ETAG, LAST_MODIFIED};
use http::{HeaderMap, HeaderName, HeaderValue};

use crate::scalar::{Scalar, Times};
use crate::xml::write::Writer;

/// What a message becomes. The api adds the ids, the date and, for streams, the body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Response {
    /// The HTTP status.
    pub status: u16,
    /// The headers that the message has, and the content type of `body`.
    pub headers: HeaderMap,
    /// XML, JSON or a policy document.
    pub body: Option<String>,
}

/// Headers for which there is room from the start, those that every answer gets among them.
const HEADERS_USUAL: usize = 12;

impl Response {
    /// An answer with nothing but a status.
    #[must_use]
    pub fn empty(status: u16) -> Self {
        Self { status, headers: HeaderMap::with_capacity(HEADERS_USUAL), body: None }
    }

    /// An answer with a whole body.
    #[must_use]
    pub fn text(status: u16, content_type: &'static str, body: String) -> Self {
        Self { body: Some(body), ..Self::empty(status) }.typed(content_type)
    }

    /// An S3 answer in XML, with that root element.
    pub(crate) fn xml(&mut self, root: &str, namespace: &str, inside: impl FnOnce(&mut Writer)) {
        let mut xml = Writer::new(Times::Millis);
        xml.tag(root, &[("xmlns", namespace)], inside);
        self.document("application/xml", Some(xml.finish()));
    }

    /// A body as it stands.
    pub(crate) fn document(&mut self, content_type: &'static str, body: Option<String>) {
        self.body = body;
        self.headers.insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
    }

    /// A header, if present. A value that cannot be a header is left out: it cannot have come in
    /// by one, and must not split the answer.
    pub(crate) fn header(&mut self, name: &'static str, value: Option<&impl Scalar>) {
        if let Some(value) = value {
            self.insert(name, value.print(Times::Http));
        }
    }

    /// A header whose time is written in ISO 8601.
    pub(crate) fn header_iso(&mut self, name: &'static str, value: Option<&impl Scalar>) {
        if let Some(value) = value {
            self.insert(name, value.print(Times::Millis));
        }
    }

    /// User metadata. Entries that cannot be headers are counted in `x-amz-missing-meta` (S3 API
    /// reference, GetObject).
    pub(crate) fn prefixed(&mut self, prefix: &str, values: &BTreeMap<String, String>) {
        let mut missing = 0_i32;
        for (name, value) in values {
            if !self.insert(&format!("{prefix}{name}"), value.into()) {
                missing = missing.saturating_add(1);
            }
        }
        self.header("x-amz-missing-meta", (missing > 0).then_some(&missing));
    }

    fn insert(&mut self, name: &str, value: Cow<'_, str>) -> bool {
        let name = name_of(name);
        let value = match value {
            Cow::Borrowed(value) => HeaderValue::from_bytes(value.as_bytes()),
            Cow::Owned(value) => HeaderValue::try_from(value),
        };
        let (Some(name), Ok(value)) = (name, value) else { return false };
        self.headers.insert(name, value);
        true
    }

    fn typed(mut self, content_type: &'static str) -> Self {
        self.headers.insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
        self
    }
}

/// The name of a header. Those of nearly every object are told apart without being parsed.
fn name_of(text: &str) -> Option<HeaderName> {
    Some(match text {
        "accept-ranges" => ACCEPT_RANGES,
        "content-length" => CONTENT_LENGTH,
        "content-type" => CONTENT_TYPE,
        "etag" => ETAG,
        "last-modified" => LAST_MODIFIED,
        _ => return HeaderName::from_bytes(text.as_bytes()).ok(),
    })
}
