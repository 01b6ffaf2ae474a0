//! The canonical request: what was received, parsed once. Nobody reads a raw path, query or header
//! after this.

use std::fmt;
use std::sync::Arc;

use http::Method;
use http::request::Parts;

use crate::claim::is_credential;
use crate::domains::Domains;
use crate::encode::{Plus, canonical_number, decoded};
use crate::error::SignatureError;

/// Most header lines in a request.
pub const HEADERS_MAX: usize = 256;

/// Most query parameters in a request.
pub const PARAMETERS_MAX: usize = 256;

/// A request as every later step sees it: the path and the query decoded exactly once, header names
/// in lower case, one host. Cloning is cheap.
///
/// A value given here is the value that was signed; only runs of spaces inside a header's value,
/// which SigV4 folds before signing, are kept as they came.
///
/// ```
/// use strongroom_signing::CanonicalRequest;
///
/// let (parts, ()) = http::Request::get("/finance/q%203?versionId=null")
///     .header("Host", "store.example")
///     .body(())
///     .unwrap()
///     .into_parts();
/// let request = CanonicalRequest::parse(&parts).unwrap();
/// assert_eq!(request.path(), "/finance/q 3");
/// assert_eq!(request.query("versionId"), Ok(Some("null")));
/// assert_eq!(request.host(), "store.example");
/// ```
#[derive(Clone)]
pub struct CanonicalRequest(Arc<Content>);

struct Content {
    method: Method,
    uri: http::Uri,
    /// The path that operations see: a bucket that the host names comes first.
    path: String,
    /// Where the path of the target begins in it.
    own: usize,
    query: Vec<(String, String)>,
    /// The headers as they were sent.
    sent: Vec<(String, String)>,
    /// The headers that operations see, if a presigned query holds any.
    seen: Option<Vec<(String, String)>>,
    /// How long their names are: most headers that are asked for are not there.
    lengths: Lengths,
    host: String,
    content_length: Option<u64>,
}

/// A header or query parameter that may come once came more often. Parameters that differ only in
/// the case of letters count as the same.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{name}` was sent more than once")]
pub struct Duplicate {
    /// What was repeated.
    pub name: String,
}

impl CanonicalRequest {
    /// Reads a request's head.
    ///
    /// # Errors
    /// The path or query has a broken percent-escape or is not UTF-8; a header is not UTF-8; there
    /// is no host, or more than one; a limit is passed.
    pub fn parse(parts: &Parts) -> Result<Self, SignatureError> {
        Self::parse_at(parts, &Domains::default())
    }

    /// Reads the head of a request to a server of these domains: a host below one of them names a
    /// bucket, which then comes first in [`CanonicalRequest::path`] (S3 user guide, "Virtual
    /// hosting of general purpose buckets"). What is signed is the target's path, and the host.
    ///
    /// ```
    /// use strongroom_signing::{CanonicalRequest, Domains};
    /// let domains = Domains::new(["store.example"]).unwrap();
    /// let (parts, ()) = http::Request::get("/q3.parquet")
    ///     .header("host", "finance.store.example:9000")
    ///     .body(())
    ///     .unwrap()
    ///     .into_parts();
    /// let request = CanonicalRequest::parse_at(&parts, &domains).unwrap();
    /// assert_eq!(request.path(), "/finance/q3.parquet");
    /// ```
    ///
    /// # Errors
    /// As [`CanonicalRequest::parse`].
    pub fn parse_at(parts: &Parts, domains: &Domains) -> Result<Self, SignatureError> {
        let raw = parts.uri.path();
        if !raw.starts_with('/') {
            return Err(SignatureError::MalformedPath);
        }
        let own_path = decoded(raw, Plus::Literal).ok_or(SignatureError::MalformedPath)?;
        let query = query_pairs(parts.uri.query().unwrap_or_default())?;
        let mut headers = header_pairs(parts)?;
        let host = host(parts, &headers)?;
        if !headers.iter().any(|(name, _)| name == "host") {
            headers.push(("host".to_owned(), host.clone()));
        }
        headers.sort_by(|(one, _), (other, _)| one.cmp(other));
        let (path, own) = match domains.bucket(&host) {
            Some(bucket) => {
                let bucket = bucket.to_ascii_lowercase();
                (format!("/{bucket}{own_path}"), bucket.len().saturating_add(1))
            }
            None => (own_path, 0),
        };
        let content_length = match values(&headers, "content-length") {
            [] => None,
            [(name, value)] => Some(
                canonical_number(value)
                    .ok_or_else(|| SignatureError::MalformedHeader { name: name.clone() })?,
            ),
            [(name, _), ..] => return Err(SignatureError::MalformedHeader { name: name.clone() }),
        };
        let (method, uri) = (parts.method.clone(), parts.uri.clone());
        let seen = seen(&headers, &query);
        let lengths = Lengths::of(seen.as_ref().unwrap_or(&headers));
        let sent = headers;
        let content =
            Content { method, uri, path, own, query, sent, seen, lengths, host, content_length };
        Ok(Self(Arc::new(content)))
    }

