//! Buckets: make, find, list and remove them; their tags and the answers that never change.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use audit::{Guard, Permit};
use identity::{
    Acl, AclRefusal, BucketChange, BucketPhase, BucketRecord, Listing, PublicAccessBlock,
    Versioning,
};
use names::{AccountId, BucketName, Revision, Timestamp, UploadId};

use crate::acl::beginning;
use crate::collect::{self, CollectBlobs};
use crate::error::ObjectError;
use crate::layout::{self, Incarnation};
use crate::list;
use crate::objects::{Commit, Objects};
use crate::ops::{
    CreateBucket, DeleteBucket, DeleteBucketTagging, GetBucketLocation, GetBucketTagging,
    GetBucketVersioning, HeadBucket, ListBuckets, PutBucketTagging,
};
use crate::ports::{Expect, WriteBatch};
use crate::record::{decode_header, encode_plain};
use crate::tags::TagSet;

/// A bucket in a listing.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ListedBucket {
    /// Its name.
    pub name: BucketName,
    /// When it was made.
    pub created: Timestamp,
}

/// A page of an account's buckets.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct BucketPage {
    /// The account; `None` if the caller belongs to none.
    pub owner: Option<AccountId>,
    /// The buckets, in order of their names.
    pub buckets: Vec<ListedBucket>,
    /// The token that goes on after this page, if there is more.
    pub next: Option<String>,
}

/// The buckets that requests are removing just now.
#[derive(Default)]
pub(crate) struct Removals(Mutex<BTreeSet<BucketName>>);

/// One of them, until it is dropped.
pub(crate) struct Removing<'a> {
    removals: &'a Removals,
    bucket: BucketName,
}

impl Removals {
    fn buckets(&self) -> MutexGuard<'_, BTreeSet<BucketName>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// One removal of a bucket at a time.
    fn begin(&self, bucket: &BucketName) -> Result<Removing<'_>, ObjectError> {
        if self.buckets().insert(bucket.clone()) {
            Ok(Removing { removals: self, bucket: bucket.clone() })
        } else {
            Err(ObjectError::BucketBusy(bucket.clone()))
        }
    }
}

impl Drop for Removing<'_> {
    fn drop(&mut self) {
        self.removals.buckets().remove(&self.bucket);
    }
}

/// The region in which making one's own bucket again is no error, since before there were others.
const REGION_THAT_MAKES_AGAIN: &str = "us-east-1";

/// How many records are removed at a time with a bucket.
const RECORDS_MAX: usize = 500;

impl Objects {
    /// The region served.
    #[must_use]
    pub fn region(&self) -> &str {
        &self.region
    }

    /// Lists the buckets of the caller's account.
    ///
    /// # Errors
    /// The permit was cut, or the token is not one that this listing gave.
    pub async fn list_buckets(
        &self,
        permit: Permit<ListBuckets>,
    ) -> Result<BucketPage, ObjectError> {
        let op = permit.op();
        let owner = permit.who().principal.account();
        let state = self.identity.snapshot();
        let listing = Listing::of(&["buckets", &list::account(permit.who()), &op.prefix]);
        let after = op.token.as_deref().map(|token| self.identity.page_place(&listing, token));
        let after = after.transpose().map_err(|_| ObjectError::Token)?;
        let mut all: Vec<&Arc<BucketRecord>> =
            owner.map(|owner| state.buckets_of(owner).collect()).unwrap_or_default();
        all.sort_by(|one, other| one.name.cmp(&other.name));
        let wanted = |bucket: &&Arc<BucketRecord>| {
            bucket.name.as_str().starts_with(op.prefix.as_str())
                && after.as_deref().is_none_or(|after| bucket.name.as_str() > after)
        };
        let mut rest = all.into_iter().filter(wanted);
        let listed = |bucket: &Arc<BucketRecord>| ListedBucket {
            name: bucket.name.clone(),
            created: bucket.created,
        };
        let buckets: Vec<ListedBucket> = rest.by_ref().take(op.max).map(listed).collect();
        let truncated = !buckets.is_empty() && rest.next().is_some();
        let last = buckets.last().filter(|_| truncated).map(|bucket| bucket.name.as_str());
        let next = last.map(|name| self.identity.page_token(&listing, name)).transpose();
        permit.guard().enter().map(drop)?;
        Ok(BucketPage { owner, buckets, next: next? })
    }

