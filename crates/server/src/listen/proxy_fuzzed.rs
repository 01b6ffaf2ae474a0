//! What any bytes may do to the reader of PROXY headers, for its fuzz target and for the replay of
//! that target's corpus.

use std::pin::pin;
use std::task::{Context, Poll, Waker};

use super::proxy::{PROXY_BYTES_MAX, read_header};

/// Reads these bytes as what a connection begins with: no more than a header is taken, and nobody's
/// address is believed.
pub(super) fn header(bytes: &[u8]) {
    let mut rest = bytes;
    let read = {
        let reading = pin!(read_header(&mut rest));
        match reading.poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(read) => read,
            Poll::Pending => panic!("bytes that are there are waited for"),
        }
    };
    assert!(bytes.len() - rest.len() <= PROXY_BYTES_MAX);
    if let Ok(Some(proxied)) = read {
        assert!(bytes.starts_with(b"\r\n\r\n\0\r\nQUIT\n\x21"));
        assert!(!proxied.source.ip().is_unspecified() && !proxied.source.ip().is_multicast());
    }
}

#[cfg(test)]
#[path = "../../../testkit/src/corpus.rs"]
#[expect(unreachable_pub, reason = "the file is public in the kit that it is taken from")]
mod corpus;

/// corpus: NET-02
#[cfg(test)]
#[test]
fn no_connection_begins_with_an_address_that_nobody_has() {
    corpus::replay("proxy_header", b"\r\n\0QUIT\x20\x21\x11\xff", header).unwrap();
}
