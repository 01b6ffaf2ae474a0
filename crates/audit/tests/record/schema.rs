//! The exact bytes of the leaves: a change here is a change of the documented schema.

use std::sync::Arc;

use strongroom_audit::entry::{
    CHAIN_LINKS_MAX, CONTEXT_BYTES_MAX, LABEL_BYTES_MAX, LEAF_BYTES_MAX, Leaf, USER_AGENT_BYTES_MAX,
};
use strongroom_audit::{ChainLink, Human, Opening, Outcome, Reader, Target, Transport};

use crate::house::*;

#[tokio::test]
async fn the_leaves_are_written_as_the_schema_says() {
    let house = House::new();
    let mut opening = Opening::new(house.journal.request_id());
    opening.peer = Some("10.1.2.3:40000".parse().unwrap());
    opening.source_ip = Some("10.1.2.3".parse().unwrap());
    opening.transport = Transport::Tls;
    opening.user_agent = Some("aws-cli/2".to_owned());
    opening.method = "GET".to_owned();
    let mut attempt = house.journal.attempt(opening);
    attempt.identified(Arc::new(alice()));
    let mut asked = asked(ReadThing::new("a"), READS);
    asked.target = Target { resource: asked.op.arn(), detail: Some("v1".to_owned()) };
    let (_permit, entry) = attempt.open(asked, || NOW).await.unwrap();
    house.clock.pass(2);
    entry.close(Outcome { bytes_out: 3, ..Outcome::status(200) });
    house.journal.flush().await.unwrap();
    let reader = Reader::open(&*house.disk).unwrap();
    let leaf = |n| String::from_utf8(reader.leaf(n).unwrap()).unwrap();
    let id = house.entries().await[0].opened.id;
    let who = r#""account":"111122223333","principal":{"kind":"user","arn":"arn:aws:iam::111122223333:user/alice","id":"AIDAALICEALICEALICEAL"},"credential":"AKIAALICEALICEALICEA","how":"sig-v4-header","chain":[{"account":"111122223333"},{"key":"AKIAALICEALICEALICEA"},{"principal":"AIDAALICEALICEALICEAL"}]"#;
    let source = r#""source":{"ip":"10.1.2.3","peer":"10.1.2.3:40000","transport":"tls","method":"GET","user_agent":"aws-cli/2"}"#;
    let checks = format!(
        r#""checks":[{{"decision":"{id}-0","action":"s3:GetObject","resource":"arn:aws:s3:::pay/a","need":"required","verdict":"allow","layer":"identity","by":{{"policy":"policy:Payroll@v2","index":0}}}},{{"decision":"{id}-1","action":"s3:ListBucket","resource":"arn:aws:s3:::pay","need":"absence","verdict":"implicit-deny","layer":"identity"}}]"#
    );
    let target = r#""target":{"resource":"arn:aws:s3:::pay/a","detail":"v1"}"#;
    assert_eq!(
        leaf(0),
        format!(
            r#"{{"v":1,"entry":"opened","id":"{id}","time":"2026-01-02T03:04:05.678Z","verdict":"allowed","operation":"GetObject",{target},{who},{source},"revision":7,"durability":"strict",{checks}}}"#
        )
    );
    assert_eq!(
        leaf(1),
        format!(
            r#"{{"v":1,"entry":"closed","id":"{id}","time":"2026-01-02T03:04:05.680Z","outcome":"done","status":200,"bytes_in":0,"bytes_out":3,"duration_us":2000}}"#
        )
    );
}

#[test]
fn a_leaf_of_another_version_is_not_guessed_at() {
    let leaf = br#"{"v":2,"entry":"opened","id":"00000000000000000000000000"}"#;
    assert!(Leaf::parse(leaf).unwrap_err().to_string().contains("version 2"));
}

#[tokio::test]
async fn text_at_its_limit_is_whole_and_past_it_is_cut_and_marked() {
    for (extra, mark) in [(0, ""), (1, "…")] {
        let house = House::new();
        let mut opening = Opening::new(house.journal.request_id());
        opening.user_agent = Some("u".repeat(USER_AGENT_BYTES_MAX + extra));
        let mut who = alice();
        who.chain = (0..CHAIN_LINKS_MAX + extra)
            .map(|n| ChainLink::Key(format!("AKIA{n:016}").parse().unwrap()))
            .collect();
        let subject = "s".repeat(LABEL_BYTES_MAX + extra);
        let provider = "arn:aws:iam::1:x/y".parse().unwrap();
        who.human = Some(Human { provider, subject, display: None });
        let mut attempt = house.journal.attempt(opening);
        attempt.identified(Arc::new(who));
        drop(attempt);
        let opened = house.entries().await.remove(0).opened;
        let expected = format!("{}{mark}", "u".repeat(USER_AGENT_BYTES_MAX));
        assert_eq!(opened.source.user_agent, Some(expected));
        let expected = format!("{}{mark}", "s".repeat(LABEL_BYTES_MAX));
        assert_eq!(opened.human.unwrap().subject, expected);
        assert_eq!(opened.chain.len(), CHAIN_LINKS_MAX);
    }
}

#[tokio::test]
async fn a_context_that_is_too_large_is_cut_and_says_so() {
    for (values, truncated) in [(4, false), (400, true)] {
        let house = House::new();
        let op = ReadThing { key: "a".to_owned(), version: None };
        let many: Vec<String> = (0..values).map(|n| format!("{n}-{}", "x".repeat(100))).collect();
        let policy = r#"{"Version": "2012-10-17", "Statement": {"Effect": "Allow",
            "Action": "s3:*", "Resource": "*", "Condition": {"ForAnyValue:StringLike":
            {"aws:TagKeys": "*"}}}}"#;
        let made = with_tag_keys(&op, policy, many);
        let target = op.arn();
        let open = house.known(&alice()).open(decided(op, target.as_str(), made), || NOW);
        drop(open.await.unwrap());
        let check = house.entries().await.remove(0).opened.checks.remove(0);
        assert_eq!(check.truncated, truncated);
        let kept = check.context.iter().flat_map(|named| named.values.iter().flatten());
        let bytes: usize = kept.map(String::len).sum();
        assert!(bytes > 300 && bytes <= CONTEXT_BYTES_MAX && bytes < LEAF_BYTES_MAX);
    }
}

fn with_tag_keys(
    op: &ReadThing,
    policy: &str,
    keys: Vec<String>,
) -> Vec<policy::decision::Decision> {
    use policy::facts::{Facts, Value};
    use policy::operation::Operation;
    let who = alice();
    let document = Arc::new(policy::Document::parse(policy, policy::Kind::Identity).unwrap());
    let identity = vec![policy::Attached { name: "policy:P@v1".to_owned(), document }].into();
    let caller = policy::CallerPolicies { identity, ..Default::default() };
    let mut facts = Facts::default();
    facts.request.set("aws:TagKeys", Value::Many(keys));
    let resource = policy::ResourceSide::plain(who.principal.account());
    let (principal, caller) = (&who.principal, &caller);
    let ask =
        policy::Question { principal, caller, resource: &resource, facts: &facts, revision: NOW };
    op.checks().iter().map(|check| policy::decide(check, &ask)).collect()
}
