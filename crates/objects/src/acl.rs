//! What lists mean: from the words of a request to grants, whose an object is, and what is kept.

use std::sync::Arc;

use audit::Permit;
use identity::{
    Acl, AclRefusal, BucketChange, BucketRecord, Grantee, Ownership, Permission, PublicAccessBlock,
};
use names::{AccountId, BucketName};

use crate::error::ObjectError;
use crate::objects::{Objects, absent, only_null};
use crate::ops::{
    DeleteBucketOwnershipControls, GetBucketAcl, GetBucketOwnershipControls, GetObjectAcl,
    ObjectName, PutBucketAcl, PutBucketOwnershipControls, PutObjectAcl,
};
use crate::ports::WriteBatch;
use crate::record::{ObjectHeader, ObjectRecord};

/// The lists that have a name (S3 user guide, "Canned ACL").
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum CannedAcl {
    /// `private`
    Private,
    /// `public-read`
    PublicRead,
    /// `public-read-write`
    PublicReadWrite,
    /// `authenticated-read`
    AuthenticatedRead,
    /// `bucket-owner-read`: of an object; on a bucket it is `private`.
    BucketOwnerRead,
    /// `bucket-owner-full-control`: of an object; on a bucket it is `private`.
    BucketOwnerFullControl,
    /// `log-delivery-write`: of a bucket; on an object it is `private`.
    LogDeliveryWrite,
}

/// The list that a request brings.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum SentAcl {
    /// By name.
    Canned(CannedAcl),
    /// Grant by grant.
    Grants(Acl),
}

/// Whose an object is and who was granted what on it, when a request for it was decided.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub enum Seen {
    /// There was no such object.
    Absent,
    /// There was.
    Owned(AccessList),
}

/// Who owns a bucket or an object, and the grants on it.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct AccessList {
    /// The owner.
    pub owner: AccountId,
    /// The grants.
    pub acl: Acl,
}

impl SentAcl {
    /// The grants on an object of that owner in a bucket of that owner.
    fn on_object(&self, owner: AccountId, bucket: AccountId) -> Acl {
        let more = match self {
            Self::Grants(acl) => return acl.clone(),
            Self::Canned(CannedAcl::BucketOwnerRead) if owner != bucket => {
                vec![(Grantee::Account(bucket), Permission::Read)]
            }
            Self::Canned(CannedAcl::BucketOwnerFullControl) if owner != bucket => {
                vec![(Grantee::Account(bucket), Permission::FullControl)]
            }
            Self::Canned(CannedAcl::LogDeliveryWrite) => Vec::new(),
            Self::Canned(canned) => canned.groups(),
        };
        with_owner(owner, more)
    }

    /// The grants on a bucket of that owner.
    fn on_bucket(&self, owner: AccountId) -> Acl {
        match self {
            Self::Grants(acl) => acl.clone(),
            Self::Canned(canned) => with_owner(owner, canned.groups()),
        }
    }

    /// Whether an upload may bring it into a bucket without ACLs: it grants the bucket's owner
    /// everything and nobody else anything (S3 user guide, "Controlling ownership of objects").
    fn is_the_bucket_owners(&self, bucket: AccountId) -> bool {
        match self {
            Self::Canned(canned) => *canned == CannedAcl::BucketOwnerFullControl,
            Self::Grants(acl) => *acl == Acl::private(bucket),
        }
    }
}

impl CannedAcl {
    /// What it grants to groups.
    fn groups(self) -> Vec<(Grantee, Permission)> {
        use Permission::{Read, ReadAcp, Write};
        match self {
            Self::PublicRead => vec![(Grantee::AllUsers, Read)],
            Self::PublicReadWrite => vec![(Grantee::AllUsers, Read), (Grantee::AllUsers, Write)],
            Self::AuthenticatedRead => vec![(Grantee::AuthenticatedUsers, Read)],
            Self::LogDeliveryWrite => {
                vec![(Grantee::LogDelivery, Write), (Grantee::LogDelivery, ReadAcp)]
            }
            Self::Private | Self::BucketOwnerRead | Self::BucketOwnerFullControl => Vec::new(),
        }
    }
}

/// The owner's full control, and these.
fn with_owner(owner: AccountId, more: Vec<(Grantee, Permission)>) -> Acl {
    let mut grants = Acl::private(owner).grants().to_vec();
    grants.extend(more);
    Acl::new(grants).unwrap_or_default()
}

