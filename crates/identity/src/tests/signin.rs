//! Passwords, their rules, aliases and SAML providers.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::ops::*;
use crate::perform::signin::{change, create, prepare, update};
use crate::testing::*;
use crate::*;

fn password(text: &str) -> Password {
    text.parse().unwrap()
}

fn rules() -> PasswordRules {
    PasswordRules {
        length_min: 8,
        kinds: BTreeSet::new(),
        self_service: SelfService::ByPolicy,
        age_days_max: None,
        former: None,
        expiry: Expiry::Renewable,
    }
}

fn rule(world: &mut World, rules: PasswordRules) {
    world.act(&UpdateAccountPasswordPolicy { account: home(), rules }).unwrap();
}

fn keep(world: &mut World, changes: Vec<Change>) {
    let now = audit::Clock::now(&world.clock);
    world.append(Delta::new(now, changes).encode().unwrap());
}

fn give(world: &mut World, text: &str) -> Result<(), IdentityError> {
    let reset = PasswordReset::NotRequired;
    let op = CreateLoginProfile { user: user("alice"), password: password(text), reset };
    let prepared = prepare(&world.state, &op.user, None, &op.password, [1; 16])?;
    let made = world.with_context(|cx| create(&op, cx, &prepared))?;
    keep(world, made.changes);
    Ok(())
}

fn exchange(world: &mut World, old: &str, new: &str) -> Result<(), IdentityError> {
    let (old, new) = (password(old), password(new));
    let op = ChangePassword { user: user("alice"), old, new };
    let prepared = prepare(&world.state, &op.user, Some(&op.old), &op.new, [2; 16])?;
    let made = world.with_context(|cx| change(&op, cx, &prepared))?;
    keep(world, made.changes);
    Ok(())
}

fn login(world: &World) -> Option<Arc<LoginProfile>> {
    let alice = world.state.user(home(), "alice").unwrap();
    world.state.login_profile(&alice.id).cloned()
}

fn is(world: &World, text: &str) -> bool {
    login(world).unwrap().password.is_of(&password(text))
}

#[test]
fn a_user_is_given_one_password_which_can_be_taken_and_hangs_on_the_user() {
    let mut world = World::new();
    world.make_user("alice");
    let get = GetLoginProfile { user: user("alice") };
    let text = world.act(&get).unwrap_err().recorded_text().unwrap();
    assert_eq!(text, "Login Profile for User alice cannot be found.");
    give(&mut world, "first-Password").unwrap();
    assert!(is(&world, "first-Password") && !is(&world, "first-password"));
    let twice = give(&mut world, "other-Password").unwrap_err();
    assert!(matches!(twice, IdentityError::EntityAlreadyExists { .. }));
    assert_eq!(world.act(&get).unwrap().user.name.as_str(), "alice");
    let delete = DeleteUser { user: user("alice") };
    let error = world.act(&delete).unwrap_err();
    let remains = Remains::LoginProfile;
    assert!(matches!(error, IdentityError::DeleteConflict { remains: r, .. } if r == remains));
    world.act(&DeleteLoginProfile { user: user("alice") }).unwrap();
    world.act(&delete).unwrap();
}

#[test]
fn whoever_changes_a_password_shows_the_old_one() {
    let mut world = World::new();
    world.make_user("alice");
    let none = exchange(&mut world, "first-Password", "other-Password").unwrap_err();
    assert!(matches!(none, IdentityError::NoSuchEntity { .. }));
    give(&mut world, "first-Password").unwrap();
    let wrong = exchange(&mut world, "first-password", "other-Password").unwrap_err();
    assert!(matches!(wrong, IdentityError::WrongPassword));
    exchange(&mut world, "first-Password", "other-Password").unwrap();
    assert!(is(&world, "other-Password") && !is(&world, "first-Password"));
}

