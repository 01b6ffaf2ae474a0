//! HTTP/2: the same meaning as HTTP/1.1, and the floods that only it knows.

use std::future::poll_fn;

use bytes::Bytes;
use h2::client::{Builder, SendRequest};
use http::Request;
use tokio::io::DuplexStream;
use tokio::task::JoinHandle;

use super::super::serve::Protocol::Http2;
use super::{after, start};

type Client = SendRequest<Bytes>;

async fn client(stream: DuplexStream) -> (Client, JoinHandle<Result<(), h2::Error>>) {
    // A client that holds back nothing by itself.
    let client = Builder::new()
        .initial_max_send_streams(10_000)
        .max_concurrent_reset_streams(10_000)
        .handshake(stream);
    let (client, connection) = client.await.unwrap();
    (client, tokio::spawn(connection))
}

fn get(path: &str) -> Request<()> {
    Request::get(format!("https://store.example{path}")).body(()).unwrap()
}

async fn send(client: &Client, request: Request<()>) -> Result<(u16, String), h2::Error> {
    let mut client = client.clone().ready().await?;
    let (response, _) = client.send_request(request, true)?;
    let (head, mut body) = response.await?.into_parts();
    let mut text = Vec::new();
    while let Some(data) = body.data().await {
        let data = data?;
        body.flow_control().release_capacity(data.len())?;
        text.extend_from_slice(&data);
    }
    Ok((head.status.as_u16(), String::from_utf8_lossy(&text).into_owned()))
}

#[tokio::test(start_paused = true)]
async fn many_requests_share_a_connection() {
    let served = start(Http2, &[]);
    let (client, _connection) = client(served.client).await;
    let first = send(&client, get("/wait"));
    let second = async {
        let answer = send(&client, get("/")).await;
        served.go.notify_one();
        answer
    };
    let (first, second) = tokio::join!(first, second);
    assert_eq!(first.unwrap(), (200, "waited".to_owned()));
    assert_eq!(second.unwrap(), (200, "ok".to_owned()), "it did not wait for the other");
}

