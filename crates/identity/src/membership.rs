//! Which groups somebody was told to be in: so little of each that it can be kept of everybody.
//!
//! Rules remember which of them fired. A role's trust policy and a condition on a claim do not:
//! what a session was let in by is frozen in it. So that such a session ends with the membership,
//! the ids of all groups that a directory told are kept and compared with what it tells next.
//!
//! Eight bytes of a hash are kept of an id. A loss stays unseen if the lost id has the same eight
//! as another that the person still has: with 10,000 groups once in 10¹⁵, and whoever wants it must
//! find such an id among 2⁶⁴ and have the directory, which chooses ids, give it to a group.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use sha2::{Digest, Sha256};

/// Most groups of one person that are kept; twice what any directory is asked for, since a sign-in
/// only adds.
pub const GROUP_IDS_MAX: usize = 20_000;
/// How many bytes are kept of an id.
const BYTES: usize = 8;

/// The ids of a person's groups, eight bytes of each. Cloning is cheap.
///
/// ```
/// use strongroom_identity::GroupIds;
/// let before = GroupIds::of(["a", "b"]);
/// assert!(before.is_shrunk_to(&GroupIds::of(["b", "c"])));
/// assert!(!before.is_shrunk_to(&GroupIds::of(["c", "b", "a"])));
/// ```
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct GroupIds(Arc<[u64]>);

impl GroupIds {
    /// Those of these ids, each of them once.
    pub fn of<'a>(ids: impl IntoIterator<Item = &'a str>) -> Self {
        Self::sorted(ids.into_iter().map(short).collect())
    }

    fn sorted(mut shorts: Vec<u64>) -> Self {
        shorts.sort_unstable();
        shorts.dedup();
        Self(shorts.into())
    }

    /// How many.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether any of these is not among those that came later.
    #[must_use]
    pub fn is_shrunk_to(&self, later: &Self) -> bool {
        self.0.iter().any(|id| later.0.binary_search(id).is_err())
    }

    /// These without those.
    #[must_use]
    pub(crate) fn without(&self, others: &Self) -> Self {
        let mut own = self.0.to_vec();
        own.retain(|id| others.0.binary_search(id).is_err());
        Self(own.into())
    }

    /// These and those.
    #[must_use]
    pub fn with(&self, others: &Self) -> Self {
        if others.is_shrunk_to(self) {
            Self::sorted([&*self.0, &*others.0].concat())
        } else {
            self.clone()
        }
    }
}

/// The first bytes of an id's hash.
fn short(id: &str) -> u64 {
    let first = Sha256::digest(id).first_chunk::<BYTES>().copied();
    first.map(u64::from_be_bytes).unwrap_or_default()
}

impl Serialize for GroupIds {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let bytes: Vec<u8> = self.0.iter().flat_map(|id| id.to_be_bytes()).collect();
        to.serialize_str(&STANDARD_NO_PAD.encode(bytes))
    }
}

impl<'de> Deserialize<'de> for GroupIds {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = String::deserialize(from)?;
        let bytes = STANDARD_NO_PAD.decode(text).map_err(de::Error::custom)?;
        let (ids, rest) = bytes.as_chunks::<BYTES>();
        let ids: Vec<u64> = ids.iter().map(|id| u64::from_be_bytes(*id)).collect();
        if rest.is_empty() && ids.is_sorted_by(|a, b| a < b) {
            Ok(Self(ids.into()))
        } else {
            Err(de::Error::custom("the ids of groups are not eight bytes each, in order"))
        }
    }
}

/// What was said of the groups that somebody is in, by their ids.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub enum MemberOf {
    /// Nothing: whoever vouches was not asked, or knows groups by what a token calls them.
    #[default]
    Untold,
    /// A sign-in listed these; there may be more.
    Listed(GroupIds),
    /// These and no others.
    Whole(GroupIds),
}

impl MemberOf {
    /// What is known after a sign-in that said this, if `before` was known. It only ever adds: what
    /// somebody has lost is for whoever ends their sessions to say.
    #[must_use]
    pub(crate) fn added_to(&self, before: Option<&GroupIds>) -> Option<GroupIds> {
        match (self, before) {
            (Self::Untold, before) => before.cloned(),
            (Self::Listed(ids) | Self::Whole(ids), None) => Some(ids.clone()),
            (Self::Listed(ids) | Self::Whole(ids), Some(before)) => Some(before.with(ids)),
        }
    }

