//! The directories of the operator's file: who signs in with them, and what becomes of whom they
//! have no more.

mod people;
mod sync;
mod throttle;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use audit::{Clock, SystemActor};
use federation::egress::SystemLookup;
use federation::ldap::{
    BadDirectory, Directory, DirectoryError, DirectoryForm, DirectoryLogins, DirectorySettings,
    LdapDirectory, LdapRefusal, Typed,
};
use federation::oidc::{Finding, Outcome};
use identity::ops::{SyncDirectory, Told, ToldGroups};
use identity::{
    ExternalIdentity, Identity, Left, LoginError, LoginProvider, OidcProvider, TypedPassword,
    Unverified,
};
use names::Timestamp;
use serde::Deserialize;

use self::sync::take_over;
pub(crate) use self::sync::{Synced, start};
use self::throttle::Throttle;

/// A refusal waits until so many milliseconds have gone since it was asked for, or twice as many,
/// and so on. What a directory does with a wrong password (a slow digest of it) and with a name
/// that nobody has takes two different times.
const REFUSAL_MILLIS: u64 = 250;
/// Most directories of the file.
const DIRECTORIES_MAX: usize = 32;

/// Why the directories cannot be served.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DirectoriesError {
    /// The file cannot be read.
    #[error("`{}` cannot be read", file.display())]
    File {
        /// Which.
        file: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// The file is not a list of directories.
    #[error("`{}` is not a list of `[[directory]]` tables", file.display())]
    Form {
        /// Which.
        file: PathBuf,
        /// Why.
        #[source]
        source: Box<toml::de::Error>,
    },
    /// Two have one name, or there are too many.
    #[error("the directory `{0}` is one too many, or is there twice")]
    Name(String),
    /// One is not what it should be.
    #[error("the directory `{name}` cannot be used")]
    Settings {
        /// Which.
        name: String,
        /// Why.
        #[source]
        source: BadDirectory,
    },
    /// One cannot be set up.
    #[error("the directory `{name}` cannot be used")]
    Setup {
        /// Which.
        name: String,
        /// Why.
        #[source]
        source: DirectoryError,
    },
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct DirectoryFile {
    #[serde(default)]
    directory: Vec<DirectoryForm>,
}

/// The directories, by name.
pub(crate) struct Directories {
    by_name: BTreeMap<String, Arc<DirectoryLogins>>,
    identity: Arc<Identity>,
    throttle: Throttle,
    clock: Arc<dyn Clock>,
}

impl Directories {
    /// Those of the file, if one is named.
    pub(crate) fn open(
        file: Option<&PathBuf>,
        identity: Arc<Identity>,
        clock: Arc<dyn Clock>,
    ) -> Result<Arc<Self>, DirectoriesError> {
        let forms = file.map(|file| forms(file)).transpose()?.unwrap_or_default();
        let mut by_name = BTreeMap::new();
        for form in forms {
            let name = form.name.to_string();
            let settings = form
                .checked(&|file: &Path| std::fs::read(file))
                .map_err(|source| DirectoriesError::Settings { name: name.clone(), source })?;
            let directory = LdapDirectory::new(&settings, Arc::new(SystemLookup))
                .map_err(|source| DirectoriesError::Setup { name: name.clone(), source })?;
            let logins = Arc::new(DirectoryLogins::new(Arc::new(directory), settings));
            if by_name.len() >= DIRECTORIES_MAX || by_name.insert(name.clone(), logins).is_some() {
                return Err(DirectoriesError::Name(name));
            }
        }
        let throttle = Throttle::new(Arc::clone(&clock));
        Ok(Arc::new(Self { by_name, identity, throttle, clock }))
    }

    /// The directory that a provider is, if it may be.
    fn of(&self, provider: &OidcProvider) -> Result<&Arc<DirectoryLogins>, LdapRefusal> {
        let name = provider.issuer.directory().ok_or(LdapRefusal::Unconfigured)?;
        let logins = self.by_name.get(name).ok_or(LdapRefusal::Unconfigured)?;
        let own = &logins.settings().accounts;
        let operator = self.identity.snapshot().operator();
        let may = match own.is_empty() {
            true => operator == Some(provider.account),
            false => own.contains(&provider.account),
        };
        if may { Ok(logins) } else { Err(LdapRefusal::Foreign) }
    }

    /// Looks at a directory, and at somebody of it.
    pub(crate) async fn examine(
        &self,
        provider: &OidcProvider,
        name: Option<&str>,
        now: Timestamp,
    ) -> (Vec<Finding>, Option<ExternalIdentity>) {
        let make = |settings: &DirectorySettings| -> Result<Arc<dyn Directory>, DirectoryError> {
            Ok(Arc::new(LdapDirectory::new(settings, Arc::new(SystemLookup))?))
        };
        match self.of(provider) {
            Ok(logins) => {
                let said = federation::ldap::examine(logins, &make, provider, name, now).await;
                (said.findings, said.identity)
            }
            Err(refusal) => {
                let help = "name it in `directories.file` of the server, with this account among \
                            its `accounts`";
                let finding = Finding {
                    check: "settings",
                    outcome: Outcome::Fail,
                    expected: "a directory of the server's for this account".to_owned(),
                    actual: refusal.to_string(),
                    help: Some(help.to_owned()),
                };
                (vec![finding], None)
            }
        }
    }

    async fn proven(
        &self,
        provider: &OidcProvider,
        typed: &TypedPassword,
        now: Timestamp,
    ) -> Result<ExternalIdentity, LdapRefusal> {
        let logins = self.of(provider)?;
        let attempt = self.throttle.attempt(provider, typed).ok_or(LdapRefusal::Throttled)?;
        let typed = Typed::new(&typed.name, typed.password.clone())?;
        let admits = |person: &str| self.throttle.admits(&attempt, provider, person);
        let began = self.clock.monotonic();
        let outcome = logins.login_admitted(provider, &typed, now, &admits).await;
        match &outcome {
            Ok(_) => self.throttle.succeeded(&attempt),
            Err(refusal) if refusal.is_outage() => self.throttle.unanswered(&attempt),
            Err(_) => tokio::time::sleep(waits(self.clock.monotonic().saturating_sub(began))).await,
        }
        outcome
    }
}

/// How long a refusal waits that has taken so long.
fn waits(taken: Duration) -> Duration {
    let step = u128::from(REFUSAL_MILLIS).saturating_mul(1_000_000);
    let over = taken.as_nanos().checked_rem(step).unwrap_or(0);
    Duration::from_nanos(u64::try_from(step.saturating_sub(over)).unwrap_or(0))
}

fn forms(file: &Path) -> Result<Vec<DirectoryForm>, DirectoriesError> {
    let failed = |source| DirectoriesError::File { file: file.to_owned(), source };
    let text = std::fs::read_to_string(file).map_err(failed)?;
    let form = |source| DirectoriesError::Form { file: file.to_owned(), source: Box::new(source) };
    Ok(toml::from_str::<DirectoryFile>(&text).map_err(form)?.directory)
}

/// Whoever vouches for people: issuers of tokens, and directories.
pub(crate) struct Logins<T> {
    pub(crate) tokens: Arc<T>,
    pub(crate) directories: Arc<Directories>,
    pub(crate) actor: SystemActor,
}

impl<T> Logins<T> {
    /// Takes over at once what a sign-in tells of somebody who has lost a group since they were
    /// last heard of: what they got before ends. Whether it did. Once begun it is done, whatever
    /// becomes of the sign-in.
    async fn heard(&self, provider: &OidcProvider, sync: SyncDirectory) -> bool {
        let identity = Arc::clone(&self.directories.identity);
        if !sync.takes(&identity.snapshot()) {
            return false;
        }
        let (actor, name) = (self.actor.clone(), provider.name.to_string());
        let work = async move { take_over(&identity, &actor, &name, sync).await };
        tokio::spawn(work).await.is_ok()
    }
}

#[async_trait]
impl<T: LoginProvider> LoginProvider for Logins<T> {
    async fn verify(
        &self,
        provider: &OidcProvider,
        token: &Unverified<String>,
        now: Timestamp,
    ) -> Result<ExternalIdentity, LoginError> {
        let known = self.tokens.verify(provider, token, now).await?;
        let mut sync = SyncDirectory::of(provider.arn.clone());
        let member_of = known.member_of.clone();
        // What rules give is for the sign-in to say. If something ended, so did this token: it is
        // as old, and may list what was lost.
        let (subject, groups) = (known.subject.clone(), ToldGroups::Unasked);
        sync.told.push(Told { subject, groups, member_of });
        self.heard(provider, sync).await;
        Ok(known)
    }

    async fn left(
        &self,
        provider: &OidcProvider,
        token: &Unverified<String>,
        now: Timestamp,
    ) -> Result<Left, LoginError> {
        self.tokens.left(provider, token, now).await
    }

    async fn sign_in(
        &self,
        provider: &OidcProvider,
        typed: &TypedPassword,
        now: Timestamp,
    ) -> Result<ExternalIdentity, LoginError> {
        let word = |refusal: LdapRefusal| {
            let rule = refusal.rule();
            tracing::info!(provider = provider.arn.as_str(), rule, "a sign-in is refused");
            refused(refusal)
        };
        let known = self.directories.proven(provider, typed, now).await.map_err(word)?;
        let mut sync = SyncDirectory::of(provider.arn.clone());
        sync.here.push(known.clone());
        if !self.heard(provider, sync).await {
            return Ok(known);
        }
        // What ended did so in this second; whoever is asked for anew in the next is younger.
        tokio::time::sleep(Duration::from_secs(1)).await;
        let now = self.directories.clock.now();
        self.directories.proven(provider, typed, now).await.map_err(word)
    }

    async fn groups(
        &self,
        provider: &OidcProvider,
        names: &[String],
    ) -> Result<Option<BTreeMap<String, String>>, LoginError> {
        if provider.issuer.directory().is_none() {
            return self.tokens.groups(provider, names).await;
        }
        let logins = self.directories.of(provider).map_err(refused)?;
        let bound = logins.group_ids(names).await.map_err(refused)?;
        Ok(Some(bound.into_iter().map(|(name, id)| (name, id.as_str().to_owned())).collect()))
    }
}

fn refused(refusal: LdapRefusal) -> LoginError {
    match refusal {
        LdapRefusal::Throttled => LoginError::Throttled,
        refusal if refusal.is_outage() => LoginError::Unreachable(Box::new(refusal)),
        refusal => LoginError::Refused { rule: refusal.rule() },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_leaves_at_the_end_of_the_quarter_of_a_second_in_which_it_fell() {
        for (taken, waited) in [(0, 250), (1, 249), (249, 1), (250, 250), (600, 150)] {
            let waited = Duration::from_millis(waited);
            assert_eq!(waits(Duration::from_millis(taken)), waited, "{taken}");
        }
    }
}