    /// Makes a bucket that the caller's account owns. To make it again changes nothing.
    ///
    /// # Errors
    /// The name is taken, the location is not the region served, or the account has the bucket and
    /// it is another region than `us-east-1` or the request asks something of the bucket.
    pub async fn create_bucket(&self, permit: Permit<CreateBucket>) -> Result<(), ObjectError> {
        let op = permit.op();
        if let Some(wanted) = op.location.as_ref().filter(|wanted| **wanted != self.region) {
            let (wanted, served) = (wanted.clone(), self.region.clone());
            return Err(ObjectError::Location { wanted, served });
        }
        let taken = ObjectError::BucketTaken;
        let owner = permit.who().principal.account().ok_or_else(|| taken(op.bucket.clone()))?;
        let (ownership, public_access) = self.new_buckets.settings();
        let ownership = op.ownership.or(ownership);
        let acl = beginning(owner, ownership, op.acl.as_ref())?;
        let own = public_access.unwrap_or(PublicAccessBlock::NONE);
        let accounts = self.identity.snapshot().account_public_access(owner);
        if own.and(accounts).block_public_acls && acl.as_ref().is_some_and(Acl::is_public) {
            return Err(AclRefusal::Public.into());
        }
        let bucket = op.bucket.clone();
        let change = BucketChange::Create { bucket, owner, ownership, public_access, acl };
        let made = match self.identity.change_bucket(&permit, change).await {
            Err(identity::IdentityError::BucketExists { bucket, owner: by }) => {
                return if by == owner { self.made_again(op) } else { Err(taken(bucket)) };
            }
            made => made?,
        };
        if !op.tags.is_empty() {
            self.set_bucket_tags(made, &op.bucket, &op.tags, &permit.guard()).await?;
        }
        Ok(())
    }

    /// Answers who makes a bucket that their account has: in the region where AWS answers "200 OK"
    /// that is all that is done, if nothing is asked of the bucket (S3 API reference, CreateBucket,
    /// `BucketAlreadyOwnedByYou`; `docs/decisions/a-bucket-made-again.md`).
    fn made_again(&self, op: &CreateBucket) -> Result<(), ObjectError> {
        let asks = op.acl.is_some() || op.ownership.is_some() || !op.tags.is_empty();
        let state = self.identity.snapshot();
        let stands = state.bucket(&op.bucket).is_some_and(|b| b.phase == BucketPhase::Live);
        if self.region == REGION_THAT_MAKES_AGAIN && stands && !asks {
            return Ok(());
        }
        Err(ObjectError::BucketOwned(op.bucket.clone()))
    }

    /// Asks whether the bucket exists.
    ///
    /// # Errors
    /// It does not.
    pub async fn head_bucket(&self, permit: Permit<HeadBucket>) -> Result<(), ObjectError> {
        self.bucket(permit.revision(), &permit.op().bucket).map(drop)
    }

    /// Removes an empty bucket: marks it, closes it to writes (whatever was under way), looks
    /// whether it is empty, removes it. After a crash a repeated request goes on, or the collector.
    ///
    /// # Errors
    /// It does not exist or is not empty.
    pub async fn delete_bucket(&self, permit: Permit<DeleteBucket>) -> Result<(), ObjectError> {
        let name = &permit.op().bucket;
        let _removing = self.removing.begin(name)?;
        let bucket = self.bucket(permit.revision(), name)?;
        if self.holds_objects(Incarnation(bucket.incarnation.0)).await? {
            return Err(ObjectError::BucketNotEmpty(name.clone()));
        }
        self.remove_bucket(&permit, &bucket).await
    }

