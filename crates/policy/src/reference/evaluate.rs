//! What all the layers together say (4).

use crate::decision::{Layer, Reach, Verdict};
use crate::document::Kind;
use crate::principal::Principal;
use crate::question::{ResourceKind, RestrictPublicBuckets};
use crate::reference::asked::Asked;
use crate::reference::caller::{Name, reaches};
use crate::reference::document::{Effect, Policy, Statement};
use crate::reference::matching::{is_about_the_action, is_about_the_resource};
use crate::reference::public::is_public;
use crate::reference::{Read, Verdicted};

/// 4.1: an explicit deny anywhere; else an allow along one of the ways of 4.2 to 4.5; else nothing.
pub(super) fn decide(read: &Read, asked: &Asked<'_>) -> Verdicted {
    if asks_who_they_are(asked) {
        return Verdicted { verdict: Verdict::Allow, because: Layer::Identity };
    }
    let said = Said::by_all_layers(read, asked);
    if let Some(because) = said.first_to_deny() {
        return Verdicted { verdict: Verdict::ExplicitDeny, because };
    }
    if said.gates_are_open() && said.grants(asked) {
        return Verdicted { verdict: Verdict::Allow, because: said.granting_layer(asked) };
    }
    Verdicted { verdict: Verdict::ImplicitDeny, because: said.first_not_to_allow(asked) }
}

/// 4.5: a caller of an account can always ask who they are.
fn asks_who_they_are(asked: &Asked<'_>) -> bool {
    is_action(asked, &["sts:GetCallerIdentity"]) && asked.caller().account().is_some()
}

fn is_action(asked: &Asked<'_>, actions: &[&str]) -> bool {
    actions.iter().any(|action| action.eq_ignore_ascii_case(asked.check.action.as_str()))
}

/// What one layer says to the check.
#[derive(Clone, Copy, Debug)]
struct Layered {
    denies: bool,
    allows: bool,
}

/// What every layer says.
#[derive(Clone, Copy, Debug)]
struct Said {
    service_control: Layered,
    resource_control: Layered,
    public_access_block: Layered,
    resource_denies: bool,
    /// By which name the resource's policy allows the caller.
    resource_allows: Option<Name>,
    identity: Layered,
    boundary: Layered,
    session: Layered,
}

impl Layered {
    /// A layer that this caller does not have stands in nobody's way.
    const NOT_ASKED: Self = Self { denies: false, allows: true };

    /// Policies that are one: any of them denies, any of them allows.
    fn union(policies: &[Policy], asked: &Asked<'_>) -> Self {
        Self {
            denies: policies.iter().any(|policy| denies(policy, asked)),
            allows: policies.iter().any(|policy| allows(policy, asked).is_some()),
        }
    }

    /// 4.1: parts each of which must allow; none at all is no obstacle.
    fn each(parts: &[Self]) -> Self {
        Self {
            denies: parts.iter().any(|part| part.denies),
            allows: parts.iter().all(|part| part.allows),
        }
    }

    /// 4.1: every level of the organisation must allow.
    fn levels(levels: &[Vec<Policy>], asked: &Asked<'_>) -> Self {
        Self::each(&levels.iter().map(|level| Self::union(level, asked)).collect::<Vec<_>>())
    }
}

impl Said {
    fn by_all_layers(read: &Read, asked: &Asked<'_>) -> Self {
        let resource = read.resource.as_ref().filter(|_| !is_owner_at_its_bucket_policy(asked));
        Self {
            service_control: service_control(read, asked),
            resource_control: Layered::levels(&read.resource_control, asked),
            public_access_block: public_access_block(read, asked),
            resource_denies: resource.is_some_and(|policy| denies(policy, asked)),
            resource_allows: resource.and_then(|policy| allows(policy, asked)),
            identity: identity(read, asked),
            boundary: boundary(read, asked),
            session: session(read, asked),
        }
    }

    /// Decision: service-control, resource-control, resource, identity, boundary, session.
    fn first_to_deny(&self) -> Option<Layer> {
        [
            (Layer::ServiceControl, self.service_control.denies),
            (Layer::ResourceControl, self.resource_control.denies),
            (Layer::Resource, self.resource_denies),
            (Layer::Identity, self.identity.denies),
            (Layer::Boundary, self.boundary.denies),
            (Layer::Session, self.session.denies),
        ]
        .into_iter()
        .find_map(|(layer, denies)| denies.then_some(layer))
    }

    /// 4.2: whatever grants, the guardrails must allow.
    fn gates_are_open(&self) -> bool {
        self.service_control.allows
            && self.resource_control.allows
            && self.public_access_block.allows
    }

    /// Whether the caller's side grants: ID ∧ PB ∧ SP.
    fn callers_side_grants(&self) -> bool {
        self.identity.allows && self.boundary.allows && self.session.allows
    }

    fn grants(&self, asked: &Asked<'_>) -> bool {
        match (asked.caller().account(), asked.reach(), asked.question.resource.kind) {
            (None, _, _) => self.resource_allows.is_some(),
            (Some(_), Reach::CrossAccount, _) => {
                self.resource_allows.is_some() && self.callers_side_grants()
            }
            (Some(_), Reach::SameAccount, ResourceKind::RoleTrust) => self.trust_grants(),
            (Some(_), Reach::SameAccount, ResourceKind::Bucket | ResourceKind::Plain) => {
                self.resource_grants() || self.callers_side_grants()
            }
        }
    }

    /// 4.2: naming the caller or everyone is enough; naming the role, or the user of a federated
    /// session, leaves boundary and session policy in force; naming the account grants nothing.
    fn resource_grants(&self) -> bool {
        match self.resource_allows {
            Some(Name::Itself) => true,
            Some(Name::Parent) => self.boundary.allows && self.session.allows,
            Some(Name::Account) | None => false,
        }
    }

