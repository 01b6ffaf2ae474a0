//! Every row of the operation table where the disk fails it: files that cannot be read, a disk that
//! is read-only, a record that takes nothing. What a row answers from memory, or changes nothing
//! for, is listed with the reason; whatever fails is on record as it was answered.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use api::operation::{Effect, table};
use audit::entry::{Ending, Entrance};
use audit::{Clock as _, Durability};
use bytes::Bytes;
use http::Request;
use http_body_util::Full;
use signing::Algorithm;
use signing::sign::{Credentials, Payload, Signer};
use testkit::{Ailment, Trouble};

use super::house::{Answer, Ground, House, Record, credentials};
use crate::clock::SystemClock;

#[path = "../../../cli/tests/door/ask.rs"]
pub(super) mod ask;
#[expect(dead_code, reason = "the tests of the door ask for all of it")]
#[path = "../../../cli/tests/door/samples.rs"]
mod samples;

use ask::{Ask, REGION};
use samples::{Sample, key, samples};

/// Somebody who may do everything, with the policy that says so.
const EVERYTHING: &str =
    r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}"#;

/// Rows that read what lies in the store, besides those that change it; all others are answered
/// from memory.
const READS_THE_STORE: &[&str] = &[
    "DeleteObjects",
    "GetBucketTagging",
    "GetObject",
    "GetObjectAcl",
    "GetObjectAttributes",
    "GetObjectTagging",
    "HeadObject",
    "ListMultipartUploads",
    "ListObjectVersions",
    "ListObjects",
    "ListObjectsV2",
    "ListParts",
];

/// Rows that read the record.
const READS_THE_RECORD: &[&str] = &[
    "GET audit",
    "GET audit/checkpoint",
    "GET audit/export",
    "GET audit/growth",
    "GET audit/holds",
    "GET audit/prove",
    "GET audit/stats",
    "GET audit/tail",
    "GET audit/timeline",
    "GET audit/verify",
    "GET explain/{}",
    "GET sessions",
    "iam:GetAccessKeyLastUsed",
    "sts:DecodeAuthorizationMessage",
];

/// Rows that change something, but nothing in the store, and why.
const CHANGES_ELSEWHERE: &[(&str, &[&str])] = &[
    ("it answers 200 and says of each item what became of it", &["DeleteObjects"]),
    ("holds lie beside the record", &["DELETE audit/holds/{}", "PUT audit/holds/{}"]),
    ("a copy goes to another disk", &["POST backup"]),
];

/// What is wrong, and with which disk.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Wrong {
    /// The store's files cannot be read.
    StoreUnreadable,
    /// Nothing of the store can be changed.
    StoreReadOnly,
    /// The record's files cannot be read; it takes entries.
    RecordUnreadable,
}

/// What was asked while something was wrong, and what came of it.
struct Asked {
    row: &'static str,
    wrong: Wrong,
    answer: Answer,
}

/// The walk through the samples, each of which finds what the ones before it have made.
struct Walk {
    house: House,
    /// Who asks.
    by: Credentials,
    /// What the samples' `{name}` stand for.
    known: BTreeMap<&'static str, String>,
    /// What was asked while something was wrong.
    asked: Vec<Asked>,
}

impl Walk {
    async fn begin() -> Self {
        let house = Ground::new().serve(Durability::Available).await;
        let mut walk = Self { house, by: credentials(), known: BTreeMap::new(), asked: Vec::new() };
        let everything = ask::encoded(EVERYTHING);
        let trust = ask::encoded(&ask::trusts(&format!("arn:aws:iam::{}:root", ask::OWNER)));
        for name in ["Rested", "Roamer"] {
            let role = format!("RoleName={name}&AssumeRolePolicyDocument={trust}");
            walk.iam("CreateRole", &role).await.expect(200);
        }
        walk.iam("CreateUser", "UserName=exact").await.expect(200);
        let key = walk.iam("CreateAccessKey", "UserName=exact").await.expect(200);
        let root = std::mem::replace(
            &mut walk.by,
            Credentials {
                access_key_id: key.element("AccessKeyId").unwrap().parse().unwrap(),
                secret: key.element("SecretAccessKey").unwrap().parse().unwrap(),
                session_token: None,
            },
        );
        let denied = walk.iam("ListUsers", "").await.expect(403);
        let user = std::mem::replace(&mut walk.by, root);
        let own = format!("UserName=exact&PolicyName=own&PolicyDocument={everything}");
        walk.iam("PutUserPolicy", &own).await.expect(200);
        walk.by = user;
        let known = [
            ("decision", denied.element("DecisionId").unwrap().to_owned()),
            ("holder", walk.by.access_key_id.to_string()),
            ("directory", walk.house.ground.home().display().to_string()),
        ];
        walk.known.extend(known);
        walk
    }

