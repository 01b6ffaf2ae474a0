//! Names of IAM entities and their paths (IAM user guide, "IAM and AWS STS quotas").

use std::str::FromStr;

use crate::word::word;

/// The text is not a well-formed name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadName {
    /// Empty, or longer than the limit.
    #[error("a {kind} is {min} to {max} characters long, not {length}")]
    Length {
        /// What was being named.
        kind: &'static str,
        /// Fewest characters.
        min: usize,
        /// Most characters.
        max: usize,
        /// How many there were.
        length: usize,
    },
    /// A character outside the grammar.
    #[error("`{text}` is not a {kind}: letters, digits and `_+=,.@-` only")]
    Character {
        /// What was being named.
        kind: &'static str,
        /// The refused text.
        text: String,
    },
    /// A path that does not begin and end with `/`, or holds a character outside U+0021–U+007E.
    #[error("`{0}` is not a path: begin and end with `/`, printable ASCII only, 512 at most")]
    Path(String),
}

/// `[\w+=,.@-]+`, ASCII only, between `min` and `max` characters.
fn checked(kind: &'static str, text: &str, min: usize, max: usize) -> Result<(), BadName> {
    let length = text.chars().count();
    if length < min || length > max {
        return Err(BadName::Length { kind, min, max, length });
    }
    if text.bytes().all(|b| b.is_ascii_alphanumeric() || b"_+=,.@-".contains(&b)) {
        Ok(())
    } else {
        Err(BadName::Character { kind, text: text.to_owned() })
    }
}

macro_rules! entity_name {
    ($(#[$doc:meta])* $name:ident, $kind:literal, $min:literal, $max:literal) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub struct $name(String);

        impl $name {
            /// The form under which the name is unique: names differ by more than case.
            #[must_use]
            pub fn folded(&self) -> String {
                self.0.to_ascii_lowercase()
            }
        }

        impl FromStr for $name {
            type Err = BadName;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                checked($kind, text, $min, $max)?;
                Ok(Self(text.to_owned()))
            }
        }

        word!($name, BadName);
    };
}

entity_name!(
    /// A user's name: 1 to 64 characters.
    ///
    /// ```
    /// use strongroom_names::UserName;
    /// assert!("alice@example".parse::<UserName>().is_ok());
    /// assert!("al ice".parse::<UserName>().is_err());
    /// ```
    UserName, "user name", 1, 64
);
entity_name!(
    /// A group's name: 1 to 128 characters.
    GroupName, "group name", 1, 128
);
entity_name!(
    /// A role's name: 1 to 64 characters.
    RoleName, "role name", 1, 64
);
entity_name!(
    /// A managed or inline policy's name: 1 to 128 characters.
    PolicyName, "policy name", 1, 128
);
entity_name!(
    /// A role session's name: 2 to 64 characters (STS AssumeRole, `RoleSessionName`).
    SessionName, "session name", 2, 64
);
entity_name!(
    /// The short name of a configured identity provider: 1 to 64 characters.
    ProviderName, "provider name", 1, 64
);

/// Where an entity stands in the account's tree: `/`, or `/a/b/`.
///
/// ```
/// use strongroom_names::EntityPath;
/// assert_eq!("/team/".parse::<EntityPath>().unwrap().as_str(), "/team/");
/// assert!("team".parse::<EntityPath>().is_err());
/// assert_eq!(EntityPath::default().as_str(), "/");
/// ```
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct EntityPath(String);

/// Most characters in a path.
const PATH_CHARACTERS_MAX: usize = 512;

impl Default for EntityPath {
    fn default() -> Self {
        Self("/".to_owned())
    }
}

impl FromStr for EntityPath {
    type Err = BadName;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let printable = text.bytes().all(|b| (0x21..=0x7e).contains(&b));
        if printable
            && text.len() <= PATH_CHARACTERS_MAX
            && text.starts_with('/')
            && text.ends_with('/')
        {
            Ok(Self(text.to_owned()))
        } else {
            Err(BadName::Path(text.to_owned()))
        }
    }
}

word!(EntityPath, BadName);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_at_its_limit_is_taken_and_one_past_it_is_not() {
        assert!("u".repeat(64).parse::<UserName>().is_ok());
        assert!("u".repeat(65).parse::<UserName>().is_err());
        assert!("g".repeat(128).parse::<GroupName>().is_ok());
        assert!("g".repeat(129).parse::<GroupName>().is_err());
        assert!("s".parse::<SessionName>().is_err());
        assert!("ss".parse::<SessionName>().is_ok());
    }

    #[test]
    fn a_path_at_its_limit_is_taken_and_one_past_it_is_not() {
        let path = |length: usize| format!("/{}/", "p".repeat(length - 2));
        assert!(path(512).parse::<EntityPath>().is_ok());
        assert!(path(513).parse::<EntityPath>().is_err());
        assert!("/a b/".parse::<EntityPath>().is_err());
    }
}
