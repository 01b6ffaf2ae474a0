//! Who gets in, who does not, and why.

use super::super::groups::GROUP_LEVELS_MAX;
use super::super::testing::{Fake, entry, now, provider, settings};
use super::*;

const ALICE: &str = "uid=alice,ou=people,dc=example";
const ALICE_ID: &str = "aaaaaaaa-0000-4000-8000-000000000001";

fn alice() -> Entry {
    entry(ALICE, &[("uid", "alice"), ("entryUUID", ALICE_ID), ("cn", "Alice A"), ("mail", "a@x")])
}

fn group(name: &str, id: u32, members: &[&str]) -> Entry {
    let mut group = entry(
        &format!("cn={name},ou=groups,dc=example"),
        &[("objectClass", "groupOfNames"), ("entryUUID", &format!("{id:08x}"))],
    );
    let members = members.iter().map(|m| m.as_bytes().to_vec()).collect();
    group.attributes.insert("member".to_owned(), members);
    group
}

fn fake(mut more: Vec<Entry>) -> Fake {
    more.push(alice());
    Fake::with(more).password(ALICE, "right")
}

const FILTERS: &str = r#"{"user_filter": "(uid=%s)", "attributes": ["mail"]}"#;

fn logins(fake: Fake) -> (Arc<Fake>, DirectoryLogins) {
    let fake = Arc::new(fake);
    (Arc::clone(&fake), DirectoryLogins::new(fake, settings(FILTERS)))
}

fn typed(name: &str, password: &str) -> Result<Typed, LdapRefusal> {
    Typed::new(name, SecretBytes::new(password.as_bytes().to_vec()))
}

async fn login(
    logins: &DirectoryLogins,
    name: &str,
    password: &str,
) -> Result<ExternalIdentity, LdapRefusal> {
    logins.login(&provider(), &typed(name, password)?, now()).await
}

#[tokio::test]
async fn whoever_has_the_password_is_the_entry_and_its_groups() {
    let groups = vec![
        group("staff", 1, &["cn=analysts,ou=groups,dc=example"]),
        group("analysts", 2, &["UID=Alice, OU=People,dc=example"]),
        group("other", 3, &["uid=bob,ou=people,dc=example"]),
    ];
    let (_, logins) = logins(fake(groups));
    let alice = login(&logins, "alice", "right").await.unwrap();
    assert_eq!(alice.subject, ALICE_ID);
    assert_eq!(alice.display.as_deref(), Some("alice"));
    assert_eq!(alice.claim_texts("mail"), ["a@x"]);
    assert_eq!(alice.claim_texts("dn"), [ALICE]);
    let ids: Vec<&str> = alice.groups.iter().map(|group| group.id.as_str()).collect();
    assert_eq!(ids, ["00000002", "00000001"]);
    assert_eq!(alice.groups[0].name.as_deref(), Some("cn=analysts,ou=groups,dc=example"));
    assert!(matches!(login(&logins, "alice", "wrong").await, Err(LdapRefusal::WrongPassword)));
}

/// corpus: LDP-01
/// oracle: answer, twin
#[tokio::test]
async fn a_password_that_is_empty_or_blank_never_reaches_the_directory() {
    let (fake, logins) = logins(fake(Vec::new()));
    for empty in ["", " ", "\0", "\t \n", "right\0", "\u{a0}"] {
        let refused = login(&logins, "alice", empty).await;
        assert!(matches!(refused, Err(LdapRefusal::Password)), "{empty:?}");
    }
    assert!(fake.bound.lock().unwrap().is_empty());
    assert!(fake.searched.lock().unwrap().is_empty());
    let most = "p".repeat(PASSWORD_BYTES_MAX);
    assert!(typed("alice", &most).is_ok());
    assert!(typed("alice", &format!("{most}p")).is_err());
    assert!(login(&logins, "alice", "right").await.is_ok());
}

/// corpus: LDP-02
/// oracle: answer
#[tokio::test]
async fn a_name_with_signs_of_filters_finds_nobody() {
    let (_, logins) = logins(fake(Vec::new()));
    for name in ["*", "*)(uid=*", "a\\00", ")(|(", "alice)(objectClass=*", "a*", "\\2a"] {
        let refused = login(&logins, name, "right").await;
        assert!(matches!(refused, Err(LdapRefusal::Unknown)), "{name}: {refused:?}");
    }
    for name in ["", " ", "a\0", "a\nb", "alice\u{200b}", &"a".repeat(NAME_BYTES_MAX + 1)] {
        assert!(matches!(login(&logins, name, "right").await, Err(LdapRefusal::Name)), "{name}");
    }
    assert!(typed(&"a".repeat(NAME_BYTES_MAX), "x").is_ok());
}

/// corpus: LDP-04
/// oracle: answer
#[tokio::test]
async fn however_the_name_is_written_it_is_one_identity() {
    let (_, logins) = logins(fake(Vec::new()));
    for name in ["alice", "ALICE", "Alice"] {
        assert_eq!(login(&logins, name, "right").await.unwrap().subject, ALICE_ID, "{name}");
    }
}

