//! Passwords: what they are compared with (argon2id, RFC 9106), and the rules they keep.

use std::collections::BTreeSet;
use std::str::FromStr;

use argon2::{Algorithm, Argon2, Params, Version};
use aws_lc_rs::constant_time::verify_slices_are_equal;
use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use names::{SecretBytes, Timestamp};
use serde::{Deserialize, Serialize};

use crate::signin::{LoginProfile, PasswordReset};

/// Most characters of a password (IAM API reference, `passwordType`).
pub const PASSWORD_CHARACTERS_MAX: usize = 128;
/// Most former passwords that a rule may forbid (IAM API reference, `PasswordReusePrevention`).
pub const PASSWORDS_FORMER_MAX: u32 = 24;
/// Fewest characters where an account has no rules of its own (IAM user guide, "Default password
/// policy").
const DEFAULT_LENGTH_MIN: u32 = 8;
/// How many of the four kinds of characters a password has there.
const DEFAULT_KINDS_MIN: usize = 3;
/// Memory of one comparison, in KiB, and how often it is passed over: what OWASP recommends for
/// argon2id as the least.
const COST_MEMORY_KIB: u32 = 19_456;
const COST_PASSES: u32 = 2;
const COST_LANES: u32 = 1;
/// Bytes of a salt, and of what a password becomes.
pub(crate) const SALT_BYTES: usize = 16;
const HASH_BYTES: usize = 32;
/// Milliseconds of a day.
const DAY_MILLIS: i64 = 86_400_000;

/// A password as somebody typed it: 1 to 128 characters of Latin-1 that print, or white space.
/// Wipes itself, prints nothing of itself.
#[derive(Clone)]
pub struct Password(SecretBytes);

/// The text cannot be a password.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a password is 1 to 128 characters of Latin-1")]
pub struct BadPassword;

impl FromStr for Password {
    type Err = BadPassword;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let length = text.chars().count();
        let known = |c: char| matches!(c, '\t' | '\n' | '\r' | ' '..='\u{ff}');
        if (1..=PASSWORD_CHARACTERS_MAX).contains(&length) && text.chars().all(known) {
            Ok(Self(SecretBytes::new(text.as_bytes().to_vec())))
        } else {
            Err(BadPassword)
        }
    }
}

impl std::fmt::Debug for Password {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Password(..)")
    }
}

/// What a password is compared with: it tells nothing of it but by trying. Prints nothing.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PasswordHash {
    memory_kib: u32,
    passes: u32,
    lanes: u32,
    /// Base 64.
    salt: String,
    /// Base 64.
    hash: String,
}

impl std::fmt::Debug for PasswordHash {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("PasswordHash(..)")
    }
}

impl PasswordHash {
    /// What a new password is compared with from now on; `None` cannot be, at costs that hold.
    pub(crate) fn of(password: &Password, salt: [u8; SALT_BYTES]) -> Option<Self> {
        let costs = (COST_MEMORY_KIB, COST_PASSES, COST_LANES);
        Some(Self::kept(salt, derived(password, &salt, costs)?.expose()))
    }

    /// What a password is compared with where nobody has one: at the same costs, by the same steps.
    /// No password is known that becomes nothing but zeros.
    pub(crate) fn of_nobody(salt: [u8; SALT_BYTES]) -> Self {
        Self::kept(salt, &[0; HASH_BYTES])
    }

    fn kept(salt: [u8; SALT_BYTES], hash: &[u8]) -> Self {
        Self {
            memory_kib: COST_MEMORY_KIB,
            passes: COST_PASSES,
            lanes: COST_LANES,
            salt: STANDARD_NO_PAD.encode(salt),
            hash: STANDARD_NO_PAD.encode(hash),
        }
    }

    /// Whether this is the password. Takes as long as it is meant to: not on a thread that others
    /// wait for.
    pub(crate) fn is_of(&self, password: &Password) -> bool {
        let costs = (self.memory_kib, self.passes, self.lanes);
        let (Ok(salt), Ok(kept)) =
            (STANDARD_NO_PAD.decode(&self.salt), STANDARD_NO_PAD.decode(&self.hash))
        else {
            return false;
        };
        derived(password, &salt, costs)
            .is_some_and(|hash| verify_slices_are_equal(hash.expose(), &kept).is_ok())
    }
}

fn derived(
    password: &Password,
    salt: &[u8],
    (memory, passes, lanes): (u32, u32, u32),
) -> Option<SecretBytes> {
    let params = Params::new(memory, passes, lanes, Some(HASH_BYTES)).ok()?;
    let argon = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
    let mut hash = vec![0; HASH_BYTES];
    argon.hash_password_into(password.0.expose(), salt, &mut hash).ok()?;
    Some(SecretBytes::new(hash))
}

