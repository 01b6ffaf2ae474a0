//! The managed policies that every installation has: `arn:aws:iam::aws:policy/NAME`, under the
//! names that AWS's and MinIO's users know. The documents are our own; nobody changes them.

use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock};

use names::{AccountId, Arn, EntityPath, PolicyName, Timestamp, UniqueId, UniqueIdKind};
use policy::Kind;
use sha2::{Digest, Sha256};

use crate::ops::{PolicyVersionId, Tags};
use crate::record::{ManagedPolicy, PolicyVersion};
use crate::stored_policy::StoredPolicy;

/// What stands in the ARN of such a policy where others name their account.
const OWNER: &str = "aws";
/// Seconds after 1970 at which all of them were made: 2026-01-01.
const MADE_SECONDS: i64 = 1_767_225_600;

/// One policy: its name, what it is for, and its statements.
struct Canned {
    name: &'static str,
    description: &'static str,
    statements: &'static str,
}

/// All of them.
const ALL: &[Canned] = &[
    Canned {
        name: "AdministratorAccess",
        description: "Everything in the account.",
        statements: r#"{"Effect":"Allow","Action":"*","Resource":"*"}"#,
    },
    Canned {
        name: "ReadOnlyAccess",
        description: "Reads data, settings and who may what; changes nothing.",
        statements: r#"{"Effect":"Allow","Action":["s3:Get*","s3:List*","iam:Get*","iam:List*",
"iam:GenerateCredentialReport","iam:Simulate*","sts:GetCallerIdentity"],"Resource":"*"}"#,
    },
    Canned {
        name: "AmazonS3FullAccess",
        description: "Every bucket and what is in it.",
        statements: r#"{"Effect":"Allow","Action":"s3:*","Resource":"*"}"#,
    },
    Canned {
        name: "AmazonS3ReadOnlyAccess",
        description: "Reads and lists every bucket.",
        statements: r#"{"Effect":"Allow","Action":["s3:Get*","s3:List*"],"Resource":"*"}"#,
    },
    Canned {
        name: "IAMFullAccess",
        description: "Users, groups, roles, policies and providers of the account.",
        statements: r#"{"Effect":"Allow","Action":"iam:*","Resource":"*"}"#,
    },
    Canned {
        name: "IAMReadOnlyAccess",
        description: "Reads who may what; changes nothing.",
        statements: r#"{"Effect":"Allow","Action":["iam:Get*","iam:List*",
"iam:GenerateCredentialReport","iam:GenerateServiceLastAccessedDetails","iam:Simulate*"],
"Resource":"*"}"#,
    },
    Canned {
        name: "IAMUserChangePassword",
        description: "A user's own password.",
        statements: r#"[{"Effect":"Allow","Action":"iam:ChangePassword",
"Resource":["arn:aws:iam::*:user/${aws:username}","arn:aws:iam::*:user/*/${aws:username}"]},
{"Effect":"Allow","Action":"iam:GetAccountPasswordPolicy","Resource":"*"}]"#,
    },
    Canned {
        name: "SecurityAudit",
        description: "Reads settings, rights and the record; no object.",
        statements: r#"[{"Effect":"Allow","Action":["iam:Get*","iam:List*","iam:Simulate*",
"iam:GenerateCredentialReport","iam:GenerateServiceLastAccessedDetails","s3:GetAccount*",
"s3:GetBucket*","s3:GetEncryptionConfiguration","s3:GetLifecycleConfiguration",
"s3:GetReplicationConfiguration","s3:ListAllMyBuckets","s3:ListBucket","s3:ListBucketVersions",
"s3:GetObjectAcl","s3:GetObjectVersionAcl","strongroom:ExplainDecision","strongroom:SearchAudit",
"strongroom:ListAccounts","strongroom:ListProviders","strongroom:ListSessions"],"Resource":"*"},
{"Effect":"Deny","Action":["s3:GetObject","s3:GetObjectVersion"],"Resource":"*"}]"#,
    },
    Canned {
        name: "readonly",
        description: "MinIO's name: reads objects whose names are known.",
        statements: r#"{"Effect":"Allow","Action":["s3:GetBucketLocation","s3:GetObject"],
"Resource":"*"}"#,
    },
    Canned {
        name: "readwrite",
        description: "MinIO's name: everything of S3.",
        statements: r#"{"Effect":"Allow","Action":"s3:*","Resource":"*"}"#,
    },
    Canned {
        name: "writeonly",
        description: "MinIO's name: puts objects and reads none.",
        statements: r#"{"Effect":"Allow","Action":"s3:PutObject","Resource":"*"}"#,
    },
    Canned {
        name: "diagnostics",
        description: "MinIO's name: looks at the server and its record.",
        statements: r#"{"Effect":"Allow","Action":["strongroom:ExplainDecision",
"strongroom:SearchAudit","strongroom:ListAccounts","strongroom:ListProviders",
"strongroom:ListSessions"],"Resource":"*"}"#,
    },
    Canned {
        name: "consoleAdmin",
        description: "MinIO's name: everything.",
        statements: r#"{"Effect":"Allow","Action":["s3:*","iam:*","sts:*","strongroom:*"],
"Resource":"*"}"#,
    },
];

