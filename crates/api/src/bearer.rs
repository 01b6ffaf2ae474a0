//! A provider's token on the request itself (RFC 6750 §2.1): the session that
//! AssumeRoleWithWebIdentity would give for it, opened at its first request and found again by the
//! token's hash at the next ones.
//!
//! The session is a session like any other: recorded when it is opened, resolved against the state
//! at each request, revoked by whatever revokes sessions. Its access key id follows from the token
//! and the role, so that a token whose session was revoked opens no other one.

use std::collections::HashMap;
use std::fmt;
use std::str::FromStr;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use audit::{How, Opening, Reason};
use identity::{OidcProvider, Resolution, State, Unverified};
use names::{AccessKeyId, Arn, DecisionId, Timestamp};
use sha2::{Digest as _, Sha256};
use signing::{BearerClaim, BodyProof, CanonicalRequest, Mechanism, SignatureError, Verified};
use tokio::sync::OnceCell;

use crate::body::Received;
use crate::caller::{Known, Place, invalid_token, live};
use crate::connection::Origin;
use crate::dialect::Dialect;
use crate::error::ApiError;
use crate::exchange::{Answer, Exchange, Payload};
use crate::operation::find_query;
use crate::sts::login;
use crate::{Response, Services, facts};

/// Names the role that a token's session puts on, where the provider's rules do not.
const ROLE_HEADER: &str = "x-strongroom-role";
/// How often a session is opened anew for one request before it is refused.
const OPENINGS_MAX: usize = 2;
/// Characters of an access key id after its first four.
const KEY_CHARACTERS: usize = 16;
/// The characters of access key ids: base 32 (RFC 4648 §6).
const KEY_ALPHABET: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/// Whether a token on the request itself will do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum BearerRule {
    /// It is refused.
    Refuse,
    /// It is taken where nobody can have read it: over TLS, or from this machine.
    #[default]
    Secure,
    /// It is taken from wherever a request is.
    Plain,
}

/// The text is none of `refuse`, `secure` and `plain`.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`refuse`, `secure` or `plain`")]
pub struct BadBearerRule;

impl FromStr for BearerRule {
    type Err = BadBearerRule;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "refuse" => Ok(Self::Refuse),
            "secure" => Ok(Self::Secure),
            "plain" => Ok(Self::Plain),
            _ => Err(BadBearerRule),
        }
    }
}

impl BearerRule {
    /// A token is a password until it ends: it is not taken where others may have read it.
    fn admits(self, origin: Origin) -> Result<(), ApiError> {
        let safe = origin.is_secure() || origin.address.is_loopback();
        match self {
            Self::Refuse => {
                let mechanism = Mechanism::Bearer;
                Err(SignatureError::UnsupportedMechanism { mechanism }.into())
            }
            Self::Secure if !safe => {
                let message = "A bearer token is taken over TLS, or where `signing.bearer` is \
                               `plain`.";
                Err(ApiError::new(400, "InvalidRequest", message).because(Reason::Transport))
            }
            Self::Secure | Self::Plain => Ok(()),
        }
    }
}

/// The sessions that tokens have opened, by the hash of token and role; so many and no more.
pub struct BearerSessions {
    sessions_max: usize,
    sessions: Mutex<HashMap<TokenHash, Slot>>,
}

/// SHA-256 of a token and the role that it is to put on. The token itself is kept nowhere.
type TokenHash = [u8; 32];
/// A session, or the opening of one: requests that bring a token meanwhile wait for it.
type Slot = Arc<OnceCell<Session>>;

/// A session that a token opened.
struct Session {
    key: AccessKeyId,
    token: String,
    expires: Timestamp,
    provider: Arc<OidcProvider>,
}

impl Session {
    /// Whether it may stand for its token: it has not ended, and the provider is the one that was
    /// asked. One that was reconfigured may no longer believe the token. Whether the session was
    /// revoked is the state's to say, each time.
    fn stands(&self, state: &State, now: Timestamp) -> bool {
        let provider = state.provider(&self.provider.arn);
        now < self.expires && provider.is_some_and(|now| Arc::ptr_eq(now, &self.provider))
    }
}

/// No token and no secret is printed.
impl fmt::Debug for BearerSessions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BearerSessions").finish_non_exhaustive()
    }
}

