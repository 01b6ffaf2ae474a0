//! One line of a `Condition` block, compiled: the tables of aws-authorization 3.2–3.4; where AWS is
//! silent, the reading that denies.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ipnet::IpNet;
use names::Timestamp;

use crate::compile::hold::Hold;
use crate::compile::pattern::{Pattern, Pool, RUN, Shape};
use crate::compile::wild;
use crate::context::{Context, Found};
use crate::literal::{self, Decimal};
use crate::operator::{Absent, Operator, Quantifier, Sense, Test};
use crate::statement::Effect;

/// A value of a condition.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Value {
    Text(Pattern),
    Number(Pattern),
    Time(Timestamp),
    Truth(bool),
    Bytes(Pattern),
    Net(IpNet),
}

/// An operator, a key and its values.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Line<'a> {
    pub(crate) operator: Operator,
    pub(crate) key: u32,
    pub(crate) values: &'a [Value],
    pub(crate) pool: Pool<'a>,
}

impl Line<'_> {
    /// Whether the condition is satisfied. `effect` is the statement's: what no source decides,
    /// an `Allow` does not get and a `Deny` does.
    pub(crate) fn holds(&self, context: &Context<'_>, effect: Effect) -> bool {
        let mut hold = Hold::new();
        let Some(key) = self.pool.keys.key(self.key) else { return effect == Effect::Deny };
        let found = context.find(key, &mut hold);
        if self.operator.test == Test::Null {
            let absent = matches!(found, Found::Absent | Found::Many([]));
            let told = |value: &Value| matches!(value, Value::Truth(own) if *own == absent);
            return self.values.iter().any(told);
        }
        let one = |value: &str| self.satisfied_by(value, context, effect);
        match (self.operator.quantifier, found) {
            (Quantifier::Any, Found::Absent) => false,
            (Quantifier::All, Found::Absent) => true,
            (Quantifier::Any | Quantifier::All, Found::One(value)) => one(value),
            (Quantifier::Any, Found::Many(values)) => values.iter().any(|v| one(v)),
            (Quantifier::All, Found::Many(values)) => values.iter().all(|v| one(v)),
            (Quantifier::Single, Found::Absent | Found::Many([])) => {
                self.operator.absent == Absent::Passes || self.operator.sense == Sense::Not
            }
            (Quantifier::Single, Found::One(value)) => one(value),
            // A multivalued key needs a set prefix; without one AWS leaves the outcome open.
            (Quantifier::Single, Found::Many(_)) => effect == Effect::Deny,
        }
    }

    /// Whether one value of the request satisfies the operator against the whole list of values:
    /// equal to some, or, for an operator with "Not", different from all.
    fn satisfied_by(&self, value: &str, context: &Context<'_>, effect: Effect) -> bool {
        match (self.operator.sense, self.any_equal(value, context)) {
            (Sense::Is, found) => found.unwrap_or(false),
            (Sense::Not, Some(found)) => !found,
            (Sense::Not, None) => effect == Effect::Deny,
        }
    }

    /// `None` if the value is not of the operator's type.
    fn any_equal(&self, value: &str, context: &Context<'_>) -> Option<bool> {
        let pool = self.pool;
        let texts = || {
            self.values.iter().filter_map(|own| match own {
                Value::Text(pattern) => Some(*pattern),
                _ => None,
            })
        };
        match self.operator.test {
            Test::StringEquals | Test::StringLike => {
                Some(texts().any(|own| own.matches(value.as_bytes(), pool, context)))
            }
            Test::StringIgnoreCase => Some(
                texts()
                    .any(|own| own.with_text(pool, context, |own| equal_ignoring_case(own, value))),
            ),
            Test::Arn => {
                let whole = value.starts_with("arn:") && value.matches(':').count() >= 5;
                let equal = |own: Pattern| {
                    own.is_star(pool.bytes) || own.matches_name(value, pool, context)
                };
                whole.then(|| texts().any(equal))
            }
            Test::Numeric(order) => {
                let number = Decimal::read(value)?;
                Some(self.values.iter().any(|own| {
                    let Value::Number(text) = own else { return false };
                    let text = std::str::from_utf8(text.text(pool.bytes)).unwrap_or_default();
                    Decimal::read(text).is_some_and(|own| order.holds(number.compare(&own)))
                }))
            }
            Test::Date(order) => {
                let time = literal::instant(value)?;
                let holds =
                    |own: &Value| matches!(own, Value::Time(own) if order.holds(time.cmp(own)));
                Some(self.values.iter().any(holds))
            }
            Test::Bool | Test::Null => {
                let truth = literal::truth(value)?;
                let equal = |own: &Value| matches!(own, Value::Truth(own) if *own == truth);
                Some(self.values.iter().any(equal))
            }
            Test::Binary => {
                let text = canonical(value)?;
                let asked = text.as_bytes();
                let equal = |own: &Value| match own {
                    Value::Bytes(own) => own.text(pool.bytes) == asked,
                    _ => false,
                };
                Some(self.values.iter().any(equal))
            }
            Test::Ip => {
                let address = literal::address(value)?;
                let holds = |own: &Value| matches!(own, Value::Net(net) if net.contains(&address));
                Some(self.values.iter().any(holds))
            }
        }
    }
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

impl Pattern {
    /// Whether an ARN that is a value matches; variables may stand in any part of the pattern.
    fn matches_name(self, value: &str, pool: Pool<'_>, context: &Context<'_>) -> bool {
        if self.shape == Shape::Open {
            return self.with_text(pool, context, |own| {
                own == [RUN] || wild::matches_arn(own, value.as_bytes())
            });
        }
        self.matches_arn(value, pool, context)
    }
}
