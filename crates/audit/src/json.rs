//! JSON that is written for every request, leaves above all: byte for byte what `serde_json`
//! writes, by fewer steps. Names of fields go without a look for what must be escaped, and texts
//! without one byte at a time.

use serde::ser::{self, Error as _, Serialize};
use serde_json::Error;

/// The JSON of a value, in so many bytes at first: one that has room for all of it is not copied.
///
/// ```
/// let json = strongroom_audit::json::written(&["a\n", "b"], 16).unwrap();
/// assert_eq!(json, br#"["a\n","b"]"#);
/// ```
///
/// # Errors
/// It has a map whose keys are not texts, or refuses to be written.
pub fn written(value: &impl Serialize, bytes_usual: usize) -> Result<Vec<u8>, Error> {
    let mut json = Json(Vec::with_capacity(bytes_usual));
    value.serialize(&mut json)?;
    Ok(json.0)
}

/// JSON so far.
struct Json(Vec<u8>);

impl Json {
    fn push(&mut self, bytes: &[u8]) {
        self.0.extend_from_slice(bytes);
    }

    /// A text that needs no escapes for being a name in this program.
    fn name(&mut self, name: &'static str) {
        debug_assert!(is_plain(name), "{name}");
        self.push(b"\"");
        self.push(name.as_bytes());
        self.push(b"\"");
    }

    fn text(&mut self, text: &str) -> Result<(), Error> {
        if !is_plain(text) {
            return serde_json::to_writer(&mut self.0, text);
        }
        self.push(b"\"");
        self.push(text.as_bytes());
        self.push(b"\"");
        Ok(())
    }

    /// What holds others: `open` now, `close` when they are written.
    fn many(&mut self, open: &'static [u8], close: &'static [u8]) -> Many<'_> {
        self.push(open);
        Many { json: self, close, first: true }
    }

    /// The same as the one value of a variant.
    fn variant(&mut self, name: &'static str, open: &'static [u8]) {
        self.push(b"{");
        self.name(name);
        self.push(b":");
        self.push(open);
    }
}

/// Whether a text is written as it is (RFC 8259 §7).
fn is_plain(text: &str) -> bool {
    let bytes = text.as_bytes();
    // Sixteen bytes at a time, the last ones with some of those before them.
    match (bytes.last_chunk::<16>(), bytes.first_chunk::<8>(), bytes.last_chunk::<8>()) {
        (Some(last), ..) => {
            let (chunks, _) = bytes.as_chunks::<16>();
            chunks.iter().fold(are_plain(last), |all, chunk| all & are_plain(chunk))
        }
        (None, Some(first), Some(last)) => are_plain(first) & are_plain(last),
        _ => are_plain(bytes),
    }
}

#[inline]
fn are_plain(bytes: &[u8]) -> bool {
    // Each byte is looked at without regard to the others: so many are looked at together.
    bytes.iter().fold(true, |all, byte| all & (*byte >= b' ') & (*byte != b'"') & (*byte != b'\\'))
}

/// Numbers and what else is the same by either way.
macro_rules! as_ever {
    ($($method:ident($type:ty)),*) => { $(
        fn $method(self, value: $type) -> Result<(), Error> {
            serde_json::to_writer(&mut self.0, &value)
        }
    )* };
}

impl<'a> ser::Serializer for &'a mut Json {
    type Ok = ();
    type Error = Error;
    type SerializeSeq = Many<'a>;
    type SerializeTuple = Many<'a>;
    type SerializeTupleStruct = Many<'a>;
    type SerializeTupleVariant = Many<'a>;
    type SerializeMap = Many<'a>;
    type SerializeStruct = Many<'a>;
    type SerializeStructVariant = Many<'a>;

    as_ever!(serialize_bool(bool), serialize_char(char), serialize_f32(f32), serialize_f64(f64));
    as_ever!(serialize_i8(i8), serialize_i16(i16), serialize_i32(i32), serialize_i64(i64));
    as_ever!(serialize_u8(u8), serialize_u16(u16), serialize_u32(u32), serialize_u64(u64));

