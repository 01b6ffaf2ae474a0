//! Every operator, with every prefix and suffix, on every shape of the key: the tables of AWS's
//! guide, "Condition operators" and "Multivalued context keys".

use serde_json::{Value as Json, json};
use strongroom_policy::facts::Value;

use crate::world::{GET, OBJECT, World, allow, deny, with};

/// Base operator, a policy value, a value that equals it (or is in order), one that does not.
const OPERATORS: &[(&str, &str, &str, &str)] = &[
    ("StringEquals", "blue", "blue", "Blue"),
    ("StringNotEquals", "blue", "Blue", "blue"),
    ("StringEqualsIgnoreCase", "blue", "BLUE", "red"),
    ("StringNotEqualsIgnoreCase", "blue", "red", "BLUE"),
    ("StringLike", "b*e", "blue", "blues"),
    ("StringNotLike", "b*e", "blues", "blue"),
    ("NumericEquals", "10", "10.0", "11"),
    ("NumericNotEquals", "10", "11", "10.0"),
    ("NumericLessThan", "10", "9", "10"),
    ("NumericLessThanEquals", "10", "10", "11"),
    ("NumericGreaterThan", "10", "11", "10"),
    ("NumericGreaterThanEquals", "10", "10", "9"),
    ("DateEquals", "2026-01-01T00:00:00Z", "1767225600", "1767225601"),
    ("DateNotEquals", "2026-01-01T00:00:00Z", "1767225601", "1767225600"),
    ("DateLessThan", "2026-01-01", "2025-12-31T23:59:59Z", "2026-01-01T00:00:00Z"),
    ("DateLessThanEquals", "2026-01-01", "2026-01-01T00:00:00Z", "2026-01-01T00:00:01Z"),
    ("DateGreaterThan", "1767225600", "2026-01-01T00:00:01Z", "2026-01-01T00:00:00Z"),
    ("DateGreaterThanEquals", "1767225600", "2026-01-01T00:00:00Z", "2025-12-31T23:59:59Z"),
    ("Bool", "true", "True", "false"),
    ("BinaryEquals", "QmxvYg==", "QmxvYg==", "QmxvYh=="),
    ("IpAddress", "10.0.0.0/8", "10.1.2.3", "11.1.2.3"),
    ("NotIpAddress", "10.0.0.0/8", "11.1.2.3", "10.1.2.3"),
    ("ArnEquals", "arn:aws:s3:::b*", "arn:aws:s3:::bb", "arn:aws:s3:::a"),
    ("ArnLike", "arn:aws:s3:::b*", "arn:aws:s3:::bb", "arn:aws:s3:::a"),
    ("ArnNotEquals", "arn:aws:s3:::b*", "arn:aws:s3:::a", "arn:aws:s3:::bb"),
    ("ArnNotLike", "arn:aws:s3:::b*", "arn:aws:s3:::a", "arn:aws:s3:::bb"),
];

/// A key that no list calls multivalued.
const KEY: &str = "idp.example.com:claim";

fn holds(operator: &str, values: &Json, fact: Option<Value>) -> bool {
    let condition = json!({ "Condition": { operator: { KEY: values } } });
    let world = World::alice().identity(&[with(allow(GET, OBJECT), condition)]);
    let world = match fact {
        Some(value) => world.fact(KEY, value),
        None => world,
    };
    world.allows()
}

/// The same condition in a `Deny`: whether it applies.
fn denies(operator: &str, values: &Json, fact: Option<Value>) -> bool {
    let condition = json!({ "Condition": { operator: { KEY: values } } });
    let world = World::alice().identity(&[allow("*", "*"), with(deny(GET, OBJECT), condition)]);
    let world = match fact {
        Some(value) => world.fact(KEY, value),
        None => world,
    };
    !world.allows()
}

fn many(values: &[&str]) -> Option<Value> {
    Some(Value::Many(values.iter().map(|v| (*v).to_owned()).collect()))
}

fn one(value: &str) -> Option<Value> {
    Some(value.into())
}

#[test]
fn each_operator_holds_for_its_value_and_not_for_its_neighbour() {
    for (operator, policy, good, bad) in OPERATORS {
        let values = json!(policy);
        for suffix in ["", "IfExists"] {
            for prefix in ["", "ForAllValues:", "ForAnyValue:"] {
                let name = format!("{prefix}{operator}{suffix}");
                assert!(holds(&name, &values, one(good)), "{name} {good}");
                assert!(!holds(&name, &values, one(bad)), "{name} {bad}");
                assert!(denies(&name, &values, one(good)), "deny {name} {good}");
                assert!(!denies(&name, &values, one(bad)), "deny {name} {bad}");
            }
        }
    }
}

