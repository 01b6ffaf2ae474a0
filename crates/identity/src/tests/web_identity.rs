//! Logins through an identity provider, with and without a role.

use audit::Clock as _;
use names::{Arn, UniqueId};

use crate::ops::*;
use crate::testing::*;
use crate::*;

fn trusts_provider(action: &str) -> StoredPolicy {
    let provider = "arn:aws:iam::111122223333:oidc-provider/idp.example";
    trusts(&format!(r#"{{"Federated": "{provider}"}}"#), action)
}

const WEB: &str = r#"["sts:AssumeRoleWithWebIdentity", "sts:TagSession"]"#;

fn rule(name: &str, group: &str, policies: Vec<Arn>) -> MappingRule {
    MappingRule {
        name: name.to_owned(),
        when: vec![Test::new(Subject::Group, Comparison::Equals(group.to_owned()))],
        policies,
        role: None,
        tags: std::collections::BTreeMap::new(),
        session_seconds_max: None,
    }
}

fn op(world: &World, external: ExternalIdentity, role: Option<Arn>) -> AssumeRoleWithWebIdentity {
    let provider = world.state.provider(&external.provider).unwrap();
    let mapping = world.state.map(provider, &external);
    let caller = Caller::login(&external);
    let drawn = world.draw(&caller, 900);
    let name = "alice".parse().unwrap();
    AssumeRoleWithWebIdentity { role, name, external, mapping, session: plain_session(), drawn }
}

fn login(
    world: &mut World,
    op: &AssumeRoleWithWebIdentity,
) -> Result<FederatedSession, IdentityError> {
    let caller = Caller::login(&op.external);
    let drawn = op.drawn.clone();
    world.act_as(&caller, op, Some(&drawn))
}

fn allowed(world: &World, op: &AssumeRoleWithWebIdentity) -> bool {
    let caller = Caller::login(&op.external);
    let say = |facts: &mut policy::facts::Facts| world.state.external_facts(&op.external, facts);
    world.decide(&caller, op, say).iter().all(policy::decision::Decision::is_allowed)
}

#[test]
fn a_role_is_given_to_whom_its_trust_policy_describes() {
    let mut world = World::new();
    let provider = world.make_provider(None);
    let text = format!(
        r#"{{"Version": "2012-10-17", "Statement": {{"Effect": "Allow",
            "Principal": {{"Federated": "{}"}}, "Action": "sts:AssumeRoleWithWebIdentity",
            "Condition": {{"StringEquals": {{
                "idp.example:sub": "s1", "idp.example:aud": "store"}}}}}}}}"#,
        provider.arn
    );
    let trust = StoredPolicy::parse(&text, policy::Kind::RoleTrust).unwrap();
    let role = world.make_role("W", trust).arn();
    let one = op(&world, world.vouched(&provider, "s1", &[]), Some(role.clone()));
    let two = op(&world, world.vouched(&provider, "s2", &[]), Some(role));
    assert!(allowed(&world, &one));
    assert!(!allowed(&world, &two));
    let session = login(&mut world, &one).unwrap();
    let credentials = &session.credentials;
    let caller = world.live(&credentials.key, Some(&credentials.token));
    assert_eq!(caller.who.human.as_ref().unwrap().subject, "s1");
    let mut facts = policy::facts::Facts::default();
    world.state.principal_facts(&caller, credentials.expires, &mut facts);
    assert_eq!(facts.get("idp.example:sub"), Some(&"s1".into()));
    assert_eq!(facts.get("aws:FederatedProvider"), Some(&provider.arn.as_str().into()));
}

