//! The verdict: layers, gates and grants, exactly as aws-authorization 4.1–4.5 has them.

use std::borrow::Cow;

use names::Action;

use crate::context::Context;
use crate::decision::{Decision, Found, Layer, NamedValue, Reach, StatementRef, Verdict};
use crate::glob::Case;
use crate::grantee::{Bounded, Grade};
use crate::operation::Check;
use crate::principal::Principal;
use crate::question::{Attached, Question, ResourceKind, RestrictPublicBuckets};
use crate::set::PolicySet;
use crate::statement::{About, Effect, Fit};

/// May this be done? Total: there is always an answer, and silence is a no.
///
/// `check.with` holds over the facts. The keys that follow from the principal and the resource
/// (`aws:PrincipalArn`, `aws:userid`, `aws:ResourceAccount`, …) are filled in where no fact says
/// them.
///
/// A signed `sts:GetCallerIdentity` is always allowed: no policy can deny it (STS API reference).
/// The owner account's root may always read, put and delete its bucket's policy, whatever that
/// policy says, so that no bucket can be locked for ever.
#[must_use]
pub fn decide(check: &Check, question: &Question<'_>) -> Decision {
    let resource = resource_text(check);
    let about = about(check, question, &resource);
    let mut notes = Notes::default();
    let said = Said::hear(&about, question, &mut notes);
    let mut found = judge(&about, question, &said);
    found.context = notes.sealed(&about.context);
    Decision::seal(check.clone(), found, question.revision)
}

/// `*`, the resource of actions without one, is matched as `arn:aws:SERVICE:::*`.
pub(crate) fn resource_text(check: &Check) -> Cow<'_, str> {
    match check.resource.as_str() {
        "*" => Cow::Owned(format!("arn:aws:{}:::*", check.action.service())),
        text => Cow::Borrowed(text),
    }
}

pub(crate) fn about<'a>(check: &'a Check, question: &Question<'a>, resource: &'a str) -> About<'a> {
    let context = Context {
        with: &check.with,
        facts: question.facts,
        principal: question.principal,
        resource_account: question.resource.account,
    };
    // Without an account there is no boundary: aws-authorization 4.4.
    let bounded = match question.principal.account() {
        Some(_) if !question.caller.boundaries.is_empty() => Bounded::Yes,
        _ => Bounded::No,
    };
    let names = if check.resource.service() == "iam" { Case::Folded } else { Case::Exact };
    About { check, resource, names, context, bounded }
}

/// A statement, by its policy and place.
#[derive(Clone, Copy)]
struct Hit<'a> {
    policy: &'a Attached,
    index: usize,
}

impl Hit<'_> {
    fn seal(self) -> StatementRef {
        let statement = self.policy.document.statements.get(self.index);
        StatementRef {
            policy: self.policy.name.clone(),
            sid: statement.and_then(|s| s.sid.clone()),
            index: self.index,
        }
    }
}

/// What one layer (or one level of it) says: its first deny, and its first allow of each grade.
#[derive(Clone, Copy, Default)]
struct Voice<'a> {
    deny: Option<Hit<'a>>,
    direct: Option<Hit<'a>>,
    parent: Option<Hit<'a>>,
    account: Option<Hit<'a>>,
}

impl<'a> Voice<'a> {
    fn allow(&self) -> Option<Hit<'a>> {
        self.direct.or(self.parent).or(self.account)
    }

    fn hear(
        policies: impl IntoIterator<Item = &'a Attached>,
        about: &About<'a>,
        notes: &mut Notes<'a>,
    ) -> Self {
        let mut voice = Self::default();
        for policy in policies {
            for (index, statement) in policy.document.statements.iter().enumerate() {
                if !statement.about_action(about.check) {
                    continue;
                }
                notes.add(statement.resource_keys.iter().map(String::as_str));
                if !statement.about_resource(about) {
                    continue;
                }
                notes.add(statement.condition_keys());
                let Fit::Applies(grade) = statement.fit_caller(about) else { continue };
                let slot = match (statement.effect, grade) {
                    (Effect::Deny, _) => &mut voice.deny,
                    (Effect::Allow, Grade::Direct) => &mut voice.direct,
                    (Effect::Allow, Grade::Parent) => &mut voice.parent,
                    (Effect::Allow, Grade::Account) => &mut voice.account,
                };
                slot.get_or_insert(Hit { policy, index });
            }
        }
        voice
    }
}

/// A gate: absent, open or shut, with its first deny.
#[derive(Clone, Copy)]
struct Gate<'a> {
    deny: Option<Hit<'a>>,
    open: bool,
}

