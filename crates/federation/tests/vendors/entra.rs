//! Microsoft Entra ID and Microsoft Graph.

use identity::ops::ToldGroups;
use identity::{GroupIds, MemberOf};
use serde_json::{Value, json};
use strongroom_federation::oidc::{CallerCode, LookupFault, OidcError, Outcome, Word};

use crate::desk::{Behind, Desk, NOW, by_ids};
use crate::stubs::{
    APPLICATION, Answered, Asked, ENTRA_GROUPS_MAX, Entra, Mood, OID, OID_BARRED, TENANT,
    entra_group, entra_token,
};

fn provider() -> Value {
    json!({"issuer": format!("https://login.microsoftonline.com/{TENANT}/v2.0"),
           "client_ids": [APPLICATION], "claims": {"groups": "groups"}})
}

fn lookup() -> Value {
    json!({"issuer": format!("https://login.microsoftonline.com/{TENANT}/v2.0"),
           "kind": "microsoft-graph", "client_id": APPLICATION, "client_secret_file": "/secret"})
}

fn desk(groups: usize, mood: Mood) -> Desk {
    Desk::new(Behind::Entra(Entra::new(groups, mood)), &provider(), Some(&lookup()))
}

fn fault(outcome: Result<identity::ExternalIdentity, OidcError>) -> LookupFault {
    match outcome {
        Err(OidcError::Lookup { cause, .. }) => cause,
        other => panic!("{other:?}"),
    }
}

/// corpus: OID-15
/// oracle: answer, twin, cost
#[test]
fn groups_that_did_not_fit_are_had_from_graph_whole_and_those_that_did_are_not_asked_for() {
    for groups in [0, 1, 199, 200, 201, 999, 1_000, 5_000] {
        let desk = desk(groups, Mood::Well);
        let ana = desk.login(&entra_token(groups, NOW)).unwrap();
        assert_eq!(ana.groups.len(), groups, "of {groups}");
        let wanted: Vec<String> = (0..groups).map(entra_group).collect();
        let found: Vec<String> = ana.groups.iter().map(|group| group.id.clone()).collect();
        assert_eq!(found, wanted);
        // The token and the person, then a page for each 999.
        let asked = if groups > ENTRA_GROUPS_MAX { 2 + groups.div_ceil(999) } else { 0 };
        assert_eq!(desk.asked().len(), asked, "of {groups}");
    }
}

#[test]
fn without_a_lookup_an_overage_refuses_the_sign_in_and_never_counts_as_none() {
    let bare = Desk::new(Behind::Slow, &provider(), None);
    assert!(bare.login(&entra_token(ENTRA_GROUPS_MAX, NOW)).is_ok());
    let refused = bare.login(&entra_token(ENTRA_GROUPS_MAX + 1, NOW)).unwrap_err();
    assert!(matches!(refused, OidcError::GroupsOverage { .. }));
    assert!(refused.help().unwrap().contains("microsoft-graph"));
    let mut implicit = entra_token(0, NOW);
    implicit["hasgroups"] = true.into();
    assert!(matches!(bare.login(&implicit), Err(OidcError::GroupsOverage { .. })));
    let asked = desk(5, Mood::Well);
    assert_eq!(asked.login(&implicit).unwrap().groups.len(), 5);
}

#[test]
fn another_account_than_those_named_may_not_use_the_lookup() {
    let mut theirs = provider();
    theirs["account"] = "999988887777".into();
    let token = entra_token(201, NOW);
    let entra = || Behind::Entra(Entra::new(201, Mood::Well));
    let desk = Desk::new(entra(), &theirs, Some(&lookup()));
    assert!(matches!(desk.login(&token), Err(OidcError::GroupsOverage { .. })));
    assert!(desk.asked().is_empty());
    let mut open = lookup();
    open["accounts"] = json!(["999988887777"]);
    assert!(Desk::new(entra(), &theirs, Some(&open)).login(&token).is_ok());
    assert!(Desk::new(entra(), &provider(), Some(&open)).login(&token).is_err());
}

