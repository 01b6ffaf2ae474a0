//! Tokens that only their provider can read, and claims that a token leaves out.

use std::time::Duration;

use serde_json::{Value, json};
use strongroom_federation::oidc::{CallerCode, LookupFault, OidcError};

use crate::desk::{Behind, Desk, NOW, record, signed};
use crate::stubs::Answered;

const TOKEN: &str = "2YotnFZFEjr1zCsicMWpAA";

fn provider() -> Value {
    json!({"issuer": "https://idp.example", "client_ids": ["strongroom"],
           "claims": {"groups": "groups"}})
}

fn introspection() -> Value {
    json!({"issuer": "https://idp.example", "kind": "introspection", "client_id": "us",
           "endpoint": "https://idp.example/introspect", "client_secret_file": "/secret"})
}

fn said() -> Value {
    json!({"active": true, "iss": "https://idp.example", "sub": "ana", "aud": "strongroom",
           "exp": NOW + 300, "iat": NOW - 10, "client_id": "strongroom", "scope": "openid",
           "groups": ["analysts"], "token_type": "Bearer"})
}

/// An endpoint of RFC 7662 that says this of any token.
fn saying(status: u16, body: &Value) -> Behind {
    let body = body.to_string();
    Behind::Script(Box::new(move |_| Answered::text(status, body.clone())))
}

fn desk(body: &Value) -> Desk {
    Desk::new(saying(200, body), &provider(), Some(&introspection()))
}

fn with(changes: &Value) -> Value {
    let mut body = said();
    for (name, value) in changes.as_object().unwrap() {
        match value.as_str() {
            Some("<absent>") => drop(body.as_object_mut().unwrap().remove(name)),
            _ => body[name] = value.clone(),
        }
    }
    body
}

#[test]
fn an_active_token_is_whom_its_provider_says() {
    let desk = desk(&said());
    let ana = desk.login_with(TOKEN).unwrap();
    assert_eq!((ana.issuer.as_str(), ana.subject.as_str()), ("https://idp.example", "ana"));
    assert_eq!(ana.groups[0].id, "analysts");
    let asked = desk.net.asked.lock().unwrap();
    let (url, form, credential) = &asked[0];
    assert_eq!(url, "https://idp.example/introspect");
    assert_eq!(form.as_deref(), Some("token=2YotnFZFEjr1zCsicMWpAA&token_type_hint=access_token"));
    assert_eq!(credential.as_deref(), Some("Basic us:the value of the secret"));
}

#[test]
fn what_the_provider_says_is_held_against_the_same_rules_as_a_signed_token() {
    assert!(desk(&with(&json!({"iss": "<absent>"}))).login_with(TOKEN).is_ok());
    assert!(desk(&with(&json!({"aud": "<absent>"}))).login_with(TOKEN).is_ok());
    for bad in [
        json!({"active": false}),
        json!({"active": "true"}),
        json!({"active": "<absent>"}),
        json!({"iss": "https://other.example"}),
        json!({"aud": "other"}),
        json!({"aud": "<absent>", "client_id": "other"}),
        json!({"aud": "<absent>", "client_id": "<absent>"}),
        json!({"sub": "<absent>"}),
        json!({"exp": "<absent>"}),
        json!({"exp": NOW - 600}),
        json!({"nbf": NOW + 600}),
        json!({"azp": "other"}),
    ] {
        let refused = desk(&with(&bad)).login_with(TOKEN);
        assert!(refused.is_err(), "{bad}");
        assert_ne!(refused.unwrap_err().code(), CallerCode::IDPCommunicationError, "{bad}");
    }
}

#[test]
fn an_answer_is_kept_a_minute_and_no_longer_than_the_token_lives() {
    for (lives, held) in [(300, 60), (30, 30), (1, 1)] {
        let desk = desk(&with(&json!({"exp": NOW + lives})));
        let spend = |seconds: i64| {
            desk.net.clock.advance(Duration::from_secs(u64::try_from(seconds).unwrap()));
        };
        desk.login_with(TOKEN).unwrap();
        spend(held - 1);
        desk.login_with(TOKEN).unwrap();
        assert_eq!(desk.asked().len(), 1, "{lives}");
        spend(1);
        desk.login_with(TOKEN).unwrap();
        assert_eq!(desk.asked().len(), 2, "{lives}");
    }
    // What is not active is asked about each time.
    let gone = desk(&json!({"active": false}));
    assert_eq!(gone.login_with(TOKEN).unwrap_err(), OidcError::Inactive);
    assert_eq!(gone.login_with(TOKEN).unwrap_err(), OidcError::Inactive);
    assert_eq!(gone.asked().len(), 2);
}

