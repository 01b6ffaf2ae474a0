//! Browser forms: the documented example, and what differs from an honest form in one fact.
//!
//! oracle: twin

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use names::Timestamp;
use strongroom_signing::sign::sign_policy;
use strongroom_signing::{
    CONDITIONS_MAX, CanonicalRequest, Claim, FIELD_BYTES_MAX, FIELDS_MAX, Mechanism, PolicyProblem,
    PostForm, Scope, SigV2Rule, SignatureError as E, SignedRequest, Terms, verify,
};

use crate::client::{KEY_ID, SECRET, request, terms, with};

/// The documented example: "Browser-based upload using HTTP POST (using AWS Signature Version 4)".
const DOCUMENTED: &str = "\
eyAiZXhwaXJhdGlvbiI6ICIyMDE1LTEyLTMwVDEyOjAwOjAwLjAwMFoiLA0KICAiY29uZGl0aW9ucyI6IFsNCiAgICB7ImJ1\
Y2tldCI6ICJzaWd2NGV4YW1wbGVidWNrZXQifSwNCiAgICBbInN0YXJ0cy13aXRoIiwgIiRrZXkiLCAidXNlci91c2VyMS8i\
XSwNCiAgICB7ImFjbCI6ICJwdWJsaWMtcmVhZCJ9LA0KICAgIHsic3VjY2Vzc19hY3Rpb25fcmVkaXJlY3QiOiAiaHR0cDov\
L3NpZ3Y0ZXhhbXBsZWJ1Y2tldC5zMy5hbWF6b25hd3MuY29tL3N1Y2Nlc3NmdWxfdXBsb2FkLmh0bWwifSwNCiAgICBbInN0\
YXJ0cy13aXRoIiwgIiRDb250ZW50LVR5cGUiLCAiaW1hZ2UvIl0sDQogICAgeyJ4LWFtei1tZXRhLXV1aWQiOiAiMTQzNjUx\
MjM2NTEyNzQifSwNCiAgICB7IngtYW16LXNlcnZlci1zaWRlLWVuY3J5cHRpb24iOiAiQUVTMjU2In0sDQogICAgWyJzdGFy\
dHMtd2l0aCIsICIkeC1hbXotbWV0YS10YWciLCAiIl0sDQoNCiAgICB7IngtYW16LWNyZWRlbnRpYWwiOiAiQUtJQUlPU0ZP\
RE5ON0VYQU1QTEUvMjAxNTEyMjkvdXMtZWFzdC0xL3MzL2F3czRfcmVxdWVzdCJ9LA0KICAgIHsieC1hbXotYWxnb3JpdGht\
IjogIkFXUzQtSE1BQy1TSEEyNTYifSwNCiAgICB7IngtYW16LWRhdGUiOiAiMjAxNTEyMjlUMDAwMDAwWiIgfQ0KICBdDQp9";

const CREDENTIAL: &str = "AKIAIOSFODNN7EXAMPLE/20151229/us-east-1/s3/aws4_request";

type Fields = Vec<(String, String)>;

