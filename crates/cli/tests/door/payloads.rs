//! Every way to prove who one is × every way to send a body × the routes that write: with the
//! right signature it is written; with one wrong bit, in the signature, the body, a chunk's
//! signature or a trailer, nothing is.
//!
//! oracle: state, twin

use signing::Algorithm;
use signing::sign::{Credentials, Payload, Signer, unsigned_chunk, unsigned_trailers};

use crate::client::{Answer, Ask, By, machine_time};
use crate::fixture::{House, house};
use crate::input::bucket;

/// How the caller proves who it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Auth {
    algorithm: Algorithm,
    place: Place,
    session: Session,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    Header,
    Link,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Session {
    None,
    Token,
}

/// How the body is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mode {
    Whole,
    Unsigned,
    SignedChunks,
    SignedChunksTrailer,
    UnsignedTrailer,
}

/// A route that writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Route {
    PutObject,
    UploadPart,
    CreateMultipartUpload,
    CompleteMultipartUpload,
    CopyObject,
    DeleteObject,
    DeleteObjects,
    PutObjectTagging,
    PutBucketPolicy,
    PutBucketTagging,
    PutPublicAccessBlock,
    CreateBucket,
    CreateUser,
    CreateAccount,
}

const ROUTES: [Route; 14] = [
    Route::PutObject,
    Route::UploadPart,
    Route::CreateMultipartUpload,
    Route::CompleteMultipartUpload,
    Route::CopyObject,
    Route::DeleteObject,
    Route::DeleteObjects,
    Route::PutObjectTagging,
    Route::PutBucketPolicy,
    Route::PutBucketTagging,
    Route::PutPublicAccessBlock,
    Route::CreateBucket,
    Route::CreateUser,
    Route::CreateAccount,
];

const MODES: [Mode; 5] = [
    Mode::Whole,
    Mode::Unsigned,
    Mode::SignedChunks,
    Mode::SignedChunksTrailer,
    Mode::UnsignedTrailer,
];

/// One try: a route with names of its own, so that what was written can be seen.
struct Try<'a> {
    house: &'a House,
    home: &'a str,
    route: Route,
    number: usize,
    upload: String,
}

fn tagging(value: usize) -> String {
    format!("<Tagging><TagSet><Tag><Key>n</Key><Value>{value}</Value></Tag></TagSet></Tagging>")
}

impl<'a> Try<'a> {
    fn new(house: &'a House, home: &'a str, route: Route, number: usize) -> Self {
        let mut made = Self { house, home, route, number, upload: String::new() };
        let key = format!("{home}/{route:?}-{number}");
        let copied = [Route::DeleteObject, Route::DeleteObjects, Route::PutObjectTagging];
        if copied.contains(&route) {
            house.make().object(&key);
        }
        if matches!(route, Route::UploadPart | Route::CompleteMultipartUpload) {
            let began = house.send(&Ask::s3("POST", &format!("{key}?uploads")), &house.admin);
            made.upload = began.expect(200).element("UploadId").unwrap();
        }
        if route == Route::CompleteMultipartUpload {
            let part = format!("{key}?partNumber=1&uploadId={}", made.upload);
            house.send(&Ask::s3("PUT", &part).body("a part"), &house.admin).expect(200);
        }
        made
    }

