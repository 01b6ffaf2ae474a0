//! Changes of a bucket's record.

use std::sync::Arc;

use names::{BucketName, Timestamp};

use crate::acl::AclRefusal;
use crate::delta::Change;
use crate::error::IdentityError;
use crate::record::{BucketChange, BucketPhase, BucketRecord, Ownership, Versioning};
use crate::state::State;

/// What a change of a bucket makes of the state.
pub(crate) fn change(
    state: &State,
    change: BucketChange,
    now: Timestamp,
) -> Result<Vec<Change>, IdentityError> {
    if let BucketChange::Create { bucket, owner, ownership, public_access, acl } = change {
        if let Some(old) = state.bucket(&bucket) {
            return Err(IdentityError::BucketExists { bucket, owner: old.owner });
        }
        let record = BucketRecord {
            name: bucket,
            owner,
            created: now,
            incarnation: state.revision().next(),
            policy: None,
            public_access,
            ownership,
            acl,
            versioning: Versioning::Unversioned,
            phase: BucketPhase::Live,
        };
        return Ok(vec![Change::Bucket(Arc::new(record))]);
    }
    let name = change.bucket().clone();
    let old = state.bucket(&name).ok_or_else(|| IdentityError::NoSuchBucket(name.clone()))?;
    let mut record = (**old).clone();
    match change {
        BucketChange::Create { .. } => {}
        BucketChange::MarkDeleting { .. } => record.phase = BucketPhase::Deleting,
        BucketChange::UnmarkDeleting { .. } => {
            in_phase(old, BucketPhase::Deleting, &name)?;
            record.phase = BucketPhase::Live;
        }
        BucketChange::Remove { .. } => {
            in_phase(old, BucketPhase::Deleting, &name)?;
            return Ok(vec![Change::BucketGone(name)]);
        }
        setting => {
            in_phase(old, BucketPhase::Live, &name)?;
            set(state, &mut record, setting)?;
        }
    }
    Ok(vec![Change::Bucket(Arc::new(record))])
}

fn in_phase(
    bucket: &BucketRecord,
    phase: BucketPhase,
    name: &BucketName,
) -> Result<(), IdentityError> {
    if bucket.phase == phase { Ok(()) } else { Err(IdentityError::BucketPhase(name.clone())) }
}

fn set(
    state: &State,
    record: &mut BucketRecord,
    setting: BucketChange,
) -> Result<(), IdentityError> {
    match setting {
        BucketChange::SetPolicy { policy, .. } => record.policy = Some(state.freeze(&policy)?),
        BucketChange::DeletePolicy { .. } => record.policy = None,
        BucketChange::SetPublicAccessBlock { block, .. } => record.public_access = block,
        BucketChange::SetOwnership { ownership, .. } => {
            let reaches = record.acl.as_ref().is_some_and(|acl| acl.reaches_beyond(record.owner));
            if ownership == Some(Ownership::BucketOwnerEnforced) && reaches {
                return Err(AclRefusal::InTheWay.into());
            }
            record.ownership = ownership;
        }
        BucketChange::SetAcl { acl, .. } => {
            if !record.has_acls() {
                return Err(AclRefusal::Off.into());
            }
            if acl.is_public() && state.public_access(record).block_public_acls {
                return Err(AclRefusal::Public.into());
            }
            record.acl = Some(acl);
        }
        BucketChange::SetVersioning { versioning, .. } => {
            let back = versioning == Versioning::Unversioned;
            if back && record.versioning != Versioning::Unversioned {
                let must = "`Enabled` or `Suspended`";
                return Err(IdentityError::Validation { parameter: "Status", must });
            }
            record.versioning = versioning;
        }
        BucketChange::Create { .. }
        | BucketChange::MarkDeleting { .. }
        | BucketChange::UnmarkDeleting { .. }
        | BucketChange::Remove { .. } => {}
    }
    Ok(())
}