/// What is kept of an object's ownership: nothing where it follows from the bucket.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(crate) struct Kept {
    pub(crate) owner: Option<AccountId>,
    pub(crate) acl: Option<Acl>,
}

impl Kept {
    /// What is kept of an object that `writer` writes into the bucket with the list that was sent.
    ///
    /// An object that an anonymous caller writes is the bucket owner's.
    ///
    /// # Errors
    /// The bucket takes no ACLs, or no public ones.
    pub(crate) fn of(
        bucket: &BucketRecord,
        block: PublicAccessBlock,
        writer: Option<AccountId>,
        sent: Option<&SentAcl>,
    ) -> Result<Self, ObjectError> {
        if !bucket.has_acls() {
            let fits = sent.is_none_or(|sent| sent.is_the_bucket_owners(bucket.owner));
            return if fits { Ok(Self::default()) } else { Err(AclRefusal::Off.into()) };
        }
        let given = sent == Some(&SentAcl::Canned(CannedAcl::BucketOwnerFullControl));
        let preferred = bucket.ownership == Some(Ownership::BucketOwnerPreferred);
        let owner = match writer {
            Some(writer) if !(preferred && given) => writer,
            _ => bucket.owner,
        };
        let acl = sent.map(|sent| sent.on_object(owner, bucket.owner));
        refuse_public(block, acl.as_ref())?;
        Ok(Self {
            owner: (owner != bucket.owner).then_some(owner),
            acl: acl.filter(|acl| *acl != Acl::private(owner)),
        })
    }
}

/// Refuses a public list where public lists are blocked.
fn refuse_public(block: PublicAccessBlock, acl: Option<&Acl>) -> Result<(), ObjectError> {
    if block.block_public_acls && acl.is_some_and(Acl::is_public) {
        return Err(AclRefusal::Public.into());
    }
    Ok(())
}

/// Whose a stored object is, and the grants on it as they were put.
pub(crate) fn access_of(header: &ObjectHeader, bucket: &BucketRecord) -> AccessList {
    let owner = header.owner.unwrap_or(bucket.owner);
    let acl = header.acl.clone().unwrap_or_else(|| Acl::private(owner));
    AccessList { owner, acl }
}

impl ObjectName {
    /// Whether the object is still as it was when the request was decided.
    ///
    /// # Errors
    /// It has another owner or other grants: what was decided is not about this object.
    pub(crate) fn unchanged(
        &self,
        present: Option<&ObjectRecord>,
        bucket: &BucketRecord,
    ) -> Result<(), ObjectError> {
        let same = match (&self.seen, present) {
            (None, _) | (Some(_), None) => true,
            (Some(Seen::Absent), Some(_)) => false,
            (Some(Seen::Owned(then)), Some(now)) => *then == access_of(&now.header, bucket),
        };
        if same { Ok(()) } else { Err(ObjectError::Changed) }
    }
}

/// The list of a bucket that is being made, if anybody but its owner is granted something.
///
/// # Errors
/// Such a list is sent for a bucket that takes none.
pub(crate) fn beginning(
    owner: AccountId,
    ownership: Option<Ownership>,
    sent: Option<&SentAcl>,
) -> Result<Option<Acl>, ObjectError> {
    let acl = sent.map(|sent| sent.on_bucket(owner)).filter(|acl| *acl != Acl::private(owner));
    if ownership == Some(Ownership::BucketOwnerEnforced) && acl.is_some() {
        return Err(ObjectError::AclAtCreation);
    }
    Ok(acl)
}

impl Objects {
    /// What is kept of an object that this permit writes.
    pub(crate) fn kept<Op>(
        &self,
        permit: &Permit<Op>,
        bucket: &BucketName,
        sent: Option<&SentAcl>,
    ) -> Result<Kept, ObjectError> {
        let bucket = self.bucket(permit.revision(), bucket)?;
        let block = self.identity.snapshot().public_access(&bucket);
        Kept::of(&bucket, block, permit.who().principal.account(), sent)
    }