#[test]
fn where_a_token_says_to_ask_is_never_asked_nor_another_page_elsewhere() {
    let mut token = entra_token(1_500, NOW);
    token["_claim_sources"]["src1"]["endpoint"] = "https://169.254.169.254/latest".into();
    let well = desk(1_500, Mood::Well);
    assert!(well.login(&token).is_ok());
    for url in well.asked() {
        assert!(
            url.starts_with("https://login.microsoftonline.com/")
                || url.starts_with("https://graph.microsoft.com/v1.0/users/"),
            "{url}"
        );
    }
    let elsewhere = desk(1_500, Mood::Elsewhere);
    let refused = fault(elsewhere.login(&token));
    assert!(matches!(refused, LookupFault::Elsewhere { .. }), "{refused}");
    assert!(elsewhere.asked().iter().all(|url| !url.contains("evil")));
}

#[test]
fn whose_groups_are_asked_for_is_a_claim_of_the_right_tenant_and_form() {
    for (claim, value) in [
        ("oid", json!("../../me")),
        ("oid", json!(null)),
        ("oid", json!("")),
        ("tid", json!("22222222-2222-3333-4444-555555555555")),
        ("tid", json!(null)),
    ] {
        let desk = desk(201, Mood::Well);
        let mut token = entra_token(201, NOW);
        token[claim] = value;
        let refused = fault(desk.login(&token));
        assert!(matches!(refused, LookupFault::Person { .. }), "{claim}: {refused}");
        assert!(desk.asked().is_empty());
    }
    let desk = desk(201, Mood::Well);
    desk.login(&entra_token(201, NOW)).unwrap();
    assert!(desk.asked()[1].contains(OID));
}

/// corpus: OID-15
/// oracle: answer
#[test]
fn graph_that_does_not_answer_as_documented_refuses_the_sign_in_with_the_cause() {
    for (mood, rule, help) in [
        (Mood::Failing, "status 500 (generalException)", None),
        (Mood::ConsentRevoked, "(Authorization_RequestDenied)", Some("admin consent")),
        (Mood::SecretExpired, "(AADSTS7000222)", Some("New client secret")),
        (Mood::Hidden, "hides what the groups are", Some("GroupMember.Read.All")),
        (Mood::Garbage, "not JSON", None),
        (Mood::Throttled(1, 60), "left alone for 60 s", Some("assigned to the application")),
    ] {
        let desk = desk(300, mood);
        let refused = desk.login(&entra_token(300, NOW)).unwrap_err();
        assert_eq!(refused.code(), CallerCode::IDPCommunicationError);
        assert!(refused.to_string().contains(rule), "{mood:?}: {refused}");
        assert_eq!(refused.help().is_some(), help.is_some(), "{mood:?}");
        if let Some(help) = help {
            assert!(refused.help().unwrap().contains(help), "{mood:?}: {:?}", refused.help());
        }
        // Whose groups fit into the token is not held up by any of it.
        assert!(desk.login(&entra_token(100, NOW)).is_ok(), "{mood:?}");
    }
}

#[test]
fn a_short_throttle_is_waited_for_and_a_long_one_is_respected() {
    let short = desk(300, Mood::Throttled(2, 1));
    assert_eq!(short.login(&entra_token(300, NOW)).unwrap().groups.len(), 300);
    assert_eq!(short.net.clock.spent().as_secs(), 2);
    let long = desk(300, Mood::Throttled(1, 60));
    assert!(long.login(&entra_token(300, NOW)).is_err());
    let asked = long.asked().len();
    // It is not asked again before the time is over, and then it is.
    long.net.clock.advance(std::time::Duration::from_secs(30));
    assert!(matches!(
        fault(long.login(&entra_token(300, NOW))),
        LookupFault::Throttled { seconds: 30, .. }
    ));
    assert_eq!(long.asked().len(), asked);
    long.net.clock.advance(std::time::Duration::from_secs(30));
    assert!(long.login(&entra_token(300, NOW)).is_ok());
}

