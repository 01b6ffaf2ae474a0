//! What an account keeps of how people prove who they are: devices that show codes, passwords and
//! their rules, aliases, and SAML providers.

use std::str::FromStr;

use names::{AccountId, Arn, EntityPath, Timestamp, UniqueId};
use serde::{Deserialize, Serialize};

use crate::ops::{EntityName, EntityRef, Tags};
use crate::password::PasswordHash;
use crate::seal::Sealed;

/// Declares a word: its grammar is a function, it is kept and printed as its text.
macro_rules! word {
    ($(#[$doc:meta])* $name:ident, $bad:ident, $why:literal, $good:expr) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(String);

        #[doc = concat!("The text is not a `", stringify!($name), "`.")]
        #[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
        #[error($why)]
        pub struct $bad;

        impl $name {
            /// The text, as it was given.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl FromStr for $name {
            type Err = $bad;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                let good: fn(&str) -> bool = $good;
                if good(text) { Ok(Self(text.to_owned())) } else { Err($bad) }
            }
        }

        impl TryFrom<String> for $name {
            type Error = $bad;

            fn try_from(text: String) -> Result<Self, Self::Error> {
                text.parse()
            }
        }

        impl From<$name> for String {
            fn from(name: $name) -> Self {
                name.0
            }
        }

        impl AsRef<str> for $name {
            fn as_ref(&self) -> &str {
                &self.0
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

word!(
    /// The name of a virtual MFA device: 1 to 226 of letters, digits and `_+=,.@-` (IAM user guide,
    /// "IAM and AWS STS quotas").
    ///
    /// ```
    /// use strongroom_identity::MfaName;
    /// assert!("ana-phone".parse::<MfaName>().is_ok());
    /// assert!("ana phone".parse::<MfaName>().is_err());
    /// ```
    MfaName,
    BadMfaName,
    "an MFA device's name is 1 to 226 letters, digits and `_+=,.@-`",
    |text| (1..=MFA_NAME_CHARACTERS_MAX).contains(&text.len())
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"_+=,.@-".contains(&b))
);

word!(
    /// An account's alias: 3 to 63 lower-case letters, digits and single hyphens between them, not
    /// twelve digits (IAM API reference, `accountAliasType`; IAM user guide, "AWS account alias").
    ///
    /// ```
    /// use strongroom_identity::AccountAlias;
    /// assert!("finance-eu".parse::<AccountAlias>().is_ok());
    /// assert!("finance--eu".parse::<AccountAlias>().is_err());
    /// assert!("111122223333".parse::<AccountAlias>().is_err());
    /// ```
    AccountAlias,
    BadAccountAlias,
    "an alias is 3 to 63 lower-case letters, digits and single hyphens between them, and not an \
     account's number",
    |text| (3..=ALIAS_CHARACTERS_MAX).contains(&text.len())
        && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
        && !text.starts_with('-')
        && !text.ends_with('-')
        && !text.contains("--")
        && text.parse::<AccountId>().is_err()
);

word!(
    /// The name of a SAML provider: 1 to 128 of letters, digits and `._-` (IAM API reference,
    /// `SAMLProviderNameType`).
    SamlName,
    BadSamlName,
    "a SAML provider's name is 1 to 128 letters, digits and `._-`",
    |text| (1..=SAML_NAME_CHARACTERS_MAX).contains(&text.len())
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"._-".contains(&b))
);

/// Most characters of an MFA device's name.
const MFA_NAME_CHARACTERS_MAX: usize = 226;
/// Most characters of an alias.
const ALIAS_CHARACTERS_MAX: usize = 63;
/// Most characters of a SAML provider's name.
const SAML_NAME_CHARACTERS_MAX: usize = 128;

impl EntityName for MfaName {
    const KIND: &'static str = "mfa";
}

impl EntityName for SamlName {
    const KIND: &'static str = "saml-provider";
}

/// A virtual MFA device, as a request that makes it names it.
pub type MfaRef = EntityRef<MfaName>;

/// A virtual device that shows one-time codes.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct MfaDevice {
    /// Its account.
    pub account: AccountId,
    /// Where it stands.
    pub path: EntityPath,
    /// Its name.
    pub name: MfaName,
    /// When it was made.
    pub created: Timestamp,
    /// What its codes are computed from, sealed.
    pub seed: Sealed,
    /// Whose it is, once it is enabled.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub held: Option<MfaHeld>,
    /// Tags.
    #[serde(default, skip_serializing_if = "Tags::is_empty")]
    pub tags: Tags,
}

/// Whose an enabled device is, and how far its codes are.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct MfaHeld {
    /// The user; the account's twelve digits for its root.
    pub user: UniqueId,
    /// When it was enabled.
    pub since: Timestamp,
    /// How many steps its clock is ahead of ours; negative: behind.
    pub drift: i64,
    /// The step of the last code that counted: none at or before it counts again.
    pub last: u64,
}

impl MfaDevice {
    /// How requests that make it name it.
    #[must_use]
    pub fn reference(&self) -> MfaRef {
        EntityRef { account: self.account, path: self.path.clone(), name: self.name.clone() }
    }

    /// Its serial number: its ARN.
    #[must_use]
    pub fn serial(&self) -> Arn {
        self.reference().arn()
    }
}

/// Whether somebody must choose another password at the next sign-in.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PasswordReset {
    /// They must.
    Required,
    /// They need not.
    NotRequired,
}

/// A user's password.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct LoginProfile {
    /// Whose it is.
    pub user: UniqueId,
    /// When it was made.
    pub created: Timestamp,
    /// When the password was last set.
    pub changed: Timestamp,
    /// What it is compared with.
    pub password: PasswordHash,
    /// Whether another must be chosen.
    pub reset: PasswordReset,
    /// The passwords before it, the newest first: as many as any rule may forbid.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub former: Vec<PasswordHash>,
}

/// What an account says about signing in.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct SignInSettings {
    /// The account.
    pub account: AccountId,
    /// Its alias: no other account has the same.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub alias: Option<AccountAlias>,
    /// Its rules for passwords; `None`: the default ones.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub passwords: Option<crate::password::PasswordRules>,
}

/// A SAML provider: kept and listed; nobody signs in through it yet.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct SamlProvider {
    /// Its account.
    pub account: AccountId,
    /// Its name.
    pub name: SamlName,
    /// When it was made.
    pub created: Timestamp,
    /// Its metadata document, as it was sent.
    pub metadata: String,
    /// Until when its metadata says that it holds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub valid_until: Option<Timestamp>,
    /// Tags.
    #[serde(default, skip_serializing_if = "Tags::is_empty")]
    pub tags: Tags,
}

impl SamlProvider {
    /// Its ARN: `arn:aws:iam::A:saml-provider/Name`.
    #[must_use]
    pub fn arn(&self) -> Arn {
        Arn::iam(self.account, SamlName::KIND, &EntityPath::default(), self.name.as_str())
    }
}
