//! HTTP/1.1: what is too much and what is too slow.

use std::sync::atomic::Ordering;

use tokio::io::AsyncWriteExt as _;

use super::super::serve::Protocol::Http1;
use super::{after, answer, rest, seconds, start};

const GET: &[u8] = b"GET / HTTP/1.1\r\nhost: h\r\n\r\n";

/// A request whose head has so many bytes.
fn head_of(bytes: usize) -> Vec<u8> {
    let (start, end) = ("GET / HTTP/1.1\r\nhost: h\r\nx: ", "\r\n\r\n");
    let filler = "a".repeat(bytes - start.len() - end.len());
    format!("{start}{filler}{end}").into_bytes()
}

#[tokio::test(start_paused = true)]
async fn a_request_that_comes_with_its_clients_hang_up_is_begun_and_without_its_end_is_not() {
    let whole = ["GET /wait HTTP/1.1", "POST /upload HTTP/1.1\r\ncontent-length: 9"];
    for (head, begun) in whole.iter().flat_map(|head| [(head, true), (head, false)]) {
        let mut served = start(Http1, &[]);
        let end = if begun { "\r\nhost: h\r\n\r\n" } else { "\r\nhost: h\r\n" };
        // Nobody else has had a turn when the line is closed: all comes at once.
        served.client.write_all(format!("{head}{end}").as_bytes()).await.unwrap();
        drop(served.client);
        served.task.await.unwrap();
        assert_eq!(served.begun.lock().unwrap().len(), usize::from(begun), "{head}");
    }
}

#[tokio::test(start_paused = true)]
async fn net_14_a_head_as_long_as_the_limit_is_served_and_a_longer_one_is_431() {
    for (bytes, status) in [(8192, "200"), (8193, "431")] {
        let mut served = start(Http1, &[("limits.head_bytes", "8192")]);
        served.client.write_all(&head_of(bytes)).await.unwrap();
        let answer = answer(&mut served.client, 0).await;
        assert!(answer.starts_with(&format!("HTTP/1.1 {status}")), "{bytes}: {answer}");
    }
}

#[tokio::test(start_paused = true)]
async fn net_14_as_many_headers_as_the_limit_are_served_and_one_more_is_431() {
    // A hundred is what hyper itself takes, and is not told.
    for (limit, headers, status) in
        [("16", 16, "200"), ("16", 17, "431"), ("100", 100, "200"), ("100", 101, "431")]
    {
        let mut served = start(Http1, &[("limits.headers", limit)]);
        let more: String = (1..headers).map(|n| format!("x-{n}: 1\r\n")).collect();
        let request = format!("GET / HTTP/1.1\r\nhost: h\r\n{more}\r\n");
        served.client.write_all(request.as_bytes()).await.unwrap();
        let answer = answer(&mut served.client, 0).await;
        assert!(answer.starts_with(&format!("HTTP/1.1 {status}")), "{headers}: {answer}");
    }
}

#[tokio::test(start_paused = true)]
async fn net_07_a_connection_that_asks_nothing_is_closed_when_its_time_is_up() {
    let mut served = start(Http1, &[("limits.head_seconds", "10")]);
    let (came, took) = seconds(rest(&mut served.client)).await;
    assert_eq!(came, "");
    assert!((10.0..10.1).contains(&took), "{took}");
    assert!(served.cut.load(Ordering::Relaxed), "it is reset");
}

#[tokio::test(start_paused = true)]
async fn net_07_a_first_request_just_in_time_is_served() {
    let mut served = start(Http1, &[("limits.head_seconds", "10")]);
    after(9.9).await;
    served.client.write_all(GET).await.unwrap();
    assert!(answer(&mut served.client, 2).await.ends_with("ok"));
}

#[tokio::test(start_paused = true)]
async fn net_07_a_head_that_dribbles_is_cut_however_steadily_it_comes() {
    let mut served = start(Http1, &[("limits.head_seconds", "10"), ("limits.idle_seconds", "60")]);
    served.client.write_all(GET).await.unwrap();
    answer(&mut served.client, 2).await;
    let (reader, mut writer) = tokio::io::split(served.client);
    let mut reader = reader;
    let dribble = tokio::spawn(async move {
        for byte in GET.iter().cycle().take(25) {
            after(1.0).await;
            if writer.write_all(&[*byte]).await.is_err() {
                break;
            }
        }
    });
    let (came, took) = seconds(rest(&mut reader)).await;
    assert_eq!(came, "");
    assert!((11.0..11.1).contains(&took), "ten seconds from its first byte: {took}");
    dribble.abort();
}

