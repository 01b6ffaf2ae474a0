//! The values of a condition: that each is of its operator's type, and says what is meant.

use super::catalogue as rule;
use super::element::{Line, Word};
use super::principal::is_service;
use super::report::{Report, quote};
use super::variable;
use crate::glob::ARN_PARTS;
use crate::json::{Json, Node};
use crate::literal;
use crate::operator::{Operand, Order, Test};
use crate::template::Version;

/// How the time of a date begins that cannot be read otherwise: `2026-01-31`.
const DATE_FORM: &str = "dddd-dd-dd";

pub(super) fn check(report: &mut Report<'_>, line: &Line<'_>, version: Version) {
    let test = line.operator.test;
    if let Json::Array(nodes) = &line.value.json
        && nodes.windows(2).any(|two| matches!(two, [a, b] if type_of(a) != type_of(b)))
    {
        let message = format!("the values of {} have different types", quote(line.key));
        report.say(&rule::INVALID_CONDITION_DATA_TYPE, &line.at, message);
    }
    if line.words.len() > 1 && matches!(test, Test::Bool | Test::Null) {
        let message = format!("{} takes one value", quote(line.operator_text));
        report.say(&rule::INVALID_CONDITION_MULTIPLE_BOOLEAN, &line.at, message);
    }
    let ordered = match test {
        Test::Numeric(order) => order != Order::Equal,
        _ => false,
    };
    if ordered && line.words.len() > 1 {
        let message = format!("one value of {} covers the others", quote(line.key));
        report.say(&rule::REDUNDANT_CONDITION_VALUE_NUM, &line.at, message);
    }
    for word in &line.words {
        one(report, line, word, version);
    }
}

/// A value's JSON type, by any number.
fn type_of(node: &Node) -> u8 {
    match node.json {
        Json::Text(_) => 0,
        Json::Number(_) => 1,
        Json::Bool(_) => 2,
        Json::Null => 3,
        Json::Array(_) => 4,
        Json::Object(_) | Json::Unread => 5,
    }
}

fn one(report: &mut Report<'_>, line: &Line<'_>, word: &Word<'_>, version: Version) {
    let test = line.operator.test;
    let text = word.text.as_ref();
    match test {
        Test::StringEquals | Test::StringIgnoreCase => {
            variable::check(report, word, version);
            let plain = text.replace("${*}", "").replace("${?}", "");
            if plain.contains(['*', '?']) {
                let name = quote(line.operator_text);
                let message = format!("under {name} {} is no pattern", quote(text));
                let hint = Some("use `StringLike`, or write `${*}` for a star".to_owned());
                report.advise(&rule::WILDCARD_WITHOUT_LIKE_OPERATOR, &word.at, message, hint);
            }
        }
        Test::StringLike => variable::check(report, word, version),
        Test::Arn => {
            variable::check(report, word, version);
            arn(report, word);
        }
        _ if text.contains("${") => {
            let name = quote(line.operator_text);
            let message = format!("no variable can stand in a value of {name}");
            report.say(&rule::INVALID_VARIABLE_FOR_OPERATOR, &word.at, message);
        }
        _ => typed(report, line, word),
    }
    if line.folded == "aws:userid" {
        user_id(report, word, test);
    }
    if line.folded == "aws:principalservicename" && test == Test::StringEquals && !is_service(text)
    {
        let message = format!("{} is not the name of a service", quote(text));
        let hint = Some("write `name.amazonaws.com`".to_owned());
        report.advise(&rule::INVALID_SERVICE_PRINCIPAL_FORMAT, &word.at, message, hint);
    }
}

