//! Okta's management API: who is still there, with which groups, and whose word counts.

use aws_lc_rs::signature::{KeyPair as _, RSA_PKCS1_2048_8192_SHA256, UnparsedPublicKey};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use identity::ops::ToldGroups;
use identity::{GroupIds, MemberOf};
use serde_json::{Value, json};
use strongroom_federation::oidc::{CallerCode, LookupFault, LookupForm, Outcome, Word};

use crate::desk::{ACCOUNT, Behind, Desk, NOW, by_ids, pem};
use crate::stubs::{
    Answered, Asked, Mood, OKTA_ANA, OKTA_APP, OKTA_KEY, OKTA_ORG, OKTA_PEOPLE, Okta,
    okta_access_token, okta_group, okta_token,
};

const STRANGER: &str = "00u00000000stranger0";

fn lookup(issuer: &str) -> Value {
    json!({"issuer": issuer, "kind": "okta", "client_id": OKTA_APP, "key_id": OKTA_KEY,
        "private_key_file": "/key"})
}

/// A provider with a rule about groups.
fn provider(issuer: &str) -> Value {
    json!({"issuer": issuer, "client_ids": ["0oaexample", "api://default"],
        "claims": {"groups": "groups"},
        "rules": [{"name": "r", "when": [{"on": "group", "equals": "group 0"}]}]})
}

fn desk_of(behind: Behind, issuer: &str) -> Desk {
    Desk::new(behind, &provider(issuer), Some(&lookup(issuer)))
}

fn desk(groups: usize, mood: Mood) -> Desk {
    desk_of(Behind::Okta(Okta::new(groups, mood, NOW)), OKTA_ORG)
}

/// An org that answers this to whatever is asked for, but for tokens.
fn script(answer: impl Fn(&Asked<'_>) -> Answered + Send + Sync + 'static) -> Desk {
    let org = Okta::new(1, Mood::Well, NOW);
    let behind = move |asked: &Asked<'_>| match asked.form {
        Some(_) => org.answer(asked),
        None => answer(asked),
    };
    desk_of(Behind::Script(Box::new(behind)), OKTA_ORG)
}

/// A token of somebody.
fn token(who: &str) -> Value {
    let mut claims = okta_token(NOW);
    claims["sub"] = who.into();
    claims
}

#[test]
fn whoever_signs_in_has_their_groups_by_ids_and_is_known_by_their_own() {
    for groups in [0, 1, 199, 200, 201, 1_000] {
        let desk = desk(groups, Mood::Well);
        let ana = desk.login(&okta_token(NOW)).unwrap();
        assert_eq!(ana.groups.len(), groups);
        assert_eq!(ana.known_as.as_deref(), Some(OKTA_ANA));
        assert!(ana.is_kept());
        assert_eq!(desk.asked().len(), 2 + groups.div_ceil(200).max(1), "of {groups}");
        if groups > 0 {
            assert_eq!(ana.groups[0].id, okta_group(0));
            assert_eq!(ana.groups[0].name.as_deref(), Some("group 0"));
        }
    }
    assert!(desk(10_000, Mood::Well).login(&okta_token(NOW)).is_ok());
    assert!(desk(10_001, Mood::Well).login(&okta_token(NOW)).is_err());
}

#[test]
fn who_may_sign_in_is_told_from_who_is_barred_by_status() {
    let desk = desk(2, Mood::Well);
    for (id, status) in OKTA_PEOPLE {
        let word = desk.word(id, None);
        let refused = desk.login(&token(id)).err();
        match status {
            "ACTIVE" | "PASSWORD_EXPIRED" | "RECOVERY" => {
                let Ok(Word::Here(ToldGroups::Whole(groups), all)) = word else {
                    panic!("{status}")
                };
                assert_eq!(all, by_ids(&groups));
                assert_eq!((groups.len(), refused.is_none()), (2, true), "{status}");
            }
            "UNHEARD_OF" => {
                let fault = word.unwrap_err().to_string();
                assert!(fault.contains("status"), "{fault}");
                assert_eq!(refused.unwrap().code(), CallerCode::IDPCommunicationError);
            }
            _ => {
                assert_eq!(word.unwrap(), Word::Barred, "{status}");
                assert_eq!(refused.unwrap().rule(), "person-absent", "{status}");
            }
        }
    }
    assert_eq!(desk.word(STRANGER, None).unwrap(), Word::Gone);
    assert_eq!(desk.word("ana@example.com", Some(STRANGER)).unwrap(), Word::Gone);
    assert_eq!(desk.login(&token(STRANGER)).unwrap_err().rule(), "person-absent");
}

