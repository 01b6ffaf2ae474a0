//! Servers that are down, slow, or speak nonsense: each call ends in its time, with the cause, and
//! brings nothing back.

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

use super::*;
use crate::oidc::{DOCUMENTS_SECONDS_MAX, LOGIN_SECONDS_MAX};

/// How long a call may take here, so that the tests are fast.
const SOON: Duration = Duration::from_millis(400);
const BYTES_MAX: usize = 1000;
const HEAD: &[u8] = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n";

#[derive(Clone, Copy)]
enum Server {
    Well,
    Silent,
    Dripping,
    DrippingHead,
    Garbage,
    Broken,
    TooLong,
    Redirecting,
    Failing,
}

async fn serve(server: Server, mut client: TcpStream) -> std::io::Result<()> {
    let mut request = [0; 2048];
    let _ = client.read(&mut request).await?;
    let body = b"{\"a\": 1}";
    match server {
        Server::Well => {
            client.write_all(HEAD).await?;
            client.write_all(b"content-length: 8\r\n\r\n").await?;
            client.write_all(body).await?;
        }
        Server::Silent => std::future::pending::<()>().await,
        Server::Dripping => {
            client.write_all(HEAD).await?;
            client.write_all(b"content-length: 900\r\n\r\n").await?;
            drip(&mut client, b' ').await?;
        }
        Server::DrippingHead => {
            client.write_all(b"HTTP/1.1 200 OK\r\nx: ").await?;
            drip(&mut client, b'x').await?;
        }
        Server::Garbage => client.write_all(b"\x16\x03\x01\x00\xff\x00garbage\r\n\r\n").await?,
        Server::Broken => {
            client.write_all(HEAD).await?;
            client.write_all(b"content-length: 900\r\n\r\n{\"a\":").await?;
        }
        Server::TooLong => {
            client.write_all(HEAD).await?;
            client.write_all(b"connection: close\r\n\r\n").await?;
            client.write_all(&[b' '; BYTES_MAX + 1]).await?;
        }
        Server::Redirecting => {
            let place = b"HTTP/1.1 302 Found\r\nlocation: http://169.254.169.254/\r\n";
            client.write_all(place).await?;
            client.write_all(b"content-length: 0\r\n\r\n").await?;
        }
        Server::Failing => {
            client.write_all(b"HTTP/1.1 500 Oops\r\ncontent-length: 0\r\n\r\n").await?;
        }
    }
    client.shutdown().await
}

async fn drip(client: &mut TcpStream, byte: u8) -> std::io::Result<()> {
    loop {
        client.write_all(&[byte]).await?;
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// What came of a call, as a document and as a question; neither takes much longer than it may.
async fn asked(server: Option<Server>) -> [Result<Vec<u8>, EgressError>; 2] {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let origin = format!("http://{}", listener.local_addr().unwrap());
    let serving = server.map(|server| {
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                tokio::spawn(serve(server, client));
            }
        })
    });
    let egress = Egress::new(EgressPolicy::allowing(&[&origin]).unwrap(), None).unwrap();
    let url: Url = format!("{origin}/document").parse().unwrap();
    let question =
        Question { url: &url, form: None, credential: None, bytes_max: BYTES_MAX, within: SOON };
    let patience = SOON * 2 + Duration::from_secs(3);
    let both = async { (egress.fetched(&url, BYTES_MAX, SOON).await, egress.ask(&question).await) };
    let (fetched, answered) = tokio::time::timeout(patience, both).await.expect("in its time");
    if let Some(serving) = serving {
        serving.abort();
    }
    let body = |answer: Answer| match answer.status {
        200 => Ok(answer.body),
        status => Err(EgressError::Status { origin: origin.clone(), status }),
    };
    [fetched, answered.and_then(body)]
}

#[tokio::test]
async fn a_server_that_is_well_is_heard() {
    for answer in asked(Some(Server::Well)).await {
        assert_eq!(answer.unwrap(), b"{\"a\": 1}");
    }
}

#[tokio::test]
async fn a_server_that_is_silent_or_drips_is_slow() {
    for server in [Server::Silent, Server::Dripping, Server::DrippingHead] {
        for answer in asked(Some(server)).await {
            let error = answer.unwrap_err();
            assert!(matches!(error, EgressError::Slow { .. }), "{error}");
            assert!(error.to_string().contains("did not answer within"), "{error}");
        }
    }
}

#[tokio::test]
async fn a_server_that_is_down_or_speaks_nonsense_was_not_reached() {
    for server in [None, Some(Server::Garbage), Some(Server::Broken)] {
        for answer in asked(server).await {
            let error = answer.unwrap_err();
            assert!(matches!(error, EgressError::Unreachable { .. }), "{error}");
        }
    }
}

#[tokio::test]
async fn an_answer_that_is_too_long_is_left() {
    for answer in asked(Some(Server::TooLong)).await {
        assert!(matches!(answer, Err(EgressError::TooLarge { bytes_max: BYTES_MAX, .. })));
    }
}

/// corpus: OID-02
/// oracle: answer
#[tokio::test]
async fn another_place_or_a_failure_is_no_answer_and_the_place_is_not_gone_to() {
    for (server, expected) in [(Server::Redirecting, 302), (Server::Failing, 500)] {
        for answer in asked(Some(server)).await {
            let error = answer.unwrap_err();
            let is = matches!(error, EgressError::Status { status, .. } if status == expected);
            assert!(is, "{error}");
        }
    }
}

#[test]
fn a_sign_in_ends_within_five_seconds_whoever_is_asked() {
    let bounds = [CONNECT_SECONDS_MAX, CALL_SECONDS_MAX, DOCUMENTS_SECONDS_MAX, LOGIN_SECONDS_MAX];
    assert!(bounds.is_sorted(), "{bounds:?}");
    // The rest is the machine's.
    assert!(bounds.last().is_some_and(|most| *most < 5), "{bounds:?}");
}
