//! ACLs and who owns a bucket's objects: from headers and bodies to lists, and back.

use audit::Permit;
use identity::{Acl, Grantee, Ownership, Permission, State};
use names::AccountId;
use objects::ops::{CannedAcl, SentAcl};
use objects::{AccessList, ops};
use signing::CanonicalRequest;
use wire::s3;

use super::answer;
use super::convert::{self, Parsed};
use crate::error::ApiError;
use crate::exchange::{Act, Exchange, Prepared};
use crate::{Response, canonical_user, owner};

/// The groups of grantees (S3 user guide, "Who is a grantee?").
const GROUPS: &[(&str, Grantee)] = &[
    ("http://acs.amazonaws.com/groups/global/AllUsers", Grantee::AllUsers),
    ("http://acs.amazonaws.com/groups/global/AuthenticatedUsers", Grantee::AuthenticatedUsers),
    ("http://acs.amazonaws.com/groups/s3/LogDelivery", Grantee::LogDelivery),
];

/// The permissions, and the headers that grant them.
const PERMISSIONS: &[(&str, &str, Permission)] = &[
    ("FULL_CONTROL", "x-amz-grant-full-control", Permission::FullControl),
    ("READ", "x-amz-grant-read", Permission::Read),
    ("WRITE", "x-amz-grant-write", Permission::Write),
    ("READ_ACP", "x-amz-grant-read-acp", Permission::ReadAcp),
    ("WRITE_ACP", "x-amz-grant-write-acp", Permission::WriteAcp),
];

/// The canned ACLs. `aws-exec-read` grants to a service that is not here.
const CANNED: &[(&str, CannedAcl)] = &[
    ("private", CannedAcl::Private),
    ("public-read", CannedAcl::PublicRead),
    ("public-read-write", CannedAcl::PublicReadWrite),
    ("authenticated-read", CannedAcl::AuthenticatedRead),
    ("bucket-owner-read", CannedAcl::BucketOwnerRead),
    ("bucket-owner-full-control", CannedAcl::BucketOwnerFullControl),
    ("log-delivery-write", CannedAcl::LogDeliveryWrite),
];

/// The ownership settings.
const OWNERSHIPS: &[(&str, Ownership)] = &[
    ("BucketOwnerEnforced", Ownership::BucketOwnerEnforced),
    ("BucketOwnerPreferred", Ownership::BucketOwnerPreferred),
    ("ObjectWriter", Ownership::ObjectWriter),
];

/// The ACL that the headers bring: `x-amz-acl`, or `x-amz-grant-…`, not both.
pub(super) fn sent(x: &Exchange) -> Parsed<Option<SentAcl>> {
    let state = x.services.identity.snapshot();
    from_headers(x.request(), &|id| account_of(&state, id))
}

fn from_headers(
    request: &CanonicalRequest,
    find: &dyn Fn(&str) -> Option<AccountId>,
) -> Parsed<Option<SentAcl>> {
    let one = |name: &str| {
        request
            .header(name)
            .map_err(|_| ApiError::argument(format!("header `{name}` is given more than once")))
    };
    let mut grants = Vec::new();
    let mut granted = false;
    for (_, header, permission) in PERMISSIONS {
        let Some(value) = one(header)? else { continue };
        granted = true;
        for grantee in grantees(value, find)? {
            grants.push((grantee, *permission));
        }
    }
    match (one("x-amz-acl")?, granted) {
        (None, false) => Ok(None),
        (None, true) => Ok(Some(SentAcl::Grants(list(grants)?))),
        (Some(_), true) => {
            let message = "Specifying both Canned ACLs and Header Grants is not allowed";
            Err(ApiError::new(400, "InvalidRequest", message))
        }
        (Some("aws-exec-read"), false) => Err(ApiError::not_implemented("the ACL aws-exec-read")),
        (Some(name), false) => {
            let canned = CANNED.iter().find(|(known, _)| *known == name);
            canned.map(|(_, canned)| Some(SentAcl::Canned(*canned))).ok_or_else(|| {
                ApiError::argument("The canned ACL is not valid")
                    .with("ArgumentName", "x-amz-acl")
                    .with("ArgumentValue", name)
            })
        }
    }
}

