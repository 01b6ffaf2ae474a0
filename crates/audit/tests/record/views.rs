//! Views in the words of other tools: what each says of an entry, and that none says a secret.

use std::sync::Arc;

use serde_json::{Value, json};
use strongroom_audit::view::{View, of, of_leaf};
use strongroom_audit::{Entry, Minted, Opening, Outcome, Reader, Reason, Who};

use crate::house::*;
use crate::published::everything;

const ALL_VIEWS: [View; 3] = [View::Ocsf, View::Ecs, View::CloudTrail];

fn at<'v>(value: &'v Value, path: &str) -> &'v Value {
    value.pointer(path).unwrap_or_else(|| panic!("{path} is not in {value:#}"))
}

fn says(value: &Value, expected: &[(&str, Value)]) {
    for (path, expected) in expected {
        assert_eq!(at(value, path), expected, "{path} of {value:#}");
    }
}

/// A read that is allowed, one that is denied, a login, and a bad signature.
async fn four() -> Vec<Entry> {
    let house = House::new();
    let mut opening = Opening::new(house.journal.request_id());
    opening.source_ip = Some("10.1.2.3".parse().unwrap());
    opening.peer = Some("10.1.2.3:40000".parse().unwrap());
    opening.method = "GET".to_owned();
    opening.user_agent = Some("aws-cli/2".to_owned());
    let mut attempt = house.journal.attempt(opening);
    attempt.identified(Arc::new(alice()));
    let (_, entry) = attempt.open(asked(ReadThing::new("a"), READS), || NOW).await.unwrap();
    house.clock.pass(2);
    entry.close(Outcome { bytes_out: 3, ..Outcome::status(200) });
    let denied = asked(ReadThing::new("secret/b"), DENIES);
    assert!(house.known(&alice()).open(denied, || NOW).await.is_err());
    let mut login = decided(Free, "arn:aws:iam::111122223333:role/Reader", Vec::new());
    let credential = "ASIAMINTEDMINTEDMINT".parse().unwrap();
    login.mints = Some(Minted { credential, expires: "2026-01-02T04:00:00Z".parse().unwrap() });
    let (_, entry) = house.known(&alice()).open(login, || NOW).await.unwrap();
    entry.close(Outcome::status(200));
    house.attempt().refuse(Reason::SignatureMismatch, Outcome::status(403)).await.unwrap();
    house.entries().await
}

#[tokio::test]
async fn ocsf_has_what_its_classes_require() {
    for (entry, class) in four().await.iter().zip([6003, 6003, 3002, 6003]) {
        let told = of(entry, View::Ocsf);
        let base = ["activity_id", "category_uid", "metadata", "severity_id", "time", "type_uid"];
        let more: &[&str] =
            if class == 6003 { &["actor", "api", "src_endpoint"] } else { &["user", "service"] };
        for name in base.iter().chain(more) {
            assert!(told.get(name).is_some_and(|value| !value.is_null()), "{name} of {told:#}");
        }
        assert_eq!(at(&told, "/class_uid"), class);
        let activity = at(&told, "/activity_id").as_u64().unwrap();
        assert_eq!(at(&told, "/type_uid"), class * 100 + activity);
        says(
            &told,
            &[
                ("/metadata/version", json!("1.3.0")),
                ("/metadata/uid", json!(entry.opened.id)),
                ("/time", json!(entry.opened.time.millis())),
            ],
        );
    }
}