    /// 4.5: a trust policy is always required; if it names the account, the identity policies too.
    fn trust_grants(&self) -> bool {
        self.resource_grants() || (self.resource_allows.is_some() && self.callers_side_grants())
    }

    /// Decision, "which allow is named".
    fn granting_layer(&self, asked: &Asked<'_>) -> Layer {
        let alone_suffices = self.resource_allows == Some(Name::Itself);
        if resource_policy_is_required(asked) || alone_suffices || !self.callers_side_grants() {
            Layer::Resource
        } else {
            Layer::Identity
        }
    }

    /// The order of the policy-case format; the resource's policy only where it is required.
    fn first_not_to_allow(&self, asked: &Asked<'_>) -> Layer {
        let resource = !resource_policy_is_required(asked) || self.resource_allows.is_some();
        [
            (Layer::ServiceControl, self.service_control.allows),
            (Layer::ResourceControl, self.resource_control.allows),
            (Layer::PublicAccessBlock, self.public_access_block.allows),
            (Layer::Resource, resource),
            (Layer::Identity, self.identity.allows),
            (Layer::Boundary, self.boundary.allows),
        ]
        .into_iter()
        .find_map(|(layer, allows)| (!allows).then_some(layer))
        .unwrap_or(Layer::Session)
    }
}

/// 4.3, 4.4, 4.5: across accounts, of callers without an account, and of a role's trust policy.
fn resource_policy_is_required(asked: &Asked<'_>) -> bool {
    asked.reach() == Reach::CrossAccount || asked.question.resource.kind == ResourceKind::RoleTrust
}

/// 4.4: the root of the account that is known to own the bucket can always reach the bucket's
/// policy: it is not asked.
fn is_owner_at_its_bucket_policy(asked: &Asked<'_>) -> bool {
    let actions = ["s3:GetBucketPolicy", "s3:PutBucketPolicy", "s3:DeleteBucketPolicy"];
    asked.question.resource.kind == ResourceKind::Bucket
        && matches!(asked.caller(), Principal::Root { account }
            if Some(*account) == asked.question.resource.account)
        && is_action(asked, &actions)
}

/// 4.1, decision: callers without an account are not asked for it.
fn service_control(read: &Read, asked: &Asked<'_>) -> Layered {
    match asked.caller().account() {
        Some(_) => Layered::levels(&read.service_control, asked),
        None => Layered::NOT_ASKED,
    }
}

/// 9: a public bucket policy reaches only the owner's account and services.
fn public_access_block(read: &Read, asked: &Asked<'_>) -> Layered {
    let resource = asked.question.resource;
    let restricts = resource.kind == ResourceKind::Bucket
        && resource.restrict_public == RestrictPublicBuckets::On
        && read.resource.as_ref().is_some_and(is_public);
    let exempt =
        asked.reach() == Reach::SameAccount || matches!(asked.caller(), Principal::Service { .. });
    Layered { denies: false, allows: exempt || !restricts }
}

/// 4.1: the caller's policies are one. The root of an account may everything that they do not
/// deny; callers without an account have none (4.4).
fn identity(read: &Read, asked: &Asked<'_>) -> Layered {
    let said = Layered::union(&read.identity, asked);
    match asked.caller() {
        Principal::Root { .. } => Layered { denies: said.denies, allows: true },
        Principal::FederatedUser { .. } if read.session.is_none() => {
            Layered { denies: said.denies, allows: false } // 4.2: ID is nothing
        }
        caller if caller.account().is_none() => Layered::NOT_ASKED,
        _ => said,
    }
}

/// Decision: of several boundaries each must allow.
fn boundary(read: &Read, asked: &Asked<'_>) -> Layered {
    if asked.caller().account().is_none() {
        return Layered::NOT_ASKED;
    }
    let boundaries =
        read.boundaries.iter().map(|one| Layered::union(std::slice::from_ref(one), asked));
    Layered::each(&boundaries.collect::<Vec<_>>())
}

/// 4.2: session policies are one; a federated user without any has nothing.
fn session(read: &Read, asked: &Asked<'_>) -> Layered {
    if asked.caller().account().is_none() {
        return Layered::NOT_ASKED;
    }
    match (&read.session, asked.caller()) {
        (Some(policies), _) => Layered::union(policies, asked),
        (None, Principal::FederatedUser { .. }) => Layered { denies: false, allows: false },
        (None, _) => Layered::NOT_ASKED,
    }
}

/// Whether a statement of the policy denies.
fn denies(policy: &Policy, asked: &Asked<'_>) -> bool {
    policy.statements.iter().any(|statement| {
        statement.effect == Effect::Deny && applies(policy, statement, asked).is_some()
    })
}

/// By which name, the nearest, a statement of the policy allows the caller.
fn allows(policy: &Policy, asked: &Asked<'_>) -> Option<Name> {
    policy
        .statements
        .iter()
        .filter(|statement| statement.effect == Effect::Allow)
        .filter_map(|statement| applies(policy, statement, asked))
        .max()
}

/// 3.1: action, resource, principal and all conditions.
fn applies(policy: &Policy, statement: &Statement, asked: &Asked<'_>) -> Option<Name> {
    let about = is_about_the_action(statement, asked)
        && is_about_the_resource(policy, statement, asked)
        && statement
            .conditions
            .iter()
            .all(|condition| condition.holds(statement.effect, policy.version, asked));
    if !about {
        return None;
    }
    match (&statement.principals, policy.kind) {
        // 1.1: always `*`, and 4.1: about any principal.
        (None, _) | (Some(_), Kind::ResourceControl) => Some(Name::Itself),
        (Some(list), _) => reaches(statement.effect, list, asked),
    }
}
