//! Actions: `service:Name`, the verbs that policies speak about.

use std::borrow::Cow;
use std::str::FromStr;

use crate::word::word;

/// One action of one service, such as `s3:GetObject`; never a pattern.
///
/// Comparison is exact: actions come from our own table. Policies match them without regard to
/// case.
///
/// ```
/// use strongroom_names::Action;
/// const READ: Action = Action::known("s3:GetObject");
/// assert_eq!(READ.service(), "s3");
/// assert_eq!(READ.name(), "GetObject");
/// ```
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Action(Cow<'static, str>);

/// The text is not `service:Name`.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not an action: write `service:Name`, such as `s3:GetObject`")]
pub struct BadAction(String);

impl Action {
    /// An action of our own table, known when the program is built.
    #[must_use]
    pub const fn known(text: &'static str) -> Self {
        Self(Cow::Borrowed(text))
    }

    /// The part before the colon.
    #[must_use]
    pub fn service(&self) -> &str {
        self.0.split_once(':').map_or("", |(service, _)| service)
    }

    /// The part after the colon.
    #[must_use]
    pub fn name(&self) -> &str {
        self.0.split_once(':').map_or("", |(_, name)| name)
    }
}

impl FromStr for Action {
    type Err = BadAction;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let word = |part: &str| {
            !part.is_empty() && part.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
        };
        match text.split_once(':') {
            Some((service, name)) if word(service) && word(name) => {
                Ok(Self(Cow::Owned(text.to_owned())))
            }
            _ => Err(BadAction(text.to_owned())),
        }
    }
}

word!(Action, BadAction);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_action_is_a_service_and_a_name() {
        assert!("s3:GetObject".parse::<Action>().is_ok());
        assert!("access-analyzer:ValidatePolicy".parse::<Action>().is_ok());
        for bad in ["", "s3", "s3:", ":GetObject", "s3:Get*", "s3:a:b", "s3: GetObject"] {
            assert!(bad.parse::<Action>().is_err(), "{bad}");
        }
    }
}
