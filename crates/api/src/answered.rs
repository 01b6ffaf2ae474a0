//! How many answers were given, for the metrics: of each dialect, by the class of the status.

use std::sync::OnceLock;

use metrics::Counter;

use crate::dialect::Dialect;

const DIALECTS: usize = 6;

/// The classes of a status: few enough for a metric's label.
const CLASSES: [&str; 4] = ["2xx", "3xx", "4xx", "5xx"];

/// The counters of `strongroom_requests_total`. Each is asked of the recorder once, with the first
/// answer of its kind, and not again with every other.
#[derive(Default)]
pub struct Answered([[OnceLock<Counter>; CLASSES.len()]; DIALECTS]);

impl Answered {
    /// Counts one answer.
    pub(crate) fn count(&self, dialect: Dialect, status: u16) {
        let class = class(status);
        let of_dialect = self.0.get(row(dialect));
        let Some(counter) = of_dialect.and_then(|classes| classes.get(class)) else { return };
        let (name, class) = (dialect.name(), CLASSES.get(class).copied().unwrap_or_default());
        let asked =
            || metrics::counter!("strongroom_requests_total", "dialect" => name, "status" => class);
        counter.get_or_init(asked).increment(1);
    }
}

fn class(status: u16) -> usize {
    match status {
        200..=299 => 0,
        300..=399 => 1,
        400..=499 => 2,
        _ => 3,
    }
}

fn row(dialect: Dialect) -> usize {
    match dialect {
        Dialect::S3 => 0,
        Dialect::Control => 1,
        Dialect::Query { .. } => 2,
        Dialect::Analyzer => 3,
        Dialect::Target => 4,
        Dialect::Admin => 5,
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::sync::atomic::{AtomicU64, Ordering};
    use std::sync::{Arc, Mutex};

    use metrics::{Gauge, Histogram, Key, KeyName, Metadata, Recorder, SharedString, Unit};

    use super::*;

    /// Each counter that was asked for, and how often.
    #[derive(Default)]
    struct Asked(Mutex<BTreeMap<String, (usize, Arc<AtomicU64>)>>);

    impl Recorder for Asked {
        fn register_counter(&self, key: &Key, _: &Metadata<'_>) -> Counter {
            let labels: Vec<_> = key.labels().map(metrics::Label::value).collect();
            let mut asked = self.0.lock().unwrap();
            let (times, counter) = asked.entry(labels.join(" ")).or_default();
            *times += 1;
            Counter::from_arc(Arc::clone(counter))
        }

        fn describe_counter(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}
        fn describe_gauge(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}
        fn describe_histogram(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}
        fn register_gauge(&self, _: &Key, _: &Metadata<'_>) -> Gauge {
            Gauge::noop()
        }
        fn register_histogram(&self, _: &Key, _: &Metadata<'_>) -> Histogram {
            Histogram::noop()
        }
    }

    #[test]
    fn each_kind_of_answer_is_counted_apart_by_a_counter_asked_for_once() {
        let query = Dialect::Query { namespace: "n" };
        let dialects = [
            Dialect::S3,
            Dialect::Control,
            query,
            Dialect::Analyzer,
            Dialect::Target,
            Dialect::Admin,
        ];
        let (recorder, answered) = (Asked::default(), Answered::default());
        metrics::with_local_recorder(&recorder, || {
            for dialect in dialects {
                for (times, status) in [(1, 200), (1, 299), (3, 304), (1, 404), (4, 503)] {
                    (0..times).for_each(|_| answered.count(dialect, status));
                }
            }
        });
        let asked = recorder.0.into_inner().unwrap();
        assert_eq!(asked.len(), dialects.len() * CLASSES.len());
        for dialect in dialects {
            for (class, count) in CLASSES.iter().zip([2, 3, 1, 4]) {
                let (times, counter) = &asked[&format!("{} {class}", dialect.name())];
                assert_eq!((*times, counter.load(Ordering::Relaxed)), (1, count), "{class}");
            }
        }
    }
}
