//! Directories that answer what no directory does: each is an error with its cause, and the process
//! goes on.

use std::sync::Arc;

use names::SecretBytes;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

use super::config::DirectorySettings;
use super::connect::LdapDirectory;
use super::filter::Filter;
use super::messages::MessageFault;
use super::port::{As, Directory as _, DirectoryError, Entry, Scope, Search};
use super::testing::settings;
use crate::egress::SystemLookup;

/// A good answer to the bind that is message 1.
const BOUND: &[u8] = b"\x30\x0c\x02\x01\x01\x61\x07\x0a\x01\x00\x04\x00\x04\x00";

/// What a server says, one after another, to one request after another; the last without end if
/// it is said to be so.
#[derive(Clone)]
struct Says {
    answers: Vec<Vec<u8>>,
    endless: bool,
}

/// A server on loopback that says these bytes, and its settings.
async fn saying(says: Says) -> (tokio::task::JoinHandle<()>, DirectorySettings) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let serving = tokio::spawn(async move {
        while let Ok((client, _)) = listener.accept().await {
            tokio::spawn(said(client, says.clone()));
        }
    });
    let form = format!(
        r#"{{"servers": ["ldap://{address}"], "start_tls": false, "plain_on_loopback": true}}"#
    );
    (serving, settings(&form))
}

async fn said(mut client: TcpStream, says: Says) -> std::io::Result<()> {
    let mut request = [0; 1024];
    for answer in &says.answers {
        if client.read(&mut request).await? == 0 {
            return Ok(());
        }
        client.write_all(answer).await?;
    }
    while let (true, Some(last)) = (says.endless, says.answers.last()) {
        client.write_all(last).await?;
    }
    client.shutdown().await
}

/// What a bind comes to if the server answers with these bytes and goes.
async fn bound(bytes: Vec<u8>) -> Result<(), DirectoryError> {
    let (serving, settings) = saying(Says { answers: vec![bytes], endless: false }).await;
    let directory = LdapDirectory::new(&settings, Arc::new(SystemLookup)).unwrap();
    let outcome = directory.bind("uid=a", &SecretBytes::new(b"x".to_vec())).await;
    serving.abort();
    outcome
}

/// What a search comes to if the server answers it with these bytes.
async fn searched(bytes: Vec<u8>, endless: bool) -> Result<Vec<Entry>, DirectoryError> {
    let (serving, settings) = saying(Says { answers: vec![BOUND.to_vec(), bytes], endless }).await;
    let directory = LdapDirectory::new(&settings, Arc::new(SystemLookup)).unwrap();
    let search = Search {
        base: "dc=example".to_owned(),
        scope: Scope::Subtree,
        filter: Filter::Present { attribute: "uid".to_owned() },
        attributes: vec!["uid".to_owned()],
        entries_max: 10,
    };
    let outcome = directory.search(As::Lookup, &search).await;
    serving.abort();
    outcome
}

/// So many values within each other.
fn nested(levels: usize) -> Vec<u8> {
    let lengths = (0..levels).rev().map(|inner| u32::try_from(6 * inner).unwrap());
    lengths.flat_map(|length| [&[0x30, 0x84], &length.to_be_bytes()[..]].concat()).collect()
}

/// A value.
fn tlv(tag: u8, content: &[u8]) -> Vec<u8> {
    let length = u32::try_from(content.len()).unwrap().to_be_bytes();
    [&[tag, 0x84], &length[..], content].concat()
}

