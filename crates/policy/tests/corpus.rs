#![cfg(test)]
//! Replays the corpora of `fuzz/` as ordinary tests, and mutates them a little: a short run of the
//! same driver that needs no fuzzer.

mod fuzzed;

#[path = "../../testkit/src/corpus.rs"]
#[expect(unreachable_pub, reason = "the file is public in the kit that it is taken from")]
mod corpus;

/// What mutations insert.
const LETTERS: &[u8] = b"\"{}[],:*?$\\ a0\n/-\xc3\xa9";

fn replay(name: &str, target: fn(&[u8])) {
    corpus::replay(name, LETTERS, target).unwrap();
}

#[test]
fn documents_are_kept_as_they_are_or_refused_within() {
    replay("parser", fuzzed::parser);
}

#[test]
fn cases_are_decided_alike_by_every_way_of_deciding() {
    replay("case", fuzzed::cases);
}

#[test]
fn what_is_found_to_have_no_error_is_what_the_parser_takes() {
    replay("check", fuzzed::asked::findings);
}

#[test]
fn a_document_is_decided_by_as_the_specification_reads_it() {
    replay("compile_decide", fuzzed::asked::compiled);
}

#[test]
fn every_difference_that_is_found_replays() {
    replay("compare", fuzzed::asked::compared);
}

#[test]
fn patterns_match_as_a_wildcard_is_defined() {
    replay("wildcard", fuzzed::wildcard);
}
