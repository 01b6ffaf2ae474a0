//! Every limit has a default, a line in the manual of transport, a label in the metric, and a test
//! at and past it.

use super::super::fields::{FIELDS, Field};
use super::super::{Layers, Limits};

/// Of each setting: its label in `strongroom_limit_exceeded_total`, the source that counts it, and
/// the test at and past it.
const PAIRS: &[(&str, &str, &str, &str)] = &[
    (
        "limits.connections",
        "connections",
        "server/src/listen/census.rs",
        "the_last_place_is_given_and_one_past_it_is_not",
    ),
    (
        "limits.connections_per_address",
        "connections_per_address",
        "server/src/listen/census.rs",
        "an_address_gets_its_last_place_and_not_one_past_it",
    ),
    (
        "limits.head_bytes",
        "head",
        "server/src/listen/tests/http1.rs",
        "net_14_a_head_as_long_as_the_limit_is_served_and_a_longer_one_is_431",
    ),
    (
        "limits.headers",
        "headers",
        "server/src/listen/tests/http1.rs",
        "net_14_as_many_headers_as_the_limit_are_served_and_one_more_is_431",
    ),
    (
        "limits.streams",
        "none",
        "server/src/listen/tests/http2.rs",
        "as_many_requests_are_in_flight_as_the_limit_says_and_one_more_waits",
    ),
    (
        "limits.head_seconds",
        "head_seconds",
        "server/src/listen/tests/http1.rs",
        "net_07_a_connection_that_asks_nothing_is_closed_when_its_time_is_up",
    ),
    (
        "limits.idle_seconds",
        "idle_seconds",
        "server/src/listen/tests/http1.rs",
        "the_next_request_may_take_as_long_as_the_limit_and_no_longer",
    ),
    (
        "limits.body_bytes_per_second",
        "idle_seconds",
        "api/src/body.rs",
        "a_body_that_brings_as_many_bytes_a_second_as_the_limit_is_read_and_a_slower_is_not",
    ),
    (
        "limits.handshake_seconds",
        "handshake_seconds",
        "server/src/listen/tests/arriving.rs",
        "net_07_a_proxy_header_may_take_as_long_as_the_limit_and_no_longer",
    ),
    (
        "limits.handshakes_per_second",
        "handshakes_per_second",
        "server/src/listen/census.rs",
        "as_many_handshakes_begin_in_a_second_as_the_limit_says",
    ),
    (
        "limits.handshakes_per_address",
        "handshakes_per_address",
        "server/src/listen/census.rs",
        "as_many_handshakes_begin_in_a_second_as_the_limit_says",
    ),
    (
        "limits.unproven_bytes",
        "unproven_bytes",
        "cli/tests/door/corpus.rs",
        "net_13_a_body_of_a_stranger_is_read_up_to_the_limit_and_not_a_byte_further",
    ),
    (
        "limits.verifications",
        "verifications",
        "server/src/verifications.rs",
        "as_many_tokens_are_verified_at_once_as_the_limit_says_and_one_more_is_refused",
    ),
    (
        "limits.bearer_sessions",
        "bearer_sessions",
        "api/src/bearer.rs",
        "so_many_sessions_are_remembered_and_past_it_the_one_that_ends_first_is_forgotten",
    ),
    (
        "limits.account_requests",
        "account_requests",
        "api/src/work.rs",
        "an_account_gets_its_last_turn_and_not_one_past_it",
    ),
    (
        "limits.chunk_bytes",
        "chunk_bytes",
        "signing/tests/signing/bodies.rs",
        "a_signed_chunk_has_a_largest_and_a_smallest_size",
    ),
    (
        "limits.linger_bytes",
        "linger_bytes",
        "server/src/listen/tests/lingering.rs",
        "so_many_bytes_of_a_refused_body_are_thrown_away_and_not_one_more",
    ),
    (
        "limits.linger_seconds",
        "linger_seconds",
        "server/src/listen/tests/lingering.rs",
        "a_refused_body_is_awaited_as_long_as_the_limit_says_and_no_longer",
    ),
    (
        "limits.drain_seconds",
        "drain_seconds",
        "server/src/listen/tests/stopping.rs",
        "what_is_still_open_at_the_deadline_is_cut",
    ),
];

/// Where limits are counted.
const COUNTED: &[&str] =
    &["server/src/telemetry.rs", "api/src/body.rs", "api/src/work.rs", "api/src/bearer.rs"];

fn source(file: &str) -> String {
    let path = format!("{}/../{file}", env!("CARGO_MANIFEST_DIR"));
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path}: {error}"))
}

fn limits() -> impl Iterator<Item = &'static Field> {
    FIELDS.iter().filter(|field| field.key.starts_with("limits."))
}

#[test]
fn every_limit_has_a_default_a_metric_a_line_in_the_manual_and_a_pair_of_tests() {
    assert!(Limits::build(&Layers::defaults()).is_ok());
    let manual = source("../docs/transport.md");
    let counted: String = COUNTED.iter().map(|file| source(file)).collect();
    for field in limits() {
        let key = field.key;
        assert!(!field.default.is_empty() && !field.doc.is_empty(), "{key} has no default or doc");
        let pair = PAIRS.iter().find(|(other, ..)| *other == key);
        let Some((_, label, file, test)) = pair else { panic!("{key} has no pair of tests") };
        let line = manual.lines().find(|line| line.starts_with(&format!("| `{key}` |")));
        let Some(line) = line else { panic!("docs/transport.md has no line of {key}") };
        if *label == "none" {
            assert!(line.contains("| none |"), "{line}");
        } else {
            assert!(line.contains(&format!("`{label}`")), "{line} has no label `{label}`");
            assert!(counted.contains(&format!("\"{label}\"")), "nothing counts {label}");
        }
        assert!(source(file).contains(&format!("fn {test}(")), "{file} has no {test}");
    }
    for (key, ..) in PAIRS {
        assert!(limits().any(|field| field.key == *key), "{key} is no setting");
    }
}
