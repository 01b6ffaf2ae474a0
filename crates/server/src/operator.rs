//! What only the assembled server can do: backups, the master key, and looking at tokens.

use std::path::Path;
use std::sync::Arc;

use api::{Copied, Operator, OperatorError, TokenReport};
use async_trait::async_trait;
use audit::{Clock, Permit, Random};
use federation::oidc::{OidcLogins, Outcome};
use identity::ops::{Backup, CheckToken, RotateMasterKey};
use identity::{Identity, OidcProvider, Unverified};
use serde_json::{Map, Value};
use store::embedded::{CopyError, Data, OpenError};
use tokio::sync::Mutex;

use crate::directories::Directories;
use crate::master_key::{KeySource, Ring};

/// The operator's hands.
pub(crate) struct ServerOperator {
    data: Arc<Data>,
    identity: Arc<Identity>,
    logins: Arc<OidcLogins>,
    directories: Arc<Directories>,
    clock: Arc<dyn Clock>,
    random: Arc<dyn Random>,
    ring: Mutex<Ring>,
    copying: Arc<Mutex<()>>,
}

impl ServerOperator {
    pub(crate) fn new(
        data: Arc<Data>,
        identity: Arc<Identity>,
        (logins, directories): (Arc<OidcLogins>, Arc<Directories>),
        (clock, random): (Arc<dyn Clock>, Arc<dyn Random>),
        ring: Ring,
    ) -> Self {
        let copying = Arc::new(Mutex::new(()));
        Self { data, identity, logins, directories, clock, random, ring: Mutex::new(ring), copying }
    }
}

#[async_trait]
impl Operator for ServerOperator {
    async fn backup(
        &self,
        _permit: &Permit<Backup>,
        directory: &Path,
    ) -> Result<Copied, OperatorError> {
        let turn = Arc::clone(&self.copying).try_lock_owned();
        let turn = turn.map_err(|_| OperatorError::UnderWay)?;
        let (data, target) = (Arc::clone(&self.data), directory.to_owned());
        let copy = tokio::task::spawn_blocking(move || {
            let _turn = turn;
            data.backup(&target, &references)
        });
        let copied = copy.await.map_err(|source| failed("backup", source))?;
        let copied = copied.map_err(|error| copy_error(error, directory))?;
        let store::embedded::Copied { records, revisions, blobs, bytes } = copied;
        Ok(Copied { records, revisions, blobs, bytes })
    }

    async fn rotate_master_key(
        &self,
        permit: Permit<RotateMasterKey>,
    ) -> Result<usize, OperatorError> {
        let mut ring = self.ring.try_lock().map_err(|_| OperatorError::UnderWay)?;
        let KeySource::File(file) = ring.source.clone() else {
            return Err(OperatorError::KeyGiven);
        };
        // The new ring is on disk before anything is sealed under it; it holds the old key too, so
        // that a crash at any step leaves every secret readable.
        let next = ring.rotated(self.random.as_ref());
        let sealer = next.sealer().map_err(|source| failed("rotation", source))?;
        next.keep(&file).map_err(|source| failed("rotation", source))?;
        *ring = next;
        self.identity.replace_ring(sealer);
        Ok(self.identity.rotate(permit).await?.resealed)
    }

    async fn diagnose(
        &self,
        _permit: &Permit<CheckToken>,
        providers: &[OidcProvider],
        token: &Unverified<String>,
    ) -> TokenReport {
        let diagnosis = self.logins.diagnose(providers, token, self.clock.now()).await;
        let report = match serde_json::to_value(&diagnosis) {
            Ok(Value::Object(report)) => report,
            _ => Map::new(),
        };
        TokenReport { report, identity: diagnosis.identity }
    }

    async fn examine(
        &self,
        _permit: &Permit<CheckToken>,
        provider: &OidcProvider,
        name: Option<&str>,
    ) -> TokenReport {
        let (findings, identity) = match provider.issuer.directory() {
            Some(_) => self.directories.examine(provider, name, self.clock.now()).await,
            None => (self.logins.examine(provider).await, None),
        };
        let sound = findings.iter().all(|finding| finding.outcome != Outcome::Fail);
        let mut report = Map::new();
        report.insert("provider".to_owned(), provider.arn.as_str().into());
        report.insert("sound".to_owned(), sound.into());
        report.insert("findings".to_owned(), serde_json::json!(findings));
        TokenReport { report, identity }
    }
}

/// Which blobs a metadata record keeps alive, in the words of `store`.
pub(crate) fn references(key: &[u8], value: &[u8]) -> Result<Vec<objects::BlobId>, String> {
    objects::referenced_blobs(key, value).map_err(|error| error.to_string())
}

fn failed(
    what: &'static str,
    source: impl std::error::Error + Send + Sync + 'static,
) -> OperatorError {
    OperatorError::Failed { what, source: Box::new(source) }
}

fn copy_error(error: CopyError, directory: &Path) -> OperatorError {
    match error {
        CopyError::NotEmpty { .. } => OperatorError::NotEmpty { directory: directory.to_owned() },
        CopyError::Io(source) | CopyError::Open(OpenError::Io(source)) => {
            OperatorError::Directory { directory: directory.to_owned(), source }
        }
        CopyError::Open(OpenError::InUse) => {
            OperatorError::InUse { directory: directory.to_owned() }
        }
        other => failed("backup", other),
    }
}
