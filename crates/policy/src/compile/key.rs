//! Condition keys as a compiled document holds them.

use crate::compile::code::{self, Reader};
use crate::compile::key_hash;
use crate::context::Derived;
use crate::facts::Origin;

/// A key, as it is looked up.
#[derive(Clone, Copy, Debug)]
pub(crate) struct KeyRef<'a> {
    /// As it is written.
    pub(crate) text: &'a [u8],
    pub(crate) hash: u32,
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

/// Writes a key.
pub(crate) fn put(text: &str, bytes: &mut Vec<u8>) {
    let folded = text.to_ascii_lowercase();
    let (origin, derived) = (Origin::of(&folded), Derived::of(&folded));
    let number = |place: Option<usize>| u8::try_from(place.unwrap_or(0)).unwrap_or(0);
    bytes.push(number(ORIGINS.iter().position(|own| *own == origin)));
    bytes.push(number(DERIVED.iter().position(|own| *own == derived)));
    bytes.extend(key_hash(text).to_le_bytes());
    code::put(text.as_bytes(), bytes);
}

impl<'a> KeyRef<'a> {
    /// Reads what was written.
    #[inline]
    pub(crate) fn read(mut from: Reader<'a>) -> Option<Self> {
        let [origin, derived, a, b, c, d] = from.chunk::<6>()?;
        Some(Self {
            text: from.text()?,
            hash: u32::from_le_bytes([a, b, c, d]),
            origin: *ORIGINS.get(usize::from(origin))?,
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
            ("aws:PrincipalArn", Origin::Server, Some(Derived::PrincipalArn)),
            ("https://idp.example:aud", Origin::External, None),
            ("strongroom:TimeOfDay/Europe/Berlin", Origin::Server, Some(Derived::Daytime)),
        ] {
            let mut bytes = Vec::new();
            put(text, &mut bytes);
            let key = KeyRef::read(Reader(&bytes)).unwrap();
            assert_eq!((key.text, key.origin), (text.as_bytes(), origin), "{text}");
            assert_eq!((key.derived, key.hash), (derived, key_hash(text)), "{text}");
        }
    }
}
