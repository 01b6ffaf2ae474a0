//! Bodies: each form, each way of lying about it, and the honest body beside it.

use bytes::Bytes;
use http::request::Parts;
use strongroom_signing::sign::{ChunkSigner, Payload, unsigned_chunk, unsigned_trailers};
use strongroom_signing::{
    CHUNK_BYTES_MAX, CHUNK_BYTES_MIN, CHUNK_LINE_BYTES_MAX, PayloadDecoder, SignatureError as E,
    TRAILER_LINE_BYTES_MAX, TrailerProblem as Bad,
};

use crate::client::{TARGET, anonymous, judge, read, request, sign_for};

const TRAILER: (&str, &str) = ("x-amz-checksum-crc32", "NhCmhg==");
const ANNOUNCED: (&str, &str) = ("x-amz-trailer", "x-amz-checksum-crc32");

fn put(payload: Payload<'_>, headers: &[(&str, &str)]) -> (Parts, ChunkSigner) {
    let mut parts = request("PUT", TARGET, headers);
    let chunks = sign_for("s3", &mut parts, payload);
    (parts, chunks)
}

fn decoder(parts: &Parts) -> PayloadDecoder {
    judge(parts).unwrap().payload().unwrap()
}

/// A body of that decoded length in signed chunks, not yet framed.
fn chunked(length: usize) -> (PayloadDecoder, ChunkSigner) {
    let length = length.to_string();
    let headers = [("x-amz-decoded-content-length", length.as_str())];
    let (parts, chunks) = put(Payload::SignedChunks, &headers);
    (decoder(&parts), chunks)
}

fn trailing(payload: Payload<'_>) -> (PayloadDecoder, ChunkSigner) {
    let (parts, chunks) = put(payload, &[("x-amz-decoded-content-length", "5"), ANNOUNCED]);
    (decoder(&parts), chunks)
}

/// What becomes of a framed body in signed chunks whose decoded length is 5.
fn five(frame: impl Fn(&mut ChunkSigner) -> Vec<u8>) -> Result<Vec<u8>, E> {
    let (decoder, mut chunks) = chunked(5);
    read(decoder, &frame(&mut chunks), 7).map(|(data, _)| data)
}

/// What becomes of an unsigned body with one trailer whose decoded length is 5.
fn unsigned(body: &str) -> Result<Vec<u8>, E> {
    let (decoder, _) = trailing(Payload::UnsignedTrailer);
    read(decoder, body.as_bytes(), 3).map(|(data, _)| data)
}

#[test]
fn sig_28_a_plain_body_must_have_the_declared_digest() {
    let (parts, _) = put(Payload::Whole(b"hello"), &[]);
    assert_eq!(read(decoder(&parts), b"hello", 2).unwrap().0, b"hello");
    for body in ["hellO", "hell", "hello ", ""] {
        let error = read(decoder(&parts), body.as_bytes(), 2).unwrap_err();
        assert_eq!(error, E::ContentSha256Mismatch, "{body}");
    }
}

#[test]
fn a_plain_body_is_as_long_as_it_says() {
    let (parts, _) = put(Payload::Unsigned, &[("content-length", "5")]);
    assert_eq!(decoder(&parts).length(), Some(5));
    assert_eq!(read(decoder(&parts), b"12345", 2).unwrap().0, b"12345");
    assert_eq!(read(decoder(&parts), b"123456", 2).unwrap_err(), E::TooMuchBody);
    assert_eq!(read(decoder(&parts), b"1234", 2).unwrap_err(), E::IncompleteBody);
}

#[test]
fn an_anonymous_body_is_proven_too_when_it_declares_a_digest() {
    let digest = "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824";
    let parts = request("PUT", TARGET, &[("x-amz-content-sha256", digest)]);
    let decoder = || anonymous(&parts).unwrap().payload().unwrap();
    assert!(read(decoder(), b"hello", 9).is_ok());
    assert_eq!(read(decoder(), b"hullo", 9).unwrap_err(), E::ContentSha256Mismatch);
}