impl BearerSessions {
    /// At most so many sessions. The one that ends first makes room for another.
    #[must_use]
    pub fn new(sessions_max: usize) -> Self {
        Self { sessions_max: sessions_max.max(1), sessions: Mutex::default() }
    }

    fn place(&self, hash: TokenHash, now: Timestamp) -> Slot {
        let mut sessions = self.sessions.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(place) = sessions.get(&hash) {
            return Arc::clone(place);
        }
        if sessions.len() >= self.sessions_max {
            sessions.retain(|_, place| place.get().is_none_or(|session| now < session.expires));
        }
        if sessions.len() >= self.sessions_max {
            let ends = |place: &Slot| place.get().map(|session| session.expires);
            let open = sessions.iter().filter_map(|(hash, place)| Some((ends(place)?, *hash)));
            if let Some((_, first)) = open.min() {
                crate::body::past("bearer_sessions");
                sessions.remove(&first);
            }
        }
        Arc::clone(sessions.entry(hash).or_default())
    }

    /// Forgets a session, unless another has taken its place.
    fn forget(&self, hash: &TokenHash, place: &Slot) {
        let mut sessions = self.sessions.lock().unwrap_or_else(PoisonError::into_inner);
        if sessions.get(hash).is_some_and(|kept| Arc::ptr_eq(kept, place)) {
            sessions.remove(hash);
        }
    }
}

impl Services {
    /// Says who brings a token. Dropped midway, the token's session is opened completely or not at
    /// all, and the next request finds it or opens it.
    pub(crate) async fn identify_bearer(
        self: &Arc<Self>,
        claim: BearerClaim,
        at: &Place<'_>,
        body: BodyProof,
    ) -> Result<(Verified, Known), ApiError> {
        self.settings.bearer.admits(at.origin)?;
        let role = role(claim.request())?;
        let hash = hash(claim.token(), role.as_ref());
        for _ in 0..OPENINGS_MAX {
            let place = self.bearers.place(hash, at.now);
            let open = || self.open(&claim, role.clone(), hash, at);
            let session = match place.get_or_try_init(open).await {
                Ok(session) => session,
                Err(error) => {
                    self.bearers.forget(&hash, &place);
                    return Err(error);
                }
            };
            let state = self.identity.snapshot();
            if !session.stands(&state, at.now) {
                self.bearers.forget(&hash, &place);
                continue;
            }
            let presented = (session.key.clone(), Some(session.token.clone()));
            return match self.identity.resolve(&state, &session.key, Some(&session.token), at.now) {
                Resolution::Known(credential) => {
                    let caller = live(*credential, How::Bearer)?;
                    let verified = Verified::bearer(claim, body)?;
                    Ok((verified, Known::bearing(caller, presented)))
                }
                Resolution::Unknown => Err(refused(Reason::InvalidToken)),
                Resolution::InvalidToken(fault) => Err(invalid_token(fault)),
            };
        }
        Err(expired(Reason::Expired { at: Some(at.now) }))
    }

    /// Opens the session of a token: an exchange of its own, decided and recorded as
    /// AssumeRoleWithWebIdentity is.
    async fn open(
        self: &Arc<Self>,
        claim: &BearerClaim,
        role: Option<Arn>,
        hash: TokenHash,
        at: &Place<'_>,
    ) -> Result<Session, ApiError> {
        let token = Unverified::new(claim.token().to_owned());
        let proven = login::vouched(self, at.now, &token, role.as_ref(), None);
        let proven = proven.await.map_err(|error| told(&error))?;
        let provider = Arc::clone(&proven.provider);
        let until = proven.external.expires;
        let mut x = self.sign_in(claim, at)?;
        let mut prepared = match login::prepare_bearer(&mut x, proven, role) {
            Ok(prepared) => prepared,
            Err(error) => {
                let answer = told(&error);
                drop(x.refuse(error).await);
                return Err(answer);
            }
        };
        login::draw(&mut prepared, session_key(&hash)?, until);
        let made = Arc::new(OnceLock::new());
        let slot = Arc::clone(&made);
        let answered = x.through(Ok(prepared), async move |act, permit| {
            let credentials = act.services.identity.perform(permit).await?.credentials;
            let _ = slot.set(credentials);
            Ok(Answer::from(wire::Response::empty(200)))
        });
        let response = answered.await;
        let Some(made) = made.get() else { return Err(not_let_in(&response, &provider)) };
        let (key, token, expires) = (made.key.clone(), made.token.clone(), made.expires);
        Ok(Session { key, token, expires, provider })
    }

