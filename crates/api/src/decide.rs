//! Gathers what a decision needs, at one revision, and asks the policy engine.

use std::collections::BTreeMap;
use std::sync::Arc;

use audit::Items;
use identity::{BucketRecord, State};
use names::{AccountId, Arn, BucketName, Timestamp};
use objects::ObjectFacts;
use objects::ops::{ObjectName, Seen};
use policy::decision::Decision;
use policy::facts::{FactMap, Facts, Value};
use policy::operation::{Check, Operation};
use policy::{
    Attached, CallerPolicies, Question, ResourceKind, ResourceSide, RestrictPublicBuckets, decide,
};

use crate::Services;
use crate::caller::Known;
use crate::error::ApiError;
use crate::granted::{Lists, Writes};

/// Everything that the checks of one request are decided with.
pub(crate) struct Asked<'a> {
    known: &'a Known,
    state: &'a State,
    policies: CallerPolicies,
    facts: Arc<Facts>,
    /// The same with what is known of whoever owns the resources, if they have one owner.
    owned: Option<(AccountId, Arc<Facts>)>,
    /// Tags of the objects that the checks are about, where some policy asks for them.
    tags: BTreeMap<Arn, FactMap>,
    /// The side of each resource, as its first check has it: the checks of one operation on one
    /// resource are decided against the same side.
    sides: BTreeMap<Arn, ResourceSide>,
    /// The ACLs of each resource whose bucket has any.
    lists: BTreeMap<Arn, Lists>,
}

impl Services {
    /// Gathers what the checks need. Object tags are read only if a policy that applies names them.
    ///
    /// # Errors
    /// Tags that a policy names cannot be read. Nothing is decided then: a policy that denies by a
    /// tag would not deny if the tag were taken to be absent.
    pub(crate) async fn asked<'a>(
        &self,
        known: &'a Known,
        state: &'a State,
        checks: &[Check],
        (mut facts, now): (Facts, Timestamp),
    ) -> Result<Asked<'a>, ApiError> {
        let policies = state.policies_of(&known.caller);
        state.principal_facts(&known.caller, now, &mut facts);
        let mut sides = BTreeMap::new();
        let mut tags = BTreeMap::new();
        let mut lists = BTreeMap::new();
        for check in checks {
            if sides.contains_key(&check.resource) {
                continue;
            }
            let record = state.bucket_of(&check.resource);
            let side = side_with(state, known.account(), check, record);
            let listed = record.filter(|record| record.has_acls());
            let asks = asks_for_tags(&policies, &side);
            let mut seen = None;
            if (asks || listed.is_some())
                && let Some(name) = object(&check.resource)
            {
                let facts = self.objects.facts(&name).await?;
                seen = Some(facts.seen());
                if asks {
                    tags.insert(check.resource.clone(), told(&facts));
                }
            }
            let writes = writes(checks, &check.resource);
            if let Some(found) = listed
                .and_then(|bucket| Lists::of((bucket, state.public_access(bucket)), seen, writes))
            {
                lists.insert(check.resource.clone(), found);
            }
            sides.insert(check.resource.clone(), side);
        }
        let facts = Arc::new(facts);
        let owned = one_owner(known, sides.values())
            .map(|owner| (owner, Arc::new(facts_of_owner(state, owner, &facts))));
        Ok(Asked { known, state, policies, facts, owned, tags, sides, lists })
    }
}

