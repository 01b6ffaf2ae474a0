//! The `aws-chunked` framing, as a state machine that holds at most one chunk.
//!
//! ```text
//! signed    hex;chunk-signature=<64 hex> CRLF data CRLF … 0;chunk-signature=… CRLF [trailers] CRLF
//! unsigned  hex CRLF data CRLF … 0 CRLF trailers CRLF
//! trailers  (name:value CRLF)+ [x-amz-trailer-signature:<64 hex> CRLF]
//! ```

use std::fmt;

use bytes::{Buf, Bytes, BytesMut};
use sha2::{Digest, Sha256};

use crate::chain::Chain;
use crate::error::{SignatureError, TrailerProblem};
use crate::key::Algorithm;
use crate::payload::Trailers;

/// Largest signed chunk: its data is held back until its signature has been verified.
pub const CHUNK_BYTES_MAX: u64 = 16 * 1024 * 1024;

/// Smallest signed chunk but the last one (S3 error `InvalidChunkSizeError`).
pub const CHUNK_BYTES_MIN: u64 = 8 * 1024;

/// Longest line that begins a chunk, its end included: sixteen digits, `;chunk-signature=`,
/// sixty-four more, CRLF.
pub const CHUNK_LINE_BYTES_MAX: usize = 99;

/// The same where chunks are signed with SigV4A: a hundred and forty-four digits instead.
pub const ECDSA_CHUNK_LINE_BYTES_MAX: usize = 179;

/// Longest trailer line, its end included.
pub const TRAILER_LINE_BYTES_MAX: usize = 512;

/// A size has at most sixteen hexadecimal digits.
const SIZE_DIGITS_MAX: usize = 16;

const TRAILER_SIGNATURE: &str = "x-amz-trailer-signature";

pub(crate) struct Chunked {
    state: State,
    /// The signatures, if chunks are signed.
    chain: Option<Chain>,
    /// What the decoded length still allows.
    left: u64,
    /// The most bytes of a signed chunk.
    bytes_max: u64,
    line: Vec<u8>,
    /// The held-back data of a signed chunk.
    held: BytesMut,
    hasher: Sha256,
    /// What the present chunk's signature is said to be.
    claimed: String,
    /// A chunk smaller than [`CHUNK_BYTES_MIN`] came: only the last may be.
    short: bool,
    announced: Vec<String>,
    trailers: Vec<(String, String)>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// A chunk's first line.
    Head,
    /// So many bytes of a chunk's data are to come.
    Data(u64),
    /// The line end after a chunk's data.
    DataEnd,
    /// A trailer, or the empty line after them.
    Trailer,
    /// The empty line after signed trailers.
    TrailerEnd,
    /// The empty line after a body without trailers.
    End,
    /// Everything has come and has been proven.
    Done,
}

impl Chunked {
    pub(crate) fn new(length: u64, announced: Vec<String>, chain: Option<Chain>) -> Self {
        Self {
            state: State::Head,
            chain,
            left: length,
            bytes_max: CHUNK_BYTES_MAX,
            line: Vec::new(),
            held: BytesMut::new(),
            hasher: Sha256::new(),
            claimed: String::new(),
            short: false,
            announced,
            trailers: Vec::new(),
        }
    }

    /// Takes no signed chunk of more bytes than that.
    pub(crate) fn limit(&mut self, bytes_max: u64) {
        self.bytes_max = self.bytes_max.min(bytes_max);
    }

    pub(crate) fn push(&mut self, input: &mut Bytes) -> Result<Option<Bytes>, SignatureError> {
        loop {
            let line_max = match self.state {
                State::Done if input.is_empty() => return Ok(None),
                State::Done => return Err(SignatureError::TooMuchBody),
                State::Data(_) if input.is_empty() => return Ok(None),
                State::Data(left) => {
                    if let Some(piece) = self.data(left, input)? {
                        return Ok(Some(piece));
                    }
                    continue;
                }
                State::Trailer | State::TrailerEnd => TRAILER_LINE_BYTES_MAX,
                State::Head | State::DataEnd | State::End => self.chunk_line_max(),
            };
            let Some(line) = self.take_line(input, line_max)? else { return Ok(None) };
            self.state = match self.state {
                State::Head => self.head(&line)?,
                State::Trailer => self.trailer(&line)?,
                State::End if !line.is_empty() => {
                    let problem = TrailerProblem::Unannounced;
                    return Err(SignatureError::BadTrailer { problem });
                }
                _ if !line.is_empty() => return Err(SignatureError::MalformedChunk),
                State::DataEnd => State::Head,
                State::TrailerEnd | State::End | State::Data(_) | State::Done => State::Done,
            };
        }
    }

    pub(crate) fn finish(self) -> Result<Trailers, SignatureError> {
        if self.state == State::Done {
            Ok(Trailers(self.trailers))
        } else {
            Err(SignatureError::IncompleteBody)
        }
    }

    fn chunk_line_max(&self) -> usize {
        match self.chain.as_ref().map(Chain::algorithm) {
            Some(Algorithm::Ecdsa) => ECDSA_CHUNK_LINE_BYTES_MAX,
            Some(Algorithm::Hmac) | None => CHUNK_LINE_BYTES_MAX,
        }
    }

