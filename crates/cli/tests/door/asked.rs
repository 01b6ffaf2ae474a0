//! Questions to the whole record by HTTP, and legal holds: who may ask, what is answered, and that
//! each question is itself on record.

use audit::{Growth, Inclusion, VerifierKey, verify_bundle};
use serde_json::Value;

use crate::client::Ask;
use crate::fixture::{House, house};

fn told(house: &House, path: &str) -> Value {
    house.make().send(&Ask::admin("GET", path, "")).expect(200).json()
}

#[test]
fn what_is_proved_by_http_is_verified_with_the_public_key_alone() {
    let house = house();
    let asked = house.make().send(&Ask::s3("GET", "/")).expect(200);
    let checkpoint = told(&house, "audit/checkpoint");
    let key: VerifierKey = checkpoint["key"].as_str().unwrap().parse().unwrap();
    for end in ["", "&end=closed"] {
        let proof = told(&house, &format!("audit/prove?id={}{end}", asked.request_id()));
        let proof = Inclusion::parse(proof["proof"].as_str().unwrap()).unwrap();
        assert!(String::from_utf8_lossy(&proof.leaf).contains(asked.request_id()));
        proof.verify(&key).unwrap();
    }
    let note = checkpoint["checkpoint"].as_str().unwrap();
    let old = audit::Checkpoint::parse(note.as_bytes()).unwrap();
    let grown = told(&house, &format!("audit/growth?size={}", old.size));
    Growth::parse(grown["proof"].as_str().unwrap()).unwrap().verify(&old, &key).unwrap();
    let bundle = Ask::admin("GET", "audit/export?from=1&to=9", "");
    let bundle = house.make().send(&bundle).expect(200);
    let report = verify_bundle(&mut bundle.body.as_bytes(), &key).unwrap();
    assert!(report.problems.is_empty() && report.leaves == (1..9));
}

#[test]
fn a_timeline_goes_on_after_an_entry_and_says_of_each_page_how_many_there_are() {
    let house = house();
    for _ in 0..2 {
        house.make().send(&Ask::s3("GET", "/never-made-here/timed")).expect(404);
    }
    let page = |after: &str| {
        told(&house, &format!("audit/timeline?object=arn:aws:s3:::never-made-here/timed{after}"))
    };
    let whole = page("");
    let entries = whole["entries"].as_array().unwrap();
    assert_eq!((entries.len(), &whole["found"], &whole["next"]), (2, &2.into(), &Value::Null));
    let rest = page(&format!("&after={}", entries[0]["index"]));
    assert_eq!((&rest["entries"], &rest["found"]), (&entries[1..].into(), &2.into()));
    let past = page(&format!("&after={}", entries[1]["index"]));
    assert_eq!((&past["entries"], &past["found"]), (&Vec::<Value>::new().into(), &2.into()));
}

#[test]
fn each_question_is_an_entry_and_strangers_are_refused() {
    let house = house();
    let user = house.make().user("asks-the-record", Some(crate::fixture::EVERYTHING));
    let stranger = house.make().user("asks-in-vain", None);
    for path in [
        "audit/stats?to=2020-01-01T00:00:00Z",
        "audit/timeline?person=nobody",
        "audit/timeline?person=nobody&after=7",
        "audit/prove?id=leaf:0",
        "audit/growth?size=1",
        "audit/export?from=0&to=2",
        "audit/holds",
    ] {
        let ask = Ask::admin("GET", path, "");
        for (by, status, verdict) in
            [(&user, 200, "allowed"), (&stranger, 403, "refused"), (&house.partner, 403, "refused")]
        {
            let answer = house.send(&ask, by).expect(status);
            let id = answer.request_id().to_owned();
            let entry = told(&house, &format!("audit?request_id={id}"))["entries"][0].clone();
            assert_eq!(entry["operation"], "SearchAudit", "{path}");
            assert_eq!(entry["verdict"], verdict, "{path}");
            assert!(path.contains(entry["target"]["detail"].as_str().unwrap()), "{path}");
        }
    }
    for bad in [
        "audit/timeline",
        "audit/timeline?person=a&object=b",
        "audit/timeline?person=a&after=last",
        "audit/stats?from=monday",
        "audit/prove",
        "audit/prove?id=leaf:99999999999",
        "audit/growth?size=99999999999",
        "audit/export?from=0&to=20001",
        "audit/export?from=5&to=5",
        "audit/stats?when=now",
    ] {
        house.make().send(&Ask::admin("GET", bad, "")).expect(400);
    }
    let none = "audit/prove?id=01KDYH7VPE0000000000000001";
    house.make().send(&Ask::admin("GET", none, "")).expect(404);
}

