//! What the operations of the Security Token Service do.

use std::collections::BTreeMap;
use std::sync::Arc;

use audit::ChainLink;
use names::{
    AccessKeyId, AccountId, Arn, SecretKey, SessionName, Timestamp, UniqueId, UniqueIdKind,
};
use policy::Kind;
use policy::principal::Principal;
use sha2::{Digest, Sha256};

use crate::delta::Change;
use crate::draw;
use crate::error::{EntityKind, IdentityError, SessionRefusal};
use crate::identity::{Context, Effect, Perform, Performed};
use crate::ops::{
    AssumeRole, AssumeRoleWithWebIdentity, CHAINED_SESSION_SECONDS_MAX, Drawn, GetCallerIdentity,
    GetSessionToken, ROOT_SESSION_SECONDS_MAX, SESSION_POLICY_ARNS_MAX, SESSION_SECONDS_DEFAULT,
    SESSION_SECONDS_MIN, SessionRequest, Tags, USER_SESSION_SECONDS_DEFAULT,
    USER_SESSION_SECONDS_MAX,
};
use crate::provider::{ExternalIdentity, OidcProvider};
use crate::record::{Federated, Policies, Role, User};
use crate::session::{
    Bulk, BulkPlace, CHAIN_SESSIONS_MAX, External, Parent, Payload, TOKEN_BULK_BYTES_MAX,
};
use crate::state::State;

type Outcome<T> = Result<Performed<T>, IdentityError>;

/// Temporary credentials.
#[derive(Clone)]
pub struct Credentials {
    /// `ASIA…`.
    pub key: AccessKeyId,
    /// The secret: told once.
    pub secret: SecretKey,
    /// The session token.
    pub token: String,
    /// When they end.
    pub expires: Timestamp,
}

impl std::fmt::Debug for Credentials {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Credentials({} until {})", self.key, self.expires)
    }
}

/// The answer of AssumeRole, and of AssumeRoleWithWebIdentity with a role.
#[derive(Clone, Debug)]
pub struct AssumedRole {
    /// The credentials.
    pub credentials: Credentials,
    /// `arn:aws:sts::A:assumed-role/Role/Session`.
    pub arn: Arn,
    /// `AROA…:session`.
    pub id: String,
    /// The source identity in force.
    pub source_identity: Option<String>,
}

/// The answer of AssumeRoleWithWebIdentity.
#[derive(Clone, Debug)]
pub struct FederatedSession {
    /// The credentials.
    pub credentials: Credentials,
    /// The session's ARN; the user's for a login without a role.
    pub arn: Arn,
    /// `AROA…:session`, or the user's unique id.
    pub id: String,
    /// The provider.
    pub provider: Arn,
    /// The subject at the provider.
    pub subject: String,
    /// The audience at the provider.
    pub audience: Option<String>,
    /// The source identity in force.
    pub source_identity: Option<String>,
}

/// The answer of GetCallerIdentity.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct CallerIdentity {
    /// The account.
    pub account: AccountId,
    /// `aws:userid`.
    pub user_id: String,
    /// The caller's ARN.
    pub arn: Arn,
}

impl Perform for GetCallerIdentity {
    type Output = CallerIdentity;

    fn effect(&self) -> Effect {
        Effect::Read
    }

    fn act(&self, cx: &Context<'_>) -> Outcome<CallerIdentity> {
        let principal = &cx.who.principal;
        match (principal.account(), principal.arn()) {
            (Some(account), Some(arn)) => {
                Ok(Performed::read(CallerIdentity { account, user_id: principal.user_id(), arn }))
            }
            _ => Err(IdentityError::SessionRefused(SessionRefusal::Anonymous)),
        }
    }
}

impl Perform for GetSessionToken {
    type Output = Credentials;

    fn effect(&self) -> Effect {
        Effect::Read
    }