    /// A line without its CRLF, once all of it has come.
    fn take_line(
        &mut self,
        input: &mut Bytes,
        max: usize,
    ) -> Result<Option<String>, SignatureError> {
        while let Some(&byte) = input.first() {
            input.advance(1);
            self.line.push(byte);
            if self.line.ends_with(b"\r\n") {
                let mut line = std::mem::take(&mut self.line);
                line.truncate(line.len().saturating_sub(2));
                let line = String::from_utf8(line).map_err(|_| SignatureError::MalformedChunk)?;
                return Ok(Some(line));
            }
            if self.line.len() >= max {
                return Err(SignatureError::MalformedChunk);
            }
        }
        Ok(None)
    }

    fn head(&mut self, line: &str) -> Result<State, SignatureError> {
        let size = match (&self.chain, line.split_once(";chunk-signature=")) {
            (Some(_), Some((size, signature))) => {
                signature.clone_into(&mut self.claimed);
                size
            }
            (None, None) => line,
            _ => return Err(SignatureError::MalformedChunk),
        };
        let hexadecimal = !size.is_empty()
            && size.len() <= SIZE_DIGITS_MAX
            && size.bytes().all(|b| b.is_ascii_hexdigit());
        let size = u64::from_str_radix(size, 16)
            .ok()
            .filter(|_| hexadecimal)
            .ok_or(SignatureError::MalformedChunk)?;
        if size == 0 {
            return self.last();
        }
        if self.chain.is_some() {
            if size > self.bytes_max {
                return Err(SignatureError::ChunkTooLarge { max: self.bytes_max });
            }
            if self.short {
                return Err(SignatureError::ChunkTooSmall { min: CHUNK_BYTES_MIN });
            }
            self.short = size < CHUNK_BYTES_MIN;
        }
        self.left = self.left.checked_sub(size).ok_or(SignatureError::TooMuchBody)?;
        Ok(State::Data(size))
    }

    /// The chunk of no bytes: after it comes no more data.
    fn last(&mut self) -> Result<State, SignatureError> {
        self.verify_chunk()?;
        if self.left > 0 {
            return Err(SignatureError::IncompleteBody);
        }
        Ok(if self.announced.is_empty() { State::End } else { State::Trailer })
    }

    /// Takes data of the present chunk; gives it out if that may be done already.
    fn data(&mut self, left: u64, input: &mut Bytes) -> Result<Option<Bytes>, SignatureError> {
        let take = usize::try_from(left).unwrap_or(usize::MAX).min(input.len());
        let piece = input.split_to(take);
        let left = left.saturating_sub(u64::try_from(take).unwrap_or(u64::MAX));
        self.state = if left == 0 { State::DataEnd } else { State::Data(left) };
        if self.chain.is_none() {
            return Ok(Some(piece));
        }
        self.hasher.update(&piece);
        self.held.extend_from_slice(&piece);
        if left > 0 {
            return Ok(None);
        }
        self.verify_chunk()?;
        Ok(Some(self.held.split().freeze()))
    }

    fn verify_chunk(&mut self) -> Result<(), SignatureError> {
        let Some(chain) = &mut self.chain else { return Ok(()) };
        let digest = std::mem::take(&mut self.hasher).finalize().into();
        if chain.proves_chunk(&digest, &self.claimed) {
            Ok(())
        } else {
            Err(SignatureError::ChunkSignatureMismatch)
        }
    }

    fn trailer(&mut self, line: &str) -> Result<State, SignatureError> {
        let refuse = |problem| Err(SignatureError::BadTrailer { problem });
        if line.is_empty() {
            return match (&self.chain, self.trailers.len() == self.announced.len()) {
                (Some(_), _) => Err(SignatureError::TrailerSignatureMismatch),
                (None, true) => Ok(State::Done),
                (None, false) => refuse(TrailerProblem::Missing),
            };
        }
        // Some clients end a trailer with an LF of its own before the CRLF, as AWS's text has it.
        let line = line.strip_suffix('\n').unwrap_or(line);
        let Some((name, value)) = line.split_once(':') else {
            return refuse(TrailerProblem::Malformed);
        };
        let (name, value) = (name.to_ascii_lowercase(), value.trim_matches([' ', '\t']));
        if self.chain.is_some() && name == TRAILER_SIGNATURE {
            return self.trailer_signature(value);
        }
        if value.is_empty() || !value.bytes().all(|b| b.is_ascii_graphic()) {
            return refuse(TrailerProblem::Malformed);
        }
        if self.announced.binary_search(&name).is_err() {
            return refuse(TrailerProblem::Unannounced);
        }
        if self.trailers.iter().any(|(other, _)| *other == name) {
            return refuse(TrailerProblem::Repeated);
        }
        self.trailers.push((name, value.to_owned()));
        Ok(State::Trailer)
    }

    fn trailer_signature(&mut self, claimed: &str) -> Result<State, SignatureError> {
        if self.trailers.len() != self.announced.len() {
            return Err(SignatureError::BadTrailer { problem: TrailerProblem::Missing });
        }
        let lines: String =
            self.trailers.iter().map(|(name, value)| format!("{name}:{value}\n")).collect();
        let holds = self.chain.as_mut().is_some_and(|chain| chain.proves_trailer(&lines, claimed));
        if holds { Ok(State::TrailerEnd) } else { Err(SignatureError::TrailerSignatureMismatch) }
    }
}

impl fmt::Debug for Chunked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Chunked")
            .field("state", &self.state)
            .field("left", &self.left)
            .finish_non_exhaustive()
    }
}
