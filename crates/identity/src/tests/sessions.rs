//! Sessions: what they may be, what they carry, and when they end.

use policy::Kind;
use policy::decision::Layer;

use crate::ops::*;
use crate::testing::*;
use crate::*;

/// A world with alice, who may put on R; her key and herself.
fn world() -> (World, NewAccessKey, Caller) {
    let mut world = World::new();
    world.make_user("alice");
    world.make_role("R", trusts_user("alice"));
    let (key, alice) = world.key_of("alice");
    (world, key, alice)
}

fn fault(resolution: &Resolution) -> Option<TokenFault> {
    match resolution {
        Resolution::InvalidToken(fault) => Some(*fault),
        Resolution::Unknown | Resolution::Known(_) => None,
    }
}

fn revoke(revoke: Revoke) -> RevokeSessions {
    RevokeSessions { account: home(), revoke }
}

#[test]
fn a_session_is_the_role_under_its_name() {
    let (mut world, _, alice) = world();
    let credentials = world.assume(&alice, "R");
    assert!(credentials.key.as_str().starts_with("ASIA"));
    let caller = world.live(&credentials.key, Some(&credentials.token));
    let arn = caller.principal().arn().unwrap();
    assert_eq!(arn.as_str(), "arn:aws:sts::111122223333:assumed-role/R/alice");
    let identity = world.act_as(&caller, &GetCallerIdentity, None).unwrap();
    assert_eq!(identity.arn, arn);
    assert!(identity.user_id.ends_with(":alice"));
}

/// corpus: STS-15
/// oracle: answer
#[test]
fn every_changed_byte_and_every_other_length_of_a_token_is_refused() {
    let (mut world, _, alice) = world();
    let Credentials { key, token, .. } = world.assume(&alice, "R");
    world.live(&key, Some(&token));
    for at in 0..token.len() {
        let mut bytes = token.clone().into_bytes();
        bytes[at] = if bytes[at] == b'A' { b'B' } else { b'A' };
        let changed = String::from_utf8(bytes).unwrap();
        let got = world.resolve(&key, Some(&changed));
        assert_eq!(fault(&got), Some(TokenFault::Broken), "byte {at}");
        let got = world.resolve(&key, token.get(..at));
        assert_eq!(fault(&got), Some(TokenFault::Broken), "prefix {at}");
    }
    for longer in ["A", "=", "==", " ", "\n", "\0"] {
        let got = world.resolve(&key, Some(&format!("{token}{longer}")));
        assert_eq!(fault(&got), Some(TokenFault::Broken), "{longer:?}");
    }
}

#[test]
fn a_token_that_is_too_long_is_not_looked_at() {
    let (world, ..) = world();
    let key = "ASIAAAAAAAAAAAAAAAAA".parse().unwrap();
    let long = format!("SR1{}", "A".repeat(TOKEN_BYTES_MAX));
    assert_eq!(fault(&world.resolve(&key, Some(&long))), Some(TokenFault::Broken));
}

/// corpus: STS-02
/// oracle: answer, twin
#[test]
fn a_token_belongs_to_its_access_key_alone() {
    let (mut world, long_term, alice) = world();
    let one = world.assume(&alice, "R");
    let other = world.assume(&alice, "R");
    let got = world.resolve(&other.key, Some(&one.token));
    assert_eq!(fault(&got), Some(TokenFault::Broken));
    let got = world.resolve(&long_term.key.id, Some(&one.token));
    assert_eq!(fault(&got), Some(TokenFault::NotTemporary));
    assert_eq!(fault(&world.resolve(&one.key, None)), Some(TokenFault::Missing));
    let unknown = "AKIAAAAAAAAAAAAAAAAA".parse().unwrap();
    assert!(matches!(world.resolve(&unknown, None), Resolution::Unknown));
    world.live(&one.key, Some(&one.token));
}

