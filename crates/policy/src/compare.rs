//! Which requests change outcome between two policies: exactly, with an example of each
//! difference, or *undecided* with the reason.
//!
//! The requests of the world are parted into cells that no statement of either side tells apart
//! (by automata over patterns, by the boundaries of numbers, times and ranges), and the engine
//! itself is asked about one request of each. So every example replays, and where no cell differs
//! no request does.
//!
//! ```
//! use std::sync::Arc;
//! use strongroom_policy::{Attached, Document, Kind, compare};
//! let policy = |resource: &str| {
//!     let text = format!(r#"{{"Statement": {{"Sid": "Read", "Effect": "Allow",
//!         "Action": "s3:GetObject", "Resource": "arn:aws:s3:::{resource}"}}}}"#);
//!     let document = Document::parse(&text, Kind::Identity).unwrap();
//!     Attached { name: resource.to_owned(), document: Arc::new(document) }
//! };
//! let found = compare::documents(&policy("b/reports/*"), &policy("b/*")).unwrap();
//! assert_eq!(found.answer(), compare::Answer::Differs);
//! let difference = &found.differences[0];
//! assert_eq!(
//!     difference.to_string(),
//!     "NEW allows what OLD denied: s3:GetObject on arn:aws:s3:::b/x"
//! );
//! let found = compare::documents(&policy("b/*"), &policy("b/*")).unwrap();
//! assert_eq!(found.answer(), compare::Answer::Same);
//! ```

use std::fmt;

use names::AccountId;
use serde::Serialize;
use serde_json::{Map, Value as Json, json};

use crate::case::Case;
use crate::decision::{Layer, StatementRef, Verdict};
use crate::document::Kind;
use crate::facts::Value;
use crate::operation::Check;
use crate::question::Attached;

mod automaton;
mod budget;
mod callers;
mod opaque;
mod reading;
mod search;
mod side;
mod targets;
mod values;

pub use budget::{CELLS_MAX, STEPS_MAX};
use reading::Read;
pub use search::{DIFFERENCES_MAX, SAMPLES_MAX};
pub use side::Standing;
pub use values::SETS_MAX;

use side::Side;

/// The names under which the two documents of a comparison are asked, whatever their own are.
const OLD: &str = "OLD";
const NEW: &str = "NEW";

/// The two sides cannot be compared.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum Incomparable {
    /// They are of different kinds.
    #[error("a policy of kind `{old:?}` cannot be compared with one of kind `{new:?}`")]
    Kinds {
        /// The kind of the old one.
        old: Kind,
        /// The kind of the new one.
        new: Kind,
    },
    /// The cases are of different callers, owners or kinds of resource.
    #[error("the two cases differ in `{0}`: layers are compared for one caller and one owner")]
    Cases(&'static str),
}

/// What a comparison found.
#[derive(Clone, PartialEq, Debug)]
pub struct Comparison {
    /// One example of each difference: a pair of verdicts and the statements that decide.
    pub differences: Vec<Difference>,
    /// Why there may be differences that are not listed; empty if the answer is exact.
    pub undecided: Vec<Reason>,
}

/// The answer in one word.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Answer {
    /// No request changes outcome.
    Same,
    /// Some do; each that is listed replays.
    Differs,
    /// None was found, but not every kind of request could be looked at.
    Undecided,
}

/// Why a comparison is not exact.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Reason {
    /// Variables join what is asked to who asks; their values were tried by example.
    #[error("values of the variables {} were tried by example only", list(.0))]
    Variables(Vec<String>),
    /// Operators of different types read one key.
    #[error("`{0}` is read as values of different types, which were tried by example only")]
    MixedTypes(String),
    /// Several keys are read off one clock, and were looked at where they are absent only.
    #[error("`{0}` is one of several keys that follow from the clock, and was taken as absent")]
    Clock(String),
    /// More than [`STEPS_MAX`].
    #[error("the patterns combine in too many ways (more than {STEPS_MAX} steps)")]
    Steps,
    /// More than [`CELLS_MAX`].
    #[error("there are too many kinds of request (more than {CELLS_MAX} cells)")]
    Cells,
    /// More than [`DIFFERENCES_MAX`].
    #[error("there are too many differences to list (more than {DIFFERENCES_MAX})")]
    Differences,
}

fn list(keys: &[String]) -> String {
    keys.iter().map(|key| format!("`${{{key}}}`")).collect::<Vec<_>>().join(", ")
}

/// What one side says to a request.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Said {
    /// The verdict.
    pub verdict: Verdict,
    /// The layer that decided.
    pub because: Layer,
    /// The statement that decided; none for an implicit deny.
    pub statement: Option<StatementRef>,
}

/// A request to which the two sides answer differently.
#[derive(Clone, PartialEq, Debug)]
pub struct Difference {
    /// What the old side says.
    pub old: Said,
    /// What the new side says.
    pub new: Said,
    /// The request.
    pub request: Request,
}

/// A request that was found, in the words of a policy case.
#[derive(Clone, PartialEq, Debug)]
pub struct Request {
    /// Who asks.
    pub principal: String,
    /// The full ARN of a session's role, where the role has a path.
    pub role: Option<String>,
    /// What is asked.
    pub check: Check,
    /// Who owns the resource.
    pub owner: Option<AccountId>,
    /// The context; keys that are not named are absent.
    pub context: Vec<(String, Value)>,
    /// What the caller's own policies say, where a resource's policy alone is compared.
    pub standing: Option<Standing>,
    /// The policies that stand beside the compared one, as members of a policy case.
    pub beside: Json,
}

