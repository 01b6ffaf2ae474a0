//! Who is told what of a refusal: the caller a code and the decision's id (and AWS's sentence
//! within one account), the administrators of either side what their own policies said, the
//! operator all.

use serde_json::{Value, json};
use signing::sign::Credentials;

use crate::client::{Answer, Ask};
use crate::fixture::{EVERYTHING, House, Maker, encoded, house};

const BUYER: &str = "555566667777";
const OUTSIDER: &str = "888899990000";

/// A bucket of the partner's that denies a user of the buyer's what lies under `secret/`.
struct Deal {
    house: std::sync::Arc<House>,
    buyer: Credentials,
    outsider: Credentials,
    dana: Credentials,
}

fn deal() -> Deal {
    let house = house();
    let buyer = house.make().account(BUYER, "buyer");
    let outsider = house.make().account(OUTSIDER, "outsider");
    let buys = Maker { client: house.client, by: &buyer };
    let reads = json!({ "Version": "2012-10-17", "Statement": {
        "Sid": "DanaReads", "Effect": "Allow", "Action": "s3:GetObject", "Resource": "*" } });
    let dana = buys.user("dana", Some(&reads.to_string()));
    let user = format!("arn:aws:iam::{BUYER}:user/dana");
    let on = |effect: &str, sid: &str, key: &str, more: Value| {
        let mut statement = json!({ "Sid": sid, "Effect": effect, "Action": "s3:GetObject",
            "Principal": { "AWS": user }, "Resource": format!("arn:aws:s3:::disclosed/{key}") });
        if let (Some(own), Value::Object(more)) = (statement.as_object_mut(), more) {
            own.extend(more);
        }
        statement
    };
    let policy = json!({ "Version": "2012-10-17", "Statement": [
        on("Allow", "DanaMay", "open/*", json!({})),
        on("Deny", "DanaMayNot", "secret/*", json!({ "Condition":
            { "StringNotEquals": { "aws:UserAgent": "the password" } } })),
    ] });
    house.send(&Ask::s3("PUT", "/disclosed"), &house.partner).expect(200);
    let put = Ask::s3("PUT", "/disclosed?policy").xml(&policy.to_string());
    house.send(&put, &house.partner).expect(204);
    Deal { house, buyer, outsider, dana }
}

impl Deal {
    fn explained(&self, id: &str, by: &Credentials) -> Answer {
        self.house.send(&Ask::admin("GET", &format!("explain/{id}"), ""), by)
    }

    fn told(&self, id: &str, by: &Credentials) -> Value {
        self.explained(id, by).expect(200).json()
    }

    fn asks(&self, path: &str) -> Answer {
        self.house.send(&Ask::s3("GET", path), &self.dana)
    }
}

fn layers(check: &Value) -> Vec<&str> {
    let layers = check["considered"].as_array().unwrap();
    layers.iter().map(|layer| layer["layer"].as_str().unwrap()).collect()
}

#[test]
fn a_denial_across_accounts_is_told_to_each_side_as_far_as_it_is_theirs() {
    let deal = deal();
    let denied = deal.asks("/disclosed/secret/k").expect(403);

    // The caller: the code and the id; no word of whose policy it was, and no proof.
    assert_eq!(denied.code(), "AccessDenied");
    let id = denied.element("DecisionId").unwrap();
    let message = denied.element("Message").unwrap();
    assert!(message.contains(&id) && !message.contains("polic"), "{message}");
    assert!(!message.contains("because") && !message.contains("explicit"), "{message}");
    let refused = deal.explained(&id, &deal.dana);
    assert_eq!((refused.status, refused.code().as_str()), (403, "AccessDenied"));

    // The caller's administrator: its own policies, and that it was the other side.
    let buyers = deal.told(&id, &deal.buyer);
    let check = &buyers["checks"][0];
    assert_eq!(
        check["recorded"],
        json!({ "verdict": "explicit-deny", "because": "resource",
        "statement": null })
    );
    assert_eq!((&check["agrees"], layers(check)), (&json!(true), vec!["identity"]));
    assert_eq!(check["considered"][0]["statements"][0]["sid"], "DanaReads");
    for hidden in ["DanaMay", "bucket:", "the password", "aws:UserAgent"] {
        assert!(!buyers.to_string().contains(hidden), "{hidden} in {buyers}");
    }

    // The owner's administrator: its bucket's policy, and who it was, but not what they hold.
    let owners = deal.told(&id, &deal.house.partner);
    let check = &owners["checks"][0];
    assert_eq!(check["recorded"]["statement"]["sid"], "DanaMayNot");
    assert_eq!((&check["agrees"], layers(check)), (&json!(true), vec!["resource"]));
    assert_eq!(owners["entry"]["principal"]["arn"], format!("arn:aws:iam::{BUYER}:user/dana"));
    let key = deal.dana.access_key_id.as_str();
    for hidden in ["DanaReads", "inline:", key] {
        assert!(!owners.to_string().contains(hidden), "{hidden} in {owners}");
    }
    assert!(owners.to_string().contains("aws:UserAgent"), "its own policy names it: {owners}");

    // The operator: everything.
    let whole = deal.told(&id, &deal.house.root);
    assert_eq!(layers(&whole["checks"][0]), ["resource", "identity"]);
    for seen in ["DanaReads", "DanaMayNot", key, "aws:UserAgent"] {
        assert!(whole.to_string().contains(seen), "{seen} in {whole}");
    }

    // Another account: there is no such decision.
    let nothing = deal.explained(&id, &deal.outsider);
    assert_eq!((nothing.status, nothing.code().as_str()), (404, "NoSuchDecision"));

    silence(&deal);
    search(&deal, &id);
    namesake(&deal, &id);
    within_one_account(&deal);
}

