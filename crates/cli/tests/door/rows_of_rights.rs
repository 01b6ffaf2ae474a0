//! What broke in others' policies, admin verbs and sessions: each row of the corpus that only a
//! whole server can show, with its nearest legal neighbour.
//!
//! oracle: state, record, twin

use serde_json::{Value, json};
use signing::sign::{Credentials, Payload};

use crate::client::{Answer, Ask, By};
use crate::fixture::{EVERYTHING, House, Maker, encoded, house, session, trusts};
use crate::input::Recorded::{Failed, Refused};
use crate::input::{absent, bucket, refused};
use crate::server::{OWNER, credentials};

fn policy(statements: &Value) -> String {
    json!({ "Version": "2012-10-17", "Statement": statements }).to_string()
}

fn allow(actions: &Value, resources: &Value) -> Value {
    json!({ "Effect": "Allow", "Action": actions, "Resource": resources })
}

#[track_caller]
fn denied(house: &House, answer: &Answer) {
    refused(house, answer, (403, "AccessDenied"), Refused("denied"));
}

/// What a caller who may read everything reads there.
fn content(house: &House, path: &str) -> String {
    house.send(&Ask::s3("GET", path), &house.admin).expect(200).body
}

#[test]
fn pol_08_dots_in_a_copy_source_are_letters_of_its_key() {
    let house = house();
    let home = bucket(&house, "pol-08");
    house.make().object(&format!("{home}/secret"));
    house.make().object(&format!("{home}/own/mine"));
    let own = policy(&allow(&json!("s3:*"), &json!("arn:aws:s3:::pol-08/own/*")));
    let user = house.make().user("pol-08", Some(&own));
    let copy = |source: &str| {
        let ask = Ask::s3("PUT", &format!("{home}/own/copy")).with("x-amz-copy-source", source);
        house.send(&ask, &user)
    };
    for source in ["own/../secret", "own/%2e%2e/secret", "own/..%2Fsecret", "own/%252e./secret"] {
        let bad = copy(&format!("pol-08/{source}"));
        // A key of those letters is not there, which is not told to whom may not list.
        assert!((400..500).contains(&bad.status), "{source}: {bad:?}");
        absent(&house, &format!("{home}/own/copy"));
    }
    denied(&house, &copy("pol-08/secret"));
    copy("pol-08/own/mine").expect(200);
    assert_eq!(content(&house, &format!("{home}/own/copy")), "content");
}

#[test]
fn pol_14_a_batch_of_deletes_is_authorised_one_by_one() {
    let house = house();
    let home = bucket(&house, "pol-14");
    for key in ["mine/a", "theirs/b"] {
        house.make().object(&format!("{home}/{key}"));
    }
    let own = policy(&allow(&json!("s3:DeleteObject"), &json!("arn:aws:s3:::pol-14/mine/*")));
    let user = house.make().user("pol-14", Some(&own));
    let body = "<Delete><Object><Key>mine/a</Key></Object><Object><Key>theirs/b</Key></Object>\
                </Delete>";
    let answer = house.send(&Ask::s3("POST", &format!("{home}?delete")).xml(body), &user);
    let answer = answer.expect(200);
    assert!(answer.body.contains("<Deleted><Key>mine/a</Key>"), "{answer:?}");
    assert_eq!(answer.code(), "AccessDenied", "{answer:?}");
    absent(&house, &format!("{home}/mine/a"));
    assert_eq!(content(&house, &format!("{home}/theirs/b")), "content");
}

#[test]
fn pol_25_no_spelling_of_a_host_or_a_bucket_is_another_resource_to_the_policy() {
    let house = house();
    let home = bucket(&house, "pol-25");
    house.make().object(&format!("{home}/secret"));
    house.make().object(&format!("{home}/open"));
    let text = policy(&json!([
        allow(&json!("s3:*"), &json!("*")),
        { "Effect": "Deny", "Action": "s3:*", "Resource": "arn:aws:s3:::pol-25/secret" },
    ]));
    let user = house.make().user("pol-25", Some(&text));
    let port = house.client.address.port();
    for host in ["LOCALHOST", "localhost.", "pol-25.localhost", "PoL-25.localhost."] {
        for (path, open) in [("/pol-25/secret", false), ("/pol-25/open", true)] {
            let ask = Ask::s3("GET", path);
            let (mut parts, _) = house.client.signed(&ask, By::Nobody, Payload::Whole(b""));
            parts.headers.insert("host", format!("{host}:{port}").parse().unwrap());
            let signer = signing::sign::Signer {
                credentials: &user,
                region: "us-east-1",
                service: "s3",
                now: house.client.now(),
                algorithm: signing::Algorithm::Hmac,
            };
            signer.sign(&mut parts, Payload::Whole(b"")).unwrap();
            let answer = house.client.raw(&parts, b"", 0);
            let fine = answer.status == 200 && open || (400..500).contains(&answer.status);
            assert!(fine, "{host}{path}: {answer:?}");
        }
    }
    for path in ["/POL-25/secret", "/pol-25./secret", "/pol-25//secret", "/%70ol-25/secret"] {
        let answer = house.send(&Ask::s3("GET", path), &user);
        assert!((400..500).contains(&answer.status), "{path}: {answer:?}");
    }
    denied(&house, &house.send(&Ask::s3("GET", "/pol-25/secret"), &user));
    house.send(&Ask::s3("GET", "/pol-25/open"), &user).expect(200);
}

