//! Strict JSON bodies and queries of the native admin API.

use audit::Reason;
use serde::de::DeserializeOwned;

use super::{Parsed, invalid};
use crate::error::ApiError;
use crate::exchange::{Exchange, Payload};

/// Most bytes of a JSON body.
pub(super) const JSON_BYTES_MAX: usize = 1024 * 1024;

impl Exchange {
    /// The JSON body, strictly: a member that the type does not have, or has twice, is an error.
    pub(super) fn json<T: DeserializeOwned>(&mut self) -> Parsed<T> {
        match std::mem::replace(&mut self.payload, Payload::Taken) {
            Payload::Whole(body) => parse(&body),
            // The door reads bodies of this API whole, because that is what their signature covers.
            Payload::Arriving(_) | Payload::Form(_) | Payload::Parameters(_) | Payload::Taken => {
                Err(ApiError::internal())
            }
        }
    }

    /// Refuses a body where none belongs.
    pub(super) fn no_body(&mut self) -> Parsed<()> {
        match std::mem::replace(&mut self.payload, Payload::Taken) {
            Payload::Whole(body) if !body.is_empty() => Err(invalid("this operation has no body")),
            _ => Ok(()),
        }
    }

    /// The query's parameters, each of which must be one of `known` and given once.
    pub(super) fn parameters(&self, known: &[&str]) -> Parsed<Vec<(String, String)>> {
        let pairs = self.request().query_pairs();
        let own: Vec<_> = pairs.iter().filter(|(name, _)| !name.starts_with("X-Amz-")).collect();
        for (place, (name, _)) in own.iter().enumerate() {
            if !known.contains(&name.as_str()) {
                return Err(invalid(format!(
                    "`{name}` is not a parameter of this operation; it has: {}",
                    known.join(", ")
                )));
            }
            if own.iter().skip(place.saturating_add(1)).any(|(other, _)| other == name) {
                return Err(invalid(format!("the parameter `{name}` is given twice")));
            }
        }
        Ok(own.into_iter().cloned().collect())
    }

    /// The segment of the path that stands for `{}`.
    pub(super) fn segment(&self) -> Parsed<String> {
        let crate::operation::Route::Admin { path: template, .. } = self.row.route else {
            return Err(ApiError::internal());
        };
        let path = self.request().path().strip_prefix(crate::dialect::ADMIN_PREFIX);
        let found = path.and_then(|path| crate::operation::segments(template, path));
        let first = found.and_then(|found| found.first().map(|segment| (*segment).to_owned()));
        first.ok_or_else(ApiError::internal)
    }
}

fn parse<T: DeserializeOwned>(body: &[u8]) -> Parsed<T> {
    if body.len() > JSON_BYTES_MAX {
        let message =
            format!("the body has {} bytes, and {JSON_BYTES_MAX} are allowed", body.len());
        return Err(ApiError::new(413, "EntityTooLarge", message)
            .because(Reason::LimitExceeded { limit: "JSON_BYTES_MAX" }));
    }
    serde_json::from_slice(body).map_err(|error| {
        ApiError::new(400, "MalformedJson", format!("the body is refused: {error}"))
            .because(Reason::Malformed { what: "json" })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, serde::Deserialize)]
    #[serde(deny_unknown_fields)]
    struct One {
        name: String,
    }

    fn refused(body: &[u8]) -> String {
        parse::<One>(body).unwrap_err().message.clone()
    }

    #[test]
    fn a_body_with_a_member_too_many_or_twice_is_refused_by_name() {
        assert_eq!(parse::<One>(br#"{"name": "x"}"#).unwrap().name, "x");
        assert!(refused(br#"{"name": "x", "nam": 1}"#).contains("unknown field `nam`"));
        assert!(refused(br#"{"name": "x", "name": "y"}"#).contains("duplicate field `name`"));
        assert!(refused(b"{}").contains("missing field `name`"));
        assert!(refused(b"").contains("EOF"));
        assert!(refused(br#"{"name": "x"} {}"#).contains("trailing"));
    }

    #[test]
    fn a_body_is_at_most_a_mebibyte() {
        let body = |bytes: usize| {
            let name = "x".repeat(bytes - br#"{"name":""}"#.len());
            format!(r#"{{"name":"{name}"}}"#)
        };
        assert!(parse::<One>(body(JSON_BYTES_MAX).as_bytes()).is_ok());
        let error = parse::<One>(body(JSON_BYTES_MAX + 1).as_bytes()).unwrap_err();
        assert_eq!((error.status, error.code), (413, "EntityTooLarge"));
    }
}
