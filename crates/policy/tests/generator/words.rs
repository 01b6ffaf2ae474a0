//! The small alphabet that worlds are drawn from: few accounts, names and values, so that they
//! meet.

use strongroom_policy::case;
use strongroom_policy::principal::Principal;

pub(crate) const HOME: &str = "111122223333";
pub(crate) const AWAY: &str = "444455556666";
pub(crate) const CANONICAL: &str =
    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";

/// Callers by the text of a policy case, with the full ARN of a session's role.
pub(crate) const CALLERS: &[(&str, &str)] = &[
    ("arn:aws:iam::111122223333:user/alice", ""),
    (
        "arn:aws:sts::111122223333:assumed-role/Analyst/morning",
        "arn:aws:iam::111122223333:role/team/Analyst",
    ),
    ("anonymous", ""),
    ("arn:aws:iam::111122223333:root", ""),
    ("arn:aws:sts::111122223333:federated-user/kiosk", ""),
    ("service:logging.s3.amazonaws.com", ""),
    ("arn:aws:iam::111122223333:oidc-provider/idp.example", ""),
    ("arn:aws:iam::444455556666:user/alice", ""),
    ("arn:aws:iam::444455556666:root", ""),
    ("arn:aws:sts::444455556666:assumed-role/Analyst/morning", ""),
    (
        "arn:aws:sts::111122223333:assumed-role/Analyst/evening",
        "arn:aws:iam::111122223333:role/team/Analyst",
    ),
    (
        "arn:aws:sts::111122223333:assumed-role/Analyst/morning",
        "arn:aws:iam::111122223333:role/Analyst",
    ),
    ("arn:aws:iam::111122223333:user/team/Alice", ""),
    ("arn:aws:iam::111122223333:saml-provider/hr", ""),
    // The maker of this one is `user/alice`, which a policy case cannot say.
    ("arn:aws:sts::111122223333:federated-user/made", ""),
];

/// Forms of callers, as coverage counts them.
pub(crate) const FORMS: [&str; 8] = [
    "anonymous",
    "root",
    "user",
    "role-session",
    "federated-user",
    "web-identity",
    "service",
    "unknown",
];

/// The form's index.
pub(crate) fn form(principal: &Principal) -> usize {
    match principal {
        Principal::Anonymous => 0,
        Principal::Root { .. } => 1,
        Principal::User { .. } => 2,
        Principal::RoleSession { .. } => 3,
        Principal::FederatedUser { .. } => 4,
        Principal::Federated { .. } => 5,
        Principal::Service { .. } => 6,
    }
}

/// The callers, as a policy case reads them; a caller that cannot be read is anonymous.
pub(crate) fn callers() -> Vec<Principal> {
    CALLERS.iter().map(|(text, role)| caller(text, role)).collect()
}