#[test]
fn pol_30_a_deny_of_deleting_holds_for_every_way_to_delete() {
    let house = house();
    let home = bucket(&house, "pol-30");
    for key in ["keep/a", "free/b"] {
        house.make().object(&format!("{home}/{key}"));
    }
    let text = policy(&json!([
        allow(&json!("s3:*"), &json!("*")),
        { "Effect": "Deny", "Action": "s3:DeleteObject*", "Resource": "arn:aws:s3:::pol-30/keep/*" },
    ]));
    let user = house.make().user("pol-30", Some(&text));
    let batch = |key: &str| {
        let body = format!("<Delete><Object><Key>{key}</Key></Object></Delete>");
        house.send(&Ask::s3("POST", &format!("{home}?delete")).xml(&body), &user).expect(200)
    };
    denied(&house, &house.send(&Ask::s3("DELETE", &format!("{home}/keep/a")), &user));
    let version = Ask::s3("DELETE", &format!("{home}/keep/a?versionId=null"));
    denied(&house, &house.send(&version, &user));
    let link =
        house.client.send(&Ask::s3("DELETE", &format!("{home}/keep/a")), By::Link(&user, 0, 60));
    denied(&house, &link);
    assert_eq!(batch("keep/a").code(), "AccessDenied");
    let rule = "<LifecycleConfiguration><Rule><Status>Enabled</Status><Prefix/><Expiration>\
                <Days>1</Days></Expiration></Rule></LifecycleConfiguration>";
    let rule = house.send(&Ask::s3("PUT", &format!("{home}?lifecycle")).xml(rule), &user);
    assert_eq!((rule.status, rule.code().as_str()), (501, "NotImplemented"));
    assert_eq!(content(&house, &format!("{home}/keep/a")), "content");
    assert_eq!(batch("free/b").code(), "");
    absent(&house, &format!("{home}/free/b"));
}

#[test]
fn pol_33_conditions_of_a_request_tell_nothing_before_it_may_be_served() {
    let house = house();
    let home = bucket(&house, "pol-33");
    house.make().object(&format!("{home}/there"));
    let conditions = [
        ("if-modified-since", "Wed, 01 Jan 2020 00:00:00 GMT"),
        ("if-unmodified-since", "Wed, 01 Jan 2020 00:00:00 GMT"),
        ("if-none-match", "*"),
        ("if-match", "\"00000000000000000000000000000000\""),
    ];
    for method in ["GET", "HEAD"] {
        for (name, value) in conditions {
            let told = |key: &str, by: By<'_>| {
                let ask = Ask::s3(method, &format!("{home}/{key}")).with(name, value);
                let answer = house.client.send(&ask, by);
                assert_eq!(answer.status, 403, "{method} {name} {key}: {answer:?}");
                for header in ["last-modified", "etag", "content-range", "x-amz-version-id"] {
                    assert_eq!(answer.header(header), None, "{method} {name}: {header}");
                }
                answer.code()
            };
            for by in [By::Nobody, By::Key(&house.nobody), By::Key(&house.partner)] {
                assert_eq!(told("there", by), told("nothing", by), "{method} {name}");
            }
        }
    }
    let since = Ask::s3("GET", &format!("{home}/there")).with("if-none-match", "*");
    assert_eq!(house.send(&since, &house.admin).status, 304);
}