    fn act(&self, cx: &Context<'_>) -> Outcome<Credentials> {
        recorded(cx, &self.drawn)?;
        let long_term = cx.who.session_expires.is_none();
        let (principal, arn, max) = match &cx.who.principal {
            _ if !long_term => {
                return Err(IdentityError::SessionRefused(SessionRefusal::NotLongTerm));
            }
            Principal::User { id, arn, .. } => (id.clone(), arn.clone(), USER_SESSION_SECONDS_MAX),
            Principal::Root { account } => {
                (UniqueId::root(*account), Arn::root(*account), ROOT_SESSION_SECONDS_MAX)
            }
            _ => return Err(IdentityError::SessionRefused(SessionRefusal::NotLongTerm)),
        };
        let asked = self.seconds.unwrap_or(USER_SESSION_SECONDS_DEFAULT);
        ends_within(cx, &self.drawn, seconds(asked, USER_SESSION_SECONDS_MAX)?.min(max))?;
        let name = fixed_name("GetSessionToken")?;
        let parent = Of { parent: Parent::LongTerm, principal, arn, account: self.account, name };
        let payload = payload(cx, parent, &self.drawn, Bulk::default())?;
        let (changes, credentials) = mint(cx, payload, &self.drawn)?;
        Ok(Performed::write(changes, credentials))
    }
}

impl Perform for AssumeRole {
    type Output = AssumedRole;

    fn effect(&self) -> Effect {
        effect_of(&self.session.policy.iter().map(|p| p.text().len()).sum())
    }

    fn act(&self, cx: &Context<'_>) -> Outcome<AssumedRole> {
        recorded(cx, &self.drawn)?;
        match &cx.who.principal {
            Principal::Root { .. } => {
                return Err(IdentityError::SessionRefused(SessionRefusal::RootAssumes));
            }
            Principal::User { .. } | Principal::RoleSession { .. } => {}
            _ => return Err(IdentityError::SessionRefused(SessionRefusal::Anonymous)),
        }
        let role = trusting_role(cx, &self.role)?;
        role_seconds(cx, role, &self.session, &self.drawn)?;
        let (tags, transitive) = self.tags()?;
        let source_identity = self.source()?;
        narrowing(cx, role.account, &self.session)?;
        let bulk = Bulk { policy: self.session.policy.clone(), keys: BTreeMap::new() };
        let base = payload(cx, of_role(role, &self.name), &self.drawn, bulk)?;
        let payload = Payload {
            policy_arns: self.session.policy_arns.clone(),
            tags,
            transitive,
            source_identity: source_identity.clone(),
            ..base
        };
        let (changes, credentials) = mint(cx, payload, &self.drawn)?;
        let arn = Arn::assumed_role(role.account, role.name.as_str(), &self.name);
        let id = format!("{}:{}", role.id, self.name);
        Ok(Performed::write(changes, AssumedRole { credentials, arn, id, source_identity }))
    }
}

impl AssumeRole {
    /// The session's tags and the keys it hands down. What was inherited cannot be passed again.
    fn tags(&self) -> Result<(Tags, Vec<String>), IdentityError> {
        let inherited = &self.inherited.tags;
        if let Some((key, _)) = inherited.iter().find(|(k, _)| self.session.tags.value(k).is_some())
        {
            return Err(IdentityError::InheritedTag(key.to_owned()));
        }
        let mut transitive = transitive(&self.session)?;
        transitive.extend(inherited.iter().map(|(key, _)| key.to_owned()));
        Ok((self.session.tags.with(inherited)?, transitive))
    }

    /// The source identity: once set it stays.
    fn source(&self) -> Result<Option<String>, IdentityError> {
        match (&self.inherited.source_identity, &self.session.source_identity) {
            (Some(fixed), Some(asked)) if fixed != asked => {
                let must = "the source identity that the session has already";
                Err(IdentityError::Validation { parameter: "SourceIdentity", must })
            }
            (Some(fixed), _) => Ok(Some(fixed.clone())),
            (None, Some(asked)) => source_identity(asked).map(Some),
            (None, None) => Ok(None),
        }
    }
}

impl Perform for AssumeRoleWithWebIdentity {
    type Output = FederatedSession;

