//! A canary: secrets that travel with a request never reach the record, nor any `Debug`.

use std::sync::Arc;

use names::{Action, Arn, SecretBytes, SecretKey};
use policy::operation::{Operation, Rule};
use strongroom_audit::disk::JournalDisk;
use strongroom_audit::{Human, Opening, Outcome, Reason, Who};

use crate::house::*;

const CANARY: &str = "CANARYcanaryCANARYcanaryCANARYcanaryCANA";

/// Allows what nobody asks here.
const NOTHING: &str = r#"{"Version": "2012-10-17", "Statement": [
    {"Effect": "Allow", "Action": "s3:PutObject", "Resource": "*"}]}"#;

/// An operation that carries a secret, as CreateAccessKey and the logins do.
#[derive(Debug)]
struct Carries {
    secret: SecretKey,
    token: SecretBytes,
}

impl Operation for Carries {
    const NAME: &'static str = "CreateAccessKey";
    const CHECKS: &'static [Rule<Self>] =
        &[Rule::required(Action::known("s3:GetObject"), |_| Some(Arn::any()))];
}

fn carries() -> Carries {
    let token = SecretBytes::new(CANARY.as_bytes().to_vec());
    Carries { secret: CANARY.parse().unwrap(), token }
}

/// corpus: AUD-04
/// oracle: secrets
#[tokio::test]
async fn a_secret_never_reaches_the_record() {
    let house = House::new();
    for policy in [ALL, READS] {
        let op = carries();
        let made = decisions(&op, policy, NOW);
        let open = house.known(&alice()).open(decided(op, "*", made), || NOW).await;
        let (permit, entry) = open.unwrap();
        assert!(!format!("{permit:?}{entry:?}{:?}", permit.op()).contains("CANARY"));
        assert!(permit.op().secret.expose() == CANARY && permit.op().token.expose().len() == 40);
        entry.close(Outcome::status(200));
    }
    let denied = house
        .known(&alice())
        .open(decided(carries(), "*", decisions(&carries(), NOTHING, NOW)), || NOW);
    let refusal = denied.await.unwrap_err();
    assert!(!format!("{refusal:?}").contains("CANARY"));
    let attempt = house.attempt();
    assert!(!format!("{attempt:?}").contains("CANARY"));
    attempt.refuse(Reason::SignatureMismatch, Outcome::status(403)).await.unwrap();
    let moved = house
        .known(&alice())
        .open(decided(carries(), "*", decisions(&carries(), ALL, NOW)), || names::Revision(99));
    assert!(!format!("{:?}", moved.await.unwrap_err()).contains("CANARY"));
    house.journal.flush().await.unwrap();
    for path in house.disk.paths() {
        let bytes = house.disk.read(&path).unwrap().unwrap();
        let found = bytes.windows(6).any(|window| window == b"CANARY");
        assert!(!found, "{path} holds the secret");
    }
    assert!(house.disk.paths().len() > 3);
}

/// The positive twin: what *is* recorded of a caller would be found by the same search.
#[tokio::test]
async fn a_label_does_reach_the_record() {
    let house = House::new();
    let provider = "arn:aws:iam::1:x/y".parse().unwrap();
    let human = Some(Human { provider, subject: CANARY.to_owned(), display: None });
    let mut attempt = house.journal.attempt(Opening::new(house.journal.request_id()));
    attempt.identified(Arc::new(Who { human, ..alice() }));
    drop(attempt);
    house.journal.flush().await.unwrap();
    let holds = |path: &String| {
        let bytes = house.disk.read(path).unwrap().unwrap();
        bytes.windows(6).any(|window| window == b"CANARY")
    };
    assert!(house.disk.paths().iter().any(holds));
}
