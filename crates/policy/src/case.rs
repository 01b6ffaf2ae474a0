//! Policy cases: one question to the engine as JSON, for unit tests of policies. A text holds one
//! case, an array of cases, or one case after another (JSON lines).
//!
//! ```
//! use strongroom_policy::case;
//! let text = r#"{
//!   "name": "readers read",
//!   "request": {
//!     "principal": "arn:aws:iam::111122223333:user/alice",
//!     "action": "s3:GetObject",
//!     "resource": "arn:aws:s3:::finance/q3.csv"
//!   },
//!   "identity_policies": [{ "name": "inline:read", "document": { "Statement": {
//!     "Effect": "Allow", "Action": "s3:Get*", "Resource": "arn:aws:s3:::finance/*" } } }],
//!   "expect": "allow"
//! }"#;
//! let results = case::run(text).unwrap();
//! assert_eq!(results[0].pass, Some(true));
//! let error = case::run(&text.replace("expect", "expects")).unwrap_err();
//! assert_eq!(error.to_string(), "line 10, column 3: the key `expects` is unknown here");
//! ```

use names::{BadAccountId, BadAction, BadArn, Revision};
use serde::Serialize;

use crate::decide::decide;
use crate::decision::{Decision, Layer, Verdict};
use crate::error::{Fault, PolicyError, Position};
use crate::explain::{Trace, explain};
use crate::facts::Facts;
use crate::operation::Check;
use crate::principal::Principal;
use crate::question::{CallerPolicies, Question, ResourceSide};

pub(crate) mod principal;
mod read;

use read::{Stretch, Walk};

/// Most bytes in one text of cases.
pub const CASES_BYTES_MAX: usize = 128 * 1024 * 1024;

/// A case that could not be read: where, and what was wrong.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("{at}: {fault}")]
pub struct CaseError {
    /// Where.
    pub at: Position,
    /// What was wrong.
    #[source]
    pub fault: CaseFault,
}