fn caller(text: &str, role: &str) -> Principal {
    let role =
        if role.is_empty() { String::new() } else { format!(r#""principal_role":"{role}","#) };
    let request = format!(
        r#"{{"request":{{"principal":"{text}",{role}"action":"s3:GetObject","resource":"*"}}}}"#
    );
    let read = case::parse(&request).ok().and_then(|mut cases| cases.pop());
    let principal = read.map_or(Principal::Anonymous, |case| case.principal);
    match (principal, text.ends_with("/made")) {
        (Principal::FederatedUser { account, name, .. }, true) => {
            match caller("arn:aws:iam::111122223333:user/alice", "") {
                Principal::User { arn, id, .. } => {
                    Principal::FederatedUser { account, name, user_arn: arn, user_id: id }
                }
                _ => Principal::Anonymous,
            }
        }
        (principal, _) => principal,
    }
}

/// Whether a policy case can name the caller wholly.
pub(crate) fn replays(who: usize) -> bool {
    CALLERS.get(who).is_some_and(|(text, _)| !text.ends_with("/made"))
}

/// What a condition operator compares.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Type {
    Text,
    Number,
    Time,
    Truth,
    Bytes,
    Address,
    Arn,
    Absence,
}

/// Every operator, with its type and whether it is one with "Not".
pub(crate) const OPERATORS: [(&str, Type, bool); 27] = [
    ("StringEquals", Type::Text, false),
    ("StringNotEquals", Type::Text, true),
    ("StringEqualsIgnoreCase", Type::Text, false),
    ("StringNotEqualsIgnoreCase", Type::Text, true),
    ("StringLike", Type::Text, false),
    ("StringNotLike", Type::Text, true),
    ("NumericEquals", Type::Number, false),
    ("NumericNotEquals", Type::Number, true),
    ("NumericLessThan", Type::Number, false),
    ("NumericLessThanEquals", Type::Number, false),
    ("NumericGreaterThan", Type::Number, false),
    ("NumericGreaterThanEquals", Type::Number, false),
    ("DateEquals", Type::Time, false),
    ("DateNotEquals", Type::Time, true),
    ("DateLessThan", Type::Time, false),
    ("DateLessThanEquals", Type::Time, false),
    ("DateGreaterThan", Type::Time, false),
    ("DateGreaterThanEquals", Type::Time, false),
    ("Bool", Type::Truth, false),
    ("BinaryEquals", Type::Bytes, false),
    ("IpAddress", Type::Address, false),
    ("NotIpAddress", Type::Address, true),
    ("ArnEquals", Type::Arn, false),
    ("ArnLike", Type::Arn, false),
    ("ArnNotEquals", Type::Arn, true),
    ("ArnNotLike", Type::Arn, true),
    ("Null", Type::Absence, false),
];

/// Condition keys of a type.
pub(crate) fn keys(of: Type) -> &'static [&'static str] {
    match of {
        Type::Text | Type::Absence => &[
            "aws:UserAgent",
            "s3:prefix",
            "aws:PrincipalTag/Team",
            "aws:username",
            "aws:userid",
            "aws:PrincipalType",
            "aws:PrincipalAccount",
            "aws:ResourceAccount",
            "idp.example:sub",
            "s3:ExistingObjectTag/Team",
            "sts:ExternalId",
            "aws:PrincipalOrgID",
            "aws:SourceAccount",
        ],
        Type::Number => &["s3:max-keys", "s3:signatureAge", "aws:MultiFactorAuthAge"],
        Type::Time => &["aws:CurrentTime", "aws:EpochTime", "aws:TokenIssueTime"],
        Type::Truth => {
            &["aws:SecureTransport", "aws:MultiFactorAuthPresent", "aws:PrincipalIsAWSService"]
        }
        Type::Bytes => &["idp.example:hash"],
        Type::Address => &["aws:SourceIp", "aws:VpcSourceIp"],
        Type::Arn => &["aws:PrincipalArn", "aws:SourceArn"],
    }
}

/// Keys that are documented as having many values: never without a set prefix.
pub(crate) const MULTIVALUED: &[&str] =
    &["aws:TagKeys", "s3:RequestObjectTagKeys", "aws:CalledVia", "aws:PrincipalOrgPaths"];

/// Keys that follow from the principal and the resource.
pub(crate) const DERIVED: &[&str] = &[
    "aws:PrincipalArn",
    "aws:PrincipalAccount",
    "aws:PrincipalType",
    "aws:userid",
    "aws:username",
    "aws:PrincipalIsAWSService",
    "aws:PrincipalServiceName",
    "aws:ResourceAccount",
    "s3:ResourceAccount",
];

/// Keys that variables stand for.
pub(crate) const VARIABLES: &[&str] = &[
    "aws:username",
    "aws:userid",
    "aws:PrincipalTag/Team",
    "AWS:PrincipalAccount",
    "s3:prefix",
    "idp.example:sub",
    "aws:TagKeys",
];

