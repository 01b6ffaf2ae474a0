//! Before anybody has a credential, and after a provider says that they have left: two rows that
//! strangers may come to.

use serde_json::{Value, json};

use crate::client::{Answer, Ask, By, machine_time};
use crate::fixture::{EVERYTHING, House, encoded, house, session};
use crate::login::{CLIENT, Provider, claims, forged_signature, header};
use crate::record::Sent;
use crate::server::OWNER;

const EVENT: &str = "http://schemas.openid.net/event/backchannel-logout";

/// A provider that no other test uses, and a role that trusts it.
fn arranged<'a>(house: &'a House, name: &str, spare: usize) -> &'a Provider {
    let provider = &house.spare[spare];
    let add = json!({"name": name, "issuer": provider.issuer(), "client_ids": [CLIENT]});
    house.make().send(&Ask::admin("POST", "providers", &add.to_string())).expect(200);
    let trust = json!({"Version": "2012-10-17", "Statement": {
        "Effect": "Allow", "Principal": {"Federated": arn(provider)},
        "Action": "sts:AssumeRoleWithWebIdentity"}});
    house.make().role(&format!("{name}-R"), &trust.to_string(), EVERYTHING);
    provider
}

fn arn(provider: &Provider) -> String {
    let host = provider.issuer().replace("http://", "");
    format!("arn:aws:iam::{OWNER}:oidc-provider/{host}")
}

/// Somebody's token, of a session at the provider, some seconds old.
fn token(provider: &Provider, who: &str, sid: Option<&str>, age_seconds: i64) -> String {
    let mut own = claims(provider, "sub", json!(who));
    own["iat"] = json!(machine_time().seconds() - age_seconds);
    if let Some(sid) = sid {
        own["sid"] = sid.into();
    }
    provider.token(&header(), &own)
}

fn sign_in(house: &House, name: &str, token: &str) -> Answer {
    let role = encoded(&format!("arn:aws:iam::{OWNER}:role/{name}-R"));
    let fields = format!("RoleArn={role}&RoleSessionName=ana&WebIdentityToken={}", encoded(token));
    house.client.send(&Ask::form("sts", "AssumeRoleWithWebIdentity", &fields), By::Nobody)
}

fn said(provider: &Provider, changes: &Value) -> String {
    let now = machine_time().seconds();
    let mut own = json!({"iss": provider.issuer(), "aud": CLIENT, "iat": now, "exp": now + 120,
        "jti": format!("{changes}"), "events": {EVENT: {}}});
    own.as_object_mut().unwrap().extend(changes.as_object().unwrap().clone());
    provider.token(&json!({"alg": "EdDSA", "kid": "one", "typ": "logout+jwt"}), &own)
}

fn logout(token: &str) -> Ask {
    Ask::s3("POST", "/-/v1/logout")
        .with("content-type", "application/x-www-form-urlencoded")
        .body(format!("logout_token={token}"))
}

fn alive(house: &House, answer: &Answer) -> bool {
    assert_eq!(answer.status, 200, "{answer:?}");
    house.send(&Ask::s3("GET", "/"), &session(answer)).status == 200
}

#[test]
fn whoever_leaves_their_provider_loses_what_they_got_there_at_once_and_nobody_else_does() {
    let house = house();
    let mut sent = Sent::default();
    let provider = arranged(&house, "leaving", 3);
    let in_session = |who: &str, sid| sign_in(&house, "leaving", &token(provider, who, sid, 2));
    let (one, two) = (in_session("ana", Some("s1")), in_session("ana", Some("s2")));
    let other = in_session("bo", None);
    assert!(alive(&house, &one) && alive(&house, &two) && alive(&house, &other));

    let ended = house.client.send(&logout(&said(provider, &json!({"sid": "s1"}))), By::Nobody);
    assert_eq!(ended.status, 200, "{ended:?}");
    sent.allowed("a session", &ended);
    assert!(!alive(&house, &one) && alive(&house, &two) && alive(&house, &other));

    let old = token(provider, "ana", None, 1);
    let person = logout(&said(provider, &json!({"sub": "ana"})));
    let ended = house.client.send(&person, By::Nobody);
    assert_eq!(ended.status, 200, "{ended:?}");
    sent.allowed("a person", &ended);
    assert!(!alive(&house, &one) && !alive(&house, &two) && alive(&house, &other));
    // What was issued before opens nothing more; what she gets by signing in again does.
    let again = sign_in(&house, "leaving", &old);
    assert_eq!((again.status, again.code().as_str()), (400, "ExpiredTokenException"));
    let younger = token(provider, "ana", None, -2);
    assert!(alive(&house, &sign_in(&house, "leaving", &younger)));

    let twice = house.client.send(&person, By::Nobody);
    assert_eq!((twice.status, twice.code().as_str()), (400, "InvalidIdentityToken"));
    sent.refused("the same word twice", &twice, "login-refused");
    let House { client, root, server, .. } = &*house;
    sent.check(*client, root, &server.journal());
}

