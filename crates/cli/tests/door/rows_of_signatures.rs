//! The rows of the corpus on signatures, each at the door of a whole server: an honest upload, and
//! the same one with the one fact changed that others did not look at. It is refused with its code,
//! it is in the record once and with its reason, neither tells a secret, nothing is there
//! afterwards, and the honest one is stored.
//!
//! oracle: state, record, secrets, twin

use http::HeaderValue;
use http::request::Parts;
use signing::sign::{Credentials, Payload, unsigned_chunk, unsigned_trailers};

use crate::client::{Answer, Ask, By};
use crate::fixture::{House, Maker, house};
use crate::input::Recorded::{Failed, Refused};
use crate::input::{Recorded, absent, bucket, refused};
use crate::payloads::{crc32, flip_signature};
use crate::signatures::tells_nothing;

/// A request as it is sent.
#[derive(Clone)]
struct Sent {
    parts: Parts,
    body: Vec<u8>,
}

/// Where a row is tried.
struct Ground<'a> {
    house: &'a House,
    home: String,
    key: String,
}

const CONTENT: &str = "some content";

impl Ground<'_> {
    fn ask(&self) -> Ask {
        Ask::s3("PUT", &format!("{}/{}", self.home, self.key)).body(CONTENT)
    }

    fn by(&self, by: By<'_>) -> Sent {
        let ask = self.ask();
        let (parts, _) = self.house.client.signed(&ask, by, Payload::Whole(&ask.body));
        Sent { parts, body: ask.body }
    }

    fn honest(&self) -> Sent {
        self.by(By::Key(&self.house.admin))
    }

    fn link(&self) -> Sent {
        self.by(By::Link(&self.house.admin, 0, 60))
    }

    /// An upload with an unsigned trailer that says it has so many bytes.
    fn trailed(&self, declared: usize) -> Sent {
        let ask = self
            .ask()
            .with("x-amz-decoded-content-length", &declared.to_string())
            .with("x-amz-trailer", "x-amz-checksum-crc32");
        let by = By::Key(&self.house.admin);
        let (parts, _) = self.house.client.signed(&ask, by, Payload::UnsignedTrailer);
        let sum = crc32(CONTENT.as_bytes());
        let trailers = unsigned_trailers(&[("x-amz-checksum-crc32", &sum)]);
        Sent { parts, body: [unsigned_chunk(CONTENT.as_bytes()), trailers].concat() }
    }

    /// An upload in two signed chunks, which come in that order.
    fn chunked(&self, order: [usize; 2]) -> Sent {
        let ask = self.ask().with("x-amz-decoded-content-length", "16384");
        let by = By::Key(&self.house.admin);
        let (parts, chunks) = self.house.client.signed(&ask, by, Payload::SignedChunks);
        let mut chunks = chunks.unwrap();
        let two = [chunks.chunk(&[b'a'; 8192]), chunks.chunk(&[b'b'; 8192])];
        let end = chunks.chunk(b"");
        let body = [two[order[0]].as_slice(), &two[order[1]], &end].concat();
        Sent { parts, body }
    }

    /// A browser's form.
    fn form(&self, by: By<'_>, fields: &[(&'static str, &str)]) -> Sent {
        let all = [&[("key", self.key.as_str())][..], fields].concat();
        let ask = Ask::upload(&self.home, &all, CONTENT);
        let (parts, _) = self.house.client.signed(&ask, By::Nobody, Payload::Unsigned);
        Sent { parts, body: self.house.client.form(&ask, by) }
    }

    fn path(&self) -> String {
        format!("{}/{}", self.home, self.key)
    }
}

impl Sent {
    fn with(mut self, name: &'static str, value: &str) -> Self {
        self.parts.headers.insert(name, HeaderValue::from_str(value).unwrap());
        self
    }

    /// With the text of its credential changed.
    fn claiming(self, from: &str, to: &str) -> Self {
        let old = self.parts.headers["authorization"].to_str().unwrap().to_owned();
        assert!(old.contains(from), "{old}");
        self.with("authorization", &old.replacen(from, to, 1))
    }

    fn targeting(mut self, more: &str) -> Self {
        let old = self.parts.uri.to_string();
        let joint = if old.contains('?') { '&' } else { '?' };
        self.parts.uri = format!("{old}{joint}{more}").parse().unwrap();
        self
    }

    fn saying(mut self, from: &str, to: &str) -> Self {
        let old = String::from_utf8(self.body).unwrap();
        assert!(old.contains(from), "{old}");
        self.body = old.replacen(from, to, 1).into_bytes();
        self
    }

    fn forged(mut self) -> Self {
        flip_signature(&mut self.parts);
        self
    }

    fn send(&self, house: &House) -> Answer {
        house.client.raw(&self.parts, &self.body, self.body.len())
    }
}

