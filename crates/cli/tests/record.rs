//! Reading a record without a server.
#![cfg(test)]

mod command;

use std::path::Path;
use std::sync::Arc;

use audit::{CheckpointKeys, JOURNAL_ORIGIN, Journal, JournalConfig, Opening, Outcome, Reason};
use command::{Ran, run_with};
use testkit::{FakeClock, SeededRandom};

/// A data directory in whose record two requests were refused.
fn recorded() -> tempfile::TempDir {
    let data = tempfile::tempdir().unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let clock = Arc::new(FakeClock::at(names::Timestamp::from_seconds(1_700_000_000).unwrap()));
        let random = Arc::new(SeededRandom::new(1));
        let mut config = JournalConfig::new(data.path().join("journal"));
        let drawn = CheckpointKeys::draw(JOURNAL_ORIGIN, &*random).unwrap();
        let text = std::str::from_utf8(drawn.expose()).unwrap();
        std::fs::write(data.path().join("checkpoint.key"), text).unwrap();
        config.keys = Some(CheckpointKeys::parse(text).unwrap());
        let (journal, _) = Journal::open(config, clock, random).unwrap();
        for reason in [Reason::SignatureMismatch, Reason::UnknownKey] {
            let attempt = journal.attempt(Opening::new(journal.request_id()));
            attempt.refuse(reason, Outcome::status(403)).await.unwrap();
        }
        journal.flush().await.unwrap();
    });
    data
}

fn ask(data: &Path, words: &[&str]) -> Ran {
    let dir = data.to_str().unwrap();
    let words: Vec<&str> = ["audit"].into_iter().chain(words.iter().copied()).collect();
    run_with(&[words.as_slice(), &["--dir", dir]].concat(), "", &[])
}

#[test]
fn entries_are_found_by_what_is_asked_newest_first() {
    let data = recorded();
    let all = ask(data.path(), &["search", "--json"]);
    assert_eq!((all.status, all.out.lines().count()), (0, 2), "{}", all.err);
    let newest: serde_json::Value = serde_json::from_str(all.out.lines().next().unwrap()).unwrap();
    assert_eq!(newest["reason"]["code"], "unknown-key");
    assert_eq!(newest["closed"]["status"], 403);
    let one = ask(data.path(), &["search", "--reason", "signature-mismatch"]);
    assert_eq!(one.out.lines().count(), 1, "{}", one.out);
    assert!(one.out.contains("reason=signature-mismatch"), "{}", one.out);
    assert_eq!(ask(data.path(), &["search", "--verdict", "allowed"]).out, "");
}

#[test]
fn the_tail_is_the_newest_entries_oldest_first() {
    let data = recorded();
    let tail = ask(data.path(), &["tail"]);
    assert_eq!(tail.out.lines().count(), 2, "{}", tail.err);
    assert!(tail.out.lines().next().unwrap().contains("signature-mismatch"), "{}", tail.out);
    assert_eq!(ask(data.path(), &["tail", "-n", "1"]).out.lines().count(), 1);
}

#[test]
fn a_sound_record_proves_itself_and_a_changed_one_does_not() {
    let data = recorded();
    let sound = ask(data.path(), &["verify", "--json"]);
    assert_eq!(sound.status, 0, "{}{}", sound.out, sound.err);
    let report: serde_json::Value = serde_json::from_str(&sound.out).unwrap();
    assert_eq!((&report["sound"], &report["entries"]), (&true.into(), &2.into()));
    let checkpoint = data.path().join("journal/checkpoint");
    let text = std::fs::read_to_string(&checkpoint).unwrap();
    let root = text.lines().nth(2).unwrap();
    std::fs::write(&checkpoint, text.replace(root, &root.chars().rev().collect::<String>()))
        .unwrap();
    assert_eq!(ask(data.path(), &["verify"]).status, 1);
}

#[test]
fn the_public_key_alone_proves_the_record_and_another_does_not() {
    let data = recorded();
    let key = ask(data.path(), &["key"]);
    assert_eq!(key.status, 0, "{}", key.err);
    let verified = ask(data.path(), &["verify", "--key", key.out.trim(), "--json"]);
    let report: serde_json::Value = serde_json::from_str(&verified.out).unwrap();
    assert_eq!((&report["sound"], &report["trust"]), (&true.into(), &"given".into()));
    // Kept in files, as people keep them.
    let (file, seen) = (data.path().join("public"), data.path().join("seen"));
    std::fs::write(&file, &key.out).unwrap();
    std::fs::write(&seen, ask(data.path(), &["checkpoint"]).out).unwrap();
    let words = ["verify", "--key", file.to_str().unwrap(), "--seen", seen.to_str().unwrap()];
    assert_eq!(ask(data.path(), &words).status, 0);
    let next = ask(data.path(), &["rotate-key"]);
    assert_ne!(next.out, key.out);
    assert_eq!(ask(data.path(), &["verify", "--key", next.out.trim()]).status, 1);
    assert_eq!(ask(data.path(), &["verify", "--key", "nobody"]).status, 2);
}

#[test]
fn timelines_and_counts_are_read_without_a_server() {
    let data = recorded();
    let stats = ask(data.path(), &["stats", "--json"]);
    let counts: serde_json::Value = serde_json::from_str(&stats.out).unwrap();
    assert_eq!((&counts["entries"], &counts["refused"]), (&2.into(), &2.into()));
    assert_eq!(counts["reasons"]["unknown-key"], 1);
    assert!(ask(data.path(), &["stats"]).out.contains("signature-mismatch"));
    let nobody = ask(data.path(), &["timeline", "--credential", "AKIANOBODYNOBODYNOBO"]);
    assert_eq!((nobody.status, nobody.out.as_str()), (0, ""), "{}", nobody.err);
    let summary = ask(data.path(), &["timeline", "--person", "Ana", "--summary"]);
    assert!(summary.out.starts_with("0 entries"), "{}", summary.out);
    assert_eq!(ask(data.path(), &["timeline"]).status, 2);
}

