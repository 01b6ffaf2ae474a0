//! The chain of signatures over the chunks of a body: each signs the one before it, the first signs
//! the request's (S3 API reference, "Signature calculations: chunked upload").

use names::Timestamp;

use crate::canonical::{hexadecimal, sha256_hex};
use crate::ecdsa::{KeyPair, PADDING, PublicKey, SIGNATURE_DIGITS_MAX};
use crate::key::{Algorithm, Scope, SigningKey};
use crate::verify::same;

/// What makes or proves the signatures of a chain.
#[derive(Clone, Debug)]
pub(crate) enum Link {
    /// Makes and proves.
    Hmac(SigningKey),
    /// Proves.
    Public(PublicKey),
    /// Makes.
    Pair(KeyPair),
}

impl Link {
    fn algorithm(&self) -> Algorithm {
        match self {
            Self::Hmac(_) => Algorithm::Hmac,
            Self::Public(_) | Self::Pair(_) => Algorithm::Ecdsa,
        }
    }

    fn proves(&self, text: &str, signature: &str) -> bool {
        match self {
            Self::Hmac(key) => same(&key.signature(text), signature),
            Self::Public(key) => key.proves(text, signature),
            Self::Pair(_) => false,
        }
    }

    /// A signature; none if this half makes none, which nobody will take for one.
    fn sign(&self, text: &str) -> String {
        match self {
            Self::Hmac(key) => key.signature(text),
            Self::Pair(key) => key.sign(text).unwrap_or_default(),
            Self::Public(_) => String::new(),
        }
    }
}

/// Makes or proves the next signature of a chunked body.
#[derive(Clone, Debug)]
pub(crate) struct Chain {
    link: Link,
    time: String,
    scope: String,
    previous: String,
}

impl Chain {
    /// The chain that begins with a request's own signature.
    pub(crate) fn new(link: Link, time: Timestamp, scope: &Scope, seed: &str) -> Self {
        Self { link, time: time.iso_basic(), scope: scope.to_string(), previous: seed.to_owned() }
    }

    /// How the chain's signatures are made.
    pub(crate) fn algorithm(&self) -> Algorithm {
        self.link.algorithm()
    }

    /// The signature of the next chunk, whose data has that SHA-256.
    pub(crate) fn sign_chunk(&mut self, sha256: &[u8; 32]) -> String {
        self.sign(&self.chunk_text(sha256))
    }

    /// The signature of the trailers, given as `name:value\n` each.
    pub(crate) fn sign_trailer(&mut self, lines: &str) -> String {
        self.sign(&self.trailer_text(lines))
    }

    /// Whether the next chunk, whose data has that SHA-256, has that signature.
    pub(crate) fn proves_chunk(&mut self, sha256: &[u8; 32], claimed: &str) -> bool {
        self.proves(&self.chunk_text(sha256), claimed)
    }

    /// Whether the trailers, given as `name:value\n` each, have that signature.
    pub(crate) fn proves_trailer(&mut self, lines: &str, claimed: &str) -> bool {
        self.proves(&self.trailer_text(lines), claimed)
    }

    fn sign(&mut self, text: &str) -> String {
        self.previous = self.link.sign(text);
        match self.algorithm() {
            Algorithm::Hmac => self.previous.clone(),
            // Signatures of this kind differ in length; AWS's signers fill them up.
            Algorithm::Ecdsa => {
                let fill = SIGNATURE_DIGITS_MAX.saturating_sub(self.previous.len());
                let padding: String = std::iter::repeat_n(PADDING, fill).collect();
                format!("{}{padding}", self.previous)
            }
        }
    }

    fn proves(&mut self, text: &str, claimed: &str) -> bool {
        let claimed = match self.algorithm() {
            Algorithm::Hmac => claimed,
            Algorithm::Ecdsa => claimed.trim_end_matches(PADDING),
        };
        let holds = self.link.proves(text, claimed);
        claimed.clone_into(&mut self.previous);
        holds
    }

    fn chunk_text(&self, sha256: &[u8; 32]) -> String {
        format!(
            "{}-PAYLOAD\n{}\n{}\n{}\n{}\n{}",
            self.algorithm().as_str(),
            self.time,
            self.scope,
            self.previous,
            sha256_hex(b""),
            hexadecimal(sha256)
        )
    }

    fn trailer_text(&self, lines: &str) -> String {
        format!(
            "{}-TRAILER\n{}\n{}\n{}\n{}",
            self.algorithm().as_str(),
            self.time,
            self.scope,
            self.previous,
            sha256_hex(lines.as_bytes())
        )
    }
}