#[test]
fn a_follower_is_told_what_comes_and_strangers_are_refused() {
    let house = house();
    let stranger = house.make().user("follows-in-vain", None);
    house.send(&Ask::admin("GET", "audit/tail?after=0", ""), &stranger).expect(403);
    let start = told(&house, "audit/tail")["next"].as_u64().unwrap();
    let asked = house.make().send(&Ask::s3("GET", "/")).expect(200);
    let id = asked.request_id();
    let path = format!("audit/tail?after={start}&wait=20&request_id={id}");
    let answer = house.make().send(&Ask::admin("GET", &path, "")).expect(200);
    let entries = answer.json()["entries"].as_array().unwrap().clone();
    assert_eq!(entries.len(), 1);
    assert_eq!((&entries[0]["id"], &entries[0]["operation"]), (&id.into(), &"ListBuckets".into()));
    // The question is on record, and no follower is told of it.
    let question = answer.request_id();
    let entry = told(&house, &format!("audit?request_id={question}"))["entries"][0].clone();
    assert_eq!(
        (&entry["operation"], &entry["target"]["detail"]),
        (&"SearchAudit".into(), &"tail".into())
    );
    let path = format!("audit/tail?after={start}&request_id={question}");
    assert_eq!(told(&house, &path)["entries"], Value::Array(Vec::new()));
    for bad in ["audit/tail?wait=31", "audit/tail?before=7", "audit/tail?after=x"] {
        house.make().send(&Ask::admin("GET", bad, "")).expect(400);
    }
}

#[test]
fn a_search_goes_on_where_a_page_ended() {
    let house = house();
    for _ in 0..3 {
        house.make().send(&Ask::s3("GET", "/")).expect(200);
    }
    let first = told(&house, "audit?action=ListBuckets&limit=2");
    let before = first["next"].as_u64().unwrap();
    let rest = told(&house, &format!("audit?action=ListBuckets&limit=2&before={before}"));
    let indexes = |page: &Value| -> Vec<u64> {
        page["entries"].as_array().unwrap().iter().map(|e| e["index"].as_u64().unwrap()).collect()
    };
    assert_eq!(indexes(&first).last(), Some(&before));
    assert!(!indexes(&rest).is_empty() && indexes(&rest).iter().all(|index| *index < before));
    assert_eq!(told(&house, "audit?before=0")["next"], Value::Null);
}

#[test]
fn a_hold_is_placed_and_released_by_who_may_and_that_is_on_record() {
    let house = house();
    let stranger = house.make().user("holds-nothing", None);
    let place = r#"{"what":"file 7","from":"2026-01-01T00:00:00Z"}"#;
    let put = Ask::admin("PUT", "audit/holds/door-7", place);
    house.send(&put, &stranger).expect(403);
    house.send(&put, &house.partner).expect(403);
    let placed = house.make().send(&put).expect(200);
    let listed = || told(&house, "audit/holds")["holds"].as_array().unwrap().clone();
    let ours = |all: Vec<Value>| all.into_iter().find(|hold| hold["name"] == "door-7");
    let hold = ours(listed()).unwrap();
    assert_eq!(
        (&hold["what"], &hold["from"]),
        (&"file 7".into(), &"2026-01-01T00:00:00.000Z".into())
    );
    let path = format!("audit?request_id={}", placed.request_id());
    let entry = &told(&house, &path)["entries"][0];
    assert_eq!(entry["operation"], "ManageAuditHolds");
    assert_eq!(entry["target"]["detail"], "hold door-7");
    let remove = Ask::admin("DELETE", "audit/holds/door-7", "");
    house.send(&remove, &stranger).expect(403);
    house.make().send(&remove).expect(200);
    assert!(ours(listed()).is_none());
    house.make().send(&remove).expect(404);
    for (name, body) in [("a%20b", "{}"), ("x", r#"{"until":"now"}"#), ("x", r#"{"from":"now"}"#)] {
        let bad = Ask::admin("PUT", &format!("audit/holds/{name}"), body);
        house.make().send(&bad).expect(400);
    }
}
