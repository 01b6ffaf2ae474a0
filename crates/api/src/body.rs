//! Bodies: what comes in is proven as it is read, what goes out closes its entry at the end.

use std::pin::{Pin, pin};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use audit::{Guard, OpenEntry, Outcome};
use bytes::Bytes;
use futures_util::{FutureExt as _, stream};
use http_body::{Body, Frame, SizeHint};
use http_body_util::BodyExt as _;
use hyper::body::Incoming;
use names::{Checksum, ChecksumAlgorithm};
use objects::{BodyError, BodyProof, ByteStream, IncomingBody, TrailerSlot};
use signing::{PayloadDecoder, SignatureError, Trailers};
use tokio::time::{Sleep, sleep};

use crate::work::Turn;

/// The most bytes of a body that is read whole: a form, an XML document, a policy, JSON.
pub const DOCUMENT_BYTES_MAX: usize = 2 * 1024 * 1024;

/// How many body bytes have arrived; shared with the entry that is closed at the end.
#[derive(Clone, Default)]
pub(crate) struct Received(Arc<AtomicU64>, Arc<AtomicBool>);

/// Marks an answer, among its extensions, that comes before the request's body has ended: whoever
/// sends it may still be sending.
#[derive(Debug, Clone, Copy)]
pub struct Unread;

impl Received {
    fn add(&self, bytes: usize) {
        self.0.fetch_add(u64::try_from(bytes).unwrap_or(u64::MAX), Ordering::Relaxed);
    }

    pub(crate) fn bytes(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }

    /// The body has ended.
    pub(crate) fn end(&self) {
        self.1.store(true, Ordering::Relaxed);
    }

    /// Whether the body has ended.
    pub(crate) fn has_ended(&self) -> bool {
        self.1.load(Ordering::Relaxed)
    }
}

/// A body on its way in: the connection's bytes, and how patient to be.
pub(crate) struct Arriving {
    pub(crate) body: Incoming,
    pub(crate) pace: Pace,
    pub(crate) unproven_bytes_max: usize,
    pub(crate) chunk_bytes_max: u64,
    pub(crate) received: Received,
}

/// How fast a body must come: so many bytes in so long, while we wait for it. A byte now and then
/// holds the server no longer than none.
pub(crate) struct Pace {
    idle: Duration,
    progress_bytes: u64,
    /// What has come since there last was progress.
    bytes: u64,
    deadline: Option<Pin<Box<Sleep>>>,
}

impl Pace {
    pub(crate) fn new(idle: Duration, progress_bytes: u64) -> Self {
        Self { idle, progress_bytes: progress_bytes.max(1), bytes: 0, deadline: None }
    }

    /// What the client brings next; an error when its time is up.
    async fn next<T>(&mut self, coming: impl Future<Output = T>) -> Result<T, Elapsed> {
        let mut coming = pin!(coming);
        // What has come while nobody waited is progress enough.
        if let Some(come) = coming.as_mut().now_or_never() {
            self.deadline = None;
            return Ok(come);
        }
        let deadline = self.deadline.get_or_insert_with(|| Box::pin(sleep(self.idle)));
        tokio::select! {
            biased;
            come = coming => Ok(come),
            () = deadline.as_mut() => Err(Elapsed),
        }
    }

    fn came(&mut self, bytes: usize) {
        self.bytes = self.bytes.saturating_add(u64::try_from(bytes).unwrap_or(u64::MAX));
        if self.bytes >= self.progress_bytes {
            self.bytes = 0;
            self.deadline = None;
        }
    }
}

/// A body did not come in time.
struct Elapsed;

/// Why a body could not be read whole.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ReadError {
    /// More than may be read of a sender who is not known yet.
    #[error("the body is longer than {max} bytes")]
    TooLong {
        /// How many may be read.
        max: usize,
    },
    /// The connection failed, stood still, or ended before the body did.
    #[error(transparent)]
    Lost(#[from] BodyError),
}

impl Arriving {
    /// The next bytes; `None` at the end. Dropped midway, nothing is lost: the next call goes on.
    pub(crate) async fn next(&mut self) -> Result<Option<Bytes>, BodyError> {
        loop {
            let frame = self.pace.next(self.body.frame()).await;
            let frame = match frame {
                Err(Elapsed) => {
                    past("idle_seconds");
                    return Err(BodyError::Connection(std::io::ErrorKind::TimedOut.into()));
                }
                Ok(None) => {
                    self.received.end();
                    return Ok(None);
                }
                Ok(Some(Err(error))) => {
                    let kind = if error.is_incomplete_message() {
                        std::io::ErrorKind::UnexpectedEof
                    } else {
                        std::io::ErrorKind::Other
                    };
                    return Err(BodyError::Connection(std::io::Error::new(kind, error)));
                }
                Ok(Some(Ok(frame))) => frame,
            };
            if let Ok(data) = frame.into_data() {
                self.received.add(data.len());
                self.pace.came(data.len());
                if self.body.is_end_stream() {
                    self.received.end();
                }
                return Ok(Some(data));
            }
        }
    }

