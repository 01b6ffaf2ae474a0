//! Google Workspace and its Directory API.

use aws_lc_rs::signature::{KeyPair as _, RSA_PKCS1_2048_8192_SHA256, UnparsedPublicKey};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use identity::ops::ToldGroups;
use serde_json::{Value, json};
use strongroom_federation::oidc::{CallerCode, OidcError, Outcome, Word};

use crate::desk::{ACCOUNT, Behind, Desk, NOW, by_ids};
use crate::stubs::{
    Answered, Asked, GOOGLE_BARRED, GOOGLE_CLIENT, GOOGLE_SUB, Google, Mood, google_group,
    google_token,
};

fn desk(groups: usize, mood: Mood) -> Desk {
    let provider = json!({"issuer": "https://accounts.google.com", "client_ids": [GOOGLE_CLIENT]});
    let lookup = json!({
        "issuer": "https://accounts.google.com", "kind": "google-directory",
        "service_account_file": "/account", "administrator": "admin@example.com",
    });
    Desk::new(Behind::Google(Google::new(groups, mood)), &provider, Some(&lookup))
}

#[test]
fn groups_are_had_from_the_directory_page_by_page() {
    for groups in [0, 199, 200, 201, 1_000] {
        let desk = desk(groups, Mood::Well);
        let ana = desk.login(&google_token(NOW)).unwrap();
        assert_eq!(ana.groups.len(), groups);
        // A token and the person, another token, then a page for each 200.
        assert_eq!(desk.asked().len(), 3 + groups.div_ceil(200).max(1), "of {groups}");
        if groups > 3 {
            assert_eq!(ana.groups[3].id, google_group(3));
            assert_eq!(ana.groups[3].name.as_deref(), Some("group3@example.com"));
        }
    }
}

/// corpus: OID-11
/// oracle: answer
#[test]
fn our_own_statement_is_for_the_configured_server_whatever_the_key_file_says() {
    let desk = desk(1, Mood::Well);
    desk.login(&google_token(NOW)).unwrap();
    let asked = desk.net.asked.lock().unwrap();
    let (url, form, _) = &asked[2];
    assert_eq!(url, "https://oauth2.googleapis.com/token");
    let statement = form.as_ref().unwrap().split("assertion=").nth(1).unwrap();
    let (input, signature) = statement.rsplit_once('.').unwrap();
    let signature = URL_SAFE_NO_PAD.decode(signature).unwrap();
    let key = UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, ACCOUNT.public_key().as_ref());
    assert!(key.verify(input.as_bytes(), &signature).is_ok());
    let part = |at: usize| -> Value {
        let text = input.split('.').nth(at).unwrap();
        serde_json::from_slice(&URL_SAFE_NO_PAD.decode(text).unwrap()).unwrap()
    };
    assert_eq!(part(0), json!({"alg": "RS256", "kid": "key-1", "typ": "JWT"}));
    assert_eq!(
        part(1),
        json!({
            "iss": "groups@p.iam.gserviceaccount.com", "sub": "admin@example.com",
            "scope": "https://www.googleapis.com/auth/admin.directory.group.readonly",
            "aud": "https://oauth2.googleapis.com/token", "iat": NOW, "exp": NOW + 3_600,
        })
    );
    assert!(asked.iter().all(|(url, _, _)| !url.contains("evil.example")));
}

#[test]
fn a_directory_that_does_not_answer_as_documented_refuses_the_sign_in_with_the_cause() {
    for (mood, rule, help) in [
        (Mood::Failing, "status 500 (backendError)", None),
        (Mood::ConsentRevoked, "status 403 (forbidden)", Some("privilege Groups, Read")),
        (Mood::SecretExpired, "(unauthorized_client)", Some("Domain-wide delegation")),
        (Mood::Garbage, "not JSON", None),
        (Mood::Throttled(1, 60), "left alone for 60 s", Some("asked less often")),
    ] {
        let desk = desk(3, mood);
        let refused = desk.login(&google_token(NOW)).unwrap_err();
        assert_eq!(refused.code(), CallerCode::IDPCommunicationError);
        assert!(refused.to_string().contains(rule), "{mood:?}: {refused}");
        if let Some(help) = help {
            assert!(refused.help().unwrap().contains(help), "{mood:?}: {:?}", refused.help());
        }
    }
    assert_eq!(desk(3, Mood::Throttled(1, 1)).login(&google_token(NOW)).unwrap().groups.len(), 3);
}

#[test]
fn somebody_of_another_workspace_does_not_sign_in() {
    let mut token = google_token(NOW);
    token["sub"] = "999999999999999999999".into();
    let refused = desk(3, Mood::Well).login(&token).unwrap_err();
    assert!(matches!(refused, OidcError::Lookup { .. }));
    assert_eq!(
        (refused.rule(), refused.code()),
        ("person-absent", CallerCode::InvalidIdentityToken)
    );
}

