//! How long a connection may keep the server waiting. The stream below HTTP watches what HTTP
//! itself does not: how long the next request takes to come, and how long an answer stays unread.

use std::future::Future as _;
use std::io::{Error, ErrorKind, IoSlice, Result};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::sync::Notify;
use tokio::time::{Instant, Sleep, sleep};

use super::linger::{Linger, Lingering};
use crate::telemetry::{Limit, past};

/// How many more requests of a connection may be given up before there is an answer than are
/// answered (CVE-2023-44487); one more ends it.
pub(super) const GIVEN_UP_MAX: u64 = 100;

/// How long each wait may be.
#[derive(Debug, Clone, Copy)]
pub(super) struct Patience {
    /// From the connection to the first request, and from a head's first byte to its last.
    pub(super) head: Duration,
    /// Without a request, and without the client taking what it asked for.
    pub(super) idle: Duration,
    /// At the end, while the client still sends what nobody will use.
    pub(super) linger: Linger,
}

/// What a connection is doing; shared by its stream, its requests and whoever drives it.
pub(super) struct Pulse {
    /// How often the connection had its turn.
    turns: AtomicU64,
    /// Requests whose answers have not ended.
    in_flight: AtomicUsize,
    /// Requests so far.
    begun: AtomicU64,
    /// Requests that were answered.
    answered: AtomicU64,
    /// Requests that their client gave up before there was an answer.
    given_up: AtomicU64,
    /// When it was opened.
    opened: Instant,
    /// When the last request ended, in microseconds after that.
    ended: AtomicU64,
    /// The connection must be reset, not ended.
    cut: Arc<AtomicBool>,
    /// A request was answered whose body had not ended.
    unread: AtomicBool,
    /// Rings when the client has given up too often.
    fed_up: Notify,
}

impl Pulse {
    pub(super) fn new(cut: Arc<AtomicBool>) -> Arc<Self> {
        Arc::new(Self {
            turns: AtomicU64::new(0),
            in_flight: AtomicUsize::new(0),
            begun: AtomicU64::new(0),
            answered: AtomicU64::new(0),
            given_up: AtomicU64::new(0),
            opened: now(),
            ended: AtomicU64::new(0),
            cut,
            unread: AtomicBool::new(false),
            fed_up: Notify::new(),
        })
    }

    /// The connection has its turn: it reads, and answers what it has read.
    pub(super) fn turn(&self) {
        self.turns.fetch_add(1, Ordering::Relaxed);
    }

    fn turns(&self) -> u64 {
        self.turns.load(Ordering::Relaxed)
    }

    /// A request begins; it ends when the value goes.
    pub(super) fn begin(self: &Arc<Self>) -> Beat {
        self.begun.fetch_add(1, Ordering::Relaxed);
        self.in_flight.fetch_add(1, Ordering::Relaxed);
        Beat { pulse: Arc::clone(self), answered: false }
    }

    /// Ends when the client has given up too often.
    pub(super) async fn fed_up(&self) {
        self.fed_up.notified().await;
    }

    /// Asks for the connection to be reset.
    pub(super) fn cut(&self) {
        self.cut.store(true, Ordering::Relaxed);
    }

    /// Whether the client may still be sending a body that was refused.
    fn lingers(&self) -> bool {
        self.unread.load(Ordering::Relaxed) && !self.cut.load(Ordering::Relaxed)
    }

    fn ended(&self) -> Instant {
        let after = Duration::from_micros(self.ended.load(Ordering::Relaxed));
        self.opened.checked_add(after).unwrap_or(self.opened)
    }
}

#[expect(clippy::disallowed_methods, reason = "the clock of the runtime, whose timers these are")]
fn now() -> Instant {
    Instant::now()
}

/// A request in flight.
pub(super) struct Beat {
    pulse: Arc<Pulse>,
    answered: bool,
}

impl Beat {
    /// There is an answer.
    pub(super) fn answered(&mut self) {
        self.answered = true;
        self.pulse.answered.fetch_add(1, Ordering::Relaxed);
    }

    /// The answer comes before the request's body has ended.
    pub(super) fn unread(&self) {
        self.pulse.unread.store(true, Ordering::Relaxed);
    }

