//! Entries in the words of tools that exist: OCSF, ECS, and records shaped like CloudTrail's. Each
//! view is a pure function of an entry, which holds no secret, and adds nothing to it;
//! `docs/audit-views.md` has the tables of fields and their sources.

mod cloudtrail;
mod ecs;
mod joined;
mod ocsf;
mod words;

pub use joined::{Joined, Joiner};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::entry::Leaf;
use crate::reader::Entry;

/// In whose words an entry is told.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum View {
    /// Open Cybersecurity Schema Framework 1.3.0: API Activity (6003), or Authentication (3002) for
    /// what mints a session.
    Ocsf,
    /// Elastic Common Schema 8.17.
    Ecs,
    /// A record shaped like those of AWS CloudTrail, event version 1.11.
    CloudTrail,
}

/// An entry in the words of a view.
///
/// ```
/// use strongroom_audit::entry::Leaf;
/// use strongroom_audit::view::{View, of_leaf};
/// let leaf = br#"{"v":1,"entry":"opened","id":"01KDYH7VPE0000000000000001",
///     "time":"2026-01-02T03:04:05.678Z","verdict":"allowed","operation":"GetObject",
///     "source":{"transport":"tls"},"durability":"available"}"#;
/// let told = of_leaf((7, leaf), View::Ecs).unwrap();
/// assert_eq!(told["event"]["action"], "GetObject");
/// assert_eq!(told["event"]["id"], "01KDYH7VPE0000000000000001");
/// ```
#[must_use]
pub fn of(entry: &Entry, view: View) -> Value {
    match view {
        View::Ocsf => ocsf::of(entry),
        View::Ecs => ecs::of(entry),
        View::CloudTrail => cloudtrail::of(entry),
    }
}

/// One leaf, given with its index, in the words of a view. A first leaf is told as an entry that is
/// open; `None` for every other leaf, and for one that cannot be read. A [`Joiner`] makes whole
/// entries of leaves as they come.
#[must_use]
pub fn of_leaf((index, leaf): (u64, &[u8]), view: View) -> Option<Value> {
    let Ok(Leaf::Opened(opened)) = Leaf::parse(leaf) else { return None };
    Some(of(&Entry { index, opened: *opened, closed: None }, view))
}
