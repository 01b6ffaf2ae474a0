//! The sink that is a file: one line of JSON a leaf, synced before the cursor moves.

use std::fs::OpenOptions;
use std::io::{self, Write as _};
use std::path::PathBuf;

use audit::{Delivery, Offered, Sink, SinkError};

/// A file that grows.
pub(super) struct FileSink {
    path: PathBuf,
}

impl FileSink {
    pub(super) fn new(path: PathBuf) -> Self {
        Self { path }
    }

    fn append(&self, text: &[u8]) -> io::Result<()> {
        use std::os::unix::fs::OpenOptionsExt as _;
        let mut options = OpenOptions::new();
        let mut file = options.append(true).create(true).mode(0o600).open(&self.path)?;
        file.write_all(text)?;
        file.sync_data()
    }
}

impl Sink for FileSink {
    fn offer<'a>(&'a self, batch: &'a [Delivery]) -> Offered<'a> {
        let mut text = Vec::new();
        for delivery in batch {
            text.extend_from_slice(&super::message::line(delivery));
            text.push(b'\n');
        }
        // A batch is a few megabytes at most, and nobody waits for this task.
        let done = self.append(&text);
        Box::pin(async move {
            let why = |error: io::Error| SinkError::Later { why: error.to_string() };
            done.map(|()| Vec::new()).map_err(why)
        })
    }
}
