//! Sessions: the operations of the Security Token Service.

use names::{AccessKeyId, AccountId, Action, Arn, SessionName, Timestamp};
use policy::facts::{FactMap, Value};
use policy::operation::{Operation, Rule};

use super::{RequestFacts, Tags};
use crate::mapping::MappingOutcome;
use crate::mfa::MfaProof;
use crate::provider::ExternalIdentity;
use crate::stored_policy::StoredPolicy;

/// Shortest session, in seconds.
pub const SESSION_SECONDS_MIN: u32 = 900;
/// How long a session lasts when the request does not say.
pub const SESSION_SECONDS_DEFAULT: u32 = 3600;
/// Longest session of a role that was assumed by another role's session.
pub const CHAINED_SESSION_SECONDS_MAX: u32 = 3600;
/// Longest session that any setting allows: 365 days.
pub const SESSION_SECONDS_MAX: u32 = 31_536_000;
/// Longest GetSessionToken session of a user unless a setting raises it.
pub const USER_SESSION_SECONDS_MAX: u32 = 129_600;
/// How long a GetSessionToken session lasts when the request does not say.
pub const USER_SESSION_SECONDS_DEFAULT: u32 = 43_200;
/// Longest GetSessionToken session of a root.
pub const ROOT_SESSION_SECONDS_MAX: u32 = 3600;
/// Most managed policies that can narrow a session.
pub const SESSION_POLICY_ARNS_MAX: usize = 10;

/// The session to be minted: drawn before the request is decided, so that its entry names it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Drawn {
    /// The access key id of the new session.
    pub minted: AccessKeyId,
    /// When it ends.
    pub expires: Timestamp,
    /// Where it was asked for, as far as that is known.
    pub from: Option<std::net::IpAddr>,
}

/// What a session asks to be, whoever asks.
#[derive(Clone, Debug)]
pub struct SessionRequest {
    /// `DurationSeconds`; the default of the operation when absent.
    pub seconds: Option<u32>,
    /// `Policy`.
    pub policy: Option<StoredPolicy>,
    /// `PolicyArns`.
    pub policy_arns: Vec<Arn>,
    /// `Tags`.
    pub tags: Tags,
    /// `TransitiveTagKeys`.
    pub transitive: Vec<String>,
    /// `SourceIdentity`.
    pub source_identity: Option<String>,
}

/// What the caller's own session hands down to the sessions that it makes.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Inherited {
    /// Transitive tags, with their values.
    pub tags: Tags,
    /// The source identity: set once, then fixed.
    pub source_identity: Option<String>,
}

/// Puts on a role.
///
/// `sts:TagSession` and `sts:SetSourceIdentity` are asked for too whenever tags or a source
/// identity are passed or inherited (aws-authorization 4.5).
#[derive(Clone, Debug)]
pub struct AssumeRole {
    /// The role.
    pub role: Arn,
    /// The session's name.
    pub name: SessionName,
    /// `ExternalId`.
    pub external_id: Option<String>,
    /// What the session asks to be.
    pub session: SessionRequest,
    /// What the caller's session hands down.
    pub inherited: Inherited,
    /// The code of a device that was shown: what the trust policy sees as
    /// `aws:MultiFactorAuthPresent`. The session itself carries no such proof (IAM user guide,
    /// "Configuring MFA-protected API access").
    pub mfa: Option<MfaProof>,
    /// The session to be minted.
    pub drawn: Drawn,
}

impl AssumeRole {
    fn tagged(&self) -> bool {
        !self.session.tags.is_empty() || !self.inherited.tags.is_empty()
    }

    fn source_identity(&self) -> Option<&str> {
        let own = self.session.source_identity.as_deref();
        own.or(self.inherited.source_identity.as_deref())
    }
}

impl Operation for AssumeRole {
    const NAME: &'static str = "AssumeRole";
    const CHECKS: &'static [Rule<Self>] = &[
        Rule::required(Action::known("sts:AssumeRole"), |op| Some(op.role.clone())),
        Rule::required(Action::known("sts:TagSession"), |op| op.tagged().then(|| op.role.clone())),
        Rule::required(Action::known("sts:SetSourceIdentity"), |op| {
            op.source_identity().map(|_| op.role.clone())
        }),
    ];
}

impl RequestFacts for AssumeRole {
    fn request_facts(&self, facts: &mut FactMap) {
        facts.set("sts:RoleSessionName", self.name.as_str());
        if let Some(id) = &self.external_id {
            facts.set("sts:ExternalId", id.as_str());
        }
        if let Some(identity) = self.source_identity() {
            facts.set("sts:SourceIdentity", identity);
        }
        say_session_tags(facts, &self.session, &self.inherited.tags);
    }
}

