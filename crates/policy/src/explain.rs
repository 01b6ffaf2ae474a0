//! Why a question is answered as it is: every layer and what it says, every statement, and
//! everything about each that did not match.

use std::fmt;

use serde::Serialize;

use crate::decide::{about, decide, keeps_the_keys, resource_text};
use crate::decision::{Decision, Layer, NamedValue, StatementRef, Verdict};
use crate::document::Document;
use crate::grant::{Grant, mending};
use crate::grantee::Grade;
use crate::operation::Check;
use crate::operator::{Operand, Sense};
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
    /// What counted besides statements.
    pub rules: Vec<Rule>,
    /// The smallest policies that would together turn an implicit deny into an allow: proved by
    /// deciding once more with them. Empty if there are none.
    pub grants: Vec<Grant>,
}

/// One layer, or one level of a layer.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Considered {
    /// Which layer.
    pub layer: Layer,
    /// Which level of the organisation (or which boundary), from 0.
    pub level: usize,
    /// What its statements come to.
    pub says: Says,
    /// Every statement, in order.
    pub statements: Vec<StatementTrace>,
}

/// What a layer comes to.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Says {
    /// A statement allows, and none denies.
    Allows,
    /// A statement denies.
    Denies,
    /// No statement applies.
    Nothing,
}

/// One statement, and how far it got.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct StatementTrace {
    /// Which statement.
    pub statement: StatementRef,
    /// What it does where it applies.
    pub effect: Effect,
    /// How it names the caller, if it is a statement of a resource's policy that names them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub names: Option<Naming>,
    /// Everything about it that does not match: it applies if there is nothing.
    pub misses: Vec<Miss>,
}

/// How a statement of a resource's policy names the caller (aws-authorization 4.2).
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Naming {
    /// The caller itself, or everyone.
    Caller,
    /// The role of the session, or the user behind it: boundary and session policy still count.
    Parent,
    /// The caller's account: its own policies must allow too.
    Account,
}

/// A thing about a statement that does not match the request.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
#[serde(rename_all = "kebab-case", tag = "what")]
pub enum Miss {
    /// It is about other actions.
    Action {
        /// `Action` or `NotAction`.
        element: &'static str,
        /// What the statement lists.
        expected: Vec<String>,
        /// What is asked.
        actual: String,
    },
    /// It is about other resources.
    Resource {
        /// `Resource` or `NotResource`.
        element: &'static str,
        /// What the statement lists.
        expected: Vec<String>,
        /// What is asked.
        actual: String,
        /// What its variables stand for.
        variables: Vec<NamedValue>,
    },
    /// It is about other callers.
    Principal {
        /// `Principal` or `NotPrincipal`.
        element: &'static str,
        /// What the statement lists.
        expected: Vec<String>,
        /// Who asks, by every name: session, role or user, account.
        actual: Vec<String>,
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
        /// What the variables in its values stand for.
        variables: Vec<NamedValue>,
    },
}

/// Something that counted besides statements.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Rule {
    /// No policy can deny `sts:GetCallerIdentity` to somebody who signed.
    CallerIdentity,
    /// Root has every right in its account without a policy.
    Root,
    /// The owner account's root reaches its bucket's policy whatever that policy says.
    OwnersRoot,
    /// A federated user without a session policy has nothing of its maker's policies.
    FederatedUser,
    /// Two accounts: both sides must allow.
    CrossAccount,
    /// A resource's policy that names the caller's account leaves it to that account's policies.
    AccountNamed,
    /// The bucket's policy is public, and its public-access block keeps other accounts out.
    PublicAccessBlock,
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::CallerIdentity => "no policy can deny sts:GetCallerIdentity",
            Self::Root => "root has every right in its account without a policy",
            Self::OwnersRoot => {
                "the owner's root reaches the bucket's policy whatever that policy says"
            }
            Self::FederatedUser => {
                "a federated user without a session policy has nothing of its maker's policies"
            }
            Self::CrossAccount => "the resource is of another account: both sides must allow",
            Self::AccountNamed => {
                "the resource's policy names only the account: the account's own policies must \
                 allow too"
            }
            Self::PublicAccessBlock => {
                "the bucket's policy is public, and RestrictPublicBuckets keeps other accounts out"
            }
        })
    }
}

impl StatementTrace {
    /// Whether it applies.
    #[must_use]
    pub fn applies(&self) -> bool {
        self.misses.is_empty()
    }

    /// One line: `applies`, or the first thing that does not match.
    #[must_use]
    pub fn why(&self) -> String {
        self.misses.first().map_or_else(|| "applies".to_owned(), Miss::to_string)
    }
}

impl fmt::Display for Miss {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Action { element, expected, actual } => {
                write!(f, "action `{actual}` {}", listed(element, expected))
            }
            Self::Resource { element, expected, actual, variables } => {
                write!(f, "resource `{actual}` {}", listed(element, expected))?;
                meant(f, variables)
            }
            Self::Principal { element, expected, actual } => {
                let actual = actual.first().map_or("anonymous", String::as_str);
                write!(f, "principal `{actual}` {}", listed(element, expected))
            }
            Self::Condition { operator, key, expected, actual, variables } => {
                let actual = actual.as_deref().map_or_else(|| "absent".to_owned(), quoted);
                write!(f, "`{key}` is {actual}; {operator} needs {}", quoted(expected))?;
                meant(f, variables)
            }
        }
    }
}

