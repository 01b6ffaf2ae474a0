//! Logins through the port, with a scripted network.

use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair};
use serde_json::json;

use super::testing::*;
use super::*;

fn record() -> OidcProvider {
    record_of(&json!({}))
}

fn record_of(changes: &serde_json::Value) -> OidcProvider {
    let mut record = json!({
        "arn": "arn:aws:iam::111122223333:oidc-provider/idp.example/realm",
        "account": "111122223333", "issuer": ISSUER, "client_ids": [CLIENT], "thumbprints": [],
        "name": "main", "claims": {"groups": "groups"}, "rules": [], "trust": null, "tags": {},
        "created": "2026-01-01T00:00:00Z", "incarnation": 1,
    });
    for (name, value) in changes.as_object().unwrap() {
        record[name] = value.clone();
    }
    serde_json::from_value(record).unwrap()
}

struct Desk {
    script: Arc<Script>,
    clock: Arc<StillClock>,
    logins: OidcLogins,
}

fn desk() -> Desk {
    let script = Script::serving(&[ec_jwk("p256", "P-256", &P256), rsa_jwk("rsa")]);
    let clock = Arc::new(StillClock::default());
    let logins = OidcLogins::new(script.clone(), clock.clone(), OidcSettings::default());
    Desk { script, clock, logins }
}

impl Desk {
    fn login(&self, token: &str) -> Result<ExternalIdentity, OidcError> {
        let token = Unverified::new(token.to_owned());
        block_on(self.logins.believe(&record(), &token, now()))
    }
}

#[test]
fn a_good_token_becomes_one_external_identity() {
    let desk = desk();
    let who = desk.login(&with_claims(&json!({"auth_time": NOW - 20, "amr": ["mfa"]}))).unwrap();
    assert_eq!((who.issuer.as_str(), who.subject.as_str()), (ISSUER, "user-1"));
    assert_eq!(who.provider, record().arn);
    assert_eq!(who.audience, [CLIENT]);
    assert_eq!(who.display.as_deref(), Some("ann@example.com"));
    let groups: Vec<&str> = who.groups.iter().map(|group| group.id.as_str()).collect();
    assert_eq!(groups, ["analysts", "staff"]);
    assert_eq!(who.expires.seconds(), NOW + 300);
    assert_eq!(who.authenticated_at.map(Timestamp::seconds), Some(NOW - 20));
    let keys = who.condition_keys(&record().issuer);
    assert_eq!(keys["idp.example/realm:sub"], ["user-1"]);
    assert_eq!(keys["idp.example/realm:aud"], [CLIENT]);
    assert_eq!(keys["idp.example/realm:amr"], ["mfa"]);
    assert_eq!(keys["idp.example/realm:email"], ["ann@example.com"]);
}

#[test]
fn the_port_gives_the_ports_words() {
    let desk = desk();
    let verify = |token: String| {
        let port: &dyn LoginProvider = &desk.logins;
        block_on(port.verify(&record(), &Unverified::new(token), now()))
    };
    assert!(verify(with_claims(&json!({}))).is_ok());
    let expired = verify(with_claims(&json!({"exp": NOW - 600}))).unwrap_err();
    assert!(matches!(expired, LoginError::Expired { at } if at.seconds() == NOW - 600));
    let audience = verify(with_claims(&json!({"aud": "other"}))).unwrap_err();
    assert!(matches!(audience, LoginError::Audience { found } if found == ["other"]));
    let none = verify(with_header(&json!({"alg": "none"}))).unwrap_err();
    assert!(matches!(none, LoginError::Algorithm));
    assert!(matches!(verify("a.b".to_owned()).unwrap_err(), LoginError::Malformed { .. }));
}

#[test]
fn a_provider_that_cannot_be_reached_is_its_own_answer() {
    let desk = desk();
    desk.script.fail(true);
    let error = desk.login(&with_claims(&json!({}))).unwrap_err();
    assert_eq!(error.code(), CallerCode::IDPCommunicationError);
    assert!(matches!(LoginError::from(error), LoginError::Unreachable(_)));
}

