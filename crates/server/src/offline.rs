//! What is done to a data directory without a server: restore, verify, reset the root.

use std::path::Path;
use std::sync::Arc;

use audit::{Clock as _, Guards};
use identity::ops::RootKey;
use identity::{Identity, IdentityError, Parts, Quotas};
use store::embedded::{self, Copied, CopyError, Data, Epoch, OpenError, Options, Verified};

use crate::clock::{SystemClock, SystemRandom};
use crate::first_start::{FirstStartError, RootCredential};
use crate::master_key::{Given, MasterKeyError, Ring};
use crate::operator::references;

/// Why something could not be done to a data directory.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OfflineError {
    /// The directory does not open; a running server has it for itself.
    #[error("the data directory does not open")]
    Open(#[from] OpenError),
    /// The copy failed.
    #[error("the copy failed")]
    Copy(#[from] CopyError),
    /// There is no master key.
    #[error("there is no master key")]
    MasterKey(#[from] MasterKeyError),
    /// The authorization state refuses.
    #[error("the authorization state refuses")]
    Identity(#[from] IdentityError),
    /// The credential cannot be handed over.
    #[error("the root credential cannot be handed over")]
    Credential(#[from] FirstStartError),
    /// There is no account yet: the directory was never started.
    #[error("there is no account yet: start a server on the directory first")]
    NoAccount,
    /// The runtime does not start.
    #[error("the runtime does not start")]
    Runtime(#[source] std::io::Error),
}

fn options() -> Options {
    Options::new(Epoch(0), Arc::new(|_| ()))
}

/// Makes a data directory from a backup. It begins a new epoch: when a server starts on it, nothing
/// that was revoked after the backup comes back, because no session from before counts.
///
/// # Errors
/// The backup is damaged, or the target is not empty.
pub fn restore(backup: &Path, target: &Path) -> Result<Copied, OfflineError> {
    let now = u64::try_from(SystemClock::new().now().millis()).unwrap_or(1);
    let options = Options { new_epoch: Epoch(now), ..options() };
    Ok(embedded::restore(backup, target, &options)?)
}

/// Reads every record and every block of a data directory and says what is wrong with it.
///
/// # Errors
/// The directory does not open at all.
pub fn verify(directory: &Path) -> Result<Verified, OfflineError> {
    Ok(embedded::verify(directory, &options(), &references)?)
}

/// Gives the first account a new root credential, shown as on the first start; the old one and
/// every session of it end.
///
/// # Errors
/// A server has the directory, or it was never started.
pub fn reset_root(directory: &Path) -> Result<(), OfflineError> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(OfflineError::Runtime)?;
    runtime.block_on(reset(directory))
}

async fn reset(directory: &Path) -> Result<(), OfflineError> {
    let data = Data::open(directory, &options())?;
    let ring = Ring::load(directory, &given(), &SystemRandom)?;
    let identity = Identity::open(Parts {
        log: data.state(),
        sealer: ring.sealer()?,
        clock: Arc::new(SystemClock::new()),
        random: Arc::new(SystemRandom),
        guards: Guards::new(),
        quotas: Quotas::default(),
    });
    let identity = identity.await?;
    let account = identity.snapshot().operator().ok_or(OfflineError::NoAccount)?;
    let credential = RootCredential::drawn(&SystemRandom)?;
    credential.hand_over(directory)?;
    let key = RootKey::Given { id: credential.id.clone(), secret: credential.secret.clone() };
    identity.reset_root(account, key).await?;
    Ok(())
}

#[expect(clippy::disallowed_methods, reason = "the master key may be given by the environment")]
fn given() -> Given {
    let read = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
    Given {
        text: read("STRONGROOM_MASTER_KEY"),
        file: read("STRONGROOM_MASTER_KEY_FILE").map(Into::into),
    }
}
