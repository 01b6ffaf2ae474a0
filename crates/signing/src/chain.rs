//! The chain of signatures over the chunks of a body: each signs the one before it, the first signs
//! the request's (S3 API reference, "Signature calculations: chunked upload").

use names::Timestamp;

use crate::canonical::sha256_hex;
use crate::key::{Scope, SigningKey};

/// Makes the next signature of a chunked body.
#[derive(Clone, Debug)]
pub(crate) struct Chain {
    key: SigningKey,
    time: String,
    scope: String,
    previous: String,
}

impl Chain {
    /// The chain that begins with a request's own signature.
    pub(crate) fn new(key: SigningKey, time: Timestamp, scope: &Scope, seed: &str) -> Self {
        Self { key, time: time.iso_basic(), scope: scope.to_string(), previous: seed.to_owned() }
    }

    /// The signature of the next chunk, whose data has that SHA-256.
    pub(crate) fn chunk(&mut self, sha256: &[u8; 32]) -> &str {
        let text = format!(
            "AWS4-HMAC-SHA256-PAYLOAD\n{}\n{}\n{}\n{}\n{}",
            self.time,
            self.scope,
            self.previous,
            sha256_hex(b""),
            hex::encode(sha256)
        );
        self.previous = self.key.signature(&text);
        &self.previous
    }

    /// The signature of the trailers, given as `name:value\n` each.
    pub(crate) fn trailer(&mut self, lines: &str) -> &str {
        let text = format!(
            "AWS4-HMAC-SHA256-TRAILER\n{}\n{}\n{}\n{}",
            self.time,
            self.scope,
            self.previous,
            sha256_hex(lines.as_bytes())
        );
        self.previous = self.key.signature(&text);
        &self.previous
    }
}
