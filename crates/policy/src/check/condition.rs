//! `Condition`: operators, keys, and whether they fit each other and the statement.

use super::action::COMPARED_MAX;
use super::catalogue as rule;
use super::element::{Line, Read, View, key_place, words};
use super::report::{Place, Report, quote};
use super::value;
use crate::actions::{self, ConditionKey, KeyType, Values};
use crate::document::Kind;
use crate::error::Fault;
use crate::json::{Json, Member, Node};
use crate::operator::{Absent, Operator, Quantifier, Sense, Test};
use crate::statement::Effect;

/// The services whose keys the table has all of.
const OURS: [&str; 4] = ["iam", "s3", "strongroom", "sts"];
/// Keys that have one and the same value for everything a bucket's policy is about.
const OF_THE_BUCKET: [&str; 2] = ["aws:resourceaccount", "s3:resourceaccount"];

/// Reads the lines of a condition block, and says what is wrong with its form.
pub(super) fn read<'a>(report: &mut Report<'_>, node: &'a Node, at: &Place) -> Vec<Line<'a>> {
    let mut lines = Vec::new();
    for member in members(report, node, at) {
        let here = at.below(&member.key, member.key_span);
        let operator = Operator::parse(&member.key);
        if operator.is_none() {
            unknown_operator(report, &member.key, &here);
        }
        for line in members(report, &member.value, &here) {
            let Some(operator) = operator else { continue };
            let at = key_place(&here, line);
            let (words, others) = words(&line.value, &at, Read::Scalars);
            for other in others {
                let message = "a value is a string, a number or a boolean";
                report.say(&rule::DATA_TYPE_MISMATCH, &other, message);
            }
            lines.push(Line {
                operator,
                operator_text: &member.key,
                key: &line.key,
                folded: line.key.to_ascii_lowercase(),
                at,
                value: &line.value,
                words,
            });
        }
    }
    lines
}

/// The members of an object in which no two keys may differ by case alone.
fn members<'a>(report: &mut Report<'_>, node: &'a Node, at: &Place) -> &'a [Member] {
    let Json::Object(members) = &node.json else {
        report.say(&rule::DATA_TYPE_MISMATCH, at, "an object is expected");
        return &[];
    };
    if members.is_empty() {
        report.say(&rule::EMPTY_OBJECT_CONDITION, at, "no condition is listed");
    }
    let mut seen = std::collections::HashMap::new();
    for member in members {
        let first = seen.insert(member.key.to_ascii_lowercase(), member.key.as_str());
        if let Some(first) = first.filter(|first| *first != member.key) {
            let message =
                format!("{} and {} differ by case alone", quote(first), quote(&member.key));
            let here = at.below(&member.key, member.key_span);
            report.say(&rule::DUPLICATE_KEYS_WITH_DIFFERENT_CASE, &here, message);
        }
    }
    members
}

fn unknown_operator(report: &mut Report<'_>, name: &str, at: &Place) {
    let base = name.rsplit(':').next().unwrap_or(name);
    if base.eq_ignore_ascii_case("NullIfExists") {
        let message = "`Null` asks whether the key exists already";
        report.say(&rule::NULL_WITH_IF_EXISTS, at, message);
        return;
    }
    let fault = Fault::Operator(name.to_owned());
    let message = format!("there is no condition operator {}", quote(name));
    report.advise(&rule::INVALID_CONDITION_OPERATOR, at, message, fault.hint());
}

/// Says what is wrong with the conditions of a statement.
pub(super) fn check(report: &mut Report<'_>, view: &View<'_>, kind: Kind) {
    for line in &view.lines {
        if key(report, line) {
            let known = actions::condition_key(line.key);
            if let Some(known) = known {
                operator(report, view, line, known);
                supported(report, view, line, known);
            }
            empty(report, line);
            value::check(report, line, view.version);
        }
        if kind == Kind::Bucket && OF_THE_BUCKET.contains(&line.folded.as_str()) {
            let message = format!("{} is always the bucket's owner here", quote(line.key));
            report.say(&rule::IRRELEVANT_CONDITION_KEY_IN_POLICY, &line.at, message);
        }
        let narrow = ["aws:sourcevpc", "aws:sourcevpce", "aws:sourcevpcarn"];
        if line.folded == "aws:vpcsourceip" && !view.tests(&narrow) {
            let message = "an address inside a network says little without the network";
            let hint = Some("test `aws:SourceVpc` too".to_owned());
            report.advise(&rule::MISSING_PAIRED_CONDITION_KEYS, &line.at, message, hint);
        }
    }
}

/// Whether the key is one; says so if it is not.
fn key(report: &mut Report<'_>, line: &Line<'_>) -> bool {
    let Some((service, _)) = line.folded.split_once(':') else {
        let message = format!("the key {} does not begin with a service", quote(line.key));
        let hint = Fault::ConditionVendor(line.key.to_owned()).hint();
        report.advise(&rule::INVALID_CONDITION_KEY_FORMAT, &line.at, message, hint);
        return false;
    };
    if line.key.contains("${") {
        let message = "no variable can stand in a key";
        report.say(&rule::VARIABLE_UNSUPPORTED_IN_ELEMENT, &line.at, message);
        return false;
    }
    if line.folded == "aws:arn" {
        let hint = Some("use `aws:PrincipalArn` or `aws:SourceArn`".to_owned());
        let message = "the key `aws:ARN` was never defined";
        report.advise(&rule::UNSUPPORTED_GLOBAL_CONDITION_KEY, &line.at, message, hint);
        return false;
    }
    if actions::condition_key(line.key).is_some_and(|known| known.name().len() < line.key.len())
        || !tag_is_missing(report, line)
    {
        let known = actions::condition_key(line.key).is_some();
        let rule = match service {
            _ if known => return true,
            "aws" => &rule::INVALID_GLOBAL_CONDITION_KEY,
            other if OURS.contains(&other) => &rule::INVALID_SERVICE_CONDITION_KEY,
            _ => return true, // an identity provider's
        };
        let names = actions::condition_keys().iter().map(ConditionKey::name);
        let hint = report.guess(line.key, names);
        report.advise(rule, &line.at, format!("there is no key {}", quote(line.key)), hint);
        return true;
    }
    false
}

