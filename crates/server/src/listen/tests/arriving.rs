//! Who may come in, who they are said to be, and how long that may take.

use std::net::IpAddr;
use std::sync::Arc;

use api::{Connection, Secure};
use tokio::io::{AsyncWriteExt as _, DuplexStream};

use super::super::arrive::{Arrived, Gate, TurnedAway, arrive};
use super::super::census::Census;
use super::super::proxy::ProxyError;
use super::super::serve::Protocol;
use super::{limits, peer, seconds};
use crate::clock::SystemClock;
use crate::config::ProxyProtocol;

fn gate(proxy_protocol: ProxyProtocol, pairs: &[(&str, &str)]) -> Gate {
    Gate {
        tls: None,
        trusted_proxies: Arc::new(["10.0.0.0/8".parse().unwrap()]),
        proxy_protocol,
        limits: limits(pairs),
        clock: Arc::new(SystemClock::new()),
    }
}

type Came = Result<(Arrived<DuplexStream>, Connection, Protocol), TurnedAway>;

async fn come(gate: &Gate, from: &str, bytes: &[u8]) -> Came {
    let census = Arc::new(Census::new(gate.limits.as_ref().clone()));
    let mut place = Census::enter(&census).unwrap();
    let (mut client, server) = tokio::io::duplex(4096);
    client.write_all(bytes).await.unwrap();
    let came = arrive(server, peer(from), &mut place, gate).await;
    drop(client);
    came
}

/// A PROXY header of a client of that address.
fn proxied(last: u8) -> Vec<u8> {
    let mut header = b"\r\n\r\n\0\r\nQUIT\n\x21\x11\0\x0c".to_vec();
    header.extend([198, 51, 100, last, 10, 0, 0, 1, 0, 9, 0, 80]);
    header
}

fn why(came: Came) -> TurnedAway {
    match came {
        Ok((_, connection, _)) => panic!("{connection:?} was let in"),
        Err(why) => why,
    }
}

#[tokio::test(start_paused = true)]
async fn plain_http_is_for_this_machine_and_for_trusted_proxies() {
    let gate = gate(ProxyProtocol::Off, &[]);
    for address in ["127.0.0.1", "::1", "::ffff:127.0.0.1", "10.1.2.3", "::ffff:10.1.2.3"] {
        assert!(come(&gate, address, b"").await.is_ok(), "{address}");
    }
    for address in ["192.0.2.1", "2001:db8::1", "11.0.0.1"] {
        assert!(matches!(why(come(&gate, address, b"").await), TurnedAway::Plain), "{address}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_trusted_proxy_says_who_its_client_is() {
    let gate = gate(ProxyProtocol::V2, &[]);
    let (_, connection, _) = come(&gate, "10.0.0.1", &proxied(7)).await.ok().unwrap();
    let expected: IpAddr = "198.51.100.7".parse().unwrap();
    assert_eq!(connection.address(), expected);
    assert_eq!(connection.proxied.unwrap().secure, Secure::No);
    assert_eq!(connection.peer, peer("10.0.0.1"), "the record has both");
}

#[tokio::test(start_paused = true)]
async fn nobody_else_is_believed_or_let_in_where_proxies_are_expected() {
    let gate = gate(ProxyProtocol::V2, &[]);
    for address in ["192.0.2.1", "127.0.0.1"] {
        for bytes in [&proxied(7)[..], b"GET / HTTP/1.1\r\n\r\n"] {
            let why = why(come(&gate, address, bytes).await);
            assert!(matches!(why, TurnedAway::Untrusted), "{address}: {why}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_proxy_that_says_nothing_or_something_else_is_turned_away() {
    let gate = gate(ProxyProtocol::V2, &[]);
    let plain = why(come(&gate, "10.0.0.1", b"GET / HTTP/1.1\r\nhost: h\r\n\r\n").await);
    assert!(matches!(plain, TurnedAway::Proxy(ProxyError::Missing)), "{plain}");
    let first = why(come(&gate, "10.0.0.1", b"PROXY TCP4 1.1.1.1 2.2.2.2 1 2\r\n").await);
    assert!(matches!(first, TurnedAway::Proxy(ProxyError::Version1)), "{first}");
}

#[tokio::test(start_paused = true)]
async fn a_header_that_was_not_asked_for_is_left_to_http_to_refuse() {
    let gate = gate(ProxyProtocol::Off, &[]);
    let (_, connection, _) = come(&gate, "10.0.0.1", &proxied(7)).await.ok().unwrap();
    assert_eq!(connection.proxied, None);
}

#[tokio::test(start_paused = true)]
async fn net_07_a_proxy_header_may_take_as_long_as_the_limit_and_no_longer() {
    let gate = gate(ProxyProtocol::V2, &[("limits.handshake_seconds", "10")]);
    let (came, took) = seconds(come(&gate, "10.0.0.1", &proxied(7)[..20])).await;
    assert!(matches!(why(came), TurnedAway::Slow));
    assert!((10.0..10.1).contains(&took), "{took}");
}

#[tokio::test(start_paused = true)]
async fn clients_of_a_proxy_are_counted_by_their_own_address() {
    let gate = gate(ProxyProtocol::V2, &[("limits.connections_per_address", "1")]);
    let census = Arc::new(Census::new(gate.limits.as_ref().clone()));
    let mut places = Vec::new();
    for (last, fine) in [(1, true), (2, true), (1, false)] {
        let mut place = Census::enter(&census).unwrap();
        let (mut client, server) = tokio::io::duplex(4096);
        client.write_all(&proxied(last)).await.unwrap();
        let came = arrive(server, peer("10.0.0.1"), &mut place, &gate).await;
        assert_eq!(came.is_ok(), fine, "{last}");
        places.push(place);
    }
}

#[tokio::test(start_paused = true)]
async fn a_proxy_that_does_not_say_who_its_clients_are_may_have_many() {
    let gate = gate(ProxyProtocol::Off, &[("limits.connections_per_address", "1")]);
    let census = Arc::new(Census::new(gate.limits.as_ref().clone()));
    let mut places = Vec::new();
    for (address, fine) in
        [("10.0.0.1", true), ("10.0.0.1", true), ("127.0.0.1", true), ("127.0.0.1", false)]
    {
        let mut place = Census::enter(&census).unwrap();
        let (_client, server) = tokio::io::duplex(4096);
        let came = arrive(server, peer(address), &mut place, &gate).await;
        assert_eq!(came.is_ok(), fine, "{address}");
        places.push(place);
    }
}
