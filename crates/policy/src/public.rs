//! Is a bucket policy public? (S3 guide, "The meaning of 'public'"; aws-authorization section 9.)

use crate::condition::Condition;
use crate::document::Document;
use crate::glob::{ARN_PARTS, Token};
use crate::grantee::Named;
use crate::operator::{Absent, Operand, Operator, Quantifier, Sense, Test};
use crate::statement::{Effect, Statement};

/// Keys that pin a statement to fixed callers when their values have neither wildcard nor variable.
const FIXING: &[&str] = &[
    "aws:principalorgid",
    "aws:principalorgpaths",
    "aws:principalaccount",
    "aws:principalservicename",
    "aws:principalservicenameslist",
    "aws:sourcevpc",
    "aws:sourcevpce",
    "aws:sourcevpcarn",
    "aws:sourcearn",
    "aws:vpceaccount",
    "aws:vpceorgid",
    "aws:vpceorgpaths",
    "aws:sourceowner",
    "aws:sourceaccount",
    "aws:userid",
    "s3:x-amz-server-side-encryption-aws-kms-key-id",
    "s3:dataaccesspointaccount",
];

/// Keys whose value is an ARN of which only the account must be fixed.
const FIXING_ACCOUNT: &[&str] = &["aws:principalarn", "s3:dataaccesspointarn"];

/// The broadest ranges that are not the whole world.
const IPV4_PREFIX_MIN: u8 = 8;
const IPV6_PREFIX_MIN: u8 = 32;

impl Document {
    /// Whether the document, as a bucket policy, is public: one statement that allows callers who
    /// are not fixed is enough; denies do not count.
    ///
    /// ```
    /// use strongroom_policy::{Document, Kind};
    /// let open = r#"{"Statement": {"Effect": "Allow", "Principal": "*",
    ///     "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/*"}}"#;
    /// assert!(Document::parse(open, Kind::Bucket).unwrap().is_public());
    /// let fixed = open.replace("\"*\"", "{\"AWS\": \"111122223333\"}");
    /// assert!(!Document::parse(&fixed, Kind::Bucket).unwrap().is_public());
    /// ```
    #[must_use]
    pub fn is_public(&self) -> bool {
        self.program().public
    }
}

/// Whether the statement allows callers who are not fixed.
pub(crate) fn is_public(statement: &Statement) -> bool {
    statement.effect == Effect::Allow
        && names_anyone(statement)
        && !statement.conditions.iter().any(fixes_callers)
}

fn names_anyone(statement: &Statement) -> bool {
    let Some(grantees) = &statement.grantees else { return false };
    let anyone = |named: &Named| match named {
        Named::Everyone => true,
        // A provider that anybody has an account with, not one of ours.
        Named::Federated(provider) => !provider.starts_with("arn:"),
        _ => false,
    };
    grantees.sense == Sense::Not || grantees.named.iter().any(|(named, _)| anyone(named))
}

fn fixes_callers(condition: &Condition) -> bool {
    let Operator { test, sense, quantifier, absent } = condition.operator;
    // An operator that an absent key satisfies fixes nobody.
    if sense == Sense::Not || quantifier == Quantifier::All || absent == Absent::Passes {
        return false;
    }
    let key = condition.key.as_str();
    let all = |fixed: fn(&Operand) -> bool| condition.operands.iter().all(fixed);
    match test {
        Test::Ip => key == "aws:sourceip" && all(narrow),
        Test::StringEquals | Test::StringIgnoreCase | Test::StringLike | Test::Arn => {
            (FIXING.contains(&key) && all(literal))
                || (FIXING_ACCOUNT.contains(&key) && all(account_is_fixed))
        }
        _ => false,
    }
}

fn literal(operand: &Operand) -> bool {
    matches!(operand, Operand::Text(template) if template.literal().is_some())
}

/// Whether the parts before the account and the account itself are without wildcard.
fn account_is_fixed(operand: &Operand) -> bool {
    let Operand::Text(template) = operand else { return false };
    let Some(tokens) = template.fixed() else { return false };
    let mut parts = tokens.splitn(ARN_PARTS, |token| *token == Token::Char(':'));
    let fixed = |part: &[Token]| part.iter().all(|token| matches!(token, Token::Char(_)));
    let before = parts.by_ref().take(4).filter(|part| fixed(part)).count() == 4;
    let account = parts.next().is_some_and(|part| part.len() == 12 && fixed(part));
    before && account
}

