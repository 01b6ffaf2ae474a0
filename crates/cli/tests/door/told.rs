//! What the record says of a caller, however the request was signed.

use serde_json::Value;

use crate::client::{Answer, Ask, By};
use crate::fixture::{EVERYTHING, House, house};

fn entry(house: &House, answer: &Answer) -> Value {
    let path = format!("audit?request_id={}", answer.request_id());
    house.make().send(&Ask::admin("GET", &path, "")).expect(200).json()["entries"][0].clone()
}

/// corpus: AUD-02
/// oracle: record, twin
#[test]
fn the_record_names_the_caller_of_every_kind_of_credential() {
    let house = house();
    let made = house.make();
    made.bucket("told-who");
    made.object("/told-who/a");
    let user = made.user("told-user", Some(EVERYTHING));
    let session = &house.live;
    let get = Ask::s3("GET", "/told-who/a");
    let upload = Ask::upload("/told-who", &[("key", "b")], "text");
    for (ask, by, how, kind, credential) in [
        (&get, By::Key(&user), "sig-v4-header", "user", Some(&user)),
        (&get, By::Link(&user, 0, 60), "sig-v4-presigned", "user", Some(&user)),
        (&upload, By::Key(&user), "post-form", "user", Some(&user)),
        (&get, By::Key(session), "sig-v4-header", "role-session", Some(session)),
        (&get, By::Nobody, "anonymous", "anonymous", None),
    ] {
        let answer = house.client.send(ask, by);
        let said = entry(&house, &answer);
        assert_eq!(
            (&said["how"], &said["principal"]["kind"]),
            (&how.into(), &kind.into()),
            "{said}"
        );
        let id = credential.map_or(Value::Null, |key| key.access_key_id.to_string().into());
        assert_eq!(said["credential"], id, "{said}");
        let arn = said["principal"]["arn"].as_str().unwrap_or_default();
        let named = match kind {
            "user" => arn.ends_with(":user/told-user"),
            "role-session" => arn.ends_with(":assumed-role/Roamer/live"),
            _ => arn.is_empty(),
        };
        assert!(named, "{said}");
    }
}

/// corpus: AUD-03
/// oracle: record, twin
#[test]
fn an_address_that_the_client_claims_is_not_the_one_on_record() {
    let house = house();
    let claims = Ask::s3("GET", "/")
        .with("x-forwarded-for", "198.51.100.7")
        .with("x-real-ip", "198.51.100.7")
        .with("forwarded", "for=198.51.100.7");
    for ask in [claims, Ask::s3("GET", "/")] {
        let answer = house.make().send(&ask).expect(200);
        let said = entry(&house, &answer);
        assert_eq!(said["source"]["ip"], "127.0.0.1", "{said}");
        let peer = said["source"]["peer"].as_str().unwrap();
        assert!(peer.starts_with("127.0.0.1:"), "{said}");
    }
}
