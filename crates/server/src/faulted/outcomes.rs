//! However a request ends, it leaves one entry with both its ends, which say how it ended.

use audit::Durability;
use audit::entry::{Closed, Ending, Entrance, Opened};
use http_body_util::BodyExt as _;
use testkit::Fault;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use super::house::{By, Ground, House, Record, signed};

/// Longer than what a connection holds.
const LONG_BYTES: usize = 12 * 1024 * 1024;

/// A request for each kind of work that the server does.
const ASKED: [(&str, &str, &str); 6] = [
    ("PUT", "/late", ""),
    ("PUT", "/pay/b", "second"),
    ("DELETE", "/pay/a", ""),
    ("PUT", "/pay?policy", POLICY),
    ("POST", "/pay/c?uploads", ""),
    ("POST", "/-/v1/accounts", "{\"name\":\"late\"}"),
];
const POLICY: &str = r#"{"Version":"2012-10-17","Statement":{"Effect":"Deny","Principal":"*",
    "Action":"s3:GetObjectTorrent","Resource":"arn:aws:s3:::pay/*"}}"#;

async fn stocked() -> House {
    let house = Ground::new().serve(Durability::Available).await;
    house.root("PUT", "/pay", "").await.expect(200);
    house.root("PUT", "/pay/a", "first").await.expect(200);
    house.root("PUT", "/pay/long", &"x".repeat(LONG_BYTES)).await.expect(200);
    house
}

