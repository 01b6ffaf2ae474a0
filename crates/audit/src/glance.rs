//! A leaf at a glance: what questions ask for, without reading all of it.

use std::borrow::Cow;

use names::{RequestId, Timestamp};
use serde::Deserialize;

use crate::entry::{Ending, LeafKind};
use crate::who::ChainLink;

/// The fields that questions and indexes look at. What is absent in a kind of leaf is absent here.
#[derive(Deserialize)]
pub(crate) struct Glance<'a> {
    pub(crate) entry: LeafKind,
    pub(crate) id: RequestId,
    #[serde(default)]
    pub(crate) time: Option<Timestamp>,
    #[serde(borrow, default)]
    pub(crate) verdict: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    pub(crate) reason: Option<GlanceReason<'a>>,
    #[serde(borrow, default)]
    pub(crate) operation: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    pub(crate) target: Option<GlanceTarget<'a>>,
    #[serde(borrow, default)]
    pub(crate) principal: Option<GlancePrincipal<'a>>,
    #[serde(borrow, default)]
    pub(crate) credential: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    pub(crate) human: Option<GlanceHuman<'a>>,
    #[serde(default)]
    pub(crate) chain: Vec<ChainLink>,
    #[serde(borrow, default)]
    pub(crate) mints: Option<GlanceMinted<'a>>,
    #[serde(borrow, default)]
    pub(crate) checks: Vec<GlanceCheck<'a>>,
}

#[derive(Deserialize)]
pub(crate) struct GlanceReason<'a> {
    #[serde(borrow)]
    pub(crate) code: Cow<'a, str>,
}

#[derive(Deserialize)]
pub(crate) struct GlanceTarget<'a> {
    #[serde(borrow)]
    pub(crate) resource: Cow<'a, str>,
}

#[derive(Deserialize)]
pub(crate) struct GlancePrincipal<'a> {
    #[serde(borrow, default)]
    pub(crate) arn: Option<Cow<'a, str>>,
    #[serde(borrow)]
    pub(crate) id: Cow<'a, str>,
}

#[derive(Deserialize)]
pub(crate) struct GlanceHuman<'a> {
    #[serde(borrow)]
    pub(crate) subject: Cow<'a, str>,
    #[serde(borrow, default)]
    pub(crate) display: Option<Cow<'a, str>>,
}

#[derive(Deserialize)]
pub(crate) struct GlanceMinted<'a> {
    #[serde(borrow)]
    pub(crate) credential: Cow<'a, str>,
}

#[derive(Deserialize)]
pub(crate) struct GlanceCheck<'a> {
    #[serde(borrow)]
    pub(crate) action: Cow<'a, str>,
    #[serde(borrow)]
    pub(crate) resource: Cow<'a, str>,
}

/// What verification looks at in the bytes of a leaf, whose hash it takes as a whole.
#[derive(Clone, Copy, Deserialize)]
pub(crate) struct Ends {
    pub(crate) v: u8,
    pub(crate) entry: LeafKind,
    pub(crate) id: RequestId,
    #[serde(default)]
    pub(crate) of: Option<LeafKind>,
    #[serde(default)]
    pub(crate) parts: u32,
    #[serde(default)]
    pub(crate) outcome: Option<Ending>,
}

/// The kind and the entry of a leaf as this program writes it, by its place in the bytes; of one
/// that is written otherwise, the long way.
pub(crate) fn kind_and_id(leaf: &[u8]) -> Option<(LeafKind, RequestId)> {
    short(leaf).or_else(|| {
        let head: crate::entry::LeafHead = serde_json::from_slice(leaf).ok()?;
        Some((head.entry, head.id))
    })
}

/// Whether the leaf belongs to the entry of that name.
pub(crate) fn names_entry(leaf: &[u8], name: &str) -> bool {
    let (_, rest) = match begins(leaf) {
        Some(known) => known,
        None => return kind_and_id(leaf).is_some_and(|(_, id)| id.to_string() == name),
    };
    rest.strip_prefix(name.as_bytes()).is_some_and(|rest| rest.starts_with(b"\""))
}

fn short(leaf: &[u8]) -> Option<(LeafKind, RequestId)> {
    let (kind, rest) = begins(leaf)?;
    let id = std::str::from_utf8(rest.get(..26)?).ok()?.parse().ok()?;
    (rest.get(26) == Some(&b'"')).then_some((kind, id))
}

/// The kind of a leaf as this program writes it, and its bytes from the id on.
pub(crate) fn begins(leaf: &[u8]) -> Option<(LeafKind, &[u8])> {
    let rest = leaf.strip_prefix(br#"{"v":1,"entry":""#)?;
    let kinds = [
        (&b"opened"[..], LeafKind::Opened),
        (b"closed", LeafKind::Closed),
        (b"continued", LeafKind::Continued),
    ];
    let (word, kind) = kinds.into_iter().find(|(word, _)| rest.starts_with(word))?;
    Some((kind, rest.get(word.len()..)?.strip_prefix(br#"","id":""#)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_short_way_and_the_long_way_say_the_same() {
        let id = "01KDYH7VPE0000000000000001";
        for kind in ["opened", "closed", "continued"] {
            let leaf = format!(r#"{{"v":1,"entry":"{kind}","id":"{id}"}}"#);
            let spaced = leaf.replace(':', ": ");
            assert!(short(leaf.as_bytes()).is_some() && short(spaced.as_bytes()).is_none());
            assert_eq!(kind_and_id(leaf.as_bytes()), kind_and_id(spaced.as_bytes()));
            for leaf in [&leaf, &spaced] {
                assert!(names_entry(leaf.as_bytes(), id));
                assert!(!names_entry(leaf.as_bytes(), "01KDYH7VPE0000000000000002"));
            }
        }
        assert_eq!(kind_and_id(b"{}"), None);
    }
}
