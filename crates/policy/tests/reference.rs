#![cfg(test)]
//! The reference evaluator beside the engine, on every case of `tests/cases`. The table tests of
//! `tests/behaviour` ask both as well: `World::ask` compares them.

use strongroom_policy::case::{self, Case};
use strongroom_policy::reference::{self, Read};

fn corpus() -> Vec<(String, Case)> {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases");
    let mut files: Vec<_> =
        std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    let cases = files.iter().flat_map(|file| {
        let text = std::fs::read_to_string(file).unwrap();
        let cases = case::parse(&text).unwrap_or_else(|e| panic!("{}: {e}", file.display()));
        cases.into_iter().map(|case| (file.display().to_string(), case))
    });
    cases.collect()
}

#[test]
fn the_reference_decides_every_case_of_the_corpus_as_it_expects() {
    let cases = corpus();
    assert!(cases.len() >= 60, "{}", cases.len());
    for (file, case) in &cases {
        let found = reference::decide(&case.check, &case.question());
        let place = format!("{file}: {} {found:?}", case.name);
        assert!(case.expect.is_none_or(|verdict| verdict == found.verdict), "{place}");
        assert!(case.because.is_none_or(|layer| layer == found.because), "{place}");
    }
}

#[test]
fn the_engine_and_the_reference_agree_on_every_case_of_the_corpus() {
    for (file, case) in &corpus() {
        let found = Read::documents(&case.question()).decide(&case.check, &case.question());
        let decision = case.decide();
        assert_eq!(
            (found.verdict, found.because),
            (decision.verdict(), decision.because()),
            "{file}: {}",
            case.name
        );
    }
}
