//! What a sink is sent in the words of another schema: one event for each entry, when it has ended,
//! under the id of its last leaf. Leaves that are no entry's have no event in those schemas.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use audit::disk::JournalDisk;
use audit::view::{Joined, Joiner, View, of};
use audit::{Delivery, Entry, JournalError, Offered, Reader, Sink, SinkError};
use names::RequestId;

use crate::sinks::chosen::{Only, check, remove};
use crate::sinks::heard::later;
use crate::sinks::settings::SinkConfigError;

/// A sink that is told entries.
pub(super) struct Told {
    sink: Arc<dyn Sink>,
    view: View,
    only: Only,
    omit: Vec<String>,
    /// Where entries are that began before we did.
    journal: Arc<dyn JournalDisk>,
    joiner: Mutex<Joiner>,
}

impl Told {
    pub(super) fn new(
        sink: Arc<dyn Sink>,
        view: View,
        (only, omit): (Only, Vec<String>),
        journal: &Arc<dyn JournalDisk>,
    ) -> Result<Self, SinkConfigError> {
        check(&omit, &[])?;
        if only.names_leaves() {
            return Err(SinkConfigError::Idle("only.entries, with a view: events are entries,"));
        }
        let (journal, joiner) = (Arc::clone(journal), Mutex::default());
        Ok(Self { sink, view, only, omit, journal, joiner })
    }

    fn joiner(&self) -> MutexGuard<'_, Joiner> {
        self.joiner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn send(&self, batch: &[Delivery]) -> Result<Vec<audit::Undeliverable>, SinkError> {
        let joined: Vec<Joined> = {
            let mut joiner = self.joiner();
            batch.iter().map(|one| joiner.take(one.index, &one.leaf)).collect()
        };
        let mut told = Vec::new();
        for (delivery, joined) in batch.iter().zip(joined) {
            let entry = match joined {
                Joined::Nothing => continue,
                Joined::Ended(entry) => Some(*entry),
                Joined::Unknown(id) => self.looked_up(id).await?,
            };
            told.extend(entry.and_then(|entry| self.event(&entry, delivery)));
        }
        let outcome = if told.is_empty() { Ok(Vec::new()) } else { self.sink.offer(&told).await };
        if outcome.is_ok() {
            self.joiner().settle();
        }
        outcome
    }

    fn event(&self, entry: &Entry, delivery: &Delivery) -> Option<Delivery> {
        let leaf = serde_json::to_value(&entry.opened).ok()?;
        if !self.only.admits(&leaf) {
            return None;
        }
        let mut event = of(entry, self.view);
        for field in &self.omit {
            remove(&mut event, field);
        }
        Some(Delivery { leaf: event.to_string().into_bytes(), ..delivery.clone() })
    }

    /// An entry that began before the first leaf that we were given: none, if retention has
    /// removed its beginning.
    async fn looked_up(&self, id: RequestId) -> Result<Option<Entry>, SinkError> {
        let journal = Arc::clone(&self.journal);
        let read = move || Reader::open(&*journal)?.find(id);
        let found = tokio::task::spawn_blocking(read).await;
        let found = found.map_err(|error| later(error.to_string()))?;
        found.map_err(|error: JournalError| later(error.to_string()))
    }
}

impl Sink for Told {
    fn offer<'a>(&'a self, batch: &'a [Delivery]) -> Offered<'a> {
        Box::pin(self.send(batch))
    }

    fn gathers(&self) -> Duration {
        self.sink.gathers()
    }

    fn echoes(&self, batch: &[Delivery]) -> bool {
        self.sink.echoes(batch)
    }
}

#[cfg(test)]
mod tests {
    use audit::disk::MemoryDisk;
    use serde_json::Value;

    use super::*;

    /// Takes what it is offered, once it is told to.
    #[derive(Default)]
    struct Taker {
        away: Mutex<bool>,
        taken: Mutex<Vec<(u64, String, Value)>>,
    }

    impl Sink for Taker {
        fn offer<'a>(&'a self, batch: &'a [Delivery]) -> Offered<'a> {
            if *self.away.lock().unwrap() {
                return Box::pin(async { Err(later("away")) });
            }
            let read = |one: &Delivery| {
                (one.index, one.id.clone(), serde_json::from_slice(&one.leaf).unwrap())
            };
            self.taken.lock().unwrap().extend(batch.iter().map(read));
            Box::pin(async { Ok(Vec::new()) })
        }
    }

