//! Every constraint that the service models of AWS Organizations and of the Access Analyzer put on
//! a member, broken once over HTTP: what is missing, of another kind, too short or too long, out of
//! range, no word of an enumeration, of other characters, and members that nobody knows.
//!
//! The vectors are made from the models of botocore 1.44.5: service, operation, member, what is
//! broken, path and message. IAM and STS are swept where their messages are read (`wire`).

use crate::client::Ask;
use crate::fixture::House;

const VIOLATIONS: &str = include_str!("../vectors/botocore-1.44.5-json-violations.tsv");

/// What a change of the organisation could have changed.
fn organisation(house: &House) -> String {
    let tell = |action: &str, json: &str| {
        house.send(&Ask::target(action, json), &house.root).expect(200).body
    };
    let filter = r#"{"Filter":"SERVICE_CONTROL_POLICY"}"#;
    tell("ListRoots", "{}") + &tell("ListPolicies", filter)
}

#[test]
fn a_member_that_breaks_its_constraint_is_refused_and_changes_nothing() {
    // Of its own: beside it others change the organisation of the shared one.
    let house = House::build();
    let before = organisation(&house);
    let roots = house.send(&Ask::target("ListRoots", "{}"), &house.root).expect(200);
    let root = roots.member("Id").unwrap();
    let (mut failures, mut operations) = (Vec::new(), std::collections::BTreeSet::new());
    for line in VIOLATIONS.lines() {
        let cells: Vec<&str> = line.split('\t').collect();
        let [service, operation, member, broken, path, json] = cells.as_slice() else {
            panic!("{line}")
        };
        operations.insert(*operation);
        let json = &json.replace("r-abcd", &root);
        let (ask, expected) = match *service {
            "organizations" => (Ask::target(operation, json), "InvalidInputException"),
            _ => {
                let ask = Ask::analyzer("", json);
                (Ask { target: (*path).to_owned(), ..ask }, "ValidationException")
            }
        };
        let answer = house.send(&ask, &house.root);
        let code = answer.header("x-amzn-errortype").map_or_else(|| answer.code(), str::to_owned);
        if answer.status != 400 || code != expected {
            failures.push(format!("{operation} {member} {broken}: {} {code}", answer.status));
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
    assert_eq!(organisation(&house), before);
    assert!(VIOLATIONS.lines().count() > 200 && operations.len() > 25, "{}", operations.len());
}
