//! Bodies: what a request declares about its body, proven as the bytes come in.

use std::fmt;

use bytes::Bytes;
use sha2::{Digest, Sha256};

use crate::chain::Chain;
use crate::chunked::Chunked;
use crate::encode::canonical_number;
use crate::error::{SignatureError, TrailerProblem};
use crate::key::Algorithm;
use crate::request::CanonicalRequest;
use crate::verify::same_bytes;

/// Most trailers that a request may announce.
pub const TRAILERS_MAX: usize = 8;

/// What `x-amz-content-sha256` says about the body (S3 API reference, "Authorization header").
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum PayloadForm {
    /// Its digest.
    Sha256([u8; 32]),
    /// Nothing.
    Unsigned,
    /// It comes in signed chunks.
    SignedChunks(Algorithm),
    /// It comes in signed chunks, then signed trailers.
    SignedChunksTrailer(Algorithm),
    /// It comes in chunks, then trailers, none of them signed.
    UnsignedTrailer,
}

impl PayloadForm {
    pub(crate) const UNSIGNED: &str = "UNSIGNED-PAYLOAD";
    pub(crate) const SIGNED_CHUNKS: &str = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD";
    pub(crate) const SIGNED_CHUNKS_TRAILER: &str = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER";
    pub(crate) const ECDSA_CHUNKS: &str = "STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD";
    pub(crate) const ECDSA_CHUNKS_TRAILER: &str =
        "STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD-TRAILER";
    pub(crate) const UNSIGNED_TRAILER: &str = "STREAMING-UNSIGNED-PAYLOAD-TRAILER";

    pub(crate) fn parse(text: &str) -> Result<Self, SignatureError> {
        match text {
            Self::UNSIGNED => Ok(Self::Unsigned),
            Self::SIGNED_CHUNKS => Ok(Self::SignedChunks(Algorithm::Hmac)),
            Self::SIGNED_CHUNKS_TRAILER => Ok(Self::SignedChunksTrailer(Algorithm::Hmac)),
            Self::ECDSA_CHUNKS => Ok(Self::SignedChunks(Algorithm::Ecdsa)),
            Self::ECDSA_CHUNKS_TRAILER => Ok(Self::SignedChunksTrailer(Algorithm::Ecdsa)),
            Self::UNSIGNED_TRAILER => Ok(Self::UnsignedTrailer),
            digest => {
                let mut bytes = [0; 32];
                let lower = !digest.bytes().any(|b| b.is_ascii_uppercase());
                if lower && hex::decode_to_slice(digest, &mut bytes).is_ok() {
                    Ok(Self::Sha256(bytes))
                } else {
                    Err(SignatureError::MalformedContentSha256)
                }
            }
        }
    }

    fn has_trailers(self) -> bool {
        matches!(self, Self::SignedChunksTrailer(_) | Self::UnsignedTrailer)
    }

    /// How its chunks are signed, if they are.
    pub(crate) fn chunks(self) -> Option<Algorithm> {
        match self {
            Self::SignedChunks(algorithm) | Self::SignedChunksTrailer(algorithm) => Some(algorithm),
            Self::Sha256(_) | Self::Unsigned | Self::UnsignedTrailer => None,
        }
    }
}

/// Turns the bytes of a body as they travel into the bytes that are meant, proving what was
/// declared. Does no I/O: bytes are pushed in as they come.
///
/// What comes out of a body in signed chunks is proven piece by piece; what comes out of any other
/// is provisional. In every form the body is proven, whole and no longer than declared, only when
/// [`PayloadDecoder::finish`] has said so: nothing may be committed before. An error is final.
///
/// ```
/// use bytes::Bytes;
/// use strongroom_signing::{CanonicalRequest, Claim, Verified};
///
/// let (parts, ()) = http::Request::put("/inbox/note")
///     .header("host", "store.example")
///     .header("x-amz-content-sha256", "STREAMING-UNSIGNED-PAYLOAD-TRAILER")
///     .header("x-amz-decoded-content-length", "5")
///     .header("x-amz-trailer", "x-amz-checksum-crc32")
///     .body(())
///     .unwrap()
///     .into_parts();
/// let request = CanonicalRequest::parse(&parts).unwrap();
/// let Ok(Claim::Anonymous(claim)) = request.credential() else { panic!("it has no credential") };
///
/// let mut decoder = Verified::anonymous(claim).payload().unwrap();
/// let mut body = Bytes::from("5\r\nhello\r\n0\r\nx-amz-checksum-crc32:NhCmhg==\r\n\r\n");
/// let mut out = Vec::new();
/// while let Some(piece) = decoder.push(&mut body).unwrap() {
///     out.extend_from_slice(&piece);
/// }
/// assert_eq!(out, b"hello");
/// assert_eq!(decoder.finish().unwrap().value("x-amz-checksum-crc32"), Some("NhCmhg=="));
/// ```
#[derive(Debug)]
pub struct PayloadDecoder {
    body: Body,
    length: Option<u64>,
    failure: Option<SignatureError>,
}

#[derive(Debug)]
enum Body {
    Plain(Plain),
    Chunked(Box<Chunked>),
}