#[test]
fn a_token_issued_before_a_revocation_opens_no_session_and_a_younger_one_does() {
    let mut world = World::new();
    let provider = world.make_provider(Some(trusts_provider(WEB)));
    let read = world.make_policy("Read", allow("iam:GetUser"));
    let rules = vec![rule("readers", "r", vec![read])];
    world.act(&MapProvider { provider: provider.arn.clone(), rules }).unwrap();
    let roles = ["W", "X"].map(|name| world.make_role(name, trusts_provider(WEB)));
    let issued = |world: &World, iat: serde_json::Value| {
        let mut vouched: Vouched = (*world.vouched(&provider, "s1", &["r"])).clone();
        vouched.claims.insert("iat".to_owned(), iat);
        ExternalIdentity::vouched(vouched)
    };
    let [revoked, other] = roles.map(|role| Some(role.arn()));
    let first = op(&world, issued(&world, 0.into()), None);
    let user: UniqueId = login(&mut world, &first).unwrap().id.parse().unwrap();
    let role = world.state.role(home(), "W").unwrap().id.clone();
    for principal in [role, user] {
        let revoke = RevokeSessions { account: home(), revoke: Revoke::IssuedBefore(principal) };
        world.act(&revoke).unwrap();
    }
    let now = world.clock.now().seconds();
    world.clock.advance(30);
    for (role, iat, lets_in) in [
        (&revoked, (now - 5).into(), false),
        (&revoked, now.into(), false),
        (&revoked, "soon".into(), false),
        (&revoked, serde_json::Value::Null, false),
        (&revoked, (now + 1).into(), true),
        (&revoked, serde_json::from_str(&format!("{}.5", now + 1)).unwrap(), true),
        (&None, (now - 5).into(), false),
        (&None, (now + 1).into(), true),
        (&other, (now - 5).into(), true),
    ] {
        let ask = op(&world, issued(&world, serde_json::Value::clone(&iat)), role.clone());
        assert_eq!(world.state.outlives(&ask).is_none(), lets_in, "{role:?} {iat}");
        let refused = login(&mut world, &ask).err();
        let before = SessionRefusal::IssuedBefore;
        match refused {
            None => assert!(lets_in, "{role:?} {iat}"),
            Some(IdentityError::SessionRefused(why)) if why == before => assert!(!lets_in),
            Some(error) => panic!("{error}"),
        }
    }
}

/// corpus: STS-11
/// oracle: answer
#[test]
fn a_provider_without_a_trust_document_lets_nobody_in_without_a_role() {
    let mut world = World::new();
    let provider = world.make_provider(None);
    let ask = op(&world, world.vouched(&provider, "s1", &["g"]), None);
    assert!(!allowed(&world, &ask));
    world.make_provider(Some(trusts_provider(WEB)));
    assert!(allowed(&world, &ask));
}

#[test]
fn an_identity_to_whom_no_rule_gives_anything_gets_no_session() {
    let mut world = World::new();
    let provider = world.make_provider(Some(trusts_provider(WEB)));
    let ask = op(&world, world.vouched(&provider, "s1", &["g"]), None);
    let users = world.state.users.count(home());
    let error = login(&mut world, &ask).unwrap_err();
    assert!(matches!(error, IdentityError::SessionRefused(SessionRefusal::NothingMapped)));
    assert_eq!(world.state.users.count(home()), users);
}

#[test]
fn a_login_makes_a_user_once_and_brings_its_rights_up_to_date() {
    let mut world = World::new();
    let provider = world.make_provider(Some(trusts_provider(WEB)));
    let read = world.make_policy("Read", allow("iam:GetUser"));
    let list = world.make_policy("List", allow("iam:ListUsers"));
    let rules = vec![rule("readers", "r", vec![read]), rule("listers", "l", vec![list])];
    world.act(&MapProvider { provider: provider.arn.clone(), rules }).unwrap();
    let first = op(&world, world.vouched(&provider, "s1", &["r", "x"]), None);
    assert_eq!(first.mapping.fired, ["readers"]);
    assert_eq!(first.mapping.silent[0].found, ["r", "x"]);
    let first = login(&mut world, &first).unwrap();
    let caller = world.live(&first.credentials.key, Some(&first.credentials.token));
    let ask_read = GetUser { holder: KeyHolder::User(user("x")) };
    let ask_list =
        ListUsers { account: home(), prefix: PathPrefix::default(), page: PageRequest::default() };
    assert!(world.allows(&caller, &ask_read) && !world.allows(&caller, &ask_list));
    assert!(first.arn.resource().starts_with("user/federated/idp/s1-"));

    let before = world.history.len();
    let again = op(&world, world.vouched(&provider, "s1", &["r"]), None);
    assert_eq!(login(&mut world, &again).unwrap().id, first.id);
    assert_eq!(world.history.len(), before, "nothing changed, so nothing is written");
    let moved = op(&world, world.vouched(&provider, "s1", &["l"]), None);
    assert_eq!(login(&mut world, &moved).unwrap().id, first.id);
    // The first session is a session of the same user: it has what the user has now.
    assert!(!world.allows(&caller, &ask_read) && world.allows(&caller, &ask_list));
    let other = op(&world, world.vouched(&provider, "s2", &["l"]), None);
    assert_ne!(login(&mut world, &other).unwrap().id, first.id);
}

/// corpus: JWT-25
/// oracle: answer
#[test]
fn the_policy_claim_names_policies_of_the_providers_account_alone() {
    let mut world = World::new();
    let provider = world.make_provider(Some(trusts_provider(WEB)));
    let read = world.make_policy("Read", allow("iam:GetUser"));
    let mut vouched = (*world.vouched(&provider, "s1", &[])).clone();
    let claim = "Read, Missing, arn:aws:iam::444455556666:policy/Read";
    vouched.claims.insert("policy".to_owned(), claim.into());
    let outcome = world.state.map(&provider, &ExternalIdentity::vouched(vouched));
    assert_eq!(outcome.policies.into_iter().collect::<Vec<_>>(), [read]);
    assert_eq!(outcome.missing.len(), 1);
}

