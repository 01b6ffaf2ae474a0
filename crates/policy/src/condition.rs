//! One line of a `Condition` block: does it hold for this request? Exactly the tables of
//! aws-authorization 3.2–3.4; where AWS is silent, the reading that denies.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::context::{Context, Seen};
use crate::glob::{self, Case, Token};
use crate::literal::{self, Decimal};
use crate::operator::{Absent, Operand, Operator, Quantifier, Sense, Test};
use crate::statement::Effect;

/// An operator, a key and its values.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Condition {
    pub(crate) operator: Operator,
    /// The operator as it is written.
    pub(crate) operator_text: String,
    /// The key in lower case.
    pub(crate) key: String,
    /// The key as it is written.
    pub(crate) key_text: String,
    pub(crate) operands: Vec<Operand>,
    /// The values as they are written.
    pub(crate) texts: Vec<String>,
}

impl Condition {
    /// Whether the condition is satisfied. `effect` is the statement's: what no source decides,
    /// an `Allow` does not get and a `Deny` does.
    pub(crate) fn holds(&self, context: &Context<'_>, effect: Effect) -> bool {
        let seen = context.look(&self.key);
        if self.operator.test == Test::Null {
            return self.null(&seen);
        }
        let one = |value: &str| self.satisfied_by(value, context, effect);
        match (self.operator.quantifier, &seen) {
            (Quantifier::Any, Seen::Absent) => false,
            (Quantifier::Any, Seen::One(value)) => one(value),
            (Quantifier::Any, Seen::Many(values)) => values.iter().any(|v| one(v)),
            (Quantifier::All, Seen::Absent) => true,
            (Quantifier::All, Seen::One(value)) => one(value),
            (Quantifier::All, Seen::Many(values)) => values.iter().all(|v| one(v)),
            (Quantifier::Single, Seen::Absent | Seen::Many([])) => {
                self.operator.absent == Absent::Passes || self.operator.sense == Sense::Not
            }
            (Quantifier::Single, Seen::One(value)) => one(value),
            // A multivalued key needs a set prefix; without one AWS leaves the outcome open.
            (Quantifier::Single, Seen::Many(_)) => effect == Effect::Deny,
        }
    }

    fn null(&self, seen: &Seen<'_>) -> bool {
        let absent = matches!(seen, Seen::Absent | Seen::Many([]));
        self.operands.contains(&Operand::Truth(absent))
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
        let any = |test: &dyn Fn(&Operand) -> bool| Some(self.operands.iter().any(test));
        match self.operator.test {
            Test::StringEquals | Test::StringLike => any(&|operand| {
                pattern(operand, context).is_some_and(|p| glob::matches(&p, value, Case::Exact))
            }),
            Test::StringIgnoreCase => any(&|operand| {
                pattern(operand, context).is_some_and(|p| equal_ignoring_case(&p, value))
            }),
            Test::Arn => {
                let whole = value.starts_with("arn:") && value.matches(':').count() >= 5;
                if !whole {
                    return None;
                }
                any(&|operand| {
                    pattern(operand, context).is_some_and(|p| {
                        *p == [Token::Run] || glob::matches_arn(&p, value, Case::Exact)
                    })
                })
            }
            Test::Numeric(order) => {
                let number = Decimal::read(value)?;
                any(&|operand| match operand {
                    Operand::Number(text) => {
                        Decimal::read(text).is_some_and(|other| order.holds(number.compare(&other)))
                    }
                    _ => false,
                })
            }
            Test::Date(order) => {
                let time = literal::instant(value)?;
                any(&|operand| match operand {
                    Operand::Time(other) => order.holds(time.cmp(other)),
                    _ => false,
                })
            }
            Test::Bool | Test::Null => {
                let truth = literal::truth(value)?;
                any(&|operand| *operand == Operand::Truth(truth))
            }
            Test::Binary => {
                let bytes = STANDARD.decode(value).ok()?;
                any(&|operand| matches!(operand, Operand::Bytes(other) if *other == bytes))
            }
            Test::Ip => {
                let address = literal::address(value)?;
                any(&|operand| matches!(operand, Operand::Net(net) if net.contains(&address)))
            }
        }
    }
}

/// The pattern of a text operand; none if one of its variables has no value.
fn pattern<'a>(
    operand: &'a Operand,
    context: &Context<'_>,
) -> Option<std::borrow::Cow<'a, [Token]>> {
    match operand {
        Operand::Text(template) => template.resolve(context),
        _ => None,
    }
}

fn equal_ignoring_case(pattern: &[Token], value: &str) -> bool {
    let own = pattern.iter().flat_map(|token| match token {
        Token::Char(character) => character.to_lowercase(),
        Token::One => '?'.to_lowercase(),
        Token::Run => '*'.to_lowercase(),
    });
    own.eq(value.chars().flat_map(char::to_lowercase))
}