/// A kind of characters that a rule may ask for.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CharacterKind {
    /// One of ``! @ # $ % ^ & * ( ) _ + - = [ ] { } | '``.
    Symbol,
    /// A digit.
    Number,
    /// A capital letter, A to Z.
    Uppercase,
    /// A small letter, a to z.
    Lowercase,
}

impl CharacterKind {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Symbol, Self::Number, Self::Uppercase, Self::Lowercase];

    fn has(self, c: char) -> bool {
        match self {
            Self::Symbol => "!@#$%^&*()_+-=[]{}|'".contains(c),
            Self::Number => c.is_ascii_digit(),
            Self::Uppercase => c.is_ascii_uppercase(),
            Self::Lowercase => c.is_ascii_lowercase(),
        }
    }
}

/// Whether users may change their own passwords without a policy that says so.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SelfService {
    /// They may.
    Allowed,
    /// Only whom a policy allows it.
    ByPolicy,
}

/// What becomes of a password that is too old.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Expiry {
    /// Its owner chooses another at the next sign-in.
    Renewable,
    /// Only an administrator can set another.
    Hard,
}

/// An account's own rules for passwords (IAM API reference, "UpdateAccountPasswordPolicy").
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PasswordRules {
    /// Fewest characters: 6 to 128.
    pub length_min: u32,
    /// The kinds of characters that must be there.
    pub kinds: BTreeSet<CharacterKind>,
    /// Whether users may change their own.
    pub self_service: SelfService,
    /// After how many days a password is too old: 1 to 1095.
    pub age_days_max: Option<u32>,
    /// How many former passwords may not be used again: 1 to 24.
    pub former: Option<u32>,
    /// What becomes of one that is too old.
    pub expiry: Expiry,
}

/// Why a password is not taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PasswordFault {
    /// It is too short.
    #[error("Password should have a minimum length of {0}")]
    Short(u32),
    /// A kind of characters is missing.
    #[error("Password should have at least one {}", kind_word(*.0))]
    Kind(CharacterKind),
    /// It has too few kinds of characters.
    #[error(
        "Password should have at least three of uppercase letters, lowercase letters, numbers and \
         symbols"
    )]
    Kinds,
    /// It is the user's name.
    #[error("Password should not be the user name")]
    Name,
    /// It was used before.
    #[error("Password should not be one of the passwords used before")]
    Former,
    /// It is too old, and only an administrator can set another.
    #[error("Password has expired and must be set by an administrator")]
    Expired,
}

fn kind_word(kind: CharacterKind) -> &'static str {
    match kind {
        CharacterKind::Symbol => "symbol",
        CharacterKind::Number => "number",
        CharacterKind::Uppercase => "uppercase letter",
        CharacterKind::Lowercase => "lowercase letter",
    }
}

/// Whether a password keeps the account's rules, or the default ones if it has none.
pub(crate) fn check(
    rules: Option<&PasswordRules>,
    password: &Password,
    user: &str,
) -> Result<(), PasswordFault> {
    let text = std::str::from_utf8(password.0.expose()).unwrap_or_default();
    let has = |kind: CharacterKind| text.chars().any(|c| kind.has(c));
    let least = rules.map_or(DEFAULT_LENGTH_MIN, |rules| rules.length_min);
    if u32::try_from(text.chars().count()).is_ok_and(|length| length < least) {
        return Err(PasswordFault::Short(least));
    }
    if text.eq_ignore_ascii_case(user) {
        return Err(PasswordFault::Name);
    }
    match rules {
        Some(rules) => match rules.kinds.iter().find(|kind| !has(**kind)) {
            Some(kind) => Err(PasswordFault::Kind(*kind)),
            None => Ok(()),
        },
        None => {
            let kinds = CharacterKind::ALL.into_iter().filter(|kind| has(*kind)).count();
            if kinds >= DEFAULT_KINDS_MIN { Ok(()) } else { Err(PasswordFault::Kinds) }
        }
    }
}

/// How a password stands that is the right one.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum PasswordStanding {
    /// It is good.
    Good,
    /// Another must be chosen first.
    MustChange,
    /// It is too old, and only an administrator can set another.
    Expired,
}

