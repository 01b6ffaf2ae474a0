//! Condition keys as a compiled document holds them.

use crate::actions;
use crate::compile::code::{self, Reader};
use crate::compile::key_hash;
use crate::context::Derived;
use crate::facts::{Known, Origin, Wanted};

/// A key, as it is looked up.
#[derive(Clone, Copy, Debug)]
pub(crate) struct KeyRef<'a> {
    /// As it is written.
    pub(crate) text: &'a [u8],
    pub(crate) hash: u32,
    /// Its number in the table, if it is written as it is there.
    pub(crate) number: Option<u16>,
    pub(crate) origin: Origin,
    pub(crate) derived: Option<Derived>,
}

/// What keys follow from, by number.
const DERIVED: &[Option<Derived>] = &[
    None,
    Some(Derived::PrincipalArn),
    Some(Derived::PrincipalAccount),
    Some(Derived::PrincipalType),
    Some(Derived::UserId),
    Some(Derived::UserName),
    Some(Derived::IsService),
    Some(Derived::ServiceName),
    Some(Derived::ResourceAccount),
    Some(Derived::Daytime),
];

const ORIGINS: &[Origin] = &[Origin::Request, Origin::Server, Origin::External];

/// The bit beside the origin: the table's number of the key follows, and not its text.
const KNOWN: u8 = 0x80;

/// Writes a key.
pub(crate) fn put(text: &str, bytes: &mut Vec<u8>) {
    let folded = text.to_ascii_lowercase();
    let (origin, derived) = (Origin::of(&folded), Derived::of(&folded));
    let number = |place: Option<usize>| u8::try_from(place.unwrap_or(0)).unwrap_or(0);
    let known = actions::key_number(text);
    let origin = number(ORIGINS.iter().position(|own| *own == origin));
    bytes.push(origin | if known.is_some() { KNOWN } else { 0 });
    bytes.push(number(DERIVED.iter().position(|own| *own == derived)));
    bytes.extend(key_hash(text).to_le_bytes());
    match known {
        Some(known) => bytes.extend(known.to_le_bytes()),
        None => code::put(text.as_bytes(), bytes),
    }
}

/// Reads what is looked for first of a key of the table: its map, its hash and its number.
#[inline(always)]
pub(crate) fn read_known(bytes: &[u8]) -> Option<(Origin, Known)> {
    let [origin, _, a, b, c, d, e, f] = *bytes.first_chunk::<8>()?;
    let origin = *ORIGINS.get(usize::from(origin.checked_sub(KNOWN)?))?;
    Some((
        origin,
        Known { hash: u32::from_le_bytes([a, b, c, d]), number: u16::from_le_bytes([e, f]) },
    ))
}

impl<'a> KeyRef<'a> {
    /// As it is written; empty if it is no text.
    pub(crate) fn name(&self) -> &'a str {
        let written = || std::str::from_utf8(self.text).unwrap_or_default();
        self.number.and_then(actions::key_of).unwrap_or_else(written)
    }

    /// Whether both are one key: its case does not matter.
    pub(crate) fn is(&self, other: &KeyRef<'_>) -> bool {
        self.hash == other.hash && self.text.eq_ignore_ascii_case(other.text)
    }

    /// As it is looked for among facts.
    #[inline]
    pub(crate) fn wanted(&self) -> Wanted<'a> {
        Wanted { hash: self.hash, number: self.number, text: self.text }
    }

    /// Reads what was written.
    #[inline(always)]
    pub(crate) fn read(mut from: Reader<'a>) -> Option<Self> {
        let [origin, derived, a, b, c, d] = from.chunk::<6>()?;
        let (text, number) = if origin & KNOWN == 0 {
            (from.text()?, None)
        } else {
            let number = u16::from_le_bytes(from.chunk::<2>()?);
            (actions::key_of(number)?.as_bytes(), Some(number))
        };
        Some(Self {
            text,
            number,
            hash: u32::from_le_bytes([a, b, c, d]),
            origin: *ORIGINS.get(usize::from(origin & !KNOWN))?,
            derived: *DERIVED.get(usize::from(derived))?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_read_as_it_was_written() {
        for (text, origin, derived) in [
            ("s3:Prefix", Origin::Request, None),
            ("s3:prefix", Origin::Request, None),
            ("aws:PrincipalArn", Origin::Server, Some(Derived::PrincipalArn)),
            ("https://idp.example:aud", Origin::External, None),
            ("strongroom:TimeOfDay/Europe/Berlin", Origin::Server, Some(Derived::Daytime)),
        ] {
            let mut bytes = Vec::new();
            put(text, &mut bytes);
            let key = KeyRef::read(Reader(&bytes)).unwrap();
            assert_eq!((key.text, key.origin), (text.as_bytes(), origin), "{text}");
            assert_eq!((key.derived, key.hash), (derived, key_hash(text)), "{text}");
            // Those of the table take eight bytes, whatever their name.
            let known = actions::condition_keys().iter().any(|key| key.name() == text);
            assert_eq!(bytes.len(), if known { 8 } else { 7 + text.len() }, "{text}");
        }
    }

    #[test]
    fn keys_are_one_in_any_case_and_not_by_their_hash_alone() {
        let key = |text: &'static str, hash| KeyRef {
            text: text.as_bytes(),
            hash,
            number: None,
            origin: Origin::Request,
            derived: None,
        };
        assert!(key("s3:prefix", 7).is(&key("s3:Prefix", 7)));
        assert!(!key("s3:prefix", 7).is(&key("s3:suffix", 7)));
        assert!(!key("s3:prefix", 7).is(&key("s3:suffix", 8)));
    }
}