#[tokio::test(start_paused = true)]
async fn the_next_request_may_take_as_long_as_the_limit_and_no_longer() {
    for (wait, alive) in [(59.9, true), (60.1, false)] {
        let limits = [("limits.head_seconds", "10"), ("limits.idle_seconds", "60")];
        let mut served = start(Http1, &limits);
        served.client.write_all(GET).await.unwrap();
        answer(&mut served.client, 2).await;
        after(wait).await;
        let written = served.client.write_all(GET).await;
        if alive {
            assert!(answer(&mut served.client, 2).await.ends_with("ok"));
        } else {
            let came = rest(&mut served.client).await;
            assert!(written.is_err() && came.is_empty(), "{written:?} {came}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_request_that_is_worked_on_may_take_its_time() {
    let mut served = start(Http1, &[("limits.head_seconds", "1"), ("limits.idle_seconds", "1")]);
    served.client.write_all(b"GET /wait HTTP/1.1\r\nhost: h\r\n\r\n").await.unwrap();
    after(300.0).await;
    served.go.notify_one();
    assert!(answer(&mut served.client, 6).await.ends_with("waited"));
}

#[tokio::test(start_paused = true)]
async fn net_07_an_answer_that_nobody_reads_is_cut_and_one_that_is_read_slowly_is_not() {
    let mut served = start(Http1, &[("limits.idle_seconds", "60")]);
    served.client.write_all(b"GET /endless HTTP/1.1\r\nhost: h\r\n\r\n").await.unwrap();
    after(59.0).await;
    // What is taken now begins another such time.
    answer(&mut served.client, 64 * 1024).await;
    after(59.0).await;
    assert!(!served.task.is_finished());
    after(2.0).await;
    assert!(served.task.is_finished());
    assert!(served.cut.load(Ordering::Relaxed));
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_fails_ends_in_a_reset_and_a_whole_one_does_not() {
    let mut served = start(Http1, &[]);
    served.client.write_all(b"GET /cut HTTP/1.1\r\nhost: h\r\n\r\n").await.unwrap();
    let came = rest(&mut served.client).await;
    // What was not sent yet is not sent any more.
    assert!(came.is_empty() || came.ends_with("0123456789"), "{came}");
    assert!(served.cut.load(Ordering::Relaxed));

    let mut served = start(Http1, &[]);
    let request = b"GET / HTTP/1.1\r\nhost: h\r\nconnection: close\r\n\r\n";
    served.client.write_all(request).await.unwrap();
    assert!(rest(&mut served.client).await.ends_with("ok"));
    assert!(!served.cut.load(Ordering::Relaxed));
}

#[tokio::test(start_paused = true)]
async fn net_03_a_request_whose_end_is_in_doubt_is_refused_and_the_connection_closed() {
    let heads: [&[u8]; 12] = [
        b"POST / HTTP/1.1\r\nhost: h\r\ncontent-length: +5\r\n\r\nhello",
        b"POST / HTTP/1.1\r\nhost: h\r\ncontent-length: 5, 5\r\n\r\nhello",
        b"POST / HTTP/1.1\r\nhost: h\r\ncontent-length: 5\r\ncontent-length: 6\r\n\r\nhello",
        b"POST / HTTP/1.1\r\nhost: h\r\ncontent-length: 5x\r\n\r\nhello",
        b"POST / HTTP/1.1\r\nhost: h\r\ntransfer-encoding: identity\r\n\r\n0\r\n\r\n",
        b"POST / HTTP/1.1\r\nhost: h\r\ntransfer-encoding: chunked, identity\r\n\r\n0\r\n\r\n",
        b"POST / HTTP/1.1\r\nhost: h\r\ntransfer-encoding: xchunked\r\n\r\n0\r\n\r\n",
        b"GET / HTTP/1.1\r\nhost : h\r\n\r\n",
        b"GET / HTTP/1.1\r\nhost: h\r\nx: a\0b\r\n\r\n",
        b"GET / HTTP/1.1\r\nhost: h\r\n x: folded\r\n\r\n",
        b"GET / HTTP/1.1\r\nhost: h\r\nx: a\rb\r\n\r\n",
        b"GET  / HTTP/1.1\r\nhost: h\r\n\r\n",
    ];
    for head in heads {
        let mut served = start(Http1, &[]);
        let _ = served.client.write_all(head).await;
        let came = rest(&mut served.client).await;
        let text = String::from_utf8_lossy(head);
        assert!(came.starts_with("HTTP/1.1 400") || came.is_empty(), "{text:?}: {came}");
    }
}

#[tokio::test(start_paused = true)]
async fn net_03_a_second_request_cannot_hide_in_the_body_of_the_first() {
    let smuggled = b"POST /upload HTTP/1.1\r\nhost: h\r\ncontent-length: 4\r\n\
        transfer-encoding: chunked\r\n\r\n0\r\n\r\nGET /who HTTP/1.1\r\nhost: h\r\n\r\n";
    let mut served = start(Http1, &[]);
    let _ = served.client.write_all(smuggled).await;
    let _ = served.client.shutdown().await;
    let came = rest(&mut served.client).await;
    assert!(came.matches("HTTP/1.1 200").count() <= 1, "{came}");
    assert!(!came.contains("Connection {"), "{came}");
}
