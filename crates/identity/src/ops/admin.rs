//! The native admin API and the account-wide reads of IAM.
//!
//! What concerns the whole installation is decided on `arn:aws:strongroom::A:…` with the account
//! that owns the installation ([`State::operator`](crate::State::operator)), so that the root of
//! another account is a stranger to it.

use std::net::IpAddr;

use names::{AccessKeyId, AccountId, Action, Arn, DecisionId, UniqueId};
use policy::facts::FactMap;
use policy::operation::{Operation, Rule};

use super::{PageRequest, RequestFacts, operations};
use crate::record::AccountName;

/// A resource of the native admin API: `arn:aws:strongroom::A:kind[/name]`.
#[must_use]
pub fn native_arn(account: AccountId, resource: &str) -> Option<Arn> {
    format!("arn:aws:strongroom::{account}:{resource}").parse().ok()
}

/// The key pair that a new account's root is to have.
#[derive(Clone, Debug)]
pub enum RootKey {
    /// The server draws one; the answer alone holds the secret.
    Generate,
    /// This one (fixtures).
    Given {
        /// The key's id.
        id: AccessKeyId,
        /// Its secret.
        secret: names::SecretKey,
    },
}

/// What a revocation names.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Revoke {
    /// One session.
    Session(AccessKeyId),
    /// Every session that a principal got before now, and every session made from those.
    IssuedBefore(UniqueId),
    /// A long-term access key, which is switched off, and every session made from it.
    Key(AccessKeyId),
    /// Every session that was got through a provider before now.
    Provider(Arn),
    /// A person's session at a provider: what was got with it, and what would be.
    IdpSession {
        /// The provider.
        provider: Arn,
        /// Its name for the session.
        sid: String,
    },
    /// Every session that was asked for from an address before now.
    Address(IpAddr),
    /// Every session of the account that was got before now.
    Everything,
}

impl Revoke {
    /// What the resource of a revocation is called.
    fn resource(&self) -> String {
        match self {
            Self::Session(session) => format!("session/{session}"),
            Self::IssuedBefore(principal) => format!("session/{principal}"),
            Self::Key(key) => format!("session/key/{key}"),
            Self::Provider(provider) => format!("session/provider/{provider}"),
            Self::IdpSession { provider, .. } => format!("session/idp-session/{provider}"),
            Self::Address(address) => format!("session/address/{address}"),
            Self::Everything => "session/everything".to_owned(),
        }
    }
}

operations! {
    /// Lists accounts. `operator` is the account that owns the installation.
    ListAccounts: "strongroom:ListAccounts" on |op| native_arn(op.operator, "account/*");
    { operator: AccountId, page: PageRequest }

    /// Makes an account and its root.
    CreateAccount: "strongroom:CreateAccount"
        on |op| native_arn(op.operator, &format!("account/{}", op.name));
    {
        operator: AccountId,
        name: AccountName,
        /// A fixed id, for fixtures; drawn when absent.
        id: Option<AccountId>,
        key: RootKey,
    }

    /// Lists the sessions of an account (answered from the journal).
    ListSessions: "strongroom:ListSessions" on |op| native_arn(op.account, "session/*");
    { account: AccountId, page: PageRequest }

    /// Explains a recorded decision.
    ExplainDecision: "strongroom:ExplainDecision"
        on |op| native_arn(op.account, &format!("decision/{}", op.decision));
    {
        /// The account whose request it was.
        account: AccountId,
        decision: DecisionId,
    }

    /// Searches the journal's entries of an account.
    SearchAudit: "strongroom:SearchAudit" on |op| native_arn(op.account, "audit");
    { account: AccountId, page: PageRequest }

    /// Places or releases a legal hold on the record.
    ManageAuditHolds: "strongroom:ManageAuditHolds" on |op| native_arn(op.operator, "audit");
    { operator: AccountId }

    /// Takes a consistent copy of everything.
    Backup: "strongroom:Backup" on |op| native_arn(op.operator, "server");
    { operator: AccountId }

    /// Seals every secret anew under the current master key.
    RotateMasterKey: "strongroom:RotateMasterKey" on |op| native_arn(op.operator, "server");
    { operator: AccountId }

    /// Counts what an account holds.
    GetAccountSummary: "iam:GetAccountSummary" on |_| Some(Arn::any());
    { account: AccountId }

    /// Lists the account's alias: there is none.
    ListAccountAliases: "iam:ListAccountAliases" on |_| Some(Arn::any());
    { account: AccountId }
}

/// Ends sessions at once: when it answers, nothing can be done with them any more.
#[derive(Clone, Debug)]
pub struct RevokeSessions {
    /// The account that the sessions belong to; what is outside it is refused.
    pub account: AccountId,
    /// Which sessions.
    pub revoke: Revoke,
}

impl Operation for RevokeSessions {
    const NAME: &'static str = "RevokeSessions";
    const CHECKS: &'static [Rule<Self>] =
        &[Rule::required(Action::known("strongroom:RevokeSessions"), |op| {
            native_arn(op.account, &op.revoke.resource())
        })];
}

impl RequestFacts for RevokeSessions {
    fn request_facts(&self, _: &mut FactMap) {}
}
