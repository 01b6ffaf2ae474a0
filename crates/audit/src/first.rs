//! The first leaf as it is written: borrowed from the request, since it is written once and read by
//! nobody here. What it says field by field is [`Opened`], which reads it back.

use std::borrow::Cow;

use names::{
    AccessKeyId, AccountId, Action, Arn, DecisionId, RequestId, Revision, Timestamp, address_text,
    peer_text,
};
use policy::decision::{Decision, Layer, NamedValue, StatementRef, Verdict};
use policy::operation::Need;
use policy::principal::Principal;
use serde::Serialize;

use crate::clip::clip;
use crate::entry::{
    CHAIN_LINKS_MAX, CONTEXT_BYTES_MAX, CONTEXT_VALUE_BYTES_MAX, Entrance, LABEL_BYTES_MAX,
    LeafKind, METHOD_BYTES_MAX, Opened, PART_BYTES_MAX, ReasonRecord, SCHEMA_VERSION,
    USER_AGENT_BYTES_MAX, written,
};
use crate::journal::Durability;
use crate::leaves::Leaves;
use crate::opening::{Minted, Opening, Target, Transport};
use crate::who::{ChainLink, How, Human, Who};

/// The first leaf of an entry, with the fields of [`Opened`] in their order.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct First<'a> {
    v: u8,
    entry: LeafKind,
    pub(crate) id: RequestId,
    time: Timestamp,
    pub(crate) verdict: Entrance,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) reason: Option<ReasonRecord>,
    pub(crate) operation: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    target: Option<Aim<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    account: Option<AccountId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    principal: Option<Named<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    credential: Option<&'a AccessKeyId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    how: Option<How>,
    #[serde(skip_serializing_if = "Option::is_none")]
    human: Option<Person<'a>>,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    chain: &'a [ChainLink],
    #[serde(skip_serializing_if = "Option::is_none")]
    session_expires: Option<Timestamp>,
    source: Came<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) revision: Option<Revision>,
    pub(crate) durability: Durability,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) mints: Option<&'a Minted>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) checks: Vec<Made<'a>>,
}

#[derive(Clone, Debug, Serialize)]
struct Aim<'a> {
    resource: &'a Arn,
    #[serde(skip_serializing_if = "Option::is_none")]
    detail: Option<Cow<'a, str>>,
}

#[derive(Clone, Debug, Serialize)]
struct Named<'a> {
    kind: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    arn: Option<Cow<'a, Arn>>,
    id: Cow<'a, str>,
}

#[derive(Clone, Debug, Serialize)]
struct Person<'a> {
    provider: &'a Arn,
    subject: Cow<'a, str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    display: Option<Cow<'a, str>>,
}

#[derive(Clone, Debug, Serialize)]
struct Came<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    ip: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    peer: Option<String>,
    transport: Transport,
    #[serde(skip_serializing_if = "str::is_empty")]
    method: Cow<'a, str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    user_agent: Option<Cow<'a, str>>,
}

/// One decision, with the fields of [`crate::entry::CheckRecord`] in their order.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Made<'a> {
    decision: DecisionId,
    #[serde(skip_serializing_if = "Option::is_none")]
    item: Option<usize>,
    action: &'a Action,
    resource: &'a Arn,
    need: Need,
    verdict: Verdict,
    layer: Layer,
    #[serde(skip_serializing_if = "Option::is_none")]
    by: Option<&'a StatementRef>,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    context: Cow<'a, [NamedValue]>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    truncated: bool,
}

impl<'a> First<'a> {
    /// What an opening alone says; refused until somebody knows better.
    pub(crate) fn new(opening: &'a Opening, time: Timestamp, who: Option<&'a Who>) -> Self {
        Self {
            v: SCHEMA_VERSION,
            entry: LeafKind::Opened,
            id: opening.request_id,
            time,
            verdict: Entrance::Refused,
            reason: None,
            operation: opening.operation.unwrap_or("unknown"),
            target: None,
            account: who.and_then(|who| who.principal.account()),
            principal: who.map(|who| Named::new(&who.principal)),
            credential: who.and_then(|who| who.credential.as_ref()),
            how: who.map(|who| who.how),
            human: who.and_then(|who| who.human.as_ref()).map(Person::new),
            chain: who.map_or(&[], |who| {
                who.chain.get(..CHAIN_LINKS_MAX).unwrap_or(who.chain.as_slice())
            }),
            session_expires: who.and_then(|who| who.session_expires),
            source: Came {
                ip: opening.source_ip.map(address_text),
                peer: opening.peer.map(peer_text),
                transport: opening.transport,
                method: clip(&opening.method, METHOD_BYTES_MAX),
                user_agent: opening.user_agent.as_ref().map(|ua| clip(ua, USER_AGENT_BYTES_MAX)),
            },
            revision: None,
            durability: Durability::Available,
            mints: None,
            checks: Vec::new(),
        }
    }

