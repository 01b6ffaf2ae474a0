//! Many at once: whoever comes while nobody writes writes for all.

use std::collections::HashSet;
use std::sync::Arc;

use strongroom_audit::entry::Ending;
use strongroom_audit::{Durability, Outcome};

use crate::house::{House, NOW, ReadThing, alice, asked};

const CALLERS: usize = 16;
const REQUESTS: usize = 60;

const READS: &str = r#"{"Version":"2012-10-17","Statement":
    [{"Effect":"Allow","Action":"s3:GetObject","Resource":"*"}]}"#;

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn every_one_of_a_crowd_is_on_record_once_whoever_wrote_for_whom() {
    let house = Arc::new(House::new());
    let callers = (0..CALLERS).map(|caller| {
        let house = Arc::clone(&house);
        tokio::spawn(async move {
            for n in 0..REQUESTS {
                let mut decided = asked(ReadThing::new("k"), READS);
                // Some must wait for the disk, and some leave without a word.
                if (caller + n) % 7 > 0 {
                    decided.durability = Durability::Available;
                }
                let opened = house.known(&alice()).open(decided, || NOW).await;
                let (_, entry) = opened.unwrap();
                if (caller + n) % 5 > 0 {
                    entry.close(Outcome::status(200));
                }
            }
        })
    });
    for caller in callers.collect::<Vec<_>>() {
        caller.await.unwrap();
    }
    let entries = house.entries().await;
    assert_eq!(entries.len(), CALLERS * REQUESTS);
    let ids: HashSet<_> = entries.iter().map(|entry| entry.opened.id).collect();
    assert_eq!(ids.len(), entries.len(), "an entry was written twice");
    let ended = |ending| {
        let ends = entries.iter().filter_map(|entry| entry.closed.as_ref());
        ends.filter(|closed| closed.outcome == ending).count()
    };
    let aborted = CALLERS * REQUESTS / 5;
    assert_eq!(ended(Ending::Aborted), aborted);
    assert_eq!(ended(Ending::Done), CALLERS * REQUESTS - aborted);
}
