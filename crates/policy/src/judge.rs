//! The rules of layers, gates and grants (aws-authorization 4.1–4.5) over what each layer says:
//! the verdict alone, without allocating anything.

use std::fmt::Write as _;

use names::{Action, Arn};

use crate::compile::Ask;
use crate::compile::action::Asked;
use crate::compile::hold::Hold;
use crate::compile::index::{Lane, Probe};
use crate::compile::pattern::place;
use crate::compile::table::Chain;
use crate::compile::wild::Subject;
use crate::context::Context;
use crate::decision::{Layer, Reach, Verdict};
use crate::grantee::{Bounded, Grade};
use crate::operation::Check;
use crate::principal::Principal;
use crate::question::{Attached, Question, ResourceKind, RestrictPublicBuckets};
use crate::set::{PolicySet, index_of};
use crate::statement::Effect;

/// A verdict and its ground, small enough to be copied. [`decide`](crate::decide) makes the record
/// of it that is kept.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Ruling {
    /// What the policies say.
    pub verdict: Verdict,
    /// The layer that decided; of an implicit deny, the first that did not allow.
    pub because: Layer,
    /// The statement that decided; none for an implicit deny.
    pub by: Option<By>,
    /// For an implicit deny, every layer whose allow is still needed.
    pub missing: Layers,
    /// Whether the question crossed accounts.
    pub reach: Reach,
}

/// A statement of the question that was asked.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct By {
    /// The layer.
    pub layer: Layer,
    /// The level of the organisation, or which of several boundaries, from 0.
    pub level: usize,
    /// The policy: its place in its list, or its number in its set.
    policy: u32,
    /// The statement's place in its policy, from 0.
    pub statement: usize,
}

/// Some layers.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Layers(u8);

/// All layers, in the order in which they are told.
const LAYERS: [Layer; 7] = [
    Layer::ServiceControl,
    Layer::ResourceControl,
    Layer::PublicAccessBlock,
    Layer::Resource,
    Layer::Identity,
    Layer::Boundary,
    Layer::Session,
];

impl Layers {
    /// The bit of its place in [`LAYERS`].
    const fn bit(layer: Layer) -> u8 {
        match layer {
            Layer::ServiceControl => 1,
            Layer::ResourceControl => 1 << 1,
            Layer::PublicAccessBlock => 1 << 2,
            Layer::Resource => 1 << 3,
            Layer::Identity => 1 << 4,
            Layer::Boundary => 1 << 5,
            Layer::Session => 1 << 6,
        }
    }

    #[inline(always)]
    fn add(&mut self, layer: Layer, when: bool) {
        self.0 |= if when { Self::bit(layer) } else { 0 };
    }

    /// The one that is told first.
    fn first(self) -> Option<Layer> {
        LAYERS.get(usize::try_from(self.0.trailing_zeros()).ok()?).copied()
    }

    /// Whether a layer is one of them.
    #[must_use]
    pub fn contains(self, layer: Layer) -> bool {
        self.0 & Self::bit(layer) != 0
    }

    /// They, in the order in which they are told.
    pub fn iter(self) -> impl Iterator<Item = Layer> {
        LAYERS.into_iter().filter(move |layer| self.contains(*layer))
    }
}

/// May this be done? As [`decide`](crate::decide) says it, but the verdict alone: nothing is
/// allocated for names of up to a thousand bytes and patterns of up to two thousand.
///
/// ```
/// use strongroom_policy::decision::Verdict;
/// use strongroom_policy::{case, judge};
/// let cases = case::parse(r#"{
///   "request": {"principal": "arn:aws:iam::111122223333:user/alice",
///               "action": "s3:GetObject", "resource": "arn:aws:s3:::finance/q3.csv"},
///   "identity_policies": [{"name": "read", "document": {"Statement": {
///     "Effect": "Allow", "Action": "s3:Get*", "Resource": "arn:aws:s3:::finance/*"}}}]
/// }"#).unwrap();
/// assert_eq!(judge(&cases[0].check, &cases[0].question()).verdict, Verdict::Allow);
/// ```
#[must_use]
pub fn judge(check: &Check, question: &Question<'_>) -> Ruling {
    asking(check, question, |ask| rule(check, question, ask))
}

/// Longest resource whose copy in lower case stays on the stack, in bytes.
const RESOURCE_BYTES: usize = 1_024;

