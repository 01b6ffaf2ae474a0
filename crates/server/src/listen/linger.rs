//! The end of a connection whose client is still sending. A socket that is closed with bytes unread
//! is reset, and the reset throws the answer away that told the client why. So what still comes is
//! read and thrown away first: so many bytes, for so long (RFC 9112 §9.6).

use std::future::Future as _;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::io::{AsyncRead, ReadBuf};
use tokio::time::{Sleep, sleep};

use crate::telemetry::{Limit, past};

/// How many bytes are read at once.
const PIECE_BYTES: usize = 16 * 1024;

/// How much is thrown away, and for how long.
#[derive(Debug, Clone, Copy)]
pub(super) struct Linger {
    /// `limits.linger_bytes`.
    pub(super) bytes: u64,
    /// `limits.linger_seconds`.
    pub(super) length: Duration,
}

/// A connection that has been answered, at its end.
pub(super) struct Lingering {
    left: u64,
    timer: Pin<Box<Sleep>>,
    piece: Box<[u8; PIECE_BYTES]>,
}

impl Lingering {
    pub(super) fn new(linger: Linger) -> Self {
        let timer = Box::pin(sleep(linger.length));
        Self { left: linger.bytes, timer, piece: Box::new([0; PIECE_BYTES]) }
    }

    /// Ready when the client has ended or a limit is passed; the connection may then be closed.
    pub(super) fn poll<S: AsyncRead + Unpin>(
        &mut self,
        stream: &mut S,
        cx: &mut Context<'_>,
    ) -> Poll<()> {
        loop {
            if self.timer.as_mut().poll(cx).is_ready() {
                past(Limit::LingerSeconds);
                return Poll::Ready(());
            }
            let mut buf = ReadBuf::new(self.piece.as_mut_slice());
            let read = ready!(Pin::new(&mut *stream).poll_read(cx, &mut buf));
            let came = u64::try_from(buf.filled().len()).unwrap_or(u64::MAX);
            if read.is_err() || came == 0 {
                return Poll::Ready(());
            }
            match self.left.checked_sub(came) {
                Some(left) => self.left = left,
                None => {
                    past(Limit::LingerBytes);
                    return Poll::Ready(());
                }
            }
        }
    }
}
