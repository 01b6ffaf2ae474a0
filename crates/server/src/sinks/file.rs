//! The sink that is a file: one line of JSON a leaf, synced before the cursor moves.

use std::fs::{File, OpenOptions};
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};

use audit::{Delivery, Offered, Sink, SinkError};

use crate::sinks::heard::later;
use crate::sinks::line::broken;

/// A file that grows.
pub(super) struct FileSink {
    path: PathBuf,
}

impl FileSink {
    pub(super) fn new(path: PathBuf) -> Self {
        Self { path }
    }
}

/// Appends, and syncs. What cannot be written whole is taken back, so that no line is torn.
fn append(path: &Path, text: &[u8]) -> io::Result<()> {
    use std::os::unix::fs::OpenOptionsExt as _;
    let mut options = OpenOptions::new();
    let mut file = options.read(true).append(true).create(true).mode(0o600).open(path)?;
    let length = file.metadata()?.len();
    if is_torn(&mut file, length)? {
        // The power went while we wrote: the leaf comes again on a line of its own.
        file.write_all(b"\n")?;
    }
    let written = file.write_all(text).and_then(|()| file.sync_data());
    if written.is_err() {
        // If this fails too, the next time finds the torn line.
        let _ = file.set_len(length);
    }
    written
}

/// Whether the last line has no end. What cannot be looked into, such as a pipe, has none.
fn is_torn(file: &mut File, length: u64) -> io::Result<bool> {
    let Some(last) = length.checked_sub(1) else { return Ok(false) };
    file.seek(SeekFrom::Start(last))?;
    let mut byte = [0];
    file.read_exact(&mut byte)?;
    Ok(byte != *b"\n")
}

impl Sink for FileSink {
    fn offer<'a>(&'a self, batch: &'a [Delivery]) -> Offered<'a> {
        let mut text = Vec::new();
        for delivery in batch {
            text.extend_from_slice(&super::message::line(delivery));
            text.push(b'\n');
        }
        let path = self.path.clone();
        // A disk that hangs holds up this sink, and nobody else. Dropped midway, it is written.
        let done = tokio::task::spawn_blocking(move || append(&path, &text));
        Box::pin(async move {
            match done.await {
                Ok(Ok(())) => Ok(Vec::new()),
                Ok(Err(error)) => Err(broken(error)),
                Err(error) => Err::<_, SinkError>(later(error.to_string())),
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_torn_by_power_loss_does_not_swallow_the_next() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("record.jsonl");
        append(&path, b"one\n").unwrap();
        OpenOptions::new().append(true).open(&path).unwrap().write_all(b"tw").unwrap();
        append(&path, b"two\nthree\n").unwrap();
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "one\ntw\ntwo\nthree\n");
    }
}