/// Says `aws:RequestTag/…`, `aws:TagKeys` and `sts:TransitiveTagKeys`. Inherited transitive tags
/// count as passed.
pub(super) fn say_session_tags(facts: &mut FactMap, session: &SessionRequest, inherited: &Tags) {
    match session.tags.with(inherited) {
        Ok(all) => all.say_request(facts),
        Err(_) => session.tags.say_request(facts),
    }
    if !session.transitive.is_empty() {
        facts.set("sts:TransitiveTagKeys", Value::Many(session.transitive.clone()));
    }
}

/// Exchanges an identity provider's proof for a session: of a role that trusts it, or, when no role
/// is named, of the user whom the provider's mapping rules give policies.
#[derive(Clone, Debug)]
pub struct AssumeRoleWithWebIdentity {
    /// The role, if one is named or the mapping rules name one.
    pub role: Option<Arn>,
    /// The session's name.
    pub name: SessionName,
    /// Who the provider says it is.
    pub external: ExternalIdentity,
    /// What the mapping rules make of it; asked only when no role is named.
    pub mapping: MappingOutcome,
    /// What the session asks to be.
    pub session: SessionRequest,
    /// The session to be minted.
    pub drawn: Drawn,
}

impl AssumeRoleWithWebIdentity {
    /// Whose trust policy decides: the role's, else the provider's.
    #[must_use]
    pub fn trusting(&self) -> &Arn {
        self.role.as_ref().unwrap_or(&self.external.provider)
    }
}

impl Operation for AssumeRoleWithWebIdentity {
    const NAME: &'static str = "AssumeRoleWithWebIdentity";
    const CHECKS: &'static [Rule<Self>] = &[
        Rule::required(Action::known("sts:AssumeRoleWithWebIdentity"), |op| {
            Some(op.trusting().clone())
        }),
        Rule::required(Action::known("sts:TagSession"), |op| {
            (!op.session.tags.is_empty()).then(|| op.trusting().clone())
        }),
        Rule::required(Action::known("sts:SetSourceIdentity"), |op| {
            op.session.source_identity.as_ref().map(|_| op.trusting().clone())
        }),
    ];
}

impl RequestFacts for AssumeRoleWithWebIdentity {
    fn request_facts(&self, facts: &mut FactMap) {
        facts.set("sts:RoleSessionName", self.name.as_str());
        if let Some(identity) = &self.session.source_identity {
            facts.set("sts:SourceIdentity", identity.as_str());
        }
        say_session_tags(facts, &self.session, &Tags::default());
    }
}

/// The same by the name and password of a directory: MinIO's AssumeRoleWithLDAPIdentity. What may
/// be done is asked as for any other sign-in through a provider, `sts:AssumeRoleWithWebIdentity` by
/// the trust policy of the role or the provider.
#[derive(Clone, Debug)]
pub struct AssumeRoleWithLDAPIdentity {
    /// The sign-in, by whoever the directory vouches for.
    pub login: AssumeRoleWithWebIdentity,
}

impl Operation for AssumeRoleWithLDAPIdentity {
    const NAME: &'static str = "AssumeRoleWithLDAPIdentity";
    const CHECKS: &'static [Rule<Self>] = &[
        Rule::required(Action::known("sts:AssumeRoleWithWebIdentity"), |op| {
            Some(op.login.trusting().clone())
        }),
        Rule::required(Action::known("sts:TagSession"), |op| {
            (!op.login.session.tags.is_empty()).then(|| op.login.trusting().clone())
        }),
    ];
}

impl RequestFacts for AssumeRoleWithLDAPIdentity {
    fn request_facts(&self, facts: &mut FactMap) {
        self.login.request_facts(facts);
    }
}

/// Says who the caller is. Needs no permission and cannot be denied (STS API reference).
#[derive(Clone, Debug)]
pub struct GetCallerIdentity;

impl Operation for GetCallerIdentity {
    const NAME: &'static str = "GetCallerIdentity";
    const CHECKS: &'static [Rule<Self>] = &[];
}

impl RequestFacts for GetCallerIdentity {
    fn request_facts(&self, _: &mut FactMap) {}
}

/// A session of the calling user or root itself. Needs no permission (STS API reference); only
/// long-term credentials may ask.
#[derive(Clone, Debug)]
pub struct GetSessionToken {
    /// The caller's account.
    pub account: AccountId,
    /// `DurationSeconds`.
    pub seconds: Option<u32>,
    /// The code of a device that was shown: the session carries that it was.
    pub mfa: Option<MfaProof>,
    /// The session to be minted.
    pub drawn: Drawn,
}

impl Operation for GetSessionToken {
    const NAME: &'static str = "GetSessionToken";
    const CHECKS: &'static [Rule<Self>] = &[];
}

impl RequestFacts for GetSessionToken {
    fn request_facts(&self, _: &mut FactMap) {}
}