fn quoted(values: &[String]) -> String {
    if values.is_empty() { "nothing".to_owned() } else { format!("`{}`", values.join("`, `")) }
}

/// A list that leaves the asked out, or a list of exceptions that has it.
fn listed(element: &str, expected: &[String]) -> String {
    match element.strip_prefix("Not") {
        Some(_) => format!("is excepted by {element} {}", quoted(expected)),
        None => format!("is not covered by {}", quoted(expected)),
    }
}

fn meant(f: &mut fmt::Formatter<'_>, variables: &[NamedValue]) -> fmt::Result {
    for variable in variables {
        match variable.values.as_deref() {
            Some([value]) => write!(f, ", where ${{{}}} is `{value}`", variable.key)?,
            _ => write!(f, ", where ${{{}}} has no value", variable.key)?,
        }
    }
    Ok(())
}

/// Decides again, and keeps what was considered.
///
/// ```
/// # use std::sync::Arc;
/// # use strongroom_policy::{*, facts::Facts, operation::{Check, Need}, principal::Principal};
/// let text = r#"{"Statement": {"Effect": "Allow", "Action": "s3:Get*",
///     "Resource": "arn:aws:s3:::finance/*"}}"#;
/// let document = Arc::new(Document::parse(text, Kind::Boundary).unwrap());
/// let caller = CallerPolicies {
///     boundaries: vec![Attached { name: "policy:Edge@v1".to_owned(), document }],
///     ..CallerPolicies::default()
/// };
/// let principal = Principal::Root { account: "111122223333".parse().unwrap() };
/// let check = Check {
///     action: "s3:PutObject".parse().unwrap(),
///     resource: "arn:aws:s3:::finance/x".parse().unwrap(),
///     need: Need::Required,
///     with: Vec::new(),
/// };
/// let trace = explain(&check, &Question {
///     principal: &principal,
///     caller: &caller,
///     resource: &ResourceSide::plain(principal.account()),
///     facts: &Facts::default(),
///     revision: Default::default(),
/// });
/// assert_eq!(trace.considered[0].says, Says::Nothing);
/// assert_eq!(
///     trace.considered[0].statements[0].why(),
///     "action `s3:PutObject` is not covered by `s3:Get*`",
/// );
/// assert_eq!(trace.grants[0].place, Place::Boundary);
/// ```
#[must_use]
pub fn explain(check: &Check, question: &Question<'_>) -> Trace {
    let text = resource_text(check);
    let about = about(check, question, &text);
    let mut considered = Vec::new();
    let mut layer = |layer, levels: &mut dyn Iterator<Item = &[Attached]>| {
        for (level, policies) in levels.enumerate() {
            let traced = policies.iter().flat_map(|policy| statements(policy, &about));
            let statements: Vec<StatementTrace> = traced.collect();
            considered.push(Considered { layer, level, says: says(&statements), statements });
        }
    };
    let signed = question.principal.account().is_some();
    let (caller, resource) = (question.caller, question.resource);
    let levels = caller.service_control.iter().map(Vec::as_slice);
    layer(Layer::ServiceControl, &mut levels.filter(|_| signed));
    layer(Layer::ResourceControl, &mut resource.resource_control.iter().map(Vec::as_slice));
    let own = resource.policy.iter().filter(|_| !keeps_the_keys(&about, question));
    layer(Layer::Resource, &mut own.map(std::slice::from_ref));
    let identity: Vec<Attached> = caller.identity.iter().cloned().collect();
    let identity = Some(identity.as_slice()).filter(|own| signed && !own.is_empty());
    layer(Layer::Identity, &mut identity.into_iter());
    layer(Layer::Boundary, &mut caller.boundaries.chunks(1).filter(|_| signed));
    layer(Layer::Session, &mut caller.session.as_deref().filter(|_| signed).into_iter());
    let decision = decide(check, question);
    let rules = rules(&about, question, &decision, &considered);
    let grants = mending(&decision, question);
    Trace { decision, considered, rules, grants }
}

fn says(statements: &[StatementTrace]) -> Says {
    let applies = |effect| statements.iter().any(|s| s.effect == effect && s.applies());
    match (applies(Effect::Deny), applies(Effect::Allow)) {
        (true, _) => Says::Denies,
        (false, true) => Says::Allows,
        (false, false) => Says::Nothing,
    }
}