    /// The bucket's owner and the grants that count on it.
    ///
    /// # Errors
    /// It does not exist.
    pub async fn get_bucket_acl(
        &self,
        permit: Permit<GetBucketAcl>,
    ) -> Result<AccessList, ObjectError> {
        let bucket = self.bucket(permit.revision(), &permit.op().bucket)?;
        let owner = bucket.owner;
        let block = self.identity.snapshot().public_access(&bucket);
        let acl = if bucket.has_acls() { bucket.effective_acl(block) } else { Acl::private(owner) };
        Ok(AccessList { owner, acl })
    }

    /// Replaces the bucket's list.
    ///
    /// # Errors
    /// It does not exist, takes no lists or no public ones, or has another owner than the list
    /// says.
    pub async fn put_bucket_acl(&self, permit: Permit<PutBucketAcl>) -> Result<(), ObjectError> {
        let op = permit.op();
        let bucket = self.bucket(permit.revision(), &op.bucket)?;
        if op.owner.is_some_and(|owner| owner != bucket.owner) {
            return Err(ObjectError::AclOwner);
        }
        let acl = op.acl.on_bucket(bucket.owner);
        let change = BucketChange::SetAcl { bucket: op.bucket.clone(), acl };
        self.identity.change_bucket(&permit, change).await?;
        Ok(())
    }

    /// The object's owner and the grants that count on it.
    ///
    /// # Errors
    /// The object does not exist.
    pub async fn get_object_acl(
        &self,
        permit: Permit<GetObjectAcl>,
    ) -> Result<AccessList, ObjectError> {
        let name = &permit.op().name;
        let bucket = self.bucket(permit.revision(), &name.bucket)?;
        only_null(name.version.as_ref())?;
        let record = self.record(self.place(permit.revision(), &name.bucket, &name.key)?).await?;
        let (_, record) = record.ok_or_else(|| absent(permit.absence()))?;
        name.unchanged(Some(&record), &bucket)?;
        if !bucket.has_acls() {
            return Ok(AccessList { owner: bucket.owner, acl: Acl::private(bucket.owner) });
        }
        let AccessList { owner, acl } = access_of(&record.header, &bucket);
        let block = self.identity.snapshot().public_access(&bucket);
        let acl = if block.ignore_public_acls { acl.without_public() } else { acl };
        Ok(AccessList { owner, acl })
    }

    /// Replaces the object's list. When it was modified stays as it is.
    ///
    /// # Errors
    /// The object does not exist, its bucket takes no lists or no public ones, or it has another
    /// owner than the list says.
    pub async fn put_object_acl(&self, permit: Permit<PutObjectAcl>) -> Result<(), ObjectError> {
        let op = permit.op();
        let name = &op.name;
        let bucket = self.bucket(permit.revision(), &name.bucket)?;
        only_null(name.version.as_ref())?;
        if !bucket.has_acls() {
            return Err(AclRefusal::Off.into());
        }
        let block = self.identity.snapshot().public_access(&bucket);
        let place = self.place(permit.revision(), &name.bucket, &name.key)?;
        self.replace(place, &permit.guard(), &WriteBatch::default(), |present| {
            let mut record = present.cloned().ok_or_else(|| absent(permit.absence()))?;
            name.unchanged(Some(&record), &bucket)?;
            let owner = record.header.owner.unwrap_or(bucket.owner);
            if op.owner.is_some_and(|said| said != owner) {
                return Err(ObjectError::AclOwner);
            }
            let acl = op.acl.on_object(owner, bucket.owner);
            refuse_public(block, Some(&acl))?;
            Arc::make_mut(&mut record.header).acl = Some(acl);
            Ok(Some(record))
        })
        .await
    }

    /// Who owns the bucket's objects.
    ///
    /// # Errors
    /// The bucket does not exist, or its setting was deleted.
    pub async fn get_bucket_ownership_controls(
        &self,
        permit: Permit<GetBucketOwnershipControls>,
    ) -> Result<Ownership, ObjectError> {
        let bucket = self.bucket(permit.revision(), &permit.op().bucket)?;
        bucket.ownership.ok_or(ObjectError::NoSuchOwnershipControls)
    }

    /// Sets who owns the bucket's objects.
    ///
    /// # Errors
    /// The bucket does not exist, or ACLs cannot be switched off while its own is in the way.
    pub async fn put_bucket_ownership_controls(
        &self,
        permit: Permit<PutBucketOwnershipControls>,
    ) -> Result<(), ObjectError> {
        let op = permit.op();
        let bucket = self.bucket(permit.revision(), &op.bucket)?.name.clone();
        let change = BucketChange::SetOwnership { bucket, ownership: Some(op.ownership) };
        self.identity.change_bucket(&permit, change).await?;
        Ok(())
    }

