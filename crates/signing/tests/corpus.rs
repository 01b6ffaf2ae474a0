#![cfg(test)]
//! Replays the corpora of `fuzz/` as ordinary tests, and mutates them a little: a short run of the
//! same driver that needs no fuzzer.

mod fuzzed;

#[path = "../../testkit/src/corpus.rs"]
#[expect(unreachable_pub, reason = "the file is public in the kit that it is taken from")]
mod corpus;

/// What mutations insert.
const LETTERS: &[u8] = b"%&=;:, \r\n+0af/Z\xc3";

fn replay(name: &str, target: fn(&[u8])) {
    corpus::replay(name, LETTERS, target).unwrap();
}

/// corpus: SIG-32, SIG-33
#[test]
fn a_head_is_read_once_and_alike_or_refused() {
    replay("canonical_request", fuzzed::canonical);
}

/// corpus: SIG-21
#[test]
fn no_authorization_header_is_anonymous_or_another_keys() {
    replay("authorization", fuzzed::authorization);
}

/// corpus: SIG-07, SIG-08, SIG-22
#[test]
fn no_query_is_signed_with_one_parameter_more() {
    replay("presigned", fuzzed::presigned);
}

/// corpus: SIG-14, SIG-17
#[test]
fn no_form_is_signed_with_one_field_more() {
    replay("post_form", fuzzed::form);
}

/// corpus: SIG-24, SIG-25, SIG-26, SIG-27
#[test]
fn a_body_in_chunks_is_the_same_in_whatever_pieces_it_comes() {
    replay("chunks", fuzzed::chunks);
}