#[test]
fn a_throttle_without_end_is_respected_for_five_minutes() {
    let desk = desk(300, Mood::Throttled(1, u64::MAX));
    assert!(desk.login(&entra_token(300, NOW)).is_err());
    desk.net.clock.advance(std::time::Duration::from_secs(299));
    assert!(desk.login(&entra_token(300, NOW)).is_err());
    desk.net.clock.advance(std::time::Duration::from_secs(1));
    assert!(desk.login(&entra_token(300, NOW)).is_ok());
}

#[test]
fn slow_graph_ends_the_sign_in_after_four_seconds() {
    let desk = Desk::new(Behind::Slow, &provider(), Some(&lookup()));
    let refused = desk.login(&entra_token(300, NOW)).unwrap_err();
    assert_eq!(refused.code(), CallerCode::IDPCommunicationError);
    assert!(refused.to_string().contains("within 4 s"), "{refused}");
    assert_eq!(desk.net.clock.spent().as_secs(), 4);
}

#[test]
fn a_token_of_ours_is_used_again_until_graph_takes_it_no_more() {
    let desk = desk(300, Mood::Well);
    for _ in 0..3 {
        desk.login(&entra_token(300, NOW)).unwrap();
    }
    let grants = |desk: &Desk| desk.asked().iter().filter(|url| url.contains("oauth2")).count();
    assert_eq!(grants(&desk), 1);
    desk.net.clock.advance(std::time::Duration::from_secs(3_540));
    desk.login(&entra_token(300, NOW)).unwrap();
    assert_eq!(grants(&desk), 2);
}

#[test]
fn rules_name_groups_by_name_or_id_and_are_bound_by_id() {
    let desk = desk(10, Mood::Well);
    let ids = desk.ids(&["Group 3", &entra_group(4), "Nobody", &entra_group(77_000)]).unwrap();
    assert_eq!(ids, json!({"Group 3": entra_group(3), entra_group(4): entra_group(4)}));
    let twins = desk.ids(&["Twin"]).unwrap_err();
    assert!(twins.contains("several groups are called `Twin`"), "{twins}");
    // Where the groups are application roles, they are what the token calls them.
    let mut roles = provider();
    roles["claims"] = json!({"groups": "roles"});
    let roles = Desk::new(Behind::Entra(Entra::new(0, Mood::Well)), &roles, Some(&lookup()));
    assert_eq!(roles.ids(&["Admin"]).unwrap(), Value::Null);
    let mut token = entra_token(500, NOW);
    token["roles"] = json!(["Admin"]);
    let ana = roles.login(&token).unwrap();
    assert_eq!(ana.groups.len(), 1);
    assert_eq!(ana.groups[0].id, "Admin");
}

/// corpus: OID-15
/// oracle: answer, twin
#[test]
fn a_renamed_group_is_still_meant_and_a_new_one_under_its_name_is_not() {
    let bound: identity::MappingRule = serde_json::from_value(json!({
        "name": "r", "when": [{"on": "group", "equals": "Old name", "bound": [entra_group(3)]}],
        "policies": [],
    }))
    .unwrap();
    let holds = |ids: &[usize], name: &str| {
        let desk = desk(0, Mood::Well);
        let mut token = entra_token(0, NOW);
        token["groups"] = ids.iter().map(|id| entra_group(*id)).collect();
        let ana = desk.login(&token).unwrap();
        let test = &bound.when[0];
        ana.groups.iter().any(|group| test.bound.contains(&group.id) || group.id == name)
    };
    assert!(holds(&[3], "New name"));
    assert!(!holds(&[9], "Old name"));
}

