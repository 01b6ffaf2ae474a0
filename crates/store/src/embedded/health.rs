//! Whether the engine may still write. A disk that failed to sync is never trusted again.

use std::fmt;
use std::io;
use std::sync::{Arc, OnceLock};

/// What made the engine stop.
#[derive(Clone, Debug, thiserror::Error)]
#[error("the disk failed while it was to {action} `{file}`: {cause}")]
pub struct Fatal {
    /// What was being done: `sync`, `write`, `read`.
    pub action: &'static str,
    /// The file, relative to the data directory.
    pub file: String,
    /// What the disk said.
    pub cause: Arc<io::Error>,
}

/// Called once, at the first fatal error, so that the server can stop the process.
pub type OnFatal = Arc<dyn Fn(&Fatal) + Send + Sync>;

/// The one place that knows whether the engine has stopped.
///
/// After a failed fsync the kernel may have dropped the dirty pages and call the next fsync a
/// success (PostgreSQL's "fsyncgate", 2018), so there is no way back but a restart.
pub(crate) struct Health {
    fatal: OnceLock<Fatal>,
    on_fatal: OnFatal,
}

impl Health {
    pub(crate) fn new(on_fatal: OnFatal) -> Self {
        Self { fatal: OnceLock::new(), on_fatal }
    }

    /// Stops the engine; the first cause is kept and reported.
    pub(crate) fn stop(&self, action: &'static str, file: &str, cause: io::Error) -> Fatal {
        let fatal = Fatal { action, file: file.to_owned(), cause: Arc::new(cause) };
        if self.fatal.set(fatal.clone()).is_ok() {
            tracing::error!(%fatal, "the store stopped writing");
            (self.on_fatal)(&fatal);
        }
        fatal
    }

    /// What stopped the engine, if anything did.
    pub(crate) fn stopped(&self) -> Option<&Fatal> {
        self.fatal.get()
    }

    /// Passes while the engine may write.
    pub(crate) fn check(&self) -> io::Result<()> {
        match self.stopped() {
            None => Ok(()),
            Some(fatal) => Err(io::Error::other(fatal.clone())),
        }
    }
}

impl fmt::Debug for Health {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Health").field("fatal", &self.fatal).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Mutex;

    #[test]
    fn the_first_fatal_error_is_kept_and_told_once() {
        let told = Arc::new(Mutex::new(Vec::new()));
        let listener = Arc::clone(&told);
        let health = Health::new(Arc::new(move |fatal: &Fatal| {
            listener.lock().unwrap().push(fatal.to_string());
        }));
        assert!(health.check().is_ok());
        health.stop("sync", "state.redb", io::Error::other("one"));
        health.stop("sync", "metadata.redb", io::Error::other("two"));
        assert!(health.check().is_err());
        let told = told.lock().unwrap();
        assert_eq!(
            *told,
            ["the disk failed while it was to sync `state.redb`: one"],
            "one report, of the first cause"
        );
    }
}