#[test]
fn signed_chunks_come_out_whatever_pieces_they_came_in() {
    let data: Vec<u8> = (0..20_000_u32).map(|n| u8::try_from(n % 251).unwrap()).collect();
    for piece in [1, 2, 63, 8192, 100_000] {
        let (decoder, mut chunks) = chunked(data.len());
        assert_eq!(decoder.length(), Some(20_000));
        let mut body = Vec::new();
        for chunk in data.chunks(8192) {
            body.extend(chunks.chunk(chunk));
        }
        body.extend(chunks.chunk(b""));
        assert_eq!(read(decoder, &body, piece).unwrap().0, data, "{piece}");
    }
}

#[test]
fn an_empty_body_is_one_empty_chunk() {
    let (decoder, mut chunks) = chunked(0);
    assert_eq!(read(decoder, &chunks.chunk(b""), 9).unwrap().0, b"");
}

#[test]
fn no_byte_of_a_signed_chunk_comes_out_before_its_signature_is_verified() {
    let (mut decoder, mut chunks) = chunked(5);
    let body = chunks.chunk(b"hello");
    let mut all_but_one = Bytes::copy_from_slice(&body[..body.len() - 3]);
    assert_eq!(decoder.push(&mut all_but_one), Ok(None));
    let mut rest = Bytes::copy_from_slice(&body[body.len() - 3..]);
    assert_eq!(decoder.push(&mut rest), Ok(Some(Bytes::from("hello"))));

    let (mut decoder, mut chunks) = chunked(5);
    let mut body = chunks.chunk(b"hello");
    let last = body.len() - 3;
    body[last] ^= 1;
    let mut forged = Bytes::from(body);
    assert_eq!(decoder.push(&mut forged), Err(E::ChunkSignatureMismatch));
    // An error is final, whatever comes after it.
    assert_eq!(decoder.push(&mut Bytes::from("x")), Err(E::ChunkSignatureMismatch));
    assert_eq!(decoder.finish().unwrap_err(), E::ChunkSignatureMismatch);
}

#[test]
fn sig_24_chunks_are_bound_to_their_order_and_their_request() {
    let (one, two) = (vec![1; 8192], vec![2; 8192]);
    let framed = || {
        let (decoder, mut chunks) = chunked(16_384);
        (decoder, chunks.chunk(&one), chunks.chunk(&two), chunks.chunk(b""))
    };
    let (decoder, first, second, last) = framed();
    assert!(read(decoder, &[first, second, last].concat(), 999).is_ok());
    let (decoder, first, second, last) = framed();
    let swapped = read(decoder, &[second, first, last].concat(), 999);
    assert_eq!(swapped.unwrap_err(), E::ChunkSignatureMismatch);
    let (decoder, first, _, last) = framed();
    let repeated = read(decoder, &[first.clone(), first, last].concat(), 999);
    assert_eq!(repeated.unwrap_err(), E::ChunkSignatureMismatch);
    let (decoder, first, second, _) = framed();
    assert_eq!(read(decoder, &[first, second].concat(), 999).unwrap_err(), E::IncompleteBody);

    let mut other = request("PUT", "/finance/other", &[("x-amz-decoded-content-length", "5")]);
    let mut foreign = sign_for("s3", &mut other, Payload::SignedChunks);
    let replayed = five(|_| [foreign.clone().chunk(b"hello"), foreign.clone().chunk(b"")].concat());
    assert_eq!(replayed.unwrap_err(), E::ChunkSignatureMismatch);
    let own = judge(&other).unwrap().payload().unwrap();
    let own = read(own, &[foreign.chunk(b"hello"), foreign.chunk(b"")].concat(), 9);
    assert!(own.is_ok());
}

#[test]
fn sig_24_a_cut_or_continued_body_is_refused() {
    let whole = |chunks: &mut ChunkSigner| [chunks.chunk(b"hello"), chunks.chunk(b"")].concat();
    assert_eq!(five(whole).unwrap(), b"hello");
    let length = whole(&mut chunked(5).1).len();
    for cut in 0..length {
        let error = five(|chunks| whole(chunks)[..cut].to_vec()).unwrap_err();
        assert_eq!(error, E::IncompleteBody, "{cut}");
    }
    let more = five(|chunks| [whole(chunks), b"x".to_vec()].concat());
    assert_eq!(more.unwrap_err(), E::TooMuchBody);
}

