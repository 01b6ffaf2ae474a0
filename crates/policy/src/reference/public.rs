//! Whether a bucket policy is public (9, "policy status"; decision).

use ipnet::IpNet;

use crate::reference::condition::{Absence, Comparison, Condition, Sense, Set};
use crate::reference::document::{Effect, Listed, Policy, Statement, Version, Who};
use crate::reference::pattern::{Symbol, constant_pattern, plain};
use crate::reference::values::range;

/// 9: one public statement makes the policy public; denials do not matter.
pub(super) fn is_public(policy: &Policy) -> bool {
    policy
        .statements
        .iter()
        .any(|one| one.effect == Effect::Allow && allows_the_public(policy.version, one))
}

/// 9: public, unless the principals are fixed or a condition pins who or whence.
fn allows_the_public(version: Version, statement: &Statement) -> bool {
    !principals_are_fixed(statement)
        && !statement.conditions.iter().any(|condition| pins_the_caller(condition, version))
}

/// 9: neither `*` nor `NotPrincipal`; a legacy web-identity domain is everyone.
fn principals_are_fixed(statement: &Statement) -> bool {
    match &statement.principals {
        Some(Listed::Only(list)) => list.iter().all(|who| match who {
            Who::Everyone => false,
            Who::Federated(provider) => provider.starts_with("arn:"),
            Who::Aws(_) | Who::Service(_) | Who::CanonicalUser(_) => true,
        }),
        Some(Listed::AllBut(_)) | None => false,
    }
}

/// Keys that pin who calls or whence, if every value is fixed.
const PINNING: &[&str] = &[
    "aws:principalorgid",
    "aws:principalorgpaths",
    "aws:principalaccount",
    "aws:principalservicename",
    "aws:principalservicenameslist",
    "aws:sourcearn",
    "aws:sourcevpc",
    "aws:sourcevpce",
    "aws:sourcevpcarn",
    "aws:vpceaccount",
    "aws:vpceorgid",
    "aws:vpceorgpaths",
    "aws:sourceowner",
    "aws:sourceaccount",
    "s3:x-amz-server-side-encryption-aws-kms-key-id",
    "aws:userid",
    "s3:dataaccesspointaccount",
];

/// Keys whose value is an ARN that must be fixed up to its account (decision).
const PINNING_BY_ACCOUNT: &[&str] = &["aws:principalarn", "s3:dataaccesspointarn"];

/// 9: whether a condition holds only for callers it fixes.
fn pins_the_caller(condition: &Condition, version: Version) -> bool {
    let key = condition.key.to_ascii_lowercase();
    let comparison = condition.operator.comparison;
    let fixed = |is_fixed: fn(&[Symbol]) -> bool| {
        let pattern = |value: &String| listed(value, comparison, version);
        condition.values.iter().all(|value| pattern(value).is_some_and(|p| is_fixed(&p)))
    };
    if !can_pin(condition) {
        false
    } else if comparison == Comparison::IpAddress {
        key == "aws:sourceip" && condition.values.iter().all(|value| is_narrow(value))
    } else if PINNING_BY_ACCOUNT.contains(&key.as_str()) {
        fixed(is_fixed_up_to_the_account)
    } else {
        PINNING.contains(&key.as_str()) && fixed(is_fixed)
    }
}

/// Decision: `…IfExists`, `ForAllValues` and negated operators fix nobody.
fn can_pin(condition: &Condition) -> bool {
    let operator = condition.operator;
    operator.sense == Sense::Positive
        && operator.absence == Absence::Matters
        && operator.set != Set::ForAllValues
        && matches!(
            operator.comparison,
            Comparison::StringEquals
                | Comparison::StringEqualsIgnoreCase
                | Comparison::StringLike
                | Comparison::Arn
                | Comparison::IpAddress
        )
}

/// The value as a pattern; none if there is a variable in it. `*` is a wildcard only to operators
/// that read it as one (3.2).
fn listed(value: &str, comparison: Comparison, version: Version) -> Option<Vec<Symbol>> {
    let symbols = constant_pattern(value, version)?;
    Some(match comparison {
        Comparison::StringLike | Comparison::Arn => symbols,
        _ => plain(&symbols).chars().map(Symbol::Is).collect(),
    })
}

