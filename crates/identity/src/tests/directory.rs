//! People of directories: what they are given, and what is taken when their directory says so.

use std::collections::BTreeSet;
use std::sync::Arc;

use names::Arn;

use crate::ops::*;
use crate::testing::*;
use crate::*;

const TRUSTED: &str = r#"["sts:AssumeRoleWithWebIdentity", "sts:TagSession"]"#;

struct Corp {
    world: World,
    provider: Arc<OidcProvider>,
    role: Arn,
}

fn corp() -> Corp {
    let mut world = World::new();
    let trusts_it =
        || trusts(r#"{"Federated": "arn:aws:iam::111122223333:oidc-provider/ldap/corp"}"#, TRUSTED);
    let add = AddProvider {
        account: home(),
        issuer: IssuerUrl::of_directory(&"corp".parse().unwrap()),
        name: "corp".parse().unwrap(),
        client_ids: Vec::new(),
        claims: ClaimSettings::default(),
        session_seconds_max: None,
        trust: Some(trusts_it()),
    };
    let provider = world.act(&add).unwrap();
    let read = world.make_policy("Read", allow("iam:GetUser"));
    let write = world.make_policy("Write", allow("iam:CreateUser"));
    let role = world.make_role("R", trusts_it()).arn();
    let rule = |name: &str, policy| MappingRule {
        name: name.to_owned(),
        when: vec![Test::new(Subject::Group, Comparison::Equals(name.to_owned()))],
        policies: vec![policy],
        role: None,
        tags: std::collections::BTreeMap::new(),
        session_seconds_max: None,
    };
    let rules = vec![rule("readers", read), rule("writers", write)];
    world.act(&MapProvider { provider: provider.arn.clone(), rules }).unwrap();
    let provider = Arc::clone(world.state.provider(&provider.arn).unwrap());
    Corp { world, provider, role }
}

impl Corp {
    /// Somebody of the directory, as it vouches for them now.
    fn person(&self, id: &str, groups: &[&str]) -> ExternalIdentity {
        let mut vouched: Vouched = (*self.world.vouched(&self.provider, id, groups)).clone();
        vouched.claims.insert("sid".to_owned(), id.into());
        vouched.claims.insert("iat".to_owned(), self.world.clock_now().seconds().into());
        ExternalIdentity::vouched(vouched)
    }

    fn login(&mut self, id: &str, groups: &[&str], role: Option<Arn>) -> Credentials {
        let external = self.person(id, groups);
        let mapping = self.world.state.map(&self.provider, &external);
        let caller = Caller::login(&external);
        let drawn = self.world.draw(&caller, 900);
        let (name, session) = ("pp".parse().unwrap(), plain_session());
        let login = AssumeRoleWithWebIdentity {
            role,
            name,
            external,
            mapping,
            session,
            drawn: drawn.clone(),
        };
        let op = AssumeRoleWithLDAPIdentity { login };
        self.world.act_as(&caller, &op, Some(&drawn)).unwrap().credentials
    }

    fn sync(&mut self, here: Vec<ExternalIdentity>, absent: &[(&str, Absent)]) -> Synced {
        let absent = absent.iter().map(|(id, why)| ((*id).to_owned(), *why)).collect();
        let op = SyncDirectory { here, absent, ..SyncDirectory::of(self.provider.arn.clone()) };
        let news = op.is_news(&self.world.state);
        let synced = self.world.act(&op).unwrap();
        assert_eq!(news, synced.changed > 0);
        self.world.clock.advance(2);
        synced
    }

    fn user(&self, id: &str) -> Arc<User> {
        Arc::clone(self.world.state.user_of_subject(&self.provider.arn, id).unwrap())
    }

    fn mapped(&self, id: &str) -> BTreeSet<Arn> {
        self.user(id).federated.as_ref().unwrap().mapped.clone()
    }
}

/// corpus: LDP-16
/// oracle: answer, twin
#[test]
fn whoever_is_gone_loses_every_session_and_key_and_nobody_else_does() {
    for why in [Absent::Gone, Absent::Barred] {
        let mut corp = corp();
        let role = corp.role.clone();
        let own = corp.login("a", &["readers"], None);
        let of_role = corp.login("a", &["readers"], Some(role.clone()));
        let other = corp.login("b", &["readers"], None);
        let others_role = corp.login("b", &["readers"], Some(role));
        let user = corp.user("a");
        let holder = KeyHolder::User(user.reference());
        let key = corp.world.act(&CreateAccessKey { holder }).unwrap().key;
        assert_eq!(corp.sync(Vec::new(), &[("a", why)]), Synced { ended: 1, changed: 1 });
        for dead in [&own, &of_role] {
            assert_eq!(corp.world.standing(dead), Standing::Revoked, "{why:?}");
        }
        let Resolution::Known(known) = corp.world.resolve(&key.id, None) else { panic!() };
        assert_eq!(known.standing, Standing::OwnerGone);
        for alive in [&other, &others_role] {
            assert_eq!(corp.world.standing(alive), Standing::Live);
        }
        assert!(corp.mapped("a").is_empty());
        assert_eq!(corp.sync(Vec::new(), &[("a", why)]).changed, 0, "said twice is no news");
    }
}

/// corpus: LDP-16
/// oracle: answer, twin
#[test]
fn a_service_account_that_somebody_made_in_a_role_ends_with_them_and_a_colleagues_does_not() {
    let mut corp = corp();
    let role = corp.role.clone();
    let made = |corp: &mut Corp, id: &str, name: &str| {
        let worn = corp.login(id, &["readers"], Some(role.clone()));
        let caller = corp.world.live(&worn.key, Some(&worn.token));
        let op = CreateServiceAccount {
            parent: ServiceParent::Role(corp.world.state.role_by_arn(&role).unwrap().reference()),
            restriction: Restriction::None,
            name: name.parse().unwrap(),
            description: None,
            expires: None,
            policy: None,
            key: RootKey::Generate,
        };
        corp.world.act_as(&caller, &op, None).unwrap().key
    };
    let (gone, stays) = (made(&mut corp, "a", "of-a"), made(&mut corp, "b", "of-b"));
    let standing = |corp: &Corp, id| match corp.world.resolve(id, None) {
        Resolution::Known(known) => known.standing,
        _ => panic!("unknown"),
    };
    assert_eq!(standing(&corp, &gone.id), Standing::Live);
    corp.sync(Vec::new(), &[("a", Absent::Gone)]);
    assert_eq!(standing(&corp, &gone.id), Standing::OwnerGone);
    assert_eq!(standing(&corp, &stays.id), Standing::Live);
    // Who is there again has it again.
    let back = corp.person("a", &["readers"]);
    corp.sync(vec![back], &[]);
    assert_eq!(standing(&corp, &gone.id), Standing::Live);
}

#[test]
fn whoever_comes_back_signs_in_anew_and_what_was_before_stays_dead() {
    let mut corp = corp();
    let before = corp.login("a", &["readers"], None);
    corp.sync(Vec::new(), &[("a", Absent::Barred)]);
    let back = corp.person("a", &["readers"]);
    assert_eq!(corp.sync(vec![back], &[]).ended, 0);
    assert_eq!(corp.world.standing(&before), Standing::Revoked);
    let after = corp.login("a", &["readers"], None);
    assert_eq!(corp.world.standing(&after), Standing::Live);
}

#[test]
fn whoever_leaves_a_group_that_gave_something_loses_what_they_got_by_it() {
    let mut corp = corp();
    let role = corp.role.clone();
    let of_role = corp.login("a", &["readers", "writers"], Some(role));
    assert_eq!(corp.mapped("a").len(), 2);
    let fewer = corp.person("a", &["readers"]);
    assert_eq!(corp.sync(vec![fewer], &[]), Synced { ended: 1, changed: 1 });
    assert_eq!(corp.world.standing(&of_role), Standing::Revoked);
    assert_eq!(corp.mapped("a").len(), 1);
    let own = corp.login("a", &["readers"], None);
    let more = corp.person("a", &["readers", "writers", "others"]);
    assert_eq!(corp.sync(vec![more], &[]), Synced { ended: 0, changed: 1 });
    assert_eq!(corp.world.standing(&own), Standing::Live);
    assert_eq!(corp.mapped("a").len(), 2);
}

#[test]
fn a_namesake_is_somebody_else() {
    let mut corp = corp();
    let first = corp.login("a", &["readers"], None);
    corp.sync(Vec::new(), &[("a", Absent::Gone)]);
    let second = corp.login("a2", &["writers"], None);
    assert_ne!(corp.user("a").id, corp.user("a2").id);
    assert_eq!(corp.world.standing(&first), Standing::Revoked);
    assert_eq!(corp.world.standing(&second), Standing::Live);
}

#[test]
fn what_is_not_confirmed_counts_again_once_it_is() {
    let mut corp = corp();
    let own = corp.login("a", &["readers"], None);
    assert_eq!(corp.sync(Vec::new(), &[("a", Absent::Unconfirmed)]).ended, 0);
    assert_eq!(corp.world.standing(&own), Standing::Revoked, "it does not count now");
    let here = corp.person("a", &["readers"]);
    corp.sync(vec![here], &[]);
    assert_eq!(corp.world.standing(&own), Standing::Live);
    corp.sync(Vec::new(), &[("a", Absent::Gone)]);
    assert_eq!(corp.sync(Vec::new(), &[("a", Absent::Unconfirmed)]).changed, 0);
    assert_eq!(corp.user("a").federated.as_ref().unwrap().absent, Some(Absent::Gone));
}

#[test]
fn rules_that_an_administrator_takes_away_end_no_sessions() {
    let mut corp = corp();
    let own = corp.login("a", &["readers"], None);
    let provider = corp.provider.arn.clone();
    let rules =
        corp.provider.rules.iter().map(|r| MappingRule { tags: r.tags.clone(), ..r.clone() });
    let rules = rules.filter(|rule| rule.name == "readers").collect();
    corp.world.act(&MapProvider { provider, rules }).unwrap();
    let here = corp.person("a", &["readers"]);
    assert_eq!(corp.sync(vec![here], &[]).ended, 0);
    assert_eq!(corp.world.standing(&own), Standing::Live);
}

fn test(on: Subject, is: Comparison, bound: &[&str]) -> Test {
    Test { bound: bound.iter().map(|id| (*id).to_owned()).collect(), ..Test::new(on, is) }
}

#[test]
fn a_bound_rule_means_the_group_whatever_it_is_called_now() {
    let corp = corp();
    let named =
        |id: &str, name: &str| ExternalGroup { id: id.to_owned(), name: Some(name.to_owned()) };
    let dn = Comparison::Equals("CN=Old, ou=groups,dc=x".to_owned());
    let fires = |test: &Test, group: ExternalGroup| {
        let mut vouched: Vouched = (*corp.person("a", &[])).clone();
        vouched.groups = vec![group];
        let rule = MappingRule { when: vec![test.clone()], ..corp.provider.rules[0].clone() };
        let provider = OidcProvider { rules: vec![rule], ..(*corp.provider).clone() };
        !corp.world.state.map(&provider, &ExternalIdentity::vouched(vouched)).fired.is_empty()
    };
    let bound = test(Subject::Group, dn.clone(), &["id1"]);
    assert!(fires(&bound, named("id1", "cn=new,ou=groups,dc=x")));
    assert!(!fires(&bound, named("id2", "cn=old,ou=groups,dc=x")));
    let loose = test(Subject::Group, dn, &[]);
    assert!(fires(&loose, named("id2", "cn=old,ou=groups,dc=x")));
    assert!(!fires(&loose, named("id1", "cn=new,ou=groups,dc=x")));
    let dn = test(
        Subject::Claim { claim: "email".to_owned() },
        Comparison::In(vec!["x".to_owned(), "a@b.example".to_owned()]),
        &[],
    );
    assert!(fires(&dn, named("id", "n")));
}

#[test]
fn a_rule_can_shorten_sessions_and_the_least_counts() {
    let mut corp = corp();
    let limit =
        |rule: &MappingRule, most| MappingRule { session_seconds_max: most, ..rule.clone() };
    let [readers, writers] = [&corp.provider.rules[0], &corp.provider.rules[1]];
    let rules = vec![limit(readers, Some(3600)), limit(writers, Some(900))];
    let provider = corp.provider.arn.clone();
    corp.world.act(&MapProvider { provider: provider.clone(), rules }).unwrap();
    let own = Arc::clone(corp.world.state.provider(&provider).unwrap());
    let most =
        |groups: &[&str]| corp.world.state.map(&own, &corp.person("a", groups)).session_seconds_max;
    assert_eq!(most(&["readers"]), Some(3600));
    assert_eq!(most(&["readers", "writers"]), Some(900));
    assert_eq!(most(&[]), None);
    let bad = vec![limit(&own.rules[0], Some(899))];
    assert!(corp.world.act(&MapProvider { provider, rules: bad }).is_err());
}

#[test]
fn iam_neither_makes_nor_lists_directories() {
    let mut corp = corp();
    let create = CreateOpenIDConnectProvider {
        account: home(),
        issuer: IssuerUrl::of_directory(&"other".parse().unwrap()),
        client_ids: Vec::new(),
        thumbprints: Vec::new(),
        tags: Tags::default(),
    };
    assert!(corp.world.act(&create).is_err());
    let listed = corp.world.act(&ListOpenIDConnectProviders { account: home() }).unwrap();
    assert!(listed.is_empty());
    assert_eq!(corp.world.act(&ListProviders { account: home() }).unwrap().len(), 1);
    assert_eq!(corp.world.state.directories().count(), 1);
    assert_eq!(corp.world.state.people_of(&corp.provider).len(), 0);
    corp.login("a", &["readers"], None);
    assert_eq!(corp.world.state.people_of(&corp.provider), ["a"]);
}

impl Corp {
    /// Somebody of the directory, whose groups it told by their ids.
    fn member(&self, id: &str, groups: &[&str]) -> ExternalIdentity {
        let mut vouched: Vouched = (*self.person(id, groups)).clone();
        vouched.member_of = MemberOf::Whole(GroupIds::of(groups.iter().copied()));
        ExternalIdentity::vouched(vouched)
    }
}

#[test]
fn whoever_leaves_a_group_that_no_rule_asks_for_loses_every_session_and_others_keep_theirs() {
    let mut corp = corp();
    let role = corp.role.clone();
    let of_role = corp.login("a", &["readers", "billing"], Some(role.clone()));
    let others = corp.login("b", &["readers", "billing"], Some(role));
    // Records of before know of no groups: they lose nothing when groups are told first.
    let told = |corp: &Corp, id, groups: &[&str]| corp.member(id, groups);
    let all = ["a", "b"].map(|id| told(&corp, id, &["readers", "billing"])).to_vec();
    assert_eq!(corp.sync(all, &[]), Synced { ended: 0, changed: 2 });
    let moved = vec![told(&corp, "a", &["readers"]), told(&corp, "b", &["billing", "readers"])];
    assert_eq!(corp.sync(moved, &[]), Synced { ended: 1, changed: 1 });
    assert_eq!(corp.world.standing(&of_role), Standing::Revoked);
    assert_eq!(corp.world.standing(&others), Standing::Live);
    assert_eq!(corp.mapped("a").len(), 1, "what other groups give is still given");
}

#[test]
fn records_of_before_are_read_and_what_is_kept_is_written_behind_them() {
    let before = r#"{"provider":"arn:aws:iam::111122223333:oidc-provider/ldap/corp",
        "issuer":"ldap://corp","subject":"a","display":null,"mapped":[]}"#;
    let read: Federated = serde_json::from_str(before).unwrap();
    assert_eq!(read.member_of, None);
    assert!(!serde_json::to_string(&read).unwrap().contains("member_of"));
    let told = Federated { member_of: Some(GroupIds::of(["abc"])), ..read };
    let text = serde_json::to_string(&told).unwrap();
    assert!(text.contains(r#""member_of":"ungWv48Bz+o""#), "{text}");
    assert_eq!(serde_json::from_str::<Federated>(&text).unwrap(), told);
}