/// corpus: POL-35
#[test]
fn pol_34_no_header_from_outside_is_an_internal_one() {
    let house = house();
    let home = bucket(&house, "pol-34");
    let own = policy(&allow(
        &json!(["s3:PutObject", "s3:GetObject"]),
        &json!("arn:aws:s3:::pol-34/own/*"),
    ));
    let user = house.make().user("pol-34", Some(&own));
    for (n, (name, value)) in [
        ("x-minio-source-replication-request", "true"),
        ("x-minio-source-mtime", "2001-01-01T00:00:00Z"),
        ("x-minio-source-etag", "00000000000000000000000000000000"),
        ("x-amz-replication-status", "REPLICA"),
        ("x-minio-internal-server-side-encryption-iv", "AAAA"),
        ("x-minio-replication-ssec-crc", "AAAA"),
        ("x-strongroom-internal", "true"),
        ("x-strongroom-principal", "root"),
        ("x-strongroom-account", "444455556666"),
        ("x-strongroom-bypass", "true"),
        ("x-strongroom-request-id", "00000000000000000000000000"),
        ("x-strongroom-decision-id", "00000000000000000000000000"),
    ]
    .into_iter()
    .enumerate()
    {
        let put = |target: &str| Ask::s3("PUT", target).with(name, value).body("plain");
        denied(&house, &house.send(&put(&format!("{home}/theirs/{n}")), &user));
        let anonymous = house.client.send(&put(&format!("{home}/own/{n}")), By::Nobody);
        assert_eq!(anonymous.status, 403, "{name}: {anonymous:?}");
        let key = format!("{home}/own/{n}");
        let stored = house.send(&put(&key), &user);
        if stored.status != 200 {
            assert!((400..500).contains(&stored.status), "{name}: {stored:?}");
            continue;
        }
        assert_ne!(stored.request_id(), value, "{name}");
        let got = house.send(&Ask::s3("GET", &key), &user).expect(200);
        assert_eq!(got.body, "plain", "{name}");
        assert_eq!(got.header("x-amz-replication-status"), None, "{name}");
        assert!(!got.header("etag").unwrap().contains("000000"), "{name}");
        assert!(!got.header("last-modified").unwrap().contains("2001"), "{name}");
        assert_eq!(got.header(name).filter(|told| *told == value), None, "{name} comes back");
    }
}

#[test]
fn pol_37_a_stranger_is_told_nothing_of_a_private_bucket() {
    let house = house();
    let home = bucket(&house, "pol-37");
    house.make().object(&format!("{home}/key"));
    for query in [
        "",
        "?acl",
        "?policy",
        "?policyStatus",
        "?cors",
        "?tagging",
        "?location",
        "?versioning",
        "?uploads",
        "?versions",
        "?list-type=2",
        "?ownershipControls",
        "?publicAccessBlock",
    ] {
        for by in [By::Nobody, By::Key(&house.nobody), By::Key(&house.partner)] {
            let answer = house.client.send(&Ask::s3("GET", &format!("{home}{query}")), by);
            let fine = [403, 501].contains(&answer.status) && !answer.body.contains("<Key>key");
            assert!(fine, "{query}: {answer:?}");
        }
    }
    let listed = house.send(&Ask::s3("GET", &format!("{home}?list-type=2")), &house.admin);
    assert!(listed.expect(200).body.contains("<Key>key"));
}

/// corpus: SEC-16
/// oracle: secrets, twin
#[test]
fn adm_04_no_report_of_an_account_has_a_secret_in_it() {
    let house = house();
    let make = house.make();
    let user = make.user("adm-04", Some(EVERYTHING));
    make.iam("CreateLoginProfile", "UserName=adm-04&Password=Adm-04-has-this-password");
    make.iam("GenerateCredentialReport", "");
    let report = make.iam("GetCredentialReport", "").element("Content").unwrap();
    let report = base64(&report);
    assert!(report.contains("adm-04"), "{report}");
    let mut told = vec![report];
    for action in ["GetAccountAuthorizationDetails", "ListUsers", "GetAccountSummary"] {
        told.push(make.iam(action, "").body);
    }
    told.push(make.iam("ListAccessKeys", "UserName=adm-04").body);
    told.push(make.iam("GetLoginProfile", "UserName=adm-04").body);
    for path in ["accounts", "service-accounts", "sessions", "providers", "audit?limit=500"] {
        told.push(make.send(&Ask::admin("GET", path, "")).expect(200).body);
    }
    let secrets = [&house.root, &house.admin, &house.idle, &user].map(|own| own.secret.expose());
    for text in &told {
        assert!(secrets.iter().all(|secret| !text.contains(*secret)), "{text}");
        assert!(!text.contains("this-password"), "{text}");
    }
}

fn base64(text: &str) -> String {
    use base64::Engine as _;
    let bytes = base64::engine::general_purpose::STANDARD.decode(text.trim()).unwrap();
    String::from_utf8(bytes).unwrap()
}

