//! The record of a verdict: the statement by name, and every context value that statements about
//! this action and resource name.

use std::borrow::Cow;

use crate::compile::index::{Lane, Probe};
use crate::compile::{Ask, KeyRef, Rule};
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
struct Notes<'a>(Vec<KeyRef<'a>>);

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
        let mut probe = Probe::of(&ask.action, ask.folded());
        set.prepare(&mut probe, ask.folded());
        for lane in [Lane::Deny, Lane::Allow] {
            set.candidates(lane, &probe, |chain| {
                let cells = chain.cells();
                let rules = cells.filter_map(|cell| Some((cell.order, set.rule(&cell)?)));
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

    fn add(&mut self, keys: impl Iterator<Item = KeyRef<'a>>) {
        for key in keys {
            if !self.0.iter().any(|known| known.is(&key)) {
                self.0.push(key);
            }
        }
    }

    fn sealed(self, context: &Context<'_>) -> Vec<NamedValue> {
        let named = |key: KeyRef<'a>| {
            let mut hold = None;
            let values = context.find(key, &mut hold).values();
            NamedValue { key: key.name().to_owned(), values }
        };
        self.0.into_iter().map(named).collect()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::case;
    use crate::document::{Document, Kind};
    use crate::operation::Need;
    use crate::principal::Principal;
    use crate::question::CallerPolicies;

    /// What a case says whose one statement of each kind reads a key of its own.
    fn keys(principal: &str, action: &str, asked: &str) -> Vec<String> {
        let statement = |key: &str, to: &str| {
            format!(
                r#"{{"Version": "2012-10-17", "Statement": {{"Effect": "Allow", {to}
                    "Action": "{action}", "Resource": "arn:aws:s3:::b",
                    "Condition": {{"StringEquals": {{"{key}": "x"}}}}}}}}"#
            )
        };
        let named = |own: String| format!(r#"{{"name": "p", "document": {own}}}"#);
        let to = r#""Principal": "*","#;
        let text = format!(
            r#"{{"request": {{"principal": "{principal}", "action": "{asked}",
                "resource": "arn:aws:s3:::b", "resource_account": "111122223333"}},
                "identity_policies": [{}], "permissions_boundaries": [{}],
                "service_control_policies": [[{}]], "resource_policy": {}}}"#,
            named(statement("t:identity", "")),
            named(statement("t:boundary", "")),
            named(statement("t:control", "")),
            named(statement("t:bucket", to)),
        );
        let cases = case::parse(&text).unwrap_or_else(|e| panic!("{e} {text}"));
        let decision = decide(&cases[0].check, &cases[0].question());
        decision.context().iter().map(|named| named.key.clone()).collect()
    }

    #[test]
    fn the_keys_of_every_statement_about_what_is_asked_are_recorded() {
        let alice = "arn:aws:iam::111122223333:user/alice";
        let root = "arn:aws:iam::111122223333:root";
        let all = ["t:control", "t:bucket", "t:identity", "t:boundary"];
        assert_eq!(keys(alice, "s3:ListBucket", "s3:ListBucket"), all);
        assert_eq!(keys(root, "s3:ListBucket", "s3:ListBucket"), all);
        // Statements about other actions have no part in it.
        assert_eq!(keys(alice, "s3:ListBucket", "s3:GetBucketPolicy"), [""; 0]);
        // What the bucket's policy says is not heard of the owner's root, nor are the caller's
        // own policies of whoever has no account.
        let kept = keys(root, "s3:GetBucketPolicy", "s3:GetBucketPolicy");
        assert_eq!(kept, ["t:control", "t:identity", "t:boundary"]);
        assert_eq!(keys("anonymous", "s3:ListBucket", "s3:ListBucket"), ["t:bucket"]);
    }

    fn check(action: &str, resource: &str) -> Check {
        Check {
            action: action.parse().unwrap(),
            resource: resource.parse().unwrap(),
            need: Need::Required,
            with: Vec::new(),
        }
    }

    #[test]
    fn what_a_statement_is_asked_follows_from_the_question() {
        let text = r#"{"Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}"#;
        let document = Arc::new(Document::parse(text, Kind::Boundary).unwrap());
        let bounded = CallerPolicies {
            boundaries: vec![Attached { name: "edge".to_owned(), document }],
            ..CallerPolicies::default()
        };
        let root = Principal::Root { account: "111122223333".parse().unwrap() };
        let get = check("s3:GetObject", "arn:aws:s3:::b/k");
        let user = check("iam:GetUser", "arn:aws:iam::111122223333:user/alice");
        let free = CallerPolicies::default();
        for (principal, caller, expected) in [
            (&root, &bounded, Bounded::Yes),
            (&root, &free, Bounded::No),
            (&Principal::Anonymous, &bounded, Bounded::No),
        ] {
            let question = Question {
                principal,
                caller,
                resource: &crate::question::ResourceSide::plain(None),
                facts: &crate::facts::Facts::default(),
                revision: Default::default(),
            };
            let own = about(&get, &question, "arn:aws:s3:::b/k");
            assert_eq!((own.bounded, own.names), (expected, Case::Exact), "{principal:?}");
            assert_eq!(about(&user, &question, "").names, Case::Folded);
            asking(&get, &question, |ask| assert_eq!(ask.bounded, expected, "{principal:?}"));
        }
        assert_eq!(resource_text(&get), "arn:aws:s3:::b/k");
        assert_eq!(resource_text(&check("sts:GetSessionToken", "*")), "arn:aws:sts:::*");
    }

    #[test]
    fn a_decision_refuses_what_it_does_not_allow_and_what_is_required() {
        let root = Principal::Root { account: "111122223333".parse().unwrap() };
        for (principal, need, expected) in [
            (&root, Need::Required, false),
            (&root, Need::Absence, false),
            (&Principal::Anonymous, Need::Required, true),
            (&Principal::Anonymous, Need::Absence, false),
        ] {
            let check = Check { need, ..check("s3:GetObject", "arn:aws:s3:::b/k") };
            let decision = decide(
                &check,
                &Question {
                    principal,
                    caller: &CallerPolicies::default(),
                    resource: &crate::question::ResourceSide::plain(principal.account()),
                    facts: &crate::facts::Facts::default(),
                    revision: Default::default(),
                },
            );
            assert_eq!(decision.refuses(), expected, "{principal:?} {need:?}");
            assert_eq!(decision.is_allowed(), *principal == root);
        }
    }
}
