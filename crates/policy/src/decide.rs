//! The record of a verdict: the statement by name, and every context value that statements about
//! this action and resource name.

use std::borrow::Cow;

use crate::compile::index::Lane;
use crate::compile::{Ask, Rule};
use crate::context::Context;
use crate::decision::{Decision, Found, NamedValue, StatementRef};
use crate::glob::Case;
use crate::grantee::Bounded;
use crate::judge::{self, By, asking};
use crate::operation::Check;
use crate::question::{Attached, Question};
use crate::set::PolicySet;
use crate::statement::About;

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
    asking(check, question, |ask| {
        let ruling = judge::rule(check, question, ask);
        let mut notes = Notes::default();
        notes.gather(check, question, ask);
        let found = Found {
            verdict: ruling.verdict,
            because: ruling.because,
            statement: ruling.by.and_then(|by| named(&by, question)),
            context: notes.sealed(&ask.context),
            missing: ruling.missing.iter().collect(),
            reach: ruling.reach,
        };
        Decision::seal(check.clone(), found, question.revision)
    })
}

fn named(by: &By, question: &Question<'_>) -> Option<StatementRef> {
    let policy = by.policy(question)?;
    let program = policy.document.program();
    let sid = program.rule(by.statement).and_then(Rule::sid);
    Some(StatementRef { policy: policy.name.clone(), sid, index: by.statement })
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

/// Whether this is the owner account's root at its bucket's policy.
pub(crate) fn keeps_the_keys(about: &About<'_>, question: &Question<'_>) -> bool {
    judge::keeps_the_keys(about.check, question)
}

/// The context keys that statements about this action and resource read, each once, in the order
/// of the statements.
#[derive(Default)]
struct Notes<'a>(Vec<&'a str>);

impl<'a> Notes<'a> {
    fn gather(&mut self, check: &Check, question: &Question<'a>, ask: &Ask<'_>) {
        let Question { caller, resource, .. } = *question;
        // Without an account there is no caller's side: aws-authorization 4.4.
        let signed = question.principal.account().is_some();
        if signed {
            self.policies(caller.service_control.iter().flatten(), ask);
        }
        self.policies(resource.resource_control.iter().flatten(), ask);
        let own = resource.policy.as_ref();
        self.policies(own.filter(|_| !judge::keeps_the_keys(check, question)), ask);
        if signed {
            self.set(&caller.identity, ask);
            self.policies(&caller.boundaries, ask);
            self.policies(caller.session.iter().flatten(), ask);
        }
    }

    fn policies(&mut self, policies: impl IntoIterator<Item = &'a Attached>, ask: &Ask<'_>) {
        for policy in policies {
            for rule in policy.document.program().rules() {
                self.rule(rule, ask);
            }
        }
    }

    fn set(&mut self, set: &'a PolicySet, ask: &Ask<'_>) {
        let mut found: Vec<(u64, Rule<'a>)> = Vec::new();
        let probe = set.probe(&ask.action, ask.folded().text());
        for lane in [Lane::Deny, Lane::Allow] {
            set.candidates(lane, &probe, |chain| {
                let links = chain.links();
                let rules = links.filter_map(|link| Some((link.order, link.own.as_ref()?.rule()?)));
                found.extend(rules.filter(|(_, rule)| rule.is_noted()));
            });
        }
        found.sort_by_key(|(order, _)| *order);
        found.dedup_by_key(|(order, _)| *order);
        for (_, rule) in found {
            self.rule(rule, ask);
        }
    }

    fn rule(&mut self, rule: Rule<'a>, ask: &Ask<'_>) {
        if !rule.is_noted() || !rule.about_action(ask) {
            return;
        }
        self.add(rule.resource_keys());
        if rule.about_resource(ask) {
            self.add(rule.condition_keys());
        }
    }

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
