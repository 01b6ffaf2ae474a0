//! What broke in others' doors after the signature was believed, or beside it: each row of the
//! corpus that only a whole server can show.
//!
//! oracle: state, record, secrets, twin

use signing::sign::Payload;
use signing::sign::{unsigned_chunk, unsigned_trailers};

use crate::client::{Answer, Ask, By};
use crate::fixture::{EVERYTHING, House, Maker, encoded, house, trusts};
use crate::input::Recorded::Refused;
use crate::input::{absent, bucket, refused};
use crate::server::OWNER;

/// Nothing that an answer, or the record of it, says is a secret of those who asked.
#[track_caller]
pub(crate) fn tells_nothing(house: &House, answer: &Answer) {
    let path = format!("audit?request_id={}", answer.request_id());
    let record = house.send(&Ask::admin("GET", &path, ""), &house.root).expect(200);
    for credentials in [&house.admin, &house.nobody, &house.partner, &house.live] {
        let secret = credentials.secret.expose();
        assert!(!answer.body.contains(secret) && !record.body.contains(secret));
        if let Some(token) = &credentials.session_token {
            assert!(!answer.body.contains(token) && !record.body.contains(token));
        }
    }
}

#[track_caller]
fn denied(house: &House, answer: &Answer, path: &str) {
    refused(house, answer, (403, "AccessDenied"), Refused("denied"));
    tells_nothing(house, answer);
    absent(house, path);
}

/// corpus: SIG-01
#[test]
fn sig_02_an_upload_that_asks_to_be_unpacked_has_no_door_of_its_own() {
    let house = house();
    let home = bucket(&house, "sig-02");
    let content = b"a tar, or so it says";
    let ask = Ask::s3("PUT", &format!("{home}/k"))
        .with("x-amz-meta-snowball-auto-extract", "true")
        .with("x-amz-decoded-content-length", &content.len().to_string())
        .with("x-amz-trailer", "x-amz-checksum-crc32");
    let (mut parts, _) = house.client.signed(&ask, By::Key(&house.admin), Payload::UnsignedTrailer);
    let sum = crate::payloads::crc32(content);
    let trailers = unsigned_trailers(&[("x-amz-checksum-crc32", &sum)]);
    let body = [unsigned_chunk(content), trailers].concat();
    let honest = parts.clone();
    crate::payloads::flip_signature(&mut parts);
    let bad = house.client.raw(&parts, &body, body.len());
    refused(&house, &bad, (403, "SignatureDoesNotMatch"), Refused("signature-mismatch"));
    tells_nothing(&house, &bad);
    absent(&house, &format!("{home}/k"));
    house.client.raw(&honest, &body, body.len()).expect(200);
    // It is an object like any other, and nothing came out of it.
    let list = house.send(&Ask::s3("GET", &format!("{home}?list-type=2")), &house.admin);
    assert_eq!(list.expect(200).body.matches("<Key>").count(), 1);
}

#[test]
fn sig_10_a_role_of_the_same_name_elsewhere_is_another_role() {
    let house = house();
    let home = bucket(&house, "sig-10");
    house.make().object(&format!("{home}/k"));
    house.make().role("Twin", &trusts(&format!("arn:aws:iam::{OWNER}:root")), EVERYTHING);
    let partner = Maker { client: house.client, by: &house.partner };
    let own = crate::fixture::PARTNER;
    partner.role("Twin", &trusts(&format!("arn:aws:iam::{own}:root")), EVERYTHING);
    let theirs = Maker { by: &partner.user("twin", Some(EVERYTHING)), ..partner };
    let session = theirs.session("Twin", "twin", "");
    let get = Ask::s3("GET", &format!("{home}/k"));
    let bad = house.send(&get, &session);
    refused(&house, &bad, (403, "AccessDenied"), Refused("denied"));
    tells_nothing(&house, &bad);
    // Nor may the other account's user take ours.
    let arn = encoded(&format!("arn:aws:iam::{OWNER}:role/Twin"));
    let fields = format!("RoleArn={arn}&RoleSessionName=twin&DurationSeconds=900");
    let bad = house.send(&Ask::form("sts", "AssumeRole", &fields), theirs.by);
    assert_eq!((bad.status, bad.code().as_str()), (403, "AccessDenied"), "{bad:?}");
    let admins = Maker { client: house.client, by: &house.admin };
    let ours = admins.session("Twin", "twin", "");
    house.send(&get, &ours).expect(200);
}