/// Compares two documents of one kind, in a world where nothing but the document decides.
///
/// # Errors
/// They are of different kinds.
pub fn documents(old: &Attached, new: &Attached) -> Result<Comparison, Incomparable> {
    let kinds = (old.document.kind(), new.document.kind());
    if kinds.0 != kinds.1 {
        return Err(Incomparable::Kinds { old: kinds.0, new: kinds.1 });
    }
    let side = |name: &str, policy: &Attached| {
        let document = policy.document.clone();
        Side::Document(Attached { name: name.to_owned(), document })
    };
    Ok(compare(&side(OLD, old), &side(NEW, new)))
}

/// Compares the layers of two cases for the caller and the owner that both name; what the cases
/// ask, and the context they give, plays no part.
///
/// # Errors
/// They name different callers, owners or kinds of resource.
pub fn cases(old: &Case, new: &Case) -> Result<Comparison, Incomparable> {
    if old.principal != new.principal {
        return Err(Incomparable::Cases("principal"));
    }
    if old.resource.account != new.resource.account {
        return Err(Incomparable::Cases("resource_account"));
    }
    let policies = (&old.resource.policy, &new.resource.policy);
    if let (Some(_), Some(_)) = policies
        && old.resource.kind != new.resource.kind
    {
        return Err(Incomparable::Cases("resource"));
    }
    let side = |case: &Case| Side::Layers(Box::new(case.clone()));
    Ok(compare(&side(old), &side(new)))
}

fn compare(old: &Side, new: &Side) -> Comparison {
    let read = Read::both(old, new);
    let found = search::Search::new(old, new, &read).run();
    let mut comparison = Comparison { differences: found.differences, undecided: found.reasons };
    let by_example = |reason: &Reason| {
        matches!(reason, Reason::Variables(_) | Reason::MixedTypes(_) | Reason::Clock(_))
    };
    if comparison.undecided.iter().any(by_example) && is_proven(old, new, &comparison) {
        comparison.undecided.retain(|reason| !by_example(reason));
    }
    comparison
}

/// Whether there can be no difference but those that were found, whatever the values are that were
/// only tried by example.
fn is_proven(old: &Side, new: &Side, comparison: &Comparison) -> bool {
    let mixed: Vec<String> = comparison
        .undecided
        .iter()
        .filter_map(|reason| match reason {
            Reason::MixedTypes(key) | Reason::Clock(key) => Some(key.clone()),
            _ => None,
        })
        .collect();
    let Some((old, new)) = opaque::rewritten(old, new, &mixed) else { return false };
    let read = Read::both(&old, &new);
    let proof = search::Search::new(&old, &new, &read).run();
    let verdicts = |d: &Difference| (d.old.verdict, d.new.verdict);
    let met = |d: &Difference| comparison.differences.iter().any(|f| verdicts(f) == verdicts(d));
    proof.reasons.is_empty() && proof.differences.iter().all(met)
}

impl Comparison {
    /// The answer in one word.
    #[must_use]
    pub fn answer(&self) -> Answer {
        match (self.differences.is_empty(), self.undecided.is_empty()) {
            (false, _) => Answer::Differs,
            (true, true) => Answer::Same,
            (true, false) => Answer::Undecided,
        }
    }
}

impl Difference {
    /// As one line of `strongroom policy diff --json`.
    #[must_use]
    pub fn to_json(&self) -> Json {
        let mut line = json!({
            "answer": Answer::Differs,
            "old": self.old,
            "new": self.new,
            "request": self.request.to_json(),
            "beside": self.request.beside,
        });
        if let (Some(standing), Some(members)) = (self.request.standing, line.as_object_mut()) {
            members.insert("standing".to_owned(), json!(standing));
        }
        line
    }
}

impl Request {
    /// The `request` of a policy case.
    #[must_use]
    pub fn to_json(&self) -> Json {
        let mut members = Map::new();
        let mut put = |key: &str, value: Json| drop(members.insert(key.to_owned(), value));
        put("principal", self.principal.as_str().into());
        if let Some(role) = &self.role {
            put("principal_role", role.as_str().into());
        }
        put("action", self.check.action.as_str().into());
        put("resource", self.check.resource.as_str().into());
        if let Some(owner) = self.owner {
            put("resource_account", owner.as_str().into());
        }
        let context: Map<String, Json> =
            self.context.iter().map(|(key, value)| (key.clone(), json!(value))).collect();
        put("context", Json::Object(context));
        Json::Object(members)
    }
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let change = match (self.old.verdict, self.new.verdict) {
            (Verdict::ImplicitDeny, Verdict::Allow) => "NEW allows what OLD denied",
            (Verdict::ExplicitDeny, Verdict::Allow) => "NEW allows what OLD denied explicitly",
            (Verdict::Allow, Verdict::ImplicitDeny) => "NEW denies what OLD allowed",
            (Verdict::Allow, Verdict::ExplicitDeny) => "NEW denies explicitly what OLD allowed",
            (_, Verdict::ExplicitDeny) => "NEW denies explicitly what OLD denied by silence",
            (_, _) => "NEW denies by silence what OLD denied explicitly",
        };
        write!(f, "{change}: {}", self.request)
    }
}

impl fmt::Display for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} on {}", self.check.action, self.check.resource)?;
        let mut word = "when";
        for (key, value) in &self.context {
            match value {
                Value::One(text) => write!(f, " {word} {key} = {text}")?,
                Value::Many(texts) => write!(f, " {word} {key} = [{}]", texts.join(", "))?,
            }
            word = "and";
        }
        Ok(())
    }
}
