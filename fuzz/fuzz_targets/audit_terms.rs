//! `cargo xtask campaign fuzz --target audit_terms`: see `crates/audit/src/fuzzed.rs`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| strongroom_audit::fuzzed::terms(bytes));