    /// Says what the operation is aimed at.
    pub(crate) fn aim(&mut self, target: Option<&'a Target>) {
        self.target = target.map(|target| Aim {
            resource: &target.resource,
            detail: target.detail.as_deref().map(|detail| clip(detail, LABEL_BYTES_MAX)),
        });
    }

    /// Adds decisions, numbered on; of an item of a batch, or of the operation itself.
    pub(crate) fn decided(&mut self, item: Option<usize>, decisions: &'a [Decision]) {
        for made in decisions {
            let ordinal = u32::try_from(self.checks.len()).unwrap_or(u32::MAX);
            let id = DecisionId { request: self.id, ordinal };
            self.checks.push(Made::new(id, item, made));
        }
    }

    /// The leaves to append, in order.
    pub(crate) fn leaves(&self) -> Result<Leaves<Vec<u8>>, serde_json::Error> {
        let whole = written(self)?;
        if whole.len() <= PART_BYTES_MAX {
            return Ok(Leaves::One(whole));
        }
        serde_json::from_slice::<Opened>(&whole)?.leaves()
    }
}

impl<'a> Named<'a> {
    fn new(principal: &'a Principal) -> Self {
        let (kind, arn, id) = match principal {
            Principal::Anonymous => ("anonymous", None, None),
            Principal::Root { .. } => ("root", None, None),
            Principal::User { arn, id, .. } => ("user", Some(arn), Some(id.as_str())),
            Principal::RoleSession { .. } => ("role-session", None, None),
            Principal::FederatedUser { .. } => ("federated-user", None, None),
            Principal::Federated { provider } => ("federated", Some(provider), None),
            Principal::Service { name } => ("service", None, Some(name.as_str())),
        };
        let arn =
            arn.map_or_else(|| principal.arn().map(Cow::Owned), |arn| Some(Cow::Borrowed(arn)));
        let id = id.map_or_else(|| Cow::Owned(principal.user_id()), Cow::Borrowed);
        Self { kind, arn, id }
    }
}

impl<'a> Person<'a> {
    fn new(human: &'a Human) -> Self {
        let label = |text: &'a String| clip(text, LABEL_BYTES_MAX);
        let (subject, display) = (label(&human.subject), human.display.as_ref().map(label));
        Self { provider: &human.provider, subject, display }
    }
}

impl<'a> Made<'a> {
    /// Writes one decision down.
    fn new(decision: DecisionId, item: Option<usize>, made: &'a Decision) -> Self {
        let (context, truncated) = fitting(made.context());
        Self {
            decision,
            item,
            action: &made.check().action,
            resource: &made.check().resource,
            need: made.check().need,
            verdict: made.verdict(),
            layer: made.because(),
            by: made.statement(),
            context,
            truncated,
        }
    }
}

/// Context values within the budget, and whether anything of them was cut.
fn fitting(context: &[NamedValue]) -> (Cow<'_, [NamedValue]>, bool) {
    if fits(context) {
        return (Cow::Borrowed(context), false);
    }
    let (mut budget, mut truncated) = (CONTEXT_BYTES_MAX, false);
    let mut kept = Vec::with_capacity(context.len());
    for named in context {
        let (short, cut) = shorten(named, &mut budget);
        truncated |= cut;
        kept.extend(short);
    }
    (Cow::Owned(kept), truncated)
}

/// What a value counts beside its own bytes: the quotes and the comma, so that empty ones cost
/// something too.
const VALUE_BYTES: usize = 8;

/// Whether nothing of the context needs cutting.
fn fits(context: &[NamedValue]) -> bool {
    let whole = |text: &str, most| matches!(clip(text, most), Cow::Borrowed(_));
    let mut bytes = 0_usize;
    context.iter().all(|named| {
        bytes = bytes.saturating_add(named.key.len());
        whole(&named.key, LABEL_BYTES_MAX)
            && bytes <= CONTEXT_BYTES_MAX
            && named.values.iter().flatten().all(|value| {
                bytes = bytes.saturating_add(value.len()).saturating_add(VALUE_BYTES);
                bytes <= CONTEXT_BYTES_MAX && whole(value, CONTEXT_VALUE_BYTES_MAX)
            })
    })
}