    /// The request that a browser's form means: that path, those headers, no query, and a body of
    /// which nothing is known.
    pub(crate) fn posted(&self, path: String, mut headers: Vec<(String, String)>) -> Self {
        headers.sort();
        Self(Arc::new(Content {
            method: self.0.method.clone(),
            uri: self.0.uri.clone(),
            path,
            own: 0,
            query: Vec::new(),
            lengths: Lengths::of(&headers),
            sent: headers,
            seen: None,
            host: self.0.host.clone(),
            content_length: None,
        }))
    }

    /// The method.
    #[must_use]
    pub fn method(&self) -> &Method {
        &self.0.method
    }

    /// The path, decoded once; it begins with `/`, and with a bucket if the host names one.
    #[must_use]
    pub fn path(&self) -> &str {
        &self.0.path
    }

    /// The target's own path, decoded once: only to be signed.
    pub(crate) fn own_path(&self) -> &str {
        self.0.path.get(self.0.own..).unwrap_or_default()
    }

    /// The bucket that the host names.
    pub(crate) fn host_bucket(&self) -> Option<&str> {
        self.0.path.get(1..self.0.own).filter(|bucket| !bucket.is_empty())
    }

    /// The path as it was received: only to be signed.
    pub(crate) fn raw_path(&self) -> &str {
        self.0.uri.path()
    }

    /// The query parameters in the order received, decoded once; `?a` is `("a", "")`.
    #[must_use]
    pub fn query_pairs(&self) -> &[(String, String)] {
        &self.0.query
    }

    /// The value of one query parameter.
    ///
    /// # Errors
    /// It was sent more than once, in whatever case of letters: a second reader could choose the
    /// other one (CVE-2022-2385).
    pub fn query(&self, name: &str) -> Result<Option<&str>, Duplicate> {
        let mut same = self.0.query.iter().filter(|(other, _)| other.eq_ignore_ascii_case(name));
        match (same.next(), same.next()) {
            (Some(_), Some(_)) => Err(Duplicate { name: name.to_owned() }),
            (Some((exact, value)), None) if exact == name => Ok(Some(value)),
            _ => Ok(None),
        }
    }

    /// Whether the query names the parameter exactly so, with any value.
    #[must_use]
    pub fn has_query(&self, name: &str) -> bool {
        self.0.query.iter().any(|(other, _)| other == name)
    }

    /// The headers, names in lower case and sorted, values trimmed; repeated ones one after the
    /// other in the order received. A presigned query may hold `x-amz-*` headers: they are here
    /// too.
    #[must_use]
    pub fn header_pairs(&self) -> &[(String, String)] {
        self.0.seen.as_deref().unwrap_or(&self.0.sent)
    }

    /// The headers as they were sent: only to be signed.
    pub(crate) fn sent_pairs(&self) -> &[(String, String)] {
        &self.0.sent
    }

    /// The value of one header, named in lower case.
    ///
    /// # Errors
    /// It was sent more than once.
    pub fn header(&self, name: &str) -> Result<Option<&str>, Duplicate> {
        match self.header_values(name) {
            [] => Ok(None),
            [(_, value)] => Ok(Some(value)),
            _ => Err(Duplicate { name: name.to_owned() }),
        }
    }