#[test]
fn a_rule_may_name_only_what_exists_and_keeps_it_from_being_removed() {
    let mut world = World::new();
    let provider = world.make_provider(None);
    let ghost: Arn = "arn:aws:iam::111122223333:policy/Ghost".parse().unwrap();
    let map = |policy: Arn| MapProvider {
        provider: provider.arn.clone(),
        rules: vec![rule("r", "g", vec![policy])],
    };
    assert!(world.act(&map(ghost)).is_err());
    let read = world.make_policy("Read", allow("iam:GetUser"));
    world.act(&map(read.clone())).unwrap();
    let error = world.act(&DeletePolicy { policy: read }).unwrap_err();
    assert!(matches!(error, IdentityError::DeleteConflict { remains: Remains::MappingRules, .. }));
}

#[test]
fn a_rule_without_tests_is_refused_and_would_not_fire() {
    let mut world = World::new();
    let provider = world.make_provider(None);
    let read = world.make_policy("Read", allow("iam:GetUser"));
    let open = MappingRule { when: Vec::new(), ..rule("all", "g", vec![read]) };
    let map = MapProvider { provider: provider.arn.clone(), rules: vec![open.clone()] };
    assert!(world.act(&map).is_err());
    let provider = OidcProvider { rules: vec![open], ..(*provider).clone() };
    let outcome = world.state.map(&provider, &world.vouched(&provider, "s", &["g"]));
    assert!(outcome.is_empty());
}

/// corpus: REV-01, OID-13
/// oracle: answer
#[test]
fn sessions_end_with_their_provider_even_if_it_is_made_again() {
    let mut world = World::new();
    let provider = world.make_provider(None);
    let role = world.make_role("W", trusts_provider(WEB)).arn();
    let ask = op(&world, world.vouched(&provider, "s1", &[]), Some(role));
    let session = login(&mut world, &ask).unwrap();
    assert_eq!(world.standing(&session.credentials), Standing::Live);
    world.act(&DeleteOpenIDConnectProvider { provider: provider.arn.clone() }).unwrap();
    assert_eq!(world.standing(&session.credentials), Standing::Revoked);
    world.make_provider(None);
    assert_eq!(world.standing(&session.credentials), Standing::Revoked);
}

#[test]
fn patterns_of_rules_match_whole_texts() {
    let mut world = World::new();
    let provider = world.make_provider(None);
    let read = world.make_policy("Read", allow("iam:GetUser"));
    let fires = |is: Comparison, group: &str| {
        let when = vec![Test::new(Subject::Group, is)];
        let one = MappingRule { when, ..rule("r", "", vec![read.clone()]) };
        let provider = OidcProvider { rules: vec![one], ..(*provider).clone() };
        !world.state.map(&provider, &world.vouched(&provider, "s", &[group])).is_empty()
    };
    for (pattern, group, holds) in [
        ("team-*", "team-red", true),
        ("team-*", "my-team-red", false),
        ("*red", "team-red", true),
        ("t?am", "team", true),
        ("t?am", "tam", false),
        ("*", "", true),
        ("a*b*c", "a-b-b-c", true),
        ("a*b*c", "a-c-b", false),
    ] {
        assert_eq!(fires(Comparison::Like(pattern.to_owned()), group), holds, "{pattern} {group}");
    }
    assert!(!fires(Comparison::Equals("Team".to_owned()), "team"));
    assert!(fires(Comparison::In(vec!["a".to_owned(), "b".to_owned()]), "b"));
}

