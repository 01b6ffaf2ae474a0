//! Answers whose lengths no message has. Depth is another matter: the library that reads messages
//! bounds it nowhere, so whatever is heard before TLS is read by `start_tls`.

use std::sync::Arc;

use names::SecretBytes;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

use super::connect::LdapDirectory;
use super::port::{Directory as _, DirectoryError};
use super::testing::settings;
use crate::egress::SystemLookup;

/// What a bind comes to if the server answers with these bytes and goes.
async fn answered(bytes: Vec<u8>) -> Result<(), DirectoryError> {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let serving = tokio::spawn(async move {
        while let Ok((mut client, _)) = listener.accept().await {
            let mut request = [0; 1024];
            let _ = client.read(&mut request).await;
            let _ = client.write_all(&bytes).await;
            let _ = client.shutdown().await;
        }
    });
    let said = format!(
        r#"{{"servers": ["ldap://{address}"], "start_tls": false, "plain_on_loopback": true}}"#
    );
    let directory = LdapDirectory::new(&settings(&said), Arc::new(SystemLookup)).unwrap();
    let outcome = directory.bind("uid=a", &SecretBytes::new(b"x".to_vec())).await;
    serving.abort();
    outcome
}

#[tokio::test]
async fn lengths_that_no_message_has_are_no_answer() {
    let good = b"\x30\x0c\x02\x01\x01\x61\x07\x0a\x01\x00\x04\x00\x04\x00".to_vec();
    assert_eq!(answered(good).await, Ok(()));
    for bomb in [
        b"\x30\x84\x7f\xff\xff\xff\x02\x01\x01".to_vec(),
        b"\x30\x84\x80\x00\x00\x00\x02\x01\x01".to_vec(),
        b"\x30\x80\x02\x01\x01\x61\x80\x0a\x01\x00".to_vec(),
        b"\x30\x88\xff\xff\xff\xff\xff\xff\xff\xff".to_vec(),
        b"\x30\xff\x00".to_vec(),
        b"\x30\x00".to_vec(),
        b"\x02\x01\x01".to_vec(),
        b"\x30\x0c\x02\x01\x01\x61\x7f\x0a\x01\x00\x04\x00\x04\x00".to_vec(),
        b"\x30\x03\x02\x01\x01".to_vec(),
        b"\x30\x0c\x04\x01\x01\x61\x07\x0a\x01\x00\x04\x00\x04\x00".to_vec(),
        Vec::new(),
        nested(200),
    ] {
        let shown = format!("{:02x?}", bomb.get(..12.min(bomb.len())));
        assert!(answered(bomb).await.is_err(), "{shown}");
    }
}

/// A value in so many values.
fn nested(levels: usize) -> Vec<u8> {
    let mut inner = Vec::new();
    for _ in 0..levels {
        let length = u32::try_from(inner.len()).unwrap().to_be_bytes();
        let mut outer = vec![0x30, 0x84];
        outer.extend(length);
        outer.extend(&inner);
        inner = outer;
    }
    inner
}
