//! What a signer made of a case: the request as it would be sent.

use serde::{Deserialize, Serialize};

/// A signed request, or why there is none.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Signed {
    pub id: u64,
    #[serde(default)]
    pub skip: Option<String>,
    #[serde(default)]
    pub method: String,
    #[serde(default)]
    pub target: String,
    #[serde(default)]
    pub headers: Vec<(String, String)>,
}

impl Signed {
    pub fn skipped(id: u64, reason: &str) -> Self {
        let skip = Some(reason.to_owned());
        Self { id, skip, method: String::new(), target: String::new(), headers: Vec::new() }
    }

    /// The values of a header, in order.
    pub fn values<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        let same = move |(other, _): &&(String, String)| other.eq_ignore_ascii_case(name);
        self.headers.iter().filter(same).map(|(_, value)| value.as_str())
    }

    /// Path and query as they travel.
    pub fn split(&self) -> (&str, &str) {
        self.target.split_once('?').unwrap_or((&self.target, ""))
    }

    /// One query parameter, decoded.
    pub fn parameter(&self, wanted: &str) -> Option<String> {
        let (_, query) = self.split();
        query.split('&').find_map(|pair| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            let value = crate::encoding::decoded(value, true);
            (name == wanted).then(|| String::from_utf8_lossy(&value).into_owned())
        })
    }
}
