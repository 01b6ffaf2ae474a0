//! From a credential to who holds it and whether it still counts.

use std::sync::Arc;

use audit::{ChainLink, How, Human, Kept, Who};
use names::{AccessKeyId, AccountId, Arn, SecretKey, Timestamp, UniqueId};
use policy::principal::Principal;

use crate::ops::{Inherited, Tags};
use crate::organization::AccountStatus;
use crate::record::{AccessKey, KeyStatus};
use crate::seal::{Purpose, Sealer, secret_key};
use crate::session::{Bulk, BulkPlace, External, Parent, Payload};
use crate::state::State;

/// What is known of the credential that a request names.
#[derive(Debug)]
pub enum Resolution {
    /// There is no such access key.
    Unknown,
    /// The session token does not belong to the access key, or there is one too many or too few.
    InvalidToken(TokenFault),
    /// The access key exists. Verify the signature *before* looking at the standing: until then
    /// nothing proves that the caller holds it.
    Known(Box<Credential>),
}

/// What is wrong with a session token.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum TokenFault {
    /// A temporary access key came without its token.
    Missing,
    /// A token came with a long-term access key.
    NotTemporary,
    /// It was not sealed here for this access key, or was changed.
    Broken,
}

/// An access key that exists.
#[derive(Clone, Debug)]
pub struct Credential {
    /// What the request must be signed with.
    pub secret: SecretKey,
    /// Whether it still counts.
    pub standing: Standing,
    /// Whose it is. `who.how` says [`How::SigV4Header`]; the door knows better.
    pub caller: Caller,
}

/// Whether a credential still counts. Only `Live` does.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Standing {
    /// It counts.
    Live,
    /// The session has ended.
    Expired,
    /// It, or something that it was made from, was revoked.
    Revoked,
    /// The access key is switched off.
    Inactive,
    /// The user, role or account that it belongs to is gone.
    OwnerGone,
    /// The account that it belongs to is suspended or closed.
    AccountSuspended,
}

/// Somebody who asks, with everything that their rights depend on besides the state.
#[derive(Clone, Debug)]
pub struct Caller {
    /// Who it is, as the journal records it.
    pub who: Arc<Who>,
    /// The session, unless the credential is long-term.
    pub session: Option<Arc<SessionFacts>>,
}

impl Caller {
    /// Somebody without a credential.
    #[must_use]
    pub fn anonymous() -> Self {
        Self { who: Arc::new(Who::anonymous()), session: None }
    }

    /// The caller that a permit was made for; `None` if it has a session that is not known here.
    pub(crate) fn permitted(who: &Who) -> Option<Self> {
        let session = who.kept.get::<SessionFacts>();
        let has_one = who.chain.iter().any(|link| matches!(link, ChainLink::Session(_)));
        (session.is_some() || !has_one).then(|| Self { who: Arc::new(who.clone()), session })
    }

    /// Somebody whom a provider vouches for and who asks for a session.
    #[must_use]
    pub fn login(identity: &crate::ExternalIdentity) -> Self {
        let provider = identity.provider.clone();
        let human = Human {
            provider: provider.clone(),
            subject: identity.subject.clone(),
            display: identity.display.clone(),
        };
        let links = identity.idp_session().into_iter().chain(identity.person());
        let who = Who {
            principal: Principal::Federated { provider: provider.clone() },
            how: How::WebIdentity,
            human: Some(human),
            chain: std::iter::once(ChainLink::Provider(provider)).chain(links).collect(),
            ..Who::anonymous()
        };
        Self { who: Arc::new(who), session: None }
    }

    /// The caller as policies see it.
    #[must_use]
    pub fn principal(&self) -> &Principal {
        &self.who.principal
    }

    /// The caller's account; `None` for anonymous and federated callers.
    #[must_use]
    pub fn account(&self) -> Option<AccountId> {
        self.who.principal.account()
    }

    /// Everything that a revocation may name.
    #[must_use]
    pub fn chain(&self) -> &[ChainLink] {
        &self.who.chain
    }

    /// What the sessions that this caller makes inherit.
    #[must_use]
    pub fn hands_down(&self) -> Inherited {
        self.session.as_ref().map_or_else(Inherited::default, |session| Inherited {
            tags: session.tags.only(&session.transitive),
            source_identity: session.source_identity.clone(),
        })
    }
}