#[test]
fn adm_09_a_service_account_is_its_parents_to_see_and_change() {
    let house = house();
    let make = house.make();
    let alice = make.user("adm-09-alice", Some(EVERYTHING));
    let own = policy(&json!({
        "Effect": "Allow", "Action": "strongroom:*ServiceAccount*",
        "Resource": format!("arn:aws:iam::{OWNER}:user/${{aws:username}}"),
    }));
    let bob = make.user("adm-09-bob", Some(&own));
    let new =
        |name: &str| Ask::admin("POST", "service-accounts", &json!({"name": name}).to_string());
    let made = house.send(&new("hers"), &alice).expect(200).json();
    let id = made["access_key_id"].as_str().unwrap();
    let change = json!({
        "name": "his", "description": null, "expires": null, "policy": null, "status": "inactive",
    })
    .to_string();
    for (method, body) in [("PUT", change.as_str()), ("DELETE", "")] {
        let hers = Ask::admin(method, &format!("service-accounts/{id}"), body);
        let nothing = Ask::admin(method, &format!("service-accounts/{NO_KEY}"), body);
        // Who may not change it is not even told whether there is one: neither in this account, by
        // whoever may change its own or nothing at all, nor in another.
        for (by, code) in [
            (&bob, (404, "NoSuchEntity")),
            (&house.nobody, (403, "AccessDenied")),
            (&house.partner, (404, "NoSuchEntity")),
        ] {
            let (bad, none) = (house.send(&hers, by), house.send(&nothing, by));
            assert_eq!((bad.status, bad.code().as_str()), code, "{bad:?}");
            assert_eq!((none.status, none.code().as_str()), code, "{none:?}");
            let told = |answer: &Answer| answer.json()["error"]["message"].to_string();
            assert_eq!(told(&bad).replace(id, NO_KEY), told(&none));
        }
    }
    let parent = encoded(&format!("arn:aws:iam::{OWNER}:user/adm-09-alice"));
    let list = format!("service-accounts?parent={parent}");
    denied(&house, &house.send(&Ask::admin("GET", &list, ""), &bob));
    let listed = house.send(&Ask::admin("GET", "service-accounts", ""), &alice).expect(200);
    assert!(listed.body.contains("hers"), "{listed:?}");
    house.send(&new("his"), &bob).expect(200);
    let listed = house.send(&Ask::admin("GET", "service-accounts", ""), &bob).expect(200);
    assert!(listed.body.contains("his") && !listed.body.contains("hers"), "{listed:?}");
}

const NO_KEY: &str = "AKIANOBODYATALLHERE0";

#[test]
fn adm_09_whose_a_key_is_is_told_to_those_who_may_know_when_it_was_used() {
    let house = house();
    let make = house.make();
    make.user("adm-09-carol", None);
    let key = make.iam("CreateAccessKey", "UserName=adm-09-carol");
    let id = key.element("AccessKeyId").unwrap();
    let own = policy(&allow(
        &json!("iam:GetAccessKeyLastUsed"),
        &json!(format!("arn:aws:iam::{OWNER}:user/${{aws:username}}")),
    ));
    let dave = make.user("adm-09-dave", Some(&own));
    let ask = |key: &str| Ask::form("iam", "GetAccessKeyLastUsed", &format!("AccessKeyId={key}"));
    for (by, code) in [(&dave, (404, "NoSuchEntity")), (&house.nobody, (403, "AccessDenied"))] {
        let (hers, none) = (house.send(&ask(&id), by), house.send(&ask(NO_KEY), by));
        assert_eq!((hers.status, hers.code().as_str()), code, "{hers:?}");
        assert_eq!((none.status, none.code().as_str()), code, "{none:?}");
    }
    house.send(&ask(dave.access_key_id.as_str()), &dave).expect(200);
    house.send(&ask(&id), &house.admin).expect(200);
}

#[test]
fn adm_14_nobody_is_made_with_the_key_of_another() {
    let house = house();
    let taken = |key: &str| {
        json!({
            "name": "shadow",
            "root_access_key_id": key,
            "root_secret_access_key": "another-secret-of-more-than-32-letters",
        })
        .to_string()
    };
    for key in [&house.root, &house.partner, &house.admin, &house.idle] {
        let ask = Ask::admin("POST", "accounts", &taken(key.access_key_id.as_str()));
        let bad = house.send(&ask, &house.root);
        assert_eq!(bad.status, 409, "{bad:?}");
    }
    for odd in [" AKIADOORROOTDOORROOT", "AKIADOORROOTDOORROOT ", "AKIADOORROOT DOORROOT"] {
        let bad = house.send(&Ask::admin("POST", "accounts", &taken(odd)), &house.root);
        assert!((400..500).contains(&bad.status), "{odd:?}: {bad:?}");
    }
    // Root is still root, with its own secret.
    house.send(&Ask::admin("GET", "accounts", ""), &house.root).expect(200);
    let listed = house.send(&Ask::admin("GET", "accounts", ""), &house.root).expect(200);
    assert!(!listed.body.contains("shadow"), "{listed:?}");
    // The same letters in lower case are another key, of another account.
    let free = taken("akiadoorrootdoorroot").replace("shadow", "adm-14");
    house.send(&Ask::admin("POST", "accounts", &free), &house.root).expect(200);
    let lower = credentials("akiadoorrootdoorroot", "another-secret-of-more-than-32-letters", None);
    denied(&house, &house.send(&Ask::admin("GET", "accounts", ""), &lower));
    let shadow = Credentials { secret: lower.secret, ..house.root.clone() };
    let bad = house.send(&Ask::admin("GET", "accounts", ""), &shadow);
    assert_eq!(bad.code(), "SignatureDoesNotMatch", "{bad:?}");
}