#[tokio::test]
async fn ocsf_says_who_what_and_why_not() {
    let entries = four().await;
    says(
        &of(&entries[0], View::Ocsf),
        &[
            ("/activity_id", json!(2)),
            ("/status_id", json!(1)),
            ("/action_id", json!(1)),
            ("/actor/user/uid", json!("arn:aws:iam::111122223333:user/alice")),
            ("/actor/user/credential_uid", json!("AKIAALICEALICEALICEA")),
            ("/actor/user/account/uid", json!("111122223333")),
            ("/api/operation", json!("GetObject")),
            ("/api/service/name", json!("s3")),
            ("/api/response/code", json!(200)),
            ("/resources/0/uid", json!("arn:aws:s3:::pay/a")),
            ("/src_endpoint/ip", json!("10.1.2.3")),
            ("/src_endpoint/port", json!(40000)),
            ("/http_request/user_agent", json!("aws-cli/2")),
            ("/duration", json!(2)),
            ("/unmapped/bytes_out", json!(3)),
        ],
    );
    says(
        &of(&entries[1], View::Ocsf),
        &[
            ("/status_id", json!(2)),
            ("/status_code", json!("denied")),
            ("/disposition_id", json!(2)),
            ("/authorizations/0/decision", json!("explicit-deny")),
            ("/authorizations/0/policy/name", json!("policy:Payroll@v2")),
        ],
    );
    says(&of(&entries[2], View::Ocsf), &[("/session/uid", json!("ASIAMINTEDMINTEDMINT"))]);
    let refused = of(&entries[3], View::Ocsf);
    says(&refused, &[("/status_code", json!("signature-mismatch"))]);
    assert!(refused.pointer("/actor/user").is_none(), "nobody was identified");
}

#[tokio::test]
async fn ecs_says_who_what_and_why_not() {
    let entries = four().await;
    says(
        &of(&entries[0], View::Ecs),
        &[
            ("/@timestamp", json!(entries[0].opened.time)),
            ("/ecs/version", json!("8.17.0")),
            ("/event/kind", json!("event")),
            ("/event/category", json!(["file", "api"])),
            ("/event/type", json!(["access", "allowed"])),
            ("/event/outcome", json!("success")),
            ("/event/duration", json!(2_000_000)),
            ("/user/id", json!("AIDAALICEALICEALICEAL")),
            ("/user/name", json!("alice")),
            ("/source/ip", json!("10.1.2.3")),
            ("/cloud/account/id", json!("111122223333")),
            ("/http/response/status_code", json!(200)),
            ("/http/response/body/bytes", json!(3)),
            ("/related/user/0", json!("AIDAALICEALICEALICEAL")),
            ("/strongroom/credential", json!("AKIAALICEALICEALICEA")),
        ],
    );
    says(
        &of(&entries[1], View::Ecs),
        &[
            ("/event/type", json!(["access", "denied"])),
            ("/event/outcome", json!("failure")),
            ("/event/reason", json!("denied")),
            ("/rule/ruleset", json!("policy:Payroll@v2")),
        ],
    );
    let login = of(&entries[2], View::Ecs);
    says(&login, &[("/event/category", json!(["authentication", "api"]))]);
    says(&of(&entries[3], View::Ecs), &[("/event/outcome", json!("failure"))]);
}

