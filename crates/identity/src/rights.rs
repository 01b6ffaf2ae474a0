//! Which policies apply to a caller, and what the server and providers know of it.

use std::sync::{Arc, LazyLock};

use names::{Arn, Timestamp, UniqueId};
use policy::facts::{Facts, Value};
use policy::principal::Principal;
use policy::{Attached, CallerPolicies, Document, Kind, PolicySet};

use crate::holdings::{Holder, Source, listed};
use crate::record::{ManagedPolicy, Policies};
use crate::resolve::{Caller, SessionFacts, SessionKind};
use crate::state::State;
use crate::stored_policy::StoredPolicy;

/// What a GetSessionToken session may never do (IAM user guide, "Comparing AWS STS credentials":
/// of STS only AssumeRole and GetCallerIdentity).
const LONG_TERM_SESSION: &str = r#"{"Version": "2012-10-17", "Statement": [
    {"Sid": "Everything", "Effect": "Allow", "Action": "*", "Resource": "*"},
    {"Sid": "NoMoreTokens", "Effect": "Deny",
     "Action": ["sts:GetSessionToken", "sts:GetFederationToken"], "Resource": "*"}]}"#;

/// What it may not do unless a device has proved who asked for it (the same page).
const WITHOUT_MFA: &str = r#"{"Version": "2012-10-17", "Statement":
    {"Sid": "NoIam", "Effect": "Deny", "Action": "iam:*", "Resource": "*"}}"#;

/// What a GetFederationToken session may never do (the same page: no IAM, and of STS only
/// GetCallerIdentity).
const FEDERATION_TOKEN_SESSION: &str = r#"{"Version": "2012-10-17", "Statement": [
    {"Sid": "NoIam", "Effect": "Deny", "Action": "iam:*", "Resource": "*"},
    {"Sid": "NoSts", "Effect": "Deny", "Action": "sts:*", "Resource": "*"}]}"#;

/// What the root has: for whom it asked GetFederationToken.
const ROOT_RIGHTS: &str = r#"{"Version": "2012-10-17", "Statement":
    {"Sid": "Root", "Effect": "Allow", "Action": "*", "Resource": "*"}}"#;

/// Policies that are part of the rules. One that does not parse would deny everything; a test says
/// that they do.
static LONG_TERM: Rule = Rule::new(|| parsed(LONG_TERM_SESSION, Kind::Session));
static NO_IAM: Rule = Rule::new(|| parsed(WITHOUT_MFA, Kind::Session));
static FEDERATION_TOKEN: Rule = Rule::new(|| parsed(FEDERATION_TOKEN_SESSION, Kind::Session));
static ROOT: Rule = Rule::new(|| parsed(ROOT_RIGHTS, Kind::Identity));

type Rule = LazyLock<Option<Arc<Document>>>;

fn parsed(text: &str, kind: Kind) -> Option<Arc<Document>> {
    Document::parse(text, kind).ok().map(Arc::new)
}

/// A policy of the rules under the name that verdicts call it by.
fn ruled(name: &str, rule: &Rule) -> Option<Attached> {
    let document = rule.as_ref().map(Arc::clone)?;
    Some(Attached { name: name.to_owned(), document })
}

/// What an account allows each of its users that lets them change their own passwords (IAM API
/// reference, `AllowUsersToChangePassword`). Nobody can name another's password to change.
pub(crate) const CHANGES_OWN_PASSWORD: &str = r#"{"Version": "2012-10-17", "Statement": {
    "Effect": "Allow", "Action": ["iam:ChangePassword", "iam:GetAccountPasswordPolicy"],
    "Resource": "*"}}"#;

/// That policy, parsed.
static OWN_PASSWORD: LazyLock<Option<Arc<Document>>> =
    LazyLock::new(|| Document::parse(CHANGES_OWN_PASSWORD, Kind::Identity).ok().map(Arc::new));