/// What was wrong with a case.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CaseFault {
    /// It is not JSON, or a key is given twice.
    #[error(transparent)]
    Json(Fault),
    /// One of its policies is malformed.
    #[error("policy `{name}`: {fault}")]
    Policy {
        /// The policy's name.
        name: String,
        /// What is wrong with it.
        fault: Fault,
    },
    /// A key that cases do not have.
    #[error("the key `{0}` is unknown here")]
    UnknownKey(String),
    /// A key that must be there is not.
    #[error("the key `{0}` is missing")]
    Missing(&'static str),
    /// A value of another type.
    #[error("`{key}` must be {expected}")]
    Type {
        /// The key.
        key: String,
        /// What it must be.
        expected: &'static str,
    },
    /// A principal of no known form.
    #[error("the principal `{0}` has no known form")]
    Principal(String),
    /// Not an action.
    #[error(transparent)]
    Action(#[from] BadAction),
    /// Not a resource.
    #[error(transparent)]
    Resource(#[from] BadArn),
    /// Not an account.
    #[error(transparent)]
    Account(#[from] BadAccountId),
    /// The text is longer than [`CASES_BYTES_MAX`].
    #[error("the text has {0} bytes, and {CASES_BYTES_MAX} are allowed")]
    TooLarge(usize),
}

/// One question, and the answer that is expected.
#[derive(Clone, PartialEq, Debug)]
pub struct Case {
    /// What the case says of itself; empty if it says nothing.
    pub name: String,
    /// Where it begins.
    pub at: Position,
    /// Who asks.
    pub principal: Principal,
    /// What is asked.
    pub check: Check,
    /// The caller's policies.
    pub caller: CallerPolicies,
    /// The resource's side.
    pub resource: ResourceSide,
    /// The request's context.
    pub facts: Facts,
    /// The verdict that is expected, if any.
    pub expect: Option<Verdict>,
    /// The deciding layer that is expected, if any.
    pub because: Option<Layer>,
}

/// What came of a case: one line of `strongroom policy test --json`.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct CaseResult {
    /// The case's name.
    pub name: String,
    /// The verdict.
    pub verdict: Verdict,
    /// The layer that decided.
    pub because: Layer,
    /// The statement that decided; none for an implicit deny.
    pub statement: Option<CaseStatement>,
    /// Whether it is as expected; none if nothing was expected.
    pub pass: Option<bool>,
}

/// A statement, as results name it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct CaseStatement {
    /// The policy's name.
    pub policy: String,
    /// The statement's id.
    pub sid: Option<String>,
    /// The statement's place in the policy, from 0.
    pub index: usize,
}

/// Reads every case of a text.
///
/// # Errors
/// The first thing that is wrong, and its line.
pub fn parse(text: &str) -> Result<Vec<Case>, CaseError> {
    let mut cases = Vec::new();
    let mut walk = Walk::default();
    read::whole(text)?.each(&mut |offset, mut case| {
        case.at = walk.to(text, offset);
        cases.push(case);
    })?;
    Ok(cases)
}

/// Reads and decides every case of a text, one after the other. A document that stands in many
/// cases is read once.
///
/// # Errors
/// As [`parse`].
pub fn run(text: &str) -> Result<Vec<CaseResult>, CaseError> {
    Part(read::whole(text)?).run()
}

/// Some of the cases of a text, in its order: parts can be run one beside the other.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Part<'a>(Stretch<'a>);

/// A text as up to so many parts of about one length. The results of all, one after the other, are
/// those of [`run`], and so is the error of the first that has one.
///
/// ```
/// use strongroom_policy::case;
/// let one = r#"{"request": {"principal": "anonymous", "action": "s3:GetObject",
///     "resource": "arn:aws:s3:::b/k"}}"#;
/// let text = format!("{one}\n[{one},{one}]\n{one}");
/// let parts = case::parts(&text, 2).unwrap();
/// let counts: Vec<usize> = parts.iter().map(|part| part.run().unwrap().len()).collect();
/// assert_eq!(counts, [3, 1]);
/// ```
///
/// # Errors
/// The text is longer than [`CASES_BYTES_MAX`].
pub fn parts(text: &str, count: usize) -> Result<Vec<Part<'_>>, CaseError> {
    Ok(read::whole(text)?.cut(count).into_iter().map(Part).collect())
}

impl Part<'_> {
    /// Reads and decides its cases, one after the other.
    ///
    /// # Errors
    /// As [`parse`].
    pub fn run(self) -> Result<Vec<CaseResult>, CaseError> {
        let mut results = Vec::new();
        self.0.each(&mut |_, case| results.push(case.run()))?;
        Ok(results)
    }
}

impl Case {
    /// The question, without its check.
    #[must_use]
    pub fn question(&self) -> Question<'_> {
        Question {
            principal: &self.principal,
            caller: &self.caller,
            resource: &self.resource,
            facts: &self.facts,
            revision: Revision::default(),
        }
    }

    /// The engine's decision.
    #[must_use]
    pub fn decide(&self) -> Decision {
        decide(&self.check, &self.question())
    }

    /// The decision, with everything that was considered.
    #[must_use]
    pub fn explain(&self) -> Trace {
        explain(&self.check, &self.question())
    }

    /// Decides, and compares with what is expected.
    #[must_use]
    pub fn run(&self) -> CaseResult {
        let decision = self.decide();
        let verdict = self.expect.map(|expected| expected == decision.verdict());
        let because = self.because.map(|expected| expected == decision.because());
        let pass = match (verdict, because) {
            (None, None) => None,
            (verdict, because) => Some(verdict.unwrap_or(true) && because.unwrap_or(true)),
        };
        CaseResult {
            name: self.name.clone(),
            verdict: decision.verdict(),
            because: decision.because(),
            statement: decision.statement().map(|statement| CaseStatement {
                policy: statement.policy.clone(),
                sid: statement.sid.clone(),
                index: statement.index,
            }),
            pass,
        }
    }
}

impl CaseFault {
    fn policy(name: &str, error: PolicyError) -> Self {
        Self::Policy { name: name.to_owned(), fault: error.fault }
    }
}