/// corpus: ADM-11, ADM-18
/// oracle: state
#[test]
fn adm_13_settings_and_targets_are_no_business_of_the_api() {
    let house = house();
    for path in ["config", "settings", "targets", "sinks", "notifications", "auth", "logger"] {
        for method in ["GET", "PUT", "POST", "DELETE"] {
            let answer = house.send(&Ask::admin(method, path, "{}"), &house.root);
            assert!([404, 405].contains(&answer.status), "{method} {path}: {answer:?}");
        }
    }
    let anonymous = house.client.send(&Ask::admin("GET", "accounts", ""), By::Nobody);
    assert_eq!(anonymous.status, 403, "authentication is on");
}

/// oracle: answer
#[test]
fn sts_07_an_unknown_issuer_and_a_wrong_signature_are_refused_alike() {
    use crate::login::forged_signature;
    let house = house();
    // Another test may have made it known already: what is refused is refused alike.
    let fields = format!("Url={}&ClientIDList.member.1=sts-07", encoded(&house.spare[2].issuer()));
    let known = house.send(&Ask::form("iam", "CreateOpenIDConnectProvider", &fields), &house.root);
    assert!([200, 409].contains(&known.status), "{known:?}");
    let token = |issuer: &str| {
        let now = crate::client::machine_time().seconds();
        house.spare[2].token(
            &json!({"alg": "EdDSA", "kid": "one"}),
            &json!({"iss": issuer, "sub": "a", "aud": "sts-07", "iat": now, "exp": now + 60}),
        )
    };
    let told = |token: &str| {
        let role = encoded(&format!("arn:aws:iam::{OWNER}:role/Roamer"));
        let token = encoded(token);
        let fields = format!("RoleArn={role}&RoleSessionName=a&WebIdentityToken={token}");
        let ask = Ask::form("sts", "AssumeRoleWithWebIdentity", &fields);
        let answer = house.client.send(&ask, By::Nobody);
        let id = answer.request_id().to_owned();
        (answer.status, answer.code(), answer.body.replace(&id, ""))
    };
    let forged = told(&forged_signature(&token(&house.spare[2].issuer())));
    assert_eq!(forged.0, 400, "{forged:?}");
    assert_eq!(forged, told(&token("http://127.0.0.1:9")));
    assert_eq!(forged, told(&token("https://nobody.example")));
}

/// oracle: secrets
#[test]
fn sts_14_a_password_in_a_query_is_neither_taken_nor_kept() {
    let house = house();
    let canary = "Canary-in-a-query-0042";
    for query in [
        format!("Action=ChangePassword&Version=2010-05-08&OldPassword={canary}&NewPassword=x"),
        format!("Action=AssumeRoleWithLDAPIdentity&LDAPUsername=a&LDAPPassword={canary}"),
        format!("password={canary}&Action=GetCallerIdentity&Version=2011-06-15"),
    ] {
        for by in [By::Nobody, By::Key(&house.admin)] {
            let ask = Ask { service: "sts", ..Ask::s3("POST", &format!("/?{query}")) };
            let answer = house.client.send(&ask, by);
            // What the operation does not have is not looked at, and nothing else has it.
            let fine = (400..600).contains(&answer.status) || query.starts_with("password");
            assert!(fine, "{query}: {answer:?}");
            assert!(!answer.body.contains(canary), "{answer:?}");
            let path = format!("audit?request_id={}", answer.request_id());
            let record = house.send(&Ask::admin("GET", &path, ""), &house.root).expect(200);
            assert!(!record.body.contains(canary), "{}", record.body);
        }
    }
    let log = std::fs::read_to_string(house.server.directory().join("server.log")).unwrap();
    assert!(!log.contains(canary));
}

/// A session of ones own rights, of a user who goes and comes back.
fn sessions_of(house: &House, user: &Credentials) -> Credentials {
    let token = Ask::form("sts", "GetSessionToken", "DurationSeconds=900");
    session(&house.send(&token, user).expect(200))
}