    /// Removes the setting: writers own what they write.
    ///
    /// # Errors
    /// The bucket does not exist.
    pub async fn delete_bucket_ownership_controls(
        &self,
        permit: Permit<DeleteBucketOwnershipControls>,
    ) -> Result<(), ObjectError> {
        let bucket = self.bucket(permit.revision(), &permit.op().bucket)?.name.clone();
        let change = BucketChange::SetOwnership { bucket, ownership: None };
        self.identity.change_bucket(&permit, change).await?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const OPEN: PublicAccessBlock = PublicAccessBlock::NONE;

    fn account(digit: u8) -> AccountId {
        digit.to_string().repeat(12).parse().unwrap()
    }

    fn bucket(ownership: Option<Ownership>) -> BucketRecord {
        let text = format!(
            r#"{{"name": "box", "owner": "{}", "created": "2026-01-01T00:00:00.000Z",
                "incarnation": 1, "public_access": null, "ownership": null,
                "versioning": "Unversioned", "phase": "live"}}"#,
            account(1)
        );
        let record: BucketRecord = serde_json::from_str(&text).unwrap();
        BucketRecord { ownership, ..record }
    }

    fn owner(
        ownership: Ownership,
        writer: Option<AccountId>,
        sent: Option<CannedAcl>,
    ) -> AccountId {
        let sent = sent.map(SentAcl::Canned);
        let kept = Kept::of(&bucket(Some(ownership)), OPEN, writer, sent.as_ref()).unwrap();
        kept.owner.unwrap_or(account(1))
    }

    #[test]
    fn the_ownership_setting_says_whose_another_accounts_object_is() {
        let given = Some(CannedAcl::BucketOwnerFullControl);
        let writer = Some(account(2));
        use Ownership::{BucketOwnerEnforced, BucketOwnerPreferred, ObjectWriter};
        assert_eq!(owner(BucketOwnerEnforced, writer, None), account(1));
        assert_eq!(owner(BucketOwnerEnforced, writer, given), account(1));
        assert_eq!(owner(BucketOwnerPreferred, writer, None), account(2));
        assert_eq!(owner(BucketOwnerPreferred, writer, given), account(1));
        assert_eq!(owner(BucketOwnerPreferred, writer, Some(CannedAcl::Private)), account(2));
        assert_eq!(owner(ObjectWriter, writer, None), account(2));
        assert_eq!(owner(ObjectWriter, writer, given), account(2));
    }

    #[test]
    fn what_an_anonymous_caller_writes_is_the_bucket_owners() {
        assert_eq!(owner(Ownership::ObjectWriter, None, None), account(1));
    }

    #[test]
    fn a_canned_list_grants_the_owner_everything_and_the_bucket_owner_what_it_says() {
        use Permission::{FullControl, Read};
        let on = |canned| SentAcl::Canned(canned).on_object(account(2), account(1));
        let own = (Grantee::Account(account(2)), FullControl);
        let grants = |canned| on(canned).grants().to_vec();
        assert_eq!(grants(CannedAcl::Private), [own]);
        let bucket_owner = Grantee::Account(account(1));
        assert_eq!(grants(CannedAcl::BucketOwnerRead), [own, (bucket_owner, Read)]);
        assert_eq!(grants(CannedAcl::BucketOwnerFullControl), [own, (bucket_owner, FullControl)]);
        assert_eq!(grants(CannedAcl::PublicRead), [own, (Grantee::AllUsers, Read)]);
        assert_eq!(grants(CannedAcl::LogDeliveryWrite), [own]);
        let same = SentAcl::Canned(CannedAcl::BucketOwnerFullControl);
        assert_eq!(same.on_object(account(1), account(1)), Acl::private(account(1)));
    }

    #[test]
    fn a_bucket_without_a_setting_has_lists() {
        let bucket = bucket(None);
        assert!(bucket.has_acls());
        let kept = Kept::of(&bucket, OPEN, Some(account(2)), None).unwrap();
        assert_eq!(kept.owner, Some(account(2)));
    }
}
