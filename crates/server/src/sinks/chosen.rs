//! What a sink is sent of the record: some leaves, and some fields of them.

use std::sync::Arc;
use std::time::Duration;

use audit::{Delivery, Offered, Sink};
use serde::Deserialize;
use serde_json::Value;

use crate::sinks::settings::SinkConfigError;

/// Most fields that are left out.
const FIELDS_MAX: usize = 64;
/// What tells receivers the leaf by, and is never left out.
const ALWAYS: &[&str] = &["v", "entry", "id"];

/// Which leaves. Each that is given must hold; a leaf that says nothing of it does not hold.
#[derive(Deserialize, Debug, Clone, Default)]
#[serde(deny_unknown_fields)]
pub(crate) struct Only {
    /// Kinds of leaves, such as `opened`.
    #[serde(default)]
    entries: Vec<String>,
    /// `allowed` or `refused`.
    #[serde(default)]
    verdict: Option<String>,
    /// Operations, such as `DeleteObject`.
    #[serde(default)]
    operations: Vec<String>,
}

/// A sink that is sent a choice.
pub(super) struct Chosen {
    sink: Arc<dyn Sink>,
    only: Only,
    omit: Vec<String>,
}

impl Chosen {
    pub(super) fn new(
        sink: Arc<dyn Sink>,
        only: Only,
        omit: Vec<String>,
    ) -> Result<Self, SinkConfigError> {
        check(&omit, ALWAYS)?;
        Ok(Self { sink, only, omit })
    }

    /// The leaf as it is sent, if it is. What is no JSON is sent as it is: nothing is lost unseen.
    fn choose(&self, delivery: &Delivery) -> Option<Delivery> {
        let Ok(mut leaf) = serde_json::from_slice::<Value>(&delivery.leaf) else {
            return Some(delivery.clone());
        };
        if !self.only.admits(&leaf) {
            return None;
        }
        for field in &self.omit {
            remove(&mut leaf, field);
        }
        Some(Delivery { leaf: leaf.to_string().into_bytes(), ..delivery.clone() })
    }
}

/// Whether those fields can be left out.
pub(super) fn check(omit: &[String], always: &[&str]) -> Result<(), SinkConfigError> {
    let bad = |field: &&String| always.contains(&field.as_str()) || field.is_empty();
    if let Some(word) = omit.iter().find(bad) {
        return Err(SinkConfigError::Word { setting: "field to omit", word: word.clone() });
    }
    if omit.len() > FIELDS_MAX {
        return Err(SinkConfigError::Idle("so long a list of fields to omit"));
    }
    Ok(())
}

impl Only {
    /// Whether kinds of leaves are chosen from.
    pub(super) fn names_leaves(&self) -> bool {
        !self.entries.is_empty()
    }

    pub(super) fn admits(&self, leaf: &Value) -> bool {
        let word = |name: &str| leaf.get(name).and_then(Value::as_str);
        let one_of = |words: &[String], name: &str| {
            words.is_empty() || word(name).is_some_and(|said| words.iter().any(|w| w == said))
        };
        one_of(&self.entries, "entry")
            && one_of(&self.operations, "operation")
            && self.verdict.as_deref().is_none_or(|verdict| word("verdict") == Some(verdict))
    }
}

/// Removes a field by its path, such as `source.user_agent`; in a list, from each member.
pub(super) fn remove(value: &mut Value, path: &str) {
    if let Value::Array(members) = value {
        members.iter_mut().for_each(|member| remove(member, path));
        return;
    }
    let Some(members) = value.as_object_mut() else { return };
    match path.split_once('.') {
        None => {
            members.remove(path);
        }
        Some((first, rest)) => {
            if let Some(inner) = members.get_mut(first) {
                remove(inner, rest);
            }
        }
    }
}

impl Sink for Chosen {
    fn offer<'a>(&'a self, batch: &'a [Delivery]) -> Offered<'a> {
        Box::pin(async move {
            let chosen: Vec<Delivery> = batch.iter().filter_map(|one| self.choose(one)).collect();
            if chosen.is_empty() { Ok(Vec::new()) } else { self.sink.offer(&chosen).await }
        })
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
    use std::sync::Mutex;

    use super::*;

    #[derive(Default)]
    struct Taker(Mutex<Vec<Delivery>>);

    impl Sink for Taker {
        fn offer<'a>(&'a self, batch: &'a [Delivery]) -> Offered<'a> {
            assert!(!batch.is_empty());
            self.0.lock().unwrap().extend_from_slice(batch);
            Box::pin(async { Ok(Vec::new()) })
        }
    }

    fn leaf(index: u64, text: &str) -> Delivery {
        Delivery { index, id: format!("x-{index}"), leaf: text.as_bytes().to_vec() }
    }

    async fn sent(only: &str, omit: &[&str], batch: &[Delivery]) -> Vec<(u64, String)> {
        let taker = Arc::new(Taker::default());
        let sink: Arc<dyn Sink> = Arc::<Taker>::clone(&taker);
        let omit = omit.iter().map(|field| (*field).to_owned()).collect();
        let chosen = Chosen::new(sink, toml::from_str(only).unwrap(), omit).unwrap();
        assert_eq!(chosen.offer(batch).await, Ok(Vec::new()));
        let taken = taker.0.lock().unwrap();
        let text = |one: &Delivery| String::from_utf8(one.leaf.clone()).unwrap();
        taken.iter().map(|one| (one.index, text(one))).collect()
    }

    #[tokio::test]
    async fn a_sink_is_sent_the_leaves_that_it_is_for() {
        let batch = [
            leaf(1, r#"{"entry":"opened","verdict":"refused","operation":"GetObject"}"#),
            leaf(2, r#"{"entry":"opened","verdict":"allowed","operation":"DeleteObject"}"#),
            leaf(3, r#"{"entry":"closed"}"#),
            leaf(4, "no JSON"),
        ];
        let indices = async |only: &str| {
            let sent = sent(only, &[], &batch).await;
            sent.into_iter().map(|(index, _)| index).collect::<Vec<u64>>()
        };
        assert_eq!(indices("").await, [1, 2, 3, 4]);
        assert_eq!(indices("verdict = \"refused\"").await, [1, 4]);
        assert_eq!(indices("entries = [\"opened\"]").await, [1, 2, 4]);
        assert_eq!(indices("operations = [\"DeleteObject\"]").await, [2, 4]);
        assert_eq!(sent("verdict = \"refused\"", &[], &batch[1..2]).await, []);
    }

    #[tokio::test]
    async fn fields_are_left_out_wherever_they_are() {
        let batch = [leaf(1, r#"{"a":{"b":1,"c":2},"d":[{"b":3,"e":4}],"f":5}"#)];
        let sent = sent("", &["a.b", "d.b", "f", "g.h"], &batch).await;
        let read: Value = serde_json::from_str(&sent[0].1).unwrap();
        assert_eq!(read, serde_json::json!({"a": {"c": 2}, "d": [{"e": 4}]}));
    }

    #[test]
    fn what_a_leaf_is_known_by_is_never_left_out() {
        for field in ["id", "entry", "v", ""] {
            let sink: Arc<dyn Sink> = Arc::new(Taker::default());
            assert!(Chosen::new(sink, Only::default(), vec![field.to_owned()]).is_err(), "{field}");
        }
    }
}
