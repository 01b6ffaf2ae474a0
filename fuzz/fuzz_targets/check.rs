//! `cargo +nightly fuzz run check`: see `crates/policy/tests/fuzzed`.
#![no_main]

#[expect(dead_code, reason = "each target is one of them")]
#[path = "../../crates/policy/tests/fuzzed/mod.rs"]
mod fuzzed;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| fuzzed::asked::findings(bytes));
