//! An answer's body on its way out: it holds its request in flight, and what fails in it resets the
//! connection.

use std::pin::Pin;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::task::{Context, Poll};

use hyper::body::{Body, Frame, SizeHint};

use super::patience::Beat;

/// The answers of one connection that wait for its client to take them, by ticks of a clock.
///
/// HTTP/2 lets a client take nothing of one answer while the connection goes on: no stream below
/// sees that.
#[derive(Default)]
pub(super) struct Shelf {
    ticks: AtomicU64,
    answers: Mutex<Vec<Weak<Since>>>,
}

/// Since which tick an answer waits for its client; 0 while it does not.
struct Since(AtomicU64);

impl Shelf {
    /// The clock ticks; whether an answer has waited for `patience` ticks.
    pub(super) fn tick(&self, patience: u64) -> bool {
        let now = self.ticks.fetch_add(1, Ordering::Relaxed).saturating_add(1);
        let mut answers = self.answers.lock().unwrap_or_else(PoisonError::into_inner);
        answers.retain(|answer| answer.strong_count() > 0);
        answers.iter().filter_map(Weak::upgrade).any(|answer| {
            let since = answer.0.load(Ordering::Relaxed);
            since > 0 && now.saturating_sub(since) >= patience
        })
    }

    fn now(&self) -> u64 {
        self.ticks.load(Ordering::Relaxed).max(1)
    }

    fn put(&self) -> Arc<Since> {
        let since = Arc::new(Since(AtomicU64::new(self.now())));
        let mut answers = self.answers.lock().unwrap_or_else(PoisonError::into_inner);
        answers.push(Arc::downgrade(&since));
        since
    }
}

/// What becomes of a connection whose answer fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum OnFailure {
    /// It is reset: the answer is all that it carries.
    Reset,
    /// The answer's stream is reset, by HTTP/2 itself.
    Nothing,
}

/// The body of an answer.
pub(super) struct Answer<B> {
    body: Pin<Box<B>>,
    beat: Beat,
    on_failure: OnFailure,
    waiting: Option<(Arc<Shelf>, Arc<Since>)>,
}

impl<B> Answer<B> {
    pub(super) fn new(body: B, beat: Beat, on_failure: OnFailure) -> Self {
        Self { body: Box::pin(body), beat, on_failure, waiting: None }
    }

    /// The same body, on a shelf that counts how long it waits for its client.
    pub(super) fn shelved(mut self, shelf: Arc<Shelf>) -> Self {
        let since = shelf.put();
        self.waiting = Some((shelf, since));
        self
    }
}

impl<B: Body> Body for Answer<B> {
    type Data = B::Data;
    type Error = B::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<B::Data>, B::Error>>> {
        let outcome = self.body.as_mut().poll_frame(cx);
        if let Some((shelf, since)) = &self.waiting {
            // While it is pending, the client waits for us.
            let now = if outcome.is_pending() { 0 } else { shelf.now() };
            since.0.store(now, Ordering::Relaxed);
        }
        if matches!(outcome, Poll::Ready(Some(Err(_)))) && self.on_failure == OnFailure::Reset {
            self.beat.cut();
        }
        outcome
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