impl Asked<'_> {
    /// One decision for each check, in order.
    pub(crate) fn decide_all(&self, checks: &[Check]) -> Vec<Decision> {
        checks.iter().map(|check| self.decide(check)).collect()
    }

    /// The items of a batch, each with its decisions.
    pub(crate) fn decide_items<Op: Operation>(&self, ops: Vec<Op>) -> Items<Op> {
        let decided = |op: Op| {
            let decisions = self.decide_all(&op.checks());
            (op, decisions)
        };
        ops.into_iter().map(decided).collect()
    }

    fn decide(&self, check: &Check) -> Decision {
        let plain = ResourceSide::plain(self.known.account());
        let resource = self.sides.get(&check.resource).unwrap_or(&plain);
        let mut facts = Facts::over(self.facts_of(owner(self.known, resource)));
        self.state.resource_facts(&check.resource, &mut facts);
        if let Some(tags) = self.tags.get(&check.resource).filter(|_| sees_tags(check)) {
            facts.server.extend(tags);
        }
        let question = Question {
            principal: self.known.principal(),
            caller: &self.policies,
            resource,
            facts: &facts,
            revision: self.state.revision(),
        };
        match self.lists.get(&check.resource) {
            Some(lists) => lists.decide(check, &question),
            None => decide(check, &question),
        }
    }

    /// What is known where that account owns the resource.
    fn facts_of(&self, owner: Option<AccountId>) -> Arc<Facts> {
        match (owner, &self.owned) {
            (Some(owner), Some((one, facts))) if owner == *one => Arc::clone(facts),
            (Some(owner), _) => Arc::new(facts_of_owner(self.state, owner, &self.facts)),
            (None, _) => Arc::clone(&self.facts),
        }
    }

    /// How the object that an operation is about was when it was decided, where ACLs count.
    pub(crate) fn seen(&self, name: &ObjectName) -> Option<Seen> {
        // Of most objects nothing is kept: then there is no need to make their names.
        if self.lists.is_empty() {
            return None;
        }
        self.lists.get(&name.arn()).and_then(Lists::seen).cloned()
    }
}

/// Who owns a resource: the caller's own account, if nobody else does.
fn owner(known: &Known, resource: &ResourceSide) -> Option<AccountId> {
    resource.account.or_else(|| known.account())
}

/// The owner of all these resources, if it is one.
fn one_owner<'r>(
    known: &Known,
    resources: impl Iterator<Item = &'r ResourceSide>,
) -> Option<AccountId> {
    let mut owners = resources.map(|resource| owner(known, resource));
    let first = owners.next()??;
    owners.all(|other| other == Some(first)).then_some(first)
}

/// What is known of a resource by whose it is, over all other facts.
fn facts_of_owner(state: &State, owner: AccountId, under: &Arc<Facts>) -> Facts {
    let mut facts = Facts::over(Arc::clone(under));
    facts.server.set("aws:ResourceAccount", owner.as_str());
    facts.server.set("s3:ResourceAccount", owner.as_str());
    facts.server.set("aws:ResourceOrgID", state.organization_id());
    let path = vec![state.organization_path(owner)];
    facts.server.set("aws:ResourceOrgPaths", Value::Many(path));
    facts
}

/// Whether the operation of these checks writes the object.
fn writes(checks: &[Check], resource: &Arn) -> Writes {
    let is_write =
        |check: &Check| check.resource == *resource && check.action.as_str() == "s3:PutObject";
    if checks.iter().any(is_write) { Writes::Yes } else { Writes::No }
}

/// The resource's side of a check.
pub(crate) fn side(state: &State, caller: Option<AccountId>, check: &Check) -> ResourceSide {
    side_with(state, caller, check, state.bucket_of(&check.resource))
}

fn side_with(
    state: &State,
    caller: Option<AccountId>,
    check: &Check,
    record: Option<&Arc<BucketRecord>>,
) -> ResourceSide {
    let resource = &check.resource;
    match (resource.service(), check.action.service()) {
        // Whoever makes a bucket makes it in its own account; that the name is taken is a 409.
        ("s3", _) if check.action.as_str() == "s3:CreateBucket" => {
            ResourceSide { kind: ResourceKind::Bucket, ..ResourceSide::plain(caller) }
        }
        ("s3", _) => bucket_side(state, caller, record),
        // A role is put on, or a provider's own trust document asked; all else of STS is about the
        // caller's own account.
        ("iam", "sts") => state.trust_side(resource),
        ("", _) => ResourceSide::plain(caller),
        _ => state.plain_side(resource, caller),
    }
}

