//! The line to a receiver: bytes out, answers in, both at once; and the sinks that keep one open
//! from batch to batch.

use std::io;
use std::ops::ControlFlow;
use std::time::Duration;

use audit::{Clock as _, Delivery, Offered, Sink, SinkError, Undeliverable};
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::sync::Mutex;

use crate::clock::SystemClock;
use crate::sinks::heard::{ANSWER_BYTES_MAX, Parsed, later};

/// How long a receiver may take over a batch.
pub(super) const ANSWER_SECONDS_MAX: Duration = Duration::from_secs(60);
/// A line that was quiet for so long is given up for a new one: receivers hang up on the silent.
const QUIET_SECONDS_MAX: Duration = Duration::from_secs(15);
/// How much is read at once.
const READ_BYTES: usize = 16 * 1024;

/// Something to speak over.
pub(super) trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}

impl<T: AsyncRead + AsyncWrite + Send + Unpin> Stream for T {}

/// An open line.
pub(super) struct Line {
    stream: Box<dyn Stream>,
    read: Vec<u8>,
}

impl Line {
    /// A line over anything that carries bytes both ways.
    pub(super) fn over(stream: impl AsyncRead + AsyncWrite + Send + Unpin + 'static) -> Self {
        Self { stream: Box::new(stream), read: Vec::new() }
    }

    /// Sends bytes.
    pub(super) async fn send(&mut self, bytes: &[u8]) -> Result<(), SinkError> {
        self.stream.write_all(bytes).await.map_err(broken)?;
        self.stream.flush().await.map_err(broken)
    }

    /// The next answer.
    pub(super) async fn answer<T>(
        &mut self,
        parse: impl Fn(&[u8]) -> Parsed<T>,
    ) -> Result<T, SinkError> {
        loop {
            if let Some(answer) = taken(&mut self.read, &parse)? {
                return Ok(answer);
            }
            more(&mut self.stream, &mut self.read).await?;
        }
    }

    /// Sends bytes while answers are heard, so that neither side waits for the other to listen.
    /// It ends when everything is sent and `hear` says that it heard enough.
    pub(super) async fn exchange<T>(
        &mut self,
        bytes: &[u8],
        parse: impl Fn(&[u8]) -> Parsed<T>,
        mut hear: impl FnMut(T) -> Result<ControlFlow<()>, SinkError>,
    ) -> Result<(), SinkError> {
        let Self { stream, read } = self;
        let (mut from, mut to) = tokio::io::split(stream);
        let write = async {
            to.write_all(bytes).await.map_err(broken)?;
            to.flush().await.map_err(broken)
        };
        let listen = async {
            loop {
                while let Some(answer) = taken(read, &parse)? {
                    if hear(answer)?.is_break() {
                        return Ok(());
                    }
                }
                more(&mut from, read).await?;
            }
        };
        tokio::try_join!(write, listen).map(|_| ())
    }

    /// Says that nothing more is sent, and waits until the other side has closed too: then it has
    /// read everything, since a line with unread bytes is reset, not closed.
    pub(super) async fn close(mut self) -> Result<Farewell, SinkError> {
        self.stream.shutdown().await.map_err(broken)?;
        let mut heard = [0; 512];
        loop {
            match self.stream.read(&mut heard).await {
                Ok(0) => return Ok(Farewell::Said),
                Ok(_) => {}
                Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => {
                    return Ok(Farewell::Unsaid);
                }
                Err(error) => return Err(broken(error)),
            }
        }
    }

    /// What carries the bytes, for who speaks by himself.
    pub(super) fn into_stream(self) -> Box<dyn Stream> {
        self.stream
    }
}

/// How a line ended.
#[derive(PartialEq, Eq, Debug, Clone, Copy)]
pub(super) enum Farewell {
    /// In order: over TLS the other side said so, sealed (RFC 8446 §6.1).
    Said,
    /// The other side of TLS only hung up.
    Unsaid,
}

/// Takes an answer from the bytes heard so far.
fn taken<T>(
    read: &mut Vec<u8>,
    parse: &impl Fn(&[u8]) -> Parsed<T>,
) -> Result<Option<T>, SinkError> {
    let Some((answer, length)) = parse(read)? else { return Ok(None) };
    read.drain(..length.min(read.len()));
    Ok(Some(answer))
}

async fn more(from: &mut (impl AsyncRead + Unpin), read: &mut Vec<u8>) -> Result<(), SinkError> {
    if read.len() >= ANSWER_BYTES_MAX {
        return Err(later("its answer is too long"));
    }
    read.reserve(READ_BYTES);
    match from.read_buf(read).await.map_err(broken)? {
        0 => Err(later("it hung up")),
        _ => Ok(()),
    }
}

/// The line is of no use any more.
#[expect(clippy::needless_pass_by_value, reason = "this is what `map_err` hands over")]
pub(super) fn broken(error: io::Error) -> SinkError {
    later(error.to_string())
}

/// Leaves that cannot be delivered, and the line if it can be used again.
pub(super) type Delivered<L> = Result<(Vec<Undeliverable>, Option<L>), SinkError>;

/// What is spoken over a line.
pub(super) trait Protocol: Send + Sync + 'static {
    /// An open line, greeted and ready.
    type Link: Send + 'static;

    /// Opens one.
    fn dial(&self) -> impl Future<Output = Result<Self::Link, SinkError>> + Send;

    /// Sends a batch and waits for what the receiver says to it.
    fn deliver(
        &self,
        link: Self::Link,
        batch: &[Delivery],
    ) -> impl Future<Output = Delivered<Self::Link>> + Send;
}

/// A sink that keeps its line while it is used. Dropped midway it hangs up.
pub(super) struct Linked<P: Protocol> {
    protocol: P,
    kept: Mutex<Option<(P::Link, Duration)>>,
    clock: SystemClock,
}

impl<P: Protocol> Linked<P> {
    pub(super) fn new(protocol: P) -> Self {
        Self { protocol, kept: Mutex::new(None), clock: SystemClock::new() }
    }

    async fn send(&self, batch: &[Delivery]) -> Result<Vec<Undeliverable>, SinkError> {
        let mut kept = self.kept.lock().await;
        let fresh = |at: &Duration| self.clock.monotonic().saturating_sub(*at) < QUIET_SECONDS_MAX;
        let old = kept.take().filter(|(_, at)| fresh(at));
        let (dead, link) = match old {
            // It may have hung up in the meantime, which says nothing of the batch.
            Some((link, _)) => match self.protocol.deliver(link, batch).await {
                Err(SinkError::Later { .. }) => self.anew(batch).await?,
                other => other?,
            },
            None => self.anew(batch).await?,
        };
        *kept = link.map(|link| (link, self.clock.monotonic()));
        Ok(dead)
    }

    async fn anew(&self, batch: &[Delivery]) -> Delivered<P::Link> {
        let link = self.protocol.dial().await?;
        self.protocol.deliver(link, batch).await
    }
}

impl<P: Protocol> Sink for Linked<P> {
    fn offer<'a>(&'a self, batch: &'a [Delivery]) -> Offered<'a> {
        Box::pin(async move {
            let sent = tokio::time::timeout(ANSWER_SECONDS_MAX, self.send(batch)).await;
            sent.unwrap_or_else(|_| Err(later("it does not answer")))
        })
    }
}
