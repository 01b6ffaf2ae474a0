//! `cargo +nightly fuzz run proxy_header`: the listener's own reader of PROXY headers, compiled
//! here without the server around it.
#![no_main]

// What the reader takes from its neighbour room is here under that room's name.
extern crate self as api;

use std::future::Future as _;
use std::net::SocketAddr;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

#[path = "../../crates/server/src/listen/proxy.rs"]
mod proxy;

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

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let mut rest = bytes;
    let read = {
        let reading = pin!(proxy::read_header(&mut rest));
        match reading.poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(read) => read,
            Poll::Pending => panic!("bytes that are there are waited for"),
        }
    };
    let taken = bytes.len() - rest.len();
    assert!(taken <= proxy::PROXY_BYTES_MAX);
    if let Ok(Some(proxied)) = read {
        assert!(bytes.starts_with(b"\r\n\r\n\0\r\nQUIT\n\x21"));
        assert!(!proxied.source.ip().is_unspecified() && !proxied.source.ip().is_multicast());
    }
});