impl State {
    /// The policies on the caller's side: those of the user and its groups, or of the role; the
    /// boundary; and what narrows the session. A principal that is gone has none. Root and
    /// anonymous callers have none either: the engine has rules for them.
    #[must_use]
    pub fn policies_of(&self, caller: &Caller) -> CallerPolicies {
        let mut policies = CallerPolicies::default();
        if let Some(account) = caller.account() {
            policies.service_control = self.service_controls(account);
        }
        match caller.principal() {
            Principal::User { id, .. } => self.user_policies(id, &mut policies),
            Principal::RoleSession { id, .. } => self.role_policies(id, &mut policies),
            Principal::FederatedUser { account, user_id, .. }
                if *user_id == UniqueId::root(*account) =>
            {
                policies.identity = ruled("root", &ROOT).into_iter().collect::<Vec<_>>().into();
            }
            Principal::FederatedUser { user_id, .. } => self.user_policies(user_id, &mut policies),
            Principal::Root { .. }
            | Principal::Anonymous
            | Principal::Federated { .. }
            | Principal::Service { .. } => {}
        }
        policies.service_control.extend(self.service_account_policy(caller));
        if let Some(session) = caller.session.as_deref() {
            policies.session = self.session_policies(session);
            policies.service_control.extend(self.own_policies(session));
        }
        if self.is_damaged() {
            // Who knows what the record that cannot be read would have denied: a level that allows
            // nothing, whoever asks.
            policies.service_control.push(Vec::new());
        }
        policies
    }

    /// What a user or role has, whoever it is just now.
    pub(crate) fn policies_of_principal(&self, id: &UniqueId) -> CallerPolicies {
        let mut policies = CallerPolicies::default();
        self.user_policies(id, &mut policies);
        self.role_policies(id, &mut policies);
        policies
    }

    fn user_policies(&self, id: &UniqueId, into: &mut CallerPolicies) {
        let Some(user) = self.user_by_id(id) else { return };
        into.identity = self.kept.of(self, id, (&self.lineage, self.revision));
        self.bound(user.boundary.as_ref(), into);
    }

    fn role_policies(&self, id: &UniqueId, into: &mut CallerPolicies) {
        let Some(role) = self.role_by_id(id) else { return };
        into.identity = self.kept.of(self, id, (&self.lineage, self.revision));
        self.bound(role.boundary.as_ref(), into);
    }

    /// A boundary that is named but does not exist grants nothing: it must not fall away.
    fn bound(&self, boundary: Option<&Arn>, into: &mut CallerPolicies) {
        let Some(arn) = boundary else { return };
        match self.managed(arn) {
            Some(policy) => into.boundaries.push(policy),
            None => into.identity = PolicySet::default(),
        }
    }

    fn managed(&self, arn: &Arn) -> Option<Attached> {
        let policy = self.policy(arn)?;
        let version = policy.default_version()?;
        Some(attached(managed_name(policy), &version.document))
    }

    /// `None`: the session is not narrowed. A managed policy that is gone narrows to nothing.
    fn session_policies(&self, session: &SessionFacts) -> Option<Vec<Attached>> {
        match session.kind {
            SessionKind::Role | SessionKind::Federated => self.passed_policies(session),
            SessionKind::LongTerm | SessionKind::Own => {
                let unproven = session.mfa.is_none();
                let no_iam = unproven.then(|| ruled("session:without-mfa", &NO_IAM)).flatten();
                let long_term = ruled("session:GetSessionToken", &LONG_TERM);
                Some(long_term.into_iter().chain(no_iam).collect())
            }
            SessionKind::FederationToken => {
                let passed = self.passed_policies(session).unwrap_or_default();
                let never = ruled("session:GetFederationToken", &FEDERATION_TOKEN);
                Some(never.into_iter().chain(passed).collect())
            }
        }
    }

    /// What narrows a service account: a gate of its own, for the same reason as that of a session
    /// of the caller's own rights.
    fn service_account_policy(&self, caller: &Caller) -> Option<Vec<Attached>> {
        let key = self.key(caller.who.credential.as_ref()?)?;
        let service = key.service.as_ref()?;
        let policy = service.policy.as_ref()?;
        Some(vec![attached(format!("service-account:{}", service.name), policy)])
    }

    /// What narrows a session of the caller's own rights. A resource's policy that names the user
    /// lets sessions of that user pass by their session policy (aws-authorization 4.2), but not by
    /// this one: it is a gate of its own, where control policies are.
    fn own_policies(&self, session: &SessionFacts) -> Option<Vec<Attached>> {
        match session.kind {
            SessionKind::Own => self.passed_policies(session),
            _ => None,
        }
    }

    /// The policies that a session was made with.
    fn passed_policies(&self, session: &SessionFacts) -> Option<Vec<Attached>> {
        if session.bulk.policy.is_none() && session.policy_arns.is_empty() {
            return None;
        }
        let inline = session.bulk.policy.iter().map(|p| attached("session:inline".to_owned(), p));
        let managed = session.policy_arns.iter().filter_map(|arn| self.managed(arn));
        Some(inline.chain(managed).collect())
    }

