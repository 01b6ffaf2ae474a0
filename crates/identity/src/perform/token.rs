//! What the smaller operations of the Security Token Service do.

use names::{AccountId, Arn, UniqueId};
use policy::principal::Principal;

use super::sts::{
    Of, ends_within, fixed_name, mint, narrowing, own_seconds, payload, recorded, transitive,
};
use super::{Credentials, performs};
use crate::error::{EntityKind, IdentityError, SessionRefusal};
use crate::identity::{Context, Effect, Perform, Performed};
use crate::ops::{
    AssumeOwnRights, FEDERATED_NAME_CHARACTERS_MAX, GetFederationToken, ROOT_SESSION_SECONDS_MAX,
    SESSION_SECONDS_DEFAULT, USER_SESSION_SECONDS_DEFAULT,
};
use crate::said::Keys;
use crate::session::{Bulk, Parent, Payload};

type Outcome<T> = Result<Performed<T>, IdentityError>;

/// The answer of GetFederationToken.
#[derive(Clone, Debug)]
pub struct FederatedUser {
    /// The credentials.
    pub credentials: Credentials,
    /// `arn:aws:sts::A:federated-user/Name`.
    pub arn: Arn,
    /// `A:Name`.
    pub id: String,
}

performs! {
    GetAccessKeyInfo => AccountId, Read, |op, cx| {
        let missing = || IdentityError::missing(EntityKind::AccessKey, &op.key);
        Ok(Performed::read(cx.state.key(&op.key).ok_or_else(missing)?.account))
    };
}

/// The user or root whose own long-term key asks: neither a session nor a service account, which
/// could have been narrowed.
fn long_term(cx: &Context<'_>) -> Result<(UniqueId, Arn, Rooted), IdentityError> {
    let refused = Err(IdentityError::SessionRefused(SessionRefusal::NotLongTerm));
    if cx.who.session_expires.is_some() || cx.asks_as_service_account() {
        return refused;
    }
    match &cx.who.principal {
        Principal::User { id, arn, .. } => Ok((id.clone(), arn.clone(), Rooted::No)),
        Principal::Root { account } => {
            Ok((UniqueId::root(*account), Arn::root(*account), Rooted::Yes))
        }
        _ => refused,
    }
}

/// Whether it is a root that asks.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Rooted {
    Yes,
    No,
}

impl Rooted {
    /// How long a session may be at most; a root that asks for more is given an hour.
    fn most(self) -> u32 {
        match self {
            Self::Yes => ROOT_SESSION_SECONDS_MAX,
            Self::No => u32::MAX,
        }
    }
}

impl Perform for AssumeOwnRights {
    type Output = Credentials;

    fn effect(&self) -> Effect {
        self.session.effect()
    }

    fn act(&self, cx: &Context<'_>) -> Outcome<Credentials> {
        recorded(cx, &self.drawn)?;
        let (principal, arn, rooted) = long_term(cx)?;
        let asked = self.session.seconds.unwrap_or(SESSION_SECONDS_DEFAULT);
        let most = own_seconds(cx, self.account, asked)?.min(rooted.most());
        ends_within(cx, &self.drawn, most)?;
        let bare = self.session.tags.is_empty()
            && self.session.transitive.is_empty()
            && self.session.source_identity.is_none();
        if !bare {
            let must = "absent where no role is named";
            return Err(IdentityError::Validation { parameter: "Tags", must });
        }
        narrowing(cx, self.account, &self.session)?;
        let name = fixed_name("AssumeRole")?;
        let of = Of { parent: Parent::Own, principal, arn, account: self.account, name };
        let bulk = Bulk { policy: self.session.policy.clone(), keys: Keys::default() };
        let base = payload(cx, of, &self.drawn, bulk)?;
        let payload = Payload { policy_arns: self.session.policy_arns.clone(), ..base };
        let (changes, credentials) = mint(cx, payload, &self.drawn)?;
        Ok(Performed::write(changes, credentials))
    }
}

impl Perform for GetFederationToken {
    type Output = FederatedUser;

    fn effect(&self) -> Effect {
        self.session.effect()
    }

    fn act(&self, cx: &Context<'_>) -> Outcome<FederatedUser> {
        recorded(cx, &self.drawn)?;
        let (principal, arn, rooted) = long_term(cx)?;
        if self.name.as_str().chars().count() > FEDERATED_NAME_CHARACTERS_MAX {
            let must = "2 to 32 letters, digits and `_+=,.@-`";
            return Err(IdentityError::Validation { parameter: "Name", must });
        }
        let asked = self.session.seconds.unwrap_or(USER_SESSION_SECONDS_DEFAULT);
        let most = own_seconds(cx, self.account, asked)?.min(rooted.most());
        ends_within(cx, &self.drawn, most)?;
        narrowing(cx, self.account, &self.session)?;
        // There is no TransitiveTagKeys here (aws-authorization 10); the shared rule refuses any.
        transitive(&self.session)?;
        let of = Of {
            parent: Parent::FederationToken,
            principal,
            arn,
            account: self.account,
            name: self.name.clone(),
        };
        let bulk = Bulk { policy: self.session.policy.clone(), keys: Keys::default() };
        let base = payload(cx, of, &self.drawn, bulk)?;
        let payload = Payload {
            policy_arns: self.session.policy_arns.clone(),
            tags: self.session.tags.clone(),
            ..base
        };
        let (changes, credentials) = mint(cx, payload, &self.drawn)?;
        let answer = FederatedUser {
            credentials,
            arn: self.arn(),
            id: format!("{}:{}", self.account, self.name),
        };
        Ok(Performed::write(changes, answer))
    }
}