#[test]
fn sig_24_a_chunk_size_is_plain_hexadecimal() {
    let with_size = |size: &str| {
        five(|chunks| {
            let framed = String::from_utf8(chunks.chunk(b"hello")).unwrap();
            let body = framed.replacen('5', size, 1);
            [body.into_bytes(), chunks.chunk(b"")].concat()
        })
    };
    assert!(with_size("5").is_ok());
    for bad in ["+5", "0x5", " 5", "5 ", "-5", "", "g", "5;a=b", "00000000000000005", "٥"] {
        assert_eq!(with_size(bad).unwrap_err(), E::MalformedChunk, "{bad}");
    }
    let max = E::ChunkTooLarge { max: CHUNK_BYTES_MAX };
    assert_eq!(with_size("FFFFFFFFFFFFFFFF").unwrap_err(), max);
    assert_eq!(with_size("6").unwrap_err(), E::TooMuchBody);
}

#[test]
fn sig_25_malformed_framing_is_refused() {
    for (from, to) in [
        (";chunk-signature=", ";chunk-signatur="),
        (";chunk-signature=", ""),
        (";chunk-signature=", ";chunk-signature"),
        ("hello\r\n", "hello\n"),
        ("hello\r\n", "hello"),
        ("hello\r\n", "hello\r\n\r\n"),
    ] {
        let result = five(|chunks| {
            let framed = [chunks.chunk(b"hello"), chunks.chunk(b"")].concat();
            String::from_utf8(framed).unwrap().replacen(from, to, 1).into_bytes()
        });
        assert_eq!(result.unwrap_err(), E::MalformedChunk, "{from:?} {to:?}");
    }
    let endless = five(|_| vec![b'0'; 10_000]);
    assert_eq!(endless.unwrap_err(), E::MalformedChunk);
}

#[test]
fn a_signed_chunk_has_a_largest_and_a_smallest_size() {
    let max = usize::try_from(CHUNK_BYTES_MAX).unwrap();
    let (decoder, mut chunks) = chunked(max);
    let body = [chunks.chunk(&vec![0; max]), chunks.chunk(b"")].concat();
    assert_eq!(read(decoder, &body, 1 << 20).unwrap().0.len(), max);
    let (decoder, _) = chunked(max + 1);
    let head = format!("{:x};chunk-signature={}\r\n", max + 1, "0".repeat(64));
    let error = read(decoder, head.as_bytes(), 9).unwrap_err();
    assert_eq!(error, E::ChunkTooLarge { max: CHUNK_BYTES_MAX });

    let small = |size: usize| {
        let (decoder, mut chunks) = chunked(size);
        let body = [chunks.chunk(&vec![0; size]), chunks.chunk(b"")].concat();
        read(decoder.limiting_chunks(65_536), &body, 1 << 16).map(|(body, _)| body.len())
    };
    assert_eq!(small(65_536), Ok(65_536));
    assert_eq!(small(65_537), Err(E::ChunkTooLarge { max: 65_536 }));

    let min = usize::try_from(CHUNK_BYTES_MIN).unwrap();
    for (first, good) in [(min, true), (min - 1, false)] {
        let (decoder, mut chunks) = chunked(first + 1);
        let body = [chunks.chunk(&vec![0; first]), chunks.chunk(b"0"), chunks.chunk(b"")].concat();
        let result = read(decoder, &body, 1000);
        assert_eq!(result.is_ok(), good, "{first}");
        if let Err(error) = result {
            assert_eq!(error, E::ChunkTooSmall { min: CHUNK_BYTES_MIN });
        }
    }
}