/// The operator reads why, and of which request.
fn is_logged(house: &House, answer: &Answer) {
    let log = std::fs::read_to_string(house.server.directory().join("server.log")).unwrap();
    let request = format!("request{{request_id={} method=POST}}", answer.request_id());
    let mut lines = log.lines().filter(|line| line.contains(&request));
    let line = lines.next().unwrap_or_else(|| panic!("no line of {request}: {log}"));
    assert!(line.contains("a logout token is refused"), "{line}");
    assert_eq!(line.matches("request_id").count(), 1, "{line}");
}

#[test]
fn nobody_but_the_provider_can_say_that_somebody_has_left() {
    let house = house();
    let mut sent = Sent::default();
    let provider = arranged(&house, "staying", 4);
    let stranger = Provider::start();
    let hers = sign_in(&house, "staying", &token(provider, "ana", Some("s1"), 2));
    let good = said(provider, &json!({"sub": "ana"}));
    let now = machine_time().seconds();
    for (what, token) in [
        ("no token", "x".to_owned()),
        ("another's signature", forged_signature(&good)),
        ("another's word", said(&stranger, &json!({"sub": "ana"}))),
        (
            "another's word under this name",
            said(&stranger, &json!({"sub": "ana", "iss": provider.issuer()})),
        ),
        ("another audience", said(provider, &json!({"sub": "ana", "aud": "window"}))),
        ("an ID token", token(provider, "ana", Some("s1"), 0)),
        ("a nonce", said(provider, &json!({"sub": "ana", "nonce": "n"}))),
        ("no event", said(provider, &json!({"sub": "ana", "events": {}}))),
        ("nobody", said(provider, &json!({}))),
    ] {
        let answer = house.client.send(&logout(&token), By::Nobody);
        let found = (answer.status, answer.code());
        assert_eq!(found, (400, "InvalidIdentityToken".to_owned()), "{what}: {answer:?}");
        sent.refused(what, &answer, "login-refused");
        if what == "another audience" {
            is_logged(&house, &answer);
        }
    }
    let old = said(provider, &json!({"sub": "ana", "iat": now - 1000, "exp": now + 60}));
    let answer = house.client.send(&logout(&old), By::Nobody);
    assert_eq!((answer.status, answer.code().as_str()), (400, "ExpiredTokenException"));
    sent.refused("long ago", &answer, "login-refused");
    let signed = house.send(&logout(&good), &house.admin);
    assert_eq!(signed.status, 403, "what is signed for another service: {signed:?}");
    assert!(alive(&house, &hers));
    let House { client, root, server, .. } = &*house;
    sent.check(*client, root, &server.journal());
}

#[test]
fn a_provider_is_told_to_whoever_knows_its_name_and_nothing_else_is() {
    let house = house();
    let provider = arranged(&house, "told", 5);
    let ask = |path: &str| house.client.send(&Ask::s3("GET", &format!("/-/v1/{path}")), By::Nobody);
    let told = ask("login/told").expect(200).json();
    let expected = json!({"name": "told", "kind": "openid", "issuer": provider.issuer(),
        "client_id": CLIENT});
    let own = |value: &Value| -> Value {
        let members = value.as_object().unwrap().iter().filter(|(name, _)| *name != "request_id");
        members
            .map(|(name, value)| (name.clone(), value.clone()))
            .collect::<serde_json::Map<_, _>>()
            .into()
    };
    assert_eq!(own(&told), expected);
    assert_eq!(ask("login/nobody").status, 404);
    assert_eq!(ask("login/told?x=y").status, 400);
    assert_eq!(ask("login").status, 404, "there is no list");
}
