//! Rows that a stranger may come to: each lets an anonymous caller in exactly if the bucket's
//! policy allows everybody the actions that the row names.

use serde_json::json;

use crate::client::{Answer, Ask, By};
use crate::fixture::{House, house};
use crate::golden::{key, required};
use crate::record::Sent;
use crate::samples::{Sample, samples};
use api::operation::{Access, Row, table};

/// The samples' bucket is this one here.
const BUCKET: &str = "strangers";

#[test]
fn a_row_that_is_open_to_strangers_lets_in_those_whom_the_buckets_policy_allows_its_actions() {
    let house = house();
    for bucket in [BUCKET.to_owned(), format!("{BUCKET}-whole")] {
        house.make().bucket(&bucket);
        open(&house, &bucket);
    }
    let mut visit = Visit { house: &house, kept: Vec::new(), sent: Sent::default(), rows: 0 };
    for sample in samples() {
        let row = *table().iter().find(|row| key(row) == sample.row).unwrap();
        if row.access == Access::Anyone {
            visit.sample(&sample, row);
        }
    }
    assert!(visit.rows > 40, "only {} samples are open to strangers", visit.rows);
    visit.sent.check(house.client, &house.root, &house.server.journal());
}

/// A fresh bucket refuses public policies until somebody says otherwise.
fn open(house: &House, bucket: &str) {
    let block = Ask::s3("DELETE", &format!("/{bucket}?publicAccessBlock"));
    house.make().send(&block).expect(204);
}

struct Visit<'a> {
    house: &'a House,
    kept: Vec<(&'static str, String)>,
    sent: Sent,
    rows: usize,
}

impl Visit<'_> {
    fn sample(&mut self, sample: &Sample, row: &Row) {
        let ask = self.ours(&sample.ask);
        let whole = ask.target.starts_with(&format!("/{BUCKET}-whole"));
        let bucket = if whole { format!("{BUCKET}-whole") } else { BUCKET.to_owned() };
        let required = required(row);
        let actions: Vec<&str> = match sample.actions {
            [] => required.iter().map(String::as_str).collect(),
            named => named.to_vec(),
        };
        for action in &actions {
            let answer = self.under(&ask, &bucket, &json!({ "NotAction": action }));
            let what = format!("{} ({}) without {action}", sample.row, ask.target);
            if row.name == "DeleteObjects" {
                assert!(!answer.body.contains("<Deleted>"), "{what}: {answer:?}");
                self.sent.allowed(&what, &answer);
            } else {
                assert_eq!(answer.status, 403, "{what}: {answer:?}");
                self.sent.refused(&what, &answer, "denied");
            }
        }
        let answer = self.under(&ask, &bucket, &json!({ "Action": actions }));
        let what = format!("{} ({}) with {actions:?}", sample.row, ask.target);
        assert_eq!(answer.status, sample.status, "{what}: {answer:?}");
        assert!(!answer.body.contains("<Code>"), "{what}: {answer:?}");
        self.sent.allowed(&what, &answer);
        if let Some((name, element)) = sample.keeps {
            self.kept.push((name, answer.element(element).unwrap()));
        }
        self.rows += 1;
    }

    /// The sample's request, in the bucket of this test.
    fn ours(&self, ask: &Ask) -> Ask {
        let fill = |text: &str| {
            let ours = text.replace("/rows", &format!("/{BUCKET}"));
            self.kept
                .iter()
                .fold(ours, |text, (name, value)| text.replace(&format!("{{{name}}}"), value))
        };
        let headers = ask.headers.iter().map(|(name, value)| match *name {
            "x-amz-copy-source" => (*name, fill(value)),
            _ => (*name, value.clone()),
        });
        let body = String::from_utf8(ask.body.clone()).unwrap();
        let body = match body.contains("arn:aws:s3:::rows/") {
            true => body.replace("arn:aws:s3:::rows/", &format!("arn:aws:s3:::{BUCKET}/")),
            false => fill(&body),
        };
        let (target, headers) = (fill(&ask.target), headers.collect());
        Ask { target, headers, body: body.into_bytes(), ..ask.clone() }
    }

    /// What an anonymous caller is answered while the bucket's policy allows everybody that.
    fn under(&self, ask: &Ask, bucket: &str, actions: &serde_json::Value) -> Answer {
        let mut statement = json!({
            "Effect": "Allow",
            "Principal": "*",
            "Resource": [format!("arn:aws:s3:::{bucket}"), format!("arn:aws:s3:::{bucket}/*")],
        });
        let members = actions.as_object().unwrap().clone();
        statement.as_object_mut().unwrap().extend(members);
        let policy = json!({"Version": "2012-10-17", "Statement": statement}).to_string();
        // A sample may have blocked public policies.
        open(self.house, bucket);
        let put = Ask::s3("PUT", &format!("/{bucket}?policy")).body(policy);
        self.house.make().send(&put).expect(204);
        if ask.target.ends_with("?publicAccessBlock") && ask.method != "PUT" {
            // There must be one to be read or taken away: one that blocks nothing that matters.
            let xml = "<PublicAccessBlockConfiguration><BlockPublicAcls>true</BlockPublicAcls>\
                       </PublicAccessBlockConfiguration>";
            let block = Ask::s3("PUT", &format!("/{bucket}?publicAccessBlock")).xml(xml);
            self.house.make().send(&block).expect(200);
        }
        self.house.client.send(ask, By::Nobody)
    }
}