/// What a session adds to its principal.
#[derive(Clone, PartialEq, Debug)]
pub struct SessionFacts {
    /// When it was given (`aws:TokenIssueTime`).
    pub issued: Timestamp,
    /// When it ends.
    pub expires: Timestamp,
    /// The policy it was made with and the condition keys of its provider; what is long of them is
    /// kept once for all requests.
    pub bulk: Arc<Bulk>,
    /// The managed policies it was made with.
    pub policy_arns: Vec<Arn>,
    /// Its tags.
    pub tags: Tags,
    /// The keys of those tags that it hands down.
    pub transitive: Vec<String>,
    /// Who is behind it, as it said when it was first made.
    pub source_identity: Option<String>,
    /// When the person last authenticated, if the provider said so.
    pub authenticated_at: Option<Timestamp>,
    /// When a device proved who asked for it.
    pub mfa: Option<Timestamp>,
    /// The outside identity behind it.
    pub external: Option<External>,
    /// Which operation made it.
    pub kind: SessionKind,
}

/// Which operation made a session.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum SessionKind {
    /// One that puts on a role.
    Role,
    /// GetSessionToken.
    LongTerm,
    /// A login that named no role.
    Federated,
    /// AssumeRole without a role.
    Own,
    /// GetFederationToken.
    FederationToken,
}

/// What ids of temporary access keys begin with.
pub(crate) const TEMPORARY: &str = "ASIA";

/// Resolves a credential against the state.
pub(crate) fn resolve(
    state: &State,
    sealer: &Sealer,
    id: &AccessKeyId,
    token: Option<&str>,
    now: Timestamp,
) -> Resolution {
    let key = state.key(id);
    if state.is_damaged() {
        // Nobody is known while it is not known who has what.
        return Resolution::Unknown;
    }
    match (key, token) {
        (Some(_), Some(_)) => Resolution::InvalidToken(TokenFault::NotTemporary),
        (Some(key), None) => long_term(state, sealer, key, now),
        (None, Some(token)) => match Payload::open(token, id, sealer) {
            Ok(payload) => temporary(state, id, payload, now),
            Err(_) => Resolution::InvalidToken(TokenFault::Broken),
        },
        (None, None) if id.as_str().starts_with(TEMPORARY) => {
            Resolution::InvalidToken(TokenFault::Missing)
        }
        (None, None) => Resolution::Unknown,
    }
}

fn long_term(state: &State, sealer: &Sealer, key: &AccessKey, now: Timestamp) -> Resolution {
    if let Some(credential) = state.resolved.find(&key.id) {
        return Resolution::Known(Box::new(credential));
    }
    let Some(principal) = owner(state, key) else { return Resolution::Unknown };
    let opened = sealer.open(Purpose::AccessKeySecret, key.id.as_str(), &key.secret);
    let Ok(secret) = opened.and_then(|bytes| secret_key(&bytes)) else {
        // A secret that does not open proves nothing about anybody.
        tracing::error!(key = %key.id, "the secret of an access key does not open");
        return Resolution::Unknown;
    };
    let standing = match key.status {
        KeyStatus::Inactive => Standing::Inactive,
        KeyStatus::Active if !in_use(state, key.account) => Standing::AccountSuspended,
        KeyStatus::Active if has_expired(key, now) => Standing::Expired,
        KeyStatus::Active if !vouched(state, key) => Standing::OwnerGone,
        KeyStatus::Active => Standing::Live,
    };
    let who = Who {
        principal,
        credential: Some(key.id.clone()),
        how: How::SigV4Header,
        human: human_of(state, &key.owner),
        chain: vec![
            ChainLink::Account(key.account),
            ChainLink::Key(key.id.clone()),
            ChainLink::Principal(key.owner.clone()),
        ],
        session_expires: None,
        kept: Kept::default(),
    };
    let caller = Caller { who: Arc::new(who), session: None };
    let credential = Credential { secret, standing, caller };
    // A service account's key ends by itself.
    if key.service.is_none() {
        state.resolved.keep(&key.id, &credential);
    }
    Resolution::Known(Box::new(credential))
}

/// Whether an account may be used.
fn in_use(state: &State, account: AccountId) -> bool {
    state.account(account).is_some_and(|own| own.status == AccountStatus::Active)
}

