//! Which request a line of the log is about.
//!
//! Nearly no request logs anything, so its span is made when something is logged, not when it
//! begins: [`in_request`] is for what writes the log. Only a log that follows requests from their
//! beginning, as one of level `trace` or with a filter such as `[request]=debug`, has spans made
//! beforehand.

use http::Method;
use names::RequestId;
use tracing::Instrument as _;

/// What the log says of a request.
#[derive(Clone)]
pub(crate) struct Named {
    request_id: RequestId,
    method: Method,
}

tokio::task_local! {
    /// The request that is being answered, if it has no span yet.
    static SPANLESS: Option<Named>;
}

impl Named {
    pub(crate) fn new(request_id: RequestId, method: Method) -> Self {
        Self { request_id, method }
    }

    /// The same work, as that of this request.
    pub(crate) fn answering<F: Future>(self, work: F) -> impl Future<Output = F::Output> + use<F> {
        let Self { request_id, method } = &self;
        let span = tracing::trace_span!("request", %request_id, %method);
        let spanless = span.is_disabled().then_some(self);
        SPANLESS.scope(spanless, work.instrument(span))
    }
}

/// Does something in the span of the request that is being answered, if one is: called by what
/// writes the log, every line says of which request it is.
pub fn in_request<T>(work: impl FnOnce() -> T) -> T {
    match SPANLESS.try_with(Clone::clone) {
        Ok(Some(Named { request_id, method })) => {
            tracing::info_span!("request", %request_id, %method).in_scope(work)
        }
        Ok(None) | Err(_) => work(),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use tracing::span::{Attributes, Id, Record};
    use tracing::{Event, Level, Metadata, Subscriber};

    use super::*;

    /// Takes down each span that is made at a level, and when it is entered.
    struct Notes {
        most: Level,
        lines: Arc<Mutex<Vec<String>>>,
    }

    impl Notes {
        fn line(&self, line: String) {
            self.lines.lock().unwrap().push(line);
        }
    }

    impl Subscriber for Notes {
        fn enabled(&self, metadata: &Metadata<'_>) -> bool {
            *metadata.level() <= self.most
        }

        fn new_span(&self, span: &Attributes<'_>) -> Id {
            self.line(format!("{} of {:?}", span.metadata().name(), span.values()));
            Id::from_u64(1)
        }

        fn enter(&self, _: &Id) {
            self.line("in".to_owned());
        }

        fn exit(&self, _: &Id) {
            self.line("out".to_owned());
        }

        fn event(&self, _: &Event<'_>) {}
        fn record(&self, _: &Id, _: &Record<'_>) {}
        fn record_follows_from(&self, _: &Id, _: &Id) {}
    }

    fn id() -> RequestId {
        RequestId::from_parts(1_700_000_000_000, [7; 10])
    }

    /// What a log of that level sees of a request that logs so many lines.
    fn seen(most: Level, lines: usize) -> Vec<String> {
        let notes = Arc::default();
        let subscriber = Notes { most, lines: Arc::clone(&notes) };
        tracing::subscriber::with_default(subscriber, || {
            let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
            runtime.block_on(Named::new(id(), Method::PUT).answering(async {
                (0..lines).for_each(|line| {
                    in_request(|| notes.lock().unwrap().push(format!("line {line}")));
                });
            }));
        });
        std::mem::take(&mut *notes.lock().unwrap())
    }

    #[test]
    fn a_request_that_logs_nothing_has_no_span() {
        assert_eq!(seen(Level::INFO, 0), Vec::<String>::new());
    }

    #[test]
    fn each_line_is_written_in_the_span_of_its_request() {
        let lines = seen(Level::INFO, 2);
        let made = &lines[0];
        assert!(made.starts_with("request of") && made.contains("PUT"), "{made}");
        assert!(made.contains(&id().to_string()), "{made}");
        assert_eq!(lines[1..], ["in", "line 0", "out", made, "in", "line 1", "out"]);
    }

    #[test]
    fn a_log_that_follows_requests_has_one_span_of_each_from_its_beginning() {
        let lines = seen(Level::TRACE, 2);
        let made: Vec<_> = lines.iter().filter(|line| line.starts_with("request of")).collect();
        assert_eq!(made.len(), 1, "{lines:?}");
        assert_eq!(lines[1..4], ["in", "line 0", "line 1"]);
    }

    #[test]
    fn a_line_of_no_request_is_written_all_the_same() {
        assert_eq!(in_request(|| 5), 5);
    }
}