/// Made once, by ARN, in the order of their names without regard to case.
static MADE: LazyLock<Made> = LazyLock::new(Made::new);

struct Made {
    by_arn: BTreeMap<Arn, Arc<ManagedPolicy>>,
    by_name: BTreeMap<String, Arc<ManagedPolicy>>,
}

impl Made {
    fn new() -> Self {
        let all: Vec<Arc<ManagedPolicy>> = ALL.iter().filter_map(made).map(Arc::new).collect();
        let by_arn = all.iter().map(|policy| (policy.arn(), Arc::clone(policy))).collect();
        let by_name = all.into_iter().map(|policy| (policy.name.folded(), policy)).collect();
        Self { by_arn, by_name }
    }
}

/// The account under which they are kept in memory: no account has it, since twelve zeros are never
/// drawn and never taken.
pub(crate) fn nobody() -> AccountId {
    AccountId::from_number(0)
}

/// The ARN of such a policy.
pub(crate) fn arn(path: &EntityPath, name: &PolicyName) -> Option<Arn> {
    format!("arn:aws:iam::{OWNER}:policy{path}{name}").parse().ok()
}

/// The policy of an ARN, if it is one of these.
pub(crate) fn policy(arn: &Arn) -> Option<&'static Arc<ManagedPolicy>> {
    if arn.account() == OWNER { MADE.by_arn.get(arn) } else { None }
}

/// All of them, by name.
pub(crate) fn all() -> impl Iterator<Item = &'static Arc<ManagedPolicy>> {
    MADE.by_name.values()
}

/// `None` cannot be: a test reads every one.
fn made(canned: &Canned) -> Option<ManagedPolicy> {
    let text = format!(r#"{{"Version":"2012-10-17","Statement":{}}}"#, canned.statements);
    let created = Timestamp::from_seconds(MADE_SECONDS).ok()?;
    let document = StoredPolicy::parse(&text, Kind::Identity).ok()?;
    let digest = Sha256::digest(canned.name.as_bytes());
    let first = PolicyVersionId(1);
    Some(ManagedPolicy {
        id: UniqueId::from_random(UniqueIdKind::Policy, *digest.first_chunk()?),
        account: nobody(),
        path: EntityPath::default(),
        name: canned.name.parse().ok()?,
        created,
        updated: created,
        description: Some(canned.description.to_owned()),
        versions: BTreeMap::from([(first, PolicyVersion { created, document })]),
        default: first,
        next: PolicyVersionId(2),
        tags: Tags::default(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_one_is_a_policy_and_is_found_by_its_arn() {
        assert_eq!(all().count(), ALL.len());
        for canned in ALL {
            let arn: Arn = format!("arn:aws:iam::aws:policy/{}", canned.name).parse().unwrap();
            let found = policy(&arn).unwrap();
            assert_eq!((found.name.as_str(), found.arn()), (canned.name, arn));
            assert!(found.default_version().is_some());
        }
        assert!(policy(&"arn:aws:iam::aws:policy/None".parse().unwrap()).is_none());
        assert!(policy(&"arn:aws:iam::111122223333:policy/readonly".parse().unwrap()).is_none());
    }
}