/// A bucket's side. One that does not exist is decided against the caller's own account.
fn bucket_side(
    state: &State,
    caller: Option<AccountId>,
    record: Option<&Arc<BucketRecord>>,
) -> ResourceSide {
    let Some(record) = record else {
        return ResourceSide { kind: ResourceKind::Bucket, ..ResourceSide::plain(caller) };
    };
    let restricted = state.public_access(record).restrict_public_buckets;
    ResourceSide {
        account: Some(record.owner),
        policy: record.policy.as_ref().map(|policy| Attached {
            name: format!("bucket:{}", record.name),
            document: Arc::clone(policy.document()),
        }),
        kind: ResourceKind::Bucket,
        resource_control: state.resource_controls(record.owner),
        restrict_public: if restricted {
            RestrictPublicBuckets::On
        } else {
            RestrictPublicBuckets::Off
        },
    }
}

/// The bucket of an S3 resource.
pub(crate) fn bucket(resource: &Arn) -> Option<BucketName> {
    resource.resource().split('/').next()?.parse().ok()
}

/// The object of an S3 resource.
fn object(resource: &Arn) -> Option<ObjectName> {
    if resource.service() != "s3" {
        return None;
    }
    let (bucket, key) = resource.resource().split_once('/')?;
    Some(ObjectName {
        bucket: bucket.parse().ok()?,
        key: key.parse().ok()?,
        version: None,
        seen: None,
    })
}

/// What an object's tags tell policies.
fn told(found: &ObjectFacts) -> FactMap {
    let mut map = FactMap::default();
    found.tell(&mut map);
    map
}

/// Whether the action is one whose policies see the object's tags as they are: reads, ACLs and
/// tagging, but neither writing nor deleting the object (AWS service authorization reference,
/// `s3:ExistingObjectTag`).
fn sees_tags(check: &Check) -> bool {
    TAG_ACTIONS.contains(&check.action.as_str())
}

const TAG_ACTIONS: &[&str] = &[
    "s3:GetObject",
    "s3:GetObjectVersion",
    "s3:GetObjectAttributes",
    "s3:GetObjectVersionAttributes",
    "s3:GetObjectAcl",
    "s3:GetObjectVersionAcl",
    "s3:PutObjectAcl",
    "s3:PutObjectVersionAcl",
    "s3:GetObjectTagging",
    "s3:GetObjectVersionTagging",
    "s3:PutObjectTagging",
    "s3:PutObjectVersionTagging",
    "s3:DeleteObjectTagging",
    "s3:DeleteObjectVersionTagging",
];

fn asks_for_tags(policies: &CallerPolicies, side: &ResourceSide) -> bool {
    let asks = |attached: &Attached| attached.document.reads_object_tags();
    side.kind == ResourceKind::Bucket
        && (policies.identity.reads_object_tags()
            || policies.boundaries.iter().any(asks)
            || policies.session.iter().flatten().any(asks)
            || policies.service_control.iter().flatten().any(asks)
            || side.policy.iter().any(asks))
}

#[cfg(test)]
mod tests {
    use objects::{ObjectError, StoreError};
    use policy::operation::Need;

    use super::*;

    #[test]
    fn tags_that_cannot_be_read_are_not_absent() {
        let unreadable = ApiError::from(ObjectError::Store(StoreError::Unavailable));
        assert_eq!(unreadable.status, 500);
    }

    #[test]
    fn only_reads_acls_and_tagging_see_the_tags_that_are_there() {
        let check = |action: &str| Check {
            action: action.parse().unwrap(),
            resource: "arn:aws:s3:::b/k".parse().unwrap(),
            need: Need::Required,
            with: Vec::new(),
        };
        for action in ["s3:GetObject", "s3:PutObjectTagging", "s3:GetObjectAcl"] {
            assert!(sees_tags(&check(action)), "{action}");
        }
        for action in ["s3:PutObject", "s3:DeleteObject", "s3:DeleteObjectVersion"] {
            assert!(!sees_tags(&check(action)), "{action}");
        }
    }
}
