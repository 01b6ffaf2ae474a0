//! What a sign-in through an identity provider does: it puts on a role that trusts the provider, or
//! makes the user that stands for whoever signs in.

use std::sync::Arc;

use names::{Arn, Timestamp, UniqueIdKind};
use sha2::{Digest, Sha256};

use super::sts::{
    Of, effect_of, ends_within, installation, mapped_tags, mint, narrowing, of_account, of_role,
    payload, recorded, role_seconds, seconds, source_identity, transitive, trusting_role,
};
use super::{Credentials, FederatedSession};
use crate::delta::Change;
use crate::error::{Ceiling, EntityKind, IdentityError, SessionRefusal};
use crate::identity::{Context, Effect, Perform, Performed};
use crate::membership::{GROUP_IDS_MAX, GroupIds};
use crate::ops::{AssumeRoleWithWebIdentity, SESSION_SECONDS_DEFAULT, Tags};
use crate::provider::{ExternalIdentity, OidcProvider};
use crate::record::{Federated, Policies, User};
use crate::session::{Bulk, External, Parent, Payload};
use crate::state::State;

type Outcome<T> = Result<Performed<T>, IdentityError>;

impl Perform for AssumeRoleWithWebIdentity {
    type Output = FederatedSession;

    /// A login without a role may provision its user.
    fn effect(&self) -> Effect {
        match &self.role {
            None => Effect::Write,
            // Whoever is asked about later is kept.
            Some(_) if self.external.is_kept() => Effect::Write,
            Some(_) => {
                let claims = self.external.claims.values().map(|v| v.to_string().len());
                let policy = self.session.policy.iter().map(|p| p.text().len());
                // Condition keys repeat the provider's name: twice the claims is a fair bound.
                effect_of(&claims.chain(policy).sum::<usize>().saturating_mul(2))
            }
        }
    }

    fn act(&self, cx: &Context<'_>) -> Outcome<FederatedSession> {
        recorded(cx, &self.drawn)?;
        let arn = &self.external.provider;
        // A token of a session that the person's provider or account has ended opens nothing more.
        // What a directory has ended is got anew by whoever it lets in again.
        if let Some(link) = self.external.idp_session().filter(|_| !self.external.of_directory())
            && let Some(own) = cx.state.provider(arn)
            && cx.state.ended.contains_key(&(own.account, link))
        {
            return Err(IdentityError::SessionRefused(SessionRefusal::IdpSessionEnded));
        }
        let missing = || IdentityError::missing(EntityKind::Provider, arn);
        let provider = cx.state.provider(arn).ok_or_else(missing)?;
        if provider.incarnation > cx.decided {
            let (kind, name) = (EntityKind::Provider, arn.to_string());
            return Err(IdentityError::ConcurrentModification { kind, name });
        }
        if cx.state.outlives(self).is_some() {
            return Err(IdentityError::SessionRefused(SessionRefusal::IssuedBefore));
        }
        match &self.role {
            Some(role) => self.as_role(cx, provider, role),
            None => self.as_user(cx, provider),
        }
    }
}

impl State {
    /// When everything that the principal of such a sign-in was given was revoked, or whoever it is
    /// left their provider, if the token that it brings is not younger: what was good for the
    /// principal before is good for it no more. A token that does not say when it was issued is as
    /// old as can be.
    #[must_use]
    pub fn outlives(&self, login: &AssumeRoleWithWebIdentity) -> Option<Timestamp> {
        let own = self.provider(&login.external.provider).map(|provider| provider.account);
        let principal = match &login.role {
            Some(role) => self.role_by_arn(role).map(|role| &role.id),
            None => self.user_bound_to(&login.external).map(|user| &user.id),
        };
        let left = login.external.person().and_then(|person| self.left_at.get(&(own?, person)));
        let revoked = principal.and_then(|id| self.revoked_at.get(id));
        let ended = revoked.max(left)?;
        let younger = login.external.issued_at().is_some_and(|at| at.seconds() > ended.seconds());
        (!younger).then_some(*ended)
    }
}