/// corpus: LDP-06, LDP-12
/// oracle: answer, cost
#[tokio::test]
async fn somebody_unknown_costs_a_bind_as_a_wrong_password_does() {
    let (fake, logins) = logins(fake(Vec::new()));
    assert!(matches!(login(&logins, "nobody", "x").await, Err(LdapRefusal::Unknown)));
    assert_eq!(*fake.bound.lock().unwrap(), ["cn=strongroom-nobody,ou=people,dc=example"]);
    assert!(matches!(login(&logins, "alice", "x").await, Err(LdapRefusal::WrongPassword)));
    assert_eq!(fake.bound.lock().unwrap().len(), 2);
}

/// corpus: LDP-07
/// oracle: answer, twin, cost
#[tokio::test]
async fn who_tried_too_often_under_any_name_is_answered_as_late_as_after_a_wrong_password() {
    let (fake, logins) = logins(fake(Vec::new()));
    let typed = typed("alice", "right").unwrap();
    let (open, shut) = (|_: &str| true, |id: &str| id != ALICE_ID);
    assert!(logins.login_admitted(&provider(), &typed, now(), &open).await.is_ok());
    let refused = logins.login_admitted(&provider(), &typed, now(), &shut).await;
    assert_eq!(refused.unwrap_err(), LdapRefusal::PersonThrottled);
    let bound = fake.bound.lock().unwrap().clone();
    assert_eq!(bound, [ALICE, "cn=strongroom-nobody,ou=people,dc=example"]);
}

/// corpus: LDP-13
/// oracle: answer, twin
#[tokio::test]
async fn a_name_that_two_entries_have_is_nobodys() {
    let twin =
        entry("uid=alice,ou=old,ou=people,dc=example", &[("uid", "alice"), ("entryUUID", "b")]);
    let (fake, logins) = logins(fake(vec![twin]));
    assert!(matches!(login(&logins, "alice", "right").await, Err(LdapRefusal::Ambiguous)));
    fake.entries.lock().unwrap().remove(0);
    assert!(login(&logins, "alice", "right").await.is_ok());
}

/// corpus: LDP-11
/// oracle: answer, twin
#[tokio::test]
async fn an_entry_without_one_id_is_nobody() {
    for (ids, good) in [(&[][..], false), (&["b"][..], true), (&["b", "c"][..], false)] {
        let mut attributes = vec![("uid", "bob")];
        attributes.extend(ids.iter().map(|id| ("entryUUID", *id)));
        let bob = entry("uid=bob,ou=people,dc=example", &attributes);
        let (_, logins) = logins(fake(vec![bob]).password("uid=bob,ou=people,dc=example", "x"));
        let outcome = login(&logins, "bob", "x").await;
        assert_eq!(outcome.is_ok(), good, "{ids:?}: {outcome:?}");
        assert_eq!(matches!(outcome, Err(LdapRefusal::Id { .. })), !good);
    }
}

#[tokio::test]
async fn an_account_that_may_not_be_used_is_refused_with_its_reason() {
    let mut fake = fake(Vec::new());
    let message = "80090308: LdapErr: DSID-0C09, AcceptSecurityContext error, data 775, v1";
    fake.faults.insert(ALICE.to_owned(), (49, message.to_owned()));
    let (_, logins) = logins(fake);
    let refused = login(&logins, "alice", "right").await.unwrap_err();
    assert_eq!(refused, LdapRefusal::Account(AccountFault::Locked));
    assert_eq!(refused.rule(), "account-locked");
}

/// corpus: LDP-14
/// oracle: answer, cost
#[tokio::test]
async fn groups_in_circles_end_and_groups_too_deep_are_refused_whole() {
    let name = |at: usize| format!("cn=g{at},ou=groups,dc=example");
    let chain = |levels: usize| -> Vec<Entry> {
        let of = |at: usize| match at {
            0 => ALICE.to_owned(),
            at => name(at - 1),
        };
        (0..levels)
            .map(|at| group(&format!("g{at}"), u32::try_from(at).unwrap(), &[&of(at)]))
            .collect()
    };
    let mut circle = chain(100);
    let last = name(99);
    circle[0].attributes.get_mut("member").unwrap().push(last.into_bytes());
    let (_, logins_of) = logins(fake(circle));
    assert_eq!(login(&logins_of, "alice", "right").await.unwrap().groups.len(), 100);
    let (_, logins_of) = logins(fake(chain(GROUP_LEVELS_MAX)));
    assert_eq!(login(&logins_of, "alice", "right").await.unwrap().groups.len(), GROUP_LEVELS_MAX);
    let (_, logins_of) = logins(fake(chain(GROUP_LEVELS_MAX + 1)));
    let refused = login(&logins_of, "alice", "right").await;
    assert!(matches!(refused, Err(LdapRefusal::Groups { .. })), "{refused:?}");
}