#[test]
fn an_absent_key_and_an_empty_set_mean_what_the_table_says() {
    for (operator, policy, _, _) in OPERATORS {
        let negated = operator.contains("Not");
        let values = json!(policy);
        for (prefix, suffix, expected) in [
            ("", "", negated),
            ("", "IfExists", true),
            ("ForAnyValue:", "", false),
            ("ForAnyValue:", "IfExists", false),
            ("ForAllValues:", "", true),
            ("ForAllValues:", "IfExists", true),
        ] {
            let name = format!("{prefix}{operator}{suffix}");
            for fact in [None, many(&[])] {
                assert_eq!(holds(&name, &values, fact.clone()), expected, "{name} {fact:?}");
                assert_eq!(denies(&name, &values, fact.clone()), expected, "deny {name} {fact:?}");
            }
        }
    }
}

#[test]
fn set_prefixes_quantify_over_the_values_of_the_request() {
    for (operator, policy, good, bad) in OPERATORS {
        let values = json!(policy);
        for (set, all, any) in [
            (many(&[good, good]), true, true),
            (many(&[good, bad]), false, true),
            (many(&[bad, bad]), false, false),
        ] {
            assert_eq!(holds(&format!("ForAllValues:{operator}"), &values, set.clone()), all);
            assert_eq!(holds(&format!("ForAnyValue:{operator}"), &values, set.clone()), any);
        }
    }
}

#[test]
fn a_negated_operator_with_a_set_prefix_is_negated_for_each_value() {
    let values = json!(["A", "B"]);
    for (set, all, any) in [
        (many(&["A", "C"]), false, true),
        (many(&["C", "D"]), true, true),
        (many(&["A", "B"]), false, false),
        (many(&["A"]), false, false),
        (many(&["C"]), true, true),
        (many(&[]), true, false),
        (None, true, false),
    ] {
        assert_eq!(holds("ForAllValues:StringNotEquals", &values, set.clone()), all, "{set:?}");
        assert_eq!(holds("ForAnyValue:StringNotEquals", &values, set.clone()), any, "{set:?}");
    }
}

#[test]
fn null_asks_whether_the_key_is_there() {
    for (wanted, absent, empty, present) in
        [("true", true, true, false), ("false", false, false, true)]
    {
        for name in ["Null", "ForAllValues:Null", "ForAnyValue:Null"] {
            assert_eq!(holds(name, &json!(wanted), None), absent, "{name}");
            assert_eq!(holds(name, &json!(wanted), many(&[])), empty, "{name}");
            assert_eq!(holds(name, &json!(wanted), one("x")), present, "{name}");
            assert_eq!(holds(name, &json!(wanted), one("")), present, "an empty text is a value");
            assert_eq!(holds(name, &json!(wanted), many(&["x"])), present, "{name}");
        }
    }
}

#[test]
fn several_values_are_alternatives_and_for_negated_operators_all_excluded() {
    let values = json!(["red", "blue"]);
    assert!(holds("StringEquals", &values, one("blue")));
    assert!(!holds("StringEquals", &values, one("green")));
    assert!(holds("StringNotEquals", &values, one("green")));
    assert!(!holds("StringNotEquals", &values, one("blue")));
}

#[test]
fn an_empty_list_of_values_equals_nothing() {
    let none = json!([]);
    assert!(!holds("StringEquals", &none, one("x")));
    assert!(holds("StringNotEquals", &none, one("x")));
    assert!(!holds("ForAllValues:StringEquals", &none, many(&["x"])));
    assert!(holds("ForAllValues:StringEquals", &none, many(&[])));
    assert!(!holds("ForAnyValue:StringEquals", &none, many(&["x"])));
}

#[test]
fn operators_and_keys_must_all_hold() {
    let condition = json!({ "Condition": {
        "StringEquals": { "aws:UserAgent": "aws-cli", "s3:prefix": "a/" },
        "Bool": { "aws:SecureTransport": true },
    }});
    let world = World::alice().identity(&[with(allow(GET, OBJECT), condition)]);
    let whole = world
        .fact("aws:UserAgent", "aws-cli")
        .fact("s3:prefix", "a/")
        .fact("aws:SecureTransport", "true");
    assert!(whole.allows());
    for key in ["aws:UserAgent", "s3:prefix", "aws:SecureTransport"] {
        assert!(!whole.clone().fact(key, "other").allows(), "{key}");
    }
}

