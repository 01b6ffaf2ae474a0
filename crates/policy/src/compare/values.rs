//! Values of a condition key: enough of them that whatever a request says, one of these is told
//! from it by no condition. Text by automata; numbers, times and addresses by what lies on, between
//! and beyond the values that the policies name; sets by what their elements add up to.

use std::collections::HashSet;
use std::net::IpAddr;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ipnet::IpNet;
use names::Timestamp;

use super::automaton::{Language, Machine, Space};
use super::budget::{Budget, Spent};
use super::reading::{Reading, Scene};
use crate::actions::{self, ConditionKey, KeyType, Values};
use crate::condition::Condition;
use crate::context::Context;
use crate::daytime;
use crate::facts::Value;
use crate::glob::{self, Token};
use crate::literal::{self, Decimal};
use crate::operator::{Operand, Quantifier, Test};

/// Most different sets of values of one key that are told apart.
pub const SETS_MAX: usize = 512;

/// How a key's values are read.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(super) enum Family {
    Text,
    Number,
    Time,
    Truth,
    Bytes,
    Net,
}

impl Family {
    pub(super) fn of(test: Test) -> Option<Self> {
        match test {
            Test::StringEquals | Test::StringIgnoreCase | Test::StringLike | Test::Arn => {
                Some(Self::Text)
            }
            Test::Numeric(_) => Some(Self::Number),
            Test::Date(_) => Some(Self::Time),
            Test::Bool => Some(Self::Truth),
            Test::Binary => Some(Self::Bytes),
            Test::Ip => Some(Self::Net),
            Test::Null => None,
        }
    }
}

/// The machines of a condition's texts, on a track.
pub(super) fn machines(condition: &Condition, context: &Context<'_>, track: usize) -> Vec<Machine> {
    let mut machines = Vec::new();
    if condition.operator.test == Test::Arn {
        machines.extend(Machine::arn(&glob::tokens("arn:*:*:*:*:*"), track));
    }
    let texts = condition.operands.iter().filter_map(|operand| match operand {
        Operand::Text(template) => template.resolve(context),
        _ => None,
    });
    for tokens in texts {
        match condition.operator.test {
            Test::StringIgnoreCase => machines.push(Machine::ignoring_case(&tokens, track)),
            Test::Arn if *tokens == [Token::Run] => {}
            Test::Arn => machines.extend(Machine::arn(&tokens, track)),
            _ => machines.push(Machine::glob(&tokens, track)),
        }
    }
    machines
}