#[test]
fn the_diagnosis_says_whether_groups_were_asked_for_and_what_to_mend() {
    let finding = |desk: &Desk, claims: &Value, check: &str| {
        let report = desk.diagnose(claims);
        report.findings.into_iter().find(|finding| finding.check == check).unwrap()
    };
    let well = desk(300, Mood::Well);
    let groups = finding(&well, &entra_token(300, NOW), "groups");
    assert_eq!(groups.outcome, Outcome::Pass);
    assert!(groups.actual.starts_with("300 groups: Group 0, "), "{}", groups.actual);
    let revoked = desk(300, Mood::ConsentRevoked);
    let groups = finding(&revoked, &entra_token(300, NOW), "groups");
    assert_eq!(groups.outcome, Outcome::Fail);
    assert!(groups.help.unwrap().contains("grant admin consent"));
    // The groups claim is not switched on.
    let groups = finding(&well, &entra_token(0, NOW), "groups");
    assert_eq!(groups.outcome, Outcome::Warning);
    assert!(groups.help.unwrap().contains("Add groups claim"));
    // An access token of an exposed API.
    let mut api = entra_token(1, NOW);
    api["aud"] = format!("api://{APPLICATION}").into();
    let audience = finding(&well, &api, "audience");
    assert_eq!(audience.outcome, Outcome::Fail);
    assert!(audience.help.unwrap().contains("requestedAccessTokenVersion"));
}

/// A tenant of which it is asked who is still there; some settings of the lookup are changed.
fn people(groups: usize, mood: Mood, always: bool) -> Desk {
    let (mut provider, mut lookup) = (provider(), lookup());
    provider["rules"] = json!([{"name": "r", "when": [{"on": "group", "equals": entra_group(0)}]}]);
    lookup["always"] = always.into();
    Desk::new(Behind::Entra(Entra::new(groups, mood)), &provider, Some(&lookup))
}

#[test]
fn people_are_asked_about_by_their_object_id_and_not_by_the_name_in_tokens() {
    let desk = people(3, Mood::Well, false);
    let ana = desk.login(&entra_token(3, NOW)).unwrap();
    assert_eq!(ana.known_as.as_deref(), Some(format!("users/{OID}").as_str()));
    let word = |whom: &str| desk.word(&ana.subject, Some(whom));
    assert_eq!(word(&format!("users/{OID_BARRED}")).unwrap(), Word::Barred);
    assert_eq!(word("users/aaaaaaaa-bbbb-cccc-dddd-000000000000").unwrap(), Word::Gone);
    assert!(matches!(desk.word(&ana.subject, None), Err(LookupFault::Person { claim: "oid" })));
    // What a token lists may be a part of it: here, what is not a security group counts too.
    let Word::Here(ToldGroups::AtMost(groups), all) = word(&format!("users/{OID}")).unwrap() else {
        panic!("ana is there");
    };
    assert_eq!(groups.len(), 4);
    assert_eq!(all, by_ids(&groups));
    let desk = people(3, Mood::Well, true);
    let whom = format!("users/{OID}");
    let Word::Here(ToldGroups::Whole(groups), same) = desk.word("", Some(&whom)).unwrap() else {
        panic!("each sign-in asks for the groups");
    };
    assert_eq!(groups.len(), 3);
    assert_eq!(same, all, "by ids they are the same ones, whatever the settings let rules see");
    assert_eq!(desk.login(&entra_token(3, NOW)).unwrap().member_of, all);
}

#[test]
fn a_token_lists_groups_by_ids_or_says_nothing_of_them() {
    let desk = people(3, Mood::Well, false);
    let listed = |groups: Value| {
        let mut claims = entra_token(0, NOW);
        claims["groups"] = groups;
        desk.login(&claims).unwrap().member_of.clone()
    };
    let ids = |ids: &[String]| MemberOf::Listed(GroupIds::of(ids.iter().map(String::as_str)));
    let two = [entra_group(0), entra_group(1)];
    assert_eq!(listed(json!([entra_group(1).to_uppercase(), entra_group(0)])), ids(&two));
    assert_eq!(listed(json!(["Analysts", entra_group(1), entra_group(0)])), ids(&two));
    assert_eq!(listed(json!(["Analysts"])), MemberOf::Untold);
    assert_eq!(listed(json!([])), MemberOf::Untold);
    // Where the token leaves them out they are asked for, and all are told.
    let over = people(201, Mood::Well, false).login(&entra_token(201, NOW)).unwrap();
    let MemberOf::Whole(all) = &over.member_of else { panic!("they were asked for") };
    assert_eq!(all.len(), 202);
}

