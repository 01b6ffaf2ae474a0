//! A world: policies as trees that can be printed, mutated and shrunk, and questions about them.

use strongroom_policy::facts::Value;
use strongroom_policy::{Effect, Kind};

/// Policies and the questions asked of them.
#[derive(Clone, PartialEq, Debug, Default)]
pub(crate) struct World {
    pub(crate) policies: Vec<Policy>,
    /// A session policy that is there and allows nothing.
    pub(crate) empty_session: bool,
    pub(crate) asks: Vec<Ask>,
}

/// Where a policy stands; the number is a level of control policies.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Slot {
    Identity,
    Boundary,
    Session,
    Resource,
    Trust,
    ServiceControl(usize),
    ResourceControl(usize),
}

impl Slot {
    pub(crate) fn kind(self) -> Kind {
        match self {
            Self::Identity => Kind::Identity,
            Self::Boundary => Kind::Boundary,
            Self::Session => Kind::Session,
            Self::Resource => Kind::Bucket,
            Self::Trust => Kind::RoleTrust,
            Self::ServiceControl(_) => Kind::ServiceControl,
            Self::ResourceControl(_) => Kind::ResourceControl,
        }
    }
}

/// A policy.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Policy {
    pub(crate) slot: Slot,
    pub(crate) name: String,
    pub(crate) version: Version,
    pub(crate) statements: Vec<Statement>,
}

/// What the document says of its version.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Version {
    Y2012,
    Y2008,
    Unsaid,
}

/// A statement.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Statement {
    pub(crate) sid: Option<String>,
    pub(crate) effect: Effect,
    pub(crate) grantees: Option<Grantees>,
    pub(crate) actions: Listed,
    pub(crate) resources: Option<Listed>,
    pub(crate) conditions: Vec<Condition>,
}

/// An element or its opposite.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Sense {
    Is,
    Not,
}

/// `Action`, `NotAction`, `Resource` or `NotResource`.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Listed {
    pub(crate) sense: Sense,
    pub(crate) texts: Vec<String>,
}

/// `Principal` or `NotPrincipal`: kinds (`AWS`, `Service`, …) with names; `*` alone has no kind.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Grantees {
    pub(crate) sense: Sense,
    pub(crate) named: Vec<(&'static str, String)>,
}

/// One line of a `Condition` block.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Condition {
    /// The index in [`super::words::OPERATORS`].
    pub(crate) base: usize,
    pub(crate) form: Form,
    /// The operator with prefix and suffix, in any case.
    pub(crate) operator: String,
    pub(crate) key: String,
    pub(crate) values: Vec<String>,
    /// Whether numbers and truths stand without quotes.
    pub(crate) bare: bool,
}

/// Prefix and suffix of an operator.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Form {
    Plain,
    IfExists,
    ForAll,
    ForAllIfExists,
    ForAny,
    ForAnyIfExists,
}

impl Form {
    pub(crate) const ALL: [Self; 6] = [
        Self::Plain,
        Self::IfExists,
        Self::ForAll,
        Self::ForAllIfExists,
        Self::ForAny,
        Self::ForAnyIfExists,
    ];

    pub(crate) fn prefix(self) -> &'static str {
        match self {
            Self::Plain | Self::IfExists => "",
            Self::ForAll | Self::ForAllIfExists => "ForAllValues:",
            Self::ForAny | Self::ForAnyIfExists => "ForAnyValue:",
        }
    }

    pub(crate) fn suffix(self) -> &'static str {
        match self {
            Self::Plain | Self::ForAll | Self::ForAny => "",
            Self::IfExists | Self::ForAllIfExists | Self::ForAnyIfExists => "IfExists",
        }
    }

    pub(crate) fn is_set(self) -> bool {
        !self.prefix().is_empty()
    }
}

/// One question.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Ask {
    /// The index in the callers.
    pub(crate) who: usize,
    pub(crate) action: String,
    pub(crate) resource: String,
    pub(crate) owner: Option<&'static str>,
    pub(crate) restricted: bool,
    /// Facts, each in the map that its key belongs to.
    pub(crate) context: Vec<(String, Value)>,
    /// The server's keys said by the client: never seen.
    pub(crate) forged: Vec<(String, Value)>,
    /// Context of the check alone.
    pub(crate) with: Option<(&'static str, Value)>,
}

impl World {
    /// The same policies with one question.
    pub(crate) fn with_ask(&self, ask: &Ask) -> Self {
        Self {
            policies: self.policies.clone(),
            empty_session: self.empty_session,
            asks: vec![ask.clone()],
        }
    }
}
