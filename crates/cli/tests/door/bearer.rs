//! A provider's token on the request itself, in a signature's place.

use std::sync::Arc;

use serde_json::{Value, json};

use crate::client::{Answer, Ask, By, machine_time};
use crate::fixture::{EVERYTHING, House, house};
use crate::login::{CLIENT, Provider, claims, forged_signature, header};
use crate::record::Sent;
use crate::server::OWNER;

/// The house, with a provider whose `ana` may put on `Bearer-Hers` and nobody else's role.
fn bearers() -> Arc<House> {
    let house = house();
    house.bearers.call_once(|| {
        let (make, issuer) = (house.make(), provider(&house).issuer());
        let add = json!({"name": "bearers", "issuer": issuer, "client_ids": [CLIENT]});
        make.send(&Ask::admin("POST", "providers", &add.to_string())).expect(200);
        let host = issuer.replace("http://", "");
        for (role, subject) in [("Bearer-Hers", "ana"), ("Bearer-NotHers", "bo")] {
            let trust = json!({"Version": "2012-10-17", "Statement": {
                "Effect": "Allow",
                "Principal": {"Federated": format!("arn:aws:iam::{OWNER}:oidc-provider/{host}")},
                "Action": "sts:AssumeRoleWithWebIdentity",
                "Condition": {"StringEquals": {(format!("{host}:sub")): subject}},
            }});
            make.role(role, &trust.to_string(), EVERYTHING);
        }
    });
    house
}

fn provider(house: &House) -> &Provider {
    &house.spare[2]
}

/// A token of ana's that no other test has.
fn token_of(house: &House, test: &str) -> String {
    let mut claims = claims(provider(house), "sub", json!("ana"));
    claims["nonce"] = json!(test);
    provider(house).token(&header(), &claims)
}

fn role(name: &str) -> String {
    format!("arn:aws:iam::{OWNER}:role/{name}")
}

/// The request, with a token for her role.
fn bearing(ask: Ask, token: &str) -> Ask {
    ask.with("authorization", &format!("Bearer {token}"))
        .with("x-strongroom-role", &role("Bearer-Hers"))
}

fn send(house: &House, ask: &Ask) -> Answer {
    house.client.send(ask, By::Nobody)
}

/// The entries of the record that name this access key id, oldest first.
fn entries(house: &House, key: &str) -> Vec<Value> {
    let all = house.make().send(&Ask::admin("GET", "audit?limit=1000", "")).expect(200).json();
    let entries = all["entries"].as_array().unwrap().iter();
    let mut entries: Vec<Value> =
        entries.filter(|entry| entry.to_string().contains(key)).cloned().collect();
    entries.sort_by_key(|entry| entry["time"].to_string());
    entries
}

#[test]
fn a_token_opens_the_session_that_a_sign_in_would_give_for_every_dialect() {
    let house = bearers();
    let token = token_of(&house, "every dialect");
    let identity = bearing(Ask::form("sts", "GetCallerIdentity", ""), &token);
    let identity = send(&house, &identity).expect(200);
    let arn = format!("arn:aws:sts::{OWNER}:assumed-role/Bearer-Hers/ana");
    assert_eq!(identity.element("Arn"), Some(arn));
    send(&house, &bearing(Ask::s3("PUT", "/bearer-every"), &token)).expect(200);
    let put = Ask::s3("PUT", "/bearer-every/k").body("unsigned, and by token");
    send(&house, &bearing(put, &token)).expect(200);
    let got = send(&house, &bearing(Ask::s3("GET", "/bearer-every/k"), &token)).expect(200);
    assert_eq!(got.body, "unsigned, and by token");
    let users = send(&house, &bearing(Ask::form("iam", "ListUsers", ""), &token)).expect(200);
    assert!(users.body.contains("https://iam.amazonaws.com/doc/"), "{}", users.body);
    send(&house, &bearing(Ask::admin("GET", "sessions", ""), &token)).expect(200);
    let entries = entries(&house, &session_key(&token, &role("Bearer-Hers")));
    let text = |entry: &Value| entry.to_string();
    let by_token = entries.iter().filter(|entry| text(entry).contains("\"bearer\"")).count();
    assert!(by_token >= 6, "{entries:#?}");
    let signed_in = |entry: &&Value| text(entry).contains("AssumeRoleWithWebIdentity");
    assert_eq!(entries.iter().filter(signed_in).count(), 1, "the token was verified once");
    let issuer = provider(&house).issuer().replace("http://", "");
    assert!(
        entries.iter().all(|entry| text(entry).contains(&issuer)),
        "the record says the issuer"
    );
}

