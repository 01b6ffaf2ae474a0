//! What only the assembled server can do for the native admin API.

use std::path::{Path, PathBuf};

use async_trait::async_trait;
use audit::Permit;
use identity::ops::{Backup, CheckToken, RotateMasterKey};
use identity::{ExternalIdentity, IdentityError, OidcProvider, Unverified};
use serde_json::{Map, Value};

use crate::error::ApiError;

/// What only the assembled server can do, because it alone knows the disk, the master key and the
/// network. Each method takes the permit of its operation: there is no other way to call it.
#[async_trait]
pub trait Operator: Send + Sync + 'static {
    /// Copies everything but the master key, consistently, into a directory of the server that is
    /// made if it is missing and must be empty. Requests go on meanwhile.
    ///
    /// Dropped midway, the copy may go on to its end; without its manifest it is not a backup.
    ///
    /// # Errors
    /// The directory cannot be used, or the copy failed; what was written until then is no backup.
    async fn backup(
        &self,
        permit: &Permit<Backup>,
        directory: &Path,
    ) -> Result<Copied, OperatorError>;

    /// Takes a new master key, keeps it where the old one is kept, and seals every secret anew.
    /// Answers how many there were. When it answers, no secret depends on the old key.
    ///
    /// Dropped midway, or failed: every secret still opens, and asking again finishes the work.
    ///
    /// # Errors
    /// The key is not the server's to change, or the new one could not be kept.
    async fn rotate_master_key(
        &self,
        permit: Permit<RotateMasterKey>,
    ) -> Result<usize, OperatorError>;

    /// Explains a token against providers, exactly as a login with it would be judged. May fetch
    /// keys; bounded in time. Never fails: what went wrong is what it reports.
    async fn diagnose(
        &self,
        permit: &Permit<CheckToken>,
        providers: &[OidcProvider],
        token: &Unverified<String>,
    ) -> TokenReport;

    /// Looks at a provider itself: whether it can be reached, and what it needs is there; and,
    /// where it is a directory and a login name is given, whom that is. Bounded in time. Never
    /// fails: what went wrong is what it reports.
    async fn examine(
        &self,
        permit: &Permit<CheckToken>,
        provider: &OidcProvider,
        name: Option<&str>,
    ) -> TokenReport {
        let (_, _, _) = (permit, provider, name);
        TokenReport { report: Map::new(), identity: None }
    }
}

/// What a backup holds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize)]
pub struct Copied {
    /// Metadata records.
    pub records: u64,
    /// Revisions of the authorization state.
    pub revisions: u64,
    /// Blobs.
    pub blobs: u64,
    /// Bytes of all files.
    pub bytes: u64,
}

/// What there is to say about a token.
#[derive(Debug, Clone)]
pub struct TokenReport {
    /// The report as it is shown: `provider`, `unverified_header`, `unverified_claims` and
    /// `findings`, each with `check`, `outcome`, `expected`, `actual` and perhaps `help`. No part
    /// of it may be a credential: the token's signature is never repeated.
    pub report: Map<String, Value>,
    /// Who signed in, if a login with this token would be believed.
    pub identity: Option<ExternalIdentity>,
}

/// Why the server did not do what an operator asked.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OperatorError {
    /// The directory of a backup holds something already.
    #[error("the directory `{}` is not empty", directory.display())]
    NotEmpty {
        /// Which.
        directory: PathBuf,
    },
    /// The directory of a backup is a server's: its data directory, or another backup's.
    #[error("the directory `{}` is in use", directory.display())]
    InUse {
        /// Which.
        directory: PathBuf,
    },
    /// The directory of a backup cannot be written.
    #[error("the directory `{}` cannot be written", directory.display())]
    Directory {
        /// Which.
        directory: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// The master key was given from outside, so it is changed there.
    #[error("the master key was given to the server from outside: it is rotated there")]
    KeyGiven,
    /// The same work is under way.
    #[error("the same work is under way")]
    UnderWay,
    /// It was refused in the words of identity.
    #[error(transparent)]
    Identity(#[from] IdentityError),
    /// It failed. The cause goes to the log.
    #[error("{what} failed")]
    Failed {
        /// What: `backup`, `rotation`, ….
        what: &'static str,
        /// Why.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
}

impl From<OperatorError> for ApiError {
    fn from(error: OperatorError) -> Self {
        let message = error.to_string();
        match error {
            OperatorError::NotEmpty { .. } => Self::new(409, "DirectoryNotEmpty", message)
                .helped("name a directory that does not exist yet, or an empty one"),
            OperatorError::InUse { .. } => Self::new(409, "DirectoryInUse", message)
                .helped("name a directory that does not exist yet, or an empty one"),
            OperatorError::Directory { source, .. } => {
                Self::new(400, "DirectoryUnusable", format!("{message}: {source}"))
                    .helped("the directory is one of the server's machine, writable by the server")
            }
            OperatorError::KeyGiven => Self::new(409, "KeyGiven", message).helped(
                "start the server with the new key first and the old one after it, then ask again",
            ),
            OperatorError::UnderWay => Self::new(409, "UnderWay", message),
            OperatorError::Identity(error) => error.into(),
            OperatorError::Failed { what, source } => {
                tracing::error!(error = %Chain(&*source), "{what} failed");
                Self::new(500, "InternalError", message)
                    .helped("the server's log says why, under this request's id")
            }
        }
    }
}

/// An error and everything that caused it, on one line.
struct Chain<'a>(&'a (dyn std::error::Error + 'static));

impl std::fmt::Display for Chain<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", self.0)?;
        let mut cause = self.0.source();
        while let Some(error) = cause {
            write!(f, ": {error}")?;
            cause = error.source();
        }
        Ok(())
    }
}