#[test]
fn a_password_that_breaks_the_rules_is_not_taken() {
    let mut world = World::new();
    world.make_user("alice");
    let short = give(&mut world, "short").unwrap_err();
    assert_eq!(short.recorded_text().unwrap(), "Password should have a minimum length of 8");
    rule(&mut world, PasswordRules { kinds: [CharacterKind::Number].into(), ..rules() });
    let missing = give(&mut world, "no-number-here").unwrap_err();
    let text = "Password should have at least one number";
    assert_eq!(missing.recorded_text().unwrap(), text);
    give(&mut world, "number-1-here").unwrap();
}

#[test]
fn as_many_former_passwords_as_the_rules_say_are_not_used_again() {
    let mut world = World::new();
    world.make_user("alice");
    rule(&mut world, PasswordRules { former: Some(2), ..rules() });
    give(&mut world, "password-1").unwrap();
    exchange(&mut world, "password-1", "password-2").unwrap();
    for used in ["password-1", "password-2"] {
        let again = exchange(&mut world, "password-2", used).unwrap_err();
        let former = PasswordFault::Former;
        assert!(matches!(again, IdentityError::PasswordPolicyViolation(f) if f == former));
    }
    exchange(&mut world, "password-2", "password-3").unwrap();
    exchange(&mut world, "password-3", "password-1").unwrap();
}

#[test]
fn a_password_that_was_set_meanwhile_is_not_overwritten() {
    let mut world = World::new();
    world.make_user("alice");
    give(&mut world, "password-A1").unwrap();
    let stale = {
        let new = password("password-B1");
        prepare(&world.state, &user("alice"), None, &new, [3; 16]).unwrap()
    };
    exchange(&mut world, "password-A1", "password-C1").unwrap();
    let op = UpdateLoginProfile {
        user: user("alice"),
        password: Some(password("password-B1")),
        reset: None,
    };
    let error = world.with_context(|cx| update(&op, cx, Some(&stale)).map(|_| ())).unwrap_err();
    assert!(matches!(error, IdentityError::ConcurrentModification { .. }));
}

#[test]
fn a_hard_expired_password_is_not_changed_by_its_owner_and_an_administrator_sets_another() {
    let mut world = World::new();
    world.make_user("alice");
    let aged = PasswordRules { age_days_max: Some(1), expiry: Expiry::Hard, ..rules() };
    rule(&mut world, aged);
    give(&mut world, "password-1").unwrap();
    world.clock.advance(86_400 + 1);
    let error = exchange(&mut world, "password-1", "password-2").unwrap_err();
    let expired = PasswordFault::Expired;
    assert!(matches!(error, IdentityError::PasswordPolicyViolation(f) if f == expired));
    let op = UpdateLoginProfile {
        user: user("alice"),
        password: Some(password("password-2")),
        reset: Some(PasswordReset::Required),
    };
    let prepared =
        prepare(&world.state, &op.user, None, op.password.as_ref().unwrap(), [3; 16]).unwrap();
    let made = world.with_context(|cx| update(&op, cx, Some(&prepared))).unwrap();
    keep(&mut world, made.changes);
    let id = world.state.user(home(), "alice").unwrap().id.clone();
    let now = audit::Clock::now(&world.clock);
    let standing = world.state.password_standing(&id, now);
    assert_eq!(standing, Some(PasswordStanding::MustChange));
    exchange(&mut world, "password-2", "password-3").unwrap();
    assert_eq!(world.state.password_standing(&id, now), Some(PasswordStanding::Good));
}

