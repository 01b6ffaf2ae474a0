//! Every row of the operation table refuses whoever has no business there, admits exactly the
//! actions that it names, and leaves one entry in the record for each request.

use std::collections::{BTreeMap, BTreeSet};

use api::operation::{Access, Row, table};
use serde_json::json;
use signing::sign::Credentials;

use crate::ask::codes;
use crate::client::{Answer, Ask, By};
use crate::fixture::{EVERYTHING, House, Maker, encoded, house, trusts};
use crate::golden::{key, required};
use crate::record::Sent;
use crate::samples::{Foreign, Sample, samples};
use crate::server::OWNER;

/// Rows that every caller with a credential may use, whatever the policies say (STS API reference:
/// "No permissions are required").
const FREE: &[&str] = &["GET whoami", "sts:GetCallerIdentity", "sts:GetSessionToken"];

/// The row whose items are decided one by one: it answers 200 and says of each what became of it.
const BATCH: &str = "DeleteObjects";

#[test]
fn every_row_has_a_sample_and_every_sample_a_row() {
    let rows: BTreeSet<String> =
        table().iter().filter(|row| row.access != Access::Login).map(|row| key(row)).collect();
    let sampled: BTreeSet<String> = samples().iter().map(|one| one.row.to_owned()).collect();
    let left: Vec<_> = rows.difference(&sampled).collect();
    assert!(left.is_empty(), "rows without a sample in samples.rs: {left:?}");
    let stale: Vec<_> = sampled.difference(&rows).collect();
    assert!(stale.is_empty(), "samples without a row: {stale:?}");
}

#[test]
fn every_action_that_a_row_requires_is_required_of_a_sample() {
    let mut sampled: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for sample in samples() {
        sampled.entry(sample.row).or_default().extend(sample.actions);
    }
    for row in table() {
        let named = sampled.get(key(row).as_str()).filter(|named| !named.is_empty());
        // A sample that names none needs them all; a batch's are those of its items.
        if let Some(named) = named.filter(|_| row.name != BATCH) {
            let required = required(row);
            let required: BTreeSet<&str> = required.iter().map(String::as_str).collect();
            assert_eq!(*named, required, "{}", key(row));
        }
    }
}

/// corpus: STS-01, ADM-02, ADM-12, ADM-23, AUD-06, ADM-17, AUD-01
/// oracle: answer, record, twin
#[test]
fn every_row_refuses_everybody_but_whom_its_actions_are_allowed() {
    let house = house();
    let mut walk = Walk::new(&house);
    for sample in samples() {
        walk.sample(&sample);
    }
    let failures = walk.failures.join("\n");
    assert!(failures.is_empty(), "{failures}");
    let checked = walk.sent.check(house.client, &house.root, &house.server.journal());
    assert!(checked > samples().len() * 7, "only {checked} requests were sent");
}

/// The walk through the table.
struct Walk<'a> {
    house: &'a House,
    root: Maker<'a>,
    /// The user whose policy is another one for each question.
    exact: Credentials,
    /// What the samples' `{name}` stand for.
    known: BTreeMap<&'static str, String>,
    sent: Sent,
    failures: Vec<String>,
}