fn owner(state: &State, key: &AccessKey) -> Option<Principal> {
    if key.owner == UniqueId::root(key.account) {
        state.account(key.account)?;
        return Some(Principal::Root { account: key.account });
    }
    match &key.service {
        Some(service) => user_principal(state, &key.owner).or_else(|| {
            let role = state.role_by_id(&key.owner)?;
            Some(Principal::RoleSession {
                account: role.account,
                role: role.name.clone(),
                role_arn: role.arn(),
                id: role.id.clone(),
                session: service.name.clone(),
            })
        }),
        None => user_principal(state, &key.owner),
    }
}

/// Whether a service account has ended by itself.
fn has_expired(key: &AccessKey, now: Timestamp) -> bool {
    let expires = key.service.as_ref().and_then(|service| service.expires);
    expires.is_some_and(|expires| expires <= now)
}

/// Whether the provider that vouches for whom a service account belongs to, or who made it in a
/// session of a role, is still there, and does not say that they are not.
fn vouched(state: &State, key: &AccessKey) -> bool {
    let person = key.service.as_ref().and_then(|service| service.person.as_ref());
    if person.is_some_and(|id| state.user_by_id(id).is_none() || is_absent(state, id)) {
        return false;
    }
    let user = state.user_by_id(&key.owner);
    let Some(federated) = user.and_then(|user| user.federated.as_ref()) else { return true };
    let provided = key.service.is_none() || state.provider(&federated.provider).is_some();
    provided && federated.absent.is_none()
}

/// Whether a principal is somebody whom their directory has no more, or does not let in.
fn is_absent(state: &State, id: &UniqueId) -> bool {
    let federated = state.user_by_id(id).and_then(|user| user.federated.as_ref());
    federated.is_some_and(|federated| federated.absent.is_some())
}

fn user_principal(state: &State, id: &UniqueId) -> Option<Principal> {
    let user = state.user_by_id(id)?;
    Some(Principal::User {
        account: user.account,
        name: user.name.clone(),
        arn: user.arn(),
        id: user.id.clone(),
    })
}

fn human_of(state: &State, owner: &UniqueId) -> Option<Human> {
    let federated = state.user_by_id(owner)?.federated.as_ref()?;
    Some(Human {
        provider: federated.provider.clone(),
        subject: federated.subject.clone(),
        display: federated.display.clone(),
    })
}

fn temporary(state: &State, id: &AccessKeyId, payload: Payload, now: Timestamp) -> Resolution {
    let Some(principal) = session_principal(state, &payload) else {
        // Only a name that no longer parses: sealed by us, yet of no principal we know.
        return Resolution::InvalidToken(TokenFault::Broken);
    };
    let bulk = match &payload.bulk {
        BulkPlace::Here(bulk) => Some(Arc::new(bulk.clone())),
        BulkPlace::Stored(hash) => state.bulks.get(hash).map(Arc::clone),
    };
    let standing = standing(state, id, &payload, bulk.is_some(), now);
    let mut chain = payload.chain.clone();
    chain.push(ChainLink::Account(payload.account));
    chain.push(ChainLink::Session(id.clone()));
    chain.push(ChainLink::Principal(payload.principal.clone()));
    let human = payload.external.as_ref().map(|external| Human {
        provider: external.provider.clone(),
        subject: external.subject.clone(),
        display: external.display.clone(),
    });
    let who = Who {
        principal,
        credential: Some(id.clone()),
        how: How::SigV4Header,
        human,
        chain,
        session_expires: Some(payload.expires),
        kept: Kept::default(),
    };
    let secret = payload.secret.clone();
    let session = Arc::new(facts(payload, bulk.unwrap_or_default()));
    let who = Who { kept: Kept::new(Arc::clone(&session)), ..who };
    let caller = Caller { who: Arc::new(who), session: Some(session) };
    Resolution::Known(Box::new(Credential { secret, standing, caller }))
}

fn facts(payload: Payload, bulk: Arc<Bulk>) -> SessionFacts {
    SessionFacts {
        issued: payload.issued,
        expires: payload.expires,
        policy_arns: payload.policy_arns,
        tags: payload.tags,
        transitive: payload.transitive,
        source_identity: payload.source_identity,
        authenticated_at: payload.authenticated_at,
        mfa: payload.mfa,
        external: payload.external,
        bulk,
        kind: match payload.parent {
            Parent::Role => SessionKind::Role,
            Parent::LongTerm => SessionKind::LongTerm,
            Parent::Federated => SessionKind::Federated,
            Parent::Own => SessionKind::Own,
            Parent::FederationToken => SessionKind::FederationToken,
        },
    }
}