#[test]
fn a_value_of_another_type_never_helps_the_caller() {
    for (operator, policy, _, _) in OPERATORS {
        let typed = ["Numeric", "Date", "Bool", "Binary", "Ip", "NotIp", "Arn"];
        if !typed.iter().any(|t| operator.starts_with(t)) {
            continue;
        }
        let values = json!(policy);
        for bad in ["10abc", "", "yesterday", "not::an:address", "%%%"] {
            assert!(!holds(operator, &values, one(bad)), "allow {operator} {bad}");
            let negated = operator.contains("Not");
            assert_eq!(denies(operator, &values, one(bad)), negated, "deny {operator} {bad}");
        }
    }
}

#[test]
fn a_multivalued_key_without_a_set_prefix_never_helps_the_caller() {
    for (operator, policy, good, bad) in OPERATORS {
        let values = json!(policy);
        for set in [many(&[good]), many(&[good, bad]), many(&[bad])] {
            for suffix in ["", "IfExists"] {
                let name = format!("{operator}{suffix}");
                assert!(!holds(&name, &values, set.clone()), "allow {name}");
                assert!(denies(&name, &values, set.clone()), "deny {name}");
            }
        }
    }
}

#[test]
fn operator_names_and_keys_ignore_case() {
    assert!(holds("stringequals", &json!("x"), one("x")));
    assert!(holds("FORANYVALUE:STRINGLIKEIFEXISTS", &json!("x"), one("x")));
    let condition = json!({ "Condition": { "StringEquals": { "AWS:UserAgent": "x" } } });
    let world = World::alice().identity(&[with(allow(GET, OBJECT), condition)]);
    assert!(world.fact("aws:useragent", "x").allows());
}

#[test]
fn numbers_and_booleans_may_be_written_as_json() {
    assert!(holds("NumericEquals", &json!(10), one("10.0")));
    assert!(holds("Bool", &json!(true), one("true")));
    assert!(holds("StringEquals", &json!(10), one("10")));
    assert!(!holds("StringEquals", &json!(10), one("10.0")));
}

#[test]
fn an_arn_pattern_does_not_cross_colons_though_a_string_pattern_does() {
    let pattern = json!("arn:aws:svc:*:111122223333:finance/*");
    let value =
        one("arn:aws:svc:us-east-2:999999999999:store/abc:111122223333:finance/document.txt");
    assert!(holds("StringLike", &pattern, value.clone()));
    assert!(!holds("ArnLike", &pattern, value.clone()));
    assert!(!holds("ArnEquals", &pattern, value));
}

#[test]
fn tags_whose_keys_differ_by_case_alone_are_one_key_of_many_values() {
    let tagged = |effect: Json| {
        let mut world = World::alice().identity(&[allow("*", "*")]).identity(&[effect]);
        world.facts.server.add("s3:ExistingObjectTag/Class", "secret");
        world.facts.server.add("s3:ExistingObjectTag/class", "public");
        world
    };
    let on = |base: Json, operator: &str, value: &str| {
        let condition = json!({ operator: { "s3:ExistingObjectTag/class": value } });
        with(base, json!({ "Condition": condition }))
    };
    // Neither spelling helps the caller past a deny …
    for value in ["secret", "public", "other"] {
        assert!(!tagged(on(deny(GET, OBJECT), "StringEquals", value)).allows(), "{value}");
        let only = World::alice().identity(&[on(allow(GET, OBJECT), "StringEquals", value)]);
        let mut only = only;
        only.facts.server.add("s3:ExistingObjectTag/Class", "secret");
        only.facts.server.add("s3:ExistingObjectTag/class", "public");
        // … or into an allow.
        assert!(!only.allows(), "{value}");
    }
    // A set prefix sees both.
    assert!(!tagged(on(deny(GET, OBJECT), "ForAnyValue:StringEquals", "public")).allows());
    assert!(!tagged(on(deny(GET, OBJECT), "ForAnyValue:StringEquals", "secret")).allows());
    assert!(tagged(on(deny(GET, OBJECT), "ForAnyValue:StringEquals", "other")).allows());
}
