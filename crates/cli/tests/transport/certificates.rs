//! Certificates that change while the server runs.

use std::time::Duration;

use rustix::process::Signal;

use crate::caller::{Ask, Hands, Http2, connect, root};
use crate::server::{Server, certificate};

/// Whether a client that trusts what is in the directory now can shake hands.
async fn trusts(server: &Server) -> bool {
    let hands = Hands { roots: server.roots(), alpn: &[], versions: rustls::ALL_VERSIONS };
    connect(server.address, hands).await.is_ok()
}

/// Waits, for a while, until something is so.
async fn until(mut so: impl AsyncFnMut() -> bool) -> bool {
    for _ in 0..100 {
        if so().await {
            return true;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    false
}

#[tokio::test]
async fn a_new_certificate_is_taken_on_sighup_and_drops_nobody() {
    let server = Server::secure(&[]);
    let (before, root) = (Http2::to(&server).await, root());
    assert_eq!(before.send(&Ask::s3("GET", "/"), &root).await.status, 200);
    certificate(server.directory.path());
    server.signal(Signal::HUP);
    assert!(until(async || trusts(&server).await).await, "{}", server.log());
    assert_eq!(before.send(&Ask::s3("GET", "/"), &root).await.status, 200, "still connected");
    let after = Http2::to(&server).await;
    assert_eq!(after.send(&Ask::s3("GET", "/"), &root).await.status, 200);
}

#[tokio::test]
async fn a_certificate_that_does_not_load_is_named_and_changes_nothing() {
    let server = Server::secure(&[]);
    let roots = server.roots();
    std::fs::write(server.file("certificate.pem"), "no certificate").unwrap();
    server.signal(Signal::HUP);
    let said = until(async || server.log().contains("stay as they were")).await;
    assert!(said && server.log().contains("certificate.pem"), "{}", server.log());
    let hands = Hands { roots, alpn: &[], versions: rustls::ALL_VERSIONS };
    assert!(connect(server.address, hands).await.is_ok());
}