    /// The whole body, undecoded, of a sender who is not known yet.
    pub(crate) async fn whole(mut self) -> Result<Bytes, ReadError> {
        let max = self.unproven_bytes_max;
        let too_long = || {
            past("unproven_bytes");
            ReadError::TooLong { max }
        };
        // One that says so beforehand is not read at all.
        if self.body.size_hint().lower() > u64::try_from(max).unwrap_or(u64::MAX) {
            return Err(too_long());
        }
        let mut whole = Vec::new();
        while let Some(data) = self.next().await? {
            if whole.len().saturating_add(data.len()) > max {
                return Err(too_long());
            }
            whole.extend_from_slice(&data);
        }
        Ok(whole.into())
    }

    /// The body as a stream whose end means that digest, chunk signatures and trailers held.
    pub(crate) fn proven(
        self,
        decoder: PayloadDecoder,
        trailer: Option<ChecksumAlgorithm>,
    ) -> IncomingBody {
        let length = decoder.length();
        let slot = TrailerSlot::default();
        let decoder = decoder.limiting_chunks(self.chunk_bytes_max);
        let state = Proving {
            arriving: self,
            decoder: Some(decoder),
            pending: Bytes::new(),
            trailer: trailer.map(|algorithm| (algorithm, slot.clone())),
        };
        let stream = stream::unfold(Some(state), |state| async move {
            let mut state = state?;
            match state.next().await {
                Ok(Some(piece)) => Some((Ok(piece), Some(state))),
                Ok(None) => None,
                Err(error) => Some((Err(error), None)),
            }
        });
        IncomingBody { stream: Box::pin(stream), length, trailer: slot }
    }
}

/// A body between the connection and its consumer.
struct Proving {
    arriving: Arriving,
    decoder: Option<PayloadDecoder>,
    pending: Bytes,
    trailer: Option<(ChecksumAlgorithm, TrailerSlot)>,
}

impl Proving {
    async fn next(&mut self) -> Result<Option<Bytes>, BodyError> {
        loop {
            let Some(decoder) = self.decoder.as_mut() else { return Ok(None) };
            if let Some(piece) =
                decoder.push(&mut self.pending).map_err(|error| unproven(&error))?
            {
                return Ok(Some(piece));
            }
            match self.arriving.next().await? {
                Some(data) => self.pending = data,
                None => {
                    let finished = self.decoder.take().map(PayloadDecoder::finish);
                    if let Some(trailers) = finished {
                        self.declare(&trailers.map_err(|error| unproven(&error))?)?;
                    }
                    return Ok(None);
                }
            }
        }
    }

    fn declare(&self, trailers: &Trailers) -> Result<(), BodyError> {
        let Some((algorithm, slot)) = &self.trailer else { return Ok(()) };
        let value = trailers.value(algorithm.header()).ok_or(BodyError::Trailers)?;
        let checksum = Checksum::parse(*algorithm, value).map_err(|_| BodyError::Malformed)?;
        slot.declare(checksum);
        Ok(())
    }
}

/// Counts something that went past a limit, by the limit's setting.
pub(crate) fn past(limit: &'static str) {
    metrics::counter!("strongroom_limit_exceeded_total", "limit" => limit).increment(1);
}

/// What a failed proof means to the consumer of the body.
fn unproven(error: &SignatureError) -> BodyError {
    match error {
        SignatureError::ContentSha256Mismatch => BodyError::Unproven(BodyProof::PayloadHash),
        SignatureError::ChunkSignatureMismatch => BodyError::Unproven(BodyProof::ChunkSignature),
        SignatureError::TrailerSignatureMismatch => {
            BodyError::Unproven(BodyProof::TrailerSignature)
        }
        SignatureError::IncompleteBody | SignatureError::TooMuchBody => {
            BodyError::Length { declared: 0, received: 0 }
        }
        SignatureError::ChunkTooLarge { .. } => {
            past("chunk_bytes");
            BodyError::Malformed
        }
        SignatureError::BadTrailer { .. } => BodyError::Trailers,
        _ => BodyError::Malformed,
    }
}

/// The body of every answer. Its end closes the request's entry; an error resets the connection, so
/// that a cut transfer is never a clean end.
pub struct ResponseBody {
    content: Content,
    length: Option<u64>,
    closing: Option<Closing>,
    turn: Option<Turn>,
}

enum Content {
    Whole(Option<Bytes>),
    Stream(ByteStream),
}