/// corpus: OID-18
/// oracle: answer, twin
#[test]
fn what_one_provider_said_of_a_token_counts_for_no_other_and_not_after_a_change() {
    let mut desk = desk(&said());
    desk.login_with(TOKEN).unwrap();
    desk.login_with(TOKEN).unwrap();
    assert_eq!(desk.asked().len(), 1);
    // The same provider with other client ids: the answer is held against them anew.
    let own = desk.provider.clone();
    desk.provider.client_ids = ["another".to_owned()].into();
    assert!(matches!(desk.login_with(TOKEN), Err(OidcError::Audience { .. })));
    // Another provider has no introspection, so the token is none.
    desk.provider = record(&json!({"issuer": "https://other.example", "client_ids": ["x"]}));
    assert!(matches!(desk.login_with(TOKEN), Err(OidcError::NotCompact)));
    assert_eq!(desk.asked().len(), 1);
    desk.provider = own;
    assert!(desk.login_with(TOKEN).is_ok());
}

#[test]
fn what_is_no_token_and_what_is_a_signed_one_is_not_sent_to_the_provider() {
    let desk = desk(&said());
    for bad in ["", "a b", "a\r\nb", "é", &"a".repeat(20_001)] {
        assert!(desk.login_with(bad).is_err(), "{bad:?}");
    }
    let token = json!({"iss": "https://idp.example", "sub": "ana", "aud": "strongroom",
                       "exp": NOW + 300});
    assert!(desk.login_with(&signed(&token)).is_ok());
    let mut forged = signed(&token);
    forged.replace_range(forged.len() - 4.., "AAAA");
    assert!(desk.login_with(&forged).is_err(), "a bad signature is no reason to ask");
    assert!(desk.asked().is_empty());
}

#[test]
fn a_provider_that_does_not_answer_refuses_and_says_why() {
    let refused = Desk::new(
        saying(401, &json!({"error": "invalid_client"})),
        &provider(),
        Some(&introspection()),
    );
    let error = refused.login_with(TOKEN).unwrap_err();
    assert_eq!(error.code(), CallerCode::IDPCommunicationError);
    assert!(error.help().unwrap().contains("client_id"));
    let slow = Desk::new(Behind::Slow, &provider(), Some(&introspection()));
    assert!(slow.login_with(TOKEN).unwrap_err().to_string().contains("within 4 s"));
}

fn userinfo(body: &Value) -> Desk {
    let lookup = json!({"issuer": "https://idp.example", "kind": "userinfo",
                        "endpoint": "https://idp.example/me"});
    Desk::new(saying(200, body), &provider(), Some(&lookup))
}

fn access_token(groups: Option<Value>) -> Value {
    let mut claims = json!({"iss": "https://idp.example", "sub": "ana", "aud": "strongroom",
                            "exp": NOW + 300});
    if let Some(groups) = groups {
        claims["groups"] = groups;
    }
    claims
}

#[test]
fn userinfo_adds_what_the_token_leaves_out_and_changes_nothing_that_it_has() {
    let more = json!({"sub": "ana", "groups": ["analysts"], "iss": "https://evil.example",
                      "aud": "evil", "exp": 1, "email": "ana@example.com", "sid": "evil"});
    let desk = userinfo(&more);
    let ana = desk.login(&access_token(None)).unwrap();
    assert_eq!(ana.groups[0].id, "analysts");
    assert_eq!(ana.claim_texts("email"), ["ana@example.com"]);
    assert_eq!((ana.issuer.as_str(), ana.expires.seconds()), ("https://idp.example", NOW + 300));
    assert!(ana.idp_session().is_none());
    assert_eq!(desk.net.asked.lock().unwrap().len(), 1);
    let own = desk.login(&access_token(Some(json!(["staff"])))).unwrap();
    assert_eq!(own.groups[0].id, "staff");
    assert_eq!(desk.net.asked.lock().unwrap().len(), 1, "nothing was missing");
}

#[test]
fn userinfo_of_somebody_else_or_none_refuses_the_sign_in() {
    for body in [json!({"sub": "root", "groups": ["admins"]}), json!({"groups": ["admins"]})] {
        let refused = userinfo(&body).login(&access_token(None)).unwrap_err();
        let is = matches!(&refused, OidcError::Lookup { cause: LookupFault::Subject { .. }, .. });
        assert!(is, "{refused}");
    }
}