#[test]
fn a_token_that_proves_nothing_opens_nothing() {
    let house = bearers();
    let mut sent = Sent::default();
    let provider = provider(&house);
    let plain = claims(provider, "sub", json!("ana"));
    let good = provider.token(&header(), &plain);
    let now = machine_time().seconds();
    let with = |name: &str, value: Value| provider.token(&header(), &claims(provider, name, value));
    let headed = |header: Value| provider.token(&header, &plain);
    let bad = (400, "InvalidToken", "login-refused");
    for (what, token, (status, code, reason)) in [
        ("no token at all", String::new(), bad),
        ("no JWT", "a.b.c".to_owned(), bad),
        ("another audience", with("aud", json!("window")), bad),
        ("another issuer", with("iss", json!("http://127.0.0.1:9")), bad),
        ("not yet valid", with("nbf", json!(now + 120)), bad),
        ("expired", with("exp", json!(now - 120)), (400, "ExpiredToken", "login-refused")),
        ("alg none", headed(json!({"alg": "none", "kid": "one"})), bad),
        ("HS256", headed(json!({"alg": "HS256", "kid": "one"})), bad),
        ("another's signature", forged_signature(&good), bad),
        ("another subject", with("sub", json!("eve")), (403, "AccessDenied", "login-refused")),
    ] {
        let answer = send(&house, &bearing(Ask::s3("GET", "/"), &token));
        assert_eq!((answer.status, answer.code().as_str()), (status, code), "{what}: {answer:?}");
        sent.refused(what, &answer, reason);
    }
    let let_in = send(&house, &bearing(Ask::s3("GET", "/"), &good)).expect(200);
    sent.allowed("the honest twin", &let_in);
    let other = Ask::s3("GET", "/")
        .with("authorization", &format!("Bearer {good}"))
        .with("x-strongroom-role", &role("Bearer-NotHers"));
    let denied = send(&house, &other);
    assert_eq!((denied.status, denied.code().as_str()), (403, "AccessDenied"));
    sent.refused("a role that does not trust her", &denied, "login-refused");
    sent.check(house.client, &house.root, &house.server.journal());
}

#[test]
fn a_token_with_another_credential_beside_it_is_refused() {
    let house = bearers();
    let token = token_of(&house, "one mechanism");
    let mut sent = Sent::default();
    let query = "/?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Expires=60";
    for (what, ask) in [
        ("a link", bearing(Ask::s3("GET", query), &token)),
        ("an old link", bearing(Ask::s3("GET", "/?AWSAccessKeyId=a&Signature=b"), &token)),
        ("a session", bearing(Ask::s3("GET", "/"), &token).with("x-amz-security-token", "t")),
        ("another token", bearing(bearing(Ask::s3("GET", "/"), &token), &token)),
        ("a form", bearing(Ask::upload("/bearer-form", &[("key", "k")], "file"), &token)),
    ] {
        let answer = send(&house, &ask);
        assert_eq!((answer.status, answer.code().as_str()), (400, "InvalidArgument"), "{what}");
        sent.refused(what, &answer, "malformed");
    }
    send(&house, &bearing(Ask::s3("GET", "/"), &token)).expect(200);
    sent.check(house.client, &house.root, &house.server.journal());
}

#[test]
fn a_token_whose_session_is_revoked_opens_no_other() {
    let house = bearers();
    let (token, other) = (token_of(&house, "revoked"), token_of(&house, "other"));
    let list = || Ask::s3("GET", "/");
    send(&house, &bearing(list(), &token)).expect(200);
    send(&house, &bearing(list(), &other)).expect(200);
    let mine = session_key(&token, &role("Bearer-Hers"));
    let listed = house.make().send(&Ask::admin("GET", "sessions", "")).expect(200).body;
    assert!(listed.contains(&mine), "a token's session is listed like any other");
    let revoke = json!({ "session": mine }).to_string();
    house.make().send(&Ask::admin("POST", "sessions/revoke", &revoke)).expect(200);
    for _ in 0..2 {
        let ended = send(&house, &bearing(list(), &token));
        assert_eq!((ended.status, ended.code().as_str()), (400, "ExpiredToken"));
    }
    send(&house, &bearing(list(), &other)).expect(200);
}

/// The access key id of the session of a token, as `docs/bearer.md` says that it is made.
pub(crate) fn session_key(token: &str, role: &str) -> String {
    use sha2::{Digest as _, Sha256};
    let alphabet = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    let hash = Sha256::digest([role.as_bytes(), b"\0", token.as_bytes()].concat());
    let digest = Sha256::digest([b"strongroom bearer session".as_slice(), &hash].concat());
    let letters = digest.iter().take(16).map(|byte| char::from(alphabet[usize::from(byte % 32)]));
    format!("ASIA{}", letters.collect::<String>())
}

#[test]
fn what_a_token_says_is_a_condition_key_and_no_signature_is_claimed() {
    let house = bearers();
    let host = provider(&house).issuer().replace("http://", "");
    let token = token_of(&house, "conditions");
    send(&house, &bearing(Ask::s3("PUT", "/bearer-keys"), &token)).expect(200);
    let policy = |operator: &str, key: &str, value: &str| {
        json!({"Version": "2012-10-17", "Statement": {
            "Effect": "Deny", "Principal": "*", "Action": "s3:PutObject",
            "Resource": "arn:aws:s3:::bearer-keys/*",
            "Condition": {operator: {key: value}},
        }})
        .to_string()
    };
    let put = || send(&house, &bearing(Ask::s3("PUT", "/bearer-keys/k").body("x"), &token));
    for (operator, key, value, status) in [
        ("StringEquals", format!("{host}:sub"), "ana", 403),
        ("StringEquals", format!("{host}:sub"), "bo", 200),
        ("StringNotEquals", "s3:signatureversion".to_owned(), "AWS4-HMAC-SHA256", 403),
        ("StringEquals", "s3:authType".to_owned(), "REST-HEADER", 403),
        ("StringEquals", "s3:authType".to_owned(), "REST-QUERY-STRING", 200),
        ("StringEquals", "s3:x-amz-content-sha256".to_owned(), "UNSIGNED-PAYLOAD", 403),
        ("Null", "s3:signatureAge".to_owned(), "false", 200),
    ] {
        let ask = Ask::s3("PUT", "/bearer-keys?policy").body(policy(operator, &key, value));
        house.send(&ask, &house.root).expect(204);
        assert_eq!(put().status, status, "{operator} {key} {value}");
    }
}