#[test]
fn sig_26_trailers_are_the_announced_ones_each_once() {
    let good = "5\r\nhello\r\n0\r\nx-amz-checksum-crc32:NhCmhg==\r\n\r\n";
    assert_eq!(unsigned(good).unwrap(), b"hello");
    for (trailers, problem) in [
        ("", Bad::Missing),
        ("x-amz-checksum-sha1:a\r\n", Bad::Unannounced),
        ("x-amz-checksum-crc32:a\r\nx-amz-acl:public-read\r\n", Bad::Unannounced),
        ("x-amz-checksum-crc32:a\r\nx-amz-trailer-signature:a\r\n", Bad::Unannounced),
        ("x-amz-checksum-crc32:a\r\nx-amz-checksum-crc32:a\r\n", Bad::Repeated),
        ("x-amz-checksum-crc32\r\n", Bad::Malformed),
        ("x-amz-checksum-crc32:\r\n", Bad::Malformed),
        ("x-amz-checksum-crc32:a\nb:c\r\n", Bad::Malformed),
    ] {
        let error = unsigned(&format!("5\r\nhello\r\n0\r\n{trailers}\r\n")).unwrap_err();
        assert_eq!(error, E::BadTrailer { problem }, "{trailers:?}");
    }
    for (zeros, fits) in [(15, true), (16, false)] {
        let padded = unsigned(&format!("{}{good}", "0".repeat(zeros)));
        assert_eq!(padded.is_ok(), fits, "{zeros}");
    }
    for cut in 0..good.len() {
        assert_eq!(unsigned(good.split_at(cut).0).unwrap_err(), E::IncompleteBody, "{cut}");
    }
    assert_eq!(unsigned(&format!("{good}x")).unwrap_err(), E::TooMuchBody);
    let signed = format!("5;chunk-signature={}\r\nhello\r\n0\r\n", "0".repeat(64));
    assert_eq!(unsigned(&signed).unwrap_err(), E::MalformedChunk);
}

#[test]
fn lines_hold_their_limits_at_and_one_past_them() {
    let padded = |zeros: usize| {
        five(|chunks| {
            let framed = String::from_utf8(chunks.chunk(b"hello")).unwrap();
            let head = format!("{}{framed}", "0".repeat(zeros));
            if zeros == 15 {
                assert_eq!(head.find('\n').unwrap() + 1, CHUNK_LINE_BYTES_MAX);
            }
            [head.into_bytes(), chunks.chunk(b"")].concat()
        })
    };
    assert_eq!(padded(15).unwrap(), b"hello");
    assert_eq!(padded(16).unwrap_err(), E::MalformedChunk);

    let name = "x-amz-checksum-crc32:";
    let trailer = |length: usize| {
        let value = "a".repeat(length - name.len() - 2);
        unsigned(&format!("5\r\nhello\r\n0\r\n{name}{value}\r\n\r\n"))
    };
    assert_eq!(trailer(TRAILER_LINE_BYTES_MAX).unwrap(), b"hello");
    assert_eq!(trailer(TRAILER_LINE_BYTES_MAX + 1).unwrap_err(), E::MalformedChunk);
}

#[test]
fn sig_26_signed_trailers_need_their_signature() {
    let body = |edit: fn(String) -> String| {
        let (decoder, mut chunks) = trailing(Payload::SignedChunksTrailer);
        let framed = [chunks.chunk(b"hello"), chunks.trailers(&[TRAILER])].concat();
        let framed = edit(String::from_utf8(framed).unwrap());
        read(decoder, framed.as_bytes(), 5).map(|(data, trailers)| {
            assert_eq!(trailers.value(TRAILER.0), Some(TRAILER.1));
            data
        })
    };
    assert_eq!(body(|text| text).unwrap(), b"hello");
    // As some clients write it: LF after the value, then CRLF.
    assert_eq!(body(|text| text.replace("==\r\n", "==\n\r\n")).unwrap(), b"hello");
    let changed = body(|text| text.replace("NhCmhg==", "NhCmhg"));
    assert_eq!(changed.unwrap_err(), E::TrailerSignatureMismatch);
    let forged = body(|text| {
        let at = text.rfind(':').unwrap() + 1;
        format!("{}{}\r\n\r\n", text.split_at(at).0, "0".repeat(64))
    });
    assert_eq!(forged.unwrap_err(), E::TrailerSignatureMismatch);
    let unsigned = body(|text| {
        let at = text.find("x-amz-trailer-signature").unwrap();
        format!("{}\r\n", text.split_at(at).0)
    });
    assert_eq!(unsigned.unwrap_err(), E::TrailerSignatureMismatch);
    let first = body(|text| text.replace("x-amz-checksum-crc32:NhCmhg==\r\n", ""));
    assert_eq!(first.unwrap_err(), E::BadTrailer { problem: Bad::Missing });
    let after = body(|text| text.replacen("\r\n\r\n", "\r\nx-amz-checksum-sha1:a\r\n\r\n", 1));
    assert_eq!(after.unwrap_err(), E::MalformedChunk);
    let repeated = body(|text| {
        text.replace(
            "x-amz-checksum-crc32:NhCmhg==\r\n",
            &"x-amz-checksum-crc32:NhCmhg==\r\n".repeat(2),
        )
    });
    assert_eq!(repeated.unwrap_err(), E::BadTrailer { problem: Bad::Repeated });
}