impl<'a> Gate<'a> {
    /// Sets of policies of which each must allow; no sets at all are no gate.
    fn each(
        levels: impl IntoIterator<Item = &'a [Attached]>,
        about: &About<'a>,
        notes: &mut Notes<'a>,
    ) -> Self {
        let mut gate = Self { deny: None, open: true };
        for level in levels {
            let voice = Voice::hear(level, about, notes);
            gate.deny = gate.deny.or(voice.deny);
            gate.open = gate.open && voice.allow().is_some();
        }
        gate
    }
}

/// What all layers say.
struct Said<'a> {
    service_control: Gate<'a>,
    resource_control: Gate<'a>,
    resource: Voice<'a>,
    identity: Voice<'a>,
    boundary: Gate<'a>,
    session: Gate<'a>,
}

impl<'a> Said<'a> {
    fn hear(about: &About<'a>, question: &Question<'a>, notes: &mut Notes<'a>) -> Self {
        let Question { caller, resource, .. } = *question;
        // Without an account there is no caller's side: aws-authorization 4.4.
        let signed = question.principal.account().is_some();
        let levels: &[Vec<Attached>] = if signed { &caller.service_control } else { &[] };
        let own = signed.then_some(&caller.identity);
        let boundaries: &[Attached] = if signed { &caller.boundaries } else { &[] };
        let session = caller.session.as_deref().filter(|_| signed);
        let policy = resource.policy.as_ref().filter(|_| !keeps_the_keys(about, question));
        let service_control = Gate::each(levels.iter().map(Vec::as_slice), about, notes);
        let resource_control =
            Gate::each(resource.resource_control.iter().map(Vec::as_slice), about, notes);
        let resource = Voice::hear(policy, about, notes);
        let identity = Voice::hear(own.into_iter().flat_map(PolicySet::iter), about, notes);
        let boundary = Gate::each(boundaries.chunks(1), about, notes);
        let session = Gate::each(session, about, notes);
        Self { service_control, resource_control, resource, identity, boundary, session }
    }

    /// The first explicit deny, by layer.
    fn deny(&self) -> Option<(Layer, Hit<'a>)> {
        [
            (Layer::ServiceControl, self.service_control.deny),
            (Layer::ResourceControl, self.resource_control.deny),
            (Layer::Resource, self.resource.deny),
            (Layer::Identity, self.identity.deny),
            (Layer::Boundary, self.boundary.deny),
            (Layer::Session, self.session.deny),
        ]
        .into_iter()
        .find_map(|(layer, hit)| hit.map(|hit| (layer, hit)))
    }
}

const CALLER_IDENTITY: Action = Action::known("sts:GetCallerIdentity");

/// What the owner account's root may do in spite of the bucket's own policy (S3 guide, "If the
/// bucket policy denies the owner").
const KEY_ACTIONS: [Action; 3] = [
    Action::known("s3:GetBucketPolicy"),
    Action::known("s3:PutBucketPolicy"),
    Action::known("s3:DeleteBucketPolicy"),
];

/// Whether two actions are one: their case does not matter (aws-authorization 1.2).
fn is(action: &Action, known: &Action) -> bool {
    action.as_str().eq_ignore_ascii_case(known.as_str())
}

/// Whether this is the owner account's root at its bucket's policy.
pub(crate) fn keeps_the_keys(about: &About<'_>, question: &Question<'_>) -> bool {
    let root = matches!(question.principal, Principal::Root { account }
        if Some(*account) == question.resource.account);
    root && question.resource.kind == ResourceKind::Bucket
        && KEY_ACTIONS.iter().any(|key| is(&about.check.action, key))
}

/// Whether caller and resource belong together.
fn reach(question: &Question<'_>) -> Reach {
    match (question.principal.account(), question.resource.account) {
        (None, _) => Reach::CrossAccount,
        (Some(caller), Some(owner)) if caller != owner => Reach::CrossAccount,
        (Some(_), _) => Reach::SameAccount,
    }
}

/// Whether the public-access block lets this caller through.
fn passes_public_block(question: &Question<'_>, reach: Reach) -> bool {
    let service = matches!(question.principal, Principal::Service { .. });
    let applies = question.resource.kind == ResourceKind::Bucket
        && question.resource.restrict_public == RestrictPublicBuckets::On
        && reach == Reach::CrossAccount
        && !service;
    let public = || question.resource.policy.as_ref().is_some_and(|p| p.document.is_public());
    !(applies && public())
}