    fn serialize_str(self, text: &str) -> Result<(), Error> {
        self.text(text)
    }

    fn serialize_bytes(self, bytes: &[u8]) -> Result<(), Error> {
        self.collect_seq(bytes)
    }

    fn serialize_none(self) -> Result<(), Error> {
        self.serialize_unit()
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<(), Error> {
        value.serialize(self)
    }

    fn serialize_unit(self) -> Result<(), Error> {
        self.push(b"null");
        Ok(())
    }

    fn serialize_unit_struct(self, _: &'static str) -> Result<(), Error> {
        self.serialize_unit()
    }

    fn serialize_unit_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
    ) -> Result<(), Error> {
        self.name(variant);
        Ok(())
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        value: &T,
    ) -> Result<(), Error> {
        value.serialize(self)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        value: &T,
    ) -> Result<(), Error> {
        self.variant(variant, b"");
        value.serialize(&mut *self)?;
        self.push(b"}");
        Ok(())
    }

    fn serialize_seq(self, _: Option<usize>) -> Result<Many<'a>, Error> {
        Ok(self.many(b"[", b"]"))
    }

    fn serialize_tuple(self, _: usize) -> Result<Many<'a>, Error> {
        Ok(self.many(b"[", b"]"))
    }

    fn serialize_tuple_struct(self, _: &'static str, _: usize) -> Result<Many<'a>, Error> {
        Ok(self.many(b"[", b"]"))
    }

    fn serialize_tuple_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        _: usize,
    ) -> Result<Many<'a>, Error> {
        self.variant(variant, b"[");
        Ok(self.many(b"", b"]}"))
    }

    fn serialize_map(self, _: Option<usize>) -> Result<Many<'a>, Error> {
        Ok(self.many(b"{", b"}"))
    }

    fn serialize_struct(self, _: &'static str, _: usize) -> Result<Many<'a>, Error> {
        Ok(self.many(b"{", b"}"))
    }

    fn serialize_struct_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        _: usize,
    ) -> Result<Many<'a>, Error> {
        self.variant(variant, b"{");
        Ok(self.many(b"", b"}}"))
    }
}

/// A list or an object that is being written.
struct Many<'a> {
    json: &'a mut Json,
    close: &'static [u8],
    first: bool,
}

impl Many<'_> {
    fn comma(&mut self) {
        if !std::mem::take(&mut self.first) {
            self.json.push(b",");
        }
    }

    fn item<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Error> {
        self.comma();
        value.serialize(&mut *self.json)
    }

    #[inline]
    fn field<T: Serialize + ?Sized>(&mut self, key: &'static str, value: &T) -> Result<(), Error> {
        debug_assert!(is_plain(key), "{key}");
        // In few pieces: most of a leaf is names.
        let first = std::mem::take(&mut self.first);
        self.json.push(if first { b"\"" } else { b",\"" });
        self.json.push(key.as_bytes());
        self.json.push(b"\":");
        value.serialize(&mut *self.json)
    }

    fn close(self) -> Result<(), Error> {
        self.json.push(self.close);
        Ok(())
    }
}

/// The kinds of lists.
macro_rules! lists {
    ($($kind:ident $method:ident),*) => { $(
        impl ser::$kind for Many<'_> {
            type Ok = ();
            type Error = Error;

            fn $method<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Error> {
                self.item(value)
            }

            fn end(self) -> Result<(), Error> {
                self.close()
            }
        }
    )* };
}

lists!(
    SerializeSeq serialize_element,
    SerializeTuple serialize_element,
    SerializeTupleStruct serialize_field,
    SerializeTupleVariant serialize_field
);

