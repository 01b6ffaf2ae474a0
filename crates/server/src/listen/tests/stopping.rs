//! The stop: what is open ends, what is new does not begin, and what does not end is cut.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Notify, watch};
use tokio::task::JoinHandle;

use super::super::serve::Protocol::Http1;
use super::super::{Gate, Listener};
use super::{Desk, after, answer, limits, rest, seconds, start};
use crate::clock::SystemClock;
use crate::config::ProxyProtocol;

#[tokio::test(start_paused = true)]
async fn an_upload_in_flight_is_finished_and_the_connection_closed() {
    let mut served = start(Http1, &[]);
    let head = b"PUT /upload HTTP/1.1\r\nhost: h\r\ncontent-length: 10\r\n\r\n01234";
    served.client.write_all(head).await.unwrap();
    after(1.0).await;
    served.stop.send_replace(true);
    after(5.0).await;
    served.client.write_all(b"56789").await.unwrap();
    let came = rest(&mut served.client).await;
    assert!(came.starts_with("HTTP/1.1 200"), "{came}");
    assert!(came.ends_with("10"), "all of it came: {came}");
}

#[tokio::test(start_paused = true)]
async fn a_connection_without_a_request_ends_at_once() {
    let mut served = start(Http1, &[]);
    served.client.write_all(b"GET / HTTP/1.1\r\nhost: h\r\n\r\n").await.unwrap();
    answer(&mut served.client, 2).await;
    served.stop.send_replace(true);
    let (came, took) = seconds(rest(&mut served.client)).await;
    assert!(came.is_empty() && took < 1.0, "{came} {took}");
}

#[tokio::test(start_paused = true)]
async fn what_a_client_proved_counts_until_the_change_and_for_no_request_after_it() {
    let mut served = start(Http1, &[]);
    served.client.write_all(b"GET /wait HTTP/1.1\r\nhost: h\r\n\r\n").await.unwrap();
    after(1.0).await;
    served.retire.send_replace(1);
    after(1.0).await;
    served.go.notify_one();
    let came = rest(&mut served.client).await;
    assert!(came.contains("connection: close") && came.ends_with("waited"), "{came}");
}

/// A listener on a loopback port, and what stops it.
struct Open {
    address: SocketAddr,
    go: Arc<Notify>,
    stop: watch::Sender<bool>,
    task: JoinHandle<()>,
}

async fn open(pairs: &[(&str, &str)]) -> Open {
    let socket = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = socket.local_addr().unwrap();
    let gate = Gate {
        tls: None,
        trusted_proxies: Arc::new([]),
        proxy_protocol: ProxyProtocol::Off,
        limits: limits(pairs),
        clock: Arc::new(SystemClock::new()),
    };
    let (stop, stopped) = watch::channel(false);
    let handler = Desk::default();
    let go = Arc::clone(&handler.go);
    let task = tokio::spawn(Listener { socket, gate }.serve(handler, stopped));
    Open { address, go, stop, task }
}

#[tokio::test]
async fn a_listener_that_stops_finishes_what_is_open_and_takes_nothing_new() {
    let open = open(&[]).await;
    let mut stream = TcpStream::connect(open.address).await.unwrap();
    let head =
        b"PUT /upload HTTP/1.1\r\nhost: h\r\nexpect: 100-continue\r\ncontent-length: 10\r\n\r\n";
    stream.write_all(head).await.unwrap();
    // The server asks for the body: the request is in its hands.
    let mut asked = [0; 25];
    stream.read_exact(&mut asked).await.unwrap();
    assert!(asked.starts_with(b"HTTP/1.1 100"));
    open.stop.send_replace(true);
    while let Ok(mut late) = TcpStream::connect(open.address).await {
        // The socket is closed a moment after the stop.
        let _ = late.write_all(b"GET / HTTP/1.1\r\nhost: h\r\n\r\n").await;
        assert_eq!(rest(&mut late).await, "", "nothing new is served");
    }
    stream.write_all(b"0123456789").await.unwrap();
    assert!(rest(&mut stream).await.ends_with("10"));
    open.task.await.unwrap();
}

#[tokio::test]
async fn what_is_still_open_at_the_deadline_is_cut() {
    let open = open(&[("limits.drain_seconds", "1")]).await;
    let mut stream = TcpStream::connect(open.address).await.unwrap();
    stream.write_all(b"GET /wait HTTP/1.1\r\nhost: h\r\n\r\nGET").await.unwrap();
    let mut other = TcpStream::connect(open.address).await.unwrap();
    other.write_all(b"GET / HTTP/1.1\r\nhost: h\r\nconnection: close\r\n\r\n").await.unwrap();
    assert!(rest(&mut other).await.ends_with("ok"), "both were accepted");
    tokio::time::pause();
    open.stop.send_replace(true);
    let (done, took) = seconds(open.task).await;
    done.unwrap();
    assert!(took >= 1.0, "{took}");
    tokio::time::resume();
    assert_eq!(rest(&mut stream).await, "");
    drop(open.go);
}

#[tokio::test]
async fn net_23_connections_that_come_and_go_leave_nothing_behind() {
    let open = open(&[("limits.connections", "8"), ("limits.connections_per_address", "8")]).await;
    for _ in 0..200 {
        let mut idle = Vec::new();
        for _ in 0..4 {
            idle.push(TcpStream::connect(open.address).await.unwrap());
        }
        let mut stream = TcpStream::connect(open.address).await.unwrap();
        let asked = b"GET / HTTP/1.1\r\nhost: h\r\nconnection: close\r\n\r\n";
        if stream.write_all(asked).await.is_err() || !rest(&mut stream).await.ends_with("ok") {
            // Places of connections that have just gone are not yet free.
            tokio::time::timeout(Duration::from_secs(1), tokio::task::yield_now()).await.unwrap();
        }
    }
    // Everybody has gone: there is place for as many as ever.
    let mut served = 0;
    for _ in 0..50 {
        let mut stream = TcpStream::connect(open.address).await.unwrap();
        let asked = b"GET / HTTP/1.1\r\nhost: h\r\nconnection: close\r\n\r\n";
        if stream.write_all(asked).await.is_ok() && rest(&mut stream).await.ends_with("ok") {
            served += 1;
        }
    }
    assert!(served >= 40, "{served} of 50");
}

/// corpus: NET-21
/// oracle: answer, twin, cost
#[tokio::test]
async fn net_21_a_panic_ends_its_own_connection_and_nothing_else() {
    let open = open(&[("limits.connections", "8"), ("limits.connections_per_address", "8")]).await;
    for _ in 0..100 {
        let mut stream = TcpStream::connect(open.address).await.unwrap();
        stream.write_all(b"GET /panic HTTP/1.1\r\nhost: h\r\n\r\n").await.unwrap();
        assert_eq!(rest(&mut stream).await, "", "no answer, and none that looks whole");
    }
    let mut stream = TcpStream::connect(open.address).await.unwrap();
    stream.write_all(b"GET / HTTP/1.1\r\nhost: h\r\nconnection: close\r\n\r\n").await.unwrap();
    assert!(rest(&mut stream).await.ends_with("ok"), "every place was given back");
    open.stop.send_replace(true);
    open.task.await.unwrap();
}
