//! Entries and counts as JSON: what the command line prints and what the server answers.

use serde_json::{Map, Value, json};

use crate::entry::{Closed, Opened};
use crate::reader::Entry;
use crate::timeline::Counts;

impl Entry {
    /// The entry as `strongroom audit search` prints it: its first leaf, with its index as `index`
    /// and its last leaf as `closed`, `null` while it is open. `docs/audit-schema.json` is its
    /// schema.
    #[must_use]
    pub fn to_json(&self) -> Value {
        // No map of a leaf has a key that is not text: nothing here can fail.
        let mut value = serde_json::to_value(&self.opened).unwrap_or_default();
        if let Some(members) = value.as_object_mut() {
            members.insert("index".to_owned(), self.index.into());
            let closed = serde_json::to_value(&self.closed).unwrap_or_default();
            members.insert("closed".to_owned(), closed);
        }
        value
    }

    /// Reads what [`Entry::to_json`] wrote; `None` if it is something else.
    #[must_use]
    pub fn from_json(value: &Value) -> Option<Self> {
        let opened: Opened = serde_json::from_value(value.clone()).ok()?;
        let closed: Option<Closed> = serde_json::from_value(value.get("closed")?.clone()).ok()?;
        Some(Self { index: value.get("index")?.as_u64()?, opened, closed })
    }
}

impl Counts {
    /// The counts as `strongroom audit stats` prints them.
    #[must_use]
    pub fn to_json(&self) -> Value {
        json!({
            "entries": self.entries,
            "refused": self.refused,
            "open": self.open,
            "first": self.times.map(|(first, _)| first),
            "last": self.times.map(|(_, last)| last),
            "bytes_in": self.bytes.0,
            "bytes_out": self.bytes.1,
            "operations": self.operations,
            "reasons": self.reasons,
            "principals": self.principals,
        })
    }
}

/// A JSON object of the members that are there.
pub(crate) fn object<'n>(members: impl IntoIterator<Item = (&'n str, Value)>) -> Value {
    let there = members.into_iter().filter(|(_, value)| {
        let empty = value.as_object().is_some_and(Map::is_empty)
            || value.as_array().is_some_and(Vec::is_empty);
        !value.is_null() && !empty
    });
    Value::Object(there.map(|(name, value)| (name.to_owned(), value)).collect())
}