/// Single values of each kind that the conditions tell apart, well-typed ones first.
fn singles(
    conditions: &[Reading<'_>],
    context: &Context<'_>,
    budget: &mut Budget,
) -> Result<Vec<String>, Spent> {
    let families: HashSet<Family> =
        conditions.iter().filter_map(|c| Family::of(c.condition.operator.test)).collect();
    let operands = || conditions.iter().flat_map(|c| &c.condition.operands);
    let mut values = Vec::new();
    for family in [Family::Net, Family::Number, Family::Time, Family::Truth, Family::Bytes] {
        if !families.contains(&family) {
            continue;
        }
        match family {
            Family::Net => values.extend(addresses(operands())),
            Family::Number => values.extend(numbers(operands())),
            Family::Time => values.extend(times(operands())),
            Family::Truth => values.extend(["true".to_owned(), "false".to_owned()]),
            Family::Bytes => values.extend(bytes(operands())),
            Family::Text => {}
        }
    }
    if families.contains(&Family::Text) {
        let machines: Vec<Machine> =
            conditions.iter().flat_map(|c| machines(c.condition, context, 0)).collect();
        let mut words: Vec<String> = Space::of(Language::Any)
            .words(&machines, budget)?
            .into_iter()
            .map(|segments| segments.concat())
            .collect();
        // What some pattern matches makes the plainer example.
        let first = words.len().min(1);
        words.rotate_left(first);
        values.extend(words);
    }
    values.push("x".to_owned());
    Ok(values)
}

/// A value of a key, or its absence, and which conditions hold with it.
#[derive(Clone, Debug)]
pub(super) struct Candidate {
    pub(super) value: Option<Value>,
    /// One for each condition that was given.
    pub(super) holds: Vec<bool>,
}

/// Every way in which the conditions on one key can hold or not hold together.
pub(super) fn candidates(
    key: &str,
    conditions: &[Reading<'_>],
    scene: &Scene<'_>,
    budget: &mut Budget,
) -> Result<Vec<Candidate>, Spent> {
    let context = scene.context();
    let known = actions::condition_key(key);
    let clock = daytime::all_values(key);
    let singles = if clock.is_empty() {
        let mut all = singles(conditions, &context, budget)?;
        if let Some(known) = known {
            // Where no condition reads a value of its type, the key is there all the same.
            all.extend(plain(known.key_type()).map(str::to_owned));
            all.retain(|text| is_of(known.key_type(), text));
        }
        all
    } else {
        clock
    };
    let judge = |value: Option<Value>| Candidate {
        holds: scene.with(key, value.as_ref()).hold(conditions),
        value,
    };
    let ones: Vec<Candidate> =
        singles.iter().map(|text| judge(Some(Value::One(text.clone())))).collect();
    // A key of one value never has a set of them; and the other way round.
    let single =
        known.is_some_and(|known| known.values() == Values::One) || daytime::zone_of(key).is_some();
    let sets = if single { Vec::new() } else { sets(&singles, conditions, scene, budget)? };
    let many = conditions.iter().all(|c| c.condition.operator.quantifier != Quantifier::Single);
    let mut all = Vec::new();
    if many && !single {
        all.extend(sets.iter().map(|set| judge(Some(Value::Many(set.clone())))));
    }
    all.extend(ones);
    all.push(judge(None));
    all.extend(sets.iter().map(|set| judge(Some(Value::Many(set.clone())))));
    if !single {
        all.push(judge(Some(Value::Many(Vec::new()))));
    }
    let mut known = HashSet::new();
    all.retain(|candidate| known.insert(candidate.holds.clone()));
    Ok(all)
}

/// Values of a type that nobody asked for.
fn plain(key_type: KeyType) -> [&'static str; 2] {
    match key_type {
        KeyType::Numeric => ["0", "1"],
        KeyType::Date => ["2026-01-01T00:00:00Z", "2027-01-01T00:00:00Z"],
        KeyType::Bool => ["true", "false"],
        KeyType::Ip => ["198.51.100.1", "2001:db8::1"],
        _ => ["x", "y"],
    }
}

/// Whether a key has values of a type that an automaton over texts does not know: of those that it
/// finds most are none.
pub(super) fn is_typed(key: &str) -> bool {
    let typed = |known: &ConditionKey| {
        use KeyType::{Bool, Date, Ip, Numeric};
        matches!(known.key_type(), Numeric | Date | Bool | Ip)
    };
    daytime::zone_of(key).is_none() && actions::condition_key(key).is_some_and(typed)
}

/// Whether a text is a value of a key's type: what the server says of a request always is.
fn is_of(key_type: KeyType, text: &str) -> bool {
    match key_type {
        KeyType::Numeric => Decimal::read(text).is_some(),
        KeyType::Date => literal::instant(text).is_some(),
        KeyType::Bool => literal::truth(text).is_some(),
        KeyType::Ip => literal::address(text).is_some(),
        _ => true,
    }
}

/// Sets of values: one for each pair of "what some element satisfies" and "what all satisfy".
fn sets(
    singles: &[String],
    conditions: &[Reading<'_>],
    scene: &Scene<'_>,
    budget: &mut Budget,
) -> Result<Vec<Vec<String>>, Spent> {
    type Sum = (Vec<bool>, Vec<bool>);
    let mut known: HashSet<Sum> = HashSet::new();
    let mut elements: Vec<(String, Vec<bool>)> = Vec::new();
    let mut sums: Vec<(Vec<String>, Sum)> = Vec::new();
    let quantified: Vec<&Reading<'_>> = conditions
        .iter()
        .filter(|c| c.condition.operator.quantifier != Quantifier::Single)
        .collect();
    for text in singles {
        let each: Vec<bool> =
            quantified.iter().map(|reading| scene.satisfied(reading, text)).collect();
        if known.insert((each.clone(), each.clone())) {
            elements.push((text.clone(), each.clone()));
            sums.push((vec![text.clone()], (each.clone(), each)));
        }
    }
    let mut place = 0;
    while let Some((set, (some, all))) = sums.get(place).cloned() {
        for (text, each) in &elements {
            budget.work(each.len())?;
            let join = |own: &[bool], with: fn(bool, bool) -> bool| -> Vec<bool> {
                own.iter().zip(each).map(|(a, b)| with(*a, *b)).collect()
            };
            let sum = (join(&some, |a, b| a || b), join(&all, |a, b| a && b));
            if known.insert(sum.clone()) {
                let larger = set.iter().chain([text]).cloned().collect();
                sums.push((larger, sum));
            }
        }
        if sums.len() > SETS_MAX {
            return Err(Spent::Steps);
        }
        place = place.saturating_add(1);
    }
    Ok(sums.into_iter().map(|(set, _)| set).collect())
}

/// An address on each side of each boundary of each range.
fn addresses<'a>(operands: impl Iterator<Item = &'a Operand>) -> Vec<String> {
    let mut values = Vec::new();
    let mut edges = Vec::new();
    for operand in operands {
        let Operand::Net(net) = operand else { continue };
        let (first, last) = (net.network(), net.broadcast());
        let inside = match net {
            IpNet::V4(net) => net.hosts().next().map(IpAddr::V4),
            IpNet::V6(net) => net.hosts().next().map(IpAddr::V6),
        };
        values.extend(inside.into_iter().chain([first, last]));
        edges.extend(before(first).into_iter().chain(after(last)));
    }
    values.extend(edges);
    let bounds = [
        "198.51.100.1",
        "2001:db8::1",
        "0.0.0.0",
        "255.255.255.255",
        "::",
        "::fffe:ffff:ffff",
        "::1:0:0:0",
        "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
    ];
    values.iter().map(IpAddr::to_string).chain(bounds.map(str::to_owned)).collect()
}

fn before(address: IpAddr) -> Option<IpAddr> {
    match address {
        IpAddr::V4(four) => four.to_bits().checked_sub(1).map(|bits| IpAddr::V4(bits.into())),
        IpAddr::V6(six) => six.to_bits().checked_sub(1).map(|bits| IpAddr::V6(bits.into())),
    }
}

fn after(address: IpAddr) -> Option<IpAddr> {
    match address {
        IpAddr::V4(four) => four.to_bits().checked_add(1).map(|bits| IpAddr::V4(bits.into())),
        IpAddr::V6(six) => six.to_bits().checked_add(1).map(|bits| IpAddr::V6(bits.into())),
    }
}

/// Each number, one between each two neighbours, and one beyond each end.
fn numbers<'a>(operands: impl Iterator<Item = &'a Operand>) -> Vec<String> {
    let mut texts: Vec<&str> = operands
        .filter_map(|operand| match operand {
            Operand::Number(text) => Some(text.as_str()),
            _ => None,
        })
        .collect();
    texts.sort_by(|a, b| match (Decimal::read(a), Decimal::read(b)) {
        (Some(a), Some(b)) => a.compare(&b),
        _ => std::cmp::Ordering::Equal,
    });
    let mut values: Vec<String> = texts.iter().map(|text| (*text).to_owned()).collect();
    values.extend(texts.windows(2).filter_map(|pair| match pair {
        [low, high] => Some(between(low, high)),
        _ => None,
    }));
    if let (Some(low), Some(high)) = (texts.first(), texts.last()) {
        values.extend([below(low), above(high)]);
    }
    values.push("0".to_owned());
    values
}

/// The digits of a number without its sign, before and behind the point.
fn digits(text: &str) -> (&str, &str) {
    let plain = text.trim_start_matches('-');
    plain.split_once('.').unwrap_or((plain, ""))
}

fn is_negative(text: &str) -> bool {
    text.starts_with('-') && text.contains(|c: char| ('1'..='9').contains(&c))
}

fn is_zero(text: &str) -> bool {
    !text.contains(|c: char| ('1'..='9').contains(&c))
}

/// A number between two (or equal to both): the one nearer to zero, and a little more.
fn between(low: &str, high: &str) -> String {
    let places = digits(low).1.len().max(digits(high).1.len());
    let more = |text: &str, sign: &str| {
        let (whole, fraction) = digits(text);
        format!("{sign}{whole}.{fraction:0<places$}1")
    };
    match (is_negative(low), is_negative(high) || is_zero(high)) {
        (true, true) => more(high, "-"),
        (true, false) => "0".to_owned(),
        (false, _) => more(low, ""),
    }
}

fn below(text: &str) -> String {
    match () {
        () if is_negative(text) => format!("-1{}", digits(text).0),
        () if is_zero(text) => "-1".to_owned(),
        () => "0".to_owned(),
    }
}

fn above(text: &str) -> String {
    match () {
        () if is_negative(text) => "0".to_owned(),
        () => format!("1{}", digits(text).0),
    }
}

/// Each instant, and a millisecond to either side of it: times are whole milliseconds.
fn times<'a>(operands: impl Iterator<Item = &'a Operand>) -> Vec<String> {
    let instants: Vec<Timestamp> = operands
        .filter_map(|operand| match operand {
            Operand::Time(time) => Some(*time),
            _ => None,
        })
        .collect();
    let steps = [0, -1, 1];
    let near = steps
        .iter()
        .flat_map(|step| instants.iter().map(|time| time.plus_millis(*step).iso_millis()));
    // A key that is a number is the seconds since 1970.
    let seconds = steps.iter().flat_map(|step| {
        instants.iter().map(|time| time.plus_seconds(*step).seconds().to_string())
    });
    near.chain(seconds).collect()
}