#[test]
fn a_rule_reads_back_as_it_was_written() {
    let when = r#"[{"on":"claim","claim":"realm/roles","like":"x*"}]"#;
    let text = format!(r#"{{"name":"r","when":{when},"role":"arn:aws:iam::111122223333:role/R"}}"#);
    let rule: MappingRule = serde_json::from_str(&text).unwrap();
    assert_eq!(serde_json::to_string(&rule).unwrap(), text);
    assert!(serde_json::from_str::<MappingRule>(r#"{"name":"r","when":[],"extra":1}"#).is_err());
}

/// corpus: STS-06
/// oracle: answer
#[test]
fn another_issuer_under_the_same_name_is_another_provider() {
    let mut world = World::new();
    let provider = world.make_provider(None);
    let role = world.make_role("W", trusts_provider(WEB)).arn();
    let ask = op(&world, world.vouched(&provider, "s1", &[]), Some(role));
    let session = login(&mut world, &ask).unwrap();
    world.make_provider(None);
    assert_eq!(world.standing(&session.credentials), Standing::Live, "the same issuer again");
    let slash = AddProvider {
        account: home(),
        issuer: "https://idp.example/".parse().unwrap(),
        name: "idp".parse().unwrap(),
        client_ids: Vec::new(),
        claims: ClaimSettings::default(),
        session_seconds_max: None,
        trust: None,
    };
    assert_eq!(world.act(&slash).unwrap().arn, provider.arn);
    assert_eq!(world.standing(&session.credentials), Standing::Revoked);
}

#[test]
fn a_session_is_no_longer_than_its_provider_allows_whatever_its_role_does() {
    let mut world = World::new();
    let provider = world.make_provider(None);
    let role = world.make_role("W", trusts_provider(WEB)).arn();
    let bound = |seconds| AddProvider {
        account: home(),
        issuer: provider.issuer.clone(),
        name: provider.name.clone(),
        client_ids: vec!["store".to_owned()],
        claims: provider.claims.clone(),
        session_seconds_max: seconds,
        trust: None,
    };
    let ask = |world: &World, seconds| {
        let mut ask = op(world, world.vouched(&provider, "s1", &[]), Some(role.clone()));
        ask.session.seconds = Some(seconds);
        ask
    };
    let free = ask(&world, 3600);
    assert!(login(&mut world, &free).is_ok());
    world.act(&bound(Some(1800))).unwrap();
    let (at, past) = (ask(&world, 1800), ask(&world, 1801));
    assert!(login(&mut world, &at).is_ok());
    assert!(matches!(
        login(&mut world, &past).unwrap_err(),
        IdentityError::SessionTooLong { max: 1800, ceiling: Ceiling::Provider }
    ));
    for bad in [899, SESSION_SECONDS_MAX + 1] {
        assert!(world.act(&bound(Some(bad))).is_err(), "{bad}");
    }
    world.act(&bound(None)).unwrap();
    let free = ask(&world, 3600);
    assert!(login(&mut world, &free).is_ok());
}

#[test]
fn whoever_left_their_provider_loses_every_session_and_comes_back_with_a_younger_token_alone() {
    let mut world = World::new();
    let provider = world.make_provider(Some(trusts_provider(WEB)));
    let role = Some(world.make_role("W", trusts_provider(WEB)).arn());
    let issued = |world: &World, who: &str, iat: i64| {
        let mut vouched: Vouched = (*world.vouched(&provider, who, &[])).clone();
        vouched.claims.insert("iat".to_owned(), iat.into());
        ExternalIdentity::vouched(vouched)
    };
    let now = world.clock.now().seconds();
    let [hers, his] = ["s1", "s2"].map(|who| {
        let asked = op(&world, issued(&world, who, now), role.clone());
        login(&mut world, &asked).unwrap().credentials
    });
    let left = Left::Person("s1".to_owned());
    let said = BackchannelLogout { providers: vec![provider.arn.clone()], left };
    world.act(&said).unwrap();
    assert_eq!(world.standing(&hers), Standing::Revoked);
    assert_eq!(world.standing(&his), Standing::Live);
    world.clock.advance(30);
    for (who, iat, lets_in) in [("s1", now, false), ("s1", now + 1, true), ("s2", now, true)] {
        let asked = op(&world, issued(&world, who, iat), role.clone());
        assert_eq!(login(&mut world, &asked).is_ok(), lets_in, "{who} {iat}");
    }
    let again = State::decode(&world.state.encode().unwrap()).unwrap();
    let old = op(&world, issued(&world, "s1", now), role.clone());
    assert!(again.outlives(&old).is_some() && world.state.outlives(&old).is_some());
}

#[test]
fn a_session_that_ended_at_the_provider_takes_its_own_credentials_and_no_others() {
    let mut world = World::new();
    let provider = world.make_provider(None);
    let role = Some(world.make_role("W", trusts_provider(WEB)).arn());
    let [one, two] = ["a", "b"].map(|sid| {
        let mut vouched: Vouched = (*world.vouched(&provider, "s1", &[])).clone();
        vouched.claims.insert("sid".to_owned(), sid.into());
        let asked = op(&world, ExternalIdentity::vouched(vouched), role.clone());
        login(&mut world, &asked).unwrap().credentials
    });
    let left = Left::Session("a".to_owned());
    world.act(&BackchannelLogout { providers: vec![provider.arn.clone()], left }).unwrap();
    assert_eq!(world.standing(&one), Standing::Revoked);
    assert_eq!(world.standing(&two), Standing::Live);
}