    /// A login without a role may provision its user.
    fn effect(&self) -> Effect {
        match &self.role {
            None => Effect::Write,
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
    /// When everything that the principal of such a sign-in was given was revoked, if the token
    /// that it brings is not younger: what was good for the principal before is good for it no
    /// more. A token that does not say when it was issued is as old as can be.
    #[must_use]
    pub fn outlives(&self, login: &AssumeRoleWithWebIdentity) -> Option<Timestamp> {
        let principal = match &login.role {
            Some(role) => &self.role_by_arn(role)?.id,
            None => &self.user_bound_to(&login.external)?.id,
        };
        let revoked = self.revoked_at.get(principal)?;
        let younger = login.external.issued_at().is_some_and(|at| at.seconds() > revoked.seconds());
        (!younger).then_some(*revoked)
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
        narrowing(cx, role.account, &self.session)?;
        let of = of_role(role, &self.name);
        let tags = mapped_tags(&self.mapping.tags)?.with(&self.session.tags)?;
        let payload = self.payload(cx, provider, of, tags)?;
        let (changes, credentials) = mint(cx, payload, &self.drawn)?;
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
        let max = *crate::ops::ROLE_SESSION_SECONDS.end();
        ends_within(cx, &self.drawn, seconds(asked, max)?)?;
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
        let bulk = Bulk { policy: self.session.policy.clone(), keys };
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
            chain: vec![ChainLink::Provider(provider.arn.clone())],
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
        let federated = Federated {
            provider: provider.arn.clone(),
            issuer: self.external.issuer.clone(),
            subject: self.external.subject.clone(),
            display: self.external.display.clone(),
            mapped: outcome.policies.clone(),
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

/// The role whose trust policy was decided on. One that was made again, or whose trust policy was
/// replaced, after the decision has not been asked.
fn trusting_role<'a>(cx: &'a Context<'_>, arn: &Arn) -> Result<&'a Arc<Role>, IdentityError> {
    let missing = || IdentityError::missing(EntityKind::Role, arn);
    let role = cx.state.role_by_arn(arn).ok_or_else(missing)?;
    if cx.state.trusted.get(&role.id).is_none_or(|since| *since > cx.decided) {
        let (kind, name) = (EntityKind::Role, arn.to_string());
        return Err(IdentityError::ConcurrentModification { kind, name });
    }
    Ok(role)
}

/// Whose session it is to be.
struct Of {
    parent: Parent,
    principal: UniqueId,
    arn: Arn,
    account: AccountId,
    name: SessionName,
}

fn of_role(role: &Role, name: &SessionName) -> Of {
    Of {
        parent: Parent::Role,
        principal: role.id.clone(),
        arn: role.arn(),
        account: role.account,
        name: name.clone(),
    }
}

/// Whether so much policy and claims fits a token: otherwise the state must be written.
fn effect_of(bytes: &usize) -> Effect {
    if bytes.saturating_add(256) > TOKEN_BULK_BYTES_MAX { Effect::Write } else { Effect::Read }
}

/// The session must be the one that the journal was told of.
fn recorded(cx: &Context<'_>, drawn: &Drawn) -> Result<(), IdentityError> {
    let named = cx
        .minted
        .is_some_and(|minted| minted.credential == drawn.minted && minted.expires == drawn.expires);
    if named { Ok(()) } else { Err(IdentityError::Unrecorded) }
}

fn seconds(asked: u32, max: u32) -> Result<u32, IdentityError> {
    if (SESSION_SECONDS_MIN..=max).contains(&asked) {
        return Ok(asked);
    }
    let must = "at least 900, and at most what the role or the kind of caller allows";
    Err(IdentityError::Validation { parameter: "DurationSeconds", must })
}

/// The end that was drawn lies within the duration that is allowed.
fn ends_within(cx: &Context<'_>, drawn: &Drawn, seconds: u32) -> Result<(), IdentityError> {
    let parent = cx.who.session_expires.unwrap_or(drawn.expires);
    if drawn.expires <= cx.now.plus_seconds(i64::from(seconds)) && drawn.expires <= parent {
        return Ok(());
    }
    let must = "no longer than the session that asks, and within what is allowed";
    Err(IdentityError::Validation { parameter: "DurationSeconds", must })
}

fn role_seconds(
    cx: &Context<'_>,
    role: &Role,
    session: &SessionRequest,
    drawn: &Drawn,
) -> Result<(), IdentityError> {
    let chained = matches!(cx.who.principal, Principal::RoleSession { .. });
    let most = if chained { CHAINED_SESSION_SECONDS_MAX } else { u32::MAX };
    let max = role.max_session_seconds.min(most);
    ends_within(cx, drawn, seconds(session.seconds.unwrap_or(SESSION_SECONDS_DEFAULT), max)?)
}

/// What is to narrow the session must be able to.
fn narrowing(
    cx: &Context<'_>,
    account: AccountId,
    session: &SessionRequest,
) -> Result<(), IdentityError> {
    if session.policy_arns.len() > SESSION_POLICY_ARNS_MAX {
        let must = "at most 10 policies";
        return Err(IdentityError::Validation { parameter: "PolicyArns", must });
    }
    session.policy_arns.iter().try_for_each(|arn| cx.attachable(account, arn))?;
    match &session.policy {
        Some(policy) if policy.kind() != Kind::Session => {
            Err(IdentityError::Validation { parameter: "Policy", must: "a session policy" })
        }
        _ => Ok(()),
    }
}

/// The keys that the session hands down are keys of its tags.
fn transitive(session: &SessionRequest) -> Result<Vec<String>, IdentityError> {
    if session.transitive.iter().all(|key| session.tags.value(key).is_some()) {
        return Ok(session.transitive.clone());
    }
    let must = "keys of tags that are passed";
    Err(IdentityError::Validation { parameter: "TransitiveTagKeys", must })
}

fn mapped_tags(tags: &BTreeMap<String, String>) -> Result<Tags, IdentityError> {
    Ok(Tags::new(tags.iter().map(|(key, value)| (key.clone(), value.clone())))?)
}

/// 2 to 64 characters of a session name's, not beginning with `aws:` (which has a colon anyway).
fn source_identity(text: &str) -> Result<String, IdentityError> {
    let must = "2 to 64 letters, digits and `_+=,.@-`";
    let bad = |_| IdentityError::Validation { parameter: "SourceIdentity", must };
    text.parse::<SessionName>().map(|_| text.to_owned()).map_err(bad)
}

fn fixed_name(name: &str) -> Result<SessionName, IdentityError> {
    let must = "a session name";
    name.parse().map_err(|_| IdentityError::Validation { parameter: "RoleSessionName", must })
}

/// A session of the caller's making. Its revision is the one at which the caller was looked at, so
/// that whatever is revoked after that takes this session along.
fn payload(cx: &Context<'_>, of: Of, drawn: &Drawn, bulk: Bulk) -> Result<Payload, IdentityError> {
    let mut chain = cx.who.chain.clone();
    chain.sort();
    chain.dedup();
    let sessions = chain.iter().filter(|link| matches!(link, ChainLink::Session(_))).count();
    if sessions > CHAIN_SESSIONS_MAX {
        return Err(IdentityError::SessionRefused(SessionRefusal::ChainTooLong));
    }
    Ok(Payload {
        v: Payload::VERSION,
        parent: of.parent,
        principal: of.principal,
        arn: of.arn,
        account: of.account,
        name: of.name,
        secret: draw::secret(cx.random),
        issued: cx.now,
        revision: cx.decided,
        expires: drawn.expires,
        epoch: cx.state.epoch,
        bulk: BulkPlace::Here(bulk),
        policy_arns: Vec::new(),
        tags: Tags::default(),
        transitive: Vec::new(),
        source_identity: None,
        authenticated_at: None,
        external: None,
        chain,
    })
}

/// Seals a session. What is too long for the token goes into the state first.
fn mint(
    cx: &Context<'_>,
    mut payload: Payload,
    drawn: &Drawn,
) -> Result<(Vec<Change>, Credentials), IdentityError> {
    let mut changes = Vec::new();
    if let BulkPlace::Here(bulk) = &payload.bulk {
        let unwritable = |why: serde_json::Error| IdentityError::Unreadable {
            at: cx.state.revision(),
            why: why.into(),
        };
        let (length, hash) = bulk.hashed().map_err(unwritable)?;
        if length > TOKEN_BULK_BYTES_MAX {
            if !cx.state.bulks.contains_key(&hash) {
                let bulk = Arc::new(bulk.clone());
                changes.push(Change::SessionBulk { hash: hash.clone(), bulk });
            }
            payload.bulk = BulkPlace::Stored(hash);
        }
    }
    let token = payload.seal(&drawn.minted, cx.sealer, cx.random)?;
    let credentials = Credentials {
        key: drawn.minted.clone(),
        secret: payload.secret.clone(),
        token,
        expires: drawn.expires,
    };
    Ok((changes, credentials))
}
