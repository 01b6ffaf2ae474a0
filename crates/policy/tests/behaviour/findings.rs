//! `policy check`: each check finds what it is for, and is silent about a text that differs from it
//! in that one thing.

use std::collections::BTreeSet;

use strongroom_policy::check::{self, CATALOGUE, FINDINGS_MAX, Level};
use strongroom_policy::{Document, Kind, SOURCE_BYTES_MAX};

const ALLOW: &str = r#""Effect":"Allow","Action":"s3:GetObject","Resource":"*""#;
const TO_ALICE: &str = r#""Principal":{"AWS":"arn:aws:iam::111122223333:user/alice"}"#;
const TRUST: &str = r#""Effect":"Allow","Action":"sts:AssumeRole""#;
const WEB: &str = r#""Effect":"Allow","Action":"sts:AssumeRoleWithWebIdentity""#;
const GITHUB: &str = r#""Principal":{"Federated":"arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com"}"#;
const CORP: &str =
    r#""Principal":{"Federated":"arn:aws:iam::111122223333:oidc-provider/idp.corp.example"}"#;

/// A policy of one statement; `$X` stand for the texts above.
fn policy(statement: &str) -> String {
    let mut text = statement.to_owned();
    for (name, value) in [
        ("$ALLOW", ALLOW),
        ("$TO_ALICE", TO_ALICE),
        ("$TRUST", TRUST),
        ("$WEB", WEB),
        ("$GITHUB", GITHUB),
        ("$CORP", CORP),
    ] {
        text = text.replace(name, value);
    }
    if text.starts_with('{') {
        return text;
    }
    format!(r#"{{"Version":"2012-10-17","Statement":[{{{text}}}]}}"#)
}

fn codes(statement: &str, kind: Kind) -> BTreeSet<&'static str> {
    check::findings(&policy(statement), kind).iter().map(|finding| finding.code).collect()
}

const I: Kind = Kind::Identity;
const B: Kind = Kind::Bucket;
const T: Kind = Kind::RoleTrust;
const S: Kind = Kind::ServiceControl;
const R: Kind = Kind::ResourceControl;