    /// What is known once whoever vouches has said this, if `before` was known. Of what was not
    /// known yet when they were `asked`, which a sign-in has added since, they have not spoken.
    #[must_use]
    pub(crate) fn instead_of(
        &self,
        before: Option<&GroupIds>,
        asked: Option<&GroupIds>,
    ) -> Option<GroupIds> {
        match (self, before, asked) {
            (Self::Whole(ids), Some(before), Some(asked)) => Some(ids.with(&before.without(asked))),
            (Self::Whole(ids), ..) => Some(ids.clone()),
            (Self::Untold | Self::Listed(_), ..) => self.added_to(before),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    /// Every set of some of five groups.
    fn sets() -> impl Iterator<Item = BTreeSet<&'static str>> {
        (0_u32..32).map(|bits| {
            let all = ["a", "b", "c", "d", "e"];
            (0..5).filter(|bit| bits >> bit & 1 == 1).map(|bit| all[bit]).collect()
        })
    }

    fn ids(set: &BTreeSet<&'static str>) -> GroupIds {
        GroupIds::of(set.iter().rev().copied())
    }

    #[test]
    fn a_set_has_shrunk_exactly_if_something_of_it_is_missing() {
        for (before, later) in sets().flat_map(|before| sets().map(move |l| (before.clone(), l))) {
            let lost = !before.is_subset(&later);
            assert_eq!(ids(&before).is_shrunk_to(&ids(&later)), lost, "{before:?} {later:?}");
            let whole = MemberOf::Whole(ids(&later));
            assert_eq!(whole.instead_of(Some(&ids(&before)), None), Some(ids(&later)));
            let same = Some(ids(&before));
            assert_eq!(whole.instead_of(same.as_ref(), same.as_ref()), Some(ids(&later)));
            let unspoken = whole.instead_of(same.as_ref(), Some(&GroupIds::default())).unwrap();
            assert!(!ids(&before).is_shrunk_to(&unspoken), "nothing of it was known then");
            assert!(!ids(&later).is_shrunk_to(&unspoken));
            let both = before.union(&later).copied().collect();
            assert_eq!(ids(&before).with(&ids(&later)), ids(&both));
            for said in [whole, MemberOf::Listed(ids(&later))] {
                assert_eq!(said.added_to(Some(&ids(&before))), Some(ids(&both)), "a sign-in adds");
            }
        }
    }

    #[test]
    fn what_was_not_told_whole_takes_nothing() {
        let before = GroupIds::of(["a", "b"]);
        for said in [MemberOf::Untold, MemberOf::Listed(GroupIds::of(["a"]))] {
            assert_eq!(said.instead_of(Some(&before), None), Some(before.clone()));
        }
        assert_eq!(MemberOf::Untold.instead_of(None, None), None);
    }

    #[test]
    fn it_is_written_in_eight_bytes_a_group_and_read_as_it_was() {
        for count in [0, 1, 2, 3, 5_000] {
            let all: Vec<String> = (0..count).map(|n| format!("group-{n}")).collect();
            let ids = GroupIds::of(all.iter().map(String::as_str));
            assert_eq!(ids.len(), count);
            let text = serde_json::to_string(&ids).unwrap();
            assert_eq!(text.len(), (count * 8 * 4).div_ceil(3) + 2);
            assert_eq!(serde_json::from_str::<GroupIds>(&text).unwrap(), ids);
        }
        // The first eight bytes of SHA-256 of `abc` (FIPS 180-4, example values).
        assert_eq!(serde_json::to_string(&GroupIds::of(["abc"])).unwrap(), "\"ungWv48Bz+o\"");
    }

    #[test]
    fn what_is_not_written_so_is_not_read() {
        let twice = format!("\"{}\"", STANDARD_NO_PAD.encode([1_u8; 16]));
        let falling = [2_u64.to_be_bytes(), 1_u64.to_be_bytes()].concat();
        let falling = format!("\"{}\"", STANDARD_NO_PAD.encode(falling));
        for bad in ["\"AA\"", "\"*\"", "1", "null", &twice, &falling] {
            assert!(serde_json::from_str::<GroupIds>(bad).is_err(), "{bad}");
        }
    }
}
