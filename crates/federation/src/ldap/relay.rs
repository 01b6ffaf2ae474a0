//! Between a directory and the library that unpacks its messages: what `messages` finds nothing
//! wrong with is handed on whole, and the first message that it does ends the connection.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::UnixStream;
use tokio::time::timeout;

use super::messages::{Exchange, MessageFault, message_bytes};

/// How much is read at a time.
const READ_BYTES: usize = 16 * 1024;
/// How long a connection may take to be closed.
const CLOSING: Duration = Duration::from_secs(1);

/// A connection to a server, with TLS or without.
pub(super) trait Wire: AsyncRead + AsyncWrite + Unpin + Send {}

impl<S: AsyncRead + AsyncWrite + Unpin + Send> Wire for S {}

/// What a server sent that was refused, once it has.
#[derive(Clone, Debug, Default)]
pub(super) struct Refused(Arc<OnceLock<MessageFault>>);

impl Refused {
    /// What was wrong with it.
    pub(super) fn fault(&self) -> Option<MessageFault> {
        self.0.get().copied()
    }
}

/// Serves a connection until either side ends it. Dropped midway, both are closed.
pub(super) async fn serve(mut server: Box<dyn Wire>, mut library: UnixStream, refused: Refused) {
    match relayed(&mut server, &mut library).await {
        Ok(()) => {}
        Err(Ended::Refused(fault)) => {
            tracing::warn!(%fault, "what a directory sent is refused");
            // Said before the library learns that the connection is over.
            let _ = refused.0.set(fault);
        }
        Err(Ended::Closed(error)) => tracing::debug!(%error, "a connection to a directory ended"),
    }
    drop(library);
    let _ = timeout(CLOSING, server.shutdown()).await;
}

/// Why no more is handed on.
enum Ended {
    Closed(std::io::Error),
    Refused(MessageFault),
}

impl From<std::io::Error> for Ended {
    fn from(error: std::io::Error) -> Self {
        Self::Closed(error)
    }
}

impl From<MessageFault> for Ended {
    fn from(fault: MessageFault) -> Self {
        Self::Refused(fault)
    }
}

async fn relayed(server: &mut Box<dyn Wire>, library: &mut UnixStream) -> Result<(), Ended> {
    let (mut ours, mut theirs) = (Messages::default(), Messages::default());
    let mut exchange = Exchange::default();
    loop {
        ours.0.reserve(READ_BYTES);
        theirs.0.reserve(READ_BYTES);
        tokio::select! {
            read = library.read_buf(&mut ours.0) => {
                if read? == 0 {
                    return Ok(());
                }
                while let Some(message) = ours.next()? {
                    exchange.asks(&message)?;
                    server.write_all(&message).await?;
                }
                server.flush().await?;
            }
            read = server.read_buf(&mut theirs.0) => {
                if read? == 0 {
                    return Ok(());
                }
                while let Some(message) = theirs.next()? {
                    if exchange.answers(&message)? {
                        library.write_all(&message).await?;
                    }
                }
            }
        }
    }
}

/// Bytes as they come, and the whole messages in them.
#[derive(Default)]
struct Messages(Vec<u8>);

impl Messages {
    fn next(&mut self) -> Result<Option<Vec<u8>>, MessageFault> {
        match message_bytes(&self.0)? {
            Some(length) if length <= self.0.len() => {
                let rest = self.0.split_off(length);
                Ok(Some(std::mem::replace(&mut self.0, rest)))
            }
            _ => Ok(None),
        }
    }
}
