//! Keycloak's Admin REST API: who is still there, with which groups, and whose word counts.

use identity::MemberOf;
use identity::ops::ToldGroups;
use serde_json::{Value, json};
use strongroom_federation::oidc::{CallerCode, LookupFault, Outcome, Word};

use crate::desk::{Behind, Desk, NOW, by_ids};
use crate::stubs::{
    KEYCLOAK_ANA, KEYCLOAK_BEA, KEYCLOAK_CLIENT, Keycloak, Mood, REALM, entra_group, keycloak_token,
};

const STRANGER: &str = "0b2b7a5e-8f2b-4c39-9c0a-00000000ffff";

fn desk_with(groups: usize, mood: Mood, provider: &Value, changes: &[(&str, Value)]) -> Desk {
    let mut lookup = json!({
        "issuer": REALM, "kind": "keycloak", "client_id": KEYCLOAK_CLIENT,
        "client_secret_file": "/secret",
    });
    for (name, value) in changes {
        lookup[*name] = value.clone();
    }
    Desk::new(Behind::Keycloak(Keycloak::new(groups, mood)), provider, Some(&lookup))
}

/// A provider whose tokens list groups at `path`, with a rule about groups.
fn provider(path: &str) -> Value {
    json!({"issuer": REALM, "client_ids": ["strongroom"], "claims": {"groups": path},
        "rules": [{"name": "r", "when": [{"on": "group", "equals": "group 0"}]}]})
}

fn desk(groups: usize, mood: Mood) -> Desk {
    desk_with(groups, mood, &provider("groups"), &[])
}

#[test]
fn whoever_signs_in_has_their_groups_by_ids_and_is_known_by_their_own() {
    for groups in [0, 1, 199, 200, 201, 1_000] {
        let desk = desk(groups, Mood::Well);
        let ana = desk.login(&keycloak_token(KEYCLOAK_ANA, NOW)).unwrap();
        assert_eq!(ana.groups.len(), groups);
        assert_eq!(ana.known_as.as_deref(), Some(KEYCLOAK_ANA));
        assert!(ana.is_kept());
        assert_eq!(desk.asked().len(), 2 + groups / 200 + 1, "of {groups}");
        if groups > 0 {
            assert_eq!(ana.groups[0].id, entra_group(0));
            assert_eq!(ana.groups[0].name.as_deref(), Some("group 0"));
        }
    }
    assert!(desk(10_000, Mood::Well).login(&keycloak_token(KEYCLOAK_ANA, NOW)).is_ok());
    assert!(desk(10_001, Mood::Well).login(&keycloak_token(KEYCLOAK_ANA, NOW)).is_err());
}

#[test]
fn whoever_is_gone_or_disabled_does_not_sign_in_with_a_token_of_before() {
    for who in [KEYCLOAK_BEA, STRANGER] {
        for claims in ["groups", "realm_access/roles"] {
            let desk = desk_with(1, Mood::Well, &provider(claims), &[]);
            let refused = desk.login(&keycloak_token(who, NOW)).unwrap_err();
            assert_eq!(refused.code(), CallerCode::InvalidIdentityToken);
            assert_eq!(refused.rule(), "person-absent");
        }
    }
}

#[test]
fn the_word_about_somebody_is_of_their_own_id() {
    let desk = desk(2, Mood::Well);
    assert_eq!(desk.word(KEYCLOAK_BEA, None).unwrap(), Word::Barred);
    assert_eq!(desk.word(STRANGER, None).unwrap(), Word::Gone);
    assert_eq!(desk.word("a pairwise name", Some(KEYCLOAK_BEA)).unwrap(), Word::Barred);
    let Word::Here(ToldGroups::Whole(groups), all) = desk.word(KEYCLOAK_ANA, None).unwrap() else {
        panic!("ana is there");
    };
    assert_eq!(groups.len(), 2);
    assert_eq!(all, by_ids(&groups));
}

#[test]
fn groups_are_told_by_ids_whatever_rules_and_claims_there_are() {
    let Word::Here(_, all) = desk(2, Mood::Well).word(KEYCLOAK_ANA, None).unwrap() else {
        panic!("ana is there");
    };
    assert_ne!(all, MemberOf::Untold);
    let mut none = provider("groups");
    none["claims"].as_object_mut().unwrap().remove("groups");
    for mut plain in [provider("groups"), provider("realm_access/roles"), none] {
        plain["rules"] = json!([]);
        let desk = desk_with(2, Mood::Well, &plain, &[]);
        let word = desk.word(KEYCLOAK_ANA, None).unwrap();
        assert_eq!(word, Word::Here(ToldGroups::Unasked, all.clone()));
        let ana = desk.login(&keycloak_token(KEYCLOAK_ANA, NOW)).unwrap();
        assert_eq!(ana.member_of, all, "a sign-in is told the same");
    }
}

