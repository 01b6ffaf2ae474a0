//! The first start, offline work, the start of a login, and the rotation of the master key.

use std::collections::BTreeMap;

use audit::Permit;
use names::{AccountId, Arn, SessionName, UniqueId};

use crate::delta::Change;
use crate::error::{EntityKind, IdentityError};
use crate::identity::{Identity, Performed};
use crate::mapping::MappingOutcome;
use crate::ops::{
    AssumeRoleWithWebIdentity, RootKey, RotateMasterKey, SESSION_SECONDS_DEFAULT, SessionRequest,
    Tags,
};
use crate::perform::{NewAccessKey, NewAccount, Rotated, new_account, new_key, reseal};
use crate::provider::ExternalIdentity;
use crate::record::AccountName;
use crate::resolve::Caller;
use crate::state::State;

/// How many secrets one revision of a rotation seals anew.
const RESEAL_KEYS: usize = 1000;

/// What the first start makes.
#[derive(Clone, Debug)]
pub struct Bootstrap {
    /// The first account's twelve digits; drawn when absent.
    pub account: Option<AccountId>,
    /// Its name.
    pub name: AccountName,
    /// Its root's key pair.
    pub key: RootKey,
}

impl Identity {
    /// Makes the first account, which owns the installation, and its root. Without a permit:
    /// nobody exists yet who could have one.
    ///
    /// # Errors
    /// There is an account already.
    pub async fn bootstrap(&self, first: Bootstrap) -> Result<NewAccount, IdentityError> {
        self.change_offline(|cx| {
            if cx.state.operator().is_some() {
                return Err(IdentityError::Bootstrap("has an account already"));
            }
            let (mut changes, new) = new_account(cx, &first.name, first.account, &first.key)?;
            changes.push(Change::Operator(new.account.id));
            Ok(Performed::write(changes, new))
        })
        .await
    }

    /// Replaces every access key of an account's root by a new one, and ends its sessions. For
    /// `strongroom root reset`, while no server runs: there is nothing to cut.
    ///
    /// # Errors
    /// There is no such account.
    pub async fn reset_root(
        &self,
        account: AccountId,
        key: RootKey,
    ) -> Result<NewAccessKey, IdentityError> {
        self.change_offline(|cx| {
            if cx.state.account(account).is_none() {
                return Err(IdentityError::missing(EntityKind::Account, &account));
            }
            let root = UniqueId::root(account);
            let new = new_key(cx, account, root.clone(), &key)?;
            let old = cx.state.keys_of(&root).map(|old| Change::KeyGone(old.id.clone()));
            let mut changes: Vec<Change> = old.collect();
            changes.push(Change::IssuedBeforeRevoked(root));
            changes.push(Change::Key(std::sync::Arc::clone(&new.key)));
            Ok(Performed::write(changes, new))
        })
        .await
    }

    /// Enters the restore epoch of the data directory, if the state is not in it yet: sessions of
    /// an earlier one, which may have been revoked after the backup, are void. Doing it twice does
    /// nothing.
    ///
    /// # Errors
    /// It could not be recorded.
    pub async fn enter_epoch(&self, epoch: u64) -> Result<(), IdentityError> {
        if self.snapshot().epoch == epoch {
            return Ok(());
        }
        self.change_offline(|_| Ok(Performed::write(vec![Change::Epoch(epoch)], ()))).await
    }

    /// Seals every access key's secret anew under the current master key, a thousand a revision.
    /// Put the new ring in use first ([`Identity::replace_ring`]). Stopped midway it may be
    /// repeated: both keys open what they sealed.
    ///
    /// # Errors
    /// A secret does not open under any key of the ring, or the log failed.
    pub async fn rotate(&self, permit: Permit<RotateMasterKey>) -> Result<Rotated, IdentityError> {
        let mut resealed = 0_usize;
        loop {
            let count = self
                .change_permitted(&permit, |cx| {
                    let changes = reseal(cx, RESEAL_KEYS)?;
                    let count = changes.len();
                    Ok(Performed::write(changes, count))
                })
                .await?;
            if count == 0 {
                return Ok(Rotated { resealed });
            }
            resealed = resealed.saturating_add(count);
        }
    }

    /// What a verified login asks for, ready to be decided: the role it names, else the one that
    /// the provider's rules name, else the user that stands for it; with the tags and the source
    /// identity that the provider passes.
    ///
    /// # Errors
    /// The provider is gone, or the tags that it passes break a rule.
    pub fn plan_login(
        &self,
        state: &State,
        login: Login,
    ) -> Result<AssumeRoleWithWebIdentity, IdentityError> {
        let Login { external, role, name, mut session } = login;
        let missing = || IdentityError::missing(EntityKind::Provider, &external.provider);
        let provider = state.provider(&external.provider).ok_or_else(missing)?;
        let mapping = match &role {
            Some(_) => MappingOutcome::default(),
            None => state.map(provider, &external),
        };
        passed_by_provider(&external, &mut session)?;
        let seconds = session.seconds.unwrap_or(SESSION_SECONDS_DEFAULT);
        let drawn = self.draw_session(&Caller::login(&external), seconds);
        let role = role.or_else(|| mapping.role.clone());
        Ok(AssumeRoleWithWebIdentity { role, name, external, mapping, session, drawn })
    }
}

/// A verified login, as it was asked for.
#[derive(Clone, Debug)]
pub struct Login {
    /// Who the provider says it is.
    pub external: ExternalIdentity,
    /// The role that is asked for.
    pub role: Option<Arn>,
    /// The session's name.
    pub name: SessionName,
    /// What the session asks to be.
    pub session: SessionRequest,
}

/// The claim in which a provider passes session tags (IAM user guide, "Passing session tags using
/// AssumeRoleWithWebIdentity").
const TAGS_CLAIM: &str = "https://aws.amazon.com/tags";
/// The claim in which it passes the source identity.
const SOURCE_IDENTITY_CLAIM: &str = "https://aws.amazon.com/source_identity";

/// Takes tags and source identity from the token: a web identity request has none of its own.
fn passed_by_provider(
    external: &ExternalIdentity,
    session: &mut SessionRequest,
) -> Result<(), IdentityError> {
    if let Some(claim) = external.claim(TAGS_CLAIM) {
        let passed: PassedTags = serde_json::from_value(claim.clone()).map_err(|_| {
            let must = "session tags of the documented form";
            IdentityError::Validation { parameter: "WebIdentityToken", must }
        })?;
        let one = |(key, values): (String, Vec<String>)| {
            values.into_iter().next().map(|value| (key, value))
        };
        session.tags = Tags::new(passed.principal_tags.into_iter().filter_map(one))?;
        session.transitive = passed.transitive_tag_keys;
    }
    let source = external.claim_texts(SOURCE_IDENTITY_CLAIM).into_iter().next();
    session.source_identity = source.or(session.source_identity.take());
    Ok(())
}

/// Session tags as a token carries them.
#[derive(serde::Deserialize)]
struct PassedTags {
    #[serde(default)]
    principal_tags: BTreeMap<String, Vec<String>>,
    #[serde(default)]
    transitive_tag_keys: Vec<String>,
}
