//! What an operation asks to be allowed, before anybody knows who asks.

use names::{Action, Arn};

use crate::facts::Value;

/// An operation of the store in domain words, together with every check it may need.
///
/// The checks are the operation's own and constant, so that the operation table, the documentation
/// and the coverage tests can read them without a request.
///
/// ```
/// use names::{Action, Arn, BucketName};
/// use strongroom_policy::operation::{Operation, Rule};
///
/// struct HeadBucket { bucket: BucketName }
///
/// impl Operation for HeadBucket {
///     const NAME: &'static str = "HeadBucket";
///     const CHECKS: &'static [Rule<Self>] =
///         &[Rule::required(Action::known("s3:ListBucket"), |op| Some(Arn::bucket(&op.bucket)))];
/// }
///
/// let head = HeadBucket { bucket: "finance".parse().unwrap() };
/// assert_eq!(head.checks()[0].resource.as_str(), "arn:aws:s3:::finance");
/// ```
pub trait Operation: Sized + Send + Sync + 'static {
    /// The operation's name in its dialect, such as `GetObject`.
    const NAME: &'static str;
    /// Every check the operation may need, in the order in which they are decided and recorded.
    const CHECKS: &'static [Rule<Self>];

    /// The checks that apply to this very request.
    fn checks(&self) -> Vec<Check> {
        Self::CHECKS.iter().filter_map(|rule| rule.check(self)).collect()
    }
}

/// One row of [`Operation::CHECKS`]: an action, the resource it is decided on, and when it applies.
pub struct Rule<Op: 'static> {
    /// The action to be allowed.
    pub action: Action,
    /// What a refusal of this check means.
    pub need: Need,
    /// The resource, or `None` when the check does not apply to this request.
    pub on: fn(&Op) -> Option<Arn>,
    /// Context that holds for this check alone, such as `s3:prefix` = key for the absence check.
    pub with: fn(&Op) -> Vec<(&'static str, Value)>,
}

impl<Op: 'static> Rule<Op> {
    /// A check that must be allowed.
    #[must_use]
    pub const fn required(action: Action, on: fn(&Op) -> Option<Arn>) -> Self {
        Self { action, need: Need::Required, on, with: |_| Vec::new() }
    }

    /// A check that decides only whether the caller may learn that something does not exist.
    #[must_use]
    pub const fn absence(
        action: Action,
        on: fn(&Op) -> Option<Arn>,
        with: fn(&Op) -> Vec<(&'static str, Value)>,
    ) -> Self {
        Self { action, need: Need::Absence, on, with }
    }

    fn check(&self, op: &Op) -> Option<Check> {
        (self.on)(op).map(|resource| Check {
            action: self.action.clone(),
            resource,
            need: self.need,
            with: (self.with)(op),
        })
    }
}

/// What it means when a check is not allowed.
#[derive(Clone, Copy, PartialEq, Eq, Debug, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Need {
    /// The request is refused.
    Required,
    /// The request goes on; if what it names is absent, the answer is 403 and not 404.
    Absence,
}

/// One question to the policy engine, free of who asks: may `action` be done to `resource`?
#[derive(Clone, PartialEq, Debug)]
pub struct Check {
    /// The action.
    pub action: Action,
    /// The resource it is done to.
    pub resource: Arn,
    /// What a refusal means.
    pub need: Need,
    /// Context that holds for this check alone.
    pub with: Vec<(&'static str, Value)>,
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Reads one version, or the newest one.
    struct Get {
        version: Option<&'static str>,
    }

    impl Operation for Get {
        const NAME: &'static str = "Get";
        const CHECKS: &'static [Rule<Self>] = &[
            Rule::required(Action::known("s3:GetObject"), |op| {
                op.version.is_none().then(|| "arn:aws:s3:::b/k".parse().unwrap())
            }),
            Rule::required(Action::known("s3:GetObjectVersion"), |op| {
                op.version.map(|_| "arn:aws:s3:::b/k".parse().unwrap())
            }),
            Rule::absence(
                Action::known("s3:ListBucket"),
                |_| Some("arn:aws:s3:::b".parse().unwrap()),
                |_| vec![("s3:prefix", Value::One("k".to_owned()))],
            ),
        ];
    }

    #[test]
    fn the_checks_that_apply_are_asked_in_their_order() {
        for (version, action) in [(None, "s3:GetObject"), (Some("v"), "s3:GetObjectVersion")] {
            let checks = Get { version }.checks();
            let [own, absence] = &checks[..] else { panic!("{checks:?}") };
            assert_eq!((own.action.as_str(), own.need), (action, Need::Required));
            assert_eq!(own.resource.as_str(), "arn:aws:s3:::b/k");
            assert!(own.with.is_empty());
            assert_eq!((absence.action.as_str(), absence.need), ("s3:ListBucket", Need::Absence));
            assert_eq!(absence.with, [("s3:prefix", Value::One("k".to_owned()))]);
        }
    }
}