/// What a request says of a key of this type, readable or not.
pub(crate) fn facts(of: Type) -> &'static [&'static str] {
    match of {
        Type::Text | Type::Absence => &[
            "a",
            "A",
            "ab",
            "b",
            "",
            "é",
            "É",
            "a*",
            "alice",
            "team",
            "${aws:username}",
            "a b",
            "b/k",
            "User",
            "AssumedRole",
            "111122223333",
        ],
        Type::Number => &[
            "0",
            "1",
            "-1",
            "-10",
            "10",
            "10.0",
            "9",
            "1000",
            "007",
            "-0",
            "1.5",
            "1.05",
            "10abc",
            "1e3",
            "",
            " 1",
            "99999999999999999999",
            "99999999999999999998",
        ],
        Type::Time => &[
            "2026-01-01T00:00:00Z",
            "1767225600",
            "2026-01-01",
            "2026",
            "1767225601",
            "2025-12-31T23:59:59Z",
            "2026-01-01T01:00:00+01:00",
            "2026-01-01T00:00:00.500Z",
            "2026-03-29T01:00:00Z",
            "2026-10-25T00:30:00Z",
            "2026-10-25T01:30:00Z",
            "-0001",
            "2026-01-01T00:00:60Z",
            "2026-01-01T00:00:00+0100",
            "yesterday",
            "1.5",
            "",
            "2026-13-01T00:00:00Z",
        ],
        Type::Truth => &["true", "false", "TRUE", "False", "yes", "", "1"],
        Type::Bytes => &["YQ==", "YWI=", "", "YQ", "%%", "YQ== "],
        Type::Address => &[
            "10.1.2.3",
            "10.1.2.4",
            "11.0.0.1",
            "::ffff:10.1.2.3",
            "2001:db8::1",
            "2001:db9::1",
            "10.1.2",
            "10.0.0.0/8",
            "localhost",
            "",
            "::1",
        ],
        Type::Arn => &[
            "arn:aws:iam::111122223333:user/alice",
            "arn:aws:iam::111122223333:role/team/Analyst",
            "arn:aws:iam::444455556666:user/alice",
            "arn:aws:s3:::b",
            "arn:aws:sns:eu:111122223333:t:x",
            "arn:aws:iam::111122223333:user/ALICE",
            "alice",
            "arn:aws:s3",
            "",
            "arn:aws:iam::*:user/alice",
        ],
    }
}

/// What a policy says of a key of this type; always readable.
pub(crate) fn operands(of: Type) -> &'static [&'static str] {
    match of {
        Type::Text => &[
            "a",
            "A",
            "ab",
            "b",
            "",
            "é",
            "É",
            "a*",
            "*",
            "?",
            "a?",
            "*b",
            "alice",
            "ALICE",
            "*e",
            "User",
            "AssumedRole",
            "111122223333",
            "a b",
            "b/k",
            "${*}",
            "a${*}",
            "${$}{aws:username}",
            "${aws:username}",
            "${aws:PrincipalTag/Team}",
            "${aws:PrincipalTag/Team, 'a'}",
            "${aws:username, 'alice'}",
            "${aws:TagKeys}",
            "${s3:prefix, ''}",
            "${idp.example:sub}*",
            "${aws:username}${aws:userid, 'b'}",
            "?${?}",
            "**",
            "a*b",
            "*a*",
        ],
        Type::Absence => &["true", "false", "TRUE", "False"],
        Type::Number => &[
            "0",
            "1",
            "-1",
            "-10",
            "10",
            "10.0",
            "9",
            "1000",
            "007",
            "-0",
            "1.5",
            "1.05",
            "99999999999999999999",
            "99999999999999999998",
        ],
        Type::Time => &[
            "2026-01-01T00:00:00Z",
            "1767225600",
            "2026-01-01",
            "2026",
            "1767225601",
            "2025-12-31T23:59:59Z",
            "2026-01-01T01:00:00+01:00",
            "2026-01-01T00:00:00.500Z",
        ],
        Type::Truth => &["true", "false", "TRUE", "False"],
        Type::Bytes => &["YQ==", "YWI=", ""],
        Type::Address => &[
            "10.1.2.3",
            "10.0.0.0/8",
            "10.1.2.0/24",
            "::ffff:10.1.2.3",
            "::ffff:10.0.0.0/104",
            "2001:db8::1",
            "2001:db8::/32",
            "0.0.0.0/0",
            "::/0",
            "10.1.2.3/32",
            "11.0.0.0/7",
        ],
        Type::Arn => &[
            "*",
            "arn:aws:iam::111122223333:user/alice",
            "arn:aws:iam::111122223333:user/*",
            "arn:aws:iam::*:user/alice",
            "arn:*:iam::111122223333:role/*",
            "arn:aws:iam::111122223333:role/team/Analyst",
            "arn:aws:s3:::b",
            "arn:aws:s*:::?",
            "arn:aws:sns:*:111122223333:t*",
            "arn:aws:sns:*:t*:*:x",
            "arn:*:*:*:*:*",
            "arn:aws:iam::${aws:PrincipalAccount}:user/${aws:username}",
            "arn:aws:iam::111122223333:user/${aws:username, 'alice'}",
            "${aws:PrincipalTag/Team}",
            "${aws:SourceArn, '*'}",
            "arn:aws:iam::111122223333:user/alic${*}",
        ],
    }
}

