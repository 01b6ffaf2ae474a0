//! ACLs in a decision: a grant is one more allow on the resource's side, asked only after the
//! policies were (S3 user guide, "How Amazon S3 authorizes a request").
//!
//! The policies decide first, and an explicit deny among them is the end of it. What they do not
//! allow, a grant may; and what they allow about an object that another account owns counts for
//! nothing, because the bucket owner's policies reach only the bucket owner's objects. Grants are
//! put to the policy engine as a document, so that boundaries, sessions and control policies weigh
//! them as they weigh a bucket policy.

use std::sync::Arc;

use identity::{Acl, BucketRecord, Grantee, Permission, PublicAccessBlock};
use names::AccountId;
use objects::AccessList;
use objects::ops::Seen;
use policy::decision::{Decision, Verdict};
use policy::operation::Check;
use policy::principal::Principal;
use policy::{Attached, Document, Kind, Question, ResourceSide, RestrictPublicBuckets, decide};
use serde_json::json;

/// The lists that count for one resource: its bucket's, and the object's own.
#[derive(Debug)]
pub(crate) struct Lists {
    bucket: Arc<BucketRecord>,
    block: PublicAccessBlock,
    object: Option<Seen>,
    writes: Writes,
}

/// Whether the operation writes the object, so that a list it brings is the new object's.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Writes {
    /// It does.
    Yes,
    /// It does not.
    No,
}

/// The name of what was granted, in verdicts: `acl:BUCKET` or `acl:BUCKET/KEY`.
pub(crate) const ACL_NAME: &str = "acl:";

/// Which list is asked for which permission.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Wanted {
    /// The bucket's.
    Bucket(Permission),
    /// The bucket's, to write: of who owns the object, if there is one.
    Delete,
    /// The bucket's, to write: the list and the tags of an object that the caller writes, and that
    /// will be its own account's.
    Own,
    /// The object's.
    Object(Permission),
    /// None: no permission of a list stands for the action, but it is about an object.
    Nothing,
}

impl Lists {
    /// The lists of a bucket's resource, under the block that counts there; `None` where ACLs mean
    /// nothing.
    pub(crate) fn of(
        (bucket, block): (&Arc<BucketRecord>, PublicAccessBlock),
        object: Option<Seen>,
        writes: Writes,
    ) -> Option<Self> {
        bucket.has_acls().then(|| Self { bucket: Arc::clone(bucket), block, object, writes })
    }

    /// How the object was when it was looked at, for what is done after the decision.
    pub(crate) fn seen(&self) -> Option<&Seen> {
        self.object.as_ref()
    }

    /// The decision with the lists.
    pub(crate) fn decide(&self, check: &Check, question: &Question<'_>) -> Decision {
        let plain = decide(check, question);
        let Some(wanted) = self.wanted(check) else { return plain };
        if plain.verdict() == Verdict::ExplicitDeny {
            return plain;
        }
        let foreign = self.foreign(wanted);
        if plain.is_allowed() && foreign.is_none() {
            return plain;
        }
        let own = question.principal.account().filter(|_| wanted == Wanted::Own);
        let account = foreign.or(own).unwrap_or(self.bucket.owner);
        let policy = self.grants(wanted, check, question.principal);
        if policy.is_none() && account == self.bucket.owner {
            return plain;
        }
        let resource = ResourceSide {
            account: Some(account),
            policy,
            restrict_public: RestrictPublicBuckets::Off,
            ..question.resource.clone()
        };
        let granted = decide(check, &Question { resource: &resource, ..*question });
        if granted.is_allowed() || foreign.is_some() { granted } else { plain }
    }

    /// The owner of an object that is not the bucket owner's, where the action is about that object
    /// and not about the bucket's room for it.
    fn foreign(&self, wanted: Wanted) -> Option<AccountId> {
        let Some(Seen::Owned(AccessList { owner, .. })) = &self.object else { return None };
        let about = matches!(wanted, Wanted::Object(_) | Wanted::Nothing);
        (about && *owner != self.bucket.owner).then_some(*owner)
    }