    async fn iam(&self, action: &str, fields: &str) -> Answer {
        self.send(&Ask::form("iam", action, fields)).await
    }

    async fn send(&self, ask: &Ask) -> Answer {
        self.house.send(request(ask, &self.by)).await
    }

    fn filled(&self, ask: &Ask) -> Ask {
        let fill = |text: &str| {
            self.known.iter().fold(text.to_owned(), |text, (name, value)| {
                text.replace(&format!("{{{name}}}"), value)
            })
        };
        let body = fill(std::str::from_utf8(&ask.body).unwrap());
        let body = match self.known.get("seed") {
            Some(seed) => ask::codes(&body, seed, SystemClock::new().now()),
            None => body,
        };
        Ask { target: fill(&ask.target), body: body.into_bytes(), ..ask.clone() }
    }

    /// Asks while something is wrong; then all is well again.
    async fn amid(mut self, sample: &Sample, wrong: Wrong) -> Self {
        if wrong == Wrong::StoreUnreadable && READS_THE_STORE.contains(&sample.row) {
            // What was read lately is answered from memory: who has just started has read nothing.
            self.house = self.house.stop().await.serve(Durability::Available).await;
        }
        let ask = self.filled(&sample.ask);
        let (store, record) = (self.house.ground.store.clone(), Arc::clone(&self.house.disk));
        match wrong {
            Wrong::StoreUnreadable => store.ail(Some(Ailment::Unreadable)),
            Wrong::StoreReadOnly => store.ail(Some(Ailment::ReadOnly)),
            Wrong::RecordUnreadable => record.set(Some(Trouble::Unreadable)),
        }
        let answer = self.send(&ask).await;
        store.ail(None);
        record.set(None);
        drop(record);
        self.asked.push(Asked { row: sample.row, wrong, answer });
        // A disk that has failed is not believed again until the next start.
        if self.house.alarm.borrow().is_some() {
            self.house = self.house.stop().await.serve(Durability::Available).await;
        }
        self
    }

    /// Asks while each thing is wrong; then, unless something was changed all the same, while
    /// nothing is, which is never an error of the server.
    async fn sample(mut self, sample: &Sample) -> Self {
        for wrong in [Wrong::StoreReadOnly, Wrong::StoreUnreadable, Wrong::RecordUnreadable] {
            self = self.amid(sample, wrong).await;
            let done = self.asked.last().filter(|one| one.answer.is_done());
            if let Some(done) = done.filter(|_| changes(sample.row)) {
                let kept = keeps(sample, &done.answer);
                self.known.extend(kept);
                return self;
            }
        }
        let answer = self.send(&self.filled(&sample.ask)).await;
        assert!(answer.status < 500, "{}: {answer:?}", sample.row);
        self.known.extend(keeps(sample, &answer));
        self
    }

    /// The rows that answered with an error of the server while this was wrong.
    fn failed(&self, wrong: Wrong) -> BTreeSet<&'static str> {
        let of = self.asked.iter().filter(|one| one.wrong == wrong && one.answer.status >= 500);
        of.map(|one| one.row).collect()
    }
}

/// What of an answer later samples stand on.
fn keeps(sample: &Sample, answer: &Answer) -> Option<(&'static str, String)> {
    let (name, element) = sample.keeps?;
    let kept = answer.element(element).or_else(|| answer.member(element));
    Some((name, kept.unwrap_or_default().to_owned()))
}