    /// Every line of one header, named in lower case, in the order received.
    pub(crate) fn header_values(&self, name: &str) -> &[(String, String)] {
        if self.0.lengths.has(name) { values(self.header_pairs(), name) } else { &[] }
    }

    /// The same, as they were sent: only to be signed.
    pub(crate) fn sent_values(&self, name: &str) -> &[(String, String)] {
        values(&self.0.sent, name)
    }

    /// The lines of each of some headers, whose names ascend, as they were sent: only to be signed.
    pub(crate) fn sent_runs<'a>(
        &'a self,
        names: &'a [String],
    ) -> impl Iterator<Item = (&'a str, &'a [(String, String)])> {
        let mut rest = self.sent_pairs();
        names.iter().map(move |name| {
            let passed = rest.iter().take_while(|(other, _)| other < name).count();
            let from = rest.get(passed..).unwrap_or_default();
            let own = from.iter().take_while(|(other, _)| other == name).count();
            let (run, after) = from.split_at_checked(own).unwrap_or_default();
            rest = after;
            (name.as_str(), run)
        })
    }

    /// The one host, with its port if it was given.
    #[must_use]
    pub fn host(&self) -> &str {
        &self.0.host
    }

    /// The declared length of the body as it travels, chunk framing included.
    #[must_use]
    pub fn content_length(&self) -> Option<u64> {
        self.0.content_length
    }
}

/// Method and path alone: queries and headers carry credentials.
impl fmt::Debug for CanonicalRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CanonicalRequest({} {:?})", self.method(), self.path())
    }
}

/// The headers that operations see when the query is presigned: signers may move `x-amz-*` headers
/// into it, and S3 reads them there as the headers that they are. One that comes both ways is one
/// that comes twice. `None` if there is none.
///
/// A checksum in such a query says nothing of the body: whoever makes a link to upload with has no
/// body, and the AWS SDK for JavaScript writes that of the empty one there. S3 does not read it,
/// and neither is it read here; a link holds to a checksum by the header among those it signs.
fn seen(sent: &[(String, String)], query: &[(String, String)]) -> Option<Vec<(String, String)>> {
    let named = |known: &str| query.iter().any(|(name, _)| name == known);
    let fourth = named("X-Amz-Signature");
    if !fourth && !named("Signature") {
        return None;
    }
    let moved: Vec<(String, String)> = query
        .iter()
        .map(|(name, value)| (name.to_ascii_lowercase(), value))
        .filter(|(name, _)| name.starts_with("x-amz-") && !is_credential(name))
        .filter(|(name, _)| !(fourth && BODY_CHECKSUMS.contains(&name.as_str())))
        .map(|(name, value)| (name, value.trim_matches([' ', '\t']).to_owned()))
        .collect();
    if moved.is_empty() {
        return None;
    }
    let mut all: Vec<(String, String)> = sent.iter().cloned().chain(moved).collect();
    all.sort_by(|(one, _), (other, _)| one.cmp(other));
    Some(all)
}

/// The headers that tell a body's checksum.
const BODY_CHECKSUMS: &[&str] = &[
    "x-amz-checksum-crc32",
    "x-amz-checksum-crc32c",
    "x-amz-checksum-crc64nvme",
    "x-amz-checksum-sha1",
    "x-amz-checksum-sha256",
    "x-amz-sdk-checksum-algorithm",
];

fn query_pairs(text: &str) -> Result<Vec<(String, String)>, SignatureError> {
    let mut pairs = Vec::new();
    for pair in text.split('&').filter(|pair| !pair.is_empty()) {
        if pairs.len() == PARAMETERS_MAX {
            return Err(SignatureError::TooManyParameters { max: PARAMETERS_MAX });
        }
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        let decode = |text| decoded(text, Plus::Space).ok_or(SignatureError::MalformedQueryString);
        pairs.push((decode(name)?, decode(value)?));
    }
    Ok(pairs)
}

