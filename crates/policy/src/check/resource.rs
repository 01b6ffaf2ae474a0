//! `Resource` and `NotResource`: that they are resource names, of this kind of policy.

use super::action::redundant;
use super::catalogue as rule;
use super::element::{View, Word};
use super::report::{Report, quote};
use super::variable;
use crate::actions;
use crate::document::Kind;
use crate::glob::{self, ARN_PARTS, Case};
use crate::parse::{PARTITIONS, S3_OF_ACCOUNTS};

pub(super) fn check(report: &mut Report<'_>, view: &View<'_>, kind: Kind) {
    let Some(element) = view.resource.as_ref().filter(|_| kind != Kind::RoleTrust) else { return };
    for word in element.words.iter().filter(|word| word.text != "*") {
        one(report, word, kind);
        variable::check(report, word, view.version);
    }
    redundant(report, &rule::REDUNDANT_RESOURCE, &element.words, Case::Exact);
}

fn one(report: &mut Report<'_>, word: &Word<'_>, kind: Kind) {
    let parts: Vec<&str> = word.text.splitn(ARN_PARTS, ':').collect();
    let Some(&prefix) = parts.first().filter(|prefix| **prefix == "arn") else {
        let message = format!("{} does not begin with `arn:`", quote(&word.text));
        let hint = Some("write `*`, or as in `arn:aws:s3:::bucket/key`".to_owned());
        return report.advise(&rule::INVALID_ARN_PREFIX, &word.at, message, hint);
    };
    let [_, partition, service, region, account, resource] = parts.as_slice() else {
        let message = format!("{} has {} parts of six", quote(&word.text), parts.len());
        let hint = Some(format!("{prefix}:partition:service:region:account:resource"));
        return report.advise(&rule::MISSING_ARN_FIELD, &word.at, message, hint);
    };
    if [partition, service, region, account].iter().any(|part| part.contains("${")) {
        let message = "a variable stands behind the fifth colon alone";
        report.say(&rule::VARIABLE_UNSUPPORTED_IN_ELEMENT, &word.at, message);
        return;
    }
    if !wild(partition) && !PARTITIONS.contains(partition) {
        let message = format!("there is no partition {}", quote(partition));
        report.say(&rule::INVALID_PARTITION, &word.at, message);
    }
    let lower = service.to_ascii_lowercase();
    if lower != **service && actions::knows_service(&lower) {
        let hint = Some(format!("write `{lower}`"));
        let message = format!("the service {} is not in lower case", quote(service));
        report.advise(&rule::INVALID_ARN_SERVICE_CASE, &word.at, message, hint);
    }
    if kind == Kind::Bucket && lower != "s3" {
        let message = "a bucket's policy is about the bucket and its objects";
        report.say(&rule::UNSUPPORTED_RESOURCE_ARN_IN_POLICY, &word.at, message);
    }
    if wild(service) || service.is_empty() || resource.is_empty() {
        let message = "a resource name has its service and its resource, and the service whole";
        report.say(&rule::INVALID_ARN_RESOURCE, &word.at, message);
        return;
    }
    fields(report, word, &lower, (region, account, resource));
}

/// Region, account and resource, where the service is ours.
fn fields(
    report: &mut Report<'_>,
    word: &Word<'_>,
    service: &str,
    (region, account, resource): (&str, &str, &str),
) {
    let first = resource.split(['/', ':']).next().unwrap_or_default();
    let plain = service == "s3" && !S3_OF_ACCOUNTS.contains(&first);
    let global = plain || matches!(service, "iam" | "sts" | "strongroom");
    if global && !region.is_empty() && region != "*" {
        let message = format!("names of `{service}` have no region, and here is {}", quote(region));
        report.say(&rule::ARN_REGION_NOT_ALLOWED, &word.at, message);
    }
    if plain && !account.is_empty() && account != "*" {
        let message = "names of buckets and objects have no account";
        let hint = Some(format!("write `arn:aws:s3:::{resource}`"));
        report.advise(&rule::ARN_ACCOUNT_NOT_ALLOWED, &word.at, message, hint);
    }
    if matches!(service, "iam" | "sts" | "strongroom") {
        let digits = account.len() == 12 && account.bytes().all(|b| b.is_ascii_digit());
        if account.is_empty() {
            let message = format!("names of `{service}` have an account of twelve digits");
            report.say(&rule::MISSING_ARN_ACCOUNT, &word.at, message);
        } else if !digits && !wild(account) && account != "aws" {
            let message = format!("the account {} is not twelve digits", quote(account));
            report.say(&rule::INVALID_ARN_ACCOUNT, &word.at, message);
        }
        let kinds = actions::resource_types("iam")
            .chain(actions::resource_types("sts"))
            .chain(actions::resource_types("strongroom"))
            .filter_map(|kind| kind.arn().splitn(ARN_PARTS, ':').nth(5));
        let mut kinds = kinds.map(|form| form.split('/').next().unwrap_or(form));
        if !wild(first) && !first.contains("${") && !kinds.any(|kind| kind == first) {
            let message = format!("`{service}` has no resource of the form {}", quote(resource));
            report.say(&rule::INVALID_ARN_RESOURCE, &word.at, message);
        }
    }
}

fn wild(text: &str) -> bool {
    text.contains(['*', '?'])
}

/// Whether a resource is a pattern that roles match that nobody named.
pub(super) fn could_be_any_role(text: &str) -> bool {
    if text == "*" {
        return true;
    }
    let parts: Vec<&str> = text.splitn(ARN_PARTS, ':').collect();
    let [_, _, "iam", _, _, resource] = parts.as_slice() else { return false };
    let head = resource.split('*').next().unwrap_or_default();
    wild(resource)
        && ("role/".starts_with(head) || head.starts_with("role/"))
        && !glob::tokens(resource).is_empty()
}
