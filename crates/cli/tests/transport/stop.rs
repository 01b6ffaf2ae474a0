//! The stop of the real server: uploads in flight are finished, new ones are not begun.

use rustix::process::Signal;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::caller::{Ask, ask1, http1, root};
use crate::server::{Server, directory};

#[tokio::test]
async fn an_upload_in_flight_is_stored_and_a_new_one_is_refused() {
    let server = Server::start(directory(), &[]);
    let (authority, root) = (server.address.to_string(), root());
    let mut stream = TcpStream::connect(server.address).await.unwrap();
    ask1(&mut stream, Ask::s3("PUT", "/home"), (&authority, &root)).await;
    let ask = Ask::s3("PUT", "/home/key").body(vec![7; 100_000]).with("expect", "100-continue");
    let bytes = http1(&ask.signed(&authority, &root), &ask.body);
    let mut upload = TcpStream::connect(server.address).await.unwrap();
    let (head, body) = bytes.split_at(bytes.len() - 50_000);
    upload.write_all(head).await.unwrap();
    let mut asked = [0; 25];
    upload.read_exact(&mut asked).await.unwrap();
    assert!(asked.starts_with(b"HTTP/1.1 100"), "the server is in the midst of it");

    server.signal(Signal::TERM);
    // The signal is heard a moment later; then nobody new is taken.
    while let Ok(_early) = TcpStream::connect(server.address).await {
        tokio::task::yield_now().await;
    }
    upload.write_all(body).await.unwrap();
    let mut came = String::new();
    upload.read_to_string(&mut came).await.unwrap();
    assert!(came.starts_with("HTTP/1.1 200"), "{came}");
    let data = server.directory.path().join("data");
    assert!(data.exists());
    assert!(server.ended(), "it ends well, and by itself");
}