/// Prepares what every statement is asked.
pub(crate) fn asking<T>(
    check: &Check,
    question: &Question<'_>,
    then: impl FnOnce(&Ask<'_>) -> T,
) -> T {
    // `*`, the resource of actions without one, is matched as `arn:aws:SERVICE:::*`.
    let star: Hold<96>;
    let resource = match check.resource.as_str() {
        "*" => {
            let mut hold = Hold::new();
            // Writing there cannot fail.
            let _written = write!(hold, "arn:aws:{}:::*", check.action.service());
            star = hold;
            star.bytes()
        }
        text => text.as_bytes(),
    };
    let subject = Subject::new(resource);
    // IAM's names are unique without regard to case.
    let lower: Hold<RESOURCE_BYTES>;
    let folded = if subject.behind_s3().is_none() && is_iam(&check.resource) {
        let mut hold = Hold::new();
        hold.add(resource);
        hold.fold_from(resource.len().saturating_sub(check.resource.resource().len()));
        lower = hold;
        Some(Subject::new(lower.bytes()))
    } else {
        None
    };
    // Without an account there is no boundary: aws-authorization 4.4.
    let signed = question.principal.own_account().is_some();
    let is_bounded = signed && !question.caller.boundaries.is_empty();
    let bounded = if is_bounded { Bounded::Yes } else { Bounded::No };
    let context = Context {
        with: &check.with,
        facts: question.facts,
        principal: question.principal,
        resource_account: question.resource.account,
    };
    let action = Asked::new(check.action.as_str().as_bytes());
    then(&Ask { action, resource: subject, folded, context, signed, bounded })
}

/// Whether a name is one of IAM's.
fn is_iam(resource: &Arn) -> bool {
    !resource.as_str().starts_with("arn:aws:s3:") && resource.service() == "iam"
}

/// A statement, by its policy and place.
#[derive(Clone, Copy)]
struct Hit {
    level: u32,
    policy: u32,
    statement: u32,
}

impl Hit {
    fn by(self, layer: Layer) -> By {
        let Self { level, policy, statement } = self;
        By { layer, level: place(level), policy, statement: place(statement) }
    }
}

/// What one layer (or one level of it) says: its first deny, and its first allow of each grade.
#[derive(Clone, Copy, Default)]
struct Voice {
    deny: Option<Hit>,
    direct: Option<Hit>,
    parent: Option<Hit>,
    account: Option<Hit>,
}

impl Voice {
    fn allow(&self) -> Option<Hit> {
        self.direct.or(self.parent).or(self.account)
    }

    /// What a list of policies says.
    fn hear<'p>(
        policies: impl IntoIterator<Item = &'p Attached>,
        level: u32,
        ask: &Ask<'_>,
    ) -> Self {
        let mut voice = Self::default();
        for (policy, attached) in (0_u32..).zip(policies) {
            for (statement, rule) in (0_u32..).zip(attached.document.program().rules()) {
                let known = match rule.effect() {
                    Effect::Deny => voice.deny,
                    Effect::Allow => voice.direct,
                };
                if known.is_none()
                    && let Some(grade) = rule.applies(ask)
                {
                    voice.keep(rule.effect(), grade, Hit { level, policy, statement });
                }
            }
            if voice.deny.is_some() {
                break;
            }
        }
        voice
    }

    fn keep(&mut self, effect: Effect, grade: Grade, hit: Hit) {
        let slot = match (effect, grade) {
            (Effect::Deny, _) => &mut self.deny,
            (Effect::Allow, Grade::Direct) => &mut self.direct,
            (Effect::Allow, Grade::Parent) => &mut self.parent,
            (Effect::Allow, Grade::Account) => &mut self.account,
        };
        slot.get_or_insert(hit);
    }

    /// What a set of policies that name nobody says.
    fn of(set: &PolicySet, ask: &Ask<'_>) -> Self {
        if set.is_empty() {
            return Self::default();
        }
        let mut probe = Probe::of(&ask.action, ask.folded());
        set.prepare(&mut probe, ask.folded());
        let deny = first(set, Lane::Deny, &probe, ask);
        if deny.is_some() {
            return Self { deny, ..Self::default() };
        }
        Self { direct: first(set, Lane::Allow, &probe, ask), ..Self::default() }
    }
}

/// How many chains are found before the first one is heard: so memory that one waits for is waited
/// for while the others are looked up.
const CHAINS: usize = 4;