fn list(grants: Vec<(Grantee, Permission)>) -> Parsed<Acl> {
    Acl::new(grants).map_err(|error| malformed(error.to_string()))
}

fn malformed(message: impl Into<String>) -> ApiError {
    ApiError::new(400, "MalformedACLError", message)
}

/// The grantees of a header: `id="…", uri="…"`.
fn grantees(header: &str, find: &dyn Fn(&str) -> Option<AccountId>) -> Parsed<Vec<Grantee>> {
    let bad = || ApiError::argument("Argument format not recognized");
    header
        .split(',')
        .map(|part| {
            let (kind, value) = part.trim().split_once('=').ok_or_else(bad)?;
            let value = value.trim();
            let value = value.strip_prefix('"').and_then(|v| v.strip_suffix('"')).unwrap_or(value);
            match kind.trim() {
                "id" => by_id(value, find),
                "uri" => by_uri(value),
                "emailAddress" => Err(no_email()),
                _ => Err(bad()),
            }
        })
        .collect()
}

fn by_id(id: &str, find: &dyn Fn(&str) -> Option<AccountId>) -> Parsed<Grantee> {
    find(id).map(Grantee::Account).ok_or_else(|| {
        ApiError::argument("Invalid id")
            .with("ArgumentName", "CanonicalUser/ID")
            .with("ArgumentValue", id)
    })
}

fn by_uri(uri: &str) -> Parsed<Grantee> {
    let group = GROUPS.iter().find(|(known, _)| *known == uri).map(|(_, group)| *group);
    group.ok_or_else(|| {
        ApiError::argument("Invalid group uri")
            .with("ArgumentName", "Group/URI")
            .with("ArgumentValue", uri)
    })
}

/// AWS has taken no grants to e-mail addresses since October 2025 (S3 user guide, ACL overview:
/// "the request will receive an HTTP 405 (Method Not Allowed) error").
fn no_email() -> ApiError {
    let message = "Grants to e-mail addresses are not taken; name the canonical user id.";
    ApiError::new(405, "MethodNotAllowed", message)
}

/// The account of a canonical user id.
fn account_of(state: &State, id: &str) -> Option<AccountId> {
    state.accounts().map(|account| account.id).find(|account| canonical_user(*account) == id)
}

/// An ownership setting by AWS's word.
pub(super) fn ownership(word: &str) -> Parsed<Ownership> {
    let found = OWNERSHIPS.iter().find(|(known, _)| *known == word);
    found.map(|(_, ownership)| *ownership).ok_or_else(|| {
        ApiError::argument("Invalid x-amz-object-ownership header")
            .with("ArgumentName", "x-amz-object-ownership")
            .with("ArgumentValue", word)
    })
}

/// The list that a request puts, and the owner that it names: by the body or by headers, one way.
fn put(
    x: &Exchange,
    body: Option<s3::AccessControlPolicy>,
) -> Parsed<(SentAcl, Option<AccountId>)> {
    match (sent(x)?, body) {
        (Some(_), Some(_)) => {
            let message = "This request does not support content";
            Err(ApiError::new(400, "UnexpectedContent", message))
        }
        (Some(sent), None) => Ok((sent, None)),
        (None, None) => {
            let message = "Your request was missing a required header";
            Err(ApiError::new(400, "MissingSecurityHeader", message)
                .with("MissingHeaderName", "x-amz-acl"))
        }
        (None, Some(body)) => {
            let state = x.services.identity.snapshot();
            from_body(body, &|id| account_of(&state, id))
        }
    }
}