/// The principal of a session: as the state knows it now, else as the token labels it.
fn session_principal(state: &State, payload: &Payload) -> Option<Principal> {
    let (account, id) = (payload.account, payload.principal.clone());
    if payload.parent == Parent::Role {
        let now = state.role_by_id(&id).map(|role| (role.name.clone(), role.arn()));
        let label = || Some((last_name(&payload.arn)?.parse().ok()?, payload.arn.clone()));
        let (role, role_arn) = now.or_else(label)?;
        let session = payload.name.clone();
        return Some(Principal::RoleSession { account, role, role_arn, id, session });
    }
    if payload.parent == Parent::FederationToken {
        let user_arn = state.arn_of(&id).unwrap_or_else(|| payload.arn.clone());
        let name = payload.name.to_string();
        return Some(Principal::FederatedUser { account, name, user_arn, user_id: id });
    }
    if id == UniqueId::root(account) {
        return Some(Principal::Root { account });
    }
    user_principal(state, &id).or_else(|| {
        let (name, arn) = (last_name(&payload.arn)?.parse().ok()?, payload.arn.clone());
        Some(Principal::User { account, name, arn, id })
    })
}

fn last_name(arn: &Arn) -> Option<&str> {
    arn.resource().rsplit('/').next()
}

/// Whether a session still counts: it itself, and everything that it was made from.
fn standing(
    state: &State,
    id: &AccessKeyId,
    payload: &Payload,
    has_bulk: bool,
    now: Timestamp,
) -> Standing {
    let exists = match payload.parent {
        Parent::Role => state.role_by_id(&payload.principal).is_some(),
        _ if payload.principal == UniqueId::root(payload.account) => true,
        Parent::LongTerm | Parent::Federated | Parent::Own | Parent::FederationToken => {
            state.user_by_id(&payload.principal).is_some()
        }
    };
    let own = [
        ChainLink::Session(id.clone()),
        ChainLink::Principal(payload.principal.clone()),
        ChainLink::Account(payload.account),
    ];
    let revoked = payload.epoch != state.epoch
        || payload.revision > state.revision
        || !has_bulk
        || own.iter().chain(&payload.chain).any(|link| is_void(state, link, payload, now));
    match (exists && state.account(payload.account).is_some(), revoked) {
        (false, _) => Standing::OwnerGone,
        (true, _) if !in_use(state, payload.account) => Standing::AccountSuspended,
        (true, true) => Standing::Revoked,
        (true, false) if payload.expires <= now => Standing::Expired,
        (true, false) => Standing::Live,
    }
}

/// Whether what a session depends on was ended by an account whose session it is: the one that it
/// is in, or one that it was made from.
fn has_ended(state: &State, link: &ChainLink, payload: &Payload) -> bool {
    let from = payload.chain.iter().filter_map(|link| match link {
        ChainLink::Account(account) => Some(*account),
        _ => None,
    });
    let mut accounts = std::iter::once(payload.account).chain(from);
    accounts.any(|account| state.has_ended(account, link, payload.revision))
}

/// Whether something that a session was made from no longer counts.
fn is_void(state: &State, link: &ChainLink, payload: &Payload, now: Timestamp) -> bool {
    if state.ended.size() > 0 && has_ended(state, link, payload) {
        return true;
    }
    match link {
        ChainLink::IdpSession { provider, sid: subject }
        | ChainLink::Subject { provider, subject } => {
            let user = state.user_of_subject(provider, subject);
            user.is_some_and(|user| is_absent(state, &user.id))
        }
        ChainLink::Address(_) => false,
        ChainLink::Account(account) => !in_use(state, *account),
        ChainLink::Key(key) => state.key(key).is_none_or(|key| {
            key.status != KeyStatus::Active || has_expired(key, now) || !vouched(state, key)
        }),
        ChainLink::Session(_) => state.has_revoked(link, payload.revision),
        ChainLink::Principal(id) => {
            let known = state.user_by_id(id).is_some()
                || state.role_by_id(id).is_some()
                || *id == UniqueId::root(payload.account)
                || id.as_str().parse().is_ok_and(|account| state.account(account).is_some());
            !known || is_absent(state, id) || state.has_revoked(link, payload.revision)
        }
        ChainLink::Provider(arn) => {
            state.provider(arn).is_none_or(|p| p.incarnation > payload.revision)
        }
    }
}