/// corpus: JWT-05
/// oracle: answer, cost
#[test]
fn noise_causes_no_fetch_at_all() {
    let desk = desk();
    for token in [
        "x".to_owned(),
        with_header(&json!({"alg": "none"})),
        with_header(&json!({"jku": "http://127.0.0.1:1/"})),
        with_header(&json!({"x5u": "https://evil.example/chain.pem"})),
        with_claims(&json!({"iss": "https://evil.example"})),
    ] {
        assert!(desk.login(&token).is_err());
    }
    assert_eq!(desk.script.counts(), (0, 0));
}

#[test]
fn only_the_issuers_own_addresses_are_ever_asked() {
    let desk = desk();
    desk.login(&with_claims(&json!({}))).unwrap();
    for kid in ["http://127.0.0.1/", "../x"] {
        desk.clock.advance(60);
        assert!(desk.login(&with_header(&json!({ "kid": kid }))).is_err());
    }
    for url in desk.script.asked.lock().unwrap().iter() {
        assert!(
            url == "https://idp.example/realm/.well-known/openid-configuration"
                || url == "https://keys.idp.example/jwks",
            "{url}"
        );
    }
}

#[test]
fn a_login_survives_rotation() {
    let desk = desk();
    assert!(desk.login(&with_claims(&json!({}))).is_ok());
    desk.clock.advance(60);
    desk.script.publish(&[ec_jwk("next", "P-256", &P256)]);
    assert!(desk.login(&with_claims(&json!({}))).is_ok(), "the old key is still fresh");
    assert!(desk.login(&with_header(&json!({"kid": "next"}))).is_ok());
    let old = desk.login(&with_claims(&json!({}))).unwrap_err();
    assert!(matches!(old, OidcError::UnknownKey { .. }), "the old key is gone: {old}");
}

#[test]
fn a_key_that_is_replaced_under_its_old_id_is_found_too() {
    let stranger = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).unwrap();
    for first in [ec_jwk("p256", "P-256", &stranger), rsa_jwk("p256")] {
        let desk = desk();
        desk.script.publish(&[first]);
        assert!(desk.login(&with_claims(&json!({}))).is_err());
        desk.clock.advance(60);
        desk.script.publish(&[ec_jwk("p256", "P-256", &P256)]);
        assert!(desk.login(&with_claims(&json!({}))).is_ok());
    }
}

/// corpus: OID-14
/// oracle: answer, twin, cost
#[test]
fn a_storm_of_random_key_ids_does_not_reach_the_provider() {
    let desk = desk();
    assert!(desk.login(&with_claims(&json!({}))).is_ok());
    for i in 0..1000 {
        let token = with_header(&json!({"kid": format!("random-{i}")}));
        assert!(matches!(desk.login(&token), Err(OidcError::UnknownKey { .. })));
    }
    assert_eq!(desk.script.counts(), (1, 1));
    assert!(desk.login(&with_claims(&json!({}))).is_ok());
}

#[test]
fn oid_18_a_token_of_one_provider_proves_nothing_to_another() {
    let desk = desk();
    let token = Unverified::new(with_claims(&json!({})));
    assert!(block_on(desk.logins.believe(&record(), &token, now())).is_ok());
    let other = record_of(&json!({"issuer": "https://other.example"}));
    let refused = block_on(desk.logins.believe(&other, &token, now())).unwrap_err();
    assert!(matches!(refused, OidcError::Issuer { .. }));
}

/// corpus: OID-16
/// oracle: answer, twin
#[test]
fn what_maps_is_a_claim_of_our_own_client_and_issuer_and_a_comma_divides_nothing() {
    let desk = desk();
    let groups = json!({"groups": ["staff,admins", "a;b", "x\ny"]});
    let ann = desk.login(&with_claims(&groups)).unwrap();
    let ids: Vec<&str> = ann.groups.iter().map(|group| group.id.as_str()).collect();
    assert_eq!(ids, ["staff,admins", "a;b", "x\ny"]);
    // Another client of the same provider may have any claim set: its tokens are none here.
    for other in [
        json!({"aud": "another-client", "groups": ["admins"]}),
        json!({"aud": ["another-client", CLIENT], "azp": "another-client", "groups": ["admins"]}),
        json!({"azp": "another-client", "groups": ["admins"]}),
        json!({"iss": "https://idp.example/other-realm", "groups": ["admins"]}),
    ] {
        assert!(desk.login(&with_claims(&other)).is_err(), "{other}");
    }
    // Claims that look like the configured one are not it.
    let near = json!({"groups": "<absent>", "Groups": ["admins"], "groups ": ["admins"]});
    assert!(desk.login(&with_claims(&near)).unwrap().groups.is_empty());
}