#[test]
fn roles_are_known_by_name_and_a_token_may_list_fewer() {
    for (path, role) in [
        ("realm_access/roles", Some("auditor")),
        ("realm_access.roles", Some("auditor")),
        ("resource_access/store/roles", Some("reader")),
        ("resource_access/other/roles", None),
    ] {
        let desk = desk_with(2, Mood::Well, &provider(path), &[]);
        let word = desk.word(KEYCLOAK_ANA, None).unwrap();
        let Word::Here(ToldGroups::AtMost(roles), _) = word else {
            panic!("{path}");
        };
        assert_eq!(roles.first().map(|role| role.id.as_str()), role, "{path}");
        assert_eq!(desk.ids(&["auditor"]).unwrap(), Value::Null, "{path}");
        let ana = desk.login(&keycloak_token(KEYCLOAK_ANA, NOW)).unwrap();
        let own: Vec<&str> = ana.groups.iter().map(|group| group.id.as_str()).collect();
        let in_token = if path.starts_with("realm") { vec!["auditor"] } else { vec![] };
        assert_eq!(own, in_token, "the token's own list counts");
    }
}

#[test]
fn what_is_no_answer_about_somebody_is_not_taken_for_one() {
    for (mood, told, help) in [
        (Mood::Failing, "status 500", None),
        (Mood::ConsentRevoked, "HTTP 403 Forbidden", Some("view-users")),
        (Mood::SecretExpired, "unauthorized_client", Some("Service accounts roles on")),
        (Mood::Elsewhere, "Realm not found", Some("lookup's `issuer`")),
        (Mood::Garbage, "not JSON", None),
        (Mood::Throttled(1, 60), "left alone for 60 s", None),
    ] {
        let fault = desk(1, mood).word(STRANGER, None).unwrap_err();
        assert!(fault.to_string().contains(told), "{mood:?}: {fault}");
        if let Some(help) = help {
            assert!(fault.help().unwrap().contains(help), "{mood:?}: {:?}", fault.help());
        }
        let refused = desk(1, mood).login(&keycloak_token(KEYCLOAK_ANA, NOW)).unwrap_err();
        assert_eq!(refused.code(), CallerCode::IDPCommunicationError, "{mood:?}");
    }
    let other = [("directory_url", json!("https://sso.example.com/admin/realms/other"))];
    let elsewhere = desk_with(1, Mood::Well, &provider("groups"), &other);
    let fault = elsewhere.word(KEYCLOAK_ANA, None).unwrap_err();
    assert!(matches!(fault, LookupFault::Mend { status: 404, .. }), "{fault}");
    assert_eq!(desk(1, Mood::Throttled(2, 1)).word(STRANGER, None).unwrap(), Word::Gone);
}

#[test]
fn somebody_elses_record_is_no_answer() {
    let script = |asked: &crate::stubs::Asked<'_>| {
        let body = match asked.form {
            Some(_) => json!({"access_token": "t", "expires_in": 60, "token_type": "Bearer"}),
            None => json!({"id": KEYCLOAK_BEA, "enabled": false}),
        };
        crate::stubs::Answered::json(200, &body)
    };
    let lookup = json!({"issuer": REALM, "kind": "keycloak", "client_id": KEYCLOAK_CLIENT,
        "client_secret_file": "/secret"});
    let desk = Desk::new(Behind::Script(Box::new(script)), &provider("groups"), Some(&lookup));
    let fault = desk.word(KEYCLOAK_ANA, None).unwrap_err();
    assert!(matches!(fault, LookupFault::Subject { .. }), "{fault}");
}

#[test]
fn rules_name_groups_by_name_path_or_id_and_are_bound_by_id() {
    let desk = desk(10, Mood::Well);
    let own = entra_group(3);
    let ids = desk.ids(&["group 2", "/above/below", "/none", "nobody"]).unwrap();
    assert_eq!(ids, json!({"group 2": entra_group(2), "/above/below": entra_group(5)}));
    assert_eq!(desk.ids(&[own.as_str()]).unwrap(), json!({}), "no group has that id");
    let twins = desk.ids(&["twin"]).unwrap_err();
    assert!(twins.contains("several groups are called `twin`"), "{twins}");
}

#[test]
fn other_accounts_and_other_issuers_are_not_watched() {
    let watched = |provider: &Value, changes: &[(&str, Value)]| {
        let desk = desk_with(1, Mood::Well, provider, changes);
        desk.login(&keycloak_token(KEYCLOAK_ANA, NOW)).map(|ana| ana.known_as.clone())
    };
    let mut foreign = provider("groups");
    foreign["account"] = "444455556666".into();
    assert_eq!(watched(&foreign, &[]).unwrap(), None);
    let named = [("accounts", json!(["444455556666"]))];
    assert_eq!(watched(&foreign, &named).unwrap().as_deref(), Some(KEYCLOAK_ANA));
    assert_eq!(watched(&provider("groups"), &named).unwrap(), None);
}

#[test]
fn the_doctor_says_whether_people_can_be_asked_about() {
    let people = |mood| desk(1, mood).people().unwrap();
    assert_eq!(people(Mood::Well).outcome, Outcome::Pass);
    for (mood, help) in [
        (Mood::ConsentRevoked, "realm-management view-users"),
        (Mood::SecretExpired, "Client authentication on"),
        (Mood::Elsewhere, "compare it"),
    ] {
        let finding = people(mood);
        assert_eq!(finding.outcome, Outcome::Fail, "{mood:?}");
        assert!(finding.help.unwrap().contains(help), "{mood:?}");
    }
}