/// 9: no wildcard.
fn is_fixed(symbols: &[Symbol]) -> bool {
    symbols.iter().all(|symbol| matches!(symbol, Symbol::Is(_)))
}

/// Decision: everything up to the account, and the account's twelve digits, are fixed.
fn is_fixed_up_to_the_account(arn: &[Symbol]) -> bool {
    let parts: Vec<_> = arn.splitn(6, |symbol| *symbol == Symbol::Is(':')).take(5).collect();
    parts.iter().all(|part| is_fixed(part)) && parts.get(4).is_some_and(|part| part.len() == 12)
}

/// 9: not broader than /8 in IPv4 and /32 in IPv6.
fn is_narrow(value: &str) -> bool {
    match range(value) {
        Some(IpNet::V4(range)) => range.prefix_len() >= 8,
        Some(IpNet::V6(range)) => range.prefix_len() >= 32,
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::{Document, Kind};

    fn public(elements: &str) -> bool {
        let text = format!(
            r#"{{"Version": "2012-10-17", "Statement": {{"Effect": "Allow", {elements},
                "Action": "s3:GetObject", "Resource": "arn:aws:s3:::finance/*"}}}}"#
        );
        is_public(&Policy::read(&Document::parse(&text, Kind::Bucket).unwrap()))
    }

    fn open_if(condition: &str) -> bool {
        public(&format!(r#""Principal": "*", "Condition": {condition}"#))
    }

    #[test]
    fn everyone_is_public_and_somebody_is_not() {
        assert!(public(r#""Principal": "*""#));
        assert!(public(r#""Principal": {"AWS": ["111122223333", "*"]}"#));
        assert!(public(r#""NotPrincipal": {"AWS": "111122223333"}"#));
        assert!(public(r#""Principal": {"Federated": "graph.facebook.com"}"#));
        assert!(!public(r#""Principal": {"AWS": "111122223333"}"#));
        assert!(!public(r#""Principal": {"Service": "logging.s3.amazonaws.com"}"#));
    }

    #[test]
    fn a_denial_is_not_public() {
        let text = r#"{"Statement": {"Effect": "Deny", "Principal": "*", "Action": "*",
            "Resource": "*"}}"#;
        assert!(!is_public(&Policy::read(&Document::parse(text, Kind::Bucket).unwrap())));
    }

    #[test]
    fn only_a_condition_that_fixes_the_callers_makes_everyone_not_public() {
        for condition in [
            r#"{"StringEquals": {"aws:PrincipalOrgID": "o-1"}}"#,
            r#"{"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::111122223333:role/*"}}"#,
            r#"{"IpAddress": {"aws:SourceIp": ["10.0.0.0/8", "2001:db8::/32"]}}"#,
            r#"{"ForAnyValue:StringEquals": {"aws:PrincipalOrgPaths": ["o/r/"]}}"#,
            r#"{"StringLike": {"AWS:SourceVpc": "vpc-1"}}"#,
            r#"{"StringEquals": {"aws:PrincipalOrgID": "literally*"}}"#,
            r#"{"StringLike": {"aws:PrincipalOrgID": "literally${*}"}}"#,
        ] {
            assert!(!open_if(condition), "{condition}");
        }
        for condition in [
            r#"{"StringLike": {"aws:PrincipalOrgID": "o-*"}}"#,
            r#"{"StringEquals": {"aws:PrincipalOrgID": "${aws:username}"}}"#,
            r#"{"StringEquals": {"aws:PrincipalOrgID": "${aws:username, 'o-1'}"}}"#,
            r#"{"StringEqualsIfExists": {"aws:PrincipalOrgID": "o-1"}}"#,
            r#"{"ForAllValues:StringEquals": {"aws:PrincipalOrgPaths": ["o/r/"]}}"#,
            r#"{"StringNotEquals": {"aws:PrincipalOrgID": "o-1"}}"#,
            r#"{"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/x"}}"#,
            r#"{"IpAddress": {"aws:SourceIp": "10.0.0.0/7"}}"#,
            r#"{"IpAddress": {"aws:SourceIp": "2001::/31"}}"#,
            r#"{"Bool": {"aws:SecureTransport": "true"}}"#,
            r#"{"StringLike": {"aws:userid": "AROAAAAAAAAAAAAAAAAAA:*"}}"#,
        ] {
            assert!(open_if(condition), "{condition}");
        }
    }
}
