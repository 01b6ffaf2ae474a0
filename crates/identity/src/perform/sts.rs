//! What the operations of the Security Token Service do.

use std::collections::BTreeMap;
use std::sync::Arc;

use audit::ChainLink;
use names::{AccessKeyId, AccountId, Arn, SecretKey, SessionName, Timestamp, UniqueId};
use policy::Kind;
use policy::principal::Principal;

use crate::delta::Change;
use crate::draw;
use crate::error::{Ceiling, EntityKind, IdentityError, SessionRefusal};
use crate::identity::{Context, Effect, Perform, Performed};
use crate::mfa::{MfaProof, MfaRefusal};
use crate::ops::{
    AssumeRole, CHAINED_SESSION_SECONDS_MAX, Drawn, GetCallerIdentity, GetSessionToken,
    ROOT_SESSION_SECONDS_MAX, SESSION_POLICY_ARNS_MAX, SESSION_SECONDS_DEFAULT,
    SESSION_SECONDS_MAX, SESSION_SECONDS_MIN, SessionRequest, Tags, USER_SESSION_SECONDS_DEFAULT,
    USER_SESSION_SECONDS_MAX,
};
use crate::record::Role;
use crate::said::Keys;
use crate::session::{Bulk, BulkPlace, CHAIN_SESSIONS_MAX, Parent, Payload, TOKEN_BULK_BYTES_MAX};

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
        if self.mfa.is_some() { Effect::Write } else { Effect::Read }
    }

    fn act(&self, cx: &Context<'_>) -> Outcome<Credentials> {
        recorded(cx, &self.drawn)?;
        let long_term = cx.who.session_expires.is_none() && !cx.asks_as_service_account();
        let (principal, arn, max) = match &cx.who.principal {
            _ if !long_term => {
                return Err(IdentityError::SessionRefused(SessionRefusal::NotLongTerm));
            }
            Principal::User { id, arn, .. } => (id.clone(), arn.clone(), u32::MAX),
            Principal::Root { account } => {
                (UniqueId::root(*account), Arn::root(*account), ROOT_SESSION_SECONDS_MAX)
            }
            _ => return Err(IdentityError::SessionRefused(SessionRefusal::NotLongTerm)),
        };
        let asked = self.seconds.unwrap_or(USER_SESSION_SECONDS_DEFAULT);
        ends_within(cx, &self.drawn, own_seconds(cx, self.account, asked)?.min(max))?;
        let spent = spent(cx, self.mfa.as_ref(), &principal)?;
        let name = fixed_name("GetSessionToken")?;
        let parent = Of { parent: Parent::LongTerm, principal, arn, account: self.account, name };
        let base = payload(cx, parent, &self.drawn, Bulk::default())?;
        let payload = Payload { mfa: self.mfa.as_ref().map(MfaProof::at), ..base };
        let (mut changes, credentials) = mint(cx, payload, &self.drawn)?;
        changes.extend(spent);
        Ok(Performed::write(changes, credentials))
    }
}

impl Perform for AssumeRole {
    type Output = AssumedRole;

    fn effect(&self) -> Effect {
        if self.mfa.is_some() { Effect::Write } else { self.session.effect() }
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
        let spent = match &cx.who.principal {
            Principal::User { id, .. } => spent(cx, self.mfa.as_ref(), id)?,
            _ if self.mfa.is_some() => return Err(IdentityError::MfaRefused(MfaRefusal::NotHeld)),
            _ => None,
        };
        let role = trusting_role(cx, &self.role)?;
        role_seconds(cx, role, &self.session, &self.drawn)?;
        let (tags, transitive) = self.tags()?;
        let source_identity = self.source()?;
        narrowing(cx, role.account, &self.session)?;
        let bulk = Bulk { policy: self.session.policy.clone(), keys: Keys::default() };
        let base = payload(cx, of_role(role, &self.name), &self.drawn, bulk)?;
        let payload = Payload {
            policy_arns: self.session.policy_arns.clone(),
            tags,
            transitive,
            source_identity: source_identity.clone(),
            ..base
        };
        let (mut changes, credentials) = mint(cx, payload, &self.drawn)?;
        changes.extend(spent);
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

/// The role whose trust policy was decided on. One that was made again, or whose trust policy was
/// replaced, after the decision has not been asked.
pub(super) fn trusting_role<'a>(
    cx: &'a Context<'_>,
    arn: &Arn,
) -> Result<&'a Arc<Role>, IdentityError> {
    let missing = || IdentityError::missing(EntityKind::Role, arn);
    let role = cx.state.role_by_arn(arn).ok_or_else(missing)?;
    if cx.state.trusted_since(&role.id).is_none_or(|since| since > cx.decided) {
        let (kind, name) = (EntityKind::Role, arn.to_string());
        return Err(IdentityError::ConcurrentModification { kind, name });
    }
    Ok(role)
}

/// Whose session it is to be.
pub(super) struct Of {
    pub(super) parent: Parent,
    pub(super) principal: UniqueId,
    pub(super) arn: Arn,
    pub(super) account: AccountId,
    pub(super) name: SessionName,
}

pub(super) fn of_role(role: &Role, name: &SessionName) -> Of {
    Of {
        parent: Parent::Role,
        principal: role.id.clone(),
        arn: role.arn(),
        account: role.account,
        name: name.clone(),
    }
}

impl SessionRequest {
    /// Whether making the session must write the state.
    pub(super) fn effect(&self) -> Effect {
        effect_of(&self.policy.as_ref().map_or(0, |policy| policy.text().len()))
    }
}