    /// The request, and the body that it will have.
    fn ask(&self) -> Ask {
        let (home, number, upload) = (self.home, self.number, &self.upload);
        let key = format!("{home}/{:?}-{number}", self.route);
        match self.route {
            Route::PutObject => Ask::s3("PUT", &key).body("some content"),
            Route::UploadPart => {
                Ask::s3("PUT", &format!("{key}?partNumber=1&uploadId={upload}")).body("a part")
            }
            Route::CreateMultipartUpload => Ask::s3("POST", &format!("{key}?uploads")),
            Route::CompleteMultipartUpload => Ask::s3("POST", &format!("{key}?uploadId={upload}"))
                .body(format!(
                    "<CompleteMultipartUpload><Part><PartNumber>1</PartNumber>\
                     <ETag>{PART}</ETag></Part></CompleteMultipartUpload>"
                )),
            Route::CopyObject => {
                Ask::s3("PUT", &key).with("x-amz-copy-source", &format!("{home}/source"))
            }
            Route::DeleteObject => Ask::s3("DELETE", &key),
            Route::DeleteObjects => Ask::s3("POST", &format!("{home}?delete")).body(format!(
                "<Delete><Object><Key>{:?}-{number}</Key></Object></Delete>",
                self.route
            )),
            Route::PutObjectTagging => {
                Ask::s3("PUT", &format!("{key}?tagging")).body(tagging(number))
            }
            Route::PutBucketPolicy => {
                let arn = format!("arn:aws:s3:::{}/{number}", home.trim_start_matches('/'));
                let policy = serde_json::json!({ "Version": "2012-10-17", "Statement": {
                    "Effect": "Deny", "Principal": "*", "Action": "s3:GetObjectTorrent",
                    "Resource": arn } });
                Ask::s3("PUT", &format!("{home}?policy")).body(policy.to_string())
            }
            Route::PutBucketTagging => {
                Ask::s3("PUT", &format!("{home}?tagging")).body(tagging(number))
            }
            Route::PutPublicAccessBlock => {
                let block = number.is_multiple_of(2);
                Ask::s3("PUT", &format!("{home}?publicAccessBlock")).body(format!(
                    "<PublicAccessBlockConfiguration><BlockPublicAcls>{block}</BlockPublicAcls>\
                     </PublicAccessBlockConfiguration>"
                ))
            }
            Route::CreateBucket => Ask::s3("PUT", &format!("{home}-{number}")),
            Route::CreateUser => {
                Ask::form("iam", "CreateUser", &format!("UserName=payloads-{number}"))
            }
            Route::CreateAccount => {
                let json = serde_json::json!({ "name": format!("payloads-{number}") });
                Ask::admin("POST", "accounts", &json.to_string())
            }
        }
    }

    /// What would be another after the write.
    fn state(&self) -> String {
        let (home, number) = (self.home, self.number);
        let key = format!("{home}/{:?}-{number}", self.route);
        let ask = match self.route {
            Route::UploadPart => Ask::s3("GET", &format!("{key}?uploadId={}", self.upload)),
            Route::CreateMultipartUpload => {
                Ask::s3("GET", &format!("{home}?uploads&prefix={:?}-{number}", self.route))
            }
            Route::PutObjectTagging => Ask::s3("GET", &format!("{key}?tagging")),
            Route::PutBucketPolicy => Ask::s3("GET", &format!("{home}?policy")),
            Route::PutBucketTagging => Ask::s3("GET", &format!("{home}?tagging")),
            Route::PutPublicAccessBlock => Ask::s3("GET", &format!("{home}?publicAccessBlock")),
            Route::CreateBucket => Ask::s3("GET", &format!("{home}-{number}?location")),
            Route::CreateUser => {
                Ask::form("iam", "GetUser", &format!("UserName=payloads-{number}"))
            }
            Route::CreateAccount => Ask::admin("GET", "accounts", ""),
            _ => Ask::s3("GET", &key),
        };
        let said = self.house.send(&ask, &self.house.root);
        match self.route {
            Route::CreateAccount => {
                said.body.contains(&format!("\"payloads-{number}\"")).to_string()
            }
            Route::CreateUser | Route::CreateBucket => said.status.to_string(),
            _ if said.status == 200 => said.body,
            _ => said.code(),
        }
    }
}

/// The ETag of the part that is uploaded: the MD5 of `a part`.
const PART: &str = "\"9db120e8880f33acf4ddeb40892c390c\"";

/// Which bit is wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Wrong {
    Nothing,
    Signature,
    Body,
    ChunkSignature,
    Trailer,
    TrailerSignature,
}

/// Whether the combination has a meaning: a service of forms has its body signed whole, and a body
/// that is not there has no chunks.
fn exists(route: Route, auth: Auth, mode: Mode) -> bool {
    let ask_has_body = !matches!(
        route,
        Route::CreateMultipartUpload
            | Route::CopyObject
            | Route::DeleteObject
            | Route::CreateBucket
    );
    let form = matches!(route, Route::CreateUser | Route::CreateAccount);
    let signed_chunks = matches!(mode, Mode::SignedChunks | Mode::SignedChunksTrailer);
    match mode {
        _ if form => mode == Mode::Whole && auth.place == Place::Header,
        Mode::Whole | Mode::Unsigned => true,
        // A link is signed before its body is known to anyone: nobody holds what signs its chunks.
        _ if signed_chunks && auth.place == Place::Link => false,
        _ => ask_has_body,
    }
}

