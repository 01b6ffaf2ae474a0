//! The constraints of scalar shapes as `Rule` constants.

use std::collections::BTreeMap;

use serde_json::Value;

use super::ident;
use super::model::Model;
use super::operations::Service;
use super::overlay;

/// Patterns that are not one set of characters: what they begin and end with, and the characters
/// that they are made of. What a pattern says beyond this is judged where the word is parsed.
const SHAPED: [(&str, Option<char>, Option<char>, &str); 4] = [
    (r"(\u002F)|(\u002F[\u0021-\u007E]+\u002F)", Some('/'), Some('/'), r"\u0021-\u007E"),
    (r"((/[A-Za-z0-9\.,\+@=_-]+)*)/", Some('/'), Some('/'), r"/A-Za-z0-9\.,\+@=_-"),
    (r"\u002F[\u0021-\u007F]*", Some('/'), None, r"\u0021-\u007F"),
    (r"v[1-9][0-9]*(\.[A-Za-z0-9-]*)?", Some('v'), None, r"vA-Za-z0-9\.-"),
];

/// The rules that a module has needed so far: name of the constant and its text.
#[derive(Default)]
pub(crate) struct Rules {
    constants: BTreeMap<String, String>,
}

impl Rules {
    /// The expression for a shape's rule.
    pub(crate) fn of(&mut self, service: &Service, model: &Model, shape: &str) -> String {
        let Some(rule) = expression(service, model, shape) else { return "&Rule::Any".to_owned() };
        let name = ident::constant(shape);
        let reference = format!("&{name}");
        self.constants.insert(name, rule);
        reference
    }

    /// The definitions of all constants.
    pub(crate) fn definitions(&self) -> String {
        let lines = self.constants.iter();
        lines.map(|(name, rule)| format!("const {name}: Rule = {rule};\n")).collect()
    }
}

fn expression(service: &Service, model: &Model, shape: &str) -> Option<String> {
    let number = |field: &str| model.shape(shape, field).and_then(Value::as_u64);
    match model.kind(shape) {
        "integer" | "long" => {
            let min = number("min").map(|min| min.to_string());
            let raised = overlay::RAISED
                .iter()
                .find(|(of, name, _)| *of == service.name && *name == shape)
                .map(|(_, _, max)| *max);
            let max = raised.or_else(|| number("max")).map(|max| max.to_string());
            if min.is_none() && max.is_none() {
                return None;
            }
            let min = min.unwrap_or_else(|| "i64::MIN".to_owned());
            let max = max.unwrap_or_else(|| "i64::MAX".to_owned());
            Some(format!("Rule::Number({min}, {max})"))
        }
        "string" => {
            if overlay::has(&overlay::TEXTS, service.name, shape) {
                return None;
            }
            if let Some(words) = model.shape(shape, "enum").and_then(Value::as_array) {
                return Some(format!("Rule::OneOf(&{})", Value::from(words.clone())));
            }
            let limited = !overlay::has(&overlay::UNLIMITED, service.name, shape);
            let min = number("min").unwrap_or_default();
            let max = number("max").filter(|_| limited);
            let pattern = model.shape_text(shape, "pattern").and_then(pattern);
            if min == 0 && max.is_none() && pattern.is_none() {
                return None;
            }
            let max = max.map_or_else(|| "usize::MAX".to_owned(), |max| max.to_string());
            let pattern = pattern.unwrap_or_default();
            Some(format!("Rule::text({min}, {max}){pattern}.rule()"))
        }
        _ => None,
    }
}

/// The builder calls for a pattern; `None` if we cannot read it.
fn pattern(pattern: &str) -> Option<String> {
    if let Some((_, first, last, set)) = SHAPED.iter().find(|(shaped, ..)| *shaped == pattern) {
        let first = first.map_or_else(String::new, |c| format!(".first({c:?})"));
        let last = last.map_or_else(String::new, |c| format!(".last({c:?})"));
        return Some(format!("{first}{last}.of(&[{}])", characters(set)?));
    }
    let set = pattern.strip_prefix('[')?.trim_end_matches(['*', '+']).strip_suffix(']')?;
    Some(format!(".of(&[{}])", characters(set)?))
}

/// One thing inside the brackets of a pattern.
enum Atom {
    One(char),
    Class(&'static str),
}

/// The `Chars` of what stands inside brackets.
fn characters(set: &str) -> Option<String> {
    let mut rest: Vec<char> = set.chars().rev().collect();
    let mut found: Vec<String> = Vec::new();
    let mut single = String::new();
    while !rest.is_empty() {
        let low = match atom(&mut rest)? {
            Atom::Class(class) => {
                found.push(class.to_owned());
                continue;
            }
            Atom::One(low) => low,
        };
        // A `-` at the end is itself.
        let range = rest.len() > 1 && rest.last() == Some(&'-');
        if !range {
            single.push(low);
            continue;
        }
        rest.pop();
        let Atom::One(high) = atom(&mut rest)? else { return None };
        found.push(format!("Chars::Range({}, {})", literal(low), literal(high)));
    }
    if !single.is_empty() {
        found.push(format!("Chars::Among({single:?})"));
    }
    Some(found.join(", "))
}

/// A character literal that is ASCII itself, so that nobody needs the font.
fn literal(c: char) -> String {
    if c.is_ascii() { format!("{c:?}") } else { format!("'{}'", c.escape_unicode()) }
}

fn atom(rest: &mut Vec<char>) -> Option<Atom> {
    match rest.pop()? {
        '\\' => match rest.pop()? {
            'w' => Some(Atom::Class("Chars::Word")),
            'd' => Some(Atom::Class("Chars::Range('0', '9')")),
            'p' => {
                let name: String = [rest.pop()?, rest.pop()?, rest.pop()?].iter().collect();
                match name.as_str() {
                    "{L}" => Some(Atom::Class("Chars::Letter")),
                    "{N}" => Some(Atom::Class("Chars::Number")),
                    "{Z}" => Some(Atom::Class("Chars::Separator")),
                    _ => None,
                }
            }
            'u' => {
                let mut digits = String::new();
                while let Some(c) = rest.last().copied() {
                    if !c.is_ascii_hexdigit() || digits.len() >= 6 {
                        break;
                    }
                    digits.push(c);
                    rest.pop();
                }
                u32::from_str_radix(&digits, 16).ok().and_then(char::from_u32).map(Atom::One)
            }
            other if other.is_ascii_alphanumeric() => None,
            other => Some(Atom::One(other)),
        },
        other => Some(Atom::One(other)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_set_of_characters_is_read_as_ranges() {
        assert_eq!(
            pattern(r"[\u0009\u0020-\u00FF]+").unwrap(),
            r#".of(&[Chars::Range(' ', '\u{ff}'), Chars::Among("\t")])"#
        );
        assert_eq!(
            pattern(r"[\d.@:\/-]*").unwrap(),
            r#".of(&[Chars::Range('0', '9'), Chars::Among(".@:/-")])"#
        );
    }

    #[test]
    fn a_pattern_of_another_form_is_left_to_whoever_parses_the_word() {
        for unread in [r"\/?.+\/.+", "^[a-z]{1,3}$", r"arn:[^:]+:.*"] {
            assert_eq!(pattern(unread), None, "{unread}");
        }
    }
}