/// What nobody allows is told with the grant that is missing, on either side.
fn silence(deal: &Deal) {
    let id = deal.asks("/disclosed/other").expect(403).element("DecisionId").unwrap();
    let buyers = deal.told(&id, &deal.buyer);
    let check = &buyers["checks"][0];
    assert_eq!(check["recorded"]["verdict"], "implicit-deny");
    assert_eq!(check["missing_grant"]["attach_to"], "arn:aws:s3:::disclosed");
    let text = buyers.to_string();
    assert!(!text.contains("DanaMay"), "{text}");
    let owners = deal.told(&id, &deal.house.partner);
    let misses = &owners["checks"][0]["considered"][0]["statements"][0]["misses"];
    assert_eq!(misses[0]["what"], "resource");
    assert_eq!(misses[0]["expected"], json!(["arn:aws:s3:::disclosed/open/*"]));
    assert_eq!(misses[0]["actual"], "arn:aws:s3:::disclosed/other");
    // An allowed request is explained as well, and the key that is not there is a 404 to nobody.
    let answer = deal.asks("/disclosed/open/k");
    let owners = deal.told(answer.request_id(), &deal.house.partner);
    assert_eq!(owners["checks"][0]["recorded"]["verdict"], "allow");
    assert_eq!(owners["checks"][0]["recorded"]["statement"]["sid"], "DanaMay");
}

/// The record is searched under the same rules.
fn search(deal: &Deal, id: &str) {
    let (request, _) = id.rsplit_once('-').unwrap();
    let found = |by: &Credentials| {
        let ask = Ask::admin("GET", &format!("audit?request_id={request}"), "");
        deal.house.send(&ask, by).expect(200).json()["entries"].clone()
    };
    let key = deal.dana.access_key_id.as_str();
    let buyers = found(&deal.buyer);
    assert_eq!(buyers[0]["credential"], key);
    assert!(!buyers.to_string().contains("bucket:disclosed"), "{buyers}");
    let owners = found(&deal.house.partner);
    assert_eq!(owners[0]["checks"][0]["by"]["sid"], "DanaMayNot");
    assert!(!owners.to_string().contains(key), "{owners}");
    assert_eq!(found(&deal.outsider), json!([]));
}

/// Whoever makes a bucket under the name later does not read what was done to its namesake.
fn namesake(deal: &Deal, id: &str) {
    let send = |method, by: &Credentials| deal.house.send(&Ask::s3(method, "/disclosed"), by);
    send("DELETE", &deal.house.partner).expect(204);
    send("PUT", &deal.outsider).expect(200);
    assert_eq!(deal.explained(id, &deal.outsider).status, 404);
    assert_eq!(deal.told(id, &deal.house.partner)["checks"][0]["agrees"], true);
    send("DELETE", &deal.outsider).expect(204);
}

/// Within one account the caller learns which kind of policy it was, as AWS tells; not its text.
fn within_one_account(deal: &Deal) {
    let make = Maker { client: deal.house.client, by: &deal.buyer };
    make.bucket("disclosed-own");
    let put = Ask::s3("PUT", "/disclosed-own/k").body("x");
    let denied = deal.house.send(&put, &deal.dana).expect(403);
    let message = denied.element("Message").unwrap();
    assert!(
        message.contains("because no identity-based policy allows the s3:PutObject action"),
        "{message}"
    );
    assert!(!message.contains("DanaReads"), "{message}");
    // An administrator who is not root sees the same as root.
    let admin = make.user("keeper", Some(EVERYTHING));
    let id = denied.element("DecisionId").unwrap();
    let told = deal.told(&id, &admin);
    assert_eq!(told["checks"][0]["missing_grant"]["place"], "identity");
    assert_eq!(told["checks"][0]["considered"][0]["statements"][0]["sid"], "DanaReads");
    // One who may not ask is told nothing, in whichever account.
    make.iam(
        "PutUserPolicy",
        &format!(
            "UserName=keeper&PolicyName=own&PolicyDocument={}",
            encoded(&EVERYTHING.replace("\"Action\":\"*\"", "\"Action\":\"s3:*\""))
        ),
    );
    assert_eq!(deal.explained(&id, &admin).status, 403);
}
