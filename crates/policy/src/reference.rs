//! The second evaluator: naive, readable, and written from the specification alone. It is what the
//! fast engine is compared with, for ever; it shares with it only the accepted text of a document
//! and the words of a question.
//!
//! Read it as the executable specification: one function for one rule, each with its section
//! (`4.2` is a section of the AWS semantics this product follows; `decision` a row of
//! `docs/decisions/policy-semantics.md`). Clarity outranks speed everywhere.
//!
//! - `document`: what a policy says.
//! - `asked`, `hours`: what is known of the request.
//! - `pattern`, `matching`, `values`, `condition`: whether a statement is about it.
//! - `caller`: whether a statement is about the caller, and by which of the caller's names.
//! - `public`: whether a bucket policy is public.
//! - `evaluate`: what all the layers together say.
//!
//! ```
//! use strongroom_policy::decision::{Layer, Verdict};
//! use strongroom_policy::{case, reference};
//! let cases = case::parse(r#"{
//!   "request": {"principal": "arn:aws:iam::111122223333:user/alice",
//!               "action": "s3:GetObject", "resource": "arn:aws:s3:::finance/q3.csv"},
//!   "identity_policies": [{"name": "read", "document": {"Statement": {
//!     "Effect": "Allow", "Action": "s3:Get*", "Resource": "arn:aws:s3:::finance/*"}}}]
//! }"#).unwrap();
//! let verdicted = reference::decide(&cases[0].check, &cases[0].question());
//! assert_eq!((verdicted.verdict, verdicted.because), (Verdict::Allow, Layer::Identity));
//! ```

mod asked;
mod caller;
mod condition;
mod document;
mod evaluate;
#[cfg(test)]
mod evaluate_tests;
mod hours;
mod matching;
mod pattern;
mod public;
#[cfg(test)]
mod testing;
mod values;

use asked::Asked;
use document::Policy;

use crate::decision::{Layer, Verdict};
use crate::document::Document;
use crate::operation::Check;
use crate::question::{Attached, Question};

/// What the reference evaluator says.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Verdicted {
    /// The verdict.
    pub verdict: Verdict,
    /// The layer that decided; of an implicit deny, the first that did not allow.
    pub because: Layer,
}

/// Decides one check, reading every document anew.
#[must_use]
pub fn decide(check: &Check, question: &Question<'_>) -> Verdicted {
    Read::documents(question).decide(check, question)
}

/// The documents of a question, read once, so that many checks can be decided under them.
#[derive(Clone, Debug)]
pub struct Read {
    identity: Vec<Policy>,
    boundaries: Vec<Policy>,
    session: Option<Vec<Policy>>,
    service_control: Vec<Vec<Policy>>,
    resource: Option<Policy>,
    resource_control: Vec<Vec<Policy>>,
}

impl Read {
    /// Reads every document that the question holds.
    #[must_use]
    pub fn documents(question: &Question<'_>) -> Self {
        let (caller, resource) = (question.caller, question.resource);
        Self {
            identity: caller.identity.iter().map(policy).collect(),
            boundaries: policies(&caller.boundaries),
            session: caller.session.as_deref().map(policies),
            service_control: caller.service_control.iter().map(|level| policies(level)).collect(),
            resource: resource.policy.as_ref().map(policy),
            resource_control: resource
                .resource_control
                .iter()
                .map(|level| policies(level))
                .collect(),
        }
    }

    /// Decides one check. The question must hold the documents that were read; who asks, whose the
    /// resource is and what is known of the request may differ from question to question.
    #[must_use]
    pub fn decide(&self, check: &Check, question: &Question<'_>) -> Verdicted {
        evaluate::decide(self, &Asked::new(check, question))
    }
}

fn policies(attached: &[Attached]) -> Vec<Policy> {
    attached.iter().map(policy).collect()
}

fn policy(attached: &Attached) -> Policy {
    let (_name, document) = named(attached);
    Policy::read(document)
}

/// The one place that knows what an attachment is made of.
fn named(attached: &Attached) -> (&str, &Document) {
    (&attached.name, &attached.document)
}
