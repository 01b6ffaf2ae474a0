//! Requests that are answered while their body is still on its way.

use bytes::Bytes;
use tokio::io::AsyncWriteExt as _;

use super::super::serve::Protocol::{Http1, Http2};
use super::{Served, after, answer, rest, seconds, start};

const LIMITS: &[(&str, &str)] =
    &[("limits.linger_bytes", "100000"), ("limits.linger_seconds", "5")];

/// A connection whose upload has been refused; its client has sent nothing of the body.
async fn refused(path: &str) -> Served {
    let mut served = start(Http1, LIMITS);
    let head = format!("PUT {path} HTTP/1.1\r\nhost: h\r\ncontent-length: 1000000\r\n\r\n");
    served.client.write_all(head.as_bytes()).await.unwrap();
    let came = answer(&mut served.client, 2).await;
    assert!(came.starts_with("HTTP/1.1 200") && came.ends_with("ok"), "{came}");
    served
}

#[tokio::test(start_paused = true)]
async fn so_many_bytes_of_a_refused_body_are_thrown_away_and_not_one_more() {
    for (bytes, alive) in [(100_000, true), (100_001, false)] {
        let mut served = refused("/refuse").await;
        served.client.write_all(&vec![7; bytes]).await.unwrap();
        after(1.0).await;
        assert_eq!(!served.task.is_finished(), alive, "{bytes}");
        // One that has said everything is let go at once.
        served.client.shutdown().await.unwrap();
        after(0.1).await;
        assert!(served.task.is_finished());
    }
}

#[tokio::test(start_paused = true)]
async fn a_refused_body_is_awaited_as_long_as_the_limit_says_and_no_longer() {
    let mut served = refused("/refuse").await;
    after(4.9).await;
    served.client.write_all(b"still here").await.unwrap();
    assert!(!served.task.is_finished());
    after(0.2).await;
    assert!(served.task.is_finished());
}

#[tokio::test(start_paused = true)]
async fn a_connection_whose_bodies_were_read_ends_at_once() {
    let mut served = start(Http1, LIMITS);
    let request = b"GET / HTTP/1.1\r\nhost: h\r\nconnection: close\r\n\r\n";
    served.client.write_all(request).await.unwrap();
    let (came, took) = seconds(rest(&mut served.client)).await;
    assert!(came.ends_with("ok"), "{came}");
    after(0.1).await;
    assert!(served.task.is_finished() && took < 0.1, "{took}");
}

#[tokio::test(start_paused = true)]
async fn over_http_2_the_answer_of_a_refused_upload_comes_and_the_connection_stays() {
    let served = start(Http2, LIMITS);
    let (client, connection) = h2::client::handshake(served.client).await.unwrap();
    tokio::spawn(connection);
    for _ in 0..3 {
        let mut client = client.clone().ready().await.unwrap();
        let request = http::Request::put("https://store.example/refuse").body(()).unwrap();
        let (answer, mut body) = client.send_request(request, false).unwrap();
        body.send_data(Bytes::from_static(&[7; 60_000]), false).unwrap();
        let (head, mut came) = answer.await.unwrap().into_parts();
        assert_eq!(head.status, 200);
        assert_eq!(came.data().await.unwrap().unwrap(), "ok");
        // What is sent on is told, without a mistake being found, that nobody wants it.
        let told = std::future::poll_fn(|cx| body.poll_reset(cx)).await.unwrap();
        assert_eq!(told, h2::Reason::NO_ERROR);
    }
}