#[test]
fn whoever_is_suspended_or_archived_does_not_sign_in_with_a_token_of_before() {
    for barred in GOOGLE_BARRED {
        let mut token = google_token(NOW);
        token["sub"] = barred.into();
        let refused = desk(3, Mood::Well).login(&token).unwrap_err();
        assert_eq!(refused.rule(), "person-absent");
        assert!(refused.to_string().contains("disabled"), "{refused}");
    }
}

#[test]
fn who_may_not_be_asked_about_signs_in_with_their_groups_all_the_same() {
    let provider = json!({"issuer": "https://accounts.google.com", "client_ids": [GOOGLE_CLIENT]});
    let lookup = json!({
        "issuer": "https://accounts.google.com", "kind": "google-directory",
        "service_account_file": "/account", "administrator": "admin@example.com",
    });
    let google = Google::new(3, Mood::Well);
    let forbidden = json!({"error": {"code": 403, "message": "no", "errors": [
        {"domain": "global", "reason": "forbidden", "message": "Not Authorized"}]}});
    let script = move |asked: &Asked<'_>| match asked.url.contains("/v1/users/") {
        true => Answered::json(403, &forbidden),
        false => google.answer(asked),
    };
    let desk = Desk::new(Behind::Script(Box::new(script)), &provider, Some(&lookup));
    assert_eq!(desk.login(&google_token(NOW)).unwrap().groups.len(), 3);
}

#[test]
fn rules_name_groups_by_their_address_and_are_bound_by_id() {
    let ids = desk(3, Mood::Well).ids(&["group2@example.com", "nobody@example.com"]).unwrap();
    assert_eq!(ids, json!({"group2@example.com": google_group(2)}));
}

/// A Workspace of which it is asked who is still there.
fn people(groups: usize, mood: Mood) -> Desk {
    let provider = json!({"issuer": "https://accounts.google.com", "client_ids": [GOOGLE_CLIENT],
        "rules": [{"name": "r", "when": [{"on": "group", "equals": "group0@example.com"}]}]});
    let lookup = json!({
        "issuer": "https://accounts.google.com", "kind": "google-directory",
        "service_account_file": "/account", "administrator": "admin@example.com",
    });
    Desk::new(Behind::Google(Google::new(groups, mood)), &provider, Some(&lookup))
}

#[test]
fn whoever_is_suspended_archived_or_gone_is_told_from_whoever_is_there() {
    let desk = people(3, Mood::Well);
    let ana = desk.login(&google_token(NOW)).unwrap();
    assert_eq!(ana.known_as.as_deref(), Some(GOOGLE_SUB));
    for barred in GOOGLE_BARRED {
        assert_eq!(desk.word(barred, None).unwrap(), Word::Barred);
    }
    assert_eq!(desk.word("999999999999999999999", None).unwrap(), Word::Gone);
    let Word::Here(ToldGroups::Whole(groups), all) = desk.word(GOOGLE_SUB, None).unwrap() else {
        panic!("ana is there");
    };
    assert_eq!(groups.len(), 3);
    assert_eq!((&all, &ana.member_of), (&by_ids(&groups), &by_ids(&ana.groups)));
    // People are asked about with a token of another scope: what was not granted is not needed.
    let asked = desk.net.asked.lock().unwrap();
    let scope = |form: &String| {
        let statement = form.split("assertion=").nth(1)?.split('.').nth(1)?.to_owned();
        let claims = URL_SAFE_NO_PAD.decode(statement).ok()?;
        let claims: Value = serde_json::from_slice(&claims).ok()?;
        Some(claims["scope"].as_str()?.rsplit('.').nth(1)?.to_owned())
    };
    let scopes: Vec<String> =
        asked.iter().filter_map(|(_, form, _)| scope(form.as_ref()?)).collect();
    assert_eq!(scopes, ["user", "group"]);
}

#[test]
fn nobody_of_a_workspace_is_gone_because_google_does_not_tell() {
    for (mood, told, help) in [
        (Mood::Failing, "backendError", None),
        (Mood::ConsentRevoked, "forbidden", Some("privilege Users, Read")),
        (Mood::SecretExpired, "unauthorized_client", Some("admin.directory.user.readonly")),
        (Mood::Garbage, "not JSON", None),
    ] {
        let fault = people(1, mood).word("999999999999999999999", None).unwrap_err();
        assert!(fault.to_string().contains(told), "{mood:?}: {fault}");
        if let Some(help) = help {
            assert!(fault.help().unwrap().contains(help), "{mood:?}: {:?}", fault.help());
            assert_eq!(people(1, mood).people().unwrap().outcome, Outcome::Fail);
        }
    }
    assert_eq!(people(1, Mood::Well).people().unwrap().outcome, Outcome::Pass);
}