    fn leaf(index: u64, rest: &str) -> Delivery {
        let id = "01KDYH7VPE0000000000000001";
        let time = "2026-01-02T03:04:05.678Z";
        let leaf = format!(r#"{{"v":1,"id":"{id}","time":"{time}",{rest}}}"#).into_bytes();
        Delivery { index, id: format!("{id}-{index}"), leaf }
    }

    fn leaves() -> [Delivery; 3] {
        [
            leaf(
                3,
                r#""entry":"opened","verdict":"allowed","operation":"GetObject",
                "source":{"transport":"tls","user_agent":"x"},"durability":"available""#,
            ),
            leaf(
                4,
                r#""entry":"gap","first":"2026-01-02T03:04:05.678Z","requests":1,"why":"full",
                "last":"2026-01-02T03:04:05.678Z""#,
            ),
            leaf(
                5,
                r#""entry":"closed","outcome":"done","status":404,"code":"NoSuchKey",
                "bytes_in":0,"bytes_out":7,"duration_us":9"#,
            ),
        ]
    }

    fn told(only: &str, omit: &[&str]) -> (Arc<Taker>, Told) {
        let taker = Arc::new(Taker::default());
        let sink: Arc<dyn Sink> = Arc::<Taker>::clone(&taker);
        let omit = omit.iter().map(|field| (*field).to_owned()).collect();
        let journal: Arc<dyn JournalDisk> = Arc::new(MemoryDisk::new());
        let only = toml::from_str(only).unwrap();
        (taker, Told::new(sink, View::Ecs, (only, omit), &journal).unwrap())
    }

    #[tokio::test]
    async fn an_entry_is_told_once_it_has_ended_with_how_it_ended() {
        let (taker, told) = told("", &["user_agent.original"]);
        let [opened, gap, closed] = leaves();
        assert_eq!(told.offer(&[opened.clone(), gap.clone()]).await, Ok(Vec::new()));
        assert!(taker.taken.lock().unwrap().is_empty());
        *taker.away.lock().unwrap() = true;
        assert!(told.offer(std::slice::from_ref(&closed)).await.is_err());
        *taker.away.lock().unwrap() = false;
        assert_eq!(told.offer(&[gap, closed]).await, Ok(Vec::new()));
        let taken = taker.taken.lock().unwrap();
        let [(index, id, event)] = taken.as_slice() else { panic!("{taken:?}") };
        assert_eq!((*index, id.as_str()), (5, "01KDYH7VPE0000000000000001-5"));
        assert_eq!(event["event"]["outcome"], "failure");
        assert_eq!(event["http"]["response"]["status_code"], 404);
        assert!(event["user_agent"].get("original").is_none());
    }

    #[tokio::test]
    async fn what_is_not_asked_for_is_not_told() {
        for (only, many) in [
            ("verdict = \"refused\"", 0),
            ("verdict = \"allowed\"", 1),
            ("operations = [\"PutObject\"]", 0),
            ("operations = [\"GetObject\"]", 1),
        ] {
            let (taker, told) = told(only, &[]);
            assert_eq!(told.offer(&leaves()).await, Ok(Vec::new()));
            assert_eq!(taker.taken.lock().unwrap().len(), many, "{only}");
        }
    }

    #[tokio::test]
    async fn an_entry_whose_beginning_is_gone_is_passed_over() {
        let (taker, told) = told("", &[]);
        let [_, _, closed] = leaves();
        assert_eq!(told.offer(&[closed]).await, Ok(Vec::new()));
        assert!(taker.taken.lock().unwrap().is_empty());
    }

    #[test]
    fn kinds_of_leaves_cannot_be_chosen_where_entries_are_told() {
        let only = toml::from_str("entries = [\"opened\"]").unwrap();
        let journal: Arc<dyn JournalDisk> = Arc::new(MemoryDisk::new());
        let sink: Arc<dyn Sink> = Arc::new(Taker::default());
        assert!(Told::new(sink, View::Ocsf, (only, Vec::new()), &journal).is_err());
    }
}