/// Who is refused how: status and code in the three dialects, and the reason on record.
struct Refusal {
    who: &'static str,
    s3: (u16, &'static str),
    query: (u16, &'static str),
    admin: (u16, &'static str),
    target: (u16, &'static str),
    reason: &'static str,
}

const ANONYMOUS: Refusal = Refusal {
    who: "an anonymous caller",
    s3: (403, "MissingAuthenticationToken"),
    query: (403, "MissingAuthenticationToken"),
    admin: (403, "MissingAuthenticationToken"),
    target: (400, "MissingAuthenticationTokenException"),
    reason: "credential-missing",
};
const DENIED: Refusal = Refusal {
    who: "a caller without the right",
    s3: (403, "AccessDenied"),
    query: (403, "AccessDenied"),
    admin: (403, "AccessDenied"),
    target: (400, "AccessDeniedException"),
    reason: "denied",
};
const REVOKED: Refusal = Refusal {
    who: "a revoked session",
    s3: (400, "ExpiredToken"),
    query: (403, "ExpiredToken"),
    admin: (400, "ExpiredToken"),
    target: (400, "ExpiredTokenException"),
    reason: "revoked",
};
const IDLE: Refusal = Refusal {
    who: "a key that is switched off",
    s3: (403, "InvalidAccessKeyId"),
    query: (403, "InvalidClientTokenId"),
    admin: (403, "InvalidAccessKeyId"),
    target: (400, "UnrecognizedClientException"),
    reason: "inactive-key",
};
const LINK: Refusal = Refusal {
    who: "an expired link",
    s3: (403, "AccessDenied"),
    query: (403, "AccessDenied"),
    admin: (403, "AccessDenied"),
    target: (400, "AccessDeniedException"),
    reason: "expired",
};

impl<'a> Walk<'a> {
    fn new(house: &'a House) -> Self {
        let root = house.make();
        let exact = root.user("exact", None);
        root.role("Rested", &trusts(&format!("arn:aws:iam::{OWNER}:root")), EVERYTHING);
        let denied = house.send(&Ask::s3("GET", "/"), &house.nobody).expect(403);
        let known = BTreeMap::from([
            ("directory", house.server.directory().display().to_string()),
            ("holder", house.admin.access_key_id.to_string()),
            ("decision", denied.header("x-strongroom-decision-id").unwrap().to_owned()),
        ]);
        Self { house, root, exact, known, sent: Sent::default(), failures: Vec::new() }
    }

    fn sample(&mut self, sample: &Sample) {
        let ask = self.filled(&sample.ask);
        let row = *table().iter().find(|row| key(row) == sample.row).unwrap();
        self.strangers(sample, &ask, row);
        if sample.foreign != Foreign::Taken {
            self.foreigner(sample, &ask);
        }
        let required = required(row);
        let actions: Vec<&str> = match sample.actions {
            [] => required.iter().map(String::as_str).collect(),
            named => named.to_vec(),
        };
        for action in &actions {
            self.narrowly_refused(sample, &ask, action);
        }
        self.admitted(sample, &ask, &actions);
        if sample.foreign == Foreign::Taken {
            self.foreigner(sample, &ask);
        }
    }

    fn filled(&self, ask: &Ask) -> Ask {
        let fill = |text: &str| {
            self.known.iter().fold(text.to_owned(), |text, (name, value)| {
                text.replace(&format!("{{{name}}}"), value)
            })
        };
        let body = fill(std::str::from_utf8(&ask.body).unwrap());
        let body = match self.known.get("seed") {
            Some(seed) => codes(&body, seed, self.house.client.now()).into_bytes(),
            None => body.into_bytes(),
        };
        Ask { target: fill(&ask.target), body, ..ask.clone() }
    }

    /// Those whom no policy of the row could let in.
    fn strangers(&mut self, sample: &Sample, ask: &Ask, row: &Row) {
        let house = self.house;
        let anonymous = house.client.send(ask, By::Nobody);
        match row.access {
            _ if row.name == BATCH => self.refused_item("anonymous", sample, ask, &anonymous),
            Access::Anyone => self.refused(&DENIED, sample, ask, &anonymous),
            _ => self.refused(&ANONYMOUS, sample, ask, &anonymous),
        }
        let revoked = house.send(ask, &house.revoked);
        self.refused(&REVOKED, sample, ask, &revoked);
        let idle = house.send(ask, &house.idle);
        self.refused(&IDLE, sample, ask, &idle);
        let link = house.client.send(ask, By::Link(&house.admin, 3600, 60));
        self.refused(&LINK, sample, ask, &link);
        if !FREE.contains(&sample.row) {
            let unprivileged = house.send(ask, &house.nobody);
            match row.name {
                BATCH => self.refused_item("unprivileged", sample, ask, &unprivileged),
                _ => self.refused(&DENIED, sample, ask, &unprivileged),
            }
        }
    }

    /// Everything but one action is allowed; then everything, and the one is denied.
    fn narrowly_refused(&mut self, sample: &Sample, ask: &Ask, action: &str) {
        let but = json!({"Effect": "Allow", "NotAction": action, "Resource": "*"});
        let all = json!({"Effect": "Allow", "Action": "*", "Resource": "*"});
        let deny = json!({"Effect": "Deny", "Action": action, "Resource": "*"});
        for statements in [json!([but]), json!([all, deny])] {
            let answer = self.as_exact(ask, &statements);
            if sample.row == BATCH {
                self.refused_item(action, sample, ask, &answer);
            } else {
                self.refused(&DENIED, sample, ask, &answer);
            }
        }
    }

    /// Exactly the actions are allowed.
    fn admitted(&mut self, sample: &Sample, ask: &Ask, actions: &[&str]) {
        let answer = if actions.is_empty() {
            self.house.send(ask, &self.house.nobody)
        } else {
            let exactly = json!([{"Effect": "Allow", "Action": actions, "Resource": "*"}]);
            self.as_exact(ask, &exactly)
        };
        let what = format!("{} by one who may", describe(sample, ask));
        if answer.status != sample.status || answer.body.contains("<Code>") {
            self.failures.push(format!("{what}: expected {}, got {answer:?}", sample.status));
        } else {
            self.sent.allowed(&what, &answer);
        }
        if let Some((name, element)) = sample.keeps {
            let kept = answer.element(element).or_else(|| answer.member(element));
            self.known.insert(name, kept.unwrap_or_default());
        }
    }

    /// The root of another account.
    fn foreigner(&mut self, sample: &Sample, ask: &Ask) {
        let answer = self.house.send(ask, &self.house.partner);
        let what = format!("{} by another account's root", describe(sample, ask));
        let right = match sample.foreign {
            Foreign::Refused if sample.row == BATCH => {
                return self.refused_item("a foreign root", sample, ask, &answer);
            }
            Foreign::Refused => return self.refused(&DENIED, sample, ask, &answer),
            Foreign::Absent => {
                answer.status == 404 || answer.code() == "InvalidAuthorizationMessageException"
            }
            Foreign::Shared => answer.status == 200,
            Foreign::Own => {
                let tells = answer.body.contains(&format!("::{OWNER}:"));
                !tells && matches!(answer.status, 200 | 404 | 409)
            }
            Foreign::Taken => matches!(answer.status, 403 | 409),
            Foreign::UsersAlone => answer.code() == "InvalidUserType",
        };
        if !right {
            self.failures.push(format!("{what}: expected {:?}, got {answer:?}", sample.foreign));
        }
    }

    fn as_exact(&self, ask: &Ask, statements: &serde_json::Value) -> Answer {
        let policy = json!({"Version": "2012-10-17", "Statement": statements});
        self.root.allow("exact", &policy.to_string());
        self.house.send(ask, &self.exact)
    }

    fn refused(&mut self, refusal: &Refusal, sample: &Sample, ask: &Ask, answer: &Answer) {
        let what = format!("{} by {}", describe(sample, ask), refusal.who);
        let (status, code) = match ask.service {
            "s3" => refusal.s3,
            "strongroom" => refusal.admin,
            "organizations" => refusal.target,
            // The same words, with a status that says whose fault it is.
            "access-analyzer" => (403, refusal.target.1),
            _ => refusal.query,
        };
        let coded = ask.method == "HEAD" || answer.code() == code;
        let decided = answer.header("x-strongroom-decision-id").is_some();
        if answer.status == status && coded && decided {
            self.sent.refused(&what, answer, refusal.reason);
        } else {
            self.failures.push(format!("{what}: expected {status} {code}, got {answer:?}"));
        }
    }

    /// A batch none of whose items was done.
    fn refused_item(&mut self, who: &str, sample: &Sample, ask: &Ask, answer: &Answer) {
        let what = format!("{} by {who}", describe(sample, ask));
        let nothing_done = !answer.body.contains("<Deleted>") && answer.code() == "AccessDenied";
        if answer.status == 200 && nothing_done {
            self.sent.allowed(&what, answer);
        } else {
            self.failures.push(format!("{what}: an item was not refused: {answer:?}"));
        }
    }
}

#[test]
fn a_bucket_name_that_another_account_has_is_taken() {
    let house = house();
    house.make().bucket("taken");
    let create = Ask::s3("PUT", "/taken");
    let foreign = house.send(&create, &house.partner);
    assert_eq!((foreign.status, foreign.code().as_str()), (409, "BucketAlreadyExists"));
    let asking = Ask::s3("PUT", "/taken").with("x-amz-object-ownership", "ObjectWriter");
    let own = house.send(&asking, &house.root);
    assert_eq!((own.status, own.code().as_str()), (409, "BucketAlreadyOwnedByYou"));
    house.send(&create, &house.root).expect(200);
    house.send(&Ask::s3("PUT", "/not-taken"), &house.partner).expect(200);
}

#[test]
fn a_policy_document_comes_back_percent_encoded_once() {
    let house = house();
    let make = house.make();
    make.user("documented", Some(EVERYTHING));
    let trust = trusts(&format!("arn:aws:iam::{OWNER}:root"));
    make.role("Documented", &trust, EVERYTHING);
    let fields = format!("PolicyName=Documented&PolicyDocument={}", encoded(EVERYTHING));
    make.iam("CreatePolicy", &fields);
    let policy = encoded(&format!("arn:aws:iam::{OWNER}:policy/Documented"));
    for (action, fields, element, expected) in [
        ("GetUserPolicy", "UserName=documented&PolicyName=own", "PolicyDocument", EVERYTHING),
        ("GetRolePolicy", "RoleName=Documented&PolicyName=own", "PolicyDocument", EVERYTHING),
        ("GetRole", "RoleName=Documented", "AssumeRolePolicyDocument", &trust),
        ("GetPolicyVersion", &format!("PolicyArn={policy}&VersionId=v1"), "Document", EVERYTHING),
    ] {
        let told = make.iam(action, fields).element(element).unwrap();
        assert_eq!(told, encoded(expected), "{action}");
    }
}

fn describe(sample: &Sample, ask: &Ask) -> String {
    format!("{} ({} {})", sample.row, ask.method, ask.target)
}
