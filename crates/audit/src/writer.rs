//! The writer thread: group commit of everything that waits, with one sync for all who asked.

use std::fs::{File, OpenOptions};
use std::io::Write;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::sync::mpsc::Receiver;

use crate::journal::{Command, JournalConfig, JournalError, Recovery, Status};

/// The state of the log on disk.
pub(crate) struct Core {
    file: File,
}

fn io(what: &'static str) -> impl Fn(std::io::Error) -> JournalError {
    move |source| JournalError::Io { what, source: Arc::new(source) }
}

impl Core {
    pub(crate) fn open(config: JournalConfig) -> Result<(Self, Recovery), JournalError> {
        std::fs::create_dir_all(&config.dir).map_err(io("make its directory"))?;
        let mut options = OpenOptions::new();
        let options = options.create(true).append(true);
        let file = options.open(config.dir.join("tail")).map_err(io("open its tail"))?;
        Ok((Self { file }, Recovery::default()))
    }
}

/// Serves commands until every sender is gone.
pub(crate) fn run(mut core: Core, commands: &Receiver<Command>, status: &Status) {
    while let Ok(command) = commands.recv() {
        status.waiting.fetch_sub(1, Ordering::AcqRel);
        let (leaves, receipt) = match command {
            Command::Append(append, receipt) => (append.leaves, receipt),
            Command::Flush(receipt) => (Vec::new(), Some(receipt)),
        };
        let mut result = Ok(());
        for leaf in leaves {
            result = result.and(core.file.write_all(&leaf)).and(core.file.write_all(b"\n"));
        }
        let result = result.and(core.file.sync_data()).map_err(io("write its tail"));
        if let Some(receipt) = receipt {
            // Nobody waits any more: the request was dropped.
            drop(receipt.send(result));
        }
    }
}