fn narrow(operand: &Operand) -> bool {
    match operand {
        Operand::Net(ipnet::IpNet::V4(net)) => net.prefix_len() >= IPV4_PREFIX_MIN,
        Operand::Net(ipnet::IpNet::V6(net)) => net.prefix_len() >= IPV6_PREFIX_MIN,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::document::Kind;

    fn public(mut statement: Value) -> bool {
        statement["Action"] = "s3:GetObject".into();
        statement["Resource"] = "arn:aws:s3:::b/*".into();
        let text = json!({ "Version": "2012-10-17", "Statement": statement }).to_string();
        let document =
            Document::parse(&text, Kind::Bucket).unwrap_or_else(|e| panic!("{e} {text}"));
        document.is_public()
    }

    #[test]
    fn a_policy_is_public_if_it_allows_callers_who_are_not_fixed() {
        let user = "arn:aws:iam::111122223333:user/alice";
        let ours = "arn:aws:iam::111122223333:oidc-provider/idp.example";
        for (effect, element, named, expected) in [
            ("Allow", "Principal", json!("*"), true),
            ("Deny", "Principal", json!("*"), false),
            ("Allow", "Principal", json!({ "AWS": "*" }), true),
            ("Allow", "Principal", json!({ "AWS": user }), false),
            ("Allow", "Principal", json!({ "AWS": [user, "*"] }), true),
            ("Allow", "Principal", json!({ "Service": "logging.s3.amazonaws.com" }), false),
            ("Allow", "Principal", json!({ "Federated": ours }), false),
            ("Allow", "Principal", json!({ "Federated": "accounts.google.com" }), true),
            ("Allow", "NotPrincipal", json!({ "AWS": user }), true),
            ("Deny", "NotPrincipal", json!({ "AWS": user }), false),
        ] {
            let statement = json!({ "Effect": effect, element: named });
            assert_eq!(public(statement), expected, "{effect} {element} {named}");
        }
    }

    #[test]
    fn a_condition_fixes_callers_if_it_can_hold_for_known_ones_alone() {
        let arn = |parts: &str| format!("arn:{parts}");
        for (operator, key, values, expected) in [
            ("StringEquals", "aws:PrincipalOrgID", json!("o-1"), false),
            ("StringEquals", "aws:PrincipalOrgID", json!(["o-1", "o-2"]), false),
            ("StringLike", "aws:PrincipalOrgID", json!("o-1"), false),
            ("StringLike", "aws:PrincipalOrgID", json!("o-*"), true),
            ("StringLike", "aws:PrincipalOrgID", json!(["o-1", "o-?"]), true),
            ("StringEquals", "aws:PrincipalOrgID", json!("${aws:username}"), true),
            ("StringEqualsIgnoreCase", "aws:SourceVpc", json!("vpc-1"), false),
            ("StringNotEquals", "aws:SourceVpc", json!("vpc-1"), true),
            ("StringEqualsIfExists", "aws:SourceVpc", json!("vpc-1"), true),
            ("ForAllValues:StringEquals", "aws:PrincipalOrgPaths", json!("o/r"), true),
            ("ForAnyValue:StringEquals", "aws:PrincipalOrgPaths", json!("o/r"), false),
            ("StringEquals", "aws:UserAgent", json!("cli"), true),
            ("Bool", "aws:SecureTransport", json!("true"), true),
            ("IpAddress", "aws:SourceIp", json!("10.0.0.0/8"), false),
            ("IpAddress", "aws:SourceIp", json!("10.0.0.0/7"), true),
            ("IpAddress", "aws:SourceIp", json!(["10.0.0.0/8", "0.0.0.0/0"]), true),
            ("IpAddress", "aws:SourceIp", json!("2001:db8::/32"), false),
            ("IpAddress", "aws:SourceIp", json!("2001:db8::/31"), true),
            ("NotIpAddress", "aws:SourceIp", json!("10.0.0.0/8"), true),
            ("IpAddress", "aws:VpcSourceIp", json!("10.0.0.0/8"), true),
            ("ArnEquals", "aws:SourceArn", json!(arn("aws:s3:::c")), false),
            ("ArnLike", "aws:SourceArn", json!(arn("aws:s3:::c*")), true),
            ("ArnLike", "aws:PrincipalArn", json!(arn("aws:iam::111122223333:role/*")), false),
            ("ArnLike", "aws:PrincipalArn", json!(arn("aws:iam::11112222333?:role/*")), true),
            ("ArnLike", "aws:PrincipalArn", json!(arn("aws:iam::*:role/x")), true),
            ("ArnLike", "aws:PrincipalArn", json!(arn("aws:iam:*:111122223333:role/x")), true),
            ("ArnLike", "aws:PrincipalArn", json!(arn("aws:iam::1111:role/x")), true),
            ("StringLike", "aws:PrincipalArn", json!("*"), true),
            (
                "StringLike",
                "aws:PrincipalArn",
                json!(arn("aws:iam::111122223333:role/${aws:username}")),
                true,
            ),
        ] {
            let statement = json!({ "Effect": "Allow", "Principal": "*",
                "Condition": { operator: { key: values } } });
            assert_eq!(public(statement), expected, "{operator} {key} {values}");
        }
    }
}