    /// The exchange in which a token is taken for a session.
    fn sign_in(
        self: &Arc<Self>,
        claim: &BearerClaim,
        at: &Place<'_>,
    ) -> Result<Exchange, ApiError> {
        let row = find_query(Some("sts"), "AssumeRoleWithWebIdentity");
        let row = row.ok_or_else(ApiError::internal)?;
        let request = claim.request();
        let agent = request.header("user-agent").ok().flatten();
        let request_id = self.journal.request_id();
        let mut attempt = self.journal.attempt(Opening {
            request_id,
            peer: Some(at.connection.peer),
            source_ip: Some(at.origin.address),
            transport: at.origin.transport,
            user_agent: agent.map(str::to_owned),
            method: request.method().to_string(),
            operation: None,
        });
        attempt.routed(row.name);
        let verified = Verified::bearer(claim.clone(), BodyProof::Streamed)?;
        let facts = facts::gather(&verified, at.connection, at.origin);
        Ok(Exchange {
            services: Arc::clone(self),
            row,
            dialect: Dialect::Query { namespace: wire::sts::NAMESPACE },
            verified,
            known: Known::anonymous(),
            facts,
            now: at.now,
            request_id,
            attempt,
            payload: Payload::Taken,
            received: Received::default(),
        })
    }
}

/// The role that the request names, once or not at all.
fn role(request: &CanonicalRequest) -> Result<Option<Arn>, ApiError> {
    let malformed = || {
        let message = "x-strongroom-role is the ARN of one role.";
        ApiError::new(400, "InvalidArgument", message).because(Reason::Malformed { what: "header" })
    };
    let role = request.header(ROLE_HEADER).map_err(|_| malformed())?;
    role.map(|role| role.parse().map_err(|_| malformed())).transpose()
}

fn hash(token: &str, role: Option<&Arn>) -> TokenHash {
    let role = role.map_or("", Arn::as_str);
    // A role has no zero byte, so no two pairs make one text.
    Sha256::digest([role.as_bytes(), b"\0", token.as_bytes()].concat()).into()
}

/// The access key id of a token's session: always the same, so that a revocation of it holds for
/// whatever the token opens, also after a restart.
fn session_key(hash: &TokenHash) -> Result<AccessKeyId, ApiError> {
    let text: String = Sha256::digest([b"strongroom bearer session".as_slice(), hash].concat())
        .iter()
        .take(KEY_CHARACTERS)
        .filter_map(|byte| KEY_ALPHABET.get(usize::from(*byte) % KEY_ALPHABET.len()))
        .map(|character| char::from(*character))
        .collect();
    format!("ASIA{text}").parse().map_err(|_| ApiError::internal())
}

/// What whoever brings a token is told of why no session was opened. A token that ran out was its
/// bearer's to begin with, and SDKs fetch another; of the others nobody learns which rule they
/// broke. The record knows.
fn told(error: &ApiError) -> ApiError {
    let reason = error.reason.clone();
    match error.code {
        "ExpiredTokenException" => expired(reason),
        "Throttling" => {
            ApiError::new(503, "SlowDown", "Please reduce your request rate.").because(reason)
        }
        "IDPCommunicationError" => {
            let message = "The identity provider cannot be asked. Try again.";
            ApiError::new(503, "ServiceUnavailable", message).because(reason)
        }
        _ => refused(reason),
    }
}

fn expired(reason: Reason) -> ApiError {
    ApiError::new(400, "ExpiredToken", "The provided token has expired.").because(reason)
}

fn refused(reason: Reason) -> ApiError {
    let message = "The provided token is malformed or otherwise invalid.";
    ApiError::new(400, "InvalidToken", message).because(reason)
}

/// The provider vouches for the bearer, yet no session was opened: nothing trusts the bearer, or
/// it could not be recorded.
fn not_let_in(response: &Response, provider: &OidcProvider) -> ApiError {
    if response.status().is_server_error() || response.status() == http::StatusCode::CONFLICT {
        let message = "No session could be opened for the token. Try again.";
        return ApiError::new(503, "ServiceUnavailable", message)
            .because(Reason::Unavailable { what: "state" });
    }
    let provider = Some(provider.arn.clone());
    let error = ApiError::new(403, "AccessDenied", "Access Denied")
        .because(Reason::LoginRefused { provider, rule: "trust" });
    let id = response.headers().get("x-strongroom-decision-id");
    match id.and_then(|id| id.to_str().ok()).and_then(|id| id.parse::<DecisionId>().ok()) {
        Some(id) => error.decided(id),
        None => error,
    }
}