/// The one entry of a client that went away.
fn left<'r>(record: &'r Record, agent: &str) -> (&'r Opened, &'r Closed) {
    let opened = record.of_agent(agent);
    assert_eq!(opened.len(), 1, "{agent}");
    record.entry(&opened[0].id.to_string())
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_server_fails_to_do_is_on_record_as_allowed_and_failed() {
    for (method, path, body) in ASKED {
        let house = stocked().await;
        let store = house.ground.store.clone();
        store.fail_at(store.steps(), Fault::Failed);
        let answer = house.root(method, path, body).await;
        assert!(answer.status >= 500, "{method} {path}: {answer:?}");
        house.journal.flush().await.unwrap();
        let record = house.stop().await.record();
        let (opened, closed) = record.entry(&answer.id);
        assert_eq!(opened.verdict, Entrance::Allowed, "{method} {path}");
        assert_eq!((closed.outcome, closed.status), (Ending::Done, answer.status));
        assert!(closed.code.is_some(), "{closed:?}");
        // Twin: without the fault it is done.
        let house = stocked().await;
        let answer = house.root(method, path, body).await;
        assert!(answer.status < 300 || answer.status == 404, "{method} {path}: {answer:?}");
        let record = house.stop().await.record();
        assert_eq!(record.entry(&answer.id).1.status, answer.status);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_there_or_asked_wrongly_is_on_record_with_what_was_answered() {
    let house = stocked().await;
    let mut asked = Vec::new();
    for (method, path, body, status, verdict) in [
        ("GET", "/pay/none", "", 404, Entrance::Allowed),
        ("GET", "/none/a", "", 404, Entrance::Allowed),
        ("DELETE", "/pay", "", 409, Entrance::Allowed),
        ("PUT", "/pay", "", 200, Entrance::Allowed),
        ("PUT", "/pay?versioning", "<no", 501, Entrance::Refused),
        ("POST", "/pay?delete", "<no", 400, Entrance::Refused),
        ("PUT", "/pay?policy", "{}", 400, Entrance::Allowed),
        ("GET", "/pay?list-type=2&max-keys=x", "", 400, Entrance::Refused),
        ("POST", "/-/v1/accounts", "[", 400, Entrance::Refused),
        ("DELETE", "/-/v1/audit/holds/none", "", 404, Entrance::Allowed),
        ("GET", "/-/v1/nothing", "", 404, Entrance::Refused),
    ] {
        let answer = house.root(method, path, body).await;
        assert_eq!(answer.status, status, "{method} {path}: {answer:?}");
        asked.push((answer.id, status, verdict, path));
    }
    let record = house.stop().await.record();
    for (id, status, verdict, path) in asked {
        let (opened, closed) = record.entry(&id);
        assert_eq!((closed.status, opened.verdict), (status, verdict), "{path}");
        assert_eq!(closed.outcome, Ending::Done, "{path}");
    }
}

/// The bytes of a request of an agent, signed.
async fn whole(method: &str, path: &str, (body, agent): (&str, &str)) -> Vec<u8> {
    let request = signed(method, path, body.as_bytes(), (By::Root, agent));
    let (parts, body) = request.into_parts();
    let body = body.collect().await.unwrap().to_bytes();
    let mut bytes = format!("{method} {path} HTTP/1.1\r\n");
    if !body.is_empty() {
        bytes.push_str(&format!("content-length: {}\r\n", body.len()));
    }
    for (name, value) in &parts.headers {
        bytes.push_str(&format!("{name}: {}\r\n", value.to_str().unwrap()));
    }
    bytes.push_str("\r\n");
    [bytes.as_bytes(), &body].concat()
}

/// The bytes of a request whose body is cut after a few.
async fn halved(method: &str, path: &str, agent: &str) -> Vec<u8> {
    let body = "x".repeat(64);
    let mut bytes = whole(method, path, (&body, agent)).await;
    bytes.truncate(bytes.len() - 59);
    bytes
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_leaves_amid_its_request_leaves_one_entry_and_nothing_is_done() {
    let house = stocked().await;
    for (number, (method, path, _)) in ASKED.into_iter().enumerate() {
        let bytes = halved(method, path, &format!("left {number}")).await;
        let mut line = house.connect();
        line.write_all(&bytes).await.unwrap();
        drop(line);
    }
    let record = house.stop().await.record();
    for (number, asked) in ASKED.into_iter().enumerate() {
        let (opened, closed) = left(&record, &format!("left {number}"));
        // What needs no body does not wait for it.
        let done = closed.outcome == Ending::Done && closed.status < 300;
        let bodiless = asked.0 == "DELETE" || asked.1 == "/pay/c?uploads";
        assert!(!done || bodiless, "{asked:?} was done: {opened:?} {closed:?}");
    }
    assert_eq!(left(&record, "left 1").1.bytes_in, 5);
}

#[tokio::test]
async fn a_client_that_hangs_up_with_its_request_leaves_one_entry_and_nothing_is_done() {
    let house = stocked().await;
    for (number, (method, path, body)) in ASKED.into_iter().enumerate() {
        let bytes = whole(method, path, (body, &format!("hung up {number}"))).await;
        let mut line = house.connect();
        // One thread, and nobody has waited yet: all of it is there, and its end.
        line.write_all(&bytes).await.unwrap();
        drop(line);
    }
    let record = house.stop().await.record();
    for (number, asked) in ASKED.into_iter().enumerate() {
        let (opened, closed) = left(&record, &format!("hung up {number}"));
        assert_eq!(closed.outcome, Ending::Aborted, "{asked:?}: {opened:?} {closed:?}");
    }
    // What HTTP has looked at no further has not been said to anybody.
    let (opened, closed) = left(&record, "hung up 2");
    let reason = opened.reason.as_ref().map(|reason| reason.code.as_str());
    assert_eq!((opened.verdict, reason), (Entrance::Refused, Some("abandoned")));
    assert_eq!((opened.operation.as_str(), closed.status), ("unknown", 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_leaves_amid_the_answer_leaves_one_entry_that_says_how_much_it_had() {
    let house = stocked().await;
    let bytes = whole("GET", "/pay/long", ("", "gone")).await;
    let mut line = house.connect();
    line.write_all(&bytes).await.unwrap();
    let mut some = [0; 1000];
    line.read_exact(&mut some).await.unwrap();
    drop(line);
    let record = house.stop().await.record();
    let (opened, closed) = left(&record, "gone");
    assert_eq!((opened.verdict, closed.outcome), (Entrance::Allowed, Ending::Aborted));
    assert!(closed.bytes_out < LONG_BYTES as u64, "{closed:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_whose_file_is_damaged_midway_breaks_off_and_its_entry_says_how_much_there_was() {
    let house = stocked().await;
    let blobs = house.ground.store.files().into_iter().filter(|path| path.starts_with("blobs/"));
    let [blob] = blobs.collect::<Vec<_>>().try_into().unwrap();
    assert!(house.ground.store.flip_bit(&blob, LONG_BYTES as u64 / 2, 3));
    let answer = house.root("GET", "/pay/long", "").await.expect(200);
    // Nothing of what is damaged was sent, and no end.
    assert_eq!(answer.body, "", "the body has no end: {} bytes", answer.body.len());
    let id = answer.id;
    let record = house.stop().await.record();
    let (opened, closed) = record.entry(&id);
    assert_eq!((opened.verdict, closed.outcome), (Entrance::Allowed, Ending::Aborted));
    assert!((1..=LONG_BYTES as u64 / 2).contains(&closed.bytes_out), "{closed:?}");
}
