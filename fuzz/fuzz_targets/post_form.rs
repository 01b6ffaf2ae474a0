//! `cargo +nightly fuzz run post_form`: see `crates/signing/tests/fuzzed`.
#![no_main]

#[expect(dead_code, reason = "each target is one of them")]
#[path = "../../crates/signing/tests/fuzzed/mod.rs"]
mod fuzzed;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| fuzzed::form(bytes));