/// corpus: LDP-09
/// oracle: answer
#[tokio::test]
async fn a_directory_that_refers_elsewhere_is_no_directory() {
    let (fake, logins) = logins(fake(Vec::new()));
    *fake.failure.lock().unwrap() = Some(DirectoryError::Referral);
    let refused = login(&logins, "alice", "right").await.unwrap_err();
    assert_eq!(refused, LdapRefusal::Directory(DirectoryError::Referral));
    assert!(fake.bound.lock().unwrap().is_empty(), "no password is shown to anybody");
}

fn ids(texts: &[&str]) -> Vec<EntryId> {
    texts.iter().map(|text| EntryId::parse(text).unwrap()).collect()
}

#[tokio::test]
async fn whoever_is_still_there_is_found_by_id_under_any_name() {
    let (fake, logins) = logins(fake(vec![group("staff", 1, &["uid=al,ou=people,dc=example"])]));
    let gone = "bbbbbbbb-0000-4000-8000-000000000002";
    let ask = ids(&[ALICE_ID, gone]);
    let roll = logins.roll(&ask, now()).await.unwrap();
    assert_eq!(roll.absent, [(ask[1].clone(), Absence::Gone)]);
    let before = logins.confirm(&provider(), &roll.here[0], now()).await.unwrap();
    assert!(before.groups.is_empty());
    {
        let mut entries = fake.entries.lock().unwrap();
        let own = entries.iter_mut().find(|entry| entry.dn == ALICE).unwrap();
        own.dn = "uid=al,ou=people,dc=example".to_owned();
        own.attributes.insert("uid".to_owned(), vec![b"al".to_vec()]);
    }
    let roll = logins.roll(&ask, now()).await.unwrap();
    let renamed = logins.confirm(&provider(), &roll.here[0], now()).await.unwrap();
    assert_eq!(renamed.subject, before.subject);
    assert_eq!(renamed.groups.len(), 1);
}

/// corpus: LDP-15
/// oracle: answer
#[tokio::test]
async fn nobody_is_gone_because_a_directory_did_not_answer() {
    let (fake, logins) = logins(fake(Vec::new()));
    let down = DirectoryError::Unreachable { server: "s".to_owned(), cause: "c".to_owned() };
    let base = DirectoryError::Refused { code: 32, message: String::new() };
    for failure in [down, base, DirectoryError::Referral, DirectoryError::Malformed] {
        *fake.failure.lock().unwrap() = Some(failure.clone());
        let asked = logins.roll(&ids(&[ALICE_ID]), now()).await;
        assert_eq!(asked.unwrap_err(), LdapRefusal::Directory(failure));
    }
}

/// corpus: LDP-16
/// oracle: answer, twin
#[tokio::test]
async fn somebody_who_may_no_longer_sign_in_is_gone() {
    let fake = Arc::new(fake(Vec::new()));
    let filter = r#"{"user_filter": "(&(uid=%s)(mail=a@x))"}"#;
    let logins = DirectoryLogins::new(Arc::clone(&fake) as Arc<dyn Directory>, settings(filter));
    assert_eq!(logins.roll(&ids(&[ALICE_ID]), now()).await.unwrap().here.len(), 1);
    fake.entries.lock().unwrap()[0].attributes.insert("mail".to_owned(), vec![b"b@x".to_vec()]);
    let roll = logins.roll(&ids(&[ALICE_ID]), now()).await.unwrap();
    assert_eq!(roll.absent, [(ids(&[ALICE_ID])[0].clone(), Absence::Gone)]);
}

#[tokio::test]
async fn a_directory_without_an_account_is_asked_by_whoever_signs_in() {
    let more = r#"{"bind_dn": null, "bind_password_file": null, "user_filter": "(uid=%s)",
                   "direct_bind": "uid=%s,ou=people,dc=example"}"#;
    let fake = Arc::new(fake(Vec::new()));
    let logins = DirectoryLogins::new(Arc::clone(&fake) as Arc<dyn Directory>, settings(more));
    assert!(!logins.settings().can_sync());
    assert_eq!(login(&logins, "alice", "right").await.unwrap().subject, ALICE_ID);
    assert!(login(&logins, "alice", "wrong").await.is_err());
    assert!(login(&logins, "alice,ou=people", "right").await.is_err());
    let bound = fake.bound.lock().unwrap();
    assert_eq!(bound[2], r"uid=alice\,ou\=people,ou=people,dc=example");
}

#[tokio::test]
async fn a_rule_is_bound_to_the_id_of_a_group_that_exists() {
    let (_, logins) = logins(fake(vec![group("staff", 7, &[])]));
    let dn = "CN=Staff, ou=groups,dc=example".to_owned();
    let texts = [
        dn.clone(),
        "00000007".to_owned(),
        "cn=no,ou=groups,dc=example".to_owned(),
        "no".to_owned(),
    ];
    let bound = logins.group_ids(&texts).await.unwrap();
    assert_eq!(bound.len(), 2, "{bound:?}");
    assert_eq!(bound[&dn].as_str(), "00000007");
}