#[test]
fn people_are_known_by_uid_or_by_a_sub_that_is_an_id_and_never_by_a_login_name() {
    let issuer = format!("{OKTA_ORG}/oauth2/default");
    let desk = || desk_of(Behind::Okta(Okta::new(1, Mood::Well, NOW)), &issuer);
    let told = |name: &str, value: Value| {
        let mut claims = okta_access_token(NOW);
        claims[name] = value;
        desk().login(&claims)
    };
    let own = told("scp", json!(["openid"])).unwrap();
    assert_eq!(own.known_as.as_deref(), Some(OKTA_ANA));
    assert_eq!(told("sub", OKTA_ANA.into()).unwrap().known_as.as_deref(), Some(OKTA_ANA));
    for (name, value) in [
        ("uid", Value::Null),
        ("uid", "ana@example.com".into()),
        ("uid", "0oaid4BxXw6I6TV4m0g3".into()),
        ("uid", "00uid4BxXw6I6TV4m0g".into()),
        ("uid", "00uid4BxXw6I6TV4m0/3".into()),
        ("sub", STRANGER.into()),
    ] {
        let refused = told(name, value.clone()).unwrap_err();
        assert_eq!(refused.code(), CallerCode::IDPCommunicationError, "{name} {value}");
        assert!(refused.help().unwrap().contains("keep the claim `uid`"), "{name} {value}");
    }
    let mut claims = okta_access_token(NOW);
    claims.as_object_mut().unwrap().remove("uid");
    let nameless = desk();
    assert!(nameless.login(&claims).unwrap_err().help().unwrap().contains("take ID tokens"));
    assert!(nameless.asked().is_empty(), "nobody is asked about a login name");
    let fault = nameless.word("ana@example.com", None).unwrap_err();
    assert!(matches!(fault, LookupFault::Person { claim: "uid" }), "{fault}");
    // The org authorization server gives our token, whoever issued theirs.
    let custom = desk();
    custom.login(&okta_access_token(NOW)).unwrap();
    assert_eq!(custom.asked()[0], "https://example.okta.com/oauth2/v1/token");
}

#[test]
fn the_app_shows_who_it_is_by_a_statement_for_the_token_endpoint_alone() {
    let desk = desk(1, Mood::Well);
    desk.login(&okta_token(NOW)).unwrap();
    let asked = desk.net.asked.lock().unwrap();
    let statement = asked[0].1.as_ref().unwrap().split("client_assertion=").nth(1).unwrap();
    let (input, signature) = statement.rsplit_once('.').unwrap();
    let signature = URL_SAFE_NO_PAD.decode(signature).unwrap();
    let key = UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, ACCOUNT.public_key().as_ref());
    assert!(key.verify(input.as_bytes(), &signature).is_ok());
    let part = |at: usize| -> Value {
        let text = input.split('.').nth(at).unwrap();
        serde_json::from_slice(&URL_SAFE_NO_PAD.decode(text).unwrap()).unwrap()
    };
    assert_eq!(part(0), json!({"alg": "RS256", "kid": OKTA_KEY, "typ": "JWT"}));
    let token = "https://example.okta.com/oauth2/v1/token";
    let claims = json!({"iss": OKTA_APP, "sub": OKTA_APP, "aud": token, "iat": NOW,
        "exp": NOW + 300});
    assert_eq!(part(1), claims);
}

#[test]
fn rules_see_groups_only_where_one_is_about_them_and_the_claim_is_theirs_and_ids_are_told() {
    let mut plain = provider(OKTA_ORG);
    plain["rules"] = json!([]);
    let mut other = provider(OKTA_ORG);
    other["claims"]["groups"] = "entitlements".into();
    for provider in [plain, other] {
        let behind = Behind::Okta(Okta::new(2, Mood::Well, NOW));
        let desk = Desk::new(behind, &provider, Some(&lookup(OKTA_ORG)));
        let all = MemberOf::Whole(GroupIds::of([0, 1].map(okta_group).iter().map(String::as_str)));
        let word = desk.word(OKTA_ANA, None).unwrap();
        assert_eq!(word, Word::Here(ToldGroups::Unasked, all.clone()));
        assert_eq!(desk.login(&okta_token(NOW)).unwrap().member_of, all);
    }
}

#[test]
fn what_is_no_answer_about_somebody_is_not_taken_for_one() {
    for (mood, told, help) in [
        (Mood::Failing, "E0000009", None),
        (Mood::ConsentRevoked, "E0000006", Some("Admin roles")),
        (Mood::Hidden, "status 403 (no code)", Some("grant okta.users.read and okta.groups.read")),
        (Mood::SecretExpired, "invalid_client", Some("`key_id`")),
        (Mood::Garbage, "not JSON", None),
        (Mood::Throttled(1, 60), "left alone for 60 s", None),
        (Mood::Throttled(1, 4_000), "left alone for 300 s", None),
    ] {
        let fault = desk(1, mood).word(STRANGER, None).unwrap_err();
        assert!(fault.to_string().contains(told), "{mood:?}: {fault}");
        if let Some(help) = help {
            assert!(fault.help().unwrap().contains(help), "{mood:?}: {:?}", fault.help());
        }
        let refused = desk(1, mood).login(&okta_token(NOW)).unwrap_err();
        assert_eq!(refused.code(), CallerCode::IDPCommunicationError, "{mood:?}");
    }
    assert_eq!(desk(1, Mood::Throttled(2, 2)).word(STRANGER, None).unwrap(), Word::Gone);
    let error = |code: &str| json!({"errorCode": code, "errorSummary": "Not found"});
    for (body, gone) in [(error("E0000007"), true), (error("E0000048"), false), (json!({}), false)]
    {
        let word = script(move |_| Answered::json(404, &body)).word(OKTA_ANA, None);
        assert_eq!(word.ok(), gone.then_some(Word::Gone));
    }
}

