//! The worked examples of the S3 API reference ("Signature calculations", header form, query form,
//! chunked upload, chunked upload with trailer).

use strongroom_signing::sign::{Credentials, Payload, Signer};
use strongroom_signing::{Algorithm, BodyProof, Terms};

use crate::client::{
    KEY_ID, credentials, judge, judge_by, now, read, reauthorized, replaced, request, sign_for,
    terms,
};

const EMPTY: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

fn signer(credentials: &Credentials) -> Signer<'_> {
    Signer {
        credentials,
        region: "us-east-1",
        service: "s3",
        now: now(),
        algorithm: Algorithm::Hmac,
    }
}

/// Signs as our client does, compares with the documented signature, and verifies it.
fn documented(method: &str, target: &str, headers: &[(&str, &str)], body: &[u8], expected: &str) {
    let host = ("host", "examplebucket.s3.amazonaws.com");
    let headers: Vec<(&str, &str)> = headers.iter().copied().chain([host]).collect();
    let mut parts = request(method, target, &headers);
    signer(&credentials(None)).sign(&mut parts, Payload::Whole(body)).unwrap();
    let authorization = parts.headers["authorization"].to_str().unwrap();
    assert!(authorization.ends_with(expected), "{method} {target}: {authorization}");
    let signed = judge(&parts).unwrap();
    assert_eq!(signed.access_key_id().as_str(), KEY_ID);
    judge_by(&parts, &Terms { body: BodyProof::whole(body), ..terms() }).unwrap();
}

#[test]
fn the_documented_get_with_a_range() {
    documented(
        "GET",
        "/test.txt",
        &[("range", "bytes=0-9")],
        b"",
        "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41",
    );
}

#[test]
fn the_documented_put() {
    documented(
        "PUT",
        "/test$file.text",
        &[("date", "Fri, 24 May 2013 00:00:00 GMT"), ("x-amz-storage-class", "REDUCED_REDUNDANCY")],
        b"Welcome to Amazon S3.",
        "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd",
    );
}

#[test]
fn the_documented_bucket_lifecycle() {
    documented(
        "GET",
        "/?lifecycle",
        &[],
        b"",
        "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543",
    );
}

#[test]
fn the_documented_listing() {
    documented(
        "GET",
        "/?max-keys=2&prefix=J",
        &[],
        b"",
        "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7",
    );
}

#[test]
fn the_documented_presigned_url() {
    let target = "/test.txt?X-Amz-Algorithm=AWS4-HMAC-SHA256\
        &X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20130524%2Fus-east-1%2Fs3%2Faws4_request\
        &X-Amz-Date=20130524T000000Z&X-Amz-Expires=86400&X-Amz-SignedHeaders=host\
        &X-Amz-Signature=aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404";
    let parts = request("GET", target, &[("host", "examplebucket.s3.amazonaws.com")]);
    let signed = judge(&parts).unwrap();
    assert_eq!(signed.auth_type(), "REST-QUERY-STRING");
    assert_eq!(signed.content_sha256(), "UNSIGNED-PAYLOAD");
    assert_eq!(signed.expiry_seconds(), Some(86_400));
}

/// Chunk signatures of the documented upload of 66,560 `a` in chunks of 64 KiB.
const CHUNKS: [&str; 3] = [
    "ad80c730a21e5b8d04586a2213dd63b9a0e99e0e2307b0ade35a65485a288648",
    "0055627c9e194cb4542bae2aa5492e3c1575bbb81b612b7d234b86a503ef5497",
    "b6c6ea8a5354eaf15b3cb7646744f4275b71ea724fed81ceb9323e279d449df9",
];

#[test]
fn the_documented_chunked_upload() {
    let parts = request(
        "PUT",
        "/examplebucket/chunkObject.txt",
        &[
            ("host", "s3.amazonaws.com"),
            ("x-amz-storage-class", "REDUCED_REDUNDANCY"),
            ("content-encoding", "aws-chunked"),
            ("x-amz-decoded-content-length", "66560"),
            ("content-length", "66824"),
        ],
    );
    let mut signed = parts.clone();
    let mut chunks = signer(&credentials(None)).sign(&mut signed, Payload::SignedChunks).unwrap();
    let seed = "4f232c4386841ef735655705268965c44a0e4690baa4adea153f7db9fa80a0a9";
    assert!(signed.headers["authorization"].to_str().unwrap().ends_with(seed));

    let mut body = chunks.chunk(&[b'a'; 65_536]);
    body.extend(chunks.chunk(&[b'a'; 1024]));
    body.extend(chunks.chunk(b""));
    assert_eq!(body.len(), 66_824);
    let text = String::from_utf8(body.clone()).unwrap();
    for expected in CHUNKS {
        assert!(text.contains(&format!(";chunk-signature={expected}\r\n")), "{expected}");
    }
    let (data, trailers) = read(judge(&signed).unwrap().payload().unwrap(), &body, 4096).unwrap();
    assert_eq!(data, vec![b'a'; 66_560]);
    assert!(trailers.is_empty());
}

#[test]
fn the_documented_chunked_upload_with_a_trailer() {
    let mut parts = request(
        "PUT",
        "/examplebucket/chunkObject.txt",
        &[
            ("host", "s3.amazonaws.com"),
            ("x-amz-storage-class", "REDUCED_REDUNDANCY"),
            ("content-encoding", "aws-chunked"),
            ("x-amz-decoded-content-length", "66560"),
            ("x-amz-trailer", "x-amz-checksum-crc32c"),
        ],
    );
    let mut chunks = sign_for("s3", &mut parts, Payload::SignedChunksTrailer);
    let mut body = chunks.chunk(&[b'a'; 65_536]);
    body.extend(chunks.chunk(&[b'a'; 1024]));
    body.extend(chunks.trailers(&[("x-amz-checksum-crc32c", "sOO8/Q==")]));
    let text = String::from_utf8(body.clone()).unwrap();
    for expected in [
        ";chunk-signature=b474d8862b1487a5145d686f57f013e54db672cee1c953b3010fb58501ef5aa2\r\n",
        ";chunk-signature=1c1344b170168f8e65b41376b44b20fe354e373826ccbbe2c1d40a8cae51e5c7\r\n",
        "0;chunk-signature=2ca2aba2005185cf7159c6277faf83795951dd77a3a99e6e65d5c9f85863f992\r\n",
        "x-amz-trailer-signature:\
         d81f82fc3505edab99d459891051a732e8730629a2e4a59689829ca17fe2e435\r\n",
    ] {
        assert!(text.contains(expected), "{expected}");
    }
    let (data, trailers) = read(judge(&parts).unwrap().payload().unwrap(), &body, 999).unwrap();
    assert_eq!(data.len(), 66_560);
    assert_eq!(trailers.value("x-amz-checksum-crc32c"), Some("sOO8/Q=="));
}

#[test]
fn a_documented_request_with_one_fact_changed_is_refused() {
    let mut parts = request("GET", "/test.txt", &[("range", "bytes=0-9")]);
    sign_for("s3", &mut parts, Payload::Whole(b""));
    assert_eq!(parts.headers["x-amz-content-sha256"], EMPTY);
    judge(&parts).unwrap();
    assert!(judge(&replaced(&parts, "range", "bytes=0-99")).is_err());
    assert!(judge(&reauthorized(&parts, "Signature=", "Signature=0")).is_err());
}
