//! `cargo xtask campaign fuzz --target sink_replies`: the sinks' own readers of what receivers say,
//! compiled here without the server around them; see `crates/server/src/sinks/fuzzed.rs`.
#![no_main]
#![expect(dead_code, reason = "what asks for the answers stays in the server")]

extern crate strongroom_audit as audit;

#[path = "../sinks.rs"]
mod sinks;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| sinks::fuzzed::replies(bytes));