    /// Asks for the connection to be reset.
    pub(super) fn cut(&self) {
        self.pulse.cut();
    }
}

impl Drop for Beat {
    fn drop(&mut self) {
        let pulse = &self.pulse;
        if !self.answered {
            let given_up = pulse.given_up.fetch_add(1, Ordering::Relaxed);
            let answered = pulse.answered.load(Ordering::Relaxed);
            if given_up >= answered.saturating_add(GIVEN_UP_MAX) {
                pulse.fed_up.notify_one();
            }
        }
        let after = now().saturating_duration_since(pulse.opened).as_micros();
        pulse.ended.store(u64::try_from(after).unwrap_or(u64::MAX), Ordering::Relaxed);
        pulse.in_flight.fetch_sub(1, Ordering::Relaxed);
    }
}

/// What comes in pieces on a stream: heads one after the other, or frames of many requests.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shape {
    /// HTTP/1.1.
    Heads,
    /// HTTP/2: a byte that comes need not belong to a request.
    Frames,
}

/// A stream that gives up on a client that keeps it waiting.
///
/// One timer is always set, at the latest for when the present wait ends. HTTP need not read for it
/// to be heard: what it wakes reads, and what it finds then is reckoned anew.
pub(super) struct Patient<S> {
    stream: S,
    patience: Patience,
    shape: Shape,
    pulse: Arc<Pulse>,
    /// A byte of the head after so many requests has come, and since when the rest is waited for:
    /// of nearly every head there is none.
    head: Option<(u64, Option<Instant>)>,
    /// The turn in which bytes came last.
    heard: Option<u64>,
    /// The client's end has come in the same turn, and is told in the next.
    end: Option<Result<()>>,
    timer: Pin<Box<Sleep>>,
    writing: Option<Pin<Box<Sleep>>>,
    /// Our side has ended, the client's has not.
    lingering: Option<Lingering>,
}

impl<S> Patient<S> {
    pub(super) fn new(stream: S, patience: Patience, shape: Shape, pulse: Arc<Pulse>) -> Self {
        let timer = Box::pin(sleep(patience.head));
        let (head, heard, end, writing, lingering) = (None, None, None, None, None);
        Self { stream, patience, shape, pulse, head, heard, end, timer, writing, lingering }
    }

    /// When the present wait is over, and what is passed then; `None` while a request is answered.
    fn deadline(&self) -> Option<(Instant, Limit)> {
        if self.pulse.in_flight.load(Ordering::Relaxed) > 0 {
            return None;
        }
        let begun = self.pulse.begun.load(Ordering::Relaxed);
        let (since, length, limit) = match self.head {
            _ if begun == 0 => (self.pulse.opened, self.patience.head, Limit::HeadSeconds),
            Some((head, Some(since))) if head == begun => {
                (since, self.patience.head, Limit::HeadSeconds)
            }
            _ => (self.pulse.ended(), self.patience.idle, Limit::IdleSeconds),
        };
        since.checked_add(length).map(|deadline| (deadline, limit))
    }

    /// Bytes have come; whether a head begins with them, which may be whole: nobody waits for it
    /// before the stream is read again.
    fn begins_head(&mut self) -> bool {
        let begun = self.pulse.begun.load(Ordering::Relaxed);
        let idle = self.pulse.in_flight.load(Ordering::Relaxed) == 0;
        let known = self.head.is_some_and(|(head, _)| head == begun);
        let begins = self.shape == Shape::Heads && idle && begun > 0 && !known;
        if begins {
            self.head = Some((begun, None));
        }
        begins
    }

    /// The rest of a head is waited for, if not all of it came with its first byte.
    fn waits_for_head(&mut self) {
        let begun = self.pulse.begun.load(Ordering::Relaxed);
        if let Some((head, since)) = &mut self.head
            && *head == begun
        {
            since.get_or_insert_with(now);
        }
    }

    /// The client's end, in a later turn than its last bytes: a request that came with its client's
    /// hang-up is looked at before HTTP learns of that, and drops what it has not begun.
    fn told(&mut self, end: Result<()>, turn: u64, cx: &Context<'_>) -> Poll<Result<()>> {
        if self.heard != Some(turn) {
            return Poll::Ready(end);
        }
        self.end = Some(end);
        cx.waker().wake_by_ref();
        Poll::Pending
    }