#[test]
fn sig_12_a_form_reaches_no_namespace_but_its_buckets() {
    let house = house();
    let home = bucket(&house, "sig-12");
    let outside = bucket(&house, "sig-12-outside");
    for target in ["/.sys", "/.strongroom", "/-", "/..", "/data"] {
        let bad = house.send(&Ask::upload(target, &[("key", "k")], "content"), &house.admin);
        assert!((400..500).contains(&bad.status), "{target}: {bad:?}");
        tells_nothing(&house, &bad);
    }
    let key = "../sig-12-outside/k";
    let said = house.send(&Ask::upload(&home, &[("key", key)], "content"), &house.admin);
    assert!(said.status == 204 || said.status == 400, "{said:?}");
    absent(&house, &format!("{outside}/k"));
    house.send(&Ask::upload(&home, &[("key", "k")], "content"), &house.admin).expect(204);
    house.send(&Ask::s3("GET", &format!("{home}/k")), &house.admin).expect(200);
}

#[test]
fn sig_13_whoever_may_not_put_may_not_put_by_a_form() {
    let house = house();
    let home = bucket(&house, "sig-13");
    let ask = Ask::upload(&home, &[("key", "k")], "content");
    let bad = house.send(&ask, &house.nobody);
    denied(&house, &bad, &format!("{home}/k"));
    house.send(&ask, &house.admin).expect(204);
}

#[test]
fn sig_15_the_tags_of_a_form_are_authorised() {
    let house = house();
    let home = bucket(&house, "sig-15");
    let put = format!(
        r#"{{"Version":"2012-10-17","Statement":{{"Effect":"Allow","Action":"s3:PutObject","Resource":"arn:aws:s3:::{}/*"}}}}"#,
        home.trim_start_matches('/')
    );
    let writer = house.make().user("sig-15", Some(&put));
    let tags = "<Tagging><TagSet><Tag><Key>a</Key><Value>b</Value></Tag></TagSet></Tagging>";
    let tagged = Ask::upload(&home, &[("key", "k"), ("tagging", tags)], "content");
    let bad = house.send(&tagged, &writer);
    denied(&house, &bad, &format!("{home}/k"));
    house.send(&Ask::upload(&home, &[("key", "k")], "content"), &writer).expect(204);
    house.make().allow("sig-15", &put.replace("\"s3:PutObject\"", "\"s3:PutObject*\""));
    house.send(&tagged, &writer).expect(204);
}

#[test]
fn sig_31_no_route_shadows_a_bucket() {
    let house = house();
    for name in [
        "admin",
        "buckets",
        "console",
        "get-table",
        "health",
        "iam",
        "metrics",
        "minio",
        "oidc",
        "sts",
        "strongroom",
        "live",
        "ready",
    ] {
        let answer = house.send(&Ask::s3("PUT", &format!("/{name}")), &house.nobody);
        refused(&house, &answer, (403, "AccessDenied"), Refused("denied"));
        tells_nothing(&house, &answer);
        house.make().bucket(name);
        house.make().object(&format!("/{name}/live"));
        let read = house.send(&Ask::s3("GET", &format!("/{name}/live")), &house.admin);
        assert_eq!(read.expect(200).body, "content", "{name}");
        let anonymous = house.client.send(&Ask::s3("GET", &format!("/{name}/live")), By::Nobody);
        assert_eq!((anonymous.status, anonymous.code().as_str()), (403, "AccessDenied"), "{name}");
    }
}

#[test]
fn sig_39_a_path_climbs_nowhere_behind_a_good_signature() {
    let house = house();
    let home = bucket(&house, "sig-39");
    let outside = bucket(&house, "sig-39-outside");
    house.make().object(&format!("{outside}/k"));
    let only = format!(
        r#"{{"Version":"2012-10-17","Statement":{{"Effect":"Allow","Action":"s3:*","Resource":["arn:aws:s3:::{0}","arn:aws:s3:::{0}/*"]}}}}"#,
        home.trim_start_matches('/')
    );
    let insider = house.make().user("sig-39", Some(&only));
    let before = house.send(&Ask::s3("GET", &format!("{outside}/k")), &house.admin).expect(200);
    for path in ["/../sig-39-outside/k", "/..%2Fsig-39-outside%2Fk", "/a/../../sig-39-outside/k"] {
        let target = format!("{home}{path}");
        let put = house.send(&Ask::s3("PUT", &target).body("climbed"), &insider);
        assert!(put.status == 200 || put.status == 400, "{target}: {put:?}");
        tells_nothing(&house, &put);
        let read = house.send(&Ask::s3("GET", &format!("{outside}/k")), &house.admin).expect(200);
        assert_eq!(read.header("etag"), before.header("etag"), "{target}");
    }
    let direct = house.send(&Ask::s3("GET", &format!("{outside}/k")), &insider);
    refused(&house, &direct, (403, "AccessDenied"), Refused("denied"));
    house.send(&Ask::s3("PUT", &format!("{home}/k")).body("in"), &insider).expect(200);
}