fn from_body(
    body: s3::AccessControlPolicy,
    find: &dyn Fn(&str) -> Option<AccountId>,
) -> Parsed<(SentAcl, Option<AccountId>)> {
    let schema = || {
        malformed("The XML you provided was not well-formed or did not validate against our schema")
    };
    let id = body.owner.and_then(|owner| owner.id).ok_or_else(schema)?;
    let Grantee::Account(owner) = by_id(&id, find)? else { return Err(schema()) };
    let mut grants = Vec::new();
    for grant in body.grants {
        let (Some(grantee), Some(word)) = (grant.grantee, grant.permission) else {
            return Err(schema());
        };
        let found = PERMISSIONS.iter().find(|(known, _, _)| *known == word);
        let (_, _, permission) = found.ok_or_else(schema)?;
        let grantee = match (grantee.type_.as_str(), &grantee.id, &grantee.uri) {
            ("CanonicalUser", Some(id), _) => by_id(id, find)?,
            ("Group", _, Some(uri)) => by_uri(uri)?,
            ("AmazonCustomerByEmail", _, _) => return Err(no_email()),
            _ => return Err(schema()),
        };
        grants.push((grantee, *permission));
    }
    Ok((SentAcl::Grants(list(grants)?), Some(owner)))
}

/// A list as it is answered: grants to groups first.
fn shown(access: &AccessList) -> (Option<Vec<s3::Grant>>, Option<s3::Owner>) {
    let mut grants = access.acl.grants().to_vec();
    grants.sort_by_key(|(grantee, _)| matches!(grantee, Grantee::Account(_)));
    let grants = grants.iter().map(|(grantee, permission)| {
        let word = PERMISSIONS.iter().find(|(_, _, known)| known == permission);
        s3::Grant {
            grantee: Some(shown_grantee(*grantee)),
            permission: word.map(|(word, _, _)| (*word).to_owned()),
        }
    });
    (Some(grants.collect()), Some(owner(access.owner)))
}

fn shown_grantee(grantee: Grantee) -> s3::Grantee {
    if let Grantee::Account(account) = grantee {
        let s3::Owner { id, display_name } = owner(account);
        let type_ = "CanonicalUser".to_owned();
        return s3::Grantee { id, display_name, type_, ..Default::default() };
    }
    let uri = GROUPS.iter().find(|(_, group)| *group == grantee).map(|(uri, _)| (*uri).to_owned());
    s3::Grantee { uri, type_: "Group".to_owned(), ..Default::default() }
}

/// `GET /{bucket}?acl`
pub(crate) async fn bucket(mut x: Exchange) -> Response {
    let prepared = x.message().await.and_then(|m: s3::GetBucketAclRequest| {
        Ok(Prepared::new(ops::GetBucketAcl { bucket: convert::bucket(&m.bucket)? }))
    });
    x.through(prepared, async |act: Act, permit: Permit<ops::GetBucketAcl>| {
        let (grants, owner) = shown(&act.services.objects.get_bucket_acl(permit).await?);
        answer(&s3::GetBucketAclOutput { grants, owner })
    })
    .await
}

/// `PUT /{bucket}?acl`
pub(crate) async fn put_bucket(mut x: Exchange) -> Response {
    let prepared = x.message().await.and_then(|m: s3::PutBucketAclRequest| {
        let bucket = convert::bucket(&m.bucket)?;
        let (acl, owner) = put(&x, m.access_control_policy)?;
        Ok(Prepared::new(ops::PutBucketAcl { bucket, acl, owner }))
    });
    x.through(prepared, async |act: Act, permit: Permit<ops::PutBucketAcl>| {
        act.services.objects.put_bucket_acl(permit).await?;
        answer(&s3::PutBucketAclOutput::default())
    })
    .await
}

