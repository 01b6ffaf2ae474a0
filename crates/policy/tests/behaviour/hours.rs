//! `strongroom:TimeOfDay` and `strongroom:DayOfWeek`: who may do something only at certain hours.

use serde_json::{Value as Json, json};
use strongroom_policy::facts::Value;
use strongroom_policy::{Document, Fault, Kind};

use crate::world::{GET, OBJECT, World, allow, deny, document, with};

const TIME: &str = "strongroom:TimeOfDay/Europe/Berlin";
const DAY: &str = "strongroom:DayOfWeek/Europe/Berlin";

fn office() -> Json {
    json!({ "Condition": {
        "NumericGreaterThanEquals": { TIME: "0830" },
        "NumericLessThan": { TIME: "1800" },
        "StringEquals": { DAY: ["Mon", "Tue", "Wed", "Thu", "Fri"] },
    } })
}

fn at(world: World, time: &str) -> bool {
    world.fact("aws:CurrentTime", time).allows()
}

#[test]
fn only_during_office_hours_in_berlin() {
    let world = || World::alice().identity(&[with(allow(GET, OBJECT), office())]);
    for (time, expected) in [
        ("2026-07-06T06:29:59Z", false),
        ("2026-07-06T06:30:00Z", true),
        ("2026-07-06T08:30:00+02:00", true),
        ("2026-07-06T15:59:59Z", true),
        ("2026-07-06T16:00:00Z", false),
        ("2026-01-05T06:30:00Z", false),
        ("2026-01-05T07:30:00Z", true),
        // A Friday in Berlin, then a Saturday, though it is Friday in UTC.
        ("2026-07-10T15:00:00Z", true),
        ("2026-07-11T09:00:00Z", false),
        ("1783319400", true),
    ] {
        assert_eq!(at(world(), time), expected, "{time}");
    }
}

#[test]
fn a_deny_outside_of_office_hours_holds_on_both_sides_of_midnight() {
    // The night is two spans: a span over midnight is two statements.
    let night = |operator: &str, time: &str| {
        with(deny(GET, OBJECT), json!({ "Condition": { operator: { TIME: time } } }))
    };
    let denies = [night("NumericGreaterThanEquals", "2200"), night("NumericLessThan", "0600")];
    let world = || World::alice().identity(&[allow("*", "*")]).identity(&denies);
    for (time, expected) in [
        ("2026-07-06T19:59:59Z", true),
        ("2026-07-06T20:00:00Z", false),
        ("2026-07-06T21:59:59Z", false),
        ("2026-07-06T22:00:00Z", false),
        ("2026-07-07T03:59:59Z", false),
        ("2026-07-07T04:00:00Z", true),
    ] {
        assert_eq!(at(world(), time), expected, "{time}");
    }
}

#[test]
fn the_hour_that_comes_twice_counts_twice_and_the_one_that_does_not_come_never() {
    let hour = json!({ "Condition": {
        "NumericGreaterThanEquals": { TIME: "0200" },
        "NumericLessThan": { TIME: "0300" },
    } });
    let world = || World::alice().identity(&[with(allow(GET, OBJECT), hour.clone())]);
    for (time, expected) in [
        ("2026-10-24T23:59:59Z", false),
        ("2026-10-25T00:00:00Z", true),
        ("2026-10-25T00:59:59Z", true),
        ("2026-10-25T01:00:00Z", true),
        ("2026-10-25T01:59:59Z", true),
        ("2026-10-25T02:00:00Z", false),
        ("2026-03-29T00:59:59Z", false),
        ("2026-03-29T01:00:00Z", false),
    ] {
        assert_eq!(at(world(), time), expected, "{time}");
    }
}

#[test]
fn without_the_time_nothing_is_allowed_by_the_hour_and_a_negation_holds() {
    let world = World::alice().identity(&[with(allow(GET, OBJECT), office())]);
    assert!(!world.allows());
    let not_sunday = json!({ "Condition": { "StringNotEquals": { DAY: "Sun" } } });
    let world = || World::alice().identity(&[with(allow(GET, OBJECT), not_sunday.clone())]);
    assert!(world().allows());
    assert!(at(world(), "2026-07-04T12:00:00Z"));
    assert!(!at(world(), "2026-07-04T22:00:00Z"));
    let many = Value::Many(vec!["2026-07-04T12:00:00Z".to_owned()]);
    let known = json!({ "Condition": { "Null": { DAY: "false" } } });
    let world = World::alice().identity(&[with(allow(GET, OBJECT), known)]);
    assert!(!world.clone().fact("aws:CurrentTime", many).allows());
    assert!(at(world, "2026-07-04T12:00:00Z"));
}