/// corpus: REV-02
#[test]
fn rev_01_somebody_made_again_has_nothing_of_who_was_there() {
    let house = house();
    let make = house.make();
    let home = bucket(&house, "rev-01");
    make.object(&format!("{home}/key"));
    let first = make.user("rev-01", Some(EVERYTHING));
    let own = sessions_of(&house, &first);
    let who = format!("arn:aws:iam::{OWNER}:user/rev-01");
    make.role("Rev01", &trusts(&who), EVERYTHING);
    let open = policy(&json!({
        "Effect": "Allow", "Principal": {"AWS": who}, "Action": "s3:GetObject",
        "Resource": "arn:aws:s3:::rev-01/*",
    }));
    make.send(&Ask::s3("PUT", &format!("{home}?policy")).body(open.as_str())).expect(204);
    let read = Ask::s3("GET", &format!("{home}/key"));
    let (mut link, _) = house.client.signed(&read, By::Link(&first, 0, 600), Payload::Whole(b""));
    house.client.raw(&link, b"", 0).expect(200);
    let id = make.iam("GetUser", "UserName=rev-01").element("UserId").unwrap();
    make.iam("DeleteAccessKey", &format!("UserName=rev-01&AccessKeyId={}", first.access_key_id));
    make.iam("DeleteUserPolicy", "UserName=rev-01&PolicyName=own");
    make.iam("DeleteUser", "UserName=rev-01");
    let again = make.user("rev-01", None);
    assert_ne!(make.iam("GetUser", "UserName=rev-01").element("UserId").unwrap(), id);
    assert_ne!(again.access_key_id, first.access_key_id);
    for (by, code) in [(&first, "InvalidAccessKeyId"), (&own, "ExpiredToken")] {
        assert_eq!(house.send(&read, by).code(), code);
    }
    link.headers.remove("x-nothing");
    assert_eq!(house.client.raw(&link, b"", 0).code(), "InvalidAccessKeyId");
    // Neither the bucket's policy nor the role's trust mean the new one.
    denied(&house, &house.send(&read, &again));
    let role = encoded(&format!("arn:aws:iam::{OWNER}:role/Rev01"));
    let assume = Ask::form("sts", "AssumeRole", &format!("RoleArn={role}&RoleSessionName=again"));
    denied(&house, &house.send(&assume, &again));
    make.send(&Ask::s3("PUT", &format!("{home}?policy")).body(open.as_str())).expect(204);
    house.send(&read, &again).expect(200);
}

#[test]
fn rev_10_a_link_is_over_with_its_key_and_with_its_right() {
    let house = house();
    let make = house.make();
    let home = bucket(&house, "rev-10");
    make.object(&format!("{home}/key"));
    let user = make.user("rev-10", Some(EVERYTHING));
    let read = Ask::s3("GET", &format!("{home}/key"));
    let (link, _) = house.client.signed(&read, By::Link(&user, 0, 600), Payload::Whole(b""));
    house.client.raw(&link, b"", 0).expect(200);
    make.allow("rev-10", &policy(&allow(&json!("s3:ListBucket"), &json!("*"))));
    denied(&house, &house.client.raw(&link, b"", 0));
    make.allow("rev-10", EVERYTHING);
    house.client.raw(&link, b"", 0).expect(200);
    make.iam("DeleteAccessKey", &format!("UserName=rev-10&AccessKeyId={}", user.access_key_id));
    let over = house.client.raw(&link, b"", 0);
    refused(&house, &over, (403, "InvalidAccessKeyId"), Refused("unknown-key"));
    // A session's link is over with the session.
    let admins = Maker { client: house.client, by: &house.admin };
    let session = admins.session("Roamer", "rev-10", "");
    let (link, _) = house.client.signed(&read, By::Link(&session, 0, 600), Payload::Whole(b""));
    house.client.raw(&link, b"", 0).expect(200);
    let revoke = json!({ "session": session.access_key_id.as_str() }).to_string();
    make.send(&Ask::admin("POST", "sessions/revoke", &revoke)).expect(200);
    let over = house.client.raw(&link, b"", 0);
    refused(&house, &over, (400, "ExpiredToken"), Refused("revoked"));
}

/// An upload that was begun is not finished by whom it was forbidden since.
#[test]
fn rev_03_an_upload_that_is_under_way_ends_with_its_makers_key() {
    let house = house();
    let make = house.make();
    let home = bucket(&house, "rev-03");
    let user = make.user("rev-03", Some(EVERYTHING));
    let begin = Ask::s3("POST", &format!("{home}/k?uploads"));
    let upload = house.send(&begin, &user).expect(200).element("UploadId").unwrap();
    let target = format!("{home}/k?partNumber=1&uploadId={upload}");
    let part = Ask::s3("PUT", &target).body("part");
    let etag = house.send(&part, &user).expect(200).header("etag").unwrap().to_owned();
    let status = |word: &str| {
        let fields = format!("UserName=rev-03&AccessKeyId={}&Status={word}", user.access_key_id);
        make.iam("UpdateAccessKey", &fields);
    };
    let list = format!(
        "<CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>{etag}</ETag></Part>\
         </CompleteMultipartUpload>"
    );
    let complete = Ask::s3("POST", &format!("{home}/k?uploadId={upload}")).body(list.as_str());
    status("Inactive");
    for ask in [&part, &complete] {
        let bad = house.send(ask, &user);
        refused(&house, &bad, (403, "InvalidAccessKeyId"), Refused("inactive-key"));
    }
    absent(&house, &format!("{home}/k"));
    status("Active");
    house.send(&complete, &user).expect(200);
    assert_eq!(content(&house, &format!("{home}/k")), "part");
}

