//! What holds after the server was killed and started again: revocations, and tokens of pages.

use serde_json::json;
use signing::sign::Credentials;

use crate::client::{Answer, Ask, By, Client};
use crate::fixture::{EVERYTHING, Maker, encoded, trusts};
use crate::login::{CLIENT, Provider, claims, header};
use crate::server::{OWNER, Server, root};

fn client(server: &Server) -> Client {
    Client { address: server.address, now: None }
}

/// What a credential is told.
fn told(server: &Server, by: &Credentials) -> String {
    let answer = client(server).send(&Ask::s3("GET", "/"), By::Key(by));
    if answer.status == 200 { "let in".to_owned() } else { answer.code() }
}

/// What the bearer of a token is told, as the role `Bearer`.
fn told_bearer(server: &Server, token: &str) -> String {
    let ask = Ask::s3("GET", "/")
        .with("authorization", &format!("Bearer {token}"))
        .with("x-strongroom-role", &format!("arn:aws:iam::{OWNER}:role/Bearer"));
    let answer = client(server).send(&ask, By::Nobody);
    if answer.status == 200 { "let in".to_owned() } else { answer.code() }
}

/// A token of ana's, issued so many seconds from now.
fn token(provider: &Provider, name: &str, issued: i64) -> String {
    let mut claims = claims(provider, "sub", json!("ana"));
    claims["iat"] = json!(crate::client::machine_time().seconds() + issued);
    claims["nonce"] = json!(name);
    provider.token(&header(), &claims)
}

fn revoke(make: &Maker<'_>, what: &str, name: &str) {
    let body = json!({ what: name }).to_string();
    make.send(&Ask::admin("POST", "sessions/revoke", &body)).expect(200);
}

/// A provider, and a role for whoever is ana to it.
fn trust(make: &Maker<'_>, provider: &Provider) {
    let add = json!({"name": "idp", "issuer": provider.issuer(), "client_ids": [CLIENT]});
    make.send(&Ask::admin("POST", "providers", &add.to_string())).expect(200);
    let host = provider.issuer().replace("http://", "");
    let trust = json!({"Version": "2012-10-17", "Statement": {
        "Effect": "Allow",
        "Principal": {"Federated": format!("arn:aws:iam::{OWNER}:oidc-provider/{host}")},
        "Action": "sts:AssumeRoleWithWebIdentity",
    }});
    make.role("Bearer", &trust.to_string(), EVERYTHING);
}

/// corpus: REV-05
/// oracle: answer, twin
#[test]
fn what_was_revoked_stays_revoked_and_what_was_not_lives_on() {
    let provider = Provider::start();
    let server = Server::start(&provider.issuer());
    let root = root();
    let make = Maker { client: client(&server), by: &root };
    let (admin, gone) = (make.user("admin", Some(EVERYTHING)), make.user("gone", Some(EVERYTHING)));
    let admins = Maker { client: client(&server), by: &admin };
    let own = trusts(&format!("arn:aws:iam::{OWNER}:root"));
    for role in ["Kept", "Recalled"] {
        make.role(role, &own, EVERYTHING);
    }
    trust(&make, &provider);
    let [one, other] = ["one", "other"].map(|name| admins.session("Kept", name, ""));
    let recalled = admins.session("Recalled", "before", "");
    let [ended, held] = ["ended", "held"].map(|name| token(&provider, name, -5));
    for token in [&ended, &held] {
        assert_eq!(told_bearer(&server, token), "let in");
    }
    revoke(&make, "session", one.access_key_id.as_str());
    revoke(&make, "session", &crate::bearer::session_key(&ended, &bearer_role()));
    revoke(&make, "principal", &format!("arn:aws:iam::{OWNER}:role/Recalled"));
    make.iam("DeleteAccessKey", &format!("UserName=gone&AccessKeyId={}", gone.access_key_id));

    let expected = |server: &Server| {
        assert_eq!(told(server, &one), "ExpiredToken");
        assert_eq!(told(server, &recalled), "ExpiredToken");
        assert_eq!(told(server, &gone), "InvalidAccessKeyId");
        assert_eq!(told_bearer(server, &ended), "ExpiredToken");
        assert_eq!(told(server, &other), "let in");
        assert_eq!(told(server, &admin), "let in");
        assert_eq!(told_bearer(server, &held), "let in");
    };
    expected(&server);
    let server = server.again();
    expected(&server);
    // Who made a session is now read from the record.
    let make = Maker { client: client(&server), by: &root };
    let twin = Maker { client: client(&server), by: &admin }.session("Kept", "twin", "");
    revoke(&make, "session", other.access_key_id.as_str());
    assert_eq!(told(&server, &other), "ExpiredToken");
    assert_eq!(told(&server, &twin), "let in");
    let gone = json!({ "session": one.access_key_id.as_str() }).to_string();
    let again = make.send(&Ask::admin("POST", "sessions/revoke", &gone));
    assert_eq!((again.status, again.code().as_str()), (404, "NoSuchSession"));
    // What a role was given until now ends, whichever token it came by; a younger one is let in.
    revoke(&make, "principal", &bearer_role());
    let older = token(&provider, "older, and never shown", -5);
    let expected = |server: &Server| {
        assert_eq!(told_bearer(server, &held), "ExpiredToken");
        assert_eq!(told_bearer(server, &older), "ExpiredToken");
        assert_eq!(told_bearer(server, &token(&provider, "younger", 30)), "let in");
    };
    expected(&server);
    expected(&server.again());
}

fn bearer_role() -> String {
    format!("arn:aws:iam::{OWNER}:role/Bearer")
}

/// oracle: answer
#[test]
fn path_10_a_token_of_a_page_goes_on_after_a_restart() {
    let server = Server::start("");
    let root = root();
    let send = |server: &Server, ask: Ask| -> Answer { client(server).send(&ask, By::Key(&root)) };
    send(&server, Ask::s3("PUT", "/pages")).expect(200);
    for key in ["a", "b"] {
        send(&server, Ask::s3("PUT", &format!("/pages/{key}")).body("x")).expect(200);
    }
    let first = send(&server, Ask::s3("GET", "/pages?list-type=2&max-keys=1")).expect(200);
    let token = encoded(&first.element("NextContinuationToken").unwrap());
    let server = server.again();
    let next = format!("/pages?list-type=2&max-keys=1&continuation-token={token}");
    let next = send(&server, Ask::s3("GET", &next)).expect(200);
    assert!(next.body.contains("<Key>b</Key>"), "{next:?}");
}

#[test]
fn when_a_key_was_last_used_is_known_after_a_restart() {
    let server = Server::start("");
    let root = root();
    let make = Maker { client: client(&server), by: &root };
    let (used, unused) = (make.user("used", Some(EVERYTHING)), make.user("unused", None));
    client(&server).send(&Ask::s3("GET", "/"), By::Key(&used)).expect(200);
    let server = server.again();
    let make = Maker { client: client(&server), by: &root };
    let told = |key: &Credentials| {
        make.iam("GetAccessKeyLastUsed", &format!("AccessKeyId={}", key.access_key_id))
    };
    let answer = told(&used);
    assert_eq!(answer.element("ServiceName").as_deref(), Some("s3"), "{answer:?}");
    assert!(answer.element("LastUsedDate").is_some(), "{answer:?}");
    assert_eq!(told(&unused).element("ServiceName").as_deref(), Some("N/A"));
}