fn send(tried: &Try<'_>, auth: Auth, mode: Mode, wrong: Wrong) -> Option<Answer> {
    let house = tried.house;
    let mut ask = tried.ask();
    let content = ask.body.clone();
    let checksum = crc32(&content);
    let length = content.len().to_string();
    if matches!(mode, Mode::SignedChunks | Mode::SignedChunksTrailer | Mode::UnsignedTrailer) {
        ask = ask.with("x-amz-decoded-content-length", &length);
    }
    if matches!(mode, Mode::SignedChunksTrailer | Mode::UnsignedTrailer) {
        ask = ask.with("x-amz-trailer", "x-amz-checksum-crc32");
    } else if tried.route == Route::DeleteObjects {
        ask = ask.with("x-amz-checksum-crc32", &checksum);
    }
    let payload = match mode {
        Mode::Whole => Payload::Whole(&content),
        Mode::Unsigned => Payload::Unsigned,
        Mode::SignedChunks => Payload::SignedChunks,
        Mode::SignedChunksTrailer => Payload::SignedChunksTrailer,
        Mode::UnsignedTrailer => Payload::UnsignedTrailer,
    };
    if auth.place == Place::Link {
        let word = match mode {
            Mode::Whole => hex(&content),
            Mode::Unsigned => "UNSIGNED-PAYLOAD".to_owned(),
            _ => "STREAMING-UNSIGNED-PAYLOAD-TRAILER".to_owned(),
        };
        ask = ask.with("x-amz-content-sha256", &word);
    }
    let (mut parts, _) = house.client.signed(&ask, By::Nobody, Payload::Unsigned);
    let credentials: &Credentials =
        if auth.session == Session::Token { &house.live } else { &house.admin };
    let region = if auth.algorithm == Algorithm::Hmac { "us-east-1" } else { "us-*" };
    let signer = Signer {
        credentials,
        region,
        service: ask.service,
        now: machine_time(),
        algorithm: auth.algorithm,
    };
    let mut chunks = None;
    match auth.place {
        Place::Header => chunks = Some(signer.sign(&mut parts, payload).unwrap()),
        Place::Link => signer.presign(&mut parts, 60).unwrap(),
    }
    let trailers = [("x-amz-checksum-crc32", checksum.as_str())];
    let mut body = match (mode, &mut chunks) {
        (Mode::SignedChunks, Some(chunks)) => [chunks.chunk(&content), chunks.chunk(b"")].concat(),
        (Mode::SignedChunksTrailer, Some(chunks)) => {
            [chunks.chunk(&content), chunks.trailers(&trailers)].concat()
        }
        (Mode::UnsignedTrailer, _) => {
            [unsigned_chunk(&content), unsigned_trailers(&trailers)].concat()
        }
        _ => content.clone(),
    };
    let after = |body: &[u8], mark: &str| {
        let found = body.windows(mark.len()).position(|window| window == mark.as_bytes());
        found.map(|at| at + mark.len())
    };
    match wrong {
        Wrong::Nothing => {}
        Wrong::Signature => flip_signature(&mut parts),
        Wrong::Body if content.is_empty() || mode == Mode::Unsigned => return None,
        Wrong::Body => {
            let mark = String::from_utf8(content.clone()).unwrap();
            // A digit or a letter of it: it stays what it was a form of.
            let at = after(&body, &mark)? - content.len();
            let inside = content.iter().rposition(u8::is_ascii_alphanumeric)?;
            body[at + inside] ^= 1;
        }
        Wrong::ChunkSignature => {
            let at = after(&body, "chunk-signature=")?;
            body[at + 9] = if body[at + 9] == b'0' { b'1' } else { b'0' };
        }
        Wrong::Trailer if mode == Mode::SignedChunks => return None,
        Wrong::Trailer => {
            let at = after(&body, "x-amz-checksum-crc32:")?;
            body[at] = if body[at] == b'A' { b'B' } else { b'A' };
        }
        Wrong::TrailerSignature => {
            let at = after(&body, "x-amz-trailer-signature:")?;
            body[at + 9] = if body[at + 9] == b'0' { b'1' } else { b'0' };
        }
    }
    let length = body.len();
    Some(house.client.raw(&parts, &body, length))
}

pub(crate) fn flip_signature(parts: &mut http::request::Parts) {
    let flip = |text: &str| {
        let (rest, last) = text.split_at(text.len() - 1);
        format!("{rest}{}", if last == "0" { "1" } else { "0" })
    };
    match parts.headers.get("authorization") {
        Some(value) => {
            let value = flip(value.to_str().unwrap()).parse().unwrap();
            parts.headers.insert("authorization", value);
        }
        None => parts.uri = flip(&parts.uri.to_string()).parse().unwrap(),
    }
}

