//! Who asks: from the credential that was presented to a caller whose standing is known.

use std::sync::Arc;

use audit::{How, Reason};
use identity::{Caller, Credential, Resolution, Standing, TokenFault};
use names::{AccessKeyId, AccountId, Timestamp};
use policy::principal::Principal;
use signing::{
    BodyProof, Claim, Form, RegionRule, SignatureError, SignedClaim, Terms, Verified, VerifyingKey,
    Version, verify, verify_unknown,
};

use crate::Services;
use crate::connection::{Connection, Origin};
use crate::error::ApiError;

/// A caller whose credential is proven, and what is needed to look again whether it still counts.
#[derive(Clone)]
pub(crate) struct Known {
    pub(crate) caller: Arc<Caller>,
    presented: Option<(AccessKeyId, Option<String>)>,
    how: How,
}

impl Known {
    pub(crate) fn anonymous() -> Self {
        Self { caller: Arc::new(Caller::anonymous()), presented: None, how: How::Anonymous }
    }

    /// Somebody whom an identity provider vouches for and who has no principal here yet.
    pub(crate) fn vouched(who: Arc<audit::Who>) -> Self {
        let caller = Arc::new(Caller { who, session: None });
        Self { caller, presented: None, how: How::WebIdentity }
    }

    /// Somebody whose token has opened that session.
    pub(crate) fn bearing(caller: Arc<Caller>, presented: (AccessKeyId, Option<String>)) -> Self {
        Self { caller, presented: Some(presented), how: How::Bearer }
    }

    pub(crate) fn principal(&self) -> &Principal {
        self.caller.principal()
    }

    pub(crate) fn account(&self) -> Option<AccountId> {
        self.caller.account()
    }

    pub(crate) fn is_anonymous(&self) -> bool {
        self.presented.is_none() && self.how == How::Anonymous
    }
}

/// Where a credential is presented, and when.
#[derive(Clone, Copy)]
pub(crate) struct Place<'a> {
    /// The services whose signatures will do.
    pub(crate) services: &'a [&'a str],
    pub(crate) connection: &'a Connection,
    pub(crate) origin: Origin,
    pub(crate) now: Timestamp,
}

impl Services {
    /// Verifies what was presented and says who presented it. Whoever did not prove possession of a
    /// credential learns nothing about it. Only a token is waited for.
    pub(crate) async fn identify(
        self: &Arc<Self>,
        claim: Claim,
        at: &Place<'_>,
        body: BodyProof,
    ) -> Result<(Verified, Known), ApiError> {
        match claim {
            Claim::Anonymous(claim) => Ok((Verified::anonymous(claim), Known::anonymous())),
            Claim::Signed(claim) => self.identify_signed(claim, at, body),
            Claim::Bearer(claim) => Box::pin(self.identify_bearer(claim, at, body)).await,
        }
    }

    fn identify_signed(
        &self,
        claim: SignedClaim,
        at: &Place<'_>,
        body: BodyProof,
    ) -> Result<(Verified, Known), ApiError> {
        let Place { services, now, .. } = *at;
        let region = self.settings.region.as_deref().map_or(RegionRule::Any, RegionRule::Only);
        let (id, token) = (claim.access_key_id().clone(), claim.session_token().map(str::to_owned));
        let state = self.identity.snapshot();
        let terms = Terms { now, services, region, body, v2: self.settings.sigv2.rule(&state) };
        match self.identity.resolve(&state, &id, token.as_deref(), now) {
            Resolution::Unknown => {
                let decoy = self.keys.decoy(&claim);
                Err(unproven(claim, &decoy, &terms, unknown_key()))
            }
            Resolution::InvalidToken(fault) => {
                let decoy = self.keys.decoy(&claim);
                Err(unproven(claim, &decoy, &terms, invalid_token(fault)))
            }
            Resolution::Known(credential) => {
                let how = how(&claim);
                let key = self.keys.key(&claim, &credential.secret);
                let signed = verify(claim, &key, &terms)?;
                let service = service_used(signed.service());
                let account = credential.caller.account().and_then(|id| state.account(id));
                self.settings.sigv2.admits(&signed, account.map(Arc::as_ref), now)?;
                let caller = live(*credential, how)?;
                self.identity.used(&id, service, now);
                Ok((Verified::Signed(signed), Known { caller, presented: Some((id, token)), how }))
            }
        }
    }

