//! What is asked again, and what is not.

use std::sync::Arc;

use super::super::port::Entry;
use super::super::testing::{Fake, entry, now, provider, settings};
use super::*;

const ALICE: &str = "uid=alice,ou=people,dc=example";
const ALICE_ID: &str = "aaaaaaaa-0000-4000-8000-000000000001";

fn alice(mark: &str) -> Entry {
    entry(ALICE, &[("uid", "alice"), ("entryUUID", ALICE_ID), ("entryCSN", mark)])
}

fn group(name: &str, mark: &str, members: &[&str]) -> Entry {
    let id = format!("id-of-{name}");
    let dn = format!("cn={name},ou=groups,dc=example");
    let own = [("objectClass", "groupOfNames"), ("entryUUID", &id), ("entryCSN", mark)];
    let mut group = entry(&dn, &own);
    let members = members.iter().map(|member| member.as_bytes().to_vec()).collect();
    group.attributes.insert("member".to_owned(), members);
    group
}

struct World {
    fake: Arc<Fake>,
    logins: DirectoryLogins,
    recall: Recall,
}

impl World {
    fn new(more: &str, entries: Vec<Entry>) -> Self {
        let fake = Arc::new(Fake::with(entries));
        let logins = DirectoryLogins::new(Arc::<Fake>::clone(&fake), settings(more));
        Self { fake, logins, recall: Recall::default() }
    }

    fn change(&self, entries: Vec<Entry>) {
        *self.fake.entries.lock().unwrap() = entries;
    }

    /// The names of Alice's groups by one round, and how many searches it took.
    async fn round(&mut self) -> (Vec<String>, usize) {
        self.fake.searched.lock().unwrap().clear();
        self.logins.begin(&mut self.recall).await.unwrap();
        let ids = [EntryId::parse(ALICE_ID).unwrap()];
        let roll = self.logins.roll(&ids, now()).await.unwrap();
        let (logins, recall) = (&self.logins, &mut self.recall);
        let said = logins.standing(&provider(), &roll.here[0], recall, now()).await.unwrap();
        let Standing::Vouched(said) = said else { panic!("{said:?}") };
        let names = said.groups.iter().filter_map(|group| group.name.clone()).collect();
        (names, self.fake.searched.lock().unwrap().len())
    }
}

const PLAIN: &str = r#"{"user_filter": "(uid=%s)", "nesting": "none"}"#;

#[tokio::test]
async fn who_and_whose_groups_have_not_changed_is_not_asked_about_again() {
    let mut world = World::new(PLAIN, vec![alice("1"), group("staff", "1", &[ALICE])]);
    let staff = vec!["cn=staff,ou=groups,dc=example".to_owned()];
    assert_eq!(world.round().await, (staff.clone(), 3), "groups' numbers, the roll, the groups");
    for _ in 1..ROUNDS_RECALLED_MAX {
        assert_eq!(world.round().await, (staff.clone(), 2));
    }
    assert_eq!(world.round().await, (staff.clone(), 3), "and now and then all is asked again");
}

#[tokio::test]
async fn whoever_leaves_a_group_has_left_it_in_the_next_round() {
    let mut world = World::new(PLAIN, vec![alice("1"), group("staff", "1", &[ALICE])]);
    assert_eq!(world.round().await.0.len(), 1);
    world.change(vec![alice("1"), group("staff", "2", &["uid=bob,ou=people,dc=example"])]);
    assert!(world.round().await.0.is_empty(), "the group has another number");
    world.change(vec![alice("1"), group("staff", "3", &[ALICE])]);
    assert_eq!(world.round().await.0.len(), 1);
    world.change(vec![alice("1")]);
    assert!(world.round().await.0.is_empty(), "the group is gone");
    world.change(vec![alice("2"), group("staff", "3", &[ALICE])]);
    assert_eq!(world.round().await.0.len(), 1, "and is there again");
}

#[tokio::test]
async fn whose_own_entry_changes_is_asked_about_again() {
    let mut world = World::new(PLAIN, vec![alice("1"), group("staff", "1", &[ALICE])]);
    assert_eq!(world.round().await.1, 3);
    world.change(vec![alice("2"), group("staff", "1", &[ALICE])]);
    assert_eq!(world.round().await.1, 3);
    assert_eq!(world.round().await.1, 2);
}

#[tokio::test]
async fn where_changes_cannot_be_seen_all_is_asked_each_time() {
    let mut group = group("staff", "1", &[ALICE]);
    group.attributes.remove("entrycsn");
    let mut world = World::new(PLAIN, vec![alice("1"), group]);
    assert_eq!(world.round().await.1, 3);
    assert_eq!(world.round().await.1, 3);
    let mut alice = alice("1");
    alice.attributes.remove("entrycsn");
    let mut world = World::new(PLAIN, vec![alice]);
    assert_eq!(world.round().await.1, 3);
    assert_eq!(world.round().await.1, 3);
}

#[tokio::test]
async fn a_failure_leaves_nothing_that_is_taken_for_known() {
    let mut world = World::new(PLAIN, vec![alice("1"), group("staff", "1", &[ALICE])]);
    world.round().await;
    *world.fake.failure.lock().unwrap() = Some(DirectoryError::Busy);
    assert!(world.logins.begin(&mut world.recall).await.is_err());
    *world.fake.failure.lock().unwrap() = None;
    world.change(vec![alice("1")]);
    assert!(world.round().await.0.is_empty());
}

#[tokio::test]
async fn whose_groups_cannot_be_read_whole_is_unclear_and_a_silent_directory_is_an_outage() {
    let mut world = World::new(PLAIN, vec![alice("1"), group("staff", "1", &[ALICE])]);
    let ids = [EntryId::parse(ALICE_ID).unwrap()];
    let roll = world.logins.roll(&ids, now()).await.unwrap();
    let mut without_id = group("odd", "1", &[ALICE]);
    without_id.attributes.remove("entryuuid");
    world.change(vec![alice("1"), without_id]);
    let (logins, recall) = (&world.logins, &mut world.recall);
    let said = logins.standing(&provider(), &roll.here[0], recall, now()).await.unwrap();
    assert!(matches!(said, Standing::Unclear(_)), "{said:?}");
    *world.fake.failure.lock().unwrap() = Some(DirectoryError::Busy);
    let said = logins.standing(&provider(), &roll.here[0], recall, now()).await;
    assert!(said.is_err_and(|refusal| refusal.is_outage()));
}

#[test]
fn groups_of_a_chain_are_watched_in_the_whole_domain() {
    let chain = r#"{"product": "active-directory", "user_filter": "(sAMAccountName=%s)",
        "group_bases": ["OU=Apps,OU=Groups,DC=ad,DC=example", "OU=B\\,dc\\=x,DC=ad,DC=example"],
        "user_bases": ["DC=ad,DC=example"], "nesting": "in-chain"}"#;
    let (bases, filter) = watched(&settings(chain)).unwrap();
    assert_eq!(bases, ["dc=ad,dc=example"]);
    assert_eq!(filter.to_string(), "(objectClass=group)");
    assert_eq!(domain("ou=groups,o=example"), None, "no domain: nothing is taken for unchanged");
    assert_eq!(domain("dc=x,ou=groups,dc=a,dc=b").as_deref(), Some("dc=a,dc=b"));
}
