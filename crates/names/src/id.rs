//! Ids that the server draws: requests, decisions, revisions, and IAM's unique ids.

use std::fmt;
use std::str::FromStr;

use crate::word::word;

/// The text is not an id of that kind.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is not a {kind}")]
pub struct BadId {
    kind: &'static str,
    text: String,
}

/// Crockford's base 32: no I, L, O, U, so that an id survives being read aloud.
const BASE32: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// What each byte stands for in base 32: [`NO_DIGIT`] for nothing.
const DIGITS: [u8; 256] = {
    let mut digits = [NO_DIGIT; 256];
    let mut left: &[u8] = BASE32;
    let mut value = 0;
    while let Some((character, rest)) = left.split_first() {
        let (_, from) = digits.split_at_mut(*character as usize);
        if let Some((digit, _)) = from.split_first_mut() {
            *digit = value;
        }
        value += 1;
        left = rest;
    }
    digits
};

/// No digit of base 32.
const NO_DIGIT: u8 = u8::MAX;

/// How many characters 128 bits take in base 32.
const REQUEST_ID_CHARACTERS: usize = 26;

/// Names one exchange: it is in every answer and is the id of its journal entry.
///
/// 128 bits, the first 48 of which are the time in milliseconds, so that ids sort by time.
///
/// ```
/// use strongroom_names::RequestId;
/// let id = RequestId::from_parts(1_760_000_000_000, [7; 10]);
/// assert_eq!(id.to_string().parse::<RequestId>().unwrap(), id);
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RequestId(u128);

impl RequestId {
    /// An id from the time in milliseconds since 1970 and ten random bytes.
    #[must_use]
    pub fn from_parts(milliseconds: u64, random: [u8; 10]) -> Self {
        let mut low = [0_u8; 16];
        for (to, from) in low.iter_mut().skip(6).zip(random) {
            *to = from;
        }
        Self((u128::from(milliseconds & 0xffff_ffff_ffff) << 80) | u128::from_be_bytes(low))
    }

    /// The sixteen bytes, most significant first.
    #[must_use]
    pub fn to_bytes(self) -> [u8; 16] {
        self.0.to_be_bytes()
    }

    /// When the id was drawn, in milliseconds since 1970.
    #[must_use]
    pub fn milliseconds(self) -> u64 {
        u64::try_from(self.0 >> 80).unwrap_or(u64::MAX)
    }

    /// Its text, in place: it is written several times each request.
    fn text(self) -> [u8; REQUEST_ID_CHARACTERS] {
        let mut text = [b'0'; REQUEST_ID_CHARACTERS];
        let mut rest = self.0;
        for character in text.iter_mut().rev() {
            let digit = usize::try_from(rest & 31).unwrap_or(0);
            *character = BASE32.get(digit).copied().unwrap_or(b'0');
            rest >>= 5;
        }
        text
    }
}

impl fmt::Display for RequestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(std::str::from_utf8(&self.text()).unwrap_or_default())
    }
}

impl fmt::Debug for RequestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RequestId({self})")
    }
}

impl FromStr for RequestId {
    type Err = BadId;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let bad = || BadId { kind: "request id", text: text.to_owned() };
        if text.len() != REQUEST_ID_CHARACTERS {
            return Err(bad());
        }
        let digit = |byte: u8| DIGITS.get(usize::from(byte)).copied().unwrap_or(NO_DIGIT);
        // Twenty-six digits hold two bits more than there are.
        let mut fits = text.as_bytes().first().is_some_and(|first| digit(*first) < 8);
        let mut value: u128 = 0;
        for byte in text.bytes() {
            let digit = digit(byte);
            fits &= digit != NO_DIGIT;
            value = (value << 5) | u128::from(digit & 31);
        }
        if fits { Ok(Self(value)) } else { Err(bad()) }
    }
}

/// Names one verdict: the exchange, and which of its decisions. It is in every refusal.
///
/// ```
/// use strongroom_names::{DecisionId, RequestId};
/// let id = DecisionId { request: RequestId::from_parts(0, [0; 10]), ordinal: 2 };
/// assert_eq!(id.to_string(), "00000000000000000000000000-2");
/// assert_eq!(id.to_string().parse::<DecisionId>().unwrap(), id);
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub struct DecisionId {
    /// The exchange in which the decision fell.
    pub request: RequestId,
    /// Which decision of the exchange, from 0.
    pub ordinal: u32,
}

impl fmt::Display for DecisionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.request, self.ordinal)
    }
}

impl FromStr for DecisionId {
    type Err = BadId;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let bad = || BadId { kind: "decision id", text: text.to_owned() };
        let (request, ordinal) = text.split_once('-').ok_or_else(bad)?;
        let canonical = !ordinal.starts_with('+') && (ordinal == "0" || !ordinal.starts_with('0'));
        if !canonical {
            return Err(bad());
        }
        Ok(Self {
            request: request.parse().map_err(|_| bad())?,
            ordinal: ordinal.parse().map_err(|_| bad())?,
        })
    }
}

