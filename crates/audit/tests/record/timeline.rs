//! Everything that a stolen key touched: the sessions it minted, and what those touched.

use strongroom_audit::{
    ChainLink, Decided, Durability, Human, Minted, Outcome, Subject, Timeline, TimelinePage, Who,
    counts, timeline,
};

use crate::house::*;

const SESSION: &str = "ASIASESSIONSESSION00";
const NESTED: &str = "ASIANESTEDNESTED0000";

fn with(credential: &str, chain: Vec<ChainLink>) -> Who {
    Who { credential: Some(credential.parse().unwrap()), chain, ..alice() }
}

async fn does(house: &House, who: &Who, key: &str, mints: Option<&str>) {
    let op = ReadThing::new(key);
    let made = decisions(&op, ALL, NOW);
    let target = op.arn();
    let mints = mints.map(|credential| Minted {
        credential: credential.parse().unwrap(),
        expires: "2026-01-03T00:00:00Z".parse().unwrap(),
    });
    let asked =
        Decided { mints, durability: Durability::Available, ..decided(op, target.as_str(), made) };
    let (_permit, entry) = house.known(who).open(asked, || NOW).await.unwrap();
    entry.close(Outcome::status(200));
}

/// A key mints a session, which mints another; a second key works beside them; a person signs in.
async fn played() -> House {
    let house = House::new();
    let stolen = with("AKIAALICEALICEALICEA", links());
    let other = with("AKIABOBBOBBOBBOBBOBB", Vec::new());
    does(&house, &stolen, "a", None).await;
    does(&house, &stolen, "assume", Some(SESSION)).await;
    does(&house, &other, "b", None).await;
    does(&house, &with(SESSION, Vec::new()), "c", None).await;
    does(&house, &with(SESSION, Vec::new()), "chain", Some(NESTED)).await;
    does(&house, &with(NESTED, Vec::new()), "d", None).await;
    does(&house, &other, "a", None).await;
    let human = Human {
        provider: "arn:aws:iam::111122223333:oidc-provider/corp".parse().unwrap(),
        subject: "42".to_owned(),
        display: Some("Ana".to_owned()),
    };
    let ana = Who { human: Some(human), ..with("ASIAANAANAANAANAANA0", Vec::new()) };
    does(&house, &ana, "e", None).await;
    house.journal.flush().await.unwrap();
    house
}

fn of(house: &House, subject: &Subject) -> (Timeline, Vec<String>) {
    let reader = house.journal.reader().unwrap();
    let found = timeline(&reader, subject, (None, None), TimelinePage::default()).unwrap();
    let name = |arn: &names::Arn| arn.as_str().rsplit('/').next().unwrap().to_owned();
    let targets = found.entries.iter().map(|entry| {
        assert!(entry.closed.is_some());
        name(&entry.opened.target.as_ref().unwrap().resource)
    });
    let targets = targets.collect();
    (found, targets)
}

#[tokio::test]
async fn a_stolen_key_is_followed_through_every_session_that_it_led_to_and_no_further() {
    let house = played().await;
    let key = Subject::Credential("AKIAALICEALICEALICEA".parse().unwrap());
    let (found, targets) = of(&house, &key);
    assert_eq!(targets, ["a", "assume", "c", "chain", "d"]);
    assert_eq!(found.credentials.len(), 3);
    assert_eq!(found.touched.len(), 5);
    // A session begins with how it was made; what its maker did besides is not its own.
    let (found, targets) = of(&house, &Subject::Credential(SESSION.parse().unwrap()));
    assert_eq!(targets, ["assume", "c", "chain", "d"]);
    assert_eq!(found.credentials.len(), 2);
}

#[tokio::test]
async fn pages_of_a_timeline_have_each_entry_once_in_order_and_each_page_counts_all() {
    let house = played().await;
    let (reader, key) = (house.journal.reader().unwrap(), "AKIAALICEALICEALICEA");
    let subject = Subject::Credential(key.parse().unwrap());
    let (whole, _) = of(&house, &subject);
    assert_eq!((whole.found, whole.next), (5, None));
    let none = TimelinePage { after: None, entries_max: 0 };
    let counted = timeline(&reader, &subject, (None, None), none).unwrap();
    assert_eq!((counted.found, counted.entries.len(), counted.next), (5, 0, None));
    for entries_max in 1..=6 {
        let (mut entries, mut page) = (Vec::new(), TimelinePage { after: None, entries_max });
        loop {
            let found = timeline(&reader, &subject, (None, None), page).unwrap();
            assert!(found.entries.len() <= entries_max);
            assert_eq!((found.found, &found.touched), (5, &whole.touched));
            entries.extend(found.entries);
            page.after = found.next;
            if found.next.is_none() {
                break;
            }
        }
        assert_eq!(entries, whole.entries, "{entries_max} a page");
    }
}

#[tokio::test]
async fn a_person_is_found_by_subject_and_label_and_an_object_by_whoever_touched_it() {
    let house = played().await;
    for name in ["42", "Ana"] {
        assert_eq!(of(&house, &Subject::Person(name.to_owned())).1, ["e"]);
    }
    assert!(of(&house, &Subject::Person("Bob".to_owned())).1.is_empty());
    let (found, targets) = of(&house, &Subject::Object("arn:aws:s3:::pay/a".to_owned()));
    assert_eq!(targets, ["a", "a"]);
    assert!(found.credentials.is_empty());
    let (_, targets) = of(&house, &Subject::Object("arn:aws:s3:::pay/a*".to_owned()));
    assert_eq!(targets, ["a", "assume", "a"]);
}

#[tokio::test]
async fn entries_are_counted_by_operation_caller_and_reason() {
    let house = played().await;
    let reader = house.journal.reader().unwrap();
    let all = counts(&reader, (None, None)).unwrap();
    assert_eq!((all.entries, all.refused, all.open), (8, 0, 0));
    assert_eq!(all.operations.get("GetObject"), Some(&8));
    let later = Some("2030-01-01T00:00:00Z".parse().unwrap());
    assert_eq!(counts(&reader, (later, None)).unwrap().entries, 0);
    assert_eq!(counts(&reader, (None, later)).unwrap().entries, 8);
}
