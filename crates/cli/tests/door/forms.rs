//! Browser forms: what they put, and what puts nothing.

use crate::client::{Answer, Ask, BOUNDARY, By, FILE_BYTES_MAX, multipart};
use crate::fixture::{House, house};
use crate::input::Recorded::Refused;
use crate::input::{bucket, refused};

/// Sends a form's body as it is.
fn sent(house: &House, ask: &Ask, body: &[u8]) -> Answer {
    let (head, _) = house.client.signed(ask, By::Nobody, signing::sign::Payload::Unsigned);
    house.client.raw(&head, body, body.len())
}

/// Whether an object is there.
fn stored(house: &House, path: &str) -> bool {
    house.send(&Ask::s3("GET", path), &house.admin).status == 200
}

#[test]
fn a_form_puts_an_object_with_what_its_fields_say() {
    let house = house();
    let home = bucket(&house, "form-put");
    let fields = [
        ("key", "in/${filename}"),
        ("Content-Type", "text/x-note"),
        ("x-amz-meta-colour", "blue"),
        ("success_action_status", "201"),
    ];
    let created = house.send(&Ask::upload(&home, &fields, "content"), &house.admin).expect(201);
    assert_eq!(created.element("Key").unwrap(), "in/a.txt");
    let read = house.send(&Ask::s3("GET", &format!("{home}/in/a.txt")), &house.admin).expect(200);
    assert_eq!(read.body, "content");
    assert_eq!(read.header("content-type"), Some("text/x-note"));
    assert_eq!(read.header("x-amz-meta-colour"), Some("blue"));
    let session = house.send(&Ask::upload(&home, &[("key", "plain")], "x"), &house.admin);
    session.expect(204);
}

#[test]
fn sig_14_a_file_is_as_long_as_the_policy_says() {
    let house = house();
    let home = bucket(&house, "form-range");
    let put = |key: &str, length: usize| {
        let ask = Ask::upload(&home, &[("key", key)], &"x".repeat(length));
        house.send(&ask, &house.admin)
    };
    put("full", FILE_BYTES_MAX).expect(204);
    for (key, length, code) in
        [("long", FILE_BYTES_MAX + 1, "EntityTooLarge"), ("short", 0, "EntityTooSmall")]
    {
        let answer = put(key, length);
        assert_eq!((answer.status, answer.code().as_str()), (400, code), "{answer:?}");
        assert!(!stored(&house, &format!("{home}/{key}")));
    }
}

#[test]
fn sig_04_a_form_of_which_a_bit_is_wrong_puts_nothing() {
    let house = house();
    let home = bucket(&house, "form-wrong");
    let ask = Ask::upload(&home, &[("key", "k"), ("acl", "bucket-owner-full-control")], "content");
    let honest = String::from_utf8(house.client.form(&ask, By::Key(&house.admin))).unwrap();
    let changed = |from: &str, to: &str| {
        assert!(honest.contains(from), "{honest}");
        sent(&house, &ask, honest.replacen(from, to, 1).as_bytes())
    };
    let signature = honest.split_once("x-amz-signature\"\r\n\r\n").unwrap().1;
    let (first, _) = signature.split_at(8);
    let answer = changed(first, "00000000");
    refused(&house, &answer, (403, "SignatureDoesNotMatch"), Refused("signature-mismatch"));
    let answer = changed("\r\nbucket-owner-full-control", "\r\npublic-read");
    refused(&house, &answer, (403, "AccessDenied"), Refused("malformed"));
    let answer = changed("name=\"acl\"", "name=\"x-amz-meta-acl\"");
    refused(&house, &answer, (403, "AccessDenied"), Refused("malformed"));
    let answer = changed("name=\"policy\"", "name=\"x-ignore-policy\"");
    refused(&house, &answer, (400, "InvalidArgument"), Refused("malformed"));
    let answer = changed("name=\"acl\"", "name=\"Key\"");
    refused(&house, &answer, (400, "InvalidArgument"), Refused("malformed"));
    let answer = changed("name=\"file\"", "name=\"x-ignore-file\"");
    let code = (400, "IncorrectNumberOfFilesInPostRequest");
    refused(&house, &answer, code, Refused("malformed"));
    assert!(!stored(&house, &format!("{home}/k")));
    sent(&house, &ask, honest.as_bytes()).expect(204);
    assert!(stored(&house, &format!("{home}/k")));
}

#[test]
fn sig_36_a_form_beside_another_credential_is_refused() {
    let house = house();
    let home = bucket(&house, "form-mixed");
    let ask = Ask::upload(&home, &[("key", "k")], "content");
    let body = house.client.form(&ask, By::Key(&house.admin));
    let signed =
        house.client.signed(&ask, By::Key(&house.admin), signing::sign::Payload::Whole(&body));
    let answer = house.client.raw(&signed.0, &body, body.len());
    refused(&house, &answer, (400, "InvalidArgument"), Refused("malformed"));
    assert!(!stored(&house, &format!("{home}/k")));
}

#[test]
fn a_form_that_is_cut_short_or_too_long_before_its_file_puts_nothing() {
    let house = house();
    let home = bucket(&house, "form-cut");
    let ask = Ask::upload(&home, &[("key", "k")], "content");
    let body = house.client.form(&ask, By::Key(&house.admin));
    let end = format!("\r\n--{BOUNDARY}--\r\n").len();
    let cut = sent(&house, &ask, &body[..body.len() - end]);
    assert_eq!((cut.status, cut.code().as_str()), (400, "IncompleteBody"), "{cut:?}");
    assert!(!stored(&house, &format!("{home}/k")));
    let long = multipart(&[("key", "k".to_owned()), ("x-ignore", "a".repeat(200_000))], b"x");
    let long = sent(&house, &ask, &long);
    refused(&house, &long, (400, "MaxPostPreDataLengthExceeded"), Refused("limit-exceeded"));
    let mut plain = ask.clone();
    plain.headers.clear();
    let plain = sent(&house, &plain, b"key=k");
    refused(&house, &plain, (412, "PreconditionFailed"), Refused("malformed"));
}
