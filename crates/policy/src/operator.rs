//! The condition operators (IAM guide, "Condition operators"): their names, and how a value of each
//! is read when the document is parsed.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ipnet::IpNet;
use names::Timestamp;

use crate::actions::{ConditionKey, KeyType};
use crate::error::Fault;
use crate::glob::{ARN_PARTS, Token};
use crate::literal;
use crate::template::{Template, Version, Wildcards};

/// How a request's value is compared with one policy value.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Test {
    StringEquals,
    StringIgnoreCase,
    StringLike,
    Numeric(Order),
    Date(Order),
    Bool,
    Binary,
    Ip,
    Arn,
    Null,
}

/// Which orders satisfy a comparison.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Order {
    Equal,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

/// Whether the operator is one with "Not".
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Sense {
    Is,
    Not,
}

/// The set prefix.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Quantifier {
    /// None: the key has one value.
    Single,
    /// `ForAllValues:`
    All,
    /// `ForAnyValue:`
    Any,
}

/// What an absent key means.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Absent {
    /// As the operator says.
    Counts,
    /// `…IfExists`: satisfied.
    Passes,
}

/// A condition operator with its prefix and suffix.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Operator {
    pub(crate) test: Test,
    pub(crate) sense: Sense,
    pub(crate) quantifier: Quantifier,
    pub(crate) absent: Absent,
}

/// The names of the base operators as the guide writes them, in the order of the table below.
pub(crate) const NAMES: &[&str] = &[
    "StringEquals",
    "StringNotEquals",
    "StringEqualsIgnoreCase",
    "StringNotEqualsIgnoreCase",
    "StringLike",
    "StringNotLike",
    "NumericEquals",
    "NumericNotEquals",
    "NumericLessThan",
    "NumericLessThanEquals",
    "NumericGreaterThan",
    "NumericGreaterThanEquals",
    "DateEquals",
    "DateNotEquals",
    "DateLessThan",
    "DateLessThanEquals",
    "DateGreaterThan",
    "DateGreaterThanEquals",
    "Bool",
    "BinaryEquals",
    "IpAddress",
    "NotIpAddress",
    "ArnEquals",
    "ArnLike",
    "ArnNotEquals",
    "ArnNotLike",
    "Null",
];

/// The base operators, in lower case.
const OPERATORS: &[(&str, Test, Sense)] = &[
    ("stringequals", Test::StringEquals, Sense::Is),
    ("stringnotequals", Test::StringEquals, Sense::Not),
    ("stringequalsignorecase", Test::StringIgnoreCase, Sense::Is),
    ("stringnotequalsignorecase", Test::StringIgnoreCase, Sense::Not),
    ("stringlike", Test::StringLike, Sense::Is),
    ("stringnotlike", Test::StringLike, Sense::Not),
    ("numericequals", Test::Numeric(Order::Equal), Sense::Is),
    ("numericnotequals", Test::Numeric(Order::Equal), Sense::Not),
    ("numericlessthan", Test::Numeric(Order::Less), Sense::Is),
    ("numericlessthanequals", Test::Numeric(Order::LessOrEqual), Sense::Is),
    ("numericgreaterthan", Test::Numeric(Order::Greater), Sense::Is),
    ("numericgreaterthanequals", Test::Numeric(Order::GreaterOrEqual), Sense::Is),
    ("dateequals", Test::Date(Order::Equal), Sense::Is),
    ("datenotequals", Test::Date(Order::Equal), Sense::Not),
    ("datelessthan", Test::Date(Order::Less), Sense::Is),
    ("datelessthanequals", Test::Date(Order::LessOrEqual), Sense::Is),
    ("dategreaterthan", Test::Date(Order::Greater), Sense::Is),
    ("dategreaterthanequals", Test::Date(Order::GreaterOrEqual), Sense::Is),
    ("bool", Test::Bool, Sense::Is),
    ("binaryequals", Test::Binary, Sense::Is),
    ("ipaddress", Test::Ip, Sense::Is),
    ("notipaddress", Test::Ip, Sense::Not),
    ("arnequals", Test::Arn, Sense::Is),
    ("arnlike", Test::Arn, Sense::Is),
    ("arnnotequals", Test::Arn, Sense::Not),
    ("arnnotlike", Test::Arn, Sense::Not),
    ("null", Test::Null, Sense::Is),
];

impl Operator {
    /// Reads an operator's name; case does not matter.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let folded = text.to_ascii_lowercase();
        let (quantifier, rest) = if let Some(rest) = folded.strip_prefix("forallvalues:") {
            (Quantifier::All, rest)
        } else if let Some(rest) = folded.strip_prefix("foranyvalue:") {
            (Quantifier::Any, rest)
        } else {
            (Quantifier::Single, folded.as_str())
        };
        let (base, absent) = match rest.strip_suffix("ifexists") {
            Some(base) => (base, Absent::Passes),
            None => (rest, Absent::Counts),
        };
        let (_, test, sense) = OPERATORS.iter().find(|(name, _, _)| *name == base)?;
        if *test == Test::Null && absent == Absent::Passes {
            return None;
        }
        Some(Self { test: *test, sense: *sense, quantifier, absent })
    }
}