/// How a password stands at a time under the account's rules.
pub(crate) fn standing(
    profile: &LoginProfile,
    rules: Option<&PasswordRules>,
    now: Timestamp,
) -> PasswordStanding {
    let old = |rules: &&PasswordRules| {
        rules.age_days_max.is_some_and(|days| {
            let age = now.millis().saturating_sub(profile.changed.millis());
            age > i64::from(days).saturating_mul(DAY_MILLIS)
        })
    };
    match rules.filter(old).map(|rules| rules.expiry) {
        Some(Expiry::Hard) => PasswordStanding::Expired,
        Some(Expiry::Renewable) => PasswordStanding::MustChange,
        None if profile.reset == PasswordReset::Required => PasswordStanding::MustChange,
        None => PasswordStanding::Good,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn password(text: &str) -> Password {
        text.parse().unwrap()
    }

    fn rules() -> PasswordRules {
        PasswordRules {
            length_min: 6,
            kinds: BTreeSet::new(),
            self_service: SelfService::ByPolicy,
            age_days_max: None,
            former: None,
            expiry: Expiry::Renewable,
        }
    }

    #[test]
    fn a_password_is_its_own_and_no_other_and_is_not_kept() {
        let hash = PasswordHash::of(&password("correct horse 1"), [7; SALT_BYTES]).unwrap();
        assert!(hash.is_of(&password("correct horse 1")));
        assert!(!hash.is_of(&password("correct horse 2")));
        assert!(!serde_json::to_string(&hash).unwrap().contains("horse"));
        assert_eq!(format!("{hash:?} {:?}", password("x")), "PasswordHash(..) Password(..)");
        let other = PasswordHash::of(&password("correct horse 1"), [8; SALT_BYTES]).unwrap();
        assert_ne!(hash, other);
    }

    #[test]
    fn a_password_is_as_long_as_its_type_allows_and_no_longer() {
        assert!("p".repeat(128).parse::<Password>().is_ok());
        assert!("p".repeat(129).parse::<Password>().is_err());
        assert!("".parse::<Password>().is_err());
        assert!("\u{ff}\t".parse::<Password>().is_ok());
        assert!("\u{100}".parse::<Password>().is_err());
    }

    #[test]
    fn without_rules_of_its_own_an_account_asks_for_eight_characters_of_three_kinds() {
        let check = |text: &str| check(None, &password(text), "ana");
        assert_eq!(check("abcDEF12"), Ok(()));
        assert_eq!(check("abcDEF1"), Err(PasswordFault::Short(8)));
        assert_eq!(check("abcdefgh1"), Err(PasswordFault::Kinds));
        assert_eq!(check("abc-def1"), Ok(()));
    }

    #[test]
    fn each_kind_that_the_rules_name_must_be_there() {
        for (kind, with, without) in [
            (CharacterKind::Symbol, "abcdef!", "abcdefg"),
            (CharacterKind::Number, "abcdef1", "abcdefg"),
            (CharacterKind::Uppercase, "abcdefG", "abcdefg"),
            (CharacterKind::Lowercase, "ABCDEFg", "ABCDEFG"),
        ] {
            let rules = PasswordRules { kinds: [kind].into(), ..rules() };
            assert_eq!(check(Some(&rules), &password(with), "ana"), Ok(()));
            let missing = check(Some(&rules), &password(without), "ana");
            assert_eq!(missing, Err(PasswordFault::Kind(kind)));
        }
    }

    #[test]
    fn a_password_has_its_least_length_and_is_not_the_users_name() {
        let rules = PasswordRules { length_min: 10, ..rules() };
        assert_eq!(check(Some(&rules), &password("abcdefghij"), "ana"), Ok(()));
        let short = check(Some(&rules), &password("abcdefghi"), "ana");
        assert_eq!(short, Err(PasswordFault::Short(10)));
        let name = check(Some(&rules), &password("Analyst-of-it"), "analyst-of-it");
        assert_eq!(name, Err(PasswordFault::Name));
    }

    #[test]
    fn a_password_is_too_old_one_day_past_its_age_and_what_then_is_the_rules_to_say() {
        let day = |days: i64| Timestamp::from_millis(days * DAY_MILLIS).unwrap();
        let profile = |reset| LoginProfile {
            user: "AIDAAAAAAAAAAAAAAAAAA".parse().unwrap(),
            created: day(0),
            changed: day(0),
            password: PasswordHash::of(&password("x"), [0; SALT_BYTES]).unwrap(),
            reset,
            former: Vec::new(),
        };
        let fresh = profile(PasswordReset::NotRequired);
        let aged = PasswordRules { age_days_max: Some(90), ..rules() };
        let hard = PasswordRules { expiry: Expiry::Hard, ..aged.clone() };
        assert_eq!(standing(&fresh, Some(&aged), day(90)), PasswordStanding::Good);
        assert_eq!(standing(&fresh, Some(&aged), day(91)), PasswordStanding::MustChange);
        assert_eq!(standing(&fresh, Some(&hard), day(91)), PasswordStanding::Expired);
        assert_eq!(standing(&fresh, None, day(1000)), PasswordStanding::Good);
        let reset = profile(PasswordReset::Required);
        assert_eq!(standing(&reset, None, day(0)), PasswordStanding::MustChange);
    }
}