#[test]
fn a_variable_can_be_the_day() {
    let own = "arn:aws:s3:::finance/${strongroom:DayOfWeek/Asia/Tokyo}/*";
    let asks = |time: &str, resource: &str| {
        let world = World::alice().identity(&[allow(GET, own)]).fact("aws:CurrentTime", time);
        world.ask(GET, resource).is_allowed()
    };
    assert!(asks("2026-07-05T15:00:00Z", "arn:aws:s3:::finance/Mon/x"));
    assert!(!asks("2026-07-05T14:59:59Z", "arn:aws:s3:::finance/Mon/x"));
    let lost = allow(GET, "arn:aws:s3:::finance/${strongroom:DayOfWeek/Tokio}/*");
    assert!(Document::parse(&document(&[lost]), Kind::Identity).is_err());
}

#[test]
fn the_decision_names_the_derived_value_so_that_it_can_be_made_again() {
    let world = World::alice().identity(&[with(allow(GET, OBJECT), office())]);
    let decision = world.fact("aws:CurrentTime", "2026-07-06T06:30:00Z").ask(GET, OBJECT);
    let mut said: Vec<(&str, &[String])> = decision
        .context()
        .iter()
        .map(|named| (named.key.as_str(), named.values.as_deref().unwrap()))
        .collect();
    said.sort();
    assert_eq!(said, [(DAY, &["Mon".to_owned()][..]), (TIME, &["0830".to_owned()][..])]);
}

fn fault(operator: &str, key: &str, value: &Json) -> Option<Fault> {
    let condition = json!({ "Condition": { operator: { key: value } } });
    let text = document(&[with(allow(GET, OBJECT), condition)]);
    Document::parse(&text, Kind::Identity).err().map(|error| error.fault)
}

#[test]
fn what_could_only_be_a_mistake_is_refused_when_it_is_written() {
    for (operator, key, value) in [
        ("NumericLessThan", TIME, json!("2400")),
        ("NumericLessThan", TIME, json!(1800)),
        ("NumericEqualsIfExists", TIME, json!(["0000", "1200"])),
        ("ForAnyValue:NumericEquals", "strongroom:timeofday", json!("0000")),
        ("Null", TIME, json!("true")),
        ("StringEquals", DAY, json!("Mon")),
        ("StringNotEqualsIfExists", DAY, json!(["Sat", "Sun"])),
        ("StringEqualsIgnoreCase", DAY, json!("MON")),
        ("Null", "strongroom:DayOfWeek", json!("false")),
        // Other keys of ours are none of its business.
        ("StringLike", "strongroom:TimeOfDays", json!("x")),
    ] {
        assert_eq!(fault(operator, key, &value), None, "{operator} {key} {value}");
    }
    for (operator, key, value) in [
        ("NumericLessThan", TIME, json!(18)),
        ("NumericLessThan", TIME, json!("18")),
        ("NumericLessThan", TIME, json!("18:00")),
        ("NumericLessThan", TIME, json!(["0800", "2401"])),
        ("StringEquals", DAY, json!("Monday")),
        ("StringEquals", DAY, json!("mon")),
        ("StringEquals", DAY, json!("${aws:username}")),
    ] {
        let refused = matches!(fault(operator, key, &value), Some(Fault::Literal { .. }));
        assert!(refused, "{operator} {key} {value}");
    }
    for (operator, key, value) in [
        ("StringEquals", TIME, json!("0800")),
        ("DateLessThan", TIME, json!("0800")),
        ("StringLike", DAY, json!("M*")),
        ("NumericEquals", DAY, json!("1")),
    ] {
        let refused = matches!(fault(operator, key, &value), Some(Fault::OperatorOfKey { .. }));
        assert!(refused, "{operator} {key} {value}");
    }
}

#[test]
fn an_unknown_zone_is_refused_with_the_nearest_known_one() {
    for (zone, nearest) in [
        ("Europe/Berlni", Some("Europe/Berlin")),
        ("Berlin", Some("Europe/Berlin")),
        ("America/NewYork", Some("America/New_York")),
        ("Middle/Earth/Far/Away", None),
    ] {
        let key = format!("strongroom:TimeOfDay/{zone}");
        let expected = Fault::Zone { zone: zone.to_owned(), nearest: nearest.map(str::to_owned) };
        assert_eq!(fault("NumericLessThan", &key, &json!("0800")), Some(expected), "{zone}");
    }
    let unknown = "strongroom:TimeOfDay/Etc/Unknown";
    assert!(matches!(fault("Null", unknown, &json!("true")), Some(Fault::Zone { .. })));
}