/// Whether the name of a tag is missing behind the key; says so if it is.
fn tag_is_missing(report: &mut Report<'_>, line: &Line<'_>) -> bool {
    let stem = line.key.strip_suffix('/').unwrap_or(line.key);
    let exact = |name: &str| actions::condition_keys().iter().any(|key| key.name() == name);
    let tagged = actions::condition_key(&format!("{stem}/x"));
    let missing = tagged.is_some_and(|known| {
        let bare = known.name().strip_suffix('/').unwrap_or(known.name());
        !exact(bare)
    });
    if missing {
        let message = format!("{} needs the name of a tag", quote(line.key));
        let hint = Some(format!("write `{stem}/name`"));
        report.advise(&rule::MISSING_TAG_KEY_IN_CONDITION, &line.at, message, hint);
    }
    missing
}

/// Whether operator and key fit.
fn operator(report: &mut Report<'_>, view: &View<'_>, line: &Line<'_>, known: &ConditionKey) {
    let Operator { test, quantifier, .. } = line.operator;
    let (key, name) = (quote(line.key), quote(line.operator_text));
    match (quantifier, known.values()) {
        (Quantifier::All | Quantifier::Any, _) if test == Test::Null => {
            let message = format!("{name} is about the key and not its values");
            report.say(&rule::NULL_WITH_QUALIFIER, &line.at, message);
        }
        (Quantifier::Single, Values::Many) if test != Test::Null => {
            let message = format!("{key} has many values");
            let hint = Some("write `ForAnyValue:` or `ForAllValues:`".to_owned());
            report.advise(&rule::MISSING_QUALIFIER, &line.at, message, hint);
        }
        (Quantifier::All, Values::One) if view.effect == Some(Effect::Allow) => {
            let message = format!("{name} holds when {key} is absent");
            let hint = Some("leave `ForAllValues:` out".to_owned());
            let rule = &rule::FORALLVALUES_WITH_SINGLE_VALUED_KEY;
            report.advise(rule, &line.at, message, hint);
        }
        _ => {}
    }
    let text = matches!(test, Test::StringEquals | Test::StringIgnoreCase | Test::StringLike);
    let typed = !matches!(known.key_type(), KeyType::Text | KeyType::Arn);
    if !test.can_read(known) || (text && typed) {
        let holds = known.key_type().holds();
        let message = format!("{name} does not compare {key}, which is {holds}");
        report.say(&rule::TYPE_MISMATCH, &line.at, message);
    }
}

/// Whether the actions of the statement know the key.
fn supported(report: &mut Report<'_>, view: &View<'_>, line: &Line<'_>, known: &ConditionKey) {
    let Some(action) = &view.action else { return };
    let tag = known.name() == "aws:ResourceTag/";
    let own = known.name().split_once(':').map_or("", |(service, _)| service);
    if action.sense == Sense::Not {
        let rule = match view.effect {
            Some(Effect::Allow) => {
                &rule::ALLOW_NOTACTION_WITH_UNSUPPORTED_TAG_CONDITION_KEY_FOR_SERVICE
            }
            _ => &rule::DENY_NOTACTION_WITH_UNSUPPORTED_TAG_CONDITION_KEY_FOR_SERVICE,
        };
        if tag {
            report.say(rule, &line.at, rule.about);
        }
        return;
    }
    if action.words.len() > COMPARED_MAX || (!tag && !OURS.contains(&own)) || own == "strongroom" {
        return;
    }
    let rows = action.words.iter().filter_map(|word| actions::find(&word.text));
    let mine = |row: &&actions::ActionRow| tag || row.name().starts_with(&format!("{own}:"));
    let without: Vec<&str> =
        rows.filter(mine).filter(|row| !row.knows(line.key)).map(|row| row.name()).collect();
    let Some(first) = without.first() else { return };
    let rule = match (tag, view.effect) {
        (false, _) => &rule::UNSUPPORTED_ACTION_FOR_CONDITION_KEY,
        (true, Some(Effect::Allow)) => &rule::ALLOW_WITH_UNSUPPORTED_TAG_CONDITION_KEY_FOR_SERVICE,
        (true, _) => &rule::DENY_WITH_UNSUPPORTED_TAG_CONDITION_KEY_FOR_SERVICE,
    };
    let more = match without.len().saturating_sub(1) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    let message = format!("requests of `{first}`{more} never have {}", quote(line.key));
    report.advise(
        rule,
        &line.at,
        message,
        Some("write a statement of its own for them".to_owned()),
    );
}

fn empty(report: &mut Report<'_>, line: &Line<'_>) {
    if !matches!(&line.value.json, Json::Array(nodes) if nodes.is_empty()) {
        return;
    }
    let rule = match (line.operator.quantifier, line.operator.absent) {
        (Quantifier::All, _) => &rule::EMPTY_ARRAY_CONDITION_FORALLVALUES,
        (Quantifier::Any, _) => &rule::EMPTY_ARRAY_CONDITION_FORANYVALUE,
        (Quantifier::Single, Absent::Passes) => &rule::EMPTY_ARRAY_CONDITION_IFEXISTS,
        (Quantifier::Single, Absent::Counts) => &rule::EMPTY_ARRAY_CONDITION,
    };
    report.say(rule, &line.at, format!("no value is listed for {}", quote(line.key)));
}