/// A context value within the budget, and whether anything of it was cut.
fn shorten(named: &NamedValue, budget: &mut usize) -> (Option<NamedValue>, bool) {
    let key = clip(&named.key, LABEL_BYTES_MAX).into_owned();
    let Some(left) = budget.checked_sub(key.len()) else { return (None, true) };
    *budget = left;
    let mut cut = key != named.key;
    let Some(values) = named.values.as_ref() else {
        return (Some(NamedValue { key, values: None }), cut);
    };
    let mut kept = Vec::with_capacity(values.len().min(64));
    for value in values {
        let short = clip(value, CONTEXT_VALUE_BYTES_MAX).into_owned();
        cut |= short != *value;
        let Some(left) = budget.checked_sub(short.len().saturating_add(VALUE_BYTES)) else {
            return (Some(NamedValue { key, values: Some(kept) }), true);
        };
        *budget = left;
        kept.push(short);
    }
    (Some(NamedValue { key, values: Some(kept) }), cut)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn every_principal() -> Vec<Principal> {
        let account: AccountId = "111122223333".parse().unwrap();
        let user: Arn = "arn:aws:iam::111122223333:user/ann".parse().unwrap();
        let role_arn = "arn:aws:iam::111122223333:role/x/ops".parse().unwrap();
        let (role, session) = ("ops".parse().unwrap(), "se".parse().unwrap());
        let id = "AROAOPSOPSOPSOPSOPSOP".parse().unwrap();
        let user_id: names::UniqueId = "AIDAANNANNANNANNANNAN".parse().unwrap();
        vec![
            Principal::Anonymous,
            Principal::Root { account },
            Principal::User {
                account,
                name: "ann".parse().unwrap(),
                arn: user.clone(),
                id: user_id.clone(),
            },
            Principal::RoleSession { account, role, role_arn, id, session },
            Principal::FederatedUser { account, name: "f".into(), user_arn: user, user_id },
            Principal::Federated { provider: "arn:aws:iam::1:oidc-provider/x".parse().unwrap() },
            Principal::Service { name: "logging.s3.amazonaws.com".into() },
        ]
    }

    #[test]
    fn what_is_written_of_any_caller_is_what_is_read_back() {
        let mut opening = Opening::new(RequestId::from_parts(7, [9; 10]));
        opening.user_agent = Some("ä\u{85}".repeat(200));
        opening.peer = Some("198.51.100.7:65535".parse().unwrap());
        opening.source_ip = Some("2001:db8::1".parse().unwrap());
        let minted = Minted {
            credential: "ASIAMINTEDMINTEDMINT".parse().unwrap(),
            expires: Timestamp::default(),
        };
        let target = Target { resource: Arn::any(), detail: Some("v\n1".into()) };
        for principal in every_principal() {
            let (kind, arn, id) = (principal.kind(), principal.arn(), principal.user_id());
            let human = Human {
                provider: "arn:aws:iam::1:oidc-provider/x".parse().unwrap(),
                subject: "s".into(),
                display: Some("d".repeat(LABEL_BYTES_MAX + 1)),
            };
            let who = Who { principal, human: Some(human), ..Who::anonymous() };
            let mut first = First::new(&opening, Timestamp::default(), Some(&who));
            first.aim(Some(&target));
            first.mints = Some(&minted);
            let leaf = first.leaves().unwrap()[0].clone();
            let read: Opened = serde_json::from_slice(&leaf).unwrap();
            let named = read.principal.as_ref().unwrap();
            assert_eq!((named.arn.as_ref(), &named.id), (arn.as_ref(), &id), "{kind}");
            assert_eq!(read.mints.as_ref(), Some(&minted));
            assert_eq!(read.target.as_ref().unwrap().detail.as_deref(), Some("v\u{fffd}1"));
            assert_eq!(serde_json::to_vec(&read).unwrap(), leaf, "{kind}");
        }
    }

    #[test]
    fn a_context_at_its_budget_is_borrowed_and_past_it_is_cut() {
        let named = |values: usize| NamedValue {
            key: "k".repeat(8),
            values: Some(vec!["v".repeat(VALUE_BYTES); values]),
        };
        let whole = (CONTEXT_BYTES_MAX - 8) / (2 * VALUE_BYTES);
        let fits = [named(whole)];
        assert!(matches!(fitting(&fits), (Cow::Borrowed(_), false)));
        let over = [named(whole + 1)];
        let (cut, truncated) = fitting(&over);
        assert!(truncated);
        assert_eq!(cut[0].values.as_ref().unwrap().len(), whole);
        let long = [NamedValue { key: "k".into(), values: Some(vec!["\u{7}".into()]) }];
        let (cut, truncated) = fitting(&long);
        assert_eq!((cut[0].values.as_ref().unwrap()[0].as_str(), truncated), ("\u{fffd}", true));
    }
}