/// The type of a key, by the operators that are made for it.
pub(crate) fn type_of(key: &str) -> Type {
    let typed = [Type::Number, Type::Time, Type::Truth, Type::Bytes, Type::Address, Type::Arn];
    let found = typed.into_iter().find(|of| keys(*of).iter().any(|k| k.eq_ignore_ascii_case(key)));
    found.unwrap_or(Type::Text)
}

/// What is asked of a bucket and what is in it.
pub(crate) const S3_ACTIONS: &[&str] = &[
    "s3:GetObject",
    "s3:PutObject",
    "s3:GetObjectVersion",
    "s3:ListBucket",
    "s3:GetBucketPolicy",
    "s3:PutBucketPolicy",
    "s3:DeleteBucketPolicy",
];

pub(crate) const S3_RESOURCES: &[&str] = &[
    "arn:aws:s3:::b/k",
    "arn:aws:s3:::b",
    "arn:aws:s3:::b/a/b",
    "arn:aws:s3:::b/alice/k",
    "arn:aws:s3:::b/A/k",
    "arn:aws:s3:::bb/k",
    "arn:aws:s3:::b/a:b",
    "arn:aws:s3:::b/é",
    "arn:aws:s3:::b/*",
    "arn:aws:s3:::b/${aws:username}/k",
    "arn:aws:s3:::b/aaaab",
];

pub(crate) const STS_ACTIONS: &[&str] = &[
    "sts:AssumeRole",
    "sts:AssumeRoleWithWebIdentity",
    "sts:TagSession",
    "sts:AssumeRoleWithSAML",
    "sts:GetCallerIdentity",
];

pub(crate) const STS_RESOURCES: &[&str] = &[
    "arn:aws:iam::111122223333:role/team/Analyst",
    "arn:aws:iam::444455556666:role/Analyst",
    "arn:aws:iam::111122223333:role/TEAM/analyst",
];

pub(crate) const IAM_ACTIONS: &[&str] =
    &["iam:GetUser", "iam:CreateUser", "iam:DeleteUser", "sts:GetCallerIdentity"];

pub(crate) const IAM_RESOURCES: &[&str] = &[
    "arn:aws:iam::111122223333:user/alice",
    "arn:aws:iam::111122223333:user/ALICE",
    "arn:aws:iam::444455556666:user/alice",
    "arn:aws:iam::111122223333:user/team/Alice",
    "*",
];

/// Owners of a resource.
pub(crate) const OWNERS: &[Option<&str>] = &[Some(HOME), Some(HOME), Some(AWAY), None];