/// Code, kind, a statement in which it is found, and one in which it is not.
type Case = (&'static str, Kind, &'static str, &'static str);

fn found_and_not(cases: &[Case]) {
    for (code, kind, bad, good) in cases {
        assert!(codes(bad, *kind).contains(code), "{code}: {bad}: {:?}", codes(bad, *kind));
        assert!(!codes(good, *kind).contains(code), "{code} in {good}");
    }
}

const FORM: &[Case] = &[
    ("DATA_TYPE_MISMATCH", I, r#""Effect":1,"Action":"*","Resource":"*""#, "$ALLOW"),
    ("DATA_TYPE_MISMATCH", I, r#"{"Version":20121017,"Statement":[{$ALLOW}]}"#, "$ALLOW"),
    ("DATA_TYPE_MISMATCH", I, r#""Effect":"Allow","Action":[7],"Resource":"*""#, "$ALLOW"),
    ("EMPTY_ARRAY_ACTION", I, r#""Effect":"Allow","Action":[],"Resource":"*""#, "$ALLOW"),
    ("EMPTY_ARRAY_RESOURCE", I, r#""Effect":"Allow","Action":"*","Resource":[]"#, "$ALLOW"),
    ("EMPTY_ARRAY_PRINCIPAL", B, r#"$ALLOW,"Principal":{"AWS":[]}"#, "$ALLOW,$TO_ALICE"),
    ("EMPTY_OBJECT_PRINCIPAL", B, r#"$ALLOW,"Principal":{}"#, "$ALLOW,$TO_ALICE"),
    ("EMPTY_SID_VALUE", I, r#""Sid":"",$ALLOW"#, r#""Sid":"A",$ALLOW"#),
    ("INVALID_EFFECT", I, r#""Effect":"allow","Action":"*","Resource":"*""#, "$ALLOW"),
    ("INVALID_POLICY_ELEMENT", I, r#"$ALLOW,"Resources":"*""#, "$ALLOW"),
    ("INVALID_POLICY_ELEMENT", I, r#"{"Comment":"x","Statement":{$ALLOW}}"#, "$ALLOW"),
    ("INVALID_VERSION", I, r#"{"Version":"2026-01-01","Statement":{$ALLOW}}"#, "$ALLOW"),
    ("JSON_SYNTAX_ERROR", I, r#"{"Statement":[}"#, "$ALLOW"),
    ("JSON_SYNTAX_ERROR", I, r#"$ALLOW,"Effect":"Deny""#, "$ALLOW"),
    ("MISSING_ACTION", I, r#""Effect":"Allow","Resource":"*""#, "$ALLOW"),
    ("MISSING_EFFECT", I, r#""Action":"*","Resource":"*""#, "$ALLOW"),
    ("MISSING_RESOURCE", I, r#""Effect":"Allow","Action":"s3:*""#, "$ALLOW"),
    ("MISSING_PRINCIPAL", B, "$ALLOW", "$ALLOW,$TO_ALICE"),
    ("MISSING_STATEMENT", I, r#"{"Version":"2012-10-17"}"#, "$ALLOW"),
    ("MISSING_STATEMENT", I, r#"{"Statement":[]}"#, "$ALLOW"),
    ("MISSING_VERSION", I, r#"{"Statement":{$ALLOW}}"#, "$ALLOW"),
    ("POLICY_REFUSED", I, "$ALLOW,\"Sid\":\"\u{4e2d}\"", r#"$ALLOW,"Sid":"A""#),
    ("UNSUPPORTED_ELEMENT_COMBINATION", I, r#"$ALLOW,"NotAction":"iam:*""#, "$ALLOW"),
    ("UNSUPPORTED_SID", I, r#""Sid":"a b",$ALLOW"#, r#""Sid":"ab",$ALLOW"#),
    ("UNSUPPORTED_SID", I, r#""Sid":"a-b",$ALLOW"#, r#""Sid":"7",$ALLOW"#),
    (
        "UNIQUE_SIDS_REQUIRED",
        I,
        r#"{"Statement":[{"Sid":"A",$ALLOW},{"Sid":"A","Effect":"Deny","Action":"*","Resource":"*"}]}"#,
        r#"{"Statement":[{"Sid":"A",$ALLOW},{"Sid":"B",$ALLOW}]}"#,
    ),
    (
        "UNIQUE_SIDS_RECOMMENDED",
        B,
        r#"{"Statement":[{"Sid":"A",$ALLOW,$TO_ALICE},{"Sid":"A",$ALLOW,$TO_ALICE}]}"#,
        r#"{"Statement":[{"Sid":"A",$ALLOW,$TO_ALICE},{"Sid":"B",$ALLOW,$TO_ALICE}]}"#,
    ),
    (
        "REDUNDANT_STATEMENT",
        I,
        r#"{"Statement":[{"Sid":"A",$ALLOW},{"Sid":"B",$ALLOW}]}"#,
        r#"{"Statement":[{"Sid":"A",$ALLOW},{"Effect":"Deny","Action":"s3:GetObject","Resource":"*"}]}"#,
    ),
];

const ACTIONS: &[Case] = &[
    ("INVALID_ACTION", I, r#""Effect":"Deny","Action":"s3:GetObjekt","Resource":"*""#, "$ALLOW"),
    ("INVALID_ACTION", I, r#""Effect":"Deny","Action":"s3:Fly*","Resource":"*""#, "$ALLOW"),
    ("INVALID_ACTION", I, r#""Effect":"Deny","Action":"GetObject","Resource":"*""#, "$ALLOW"),
    (
        "INVALID_ACTION",
        I,
        r#""Effect":"Deny","Action":"admin:Fly","Resource":"*""#,
        r#""Effect":"Deny","Action":["admin:CreateUser","admin:*","strongroom:Backup"],"Resource":"*""#,
    ),
    (
        "INVALID_SERVICE_IN_ACTION",
        I,
        r#""Effect":"Deny","Action":"ec2:RunInstances","Resource":"*""#,
        r#""Effect":"Deny","Action":"sts:AssumeRole","Resource":"*""#,
    ),
    (
        "WILDCARD_IN_SERVICE_NAME",
        I,
        r#""Effect":"Deny","Action":"s*:Get*","Resource":"*""#,
        "$ALLOW",
    ),
    (
        "REDUNDANT_ACTION",
        I,
        r#""Effect":"Deny","Action":["s3:Get*","s3:GetObject"],"Resource":"*""#,
        r#""Effect":"Deny","Action":["s3:Get*","s3:PutObject"],"Resource":"*""#,
    ),
    (
        "REDUNDANT_ACTION",
        I,
        r#""Effect":"Deny","Action":["s3:*","s3:Get*"],"Resource":"*""#,
        r#""Effect":"Deny","Action":["s3:Get*Tagging","s3:Get*Acl"],"Resource":"*""#,
    ),
    (
        "UNSUPPORTED_ACTION_IN_POLICY",
        B,
        r#""Effect":"Deny","Action":"iam:GetUser","Resource":"arn:aws:s3:::b",$TO_ALICE"#,
        "$ALLOW,$TO_ALICE",
    ),
    (
        "UNSUPPORTED_ACTION_IN_POLICY",
        T,
        r#""Effect":"Allow","Action":"s3:*",$TO_ALICE"#,
        "$TRUST,$TO_ALICE",
    ),
    (
        "PASS_ROLE_WITH_STAR_IN_RESOURCE",
        I,
        r#""Effect":"Allow","Action":"iam:PassRole","Resource":"*""#,
        r#""Effect":"Allow","Action":"iam:PassRole","Resource":"arn:aws:iam::111122223333:role/r""#,
    ),
    (
        "PASS_ROLE_WITH_NOTRESOURCE",
        I,
        r#""Effect":"Allow","Action":"iam:PassRole","NotResource":"arn:aws:iam::111122223333:role/r""#,
        r#""Effect":"Deny","Action":"iam:PassRole","NotResource":"arn:aws:iam::111122223333:role/r""#,
    ),
    (
        "PASS_ROLE_WITH_STAR_IN_ACTION_AND_NOTRESOURCE",
        I,
        r#""Effect":"Allow","Action":"iam:*","NotResource":"arn:aws:iam::111122223333:role/r""#,
        r#""Effect":"Allow","Action":"s3:*","NotResource":"arn:aws:s3:::b""#,
    ),
    (
        "PASS_ROLE_WITH_STAR_IN_ACTION_AND_RESOURCE",
        I,
        r#""Effect":"Allow","Action":"*","Resource":"*""#,
        r#""Effect":"Allow","Action":"s3:*","Resource":"*""#,
    ),
    (
        "PASS_ROLE_WITH_NOTACTION_AND_NOTRESOURCE",
        I,
        r#""Effect":"Allow","NotAction":"s3:*","NotResource":"arn:aws:iam::111122223333:role/r""#,
        r#""Effect":"Allow","NotAction":"iam:*","NotResource":"arn:aws:iam::111122223333:role/r""#,
    ),
    (
        "PASS_ROLE_WITH_STAR_IN_RESOURCE_AND_NOTACTION",
        I,
        r#""Effect":"Allow","NotAction":"s3:*","Resource":"arn:aws:iam::111122223333:role/*""#,
        r#""Effect":"Allow","NotAction":"s3:*","Resource":"arn:aws:iam::111122223333:role/r""#,
    ),
    (
        "PASS_ROLE_WITH_STAR_IN_RESOURCE",
        I,
        r#""Effect":"Allow","Action":"iam:PassRole","Resource":"arn:aws:iam::111122223333:role/app-*""#,
        r#""Effect":"Allow","Action":"iam:PassRole","Resource":"*","Condition":{"StringEquals":{"iam:PassedToService":"s3.amazonaws.com"}}"#,
    ),
];

const RESOURCES: &[Case] = &[
    (
        "ARN_ACCOUNT_NOT_ALLOWED",
        I,
        r#""Effect":"Deny","Action":"s3:*","Resource":"arn:aws:s3::111122223333:b/*""#,
        "$ALLOW",
    ),
    (
        "ARN_ACCOUNT_NOT_ALLOWED",
        I,
        r#""Effect":"Deny","Action":"s3:*","Resource":"arn:aws:s3::1:b/*""#,
        r#""Effect":"Deny","Action":"s3:*","Resource":"arn:aws:s3:eu-west-1:111122223333:accesspoint/a""#,
    ),
    (
        "ARN_REGION_NOT_ALLOWED",
        I,
        r#""Effect":"Deny","Action":"s3:*","Resource":"arn:aws:s3:eu-west-1::b/*""#,
        r#""Effect":"Deny","Action":"s3:*","Resource":"arn:aws:s3:::b/*""#,
    ),
    (
        "INVALID_ARN_ACCOUNT",
        I,
        r#""Effect":"Deny","Action":"iam:*","Resource":"arn:aws:iam::1234:user/a""#,
        r#""Effect":"Deny","Action":"iam:*","Resource":"arn:aws:iam::*:user/a""#,
    ),
    (
        "MISSING_ARN_ACCOUNT",
        I,
        r#""Effect":"Deny","Action":"iam:*","Resource":"arn:aws:iam:::user/a""#,
        r#""Effect":"Deny","Action":"iam:*","Resource":"arn:aws:iam::111122223333:user/a""#,
    ),
    ("INVALID_ARN_PREFIX", I, r#""Effect":"Deny","Action":"s3:*","Resource":"bucket/*""#, "$ALLOW"),
    (
        "INVALID_ARN_RESOURCE",
        I,
        r#""Effect":"Deny","Action":"iam:*","Resource":"arn:aws:iam::111122223333:usr/a""#,
        r#""Effect":"Deny","Action":"iam:*","Resource":"arn:aws:iam::111122223333:user/a""#,
    ),
    (
        "INVALID_ARN_RESOURCE",
        I,
        r#""Effect":"Deny","Action":"s3:*","Resource":"arn:aws:s*:::b""#,
        "$ALLOW",
    ),
    (
        "INVALID_ARN_SERVICE_CASE",
        I,
        r#""Effect":"Deny","Action":"s3:*","Resource":"arn:aws:S3:::b""#,
        r#""Effect":"Deny","Action":"s3:*","Resource":"arn:aws:s3:::B""#,
    ),
    (
        "INVALID_PARTITION",
        I,
        r#""Effect":"Deny","Action":"s3:*","Resource":"arn:minio:s3:::b""#,
        r#""Effect":"Deny","Action":"s3:*","Resource":"arn:aws-cn:s3:::b""#,
    ),
    (
        "MISSING_ARN_FIELD",
        I,
        r#""Effect":"Deny","Action":"s3:*","Resource":"arn:aws:s3:*""#,
        r#""Effect":"Deny","Action":"s3:*","Resource":"arn:aws:s3:::*""#,
    ),
    (
        "REDUNDANT_RESOURCE",
        I,
        r#""Effect":"Deny","Action":"s3:*","Resource":["arn:aws:s3:::b/*","arn:aws:s3:::b/c"]"#,
        r#""Effect":"Deny","Action":"s3:*","Resource":["arn:aws:s3:::b/*","arn:aws:s3:::b"]"#,
    ),
    (
        "UNSUPPORTED_RESOURCE_ARN_IN_POLICY",
        B,
        r#""Effect":"Deny","Action":"s3:*","Resource":"arn:aws:iam::111122223333:user/a",$TO_ALICE"#,
        r#""Effect":"Deny","Action":"s3:*","Resource":"arn:aws:s3:::b",$TO_ALICE"#,
    ),
    (
        "VARIABLE_UNSUPPORTED_IN_ELEMENT",
        I,
        r#""Effect":"Deny","Action":"s3:*","Resource":"arn:aws:iam::${aws:PrincipalAccount}:user/a""#,
        r#""Effect":"Deny","Action":"s3:*","Resource":"arn:aws:s3:::${aws:username}""#,
    ),
    (
        "VARIABLE_UNSUPPORTED_IN_ELEMENT",
        I,
        r#""Effect":"Deny","Action":"s3:${aws:username}","Resource":"*""#,
        "$ALLOW",
    ),
    (
        "VARIABLE_UNSUPPORTED_IN_VERSION",
        I,
        r#"{"Version":"2008-10-17","Statement":{"Effect":"Deny","Action":"s3:*","Resource":"arn:aws:s3:::${aws:username}"}}"#,
        r#""Effect":"Deny","Action":"s3:*","Resource":"arn:aws:s3:::${aws:username}""#,
    ),
    (
        "MISSING_BRACE_IN_VARIABLE",
        I,
        r#""Effect":"Deny","Action":"s3:*","Resource":"arn:aws:s3:::${aws:username""#,
        r#""Effect":"Deny","Action":"s3:*","Resource":"arn:aws:s3:::${aws:username}""#,
    ),
    (
        "MISSING_QUOTE_IN_VARIABLE",
        I,
        r#""Effect":"Deny","Action":"s3:*","Resource":"arn:aws:s3:::${aws:username, 'x}""#,
        r#""Effect":"Deny","Action":"s3:*","Resource":"arn:aws:s3:::${aws:username, 'x'}""#,
    ),
    (
        "EMPTY_VARIABLE",
        I,
        r#""Effect":"Deny","Action":"s3:*","Resource":"arn:aws:s3:::${}""#,
        r#""Effect":"Deny","Action":"s3:*","Resource":"arn:aws:s3:::${*}""#,
    ),
    (
        "UNSUPPORTED_SPACE_IN_VARIABLE",
        I,
        r#""Effect":"Deny","Action":"s3:*","Resource":"arn:aws:s3:::${aws: username}""#,
        r#""Effect":"Deny","Action":"s3:*","Resource":"arn:aws:s3:::${aws:username, 'a b'}""#,
    ),
    (
        "UNSUPPORTED_SYMBOL_IN_VARIABLE",
        I,
        r#""Effect":"Deny","Action":"s3:*","Resource":"arn:aws:s3:::${aws:user*}""#,
        r#""Effect":"Deny","Action":"s3:*","Resource":"arn:aws:s3:::${aws:userid}*""#,
    ),
];

const PRINCIPALS: &[Case] = &[
    (
        "ALLOW_WITH_NOT_PRINCIPAL",
        B,
        r#"$ALLOW,"NotPrincipal":{"AWS":"111122223333"}"#,
        r#""Effect":"Deny","Action":"s3:*","Resource":"*","NotPrincipal":{"AWS":"111122223333"}"#,
    ),
    (
        "FEDERATED_PRINCIPAL_NOT_SUPPORTED",
        B,
        r#"$ALLOW,"Principal":{"Federated":"accounts.google.com"}"#,
        "$ALLOW,$TO_ALICE",
    ),
    (
        "INVALID_PRINCIPAL_FORMAT",
        B,
        r#"$ALLOW,"Principal":"111122223333""#,
        r#"$ALLOW,"Principal":{"AWS":"111122223333"}"#,
    ),
    ("INVALID_PRINCIPAL_FORMAT", B, r#"$ALLOW,"Principal":{"AWS":"alice"}"#, "$ALLOW,$TO_ALICE"),
    (
        "INVALID_PRINCIPAL_FORMAT",
        B,
        r#"$ALLOW,"Principal":{"CanonicalUser":"12"}"#,
        "$ALLOW,$TO_ALICE",
    ),
    (
        "RCP_SYNTAX_ERROR_PRINCIPAL",
        R,
        r#""Effect":"Deny","Action":"*","Resource":"*","Principal":{"AWS":"*"}"#,
        r#""Effect":"Deny","Action":"*","Resource":"*","Principal":"*""#,
    ),
    (
        "RCP_SYNTAX_ERROR_PRINCIPAL",
        R,
        r#""Effect":"Deny","Action":"*","Resource":"*","NotPrincipal":"*""#,
        r#""Effect":"Deny","Action":"*","Resource":"*","Principal":"*""#,
    ),
    (
        "RCP_SYNTAX_ERROR_ALLOW",
        R,
        r#"$ALLOW,"Principal":"*","Condition":{"Bool":{"aws:SecureTransport":"true"}}"#,
        r#"$ALLOW,"Principal":"*""#,
    ),
    (
        "RCP_SYNTAX_ERROR_ALLOW",
        R,
        r#""Effect":"Allow","Action":"*","Resource":"arn:aws:s3:::b","Principal":"*""#,
        r#""Effect":"Deny","Action":"*","Resource":"arn:aws:s3:::b","Principal":"*""#,
    ),
    (
        "RCP_SYNTAX_ERROR_NOTACTION",
        R,
        r#""Effect":"Deny","NotAction":"s3:Get*","Resource":"*","Principal":"*""#,
        r#""Effect":"Deny","Action":"s3:Get*","Resource":"*","Principal":"*""#,
    ),
    (
        "RCP_SYNTAX_ERROR_ACTION",
        R,
        r#""Effect":"Deny","Action":"IAM:*","Resource":"*","Principal":"*""#,
        r#""Effect":"Deny","Action":["s3:*","sts:AssumeRole"],"Resource":"*","Principal":"*""#,
    ),
    ("INVALID_PRINCIPAL_KEY", B, r#"$ALLOW,"Principal":{"Aws":"*"}"#, "$ALLOW,$TO_ALICE"),
    (
        "INVALID_ROLE_REFERENCE",
        B,
        r#"$ALLOW,"Principal":{"AWS":"AROAAAAAAAAAAAAAAAAAA"}"#,
        "$ALLOW,$TO_ALICE",
    ),
    (
        "INVALID_USER_REFERENCE",
        B,
        r#"$ALLOW,"Principal":{"AWS":"AIDAAAAAAAAAAAAAAAAAA"}"#,
        "$ALLOW,$TO_ALICE",
    ),
    (
        "INVALID_SERVICE_PRINCIPAL_FORMAT",
        B,
        r#"$ALLOW,"Principal":{"Service":"logging"}"#,
        r#"$ALLOW,"Principal":{"Service":"logging.s3.amazonaws.com"}"#,
    ),
    (
        "RESTRICT_ACCESS_TO_SERVICE_PRINCIPAL",
        B,
        r#"$ALLOW,"Principal":{"Service":"logging.s3.amazonaws.com"}"#,
        r#"$ALLOW,"Principal":{"Service":"logging.s3.amazonaws.com"},"Condition":{"StringEquals":{"aws:SourceAccount":"111122223333"}}"#,
    ),
    (
        "RECOMMENDED_CONDITION_KEY_FOR_SERVICE_PRINCIPAL",
        B,
        r#"$ALLOW,"Principal":{"Service":"a.amazonaws.com"},"Condition":{"StringEquals":{"aws:SourceOwner":"111122223333"}}"#,
        r#"$ALLOW,"Principal":{"Service":"a.amazonaws.com"},"Condition":{"StringEquals":{"aws:SourceAccount":"111122223333"}}"#,
    ),
    ("UNSUPPORTED_PRINCIPAL", I, "$ALLOW,$TO_ALICE", "$ALLOW"),
    ("SCP_SYNTAX_ERROR_PRINCIPAL", S, r#"$ALLOW,"Principal":"*""#, "$ALLOW"),
    (
        "UNSUPPORTED_WILDCARD_IN_PRINCIPAL",
        B,
        r#"$ALLOW,"Principal":{"AWS":"arn:aws:iam::111122223333:user/*"}"#,
        r#"$ALLOW,"Principal":{"AWS":"*"}"#,
    ),
    (
        "PUBLIC_BUCKET_POLICY",
        B,
        r#"$ALLOW,"Principal":"*""#,
        r#"$ALLOW,"Principal":"*","Condition":{"StringEquals":{"aws:PrincipalAccount":"111122223333"}}"#,
    ),
    (
        "ROLE_TRUST_POLICY_SYNTAX_ERROR_NOTPRINCIPAL",
        T,
        r#"$TRUST,"NotPrincipal":{"AWS":"111122223333"}"#,
        "$TRUST,$TO_ALICE",
    ),
    (
        "ROLE_TRUST_POLICY_SYNTAX_ERROR_RESOURCE",
        T,
        r#"$TRUST,$TO_ALICE,"Resource":"*""#,
        "$TRUST,$TO_ALICE",
    ),
    (
        "ROLE_TRUST_POLICY_UNSUPPORTED_WILDCARD_IN_PRINCIPAL",
        T,
        r#"$TRUST,"Principal":"*""#,
        "$TRUST,$TO_ALICE",
    ),
    (
        "INVALID_FEDERATED_PRINCIPAL_SYNTAX_IN_ROLE_TRUST_POLICY",
        T,
        r#"$WEB,"Principal":{"Federated":"https://idp.corp.example"}"#,
        "$WEB,$CORP",
    ),
    ("MISMATCHED_ACTION_FOR_PRINCIPAL", T, "$TRUST,$CORP", "$WEB,$CORP"),
    (
        "MISMATCHED_ACTION_FOR_PRINCIPAL",
        T,
        r#""Effect":"Allow","Action":"sts:AssumeRoleWithSAML",$CORP"#,
        r#""Effect":"Allow","Action":"sts:AssumeRoleWithSAML","Principal":{"Federated":"arn:aws:iam::111122223333:saml-provider/corp"}"#,
    ),
    (
        "MISSING_CONDITION_KEY_FOR_OIDC_PRINCIPAL",
        T,
        "$WEB,$CORP",
        r#"$WEB,$CORP,"Condition":{"StringEquals":{"idp.corp.example:sub":"a"}}"#,
    ),
    (
        "MISSING_GITHUB_REPO_CONDITION_KEY",
        T,
        "$WEB,$GITHUB",
        r#"$WEB,$GITHUB,"Condition":{"StringEquals":{"token.actions.githubusercontent.com:sub":"repo:a/b:ref:refs/heads/main"}}"#,
    ),
    (
        "OVERBROAD_WORKLOAD_SUBJECT",
        T,
        r#"$WEB,$CORP,"Condition":{"StringLike":{"idp.corp.example:sub":"system:serviceaccount:*"}}"#,
        r#"$WEB,$CORP,"Condition":{"StringLike":{"idp.corp.example:sub":"system:serviceaccount:a:b"}}"#,
    ),
    (
        "OVERBROAD_WORKLOAD_SUBJECT",
        T,
        r#"$WEB,$CORP,"Condition":{"StringLike":{"idp.corp.example:sub":"project_path:a/*:ref:main"}}"#,
        r#"$WEB,$CORP,"Condition":{"StringLike":{"idp.corp.example:sub":"project_path:a/b:ref:*"}}"#,
    ),
    (
        "SPECIFIC_GITHUB_REPO_AND_BRANCH_RECOMMENDED",
        T,
        r#"$WEB,$GITHUB,"Condition":{"StringLike":{"token.actions.githubusercontent.com:sub":"repo:a/*"}}"#,
        r#"$WEB,$GITHUB,"Condition":{"StringLike":{"token.actions.githubusercontent.com:sub":"repo:a/b:ref:refs/heads/main"}}"#,
    ),
    (
        "MISSING_ACTION_FOR_CONDITION_KEY",
        T,
        r#"$TRUST,$TO_ALICE,"Condition":{"StringEquals":{"sts:SourceIdentity":"a"}}"#,
        r#""Effect":"Allow","Action":["sts:AssumeRole","sts:SetSourceIdentity"],$TO_ALICE,"Condition":{"StringEquals":{"sts:SourceIdentity":"a"}}"#,
    ),
    (
        "CONFIRM_AUDIENCE_CLAIM_TYPE",
        T,
        r#"$WEB,$CORP,"Condition":{"ForAnyValue:StringEquals":{"idp.corp.example:aud":"a"}}"#,
        r#"$WEB,$CORP,"Condition":{"StringEquals":{"idp.corp.example:aud":"a"}}"#,
    ),
    (
        "REDUNDANT_PRINCIPAL_IN_ROLE_TRUST_POLICY",
        T,
        r#"$TRUST,"Principal":{"AWS":["arn:aws:iam::111122223333:role/r","arn:aws:sts::111122223333:assumed-role/r/s"]}"#,
        r#"$TRUST,"Principal":{"AWS":["arn:aws:iam::111122223333:role/q","arn:aws:sts::111122223333:assumed-role/r/s"]}"#,
    ),
];

/// Code, effect, and the conditions with and without.
const CONDITIONS: &[(&str, &str, &str)] = &[
    (
        "DUPLICATE_KEYS_WITH_DIFFERENT_CASE",
        r#"{"StringEquals":{"aws:UserId":"a","aws:userid":"b"}}"#,
        r#"{"StringEquals":{"aws:userid":["a","b"]}}"#,
    ),
    (
        "VARIABLE_USAGE_TOO_PERMISSIVE",
        r#"{"StringEquals":{"aws:userid":"${aws:userid}"}}"#,
        r#"{"StringEquals":{"aws:userid":["AROAX:${aws:username}","${aws:userid}:x"]}}"#,
    ),
    (
        "WILDCARD_USAGE_TOO_PERMISSIVE",
        r#"{"StringLike":{"aws:userid":"AR*:x"}}"#,
        r#"{"StringLike":{"aws:userid":["AROAX:*","*:*"]}}"#,
    ),
    ("EMPTY_OBJECT_CONDITION", "{}", r#"{"Bool":{"aws:SecureTransport":"true"}}"#),
    (
        "EMPTY_ARRAY_CONDITION",
        r#"{"StringEquals":{"aws:userid":[]}}"#,
        r#"{"StringEquals":{"aws:userid":["a"]}}"#,
    ),
    (
        "EMPTY_ARRAY_CONDITION_FORALLVALUES",
        r#"{"ForAllValues:StringEquals":{"aws:TagKeys":[]}}"#,
        r#"{"ForAllValues:StringEquals":{"aws:TagKeys":"a"}}"#,
    ),
    (
        "EMPTY_ARRAY_CONDITION_FORANYVALUE",
        r#"{"ForAnyValue:StringEquals":{"aws:TagKeys":[]}}"#,
        r#"{"ForAnyValue:StringEquals":{"aws:TagKeys":"a"}}"#,
    ),
    (
        "EMPTY_ARRAY_CONDITION_IFEXISTS",
        r#"{"StringEqualsIfExists":{"aws:userid":[]}}"#,
        r#"{"StringEqualsIfExists":{"aws:userid":"a"}}"#,
    ),
    (
        "INVALID_CONDITION_DATA_TYPE",
        r#"{"StringEquals":{"aws:userid":["a",7]}}"#,
        r#"{"StringEquals":{"aws:userid":["a","7"]}}"#,
    ),
    (
        "DATA_TYPE_MISMATCH",
        r#"{"StringEquals":{"aws:userid":null}}"#,
        r#"{"StringEquals":{"aws:userid":"null"}}"#,
    ),
    (
        "INVALID_CONDITION_KEY_FORMAT",
        r#"{"StringEquals":{"userid":"a"}}"#,
        r#"{"StringEquals":{"aws:userid":"a"}}"#,
    ),
    (
        "INVALID_CONDITION_MULTIPLE_BOOLEAN",
        r#"{"Bool":{"aws:SecureTransport":["true","false"]}}"#,
        r#"{"Bool":{"aws:SecureTransport":["true"]}}"#,
    ),
    (
        "INVALID_CONDITION_OPERATOR",
        r#"{"StringIs":{"aws:userid":"a"}}"#,
        r#"{"StringEquals":{"aws:userid":"a"}}"#,
    ),
    (
        "INVALID_GLOBAL_CONDITION_KEY",
        r#"{"ArnLike":{"aws:PrincipleArn":"*"}}"#,
        r#"{"ArnLike":{"aws:PrincipalArn":"*"}}"#,
    ),
    (
        "INVALID_SERVICE_CONDITION_KEY",
        r#"{"StringEquals":{"s3:colour":"red"}}"#,
        r#"{"StringEquals":{"s3:authType":"POST"}}"#,
    ),
    (
        "UNSUPPORTED_GLOBAL_CONDITION_KEY",
        r#"{"ArnLike":{"aws:ARN":"*"}}"#,
        r#"{"ArnLike":{"aws:SourceArn":"*"}}"#,
    ),
    (
        "MISSING_TAG_KEY_IN_CONDITION",
        r#"{"StringEquals":{"aws:PrincipalTag":"a"}}"#,
        r#"{"StringEquals":{"aws:PrincipalTag/team":"a"}}"#,
    ),
    (
        "MISSING_TAG_KEY_IN_CONDITION",
        r#"{"StringEquals":{"s3:ExistingObjectTag/":"a"}}"#,
        r#"{"StringEquals":{"s3:ExistingObjectTag/team":"a"}}"#,
    ),
    (
        "MISSING_QUALIFIER",
        r#"{"StringEquals":{"aws:TagKeys":"a"}}"#,
        r#"{"ForAnyValue:StringEquals":{"aws:TagKeys":"a"}}"#,
    ),
    (
        "NULL_WITH_IF_EXISTS",
        r#"{"NullIfExists":{"aws:userid":"true"}}"#,
        r#"{"Null":{"aws:userid":"true"}}"#,
    ),
    (
        "NULL_WITH_QUALIFIER",
        r#"{"ForAnyValue:Null":{"aws:TagKeys":"true"}}"#,
        r#"{"Null":{"aws:TagKeys":"true"}}"#,
    ),
    (
        "FORALLVALUES_WITH_SINGLE_VALUED_KEY",
        r#"{"ForAllValues:StringEquals":{"aws:userid":"a"}}"#,
        r#"{"StringEquals":{"aws:userid":"a"}}"#,
    ),
    (
        "TYPE_MISMATCH",
        r#"{"NumericEquals":{"aws:SourceIp":"1"}}"#,
        r#"{"IpAddress":{"aws:SourceIp":"1.2.3.4"}}"#,
    ),
    (
        "TYPE_MISMATCH",
        r#"{"StringEquals":{"aws:SourceIp":"1.2.3.4"}}"#,
        r#"{"StringLike":{"aws:PrincipalArn":"*"}}"#,
    ),
    (
        "POLICY_REFUSED",
        r#"{"NumericEquals":{"aws:SourceIp":"1"}}"#,
        r#"{"StringEquals":{"aws:SourceIp":"1.2.3.4"}}"#,
    ),
    (
        "TYPE_MISMATCH_BOOLEAN",
        r#"{"Bool":{"aws:SecureTransport":"yes"}}"#,
        r#"{"Bool":{"aws:SecureTransport":true}}"#,
    ),
    (
        "TYPE_MISMATCH_DATE",
        r#"{"DateLessThan":{"aws:CurrentTime":"tomorrow"}}"#,
        r#"{"DateLessThan":{"aws:CurrentTime":"2026-01-31"}}"#,
    ),
    (
        "TYPE_MISMATCH_IP_RANGE",
        r#"{"IpAddress":{"aws:SourceIp":"10.0.0.0/33"}}"#,
        r#"{"IpAddress":{"aws:SourceIp":"10.0.0.0/8"}}"#,
    ),
    (
        "TYPE_MISMATCH_NUMBER",
        r#"{"NumericEquals":{"s3:max-keys":"ten"}}"#,
        r#"{"NumericEquals":{"s3:max-keys":10}}"#,
    ),
    (
        "TYPE_MISMATCH_STRING",
        r#"{"BinaryEquals":{"s3:x-amz-acl":"%"}}"#,
        r#"{"BinaryEquals":{"s3:x-amz-acl":"YQ=="}}"#,
    ),
    (
        "INVALID_VARIABLE_FOR_OPERATOR",
        r#"{"IpAddress":{"aws:SourceIp":"${aws:SourceIp}"}}"#,
        r#"{"StringEquals":{"aws:userid":"${aws:userid}"}}"#,
    ),
    (
        "WILDCARD_WITHOUT_LIKE_OPERATOR",
        r#"{"StringEquals":{"aws:userid":"AIDA*"}}"#,
        r#"{"StringEquals":{"aws:userid":"AIDA${*}"}}"#,
    ),
    (
        "WILDCARD_WITHOUT_LIKE_OPERATOR",
        r#"{"StringNotEquals":{"aws:userid":"?"}}"#,
        r#"{"StringNotLike":{"aws:userid":"?"}}"#,
    ),
    (
        "IMPROVE_IP_RANGE",
        r#"{"IpAddress":{"aws:SourceIp":"10.1.2.3/8"}}"#,
        r#"{"IpAddress":{"aws:SourceIp":"10.0.0.0/8"}}"#,
    ),
    (
        "INVALID_DATE_VALUE",
        r#"{"DateLessThan":{"aws:CurrentTime":"1767225600"}}"#,
        r#"{"DateLessThan":{"aws:EpochTime":"1767225600"}}"#,
    ),
    (
        "REDUNDANT_CONDITION_VALUE_NUM",
        r#"{"NumericLessThan":{"s3:max-keys":["10","20"]}}"#,
        r#"{"NumericEquals":{"s3:max-keys":["10","20"]}}"#,
    ),
    (
        "MISSING_PAIRED_CONDITION_KEYS",
        r#"{"IpAddress":{"aws:VpcSourceIp":"10.0.0.0/8"}}"#,
        r#"{"IpAddress":{"aws:VpcSourceIp":"10.0.0.0/8"},"StringEquals":{"aws:SourceVpc":"v"}}"#,
    ),
    (
        "INVALID_ARN_PREFIX",
        r#"{"ArnLike":{"aws:PrincipalArn":"aws:iam"}}"#,
        r#"{"ArnLike":{"aws:PrincipalArn":"*"}}"#,
    ),
    (
        "MISSING_ARN_FIELD",
        r#"{"ArnLike":{"aws:PrincipalArn":"arn:aws:iam::*"}}"#,
        r#"{"ArnLike":{"aws:PrincipalArn":"arn:aws:iam::*:role/r"}}"#,
    ),
    (
        "INVALID_SERVICE_PRINCIPAL_FORMAT",
        r#"{"StringEquals":{"aws:PrincipalServiceName":"s3"}}"#,
        r#"{"StringEquals":{"aws:PrincipalServiceName":"s3.amazonaws.com"}}"#,
    ),
    (
        "VARIABLE_UNSUPPORTED_IN_ELEMENT",
        r#"{"StringEquals":{"aws:PrincipalTag/${aws:userid}":"a"}}"#,
        r#"{"StringEquals":{"aws:PrincipalTag/a":"${aws:userid}"}}"#,
    ),
    (
        "UNSUPPORTED_ACTION_FOR_CONDITION_KEY",
        r#"{"StringEquals":{"s3:prefix":"a"}}"#,
        r#"{"StringEquals":{"s3:ExistingObjectTag/a":"b"}}"#,
    ),
];

const TAGGED: &[Case] = &[
    (
        "ALLOW_WITH_UNSUPPORTED_TAG_CONDITION_KEY_FOR_SERVICE",
        I,
        r#""Effect":"Allow","Action":"s3:ListAllMyBuckets","Resource":"*","Condition":{"StringEquals":{"aws:ResourceTag/a":"b"}}"#,
        r#""Effect":"Allow","Action":"iam:DeleteUser","Resource":"*","Condition":{"StringEquals":{"aws:ResourceTag/a":"b"}}"#,
    ),
    (
        "DENY_WITH_UNSUPPORTED_TAG_CONDITION_KEY_FOR_SERVICE",
        I,
        r#""Effect":"Deny","Action":"s3:ListAllMyBuckets","Resource":"*","Condition":{"StringEquals":{"aws:ResourceTag/a":"b"}}"#,
        r#""Effect":"Deny","Action":"iam:DeleteUser","Resource":"*","Condition":{"StringEquals":{"aws:ResourceTag/a":"b"}}"#,
    ),
    (
        "DENY_NOTACTION_WITH_UNSUPPORTED_TAG_CONDITION_KEY_FOR_SERVICE",
        I,
        r#""Effect":"Deny","NotAction":"iam:*","Resource":"*","Condition":{"StringEquals":{"aws:ResourceTag/a":"b"}}"#,
        r#""Effect":"Deny","NotAction":"iam:*","Resource":"*","Condition":{"StringEquals":{"aws:PrincipalTag/a":"b"}}"#,
    ),
    (
        "ALLOW_NOTACTION_WITH_UNSUPPORTED_TAG_CONDITION_KEY_FOR_SERVICE",
        I,
        r#""Effect":"Allow","NotAction":"iam:*","Resource":"*","Condition":{"StringEquals":{"aws:ResourceTag/a":"b"}}"#,
        r#""Effect":"Allow","NotAction":"iam:*","Resource":"*","Condition":{"StringEquals":{"aws:PrincipalTag/a":"b"}}"#,
    ),
    (
        "IRRELEVANT_CONDITION_KEY_IN_POLICY",
        B,
        r#"$ALLOW,$TO_ALICE,"Condition":{"StringEquals":{"s3:ResourceAccount":"111122223333"}}"#,
        r#"$ALLOW,$TO_ALICE,"Condition":{"StringEquals":{"s3:authType":"POST"}}"#,
    ),
];

/// The quotas, each with a kind, and how many bytes fill it.
const SIZES: &[(&str, Kind, usize)] = &[
    ("POLICY_SIZE_EXCEEDS_IDENTITY_POLICY_QUOTA", I, 6_144),
    ("POLICY_SIZE_EXCEEDS_RESOURCE_POLICY_QUOTA", B, 20_480),
    ("POLICY_SIZE_EXCEEDS_ROLE_TRUST_POLICY_QUOTA", T, 2_048),
    ("POLICY_SIZE_EXCEEDS_SCP_QUOTA", S, 5_120),
    ("POLICY_SIZE_EXCEEDS_RCP_QUOTA", R, 5_120),
];

fn of_size(bytes: usize) -> String {
    let frame = r#"{"Id":"","Statement":[]}"#.len();
    format!(r#"{{"Id":"{}","Statement":[]}}"#, "x".repeat(bytes - frame))
}

fn on_conditions() -> Vec<(&'static str, String, String)> {
    let whole = |condition: &str| format!("{ALLOW},\"Condition\":{condition}");
    CONDITIONS.iter().map(|(code, bad, good)| (*code, whole(bad), whole(good))).collect()
}

#[test]
fn each_check_of_form_finds_its_fault_and_spares_its_twin() {
    found_and_not(FORM);
}

#[test]
fn each_check_of_actions_finds_its_fault_and_spares_its_twin() {
    found_and_not(ACTIONS);
}

#[test]
fn each_check_of_resources_finds_its_fault_and_spares_its_twin() {
    found_and_not(RESOURCES);
}

#[test]
fn each_check_of_principals_finds_its_fault_and_spares_its_twin() {
    found_and_not(PRINCIPALS);
    found_and_not(TAGGED);
}

#[test]
fn each_check_of_conditions_finds_its_fault_and_spares_its_twin() {
    for (code, bad, good) in on_conditions() {
        assert!(codes(&bad, I).contains(code), "{code}: {bad}: {:?}", codes(&bad, I));
        assert!(!codes(&good, I).contains(code), "{code} in {good}");
    }
}

#[test]
fn a_quota_is_exceeded_by_one_byte_more_than_it_has() {
    for (code, kind, bytes) in SIZES {
        assert!(!codes(&of_size(*bytes), *kind).contains(code), "{code}");
        assert!(codes(&of_size(bytes + 1), *kind).contains(code), "{code}");
    }
}

#[test]
fn every_check_of_the_catalogue_has_a_case_here() {
    let cases = [FORM, ACTIONS, RESOURCES, PRINCIPALS, TAGGED].concat();
    let mut tested: BTreeSet<&str> = cases.iter().map(|case| case.0).collect();
    tested.extend(CONDITIONS.iter().map(|case| case.0));
    tested.extend(SIZES.iter().map(|case| case.0));
    for rule in CATALOGUE {
        assert!(tested.contains(rule.code), "{}", rule.code);
    }
    let codes: BTreeSet<&str> = CATALOGUE.iter().map(|rule| rule.code).collect();
    assert_eq!(codes.len(), CATALOGUE.len());
    assert!(codes.is_superset(&tested));
}

#[test]
fn a_text_without_an_error_is_one_that_the_parser_takes() {
    let cases = [FORM, ACTIONS, RESOURCES, PRINCIPALS, TAGGED].concat();
    let mut texts: Vec<(String, Kind)> = Vec::new();
    for (_, kind, bad, good) in cases {
        texts.extend([(policy(bad), kind), (policy(good), kind)]);
    }
    for (_, bad, good) in on_conditions() {
        texts.extend([(policy(&bad), I), (policy(&good), I)]);
    }
    for (text, kind) in texts {
        let errors = check::findings(&text, kind).iter().any(|f| f.level == Level::Error);
        let parsed = Document::parse(&text, kind);
        assert!(errors || parsed.is_ok(), "{text}: {:?}", parsed.err());
    }
}

#[test]
fn a_finding_says_where_it_stands() {
    let text = "{\n \"Version\": \"2012-10-17\",\n \"Statement\": [{\"Effect\": \"Allow\",\n  \"Action\": [\"s3:GetObject\", \"s3:é\"], \"Resource\": \"*\",\n  \"Condition\": {\"Bool\": {\"aws:SecureTransport\": [\"perhaps\"]}}}]}";
    let found = check::findings(text, I);
    let at: Vec<(&str, &str, usize, usize)> = found
        .iter()
        .map(|f| (f.code, f.path.as_str(), f.span.start.line, f.span.start.column))
        .collect();
    assert_eq!(
        at,
        [
            ("INVALID_ACTION", "/Statement/0/Action/1", 4, 30),
            ("TYPE_MISMATCH_BOOLEAN", "/Statement/0/Condition/Bool/aws:SecureTransport/0", 5, 50),
        ]
    );
    for finding in &found {
        let end = finding.span.offset + finding.span.length;
        let quoted = text.get(finding.span.offset..end).unwrap();
        assert!(quoted.starts_with('"') && quoted.ends_with('"'), "{quoted}");
    }
}

#[test]
fn all_faults_are_told_and_not_the_first_alone() {
    let text =
        r#"{"Statement":[{"Effect":"No","Action":"s3:Fly","Resource":"x"},{"Resource":[]}],"X":1}"#;
    let found = codes(text, I);
    for code in ["INVALID_EFFECT", "INVALID_ACTION", "INVALID_ARN_PREFIX", "MISSING_EFFECT"] {
        assert!(found.contains(code), "{code}: {found:?}");
    }
}

#[test]
fn no_text_makes_it_slow_or_long() {
    let many = |item: &str, count: usize| vec![item; count].join(",");
    let bombs = [
        "[".repeat(SOURCE_BYTES_MAX),
        "x".repeat(SOURCE_BYTES_MAX + 1),
        format!(r#"{{"Statement":[{}]}}"#, many("{}", 40_000)),
        format!(r#"{{"Statement":{{"Action":[{}]}}}}"#, many("\"s3:Gte\"", 12_000)),
        format!(r#"{{"Statement":{{"Action":[{}]}}}}"#, many("\"*?*?*?*?\"", 10_000)),
        format!(r#"{{"Statement":{{"Resource":"{}"}}}}"#, "*?".repeat(60_000)),
        format!(r#"{{"Statement":{{"Condition":{{{}}}}}}}"#, many("\"a\":{\"b\":1}", 10_000)),
        format!(r#"{{"Statement":{{"Principal":{{"AWS":[{}]}}}}}}"#, many("7", 50_000)),
    ];
    for bomb in bombs {
        let found = check::findings(&bomb, Kind::Session);
        assert!(!found.is_empty() && found.len() <= FINDINGS_MAX + 2, "{}", found.len());
        assert!(found.iter().any(|finding| finding.level == Level::Error));
        assert!(found.iter().all(|finding| finding.message.len() < 2_000));
    }
}

#[test]
fn the_manual_page_is_what_the_table_makes() {
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/policy-check.md");
    let page = check::page();
    if std::fs::read_to_string(file).is_ok_and(|text| text == page) {
        return;
    }
    let made = concat!(env!("CARGO_TARGET_TMPDIR"), "/policy-check.md");
    std::fs::write(made, page).unwrap();
    panic!("docs/policy-check.md is stale: replace it with {made}");
}
