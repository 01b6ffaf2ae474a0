//! The text that is signed: canonical request and string to sign (SigV4, "Create a signed AWS API
//! request").

use names::Timestamp;
use sha2::{Digest, Sha256};

use crate::encode::{Slash, encoded, push_encoded};
use crate::key::{Algorithm, Scope};
use crate::request::CanonicalRequest;

/// How a service turns a path into a canonical URI.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum PathRule {
    /// S3: the decoded path, encoded once, otherwise as it came.
    Single,
    /// Every other service: the path as it came, encoded again.
    Double,
}

impl PathRule {
    pub(crate) fn of(service: &str) -> Self {
        if service == "s3" { Self::Single } else { Self::Double }
    }

    fn canonical_uri(self, request: &CanonicalRequest) -> String {
        let mut out = String::with_capacity(request.raw_path().len());
        let path = match self {
            Self::Single => request.own_path(),
            Self::Double => request.raw_path(),
        };
        push_encoded(&mut out, path.as_bytes(), Slash::Keep);
        out
    }
}

/// The canonical request's text. `X-Amz-Signature` is not part of what it signs.
pub(crate) fn canonical_text(
    request: &CanonicalRequest,
    rule: PathRule,
    signed_headers: &[String],
    payload: &str,
) -> String {
    let mut out = String::with_capacity(1_024);
    out.push_str(request.method().as_str());
    out.push('\n');
    out.push_str(&rule.canonical_uri(request));
    out.push('\n');
    push_query(&mut out, request);
    out.push('\n');
    for (name, lines) in request.sent_runs(signed_headers) {
        out.push_str(name);
        out.push(':');
        for (index, (_, value)) in lines.iter().enumerate() {
            if index > 0 {
                out.push(',');
            }
            push_folded(&mut out, value);
        }
        out.push('\n');
    }
    out.push('\n');
    for (index, name) in signed_headers.iter().enumerate() {
        out.push_str(if index > 0 { ";" } else { "" });
        out.push_str(name);
    }
    out.push('\n');
    out.push_str(payload);
    out
}

/// Names and values encoded, sorted by name, then value.
fn push_query(out: &mut String, request: &CanonicalRequest) {
    let mut pairs: Vec<(String, String)> = request
        .query_pairs()
        .iter()
        .filter(|(name, _)| name != "X-Amz-Signature")
        .map(|(name, value)| (encoded(name), encoded(value)))
        .collect();
    pairs.sort();
    for (index, (name, value)) in pairs.iter().enumerate() {
        if index > 0 {
            out.push('&');
        }
        out.push_str(name);
        out.push('=');
        out.push_str(value);
    }
}

/// A trimmed header value, each run of spaces inside it made one.
fn push_folded(out: &mut String, value: &str) {
    if !value.contains("  ") {
        out.push_str(value);
        return;
    }
    let mut after_space = false;
    for c in value.chars() {
        if c != ' ' || !after_space {
            out.push(c);
        }
        after_space = c == ' ';
    }
}

/// Bytes in which a string to sign has room, unless a region has a very long name.
const TO_SIGN_BYTES_USUAL: usize = 192;

/// The string to sign for a canonical request.
pub(crate) fn string_to_sign(
    algorithm: Algorithm,
    time: Timestamp,
    scope: &Scope,
    canonical: &str,
) -> String {
    let mut text = String::with_capacity(TO_SIGN_BYTES_USUAL);
    for line in [algorithm.as_str(), &time.iso_basic()] {
        text.push_str(line);
        text.push('\n');
    }
    scope.push_to(&mut text);
    text.push('\n');
    text.push_str(&sha256_hex(canonical.as_bytes()));
    text
}

/// SHA-256 in lower-case hexadecimal.
pub(crate) fn sha256_hex(bytes: &[u8]) -> String {
    hexadecimal(&Sha256::digest(bytes).into())
}

/// Thirty-two bytes in lower-case hexadecimal, written at once and not digit by digit.
pub(crate) fn hexadecimal(bytes: &[u8; 32]) -> String {
    let mut digits = [0; 64];
    let written = hex::encode_to_slice(bytes, &mut digits);
    let text = written.ok().and_then(|()| std::str::from_utf8(&digits).ok());
    text.unwrap_or_default().to_owned()
}

/// Whether a path is what SigV4's normalisation would make of it: no empty, `.` or `..` segment.
///
/// Verification refuses other paths for the services that normalise, so that the path that was
/// signed is the path that is used.
pub(crate) fn is_normal(path: &str) -> bool {
    // Nearly every path of such a service.
    path == "/" || path == normalised(path)
}

/// The path without empty and `.` segments, `..` taking the segment before it (RFC 3986 §6.2.2.3,
/// and as the AWS vectors have it).
pub(crate) fn normalised(path: &str) -> String {
    let mut kept: Vec<&str> = Vec::new();
    for segment in path.split('/') {
        match segment {
            "" | "." => {}
            ".." => {
                kept.pop();
            }
            other => kept.push(other),
        }
    }
    let directory = path.ends_with('/') && !kept.is_empty();
    format!("/{}{}", kept.join("/"), if directory { "/" } else { "" })
}
