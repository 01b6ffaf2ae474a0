//! Uploads that are refused while they are on their way: their clients see why.

use bytes::Bytes;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::caller::{Ask, Http2, credentials, http1};
use crate::server::{ROOT_KEY, Server, directory};

/// More than sockets hold, less than `limits.linger_bytes`.
const BODY_BYTES: usize = 6 * 1024 * 1024;

/// corpus: SIG-01
/// oracle: answer, twin
#[tokio::test]
async fn a_refused_upload_is_answered_though_its_client_sends_all_of_it_first() {
    let server = Server::start(directory(), &[]);
    let forger = credentials(ROOT_KEY, "not-the-secret-of-at-least-32-characters");
    let body = Bytes::from(vec![7; BODY_BYTES]);
    let ask = Ask::s3("PUT", "/bucket/key").body(body.clone());
    for _ in 0..5 {
        let head = ask.signed(&server.address.to_string(), &forger);
        let mut stream = TcpStream::connect(server.address).await.unwrap();
        // Nothing is read before everything is sent, as simple clients do.
        stream.write_all(&http1(&head, &body)).await.unwrap();
        let mut came = Vec::new();
        stream.read_to_end(&mut came).await.unwrap();
        let came = String::from_utf8_lossy(&came);
        assert!(came.starts_with("HTTP/1.1 403"), "{came}");
        assert!(came.contains("<Code>SignatureDoesNotMatch</Code>"), "{came}");
    }
}

#[tokio::test]
async fn a_refused_upload_over_http_2_is_answered_and_the_connection_goes_on() {
    let server = Server::secure(&[]);
    let client = Http2::to(&server).await;
    let forger = credentials(ROOT_KEY, "not-the-secret-of-at-least-32-characters");
    let ask = Ask::s3("PUT", "/bucket/key").body(Bytes::from(vec![7; BODY_BYTES]));
    for _ in 0..3 {
        let answer = client.send(&ask, &forger).await;
        assert_eq!(answer.status, 403, "{answer:?}");
        assert_eq!(answer.element("Code"), "SignatureDoesNotMatch");
    }
    let twin = client.send(&Ask::s3("GET", "/"), &crate::caller::root()).await;
    assert_eq!(twin.status, 200, "{twin:?}");
}
