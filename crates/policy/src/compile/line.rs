//! One line of a `Condition` block, compiled: the tables of aws-authorization 3.2–3.4; where AWS is
//! silent, the reading that denies.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ipnet::IpNet;
use names::Timestamp;

use crate::compile::code::{self, Reader};
use crate::compile::pattern::Pattern;
use crate::compile::wild::Subject;
use crate::compile::{Code, KeyRef};
use crate::context::{Context, Found};
use crate::facts::Value;
use crate::literal::{self, Decimal};
use crate::operator::{Absent, Operator, Order, Quantifier, Sense, Test};
use crate::statement::Effect;

/// An operator, a key and its values.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Line<'a> {
    test: Test,
    /// What else is said of the operator.
    bits: u8,
    /// Where the key is written.
    key: u32,
    values: &'a [u8],
}

/// The tests, by number.
const TESTS: &[Test] = &[
    Test::StringEquals,
    Test::StringIgnoreCase,
    Test::StringLike,
    Test::Bool,
    Test::Binary,
    Test::Ip,
    Test::Arn,
    Test::Null,
    Test::Numeric(Order::Equal),
    Test::Numeric(Order::Less),
    Test::Numeric(Order::LessOrEqual),
    Test::Numeric(Order::Greater),
    Test::Numeric(Order::GreaterOrEqual),
    Test::Date(Order::Equal),
    Test::Date(Order::Less),
    Test::Date(Order::LessOrEqual),
    Test::Date(Order::Greater),
    Test::Date(Order::GreaterOrEqual),
];

/// The bits of the byte behind the test's number.
const NOT: u8 = 0b0001;
const ALL: u8 = 0b0010;
const ANY: u8 = 0b0100;
const IF_EXISTS: u8 = 0b1000;

impl<'a> Line<'a> {
    /// Writes a line; its key is written at a place already, its values are coded.
    pub(crate) fn write(operator: Operator, key: u32, values: &[u8], bytes: &mut Vec<u8>) {
        let test = TESTS.iter().position(|own| *own == operator.test).unwrap_or(0);
        let quantifier = match operator.quantifier {
            Quantifier::Single => 0,
            Quantifier::All => ALL,
            Quantifier::Any => ANY,
        };
        let sense = if operator.sense == Sense::Not { NOT } else { 0 };
        let absent = if operator.absent == Absent::Passes { IF_EXISTS } else { 0 };
        bytes.push(u8::try_from(test).unwrap_or(0));
        bytes.push(quantifier | sense | absent);
        code::put_number(key, bytes);
        code::put(values, bytes);
    }

    /// Reads what was written.
    #[inline(always)]
    pub(crate) fn read(from: &mut Reader<'a>) -> Option<Self> {
        let [test, bits] = from.chunk::<2>()?;
        let test = *TESTS.get(usize::from(test))?;
        Some(Self { test, bits, key: from.number()?, values: from.text()? })
    }

    fn sense(self) -> Sense {
        if self.bits & NOT == 0 { Sense::Is } else { Sense::Not }
    }

    fn quantifier(self) -> Quantifier {
        match self.bits & (ALL | ANY) {
            0 => Quantifier::Single,
            ALL => Quantifier::All,
            _ => Quantifier::Any,
        }
    }

    fn absent(self) -> Absent {
        if self.bits & IF_EXISTS == 0 { Absent::Counts } else { Absent::Passes }
    }

    /// Each line of a list.
    pub(crate) fn each(list: &'a [u8]) -> impl Iterator<Item = Self> {
        let mut reader = Reader(list);
        std::iter::from_fn(move || if reader.is_empty() { None } else { Self::read(&mut reader) })
    }