#[test]
fn who_may_not_read_groups_that_no_rule_needs_still_knows_who_is_there() {
    let mut provider = provider();
    provider["rules"] = json!([]);
    let entra = Entra::new(3, Mood::Well);
    let script = move |asked: &Asked<'_>| match asked.url.contains("transitiveMemberOf") {
        true => Answered::json(403, &json!({"error": {"code": "Authorization_RequestDenied"}})),
        false => entra.answer(asked),
    };
    let desk = Desk::new(Behind::Script(Box::new(script)), &provider, Some(&lookup()));
    let word = desk.word("", Some(&format!("users/{OID}"))).unwrap();
    assert_eq!(word, Word::Here(ToldGroups::Unasked, MemberOf::Untold));
}

#[test]
fn nobody_of_a_tenant_is_gone_because_graph_does_not_tell() {
    let whom = "users/aaaaaaaa-bbbb-cccc-dddd-000000000000";
    for (mood, told, help) in [
        (Mood::Failing, "status 500", None),
        (Mood::ConsentRevoked, "Authorization_RequestDenied", Some("User.Read.All")),
        (Mood::SecretExpired, "AADSTS7000222", Some("New client secret")),
        (Mood::Garbage, "not JSON", None),
        (Mood::Throttled(1, 60), "left alone for 60 s", None),
    ] {
        let fault = people(1, mood, false).word("", Some(whom)).unwrap_err();
        assert!(fault.to_string().contains(told), "{mood:?}: {fault}");
        if let Some(help) = help {
            assert!(fault.help().unwrap().contains(help), "{mood:?}: {:?}", fault.help());
        }
    }
    let own = format!("users/{OID}");
    let hidden = people(1, Mood::Hidden, false).word("", Some(&own)).unwrap_err();
    assert!(hidden.help().unwrap().contains("User.Read.All"));
    assert_eq!(people(1, Mood::Well, false).people().unwrap().outcome, Outcome::Pass);
    for mood in [Mood::ConsentRevoked, Mood::Hidden] {
        assert_eq!(people(1, mood, false).people().unwrap().outcome, Outcome::Fail, "{mood:?}");
    }
}

#[test]
fn whoever_is_disabled_or_gone_does_not_sign_in_with_a_token_of_before() {
    for (always, groups) in [(true, 3), (false, 300)] {
        let desk = people(groups, Mood::Well, always);
        assert!(desk.login(&entra_token(groups, NOW)).is_ok());
        for (who, why) in
            [(OID_BARRED, "disabled"), ("aaaaaaaa-bbbb-cccc-dddd-000000000000", "there no more")]
        {
            let mut token = entra_token(groups, NOW);
            token["oid"] = who.into();
            let refused = desk.login(&token).unwrap_err();
            assert_eq!(refused.rule(), "person-absent");
            assert_eq!(refused.code(), CallerCode::InvalidIdentityToken);
            assert!(refused.to_string().contains(why), "{refused}");
        }
    }
}

#[test]
fn who_may_not_be_asked_about_signs_in_with_their_groups_all_the_same() {
    let entra = Entra::new(300, Mood::Well);
    let script = move |asked: &Asked<'_>| match asked.url.contains("accountEnabled") {
        true => Answered::json(403, &json!({"error": {"code": "Authorization_RequestDenied"}})),
        false => entra.answer(asked),
    };
    let desk = Desk::new(Behind::Script(Box::new(script)), &provider(), Some(&lookup()));
    assert_eq!(desk.login(&entra_token(300, NOW)).unwrap().groups.len(), 300);
}