    /// Says the time, and what the server and the caller's provider know of the caller: principal
    /// tags (a session's over its principal's), `aws:TokenIssueTime`, `aws:FederatedProvider`,
    /// `aws:SourceIdentity`, multi-factor keys, and the provider's own keys. The engine itself says
    /// what follows from the principal (`aws:PrincipalArn`, `aws:userid`, …).
    pub fn principal_facts(&self, caller: &Caller, now: Timestamp, facts: &mut Facts) {
        facts.server.set("aws:CurrentTime", now.iso_seconds());
        facts.server.set("aws:EpochTime", now.seconds().to_string());
        if let Some(account) = caller.account() {
            facts.server.set("aws:PrincipalOrgID", self.organization_id());
            let path = vec![self.organization_path(account)];
            facts.server.set("aws:PrincipalOrgPaths", Value::Many(path));
        }
        let tags = match caller.principal() {
            Principal::User { id, .. } => self.user_by_id(id).map(|user| &user.tags),
            Principal::FederatedUser { user_id, .. } => {
                self.user_by_id(user_id).map(|user| &user.tags)
            }
            Principal::RoleSession { id, .. } => self.role_by_id(id).map(|role| &role.tags),
            _ => None,
        };
        if let Some(tags) = tags {
            tags.say(&mut facts.server, "aws:PrincipalTag/");
        }
        let Some(session) = caller.session.as_deref() else { return };
        session.tags.say(&mut facts.server, "aws:PrincipalTag/");
        facts.server.set("aws:TokenIssueTime", session.issued.iso_seconds());
        if let Some(identity) = &session.source_identity {
            facts.server.set("aws:SourceIdentity", identity.as_str());
        }
        if let Some(external) = &session.external {
            facts.server.set("aws:FederatedProvider", external.provider.as_str());
        }
        // Present for temporary credentials only (IAM user guide, aws:MultiFactorAuthPresent).
        facts.server.set("aws:MultiFactorAuthPresent", session.mfa.is_some().to_string());
        if let Some(proved) = session.mfa {
            let age = now.seconds().saturating_sub(proved.seconds()).max(0);
            facts.server.set("aws:MultiFactorAuthAge", age.to_string());
        }
        session.bulk.keys.say(facts);
    }
}

impl Source for State {
    fn holders(&self, principal: &UniqueId) -> Vec<Holder> {
        let mut holders = vec![Holder::Itself(principal.clone())];
        if let Some(user) = self.user_by_id(principal) {
            holders.extend(user.groups.iter().cloned().map(Holder::Group));
            holders.extend(user.federated.as_ref().map(|_| Holder::Mapped));
            holders.extend(self.changes_own_password(user.account).then_some(Holder::Account));
        }
        holders
    }

    fn held(&self, principal: &UniqueId, holder: &Holder) -> (Vec<Attached>, Vec<Arn>) {
        let of = |kind: &str, name: &str, policies: &Policies| {
            let inline = |policy: &str| format!("inline:{kind}/{name}/{policy}");
            listed(policies, inline, |arn| self.managed(arn))
        };
        let user = || self.user_by_id(principal);
        let held = match holder {
            Holder::Itself(id) => match (user(), self.role_by_id(id)) {
                (Some(user), _) => Some(of("user", user.name.as_str(), &user.policies)),
                (None, role) => role.map(|role| of("role", role.name.as_str(), &role.policies)),
            },
            Holder::Group(id) => {
                self.groups.by_id(id).map(|group| of("group", group.name.as_str(), &group.policies))
            }
            Holder::Mapped => user().and_then(|user| user.federated.as_ref()).map(|federated| {
                let mapped = federated.mapped.iter();
                (
                    mapped.clone().filter_map(|arn| self.managed(arn)).collect(),
                    mapped.cloned().collect(),
                )
            }),
            Holder::Account => OWN_PASSWORD.as_ref().map(|document| {
                let name = "account:AllowUsersToChangePassword".to_owned();
                (vec![Attached { name, document: Arc::clone(document) }], Vec::new())
            }),
        };
        held.unwrap_or_default()
    }
}

fn attached(name: String, policy: &StoredPolicy) -> Attached {
    Attached { name, document: Arc::clone(policy.document()) }
}

fn managed_name(policy: &ManagedPolicy) -> String {
    let kind = if policy.is_canned() { "aws" } else { "policy" };
    format!("{kind}:{}@{}", policy.name, policy.default)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_policies_that_are_part_of_the_rules_parse() {
        for rule in [&LONG_TERM, &NO_IAM, &FEDERATION_TOKEN, &ROOT, &OWN_PASSWORD] {
            assert!(rule.is_some());
        }
    }
}
