//! What if a policy were attached or removed: the same question, before and after.
//!
//! ```
//! use std::sync::Arc;
//! use strongroom_policy::simulate::{Change, what_if};
//! use strongroom_policy::{Attached, Document, Kind, case};
//! let cases = case::parse(r#"{ "request": {
//!     "principal": "arn:aws:iam::111122223333:user/alice",
//!     "action": "s3:GetObject", "resource": "arn:aws:s3:::finance/q3.csv" } }"#).unwrap();
//! let text = r#"{"Statement": {"Effect": "Allow", "Action": "s3:Get*", "Resource": "*"}}"#;
//! let policy = Attached {
//!     name: "policy:Readers@v2".to_owned(),
//!     document: Arc::new(Document::parse(text, Kind::Identity).unwrap()),
//! };
//! let case = &cases[0];
//! let answer = what_if(&case.check, &case.question(), &[Change::Attach(policy)]);
//! assert!(!answer.before.is_allowed() && answer.after.is_allowed());
//! assert_eq!(answer.after.statement().unwrap().policy, "policy:Readers@v2");
//! ```

use crate::decide::decide;
use crate::decision::Decision;
use crate::document::Kind;
use crate::operation::Check;
use crate::question::{Attached, CallerPolicies, Question, ResourceSide};

/// One change of what is attached.
#[derive(Clone, PartialEq, Debug)]
pub enum Change {
    /// A policy comes, in the layer of its kind. A resource's policy replaces the one that is
    /// there; a control policy joins the last level, or founds the first.
    Attach(Attached),
    /// Every policy of that name goes, from whichever layer. A layer or level that is left empty
    /// is none: it guards nothing any more.
    Detach(String),
}

/// The answers before and after, and what could not be removed.
#[derive(Clone, PartialEq, Debug)]
pub struct WhatIf {
    /// The answer as things are.
    pub before: Decision,
    /// The answer after all changes, in their order.
    pub after: Decision,
    /// The names that were to be detached and were not there.
    pub not_there: Vec<String>,
}

impl WhatIf {
    /// Whether the verdict, the layer or the deciding statement changes.
    #[must_use]
    pub fn changes(&self) -> bool {
        let key = |d: &Decision| (d.verdict(), d.because(), d.statement().cloned());
        key(&self.before) != key(&self.after)
    }

    /// Whether the verdict changes.
    #[must_use]
    pub fn changes_verdict(&self) -> bool {
        self.before.verdict() != self.after.verdict()
    }
}

/// Decides a check as things are, and as they would be.
#[must_use]
pub fn what_if(check: &Check, question: &Question<'_>, changes: &[Change]) -> WhatIf {
    let mut caller = question.caller.clone();
    let mut resource = question.resource.clone();
    let mut not_there = Vec::new();
    for change in changes {
        match change {
            Change::Attach(policy) => attach(policy, &mut caller, &mut resource),
            Change::Detach(name) => {
                if detach(name, &mut caller, &mut resource) == 0 {
                    not_there.push(name.clone());
                }
            }
        }
    }
    let changed = Question { caller: &caller, resource: &resource, ..*question };
    WhatIf { before: decide(check, question), after: decide(check, &changed), not_there }
}

fn attach(policy: &Attached, caller: &mut CallerPolicies, resource: &mut ResourceSide) {
    let join = |levels: &mut Vec<Vec<Attached>>| match levels.last_mut() {
        Some(level) => level.push(policy.clone()),
        None => levels.push(vec![policy.clone()]),
    };
    match policy.document.kind() {
        Kind::Identity => caller.identity.push(policy.clone()),
        Kind::Boundary => caller.boundaries.push(policy.clone()),
        Kind::Session => caller.session.get_or_insert_default().push(policy.clone()),
        Kind::ServiceControl => join(&mut caller.service_control),
        Kind::ResourceControl => join(&mut resource.resource_control),
        Kind::Bucket | Kind::RoleTrust => resource.policy = Some(policy.clone()),
    }
}

/// Removes, and counts what was removed.
fn detach(name: &str, caller: &mut CallerPolicies, resource: &mut ResourceSide) -> usize {
    let mut count = 0_usize;
    let mut keep = |policy: &Attached| {
        let goes = policy.name == name;
        count = count.saturating_add(usize::from(goes));
        !goes
    };
    caller.identity = caller.identity.iter().filter(|policy| keep(policy)).cloned().collect();
    caller.boundaries.retain(&mut keep);
    if let Some(session) = &mut caller.session {
        let some = !session.is_empty();
        session.retain(&mut keep);
        if some && session.is_empty() {
            caller.session = None;
        }
    }
    for levels in [&mut caller.service_control, &mut resource.resource_control] {
        levels.retain_mut(|level| {
            let some = !level.is_empty();
            level.retain(&mut keep);
            !(some && level.is_empty())
        });
    }
    resource.policy = resource.policy.take().filter(keep);
    count
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::case::{Case, parse};
    use crate::decision::Verdict;
    use crate::document::Document;

    fn policy(name: &str, effect: &str, kind: Kind) -> Attached {
        let principal = match kind {
            Kind::Bucket | Kind::ResourceControl => r#""Principal": "*","#,
            _ => "",
        };
        let text = format!(
            r#"{{"Statement": {{"Effect": "{effect}", {principal} "Action": "s3:*",
                "Resource": "*"}}}}"#
        );
        let document = Arc::new(Document::parse(&text, kind).unwrap());
        Attached { name: name.to_owned(), document }
    }

    fn case() -> Case {
        let all = r#"{"Statement": {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}}"#;
        let text = format!(
            r#"{{"request": {{"principal": "arn:aws:iam::111122223333:user/alice",
                "action": "s3:GetObject", "resource": "arn:aws:s3:::b/x"}},
                "identity_policies": [{{"name": "all", "document": {all}}}]}}"#
        );
        parse(&text).unwrap().remove(0)
    }

    fn ask(case: &Case, changes: &[Change]) -> WhatIf {
        what_if(&case.check, &case.question(), changes)
    }

    #[test]
    fn a_deny_takes_and_its_removal_gives_back_in_each_layer() {
        for kind in [
            Kind::Identity,
            Kind::Bucket,
            Kind::Session,
            Kind::Boundary,
            Kind::ServiceControl,
            Kind::ResourceControl,
        ] {
            let deny = Change::Attach(policy("deny", "Deny", kind));
            let answer = ask(&case(), std::slice::from_ref(&deny));
            assert!(answer.changes_verdict());
            assert_eq!(answer.after.verdict(), Verdict::ExplicitDeny, "{kind:?}");
            assert_eq!(answer.after.statement().unwrap().policy, "deny");
            let back = ask(&case(), &[deny, Change::Detach("deny".to_owned())]);
            assert!(!back.changes() && back.not_there.is_empty(), "{kind:?}");
        }
    }

    #[test]
    fn what_is_detached_is_named_if_it_was_not_there() {
        let answer = ask(&case(), &[Change::Detach("all".into()), Change::Detach("x".into())]);
        assert_eq!(answer.after.verdict(), Verdict::ImplicitDeny);
        assert_eq!(answer.not_there, ["x"]);
    }

    #[test]
    fn a_change_of_the_deciding_statement_alone_is_a_change_but_not_of_the_verdict() {
        let other = policy("other", "Allow", Kind::Bucket);
        let answer = ask(&case(), &[Change::Attach(other)]);
        assert!(answer.changes() && !answer.changes_verdict());
    }
}