/// corpus: STS-02, STS-03
/// oracle: answer, twin
#[test]
fn a_token_opens_under_a_ring_that_has_its_key_and_under_no_other() {
    let (mut world, _, alice) = world();
    let credentials = world.assume(&alice, "R");
    world.sealer = Sealer::new(vec![master(2), master(1)]).unwrap();
    world.live(&credentials.key, Some(&credentials.token));
    world.sealer = Sealer::new(vec![master(2)]).unwrap();
    let got = world.resolve(&credentials.key, Some(&credentials.token));
    assert_eq!(fault(&got), Some(TokenFault::Broken));
}

/// corpus: STS-08
/// oracle: answer, twin
#[test]
fn a_session_ends_at_its_time() {
    let (mut world, _, alice) = world();
    let credentials = world.assume(&alice, "R");
    world.clock.advance(899);
    assert_eq!(world.standing(&credentials), Standing::Live);
    world.clock.advance(1);
    assert_eq!(world.standing(&credentials), Standing::Expired);
}

#[test]
fn a_revoked_session_is_revoked_and_another_is_not() {
    let (mut world, _, alice) = world();
    let one = world.assume(&alice, "R");
    let other = world.assume(&alice, "R");
    world.act(&revoke(Revoke::Session(one.key.clone()))).unwrap();
    assert_eq!(world.standing(&one), Standing::Revoked);
    assert_eq!(world.standing(&other), Standing::Live);
}

#[test]
fn what_was_issued_before_is_revoked_and_what_comes_after_is_not() {
    let (mut world, long_term, alice) = world();
    let alice_id = world.state.user(home(), "alice").unwrap().id.clone();
    let role_id = world.state.role(home(), "R").unwrap().id.clone();
    for principal in [alice_id, role_id] {
        let before = world.assume(&alice, "R");
        world.act(&revoke(Revoke::IssuedBefore(principal))).unwrap();
        assert_eq!(world.standing(&before), Standing::Revoked);
        let after = world.assume(&alice, "R");
        assert_eq!(world.standing(&after), Standing::Live);
    }
    world.live(&long_term.key.id, None);
}

#[test]
fn nobody_can_revoke_what_another_account_was_given() {
    let (mut world, ..) = world();
    let alice = world.state.user(home(), "alice").unwrap().id.clone();
    let foreign = RevokeSessions { account: partner(), revoke: Revoke::IssuedBefore(alice) };
    assert!(matches!(world.act(&foreign), Err(IdentityError::NoSuchEntity { .. })));
}

#[test]
fn a_session_ends_with_the_key_that_made_it() {
    let (mut world, long_term, alice) = world();
    let credentials = world.assume(&alice, "R");
    let holder = KeyHolder::User(user("alice"));
    let key = long_term.key.id.clone();
    let off = UpdateAccessKey { holder: holder.clone(), key, status: KeyStatus::Inactive };
    world.act(&off).unwrap();
    assert_eq!(world.standing(&credentials), Standing::Revoked);
    world.act(&UpdateAccessKey { status: KeyStatus::Active, ..off }).unwrap();
    assert_eq!(world.standing(&credentials), Standing::Live);
    world.act(&DeleteAccessKey { holder, key: long_term.key.id.clone() }).unwrap();
    assert_eq!(world.standing(&credentials), Standing::Revoked);
}

/// corpus: REV-01
/// oracle: answer
#[test]
fn a_session_of_a_role_that_is_gone_is_of_nobody_even_if_the_name_comes_back() {
    let (mut world, _, alice) = world();
    let credentials = world.assume(&alice, "R");
    world.act(&DeleteRole { role: role("R") }).unwrap();
    assert_eq!(world.standing(&credentials), Standing::OwnerGone);
    world.make_role("R", trusts_user("alice"));
    assert_eq!(world.standing(&credentials), Standing::OwnerGone);
}

/// corpus: SEC-16
/// oracle: answer, twin
#[test]
fn a_new_epoch_voids_every_session_but_no_key() {
    let (mut world, long_term, alice) = world();
    let credentials = world.assume(&alice, "R");
    let record = Delta::new(names::Timestamp::default(), vec![Change::Epoch(1)]);
    world.append(record.encode().unwrap());
    assert_eq!(world.standing(&credentials), Standing::Revoked);
    world.live(&long_term.key.id, None);
}