fn rules(
    about: &About<'_>,
    question: &Question<'_>,
    decision: &Decision,
    considered: &[Considered],
) -> Vec<Rule> {
    let principal = question.principal;
    let signed = principal.account().is_some();
    let root = matches!(principal, Principal::Root { .. });
    let federated = matches!(principal, Principal::FederatedUser { .. });
    let cross = decision.reach() == crate::decision::Reach::CrossAccount;
    let by_rule = decision.verdict() == Verdict::Allow && decision.statement().is_none();
    let grants_by_account = considered.iter().filter(|c| c.layer == Layer::Resource).any(|c| {
        let mut allows = c.statements.iter().filter(|s| s.applies() && s.effect == Effect::Allow);
        let first = allows.next();
        first.is_some() && first.into_iter().chain(allows).all(|s| s.names == Some(Naming::Account))
    });
    let silent = decision.verdict() == Verdict::ImplicitDeny;
    let identity = about.check.action.as_str() == "sts:GetCallerIdentity" && signed;
    let held = [
        (identity, Rule::CallerIdentity),
        (root && by_rule && !identity, Rule::Root),
        (keeps_the_keys(about, question), Rule::OwnersRoot),
        (federated && question.caller.session.is_none(), Rule::FederatedUser),
        (signed && cross, Rule::CrossAccount),
        (silent && !cross && grants_by_account, Rule::AccountNamed),
        (decision.missing().contains(&Layer::PublicAccessBlock), Rule::PublicAccessBlock),
    ];
    held.into_iter().filter(|(holds, _)| *holds).map(|(_, rule)| rule).collect()
}

fn statements(policy: &Attached, about: &About<'_>) -> Vec<StatementTrace> {
    let trace = |(index, statement): (usize, &Statement)| StatementTrace {
        statement: StatementRef { policy: policy.name.clone(), sid: statement.sid.clone(), index },
        effect: statement.effect,
        names: naming(statement, about),
        misses: misses(statement, &policy.document, about),
    };
    policy.document.statements().iter().enumerate().map(trace).collect()
}

fn naming(statement: &Statement, about: &About<'_>) -> Option<Naming> {
    statement.grantees.as_ref()?;
    match statement.fit(about) {
        Fit::Applies(Grade::Direct) => Some(Naming::Caller),
        Fit::Applies(Grade::Parent) => Some(Naming::Parent),
        Fit::Applies(Grade::Account) => Some(Naming::Account),
        _ => None,
    }
}

fn misses(statement: &Statement, document: &Document, about: &About<'_>) -> Vec<Miss> {
    let element = |sense, is, not| if sense == Sense::Is { is } else { not };
    let mut misses = Vec::new();
    if !statement.about_action(about.check) {
        misses.push(Miss::Action {
            element: element(statement.actions.sense, "Action", "NotAction"),
            expected: texts(statement.actions.patterns.iter().map(|p| p.text())),
            actual: about.check.action.to_string(),
        });
    }
    if let Some(resources) =
        statement.resources.as_ref().filter(|_| !statement.about_resource(about))
    {
        misses.push(Miss::Resource {
            element: element(resources.sense, "Resource", "NotResource"),
            expected: texts(resources.patterns.iter().map(|p| p.text())),
            actual: about.check.resource.to_string(),
            variables: values(statement.resource_keys.iter().map(String::as_str), about),
        });
    }
    if let Some(grantees) = &statement.grantees
        && grantees.grade(&about.context, statement.effect, about.bounded).is_none()
    {
        misses.push(Miss::Principal {
            element: element(grantees.sense, "Principal", "NotPrincipal"),
            expected: texts(grantees.named.iter().map(|(_, span)| {
                document.source.get(span.start..span.end).unwrap_or("").trim_matches('"')
            })),
            actual: names(about.context.principal),
        });
    }
    let failed = statement.conditions.iter().filter(|c| !c.holds(&about.context, statement.effect));
    misses.extend(failed.map(|condition| {
        let keys = condition.operands.iter().flat_map(|operand| match operand {
            Operand::Text(template) => Some(template.keys()).into_iter().flatten(),
            _ => None.into_iter().flatten(),
        });
        Miss::Condition {
            operator: condition.operator_text.clone(),
            key: condition.key_text.clone(),
            expected: condition.texts.clone(),
            actual: about.context.look(&condition.key).values(),
            variables: values(keys, about),
        }
    }));
    misses
}

/// What the keys of variables stand for, each once.
fn values<'a>(keys: impl Iterator<Item = &'a str>, about: &About<'_>) -> Vec<NamedValue> {
    let mut named: Vec<NamedValue> = Vec::new();
    for key in keys {
        if !named.iter().any(|known| known.key == key) {
            named
                .push(NamedValue { key: key.to_owned(), values: about.context.look(key).values() });
        }
    }
    named
}

/// Every name that policies may call somebody by.
fn names(principal: &Principal) -> Vec<String> {
    let own = match principal {
        Principal::Service { name } => Some(name.clone()),
        other => other.arn().map(|arn| arn.to_string()),
    };
    let parent = match principal {
        Principal::RoleSession { role_arn, .. } => Some(role_arn.to_string()),
        Principal::FederatedUser { user_arn, .. } => Some(user_arn.to_string()),
        _ => None,
    };
    let account = principal.account().map(|account| account.to_string());
    let all: Vec<String> = own.into_iter().chain(parent).chain(account).collect();
    if all.is_empty() { vec!["anonymous".to_owned()] } else { all }
}

fn texts<'a>(texts: impl Iterator<Item = &'a str>) -> Vec<String> {
    texts.map(str::to_owned).collect()
}