#[cfg(test)]
mod tests {
    use audit::Transport;

    use super::*;
    use crate::sts::login::tests::provider;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_seconds(1_800_000_000 + seconds).unwrap()
    }

    /// A session that ends so many seconds later, opened by a token of that number.
    fn opened(sessions: &BearerSessions, token: u8, ends: i64) -> TokenHash {
        let hash = [token; 32];
        let session = Session {
            key: session_key(&hash).unwrap(),
            token: "SR1abc".to_owned(),
            expires: at(ends),
            provider: provider("111122223333"),
        };
        assert!(sessions.place(hash, at(0)).set(session).is_ok());
        hash
    }

    fn remembers(sessions: &BearerSessions, hash: &TokenHash) -> bool {
        sessions.sessions.lock().unwrap().contains_key(hash)
    }

    #[test]
    fn so_many_sessions_are_remembered_and_past_it_the_one_that_ends_first_is_forgotten() {
        let sessions = BearerSessions::new(2);
        let (long, short) = (opened(&sessions, 1, 900), opened(&sessions, 2, 300));
        assert!(remembers(&sessions, &long) && remembers(&sessions, &short));
        let third = opened(&sessions, 3, 600);
        assert!(remembers(&sessions, &long) && remembers(&sessions, &third));
        assert!(!remembers(&sessions, &short));
        // One that has ended goes before any that has not.
        sessions.place([4; 32], at(600));
        assert!(!remembers(&sessions, &third) && remembers(&sessions, &long));
    }

    #[test]
    fn a_token_is_taken_over_tls_or_from_this_machine_and_by_setting_alone_from_elsewhere() {
        let origin =
            |address: &str, transport| Origin { address: address.parse().unwrap(), transport };
        let admitted = |rule: BearerRule, origin| rule.admits(origin).map_err(|e| e.code);
        let secure = BearerRule::default();
        assert_eq!(secure, "secure".parse().unwrap());
        let (near, far) = ("127.0.0.1", "203.0.113.9");
        assert_eq!(admitted(secure, origin(near, Transport::Plain)), Ok(()));
        assert_eq!(admitted(secure, origin(far, Transport::Tls)), Ok(()));
        assert_eq!(admitted(secure, origin(far, Transport::ProxiedTls)), Ok(()));
        assert_eq!(admitted(secure, origin(far, Transport::Plain)), Err("InvalidRequest"));
        assert_eq!(admitted(BearerRule::Plain, origin(far, Transport::Plain)), Ok(()));
        assert_eq!(
            admitted(BearerRule::Refuse, origin(near, Transport::Tls)),
            Err("InvalidRequest")
        );
        assert!("on".parse::<BearerRule>().is_err());
    }

    #[test]
    fn a_token_opens_one_session_for_each_role_and_always_the_same() {
        let role: Arn = "arn:aws:iam::111122223333:role/R".parse().unwrap();
        let key = |token, role| session_key(&hash(token, role)).unwrap();
        assert_eq!(key("a.b.c", None), key("a.b.c", None));
        assert_ne!(key("a.b.c", None), key("a.b.c", Some(&role)));
        assert_ne!(key("a.b.c", None), key("a.b.d", None));
        assert!(key("a.b.c", None).as_str().starts_with("ASIA"));
    }

    #[test]
    fn which_rule_a_token_broke_is_told_to_the_record_alone() {
        for rule in ["signature", "audience", "issuer", "unknown-key"] {
            let reason = Reason::LoginRefused { provider: None, rule };
            let error = ApiError::new(400, "InvalidIdentityToken", rule).because(reason.clone());
            let answer = told(&error);
            assert_eq!((answer.status, answer.code), (400, "InvalidToken"), "{rule}");
            assert!(!answer.message.contains(rule));
            assert_eq!(answer.reason, reason);
        }
        let ended = ApiError::new(400, "ExpiredTokenException", "");
        assert_eq!(told(&ended).code, "ExpiredToken");
    }
}
