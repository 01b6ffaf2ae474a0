//! JSON as a verifier must read it: one meaning, bounded work, nothing after the end.
//!
//! `serde_json` keeps the last of two members of the same name, while other parsers keep the first;
//! a token that means two things is refused here (RFC 7515 §4, RFC 7519 §4, RFC 8725 §2.4).

use std::cell::{Cell, RefCell};
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};

use crate::oidc::excerpt;

/// How deep arrays and objects may nest.
pub const JSON_DEPTH_MAX: usize = 32;
/// How many values, members included, one document may hold.
pub const JSON_VALUES_MAX: usize = 20_000;

/// Why a document is not taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum StrictError {
    /// The bytes are not one JSON text.
    #[error("not JSON ({0})")]
    Malformed(String),
    /// A name occurs twice in one object.
    #[error("the member `{0}` occurs twice")]
    Duplicate(String),
    /// Nested deeper than [`JSON_DEPTH_MAX`].
    #[error("nested deeper than {JSON_DEPTH_MAX}")]
    TooDeep,
    /// More than [`JSON_VALUES_MAX`] values.
    #[error("more than {JSON_VALUES_MAX} values")]
    TooMany,
    /// JSON, but not an object.
    #[error("not a JSON object")]
    NotAnObject,
}

/// Reads one JSON object.
///
/// # Errors
/// [`StrictError`] says which rule the bytes break.
pub fn parse_object(bytes: &[u8]) -> Result<Map<String, Value>, StrictError> {
    match parse_value(bytes)? {
        Value::Object(map) => Ok(map),
        _ => Err(StrictError::NotAnObject),
    }
}

/// Reads one JSON text.
///
/// # Errors
/// [`StrictError`] says which rule the bytes break.
pub fn parse_value(bytes: &[u8]) -> Result<Value, StrictError> {
    let reader = Reader { left: Cell::new(JSON_VALUES_MAX), fault: RefCell::new(None) };
    let mut source = serde_json::Deserializer::from_slice(bytes);
    let read = Strict { reader: &reader, depth: 0 }
        .deserialize(&mut source)
        .and_then(|value| source.end().map(|()| value));
    match (read, reader.fault.into_inner()) {
        (_, Some(fault)) => Err(fault),
        (Err(error), None) => Err(StrictError::Malformed(position(&error))),
        (Ok(value), None) => Ok(value),
    }
}

/// Where and of what kind, without the words of the document.
fn position(error: &serde_json::Error) -> String {
    let kind = match error.classify() {
        serde_json::error::Category::Eof => "it ends too early",
        _ => "a mistake",
    };
    format!("{kind} at line {} column {}", error.line(), error.column())
}

struct Reader {
    left: Cell<usize>,
    fault: RefCell<Option<StrictError>>,
}

impl Reader {
    fn refuse<E: serde::de::Error>(&self, fault: StrictError) -> E {
        let message = E::custom(&fault);
        self.fault.borrow_mut().get_or_insert(fault);
        message
    }

    fn spend<E: serde::de::Error>(&self) -> Result<(), E> {
        match self.left.get().checked_sub(1) {
            Some(left) => {
                self.left.set(left);
                Ok(())
            }
            None => Err(self.refuse(StrictError::TooMany)),
        }
    }
}

#[derive(Clone, Copy)]
struct Strict<'a> {
    reader: &'a Reader,
    depth: usize,
}

impl Strict<'_> {
    fn deeper<E: serde::de::Error>(self) -> Result<Self, E> {
        let depth = self.depth.saturating_add(1);
        if depth > JSON_DEPTH_MAX {
            return Err(self.reader.refuse(StrictError::TooDeep));
        }
        Ok(Self { depth, ..self })
    }
}

impl<'de> DeserializeSeed<'de> for Strict<'_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, source: D) -> Result<Value, D::Error> {
        self.reader.spend()?;
        source.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Strict<'_> {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(Value::Number(value.into()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(Value::Number(value.into()))
    }

    fn visit_f64<E: serde::de::Error>(self, value: f64) -> Result<Value, E> {
        Number::from_f64(value).map(Value::Number).ok_or_else(|| E::custom("not a finite number"))
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(Value::String(value.to_owned()))
    }

    fn visit_string<E>(self, value: String) -> Result<Value, E> {
        Ok(Value::String(value))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let inner = self.deeper()?;
        let mut list = Vec::new();
        while let Some(item) = items.next_element_seed(inner)? {
            list.push(item);
        }
        Ok(Value::Array(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Value, A::Error> {
        let inner = self.deeper()?;
        let mut map = Map::new();
        while let Some(name) = members.next_key::<String>()? {
            let value = members.next_value_seed(inner)?;
            if map.contains_key(&name) {
                return Err(self.reader.refuse(StrictError::Duplicate(excerpt(&name))));
            }
            map.insert(name, value);
        }
        Ok(Value::Object(map))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plain_object_is_read_as_serde_json_reads_it() {
        let text = br#" {"a":[1,-2,3.5,true,null,"x"],"b":{"c":{}}} "#;
        let expected: Value = serde_json::from_slice(text).unwrap();
        assert_eq!(Value::Object(parse_object(text).unwrap()), expected);
    }

    #[test]
    fn a_name_that_occurs_twice_is_refused_at_any_depth_and_in_any_spelling() {
        assert!(parse_object(br#"{"a":{"b":1},"b":2}"#).is_ok());
        for text in [
            r#"{"alg":"RS256","alg":"none"}"#,
            r#"{"a":{"b":1,"b":1}}"#,
            r#"{"a":[{"b":1,"b":2}]}"#,
            r#"{"sub":"x","\u0073ub":"y"}"#,
        ] {
            let error = parse_object(text.as_bytes()).unwrap_err();
            assert!(matches!(error, StrictError::Duplicate(_)), "{text}: {error}");
        }
    }

    #[test]
    fn depth_is_bounded_at_its_limit() {
        let nested = |depth: usize| {
            format!("{}1{}", r#"{"a":"#.repeat(depth), "}".repeat(depth)).into_bytes()
        };
        assert!(parse_object(&nested(JSON_DEPTH_MAX)).is_ok());
        assert_eq!(parse_object(&nested(JSON_DEPTH_MAX + 1)), Err(StrictError::TooDeep));
        assert_eq!(parse_object(&nested(100_000)), Err(StrictError::TooDeep));
    }

    #[test]
    fn the_number_of_values_is_bounded_at_its_limit() {
        let list = |count: usize| format!(r#"{{"a":[{}1]}}"#, "1,".repeat(count - 1)).into_bytes();
        // The object and the array count too.
        assert!(parse_object(&list(JSON_VALUES_MAX - 2)).is_ok());
        assert_eq!(parse_object(&list(JSON_VALUES_MAX - 1)), Err(StrictError::TooMany));
    }

    #[test]
    fn what_is_not_exactly_one_object_is_refused() {
        for text in [
            &b""[..],
            b"{",
            b"{}{}",
            b"{} x",
            b"{\"a\":1e400}",
            b"{\"a\":NaN}",
            b"{\"a\":\"\xff\"}",
            b"{\"a\":1,}",
            b"{\"a\":\"\\ud800\"}",
            b"\xef\xbb\xbf{}",
        ] {
            assert!(matches!(parse_object(text), Err(StrictError::Malformed(_))), "{text:?}");
        }
        for text in [&b"[]"[..], b"1", b"null", b"\"x\""] {
            assert_eq!(parse_object(text), Err(StrictError::NotAnObject));
        }
    }
}