/// oracle: secrets
#[test]
fn sec_01_nothing_that_strangers_are_told_has_a_setting_or_a_secret_in_it() {
    let house = house();
    let secrets = [house.root.secret.expose(), house.admin.secret.expose(), "STRONGROOM_"];
    let directory = house.server.directory().display().to_string();
    for sample in crate::samples::samples() {
        let answer = house.client.send(&sample.ask, By::Nobody);
        let told = format!("{:?}{}", answer.headers, answer.body);
        assert!(secrets.iter().all(|secret| !told.contains(*secret)), "{}: {told}", sample.row);
        assert!(!told.contains(&directory), "{}: {told}", sample.row);
    }
    for path in ["/-/", "/-/v1/", "/-/v1/bootstrap", "/minio/bootstrap/v1/verify", "/metrics"] {
        let answer = house.client.send(&Ask::s3("POST", path), By::Nobody);
        assert!((400..500).contains(&answer.status), "{path}: {answer:?}");
        assert!(secrets.iter().all(|secret| !answer.body.contains(*secret)), "{answer:?}");
    }
}

/// corpus: SEC-03, SEC-06
/// oracle: secrets, record, twin
#[test]
fn sec_04_a_refused_signature_is_not_told_what_it_should_have_been() {
    let house = house();
    let ask = Ask::s3("GET", "/");
    let (mut parts, _) = house.client.signed(&ask, By::Key(&house.live), Payload::Whole(b""));
    let good = parts.headers["authorization"].to_str().unwrap().to_owned();
    let (_, signature) = good.rsplit_once("Signature=").unwrap();
    crate::payloads::flip_signature(&mut parts);
    let bad = house.client.raw(&parts, b"", 0);
    refused(&house, &bad, (403, "SignatureDoesNotMatch"), Refused("signature-mismatch"));
    assert!(!bad.body.contains(signature), "{bad:?}");
    crate::signatures::tells_nothing(&house, &bad);
    let log = std::fs::read_to_string(house.server.directory().join("server.log")).unwrap();
    assert!(!log.contains(signature));
    let all = [&house.root, &house.partner, &house.admin, &house.nobody, &house.live];
    for credentials in all {
        assert!(!log.contains(credentials.secret.expose()), "a secret is in the log");
        let token = credentials.session_token.as_deref();
        assert!(token.is_none_or(|token| !log.contains(token)), "a token is in the log");
    }
    house.send(&ask, &house.live).expect(200);
}

/// corpus: SEC-14
/// oracle: state, secrets
#[test]
fn sec_15_what_is_on_disk_is_the_servers_to_read_and_holds_no_secret_in_the_clear() {
    use std::os::unix::fs::PermissionsExt as _;
    let house = house();
    let user = house.make().user("sec-15", Some(EVERYTHING));
    house.make().iam("CreateLoginProfile", "UserName=sec-15&Password=Sec-15-has-this-password");
    let top = house.server.directory().join("data");
    // Nobody else gets past the directory of all of it.
    let mode = std::fs::metadata(&top).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode, 0o700, "{mode:o}");
    let (mut left, mut files) = (vec![top], 0);
    while let Some(path) = left.pop() {
        if path.is_dir() {
            left.extend(std::fs::read_dir(&path).unwrap().map(|entry| entry.unwrap().path()));
            continue;
        }
        // What was there may have been replaced since.
        let Ok(bytes) = std::fs::read(&path) else { continue };
        files += 1;
        for secret in [user.secret.expose(), house.admin.secret.expose(), "this-password"] {
            let found = bytes.windows(secret.len()).any(|part| part == secret.as_bytes());
            assert!(!found, "{}", path.display());
        }
    }
    assert!(files > 3);
}

/// oracle: secrets, record, twin
#[test]
fn sec_17_a_refusal_does_not_repeat_the_secret_that_it_refused() {
    let house = house();
    let canary = "canary-that-nobody-repeats-0042";
    let json = |secret: Value| {
        let id = "AKIASEC17SEC17SEC170";
        json!({"name": "sec-17", "root_access_key_id": id, "root_secret_access_key": secret})
            .to_string()
    };
    for secret in [json!([canary]), json!({ canary: 1 }), json!(format!("{canary}\u{7f}"))] {
        let bad = house.send(&Ask::admin("POST", "accounts", &json(secret)), &house.root);
        assert_eq!(bad.status, 400, "{bad:?}");
        silent(&house, &bad, canary);
    }
    house.make().user("sec-17", None);
    for fields in [
        format!("UserName=sec-17&Password={}", encoded(&format!("{canary}\u{2603}"))),
        format!("UserName=sec-17&Password={canary}{}", "a".repeat(200)),
    ] {
        let bad = house.send(&Ask::form("iam", "CreateLoginProfile", &fields), &house.admin);
        assert_eq!(bad.status, 400, "{bad:?}");
        silent(&house, &bad, canary);
    }
    let token = Some(canary.to_owned());
    let by = Credentials { session_token: token, ..house.live.clone() };
    let bad = house.send(&Ask::s3("GET", "/"), &by);
    refused(&house, &bad, (400, "InvalidToken"), Refused("invalid-token"));
    silent(&house, &bad, canary);
    let good = Ask::form("iam", "CreateLoginProfile", "UserName=sec-17&Password=Sec-17-is-good");
    house.send(&good, &house.admin).expect(200);
}