/// `GET /{bucket}/{key}?acl`
pub(crate) async fn object(mut x: Exchange) -> Response {
    let prepared = x.message().await.and_then(|m: s3::GetObjectAclRequest| {
        let name = convert::object(&m.bucket, &m.key, m.version_id.as_deref())?;
        let prepared = Prepared::new(ops::GetObjectAcl { name }).about(|op| &mut op.name);
        Ok(Prepared { detail: m.version_id, ..prepared })
    });
    x.through(prepared, async |act: Act, permit: Permit<ops::GetObjectAcl>| {
        let (grants, owner) = shown(&act.services.objects.get_object_acl(permit).await?);
        answer(&s3::GetObjectAclOutput { grants, owner, request_charged: None })
    })
    .await
}

/// `PUT /{bucket}/{key}?acl`
pub(crate) async fn put_object(mut x: Exchange) -> Response {
    let prepared = x.message().await.and_then(|m: s3::PutObjectAclRequest| {
        let name = convert::object(&m.bucket, &m.key, m.version_id.as_deref())?;
        let (acl, owner) = put(&x, m.access_control_policy)?;
        let op = ops::PutObjectAcl { name, acl, owner };
        Ok(Prepared { detail: m.version_id, ..Prepared::new(op).about(|op| &mut op.name) })
    });
    x.through(prepared, async |act: Act, permit: Permit<ops::PutObjectAcl>| {
        act.services.objects.put_object_acl(permit).await?;
        answer(&s3::PutObjectAclOutput::default())
    })
    .await
}

/// `GET /{bucket}?ownershipControls`
pub(crate) async fn controls(mut x: Exchange) -> Response {
    let prepared = x.message().await.and_then(|m: s3::GetBucketOwnershipControlsRequest| {
        Ok(Prepared::new(ops::GetBucketOwnershipControls { bucket: convert::bucket(&m.bucket)? }))
    });
    x.through(prepared, async |act: Act, permit: Permit<ops::GetBucketOwnershipControls>| {
        let set = act.services.objects.get_bucket_ownership_controls(permit).await?;
        let word = OWNERSHIPS.iter().find(|(_, known)| *known == set);
        let word = word.map(|(word, _)| (*word).to_owned()).unwrap_or_default();
        let rule = s3::OwnershipControlsRule { object_ownership: word };
        answer(&s3::GetBucketOwnershipControlsOutput {
            ownership_controls: Some(s3::OwnershipControls { rules: vec![rule] }),
        })
    })
    .await
}

/// `PUT /{bucket}?ownershipControls`
pub(crate) async fn put_controls(mut x: Exchange) -> Response {
    let prepared = x.message().await.and_then(|m: s3::PutBucketOwnershipControlsRequest| {
        let [rule] = m.ownership_controls.rules.as_slice() else {
            let message = "The XML you provided was not well-formed or did not validate against \
                           our published schema";
            return Err(ApiError::new(400, "MalformedXML", message));
        };
        let ownership = ownership(&rule.object_ownership)?;
        let bucket = convert::bucket(&m.bucket)?;
        Ok(Prepared::new(ops::PutBucketOwnershipControls { bucket, ownership }))
    });
    x.through(prepared, async |act: Act, permit: Permit<ops::PutBucketOwnershipControls>| {
        act.services.objects.put_bucket_ownership_controls(permit).await?;
        answer(&s3::PutBucketOwnershipControlsOutput::default())
    })
    .await
}

/// `DELETE /{bucket}?ownershipControls`
pub(crate) async fn delete_controls(mut x: Exchange) -> Response {
    let prepared = x.message().await.and_then(|m: s3::DeleteBucketOwnershipControlsRequest| {
        let bucket = convert::bucket(&m.bucket)?;
        Ok(Prepared::new(ops::DeleteBucketOwnershipControls { bucket }))
    });
    x.through(prepared, async |act: Act, permit: Permit<ops::DeleteBucketOwnershipControls>| {
        act.services.objects.delete_bucket_ownership_controls(permit).await?;
        answer(&s3::DeleteBucketOwnershipControlsOutput::default())
    })
    .await
}