impl AssumeRoleWithWebIdentity {
    fn as_role(
        &self,
        cx: &Context<'_>,
        provider: &OidcProvider,
        role: &Arn,
    ) -> Outcome<FederatedSession> {
        let role = trusting_role(cx, role)?;
        role_seconds(cx, role, &self.session, &self.drawn)?;
        let asked = self.session.seconds.unwrap_or(SESSION_SECONDS_DEFAULT);
        let outcome = match self.external.is_kept() {
            true => cx.state.map(provider, &self.external),
            false => self.mapping.clone(),
        };
        let ceilings = [of_provider(provider), of_rules(&outcome)];
        ends_within(cx, &self.drawn, seconds(asked, &ceilings)?)?;
        narrowing(cx, role.account, &self.session)?;
        let of = of_role(role, &self.name);
        let tags = mapped_tags(&self.mapping.tags)?.with(&self.session.tags)?;
        let payload = self.payload(cx, provider, of, tags)?;
        let (mut changes, credentials) = mint(cx, payload, &self.drawn)?;
        if self.external.is_kept() {
            changes.extend(self.provision(cx, provider, &outcome)?.0);
        }
        let arn = Arn::assumed_role(role.account, role.name.as_str(), &self.name);
        let id = format!("{}:{}", role.id, self.name);
        Ok(Performed::write(changes, self.answer(credentials, arn, id)))
    }

    fn as_user(&self, cx: &Context<'_>, provider: &OidcProvider) -> Outcome<FederatedSession> {
        let outcome = cx.state.map(provider, &self.external);
        if outcome.policies.is_empty() {
            return Err(IdentityError::SessionRefused(SessionRefusal::NothingMapped));
        }
        let asked = self.session.seconds.unwrap_or(SESSION_SECONDS_DEFAULT);
        let most = cx.quotas.session_seconds.max(*crate::ops::ROLE_SESSION_SECONDS.end());
        let ceilings =
            [installation(most), of_account(cx, provider.account), of_provider(provider)];
        let ceilings = [ceilings.as_slice(), &[of_rules(&outcome)]].concat();
        ends_within(cx, &self.drawn, seconds(asked, &ceilings)?)?;
        narrowing(cx, provider.account, &self.session)?;
        let (provisioned, user) = self.provision(cx, provider, &outcome)?;
        let of = Of {
            parent: Parent::Federated,
            principal: user.id.clone(),
            arn: user.arn(),
            account: user.account,
            name: self.name.clone(),
        };
        let tags = mapped_tags(&outcome.tags)?.with(&self.session.tags)?;
        let payload = self.payload(cx, provider, of, tags)?;
        let (stored, credentials) = mint(cx, payload, &self.drawn)?;
        let changes = provisioned.into_iter().chain(stored).collect();
        let answer = self.answer(credentials, user.arn(), user.id.to_string());
        Ok(Performed::write(changes, answer))
    }

    fn answer(&self, credentials: Credentials, arn: Arn, id: String) -> FederatedSession {
        let external = &self.external;
        let audience = external.authorized_party.clone();
        FederatedSession {
            credentials,
            arn,
            id,
            provider: external.provider.clone(),
            subject: external.subject.clone(),
            audience: audience.or_else(|| external.audience.first().cloned()),
            source_identity: self.session.source_identity.clone(),
        }
    }

    fn payload(
        &self,
        cx: &Context<'_>,
        provider: &OidcProvider,
        of: Of,
        tags: Tags,
    ) -> Result<Payload, IdentityError> {
        let source = self.session.source_identity.as_deref().map(source_identity).transpose()?;
        let keys = self.external.condition_keys(&provider.issuer);
        let bulk = Bulk { policy: self.session.policy.clone(), keys: keys.into() };
        let base = payload(cx, of, &self.drawn, bulk)?;
        Ok(Payload {
            policy_arns: self.session.policy_arns.clone(),
            tags,
            transitive: transitive(&self.session)?,
            source_identity: source,
            authenticated_at: self.external.authenticated_at,
            external: Some(External {
                provider: provider.arn.clone(),
                issuer: self.external.issuer.clone(),
                subject: self.external.subject.clone(),
                display: self.external.display.clone(),
            }),
            ..base
        })
    }