/// corpus: OID-17
/// oracle: answer, record, twin
#[test]
fn what_looks_like_a_row_without_a_credential_opens_no_other() {
    let house = house();
    house.make().bucket("exempt");
    house.make().object("/exempt/key");
    let mut sent = Sent::default();
    let open = ["/-/v1/logout", "/-/v1/login/exempt", "/health", "/ready", "/metrics"];
    let said = "Action=AssumeRoleWithWebIdentity&Version=2011-06-15";
    let mut targets = vec![format!("/exempt/key?{said}"), format!("/exempt?list-type=2&{said}")];
    for open in open {
        targets.extend([
            format!("/exempt/key?{open}"),
            format!("/exempt/key?x={open}"),
            format!("/exempt/key?list-type=2&x={open}"),
            format!("/exempt/key%23{open}"),
            format!("/exempt/key;{open}"),
            format!("/-/v1/whoami?{open}"),
            format!("/-/v1/accounts?x={open}"),
        ]);
    }
    let claims = [
        ("x-forwarded-uri", "/-/v1/logout"),
        ("x-original-url", "/health"),
        ("x-rewrite-url", "/-/v1/login/exempt"),
        ("user-agent", "ELB-HealthChecker/2.0"),
        ("user-agent", "kube-probe/1.31"),
        ("user-agent", "GoogleHC/1.0"),
    ];
    for target in &targets {
        for claim in std::iter::once(None).chain(claims.iter().map(Some)) {
            let ask = Ask::s3("GET", target);
            let ask = claim.map_or(ask.clone(), |(name, value)| ask.with(name, value));
            let answer = house.client.send(&ask, By::Nobody);
            let what = format!("{target} with {claim:?}: {answer:?}");
            assert!(matches!(answer.status, 400 | 403 | 501), "{what}");
            assert!(!answer.body.contains("content"), "{what}");
        }
    }
    for (name, value) in claims {
        let ask = Ask::s3("GET", "/exempt/key").with(name, value);
        let answer = house.client.send(&ask, By::Nobody);
        assert_eq!((answer.status, answer.code().as_str()), (403, "AccessDenied"));
        sent.refused(name, &answer, "denied");
        house.send(&ask, &house.admin).expect(200);
    }
    sent.check(house.client, &house.root, &house.server.journal());
}
