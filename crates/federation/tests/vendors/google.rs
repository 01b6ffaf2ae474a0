//! Google Workspace and its Directory API.

use aws_lc_rs::signature::{KeyPair as _, RSA_PKCS1_2048_8192_SHA256, UnparsedPublicKey};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};
use strongroom_federation::oidc::{CallerCode, OidcError};

use crate::desk::{ACCOUNT, Behind, Desk, NOW};
use crate::stubs::{GOOGLE_CLIENT, Google, Mood, google_group, google_token};

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
        assert_eq!(desk.asked().len(), 1 + groups.div_ceil(200).max(1), "of {groups}");
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
    let (url, form, _) = &asked[0];
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
    assert!(refused.help().unwrap().contains("not in this Workspace"));
}

#[test]
fn rules_name_groups_by_their_address_and_are_bound_by_id() {
    let ids = desk(3, Mood::Well).ids(&["group2@example.com", "nobody@example.com"]).unwrap();
    assert_eq!(ids, json!({"group2@example.com": google_group(2)}));
}