/// The rules of 4.2 and 4.3 over what the layers say.
fn judge(about: &About<'_>, question: &Question<'_>, said: &Said<'_>) -> Found {
    let reach = reach(question);
    let signed = question.principal.account().is_some();
    let found = |verdict, because, hit: Option<Hit<'_>>, missing| Found {
        verdict,
        because,
        statement: hit.map(Hit::seal),
        context: Vec::new(),
        missing,
        reach,
    };
    if signed && is(&about.check.action, &CALLER_IDENTITY) {
        return found(Verdict::Allow, Layer::Identity, None, Vec::new());
    }
    if let Some((layer, hit)) = said.deny() {
        return found(Verdict::ExplicitDeny, layer, Some(hit), Vec::new());
    }
    let ways = Ways::of(question, said, reach);
    let public = passes_public_block(question, reach);
    let guarded = said.service_control.open && said.resource_control.open && public;
    if guarded && let Some((layer, hit)) = ways.open(said) {
        return found(Verdict::Allow, layer, hit, Vec::new());
    }
    let shut = |open: bool, layer| (!open).then_some(layer);
    let outer = [
        shut(said.service_control.open, Layer::ServiceControl),
        shut(said.resource_control.open, Layer::ResourceControl),
        shut(public, Layer::PublicAccessBlock),
        shut(!ways.resource_required || said.resource.allow().is_some(), Layer::Resource),
    ];
    let inner = [
        shut(ways.identity, Layer::Identity),
        shut(said.boundary.open, Layer::Boundary),
        shut(ways.session, Layer::Session),
    ];
    let inner = inner.into_iter().filter(|_| signed);
    let mut missing: Vec<Layer> = outer.into_iter().chain(inner).flatten().collect();
    let because = missing.first().copied().unwrap_or(Layer::Identity);
    // A parent named by the resource's policy stands in for the identity policies.
    if ways.parent {
        missing.retain(|layer| *layer != Layer::Identity);
    }
    found(Verdict::ImplicitDeny, because, None, missing)
}

/// Which of the ways to an allow are there.
struct Ways {
    resource_required: bool,
    /// The resource's policy alone is enough, by naming the caller directly.
    direct: bool,
    /// … by naming the caller's parent, if boundary and session policy allow.
    parent: bool,
    /// The identity policies allow, or the caller is root.
    identity: bool,
    /// The session policy allows; a federated user needs one.
    session: bool,
    gates: bool,
}

impl Ways {
    fn of(question: &Question<'_>, said: &Said<'_>, reach: Reach) -> Self {
        let root = matches!(question.principal, Principal::Root { .. });
        let federated = matches!(question.principal, Principal::FederatedUser { .. });
        let powerless = federated && question.caller.session.is_none();
        let same = reach == Reach::SameAccount;
        let lone = question.principal.account().is_none();
        let session = said.session.open && !powerless;
        Self {
            resource_required: !same || question.resource.kind == ResourceKind::RoleTrust,
            direct: (same || lone) && said.resource.direct.is_some(),
            parent: same && said.resource.parent.is_some(),
            identity: !powerless && (root || said.identity.allow().is_some()),
            session,
            gates: said.boundary.open && session && !lone,
        }
    }

    /// The layer and statement that grant, if any way is open. Where the resource's policy is
    /// required it is the one named.
    fn open<'a>(&self, said: &Said<'a>) -> Option<(Layer, Option<Hit<'a>>)> {
        let resource = said.resource.allow();
        let by_identity = self.identity && self.gates;
        match () {
            () if self.resource_required && resource.is_some() && by_identity => {
                Some((Layer::Resource, resource))
            }
            () if self.direct => Some((Layer::Resource, said.resource.direct)),
            () if !self.resource_required && by_identity => {
                Some((Layer::Identity, said.identity.allow()))
            }
            () if self.parent && self.gates => Some((Layer::Resource, said.resource.parent)),
            () => None,
        }
    }
}

/// The context keys that statements about this action and resource read, each once.
#[derive(Default)]
pub(crate) struct Notes<'a>(Vec<&'a str>);

impl<'a> Notes<'a> {
    fn add(&mut self, keys: impl Iterator<Item = &'a str>) {
        for key in keys {
            if !self.0.iter().any(|known| known.eq_ignore_ascii_case(key)) {
                self.0.push(key);
            }
        }
    }

    fn sealed(self, context: &Context<'_>) -> Vec<NamedValue> {
        let value = |key: &str| context.look(&key.to_ascii_lowercase()).values();
        self.0
            .into_iter()
            .map(|key| NamedValue { key: key.to_owned(), values: value(key) })
            .collect()
    }
}