/// Each value, and one that is none of them.
fn bytes<'a>(operands: impl Iterator<Item = &'a Operand>) -> Vec<String> {
    let named: Vec<&[u8]> = operands
        .filter_map(|operand| match operand {
            Operand::Bytes(bytes) => Some(bytes.as_slice()),
            _ => None,
        })
        .collect();
    let longest = named.iter().map(|bytes| bytes.len()).max().unwrap_or(0);
    let other = vec![0_u8; longest.saturating_add(1)];
    named.iter().copied().chain([other.as_slice()]).map(|bytes| STANDARD.encode(bytes)).collect()
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::compare::reading::{Read, Rules};
    use crate::compare::side::Side;
    use crate::document::{Document, Kind};
    use crate::facts::Facts;
    use crate::principal::Principal;
    use crate::question::Attached;

    fn less(a: &str, b: &str) -> bool {
        Decimal::read(a).unwrap().compare(&Decimal::read(b).unwrap()).is_lt()
    }

    #[test]
    fn between_any_two_numbers_there_is_one_and_beyond_each() {
        let texts =
            ["-10.5", "-10", "-1.05", "-0.5", "0", "0.001", "0.5", "1", "1.05", "1.5", "10", "99"];
        for (index, low) in texts.iter().enumerate() {
            for high in &texts[index + 1..] {
                let middle = between(low, high);
                assert!(less(low, &middle) && less(&middle, high), "{low} {middle} {high}");
            }
            assert!(less(&below(low), low), "{low}");
            assert!(less(low, &above(low)), "{low}");
        }
        assert!(less(&below("007"), "007") && less("007", &above("007")));
        assert_eq!(between("-0", "1"), "0.1");
    }

    #[test]
    fn each_side_of_each_range_has_an_address() {
        let nets: Vec<Operand> = ["10.0.0.0/8", "10.1.0.0/16", "2001:db8::/32"]
            .iter()
            .map(|net| Operand::Net(net.parse().unwrap()))
            .collect();
        let values = addresses(nets.iter());
        for expected in ["10.0.0.1", "9.255.255.255", "10.0.255.255", "10.2.0.0", "2001:db9::"] {
            assert!(values.contains(&expected.to_owned()), "{expected} {values:?}");
        }
    }

    fn texts(all: &[&str]) -> Vec<String> {
        all.iter().map(|text| (*text).to_owned()).collect()
    }

    #[test]
    fn numbers_lie_on_between_and_beyond_those_that_are_named() {
        let named = ["10", "-3", "2.5"].map(|text| Operand::Number(text.to_owned()));
        let other = [Operand::Truth(true)];
        let values = numbers(named.iter().chain(&other));
        assert_eq!(values, texts(&["-3", "2.5", "10", "0", "2.51", "-13", "110", "0"]));
        assert_eq!(numbers(other.iter()), ["0"]);
    }

    #[test]
    fn beyond_a_number_lies_one_on_its_own_side_of_zero_where_it_can() {
        for (text, under, over) in [
            ("5", "0", "15"),
            ("-5", "-15", "0"),
            ("0", "-1", "10"),
            ("-0", "-1", "10"),
            ("0.5", "0", "10"),
            ("-0.5", "-10", "0"),
        ] {
            assert_eq!((below(text), above(text)), (under.to_owned(), over.to_owned()), "{text}");
        }
    }

    #[test]
    fn times_lie_on_and_beside_those_that_are_named() {
        let time = Timestamp::from_millis(1_000).unwrap();
        let operands = [Operand::Time(time), Operand::Truth(true)];
        let at = |millis| Timestamp::from_millis(millis).unwrap().iso_millis();
        let expected = [at(1_000), at(999), at(1_001), "1".into(), "0".into(), "2".into()];
        assert_eq!(times(operands.iter()), expected);
    }

    #[test]
    fn bytes_are_those_that_are_named_and_others() {
        let operands = [Operand::Bytes(vec![1]), Operand::Bytes(vec![2, 3]), Operand::Truth(true)];
        let expected = [[1].as_slice(), &[2, 3], &[0, 0, 0]].map(|own| STANDARD.encode(own));
        assert_eq!(bytes(operands.iter()), expected);
    }

    #[test]
    fn a_value_of_a_type_reads_as_one() {
        for (key_type, good, bad) in [
            (KeyType::Numeric, "1.5", "x"),
            (KeyType::Date, "2026-01-01T00:00:00Z", "x"),
            (KeyType::Bool, "true", "x"),
            (KeyType::Ip, "10.0.0.1", "x"),
        ] {
            assert!(is_of(key_type, good) && !is_of(key_type, bad), "{key_type:?}");
        }
        assert!(is_of(KeyType::Text, "x"));
    }

    /// What comes of statements that allow, each under a condition.
    fn read<T>(conditions: &[String], then: impl FnOnce(&[Reading<'_>], &Scene<'_>) -> T) -> T {
        let allow = r#""Effect": "Allow", "Action": "s3:*", "Resource": "*""#;
        let each = conditions.iter().map(|own| format!(r#"{{{allow}, "Condition": {{{own}}}}}"#));
        let all = each.collect::<Vec<_>>().join(",");
        let text = format!(r#"{{"Version": "2012-10-17", "Statement": [{all}]}}"#);
        let document = Arc::new(Document::parse(&text, Kind::Identity).unwrap());
        let side = Side::Document(Attached { name: "A".to_owned(), document });
        let all = Read::both(&side, &side);
        let scene =
            Scene { principal: &Principal::Anonymous, owner: None, facts: Facts::default() };
        then(&Rules::of(&all).readings, &scene)
    }

    #[test]
    fn as_many_sets_as_are_told_apart_at_most_are_and_one_value_more_is_too_many() {
        // Each value is the conditions that it satisfies, as bits: together they make 512 sets.
        let bits = [1, 2, 4, 8, 16, 32, 64, 257, 516, 552, 640];
        let conditions: Vec<String> = (0..10)
            .map(|own| {
                let some = bits.iter().filter(|bits| *bits >> own & 1 == 1);
                let list: Vec<String> = some.map(|bits| format!(r#""v{bits}""#)).collect();
                let list = list.join(",");
                format!(r#""ForAnyValue:StringEquals": {{"aws:TagKeys": [{list}]}}"#)
            })
            .collect();
        read(&conditions, |readings, scene| {
            let mut singles: Vec<String> = bits.iter().map(|bits| format!("v{bits}")).collect();
            let all = sets(&singles, readings, scene, &mut Budget::default());
            assert_eq!(all.unwrap().len(), SETS_MAX);
            singles.push("none".to_owned());
            assert!(sets(&singles, readings, scene, &mut Budget::default()).is_err());
        });
    }

    fn found(key: &str, condition: &str) -> Vec<Option<Value>> {
        read(&[condition.to_owned()], |readings, scene| {
            let all = candidates(key, readings, scene, &mut Budget::default()).unwrap();
            all.into_iter().map(|candidate| candidate.value).collect()
        })
    }

    #[test]
    fn a_key_of_many_values_is_shown_with_a_set_and_one_of_one_value_without() {
        let one = |text: &str| Some(Value::One(text.to_owned()));
        let many = |all: &[&str]| Some(Value::Many(texts(all)));
        let any = found("a:b", r#""ForAnyValue:StringEquals": {"a:b": "y"}"#);
        assert_eq!(any, [many(&["y"]), many(&["x"])]);
        let single = found("a:b", r#""StringEquals": {"a:b": "y"}"#);
        assert_eq!(single, [one("y"), one("x")]);
        // A key that is known to have one value never has a set, not even an empty one.
        let null = found("aws:sourceip", r#""Null": {"aws:SourceIp": "true"}"#);
        assert_eq!(null, [one("198.51.100.1"), None]);
    }

    #[test]
    fn a_set_is_found_for_each_way_in_which_its_elements_add_up() {
        let condition = r#""ForAnyValue:StringEquals": {"a:b": "y"},
            "ForAllValues:StringEquals": {"a:b": "y"}"#;
        let all = found("a:b", condition);
        let many = |all: &[&str]| Some(Value::Many(texts(all)));
        for set in [&["y"][..], &["x"], &["y", "x"]] {
            let holds = |value: &Option<Value>| *value == many(set);
            assert!(all.iter().any(holds), "{set:?} {all:?}");
        }
    }

    #[test]
    fn so_many_different_sets_are_told_apart_and_not_one_more() {
        // So many values, each with a condition of its own, have two to that power of sets.
        let sets_of = |count: u32| {
            let singles: Vec<String> = (0..count).map(|own| format!("v{own}")).collect();
            let like = |own: &String| format!(r#""ForAnyValue:StringLike": {{"a:b": "{own}"}}"#);
            let conditions: Vec<String> = singles.iter().map(like).collect();
            read(&conditions, |readings, scene| {
                sets(&singles, readings, scene, &mut Budget::default()).map(|sets| sets.len())
            })
        };
        // Nine values: every set but the empty one.
        assert_eq!(sets_of(9), Ok(511));
        assert_eq!(sets_of(10), Err(Spent::Steps));
    }

    /// What holds with each value of the key `a:b`, one mark for each condition.
    fn held(condition: &str) -> Vec<Vec<bool>> {
        read(&[condition.to_owned()], |readings, scene| {
            let all = candidates("a:b", readings, scene, &mut Budget::default()).unwrap();
            all.into_iter().map(|candidate| candidate.holds).collect()
        })
    }

    #[test]
    fn texts_are_told_apart_as_each_operator_reads_them() {
        let folded = held(
            r#""StringEqualsIgnoreCase": {"a:b": "k"},
            "StringLike": {"a:b": "k"}, "StringEquals": {"a:b": "K"}"#,
        );
        // The Kelvin sign is neither of the letters that it is equal to.
        for marks in [[true, true, false], [true, false, true], [true, false, false]] {
            assert!(folded.contains(&marks.to_vec()), "{marks:?} {folded:?}");
        }
        let parts = held(
            r#""ArnLike": {"a:b": "arn:aws:*:::x"},
            "StringLike": {"a:b": "arn:aws:*:::x"}"#,
        );
        for marks in [[true, true], [false, true], [false, false]] {
            assert!(parts.contains(&marks.to_vec()), "{marks:?} {parts:?}");
        }
    }
}
