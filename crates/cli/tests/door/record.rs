//! What the record must say of the requests that a test has sent.

use std::collections::HashMap;
use std::path::Path;

use audit::Reader;
use audit::disk::FileDisk;
use audit::entry::{Ending, Entrance, Leaf, Opened};
use signing::sign::Credentials;

use crate::client::{Answer, Ask, By, Client};

/// What is expected of one request's entry.
struct Expected {
    /// What was asked, for the failure's text.
    what: String,
    /// The reason of a refusal; `None` if it was let in.
    reason: Option<&'static str>,
}

/// What a test has sent, by request id.
#[derive(Default)]
pub(crate) struct Sent(HashMap<String, Expected>);

impl Sent {
    /// Remembers a request that was let in, whatever came of it.
    pub(crate) fn allowed(&mut self, what: &str, answer: &Answer) {
        self.put(what, answer, None);
    }

    /// Remembers a request that was refused for that reason.
    pub(crate) fn refused(&mut self, what: &str, answer: &Answer, reason: &'static str) {
        self.put(what, answer, Some(reason));
    }

    fn put(&mut self, what: &str, answer: &Answer, reason: Option<&'static str>) {
        let expected = Expected { what: what.to_owned(), reason };
        let before = self.0.insert(answer.request_id().to_owned(), expected);
        assert!(before.is_none(), "two requests have the id {}", answer.request_id());
    }

    /// Reads the record: each request has exactly one entry, opened once and closed once, with the
    /// verdict and the reason that were expected, and as done: the whole answer came. Returns how
    /// many there were.
    pub(crate) fn check(&self, client: Client, root: &Credentials, journal: &Path) -> usize {
        // Asking the record anything first brings everything that was answered to disk.
        client.send(&Ask::admin("GET", "audit?limit=1", ""), By::Key(root)).expect(200);
        let disk = FileDisk::new(journal.to_owned());
        let reader = Reader::open(&disk).unwrap();
        let mut opened: HashMap<String, Vec<Opened>> = HashMap::new();
        let mut closed: HashMap<String, Vec<Ending>> = HashMap::new();
        for leaf in reader.leaves(0) {
            match leaf.unwrap().1 {
                Leaf::Opened(leaf) => opened.entry(leaf.id.to_string()).or_default().push(*leaf),
                Leaf::Closed(leaf) => {
                    closed.entry(leaf.id.to_string()).or_default().push(leaf.outcome);
                }
                Leaf::Continued(_) | Leaf::Key(_) | Leaf::Removed(_) | Leaf::Gap(_) => {}
            }
        }
        let mut wrong = Vec::new();
        for (id, expected) in &self.0 {
            let entries = opened.get(id).map(Vec::as_slice).unwrap_or_default();
            let ends = closed.get(id).map(Vec::as_slice).unwrap_or_default();
            let problem = match (entries, ends) {
                ([entry], [Ending::Done]) => differs(entry, expected.reason),
                _ => Some(format!("{} entries, ends {ends:?}", entries.len())),
            };
            wrong.extend(problem.map(|problem| format!("{} ({id}): {problem}", expected.what)));
        }
        wrong.sort();
        assert!(wrong.is_empty(), "the record is not as it should be:\n{}", wrong.join("\n"));
        self.0.len()
    }
}

fn differs(entry: &Opened, expected: Option<&str>) -> Option<String> {
    let reason = entry.reason.as_ref().map(|reason| reason.code.as_str());
    let verdict = if expected.is_some() { Entrance::Refused } else { Entrance::Allowed };
    (entry.verdict != verdict || reason != expected)
        .then(|| format!("{:?} {reason:?}, not {verdict:?} {expected:?}", entry.verdict))
}