fn header_pairs(parts: &Parts) -> Result<Vec<(String, String)>, SignatureError> {
    if parts.headers.len() > HEADERS_MAX {
        return Err(SignatureError::TooManyHeaders { max: HEADERS_MAX });
    }
    let mut pairs = Vec::with_capacity(parts.headers.len());
    for (name, value) in &parts.headers {
        let text = std::str::from_utf8(value.as_bytes())
            .map_err(|_| SignatureError::MalformedHeader { name: name.as_str().to_owned() })?;
        pairs.push((name.as_str().to_owned(), text.trim_matches([' ', '\t']).to_owned()));
    }
    Ok(pairs)
}

/// The one host: the `Host` header, or the authority of HTTP/2 and of an absolute target, which
/// must not contradict it (RFC 9112 §3.2).
fn host(parts: &Parts, headers: &[(String, String)]) -> Result<String, SignatureError> {
    let mut sent = headers.iter().filter(|(name, _)| name == "host").map(|(_, value)| value);
    let (header, second) = (sent.next(), sent.next());
    let authority = parts.uri.authority().map(http::uri::Authority::as_str);
    let host = match (header, authority) {
        _ if second.is_some() => return Err(SignatureError::HostConflict),
        (Some(header), Some(authority)) if !header.eq_ignore_ascii_case(authority) => {
            return Err(SignatureError::HostConflict);
        }
        (Some(header), _) => header,
        (None, Some(authority)) => authority,
        (None, None) => return Err(SignatureError::MissingHost),
    };
    let grammar = |b: u8| b.is_ascii_alphanumeric() || b"-._:[]".contains(&b);
    if host.is_empty() {
        Err(SignatureError::MissingHost)
    } else if host.bytes().all(grammar) {
        Ok(host.to_owned())
    } else {
        Err(SignatureError::MalformedHeader { name: "host".to_owned() })
    }
}

/// The run of entries with that name in a list sorted by name.
fn values<'a>(sorted: &'a [(String, String)], name: &str) -> &'a [(String, String)] {
    let start = sorted.partition_point(|(other, _)| other.as_str() < name);
    let from = sorted.get(start..).unwrap_or_default();
    let count = from.iter().take_while(|(other, _)| other == name).count();
    from.get(..count).unwrap_or_default()
}

/// The lengths that some names have, modulo 64: one bit each.
#[derive(Clone, Copy)]
struct Lengths(u64);

impl Lengths {
    fn of(pairs: &[(String, String)]) -> Self {
        Self(pairs.iter().fold(0, |bits, (name, _)| bits | Self::bit(name)))
    }

    /// Whether one of the names may be this one: one that is among them always may.
    fn has(self, name: &str) -> bool {
        self.0 & Self::bit(name) != 0
    }

    fn bit(name: &str) -> u64 {
        1 << (name.len() % 64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_header_that_is_there_is_found_and_no_other() {
        let name = |length: usize| "a".repeat(length);
        for sent in [vec![1, 2, 3], vec![63, 64, 65], vec![10, 74, 138], Vec::new()] {
            let mut request = http::Request::get("/").header("host", "h");
            for length in &sent {
                request = request.header(name(*length), length.to_string());
            }
            let (parts, ()) = request.body(()).unwrap().into_parts();
            let request = CanonicalRequest::parse(&parts).unwrap();
            for length in 1..=256 {
                let found = sent.contains(&length).then(|| length.to_string());
                assert_eq!(request.header(&name(length)).unwrap(), found.as_deref(), "{length}");
            }
            assert_eq!(request.header("host"), Ok(Some("h")));
        }
    }

    #[test]
    fn a_header_that_a_presigned_query_holds_is_found_too() {
        let uri = "/?X-Amz-Signature=0&X-Amz-Acl=private";
        let (parts, ()) =
            http::Request::get(uri).header("host", "h").body(()).unwrap().into_parts();
        let request = CanonicalRequest::parse(&parts).unwrap();
        assert_eq!(request.header("x-amz-acl"), Ok(Some("private")));
        assert_eq!(request.header("x-amz-acm"), Ok(None));
        assert_eq!(request.sent_values("x-amz-acl"), &[]);
    }
}