#[cfg(test)]
mod tests {
    use crate::document::{Document, Kind};
    use crate::facts::{Facts, Value};
    use crate::judge::asking;
    use crate::operation::{Check, Need};
    use crate::operator;
    use crate::principal::Principal;
    use crate::question::{CallerPolicies, Question, ResourceSide};
    use crate::statement::Statement;

    const VALUES: [&[&str]; 23] = [
        &["a"],
        &["a*", "B"],
        &["?", "x"],
        &["${aws:username}"],
        &["${t:absent}"],
        &["${t:absent, 'd'}", "${t:own}*"],
        &["${t:own}*x"],
        &["?${t:own}*w", "${t:own}?"],
        &["1"],
        &["1.5", "-2"],
        &["2026-01-01"],
        &["2026-01-01T00:00:00Z", "2027-01-01"],
        &["true"],
        &["false"],
        &["AQ=="],
        &["AQID", "AQ=="],
        &["10.0.0.0/8"],
        &["10.1.2.3", "2001:db8::/32"],
        &["*"],
        &["arn:aws:s3:::b"],
        &["arn:aws:s3:::b", "arn:*:s3:::c*"],
        &["arn:aws:iam::1:user/${t:own}"],
        &[""],
    ];
    const ASKED: [&str; 29] = [
        "a",
        "A",
        "b",
        "ab",
        "",
        "d",
        "alice",
        "own",
        "ownz",
        "arn:aws",
        "a:b:c:d:e:f",
        "arn:a:b:c:d:e",
        "ownzx",
        "xownx",
        "xownzw",
        "1",
        "1.50",
        "-3",
        "2026-01-01T00:00:00Z",
        "2026-06-01",
        "true",
        "FALSE",
        "AQ==",
        "AQID",
        "10.1.2.3",
        "2001:db8::1",
        "arn:aws:s3:::b",
        "arn:aws:s3:r::cd",
        "arn:aws:iam::1:user/own",
    ];

    /// What is said of the key: nothing, nothing of many, one of them, or two.
    fn said() -> Vec<Option<Value>> {
        let one = ASKED.iter().map(|text| Some(Value::One((*text).to_owned())));
        let two = ASKED
            .windows(2)
            .map(|pair| Some(Value::Many(pair.iter().map(|text| (*text).to_owned()).collect())));
        [None, Some(Value::Many(Vec::new()))].into_iter().chain(one).chain(two).collect()
    }

    /// Documents of one statement, with every operator that takes such values.
    fn documents(effect: &str, values: &[&str]) -> Vec<(Document, Statement)> {
        let mut all = Vec::new();
        for name in operator::NAMES {
            for (prefix, suffix) in [
                ("", ""),
                ("", "IfExists"),
                ("ForAnyValue:", ""),
                ("ForAllValues:", ""),
                ("ForAllValues:", "IfExists"),
            ] {
                let text = serde_json::json!({ "Version": "2012-10-17", "Statement": {
                    "Effect": effect, "Action": "*", "Resource": "*",
                    "Condition": { format!("{prefix}{name}{suffix}"): { "t:key": values } } } });
                all.extend(Document::parse(&text.to_string(), Kind::Identity));
            }
        }
        let statement = |document: Document| {
            let statement = document.statements().remove(0);
            (document, statement)
        };
        all.into_iter().map(statement).collect()
    }

    /// Decisions are made by compiled conditions and explained by these: they say the same.
    #[test]
    fn a_condition_that_explains_holds_where_the_one_that_decides_does() {
        let principal = Principal::User {
            account: "111122223333".parse().unwrap(),
            name: "alice".parse().unwrap(),
            arn: "arn:aws:iam::111122223333:user/alice".parse().unwrap(),
            id: "AIDAAAAAAAAAAAAAAAAA1".parse().unwrap(),
        };
        let check = Check {
            action: "s3:GetObject".parse().unwrap(),
            resource: "arn:aws:s3:::b/k".parse().unwrap(),
            need: Need::Required,
            with: Vec::new(),
        };
        let (caller, resource) = (CallerPolicies::default(), ResourceSide::plain(None));
        let mut counts = [0_usize; 2];
        for (effect, values) in VALUES.iter().flat_map(|own| [("Allow", own), ("Deny", own)]) {
            let documents = documents(effect, values);
            assert!(!documents.is_empty(), "{values:?}");
            for said in said() {
                let mut facts = Facts::default();
                facts.suppose("t:own", "own");
                said.iter().for_each(|value| facts.suppose("t:key", value.clone()));
                let question = Question {
                    principal: &principal,
                    caller: &caller,
                    resource: &resource,
                    facts: &facts,
                    revision: Default::default(),
                };
                asking(&check, &question, |ask| {
                    for (document, statement) in &documents {
                        let decided = document.program().rule(0).unwrap().holds(ask);
                        let condition = &statement.conditions[0];
                        let explained = condition.holds(&ask.context, statement.effect);
                        assert_eq!(explained, decided, "{} {said:?}", document.text());
                        counts[usize::from(decided)] += 1;
                    }
                });
            }
        }
        assert!(counts.iter().all(|count| *count > 5_000), "{counts:?}");
    }
}