#[test]
fn an_account_may_let_its_users_change_their_own_passwords_and_a_deny_still_wins() {
    let mut world = World::new();
    world.make_user("alice");
    let (_, alice) = world.key_of("alice");
    let (old, new) = (password("a"), password("b"));
    let op = ChangePassword { user: user("alice"), old, new };
    let read = GetAccountPasswordPolicy { account: home() };
    assert!(!world.allows(&alice, &op), "nothing lets her");
    rule(&mut world, PasswordRules { self_service: SelfService::Allowed, ..rules() });
    assert!(world.allows(&alice, &op) && world.allows(&alice, &read));
    let more = GetLoginProfile { user: user("alice") };
    assert!(!world.allows(&alice, &more), "and nothing else");
    let document = statement("Deny", "iam:ChangePassword", policy::Kind::Identity);
    let name: names::PolicyName = "no".parse().unwrap();
    world.act(&PutUserPolicy { user: user("alice"), name: name.clone(), document }).unwrap();
    assert!(!world.allows(&alice, &op), "an explicit deny outranks it");
    world.act(&DeleteUserPolicy { user: user("alice"), name }).unwrap();
    assert!(world.allows(&alice, &op));
    world.act(&DeleteAccountPasswordPolicy { account: home() }).unwrap();
    assert!(!world.allows(&alice, &op), "and it goes with the rules");
}

#[test]
fn rules_are_read_back_and_gone_once_deleted() {
    let mut world = World::new();
    let read = GetAccountPasswordPolicy { account: home() };
    let missing = world.act(&read).unwrap_err().recorded_text().unwrap();
    assert_eq!(missing, "The Password Policy with domain name 111122223333 cannot be found.");
    rule(&mut world, rules());
    assert_eq!(world.act(&read).unwrap(), rules());
    let delete = DeleteAccountPasswordPolicy { account: home() };
    world.act(&delete).unwrap();
    assert!(world.act(&read).is_err() && world.act(&delete).is_err());
}

#[test]
fn an_account_has_one_alias_and_no_two_accounts_the_same() {
    let mut world = World::new();
    let alias = |text: &str| text.parse::<AccountAlias>().unwrap();
    let create = |account, text: &str| CreateAccountAlias { account, alias: alias(text) };
    world.act(&create(home(), "finance")).unwrap();
    let theirs = world.act_as(&world.partner_root(), &create(partner(), "finance"), None);
    assert!(matches!(theirs, Err(IdentityError::EntityAlreadyExists { .. })));
    world.act(&create(home(), "treasury")).unwrap();
    assert_eq!(world.act(&ListAccountAliases { account: home() }).unwrap(), ["treasury"]);
    world.act_as(&world.partner_root(), &create(partner(), "finance"), None).unwrap();
    assert_eq!(world.state.account_of_alias(&alias("finance")), Some(partner()));
    let delete = |text: &str| DeleteAccountAlias { account: home(), alias: alias(text) };
    assert!(world.act(&delete("finance")).is_err(), "that is another account's");
    world.act(&delete("treasury")).unwrap();
    assert!(world.act(&ListAccountAliases { account: home() }).unwrap().is_empty());
}

#[test]
fn a_saml_provider_is_kept_read_changed_and_removed() {
    let mut world = World::new();
    let create = CreateSAMLProvider {
        account: home(),
        name: "corp".parse().unwrap(),
        metadata: "<first/>".to_owned(),
        valid_until: None,
        tags: Tags::new([("team".to_owned(), "red".to_owned())]).unwrap(),
    };
    let provider = world.act(&create).unwrap().arn();
    assert_eq!(provider.as_str(), "arn:aws:iam::111122223333:saml-provider/corp");
    assert!(matches!(world.act(&create), Err(IdentityError::EntityAlreadyExists { .. })));
    let update = UpdateSAMLProvider {
        provider: provider.clone(),
        metadata: Some("<second/>".to_owned()),
        valid_until: None,
    };
    world.act(&update).unwrap();
    let get = GetSAMLProvider { provider: provider.clone() };
    let read = world.act(&get).unwrap();
    assert_eq!((read.metadata.as_str(), read.tags.value("team")), ("<second/>", Some("red")));
    assert_eq!(world.act(&ListSAMLProviders { account: home() }).unwrap().len(), 1);
    world.act(&DeleteSAMLProvider { provider }).unwrap();
    let text = world.act(&get).unwrap_err().recorded_text().unwrap();
    assert_eq!(text, "Manifest not found for arn arn:aws:iam::111122223333:saml-provider/corp");
}