/// corpus: STS-09
/// oracle: answer, twin
#[test]
fn a_chain_of_roles_ends_with_its_first_link_and_no_later_than_it() {
    let (mut world, _, alice) = world();
    let arn = role("R").arn();
    world.make_role("S", trusts(&format!(r#"{{"AWS": "{arn}"}}"#), r#""sts:AssumeRole""#));
    let first = world.assume(&alice, "R");
    let in_r = world.live(&first.key, Some(&first.token));
    world.clock.advance(600);
    let second = world.assume(&in_r, "S");
    assert_eq!(second.expires, first.expires);
    let mut longer = world.assume_op(&in_r, "S");
    longer.drawn.expires = longer.drawn.expires.plus_seconds(1);
    let drawn = longer.drawn.clone();
    let error = world.act_as(&in_r, &longer, Some(&drawn)).unwrap_err();
    assert!(matches!(error, IdentityError::Validation { parameter: "DurationSeconds", .. }));
    assert_eq!(world.standing(&second), Standing::Live);
    world.act(&revoke(Revoke::Session(first.key.clone()))).unwrap();
    assert_eq!(world.standing(&second), Standing::Revoked);
}

/// corpus: STS-09
/// oracle: answer, twin
#[test]
fn a_chained_session_lasts_an_hour_and_not_more() {
    let (mut world, _, alice) = world();
    let long = UpdateRole { role: role("R"), description: None, max_session_seconds: Some(43_200) };
    world.act(&long).unwrap();
    let ask = |world: &mut World, caller: &Caller, seconds: u32| {
        let mut op = world.assume_op(caller, "R");
        op.session.seconds = Some(seconds);
        op.drawn = world.draw(caller, i64::from(seconds));
        let drawn = op.drawn.clone();
        world.act_as(caller, &op, Some(&drawn))
    };
    let first = ask(&mut world, &alice, 43_200).unwrap().credentials;
    let in_role = world.live(&first.key, Some(&first.token));
    assert!(ask(&mut world, &in_role, 3600).is_ok());
    assert!(ask(&mut world, &in_role, 3601).is_err());
    assert!(ask(&mut world, &alice, 900).is_ok());
    assert!(ask(&mut world, &alice, 899).is_err());
    assert!(ask(&mut world, &alice, 43_201).is_err());
}

#[test]
fn a_chain_at_its_limit_is_taken_and_one_past_it_is_not() {
    let (mut world, _, alice) = world();
    let mut caller = alice;
    for _ in 0..=CHAIN_SESSIONS_MAX {
        let next = world.assume(&caller, "R");
        caller = world.live(&next.key, Some(&next.token));
    }
    let op = world.assume_op(&caller, "R");
    let drawn = op.drawn.clone();
    let error = world.act_as(&caller, &op, Some(&drawn)).unwrap_err();
    assert!(matches!(error, IdentityError::SessionRefused(SessionRefusal::ChainTooLong)));
}

#[test]
fn passing_tags_needs_to_be_trusted_too() {
    let (mut world, _, alice) = world();
    let mut op = world.assume_op(&alice, "R");
    assert!(world.allows(&alice, &op));
    op.session.tags = Tags::new([("team".to_owned(), "red".to_owned())]).unwrap();
    assert_eq!(op.checks_count(), 2);
    assert!(!world.allows(&alice, &op));
    let both = r#"["sts:AssumeRole", "sts:TagSession"]"#;
    let principal = format!(r#"{{"AWS": "{}"}}"#, user("alice").arn());
    let trust = trusts(&principal, both);
    world.act(&UpdateAssumeRolePolicy { role: role("R"), trust }).unwrap();
    assert!(world.allows(&alice, &op));
}

impl AssumeRole {
    fn checks_count(&self) -> usize {
        use policy::operation::Operation;
        self.checks().len()
    }
}

#[test]
fn transitive_tags_and_the_source_identity_are_inherited_and_stay() {
    let (mut world, _, alice) = world();
    let mut op = world.assume_op(&alice, "R");
    let tag = |key: &str| Tags::new([(key.to_owned(), "red".to_owned())]).unwrap();
    op.session.tags = tag("team");
    op.session.transitive = vec!["team".to_owned()];
    op.session.source_identity = Some("al".to_owned());
    let drawn = op.drawn.clone();
    let first = world.act_as(&alice, &op, Some(&drawn)).unwrap();
    assert_eq!(first.source_identity.as_deref(), Some("al"));
    let in_role = world.live(&first.credentials.key, Some(&first.credentials.token));
    let mut facts = policy::facts::Facts::default();
    world.state.principal_facts(&in_role, first.credentials.expires, &mut facts);
    assert_eq!(facts.get("aws:PrincipalTag/Team"), Some(&"red".into()));
    assert_eq!(facts.get("aws:SourceIdentity"), Some(&"al".into()));
    assert_eq!(facts.get("aws:MultiFactorAuthPresent"), Some(&"false".into()));
    assert!(facts.get("aws:TokenIssueTime").is_some());

    let second = world.assume_op(&in_role, "R");
    assert_eq!(second.inherited.tags.value("team"), Some("red"));
    assert_eq!(second.checks_count(), 3, "inherited tags and identity are asked for again");
    let mut again = second.clone();
    again.session.tags = tag("TEAM");
    let drawn = again.drawn.clone();
    let error = world.act_as(&in_role, &again, Some(&drawn)).unwrap_err();
    assert!(matches!(error, IdentityError::InheritedTag(_)));
    let mut other = second.clone();
    other.session.source_identity = Some("eve".to_owned());
    assert!(world.act_as(&in_role, &other, Some(&drawn)).is_err());
    let drawn = second.drawn.clone();
    let kept = world.act_as(&in_role, &second, Some(&drawn)).unwrap();
    assert_eq!(kept.source_identity.as_deref(), Some("al"));
}

#[test]
fn a_root_puts_on_no_role_and_a_session_asks_for_no_session_token() {
    let (mut world, _, alice) = world();
    let root = world.root();
    let op = world.assume_op(&root, "R");
    let drawn = op.drawn.clone();
    let error = world.act_as(&root, &op, Some(&drawn)).unwrap_err();
    assert!(matches!(error, IdentityError::SessionRefused(SessionRefusal::RootAssumes)));
    let credentials = world.assume(&alice, "R");
    let in_role = world.live(&credentials.key, Some(&credentials.token));
    let drawn = world.draw(&in_role, 900);
    let op =
        GetSessionToken { account: home(), seconds: Some(900), mfa: None, drawn: drawn.clone() };
    let error = world.act_as(&in_role, &op, Some(&drawn)).unwrap_err();
    assert!(matches!(error, IdentityError::SessionRefused(SessionRefusal::NotLongTerm)));
    assert!(world.act_as(&alice, &op, Some(&drawn)).is_ok());
}

#[test]
fn anonymous_callers_get_no_session_and_no_identity() {
    let (mut world, ..) = world();
    let nobody = Caller::anonymous();
    assert!(world.act_as(&nobody, &GetCallerIdentity, None).is_err());
    let drawn = world.draw(&nobody, 900);
    let op =
        GetSessionToken { account: home(), seconds: Some(900), mfa: None, drawn: drawn.clone() };
    assert!(world.act_as(&nobody, &op, Some(&drawn)).is_err());
}

#[test]
fn a_session_token_session_is_the_user_but_may_not_manage_iam() {
    let (mut world, _, alice) = world();
    let put =
        PutUserPolicy { user: user("alice"), name: "all".parse().unwrap(), document: allow("*") };
    world.act(&put).unwrap();
    let drawn = world.draw(&alice, 900);
    let op =
        GetSessionToken { account: home(), seconds: Some(900), mfa: None, drawn: drawn.clone() };
    let credentials = world.act_as(&alice, &op, Some(&drawn)).unwrap();
    let session = world.live(&credentials.key, Some(&credentials.token));
    assert_eq!(session.principal(), alice.principal());
    let read = GetUser { holder: KeyHolder::User(user("alice")) };
    assert!(world.allows(&alice, &read));
    let denied = world.decide(&session, &read, |_| ());
    assert_eq!(denied[0].because(), Layer::Session);
    assert!(world.allows(&session, &world.assume_op(&session, "R")));
}

fn session_policy(statements: usize) -> StoredPolicy {
    let one = r#"{"Effect": "Allow", "Action": "iam:ListUsers", "Resource": "*"}"#;
    let all = vec![one; statements].join(",");
    let text = format!(r#"{{"Version": "2012-10-17", "Statement": [{all}]}}"#);
    StoredPolicy::parse(&text, Kind::Session).unwrap()
}

/// corpus: STS-10
/// oracle: answer, twin
#[test]
fn a_session_policy_narrows_whether_the_token_or_the_state_carries_it() {
    let (mut world, _, alice) = world();
    let put =
        PutRolePolicy { role: role("R"), name: "all".parse().unwrap(), document: allow("iam:*") };
    world.act(&put).unwrap();
    let list =
        ListUsers { account: home(), prefix: PathPrefix::default(), page: PageRequest::default() };
    let read = GetUser { holder: KeyHolder::User(user("alice")) };
    let wide = world.assume(&alice, "R");
    let wide = world.live(&wide.key, Some(&wide.token));
    assert!(world.allows(&wide, &read) && world.allows(&wide, &list));
    for (statements, stored) in [(1, 0), (200, 1)] {
        let before = world.history.len();
        let mut op = world.assume_op(&alice, "R");
        op.session.policy = Some(session_policy(statements));
        let drawn = op.drawn.clone();
        let credentials = world.act_as(&alice, &op, Some(&drawn)).unwrap().credentials;
        assert_eq!(world.history.len() - before, stored, "{statements} statements");
        assert!(credentials.token.len() < 8192);
        let narrow = world.live(&credentials.key, Some(&credentials.token));
        assert!(world.allows(&narrow, &list));
        let denied = world.decide(&narrow, &read, |_| ());
        assert_eq!(denied[0].because(), Layer::Session);
    }
}

/// corpus: STS-10
/// oracle: answer
#[test]
fn a_session_whose_policy_is_lost_is_no_session() {
    let (mut world, _, alice) = world();
    let mut op = world.assume_op(&alice, "R");
    op.session.policy = Some(session_policy(200));
    let drawn = op.drawn.clone();
    let credentials = world.act_as(&alice, &op, Some(&drawn)).unwrap().credentials;
    assert_eq!(world.standing(&credentials), Standing::Live);
    world.state.bulks = rpds::HashTrieMapSync::new_sync();
    assert_eq!(world.standing(&credentials), Standing::Revoked);
}

#[test]
fn managed_policies_narrow_a_session_and_one_that_is_gone_narrows_to_nothing() {
    let (mut world, _, alice) = world();
    let put =
        PutRolePolicy { role: role("R"), name: "all".parse().unwrap(), document: allow("iam:*") };
    world.act(&put).unwrap();
    let narrow = world.make_policy("Narrow", allow("iam:GetUser"));
    let mut op = world.assume_op(&alice, "R");
    op.session.policy_arns = vec![narrow.clone()];
    let drawn = op.drawn.clone();
    let credentials = world.act_as(&alice, &op, Some(&drawn)).unwrap().credentials;
    let session = world.live(&credentials.key, Some(&credentials.token));
    let read = GetUser { holder: KeyHolder::User(user("alice")) };
    assert!(world.allows(&session, &read));
    assert!(!world.allows(&session, &DeleteUser { user: user("alice") }));
    world.act(&DeletePolicy { policy: narrow }).unwrap();
    assert!(!world.allows(&session, &read));
    op.session.policy_arns = vec!["arn:aws:iam::111122223333:policy/None".parse().unwrap(); 1];
    assert!(world.act_as(&alice, &op, Some(&drawn)).is_err());
}

#[test]
fn a_session_that_the_record_does_not_name_is_not_minted() {
    let (mut world, _, alice) = world();
    let op = world.assume_op(&alice, "R");
    let error = world.act_as(&alice, &op, None).unwrap_err();
    assert!(matches!(error, IdentityError::Unrecorded));
    let other = world.draw(&alice, 900);
    let error = world.act_as(&alice, &op, Some(&other)).unwrap_err();
    assert!(matches!(error, IdentityError::Unrecorded));
}

/// corpus: STS-16
/// oracle: answer, twin
#[test]
fn an_external_id_that_trust_asks_for_must_be_given_and_be_right() {
    let (mut world, _, alice) = world();
    let text = format!(
        r#"{{"Version": "2012-10-17", "Statement": {{"Effect": "Allow",
            "Principal": {{"AWS": "{}"}}, "Action": "sts:AssumeRole",
            "Condition": {{"StringEquals": {{"sts:ExternalId": "right"}}}}}}}}"#,
        user("alice").arn()
    );
    let trust = StoredPolicy::parse(&text, Kind::RoleTrust).unwrap();
    world.act(&UpdateAssumeRolePolicy { role: role("R"), trust }).unwrap();
    let mut op = world.assume_op(&alice, "R");
    for (id, allowed) in [(None, false), (Some("wrong"), false), (Some("right"), true)] {
        op.external_id = id.map(str::to_owned);
        assert_eq!(world.allows(&alice, &op), allowed, "{id:?}");
    }
}

#[test]
fn a_denied_assume_role_is_denied_in_a_session_policy_too() {
    let (mut world, _, alice) = world();
    let put = PutUserPolicy {
        user: user("alice"),
        name: "no".parse().unwrap(),
        document: statement("Deny", "sts:AssumeRole", Kind::Identity),
    };
    assert!(world.allows(&alice, &world.assume_op(&alice, "R")));
    world.act(&put).unwrap();
    assert!(!world.allows(&alice, &world.assume_op(&alice, "R")));
}

/// corpus: SEC-14
/// oracle: answer, twin
#[test]
fn a_sealed_secret_opens_for_its_owner_alone() {
    let world = World::new();
    let purpose = Purpose::AccessKeySecret;
    let sealed = world.sealer.seal(purpose, "AKIA1", b"secret", &world.random).unwrap();
    assert_eq!(world.sealer.open(purpose, "AKIA1", &sealed).unwrap().expose(), b"secret");
    assert_eq!(world.sealer.open(purpose, "AKIA2", &sealed), Err(SealError::Opaque));
    let other = Sealer::new(vec![master(9)]).unwrap();
    assert!(matches!(other.open(purpose, "AKIA1", &sealed), Err(SealError::UnknownKey { .. })));
    let again = world.sealer.seal(purpose, "AKIA1", b"secret", &world.random).unwrap();
    assert_ne!(again, sealed, "each seal has its own nonce");
}

/// corpus: SEC-14
/// oracle: answer, twin
#[test]
fn a_sealed_word_opens_for_its_purpose_and_owner_under_every_key_of_the_ring() {
    let world = World::new();
    let purpose = Purpose::PageToken;
    let word = world.sealer.seal_word(purpose, "list", b"place", &world.random).unwrap();
    let open = |sealer: &Sealer, purpose, owner: &str| sealer.open_word(purpose, owner, &word);
    assert_eq!(open(&world.sealer, purpose, "list").unwrap().expose(), b"place");
    assert!(open(&world.sealer, purpose, "other").is_err());
    assert!(open(&world.sealer, Purpose::AccessKeySecret, "list").is_err());
    let rotated = Sealer::new(vec![master(9), master(1)]).unwrap();
    assert_eq!(open(&rotated, purpose, "list").unwrap().expose(), b"place");
    assert!(open(&Sealer::new(vec![master(9)]).unwrap(), purpose, "list").is_err());
    for short in ["", "A", "AAAAAAAAAAA", "AAAAAAAAAAAA"] {
        assert!(world.sealer.open_word(purpose, "list", short).is_err(), "{short}");
    }
}