    /// Looks again whether the caller still counts, after the authorization state has moved.
    pub(crate) fn still_live(&self, known: &Known, now: Timestamp) -> Result<Known, ApiError> {
        let Some((id, token)) = &known.presented else { return Ok(known.clone()) };
        let state = self.identity.snapshot();
        match self.identity.resolve(&state, id, token.as_deref(), now) {
            Resolution::Known(credential) => {
                Ok(Known { caller: live(*credential, known.how)?, ..known.clone() })
            }
            Resolution::Unknown => Err(unknown_key()),
            Resolution::InvalidToken(fault) => Err(invalid_token(fault)),
        }
    }
}

/// How the record says the claim was made.
fn how(claim: &SignedClaim) -> How {
    match (claim.form(), claim.version()) {
        (Form::Header, Version::V4) => How::SigV4Header,
        (Form::Header, Version::V4A) => How::SigV4aHeader,
        (Form::Header, Version::V2) => How::SigV2Header,
        (Form::Presigned, Version::V4) => How::SigV4Presigned,
        (Form::Presigned, Version::V4A) => How::SigV4aPresigned,
        (Form::Presigned, Version::V2) => How::SigV2Presigned,
        (Form::Post, _) => How::PostForm,
    }
}

/// Does the work of a verification against a key that nobody holds, and refuses. An error that any
/// caller could have known of (a skewed clock, a missing header) is told as it is.
fn unproven(
    claim: SignedClaim,
    decoy: &VerifyingKey,
    terms: &Terms<'_>,
    refusal: ApiError,
) -> ApiError {
    match verify_unknown(claim, decoy, terms) {
        SignatureError::Mismatch => refusal,
        other => other.into(),
    }
}

fn unknown_key() -> ApiError {
    let message = "The AWS Access Key Id you provided does not exist in our records.";
    ApiError::new(403, "InvalidAccessKeyId", message).because(Reason::UnknownKey)
}

pub(crate) fn invalid_token(fault: TokenFault) -> ApiError {
    let message = match fault {
        TokenFault::Missing => "The temporary credential was used without its session token.",
        TokenFault::NotTemporary | TokenFault::Broken => {
            "The provided token is malformed or otherwise invalid."
        }
    };
    ApiError::new(400, "InvalidToken", message).because(Reason::InvalidToken)
}

/// The caller of a credential that still counts. Only whoever proved possession comes here, so it
/// may learn that the credential has ended; SDKs then fetch another.
pub(crate) fn live(credential: Credential, how: How) -> Result<Arc<Caller>, ApiError> {
    let Credential { standing, mut caller, .. } = credential;
    let at = caller.who.session_expires;
    let expired = |reason| {
        let message = "The provided token has expired.";
        Err(ApiError::new(400, "ExpiredToken", message).because(reason))
    };
    match standing {
        Standing::Live => {
            // Most come as the state says, and are shared with it.
            if caller.who.how != how {
                Arc::make_mut(&mut caller.who).how = how;
            }
            Ok(Arc::new(caller))
        }
        Standing::Expired => expired(Reason::Expired { at }),
        Standing::Revoked => expired(Reason::Revoked { revision: None }),
        Standing::OwnerGone if caller.session.is_some() => {
            expired(Reason::Revoked { revision: None })
        }
        Standing::AccountSuspended => {
            let message = "There is a problem with your account that prevents the operation from \
                           completing successfully: it is suspended or closed.";
            Err(ApiError::new(403, "AccountProblem", message).because(Reason::InactiveKey))
        }
        Standing::Inactive | Standing::OwnerGone => Err(unknown_key().because(Reason::InactiveKey)),
    }
}

/// The service of `GetAccessKeyLastUsed`, in words of our own.
fn service_used(scoped: &str) -> &'static str {
    match scoped {
        "s3" => "s3",
        "iam" => "iam",
        "sts" => "sts",
        _ => "strongroom",
    }
}
