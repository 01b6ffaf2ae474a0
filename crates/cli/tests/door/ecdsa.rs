//! SigV4A at the door: a body in signed chunks is stored whole, or not at all.

use signing::Algorithm;
use signing::sign::{Payload, Signer};

use crate::client::Ask;
use crate::fixture::house;
use crate::input::{absent, bucket};

#[test]
fn sig_04_a_body_whose_chunks_the_derived_key_signs_is_stored_whole_or_not_at_all() {
    let house = house();
    let home = bucket(&house, "ecdsa");
    let send = |key: &str, flipped: Option<usize>| {
        let ask = Ask::s3("PUT", &format!("{home}/{key}"))
            .with("x-amz-decoded-content-length", "9000")
            .with("x-amz-trailer", "x-amz-checksum-crc32");
        let (mut parts, _) =
            house.client.signed(&ask, crate::client::By::Nobody, Payload::Unsigned);
        let signer = Signer {
            credentials: &house.admin,
            region: "us-*",
            service: "s3",
            now: crate::client::machine_time(),
            algorithm: Algorithm::Ecdsa,
        };
        let mut chunks = signer.sign(&mut parts, Payload::SignedChunksTrailer).unwrap();
        let mut body = chunks.chunk(&[b'a'; 9000]);
        // CRC-32 of nine thousand letters `a`.
        body.extend(chunks.trailers(&[("x-amz-checksum-crc32", CRC32)]));
        if let Some(at) = flipped {
            body[at] ^= 1;
        }
        house.client.raw(&parts, &body, body.len())
    };
    send("whole", None).expect(200);
    let read = house.send(&Ask::s3("GET", &format!("{home}/whole")), &house.admin).expect(200);
    assert_eq!(read.body.len(), 9000);
    for at in [30, 5000, 9300] {
        let bad = send("broken", Some(at));
        assert!(bad.status >= 400, "{at}: {bad:?}");
        absent(&house, &format!("{home}/broken"));
    }
}

const CRC32: &str = "JzgpAA==";