    /// The user that stands for the identity, made at its first login and brought up to date at
    /// each: bound to issuer and subject, its name is only a label.
    fn provision(
        &self,
        cx: &Context<'_>,
        provider: &OidcProvider,
        outcome: &crate::mapping::MappingOutcome,
    ) -> Result<(Option<Change>, Arc<User>), IdentityError> {
        let before = cx.state.user_bound_to(&self.external).and_then(|u| u.federated.as_ref());
        let before = before.and_then(|federated| federated.member_of.as_ref());
        let member_of = self.external.member_of.added_to(before);
        let count = member_of.as_ref().map_or(0, GroupIds::len);
        super::within("GroupsPerPerson", count.saturating_sub(1), GROUP_IDS_MAX)?;
        let federated = Federated {
            provider: provider.arn.clone(),
            issuer: self.external.issuer.clone(),
            subject: self.external.subject.clone(),
            display: self.external.display.clone(),
            mapped: outcome.policies.clone(),
            fired: outcome.fired.iter().cloned().collect(),
            claimed: cx.state.claimed(provider, &self.external),
            known_as: self.external.known_as.clone(),
            member_of,
            absent: None,
        };
        if let Some(known) = cx.state.user_bound_to(&self.external) {
            if known.federated.as_ref() == Some(&federated) {
                return Ok((None, Arc::clone(known)));
            }
            let user = Arc::new(User { federated: Some(federated), ..(**known).clone() });
            return Ok((Some(Change::User(Arc::clone(&user))), user));
        }
        let count = cx.state.users.count(provider.account);
        super::within("UsersPerAccount", count, cx.quotas.users)?;
        let must = "a provider whose name can be a path";
        let bad = |_| IdentityError::Validation { parameter: "ProviderName", must };
        let user = Arc::new(User {
            id: cx.unique_id(UniqueIdKind::User),
            account: provider.account,
            path: format!("/federated/{}/", provider.name).parse().map_err(bad)?,
            name: user_name(&self.external)?,
            created: cx.now,
            tags: Tags::default(),
            groups: std::collections::BTreeSet::new(),
            policies: Policies::default(),
            boundary: None,
            federated: Some(federated),
        });
        if cx.state.users.named(user.account, user.name.as_str()).is_some() {
            return Err(IdentityError::taken(EntityKind::User, &user.name));
        }
        Ok((Some(Change::User(Arc::clone(&user))), user))
    }
}

/// A name for a provisioned user: a label, and a hash of who it is.
fn user_name(external: &ExternalIdentity) -> Result<names::UserName, IdentityError> {
    let plain = |c: char| if c.is_ascii_alphanumeric() || "_+=,.@-".contains(c) { c } else { '-' };
    let label = external.display.as_ref().unwrap_or(&external.subject);
    let label: String = label.chars().map(plain).take(40).collect();
    let identity = [external.provider.as_str(), &external.issuer, &external.subject].join("\0");
    let hash = hex::encode(Sha256::digest(identity));
    let hash = hash.get(..20).unwrap_or_default();
    let must = "a subject that can be named";
    let bad = |_| IdentityError::Validation { parameter: "WebIdentityToken", must };
    format!("{label}-{hash}").parse().map_err(bad)
}

/// What the rules that fired allow of sessions.
fn of_rules(outcome: &crate::mapping::MappingOutcome) -> (u32, Ceiling) {
    (outcome.session_seconds_max.unwrap_or(u32::MAX), Ceiling::Provider)
}

/// What a provider allows of the sessions that are got through it.
fn of_provider(provider: &OidcProvider) -> (u32, Ceiling) {
    (provider.session_seconds_max.unwrap_or(u32::MAX), Ceiling::Provider)
}
