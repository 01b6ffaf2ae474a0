//! Why a question is answered as it is: every layer, every statement, and the first thing about
//! each that did not match.

use std::fmt;

use serde::Serialize;

use crate::decide::{about, decide, keeps_the_keys, resource_text};
use crate::decision::{Decision, Layer, StatementRef};
use crate::document::Document;
use crate::operation::Check;
use crate::principal::Principal;
use crate::question::{Attached, Question};
use crate::statement::{About, Effect, Fit, Statement};

/// A decision with everything that was considered for it.
#[derive(Clone, PartialEq, Debug)]
pub struct Trace {
    /// The decision, exactly as [`decide`] makes it.
    pub decision: Decision,
    /// Each layer that has policies, in the order in which they are asked.
    pub considered: Vec<Considered>,
}

/// One layer, or one level of a layer.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Considered {
    /// Which layer.
    pub layer: Layer,
    /// Which level of the organisation (or which boundary), from 0.
    pub level: usize,
    /// Every statement, in order.
    pub statements: Vec<StatementTrace>,
}

/// One statement, and how far it got.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct StatementTrace {
    /// Which statement.
    pub statement: StatementRef,
    /// What it does where it applies.
    pub effect: Effect,
    /// Whether it applies, or why not.
    pub outcome: Outcome,
}

/// Whether a statement applies, or the first thing about it that does not match.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
#[serde(rename_all = "kebab-case", tag = "outcome")]
pub enum Outcome {
    /// It applies.
    Applies,
    /// It is about other actions.
    Action {
        /// What the statement lists.
        expected: Vec<String>,
        /// What is asked.
        actual: String,
    },
    /// It is about other resources.
    Resource {
        /// What the statement lists.
        expected: Vec<String>,
        /// What is asked.
        actual: String,
    },
    /// It is about other callers.
    Principal {
        /// What the statement lists.
        expected: Vec<String>,
        /// Who asks.
        actual: String,
    },
    /// A condition does not hold.
    Condition {
        /// The operator.
        operator: String,
        /// The key.
        key: String,
        /// The values that the statement lists.
        expected: Vec<String>,
        /// The values of the request; none if the key is absent.
        actual: Option<Vec<String>>,
    },
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let list = |values: &[String]| format!("`{}`", values.join("`, `"));
        match self {
            Self::Applies => f.write_str("applies"),
            Self::Action { expected, actual } => {
                write!(f, "action `{actual}` is not covered by {}", list(expected))
            }
            Self::Resource { expected, actual } => {
                write!(f, "resource `{actual}` is not covered by {}", list(expected))
            }
            Self::Principal { expected, actual } => {
                write!(f, "principal `{actual}` is not covered by {}", list(expected))
            }
            Self::Condition { operator, key, expected, actual } => {
                let actual = actual.as_deref().map_or_else(|| "absent".to_owned(), list);
                write!(f, "`{key}` is {actual}; {operator} needs {}", list(expected))
            }
        }
    }
}

/// Decides again, and keeps what was considered.
#[must_use]
pub fn explain(check: &Check, question: &Question<'_>) -> Trace {
    let resource = resource_text(check);
    let about = about(check, question, &resource);
    let mut considered = Vec::new();
    let mut layer = |layer, levels: &mut dyn Iterator<Item = &[Attached]>| {
        for (level, policies) in levels.enumerate() {
            let statements = policies.iter().flat_map(|policy| statements(policy, &about));
            considered.push(Considered { layer, level, statements: statements.collect() });
        }
    };
    let signed = question.principal.account().is_some();
    let caller = question.caller;
    let resource = question.resource;
    let levels = caller.service_control.iter().map(Vec::as_slice);
    layer(Layer::ServiceControl, &mut levels.filter(|_| signed));
    layer(Layer::ResourceControl, &mut resource.resource_control.iter().map(Vec::as_slice));
    let own = resource.policy.iter().filter(|_| !keeps_the_keys(&about, question));
    layer(Layer::Resource, &mut own.map(std::slice::from_ref));
    let identity: Vec<Attached> = caller.identity.iter().cloned().collect();
    let identity = Some(identity.as_slice()).filter(|list| signed && !list.is_empty());
    layer(Layer::Identity, &mut identity.into_iter());
    layer(Layer::Boundary, &mut caller.boundaries.chunks(1).filter(|_| signed));
    layer(Layer::Session, &mut caller.session.as_deref().filter(|_| signed).into_iter());
    Trace { decision: decide(check, question), considered }
}

fn statements(policy: &Attached, about: &About<'_>) -> Vec<StatementTrace> {
    let trace = |(index, statement): (usize, &Statement)| StatementTrace {
        statement: StatementRef { policy: policy.name.clone(), sid: statement.sid.clone(), index },
        effect: statement.effect,
        outcome: outcome(statement, &policy.document, about),
    };
    policy.document.statements.iter().enumerate().map(trace).collect()
}

fn outcome(statement: &Statement, document: &Document, about: &About<'_>) -> Outcome {
    match statement.fit(about) {
        Fit::Applies(_) => Outcome::Applies,
        Fit::Action => Outcome::Action {
            expected: texts(statement.actions.patterns.iter().map(|p| p.text())),
            actual: about.check.action.to_string(),
        },
        Fit::Resource => Outcome::Resource {
            expected: texts(statement.resources.iter().flat_map(|r| &r.patterns).map(|p| p.text())),
            actual: about.check.resource.to_string(),
        },
        Fit::Principal => Outcome::Principal {
            expected: texts(statement.grantees.iter().flat_map(|g| &g.named).map(|(_, span)| {
                document.source.get(span.start..span.end).unwrap_or("").trim_matches('"')
            })),
            actual: match about.context.principal {
                Principal::Service { name } => name.clone(),
                other => other.arn().map_or_else(|| "anonymous".to_owned(), |arn| arn.to_string()),
            },
        },
        Fit::Condition(index) => match statement.conditions.get(index) {
            Some(condition) => Outcome::Condition {
                operator: condition.operator_text.clone(),
                key: condition.key_text.clone(),
                expected: condition.texts.clone(),
                actual: about.context.look(&condition.key).values(),
            },
            None => Outcome::Applies,
        },
    }
}

fn texts<'a>(texts: impl Iterator<Item = &'a str>) -> Vec<String> {
    texts.map(str::to_owned).collect()
}