/// What is written to the entry when the answer has gone out.
pub(crate) struct Closing {
    pub(crate) entry: OpenEntry,
    pub(crate) guard: Guard,
    pub(crate) outcome: Outcome,
    pub(crate) received: Received,
}

/// The transfer ended early. The cause is in the record and the log, never in the answer.
#[derive(Debug, thiserror::Error)]
#[error("the transfer ended early")]
pub struct TransferError;

impl ResponseBody {
    /// A body that is here already.
    pub(crate) fn whole(bytes: Bytes) -> Self {
        let length = u64::try_from(bytes.len()).ok();
        let content = Content::Whole(Some(bytes).filter(|bytes| !bytes.is_empty()));
        Self { content, length, closing: None, turn: None }
    }

    /// A body that is still being read.
    pub(crate) fn stream(stream: ByteStream, length: u64) -> Self {
        Self { content: Content::Stream(stream), length: Some(length), closing: None, turn: None }
    }

    /// The same body, with an entry to close at its end.
    pub(crate) fn closing(mut self, closing: Closing) -> Self {
        self.closing = Some(closing);
        self
    }

    /// The same body, whose request is being served until its end.
    pub(crate) fn holding(mut self, turn: Turn) -> Self {
        self.turn = Some(turn);
        self
    }

    /// Takes the bytes away, as the answer to HEAD is sent; the entry is still closed.
    pub(crate) fn emptied(mut self) -> Self {
        self.content = Content::Whole(None);
        self.length = Some(0);
        self
    }

    fn count(&mut self, bytes: usize) {
        if let Some(closing) = self.closing.as_mut() {
            let sent = u64::try_from(bytes).unwrap_or(u64::MAX);
            closing.outcome.bytes_out = closing.outcome.bytes_out.saturating_add(sent);
        }
    }

    /// Whether every byte that was announced is handed over.
    fn is_complete(&self) -> bool {
        let sent = self.closing.as_ref().map(|closing| closing.outcome.bytes_out);
        sent.is_some() && sent == self.length
    }

    fn end(&mut self) {
        if let Some(mut closing) = self.closing.take() {
            closing.outcome.bytes_in = closing.received.bytes();
            closing.entry.close(closing.outcome);
        }
        self.turn = None;
    }

    fn fail(&mut self) {
        if let Some(mut closing) = self.closing.take() {
            closing.outcome.bytes_in = closing.received.bytes();
            match closing.guard.cut() {
                Some(cut) => closing.entry.close_cut(cut, closing.outcome),
                None => closing.entry.close_aborted(closing.outcome),
            }
        }
    }
}

impl Drop for ResponseBody {
    fn drop(&mut self) {
        // A body without bytes is never polled, and has been answered all the same.
        if matches!(self.content, Content::Whole(None)) || self.is_complete() {
            self.end();
        } else {
            self.fail();
        }
    }
}

impl Body for ResponseBody {
    type Data = Bytes;
    type Error = TransferError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, TransferError>>> {
        let next = match &mut self.content {
            Content::Whole(bytes) => Poll::Ready(bytes.take().map(Ok)),
            Content::Stream(stream) => stream.as_mut().poll_next(cx),
        };
        match next {
            Poll::Pending => Poll::Pending,
            Poll::Ready(Some(Ok(bytes))) => {
                self.count(bytes.len());
                // A server that knows the length does not ask again after the last byte.
                if matches!(self.content, Content::Whole(None)) || self.is_complete() {
                    self.end();
                }
                Poll::Ready(Some(Ok(Frame::data(bytes))))
            }
            Poll::Ready(Some(Err(error))) => {
                tracing::debug!(%error, "a transfer ended early");
                self.fail();
                Poll::Ready(Some(Err(TransferError)))
            }
            Poll::Ready(None) => {
                self.end();
                Poll::Ready(None)
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        matches!(self.content, Content::Whole(None))
    }

    fn size_hint(&self) -> SizeHint {
        self.length.map_or_else(SizeHint::default, SizeHint::with_exact)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Whether a body is waited for that brings so many bytes every second for three minutes.
    async fn is_waited_for(bytes_a_second: usize) -> bool {
        let mut pace = Pace::new(Duration::from_secs(60), 128 * 60);
        for _ in 0..180 {
            let Ok(()) = pace.next(sleep(Duration::from_secs(1))).await else { return false };
            pace.came(bytes_a_second);
        }
        true
    }

    /// corpus: NET-07
    #[tokio::test(start_paused = true)]
    async fn a_body_that_brings_as_many_bytes_a_second_as_the_limit_is_read_and_a_slower_is_not() {
        // Sixty pieces come in sixty seconds: the last of them just in time.
        assert!(is_waited_for(129).await);
        assert!(!is_waited_for(127).await);
    }
}