#[test]
fn jwt_10_a_provider_without_a_client_id_believes_nobody() {
    let desk = desk();
    let token = Unverified::new(with_claims(&json!({})));
    for ids in [json!([]), json!([""])] {
        let open = record_of(&json!({ "client_ids": ids }));
        let refused = block_on(desk.logins.believe(&open, &token, now()));
        assert_eq!(refused.unwrap_err(), OidcError::NoClientId);
    }
}

#[test]
fn oid_09_and_oid_15_labels_are_no_identity_and_missing_groups_no_guess() {
    let desk = desk();
    let renamed = desk.login(&with_claims(&json!({"email": "root@example.com"}))).unwrap();
    assert_eq!(renamed.subject, "user-1");
    let over = json!({"groups": "<absent>", "_claim_names": {"groups": "src1"}});
    let refused = desk.login(&with_claims(&over)).unwrap_err();
    assert!(matches!(refused, OidcError::GroupsOverage { .. }));
    let odd = desk.login(&with_claims(&json!({"groups": {"a": 1}}))).unwrap_err();
    assert!(matches!(odd, OidcError::ClaimMalformed { .. }));
    assert!(desk.login(&with_claims(&json!({"groups": "<absent>"}))).unwrap().groups.is_empty());
}

/// oracle: answer, twin
#[test]
fn jwt_25_no_claim_and_no_mapping_writes_over_what_decides_who_someone_is() {
    let desk = desk();
    let token = with_claims(&json!({
        "issuer": "https://evil.example", "subject": "root", "provider": "root", "parent": "root",
        "account": "999999999999", "expires": NOW + 9_999, "audience": "root",
        "idp.example/realm:sub": "root", "idp.example/realm:aud": "root", "sub/": "root",
        "https://idp.example/realm": {"sub": "root"}, "iss/sub": "root",
    }));
    // A mapping that points at the deciding claims themselves reads them, and writes nothing.
    for claims in [
        json!({"groups": "groups"}),
        json!({"groups": "sub", "policy": "iss", "display": "aud"}),
        json!({"groups": "idp.example/realm:sub", "display": "subject", "policy": "parent"}),
    ] {
        let record = record_of(&json!({ "claims": claims }));
        let token = Unverified::new(token.clone());
        let who = block_on(desk.logins.believe(&record, &token, now())).unwrap();
        assert_eq!((who.issuer.as_str(), who.subject.as_str()), (ISSUER, "user-1"), "{claims}");
        assert_eq!(
            (&who.provider, who.audience.as_slice()),
            (&record.arn, &[CLIENT.to_owned()][..])
        );
        assert_eq!(who.expires.seconds(), NOW + 300);
        let keys = who.condition_keys(&record.issuer);
        assert_eq!(keys["idp.example/realm:sub"], ["user-1"]);
        assert_eq!(keys["idp.example/realm:aud"], [CLIENT]);
        assert!(keys.keys().all(|key| key.starts_with("idp.example/realm:")), "{keys:?}");
    }
}

#[test]
fn a_diagnosis_says_what_a_login_says() {
    let desk = desk();
    let report = |token: &str| {
        let token = Unverified::new(format!(" {token}\n"));
        block_on(desk.logins.diagnose(&[record()], &token, now()))
    };
    assert!(report(&with_claims(&json!({}))).is_believed());
    desk.clock.advance(60);
    desk.script.publish(&[ec_jwk("next", "P-256", &P256)]);
    assert!(report(&with_header(&json!({"kid": "next"}))).is_believed(), "it asks once more");
    let forged = with_claims(&json!({"sub": "root"})).replace(".ey", ".ez");
    assert!(!report(&forged).is_believed());
    desk.script.fail(true);
    desk.clock.advance(4_000);
    let down = report(&with_header(&json!({"kid": "next"})));
    assert!(!down.is_believed());
    assert_eq!(down.refusal.unwrap().code(), CallerCode::IDPCommunicationError);
}