    /// Looks at the clock, and has it ring when the present wait is over.
    fn poll_reading(&mut self, cx: &mut Context<'_>) -> Poll<Error> {
        self.waits_for_head();
        loop {
            let due = self.deadline();
            if let Some((deadline, _)) = due
                && self.timer.deadline() > deadline
            {
                self.timer.as_mut().reset(deadline);
            }
            ready!(self.timer.as_mut().poll(cx));
            match due {
                Some((deadline, limit)) if self.timer.deadline() >= deadline => {
                    return Poll::Ready(self.give_up(limit));
                }
                Some((deadline, _)) => self.timer.as_mut().reset(deadline),
                None => self.timer.set(sleep(self.patience.idle)),
            }
        }
    }

    /// Looks at the clock while nothing goes.
    fn poll_writing(&mut self, cx: &mut Context<'_>) -> Poll<Error> {
        let idle = self.patience.idle;
        let timer = self.writing.get_or_insert_with(|| Box::pin(sleep(idle)));
        ready!(timer.as_mut().poll(cx));
        Poll::Ready(self.give_up(Limit::IdleSeconds))
    }

    fn give_up(&self, limit: Limit) -> Error {
        past(limit);
        self.pulse.cut();
        ErrorKind::TimedOut.into()
    }

    /// The outcome of a write, unless the client has taken nothing for too long. One that fails is
    /// told a turn after what has come, as the client's end is: it fails again then.
    fn written<T>(&mut self, cx: &mut Context<'_>, outcome: Poll<Result<T>>) -> Poll<Result<T>> {
        if matches!(outcome, Poll::Ready(Err(_))) && self.heard == Some(self.pulse.turns()) {
            cx.waker().wake_by_ref();
            return Poll::Pending;
        }
        if outcome.is_ready() {
            self.writing = None;
            return outcome;
        }
        self.poll_writing(cx).map(Err)
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Patient<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<Result<()>> {
        let turn = self.pulse.turns();
        if let Some(end) = self.end.take() {
            return self.told(end, turn, cx);
        }
        let before = buf.filled().len();
        let outcome = Pin::new(&mut self.stream).poll_read(cx, buf);
        match outcome {
            Poll::Ready(Ok(())) if buf.filled().len() > before => {
                self.heard = Some(turn);
                if self.begins_head() {
                    return outcome;
                }
                // Bytes that keep coming do not put off the end of a head's time.
                match self.poll_reading(cx) {
                    Poll::Ready(error) => Poll::Ready(Err(error)),
                    Poll::Pending => outcome,
                }
            }
            Poll::Ready(end) => self.told(end, turn, cx),
            Poll::Pending => self.poll_reading(cx).map(Err),
        }
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> AsyncWrite for Patient<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<Result<usize>> {
        let outcome = Pin::new(&mut self.stream).poll_write(cx, bytes);
        self.written(cx, outcome)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        pieces: &[IoSlice<'_>],
    ) -> Poll<Result<usize>> {
        let outcome = Pin::new(&mut self.stream).poll_write_vectored(cx, pieces);
        self.written(cx, outcome)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<()>> {
        let outcome = Pin::new(&mut self.stream).poll_flush(cx);
        let outcome = ready!(self.written(cx, outcome));
        // An answer has gone out: what is waited for next may begin without another read.
        match self.poll_reading(cx) {
            Poll::Ready(error) => Poll::Ready(Err(error)),
            Poll::Pending => Poll::Ready(outcome),
        }
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<()>> {
        let this = &mut *self;
        if this.lingering.is_none() {
            let outcome = Pin::new(&mut this.stream).poll_shutdown(cx);
            ready!(this.written(cx, outcome))?;
            if !this.pulse.lingers() {
                return Poll::Ready(Ok(()));
            }
        }
        let linger = this.patience.linger;
        let lingering = this.lingering.get_or_insert_with(|| Lingering::new(linger));
        lingering.poll(&mut this.stream, cx).map(Ok)
    }
}