/// The first statement of a lane that applies.
#[inline(always)]
fn first(set: &PolicySet, lane: Lane, probe: &Probe<'_>, ask: &Ask<'_>) -> Option<Hit> {
    let mut best = Best { order: u64::MAX, member: None };
    let (mut chains, mut count) = ([None; CHAINS], 0_usize);
    set.candidates(lane, probe, |chain| match chains.get_mut(count) {
        Some(place) => (*place, count) = (Some(chain), count.wrapping_add(1)),
        None => best.hear_apart(chain, set, ask),
    });
    for chain in chains.iter().take(count).flatten() {
        best.hear(*chain, set, ask);
    }
    let Best { order, member } = best;
    member.map(|policy| Hit { level: 0, policy, statement: index_of(order) })
}

/// The first statement that was found to apply, by its place in the order and its policy.
struct Best {
    order: u64,
    member: Option<u32>,
}

impl Best {
    /// Apart, for few questions have so many chains.
    #[cold]
    #[inline(never)]
    fn hear_apart(&mut self, chain: Chain<'_>, set: &PolicySet, ask: &Ask<'_>) {
        self.hear(chain, set, ask);
    }

    /// Looks for a better one in a chain.
    #[inline(always)]
    fn hear(&mut self, chain: Chain<'_>, set: &PolicySet, ask: &Ask<'_>) {
        let mut next = chain.first();
        while let Some(cell) = next {
            if self.member.is_some() && self.order <= cell.order {
                break;
            }
            if set.applies(&cell, ask) {
                *self = Self { order: cell.order, member: Some(cell.member) };
                break;
            }
            next = chain.after(&cell);
        }
    }
}

/// A gate: absent, open or shut, with its first deny.
#[derive(Clone, Copy)]
struct Gate {
    deny: Option<Hit>,
    open: bool,
}

impl Gate {
    /// Sets of policies of which each must allow; no sets at all are no gate.
    fn each<'p>(levels: impl IntoIterator<Item = &'p [Attached]>, ask: &Ask<'_>) -> Self {
        let mut gate = Self { deny: None, open: true };
        for (number, level) in (0_u32..).zip(levels) {
            let voice = Voice::hear(level, number, ask);
            gate.deny = gate.deny.or(voice.deny);
            gate.open = gate.open && voice.allow().is_some();
        }
        gate
    }
}

/// What all layers say.
struct Said {
    service_control: Gate,
    resource_control: Gate,
    resource: Voice,
    identity: Voice,
    boundary: Gate,
    session: Gate,
}