/// A request, signed.
fn request(ask: &Ask, by: &Credentials) -> Request<Full<Bytes>> {
    let now = SystemClock::new().now();
    let mut builder =
        Request::builder().method(ask.method).uri(&ask.target).header("host", "store.example");
    for (name, value) in &ask.headers {
        builder = builder.header(*name, value);
    }
    let (mut parts, ()) = builder.body(()).unwrap().into_parts();
    if !ask.fields.is_empty() {
        return Request::from_parts(parts, Full::new(Bytes::from(ask.form_by(by, (now, 600)))));
    }
    let (service, algorithm) = (ask.service, Algorithm::Hmac);
    let signer = Signer { credentials: by, region: REGION, service, now, algorithm };
    signer.sign(&mut parts, Payload::Whole(&ask.body)).unwrap();
    Request::from_parts(parts, Full::new(Bytes::from(ask.body.clone())))
}

/// Whether a row changes something.
fn changes(name: &str) -> bool {
    table().iter().any(|row| key(row) == name && row.effect != Effect::Read)
}

#[tokio::test(flavor = "multi_thread")]
async fn every_row_that_needs_a_disk_that_fails_says_so_and_is_on_record_and_no_other_fails() {
    let mut walk = Walk::begin().await;
    for sample in samples() {
        walk = walk.sample(&sample).await;
    }
    let rows: BTreeSet<&str> = samples().iter().map(|one| one.row).collect();
    let elsewhere: BTreeSet<&str> =
        CHANGES_ELSEWHERE.iter().flat_map(|(_, rows)| rows.iter().copied()).collect();
    let writes: BTreeSet<&str> =
        rows.iter().copied().filter(|row| changes(row) && !elsewhere.contains(row)).collect();
    let reads: BTreeSet<&str> = READS_THE_STORE.iter().copied().collect();
    let told: BTreeSet<&str> = READS_THE_RECORD.iter().copied().collect();
    for (wrong, expected) in [
        (Wrong::StoreReadOnly, writes.clone()),
        (Wrong::StoreUnreadable, &writes | &reads),
        (Wrong::RecordUnreadable, told),
    ] {
        let failed = walk.failed(wrong);
        let (more, less) = (&failed - &expected, &expected - &failed);
        assert_eq!((more, less), Default::default(), "{wrong:?}: that fail, that do not");
    }
    on_record(&walk.house.stop().await.record(), &walk.asked);
}

/// Each has one entry that says what was answered.
fn on_record(record: &Record, asked: &[Asked]) {
    for Asked { row, wrong, answer } in asked {
        let (opened, closed) = record.entry(&answer.id);
        assert_eq!((closed.outcome, closed.status), (Ending::Done, answer.status), "{row}");
        if answer.status >= 500 {
            // It may fail before anything is decided: what policies ask for cannot be read.
            let reason = opened.reason.as_ref().map(|reason| reason.code.as_str());
            let said = [(Entrance::Allowed, None), (Entrance::Refused, Some("unavailable"))];
            assert!(said.contains(&(opened.verdict, reason)), "{row} {wrong:?}: {opened:?}");
            assert!(closed.code.is_some(), "{row} {wrong:?}: {closed:?}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_row_is_refused_and_nothing_is_done_while_the_record_takes_nothing() {
    let walk = Walk::begin().await;
    walk.house.disk.set(Some(Trouble::Full));
    let mut refused = Vec::new();
    for sample in samples() {
        let answer = walk.send(&walk.filled(&sample.ask)).await.expect(503);
        refused.push(answer.id);
    }
    walk.house.disk.set(None);
    walk.house.journal.flush().await.unwrap();
    walk.house.root("HEAD", "/rows", "").await.expect(404);
    let users = walk.iam("ListUsers", "").await.expect(200);
    assert!(users.body.contains("exact") && !users.body.contains("walker"), "{users:?}");
    let record = walk.house.stop().await.record();
    assert!(!refused.iter().any(|id| record.knows(id)));
    let counted: u64 = record.gaps.iter().map(|gap| gap.requests).sum();
    assert_eq!(counted, u64::try_from(refused.len()).unwrap());
}
