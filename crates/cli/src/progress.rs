//! Progress of long work, for people: one line that moves on a terminal, a plain line now and then
//! elsewhere.

use std::fs;
use std::io::{IsTerminal as _, Write as _};
use std::path::Path;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread::JoinHandle;
use std::time::Duration;

/// How often the line moves on a terminal, in milliseconds.
const TERMINAL_MILLIS: u64 = 500;
/// How often a plain line comes elsewhere, in milliseconds.
const PLAIN_MILLIS: u64 = 10_000;

/// Tells of the work until it is dropped.
pub(crate) struct Progress {
    over: Option<Sender<()>>,
    teller: Option<JoinHandle<()>>,
}

impl Progress {
    /// Nothing is told.
    pub(crate) fn silent() -> Self {
        Self { over: None, teller: None }
    }

    /// Tells `what`, for how long, and how far `measure` says it has come.
    pub(crate) fn start(what: &'static str, measure: impl Fn() -> String + Send + 'static) -> Self {
        let (over, ended) = channel();
        let terminal = std::io::stderr().is_terminal();
        let teller = std::thread::spawn(move || tell(what, &measure, &ended, terminal));
        Self { over: Some(over), teller: Some(teller) }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        drop(self.over.take());
        if let Some(teller) = self.teller.take() {
            // A teller that panicked has told its last.
            let _ = teller.join();
        }
    }
}

fn tell(what: &str, measure: &impl Fn() -> String, ended: &Receiver<()>, terminal: bool) {
    let every = Duration::from_millis(if terminal { TERMINAL_MILLIS } else { PLAIN_MILLIS });
    let (before, after) = if terminal { ("\r", "\x1b[K") } else { ("", "\n") };
    let mut waited = Duration::ZERO;
    while ended.recv_timeout(every) == Err(RecvTimeoutError::Timeout) {
        waited = waited.saturating_add(every);
        let line = format!("{before}{what}: {} s{}{after}", waited.as_secs(), measure());
        // A terminal that has gone away is told nothing.
        let _ = std::io::stderr().write_all(line.as_bytes());
    }
    if terminal && !waited.is_zero() {
        let _ = std::io::stderr().write_all(b"\r\x1b[K");
    }
}

/// How much a directory holds, as a progress line says it; nothing if it cannot be seen from here.
pub(crate) fn held(directory: &Path) -> String {
    match bytes(directory) {
        0 => String::new(),
        bytes => format!(", {} MiB", bytes >> 20),
    }
}

fn bytes(directory: &Path) -> u64 {
    let entries = fs::read_dir(directory).into_iter().flatten().flatten();
    entries
        .map(|entry| match entry.metadata() {
            Ok(metadata) if metadata.is_dir() => bytes(&entry.path()),
            Ok(metadata) => metadata.len(),
            Err(_) => 0,
        })
        .fold(0, u64::saturating_add)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_directory_holds_what_its_files_hold() {
        let directory = tempfile::tempdir().unwrap();
        fs::create_dir(directory.path().join("below")).unwrap();
        fs::write(directory.path().join("below/file"), vec![0; 3 << 20]).unwrap();
        assert_eq!(held(directory.path()), ", 3 MiB");
        assert_eq!(held(&directory.path().join("absent")), "");
    }

    #[test]
    fn work_that_ends_at_once_is_not_told_of() {
        drop(Progress::start("working", || panic!("nothing is measured before the first line")));
        drop(Progress::silent());
    }
}