impl Test {
    /// Whether a key of this type ever has a value that the operator can read. A text can hold
    /// anything, and everything is a text; a moment may be written as seconds.
    pub(crate) fn can_read(self, key: &ConditionKey) -> bool {
        let key_type = key.key_type();
        match self {
            Self::StringEquals | Self::StringIgnoreCase | Self::StringLike | Self::Null => true,
            _ if key_type == KeyType::Text => true,
            Self::Numeric(_) => key_type == KeyType::Numeric || key.name() == "aws:EpochTime",
            Self::Date(_) => matches!(key_type, KeyType::Date | KeyType::Numeric),
            Self::Bool => key_type == KeyType::Bool,
            Self::Binary => key_type == KeyType::Binary,
            Self::Ip => key_type == KeyType::Ip,
            Self::Arn => key_type == KeyType::Arn,
        }
    }
}

impl Order {
    pub(crate) fn holds(self, order: std::cmp::Ordering) -> bool {
        match self {
            Self::Equal => order.is_eq(),
            Self::Less => order.is_lt(),
            Self::LessOrEqual => order.is_le(),
            Self::Greater => order.is_gt(),
            Self::GreaterOrEqual => order.is_ge(),
        }
    }
}

/// One value of a condition, read for its operator.
#[derive(Clone, PartialEq, Debug)]
pub(crate) enum Operand {
    Text(Template),
    Number(String),
    Time(Timestamp),
    Truth(bool),
    Bytes(Vec<u8>),
    Net(IpNet),
}

/// What a value of the operators of time must be.
pub(crate) const TIME: &str = "a time (ISO 8601, or seconds since 1970)";

impl Operand {
    /// Reads a value; one that can never be compared is refused now, and not at each request.
    pub(crate) fn parse(test: Test, text: &str, version: Version) -> Result<Self, Fault> {
        let expected = |expected| Fault::Literal { value: text.to_owned(), expected };
        match test {
            Test::StringEquals | Test::StringIgnoreCase => {
                Template::parse(text, version, Wildcards::No).map(Self::Text)
            }
            Test::StringLike => Template::parse(text, version, Wildcards::Yes).map(Self::Text),
            Test::Numeric(_) => literal::Decimal::read(text)
                .map(|_| Self::Number(text.to_owned()))
                .ok_or_else(|| expected("a decimal number")),
            Test::Date(_) => literal::instant(text).map(Self::Time).ok_or_else(|| expected(TIME)),
            Test::Bool | Test::Null => {
                literal::truth(text).map(Self::Truth).ok_or_else(|| expected("`true` or `false`"))
            }
            Test::Binary => STANDARD.decode(text).map(Self::Bytes).map_err(|_| expected("base64")),
            Test::Ip => literal::network(text)
                .map(Self::Net)
                .ok_or_else(|| expected("an IP address or a CIDR range")),
            Test::Arn => {
                let template = Template::parse(text, version, Wildcards::Yes)?;
                let whole = |tokens: &[Token]| {
                    let colons = tokens.iter().filter(|t| **t == Token::Char(':')).count();
                    tokens == [Token::Run].as_slice() || colons.saturating_add(1) >= ARN_PARTS
                };
                if template.fixed().is_none_or(whole) {
                    Ok(Self::Text(template))
                } else {
                    Err(expected("a resource name of six parts"))
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_names_are_those_of_the_table() {
        let lower: Vec<String> = NAMES.iter().map(|name| name.to_ascii_lowercase()).collect();
        let table: Vec<&str> = OPERATORS.iter().map(|(name, _, _)| *name).collect();
        assert_eq!(lower, table);
    }

    #[test]
    fn an_operator_reads_keys_of_its_own_type_and_texts() {
        use crate::actions;
        let all = [
            (Test::Numeric(Order::Equal), "s3:max-keys"),
            (Test::Date(Order::Equal), "aws:CurrentTime"),
            (Test::Bool, "aws:SecureTransport"),
            (Test::Ip, "aws:SourceIp"),
            (Test::Arn, "aws:PrincipalArn"),
        ];
        let reads = |test: Test, key: &str| test.can_read(actions::condition_key(key).unwrap());
        for (own, (test, _)) in all.iter().enumerate() {
            for (other, (_, key)) in all.iter().enumerate() {
                // A moment may be written as a number of seconds.
                let number = matches!(test, Test::Date(_)) && *key == "s3:max-keys";
                assert_eq!(reads(*test, key), own == other || number, "{test:?} {key}");
            }
            assert!(reads(*test, "aws:UserAgent"), "{test:?}");
        }
        for (_, key) in all {
            assert!(!reads(Test::Binary, key), "{key}");
            for test in [Test::StringEquals, Test::StringIgnoreCase, Test::StringLike, Test::Null] {
                assert!(reads(test, key), "{test:?} {key}");
            }
        }
        assert!(reads(Test::Numeric(Order::Equal), "aws:EpochTime"));
        assert!(reads(Test::Binary, "aws:UserAgent"));
    }
}
