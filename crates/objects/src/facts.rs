//! Facts about objects that policies may ask for: readable by policy alone.

use policy::facts::FactMap;

use crate::acl::{AccessList, Seen};
use crate::ops::SourceTags;
use crate::tags::TagSet;

/// What is known of an object before a request for it is decided. Its content can be handed to a
/// policy decision and to nothing else, so that it cannot leak into an answer.
#[derive(Clone, Debug, Default)]
pub struct ObjectFacts {
    tags: TagSet,
    access: Option<AccessList>,
}

impl ObjectFacts {
    pub(crate) fn new(tags: TagSet, access: AccessList) -> Self {
        Self { tags, access: Some(access) }
    }

    /// Whose it is and the grants on it, for the decision and for what is done after it.
    #[must_use]
    pub fn seen(&self) -> Seen {
        self.access.clone().map_or(Seen::Absent, Seen::Owned)
    }

    /// Sets `s3:ExistingObjectTag/KEY` for every tag (S3 user guide, "Tagging and access control
    /// policies").
    pub fn tell(&self, server: &mut FactMap) {
        for (key, value) in self.tags.iter() {
            server.add(&format!("s3:ExistingObjectTag/{key}"), value);
        }
    }

    /// What a copy of the object must be allowed to do about tags.
    #[must_use]
    pub fn source_tags(&self) -> SourceTags {
        if self.tags.is_empty() { SourceTags::None } else { SourceTags::Some }
    }
}