#[test]
fn proofs_and_bundles_are_verified_without_the_record() {
    let data = recorded();
    let key = ask(data.path(), &["key"]).out;
    let key = key.trim();
    let file = |name: &str| data.path().join(name).to_str().unwrap().to_owned();
    let alone = |words: &[&str]| run_with(&[&["audit"], words].concat(), "", &[]);
    let newest = ask(data.path(), &["search", "--json", "--limit", "1"]).out;
    let newest: serde_json::Value = serde_json::from_str(&newest).unwrap();
    for words in [vec![newest["id"].as_str().unwrap()], vec!["leaf:0"]] {
        let proof = ask(data.path(), &[&["prove"], words.as_slice()].concat());
        assert_eq!(proof.status, 0, "{}", proof.err);
        std::fs::write(file("proof"), &proof.out).unwrap();
        assert_eq!(alone(&["verify", "--proof", &file("proof"), "--key", key]).status, 0);
        std::fs::write(file("proof"), proof.out.replace("index ", "index 1")).unwrap();
        assert_eq!(alone(&["verify", "--proof", &file("proof"), "--key", key]).status, 1);
    }
    let history = ask(data.path(), &["key", "--history"]).out;
    assert_eq!(history.lines().count(), 1, "{history}");
    std::fs::write(file("history"), &history).unwrap();
    let proof = ask(data.path(), &["prove", "leaf:0"]).out;
    std::fs::write(file("proof"), proof).unwrap();
    let words = ["verify", "--proof", &file("proof"), "--key", key, "--history", &file("history")];
    assert_eq!(alone(&words).status, 0);
    let exported = ask(data.path(), &["export", "--output", &file("bundle")]);
    assert_eq!(exported.status, 0, "{}", exported.err);
    let words = ["verify", "--bundle", &file("bundle"), "--key", key];
    assert_eq!(alone(&words).status, 0);
    let text = std::fs::read_to_string(file("bundle")).unwrap();
    std::fs::write(file("bundle"), text.replace("unknown-key", "inactive-key")).unwrap();
    let found = alone(&words);
    assert_eq!(found.status, 1);
    assert!(found.out.contains("leaf 3: it was altered"), "{}", found.out);
    assert_eq!(alone(&["verify", "--key", key]).status, 2);
    let note = ask(data.path(), &["checkpoint"]).out;
    std::fs::write(file("old"), note).unwrap();
    std::fs::write(file("growth"), ask(data.path(), &["growth", &file("old")]).out).unwrap();
    let words = ["growth", &file("old"), "--proof", &file("growth"), "--key", key];
    assert_eq!(alone(&words).status, 0);
}

#[test]
fn entries_are_told_in_the_words_of_other_tools() {
    let data = recorded();
    for (view, name) in [("ecs", "@timestamp"), ("ocsf", "class_uid"), ("cloudtrail", "eventName")]
    {
        let told = ask(data.path(), &["search", "--view", view]);
        assert_eq!(told.status, 0, "{}", told.err);
        let lines: Vec<serde_json::Value> =
            told.out.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        assert!(lines.len() == 2 && lines.iter().all(|line| line.get(name).is_some()), "{lines:?}");
        let file = data.path().join("told");
        let words = ["export", "--view", view, "--output", file.to_str().unwrap()];
        assert_eq!(ask(data.path(), &words).status, 0);
        let exported = std::fs::read_to_string(file).unwrap();
        let newest_first: Vec<&str> = exported.lines().rev().collect();
        assert_eq!(newest_first, told.out.lines().collect::<Vec<_>>());
    }
}

#[test]
fn a_witness_is_asked_and_heard_through_files_alone() {
    let data = recorded();
    let asked = ask(data.path(), &["witness", "request", "--old", "1"]);
    assert_eq!(asked.status, 0, "{}", asked.err);
    let checkpoint = ask(data.path(), &["checkpoint"]).out;
    assert!(asked.out.starts_with("old 1\n") && asked.out.ends_with(&checkpoint), "{}", asked.out);
    // A checkpoint that no witness cosigned is none that one did.
    let seen = data.path().join("seen");
    std::fs::write(&seen, checkpoint).unwrap();
    let witness = "witness+eeba705d+BC1xFkK3JrBEAWJ8qfusMvXIUw+xkDzE2wIlhxeSGkiB";
    let words = ["verify", "--seen", seen.to_str().unwrap(), "--witness", witness];
    let verified = ask(data.path(), &words);
    assert_eq!(verified.status, 1, "{}", verified.out);
    assert!(verified.out.contains("none of them is cosigned by witness"), "{}", verified.out);
    // The log's own key is no witness's.
    let key = ask(data.path(), &["key"]).out;
    let words = ["verify", "--seen", seen.to_str().unwrap(), "--witness", key.trim()];
    assert_eq!(ask(data.path(), &words).status, 2);
}

#[test]
fn a_question_that_cannot_be_read_is_status_2() {
    let data = recorded();
    let ran = ask(data.path(), &["search", "--from", "yesterday"]);
    assert_eq!(ran.status, 2);
    assert!(ran.err.contains("--from"), "{}", ran.err);
    let empty = tempfile::tempdir().unwrap();
    let ran = ask(empty.path(), &["search"]);
    assert_eq!(ran.status, 2);
    assert!(ran.err.contains("no record here"), "{}", ran.err);
}