fn hex(bytes: &[u8]) -> String {
    use sha2::Digest as _;
    sha2::Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// CRC-32, bit by bit, in base64.
pub(crate) fn crc32(bytes: &[u8]) -> String {
    use base64::Engine as _;
    let sum = bytes.iter().fold(u32::MAX, |sum, byte| {
        (0..8).fold(sum ^ u32::from(*byte), |sum, _| {
            if sum & 1 == 1 { (sum >> 1) ^ 0xedb8_8320 } else { sum >> 1 }
        })
    });
    base64::engine::general_purpose::STANDARD.encode((!sum).to_be_bytes())
}

/// Tries every body form on every route with one kind of credential.
fn walk(auth: Auth, name: &str) {
    let house = house();
    let home = bucket(&house, name);
    house.make().object(&format!("{home}/source"));
    let (mut number, mut refused) = (0, 0);
    for route in ROUTES {
        for mode in MODES.into_iter().filter(|mode| exists(route, auth, *mode)) {
            number += 1;
            let offset = if auth.algorithm == Algorithm::Hmac { 0 } else { 1000 };
            let offset = offset + if auth.session == Session::None { 0 } else { 2000 };
            let tried = Try::new(&house, &home, route, offset + number);
            let before = tried.state();
            for wrong in [
                Wrong::Signature,
                Wrong::Body,
                Wrong::ChunkSignature,
                Wrong::Trailer,
                Wrong::TrailerSignature,
            ] {
                let Some(answer) = send(&tried, auth, mode, wrong) else { continue };
                let what = format!("{route:?} {auth:?} {mode:?} {wrong:?}: {answer:?}");
                assert!((400..500).contains(&answer.status), "{what}");
                if wrong == Wrong::Signature {
                    assert_eq!(answer.code(), "SignatureDoesNotMatch", "{what}");
                }
                assert_eq!(tried.state(), before, "{what}");
                refused += 1;
            }
            let honest = send(&tried, auth, mode, Wrong::Nothing).unwrap();
            let what = format!("{route:?} {auth:?} {mode:?}: {honest:?}");
            assert!((200..300).contains(&honest.status), "{what}");
            assert_ne!(tried.state(), before, "{what}");
        }
    }
    assert!(refused >= number && number >= 20, "{refused} {number}");
}

const HEADER: Auth =
    Auth { algorithm: Algorithm::Hmac, place: Place::Header, session: Session::None };

/// corpus: SIG-01, SIG-28
#[test]
fn sig_04_a_signed_head_writes_and_one_wrong_bit_never_does() {
    walk(HEADER, "payloads-header");
}

/// corpus: SIG-37
#[test]
fn sig_04_a_sessions_signed_head_writes_and_one_wrong_bit_never_does() {
    walk(Auth { session: Session::Token, ..HEADER }, "payloads-session");
}

/// corpus: SIG-03
#[test]
fn sig_04_a_link_writes_and_one_wrong_bit_never_does() {
    walk(Auth { place: Place::Link, ..HEADER }, "payloads-link");
}

/// corpus: SIG-03
#[test]
fn sig_04_a_sessions_link_writes_and_one_wrong_bit_never_does() {
    walk(Auth { place: Place::Link, session: Session::Token, ..HEADER }, "payloads-session-link");
}

/// corpus: SIG-34
#[test]
fn sig_04_a_head_that_the_derived_key_signs_writes_and_one_wrong_bit_never_does() {
    walk(Auth { algorithm: Algorithm::Ecdsa, ..HEADER }, "payloads-ecdsa");
}

/// corpus: SIG-34
#[test]
fn sig_04_a_link_that_the_derived_key_signs_writes_and_one_wrong_bit_never_does() {
    let auth = Auth { algorithm: Algorithm::Ecdsa, place: Place::Link, session: Session::Token };
    walk(auth, "payloads-ecdsa-link");
}

/// corpus: SIG-23
#[test]
fn sig_04_version_2_writes_nothing_while_it_is_off() {
    let house = house();
    let home = bucket(&house, "payloads-v2");
    house.make().object(&format!("{home}/source"));
    let id = house.admin.access_key_id.as_str();
    for (number, route) in (9000..).zip(ROUTES) {
        let tried = Try::new(&house, &home, route, number);
        let before = tried.state();
        let ask = tried.ask().with("date", &house.client.date());
        let header = format!("AWS {id}:c2lnbmF0dXJlc2lnbmF0dXJl");
        let with = ask.clone().with("authorization", &header);
        let joint = if ask.target.contains('?') { '&' } else { '?' };
        let link =
            format!("{}{joint}AWSAccessKeyId={id}&Expires=9999999999&Signature=c2ln", ask.target);
        for ask in [with, Ask { target: link, ..ask.clone() }] {
            let answer = house.client.send(&ask, By::Nobody);
            assert!((400..500).contains(&answer.status), "{route:?}: {answer:?}");
            assert_eq!(tried.state(), before, "{route:?}");
        }
    }
}