impl Said {
    /// What they say, unless one denies: then the first that does.
    fn hear(check: &Check, question: &Question<'_>, ask: &Ask<'_>) -> Result<Self, (Layer, Hit)> {
        let Question { caller, resource, .. } = *question;
        let denies = |layer, deny: Option<Hit>| deny.map_or(Ok(()), |hit| Err((layer, hit)));
        // Without an account there is no caller's side: aws-authorization 4.4.
        let signed = ask.signed;
        let levels = if signed { caller.service_control.as_slice() } else { &[] };
        let service_control = Gate::each(levels.iter().map(Vec::as_slice), ask);
        denies(Layer::ServiceControl, service_control.deny)?;
        let levels = resource.resource_control.iter().map(Vec::as_slice);
        let resource_control = Gate::each(levels, ask);
        denies(Layer::ResourceControl, resource_control.deny)?;
        let policy = resource.policy.as_ref().filter(|_| !keeps_the_keys(check, question));
        let resource = Voice::hear(policy, 0, ask);
        denies(Layer::Resource, resource.deny)?;
        let identity = if signed { Voice::of(&caller.identity, ask) } else { Voice::default() };
        denies(Layer::Identity, identity.deny)?;
        let boundaries = if signed { caller.boundaries.as_slice() } else { &[] };
        let boundary = Gate::each(boundaries.chunks(1), ask);
        denies(Layer::Boundary, boundary.deny)?;
        let session = Gate::each(caller.session.as_deref().filter(|_| signed), ask);
        denies(Layer::Session, session.deny)?;
        Ok(Self { service_control, resource_control, resource, identity, boundary, session })
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
pub(crate) fn keeps_the_keys(check: &Check, question: &Question<'_>) -> bool {
    let root = matches!(question.principal, Principal::Root { account }
        if Some(*account) == question.resource.account);
    root && question.resource.kind == ResourceKind::Bucket
        && KEY_ACTIONS.iter().any(|key| is(&check.action, key))
}

/// Whether nothing but the policies of a caller of the resource's own account has a say: the rules
/// of 4.2 and 4.3 are short then. So it is for most requests.
#[inline]
fn is_lone(question: &Question<'_>) -> bool {
    let Question { caller, resource, principal, .. } = *question;
    let plain = resource.policy.is_none() && resource.kind != ResourceKind::RoleTrust;
    let ungated = caller.boundaries.is_empty() && caller.session.is_none();
    let outside = caller.service_control.is_empty() && resource.resource_control.is_empty();
    plain && ungated && outside && !matches!(principal, Principal::FederatedUser { .. })
}

/// Whether caller and resource belong together.
fn reach(question: &Question<'_>) -> Reach {
    match (question.principal.own_account(), &question.resource.account) {
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
pub(crate) fn rule(check: &Check, question: &Question<'_>, ask: &Ask<'_>) -> Ruling {
    let (reach, signed) = (reach(question), ask.signed);
    let ruling = |verdict, because: Layer, hit: Option<Hit>| Ruling {
        verdict,
        because,
        by: hit.map(|hit| hit.by(because)),
        missing: Layers::default(),
        reach,
    };
    if signed && is(&check.action, &CALLER_IDENTITY) {
        return ruling(Verdict::Allow, Layer::Identity, None);
    }
    if signed && reach == Reach::SameAccount && is_lone(question) {
        let identity = Voice::of(&question.caller.identity, ask);
        let root = matches!(question.principal, Principal::Root { .. });
        return match (identity.deny, identity.direct) {
            (Some(hit), _) => ruling(Verdict::ExplicitDeny, Layer::Identity, Some(hit)),
            (None, None) if !root => {
                let missing = Layers(Layers::bit(Layer::Identity));
                Ruling { missing, ..ruling(Verdict::ImplicitDeny, Layer::Identity, None) }
            }
            (None, allow) => ruling(Verdict::Allow, Layer::Identity, allow),
        };
    }
    let said = match Said::hear(check, question, ask) {
        Ok(said) => said,
        Err((layer, hit)) => return ruling(Verdict::ExplicitDeny, layer, Some(hit)),
    };
    let ways = Ways::of(question, &said, reach, signed);
    let public = passes_public_block(question, reach);
    let guarded = said.service_control.open && said.resource_control.open && public;
    if guarded && let Some((layer, hit)) = ways.open(&said) {
        return ruling(Verdict::Allow, layer, hit);
    }
    let mut missing = Layers::default();
    missing.add(Layer::ServiceControl, !said.service_control.open);
    missing.add(Layer::ResourceControl, !said.resource_control.open);
    missing.add(Layer::PublicAccessBlock, !public);
    missing.add(Layer::Resource, ways.resource_required && said.resource.allow().is_none());
    missing.add(Layer::Identity, signed && !ways.identity);
    missing.add(Layer::Boundary, signed && !said.boundary.open);
    missing.add(Layer::Session, signed && !ways.session);
    let because = missing.first().unwrap_or(Layer::Identity);
    // A parent named by the resource's policy stands in for the identity policies.
    if ways.parent {
        missing.0 &= !Layers::bit(Layer::Identity);
    }
    Ruling { missing, ..ruling(Verdict::ImplicitDeny, because, None) }
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
    fn of(question: &Question<'_>, said: &Said, reach: Reach, signed: bool) -> Self {
        let root = matches!(question.principal, Principal::Root { .. });
        let federated = matches!(question.principal, Principal::FederatedUser { .. });
        let powerless = federated && question.caller.session.is_none();
        let same = reach == Reach::SameAccount;
        let lone = !signed;
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
    fn open(&self, said: &Said) -> Option<(Layer, Option<Hit>)> {
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

impl By {
    /// The policy of the question that was ruled on.
    pub(crate) fn policy<'q>(&self, question: &Question<'q>) -> Option<&'q Attached> {
        let Question { caller, resource, .. } = *question;
        let place = usize::try_from(self.policy).ok()?;
        match self.layer {
            Layer::Identity => caller.identity.member(self.policy),
            Layer::Resource => resource.policy.as_ref(),
            Layer::Boundary => caller.boundaries.get(self.level),
            Layer::Session => caller.session.as_ref()?.get(place),
            Layer::ServiceControl => caller.service_control.get(self.level)?.get(place),
            Layer::ResourceControl => resource.resource_control.get(self.level)?.get(place),
            Layer::PublicAccessBlock => None,
        }
    }
}
