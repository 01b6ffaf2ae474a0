//! A statement, lowered for matching: is it about this principal, action and resource, and do its
//! conditions hold?

use crate::condition::Condition;
use crate::context::Context;
use crate::glob::{self, Case, Lead, Token};
use crate::grantee::{Bounded, Grade, Grantees};
use crate::json::Span;
use crate::operation::Check;
use crate::operator::Sense;
use crate::template::Template;

/// What a statement does when it applies.
#[derive(Clone, Copy, PartialEq, Eq, Debug, serde::Serialize, serde::Deserialize)]
pub enum Effect {
    /// It allows.
    Allow,
    /// It denies, whatever else allows.
    Deny,
}

/// `service:name`, each part a pattern.
#[derive(Clone, PartialEq, Debug)]
pub(crate) enum ActionPattern {
    Every,
    Of { text: String, lead: Lead, whole: Vec<Token> },
}

impl ActionPattern {
    /// The pattern of `service:name`.
    pub(crate) fn of(text: &str) -> Self {
        let whole = glob::tokens(text);
        let lead = Lead::of(whole.iter().map(|token| Some(*token)));
        Self::Of { text: text.to_owned(), lead, whole }
    }

    /// The patterns of the service and of the name.
    pub(crate) fn parts(&self) -> (&[Token], &[Token]) {
        let Self::Of { whole, .. } = self else { return (&[Token::Run], &[Token::Run]) };
        let mut parts = whole.splitn(2, |token| *token == Token::Char(':'));
        (parts.next().unwrap_or_default(), parts.next().unwrap_or_default())
    }

    fn matches(&self, check: &Check) -> bool {
        let Self::Of { lead, whole, .. } = self else { return true };
        let Some(rest) = lead.strip(check.action.as_str(), Case::Folded) else { return false };
        if lead.colons() > 0 {
            // All wildcards stand in the name.
            return glob::matches(lead.rest(whole), rest, Case::Folded);
        }
        let (service, name) = self.parts();
        glob::matches(service, check.action.service(), Case::Folded)
            && glob::matches(name, check.action.name(), Case::Folded)
    }

    pub(crate) fn text(&self) -> &str {
        match self {
            Self::Every => "*",
            Self::Of { text, .. } => text,
        }
    }
}

/// A pattern of resource names.
#[derive(Clone, PartialEq, Debug)]
pub(crate) enum ResourcePattern {
    Every,
    Of { template: Template, text: String, lead: Lead },
}

impl ResourcePattern {
    fn matches(&self, about: &About<'_>, case: Case) -> bool {
        let Self::Of { template, lead, .. } = self else { return true };
        let Some(rest) = lead.strip(about.resource, case) else { return false };
        if let (Some(tokens), Case::Exact, 5..) = (template.fixed(), case, lead.colons()) {
            // All wildcards stand in the sixth part, where they may cross anything.
            return glob::matches(lead.rest(tokens), rest, Case::Exact);
        }
        let Some(tokens) = template.resolve(&about.context) else { return false };
        glob::matches_arn(&tokens, about.resource, case)
    }

    /// The keys of its variables, in lower case.
    pub(crate) fn keys(&self) -> impl Iterator<Item = &str> {
        match self {
            Self::Every => None.into_iter().flatten(),
            Self::Of { template, .. } => Some(template.keys()).into_iter().flatten(),
        }
    }

    pub(crate) fn text(&self) -> &str {
        match self {
            Self::Every => "*",
            Self::Of { text, .. } => text,
        }
    }
}

/// An element that lists patterns, or what it must not be.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Listed<T> {
    pub(crate) sense: Sense,
    pub(crate) patterns: Vec<T>,
}

/// A statement.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Statement {
    pub(crate) span: Span,
    pub(crate) sid: Option<String>,
    pub(crate) effect: Effect,
    /// Only in policies of resources.
    pub(crate) grantees: Option<Grantees>,
    pub(crate) actions: Listed<ActionPattern>,
    /// None in trust policies: the role itself.
    pub(crate) resources: Option<Listed<ResourcePattern>>,
    /// The keys that the resource element's variables read, in lower case.
    pub(crate) resource_keys: Vec<String>,
    pub(crate) conditions: Vec<Condition>,
}

/// What is asked of each statement.
#[derive(Clone, Copy, Debug)]
pub(crate) struct About<'a> {
    pub(crate) check: &'a Check,
    /// The resource; `*` is read as `arn:aws:SERVICE:::*`.
    pub(crate) resource: &'a str,
    /// Whether names of this service differ by case.
    pub(crate) names: Case,
    pub(crate) context: Context<'a>,
    pub(crate) bounded: Bounded,
}

/// Whether a statement applies, or the first thing about it that does not.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Fit {
    Applies(Grade),
    Principal,
    Action,
    Resource,
    /// The condition with this index.
    Condition(usize),
}

impl Statement {
    /// Whether the action is listed.
    pub(crate) fn about_action(&self, check: &Check) -> bool {
        let listed = self.actions.patterns.iter().any(|pattern| pattern.matches(check));
        listed == (self.actions.sense == Sense::Is)
    }

    /// Whether the resource is listed.
    pub(crate) fn about_resource(&self, about: &About<'_>) -> bool {
        let Some(resources) = &self.resources else { return true };
        // IAM's names are unique without regard to case. Where matching more means denying more,
        // case is ignored, so that `user/BOB` cannot slip past a deny on `user/bob`.
        let denies = (self.effect == Effect::Deny) == (resources.sense == Sense::Is);
        let case = if denies { about.names } else { Case::Exact };
        let listed = resources.patterns.iter().any(|pattern| pattern.matches(about, case));
        listed == (resources.sense == Sense::Is)
    }

    /// Whether the statement applies to the question.
    pub(crate) fn fit(&self, about: &About<'_>) -> Fit {
        if !self.about_action(about.check) {
            return Fit::Action;
        }
        if !self.about_resource(about) {
            return Fit::Resource;
        }
        self.fit_caller(about)
    }

    /// The rest of [`Statement::fit`], for a statement about the action and the resource.
    pub(crate) fn fit_caller(&self, about: &About<'_>) -> Fit {
        let grade = match &self.grantees {
            None => Some(Grade::Direct),
            Some(grantees) => grantees.grade(&about.context, self.effect, about.bounded),
        };
        let Some(grade) = grade else { return Fit::Principal };
        let failed = self.conditions.iter().position(|c| !c.holds(&about.context, self.effect));
        failed.map_or(Fit::Applies(grade), Fit::Condition)
    }
}
