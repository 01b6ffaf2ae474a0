//! Policy variables in resources and in values of conditions.

use super::catalogue as rule;
use super::element::Word;
use super::report::{Report, quote};
use crate::error::Fault;
use crate::template::{Template, Version, Wildcards};

/// Says what is wrong with the variables of a text that may have some.
pub(super) fn check(report: &mut Report<'_>, word: &Word<'_>, version: Version) {
    if !word.text.contains("${") {
        return;
    }
    let parsed = Template::parse(&word.text, Version::Y2012, Wildcards::Yes);
    if version == Version::Y2008 {
        // What would not be a variable either is text to its author too.
        if parsed.is_ok() {
            let message = format!("{} is plain text in the language of 2008", quote(&word.text));
            let hint = Some("write `\"Version\": \"2012-10-17\"`".to_owned());
            report.advise(&rule::VARIABLE_UNSUPPORTED_IN_VERSION, &word.at, message, hint);
        }
        return;
    }
    let Err(Fault::Variable { why, .. }) = parsed else { return };
    let space = inside(&word.text).contains(' ');
    let rule = match why {
        "the closing brace is missing" => &rule::MISSING_BRACE_IN_VARIABLE,
        "it is empty" => &rule::EMPTY_VARIABLE,
        "what stands in it is not a condition key" if space => &rule::UNSUPPORTED_SPACE_IN_VARIABLE,
        "what stands in it is not a condition key" => &rule::UNSUPPORTED_SYMBOL_IN_VARIABLE,
        _ => &rule::MISSING_QUOTE_IN_VARIABLE,
    };
    report.say(rule, &word.at, format!("the variable in {}: {why}", quote(&word.text)));
}

/// What stands in the first variable, up to its default.
fn inside(text: &str) -> &str {
    let after = text.split_once("${").map_or("", |(_, after)| after);
    after.split(['}', ',']).next().unwrap_or_default()
}