#[tokio::test]
async fn a_record_of_cloudtrail_says_who_what_and_why_not() {
    let entries = four().await;
    says(
        &of(&entries[0], View::CloudTrail),
        &[
            ("/eventVersion", json!("1.11")),
            ("/eventTime", json!("2026-01-02T03:04:05Z")),
            ("/eventSource", json!("s3.amazonaws.com")),
            ("/eventName", json!("GetObject")),
            ("/eventType", json!("AwsApiCall")),
            ("/eventCategory", json!("Data")),
            ("/managementEvent", json!(false)),
            ("/readOnly", json!(true)),
            ("/sourceIPAddress", json!("10.1.2.3")),
            ("/userIdentity/type", json!("IAMUser")),
            ("/userIdentity/userName", json!("alice")),
            ("/userIdentity/accessKeyId", json!("AKIAALICEALICEALICEA")),
            ("/requestParameters", json!({"bucketName": "pay", "key": "a"})),
            ("/additionalEventData/SignatureVersion", json!("SigV4")),
            ("/additionalEventData/bytesTransferredOut", json!(3)),
            ("/resources/0/type", json!("AWS::S3::Object")),
        ],
    );
    assert!(of(&entries[0], View::CloudTrail).get("errorCode").is_none());
    says(
        &of(&entries[1], View::CloudTrail),
        &[("/errorCode", json!("AccessDenied")), ("/errorMessage", json!("denied"))],
    );
    says(
        &of(&entries[2], View::CloudTrail),
        &[
            ("/eventSource", json!("sts.amazonaws.com")),
            ("/responseElements/credentials/accessKeyId", json!("ASIAMINTEDMINTEDMINT")),
            ("/eventCategory", json!("Management")),
        ],
    );
    says(
        &of(&entries[3], View::CloudTrail),
        &[("/errorCode", json!("signature-mismatch")), ("/userIdentity/type", json!("Unknown"))],
    );
    says(
        &of(&everything(), View::CloudTrail),
        &[
            ("/userIdentity/type", json!("AssumedRole")),
            ("/userIdentity/sessionContext/sessionIssuer/userName", json!("Readers")),
            (
                "/userIdentity/sessionContext/sessionIssuer/principalId",
                json!("AROAREADERSREADERSRE"),
            ),
        ],
    );
    let anonymous = json!({"type": "AWSAccount", "principalId": "", "accountId": "anonymous"});
    let mut entry = everything();
    let who = serde_json::to_value(&entry.opened.principal).unwrap();
    assert_eq!(who["kind"], "role-session");
    if let Some(principal) = entry.opened.principal.as_mut() {
        "anonymous".clone_into(&mut principal.kind);
    }
    says(&of(&entry, View::CloudTrail), &[("/userIdentity", anonymous)]);
}

#[tokio::test]
async fn a_first_leaf_is_told_and_every_other_passed_over() {
    let house = House::new();
    let open = house.known(&alice()).open(asked(ReadThing::new("a"), READS), || NOW).await;
    open.unwrap().1.close(Outcome::status(200));
    house.journal.flush().await.unwrap();
    let reader = Reader::open(&*house.disk).unwrap();
    let entry = house.entries().await.remove(0);
    for view in ALL_VIEWS {
        let open = Entry { closed: None, ..entry.clone() };
        assert_eq!(of_leaf((0, &reader.leaf(0).unwrap()), view), Some(of(&open, view)));
        assert_eq!(of_leaf((1, &reader.leaf(1).unwrap()), view), None);
        assert_eq!(of_leaf((0, b"not a leaf"), view), None);
    }
}

/// Every text in a view is in the entry, or a word of ours: so a view says no secret, since no
/// entry holds one.
///
/// corpus: AUD-04
/// oracle: secrets
#[tokio::test]
async fn a_view_says_nothing_that_the_entry_does_not() {
    const CANARY: &str = "CANARYcanaryCANARYcanaryCANARYcanaryCANA";
    let mut entries = four().await;
    entries.push(everything());
    for entry in &entries {
        let record = entry.to_json().to_string();
        for view in ALL_VIEWS {
            let told = of(entry, view);
            assert!(!told.to_string().contains("CANARY"));
            texts(&told, &mut |text| {
                let ours = text.len() <= 24;
                assert!(ours || record.contains(text), "`{text}` of {view:?} is not in {record}");
            });
        }
    }
    // The twin: what is recorded of a caller is told.
    let house = House::new();
    let provider = "arn:aws:iam::1:x/y".parse().unwrap();
    let human = strongroom_audit::Human { provider, subject: CANARY.to_owned(), display: None };
    let mut attempt = house.attempt();
    attempt.identified(Arc::new(Who { human: Some(human), ..alice() }));
    drop(attempt);
    let entry = house.entries().await.remove(0);
    for view in [View::Ocsf, View::Ecs] {
        assert!(of(&entry, view).to_string().contains("CANARY"));
    }
}

fn texts(value: &Value, say: &mut impl FnMut(&str)) {
    match value {
        Value::String(text) => say(text),
        Value::Array(items) => items.iter().for_each(|item| texts(item, say)),
        Value::Object(members) => members.values().for_each(|member| texts(member, say)),
        _ => {}
    }
}