#[test]
fn somebody_elses_record_is_no_answer() {
    let other =
        |_: &Asked<'_>| Answered::json(200, &json!({"id": STRANGER, "status": "SUSPENDED"}));
    let fault = script(other).word(OKTA_ANA, None).unwrap_err();
    assert!(matches!(fault, LookupFault::Subject { .. }), "{fault}");
}

#[test]
fn the_next_page_is_where_this_one_is_or_nobody_has_groups() {
    let fault = desk(201, Mood::Elsewhere).word(OKTA_ANA, None).unwrap_err();
    assert!(matches!(fault, LookupFault::Elsewhere { .. }), "{fault}");
    let here = format!("{OKTA_ORG}/api/v1/users/{OKTA_ANA}/groups");
    for (link, told) in [
        (format!("<{here}>; rel=\"next\""), "next page is elsewhere"),
        (format!("<{OKTA_ORG}/api/v1/groups?after=1>; rel=\"next\""), "next page is elsewhere"),
        ("</relative>; rel=\"next\"".to_owned(), "next page is elsewhere"),
        (format!("{here}?after=1; rel=\"next\""), "Link"),
    ] {
        let desk = script(move |asked| match asked.url.ends_with("/groups") {
            true => Answered {
                headers: vec![("link", link.clone())],
                ..Answered::json(200, &json!([]))
            },
            false => Answered::json(200, &json!({"id": OKTA_ANA, "status": "ACTIVE"})),
        });
        let fault = desk.word(OKTA_ANA, None).unwrap_err().to_string();
        assert!(fault.contains(told), "{fault}");
    }
}

#[test]
fn rules_name_groups_by_name_or_id_and_are_bound_by_id() {
    let desk = desk(10, Mood::Well);
    let (own, none) = (okta_group(3), okta_group(900));
    let ids = desk.ids(&["group 2", &own, &none, "nobody"]).unwrap();
    assert_eq!(ids, json!({"group 2": okta_group(2), own.as_str(): own}));
    let twins = desk.ids(&["twin"]).unwrap_err();
    assert!(twins.contains("several groups are called `twin`"), "{twins}");
    let quoted = desk.ids(&["a\" or profile.name eq \"group 1"]).unwrap();
    assert_eq!(quoted, json!({}));
    assert!(
        desk.asked()
            .last()
            .unwrap()
            .ends_with("search=profile.name+eq+%22a%5C%22+or+profile.name+eq+%5C%22group+1%22")
    );
}

#[test]
fn the_doctor_says_whether_people_can_be_asked_about() {
    let people = |mood| desk(1, mood).people().unwrap();
    assert_eq!(people(Mood::Well).outcome, Outcome::Pass);
    for (mood, help) in [
        (Mood::ConsentRevoked, "grant okta.users.read and okta.groups.read"),
        (Mood::Hidden, "Read-only Administrator"),
        (Mood::SecretExpired, "Public key / Private key"),
    ] {
        let finding = people(mood);
        assert_eq!(finding.outcome, Outcome::Fail, "{mood:?}");
        assert!(finding.help.unwrap().contains(help), "{mood:?}");
    }
}

#[test]
fn an_org_is_asked_with_a_key_and_at_its_own_origin() {
    let checked = |changes: &[(&str, Value)]| {
        let mut form = lookup(OKTA_ORG);
        for (name, value) in changes {
            form[*name] = value.clone();
        }
        let form: LookupForm = serde_json::from_value(form).unwrap();
        form.checked(&|file: &std::path::Path| match file.to_str() {
            Some("/key") => Ok(pem().into_bytes()),
            Some("/no-key") => Ok(b"-----BEGIN RSA PRIVATE KEY-----".to_vec()),
            _ => Err(std::io::ErrorKind::NotFound.into()),
        })
    };
    for good in [OKTA_ORG, "https://example.okta.com/oauth2/aus1", "https://login.example.com"] {
        assert!(checked(&[("issuer", good.into())]).is_ok(), "{good}");
    }
    for (name, value) in [
        ("issuer", "https://example.okta.com/oauth2".into()),
        ("issuer", "https://example.okta.com/oauth2/a/b".into()),
        ("issuer", "https://example.okta.com/x/default".into()),
        ("private_key_file", "/no-key".into()),
        ("private_key_file", "/absent".into()),
        ("private_key_file", Value::Null),
        ("key_id", "".into()),
        ("key_id", Value::Null),
        ("client_id", Value::Null),
        ("client_secret_file", "/key".into()),
        ("administrator", "a@example.com".into()),
        ("sync_seconds", 0.into()),
    ] {
        assert!(checked(&[(name, value.clone())]).is_err(), "{name} = {value}");
    }
    let keycloak = [
        ("kind", json!("keycloak")),
        ("issuer", json!("https://sso.example.com/realms/corp")),
        ("client_secret_file", json!("/key")),
    ];
    assert!(checked(&keycloak).is_err(), "a key is not for every kind");
}