#[test]
fn sig_26_a_trailer_after_a_body_that_announced_none_is_refused() {
    let end = |more: &str| {
        five(|chunks| {
            let mut framed = [chunks.chunk(b"hello"), chunks.chunk(b"")].concat();
            framed.truncate(framed.len() - 2);
            framed.extend(more.as_bytes());
            framed
        })
    };
    assert_eq!(end("\r\n").unwrap(), b"hello");
    let refused = end("x-amz-checksum-crc32:NhCmhg==\r\n\r\n").unwrap_err();
    assert_eq!(refused, E::BadTrailer { problem: Bad::Unannounced });
}

#[test]
fn sig_26_only_checksums_are_announced_and_only_by_forms_that_have_trailers() {
    let announce = |payload, value: Option<&str>| {
        let headers: Vec<(&str, &str)> = [("x-amz-decoded-content-length", "5")]
            .into_iter()
            .chain(value.map(|value| ("x-amz-trailer", value)))
            .collect();
        let (parts, _) = put(payload, &headers);
        judge(&parts).unwrap().payload().map(|_| ())
    };
    let bad = Err(E::BadTrailer { problem: Bad::Announcement });
    for payload in [Payload::UnsignedTrailer, Payload::SignedChunksTrailer] {
        assert_eq!(announce(payload, Some("x-amz-checksum-crc32")), Ok(()));
        assert_eq!(announce(payload, Some("X-Amz-Checksum-Crc32, x-amz-checksum-sha1")), Ok(()));
        for value in ["", "x-amz-acl", "x-amz-checksum-", "x-amz-checksum-a,x-amz-checksum-a", ","]
        {
            assert_eq!(announce(payload, Some(value)), bad, "{value}");
        }
        assert_eq!(announce(payload, None), bad);
        let names = |count: usize| {
            let names: Vec<String> = (0..count).map(|n| format!("x-amz-checksum-{n}")).collect();
            names.join(",")
        };
        assert_eq!(announce(payload, Some(&names(strongroom_signing::TRAILERS_MAX))), Ok(()));
        assert_eq!(announce(payload, Some(&names(strongroom_signing::TRAILERS_MAX + 1))), bad);
    }
    for payload in [Payload::SignedChunks, Payload::Unsigned, Payload::Whole(b"")] {
        assert_eq!(announce(payload, None), Ok(()));
        assert_eq!(announce(payload, Some("x-amz-checksum-crc32")), bad);
    }
}

#[test]
fn sig_27_the_decoded_length_is_declared_and_exact() {
    let body = [unsigned_chunk(b"hello"), unsigned_trailers(&[TRAILER])].concat();
    let declared = |length: Option<&str>| {
        let headers: Vec<(&str, &str)> = [ANNOUNCED]
            .into_iter()
            .chain(length.map(|length| ("x-amz-decoded-content-length", length)))
            .collect();
        let (parts, _) = put(Payload::UnsignedTrailer, &headers);
        read(judge(&parts).unwrap().payload()?, &body, 4).map(|(data, _)| data)
    };
    assert_eq!(declared(Some("5")).unwrap(), b"hello");
    assert_eq!(declared(Some("4")).unwrap_err(), E::TooMuchBody);
    assert_eq!(declared(Some("6")).unwrap_err(), E::IncompleteBody);
    assert_eq!(declared(None).unwrap_err(), E::MissingDecodedLength);
    for bad in ["-5", "+5", "05", "5.0", "", "0x5", "99999999999999999999"] {
        let name = "x-amz-decoded-content-length".to_owned();
        assert_eq!(declared(Some(bad)).unwrap_err(), E::MalformedHeader { name }, "{bad}");
    }
}

#[test]
fn sig_27_signed_chunks_are_as_long_as_declared_too() {
    let sized = |length| {
        let (decoder, mut chunks) = chunked(length);
        read(decoder, &[chunks.chunk(b"hello"), chunks.chunk(b"")].concat(), 9)
            .map(|(data, _)| data)
    };
    assert_eq!(sized(5).unwrap(), b"hello");
    assert_eq!(sized(4).unwrap_err(), E::TooMuchBody);
    assert_eq!(sized(6).unwrap_err(), E::IncompleteBody);
}
