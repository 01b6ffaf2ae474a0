//! `cargo +nightly fuzz run proxy_header`: the listener's own reader of PROXY headers, compiled
//! here without the server around it.
#![no_main]

// What the reader takes from its neighbour room is here under that room's name.
extern crate self as api;

use std::net::SocketAddr;

#[path = "../../crates/server/src/listen/proxy.rs"]
mod proxy;
#[path = "../../crates/server/src/listen/proxy_fuzzed.rs"]
mod proxy_fuzzed;

/// As `api` has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Proxied {
    pub source: SocketAddr,
    pub secure: Secure,
}

/// As `api` has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Secure {
    No,
    Yes,
}

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| proxy_fuzzed::header(bytes));
