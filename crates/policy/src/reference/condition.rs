//! Conditions (3): one operator over one key and its values.

use std::cmp::Ordering;

use crate::facts::Value;
use crate::reference::asked::Asked;
use crate::reference::document::{Effect, Version};
use crate::reference::pattern::{Case, Symbol, is_arn, matches, matches_arn, pattern, plain};
use crate::reference::values::{Instant, Number, address, boolean, bytes, range};

/// `operator: { key: values }`.
#[derive(Clone, Debug)]
pub(super) struct Condition {
    pub(super) operator: Operator,
    pub(super) key: String,
    pub(super) values: Vec<String>,
}

/// 3.2: an operator's name, taken apart.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Operator {
    pub(super) set: Set,
    pub(super) comparison: Comparison,
    pub(super) sense: Sense,
    pub(super) absence: Absence,
}

/// The set prefix.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Set {
    Plain,
    ForAllValues,
    ForAnyValue,
}

/// Whether the name says "Not".
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Sense {
    Positive,
    Negated,
}

/// Whether the name ends in `IfExists`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Absence {
    Matters,
    IfExists,
}

/// How one value of the request is compared with one of the policy.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Comparison {
    StringEquals,
    StringEqualsIgnoreCase,
    StringLike,
    Numeric(Order),
    Date(Order),
    Bool,
    BinaryEquals,
    IpAddress,
    Arn,
    Null,
}

/// Where the request's value must stand, seen from the policy's.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Order {
    Equals,
    LessThan,
    LessThanEquals,
    GreaterThan,
    GreaterThanEquals,
}

impl Condition {
    pub(super) fn read(operator: &str, key: String, values: Vec<String>) -> Option<Self> {
        Some(Self { operator: Operator::read(operator)?, key, values })
    }

    /// Whether the condition holds. The effect matters where a value can be understood in two
    /// ways: then a `Deny` applies and an `Allow` does not (decision).
    pub(super) fn holds(&self, effect: Effect, version: Version, asked: &Asked<'_>) -> bool {
        let found = asked.value(&self.key);
        if self.operator.comparison == Comparison::Null {
            return self.null(found.as_ref());
        }
        let satisfied = |value: &String| self.satisfied_by(value, effect, version, asked);
        match (self.operator.set, found) {
            (Set::Plain, Some(Value::One(value))) => satisfied(&value),
            (Set::Plain, None) => self.holds_without_value(),
            // Decision: an empty set counts as absent.
            (Set::Plain, Some(Value::Many(values))) if values.is_empty() => {
                self.holds_without_value()
            }
            // Decision: many values without a set prefix never help the caller.
            (Set::Plain, Some(Value::Many(_))) => effect == Effect::Deny,
            // 3.3: true of no values, false of no values; a single value is a set of one.
            (Set::ForAllValues, found) => elements(found).iter().all(satisfied),
            (Set::ForAnyValue, found) => elements(found).iter().any(satisfied),
        }
    }

    /// 3.3: without the key a negated operator holds, and any with `IfExists`.
    fn holds_without_value(&self) -> bool {
        self.operator.sense == Sense::Negated || self.operator.absence == Absence::IfExists
    }

    /// 3.2: `"true"`: the key is absent; `"false"`: it is there and not the empty set. A set prefix
    /// changes nothing (decision); an empty list of values equals nothing.
    fn null(&self, found: Option<&Value>) -> bool {
        let absent = match found {
            None => true,
            Some(Value::One(_)) => false,
            Some(Value::Many(values)) => values.is_empty(),
        };
        self.values.iter().any(|value| boolean(value) == Some(absent))
    }

    /// 3.1: values OR; negated, the request's value must differ from all of them. A value of
    /// another type fails a positive operator; a negated one then holds in a `Deny` alone
    /// (decision).
    fn satisfied_by(
        &self,
        value: &str,
        effect: Effect,
        version: Version,
        asked: &Asked<'_>,
    ) -> bool {
        let comparison = self.operator.comparison;
        let equals_one = self.values.iter().any(|listed| {
            // 2: a listed value in which a variable has no value equals nothing.
            Listed::read(listed, comparison, version, asked)
                .is_some_and(|listed| compare(comparison, value, &listed))
        });
        match (self.operator.sense, comparison.can_read(value)) {
            (Sense::Positive, _) => equals_one,
            (Sense::Negated, true) => !equals_one,
            (Sense::Negated, false) => effect == Effect::Deny,
        }
    }
}

fn elements(found: Option<Value>) -> Vec<String> {
    match found {
        None => Vec::new(),
        Some(Value::One(value)) => vec![value],
        Some(Value::Many(values)) => values,
    }
}