    /// The permission that stands for an action (S3 user guide, "Mapping of ACL permissions and
    /// access policy permissions").
    fn wanted(&self, check: &Check) -> Option<Wanted> {
        use Permission::{Read, ReadAcp, Write, WriteAcp};
        let wanted = match check.action.as_str() {
            "s3:ListBucket" | "s3:ListBucketVersions" | "s3:ListBucketMultipartUploads" => {
                Wanted::Bucket(Read)
            }
            "s3:GetBucketAcl" => Wanted::Bucket(ReadAcp),
            "s3:PutBucketAcl" => Wanted::Bucket(WriteAcp),
            "s3:PutObject" => Wanted::Bucket(Write),
            "s3:PutObjectAcl" | "s3:PutObjectTagging" if self.writes == Writes::Yes => Wanted::Own,
            "s3:DeleteObject" | "s3:DeleteObjectVersion" => Wanted::Delete,
            "s3:GetObject" | "s3:GetObjectVersion" => Wanted::Object(Read),
            "s3:GetObjectAcl" | "s3:GetObjectVersionAcl" => Wanted::Object(ReadAcp),
            "s3:PutObjectAcl" | "s3:PutObjectVersionAcl" => Wanted::Object(WriteAcp),
            "s3:GetObjectTagging"
            | "s3:GetObjectVersionTagging"
            | "s3:DeleteObjectTagging"
            | "s3:DeleteObjectVersionTagging"
            | "s3:PutObjectTagging"
            | "s3:PutObjectVersionTagging"
            | "s3:GetObjectAttributes"
            | "s3:GetObjectVersionAttributes" => Wanted::Nothing,
            _ => return None,
        };
        Some(wanted)
    }

    /// What the lists grant the caller, as a document about this action.
    fn grants(&self, wanted: Wanted, check: &Check, caller: &Principal) -> Option<Attached> {
        let bucket = || self.bucket.effective_acl(self.block);
        let account = caller.account();
        let (acl, permission) = match (wanted, &self.object) {
            (Wanted::Bucket(permission), _) => (bucket(), permission),
            (Wanted::Own, _) => (bucket(), Permission::Write),
            // A grantee deletes what is its own account's (S3 user guide, ACL overview, WRITE).
            (Wanted::Delete, Some(Seen::Owned(access))) if account == Some(access.owner) => {
                (bucket(), Permission::Write)
            }
            (Wanted::Object(permission), Some(Seen::Owned(access))) => {
                let ignores = self.block.ignore_public_acls;
                let acl = if ignores { access.acl.without_public() } else { access.acl.clone() };
                (acl, permission)
            }
            // Of what is not there, whoever may list the bucket may be told so.
            (Wanted::Object(_), Some(Seen::Absent)) => (bucket(), Permission::Read),
            _ => return None,
        };
        document(&acl, permission, check, caller)
    }
}

/// The grants of a list that reach the caller, as a document.
fn document(
    acl: &Acl,
    permission: Permission,
    check: &Check,
    caller: &Principal,
) -> Option<Attached> {
    let account = caller.account();
    let principal = |grantee| match grantee {
        Grantee::AllUsers => Some(json!("*")),
        Grantee::AuthenticatedUsers => account.map(|_| json!("*")),
        Grantee::Account(own) if account == Some(own) => Some(json!({ "AWS": own.as_str() })),
        Grantee::Account(_) | Grantee::LogDelivery => None,
    };
    let statements: Vec<_> = acl
        .granted(permission)
        .filter_map(principal)
        .map(|principal| {
            json!({
                "Effect": "Allow",
                "Principal": principal,
                "Action": check.action.as_str(),
                "Resource": "*",
            })
        })
        .collect();
    if statements.is_empty() {
        return None;
    }
    let text = json!({ "Version": "2012-10-17", "Statement": statements }).to_string();
    // A list that cannot be said grants nothing.
    let document = Document::parse(&text, Kind::Bucket).ok()?;
    let name = format!("{ACL_NAME}{}", check.resource.resource());
    Some(Attached { name, document: Arc::new(document) })
}

#[cfg(test)]
mod tests;