#[tokio::test(start_paused = true)]
async fn requests_that_come_with_their_clients_hang_up_are_begun_all() {
    let served = start(Http2, &[]);
    let (client, connection) = Builder::new().handshake(served.client).await.unwrap();
    let mut connection = Box::pin(connection);
    tokio::select! {
        answer = send(&client, get("/")) => assert_eq!(answer.unwrap().0, 200),
        _ = &mut connection => panic!("it ends before the first is answered"),
    }
    let mut client = client.ready().await.unwrap();
    let sent = ["/wait", "/who", "/wait"].map(|path| client.send_request(get(path), true).unwrap());
    // They are written, and nobody else has had a turn when the line is closed.
    poll_fn(|cx| {
        let _ = connection.as_mut().poll(cx);
        std::task::Poll::Ready(())
    })
    .await;
    drop((connection, client, sent));
    served.task.await.unwrap();
    assert_eq!(*served.begun.lock().unwrap(), ["/", "/wait", "/who", "/wait"]);
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_fails_resets_its_stream_and_no_other() {
    let served = start(Http2, &[]);
    let (client, connection) = client(served.client).await;
    let cut = send(&client, get("/cut")).await.unwrap_err();
    assert!(cut.is_reset(), "{cut}");
    assert_eq!(send(&client, get("/")).await.unwrap().0, 200);
    assert!(!connection.is_finished());
}

#[tokio::test(start_paused = true)]
async fn as_many_headers_as_the_limit_are_served_and_one_more_resets_the_stream() {
    let served = start(Http2, &[("limits.headers", "16")]);
    let (client, _connection) = client(served.client).await;
    for (headers, fine) in [(16, true), (17, false)] {
        let mut request = get("/");
        for n in 0..headers {
            let name: http::HeaderName = format!("x-{n}").parse().unwrap();
            request.headers_mut().insert(name, 1.into());
        }
        let answer = send(&client, request).await;
        assert_eq!(answer.is_ok(), fine, "{headers}: {answer:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_head_past_the_limit_is_refused_and_one_below_it_is_served() {
    let served = start(Http2, &[("limits.head_bytes", "8192")]);
    let (client, _connection) = client(served.client).await;
    // An entry counts 32 bytes more than its name and value (RFC 9113 §6.5.2).
    for (bytes, fine) in [(7_000, true), (9_000, false)] {
        let mut request = get("/");
        let value = "a".repeat(bytes).parse().unwrap();
        request.headers_mut().insert("x", value);
        let answer = send(&client, request).await;
        let served = answer.as_ref().is_ok_and(|(status, _)| *status == 200);
        assert_eq!(served, fine, "{bytes}: {answer:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn as_many_requests_are_in_flight_as_the_limit_says_and_one_more_waits() {
    let served = start(Http2, &[("limits.streams", "2")]);
    let (client, _connection) = client(served.client).await;
    assert_eq!(send(&client, get("/")).await.unwrap().0, 200, "the client knows the limit");
    let waiting = |_| {
        let client = client.clone();
        tokio::spawn(async move { send(&client, get("/wait")).await.unwrap().1 })
    };
    let waiting: Vec<_> = (0..3).map(waiting).collect();
    after(1.0).await;
    served.go.notify_waiters();
    after(1.0).await;
    let done = waiting.iter().filter(|task| task.is_finished()).count();
    assert_eq!(done, 2, "two were in flight");
    served.go.notify_waiters();
    for task in waiting {
        assert_eq!(task.await.unwrap(), "waited");
    }
}

/// Begins requests and gives them up at once, so many at a time; how often until the server would
/// not have it any more.
async fn flood(mut client: Client, burst: usize) -> usize {
    for resets in 0..5_000 {
        if poll_fn(|cx| client.poll_ready(cx)).await.is_err() {
            return resets;
        }
        let Ok((_, mut stream)) = client.send_request(get("/wait"), true) else { return resets };
        if burst == 1 {
            tokio::task::yield_now().await;
            tokio::task::yield_now().await;
        }
        stream.send_reset(h2::Reason::CANCEL);
        if resets % burst == 0 {
            tokio::task::yield_now().await;
        }
    }
    5_000
}

#[tokio::test(start_paused = true)]
async fn net_06_a_flood_of_streams_that_are_reset_at_once_ends_the_connection() {
    for burst in [1, 10, 100, 1_000] {
        let served = start(Http2, &[]);
        let (client, connection) = client(served.client).await;
        let resets = flood(client, burst).await;
        after(1.0).await;
        assert!(connection.is_finished() && served.task.is_finished(), "{burst}: {resets}");
        assert!(resets < 3_000, "{burst}: {resets}");
    }
}

#[tokio::test(start_paused = true)]
async fn net_06_a_client_that_changes_its_mind_now_and_then_is_served_on() {
    let served = start(Http2, &[]);
    let (client, connection) = client(served.client).await;
    for _ in 0..200 {
        let mut ready = client.clone().ready().await.unwrap();
        let (_, mut stream) = ready.send_request(get("/wait"), true).unwrap();
        after(0.01).await;
        stream.send_reset(h2::Reason::CANCEL);
        assert_eq!(send(&client, get("/")).await.unwrap().0, 200);
    }
    assert!(!connection.is_finished());
}

#[tokio::test(start_paused = true)]
async fn net_07_a_connection_without_requests_is_closed_when_its_time_is_up() {
    let served = start(Http2, &[("limits.head_seconds", "10"), ("limits.idle_seconds", "60")]);
    let (client, connection) = client(served.client).await;
    after(9.0).await;
    assert_eq!(send(&client, get("/")).await.unwrap().0, 200);
    after(59.0).await;
    assert_eq!(send(&client, get("/")).await.unwrap().0, 200);
    after(61.0).await;
    assert!(connection.is_finished());
    assert!(send(&client, get("/")).await.is_err());
}

#[tokio::test(start_paused = true)]
async fn net_07_an_answer_that_is_not_taken_is_cut_and_one_that_is_is_not() {
    let served = start(Http2, &[("limits.idle_seconds", "60")]);
    let (client, connection) = client(served.client).await;
    let mut ready = client.clone().ready().await.unwrap();
    let (response, _) = ready.send_request(get("/endless"), true).unwrap();
    let mut body = response.await.unwrap().into_body();
    for _ in 0..4 {
        after(40.0).await;
        for _ in 0..16 {
            let data = body.data().await.unwrap().unwrap();
            body.flow_control().release_capacity(data.len()).unwrap();
        }
        assert!(!connection.is_finished(), "what is taken slowly is not cut");
    }
    after(100.0).await;
    assert!(connection.is_finished());
}

#[tokio::test(start_paused = true)]
async fn a_stop_lets_requests_end_and_takes_no_more() {
    let served = start(Http2, &[]);
    let (client, connection) = client(served.client).await;
    let waiting = tokio::spawn({
        let client = client.clone();
        async move { send(&client, get("/wait")).await }
    });
    after(1.0).await;
    served.stop.send_replace(true);
    after(1.0).await;
    assert!(send(&client, get("/")).await.is_err(), "no further request");
    served.go.notify_one();
    assert_eq!(waiting.await.unwrap().unwrap().1, "waited");
    after(1.0).await;
    assert!(connection.is_finished());
}