/// A value of the policy: a pattern for operators that know variables, else its text.
enum Listed<'a> {
    Pattern(Vec<Symbol>),
    Text(&'a str),
}

impl<'a> Listed<'a> {
    /// 2: variables stand in values of `String*` and `Arn*` operators, and in no others.
    fn read(
        text: &'a str,
        comparison: Comparison,
        version: Version,
        asked: &Asked<'_>,
    ) -> Option<Self> {
        match comparison {
            Comparison::StringEquals
            | Comparison::StringEqualsIgnoreCase
            | Comparison::StringLike
            | Comparison::Arn => pattern(text, version, asked).map(Self::Pattern),
            _ => Some(Self::Text(text)),
        }
    }
}

/// 3.2, row by row; false if either side is not of the type (3.4).
fn compare(comparison: Comparison, value: &str, listed: &Listed<'_>) -> bool {
    match (comparison, listed) {
        (Comparison::StringEquals, Listed::Pattern(listed)) => plain(listed) == value,
        (Comparison::StringEqualsIgnoreCase, Listed::Pattern(listed)) => {
            folded(&plain(listed)) == folded(value)
        }
        (Comparison::StringLike, Listed::Pattern(listed)) => matches(listed, value, Case::Exact),
        (Comparison::Arn, Listed::Pattern(listed)) => {
            is_arn(value) && matches_arn(listed, value, Case::Exact)
        }
        (Comparison::Numeric(order), Listed::Text(listed)) => {
            ordered(order, Number::read(value), Number::read(listed))
        }
        (Comparison::Date(order), Listed::Text(listed)) => {
            ordered(order, Instant::read(value), Instant::read(listed))
        }
        (Comparison::Bool, Listed::Text(listed)) => {
            boolean(value).is_some() && boolean(value) == boolean(listed)
        }
        (Comparison::BinaryEquals, Listed::Text(listed)) => {
            bytes(listed).is_some() && bytes(value) == bytes(listed)
        }
        (Comparison::IpAddress, Listed::Text(listed)) => match (address(value), range(listed)) {
            (Some(address), Some(range)) => range.contains(&address),
            _ => false,
        },
        _ => false,
    }
}

/// 3.2: case-folded, character by character.
fn folded(text: &str) -> String {
    text.chars().flat_map(char::to_lowercase).collect()
}

fn ordered<T: Ord>(order: Order, value: Option<T>, listed: Option<T>) -> bool {
    let (Some(value), Some(listed)) = (value, listed) else { return false };
    match (order, value.cmp(&listed)) {
        (Order::Equals, found) => found == Ordering::Equal,
        (Order::LessThan, found) => found == Ordering::Less,
        (Order::LessThanEquals, found) => found != Ordering::Greater,
        (Order::GreaterThan, found) => found == Ordering::Greater,
        (Order::GreaterThanEquals, found) => found != Ordering::Less,
    }
}

impl Comparison {
    /// 3.4: whether a value of the request is of the operator's type. Every text is a string.
    fn can_read(self, value: &str) -> bool {
        match self {
            Self::StringEquals | Self::StringEqualsIgnoreCase | Self::StringLike | Self::Null => {
                true
            }
            Self::BinaryEquals => bytes(value).is_some(),
            Self::Numeric(_) => Number::read(value).is_some(),
            Self::Date(_) => Instant::read(value).is_some(),
            Self::Bool => boolean(value).is_some(),
            Self::IpAddress => address(value).is_some(),
            Self::Arn => is_arn(value),
        }
    }
}

impl Operator {
    /// 3.2; in any case (decision).
    fn read(name: &str) -> Option<Self> {
        let name = name.to_ascii_lowercase();
        let (set, name) = match name.split_once(':') {
            Some(("forallvalues", rest)) => (Set::ForAllValues, rest),
            Some(("foranyvalue", rest)) => (Set::ForAnyValue, rest),
            Some(_) => return None,
            None => (Set::Plain, name.as_str()),
        };
        let (absence, name) = match name.strip_suffix("ifexists") {
            Some(name) => (Absence::IfExists, name),
            None => (Absence::Matters, name),
        };
        let (sense, comparison) = comparison_called(name)?;
        Some(Self { set, comparison, sense, absence })
    }
}