/// corpus: LDP-17
/// oracle: answer, twin, cost
#[tokio::test]
async fn lengths_and_depths_that_no_message_has_are_no_answer() {
    assert_eq!(bound(BOUND.to_vec()).await, Ok(()));
    let deep = [b"\x02\x01\x01", nested(100_000).as_slice()].concat();
    for (bomb, fault) in [
        (b"\x30\x84\x7f\xff\xff\xff\x02\x01\x01".to_vec(), MessageFault::Long),
        (b"\x30\x84\x80\x00\x00\x00\x02\x01\x01".to_vec(), MessageFault::Long),
        (b"\x30\x80\x02\x01\x01\x61\x80\x0a\x01\x00".to_vec(), MessageFault::Form),
        (b"\x30\x88\xff\xff\xff\xff\xff\xff\xff\xff".to_vec(), MessageFault::Form),
        (b"\x30\xff\x00".to_vec(), MessageFault::Form),
        (b"\x30\x00".to_vec(), MessageFault::Form),
        (b"\x02\x01\x01".to_vec(), MessageFault::Form),
        (b"\x30\x0c\x02\x01\x01\x61\x7f\x0a\x01\x00\x04\x00\x04\x00".to_vec(), MessageFault::Form),
        (b"\x30\x03\x02\x01\x01".to_vec(), MessageFault::Form),
        (b"\x30\x05\x02\x01\x01\x61\x00".to_vec(), MessageFault::Form),
        (b"\x30\x0c\x04\x01\x01\x61\x07\x0a\x01\x00\x04\x00\x04\x00".to_vec(), MessageFault::Form),
        (
            b"\x30\x0c\x02\x01\x02\x61\x07\x0a\x01\x00\x04\x00\x04\x00".to_vec(),
            MessageFault::Unasked,
        ),
        (nested(200), MessageFault::Deep),
        (tlv(0x30, &deep), MessageFault::Deep),
    ] {
        let shown = format!("{:02x?}", bomb.get(..12.min(bomb.len())));
        assert_eq!(bound(bomb).await, Err(DirectoryError::Message { fault }), "{shown}");
    }
    // A server that goes before it has answered.
    for cut in [Vec::new(), b"\x30\x0c\x02\x01\x01\x61".to_vec()] {
        let outcome = bound(cut).await;
        assert!(matches!(outcome, Err(DirectoryError::Unreachable { .. })), "{outcome:?}");
    }
}

/// corpus: LDP-17
/// oracle: answer, twin, cost
#[tokio::test]
async fn a_search_that_is_answered_without_end_ends() {
    let done = b"\x30\x0c\x02\x01\x02\x65\x07\x0a\x01\x00\x04\x00\x04\x00".to_vec();
    assert_eq!(searched(done.clone(), false).await, Ok(Vec::new()));
    let message = |operation: u8, body: &[u8]| {
        tlv(0x30, &[b"\x02\x01\x02", tlv(operation, body).as_slice()].concat())
    };
    let entry = message(0x64, &[tlv(0x04, b"uid=a"), tlv(0x30, b"")].concat());
    let many = searched([entry.repeat(11), done].concat(), false).await;
    assert_eq!(many, Err(DirectoryError::TooMany { max: 10 }));
    assert_eq!(searched(entry, true).await, Err(DirectoryError::TooMany { max: 10 }));
    let elsewhere = message(0x73, &tlv(0x04, &[b'a'; 60_000])).repeat(20);
    let fault = MessageFault::Endless;
    let endless = searched(elsewhere, true).await;
    assert_eq!(endless, Err(DirectoryError::Message { fault }));
    let empty = message(0x64, &[tlv(0x04, b""), tlv(0x30, &[0x04, 0].repeat(2_000_000))].concat());
    let outcome = searched(empty, false).await;
    assert_eq!(outcome, Err(DirectoryError::Message { fault }));
    let page = [tlv(0x04, b"1.2.840.113556.1.4.319"), tlv(0x04, &nested(100_000))].concat();
    let said = tlv(0x65, b"\x0a\x01\x00\x04\x00\x04\x00");
    let control = tlv(0xa0, &tlv(0x30, &page));
    let outcome = searched(tlv(0x30, &[b"\x02\x01\x02", &said[..], &control].concat()), false);
    let fault = MessageFault::Form;
    assert_eq!(outcome.await, Err(DirectoryError::Message { fault }));
}