/// Tries the bad one, then the good one.
#[track_caller]
fn row(name: &str, expected: (u16, &str), recorded: Recorded, pair: fn(&Ground<'_>) -> [Sent; 2]) {
    let house = house();
    let home = bucket(&house, &format!("row-{name}"));
    let ground = Ground { house: &house, home, key: "k".to_owned() };
    let [bad, good] = pair(&ground);
    let answer = bad.send(&house);
    refused(&house, &answer, expected, recorded);
    tells_nothing(&house, &answer);
    absent(&house, &ground.path());
    let answer = good.send(&house);
    assert!((200..300).contains(&answer.status), "{answer:?}");
    house.send(&Ask::s3("GET", &ground.path()), &house.admin).expect(200);
}

const MALFORMED: Recorded = Refused("malformed");
const MISMATCH: Recorded = Refused("signature-mismatch");

#[test]
fn sig_05_an_upload_with_a_bad_token_is_not_anonymous() {
    row("sig-05", (400, "InvalidToken"), Refused("login-refused"), |ground| {
        let good = ground.trailed(CONTENT.len());
        [good.clone().with("authorization", "Bearer e30.e30.e30"), good]
    });
}

#[test]
fn sig_06_an_upload_of_another_hour_is_refused() {
    row("sig-06-late", (403, "RequestTimeTooSkewed"), Refused("skewed"), |ground| {
        let admin = &ground.house.admin;
        [ground.by(By::Skewed(admin, -960)), ground.by(By::Skewed(admin, -840))]
    });
    row("sig-06-early", (403, "RequestTimeTooSkewed"), Refused("skewed"), |ground| {
        let admin = &ground.house.admin;
        [ground.by(By::Skewed(admin, 960)), ground.by(By::Skewed(admin, 840))]
    });
}

#[test]
fn sig_07_a_link_whose_time_is_up_uploads_nothing() {
    row("sig-07", (403, "AccessDenied"), Refused("expired"), |ground| {
        let admin = &ground.house.admin;
        [ground.by(By::Link(admin, 120, 60)), ground.by(By::Link(admin, 30, 60))]
    });
}

#[test]
fn sig_08_a_link_with_its_expiry_spelt_twice_uploads_nothing() {
    let code = (400, "AuthorizationQueryParametersError");
    row("sig-08", code, MALFORMED, |ground| {
        [ground.link().targeting("x-amz-expires=604800"), ground.link()]
    });
}

#[test]
fn sig_11_a_form_names_no_bucket_but_its_targets() {
    row("sig-11", (403, "AccessDenied"), MALFORMED, |ground| {
        let by = By::Key(&ground.house.admin);
        let fields = [("x-ignore-bucket", "another")];
        let good = ground.form(by, &fields);
        [good.clone().saying("x-ignore-bucket", "bucket"), good]
    });
}

#[test]
fn sig_16_a_form_by_another_algorithm_uploads_nothing() {
    row("sig-16", (400, "InvalidArgument"), MALFORMED, |ground| {
        let good = ground.form(By::Key(&ground.house.admin), &[]);
        [good.clone().saying("\r\nAWS4-HMAC-SHA256\r\n", "\r\nAWS4-HMAC-SHA1\r\n"), good]
    });
}

#[test]
fn sig_17_a_form_whose_policy_is_over_uploads_nothing() {
    row("sig-17", (403, "AccessDenied"), Refused("expired"), |ground| {
        let admin = &ground.house.admin;
        [ground.form(By::Skewed(admin, -660), &[]), ground.form(By::Skewed(admin, -540), &[])]
    });
}

#[test]
fn sig_18_signed_headers_are_listed_once_and_in_order() {
    let code = (400, "AuthorizationHeaderMalformed");
    row("sig-18", code, MALFORMED, |ground| {
        [ground.honest().claiming("SignedHeaders=", "SignedHeaders=;"), ground.honest()]
    });
}

#[test]
fn sig_19_a_header_that_is_added_on_the_way_is_noticed() {
    row("sig-19", (403, "AccessDenied"), Refused("unsigned-header"), |ground| {
        [ground.honest().with("x-amz-tagging", "a=b"), ground.honest()]
    });
}

#[test]
fn sig_20_an_upload_for_one_host_is_none_for_another() {
    row("sig-20", (403, "SignatureDoesNotMatch"), MISMATCH, |ground| {
        [ground.honest().with("host", "other.example"), ground.honest()]
    });
}

#[test]
fn sig_21_a_scheme_that_begins_like_ours_is_none() {
    row("sig-21", (400, "InvalidArgument"), MALFORMED, |ground| {
        [ground.honest().claiming("AWS4-HMAC-SHA256 ", "AWS4-HMAC-SHA256X "), ground.honest()]
    });
}

#[test]
fn sig_24_chunks_in_another_order_are_no_upload() {
    row("sig-24", (403, "SignatureDoesNotMatch"), Failed, |ground| {
        [ground.chunked([1, 0]), ground.chunked([0, 1])]
    });
}

#[test]
fn sig_25_a_chunk_whose_size_is_none_is_no_upload() {
    row("sig-25", (400, "InvalidRequest"), Failed, |ground| {
        let good = ground.trailed(CONTENT.len());
        [good.clone().saying("c\r\n", "+c\r\n"), good]
    });
}

#[test]
fn sig_26_a_trailer_that_nobody_announced_is_no_upload() {
    row("sig-26", (400, "MalformedTrailerError"), Failed, |ground| {
        let good = ground.trailed(CONTENT.len());
        [good.clone().saying("x-amz-checksum-crc32:", "x-amz-checksum-crc64:"), good]
    });
}

#[test]
fn sig_27_a_body_of_another_length_is_no_upload() {
    row("sig-27", (400, "IncompleteBody"), Failed, |ground| {
        [ground.trailed(CONTENT.len() + 1), ground.trailed(CONTENT.len())]
    });
}

#[test]
fn sig_28_a_body_that_was_not_signed_is_no_upload() {
    row("sig-28", (400, "XAmzContentSHA256Mismatch"), Failed, |ground| {
        [ground.honest().saying("some", "sole"), ground.honest()]
    });
}

#[test]
fn sig_29_a_scope_of_elsewhere_uploads_nothing() {
    let code = (403, "SignatureDoesNotMatch");
    row("sig-29", code, MISMATCH, |ground| {
        [ground.honest().claiming("us-east-1", "eu-west-1"), ground.honest()]
    });
}

#[test]
fn sig_30_a_scope_of_another_service_uploads_nothing() {
    let code = (403, "SignatureDoesNotMatch");
    row("sig-30", code, MALFORMED, |ground| {
        let ask = Ask { service: "iam", ..ground.ask() };
        let by = By::Key(&ground.house.admin);
        let (parts, _) = ground.house.client.signed(&ask, by, Payload::Whole(&ask.body));
        [Sent { parts, body: ask.body }, ground.honest()]
    });
}

/// corpus: SIG-22
#[test]
fn sig_32_a_query_that_was_not_signed_uploads_nothing() {
    row("sig-32", (403, "SignatureDoesNotMatch"), MISMATCH, |ground| {
        [ground.honest().targeting("tagging"), ground.honest()]
    });
}

#[test]
fn sig_33_a_path_that_was_not_signed_uploads_nothing() {
    row("sig-33", (403, "SignatureDoesNotMatch"), MISMATCH, |ground| {
        let mut bad = ground.honest();
        bad.parts.uri = format!("{}/./k", ground.home).parse().unwrap();
        [bad, ground.honest()]
    });
}

#[test]
fn sig_34_a_signature_under_another_algorithms_name_is_none() {
    let code = (400, "AuthorizationHeaderMalformed");
    row("sig-34", code, MALFORMED, |ground| {
        let other = "AWS4-ECDSA-P256-SHA256";
        [ground.honest().claiming("AWS4-HMAC-SHA256", other), ground.honest()]
    });
}

#[test]
fn sig_35_an_access_key_alone_uploads_nothing() {
    row("sig-35", (403, "SignatureDoesNotMatch"), MISMATCH, |ground| {
        let secret = "0000000000000000000000000000000000000000".parse().unwrap();
        let thief = Credentials { secret, ..ground.house.admin.clone() };
        [ground.by(By::Key(&thief)), ground.honest()]
    });
}

#[test]
fn sig_36_an_upload_with_two_credentials_is_refused() {
    row("sig-36", (400, "InvalidArgument"), MALFORMED, |ground| {
        let header = ground.honest().parts.headers["authorization"].clone();
        let both = ground.link().with("authorization", header.to_str().unwrap());
        [both, ground.link()]
    });
}

#[test]
fn sig_37_a_session_without_its_own_token_uploads_nothing() {
    row("sig-37", (400, "InvalidToken"), Refused("invalid-token"), |ground| {
        let house = ground.house;
        let admins = Maker { client: house.client, by: &house.admin };
        let other = admins.session("Roamer", "other", "");
        let mixed = Credentials { session_token: other.session_token, ..house.live.clone() };
        [ground.by(By::Key(&mixed)), ground.by(By::Key(&house.live))]
    });
}

/// corpus: SIG-01, SIG-03
#[test]
fn sig_04_a_forged_upload_with_a_trailer_is_none() {
    row("sig-04", (403, "SignatureDoesNotMatch"), MISMATCH, |ground| {
        let good = ground.trailed(CONTENT.len());
        [good.clone().forged(), good]
    });
}

#[test]
fn sig_40_a_link_of_tomorrow_uploads_nothing_today() {
    row("sig-40", (403, "AccessDenied"), Refused("not-yet-valid"), |ground| {
        let admin = &ground.house.admin;
        [ground.by(By::Link(admin, -960, 60)), ground.by(By::Link(admin, -840, 60))]
    });
}