/// Neither the answer nor the record of it has the word.
#[track_caller]
fn silent(house: &House, answer: &Answer, canary: &str) {
    assert!(!answer.body.contains(canary), "{answer:?}");
    let path = format!("audit?request_id={}", answer.request_id());
    let record = house.send(&Ask::admin("GET", &path, ""), &house.root).expect(200);
    assert!(!record.body.contains(canary), "{}", record.body);
}

/// oracle: secrets
#[test]
fn sec_09_no_private_key_is_shipped() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let mut left = vec![root.clone()];
    while let Some(path) = left.pop() {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if path.is_dir() {
            if !["target", ".git", "node_modules"].contains(&name.as_str()) {
                left.extend(std::fs::read_dir(&path).unwrap().map(|entry| entry.unwrap().path()));
            }
            continue;
        }
        let Ok(text) = std::fs::read_to_string(&path) else { continue };
        let own = path.ends_with("crates/cli/tests/tls/key.pem");
        let found =
            text.lines().any(|line| line.starts_with("-----BEGIN") && line.contains("PRIVATE"));
        assert_eq!(found, own, "{}", path.display());
    }
    let binary = std::fs::read(env!("CARGO_BIN_EXE_strongroom")).unwrap();
    for mark in ["-----BEGIN PRIVATE KEY-----\n", "-----BEGIN RSA PRIVATE KEY-----\n"] {
        assert!(!binary.windows(mark.len()).any(|part| part == mark.as_bytes()), "{mark}");
    }
}

/// Two accounts' keys are never one, whatever is put into a request beside the key.
#[test]
fn adm_20_an_account_in_the_call_is_the_callers_or_nothing() {
    let house = house();
    let make = house.make();
    make.user("adm-20", Some(EVERYTHING));
    for (action, fields) in [
        ("GetUser", "UserName=adm-20"),
        ("DeleteUser", "UserName=adm-20"),
        ("CreateAccessKey", "UserName=adm-20"),
        ("ListAccessKeys", "UserName=adm-20"),
    ] {
        let bad = house.send(&Ask::form("iam", action, fields), &house.partner);
        refused(&house, &bad, (404, "NoSuchEntity"), Failed);
    }
    let arn = encoded(&format!("arn:aws:iam::{OWNER}:policy/adm-20"));
    make.iam("CreatePolicy", &format!("PolicyName=adm-20&PolicyDocument={}", encoded(EVERYTHING)));
    for action in ["GetPolicy", "DeletePolicy", "ListPolicyVersions"] {
        let bad =
            house.send(&Ask::form("iam", action, &format!("PolicyArn={arn}")), &house.partner);
        assert!([403, 404].contains(&bad.status), "{action}: {bad:?}");
    }
    for path in [OWNER, "444455556666"] {
        let ask = Ask::admin("POST", &format!("accounts/{path}/suspend"), "");
        denied(&house, &house.send(&ask, &house.partner));
    }
    make.iam("GetUser", "UserName=adm-20");
    make.iam("GetPolicy", &format!("PolicyArn={arn}"));
    let key = credentials("AKIAFREEFREEFREEFRE1", "another-secret-of-more-than-32-letters", None);
    assert_eq!(house.send(&Ask::s3("GET", "/"), &key).code(), "InvalidAccessKeyId");
}

/// corpus: SEC-10
#[test]
fn sec_10_nobody_is_shown_what_the_caller_before_was_told() {
    let house = house();
    let (home, make) = (bucket(&house, "sec-10"), house.make());
    make.object(&format!("{home}/hers"));
    let own = json!({
        "Effect": "Allow", "Action": "iam:GetUser",
        "Resource": format!("arn:aws:iam::{OWNER}:user/${{aws:username}}"),
    });
    let hers = allow(&json!(["s3:GetObject", "s3:ListBucket"]), &json!("arn:aws:s3:::sec-10*"));
    let alice = make.user("sec-10-alice", Some(&policy(&json!([own, hers]))));
    let bob = make.user("sec-10-bob", Some(&policy(&own)));
    let get = Ask::s3("GET", &format!("{home}/hers"));
    let list = Ask::s3("GET", &format!("{home}?list-type=2"));
    for _ in 0..3 {
        for ask in [&get, &list] {
            house.send(ask, &alice).expect(200);
            denied(&house, &house.send(ask, &bob));
        }
        for (by, name) in [(&alice, "sec-10-alice"), (&bob, "sec-10-bob")] {
            let told = house.send(&Ask::form("iam", "GetUser", ""), by).expect(200);
            assert_eq!(told.element("UserName").as_deref(), Some(name));
            let who = house.send(&Ask::admin("GET", "whoami", ""), by).expect(200);
            assert!(who.body.contains(name), "{}", who.body);
        }
    }
}