    /// The keys it reads, as they are written.
    pub(crate) fn keys(self, code: Code<'a>) -> impl Iterator<Item = KeyRef<'a>> {
        let text = matches!(
            self.test,
            Test::StringEquals | Test::StringIgnoreCase | Test::StringLike | Test::Arn
        );
        let texts = Pattern::each(if text { self.values } else { &[] });
        code.key(self.key).into_iter().chain(texts.flat_map(move |own| own.keys(code)))
    }

    /// Whether the condition is satisfied. `effect` is the statement's: what no source decides,
    /// an `Allow` does not get and a `Deny` does.
    #[inline(always)]
    pub(crate) fn holds(self, code: Code<'a>, context: &Context<'_>, effect: Effect) -> bool {
        let quick = || {
            let (origin, known) = code.known_key(self.key)?;
            context.fact(origin, known)
        };
        match quick() {
            Some(value) if self.test != Test::Null => {
                self.satisfied_by(value, code, context, effect)
            }
            _ => self.holds_slowly(code, context, effect),
        }
    }

    /// The same of any key.
    #[inline(never)]
    fn holds_slowly(self, code: Code<'a>, context: &Context<'_>, effect: Effect) -> bool {
        let Some(key) = code.key(self.key) else { return effect == Effect::Deny };
        match context.told(&key) {
            Some(Value::One(value)) if self.test != Test::Null => {
                self.satisfied_by(value, code, context, effect)
            }
            told => self.holds_of((key, told), code, context, effect),
        }
    }

    /// The same of a key that has no value or several, or whose value follows from others.
    fn holds_of(
        self,
        (key, told): (KeyRef<'a>, Option<&Value>),
        code: Code<'a>,
        context: &Context<'_>,
        effect: Effect,
    ) -> bool {
        let mut hold = None;
        let found = context.found(key, told, &mut hold);
        if self.test == Test::Null {
            let absent = matches!(found, Found::Absent | Found::Many([]));
            return self.truths().any(|own| own == absent);
        }
        let one = |value: &str| self.satisfied_by(value, code, context, effect);
        match (self.quantifier(), found) {
            (Quantifier::Any, Found::Absent) => false,
            (Quantifier::All, Found::Absent) => true,
            (Quantifier::Any | Quantifier::All, Found::One(value)) => one(value),
            (Quantifier::Any, Found::Many(values)) => values.iter().any(|v| one(v)),
            (Quantifier::All, Found::Many(values)) => values.iter().all(|v| one(v)),
            (Quantifier::Single, Found::Absent | Found::Many([])) => {
                self.absent() == Absent::Passes || self.sense() == Sense::Not
            }
            (Quantifier::Single, Found::One(value)) => one(value),
            // A multivalued key needs a set prefix; without one AWS leaves the outcome open.
            (Quantifier::Single, Found::Many(_)) => effect == Effect::Deny,
        }
    }

    /// Whether one value of the request satisfies the operator against the whole list of values:
    /// equal to some, or, for an operator with "Not", different from all.
    #[inline]
    fn satisfied_by(
        self,
        value: &str,
        code: Code<'a>,
        context: &Context<'_>,
        effect: Effect,
    ) -> bool {
        match (self.sense(), self.any_equal(value, code, context)) {
            (Sense::Is, found) => found.unwrap_or(false),
            (Sense::Not, Some(found)) => !found,
            (Sense::Not, None) => effect == Effect::Deny,
        }
    }

    #[inline]
    fn truths(self) -> impl Iterator<Item = bool> {
        self.values.iter().map(|byte| *byte != 0)
    }

    fn texts(self) -> impl Iterator<Item = &'a [u8]> {
        let mut reader = Reader(self.values);
        std::iter::from_fn(move || if reader.is_empty() { None } else { reader.text() })
    }

    fn times(self) -> impl Iterator<Item = Timestamp> {
        let (times, _) = self.values.as_chunks::<8>();
        times.iter().filter_map(|time| Timestamp::from_millis(i64::from_le_bytes(*time)).ok())
    }

    fn nets(self) -> impl Iterator<Item = IpNet> {
        let mut reader = Reader(self.values);
        std::iter::from_fn(move || if reader.is_empty() { None } else { net(&mut reader) })
    }

    /// `None` if the value is not of the operator's type.
    #[inline(never)]
    fn any_equal(self, value: &str, code: Code<'a>, context: &Context<'_>) -> Option<bool> {
        match self.test {
            Test::StringEquals | Test::StringLike => {
                let text = Subject::new(value.as_bytes());
                Some(Pattern::each(self.values).any(|own| own.matches(&text, code, context)))
            }
            Test::StringIgnoreCase => Some(
                Pattern::each(self.values)
                    .any(|own| own.with_text(code, context, |own| equal_ignoring_case(own, value))),
            ),
            Test::Arn => {
                let whole = value.starts_with("arn:") && value.matches(':').count() >= 5;
                let text = Subject::new(value.as_bytes());
                let equal =
                    |own: Pattern<'a>| own.is_star() || own.matches_value(&text, code, context);
                whole.then(|| Pattern::each(self.values).any(equal))
            }
            Test::Numeric(order) => {
                let number = Decimal::read(value)?;
                Some(self.texts().any(|text| {
                    let text = std::str::from_utf8(text).unwrap_or_default();
                    Decimal::read(text).is_some_and(|own| order.holds(number.compare(&own)))
                }))
            }
            Test::Date(order) => {
                let time = literal::instant(value)?;
                Some(self.times().any(|own| order.holds(time.cmp(&own))))
            }
            Test::Bool | Test::Null => {
                let truth = literal::truth(value)?;
                Some(self.truths().any(|own| own == truth))
            }
            Test::Binary => {
                let text = canonical(value)?;
                Some(self.texts().any(|own| own == text.as_bytes()))
            }
            Test::Ip => {
                let address = literal::address(value)?;
                Some(self.nets().any(|net| net.contains(&address)))
            }
        }
    }
}

/// Writes a range of addresses: how long it is and how many bits count, then its bytes.
pub(crate) fn put_net(net: IpNet, bytes: &mut Vec<u8>) {
    let length = |length: usize| u8::try_from(length).unwrap_or(0);
    match net {
        IpNet::V4(own) => {
            let octets = own.addr().octets();
            bytes.extend([length(octets.len()), own.prefix_len()]);
            bytes.extend(octets);
        }
        IpNet::V6(own) => {
            let octets = own.addr().octets();
            bytes.extend([length(octets.len()), own.prefix_len()]);
            bytes.extend(octets);
        }
    }
}

fn net(from: &mut Reader<'_>) -> Option<IpNet> {
    let [length, prefix] = from.chunk::<2>()?;
    let address = match length {
        4 => std::net::IpAddr::from(from.chunk::<4>()?),
        _ => std::net::IpAddr::from(from.chunk::<16>()?),
    };
    IpNet::new(address, prefix).ok()
}

/// The text, if it is the base64 of something: there is one such text for each value.
fn canonical(text: &str) -> Option<&str> {
    let (chunks, rest) = text.as_bytes().as_chunks::<4>();
    if !rest.is_empty() {
        return None;
    }
    let last = chunks.len().saturating_sub(1);
    let mut place = [0_u8; 3];
    for (index, chunk) in chunks.iter().enumerate() {
        let bytes = STANDARD.decode_slice(chunk, &mut place).ok()?;
        if bytes < place.len() && index != last {
            return None;
        }
    }
    Some(text)
}

fn equal_ignoring_case(own: &[u8], value: &str) -> bool {
    let own = std::str::from_utf8(own).unwrap_or_default();
    let own = own.chars().flat_map(char::to_lowercase);
    own.eq(value.chars().flat_map(char::to_lowercase))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::{Document, Kind};
    use crate::facts::Facts;
    use crate::principal::Principal;

    /// Whether the one condition of a statement holds, where a key has this value.
    fn holds(effect: &str, condition: &str, value: impl Into<Value>) -> bool {
        let text = format!(
            r#"{{"Version": "2012-10-17", "Statement": {{"Effect": "{effect}", "Action": "s3:*",
                "Resource": "*", "Condition": {{{condition}}}}}}}"#
        );
        let document = Document::parse(&text, Kind::Identity).unwrap();
        let mut facts = Facts::default();
        facts.suppose("a:b", value.into());
        let context = Context {
            with: &[],
            facts: &facts,
            principal: &Principal::Anonymous,
            resource_account: None,
        };
        let rule = document.program().rule(0).unwrap();
        let mut lines = Line::each(rule.lines);
        lines.all(|line| line.holds(rule.code, &context, rule.effect()))
    }

    #[test]
    fn what_is_no_resource_name_is_neither_like_one_nor_unlike() {
        let like = r#""ArnLike": {"a:b": "*"}"#;
        let unlike = r#""ArnNotLike": {"a:b": "arn:aws:s3:::c"}"#;
        assert!(holds("Allow", like, "arn:aws:s3:::b") && holds("Allow", unlike, "arn:aws:s3:::b"));
        for value in ["arn:aws:s3", "b", "a:b:c:d:e:f:g", "ARN:aws:s3:::b"] {
            assert!(!holds("Allow", like, value) && !holds("Deny", like, value), "{value}");
            assert!(!holds("Allow", unlike, value) && holds("Deny", unlike, value), "{value}");
        }
    }

    #[test]
    fn each_operator_is_read_as_it_was_written() {
        for (index, test) in TESTS.iter().enumerate() {
            for (quantifier, sense, absent) in [
                (Quantifier::Single, Sense::Is, Absent::Counts),
                (Quantifier::All, Sense::Not, Absent::Counts),
                (Quantifier::Any, Sense::Is, Absent::Passes),
                (Quantifier::Any, Sense::Not, Absent::Passes),
            ] {
                let operator = Operator { test: *test, sense, quantifier, absent };
                let mut bytes = Vec::new();
                Line::write(operator, 300, b"value", &mut bytes);
                assert_eq!(bytes.first(), u8::try_from(index).ok().as_ref());
                let line = Line::read(&mut Reader(&bytes)).unwrap();
                let (sense, absent) = (line.sense(), line.absent());
                let quantifier = line.quantifier();
                let read = Operator { test: line.test, sense, quantifier, absent };
                assert_eq!((read, line.key, line.values), (operator, 300, &b"value"[..]));
            }
        }
    }

    #[test]
    fn base64_of_several_pieces_is_one_value() {
        let equals = r#""BinaryEquals": {"a:b": "AQIDBAU="}"#;
        assert!(holds("Allow", equals, "AQIDBAU="));
        for value in ["AQID", "AQIDBA==", "AQIDBAU", "AQ==AQ==", "AQIDBAV="] {
            assert!(!holds("Allow", equals, value), "{value}");
        }
        assert_eq!(canonical("AQIDBAU="), Some("AQIDBAU="));
        for bad in ["AQ==AQID", "AQI", "AQI!", "AQIDBAV="] {
            assert_eq!(canonical(bad), None, "{bad}");
        }
        assert_eq!(canonical(""), Some(""));
    }

    #[test]
    fn a_star_behind_a_variable_is_not_the_end() {
        let like = |pattern: &str, value: &str| {
            holds("Allow", &format!(r#""StringLike": {{"a:b": "{pattern}"}}"#), value)
        };
        assert!(like("${a:b}", "own") && like("${a:b}*", "own") && like("*${a:b}", "own"));
        assert!(like("o*${a:c, 'n'}", "own") && like("${a:c, 'o'}*n", "own"));
        assert!(!like("${a:b}*x", "own") && !like("${a:b}?", "own"));
        assert!(!like("${a:c, 'o'}*x", "own") && !like("${a:c}*", "own"));
    }
}
