#![cfg(test)]
//! Limits of a comparison: what fits is answered, what is past it is undecided and not guessed.

use std::sync::Arc;

use serde_json::{Value as Json, json};
use strongroom_policy::compare::{Answer, Comparison, Reason, SETS_MAX, documents};
use strongroom_policy::{Attached, Document, Kind};

fn attached(statements: &Json) -> Attached {
    let text = json!({ "Version": "2012-10-17", "Statement": statements }).to_string();
    let document = Document::parse(&text, Kind::Identity).unwrap();
    Attached { name: "policy".to_owned(), document: Arc::new(document) }
}

/// Two policies that ask of a set whether it has each of so many values; the new one asks of one
/// value otherwise.
fn of_sets(count: usize) -> Comparison {
    let has = |operator: &str, value: usize| {
        json!({ "Effect": "Allow", "Action": "s3:GetObject", "Resource": "*",
            "Condition": { operator: { "aws:TagKeys": format!("v{value}") } } })
    };
    let all = |last: &str| -> Json {
        let others = (1..count).map(|value| has("ForAnyValue:StringEquals", value));
        others.chain([has(last, 0)]).collect()
    };
    let (old, new) = (all("ForAnyValue:StringEquals"), all("ForAnyValue:StringNotEquals"));
    documents(&attached(&old), &attached(&new)).unwrap()
}

/// Sets that so many values can make, told apart by which are in it and whether there is one alone.
fn sets(count: u32) -> usize {
    2_usize.pow(count) + 2 * usize::try_from(count).unwrap()
}

#[test]
fn sets_that_fit_are_all_looked_at_and_more_are_undecided() {
    let fits = (1..16).take_while(|count| sets(*count) <= SETS_MAX).last().unwrap();
    let found = of_sets(usize::try_from(fits).unwrap());
    assert_eq!((found.answer(), found.undecided), (Answer::Differs, vec![]));
    let found = of_sets(usize::try_from(fits + 1).unwrap());
    assert_eq!(found.undecided, [Reason::Steps]);
}