fn fields(pairs: &[(&str, &str)]) -> Fields {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

fn judge_when(fields: Fields, bucket: &str, now: &str) -> Result<SignedRequest, E> {
    let form = PostForm::new(fields, Some("MyFilename.jpg"))?;
    let parts = request("POST", &format!("/{bucket}"), &[]);
    let Claim::Signed(claim) = CanonicalRequest::parse(&parts)?.form_credential(form)? else {
        panic!("the form is anonymous")
    };
    let key = claim.key(&SECRET.parse().unwrap());
    let now: Timestamp = now.parse().unwrap();
    verify(claim, &key, &Terms { now, v2: SigV2Rule::Allow, ..terms() })
}

fn judge(fields: Fields) -> Result<SignedRequest, E> {
    judge_when(fields, "finance", "2015-12-29T00:00:00Z")
}

fn refused(fields: Fields) -> E {
    judge(fields).map(|_| "accepted").unwrap_err()
}

#[test]
fn the_documented_form() {
    let form = |key: &str| {
        fields(&[
            ("key", key),
            ("acl", "public-read"),
            (
                "success_action_redirect",
                "http://sigv4examplebucket.s3.amazonaws.com/successful_upload.html",
            ),
            ("Content-Type", "image/jpeg"),
            ("x-amz-meta-uuid", "14365123651274"),
            ("x-amz-server-side-encryption", "AES256"),
            ("X-Amz-Credential", CREDENTIAL),
            ("X-Amz-Algorithm", "AWS4-HMAC-SHA256"),
            ("X-Amz-Date", "20151229T000000Z"),
            ("x-amz-meta-tag", ""),
            ("Policy", DOCUMENTED),
            ("X-Amz-Signature", "8afdbf4008c03f22c2cd3cdb72e4afbb1f6a588f3255ac628749a66d7f09699e"),
        ])
    };
    let now = "2015-12-29T10:00:00Z";
    let key = "user/user1/${filename}";
    let signed = judge_when(form(key), "sigv4examplebucket", now).unwrap();
    assert_eq!(signed.auth_type(), "POST");
    assert_eq!(signed.request().path(), "/sigv4examplebucket/user/user1/MyFilename.jpg");
    assert_eq!(signed.request().header("x-amz-acl"), Ok(Some("public-read")));
    assert_eq!(signed.request().header("content-type"), Ok(Some("image/jpeg")));
    assert_eq!(signed.lengths(), Some((0, u64::MAX)));
    let late = judge_when(form(key), "sigv4examplebucket", "2015-12-30T12:00:00Z");
    assert!(matches!(late, Err(E::PolicyExpired { .. })));
    let elsewhere = judge_when(form(key), "other", now);
    assert!(matches!(elsewhere, Err(E::PolicyCondition { .. })));
    let other = judge_when(form("user/user2/a"), "sigv4examplebucket", now);
    assert!(matches!(other, Err(E::PolicyCondition { .. })));
}

fn policy(conditions: &str) -> String {
    format!("{{\"expiration\": \"2015-12-30T00:00:00Z\", \"conditions\": [{conditions}]}}")
}

/// A form with that policy's text, signed as it is.
fn signed(policy: &str, more: &[(&str, &str)]) -> Fields {
    let text = STANDARD.encode(policy);
    let now = "2015-12-29T00:00:00Z".parse().unwrap();
    let scope = Scope::new(now, "us-east-1", "s3");
    let signature = sign_policy(&SECRET.parse().unwrap(), &scope, &text);
    let mut all = fields(&[
        ("key", "in/a.txt"),
        ("x-amz-credential", CREDENTIAL),
        ("x-amz-algorithm", "AWS4-HMAC-SHA256"),
        ("x-amz-date", "20151229T000000Z"),
        ("policy", &text),
        ("x-amz-signature", &signature),
    ]);
    all.extend(fields(more));
    all
}

const BASE: &str = r#"["starts-with", "$key", "in/"], {"bucket": "finance"},
    ["starts-with", "$x-amz-credential", ""], {"x-amz-algorithm": "AWS4-HMAC-SHA256"},
    ["eq", "$x-amz-date", "20151229T000000Z"]"#;

fn honest(conditions: &str, more: &[(&str, &str)]) -> Fields {
    signed(&policy(&format!("{BASE}{conditions}")), more)
}

fn replaced(fields: &Fields, name: &str, value: &str) -> Fields {
    let change = |(other, old): &(String, String)| {
        let new = if other == name { value } else { old };
        (other.clone(), new.to_owned())
    };
    fields.iter().map(change).collect()
}

fn without(fields: &Fields, name: &str) -> Fields {
    fields.iter().filter(|(other, _)| other != name).cloned().collect()
}

#[test]
fn sig_14_each_condition_is_enforced() {
    judge(honest(", {\"acl\": \"private\"}", &[("ACL", "private")])).unwrap();
    let acl = honest(", {\"acl\": \"private\"}", &[("acl", "public-read")]);
    assert!(matches!(refused(acl), E::PolicyCondition { .. }));
    let absent = honest(", {\"acl\": \"private\"}", &[]);
    assert!(matches!(refused(absent), E::PolicyCondition { .. }));
    let key = replaced(&honest("", &[]), "key", "out/a.txt");
    assert!(matches!(refused(key), E::PolicyCondition { .. }));
    let extra = honest("", &[("x-amz-meta-a", "b")]);
    assert_eq!(refused(extra), E::FieldNotCovered { name: "x-amz-meta-a".to_owned() });
    judge(honest("", &[("x-ignore-a", "b")])).unwrap();
    let range =
        honest(", [\"content-length-range\", 1, 10], [\"content-length-range\", 0, 8]", &[]);
    assert_eq!(judge(range).unwrap().lengths(), Some((1, 8)));
    let types = ", [\"starts-with\", \"$Content-Type\", \"image/\"]";
    judge(honest(types, &[("content-type", "image/png,image/gif")])).unwrap();
    let mixed = honest(types, &[("content-type", "image/png,text/html")]);
    assert!(matches!(refused(mixed), E::PolicyCondition { .. }));
}

#[test]
fn sig_11_no_field_names_another_bucket() {
    judge(honest("", &[("bucket", "finance")])).unwrap();
    for name in ["bucket", "Bucket"] {
        let other = refused(honest("", &[(name, "other")]));
        let condition = "[\"eq\", \"$bucket\", \"other\"]".to_owned();
        assert_eq!(other, E::PolicyCondition { condition });
    }
    let twice = honest("", &[("bucket", "finance"), ("Bucket", "finance")]);
    assert_eq!(refused(twice), E::FieldRepeated { name: "bucket".to_owned() });
    assert!(matches!(
        judge_when(honest("", &[]), "other", "2015-12-29T00:00:00Z"),
        Err(E::PolicyCondition { .. })
    ));
}

#[test]
fn sig_16_the_algorithm_is_named_and_ours() {
    let honest = honest("", &[]);
    assert_eq!(
        refused(without(&honest, "x-amz-algorithm")),
        E::FieldMissing { name: "x-amz-algorithm" }
    );
    for (name, mechanism) in [
        ("AWS4-HMAC-SHA1", Mechanism::Unknown),
        ("none", Mechanism::Unknown),
        ("AWS4-ECDSA-P256-SHA256", Mechanism::SigV4A),
    ] {
        let other = refused(replaced(&honest, "x-amz-algorithm", name));
        assert_eq!(other, E::UnsupportedMechanism { mechanism });
    }
    for name in ["policy", "x-amz-signature", "x-amz-date", "x-amz-credential"] {
        assert!(matches!(refused(without(&honest, name)), E::FieldMissing { .. }), "{name}");
    }
}

#[test]
fn sig_17_a_policy_that_is_not_wholly_understood_allows_nothing() {
    let problem = |text: &str| match refused(signed(text, &[])) {
        E::PolicyMalformed { problem } => problem,
        other => panic!("{other}"),
    };
    assert_eq!(problem("{\"conditions\": [{\"a\": \"b\"}]}"), PolicyProblem::Expiration);
    for when in ["soon", "2015-12-30 00:00:00+00:00", "2015-12-30", "2015-12-30T00:00:00+01:00"] {
        let text = format!("{{\"expiration\": \"{when}\", \"conditions\": [{{\"a\": \"b\"}}]}}");
        assert_eq!(problem(&text), PolicyProblem::Expiration, "{when}");
    }
    assert_eq!(problem("{\"expiration\": \"2015-12-30T00:00:00Z\"}"), PolicyProblem::Conditions);
    assert_eq!(problem(&policy("")), PolicyProblem::Conditions);
    assert_eq!(problem("[]"), PolicyProblem::Json);
    assert_eq!(problem("{"), PolicyProblem::Json);
    let twice = policy("{\"a\": \"b\"}").replacen("{", "{\"conditions\": [], ", 1);
    assert_eq!(problem(&twice), PolicyProblem::Json);
    let member = policy("{\"a\": \"b\"}").replacen("{", "{\"Expiration\": \"x\", ", 1);
    assert_eq!(problem(&member), PolicyProblem::Member);
    for bad in [
        r#"["matches", "$key", "a"]"#,
        r#"["eq", "key", "a"]"#,
        r#"["eq", "$key"]"#,
        r#"["content-length-range", -1, 5]"#,
        r#"["content-length-range", 6, 5]"#,
        r#"["content-length-range", 6]"#,
        r#"["content-length-range", 1.5, 5]"#,
        r#"{"a": {}}"#,
        r#"{"a": "b", "a": "c"}"#,
        "{}",
        "[]",
        "null",
    ] {
        let text = policy(bad);
        assert!(matches!(refused(signed(&text, &[])), E::PolicyMalformed { .. }), "{bad}");
    }
    let many =
        |count| vec![BASE.to_owned(), vec!["{\"bucket\": \"finance\"}"; count - 5].join(",")];
    judge(signed(&policy(&many(CONDITIONS_MAX).join(",")), &[])).unwrap();
    assert_eq!(problem(&policy(&many(CONDITIONS_MAX + 1).join(","))), PolicyProblem::Conditions);
}

#[test]
fn a_changed_policy_or_signature_is_refused_before_it_is_read() {
    let honest = honest("", &[]);
    let wider = STANDARD.encode(policy("[\"starts-with\", \"$key\", \"\"]"));
    assert_eq!(refused(replaced(&honest, "policy", &wider)), E::Mismatch);
    assert_eq!(refused(replaced(&honest, "policy", "???")), E::Mismatch);
    assert_eq!(refused(replaced(&honest, "x-amz-signature", &"0".repeat(64))), E::Mismatch);
}

#[test]
fn sig_36_a_form_is_the_only_credential() {
    let form = || PostForm::new(honest("", &[]), None).unwrap();
    let parts = request("POST", "/finance", &[]);
    let plain = CanonicalRequest::parse(&parts).unwrap();
    assert!(matches!(plain.form_credential(form()), Ok(Claim::Signed(_))));
    let signed = with(&parts, "authorization", "AWS4-HMAC-SHA256 x");
    let mixed = CanonicalRequest::parse(&signed).unwrap().form_credential(form());
    assert_eq!(mixed.unwrap_err(), E::OnlyOneMechanism);
    let both = honest("", &[("AWSAccessKeyId", KEY_ID), ("signature", "c2ln")]);
    assert_eq!(refused(both), E::OnlyOneMechanism);
}

#[test]
fn a_form_without_any_credential_is_anonymous() {
    let form = |pairs: &[(&str, &str)]| {
        let form = PostForm::new(fields(pairs), None).unwrap();
        let parts = request("POST", "/finance", &[("x-amz-acl", "public-read")]);
        CanonicalRequest::parse(&parts).unwrap().form_credential(form)
    };
    let Ok(Claim::Anonymous(claim)) = form(&[("key", "a"), ("acl", "private")]) else {
        panic!("it presents nothing")
    };
    let verified = strongroom_signing::Verified::anonymous(claim);
    assert_eq!(verified.request().path(), "/finance/a");
    assert_eq!(verified.request().header("x-amz-acl"), Ok(Some("private")));
    for name in ["policy", "signature", "AWSAccessKeyId", "x-amz-security-token"] {
        assert!(form(&[("key", "a"), (name, "x")]).is_err(), "{name}");
    }
}

#[test]
fn a_version_2_form_signs_the_same_policy_with_the_secret_itself() {
    // What OpenSSL's HMAC-SHA1 makes of the text `e30=` with the example's secret.
    let form = |signature: &str| {
        fields(&[
            ("key", "a"),
            ("AWSAccessKeyId", KEY_ID),
            ("policy", "e30="),
            ("signature", signature),
        ])
    };
    assert_eq!(refused(form("AAAAAAAAAAAAAAAAAAAAAAAAAAA=")), E::Mismatch);
    let read = refused(form(V2_SIGNATURE));
    assert_eq!(read, E::PolicyMalformed { problem: PolicyProblem::Expiration });
}

const V2_SIGNATURE: &str = "4QWH4O9CWtowYUW+X4P2gZ/6fNc=";

#[test]
fn a_form_has_limits() {
    let count = |count: usize| {
        let mut all = fields(&[("key", "k")]);
        all.extend((1..count).map(|at| (format!("x-ignore-{at}"), String::new())));
        PostForm::new(all, None)
    };
    assert!(count(FIELDS_MAX).is_ok());
    assert!(matches!(count(FIELDS_MAX + 1), Err(E::FormTooLarge { .. })));
    let long = |bytes: usize| PostForm::new(fields(&[("key", &"k".repeat(bytes - 3))]), None);
    assert!(long(FIELD_BYTES_MAX).is_ok());
    assert!(matches!(long(FIELD_BYTES_MAX + 1), Err(E::FormTooLarge { .. })));
    assert_eq!(PostForm::new(Vec::new(), None).unwrap_err(), E::FieldMissing { name: "key" });
}