impl PayloadDecoder {
    pub(crate) fn new(
        request: &CanonicalRequest,
        form: PayloadForm,
        chain: Option<Chain>,
    ) -> Result<Self, SignatureError> {
        let announced = announced_trailers(request, form)?;
        let chain = match (form, chain) {
            (PayloadForm::SignedChunks(_) | PayloadForm::SignedChunksTrailer(_), None) => {
                return Err(SignatureError::ChunkSignatureMismatch);
            }
            (PayloadForm::SignedChunks(_) | PayloadForm::SignedChunksTrailer(_), some) => some,
            (PayloadForm::Unsigned, _) => return Ok(Self::plain(request, None)),
            (PayloadForm::Sha256(digest), _) => return Ok(Self::plain(request, Some(digest))),
            (PayloadForm::UnsignedTrailer, _) => None,
        };
        let length = decoded_length(request)?;
        let chunked = Chunked::new(length, announced, chain);
        Ok(Self { body: Body::Chunked(Box::new(chunked)), length: Some(length), failure: None })
    }

    fn plain(request: &CanonicalRequest, digest: Option<[u8; 32]>) -> Self {
        let length = request.content_length();
        let digest = digest.map(|declared| (Sha256::new(), declared));
        Self { body: Body::Plain(Plain { digest, left: length }), length, failure: None }
    }

    /// The same, of which no signed chunk may have more than `max` bytes, nor more than
    /// [`crate::CHUNK_BYTES_MAX`]: each is held until its signature has been compared.
    #[must_use]
    pub fn limiting_chunks(mut self, max: u64) -> Self {
        if let Body::Chunked(chunked) = &mut self.body {
            chunked.limit(max);
        }
        self
    }

    /// How many bytes will come out, if that was declared.
    #[must_use]
    pub fn length(&self) -> Option<u64> {
        self.length
    }

    /// Takes bytes from the front of `input` and returns the next piece of the body; `None` when
    /// `input` is empty and more is needed. Call until it returns `None`.
    ///
    /// # Errors
    /// The body is not what was declared. Every later call returns the same error.
    pub fn push(&mut self, input: &mut Bytes) -> Result<Option<Bytes>, SignatureError> {
        if let Some(failure) = &self.failure {
            return Err(failure.clone());
        }
        let outcome = match &mut self.body {
            Body::Plain(plain) => plain.push(input),
            Body::Chunked(chunked) => chunked.push(input),
        };
        if let Err(failure) = &outcome {
            self.failure = Some(failure.clone());
        }
        outcome
    }

    /// Says that the body has ended.
    ///
    /// # Errors
    /// It ended early, or is not what was declared.
    pub fn finish(self) -> Result<Trailers, SignatureError> {
        match (self.failure, self.body) {
            (Some(failure), _) => Err(failure),
            (None, Body::Plain(plain)) => plain.finish(),
            (None, Body::Chunked(chunked)) => chunked.finish(),
        }
    }
}

/// The trailers that came after a body, each announced and proven as far as the body was.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Trailers(pub(crate) Vec<(String, String)>);

impl Trailers {
    /// The value of the trailer with that lower-case name.
    #[must_use]
    pub fn value(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(other, _)| other == name).map(|(_, value)| value.as_str())
    }

    /// Names and values, in the order received.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// Whether there was none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// A body that travels as it is.
struct Plain {
    digest: Option<(Sha256, [u8; 32])>,
    left: Option<u64>,
}

impl Plain {
    fn push(&mut self, input: &mut Bytes) -> Result<Option<Bytes>, SignatureError> {
        if input.is_empty() {
            return Ok(None);
        }
        let piece = std::mem::take(input);
        if let Some(left) = &mut self.left {
            let length = u64::try_from(piece.len()).unwrap_or(u64::MAX);
            *left = left.checked_sub(length).ok_or(SignatureError::TooMuchBody)?;
        }
        if let Some((hasher, _)) = &mut self.digest {
            hasher.update(&piece);
        }
        Ok(Some(piece))
    }

    fn finish(self) -> Result<Trailers, SignatureError> {
        if self.left.is_some_and(|left| left > 0) {
            return Err(SignatureError::IncompleteBody);
        }
        let holds = self
            .digest
            .is_none_or(|(hasher, declared)| same_bytes(hasher.finalize().as_slice(), &declared));
        if holds { Ok(Trailers::default()) } else { Err(SignatureError::ContentSha256Mismatch) }
    }
}

impl fmt::Debug for Plain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Plain").field("left", &self.left).finish_non_exhaustive()
    }
}

/// The announced trailers: checksums only, each once, exactly when the body's form has trailers.
fn announced_trailers(
    request: &CanonicalRequest,
    form: PayloadForm,
) -> Result<Vec<String>, SignatureError> {
    let bad = SignatureError::BadTrailer { problem: TrailerProblem::Announcement };
    let Ok(header) = request.header("x-amz-trailer") else { return Err(bad) };
    let Some(text) = header else {
        return if form.has_trailers() { Err(bad) } else { Ok(Vec::new()) };
    };
    let mut names: Vec<String> =
        text.split(',').map(|name| name.trim_matches([' ', '\t']).to_ascii_lowercase()).collect();
    let token = |b: u8| b.is_ascii_alphanumeric() || b == b'-';
    let checksum = |name: &String| {
        name.strip_prefix("x-amz-checksum-")
            .is_some_and(|algorithm| !algorithm.is_empty() && algorithm.bytes().all(token))
    };
    let good = form.has_trailers() && names.len() <= TRAILERS_MAX && names.iter().all(checksum);
    names.sort();
    if good && names.is_sorted_by(|one, next| one < next) { Ok(names) } else { Err(bad) }
}

fn decoded_length(request: &CanonicalRequest) -> Result<u64, SignatureError> {
    let name = "x-amz-decoded-content-length";
    let malformed = || SignatureError::MalformedHeader { name: name.to_owned() };
    let text = request.header(name).map_err(|_| malformed())?;
    canonical_number(text.ok_or(SignatureError::MissingDecodedLength)?).ok_or_else(malformed)
}