impl serde::Serialize for RequestId {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(std::str::from_utf8(&self.text()).unwrap_or_default())
    }
}

impl serde::Serialize for DecisionId {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        // Nearly every one is of one digit: that one is written in place.
        match u8::try_from(self.ordinal) {
            Ok(digit @ 0..=9) => {
                let mut text = [b'-'; REQUEST_ID_CHARACTERS + 2];
                let own = self.request.text().into_iter();
                text.iter_mut().zip(own).for_each(|(to, from)| *to = from);
                if let Some(last) = text.last_mut() {
                    *last = b'0' | digit;
                }
                serializer.serialize_str(std::str::from_utf8(&text).unwrap_or_default())
            }
            _ => serializer.collect_str(self),
        }
    }
}

macro_rules! read_by_text {
    ($name:ty) => {
        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
                text.parse().map_err(serde::de::Error::custom)
            }
        }
    };
}

read_by_text!(RequestId);
read_by_text!(DecisionId);

/// How often the authorization state has changed. Every decision names the revision it was made at.
///
/// ```
/// use strongroom_names::Revision;
/// assert!(Revision(2) > Revision(1));
/// ```
#[derive(
    Clone,
    Copy,
    PartialEq,
    Eq,
    Hash,
    PartialOrd,
    Ord,
    Debug,
    Default,
    serde::Serialize,
    serde::Deserialize,
)]
#[serde(transparent)]
pub struct Revision(pub u64);

impl Revision {
    /// The revision after this one.
    #[must_use]
    pub fn next(self) -> Self {
        Self(self.0.saturating_add(1))
    }
}

impl fmt::Display for Revision {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// What a [`UniqueId`] names (IAM user guide, "Unique identifiers").
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum UniqueIdKind {
    /// `AIDA…`
    User,
    /// `AROA…`
    Role,
    /// `AGPA…`
    Group,
    /// `ANPA…`
    Policy,
}

impl UniqueIdKind {
    /// The four letters that such an id begins with.
    #[must_use]
    pub fn prefix(self) -> &'static str {
        match self {
            Self::User => "AIDA",
            Self::Role => "AROA",
            Self::Group => "AGPA",
            Self::Policy => "ANPA",
        }
    }
}

/// An id that is never used again, even when the name is: `AIDA…`, `AROA…`, `AGPA…`, `ANPA…`; the
/// account root's is its account id.
///
/// ```
/// use strongroom_names::{UniqueId, UniqueIdKind};
/// let id = UniqueId::from_random(UniqueIdKind::User, [0; 17]);
/// assert_eq!(id.as_str(), "AIDAAAAAAAAAAAAAAAAAA");
/// ```
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct UniqueId(String);

/// The characters that AWS's own ids are made of (base 32, RFC 4648 §6).
const UNIQUE: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

impl UniqueId {
    /// An id of that kind from seventeen random bytes.
    #[must_use]
    pub fn from_random(kind: UniqueIdKind, random: [u8; 17]) -> Self {
        let tail =
            random.iter().map(|b| char::from(*UNIQUE.get(usize::from(b & 31)).unwrap_or(&b'A')));
        Self(kind.prefix().chars().chain(tail).collect())
    }

    /// The id of an account's root: the account id.
    #[must_use]
    pub fn root(account: crate::AccountId) -> Self {
        Self(account.to_string())
    }
}

impl FromStr for UniqueId {
    type Err = BadId;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let grammar = text.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit());
        if grammar && (12..=128).contains(&text.len()) {
            Ok(Self(text.to_owned()))
        } else {
            Err(BadId { kind: "unique id", text: text.to_owned() })
        }
    }
}

word!(UniqueId, BadId);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn request_ids_sort_by_time() {
        let earlier = RequestId::from_parts(1, [255; 10]);
        let later = RequestId::from_parts(2, [0; 10]);
        assert!(earlier < later && earlier.to_string() < later.to_string());
        assert_eq!(later.milliseconds(), 2);
    }

    #[test]
    fn an_id_with_a_foreign_character_or_length_is_refused() {
        for bad in ["", "0", "I0000000000000000000000000", "Z0000000000000000000000000"] {
            assert!(bad.parse::<RequestId>().is_err(), "{bad}");
        }
        for byte in 0..128_u8 {
            let one = char::from(byte);
            let digit = BASE32.iter().position(|known| *known == byte);
            let low = format!("0000000000000000000000000{one}").parse::<RequestId>();
            assert_eq!(low.ok().map(|id| id.0), digit.map(|digit| digit as u128));
            let high = format!("{one}0000000000000000000000000").parse::<RequestId>();
            let fits = digit.filter(|digit| *digit < 8).map(|digit| (digit as u128) << 125);
            assert_eq!(high.ok().map(|id| id.0), fits, "two bits more than there are");
        }
        assert!("00000000000000000000000000-".parse::<DecisionId>().is_err());
        assert!("00000000000000000000000000-01".parse::<DecisionId>().is_err());
    }
}