fn comparison_called(name: &str) -> Option<(Sense, Comparison)> {
    use Sense::{Negated, Positive};
    Some(match name {
        "stringequals" => (Positive, Comparison::StringEquals),
        "stringnotequals" => (Negated, Comparison::StringEquals),
        "stringequalsignorecase" => (Positive, Comparison::StringEqualsIgnoreCase),
        "stringnotequalsignorecase" => (Negated, Comparison::StringEqualsIgnoreCase),
        "stringlike" => (Positive, Comparison::StringLike),
        "stringnotlike" => (Negated, Comparison::StringLike),
        "bool" => (Positive, Comparison::Bool),
        "binaryequals" => (Positive, Comparison::BinaryEquals),
        "ipaddress" => (Positive, Comparison::IpAddress),
        "notipaddress" => (Negated, Comparison::IpAddress),
        "arnequals" | "arnlike" => (Positive, Comparison::Arn),
        "arnnotequals" | "arnnotlike" => (Negated, Comparison::Arn),
        "null" => (Positive, Comparison::Null),
        other => {
            let (typed, order): (fn(Order) -> Comparison, _) = match other.strip_prefix("numeric") {
                Some(order) => (Comparison::Numeric, order),
                None => (Comparison::Date, other.strip_prefix("date")?),
            };
            match order {
                "equals" => (Positive, typed(Order::Equals)),
                "notequals" => (Negated, typed(Order::Equals)),
                "lessthan" => (Positive, typed(Order::LessThan)),
                "lessthanequals" => (Positive, typed(Order::LessThanEquals)),
                "greaterthan" => (Positive, typed(Order::GreaterThan)),
                "greaterthanequals" => (Positive, typed(Order::GreaterThanEquals)),
                _ => return None,
            }
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reference::testing::World;

    const KEY: &str = "s3:x-amz-tried";

    fn many(values: &[&str]) -> Option<Value> {
        Some(Value::Many(values.iter().map(|v| (*v).to_owned()).collect()))
    }

    fn one(value: &str) -> Option<Value> {
        Some(value.into())
    }

    /// Whether the condition holds, in an allow and in a deny.
    fn both(operator: &str, listed: &[&str], found: Option<Value>) -> (bool, bool) {
        let mut world = World::alice();
        if let Some(value) = found {
            world.facts.suppose(KEY, value);
        }
        let values = listed.iter().map(|v| (*v).to_owned()).collect();
        let condition = Condition::read(operator, KEY.to_owned(), values).unwrap();
        let holds =
            |effect| world.with_asked(|asked| condition.holds(effect, Version::Of2012, asked));
        (holds(Effect::Allow), holds(Effect::Deny))
    }

    fn holds(operator: &str, listed: &[&str], found: Option<Value>) -> bool {
        let (allow, deny) = both(operator, listed, found);
        assert_eq!(allow, deny, "{operator}: the effect does not matter here");
        allow
    }

    #[test]
    fn each_comparison_holds_and_fails() {
        for (operator, listed, yes, no) in [
            ("StringEquals", "a*", "a*", "ab"),
            ("StringEqualsIgnoreCase", "Ab", "aB", "ac"),
            ("StringLike", "a*", "ab", "Ab"),
            ("NumericEquals", "10", "10.0", "11"),
            ("NumericLessThan", "10", "9", "10"),
            ("NumericLessThanEquals", "10", "10", "11"),
            ("NumericGreaterThan", "10", "11", "10"),
            ("NumericGreaterThanEquals", "10", "10", "9"),
            ("DateEquals", "2024", "1704067200", "1704067201"),
            ("DateLessThan", "2024", "2023-12-31", "2024"),
            ("DateLessThanEquals", "2024", "2024-01-01", "2024-01-02"),
            ("DateGreaterThan", "2024", "2024-01-02", "2024"),
            ("DateGreaterThanEquals", "2024", "2024", "2023"),
            ("Bool", "true", "TRUE", "false"),
            ("BinaryEquals", "QUI=", "QUI=", "AB"),
            ("IpAddress", "10.0.0.0/8", "10.9.9.9", "11.0.0.0"),
            ("ArnEquals", "arn:aws:s3:::b*", "arn:aws:s3:::bc", "arn:aws:s3:::c"),
            ("ArnLike", "*", "arn:aws:s3:::bc", "bc"),
            ("forANYvalue:stringlikeIFEXISTS", "a?", "ab", "a"),
        ] {
            assert!(holds(operator, &[listed], one(yes)), "{operator} {yes}");
            assert!(!holds(operator, &[listed], one(no)), "{operator} {no}");
        }
    }

    #[test]
    fn a_negated_operator_must_differ_from_all_listed_values() {
        for (operator, a, b, c) in [
            ("StringNotEquals", "a", "b", "c"),
            ("StringNotEqualsIgnoreCase", "A", "b", "c"),
            ("StringNotLike", "a*", "b", "c"),
            ("NumericNotEquals", "1", "2", "3"),
            ("DateNotEquals", "2001", "2002", "2003"),
            ("NotIpAddress", "10.0.0.1", "10.0.0.2", "10.0.0.3"),
            ("ArnNotEquals", "arn:aws:s3:::a", "arn:aws:s3:::b", "arn:aws:s3:::c"),
            ("ArnNotLike", "arn:aws:s3:::a", "arn:aws:s3:::b", "arn:aws:s3:::c"),
        ] {
            assert!(holds(operator, &[a, b], one(c)), "{operator}");
            assert!(!holds(operator, &[a, b], one(b)), "{operator}");
        }
    }

    #[test]
    fn a_missing_key_is_judged_by_the_form_of_the_operator() {
        for (operator, absent, empty) in [
            ("StringEquals", false, false),
            ("StringNotEquals", true, true),
            ("StringEqualsIfExists", true, true),
            ("StringNotEqualsIfExists", true, true),
            ("ForAnyValue:StringEquals", false, false),
            ("ForAnyValue:StringNotEquals", false, false),
            ("ForAnyValue:StringNotEqualsIfExists", false, false),
            ("ForAllValues:StringEquals", true, true),
            ("ForAllValues:StringNotEquals", true, true),
            ("ForAllValues:StringEqualsIfExists", true, true),
        ] {
            assert_eq!(holds(operator, &["x"], None), absent, "{operator}");
            assert_eq!(holds(operator, &["x"], many(&[])), empty, "{operator}");
        }
    }

    #[test]
    fn null_asks_whether_the_key_is_there() {
        for operator in ["Null", "ForAllValues:Null", "ForAnyValue:Null"] {
            for (found, absent) in
                [(None, true), (many(&[]), true), (one(""), false), (many(&["a"]), false)]
            {
                assert_eq!(holds(operator, &["True"], found.clone()), absent, "{operator}");
                assert_eq!(holds(operator, &["false"], found), !absent, "{operator}");
            }
        }
        assert!(!holds("Null", &[], None) && !holds("Null", &[], one("a")));
    }

    #[test]
    fn set_operators_ask_every_value_or_one() {
        let ac = many(&["A", "C"]);
        assert!(holds("ForAnyValue:StringNotEquals", &["A", "B"], ac.clone()));
        assert!(!holds("ForAllValues:StringNotEquals", &["A", "B"], ac.clone()));
        assert!(!holds("ForAllValues:StringEquals", &["A", "B"], ac.clone()));
        assert!(holds("ForAllValues:StringEquals", &["A", "C", "D"], ac.clone()));
        assert!(holds("ForAnyValue:StringEquals", &["A", "B"], ac));
        assert!(holds("ForAllValues:StringEquals", &["A"], one("A")));
        assert!(!holds("ForAllValues:StringEquals", &["A"], one("")));
    }

    #[test]
    fn many_values_without_a_set_prefix_never_help_the_caller() {
        for operator in ["StringEquals", "StringNotEquals", "StringEqualsIfExists"] {
            assert_eq!(both(operator, &["a"], many(&["a"])), (false, true), "{operator}");
        }
    }

    #[test]
    fn a_value_of_another_type_never_helps_the_caller() {
        for (positive, negated, listed) in [
            ("NumericEquals", "NumericNotEquals", "1"),
            ("DateEquals", "DateNotEquals", "2024"),
            ("IpAddress", "NotIpAddress", "0.0.0.0/0"),
            ("ArnLike", "ArnNotLike", "*"),
        ] {
            assert_eq!(both(positive, &[listed], one("10abc")), (false, false), "{positive}");
            assert_eq!(both(negated, &[listed], one("10abc")), (false, true), "{negated}");
        }
        assert_eq!(both("Bool", &["false"], one("no")), (false, false));
    }

    #[test]
    fn an_empty_list_of_values_equals_nothing() {
        assert!(!holds("StringEquals", &[], one("a")));
        assert!(holds("StringNotEquals", &[], one("a")));
        assert!(!holds("ForAllValues:StringEquals", &[], many(&["a"])));
    }

    #[test]
    fn a_variable_without_a_value_equals_nothing_so_that_a_negated_operator_holds() {
        for value in ["${aws:absent}", "x${aws:absent}*"] {
            assert!(!holds("StringLike", &[value], one("x")));
            assert!(holds("StringNotLike", &[value], one("x")));
            assert!(holds("StringNotEquals", &[value, "y"], one("x")));
            assert!(!holds("StringNotEquals", &[value, "x"], one("x")));
        }
        assert!(holds("StringEquals", &["${aws:username}"], one("alice")));
        assert!(
            !holds("StringLike", &["${*}"], one("x")) && holds("StringLike", &["${*}"], one("*"))
        );
    }
}