/// Whom a value of `aws:userid` means must be told by what stands before its colon.
fn user_id(report: &mut Report<'_>, word: &Word<'_>, test: Test) {
    let text = word.text.as_ref();
    let (id, behind) = before_colon(text);
    let alone =
        |id: &str| id == "*" || id.starts_with("${") && id.find('}') == id.len().checked_sub(1);
    if !matches!(test, Test::StringEquals | Test::StringIgnoreCase | Test::StringLike)
        || (behind && alone(id))
    {
        return;
    }
    let (rule, what) = match (id.contains("${"), test) {
        (true, _) => (&rule::VARIABLE_USAGE_TOO_PERMISSIVE, "variable"),
        (false, Test::StringLike) if id.contains(['*', '?']) => {
            (&rule::WILDCARD_USAGE_TOO_PERMISSIVE, "wildcard")
        }
        _ => return,
    };
    let hint = Some(format!("let the {what} stand behind the colon"));
    report.advise(rule, &word.at, format!("the {what} in {} may be any id", quote(text)), hint);
}

/// What stands before the first colon that is in no variable, and whether there is one.
fn before_colon(text: &str) -> (&str, bool) {
    let mut inside = false;
    let colon = text.bytes().position(|byte| {
        match byte {
            b'{' => inside = true,
            b'}' => inside = false,
            _ => {}
        }
        byte == b':' && !inside
    });
    let id = colon.and_then(|at| text.get(..at));
    (id.unwrap_or(text), id.is_some())
}

fn arn(report: &mut Report<'_>, word: &Word<'_>) {
    let text = word.text.as_ref();
    if text == "*" || text.contains("${") {
        return;
    }
    let prefix = text.split(':').next().unwrap_or_default();
    if prefix != "arn" && !prefix.contains(['*', '?']) {
        let message = format!("{} does not begin with `arn:`", quote(text));
        report.say(&rule::INVALID_ARN_PREFIX, &word.at, message);
    } else if text.splitn(ARN_PARTS, ':').count() < ARN_PARTS {
        let hint = Some("arn:partition:service:region:account:resource".to_owned());
        let message = format!("{} has fewer than six parts", quote(text));
        report.advise(&rule::MISSING_ARN_FIELD, &word.at, message, hint);
    }
}

fn typed(report: &mut Report<'_>, line: &Line<'_>, word: &Word<'_>) {
    let test = line.operator.test;
    let text = word.text.as_ref();
    if Operand::parse(test, text, Version::Y2008).is_err() {
        let (rule, expected) = match test {
            Test::Numeric(_) => (&rule::TYPE_MISMATCH_NUMBER, "a number"),
            Test::Date(_) => (&rule::TYPE_MISMATCH_DATE, "a time, as `2026-01-31T08:00:00Z`"),
            Test::Ip => (&rule::TYPE_MISMATCH_IP_RANGE, "an address or a range, as `10.0.0.0/8`"),
            Test::Binary => (&rule::TYPE_MISMATCH_STRING, "base64"),
            _ => (&rule::TYPE_MISMATCH_BOOLEAN, "`true` or `false`"),
        };
        report.say(rule, &word.at, format!("{} is not {expected}", quote(text)));
        return;
    }
    match test {
        Test::Ip => {
            let wide = literal::network(text).filter(|net| net.addr() != net.network());
            if let Some(net) = wide {
                let message = format!("bits of {} behind its mask are ignored", quote(text));
                let hint = Some(format!("write `{}`", net.trunc()));
                report.advise(&rule::IMPROVE_IP_RANGE, &word.at, message, hint);
            }
        }
        Test::Date(_) if line.folded != "aws:epochtime" && !is_date(text) => {
            let message = format!("{} may be another time than it seems", quote(text));
            let hint = Some("write a date, as `2026-01-31`".to_owned());
            report.advise(&rule::INVALID_DATE_VALUE, &word.at, message, hint);
        }
        _ => {}
    }
}

fn is_date(text: &str) -> bool {
    let same = |(form, byte): (u8, u8)| match form {
        b'd' => byte.is_ascii_digit(),
        other => byte == other,
    };
    text.len() >= DATE_FORM.len() && DATE_FORM.bytes().zip(text.bytes()).all(same)
}