/// Whether so much policy and claims fits a token: otherwise the state must be written.
pub(super) fn effect_of(bytes: &usize) -> Effect {
    if bytes.saturating_add(256) > TOKEN_BULK_BYTES_MAX { Effect::Write } else { Effect::Read }
}

/// What changes when the code that was shown counts: it must be that of whoever asks.
fn spent(
    cx: &Context<'_>,
    proof: Option<&MfaProof>,
    asks: &UniqueId,
) -> Result<Option<Change>, IdentityError> {
    match proof {
        Some(proof) if proof.user() != asks => Err(IdentityError::MfaRefused(MfaRefusal::NotHeld)),
        Some(proof) => cx.spend(proof).map(Some),
        None => Ok(None),
    }
}

/// The session must be the one that the journal was told of.
pub(super) fn recorded(cx: &Context<'_>, drawn: &Drawn) -> Result<(), IdentityError> {
    let named = cx
        .minted
        .is_some_and(|minted| minted.credential == drawn.minted && minted.expires == drawn.expires);
    if named { Ok(()) } else { Err(IdentityError::Unrecorded) }
}

/// What is asked for, if every ceiling is above it. The lowest one is named.
pub(super) fn seconds(asked: u32, ceilings: &[(u32, Ceiling)]) -> Result<u32, IdentityError> {
    if asked < SESSION_SECONDS_MIN {
        let must = "at least 900";
        return Err(IdentityError::Validation { parameter: "DurationSeconds", must });
    }
    let lowest = ceilings.iter().filter(|(max, _)| asked > *max).min_by_key(|(max, _)| *max);
    match lowest {
        Some((max, ceiling)) => Err(IdentityError::SessionTooLong { max: *max, ceiling: *ceiling }),
        None => Ok(asked),
    }
}

/// How long a session of an account's own long-term credentials may be.
pub(super) fn own_seconds(
    cx: &Context<'_>,
    account: AccountId,
    asked: u32,
) -> Result<u32, IdentityError> {
    let most = cx.quotas.session_seconds.max(USER_SESSION_SECONDS_MAX);
    seconds(asked, &[installation(most), of_account(cx, account)])
}

/// What no setting allows more of. The door refuses what is beyond the installation's own setting.
pub(super) fn installation(most: u32) -> (u32, Ceiling) {
    (most.min(SESSION_SECONDS_MAX), Ceiling::Installation)
}

pub(super) fn of_account(cx: &Context<'_>, account: AccountId) -> (u32, Ceiling) {
    let set = cx.state.account(account).and_then(|account| account.session_seconds_max);
    (set.unwrap_or(u32::MAX), Ceiling::Account)
}

/// The end that was drawn lies within the duration that is allowed.
pub(super) fn ends_within(
    cx: &Context<'_>,
    drawn: &Drawn,
    seconds: u32,
) -> Result<(), IdentityError> {
    let parent = cx.who.session_expires.unwrap_or(drawn.expires);
    if drawn.expires <= cx.now.plus_seconds(i64::from(seconds)) && drawn.expires <= parent {
        return Ok(());
    }
    let must = "no longer than the session that asks, and within what is allowed";
    Err(IdentityError::Validation { parameter: "DurationSeconds", must })
}

pub(super) fn role_seconds(
    cx: &Context<'_>,
    role: &Role,
    session: &SessionRequest,
    drawn: &Drawn,
) -> Result<(), IdentityError> {
    let chained = matches!(cx.who.principal, Principal::RoleSession { .. });
    let most = if chained { CHAINED_SESSION_SECONDS_MAX } else { u32::MAX };
    let ceilings = [
        (most, Ceiling::Chain),
        (role.max_session_seconds, Ceiling::Role),
        of_account(cx, role.account),
    ];
    let asked = session.seconds.unwrap_or(SESSION_SECONDS_DEFAULT);
    ends_within(cx, drawn, seconds(asked, &ceilings)?)
}

/// What is to narrow the session must be able to.
pub(super) fn narrowing(
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
pub(super) fn transitive(session: &SessionRequest) -> Result<Vec<String>, IdentityError> {
    match session.transitive.iter().find(|key| session.tags.value(key).is_none()) {
        Some(key) => Err(IdentityError::TransitiveTag(key.clone())),
        None => Ok(session.transitive.clone()),
    }
}

pub(super) fn mapped_tags(tags: &BTreeMap<String, String>) -> Result<Tags, IdentityError> {
    Ok(Tags::new(tags.iter().map(|(key, value)| (key.clone(), value.clone())))?)
}

/// 2 to 64 characters of a session name's, not beginning with `aws:` (which has a colon anyway).
pub(super) fn source_identity(text: &str) -> Result<String, IdentityError> {
    let must = "2 to 64 letters, digits and `_+=,.@-`";
    let bad = |_| IdentityError::Validation { parameter: "SourceIdentity", must };
    text.parse::<SessionName>().map(|_| text.to_owned()).map_err(bad)
}

pub(super) fn fixed_name(name: &str) -> Result<SessionName, IdentityError> {
    let must = "a session name";
    name.parse().map_err(|_| IdentityError::Validation { parameter: "RoleSessionName", must })
}

/// A session of the caller's making. Its revision is the one at which the caller was looked at, so
/// that whatever is revoked after that takes this session along.
pub(super) fn payload(
    cx: &Context<'_>,
    of: Of,
    drawn: &Drawn,
    bulk: Bulk,
) -> Result<Payload, IdentityError> {
    let mut chain = cx.who.chain.clone();
    chain.extend(drawn.from.map(ChainLink::Address));
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
        mfa: None,
        external: None,
        chain,
    })
}

/// Seals a session. What is too long for the token goes into the state first.
pub(super) fn mint(
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
        if let Some(hash) = bulk.too_long().map_err(unwritable)? {
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