/// The kinds of objects whose members have names in this program.
macro_rules! objects {
    ($($kind:ident),*) => { $(
        impl ser::$kind for Many<'_> {
            type Ok = ();
            type Error = Error;

            #[inline]
            fn serialize_field<T: Serialize + ?Sized>(
                &mut self,
                key: &'static str,
                value: &T,
            ) -> Result<(), Error> {
                self.field(key, value)
            }

            fn end(self) -> Result<(), Error> {
                self.close()
            }
        }
    )* };
}

objects!(SerializeStruct, SerializeStructVariant);

impl ser::SerializeMap for Many<'_> {
    type Ok = ();
    type Error = Error;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<(), Error> {
        self.comma();
        let from = self.json.0.len();
        key.serialize(&mut *self.json)?;
        match self.json.0.get(from) {
            Some(b'"') => Ok(()),
            _ => Err(Error::custom("a key is not a text")),
        }
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Error> {
        self.json.push(b":");
        value.serialize(&mut *self.json)
    }

    fn end(self) -> Result<(), Error> {
        self.close()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    #[derive(serde::Serialize)]
    struct Unit;

    #[derive(serde::Serialize)]
    struct Newtype(u8);

    #[derive(serde::Serialize)]
    struct Pair(u8, i64);

    #[derive(serde::Serialize)]
    #[serde(rename_all = "kebab-case")]
    enum Kind {
        OneWord,
        Holds(&'static str),
        HoldsTwo(bool, char),
        HasFields { a_b: Option<f64>, c: f32 },
    }

    #[derive(serde::Serialize)]
    struct Everything {
        nothing: (),
        unit: Unit,
        newtype: Newtype,
        pair: Pair,
        numbers: (u8, i8, u16, i16, u32, i32, u64, i64, usize),
        #[serde(skip_serializing_if = "Option::is_none")]
        left_out: Option<u8>,
        absent: Option<u8>,
        present: Option<&'static str>,
        kinds: Vec<Kind>,
        empty: Vec<u8>,
        map: BTreeMap<String, Vec<String>>,
    }

    fn same(value: &impl Serialize) {
        let (own, known) = (written(value, 0).unwrap(), serde_json::to_vec(value).unwrap());
        assert_eq!(String::from_utf8(own).unwrap(), String::from_utf8(known).unwrap());
    }

    #[test]
    fn every_kind_of_value_is_written_as_the_library_writes_it() {
        same(&Everything {
            nothing: (),
            unit: Unit,
            newtype: Newtype(7),
            pair: Pair(0, i64::MIN),
            numbers: (u8::MAX, i8::MIN, 9, -9, u32::MAX, i32::MIN, u64::MAX, -1, usize::MAX),
            left_out: None,
            absent: None,
            present: Some("p"),
            kinds: vec![
                Kind::OneWord,
                Kind::Holds("\"\\"),
                Kind::HoldsTwo(true, '\n'),
                Kind::HasFields { a_b: Some(0.1), c: -3.5 },
                Kind::HasFields { a_b: None, c: f32::NAN },
            ],
            empty: Vec::new(),
            map: BTreeMap::from([("k\"".to_owned(), vec!["v".to_owned()]), Default::default()]),
        });
    }

    #[test]
    fn every_character_is_written_as_the_library_writes_it() {
        for character in ('\0'..='\u{2ff}').chain(['\u{2028}', '\u{fffd}', '\u{10ffff}']) {
            same(&format!("a{character}b"));
            same(&vec![character.to_string().repeat(40); 2]);
        }
        same(&"");
    }

    #[test]
    fn a_decision_id_is_written_as_it_is_shown() {
        let request = names::RequestId::from_parts(1_760_000_000_000, [7; 10]);
        for ordinal in [0, 1, 9, 10, 11, 255, 256, u32::MAX] {
            let id = names::DecisionId { request, ordinal };
            assert_eq!(written(&id, 16).unwrap(), format!("\"{id}\"").into_bytes());
        }
    }

    #[test]
    fn a_key_that_is_not_a_text_is_refused() {
        assert!(written(&BTreeMap::from([(1_u8, 2_u8)]), 0).is_err());
    }
}
