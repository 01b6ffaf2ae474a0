//! StartTLS (RFC 4511 §4.14), agreed on before anything that reads whole messages hears the
//! server: until there is TLS, whoever is on the way can answer in its place, and an answer of
//! values within values without end would end this process.

use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};

/// The request, as message 1: `1.3.6.1.4.1.1466.20037`.
const REQUEST: &[u8] = b"\x30\x1d\x02\x01\x01\x77\x18\x80\x161.3.6.1.4.1.1466.20037";
/// Longest answer: a code, a name and a few words.
const ANSWER_BYTES_MAX: usize = 4096;
/// `messageID` 1.
const MESSAGE_ID: &[u8] = b"\x02\x01\x01";
/// `ExtendedResponse`.
const EXTENDED_RESPONSE: u8 = 0x78;
/// `resultCode` `success`.
const SUCCESS: &[u8] = b"\x0a\x01\x00";

/// Asks for TLS on a fresh connection. `Ok` means that the next byte of both sides is TLS's: no
/// byte past the answer was read.
pub(super) async fn agree<S>(stream: &mut S) -> Result<(), &'static str>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    const GONE: &str = "the connection ended before TLS";
    const ODD: &str = "the answer to StartTLS is malformed";
    stream.write_all(REQUEST).await.map_err(|_| GONE)?;
    if stream.read_u8().await.map_err(|_| GONE)? != 0x30 {
        return Err(ODD);
    }
    let length = match stream.read_u8().await.map_err(|_| GONE)? {
        short @ 0..=0x7f => usize::from(short),
        long @ 0x81..=0x84 => {
            let mut length = 0_usize;
            for _ in 0x80..long {
                let byte = stream.read_u8().await.map_err(|_| GONE)?;
                length = length.checked_mul(256).ok_or(ODD)?.saturating_add(usize::from(byte));
            }
            length
        }
        _ => return Err(ODD),
    };
    if length > ANSWER_BYTES_MAX {
        return Err(ODD);
    }
    let mut answer = vec![0; length];
    stream.read_exact(&mut answer).await.map_err(|_| GONE)?;
    match agreed(&answer) {
        Some(true) => Ok(()),
        Some(false) => Err("the server refuses StartTLS"),
        None => Err(ODD),
    }
}

/// Whether the content of a message says that TLS may begin; `None` if it is no such answer.
fn agreed(answer: &[u8]) -> Option<bool> {
    let (tag, rest) = answer.strip_prefix(MESSAGE_ID)?.split_first()?;
    let (length, rest) = rest.split_first()?;
    let rest = match length {
        0..=0x7f => rest,
        0x81..=0x84 => rest.get(usize::from(length.checked_sub(0x80)?)..)?,
        _ => return None,
    };
    let coded = rest.first() == Some(&0x0a);
    (*tag == EXTENDED_RESPONSE && coded).then(|| rest.starts_with(SUCCESS))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What comes of it if the server answers with these bytes, and what it did not read.
    async fn answered(bytes: &[u8]) -> (Result<(), &'static str>, Vec<u8>) {
        let (mut ours, mut theirs) = tokio::io::duplex(1024 * 1024);
        theirs.write_all(bytes).await.unwrap();
        let outcome = agree(&mut ours).await;
        let mut asked = [0; 31];
        theirs.read_exact(&mut asked).await.unwrap();
        assert_eq!(asked, *REQUEST);
        drop(theirs);
        let mut left = Vec::new();
        ours.read_to_end(&mut left).await.unwrap();
        (outcome, left)
    }

    #[tokio::test]
    async fn a_server_that_agrees_is_spoken_tls_with_from_the_next_byte() {
        let slapd = b"\x30\x0c\x02\x01\x01\x78\x07\x0a\x01\x00\x04\x00\x04\x00tls";
        assert_eq!(answered(slapd).await, (Ok(()), b"tls".to_vec()));
        let long = b"\x30\x84\x00\x00\x00\x10\x02\x01\x01\x78\x84\x00\x00\x00\x07\x0a\x01\x00\x04\x00\x04\x00";
        assert_eq!(answered(long).await, (Ok(()), Vec::new()));
    }

    /// corpus: LDP-10
    /// oracle: answer, cost
    #[tokio::test]
    async fn whatever_else_comes_before_tls_ends_the_connection() {
        let mut deep = vec![0x30, 0x84, 0, 0x0f, 0, 0];
        deep.extend([0x30, 0x84, 0, 0x0e, 0, 0].repeat(100_000));
        for bytes in [
            &b"\x30\x0c\x02\x01\x01\x78\x07\x0a\x01\x02\x04\x00\x04\x00"[..],
            b"\x30\x0c\x02\x01\x01\x61\x07\x0a\x01\x00\x04\x00\x04\x00",
            b"\x30\x0c\x02\x01\x02\x78\x07\x0a\x01\x00\x04\x00\x04\x00",
            b"\x30\x80\x02\x01\x01",
            b"\x30\x84\x7f\xff\xff\xff",
            b"\x30\x88\xff\xff\xff\xff\xff\xff\xff\xff",
            b"\x30\x03\x02\x01\x01",
            b"\x30\x00",
            b"\x16\x03\x01",
            b"HTTP/1.1 400 Bad Request",
            &deep,
        ] {
            assert!(answered(bytes).await.0.is_err(), "{:02x?}", bytes.get(..8.min(bytes.len())));
        }
    }
}