    /// Goes on with removals that a crash or an error left in the middle: nobody was told that they
    /// are done.
    pub(crate) async fn resume_removals(
        &self,
        permit: &Permit<CollectBlobs>,
    ) -> Result<(), ObjectError> {
        let state = self.identity.snapshot();
        let marked = state.buckets().filter(|bucket| bucket.phase == BucketPhase::Deleting);
        for bucket in marked {
            let Ok(_removing) = self.removing.begin(&bucket.name) else { continue };
            // Only now can nobody else remove it and make another one of the name.
            let still = self.identity.snapshot().bucket(&bucket.name).cloned();
            let Some(bucket) = still.filter(|b| b.phase == BucketPhase::Deleting) else { continue };
            match self.remove_bucket(permit, &bucket).await {
                Ok(()) | Err(ObjectError::BucketNotEmpty(_) | ObjectError::NoSuchBucket(_)) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    /// Removes a bucket if it is empty. The caller has begun the removal and read the record since.
    async fn remove_bucket<Op>(
        &self,
        permit: &Permit<Op>,
        record: &BucketRecord,
    ) -> Result<(), ObjectError> {
        let (name, bucket) = (&record.name, Incarnation(record.incarnation.0));
        let guard = permit.guard();
        let not_empty = || ObjectError::BucketNotEmpty(name.clone());
        let mark = BucketChange::MarkDeleting { bucket: name.clone() };
        self.identity.change_bucket(permit, mark).await?;
        let tombstone = layout::tombstone(bucket);
        let mut batch = WriteBatch::default();
        batch.put(tombstone.clone(), collect::marker());
        self.commit(&guard, batch).await?;
        if self.holds_objects(bucket).await? {
            let mut batch = WriteBatch::default();
            batch.delete(tombstone);
            self.commit(&guard, batch).await?;
            let unmark = BucketChange::UnmarkDeleting { bucket: name.clone() };
            self.identity.change_bucket(permit, unmark).await?;
            return Err(not_empty());
        }
        self.forget_uploads(bucket, &guard).await?;
        let remove = BucketChange::Remove { bucket: name.clone() };
        self.identity.change_bucket(permit, remove).await?;
        Ok(())
    }

    async fn holds_objects(&self, bucket: Incarnation) -> Result<bool, ObjectError> {
        let from = layout::object(bucket, "");
        let to = layout::after_prefix(&from);
        Ok(!self.meta.range(&from, &to, 1).await?.is_empty())
    }

    /// Forgets the uploads in progress and the tags of a bucket that is being removed.
    async fn forget_uploads(&self, bucket: Incarnation, guard: &Guard) -> Result<(), ObjectError> {
        let from = layout::uploads(bucket, "");
        let to = layout::after_prefix(&from);
        loop {
            let page = self.meta.range(&from, &to, RECORDS_MAX).await?;
            let mut batch = WriteBatch::default();
            for (key, _) in &page {
                let id = key.rsplit(|b| *b == 0).next().unwrap_or_default();
                let id = std::str::from_utf8(id).ok().and_then(|id| id.parse::<UploadId>().ok());
                if let Some(id) = id {
                    batch.put(layout::sweep(&id), collect::marker());
                }
                batch.delete(key.to_vec());
            }
            let last = page.len() < RECORDS_MAX;
            if last {
                batch.delete(layout::bucket_tags(bucket));
            }
            self.commit(guard, batch).await?;
            if last {
                return Ok(());
            }
        }
    }

    /// Where the bucket is: the region served.
    ///
    /// # Errors
    /// It does not exist.
    pub async fn get_bucket_location(
        &self,
        permit: Permit<GetBucketLocation>,
    ) -> Result<String, ObjectError> {
        self.bucket(permit.revision(), &permit.op().bucket).map(|_| self.region.clone())
    }

    /// Whether the bucket keeps versions: so far, none does.
    ///
    /// # Errors
    /// It does not exist.
    pub async fn get_bucket_versioning(
        &self,
        permit: Permit<GetBucketVersioning>,
    ) -> Result<Versioning, ObjectError> {
        self.bucket(permit.revision(), &permit.op().bucket).map(|bucket| bucket.versioning)
    }

    /// The bucket's tags.
    ///
    /// # Errors
    /// The bucket does not exist, or has none.
    pub async fn get_bucket_tagging(
        &self,
        permit: Permit<GetBucketTagging>,
    ) -> Result<TagSet, ObjectError> {
        let key = layout::bucket_tags(self.incarnation(permit.revision(), &permit.op().bucket)?);
        let bytes = self.meta.read(&key).await?.ok_or(ObjectError::NoSuchTagSet)?;
        Ok(decode_header(&bytes)?)
    }

    /// Replaces the bucket's tags.
    ///
    /// # Errors
    /// The bucket does not exist.
    pub async fn put_bucket_tagging(
        &self,
        permit: Permit<PutBucketTagging>,
    ) -> Result<(), ObjectError> {
        let op = permit.op();
        self.set_bucket_tags(permit.revision(), &op.bucket, &op.tags, &permit.guard()).await
    }

    /// Removes the bucket's tags.
    ///
    /// # Errors
    /// The bucket does not exist.
    pub async fn delete_bucket_tagging(
        &self,
        permit: Permit<DeleteBucketTagging>,
    ) -> Result<(), ObjectError> {
        let (at, none) = (permit.revision(), TagSet::default());
        self.set_bucket_tags(at, &permit.op().bucket, &none, &permit.guard()).await
    }

    async fn set_bucket_tags(
        &self,
        at: Revision,
        name: &BucketName,
        tags: &TagSet,
        guard: &Guard,
    ) -> Result<(), ObjectError> {
        let bucket = self.incarnation(at, name)?;
        let key = layout::bucket_tags(bucket);
        let mut batch = WriteBatch::default();
        batch.expect(layout::tombstone(bucket), Expect::Absent);
        if tags.is_empty() {
            batch.delete(key);
        } else {
            batch.put(key, encode_plain(tags)?);
        }
        match self.commit(guard, batch).await? {
            Commit::Done => Ok(()),
            Commit::Conflict(_) => {
                let bucket = self.bucket(at, name)?;
                Err(ObjectError::BucketBusy(bucket.name.clone()))
            }
        }
    }
}
